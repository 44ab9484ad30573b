//! JSON that somebody else wrote, read within limits.
//!
//! A document may hold megabytes of small values, and a tree of them takes ninety times their bytes. So values are
//! counted while they are read, and those beyond the limit are skipped: the beginning is kept. For a long list no tree
//! is made at all: it is cut into the [text of its values](items), and each is read separately.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::capped;

/// Bytes of a value besides its content: its place in a list that doubles when it is full.
const VALUE_BYTES: usize = 64;
/// Further bytes of a list or a text: a heap allocation of at least four places.
const LIST_BYTES: usize = 144;
/// Further bytes of an object: a node of a B-tree, with room for eleven entries.
const OBJECT_BYTES: usize = 656;
/// Bytes of an entry of an object besides its key and value: nodes are half full.
const ENTRY_BYTES: usize = 112;

/// How much memory further values may take.
#[derive(Debug, Clone)]
pub struct Room {
    left: usize,
    max_text_bytes: usize,
    is_short: bool,
}

impl Room {
    /// Room of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self { left: bytes, max_text_bytes: usize::MAX, is_short: false }
    }

    /// The same room, but with at most `max_bytes` read of each text.
    #[must_use]
    pub fn with_texts_of(self, max_bytes: usize) -> Self {
        Self { max_text_bytes: max_bytes, ..self }
    }

    /// Whether a value was skipped.
    pub fn is_short(&self) -> bool {
        self.is_short
    }

    /// A new room of the remaining size, for another document.
    #[must_use]
    pub fn for_another(&self) -> Self {
        Self { is_short: false, ..self.clone() }
    }

    fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.is_short = true,
        }
        // After a large value without room, smaller ones are skipped too: the beginning is read, not a selection.
        !self.is_short
    }
}

/// Reads a document's value as far as there is room; `None` if there is none at all.
///
/// # Errors
///
/// What `serde_json` says of a document that is no JSON.
pub fn read(text: &str, room: &mut Room) -> Result<Option<Value>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Bounded(room).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The text of the first value in `text`, whatever follows it.
///
/// # Errors
///
/// What `serde_json` says where no value starts there, or one that does not end.
pub fn first(text: &str) -> Result<&str, serde_json::Error> {
    first_of::<Sound>(text)
}

fn first_of<'a, T: Deserialize<'a>>(text: &'a str) -> Result<&'a str, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    match values.next() {
        Some(it) => it.map(|_| text.get(..values.byte_offset()).unwrap_or_default().trim_start()),
        None => Ok(""),
    }
}

/// Checks that the whole of `text` is one value with valid numbers and at most 128 levels of nesting.
///
/// # Errors
///
/// What `serde_json` says where it is not.
pub fn check(text: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<Sound>(text).map(|_| ())
}

/// The texts of the values of a list; none of anything else.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start().strip_prefix('[').unwrap_or_default();
    std::iter::from_fn(move || next_value(&mut rest))
}

/// The keys of an object with the texts of their values; none of anything else.
pub fn entries(text: &str) -> impl Iterator<Item = (String, &str)> {
    let mut rest = text.trim_start().strip_prefix('{').unwrap_or_default();
    std::iter::from_fn(move || {
        let key = serde_json::from_str(next_value(&mut rest)?).ok()?;
        rest = rest.trim_start().strip_prefix(':')?;
        Some((key, next_value(&mut rest)?))
    })
}

/// The text of the value that a JSON Pointer (RFC 6901) names in `text`.
pub fn at<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
    let Some(path) = pointer.strip_prefix('/') else { return Some(text.trim()).filter(|_| pointer.is_empty()) };
    path.split('/').try_fold(text.trim_start(), |text, key| match text.starts_with('[') {
        true => items(text)
            .nth(key.parse().ok().filter(|_| !key.starts_with('+') && (key == "0" || !key.starts_with('0')))?),
        false => {
            let key = key.replace("~1", "/").replace("~0", "~");
            entries(text).filter(|(it, _)| *it == key).last().map(|(_, it)| it)
        }
    })
}

/// The entries of an object under `keys`, as far as there is room. A value that cannot be read is left out.
pub fn object(text: &str, keys: &[&str], room: &mut Room) -> Map<String, Value> {
    let known = entries(text).filter(|(key, _)| keys.contains(&key.as_str()));
    known.filter_map(|(key, it)| Some((key, read(it, room).ok()??))).collect()
}

/// The text of the next value in a list or an object.
fn next_value<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let text = text.strip_prefix(',').unwrap_or(text).trim_start();
    let value = first_of::<IgnoredAny>(text).ok().filter(|it| !it.is_empty())?;
    *rest = text.get(value.len()..)?;
    Some(value)
}

/// Any value. Unlike `IgnoredAny` it checks numbers and the depth of nesting.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Self;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while entries.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

struct Bounded<'a>(&'a mut Room);

impl Bounded<'_> {
    fn scalar(self, value: impl Into<Value>) -> Option<Value> {
        self.0.take(VALUE_BYTES).then(|| value.into())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<Value>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Option<Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(self.scalar(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<Value>, E> {
        Ok(self.scalar(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<Value>, E> {
        Ok(self.scalar(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<Value>, E> {
        Ok(self.scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(self.scalar(()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<Value>, E> {
        let value = capped(value, self.0.max_text_bytes);
        Ok(self.0.take(LIST_BYTES + value.len()).then(|| value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<Value>, A::Error> {
        let mut res = self.0.take(VALUE_BYTES + LIST_BYTES).then(Vec::new);
        while let Some(item) = items.next_element_seed(Bounded(self.0))? {
            if let (Some(res), Some(item)) = (&mut res, item) {
                res.push(item);
            }
        }
        Ok(res.map(Value::Array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Option<Value>, A::Error> {
        if !self.0.take(VALUE_BYTES + OBJECT_BYTES) {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(None);
        }
        let mut res = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !self.0.take(ENTRY_BYTES + key.len()) {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            if let Some(value) = entries.next_value_seed(Bounded(self.0))? {
                res.insert(key, value);
            }
        }
        Ok(Some(Value::Object(res)))
    }
}

/// The approximate bytes that a value takes.
#[cfg(test)]
pub(crate) fn held(value: &Value) -> usize {
    match value {
        Value::String(it) => LIST_BYTES + it.len(),
        Value::Array(items) => VALUE_BYTES + LIST_BYTES + items.iter().map(held).sum::<usize>(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, it)| ENTRY_BYTES + key.len() + held(it)).sum::<usize>();
            VALUE_BYTES + OBJECT_BYTES + entries
        }
        _ => VALUE_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_far_as_there_is_room() {
        let text = r#"{"a":[1,-2,0.5,1e300,true,null,"b\n",{"c":{}},[[]]],"a b":"x","a":[2]}"#;
        let mut room = Room::new(10_000);
        let value = read(text, &mut room).unwrap().unwrap();
        assert_eq!((value, room.is_short()), (serde_json::from_str(text).unwrap(), false));

        let mut room = Room::new(2_000);
        let value = read(&format!("[1,\"a\",{}]", vec!["{}"; 100].join(",")), &mut room).unwrap().unwrap();
        assert!(room.is_short() && held(&value) <= 2_000 && value.pointer("/1") == Some(&"a".into()), "{value}");
        let mut room = Room::new(1_000).with_texts_of(5);
        let value = read(r#"["нато и все", "a\u0062c"]"#, &mut room).unwrap().unwrap();
        assert_eq!((value, room.is_short()), (serde_json::json!(["на", "abc"]), false));
        assert!(read("[1", &mut Room::new(1_000)).is_err() && read("[1", &mut Room::new(0)).is_err());
    }

    #[test]
    fn lists_and_objects_are_cut_into_their_values() {
        let cut = |text| items(text).collect::<Vec<_>>();
        assert_eq!(cut(" [1, \"a,]\" ,{\"b\":[2]},[[],3],null ] x"), ["1", "\"a,]\"", "{\"b\":[2]}", "[[],3]", "null"]);
        assert_eq!([cut("[]"), cut("{\"a\":1}"), cut("7"), cut(""), cut("[}")], [[""; 0]; 5]);
        assert_eq!(cut("[1,2"), ["1", "2"]);
        let of = |text| entries(text).collect::<Vec<_>>();
        assert_eq!(
            of(r#"{"a\u0062" : [1] , "c":{"d":2},"a":"}"}"#),
            [("ab".to_owned(), "[1]"), ("c".to_owned(), "{\"d\":2}"), ("a".to_owned(), "\"}\"")]
        );
        assert_eq!([of("{}"), of("[\"a\",1]"), of("{\"a\"}"), of("{1:2}")], [const { Vec::new() }; 4]);
        let text = r#" {"a":[1,{"b/c~":[[2,3]]}],"":4,"a ":5} "#;
        for (pointer, expected) in [
            ("", Some(text.trim())),
            ("/a/1/b~1c~0/0/1", Some("3")),
            ("/a/0", Some("1")),
            ("/", Some("4")),
            ("/a/01", None),
            ("/a/+1", None),
            ("/a/2", None),
            ("/a/b", None),
            ("/a/0/0", None),
            ("a", None),
        ] {
            assert_eq!(at(text, pointer), expected, "{pointer}");
        }
        let read = object(r#"{"a":1,"b":1e999,"c":[{}],"d":2}"#, &["a", "b", "c"], &mut Room::new(10_000));
        assert_eq!(Value::Object(read), serde_json::json!({"a": 1, "c": [{}]}));
        assert_eq!(first(" {\"a\": 1}; x").ok(), Some("{\"a\": 1}"));
        assert!(first("{\"a\"").is_err() && first("[1e999]").is_err() && first(" ").is_ok_and(str::is_empty));
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        for (text, is_sound) in [
            ("[1, -2, 3.5, true, null, {\"a\": \"\\n\"}]", true),
            ("1 2", false),
            ("[NaN]", false),
            ("[{\"a\": 1e999}]", false),
            ("", false),
            (&deep(100), true),
            (&deep(1_000), false),
        ] {
            assert_eq!(check(text).is_ok(), is_sound, "{text}");
        }
    }
}
