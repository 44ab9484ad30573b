//! What a digest costs: `cargo bench --bench digest -- [ARTICLES] [DIR]`, 100,000 articles where nothing is said.
//!
//! Makes a page of 10,000 stories, and the daily digest of an archive of so many articles, 5,000 of them a day. The archive is
//! made once in DIR and used again by the next run; without DIR it is made in a scratch folder. Each is told, in processor time,
//! beside a floor of the same run: the texts of the page escaped and copied once, and the reports of the day read once.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints, rounds, and fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, hint,
    ops::{ControlFlow, Range},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use chrono_tz::Tz;
use sitrepd::{
    config::{Config, Origin},
    daemon::digests::{self, Making},
    digest::{
        self, Audience, Digest, History, Input, Limits,
        render::{self, Format},
    },
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Assignment, CanonicalUrl, Change, Closeness, CopyLevel,
        Evidence, Field, Fingerprint, Hit, Intent, Method, Report, Slot, SourceId, StoryId, Tag, Timestamp,
    },
    store::{LedgerStore, Store},
};

const STORIES: u64 = 10_000;
const A_DAY: i64 = 5_000;
/// One article in so many copies the one before it, one has an alert, and one has a topic.
const COPIES: u64 = 4;
const ALERTS: u64 = 200;
const TOPICS: u64 = 3;
const ROUNDS: usize = 7;

fn main() {
    let mut arguments = env::args().skip(1).filter(|it| !it.starts_with("--"));
    let n: u64 = arguments.next().map_or(100_000, |it| it.parse().unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let dir = arguments.next().map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let config = Config::load(&Origin { dir: None, state_dir: Some(dir.clone()), env: Vec::new() }).unwrap();
    page(&config);
    daily(&config, &dir, n);
}

/// Processor time of this thread where the system tells it, else the time that has passed: a machine that does other things as well makes
/// the one no longer.
fn clock(since: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|it| it.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The median of some runs.
fn timed<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut took = Vec::new();
    let since = Instant::now();
    loop {
        let begun = clock(since);
        let made = hint::black_box(run());
        took.push(clock(since).saturating_sub(begun));
        if took.len() == ROUNDS {
            took.sort_unstable();
            return (took.get(ROUNDS / 2).copied().unwrap(), made);
        }
    }
}

fn tell(what: &str, (took, floor): (Duration, Duration), of: &str) {
    let ratio = took.as_secs_f64() / floor.as_secs_f64();
    println!(
        "{what}: {:.1} ms, {ratio:.1} times the floor ({of}: {:.1} ms)",
        1e3 * took.as_secs_f64(),
        1e3 * floor.as_secs_f64()
    );
}

fn page(config: &Config) {
    let end = at(0, 1);
    let reports: Vec<_> = (0..STORIES).map(|n| report(config, n, end - TimeDelta::seconds(1), false)).collect();
    let window = end - TimeDelta::days(1)..end;
    let slot = Slot { digest: "daily".to_owned(), at: end };
    let history = History::default();
    let audience = Audience::default();
    let input = Input {
        slot: &slot,
        title: "Situation report",
        window: &window,
        issued_at: end,
        zone: Tz::Asia__Tbilisi,
        interval: Duration::from_secs(1800),
        reports: &reports,
        late: &BTreeSet::new(),
        alerts: &[],
        alerts_before: &[],
        severities: &BTreeMap::new(),
        events: &[],
        replaced: &[],
        topics: &config.topics,
        sources: &[],
        given_up: None,
        history: &history,
        audience: &audience,
        limits: Limits { stories: usize::MAX, others: usize::MAX, ..Limits::default() },
    };
    let digest = digest::select(input);
    let (floor, bytes) = timed(|| copied(&digest));
    let (took, made) = timed(|| render::digest(&digest, &[Format::Html], config.look()).unwrap());
    let page = made.documents.first().map_or(0, |it| it.body.len());
    println!("{STORIES} stories, {} KB of texts, a page of {} KB", bytes >> 10, page >> 10);
    tell("page and mail of them", (took, floor), "their texts escaped and copied");
}

/// All texts that the page shows, escaped one character at a time.
fn copied(digest: &Digest) -> usize {
    let mut out = String::new();
    let mut copy = |text: &str| {
        for c in text.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                c => out.push(c),
            }
        }
    };
    for story in digest.stories() {
        copy(&story.headline.text);
        story.quotes.iter().for_each(|it| copy(&it.sentence.text));
        story.reports.items.iter().for_each(|it| copy(it.link.as_ref().map_or("", CanonicalUrl::as_str)));
    }
    digest.others.items.iter().for_each(|it| copy(&it.lead.title));
    out.len()
}

fn daily(config: &Config, dir: &Path, n: u64) {
    let (store, _) = LedgerStore::open(&config.store).unwrap();
    if store.counts().unwrap().articles < n {
        let begun = Instant::now();
        for nth in store.counts().unwrap().articles..n {
            store.commit(&change(config, nth)).unwrap();
            if nth % 1_000 == 999 {
                store.sync().unwrap();
                // As a daemon does once an hour, of some 200 articles here.
                store.tend().unwrap();
            }
        }
        println!("made an archive of {n} articles in {} in {:.0} s", dir.display(), begun.elapsed().as_secs_f64());
    }
    let end = at(n, 0);
    let window = end - TimeDelta::days(1)..end;
    let slot = Slot { digest: "daily".to_owned(), at: end };
    let (floor, read) = timed(|| read(&store, &window));
    let making = Making { plan: &config.digest, slot: &slot, window: &window, now: end };
    let (took, (digest, _)) = timed(|| digests::chosen(config, &store, making).unwrap());
    println!(
        "an archive of {n} articles, {read} of them of the day, {} stories, {} alerts",
        digest.totals.stories, digest.totals.alerts
    );
    tell("the daily select", (took, floor), "the reports of the day read once");
}

fn read(store: &dyn Store, window: &Range<Timestamp>) -> usize {
    let mut n = 0;
    store
        .reports(window.clone(), &mut |it| {
            n += usize::from(!hint::black_box(it).article.body.is_empty());
            ControlFlow::Continue(())
        })
        .unwrap();
    n
}

/// When the `n`th article comes, and `days` later.
fn at(n: u64, days: i64) -> Timestamp {
    let step = TimeDelta::days(1) / i32::try_from(A_DAY).unwrap();
    Timestamp::from_timestamp(1_700_000_000, 0).unwrap() + step * i32::try_from(n).unwrap() + TimeDelta::days(days)
}

/// Words as unlike each other as those of news: a few are in every text, most in few.
fn text(seed: u64, words: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut res = String::new();
    for nth in 1..=words {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let rank = if state.is_multiple_of(4) { state >> 8 & 0xff_ffff } else { state >> 8 & 0xff };
        res.push_str(&format!("{rank:x}word"));
        res.push_str(if nth % 20 == 0 { ". " } else { " " });
    }
    res
}

fn report(config: &Config, n: u64, first_seen: Timestamp, may_copy: bool) -> Report {
    let id = |n: u64| ArticleId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let source = SourceId::new(&format!("source-{}", n % 600)).unwrap();
    let article = Article {
        link: CanonicalUrl::parse(&format!("https://source-{}.example/news/{n}", n % 600)),
        language: Some(["en", "ru", "hy", "fa"][usize::try_from(n % 4).unwrap()].to_owned()),
        published: Some(first_seen),
        first_seen,
        method: Method::Readability,
        ..Article::of_text(id(n), source, &text(n, 9), &text(n, 300))
    };
    let assignment = match may_copy && n.is_multiple_of(COPIES) && n > 0 {
        true => Assignment::Copy {
            story: StoryId(id(n - 1)),
            of: id(n - 1),
            level: CopyLevel::Copy,
            why: "the same".to_owned(),
        },
        false => Assignment::New,
    };
    let topic = config.topics.get(usize::try_from(n / TOPICS).unwrap() % config.topics.len()).unwrap();
    let words =
        [20..40, 200..220].map(|span| Evidence { field: Field::Body, span, rule: "word".to_owned(), weight: 2.0 });
    let tag = Tag { topic: topic.id.clone(), score: 4.0, evidence: words.to_vec() };
    let tags = if n.is_multiple_of(TOPICS) || !may_copy { vec![tag] } else { Vec::new() };
    Report { article, assignment, moved: None, tags, possible: Vec::new() }
}

fn change(config: &Config, n: u64) -> Change {
    let report = report(config, n, at(n, 0), true);
    let watches = config.rules.watchlist.names();
    let alert = |n: u64| Alert {
        id: AlertId(n),
        watch: watches.get(usize::try_from(n / ALERTS).unwrap() % watches.len()).unwrap().clone(),
        article: report.article.id,
        story: report.story(),
        hits: vec![Hit {
            term: format!("term {}", n % 7),
            field: Field::Body,
            span: 0..4,
            form: "word".to_owned(),
            sentence: "A sentence with a word in it.".to_owned(),
            closeness: Closeness::Exact,
            score: 1.0,
            ending: None,
            why: "the same".to_owned(),
        }],
        raised: report.article.first_seen,
        kind: AlertKind::Found,
    };
    let alerts = if n.is_multiple_of(ALERTS) { vec![alert(n)] } else { Vec::new() };
    Change::Article(Box::new(Intent {
        fingerprint: Fingerprint::default(),
        regrouping: None,
        alerts,
        outbox: Vec::new(),
        report,
    }))
}
