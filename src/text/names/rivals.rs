//! Rejects words that are nearer to another name than to that of a term: names often in the news, given names and
//! places.

use super::{
    Closeness, NameSet, Script,
    context::{Beside, GIVEN_NAME, TITLE, is_given_name, look_up},
    given::{is_in_cyrillic, is_of_nothing_else},
    line::Word,
    pass::{Found, Pass},
};

/// By how much a word must be nearer to a rival name or a place than to the term's name, in hundredths of a sound, to
/// be taken for that other name.
const MARGIN: u16 = 6;
/// By how much a word must be nearer to a given name than to the term's name, in hundredths of a sound. Larger than
/// [`MARGIN`], because there are many given names.
const MARGIN_OF_GIVEN: u16 = 10;
/// How far a given name in Cyrillic letters must be from the term's name, in hundredths of a sound, to be taken for
/// another name: Павел is not Powell, nor Рубен Rubin.
const MARGIN_OF_CYRILLIC: u16 = 6;

/// Which rival names exclude a word of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rivals {
    /// No others: it is a given name, of which there are forms that are nearer, as Олександр is Alexander; or it is not
    /// in Latin letters, as they are.
    None,
    /// All but this one, which is itself in another spelling: Zaharova is Zakharova.
    AllBut(u32),
    All,
}

impl Rivals {
    /// The rivals of a folded word.
    fn of(word: &str) -> Self {
        if word.chars().next().map_or(Script::Other, Script::of) != Script::Latin || is_given_name(word) {
            return Self::None;
        }
        let found = look_up(word);
        let nearest = found.iter().filter(|it| it.word != TITLE && it.found.distance < MARGIN);
        match nearest.min_by_key(|it| it.found.distance).map(|it| it.word) {
            Some(GIVEN_NAME) => Self::None,
            Some(rival) => Self::AllBut(rival),
            None => Self::All,
        }
    }

    /// Whether a word that is so near to a name is nearer to a rival.
    fn is_nearer(self, rival: Option<(u16, u32)>, cost: u16) -> bool {
        let is_other = |number: u32| self != Self::None && self != Self::AllBut(number);
        rival.is_some_and(|(as_rival, number)| is_other(number) && as_rival + MARGIN <= cost)
    }
}

impl NameSet {
    /// Whether a word taken for one of a term is rather another name. A rival name in one word excludes a full name
    /// too: Каха Каладзе is not Kaja Kallas. Given names and places exclude only a single word: in a phrase, the other
    /// words tell who is meant.
    pub(super) fn is_another(
        &self,
        line: &str,
        words: &[Word<'_>],
        at: usize,
        found: &Found,
        is_alone: bool,
        pass: &mut Pass,
    ) -> bool {
        let Some(word) = words.get(at) else { return false };
        let hit = &found.hit;
        let is_likened = matches!(hit.found.closeness, Closeness::Transliterated | Closeness::Respelled);
        if is_alone && hit.found.closeness == Closeness::Respelled && hit.is_other_name {
            return true;
        }
        // What Persian writes as two words is no one of them.
        if !is_likened || found.width > 1 {
            return false;
        }
        let name = self.names.get(hit.word as usize);
        let rivals = name.map_or(Rivals::None, |(name, rivals)| *rivals.get_or_init(|| Rivals::of(name)));
        let Beside { as_given, as_rival, as_place, .. } = self.beside(word, pass);
        // Persian leaves vowels out, so that many a given name sounds like a surname: قاسم, علی.
        let is_persian = || word.script == Script::Arabic && is_of_nothing_else(&word.folded);
        let is_nearer_given = match hit.found.closeness {
            Closeness::Respelled => as_given.is_some_and(|it| it + MARGIN_OF_GIVEN <= hit.found.cost),
            _ if is_persian() => MARGIN_OF_GIVEN <= hit.found.cost,
            // After another given name, or an initial, it is a surname.
            _ => {
                let is_far = MARGIN_OF_CYRILLIC <= hit.found.distance;
                is_far && is_in_cyrillic(&word.folded) && !self.is_part_of_name(line, words, at, pass)
            }
        };
        let is_given = rivals != Rivals::None && is_nearer_given;
        let is_place = rivals.is_nearer(as_place, hit.found.cost) && !self.is_part_of_name(line, words, at, pass);
        is_alone && (is_given || is_place) || rivals.is_nearer(as_rival, hit.found.cost)
    }
}
