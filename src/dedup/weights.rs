//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -6.200, -0.824, 2.645, 0.918, 1.433, 1.201, 0.312, -1.039, 0.090, 0.755, -2.313, -1.264, 1.631, 2.702, -0.300, -4.950, 7.423, 2.227, 4.179, 0.220, -1.468, -0.034, -1.443, -0.600, -3.556, 3.079, 3.630, -3.779, 0.106, 1.205, -0.362, 2.937, 1.756, 3.800, 0.817, 0.422,
];
