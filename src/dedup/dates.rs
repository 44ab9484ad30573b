//! How near in time the held articles are to another. Pure.
//!
//! That two articles are from the same hour says much if few articles came in over years, and little if thousands came
//! in today.

use std::collections::BTreeMap;

use crate::model::Timestamp;

/// Number of time spans that are distinguished, each twice the one before: from an hour to 1,024 hours, six weeks.
const STEPS: usize = 11;
/// Number of articles assumed at the same moment: with few articles held, nearness in time says little.
const PRIOR_ARTICLES: f32 = 4.0;

/// The dates of the articles held, in hours since 1970.
#[derive(Debug, Clone, Default)]
pub struct Dates {
    hours: BTreeMap<i64, u32>,
    articles: u32,
}

impl Dates {
    /// Counts an article of this date.
    pub fn add(&mut self, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        *self.hours.entry(hour(at)).or_default() += 1;
        self.articles = self.articles.saturating_add(1);
    }

    /// Counts it no more.
    pub fn remove(&mut self, at: Option<Timestamp>) {
        let Some(hour) = at.map(hour) else { return };
        let Some(n) = self.hours.get_mut(&hour) else { return };
        *n = n.saturating_sub(1);
        self.articles = self.articles.saturating_sub(1);
        if *n == 0 {
            self.hours.remove(&hour);
        }
    }

    /// What nearness in time to an article of this date says, by distance.
    pub fn around(&self, at: Option<Timestamp>) -> Coincidence {
        let Some(hour) = at.map(hour) else { return Coincidence::default() };
        let mut near = [0_u32; STEPS];
        let furthest = 1 << (STEPS - 1);
        for (other, n) in self.hours.range(hour - furthest..=hour + furthest) {
            // 0 and 1 hour are the first step, up to 2 the second, up to 4 the third.
            let step = (other - hour).unsigned_abs().max(1).next_power_of_two().ilog2();
            if let Some(it) = near.get_mut(step as usize) {
                *it = it.saturating_add(*n);
            }
        }
        let mut within = 0_u32;
        Coincidence(near.map(|it| {
            within = within.saturating_add(it);
            #[expect(clippy::cast_precision_loss, reason = "counts of articles")]
            let share = (within as f32 + PRIOR_ARTICLES) / (self.articles as f32 + PRIOR_ARTICLES);
            -share.ln()
        }))
    }
}

fn hour(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(3600)
}

/// What an article's nearness in time to another says: minus the logarithm of the share of held articles that are as
/// near, which is the surprise (Shannon) if it were about something else. 0 if all are as near, or if dates are
/// missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Coincidence([f32; STEPS]);

impl Coincidence {
    /// The value for two articles `days` days apart.
    pub fn of(&self, days: f32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let last = (STEPS - 1) as f32;
        let place = (days * 24.0).max(1.0).log2().min(last);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a few")]
        let at = place as usize;
        let step = |at: usize| self.0.get(at.min(STEPS - 1)).copied().unwrap_or_default();
        let (near, far) = (step(at), step(at + 1));
        near + (far - near) * place.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Option<Timestamp> {
        Timestamp::from_timestamp(1_790_000_000 + hours * 3600, 0)
    }

    #[test]
    fn one_hour_says_much_in_years_and_little_in_a_day() {
        let held = |step: i64| {
            let mut dates = Dates::default();
            (0..200).for_each(|n| dates.add(at(n * step)));
            dates.around(at(100 * step))
        };
        let (in_years, in_days) = (held(24 * 7), held(1));
        assert!(in_years.of(0.01) > 3.0, "{in_years:?}");
        assert!(in_days.of(2.0) < 1.0, "{in_days:?}");
        // The further apart, the less.
        let gaps = [0.0, 0.1, 0.5, 1.0, 3.0, 10.0, 40.0, 400.0];
        assert!(gaps.windows(2).all(|it| in_years.of(it[0]) >= in_years.of(it[1])), "{in_years:?}");
    }

    #[test]
    fn what_all_have_in_common_says_nothing() {
        let mut dates = Dates::default();
        (0..1000).for_each(|_| dates.add(at(0)));
        assert!(dates.around(at(0)).of(0.0).abs() < 1e-6);
        assert!(dates.around(None).of(0.0).abs() < 1e-6 && Dates::default().around(at(0)).of(0.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_left_of_what_went() {
        let mut dates = Dates::default();
        for it in [at(0), at(5), None, at(5)] {
            dates.add(it);
        }
        for it in [at(5), None, at(0), at(5), at(7)] {
            dates.remove(it);
        }
        assert!(dates.hours.is_empty() && dates.articles == 0, "{dates:?}");
    }
}
