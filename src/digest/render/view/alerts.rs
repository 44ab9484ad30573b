//! A message about alerts in words.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::{
    View,
    clock::Clock,
    entries, heading,
    parts::{count, fate, guarded, more},
};
use crate::{
    digest::{
        AlertLine, Capped, Fate,
        render::{Pause, Waited},
    },
    model::{AlertKind, Severity},
};

/// Alerts that one message tells.
#[derive(Debug, Clone, Copy)]
pub(in crate::digest::render) struct Told<'a> {
    pub(in crate::digest::render) first: &'a AlertLine,
    pub(in crate::digest::render) more: &'a Capped<AlertLine>,
    /// The topics of the first alert's report.
    pub(in crate::digest::render) topics: &'a [String],
    /// How they waited; nothing where they are told at once.
    pub(in crate::digest::render) held: Option<Waited>,
}

impl View {
    /// The alerts of each entry of [`View::alerts`].
    pub(in crate::digest::render) fn groups(alerts: &[AlertLine]) -> Vec<Vec<&AlertLine>> {
        entries::groups(&alerts.iter().collect::<Vec<_>>())
    }

    /// Alerts told together: those for one report, with its topics; those that waited; or those whose report was
    /// withdrawn or changed.
    pub(in crate::digest::render) fn of_alerts(told: Told<'_>, zone: Tz) -> Self {
        let Told { first, more: others, topics, held } = told;
        let clock = Clock::new(zone, first.raised);
        let lines: Vec<_> = std::iter::once(first).chain(&others.items).collect();
        let mut alerts = clock.alerts(&lines);
        if let (Some(it), false) = (alerts.first_mut(), topics.is_empty()) {
            it.meta.push(topics.join(", "));
        }
        let n = lines.len() + others.more;
        let is_one = alerts.len() == 1 && others.more == 0;
        let mut named = BTreeSet::new();
        let watches = lines.iter().map(|it| it.watch.as_str()).filter(|it| named.insert(*it)).map(guarded);
        let watches = watches.collect::<Vec<_>>().join(", ");
        let is_urgent = lines.iter().any(|it| it.severity == Severity::Urgent);
        let sequel = sequel(first.kind);
        let report = first.report.as_ref().map(|it| {
            let by = [Some(guarded(&it.outlet)), fate(it)].into_iter().flatten().collect::<Vec<_>>().join(", ");
            format!("{} ({by})", guarded(&it.title))
        });
        // Long subjects are cut at the end, so the number of alerts precedes the watches.
        let alerts_of = match (is_one, is_urgent) {
            (true, false) => format!("alert {watches}"),
            (true, true) => format!("urgent alert {watches}"),
            (false, _) => format!("{}: {watches}", total(&lines, alerts.len(), others.more)),
        };
        let what = match (&first.reason, report) {
            _ if !is_one => None,
            (Some(_), Some(report)) if sequel.is_some() => Some(report),
            (Some(reason), _) => {
                let fate = first.report.as_ref().and_then(fate);
                Some(fate.map_or_else(|| reason.clone(), |it| format!("{reason} (the last report {it})")))
            }
            (None, report) => report,
        };
        let subject = match sequel {
            Some(became) => format!("{became} after {alerts_of}"),
            None if is_urgent && !is_one => format!("Urgent: {alerts_of}"),
            None => capitalized(&alerts_of),
        };
        let title = match (sequel, &first.report) {
            (Some(became), Some(report)) => format!("{became}: {}", report.title),
            (Some(became), None) => format!("{became}: report on {watches}"),
            (None, _) => format!("{}: {watches}", if is_one { "Alert" } else { "Alerts" }),
        };
        let sentence = first.hits.items.first().map(|it| it.sentence.text.clone());
        Self {
            subject: [Some(subject), what].into_iter().flatten().collect::<Vec<_>>().join(": "),
            title,
            intro: vec![format!("{} · {}", when(&lines, held, n, &clock), clock.note(first.raised))],
            notice: None,
            preview: sentence.unwrap_or_default(),
            alerts_heading: None,
            alerts,
            alerts_more: more(others.more, "alert; sitrepd alerts lists all", "alerts; sitrepd alerts lists all"),
            groups: Vec::new(),
            others_heading: String::new(),
            others: Vec::new(),
            others_more: None,
            events: Vec::new(),
            events_more: None,
            mentions: Vec::new(),
            mentions_heading: String::new(),
            mentions_more: None,
            quiet: Vec::new(),
            volume: Vec::new(),
            volume_heading: String::new(),
            volume_more: None,
            is_mail: true,
            sick_heading: heading(&[]),
            notes: Vec::new(),
            sick: Vec::new(),
            sick_more: None,
            footer: match sequel {
                Some(_) => {
                    "Sent by sitrepd, since there was an alert for this report. It is no new alert; what the report said is kept."
                        .to_owned()
                }
                None => "Sent by sitrepd. Later reports that surely tell of the same raise no further alert.".to_owned(),
            },
        }
    }
}

/// What became of a report that alerts were raised for; `None` for alerts themselves.
fn sequel(kind: AlertKind) -> Option<&'static str> {
    match kind {
        AlertKind::Withdrawn => Some("Withdrawn"),
        AlertKind::Changed { .. } => Some("Changed"),
        AlertKind::Found | AlertKind::Old | AlertKind::Spike { .. } => None,
    }
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// "7 alerts", or "7 alerts on 3 reports, 1 withdrawn since" where all of them are at hand.
fn total(lines: &[&AlertLine], n_shown: usize, n_left_out: usize) -> String {
    let n = lines.len() + n_left_out;
    let alerts = count(n, "alert", "alerts");
    let counts_reports = n_left_out == 0 && n_shown < n;
    let mut told = vec![match counts_reports {
        true => format!("{alerts} on {}", count(n_shown, "report", "reports")),
        false => alerts,
    }];
    for fate in [Fate::Withdrawn, Fate::Changed] {
        let reports = lines.iter().filter_map(|it| it.report.as_ref()).filter(|it| it.fate == Some(fate));
        let n = reports.map(|it| it.article).collect::<BTreeSet<_>>().len();
        let at_least = if n_left_out > 0 { "at least " } else { "" };
        let those = if counts_reports { n.to_string() } else { format!("{at_least}{}", count(n, "report", "reports")) };
        told.extend((n > 0).then(|| format!("{those} {} since", fate.as_str())));
    }
    told.join(", ")
}

/// When the alerts were raised, and why they are sent only now.
fn when(lines: &[&AlertLine], held: Option<Waited>, n: usize, clock: &Clock) -> String {
    let Some(first) = lines.first() else { return String::new() };
    if sequel(first.kind).is_some() {
        return format!("Noticed on {}", clock.instant(first.raised));
    }
    let Some(held) = held else { return format!("Raised on {}", clock.instant(first.raised)) };
    let last = lines.iter().map(|it| it.raised).max().unwrap_or(held.since);
    let (from, until) = (clock.instant(held.since), clock.instant(last));
    let day = |it: &str| it.rsplit_once(", ").map(|(day, time)| (day.to_owned(), time.to_owned()));
    let raised = match (day(&from), day(&until)) {
        _ if from == until => format!("Raised on {from}"),
        (Some((day, _)), Some((same, time))) if day == same => format!("Raised from {from} to {time}"),
        _ => format!("Raised from {from} to {until}"),
    };
    let told = if n == 1 { "told" } else { "told together" };
    match held.pause {
        Some(Pause::QuietHours) => format!("{raised}, {told} at the end of quiet hours"),
        Some(Pause::CoolDown) => format!("{raised}, {told} at the end of a cool-down"),
        None => format!("{raised}, {told} later"),
    }
}
