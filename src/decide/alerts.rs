//! Alerts, and the messages that go out for them.

use super::{Now, Past, Rules, timing};
use crate::{
    dedup::placing::Placing,
    model::{Alert, AlertId, AlertKind, Assignment, Content, Hit, MessageId, More, Outgoing, Report, Timestamp, later},
    text,
};

/// A report that joined its story less likely than this (0–1) is told of although the story is known: by its own measure it
/// rather tells of another event. On the development sets it is one right join in thirteen and two wrong ones in
/// five. A higher bound would repeat alerts by the dozen.
const SURE: f32 = 0.5;

/// Whether what was told of its story tells of a report as well: a copy, a report that more likely than not tells of the
/// same event, or one that was put there since.
pub fn is_told_by_story(placing: &Placing) -> bool {
    placing.moved.is_some() || !matches!(placing.assignment, Assignment::Joined { likelihood, .. } if likelihood < SURE)
}

pub(super) fn alert(report: &Report, kind: AlertKind, watch: String, hits: Vec<Hit>, now: Timestamp) -> Alert {
    let story = report.story();
    // By the article, not by the story: that a watch fires once for a story is what `Past::fired` says, and a report that
    // leaves the story takes its alert along. The next one in the story must not be taken for it.
    // What was filed as old and is found to be new is told once, and so another alert.
    let what = if kind == AlertKind::Old { "old" } else { "alert" };
    let id = AlertId(text::short_hash(&format!("{what}\n{watch}\n{}", report.article.id)));
    Alert { id, watch, article: report.article.id, story, hits, raised: now, kind }
}

/// The messages that go out for an alert, one for each channel. What is old has none. What is over the limit of an hour has
/// one that counts it, when the hour is over: its id is the same each time, so that the first is kept. Without a limit while
/// the clock is behind the stamps: all alerts of that time fall into one hour, and its one message is gone soon.
pub(super) fn messages(alert: &Alert, rules: &Rules, past: &Past, now: Now) -> Vec<Outgoing> {
    let timing = rules.timings.get(&alert.watch).copied().unwrap_or_default();
    let raised = past.raised.get(&alert.watch).map(Vec::as_slice).unwrap_or_default();
    let due = |told, at| timing::due(timing, rules.quiet.as_ref(), told, at);
    let (number, content, due) = match alert.kind {
        AlertKind::Old => return Vec::new(),
        AlertKind::Found
            if timing::hour(now.clock) == timing::hour(alert.raised) && rules.limits.is_over(raised, alert.raised) =>
        {
            let hour = timing::hour(alert.raised);
            let id = text::short_hash(&format!("more\n{}\n{hour}", alert.watch));
            let more = More { watch: alert.watch.clone(), hour, told: rules.limits.max_per_hour };
            (Some(id), Content::More(more), due(None, later(hour, timing::HOUR)))
        }
        AlertKind::Found | AlertKind::Spike { .. } | AlertKind::Withdrawn | AlertKind::Changed { .. } => {
            let content = Content::Alert(Box::new(alert.clone()));
            (None, content, due(raised.first().copied(), now.clock))
        }
    };
    let Some(due) = due else { return Vec::new() };
    let message = |channel: &String| Outgoing {
        id: number.map_or_else(|| MessageId::of_alert(alert.id, channel), |it| MessageId::of_more_alerts(it, channel)),
        channel: channel.clone(),
        content: content.clone(),
        due,
    };
    rules.alert_channels.iter().map(message).collect()
}

/// The alert for a spike, where one begins with this alert. One watch and one day make one.
pub(super) fn spike(alert: &Alert, past: &Past) -> Option<Alert> {
    if alert.kind == AlertKind::Old {
        return None;
    }
    let before = past.raised.get(&alert.watch)?;
    let spike = timing::begun(before, alert.raised)?;
    let id = AlertId(text::short_hash(&format!("spike\n{}\n{}", alert.watch, alert.raised.date_naive())));
    let kind = AlertKind::Spike { today: spike.today, usual: spike.usual };
    Some(Alert { id, kind, ..alert.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleId, Fingerprint, Relocated, Shared, StoryId};

    #[test]
    fn a_doubtful_join_silences_nothing() {
        let joined = |likelihood| {
            let (story, why) = (StoryId(ArticleId(1)), Shared::default());
            let assignment = Assignment::Joined { story, of: ArticleId(1), likelihood, why };
            Placing { assignment, moved: None, fingerprint: Fingerprint::default(), merges: None }
        };
        assert!(!is_told_by_story(&joined(0.49)));
        assert!(is_told_by_story(&joined(0.9)));
        assert!(is_told_by_story(&Placing { assignment: Assignment::New, ..joined(0.9) }));
        let moved = Some(Relocated { story: StoryId(ArticleId(2)), why: "by hand".to_owned() });
        assert!(is_told_by_story(&Placing { moved, ..joined(0.49) }), "a person has put it there");
    }
}
