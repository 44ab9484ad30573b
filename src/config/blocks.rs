//! Blocks (`[[source]]`, `[[watch]]`) taken out of a file that people write.

use toml_edit::{DocumentMut, Table};

/// `text` without a block of `[[kind]]` and the comment right above it; `None` if no block satisfies `is_it`.
///
/// What is further above stays: a heading, or the head of the file, which TOML counts to its first block.
pub(super) fn without(text: &str, kind: &str, is_it: impl Fn(&Table) -> bool) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let blocks = document.get_mut(kind)?.as_array_of_tables_mut()?;
    let at = blocks.iter().position(is_it)?;
    let above = blocks.get(at)?.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
    // Up to the last empty line, whatever the ends of lines are.
    let lines = above.split_inclusive('\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end, line))
    });
    let end = lines.filter(|(_, line)| line.ends_with('\n') && line.trim().is_empty()).map(|it| it.0).last();
    let kept = end.and_then(|it| above.get(..it)).filter(|it| !it.trim().is_empty()).unwrap_or_default().to_owned();
    blocks.remove(at);
    match blocks.get_mut(at) {
        Some(next) => {
            let below = next.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
            let joined = join(&kept, below);
            next.decor_mut().set_prefix(joined);
        }
        None => {
            let joined = join(&kept, document.trailing().as_str().unwrap_or_default());
            document.set_trailing(joined);
        }
    }
    Some(document.to_string())
}

/// What stood above a block and above the next, with one empty line in between.
fn join(above: &str, below: &str) -> String {
    format!("{above}{}", if above.is_empty() { below } else { below.trim_start_matches(['\r', '\n']) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_block_and_no_more() {
        let text = "# The head,\n# of two lines.\n\n# ── North ──\n\n# The first.\n[[a]]\nid = 1 # one\n\n# ── South ──\n\n\
                    [[a]]\nid = 2\n\n[[a]]\nid = 3\n# Off: gone.\n# [[a]]\n";
        let check = |text: &str, id: i64, expected: Option<&str>| {
            let found = without(text, "a", |it| it.get("id").and_then(toml_edit::Item::as_integer) == Some(id));
            assert_eq!(found.as_deref(), expected, "{id}");
            found
        };
        let first = "# The head,\n# of two lines.\n\n# ── North ──\n\n# ── South ──\n\n\
                     [[a]]\nid = 2\n\n[[a]]\nid = 3\n# Off: gone.\n# [[a]]\n";
        check(text, 1, Some(first));
        let second =
            "# The head,\n# of two lines.\n\n# ── North ──\n\n# ── South ──\n\n[[a]]\nid = 3\n# Off: gone.\n# [[a]]\n";
        check(first, 2, Some(second));
        check(
            second,
            3,
            Some("# The head,\n# of two lines.\n\n# ── North ──\n\n# ── South ──\n\n# Off: gone.\n# [[a]]\n"),
        );
        check(text, 4, None);
        check("a = 1\n", 1, None);
        check("[[a]]\nid = 1\n", 1, Some(""));
        check("# Head.\r\n \r\n# One.\r\n[[a]]\r\nid = 1\r\n", 1, Some("# Head.\n \n"));
    }
}
