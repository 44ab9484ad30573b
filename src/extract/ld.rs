//! Reads JSON-LD: what a page says of itself to programs, as objects of <https://schema.org>.
//!
//! Values are counted while they are read ([`json`](crate::text::json)), over all scripts of the page together, and
//! those beyond the limit are skipped.

use serde_json::{Map, Value};

use crate::text::{
    html,
    json::{self, Room},
};

/// Objects beyond this many are not looked at.
const MAX_OBJECTS: usize = 500;

/// A script of more bytes is not read.
const MAX_SCRIPT_BYTES: usize = 1024 * 1024;

/// Maximum bytes of memory for the values of a page. Of 2,190 news pages one took 5.3 million, the next 0.4.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The JSON-LD of a page.
#[derive(Debug, Clone)]
pub(super) struct Ld {
    /// The values of the scripts.
    roots: Vec<Value>,
    room: Room,
    /// Whether something was passed over.
    pub(super) is_cut: bool,
}

impl Default for Ld {
    fn default() -> Self {
        Self { roots: Vec::new(), room: Room::new(MAX_BYTES), is_cut: false }
    }
}

impl Ld {
    /// Reads a script; one that is not JSON is ignored.
    pub(super) fn read(&mut self, text: &str) {
        if text.len() > MAX_SCRIPT_BYTES {
            self.is_cut = true;
            return;
        }
        let read = lenient(text, |text| {
            // The room used for a script that turns out not to be JSON is given back.
            let mut room = self.room.for_another();
            let value = json::read(text, &mut room).ok()?;
            Some((value, room))
        });
        let Some((value, room)) = read else { return };
        self.is_cut |= room.is_short();
        self.room = room;
        self.roots.extend(value);
    }

    /// The objects, outer ones first. Each also contains the inner ones, which are returned as well.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.objects_inside().map(|it| it.0)
    }

    /// The same, and of each whether it stands inside an article, as the posts of a live blog do.
    pub(super) fn objects_inside(&self) -> impl Iterator<Item = (&Map<String, Value>, bool)> {
        let mut stack: Vec<(&Value, bool)> = self.roots.iter().rev().map(|it| (it, false)).collect();
        let next = move || loop {
            let (value, is_inside) = stack.pop()?;
            let within = |is_inside: bool| move |it| (it, is_inside);
            match value {
                Value::Array(items) => {
                    stack.extend(items.iter().rev().filter(|it| holds_more(it)).map(within(is_inside)));
                }
                Value::Object(map) => {
                    let is_article = is_inside || is_article(map);
                    stack.extend(map.values().rev().filter(|it| holds_more(it)).map(within(is_article)));
                    return Some((map, is_inside));
                }
                _ => (),
            }
        };
        std::iter::from_fn(next).take(MAX_OBJECTS)
    }

    /// The objects that are articles.
    pub(super) fn articles(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.objects().filter(|it| is_article(it))
    }

    /// The longest `articleBody`, as plain text.
    pub(super) fn article_body(&self) -> Option<String> {
        let bodies = self.objects().filter_map(|it| it.get("articleBody")?.as_str());
        let longest = bodies.max_by_key(|it| it.len())?;
        // Some are escaped once too often.
        let text = html::plain(longest);
        let text = if text.contains("</p>") || text.contains("&nbsp;") { html::plain(&text) } else { text };
        (!text.is_empty()).then_some(text)
    }
}

fn holds_more(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// The types that an object names.
pub(super) fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let value = object.get("@type");
    let one = value.and_then(Value::as_str);
    let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

/// Whether an object is an article.
pub(super) fn is_article(object: &Map<String, Value>) -> bool {
    types(object).any(is_article_type)
}

fn is_article_type(name: &str) -> bool {
    name.ends_with("Article") || matches!(name, "BlogPosting" | "LiveBlogPosting" | "Report" | "AnalysisNewsArticle")
}

/// Reads JSON as pages hold it: comment signs around it, line breaks inside strings.
pub(super) fn lenient<T>(text: &str, mut read: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let text = text.trim();
    let text = text.strip_prefix("<!--").and_then(|it| it.strip_suffix("-->")).unwrap_or(text);
    let text = text.trim().trim_start_matches("//<![CDATA[").trim_end_matches("//]]>");
    let text = text.trim().trim_end_matches(';');
    read(text).or_else(|| {
        let bare: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        read(&bare)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(data: &[&str]) -> Ld {
        let mut res = Ld::default();
        for it in data {
            res.read(it);
        }
        res
    }

    #[test]
    fn values_are_read_as_they_stand() {
        let text = r#"{"a":[1,-2,0.5,1e300,true,null,"b\n",{"c":{}},[[]]],"a b":"x","a":[2]}"#;
        assert_eq!(of(&[text]).roots, [serde_json::from_str::<Value>(text).unwrap()]);
        assert_eq!(of(&["[1", "{} x", "", "1", "<!-- //<![CDATA[ \"a\nb\" //]]> -->"]).roots, [json!(1), json!("a b")]);
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        assert!(of(&[&deep]).roots.is_empty());
    }

    #[test]
    fn objects_come_in_order_the_outer_ones_first() {
        let ld = of(&[r#"{"name":"a","b":{"name":"b"},"c":[{"name":"c","d":{"name":"d"}}],"e":{"name":"e"}}"#, "[{}]"]);
        let names: Vec<_> = ld.objects().map(|it| it.get("name").and_then(Value::as_str)).collect();
        assert_eq!(names, [Some("a"), Some("b"), Some("c"), Some("d"), Some("e"), None]);
        assert_eq!(of(&[&format!("[{}]", vec!["{}"; 600].join(","))]).objects().count(), MAX_OBJECTS);
        let post = r#"{"@type":"BlogPosting"}"#;
        let live = format!(r#"{{"a":{post},"@type":"LiveBlogPosting","liveBlogUpdate":[{post}]}}"#);
        let ld = of(&[&live, &format!(r#"{{"@graph":[{post}]}}"#)]);
        let inside: Vec<_> = ld.objects_inside().map(|it| it.1).collect();
        assert_eq!(inside, [false, true, true, false, false]);
    }

    // One megabyte took 129, four scripts of one 406.
    #[test]
    fn small_values_are_read_as_far_as_there_is_room() {
        let article = r#"{"@type":"NewsArticle","headline":"Talks begin"}"#;
        for item in ["1", "[]", "{}", r#"{"":1}"#, r#""a""#, "[[[1]]]"] {
            let many = format!("[{article},{}]", vec![item; 900_000 / (item.len() + 1)].join(","));
            let ld = of(&[many.as_str(); 4]);
            assert!(ld.is_cut, "{item}");
            assert!(json::held(&Value::Array(ld.roots.clone())) <= MAX_BYTES + 1_000, "{item}");
            assert_eq!(ld.articles().next(), json!({"@type": "NewsArticle", "headline": "Talks begin"}).as_object());
        }
        // A long text is no small value, and a small page is read whole.
        let text = format!(r#"{{"@type":"NewsArticle","articleBody":"{}"}}"#, "word ".repeat(200_000));
        assert!(!of(&[&text, article]).is_cut);
        assert!(of(&[&" ".repeat(MAX_SCRIPT_BYTES + 1)]).is_cut);
    }
}
