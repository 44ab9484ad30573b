//! What the feeds in XML share.

use std::fmt::Write;

use crate::model::Slot;

use super::{Format, Look, escape};

/// The markers by which the parts of a feed written by this program are found: each element is on a line of its own,
/// and text cannot imitate one, since `<` is escaped.
pub(super) struct Layout {
    /// How a feed ends.
    pub(super) end: &'static str,
    /// How an entry begins.
    pub(super) entry: &'static str,
    /// How an entry ends.
    pub(super) entry_end: &'static str,
    /// The text before and after the id of an entry.
    pub(super) id: (&'static str, &'static str),
    /// The text before and after the instant at which the feed was issued.
    pub(super) issued: (&'static str, &'static str),
    /// The text before and after the instant of an entry's last change.
    pub(super) updated: (&'static str, &'static str),
}

/// Writes the element `name` with the address at which the feed itself is served, by which readers and hubs know it
/// (RFC 4287 §4.1.1 and §4.2.7.2); nothing where no address is known.
pub(super) fn own_address(out: &mut String, depth: usize, name: &str, look: Look<'_>, (slot, format): (&Slot, Format)) {
    if let Some(address) = look.files.address(slot, format) {
        let (media_type, address) = (format.media_type(), escape(&address));
        let indent = depth * 2;
        let _ = writeln!(out, "{:indent$}<{name} rel=\"self\" type=\"{media_type}\" href=\"{address}\"/>", "");
    }
}

/// Writes an element with a text, on a line of its own.
pub(super) fn element(out: &mut String, depth: usize, name: &str, text: &str) {
    let _ = writeln!(out, "{:indent$}<{name}>{}</{name}>", "", escape(text), indent = depth * 2);
}
