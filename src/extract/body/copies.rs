//! Pages that hold their text more than once: for narrow and for wide screens, for readers with and without a
//! subscription, or once more as one line for a list of articles.

use std::collections::{HashMap, HashSet};

use crate::extract::{blocks::share, features::runs};

use super::Judged;

/// A line of fewer letters is not counted as part of a copy: headings and answers recur.
const LEAST: f32 = 50.0;

/// Minimum share (0–1) of a line that stands elsewhere for it to be a copy.
const SAME: f32 = 0.9;

/// Minimum share (0–1) of the text that has a copy for the page to hold it twice. A smaller part that recurs is a
/// refrain or a set phrase.
const MOST: f32 = 0.6;

/// Maximum letters of copies, in multiples of the letters copied. A page with more is a list of similar items.
const MAX_COPIES: f32 = 2.1;

/// Maximum share (0–1) of the copies that stands between the lines that they are copies of. A page with more is a list
/// of similar items.
const MOST_BETWEEN: f32 = 0.1;

/// Cuts the copies of a text that the page holds more than once; what stands first stays.
pub(super) fn cut(lines: &mut [Judged<'_>]) {
    cut_gathered(lines);
    let mut first: HashMap<u64, usize> = HashMap::new();
    let (mut copies, mut copied) = (Vec::new(), HashSet::new());
    let (mut letters_of_copies, mut letters) = (0.0, 0.0);
    for (at, it) in kept(lines) {
        let of_line = runs(&it.block.text);
        let known: Vec<usize> = of_line.iter().filter_map(|it| first.get(it).copied()).collect();
        if part(known.len(), of_line.len()) >= SAME {
            letters_of_copies += it.block.letters;
            copies.push(at);
            copied.extend(known);
        } else {
            letters += it.block.letters;
            for it in of_line {
                first.entry(it).or_insert(at);
            }
        }
    }
    let letters_copied: f32 = copied.iter().filter_map(|it| lines.get(*it)).map(|it| it.block.letters).sum();
    let last = copied.iter().max().copied().unwrap_or_default();
    let between: f32 =
        copies.iter().filter(|it| **it < last).filter_map(|it| lines.get(*it)).map(|it| it.block.letters).sum();
    let is_once_more = letters_copied > 0.0
        && letters_copied >= MOST * letters
        && letters_of_copies <= MAX_COPIES * letters_copied
        && between <= MOST_BETWEEN * letters_of_copies;
    if !is_once_more {
        return;
    }
    for at in copies {
        if let Some(line) = lines.get_mut(at) {
            line.cut = Some(REASON);
        }
    }
}

const REASON: &str = "the page says it twice";

/// Cuts lines that join the text of three or more other lines.
fn cut_gathered(lines: &mut [Judged<'_>]) {
    let mut sayers: HashMap<u64, Vec<usize>> = HashMap::new();
    let of_lines: Vec<(usize, Vec<u64>)> = kept(lines).map(|(at, it)| (at, runs(&it.block.text))).collect();
    for (at, of_line) in &of_lines {
        for it in of_line {
            let sayers = sayers.entry(*it).or_default();
            if sayers.len() < 4 && sayers.last() != Some(at) {
                sayers.push(*at);
            }
        }
    }
    let lengths: HashMap<usize, usize> = of_lines.iter().map(|(at, it)| (*at, it.len())).collect();
    let mut cut = Vec::new();
    for (at, of_line) in of_lines.iter().filter(|it| it.1.len() > 40) {
        let length = |it: &usize| lengths.get(it).copied().unwrap_or_default();
        // Shorter lines alone gather into a longer one.
        let others = |it: &u64| -> Vec<usize> {
            let sayers = sayers.get(it).map(Vec::as_slice).unwrap_or_default();
            sayers.iter().copied().filter(|it| it != at && length(it) * 2 < of_line.len()).collect()
        };
        let (mut found, mut parts) = (0, HashSet::new());
        for it in of_line {
            let others = others(it);
            found += usize::from(!others.is_empty());
            parts.extend(others);
        }
        // Runs of words across the boundaries are in none of the parts.
        if parts.len() >= 3 && part(found + 2 * (parts.len() - 1), of_line.len()) >= SAME {
            cut.push(*at);
        }
    }
    for at in cut {
        if let Some(line) = lines.get_mut(at) {
            line.cut = Some(REASON);
        }
    }
}

fn kept<'a>(lines: &'a [Judged<'_>]) -> impl Iterator<Item = (usize, &'a Judged<'a>)> {
    lines.iter().enumerate().filter(|(_, it)| it.cut.is_none() && it.block.letters >= LEAST)
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn part(a: usize, b: usize) -> f32 {
    share(a as f32, b as f32)
}
