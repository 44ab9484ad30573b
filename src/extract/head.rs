//! What a page says about itself: `<meta>`, `<link>`, `<title>`, JSON-LD and `<time>`.

use scraper::{ElementRef, Html};

use crate::text::{capped, html, one_line};

use super::{flags, flight, ld::Ld, state};

/// `<meta>` elements beyond this many are not looked at. The most of 1,500 news pages were 140.
const MAX_METAS: usize = 1_000;

/// `<link>` elements beyond this many are not looked at. The most of 2,190 news pages were 376.
const MAX_LINKS: usize = 1_000;

/// Headings beyond this many are not looked at, where none before them has text.
const MAX_HEADINGS: usize = 20;

/// Bytes of a heading. The longest of 2,190 news pages had 1,200.
const MAX_HEADING_BYTES: usize = 2_000;

/// Dates in scripts beyond this many are not looked at.
const MAX_SCRIPT_DATES: usize = 40;

/// Links of programs beyond this many are not looked at.
const MAX_LEFT: usize = 20;

/// Bytes of the block that such a link stands in.
const MAX_LEFT_BYTES: usize = 800;

/// What a key says of the date beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// That something was published then.
    Published,
    /// That something was changed then.
    Modified,
    /// That something was made then.
    Created,
}

/// What a page says about itself, unprocessed.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// Name or property in lower case, and content, in document order.
    metas: Vec<(String, String)>,
    /// The `<title>`.
    pub(super) title: Option<String>,
    /// Relation in lower case, and address.
    pub(super) links: Vec<(String, String)>,
    /// Links that programs leave in texts that they write.
    pub(super) left: Vec<Left>,
    /// The language of the root element.
    pub(super) language: Option<String>,
    /// JSON-LD.
    pub(super) ld: Ld,
    /// The text that it gives of the article, see [`Ld::article_body`].
    pub(super) article_body: Option<String>,
    /// Dates that scripts give beside a key, and what the key says.
    pub(super) script_dates: Vec<(Key, String)>,
    /// The longest state that Next.js or Inertia leave in the page, unprocessed.
    pub(super) state: Option<String>,
    /// The stream that the app router of Next.js leaves in the page, see [`flight`].
    pub(super) flight: String,
    /// The text of the first `<h1>` that has any.
    pub(super) heading: Option<String>,
    /// Whether the page says more to programs than is read.
    pub(super) is_cut: bool,
}

/// A link that a program may have left in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) address: String,
    /// Its text.
    pub(super) shown: String,
    /// The beginning of the block that it stands in.
    pub(super) line: String,
}

impl Left {
    fn of(link: ElementRef<'_>, address: &str) -> Self {
        let is_block = |it: &ElementRef<'_>| {
            !matches!(it.value().name(), "a" | "b" | "i" | "em" | "strong" | "sup" | "span" | "font")
        };
        let block = link.ancestors().filter_map(ElementRef::wrap).find(is_block);
        let beginning = |it| one_line(&html::beginning(it, MAX_LEFT_BYTES));
        Self { address: address.to_owned(), shown: beginning(link), line: block.map(beginning).unwrap_or_default() }
    }
}

impl Head {
    /// Reads a document.
    pub(super) fn read(document: &Html) -> Self {
        let mut res = Self::default();
        let mut n_headings = 0;
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
                    if let (Some(rel), Some(href)) = (attr("rel"), attr("href"))
                        && res.links.len() < MAX_LINKS
                    {
                        res.links.push((rel.to_ascii_lowercase(), href.to_owned()));
                    }
                }
                "title" if res.title.is_none() && !element.ancestors().any(is_svg) => {
                    res.title = Some(one_line(&element.text().collect::<String>())).filter(|it| !it.is_empty());
                }
                // They may lie inside each other.
                "h1" if res.heading.is_none() && n_headings < MAX_HEADINGS => {
                    n_headings += 1;
                    let text = one_line(&html::beginning(element, MAX_HEADING_BYTES));
                    res.heading = Some(text).filter(|it| !it.is_empty());
                }
                "a" => {
                    if let Some(href) = attr("href").filter(|it| res.left.len() < MAX_LEFT && flags::is_left(it)) {
                        res.left.push(Left::of(element, href));
                    }
                }
                "script" => res.script(element),
                "div" => {
                    if let Some(state) = attr("data-page").filter(|it| it.starts_with('{')) {
                        res.state(state);
                    }
                }
                _ => (),
            }
        }
        res.article_body = res.ld.article_body();
        res
    }

    fn script(&mut self, element: ElementRef<'_>) {
        let kind = element.attr("type").unwrap_or_default();
        let is_ld = kind.to_ascii_lowercase().contains("ld+json");
        let is_state = element.attr("id") == Some("__NEXT_DATA__");
        let text = element.text().collect::<String>();
        self.dates_of_script(&text);
        if let Some(piece) = flight::piece(&text).filter(|_| kind.is_empty()) {
            let room = state::MAX_BYTES.saturating_sub(self.flight.len());
            self.flight.push_str(capped(&piece, room));
            self.is_cut |= piece.len() > room;
        }
        if is_state {
            self.state(&text);
        } else if is_ld {
            self.ld.read(&text);
            self.is_cut |= self.ld.is_cut;
        }
    }

    fn state(&mut self, text: &str) {
        if text.len() > state::MAX_BYTES {
            self.is_cut = true;
        } else if text.len() > self.state.as_ref().map_or(0, String::len) && state::is_one(text) {
            self.state = Some(text.to_owned());
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
}

fn is_svg(node: <ElementRef<'_> as std::ops::Deref>::Target) -> bool {
    node.value().as_element().is_some_and(|it| it.name() == "svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markup: &str) -> Head {
        Head::read(&html::document(markup).unwrap())
    }

    #[test]
    fn state_beyond_the_limit_is_not_read() {
        let items = |n: usize| vec!["1"; n].join(",");
        let state = |n| format!(r#"<script id="__NEXT_DATA__" type="application/json">[{}]</script>"#, items(n));
        let inertia = |n| format!(r#"<div data-page='{{"a":[{}]}}'></div>"#, items(n));
        for (n, is_read) in [(1_000, true), (state::MAX_BYTES / 2 + 1, false)] {
            for head in [read(&state(n)), read(&inertia(n))] {
                assert_eq!((head.state.is_some(), head.is_cut), (is_read, !is_read), "{n}");
            }
        }
        let piece = format!(r#"<script>self.__next_f.push([1,"{}"])</script>"#, "a".repeat(900_000));
        let head = read(&piece.repeat(3));
        assert_eq!((head.flight.len(), head.is_cut), (state::MAX_BYTES, true));
    }

    #[test]
    fn of_several_states_the_longest_that_is_json_is_read() {
        let script = |text: &str| format!("<script id=__NEXT_DATA__>{text}</script>");
        let page = ["{\"a\":1}", "{\"a\":[1,2]}", "{\"a\":[1,2,3,4]", "", "{}"].map(script).concat();
        assert_eq!(read(&page).state.as_deref(), Some("{\"a\":[1,2]}"));
        assert_eq!(read(&script("{\"a\"")).state, None);
    }

    // Of 4.3 MB of headings inside each other, 868 MB were made.
    #[test]
    fn headings_inside_each_other_are_read_once() {
        let head = read(&("<h1><div>".repeat(150) + "Talks begin" + &"<p>word</p>".repeat(1_000)));
        let heading = head.heading.unwrap();
        assert!(heading.starts_with("Talks begin") && heading.len() <= MAX_HEADING_BYTES, "{heading}");
        assert_eq!(read(&("<h1></h1>".repeat(MAX_HEADINGS) + "<h1>Late</h1>")).heading, None);
        assert_eq!(read("<h1> </h1><h1>Talks <b>begin</b></h1><h1>Other</h1>").heading.as_deref(), Some("Talks begin"));
    }

    #[test]
    fn metas_are_read_to_a_limit() {
        let head = read(&"<meta name=author content=Anna>".repeat(2 * MAX_METAS));
        assert_eq!(head.metas("author").count(), MAX_METAS);
    }
}
