//! Distances to the surrounding elements of each kind.

use crate::extract::words::{Kind, Kinds};

/// The largest distance, which also means "not inside such an element".
pub(in crate::extract) const FAR: u8 = 12;

/// How far up the nearest element of each [`Kind`] is: 0 for the element itself, [`FAR`] for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Near([u8; Kind::COUNT]);

impl Default for Near {
    /// Inside nothing.
    fn default() -> Self {
        Self([FAR; Kind::COUNT])
    }
}

impl Near {
    /// How far the nearest element of a kind is.
    pub(in crate::extract) fn to(&self, kind: Kind) -> u8 {
        self.0.get(kind as usize).copied().unwrap_or(FAR)
    }

    /// Whether the element itself is of a kind.
    pub(in crate::extract) fn is(&self, kind: Kind) -> bool {
        self.to(kind) == 0
    }

    /// The distances one element further in.
    pub(super) fn inside(self) -> Self {
        Self(self.0.map(|it| (it + 1).min(FAR)))
    }

    /// The distances if the element, or something within its lines, is also of these kinds.
    pub(in crate::extract) fn with(mut self, kinds: Kinds) -> Self {
        for (kind, it) in self.0.iter_mut().enumerate() {
            if kinds.has(kind) {
                *it = 0;
            }
        }
        self
    }

    /// The distances, in the order of kinds.
    pub(in crate::extract) fn all(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}
