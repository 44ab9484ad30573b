//! What happened to articles after they were first read, in the form of a digest.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use crate::{
    model::{Alert, Article, ArticleId, Event, Finding, Report, Timestamp},
    text::{Run, Side, word_diff},
};

use super::{Capped, Fate, Input, ReportLine, one_line};

/// An article that was changed or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// The article, as it is held now.
    pub report: ReportLine,
    /// When it was noticed.
    pub at: Timestamp,
    /// Whether it was withdrawn; changed, if not.
    pub is_withdrawn: bool,
    /// Why it counts as withdrawn; empty where it was changed.
    pub why: String,
    /// The change in words, if both versions are available and differ in a word.
    pub words: Option<WordChange>,
}

/// The first words of a change, one line each, with `…` between places and where there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordChange {
    /// Words removed from the text; empty if there are none.
    pub out: String,
    /// Words added; empty if there are none.
    pub put_in: String,
}

/// Two versions of an article that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// What it said.
    pub old: Article,
    /// What it says since.
    pub new: Article,
}

/// Maximum words of a change shown on each side.
const MAX_WORDS: usize = 12;

/// What became of articles: the last reportable event of each, and when it was noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fates(HashMap<ArticleId, (Timestamp, Fate)>);

impl Fates {
    /// The fates from events in any order.
    pub fn new(events: &[Event]) -> Self {
        let fate = |it: &Event| match it.finding {
            Finding::Withdrawn(_) => Fate::Withdrawn,
            _ => Fate::Changed,
        };
        Self(newest(events.iter()).into_iter().map(|it| (it.article, (it.at, fate(it)))).collect())
    }

    /// What became of an article.
    pub fn of(&self, article: ArticleId) -> Option<Fate> {
        self.0.get(&article).map(|it| it.1)
    }

    /// What became of an alert's article after the alert was raised. An alert for what a new version says was raised by
    /// that version.
    pub fn since(&self, alert: &Alert) -> Option<Fate> {
        self.0.get(&alert.article).filter(|it| it.0 > alert.raised).map(|it| it.1)
    }
}

/// The last reportable event of each article, the newest first.
pub fn newest<'e>(events: impl Iterator<Item = &'e Event>) -> Vec<&'e Event> {
    let mut res: Vec<_> = events.filter(|it| it.finding.is_event()).collect();
    res.sort_by_key(|it| (Reverse(it.at), it.article));
    let mut told = HashSet::new();
    res.retain(|it| told.insert(it.article));
    res
}

/// The last event in the window of each article whose report is available and for which `line` returns a line:
/// withdrawals first, then the newest first. Also the number of all withdrawals, shown or not.
pub(super) fn lines(input: &Input<'_>, line: impl Fn(&Report) -> Option<ReportLine>) -> (Capped<EventLine>, usize) {
    let Input { events, window, replaced, limits, .. } = *input;
    let reports: HashMap<_, _> = input.reports.iter().map(|it| (it.article.id, it)).collect();
    let newest = newest(events.iter().filter(|it| window.contains(&it.at)));
    let line = |it: &Event| {
        let report = line(reports.get(&it.article)?)?;
        let why = match &it.finding {
            Finding::Withdrawn(why) => one_line(why, limits.title_chars),
            _ => String::new(),
        };
        let is_withdrawn = matches!(it.finding, Finding::Withdrawn(_));
        let is_this = |of: &&Replaced| {
            of.new.id == it.article && matches!(it.finding, Finding::Changed(version) if version == of.new.version)
        };
        let words = replaced.iter().find(is_this).and_then(|it| word_change(it, limits.title_chars));
        Some(EventLine { report, at: it.at, is_withdrawn, why, words })
    };
    let mut res: Vec<_> = newest.into_iter().filter_map(line).collect();
    res.sort_by_key(|it| !it.is_withdrawn);
    let n_withdrawn = res.iter().filter(|it| it.is_withdrawn).count();
    (Capped::new(res, limits.events), n_withdrawn)
}

fn word_change(it: &Replaced, max_chars: usize) -> Option<WordChange> {
    let whole = |it: &Article| format!("{}\n{}", it.title, it.body);
    let runs = word_diff(&whole(&it.old), &whole(&it.new));
    let words = |trim: fn(&str) -> &str| {
        let of = |side: Side| one_line(&first_words(&runs, side, trim), max_chars);
        WordChange { out: of(Side::Old), put_in: of(Side::New) }
    };
    let mut res = words(without_punctuation);
    if res.out == res.put_in {
        res = words(|it| it);
    }
    (!res.out.is_empty() || !res.put_in.is_empty()).then_some(res)
}

/// A run of words without the punctuation at its ends, which belongs to the sentence; unchanged if it consists of
/// punctuation only.
fn without_punctuation(run: &str) -> &str {
    const MARKS: &[char] =
        &['.', ',', ';', ':', '!', '?', '…', '،', '؛', '؟', '։', '՝', '՞', '՜', '"', '“', '”', '„', '«', '»'];
    let res = run.trim().trim_matches(MARKS);
    if res.is_empty() { run } else { res }
}

fn first_words(runs: &[Run], side: Side, trim: fn(&str) -> &str) -> String {
    let mut res = String::new();
    let mut n = 0;
    for run in runs.iter().filter(|it| it.side == side) {
        for (at, word) in trim(&run.text).split_whitespace().enumerate() {
            if at == 0 && n > 0 {
                res.push_str(" …");
            }
            if n == MAX_WORDS {
                res.push_str(if at == 0 { "" } else { " …" });
                return res;
            }
            res.push_str(if n == 0 { "" } else { " " });
            res.push_str(word);
            n += 1;
        }
    }
    res
}
