//! Agencies and outlets that texts name as their origin, however they spell and inflect them.

use std::{cmp::Reverse, collections::HashMap, fmt, sync::LazyLock};

use crate::{
    model::{Ownership, Source},
    text::{self, Token, cited, names::Script},
};

/// See the head of each.
const LISTS: [(&str, bool); 2] = [(include_str!("agencies.txt"), true), (include_str!("outlets.txt"), false)];

/// A name of at most this many letters counts only in capitals: `AP`, `АПА`.
const SHORT: usize = 3;

/// Words that may follow a short name.
const AGENCY: &[&str] = &["news", "agency", "haber", "agentliyi"];

/// Minimum letters left when an ending is removed.
const MIN_LETTERS: usize = 4;

/// Minimum letters left when an ending is removed, in scripts whose endings are not words of other languages.
const MIN_OWN_LETTERS: usize = 3;

/// Endings of Azerbaijani and Turkish, folded.
const LATIN: &[&str] = &[
    "nin", "nun", "nün", "in", "un", "ün", "ya", "yə", "ye", "na", "nə", "ne", "a", "ə", "e", "i", "u", "ü", "yi",
    "yu", "yü", "ni", "nu", "nü", "da", "də", "de", "dan", "dən", "den", "ta", "tə", "te", "tan", "tən", "ten", "la",
    "lə", "le",
];
/// Endings of Russian and Ukrainian, except single vowels.
const CYRILLIC: &[&str] = &[
    "ами", "ями", "ого", "его", "ому", "ему", "ими", "ыми", "ой", "ою", "ей", "ею", "ом", "ем", "ым", "им", "ам", "ям",
    "ах", "ях", "ов", "ев", "ових", "ові", "еві", "ых", "их",
];
const ARMENIAN: &[&str] = &["ին", "ի", "ը", "ն", "ից", "ով", "ում", "ուն", "ու", "ան", "ինը", "յի", "յին", "յից"];
const GEORGIAN: &[&str] = &["ისა", "ის", "ს", "ზე", "მა", "მ", "ით", "თან", "სთან", "დან", "ში"];

/// Agencies and outlets that a text may name.
pub struct Outlets {
    spellings: Vec<Spelling>,
    /// The spellings by their first word, reduced to what no ending changes.
    by_first: HashMap<String, Vec<usize>>,
    count: usize,
}

struct Spelling {
    outlet: usize,
    text: String,
    /// Its words, reduced to what no ending changes.
    words: Vec<String>,
    /// Whether it is an agency that signs its reports.
    signs: bool,
}

/// An outlet that words of a text name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'o> {
    /// Its number, the same for every spelling.
    pub(super) outlet: usize,
    /// Its name without an ending.
    pub(super) name: &'o str,
    /// Number of words of the text that make up the name.
    pub(super) n_words: usize,
    /// Whether it is an agency that signs its reports.
    pub(super) signs: bool,
}

static LISTED: LazyLock<Outlets> = LazyLock::new(|| Outlets::of([].into_iter()));

impl Outlets {
    /// The built-in list of outlets.
    pub fn listed() -> &'static Self {
        &LISTED
    }

    /// The built-in list and the outlets among some sources. Sources that speak for themselves, such as ministries, are
    /// not outlets, nor are institutes.
    pub fn of<'s>(sources: impl Iterator<Item = &'s Source>) -> Self {
        let mut res = Self { spellings: Vec::new(), by_first: HashMap::new(), count: 0 };
        for (list, signs) in LISTS {
            for line in list.lines().filter(|it| !it.starts_with('#')) {
                line.split('|').for_each(|it| res.add(it.trim(), signs));
                res.count += 1;
            }
        }
        for source in sources.filter(|it| !matches!(it.ownership, Ownership::Official | Ownership::Research)) {
            // Drops what follows the name, as in `Civil Georgia (en)`; channels and searches are named with their kind.
            let name = source.name.split(" (").next().unwrap_or_default();
            if !name.contains(['@', ':'])
                && name.chars().filter(|it| it.is_alphabetic()).count() > SHORT
                && res.named(name).is_none()
            {
                res.add(name, false);
                res.count += 1;
            }
        }
        res
    }

    fn add(&mut self, text: &str, signs: bool) {
        let words: Vec<_> = text::tokens(text).iter().map(|it| base(&it.word).to_owned()).collect();
        let Some(first) = words.first() else { return };
        self.by_first.entry(first.clone()).or_default().push(self.spellings.len());
        self.spellings.push(Spelling { outlet: self.count, text: text.to_owned(), words, signs });
    }

    /// The outlet that a whole text names, such as the name of a source or of an author.
    pub(super) fn named(&self, name: &str) -> Option<Found<'_>> {
        let tokens = text::tokens(name);
        let start = usize::from(tokens.len() > 1 && tokens.first().is_some_and(|it| it.word == "the"));
        let whole = |from: usize| self.find(name, &tokens, from).filter(|it| from + it.n_words == tokens.len());
        whole(0).or_else(|| whole(start))
    }

    /// The number of an outlet that is called so, in capitals or not.
    pub(in crate::dedup) fn number(&self, name: &str) -> Option<usize> {
        self.named(name).or_else(|| self.named(&name.to_uppercase())).map(|it| it.outlet)
    }

    /// The longest name that begins with the word `at`.
    pub(super) fn find(&self, text: &str, tokens: &[Token<'_>], at: usize) -> Option<Found<'_>> {
        let first = tokens.get(at)?;
        let of_first = stems(&first.word).filter_map(|it| self.by_first.get(it)).flatten();
        let spelled = of_first.filter_map(|it| self.spellings.get(*it)).filter(|it| {
            let words = it.words.iter().enumerate().skip(1);
            is_written(first, it)
                && words.map(|(n, word)| (at + n, word)).all(|(n, word)| is_next(text, tokens, n, word))
        });
        // Of equally long ones, the one with the most letters of the text, and of these the first.
        let as_written = |it: &Spelling| {
            let written = text.get(first.span.start..).unwrap_or_default().chars();
            let n_alike = written.zip(it.text.chars()).take_while(|(a, b)| a == b).count();
            (it.words.len(), n_alike, Reverse(it.text.len()))
        };
        let best = spelled.reduce(|a, b| if as_written(b) > as_written(a) { b } else { a })?;
        // A single word before another capitalised word is part of an unknown name: `РИА ВладНовости`, `AFP Photo`,
        // `Trend Micro`.
        let is_part = best.words.len() == 1 && cited::has_capitals(first.form);
        let next = tokens.get(at + 1).filter(|_| is_part && !is_apart(text, tokens, at + 1));
        let goes_on = |it: &Token<'_>| cited::is_capital(it.form) && !AGENCY.contains(&it.as_ref());
        if next.is_some_and(goes_on) {
            return None;
        }
        Some(Found { outlet: best.outlet, name: &best.text, n_words: best.words.len(), signs: best.signs })
    }
}

impl fmt::Debug for Outlets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outlets").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Spelling {
    fn is_short(&self) -> bool {
        self.words.len() == 1 && self.text.chars().count() <= SHORT
    }
}

/// Whether a name ends before a word. Text in quotation marks after it belongs to it.
fn is_apart(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|it| tokens.get(it));
    let gap = before.zip(tokens.get(at)).and_then(|(before, own)| text.get(before.span.end..own.span.start));
    gap.is_none_or(|it| cited::ends_name(it.trim_matches(cited::is_quote)))
}

fn is_next(text: &str, tokens: &[Token<'_>], at: usize, word: &str) -> bool {
    let own = tokens.get(at).filter(|_| !is_apart(text, tokens, at));
    own.is_some_and(|it| stems(&it.word).any(|it| it == word))
}

/// Whether the first word of a name has the letters of one.
fn is_written(first: &Token<'_>, name: &Spelling) -> bool {
    match name.is_short() && cited::has_capitals(first.form) {
        // A lower-case ending is possible only after a sign, which separates it from the word.
        true => !first.form.contains(char::is_lowercase),
        false => cited::is_name(first.form) || name.text.contains('.'),
    }
}

/// The possible stems of a word, the word itself first. Names of a few letters are inflected with a sign between.
fn stems(word: &str) -> impl Iterator<Item = &str> {
    let (endings, least) = match word.chars().next().map(Script::of) {
        Some(Script::Latin) => (LATIN, MIN_LETTERS),
        Some(Script::Cyrillic) => (CYRILLIC, MIN_OWN_LETTERS),
        Some(Script::Armenian) => (ARMENIAN, MIN_OWN_LETTERS),
        Some(Script::Georgian) => (GEORGIAN, MIN_OWN_LETTERS),
        _ => (&[][..], MIN_LETTERS),
    };
    let cut = endings.iter().filter_map(move |it| word.strip_suffix(it).filter(|it| it.chars().count() >= least));
    [word].into_iter().chain(cut).map(base)
}

/// A word without the letters that most cases change at its end: vowels in Russian and Ukrainian, and that of the
/// Georgian nominative.
pub(super) fn base(word: &str) -> &str {
    let is_ending: fn(char) -> bool = match word.chars().next().map(Script::of) {
        Some(Script::Cyrillic) => |it| "аеиоуыэюяіїєйьъ".contains(it),
        Some(Script::Georgian) => |it| "იაეოუ".contains(it),
        _ => return word,
    };
    let bare = word.trim_end_matches(is_ending);
    if bare.chars().count() >= MIN_OWN_LETTERS { bare } else { word }
}

/// A word without the longest ending that it may have, for words whose forms are not known.
pub(super) fn root(word: &str) -> &str {
    let is_cyrillic = word.starts_with(|it| Script::of(it) == Script::Cyrillic);
    let stems = stems(word).filter(|it| is_cyrillic && it.chars().count() >= MIN_LETTERS);
    stems.min_by_key(|it| it.len()).unwrap_or_else(|| base(word))
}

#[cfg(test)]
mod tests {
    use crate::model::SourceId;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let outlets = Outlets::listed();
        let tokens = text::tokens(text);
        let found = (0..tokens.len()).find_map(|at| outlets.find(text, &tokens, at));
        // The first spelling is how an outlet is called.
        let name =
            |it: Found<'_>| outlets.spellings.iter().find(|other| other.outlet == it.outlet).unwrap().text.as_str();
        assert_eq!(found.map(name), expected, "{text}");
    }

    #[test]
    fn names_are_known_in_any_case_and_script() {
        for (texts, expected) in [
            (
                &["Reuters", "REUTERS'ın", "Reuters-ə", "Рейтера", "Ռոյթերսին", "როიტერის", "რეიტერზე", "رویترز"][..],
                "Reuters",
            ),
            (&["AZƏRTAC-a", "Azərtaca", "AZƏRTAC-ın", "Азертаджа", "АЗЕРТАДЖУ", "ԱԶԵՐԹԱՋ-ի", "آذرتاج"], "AZERTAC"),
            (&["Арменпресс", "Арменпресса", "Արմենպրեսին", "Արմենպրեսը", "Armenpress", "Ermenpress’e"], "Armenpress"),
            (&["ინტერპრესნიუსის", "ინტერპრესნიუსზე", "„ინტერპრესნიუსს“", "Интерпрессньюсу"], "Interpressnews"),
            (&["Anadolu Ajansı'nın", "Anadolu Ajansına", "Анадолу", "AA’ya"], "Anadolu"),
            (&["Новой газеты", "Новую газету", "Нової газети"], "Novaya Gazeta"),
            (&["Українською правдою", "Украинской правды"], "Ukrainska Pravda"),
            (&["РИА Новости", "РИА «Новости»", "РИА Новостей", "RİA Novosti", "РИА, Россия"], "RIA Novosti"),
            (&["Ազատություն", "Ազատությանը", "Радио Азатутюн"][..1], "Azatutyun"),
            (&["ნეტგაზეთის", "ნეტგაზეთზე"], "Netgazeti"),
            (&["ფორმულას", "ფორმულის"], "Formula"),
            (&["به گزارش بی‌بی‌سی", "ԲիԲիՍի", "Би-би-си"], "BBC"),
            (&["civil.ge", "Civil Georgia"], "Civil Georgia"),
        ] {
            for it in texts {
                check(it, Some(expected));
            }
        }
    }

    #[test]
    fn words_are_no_names() {
        for text in [
            "a report",
            "the trend",
            "ap",
            "Apart",
            "Aa",
            "риа",
            "формула",
            "новая газета",
            "The Reuter",
            "tass",
            "Anton",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn of_sources_the_outlets_are_known() {
        let url = url::Url::parse("https://rioni.example/feed").unwrap();
        let source = |name: &str, ownership| Source {
            ownership,
            ..Source::feed(SourceId::sample(), name.to_owned(), url.clone())
        };
        let sources = [
            source("Rioni Herald (en)", Ownership::Unknown),
            source("MFA Rioni", Ownership::Official),
            source("Telegram @rioni", Ownership::Unknown),
            source("TASS (ru)", Ownership::State),
        ];
        let outlets = Outlets::of(sources.iter());
        let named = |name: &str| outlets.named(name).map(|it| it.outlet);
        assert!(named("Rioni Herald").is_some() && named("the Rioni Herald") == named("Rioni Herald"));
        assert_eq!((named("MFA Rioni"), named("rioni"), named("Rioni Herald TV")), (None, None, None));
        assert_eq!(outlets.count, LISTED.count + 1);
    }

    #[test]
    fn each_name_stands_for_one_outlet() {
        let mut seen = HashMap::new();
        for it in &LISTED.spellings {
            let other = *seen.entry(it.words.clone()).or_insert(it.outlet);
            assert_eq!(other, it.outlet, "{}", it.text);
        }
    }
}
