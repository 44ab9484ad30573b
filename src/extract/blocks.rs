//! A page as the lines of text that a reader sees, each with the elements that it stands in.
//!
//! One walk over the tree. What is measured about an element is measured here, so that the features of a
//! line are look-ups.

mod near;
mod seams;
mod walk;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use scraper::Html;

pub(super) use self::near::{FAR, Near};

use super::words::Kinds;

/// Minimum letters (see [`weight`]) of a line that counts as running text, if it is no link.
pub(super) const LONG: f32 = 60.0;

/// Lines beyond this many are not read. The longest of 1,500 news pages had 6,600.
const MAX_LINES: usize = 12_000;

/// Bytes of text beyond this many are not read. The most of 1,491 news pages were 101,000.
pub(super) const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Attributes that hold dates beyond this many are not looked at.
const MAX_MARKS: usize = 300;

/// An element that is a block, such as `p` or `div`.
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// The block element around it; itself at the root.
    pub(super) parent: usize,
    /// Lower-case name.
    pub(super) tag: String,
    /// What it stands in.
    pub(super) near: Near,
    /// A hash of its name and classes, and of those of the parent: equal for elements that look alike.
    pub(super) signature: u64,
    /// Elements around it.
    pub(super) depth: usize,
    /// What stands under it.
    pub(super) under: Measure,
    /// Links.
    pub(super) links: f32,
    /// How many children of the parent look like it, itself included.
    pub(super) siblings: u32,
    /// Its score as in Readability: from the running text of its children and, with less weight, of their descendants.
    pub(super) score: f32,
}

/// Sums over lines of text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    /// Lines.
    pub(super) lines: f32,
    /// Letters.
    pub(super) letters: f32,
    /// Letters of links.
    pub(super) linked: f32,
    /// Lines of running text.
    pub(super) long_lines: f32,
    /// Letters of running text.
    pub(super) long_letters: f32,
}

impl Measure {
    fn add(&mut self, block: &Block) {
        self.lines += 1.0;
        self.letters += block.letters;
        self.linked += block.linked;
        if block.is_long() {
            self.long_lines += 1.0;
            self.long_letters += block.letters;
        }
    }

    /// Share (0–1) of the letters that belongs to links.
    pub(super) fn link_density(&self) -> f32 {
        share(self.linked, self.letters)
    }

    /// Share (0–1) of the letters that is running text.
    pub(super) fn long_share(&self) -> f32 {
        share(self.long_letters, self.letters)
    }
}

/// The ratio of a part to the whole; 0 if the whole is 0.
pub(super) fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// White space folded. Never empty.
    pub(super) text: String,
    /// The same with spaces between elements that only their style sets apart; see [`Block::apart`].
    parted: Option<String>,
    /// The block element that it stands in, an index of [`Blocks::elements`].
    pub(super) element: usize,
    /// Letters and digits, see [`weight`].
    pub(super) letters: f32,
    /// The letters of links.
    pub(super) linked: f32,
    /// Links.
    pub(super) n_links: f32,
    /// A hash of the address of the link that is open at its end.
    link: u64,
    /// The letters in bold or italic type.
    pub(super) strong: f32,
    /// The kinds of the inline elements around most of the text.
    pub(super) inline: Kinds,
    /// Whether a line break separates it from the line before, within one element.
    pub(super) after_break: bool,
    /// Whether a picture, a film or a frame is between the line before and this one.
    pub(super) after_media: bool,
}

impl Block {
    /// The text, with spaces between elements that only their style sets apart where the line is short.
    pub(super) fn apart(&self) -> &str {
        self.parted.as_deref().unwrap_or(&self.text)
    }

    /// Whether it is running text.
    pub(super) fn is_long(&self) -> bool {
        self.letters >= LONG && self.linked * 3.0 < self.letters
    }
}

/// An inline element that is marked as naming an author.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The line that it stands in.
    pub(super) line: usize,
    /// The block element that it stands in.
    pub(super) element: usize,
    /// Its text.
    pub(super) text: String,
    /// Whether its markup says that it is the author's name and nothing else: a link to the author, a name in a card.
    pub(super) is_sure: bool,
    /// Whether it is but a link to the page of a person, who may be the author.
    pub(super) is_led: bool,
}

/// An attribute that holds a date.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// The line that it is in or before.
    pub(super) line: usize,
    /// The block element that it stands in.
    pub(super) element: usize,
    /// The value of the attribute; empty for a date element without one.
    pub(super) value: String,
    /// Whether the page says that it is the date of publication, or of a change.
    pub(super) role: Role,
    /// Whether it is on a `<time>`.
    pub(super) is_time: bool,
}

/// What a date is, according to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The date of publication.
    Published,
    /// The date of the last change.
    Modified,
    /// It does not say.
    Unsaid,
}

/// The lines of a page, and the block elements around them.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    /// In document order.
    pub(super) lines: Vec<Block>,
    /// In document order: a parent stands before its children.
    elements: Vec<Element>,
    /// The answer for an index without an element.
    root: Element,
    /// Attributes that hold dates.
    pub(super) marks: Vec<Mark>,
    /// Inline elements that name authors.
    pub(super) names: Vec<Name>,
    /// Sums over all lines.
    pub(super) whole: Measure,
    /// Sums over the lines of elements that look alike, by signature.
    pub(super) alike: HashMap<u64, Measure>,
    /// How often each text occurs.
    pub(super) repeats: HashMap<u64, u32>,
    /// The element with the best score, and that score.
    pub(super) best: (usize, f32),
    /// Whether the page has more lines or more text than are read.
    pub(super) is_cut: bool,
}

impl Blocks {
    /// Reads a document.
    pub(super) fn read(document: &Html) -> Self {
        let walk::Reader { lines, elements, marks, names, is_cut, .. } = walk::Reader::read(document.root_element());
        let root = Element {
            parent: 0,
            tag: String::new(),
            near: Near::default(),
            signature: 0,
            depth: 0,
            under: Measure::default(),
            links: 0.0,
            siblings: 0,
            score: 0.0,
        };
        let mut res = Self {
            lines,
            elements,
            root,
            marks,
            names,
            whole: Measure::default(),
            alike: HashMap::new(),
            repeats: HashMap::new(),
            best: (0, 0.0),
            is_cut,
        };
        res.unlink();
        res.measure();
        res
    }

    /// The element of an index.
    pub(super) fn element(&self, index: usize) -> &Element {
        self.elements.get(index).unwrap_or(&self.root)
    }

    /// The indexes of an element and its ancestors, innermost first.
    pub(super) fn around(&self, index: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(index), |it| {
            let parent = self.element(*it).parent;
            (parent < *it).then_some(parent)
        })
    }

    /// The number of steps up from each of two elements to the nearest element that contains both.
    pub(super) fn apart(&self, a: usize, b: usize) -> (usize, usize) {
        let (mut x, mut y, mut up, mut down) = (a, b, 0, 0);
        // A parent precedes its children: of two different elements, the later cannot contain the other.
        while x != y {
            if x > y {
                x = self.element(x).parent;
                up += 1;
            } else {
                y = self.element(y).parent;
                down += 1;
            }
        }
        (up, down)
    }

    /// Removes a link that was never closed: by the HTML standard it contains the rest of the page, but for a reader it
    /// is none.
    fn unlink(&mut self) {
        let whole: f32 = self.lines.iter().map(|it| it.letters).sum();
        let mut of_link: HashMap<u64, f32> = HashMap::new();
        for it in self.lines.iter().filter(|it| it.linked > 0.0) {
            *of_link.entry(it.link).or_default() += it.linked;
        }
        for it in &mut self.lines {
            if of_link.get(&it.link).is_some_and(|it| *it * 2.0 > whole) {
                (it.linked, it.n_links) = (0.0, 0.0);
            }
        }
    }

    fn measure(&mut self) {
        for block in &self.lines {
            self.whole.add(block);
            let signature = self.elements.get(block.element).map_or(0, |it| it.signature);
            self.alike.entry(signature).or_default().add(block);
            *self.repeats.entry(hash(&block.text)).or_default() += 1;
            let gain = if block.is_long() { 1.0 + (block.letters / 100.0).min(3.0) + commas(&block.text) } else { 0.0 };
            let (mut at, mut level) = (block.element, 0.0);
            while let Some(element) = self.elements.get_mut(at) {
                element.under.add(block);
                element.links += block.n_links;
                // Readability gives a paragraph's score to the elements around it, not to the paragraph itself.
                if level > 0.0 || !matches!(element.tag.as_str(), "p" | "pre" | "td" | "blockquote") {
                    let divisor = if level <= 1.0 { 1.0 } else { level * 1.5 };
                    element.score += gain / divisor;
                }
                if element.parent >= at {
                    break;
                }
                at = element.parent;
                level += 1.0;
            }
        }
        let mut siblings: HashMap<(usize, u64), u32> = HashMap::new();
        for it in self.elements.iter().filter(|it| it.under.lines > 0.0) {
            *siblings.entry((it.parent, it.signature)).or_default() += 1;
        }
        for (at, element) in self.elements.iter_mut().enumerate() {
            element.siblings = siblings.get(&(element.parent, element.signature)).copied().unwrap_or_default();
            element.score *= 1.0 - element.under.link_density();
            if element.score > self.best.1 {
                self.best = (at, element.score);
            }
        }
    }
}

/// The letters and digits of a text. A sign for a syllable or a word counts as two, so that texts with the same content
/// have about the same length in every script.
pub(super) fn weight(text: &str) -> f32 {
    text.chars()
        .map(|it| match it {
            '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => {
                2.0
            }
            it if it.is_alphanumeric() => 1.0,
            _ => 0.0,
        })
        .sum()
}

/// Commas of all scripts.
pub(super) fn commas(text: &str) -> f32 {
    text.chars().map(|it| if matches!(it, ',' | '،' | '、' | '，' | '՝') { 1.0 } else { 0.0 }).sum()
}

pub(super) fn hash(value: impl Hash) -> u64 {
    let mut state = DefaultHasher::new();
    value.hash(&mut state);
    state.finish()
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    fn read(markup: &str) -> Blocks {
        Blocks::read(&html::document(markup).unwrap())
    }

    #[test]
    fn a_line_is_a_block() {
        let page = read(
            "<div>Loose<p>One <b>two</b><br>three</p><ul><li><a href=/x>four</a></li></ul><script>no</script></div>",
        );
        let texts: Vec<_> = page.lines.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["Loose", "One two", "three", "four"]);
        let tags: Vec<_> = page.lines.iter().map(|it| page.element(it.element).tag.as_str()).collect();
        assert_eq!(tags, ["div", "p", "p", "li"]);
        assert!(page.lines[2].after_break && page.lines[3].linked > 3.0);
    }

    #[test]
    fn hidden_words_are_no_part_of_a_line() {
        let page = read("<p>The <span style='display: none'>pop-up</span>minister spoke</p>");
        assert_eq!(page.lines[0].text, "The minister spoke");
    }

    #[test]
    fn measures_the_elements() {
        let text = "A paragraph that is long enough to be running text, with a comma and some more words in it.";
        let page = read(&format!("<article><p>{text}</p><p>{text}</p></article><nav><a href=/>Home</a></nav>"));
        let first = &page.lines[0];
        let around: Vec<_> = page.around(first.element).map(|it| page.element(it).tag.clone()).collect();
        assert_eq!(around, ["p", "article", "body", "html"]);
        assert_eq!(page.element(page.best.0).tag, "article");
        assert_eq!(page.apart(first.element, page.lines[1].element), (1, 1));
        assert!((page.whole.long_lines - 2.0).abs() < 1e-6);
    }
}
