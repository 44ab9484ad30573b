//! Checks the files of the configuration against each other and makes a [`Config`] of them.

mod delivery;
mod digests;
mod subjects;

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono_tz::Tz;
use url::Url;

use crate::{
    classify::{Topics, examples::Seed},
    decide::{
        self, Rules,
        routes::Routes,
        timing::{Limits, QuietHours, QuietHoursError},
    },
    dedup,
    digest::{TopicName, render::FileNames},
    extract::Recipe,
    fetch,
    model::{Cadence, Source},
    parse,
    schedule::{self, Timetable},
    store,
    watch::Glossary,
};

pub(super) use self::subjects::{Known, never_met, topics_of};
use self::{
    delivery::open_to_others,
    subjects::{Watches, glossary, short_of_examples, topics, waiting_for_ever, watches},
};
use super::{
    Config, ConfigError, Log, LogFormat, Origin, Poll, Polled, file, files, glossary::Person, layers::Layers, paths,
    read, secrets::Secrets, sites, sources, templates, unread,
};

/// `sitrepd.toml` with the files laid over it, and the environment variables for its keys.
pub(super) fn written(origin: &Origin) -> Result<(Layers, Vec<EnvironmentKey>), ConfigError> {
    Ok((Layers::read(origin.dir.as_deref())?, environment(&origin.env)))
}

/// See [`Config::load`].
pub(super) fn load(origin: &Origin) -> Result<Config, ConfigError> {
    let main = Main::read(origin)?;
    let mut mistakes = Vec::new();
    let files = Files::read(origin.dir.as_deref(), &mut mistakes);
    match mistakes.into_iter().next() {
        Some(first) => Err(first),
        None => main.config(origin, files),
    }
}

/// See [`Config::mistakes`].
pub(super) fn mistakes(origin: &Origin) -> Vec<ConfigError> {
    let main = Main::read(origin);
    let mut res = Vec::new();
    let files = Files::read(origin.dir.as_deref(), &mut res);
    match main {
        Err(error) => res.insert(0, error),
        Ok(mut main) => {
            if !res.is_empty() {
                main.forget_names();
            }
            res.extend(main.config(origin, files).err());
        }
    }
    res
}

/// `sitrepd.toml`, with everything that overrides it.
struct Main {
    layers: Layers,
    env: Vec<EnvironmentKey>,
    written: file::File,
    state_dir: PathBuf,
}

impl Main {
    fn read(origin: &Origin) -> Result<Self, ConfigError> {
        let (layers, env) = written(origin)?;
        let written: file::File = read::parse_over(file::DEFAULTS, &layers, &env)?;
        let state_dir = state_dir(origin, &layers, &written)?;
        Ok(Self { layers, env, written, state_dir })
    }

    /// Forgets the names that refer to the other files: if one of these is wrong, it is unknown whether the names are
    /// valid.
    fn forget_names(&mut self) {
        for it in &mut self.written.audience {
            it.topics.clear();
            it.watches.clear();
            it.countries.clear();
        }
    }

    fn config(self, origin: &Origin, files: Files) -> Result<Config, ConfigError> {
        let Self { layers, env, written, state_dir } = self;
        let secrets = Secrets::new(&origin.env);
        Assembly { layers: &layers, env: &env, secrets, written, state_dir }.config(origin.dir.as_deref(), files)
    }
}

/// The other files, each read by itself.
struct Files {
    sources: Vec<Source>,
    recipes: Vec<Arc<Recipe>>,
    /// Warnings about the recipes.
    warnings: Vec<String>,
    topics: (Topics, Vec<TopicName>, Vec<Seed>),
    glossary: (Glossary, Vec<Person>),
    watches: Watches,
}

impl Files {
    /// Reads the files; a wrong file counts as empty, and its first mistake is added.
    fn read(dir: Option<&Path>, mistakes: &mut Vec<ConfigError>) -> Self {
        fn or_none<T: Default>(read: Result<T, ConfigError>, mistakes: &mut Vec<ConfigError>) -> T {
            read.map_err(|it| mistakes.push(it)).unwrap_or_default()
        }
        let (recipes, warnings) = or_none(sites::read(dir), mistakes);
        let written = files::read(dir, &files::SOURCES).and_then(|it| sources::parse(&it.path, &it.text));
        let sources = or_none(written, mistakes);
        let topics = or_none(files::read(dir, &files::TOPICS).and_then(|it| topics(&it)), mistakes);
        let glossary = or_none(files::read(dir, &files::GLOSSARY).and_then(|it| glossary(&it)), mistakes);
        let written = files::read(dir, &files::WATCHES).and_then(|it| watches(&it, &glossary.0));
        Self { sources, recipes, warnings, topics, glossary, watches: or_none(written, mistakes) }
    }
}

fn state_dir(origin: &Origin, layers: &Layers, written: &file::File) -> Result<PathBuf, ConfigError> {
    let dir = match (&origin.state_dir, written.daemon.state_dir.as_str()) {
        (Some(dir), _) => Some(dir.clone()),
        (None, "") => paths::state_dir(),
        (None, dir) if Path::new(dir).is_absolute() => Some(PathBuf::from(dir)),
        // By the current directory there would be an archive for each.
        (None, dir) => {
            let problem = format!("state_dir {dir:?} is no absolute path such as \"/var/lib/sitrepd\"");
            return Err(layers.error(&["daemon", "state_dir"], problem));
        }
    };
    let problem = "there is no home directory to keep the archive in; set [daemon] state_dir";
    dir.ok_or_else(|| layers.error(&["daemon"], problem))
}

/// See [`super::state_dir_of`].
pub(super) fn state_dir_of(origin: &Origin) -> Result<PathBuf, ConfigError> {
    if let Some(dir) = &origin.state_dir {
        return Ok(dir.clone());
    }
    // Nothing in the files overrides it.
    let is_it = |(_, keys, _): &&EnvironmentKey| keys == &["daemon", "state_dir"];
    let env = environment(&origin.env);
    if let Some(dir) = env.iter().find(is_it).map(|it| PathBuf::from(&it.2)).filter(|it| it.is_absolute()) {
        return Ok(dir);
    }
    let layers = Layers::read(origin.dir.as_deref())?;
    let written = read::parse_over(file::DEFAULTS, &layers, &env)?;
    state_dir(origin, &layers, &written)
}

/// See [`super::written_sources`].
pub(super) fn written_sources(origin: &Origin) -> Result<Vec<Source>, ConfigError> {
    let file = files::read(origin.dir.as_deref(), &files::SOURCES)?;
    let sources = sources::parse(&file.path, &file.text)?;
    Ok(sources.into_iter().map(|it| Source { url: without_login(it.url.clone()), ..it }).collect())
}

/// What goes into a [`Config`].
struct Assembly<'a> {
    layers: &'a Layers,
    env: &'a [EnvironmentKey],
    secrets: Secrets<'a>,
    written: file::File,
    state_dir: PathBuf,
}

impl Assembly<'_> {
    fn config(self, dir: Option<&Path>, files: Files) -> Result<Config, ConfigError> {
        let Files { sources, recipes, mut warnings, topics, glossary, watches } = files;
        let (topics, topic_names, seeds) = topics;
        let (glossary, people) = glossary;
        if self.written.daemon.contact.is_empty() {
            warnings.push(
                "[daemon] contact is empty: publishers cannot reach you, and some refuse such visitors".to_owned(),
            );
        }
        let secrets = [&self.written.mail.password_file, &self.written.mail.unsubscribe_key_file].map(Path::new);
        warnings.extend(secrets.into_iter().filter(|it| paths::is_open_to_others(it)).map(open_to_others));
        warnings.extend(short_of_examples(&topics, &seeds));
        warnings.extend(unread::beside(dir));
        warnings.extend(unread::conf_d(dir));
        warnings.extend(idle(&sources, &watches));
        let named = self.written.channel.iter().map(|it| it.name.as_str());
        warnings.extend(unread::variables(self.secrets.variables(), named));
        let mut channels = self.channels(&mut warnings)?;
        let digest_channels = self.expand(&["digest", "channels"], &self.written.digest.channels, &channels)?;
        let usual = self.expand(&["alerts", "channels"], &self.written.alerts.channels, &channels)?;
        let routes = Routes::new(usual, watches.routes(|names| delivery::ways(names, &channels))?);
        let recipe_names: HashSet<&str> = recipes.iter().map(|it| it.name()).collect();
        warnings.extend(doubtful(&sources, &recipe_names, &self.allowed_hosts()?));
        let known = digests::Known {
            topics: topic_names.iter().map(|it| it.id.as_str()).collect(),
            watches: watches.list.names().iter().map(String::as_str).collect(),
            countries: sources.iter().map(|it| it.country.as_str()).collect(),
        };
        warnings.extend(self.without_mail(watches.channels().iter().flat_map(|it| &it.2)));
        // Checked first: what an audience leaves out comes from [digest], and is wrong there.
        let digest = self.digest(digest_channels)?;
        let audiences = self.audiences(&known, &mut channels)?;
        warnings.extend([&digest].into_iter().chain(&audiences).flat_map(digests::warnings));
        let of_sources: Vec<_> = sources.iter().map(Known::of).collect();
        warnings.extend(waiting_for_ever(&watches, &known.topics, &of_sources));
        let countries = sources.iter().map(|it| (it.id.clone(), it.country.clone())).collect();
        let config = Config {
            log: self.log()?,
            domain: self.domain(),
            polled: self.polled(sources)?,
            poll: self.poll(),
            schedule: self.schedule(),
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
                copies: self.copies(),
                routes,
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
            own_files: files::own(dir),
            state_dir: self.state_dir,
        };
        Ok(config)
    }

    fn poll(&self) -> Poll {
        let file::Poll { interval, concurrency, pages_at_once, page_retries, .. } = self.written.poll;
        Poll { interval, concurrency, pages_at_once, page_retries }
    }

    fn schedule(&self) -> schedule::Settings {
        let file::Poll { min_interval, max_interval, parked_interval, max_backoff, jitter, .. } = self.written.poll;
        schedule::Settings { min_interval, max_interval, max_backoff, parked_interval, jitter }
    }

    fn copies(&self) -> dedup::Settings {
        let file::Copies { min_containment, min_words, window, max_held, background } = self.written.copies;
        dedup::Settings { min_containment, min_words, window, max_held, background }
    }

    fn error(&self, path: &[&str], problem: impl Into<String>) -> ConfigError {
        if let Some((name, ..)) = self.env.iter().find(|(_, keys, _)| keys == path) {
            return ConfigError::Invalid { place: format!("environment variable {name}"), problem: problem.into() };
        }
        self.layers.error(path, problem)
    }

    fn file_names(&self) -> Result<FileNames, ConfigError> {
        let file::Files { name, feed, url, .. } = &self.written.files;
        let names = FileNames::new(name, feed).map_err(|(is_feed, error)| {
            let key = if is_feed { "feed" } else { "name" };
            self.error(&["files", key], format!("[files] {key}: {error}"))
        })?;
        if url.is_empty() {
            return Ok(names);
        }
        let is_place = |it: &Url| {
            matches!(it.scheme(), "http" | "https") && it.has_host() && it.query().is_none() && it.fragment().is_none()
        };
        // A password in it would be shown to every reader of the feeds.
        let is_public = |it: &Url| it.username().is_empty() && it.password().is_none();
        match Url::parse(url).ok().filter(is_place) {
            Some(url) if is_public(&url) => Ok(names.served_at(&url)),
            Some(_) => Err(self.error(&["files", "url"], "[files] url has a user's name or password in it")),
            None => {
                let problem =
                    format!("[files] url: {url:?} is no web address such as https://sitrep.example.org/digests/");
                Err(self.error(&["files", "url"], problem))
            }
        }
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
        let level = self.written.log.level.clone();
        let is_level = |it: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&it);
        // `warning` alone would be read as the name of a module, and nothing but that logged.
        let fits =
            |it: &str| it.trim().rsplit_once('=').map_or_else(|| is_level(it.trim()), |(_, it)| is_level(it.trim()));
        if !level.split(',').all(|it| fits(&it.to_lowercase())) {
            let problem = format!(
                "level {level:?} is none of error, warn, info, debug, trace and off, nor a list such as \"info,sitrepd::fetch=debug\""
            );
            return Err(self.error(&["log", "level"], problem));
        }
        Ok(Log { format, level })
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
            source.url = without_login(source.url);
            let timetable = Timetable::new(source.cadence.as_ref().unwrap_or(&default));
            timetable.map(|timetable| Arc::new(Polled { source, timetable }))
        });
        polled.collect::<Result<_, _>>().map_err(|it| self.error(&["poll", "interval"], it.to_string()))
    }

    /// The store's settings. `cooldown` is the longest cool-down of any watch.
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

    /// How long records are kept. Whatever affects new articles must still be there: the window of stories, and the
    /// cool-downs.
    fn keep(&self, cooldown: Option<Duration>) -> Result<Option<Duration>, ConfigError> {
        const LEAST: Duration = Duration::from_secs(30 * 24 * 3600);
        let keep = self.written.store.keep;
        let least = LEAST.max(self.written.copies.window.saturating_mul(2)).max(cooldown.unwrap_or_default());
        match keep {
            Duration::ZERO => Ok(None),
            _ if keep >= least => Ok(Some(keep)),
            _ => {
                let least = file::spoken(least);
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

/// An address of a source without its login, which causes a warning and is never sent, so that no list, log or file
/// contains it.
fn without_login(mut url: Url) -> Url {
    // These fail only for addresses that cannot carry one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// That nothing is polled, or nothing watched for: a file that is empty is read without a mistake, also one that an
/// editor is about to write.
fn idle(sources: &[Source], watches: &Watches) -> Vec<String> {
    let mut res = Vec::new();
    if !sources.iter().any(|it| it.enabled) {
        res.push("no source is enabled: nothing is polled; sitrepd source add ADDRESS adds one".to_owned());
    }
    if watches.rules.is_empty() {
        res.push("there is no watch: no alert is sent; sitrepd watch add adds one".to_owned());
    }
    res
}

/// What is doubtful about the sources: one that is never read or not public, or that names a recipe or a sibling that is
/// not there.
fn doubtful(sources: &[Source], recipes: &HashSet<&str>, allowed: &[fetch::AllowedHost]) -> Vec<String> {
    let ids: HashSet<_> = sources.iter().map(|it| &it.id).collect();
    let mut by_url = HashMap::new();
    let mut res = Vec::new();
    for source in sources {
        let id = &source.id;
        if let Some(name) = source.recipe.as_deref().filter(|it| !recipes.contains(it)) {
            res.push(format!("source {id}: there is no recipe {name:?} in sites/"));
        }
        res.extend(never_read(source));
        let place = fetch::private_host(&source.url, allowed).filter(|_| source.enabled);
        res.extend(place.map(|it| format!("source {id} is at {it}")));
        if let Some(sibling) = source.sibling.as_ref().filter(|it| !ids.contains(it)) {
            res.push(format!("source {id}: there is no source {sibling} to be its sibling"));
        }
        if source.enabled
            && let Some(same) = by_url.insert(&source.url, id)
        {
            res.push(format!("source {id} has the address of source {same}: each gets a part of the articles"));
        }
    }
    res
}

/// Why a source, or the part of it behind a login, is never read.
fn never_read(source: &Source) -> Vec<String> {
    let Source { id, url, cadence, .. } = source;
    let has_login = !url.username().is_empty() || url.password().is_some();
    let login = has_login.then(|| {
        format!(
            "source {id}: its address has a login in it (user:password@), and none is ever sent: what needs one cannot be read"
        )
    });
    let is_never = cadence.as_ref().is_some_and(|it| Timetable::new(it).is_ok_and(|it| it.is_never()));
    let never = is_never.then(|| {
        format!("source {id}: its schedule names a day that does not come, such as 31 February: it is never read")
    });
    login.into_iter().chain(never).collect()
}
