//! Names of places and people as Georgian declines them. They are no words of everyday language, in whatever case.

use std::sync::LazyLock;

use super::{GEORGIAN, Words, ready};

/// Names in the nominative, folded and sorted by bytes, one a line: places of the region and beyond, and surnames.
/// Names that are words of everyday language too are not among them.
static NAMES: Words = LazyLock::new(|| ready(include_str!("ka-names.txt")));

const VOWELS: [char; 5] = ['ა', 'ე', 'ი', 'ო', 'უ'];

/// Endings after a stem whose nominative ends in ი, or in a vowel that drops before these.
const BEFORE_I: &[&str] =
    &["ის", "ისა", "ისას", "ისაც", "ით", "ითაც", "იდან", "იდანაც", "ისთვის", "ისთვისაც", "ისგან", "ისკენ"];

/// Endings after a consonant, if the nominative ends in ი.
const AFTER_CONSONANT: &[&str] = &[
    "",
    "ი",
    "იც",
    "ს",
    "სა",
    "საც",
    "მა",
    "მაც",
    "ად",
    "ში",
    "შიც",
    "შია",
    "ზე",
    "ზეც",
    "ზეა",
    "თან",
    "თანაც",
    "ამდე",
    "მდე",
];

/// Endings after a vowel that stays.
const AFTER_VOWEL: &[&str] = &[
    "",
    "ს",
    "სა",
    "საც",
    "მ",
    "მაც",
    "დ",
    "ში",
    "შიც",
    "შია",
    "ზე",
    "ზეც",
    "ზეა",
    "დან",
    "დანაც",
    "თან",
    "სთან",
    "თანაც",
    "მდე",
    "მდეც",
    "სთვის",
    "სგან",
    "სკენ",
    "ც",
];

/// Whether a folded Georgian word is such a name in some case. If the same letters are also a case of an everyday word,
/// as მუშის is of მუშა, it counts as that word.
pub(in crate::text::names) fn is_name(word: &str) -> bool {
    let stems = |endings: &'static [&str]| endings.iter().filter_map(|it| word.strip_suffix(it));
    let mut nominative = String::with_capacity(word.len() + 3);
    let mut with = |stem: &str, vowel: &str, words: &Words| {
        nominative.clear();
        nominative.push_str(stem);
        nominative.push_str(vowel);
        words.contains(nominative.as_str())
    };
    let is_dative = is_dative(word);
    stems(AFTER_VOWEL).any(|stem| stem.ends_with(['ა', 'ე', 'ო', 'უ']) && NAMES.contains(stem))
        || stems(AFTER_CONSONANT)
            .any(|stem| !stem.ends_with(VOWELS) && (stem != word || !is_dative) && with(stem, "ი", &NAMES))
        || stems(BEFORE_I).any(|stem| {
            let vowels = || ["ი", "ა", "ე"].into_iter().filter(|it| *it != "ი" || !stem.ends_with(VOWELS));
            vowels().any(|it| with(stem, it, &NAMES)) && !["ი", "ა", "ე"].iter().any(|it| with(stem, it, &GEORGIAN))
        })
}

/// Whether a folded word is the dative of one of everyday language: ლარს of ლარი, the lari.
pub(in crate::text::names) fn is_dative(word: &str) -> bool {
    let stem = word.strip_suffix('ს').filter(|it| !it.ends_with(VOWELS));
    stem.is_some_and(|it| GEORGIAN.contains(format!("{it}ი").as_str()))
}

/// Whether it is the genitive of one: გორის of Gori.
pub(in crate::text::names) fn is_genitive(word: &str) -> bool {
    let stem = word.strip_suffix("ის");
    stem.is_some_and(|it| ["ი", "ა", "ე"].iter().any(|vowel| NAMES.contains(format!("{it}{vowel}").as_str())))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GEORGIAN_FREQUENT, GEORGIAN_OFTEN},
        *,
    };

    #[test]
    fn names_are_known_in_every_case() {
        for word in [
            "ზუგდიდი",
            "ზუგდიდში",
            "ზუგდიდის",
            "რუსთავმა",
            "გორიდან",
            "განჯაში",
            "განჯის",
            "ახალციხიდან",
            "გალს",
            "ჟვანიამ",
            "ჟვანიას",
            "კანდელაკმა",
            "ფიცოს",
            "ბაქოდან",
            "ოჩამჩირეში",
            "გუდაუთამდე",
            "ხულოსკენ",
        ] {
            assert!(is_name(word), "{word}");
        }
        for word in [
            "",
            "ი",
            "გალია",
            "გორაზე",
            "მელია",
            "მოდის",
            "მთა",
            "ვალის",
            "მუშის",
            "კოშკის",
            "ციხის",
            "ამან",
            "რომ",
            "აქედან",
        ] {
            assert!(!is_name(word), "{word}");
        }
    }

    #[test]
    fn what_ends_as_a_genitive_is_none_of_another_word() {
        assert!(["გორის", "გორისის", "ჟვანიის", "განჯის"].into_iter().all(is_genitive));
        assert!(!["თბილის", "ბოლნის", "გორი", "ის"].into_iter().any(is_genitive));
    }

    #[test]
    fn no_name_is_an_everyday_word() {
        let names: Vec<_> = include_str!("ka-names.txt").lines().collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        for word in GEORGIAN.iter().chain(GEORGIAN_FREQUENT.iter()) {
            // The stem of a short name is that of words too: გალ of გალობა.
            assert!(!is_name(word) || word.chars().count() <= 3, "{word}");
        }
        assert!(GEORGIAN_OFTEN.lines().all(|it| !names.contains(&it)));
    }
}
