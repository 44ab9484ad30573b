//! A scorer learned beforehand: a sum over decision trees.

/// A node of a tree, followed by its left subtree: feature number, threshold, and the number of nodes of the left
/// subtree, which applies if the feature is at most the threshold. A leaf has the number [`LEAF`] and its value.
pub(super) type Node = (u16, f32, u8);

/// The feature number of leaves.
pub(super) const LEAF: u16 = u16::MAX;

/// Weights, as `benches/extract/train.py` makes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scorer {
    /// The trees, one after the other.
    pub(super) trees: &'static [&'static [Node]],
}

impl Scorer {
    /// The score (0–1) of a row of features.
    pub(super) fn judge(&self, row: &[f32]) -> f32 {
        let sum: f32 = self.trees.iter().map(|it| leaf(it, row)).sum();
        1.0 / (1.0 + (-sum).exp())
    }
}

fn leaf(tree: &[Node], row: &[f32]) -> f32 {
    let mut at = 0;
    while let Some((feature, value, left)) = tree.get(at) {
        if *feature == LEAF {
            return *value;
        }
        let is_left = row.get(usize::from(*feature)).is_none_or(|it| it <= value);
        at += if is_left { 1 } else { 1 + usize::from(*left) };
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &[Node] = &[(0, 1.5, 3), (1, 0.0, 1), (LEAF, 1.0, 0), (LEAF, 2.0, 0), (LEAF, -3.0, 0)];

    #[test]
    fn walks_a_tree() {
        for (row, expected) in [([1.0, -1.0], 1.0), ([1.5, 1.0], 2.0), ([2.0, 0.0], -3.0)] {
            assert!((leaf(TREE, &row) - expected).abs() < f32::EPSILON, "{row:?}");
        }
    }

    #[test]
    fn adds_trees_up() {
        let sum = Scorer { trees: &[TREE, TREE] }.judge(&[2.0, 0.0]);
        assert!((sum - 1.0 / (1.0 + 6.0_f32.exp())).abs() < 1e-6);
        assert!((Scorer { trees: &[] }.judge(&[]) - 0.5).abs() < 1e-6);
    }
}
