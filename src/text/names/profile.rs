//! The comparison of [`super::align`] for one word with many names: the cost of each sound against the word is looked
//! up once, and whole rows are computed at a time.

use super::{
    align::{HOPELESS, Heard},
    sounds::{Costs, SOUNDS},
    spelling::Steps,
};

/// The most nodes of a lattice.
const MAX_NODES: usize = 128;

/// As [`HOPELESS`]; two of them can be added.
const NEVER: i16 = 10_000;

/// A word that names are compared with, of fewer than `N` sounds.
#[derive(Debug)]
pub(super) struct Profile<const N: usize> {
    /// What each sound costs against those of the word, from the second place on.
    rows: [[i16; N]; SOUNDS],
    /// What the sounds of the word cost where the name has nothing for them, from the second place on.
    extra: [i16; N],
    len: usize,
    room: Box<[[i16; N]]>,
}

impl<const N: usize> Default for Profile<N> {
    fn default() -> Self {
        let room = vec![[NEVER; N]; MAX_NODES].into_boxed_slice();
        Self { rows: [[NEVER; N]; SOUNDS], extra: [NEVER; N], len: 0, room }
    }
}

impl<const N: usize> Profile<N> {
    /// Whether a word is short enough.
    pub(super) fn fits(heard: &Heard) -> bool {
        heard.sounds.len() < N
    }

    /// Takes up another word, which must fit, for comparisons in which only `sounds` occur: a bit for each.
    pub(super) fn take_up(&mut self, heard: &Heard, mut sounds: u64, costs: &Costs) {
        while let sound = sounds.trailing_zeros() as usize
            && let Some(row) = self.rows.get_mut(sound)
        {
            sounds &= sounds - 1;
            let costs = costs.row(sound);
            for (to, other) in row.iter_mut().skip(1).zip(&heard.sounds) {
                *to = costs.get(other.index()).map_or(NEVER, |it| i16::from(*it));
            }
            row.iter_mut().skip(heard.sounds.len() + 1).for_each(|it| *it = NEVER);
        }
        self.len = heard.sounds.len();
        self.extra = [NEVER; N];
        for (to, from) in self.extra.iter_mut().skip(1).zip(&heard.extra) {
            *to = i16::try_from(*from).unwrap_or(NEVER);
        }
    }

    /// The cost of a lattice against the word; equals [`super::align::cost`].
    pub(super) fn cost(&mut self, lattice: Steps<'_>, is_abjad: bool, limit: u16) -> u16 {
        let Some(rows) = self.room.get_mut(..lattice.nodes) else { return HOPELESS };
        let limit = i16::try_from(limit).unwrap_or(NEVER);
        rows.fill([NEVER; N]);
        if let Some(first) = rows.first_mut().and_then(|it| it.first_mut()) {
            *first = 0;
        }
        let (mut node, mut is_hopeless) = (usize::MAX, false);
        let mut reached = 0;
        let (mut from, mut shifted) = ([NEVER; N], [NEVER; N]);
        for edge in lattice.edges {
            if usize::from(edge.from) != node {
                node = usize::from(edge.from);
                // No step leads on from what costs little enough.
                if node > reached {
                    return HOPELESS;
                }
                let Some(row) = rows.get_mut(node) else { return HOPELESS };
                insertions(row, &self.extra);
                from = *row;
                // Costs only grow: what is above the limit here stays so.
                is_hopeless = from.iter().fold(NEVER, |least, it| least.min(*it)) > limit;
                for (to, from) in shifted.iter_mut().skip(1).zip(&from) {
                    *to = if *from < limit { *from } else { NEVER };
                }
            }
            if is_hopeless {
                continue;
            }
            reached = reached.max(usize::from(edge.to));
            let Some(to) = rows.get_mut(usize::from(edge.to)) else { return HOPELESS };
            let step = i16::from(edge.cost);
            let Some(sound) = edge.sound else {
                for (to, from) in to.iter_mut().zip(&from) {
                    *to = (*to).min(from + step);
                }
                continue;
            };
            let omitted = step + i16::from(if is_abjad { edge.omitted_in_abjad } else { edge.omitted });
            let Some(costs) = self.rows.get(sound.index()) else { return HOPELESS };
            for (((to, from), before), cost) in to.iter_mut().zip(&from).zip(&shifted).zip(costs) {
                *to = (*to).min(from + omitted).min(before + step + cost);
            }
        }
        let Some(last) = rows.last_mut() else { return HOPELESS };
        insertions(last, &self.extra);
        let cost = last.get(self.len).copied().unwrap_or(NEVER);
        if cost <= limit { u16::try_from(cost).unwrap_or(HOPELESS) } else { HOPELESS }
    }
}

/// Sounds of the word that the name has nothing for.
#[inline]
fn insertions<const N: usize>(row: &mut [i16; N], extra: &[i16; N]) {
    let mut before = NEVER;
    for (it, extra) in row.iter_mut().zip(extra) {
        // The first place has no sound before it.
        *it = (*it).min(before + extra);
        before = *it;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::names::{
        Script, align,
        letters::{self, Habit},
        rules::Rules,
        spelling::Lattice,
    };

    proptest! {
        #[test]
        fn agrees_with_the_plain_comparison(name in "[a-zçşğıöüə]{2,14}", word in "[а-яіїє]{2,14}", other in "[а-я]{2,12}", limit in 0_u16..200, is_abjad: bool) {
            let letters = |it: &str| it.chars().collect::<Vec<_>>();
            let lattice = Lattice::of_latin(&letters(&name), None, &Rules::default());
            let heard = |word: &str| {
                let mut heard = Heard::default();
                letters::sounds(&letters(word), Script::Cyrillic, Habit::Usual, &mut heard.sounds);
                heard.weigh();
                heard
            };
            let (heard, other) = (heard(&word), heard(&other));
            let costs = Costs::new(false);
            let expected = align::cost(lattice.steps(), &heard, &costs, is_abjad, limit, &mut align::Room::default());
            if Profile::<8>::fits(&heard) {
                let mut profile = Profile::<8>::default();
                profile.take_up(&heard, u64::MAX, &costs);
                prop_assert_eq!(profile.cost(lattice.steps(), is_abjad, limit), expected);
            }
            if Profile::<16>::fits(&heard) {
                let mut profile = Profile::<16>::default();
                profile.take_up(&heard, u64::MAX, &costs);
                prop_assert_eq!(profile.cost(lattice.steps(), is_abjad, limit), expected);
                // What another word left behind says nothing.
                profile.take_up(&other, u64::MAX, &costs);
                profile.take_up(&heard, lattice.sounds, &costs);
                prop_assert_eq!(profile.cost(lattice.steps(), is_abjad, limit), expected);
            }
        }
    }
}
