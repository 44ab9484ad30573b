//! Text as `format=flowed` (RFC 3676): a mail program on any screen makes its own lines of it.

/// Lines are broken here (RFC 3676 §4.2 wants 78 at most, with the space).
const WIDTH: usize = 76;
/// The mark above a signature, which is never flowed (§4.3).
const SIGNATURE: &str = "-- ";
/// What marks a sentence of a report in our texts.
const QUOTE: &str = "> ";

/// Makes a text whose lines are paragraphs flow. A line that begins with a `>`, behind any spaces, is a quote.
pub(super) fn flowed(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        match (line, line.trim_start_matches(' ').strip_prefix(QUOTE)) {
            (SIGNATURE, _) => res.push_str("-- \n"),
            (_, Some(quoted)) => paragraph(&mut res, QUOTE, quoted),
            _ => paragraph(&mut res, "", line),
        }
    }
    res
}

/// Each line but the last ends in a space: the next belongs to it (§4.1).
fn paragraph(out: &mut String, lead: &str, text: &str) {
    // A space at the end would make the next paragraph a part of this one.
    let text = text.trim_end_matches(' ');
    let mut line = String::new();
    let mut n_chars = 0;
    for word in text.split_inclusive(' ') {
        let of_word = word.chars().count();
        // No break where a line would consist of spaces, nor after "--", which would make it a signature.
        if n_chars + of_word > WIDTH && !line.trim_start_matches(' ').is_empty() && line != SIGNATURE {
            push(out, lead, &line);
            line.clear();
            n_chars = 0;
        }
        line.push_str(word);
        n_chars += of_word;
    }
    push(out, lead, &line);
}

/// A line that begins with a space, a `>` or "From " gets a space before it (§4.4), which a reader takes away again;
/// behind the mark of a quote the space stands already.
fn push(out: &mut String, lead: &str, line: &str) {
    out.push_str(lead);
    if lead.is_empty() && (line.starts_with([' ', '>']) || line.starts_with("From ")) {
        out.push(' ');
    }
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader makes of it: each paragraph with the depth of its quote (§4.5).
    fn read(text: &str) -> Vec<(usize, String)> {
        let mut res = Vec::<(usize, String)>::new();
        let mut goes_on = false;
        for line in text.lines() {
            let depth = line.len() - line.trim_start_matches('>').len();
            let content = &line[depth..];
            let content = content.strip_prefix(' ').unwrap_or(content);
            match res.last_mut() {
                Some(last) if goes_on && last.0 == depth && content != SIGNATURE => last.1.push_str(content),
                _ => res.push((depth, content.to_owned())),
            }
            goes_on = content.ends_with(' ') && content != SIGNATURE;
        }
        res
    }

    #[track_caller]
    fn check(text: &str, expected: &[(usize, &str)]) {
        let flowed = flowed(text);
        let read = read(&flowed);
        let read: Vec<_> = read.iter().map(|(depth, text)| (*depth, text.as_str())).collect();
        assert_eq!(read, expected, "{flowed}");
        assert!(flowed.lines().all(|it| it.chars().count() <= 78 || !it.trim().contains(' ')), "{flowed}");
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let long = "слово ".repeat(40);
        check("a\n\nb", &[(0, "a"), (0, ""), (0, "b")]);
        check("* a\n  b", &[(0, "* a"), (0, "  b")]);
        check("From here\n>x\n > y", &[(0, "From here"), (0, ">x"), (1, "y")]);
        check(&long, &[(0, long.trim_end())]);
        check(&format!("  > {long}\n  after"), &[(1, long.trim_end()), (0, "  after")]);
        check(&format!("    {}", "x".repeat(2_000)), &[(0, &format!("    {}", "x".repeat(2_000)))]);
        check("a \nb\n-- \nc", &[(0, "a"), (0, "b"), (0, "-- "), (0, "c")]);
        // Where a word that looks like a mark or a signature comes to stand at the start of a line.
        for word in [">", "From", "--"] {
            let text = format!("{} {word} {}", "x".repeat(75), "y ".repeat(60));
            check(&text, &[(0, text.trim_end())]);
        }
    }

    #[test]
    fn any_lines_flow() {
        let pieces = ["слово", " ", "  ", ">", "> ", "From ", "-- ", "x", "https://a.example/with/a/path", "-"];
        bolero::check!().with_iterations(2_000).with_type::<Vec<u8>>().for_each(|picks| {
            let line: String = picks.iter().map(|it| pieces[usize::from(*it) % pieces.len()]).collect();
            let expected = match line.trim_start_matches(' ').strip_prefix(QUOTE) {
                _ if line == SIGNATURE => (0, SIGNATURE.to_owned()),
                Some(quoted) => (1, quoted.trim_end_matches(' ').to_owned()),
                None => (0, line.trim_end_matches(' ').to_owned()),
            };
            assert_eq!(read(&flowed(&format!("{line}\nend"))), [expected, (0, "end".to_owned())], "{line:?}");
        });
    }
}
