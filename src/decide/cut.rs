//! Reduces a decision that is larger than one commit may be, as for a page that lists thousands of watched names, each
//! told on dozens of channels. The article is stored all the same, and its alerts appear in the digest.

use crate::model::{Alert, AlertKind, Content, Intent, Severity};

/// Maximum alerts that one message shows.
pub const MAX_SHOWN: usize = 50;
/// Maximum alerts that one message names if naming all is too much, and if that is still too much.
const NAMED: [usize; 2] = [MAX_SHOWN, 10];

/// Removes the part of a decision that is least missed, and says in plain words what it was. Call it again if the
/// decision is still too large; `None` if nothing is left to remove.
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

/// Whether a message with room for all would have named this alert beside `first`.
pub fn goes_with(alert: &Alert, first: &Alert, severity: Severity) -> bool {
    let is_of_same = (alert.article, alert.raised) == (first.article, first.raised);
    is_of_same && alert.kind == AlertKind::Found && severity != Severity::Low
}
