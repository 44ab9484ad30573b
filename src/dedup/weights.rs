//! What the numbers of `closeness` weigh: fitted by `benches/stories/fit.py`, not by hand.

use super::closeness::FEATURES;

/// In the order in which `closeness::features` makes them.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; FEATURES] = [
    -3.066, -0.638, 1.563, 0.451, 1.745, 2.117, 0.430, -0.491, 0.186, 0.778, -1.968, -0.978, 0.880, 1.169, 1.290, -1.837, 3.709, 2.278, 3.096, 0.712, -2.389, -4.014, 0.036, 0.189, -3.443, 2.729, 1.943, -2.379, 0.611, 3.032, 2.066, 1.308, 1.474, 1.221,
];
