//! `sitrepd demo`: the whole line over loopback HTTP on the bundled sample site.
//!
//! The same code as `sitrepd poll` and `sitrepd digest`, with the real client, a ledger and sled in a
//! temporary directory. Only the address of the site is let through the client's guard.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    api,
    config::{Config, Origin},
    daemon::{DaemonError, collect::PollReport, demo_site, digests, outbox},
    model::{Alert, Article, Method, Report, Timestamp},
    store::Store,
};

use super::{
    CliError, Output, archive, logging,
    output::{ALARM, FAINT, HEADING, count, short, shown},
    poll,
    setup::{self, Parts},
};

/// How far the demo's digest goes back: everything it read.
const PERIOD: Duration = Duration::from_secs(3600);

/// Runs the line over the sample site, says what was found and why, and writes the HTML digest into `directory`.
pub(super) fn run(directory: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let started = Instant::now();
    fs::create_dir_all(directory).map_err(|source| CliError::File {
        doing: "create",
        path: directory.to_owned(),
        source,
    })?;
    let scratch = Scratch::new()?;
    let runtime = setup::runtime()?;
    let (address, site) = runtime.block_on(serve())?;
    let base = format!("http://{address}");
    let config = Arc::new(configuration(&scratch.0, &base)?);
    if !out.is_json() {
        out.line(format!(
            "A sample site with invented news is served at {base} and read over real HTTP,\n\
             by the code of sitrepd run, into a new archive. Nothing leaves this machine."
        ))?;
    }
    let parts = Parts::new(Arc::clone(&config))?;
    let sources: Vec<_> = config.enabled().cloned().collect();
    let result = runtime.block_on(async {
        let first = poll::round(&parts.ctx, &sources, out).await?;
        let second = poll::round(&parts.ctx, &sources, out).await?;
        let digest = digests::issue_now(&parts.ctx, &parts.ctx.config.digest, PERIOD).await?;
        outbox::round(&parts.ctx).await?;
        Ok::<_, DaemonError>((first, second, digest))
    });
    site.abort();
    drop(runtime);
    let result = result.map_err(CliError::from).and_then(|(first, second, _)| {
        let (reports, alerts) = held(&*parts.ctx.store)?;
        let page = digest_page(&config, directory)?;
        tell(&Findings { config: &config, first, second, reports, alerts, page, started }, out)
    });
    parts.close();
    result
}

async fn serve() -> Result<(SocketAddr, tokio::task::JoinHandle<()>), CliError> {
    let failed = |source| CliError::Io { doing: "serve the sample site on 127.0.0.1", source };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let router = demo_site::router(&format!("http://{address}")).map_err(|it| CliError::Defect(it.to_string()))?;
    let site = tokio::spawn(async move {
        // It ends with the runtime; an error of one connection does not end it.
        let _ = axum::serve(listener, router).await;
    });
    Ok((address, site))
}

/// The shipped configuration with the sample site's sources, and its address let through the guard.
fn configuration(scratch: &Path, base: &str) -> Result<Config, CliError> {
    let dir = scratch.join("config");
    let write = || {
        fs::create_dir_all(dir.join("sites"))?;
        fs::write(dir.join("sites/demo.toml"), demo_site::RECIPE)?;
        fs::write(dir.join("sources.toml"), demo_site::sources(base))
    };
    write().map_err(|source| CliError::File { doing: "create", path: dir.clone(), source })?;
    let address = base.trim_start_matches("http://");
    let setting = |key: &str, value: String| (format!("SITREPD__{key}"), value);
    let env = vec![
        setting("FETCH__ALLOW_PRIVATE", format!("[{address:?}]")),
        setting("FETCH__HOST_DELAY", "0s".to_owned()),
        setting("FETCH__PER_HOST", "8".to_owned()),
        setting("DAEMON__CONTACT", "demo".to_owned()),
        // The sample's dates grow old.
        setting("ALERTS__MAX_AGE", "0s".to_owned()),
        setting("DIGEST__FORMATS", "[\"html\"]".to_owned()),
        setting("DIGEST__TITLE", "Situation report (sample)".to_owned()),
    ];
    let origin = Origin { dir: Some(dir), state_dir: Some(scratch.join("state")), env };
    Ok(Config::load(&origin)?)
}

/// Everything in the archive, oldest first.
fn held(store: &dyn Store) -> Result<(Vec<Report>, Vec<Alert>), CliError> {
    let ever = Timestamp::MIN_UTC..Timestamp::MAX_UTC;
    let (mut reports, mut alerts) = (Vec::new(), Vec::new());
    store.reports(ever.clone(), &mut |it| {
        reports.push(it);
        ControlFlow::Continue(())
    })?;
    store.alerts(ever, &mut |it| {
        alerts.push(it);
        ControlFlow::Continue(())
    })?;
    reports.reverse();
    alerts.reverse();
    Ok((reports, alerts))
}

/// Takes the digest that the files channel has delivered to a place that stays.
fn digest_page(config: &Config, directory: &Path) -> Result<PathBuf, CliError> {
    let delivered = config.state_dir.join("out");
    let failed = |source| CliError::File { doing: "read", path: delivered.clone(), source };
    let listing = fs::read_dir(&delivered).map_err(failed)?;
    let mut pages = listing.flatten().map(|it| it.path()).filter(|it| it.extension().is_some_and(|ext| ext == "html"));
    let page = pages.next().ok_or_else(|| CliError::Defect("the digest was not delivered".to_owned()))?;
    let path = directory.join("sitrepd-demo.html");
    fs::copy(page, &path).map_err(|source| CliError::File { doing: "create", path: path.clone(), source })?;
    Ok(path.canonicalize().unwrap_or(path))
}

struct Findings<'a> {
    config: &'a Config,
    first: Vec<PollReport>,
    second: Vec<PollReport>,
    reports: Vec<Report>,
    alerts: Vec<Alert>,
    page: PathBuf,
    started: Instant,
}

impl Findings<'_> {
    fn stories(&self) -> usize {
        self.reports.iter().filter(|it| it.is_first()).count()
    }
}

fn tell(found: &Findings<'_>, out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        found.reports.iter().try_for_each(|it| out.record(&api::Report::from(it)))?;
        found.alerts.iter().try_for_each(|it| out.record(&api::Alert::from(it)))?;
        return out.record(&json!({
            "articles": found.reports.len(),
            "stories": found.stories(),
            "alerts": found.alerts.len(),
            "pages_first_poll": pages(&found.first),
            "pages_second_poll": pages(&found.second),
            "digest": found.page,
        }));
    }
    let section = |name: &str, what: &str| out.line(format!("\n{HEADING}{name}{HEADING:#}  {FAINT}{what}{FAINT:#}"));
    section("Poll", "each feed is read, then the page of every article that is new")?;
    poll::table(&found.first, out)?;
    out.line(format!(
        "{} in {}; a second poll found {} and asked for {}",
        count(found.reports.len(), "article"),
        count(found.stories(), "story"),
        count(found.second.iter().map(|it| it.new.len()).sum(), "new article"),
        count(pages(&found.second), "page"),
    ))?;
    section("Alerts", "watched names in any script and case, once for a story")?;
    alerts(found, out)?;
    section("Stories", "reports of one event together; topics by points, with the words that show them most")?;
    found.reports.iter().filter(|it| it.is_first()).try_for_each(|it| story(found, it, out))?;
    section("Digest", "the same for readers: open it in a browser")?;
    out.line(found.page.display().to_string())?;
    out.line(format!(
        "\nDone in {:.1} s. Your own sources, topics and watches: sitrepd init, then sitrepd poll",
        found.started.elapsed().as_secs_f64()
    ))
}

fn pages(polls: &[PollReport]) -> usize {
    polls.iter().map(|it| it.pages).sum()
}

/// Under each watch what it found and where.
fn alerts(found: &Findings<'_>, out: &Output) -> Result<(), CliError> {
    let by_id: BTreeMap<_, _> = found.reports.iter().map(|it| (it.article.id, &it.article)).collect();
    for watch in found.config.rules.watchlist.names() {
        let alerts: Vec<_> = found.alerts.iter().filter(|it| it.watch == *watch).collect();
        if alerts.is_empty() {
            continue;
        }
        out.line(format!("{ALARM}{}{ALARM:#}  {}", shown(watch), count(alerts.len(), "alert")))?;
        for alert in alerts {
            let Some((hit, article)) = alert.hits.first().zip(by_id.get(&alert.article)) else { continue };
            let form = short(&hit.form, 40);
            let title = short(&article.title, 85 - form.chars().count());
            out.line(format!("  {} “{form}”  {FAINT}{title}{FAINT:#}", language(article)))?;
        }
    }
    Ok(())
}

fn story(found: &Findings<'_>, first: &Report, out: &Output) -> Result<(), CliError> {
    let article = &first.article;
    let method = match &article.method {
        Method::Recipe(_) => "site recipe",
        Method::Readability => "readability",
        Method::Feed => "feed only",
    };
    let n_letters = article.body.chars().count();
    out.line(format!("{} {HEADING}{}{HEADING:#}", language(article), short(&article.title, 90)))?;
    out.line(format!("     {FAINT}{}, {n_letters} characters of text by {method}{FAINT:#}", article.source))?;
    for it in &found.reports {
        if it.story() == first.story() && !it.is_first() {
            out.wrapped("     ", &format!("also {}: {}", it.article.source, shown(&it.reason())))?;
        }
    }
    let mut tags: Vec<_> = first.tags.iter().collect();
    tags.sort_by(|a, b| b.score.total_cmp(&a.score));
    for tag in tags {
        let words: Vec<_> = archive::evidence(tag, article).into_iter().take(2).collect();
        let (name, points) = (archive::topic_name(found.config, &tag.topic), archive::points(tag.score));
        out.line(format!("     {points:>5}  {name}: {}", words.join(", ")))?;
    }
    if first.tags.is_empty() { out.line("         –  no topic") } else { Ok(()) }
}

fn language(article: &Article) -> String {
    format!("[{}]", article.language.as_deref().map(shown).unwrap_or_default())
}

/// A directory that goes when the demo ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, CliError> {
        let base = std::env::temp_dir();
        // Another demo, or a stranger, may have made a directory of this name: take one that is new.
        let fresh = (0..1000).map(|n| base.join(format!("sitrepd-demo-{}-{n}", std::process::id())));
        let made = fresh.into_iter().find(|it| fs::create_dir(it).is_ok());
        made.map(Self).ok_or_else(|| CliError::File {
            doing: "create",
            path: base.join("sitrepd-demo"),
            source: std::io::Error::from(std::io::ErrorKind::PermissionDenied),
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is in the system's directory for temporary files, which it cleans itself.
        let _ = fs::remove_dir_all(&self.0);
    }
}
