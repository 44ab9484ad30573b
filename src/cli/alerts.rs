//! `sitrepd alerts`: what watches found, and what they may have found.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::ControlFlow,
};

use serde_json::{Value, json};

use crate::{
    api,
    config::{Config, Origin},
    model::{Alert, Hit, Possible, Report, Severity, StoryId},
    store::{Store, readable},
};

use super::{
    CliError, Output,
    archive::{open, period, when},
    arguments::moment::Moment,
    damage,
    output::{ALARM, FAINT, HEADING, count, short, shown},
};

/// Sentences shown of an alert.
const SENTENCES: usize = 3;
/// Later reports shown of an alert.
const LATER: usize = 10;

pub(super) fn run(origin: &Origin, since: Moment, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let mut alerts = Vec::new();
    store.alerts(period(since, &config), &mut |it| {
        alerts.push(it);
        ControlFlow::Continue(())
    })?;
    if alerts.is_empty() && !out.is_json() {
        out.line("no alert in this time; --since 30d looks further back")?;
    }
    for alert in &alerts {
        let later = later(alert, &*store)?;
        let report = readable(store.report(alert.article))?;
        match out.is_json() {
            true => out.record(&record(alert, report.as_ref(), &later, &config))?,
            false => print(alert, report.as_ref(), &later, &config, out)?,
        }
    }
    damage::ended(&store)
}

/// The reports that joined an alert's story after it, in order.
fn later(alert: &Alert, store: &dyn Store) -> Result<Vec<Report>, CliError> {
    let mut res = Vec::new();
    for id in store.story(alert.story)?.into_iter().filter(|it| *it != alert.article) {
        res.extend(readable(store.report(id))?.filter(|it| it.article.first_seen > alert.raised));
    }
    Ok(res)
}

fn record(alert: &Alert, report: Option<&Report>, later: &[Report], config: &Config) -> Value {
    let article = report.map(|it| &it.article);
    let joined = |it: &Report| {
        json!({
            "article": it.article.id.to_string(),
            "source": it.article.source.as_str(),
            "title": it.article.title,
            "link": it.article.link.as_ref().map(ToString::to_string),
            "first_seen": api::instant(it.article.first_seen),
        })
    };
    let mut res = json!(api::Alert::from(alert));
    if let Some(fields) = res.as_object_mut() {
        fields.insert("severity".to_owned(), json!(config.rules.severity(&alert.watch).as_str()));
        fields.insert("source".to_owned(), json!(article.map(|it| it.source.as_str())));
        fields.insert("title".to_owned(), json!(article.map(|it| &it.title)));
        fields.insert("link".to_owned(), json!(article.and_then(|it| it.link.as_ref()).map(ToString::to_string)));
        fields.insert("later".to_owned(), later.iter().map(joined).collect());
    }
    res
}

fn print(
    alert: &Alert,
    report: Option<&Report>,
    later: &[Report],
    config: &Config,
    out: &Output,
) -> Result<(), CliError> {
    let severity = match config.rules.severity(&alert.watch) {
        Severity::Normal => String::new(),
        it => format!("{}  ", it.as_str()),
    };
    out.line(format!("{ALARM}{}{ALARM:#}  {severity}{}", shown(&alert.watch), when(alert.raised, config)))?;
    if let Some(reason) = alert.reason() {
        out.wrapped("  ", &reason)?;
    }
    if let Some(article) = report.map(|it| &it.article) {
        out.wrapped("  ", &format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    }
    sentences(&alert.hits, out)?;
    let link = report.and_then(|it| it.article.link.as_ref()).map(ToString::to_string).unwrap_or_default();
    out.line(format!("  {FAINT}{}  {link}{FAINT:#}", alert.article))?;
    if !later.is_empty() {
        out.line(format!("  {} of the story:", count(later.len(), "later report")))?;
    }
    for article in later.iter().map(|it| &it.article).take(LATER) {
        let (time, title) = (when(article.first_seen, config), short(&article.title, 80));
        out.line(format!("    {FAINT}{}  {time}  {}{FAINT:#}  {title}", article.id, article.source))?;
    }
    if later.len() > LATER {
        out.line(format!("    and {} more", later.len() - LATER))?;
    }
    out.line("")
}

/// The first sentences with hits, each once with what was found in it.
fn sentences(hits: &[Hit], out: &Output) -> Result<(), CliError> {
    let sentences = by_sentence(hits);
    for (sentence, forms) in sentences.iter().take(SENTENCES) {
        out.wrapped("  ", &format!("{}: {}", forms.join(", "), short(sentence, 300)))?;
    }
    match sentences.len().saturating_sub(SENTENCES) {
        0 => Ok(()),
        more => out.line(format!("  and in {}", count(more, "more sentence"))),
    }
}

/// The sentences of an alert with the forms found in each.
fn by_sentence(hits: &[Hit]) -> Vec<(&str, Vec<String>)> {
    let mut res: Vec<(&str, Vec<String>)> = Vec::new();
    for hit in hits {
        let relation = hit.relation().map(|it| format!(" — {}", shown(&it))).unwrap_or_default();
        let form = format!("“{}”{relation}", shown(&hit.form));
        match res.last_mut() {
            Some((sentence, forms)) if *sentence == hit.sentence => {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
            _ => res.push((&hit.sentence, vec![form])),
        }
    }
    res
}

/// Possible finds of watches, not sure enough for an alert, newest first. A find that was confirmed, because the watch
/// fired for the same term in another report of the story, is left out.
pub(super) fn possible(origin: &Origin, since: Moment, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let mut fired = HashMap::<StoryId, Vec<Alert>>::new();
    let mut told = Ok(());
    let mut n_found = 0;
    store.possible(period(since, &config), &mut |report| {
        told = each(&report, &*store, &mut fired).and_then(|found| {
            n_found += found.len();
            found.iter().try_for_each(|it| print_possible(it, &report, &config, out))
        });
        if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    told?;
    if n_found == 0 && !out.is_json() {
        out.line("nothing that a watch was unsure of in this time; --since 30d looks further back")?;
    }
    damage::ended(&store)
}

fn each(
    report: &Report,
    store: &dyn Store,
    fired: &mut HashMap<StoryId, Vec<Alert>>,
) -> Result<Vec<Possible>, CliError> {
    let story = report.story();
    let fired = match fired.entry(story) {
        Entry::Occupied(it) => it.into_mut(),
        Entry::Vacant(it) => it.insert(store.alerts_of(story)?),
    };
    Ok(report.possible.iter().filter_map(|it| it.open(fired)).collect())
}

fn print_possible(it: &Possible, report: &Report, config: &Config, out: &Output) -> Result<(), CliError> {
    if out.is_json() {
        return out.record(&api::Possible::new(it, report));
    }
    let article = &report.article;
    out.line(format!("{HEADING}{}{HEADING:#}  {}", shown(&it.watch), when(article.first_seen, config)))?;
    for it in &it.hits {
        out.wrapped("  ", &shown(&it.why))?;
    }
    out.wrapped("  ", &format!("{FAINT}{}  {}{FAINT:#}", article.id, short(&article.title, 100)))
}
