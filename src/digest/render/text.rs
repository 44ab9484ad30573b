//! Plain text: paragraphs are lines until they are folded for where they are read.

/// Lines are folded to this many characters where words allow (RFC 5322 §2.1.1).
const WIDTH: usize = 76;

/// No line is longer, whatever it holds (RFC 5322 §2.1.1 allows 998 bytes).
const MAX_LINE_BYTES: usize = 900;

/// A line under a heading, as long as the heading.
pub(super) fn rule(heading: &str, rule: &str) -> String {
    let with = rule.chars().next().unwrap_or('=');
    std::iter::repeat_n(with, heading.chars().count().min(WIDTH)).collect()
}

/// A template's output without spaces at line ends, except in the line above a signature, and with single empty lines.
pub(super) fn tidy(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for line in text.lines() {
        let line = if line == SIGNATURE { line } else { line.trim_end_matches([' ', '\t', '\r']) };
        if line.is_empty() && (res.is_empty() || res.ends_with("\n\n")) {
            continue;
        }
        res.push_str(line);
        res.push('\n');
    }
    while res.ends_with("\n\n") {
        res.pop();
    }
    res
}

/// The mail convention that separates the signature.
const SIGNATURE: &str = "-- ";

/// Folds each line. Continuation lines are indented like their first line, and quotes are continued with another `>`.
pub(super) fn folded(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        match line {
            SIGNATURE => res.push_str(line),
            _ => {
                fold(&mut res, line);
                continue;
            }
        }
        res.push('\n');
    }
    res
}

fn fold(out: &mut String, line: &str) {
    let (lead, text) = split_lead(line);
    if text.is_empty() {
        out.push('\n');
        return;
    }
    let rest = lead.replace(['*', '-', '!'], " ");
    let mut lead = lead;
    let mut folded = String::new();
    let mut n_chars = 0;
    for word in text.split_whitespace() {
        let of_word = word.chars().count();
        if !folded.is_empty() && lead.len() + n_chars + 1 + of_word > WIDTH {
            whole(out, lead, &folded);
            lead = &rest;
            folded.clear();
            n_chars = 0;
        }
        if !folded.is_empty() {
            folded.push(' ');
            n_chars += 1;
        }
        folded.push_str(word);
        n_chars += of_word;
    }
    whole(out, lead, &folded);
}

/// The spaces and the mark that a line begins with, all of them ASCII, and the rest.
fn split_lead(line: &str) -> (&str, &str) {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    let marked = ["* ", "- ", "! ", "> "].iter().any(|it| line.get(spaces..).is_some_and(|rest| rest.starts_with(it)));
    line.split_at_checked(if marked { spaces + 2 } else { spaces }).unwrap_or(("", line))
}

fn whole(out: &mut String, lead: &str, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let cut =
            (0..=rest.len().min(MAX_LINE_BYTES)).rev().find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(cut);
        out.push_str(lead);
        out.push_str(head);
        out.push('\n');
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_words_and_breaks_what_has_none() {
        let text = folded(&format!("* {}\n  > {}\n", "слово ".repeat(40), "x".repeat(1_000_000)));
        assert!(text.lines().all(|line| line.len() <= MAX_LINE_BYTES + 4));
        let lines = text.lines().take_while(|line| !line.contains('x')).collect::<Vec<_>>();
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[0].starts_with("* с") && lines[1].starts_with("  с"));
    }

    #[test]
    fn empty_lines_are_one_and_a_signature_keeps_its_space() {
        assert_eq!(tidy("\n\na \n\n\n\n  b\n-- \nc\n\n"), "a\n\n  b\n-- \nc\n");
        assert_eq!(folded("a\n\n-- \nc\n"), "a\n\n-- \nc\n");
    }
}
