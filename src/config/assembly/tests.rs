use super::*;

/// Loads a `sitrepd.toml` with shipped files beside it.
fn load_text(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sitrepd.toml"), text).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("state")), env };
    let shown = format!("{}/", dir.path().display());
    load(&origin).map_err(|it| it.to_string().replace(&shown, ""))
}

#[test]
fn files_are_named_as_the_shipped_file_says() {
    assert_eq!(load_text("", &[]).unwrap().file_names, FileNames::default());
}

#[test]
fn feeds_name_the_address_that_is_configured() {
    let config = load_text("[files]\nurl = \"https://desk.example/out\"\n", &[]).unwrap();
    assert_eq!(config.file_names, FileNames::default().served_at(&"https://desk.example/out".parse().unwrap()));
}

#[test]
fn the_shipped_files_fit_together() {
    let config = load_text("", &[]).unwrap();
    assert!(config.enabled().count() >= 40, "{} sources", config.enabled().count());
    assert!(config.topics.iter().any(|it| it.id == "nato-armenia"));
    assert!(config.rules.watchlist.names().iter().any(|it| it == "Vinnikov"));
    assert_eq!(config.channels.keys().collect::<Vec<_>>(), ["files"]);
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
}

#[test]
fn files_of_conf_d_are_laid_over_the_main_one() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let env = vec![("SITREPD__POLL__JITTER".to_owned(), "0.7".to_owned())];
    let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("s")), env };
    let load = || load(&origin).map_err(|it| it.to_string().replace(&format!("{}/", dir.path().display()), ""));
    let channel =
        |name: &str| format!("[[channel]]\nname = \"{name}\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example/a\"\n");
    write("sitrepd.toml", &format!("[poll]\ninterval = \"1h\"\nconcurrency = 3\n{}", channel("one")));
    write("conf.d/20-late.toml", "[poll]\nconcurrency = 5\njitter = 0.2\n[alerts]\nchannels = [\"two\"]\n");
    write("conf.d/10-early.toml", &format!("[poll]\nconcurrency = 4\n{}", channel("two")));
    for passed_over in ["conf.d/.30.toml", "conf.d/30.toml~", "conf.d/README"] {
        write(passed_over, "nonsense");
    }
    let config = load().unwrap();
    assert_eq!((config.poll.interval.as_secs(), config.poll.concurrency), (3_600, 5));
    assert!((config.schedule.jitter - 0.7).abs() < 1e-9, "the environment stands above all files");
    assert_eq!(config.channels.keys().collect::<Vec<_>>(), ["files", "one", "two"]);
    assert_eq!(config.rules.routes.of("any"), ["two"]);
    let shown = crate::config::effective(&origin).unwrap();
    assert_eq!((&shown["poll"]["concurrency"], shown["channel"].as_array().unwrap().len()), (&5.into(), 2));

    for (text, expected) in [
        (
            "[poll]\nintervall = \"1h\"\n",
            "conf.d/30.toml line 2: unknown key \"intervall\"; did you mean \"interval\"?",
        ),
        ("[poll\n", "conf.d/30.toml line 1: "),
        ("[digest]\n\nzone = \"Nowhere\"\n", "conf.d/30.toml line 3: \"Nowhere\" is not an IANA time zone"),
        (
            "[[channel]]\nname = \"one\"\nkind = \"command\"\ncommand = [\"/bin/true\"]\n",
            "conf.d/30.toml line 1: there are two channels",
        ),
        ("\n[[channel]]\nname = \"x\"\nkind = \"pigeon\"\n", "conf.d/30.toml line 4: "),
    ] {
        write("conf.d/30.toml", text);
        let error = load().unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_watch_names_channels_that_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let load_watches = |text: &str| {
        std::fs::write(dir.path().join("watches.toml"), text).unwrap();
        let phone = "[[channel]]\nname = \"phone\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example/a\"\n";
        std::fs::write(dir.path().join("sitrepd.toml"), phone).unwrap();
        let origin =
            Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("s")), env: Vec::new() };
        load(&origin).map_err(|it| it.to_string().replace(&format!("{}/", dir.path().display()), ""))
    };
    let watches = |channels: &str| {
        format!("[[watch]]\nname = \"a\"\nquery = \"NATO\"\n\n[[watch]]\nname = \"b\"\nquery = \"NATO\"\n{channels}")
    };
    let config = load_watches(&watches("channels = [\"phone\"]\n")).unwrap();
    assert_eq!(
        (config.rules.routes.of("a"), config.rules.routes.of("b")),
        (&["files".to_owned()][..], &["phone".to_owned()][..])
    );
    for (channels, expected) in [
        (
            "channels = [\n  \"files\",\n  \"fone\",\n]\n",
            "watches.toml line 10: there is no channel \"fone\"; did you mean \"phone\"?",
        ),
        (
            "channels = [\"xyz\"]\n",
            "watches.toml line 8: there is no channel \"xyz\"; there are \"files\", \"phone\" and \"mail\"",
        ),
        (
            "channels = [\"mail\"]\n",
            "watches.toml line 8: channel \"mail\" is used, and [mail] host is empty: name a server there, or a program as sendmail",
        ),
        ("channel = [\"phone\"]\n", "watches.toml line 8: unknown key \"channel\"; did you mean \"channels\"?"),
    ] {
        assert_eq!(load_watches(&watches(channels)).unwrap_err(), expected);
    }
}

#[test]
fn a_channel_can_be_added_to_the_shipped_file() {
    let text = format!(
        "{}\n[[channel]]\nname = \"desk\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example/a\"\n",
        file::DEFAULTS
    );
    let config = load_text(&text, &[]).unwrap();
    assert_eq!(config.channels.keys().collect::<Vec<_>>(), ["desk", "files"]);
    let error = load_text(&text.replace("kind = \"ntfy\"\nurl", "kind = \"ntfy\"\nurl = 5\n#"), &[]).unwrap_err();
    assert!(error.contains("sitrepd.toml line "), "{error}");
}

#[test]
fn a_password_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    std::fs::write(&path, "s3cret").unwrap();
    for key in ["password_file", "unsubscribe_key_file"] {
        let text = format!("[daemon]\ncontact = \"test\"\n[mail]\n{key} = {path:?}\n");
        for (mode, warnings) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o644, 1)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let config = load_text(&text, &[]).unwrap();
            assert_eq!(config.warnings.len(), warnings, "{mode:o}: {:?}", config.warnings);
            assert!(config.warnings.iter().all(|it| it.contains("chmod 600") && !it.contains("s3cret")));
        }
    }
}

#[test]
fn an_address_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sitrepd.toml");
    let origin =
        Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("state")), env: Vec::new() };
    let told = |kind: &str, url: &str, mode: u32| {
        let text =
            format!("[daemon]\ncontact = \"test\"\n[[channel]]\nname = \"desk\"\nkind = \"{kind}\"\nurl = \"{url}\"\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        load(&origin).unwrap().warnings
    };
    for (kind, url) in [
        ("webhook", "https://hooks.example/in/s3cret"),
        ("webhook", "https://hooks.example/?s3cret"),
        ("webhook", "https://s3cret@hooks.example"),
        ("ntfy", "https://ntfy.example/s3cret"),
    ] {
        let warnings = told(kind, url, 0o644);
        assert_eq!(warnings.len(), 1, "{url}: {warnings:?}");
        assert!(warnings[0].contains("\"desk\"") && warnings[0].contains("url_file"), "{warnings:?}");
        assert!(!warnings[0].contains("s3cret"), "{warnings:?}");
        assert!(told(kind, url, 0o600).is_empty());
    }
    for url in ["https://hooks.example/", "http://127.0.0.1:9000/in", "http://localhost:9000/in"] {
        let warnings = told("webhook", url, 0o644);
        assert!(!warnings.iter().any(|it| it.contains("url_file")), "{warnings:?}");
    }
}

#[test]
fn secrets_come_from_credentials_and_variables() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("channel-hook"), "https://hooks.example/s3cret").unwrap();
    std::fs::write(dir.path().join("channel-bot-token"), "s3cret\n").unwrap();
    let text = "[mail]\nhost = \"mail.example\"\nuser = \"desk\"\nfrom = \"a@b.example\"\nto = [\"c@b.example\"]\n\
                    unsubscribe_url = \"https://b.example/leave\"\n\
                    [[channel]]\nname = \"hook\"\nkind = \"slack\"\n\
                    [[channel]]\nname = \"bot\"\nkind = \"telegram\"\nchat = \"-1\"\n\
                    [[channel]]\nname = \"in-house\"\nkind = \"webhook\"\nurl = \"https://in.example/\"\n";
    let env = [
        ("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap()),
        ("SITREPD_MAIL_PASSWORD", "s3cret"),
        ("SITREPD_UNSUBSCRIBE_KEY", "s3cret-s3cret-s3cret"),
        ("SITREPD_CHANNEL_IN_HOUSE_SECRET", "s3cret"),
    ];
    let config = load_text(text, &env).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
    for (without, expected) in [
        ("CREDENTIALS_DIRECTORY", "url is missing"),
        ("SITREPD_MAIL_PASSWORD", "password"),
        ("SITREPD_UNSUBSCRIBE_KEY", "unsubscribe_key_file"),
    ] {
        let env: Vec<_> = env.into_iter().filter(|it| it.0 != without).collect();
        let error = load_text(text, &env).unwrap_err();
        assert!(error.contains(expected) && !error.contains("s3cret"), "{without}: {error}");
    }
    let Some(crate::deliver::Channel::Http(crate::deliver::HttpChannel::Webhook { secret, .. })) =
        config.channels.get("in-house")
    else {
        panic!("no webhook")
    };
    assert!(secret.is_some());
}

#[test]
fn more_watches_than_can_be_held_are_refused() {
    let watch = |n: usize, more: &str| format!("[[watch]]\nname = \"w{n}\"\nterms = [\"term{n}\"{more}]\n");
    let many = |n: usize| (0..n).map(|it| watch(it, "")).collect::<Vec<_>>().concat();
    let terms = |n: usize| (0..n).map(|it| format!(", \"other{it}\"")).collect::<Vec<_>>().concat();
    for (text, expected) in [
        (many(20_001), Some("watches.toml line 60001: there are more than 20000 watches")),
        (many(2) + &watch(2, &terms(100_000)), Some("watches.toml line 7: there are more than 20000 different terms")),
        (many(2) + &watch(2, &terms(1_000)), None),
    ] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("watches.toml"), text).unwrap();
        let origin =
            Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("state")), env: Vec::new() };
        let res = load(&origin).map_err(|it| it.to_string());
        match expected {
            None => assert!(res.is_ok(), "{res:?}"),
            Some(it) => assert!(res.as_ref().is_err_and(|error| error.contains(it)), "{it}: {:?}", res.err()),
        }
    }
}

#[track_caller]
fn check_error(text: &str, expected: &str) {
    assert_eq!(load_text(text, &[]).unwrap_err(), expected);
}

#[test]
fn what_is_held_in_memory_is_bounded() {
    assert!(load_text("[copies]\nmax_held = 500000\n", &[]).is_ok());
    let error = load_text("[copies]\nmax_held = 500001\n", &[]).unwrap_err();
    assert!(error.contains("500001 is too many, 500000 at most: they are held in memory"), "{error}");
}

#[test]
fn names_file_line_and_key() {
    check_error(
        "[digest]\nzone = \"Tiflis\"\n",
        "sitrepd.toml line 2: \"Tiflis\" is not an IANA time zone such as \"Asia/Tbilisi\"",
    );
    for (written, meant) in
        [("tbilisi", "Asia/Tbilisi"), ("new york", "America/New_York"), ("asia/yerevan", "Asia/Yerevan")]
    {
        check_error(
            &format!("[digest]\nzone = {written:?}\n"),
            &format!(
                "sitrepd.toml line 2: {written:?} is not an IANA time zone such as \"Asia/Tbilisi\"; did you mean {meant:?}?"
            ),
        );
    }
    check_error(
        "[digest]\n\nchannels = [\"post\"]\n",
        "sitrepd.toml line 3: there is no channel \"post\"; there are \"files\" and \"mail\"",
    );
    check_error(
        "[alerts]\nchannels = [\"file\"]\n",
        "sitrepd.toml line 2: there is no channel \"file\"; did you mean \"files\"?",
    );
    check_error(
        "[alerts]\nchannels = [\"mail\"]\n",
        "sitrepd.toml line 2: channel \"mail\" is used, and [mail] host is empty: name a server there, or a program as sendmail",
    );
    check_error(
        "[digest]\nformats = [\"pdf\"]\n",
        "sitrepd.toml line 2: digest format \"pdf\" is none of html, text, md, json, atom, rss and jsonfeed",
    );
    check_error(
        "[digest]\nname = \"My digest\"\n",
        "sitrepd.toml line 2: name \"My digest\" is not made of a to z, 0 to 9 and -",
    );
    check_error(
        "[mail]\nhost = \"h\"\ntls = \"ssl\"\nto = [\"a@example.org\"]\n",
        "sitrepd.toml line 3: tls \"ssl\" is none of starttls, implicit and none",
    );
    check_error(
        "[mail]\nhost = \"h\"\nsendmail = [\"/usr/sbin/sendmail\"]\nfrom = \"a@example.org\"\nto = [\"a@example.org\"]\n",
        "sitrepd.toml line 3: [mail] names both host and sendmail: a mail goes by one of them",
    );
    check_error(
        "[mail]\nsendmail = [\"\"]\nfrom = \"a@example.org\"\nto = [\"a@example.org\"]\n",
        "sitrepd.toml line 2: sendmail names no program, as [\"/usr/sbin/sendmail\"] does",
    );
    let text = "[mail]\nsendmail = [\"/usr/sbin/sendmail\"]\nfrom = \"a@example.org\"\nto = [\"b@example.org\"]\n[alerts]\nchannels = [\"mail\"]\n";
    assert!(load_text(text, &[]).unwrap().channels.contains_key("mail:b@example.org"));
    // Who is named twice is one reader.
    let twice = text.replace("[\"b@example.org\"]", "[\"b@example.org\", \"B <B@example.org>\"]");
    let config = load_text(&twice, &[]).unwrap();
    assert_eq!(config.channels.keys().collect::<Vec<_>>(), ["files", "mail:b@example.org"]);
    assert!(config.warnings.iter().any(|it| it.contains("is named twice")), "{:?}", config.warnings);
    check_error(
        "[log]\nformat = \"xml\"\n",
        "sitrepd.toml line 2: format \"xml\" is none of auto, human, json and journald",
    );
    let error = load_text("[digest]\nschedule = \"at seven\"\n", &[]).unwrap_err();
    assert!(
        error.starts_with("sitrepd.toml line 2: \"at seven\" is not a cron expression: it has 2 fields"),
        "{error}"
    );
}

#[test]
fn a_digest_that_goes_nowhere_is_warned_of() {
    let is_told = |text| load_text(text, &[]).unwrap().warnings.iter().any(|it| it.contains("no channels"));
    assert!(is_told("[digest]\nchannels = []\n"));
    assert!(!is_told("[digest]\nchannels = []\nschedule = \"\"\n") && !is_told(""));
}

#[test]
fn a_digest_on_a_day_that_does_not_come_is_warned_of() {
    let is_told = |schedule: &str| {
        let text = format!("[[audience]]\nname = \"one\"\nschedule = \"{schedule}\"\n");
        load_text(&text, &[]).unwrap().warnings.iter().any(|it| it.contains("digest \"one\" names a day that does not"))
    };
    assert!(is_told("0 7 31 2 *") && is_told("0 7 30 2 *") && is_told("0 7 31 4,6,9,11 *"));
    assert!(!is_told("0 7 29 2 *") && !is_told("0 7 31 * *") && !is_told("@yearly") && !is_told(""));
}

#[test]
fn a_source_on_a_day_that_does_not_come_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let is_told = |schedule: &str| {
        let source =
            "[[source]]\nid = \"one\"\nname = \"One\"\nurl = \"https://one.example/feed\"\nkind = \"syndication\"\n";
        std::fs::write(dir.path().join("sources.toml"), format!("{source}cron = \"{schedule}\"\n")).unwrap();
        let origin =
            Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("state")), env: Vec::new() };
        load(&origin).unwrap().warnings.iter().any(|it| it.contains("source one: its schedule names a day"))
    };
    assert!(is_told("0 7 31 2 *") && !is_told("0 7 29 2 *"));
}

#[test]
fn a_channel_to_a_host_that_is_never_asked_is_warned_of() {
    let warnings = |url: &str, allowed: &str| {
        let text = format!(
            "[fetch]\nallow_private = [{allowed}]\n[[channel]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"{url}\"\n"
        );
        let warnings = load_text(&text, &[]).unwrap().warnings;
        warnings.into_iter().filter(|it| it.contains("desk") && !it.contains("url_file")).collect::<Vec<_>>()
    };
    let told = warnings("http://192.168.1.7:8080/in/s3cret", "");
    assert_eq!(
        told,
        [
            "channel \"desk\" sends to 192.168.1.7, which is not public: nothing goes there before [fetch] allow_private names it, as \
              \"192.168.1.7:8080\""
        ]
    );
    assert_eq!(warnings("http://localhost/in", "").len(), 1);
    assert_eq!(warnings("http://localhost/in", "\"localhost\""), [""; 0]);
    assert_eq!(warnings("https://desk.example/in", ""), [""; 0]);
}

#[test]
fn audiences_are_digests_of_their_own() {
    let text = "[digest]\ntitle = \"All\"\n[[audience]]\nname = \"weekly\"\nschedule = \"0 8 * * MON\"\n\
                    zone = \"Europe/Berlin\"\ntopics = [\"nato-partnership\"]\nlanguages = [\"EN\"]\n\
                    [[audience]]\nname = \"quick\"\nwatches = [\"Vinnikov\"]\nchannels = [\"mail\"]\nto = [\"a@example.org\"]\n\
                    [mail]\nhost = \"localhost\"\nfrom = \"s@example.org\"\nto = [\"b@example.org\"]\ntls = \"none\"\n";
    let config = load_text(text, &[]).unwrap();
    let names: Vec<_> = config.digests().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["daily", "weekly", "quick"]);
    let weekly = config.digest_named("weekly").unwrap();
    assert_eq!(
        (weekly.title.as_str(), weekly.zone, weekly.channels.as_slice()),
        ("All (weekly)", Tz::Europe__Berlin, &["files".to_owned()][..])
    );
    assert_eq!(weekly.audience.languages, ["en"]);
    assert_eq!(config.audiences[1].channels, ["quick-mail:a@example.org"]);
    let audience = |rest: &str| format!("[[audience]]\nname = \"one\"\n{rest}\n");
    for (text, expected) in [
        (audience("topics = [\"none\"]"), "sitrepd.toml line 3: there is no topic \"none\""),
        (audience("watches = [\"none\"]"), "sitrepd.toml line 3: there is no watch \"none\""),
        (
            audience("languages = [\"English\"]"),
            "sitrepd.toml line 3: \"english\" is no language code such as \"en\" or \"hy\"",
        ),
        (audience("countries = [\"QQ\"]"), "sitrepd.toml line 3: there is no source of the country \"QQ\""),
        (audience("min_confidence = 2.0"), "sitrepd.toml line 3: 2 is not between 0 and 1"),
        (audience("channels = [\"mail\"]"), "sitrepd.toml line 1: channel \"mail\" is used, and [mail] host is empty"),
        (
            audience("to = 5"),
            "sitrepd.toml line 3: to: write a list in brackets, as in [\"a\", \"b\"]; it is integer `5`",
        ),
        (audience("").repeat(2), "sitrepd.toml line 5: there are two digests named \"one\""),
        ("[[audience]]\nname = \"daily\"\n".to_owned(), "sitrepd.toml line 2: there are two digests named \"daily\""),
        (audience("cron = \"\""), "sitrepd.toml line 3: unknown key \"cron\""),
    ] {
        let error = load_text(&text, &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error} for {text}");
    }
}

#[test]
fn the_environment_stands_above_the_file() {
    let config =
        load_text("[digest]\ntitle = \"File\"\n", &[("SITREPD__DIGEST__TITLE", "Environment"), ("HOME", "/x")])
            .unwrap();
    assert_eq!(config.digest.title, "Environment");
    let error = load_text("", &[("SITREPD__DIGEST__TILTE", "x")]).unwrap_err();
    assert_eq!(error, "environment variable SITREPD__DIGEST__TILTE: unknown key \"tilte\"; did you mean \"title\"?");
}

#[test]
fn a_contact_goes_into_the_user_agent_and_nothing_else_does() {
    let config = load_text("[daemon]\ncontact = \"mailto:desk@example.org\\r\\nX: y\"\n", &[]).unwrap();
    assert_eq!(config.fetch.user_agent, format!("sitrepd/{} (+mailto:desk@example.orgX:y)", env!("CARGO_PKG_VERSION")));
    assert_eq!(config.warnings, [] as [&str; 0]);
}

#[test]
fn a_login_in_the_address_of_a_source_is_warned_of_and_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let block = |id: &str, url: &str| {
        format!("[[source]]\nid = \"{id}\"\nname = \"{id}\"\nurl = \"{url}\"\nkind = \"syndication\"\n")
    };
    let sources = block("open", "https://a.example/feed") + &block("closed", "https://user:s3cret@b.example/feed");
    std::fs::write(dir.path().join("sources.toml"), sources).unwrap();
    let origin =
        Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("state")), env: Vec::new() };
    let config = load(&origin).unwrap();
    let addresses = config.polled.iter().map(|it| it.source.url.as_str());
    assert_eq!(addresses.collect::<Vec<_>>(), ["https://a.example/feed", "https://b.example/feed"]);
    let warnings = config.warnings;
    let of_sources: Vec<_> = warnings.iter().filter(|it| it.starts_with("source ")).collect();
    assert!(matches!(of_sources[..], [it] if it.starts_with("source closed") && it.contains("login")), "{warnings:?}");
    assert!(!warnings.concat().contains("s3cret"), "{warnings:?}");
}

#[test]
fn a_secret_in_the_place_of_its_file_is_not_shown() {
    for (text, key) in [
        (
            "[mail]\nhost = \"m.example\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\npassword_file = \"s3cret\"",
            "password_file",
        ),
        ("[summary]\nurl = \"https://llm.example/v1\"\nmodel = \"m\"\ntoken_file = \"s3cret\"", "token_file"),
        (
            "[mail]\nhost = \"m.example\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n\
             unsubscribe_url = \"https://a.example/u\"\nunsubscribe_key_file = \"s3cret\"",
            "unsubscribe_key_file",
        ),
    ] {
        let error = load_text(text, &[]).unwrap_err();
        assert!(error.contains(key) && error.contains("line ") && !error.contains("s3cret"), "{error}");
        let error = load_text(&text.replace("s3cret", "/etc/none/at/all"), &[]).unwrap_err();
        assert!(error.contains(key) && error.contains("/etc/none/at/all"), "{error}");
    }
}

#[test]
fn a_link_to_no_file_is_not_the_built_in_one() {
    let dir = tempfile::tempdir().unwrap();
    let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("s")), env: Vec::new() };
    assert!(load(&origin).unwrap().own_files.is_empty());
    std::os::unix::fs::symlink("gone/watches.toml", dir.path().join("watches.toml")).unwrap();
    let problem = load(&origin).unwrap_err().to_string();
    assert!(problem.contains("cannot follow the link") && problem.contains("watches.toml"), "{problem}");
    std::fs::create_dir(dir.path().join("gone")).unwrap();
    std::fs::write(dir.path().join("gone/watches.toml"), "").unwrap();
    assert_eq!(load(&origin).unwrap().own_files, ["watches.toml"]);
}

#[test]
fn two_sources_with_one_address_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some(dir.path().join("s")), env: Vec::new() };
    let source = |id: &str, more: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\nname = \"{id}\"\nurl = \"https://paper.example/feed\"\nkind = \"syndication\"\n{more}\n"
        )
    };
    let off = "enabled = false";
    let sources = [source("z", off), source("a", ""), source("b", ""), source("c", off)].concat();
    std::fs::write(dir.path().join("sources.toml"), sources).unwrap();
    let warnings = load(&origin).unwrap().warnings;
    let told: Vec<_> = warnings.iter().filter(|it| it.contains("the address of")).collect();
    assert_eq!(told, ["source b has the address of source a: each gets a part of the articles"]);
}

#[test]
fn the_archive_is_no_matter_of_the_current_directory() {
    let dir = tempfile::tempdir().unwrap();
    let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: None, env: Vec::new() };
    for state_dir in ["data", "~/data", "./data"] {
        std::fs::write(dir.path().join("sitrepd.toml"), format!("[daemon]\nstate_dir = \"{state_dir}\"\n")).unwrap();
        let problem = load(&origin).unwrap_err().to_string();
        assert!(problem.contains("line 2") && problem.contains("no absolute path"), "{problem}");
    }
}
