//! Reads what stands around a word for signs that it is a name, where its capital letters do not show it: in scripts
//! without capitals, at the start of sentences, and in captions. How near the word is to a term is decided elsewhere,
//! and taken as given here.

use super::{
    Closeness, NameSet, Script, Sighting,
    common::{is_common, is_dative, is_frequent, is_genitive, is_name, is_written_small},
    context::Beside,
    given,
    judge::Match,
    line::{PLURALS, Word, are_joined, is_dash, is_everyday, is_everyday_adjective, is_everyday_plural, stands_bare},
    pass::{Found, Pass},
};

/// A line of at most this many words is a caption, not a sentence, if another of its words is a given name or title.
pub(super) const CAPTION: usize = 4;

/// Maximum letters of a word that may be a given name although it is in no list.
const MAX_GIVEN: usize = 8;

/// A line of at most this many words, none of them frequent, is a caption without further evidence.
pub(super) const BYLINE: usize = 2;

/// How far an everyday word may be from the name of a place or group that what stands before it announces, in
/// hundredths of a sound: مرز آزاد is a free border, and not one of Assad.
const NEAR_PLACE: u16 = 6;

/// Endings of adjectives in Russian and Ukrainian, which names that are not adjectives hardly have: Белого is no case
/// of Bell.
const OF_ADJECTIVES: &[&str] =
    &["ый", "ого", "ому", "ым", "ая", "ую", "ое", "ые", "ых", "ыми", "ий", "их", "им", "ими"];

impl NameSet {
    /// Whether a word taken for one of the term, as `found` and `sighting` tell, is rather an everyday word, and
    /// nothing beside it says that it is a name.
    pub(super) fn is_everyday_word(
        &self,
        line: &str,
        words: &[Word<'_>],
        at: usize,
        found: &Found,
        sighting: &Sighting,
        pass: &mut Pass,
    ) -> bool {
        let Some(word) = words.get(at) else { return false };
        // A term written in the script of the text means exactly its letters, everyday word or not.
        let is_spelled = matches!(sighting.closeness, Closeness::Exact | Closeness::Inflected);
        if !word.script.has_capitals() {
            // Who writes a nominative of Georgian does not mean a case of another word: ლარს is of the lari, and not
            // ლარსი. Nor is what Persian has a word for by itself of a name in the term: حماسی, epic, is not of حماس.
            let Match { cut, cost, .. } = found.hit.found;
            let is_case = match word.script {
                Script::Georgian => cut == 0 && cost > 0 && is_dative(&word.folded),
                Script::Arabic => cut > 0 && is_common(&word.folded, word.script) && !is_stem_common(word, cut),
                _ => false,
            };
            // What is of a place or group is named after those too, but is only near to the name: a free border.
            let before = at.checked_sub(1).and_then(|it| words.get(it));
            let is_far = !is_spelled
                && found.hit.found.distance > NEAR_PLACE
                && before.is_some_and(|it| it.script == Script::Arabic && is_one_of(it, PERSIAN_KINDS));
            return found.is_everyday
                && (!is_spelled || is_case)
                && !self.is_caption(words, at, pass)
                && (is_far || self.beside(word, pass).is_title || !self.is_announced(line, words, at, pass));
        }
        let Match { cost, distance, .. } = found.hit.found;
        let is_distant = sighting.closeness == Closeness::Weak;
        // In Latin letters only marks may differ: Karşı is no form of Kars. A word with an ending after an apostrophe
        // is a name.
        if is_distant || word.tail.is_some() || is_spelled && (word.script != Script::Latin || cost == 0) {
            return false;
        }
        if found.is_everyday {
            return true;
        }
        // It is the name if it has its letters, as Рада is Rada, and within a sentence also in any case. It is not a
        // name that it only resembles: Меры is not Meghri.
        let is_case = || {
            let ending = sighting.ending.as_deref();
            distance == 0 && !word.starts_sentence && ending.is_some_and(|it| !OF_ADJECTIVES.contains(&it))
        };
        if cost == 0 || !is_written_small(&word.folded) || is_case() {
            return false;
        }
        // The name of a body follows a title as a person's does: nazir, Milli Məclis.
        let goes_on =
            words.get(at + 1).is_some_and(|it| it.is_capital && it.tail.is_none() && are_joined(line, word, it));
        let before = at.checked_sub(1).and_then(|it| words.get(it)).map(|it| self.beside(it, pass));
        goes_on && before.is_some_and(|it| it.is_title)
            || self.beside(word, pass).is_title
            || !self.is_announced(line, words, at, pass)
    }

    /// Whether a line is a caption or a byline and no sentence: one or two words, none of them frequent, or a few of
    /// which another is a given name or title.
    pub(super) fn is_caption(&self, words: &[Word<'_>], at: usize, pass: &mut Pass) -> bool {
        // After a word that is not frequent, even a frequent one may be a surname.
        let counted = if at == 0 { words.len() } else { at };
        if words.len() <= BYLINE && !words.iter().take(counted).any(|it| is_frequent(&it.folded, it.script)) {
            return true;
        }
        let mut others = words.iter().enumerate().filter(|it| it.0 != at).map(|it| it.1);
        words.len() <= CAPTION && others.any(|it| self.beside(it, pass).announces())
    }

    pub(super) fn beside(&self, word: &Word<'_>, pass: &mut Pass) -> Beside {
        self.context.beside(&word.query(), &mut pass.stems, &mut pass.judge, &mut pass.found)
    }

    /// Whether a given name or an initial stands right before a word.
    pub(super) fn is_part_of_name(&self, line: &str, words: &[Word<'_>], at: usize, pass: &mut Pass) -> bool {
        let (Some(word), Some(before)) = (words.get(at), at.checked_sub(1).and_then(|it| words.get(it))) else {
            return false;
        };
        is_initial(line, before, word) || are_joined(line, before, word) && self.beside(before, pass).is_given
    }

    /// Whether a given name, a title or an initial stands before a word.
    pub(super) fn is_announced(&self, line: &str, words: &[Word<'_>], at: usize, pass: &mut Pass) -> bool {
        let Some(word) = words.get(at) else { return false };
        if is_weapon(line, word, None, words.get(at + 1)) {
            return true;
        }
        let Some(before) = at.checked_sub(1).and_then(|it| words.get(it)) else { return false };
        if before.form.chars().nth(1).is_none() {
            return is_initial(line, before, word);
        }
        if !are_joined(line, before, word) {
            return false;
        }
        let beside = self.beside(before, pass);
        if word.starts_sentence && word.script.has_capitals() && !beside.is_title {
            return false;
        }
        let second = || at.checked_sub(2).and_then(|it| words.get(it)).filter(|it| are_joined(line, it, before));
        if beside.is_word && !beside.is_title {
            // Two words are a phrase of everyday language, as in بهار عربی, unless a title or another given name stands
            // before them.
            if given::begins_phrases(&before.folded) && is_everyday_adjective(word) {
                let announces = |it: Beside| it.is_title || it.is_given && !it.is_word;
                return second().map(|it| self.beside(it, pass)).is_some_and(announces);
            }
            return second().is_none_or(|it| !given::is_meant_after(&it.folded));
        }
        if is_beside_place(word, before, words.get(at + 1)) || is_weapon(line, word, Some(before), None) {
            return true;
        }
        // Without capitals, a bare word that is in no list may be a given name that is not known here.
        let is_unknown = !word.script.has_capitals() && before.script == word.script && is_unknown(before);
        is_unknown || beside.announces()
    }
}

/// Whether a word without so many letters at its end is one of everyday language.
fn is_stem_common(word: &Word<'_>, cut: usize) -> bool {
    let end = word.folded.char_indices().rev().nth(cut.saturating_sub(1)).map_or(0, |it| it.0);
    word.folded.get(..end).is_some_and(|it| is_common(it, word.script))
}

/// Whether a word is an initial of the one after it, as its stop says: «А Павел пришел» begins with an and.
fn is_initial(line: &str, word: &Word<'_>, next: &Word<'_>) -> bool {
    let has_stop = || line.get(word.span.end..next.span.start).is_some_and(|it| it.starts_with('.'));
    word.form.chars().nth(1).is_none() && has_stop()
}

/// Georgian words before the name of a place, without their case ending: town, village, settlement.
const PLACES: &[&str] = &["ქალაქ", "სოფელ", "დაბა"];

/// Georgian words after the name of a place: municipality, district.
const DISTRICTS: &[&str] = &["მუნიციპალიტეტ", "რაიონ"];

/// What Persian puts before the names of places and armed groups: town, province, county, village, port, border, customs,
/// terminal, island, airport, power station, refinery; movement, group, small group, organisation.
const PERSIAN_KINDS: &[&str] = &[
    "شهر",
    "استان",
    "شهرستان",
    "روستای",
    "بندر",
    "مرز",
    "گمرک",
    "پایانه",
    "مرزی",
    "جزیره",
    "فرودگاه",
    "نیروگاه",
    "پالایشگاه",
    "جنبش",
    "گروه",
    "گروهک",
    "سازمان",
];

/// What it puts before those of weapons: drone, missile, system, fighter, rocket launcher, helicopter, tank.
const WEAPONS: &[&str] = &["پهپاد", "موشک", "سامانه", "جنگنده", "راکت", "بالگرد", "تانک"];

fn is_one_of(word: &Word<'_>, kinds: &[&str]) -> bool {
    let plural = || PLURALS.iter().find_map(|it| word.folded.strip_suffix(it));
    kinds.contains(&word.folded.as_ref()) || plural().is_some_and(|it| kinds.contains(&it))
}

/// Whether a word of Persian stands where the name of a weapon does, so that it is one however frequent it is: after
/// what it is, or with a number behind a hyphen, as in شاهد-۱۳۶.
pub(super) fn is_weapon(line: &str, word: &Word<'_>, before: Option<&Word<'_>>, after: Option<&Word<'_>>) -> bool {
    let is_after = || before.is_some_and(|it| is_one_of(it, WEAPONS) && are_joined(line, it, word));
    let is_number = |it: &Word<'_>| it.form.starts_with(char::is_numeric);
    let is_numbered = || {
        let after = after.filter(|it| is_number(it));
        after.is_some_and(|it| is_dash(line.get(word.span.end..it.span.start).unwrap_or_default()))
    };
    word.script == Script::Arabic && (is_after() || is_numbered())
}

/// Whether a word of Georgian or Persian stands where the name of a place or group does.
fn is_beside_place(word: &Word<'_>, before: &Word<'_>, after: Option<&Word<'_>>) -> bool {
    if word.script == Script::Arabic {
        return is_one_of(before, PERSIAN_KINDS) && !is_everyday_adjective(word) && !is_everyday_plural(word);
    }
    let is_district = |it: &Word<'_>| DISTRICTS.iter().any(|stem| it.folded.starts_with(stem));
    // The genitive of a known place is not another place.
    let is_of_place = || word.folded.ends_with("ის") && !is_genitive(&word.folded);
    word.script == Script::Georgian
        && (PLACES.contains(&before.folded.as_ref()) || after.is_some_and(is_district) && is_of_place())
}

/// Whether a word of a script without capitals is in no list and therefore likely a name: it is short, and in the only
/// form in which a given name precedes a surname.
fn is_unknown(word: &Word<'_>) -> bool {
    let letters = word.form.chars().count();
    let is_known = || is_everyday(word, 1) || is_everyday_plural(word) || is_name(&word.folded, word.script);
    (3..=MAX_GIVEN).contains(&letters) && stands_bare(word) && !is_known()
}
