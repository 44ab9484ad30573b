//! `sitrepd try story --jsonl`: copies and stories among articles, in the order in which they come.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    decide::{self, Side},
    dedup::{
        self,
        overlap::Level,
        placing,
        provenance::{self, Outlets},
        sketch::{Sketch, Text},
        stories::{Held, Stories, Verdict},
        why,
    },
    model::{ArticleId, Cause, Regrouping, StoryId, Timestamp, fits_story},
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

/// Number of records whose words are counted before the first is placed, if requested.
const COUNTED: usize = 20_000;

/// `{"id","title","text","lang","date","source"}` to `{"id","story","duplicate_of","level","why","origin","copies"}`,
/// where a story is named by its first article, as it is known when all have been read; with features also what the
/// article was compared with.
///
/// The records are placed in their order, each by those before it. What is rare among them is learned on the way, as in
/// an archive that has just begun; where `is_warm`, it is known of the first 20,000 from the start, as it is to a
/// daemon that has read for some days.
pub(super) fn run(outlets: Outlets, with_features: bool, is_warm: bool, out: &Output) -> Result<(), CliError> {
    let mut trial = Trial::new(outlets, with_features, if is_warm { COUNTED } else { 0 });
    // In the order of the lines; null where the answer comes later.
    let mut answers = Vec::new();
    let answer = |line: StoryLine| {
        trial.take(line);
        Ok(Value::Null)
    };
    answered(with_id, answer, |record| {
        answers.push(record);
        Ok(())
    })?;
    trial.place_waiting();
    // A later article may have shown that two stories are one.
    let named = |it: &StoryId| trial.id(it.0);
    let mut placed = trial.records.iter().cloned().zip(trial.story_of.iter().map(named));
    for failed in answers {
        let record = match failed {
            Value::Null => placed.next().map(|(mut record, story)| {
                record.as_object_mut().map(|fields| fields.insert("story".to_owned(), story));
                record
            }),
            failed => Some(failed),
        };
        record.iter().try_for_each(|it| out.record(it))?;
    }
    Ok(())
}

/// A record, ready to be placed.
struct Read {
    line: StoryLine,
    language: Option<String>,
    sketch: Sketch,
}

impl Read {
    fn new(line: StoryLine) -> Self {
        let language = line.lang.clone().or_else(|| text::language(&line.text).map(str::to_owned));
        let sketch = Sketch::new(line.text(language.as_deref()));
        Self { line, language, sketch }
    }
}

impl StoryLine {
    fn text<'t>(&'t self, language: Option<&'t str>) -> Text<'t> {
        Text {
            title: &self.title,
            body: &self.text,
            language,
            at: self.date.as_deref().and_then(instant),
            source: self.source.as_deref().unwrap_or_default(),
        }
    }
}

/// What was placed so far.
struct Trial {
    stories: Stories,
    /// The outlets that texts may name as their origins.
    outlets: Outlets,
    with_features: bool,
    /// How many records are counted before the first is placed.
    counted: usize,
    /// Those that are counted and not placed yet; `None` once there are enough.
    waiting: Option<Vec<Read>>,
    ids: Vec<Value>,
    story_of: Vec<StoryId>,
    records: Vec<Value>,
}

impl Trial {
    fn new(outlets: Outlets, with_features: bool, counted: usize) -> Self {
        let stories = Stories::new(dedup::Settings::default());
        let (ids, story_of, records) = (Vec::new(), Vec::new(), Vec::new());
        Self { stories, outlets, with_features, counted, waiting: Some(Vec::new()), ids, story_of, records }
    }

    fn take(&mut self, line: StoryLine) {
        let read = Read::new(line);
        match &mut self.waiting {
            Some(list) if list.len() < self.counted => {
                self.stories.count(&read.sketch);
                list.push(read);
            }
            _ => {
                self.place_waiting();
                self.place(read);
            }
        }
    }

    fn place_waiting(&mut self) {
        for read in self.waiting.take().into_iter().flatten() {
            // It is counted again where it is placed.
            self.stories.discount(&read.sketch);
            self.place(read);
        }
    }

    fn id(&self, it: ArticleId) -> Value {
        usize::try_from(it.0).ok().and_then(|it| self.ids.get(it)).cloned().unwrap_or_default()
    }

    fn place(&mut self, Read { line, language, sketch }: Read) {
        let text = line.text(language.as_deref());
        let own = ArticleId(self.ids.len() as u64);
        self.ids.push(line.id.clone());
        let compared = if self.with_features { self.stories.compare(&sketch) } else { Vec::new() };
        let compared =
            compared.iter().map(|it| json!({ "id": self.id(it.article), "features": it.features.as_slice() }));
        let compared = compared.collect::<Vec<_>>();
        let verdict = self.stories.verdict(&sketch);
        let why = why(&self.stories, text, &sketch, &verdict, |it| self.id(it));
        let copy = |(article, level, overlap): &(ArticleId, dedup::overlap::Level, dedup::overlap::Overlap)| json!({ "id": self.id(*article), "level": level.as_str(), "share": rounded(overlap.containment) });
        let mut record = json!({
            "id": line.id,
            "duplicate_of": verdict.duplicate_of.map(|it| self.id(it)),
            "level": verdict.level.as_str(),
            "likelihood": joined(&verdict).map(|it| rounded(f64::from(placing::likelihood(it.1)))),
            "why": why,
            "origin": provenance::origin(&line.text, &self.outlets).map(|it| json!({ "name": it.name, "manner": it.manner.as_str() })),
            "copies": verdict.copies.iter().map(copy).collect::<Vec<_>>(),
        });
        if let Some(fields) = record.as_object_mut().filter(|_| self.with_features) {
            fields.insert("compared".to_owned(), json!(compared));
        }
        self.records.push(record);
        let story = verdict.story.unwrap_or(StoryId(own));
        self.story_of.push(story);
        let first_seen = Timestamp::UNIX_EPOCH;
        self.stories.hold(Held { id: own, story, first_seen, fingerprint: verdict.fingerprint, sketch });
        let regrouping = match verdict.merges {
            Some(other) => {
                let sides = [story, other].map(|it| side(&self.story_of, it));
                decide::merge(sides, Cause::Bridged(own), Timestamp::UNIX_EPOCH)
            }
            None => decide::drawn(&verdict.draws, &BTreeMap::new(), (story, own), Timestamp::UNIX_EPOCH),
        };
        if let Some(it) = regrouping {
            self.regroup(&it);
        }
    }

    fn regroup(&mut self, regrouping: &Regrouping) {
        self.stories.regroup(regrouping);
        for it in &regrouping.moves {
            if let Some(place) = usize::try_from(it.article.0).ok().and_then(|at| self.story_of.get_mut(at)) {
                *place = it.to;
            }
        }
    }
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

/// The nearest report for one that joined and is no copy: a copy is where its text is, however likely other stories
/// are.
fn joined(verdict: &Verdict) -> Option<(ArticleId, f32)> {
    verdict.nearest.filter(|_| verdict.level != Level::Copy)
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
    if let Some((of, odds)) = joined(verdict)
        && let Some(held) = stories.get(of)
    {
        res.push(fits_story(&shown(of), placing::likelihood(odds)));
        res.extend(why::shared(text, &stories.weights(sketch).weigh(sketch), &held.sketch).sentences());
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the words of a text weigh once all is placed.
    fn weights(counted: usize, of: &str) -> Vec<f32> {
        let mut trial = Trial::new(Outlets::of([].into_iter()), false, counted);
        for n in 0..30 {
            let text = if n % 5 == 0 { "A bridge fell into the river." } else { "Parliament elected a speaker." };
            let line = json!({ "id": n, "title": "News", "text": text, "lang": "en" });
            trial.take(serde_json::from_value(line).unwrap());
        }
        trial.place_waiting();
        assert_eq!(trial.records.len(), 30);
        let text = Text { title: "", body: of, language: Some("en"), at: None, source: "" };
        let sketch = Sketch::new(text);
        trial.stories.weights(&sketch).weigh(&sketch).weights
    }

    #[test]
    fn a_record_counts_once_whether_it_is_counted_first_or_not() {
        let of = "The bridge and the speaker of parliament";
        let cold = weights(0, of);
        assert!(!cold.is_empty());
        for counted in [1, 10, 30, 99] {
            assert_eq!(weights(counted, of), cold, "{counted}");
        }
    }
}
