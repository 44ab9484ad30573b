//! Lines of text that are safe to show, with stretches marked in them. Text from outside must pass through here before
//! it is shown.

use std::ops::Range;

use crate::text::is_hidden;

/// One line of text with stretches marked in it. Safe to show: see [`one_line`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// The line.
    pub text: String,
    /// Byte ranges of `text`, on character boundaries, ascending, apart and not empty.
    pub marks: Vec<Range<usize>>,
}

impl Marked {
    /// Makes a safe line of `text` as [`one_line`] does, and carries `spans` (byte ranges of `text`, in any order,
    /// overlapping or not) over to it.
    pub fn new(text: &str, spans: &[Range<usize>], max_chars: usize) -> Self {
        let inside = |at: usize| spans.iter().any(|span| span.contains(&at));
        let mut res = Self::default();
        let mut n_chars = 0;
        // A space to put before the next visible character, and whether all of it is marked.
        let mut space = None;
        for (at, c) in text.char_indices() {
            if c.is_whitespace() {
                space = Some(space.unwrap_or(true) && inside(at));
                continue;
            }
            if is_hidden(c) {
                continue;
            }
            let space_before = space.take().filter(|_| n_chars > 0);
            n_chars += 1 + usize::from(space_before.is_some());
            if n_chars > max_chars {
                res.cut(max_chars);
                break;
            }
            let marked = inside(at);
            if let Some(space_marked) = space_before {
                res.push(' ', space_marked && marked);
            }
            res.push(c, marked);
        }
        res
    }

    /// Adds marks of the same line.
    pub(super) fn add(&mut self, marks: &[Range<usize>]) {
        self.marks.extend_from_slice(marks);
        self.marks.sort_by_key(|it| (it.start, it.end));
        let mut apart = Vec::<Range<usize>>::with_capacity(self.marks.len());
        for it in self.marks.drain(..) {
            match apart.last_mut() {
                Some(last) if it.start <= last.end => last.end = last.end.max(it.end),
                _ => apart.push(it),
            }
        }
        self.marks = apart;
    }

    /// The line in pieces, each with whether it is marked.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut edges = vec![0];
        edges.extend(self.marks.iter().flat_map(|mark| [mark.start, mark.end]));
        edges.push(self.text.len());
        let pairs = edges.iter().copied().zip(edges.iter().copied().skip(1)).collect::<Vec<_>>();
        pairs
            .into_iter()
            .enumerate()
            .map(|(n, (start, end))| (self.text.get(start..end).unwrap_or_default(), n % 2 == 1))
            .filter(|(piece, _)| !piece.is_empty())
    }

    fn push(&mut self, c: char, marked: bool) {
        let start = self.text.len();
        self.text.push(c);
        let end = self.text.len();
        match self.marks.last_mut() {
            Some(mark) if marked && mark.end == start => mark.end = end,
            _ if marked => self.marks.push(start..end),
            _ => (),
        }
    }

    /// Shortens to fewer than `max_chars` characters and adds the ellipsis.
    fn cut(&mut self, max_chars: usize) {
        while self.text.chars().count() >= max_chars.max(1) || self.text.ends_with(' ') {
            self.text.pop();
        }
        let len = self.text.len();
        self.marks.retain_mut(|mark| {
            mark.end = mark.end.min(len);
            mark.start < mark.end
        });
        self.text.push('…');
    }
}

/// Makes one safe line of a text that a stranger wrote.
///
/// Runs of white space, line breaks of every kind among them, become one space; what is [hidden](is_hidden) is
/// removed. What is longer than `max_chars` is cut and ends in `…`.
pub fn one_line(text: &str, max_chars: usize) -> String {
    Marked::new(text, &[], max_chars).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let line = one_line(text, 40);
        assert_eq!(line, expected, "input: {text:?}");
        assert_eq!(one_line(&line, 40), line, "not idempotent: {text:?}");
    }

    #[test]
    fn one_safe_line() {
        check("  a\r\nBcc: x\ny\u{2028}z\u{85}end\t ", "a Bcc: x y z end");
        check("\u{1b}]0;owned\u{7}x\u{9b}2Jy\0", "]0;ownedx2Jy");
        check("gpj.\u{202e}exe\u{2066}!\u{2069}", "gpj.exe!");
        check("\u{feff}a\u{fffe}b\u{e0041}c", "abc");
        check("", "");
        check(" \n ", "");
        check("می\u{200c}شود \u{200f}متن", "می\u{200c}شود \u{200f}متن");
        check(&"ж".repeat(40), &"ж".repeat(40));
        check(&"ж".repeat(10_000), &format!("{}…", "ж".repeat(39)));
        check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbb", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…");
    }

    #[track_caller]
    fn check_marks(text: &str, words: &[&str], max_chars: usize, expected: &str) {
        let spans = words.iter().map(|word| text.find(word).map(|at| at..at + word.len()).unwrap()).collect::<Vec<_>>();
        let line = Marked::new(text, &spans, max_chars);
        let shown = line.pieces().map(|(piece, marked)| if marked { format!("[{piece}]") } else { piece.to_owned() });
        assert_eq!(shown.collect::<String>(), expected, "input: {text:?}");
    }

    #[test]
    fn carries_marks_over() {
        check_marks("the ITPP is here", &["ITPP"], 40, "the [ITPP] is here");
        check_marks("ITPP", &["ITPP"], 40, "[ITPP]");
        check_marks("  с  Винни\u{202e}ковым\n\nпрошла", &["Винни\u{202e}ковым"], 40, "с [Винниковым] прошла");
        check_marks("liaison\n  office in", &["liaison\n  office"], 40, "[liaison office] in");
        check_marks("abcdef", &["bcd", "cde"], 40, "a[bcde]f");
        check_marks("one two three", &["three"], 8, "one two…");
        check_marks("one two three", &["two three"], 10, "one [two t]…");
    }
}
