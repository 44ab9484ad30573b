//! Later readings of the pages of articles that are kept as evidence: when one is due, and what it showed.

use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

use super::{Now, Rules, timing};
use crate::{
    extract::is_of_amp,
    model::{
        Alert, AlertId, AlertKind, Article, Content, Exhibit, Finding, FlagKind, Hit, LastReading, MessageId, Method,
        Outgoing, PageState, Reading, Timestamp, Verdict, later,
    },
    text::{self, Said, plain_words},
};

/// What is kept of articles that have a topic or raised an alert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How long after an article was first held its page is read again, each time once.
    pub reread: Vec<Duration>,
    /// The largest page that is kept as it came in, in bytes; 0 for none.
    pub max_page_bytes: u64,
}

/// The delay before a page that seems withdrawn is requested a second time, and before a page that could not be fetched
/// is retried. It doubles each time.
const AGAIN: Duration = Duration::from_secs(3600);
/// Maximum retries in a row of a page that cannot be fetched, before the next planned reading.
const MAX_TRIES: u32 = 3;
/// How long after the last planned reading it may still be made up for. A second look at a page that seems withdrawn,
/// and retries, fall within this time.
const SLACK: Duration = Duration::from_secs(24 * 3600);

impl Settings {
    /// How long after its first reading an article may still have a reading due; `None` if pages are never read again.
    pub fn reach(&self) -> Option<Duration> {
        self.reread.iter().max().map(|it| it.saturating_add(SLACK))
    }

    /// When an article's page is to be read again; `None` if never again. Several missed readings are made up for by
    /// one. A withdrawn article is left alone.
    pub fn due(&self, exhibit: &Exhibit) -> Option<Timestamp> {
        let last = exhibit.last.map_or(exhibit.first_seen, |it| it.at);
        let planned = self.reread.iter().map(|it| later(exhibit.first_seen, *it)).filter(|it| *it > last).min();
        let again = |tries: u32| later(last, AGAIN.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1))));
        match exhibit.last.map(|it| (it.state, it.attempts)) {
            _ if self.reread.is_empty() => None,
            Some((PageState::Withdrawn, _)) => None,
            Some((PageState::Missing, tries)) => Some(again(tries)),
            Some((PageState::Failed, tries)) if tries <= MAX_TRIES => {
                Some(planned.map_or(again(tries), |it| it.min(again(tries))))
            }
            Some((PageState::Failed | PageState::There, _)) | None => planned,
        }
    }
}

/// The result of requesting an article's page again.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// It was read.
    Read(Box<Article>),
    /// The site says that there is no such page, or redirects to its front page. The reason in plain words.
    Gone(String),
    /// The page could not be fetched. The reason in plain words.
    Failed(String),
}

/// What a later reading makes of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Reread {
    /// What it showed.
    pub finding: Finding,
    /// As [`LastReading::attempts`].
    pub attempts: u32,
    /// The new version, where the article was changed.
    pub version: Option<Article>,
}

/// What a later reading of an article's page shows. `last` is the one before it.
pub fn reread(held: &Article, last: Option<LastReading>, seen: Seen) -> Reread {
    let so_far = |state| last.filter(|it| it.state == state).map_or(0, |it| it.attempts);
    let failed = |why| Reread {
        finding: Finding::Failed(why),
        attempts: so_far(PageState::Failed).saturating_add(1),
        version: None,
    };
    match seen {
        Seen::Gone(why) if so_far(PageState::Missing) > 0 => {
            Reread { finding: Finding::Withdrawn(why), attempts: 0, version: None }
        }
        Seen::Gone(why) => Reread { finding: Finding::Missing(why), attempts: 1, version: None },
        Seen::Failed(why) => failed(why),
        Seen::Read(reading) => match unusable(held, &reading) {
            Some(why) => failed(why),
            // The article's text is the feed's, so the page's text cannot be compared with it.
            None if held.method == Method::Feed => Reread { finding: Finding::Same, attempts: 0, version: None },
            None => compared(held, *reading),
        },
    }
}

/// What a reading shows that can be compared.
fn compared(held: &Article, reading: Article) -> Reread {
    let reading = begun_as(held, reading);
    if is_same_text(held, &reading) {
        return Reread { finding: Finding::Same, attempts: 0, version: None };
    }
    let version = revised(held, reading);
    Reread { finding: Finding::Changed(version.version), attempts: 0, version: Some(version) }
}

/// A reading with what is held of the feed's text before it: that is no part of the page.
fn begun_as(held: &Article, mut reading: Article) -> Article {
    let flag = held.reading.flags.iter().find(|it| it.kind == FlagKind::BeginsWithFeed);
    if let Some(flag) = flag {
        reading.body = format!("{}\n{}", flag.evidence, reading.body);
        reading.reading.flags.push(flag.clone());
    }
    reading
}

/// An alert, and who was told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldAlert {
    /// The alert.
    pub alert: Alert,
    /// The channels by which it was told, or may have been.
    pub by: BTreeSet<String>,
}

/// Follow-up messages after an article was withdrawn, or no longer says what an alert quoted. One per channel that told
/// of such an alert, naming all its watches. None for channels or watches that send nothing now, nor for alerts nobody
/// was told of yet. Ids are stable: repeating it queues nothing new.
///
/// `told` are the alerts for the article as held; `version` is the new version if the article was changed.
pub fn sequel(
    rules: &Rules,
    held: &Article,
    told: &[ToldAlert],
    finding: &Finding,
    version: Option<&Article>,
    now: Now,
) -> Vec<Outgoing> {
    let (kind, what) = match finding {
        Finding::Withdrawn(_) => (AlertKind::Withdrawn, format!("withdrawn\n{}", held.id)),
        Finding::Changed(version) => {
            (AlertKind::Changed { version: *version }, format!("changed\n{}\n{version}", held.id))
        }
        Finding::Same | Finding::Missing(_) | Finding::Failed(_) => return Vec::new(),
    };
    let said = |it: &Article| Said::new(&it.title, &it.body);
    let (before, text) = (said(held), version.map(said));
    // A sentence already gone from the version before was reported then.
    let is_said = |hit: &Hit| text.as_ref().is_some_and(|it| it.has(&hit.sentence) || !before.has(&hit.sentence));
    let of_now = |told: &ToldAlert| {
        let alert = &told.alert;
        let hits: Vec<_> = alert.hits.iter().filter(|it| !is_said(it)).cloned().collect();
        let timing = rules.timings.get(&alert.watch).copied().unwrap_or_default();
        let due = timing::due(timing, rules.quiet.as_ref(), None, now.clock)?;
        let is_told = alert.kind == AlertKind::Found && !hits.is_empty() && !rules.routes.of(&alert.watch).is_empty();
        is_told.then(|| (due, Alert { hits, ..alert.clone() }))
    };
    let mut concerned: Vec<_> = told.iter().filter_map(|it| Some((of_now(it)?, &it.by))).collect();
    concerned.sort_by_key(|((_, it), _)| (Reverse(rules.severity(&it.watch)), it.raised, it.id));
    // The first alert's id names the message. It does not depend on the watches, so that it is the same when repeated.
    let id = AlertId(text::short_hash(&what));
    let message = |channel: &String| {
        let by_this = || {
            concerned.iter().filter(|(_, by)| by.iter().any(|it| text::is_same_channel(it, channel))).map(|(it, _)| it)
        };
        // The message waits for the end of quiet hours only if all of its alerts would.
        let due = by_this().map(|it| it.0).min()?;
        let named = |(place, (_, it)): (usize, &(_, Alert))| {
            let own = || AlertId(text::short_hash(&format!("{what}\n{}", it.watch)));
            Alert { id: if place == 0 { id } else { own() }, raised: now.stamp, kind, ..it.clone() }
        };
        let content = Content::Alerts(by_this().enumerate().map(named).collect());
        Some(Outgoing { id: MessageId::of_alert(id, channel), channel: channel.clone(), content, due })
    };
    rules.routes.all().iter().filter_map(message).collect()
}

/// Why a reading says nothing about the article: the response is another kind of page, or only part of the article.
/// `None` if it can be compared.
fn unusable(held: &Article, reading: &Article) -> Option<String> {
    let verdict = |it: &Article| it.reading.judgement.as_ref().map(|it| it.verdict);
    let now = verdict(reading);
    let is_locked = now == Some(Verdict::Paywalled) && verdict(held) != now;
    match &reading.reading.judgement {
        Some(it) if is_locked || !it.verdict.is_text() => Some(format!("{}: {}", it.verdict.as_str(), it.reason)),
        _ if reading.method == Method::Feed || reading.body.is_empty() => Some("the page has no text".to_owned()),
        _ if held.method != Method::Feed && is_of_amp(held) != is_of_amp(reading) => {
            Some("one of the texts is that of its AMP version, so that they cannot be compared".to_owned())
        }
        // A recipe was added or removed, and the texts differ for that reason alone.
        _ if held.method != Method::Feed && held.method != reading.method => {
            Some("it is read by other means than before, so that the texts cannot be compared".to_owned())
        }
        _ => None,
    }
}

/// The next version of an article whose page was changed. It keeps the identity and the dates that it was found with.
fn revised(held: &Article, reading: Article) -> Article {
    let held = held.clone();
    Article {
        id: held.id,
        version: held.version.saturating_add(1),
        source: held.source,
        link: held.link,
        guid: held.guid,
        guid_is_unique: held.guid_is_unique,
        feed_title: held.feed_title,
        published: held.published.or(reading.published),
        first_seen: held.first_seen,
        reading: Reading {
            published: held.published.map_or(reading.reading.published, |_| held.reading.published),
            ..reading.reading
        },
        ..reading
    }
}

/// Whether two readings have the same title and text, but for white space, the shapes of quotes and dashes, counters of
/// readers and comments, and lines that one of the readings cut as repeated on pages of the source.
pub fn is_same_text(a: &Article, b: &Article) -> bool {
    let repeated = |it: &Article| it.reading.repeated.iter().map(|it| plain_words(&it.line)).collect::<Vec<_>>();
    let cut = [repeated(a), repeated(b)].concat();
    let body = |it: &Article| {
        let lines = it.body.lines().filter(|it| !is_counter(it)).map(plain_words);
        lines.filter(|it| !it.is_empty() && !cut.contains(it)).flatten().collect::<Vec<_>>()
    };
    plain_words(&a.title) == plain_words(&b.title) && body(a) == body(b)
}

/// The longest line that is a counter, in words.
const MAX_COUNTER_WORDS: usize = 8;

/// Beginnings of the words that stand beside the number of readers, comments and shares, and beside the time of the
/// last change, in the eight languages.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "views", "reads", "comment", "shares", "likes", "updated",
    "просмотр", "комментари", "прочит", "поделил", "обновлен",
    "перегляд", "коментар", "поширен", "оновлен",
    "baxış", "oxun", "şərh", "paylaş", "yenilən",
    "դիտ", "մեկնաբան", "կարդաց", "թարմաց",
    "ნახვ", "კომენტარ", "გაზიარ", "განახლ",
    "görüntülen", "okun", "yorum", "güncelle",
    "بازدید", "نظر", "دیدگاه",
];

/// Whether a line only counts readers or states the time of the last change. A number within a sentence does not count:
/// an edit may be about the number of dead.
fn is_counter(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.len() > MAX_COUNTER_WORDS || !line.chars().any(char::is_numeric) {
        return false;
    }
    if text::ends_sentence(line.trim_end()) {
        return false;
    }
    let is_counted = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        COUNTED.iter().any(|it| word.starts_with(it))
    };
    words.iter().any(is_counted) || !line.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleId, Entry, Flag, FlagKind, Judgement, Origin, Provenance, Repeated};

    const HOUR: u64 = 3600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + chrono::TimeDelta::hours(hours)
    }

    fn settings() -> Settings {
        let reread = [1, 24, 168].map(|it| Duration::from_secs(it * HOUR)).into();
        Settings { reread, ..Settings::default() }
    }

    #[test]
    fn readings_fall_due() {
        use PageState::{Failed, Missing, There, Withdrawn};

        for (last, expected) in [
            (None, Some(1)),
            (Some((1, There, 0)), Some(24)),
            (Some((2, There, 0)), Some(24)),
            (Some((30, There, 0)), Some(168)),
            (Some((168, There, 0)), None),
            // A day without power: one reading makes up for two.
            (Some((100, There, 0)), Some(168)),
            (Some((1, Missing, 1)), Some(2)),
            (Some((168, Missing, 1)), Some(169)),
            (Some((2, Withdrawn, 0)), None),
            (Some((1, Failed, 1)), Some(2)),
            (Some((4, Failed, 3)), Some(8)),
            (Some((8, Failed, 4)), Some(24)),
            (Some((23, Failed, 3)), Some(24)),
            (Some((168, Failed, 1)), Some(169)),
            (Some((172, Failed, 4)), None),
        ] {
            let last = last.map(|(hours, state, attempts)| LastReading { at: at(hours), state, attempts });
            let exhibit = Exhibit { article: ArticleId(1), first_seen: at(0), last };
            assert_eq!(settings().due(&exhibit), expected.map(at), "{last:?}");
            assert_eq!(Settings::default().due(&exhibit), None);
        }
        assert_eq!(settings().reach(), Some(Duration::from_secs(192 * HOUR)));
        assert_eq!(Settings::default().reach(), None);
        let endless = Settings { reread: vec![Duration::MAX], ..Settings::default() };
        let exhibit = Exhibit { article: ArticleId(1), first_seen: at(0), last: None };
        assert_eq!(endless.due(&exhibit), Some(Timestamp::MAX_UTC));
    }

    fn page(body: &str) -> Article {
        Article { method: Method::Readability, version: 3, ..Article::sample("Talks end", body) }
    }

    #[track_caller]
    fn check_same(before: &str, after: &str, expected: bool) {
        assert_eq!(is_same_text(&page(before), &page(after)), expected, "{before:?} {after:?}");
    }

    #[test]
    fn trivial_changes_are_none() {
        check_same("The talks\u{a0}ended.\nIn  May.", "The talks ended.\n\nIn May. ", true);
        check_same("He said “yes” – it’s…", "He said \"yes\" - it's...", true);
        check_same("It ended.\n1 204 views", "It ended.\n1 377 views", true);
        check_same("It ended.\nComments (3)\n12", "It ended.\nComments (14)\n15", true);
        check_same("Ավարտվեց։\nԴիտումներ՝ 1204", "Ավարտվեց։\nԴիտումներ՝ 1310", true);
        check_same("Кончилось.\nПросмотров: 12", "Кончилось.", true);
        check_same("ბოლო.\nნახვები: 7", "ბოლო.\nნახვები: 9", true);
        check_same("Bitdi.\nBaxış sayı: 7", "Bitdi.\nBaxış sayı: 71", true);
        check_same("Bitti.\n12 görüntülenme", "Bitti.\n14 görüntülenme", true);
        check_same("تمام شد.\nبازدید: ۱۲", "تمام شد.\nبازدید: ۱۵", true);
        check_same("Скінчилося.\n12 переглядів", "Скінчилося.\n13 переглядів", true);
        check_same("It ended.\nUpdated: 12:40", "It ended.\nUpdated: 13:05", true);

        check_same("12 people were killed.", "15 people were killed.", false);
        check_same("12 killed", "15 killed", false);
        check_same("Comments by 3 ministers were published.", "Comments by 4 ministers were published.", false);
        check_same("The talks ended.", "The talks ended", false);
        check_same("The talks ended.", "The Talks ended.", false);
        check_same("A\nB", "B\nA", false);
        let renamed = Article { title: "Talks fail".to_owned(), ..page("The end.") };
        assert!(!is_same_text(&page("The end."), &renamed));
        // A second reading knows more of what the source repeats.
        let mut cut = page("The end.");
        cut.reading.repeated = vec![Repeated { line: "Follow us  here".to_owned(), on: 5, of: 6 }];
        assert!(is_same_text(&page("The end.\nFollow us here"), &cut));
    }

    #[test]
    fn what_a_reading_shows() {
        let held = page("The talks ended.");
        let missing = Some(LastReading { at: at(1), state: PageState::Missing, attempts: 1 });
        let failed = Some(LastReading { at: at(1), state: PageState::Failed, attempts: 2 });
        let gone = || Seen::Gone("status 404".to_owned());
        let why = || "status 404".to_owned();
        let read = |it: Article| Seen::Read(Box::new(it));
        let res = |finding, attempts| Reread { finding, attempts, version: None };
        assert_eq!(reread(&held, None, gone()), res(Finding::Missing(why()), 1));
        assert_eq!(reread(&held, failed, gone()), res(Finding::Missing(why()), 1));
        assert_eq!(reread(&held, missing, gone()), res(Finding::Withdrawn(why()), 0));
        assert_eq!(reread(&held, missing, Seen::Failed(why())), res(Finding::Failed(why()), 1));
        assert_eq!(reread(&held, failed, Seen::Failed(why())), res(Finding::Failed(why()), 3));
        assert_eq!(reread(&held, missing, read(held.clone())), res(Finding::Same, 0));

        let new = Article { version: 1, feed_title: "other".to_owned(), ..page("The talks failed.") };
        let changed = reread(&held, None, read(new));
        let version = changed.version.unwrap();
        assert_eq!(changed.finding, Finding::Changed(4));
        assert_eq!((version.version, version.feed_title.as_str()), (4, "Talks end"));
        assert_eq!(version.body, "The talks failed.");
    }

    /// Found by a reader: the date stayed the feed's, and was said to be the page's.
    #[test]
    fn where_the_date_is_from_stays_with_it() {
        let dated = |hours, provenance, body: &str| {
            let mut res = Article { published: Some(at(hours)), ..page(body) };
            res.reading.published = Some(provenance);
            res
        };
        let of_page = Provenance { origin: Origin::Meta, confidence: 91 };
        let date = |held: &Article| {
            let changed = reread(held, None, Seen::Read(Box::new(dated(1, of_page, "The talks failed."))));
            changed.version.map(|it| (it.published, it.reading.published))
        };
        assert_eq!(date(&dated(9, Entry::BY_UPDATE, "The talks ended.")), Some((Some(at(9)), Some(Entry::BY_UPDATE))));
        assert_eq!(date(&page("The talks ended.")), Some((Some(at(1)), Some(of_page))), "none was known");
    }

    #[test]
    fn what_is_held_of_the_feeds_text_stays() {
        let evidence = "Vinnikov spoke at noon.".to_owned();
        let flag = Flag { kind: FlagKind::BeginsWithFeed, evidence: evidence.clone() };
        let mut held = page(&format!("{evidence}\nThe talks ended."));
        held.reading.flags.push(flag.clone());
        assert_eq!(reread(&held, None, Seen::Read(Box::new(page("The talks ended.")))).finding, Finding::Same);
        let changed = reread(&held, None, Seen::Read(Box::new(page("The talks failed."))));
        let version = changed.version.unwrap();
        assert_eq!(
            (version.body.as_str(), version.reading.flags),
            ("Vinnikov spoke at noon.\nThe talks failed.", vec![flag])
        );
        // The page says it by now.
        let told = reread(&held, None, Seen::Read(Box::new(page("The talks ended. Vinnikov spoke at noon."))));
        assert!(told.version.unwrap().body.starts_with(&evidence));
    }

    #[test]
    fn another_kind_of_page_is_no_change() {
        let held = page("The talks ended.");
        let judged = |verdict| {
            let judgement = Some(Judgement { verdict, reason: "it says so".to_owned() });
            Article { reading: Reading { judgement, ..Reading::default() }, ..page("Accept cookies.") }
        };
        let finding = |held: &Article, it| reread(held, None, Seen::Read(Box::new(it))).finding;
        let failed = |it| matches!(it, Finding::Failed(_));
        for verdict in [Verdict::ConsentWall, Verdict::ChallengePage, Verdict::ListPage, Verdict::Paywalled] {
            assert!(failed(finding(&held, judged(verdict))), "{verdict:?}");
        }
        assert_eq!(finding(&judged(Verdict::Paywalled), judged(Verdict::Paywalled)), Finding::Same);
        assert_eq!(finding(&held, judged(Verdict::TooShort)), Finding::Changed(4));
        assert!(failed(finding(&held, Article { method: Method::Feed, ..page("A feed's text.") })));
        assert!(failed(finding(&held, page(""))));
        let by_recipe = || Article { method: Method::Recipe("a.example".to_owned()), ..page("The talks ended. More.") };
        assert!(failed(finding(&held, by_recipe())));
        let mut of_amp = judged(Verdict::Article);
        of_amp.reading.judgement = Some(Judgement {
            verdict: Verdict::Article,
            reason: "it reads; the text is that of its AMP version, https://a.example/amp".to_owned(),
        });
        assert!(failed(finding(&of_amp, held.clone())) && failed(finding(&held, of_amp.clone())));
        assert_eq!(finding(&of_amp, of_amp.clone()), Finding::Same);
        let of_feed = Article { method: Method::Feed, ..page("What the feed said.") };
        assert_eq!(finding(&of_feed, by_recipe()), Finding::Same);
    }
}
