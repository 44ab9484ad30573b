//! `sitrepd digest list`, `show` and `diff`: the digests that were issued.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::ControlFlow,
    path::PathBuf,
};

use chrono::SecondsFormat;
use serde_json::json;

use crate::{
    config::{self, Config, Origin},
    daemon::digests::{self, Making},
    digest::render::Format,
    model::{ArticleId, Attempt, Change, Content, DigestIssue, Document, MessageId, Outcome, Rendered, Timestamp},
    store::{LedgerReader, Store, StoreError, readable},
    text,
};

use super::{
    CliError, Output,
    archive::when,
    arguments::digest::IssuesCommand,
    damage,
    digest::document,
    logging,
    output::{FAINT, count, short, shown},
    setup,
};

pub(super) fn run(origin: &Origin, command: IssuesCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    if let IssuesCommand::Templates { dir } = command {
        return templates(origin, dir, out);
    }
    let config = setup::config(origin)?;
    let issued = issued(&config)?;
    match command {
        IssuesCommand::Templates { .. } => Ok(()),
        IssuesCommand::List => {
            list(&config, &issued.issues, &issued.attempts, out)?;
            issued.whole()
        }
        IssuesCommand::Show { slot, format } => show(&config, issued.find(&config, &slot)?, format, out),
        IssuesCommand::Diff { before, after } => {
            diff(&config, issued.find(&config, &before)?, issued.find(&config, &after)?, out)
        }
    }
}

/// Writes the built-in templates.
fn templates(origin: &Origin, dir: Option<PathBuf>, out: &Output) -> Result<(), CliError> {
    let beside = origin.dir.as_ref().map(|it| it.join("templates"));
    let dir = dir.or(beside);
    let dir = dir.ok_or_else(|| CliError::Usage("there is no configuration directory; name a directory".to_owned()))?;
    setup::tell_written(&config::write_templates(&dir)?, out)
}

/// The attempts to send each message, in order.
type Attempts = HashMap<MessageId, Vec<Attempt>>;

/// What the ledger has of digests.
struct Issued {
    /// Oldest first.
    issues: Vec<DigestIssue>,
    attempts: Attempts,
    /// The first damaged record; each damaged record may have been an issue.
    damage: Option<StoreError>,
}

impl Issued {
    /// The newest issue of a slot, of the main digest before others.
    fn find(&self, config: &Config, slot: &str) -> Result<&DigestIssue, CliError> {
        let with_digest = |it: &DigestIssue| format!("{}/{}", it.slot.digest, name(it)).starts_with(slot);
        let named = |it: &&DigestIssue| name(it).starts_with(slot) || with_digest(it);
        let is_main = |it: &&DigestIssue| it.slot.digest == config.digest.name;
        let newest = || self.issues.iter().rev().filter(named);
        if let Some(it) = newest().find(is_main).or_else(|| newest().next()) {
            return Ok(it);
        }
        // Damage may be why it is not found.
        self.whole()?;
        Err(CliError::NotFound(format!("no digest was issued for {slot:?}; sitrepd digest list tells which were")))
    }

    fn whole(&self) -> Result<(), CliError> {
        self.damage.as_ref().map_or(Ok(()), |it| Err(CliError::BadData(text::error_chain(it))))
    }
}

fn issued(config: &Config) -> Result<Issued, CliError> {
    let mut res = Issued { issues: Vec::new(), attempts: Attempts::new(), damage: None };
    if !setup::is_there(&config.store)? {
        return Ok(res);
    }
    let read = LedgerReader::open(&config.store)?.changes(&mut |_, change| {
        match change {
            Change::Digest(issue) => res.issues.push(*issue),
            Change::Delivery(it) if !it.message.is_of_alerts() => {
                res.attempts.entry(it.message.clone()).or_default().push(it);
            }
            _ => (),
        }
        ControlFlow::Continue(())
    });
    match read {
        Ok(()) => (),
        Err(error @ StoreError::Damaged { .. }) => res.damage = Some(error),
        Err(error) => return Err(error.into()),
    }
    Ok(res)
}

/// What became of a message: "sent", "given up", "dropped" or "waiting".
fn state(attempts: &[Attempt]) -> &'static str {
    match attempts.last().map(|it| &it.outcome) {
        Some(Outcome::Sent) => "sent",
        Some(Outcome::Parked { .. }) => "given up",
        Some(Outcome::Dropped { .. }) => "dropped",
        Some(Outcome::Retry { .. }) | None => "waiting",
    }
}

fn reason(attempts: &[Attempt]) -> Option<&str> {
    match &attempts.last()?.outcome {
        Outcome::Sent => None,
        Outcome::Retry { reason, .. } | Outcome::Parked { reason } | Outcome::Dropped { reason } => Some(reason),
    }
}

/// The name of an issue: the instant of its slot.
fn name(it: &DigestIssue) -> String {
    it.slot.at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The newest issue whose name begins so. Without the name of a digest that of `[digest]` is meant, where it has one.
/// As it went out; every way out had the same.
fn rendered(it: &DigestIssue) -> Option<&Rendered> {
    it.outbox.iter().find_map(|it| match &it.content {
        Content::Digest(rendered) => Some(rendered),
        Content::Alerts(_) | Content::Held(_) | Content::More(_) => None,
    })
}

fn list(config: &Config, issues: &[DigestIssue], attempts: &Attempts, out: &Output) -> Result<(), CliError> {
    if issues.is_empty() {
        out.note("no digest was issued yet; sitrepd schedule tells when the next one is");
    }
    for it in issues.iter().rev() {
        let tried = |id: &MessageId| attempts.get(id).map(Vec::as_slice).unwrap_or_default();
        let formats = rendered(it).map(|it| it.documents.iter().map(|it| it.name.as_str()).collect::<Vec<_>>());
        match out.is_json() {
            true => out.record(&json!({
                "slot": name(it),
                "digest": it.slot.digest,
                "since": instant(it.since),
                "until": instant(it.until),
                "articles": it.articles.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "channels": it.outbox.iter().map(|it| it.channel.as_str()).collect::<BTreeSet<_>>(),
                "messages": it.outbox.iter().map(|it| json!({
                    "id": it.id.0,
                    "channel": it.channel,
                    "state": state(tried(&it.id)),
                    "at": tried(&it.id).last().map(|it| instant(it.at)),
                    "attempts": tried(&it.id).len(),
                    "reason": reason(tried(&it.id)),
                })).collect::<Vec<_>>(),
                "documents": formats.unwrap_or_default(),
            }))?,
            false => {
                let (articles, messages) = (count(it.articles.len(), "article"), count(it.outbox.len(), "message"));
                let (since, until) = (when(it.since, config), when(it.until, config));
                let digest = match it.slot.digest == config.digest.name {
                    true => String::new(),
                    false => format!("{}/", it.slot.digest),
                };
                let mut states = BTreeMap::<_, usize>::new();
                for it in &it.outbox {
                    *states.entry(state(tried(&it.id))).or_default() += 1;
                }
                let states = match states.iter().collect::<Vec<_>>().as_slice() {
                    [] => String::new(),
                    [(state, _)] => format!(" {state}"),
                    all => {
                        let all: Vec<_> = all.iter().map(|(state, n)| format!("{n} {state}")).collect();
                        format!(": {}", all.join(", "))
                    }
                };
                out.line(format!(
                    "{digest}{}  {articles}, {messages}{states}  {FAINT}{since} to {until}{FAINT:#}",
                    name(it)
                ))?;
                for it in it.outbox.iter().filter(|it| state(tried(&it.id)) != "sent") {
                    let why = reason(tried(&it.id)).unwrap_or("it was not tried yet");
                    out.line(format!("    {}: {}", shown(&it.channel), shown(why)))?;
                }
            }
        }
    }
    Ok(())
}

fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Prints an issue as it was sent; in a format in which it was not made, as the archive gives it now.
fn show(config: &Config, issue: &DigestIssue, format: Format, out: &Output) -> Result<(), CliError> {
    let wanted = if out.is_json() { Format::Json } else { format };
    let print = |body: &str| match out.is_json() {
        true => {
            let value: serde_json::Value = serde_json::from_str(body).map_err(|it| CliError::Defect(it.to_string()))?;
            out.record(&value)
        }
        false => out.raw(|to| to.write_all(body.as_bytes())),
    };
    if let Some(body) = sent(issue, wanted) {
        return print(body);
    }
    let store = setup::archive(config)?;
    print(&make_again(config, &*store, issue, wanted, out)?)?;
    damage::ended(&store)
}

/// What went out in a format.
fn sent(issue: &DigestIssue, wanted: Format) -> Option<&String> {
    let rendered = rendered(issue)?;
    let of_format = |it: &&Document| it.media_type == wanted.media_type();
    // A mail may be shortened, and has no drawings.
    let of_mail = || match wanted {
        Format::Text => Some(&rendered.text),
        Format::Html => rendered.html.as_ref(),
        _ => None,
    };
    rendered.documents.iter().find(of_format).map(|it| &it.body).or_else(of_mail)
}

/// Makes an issue again, over the same window and with the present configuration of its digest, and says how far its
/// articles are the same.
fn make_again(
    config: &Config,
    store: &dyn Store,
    issue: &DigestIssue,
    wanted: Format,
    out: &Output,
) -> Result<String, CliError> {
    let issued_at = issue.outbox.first().map_or(issue.until, |it| it.due);
    let making = Making {
        plan: digests::plan(config, &issue.slot),
        slot: &issue.slot,
        window: &(issue.since..issue.until),
        now: issued_at,
    };
    let (digest, _) = digests::chosen(config, store, making)?;
    let [then, now] = [&issue.articles, &digest.articles].map(|it| it.iter().collect::<BTreeSet<_>>());
    let (gone, come) = (then.difference(&now).count(), now.difference(&then).count());
    let articles = match (gone, come) {
        (0, 0) => "of the same articles".to_owned(),
        _ => format!("without {} that it had, with {} that it had not", count(gone, "article"), count(come, "article")),
    };
    out.note(&format!(
        "the digest of {} did not go out as {wanted}: made again from the archive, {articles}; stories and sources are \
         shown as they are now",
        name(issue)
    ));
    Ok(document(digests::rendered(config, &digest, &[wanted])?)?.body)
}

fn diff(config: &Config, before: &DigestIssue, after: &DigestIssue, out: &Output) -> Result<(), CliError> {
    let [old, new] = [before, after].map(|it| it.articles.iter().copied().collect::<BTreeSet<ArticleId>>());
    let [gone, come] = [old.difference(&new).copied(), new.difference(&old).copied()].map(Iterator::collect::<Vec<_>>);
    let store = setup::articles(&config.store, out)?;
    let mut titles = BTreeMap::new();
    for id in gone.iter().chain(&come) {
        titles.insert(*id, readable(store.report(*id))?.map(|it| it.article.title).unwrap_or_default());
    }
    if out.is_json() {
        let records = |ids: &[ArticleId]| {
            ids.iter().map(|it| json!({ "id": it.to_string(), "title": titles.get(it) })).collect::<Vec<_>>()
        };
        out.record(&json!({
            "before": name(before),
            "after": name(after),
            "only_before": records(&gone),
            "only_after": records(&come),
            "both": old.intersection(&new).count(),
        }))?;
        return damage::ended(&store);
    }
    for (sign, ids) in [('-', &gone), ('+', &come)] {
        for id in ids {
            out.line(format!("{sign} {id}  {}", short(titles.get(id).map_or("", String::as_str), 80)))?;
        }
    }
    out.line(format!("{} in both", count(old.intersection(&new).count(), "article")))?;
    damage::ended(&store)
}
