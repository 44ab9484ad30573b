//! The stream in which the app router of Next.js sends what a page is drawn from.
//!
//! Scripts `self.__next_f.push([1,"…"])` hold its pieces. A row of it is a number in base 16, a colon and a value up to the
//! end of the line; a row of text is `T`, its bytes in base 16, a comma and so many bytes.

use serde_json::Value;

/// Rows beyond this many are not read. The longest of 29 pages had 600.
const MAX_ROWS: usize = 10_000;
/// Bytes of a number at most: where none has ended by then, no row begins.
const MAX_NUMBER_BYTES: usize = 16;

/// The piece that a script holds; none where it holds something else.
pub(super) fn piece(script: &str) -> Option<String> {
    let (_, rest) = script.trim().split_once("__next_f.push(")?;
    let rest = rest.trim_end().trim_end_matches(';').strip_suffix(')')?;
    let (kind, text): (u8, String) = serde_json::from_str(rest).ok()?;
    (kind == 1).then_some(text)
}

/// The values of all rows.
pub(super) fn rows(stream: &str) -> Value {
    let mut res = Vec::new();
    let mut rest = stream;
    for _ in 0..MAX_ROWS {
        let begun = number(rest, b':').filter(|it| it.0.trim_start().bytes().all(|it| it.is_ascii_hexdigit()));
        let Some((_, after)) = begun else {
            // No beginning of a row: on with the next line.
            rest = rest.split_once('\n').map_or("", |it| it.1);
            continue;
        };
        if let Some((text, after)) = text(after) {
            res.push(Value::String(text.to_owned()));
            rest = after;
            continue;
        }
        let (line, after) = after.split_once('\n').unwrap_or((after, ""));
        res.extend(serde_json::from_str(line).ok());
        rest = after;
    }
    Value::Array(res)
}

/// The text of a row, and what stands behind it.
fn text(row: &str) -> Option<(&str, &str)> {
    let (length, rest) = number(row.strip_prefix('T')?, b',')?;
    rest.split_at_checked(usize::from_str_radix(length, 16).ok()?)
}

/// What stands before a mark, and what behind it. The mark is looked for near by only: a stream without any would be read to
/// its end for each line.
fn number(row: &str, mark: u8) -> Option<(&str, &str)> {
    let at = row.bytes().take(MAX_NUMBER_BYTES + 1).position(|it| it == mark)?;
    Some((row.get(..at)?, row.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_script_holds_a_piece() {
        assert_eq!(piece(r#"self.__next_f.push([1,"0:\"a\"\n"])"#), Some("0:\"a\"\n".to_owned()));
        assert_eq!(piece("self.__next_f.push([0])"), None);
        assert_eq!(piece("self.__next_f=self.__next_f||[]"), None);
        assert_eq!(piece(r#"self.__next_f.push([1,"open"#), None);
    }

    #[test]
    fn rows_are_values_or_texts() {
        let text = "<p>Քաղաքը սպասում է։</p>\n<p>12:30</p>";
        let stream =
            format!("0:{{\"a\":[1]}}\n1:I[\"x\",[]]\n1a:T{:x},{text}2:\"$1a\"\nnoise: x\n3:null\n", text.len());
        assert_eq!(rows(&stream), json!([{"a": [1]}, text, "$1a", null]));
        assert_eq!(rows("4:Tffff,short"), json!([]));
        assert_eq!(rows("4:T2,é:"), json!(["é"]));
        assert_eq!(rows("4:T1,é"), json!([]));
        assert_eq!(rows(""), json!([]));
        assert_eq!(rows("12345678901234567:1"), json!([]));
    }

    #[test]
    fn lines_that_are_no_rows_are_few() {
        let streams = [("g\n".repeat(1_000_000) + ":"), ("0:T\n".repeat(1_000_000) + ",")];
        for stream in streams {
            assert_eq!(rows(&stream), json!([]));
        }
    }
}
