//! How the store does with many articles: `cargo bench --bench store -- [ARTICLES]`, 50,000 where nothing is said.
//!
//! Commits articles of some 400 words in batches of 64, each made durable with one `fdatasync`, and puts the store in order when
//! 25,600 have come, as a daemon does once an hour: that counts; closes and opens the
//! store; throws the index away and opens it again. Prints articles a second, seconds, processor seconds,
//! the most memory the process had, and what is on the disk. The floor appends the same bytes to a file, in the same batches.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, rounds, and fails by panicking"
)]

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use sitrepd::{
    dedup::{placing, sketch::Sketch, stories::Stories},
    model::{Article, ArticleId, Assignment, CanonicalUrl, Change, Intent, Method, Report, SourceId, Timestamp},
    store::{LedgerStore, Settings, Store as _},
};

const BATCH: u64 = 64;
/// Articles after which the store is put in order.
const TENDED: u64 = 400 * BATCH;

/// Words as unlike each other as those of news: a few are in every text, most in few.
fn text(seed: u64, words: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut res = String::new();
    for _ in 0..words {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let rank = if state.is_multiple_of(4) { state >> 8 & 0xff_ffff } else { state >> 8 & 0xff };
        write!(res, "{rank:x}word ").unwrap();
    }
    res
}

fn change(n: u64, stories: &Stories) -> Change {
    let first_seen = Timestamp::from_timestamp(1_795_305_600 + i64::try_from(n).unwrap() / 10, 0).unwrap();
    let id = ArticleId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let article = Article {
        link: CanonicalUrl::parse(&format!("https://alpha.example/news/{n}")),
        guid: Some(format!("https://alpha.example/?p={n}")),
        guid_is_unique: true,
        language: Some("en".to_owned()),
        published: Some(first_seen),
        first_seen,
        method: Method::Readability,
        ..Article::of_text(id, SourceId::new("alpha-en").unwrap(), &text(n, 8), &text(n, 400))
    };
    let fingerprint = stories.fingerprint(&Sketch::new(placing::text(&article)));
    let report = Report { article, assignment: Assignment::New, moved: None, tags: Vec::new(), possible: Vec::new() };
    Change::Article(Box::new(Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() }))
}

/// Of this process, in seconds, by all its threads.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    // utime and stime, in hundredths (proc(5)).
    fields.iter().skip(11).take(2).map(|it| it.parse::<f64>().unwrap() / 100.0).sum()
}

fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap();
    line.trim().split(' ').next().unwrap().parse::<u64>().unwrap() / 1024
}

fn size_of(dir: &Path) -> u64 {
    let items = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path());
    items.map(|it| if it.is_dir() { size_of(&it) } else { it.metadata().unwrap().len() }).sum()
}

fn main() {
    let count: u64 = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(50_000);
    let dir = std::env::temp_dir().join(format!("sitrepd-bench-{}", std::process::id()));
    let settings = Settings::new(dir.join("store"));
    let (store, _) = LedgerStore::open(&settings).unwrap();
    let stories = Stories::default();
    let (mut seconds, mut cpu) = (0.0, 0.0);
    for first in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
        // What is decided about an article is not the store's work.
        let changes: Vec<Change> = (first..count.min(first + BATCH)).map(|it| change(it, &stories)).collect();
        let (began, used) = (Instant::now(), processor_seconds());
        for it in &changes {
            store.commit(it).unwrap();
        }
        store.sync().unwrap();
        if (first + BATCH).is_multiple_of(TENDED) {
            store.tend().unwrap();
        }
        seconds += began.elapsed().as_secs_f64();
        cpu += processor_seconds() - used;
    }
    println!("{count} articles committed: {:.0} a second, {cpu:.1} processor seconds", count as f64 / seconds);
    drop(store);
    let ledger = size_of(&dir.join("store/ledger"));

    let began = Instant::now();
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    println!("opened again in {:.2} s: {opened}", began.elapsed().as_secs_f64());
    drop(store);
    let of_index = |it: &PathBuf| it.is_dir() && !it.ends_with("ledger");
    let items = fs::read_dir(dir.join("store")).unwrap().map(|it| it.unwrap().path());
    let indexes: Vec<_> = items.filter(of_index).collect();
    let index = indexes.iter().map(|it| size_of(it)).sum::<u64>();
    println!("on the disk, an article: ledger {} bytes, index {}", ledger / count, index / count);

    for it in &indexes {
        fs::remove_dir_all(it).unwrap();
    }
    let (began, cpu) = (Instant::now(), processor_seconds());
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    let cpu = processor_seconds() - cpu;
    println!("index rebuilt in {:.1} s, {cpu:.1} processor seconds: {opened}", began.elapsed().as_secs_f64());
    assert_eq!(store.counts().unwrap().articles, count);
    drop(store);
    println!("memory at most: {} MB", peak_megabytes());

    let batch = vec![7; usize::try_from(ledger / count.div_ceil(BATCH)).unwrap()];
    let mut file = File::create(dir.join("floor")).unwrap();
    let began = Instant::now();
    for _ in 0..count.div_ceil(BATCH) {
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
    }
    let floor = began.elapsed().as_secs_f64();
    println!(
        "floor, the same bytes appended and synced: {:.0} a second; the store takes {:.1} times as long",
        count as f64 / floor,
        seconds / floor
    );
    fs::remove_dir_all(dir).unwrap();
}
