//! Reads the stream in which the app router of Next.js sends the data of a page.
//!
//! Scripts `self.__next_f.push([1,"…"])` hold its pieces. A row of it is a number in base 16, a colon and a value up to
//! the end of the line; a row of text is `T`, its bytes in base 16, a comma and so many bytes.

/// Rows beyond this many are not read. The longest of 29 pages had 600.
const MAX_ROWS: usize = 10_000;
/// Maximum bytes of a number: if none has ended by then, no row begins.
const MAX_NUMBER_BYTES: usize = 16;

/// The piece that a script holds; none where it holds something else.
pub(super) fn piece(script: &str) -> Option<String> {
    let (_, rest) = script.trim().split_once("__next_f.push(")?;
    let rest = rest.trim_end().trim_end_matches(';').strip_suffix(')')?;
    let (kind, text): (u8, String) = serde_json::from_str(rest).ok()?;
    (kind == 1).then_some(text)
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// Text.
    Text(&'a str),
    /// JSON, or something else.
    Value(&'a str),
}

/// All rows.
pub(super) fn rows(stream: &str) -> impl Iterator<Item = Row<'_>> {
    let mut rest = stream;
    let next = move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let begun = number(rest, b':').filter(|it| it.0.trim_start().bytes().all(|it| it.is_ascii_hexdigit()));
            let Some((_, after)) = begun else {
                // No beginning of a row: on with the next line.
                rest = rest.split_once('\n').map_or("", |it| it.1);
                continue;
            };
            if let Some((text, after)) = text(after) {
                rest = after;
                return Some(Row::Text(text));
            }
            let (line, after) = after.split_once('\n').unwrap_or((after, ""));
            rest = after;
            return Some(Row::Value(line));
        }
    };
    std::iter::from_fn(next).take(MAX_ROWS)
}

/// The text of a row, and what stands behind it.
fn text(row: &str) -> Option<(&str, &str)> {
    let (length, rest) = number(row.strip_prefix('T')?, b',')?;
    rest.split_at_checked(usize::from_str_radix(length, 16).ok()?)
}

/// The text before and after a mark. The mark is searched for only nearby: a stream without any would otherwise be read
/// to its end for each line.
fn number(row: &str, mark: u8) -> Option<(&str, &str)> {
    let at = row.bytes().take(MAX_NUMBER_BYTES + 1).position(|it| it == mark)?;
    Some((row.get(..at)?, row.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_holds_a_piece() {
        assert_eq!(piece(r#"self.__next_f.push([1,"0:\"a\"\n"])"#), Some("0:\"a\"\n".to_owned()));
        assert_eq!(piece("self.__next_f.push([0])"), None);
        assert_eq!(piece("self.__next_f=self.__next_f||[]"), None);
        assert_eq!(piece(r#"self.__next_f.push([1,"open"#), None);
    }

    #[track_caller]
    fn check(stream: &str, expected: &[Row<'_>]) {
        assert_eq!(rows(stream).collect::<Vec<_>>(), expected, "{stream}");
    }

    #[test]
    fn rows_are_values_or_texts() {
        let text = "<p>Քաղաքը սպասում է։</p>\n<p>12:30</p>";
        let stream =
            format!("0:{{\"a\":[1]}}\n1:I[\"x\",[]]\n1a:T{:x},{text}2:\"$1a\"\nnoise: x\n3:null\n", text.len());
        let value = Row::Value;
        check(
            &stream,
            &[value(r#"{"a":[1]}"#), value(r#"I["x",[]]"#), Row::Text(text), value(r#""$1a""#), value("null")],
        );
        check("4:Tffff,short", &[value("Tffff,short")]);
        check("4:T2,é:", &[Row::Text("é"), value("")]);
        check("4:T1,é", &[value("T1,é")]);
        check("", &[]);
        check("12345678901234567:1", &[]);
    }

    #[test]
    fn lines_that_are_no_rows_are_few() {
        assert_eq!(rows(&("g\n".repeat(1_000_000) + ":")).count(), 1);
        assert_eq!(rows(&("0:T\n".repeat(1_000_000) + ",")).count(), MAX_ROWS);
    }
}
