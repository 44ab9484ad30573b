//! The channels of messages that are due, remembered so that the messages of a channel that takes none are not read.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

/// Maximum messages whose channels are remembered: some 4 MB. Those beyond it are read at each listing.
const MAX_KNOWN: usize = 1 << 16;

/// What the last listing of due messages found. It belongs to one index: a new one names messages anew.
#[derive(Debug, Default)]
pub(super) struct Channels(Mutex<Known>);

impl Channels {
    /// Takes what is remembered. Whoever asks meanwhile finds nothing and reads the messages, which is only slower.
    pub(super) fn take(&self) -> Known {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// Messages by their short names in the index, each with its channel. A message never changes its channel.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_name: HashMap<[u8; 16], Arc<str>>,
    /// Each channel once, however many messages wait for it.
    channels: BTreeSet<Arc<str>>,
}

impl Known {
    pub(super) fn channel(&self, name: &[u8; 16]) -> Option<&str> {
        self.by_name.get(name).map(|it| &**it)
    }

    pub(super) fn add(&mut self, name: [u8; 16], channel: &str) {
        if self.by_name.len() >= MAX_KNOWN {
            return;
        }
        let channel = self.channels.get(channel).cloned().unwrap_or_else(|| {
            let new = Arc::<str>::from(channel);
            self.channels.insert(Arc::clone(&new));
            new
        });
        self.by_name.insert(name, channel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut known = Known::default();
        let name = |n: usize| (n as u128).to_be_bytes();
        (0..=MAX_KNOWN).for_each(|n| known.add(name(n), "desk"));
        assert_eq!((known.channel(&name(0)), known.channel(&name(MAX_KNOWN - 1))), (Some("desk"), Some("desk")));
        assert_eq!(known.channel(&name(MAX_KNOWN)), None);
        assert_eq!(known.channels.len(), 1);
    }
}
