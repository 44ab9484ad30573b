//! The days that a page names as the scorer of dates sees them.

use chrono::{Datelike, NaiveDate};

use crate::extract::{blocks::FAR, cues::Cue, words::Kind};

use super::{Candidate, Candidates, distances::Distances};

impl Candidates {
    /// The days with their features, in order of time.
    pub(in crate::extract) fn features(&self) -> Vec<(&Candidate, Vec<f32>)> {
        let firsts = self.days.values().map(|it| it.first_line).fold(f32::MAX, f32::min);
        let (n_days, last) = (self.days.len() as f32, self.days.keys().next_back().copied());
        let distances = Distances::of(&self.days);
        let row = |at: usize, it: &Candidate| {
            let mut row = self.row(it, at as f32, n_days, last, firsts);
            row.extend(distances.row(it));
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
            if it.written.time.is_some() { 1.0 } else { 0.0 },
            f32::from(it.place as u8),
            it.counts.iter().filter(|it| **it > 0.0).count() as f32,
        ]);
        match it.best_line {
            None => row.extend([-1.0; 4 + NEAR.len()]),
            Some((from_title, length, near, starts)) => {
                let cue = |it: Cue| if starts >> it as u8 & 1 == 1 { 1.0 } else { 0.0 };
                row.extend([from_title, length, cue(Cue::Published), cue(Cue::Byline)]);
                row.extend(NEAR.iter().map(|it| near.get(*it as usize).map_or(f32::from(FAR), |it| f32::from(*it))));
            }
        }
        row
    }
}

/// What may be near a line with a date.
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
