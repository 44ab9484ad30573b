//! Keys by which a word finds the names that may be meant: the classes of its consonants in order, and whether it
//! begins and ends with a vowel.

use std::{collections::HashSet, hash::BuildHasherDefault};

use super::{
    index::Fnv,
    sounds::{Costs, MEMBERS, Sound},
    spelling::Lattice,
};

/// The most consonants that make a key; later ones are left to the comparison.
const MAX_CONSONANTS: usize = 12;

/// The most keys of a word. Words with more readings are long, and any of their usual readings finds them.
const MAX_KEYS: usize = 64;

/// In a slot: nothing may stand there.
const NOTHING: u16 = 1 << 15;

/// One reading's consonants, and what may stand around them. Most of what is found by the classes can be dismissed by
/// the rest, without a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the reading, and all are packed with it")]
pub(super) struct Key {
    /// Four bits a consonant.
    classes: u64,
    /// What each consonant may be, as bits; see [`member`].
    consonants: [u16; MAX_CONSONANTS],
    len: u8,
    /// Whether slots hold what may stand there, of which one does; else all of it does.
    is_choice: bool,
    /// Whether something came after the last consonant.
    is_open: bool,
    /// Whether a vowel did.
    has_vowel: bool,
    /// Whether a vowel stands before the first consonant.
    starts_with_vowel: bool,
    /// The sounds that may stand before each consonant and after the last one, as bits.
    slots: [u16; MAX_CONSONANTS + 1],
    /// The least that it costs to leave out what stands in each slot, in hundredths, and the same where short vowels are not
    /// written. Of names only.
    omitted: [[u8; MAX_CONSONANTS + 1]; 2],
    /// How unusual this reading is, in hundredths. Of names only.
    reading: u8,
}

impl Key {
    /// What the key is looked up by.
    pub(super) fn hash(&self) -> u64 {
        self.classes << 2 | u64::from(self.starts_with_vowel) << 1 | u64::from(self.has_vowel)
    }

    /// A step further in a reading.
    fn after(mut self, cost: u8) -> Self {
        self.reading = self.reading.saturating_add(cost);
        self
    }

    fn with(mut self, class: u8, sound: Sound, omitted: [u8; 2], splits: bool) -> Self {
        let at = usize::from(self.len);
        // Two consonants of a class side by side are one: `ts`, `тц`, `dt`.
        let is_same = at > 0 && !self.is_open && !splits && self.classes & 15 == u64::from(class);
        if class != 0 && (is_same || at >= MAX_CONSONANTS) {
            if let Some(it) = self.consonants.get_mut(at - 1).filter(|_| is_same) {
                *it |= member(class, sound);
            }
            return self;
        }
        if class == 0 {
            if let Some(slot) = self.slots.get_mut(at) {
                *slot |= bit(sound);
            }
            for (slots, cost) in self.omitted.iter_mut().zip(omitted) {
                if let Some(slot) = slots.get_mut(at) {
                    *slot = slot.saturating_add(cost);
                }
            }
            self.is_open = true;
            self.has_vowel |= sound.is_vowel();
            return self;
        }
        self.close();
        if at == 0 {
            self.starts_with_vowel = self.has_vowel;
        }
        self.classes = self.classes << 4 | u64::from(class);
        if let Some(it) = self.consonants.get_mut(at) {
            *it = member(class, sound);
        }
        self.len += 1;
        self.is_open = false;
        self.has_vowel = false;
        self
    }

    /// Ends the slot that is being filled.
    fn close(&mut self) {
        if !self.is_open
            && let Some(slot) = self.slots.get_mut(usize::from(self.len))
        {
            *slot |= NOTHING;
        }
    }

    fn closed(mut self) -> Self {
        self.close();
        self.is_open = false;
        self
    }

    /// Whether two readings have consonants of the same classes, so that one key can stand for both.
    fn is_like(&self, other: &Self) -> bool {
        self.classes == other.classes
            && (self.is_open, self.has_vowel, self.starts_with_vowel)
                == (other.is_open, other.has_vowel, other.starts_with_vowel)
    }

    fn add(&mut self, other: &Self) {
        for (consonant, more) in self.consonants.iter_mut().zip(other.consonants) {
            *consonant |= more;
        }
        for (slot, more) in self.slots.iter_mut().zip(other.slots) {
            *slot |= more;
        }
        self.reading = self.reading.min(other.reading);
        for (slot, other) in self.omitted.iter_mut().flatten().zip(other.omitted.iter().flatten()) {
            *slot = (*slot).min(*other);
        }
    }

    /// How unusual the reading is, in hundredths.
    pub(super) fn reading(&self) -> u16 {
        u16::from(self.reading)
    }

    /// How many consonants it has.
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The least that comparing this reading of a name with a word can cost; both have the same classes.
    #[inline]
    pub(super) fn least_cost(&self, word: &Self, costs: &Costs, is_abjad: bool, limit: u16) -> u16 {
        // One of the two has one plain reading.
        let mut sum = u16::from(self.reading) + u16::from(word.reading);
        if sum > limit {
            return sum;
        }
        let mut classes = self.classes << (64 - 4 * u32::from(self.len).max(1));
        for (a, b) in self.consonants.iter().zip(word.consonants).take(usize::from(self.len)) {
            sum += costs.of_members((classes >> 60) as usize, *a, b);
            classes <<= 4;
        }
        if sum > limit {
            return sum;
        }
        let is_choice = word.is_choice;
        for (name, word) in self.slots.iter().zip(word.slots).take(usize::from(self.len) + 1) {
            sum += costs.of_slots(*name, word, is_abjad, is_choice);
        }
        sum
    }
}

/// A reading of a word that many names are held against: what each consonant and each vowel of a name costs at its places.
#[derive(Debug)]
pub(super) struct Probe {
    len: usize,
    consonants: [[u8; 16]; MAX_CONSONANTS],
    slots: [Slot; MAX_CONSONANTS + 1],
    is_abjad: bool,
}

/// What stands at a place of a word where names may have vowels.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// Nothing.
    Empty,
    /// Something from which next to nothing follows.
    Any,
    /// One vowel: what those of a name cost against it, in the last place what it costs where the name has none.
    Vowel([u8; 16]),
    /// Several vowels.
    Vowels(u16),
}

impl Probe {
    /// Makes ready to hold names against a plain reading of a word.
    pub(super) fn new(word: &Key, costs: &Costs, is_abjad: bool) -> Self {
        let len = word.len();
        let mut res =
            Self { len, consonants: [[0; 16]; MAX_CONSONANTS], slots: [Slot::Any; MAX_CONSONANTS + 1], is_abjad };
        let mut classes = word.classes << (64 - 4 * u32::from(word.len).max(1));
        for (row, consonant) in res.consonants.iter_mut().zip(word.consonants).take(len) {
            let class = (classes >> 60) as usize;
            *row = costs.against_members(class, consonant);
            classes <<= 4;
        }
        for (slot, sounds) in res.slots.iter_mut().zip(word.slots).take(len + 1) {
            *slot = if sounds & NOTHING != 0 {
                Slot::Empty
            } else if sounds.is_power_of_two() {
                Slot::Vowel(costs.against_alone(sounds, is_abjad))
            } else {
                Slot::Vowels(sounds)
            };
        }
        res
    }

    /// As [`Key::least_cost`], of a name in Latin letters.
    #[inline]
    pub(super) fn least_cost(&self, name: &Key, costs: &Costs, limit: u16) -> u16 {
        let mut sum = u16::from(name.reading);
        for (row, members) in self.consonants.iter().zip(name.consonants).take(self.len) {
            sum += least(row, members);
        }
        if sum > limit {
            return sum;
        }
        let [omitted, in_abjad] = &name.omitted;
        let omitted = if self.is_abjad { in_abjad } else { omitted };
        for ((slot, name), omitted) in self.slots.iter().zip(name.slots).zip(omitted).take(self.len + 1) {
            sum += match slot {
                Slot::Empty => u16::from(*omitted),
                Slot::Any => 0,
                // Nothing is no choice where there is something else.
                Slot::Vowel(row) => least(row, if name & !NOTHING == 0 { NOTHING } else { name & !NOTHING }),
                Slot::Vowels(word) => costs.of_slots(name, *word, self.is_abjad, false),
            };
        }
        sum
    }
}

/// The least of the costs at the bits that are set.
#[inline]
fn least(row: &[u8; 16], bits: u16) -> u16 {
    let (mut res, mut rest) = (u8::MAX, bits);
    while rest != 0 {
        res = res.min(row.get(rest.trailing_zeros() as usize).copied().unwrap_or_default());
        rest &= rest - 1;
    }
    u16::from(res)
}

/// The place of a consonant among those of its class.
fn member(class: u8, sound: Sound) -> u16 {
    MEMBERS.get(usize::from(class)).and_then(|it| it.iter().position(|it| *it == sound)).map_or(0, |at| 1 << at)
}

/// The place of a sound in a slot.
pub(super) fn bit(sound: Sound) -> u16 {
    1 << match sound {
        Sound::A | Sound::Alef => 0,
        Sound::Ae => 1,
        Sound::E => 2,
        Sound::I => 3,
        Sound::Y => 4,
        Sound::O => 5,
        Sound::Oe => 6,
        Sound::U => 7,
        Sound::Ue => 8,
        Sound::J => 9,
        Sound::FirstAlef => 10,
        Sound::LastHeh => 11,
        Sound::Ya => 12,
        Sound::Waw => 13,
        // Consonants that may be left out: next to nothing follows from them.
        _ => 14,
    }
}

/// The keys of a plain reading; in Persian a vowel may stand between any two consonants.
pub(super) fn of_sounds(sounds: &[Sound], is_abjad: bool, res: &mut Vec<Key>) {
    res.clear();
    res.push(Key::default());
    for (at, sound) in sounds.iter().enumerate() {
        let before = res.len();
        let classes = sound.classes();
        if let [class] = classes {
            for key in res.iter_mut() {
                *key = key.with(*class, *sound, [0; 2], is_abjad);
            }
        } else if before * classes.len() <= MAX_KEYS {
            for at in 0..before {
                let Some(key) = res.get(at).copied() else { break };
                for (n, class) in classes.iter().enumerate() {
                    let next = key.with(*class, *sound, [0; 2], is_abjad);
                    match res.get_mut(at).filter(|_| n == 0) {
                        Some(first) => *first = next,
                        None => res.push(next),
                    }
                }
            }
        }
        // The alef that only props up two consonants is no vowel.
        if at == 0 && *sound == Sound::FirstAlef && matches!(sounds.get(1), Some(Sound::S | Sound::Sh)) {
            res.push(Key::default());
        }
    }
    for key in res.iter_mut() {
        // و and ی may be vowels at either end.
        *key = key.closed();
    }
    if is_abjad {
        ends_both_ways(sounds, res);
    }
}

/// In Persian, `و` and `ی` at the start or the end may be vowels or not.
fn ends_both_ways(sounds: &[Sound], res: &mut Vec<Key>) {
    let is_unclear = |it: Option<&Sound>| matches!(it, Some(Sound::Waw | Sound::Ya));
    for at in 0..res.len() {
        let Some(key) = res.get(at).copied() else { break };
        if is_unclear(sounds.last()) {
            res.push(Key { has_vowel: true, ..key });
        }
        if is_unclear(sounds.first()) {
            res.push(Key { starts_with_vowel: true, ..key });
        }
    }
}

/// How the keys of some names begin. What no name begins with need not be read on.
#[derive(Debug, Clone, Default)]
pub(super) struct Beginnings(HashSet<u64, BuildHasherDefault<Fnv>>);

impl Beginnings {
    pub(super) fn add(&mut self, key: &Key) {
        let mut classes = key.classes;
        while classes != 0 && self.0.insert(classes) {
            classes >>= 4;
        }
    }

    fn has(&self, key: &Key) -> bool {
        key.classes == 0 || self.0.contains(&key.classes)
    }
}

/// Room for [`of_lattice`], so that it allocates little.
#[derive(Debug, Default)]
pub(super) struct KeyRoom(Vec<Vec<Key>>);

/// The keys of all readings; of those only that some name may have, where it is told how they begin.
pub(super) fn of_lattice(lattice: &Lattice, names: Option<&Beginnings>, room: &mut KeyRoom, res: &mut Vec<Key>) {
    res.clear();
    if room.0.len() < lattice.nodes {
        room.0.resize_with(lattice.nodes, Vec::new);
    }
    let Some(at_node) = room.0.get_mut(..lattice.nodes) else { return };
    at_node.iter_mut().for_each(Vec::clear);
    if let Some(start) = at_node.first_mut() {
        start.push(Key::default());
    }
    let may_be = |key: &Key| names.is_none_or(|it| it.has(key));
    for edge in &lattice.edges {
        let (head, tail) = at_node.split_at_mut(usize::from(edge.from) + 1);
        let to = tail.get_mut(usize::from(edge.to).saturating_sub(usize::from(edge.from) + 1));
        let (Some(from), Some(to)) = (head.last(), to) else { continue };
        for key in from {
            let key = key.after(edge.cost);
            let Some(sound) = edge.sound else {
                push(to, key);
                continue;
            };
            for class in sound.classes() {
                let omitted = [edge.omitted, edge.omitted_in_abjad];
                let next = key.with(*class, sound, omitted, false);
                if !may_be(&next) {
                    continue;
                }
                push(to, next);
                // Persian may write two that other scripts write as one.
                let apart = key.with(*class, sound, omitted, true);
                if apart != next && may_be(&apart) {
                    push(to, apart);
                }
            }
        }
    }
    for key in at_node.last().into_iter().flatten() {
        push(res, Key { is_choice: true, ..key.closed() });
    }
}

/// Adds a reading; one that has the same consonants already takes up what may stand between them.
fn push(keys: &mut Vec<Key>, key: Key) {
    if let Some(known) = keys.iter_mut().find(|it| it.is_like(&key)) {
        known.add(&key);
    } else if keys.len() < MAX_KEYS {
        keys.push(key);
    }
}
