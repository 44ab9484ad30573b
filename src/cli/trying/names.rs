//! `sitrepd try watch` with terms of its own: what the evaluation sets for names are scored with.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::text::names::{Manner, NameSet, NameTerm, Sighting};

use super::{CliError, Output};

/// Where terms and lines are read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'f> {
    /// A term a line.
    pub(super) terms: &'f Path,
    /// Text, each line for itself.
    pub(super) lines: &'f Path,
    /// The language of the text.
    pub(super) language: Option<&'f str>,
    /// Whether weak sightings are shown too.
    pub(super) with_weak: bool,
}

/// One record for each term and line where it stands: `{"lang","line","term","form","class","score","span","why"}`.
pub(super) fn scan(files: Files<'_>, out: &Output) -> Result<(), CliError> {
    let terms = read(files.terms)?;
    let terms: Vec<_> = terms.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    let set = terms.iter().map(|it| NameTerm::parse(it, Manner::Name)).collect::<Result<Vec<_>, _>>();
    let set = NameSet::compile(&set.map_err(|it| CliError::BadData(it.to_string()))?);
    for (number, line) in read(files.lines)?.lines().enumerate() {
        let mut found = set.scan(line, files.language);
        found.retain(|it| files.with_weak || it.closeness.is_sure());
        // The surest sighting of each term represents the line.
        found.sort_by(|a, b| (a.term, a.closeness).cmp(&(b.term, b.closeness)).then(b.score.total_cmp(&a.score)));
        found.dedup_by_key(|it| it.term);
        for it in &found {
            let term = terms.get(it.term).copied().unwrap_or_default();
            let form = line.get(it.span.clone()).unwrap_or_default();
            if out.is_json() {
                out.record(&json!({
                    "lang": files.language,
                    "line": number,
                    "term": term,
                    "form": form,
                    "class": it.closeness.as_str(),
                    "score": it.score,
                    "span": [it.span.start, it.span.end],
                    "why": it.why(term, form),
                }))?;
            } else {
                out.wrapped(&format!("{:>6}  ", number + 1), &format!("{term}: {}", it.why(term, form)))?;
            }
        }
    }
    Ok(())
}

/// The answer to `{"id","term","text","text_lang"}`: whether the term is surely in the text, and where.
pub(super) fn verdict(id: &Value, term: &str, text: &str, language: Option<&str>) -> Result<Value, String> {
    let set = NameSet::compile(&[NameTerm::parse(term, Manner::Name).map_err(|it| it.to_string())?]);
    let found = set.scan(text, language);
    let best = found.iter().min_by(|a, b| a.closeness.cmp(&b.closeness).then(b.score.total_cmp(&a.score)));
    let is_match = best.is_some_and(|it| it.closeness.is_sure());
    let counts = |it: &&Sighting| !is_match || it.closeness.is_sure();
    let spans: Vec<_> = found.iter().filter(counts).map(|it| [it.span.start, it.span.end]).collect();
    let why = best.map(|it| it.why(term, text.get(it.span.clone()).unwrap_or_default()));
    Ok(json!({
        "id": id,
        "match": is_match,
        "score": best.map_or(0.0, |it| it.score),
        "class": best.map(|it| it.closeness.as_str()),
        "spans": spans,
        "ending": best.and_then(|it| it.ending.as_ref()),
        "why": why,
    }))
}

fn read(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path).map_err(|source| CliError::File { doing: "read", path: path.into(), source })
}
