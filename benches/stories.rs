//! What an article costs in stories, copies and topics at 200 000 stories held: `cargo bench --bench stories`.
//!
//! The texts are made of invented words with the frequencies of a language, since what costs time is how often words
//! meet. The articles measured have 600 words; those held have 150, and the newest 2 000 of them 600 as well. On a crowded day, every article is on
//! one of a few events, of which four at a time are much alike: there the stories near it are grouped anew.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use sitrepd::{
    classify::{self, Topics},
    config::TopicsFile,
    daemon::window::{self, Filling},
    dedup::{
        Settings, placing,
        sketch::Sketch,
        stories::{Held, Stories},
    },
    model::{Article, ArticleId, Assignment, Change, Intent, Report, SourceId, StoryId, Timestamp},
    store::{self, LedgerStore, Store as _},
};

const HELD: u64 = 200_000;
/// What a crowded day is about; each has four events,
const AFFAIRS: u64 = 8;
/// with so many reports.
const REPORTS: u64 = 20;
/// Reports of 600 words that a restart is measured with.
const REFILLED: u64 = 10_000;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(5))
        .sample_size(20)
        .configure_from_args();
    let file: TopicsFile = toml_edit::de::from_str(include_str!("../config/topics.toml")).unwrap();
    let topics = Topics::compile(file.rules().unwrap()).unwrap();
    let mut group = criterion.benchmark_group("stories");
    let settings = Settings { max_held: usize::try_from(HELD).unwrap() + 100_000, ..Settings::default() };
    let mut stories = Stories::new(settings);
    for held in [10_000, HELD] {
        while (stories.len() as u64) < held {
            let seed = stories.len() as u64;
            let words = if seed + 2_000 >= held { 600 } else { 150 };
            add(&mut stories, seed, article(&text(seed, words)));
        }
        let mut seed = 10 * HELD;
        let mut next = || {
            seed += 1;
            article(&text(seed, 600))
        };
        group.bench_function(format!("sketch, story and topics at {held}"), |bencher| {
            bencher.iter_batched(
                &mut next,
                |article| {
                    black_box(classify::tags(&topics, &article));
                    let number = stories.len() as u64;
                    add(&mut stories, number, article);
                },
                BatchSize::SmallInput,
            );
        });
    }
    crowded_day(&mut group, &mut stories, &topics);
    group.finish();
    drop(stories);
    restart(&mut criterion);
    criterion.final_summary();
}

/// What an article costs whose event has many reports, and three other events that share half of its words as many.
fn crowded_day(group: &mut BenchmarkGroup<'_, WallTime>, stories: &mut Stories, topics: &Topics) {
    let mut seed = 20 * HELD;
    let mut next = || {
        seed += 1;
        let (affair, event) = (seed % AFFAIRS, seed % (4 * AFFAIRS));
        article(&text_of(seed, 600, |shared, number| match shared {
            true => 5_000_000 + affair * 40 + number % 40,
            false => 6_000_000 + event * 40 + number % 40,
        }))
    };
    for _ in 0..4 * AFFAIRS * REPORTS {
        let number = stories.len() as u64;
        add(stories, number, next());
    }
    group.bench_function("sketch, story and topics on a crowded day", |bencher| {
        bencher.iter_batched(
            &mut next,
            |article| {
                black_box(classify::tags(topics, &article));
                let number = stories.len() as u64;
                add(stories, number, article);
            },
            BatchSize::SmallInput,
        );
    });
}

/// What a restart costs: the window filled again from a ledger, and what a report takes in memory.
#[expect(clippy::print_stdout, reason = "a figure of the bench")]
fn restart(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = LedgerStore::open(&store::Settings::new(dir.path())).unwrap();
    let mut stories = Stories::default();
    for number in 0..REFILLED {
        let mut article = article(&text(number, 600));
        article.id = ArticleId(number);
        article.first_seen = Timestamp::from_timestamp(i64::try_from(number).unwrap(), 0).unwrap();
        let sketch = Sketch::new(placing::text(&article));
        let placing = placing::place(&stories, &article, &sketch);
        let (id, first_seen, fingerprint) = (article.id, article.first_seen, placing.fingerprint);
        stories.hold(Held { id, story: StoryId(id), first_seen, fingerprint: fingerprint.clone(), sketch });
        let report =
            Report { article, assignment: Assignment::New, moved: None, tags: Vec::new(), possible: Vec::new() };
        let intent = Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() };
        store.commit(&Change::Article(Box::new(intent))).unwrap();
    }
    drop(stories);
    let settings = Settings { max_held: usize::try_from(REFILLED).unwrap(), ..Settings::default() };
    let fill = || window::filled(&store, settings, Timestamp::MAX_UTC, &Filling::default()).unwrap().unwrap();
    let before = resident_bytes();
    let filled = fill();
    println!("{} bytes of memory a report of 600 words", resident_bytes().saturating_sub(before) / REFILLED);
    drop(filled);
    let mut group = criterion.benchmark_group("restart");
    group.sample_size(10).throughput(Throughput::Elements(REFILLED));
    group.bench_function("fill from the ledger", |bencher| bencher.iter_with_large_drop(fill));
    group.finish();
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// As the daemon settles an article, without the store.
fn add(stories: &mut Stories, number: u64, article: Article) {
    let article = Article { id: ArticleId(number), ..article };
    let sketch = Sketch::new(placing::text(&article));
    let placing = black_box(placing::place(stories, &article, &sketch));
    let (id, story) = (article.id, placing.assignment.story(article.id));
    stories.hold(Held { id, story, first_seen: article.first_seen, fingerprint: placing.fingerprint, sketch });
}

/// A text on one of many events: a third of its words belong to the event, the others to the language.
fn text(seed: u64, words: u64) -> String {
    let event = random(seed)() % 100_000;
    text_of(seed, words, |_, number| 60_000 + event * 40 + number % 40)
}

/// The same with words of the event by number, as `event` gives them: of the event alone, or, where asked for those, of what it shares with others.
fn text_of(seed: u64, words: u64, event: impl Fn(bool, u64) -> u64) -> String {
    let mut random = random(seed);
    random();
    let mut res = String::new();
    for n in 0..words {
        let (kind, number) = (random() % 3, random());
        // Squared twice: few words are frequent, most are rare.
        let share = (number % 10_000) * (number % 10_000) / 10_000;
        let word = if kind == 0 { event(number / 64 % 2 == 0, number) } else { share * share / 10_000 * 6 };
        let letters = |mut it: u64| {
            let mut word = String::new();
            while it > 0 || word.len() < 4 {
                word.push(char::from(b'a' + u8::try_from(it % 26).unwrap()));
                it /= 26;
            }
            word
        };
        let word = letters(word);
        let capital = kind == 0 && number % 4 == 0;
        let end = if n % 15 == 14 { ". " } else { " " };
        res += &if capital { word[..1].to_uppercase() + &word[1..] } else { word };
        res += end;
    }
    res
}

/// Numbers that are the same each time.
fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

fn article(body: &str) -> Article {
    let title = body.get(..60).unwrap_or_default();
    let article = Article::of_text(ArticleId(1), SourceId::new("bench").unwrap(), title, body);
    // As it comes from the stage before, which tells the language of a text.
    Article { language: Some("en".to_owned()), ..article }
}
