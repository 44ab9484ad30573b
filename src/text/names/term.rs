//! Reads a term as its writer spelled it, and decides how each of its words is looked for. Must not look at a text.

use std::ops::Range;

use crate::text::{fold, tokens};

use super::{
    NameSet, Script, common, context::is_given_name, designation, given::other_forms, line::ends_surname,
    particles::is_particle, spelling::MAX_LETTERS,
};

/// The longest term.
pub const MAX_TERM_BYTES: usize = 200;

/// The most words of a term.
pub const MAX_TERM_WORDS: usize = 12;

/// The fewest letters before a `*`.
pub const MIN_PREFIX: usize = 4;

/// Endings of the region's surnames, folded, in every script.
const SURNAME_ENDINGS: &str = "
    ov ova ev eva in ina yan ian ia ua shvili chvili svili şvili dze zade zadə li lu lü enko chuk sky ski skiy ska
    skaya oglu oğlu ов ова ев ева ин ина ян янц ия ія уа швили швілі дзе заде ли лы енко чук ский ская ський ська оглу
    ով ովա եւ եւա ին ինա յան եան իա շվիլի ձե զադե լի օղլու ოვ ოვი ოვა ევ ევი ევა ინი იანი ია უა შვილი ძე ენკო ზადე
    اف یف وف ین یان زاده شویلی لی اوغلو
";

/// Whether a folded word ends as surnames of the region do, with something before that.
fn ends_as_surname(word: &str) -> bool {
    SURNAME_ENDINGS.split_whitespace().any(|it| word.strip_suffix(it).is_some_and(|it| it.chars().nth(1).is_some()))
}

/// How the words of a term are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Manner {
    /// A word with a capital letter is a name and found in every script and case ending; a word in capitals is an
    /// acronym and keeps its case; a word in small letters is found in its own script, with endings.
    #[default]
    Name,
    /// As a name, and more spellings pass.
    Loose,
    /// The same letters only, in any case.
    Letters,
    /// The same letters in the same case.
    Case,
    /// The last word is the start of a word, in its own script.
    Prefix,
}

/// A name, term or phrase to be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameTerm {
    pub(super) words: Vec<TermWord>,
}

/// What is searched for in place of one word.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum TermWord {
    /// A name, folded; it has a capital letter in every script that has them. In a phrase its letters may be small in
    /// its own script, as those of a programme's name often are.
    Name { word: String, is_loose: bool, place: Place },
    /// A word of everyday language, folded.
    Plain(String),
    /// A small word inside a name, folded, that other scripts write by its sound: Ursula von der Leyen.
    Particle(String),
    /// A name, folded, that is found in its own script: these letters with a case ending, and a capital letter where
    /// the script has them.
    Spelled(String),
    /// These letters in this case.
    Acronym(String),
    /// These letters, folded.
    Letters(String),
    /// A word that starts so, folded.
    Prefix(String),
}

/// Where a word stands in its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// It is the only one.
    Alone,
    /// In a phrase, where a given name may stand: before the surname or, as in documents, after it.
    Phrase,
    /// At the end of a phrase after a given name, so that it is a surname.
    Surname,
}

/// A term that can't be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// It has no word, or only one of a single letter.
    #[error("{0:?} has no word of two letters or more")]
    Empty(String),
    /// Too long; the start of it.
    #[error("{0:?}… is longer than {MAX_TERM_BYTES} bytes or {MAX_TERM_WORDS} words")]
    Long(String),
    /// A `*` after too few letters, which are these.
    #[error("{0:?} has fewer than {MIN_PREFIX} letters before *")]
    ShortPrefix(String),
}

impl NameTerm {
    /// Reads a term: one word or several in a row.
    ///
    /// # Errors
    ///
    /// Every [`TermError`].
    pub fn parse(text: &str, manner: Manner) -> Result<Self, TermError> {
        let long = || TermError::Long(crate::text::capped(text, 60).to_owned());
        if text.len() > MAX_TERM_BYTES {
            return Err(long());
        }
        let mut found = joined(text);
        if manner != Manner::Case {
            found = designations(text, found);
        }
        let count = found.len();
        let is_surname = ends_with_surname(&found);
        let mut words = Vec::with_capacity(count);
        for (at, Written { form, word, is_half, .. }) in found.into_iter().enumerate() {
            let letters = word.chars().count();
            let is_last = at + 1 == count;
            let is_prefix = manner == Manner::Prefix && is_last;
            let place = match is_last {
                true if count == 1 => Place::Alone,
                true if is_surname => Place::Surname,
                _ => Place::Phrase,
            };
            if is_prefix && letters < MIN_PREFIX {
                return Err(TermError::ShortPrefix(form));
            }
            words.push(match manner {
                _ if is_prefix => TermWord::Prefix(word),
                Manner::Letters => TermWord::Letters(word),
                Manner::Case if form.chars().all(char::is_numeric) => TermWord::Letters(word),
                Manner::Case => TermWord::Acronym(form),
                _ => TermWord::of(form, word, is_half, manner == Manner::Loose, place),
            });
        }
        if words.iter().any(|it| matches!(it, TermWord::Name { .. })) {
            words.iter_mut().for_each(TermWord::as_particle);
        }
        if words.len() > MAX_TERM_WORDS {
            return Err(long());
        }
        match words.as_slice() {
            [] => Err(TermError::Empty(text.to_owned())),
            [word] if word.len() < 2 => Err(TermError::Empty(text.to_owned())),
            _ => Ok(Self { words }),
        }
    }

    /// Whether it is a single word.
    pub fn is_word(&self) -> bool {
        matches!(self.words.as_slice(), [_])
    }

    /// Whether it is one word in capitals, looked for in these letters.
    pub fn is_acronym(&self) -> bool {
        matches!(self.words.as_slice(), [TermWord::Acronym(_)])
    }

    /// The term restricted to its own script, if it is one word in a script without capitals. A word that spells an
    /// acronym by its sound would otherwise be found as a name in other scripts: Georgian ნატო is NATO, and "Nato" a
    /// woman's name.
    #[must_use]
    pub fn in_its_script(mut self) -> Self {
        if let [it @ TermWord::Name { .. }] = self.words.as_mut_slice()
            && it.letters().starts_with(|c| !Script::of(c).has_capitals())
        {
            *it = TermWord::Spelled(it.letters().to_owned());
        }
        self
    }

    /// The term, found in its own script by its letters and their case endings only, not by sound. The words of a
    /// phrase confirm each other and need no capital.
    #[must_use]
    pub fn by_letters(mut self) -> Self {
        let is_phrase = !self.is_word();
        for it in &mut self.words {
            if let TermWord::Name { word, .. } = it {
                let word = std::mem::take(word);
                *it = if is_phrase { TermWord::Plain(word) } else { TermWord::Spelled(word) };
            }
        }
        self
    }

    /// The same with each two words of Persian in a row as one in turn, as others write them: سپاه‌پاسداران.
    pub fn joined_in_persian(&self) -> Vec<Self> {
        let is_one = |it: &TermWord| is_arabic(it.letters()) && it.len() > 1;
        let pairs = self.words.windows(2).enumerate();
        let joined = pairs.filter_map(|(at, pair)| match pair {
            [before, after] if is_one(before) && is_one(after) => {
                let mut words = self.words.clone();
                let word = TermWord::Spelled(format!("{}{}", before.letters(), after.letters()));
                words.splice(at..at + 2, [word]);
                Some(Self { words })
            }
            _ => None,
        });
        joined.collect()
    }

    /// Whether it is one word in small letters, found in its own script.
    pub fn is_plain(&self) -> bool {
        matches!(self.words.as_slice(), [TermWord::Plain(_)])
    }

    /// Whether some word of it is taken for a name, and so found in other scripts.
    pub fn is_name(&self) -> bool {
        self.words.iter().any(|it| matches!(it, TermWord::Name { .. }))
    }

    /// Whether it is a given name and a surname of the region, of which documents may put either first. With other
    /// words the other order means something else: Jordan Times, the Times, Jordan.
    pub(super) fn is_full_name(&self) -> bool {
        self.given_name().is_some() && self.words.last().is_some_and(|it| ends_as_surname(it.letters()))
    }

    /// The given name, folded, where it is that and a surname and nothing more.
    pub(super) fn given_name(&self) -> Option<&str> {
        match self.words.as_slice() {
            [TermWord::Name { word, .. }, TermWord::Name { word: surname, .. }] => {
                (is_given_name(word) && !is_given_name(surname)).then_some(word)
            }
            _ => None,
        }
    }

    /// The given name, folded, for which an initial may stand: of a usual given name and a surname, or of any name
    /// before what ends as surnames of the region do.
    pub(super) fn shortened(&self) -> Option<&str> {
        match self.words.as_slice() {
            [TermWord::Name { word, .. }, TermWord::Name { word: surname, .. }] => {
                let is_surname = !is_given_name(surname) && (is_given_name(word) || ends_as_surname(surname));
                is_surname.then_some(word)
            }
            _ => None,
        }
    }

    /// The word of everyday Georgian or Persian that it is, or a very frequent one that it sounds like, and the name of
    /// that language.
    pub fn everyday(&self) -> Option<(&'static str, &'static str)> {
        let [TermWord::Name { word, .. }] = self.words.as_slice() else { return None };
        if let Some(it) = common::everyday(word) {
            return Some(it);
        }
        let set = NameSet::compile(std::slice::from_ref(self));
        let sounds_like = |word: &&&str, language| set.sounds_like(word, language);
        common::FREQUENT.iter().find_map(|(words, language, name)| {
            let words: Vec<_> = words.lines().collect();
            words.iter().find(|it| sounds_like(it, language)).map(|it| (*it, *name))
        })
    }

    /// The letters of its longest word: short terms sound like many others.
    pub fn letters(&self) -> usize {
        self.words.iter().map(TermWord::len).max().unwrap_or_default()
    }
}

impl TermWord {
    fn of(form: String, word: String, is_half: bool, is_loose: bool, place: Place) -> Self {
        let first = form.chars().next().unwrap_or_default();
        let script = Script::of(first);
        let letters = word.chars().count();
        // Digits alone are no acronym: they have no case to keep.
        let is_acronym = letters >= 2
            && form.chars().all(|c| c.is_uppercase() || c.is_numeric())
            && form.chars().any(char::is_uppercase);
        if is_acronym && script != Script::Georgian && !designation::is_one(&form) {
            Self::Acronym(form)
        } else if designation::is_one(&form)
            || script == Script::Other
            || !(2..=MAX_LETTERS).contains(&letters)
            || !word.chars().all(char::is_alphabetic)
        {
            Self::Letters(word)
        } else if first.is_uppercase() || is_half || !script.has_capitals() {
            Self::Name { word, is_loose, place }
        } else {
            Self::Plain(word)
        }
    }

    /// Turns a word beside names into a particle if it is one.
    fn as_particle(&mut self) {
        if let Self::Plain(word) = self
            && is_particle(word)
        {
            *self = Self::Particle(std::mem::take(word));
        }
    }

    fn letters(&self) -> &str {
        match self {
            Self::Name { word, .. }
            | Self::Plain(word)
            | Self::Particle(word)
            | Self::Spelled(word)
            | Self::Acronym(word)
            | Self::Letters(word)
            | Self::Prefix(word) => word,
        }
    }

    fn len(&self) -> usize {
        self.letters().chars().count()
    }
}

/// A word of a term: as it stands, folded, and whether it is the second half of a name with a hyphen (`Jong-un`).
#[derive(Debug)]
struct Written {
    /// Where it stands in the term.
    span: Range<usize>,
    form: String,
    word: String,
    is_half: bool,
}

/// The words of a term, those that an apostrophe parts joined again: `O'Leary`, `К'єза`.
fn joined(text: &str) -> Vec<Written> {
    let mut res: Vec<Written> = Vec::new();
    let mut end = 0;
    for token in tokens(text) {
        let is_hyphen = text.get(end..token.span.start) == Some("-");
        end = token.span.end;
        match res.last_mut() {
            Some(last) if token.is_suffix && joins(&last.word) => {
                last.span.end = token.span.end;
                last.form.push_str(token.form);
                last.word.push_str(&token.word);
            }
            Some(last) if is_arabic(&last.word) && ends_surname(&last.word, &token.word) => {
                last.span.end = token.span.end;
                last.form.push_str(token.form);
                last.word.push_str(&token.word);
            }
            last => {
                let is_half = is_hyphen && last.is_some_and(|it| it.form.starts_with(char::is_uppercase));
                let form = crate::text::fold::fold_keeping_case(token.form);
                res.push(Written { span: token.span, form, word: token.word.into_owned(), is_half });
            }
        }
    }
    for it in &mut res {
        it.word = fold(&it.word);
    }
    res
}

/// The same with designations of a letter and a number as one word each (S-400, 3+3), and numbers without the ending
/// that makes ordinals of them: 102-я, 102-й.
fn designations(text: &str, words: Vec<Written>) -> Vec<Written> {
    let mut res: Vec<Written> = Vec::with_capacity(words.len());
    for it in words {
        let Some(last) = res.last_mut() else {
            res.push(it);
            continue;
        };
        let gap = text.get(last.span.end..it.span.start).unwrap_or_default();
        if let Some(whole) = designation::joined(&last.form, gap, &it.form) {
            last.span.end = it.span.end;
            last.word = fold(&whole);
            last.form = whole;
        } else if !designation::is_ordinal(&last.form, gap, &it.form) {
            res.push(it);
        }
    }
    res
}

/// Whether the last word of several is a surname, though it has other forms as a given name: there is a given name
/// before it.
fn ends_with_surname(words: &[Written]) -> bool {
    let [before @ .., last] = words else { return false };
    !other_forms(&last.word).is_empty() && before.iter().any(|it| is_given_name(&it.word))
}

fn is_arabic(word: &str) -> bool {
    word.chars().next().is_some_and(|it| Script::of(it) == Script::Arabic)
}

/// Whether an apostrophe after a word stands inside a name: always in Cyrillic and Arabic letters, in Latin after the
/// first letters (`O'Leary`, `D'Amato`), since elsewhere it parts an ending (`Vinnikov'un`).
pub(super) fn joins(word: &str) -> bool {
    let script = word.chars().next().map_or(Script::Other, Script::of);
    matches!(script, Script::Cyrillic) || script == Script::Latin && word.chars().count() <= 2
}
