//! Why a watch fires for a text, or does not.

use serde_json::json;

use crate::{
    api,
    config::Config,
    model::{Article, Field},
    watch::{
        self, Firing, Lack, Surroundings, WatchRule, Watchlist,
        query::{self, About},
    },
};

use crate::cli::{
    CliError, Output,
    output::{ALARM, FAINT, WELL, short, shown},
};

/// Prints what one watch finds in an article, weak hits too, or why it finds nothing. Of a text that is in no archive,
/// the surroundings are not known.
pub(in crate::cli) fn run(
    config: &Config,
    rule: WatchRule,
    article: &Article,
    surroundings: Option<Surroundings<'_>>,
    out: &Output,
) -> Result<(), CliError> {
    let name = rule.name.clone();
    let unknown = if surroundings.is_some() { Vec::new() } else { unknown(&rule) };
    let surroundings = surroundings.unwrap_or_default();
    let list = Watchlist::with_glossary(vec![rule], &config.glossary)
        .map_err(|it| CliError::BadData(crate::text::error_chain(&it)))?;
    let found = watch::firings(&list, article, surroundings).pop();
    if out.is_json() {
        return out.record(&record(&name, found.as_ref()));
    }
    let Some(found) = found else {
        out.line(format!("{}: nothing is found", shown(&name)))?;
        return silence(&list, article, surroundings, &unknown, out);
    };
    match found.is_sure {
        true => out.line(format!("{WELL}fires{WELL:#}  {}", shown(&name)))?,
        false => out.line(format!("{ALARM}possible{ALARM:#}, and so no alert  {}", shown(&name)))?,
    }
    for it in found.hits.iter().chain(&found.weak) {
        let place = if it.field == Field::Title { "title" } else { "text" };
        out.wrapped("  ", &format!("{} ({:.2}, {place}): {}", it.closeness.as_str(), it.score, shown(&it.why)))?;
        out.wrapped("    ", &format!("{FAINT}{}{FAINT:#}", short(&it.sentence, 300)))?;
    }
    for person in config.people.iter().filter(|person| is_named(&found, &person.name)) {
        out.wrapped("  ", &format!("{}: {}", shown(&person.name), shown(&person.offices.join("; "))))?;
    }
    Ok(())
}

/// What a watch asks for that is not known of a text in no archive.
fn unknown(rule: &WatchRule) -> Vec<&'static str> {
    let Some(query) = rule.query.as_deref().and_then(|it| query::parse(it).ok()) else { return Vec::new() };
    let asked = query.asked();
    let names = [(About::Source, "source"), (About::Country, "country"), (About::Topic, "topic")];
    names.iter().filter(|it| asked.iter().any(|asked| asked.0 == it.0)).map(|it| it.1).collect()
}

/// Why nothing is found.
fn silence(
    list: &Watchlist,
    article: &Article,
    surroundings: Surroundings<'_>,
    unknown: &[&str],
    out: &Output,
) -> Result<(), CliError> {
    let Some(silence) = watch::silence(list, article, surroundings) else { return Ok(()) };
    for (term, form) in &silence.found {
        out.wrapped("  ", &shown(&format!("there is {term}: “{form}”")))?;
    }
    let why = match silence.lack {
        Lack::Missing => "missing",
        Lack::Excluded => "does not hold",
        Lack::Excepted => "would hold, but for what the watch excepts",
    };
    out.wrapped("  ", &shown(&format!("{why}: {}", silence.fails)))?;
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        out.wrapped("  ", &format!("not known of a text: {unknown}; watch explain takes the id of an article too"))?;
    }
    Ok(())
}

/// Whether a term that was found is the name of somebody, or their surname.
fn is_named(found: &Firing, name: &str) -> bool {
    let surname = name.split(' ').next_back().unwrap_or(name);
    found.hits.iter().chain(&found.weak).any(|it| it.term == name || it.term == surname)
}

fn record(name: &str, found: Option<&Firing>) -> serde_json::Value {
    let hits: Vec<_> = found.iter().flat_map(|it| it.hits.iter().chain(&it.weak)).map(api::Hit::from).collect();
    json!({ "watch": name, "fires": found.is_some_and(|it| it.is_sure), "possible": found.is_some_and(|it| !it.is_sure), "hits": hits })
}
