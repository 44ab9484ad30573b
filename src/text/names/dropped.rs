//! Final vowels that a name loses before some endings of some languages, and before no others: Коста, Косты, but never
//! Кости.

use super::{
    Script,
    endings::Inflection::{self, Armenian, Georgian, Persian, Russian, Ukrainian},
};

/// The kinds of endings that a form of a name can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Behind {
    /// An ending or nothing.
    Anything,
    Nothing,
    /// An ending.
    Ending,
    /// An ending that may follow a name without this vowel at its end.
    WithoutA,
    /// After a soft consonant: Таня, Тани.
    WithoutYa,
    WithoutE,
    WithoutO,
    /// Written in Cyrillic letters, where it is the ending of a neuter: Поволжье.
    WithoutNeuter,
    WithoutU,
    WithoutI,
    /// One that may follow a woman's surname without that of an adjective: Тихановская, Zelenska.
    WithoutAya,
    /// An ending or nothing, but none of a woman's: Zelensky is Зеленского, and never Зеленская.
    OfMan,
    /// Written in Cyrillic letters, where it is the ending of many, or of a place that is not declined: Сумы and Сумах,
    /// and never Потом of Поти.
    WithoutPlural,
}

use Behind::{
    Anything, Ending, Nothing, OfMan, WithoutA, WithoutAya, WithoutE, WithoutI, WithoutNeuter, WithoutO, WithoutPlural,
    WithoutU, WithoutYa,
};

const ALL: [Behind; 13] = [
    Anything,
    Nothing,
    Ending,
    WithoutA,
    WithoutYa,
    WithoutE,
    WithoutO,
    WithoutNeuter,
    WithoutU,
    WithoutI,
    WithoutAya,
    OfMan,
    WithoutPlural,
];

/// Long endings of adjectives, which no surname in -ов, -ев or -ин has: the leaf is лавровый and not of Лавров.
const OF_ADJECTIVES: &[&str] =
    &["ый", "ий", "ого", "его", "ому", "ему", "ую", "юю", "ая", "яя", "ые", "ие", "ої", "ій"];

/// What women's surnames that are adjectives end with, after [`BEFORE_OF_WOMEN`].
const OF_WOMEN: &[&str] = &["ая", "ой", "ую", "ою", "ої", "ій"];
/// The letters before the ending of a surname that is an adjective. Those of men have them too.
const BEFORE_OF_WOMEN: &[&str] = &["ск", "цк", "ськ", "цьк", "зьк", "н"];
/// In Ukrainian they have two short ones, а and у. What ends in н alone may be a man's that is no adjective: Литвина.
const BEFORE_SHORT: &[&str] = &["ськ", "цьк", "зьк", "льн"];

/// What men's surnames that are adjectives end with in Russian, and names in й: Зеленского, Сергея; and plurals:
/// хуситов.
const WITHOUT_I: &[&str] = &[
    "ый", "ий", "ого", "его", "ому", "ему", "ым", "им", "ом", "ем", "ые", "ие", "ых", "их", "ыми", "ими", "я", "ю",
    "е", "и", "ов", "ев", "ам", "ям", "ами", "ями", "ах", "ях",
];

const WITHOUT_I_IN_UKRAINIAN: &[&str] = &[
    "ий", "ого", "його", "ому", "йому", "им", "їм", "ом", "ем", "єм", "их", "ими", "я", "ю", "є", "і", "ї", "и", "єві",
    "еві", "ів", "їв", "ам", "ям", "ами", "ями",
];

/// Russian consonants that are hard before the а of a name, so that endings of soft ones say that it is another word:
/// Коста, but кости.
const HARD: &[char] = &['б', 'в', 'д', 'з', 'л', 'м', 'н', 'п', 'р', 'с', 'т', 'ф'];

impl Behind {
    /// For the complete form of a word.
    pub(super) fn whole(word: &[char]) -> Self {
        let ([stem @ .., 'y' | 'i', 'y' | 'i' | 'j'] | [stem @ .., 'y' | 'i']) = word else { return Anything };
        // Zelensky, Navalnyi; but not Trubetskoy.
        if matches!(stem, [.., _, 's' | 'z' | 't' | 'c', 'k'] | [.., _, 'n']) { OfMan } else { Anything }
    }

    /// Whether it is that of a complete word.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Anything | OfMan)
    }

    /// For a form without a vowel from its end.
    pub(super) fn without(vowel: char) -> Self {
        match vowel {
            'a' | 'ə' | 'ä' | 'а' | 'ა' | 'ա' | 'ا' => WithoutA,
            'я' => WithoutYa,
            'о' | 'е' | 'є' => WithoutNeuter,
            'и' | 'ы' | 'і' => WithoutPlural,
            'e' | 'э' | 'ე' | 'ե' | 'է' | 'ه' => WithoutE,
            'o' | 'ö' | 'ო' | 'ո' | 'օ' => WithoutO,
            'u' | 'ü' | 'у' | 'ю' | 'უ' => WithoutU,
            _ => WithoutI,
        }
    }

    /// Whether an ending of a language may stand there.
    fn takes(self, ending: &str, inflection: Inflection) -> bool {
        match (inflection, self) {
            (_, Anything | Ending | OfMan) | (Georgian, WithoutI | WithoutPlural) => true,
            (Russian, WithoutYa) => matches!(ending, "и" | "е" | "ю" | "ей" | "ею"),
            (Ukrainian, WithoutYa) => matches!(ending, "і" | "ї" | "ю" | "ею" | "єю"),
            (Russian, WithoutNeuter) => matches!(ending, "а" | "я" | "у" | "ю" | "ом" | "ем" | "е" | "и"),
            (Ukrainian, WithoutNeuter) => {
                matches!(ending, "а" | "я" | "у" | "ю" | "ом" | "ем" | "єм" | "і" | "ї" | "ові")
            }
            (Russian, WithoutA) => matches!(ending, "ы" | "и" | "е" | "у" | "ю" | "ой" | "ою" | "ей" | "ею"),
            (Ukrainian, WithoutA) => matches!(ending, "и" | "і" | "ї" | "у" | "ю" | "ою" | "ею" | "єю" | "ої" | "ій"),
            // Шекеринска has the cases of a noun too: Шекеринску.
            (Russian, WithoutAya) => matches!(ending, "ая" | "ой" | "ую" | "ою" | "у" | "и" | "е"),
            (Ukrainian, WithoutAya) => matches!(ending, "а" | "ая" | "ої" | "ій" | "у" | "ую" | "ою" | "и"),
            // Before the forms of many those that some say of a place: в Сухуме.
            (Russian, WithoutPlural) => {
                matches!(ending, "а" | "у" | "е" | "ов" | "ев" | "ам" | "ям" | "ами" | "ями" | "ах" | "ях")
            }
            (Ukrainian, WithoutPlural) => {
                matches!(ending, "а" | "у" | "і" | "ів" | "їв" | "ам" | "ям" | "ами" | "ями" | "ах" | "ях")
            }
            (Russian, WithoutI) => WITHOUT_I.contains(&ending),
            (Ukrainian, WithoutI) => WITHOUT_I_IN_UKRAINIAN.contains(&ending),
            (Ukrainian, WithoutO) => matches!(ending, "а" | "у" | "ом" | "ові" | "і"),
            // No endings, but another reading of the last letters: یوسفی, خامنه ای.
            (Persian, WithoutI | WithoutPlural) => matches!(ending, "ی" | "ای" | "یی"),
            (Persian, WithoutE) => matches!(ending, "های" | "هایی"),
            (Georgian, WithoutA | WithoutYa | WithoutE | WithoutNeuter) => {
                ending.starts_with('ი') && !matches!(ending, "ი" | "იანი" | "ია" | "იაო" | "ივე" | "იც")
            }
            (Armenian, WithoutI | WithoutPlural) => ending.starts_with("ու"),
            // The other vowels stay, and all of them in Azerbaijani, Turkish, English and Persian.
            _ => false,
        }
    }
}

/// The kinds of forms that an ending may follow, one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fits(u16);

impl Fits {
    /// For a word without an ending cut off.
    pub(super) fn of_whole(word: &str) -> Self {
        // Трубецкой is a man.
        let may_be_mans = word.ends_with("ой") || !ends_as_womans(word, "");
        Self(1 << Anything as u8 | 1 << Nothing as u8 | u16::from(may_be_mans) << OfMan as u8)
    }

    /// For an ending of a language.
    pub(super) fn new(ending: &str, inflection: Inflection) -> Self {
        let fits = ALL.iter().filter(|it| it.takes(ending, inflection));
        Self(fits.fold(0, |bits, it| bits | 1 << *it as u8))
    }

    /// For an ending of a language after `stem`.
    pub(super) fn after(self, stem: &str, ending: &str, inflection: Inflection) -> Self {
        let is_surname = ["ов", "ев", "ин"].iter().any(|it| stem.ends_with(it));
        let not_whole = is_surname && OF_ADJECTIVES.contains(&ending);
        let is_soft = inflection == Russian && matches!(ending, "и" | "ю" | "ей" | "ею");
        let not_hard = is_soft && stem.ends_with(HARD);
        let of_woman = ends_as_womans(stem, ending);
        let gone = [(Anything, not_whole), (OfMan, not_whole || of_woman), (WithoutI, of_woman), (WithoutA, not_hard)];
        Self(gone.iter().filter(|it| it.1).fold(self.0, |bits, it| bits & !(1 << it.0 as u8)))
    }

    #[inline]
    pub(super) fn has(self, behind: Behind) -> bool {
        self.0 & 1 << behind as u8 != 0
    }
}

/// Whether a word ends as women's surnames do that are adjectives, wherever its ending was cut: Зеленск-ую, Зеленску-ю.
fn ends_as_womans(stem: &str, ending: &str) -> bool {
    let ends_with = |before: &str, last: &str| {
        let mut word = ending.bytes().rev().chain(stem.bytes().rev());
        last.bytes().rev().chain(before.bytes().rev()).all(|it| word.next() == Some(it))
    };
    let is_one = |last: &str, before: &[&str]| ends_with("", last) && before.iter().any(|it| ends_with(it, last));
    OF_WOMEN.iter().any(|last| is_one(last, BEFORE_OF_WOMEN))
        || ["а", "у"].iter().any(|last| is_one(last, BEFORE_SHORT))
}

/// By their numbers, which are written down.
#[inline]
pub(super) fn of_number(number: u8) -> Behind {
    ALL.get(usize::from(number)).copied().unwrap_or(Anything)
}

/// The form of a name in Latin or Cyrillic letters without the two vowels, or vowel and й, that adjectives end with;
/// `aya` are two.
pub(super) fn without_two(stem: &[char], last: char, script: Script) -> Option<(usize, Behind)> {
    let at = stem.len().checked_sub(1)?;
    if let (Script::Latin, [before @ .., 'a', 'y' | 'i'], 'a') = (script, stem, last) {
        return Some((before.len(), WithoutAya));
    }
    let behind = match (script, stem.last()?, last) {
        (Script::Latin, 'y' | 'i', 'a') | (Script::Cyrillic, 'а', 'я') => WithoutAya,
        (Script::Latin, 'y' | 'i', 'y' | 'i') => WithoutI,
        // Khamenei, whose Persian form looks like a plural.
        (Script::Latin, 'e', 'i') => WithoutE,
        // Черное, мирные.
        (Script::Cyrillic, 'о' | 'е' | 'ы' | 'и', 'е') | (Script::Cyrillic, 'я', 'я') => Ending,
        _ => return None,
    };
    Some((at, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_stand_behind_has_its_number() {
        for it in ALL {
            assert_eq!(of_number(it as u8), it);
        }
        let whole = Fits::of_whole("лавров");
        assert!(whole.has(Anything) && whole.has(Nothing) && !whole.has(Ending));
        assert!(!Fits::new("ый", Russian).has(Nothing));
        assert!(!Fits::new("ый", Russian).after("лавров", "ый", Russian).has(Anything));
    }

    #[test]
    fn a_vowel_goes_before_some_endings_only() {
        for (vowel, inflection, stem, takes, refuses) in [
            ('a', Russian, "кост", "ы е у ой", "и ю ей а ов"),
            ('я', Russian, "тан", "и е ю ей", "ы а ов"),
            ('е', Russian, "поволжь", "я ю ем и", "ой ы"),
            ('y', Russian, "зеленск", "ий ого ому им ом", "ая ой ую"),
            ('и', Russian, "пот", "е ам ах", "ом ий ого я"),
            ('и', Ukrainian, "сум", "ам ах", "ом ий"),
            ('o', Ukrainian, "шевченк", "а у ом ові", "ий ами"),
            ('a', Georgian, "ზახაროვ", "ის ით ისთვის", "ი მა ს"),
            ('i', Armenian, "գյումր", "ու ուց", "ի ով"),
        ] {
            let fits = |ending: &str| Fits::new(ending, inflection).after(stem, ending, inflection);
            let behind = Behind::without(vowel);
            for ending in takes.split(' ') {
                assert!(fits(ending).has(behind), "{stem} {ending}");
            }
            for ending in refuses.split(' ') {
                assert!(!fits(ending).has(behind), "{stem} {ending}");
            }
        }
    }

    #[test]
    fn a_mans_name_has_no_ending_of_a_womans() {
        for (word, inflection, stem, takes, refuses) in [
            ("zelensky", Russian, "зеленск", "ий ого ому им ом", "ая ой ую ою"),
            ("zelenskyy", Ukrainian, "зеленськ", "ий ого ому им", "а ої ій у ою"),
            ("navalny", Russian, "навальн", "ый ого ому ым", "ая ой ую"),
            ("lytvyny", Ukrainian, "литвин", "а у", "ої"),
        ] {
            let behind = Behind::whole(&word.chars().collect::<Vec<_>>());
            let fits = |ending: &str| Fits::new(ending, inflection).after(stem, ending, inflection).has(behind);
            assert!(behind == OfMan && takes.split(' ').all(fits), "{word} {takes}");
            assert!(!refuses.split(' ').any(fits), "{word} {refuses}");
        }
        for word in ["zelenska", "trubetskoy", "rutte", "aliyev", "kelly"] {
            assert_eq!(Behind::whole(&word.chars().collect::<Vec<_>>()), Anything, "{word}");
        }
        for (word, expected) in
            [("зеленский", true), ("трубецкой", true), ("зеленская", false), ("зеленська", false), ("литвина", true)]
        {
            assert_eq!(Fits::of_whole(word).has(OfMan), expected, "{word}");
        }
    }
}
