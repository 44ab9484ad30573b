//! The keys of the index: one byte for the kind of row, then what the row is found by. Keys sort in the order in which
//! rows are listed.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::{
    dedup::Key,
    model::{AlertId, ArticleId, MessageId, RegroupingId, SourceId, StoryId},
    store::record::Time,
};

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::store) enum Kind {
    /// One row: how far the index has come, and counts.
    Meta = b'm',
    /// One row: the key of the hashes below.
    HashKey = b'h',
    /// Article → where its newest version is.
    Article = b'a',
    /// Hash of a [`Key`] → article.
    Held = b'k',
    /// First seen, article.
    Time = b't',
    /// Story, sequence number, article.
    Story = b's',
    /// Alert → where it is.
    Alert = b'c',
    /// Raised, alert.
    Raised = b'r',
    /// Story, alert → watch.
    Fired = b'w',
    /// Watch, raised, alert; without spikes and alerts for old articles.
    Raising = b'b',
    /// First seen, article in which a watch may have found something.
    Possible = b'q',
    /// Message → where it is and how it fares.
    Message = b'o',
    /// Due, message.
    Due = b'd',
    /// Message that was sent.
    Sent = b'n',
    /// Message → how far the attempts to send it have come.
    Sending = b'S',
    /// Digest, slot → end of its window.
    Issue = b'i',
    /// Digest, slot → where the issue is.
    IssueAt = b'I',
    /// Source → its state.
    Source = b'y',
    /// Sequence number → where the regrouping is.
    Regrouping = b'g',
    /// Sequence number → where the regrouping is, where a person made it.
    ByHand = b'p',
    /// Regrouping that was made.
    Regrouped = b'u',
    /// Article, topic → where the label is.
    Label = b'l',
    /// Article that was held once.
    Forgotten = b'z',
    /// Article, version → where a version is that is not the newest.
    Version = b'v',
    /// First seen, article that is kept as evidence.
    Exhibit = b'e',
    /// Article → what the last later reading of its page showed.
    Reading = b'R',
    /// Noticed, article → where it is told what happened to the article.
    Event = b'E',
    /// Hour of the clock, topic → reports first seen in it that have the topic.
    Volume = b'V',
    /// One row: what the index was made from.
    Base = b'B',
    /// Number of a file that retention left, a hash of it that the chain holds → that hash.
    Left = b'K',
    /// First number of a range of changes that the ledger itself reports lost → the last.
    Lost = b'L',
    /// First number of a range of missing changes → the last.
    Missing = b'M',
    /// One row: how the ledger's files are out of order, if they are.
    Disorder = b'D',
}

/// Puts a key together.
fn key(kind: Kind, parts: &[&[u8]]) -> Vec<u8> {
    let mut res = vec![kind as u8];
    for part in parts {
        res.extend_from_slice(part);
    }
    res
}

pub(in crate::store) fn meta() -> Vec<u8> {
    key(Kind::Meta, &[])
}

pub(in crate::store) fn hash_key() -> Vec<u8> {
    key(Kind::HashKey, &[])
}

pub(in crate::store) fn base() -> Vec<u8> {
    key(Kind::Base, &[])
}

pub(in crate::store) fn left_prefix(base: u32) -> Vec<u8> {
    key(Kind::Left, &[&base.to_be_bytes()])
}

pub(in crate::store) fn left(base: u32, sha256: &[u8; 32]) -> Vec<u8> {
    key(Kind::Left, &[&base.to_be_bytes(), sha256])
}

pub(in crate::store) fn lost_prefix() -> Vec<u8> {
    key(Kind::Lost, &[])
}

pub(in crate::store) fn lost(from: u64) -> Vec<u8> {
    key(Kind::Lost, &[&from.to_be_bytes()])
}

pub(in crate::store) fn missing_prefix() -> Vec<u8> {
    key(Kind::Missing, &[])
}

pub(in crate::store) fn missing(from: u64) -> Vec<u8> {
    key(Kind::Missing, &[&from.to_be_bytes()])
}

pub(in crate::store) fn disorder() -> Vec<u8> {
    key(Kind::Disorder, &[])
}

pub(in crate::store) fn forgotten(id: ArticleId) -> Vec<u8> {
    key(Kind::Forgotten, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn labels_prefix(id: ArticleId) -> Vec<u8> {
    key(Kind::Label, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn version(id: ArticleId, version: u32) -> Vec<u8> {
    key(Kind::Version, &[&id.0.to_be_bytes(), &version.to_be_bytes()])
}

pub(in crate::store) fn versions_prefix(id: ArticleId) -> Vec<u8> {
    key(Kind::Version, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn exhibit_prefix(at: Time) -> Vec<u8> {
    key(Kind::Exhibit, &[&at.sortable()])
}

pub(in crate::store) fn exhibit(at: Time, id: ArticleId) -> Vec<u8> {
    key(Kind::Exhibit, &[&at.sortable(), &id.0.to_be_bytes()])
}

pub(in crate::store) fn reading(id: ArticleId) -> Vec<u8> {
    key(Kind::Reading, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn event_prefix(at: Time) -> Vec<u8> {
    key(Kind::Event, &[&at.sortable()])
}

pub(in crate::store) fn event(at: Time, id: ArticleId) -> Vec<u8> {
    key(Kind::Event, &[&at.sortable(), &id.0.to_be_bytes()])
}

pub(in crate::store) fn volume_prefix(at: Time) -> Vec<u8> {
    key(Kind::Volume, &[&at.sortable()])
}

pub(in crate::store) fn volume(hour: Time, topic: &str) -> Vec<u8> {
    key(Kind::Volume, &[&hour.sortable(), topic.as_bytes()])
}

/// The hour and the topic of a key under [`Kind::Volume`].
pub(in crate::store) fn of_volume(key: &[u8]) -> Option<(Time, &str)> {
    let (hour, topic) = key.get(1..)?.split_first_chunk::<12>()?;
    Some((Time::of_sortable(*hour), std::str::from_utf8(topic).ok()?))
}

pub(in crate::store) fn article(id: ArticleId) -> Vec<u8> {
    key(Kind::Article, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn regrouping(seq: u64) -> Vec<u8> {
    key(Kind::Regrouping, &[&seq.to_be_bytes()])
}

pub(in crate::store) fn by_hand(seq: u64) -> Vec<u8> {
    key(Kind::ByHand, &[&seq.to_be_bytes()])
}

pub(in crate::store) fn regrouped(id: RegroupingId) -> Vec<u8> {
    key(Kind::Regrouped, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn time_prefix(at: Time) -> Vec<u8> {
    key(Kind::Time, &[&at.sortable()])
}

pub(in crate::store) fn time(at: Time, id: ArticleId) -> Vec<u8> {
    key(Kind::Time, &[&at.sortable(), &id.0.to_be_bytes()])
}

pub(in crate::store) fn story_prefix(id: StoryId) -> Vec<u8> {
    key(Kind::Story, &[&id.0.0.to_be_bytes()])
}

pub(in crate::store) fn story(id: StoryId, seq: u64, member: ArticleId) -> Vec<u8> {
    key(Kind::Story, &[&id.0.0.to_be_bytes(), &seq.to_be_bytes(), &member.0.to_be_bytes()])
}

pub(in crate::store) fn alert(id: AlertId) -> Vec<u8> {
    key(Kind::Alert, &[&id.0.to_be_bytes()])
}

pub(in crate::store) fn raised_prefix(at: Time) -> Vec<u8> {
    key(Kind::Raised, &[&at.sortable()])
}

pub(in crate::store) fn raised(at: Time, id: AlertId) -> Vec<u8> {
    key(Kind::Raised, &[&at.sortable(), &id.0.to_be_bytes()])
}

pub(in crate::store) fn possible_prefix(at: Time) -> Vec<u8> {
    key(Kind::Possible, &[&at.sortable()])
}

pub(in crate::store) fn possible(at: Time, id: ArticleId) -> Vec<u8> {
    key(Kind::Possible, &[&at.sortable(), &id.0.to_be_bytes()])
}

/// The instant in a key that ends in an instant and a number.
pub(in crate::store) fn time_before_last(key: &[u8]) -> Option<Time> {
    let (rest, _) = key.split_last_chunk::<8>()?;
    rest.last_chunk().map(|it| Time::of_sortable(*it))
}

pub(in crate::store) fn fired_prefix(story: StoryId) -> Vec<u8> {
    key(Kind::Fired, &[&story.0.0.to_be_bytes()])
}

pub(in crate::store) fn fired(story: StoryId, id: AlertId) -> Vec<u8> {
    key(Kind::Fired, &[&story.0.0.to_be_bytes(), &id.0.to_be_bytes()])
}

pub(in crate::store) fn due_prefix(at: Time) -> Vec<u8> {
    key(Kind::Due, &[&at.sortable()])
}

pub(in crate::store) fn source(id: &SourceId) -> Vec<u8> {
    key(Kind::Source, &[id.as_str().as_bytes()])
}

/// The first key after all that begin with `prefix`.
pub(in crate::store) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut res = prefix.to_vec();
    while let Some(last) = res.pop() {
        if let Some(next) = last.checked_add(1) {
            res.push(next);
            break;
        }
    }
    res
}

/// Prefix of the id that stands for a message with a damaged record, whose own id is unknown. No other id begins so.
const UNREADABLE: &str = "damaged-";

/// The id that stands for a message with a damaged record, made from its key. It is valid for this index only: a
/// rebuilt index does not have the message.
pub(in crate::store) fn unreadable(message: &[u8]) -> Option<MessageId> {
    message.last_chunk::<16>().map(|it| MessageId(format!("{UNREADABLE}{:032x}", u128::from_be_bytes(*it))))
}

/// The number in the last eight bytes of a key.
pub(in crate::store) fn last_u64(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|it| u64::from_be_bytes(*it))
}

/// Makes long names short. The key is random and belongs to one index, so that a hostile feed cannot aim
/// at a collision and take the place of another's article.
#[derive(Clone, Copy)]
pub(in crate::store) struct Names(pub(in crate::store) [u8; 16]);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names(…)")
    }
}

impl Names {
    /// With a fresh random key, taken from the standard library's hasher.
    pub(in crate::store) fn random() -> Self {
        let halves = [RandomState::new(), RandomState::new()].map(|it| it.build_hasher().finish());
        let mut res = [0; 16];
        let bytes = halves.into_iter().flat_map(u64::to_be_bytes);
        res.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Self(res)
    }

    pub(in crate::store) fn held(&self, by: &Key) -> Vec<u8> {
        let name = match by {
            Key::Link(link) => self.hash(&["l", link]),
            Key::Guid(source, guid) => self.hash(&["g", source.as_str(), guid]),
            Key::Title(source, title) => self.hash(&["t", source.as_str(), title]),
            Key::Beside(link) => self.hash(&["b", link]),
        };
        key(Kind::Held, &[&name])
    }

    pub(in crate::store) fn raising_prefix(&self, watch: &str, at: Time) -> Vec<u8> {
        key(Kind::Raising, &[&self.hash(&[watch]), &at.sortable()])
    }

    pub(in crate::store) fn raising(&self, watch: &str, at: Time, id: AlertId) -> Vec<u8> {
        key(Kind::Raising, &[&self.hash(&[watch]), &at.sortable(), &id.0.to_be_bytes()])
    }

    /// The short name of a message. If the id stands for a message with a damaged record, the name is in the id.
    fn of_message(&self, id: &MessageId) -> [u8; 16] {
        let hex = id.0.strip_prefix(UNREADABLE).filter(|it| it.len() == 32 && !it.starts_with('+'));
        let name = hex.and_then(|it| u128::from_str_radix(it, 16).ok()).map(u128::to_be_bytes);
        name.unwrap_or_else(|| self.hash(&[&id.0]))
    }

    pub(in crate::store) fn message(&self, id: &MessageId) -> Vec<u8> {
        key(Kind::Message, &[&self.of_message(id)])
    }

    pub(in crate::store) fn due(&self, at: Time, id: &MessageId) -> Vec<u8> {
        key(Kind::Due, &[&at.sortable(), &self.of_message(id)])
    }

    pub(in crate::store) fn sent(&self, id: &MessageId) -> Vec<u8> {
        key(Kind::Sent, &[&self.of_message(id)])
    }

    pub(in crate::store) fn sending(&self, id: &MessageId) -> Vec<u8> {
        key(Kind::Sending, &[&self.of_message(id)])
    }

    pub(in crate::store) fn label(&self, article: ArticleId, topic: &str) -> Vec<u8> {
        key(Kind::Label, &[&article.0.to_be_bytes(), &self.hash(&[topic])])
    }

    pub(in crate::store) fn issues_prefix(&self, digest: &str) -> Vec<u8> {
        key(Kind::Issue, &[&self.hash(&[digest])])
    }

    pub(in crate::store) fn issue(&self, digest: &str, at: Time) -> Vec<u8> {
        key(Kind::Issue, &[&self.hash(&[digest]), &at.sortable()])
    }

    pub(in crate::store) fn issue_at(&self, digest: &str, at: Time) -> Vec<u8> {
        key(Kind::IssueAt, &[&self.hash(&[digest]), &at.sortable()])
    }

    /// Each part is preceded by its length: ("a", "bc") and ("ab", "c") differ.
    fn hash(&self, parts: &[&str]) -> [u8; 16] {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        for part in parts {
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part.as_bytes());
        }
        hasher.finish128().as_bytes()
    }
}

/// The short name of the message of a key under [`Kind::Due`].
pub(in crate::store) fn name_of_due(due: &[u8]) -> Option<&[u8; 16]> {
    due.last_chunk()
}

/// The key under [`Kind::Message`] for a key under [`Kind::Due`].
pub(in crate::store) fn message_of_due(due: &[u8]) -> Option<Vec<u8>> {
    name_of_due(due).map(|it| key(Kind::Message, &[it]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Timestamp;

    proptest! {
        #[test]
        fn times_sort_as_instants(a in -9_000_000_000_000_i64..9_000_000_000_000, b in any::<i32>(), n in 0_u32..1_000_000_000) {
            let at = |seconds, nanos| Timestamp::from_timestamp(seconds, nanos).map(|it| (it, Time::from(it).sortable()));
            if let (Some((x, kx)), Some((y, ky))) = (at(a, n), at(i64::from(b), 5)) {
                prop_assert_eq!(x.cmp(&y), kx.cmp(&ky));
                prop_assert_eq!(Time::of_sortable(kx), Time::from(x));
            }
        }

        #[test]
        fn after_is_past_every_key_with_the_prefix(prefix in prop::collection::vec(any::<u8>(), 1..8), tail in prop::collection::vec(any::<u8>(), 0..8)) {
            prop_assume!(prefix.iter().any(|it| *it != 0xff));
            let key = [prefix.clone(), tail].concat();
            prop_assert!(after(&prefix) > key);
        }
    }

    #[test]
    fn an_unreadable_message_has_the_keys_of_its_own_id() {
        let names = Names::random();
        let id = MessageId("alert-1-files".to_owned());
        let stand_in = unreadable(&names.message(&id)).unwrap();
        let keys = |id: &MessageId| [names.message(id), names.sent(id), names.sending(id)];
        assert_eq!(keys(&stand_in), keys(&id));
        let odd = MessageId("damaged-+123456789abcdef0123456789abcdef".to_owned());
        assert_ne!(names.message(&odd), names.message(&stand_in));
    }

    #[test]
    fn names_are_keyed_and_unambiguous() {
        let (a, b) = (Names::random(), Names::random());
        assert_ne!(a.0, b.0);
        assert_ne!(a.message(&MessageId("x".into())), b.message(&MessageId("x".into())));
        assert_ne!(a.hash(&["a", "bc"]), a.hash(&["ab", "c"]));
        assert_eq!(a.hash(&["a", "bc"]), a.hash(&["a", "bc"]));
    }
}
