//! A word of a text, with every ending it may have cut off, ready to be compared with names.

use super::{
    Script,
    align::Heard,
    dropped::Fits,
    endings::Inflection,
    key::{self, Beginnings, Key, KeyRoom},
    letters::{self, Habit},
    rules::{Look, Rules},
    sounds::Sound,
    spelling::{Lattice, MAX_LETTERS},
};

/// Cutting an ending costs this much, in hundredths.
const CUT: u16 = 5;

/// Cutting one of three letters or more in Russian or Ukrainian.
const LONG_CUT: u16 = 9;

/// Undoing a change of the last consonant.
const CHANGE: u16 = 5;

/// What is needed to read a word in Latin letters in all ways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'i> {
    pub(super) rules: &'i Rules,
    /// The names that it is read for.
    pub(super) names: &'i Beginnings,
}

/// How far words are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth<'i> {
    /// Only cut into letters, for words that can be no names. Which stems are heard at all is left open; see
    /// [`is_heard`].
    Letters,
    /// Read plainly, and words in Latin letters in all ways too where there are such.
    Sounds(Option<Ways<'i>>),
}

/// Minimum sounds of a stem.
const MIN_SOUNDS: usize = 2;

/// Whether a stem has enough sounds to be one.
pub(super) fn is_heard(letters: &[char], script: Script, inflection: Inflection, room: &mut Vec<Sound>) -> bool {
    letters::sounds(letters, script, inflection.habit(), room);
    room.len() >= MIN_SOUNDS
}

/// A word without one of its endings.
#[derive(Debug, Clone, Default)]
pub(super) struct Stem {
    pub(super) letters: Vec<char>,
    /// How many letters were cut off.
    pub(super) cut: usize,
    /// The forms of a name that the ending may follow.
    pub(super) fits: Fits,
    /// Whether only the very letters of a name may stand before what was cut off. Then it is not read: what follows the
    /// cost says nothing.
    pub(super) needs_letters: bool,
    /// Whether other names are made with what was cut off; see [`Inflection::makes_names`].
    pub(super) makes_names: bool,
    /// What cutting them costs.
    pub(super) cost: u16,
    pub(super) heard: Heard,
    /// The keys of its plain reading.
    pub(super) keys: Vec<Key>,
    /// The keys of all readings, if there is a lattice.
    pub(super) lattice_keys: Vec<Key>,
    /// All readings, of a word in Latin letters; made when a name in another script asks.
    pub(super) lattice: Option<Lattice>,
}

/// The stems of a word, the word itself first. Kept and filled anew for each word.
#[derive(Debug, Default)]
pub(super) struct Stems {
    kept: Vec<Stem>,
    len: usize,
    word: Vec<char>,
    room: KeyRoom,
}

/// How a word is read.
#[derive(Debug, Clone, Copy)]
struct How<'i> {
    script: Script,
    inflection: Inflection,
    /// How letters are read.
    habit: Habit,
    depth: Depth<'i>,
}

/// What is cut off a word.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    letters: usize,
    fits: Fits,
    needs_letters: bool,
    makes_names: bool,
    /// What the last letter that is left becomes.
    last: Option<char>,
}

impl Stems {
    /// Reads a folded word; no stems come of one that is too long or in no script that is known.
    pub(super) fn read(&mut self, word: &str, script: Script, inflection: Inflection, depth: Depth<'_>) {
        self.len = 0;
        self.word.clear();
        self.word.extend(word.chars());
        let letters = self.word.len();
        if script == Script::Other || !(2..=MAX_LETTERS + 4).contains(&letters) {
            return;
        }
        let how = How { script, inflection, habit: inflection.habit(), depth };
        let whole = std::mem::take(&mut self.word);
        self.push(&whole, Cut { fits: Fits::of_whole(word), ..Cut::default() }, how);
        let mut cuts = 0_u32;
        let last = whole.last().copied().unwrap_or_default();
        for (ending, fits) in inflection.endings_on(last) {
            let Some(rest) = word.strip_suffix(*ending) else { continue };
            let cut = ending.chars().count();
            if cuts & 1 << cut != 0 || !inflection.may_end_name(ending, rest) {
                continue;
            }
            cuts |= 1 << cut;
            let stem = whole.get(..letters - cut).unwrap_or_default();
            let makes_names = inflection.makes_names(ending, rest);
            let needs_letters = makes_names || inflection.needs_letters(ending, rest);
            let fits = fits.after(rest, ending, inflection);
            let cut = Cut { letters: cut, fits, needs_letters, makes_names, last: None };
            self.push(stem, cut, how);
            let changed = stem.last().and_then(|it| inflection.unchanged(*it, ending));
            if changed.is_some() {
                self.push(stem, Cut { last: changed, ..cut }, how);
            }
        }
        self.word = whole;
    }

    /// The stems of the last word read.
    pub(super) fn all(&self) -> &[Stem] {
        self.kept.get(..self.len).unwrap_or_default()
    }

    /// Adds a stem, unless too little is heard of it.
    fn push(&mut self, letters: &[char], cut: Cut, how: How<'_>) {
        self.push_read(letters, cut, how);
        if how.script == Script::Arabic && matches!(how.depth, Depth::Sounds(_)) && letters::is_unclear(letters) {
            self.push_read(letters, cut, How { habit: Habit::Apart, ..how });
        }
    }

    fn push_read(&mut self, letters: &[char], cut: Cut, How { script, inflection, habit, depth }: How<'_>) {
        if self.kept.len() == self.len {
            self.kept.push(Stem::default());
        }
        let Some(stem) = self.kept.get_mut(self.len) else { return };
        stem.letters.clear();
        stem.letters.extend(letters);
        if let (Some(letter), Some(last)) = (stem.letters.last_mut(), cut.last) {
            *letter = last;
        }
        stem.cut = cut.letters;
        stem.fits = cut.fits;
        stem.needs_letters = cut.needs_letters;
        stem.makes_names = cut.makes_names;
        stem.cost = match cut.letters {
            0 => 0,
            // The endings of adjectives are long, and so is what they may cut off by mistake.
            3.. if matches!(inflection, Inflection::Russian | Inflection::Ukrainian) => LONG_CUT,
            _ => CUT,
        } + if cut.last.is_some() { CHANGE } else { 0 };
        let Depth::Sounds(ways) = depth else {
            self.len += 1;
            return;
        };
        letters::sounds(&stem.letters, script, habit, &mut stem.heard.sounds);
        if stem.heard.sounds.len() < MIN_SOUNDS {
            return;
        }
        self.len += 1;
        if stem.needs_letters {
            return;
        }
        stem.heard.weigh();
        key::of_sounds(&stem.heard.sounds, script == Script::Arabic, &mut stem.keys);
        stem.lattice = None;
        // Azerbaijani and Turkish spell as they speak, and what they take over unchanged stands before an apostrophe.
        let is_plain = script != Script::Latin || inflection.is_turkic() && stem.cut > 0;
        if let Some(ways) = ways.filter(|_| !is_plain && stem.letters.len() <= MAX_LETTERS) {
            let look = inflection.is_turkic().then_some(Look::Turkic);
            let lattice = Lattice::of_latin(&stem.letters, look, ways.rules);
            key::of_lattice(&lattice, Some(ways.names), &mut self.room, &mut stem.lattice_keys);
            stem.lattice = Some(lattice);
        }
    }
}
