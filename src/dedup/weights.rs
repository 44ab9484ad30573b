//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -4.091, -0.251, -0.138, 0.997, 1.921, 1.776, 0.682, -1.008, 0.298, 0.826, -1.594, 0.869, 1.044, -0.407, 1.743, -3.112, 3.205, 1.867, 3.054, 0.737, -1.404, -2.319, 1.063, 0.249, -1.814, 3.675, 1.068, -2.039,
];
