//! The features of a line of text, by which it is judged to be part of the article or not.
//!
//! Only the [cues](super::cues) depend on a language: lengths are letters, not words. The weights of the scorer are
//! made for exactly these features in this order: whoever changes them must make new weights
//! (`benches/extract/README.md`).

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

mod page;
mod sections;

use std::collections::{HashMap, HashSet};

use crate::text::is_sentence_end;

use super::{
    blocks::{Block, Blocks, FAR, Measure, commas, hash, share},
    clean, cues,
    head::Head,
};

use self::{
    page::{Own, Page},
    sections::Sections,
};

pub(super) use self::page::runs;

/// A row of features for each line.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    values: Vec<f32>,
    /// Features of a row.
    width: usize,
}

impl Rows {
    /// The rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.width.max(1))
    }

    /// Adds a row, as wide as those before.
    pub(super) fn push(&mut self, row: &[f32]) {
        self.width = row.len();
        self.values.extend_from_slice(row);
    }
}

/// The features of each line by itself and its place.
pub(super) fn rows(blocks: &Blocks, head: &Head) -> Rows {
    let page = Page::of(blocks, head);
    let own: Vec<_> = blocks.lines.iter().map(|it| page.own(it)).collect();
    let topics = page.topics(blocks);
    let mut sections = Sections::of(blocks, &own);
    let mut rows = Rows::default();
    let mut before = Measure::default();
    let mut row = Vec::with_capacity(250);
    for (at, (block, own_)) in blocks.lines.iter().zip(&own).enumerate() {
        row.clear();
        of_text(&mut row, block, own_);
        of_place(&mut row, blocks, &page, at, block, before);
        of_elements(&mut row, blocks, block);
        of_cards(&mut row, blocks, block);
        of_title(&mut row, blocks, &page, &topics, at, block);
        of_neighbours(&mut row, blocks, &own, at, block);
        row.extend([
            ln(blocks.whole.letters),
            ln(blocks.whole.lines),
            blocks.whole.long_share(),
            blocks.whole.link_density(),
            flag(page.article_body.is_some()),
        ]);
        sections.next(&mut row, blocks, own_, at, block);
        rows.push(&row);
        before.lines += 1.0;
        before.letters += block.letters;
        before.long_letters += if block.is_long() { block.letters } else { 0.0 };
    }
    rows
}

/// Features that say whether a line is in one of many similar boxes, as teasers are.
fn of_cards(row: &mut Vec<f32>, blocks: &Blocks, block: &Block) {
    let (mut most, mut links, mut level, mut letters) = (1, 0.0, 0, 0.0);
    for (at, it) in blocks.around(block.element).enumerate().take(8) {
        let element = blocks.element(it);
        if !matches!(element.tag.as_str(), "p" | "td" | "tr" | "br") && element.siblings > most {
            (most, links, level, letters) = (element.siblings, element.links, at, element.under.letters);
        }
    }
    row.extend([ln(most as f32), links, level as f32, ln(letters)]);
    let mut around = blocks.around(block.element).skip(1);
    for _ in 0..3 {
        let element = around.next().map(|it| blocks.element(it));
        row.extend(element.map_or([-1.0; 2], |it| [ln(it.siblings as f32), share(it.links, it.under.lines)]));
    }
}

/// How it stands to the title.
fn of_title(
    row: &mut Vec<f32>,
    blocks: &Blocks,
    page: &Page,
    topics: &HashMap<usize, HashSet<u64>>,
    at: usize,
    block: &Block,
) {
    let title = page.title_line.filter(|it| *it != at).and_then(|it| blocks.lines.get(it));
    let apart = title.map(|it| blocks.apart(block.element, it.element));
    row.extend(apart.map_or([-1.0; 2], |(up, down)| [up as f32, down as f32]));
    let n_words = page.topic.len() as f32;
    let mut around = blocks.around(block.element);
    for _ in 0..5 {
        let known = around.next().and_then(|it| topics.get(&it)).map_or(0, HashSet::len);
        row.push(if n_words > 0.0 { share(known as f32, n_words) } else { -1.0 });
    }
}

fn of_text(row: &mut Vec<f32>, block: &Block, own: &Own) {
    let text = &block.text;
    let (mut digits, mut upper, mut lower, mut marks, mut ends) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut before = ' ';
    for c in text.chars() {
        if c.is_numeric() {
            digits += 1.0;
        } else if c.is_uppercase() {
            upper += 1.0;
        } else if c.is_lowercase() {
            lower += 1.0;
        } else if !c.is_alphanumeric() && !c.is_whitespace() {
            marks += 1.0;
        }
        if (c.is_whitespace() && is_sentence_end(before)) || matches!(c, '。' | '！' | '？') {
            ends += 1.0;
        }
        before = c;
    }
    let first = text.chars().next().unwrap_or(' ');
    let last = text.trim_end_matches(['"', '”', '»', '“', '’', '\'', ')', ']', ' ']).chars().next_back().unwrap_or(' ');
    row.extend([
        ln(block.letters),
        ln(own.chars),
        ln(own.words),
        share(block.letters, own.words),
        share(block.linked, block.letters),
        block.n_links,
        share(block.strong, block.letters),
        share(digits, own.chars),
        share(upper, upper + lower),
        share(marks, own.chars),
        commas(text),
        ends,
        flag(is_sentence_end(last)),
        flag(matches!(last, ':' | '…' | ';')),
        flag(first.is_lowercase()),
        flag(first.is_numeric()),
        flag(matches!(first, '"' | '“' | '„' | '«' | '—' | '–' | '-' | '•' | '·' | '>' | '»' | '@' | '#' | '©')),
        flag(text.contains('|')),
        flag(text.contains('@') || text.contains("http") || text.contains("www.")),
        flag(own.chars <= 60.0 && clean::is_date(text)),
        flag(own.starts.any()),
        cues::notices(&own.lower) as f32,
        own.is_title,
        own.is_description,
        own.in_article_body,
        flag(block.after_break),
        flag(block.after_media),
    ]);
    row.extend(own.starts.all().map(flag));
}

fn of_place(row: &mut Vec<f32>, blocks: &Blocks, page: &Page, at: usize, block: &Block, before: Measure) {
    let repeats = blocks.repeats.get(&hash(&block.text)).copied().unwrap_or(1);
    let from_title = page.title_line.map_or(0.0, |it| at as f32 - it as f32);
    row.extend([
        ln(at as f32),
        share(before.lines, blocks.whole.lines),
        share(before.letters, blocks.whole.letters),
        share(before.long_letters, blocks.whole.long_letters),
        ln(before.long_letters),
        ln(blocks.whole.long_letters - before.long_letters),
        from_title.signum() * ln(from_title.abs()),
        flag(page.title_line.is_some()),
        repeats as f32,
    ]);
}

fn of_elements(row: &mut Vec<f32>, blocks: &Blocks, block: &Block) {
    let element = blocks.element(block.element);
    row.push(tag_number(&element.tag));
    row.extend(element.near.with(block.inline).all().map(f32::from));
    row.push(element.depth as f32);
    let alike = blocks.alike.get(&element.signature).copied().unwrap_or_default();
    row.extend([
        ln(alike.lines),
        ln(share(alike.letters, alike.lines)),
        alike.link_density(),
        alike.long_share(),
        share(alike.long_letters, blocks.whole.long_letters),
    ]);
    let mut around = blocks.around(block.element);
    let (best, best_score) = blocks.best;
    let mut best_around = 0.0_f32;
    let mut inside = None;
    for level in 0..5 {
        let Some(it) = around.next() else {
            row.extend([-1.0; 7]);
            continue;
        };
        let element = blocks.element(it);
        row.extend([
            ln(element.under.letters),
            ln(element.under.lines),
            element.under.link_density(),
            element.under.long_share(),
            share(element.under.long_letters, blocks.whole.long_letters),
            ln(share(element.under.letters, element.under.lines)),
            share(element.score, best_score),
        ]);
        best_around = best_around.max(element.score);
        if it == best {
            inside = Some(level);
        }
    }
    for (level, it) in around.enumerate() {
        if it == best {
            inside = Some(level + 5);
        }
    }
    let (up, down) = blocks.apart(block.element, best);
    row.extend([inside.map_or(f32::from(FAR), |it| it as f32), up as f32, down as f32, share(best_around, best_score)]);
    // The smallest element around it that contains most of the running text.
    let holds = |least: f32| {
        let found = blocks
            .around(block.element)
            .position(|it| blocks.element(it).under.long_letters >= least * blocks.whole.long_letters);
        found.map_or(f32::from(FAR), |it| it as f32)
    };
    row.extend([holds(0.3), holds(0.5), holds(0.7)]);
}

fn of_neighbours(row: &mut Vec<f32>, blocks: &Blocks, own: &[Own], at: usize, block: &Block) {
    let signature = blocks.element(block.element).signature;
    for step in [-1, 1, -2, 2, -3, 3] {
        let there = at.checked_add_signed(step);
        let Some((it, own)) = there.and_then(|it| blocks.lines.get(it).zip(own.get(it))) else {
            row.extend([-1.0; 8]);
            continue;
        };
        let element = blocks.element(it.element);
        let (up, down) = blocks.apart(block.element, it.element);
        row.extend([
            ln(it.letters),
            share(it.linked, it.letters),
            tag_number(&element.tag),
            flag(element.signature == signature),
            up as f32,
            down as f32,
            flag(own.starts.any()),
            flag(it.text.ends_with(is_sentence_end)),
        ]);
    }
}

pub(super) fn ln(value: f32) -> f32 {
    value.max(0.0).ln_1p()
}

pub(super) fn flag(value: bool) -> f32 {
    if value { 1.0 } else { 0.0 }
}

/// A number for each tag by its typical content, text first.
fn tag_number(tag: &str) -> f32 {
    match tag {
        "p" => 0.0,
        "blockquote" | "pre" => 1.0,
        "h2" => 2.0,
        "h3" => 3.0,
        "h4" | "h5" | "h6" => 4.0,
        "h1" => 5.0,
        "li" => 6.0,
        "dd" | "dt" => 7.0,
        "td" | "th" => 8.0,
        "div" => 9.0,
        "section" | "article" | "main" => 10.0,
        "figcaption" | "figure" | "caption" => 11.0,
        "header" | "footer" | "aside" | "nav" => 12.0,
        "body" => 13.0,
        _ => 14.0,
    }
}
