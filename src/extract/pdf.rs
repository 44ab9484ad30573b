//! The text of a PDF document. Pure, and bounded in every way: objects, unpacked bytes, pages, operators, text.
//!
//! Own code, because no crate that was tried stays within bounds: `lopdf` 0.47 takes 9 GB for a file of 154 kB,
//! `pdf-extract` is built on it, and `hayro-syntax` 0.9 unpacks streams without a limit. Only what text needs is read:
//! no encrypted files, no pictures of pages, and for fonts that do not say what their codes mean only Latin and named
//! letters.

mod content;
mod file;
mod font;
mod lines;
mod object;

#[cfg(test)]
mod tests;

use std::{collections::HashSet, rc::Rc};

use self::{
    content::Interpreter,
    file::File,
    object::{Dict, Object},
};

/// Pages of one document that are read.
const MAX_PAGES: usize = 300;

/// The text read from a document.
#[derive(Debug, PartialEq)]
pub(super) struct Text {
    pub(super) title: Option<String>,
    pub(super) paragraphs: Vec<String>,
    /// How many pages it has.
    pub(super) pages: usize,
}

/// The text of a document; the reason where it has none.
pub(super) fn text(bytes: &[u8]) -> Result<Text, &'static str> {
    let mut file = File::read(bytes).ok_or("it is an encrypted PDF document")?;
    let pages = pages(&file);
    let mut interpreter = Interpreter::default();
    let mut pieces = Vec::new();
    for page in &pages {
        let mut content = Vec::new();
        for number in &page.content {
            content.extend(file.stream(*number).unwrap_or_default());
            content.push(b'\n');
        }
        pieces.push(interpreter.page(&mut file, &content, &page.resources));
    }
    let (title, paragraphs) = lines::text(&pieces);
    let letters = || paragraphs.iter().chain(&title).flat_map(|it| it.chars());
    let words = letters().filter(|it| it.is_alphabetic()).count();
    // A font with other meanings of its codes gives odd signs instead of words.
    let strange = letters().filter(|it| matches!(it, '\u{e000}'..='\u{f8ff}' | '\u{fffd}')).count();
    match words {
        0 => Err("it is a PDF document without text that can be read"),
        _ if strange * 4 > words => Err("it is a PDF document whose letters mean nothing"),
        _ => Ok(Text { title, paragraphs, pages: pages.len() }),
    }
}

struct Page {
    content: Vec<u32>,
    resources: Rc<Dict>,
}

/// The pages in the order of the tree of pages (§7.7.3), or in file order if the tree is broken.
fn pages(file: &File<'_>) -> Vec<Page> {
    let is = |dict: &Dict, of: &str| dict.get("Type").and_then(Object::name) == Some(of);
    let root = file.dicts().find(|(_, it)| is(it, "Catalog")).and_then(|(_, it)| it.get("Pages").cloned());
    let (mut res, mut seen) = (Vec::new(), HashSet::new());
    let mut waiting: Vec<(Object, Rc<Dict>)> = root.into_iter().map(|it| (it, Rc::default())).collect();
    while let Some((node, inherited)) = waiting.pop() {
        let is_new = match &node {
            Object::Reference(number) => seen.insert(*number),
            _ => false,
        };
        let Some(dict) = file.resolve(&node).dict().filter(|_| is_new) else { continue };
        let resources = file.get(dict, "Resources").and_then(Object::dict).cloned().unwrap_or(inherited);
        match file.get(dict, "Kids").and_then(Object::array) {
            Some(kids) if !is(dict, "Page") => {
                let kids = kids.get(..kids.len().min(10_000)).unwrap_or_default().iter().rev();
                let kids = kids.filter(|it| matches!(it, Object::Reference(_)));
                waiting.extend(kids.map(|it| (it.clone(), Rc::clone(&resources))));
            }
            _ => res.push(Page { content: content(file, dict), resources }),
        }
        if res.len() >= MAX_PAGES {
            return res;
        }
    }
    if res.is_empty() {
        let mut all: Vec<(u32, &Rc<Dict>)> = file.dicts().filter(|(_, it)| is(it, "Page")).collect();
        all.sort_by_key(|it| it.0);
        res.extend(all.into_iter().take(MAX_PAGES).map(|(_, dict)| Page {
            content: content(file, dict),
            resources: file.get(dict, "Resources").and_then(Object::dict).cloned().unwrap_or_default(),
        }));
    }
    res
}

/// The numbers of the streams that a page is made of.
fn content(file: &File<'_>, page: &Dict) -> Vec<u32> {
    let number = |it: &Object| match it {
        Object::Reference(number) => Some(*number),
        _ => None,
    };
    let Some(content) = page.get("Contents") else { return Vec::new() };
    match file.resolve(content) {
        Object::Array(parts) => parts.iter().filter_map(number).take(1_000).collect(),
        _ => number(content).into_iter().collect(),
    }
}
