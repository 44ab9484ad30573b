//! `sitrepd try story --jsonl`: copies and stories among articles, in the order in which they come.

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    decide::{self, Side},
    dedup::{
        self, placing, provenance,
        sketch::{Sketch, Text},
        stories::{Held, Stories, Verdict},
        why,
    },
    model::{ArticleId, Cause, StoryId, Timestamp},
    text,
};

use super::{
    CliError, Output,
    lines::{answered, with_id},
};

#[derive(Deserialize)]
struct StoryLine {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    title: String,
    #[serde(default, alias = "body")]
    text: String,
    #[serde(default, alias = "language")]
    lang: Option<String>,
    #[serde(default, alias = "time", alias = "published")]
    date: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

/// `{"id","title","text","lang","date","source"}` to `{"id","story","duplicate_of","level","why","origin","copies"}`, where a
/// story is named by its first article, as it is known when all have been read; with features also what the article was compared with.
pub(super) fn run(with_features: bool, out: &Output) -> Result<(), CliError> {
    let mut stories = Stories::new(dedup::Settings::default());
    let mut ids = Vec::<Value>::new();
    let mut records = Vec::new();
    let mut story_of = Vec::<StoryId>::new();
    let answer = |line: StoryLine| {
        let language = line.lang.clone().or_else(|| text::language(&line.text).map(str::to_owned));
        let text = Text {
            title: &line.title,
            body: &line.text,
            language: language.as_deref(),
            at: line.date.as_deref().and_then(instant),
            source: line.source.as_deref().unwrap_or_default(),
        };
        let sketch = stories.reader().sketch(text);
        let own = ArticleId(ids.len() as u64);
        ids.push(line.id.clone());
        let id = |it: ArticleId| usize::try_from(it.0).ok().and_then(|it| ids.get(it)).cloned().unwrap_or_default();
        let compared = if with_features { stories.compare(&sketch) } else { Vec::new() };
        let compared = compared.iter().map(|it| json!({ "id": id(it.article), "features": it.features }));
        let compared = compared.collect::<Vec<_>>();
        let verdict = stories.verdict(&sketch);
        let why = why(&stories, text, &sketch, &verdict, id);
        let copy = |(article, level, overlap): &(ArticleId, dedup::overlap::Level, dedup::overlap::Overlap)| json!({ "id": id(*article), "level": level.as_str(), "share": rounded(overlap.containment) });
        let mut record = json!({
            "id": line.id,
            "duplicate_of": verdict.duplicate_of.map(id),
            "level": verdict.level.as_str(),
            "why": why,
            "origin": provenance::origin(&line.text).map(|it| json!({ "name": it.name, "manner": it.manner.as_str() })),
            "copies": verdict.copies.iter().map(copy).collect::<Vec<_>>(),
        });
        if let Some(fields) = record.as_object_mut().filter(|_| with_features) {
            fields.insert("compared".to_owned(), json!(compared));
        }
        let story = verdict.story.unwrap_or(StoryId(own));
        story_of.push(story);
        stories.hold(Held {
            id: own,
            story,
            first_seen: Timestamp::UNIX_EPOCH,
            fingerprint: verdict.fingerprint,
            sketch,
        });
        if let Some(other) = verdict.merges {
            let sides = [story, other].map(|it| side(&story_of, it));
            let Some(regrouping) = decide::merge(sides, Cause::Bridged(own), Timestamp::UNIX_EPOCH) else {
                return Ok(record);
            };
            stories.regroup(&regrouping);
            for it in &regrouping.moves {
                if let Some(place) = usize::try_from(it.article.0).ok().and_then(|at| story_of.get_mut(at)) {
                    *place = it.to;
                }
            }
        }
        Ok(record)
    };
    answered(with_id, answer, |record| {
        records.push(record);
        Ok(())
    })?;
    // A later article may have shown that two stories are one.
    let mut story_of = story_of.into_iter();
    for mut record in records {
        let story = if record.get("error").is_some() { None } else { story_of.next() };
        if let (Some(story), Some(fields)) = (story, record.as_object_mut()) {
            let named = usize::try_from(story.0.0).ok().and_then(|it| ids.get(it));
            fields.insert("story".to_owned(), named.cloned().unwrap_or_default());
        }
        out.record(&record)?;
    }
    Ok(())
}

/// A story as far as it decides on a merge.
fn side(story_of: &[StoryId], story: StoryId) -> Side {
    let members = (0..).zip(story_of).filter(|(_, it)| **it == story).map(|(article, _)| ArticleId(article));
    let members = Some(members.collect::<Vec<_>>()).filter(|it| it.len() <= decide::MAX_MERGED);
    // Articles are numbered as they come: of two stories of a size the older has the lower number.
    Side { story, first_seen: None, members }
}

/// A time, or the noon of a day.
fn instant(text: &str) -> Option<Timestamp> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(12, 0, 0).map(|it| it.and_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|it| it.to_utc()).or_else(day)
}

fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

fn why(
    stories: &Stories,
    text: Text<'_>,
    sketch: &Sketch,
    verdict: &Verdict,
    id: impl Fn(ArticleId) -> Value,
) -> Vec<String> {
    let shown = |article| match id(article) {
        Value::String(it) => it,
        other => other.to_string(),
    };
    let mut res = Vec::new();
    if let Some(of) = verdict.duplicate_of {
        res.push(placing::share(verdict, &shown(of)));
    }
    if let Some((of, odds)) = verdict.nearest
        && let Some(held) = stories.get(of)
    {
        let percent = placing::likelihood(odds) * 100.0;
        res.push(format!("tells of the same event as {} ({percent:.0} % sure)", shown(of)));
        res.extend(
            why::shared(stories.reader(), text, &stories.weights(sketch).weigh(sketch), &held.sketch).sentences(),
        );
    }
    res
}
