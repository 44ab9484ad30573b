//! Finds what is above the first paragraph of a document without markup: the title, and clutter around it.

use crate::text::{cited::host, ends_sentence};

use super::clean;

/// A line longer than this many characters is text, not a title.
const MAX_TITLE: usize = 200;

/// A sentence longer than this many characters is a paragraph.
const SHORT: usize = 80;

/// Maximum lines above the first paragraph.
const MAX_LINES: usize = 8;

/// Minimum separators between the links of a bar.
const MIN_SIGNS: usize = 3;

/// What was cut, and why.
type Cut = Vec<(String, &'static str)>;

/// The title if there is one, the paragraphs without it and without clutter, and the clutter. If `is_named`, the title
/// is known and none is searched for. Dates, bylines and the like stay, to be cut like those of pages.
pub(super) fn read(paragraphs: &[String], is_named: bool) -> (Option<String>, Vec<&str>, Cut) {
    let n_top = paragraphs.iter().take(MAX_LINES).take_while(|it| !is_paragraph(it)).count();
    // Of a document that has nothing else the first line is its title, if it looks like one.
    let n_top = if n_top == paragraphs.len() { n_top.min(1) } else { n_top };
    let (mut title, mut kept, mut cut) = (None, Vec::new(), Cut::new());
    let mut is_above = !is_named && paragraphs.len() > 1;
    for (at, line) in paragraphs.iter().enumerate() {
        let beside = [at.checked_sub(1), Some(at + 1).filter(|it| *it < n_top)];
        let mut beside = beside.into_iter().flatten().filter_map(|it| paragraphs.get(it));
        if let Some(reason) = around(line, beside.any(|it| it == line)).filter(|_| at < n_top) {
            cut.push((line.clone(), reason));
            continue;
        }
        is_above &= at < n_top;
        let bare = without_link(line);
        match is_above && clean::above(line).is_none() {
            true if is_title(bare) => {
                title = Some(bare.to_owned());
                cut.extend((bare != line).then(|| (line.clone(), "the title, with a link behind it")));
                is_above = false;
            }
            is_first => {
                is_above &= !is_first;
                kept.push(line.as_str());
            }
        }
    }
    (title, kept, cut)
}

fn is_paragraph(line: &str) -> bool {
    let n_chars = line.chars().count();
    !is_bar(line) && (n_chars > MAX_TITLE || (n_chars > SHORT && ends_sentence(line)))
}

/// Why a line above the text is neither part of it nor its title; `None` if it may be. `is_double`: it occurs twice
/// there.
fn around(line: &str, is_double: bool) -> Option<&'static str> {
    if is_bar(line) {
        Some("a bar of links")
    } else if is_site(line) {
        Some("the name of the site")
    } else {
        is_double.then_some("the caption of a picture")
    }
}

/// Whether a line has the links of a page's head or foot: many names parted by signs.
fn is_bar(line: &str) -> bool {
    let parts = line.split(['|', '·', '•', '»', '›']).map(str::trim).filter(|it| !it.is_empty());
    let (mut n, mut longest) = (0, 0);
    for it in parts {
        n += 1;
        longest = longest.max(it.chars().count());
    }
    n > MIN_SIGNS && longest <= SHORT && !ends_sentence(line)
}

/// Whether a line is a site's name with its address behind it, or the address alone.
fn is_site(line: &str) -> bool {
    let (before, last) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
    let is_parted = before.is_empty() || before.ends_with(['–', '—', '-', '|', ':', '·']);
    is_parted && !last.contains('/') && host(last).is_some()
}

/// A title without the address that posts have behind it.
fn without_link(line: &str) -> &str {
    let Some((before, last)) = line.rsplit_once(char::is_whitespace) else { return line };
    let address = last.trim_start_matches("https://").trim_start_matches("http://");
    let is_address = address.split_once('/').is_some_and(|(it, _)| host(it).is_some());
    if is_address { before.trim_end_matches(|it: char| it.is_whitespace() || "–—-|:".contains(it)) } else { line }
}

fn is_title(line: &str) -> bool {
    line.chars().count() <= MAX_TITLE
        && line.contains(char::is_alphabetic)
        && (!ends_sentence(line) || line.ends_with(['!', '?', '؟', '！', '？']))
        && !line.ends_with([',', ';', ':'])
}
