//! `sitrepd topics …`: how well topics are recognised, and terms that they could look for.

use std::ops::ControlFlow;

use serde_json::json;

use crate::{
    api,
    classify::{
        self,
        models::{Models, Outcome},
        suggest::suggest,
    },
    config::{Config, Origin},
    daemon::window,
    model::{Article, Label},
    store::{Store, readable},
};

use super::{
    CliError, Output, archive,
    arguments::{moment::Moment, topics::TopicsCommand},
    correcting, damage, logging, setup,
    trying::text_article,
};

/// Labels listed without `--json`, the newest.
const MAX_LISTED: usize = 20;
/// Terms proposed.
const MAX_TERMS: usize = 25;
/// Maximum candidates examined for one proposal, since some are already in the rule.
const MAX_CANDIDATES: usize = 400;

pub(super) fn run(origin: &Origin, command: TopicsCommand, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    match command {
        TopicsCommand::Eval => eval(&config, out),
        TopicsCommand::Suggest { topic, since } => propose(&config, &topic, since, out),
    }
}

fn eval(config: &Config, out: &Output) -> Result<(), CliError> {
    let store = setup::archive(config)?;
    let labels = window::labelled(&*store)?;
    let background = window::unlabelled(&*store, &labels)?;
    let found = Models::evaluate(&config.rules.topics, &config.rules.seeds, &labels, &background);
    let said = said(&*store)?;
    if out.is_json() {
        let figures = |it: &Outcome| {
            json!({
                "found": it.found, "missed": it.missed, "false_alarms": it.false_alarms, "rejected": it.rejected,
                "precision": it.precision(), "recall": it.recall(), "f1": it.f1(),
            })
        };
        let record = |(topic, (rules, learned)): (&String, &(Outcome, Outcome))| {
            let own = said.iter().filter(|it| it.topic == *topic);
            let label = |it: &Label| {
                json!({
                    "article": it.article.to_string(), "label": correcting::said(it), "at": api::instant(it.at),
                })
            };
            let labels = own.map(label).collect::<Vec<_>>();
            out.record(&json!({
                "topic": topic, "rules": figures(rules), "learned": figures(learned), "labels": labels,
            }))
        };
        found.iter().try_for_each(record)?;
        return damage::ended(&store);
    }
    if found.is_empty() {
        out.line("no label yet: sitrepd label ARTICLE TOPIC right|wrong")?;
        return damage::ended(&store);
    }
    let number = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.2}"));
    let row = |(topic, (rules, learned)): (&String, &(Outcome, Outcome))| {
        let of = |it: &Outcome| [number(it.precision()), number(it.recall()), number(it.f1())];
        let counts = [rules.found + rules.missed, rules.false_alarms + rules.rejected].map(|it| it.to_string());
        let cells = [topic.clone()].into_iter().chain(counts).chain(of(rules)).chain(of(learned));
        cells.collect::<Vec<_>>()
    };
    let headings = ["TOPIC", "RIGHT", "WRONG", "PRECISION", "RECALL", "F1", "LEARNED: P", "R", "F1"];
    out.table(&headings, &found.iter().map(row).collect::<Vec<_>>())?;
    out.line("")?;
    out.wrapped(
        "",
        "On your labels: first by the rules of topics.toml alone, then with what is learned from the other labels, a fifth of \
         them left out at a time.",
    )?;
    listed(config, &*store, &said, out)?;
    damage::ended(&store)
}

/// All labels, the newest first.
fn said(store: &dyn Store) -> Result<Vec<Label>, CliError> {
    let mut res = Vec::new();
    store.labels(&mut |it| {
        res.push(it);
        ControlFlow::Continue(())
    })?;
    res.sort_by(|a, b| (b.at, b.article, &b.topic).cmp(&(a.at, a.article, &a.topic)));
    Ok(res)
}

fn listed(config: &Config, store: &dyn Store, labels: &[Label], out: &Output) -> Result<(), CliError> {
    let row = |it: &Label| -> Result<Vec<String>, CliError> {
        let title =
            readable(store.report(it.article))?.map_or_else(|| "no longer held".to_owned(), |it| it.article.title);
        let cells = [correcting::said(it).to_owned(), archive::when(it.at, config), it.article.to_string()];
        Ok([it.topic.clone()].into_iter().chain(cells).chain([super::output::short(&title, 60)]).collect())
    };
    let rows = labels.iter().take(MAX_LISTED).map(row).collect::<Result<Vec<_>, _>>()?;
    out.line("")?;
    out.table(&["TOPIC", "LABEL", "SAID", "ARTICLE", "TITLE"], &rows)?;
    match labels.len().saturating_sub(MAX_LISTED) {
        0 => Ok(()),
        more => out.line(format!("and {more} before; --json lists all")),
    }
}

fn propose(config: &Config, topic: &str, since: Moment, out: &Output) -> Result<(), CliError> {
    if !config.topics.iter().any(|it| it.id == topic) {
        return Err(CliError::NotFound(format!("there is no topic {topic:?} in topics.toml")));
    }
    let store = setup::articles(&config.store, out)?;
    let labels = window::labelled(&*store)?;
    let said = |article: &Article| labels.iter().find(|it| it.topic == topic && it.article.id == article.id);
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    store.reports(archive::period(since, config), &mut |it| {
        let is_tagged = it.tags.iter().any(|it| it.topic == topic);
        match said(&it.article).map_or(is_tagged, |it| it.is_right) {
            true => inside.push(it.article),
            false => outside.push(it.article),
        }
        ControlFlow::Continue(())
    })?;
    let is_known = |term: &str| {
        let all = classify::explain(&config.rules.topics, &text_article("", term));
        all.iter().any(|it| it.topic == topic && !(it.evidence.is_empty() && it.excluded_by.is_empty()))
    };
    let found = suggest(&inside, &outside, MAX_CANDIDATES).into_iter().filter(|it| !is_known(&it.term));
    let found = found.take(MAX_TERMS).collect::<Vec<_>>();
    if out.is_json() {
        found.iter().try_for_each(|it| {
            out.record(&json!({ "term": it.term, "inside": it.inside, "outside": it.outside, "strength": it.strength }))
        })?;
        return damage::ended(&store);
    }
    if found.is_empty() {
        out.line(format!(
            "{} articles have the topic: too few to propose anything that is not in its rule",
            inside.len()
        ))?;
        return damage::ended(&store);
    }
    let row = |it: &classify::suggest::Suggestion| {
        vec![
            super::output::shown(&it.term),
            it.inside.to_string(),
            it.outside.to_string(),
            format!("{:.1}", it.strength),
        ]
    };
    out.table(&["TERM", "IN THE TOPIC", "ELSEWHERE", "STRENGTH"], &found.iter().map(row).collect::<Vec<_>>())?;
    out.line(format!("\nof {} articles with the topic and {} without", inside.len(), outside.len()))?;
    damage::ended(&store)
}
