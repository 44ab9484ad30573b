//! Finds terms of several words across the end of a line.

use std::ops::Range;

use super::{NameSet, Sighting, found::GivenName, pass::Pass};

/// Maximum words of a term before and after the end of a line.
const SEAM: usize = 3;

/// The fewest characters of a line that may have been wrapped, as in mails and plain text. What is shorter is a
/// heading, or an item of a list: the name below it is another's.
const WRAPPED: usize = 30;

/// The last words of a line and the first of the next, where that may go on with its sentence.
fn around_break(text: &str, before: Range<usize>, line: &str) -> Option<Range<usize>> {
    let head = text.get(before.clone())?.trim_end();
    let is_long = head.chars().nth(WRAPPED - 1).is_some();
    let goes_on = is_long && head.ends_with(char::is_alphabetic) && line.starts_with(char::is_alphabetic);
    if !goes_on {
        return None;
    }
    let tail = line.trim_end();
    let is_space = |(_, c): &(usize, char)| c.is_whitespace();
    let from = head.char_indices().rev().filter(is_space).nth(SEAM - 1).map_or(0, |(at, c)| at + c.len_utf8());
    let to = tail.char_indices().filter(is_space).nth(SEAM - 1).map_or(tail.len(), |it| it.0);
    Some(before.start + from..before.end + to)
}

impl NameSet {
    /// Terms that stand across the beginning of the line at `start`, where the line `before` may go on there.
    pub(super) fn seam(
        &self,
        text: &str,
        before: Range<usize>,
        line: &str,
        language: Option<&str>,
        pass: &mut Pass,
        res: &mut Vec<Sighting>,
    ) {
        let start = before.end;
        let Some(seam) = around_break(text, before, line) else { return };
        let mut found = Vec::new();
        // The beginning of the seam is not that of a sentence.
        let first_words = std::mem::take(&mut pass.first_words);
        self.line(text.get(seam.clone()).unwrap_or_default(), seam.start, language, pass, &mut found);
        pass.first_words = first_words;
        // Of a list, a surname and the given name below it are of two people.
        let is_across = |it: &Sighting| it.span.start < start && start < it.span.end && it.given != GivenName::After;
        res.extend(found.into_iter().filter(is_across));
    }
}
