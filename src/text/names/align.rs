//! Compares two words sound by sound: the cheapest way to take one for the other.

use super::{
    sounds::{Costs, Sound},
    spelling::{Beside, MAX_LETTERS, Steps, Surroundings, omitted},
};

/// A cost above that of any useful comparison, in hundredths.
pub(super) const HOPELESS: u16 = 10_000;

/// The maximum number of sounds compared, plus one.
const WIDTH: usize = MAX_LETTERS + 8;

/// The most nodes of a lattice.
const MAX_NODES: usize = 128;

/// A word to compare with: its one reading, and the cost of each sound for which the other word has nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    pub(super) sounds: Vec<Sound>,
    pub(super) extra: Vec<u16>,
}

impl Heard {
    /// Weighs the sounds of a reading.
    pub(super) fn weigh(&mut self) {
        self.extra.clear();
        for (at, sound) in self.sounds.iter().enumerate() {
            let vowel = |it: Option<&Sound>| it.is_some_and(|it| it.is_vowel());
            let before = at.checked_sub(1).and_then(|it| self.sounds.get(it));
            let after = self.sounds.get(at + 1);
            let place = Surroundings {
                is_first: at == 0,
                is_last: at + 1 == self.sounds.len(),
                vowels: Beside::new(vowel(before), vowel(after)),
            };
            // Persian begins no word with two consonants: اسمیت is Smith.
            let is_prop = *sound == Sound::FirstAlef && matches!(after, Some(Sound::S | Sound::Sh));
            self.extra.push(if is_prop { 4 } else { u16::from(omitted(*sound, place)) });
        }
    }
}

/// A buffer for [`cost`], so that a comparison allocates nothing.
#[derive(Debug)]
pub(super) struct Room(Vec<[u16; WIDTH]>);

impl Default for Room {
    fn default() -> Self {
        Self(vec![[HOPELESS; WIDTH]; MAX_NODES])
    }
}

/// The cost of the cheapest path through `lattice` that gives `heard`, in hundredths; [`HOPELESS`] if above `limit`.
pub(super) fn cost(
    lattice: Steps<'_>,
    heard: &Heard,
    costs: &Costs,
    is_abjad: bool,
    limit: u16,
    room: &mut Room,
) -> u16 {
    let len = heard.sounds.len();
    if len + 1 > WIDTH || lattice.nodes > MAX_NODES || lattice.nodes == 0 {
        return HOPELESS;
    }
    for row in room.0.iter_mut().take(lattice.nodes) {
        for it in row.iter_mut().take(len + 1) {
            *it = HOPELESS;
        }
    }
    if let Some(start) = room.0.first_mut() {
        let mut sum = 0;
        for (it, extra) in start.iter_mut().zip(std::iter::once(&0).chain(&heard.extra)) {
            sum += extra;
            *it = sum;
        }
    }
    let (mut node, mut is_hopeless) = (0, false);
    let mut reached = 0;
    for edge in lattice.edges {
        let from_node = usize::from(edge.from);
        if from_node != node {
            node = from_node;
            // No further step starts from a node that is cheap enough.
            if node > reached {
                return HOPELESS;
            }
            let Some(row) = room.0.get_mut(node) else { return HOPELESS };
            insertions(row, heard);
            // Costs only grow, so what exceeds the limit here stays above it.
            is_hopeless = row.iter().take(len + 1).all(|it| *it > limit);
        }
        if is_hopeless {
            continue;
        }
        reached = reached.max(usize::from(edge.to));
        let (head, tail) = room.0.split_at_mut(from_node + 1);
        let (Some(from), Some(to)) = (head.last(), tail.get_mut(usize::from(edge.to) - from_node - 1)) else {
            return HOPELESS;
        };
        let step = u16::from(edge.cost);
        let Some(sound) = edge.sound else {
            for (to, from) in to.iter_mut().zip(from).take(len + 1) {
                *to = (*to).min(from + step);
            }
            continue;
        };
        let omitted = step + u16::from(if is_abjad { edge.omitted_in_abjad } else { edge.omitted });
        let mut before = HOPELESS;
        for (at, (to, from)) in to.iter_mut().zip(from).take(len + 1).enumerate() {
            let mut best = (*to).min(from + omitted);
            if before < limit
                && let Some(other) = at.checked_sub(1).and_then(|it| heard.sounds.get(it))
            {
                best = best.min(before + step + costs.of(sound, *other));
            }
            before = *from;
            *to = best;
        }
    }
    let Some(last) = room.0.get_mut(lattice.nodes - 1) else { return HOPELESS };
    insertions(last, heard);
    last.get(len).copied().filter(|it| *it <= limit).unwrap_or(HOPELESS)
}

/// Adds the cost of sounds of the other word for which this one has nothing.
fn insertions(row: &mut [u16; WIDTH], heard: &Heard) {
    let mut before = HOPELESS;
    for (it, extra) in row.iter_mut().zip(std::iter::once(&HOPELESS).chain(&heard.extra)) {
        *it = (*it).min(before.saturating_add(*extra));
        before = *it;
    }
}
