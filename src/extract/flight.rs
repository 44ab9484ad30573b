//! The stream in which the app router of Next.js sends what a page is drawn from.
//!
//! Scripts `self.__next_f.push([1,"…"])` hold its pieces. A row of it is a number in base 16, a colon and a value up to the
//! end of the line; a row of text is `T`, its bytes in base 16, a comma and so many bytes.

use serde_json::Value;

/// Rows beyond this many are not read. The longest of 29 pages had 600.
const MAX_ROWS: usize = 10_000;

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
    while let Some((id, after)) = rest.split_once(':').filter(|_| res.len() < MAX_ROWS) {
        if !id.trim_start().bytes().all(|it| it.is_ascii_hexdigit()) {
            // No beginning of a row: on with the next line.
            rest = rest.split_once('\n').map_or("", |it| it.1);
            continue;
        }
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
    let (length, rest) = row.strip_prefix('T')?.split_once(',')?;
    rest.split_at_checked(usize::from_str_radix(length, 16).ok()?)
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
    }
}
