//! `sitrepd stories merge|split|undo|changes|export` and `sitrepd label`: what people correct.
//!
//! Each is one change. Where a daemon holds the archive, it is asked to commit it (see [`requests`]).

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    ops::ControlFlow,
    path::Path,
    thread,
    time::Duration,
};

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    daemon::requests,
    decide,
    model::{ArticleId, Cause, Change, Label, Regrouping, Report, StoryId},
    store::{self, Store},
};

use super::{CliError, Output, StoriesCommand, archive, logging, output::count, setup};

/// How long a running daemon may take to commit a request.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks whether it did.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn run(origin: &Origin, command: StoriesCommand, out: &Output) -> Result<(), CliError> {
    match command {
        StoriesCommand::Merge { a, b } => regroup(origin, out, |store| merge(store, &a, &b)),
        StoriesCommand::Split { article } => regroup(origin, out, |store| split(store, &article)),
        StoriesCommand::Undo { change } => regroup(origin, out, |store| undo(store, change.as_deref())),
        StoriesCommand::Changes => changes(origin, out),
        StoriesCommand::Export { dir } => export(origin, &dir, out),
    }
}

/// `sitrepd label`.
pub(super) fn label(origin: &Origin, article: &str, topic: &str, is_right: bool, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    if !config.topics.iter().any(|it| it.id == topic) {
        return Err(CliError::NotFound(format!("there is no topic {topic:?} in topics.toml")));
    }
    let label = commit(&config, |store| {
        let article = archive::find(store, article)?.article.id;
        let label = Label { article, topic: topic.to_owned(), is_right, at: Utc::now() };
        Ok((Change::Labelled(label.clone()), label))
    })?;
    let word = if is_right { "right" } else { "wrong" };
    let (id, record) = (label.article, json!({ "article": label.article.to_string(), "topic": topic, "label": word }));
    out.done(&format!("{topic} is {word} for article {id}; sitrepd topics eval counts it"), &record)
}

fn regroup(
    origin: &Origin,
    out: &Output,
    decide: impl Fn(&dyn Store) -> Result<Regrouping, CliError>,
) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let done = commit(&config, |store| {
        let regrouping = decide(store)?;
        Ok((Change::Regrouped(Box::new(regrouping.clone())), regrouping))
    })?;
    let stories: BTreeSet<_> = done.moves.iter().map(|it| it.to.to_string()).collect();
    let stories = stories.into_iter().collect::<Vec<_>>().join(", ");
    let text = format!(
        "{} moved into story {stories}; sitrepd stories undo {} takes it back",
        count(done.moves.len(), "article"),
        done.id
    );
    out.done(&text, &record(&done))
}

/// Commits what is decided on the archive, or has the daemon commit it that holds the archive.
fn commit<T>(config: &Config, decide: impl Fn(&dyn Store) -> Result<(Change, T), CliError>) -> Result<T, CliError> {
    if !config.store.is_there()? {
        let dir = config.state_dir.display();
        return Err(CliError::NotFound(format!("there is no archive in {dir}; sitrepd poll makes one")));
    }
    let busy = match setup::own_archive(config) {
        Ok(archive) => {
            let (change, res) = decide(&archive)?;
            archive.commit(&change)?;
            archive.sync()?;
            return Ok(res);
        }
        Err(busy @ CliError::Busy { .. }) => busy,
        Err(error) => return Err(error),
    };
    let (change, res) = decide(&*setup::archive(config)?)?;
    let path = requests::put(&config.state_dir, &change).map_err(|source| CliError::File {
        doing: "write to",
        path: config.state_dir.clone(),
        source,
    })?;
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if !path.exists() {
            return Ok(res);
        }
        thread::sleep(PAUSE);
    }
    // Whoever holds the archive takes no requests, such as `sitrepd poll`. If it was taken just now, all is well.
    match fs::remove_file(&path) {
        Ok(()) => Err(busy),
        Err(_) => Ok(res),
    }
}

fn merge(store: &dyn Store, a: &str, b: &str) -> Result<Regrouping, CliError> {
    let [a, b] = [archive::find(store, a)?.story(), archive::find(store, b)?.story()];
    if a == b {
        return Err(CliError::Usage(format!("both are in story {a} already")));
    }
    let first_seen = |it: StoryId| store.report(it.0).map(|it| it.map(|it| it.article.first_seen));
    let (to, from) = if (first_seen(a)?, a) <= (first_seen(b)?, b) { (a, b) } else { (b, a) };
    Ok(decide::regrouping(&store.story(from)?, from, to, Cause::Merged, Utc::now()))
}

fn split(store: &dyn Store, article: &str) -> Result<Regrouping, CliError> {
    let report = archive::find(store, article)?;
    let (id, story) = (report.article.id, report.story());
    let alone = || CliError::Usage(format!("article {id} is alone in its story"));
    decide::split(id, story, &store.story(story)?, Utc::now()).ok_or_else(alone)
}

/// Takes back the change that is named; else the last that a person made and nobody took back.
fn undo(store: &dyn Store, change: Option<&str>) -> Result<Regrouping, CliError> {
    let mut found = None;
    let mut undone = HashSet::new();
    store.regroupings(&mut |it| {
        let is_wanted = match (change, it.cause) {
            (Some(id), _) => it.id.to_string() == id,
            (None, Cause::Merged | Cause::Split) => !undone.contains(&it.id),
            _ => false,
        };
        if let Cause::Undone(of) = it.cause {
            undone.insert(of);
        }
        if is_wanted {
            found = Some(it);
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match (found, change) {
        (Some(it), _) => Ok(decide::undo(&it, Utc::now())),
        (None, Some(id)) => Err(CliError::NotFound(format!("there is no change {id:?}; see sitrepd stories changes"))),
        (None, None) => Err(CliError::Usage("there is nothing to take back".to_owned())),
    }
}

fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Merged => "merged",
        Cause::Split => "split",
        Cause::Undone(_) => "undone",
        Cause::Bridged(_) => "found to be one",
    }
}

fn record(it: &Regrouping) -> serde_json::Value {
    let of = match it.cause {
        Cause::Undone(of) => Some(of.to_string()),
        Cause::Bridged(by) => Some(by.to_string()),
        Cause::Merged | Cause::Split => None,
    };
    let moves = it
        .moves
        .iter()
        .map(|it| json!({ "article": it.article.to_string(), "from": it.from.to_string(), "to": it.to.to_string() }));
    json!({
        "change": it.id.to_string(),
        "at": api::instant(it.at),
        "what": word(it.cause),
        "of": of,
        "by_hand": it.cause.is_by_hand(),
        "moves": moves.collect::<Vec<_>>(),
    })
}

fn changes(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let mut found = Vec::new();
    setup::archive(&config)?.regroupings(&mut |it| {
        found.push(it);
        ControlFlow::Continue(())
    })?;
    if out.is_json() {
        return found.iter().try_for_each(|it| out.record(&record(it)));
    }
    if found.is_empty() {
        return out.line("no story was put together or taken apart yet");
    }
    let row = |it: &Regrouping| {
        let to = it.moves.first().map(|it| it.to.to_string()).unwrap_or_default();
        let n = it.moves.len().to_string();
        vec![it.id.to_string(), archive::when(it.at, &config), word(it.cause).to_owned(), n, to]
    };
    out.table(&["CHANGE", "AT", "WHAT", "ARTICLES", "INTO STORY"], &found.iter().map(row).collect::<Vec<_>>())
}

/// What people decided about stories, as `benches/stories/fit.py` reads it: pairs of articles with 1 for one story
/// and 0 for two, and the articles themselves.
fn export(origin: &Origin, dir: &Path, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let store = setup::archive(&config)?;
    let pairs = decided_pairs(&*store)?;
    let mut articles = Vec::<Report>::new();
    for id in pairs.keys().flat_map(|(a, b)| [*a, *b]).collect::<BTreeSet<_>>() {
        articles.extend(store.report(id)?);
    }
    articles.sort_by_key(|it| (it.article.first_seen, it.article.id));
    let lines = articles.iter().map(|it| {
        let article = &it.article;
        json!({
            "id": article.id.to_string(),
            "title": article.title,
            "text": article.body,
            "lang": article.language,
            "date": api::instant(article.published.unwrap_or(article.first_seen)),
            "source": article.source.as_str(),
        })
    });
    let docs = lines.map(|it| format!("{it}\n")).collect::<Vec<_>>().concat();
    let rows =
        pairs.iter().map(|((a, b), same)| format!("{a}\t{b}\t{}\n", u8::from(*same))).collect::<Vec<_>>().concat();
    let write = |name: &str, text: String| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|source| CliError::File { doing: "write", path, source })
    };
    fs::create_dir_all(dir).map_err(|source| CliError::File { doing: "create", path: dir.to_owned(), source })?;
    write("docs.jsonl", docs)?;
    write("pairs.tsv", rows)?;
    let text =
        format!("{} about {} in {}", count(pairs.len(), "decision"), count(articles.len(), "article"), dir.display());
    out.done(&text, &json!({ "written": dir, "pairs": pairs.len(), "articles": articles.len() }))
}

/// Whether two articles are one story, by the last word of a person on the two.
fn decided_pairs(store: &dyn Store) -> Result<BTreeMap<(ArticleId, ArticleId), bool>, store::StoreError> {
    let mut all = BTreeMap::new();
    store.regroupings(&mut |it| {
        all.insert((it.at, it.id), it);
        ControlFlow::Continue(())
    })?;
    let mut res = BTreeMap::new();
    let mut causes = BTreeMap::new();
    for it in all.values() {
        // Taking a merge back says that the two were two.
        let is_one = match it.cause {
            Cause::Merged | Cause::Bridged(_) => true,
            Cause::Split => false,
            Cause::Undone(of) => !causes.get(&of).copied().unwrap_or(true),
        };
        causes.insert(it.id, is_one);
        for step in it.moves.iter().filter(|_| it.cause.is_by_hand()) {
            let other = if is_one { step.to.0 } else { step.from.0 };
            if other != step.article {
                res.insert((other.min(step.article), other.max(step.article)), is_one);
            }
        }
    }
    Ok(res)
}
