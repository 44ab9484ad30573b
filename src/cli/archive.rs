//! Commands that read the archive: `show`, `stories`, `stats`, and what others that do share with them.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::{ControlFlow, Range},
};

use chrono::Utc;
use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    daemon::digests,
    decide::rereading_due,
    dedup::{
        origins::{self, Origins},
        provenance::Outlets,
    },
    digest,
    model::{
        Article, ArticleId, Assignment, CopyLevel, Evidence, Field, Flag, Label, Method, Ownership, Page, Provenance,
        Repeated, Report, SourceId, StoryId, Tag, Timestamp,
    },
    store::{Store, readable},
};

use super::{
    CliError, Output,
    arguments::moment::Moment,
    correcting, damage,
    evidence::{self, Citation},
    logging,
    output::{ALARM, FAINT, HEADING, count, short, shown},
    setup,
};

/// All time.
pub(super) const EVER: Range<Timestamp> = Timestamp::MIN_UTC..Timestamp::MAX_UTC;

pub(super) fn show(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let report = find(&*store, id)?;
    let members = members(&*store, report.story())?;
    let origins = origins(&members, &config, &outlets(&config));
    let (article, reading) = (&report.article, &report.article.reading);
    let said = origins.named.get(&article.id);
    let labels = labels(&*store, &report, &config)?;
    if out.is_json() {
        let carried = Carried {
            report: api::Report::from(&report),
            story_first: origins.first.map(|it| it.to_string()),
            story_outlets: origins.n_outlets,
            story_origins: &origins.names,
            origin: said.map(|(manner, name)| json!({ "manner": manner.as_str(), "name": name })),
            state_owned: is_state_owned(&config, &article.source),
            citation: Citation::of(&*store, &report, &config)?,
            versions: store.versions(article.id)?.iter().map(evidence::version_record).collect(),
            events: evidence::events(&*store, article)?.iter().map(evidence::event_record).collect(),
            labels: labels.iter().map(label_record).collect(),
        };
        out.record(&carried)?;
        return damage::ended(&store);
    }
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    let fact = |name: &str, value: String| match value.is_empty() {
        true => Ok(()),
        false => out.wrapped(&format!("{FAINT}{name:<10}{FAINT:#}  "), &value),
    };
    for (name, value) in as_read(article, &config) {
        fact(name, value)?;
    }
    fact("story", format!("{}{}", report.story(), assignment(&report)))?;
    fact("carried by", if members.len() > 1 { carried(&origins) } else { String::new() })?;
    let said = said.map(|(manner, name)| format!("{} {}", manner.as_str(), short(name, 60)));
    fact("origin", said.unwrap_or_default())?;
    for (name, value) in as_found(&*store, &report, &labels, &config)? {
        fact(name, value)?;
    }
    evidence::history(&*store, article, &config, &fact)?;
    fact("cite as", Citation::of(&*store, &report, &config)?.line(&config))?;
    body(&article.body, out)?;
    repeated(&reading.repeated, out)?;
    damage::ended(&store)
}

/// What the source and the page say of an article, by name; empty where they say nothing.
fn as_read(article: &Article, config: &Config) -> Vec<(&'static str, String)> {
    let reading = &article.reading;
    let time = |at: Option<Timestamp>| at.map(|it| when(it, config)).unwrap_or_default();
    let owned = if is_state_owned(config, &article.source) { ", state-owned" } else { "" };
    let source = format!("{} ({}{owned})", article.source, source_name(config, article.source.as_str()));
    let published = match article.disbelieved_date() {
        None => ("published", with_origin(time(article.published), reading.published)),
        Some(at) => {
            let claim =
                format!("{}: ahead of the time at which it was first seen, and so not believed", when(at, config));
            ("claims", with_origin(claim, reading.published))
        }
    };
    let verdict = reading.judgement.as_ref().map(|it| format!("{}: {}", it.verdict.as_str(), shown(&it.reason)));
    let flag = |it: &Flag| {
        let style = if it.kind.is_warning() { ALARM } else { FAINT };
        ("flag", format!("{style}{}{style:#}: {}", it.kind.as_str(), short(&it.evidence, 200)))
    };
    let mut res = vec![
        ("article", format!("{}, version {}", article.id, article.version)),
        ("source", source),
        ("outlet", article.site_name.as_deref().map(shown).unwrap_or_default()),
        ("title", reading.title.map(told).unwrap_or_default()),
        ("authors", with_origin(shown(&article.authors.join(", ")), reading.authors)),
        ("link", article.link.as_ref().map(ToString::to_string).unwrap_or_default()),
        published,
        ("modified", with_origin(time(reading.modified), reading.modified_from)),
        ("first seen", when(article.first_seen, config)),
        ("language", article.language.as_deref().map(shown).unwrap_or_default()),
        ("text from", method(&article.method)),
        ("page", page(article, config)),
        ("verdict", verdict.unwrap_or_default()),
    ];
    res.extend(reading.flags.iter().map(flag));
    res.push(("picture", reading.image.as_ref().map(|it| shown(it.as_str())).unwrap_or_default()));
    res
}

/// What was found in an article, and what people said of that, by name.
fn as_found(
    store: &dyn Store,
    report: &Report,
    labels: &[Label],
    config: &Config,
) -> Result<Vec<(&'static str, String)>, CliError> {
    let article = &report.article;
    let topic = |it: &Tag| {
        let words = evidence(it, article).join(", ");
        ("topic", format!("{}, {} points: {words}", topic_name(config, &it.topic), points(it.score)))
    };
    let label = |it: &Label| {
        let name = topic_name(config, &it.topic);
        ("label", format!("{name}: {}, said {}", correcting::said(it), when(it.at, config)))
    };
    let mut res: Vec<_> = report.tags.iter().map(topic).chain(labels.iter().map(label)).collect();
    for alert in store.alerts_of(report.story())?.iter().filter(|it| it.article == article.id) {
        let whys: BTreeSet<&str> = alert.hits.iter().map(|it| it.why.as_str()).collect();
        res.extend(whys.into_iter().map(|why| ("alert", format!("{}: {}", shown(&alert.watch), shown(why)))));
    }
    let possible = report.possible.iter().flat_map(|it| it.hits.iter().map(|hit| (&it.watch, &hit.why)));
    res.extend(possible.map(|(watch, why)| ("possible", format!("{}: {}", shown(watch), shown(why)))));
    Ok(res)
}

/// The reports of a story that can be read.
fn members(store: &dyn Store, story: StoryId) -> Result<Vec<Report>, CliError> {
    let mut res = Vec::new();
    for id in store.story(story)? {
        res.extend(readable(store.report(id))?);
    }
    Ok(res)
}

/// People's labels for an article's topics: for configured topics, and for those that it has.
fn labels(store: &dyn Store, report: &Report, config: &Config) -> Result<Vec<Label>, CliError> {
    let configured = config.topics.iter().map(|it| it.id.as_str());
    let topics = configured.chain(report.tags.iter().map(|it| it.topic.as_str())).collect::<BTreeSet<_>>();
    let found = topics.into_iter().filter_map(|it| readable(store.label(report.article.id, it)).transpose());
    Ok(found.collect::<Result<_, _>>()?)
}

/// A label without its article, for other programs.
pub(super) fn label_record(it: &Label) -> serde_json::Value {
    json!({ "topic": it.topic, "label": correcting::said(it), "at": api::instant(it.at) })
}

/// The lines that other pages of the source also have, grouped by those pages.
fn repeated(lines: &[Repeated], out: &Output) -> Result<(), CliError> {
    for group in lines.chunk_by(|a, b| (a.on, a.of) == (b.on, b.of)) {
        let Some(Repeated { on, of, .. }) = group.first() else { continue };
        out.line("")?;
        out.line(format!("{FAINT}cut as repeated on {on} of the last {of} pages of this source:{FAINT:#}"))?;
        for it in group {
            out.wrapped("  ", &short(&it.line, 200))?;
        }
    }
    Ok(())
}

/// The place of a value and how reliable it is: `(json-ld, 95 % sure)`.
pub(super) fn told(it: Provenance) -> String {
    format!("({}, {} % sure)", it.origin.as_str(), it.confidence)
}

fn with_origin(value: String, origin: Option<Provenance>) -> String {
    match origin.filter(|_| !value.is_empty()) {
        Some(it) => format!("{value} {}", told(it)),
        None => value,
    }
}

/// An article with the origins of its story.
#[derive(serde::Serialize)]
struct Carried<'a> {
    #[serde(flatten)]
    report: api::Report<'a>,
    story_first: Option<String>,
    story_outlets: usize,
    story_origins: &'a [String],
    origin: Option<serde_json::Value>,
    state_owned: bool,
    citation: Citation,
    versions: Vec<serde_json::Value>,
    events: Vec<serde_json::Value>,
    labels: Vec<serde_json::Value>,
}

/// Paragraphs, each a line, with an empty line before each.
pub(super) fn body(text: &str, out: &Output) -> Result<(), CliError> {
    match text.is_empty() {
        true => out.line("\n(no text)"),
        false => text.lines().try_for_each(|line| out.line(format!("\n{}", shown(line)))),
    }
}

pub(super) fn source_name(config: &Config, id: &str) -> String {
    config.source(id).map_or_else(|| "no longer configured".to_owned(), |it| shown(&it.source.name))
}

/// A topic's name; its id where it is no longer configured.
pub(super) fn topic_name(config: &Config, id: &str) -> String {
    config.topics.iter().find(|it| it.id == id).map_or_else(|| id.to_owned(), |it| shown(&it.name))
}

/// The article of an id, or of the beginning of one.
pub(super) fn find(store: &dyn Store, id: &str) -> Result<Report, CliError> {
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
        (None, _) => {
            // Damage may be the reason why it is not found.
            damage::passed_over(store)?;
            Err(missing())
        }
    }
}

fn assignment(report: &Report) -> String {
    let why = shown(&report.assignment.reason());
    let settled = match &report.assignment {
        Assignment::New => " (first report)".to_owned(),
        Assignment::Copy { of, level: CopyLevel::Copy, .. } => format!(" (copy of {of}: {why})"),
        Assignment::Copy { of, level: CopyLevel::Partial, .. } => format!(" (in part from {of}: {why})"),
        Assignment::Joined { .. } | Assignment::Lost { .. } => format!(" ({why})"),
    };
    match &report.moved {
        None => settled,
        Some(it) => format!(" ({}); settled in story {}{settled}", shown(&it.why), report.settled_in()),
    }
}

pub(super) fn method(method: &Method) -> String {
    match method {
        Method::Recipe(name) => format!("the page, by recipe {name}"),
        Method::Readability => "the page, by the extractor".to_owned(),
        Method::Feed => "the feed".to_owned(),
    }
}

fn page(article: &Article, config: &Config) -> String {
    let reads_pages = config.source(article.source.as_str()).is_none_or(|it| it.source.reads_pages);
    match &article.page {
        Page::Fetched(it) => format!("status {}, {} bytes, {}", it.status, it.bytes, shown(&it.url)),
        Page::Withheld(reason) => format!("not to be had: {}", shown(reason)),
        Page::Unreachable(reason) if !reads_pages || rereading_due(article, config.poll.page_retries).is_none() => {
            format!("not reached, and no more tried: {}", shown(reason))
        }
        Page::Unreachable(reason) => format!("not reached, will be tried again: {}", shown(reason)),
        Page::None if article.link.is_some() => "not read, as its source says (pages = false)".to_owned(),
        Page::None => "the entry has no link".to_owned(),
    }
}

/// The evidence for a topic, the most weight first: `“ITPP” 2`. A phrase found several times is listed once, with its
/// total; a required phrase without weight comes last.
pub(super) fn evidence(tag: &Tag, article: &Article) -> Vec<String> {
    let mut found: Vec<(&Evidence, f32)> = Vec::new();
    for it in &tag.evidence {
        match found.iter_mut().find(|(first, _)| first.rule == it.rule) {
            Some((_, weight)) => *weight += it.weight,
            None => found.push((it, it.weight)),
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = found.into_iter().map(|(it, weight)| {
        let words = short(it.field.of(article).get(it.span.clone()).unwrap_or_default(), 60);
        let place = if it.field == Field::Title { " in the title" } else { "" };
        let counts = if weight > 0.0 { points(weight) } else { "(needed)".to_owned() };
        // If the words do not look like the rule, the reader should know what they were taken for.
        let (phrase, closeness) = it.found();
        let as_what = closeness.map(|how| format!(" for “{}”, {},", shown(phrase), how.as_str())).unwrap_or_default();
        format!("“{words}”{place}{as_what} {counts}")
    });
    told.collect()
}

/// Points of a score, to two decimals at most.
pub(super) fn points(points: f32) -> String {
    // An empty sum of floats is -0.
    format!("{:.2}", points + 0.0).trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn stories(origin: &Origin, since: Moment, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let (mut stories, mut seen) = (Vec::new(), HashSet::new());
    store.reports(period(since, &config), &mut |it| {
        if seen.insert(it.story()) {
            stories.push(it.story());
        }
        ControlFlow::Continue(())
    })?;
    if stories.is_empty() && !out.is_json() {
        out.line("no story in this time; --since 7d looks further back")?;
    }
    let (outlets, labels) = (outlets(&config), digests::labels(&*store)?);
    for story in stories {
        let mut reports = members(&*store, story)?;
        for it in &mut reports {
            labels.correct(it, &config.rules.topics);
        }
        let origins = origins(&reports, &config, &outlets);
        match out.is_json() {
            true => out.record(&story_record(story, &reports, &origins, &config))?,
            false => print_story(&reports, &origins, &config, out)?,
        }
    }
    damage::ended(&store)
}

/// Who stands behind the reports of a story.
fn origins(reports: &[Report], config: &Config, outlets: &Outlets) -> Origins {
    let name = |it| config.source(SourceId::as_str(it)).map_or("", |it| it.source.name.as_str());
    origins::origins(&reports.iter().collect::<Vec<_>>(), outlets, name)
}

/// The outlets that texts may name.
pub(super) fn outlets(config: &Config) -> Outlets {
    Outlets::of(config.polled.iter().map(|it| &it.source))
}

fn is_state_owned(config: &Config, source: &SourceId) -> bool {
    config.source(source.as_str()).is_some_and(|it| it.source.ownership == Ownership::State)
}

fn story_record(story: StoryId, reports: &[Report], origins: &Origins, config: &Config) -> serde_json::Value {
    let report = |it: &Report| {
        let article = &it.article;
        let said = origins.named.get(&article.id);
        json!({
            "article": article.id.to_string(),
            "source": article.source.as_str(),
            "title": article.title,
            "link": article.link.as_ref().map(ToString::to_string),
            "first_seen": api::instant(article.first_seen),
            "state_owned": is_state_owned(config, &article.source),
            "placed": api::Placed::from(it),
            "origin": said.map(|(manner, name)| json!({ "manner": manner.as_str(), "name": name })),
        })
    };
    json!({
        "story": story.to_string(),
        "title": reports.first().map(|it| &it.article.title),
        "topics": topics(reports, config),
        "first": origins.first.map(|it| it.to_string()),
        "outlets": origins.n_outlets,
        "origins": origins.names,
        "reports": reports.iter().map(report).collect::<Vec<_>>(),
    })
}

/// The topics of any report of a story, as in digests: first the one with the best score, then the others in the order
/// of the configuration.
fn topics<'r>(reports: &'r [Report], config: &Config) -> Vec<&'r str> {
    let tags = || reports.iter().flat_map(|it| &it.tags);
    // Those that only old tags still name come last.
    let place = |id: &str| config.topics.iter().position(|it| it.id == id).unwrap_or(usize::MAX);
    let best = digest::best_of(tags(), |it| Some(place(it))).map(|it| it.0);
    let ids: BTreeSet<&str> = tags().map(|it| it.topic.as_str()).collect();
    let mut res: Vec<_> = ids.into_iter().collect();
    res.sort_by_key(|it| (best != Some(place(it)), place(it)));
    res
}

/// "7 outlets, 2 origins: Reuters, Civil Georgia".
fn carried(it: &Origins) -> String {
    let names = it.names.iter().map(|it| short(it, 60)).collect::<Vec<_>>().join(", ");
    format!("{}, {}: {names}", count(it.n_outlets, "outlet"), count(it.names.len(), "origin"))
}

fn print_story(reports: &[Report], origins: &Origins, config: &Config, out: &Output) -> Result<(), CliError> {
    let Some(first) = reports.first() else { return Ok(()) };
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(&first.article.title)))?;
    let topics: Vec<_> = topics(reports, config).into_iter().map(|it| topic_name(config, it)).collect();
    if !topics.is_empty() {
        out.wrapped("  ", &topics.join(", "))?;
    }
    if reports.len() > 1 {
        out.wrapped("  ", &carried(origins))?;
    }
    let widest = reports.iter().map(|it| it.article.source.as_str().len()).max().unwrap_or_default();
    for it in reports.iter().map(|it| &it.article) {
        let (id, time) = (it.id, when(it.first_seen, config));
        let link = it.link.as_ref().map(ToString::to_string).unwrap_or_default();
        let state = if is_state_owned(config, &it.source) { "state-owned  " } else { "" };
        out.line(format!("  {FAINT}{id}  {time}  {:<widest$}  {state}{link}{FAINT:#}", it.source.as_str()))?;
    }
    out.line("")
}

pub(super) fn stats(origin: &Origin, since: Moment, out: &Output) -> Result<(), CliError> {
    let (config, store) = open(origin, out)?;
    let counts = store.counts()?;
    let held = |n: u64, thing: &str| count(usize::try_from(n).unwrap_or(usize::MAX), thing);
    let (mut sources, mut topics, mut languages) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let add = |map: &mut BTreeMap<String, u64>, key: &str| *map.entry(key.to_owned()).or_default() += 1;
    let period = period(since, &config);
    let labels = digests::labels(&*store)?;
    store.reports(period.clone(), &mut |mut it| {
        labels.correct(&mut it, &config.rules.topics);
        add(&mut sources, it.article.source.as_str());
        add(&mut languages, it.article.language.as_deref().unwrap_or("unknown"));
        it.tags.iter().for_each(|tag| add(&mut topics, &tag.topic));
        ControlFlow::Continue(())
    })?;
    if out.is_json() {
        out.record(&json!({ "held": api::Counts::from(&counts), "lately": { "by_source": sources, "by_topic": topics, "by_language": languages } }))?;
        return damage::ended(&store);
    }
    out.line(format!(
        "{} in {}, {}; {} waiting, {} given up; {:.1} MB on disk",
        held(counts.articles, "article"),
        held(counts.stories, "story"),
        held(counts.alerts, "alert"),
        held(counts.pending, "message"),
        counts.parked,
        megabytes(counts.bytes)
    ))?;
    if !sources.is_empty() {
        out.line(format!("since {}:", when(period.start, &config)))?;
    }
    let topics = topics.into_iter().map(|(id, n)| (topic_name(&config, &id), n)).collect();
    for (heading, map) in [("SOURCE", sources), ("TOPIC", topics), ("LANGUAGE", languages)] {
        let mut rows: Vec<_> = map.into_iter().collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        if !rows.is_empty() {
            out.line("")?;
            out.table(
                &[heading, "ARTICLES"],
                &rows.into_iter().map(|(key, n)| vec![shown(&key), n.to_string()]).collect::<Vec<_>>(),
            )?;
        }
    }
    damage::ended(&store)
}

#[expect(clippy::cast_precision_loss, reason = "shown to one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The configuration and the archive under it.
pub(super) fn open(origin: &Origin, out: &Output) -> Result<(std::sync::Arc<Config>, setup::Archive), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let store = setup::articles(&config.store, out)?;
    Ok((config, store))
}

/// The period from then until now, with some margin in case the clock is behind.
pub(super) fn period(since: Moment, config: &Config) -> Range<Timestamp> {
    since.at(Utc::now(), config.digest.zone)..Timestamp::MAX_UTC
}

/// A time in the zone of the digest, for people.
pub(super) fn when(at: Timestamp, config: &Config) -> String {
    at.with_timezone(&config.digest.zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// The day of a time in the zone of the digest.
pub(super) fn day(at: Timestamp, config: &Config) -> String {
    at.with_timezone(&config.digest.zone).format("%Y-%m-%d").to_string()
}
