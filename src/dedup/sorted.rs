//! What two sorted lists have in common. Pure.

/// Calls `found` with the places of what stands in both lists, each sorted by `hash` and without repeats.
pub(super) fn in_both<T>(a: &[T], b: &[T], hash: impl Fn(&T) -> u32, mut found: impl FnMut(usize, usize)) {
    let (mut x, mut y) = (0, 0);
    while let (Some(first), Some(second)) = (a.get(x).map(&hash), b.get(y).map(&hash)) {
        if first == second {
            found(x, y);
        }
        // Most items are in one list only, unpredictably: a step without a branch costs less than a mispredicted
        // branch.
        x += usize::from(first <= second);
        y += usize::from(second <= first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_in_both() {
        let check = |a: &[u32], b: &[u32], expected: &[(usize, usize)]| {
            let mut found = Vec::new();
            in_both(a, b, |it| *it, |x, y| found.push((x, y)));
            assert_eq!(found, expected, "{a:?} {b:?}");
        };
        check(&[], &[1, 2], &[]);
        check(&[1, 3, 5, 9], &[0, 3, 4, 9], &[(1, 1), (3, 3)]);
        check(&[7], &[1, 2, 7, 8], &[(0, 2)]);
        check(&[0, u32::MAX], &[u32::MAX], &[(1, 0)]);
    }
}
