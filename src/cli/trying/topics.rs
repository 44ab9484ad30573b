//! `sitrepd try topic --jsonl`: the topics of each record, with their evidence, by rules and by examples.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api,
    classify::{
        self, Explanation, Topics,
        examples::{Learned, Nearness},
    },
    config::{Config, read_topics},
    model::Article,
};

use super::{
    CliError, Output,
    lines::{answered, with_id},
    text_article,
};

#[derive(Deserialize)]
struct TopicLine {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    title: String,
    #[serde(default, alias = "body")]
    text: String,
}

/// `{"id","title","text"}` to `{"id","topics","traces"}`: the topics found and their parents, each with score and
/// evidence, and the verdict on each topic of which there is a trace.
pub(super) fn run(config: &Config, file: Option<&Path>, out: &Output) -> Result<(), CliError> {
    let read = file.map(read).transpose()?;
    let (topics, seeds) = match &read {
        Some((topics, seeds)) => (topics, seeds.as_slice()),
        None => (&config.rules.topics, &[][..]),
    };
    let mut records = Vec::new();
    let answer = |line: TopicLine| Ok(json!({ "id": line.id, "title": line.title, "text": line.text }));
    answered(with_id, answer, |record| {
        // What is given by examples learns from all records, so they are read first.
        if seeds.is_empty() {
            return out.record(&answered_record(topics, &Learned::default(), record));
        }
        records.push(record);
        Ok(())
    })?;
    let unlabelled = records.iter().map(|it| whole(field(it, "title"), field(it, "text"))).collect::<Vec<_>>();
    let learned = Learned::fit(seeds, &unlabelled);
    records.into_iter().try_for_each(|it| out.record(&answered_record(topics, &learned, it)))
}

fn read(path: &Path) -> Result<(Topics, Vec<classify::examples::Seed>), CliError> {
    let text =
        fs::read_to_string(path).map_err(|source| CliError::File { doing: "read", path: path.into(), source })?;
    read_topics(path, text).map_err(|it| CliError::BadData(it.to_string()))
}

fn field<'v>(record: &'v Value, name: &str) -> &'v str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn whole(title: &str, text: &str) -> String {
    format!("{title}\n{text}")
}

fn answered_record(topics: &Topics, learned: &Learned, record: Value) -> Value {
    if record.get("error").is_some() {
        return record;
    }
    let article = text_article(field(&record, "title"), field(&record, "text"));
    let all = classify::explain(topics, &article);
    let near = learned.explain(&whole(&article.title, &article.body));
    let traces = all.iter().filter(|it| !it.evidence.is_empty());
    let traces: Vec<_> = traces.map(|it| api::TopicVerdict::new(it, &article)).collect();
    let found = found(topics, &all, &near, &article);
    json!({ "id": record.get("id"), "topics": found, "traces": traces })
}

/// The topics that hold, by rule or by example, and their parents.
fn found(topics: &Topics, all: &[Explanation], near: &[Nearness], article: &Article) -> Vec<Value> {
    let mut res = Vec::<Value>::new();
    let mut parents = BTreeMap::<&str, (&str, f32)>::new();
    for it in all.iter().filter(|it| it.holds()) {
        let verdict = json!(api::TopicVerdict::new(it, article));
        res.push(json!({ "id": it.topic, "score": it.score, "evidence": verdict.get("evidence") }));
        if let Some(parent) = topics.get(&it.topic).and_then(|it| it.parent.as_deref()) {
            let best = parents.entry(parent).or_insert((&it.topic, it.score));
            if it.score > best.1 {
                *best = (&it.topic, it.score);
            }
        }
    }
    for (parent, (topic, score)) in parents {
        if !all.iter().any(|it| it.topic == parent && it.holds()) {
            res.push(json!({ "id": parent, "score": score, "evidence": [{ "topic": topic }] }));
        }
    }
    for it in near.iter().filter(|it| it.holds()) {
        let rule = all.iter().find(|rule| rule.topic == it.id);
        // What a rule rules out, or requires and misses, no example brings back.
        if rule.is_none_or(|rule| !rule.holds() && !rule.is_ruled_out()) {
            let words = it.words.iter().map(|(word, weight)| json!({ "feature": word, "weight": weight }));
            res.push(json!({ "id": it.id, "score": it.probability, "evidence": words.collect::<Vec<_>>() }));
        }
    }
    res
}
