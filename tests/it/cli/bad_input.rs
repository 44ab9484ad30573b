//! What goes wrong, what is said, and the exit code.

use std::{fs, io::Read};

use super::desk::{Desk, site};

const SOURCE: &str = "[[source]]\nid = \"a\"\nname = \"A\"\nurl = \"https://a.example/\"\nkind = \"syndication\"\n";

const TOPIC: &str = "[[topic]]\nid = \"x\"\nname = \"X\"\nphrases = [{ weight = 10, any = [\"port\"] }]\n";
const WATCH: &str = "[[watch]]\nname = \"x\"\nterms = [\"port\"]\n";

#[track_caller]
fn check_config(file: &str, text: &str, parts: &[&str]) {
    let desk = Desk::new(SOURCE);
    desk.write(file, text);
    let res = desk.run("check").exits(78);
    assert_eq!(res.out, "", "{file}: {text}");
    let res = parts.iter().fold(res, |it, part| it.warns(part));
    assert_eq!(res.err.lines().count(), 1, "one line: {}", res.err);
    assert!(!desk.state_dir().exists());
}

/// Found in a review: a typing error in watches.toml stopped the nightly backup.
#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_the_configuration_keeps_nobody_from_a_backup() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let place = |name: &str| desk.dir.path().join(name).display().to_string();
    let (backup, warc, lines) = (place("backup"), place("pages.warc.gz"), place("lines.jsonl"));
    let all = |options: &str, restored: &str| {
        [
            format!("{options} backup {backup}"),
            format!("{options} verify"),
            format!("{options} verify --backup {backup}"),
            format!("{options} export {lines}"),
            format!("{options} export --warc {warc}"),
            format!("--state-dir {} restore {backup}", place(restored)),
        ]
    };
    for file in ["watches.toml", "topics.toml", "glossary.toml", "sites/a.toml"] {
        desk.write(file, "[[nothing]]\n");
    }
    desk.run("stats").exits(78);
    let all_do = |options: &str, restored: &str| {
        for it in all(options, restored) {
            desk.run(&it).ok();
        }
    };
    all_do("", "first");
    desk.run("metrics").ok().says("sitrepd_articles 4").says("source=\"gazette\"");
    desk.write("sources.toml", "[[nothing]]\n");
    all_do("", "second");
    desk.run("metrics").exits(78).warns("sources.toml line 1");

    // Without that file nobody knows where the archive is.
    desk.write("sitrepd.toml", "[daemons]\n");
    for it in all("", "third").iter().filter(|it| !it.contains("--backup") && !it.contains("--state-dir")) {
        desk.run(it).exits(78).warns("sitrepd.toml line 1").warns("--state-dir DIR");
    }
    let options = format!("--state-dir {}", desk.state_dir().display());
    all_do(&options, "third");
    // As little is read where a variable names it.
    let named = [("SITREPD__DAEMON__STATE_DIR", &*desk.state_dir().display().to_string()), ("SITREPD__POLL__X", "1")];
    desk.run_with(&format!("backup {backup}"), "", &named).ok();
    desk.run_with("verify", "", &named).ok();
}

#[test]
fn what_looks_like_configuration_and_is_not_read_is_told() {
    let desk = Desk::new(SOURCE);
    fs::create_dir(desk.config_dir().join("conf.d")).unwrap();
    desk.write("conf.d/10-poll.conf", "[poll]\n");
    desk.write("watch.toml", WATCH);
    for name in ["a", "b"] {
        let recipe = format!("[recipe]\nname = \"{name}\"\nhosts = [\"a.example\"]\nbody = \"main\"\n");
        desk.write(&format!("sites/{name}.toml"), &recipe);
    }
    let checked = desk.run_with("--json check", "", &[("SITREPD_STATEDIR", "/elsewhere")]).ok().record();
    let warnings = checked["warnings"].to_string();
    for part in [
        "conf.d/10-poll.conf is not read",
        "sites/b.toml does not read",
        "SITREPD_STATEDIR means nothing",
        "config/watch.toml is not read: no file of the configuration has this name; did you mean watches.toml?",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

/// Found in a review: an empty file was read without a word, and nothing was polled or watched for.
#[test]
fn that_nothing_is_polled_or_watched_for_is_told() {
    let desk = Desk::new(SOURCE);
    let told = |part: &str| {
        let checked = desk.run("--json check").ok().record();
        checked["warnings"].as_array().unwrap().iter().any(|it| it.as_str().unwrap().contains(part))
    };
    assert!(!told("nothing is polled") && !told("no alert is sent"));
    for sources in ["", &format!("{SOURCE}enabled = false\n")] {
        desk.write("sources.toml", sources);
        assert!(told("no source is enabled: nothing is polled"), "{sources}");
    }
    desk.write("watches.toml", "");
    assert!(told("there is no watch: no alert is sent"));
}

#[test]
fn a_wrong_configuration_names_file_line_key_and_what_was_meant() {
    for (file, text, parts) in [
        (
            "sitrepd.toml",
            "[poll]\n\nintervall = \"1h\"\n",
            &["sitrepd.toml line 3", "\"intervall\"", "\"interval\"?"][..],
        ),
        ("sitrepd.toml", "[pol]\n", &["sitrepd.toml line 1", "\"pol\"", "\"poll\"?"]),
        ("sitrepd.toml", "[poll\n", &["sitrepd.toml line 1"]),
        ("sitrepd.toml", "[poll]\ninterval = 5\n", &["line 2", "interval: write it in quotes"]),
        ("sitrepd.toml", "[poll]\n[fetch]\n[poll]\n", &["line 3: duplicate key: [poll] is here a second time"]),
        ("sitrepd.toml", "[fetch]\nper_host = -1\n", &["line 2: per_host: write a whole number from 0 on"]),
        ("sitrepd.toml", "[mail]\nto = \"a@b.example\"\n", &["line 2: to: write a list in brackets"]),
        ("sources.toml", "[source]\nid = \"a\"\n", &["line 1: source: there may be several", "write [[source]]"]),
        ("sitrepd.toml", "[poll]\ninterval = \"often\"\n", &["line 2", "\"often\" is not a time"]),
        ("sitrepd.toml", "[poll]\njitter = 2.0\n", &["line 2", "not between 0 and 1"]),
        ("sitrepd.toml", "[digest]\nschedule = \"7 o'clock\"\n", &["line 2", "7 o'clock"]),
        ("sitrepd.toml", "[digest]\nschedule = \"0 0 7 * * *\"\n", &["line 2", "6 fields", "leave out the second"]),
        ("sitrepd.toml", "[digest]\nzone = \"Tiflis\"\n", &["line 2", "\"Tiflis\"", "Asia/Tbilisi"]),
        ("sitrepd.toml", "[digest]\nzone = \"Europe/Berlim\"\n", &["line 2", "did you mean \"Europe/Berlin\"?"]),
        ("sitrepd.toml", "[files]\nname = \"{date}\"\n", &["line 2", "[files] name", "{digest} stands in it 0 times"]),
        ("sitrepd.toml", "[files]\nfeed = \"../{digest}\"\n", &["line 2", "[files] feed", "'/' may not stand in it"]),
        ("sitrepd.toml", "[files]\nurl = \"desk.example/out\"\n", &["line 2", "[files] url", "no web address"]),
        (
            "sitrepd.toml",
            "[files]\nurl = \"https://a:b@desk.example/\"\n",
            &["line 2", "[files] url has a user's name"],
        ),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"localhost\"\nfrom = \"a@b.example\"\n",
            &["[mail]", "name who is to get mail"],
        ),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"localhost\"\nto = [\"a@b.example\"]\n",
            &["[mail]", "from is empty: name the sender"],
        ),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"localhost\"\nfrom = \"a@b.example\"\nto = [\"desk\"]\n",
            &["line 4", "\"desk\" is no mail address such as"],
        ),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"localhost\"\nuser = \"u\"\nfrom = \"a@b.example\"\nto = [\"c@b.example\"]\n",
            &["line 3", "set both user and password_file, or neither"],
        ),
        ("sitrepd.toml", "[digest]\nformats = [\"pdf\"]\n", &["line 2", "pdf"]),
        ("sitrepd.toml", "[digest]\nchannels = [\"pigeon\"]\n", &["line 2", "pigeon", "files"]),
        ("sitrepd.toml", "[alerts]\nchannels = [\"mail\"]\n", &["line 2", "[mail] host is empty"]),
        ("sitrepd.toml", "[fetch]\nallow_private = [\"a b\"]\n", &["line 2", "a b"]),
        ("sitrepd.toml", "[store]\ncache_bytes = 1\n", &["line 2", "1 is too small", "65536"]),
        ("sitrepd.toml", "[log]\nformat = \"xml\"\n", &["line 2", "xml", "journald"]),
        ("sources.toml", "[[sources]]\n", &["sources.toml line 1", "\"sources\"", "\"source\"?"]),
        ("sources.toml", &SOURCE.replace("https://", ""), &["sources.toml line 4", "\"a\"", "web address"]),
        ("sources.toml", &format!("{SOURCE}cron = \"x\"\n"), &["sources.toml line 6", "\"a\"", "x"]),
        ("sources.toml", &format!("{SOURCE}zone = \"Tiflis\"\n"), &["line 6", "Tiflis"]),
        ("sources.toml", &format!("{SOURCE}{SOURCE}"), &["line 7", "used twice"]),
        ("topics.toml", "[[topic]]\nid = \"x\"\nnam = \"X\"\n", &["topics.toml line 3", "\"nam\"", "\"name\"?"]),
        (
            "topics.toml",
            "[[topic]]\nid = \"x\"\nname = \"X\"\nexcluded = [\"@none\"]\n",
            &["topics.toml line 1", "\"x\"", "@none"],
        ),
        (
            "topics.toml",
            "[[topic]]\nid = \"x\"\nname = \"X\"\nparent = \"y\"\n",
            &["topics.toml line 1", "\"x\"", "\"y\""],
        ),
        ("topics.toml", &format!("{TOPIC}\n{TOPIC}"), &["topics.toml line 6", "\"x\" is there twice"]),
        ("watches.toml", "[[watch]]\nname = \"x\"\nterms = []\n", &["watches.toml line 1", "\"x\""]),
        ("watches.toml", "[[watch]]\nname = \"x\"\nterms = [\" \"]\n", &["watches.toml line 3", "\"x\""]),
        ("watches.toml", &format!("{WATCH}\n{WATCH}"), &["watches.toml line 5", "\"x\" is there twice"]),
        (
            "watches.toml",
            &format!("{WATCH}[[watch]]\nname = \"y\"\nseverity = \"low\"\nquery = \"Baku OR\"\n"),
            &["watches.toml line 7", "\"y\"", "at character 6"],
        ),
        ("watches.toml", "[[watch]]\nname = \"x\"\nterm = [\"a\"]\n", &["watches.toml line 3", "\"terms\"?"]),
        ("sites/x.toml", "[recipe]\nname = \"x\"\nbodi = \"p\"\n", &["x.toml line 3", "\"bodi\"", "\"body\"?"]),
        ("sites/x.toml", "[recipe]\nname = \"x\"\nbody = \"p[\"\n", &["x.toml line 1", "p["]),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nto = [\"c@b.example\"]\npassword_file = \"/etc/none/x\"\n",
            &["sitrepd.toml line 5", "password_file", "/etc/none/x"],
        ),
        ("sitrepd.toml", "[mail]\nhost = \"mail.example\"\nfrom = \"nobody\"\n", &["sitrepd.toml line 1", "nobody"]),
    ] {
        check_config(file, text, parts);
    }
}

#[test]
fn a_name_or_value_that_cannot_be_meant_says_what_to_do() {
    for (file, text, parts) in [
        (
            "sitrepd.toml",
            "[alerts]\nchannels = [\"mail:a@b.example\"]\n",
            &["line 2", "\"mail:a@b.example\"", "[mail] host is empty"][..],
        ),
        (
            "sitrepd.toml",
            "[mail]\nhost = \"localhost\"\nfrom = \"a@b.example\"\nto = [\"desk@b.example\"]\n[alerts]\nchannels = [\"mail:anna@b.example\"]\n",
            &[
                "line 6",
                "no channel \"mail:anna@b.example\", since anna@b.example is not in to of [mail]; add the address there",
            ],
        ),
        (
            "sitrepd.toml",
            "[[audience]]\nname = \"w-on-demand\"\n[[audience]]\nname = \"w\"\n",
            &["line 2", "\"w-on-demand\" is taken"],
        ),
        (
            "sitrepd.toml",
            "[digest]\nname = \"w-on-demand\"\n[[audience]]\nname = \"w\"\n",
            &["line 4", "[digest] has the name \"w-on-demand\""],
        ),
        ("sitrepd.toml", "[store]\nkeep = \"10d\"\n", &["line 2", "keep is shorter than 30 days,"]),
        (
            "sitrepd.toml",
            "[[channel]]\nname = \"a\"\nkind = \"webhook\"\nurl = \"a.example/in\"\n",
            &["line 1", "url: it is no web address, which begins with https:// or http://; write https:// in front"],
        ),
    ] {
        check_config(file, text, parts);
    }
}

/// What `check` warns of, with these files.
fn warnings(files: &[(&str, &str)]) -> Vec<String> {
    let desk = Desk::new(SOURCE);
    for (name, text) in files {
        let contact = if *name == "sitrepd.toml" { "daemon.contact = \"https://contact.example\"\n" } else { "" };
        desk.write(name, &format!("{contact}{text}"));
    }
    let record = desk.run("--json check").ok().record();
    record["warnings"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Each file, and what is warned of it; nothing where that is empty.
#[track_caller]
fn check_warning(files: &[(&str, &str)], expected: &str) {
    let found = warnings(files);
    assert_eq!(found.len(), usize::from(!expected.is_empty()), "{files:?}: {found:?}");
    assert!(found.iter().all(|it| it.contains(expected)), "{files:?}: {found:?}");
}

/// Found in a review: nothing was said of them.
#[test]
fn watches_that_can_never_fire_are_told() {
    let sources = "[[source]]\nid = \"civil-ge\"\nname = \"A\"\nurl = \"https://a.example/\"\nkind = \"syndication\"\ncountry = \"GE\"\n\
                   [[source]]\nid = \"hetq-en\"\nname = \"B\"\nurl = \"https://b.example/\"\nkind = \"syndication\"\ncountry = \"AM\"\n\
                   [[source]]\nid = \"off-ge\"\nname = \"C\"\nurl = \"https://c.example/\"\nkind = \"syndication\"\ncountry = \"GE\"\n\
                   enabled = false\n\
                   [[source]]\nid = \"off-az\"\nname = \"D\"\nurl = \"https://d.example/\"\nkind = \"syndication\"\ncountry = \"AZ\"\n\
                   enabled = false\n";
    for (watch, expected) in [
        ("query = \"Vinnikov\"", ""),
        ("query = \"Vinnikov\"\nexcept = [\"Vinnikov Street\", \"Vinikov\"]", ""),
        ("query = \"Vinnikov AND country:GE\"", ""),
        ("query = \"Vinnikov -source:off-ge\"", ""),
        (
            "query = \"Vinnikov\"\nexcept = [\"Gori\", \"vinnikov\"]",
            "line 4: watch \"w\" waits for \"vinnikov\" and excepts it",
        ),
        ("query = \"Bakuvian -Baku*\"", "line 3: watch \"w\": “Baku*” is found wherever “Bakuvian” is"),
        ("query = \"Vinnikov NOT Винников\"", "is found wherever “Vinnikov” is, and excluded"),
        (
            "query = \"Vinnikov AND country:GE AND source:hetq-en\"",
            "line 3: watch \"w\" can never fire by its query: no source that is switched on fits all that it asks for (country:ge and source:hetq-en)",
        ),
        (
            "query = \"Vinnikov AND source:off-ge\"",
            "waits for source:off-ge, which is switched off; sitrepd source enable off-ge",
        ),
    ] {
        check_warning(
            &[("sources.toml", sources), ("watches.toml", &format!("[[watch]]\nname = \"w\"\n{watch}\n"))],
            expected,
        );
    }
}

/// Found in a review: nothing was said of them.
#[test]
fn who_would_get_nothing_is_told() {
    let mail = "[mail]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nto = [\"c@b.example\"]\n";
    let in_main = |text: &str, expected: &str| check_warning(&[("sitrepd.toml", text)], expected);
    in_main(mail, "[mail] is set up, and no list of channels has \"mail\" in it");
    for used in [
        "[digest]\nchannels = [\"mail\"]",
        "[alerts]\nchannels = [\"files\", \"mail:c@b.example\"]",
        "[[audience]]\nname = \"x\"\nto = [\"d@b.example\"]\nchannels = [\"mail\"]",
    ] {
        in_main(&format!("{mail}{used}\n"), "");
    }
    let own = "[[watch]]\nname = \"w\"\nquery = \"Vinnikov\"\nchannels = [\"mail\"]\n";
    check_warning(&[("sitrepd.toml", mail), ("watches.toml", own)], "");
    let audience = "[[audience]]\nname = \"x\"\nto = [\"d@b.example\"]\nchannels = [\"files\"]\n";
    in_main(
        &format!("{mail}[digest]\nchannels = [\"mail\"]\n{audience}"),
        "audience \"x\": to names who is to get mail, and \"mail\" is not among its channels",
    );
    let command =
        |program: &str| format!("[[channel]]\nname = \"desk\"\nkind = \"command\"\ncommand = [\"{program}\", \"x\"]\n");
    in_main(&command("/bin/sh"), "");
    for program in ["/usr/local/bin/none-of-this-name", "/etc/passwd", "/etc"] {
        in_main(&command(program), &format!("channel \"desk\": there is no program {program}"));
    }
}

/// Found in a review: README says that `check` names each mistake, and it named the first.
#[test]
fn a_mistake_of_each_file_is_told() {
    let desk = Desk::new(SOURCE);
    desk.write("sitrepd.toml", "[digest]\nzone = \"Tiflis\"\n[[audience]]\nname = \"x\"\ntopics = [\"port\"]\n");
    desk.write("sources.toml", &format!("{SOURCE}zone = \"Tiflis\"\n"));
    desk.write("topics.toml", "[[topic]]\nid = \"port\"\nnam = \"X\"\n");
    desk.write("watches.toml", "[[watch]]\nname = \"x\"\nterm = [\"a\"]\n");
    let res = desk.run("check").exits(78);
    let told = ["sources.toml line 6", "topics.toml line 3", "watches.toml line 3", "sitrepd.toml line 2"];
    let lines: Vec<_> = res.err.lines().collect();
    assert_eq!(lines.len(), told.len(), "{}", res.err);
    assert!(lines.iter().zip(told).all(|(line, it)| line.starts_with("error: ") && line.contains(it)), "{}", res.err);
    // Others name the first, as they go on with nothing.
    assert_eq!(desk.run("stats").exits(78).err.lines().count(), 1);
    desk.write("sitrepd.toml", "[poll]\nintervall = \"1h\"\n");
    assert_eq!(desk.run("check").exits(78).warns("sitrepd.toml line 2").err.lines().count(), 4);
}

/// Found in a review: such a file passed, and the first mail was refused.
#[test]
fn a_file_for_the_password_of_mail_is_not_empty() {
    let desk = Desk::new(SOURCE);
    let file = desk.dir.path().join("password");
    let mail = "[mail]\nhost = \"mail.example\"\nuser = \"u\"\nfrom = \"a@b.example\"\nto = [\"c@b.example\"]";
    desk.write("sitrepd.toml", &format!("{mail}\npassword_file = {file:?}\n[digest]\nchannels = [\"mail\"]\n"));
    for text in ["", "\n", "\r\n", " \n"] {
        fs::write(&file, text).unwrap();
        desk.run("check").exits(78).warns("sitrepd.toml line 6").warns("password_file").warns("is empty");
    }
    fs::write(&file, "s3cret \n").unwrap();
    desk.run("check").ok();
}

#[test]
fn a_watch_that_waits_for_what_there_is_not_is_told_with_its_line() {
    let desk = Desk::new(SOURCE);
    desk.write("topics.toml", TOPIC);
    desk.write("watches.toml", &format!("{WATCH}[[watch]]\nname = \"y\"\nquery = \"Baku AND topic:xx\"\n"));
    let warnings = desk.run("--json check").ok().record()["warnings"].to_string();
    assert!(
        warnings.contains("watches.toml line 6: watch \\\"y\\\" waits for topic:xx, which there is not"),
        "{warnings}"
    );
}

#[test]
fn the_environment_stands_above_the_file_and_is_named_when_it_is_wrong() {
    let desk = Desk::new(SOURCE);
    let run = |name: &str, value: &str| desk.run_with("schedule", "", &[(name, value)]);
    run("SITREPD__DIGEST__NAME", "morning").ok().says("morning");
    run("SITREPD__DIGEST__ZONE", "Europe/Brussels").ok().says("Europe/Brussels");
    run("SITREPD__POLL__INTERVAL", "often").exits(78).warns("environment variable SITREPD__POLL__INTERVAL");
    run("SITREPD__POLL__INTERVALL", "1h").exits(78).warns("SITREPD__POLL__INTERVALL").warns("\"interval\"?");
    run("SITREPD__STORE__KEEP", "90d").ok();
    run("SITREPD__STORE__KEEP", "29d").exits(78).warns("SITREPD__STORE__KEEP");
    run("SITREPD__DIGEST__ZONE", "Tiflis").exits(78).warns("SITREPD__DIGEST__ZONE");
    run("SITREPD__DIGEST__CHANNELS", "[\"pigeon\"]").exits(78).warns("SITREPD__DIGEST__CHANNELS");
    let state = desk.dir.path().join("elsewhere");
    let env = [("SITREPD__DAEMON__STATE_DIR", state.to_str().unwrap())];
    desk.run_with("stats", "", &env).ok().warns("elsewhere");
}

#[test]
fn wrong_arguments() {
    let desk = Desk::new(SOURCE);
    for line in [
        "",
        "pol",
        "poll --fast",
        "search",
        "search ...",
        "search x --limit 0",
        "search x --limit many",
        "show",
        "digest --since soon",
        "stories --since -1d",
        "source",
        "source add",
        "source add feed",
        "try",
        "completions cmd",
        "--color sometimes check",
    ] {
        let res = desk.run(line).exits(64);
        assert_eq!(res.out, "", "{line}");
        assert_ne!(res.err, "", "{line}");
    }
}

#[test]
fn what_is_not_there() {
    let desk = Desk::new(SOURCE);
    for (line, part) in [
        ("show 123", "there is no article \"123\""),
        ("poll nobody", "there is no source \"nobody\""),
        ("source check nobody", "there is no source \"nobody\""),
        ("source remove nobody", "there is no source \"nobody\""),
        ("import none.jsonl", "none.jsonl"),
        ("source import none.opml", "none.opml"),
        ("try feed none.xml", "none.xml"),
        ("try feed config", "config"),
    ] {
        desk.run(line).exits(66).warns(part);
    }
    assert!(!desk.state_dir().exists());
    let desk = Desk::new("");
    desk.run("poll").exits(66).warns("no source is enabled").warns("source add");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_source_answers() {
    let site = site().await;
    let desk = Desk::reading(&site);
    drop(site);
    let res = desk
        .run("poll")
        .exits(69)
        .says("failed gazette: ")
        .says("2 sources, 2 failed")
        .warns("no source could be read");
    assert_eq!(res.err.lines().count(), 1, "{}", res.err);
    desk.run("check").ok();
}

#[test]
fn directories_that_cannot_be_written() {
    let desk = Desk::new(SOURCE);
    fs::write(desk.dir.path().join("file"), "").unwrap();
    for state in ["file", "file/state", "/dev/null/state"] {
        desk.run(&format!("--state-dir {state} poll")).exits(73).warns("cannot create");
        desk.run(&format!("--state-dir {state} digest --send")).exits(73).warns("cannot create");
    }
    desk.run("--state-dir /dev/null/state search x").exits(66);
    let init = |dir: &str| super::desk::program(desk.dir.path()).args(["--config-dir", dir, "init"]).output().unwrap();
    assert_eq!(init("file/config").status.code(), Some(73));
    assert_eq!(init("/dev/null").status.code(), Some(73));
    desk.run("source export /dev/null/x").exits(73);
    desk.run("demo --out file").exits(73).warns("cannot create file");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_exported_is_not_imported() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let good = desk.run("export").ok().out;
    let file = desk.dir.path().join("r.jsonl");
    let other = Desk::reading(&site);
    for (text, part) in [
        ("{}\n".to_owned(), "record 1 of"),
        ("hello\n".to_owned(), "record 1 of"),
        (format!("{good}\n\n[1]\n"), "before it were taken"),
        (good.chars().take(good.len() / 2).collect(), "record"),
    ] {
        fs::write(&file, text).unwrap();
        other.run(&format!("import {}", file.display())).exits(65).warns(part);
    }
    fs::write(&file, [good.as_bytes(), b"\xff\xfe\n"].concat()).unwrap();
    other.run(&format!("import {}", file.display())).exits(65);
    // What stood before the damage is held.
    other.run("search bread").ok().says("Baker");
    fs::write(&file, "").unwrap();
    other.run(&format!("import {}", file.display())).ok().warns("0 of 0 records");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let segment = fs::read_dir(desk.state_dir().join("ledger")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&segment, bytes).unwrap();
    desk.run("check").exits(65).says("damage").warns("the archive is damaged: 1 place");
    let record = desk.run("--json check").exits(65).record();
    assert_eq!(record["damage"].as_array().unwrap().len(), 1, "{record}");
    // The rest can be read and written all the same, and what was lost is fetched again.
    desk.run("stats").says("articles in");
    desk.run("poll").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    for line in [
        "search harbour",
        "--json stories",
        "digest",
        "export",
        "source list",
        "completions bash",
        "man",
        "--help",
        "stats",
    ] {
        let mut child = desk.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}: {err}");
        assert!(!err.contains("error"), "{line}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_with_too_little_room() {
    let site = super::desk::site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let asked = site.requests().len();
    let little = [("SITREPD__STORE__MIN_FREE_BYTES", "9000000000000000000")];
    desk.run_with("poll", "", &little).exits(69).warns("less room than [store] min_free_bytes");
    desk.run_with("check", "", &little).ok().says("nothing is polled");
    let checked = desk.run_with("--json check", "", &little).ok().record();
    assert!(checked["warnings"].to_string().contains("less room than [store] min_free_bytes"), "{checked}");
    assert_eq!(site.requests().len(), asked);
}
