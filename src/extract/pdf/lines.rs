//! Joins pieces of text to lines, and lines to paragraphs.

use unicode_normalization::UnicodeNormalization;

use crate::text::ends_sentence;

use super::{super::plain::is_list_line, content::Piece};

/// A gap wider than this share of the letter size separates two words.
const WORD_GAP: f32 = 0.16;
/// Lines further apart than this many times the usual are not of one paragraph.
const PARAGRAPH_GAP: f32 = 1.35;
/// Lines larger than this many times the text are headings.
const HEADING: f32 = 1.15;
/// A line narrower than this share of its paragraph ends it.
const FULL: f32 = 0.75;
/// A title longer than this many characters is none.
const MAX_TITLE: usize = 300;
/// Minimum pages, and at least half of all, with a line at their edge for it to be a running head or foot.
const MIN_RUNNING: usize = 3;

#[derive(Debug, Clone)]
struct Line {
    text: String,
    y: f32,
    size: f32,
    width: f32,
}

/// The title and the paragraphs of pages. The title is the text in the largest letters on the first page, if these are
/// larger than those of the text.
pub(super) fn text(pages: &[Vec<Piece>]) -> (Option<String>, Vec<String>) {
    let mut pages: Vec<Vec<Line>> = pages.iter().map(|it| lines(it)).collect();
    drop_running(&mut pages);
    let (gap, size) = (usual_gap(&pages), usual_size(&pages));
    let title = pages.first_mut().and_then(|it| take_title(it, HEADING * size));
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for page in &pages {
        for (at, block) in page.chunk_by(|above, below| is_together(above, below, gap)).enumerate() {
            let widest = block.iter().map(|it| it.width).fold(0.0, f32::max);
            // The beginning of a page may continue the end of the page before.
            goes_on &= at == 0 && block.first().is_some_and(|it| it.size <= HEADING * size);
            for line in block {
                match paragraphs.last_mut().filter(|_| goes_on && !is_list_line(&line.text)) {
                    Some(last) => append(last, &line.text),
                    None => paragraphs.push(line.text.clone()),
                }
                // A heading continues over its lines, however short they are.
                goes_on = line.size > HEADING * size || line.width > FULL * widest;
            }
            let ends = |it: &Line| ends_sentence(&it.text) || it.text.ends_with([':', '”', '»']);
            goes_on &= block.last().is_some_and(|it| it.size <= HEADING * size && !ends(it));
        }
    }
    (title, paragraphs)
}

fn is_together(above: &Line, below: &Line, usual: f32) -> bool {
    let gap = (above.y - below.y) / below.size;
    gap > 0.0 && gap <= PARAGRAPH_GAP * usual && (above.size - below.size).abs() <= 0.15 * above.size.max(below.size)
}

fn take_title(page: &mut Vec<Line>, larger: f32) -> Option<String> {
    let largest = page.iter().map(|it| it.size).fold(0.0, f32::max);
    let is_largest = |it: &Line| it.size > 0.98 * largest;
    let from = page.iter().position(is_largest).filter(|_| largest > larger)?;
    let lines: Vec<Line> = page.iter().skip(from).take_while(|it| is_largest(it)).cloned().collect();
    let title = lines.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ");
    if title.chars().count() > MAX_TITLE {
        return None;
    }
    page.drain(from..from + lines.len());
    Some(title)
}

/// Adds a line and rejoins a word hyphenated at the end of the line before.
fn append(paragraph: &mut String, line: &str) {
    let start = paragraph.strip_suffix(['-', '\u{ad}']);
    let is_broken = start.is_some_and(|it| it.chars().next_back().is_some_and(char::is_alphabetic))
        && line.chars().next().is_some_and(char::is_lowercase);
    if is_broken {
        paragraph.pop();
    } else {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

fn lines(pieces: &[Piece]) -> Vec<Line> {
    let mut res: Vec<Line> = Vec::new();
    let is_same = |a: &Piece, b: &Piece| (a.y - b.y).abs() < 0.4 * a.size.max(b.size);
    for group in pieces.chunk_by(is_same) {
        let Some(first) = group.first() else { continue };
        let text = crate::text::one_line(&line(group));
        if !text.is_empty() {
            let size = group.iter().map(|it| it.size).fold(0.0, f32::max);
            let start = group.iter().map(|it| it.x.min(it.end)).fold(f32::MAX, f32::min);
            let end = group.iter().map(|it| it.x.max(it.end)).fold(f32::MIN, f32::max);
            res.push(Line { text, y: first.y, size, width: end - start });
        }
    }
    res
}

fn line(pieces: &[Piece]) -> String {
    let letters = || pieces.iter().flat_map(|it| it.text.chars()).filter(|it| it.is_alphabetic());
    if 2 * letters().filter(|it| is_right_to_left(*it)).count() > letters().count() {
        return right_to_left(pieces);
    }
    let mut res = String::new();
    let mut end: Option<f32> = None;
    for piece in pieces {
        if end.is_some_and(|it| piece.x - it > WORD_GAP * piece.size || it - piece.x > piece.size) {
            res.push(' ');
        }
        res.push_str(&piece.text);
        end = Some(piece.end);
    }
    res
}

/// Reads a right-to-left line: letters are drawn from left to right in any script, so the line is assembled as seen and
/// read from its right end.
fn right_to_left(pieces: &[Piece]) -> String {
    let mut pieces: Vec<&Piece> = pieces.iter().collect();
    pieces.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut seen = String::new();
    let mut end: Option<f32> = None;
    for piece in pieces {
        if end.is_some_and(|it| piece.x - it > WORD_GAP * piece.size) {
            seen.push(' ');
        }
        seen.push_str(&piece.text);
        end = Some(piece.end);
    }
    reversed(&seen)
}

/// The letters from right to left; numbers and words of other scripts stay as they are.
fn reversed(text: &str) -> String {
    // Fonts give contextual shapes; the letters themselves are wanted.
    let letters: Vec<char> = text.chars().collect();
    let is_run = |it: char| it.is_alphanumeric() && !is_right_to_left(it) || it.is_numeric();
    let mut res = String::new();
    for run in letters.chunk_by(|a, b| is_run(*a) && is_run(*b)).rev() {
        res.extend(run.iter().flat_map(|it| std::iter::once(*it).nfkc()));
    }
    res
}

pub(super) fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Cuts lines at the head or the foot of most pages, including page numbers.
fn drop_running(pages: &mut [Vec<Line>]) {
    let mark = |it: &Line| it.text.chars().map(|it| if it.is_numeric() { '0' } else { it }).collect::<String>();
    for is_foot in [false, true] {
        let edge = |page: &Vec<Line>| if is_foot { page.last() } else { page.first() }.map(mark);
        let marks: Vec<Option<String>> = pages.iter().map(edge).collect();
        let n_pages = pages.len();
        for (page, mark) in pages.iter_mut().zip(&marks) {
            let on = marks.iter().filter(|it| mark.is_some() && *it == mark).count();
            if on >= MIN_RUNNING && 2 * on > n_pages {
                let at = if is_foot { page.len().saturating_sub(1) } else { 0 };
                page.remove(at);
            }
        }
    }
}

/// The size that most letters have.
fn usual_size(pages: &[Vec<Line>]) -> f32 {
    let mut sizes: Vec<(f32, usize)> = pages.iter().flatten().map(|it| (it.size, it.text.len())).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sizes.iter().map(|it| it.1).sum::<usize>() / 2;
    let mut seen = 0;
    let middle = sizes.iter().find(|it| {
        seen += it.1;
        seen > half
    });
    middle.map_or(0.0, |it| it.0)
}

/// The distance between lines of a paragraph, in letter sizes.
fn usual_gap(pages: &[Vec<Line>]) -> f32 {
    let gaps = pages.iter().flat_map(|it| it.iter().zip(it.iter().skip(1))).map(|(a, b)| (a.y - b.y) / b.size);
    let mut gaps: Vec<f32> = gaps.filter(|it| (0.5..3.0).contains(it)).collect();
    gaps.sort_by(f32::total_cmp);
    // Paragraphs of one line each have more gaps between them than within.
    gaps.get(gaps.len() / 8).copied().unwrap_or(3.0)
}
