//! Adjectives that Russian and Ukrainian make of places: Лачинский коридор, Мецаморская АЭС, Харківська область.

use crate::text::fold;

use super::{
    Closeness, NameSet, Script,
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

/// What is said to be of a place, without its ending; surnames in -ский stand before verbs and other names instead.
/// Atomic and other power stations are acronyms.
const OF_PLACES: &[&str] = &[
    "коридор",
    "конфликт",
    "конфлікт",
    "мост",
    "міст",
    "област",
    "район",
    "регион",
    "регіон",
    "республик",
    "республік",
    "войн",
    "війн",
    "пролив",
    "проток",
    "ущель",
    "ущелин",
    "порт",
    "аэропорт",
    "аеропорт",
    "вокзал",
    "край",
    "округ",
    "границ",
    "кордон",
    "направлени",
    "напрямк",
    "трасс",
    "дорог",
    "шоссе",
    "перевал",
    "тоннел",
    "тунел",
    "завод",
    "заповедник",
    "сектор",
    "фронт",
    "процес",
    "вопрос",
    "урегулировани",
    "врегулювання",
    "соглашени",
    "угод",
    "переговор",
    "форум",
    "саммит",
    "саміт",
    "формат",
    "бухт",
    "залив",
    "заток",
    "полуостров",
    "півостр",
    "остров",
    "острів",
    "озер",
    "водохранилищ",
    "плотин",
    "горсовет",
    "гарнизон",
    "гарнізон",
    "баз",
    "аэродром",
    "аеродром",
    "митинг",
    "протест",
    "агломераци",
    "епархи",
    "улиц",
    "площад",
];

/// Adjectives that stand between, without their endings: autonomous, municipal, rail.
const BETWEEN: &[&str] = &["автономн", "городск", "железн"];

/// Endings of these nouns in all cases. Those of verbs are others: протестует, заводит.
const NOUN_ENDINGS: &[&str] = &[
    "", "а", "у", "ом", "е", "ы", "и", "і", "ов", "ів", "ам", "ами", "ах", "ь", "ю", "я", "ем", "ей", "ям", "ями",
    "ях", "ой", "ою", "ію", "ия", "ии", "ию", "ие", "ием", "ий", "иям", "иями", "иях", "ью", "ія", "ії", "єю", "ій",
    "еві", "ові", "ье", "ья", "ьем",
];

/// Endings of surnames that Russian makes districts and streets of too: Орловская область is not of Orlov.
const OF_SURNAMES: &[&str] = &["ov", "ev", "yov", "ов", "ев", "ёв", "єв"];

/// Endings of surnames that a few places have too.
const OF_SURNAMES_AND_PLACES: &[&str] = &["in", "yn", "ин", "ын", "ін"];

/// What is named after persons more often than after places.
const AFTER_PERSONS: &[&str] = &["улиц", "площад", "завод"];

/// Power stations.
const STATIONS: &[&str] = &["АЭС", "АЕС", "ГЭС", "ГЕС", "ТЭС", "ТЕС", "ТЭЦ", "ТЕЦ", "НПЗ"];

impl NameSet {
    /// The places that an adjective may be made of, each by one of these stems of it.
    pub(super) fn adjective(&self, word: &Word<'_>, next: &Word<'_>, stems: &[String], pass: &mut Pass) {
        let is_after_person = AFTER_PERSONS.iter().any(|it| next.folded.starts_with(it));
        let ends = |name: &str, all: &[&str]| all.iter().any(|it| name.ends_with(it));
        let is_of_person =
            |name: &str| ends(name, OF_SURNAMES) || is_after_person && ends(name, OF_SURNAMES_AND_PLACES);
        let from = pass.hits.len();
        for stem in stems {
            let query = Query { form: stem, word: stem, ..word.query() };
            self.index.find(&query, &mut pass.stems, &mut pass.judge, &mut pass.found);
            let near = pass.found.iter().filter(|it| {
                it.found.cut == 0 && it.found.closeness <= Closeness::Transliterated && it.found.distance <= NEAR
            });
            for hit in near {
                if self.names.get(hit.word as usize).is_some_and(|it| is_of_person(&fold(&it.0))) {
                    continue;
                }
                let is_known = pass.hits.get(from..).is_some_and(|all| all.iter().any(|it| it.hit.word == hit.word));
                if !is_known {
                    let found = Match { closeness: Closeness::Inflected, ..hit.found };
                    let hit = WordHit { found, ..*hit };
                    pass.hits.push(Found { hit, is_everyday: false, frequent: Frequent::No, width: 1 });
                }
            }
        }
    }
}

/// The stems that the place may have of which a word is the adjective: without what it is made with, and as places end
/// that lose something before it (Керчь, Запорожье, Сумы, Батуми); none of another word.
pub(super) fn stems(line: &str, word: &Word<'_>, next: &Word<'_>) -> Option<Vec<String>> {
    if word.script != Script::Cyrillic || !word.is_capital || !is_space(line, word, next) || !is_of_place(next) {
        return None;
    }
    let (stem, lost) = ENDINGS.iter().find_map(|it| {
        let made = word.folded.strip_suffix(it)?;
        MADE_WITH.iter().find_map(|(with, lost)| made.strip_suffix(with).map(|stem| (stem, *lost)))
    })?;
    stem.chars().nth(2)?;
    let mut res = vec![stem.to_owned()];
    // Горский is of hills, and not of Gori.
    let vowels: &[&str] = if stem.chars().nth(3).is_some() { &["ь", "и", "і", "ы", "ье", "а"] } else { &["ь"] };
    res.extend(vowels.iter().chain(lost).map(|it| format!("{stem}{it}")));
    let inserted = ["ен", "ин", "н"].iter().find_map(|it| stem.strip_suffix(it));
    if let Some(short) = inserted.filter(|it| it.chars().nth(2).is_some()) {
        res.extend(["", "ь", "и", "і"].map(|it| format!("{short}{it}")));
    }
    // Мегринский is of Мегри.
    res.extend(stem.strip_suffix('н').map(str::to_owned));
    // Гальский is of Гали.
    res.extend(stem.strip_suffix('ь').into_iter().flat_map(|it| [it.to_owned(), format!("{it}и"), format!("{it}і")]));
    Some(res)
}

fn is_of_place(word: &Word<'_>) -> bool {
    let is_small = || word.form.starts_with(char::is_lowercase);
    let is_noun = |stem: &str| word.folded.strip_prefix(stem).is_some_and(|it| NOUN_ENDINGS.contains(&it));
    let is_between = || BETWEEN.iter().any(|it| word.folded.starts_with(it));
    STATIONS.contains(&word.form.as_ref()) || is_small() && (OF_PLACES.iter().any(|it| is_noun(it)) || is_between())
}
