//! The small parts of a view: words for numbers, names and marks.

use super::{BarView, FormView, HitView, Piece, QuoteView, QuotedView, VolumeView};
use crate::{
    digest::{Capped, DAYS, Digest, Fate, HitLine, Marked, Quiet, Quote, ReportLine, VolumeLine, WordChange},
    model::{CopyLevel, relation},
    text,
};

/// "Quiet topics: Cyber (9 days), Iran (over 30 days)".
pub(super) fn quiet(what: &str, list: &Capped<Quiet>, digest: &Digest) -> Option<String> {
    let name = |it: &Quiet| match it.days {
        None if !it.is_counted || !digest.is_deep => guarded(&it.name),
        Some(days) => format!("{} ({})", guarded(&it.name), count(days as usize, "day", "days")),
        None if digest.days_held < DAYS => {
            format!("{} (not in the {} held)", guarded(&it.name), count(digest.days_held, "day", "days"))
        }
        None => format!("{} (over {DAYS} days)", guarded(&it.name)),
    };
    let mut names: Vec<_> = list.items.iter().map(name).collect();
    names.extend((list.more > 0).then(|| format!("{} more", list.more)));
    (!names.is_empty()).then(|| format!("Quiet {what}: {}", names.join(", ")))
}

/// A day's bar, from nothing to the day with the most.
const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Height of the drawing.
const HEIGHT: u32 = 24;
/// From bar to bar.
const STEP: usize = 6;

/// Shows only the days that are held: for earlier ones nothing is known, which does not mean that nothing was reported.
pub(super) fn volume(it: &VolumeLine, days_held: usize) -> VolumeView {
    let days = it.days.get(it.days.len().saturating_sub(days_held.max(1))..).unwrap_or_default();
    let most = days.iter().copied().max().unwrap_or_default().max(1);
    // Rounded up, so that a day with one report is not empty.
    let part = |n: u32, of: u32| u32::try_from((u64::from(n) * u64::from(of)).div_ceil(u64::from(most))).unwrap_or(of);
    // A single day has nothing to compare with.
    let days = if days.len() > 1 { days } else { &[] };
    let bar = |n: u32| BARS.get(part(n, 8) as usize).copied().unwrap_or('·');
    let drawn = days.iter().enumerate().map(|(day, n)| {
        let height = part(*n, HEIGHT);
        BarView { x: day * STEP, y: HEIGHT - height, height }
    });
    let today = format!("{} in the last 24 hours", it.today);
    VolumeView {
        name: guarded(&it.name),
        bars: days.iter().map(|it| bar(*it)).collect(),
        drawn: drawn.collect(),
        told: match it.usual {
            Some(usual) => format!("{today}, usually {usual:.1} a day"),
            None => today,
        },
    }
}

/// A sentence, what was found in it, and its translation.
type Found<'a> = (Marked, Vec<FormView>, Option<&'a str>);

/// What was found, each sentence once with all that was found in it.
pub(super) fn hits<'a>(hits: impl Iterator<Item = &'a HitLine>) -> Vec<HitView> {
    let mut res = Vec::<Found<'_>>::new();
    for it in hits {
        let found = found(it);
        match res.iter_mut().find(|(sentence, ..)| sentence.text == it.sentence.text) {
            Some((sentence, all, _)) => {
                sentence.add(&it.sentence.marks);
                if !all.contains(&found) {
                    all.push(found);
                }
            }
            None => res.push((it.sentence.clone(), vec![found], it.translation.as_deref())),
        }
    }
    let view = |(sentence, found, text): Found<'_>| {
        let forms = told(found);
        HitView {
            found: forms.iter().map(FormView::line).collect::<Vec<_>>().join("; "),
            forms,
            sentence: pieces(&sentence),
            translation: translation(text),
        }
    };
    res.into_iter().map(view).collect()
}

/// The found form, and its relation to the term if they differ.
fn found(hit: &HitLine) -> FormView {
    let relation = relation(hit.closeness, hit.ending.is_some(), &hit.form, &hit.term);
    FormView { form: guarded(&hit.form), relation: relation.map(|it| guarded(&it)) }
}

impl FormView {
    fn line(&self) -> String {
        self.relation.as_ref().map_or_else(|| self.form.clone(), |it| format!("{} — {it}", self.form))
    }
}

/// The forms worth showing: beside others, a term found exactly as written needs no mention.
fn told(mut found: Vec<FormView>) -> Vec<FormView> {
    if found.iter().any(|it| it.relation.is_some()) {
        found.retain(|it| it.relation.is_some());
    }
    found
}

pub(super) fn quote(quote: &Quote) -> QuoteView {
    QuoteView {
        sentence: pieces(&quote.sentence),
        lang: lang(quote.language.as_deref()),
        translation: translation(quote.translation.as_deref()),
    }
}

/// Whose the sentences are.
pub(super) fn quoted(report: &ReportLine) -> QuotedView {
    let parts = [Some(outlet(report)), fate_beside_quotes(report, true)];
    QuotedView { outlet: parts.into_iter().flatten().collect::<Vec<_>>().join(", "), link: link(report) }
}

/// The translation with the statement that a machine made it, so that no template can leave that out.
pub(super) fn translation(text: Option<&str>) -> Option<String> {
    text.map(|it| format!("Machine translation: {it}"))
}

/// Closes a name that runs from right to left with a direction mark: without one, the number of the date that
/// follows jumps to its other side (UAX 9, N1).
pub(in crate::digest::render) fn guarded(name: &str) -> String {
    let right_to_left = |c| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}');
    let mark = if name.contains(right_to_left) { "\u{200E}" } else { "" };
    format!("{name}{mark}")
}

pub(super) fn pieces(line: &Marked) -> Vec<Piece> {
    line.pieces().map(|(text, marked)| Piece { text: text.to_owned(), marked }).collect()
}

pub(super) fn link(report: &ReportLine) -> Option<String> {
    report.link.as_ref().map(|it| it.as_str().to_owned())
}

/// "changed: “twelve people” taken out, “fifteen people” put in".
pub(super) fn changed(words: &WordChange) -> String {
    let told = |text: &str, what: &str| (!text.is_empty()).then(|| format!("“{}” {what}", guarded(text)));
    let told = [told(&words.out, "taken out"), told(&words.put_in, "put in")];
    format!("changed: {}", told.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// What became of a report, so that nobody passes on what its outlet has taken back.
pub(super) fn fate(report: &ReportLine) -> Option<String> {
    report.fate.map(|it| format!("{} since", it.as_str()))
}

/// What became of a report, beside quotes from it, which may be of the version since the change.
pub(super) fn fate_beside_quotes(report: &ReportLine, are_of_now: bool) -> Option<String> {
    match report.fate {
        Some(Fate::Changed) if are_of_now => Some("changed since, quoted as it reads now".to_owned()),
        _ => fate(report),
    }
}

/// An outlet's name, and that it is a state's if it is.
pub(super) fn outlet(report: &ReportLine) -> String {
    let mark = if report.is_state_owned { " (state-owned)" } else { "" };
    format!("{}{mark}", guarded(&report.outlet))
}

/// In words, how much of a report is in another.
pub(super) fn copied(level: CopyLevel) -> &'static str {
    match level {
        CopyLevel::Copy => "same text",
        CopyLevel::Partial => "part of the same text",
    }
}

/// The number of outlets and of origins: outlets repeat each other, so both are given.
pub(super) fn carried(n_sources: usize, n_origins: usize) -> String {
    format!("{}, {}", count(n_sources, "outlet", "outlets"), count(n_origins, "origin", "origins"))
}

pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

pub(super) fn more(n: usize, one: &str, many: &str) -> Option<String> {
    (n > 0).then(|| format!("and {n} more {}", if n == 1 { one } else { many }))
}

/// A language code that is valid in a `lang` attribute; feeds claim anything.
pub(super) fn lang(code: Option<&str>) -> Option<String> {
    let fits = |code: &&str| code.len() <= 35 && code.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    code.filter(|it| !it.is_empty()).filter(fits).map(str::to_owned)
}

/// The English name of a language; `None` for English itself.
pub(super) fn language(code: Option<&str>) -> Option<String> {
    let code = lang(code)?;
    let primary = text::without_region(&code).to_ascii_lowercase();
    let name = match primary.as_str() {
        "en" => return None,
        "ar" => "Arabic",
        "az" => "Azerbaijani",
        "de" => "German",
        "el" => "Greek",
        "fa" => "Persian",
        "fr" => "French",
        "he" => "Hebrew",
        "hy" => "Armenian",
        "ka" => "Georgian",
        "ru" => "Russian",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        _ => return Some(code),
    };
    Some(name.to_owned())
}
