//! Channels by their names.

use std::collections::BTreeMap;

use crate::text::is_same_channel;

use super::Channel;

/// The channel with this name, or else the channel of the same recipient, with its present name.
pub fn channel<'c>(channels: &'c BTreeMap<String, Channel>, name: &str) -> Option<(&'c str, &'c Channel)> {
    let exact = channels.get_key_value(name);
    let found = exact.or_else(|| channels.iter().find(|it| is_same_channel(it.0, name)))?;
    Some((found.0.as_str(), found.1))
}
