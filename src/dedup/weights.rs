//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -2.979, -0.191, 1.122, 0.605, 1.520, 1.774, 0.610, -0.453, 0.208, 0.729, -2.075, -0.967, 0.914, 0.866, 0.845, -1.702, 3.470, 2.185, 3.018, 0.738, -2.313, -4.143, 0.663, 0.588, -2.924, 2.383, 1.580, -2.709, 0.790, 3.240, 2.141, 1.572, 1.484, 0.979,
];
