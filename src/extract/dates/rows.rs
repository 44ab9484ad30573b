//! The days that a page names as the scorer of dates sees them.

use chrono::{Datelike, NaiveDate};

use crate::extract::{cues::Cue, words::Kind};

use super::{Candidate, Candidates, distances::Distances, said::Said};

impl Candidates {
    /// The days with their features, in order of time.
    pub(in crate::extract) fn features(&self) -> Vec<(&Candidate, Vec<f32>)> {
        let firsts = self.days.values().map(|it| it.first_line).fold(f32::MAX, f32::min);
        let (n_days, last) = (self.days.len() as f32, self.days.keys().next_back().copied());
        let distances = Distances::of(&self.days);
        let mut best_lines: Vec<f32> = self.days.values().filter_map(|it| Some(it.best_line?.distance())).collect();
        best_lines.sort_unstable_by(f32::total_cmp);
        let row = |at: usize, it: &Candidate| {
            let mut row = self.row(it, at as f32, n_days, last, firsts);
            row.extend(distances.row(it));
            row.extend(Self::standing(it, &best_lines));
            row
        };
        self.days.values().enumerate().map(|(at, it)| (it, row(at, it))).collect()
    }

    fn row(&self, it: &Candidate, at: f32, n_days: f32, last: Option<NaiveDate>, firsts: f32) -> Vec<f32> {
        let mut row = it.counts.map(|it| it.min(5.0)).to_vec();
        let month = Some((it.day.year(), it.day.month()));
        let agrees = |other: Option<(i32, u32)>| match other {
            None => 0.0,
            other => {
                if other == month {
                    1.0
                } else {
                    -1.0
                }
            }
        };
        row.extend([
            at,
            n_days - 1.0 - at,
            n_days,
            agrees(self.address),
            agrees(self.picture),
            self.rights.map_or(-50.0, |year| (year - it.day.year()) as f32),
            last.map_or(0.0, |last| ((last - it.day).num_days() as f32).ln_1p()),
            if it.first_line <= firsts { 1.0 } else { 0.0 },
            if it.is_swapped { 1.0 } else { 0.0 },
            if it.has_time() { 1.0 } else { 0.0 },
            f32::from(it.place as u8),
            it.counts.iter().filter(|it| **it > 0.0).count() as f32,
        ]);
        match it.best_line {
            None => row.extend([-1.0; 4 + NEAR.len()]),
            Some(line) => {
                let cue = |it: Cue| if line.starts.says(it) { 1.0 } else { 0.0 };
                row.extend([line.from_title, line.length, cue(Cue::Published), cue(Cue::Byline)]);
                row.extend(NEAR.iter().map(|it| f32::from(line.near.to(*it))));
            }
        }
        row
    }

    /// The place of the best line, and how many lines have a better one; `distances` are those of all best lines,
    /// sorted.
    fn standing(it: &Candidate, distances: &[f32]) -> [f32; 7] {
        let Some(line) = it.best_line else { return [-1.0; 7] };
        let said = |it: Option<Said>| match it {
            None => 0.0,
            Some(Said::Published) => 1.0,
            Some(Said::Changed) => 2.0,
        };
        let better = distances.partition_point(|it| *it < line.distance());
        let (here, before) = (said(line.said), said(line.said_before));
        [here, before, line.nth, line.of, line.longs_above, line.longs_below, better as f32]
    }
}

/// Kinds of elements that may be near a line with a date.
const NEAR: &[Kind] = &[
    Kind::Date,
    Kind::Byline,
    Kind::Comment,
    Kind::Related,
    Kind::List,
    Kind::Footer,
    Kind::FooterTag,
    Kind::Sidebar,
    Kind::AsideTag,
    Kind::Nav,
    Kind::Header,
    Kind::HeaderTag,
    Kind::ArticleTag,
    Kind::Article,
    Kind::Caption,
    Kind::Body,
    Kind::Live,
];
