//! Adjectives that Russian, Ukrainian and Armenian make of places: Лачинский коридор, Мецаморская АЭС, Харківська
//! область, ղարաբաղյան հակամարտություն.

mod armenian;
mod words;

use crate::text::fold;

use self::words::{
    AFTER_PERSONS, BETWEEN, IRREGULAR, MUNICIPAL, NAMED_AFTER_CITIES, OF_CITIES, OF_OTHERS, OF_PLACES, OF_STATES,
    OF_SURNAMES, OF_TOWNS, PLACES_LIKE_SURNAMES, STATIONS, WITHOUT_CASES,
};
use super::{
    Closeness, NameSet, Script,
    context::is_given_name,
    index::{Query, WordHit},
    judge::Match,
    line::{Word, is_space},
    pass::{Found, Frequent, Pass},
};

/// How far the stem of an adjective may be from the name of its place, in hundredths of a sound.
const NEAR: u16 = 12;

/// What they end with behind ск, ськ or зьк.
const ENDINGS: &[&str] =
    &["ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ою", "ое", "ие", "их", "ими", "а", "ої", "ій", "у", "е", "і"];

/// What they are made with, and what a place may have lost before it, or ends with itself: Карабах, Карабаська;
/// Запоріжжя, Запорізька; Донецк, Донецкая.
const MADE_WITH: &[(&str, &[&str])] = &[
    ("ск", &["ск"]),
    ("ськ", &["ськ", "х", "ш", "с"]),
    ("зьк", &["зьк", "г", "ж", "з", "жжя"]),
    ("цьк", &["цьк", "к", "ч", "ця", "ці"]),
    ("цк", &["цк", "к", "ч"]),
];

/// Endings of the nouns that follow, in all cases. Those of verbs are others: протестует, заводит.
const NOUN_ENDINGS: &[&str] = &[
    "", "а", "у", "ом", "е", "ы", "и", "і", "ов", "ів", "ам", "ами", "ах", "ь", "ю", "я", "ем", "ей", "ям", "ями",
    "ях", "ой", "ою", "ію", "ия", "ии", "ию", "ие", "ием", "ий", "иям", "иями", "иях", "ью", "ія", "ії", "єю", "ій",
    "еві", "ові", "ье", "ья", "ьем", "їв",
];

/// Endings of a noun after a nominative of its adjective, as that of the man's surname Лачинский and the woman's
/// Лачинская is: Лачинский суду не верит.
const AFTER_MANS: &[&str] = &["", "ь"];
const AFTER_WOMANS: &[&str] = &["а", "я", "ь", "ия", "ія", "ья"];

/// What several adjectives in the singular may stand before: Курская и Белгородская области.
const TERRITORIES: &[&str] = &["област", "район", "республік", "республик", "округ"];

/// The most adjectives between that of the place and the noun.
const MAX_BETWEEN: usize = 2;

/// The fewest letters of a place before an ending that it loses, or of the stem of an adjective written small: горский
/// is of hills, and not of Gori.
const MIN_STEM: usize = 4;

/// Endings of surnames that a few places have too.
const OF_SURNAMES_AND_PLACES: &[&str] = &["in", "yn", "ин", "ын", "ін"];

/// An adjective that may be made of a place, before what is said to be of places.
#[derive(Debug)]
pub(super) struct Adjective {
    /// The forms that the name of the place may have.
    stems: Vec<String>,
    /// Whether what follows is named after persons more often than after places.
    is_after_person: bool,
    /// Whether it is written small, as it is unless it begins a name, and never where it is a surname.
    is_small: bool,
}

impl NameSet {
    /// The places that an adjective may be made of.
    pub(super) fn adjective(&self, word: &Word<'_>, adjective: &Adjective, pass: &mut Pass) {
        for stem in &adjective.stems {
            self.derived(word, stem, &|it| adjective.is_of_person(it), pass);
        }
    }

    /// Adds what is called by a name that a word is made of, without any ending; not where the folded name is that of
    /// another.
    pub(super) fn derived(&self, word: &Word<'_>, name: &str, is_other: &dyn Fn(&str) -> bool, pass: &mut Pass) {
        let query = Query { form: name, word: name, is_capital: true, is_acronym: false, ..word.query() };
        self.index.find(&query, &mut pass.stems, &mut pass.judge, &mut pass.found);
        let Pass { found, hits, ends, .. } = pass;
        let from = ends.last().copied().unwrap_or_default();
        let near = found.iter().filter(|it| {
            it.found.cut == 0 && it.found.closeness <= Closeness::Transliterated && it.found.distance <= NEAR
        });
        for hit in near {
            if self.names.get(hit.word as usize).is_some_and(|it| is_other(&fold(&it.0))) {
                continue;
            }
            let is_same = |it: &Found| it.hit.word == hit.word && it.hit.found.closeness <= Closeness::Inflected;
            if !hits.get(from..).is_some_and(|all| all.iter().any(is_same)) {
                let found = Match { closeness: Closeness::Inflected, ..hit.found };
                let hit = WordHit { found, ..*hit };
                hits.push(Found { hit, is_everyday: false, frequent: Frequent::No, width: 1 });
            }
        }
    }
}

impl Adjective {
    /// The adjective that a word of a line is, if it may be one of a place.
    pub(super) fn of(line: &str, words: &[Word<'_>], at: usize) -> Option<Self> {
        let word = words.get(at)?;
        let is_small = !word.is_capital;
        if word.script == Script::Armenian {
            let stems = armenian::places(line, words, at);
            return (!stems.is_empty()).then_some(Self { stems, is_after_person: false, is_small });
        }
        if word.script != Script::Cyrillic {
            return None;
        }
        let (stem, lost, ending) = ENDINGS.iter().find_map(|ending| {
            let made = word.folded.strip_suffix(ending)?;
            MADE_WITH.iter().find_map(|(with, lost)| made.strip_suffix(with).map(|stem| (stem, *lost, *ending)))
        })?;
        let is_of = |all: &[&str]| all.contains(&stem);
        if is_of(OF_OTHERS) || is_small && is_of(OF_STATES) {
            return None;
        }
        let noun = noun(line, words, at, if is_small { "" } else { ending })?;
        let begins = |all: &[&str]| all.iter().any(|it| noun.folded.starts_with(it));
        if is_of(OF_CITIES) && begins(NAMED_AFTER_CITIES) {
            return None;
        }
        let stems = places(stem, lost, is_small);
        let is_after_person = begins(AFTER_PERSONS);
        (!stems.is_empty()).then_some(Self { stems, is_after_person, is_small })
    }

    /// Whether a folded name is rather that of a person after whom the same is called.
    fn is_of_person(&self, name: &str) -> bool {
        let ends = |all: &[&str]| all.iter().any(|it| name.ends_with(it));
        ends(OF_SURNAMES) && !PLACES_LIKE_SURNAMES.contains(&name)
            || self.is_after_person && ends(OF_SURNAMES_AND_PLACES)
            || self.is_small && is_given_name(name)
    }
}

/// The names that a place may have of which this is the stem of the adjective, without what it is made with: as it is
/// and as places end that lose something before it (Керчь, Запорожье, Сумы, Батуми).
fn places(stem: &str, lost: &[&str], is_small: bool) -> Vec<String> {
    let has = |stem: &str, letters: usize| stem.chars().nth(letters - 1).is_some();
    let with = |stem: &str, ends: &[&str]| ends.iter().map(|it| format!("{stem}{it}")).collect::<Vec<_>>();
    let whole: Vec<String> = with(stem, &[""]).into_iter().chain(with(stem, lost)).collect();
    let irregular = IRREGULAR.iter().filter(|it| whole.iter().any(|whole| whole == it.0));
    let mut res: Vec<String> = irregular.flat_map(|it| it.1).map(|it| (*it).to_owned()).collect();
    // Бакинский is not of a Bakin, nor Венский of a Ven; but Московский is of Moscow by its sound too.
    let is_of_other = !res.is_empty() && (stem.ends_with("ин") || stem == "вен");
    if is_of_other || !has(stem, if is_small { MIN_STEM } else { MIN_STEM - 1 }) {
        return res;
    }
    res.extend(whole.iter().cloned());
    res.extend(with(stem, &["ь"]));
    for it in whole.iter().filter(|it| has(it, MIN_STEM)) {
        res.extend(with(it, &["и", "і", "ы", "ье", "а", "е"]));
    }
    // Керченский is of Керчь, and Мегринский of Мегри. What loses another vowel before ин is in the table: a rule would
    // make Костинский of Costa.
    if let Some(short) = stem.strip_suffix("ен").filter(|it| has(it, 3)) {
        res.extend(with(short, &["", "ь", "и", "і"]));
    }
    if let Some(short) = stem.strip_suffix("ин").filter(|it| has(it, 3)) {
        res.extend(with(short, &["и", "і"]));
    }
    if let Some(short) = stem.strip_suffix('н').filter(|it| has(it, 3)) {
        res.extend(with(short, &[""]));
    }
    // Анаклийский is of Анаклия.
    let before_a = ["ий", "ій"].iter().find_map(|it| stem.strip_suffix(it)).filter(|it| has(it, MIN_STEM));
    res.extend(before_a.into_iter().flat_map(|it| with(it, &["ия", "ія"])));
    // Гальский is of Гали.
    res.extend(stem.strip_suffix('ь').into_iter().flat_map(|it| with(it, &["", "и", "і"])));
    res
}

/// The noun of an adjective with this ending, if it is such as are said to be of places: Бакинский процесс, Батумский
/// морской порт.
fn noun<'w, 't>(line: &str, words: &'w [Word<'t>], at: usize, ending: &str) -> Option<&'w Word<'t>> {
    let is_next = |at: usize| matches!(words.get(at..at + 2), Some([a, b]) if is_space(line, a, b));
    let is_between = |it: &Word<'_>| is_small_word(it) && BETWEEN.iter().any(|stem| it.folded.starts_with(stem));
    let n_between = words.get(at + 1..)?.iter().take(MAX_BETWEEN).take_while(|it| is_between(it)).count();
    let noun = words.get(at + 1 + n_between)?;
    let is_row = (at..=at + n_between).all(is_next);
    let is_town = |it: &Word<'_>| MUNICIPAL.iter().any(|of| it.folded.starts_with(of));
    let is_of_town = words.get(at + 1..at + 1 + n_between)?.iter().any(is_town);
    let is_of_place = is_said_of(noun, ending, OF_PLACES) || is_of_town && is_said_of(noun, ending, OF_TOWNS);
    (is_row && is_of_place).then_some(noun)
}

fn is_small_word(word: &Word<'_>) -> bool {
    word.in_capitals || word.form.starts_with(char::is_lowercase)
}

/// Whether a word is one of these nouns, in a form that agrees with an adjective of this ending; none for any form.
fn is_said_of(word: &Word<'_>, ending: &str, nouns: &[&str]) -> bool {
    let is_territory = || TERRITORIES.iter().any(|it| word.folded.starts_with(it));
    let agrees = |with: &str| match ending {
        "ий" | "ая" | "а" if is_territory() => NOUN_ENDINGS.contains(&with),
        "ий" => AFTER_MANS.contains(&with),
        "ая" | "а" => AFTER_WOMANS.contains(&with),
        // A nominative belongs to what follows: Бродскому суд избрал меру.
        "ого" | "ому" | "им" | "ом" | "ой" | "ою" | "ої" | "ій" | "ими" => {
            !with.is_empty() && with != "ь" && NOUN_ENDINGS.contains(&with)
        }
        _ => NOUN_ENDINGS.contains(&with),
    };
    let is_noun = |stem: &&str| {
        word.folded
            .strip_prefix(*stem)
            .is_some_and(|with| with.is_empty() && WITHOUT_CASES.contains(stem) || agrees(with))
    };
    STATIONS.contains(&word.form.as_ref()) || is_small_word(word) && nouns.iter().any(is_noun)
}
