//! Keys by which a word finds the names that may be meant: the classes of its consonants in order, and whether it
//! begins and ends with a vowel.

use crate::text::fnv::Set;

use super::{
    sounds::{Abjad, Costs, MEMBERS, Sound, least_of},
    spelling::Lattice,
};

/// Maximum consonants in a key; later ones are left to the comparison.
const MAX_CONSONANTS: usize = 12;

/// Maximum keys of a word. Words with more readings are long, and any of their usual readings finds them.
const MAX_KEYS: usize = 64;

/// Bit of a slot: it may be empty.
const NOTHING: u16 = 1 << 15;

/// The consonants of one reading, and what may stand between them. Most names found by the classes can be excluded by
/// the rest, without a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the reading, and all are packed with it")]
pub(super) struct Key {
    /// Four bits a consonant.
    classes: u64,
    /// What each consonant may be, as bits; see [`member`].
    consonants: [u16; MAX_CONSONANTS],
    len: u8,
    /// Whether a slot lists alternatives, of which one is there; otherwise everything listed is there.
    is_choice: bool,
    /// Whether something came after the last consonant.
    is_open: bool,
    /// Whether a vowel did.
    has_vowel: bool,
    /// Whether a vowel stands before the first consonant.
    starts_with_vowel: bool,
    /// The sounds that may stand before each consonant and after the last one, as bits.
    slots: [u16; MAX_CONSONANTS + 1],
    /// The minimum cost of omitting the content of each slot, in hundredths, and the same if short vowels are not
    /// written. For names only.
    omitted: [[u8; MAX_CONSONANTS + 1]; 2],
    /// How unusual this reading is, in hundredths. Of names only.
    unusual: u8,
}

/// The key of a name without what it shares with all that it is looked up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed<'k> {
    /// How unusual this reading is, in hundredths.
    unusual: u8,
    consonants: &'k [u16],
    slots: &'k [u16],
    /// What it costs to leave out what stands in each slot, and where short vowels are not written, in two bytes.
    omitted: &'k [u16],
}

impl<'k> Packed<'k> {
    /// The codes of a key with so many consonants.
    pub(super) const fn width(len: usize) -> usize {
        3 * len + 2
    }

    /// From what [`Key::pack`] has written.
    #[inline]
    pub(super) fn new(codes: &'k [u16], len: usize, unusual: u8) -> Self {
        let (consonants, rest) = codes.split_at_checked(len).unwrap_or_default();
        let (slots, omitted) = rest.split_at_checked(len + 1).unwrap_or_default();
        Self { unusual, consonants, slots, omitted }
    }

    /// The minimum possible cost of comparing this reading of a name with a word; both have the same classes.
    #[inline]
    pub(super) fn least_cost(&self, word: &Key, costs: &Costs, abjad: Abjad, limit: u16) -> u16 {
        // One of the two has one plain reading.
        let mut sum = u16::from(self.unusual) + u16::from(word.unusual);
        if sum > limit {
            return sum;
        }
        let mut classes = word.classes << (64 - 4 * u32::from(word.len).max(1));
        for (a, b) in self.consonants.iter().zip(word.consonants) {
            sum += costs.of_members((classes >> 60) as usize, *a, b);
            if sum > limit {
                return sum;
            }
            classes <<= 4;
        }
        for (name, word_slot) in self.slots.iter().zip(word.slots) {
            sum += costs.of_slots(*name, word_slot, abjad, word.is_choice);
            if sum > limit {
                break;
            }
        }
        sum
    }
}

/// What makes two keys the same: the classes, whether something followed the last, whether a vowel did, and whether a
/// vowel precedes the first.
type Outline = (u64, bool, bool, bool);

/// What a sound is to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It stands between consonants.
    Between,
    /// It is one with the consonant before it.
    Same,
    /// A consonant more.
    New,
    /// A consonant that makes no key.
    Nothing,
}

impl Key {
    /// What the key is looked up by.
    pub(super) fn hash(&self) -> u64 {
        self.classes << 2 | u64::from(self.starts_with_vowel) << 1 | u64::from(self.has_vowel)
    }

    /// Whether a consonant stands beside one of its class, so that the two may be one: `ts`, `тц`, `dt`.
    fn is_same(&self, class: u8) -> bool {
        class != 0 && self.len > 0 && !self.is_open && self.classes & 15 == u64::from(class)
    }

    /// What a sound adds.
    fn step(&self, class: u8, splits: bool) -> Step {
        match class {
            0 => Step::Between,
            _ if !splits && self.is_same(class) => Step::Same,
            _ if usize::from(self.len) >= MAX_CONSONANTS => Step::Nothing,
            _ => Step::New,
        }
    }

    /// What the classes become with a sound.
    fn classes_with(&self, class: u8, step: Step) -> u64 {
        if step == Step::New { self.classes << 4 | u64::from(class) } else { self.classes }
    }

    /// What [`Key::is_like`] asks of the key that it becomes with a sound.
    fn outline_with(&self, class: u8, sound: Sound, step: Step) -> Outline {
        let (is_open, has_vowel, starts_with_vowel) = match step {
            Step::Between => (true, self.has_vowel | sound.is_vowel(), self.starts_with_vowel),
            Step::New => (false, false, if self.len == 0 { self.has_vowel } else { self.starts_with_vowel }),
            Step::Same | Step::Nothing => (self.is_open, self.has_vowel, self.starts_with_vowel),
        };
        (self.classes_with(class, step), is_open, has_vowel, starts_with_vowel)
    }

    /// Adds a sound: a consonant of a class, or what stands between (0).
    fn push(&mut self, class: u8, sound: Sound, omitted: [u8; 2], step: Step) {
        let at = usize::from(self.len);
        let (classes, is_open, has_vowel, starts_with_vowel) = self.outline_with(class, sound, step);
        match step {
            Step::Between => {
                if let Some(slot) = self.slots.get_mut(at) {
                    *slot |= bit(sound);
                }
                for (slots, cost) in self.omitted.iter_mut().zip(omitted) {
                    if let Some(slot) = slots.get_mut(at) {
                        *slot = slot.saturating_add(cost);
                    }
                }
            }
            Step::New => {
                self.close();
                if let Some(it) = self.consonants.get_mut(at) {
                    *it = member(class, sound);
                }
                self.len += 1;
            }
            Step::Same => {
                if let Some(it) = at.checked_sub(1).and_then(|it| self.consonants.get_mut(it)) {
                    *it |= member(class, sound);
                }
            }
            Step::Nothing => (),
        }
        (self.classes, self.is_open, self.has_vowel, self.starts_with_vowel) =
            (classes, is_open, has_vowel, starts_with_vowel);
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

    fn outline(&self) -> Outline {
        (self.classes, self.is_open, self.has_vowel, self.starts_with_vowel)
    }

    /// Whether two readings have consonants of the same classes, so that one key can stand for both.
    fn is_like(&self, other: Outline) -> bool {
        self.outline() == other
    }

    fn add(&mut self, other: &Self) {
        for (consonant, more) in self.consonants.iter_mut().zip(other.consonants) {
            *consonant |= more;
        }
        for (slot, more) in self.slots.iter_mut().zip(other.slots) {
            *slot |= more;
        }
        self.unusual = self.unusual.min(other.unusual);
        for (slots, others) in self.omitted.iter_mut().zip(&other.omitted) {
            for (slot, other) in slots.iter_mut().zip(others) {
                *slot = (*slot).min(*other);
            }
        }
    }

    /// How unusual the reading is, in hundredths.
    pub(super) fn unusual(&self) -> u8 {
        self.unusual
    }

    /// How many consonants it has.
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Writes down what is not in [`Key::hash`].
    pub(super) fn pack(&self, res: &mut Vec<u16>) {
        let [omitted, in_abjad] = &self.omitted;
        res.extend(self.consonants.iter().take(self.len()));
        res.extend(self.slots.iter().take(self.len() + 1));
        res.extend(omitted.iter().zip(in_abjad).take(self.len() + 1).map(|(a, b)| u16::from_le_bytes([*a, *b])));
    }
}

/// A reading of a word with which many names are compared: the cost of each consonant and each vowel of a name at each
/// place.
#[derive(Debug)]
pub(super) struct Probe {
    consonants: [[u8; 16]; MAX_CONSONANTS],
    slots: [Slot; MAX_CONSONANTS + 1],
    is_abjad: bool,
}

/// What stands at a place of a word where names may have vowels.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// Nothing.
    Empty,
    /// Something that hardly restricts what matches.
    Any,
    /// One vowel: what those of a name cost against it, in the last place what it costs where the name has none.
    Vowel([u8; 16]),
    /// Several vowels.
    Vowels(u16),
}

impl Probe {
    /// Prepares a plain reading of a word for comparison with names.
    pub(super) fn new(word: &Key, costs: &Costs, is_abjad: bool) -> Self {
        let len = word.len();
        let mut res = Self { consonants: [[0; 16]; MAX_CONSONANTS], slots: [Slot::Any; MAX_CONSONANTS + 1], is_abjad };
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

    fn abjad(&self) -> Abjad {
        if self.is_abjad { Abjad::Word } else { Abjad::Neither }
    }

    /// As [`Packed::least_cost`], of a name in Latin letters.
    #[inline]
    pub(super) fn least_cost(&self, name: &Packed<'_>, costs: &Costs, limit: u16) -> u16 {
        let mut sum = u16::from(name.unusual);
        for (row, members) in self.consonants.iter().zip(name.consonants) {
            sum += least_of(row, *members);
            if sum > limit {
                return sum;
            }
        }
        for ((slot, name), omitted) in self.slots.iter().zip(name.slots).zip(name.omitted) {
            sum += match slot {
                Slot::Empty if self.is_abjad => omitted >> 8,
                Slot::Empty => omitted & 255,
                Slot::Any => 0,
                // Nothing is no choice where there is something else.
                Slot::Vowel(row) => least_of(row, if name & !NOTHING == 0 { NOTHING } else { name & !NOTHING }),
                Slot::Vowels(word) => costs.of_slots(*name, *word, self.abjad(), false),
            };
            if sum > limit {
                return sum;
            }
        }
        sum
    }
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
                key.push(*class, *sound, [0; 2], key.step(*class, is_abjad));
            }
        } else if before * classes.len() <= MAX_KEYS {
            for at in 0..before {
                let Some(key) = res.get(at).copied() else { break };
                for (n, class) in classes.iter().enumerate() {
                    let mut next = key;
                    next.push(*class, *sound, [0; 2], key.step(*class, is_abjad));
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

/// The beginnings of the keys of some names. A reading with another beginning need not be continued.
#[derive(Debug, Clone, Default)]
pub(super) struct Beginnings(Set<u64>);

impl Beginnings {
    pub(super) fn add(&mut self, key: &Key) {
        let mut classes = key.classes;
        while classes != 0 && self.0.insert(classes) {
            classes >>= 4;
        }
    }

    fn has(&self, classes: u64) -> bool {
        classes == 0 || self.0.contains(&classes)
    }
}

/// A buffer for [`of_lattice`], so that it allocates little.
#[derive(Debug, Default)]
pub(super) struct KeyRoom(Vec<Vec<Key>>);

/// The keys of all readings; if the beginnings of names are given, only those that some name may have.
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
    let may_be = |classes: u64| names.is_none_or(|it| it.has(classes));
    for edge in &lattice.edges {
        let (head, tail) = at_node.split_at_mut(usize::from(edge.from) + 1);
        let to = tail.get_mut(usize::from(edge.to).saturating_sub(usize::from(edge.from) + 1));
        let (Some(from), Some(to)) = (head.last(), to) else { continue };
        for key in from {
            let Some(sound) = edge.sound else {
                add(to, key.outline(), key, edge.cost, |_| ());
                continue;
            };
            let omitted = [edge.omitted, edge.omitted_in_abjad];
            for class in sound.classes() {
                // What has no new consonant begins as it did before.
                let is_known = |step: Step| step != Step::New || may_be(key.classes_with(*class, step));
                let mut add_step = |step: Step| {
                    let outline = key.outline_with(*class, sound, step);
                    add(to, outline, key, edge.cost, |it| it.push(*class, sound, omitted, step));
                };
                let step = key.step(*class, false);
                if !is_known(step) {
                    continue;
                }
                add_step(step);
                // Persian may write two that other scripts write as one.
                let apart = key.step(*class, true);
                if apart != step && is_known(apart) {
                    add_step(apart);
                }
            }
        }
    }
    for key in at_node.last().into_iter().flatten() {
        let key = Key { is_choice: true, ..key.closed() };
        add(res, key.outline(), &key, 0, |_| ());
    }
}

/// Adds what a reading, `cost` hundredths more unusual, becomes by a step; one that has the same consonants already
/// takes up what may stand between them.
#[inline]
fn add(keys: &mut Vec<Key>, outline: Outline, key: &Key, cost: u8, step: impl FnOnce(&mut Key)) {
    let is_full = keys.len() >= MAX_KEYS;
    let mut next = *key;
    next.unusual = next.unusual.saturating_add(cost);
    match keys.iter_mut().find(|it| it.is_like(outline)) {
        Some(known) => {
            step(&mut next);
            known.add(&next);
        }
        None if is_full => (),
        None => {
            step(&mut next);
            keys.push(next);
        }
    }
}
