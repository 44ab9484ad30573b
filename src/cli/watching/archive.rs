//! Watches run over what the archive holds: a query before it is saved, the spellings that a watch has met.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use serde_json::json;

use crate::{
    config::{Config, Origin},
    model::{Hit, Report},
    text,
    watch::{self, Closeness, Firing, Surroundings, WatchRule, Watchlist, query},
};

use crate::cli::{
    CliError, Output, archive,
    arguments::moment::Moment,
    damage,
    output::{ALARM, FAINT, HEADING, count, short, shown},
    setup::{self, Archive},
};

use super::{named, warnings};

/// Maximum least sure hits shown.
const WEAKEST: usize = 10;

/// `sitrepd watch test`.
pub(super) fn test(origin: &Origin, text: &str, since: Moment, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let warnings = warnings(&config, "test", text)?;
    let rule = WatchRule { name: "test".to_owned(), query: Some(text.to_owned()), ..WatchRule::default() };
    let mut by_language = BTreeMap::<String, usize>::new();
    let mut by_source = BTreeMap::<String, usize>::new();
    let (mut sure, mut possible) = (0, 0);
    let mut stories = BTreeSet::new();
    let mut weakest: Vec<(Hit, String, String)> = Vec::new();
    let (articles, store) = each(&config, rule, since, out, |report, firing| {
        if firing.is_sure {
            sure += 1;
            stories.insert(report.story());
            let language = report.article.language.clone().unwrap_or_else(|| "unknown".to_owned());
            *by_language.entry(language).or_default() += 1;
            *by_source.entry(report.article.source.to_string()).or_default() += 1;
        } else {
            possible += 1;
        }
        // An article is represented by its surest hit.
        let best =
            firing.hits.into_iter().min_by(|a, b| a.closeness.cmp(&b.closeness).then(b.score.total_cmp(&a.score)));
        weakest.extend(best.map(|it| (it, report.article.id.to_string(), report.article.title.clone())));
        weakest.sort_by(|a, b| b.0.closeness.cmp(&a.0.closeness).then(a.0.score.total_cmp(&b.0.score)));
        weakest.truncate(WEAKEST);
    })?;
    if out.is_json() {
        let weakest = weakest.iter().map(|(it, article, title)| {
            json!({ "article": article, "title": title, "form": it.form, "class": it.closeness.as_str(), "score": it.score, "why": it.why })
        });
        out.record(&json!({
            "query": text, "warnings": warnings, "articles": articles, "fires": sure, "stories": stories.len(), "possible": possible,
            "by_language": by_language, "by_source": by_source, "weakest": weakest.collect::<Vec<_>>(),
        }))?;
        return damage::ended(&store);
    }
    for it in &warnings {
        out.wrapped(&format!("{ALARM}mind:{ALARM:#} "), &shown(it))?;
    }
    out.line(format!(
        "{HEADING}fires for {sure}{HEADING:#} of {}, possible for {possible} more",
        count(articles, "article")
    ))?;
    if sure > 0 {
        out.line(format!(
            "they are in {}: each raises an alert, and its later reports seldom one more",
            count(stories.len(), "story")
        ))?;
    }
    for (name, counts) in [("languages", &by_language), ("sources", &by_source)] {
        let counts: Vec<_> = counts.iter().map(|(it, n)| format!("{it} {n}")).collect();
        if !counts.is_empty() {
            out.wrapped(&format!("{name}: "), &shown(&counts.join(", ")))?;
        }
    }
    if !weakest.is_empty() {
        out.line("\nthe least sure:")?;
    }
    for (it, article, title) in &weakest {
        out.wrapped("  ", &format!("{} {:.2}  {}", it.closeness.as_str(), it.score, shown(&it.why)))?;
        out.wrapped("    ", &format!("{FAINT}{article}  {}{FAINT:#}", short(title, 100)))?;
    }
    damage::ended(&store)
}

/// `sitrepd watch explain` for an article of the archive, with its source and topics.
pub(super) fn explain(
    config: &Config,
    rule: WatchRule,
    id: &str,
    language: Option<String>,
    out: &Output,
) -> Result<(), CliError> {
    let mut report = archive::find(&*setup::articles(&config.store, out)?, id)?;
    report.article.language = language.or(report.article.language);
    let topics: Vec<_> = report.tags.iter().map(|it| it.topic.clone()).collect();
    let country = config.rules.countries.get(&report.article.source).map(String::as_str);
    super::explain::run(config, rule, &report.article, Some(Surroundings { country, topics: &topics }), out)
}

/// `sitrepd watch alias list`: the spellings that a watch has met, the most frequent first.
pub(super) fn spellings(origin: &Origin, name: &str, since: Moment, out: &Output) -> Result<(), CliError> {
    let config = setup::config(origin)?;
    let rule = named(&config, name)?.clone();
    let written: BTreeSet<String> = match &rule.query {
        Some(query) => {
            query::parse(query).map(|it| it.terms.iter().map(|it| text::fold(&it.text)).collect()).unwrap_or_default()
        }
        None => BTreeSet::new(),
    };
    let accepted: BTreeSet<String> = rule.aliases.iter().flat_map(|it| &it.1).map(|it| text::fold(it)).collect();
    let mut seen = BTreeMap::<String, Spelling>::new();
    let (_, store) = each(&config, rule, since, out, |report, firing| {
        for it in firing.hits {
            // Case endings do not make separate spellings.
            let form = stem(&it);
            let known = seen.entry(form).or_insert_with(|| Spelling {
                term: it.term.clone(),
                closeness: it.closeness,
                times: 0,
                sources: BTreeSet::new(),
            });
            known.times += 1;
            known.closeness = known.closeness.max(it.closeness);
            known.sources.insert(report.article.source.to_string());
        }
    })?;
    seen.retain(|form, _| !written.contains(&text::fold(form)));
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by(|a, b| b.1.times.cmp(&a.1.times).then(a.0.cmp(&b.0)));
    let mut rows = Vec::new();
    for (form, it) in seen {
        let is_accepted = accepted.contains(&text::fold(&form));
        let sources: Vec<_> = it.sources.into_iter().collect();
        if out.is_json() {
            out.record(&json!({
                "form": form, "term": it.term, "class": it.closeness.as_str(), "times": it.times, "sources": sources,
                "accepted": is_accepted,
            }))?;
            continue;
        }
        let class = if is_accepted { "accepted" } else { it.closeness.as_str() };
        rows.push(vec![
            shown(&form),
            shown(&it.term),
            class.to_owned(),
            it.times.to_string(),
            short(&sources.join(", "), 60),
        ]);
    }
    match (out.is_json(), rows.is_empty()) {
        (true, _) => (),
        (false, true) => {
            out.line("no spelling but those of the query was met in this time; --since 90d looks further back")?;
        }
        (false, false) => {
            out.table(&["SPELLING", "TERM", "CLASS", "TIMES", "SOURCES"], &rows)?;
            let hint = "SPELLING takes one for the term, ban counts it as no hit";
            out.line(format!("\nsitrepd watch alias accept {name:?} {hint}"))?;
        }
    }
    damage::ended(&store)
}

struct Spelling {
    term: String,
    closeness: Closeness,
    times: usize,
    sources: BTreeSet<String>,
}

/// What was found, without the case ending.
fn stem(it: &Hit) -> String {
    let letters = it.form.chars().count();
    let cut = it.ending.as_ref().map_or(0, |it| it.chars().count());
    let ends = it.ending.as_ref().is_some_and(|ending| text::fold(&it.form).ends_with(ending.as_str()));
    it.form.chars().take(if ends { letters - cut.min(letters) } else { letters }).collect()
}

/// Runs a watch over the articles that came in during this time; gives how many there are, and the archive for
/// [`damage::ended`].
fn each(
    config: &Config,
    rule: WatchRule,
    since: Moment,
    out: &Output,
    mut found: impl FnMut(&Report, Firing),
) -> Result<(usize, Archive), CliError> {
    let list = Watchlist::with_glossary(vec![rule], &config.glossary)
        .map_err(|it| CliError::BadData(text::error_chain(&it)))?;
    let store = setup::articles(&config.store, out)?;
    let mut articles = 0;
    store.reports(archive::period(since, config), &mut |report| {
        articles += 1;
        let topics: Vec<_> = report.tags.iter().map(|it| it.topic.clone()).collect();
        let country = config.rules.countries.get(&report.article.source).map(String::as_str);
        let surroundings = Surroundings { country, topics: &topics };
        for firing in watch::firings(&list, &report.article, surroundings) {
            found(&report, firing);
        }
        ControlFlow::Continue(())
    })?;
    Ok((articles, store))
}
