//! What is written in the files, checked against each other and made into a [`Config`].

mod delivery;
mod digests;
mod subjects;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono_tz::Tz;

use crate::{
    decide::{
        self, Rules,
        timing::{Limits, QuietHours, QuietHoursError},
    },
    dedup,
    digest::render::FileNames,
    extract::Recipe,
    fetch,
    model::{Cadence, Source},
    parse,
    schedule::{self, Timetable},
    store,
};

pub(super) use self::subjects::{never_met, topics_of};
use self::{
    delivery::open_to_others,
    subjects::{glossary, topics, waiting_for_ever, watches},
};
use super::{
    Config, ConfigError, Log, LogFormat, Origin, Poll, Polled, file, files, paths, read, secrets::Secrets, sites,
    sources, templates,
};

/// `sitrepd.toml`, and what the environment says of its keys.
pub(super) fn written(origin: &Origin) -> Result<(files::Text, Vec<EnvironmentKey>), ConfigError> {
    let dir = origin.dir.as_deref();
    let main = match dir {
        // An empty text: every default holds.
        None => files::Text { path: PathBuf::from("built-in sitrepd.toml"), text: String::new() },
        Some(_) => files::read(dir, &files::MAIN)?,
    };
    Ok((main, environment(&origin.env)))
}

/// See [`Config::load`].
pub(super) fn load(origin: &Origin) -> Result<Config, ConfigError> {
    let dir = origin.dir.as_deref();
    let (main, env) = written(origin)?;
    let written: file::File = read::parse_over(file::DEFAULTS, &main.path, &main.text, &env)?;
    let state_dir = match (&origin.state_dir, written.daemon.state_dir.as_str()) {
        (Some(dir), _) => Some(dir.clone()),
        (None, "") => paths::state_dir(),
        (None, dir) => Some(PathBuf::from(dir)),
    };
    let Some(state_dir) = state_dir else {
        let problem = "there is no home directory to keep the archive in; set [daemon] state_dir";
        return Err(ConfigError::at(&main.path, &main.text, &["daemon"], problem));
    };
    let (recipes, problems) = sites::read(dir)?;
    let sources = files::read(dir, &files::SOURCES)?;
    let sources = sources::parse(&sources.path, &sources.text)?;
    let secrets = Secrets::new(&origin.env);
    Assembly { main: &main, env: &env, secrets, written, state_dir }.config(dir, sources, recipes, problems)
}

/// What goes into a [`Config`].
struct Assembly<'a> {
    main: &'a files::Text,
    env: &'a [EnvironmentKey],
    secrets: Secrets<'a>,
    written: file::File,
    state_dir: PathBuf,
}

impl Assembly<'_> {
    fn config(
        self,
        dir: Option<&Path>,
        sources: Vec<Source>,
        recipes: Vec<Arc<Recipe>>,
        mut warnings: Vec<String>,
    ) -> Result<Config, ConfigError> {
        if self.written.daemon.contact.is_empty() {
            warnings.push(
                "[daemon] contact is empty: publishers cannot reach you, and some refuse such visitors".to_owned(),
            );
        }
        let files = [&self.written.mail.password_file, &self.written.mail.unsubscribe_key_file].map(Path::new);
        warnings.extend(files.into_iter().filter(|it| paths::is_open_to_others(it)).map(open_to_others));
        let (topics, topic_names, seeds) = topics(&files::read(dir, &files::TOPICS)?)?;
        let (glossary, people) = glossary(&files::read(dir, &files::GLOSSARY)?)?;
        let watches = watches(&files::read(dir, &files::WATCHES)?, &glossary)?;
        let mut channels = self.channels(&mut warnings)?;
        let digest_channels = self.expand(&["digest", "channels"], &self.written.digest.channels, &channels)?;
        let alert_channels = self.expand(&["alerts", "channels"], &self.written.alerts.channels, &channels)?;
        let recipe_names: HashSet<&str> = recipes.iter().map(|it| it.name()).collect();
        for (source, name) in sources.iter().filter_map(|it| Some((it, it.recipe.as_deref()?))) {
            if !recipe_names.contains(name) {
                warnings.push(format!("source {}: there is no recipe {name:?} in sites/", source.id));
            }
        }
        let ids: HashSet<_> = sources.iter().map(|it| &it.id).collect();
        for (source, sibling) in sources.iter().filter_map(|it| Some((it, it.sibling.as_ref()?))) {
            if !ids.contains(sibling) {
                warnings.push(format!("source {}: there is no source {sibling} to be its sibling", source.id));
            }
        }
        let known = digests::Known {
            topics: topic_names.iter().map(|it| it.id.as_str()).collect(),
            watches: watches.list.names().iter().map(String::as_str).collect(),
            countries: sources.iter().map(|it| it.country.as_str()).collect(),
        };
        let audiences = self.audiences(&known, &mut channels)?;
        let digest = self.digest(digest_channels)?;
        warnings.extend([&digest].into_iter().chain(&audiences).filter_map(digests::warning));
        let ids: Vec<&str> = sources.iter().map(|it| it.id.as_str()).collect();
        warnings.extend(waiting_for_ever(&watches, &known, &ids));
        let countries = sources.iter().map(|it| (it.id.clone(), it.country.clone())).collect();
        let config = Config {
            log: self.log()?,
            domain: self.domain(),
            polled: self.polled(sources)?,
            poll: self.poll(),
            schedule: schedule::Settings {
                min_interval: self.written.poll.min_interval,
                max_interval: self.written.poll.max_interval,
                parked_interval: self.written.poll.parked_interval,
                max_backoff: self.written.poll.max_backoff,
                jitter: self.written.poll.jitter,
            },
            evidence: decide::evidence::Settings {
                reread: self.written.evidence.reread.clone(),
                max_page_bytes: self.written.evidence.max_page_bytes,
            },
            parse: parse::Settings { max_entries: self.written.poll.max_entries },
            fetch: self.fetch()?,
            store: self.store(watches.timings.values().map(|it| it.cooldown).max())?,
            rules: Arc::new(Rules {
                countries,
                topics,
                seeds,
                watchlist: watches.list,
                copies: dedup::Settings {
                    min_containment: self.written.copies.min_containment,
                    min_words: self.written.copies.min_words,
                    window: self.written.copies.window,
                    max_held: self.written.copies.max_held,
                    background: self.written.copies.background,
                },
                alert_channels,
                timings: watches.timings,
                quiet: self.quiet()?,
                limits: Limits { max_age: self.written.alerts.max_age, max_per_hour: self.written.alerts.max_per_hour },
            }),
            topics: topic_names,
            templates: templates::read(dir, &mut warnings)?,
            file_names: self.file_names()?,
            digest,
            audiences,
            hooks: self.hooks(&mut warnings)?,
            channels,
            glossary,
            people,
            watches: watches.rules,
            unsubscribe_listen: self.unsubscribe_listen(&mut warnings)?,
            warnings,
            mail: self.has_mail().then(|| self.mail_settings()).transpose()?,
            recipes,
            state_dir: self.state_dir,
        };
        Ok(config)
    }

    fn poll(&self) -> Poll {
        let file::Poll { interval, concurrency, pages_at_once, page_retries, .. } = self.written.poll;
        Poll { interval, concurrency, pages_at_once, page_retries }
    }

    fn error(&self, path: &[&str], problem: impl Into<String>) -> ConfigError {
        if let Some((name, ..)) = self.env.iter().find(|(_, keys, _)| keys == path) {
            return ConfigError::Invalid { place: format!("environment variable {name}"), problem: problem.into() };
        }
        ConfigError::at(&self.main.path, &self.main.text, path, problem)
    }

    fn file_names(&self) -> Result<FileNames, ConfigError> {
        let file::Files { name, feed, .. } = &self.written.files;
        FileNames::new(name, feed).map_err(|(is_feed, error)| {
            let key = if is_feed { "feed" } else { "name" };
            self.error(&["files", key], format!("[files] {key}: {error}"))
        })
    }

    fn log(&self) -> Result<Log, ConfigError> {
        let format = match self.written.log.format.as_str() {
            "auto" => LogFormat::Auto,
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            "journald" => LogFormat::Journald,
            other => {
                return Err(self
                    .error(&["log", "format"], format!("format {other:?} is none of auto, human, json and journald")));
            }
        };
        Ok(Log { format, level: self.written.log.level.clone() })
    }

    /// The sender's domain stands for this installation; reserved names serve where there is none (RFC 6761).
    fn domain(&self) -> String {
        let configured = &self.written.daemon.domain;
        let from = self.written.mail.from.rsplit_once('@').map(|(_, it)| it.trim_end_matches('>').trim());
        match (configured.is_empty(), from) {
            (false, _) => configured.clone(),
            (true, Some(domain)) if !domain.is_empty() => domain.to_owned(),
            _ => "sitrepd.invalid".to_owned(),
        }
    }

    fn polled(&self, sources: Vec<Source>) -> Result<Vec<Arc<Polled>>, ConfigError> {
        let default = Cadence::Every(self.written.poll.interval);
        let agent = user_agent(&self.written.daemon.contact);
        let polled = sources.into_iter().map(|mut source| {
            source.user_agent = source.user_agent.map(|it| it.replace("{agent}", &agent));
            let timetable = Timetable::new(source.cadence.as_ref().unwrap_or(&default));
            timetable.map(|timetable| Arc::new(Polled { source, timetable }))
        });
        polled.collect::<Result<_, _>>().map_err(|it| self.error(&["poll", "interval"], it.to_string()))
    }

    /// Where a watch fires again after `cooldown` at most.
    fn store(&self, cooldown: Option<Duration>) -> Result<store::Settings, ConfigError> {
        let written = &self.written.store;
        Ok(store::Settings {
            cache_bytes: written.cache_bytes,
            min_sort_bytes: written.min_sort_bytes,
            drafts: store::DraftSizes::within(written.min_sort_bytes),
            reserve: store::Reserve { bytes: written.min_free_bytes, share: written.min_free_share },
            keep: self.keep(cooldown)?,
            ..store::Settings::new(&self.state_dir)
        })
    }

    fn allowed_hosts(&self) -> Result<Vec<fetch::AllowedHost>, ConfigError> {
        let allowed = self.written.fetch.allow_private.iter().map(|it| it.parse());
        let allowed = allowed.collect::<Result<_, fetch::AllowedHostError>>();
        allowed.map_err(|it| self.error(&["fetch", "allow_private"], it.to_string()))
    }

    fn fetch(&self) -> Result<fetch::Settings, ConfigError> {
        let it = &self.written.fetch;
        Ok(fetch::Settings {
            user_agent: user_agent(&self.written.daemon.contact),
            connect_timeout: it.connect_timeout,
            head_timeout: it.head_timeout,
            total_timeout: it.timeout,
            max_redirects: it.max_redirects,
            max_feed_bytes: it.max_feed_bytes,
            max_page_bytes: it.max_page_bytes,
            per_host: it.per_host,
            min_delay: it.host_delay,
            total: it.connections,
            allowed_hosts: self.allowed_hosts()?,
            min_retry_after: it.min_retry_after,
            max_retry_after: it.max_retry_after,
            robots_cache: it.robots_cache,
        })
    }

    /// How long is kept. What decides about new articles must still be there: the window of stories, and the cool-downs.
    fn keep(&self, cooldown: Option<Duration>) -> Result<Option<Duration>, ConfigError> {
        const LEAST: Duration = Duration::from_secs(30 * 24 * 3600);
        let keep = self.written.store.keep;
        let least = LEAST.max(self.written.copies.window.saturating_mul(2)).max(cooldown.unwrap_or_default());
        match keep {
            Duration::ZERO => Ok(None),
            _ if keep >= least => Ok(Some(keep)),
            _ => {
                let least = humantime::format_duration(least);
                let problem = format!("keep is shorter than {least}, for which stories and watches need what was held");
                Err(self.error(&["store", "keep"], problem))
            }
        }
    }

    fn quiet(&self) -> Result<Option<QuietHours>, ConfigError> {
        let text = &self.written.alerts.quiet;
        // The digest's zone was checked with the digest.
        let zone = self.written.digest.zone.parse().unwrap_or(Tz::UTC);
        let refused = |it: QuietHoursError| self.error(&["alerts", "quiet"], it.to_string());
        (!text.is_empty()).then(|| QuietHours::parse(text, zone).map_err(refused)).transpose()
    }
}

/// `sitrepd/0.1.0 (+https://example.org/contact)`.
fn user_agent(contact: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let contact: String = contact.chars().filter(|it| it.is_ascii_graphic() && !matches!(it, '(' | ')')).collect();
    if contact.is_empty() { format!("sitrepd/{version}") } else { format!("sitrepd/{version} (+{contact})") }
}

/// A variable's name, the key it stands for (section and name), and its value.
type EnvironmentKey = (String, Vec<String>, String);

/// The `SITREPD__SECTION__KEY` variables.
fn environment(variables: &[(String, String)]) -> Vec<EnvironmentKey> {
    let ours = variables.iter().filter_map(|(name, value)| {
        let keys = name.strip_prefix("SITREPD__")?.split("__").map(str::to_ascii_lowercase).collect();
        Some((name.clone(), keys, value.clone()))
    });
    ours.collect()
}

#[cfg(test)]
mod tests {
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
    fn the_shipped_files_fit_together() {
        let config = load_text("", &[]).unwrap();
        assert!(config.enabled().count() >= 40, "{} sources", config.enabled().count());
        assert!(config.topics.iter().any(|it| it.id == "nato-armenia"));
        assert!(config.rules.watchlist.names().iter().any(|it| it == "Vinnikov"));
        assert_eq!(config.channels.keys().collect::<Vec<_>>(), ["files"]);
        assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
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
            let text = format!(
                "[daemon]\ncontact = \"test\"\n[[channel]]\nname = \"desk\"\nkind = \"{kind}\"\nurl = \"{url}\"\n"
            );
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
            (
                many(2) + &watch(2, &terms(100_000)),
                Some("watches.toml line 7: there are more than 20000 terms of watches"),
            ),
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
        check_error(
            "[digest]\n\nchannels = [\"post\"]\n",
            "sitrepd.toml line 3: there is no channel \"post\"; there are \"files\" and \"mail\"",
        );
        check_error(
            "[alerts]\nchannels = [\"mail\"]\n",
            "sitrepd.toml line 2: channel \"mail\" is used, and [mail] host is empty: name a server there, or a program as sendmail",
        );
        check_error(
            "[digest]\nformats = [\"pdf\"]\n",
            "sitrepd.toml line 2: digest format \"pdf\" is none of html, text, md, json, atom and jsonfeed",
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
            ("All", Tz::Europe__Berlin, &["files".to_owned()][..])
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
            (
                audience("channels = [\"mail\"]"),
                "sitrepd.toml line 1: channel \"mail\" is used, and [mail] host is empty",
            ),
            (audience("to = 5"), "sitrepd.toml line 3: to: invalid type: integer `5`, expected a sequence"),
            (audience("").repeat(2), "sitrepd.toml line 5: there are two digests named \"one\""),
            (
                "[[audience]]\nname = \"daily\"\n".to_owned(),
                "sitrepd.toml line 2: there are two digests named \"daily\"",
            ),
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
        assert_eq!(
            error,
            "environment variable SITREPD__DIGEST__TILTE: unknown key \"tilte\"; did you mean \"title\"?"
        );
    }

    #[test]
    fn a_contact_goes_into_the_user_agent_and_nothing_else_does() {
        let config = load_text("[daemon]\ncontact = \"mailto:desk@example.org\\r\\nX: y\"\n", &[]).unwrap();
        assert_eq!(
            config.fetch.user_agent,
            format!("sitrepd/{} (+mailto:desk@example.orgX:y)", env!("CARGO_PKG_VERSION"))
        );
        assert_eq!(config.warnings, [] as [&str; 0]);
    }
}
