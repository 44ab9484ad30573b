//! The earlier messages that a mail refers to, so that mail programs show them as one thread: alerts of one story, and
//! a digest that reports changes with the digests that told of those articles.

use std::{collections::BTreeSet, ops::ControlFlow};

use crate::{
    model::{Alert, CanonicalUrl, Content, MessageId, Outgoing, Rendered, Slot, Timestamp},
    store::{Pending, Store, StoreError, readable},
    text::is_same_channel,
};

use super::digests;

/// Maximum earlier messages that one refers to, the newest: a header has to end somewhere.
const MAX_EARLIER: usize = 10;
/// Maximum issues searched for the articles they told of.
const MAX_ISSUES: usize = 100;

/// The earlier messages on the same channel that a message belongs to, oldest first. These are the messages that were
/// queued, not those that were sent: whether one was sent may change between attempts, and each attempt must be the
/// same mail.
pub(super) fn earlier(store: &dyn Store, pending: &Pending) -> Result<Vec<MessageId>, StoreError> {
    let message = &pending.message;
    let all = match &message.content {
        Content::Alerts(all) => match all.first() {
            Some(first) => alerts(store, first, &message.channel)?,
            None => Vec::new(),
        },
        Content::Digest(rendered) => digests(store, &message.id, &message.channel, rendered)?,
        Content::Held(_) | Content::More(_) => Vec::new(),
    };
    let mut res = Vec::new();
    for id in all.into_iter().rev() {
        if id != message.id && !res.contains(&id) && store.was_queued(&id)? {
            res.push(id);
        }
        if res.len() == MAX_EARLIER {
            break;
        }
    }
    res.reverse();
    Ok(res)
}

fn alerts(store: &dyn Store, alert: &Alert, channel: &str) -> Result<Vec<MessageId>, StoreError> {
    let mut before = of_story(store, alert)?;
    before.retain(|it| it.id != alert.id && (it.raised, it.id) < (alert.raised, alert.id));
    // A follow-up answers the message that told of its article; other alerts answer the newest of the story.
    before.sort_by_key(|it| (alert.kind.is_sequel() && it.article == alert.article, it.raised, it.id));
    telling(store, &before, channel)
}

/// The alerts of the story that the article of an alert is in now.
fn of_story(store: &dyn Store, alert: &Alert) -> Result<Vec<Alert>, StoreError> {
    let story = readable(store.report(alert.article))?.map_or(alert.story, |it| it.story());
    store.alerts_of(story)
}

/// The messages on a channel that were queued to tell of these alerts, in the order of the alerts. One message may tell
/// of several.
fn telling(store: &dyn Store, alerts: &[Alert], channel: &str) -> Result<Vec<MessageId>, StoreError> {
    let ids: Vec<_> = alerts.iter().map(|it| it.id).collect();
    let told = store.told_by(&ids)?.into_iter().flatten();
    Ok(told.filter(|it| is_same_channel(&it.channel, channel)).map(|it| it.message).collect())
}

/// Whether a follow-up (withdrawn, changed) is due while the alert it follows is still being retried on the same
/// channel; it then waits. It does not wait for a message that was given up.
pub(super) fn is_early(store: &dyn Store, message: &Outgoing) -> Result<bool, StoreError> {
    let Content::Alerts(all) = &message.content else { return Ok(false) };
    let Some(first) = all.first().filter(|it| it.kind.is_sequel()) else { return Ok(false) };
    let mut told = of_story(store, first)?;
    told.retain(|it| it.article == first.article);
    for id in telling(store, &told, &message.channel)? {
        // A message not yet rendered is of an alert that this message is not about.
        if readable(store.pending(&id))?.is_some_and(|it| !it.parked && it.rendered.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The issues of the same digest that first told of the articles whose changes this issue reports.
fn digests(
    store: &dyn Store,
    id: &MessageId,
    channel: &str,
    rendered: &Rendered,
) -> Result<Vec<MessageId>, StoreError> {
    let Some(name) = digest_of(id, channel) else { return Ok(Vec::new()) };
    // Newest first: a slot, and the end of its window, which begins where that of the one before ends.
    let mut issues = Vec::<(Slot, Timestamp)>::new();
    let mut is_found = false;
    store.issues(name, &mut |slot, until| {
        is_found |= digests::message_id(&slot, channel) == *id;
        if is_found {
            issues.push((slot, until));
        }
        if issues.len() < MAX_ISSUES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let [(_, until), (_, since), ..] = issues.as_slice() else { return Ok(Vec::new()) };
    let mut changed = BTreeSet::new();
    store.events(*since..*until, &mut |it| {
        changed.extend(it.finding.is_event().then_some(it.article));
        ControlFlow::Continue(())
    })?;
    let mut slots = BTreeSet::new();
    for article in changed {
        let Some(report) = readable(store.report(article))? else { continue };
        // A digest shows only some articles: what its audience reads, and the newest.
        let link = report.article.link.as_ref().map(CanonicalUrl::as_str);
        if !link.is_some_and(|it| names(&rendered.text, it)) {
            continue;
        }
        let seen = report.article.first_seen;
        let told = issues.windows(2).skip(1).find_map(|it| match it {
            [(slot, until), (_, since)] if (*since..*until).contains(&seen) => Some(slot),
            _ => None,
        });
        // The first issue of all has no other before it.
        let first = issues.last().filter(|(_, until)| issues.len() < MAX_ISSUES && seen < *until).map(|it| &it.0);
        slots.extend(told.or(first));
    }
    Ok(slots.into_iter().map(|it| digests::message_id(it, channel)).collect())
}

/// Whether a text has this address, and not merely a longer one that begins with it.
fn names(text: &str, address: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "/-_?&=%#~+".contains(c);
    // A stop may end the sentence.
    let ends = |rest: &str| !rest.strip_prefix('.').unwrap_or(rest).starts_with(goes_on);
    text.match_indices(address).any(|(at, it)| text.get(at + it.len()..).is_some_and(ends))
}

/// The name of the digest that a message brings. One on demand stands by itself.
fn digest_of<'a>(id: &'a MessageId, channel: &str) -> Option<&'a str> {
    let rest = id.0.strip_prefix("digest-")?.strip_suffix(channel)?.strip_suffix('-')?;
    let (name, _) = rest.rsplit_once('-')?;
    Slot::scheduled(name).is_none().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_one_that_it_begins() {
        let text = "Talks\n  https://a.example/news/12\nVote\n  https://a.example/news/34?page=2 https://a.example/n. https://a.example/p.html";
        for (address, expected) in [("news/12", true), ("news/1", false), ("news/34", false), ("n", true), ("p", false)]
        {
            assert_eq!(names(text, &format!("https://a.example/{address}")), expected, "{address}");
        }
    }

    #[test]
    fn a_digest_is_known_by_the_name_of_its_message() {
        let name = |id: &str, channel: &str| digest_of(&MessageId(id.to_owned()), channel).map(str::to_owned);
        assert_eq!(
            name("digest-peace-weekly-20261122T040000Z-mail:a-b@x.org", "mail:a-b@x.org"),
            Some("peace-weekly".to_owned())
        );
        assert_eq!(name("digest-daily-on-demand-20261122T040000.5Z-files", "files"), None);
        assert_eq!(name("alert-00ff-files", "files"), None);
    }
}
