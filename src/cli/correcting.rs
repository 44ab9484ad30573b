//! `sitrepd stories merge|split|undo|changes|export` and `sitrepd label`: what people correct.
//!
//! Each is one change. Where a daemon holds the archive, it is asked to commit it (see [`requests`]).

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    daemon::requests::{self, Fate},
    decide::{self, Side},
    model::{ArticleId, Cause, Change, Label, Regrouping, Report, StoryId, Timestamp},
    store::{Store, StoreError, readable},
};

use super::{
    CliError, Output, archive,
    arguments::stories::StoriesCommand,
    damage, logging,
    output::{count, shown},
    setup,
};

/// How long a running daemon may take to commit a request.
const PATIENCE: Duration = Duration::from_secs(15);
/// Maximum reports listed for one change.
const MAX_TOLD: usize = 3;
/// Maximum requests that wait for it at once.
const MAX_REQUESTS: usize = 64;
/// Pause between two checks whether it has.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn run(origin: &Origin, command: StoriesCommand, out: &Output) -> Result<(), CliError> {
    match command {
        StoriesCommand::Merge { a, b } => regroup(origin, out, |store, at| Ok(whole(merge(store, &a, &b, at)?))),
        StoriesCommand::Split { article } => regroup(origin, out, |store, at| Ok(whole(split(store, &article, at)?))),
        StoriesCommand::Undo { change } => regroup(origin, out, |store, at| undo(store, change.as_deref(), at)),
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
        // A held one that cannot be read is no reason to refuse the new one.
        let replaced = store.label(article, topic).ok().flatten();
        let label = Label::said(article, topic.to_owned(), is_right, replaced.as_ref(), Utc::now());
        Ok((Change::Labelled(label.clone()), label))
    })?;
    let (id, word) = (label.article, said(&label));
    let record = json!({ "article": id.to_string(), "topic": topic, "label": word });
    out.done(
        &format!("{topic} is {word} for article {id}: digests follow it, and sitrepd topics eval counts it"),
        &record,
    )
}

/// A label as a word.
pub(super) fn said(label: &Label) -> &'static str {
    if label.is_right { "right" } else { "wrong" }
}

fn regroup(
    origin: &Origin,
    out: &Output,
    decide: impl Fn(&dyn Store, Timestamp) -> Result<Correction, CliError>,
) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    // Taken before the archive is read: the daemon itself adapts the change to what it settles from here on.
    let at = Utc::now();
    let (done, stay, mut res) = commit(&config, |store| {
        let (change, stay) = decide(store, at)?;
        let res = told(store, &change)?;
        Ok((Change::Regrouped(Box::new(change.clone())), (change, stay, res)))
    })?;
    let stories: BTreeSet<_> = done.moves.iter().map(|it| it.to.to_string()).collect();
    let stories = stories.into_iter().collect::<Vec<_>>().join(", ");
    let text = format!(
        "{} moved into story {stories}; sitrepd stories undo {} takes it back",
        count(done.moves.len(), "article"),
        done.id
    );
    if let Some(fields) = res.as_object_mut() {
        let stay = stay.iter().map(|(id, story)| json!({ "article": id.to_string(), "story": story.to_string() }));
        fields.insert("stay".to_owned(), stay.collect());
    }
    out.done(&text, &res)?;
    for (id, story) in &stay {
        out.note(&format!("article {id} stays in story {story}; sitrepd stories split {id} takes it out"));
    }
    Ok(())
}

/// Commits a decision on the archive, or asks the daemon that holds the archive to commit it.
pub(super) fn commit<T>(
    config: &Config,
    decide: impl Fn(&dyn Store) -> Result<(Change, T), CliError>,
) -> Result<T, CliError> {
    if !setup::is_there(&config.store)? {
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
    requested(&asked_for(config, &change)?, busy)?;
    Ok(res)
}

/// Commits changes that were decided before, or asks the daemon that holds the archive to commit them, many at a time:
/// there may be thousands. Returns the places of those that are committed, and why the others are not.
pub(super) fn commit_all(config: &Config, changes: &[Change]) -> (HashSet<usize>, Result<(), CliError>) {
    let mut done = HashSet::new();
    let result = match setup::own_archive(config) {
        Ok(archive) => {
            let mut n_committed = 0;
            let committed = changes.iter().try_for_each(|it| archive.commit(it).map(|()| n_committed += 1));
            let synced = archive.sync();
            if synced.is_ok() {
                done.extend(0..n_committed);
            }
            committed.and(synced).map_err(CliError::from)
        }
        Err(CliError::Busy { dir }) => {
            let mut chunks = (0..).step_by(MAX_REQUESTS).zip(changes.chunks(MAX_REQUESTS));
            chunks.try_for_each(|(first, together)| asked_together(config, &dir, first, together, &mut done))
        }
        Err(error) => Err(error),
    };
    (done, result)
}

/// Asks the daemon to commit changes, of which the first is the one at `first`, and notes in `done` which are.
fn asked_together(
    config: &Config,
    dir: &Path,
    first: usize,
    together: &[Change],
    done: &mut HashSet<usize>,
) -> Result<(), CliError> {
    let mut paths = Vec::new();
    let asked = together.iter().try_for_each(|it| asked_for(config, it).map(|it| paths.push(it)));
    let mut left = (first..).zip(&paths);
    let result = asked.and_then(|()| {
        left.try_for_each(|(n, path)| {
            requested(path, CliError::Busy { dir: dir.to_owned() })?;
            done.insert(n);
            Ok(())
        })
    });
    if result.is_err() {
        // What nobody has taken is not to happen after it was said to have failed.
        for (n, path) in left {
            let is_withdrawn = requests::withdraw(path).unwrap_or(false);
            if !is_withdrawn && requests::fate(path).is_ok_and(|it| it == Fate::Done) {
                done.insert(n);
            }
        }
    }
    result
}

/// Asks the daemon to commit a change, and returns the path of the request.
fn asked_for(config: &Config, change: &Change) -> Result<PathBuf, CliError> {
    let failed = |source| CliError::File { doing: "write to", path: config.state_dir.clone(), source };
    requests::put(&config.state_dir, change).map_err(failed)
}

/// Waits until a request is done; `busy` is the error if nobody takes requests.
fn requested(path: &Path, busy: CliError) -> Result<(), CliError> {
    match awaited(path)? {
        Fate::Done => Ok(()),
        Fate::Refused(reason) => Err(CliError::BadData(format!("the daemon refused it: {reason}"))),
        // The process that holds the archive takes no requests, like `sitrepd poll`.
        Fate::Waiting => Err(busy),
        Fate::Taken => {
            let text = "the daemon has taken it and was slow to commit it; it will, if need be after a restart";
            Err(CliError::Unavailable(text.to_owned()))
        }
    }
}

/// Waits for the outcome of a request. An unclaimed one is withdrawn in the end, and only then is `Fate::Waiting`
/// returned.
fn awaited(path: &Path) -> Result<Fate, CliError> {
    let failed = |source| CliError::File { doing: "read", path: path.to_owned(), source };
    for _ in 0..2 {
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            match requests::fate(path).map_err(failed)? {
                Fate::Waiting | Fate::Taken => thread::sleep(PAUSE),
                it => return Ok(it),
            }
        }
        if requests::withdraw(path).map_err(failed)? {
            return Ok(Fate::Waiting);
        }
        // It was claimed just now.
    }
    requests::fate(path).map_err(failed)
}

fn merge(store: &dyn Store, a: &str, b: &str, at: Timestamp) -> Result<Regrouping, CliError> {
    let [a, b] = [archive::find(store, a)?.story(), archive::find(store, b)?.story()];
    if a == b {
        return Err(CliError::Usage(format!("both are in story {a} already")));
    }
    let side = |story: StoryId| {
        let first_seen = readable(store.report(story.0))?.map(|it| it.article.first_seen);
        Ok::<_, CliError>(Side { story, first_seen, members: Some(store.story(story)?) })
    };
    let merge = decide::merge([side(a)?, side(b)?], Cause::Merged, at);
    merge.ok_or_else(|| CliError::Defect("a story has no end".to_owned()))
}

fn split(store: &dyn Store, article: &str, at: Timestamp) -> Result<Regrouping, CliError> {
    let report = archive::find(store, article)?;
    let (id, story) = (report.article.id, report.story());
    let alone = || CliError::Usage(format!("article {id} is alone in its story"));
    decide::split(id, story, &store.story(story)?, at).ok_or_else(alone)
}

/// A correction, and the reports that it leaves in place against expectation.
type Correction = (Regrouping, Vec<(ArticleId, StoryId)>);

fn whole(it: Regrouping) -> Correction {
    (it, Vec::new())
}

/// Undoes the named change, or else the last one that a person made and nobody undid.
fn undo(store: &dyn Store, change: Option<&str>, at: Timestamp) -> Result<Correction, CliError> {
    let mut found = None;
    let mut undone = HashSet::new();
    let mut visit = |it: Regrouping| {
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
    };
    match change {
        Some(_) => store.regroupings(&mut visit)?,
        None => store.regroupings_by_hand(&mut visit)?,
    }
    match (found, change) {
        (Some(it), _) => taken_back(store, &it, at),
        (None, Some(id)) => Err(CliError::NotFound(format!("there is no change {id:?}; see sitrepd stories changes"))),
        (None, None) => Err(CliError::Usage("there is nothing to take back".to_owned())),
    }
}

fn taken_back(store: &dyn Store, of: &Regrouping, at: Timestamp) -> Result<Correction, CliError> {
    let mut members = Vec::new();
    // What cannot be read stays where it is.
    let mut stay = Vec::new();
    for story in of.moves.iter().map(|it| it.to).collect::<BTreeSet<_>>() {
        for id in store.story(story)? {
            match store.report(id) {
                Err(StoreError::Damaged { .. }) => stay.push((id, story)),
                res => members.extend(res?),
            }
        }
    }
    let undo = decide::undo(of, &members, at);
    if undo.moves.is_empty() {
        let text = format!("nothing is left to take back of change {}: its reports have gone elsewhere since", of.id);
        return Err(CliError::Usage(text));
    }
    let moved = undo.moves.iter().map(|it| it.article).collect::<HashSet<_>>();
    // Reports that were moved elsewhere since, and those that joined since and fit what stays.
    for id in of.moves.iter().map(|it| it.article).filter(|it| !moved.contains(it)) {
        stay.extend(readable(store.report(id))?.map(|it| (id, it.story())));
    }
    let known = of.moves.iter().map(|it| it.article).collect::<HashSet<_>>();
    let joined_since = members.iter().filter(|it| it.article.first_seen >= of.at);
    let joined_since = joined_since.filter(|it| !moved.contains(&it.article.id) && !known.contains(&it.article.id));
    stay.extend(joined_since.map(|it| (it.article.id, it.story())));
    Ok((undo, stay))
}

fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Merged => "merged",
        Cause::Split => "split",
        Cause::Undone(_) => "undone",
        Cause::Bridged(_) => "found to be one",
        Cause::Drawn(_) => "found to be nearer",
    }
}

/// The report whose story the moved ones are in after a change.
fn joined(store: &dyn Store, it: &Regrouping) -> Result<Option<Report>, StoreError> {
    it.moves.first().map_or(Ok(None), |step| readable(store.report(step.to.0)))
}

/// The record of a change.
fn told(store: &dyn Store, it: &Regrouping) -> Result<serde_json::Value, CliError> {
    let into = joined(store, it)?;
    let of = match it.cause {
        Cause::Undone(of) => Some(of.to_string()),
        Cause::Bridged(by) | Cause::Drawn(by) => Some(by.to_string()),
        Cause::Merged | Cause::Split => None,
    };
    let mut moves = Vec::new();
    for step in &it.moves {
        let report = readable(store.report(step.article))?;
        moves.push(json!({
            "article": step.article.to_string(),
            "from": step.from.to_string(),
            "to": step.to.to_string(),
            "title": report.as_ref().map(|it| &it.article.title),
            "first_seen": report.as_ref().map(|it| api::instant(it.article.first_seen)),
        }));
    }
    let into = into.map(|it| {
        let article = &it.article;
        json!({ "title": article.title, "first_seen": api::instant(article.first_seen) })
    });
    Ok(json!({
        "change": it.id.to_string(),
        "at": api::instant(it.at),
        "what": word(it.cause),
        "of": of,
        "by_hand": it.cause.is_by_hand(),
        "into": into,
        "moves": moves,
    }))
}

/// Lists each change with the titles of the moved reports and their stories: ids say nothing to an analyst.
fn changes(origin: &Origin, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let store = setup::archive(&config)?;
    let mut found = Vec::new();
    store.regroupings(&mut |it| {
        found.push(it);
        ControlFlow::Continue(())
    })?;
    if found.is_empty() && !out.is_json() {
        out.line("no story was put together or taken apart yet")?;
    }
    for it in &found {
        match out.is_json() {
            true => out.record(&told(&*store, it)?)?,
            false => print_change(&*store, it, joined(&*store, it)?.as_ref(), &config, out)?,
        }
    }
    damage::ended(&store)
}

fn print_change(
    store: &dyn Store,
    it: &Regrouping,
    into: Option<&Report>,
    config: &Config,
    out: &Output,
) -> Result<(), CliError> {
    let of = if let Cause::Undone(of) = it.cause { format!(" {of}") } else { String::new() };
    out.line(format!("{}  {}  {}{of}", it.id, archive::when(it.at, config), word(it.cause)))?;
    let line = |label: &str, report: &Report| {
        let article = &report.article;
        let (time, title) = (archive::when(article.first_seen, config), shown(&article.title));
        out.wrapped(&format!("  {label} "), &format!("{} ({}, {time})", title, article.source))
    };
    for step in it.moves.iter().take(MAX_TOLD) {
        if let Some(report) = readable(store.report(step.article))? {
            line("moved", &report)?;
        }
    }
    if let Some(more) = it.moves.len().checked_sub(MAX_TOLD).filter(|it| *it > 0) {
        out.line(format!("  and {more} more"))?;
    }
    match into {
        Some(report) if it.moves.iter().any(|step| step.article == report.article.id) => {
            out.line("  into a story of its own")
        }
        Some(report) => line("into ", report),
        None => Ok(()),
    }
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
        articles.extend(readable(store.report(id))?);
    }
    articles.sort_by_key(|it| (it.article.first_seen, it.article.id));
    let lines = articles.iter().map(|it| {
        let article = &it.article;
        json!({
            "id": article.id.to_string(),
            "title": article.title,
            "text": article.body,
            "lang": article.language,
            "date": api::instant(article.believed_date().unwrap_or(article.first_seen)),
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
    out.done(&text, &json!({ "written": dir, "pairs": pairs.len(), "articles": articles.len() }))?;
    damage::ended(&store)
}

/// Whether two articles are one story, by the last word of a person on the two.
fn decided_pairs(store: &dyn Store) -> Result<BTreeMap<(ArticleId, ArticleId), bool>, StoreError> {
    let mut all = Vec::new();
    store.regroupings_by_hand(&mut |it| {
        all.push(it);
        ControlFlow::Continue(())
    })?;
    let mut res = BTreeMap::new();
    let mut causes = BTreeMap::new();
    // In the order in which they were made, which clocks need not tell.
    for it in all.iter().rev() {
        // Undoing a merge says that the two are separate.
        let is_one = match it.cause {
            Cause::Merged | Cause::Bridged(_) | Cause::Drawn(_) => true,
            Cause::Split => false,
            Cause::Undone(of) => !causes.get(&of).copied().unwrap_or(true),
        };
        causes.insert(it.id, is_one);
        for step in &it.moves {
            let other = if is_one { step.to.0 } else { step.from.0 };
            if other != step.article {
                res.insert((other.min(step.article), other.max(step.article)), is_one);
            }
        }
    }
    Ok(res)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found in a review: a command that stopped half way did not say what it had done.
    #[test]
    fn what_is_done_is_known_where_the_rest_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let origin =
            Origin { dir: Some(dir.path().join("config")), state_dir: Some(dir.path().join("state")), env: Vec::new() };
        let config = setup::config(&origin).unwrap();
        // In place of a daemon.
        let _held = setup::own_archive(&config).unwrap();
        let requests = config.state_dir.join("requests");
        let waiting = move || -> Vec<PathBuf> {
            let items = fs::read_dir(&requests).into_iter().flatten().map(|it| it.unwrap().path());
            let mut paths: Vec<_> = items.filter(|it| it.extension().is_some_and(|it| it == "json")).collect();
            paths.sort();
            paths
        };
        let daemon = thread::spawn(move || {
            let paths = loop {
                match waiting() {
                    paths if paths.len() == 3 => break paths,
                    _ => thread::yield_now(),
                }
            };
            fs::remove_file(&paths[2]).unwrap();
            fs::remove_file(&paths[0]).unwrap();
            fs::write(paths[1].with_extension("refused"), "too late").unwrap();
            fs::remove_file(&paths[1]).unwrap();
        });
        let change = |article| {
            let label = Label { article: ArticleId(article), topic: "t".to_owned(), is_right: true, at: Utc::now() };
            Change::Labelled(label)
        };
        let (done, result) = commit_all(&config, &[change(1), change(2), change(3)]);
        daemon.join().unwrap();
        assert_eq!(done, HashSet::from([0, 2]));
        assert!(matches!(&result, Err(CliError::BadData(it)) if it.contains("too late")), "{result:?}");
        let source = Box::new(result.unwrap_err());
        let told = CliError::Partly { done: 2, all: 3, word: "dropped", source };
        assert_eq!((told.to_string().contains("2 of 3 messages dropped"), told.exit_code()), (true, 65));
    }
}
