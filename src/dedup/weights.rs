//! What the numbers of `closeness` weigh: fitted in the way of `benches/stories/fit.py`, not by hand. On the development sets the
//! script comes to numbers a little apart, which tell stories as well within a report or two.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them: of one language, of different ones.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -4.630, 1.410, 7.126, -0.287, 1.862, -9.653, 1.545, 1.126, 2.085, -9.832, 24.471, 3.657, 10.751, 5.959, -6.474, -4.652,
];
