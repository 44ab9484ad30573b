//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -0.987, 0.354, 3.111, -1.918, 1.695, 2.946, 0.569, 1.761, 1.500, 1.076, -2.323, -0.776, 0.429, 0.129, 0.559, -2.299, 3.284, 2.439, 2.358, 0.636, -3.073, -3.620,
];
