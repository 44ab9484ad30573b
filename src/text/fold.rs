//! Folds texts to the one form in which they are compared. A folded text must never be shown, and gives no positions in
//! the original.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The form of `text` that is compared: texts that a reader takes for the same fold to the same.
///
/// Never shown, and never used for spans, since its length differs from the original's. It applies:
///
/// - NFKC (Unicode Annex 15): full-width letters, ligatures and Armenian `և` become plain letters.
/// - Full lower case. Turkish and Azerbaijani `İ` and `ı` both become `i`, as `I` does: the four letters
///   can't be told apart without knowing the language, and "IRAN", "İran" and "Iran" are one name.
/// - Marks that a text may carry or leave out go: soft hyphen, zero-width characters, direction marks,
///   Arabic vowel marks and tatweel, Armenian intonation marks (they stand inside words), stress accents
///   over letters that have no accented form of their own (`Ви́нников`), and a dot left over a letter.
/// - `ǝ` becomes `ə` and `ș` is `ş`, as other keyboards write Azerbaijani and Turkish.
/// - Armenian `ԵՎ`, which `և` is in capitals, becomes what `և` does.
/// - `ё` becomes `е`: Russian prints either for the same word. `й` stays apart from `и`, and Ukrainian `ї`
///   from `і`: they are letters of their own. So do Latin letters with marks (`š`, `ç`, `ö`, `ə`).
/// - Arabic and Persian `ي ى ئ` are `ی`, `ك` is `ک`, `آ أ إ ٱ` are `ا`, `ؤ` is `و`, `ة ۀ` are `ه`: the
///   keyboards differ, the words do not. Arabic and Persian digits become 0–9. `ς` is `σ`.
/// - Curly quotes and all apostrophes become `"` and `'`, all dashes `-`.
///
/// Folding a folded text changes nothing.
pub fn fold(text: &str) -> String {
    as_usual(fold_for_keys(text))
}

/// [`fold`] without what was added since texts are stored under it: the same text has the same key for ever.
pub fn fold_for_keys(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { quick(text).unwrap_or_else(|| normal(text, true)) }
}

/// What the capital letters of Armenian `և` fold to one by one.
const OF_CAPITALS: &str = "եվ";

/// Letters that other keyboards have for those of Azerbaijani and Turkish, and these.
const OF_OTHER_KEYBOARDS: [(char, char); 4] = [('ǝ', 'ə'), ('Ǝ', 'Ə'), ('ș', 'ş'), ('Ș', 'Ş')];

/// A folded text as it is usually written: `և` is ԵՎ in capitals, and ԵՒ in the old spelling.
fn as_usual(folded: String) -> String {
    let is_other = |c: char| OF_OTHER_KEYBOARDS.iter().any(|it| it.0 == c);
    let mut res = folded;
    if res.contains(is_other) {
        let usual = |c: char| OF_OTHER_KEYBOARDS.iter().find(|it| it.0 == c).map_or(c, |it| it.1);
        res = res.chars().map(usual).collect();
    }
    if res.contains(OF_CAPITALS) { res.replace(OF_CAPITALS, "եւ") } else { res }
}

/// The folding of a text made of letters that need no tables, which is nearly all text of the region.
fn quick(text: &str) -> Option<String> {
    let mut res = String::with_capacity(text.len());
    for c in text.chars() {
        #[expect(clippy::match_same_arms, reason = "one arm for a script")]
        let folded = match c {
            '\0'..='\u{7f}' => c.to_ascii_lowercase(),
            // Capitals that stand a fixed number of places before their small letters.
            'А'..='Я' | 'À'..='Ö' | 'Ø'..='Þ' => offset(c, 32)?,
            '\u{400}'..='\u{40f}' => unified(offset(c, 80)?),
            'Ա'..='Ֆ' => offset(c, 48)?,
            'Ğ' | 'Ş' | 'Š' | 'Č' | 'Ž' | 'Ґ' => offset(c, 1)?,
            'Ə' => 'ə',
            'İ' => 'i',
            'ß'..='ö' | 'ø'..='ÿ' | 'ğ' | 'ş' | 'š' | 'č' | 'ž' | 'ə' | 'ı' => unified(c),
            // Small Cyrillic letters, Armenian but for `և`, Georgian, Arabic and Persian, quotes and dashes.
            'а'..='\u{45f}' | 'ґ' | 'ա'..='ֆ' | 'ა'..='ჺ' => unified(c),
            '\u{61f}'..='\u{63a}' | '\u{641}'..='\u{64a}' | 'پ' | 'چ' | 'ژ' | 'ک' | 'گ' | 'ی' => unified(c),
            '\u{2018}'..='\u{201f}' | '\u{2010}'..='\u{2014}' | '«' | '»' => unified(c),
            _ => return None,
        };
        res.push(folded);
    }
    Some(res)
}

fn offset(c: char, by: u32) -> Option<char> {
    char::from_u32(u32::from(c) + by)
}

/// [`fold`] of one word, without a copy where the word is its own folding.
pub(super) fn fold_word(word: &str) -> Cow<'_, str> {
    let is_folded = match word.is_ascii() {
        true => !word.bytes().any(|it| it.is_ascii_uppercase()),
        false => word.chars().all(is_folded) && !word.contains(OF_CAPITALS),
    };
    if is_folded { Cow::Borrowed(word) } else { Cow::Owned(fold(word)) }
}

/// Whether a character folds to itself, whatever is beside it; false also if that would need tables.
fn is_folded(c: char) -> bool {
    matches!(c,
        '\0'..='@' | '['..='\u{7f}'
        | 'ß'..='ö' | 'ø'..='ÿ' | 'ğ' | 'ş' | 'š' | 'č' | 'ž' | 'ə'
        | 'а'..='\u{450}' | '\u{452}'..='\u{45f}' | 'ґ' | 'ա'..='ֆ' | 'ა'..='ჺ'
        // Arabic letters but for those that keyboards have twice.
        | '\u{621}' | '\u{627}' | '\u{628}' | '\u{62a}'..='\u{63a}' | '\u{641}' | '\u{642}' | '\u{644}'..='\u{648}'
        | 'پ' | 'چ' | 'ژ' | 'ک' | 'گ' | 'ی')
}

/// [`fold`] but for the case, to compare acronyms.
pub(super) fn fold_keeping_case(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { as_usual(normal(text, false)) }
}

fn normal(text: &str, lower: bool) -> String {
    let kept = || text.chars().filter(|c| !is_ignorable(*c));
    let mut res = String::with_capacity(text.len());
    let mut dropped = false;
    let mut push = |c: char| {
        if is_loose_mark(c) || is_ignorable(c) {
            dropped = true;
        } else {
            res.push(unified(c));
        }
    };
    let mut case = |c: char| if lower { c.to_lowercase().for_each(&mut push) } else { push(c) };
    match is_nfkc_quick(kept()) {
        IsNormalized::Yes => kept().for_each(&mut case),
        _ => kept().nfkc().for_each(&mut case),
    }
    // A dropped mark may have kept its neighbours from composing.
    if dropped { res.nfkc().filter(|c| !is_loose_mark(*c)).collect() } else { res }
}

/// Characters that a text may have or omit without a change of meaning.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        // Armenian emphasis, exclamation and question marks: they stand over a vowel, inside the word.
        | '\u{55b}' | '\u{55c}' | '\u{55e}'
        // Arabic: letter mark, tatweel, vowel and Quranic marks.
        | '\u{61c}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}')
}

/// Accents and dots that did not compose with a letter.
fn is_loose_mark(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{307}')
}

fn unified(c: char) -> char {
    match c {
        'ı' => 'i',
        'ё' => 'е',
        'Ё' => 'Е',
        'ς' => 'σ',
        'ي' | 'ى' | 'ئ' => 'ی',
        'ك' => 'ک',
        'آ' | 'أ' | 'إ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ة' | 'ۀ' | 'ە' => 'ه',
        '٠'..='٩' => ascii_digit(c, '٠'),
        '۰'..='۹' => ascii_digit(c, '۰'),
        _ if is_apostrophe(c) => '\'',
        '\u{201c}'..='\u{201f}' | '«' | '»' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{58a}' => '-',
        _ => c,
    }
}

fn ascii_digit(c: char, zero: char) -> char {
    u32::from(c).checked_sub(u32::from(zero)).and_then(|it| char::from_digit(it, 10)).unwrap_or(c)
}

/// The signs that stand between a name and its ending, in any font.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201b}' | '\u{2b9}'..='\u{2bc}' | '\u{2032}' | '\u{ff07}' | '\u{55a}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        assert_eq!(fold(input), expected, "input: {input} {:?}", input.escape_unicode().to_string());
        assert_eq!(fold(expected), expected, "not idempotent: {input}");
    }

    #[test]
    fn folds_every_script() {
        check("NATO Liaison Office", "nato liaison office");
        check("Винников ЕЁ", "винников ее");
        check("НАЙТИ", "найти");
        check("Їжак Ґанок", "їжак ґанок");
        check("İlham Əliyev", "ilham əliyev");
        check("IRAN İran ıran", "iran iran iran");
        check("ŞUŞA Türkiye Çıldır", "şuşa türkiye çildir");
        check("ՆԱՏՕ Երևան", "նատօ երեւան");
        check("ԵՐԵՎԱՆ ԵՐԵՒԱՆ Երեվան", "երեւան երեւան երեւան");
        check("ǝliyev ƎLİYEV Șușa", "əliyev əliyev şuşa");
        assert_eq!(fold_for_keys("Եվրոպա ԵՐԵՎԱՆ և Șușa"), "եվրոպա երեվան եւ șușa", "as it was before");
        check("ნატო ᲜᲐᲢᲝ", "ნატო ნატო");
        check("إيران آذربایجان", "ایران اذربایجان");
    }

    #[test]
    fn drops_what_a_text_may_leave_out() {
        check("Vin\u{ad}nikov", "vinnikov");
        check("و\u{200c}ینی\u{200d}کوف", "وینیکوف");
        check("نَاتُو", "ناتو");
        check("ایــران", "ایران");
        check("Ви\u{301}нников", "винников");
        check("Ինչո\u{55e}ւ", "ինչու");
        check("i\u{307}stanbul", "istanbul");
        check("\u{feff}\u{202e}x\u{200b}y", "xy");
    }

    #[test]
    fn one_form_for_composed_and_decomposed() {
        for (composed, apart) in
            [("й", "и\u{306}"), ("ё", "е\u{308}"), ("ş", "s\u{327}"), ("آ", "ا\u{653}"), ("ئ", "ي\u{654}")]
        {
            assert_eq!(fold(composed), fold(apart), "{composed}");
        }
        assert_ne!(fold("й"), fold("и"));
    }

    #[test]
    fn unifies_signs_and_digits() {
        check("NATO’s “open‑door” – «x»", "nato's \"open-door\" - \"x\"");
        check("ՆԱՏՕ֊ի", "նատօ-ի");
        check("۱۴۰۴ ٣", "1404 3");
        check("ＮＡＴＯ ﬁ", "nato fi");
        check("a\u{a0}b", "a b");
        check("ﱛ", "ذ");
    }

    #[test]
    fn is_idempotent_for_every_character() {
        for c in '\0'..='\u{ffff}' {
            let once = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{:04x}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn a_word_that_is_its_own_folding_is_not_copied(word in "[a-zäöçğışə0-9ёйіїҐґа-яА-Яա-ևԱ-Ֆა-ჺ\u{621}-\u{64a}پچژکگی'’]{1,8}") {
            let folded = fold_word(&word);
            prop_assert_eq!(folded.as_ref(), fold(&word));
            prop_assert!(!matches!(folded, Cow::Borrowed(it) if it != word));
        }

        #[test]
        fn the_quick_way_gives_the_same(text in "[a-zA-Z À-žƏəЀ-ґԱ-և\u{60c}-\u{6d5}ა-ჿ‐-‟«»\u{301}\u{308}]{0,40}") {
            if let Some(res) = quick(&text) {
                prop_assert_eq!(res, normal(&text, true));
            }
        }

        #[test]
        fn is_idempotent(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
