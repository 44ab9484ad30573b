//! The time before a digest's window: how much is usual, what is quiet, and what is mentioned for the first time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Alert, AlertKind, Timestamp};

use super::{
    AlertLine, Capped, FirstMention, Quiet, VolumeLine,
    audience::Filter,
    one_line,
    select::{MAX_NAME_CHARS, topic_name},
};

/// Number of days counted, including those of the window.
pub const DAYS: usize = 30;

/// What is known of the time before a digest's window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// For each topic, the number of reports on each of the last [`DAYS`] days of 24 hours, oldest first, up to the end
    /// of the window.
    pub volume: BTreeMap<String, Vec<u32>>,
    /// The configured watches.
    pub watches: Vec<String>,
    /// For each watch that fired within the [`DAYS`] days before the window, the last time that it did.
    pub heard: BTreeMap<String, Timestamp>,
    /// The terms found within those days, each with its watch. Terms not found in the window too may be left out.
    pub found: BTreeSet<(String, String)>,
    /// How many whole days the archive goes back from the end of the window, [`DAYS`] at most.
    pub days_held: usize,
    /// Whether the archive goes back far enough that what is not in it is rare, not merely older.
    pub is_deep: bool,
}

/// The daily reports of the digest's topics, the topic with the most today first. All held reports are counted, so this
/// is left out of a digest that takes only a part of a topic.
pub(super) fn volume(
    history: &History,
    filter: &Filter<'_>,
    topics: &[super::TopicName],
    limit: usize,
) -> Capped<VolumeLine> {
    // Days that are not completely held are not shown.
    let is_shown = |days: &[u32]| days.iter().rev().take(history.days_held.max(1)).any(|it| *it > 0);
    let is_counted = filter.takes_whole_topics();
    let known = history.volume.iter().filter(|(id, days)| is_counted && filter.topic(id) && is_shown(days));
    let mut lines: Vec<_> = known
        .map(|(id, days)| VolumeLine {
            topic: id.clone(),
            name: topic_name(topics, id),
            days: days.clone(),
            today: days.last().copied().unwrap_or_default(),
            usual: usual(days, history),
        })
        .collect();
    lines.sort_by(|a, b| {
        b.today
            .cmp(&a.today)
            .then(b.usual.unwrap_or_default().total_cmp(&a.usual.unwrap_or_default()))
            .then_with(|| a.topic.cmp(&b.topic))
    });
    Capped::new(lines, limit)
}

/// The mean of the days before the last that the archive holds.
#[expect(clippy::cast_precision_loss, reason = "counts of reports and of days")]
fn usual(days: &[u32], history: &History) -> Option<f32> {
    let before: Vec<f32> = days.iter().rev().take(history.days_held).skip(1).map(|it| *it as f32).collect();
    if !history.is_deep || before.is_empty() {
        return None;
    }
    Some(before.iter().sum::<f32>() / before.len() as f32)
}

/// The topics without reports, and for how many days.
pub(super) fn quiet_topics(
    history: &History,
    filter: &Filter<'_>,
    topics: &[super::TopicName],
    told: &BTreeSet<&str>,
    limit: usize,
) -> Capped<Quiet> {
    // A topic with topics below it is a heading.
    let is_heading = |id: &str| topics.iter().any(|it| it.parent.as_deref() == Some(id));
    let days = |id: &str| history.volume.get(id).and_then(|it| it.iter().rev().position(|it| *it > 0));
    // For an audience that takes only part of a topic, it is not known for how long that part has been quiet.
    let is_counted = filter.takes_whole_topics();
    // A topic missing from a digest of a few hours may have had a report earlier that day.
    let is_heard = |id: &str| told.contains(id) || is_counted && days(id) == Some(0);
    let is_quiet = |it: &&super::TopicName| filter.topic(&it.id) && !is_heard(&it.id) && !is_heading(&it.id);
    let quiet = topics.iter().filter(|_| filter.by_topic()).filter(is_quiet);
    let line = |it: &super::TopicName| Quiet {
        name: one_line(&it.name, MAX_NAME_CHARS),
        days: days(&it.id).filter(|_| is_counted).and_then(|it| u32::try_from(it).ok()),
        is_counted,
    };
    Capped::new(quiet.map(line).collect(), limit)
}

/// The watches that did not fire, and for how many days.
pub(super) fn quiet_watches(
    history: &History,
    filter: &Filter<'_>,
    fired: &BTreeSet<&str>,
    end: Timestamp,
    limit: usize,
) -> Capped<Quiet> {
    let days = |it: &str| history.heard.get(it).and_then(|it| u32::try_from((end - *it).num_days()).ok());
    let is_heard = |it: &str| fired.contains(it) || days(it) == Some(0);
    let quiet = history.watches.iter().filter(|it| filter.by_watch() && filter.watch(it) && !is_heard(it));
    let line = |it: &String| Quiet { name: one_line(it, MAX_NAME_CHARS), days: days(it), is_counted: true };
    Capped::new(quiet.map(line).collect(), limit)
}

/// Terms found for the first time, each once, by the alert that found it. Everything that an alert found counts, shown
/// or not; `lines` has the reports of the alerts.
pub(super) fn first_mentions(
    history: &History,
    alerts: &[&Alert],
    lines: &[AlertLine],
    limit: usize,
) -> Capped<FirstMention> {
    if !history.is_deep {
        return Capped::new(Vec::new(), limit);
    }
    let reports: HashMap<_, _> = lines.iter().filter_map(|it| Some((it.id, it.report.as_ref()?))).collect();
    let mut oldest_first: Vec<_> = alerts.iter().filter(|it| it.kind == AlertKind::Found).collect();
    oldest_first.sort_by_key(|it| (it.raised, it.id));
    let mut told = BTreeSet::new();
    let mut res = Vec::new();
    for alert in oldest_first {
        for hit in &alert.hits {
            let term = (alert.watch.clone(), hit.term.clone());
            if history.found.contains(&term) || !told.insert(term) {
                continue;
            }
            res.push(FirstMention {
                watch: one_line(&alert.watch, MAX_NAME_CHARS),
                term: one_line(&hit.term, MAX_NAME_CHARS),
                form: one_line(&hit.form, MAX_NAME_CHARS),
                report: reports.get(&alert.id).map(|it| (*it).clone()),
            });
        }
    }
    Capped::new(res, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_topic_has_its_mean_too() {
        let history = History { days_held: DAYS, is_deep: true, ..History::default() };
        assert_eq!(usual(&[5_000; DAYS], &history), Some(5_000.0));
        assert_eq!(usual(&[1, 2, 9], &history), Some(1.5));
    }
}
