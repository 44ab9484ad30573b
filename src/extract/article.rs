//! The article of an entry and what was read from its page.

use crate::{
    model::{
        Article, ArticleId, CanonicalUrl, Entry, Flag, FlagKind, Judgement, Method, Origin, Page, Provenance, Reading,
        Timestamp, Verdict,
    },
    text,
};

use super::{Extracted, Standing, Told, clean, flags, left_out::left_out};

/// Makes an article from its entry, the outcome of fetching its page, and what was extracted from that.
///
/// `standing` is what the entry's document says of others too. Version and time are those of a first reading; settling
/// corrects them if the article is already held.
pub fn article(
    entry: &Entry,
    standing: &Standing,
    id: ArticleId,
    page: Page,
    extracted: Option<Extracted>,
    now: Timestamp,
) -> Article {
    let state = page;
    let judgement = extracted.as_ref().map(|it| Judgement { verdict: it.verdict.0, reason: it.verdict.1.clone() });
    // A page sent instead of an article says nothing of it: its title and date are its own.
    let page = extracted.filter(|it| it.verdict.0.is_text()).unwrap_or_else(|| Extracted::nothing(Method::Feed));
    let clean::Cleaned { text: of_feed, cut } = clean::body_text(&entry.text, &entry.title);
    let is_of_feed = is_better(&page, &of_feed);
    let title = best_title(&entry.title, page.title.as_deref());
    let mut reading = reading(entry, &page, judgement, title == entry.title);
    if !reading.flags.iter().any(|it| it.kind == FlagKind::Syndicated) {
        let link = entry.link.as_ref().map(CanonicalUrl::as_url);
        reading.flags.extend(flags::of_feed(&cut, page.site_name.as_deref(), link));
    }
    let begins = match is_of_feed {
        true => String::new(),
        false => left_out(&page.body, &standing.without(&of_feed, &entry.title), &title),
    };
    if !begins.is_empty() {
        reading.flags.push(Flag { kind: FlagKind::BeginsWithFeed, evidence: begins.clone() });
    }
    // The time of the last change is the best date there is where neither entry nor page gives that of publication.
    let by_update = entry.date().filter(|_| entry.published.or(page.published).is_none());
    let (body, method) = match is_of_feed {
        true => (of_feed, Method::Feed),
        false if begins.is_empty() => (page.body, page.method),
        false => (format!("{begins}\n{}", page.body), page.method),
    };
    let detected = text::language(&body).or_else(|| text::language(&title)).map(str::to_owned);
    Article {
        id,
        version: 1,
        source: entry.source.clone(),
        link: entry.link.clone(),
        guid: entry.guid.clone(),
        guid_is_unique: entry.guid_is_unique,
        feed_title: entry.title.clone(),
        title,
        body,
        authors: if entry.authors.is_empty() { page.authors } else { entry.authors.clone() },
        language: detected.or(page.language).or_else(|| entry.language.clone()),
        site_name: page.site_name,
        canonical: page.canonical,
        published: entry.published.or(page.published).or(by_update),
        first_seen: now,
        method,
        page: state,
        reading,
    }
}

/// Whether another text, such as the feed's own, is better than the page's.
pub(super) fn is_better(page: &Extracted, other: &str) -> bool {
    let (of_page, of_other) = (page.body.chars().count(), other.chars().count());
    // For a locked article, or a page with hardly any text, the longer text is better.
    let is_part = page.verdict.0 != Verdict::Article;
    of_other > 2 * of_page || (of_other > of_page && (is_part || of_page < SHORT_BODY))
}

/// What the reading found besides the text, on a page that is an article, and in the entry where that has a value of
/// its own.
fn reading(entry: &Entry, page: &Extracted, judgement: Option<Judgement>, is_feed_title: bool) -> Reading {
    let of_feed = Provenance { origin: Origin::Feed, confidence: FEED_CONFIDENCE };
    let origins = &page.origins;
    // Atom requires a date of the last change for every entry; it is a change only if it is later than publication.
    let updated = entry.updated.filter(|at| entry.published.is_some_and(|first| *at > first));
    Reading {
        judgement,
        flags: page.flags.clone(),
        modified: updated.or(page.modified),
        image: page.image.clone(),
        title: match is_feed_title {
            true => (!entry.title.is_empty()).then_some(of_feed),
            false => origins.title.as_ref().map(Told::provenance),
        },
        authors: match entry.authors.is_empty() {
            true => origins.authors.as_ref().map(Told::provenance),
            false => Some(of_feed),
        },
        published: match (entry.published, page.published, entry.date()) {
            (Some(_), _, _) => Some(of_feed),
            (None, None, Some(_)) => Some(Entry::BY_UPDATE),
            (None, _, _) => origins.published.as_ref().map(Told::provenance),
        },
        modified_from: match updated {
            Some(_) => Some(of_feed),
            None => origins.modified.as_ref().map(Told::provenance),
        },
        repeated: page.repeated.clone(),
    }
}

/// The feed's title, which the publisher wrote for this entry; the page's title if the feed has none or cuts it short
/// with an ellipsis.
fn best_title(feed: &str, page: Option<&str>) -> String {
    let page = page.unwrap_or_default();
    let cut_short = feed.strip_suffix('…').or_else(|| feed.strip_suffix("..."));
    let page_is_better = feed.is_empty() || cut_short.is_some_and(|start| page.starts_with(start.trim_end()));
    if page_is_better && !page.is_empty() { page.to_owned() } else { feed.to_owned() }
}

/// A body shorter than this many characters does not replace a longer text of the feed itself, and no body replaces one
/// more than twice as long: it is more often a consent wall or a teaser than an article.
pub(super) const SHORT_BODY: usize = 250;

/// How far a feed is believed about its entry, in percent: as far as what a page states for machines.
const FEED_CONFIDENCE: u8 = 95;

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::{
        extract::Origins,
        model::{Flag, SourceId},
    };

    use super::*;

    fn article(entry: &Entry, id: ArticleId, page: Page, extracted: Option<Extracted>, now: Timestamp) -> Article {
        super::article(entry, &Standing::default(), id, page, extracted, now)
    }

    fn entry(text: &str) -> Entry {
        Entry {
            source: SourceId::new("gazette").unwrap(),
            link: None,
            link_is_own: true,
            permalink: None,
            guid: None,
            guid_is_unique: false,
            title: "Talks begin".to_owned(),
            text: text.to_owned(),
            authors: Vec::new(),
            published: None,
            updated: None,
            is_dated_by_update: false,
            language: None,
            enclosures: Vec::new(),
        }
    }

    fn read(verdict: Verdict, body: &str) -> Extracted {
        Extracted {
            body: body.to_owned(),
            title: Some("Talks begin | Gazette".to_owned()),
            published: Some(Timestamp::UNIX_EPOCH),
            verdict: (verdict, "so it says".to_owned()),
            flags: vec![Flag { kind: FlagKind::Syndicated, evidence: "Harbour".to_owned() }],
            origins: Origins {
                published: Some(Told::new(NaiveDate::default(), Origin::Text, 0.555)),
                ..Origins::default()
            },
            ..Extracted::nothing(Method::Readability)
        }
    }

    #[track_caller]
    fn check(verdict: Verdict, of_page: usize, of_feed: usize, expected: &Method) {
        let sentence = "The delegation went over the bridge in the morning. ";
        let entry = entry(sentence.repeat(of_feed).trim());
        let page = read(verdict, sentence.repeat(of_page).trim());
        let res = article(&entry, ArticleId(1), Page::None, Some(page), Timestamp::UNIX_EPOCH);
        assert_eq!(&res.method, expected, "{verdict:?}, {of_page} of the page, {of_feed} of the feed");
        assert_eq!(res.reading.judgement.unwrap().verdict, verdict);
    }

    #[test]
    fn the_feeds_own_text_is_used_where_it_is_better() {
        check(Verdict::Article, 10, 15, &Method::Readability);
        check(Verdict::Article, 10, 25, &Method::Feed);
        check(Verdict::TooShort, 1, 2, &Method::Feed);
        check(Verdict::TooShort, 2, 1, &Method::Readability);
        check(Verdict::Paywalled, 10, 15, &Method::Feed);
        check(Verdict::Paywalled, 10, 5, &Method::Readability);
        check(Verdict::ListPage, 0, 1, &Method::Feed);
    }

    #[test]
    fn what_the_page_leaves_out_of_the_feeds_text_stands_before_it() {
        let page = read(Verdict::Article, &"The delegation went over the bridge in the morning. ".repeat(9));
        let of = |text| article(&entry(text), ArticleId(1), Page::None, Some(page.clone()), Timestamp::UNIX_EPOCH);
        let res = of("The delegation went. Vinnikov waited.");
        assert_eq!((&res.body, &res.method), (&format!("Vinnikov waited.\n{}", page.body), &Method::Readability));
        assert!(
            res.reading
                .flags
                .contains(&Flag { kind: FlagKind::BeginsWithFeed, evidence: "Vinnikov waited.".to_owned() })
        );
        assert_eq!((res.text_of_feed(), res.text_of_page()), (Some("Vinnikov waited."), page.body.as_str()));
        let res = of("The delegation went.");
        assert_eq!((&res.body, res.text_of_feed(), res.reading.flags.len()), (&page.body, None, 1));
    }

    #[test]
    fn what_the_feed_says_of_all_is_none_of_the_pages_text() {
        let page = read(Verdict::Article, &"The delegation went over the bridge in the morning. ".repeat(9));
        let entry = |title: &str, text: &str| Entry { title: title.to_owned(), ..entry(text) };
        let tail = "Made with the help of Vinnikov.";
        let entries = [entry("One", &format!("Marlinov waited.\n{tail}")), entry("Two", tail), entry("Three", tail)];
        let [body, alone] = [&Standing::of(&entries), &Standing::default()].map(|it| {
            super::article(&entries[0], it, ArticleId(1), Page::None, Some(page.clone()), Timestamp::UNIX_EPOCH).body
        });
        assert_eq!(body, format!("Marlinov waited.\n{}", page.body));
        assert_eq!(alone, format!("Marlinov waited.\n{tail}\n{}", page.body));
    }

    #[test]
    fn a_page_that_is_no_article_tells_nothing_of_it() {
        let of =
            |verdict| article(&entry("Text."), ArticleId(1), Page::None, Some(read(verdict, "")), Timestamp::MAX_UTC);
        let res = of(Verdict::ChallengePage);
        assert_eq!((res.published, res.reading.published, res.reading.flags.len()), (None, None, 0));
        let res = of(Verdict::TooShort);
        let told = Provenance { origin: Origin::Text, confidence: 56 };
        assert_eq!((res.published, res.reading.published), (Some(Timestamp::UNIX_EPOCH), Some(told)));
        assert_eq!(res.reading.flags.len(), 1);
    }

    #[test]
    fn a_note_of_the_feed_is_a_flag() {
        let note = "The post Talks begin first appeared on Harbour Daily – harbour.example.";
        let link = CanonicalUrl::parse("https://gazette.example/7");
        let entry = Entry { link, ..entry(&format!("The delegation went over the bridge.\n{note}")) };
        let res = article(&entry, ArticleId(1), Page::None, None, Timestamp::UNIX_EPOCH);
        assert_eq!(res.body, "The delegation went over the bridge.");
        assert_eq!(res.reading.flags, [Flag { kind: FlagKind::Syndicated, evidence: note.to_owned() }]);
        // What the page says of it goes before.
        let page = Some(read(Verdict::Article, "The delegation went over the bridge in the morning."));
        let res = article(&entry, ArticleId(1), Page::None, page, Timestamp::UNIX_EPOCH);
        assert_eq!(res.reading.flags.iter().map(|it| it.evidence.as_str()).collect::<Vec<_>>(), ["Harbour"]);
    }

    #[test]
    fn what_the_feed_says_is_told_as_its_own() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0);
        let entry = Entry { published: at(10), updated: at(20), authors: vec!["A. Author".to_owned()], ..entry("") };
        let res = article(&entry, ArticleId(1), Page::None, None, Timestamp::UNIX_EPOCH);
        let feed = Some(Provenance { origin: Origin::Feed, confidence: 95 });
        let reading = Reading {
            modified: at(20),
            title: feed,
            authors: feed,
            published: feed,
            modified_from: feed,
            ..Reading::default()
        };
        assert_eq!(res.reading, reading);
        // Feeds that know no other date give the first as the last one.
        let entry = Entry { published: at(20), updated: at(20), ..entry };
        let res = article(&entry, ArticleId(1), Page::None, None, Timestamp::UNIX_EPOCH);
        assert_eq!((res.reading.modified, res.reading.modified_from), (None, None));
        // Atom requires the last date alone.
        let entry = Entry { published: None, ..entry };
        let res = |entry: &Entry| {
            let of = |page| article(entry, ArticleId(1), Page::None, page, Timestamp::UNIX_EPOCH);
            [None, Some(read(Verdict::Article, "Text."))].map(|it| of(it).published)
        };
        assert_eq!(res(&entry), [None, Some(Timestamp::UNIX_EPOCH)], "the `lastmod` of a sitemap");
        let entry = Entry { is_dated_by_update: true, ..entry };
        assert_eq!(res(&entry), [at(20), Some(Timestamp::UNIX_EPOCH)]);
    }
}
