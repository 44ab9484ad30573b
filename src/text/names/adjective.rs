//! Adjectives that Russian and Ukrainian make of places: Лачинский коридор, Мецаморская АЭС, Харківська область.

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
    "автономн",
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
    "городск",
    "гарнизон",
    "гарнізон",
    "баз",
    "аэродром",
    "аеродром",
    "железн",
    "митинг",
    "протест",
    "агломераци",
    "епархи",
    "улиц",
    "площад",
];

/// Power stations.
const STATIONS: &[&str] = &["АЭС", "АЕС", "ГЭС", "ГЕС", "ТЭС", "ТЕС", "ТЭЦ", "ТЕЦ", "НПЗ"];

impl NameSet {
    /// The places that an adjective may be made of, each by one of these stems of it.
    pub(super) fn adjective(&self, word: &Word<'_>, stems: &[String], pass: &mut Pass) {
        let from = pass.hits.len();
        for stem in stems {
            let query = Query { form: stem, word: stem, ..word.query() };
            self.index.find(&query, &mut pass.stems, &mut pass.judge, &mut pass.found);
            let near = pass.found.iter().filter(|it| {
                it.found.cut == 0 && it.found.closeness <= Closeness::Transliterated && it.found.distance <= NEAR
            });
            for hit in near {
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
    res.extend(["ь", "и", "і", "ы", "ье", "а"].iter().chain(lost).map(|it| format!("{stem}{it}")));
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
    STATIONS.contains(&word.form.as_ref()) || is_small() && OF_PLACES.iter().any(|it| word.folded.starts_with(it))
}
