//! The part of a page that a line is in: which of several articles, under which heading, after which labels.

use crate::extract::{
    blocks::{Block, Blocks, share},
    cues::Cue,
    words::Kind,
};

use super::{flag, ln, page::Own};

/// Labels that begin or end a part of a page.
const LABELS: [Cue; 8] =
    [Cue::Share, Cue::Related, Cue::Subscribe, Cue::Comment, Cue::Rights, Cue::Byline, Cue::Published, Cue::Tags];

/// A longer line is no label.
const LABEL: f32 = 60.0;

/// The parts of a page, passed line by line.
pub(super) struct Sections {
    /// The elements that are articles, in document order.
    articles: Vec<usize>,
    /// For each of [`LABELS`], the lines that are one.
    labels: [Vec<usize>; LABELS.len()],
    /// The last heading that was passed.
    heading: Option<Heading>,
}

#[derive(Clone, Copy)]
struct Heading {
    at: usize,
    level: f32,
    letters: f32,
    says: bool,
}

impl Sections {
    pub(super) fn of(blocks: &Blocks, own: &[Own]) -> Self {
        let mut articles: Vec<usize> = blocks.lines.iter().flat_map(|it| around(blocks, it)).collect();
        articles.sort_unstable();
        articles.dedup();
        let labels = LABELS.map(|cue| {
            let is_label = |(block, own): (&Block, &Own)| block.letters < LABEL && own.says(cue);
            let lines = blocks.lines.iter().zip(own).enumerate();
            lines.filter(|(_, it)| is_label(*it)).map(|it| it.0).collect()
        });
        Self { articles, labels, heading: None }
    }

    /// The features of the next line.
    pub(super) fn next(&mut self, row: &mut Vec<f32>, blocks: &Blocks, own: &Own, at: usize, block: &Block) {
        let number = |it: Option<usize>| {
            it.and_then(|it| self.articles.binary_search(&it).ok()).map_or(-1.0, |it| ln(it as f32))
        };
        let (mut depth, mut inmost, mut outmost) = (0.0, None, None);
        for it in around(blocks, block) {
            depth += 1.0;
            inmost = inmost.or(Some(it));
            outmost = Some(it);
        }
        let part = inmost.map_or(-1.0, |it| share(blocks.element(it).under.long_letters, blocks.whole.long_letters));
        row.extend([depth, number(inmost), number(outmost), ln(self.articles.len() as f32), part]);
        for lines in &self.labels {
            let next = lines.partition_point(|it| *it <= at);
            let before = next.checked_sub(1).and_then(|it| lines.get(it));
            row.push(before.map_or(-1.0, |it| ln((at - it) as f32)));
            row.push(lines.get(next).map_or(-1.0, |it| ln((it - at) as f32)));
        }
        row.extend(
            self.heading.map_or([-1.0; 4], |it| [ln((at - it.at) as f32), it.level, ln(it.letters), flag(it.says)]),
        );
        row.push(flag(["{{", "${", "{*"].iter().any(|it| block.text.contains(it))));
        let tag = blocks.element(block.element).tag.as_str();
        row.push(flag(matches!(tag, "pre" | "code")));
        if let [b'h', level @ b'1'..=b'6'] = tag.as_bytes() {
            self.heading =
                Some(Heading { at, level: f32::from(level - b'0'), letters: block.letters, says: own.starts.any() });
        }
    }
}

/// The articles around a line, inmost first.
fn around<'a>(blocks: &'a Blocks, block: &Block) -> impl Iterator<Item = usize> + use<'a> {
    let is_article = |it: &usize| blocks.element(*it).near.is(Kind::ArticleTag);
    blocks.around(block.element).filter(is_article)
}
