//! Alerts, and the messages that go out for them.

use std::{cmp::Reverse, time::Duration};

use super::{
    Now, Past, Rules,
    timing::{self, Timing},
};
use crate::{
    dedup::placing::Placing,
    model::{
        Alert, AlertId, AlertKind, ArticleId, Assignment, Content, Held, Hit, MessageId, More, Outgoing, Report,
        Severity, Timestamp, later,
    },
    text,
};

/// A report that joined its story with a likelihood (0–1) below this raises alerts although the story has raised them:
/// it more likely tells of another event. On the development sets, read in 13 ways, 67 of 917 events would lose their
/// first report to another event's alert, and 971 right joins would be told again; with a bound of 0.5, 80 and 819.
const SURE: f32 = 0.55;

/// A report whose likelihood (0–1) of telling of the same event as an alerted report is below this is not covered by
/// that alert, whatever the other reports of the story say: a report of two events joins both to one story. On the same
/// sets this tells 8 to 10 more first reports, and 75 to 167 right joins again. A report that it was not compared with,
/// as in the middle of a large story, counts as near.
const NEAR: f32 = 0.38;

/// Whether an alert of the story covers an article too: a copy, a report that more likely than not tells of the same
/// event, or a report moved into the story later, if it is near the alerted one.
pub fn is_told(article: ArticleId, placing: &Placing, alert: &Alert) -> bool {
    let is_near = || placing.compared.get(&alert.article).is_none_or(|it| *it >= NEAR);
    match placing.assignment {
        _ if alert.article == article => true,
        _ if placing.moved.is_some() => is_near(),
        Assignment::Joined { likelihood, .. } => likelihood >= SURE && is_near(),
        Assignment::New | Assignment::Copy { .. } | Assignment::Lost { .. } => true,
    }
}

pub(super) fn alert(report: &Report, kind: AlertKind, watch: String, hits: Vec<Hit>, now: Timestamp) -> Alert {
    let story = report.story();
    // The id is made from the article, not from the story: a report that leaves the story takes its alert along, and
    // the story's next alert must have another id. That a watch fires once for a story is ensured by `Past::fired`. An
    // article filed as old and later found to be current is told once, so that alert has an id of its own.
    let what = if kind == AlertKind::Old { "old" } else { "alert" };
    let id = AlertId(text::short_hash(&format!("{what}\n{watch}\n{}", report.article.id)));
    Alert { id, watch, article: report.article.id, story, hits, raised: now, kind }
}

/// What goes out on the channels of a watch, in one message for each channel.
struct Queued<'a> {
    watch: &'a str,
    name: Name,
    content: Content,
    due: Timestamp,
}

enum Name {
    Alert(AlertId),
    Many(u64),
}

/// The messages for one article's alerts. Alerts sent at once share one message per channel. Delayed alerts, and those
/// over the hourly limit, go into one collecting message per watch, period and channel; its id is the same each time,
/// so the store keeps the first. Old articles get no message.
pub(super) fn messages(alerts: &[Alert], rules: &Rules, past: &Past, now: Now) -> Vec<Outgoing> {
    let mut found = Vec::new();
    let mut told = Vec::new();
    for alert in alerts {
        let timing = rules.timings.get(&alert.watch).copied().unwrap_or_default();
        let raised = past.raised.get(&alert.watch).map(Vec::as_slice).unwrap_or_default();
        let is_over = || is_same_hour(now, alert) && rules.limits.is_over(raised, alert.raised);
        let Some(due) = timing::due(timing, rules.quiet.as_ref(), raised.first().copied(), now.clock) else { continue };
        // The alert joins a message that already waits, unless that one waits for a time that a wrong clock showed.
        let waiting =
            past.held.get(&alert.watch).copied().filter(|it| *it > now.clock && *it <= later(due, LONGEST_QUIET));
        let due = waiting.filter(|_| timing.severity == Severity::Normal).unwrap_or(due);
        match alert.kind {
            AlertKind::Old => (),
            // Not while the clock is behind the stamps: a collecting message holds what was raised before it is due.
            _ if due > now.clock && due > alert.raised => told.push(held(alert, due)),
            AlertKind::Found if due <= now.clock && is_over() => told.push(over(alert, rules, timing)),
            AlertKind::Found if due <= now.clock => found.push(alert.clone()),
            AlertKind::Found | AlertKind::Spike { .. } | AlertKind::Withdrawn | AlertKind::Changed { .. } => {
                told.push(alone(alert, due));
            }
        }
    }
    // The sort is stable: equally urgent watches keep the order of the configuration.
    found.sort_by_key(|it| Reverse(rules.severity(&it.watch)));
    let by = |channel: &String, it: &Queued<'_>| Outgoing {
        id: match it.name {
            Name::Alert(id) => MessageId::of_alert(id, channel),
            Name::Many(number) => MessageId::of_many_alerts(number, channel),
        },
        channel: channel.clone(),
        content: it.content.clone(),
        due: it.due,
    };
    let mut res: Vec<_> =
        told.iter().flat_map(|it| rules.routes.of(it.watch).iter().map(|channel| by(channel, it))).collect();
    let together = |channel: &String| {
        let its = found.iter().filter(|it| rules.routes.of(&it.watch).contains(channel)).cloned();
        let its = its.collect::<Vec<_>>();
        let id = MessageId::of_alert(its.first()?.id, channel);
        Some(Outgoing { id, channel: channel.clone(), content: Content::Alerts(its), due: now.clock })
    };
    res.extend(rules.routes.all().iter().filter_map(together));
    res
}

fn alone(alert: &Alert, due: Timestamp) -> Queued<'_> {
    Queued { watch: &alert.watch, name: Name::Alert(alert.id), content: Content::Alerts(vec![alert.clone()]), due }
}

fn held(alert: &Alert, due: Timestamp) -> Queued<'_> {
    let number = text::short_hash(&format!("held\n{}\n{due}", alert.watch));
    let held = Held { watch: alert.watch.clone(), since: alert.raised, until: due };
    Queued { watch: &alert.watch, name: Name::Many(number), content: Content::Held(held), due }
}

fn over<'a>(alert: &'a Alert, rules: &Rules, timing: Timing) -> Queued<'a> {
    let hour = timing::hour(alert.raised);
    let number = text::short_hash(&format!("more\n{}\n{hour}", alert.watch));
    let more = More { watch: alert.watch.clone(), hour, told: rules.limits.max_per_hour };
    let end = later(hour, timing::HOUR);
    let due = timing::due(timing, rules.quiet.as_ref(), None, end).unwrap_or(end);
    Queued { watch: &alert.watch, name: Name::Many(number), content: Content::More(more), due }
}

/// Upper bound for the length of quiet hours.
const LONGEST_QUIET: Duration = Duration::from_secs(25 * 60 * 60);

/// Whether a message names an alert that was raised in the same change that queued it. A count of alerts names none. A
/// collecting message is queued again by each change that adds to it.
pub fn tells(content: &Content, alert: &Alert) -> bool {
    match content {
        Content::Alerts(all) => all.iter().any(|it| it.id == alert.id),
        Content::Held(Held { watch, since, until }) => {
            watch == &alert.watch && alert.kind != AlertKind::Old && (*since..*until).contains(&alert.raised)
        }
        Content::More(_) | Content::Digest(_) => false,
    }
}

/// For a collecting message that was already sent or dropped, gives its alerts messages of their own. For a gone hourly
/// count, queues another count, which may be gone too: returns whether there is one.
pub(super) fn part(outbox: &mut Vec<Outgoing>, alerts: &[Alert], is_gone: impl Fn(&MessageId) -> bool) -> bool {
    let mut has_others = false;
    for at in (0..outbox.len()).rev() {
        let Some(it) = outbox.get_mut(at).filter(|it| is_gone(&it.id)) else { continue };
        match &mut it.content {
            Content::Held(_) => {
                let own = alerts.iter().filter(|alert| tells(&it.content, alert)).map(|alert| Outgoing {
                    id: MessageId::of_alert(alert.id, &it.channel),
                    content: Content::Alerts(vec![alert.clone()]),
                    ..it.clone()
                });
                let own: Vec<_> = own.collect();
                outbox.splice(at..=at, own);
            }
            Content::More(more) => {
                let raised = alerts.iter().filter(|alert| alert.watch == more.watch).map(|alert| alert.raised).min();
                more.hour = raised.unwrap_or(more.hour);
                it.id = MessageId::of_many_alerts(text::short_hash(&format!("more after\n{}", it.id)), &it.channel);
                has_others = true;
            }
            Content::Alerts(_) | Content::Digest(_) => (),
        }
    }
    has_others
}

/// Whether an alert falls into the hour that the clock shows. While the clock is behind the stamps, all alerts would
/// fall into one hour, whose one message is gone soon.
fn is_same_hour(now: Now, alert: &Alert) -> bool {
    timing::hour(now.clock) == timing::hour(alert.raised)
}

/// The alert for a spike that begins with this alert. There is at most one for each watch and day.
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
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Fingerprint, Relocated, Shared, StoryId};

    #[test]
    fn a_doubtful_join_silences_nothing() {
        let joined = |likelihood| {
            let (story, why) = (StoryId(ArticleId(1)), Shared::default());
            Placing::new(Assignment::Joined { story, of: ArticleId(1), likelihood, why }, Fingerprint::default())
        };
        let alert = alert_of(1);
        let is_told = |placing: &Placing| is_told(ArticleId(9), placing, &alert);
        assert!(!is_told(&joined(0.54)));
        assert!(is_told(&joined(0.9)));
        assert!(is_told(&Placing { assignment: Assignment::New, ..joined(0.9) }));
        let moved = Some(Relocated { story: StoryId(ArticleId(2)), why: "by hand".to_owned() });
        assert!(is_told(&Placing { moved, ..joined(0.54) }), "a person has put it there");
        assert!(super::is_told(ArticleId(1), &joined(0.54), &alert), "its own");
    }

    #[test]
    fn a_report_that_is_not_near_one_that_was_told_is_told() {
        let (story, why) = (StoryId(ArticleId(1)), Shared::default());
        let joined = Assignment::Joined { story, of: ArticleId(2), likelihood: 0.9, why };
        let compared = BTreeMap::from([(ArticleId(1), 0.05), (ArticleId(2), 0.95)]);
        let placing = Placing { compared, ..Placing::new(joined, Fingerprint::default()) };
        assert!(!is_told(ArticleId(9), &placing, &alert_of(1)));
        assert!(is_told(ArticleId(9), &placing, &alert_of(2)));
        assert!(is_told(ArticleId(9), &placing, &alert_of(3)), "it was not compared with that");
        // Neither where the program has put it there since.
        let moved = Some(Relocated { story, why: "nearer to it".to_owned() });
        let placing = Placing { moved, ..placing };
        assert_eq!([1, 2].map(|it| is_told(ArticleId(9), &placing, &alert_of(it))), [false, true]);
    }

    fn alert_of(article: u64) -> Alert {
        let id = ArticleId(article);
        let (watch, hits, raised) = ("a".to_owned(), Vec::new(), Timestamp::UNIX_EPOCH);
        Alert { id: AlertId(article), watch, article: id, story: StoryId(id), hits, raised, kind: AlertKind::Found }
    }
}
