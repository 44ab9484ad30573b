//! What happened to articles after they were first read, as a digest tells it.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use crate::model::{Event, Finding, Report, Timestamp};

use super::{Capped, Limits, ReportLine, one_line};

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
}

/// The last event of each article whose report is at hand and of which `line` makes something, what was withdrawn first, and the newest first.
pub(super) fn lines(
    events: &[Event],
    reports: &[Report],
    line: impl Fn(&Report) -> Option<ReportLine>,
    limits: Limits,
) -> Capped<EventLine> {
    let reports: HashMap<_, _> = reports.iter().map(|it| (it.article.id, it)).collect();
    let mut newest: Vec<&Event> = events.iter().filter(|it| it.finding.is_event()).collect();
    newest.sort_by_key(|it| (Reverse(it.at), it.article));
    let mut told = HashSet::new();
    newest.retain(|it| told.insert(it.article));
    let line = |it: &Event| {
        let report = line(reports.get(&it.article)?)?;
        let why = match &it.finding {
            Finding::Withdrawn(why) => one_line(why, limits.title_chars),
            _ => String::new(),
        };
        let is_withdrawn = matches!(it.finding, Finding::Withdrawn(_));
        Some(EventLine { report, at: it.at, is_withdrawn, why })
    };
    let mut res: Vec<_> = newest.into_iter().filter_map(line).collect();
    res.sort_by_key(|it| !it.is_withdrawn);
    Capped::new(res, limits.events)
}
