//! The daemon as a process: signals, exit codes, and other processes beside it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Once},
    time::{Duration, Instant},
};

use sitrepd::{
    daemon::{
        demo_site,
        service::{self, Reload, Signals},
        settle::SettleError,
    },
    model::{Assignment, Change, Condition, Fingerprint, Intent, Report, SourceId, SourceState},
    store::{LedgerReader, LedgerStore, MemoryStore, Opened, Store},
};
use tokio::{
    net::{TcpListener, UnixDatagram},
    time::timeout,
};

use crate::{
    restart::article,
    support::{
        daemon::{Home, START},
        hooked::Hooked,
        sample::SampleSite,
        site::{Item, Site, page, prose},
        smtp::{Act, Moment, SmtpServer},
    },
};

/// An article as it is first held.
fn report(n: u32) -> Intent {
    let article = sitrepd::model::Article { first_seen: START.parse().unwrap(), ..article(n) };
    let report = Report { article, assignment: Assignment::New, moved: None, tags: Vec::new(), possible: Vec::new() };
    Intent { report, fingerprint: Fingerprint(Vec::new()), regrouping: None, alerts: Vec::new(), outbox: Vec::new() }
}

/// What another process is to do, it does within this time.
const DEADLINE: Duration = Duration::from_secs(30);
/// A service manager kills what has not stopped by then.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// `sitrepd` with this home.
fn sitrepd(home: &Home, arguments: &[&str]) -> Command {
    let mut res = Command::new(env!("CARGO_BIN_EXE_sitrepd"));
    res.env_clear().envs(std::env::var("PATH").map(|it| ("PATH", it)));
    res.envs(home.settings().iter().cloned());
    res.arg("--config-dir").arg(home.config_dir()).arg("--state-dir").arg(home.state_dir()).args(arguments);
    res
}

/// A command that ends by itself.
async fn run(home: &Home, arguments: &[&str]) -> Output {
    let mut command = sitrepd(home, arguments);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until there is something to be found.
async fn until<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < end, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `sitrepd run`, killed when dropped.
struct Service<'a> {
    home: &'a Home,
    child: Child,
}

impl<'a> Service<'a> {
    fn start(home: &'a Home) -> Self {
        Self::start_with(home, |it| it)
    }

    /// With other variables of the environment.
    fn start_with(home: &'a Home, change: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let log = File::create(home.dir().join("log")).unwrap();
        let mut command = sitrepd(home, &["run"]);
        let command = change(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Self { home, child: command.spawn().unwrap() }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.dir().join("log")).unwrap()
    }

    /// Waits for a line of the log that has this in it.
    async fn logs(&self, text: &str) {
        until(&format!("{text:?} in the log"), || self.log().contains(text).then_some(())).await;
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "{status}");
    }

    /// What it has written, read beside it.
    fn held(&self) -> Option<MemoryStore> {
        LedgerReader::open(&self.home.config().store).ok()?.into_memory().ok()
    }

    /// Waits until a source has been polled, and it is so.
    async fn polled(&self, source: &str, so: impl Fn(&SourceState) -> bool) -> SourceState {
        let id = SourceId::new(source).unwrap();
        until(&format!("{source} is polled"), || self.held()?.source_state(&id).unwrap().filter(&so)).await
    }

    /// Tells it to stop and waits until it has.
    async fn stop(self) -> ExitStatus {
        self.stop_by("TERM").await
    }

    /// The same by another signal.
    async fn stop_by(mut self, signal: &str) -> ExitStatus {
        let began = Instant::now();
        self.signal(signal);
        let status = until("the end of the process", || self.child.try_wait().unwrap()).await;
        assert!(began.elapsed() < STOP_DEADLINE, "took {:?} to stop", began.elapsed());
        status
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Opens the store after its process has ended: nothing was torn, lost or made anew.
#[track_caller]
fn check_clean(home: &Home) -> LedgerStore {
    let (store, opened) = LedgerStore::open(&home.config().store).unwrap();
    assert_eq!(opened, Opened::default());
    store
}

/// Whether a record of the log, in JSON, has this message.
fn says(record: &str, message: &str) -> bool {
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    record["fields"]["message"] == message
}

#[tokio::test]
async fn a_day_in_the_life() {
    let site = SampleSite::start().await;
    let mut home = Home::new(&[site.address().to_owned()]);
    home.write("sources.toml", &demo_site::sources(&site.base));
    home.write("sites/demo.toml", demo_site::RECIPE);
    home.remove("topics.toml");
    home.remove("watches.toml");
    home.set("LOG__FORMAT", "json");
    let service = Service::start(&home);
    for source in ["caspian-wire", "mtkvari-observer", "black-sea-ledger", "south-mesh"] {
        service.polled(source, |it| it.health.condition == Condition::Fine).await;
    }
    let counts = service.held().unwrap().counts().unwrap();
    assert_eq!((counts.articles, counts.stories), (11, 10));
    until("every alert is delivered", || (service.held()?.counts().unwrap().pending == 0).then_some(())).await;
    let delivered = fs::read_dir(home.state_dir().join("out")).unwrap().count();
    let sent = service.log().lines().filter(|it| says(it, "sent")).count();
    assert_eq!(delivered, 2 * sent, "a text and a JSON file for each");

    // Beside it, others may read.
    let search = run(&home, &["search", "customs", "train"]).await;
    let found = String::from_utf8_lossy(&search.stdout).into_owned();
    assert!(search.status.success() && found.contains("Test train links"), "{found} {}", stderr(&search));
    let alerts = run(&home, &["--json", "alerts"]).await;
    let records: Vec<serde_json::Value> =
        String::from_utf8_lossy(&alerts.stdout).lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!((alerts.status.code(), records.len() as u64), (Some(0), counts.alerts), "{}", stderr(&alerts));
    let articles: BTreeSet<_> = records.iter().map(|it| it["article"].as_str().unwrap()).collect();
    assert_eq!(sent, articles.len(), "all that is found in one article is one message: {}", service.log());
    // And nobody may write.
    for arguments in [&["run"][..], &["poll"]] {
        let second = run(&home, arguments).await;
        assert_eq!(second.status.code(), Some(75), "{arguments:?}: {}", stderr(&second));
        let expected = format!("the archive in {} is in use by another sitrepd", home.state_dir().display());
        assert!(stderr(&second).contains(&expected), "{arguments:?}: {}", stderr(&second));
    }

    assert_eq!(service.stop().await.code(), Some(0));
    let store = check_clean(&home);
    assert_eq!(store.counts().unwrap().articles, 11);
}

#[tokio::test]
async fn reloads() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    site.feed("/one", &[Item::new("One", &site.url("/p1"), "In brief.")]);
    site.feed("/two", &[Item::new("Two", &site.url("/p2"), "In brief.")]);
    site.page("/p1", page("One", &prose(1)));
    site.page("/p2", page("Two", &prose(2)));
    let (one, two, wrong) = (site.url("/one"), site.url("/two"), site.url("/wrong"));
    home.sources(&[("one", one.as_str()), ("mistyped", wrong.as_str())]);
    let service = Service::start(&home);
    service.polled("one", |it| it.health.condition == Condition::Fine).await;
    let failing = service.polled("mistyped", |it| it.failures == 1).await;

    // What cannot be read changes nothing.
    home.write("sources.toml", "[[source]]\nid = \"one\"\nnam = \"One\"\n");
    service.signal("HUP");
    service.logs("was not reloaded").await;
    assert!(service.log().contains("sources.toml line 3"), "{}", service.log());
    assert!(!service.log().contains('\x1b'), "colours belong on a terminal: {:?}", service.log());

    // Nor does a file that is gone: the built-in one would take its place.
    let sources = home.config_dir().join("sources.toml");
    fs::rename(&sources, home.config_dir().join("aside")).unwrap();
    service.signal("HUP");
    service.logs("sources.toml is gone").await;

    // A new source is polled at once, and so is one whose address was corrected.
    home.sources(&[("one", one.as_str()), ("two", two.as_str()), ("mistyped", two.as_str())]);
    service.signal("HUP");
    service.polled("two", |it| it.health.condition == Condition::Fine).await;
    let mended = service.polled("mistyped", |it| it.health.condition == Condition::Fine).await;
    assert!(mended.polled < failing.due);
    assert_eq!((site.count("/one"), site.count("/p1"), site.count("/p2")), (1, 1, 1));

    assert_eq!(service.stop().await.code(), Some(0));
    assert_eq!(check_clean(&home).counts().unwrap().articles, 2);
}

#[tokio::test]
async fn polls_before_the_time_when_a_signal_asks() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    site.feed("/one", &[]);
    site.put("/closed", 403, &[], "no");
    let (one, closed) = (site.url("/one"), site.url("/closed"));
    home.sources(&[("one", one.as_str()), ("closed", closed.as_str())]);
    let service = Service::start(&home);
    service.polled("closed", |it| it.failures == 1).await;
    let mut last = service.polled("one", |_| true).await;
    for n in 1..=3 {
        let item = Item::new(&format!("News {n}"), &site.url(&format!("/p{n}")), "In brief.");
        site.feed("/one", &[item]);
        site.page(&format!("/p{n}"), page(&format!("News {n}"), &prose(n)));
        assert!(last.due > last.polled + chrono::TimeDelta::minutes(4), "it was not due for long");
        service.signal("USR1");
        last = service.polled("one", |it| it.polled > last.polled).await;
    }
    assert_eq!(service.held().unwrap().counts().unwrap().articles, 3);
    assert_eq!((site.count("/one"), site.count("/closed")), (4, 1), "who turned it away is left alone");

    // What asks for nothing does not end it; what ends other programs at once ends it as SIGTERM does.
    service.signal("USR2");
    service.logs("SIGUSR2 asks for nothing").await;
    assert_eq!(service.stop_by("QUIT").await.code(), Some(0));
    check_clean(&home);
}

/// What systemd is told next, a line each.
async fn told(socket: &UnixDatagram) -> Vec<String> {
    let mut bytes = [0; 4096];
    let n = timeout(DEADLINE, socket.recv(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8(bytes[..n].to_vec()).unwrap().lines().map(str::to_owned).collect()
}

/// All that it is told until this is among it.
async fn told_until(socket: &UnixDatagram, all: &[&str]) -> Vec<String> {
    let mut res = Vec::new();
    while !all.iter().all(|it| res.iter().any(|told| told == it)) {
        res.extend(told(socket).await);
    }
    res
}

#[tokio::test]
async fn systemd_is_told_what_it_does() {
    let home = Home::new(&[]);
    let path = home.dir().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    home.write("sitrepd.toml", "[store]\nmin_free_bytes = 9000000000000000000\n");
    let service =
        Service::start_with(&home, |it| it.env("NOTIFY_SOCKET", &path).env_remove("SITREPD__STORE__MIN_FREE_BYTES"));
    let start = told_until(&socket, &["READY=1", "STATUS=waiting for room on the disk"]).await;
    assert!(start.len() == 4 && !start.contains(&"STATUS=polling".to_owned()), "{start:?}");

    home.write("sitrepd.toml", "[store]\nmin_free_bytes = 0\n");
    service.signal("HUP");
    let reload = told_until(&socket, &["READY=1", "STATUS=polling"]).await;
    let [first, time, ..] = reload.as_slice() else { panic!("{reload:?}") };
    let time = time.strip_prefix("MONOTONIC_USEC=").and_then(|it| it.parse::<u64>().ok());
    assert!(first == "RELOADING=1" && time.is_some_and(|it| it > 0) && reload.len() == 4, "{reload:?}");

    // One that fails ends too.
    home.write("sitrepd.toml", "[stores]\n");
    service.signal("HUP");
    let reload = told_until(&socket, &["READY=1"]).await;
    assert!(reload.len() == 3 && reload[0] == "RELOADING=1", "{reload:?}");
    assert!(service.stop().await.success());
    assert_eq!(told(&socket).await, ["STOPPING=1"]);
}

#[tokio::test]
async fn a_health_check_says_whether_the_daemon_is_alive_and_polls() {
    let home = Home::new(&[]);
    let check = async || {
        let output = run(&home, &["healthcheck"]).await;
        (output.status.code(), stderr(&output))
    };
    let absent = (Some(69), "no daemon runs, or it is still starting".to_owned());
    let is = |found: &(Option<i32>, String), expected: &(Option<i32>, String)| {
        assert!(found.0 == expected.0 && found.1.contains(&expected.1), "{found:?}, not {expected:?}");
    };
    is(&check().await, &absent);
    let service = Service::start(&home);
    let alive = home.state_dir().join("alive");
    until("a sign of life", || alive.exists().then_some(())).await;
    is(&check().await, &(Some(0), "the daemon is alive and polls".to_owned()));
    // A mistake in what may be reloaded is no illness.
    home.write("watches.toml", "[[watches]]\n");
    is(&check().await, &(Some(0), String::new()));
    home.write("watches.toml", "");
    // Messages that were given up are told, and are no reason to restart the daemon.
    fs::write(&alive, format!("{} polling 2\n", chrono::Utc::now().timestamp())).unwrap();
    let told = "2 messages were given up in the last 24 hours; sitrepd outbox list --parked".to_owned();
    is(&check().await, &(Some(0), told.clone()));
    let strict = run(&home, &["--json", "healthcheck", "--fail-on-given-up"]).await;
    is(&(strict.status.code(), stderr(&strict)), &(Some(69), told));
    let record: serde_json::Value = serde_json::from_slice(&strict.stdout).unwrap();
    assert_eq!((&record["alive"], &record["given_up"]), (&true.into(), &2.into()), "{record}");
    service.signal("KILL");
    fs::write(&alive, "1795305600 polling\n").unwrap();
    is(&check().await, &(Some(69), "the daemon was last heard from".to_owned()));
    drop(service);
    let service = Service::start_with(&home, |it| it.env("SITREPD__STORE__MIN_FREE_BYTES", "9000000000000000000"));
    service.logs("too little room on the disk").await;
    let waits = || fs::read_to_string(&alive).is_ok_and(|it| it.ends_with("waiting\n"));
    until("a sign that it waits", || waits().then_some(())).await;
    is(&check().await, &(Some(69), "it waits for room on the disk".to_owned()));
    assert!(service.stop().await.success());
    is(&check().await, &absent);
}

#[tokio::test]
async fn the_log_has_no_mail_addresses() {
    let refused = "550 5.1.1 <reader@reader.example>: no such reader";
    let server = SmtpServer::start(&[Act::Reply(Moment::Recipient, refused), Act::Accept]);
    let site = Site::start().await;
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.mail_by(server.address.port());
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    home.set("LOG__LEVEL", "trace");
    // Whether they are one story or two, each has an alert.
    let watch = |name: &str| format!("[[watch]]\nname = \"{name}\"\nterms = [\"{name}\"]\n");
    home.write("watches.toml", &["Vinnikov", "Kraskin"].map(watch).concat());
    let item = |name: &str| Item::new(&format!("{name} speaks"), &site.url(&format!("/{name}")), "In brief.");
    site.feed("/feed", &["Vinnikov", "Kraskin"].map(item));
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let service = Service::start(&home);
    service.logs("given up").await;
    service.logs("sent id=").await;
    let waiting = run(&home, &["outbox", "list"]).await;
    let shown = String::from_utf8_lossy(&waiting.stdout).into_owned();
    assert!(shown.contains("mail:reader@reader.example"), "{shown}");
    // A configuration that quotes one.
    home.write(
        "watches.toml",
        "[[watch]]\nname = \"a\"\nquery = \"NATO\"\nchannels = [\"mail:other@reader.example\"]\n",
    );
    service.signal("HUP");
    service.logs("was not reloaded").await;
    let log = service.log();
    assert!(log.contains("-mail:r…@reader.example") && log.contains("channel=\"mail:r…@reader.example\""), "{log}");
    assert!(!log.contains("reader@reader") && !log.contains("other@reader"), "{log}");
    assert_eq!(service.stop().await.code(), Some(0));
}

#[tokio::test]
async fn an_accepted_spelling_is_taken_up_with_a_reload() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.write("watches.toml", "[[watch]]\nname = \"Far\"\nquery = \"Marlinof\"\n");
    site.feed("/one", &[Item::new("Marlinov speaks", &site.url("/p1"), "In brief.")]);
    site.feed("/two", &[Item::new("A lamp for the harbour", &site.url("/p2"), "In brief.")]);
    site.page("/p1", page("Marlinov speaks", &prose(1)));
    let lamp = [prose(2), vec!["The lamp was lit by Marlinov himself.".to_owned()]].concat();
    site.page("/p2", page("A lamp for the harbour", &lamp));
    let (one, two) = (site.url("/one"), site.url("/two"));
    home.sources(&[("one", one.as_str())]);
    let service = Service::start(&home);
    service.polled("one", |it| it.health.condition == Condition::Fine).await;
    assert_eq!(service.held().unwrap().counts().unwrap().alerts, 0, "it is only possible");

    let accepted = run(&home, &["watch", "alias", "accept", "Far", "Marlinov"]).await;
    assert!(accepted.status.success(), "{}", stderr(&accepted));
    home.sources(&[("one", one.as_str()), ("two", two.as_str())]);
    service.signal("HUP");
    service.polled("two", |it| it.health.condition == Condition::Fine).await;
    assert_eq!(service.held().unwrap().counts().unwrap().alerts, 1);
    assert_eq!(service.stop().await.code(), Some(0));
    assert_eq!(check_clean(&home).counts().unwrap().alerts, 1);
}

#[tokio::test]
async fn stops_in_time_while_others_hang() {
    let site = Site::start().await;
    let feeds = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mails = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let feed = feeds.local_addr().unwrap().to_string();
    let mut home = Home::new(&[site.server.address().to_string(), feed.clone()]);
    home.mail_by(mails.local_addr().unwrap().port());
    home.set("ALERTS__CHANNELS", "[\"mail\"]");
    site.feed("/feed", &[Item::new("Vinnikov in Tbilisi", &site.url("/p"), "In brief.")]);
    home.sources(&[("quick", site.url("/feed").as_str()), ("slow", &format!("http://{feed}/feed"))]);
    let service = Service::start(&home);
    // Both are asked, and neither answers.
    let feed = timeout(DEADLINE, feeds.accept()).await.unwrap().unwrap();
    let mail = timeout(DEADLINE, mails.accept()).await.unwrap().unwrap();
    assert_eq!(service.stop().await.code(), Some(0));
    drop((feed, mail));
    let store = check_clean(&home);
    let counts = store.counts().unwrap();
    assert_eq!((counts.articles, counts.alerts, counts.pending), (1, 1, 1), "the alert waits");
}

/// Of a large archive the start takes minutes. This one is so large that it never ends, and the signal comes in the middle.
#[tokio::test]
async fn stops_before_the_start_is_over() {
    let mut home = Home::new(&[]);
    home.set("COPIES__MAX_HELD", "500000");
    let (store, told) = (MemoryStore::new(), Once::new());
    store.commit(&Change::Article(Box::new(report(1)))).unwrap();
    let store = Hooked::new(store).endless().on_recent(move |_| {
        // To this process: the daemon runs in it, and listens by now.
        told.call_once(|| {
            let this = std::process::id().to_string();
            assert!(Command::new("kill").args(["-s", "TERM", &this]).status().unwrap().success());
        });
        Ok(())
    });
    let daemon = home.start_over(Arc::new(store));
    let reload: Reload = Arc::new(|_| Err("nobody asked".to_owned()));
    timeout(DEADLINE, service::run(daemon.clone(), reload, Signals::new().unwrap())).await.unwrap().unwrap();
    let again = daemon.settler.fill(daemon.config.rules.clone()).await;
    assert!(matches!(again, Err(SettleError::Stopped)), "nor is it begun again: {again:?}");
}

/// Found in a review: until the archive was open, which may take minutes, a signal ended the daemon at once: SIGHUP too.
#[tokio::test]
async fn signals_are_heard_from_the_first_moment() {
    let home = Home::new(&[]);
    let watches = home.config_dir().join("watches.toml");
    let aside = home.config_dir().join("aside");
    fs::rename(&watches, &aside).unwrap();
    // Whoever opens such a file for writing waits until the daemon has opened it, and the daemon for what is written.
    let held_up = async || {
        let _ = fs::remove_file(&watches);
        assert!(Command::new("mkfifo").arg(&watches).status().unwrap().success());
        let (service, path) = (Service::start(&home), watches.clone());
        let open = tokio::task::spawn_blocking(move || File::options().write(true).open(path));
        let held = timeout(DEADLINE, open).await.unwrap().unwrap().unwrap();
        service.signal("HUP");
        (service, held)
    };
    let (service, held) = held_up().await;
    assert_eq!(service.stop().await.code(), Some(0));
    drop(held);

    // What was asked for is done once the start is over.
    let (service, held) = held_up().await;
    fs::rename(&aside, &watches).unwrap();
    drop(held);
    service.logs("configuration reloaded").await;
    assert_eq!(service.stop().await.code(), Some(0));
    check_clean(&home);
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_used() {
    let home = Home::new(&[]);
    home.sources(&[("paper", "http://127.0.0.1:9/feed")]);
    // A file of that name: this holds for root too, which may write anywhere.
    fs::write(home.state_dir(), "").unwrap();
    for arguments in [&["run"][..], &["poll"]] {
        let output = run(&home, arguments).await;
        assert_eq!(output.status.code(), Some(73), "{arguments:?}");
        assert!(
            stderr(&output).contains(&format!("cannot create {}", home.state_dir().display())),
            "{}",
            stderr(&output)
        );
    }
}

#[tokio::test]
async fn nothing_is_polled_without_room_on_the_disk() {
    let site = Site::start().await;
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    home.set("STORE__MIN_FREE_BYTES", "9000000000000000000");
    let service = Service::start(&home);
    service.logs("too little room on the disk").await;
    assert_eq!(site.server.connections(), 0);
    assert!(service.stop().await.success());
    check_clean(&home);
}
