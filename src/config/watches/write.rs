//! Changes `watches.toml` and leaves everything else in it unchanged.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::config::blocks;

/// `text` with a watch at its end.
pub fn with_watch(text: &str, name: &str, query: &str) -> String {
    let mut block = Table::new();
    block.insert("name", toml_edit::value(name));
    block.insert("query", toml_edit::value(query));
    let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}{gap}[[watch]]\n{block}")
}

/// `text` without a watch and the comment right above it; `None` where there is no such watch.
pub fn without_watch(text: &str, name: &str) -> Option<String> {
    blocks::without(text, "watch", |it| is_of(it, name))
}

/// What becomes of a spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'t> {
    /// It is looked for like this term of the query.
    Accept(&'t str),
    /// It counts as no hit.
    Ban,
}

/// `text` with a spelling accepted for a watch or banned, and no longer the other; `None` where there is no such watch.
pub fn with_alias(text: &str, name: &str, form: &str, verdict: Verdict<'_>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let blocks = document.get_mut("watch")?.as_array_of_tables_mut()?;
    let block = blocks.iter_mut().find(|it| is_of(it, name))?;
    take_back(block, form, verdict);
    let list = match verdict {
        Verdict::Ban => {
            block.entry("except").or_insert_with(|| Item::Value(Value::Array(Array::new()))).as_array_mut()?
        }
        Verdict::Accept(term) => {
            let aliases = block.entry("aliases").or_insert_with(|| Item::Value(Value::InlineTable(InlineTable::new())));
            let list = aliases.as_table_like_mut()?.entry(term);
            list.or_insert_with(|| Item::Value(Value::Array(Array::new()))).as_array_mut()?
        }
    };
    if !list.iter().any(|it| it.as_str() == Some(form)) {
        list.push(form);
    }
    Some(document.to_string())
}

/// Removes an earlier verdict that this one contradicts.
fn take_back(block: &mut Table, form: &str, verdict: Verdict<'_>) {
    let is_other = |it: &Value| it.as_str().is_none_or(|it| crate::text::fold(it) != crate::text::fold(form));
    match verdict {
        Verdict::Accept(_) => {
            if let Some(except) = block.get_mut("except").and_then(Item::as_array_mut) {
                except.retain(is_other);
            }
        }
        Verdict::Ban => {
            let aliases = block.get_mut("aliases").and_then(Item::as_table_like_mut);
            for list in aliases.into_iter().flat_map(|it| it.iter_mut()).filter_map(|it| it.1.as_array_mut()) {
                list.retain(is_other);
            }
        }
    }
}

fn is_of(block: &Table, name: &str) -> bool {
    block.get("name").and_then(Item::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WatchesFile;

    const TEXT: &str = "# Mine.\n\n# The man.\n[[watch]]\nname = \"a\"\nquery = \"Vinnikov\"\n";

    fn rules(text: &str) -> Vec<crate::watch::WatchRule> {
        toml_edit::de::from_str::<WatchesFile>(text).unwrap().rules()
    }

    #[test]
    fn adds_and_removes() {
        let more = with_watch(TEXT, "b \"c\"", "\"Nikol Pashinyan\" AND ITPP");
        assert!(more.starts_with(TEXT));
        assert_eq!(rules(&more)[1].query.as_deref(), Some("\"Nikol Pashinyan\" AND ITPP"));
        assert_eq!(rules(&more)[1].name, "b \"c\"");
        assert_eq!(without_watch(&more, "b \"c\"").map(|it| rules(&it).len()), Some(1));
        assert_eq!(without_watch(TEXT, "none"), None);
        assert_eq!(rules(&with_watch("", "a", "NATO")).len(), 1);
    }

    #[test]
    fn keeps_verdicts_on_spellings_with_the_watch() {
        let text = with_alias(TEXT, "a", "Vinikoff", Verdict::Accept("Vinnikov")).unwrap();
        let text = with_alias(&text, "a", "Vinikoff", Verdict::Accept("Vinnikov")).unwrap();
        let text = with_alias(&text, "a", "Vinnikov Street", Verdict::Ban).unwrap();
        assert!(text.starts_with("# Mine.\n\n# The man.\n"));
        let rule = rules(&text).remove(0);
        assert_eq!(rule.aliases, [("Vinnikov".to_owned(), vec!["Vinikoff".to_owned()])]);
        assert_eq!(rule.except, ["Vinnikov Street"]);
        assert_eq!(with_alias(TEXT, "none", "x", Verdict::Ban), None);
        // The last word counts.
        let text = with_alias(&text, "a", "vinikoff", Verdict::Ban).unwrap();
        let rule = rules(&text).remove(0);
        assert_eq!(rule.aliases.iter().flat_map(|it| &it.1).count(), 0);
        assert_eq!(rule.except, ["Vinnikov Street", "vinikoff"]);
        let text = with_alias(&text, "a", "Vinikoff", Verdict::Accept("Vinnikov")).unwrap();
        let rule = rules(&text).remove(0);
        assert_eq!(
            (rule.aliases[0].1.as_slice(), rule.except.as_slice()),
            (&["Vinikoff".to_owned()][..], &["Vinnikov Street".to_owned()][..])
        );
    }
}
