//! The configuration files and what becomes of them.
//!
//! `sitrepd.toml` (keys and their defaults; `conf.d/*.toml` is laid over it), `sources.toml` (what is polled),
//! `topics.toml` and `watches.toml` (what is looked for), `glossary.toml` (its names in other languages),
//! `sites/*.toml` (where sites keep what), `sites/ftr/*.txt` (the same in a public format). The shipped ones are built
//! into the program and serve where a file is missing.

mod assembly;
mod audiences;
mod blocks;
mod channels;
mod file;
mod files;
mod ftr;
mod glossary;
mod hooks;
mod layers;
pub mod opml;
mod paths;
mod read;
mod secrets;
mod show;
mod sites;
mod sources;
mod templates;
mod topics;
mod unread;
mod watches;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono_tz::Tz;
use url::Url;

use crate::{
    classify::{Topics, examples::Seed},
    decide::{self, Rules},
    deliver::{Channel, MailChannel, MailSettings, MailSettingsError},
    digest::{
        Audience, TopicName,
        render::{FileNames, Format, Look, Templates},
    },
    extract::Recipe,
    fetch,
    model::Source,
    parse,
    schedule::{self, Timetable},
    store,
    watch::{Glossary, WatchRule},
};

pub(crate) use self::file::spoken;
pub use self::{
    files::{ShippedFiles, sources_text, watches_text, write_shipped, write_templates},
    glossary::{GlossaryFile, Person},
    hooks::Hooks,
    paths::{config_dir, state_dir},
    read::ConfigError,
    show::effective,
    sources::{block, check_sources, with_enabled, with_source, without_source},
    topics::{TopicsFile, TopicsFileError},
    watches::{Verdict, WatchesFile, with_alias, with_watch, without_watch},
};

/// The topics of a file that is not the configuration's own: those with rules, and those given by examples.
///
/// # Errors
///
/// [`ConfigError::Invalid`] with file and line.
pub fn read_topics(path: &Path, text: String) -> Result<(Topics, Vec<Seed>), ConfigError> {
    assembly::topics_of(path, text)
}

/// Only the state directory of a configuration. Mistakes in the other files do not matter. Those in `sitrepd.toml`, in
/// `conf.d` and in the variables for keys do, since a wrong key may be the one that was to name it, unless `--state-dir`
/// or `SITREPD__DAEMON__STATE_DIR` does.
///
/// # Errors
///
/// [`ConfigError`] where `sitrepd.toml` or what is laid over it cannot be read or has wrong keys, and where there is no
/// such directory.
pub fn state_dir_of(origin: &Origin) -> Result<PathBuf, ConfigError> {
    assembly::state_dir_of(origin)
}

/// The sources as their file has them, but for logins in their addresses.
///
/// # Errors
///
/// [`ConfigError`] where the file cannot be read, with line and key where it is wrong.
pub fn written_sources(origin: &Origin) -> Result<Vec<Source>, ConfigError> {
    assembly::written_sources(origin)
}

/// Everything the program is told, checked and ready for use.
#[derive(Debug)]
pub struct Config {
    /// What is written to the log.
    pub log: Log,
    /// The names of the files and directories of the configuration that are there; for the others the built-in ones hold.
    pub own_files: Vec<&'static str>,
    /// The state directory.
    pub state_dir: PathBuf,
    /// The domain that identifies this installation in the ids of messages and feed entries, and in the links of feeds
    /// to their home.
    pub domain: String,
    /// What is polled, disabled sources included.
    pub polled: Vec<Arc<Polled>>,
    /// How polling goes about it.
    pub poll: Poll,
    /// When polls fall due.
    pub schedule: schedule::Settings,
    /// What is stored of articles that are kept as evidence.
    pub evidence: decide::evidence::Settings,
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
    /// How messages are laid out.
    pub templates: Templates,
    /// How the files of digests are named.
    pub file_names: FileNames,
    /// The digest of `[digest]`.
    pub digest: DigestPlan,
    /// The digests of `[[audience]]` tables.
    pub audiences: Vec<DigestPlan>,
    /// Programs and services that add summaries and translations to digests.
    pub hooks: Hooks,
    /// Ways out, by name.
    pub channels: BTreeMap<String, Channel>,
    /// Other names for terms of queries.
    pub glossary: Glossary,
    /// Who holds which office.
    pub people: Vec<Person>,
    /// The watches as they are configured.
    pub watches: Vec<WatchRule>,
    /// Settings that work but are probably mistakes, in plain words.
    pub warnings: Vec<String>,
    /// Where the page for unsubscribing is served.
    pub unsubscribe_listen: Option<SocketAddr>,
    /// The settings for sending mail, without recipients.
    mail: Option<MailSettings>,
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
    /// The polling interval of sources without one of their own.
    pub interval: Duration,
    /// Sources at once.
    pub concurrency: usize,
    /// Pages of one source at once.
    pub pages_at_once: usize,
    /// Maximum later readings of an article whose page cannot be fetched.
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
    /// The zone of its schedule and of the times it shows.
    pub zone: Tz,
    /// Files made of each issue.
    pub formats: Vec<Format>,
    /// Ways out.
    pub channels: Vec<String>,
    /// Maximum length of the first issue's window.
    pub max_period: Duration,
    /// Maximum delay at which a missed slot is still issued.
    pub catch_up: Duration,
    /// What goes into it.
    pub audience: Audience,
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
    /// A state directory that overrides the configured one.
    pub state_dir: Option<PathBuf>,
    /// Environment variables, such as `("SITREPD__POLL__INTERVAL", "1h")`. Others are passed over.
    pub env: Vec<(String, String)>,
}

impl Config {
    /// Conditions of a watch that no article can meet, so that it never fires.
    pub fn never_met(&self, rule: &WatchRule) -> Vec<String> {
        let sources: Vec<_> = self.polled.iter().map(|it| assembly::Known::of(&it.source)).collect();
        let topics: Vec<_> = self.topics.iter().map(|it| it.id.as_str()).collect();
        assembly::never_met(rule, &topics, &sources)
    }

    /// Reads and checks all files.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with file, line and key.
    pub fn load(origin: &Origin) -> Result<Self, ConfigError> {
        assembly::load(origin)
    }

    /// What is wrong with the files: the first mistake of each, and one in how they fit together. Empty where
    /// [`Config::load`] reads them.
    pub fn mistakes(origin: &Origin) -> Vec<ConfigError> {
        assembly::mistakes(origin)
    }

    /// The recipe for a page of a source: the one the source names, else one that covers the page's host.
    pub fn recipe(&self, source: &Source, page: &Url) -> Option<Arc<Recipe>> {
        let named = source.recipe.as_ref();
        let host = page.host_str().unwrap_or_default();
        self.recipes.iter().find(|it| named.map_or_else(|| it.covers(host), |name| it.name() == name)).cloned()
    }

    /// The site recipes, in the order in which they are looked through.
    pub fn recipes(&self) -> impl Iterator<Item = &Recipe> {
        self.recipes.iter().map(Arc::as_ref)
    }

    /// How a page of a source is requested with this recipe. The recipe's cookie goes to its own hosts alone, though a
    /// source may name the recipe for pages of any.
    pub fn page_request<'a>(source: &'a Source, recipe: Option<&'a Recipe>, page: &Url) -> fetch::PageRequest<'a> {
        let is_own = recipe.is_some_and(|it| page.host_str().is_some_and(|host| it.covers(host)));
        let asks = recipe.map(Recipe::asks);
        fetch::PageRequest {
            user_agent: source.user_agent.as_deref(),
            accept: asks.and_then(|it| it.accept.as_deref()),
            accept_language: asks.and_then(|it| it.accept_language.as_deref()),
            cookie: asks.filter(|_| is_own).and_then(|it| it.cookie.as_deref()),
        }
    }

    /// How messages look.
    pub fn look(&self) -> Look<'_> {
        Look { templates: &self.templates, domain: &self.domain, files: &self.file_names }
    }

    /// Every digest.
    pub fn digests(&self) -> impl Iterator<Item = &DigestPlan> {
        std::iter::once(&self.digest).chain(&self.audiences)
    }

    /// A digest by its name.
    pub fn digest_named(&self, name: &str) -> Option<&DigestPlan> {
        self.digests().find(|it| it.name == name)
    }

    /// A mail channel to one address; `None` if no mail server is configured.
    ///
    /// # Errors
    ///
    /// [`MailSettingsError`] where it is no address.
    pub fn mail_to(&self, address: &str, list: &str) -> Result<Option<Channel>, MailSettingsError> {
        let Some(settings) = self.mail.clone() else { return Ok(None) };
        let settings = MailSettings { to: vec![address.to_owned()], list: list.to_owned(), ..settings };
        Ok(Some(Channel::Mail(Box::new(MailChannel::new(settings)?))))
    }

    /// What the links for unsubscribing begin with.
    pub fn unsubscribe_url(&self) -> Option<&Url> {
        Some(&self.mail.as_ref()?.unsubscribe.as_ref()?.page.as_ref()?.0)
    }

    /// The sources that are polled.
    pub fn enabled(&self) -> impl Iterator<Item = &Arc<Polled>> {
        self.polled.iter().filter(|it| it.source.enabled)
    }

    /// A source by id, enabled or not.
    pub fn source(&self, id: &str) -> Option<&Arc<Polled>> {
        self.polled.iter().find(|it| it.source.id.as_str() == id)
    }
}
