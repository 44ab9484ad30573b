//! `sitrepd try topic`: the topics of a text, and why not others; with `--jsonl` those of each record, with their evidence.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api,
    classify::{
        self, Explanation, Topics,
        examples::{Learned, Nearness},
        models::{Judgement, MIN_OTHERS, MIN_RIGHT},
    },
    config::{Config, read_topics},
    daemon::window,
    model::{Article, Field},
};

use super::{
    CliError, FAINT, HEADING, Output, WELL, archive, article, count,
    lines::{answered, with_id},
    setup, short, text_article,
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

/// Why a text has a topic or not: by the rules, and by what labels, examples and the archive teach.
pub(super) fn one(config: &Config, input: &str, only: Option<&str>, out: &Output) -> Result<(), CliError> {
    if let Some(id) = only {
        let is_known = config.topics.iter().any(|it| it.id == id);
        if !is_known {
            return Err(CliError::NotFound(format!("there is no topic {id:?} in topics.toml")));
        }
    }
    let article = article(config, input, None)?;
    let all = classify::explain(&config.rules.topics, &article);
    let n_learned = config.rules.seeds.iter().filter(|it| !all.iter().any(|rule| rule.topic == it.id)).count();
    let taught = taught(config, &article, &all)?;
    let asked = |id: &str| only.is_none_or(|it| it == id);
    let judged = taught.judgements.iter().filter(|it| asked(&it.topic)).collect::<Vec<_>>();
    let mut wanted: Vec<_> = all.iter().filter(|it| asked(&it.topic)).collect();
    wanted.sort_by(|a, b| b.holds().cmp(&a.holds()).then(b.score.total_cmp(&a.score)));
    if out.is_json() {
        wanted.iter().try_for_each(|it| out.record(&api::TopicVerdict::new(it, &article)))?;
        return judged.iter().try_for_each(|it| out.record(&api::LearnedVerdict::new(it, &article)));
    }
    let held = wanted.iter().filter(|it| it.holds()).count();
    let added = judged
        .iter()
        .filter(|it| it.holds() && !wanted.iter().any(|rule| rule.holds() && rule.topic == it.topic))
        .count();
    // Topics of which nothing was found are of interest only to whoever asks for them.
    wanted.retain(|it| !it.evidence.is_empty() || !it.excluded_by.is_empty() || only.is_some());
    for it in &wanted {
        verdict(config, it, &article, out)?;
    }
    for it in judged.iter().filter(|it| it.holds() || only.is_some()) {
        judgement(config, it, &article, out)?;
    }
    if let (Some(id), true) = (only, judged.is_empty()) {
        taught.unknown(config, id, out)?;
    }
    if only.is_none() {
        let (all, near) = (all.len() + n_learned, wanted.len() - held);
        let held = held + added;
        out.line(format!("{held} of {} found; of {near} others there is a trace", count(all, "topic")))?;
    }
    Ok(())
}

fn verdict(config: &Config, it: &Explanation, article: &Article, out: &Output) -> Result<(), CliError> {
    let word = if it.holds() { format!("{WELL}yes{WELL:#}") } else { format!("{FAINT}no{FAINT:#} ") };
    out.line(format!(
        "{word}  {HEADING}{}{HEADING:#} ({})  {} of {} points",
        it.topic,
        archive::topic_name(config, &it.topic),
        archive::points(it.score),
        archive::points(it.threshold)
    ))?;
    for evidence in &it.evidence {
        let words = evidence.field.of(article).get(evidence.span.clone()).unwrap_or_default();
        let place = if evidence.field == Field::Title { " in the title" } else { "" };
        let counts = match evidence.weight > 0.0 {
            true => archive::points(evidence.weight),
            false => "–".to_owned(),
        };
        out.line(format!("     {counts:>6}  “{}”{place}, by {:?}", short(words, 60), evidence.rule))?;
    }
    for group in &it.missing {
        out.wrapped("     missing: one of ", &short(&group.join(", "), 160))?;
    }
    for evidence in &it.excluded_by {
        out.line(format!("     ruled out by {:?}", evidence.rule))?;
    }
    Ok(())
}

/// What labels, examples and the archive teach of a text.
struct Taught {
    judgements: Vec<Judgement>,
    /// Articles it was learned from.
    n_articles: usize,
}

fn taught(config: &Config, article: &Article, rules: &[Explanation]) -> Result<Taught, CliError> {
    let store = setup::archive(config)?;
    let models = window::learned(&*store, &config.rules)?;
    Ok(Taught { judgements: models.judge(article, rules), n_articles: models.n_others() })
}

impl Taught {
    /// Why nothing is known of a topic that is given by examples.
    fn unknown(&self, config: &Config, id: &str, out: &Output) -> Result<(), CliError> {
        if config.rules.seeds.iter().any(|it| it.id == id) {
            let n = count(self.n_articles, "article");
            out.wrapped("", &format!("{id} is given by examples: too little is known of them in this language yet. It takes {MIN_RIGHT} examples, or keywords that stand in as many articles, and {MIN_OTHERS} articles that nobody labelled; {n} of all languages were read"))?;
        }
        Ok(())
    }
}

fn judgement(config: &Config, it: &Judgement, article: &Article, out: &Output) -> Result<(), CliError> {
    let word = if it.holds() { format!("{WELL}yes{WELL:#}") } else { format!("{FAINT}no{FAINT:#} ") };
    let name = archive::topic_name(config, &it.topic);
    let [sure, least] = [it.probability, it.least].map(|it| (it * 100.0).round());
    out.line(format!("{word}  {HEADING}{}{HEADING:#} ({name})  learned: {sure} % sure, {least} % needed", it.topic))?;
    for evidence in &it.evidence {
        let words = evidence.field.of(article).get(evidence.span.clone()).unwrap_or_default();
        let place = if evidence.field == Field::Title { " in the title" } else { "" };
        out.line(format!("     {:>6.3}  “{}”{place}", evidence.weight, short(words, 60)))?;
    }
    Ok(())
}
