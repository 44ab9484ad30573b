//! Features of the second scorer, from the first judgement of all lines.
//!
//! The first scorer sees a line and its place. Only when all lines are judged does it show that a whole box was judged
//! not to belong to the article, that similar boxes were, that the text continues after a gap, or that it repeats text
//! above.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

use std::collections::HashMap;

use super::{
    blocks::{Block, Blocks, FAR, share},
    clean,
    features::{Rows, flag, ln, runs},
};

/// Minimum first score (0–1) of a line that is part of a run.
const IN_RUN: f32 = 0.5;

/// Minimum first score (0–1) of a line that certainly belongs to the article.
const FIRM: f32 = 0.7;

/// Maximum lines outside of a run that do not end it.
const GAP: usize = 2;

/// A number of letters, and the expected number of those that belong to the article.
#[derive(Debug, Clone, Copy, Default)]
struct Mass {
    letters: f32,
    kept: f32,
}

impl Mass {
    fn add(&mut self, letters: f32, sureness: f32) {
        self.letters += letters;
        self.kept += letters * sureness;
    }

    /// Mean first score (0–1) over the letters; -1 if there are none.
    fn mean(self) -> f32 {
        if self.letters > 0.0 { self.kept / self.letters } else { -1.0 }
    }

    fn without(self, letters: f32, sureness: f32) -> Self {
        Self { letters: self.letters - letters, kept: self.kept - letters * sureness }
    }
}

/// Lines that follow each other and were judged to belong to the article.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    first: usize,
    last: usize,
    kept: f32,
}

/// A row of features for each line; `judged` is the first judgement.
pub(super) fn rows(blocks: &Blocks, judged: &[f32]) -> Rows {
    let page = Page::of(blocks, judged);
    let mut rows = Rows::default();
    let mut row = Vec::with_capacity(100);
    for (at, (block, sureness)) in blocks.lines.iter().zip(judged).enumerate() {
        row.clear();
        page.of_neighbours(&mut row, at, *sureness);
        page.of_elements(&mut row, block, *sureness);
        page.of_core(&mut row, block);
        page.of_runs(&mut row, at);
        page.of_page(&mut row, at, block);
        rows.push(&row);
    }
    rows
}

/// Sums over the page.
struct Page<'a> {
    blocks: &'a Blocks,
    judged: &'a [f32],
    whole: Mass,
    /// Up to each line, itself not included.
    before: Vec<Mass>,
    elements: HashMap<usize, Mass>,
    alike: HashMap<u64, Mass>,
    /// The smallest elements that contain half, and most, of the text judged to be the article.
    core: [usize; 2],
    runs: Vec<Run>,
    best: Run,
    /// The share of each line that kept lines before it repeat, and that kept lines after it repeat.
    repeated: Vec<(f32, f32)>,
    /// Number of date lines before each line, since the first firm line.
    dates: Vec<f32>,
    /// Number of first-level headings before each line, since the first firm line.
    titles: Vec<f32>,
    /// Number of lines firmly judged not to belong to the article before each line, since the first firm line.
    strangers: Vec<f32>,
    /// Letters since the last firm line, and to the next.
    since: Vec<f32>,
    until: Vec<f32>,
    firm: f32,
}

impl<'a> Page<'a> {
    fn of(blocks: &'a Blocks, judged: &'a [f32]) -> Self {
        let mut res = Self {
            blocks,
            judged,
            whole: Mass::default(),
            before: Vec::new(),
            elements: HashMap::new(),
            alike: HashMap::new(),
            core: [0; 2],
            runs: Vec::new(),
            best: Run::default(),
            repeated: Vec::new(),
            dates: Vec::new(),
            titles: Vec::new(),
            strangers: Vec::new(),
            since: Vec::new(),
            until: Vec::new(),
            firm: 0.0,
        };
        res.sum_up();
        res.find_runs();
        res.count();
        res.find_repeats();
        res
    }

    fn lines(&self) -> impl DoubleEndedIterator<Item = (&'a Block, f32)> + use<'a> {
        let (lines, judged) = (&self.blocks.lines, self.judged);
        let n_lines = lines.len().min(judged.len());
        let lines = lines.get(..n_lines).unwrap_or_default();
        lines.iter().zip(judged.get(..n_lines).unwrap_or_default().iter().copied())
    }

    fn sum_up(&mut self) {
        for (block, sureness) in self.lines() {
            self.before.push(self.whole);
            self.whole.add(block.letters, sureness);
            let mut last = 0;
            for (level, it) in self.blocks.around(block.element).enumerate() {
                self.elements.entry(it).or_default().add(block.letters, sureness);
                let signature = self.blocks.element(it).signature;
                // Boxes of one look inside each other count once.
                if level < 4 && signature != last {
                    self.alike.entry(signature).or_default().add(block.letters, sureness);
                    last = signature;
                }
            }
        }
        for (core, part) in self.core.iter_mut().zip([0.5, 0.8]) {
            let least = part * self.whole.kept;
            // A parent precedes its children: the last element that contains enough is the smallest.
            *core = self.elements.iter().filter(|(_, it)| it.kept >= least).map(|(at, _)| *at).max().unwrap_or(0);
        }
    }

    fn find_runs(&mut self) {
        for (at, (block, sureness)) in self.lines().enumerate().filter(|(_, (_, sureness))| *sureness >= IN_RUN) {
            match self.runs.last_mut().filter(|it| at <= it.last + GAP + 1) {
                Some(run) => {
                    run.last = at;
                    run.kept += block.letters * sureness;
                }
                None => self.runs.push(Run { first: at, last: at, kept: block.letters * sureness }),
            }
        }
        self.best = self.runs.iter().copied().reduce(|a, b| if b.kept > a.kept { b } else { a }).unwrap_or_default();
    }

    fn count(&mut self) {
        let (mut dates, mut titles, mut strangers, mut since) = (0.0, 0.0, 0.0, -1.0);
        for (block, sureness) in self.lines() {
            self.dates.push(dates);
            self.titles.push(titles);
            self.strangers.push(strangers);
            self.since.push(since);
            let is_firm = sureness >= FIRM;
            if is_firm {
                self.firm += 1.0;
                since = 0.0;
            } else if since >= 0.0 {
                since += block.letters;
            }
            if since >= 0.0 {
                dates += flag(block.text.len() < 60 && clean::is_date(&block.text));
                titles += flag(self.blocks.element(block.element).tag == "h1");
                strangers += flag(sureness < 0.2);
            }
        }
        let mut until = -1.0;
        for (block, sureness) in self.lines().rev() {
            self.until.push(until);
            if sureness >= FIRM {
                until = 0.0;
            } else if until >= 0.0 {
                until += block.letters;
            }
        }
        self.until.reverse();
    }

    fn find_repeats(&mut self) {
        let of_lines: Vec<Vec<u64>> = self
            .lines()
            .map(|(block, sureness)| if sureness > 0.02 { runs(&block.text) } else { Vec::new() })
            .collect();
        let mut places: HashMap<u64, (usize, usize)> = HashMap::new();
        for (at, (of_line, (_, sureness))) in of_lines.iter().zip(self.lines()).enumerate() {
            if sureness >= IN_RUN {
                for it in of_line {
                    places.entry(*it).or_insert((at, at)).1 = at;
                }
            }
        }
        for (at, of_line) in of_lines.iter().enumerate() {
            let (mut earlier, mut later) = (0.0, 0.0);
            for (first, last) in of_line.iter().filter_map(|it| places.get(it)) {
                earlier += flag(*first < at);
                later += flag(*last > at);
            }
            let n_runs = of_line.len() as f32;
            self.repeated.push((share(earlier, n_runs), share(later, n_runs)));
        }
    }

    fn mass(&self, element: usize) -> Mass {
        self.elements.get(&element).copied().unwrap_or_default()
    }

    /// The sums over the lines from `first` up to `end`.
    fn between(&self, first: usize, end: usize) -> Mass {
        let at = |it: usize| self.before.get(it).copied().unwrap_or(self.whole);
        let (a, b) = (at(first), at(end));
        Mass { letters: b.letters - a.letters, kept: b.kept - a.kept }
    }

    fn of_neighbours(&self, row: &mut Vec<f32>, at: usize, sureness: f32) {
        row.push(sureness);
        for step in [-1, 1, -2, 2, -3, 3] {
            let there = at.checked_add_signed(step).and_then(|it| self.judged.get(it));
            row.push(there.copied().unwrap_or(-1.0));
        }
        for wide in [3, 8, 20] {
            row.push(self.between(at.saturating_sub(wide), at).mean());
            row.push(self.between(at + 1, at + 1 + wide).mean());
        }
    }

    fn of_elements(&self, row: &mut Vec<f32>, block: &Block, sureness: f32) {
        let mut around = self.blocks.around(block.element);
        for level in 0..6 {
            let Some(it) = around.next() else {
                row.extend([-1.0; 4]);
                continue;
            };
            let mass = self.mass(it);
            row.extend([
                mass.without(block.letters, sureness).mean(),
                share(mass.kept, self.whole.kept),
                ln(mass.kept),
            ]);
            let alike = self.alike.get(&self.blocks.element(it).signature).filter(|_| level < 4);
            row.push(alike.map_or(-1.0, |it| it.without(block.letters, sureness).mean()));
        }
    }

    fn of_core(&self, row: &mut Vec<f32>, block: &Block) {
        for core in self.core {
            let (up, down) = self.blocks.apart(block.element, core);
            row.extend([up as f32, down as f32]);
            // The part of the core, or the box beside it, that contains the line.
            let branch = self.blocks.around(block.element).take_while(|it| *it > core).last();
            let is_inside = self.blocks.around(block.element).any(|it| it == core);
            let mass = branch.map_or(self.whole, |it| self.mass(it));
            row.extend([
                flag(is_inside),
                mass.mean(),
                share(mass.kept, self.whole.kept),
                branch.map_or(f32::from(FAR), |it| self.blocks.element(it).siblings as f32),
            ]);
        }
    }

    fn of_runs(&self, row: &mut Vec<f32>, at: usize) {
        let n_before = self.runs.partition_point(|it| it.first <= at);
        let run = n_before.checked_sub(1).and_then(|it| self.runs.get(it)).filter(|it| at <= it.last);
        row.extend(match run {
            Some(it) => [
                share(it.kept, self.whole.kept),
                share(it.kept, self.best.kept),
                ln((at - it.first) as f32),
                ln((it.last - at) as f32),
            ],
            None => [-1.0; 4],
        });
        let (first, last) = (self.best.first, self.best.last);
        let (from, gap) = if at < first {
            (-ln((first - at) as f32), self.between(at, first))
        } else if at > last {
            (ln((at - last) as f32), self.between(last + 1, at))
        } else {
            (0.0, Mass::default())
        };
        row.extend([from, ln(gap.letters), gap.mean(), ln(self.runs.len() as f32), n_before as f32]);
        let of = |list: &[f32]| list.get(at).copied().unwrap_or_default();
        let known = |value: f32| if value < 0.0 { -1.0 } else { ln(value) };
        row.extend([known(of(&self.since)), known(of(&self.until))]);
        row.extend([of(&self.dates), of(&self.titles), ln(of(&self.strangers))]);
    }

    fn of_page(&self, row: &mut Vec<f32>, at: usize, block: &Block) {
        let (earlier, later) = self.repeated.get(at).copied().unwrap_or_default();
        let before = self.before.get(at).copied().unwrap_or_default();
        row.extend([
            earlier,
            later,
            share(before.kept, self.whole.kept),
            ln(self.whole.kept),
            self.whole.mean(),
            ln(self.firm),
            share(block.letters, self.whole.kept),
            ln((self.whole.kept - before.kept).max(0.0)),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    const TEXT: &str =
        "The delegation arrived on Monday evening, and the talks about the bridge began at once in the hall.";

    fn of(markup: &str, judged: &[f32]) -> Vec<Vec<f32>> {
        rows(&Blocks::read(&html::document(markup).unwrap()), judged).iter().map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn every_line_has_a_row_of_one_width() {
        let page = format!("<h1>Title</h1><p>{TEXT}</p><p>1 May 2026</p><ul><li>One</li></ul>");
        let rows = of(&page, &[0.1, 0.9, 0.2, 0.0]);
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|it| it.len() == rows[0].len() && it.iter().all(|it| it.is_finite())));
        let judged: Vec<f32> = rows.iter().map(|it| it[0]).collect();
        assert_eq!(judged, [0.1, 0.9, 0.2, 0.0]);
        assert!(of("", &[]).is_empty());
    }

    #[test]
    fn knows_what_stands_around_and_what_is_said_again() {
        let page = format!("<article><p>{TEXT}</p></article><div><p>{TEXT}</p></div>");
        let rows = of(&page, &[0.9, 0.6]);
        let (first, second) = (&rows[0], &rows[1]);
        // The neighbours: none before the first line, the second after it.
        assert!((first[1] + 1.0).abs() < 1e-6 && (first[2] - 0.6).abs() < 1e-6);
        assert!((second[1] - 0.9).abs() < 1e-6);
        let n_features = first.len();
        // What is said again: later for the first line, earlier for the second.
        assert!(first[n_features - 8] < 0.5 && first[n_features - 7] > 0.5);
        assert!(second[n_features - 8] > 0.5 && second[n_features - 7] < 0.5);
    }
}
