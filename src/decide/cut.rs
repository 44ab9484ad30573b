//! What is left out of a decision that is more than the archive takes at once: a page that lists thousands of watched
//! names, each told by dozens of channels. The article is held all the same, and its alerts stand in the digest.

use crate::model::{Alert, AlertKind, Content, Intent, Severity};

/// Alerts that one message shows.
pub const MAX_SHOWN: usize = 50;
/// Alerts that one message names where naming all is too much, and where that still is.
const NAMED: [usize; 2] = [MAX_SHOWN, 10];

/// Leaves something out: each time it is called for the same decision, what is missed least of what is left. Says in
/// plain words what; `None` where nothing is left that could be.
pub fn cut(intent: &mut Intent) -> Option<String> {
    let longest = |it: &Intent| {
        let named = it.outbox.iter().map(|it| match &it.content {
            Content::Alerts(all) => all.len(),
            Content::Held(_) | Content::More(_) | Content::Digest(_) => 0,
        });
        named.max().unwrap_or_default()
    };
    if let Some(named) = NAMED.into_iter().find(|it| *it < longest(intent)) {
        for it in &mut intent.outbox {
            if let Content::Alerts(all) = &mut it.content {
                all.truncate(named);
            }
        }
        return Some(format!("each message names {named} of its alerts"));
    }
    if !intent.outbox.is_empty() {
        intent.outbox.clear();
        return Some("no message tells of its alerts".to_owned());
    }
    let has_alerts = !intent.alerts.is_empty();
    intent.alerts.clear();
    has_alerts.then(|| "its alerts are not kept".to_owned())
}

/// Whether a message that names these alerts may have had to leave others out.
pub fn may_be_cut(alerts: &[Alert]) -> bool {
    NAMED.contains(&alerts.len())
}

/// Whether an alert is one that a message would have named beside `first`, were there room for all.
pub fn is_beside(alert: &Alert, first: &Alert, severity: Severity) -> bool {
    let is_of_same = (alert.article, alert.raised) == (first.article, first.raised);
    is_of_same && alert.kind == AlertKind::Found && severity != Severity::Low
}
