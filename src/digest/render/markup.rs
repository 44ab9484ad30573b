//! What the feeds in XML share.

use std::fmt::Write;

use super::escape;

/// By what one finds the parts of a feed that this program has written: each element has a line of its own, and text cannot look like one,
/// since `<` is escaped.
pub(super) struct Layout {
    /// How a feed ends.
    pub(super) end: &'static str,
    /// How an entry begins.
    pub(super) entry: &'static str,
    /// How an entry ends.
    pub(super) entry_end: &'static str,
    /// What stands before and after the id of an entry.
    pub(super) id: (&'static str, &'static str),
    /// What stands before and after the instant at which the feed was issued.
    pub(super) issued: (&'static str, &'static str),
    /// What stands before and after the instant of the last change of an entry.
    pub(super) updated: (&'static str, &'static str),
}

/// Writes an element with a text, on a line of its own.
pub(super) fn element(out: &mut String, depth: usize, name: &str, text: &str) {
    let _ = writeln!(out, "{:indent$}<{name}>{}</{name}>", "", escape(text), indent = depth * 2);
}
