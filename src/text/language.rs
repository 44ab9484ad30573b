//! Tells the language of a text. Must give no answer rather than an unsure one.

use whatlang::Lang;

use super::capped;
use crate::model::Article;

/// Maximum bytes of a text from which its language is determined.
const MAX_BYTES: usize = 2_000;

/// Minimum letters, except in a script that only one language uses.
const MIN_LETTERS: usize = 24;

/// Minimum confidence (0–1). `whatlang` itself calls 0.9 reliable; down to 0.5 it was right for every headline and
/// abstract of the region tried.
const MIN_CONFIDENCE: f64 = 0.5;

/// The language of a text as a BCP 47 code; `None` where the text is short or the answer unsure.
///
/// The script decides first: Armenian and Georgian letters belong to one language each. Azerbaijani is told
/// from Turkish by `ə`, which is one letter in twelve there and absent from Turkish; Russian from
/// Ukrainian by the letters that only one of them has. The rest is left to the trigrams of `whatlang`.
///
/// On parallel news in the eight languages of the region it names ten sentences right always, and of single ones errs
/// on 0.1 % and is silent on 5.5 %. `lingua` 1.8 with the models of these eight alone errs on 0.2 % of single
/// sentences, is never silent, takes three to five times as long and makes the program 42 MB larger; a ninth language
/// it takes for one of the eight.
pub fn language(text: &str) -> Option<&'static str> {
    let text = capped(text, MAX_BYTES);
    let letters = Letters::count(text);
    let most = |n: usize| n * 2 > letters.all;
    if letters.all < 2 {
        None
    } else if most(letters.armenian) {
        Some("hy")
    } else if most(letters.georgian) {
        Some("ka")
    } else if letters.all < MIN_LETTERS {
        None
    } else if most(letters.latin) && letters.schwa * 50 > letters.latin {
        Some("az")
    } else {
        let info = whatlang::detect(text)?;
        let lang = match info.lang() {
            // Close relatives: the trigrams of a short text confuse them, but not the letters that only one of them
            // has.
            Lang::Rus | Lang::Ukr if letters.ukrainian > 0 && letters.russian == 0 => return Some("uk"),
            Lang::Rus | Lang::Ukr | Lang::Bul if letters.russian > 0 && letters.ukrainian == 0 => return Some("ru"),
            lang => lang,
        };
        if info.confidence() >= MIN_CONFIDENCE { code(lang) } else { None }
    }
}

/// The two-letter codes of ISO 639-1.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en \
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl \
    km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os \
    pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty \
    ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Three-letter codes of languages of the region, which are written with two (BCP 47).
const LONG_CODES: &str = "eng rus ukr aze azj arm hye geo kat tur per fas pes deu ger fra fre";

/// Whether a lower-case code may be that of an article's language. Three-letter codes are those of languages without a
/// shorter one.
pub fn is_language_code(code: &str) -> bool {
    match code.len() {
        2 => CODES.split_whitespace().any(|it| it == code),
        _ => !LONG_CODES.split_whitespace().any(|it| it == code),
    }
}

/// The language that a code begins with (BCP 47): `zh` of `zh-Hant`, `pt` of `pt_BR`.
pub fn without_region(code: &str) -> &str {
    code.split(['-', '_']).next().unwrap_or(code)
}

/// The language of an article, as it claims or as its text shows, without a region.
pub fn language_of(article: &Article) -> Option<&str> {
    let known = article.language.as_deref().map(without_region);
    known.or_else(|| language(&article.body)).or_else(|| language(&article.title))
}

#[derive(Default)]
struct Letters {
    all: usize,
    latin: usize,
    armenian: usize,
    georgian: usize,
    /// `ə`.
    schwa: usize,
    /// Letters that Russian has, and neither Ukrainian nor Bulgarian.
    russian: usize,
    /// Letters that Ukrainian has and Russian has not.
    ukrainian: usize,
}

impl Letters {
    fn count(text: &str) -> Self {
        let mut res = Self::default();
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            res.all += 1;
            match c {
                'ə' | 'Ə' => {
                    res.latin += 1;
                    res.schwa += 1;
                }
                'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => res.latin += 1,
                '\u{531}'..='\u{587}' => res.armenian += 1,
                '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' => res.georgian += 1,
                'ы' | 'э' | 'ё' | 'Ы' | 'Э' | 'Ё' => res.russian += 1,
                'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => res.ukrainian += 1,
                _ => (),
            }
        }
        res
    }
}

/// BCP 47 takes the two-letter code of ISO 639-1 where there is one (RFC 5646 §2.2.1).
fn code(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Afr => "af",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kat => "ka",
        Lang::Kor => "ko",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mkd => "mk",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        // Other languages have no source in the region; a wrong guess would cost more than none.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_languages_of_the_region() {
        for (text, expected) in [
            ("The ministers met in the capital on Monday to discuss the border and the railway.", Some("en")),
            ("Министры встретились в столице, чтобы обсудить границу и железную дорогу.", Some("ru")),
            ("Міністри зустрілися у столиці, щоб обговорити кордон і залізницю.", Some("uk")),
            ("Nazirlər paytaxtda görüşərək sərhədi və dəmir yolunu müzakirə ediblər.", Some("az")),
            ("Bakanlar başkentte bir araya gelerek sınırı ve demiryolunu görüştü, toplantı uzun sürdü.", Some("tr")),
            ("Նախարարները հանդիպեցին մայրաքաղաքում", Some("hy")),
            ("მინისტრები დედაქალაქში შეხვდნენ", Some("ka")),
            ("وزیران در پایتخت دیدار کردند تا درباره مرز و راه آهن گفت و گو کنند.", Some("fa")),
            ("Die Minister trafen sich am Montag in der Hauptstadt und sprachen über die Grenze.", Some("de")),
        ] {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn the_script_decides_for_short_texts() {
        assert_eq!(language("ՆԱՏՕ"), Some("hy"));
        assert_eq!(language("ნატო"), Some("ka"));
        assert_eq!(language("ნატოს SNGP"), Some("ka"));
    }

    #[test]
    fn says_nothing_when_unsure() {
        for text in ["", "?", "123 456", "NATO", "ITPP 2026", "Баку", "🇬🇪 🇦🇿"] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
