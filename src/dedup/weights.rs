//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -6.048, -0.788, 2.533, 0.915, 1.446, 1.240, 0.345, -1.091, 0.112, 0.585, -2.244, -1.317, 1.633, 2.615, -0.341, -4.758, 7.148, 2.150, 4.046, 0.239, -1.516, -0.059, -1.391, -0.533, -3.463, 3.013, 3.524, -3.585, 0.240, 1.372, -0.358, 2.858, 1.728, 3.577, 0.828, 0.413,
];
