//! Commands that read the archive: `search`, `show`, `alerts`, `stories`, `stats`.

use std::{collections::BTreeMap, ops::ControlFlow, ops::Range, time::Duration};

use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    model::{Alert, Article, ArticleId, Assignment, Field, Method, Page, Report, Tag, Timestamp},
    search::Query,
    store::Store,
};

use super::{
    CliError, Output, logging,
    output::{ALARM, FAINT, HEADING, short, shown},
    setup,
};

/// All time.
const EVER: Range<Timestamp> = Timestamp::MIN_UTC..Timestamp::MAX_UTC;

pub(super) fn search(origin: &Origin, query: &str, limit: usize, out: &Output) -> Result<(), CliError> {
    let query = Query::parse(query).ok_or_else(|| CliError::Usage("there is no word to look for".to_owned()))?;
    let (config, store) = open(origin, out)?;
    let mut printed = Ok(());
    let mut found = 0;
    store.reports(EVER, &mut |report| {
        if let Some(place) = query.find(&report.article) {
            found += 1;
            let text = place.field.of(&report.article);
            printed = match out.is_json() {
                true => out.record(&api::Report::from(&report)),
                false => hit(&report, text.get(place.sentence).unwrap_or_default(), &config, out),
            };
        }
        if found == limit || printed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    printed?;
    if found == 0 && !out.is_json() {
        out.line("nothing found")?;
    }
    Ok(())
}

fn hit(report: &Report, sentence: &str, config: &Config, out: &Output) -> Result<(), CliError> {
    let article = &report.article;
    out.line(format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    out.line(format!("  {FAINT}{}  {}  {}{FAINT:#}", article.id, when(article.first_seen, config), article.source))?;
    out.line(format!("  {}", short(sentence, 300)))
}

pub(super) fn show(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let report = find(&*store, id)?;
    if out.is_json() {
        return out.record(&api::Report::from(&report));
    }
    let article = &report.article;
    out.line(format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    let fact = |name: &str, value: String| match value.is_empty() {
        true => Ok(()),
        false => out.line(format!("{FAINT}{name:<10}{FAINT:#} {value}")),
    };
    fact("article", format!("{}, version {}", article.id, article.version))?;
    fact("source", article.source.to_string())?;
    fact("outlet", article.site_name.as_deref().map(shown).unwrap_or_default())?;
    fact("authors", shown(&article.authors.join(", ")))?;
    fact("link", article.link.as_ref().map(ToString::to_string).unwrap_or_default())?;
    fact("published", article.published.map(|it| when(it, &config)).unwrap_or_default())?;
    fact("first seen", when(article.first_seen, &config))?;
    fact("language", article.language.clone().unwrap_or_default())?;
    fact("text from", method(&article.method))?;
    fact("page", page(&article.page))?;
    fact("story", format!("{}{}", report.story(), assignment(&report)))?;
    for tag in &report.tags {
        fact("topic", self::tag(tag, article))?;
    }
    out.line("")?;
    article.body.lines().try_for_each(|line| out.line(format!("{}\n", shown(line))))
}

/// The article of an id, or of the beginning of one.
fn find(store: &dyn Store, id: &str) -> Result<Report, CliError> {
    let missing = || CliError::NotFound(format!("there is no article {id:?}; sitrepd search finds ids"));
    if id.len() == 16
        && let Ok(id) = id.parse::<ArticleId>()
    {
        return store.report(id)?.ok_or_else(missing);
    }
    let start = id.to_ascii_lowercase();
    let mut matches = Vec::new();
    store.reports(EVER, &mut |it| {
        if !start.is_empty() && it.article.id.to_string().starts_with(&start) {
            matches.push(it);
        }
        if matches.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match (matches.pop(), matches.is_empty()) {
        (Some(report), true) => Ok(report),
        (Some(_), false) => {
            Err(CliError::Usage(format!("more than one article begins with {id:?}; give more of the id")))
        }
        (None, _) => Err(missing()),
    }
}

fn assignment(report: &Report) -> String {
    match &report.assignment {
        Assignment::New => " (first report)".to_owned(),
        Assignment::Copy { of, why, .. } => format!(" (copy of {of}: {why})"),
    }
}

pub(super) fn method(method: &Method) -> String {
    match method {
        Method::Recipe(name) => format!("the page, by recipe {name}"),
        Method::Readability => "the page, by the readability extractor".to_owned(),
        Method::Feed => "the feed".to_owned(),
    }
}

fn page(page: &Page) -> String {
    match page {
        Page::Fetched(it) => format!("status {}, {} bytes, {}", it.status, it.bytes, shown(&it.url)),
        Page::Withheld(reason) => format!("not to be had: {}", shown(reason)),
        Page::Unreachable(reason) => format!("not reached, will be tried again: {}", shown(reason)),
        Page::None => "the entry has no link".to_owned(),
    }
}

/// `nato-armenia 4.5: "ITPP" (2), "Yerevan" (0.5)`.
pub(super) fn tag(tag: &Tag, article: &Article) -> String {
    let evidence = tag.evidence.iter().map(|it| {
        let place = if it.field == Field::Title { " in the title" } else { "" };
        let words = short(it.field.of(article).get(it.span.clone()).unwrap_or_default(), 60);
        format!("“{words}”{place} ({})", points(it.weight))
    });
    format!("{} {}: {}", tag.topic, points(tag.score), evidence.collect::<Vec<_>>().join(", "))
}

/// Points of a score, to two decimals at most.
pub(super) fn points(points: f32) -> String {
    format!("{points:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn alerts(origin: &Origin, since: Duration, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let mut alerts = Vec::new();
    store.alerts(period(since), &mut |it| {
        alerts.push(it);
        ControlFlow::Continue(())
    })?;
    if out.is_json() {
        return alerts.iter().try_for_each(|it| out.record(&api::Alert::from(it)));
    }
    if alerts.is_empty() {
        return out.line("no alert in this time");
    }
    for alert in &alerts {
        let report = store.report(alert.article)?;
        print_alert(alert, report.as_ref(), &config, out)?;
    }
    Ok(())
}

/// An alert with its hits.
pub(super) fn print_alert(
    alert: &Alert,
    report: Option<&Report>,
    config: &Config,
    out: &Output,
) -> Result<(), CliError> {
    let title = report.map(|it| shown(&it.article.title)).unwrap_or_default();
    out.line(format!(
        "{ALARM}{}{ALARM:#}  {}  {HEADING}{title}{HEADING:#}",
        shown(&alert.watch),
        when(alert.raised, config)
    ))?;
    if let Some(link) = report.and_then(|it| it.article.link.as_ref()) {
        out.line(format!("  {FAINT}{}  {link}{FAINT:#}", alert.article))?;
    }
    let hits = alert.hits.iter().take(3);
    for hit in hits {
        out.line(format!("  found “{}”: {}", shown(&hit.form), short(&hit.sentence, 300)))?;
    }
    let more = alert.hits.len().saturating_sub(3);
    if more > 0 { out.line(format!("  and {more} more")) } else { Ok(()) }
}

pub(super) fn stories(origin: &Origin, since: Duration, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let mut stories = Vec::new();
    store.reports(period(since), &mut |it| {
        if !stories.contains(&it.story()) {
            stories.push(it.story());
        }
        ControlFlow::Continue(())
    })?;
    for story in stories {
        let reports = store
            .story(story)?
            .into_iter()
            .filter_map(|it| store.report(it).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let Some(first) = reports.first() else { continue };
        if out.is_json() {
            let reports: Vec<_> = reports.iter().map(|it| json!({ "article": it.article.id.to_string(), "source": it.article.source.as_str(), "title": it.article.title, "link": it.article.link.as_ref().map(ToString::to_string) })).collect();
            out.record(&json!({ "story": story.to_string(), "title": first.article.title, "reports": reports }))?;
            continue;
        }
        out.line(format!("{HEADING}{}{HEADING:#}", shown(&first.article.title)))?;
        let topics = first.tags.iter().map(|it| it.topic.as_str()).collect::<Vec<_>>().join(", ");
        out.line(format!("  {FAINT}{story}  {}  {topics}{FAINT:#}", when(first.article.first_seen, &config)))?;
        for it in &reports {
            out.line(format!(
                "  {}  {}",
                it.article.source,
                it.article.link.as_ref().map(ToString::to_string).unwrap_or_default()
            ))?;
        }
    }
    Ok(())
}

pub(super) fn stats(origin: &Origin, since: Duration, out: &Output) -> Result<(), CliError> {
    let (_, store) = open(origin, out)?;
    let counts = store.counts()?;
    let (mut sources, mut topics, mut languages) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let count = |map: &mut BTreeMap<String, u64>, key: &str| *map.entry(key.to_owned()).or_default() += 1;
    store.reports(period(since), &mut |it| {
        count(&mut sources, it.article.source.as_str());
        count(&mut languages, it.article.language.as_deref().unwrap_or("unknown"));
        it.tags.iter().for_each(|tag| count(&mut topics, &tag.topic));
        ControlFlow::Continue(())
    })?;
    if out.is_json() {
        return out.record(&json!({ "held": api::Counts::from(&counts), "lately": { "by_source": sources, "by_topic": topics, "by_language": languages } }));
    }
    out.line(format!(
        "{} articles in {} stories, {} alerts; {} messages waiting, {} given up; {:.1} MB on disk",
        counts.articles,
        counts.stories,
        counts.alerts,
        counts.pending,
        counts.parked,
        megabytes(counts.bytes)
    ))?;
    for (heading, map) in [("SOURCE", sources), ("TOPIC", topics), ("LANGUAGE", languages)] {
        let mut rows: Vec<_> = map.into_iter().collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        if !rows.is_empty() {
            out.line("")?;
            out.table(
                &[heading, "ARTICLES"],
                &rows.into_iter().map(|(key, n)| vec![key, n.to_string()]).collect::<Vec<_>>(),
            )?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown to one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn open(origin: &Origin, out: &Output) -> Result<(std::sync::Arc<Config>, std::sync::Arc<dyn Store>), CliError> {
    logging::quiet();
    let config = setup::config(origin, out)?;
    let store = setup::archive(&config)?;
    Ok((config, store))
}

/// From that long ago until now, and what the clock may be behind.
fn period(since: Duration) -> Range<Timestamp> {
    let since = TimeDelta::from_std(since).unwrap_or(TimeDelta::days(36_500));
    Utc::now().checked_sub_signed(since).unwrap_or(Timestamp::MIN_UTC)..Timestamp::MAX_UTC
}

/// A time in the zone of the digest, for people.
pub(super) fn when(at: Timestamp, config: &Config) -> String {
    at.with_timezone(&config.digest.zone).format("%Y-%m-%d %H:%M %Z").to_string()
}
