//! The configuration files and what becomes of them.
//!
//! `sitrepd.toml` (keys and their defaults), `sources.toml` (what is polled), `topics.toml` and
//! `watches.toml` (what is looked for), `sites/*.toml` (where sites keep what). The shipped ones are built
//! into the program and serve where a file is missing.

mod file;
mod files;
pub mod opml;
mod paths;
mod read;
mod sites;
mod sources;
mod topics;
mod watches;

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono_tz::Tz;
use url::Url;

use crate::{
    classify::Topics,
    decide::Rules,
    dedup,
    deliver::{Channel, FileChannel, MailChannel, MailSettings, Secret, Tls},
    digest::{TopicName, render::Format},
    extract::Recipe,
    fetch,
    model::{Cadence, Source},
    parse,
    schedule::{self, Timetable},
    store,
    text::error_chain,
    watch::Watchlist,
};

pub use self::{
    files::write_shipped,
    paths::{config_dir, state_dir},
    read::ConfigError,
    sources::{with_source, without_source},
    topics::{TopicsFile, TopicsFileError},
    watches::WatchesFile,
};

/// Everything the program is told, checked and ready for use.
#[derive(Debug)]
pub struct Config {
    /// What is written to the log.
    pub log: Log,
    /// The state directory.
    pub state_dir: PathBuf,
    /// Names this installation in message ids and Atom ids.
    pub domain: String,
    /// What is polled, disabled sources included.
    pub polled: Vec<Arc<Polled>>,
    /// How polling goes about it.
    pub poll: Poll,
    /// When polls fall due.
    pub schedule: schedule::Settings,
    /// Limits on documents.
    pub parse: parse::Settings,
    /// The client's limits and manners.
    pub fetch: fetch::Settings,
    /// The archive.
    pub store: store::Settings,
    /// What decisions depend on.
    pub rules: Arc<Rules>,
    /// Topics as people know them, in the order they are shown.
    pub topics: Vec<TopicName>,
    /// The digest.
    pub digest: DigestPlan,
    /// Ways out, by name.
    pub channels: BTreeMap<String, Channel>,
    /// What works and is not as it should be, in plain words.
    pub warnings: Vec<String>,
    recipes: Vec<Arc<Recipe>>,
}

/// A source with what polling it needs.
#[derive(Debug)]
pub struct Polled {
    /// The source.
    pub source: Source,
    /// When it is polled.
    pub timetable: Timetable,
}

/// How polling goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poll {
    /// Sources at once.
    pub concurrency: usize,
    /// Pages of one source at once.
    pub pages_at_once: usize,
    /// Later readings of an article whose page cannot be had.
    pub page_retries: u32,
}

/// The digest as configured.
#[derive(Debug, Clone)]
pub struct DigestPlan {
    /// Names it.
    pub name: String,
    /// Shown at its head.
    pub title: String,
    /// When it is issued; `None` for never.
    pub timetable: Option<Timetable>,
    /// In which its schedule is read and times are shown.
    pub zone: Tz,
    /// Files made of each issue.
    pub formats: Vec<Format>,
    /// Ways out.
    pub channels: Vec<String>,
    /// A first issue goes back at most this far.
    pub max_period: Duration,
}

/// What is written to the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a record looks.
    pub format: LogFormat,
    /// A `tracing` filter.
    pub level: String,
}

/// How a log record looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// journald under systemd, else human.
    Auto,
    /// A line for people.
    Human,
    /// A JSON object a line.
    Json,
    /// Fields of the system's journal.
    Journald,
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The directory of the files; the shipped ones serve where `None`.
    pub dir: Option<PathBuf>,
    /// Stands above the configured state directory.
    pub state_dir: Option<PathBuf>,
    /// Environment variables, such as `("SITREPD__POLL__INTERVAL", "1h")`. Others are passed over.
    pub env: Vec<(String, String)>,
}

impl Config {
    /// Reads and checks all files.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with file, line and key.
    pub fn load(origin: &Origin) -> Result<Self, ConfigError> {
        let dir = origin.dir.as_deref();
        let main = match dir {
            // An empty text: every default holds.
            None => files::Text { path: PathBuf::from("built-in sitrepd.toml"), text: String::new() },
            Some(_) => files::read(dir, &files::MAIN)?,
        };
        let env = environment(&origin.env);
        let written: file::File = read::parse_over(file::DEFAULTS, &main.path, &main.text, &env)?;
        let recipes = recipes(dir)?;
        let sources = files::read(dir, &files::SOURCES)?;
        let sources = sources::parse(&sources.path, &sources.text)?;
        let state_dir = match (&origin.state_dir, written.daemon.state_dir.as_str()) {
            (Some(dir), _) => dir.clone(),
            (None, "") => state_dir().unwrap_or_else(|| PathBuf::from("sitrepd-state")),
            (None, dir) => PathBuf::from(dir),
        };
        Assembly { main: &main, written, state_dir }.config(dir, sources, recipes)
    }

    /// The recipe for a page of a source: the one the source names, else one that covers the page's host.
    pub fn recipe(&self, source: &Source, page: &Url) -> Option<Arc<Recipe>> {
        let named = source.recipe.as_ref();
        let host = page.host_str().unwrap_or_default();
        self.recipes.iter().find(|it| named.map_or_else(|| it.covers(host), |name| it.name() == name)).cloned()
    }

    /// The sources that are polled.
    pub fn enabled(&self) -> impl Iterator<Item = &Arc<Polled>> {
        self.polled.iter().filter(|it| it.source.enabled)
    }

    /// A source by id, with the default timetable where it is not configured: for `try`.
    pub fn source(&self, id: &str) -> Option<&Arc<Polled>> {
        self.polled.iter().find(|it| it.source.id.as_str() == id)
    }
}

/// What goes into a [`Config`].
struct Assembly<'a> {
    main: &'a files::Text,
    written: file::File,
    state_dir: PathBuf,
}

impl Assembly<'_> {
    fn config(
        self,
        dir: Option<&Path>,
        sources: Vec<Source>,
        recipes: Vec<Arc<Recipe>>,
    ) -> Result<Config, ConfigError> {
        let mut warnings = Vec::new();
        if self.written.daemon.contact.is_empty() {
            warnings.push(
                "[daemon] contact is empty: publishers cannot reach you, and some refuse such visitors".to_owned(),
            );
        }
        let topics = topics(&files::read(dir, &files::TOPICS)?)?;
        let watchlist = watchlist(&files::read(dir, &files::WATCHES)?)?;
        let topic_names = topic_names(&topics);
        let channels = self.channels()?;
        self.check_channels(&["digest", "channels"], &self.written.digest.channels, &channels)?;
        self.check_channels(&["alerts", "channels"], &self.written.alerts.channels, &channels)?;
        let recipe_names: HashSet<&str> = recipes.iter().map(|it| it.name()).collect();
        for (source, name) in sources.iter().filter_map(|it| Some((it, it.recipe.as_deref()?))) {
            if !recipe_names.contains(name) {
                warnings.push(format!("source {}: there is no recipe {name:?} in sites/", source.id));
            }
        }
        let config = Config {
            log: self.log()?,
            domain: self.domain(),
            polled: self.polled(sources)?,
            poll: Poll {
                concurrency: self.written.poll.concurrency,
                pages_at_once: self.written.poll.pages_at_once,
                page_retries: self.written.poll.page_retries,
            },
            schedule: schedule::Settings {
                min_interval: self.written.poll.min_interval,
                max_backoff: self.written.poll.max_backoff,
                jitter: self.written.poll.jitter,
            },
            parse: parse::Settings { max_entries: self.written.poll.max_entries },
            fetch: self.fetch()?,
            store: store::Settings {
                cache_bytes: self.written.store.cache_bytes,
                ..store::Settings::new(&self.state_dir)
            },
            rules: Arc::new(Rules {
                topics,
                watchlist,
                copies: dedup::Settings {
                    min_containment: self.written.copies.min_containment,
                    min_words: self.written.copies.min_words,
                },
                alert_channels: self.written.alerts.channels.clone(),
            }),
            topics: topic_names,
            digest: self.digest()?,
            channels,
            warnings,
            recipes,
            state_dir: self.state_dir,
        };
        Ok(config)
    }

    fn error(&self, path: &[&str], problem: impl Into<String>) -> ConfigError {
        ConfigError::at(&self.main.path, &self.main.text, path, problem)
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
        let polled = sources.into_iter().map(|source| {
            let timetable = Timetable::new(source.cadence.as_ref().unwrap_or(&default));
            timetable.map(|timetable| Arc::new(Polled { source, timetable }))
        });
        polled.collect::<Result<_, _>>().map_err(|it| self.error(&["poll", "interval"], it.to_string()))
    }

    fn fetch(&self) -> Result<fetch::Settings, ConfigError> {
        let it = &self.written.fetch;
        let allowed = it.allow_private.iter().map(|it| it.parse()).collect::<Result<_, fetch::AllowedHostError>>();
        Ok(fetch::Settings {
            user_agent: user_agent(&self.written.daemon.contact),
            connect_timeout: it.connect_timeout,
            total_timeout: it.timeout,
            max_redirects: it.max_redirects,
            max_feed_bytes: it.max_feed_bytes,
            max_page_bytes: it.max_page_bytes,
            per_host: it.per_host,
            min_delay: it.host_delay,
            total: it.connections,
            allowed_hosts: allowed.map_err(|it| self.error(&["fetch", "allow_private"], it.to_string()))?,
            min_retry_after: it.min_retry_after,
            max_retry_after: it.max_retry_after,
            robots_cache: it.robots_cache,
        })
    }

    fn digest(&self) -> Result<DigestPlan, ConfigError> {
        let it = &self.written.digest;
        let fits = !it.name.is_empty()
            && it.name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        if !fits {
            return Err(
                self.error(&["digest", "name"], format!("name {:?} is not made of a to z, 0 to 9 and -", it.name))
            );
        }
        let zone = it.zone.parse::<Tz>();
        let zone = zone.map_err(|_| {
            self.error(&["digest", "zone"], format!("{:?} is not an IANA time zone such as \"Asia/Tbilisi\"", it.zone))
        })?;
        let timetable = match it.schedule.as_str() {
            "" => None,
            expression => {
                let timetable = Timetable::new(&Cadence::Cron { expression: expression.to_owned(), zone });
                Some(timetable.map_err(|it| self.error(&["digest", "schedule"], it.to_string()))?)
            }
        };
        let formats = it.formats.iter().map(|it| it.parse()).collect::<Result<Vec<Format>, _>>();
        Ok(DigestPlan {
            name: it.name.clone(),
            title: it.title.clone(),
            timetable,
            zone,
            formats: formats.map_err(|it| self.error(&["digest", "formats"], it.to_string()))?,
            channels: it.channels.clone(),
            max_period: it.max_period,
        })
    }

    fn channels(&self) -> Result<BTreeMap<String, Channel>, ConfigError> {
        let directory = match self.written.files.directory.as_str() {
            "" => self.state_dir.join("out"),
            directory => PathBuf::from(directory),
        };
        let mut channels = BTreeMap::from([("files".to_owned(), Channel::Files(FileChannel::new(directory)))]);
        if !self.written.mail.host.is_empty() {
            channels.insert("mail".to_owned(), Channel::Mail(Box::new(self.mail()?)));
        }
        Ok(channels)
    }

    fn mail(&self) -> Result<MailChannel, ConfigError> {
        let it = &self.written.mail;
        let tls = match it.tls.as_str() {
            "starttls" => Tls::StartTls,
            "implicit" => Tls::Implicit,
            "none" => Tls::None,
            other => {
                return Err(
                    self.error(&["mail", "tls"], format!("tls {other:?} is none of starttls, implicit and none"))
                );
            }
        };
        let secret = |path: PathBuf| {
            std::fs::read_to_string(&path).map_err(|source| ConfigError::Io { doing: "read", path, source })
        };
        let password = match it.password_file.as_str() {
            "" => paths::credential("smtp-password"),
            path => Some(PathBuf::from(path)),
        };
        let password =
            password.map(secret).transpose()?.map(|it| Secret::new(it.trim_end_matches(['\r', '\n']).to_owned()));
        let ca = match it.ca_file.as_str() {
            "" => None,
            path => Some(secret(PathBuf::from(path))?),
        };
        let settings = MailSettings {
            host: it.host.clone(),
            port: it.port,
            tls,
            user: (!it.user.is_empty()).then(|| it.user.clone()),
            password,
            from: it.from.clone(),
            to: it.to.clone(),
            timeout: it.timeout,
            domain: self.domain(),
            list: self.written.digest.name.clone(),
            extra_root_pem: ca,
        };
        MailChannel::new(settings).map_err(|it| self.error(&["mail"], error_chain(&it)))
    }

    fn check_channels(
        &self,
        path: &[&str],
        names: &[String],
        channels: &BTreeMap<String, Channel>,
    ) -> Result<(), ConfigError> {
        match names.iter().find(|it| !channels.contains_key(*it)) {
            None => Ok(()),
            Some(name) if name == "mail" => Err(self.error(path, "channel \"mail\" is used, and [mail] host is empty")),
            Some(name) => {
                Err(self.error(path, format!("there is no channel {name:?}; there are \"files\" and \"mail\"")))
            }
        }
    }
}

/// `sitrepd/0.1.0 (+https://example.org/contact)`.
fn user_agent(contact: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let contact: String = contact.chars().filter(|it| it.is_ascii_graphic() && !matches!(it, '(' | ')')).collect();
    if contact.is_empty() { format!("sitrepd/{version}") } else { format!("sitrepd/{version} (+{contact})") }
}

fn topics(file: &files::Text) -> Result<Topics, ConfigError> {
    let rules = read::parse::<topics::TopicsFile>(&file.path, &file.text)?.rules();
    let rules = rules.map_err(|it| ConfigError::at(&file.path, &file.text, &[], error_chain(&it)))?;
    Topics::compile(rules).map_err(|it| ConfigError::at(&file.path, &file.text, &[], error_chain(&it)))
}

fn watchlist(file: &files::Text) -> Result<Watchlist, ConfigError> {
    let rules = read::parse::<watches::WatchesFile>(&file.path, &file.text)?.rules();
    Watchlist::compile(rules).map_err(|it| ConfigError::at(&file.path, &file.text, &[], error_chain(&it)))
}

fn topic_names(topics: &Topics) -> Vec<TopicName> {
    let all = topics.all().iter();
    all.map(|it| TopicName { id: it.id.clone(), name: it.name.clone(), parent: it.parent.clone() }).collect()
}

fn recipes(dir: Option<&Path>) -> Result<Vec<Arc<Recipe>>, ConfigError> {
    let texts = files::read_sites(dir)?;
    texts.iter().map(|it| sites::parse(&it.path, &it.text).map(Arc::new)).collect()
}

/// The dotted keys of `SITREPD__SECTION__KEY` variables.
fn environment(variables: &[(String, String)]) -> Vec<(String, Vec<String>, String)> {
    let ours = variables.iter().filter_map(|(name, value)| {
        let keys = name.strip_prefix("SITREPD__")?.split("__").map(str::to_ascii_lowercase).collect();
        Some((name.clone(), keys, value.clone()))
    });
    ours.collect()
}
