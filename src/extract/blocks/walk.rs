//! Walks over a document and collects its lines.

use std::collections::HashMap;

use scraper::{ElementRef, Node, node};

use crate::{
    extract::words::{self, Kind, Kinds},
    text::{capped, html},
};

use super::{
    Block, Element, MAX_LINES, MAX_MARKS, MAX_TEXT_BYTES, Mark, Measure, Name, Near, Role, hash,
    seams::{self, MAX_PARTED},
    weight,
};

/// The text on one line. UTF-8 that was misread as Latin-1 and encoded again is decoded: `weâ\u{80}\u{99}ve`.
fn one_line(text: &str) -> String {
    // Only that error puts these control characters into a text.
    if text.contains(|it| matches!(it, '\u{80}'..='\u{9f}')) {
        return crate::text::one_line(&decoded_again(text));
    }
    crate::text::one_line(text)
}

fn decoded_again(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut bytes = Vec::new();
    for c in text.chars().chain(['\0']) {
        match u8::try_from(u32::from(c)) {
            Ok(byte) if byte >= 0x80 => bytes.push(byte),
            _ => {
                match std::str::from_utf8(&bytes) {
                    Ok(it) => res.push_str(it),
                    Err(_) => res.extend(bytes.iter().map(|it| char::from(*it))),
                }
                bytes.clear();
                if c != '\0' {
                    res.push(c);
                }
            }
        }
    }
    res
}

/// Maximum nodes into a pop-up card within which its name begins.
const MAX_NODES_OF_CARD: usize = 8;

/// Maximum bytes read of an element that names an author.
const MAX_NAME_BYTES: usize = 500;

/// Maximum bytes of a line that may be only a byline's first word after an indentation.
const MAX_INDENTED: usize = 400;

/// `scraper` gives nodes of the crate `ego-tree`, which it does not re-export.
type NodeRef<'a> = <ElementRef<'a> as std::ops::Deref>::Target;

enum Step<'a> {
    Enter(NodeRef<'a>),
    LeaveBlock(usize),
    LeaveLink,
    LeaveStrong,
    /// An inline element that is told what it is for.
    LeaveKinds,
    /// Any inline element.
    LeaveInline,
}

/// What was gathered so far.
#[derive(Default)]
pub(super) struct Reader<'a> {
    pub(super) lines: Vec<Block>,
    pub(super) elements: Vec<Element>,
    /// The block element that is open.
    open: usize,
    /// Bytes of text.
    n_bytes: usize,
    links: u32,
    /// A hash of the address of the link that was opened last.
    link: u64,
    strongs: u32,
    inlines: Vec<Kinds>,
    line: Line,
    after_media: bool,
    after_break: bool,
    classes: HashMap<&'a str, Kinds>,
    pub(super) marks: Vec<Mark>,
    pub(super) names: Vec<Name>,
    pub(super) is_cut: bool,
}

/// The line that is being read.
struct Line {
    text: String,
    /// Where an inline element ends and another begins with nothing between, in bytes of the text.
    seams: Vec<usize>,
    /// Where the last inline element ended.
    left_at: usize,
    linked: f32,
    n_links: f32,
    strong: f32,
    inline: [f32; Kind::COUNT],
    has_inline: bool,
}

impl Default for Line {
    fn default() -> Self {
        let inline = [0.0; Kind::COUNT];
        let (text, seams) = (String::new(), Vec::new());
        Self { text, seams, left_at: 0, linked: 0.0, n_links: 0.0, strong: 0.0, inline, has_inline: false }
    }
}

impl Line {
    /// An inline element begins.
    fn seam(&mut self) {
        let at = self.text.len();
        if at > 0 && at == self.left_at && at <= MAX_PARTED && self.seams.last() != Some(&at) {
            self.seams.push(at);
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads an element and all that stands under it.
    pub(super) fn read(root: ElementRef<'a>) -> Self {
        let mut res = Self::default();
        res.walk(root);
        res
    }

    // A stack of its own: recursion over fetched markup could overflow the thread's stack.
    fn walk(&mut self, root: ElementRef<'a>) {
        let mut stack = vec![Step::Enter(*root)];
        while let Some(step) = stack.pop() {
            if self.lines.len() >= MAX_LINES {
                self.is_cut = true;
                break;
            }
            match step {
                Step::Enter(node) => self.enter(node, &mut stack),
                Step::LeaveBlock(outer) => {
                    self.flush(false);
                    self.open = outer;
                }
                Step::LeaveLink => self.links = self.links.saturating_sub(1),
                Step::LeaveStrong => self.strongs = self.strongs.saturating_sub(1),
                Step::LeaveKinds => drop(self.inlines.pop()),
                Step::LeaveInline => self.line.left_at = self.line.text.len(),
            }
        }
        self.flush(false);
    }

    fn enter(&mut self, node: NodeRef<'a>, stack: &mut Vec<Step<'a>>) {
        match node.value() {
            Node::Text(text) => self.push(text),
            Node::Element(element) => {
                let name = element.name();
                if matches!(name, "img" | "picture" | "video" | "iframe" | "svg" | "audio" | "object") {
                    self.after_media = true;
                }
                if html::is_unseen(name) {
                    return;
                }
                if name == "br" {
                    self.flush(true);
                    return;
                }
                let kinds = self.kinds(element);
                self.mark(element);
                if html::is_inline(name) {
                    // Hidden text inside a line pops up elsewhere: it would read like a part of the sentence.
                    if kinds.has(Kind::HiddenTag as usize) || (name != "a" && self.pops_up(node)) {
                        return;
                    }
                    self.name(node, element, kinds);
                    self.line.seam();
                    stack.push(Step::LeaveInline);
                    if name == "a" {
                        self.links += 1;
                        self.link = hash(element.attr("href"));
                        self.line.n_links += 1.0;
                        stack.push(Step::LeaveLink);
                    } else if matches!(name, "b" | "strong" | "em" | "i") {
                        self.strongs += 1;
                        stack.push(Step::LeaveStrong);
                    }
                    if kinds != Kinds::default() {
                        self.inlines.push(kinds);
                        stack.push(Step::LeaveKinds);
                    }
                } else {
                    self.flush(false);
                    stack.push(Step::LeaveBlock(self.open));
                    self.begin(element, kinds);
                }
                stack.extend(node.children().rev().map(Step::Enter));
            }
            Node::Fragment | Node::Document => stack.extend(node.children().rev().map(Step::Enter)),
            _ => (),
        }
    }

    /// Whether an inline element begins with the words right before it, without a space between: the card of a person
    /// or a term, shown when the name is pointed at. The Hill puts titles of other articles there.
    fn pops_up(&self, node: NodeRef<'a>) -> bool {
        let texts = node.descendants().take(MAX_NODES_OF_CARD).filter_map(|it| it.value().as_text());
        let first = texts.map(|it| it.trim_end()).find(|it| !it.is_empty());
        // Nobody writes the same two words twice in a row.
        first.is_some_and(|it| {
            !it.starts_with(char::is_whitespace) && it.contains(char::is_whitespace) && self.line.text.ends_with(it)
        })
    }

    /// Keeps an inline element that names an author, or may do so.
    fn name(&mut self, node: NodeRef<'a>, element: &'a node::Element, kinds: Kinds) {
        let is_user = words::is_user(element) || leads_to_user(element) && follows_avatar(node);
        let is_marked = is_user || kinds.has(Kind::Byline as usize);
        let is_led = !is_marked && words::leads_to_person(element);
        let may_name = || element.name() == "a" && self.begins_byline();
        if self.names.len() >= MAX_MARKS || !(is_marked || is_led || may_name()) {
            return;
        }
        // They may lie inside each other.
        let text = ElementRef::wrap(node).map(|it| html::beginning(it, MAX_NAME_BYTES)).unwrap_or_default();
        let text = one_line(&text);
        if is_marked || (2..=4).contains(&text.split(' ').count()) {
            let is_sure = is_user || words::is_author(element);
            self.names.push(Name { line: self.lines.len(), element: self.open, text, is_sure, is_led });
        }
    }

    /// Whether the line so far consists of the first word of a byline: some sites put no space after it.
    fn begins_byline(&self) -> bool {
        let words =
            ["by", "von", "par", "por", "автор", "müəllif", "yazar", "yazan", "հեղինակ", "ավտոր", "ავტორი", "نویسنده"];
        // A byline's word may stand behind an indentation; a long line is asked at each of its links.
        let text = if self.line.text.len() < MAX_INDENTED { self.line.text.trim() } else { "" };
        text.len() < 30 && words.contains(&text.trim_end_matches([':', '՝']).trim_end().to_lowercase().as_str())
    }

    fn begin(&mut self, element: &'a node::Element, kinds: Kinds) {
        let at = self.elements.len();
        let name = element.name();
        // The classes of the whole page say nothing about a part of it.
        let kinds = if matches!(name, "html" | "body") { Kinds::default() } else { kinds };
        let parent = self.elements.get(self.open);
        let near = parent.map_or_else(Near::default, |it| it.near.inside()).with(kinds);
        let classes = element.attr("class").unwrap_or_default();
        // Numbers in classes name the one element: `post-1234`.
        let looks = hash((name, classes.split(|it: char| it.is_ascii_digit()).next()));
        let signature = hash((looks, parent.map_or(0, |it| it.signature >> 32)));
        let signature = (looks << 32) | (signature & 0xFFFF_FFFF);
        self.elements.push(Element {
            parent: if at == 0 { 0 } else { self.open },
            tag: name.to_owned(),
            near,
            signature,
            depth: parent.map_or(0, |it| it.depth + 1),
            under: Measure::default(),
            links: 0.0,
            siblings: 0,
            score: 0.0,
        });
        self.open = at;
    }

    fn mark(&mut self, element: &'a node::Element) {
        if self.marks.len() >= MAX_MARKS {
            return;
        }
        let is_time = element.name() == "time";
        let names =
            ["datetime", "content", "data-datetime", "data-date", "data-published", "data-time", "data-timestamp"];
        let itemprop = element.attr("itemprop").unwrap_or_default();
        let of_rdfa = element.attr("property").map(rdfa_role).unwrap_or_default();
        let says_date = itemprop.starts_with("date") || element.attr("pubdate").is_some() || of_rdfa.is_some();
        let value = match element.name() {
            "time" => names.iter().find_map(|it| element.attr(it)),
            _ if says_date => names.iter().find_map(|it| element.attr(it)),
            "abbr" => element.attr("title"),
            _ if element.attr("class").is_some_and(|it| it.contains("publi") || it.contains("updated")) => {
                element.attr("title")
            }
            _ => names.iter().skip(2).find_map(|it| element.attr(it)),
        };
        let Some(value) = value else { return };
        let class = element.attr("class").unwrap_or_default();
        let role = if let Some(role) = of_rdfa {
            role
        } else if itemprop == "dateModified" || class.contains("updated") || class.contains("modified") {
            Role::Modified
        } else if says_date || class.contains("publi") || class.contains("entry-date") {
            Role::Published
        } else {
            Role::Unsaid
        };
        self.marks.push(Mark { line: self.lines.len(), element: self.open, value: value.to_owned(), role, is_time });
    }

    fn kinds(&mut self, element: &'a node::Element) -> Kinds {
        let mut res = words::of_element(element);
        for name in ["class", "id"] {
            if let Some(text) = element.attr(name) {
                res = res | *self.classes.entry(text).or_insert_with(|| words::of_names(text));
            }
        }
        res
    }

    fn push(&mut self, text: &str) {
        let read = capped(text, MAX_TEXT_BYTES.saturating_sub(self.n_bytes));
        self.is_cut |= read.len() < text.len();
        let text = read;
        self.n_bytes += text.len();
        self.line.text.push_str(text);
        if self.links == 0 && self.strongs == 0 && self.inlines.is_empty() {
            return;
        }
        let letters = weight(text);
        if self.links > 0 {
            self.line.linked += letters;
        }
        if self.strongs > 0 {
            self.line.strong += letters;
        }
        if letters > 0.0 && !self.inlines.is_empty() {
            let kinds = self.inlines.iter().fold(Kinds::default(), |all, it| all | *it);
            self.line.has_inline = true;
            for (kind, sum) in self.line.inline.iter_mut().enumerate() {
                if kinds.has(kind) {
                    *sum += letters;
                }
            }
        }
    }

    fn flush(&mut self, at_break: bool) {
        let line = std::mem::take(&mut self.line);
        let text = one_line(&line.text);
        if !text.is_empty() {
            let letters = weight(&text);
            let mut inline = Kinds::default();
            if line.has_inline {
                for (kind, sum) in line.inline.iter().enumerate() {
                    if *sum * 2.0 > letters {
                        inline.put(kind);
                    }
                }
            }
            self.lines.push(Block {
                parted: seams::parted(&line.text, &line.seams).map(|it| one_line(&it)),
                text,
                element: self.open,
                letters,
                linked: line.linked.min(letters),
                n_links: line.n_links,
                link: self.link,
                strong: line.strong.min(letters),
                inline,
                after_break: self.after_break,
                after_media: self.after_media,
            });
            self.after_media = false;
            self.after_break = false;
        }
        self.after_break = at_break;
    }
}

/// What RDFa says that a date is, as Drupal 7 writes it: `property="dc:date dc:created"`.
fn rdfa_role(names: &str) -> Option<Role> {
    let has = |all: &[&str]| names.split_whitespace().any(|it| all.contains(&it));
    if has(&["dc:created", "dc:issued", "dc:date", "schema:datePublished", "schema:dateCreated", "datePublished"]) {
        Some(Role::Published)
    } else if has(&["dc:modified", "schema:dateModified", "dateModified"]) {
        Some(Role::Modified)
    } else {
        None
    }
}

/// Whether a link leads to the page of a person, and not to one for logging in.
fn leads_to_user(element: &node::Element) -> bool {
    let address = element.attr("href").filter(|_| element.name() == "a").unwrap_or_default().to_ascii_lowercase();
    ["/user", "/author", "/profil", "/people", "/member", "/team", "/u/", "/@"].iter().any(|it| address.contains(it))
}

/// Whether the picture of a user stands right before.
fn follows_avatar(node: NodeRef<'_>) -> bool {
    let mut before = node.prev_siblings();
    let picture = before.find(|it| !it.value().as_text().is_some_and(|it| it.trim().is_empty()));
    let picture = picture.as_ref().and_then(|it| it.value().as_element()).filter(|it| it.name() == "img");
    picture.and_then(|it| it.attr("class")).is_some_and(|it| it.split_whitespace().any(|it| it == "avatar"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_was_encoded_twice_is_read() {
        assert_eq!(one_line("we\u{e2}\u{80}\u{99}ve  got"), "we’ve got");
        assert_eq!(one_line("ÃÂ stays"), "ÃÂ stays");
    }

    #[test]
    fn dates_of_rdfa_are_marks() {
        for (property, expected) in [
            ("dc:date dc:created", Some(Role::Published)),
            ("schema:dateModified", Some(Role::Modified)),
            ("dc:title", None),
        ] {
            let page = format!("<p>On <span property='{property}' content='2026-01-22T09:30:00+04:00'>Thursday</span>");
            let page = html::document(&page).unwrap();
            let marks = Reader::read(page.root_element()).marks;
            assert_eq!(marks.first().map(|it| it.role), expected, "{property}");
        }
    }

    #[test]
    fn cards_that_pop_up_are_no_part_of_the_line() {
        let read = |markup: &str| {
            let page = html::document(markup).unwrap();
            Reader::read(page.root_element()).lines.into_iter().map(|it| it.text).collect::<Vec<_>>()
        };
        let card = "<span class=card><span><img src=a.jpg><a href=/p/1>Nino Beridze</a> Three other articles of her</span></span>";
        let expected = ["Minister Nino Beridze spoke in Gori."];
        assert_eq!(
            read(&format!("<p>Minister <span><a href=/p/1>Nino Beridze</a>{card}</span> spoke in Gori.")),
            expected
        );
        for text in
            ["that that", "New York <b>New York</b> it is", "Gori<b>Gori</b>", "It is, it is<span> it is</span>"]
        {
            let bare = text.replace("<b>", "").replace("</b>", "").replace("<span>", "").replace("</span>", "");
            assert_eq!(read(&format!("<p>{text}")), [bare]);
        }
    }

    // Of 4.3 MB in elements inside each other that are marked as naming authors, 1,071 MB were made.
    #[test]
    fn names_inside_each_other_are_read_to_a_limit() {
        let page = "<span class=byline>".repeat(150) + &"word ".repeat(1_000);
        let page = html::document(&page).unwrap();
        let held: usize = Reader::read(page.root_element()).names.iter().map(|it| it.text.len()).sum();
        assert!(held <= 150 * MAX_NAME_BYTES, "{held}");
    }

    // What is remembered of each word of 5 MB took 117 MB.
    #[test]
    fn text_is_read_to_a_limit() {
        let page = html::document(&format!("<p>{}<p>Late", "Քաղաքը ".repeat(100_000))).unwrap();
        let Reader { lines, is_cut, .. } = Reader::read(page.root_element());
        assert!(is_cut);
        assert!(lines.iter().map(|it| it.text.len()).sum::<usize>() <= MAX_TEXT_BYTES);
        assert!(lines[0].text.starts_with("Քաղաքը Քաղաքը"));
    }
}
