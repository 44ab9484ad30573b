//! Why a watch fires for a text, or does not.

use serde_json::json;

use crate::{
    api,
    config::Config,
    model::{Article, Field},
    watch::{self, Firing, Surroundings, WatchRule, Watchlist},
};

use crate::cli::{
    CliError, Output,
    output::{ALARM, FAINT, WELL, short, shown},
};

/// Prints what one watch finds in an article, weak hits too.
pub(in crate::cli) fn run(config: &Config, rule: WatchRule, article: &Article, out: &Output) -> Result<(), CliError> {
    let name = rule.name.clone();
    let list = Watchlist::with_glossary(vec![rule], &config.glossary)
        .map_err(|it| CliError::BadData(crate::text::error_chain(&it)))?;
    let found = watch::firings(&list, article, Surroundings::default()).pop();
    if out.is_json() {
        return out.record(&record(&name, found.as_ref()));
    }
    let Some(found) = found else { return out.line(format!("{}: nothing is found", shown(&name))) };
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

/// Whether a term that was found is the name of somebody, or their surname.
fn is_named(found: &Firing, name: &str) -> bool {
    let surname = name.split(' ').next_back().unwrap_or(name);
    found.hits.iter().chain(&found.weak).any(|it| it.term == name || it.term == surname)
}

fn record(name: &str, found: Option<&Firing>) -> serde_json::Value {
    let hits: Vec<_> = found.iter().flat_map(|it| it.hits.iter().chain(&it.weak)).map(api::Hit::from).collect();
    json!({ "watch": name, "fires": found.is_some_and(|it| it.is_sure), "possible": found.is_some_and(|it| !it.is_sure), "hits": hits })
}
