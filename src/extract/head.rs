//! What a page says about itself: `<meta>`, `<link>`, `<title>`, JSON-LD and `<time>`.

use scraper::{ElementRef, Html};
use serde_json::{Map, Value};

use crate::text::{capped, html, one_line};

use super::flight;

/// Objects of JSON-LD beyond this many are not looked at.
const MAX_OBJECTS: usize = 500;

/// Values of JSON-LD that are copied out of the objects around them, at most. Those of news pages hold some hundreds; objects that
/// lie inside each other a hundred times deep would be copied a hundred times.
const MAX_COPIED: usize = 50_000;

/// `<meta>` elements beyond this many are not looked at. The most of 1,500 news pages were 140.
const MAX_METAS: usize = 1_000;

/// JSON-LD of more bytes is not read.
const MAX_LD_BYTES: usize = 1024 * 1024;

/// State from which scripts draw a page that is longer is not read: of small values it takes thirty times its bytes of memory.
const MAX_STATE_BYTES: usize = 2 * 1024 * 1024;

/// Dates in scripts beyond this many are not looked at.
const MAX_SCRIPT_DATES: usize = 40;

/// What a key says about the date beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// That something was published then.
    Published,
    /// That something was changed then.
    Modified,
    /// That something was made then.
    Created,
}

/// What a page says about itself, as it stands there.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// Name or property in lower case, and content, in document order.
    metas: Vec<(String, String)>,
    /// The `<title>`.
    pub(super) title: Option<String>,
    /// Relation in lower case, and address.
    pub(super) links: Vec<(String, String)>,
    /// Addresses that programs leave in texts that they write.
    pub(super) hrefs: Vec<String>,
    /// The language of the root element.
    pub(super) language: Option<String>,
    /// The objects of JSON-LD, those inside others too.
    pub(super) objects: Vec<Map<String, Value>>,
    /// Dates that scripts give beside a key, and what the key says.
    pub(super) script_dates: Vec<(Key, String)>,
    /// The state that Next.js and Inertia leave in the page.
    pub(super) state: Option<Value>,
    /// The stream that the app router of Next.js leaves in the page, see [`flight`].
    pub(super) flight: String,
    /// The text of each `<h1>`.
    pub(super) headings: Vec<String>,
    /// Values of JSON-LD that were copied.
    copied: usize,
}

impl Head {
    /// Reads a document.
    pub(super) fn read(document: &Html) -> Self {
        let mut res = Self::default();
        for node in document.tree.nodes() {
            let Some(element) = ElementRef::wrap(node) else { continue };
            let attr = |name| element.attr(name);
            match element.value().name() {
                "html" => res.language = attr("lang").or_else(|| attr("xml:lang")).map(str::to_owned),
                "meta" => {
                    let names = ["property", "name", "itemprop", "http-equiv"];
                    if let (Some(name), Some(content)) = (names.iter().find_map(|it| attr(it)), attr("content"))
                        && res.metas.len() < MAX_METAS
                    {
                        res.metas.push((name.trim().to_ascii_lowercase(), content.to_owned()));
                    }
                }
                "link" => {
                    if let (Some(rel), Some(href)) = (attr("rel"), attr("href")) {
                        res.links.push((rel.to_ascii_lowercase(), href.to_owned()));
                    }
                }
                "title" if res.title.is_none() && !element.ancestors().any(is_svg) => {
                    res.title = Some(one_line(&element.text().collect::<String>())).filter(|it| !it.is_empty());
                }
                "h1" => {
                    let text = one_line(&element.text().collect::<String>());
                    if !text.is_empty() {
                        res.headings.push(text);
                    }
                }
                "a" => {
                    let marks = ["chatgpt", "chat.openai.com", "gemini.google.com", "claude.ai"];
                    if let Some(href) = attr("href").filter(|it| marks.iter().any(|mark| it.contains(mark))) {
                        res.hrefs.push(href.to_owned());
                    }
                }
                "script" => res.script(element),
                "div" => {
                    let is_state = |it: &&str| it.starts_with('{') && it.len() <= MAX_STATE_BYTES;
                    if let Some(state) = attr("data-page").filter(is_state) {
                        res.state = serde_json::from_str(state).ok();
                    }
                }
                _ => (),
            }
        }
        res
    }

    fn script(&mut self, element: ElementRef<'_>) {
        let kind = element.attr("type").unwrap_or_default();
        let is_ld = kind.to_ascii_lowercase().contains("ld+json");
        let is_state = element.attr("id") == Some("__NEXT_DATA__");
        let text = element.text().collect::<String>();
        self.dates_of_script(&text);
        if let Some(piece) = flight::piece(&text).filter(|_| kind.is_empty()) {
            let room = MAX_STATE_BYTES.saturating_sub(self.flight.len());
            self.flight.push_str(capped(&piece, room));
        }
        if !is_ld && !is_state {
            return;
        }
        let most = if is_ld { MAX_LD_BYTES } else { MAX_STATE_BYTES };
        let value = if text.len() > most { None } else { json(&text) };
        if is_state {
            self.state = value.or_else(|| self.state.take());
        } else if let Some(value) = value {
            self.gather(value);
        }
    }

    /// `"datePublished":"2026-01-22…"`, `published_at = '2026-01-22'`, `"pubdate":"20260122"`.
    fn dates_of_script(&mut self, text: &str) {
        for (word, key) in [
            ("ublish", Key::Published),
            ("ublication", Key::Published),
            ("ubdate", Key::Published),
            ("ubDate", Key::Published),
            ("odified", Key::Modified),
            ("reated", Key::Created),
        ] {
            for (at, _) in text.match_indices(word).take(MAX_SCRIPT_DATES) {
                if self.script_dates.len() >= MAX_SCRIPT_DATES {
                    return;
                }
                let rest = text.get(at..).unwrap_or_default();
                let rest = capped(rest, 70);
                let Some((name, value)) = rest.split_once([':', '=']) else { continue };
                if name.len() > 24 || name.contains([' ', '<', ';']) && !name.trim_end().ends_with(['"', '\'']) {
                    continue;
                }
                let value = value.trim_start_matches([' ', '\\', '[']);
                let (value, ends): (_, &[char]) = match value.strip_prefix(['"', '\'']) {
                    Some(quoted) => (quoted, &['"', '\'', '\\']),
                    None => (value, &[',', ';', '}', '<', ' ']),
                };
                let value = value.split(ends).next().unwrap_or_default();
                if value.len() >= 8 && value.contains(|it: char| it.is_ascii_digit()) {
                    self.script_dates.push((key, value.to_owned()));
                }
            }
        }
    }

    /// The objects of a value, outer ones first. Each holds those inside it too, as they are looked at both ways.
    fn gather(&mut self, value: Value) {
        let mut stack = vec![value];
        while let Some(value) = stack.pop() {
            if self.objects.len() >= MAX_OBJECTS {
                return;
            }
            match value {
                Value::Array(items) => stack.extend(items.into_iter().rev()),
                Value::Object(map) => {
                    let at = stack.len();
                    for inner in map.values().filter(|it| it.is_object() || it.is_array()) {
                        let Some(size) = size(inner, MAX_COPIED - self.copied) else { continue };
                        self.copied += size;
                        stack.push(inner.clone());
                    }
                    if let Some(inner) = stack.get_mut(at..) {
                        inner.reverse();
                    }
                    self.objects.push(map);
                }
                _ => (),
            }
        }
    }

    /// The first content that is not empty under one of these names, the names tried in turn.
    pub(super) fn meta<'a>(&'a self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.metas(name).next())
    }

    /// All contents under a name.
    pub(super) fn metas<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |(it, content)| it == name && !content.trim().is_empty()).map(|(_, it)| it.trim())
    }

    /// Every name, in lower case, with its content.
    pub(super) fn all_metas(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metas.iter().map(|(name, content)| (name.as_str(), content.trim()))
    }

    /// The objects of JSON-LD that are articles.
    pub(super) fn articles(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.objects.iter().filter(|it| is_article(it))
    }

    /// The longest `articleBody` of JSON-LD, as plain text.
    pub(super) fn article_body(&self) -> Option<String> {
        let bodies = self.objects.iter().filter_map(|it| it.get("articleBody")?.as_str());
        let longest = bodies.max_by_key(|it| it.len())?;
        // Some are escaped once more than they should be.
        let text = html::plain(longest);
        let text = if text.contains("</p>") || text.contains("&nbsp;") { html::plain(&text) } else { text };
        (!text.is_empty()).then_some(text)
    }
}

/// How many values a value holds, itself included; `None` for more than `most`.
fn size(value: &Value, most: usize) -> Option<usize> {
    let (mut stack, mut n_values) = (vec![value], 0);
    while let Some(value) = stack.pop() {
        n_values += 1;
        let n_inner = match value {
            Value::Array(items) => items.len(),
            Value::Object(map) => map.len(),
            _ => 0,
        };
        if n_values + stack.len() + n_inner > most {
            return None;
        }
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(map) => stack.extend(map.values()),
            _ => (),
        }
    }
    Some(n_values)
}

fn is_svg(node: <ElementRef<'_> as std::ops::Deref>::Target) -> bool {
    node.value().as_element().is_some_and(|it| it.name() == "svg")
}

/// The types that an object of JSON-LD names.
pub(super) fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let value = object.get("@type");
    let one = value.and_then(Value::as_str);
    let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

/// Whether an object of JSON-LD is an article.
pub(super) fn is_article(object: &Map<String, Value>) -> bool {
    types(object).any(is_article_type)
}

fn is_article_type(name: &str) -> bool {
    name.ends_with("Article") || matches!(name, "BlogPosting" | "LiveBlogPosting" | "Report" | "AnalysisNewsArticle")
}

/// Reads JSON as pages hold it: comment signs around it, line breaks inside strings.
fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text.strip_prefix("<!--").and_then(|it| it.strip_suffix("-->")).unwrap_or(text);
    let text = text.trim().trim_start_matches("//<![CDATA[").trim_end_matches("//]]>");
    let text = text.trim().trim_end_matches(';');
    serde_json::from_str(text).ok().or_else(|| {
        let bare: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        serde_json::from_str(&bare).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markup: &str) -> Head {
        Head::read(&html::document(markup).unwrap())
    }

    fn with_data(data: &str) -> Head {
        read(&format!("<script type='application/ld+json'>{data}</script>"))
    }

    #[test]
    fn objects_come_in_order_the_outer_ones_first() {
        let head = with_data(r#"{"name":"a","b":{"name":"b"},"c":[{"name":"c","d":{"name":"d"}}],"e":{"name":"e"}}"#);
        let names: Vec<_> = head.objects.iter().map(|it| it.get("name").unwrap().as_str().unwrap()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }

    // Of 900 kB, nested 120 times, 1.7 GB were made.
    #[test]
    fn state_beyond_the_limit_is_not_read() {
        let items = |n: usize| vec!["1"; n].join(",");
        let state = |n| format!(r#"<script id="__NEXT_DATA__" type="application/json">[{}]</script>"#, items(n));
        let inertia = |n| format!(r#"<div data-page='{{"a":[{}]}}'></div>"#, items(n));
        let read = |markup: String| Head::read(&html::document(&markup).unwrap());
        for (n, is_read) in [(1_000, true), (MAX_STATE_BYTES / 2 + 1, false)] {
            assert_eq!(read(state(n)).state.is_some(), is_read, "{n}");
            assert_eq!(read(inertia(n)).state.is_some(), is_read, "{n}");
        }
        let piece = format!(r#"<script>self.__next_f.push([1,"{}"])</script>"#, "a".repeat(900_000));
        assert_eq!(read(piece.repeat(3)).flight.len(), MAX_STATE_BYTES);
    }

    #[test]
    fn what_is_nested_deeply_is_not_copied_over_and_over() {
        let mut data = format!("[{}]", vec!["1"; 40_000].join(","));
        for _ in 0..100 {
            data = format!(r#"{{"@type":"NewsArticle","a":{data}}}"#);
        }
        let head = with_data(&data);
        let held = head.objects.iter().map(|it| size(&Value::Object(it.clone()), usize::MAX).unwrap()).sum::<usize>();
        assert!(held < 2 * MAX_COPIED, "{held}");
        assert_eq!(head.articles().count(), 2);
    }

    #[test]
    fn metas_are_read_to_a_limit() {
        let head = read(&"<meta name=author content=Anna>".repeat(2 * MAX_METAS));
        assert_eq!(head.metas("author").count(), MAX_METAS);
    }
}
