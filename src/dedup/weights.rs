//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -5.752, -0.533, 1.820, 0.836, 1.092, 1.219, 0.704, -0.393, 0.153, 0.645, -2.089, -0.325, 1.438, 2.179, -0.244, -3.836, 3.732, 2.126, 3.125, 0.314, -1.529, -0.071, -1.231, -0.521, -2.974, 2.244, 2.936, -3.126, 0.049, 1.266, -0.624, 2.017, 1.396, 3.205, 0.791, 0.248,
];
