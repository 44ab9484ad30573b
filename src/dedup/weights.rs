//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -3.641, -0.100, 0.206, 0.905, 2.213, 1.436, 0.440, -1.297, 0.537, 0.804, -1.491, 0.443, 0.712, -0.091, 1.934, -3.053, 3.309, 2.202, 2.856, 0.658, -1.458, -2.348, 1.199, 0.108, -1.731, 3.707, 1.113, -2.077,
];
