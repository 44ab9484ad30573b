//! How near is near enough.

use std::sync::LazyLock;

use super::{
    Closeness, Script,
    align::{self, HOPELESS, Heard, Room},
    endings::Inflection,
    name::{Name, Variant},
    profile::Profile,
    sounds::{Costs, Sound},
    spelling::{Lattice, Steps},
    stems::Stem,
};

/// Maximum cost at which a name is still filed as weak, in hundredths of the limit.
const WEAK: u16 = 130;

/// Cost of another spelling in the script of the term itself, where nobody had to transliterate.
const RESPELLED: u16 = 20;

/// Maximum cost per sound, in hundredths, of a transliteration; with a higher cost it is another spelling.
const PLAIN: u16 = 3;

/// Maximum cost, in hundredths, between consonants that stand for each other in spellings of one name: г for h, q for
/// k. That of v and f is higher.
const SAME: u16 = 12;

/// How a word compares with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// In hundredths of a sound.
    pub(super) cost: u16,
    /// The part of the cost that is due to the sounds.
    pub(super) distance: u16,
    /// Number of letters cut off as an ending.
    pub(super) cut: usize,
    pub(super) closeness: Closeness,
}

/// Made once, since making them takes as long as reading a page of text.
static COSTS: LazyLock<Costs> = LazyLock::new(|| Costs::new(false));
/// The costs when Armenian letters are compared.
static COSTS_IN_ARMENIAN: LazyLock<Costs> = LazyLock::new(|| Costs::new(true));

/// The tables and buffers for comparisons, kept while a text is read.
#[derive(Debug)]
pub(super) struct Judge {
    plain: &'static Costs,
    armenian: &'static Costs,
    room: Room,
    short: Profile<8>,
    long: Profile<16>,
    /// Whether one of the two stands for the stem that is being compared, and with the costs of Armenian.
    taken_up: Option<bool>,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            plain: &COSTS,
            armenian: &COSTS_IN_ARMENIAN,
            room: Room::default(),
            short: Profile::default(),
            long: Profile::default(),
            taken_up: None,
        }
    }
}

/// The properties of a name on which its limit depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) script: Script,
    /// The sounds of its plain reading.
    pub(super) length: u8,
    /// Additional cost allowed for each sound, in hundredths.
    pub(super) looseness: u8,
}

/// The maximum cost of a name of this length in a word of a text, in hundredths.
///
/// Fitted for each script on the development half of the evaluation data: a line that grows with the length of the
/// name, up to a level above which even long names turn into others.
pub(super) fn limit(name: Measure, script: Script, inflection: Inflection) -> u16 {
    let is_foreign = name.script != script;
    // Hundredths for each sound; sounds that give none, in halves; the level.
    let (slope, free, level) = match inflection {
        Inflection::Russian => (7, 0, 30),
        Inflection::Ukrainian => (8, 3, 40),
        Inflection::Armenian => (9, 3, 55),
        Inflection::Georgian => (6, 0, 34),
        Inflection::Persian => (6, 0, 30),
        Inflection::Azerbaijani => (9, 0, 50),
        Inflection::Turkish | Inflection::English | Inflection::UnknownLatin if is_foreign => (6, 1, 50),
        Inflection::Turkish | Inflection::English | Inflection::UnknownLatin => (8, 6, 35),
    };
    let length = u16::from(name.length).min(30);
    let counted = (2 * length).saturating_sub(free).max(1);
    let mut base = (slope * counted / 2).min(level);
    // What its rules of spelling make of a name is no other: Shusha is Şuşa.
    if inflection == Inflection::Turkish && length >= 4 {
        base = base.max(RESPELLED / 2);
    }
    widened(base, name.script, script) + u16::from(name.looseness) * length
}

/// What was brought from Latin letters into two other scripts was twice left unclear. Fitted on names of the
/// development data in the script of one of its languages, looked for in the others; both halves agree.
fn widened(cost: u16, name: Script, script: Script) -> u16 {
    let is_twice = name != script && name != Script::Latin && script != Script::Latin;
    if is_twice { cost * 14 / 10 } else { cost }
}

/// The maximum cost at which a name is filed in such a text.
pub(super) fn widest_in(name: Measure, script: Script, inflection: Inflection) -> u16 {
    limit(name, script, inflection) * WEAK / 100
}

/// The maximum cost at which a name is filed in any text.
pub(super) fn widest(name: Measure) -> u16 {
    let scripts = [Script::Latin, Script::Cyrillic, Script::Armenian, Script::Georgian, Script::Arabic];
    let all = scripts.iter().flat_map(|script| Inflection::ALL.map(|it| widest_in(name, *script, it)));
    all.max().unwrap_or_default()
}

/// The maximum cost of a stem's sounds for it to be filed; `None` if the ending alone costs too much.
#[inline]
pub(super) fn most(limit: u16, is_same_script: bool, stem: &Stem) -> Option<u16> {
    let respelled = if is_same_script { RESPELLED / 2 } else { 0 };
    (limit * WEAK / 100).checked_sub(stem.cost + respelled)
}

impl Judge {
    pub(super) fn costs(&self, a: Script, b: Script) -> &Costs {
        if a == Script::Armenian || b == Script::Armenian { self.armenian } else { self.plain }
    }

    /// Whether Persian may spell a name this way: with the same consonants one by one, and each written vowel heard in
    /// the name.
    pub(super) fn is_written(&self, name: &Name, word: &[Sound]) -> bool {
        let costs = self.costs(name.script, Script::Arabic);
        let mut rest = name.variants.first().map_or(&[][..], |it| it.heard.sounds.as_slice());
        let is_open = |it: &Sound| it.is_vowel() || *it == Sound::J;
        for (at, sound) in word.iter().enumerate() {
            let vowels = rest.iter().take_while(|it| is_open(it)).count();
            let used = match sound {
                // The surname of a given name, and the a of موسی.
                Sound::Ya if at + 1 == word.len() => Some(0),
                Sound::Ya => rest
                    .iter()
                    .take(vowels)
                    .position(|it| matches!(it, Sound::J | Sound::I | Sound::Y))
                    .map(|it| it + 1),
                Sound::LastHeh | Sound::Waw => {
                    let is_heard = rest.get(vowels).is_some_and(|it| costs.of(*it, *sound) <= SAME);
                    Some(if is_heard { vowels + 1 } else { 0 })
                }
                it if is_open(it) => Some(0),
                it => {
                    let it = if *it == Sound::LastFeh { Sound::F } else { *it };
                    rest.get(vowels).filter(|name| costs.of(**name, it) <= SAME).map(|_| vowels + 1)
                }
            };
            let Some(left) = used.and_then(|it| rest.get(it..)) else { return false };
            rest = left;
        }
        rest.iter().all(is_open)
    }

    /// Must be called before the first comparison with another stem.
    pub(super) fn begin(&mut self) {
        self.taken_up = None;
    }

    /// The cost of one reading of a word against all readings of another. `sounds` are those that occur in these, if
    /// the reading is compared only once.
    fn cost(
        &mut self,
        lattice: Steps<'_>,
        heard: &Heard,
        sounds: Option<u64>,
        is_armenian: bool,
        is_abjad: bool,
        most: u16,
    ) -> u16 {
        let costs = if is_armenian { self.armenian } else { self.plain };
        let is_taken_up = sounds.is_none() && self.taken_up == Some(is_armenian);
        self.taken_up = sounds.is_none().then_some(is_armenian);
        let sounds = sounds.unwrap_or(u64::MAX);
        if Profile::<8>::fits(heard) {
            if !is_taken_up {
                self.short.take_up(heard, sounds, costs);
            }
            self.short.cost(lattice, is_abjad, most)
        } else if Profile::<16>::fits(heard) {
            if !is_taken_up {
                self.long.take_up(heard, sounds, costs);
            }
            self.long.cost(lattice, is_abjad, most)
        } else {
            align::cost(lattice, heard, costs, is_abjad, most, &mut self.room)
        }
    }

    /// The cost of a stem's sounds against a form of a name.
    fn sounds(&mut self, name: &Name, variant: &Variant, stem: &Stem, script: Script, most: u16) -> u16 {
        let is_armenian = script == Script::Armenian || name.script == Script::Armenian;
        let from_abjad = name.script == Script::Arabic;
        let of_stem;
        let lattice = match &stem.lattice {
            _ if script == name.script => None,
            Some(lattice) => Some(lattice),
            None if from_abjad => {
                of_stem = Lattice::of_sounds(&stem.heard.sounds);
                Some(&of_stem)
            }
            None => None,
        };
        if let Some(lattice) = lattice {
            self.cost(lattice.steps(), &variant.heard, Some(lattice.sounds), is_armenian, from_abjad, most)
        } else {
            let is_abjad = script == Script::Arabic && !from_abjad;
            self.cost(variant.lattice.steps(), &stem.heard, None, is_armenian, is_abjad, most)
        }
    }

    /// Compares a stem with a form of a name; `None` if they are too different even to be filed.
    pub(super) fn compare(
        &mut self,
        name: &Name,
        variant: &Variant,
        stem: &Stem,
        script: Script,
        limit: u16,
    ) -> Option<Match> {
        if !stem.fits.has(variant.behind) {
            return None;
        }
        // What surnames are made with ends only the plural of what is one: хуситы, хуситов.
        if stem.makes_names && (variant.behind.is_whole() || !name.is_plural) {
            return None;
        }
        // Two letters of Persian can be half of anything.
        if script == Script::Arabic && stem.letters.len() < 3 && name.length > 3 {
            return None;
        }
        let is_same_script = script == name.script;
        let extra = variant.cost + stem.cost;
        let most = limit * WEAK / 100;
        if is_same_script && variant.letters == stem.letters {
            let closeness = if extra == 0 { Closeness::Exact } else { Closeness::Inflected };
            return Some(Match { cost: extra.min(limit), distance: 0, cut: stem.cut, closeness });
        }
        if stem.needs_letters {
            return None;
        }
        let most = most.checked_sub(extra)?;
        let cost = self.sounds(name, variant, stem, script, most);
        Self::verdict(cost, extra, stem, name.measure(), script, limit)
    }

    /// As [`Judge::compare`], of a name in Latin letters that differs from the stem in its own.
    pub(super) fn compare_sounds(
        &mut self,
        (measure, lattice): (Measure, Steps<'_>),
        cost: u16,
        stem: &Stem,
        script: Script,
        limit: u16,
    ) -> Option<Match> {
        let is_same_script = script == measure.script;
        let extra = cost + stem.cost;
        let most = (limit * WEAK / 100).checked_sub(extra)?;
        let is_abjad = script == Script::Arabic && !is_same_script;
        let cost = self.cost(lattice, &stem.heard, None, script == Script::Armenian, is_abjad, most);
        Self::verdict(cost, extra, stem, measure, script, limit)
    }

    fn verdict(cost: u16, extra: u16, stem: &Stem, name: Measure, script: Script, limit: u16) -> Option<Match> {
        if cost == HOPELESS {
            return None;
        }
        let is_same_script = script == name.script;
        let respelled = match is_same_script {
            true if cost <= u16::from(name.length) => RESPELLED / 2,
            true => RESPELLED,
            false => 0,
        };
        let distance = cost;
        let cost = cost + extra + respelled;
        let plain = widened(PLAIN * u16::from(name.length).min(30), name.script, script);
        let closeness = if cost > limit {
            Closeness::Weak
        } else if !is_same_script && cost <= plain + stem.cost {
            Closeness::Transliterated
        } else {
            Closeness::Respelled
        };
        (cost <= limit * WEAK / 100).then_some(Match { cost, distance, cut: stem.cut, closeness })
    }
}
