//! Half a year in minutes: the real settler, store, digests and delivery under a clock that runs ahead.
//!
//!     half_year [--days 180] [--per-day 10000] [--keep 0s] [--crashes 20] [--compact 0] [--dir DIR] [--from N]
//!
//! 600 sources bring 10,000 articles a day: news of their own, copies, and reports of one event in other words. Every source is
//! recorded as polled four times a day. The digest is due at 02:30 in a zone with summer time, an hour that is not there on one
//! day and there twice on another. Alerts and digests go to files. The process that does it all is killed (SIGKILL) as often
//! as is said and goes on after what it had acknowledged. Five times the receiver is away for hours or days, and twice the clock is set
//! back by an hour and a half. At the end nothing may be missing, nothing may be there twice, and the articles may not be few
//! stories: eight in ten are of an event of their own. Prints JSON lines. One that was stopped goes on in its DIR from the last article that it had acknowledged.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a program for one test: it prints, rounds, and fails by panicking"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sitrepd::{
    config::{Config, Origin},
    daemon::{Context, digests, outbox, settle::Settler},
    fetch::Client,
    model::{Article, ArticleId, CanonicalUrl, Change, Condition, Health, SourceId, SourceState, Timestamp, Wishes},
    store::{LedgerReader, LedgerStore, Settings, Store as _},
};

/// As the program has it: what is measured here is memory.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SOURCES: u64 = 600;
const POLLS_A_DAY: u64 = 4;
/// Days on which the receiver goes away, and for how many hours.
const OUTAGES: [(i64, i64); 5] = [(1, 5), (40, 30), (77, 12), (110, 48), (150, 9)];
/// Days on which the clock is set back for three hours.
const SET_BACK: [i64; 2] = [2, 90];

/// Microseconds since 1970.
static NOW: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    DateTime::from_timestamp_micros(NOW.load(Ordering::Relaxed)).unwrap()
}

#[derive(Clone)]
struct Plan {
    dir: PathBuf,
    days: u64,
    per_day: u64,
    keep: String,
    crashes: u64,
    compact: i64,
    start: Timestamp,
    /// How many articles are there already.
    from: u64,
}

impl Plan {
    fn read() -> Self {
        let mut res = Self {
            dir: env::temp_dir().join(format!("half-year-{}", std::process::id())),
            days: 180,
            per_day: 10_000,
            keep: "0s".to_owned(),
            crashes: 20,
            compact: 0,
            start: "2026-10-15T00:00:00Z".parse().unwrap(),
            from: 0,
        };
        let mut arguments = env::args().skip(1).filter(|it| it != "child");
        while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
            match name.as_str() {
                "--dir" => res.dir = value.into(),
                "--days" => res.days = value.parse().unwrap(),
                "--per-day" => res.per_day = value.parse().unwrap(),
                "--keep" => res.keep = value,
                "--crashes" => res.crashes = value.parse().unwrap(),
                "--compact" => res.compact = value.parse().unwrap(),
                "--start" => res.start = value.parse().unwrap(),
                "--from" => res.from = value.parse().unwrap(),
                other => panic!("{other} is no option"),
            }
        }
        res
    }

    fn total(&self) -> u64 {
        self.days * self.per_day
    }

    /// Articles between two looks at the outbox and at the digest's schedule.
    fn step(&self) -> u64 {
        (self.per_day / 40).clamp(1, 250)
    }

    /// When article `n` comes, by a clock that nobody sets.
    fn at(&self, n: u64) -> Timestamp {
        self.start + TimeDelta::microseconds((n * 86_400_000_000 / self.per_day) as i64)
    }

    fn day(&self, at: Timestamp) -> i64 {
        (at - self.start).num_days()
    }

    fn config(&self) -> Config {
        let set = |key: &str, value: &str| (format!("SITREPD__{key}"), value.to_owned());
        let env = vec![
            set("DIGEST__SCHEDULE", "30 2 * * *"),
            set("DIGEST__ZONE", "Europe/Brussels"),
            set("FILES__DIRECTORY", self.out().to_str().unwrap()),
            set("DAEMON__CONTACT", "test"),
            set("DAEMON__DOMAIN", "desk.example"),
            set("STORE__KEEP", &self.keep),
        ];
        // What is set otherwise, to see what takes how much.
        let env = env.into_iter().chain(env::vars().filter(|it| it.0.starts_with("SITREPD__"))).collect();
        let origin = Origin { dir: Some(self.dir.join("config")), state_dir: Some(self.dir.join("state")), env };
        Config::load(&origin).unwrap()
    }

    fn out(&self) -> PathBuf {
        self.dir.join("out")
    }
}

fn main() {
    let plan = Plan::read();
    if env::args().any(|it| it == "child") {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(&plan, plan.from));
    } else {
        oversee(&plan);
    }
}

/// Starts the process that lives through the half year, and kills it now and then.
fn oversee(plan: &Plan) {
    let began = Instant::now();
    write_config(plan);
    let mut done = plan.from;
    let mut rss = Vec::new();
    let mut opened = 0.0_f64;
    // Each falls on another hour of the day.
    let crash_at = |n: u64| (n < plan.crashes).then(|| plan.total() * (n + 1) / (plan.crashes + 1) + n * 97);
    let mut crashes = (0..plan.crashes).filter_map(crash_at).filter(|it| *it <= done).count() as u64;
    while done < plan.total() {
        let mut child = Command::new(env::current_exe().unwrap())
            .arg("child")
            .args(env::args().skip(1))
            .args(["--dir", plan.dir.to_str().unwrap(), "--from", &done.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let kill_at = crash_at(crashes);
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let it: Value = serde_json::from_str(&line).unwrap();
            if let Some(n) = it["acknowledged"].as_u64() {
                done = n;
                if kill_at.is_some_and(|it| n >= it) {
                    child.kill().unwrap();
                    crashes += 1;
                    break;
                }
            } else {
                if let Some(it) = it["rss_mb"].as_f64() {
                    rss.push(it);
                }
                opened = opened.max(it["opened_s"].as_f64().unwrap_or(0.0));
                println!("{line}");
            }
        }
        let status = child.wait().unwrap();
        assert!(status.success() || kill_at.is_some_and(|it| done >= it), "the process ended by itself: {status}");
    }
    let found = summary(plan, crashes, &rss);
    println!(
        "{}",
        json!({ "minutes": began.elapsed().as_secs_f64() / 60.0, "longest_opening_s": opened, "end": found })
    );
    if !env::args().any(|it| it == "--dir") {
        fs::remove_dir_all(&plan.dir).unwrap();
    }
}

fn write_config(plan: &Plan) {
    let config = plan.dir.join("config");
    fs::create_dir_all(&config).unwrap();
    let block = |n: u64| {
        format!(
            "[[source]]\nid = \"{0}\"\nname = \"Source {n}\"\nurl = \"https://{0}.example/feed\"\nkind = \"syndication\"\n\n",
            source(n)
        )
    };
    fs::write(config.join("sources.toml"), (0..SOURCES).map(block).collect::<String>()).unwrap();
    let watch = |it: &str| format!("[[watch]]\nname = \"{it}\"\nquery = \"{it}\"\n\n");
    fs::write(config.join("watches.toml"), ["Vinnikov", "Qorvas", "Zelmira"].map(watch).concat()).unwrap();
}

fn source(n: u64) -> SourceId {
    SourceId::new(&format!("source-{n:03}")).unwrap()
}

/// A generator of numbers that gives the same for the same seed on every machine.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// A word of a language that is not there, common ones short.
fn word(rank: u64) -> String {
    const A: [&str; 14] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"];
    const B: [&str; 5] = ["a", "e", "i", "o", "u"];
    let mut dice = Dice::new(rank + 1);
    let syllables = if rank < 200 { 1 + rank % 2 } else { 2 + dice.roll(3) };
    (0..syllables).map(|_| [A[dice.roll(14) as usize], B[dice.roll(5) as usize]].concat()).collect()
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn sentence(dice: &mut Dice, names: &[String]) -> String {
    let mut words: Vec<String> = (0..9 + dice.roll(14))
        // Half of all words are some hundred common ones.
        .map(|_| if dice.roll(2) == 0 { word(dice.roll(300)) } else { word(300 + dice.roll(40_000)) })
        .collect();
    words[0] = capital(&words[0]);
    if dice.roll(2) == 0 {
        let at = 1 + dice.roll(words.len() as u64 - 1) as usize;
        words.insert(at, names[dice.roll(names.len() as u64) as usize].clone());
    }
    words.join(" ") + "."
}

/// Title and body of article `n`: one in ten a copy of one of the last 500, one in ten another report of its event.
fn text(n: u64) -> (String, String) {
    let kind = n % 10;
    let mut dice = Dice::new(n ^ 0x5eed);
    let origin = if kind < 2 && n > 600 { (n - 1 - dice.roll(500)) / 10 * 10 + 2 + dice.roll(8) } else { n };
    let mut event = Dice::new(origin ^ 0xe7e7);
    let mut names: Vec<String> = (0..5).map(|_| capital(&word(50_000 + event.roll(400_000)))).collect();
    // Some forty a day.
    if origin % 233 == 7 {
        names.push(["Vinnikov", "Qorvas", "Zelmira"][event.roll(3) as usize].to_owned());
    }
    let mut own = Dice::new(if kind == 0 { origin } else { n } ^ 0x7e47);
    let title =
        format!("{} {} {}", names[0], sentence(&mut own, &names).to_lowercase().trim_end_matches('.'), names[1]);
    let mut body = String::new();
    for k in 0..14 + own.roll(10) {
        let is_shared = kind == 1 && k % 3 == 0;
        let line = if is_shared { sentence(&mut event, &names) } else { sentence(&mut own, &names) };
        body += &line;
        body.push(if k % 4 == 3 { '\n' } else { ' ' });
    }
    if names.len() > 5 {
        body = [&body, names[5].as_str(), " was there."].concat();
    }
    (title, body)
}

fn article(plan: &Plan, n: u64) -> Article {
    let (title, body) = text(n);
    let source = source(n % SOURCES);
    Article {
        link: CanonicalUrl::parse(&format!("https://{source}.example/{n}")),
        language: Some("en".to_owned()),
        published: Some(plan.at(n)),
        ..Article::of_text(ArticleId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)), source, &title, &body)
    }
}

fn polled(n: u64) -> Change {
    let now = clock();
    Change::Polled(Box::new(SourceState {
        source: source(n),
        url: format!("https://{}.example/feed", source(n)),
        moved: None,
        documents: Vec::new(),
        read_as: [0; 8],
        older: None,
        polled: now,
        succeeded: Some(now),
        brought_new: Some(now),
        newest: None,
        pace: Some(Duration::from_secs(5_000)),
        took: None,
        wishes: Wishes::default(),
        failures: 0,
        polls: 1,
        entries: 20,
        problem: None,
        same_guid: false,
        due: now + TimeDelta::hours(6),
        health: Health { condition: Condition::Fine, reason: String::new(), since: now },
    }))
}

/// What the clock shows when it is `at`.
fn show(plan: &Plan, at: Timestamp) {
    let is_set_back = SET_BACK.contains(&plan.day(at)) && (at - plan.start).num_hours() % 24 < 3;
    let shown = if is_set_back { at - TimeDelta::minutes(90) } else { at };
    NOW.store(shown.timestamp_micros(), Ordering::Relaxed);
}

/// Takes the receiver away or gives it back.
fn receive(plan: &Plan, at: Timestamp) {
    let is_away = OUTAGES.iter().any(|(day, hours)| {
        let from = plan.start + TimeDelta::days(*day);
        (from..from + TimeDelta::hours(*hours)).contains(&at)
    });
    let (out, away) = (plan.out(), plan.dir.join("out.away"));
    if is_away && out.is_dir() {
        fs::rename(&out, &away).unwrap();
    }
    // No directory can be made where a file is.
    if is_away && !out.exists() {
        fs::write(&out, "away").unwrap();
    }
    if !is_away && out.is_file() {
        fs::remove_file(&out).unwrap();
    }
    if !is_away && away.exists() {
        fs::rename(&away, &out).unwrap();
    }
}

/// Goes on from article `from` until the end, or until it is killed.
async fn live(plan: &Plan, from: u64) {
    show(plan, plan.at(from));
    let config = Arc::new(plan.config());
    let began = Instant::now();
    let settings = Settings { clock, ..config.store.clone() };
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert!(!opened.is_loss(), "{opened}");
    say(
        &json!({ "from": from, "opened_s": began.elapsed().as_secs_f64(), "replayed": opened.replayed, "rebuilt": opened.rebuilt }),
    );
    let store = Arc::new(store);
    let client = Client::new(config.fetch.clone()).unwrap();
    let mut floor = store.last_issue(&config.digest.name).unwrap().map_or(Timestamp::UNIX_EPOCH, |it| it.1);
    store
        .reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
            floor = floor.max(it.article.first_seen);
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    let (settler, settling) = Settler::start(store.clone(), Arc::new(clock), floor).unwrap();
    let ctx = Context::new(Arc::clone(&config), store.clone(), settler, client, Arc::new(clock));
    ctx.settler.fill(Arc::clone(&config.rules)).await.unwrap();
    let mut tending = None::<std::thread::JoinHandle<()>>;
    // Texts are made while others are settled.
    let (sender, made) = std::sync::mpsc::sync_channel::<Vec<Article>>(2);
    let writer = plan.clone();
    std::thread::spawn(move || {
        let step = |it: u64| (it..(it + writer.step()).min(writer.total())).map(|n| article(&writer, n)).collect();
        (from..writer.total()).step_by(writer.step() as usize).map(step).all(|it| sender.send(it).is_ok())
    });
    let mut next = from;
    while next < plan.total() {
        let end = (next + plan.step()).min(plan.total());
        let at = plan.at(end);
        show(plan, at);
        receive(plan, at);
        let new = made.recv().unwrap().into_iter().map(|it| Article { first_seen: at, ..it });
        for settled in join_all(new.map(|it| ctx.settler.article(it, Arc::clone(&config.rules)))).await {
            settled.unwrap();
        }
        let polls = SOURCES * POLLS_A_DAY;
        let states = next * polls / plan.per_day..end * polls / plan.per_day;
        for done in join_all(states.map(|n| ctx.settler.commit(polled(n % SOURCES)))).await {
            done.unwrap();
        }
        if let Some(slot) = digests::due(&ctx, &config.digest, digests::Run::since(plan.start)).await.unwrap() {
            digests::issue(&ctx, slot).await.unwrap();
        }
        outbox::round(&ctx).await.unwrap();
        if plan.day(at) != plan.day(plan.at(next)) {
            // As the daemon does it, each day instead of each hour.
            if let Some(it) = tending.take() {
                it.join().unwrap();
            }
            let store_to_tend = Arc::clone(&store);
            let is_asked = plan.compact > 0 && plan.day(at) % plan.compact == 0;
            let tend = move || if is_asked { store_to_tend.compact() } else { store_to_tend.tend() };
            tending = Some(std::thread::spawn(move || {
                let tended = tend().unwrap();
                assert!(!tended.is_loss(), "{tended}");
            }));
            let held = store.counts().unwrap();
            say(
                &json!({ "day": plan.day(at), "rss_mb": memory("VmRSS:"), "articles": held.articles, "stories": held.stories,
                "alerts": held.alerts, "waiting": held.pending, "disk_mb": held.bytes >> 20, "seconds": began.elapsed().as_secs() }),
            );
        }
        next = end;
        say(&json!({ "acknowledged": next }));
    }
    // What waits for its time is sent.
    for minutes in (0..6 * 60).step_by(5) {
        show(plan, plan.at(next) + TimeDelta::minutes(minutes));
        outbox::round(&ctx).await.unwrap();
    }
    if let Some(it) = tending {
        it.join().unwrap();
    }
    say(&json!({ "peak_rss_since_start_mb": memory("VmHWM:") }));
    drop(ctx);
    settling.join().unwrap();
}

fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

/// In MB.
fn memory(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix(what)).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

/// What is there at the end, and whether it is what must be.
fn summary(plan: &Plan, crashes: u64, rss: &[f64]) -> Value {
    show(plan, plan.at(plan.total()));
    let settings = Settings { clock, ..plan.config().store };
    let verified = LedgerReader::open(&settings).unwrap().verify().unwrap();
    assert!(verified.damage.is_empty() && verified.missing == 0 && verified.first_break.is_none(), "{verified:?}");
    let (store, opened) = LedgerStore::open(&settings).unwrap();
    assert!(!opened.is_loss(), "{opened}");
    let counts = store.counts().unwrap();
    let mut logical = 0;
    store
        .reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
            let it = it.article;
            logical +=
                (it.body.len() + it.title.len() + it.feed_title.len() + it.link.map_or(0, |it| it.as_str().len()))
                    as u64;
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let files: Vec<String> =
        fs::read_dir(plan.out()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    let digests: BTreeSet<_> = files.iter().filter(|it| it.starts_with("daily-") && it.ends_with(".json")).collect();
    let is_kept_whole = plan.keep == "0s";
    if is_kept_whole {
        let mut expected = BTreeSet::new();
        store
            .alerts(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
                expected.insert(it.id.to_string());
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        let told = expected.iter().filter(|id| files.iter().any(|it| it.contains(id.as_str()))).count();
        assert_eq!(told, expected.len(), "each alert is a file");
        assert_eq!(counts.articles, plan.total(), "no article is lost");
    }
    assert_eq!((counts.pending, counts.parked), (0, 0), "nothing waits");
    assert_eq!(digests.len() as u64, plan.days, "one digest a day: {digests:?}");
    assert_eq!(crashes, plan.crashes);
    let disk = size(&plan.dir.join("state"));
    let ratio = disk as f64 / logical as f64;
    // An empty index takes a megabyte.
    assert!(ratio <= 2.0 || logical < 20 << 20, "{disk} bytes on the disk for {logical}");
    // At no other moment is it measured but by each process, of itself, at its end.
    let highest = rss.iter().copied().fold(0.0, f64::max);
    let part = |from: usize, to: usize| {
        rss[from.min(rss.len() - 1)..to.min(rss.len()).max(from.min(rss.len() - 1) + 1)]
            .iter()
            .copied()
            .fold(0.0, f64::max)
    };
    let (early, late) = (part(rss.len() / 6, rss.len() / 3), part(rss.len() * 5 / 6, rss.len()));
    if rss.len() > 30 {
        assert!(highest < 400.0, "{highest} MB at the end of a day");
        assert!(late < early * 1.2 + 20.0, "memory grows: {early} MB, then {late} MB");
    }
    // Where all of a day goes into one story, what comes next is told to nobody.
    assert!(counts.stories * 10 > counts.articles * 7, "{} stories of {} articles", counts.stories, counts.articles);
    json!({ "articles": counts.articles, "stories": counts.stories, "alerts": counts.alerts, "digests": digests.len(),
        "crashes": crashes, "highest_rss_at_end_of_day_mb": highest, "early_mb": early, "late_mb": late, "logical_mb": logical >> 20,
        "disk_mb": disk >> 20, "ratio": ratio, "given_up": verified.given_up.map(|it| it.to_string()) })
}

fn size(path: &Path) -> u64 {
    if !path.is_dir() {
        return fs::metadata(path).map_or(0, |it| it.len());
    }
    fs::read_dir(path).unwrap().map(|it| size(&it.unwrap().path())).sum()
}
