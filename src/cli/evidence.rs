//! How to cite an article, what happened to it since it was first read, and its page as it came in.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
};

use chrono::Utc;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    api::{self, warc::WarcWriter},
    config::{Config, Origin},
    model::{Article, ArticleId, Event, Finding, Page, Report, Snapshot, Timestamp, Trail},
    store::{LedgerReader, Store, StoreError},
    text::{self, Side},
};

use super::{
    CliError, Output,
    archive::{self, when},
    damage, logging,
    output::{ALARM, FAINT, HEADING, WELL, count, shown},
    proof::hex,
    setup,
};

/// The data by which an article is cited elsewhere.
#[derive(Debug, Serialize)]
pub(super) struct Citation {
    outlet: String,
    title: String,
    authors: Vec<String>,
    published: Option<String>,
    #[serde(skip)]
    published_at: Option<Timestamp>,
    /// The article's claimed date if it is in the future and so not believed.
    published_claimed: Option<String>,
    #[serde(skip)]
    claimed_at: Option<Timestamp>,
    /// When the daemon first held it.
    first_seen: String,
    #[serde(skip)]
    first_seen_at: Timestamp,
    url: Option<String>,
    version: u32,
    /// SHA-256 of the title, a line feed, and the body, in UTF-8.
    text_sha256: String,
    /// The number of its record in the archive; `sitrepd show --proof` leads there.
    record: Option<u64>,
}

impl Citation {
    pub(super) fn of(store: &dyn Store, report: &Report, config: &Config) -> Result<Self, StoreError> {
        let article = &report.article;
        let source = || config.source(article.source.as_str()).map(|it| it.source.name.clone());
        let outlet = article.site_name.clone().or_else(source).unwrap_or_else(|| article.source.to_string());
        Ok(Self {
            outlet,
            title: article.title.clone(),
            authors: article.authors.clone(),
            published: article.believed_date().map(api::instant),
            published_at: article.believed_date(),
            published_claimed: article.disbelieved_date().map(api::instant),
            claimed_at: article.disbelieved_date(),
            first_seen: api::instant(article.first_seen),
            first_seen_at: article.first_seen,
            url: article.link.as_ref().map(ToString::to_string),
            version: article.version,
            text_sha256: hex(&text_hash(article)),
            record: store.record_number(article.id)?,
        })
    }

    /// For people, on one line.
    pub(super) fn line(&self, config: &Config) -> String {
        let authors = if self.authors.is_empty() { String::new() } else { format!("{}, ", self.authors.join(", ")) };
        let claimed = self.claimed_at.map(|at| format!(", dated by itself {}", when(at, config)));
        let published = self.published_at.map(|at| format!(", published {}", when(at, config)));
        let published = published.or(claimed).unwrap_or_default();
        let url = self.url.as_deref().map(|it| format!(", {it}")).unwrap_or_default();
        let record = self.record.map(|it| format!(", record {it} of this archive")).unwrap_or_default();
        let seen = when(self.first_seen_at, config);
        let (outlet, title, version, hash) = (&self.outlet, &self.title, self.version, &self.text_sha256);
        shown(&format!(
            "{authors}“{title}”, {outlet}{published}{url}, seen {seen}, version {version}, SHA-256 of title and text \
             {hash}{record}"
        ))
    }
}

/// SHA-256 of an article's title, a line feed and its body.
fn text_hash(article: &Article) -> [u8; 32] {
    Sha256::digest(format!("{}\n{}", article.title, article.body)).into()
}

/// When a version was read.
fn read_at(article: &Article) -> Timestamp {
    match &article.page {
        Page::Fetched(it) => it.at,
        Page::Withheld(_) | Page::Unreachable(_) | Page::None => article.first_seen,
    }
}

/// What happened to an article, oldest first.
pub(super) fn events(store: &dyn Store, article: &Article) -> Result<Vec<Event>, StoreError> {
    let mut res = Vec::new();
    store.events(article.first_seen..Timestamp::MAX_UTC, &mut |it| {
        if it.article == article.id {
            res.push(it);
        }
        ControlFlow::Continue(())
    })?;
    res.reverse();
    Ok(res)
}

/// Tells of the versions, where there are more than one, and of what happened.
pub(super) fn history(
    store: &dyn Store,
    article: &Article,
    config: &Config,
    fact: &dyn Fn(&str, String) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let versions = store.versions(article.id)?;
    if versions.len() > 1 {
        for it in &versions {
            let words = it.body.split_whitespace().count();
            let (number, time, method) = (it.version, when(read_at(it), config), archive::method(&it.method));
            fact("version", format!("{number}, {time}, {} from {}", count(words, "word"), shown(&method)))?;
        }
        fact("changes", format!("sitrepd show {} --diff tells the words", article.id))?;
    }
    for it in events(store, article)? {
        let time = when(it.at, config);
        let (what, more) = match &it.finding {
            Finding::Withdrawn(why) => ("withdrawn", format!(": {}", shown(why))),
            Finding::Changed(version) => ("changed", format!(", version {version}")),
            Finding::Same | Finding::Missing(_) | Finding::Failed(_) => continue,
        };
        fact("event", format!("{ALARM}{what}{ALARM:#} by {time}{more}"))?;
        if let Some(it) = &it.trail {
            fact("fetched", way(it))?;
        }
    }
    let last = store.last_reading(article.id)?;
    fact("read again", last.map(|it| format!("{}, {}", when(it.at, config), it.state.as_str())).unwrap_or_default())
}

/// How an answer came, on one line.
fn way(it: &Trail) -> String {
    let redirects = it.redirects.iter().map(|it| format!("{} → {}", it.status, it.to));
    let server = it.headers.iter().filter(|(name, _)| matches!(name.as_str(), "date" | "server" | "via"));
    let server = server.map(|(name, value)| format!("{name}: {value}"));
    let parts = [it.asked.clone()].into_iter().chain(redirects).chain([format!("status {}", it.status)]).chain(server);
    shown(&parts.collect::<Vec<_>>().join(", "))
}

fn way_record(it: &Trail) -> serde_json::Value {
    let redirects: Vec<_> = it.redirects.iter().map(|it| json!({ "status": it.status, "to": it.to })).collect();
    let headers: serde_json::Map<_, _> = it.headers.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
    json!({
        "asked": it.asked,
        "url": it.url,
        "redirects": redirects,
        "status": it.status,
        "headers": headers,
        "at": api::instant(it.at),
    })
}

pub(super) fn version_record(it: &Article) -> serde_json::Value {
    let fetched = match &it.page {
        Page::Fetched(it) => Some(it),
        Page::Withheld(_) | Page::Unreachable(_) | Page::None => None,
    };
    json!({
        "version": it.version,
        "read": api::instant(read_at(it)),
        "status": fetched.map(|it| it.status),
        "url": fetched.map(|it| &it.url),
        "title": it.title,
        "words": it.body.split_whitespace().count(),
        "text_sha256": hex(&text_hash(it)),
    })
}

pub(super) fn event_record(it: &Event) -> serde_json::Value {
    let (what, version, why) = match &it.finding {
        Finding::Changed(version) => ("changed", Some(version), None),
        Finding::Withdrawn(why) => ("withdrawn", None, Some(why)),
        Finding::Missing(why) => ("missing", None, Some(why)),
        Finding::Failed(why) => ("failed", None, Some(why)),
        Finding::Same => ("same", None, None),
    };
    let fetch = it.trail.as_ref().map(way_record);
    json!({ "what": what, "at": api::instant(it.at), "version": version, "why": why, "fetch": fetch })
}

/// The words that were changed from each version to the next.
pub(super) fn diff(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let (config, store) = archive::open(origin, out)?;
    let report = archive::find(&*store, id)?;
    let versions = store.versions(report.article.id)?;
    if versions.len() < 2 && !out.is_json() {
        out.line("there is one version of it")?;
    }
    for pair in versions.windows(2) {
        let [old, new] = pair else { continue };
        let whole = |it: &Article| format!("{}\n{}", it.title, it.body);
        let runs = text::word_diff(&whole(old), &whole(new));
        if out.is_json() {
            let run = |it: &text::Run| json!({ "side": it.side.as_str(), "text": it.text });
            out.record(&json!({
                "article": report.article.id.to_string(),
                "old": version_record(old),
                "new": version_record(new),
                "runs": runs.iter().map(run).collect::<Vec<_>>(),
            }))?;
            continue;
        }
        let head = |it: &Article| format!("version {}, {}", it.version, when(read_at(it), &config));
        out.line(format!("{HEADING}{} → {}{HEADING:#}", head(old), head(new)))?;
        let mut text = String::new();
        for (number, run) in runs.iter().enumerate() {
            if number > 0 && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(&marked(run));
        }
        for line in text.lines() {
            out.line(format!("\n{line}"))?;
        }
        out.line("")?;
    }
    damage::ended(&store)
}

/// A run of words: `[-taken out-]`, `{+put in+}`, and in colour where the terminal has any. What both versions have is
/// cut to a line's beginning and end where it is long.
fn marked(run: &text::Run) -> String {
    let mark = |open: &str, close: &str, style: anstyle::Style| {
        // A mark stands within its line: what follows is a line of its own.
        let lines = run.text.split_inclusive('\n').map(|line| {
            let (words, end) = line.strip_suffix('\n').map_or((line, ""), |it| (it, "\n"));
            format!("{style}{open}{}{close}{style:#}{end}", shown(words))
        });
        lines.collect::<String>()
    };
    match run.side {
        Side::Old => mark("[-", "-]", ALARM),
        Side::New => mark("{+", "+}", WELL),
        Side::Both => run.text.split_inclusive('\n').map(same).collect(),
    }
}

/// A line that both versions have, or a part of it.
fn same(line: &str) -> String {
    const EDGE: usize = 12;
    let (words, end) = line.strip_suffix('\n').map_or((line, ""), |it| (it, "\n"));
    let words: Vec<&str> = words.split(' ').collect();
    let shortened = match (words.get(..EDGE), words.len().checked_sub(EDGE).and_then(|it| words.get(it..))) {
        (Some(first), Some(last)) if words.len() > 3 * EDGE => format!("{} … {}", first.join(" "), last.join(" ")),
        _ => words.join(" "),
    };
    format!("{FAINT}{}{FAINT:#}{end}", shown(&shortened))
}

/// Writes the pages that are kept, of one article or of all, as a WARC file.
pub(super) fn warc(origin: &Origin, file: &Path, id: Option<&str>, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let place = setup::place(origin)?;
    let store = setup::articles(&place, out)?;
    let only = id.map(|it| archive::find(&*store, it)).transpose()?.map(|it| it.article.id);
    let withdrawals = withdrawals(&*store, only)?;
    let mut missing = only.map(|it| store.versions(it)).transpose()?.unwrap_or_default();
    let (mut pages, mut read) = (0, Ok(()));
    let mut write = |to: &mut dyn Write, name: &str| -> Result<u64, CliError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
            _ => CliError::File { doing: "write", path: file.to_owned(), source },
        };
        let mut warc = WarcWriter::new(to, name, Utc::now()).map_err(failed)?;
        let mut result = Ok(());
        read = LedgerReader::open(&place)?.pages(&mut |seq, page: Snapshot| {
            if only.is_some_and(|it| it != page.article) {
                return ControlFlow::Continue(());
            }
            missing.retain(|it| it.version != page.version);
            result = store.versions(page.article).map_err(CliError::from).and_then(|versions| {
                let version = versions.iter().find(|it| it.version == page.version);
                warc.page(&page, seq, version).map_err(failed)
            });
            pages += 1;
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        result?;
        withdrawals.iter().try_for_each(|it| warc.withdrawal(it)).map_err(failed)?;
        Ok(warc.finish().0)
    };
    let is_stream = file == Path::new("-");
    let records = match is_stream {
        true => out.raw_with(|to| write(to, "pages.warc.gz"))?,
        false => setup::write_file(file, |to| write(to, &file.file_name().unwrap_or_default().to_string_lossy()))?,
    };
    let what = format!("{} in {} written", count(pages, "page"), super::keeping::records(records));
    match is_stream {
        true => out.note(&what),
        false => out.done(
            &format!("{what} to {}", file.display()),
            &json!({ "written": file, "pages": pages, "withdrawals": withdrawals.len(), "records": records }),
        )?,
    }
    // Everything readable was written. Unreadable records are reported if they may be part of what was requested.
    if only.is_some() && missing.is_empty() { damage::ended(&store) } else { Ok(read?) }
}

/// The withdrawals of one article or of all, if the site's answer is known; oldest first.
fn withdrawals(store: &dyn Store, only: Option<ArticleId>) -> Result<Vec<Event>, StoreError> {
    let mut res = Vec::new();
    store.events(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
        let is_wanted = only.is_none_or(|wanted| wanted == it.article) && it.trail.is_some();
        if is_wanted && matches!(it.finding, Finding::Withdrawn(_)) {
            res.push(it);
        }
        ControlFlow::Continue(())
    })?;
    res.reverse();
    Ok(res)
}

/// Writes the page of a version as it came in.
pub(super) fn page(origin: &Origin, id: &str, version: Option<u32>, file: &Path, out: &Output) -> Result<(), CliError> {
    let (config, store) = archive::open(origin, out)?;
    let Article { id: article, version: newest, .. } = archive::find(&*store, id)?.article;
    drop(store);
    let mut found: Option<(u64, Snapshot)> = None;
    let visit = &mut |seq, it: Snapshot| {
        if it.article == article && version.is_none_or(|wanted| wanted == it.version) {
            found = Some((seq, it));
        }
        ControlFlow::Continue(())
    };
    let read = LedgerReader::open(&config.store)?.pages(visit);
    let Some((record, snapshot)) = found else {
        // Damage may be why it is not found.
        read?;
        return Err(CliError::NotFound(match version {
            Some(it) if it == 0 || it > newest => {
                format!("article {article} has no version {it}; its newest is {newest}")
            }
            _ => format!(
                "no page is kept of this version of article {article}: pages are kept of articles that have a topic or raised an alert"
            ),
        }));
    };
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
        _ => CliError::File { doing: "write", path: file.to_owned(), source },
    };
    if file == Path::new("-") {
        return out.raw_with(|to| to.write_all(&snapshot.body).map_err(failed));
    }
    setup::write_file(file, |to| to.write_all(&snapshot.body).map_err(failed))?;
    let trail = &snapshot.trail;
    let redirects: Vec<_> = trail.redirects.iter().map(|it| json!({ "status": it.status, "to": it.to })).collect();
    let headers: serde_json::Map<_, _> = trail.headers.iter().map(|(name, it)| (name.clone(), json!(it))).collect();
    out.done(
        &format!("page of version {} ({} bytes) written to {}", snapshot.version, snapshot.body.len(), file.display()),
        &json!({
            "written": file,
            "article": article.to_string(),
            "version": snapshot.version,
            "record": record,
            "asked": trail.asked,
            "url": trail.url,
            "redirects": redirects,
            "status": trail.status,
            "headers": headers,
            "at": api::instant(trail.at),
            "bytes": snapshot.body.len(),
            "sha256": hex(&Sha256::digest(&snapshot.body)),
        }),
    )?;
    // If no version was requested, damage may be the reason why the page of a newer one is not found.
    if version.is_none() && snapshot.version < newest { Ok(read?) } else { Ok(()) }
}
