//! `sitrepd try story --jsonl`: copies and stories among articles, in the order in which they come.

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    dedup::{
        closeness::Weighed,
        overlap::Level,
        provenance,
        sketch::{Reader, Sketch, Text},
        stories::{Settings, Stories, Verdict},
        why::Shared,
    },
    model::Timestamp,
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
    let reader = Reader::default();
    let mut stories = Stories::new(Settings::default());
    let mut ids = Vec::<Value>::new();
    let mut records = Vec::new();
    let answer = |line: StoryLine| {
        let language = line.lang.clone().or_else(|| text::language(&line.text).map(str::to_owned));
        let text = Text {
            title: &line.title,
            body: &line.text,
            language: language.as_deref(),
            at: line.date.as_deref().and_then(instant),
            source: line.source.as_deref().unwrap_or_default(),
        };
        let sketch = reader.sketch(text);
        ids.push(line.id.clone());
        let id = |place: usize| ids.get(place).cloned().unwrap_or_default();
        let compared = if with_features { stories.compare(&sketch) } else { Vec::new() };
        let compared = compared.iter().map(|it| json!({ "id": id(it.place), "features": it.features }));
        let compared = compared.collect::<Vec<_>>();
        let verdict = stories.add(sketch.clone());
        let why = why(&reader, text, &sketch, &stories, &verdict, id);
        let copy = |(place, overlap): &(usize, crate::dedup::overlap::Overlap)| json!({ "id": id(*place), "level": overlap.level().as_str(), "share": rounded(overlap.containment) });
        let mut record = json!({
            "id": line.id,
            "story": id(verdict.story),
            "duplicate_of": verdict.duplicate_of.map(id),
            "level": verdict.level.as_str(),
            "why": why,
            "origin": provenance::origin(&line.text).map(|it| json!({ "name": it.name, "manner": it.manner.as_str() })),
            "copies": verdict.copies.iter().map(copy).collect::<Vec<_>>(),
        });
        if let Some(fields) = record.as_object_mut().filter(|_| with_features) {
            fields.insert("compared".to_owned(), json!(compared));
        }
        Ok(record)
    };
    answered(with_id, answer, |record| {
        records.push(record);
        Ok(())
    })?;
    // A later article may have shown that two stories are one.
    let mut place = 0;
    for mut record in records {
        if let Some(story) = record.get_mut("story") {
            *story = ids.get(stories.story(place)).cloned().unwrap_or_default();
            place += 1;
        }
        out.record(&record)?;
    }
    Ok(())
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
    reader: &Reader,
    text: Text<'_>,
    sketch: &Sketch,
    stories: &Stories,
    verdict: &Verdict,
    id: impl Fn(usize) -> Value,
) -> Vec<String> {
    let shown = |place| match id(place) {
        Value::String(it) => it,
        other => other.to_string(),
    };
    let mut res = Vec::new();
    if let (Some(of), true) = (verdict.duplicate_of, verdict.level > Level::Independent) {
        let percent = verdict.overlap.containment * 100.0;
        res.push(format!("{percent:.0} % of the shorter text's runs of four words are also in {}", shown(of)));
    }
    if let Some((place, odds)) = verdict.nearest
        && let Some(held) = stories.sketch(place)
    {
        let percent = 100.0 / (1.0 + (-odds).exp());
        res.push(format!("tells of the same event as {} ({percent:.0} % sure)", shown(place)));
        res.extend(Shared::new(reader, text, &Weighed::new(sketch, stories.frequencies()), held).sentences());
    }
    res
}
