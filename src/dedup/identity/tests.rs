use super::*;
use crate::model::{CanonicalUrl, Flag, FlagKind, Method, Origin, Provenance, SourceId, Timestamp};

const MORNING: &str = "The parliament voted on the budget while protesters gathered at the gates.";
const EVENING: &str = "A ferry ran aground off Poti, and its passengers were taken to the harbour.";

/// The hour at which documents are polled.
const NOW: i64 = 48;

fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

fn at(hour: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp(1_800_000_000 + hour * 3_600, 0)
}

/// "Bulletin" of the morning, as a feed has it.
fn bulletin() -> Entry {
    Entry {
        source: source("s"),
        link: CanonicalUrl::parse("https://a.example/bulletin"),
        link_is_own: true,
        permalink: None,
        guid: Some("b-1".to_owned()),
        guid_is_unique: true,
        title: "Bulletin".to_owned(),
        text: MORNING.to_owned(),
        authors: vec![],
        published: at(8),
        updated: None,
        is_dated_by_update: true,
        language: None,
        enclosures: vec![],
    }
}

/// The article that is made of an entry.
fn article(entry: &Entry, id: ArticleId) -> Article {
    Article {
        link: entry.link.clone(),
        guid: entry.guid.clone(),
        guid_is_unique: entry.guid_is_unique,
        published: entry.date(),
        ..Article::of_text(id, entry.source.clone(), &entry.title, &entry.text)
    }
}

fn held(article: &Article) -> Held {
    Held::of(article)
}

/// What a store that holds these articles finds for an entry; of two under one key, the later.
fn met(entry: &Entry, articles: &[Article]) -> Met {
    let find = |key: Option<Key>| {
        let key = key?;
        articles.iter().rev().find(|it| super::super::article_keys(it).contains(&key))
    };
    let keys = entry_keys(entry);
    let found = [find(keys.link), find(keys.guid), find(keys.title)];
    let [link, guid, title] = found.map(|it| it.map(held));
    let under = HeldUnder { link, guid, title };
    let unclear = under.unclear(entry);
    let profile = |id: Option<ArticleId>| articles.iter().find(|it| Some(it.id) == id).map(Profile::of_article);
    let likeness = |id: Option<ArticleId>| profile(id).map(|it| Likeness::new(&Profile::of_entry(entry), &it));
    let likeness =
        Likenesses { link: likeness(unclear.link), guid: likeness(unclear.guid), title: likeness(unclear.title) };
    Met { under, likeness }
}

/// Which of `entries`, polled as one document, are new where `articles` are held.
fn new(entries: &[Entry], articles: &[Article]) -> Vec<bool> {
    let met: Vec<_> = entries.iter().map(|it| met(it, articles)).collect();
    let guids_change = guids_change(entries.iter().zip(&met), at(NOW).unwrap());
    entries.iter().zip(met).map(|(entry, met)| recognise(entry, met, guids_change).is_none()).collect()
}

#[track_caller]
fn check(change: impl Fn(&mut Entry), is_new: bool) {
    let before = bulletin();
    let mut entry = bulletin();
    change(&mut entry);
    assert_eq!(new(std::slice::from_ref(&entry), &[article(&before, article_id(&before))]), [is_new], "{entry:?}");
}

#[test]
fn another_article_at_a_known_address_is_new() {
    let evening = |it: &mut Entry| {
        it.guid = Some("b-2".to_owned());
        it.published = at(18);
        EVENING.clone_into(&mut it.text);
    };
    check(evening, true);
    let named = |it: &mut Entry| it.title = "Bulletin: a ferry aground".to_owned();
    check(|it| (evening(it), named(it)).0, true);
    // Only a headline, and no dates.
    check(
        |it| {
            it.guid = Some("b-2".to_owned());
            named(it);
            it.published = None;
            it.text.clear();
        },
        true,
    );
    // The posts of a live blog repeat what it is about.
    check(
        |it| {
            it.guid = Some("b-2".to_owned());
            named(it);
            it.published = at(9);
        },
        true,
    );
    // Nothing says that it is another, or another source tells it: two feeds of one outlet.
    check(|it| (evening(it), it.guid = None, it.guid_is_unique = false).0, false);
    check(|it| (evening(it), it.guid_is_unique = false).0, false);
    check(|it| (evening(it), named(it), it.source = source("other")).0, false);
}

#[test]
fn a_changed_article_is_no_new_one() {
    let other_guid = |it: &mut Entry| it.guid = Some("session-2".to_owned());
    // A guid that changes at each poll.
    check(other_guid, false);
    check(|it| (other_guid(it), it.published = at(9)).0, false);
    check(|it| (other_guid(it), it.text = format!("{MORNING} More follows.")).0, false);
    // And a corrected title.
    check(|it| (other_guid(it), it.title = "Buletin".to_owned()).0, false);
    check(|it| (other_guid(it), it.title = "Buletin".to_owned(), it.text.clear()).0, false);
    // The same guid, whatever else is changed.
    check(
        |it| {
            it.title = "Evening bulletin".to_owned();
            it.published = at(18);
            EVENING.clone_into(&mut it.text);
        },
        false,
    );
}

#[test]
fn guids_that_change_tell_nothing_apart() {
    let numbered = |n: u32, guid: &str| Entry {
        link: CanonicalUrl::parse(&format!("https://a.example/{n}")),
        guid: Some(format!("{guid}-{n}")),
        title: format!("Report {n}"),
        ..bulletin()
    };
    let articles: Vec<_> = (1..=4).map(|it| numbered(it, "a")).map(|it| article(&it, article_id(&it))).collect();
    let rewritten =
        Entry { title: "Rewritten".to_owned(), text: EVENING.to_owned(), published: at(9), ..numbered(4, "b") };
    let of = |guids: [&str; 3]| [1, 2, 3].map(|it| numbered(it, guids[it as usize - 1]));
    let with = |entries: &[Entry]| new(&[entries, std::slice::from_ref(&rewritten)].concat(), &articles);
    assert_eq!(with(&of(["b", "b", "b"])[..2]), [false; 3]);
    assert_eq!(with(&of(["a", "b", "b"])), [false, false, false, true], "one has its guid yet");
    // A bulletin is not lost because of another article whose guid was changed.
    assert_eq!(with(&of(["b", "b", "b"])[..1]), [false, true]);
    assert_eq!(with(&[]), [true]);
}

/// Found by a reader: these were new at each poll, and asked for their pages.
#[test]
fn guids_that_change_with_the_dates_tell_nothing_apart() {
    let poll = |hour: i64| {
        [1, 2, 3].map(|n: i64| Entry {
            link: CanonicalUrl::parse(&format!("https://a.example/{n}")),
            guid: Some(format!("{hour}-{n}")),
            title: format!("Report {n}"),
            text: format!("{MORNING} {n}"),
            published: at(hour),
            ..bulletin()
        })
    };
    let of_page = |it: &Entry| Article {
        method: Method::Readability,
        body: "What the page says, and the feed does not.".to_owned(),
        ..article(it, article_id(it))
    };
    let articles = poll(8).each_ref().map(of_page);
    // All are of the time of the poll.
    assert_eq!(new(&poll(NOW), &articles), [false; 3]);
    // The weather, the exchange rates and the briefing are written anew each morning.
    assert_eq!(new(&poll(NOW - 1), &articles), [true; 3]);
    assert_eq!(new(&poll(NOW)[..2], &articles), [true; 2]);
    let articles = poll(8).each_ref().map(|it| article(it, article_id(it)));
    let anew = poll(NOW).map(|it| Entry { text: EVENING.to_owned(), ..it });
    assert_eq!(new(&anew, &articles), [true; 3]);
}

#[test]
fn an_article_beside_its_link_is_known_by_its_title_under_another_guid() {
    let morning = bulletin();
    let post = Entry { guid: Some("b-2".to_owned()), title: "A ferry aground".to_owned(), ..bulletin() };
    let post = Entry { text: EVENING.to_owned(), published: at(9), ..post };
    let articles = [article(&morning, article_id(&morning)), article(&post, id_without_link(&post))];
    let again = |change: &dyn Fn(&mut Entry)| {
        let mut entry = Entry { guid: Some("b-3".to_owned()), ..post.clone() };
        change(&mut entry);
        !new(&[entry], &articles)[0]
    };
    assert!(again(&|_| ()));
    assert!(again(&|it| it.published = None));
    assert!(again(&|it| it.text = format!("{EVENING} More follows.")));
    assert!(!again(&|it| it.published = at(10)), "it may be the next of that title");
}

#[test]
fn a_feed_that_numbers_the_entries_of_each_day_reuses_its_guids() {
    let first = Entry { guid: Some("1".to_owned()), ..bulletin() };
    let articles = [article(&first, article_id(&first))];
    let is_new = |change: &dyn Fn(&mut Entry)| {
        let mut next = Entry {
            link: CanonicalUrl::parse("https://a.example/bulletin-2"),
            published: at(32),
            text: EVENING.to_owned(),
            ..first.clone()
        };
        change(&mut next);
        new(&[next], &articles)[0]
    };
    assert!(is_new(&|_| ()));
    assert!(is_new(&|it| it.text.clear()));
    // The article has moved, its text was changed, or its date.
    assert!(!is_new(&|it| MORNING.clone_into(&mut it.text)));
    assert!(!is_new(&|it| it.published = at(8)));
    assert!(!is_new(&|it| it.published = None));
    assert!(!is_new(&|it| it.link = bulletin().link));
    // Such a guid is given once.
    for guid in ["https://a.example/?p=1", "48213", "bulletin-1", "12 at https://a.example"] {
        let before = Entry { guid: Some(guid.to_owned()), ..first.clone() };
        let moved = Entry { link: CanonicalUrl::parse("https://a.example/2"), published: at(32), ..before.clone() };
        let moved = Entry { text: EVENING.to_owned(), ..moved };
        assert_eq!(new(&[moved], &[article(&before, article_id(&before))]), [false], "{guid}");
    }
}

#[test]
fn an_article_whose_title_and_link_are_changed_is_known_by_the_rest() {
    let link = CanonicalUrl::parse("https://a.example/better");
    let moved = |it: &mut Entry| (it.link.clone_from(&link), it.title = "A better headline".to_owned()).0;
    check(moved, false);
    check(|it| (moved(it), it.text = format!("{MORNING} More follows.")).0, false);
    check(|it| (moved(it), it.published = at(32)).0, true);
    check(|it| (moved(it), EVENING.clone_into(&mut it.text)).0, true);
    // A notice of one form for many, under its place in the document.
    let numbered = Entry { guid: Some("1".to_owned()), ..bulletin() };
    let mut next = numbered.clone();
    moved(&mut next);
    assert_eq!(new(&[next], &[article(&numbered, article_id(&numbered))]), [true]);
}

/// Found by a reader: a post beside its link was new under its corrected title.
#[test]
fn what_an_article_has_of_the_feeds_text_beside_its_pages_shows_that_it_is_the_same() {
    let left_out = "Vinnikov has come to the city with three of his men.";
    let post = Entry { text: format!("{left_out} He stays."), ..bulletin() };
    let mut held = article(&post, id_without_link(&post));
    held.method = Method::Readability;
    held.body = format!("{left_out}\nWhat the page says.");
    held.reading.flags = vec![Flag { kind: FlagKind::BeginsWithFeed, evidence: left_out.to_owned() }];
    let corrected = Entry { title: "Corrected".to_owned(), link_is_own: false, ..post };
    assert_eq!(new(std::slice::from_ref(&corrected), std::slice::from_ref(&held)), [false]);
    let other = Entry { text: EVENING.to_owned(), ..corrected.clone() };
    assert_eq!(new(&[other], std::slice::from_ref(&held)), [true]);
    assert_eq!(new(&[Entry { published: at(9), ..corrected }], &[held]), [true]);
}

/// Found by a reader: a feed numbers its entries from the top, and each ends with the same words, which no page has. Of
/// two articles of one day the second was taken for the first under a corrected title.
#[test]
fn a_few_words_that_many_entries_have_are_no_proof() {
    let numbered = |guid: &str, place: &str, text: &str| Entry {
        link: CanonicalUrl::parse(&format!("https://a.example/{place}")),
        guid: Some(guid.to_owned()),
        title: format!("Report of {place}"),
        published: at(16),
        text: text.to_owned(),
        ..bulletin()
    };
    for footer in ["Подробнее", "Continue reading on Civil.ge"] {
        let before = numbered("a1b2c3", "poti", &format!("{MORNING} {footer}"));
        let mut of_page = article(&before, article_id(&before));
        of_page.method = Method::Readability;
        of_page.body = format!("{footer}\n{MORNING}");
        of_page.reading.flags = vec![Flag { kind: FlagKind::BeginsWithFeed, evidence: footer.to_owned() }];
        let next = numbered("a1b2c3", "batumi", &format!("{EVENING} {footer}"));
        assert_eq!(new(&[next], &[of_page]), [true], "{footer}");
    }
    // At midnight of the feed's zone, since it knows no hour; a guid that counts, and reports of one form.
    let said =
        |place: &str| format!("The siren sounds in the region of {place}, and all are asked to go to the shelters.");
    for (guid, hour, is_new) in [
        ("item-1", 16, true),
        ("item-1", 12, true),
        ("item-1", 13, true),
        ("news/24", 16, true),
        ("item-1", 18, false),
        ("item-12345", 16, false),
        ("a1b2c3", 16, false),
    ] {
        let at_hour = |it: Entry| Entry { published: at(hour), ..it };
        let [before, next] = ["poti", "batumi"].map(|it| at_hour(numbered(guid, it, &said(it))));
        assert_eq!(new(&[next], &[article(&before, article_id(&before))]), [is_new], "{guid} {hour}");
    }
}

#[test]
fn a_date_of_the_page_is_none_of_the_feed() {
    let entry = Entry { published: None, updated: at(8), ..bulletin() };
    let mut held = Article { published: at(2), ..article(&entry, article_id(&entry)) };
    held.reading.published = Some(Provenance { origin: Origin::Meta, confidence: 90 });
    held.method = Method::Readability;
    held.body = "What the page says, and the feed does not.".to_owned();
    let again = Entry { guid: Some("b-2".to_owned()), ..entry };
    assert_eq!(new(&[again], &[held]), [false]);
}

#[test]
fn an_article_beside_its_link_is_recognised() {
    let morning = bulletin();
    let evening = Entry { guid: Some("b-2".to_owned()), title: "Evening".to_owned(), published: at(18), ..bulletin() };
    let evening = Entry { text: EVENING.to_owned(), ..evening };
    let articles = [article(&morning, article_id(&morning)), article(&evening, id_without_link(&evening))];
    let link = Key::Link("a.example/bulletin".to_owned());
    let has_link = |it: &Article| super::super::article_keys(it).contains(&link);
    assert_eq!(articles.iter().map(has_link).collect::<Vec<_>>(), [true, false]);
    assert_eq!(new(&[evening.clone(), morning.clone()], &articles), [false, false]);
    // Its title is corrected, alone in its document and beside others.
    let corrected = Entry { title: "Evening, corrected".to_owned(), ..evening.clone() };
    assert_eq!(new(std::slice::from_ref(&corrected), &articles), [false]);
    assert_eq!(new(&[Entry { link_is_own: false, ..corrected.clone() }], &articles), [false]);
    // A feed that numbers the entries of each day from 1, all with the address of the front page.
    let of_next_day = Entry { link_is_own: false, published: at(42), text: MORNING.to_owned(), ..corrected };
    assert_eq!(new(&[of_next_day], &articles), [true]);
}

/// An entry of which nothing but its title, text and date is known.
fn bare(text: &str, published: Option<Timestamp>) -> Entry {
    let (title, text) = ("Air alert".to_owned(), text.to_owned());
    Entry { link: None, guid: None, guid_is_unique: false, title, text, published, ..bulletin() }
}

#[test]
fn an_entry_without_link_and_guid_is_known_by_its_date_or_text() {
    let (kyiv, odesa) = ("Kyiv region: the siren sounds.", "Odesa region: the siren sounds.");
    let before = bare(kyiv, at(8));
    // As an older version named it, by its title alone.
    let of_old = article(&before, ArticleId(text::short_hash("title\ns\nair alert")));
    for article in [article(&before, article_id(&before)), of_old] {
        let is_new = |entry: Entry| new(&[entry], std::slice::from_ref(&article))[0];
        assert!(!is_new(bare(kyiv, at(8))));
        assert!(!is_new(bare(odesa, at(8))), "its text was changed");
        assert!(is_new(bare(odesa, at(9))));
        assert!(is_new(bare(kyiv, at(9))), "again");
        assert!(!is_new(bare(kyiv, None)));
        assert!(is_new(bare(odesa, None)));
        assert!(!is_new(bare("", None)));
    }
    let ids = [bare(kyiv, at(8)), bare(kyiv, at(9)), bare(kyiv, None), bare(odesa, None), bare("", None)];
    let ids: HashSet<_> = ids.iter().map(article_id).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(article_id(&bare(kyiv, at(8))), article_id(&bare(odesa, at(8))));
    assert!(ids.contains(&ArticleId(text::short_hash("title\ns\nair alert"))), "as before where there is no more");
}

#[test]
fn an_entry_whose_guid_or_link_becomes_its_own_is_the_same() {
    // Its guid was another entry's too.
    let guid = |is_unique| Entry { guid: Some("d".to_owned()), guid_is_unique: is_unique, ..bare("x", at(8)) };
    assert_eq!(new(&[guid(true)], &[article(&guid(false), article_id(&guid(false)))]), [false]);
    // Its guid is another at each poll.
    let session = |guid: &str, hour| Entry { guid: Some(guid.to_owned()), guid_is_unique: true, ..bare("x", at(hour)) };
    let of_session = article(&session("s1", 8), article_id(&session("s1", 8)));
    let is_new = |entry: Entry| new(&[entry], std::slice::from_ref(&of_session))[0];
    assert_eq!((is_new(session("s2", 8)), is_new(session("s2", 9))), (false, true));
    // Its link was. Older versions did not store that.
    let link = |is_own| Entry { link: bulletin().link, link_is_own: is_own, ..bare("x", at(8)) };
    let shared = article(&link(false), article_id(&link(false)));
    assert_eq!(shared.link, bulletin().link);
    let of_old = Article { link: None, ..shared.clone() };
    for article in [shared, of_old] {
        assert_eq!(new(&[link(true)], std::slice::from_ref(&article)), [false]);
        assert_eq!(new(&[Entry { published: at(32), ..link(true) }], std::slice::from_ref(&article)), [true], "weekly");
    }
}

#[test]
fn texts_compare_by_their_words() {
    let check = |entry: &str, article: &str, of_feed, expected| {
        let method = if of_feed { Method::Feed } else { Method::Readability };
        let held = Article { method, ..Article::of_text(ArticleId(1), source("s"), "", article) };
        let [one, other] = [Profile::of_entry(&bare(entry, None)), Profile::of_article(&held)];
        assert_eq!(TextLikeness::new(&one, &other), expected, "{entry:?} {article:?}");
    };
    check("Talks begin.\nThe envoy  came.", "talks begin. the envoy came.", true, TextLikeness::Same);
    check("Talks. The envoy came to the city. By A. B.", "The envoy came to the city.", true, TextLikeness::Same);
    check("The envoy came to the city.", "The envoy came to this city.", true, TextLikeness::Near);
    check("The envoy came.", "A ferry sank.", true, TextLikeness::Other);
    check("The envoy came.", "A ferry sank.", false, TextLikeness::Unknown);
    check("The envoy came.", "Talks begin. The envoy came. He left.", false, TextLikeness::Same);
    check("", "A ferry sank.", true, TextLikeness::Unknown);
}
