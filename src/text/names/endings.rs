//! Case endings that are cut from a word before it is compared, language by language.
//!
//! The formatives of surnames (-ов, -ян, -shvili, -dze, -zadə) belong to the name and are no endings.

mod lists;

use std::sync::LazyLock;

use crate::text::fnv::Map;

use self::lists::{ARMENIAN, AZERBAIJANI, ENGLISH, GEORGIAN, PERSIAN, RUSSIAN, TURKISH, UKRAINIAN};
use super::{Script, dropped::Fits, letters::Habit, rules::is_vowel};

/// The language whose case endings apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Inflection {
    Russian,
    Ukrainian,
    Armenian,
    Georgian,
    Persian,
    Azerbaijani,
    Turkish,
    /// English and the other languages in Latin letters that inflect names hardly or not.
    English,
    /// A language in Latin letters that is not known, as that of a short title or of what a text in another script
    /// quotes: read like English, with those endings of Azerbaijani and Turkish that make no other name of a name in
    /// any language.
    UnknownLatin,
}

impl Inflection {
    pub(super) const ALL: [Self; 9] = [
        Self::Russian,
        Self::Ukrainian,
        Self::Armenian,
        Self::Georgian,
        Self::Persian,
        Self::Azerbaijani,
        Self::Turkish,
        Self::English,
        Self::UnknownLatin,
    ];
}

/// An ending, and the forms that it may follow.
pub(super) type Ending = (&'static str, Fits);

/// The endings of each language, in its order among all of them, by their last letters.
static BY_LAST_LETTER: LazyLock<Vec<Map<char, Vec<Ending>>>> = LazyLock::new(|| {
    let of = |language: &Inflection| {
        let mut res = Map::<char, Vec<_>>::default();
        for ending in language.endings() {
            if let Some(last) = ending.chars().next_back() {
                res.entry(last).or_default().push((*ending, Fits::new(ending, *language)));
            }
        }
        res
    };
    Inflection::ALL.iter().map(of).collect()
});

/// Endings only of Armenian words in -ություն, which lose their last letters before them. Added to other words they
/// make names.
const AFTER_UTY: &[&str] = &["ան", "անը", "անն", "ամբ"];

/// Endings of Azerbaijani and Turkish with which no names end. Shorter ones do end names in some language: Vinnikova,
/// Constantin, Angelina, Miranda, Karimli.
const NEVER_OF_NAMES: &[&str] = &[
    "ün", "nin", "nun", "nün", "dən", "ndan", "ndən", "nden", "ylə", "lər", "lari", "ləri", "leri", "larin", "lərin",
    "lerin", "lərə", "lere", "lardan", "lərdən", "lerden", "larla", "lərlə", "lerle", "larda", "lərdə", "lerde",
    "inin", "unun", "ünün", "sinin", "sunun", "daki", "dəki", "deki",
];

/// Endings of plurals in Russian and Ukrainian that surnames are made with too.
const OF_SURNAMES: &[&str] = &["ов", "ев", "ів", "їв"];

/// Whether a Cyrillic name is formed as a surname from which no other surnames are made with this ending: Пашинянов is
/// a plural. Савичев is another surname, Савичів is a plural.
fn makes_no_others(name: &str, ending: &str) -> bool {
    let ich = matches!(ending, "ів" | "їв").then_some("ич");
    let mut firsts = ["ян", "енк"].into_iter().chain(ich).filter_map(|it| name.strip_suffix(it));
    firsts.any(|it| it.chars().nth(2).is_some())
}

/// What Russian and Ukrainian make adjectives and people of an acronym with: НАТОвский, МЧСовцы, СБУшники.
const DERIVED_IN_CYRILLIC: &[&str] = &["вск", "овск", "вськ", "івськ", "овец", "овц", "івец", "івц", "шник"];

/// "Is" after a nominative of Georgian, and the same in a quotation. Many surnames, given names and places end so:
/// ბოკერია, ვიქტორია.
const GEORGIAN_COPULA: &[&str] = &["ია", "იაო"];

/// "Is" after a vowel in Georgian: გორა is a hill, or "it is Gor", and "it is Gori" would be გორია.
const IS_AFTER_VOWEL: &[&str] = &["ა", "აა", "აო"];

/// What surnames of the region are made with as Georgian writes them, without the nominative: no names in -ია are made
/// of those.
const GEORGIAN_FORMATIVES: &[&str] = &["ოვ", "ევ", "იან", "შვილ", "სკ"];

/// Endings with which Azerbaijani and Turkish form nouns and surnames: from a place, of a trade, similar to something.
const OF_NOUNS: &[&str] =
    &["li", "lu", "lü", "lik", "luk", "lük", "liq", "luq", "ci", "cu", "cilar", "ciler", "ca", "cə", "ce", "ça", "çe"];

/// Whether the vowels of Azerbaijani, which spells names as they are spoken, may follow each other: a after front
/// vowels and ə after back ones begin no ending. Of i nothing is known, since ı folds to it.
fn is_harmonious(ending: &str, stem: &str) -> bool {
    let last = stem.chars().rev().find(|it| is_vowel(*it));
    match ending.chars().find(|it| is_vowel(*it)) {
        Some('a') => !matches!(last, Some('e' | 'ə' | 'ö' | 'ü')),
        Some('ə') => !matches!(last, Some('a' | 'o' | 'u')),
        _ => true,
    }
}

/// Whether an ending of Azerbaijani or Turkish, which has e for ə, has the vowel that a stem made as surnames are asks
/// for. That of Aliyev is Aliyevin, that of Vinnikov Vinnikovun. So Golovin is another name than Golov, whose genitive
/// is Golovun.
fn is_harmonious_after_formative(ending: &str, stem: &str) -> bool {
    let last = stem.chars().rev().find(|it| is_vowel(*it));
    match ending.chars().find(|it| is_vowel(*it)) {
        Some('i') => !matches!(last, Some('o')),
        Some('u') => matches!(last, Some('o')),
        Some('e') => !matches!(last, Some('a' | 'o')),
        _ => is_harmonious(ending, stem),
    }
}

/// Endings that stand after what surnames are made with: no other names are made of those.
const AFTER_FORMATIVES: &[&str] = &[
    "in", "un", "ni", "nu", "da", "də", "de", "dan", "den", "la", "lə", "le", "yla", "yle", "lar", "ler", "dir", "dur",
];

/// What surnames of the region are made with.
const FORMATIVES: &[&str] = &["ov", "ev", "yan", "shvili", "şvili", "dze", "zade", "zadə", "enko"];

fn has_formative(stem: &str) -> bool {
    FORMATIVES.iter().any(|it| stem.ends_with(it))
}

static UNKNOWN_LATIN: LazyLock<Vec<&str>> = LazyLock::new(|| [ENGLISH, NEVER_OF_NAMES, AFTER_FORMATIVES].concat());

impl Inflection {
    /// By the code of a language; for one that is unknown, by the script.
    pub(super) fn of(language: Option<&str>, script: Script) -> Self {
        match (script, language) {
            (Script::Latin, Some("az")) => Self::Azerbaijani,
            (Script::Latin, Some("tr")) => Self::Turkish,
            // What stands in Latin letters in a text of a language that has others is of another language, and may have
            // its endings.
            (
                Script::Latin,
                None
                | Some(
                    "ar" | "be" | "bg" | "el" | "fa" | "he" | "hi" | "hy" | "ja" | "ka" | "ko" | "mk" | "ru" | "uk"
                    | "ur" | "zh",
                ),
            ) => Self::UnknownLatin,
            (Script::Cyrillic, Some("uk")) => Self::Ukrainian,
            (Script::Cyrillic, _) => Self::Russian,
            (Script::Armenian, _) => Self::Armenian,
            (Script::Georgian, _) => Self::Georgian,
            (Script::Arabic, _) => Self::Persian,
            _ => Self::English,
        }
    }

    /// Whether a language is written in Latin letters and inflects names hardly or not at all.
    pub(super) fn inflects_hardly(language: &str) -> bool {
        Self::of(Some(language), Script::Latin) == Self::English
    }

    /// What may end a word.
    pub(super) fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Russian => RUSSIAN,
            Self::Ukrainian => UKRAINIAN,
            Self::Armenian => ARMENIAN,
            Self::Georgian => GEORGIAN,
            Self::Persian => PERSIAN,
            Self::Azerbaijani => AZERBAIJANI,
            Self::Turkish => TURKISH,
            Self::English => ENGLISH,
            Self::UnknownLatin => &UNKNOWN_LATIN,
        }
    }

    /// The endings with this last letter: most are excluded by the last letter of a word already.
    pub(super) fn endings_on(self, last: char) -> &'static [Ending] {
        let of_language = BY_LAST_LETTER.get(usize::from(self as u8));
        of_language.and_then(|it| it.get(&last)).map_or(&[], Vec::as_slice)
    }

    /// Whether only the very letters of a name may precede an ending, because surnames are also formed with it, or
    /// because the language may lack the ending and the stem is not formed like a surname of the region.
    pub(super) fn needs_letters(self, ending: &str, stem: &str) -> bool {
        self == Self::UnknownLatin && ending != "s" && !has_formative(stem) || OF_SURNAMES.contains(&ending)
    }

    /// Whether other names and nouns are made of a name with what also is an ending of words: Иванов is not Иван, nor
    /// Demirci Demir.
    pub(super) fn makes_names(self, ending: &str, stem: &str) -> bool {
        match self {
            Self::Russian | Self::Ukrainian => OF_SURNAMES.contains(&ending) && !makes_no_others(stem, ending),
            // Who is of a place whose name ends with a vowel: Ankaralı.
            Self::Turkish if matches!(ending, "li" | "lu" | "lü") => !stem.ends_with(is_vowel),
            // By the harmony of vowels the dative of Aliyev ends otherwise: Əliyeva is a woman.
            Self::Azerbaijani | Self::Turkish => OF_NOUNS.contains(&ending) || ending == "a" && stem.ends_with("ev"),
            Self::Persian => ending == "ان",
            Self::Georgian => matches!(ending, "იანი" | "ელი"),
            Self::Armenian | Self::English | Self::UnknownLatin => false,
        }
    }

    /// Whether a name may have an ending after what is left of a word without it; of everyday words any may.
    pub(super) fn may_end_name(self, ending: &str, stem: &str) -> bool {
        let is_copula = self == Self::Georgian && IS_AFTER_VOWEL.contains(&ending);
        self.may_follow(ending, stem) && (!is_copula || stem.ends_with(is_vowel))
    }

    /// How letters are read.
    pub(super) fn habit(self) -> Habit {
        match self {
            Self::Azerbaijani => Habit::Azerbaijani,
            Self::Turkish => Habit::Turkish,
            Self::Ukrainian => Habit::Ukrainian,
            _ => Habit::Usual,
        }
    }

    /// Whether Latin letters are read as Azerbaijani and Turkish do.
    pub(super) fn is_turkic(self) -> bool {
        matches!(self, Self::Azerbaijani | Self::Turkish)
    }

    /// The final consonant of a word that becomes `last` before this ending.
    pub(super) fn unchanged(self, last: char, ending: &str) -> Option<char> {
        Some(match (self, last) {
            (Self::Ukrainian, 'ц') if ending == "і" => 'к',
            (Self::Ukrainian, 'з') if ending == "і" => 'г',
            (Self::Ukrainian, 'с') if ending == "і" => 'х',
            (Self::Turkish, 'ğ') | (Self::Azerbaijani, 'y') => 'k',
            (Self::Turkish, 'b') => 'p',
            (Self::Turkish, 'c') => 'ç',
            (Self::Turkish, 'd') => 't',
            (Self::Azerbaijani, 'ğ') => 'q',
            _ => return None,
        })
    }

    /// Whether an ending may follow the rest of a word.
    pub(super) fn may_follow(self, ending: &str, stem: &str) -> bool {
        let least = match self {
            Self::Russian | Self::Ukrainian | Self::Georgian | Self::Armenian => 2,
            Self::UnknownLatin if ending != "s" => 5,
            Self::Azerbaijani | Self::Turkish | Self::Persian | Self::English | Self::UnknownLatin => 3,
        };
        let is_long = stem.chars().nth(least - 1).is_some();
        let needs_uty = self == Self::Armenian && AFTER_UTY.contains(&ending);
        let is_copula = self == Self::Georgian && GEORGIAN_COPULA.contains(&ending);
        let needs_formative = self == Self::UnknownLatin && AFTER_FORMATIVES.contains(&ending);
        is_long
            && (!needs_uty || stem.ends_with("ությ"))
            && (!is_copula || GEORGIAN_FORMATIVES.iter().any(|it| stem.ends_with(it)))
            && (!needs_formative || has_formative(stem) && is_harmonious_after_formative(ending, stem))
            && (self != Self::Azerbaijani || is_harmonious(ending, stem))
    }

    /// Whether an acronym may have letters after it as an ending: of no acronym another is made so.
    pub(super) fn ends_acronym(self, tail: &str) -> bool {
        let is_derived = || match self {
            Self::Russian | Self::Ukrainian => DERIVED_IN_CYRILLIC.iter().any(|it| tail.starts_with(it)),
            Self::Armenian => tail.starts_with("ական"),
            _ => false,
        };
        let turkic = || [AZERBAIJANI, TURKISH].iter().any(|it| it.contains(&tail));
        tail == "s"
            || self.endings().contains(&tail)
            || is_derived()
            || self == Self::UnknownLatin && tail.chars().count() > 1 && turkic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_stand_by_their_numbers() {
        for (at, language) in Inflection::ALL.into_iter().enumerate() {
            assert_eq!(language as usize, at, "{language:?}");
        }
    }

    #[test]
    fn endings_are_folded_and_stand_once() {
        for language in Inflection::ALL {
            let endings = language.endings();
            for (at, ending) in endings.iter().enumerate() {
                assert_eq!(crate::text::fold(ending), *ending, "{language:?}");
                assert!(!endings[..at].contains(ending), "{language:?}: {ending} twice");
            }
        }
    }
}
