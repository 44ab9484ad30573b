//! The distances between the days that a page names, by where they are. A page with a day of March in its structured
//! data, and days of May in its text, was published in March.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::{Candidate, Place};

/// Groups of places, in each of which the nearest day is searched for.
const GROUPS: [&[Place]; 9] = [
    &[Place::LdPublished],
    &[Place::MetaPublished],
    &[Place::LdPublished, Place::LdOther, Place::MetaPublished, Place::MarkPublished],
    &[Place::LdModified, Place::MetaModified, Place::MarkModified, Place::ScriptModified],
    &[Place::Time],
    &[Place::Address],
    &[Place::Text],
    &[Place::ScriptPublished],
    &[Place::Text, Place::LongText],
];

/// "The page names no such day."
const NONE: f32 = -999.0;

/// Stands behind all places.
const NO_PLACE: f32 = 30.0;

/// The days of a page, sorted by where they stand.
pub(super) struct Distances<'a> {
    days: &'a BTreeMap<NaiveDate, Candidate>,
    /// In order of time.
    groups: [Vec<NaiveDate>; GROUPS.len()],
    /// For each place the number of days with it as their best.
    best: [f32; Place::COUNT],
}

impl<'a> Distances<'a> {
    pub(super) fn of(days: &'a BTreeMap<NaiveDate, Candidate>) -> Self {
        let groups = GROUPS.map(|places| {
            let stands = |it: &Candidate| places.iter().any(|place| it.stands_at(*place));
            days.values().filter(|it| stands(it)).map(|it| it.day).collect()
        });
        let mut best = [0.0; Place::COUNT];
        for it in days.values() {
            if let Some(count) = best.get_mut(it.place as usize) {
                *count += 1.0;
            }
        }
        Self { days, groups, best }
    }

    /// For each group: the distance in days to the nearest day, logarithmic with a sign, and whether it is later than
    /// the first; then how the place compares, and the day itself.
    pub(super) fn row(&self, it: &Candidate) -> Vec<f32> {
        let mut row = Vec::with_capacity(2 * GROUPS.len() + 6);
        for group in &self.groups {
            row.extend(match group.first() {
                None => [NONE; 2],
                Some(first) => [nearest(group, it.day), flag(it.day > *first)],
            });
        }
        let better: f32 = self.best.iter().take(it.place as usize).sum();
        row.extend([
            self.other_reading(it.day).map_or(NO_PLACE, |it| f32::from(it.place as u8)),
            flag(better < 1.0),
            better,
            it.day.year() as f32,
            it.counts.iter().sum(),
            // 1 January, which programs write that know only the year.
            flag(it.day.ordinal() == 1),
        ]);
        row
    }

    /// The day with day and month exchanged.
    fn other_reading(&self, day: NaiveDate) -> Option<&Candidate> {
        let other = NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()).filter(|it| *it != day)?;
        self.days.get(&other)
    }
}

/// Days from the nearest of some days, in order of time, to one.
fn nearest(days: &[NaiveDate], day: NaiveDate) -> f32 {
    let at = days.partition_point(|it| *it < day);
    let around = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|it| days.get(it));
    let distance = around.map(|it| (day - *it).num_days()).min_by_key(|it| (it.abs(), *it)).unwrap_or_default();
    (distance.signum() as f32) * (distance.abs() as f32).ln_1p()
}

fn flag(is_so: bool) -> f32 {
    if is_so { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_day_is_found_on_either_side() {
        let day = |it: u32| NaiveDate::from_ymd_opt(2026, 1, it).unwrap();
        let days = [day(3), day(10), day(20)];
        for (of, expected) in
            [(3, 0.0), (5, 3.0_f32.ln()), (9, -(2.0_f32.ln())), (21, 2.0_f32.ln()), (1, -(3.0_f32.ln()))]
        {
            assert!((nearest(&days, day(of)) - expected).abs() < 1e-5, "{of}");
        }
    }
}
