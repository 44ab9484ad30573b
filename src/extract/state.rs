//! The state that scripts draw a page from: what Next.js and Inertia leave in it as JSON.
//!
//! Only the longest text in it is wanted. It is found while the state is read, without building a tree of its values,
//! which would take ninety times the bytes of small values.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::{html, is_sentence_end, json};

use super::flight::Row;

/// State that is longer is not read.
pub(super) const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The names under which an item of a list has its text, the most usual first.
const NAMES: [&str; 5] = ["text", "content", "value", "html", "body"];

/// The longest text in a state: one string, or the strings of one list.
pub(super) fn text(state: &str) -> Option<String> {
    super::ld::lenient(state, read).and_then(|it| it.0.text())
}

/// Whether a text is JSON, as far as pages write it so.
pub(super) fn is_one(text: &str) -> bool {
    super::ld::lenient(text, |it| json::check(it).ok()).is_some()
}

/// The longest text in the rows of a stream, which are a list too.
pub(super) fn text_of_rows<'a>(rows: impl Iterator<Item = Row<'a>>) -> Option<String> {
    let (mut finder, mut list) = (Finder::default(), List::default());
    for row in rows {
        match row {
            Row::Text(text) => {
                finder.offer_string(text);
                list.add(text.to_owned());
            }
            Row::Value(line) => {
                if let Some((found, item)) = read(line) {
                    finder.offer(found);
                    item.text().into_iter().for_each(|it| list.add(it));
                }
            }
        }
    }
    list.end(&mut finder);
    finder.text()
}

fn read(text: &str) -> Option<(Finder, Item)> {
    let mut finder = Finder::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let item = Seek(&mut finder).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some((finder, item))
}

/// The longest text so far, unprocessed.
#[derive(Default)]
struct Finder {
    /// Its length without tags, in bytes.
    length: usize,
    texts: Vec<String>,
}

impl Finder {
    fn offer(&mut self, other: Self) {
        if other.length > self.length {
            *self = other;
        }
    }

    fn offer_string(&mut self, text: &str) {
        // Without tags it cannot be longer.
        if text.len() > self.length && is_prose(text) {
            self.offer(Self { length: without_tags(text).len(), texts: vec![text.to_owned()] });
        }
    }

    /// The text, one string a line. Parsed only at the end: parsing each candidate would cost more than reading the
    /// page.
    fn text(self) -> Option<String> {
        let texts = self.texts.iter().map(|it| html::plain(it)).filter(|it| !it.is_empty());
        Some(texts.collect::<Vec<_>>().join("\n")).filter(|it| !it.is_empty())
    }
}

/// The texts of a list.
#[derive(Default)]
struct List {
    found: Finder,
    n_prose: usize,
}

impl List {
    fn add(&mut self, text: String) {
        let bare = without_tags(&text);
        let bare = bare.trim();
        if bare.is_empty() {
            return;
        }
        self.n_prose += usize::from(is_prose(bare));
        // With the end of its line.
        self.found.length += bare.len() + 1;
        self.found.texts.push(text);
    }

    fn end(self, finder: &mut Finder) {
        if self.n_prose >= 2 && self.n_prose * 2 >= self.found.texts.len() {
            finder.offer(self.found);
        }
    }
}

/// A text without anything that looks like a tag. Used for its length only.
fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split('<');
    let mut res = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_tag = piece.starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '/' | '!'));
        res.push_str(match piece.split_once('>') {
            Some((_, text)) if is_tag => text,
            None if is_tag => "",
            _ => piece,
        });
    }
    Cow::Owned(res)
}

/// What a value is for the list that holds it.
enum Item {
    String(String),
    /// An object, with the text that it has under a usual name.
    Object(Option<String>),
    Other,
}

impl Item {
    fn text(self) -> Option<String> {
        match self {
            Self::String(it) => Some(it),
            Self::Object(it) => it,
            Self::Other => None,
        }
    }
}

struct Seek<'a>(&'a mut Finder);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Item, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Item;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Item, E> {
        self.0.offer_string(text);
        Ok(Item::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
        let mut list = List::default();
        while let Some(item) = items.next_element_seed(Seek(self.0))? {
            item.text().into_iter().for_each(|it| list.add(it));
        }
        list.end(self.0);
        Ok(Item::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Item, A::Error> {
        let mut named: Option<(usize, String)> = None;
        while let Some(key) = entries.next_key::<String>()? {
            let item = entries.next_value_seed(Seek(self.0))?;
            let rank = NAMES.iter().position(|it| *it == key);
            if let (Some(rank), Item::String(text)) = (rank, item)
                && named.as_ref().is_none_or(|(best, _)| rank <= *best)
            {
                named = Some((rank, text));
            }
        }
        Ok(Item::Object(named.map(|it| it.1)))
    }
}

/// Whether a string consists of sentences rather than code, addresses or a list of names.
fn is_prose(text: &str) -> bool {
    text.len() > 60
        && text.split_whitespace().count() >= 8
        && text.contains(is_sentence_end)
        && !text.trim_start().starts_with(['{', '[', '@', '#'])
        && !text.contains("function")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str =
        "The delegation arrived on Monday evening, and the talks about the bridge began at once in the old town hall.";

    #[track_caller]
    fn check(state: &str, expected: &[&str]) {
        assert_eq!(text(state), (!expected.is_empty()).then(|| expected.join("\n")), "{state}");
    }

    #[test]
    fn the_longest_text_is_found() {
        let long = format!("{SENTENCE} {SENTENCE}");
        check(&format!(r#"{{"a":"{SENTENCE}","b":[1,-1,0.5,true,null,{{"c":"{long}"}}],"d":"{SENTENCE}"}}"#), &[&long]);
        check(
            &format!(r#"["{SENTENCE}",{{"html":"<p>{SENTENCE}</p>","text":""}},{{"text":"{SENTENCE}","a":1}}]"#),
            &[SENTENCE, SENTENCE],
        );
        // Markup makes none longer, and what is no tag stays.
        let links = format!("<a href='/{}'>{SENTENCE}</a>", "x".repeat(500));
        check(&format!(r#"{{"a":"{links}","b":"{long}"}}"#), &[&long]);
        check(
            &format!(r#"["<p>{SENTENCE} 1 < 2.</p>","<i></i>","<p>{SENTENCE}</p>"]"#),
            &[&format!("{SENTENCE} 1 < 2."), SENTENCE],
        );
        // Of two names the more usual one, wherever it stands.
        let item = format!(r#"{{"body":"no","content":"{SENTENCE}","value":"no"}}"#);
        check(&format!("[{item},{item}]"), &[SENTENCE, SENTENCE]);
        // An object that holds its text deeper is none of the list, and mere labels are no text.
        check(&format!(r#"[{{"text":{{"text":"{SENTENCE}"}}}},{{"text":{{"text":"{SENTENCE}"}}}}]"#), &[SENTENCE]);
        check(r#"["One","Two",{"text":"Three"}]"#, &[]);
    }

    #[test]
    fn what_is_no_json_has_no_text() {
        for state in [format!("[\"{SENTENCE}\""), format!("[\"{SENTENCE}\"] x"), "[".repeat(1_000), String::new()] {
            check(&state, &[]);
        }
    }
}
