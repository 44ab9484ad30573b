//! Phrases found by their letters alone, many in one pass over a text. Names that change their script or case ending
//! are the work of `names`.

use std::ops::Range;

use super::{
    Token,
    fnv::{Map, Set},
    fold::{fold_keeping_case, is_apostrophe, is_ignorable},
    tokens,
};

/// The most phrases a set takes. Half as many compile in a tenth of a second (optimised, measured on two shared cores).
pub const MAX_PHRASES: usize = 200_000;

/// The longest phrase.
pub const MAX_PHRASE_BYTES: usize = 200;

/// The fewest letters before a `*`: fewer would match half a dictionary.
pub const MIN_PREFIX_LETTERS: usize = 3;

/// The most letters in a word before a `*`.
const MAX_PREFIX_LETTERS: usize = 40;

/// When the case of a phrase's letters counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CaseRule {
    /// For words in capitals, two or more of them, since acronyms are often words too (`MAP`, `DEEP`); for no other.
    #[default]
    Auto,
    /// For every word.
    Exact,
    /// For none.
    Ignore,
}

/// Words to be found in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    first: Word,
    rest: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// Folded.
    folded: String,
    /// The letters in their case, if the case counts.
    exact: Option<String>,
    /// Whether a longer word that starts like this one is meant too.
    is_prefix: bool,
}

/// A phrase that can't be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// It has no word, or only one of a single letter.
    #[error("phrase {0:?} has no word of two letters or more")]
    Empty(String),
    /// A `*` after too few letters.
    #[error("phrase {0:?} has fewer than {MIN_PREFIX_LETTERS} letters before *")]
    ShortPrefix(String),
    /// A `*` that ends no word.
    #[error("phrase {0:?} has * elsewhere than at the end of a word")]
    StrayStar(String),
    /// Too long; the start of it.
    #[error("phrase {0:?}… is longer than {MAX_PHRASE_BYTES} bytes")]
    Long(String),
    /// Too many in a set; how many.
    #[error("{0} phrases are more than {MAX_PHRASES}")]
    Many(usize),
}

impl Phrase {
    /// Reads a phrase: words, of which any may end with `*` to stand for all words that start so.
    ///
    /// # Errors
    ///
    /// Every [`PhraseError`] but [`PhraseError::Many`], with the phrase in it.
    pub fn parse(text: &str, case: CaseRule) -> Result<Self, PhraseError> {
        if text.len() > MAX_PHRASE_BYTES {
            return Err(PhraseError::Long(super::capped(text, 60).to_owned()));
        }
        let found = tokens(text);
        let stars = text.match_indices('*').map(|(at, _)| at).collect::<Vec<_>>();
        for at in &stars {
            let ends_word = found.iter().any(|it| it.span.end == *at);
            let next = text.get(at + 1..).and_then(|it| it.chars().next());
            if !ends_word || next.is_some_and(|c| c.is_alphanumeric() || c == '*') {
                return Err(PhraseError::StrayStar(text.to_owned()));
            }
        }
        let mut words = Vec::with_capacity(found.len());
        for token in &found {
            let is_prefix = stars.contains(&token.span.end);
            let letters = token.word.chars().count();
            if is_prefix && letters < MIN_PREFIX_LETTERS {
                return Err(PhraseError::ShortPrefix(text.to_owned()));
            }
            if is_prefix && letters > MAX_PREFIX_LETTERS {
                return Err(PhraseError::Long(text.to_owned()));
            }
            let counts = match case {
                CaseRule::Auto => is_acronym(token.form),
                CaseRule::Exact => true,
                CaseRule::Ignore => false,
            };
            let exact = counts.then(|| fold_keeping_case(token.form));
            words.push(Word { folded: token.word.to_string(), exact, is_prefix });
        }
        let mut words = words.into_iter();
        match words.next() {
            Some(first) if words.len() > 0 || first.folded.chars().count() > 1 => {
                Ok(Self { first, rest: words.collect() })
            }
            _ => Err(PhraseError::Empty(text.to_owned())),
        }
    }

    /// Where the phrase ends in `text` if it starts with the first of `tokens`.
    fn end(&self, text: &str, tokens: &[Token<'_>]) -> Option<usize> {
        let mut rest = tokens.iter();
        let mut last = rest.next().filter(|it| self.first.matches(it))?;
        for word in &self.rest {
            last = loop {
                let next = rest.next()?;
                if !are_joined(text, last, next) {
                    return None;
                }
                if word.matches(next) {
                    break next;
                }
                // "NATO’s standards" is a form of "NATO standards".
                if !next.is_suffix {
                    return None;
                }
                last = next;
            };
        }
        Some(last.span.end)
    }
}

impl Word {
    fn matches(&self, token: &Token<'_>) -> bool {
        let fits = |text: &str, wanted: &str| if self.is_prefix { text.starts_with(wanted) } else { text == wanted };
        fits(&token.word, &self.folded)
            && self.exact.as_ref().is_none_or(|exact| fits(&fold_keeping_case(token.form), exact))
    }
}

fn is_acronym(form: &str) -> bool {
    form.chars().filter(|c| c.is_uppercase()).count() >= 2 && !form.chars().any(char::is_lowercase)
}

/// Whether nothing but white space and joining signs stands between two words, so that they can belong to
/// one phrase. A line's end, a comma or a full stop parts them, but not the stop of an initial or within a word.
fn are_joined(text: &str, before: &Token<'_>, after: &Token<'_>) -> bool {
    let gap = text.get(before.span.end..after.span.start).unwrap_or_default();
    let is_initial = before.form.chars().nth(1).is_none();
    gap.chars().all(|c| match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => false,
        '.' => is_initial || gap.len() == 1,
        // Dashes and quotes beyond ASCII.
        '\u{2010}'..='\u{2015}' | '\u{58a}' | '\u{2212}' | '\u{201c}'..='\u{201f}' | '«' | '»' => true,
        _ => c.is_whitespace() || is_apostrophe(c) || is_ignorable(c) || "-/_*\"&".contains(c),
    })
}

type ByWord = Map<String, Vec<usize>>;

/// Many phrases that are looked for in one pass over a text.
///
/// The cost of a pass grows with the text and with how many phrases start with one of its words, hardly
/// with the number of phrases.
#[derive(Debug, Clone, Default)]
pub struct PhraseSet {
    phrases: Vec<Phrase>,
    /// Phrases by their first word.
    whole: ByWord,
    /// Phrases by their first word where it is a prefix.
    prefixes: ByWord,
    /// How these begin ([`prefix_start`]): most words begin like none of them.
    prefix_starts: Set<String>,
    /// Bit n is set where some prefix has n letters.
    prefix_lengths: u64,
}

impl PhraseSet {
    /// Makes a set; a phrase is known by its place in `phrases` from here on.
    ///
    /// # Errors
    ///
    /// [`PhraseError::Many`] for more than [`MAX_PHRASES`].
    pub fn new(phrases: Vec<Phrase>) -> Result<Self, PhraseError> {
        if phrases.len() > MAX_PHRASES {
            return Err(PhraseError::Many(phrases.len()));
        }
        let mut res = Self::default();
        for (index, phrase) in phrases.iter().enumerate() {
            let word = phrase.first.folded.clone();
            let map = if phrase.first.is_prefix {
                res.prefix_lengths |= 1 << word.chars().count();
                res.prefix_starts.extend(prefix_start(&word).map(str::to_owned));
                &mut res.prefixes
            } else {
                &mut res.whole
            };
            map.entry(word).or_default().push(index);
        }
        res.phrases = phrases;
        Ok(res)
    }

    /// Calls `found` with every place where a phrase stands: its index in the set and the byte range in
    /// `text`, in the order of the text. Phrases may overlap; a phrase never spans two lines.
    pub fn scan(&self, text: &str, mut found: impl FnMut(usize, Range<usize>)) {
        let mut line_start = 0;
        // Line by line, so that the words of a whole book are never held at once.
        for line in text.split_inclusive('\n') {
            let tokens = tokens(line);
            for (at, token) in tokens.iter().enumerate() {
                let rest = tokens.get(at..).unwrap_or_default();
                self.starting_with(&token.word, |index, phrase| {
                    if let Some(end) = phrase.end(line, rest) {
                        found(index, line_start + token.span.start..line_start + end);
                    }
                });
            }
            line_start += line.len();
        }
    }

    /// Calls `candidate` with the phrases whose first word may be `word`.
    fn starting_with(&self, word: &str, mut candidate: impl FnMut(usize, &Phrase)) {
        let mut visit = |indexes: Option<&Vec<usize>>| {
            for index in indexes.into_iter().flatten() {
                if let Some(phrase) = self.phrases.get(*index) {
                    candidate(*index, phrase);
                }
            }
        };
        visit(self.whole.get(word));
        if prefix_start(word).is_none_or(|it| !self.prefix_starts.contains(it)) {
            return;
        }
        let ends = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]);
        for (letters, end) in (1..=MAX_PREFIX_LETTERS).zip(ends) {
            if self.prefix_lengths & (1 << letters) != 0 {
                visit(word.get(..end).and_then(|it| self.prefixes.get(it)));
            }
        }
    }
}

/// The first letters of a word, as many as the shortest prefix has; `None` of a shorter word.
fn prefix_start(word: &str) -> Option<&str> {
    let last = word.char_indices().nth(MIN_PREFIX_LETTERS - 1);
    last.and_then(|(at, c)| word.get(..at + c.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(phrase: &str, case: CaseRule, text: &str) -> Vec<String> {
        let set = PhraseSet::new(vec![Phrase::parse(phrase, case).unwrap()]).unwrap();
        let mut res = Vec::new();
        set.scan(text, |_, span| res.push(text[span].to_owned()));
        res
    }

    #[track_caller]
    fn check(phrase: &str, text: &str, expected: &[&str]) {
        assert_eq!(all(phrase, CaseRule::Auto, text), expected, "{phrase:?} in {text:?}");
    }

    #[test]
    fn whole_words_in_every_script() {
        check("Vinnikov", "Vinnikov, A.Vinnikov and Vinnikova; Vinnikov’s", &["Vinnikov", "Vinnikov", "Vinnikov"]);
        check("Винников", "Винников. Винникову ВИННИКОВ", &["Винников", "ВИННИКОВ"]);
        check("Вінніков", "Вінніков, вінніковець", &["Вінніков"]);
        check("Vinnikov", "Vinnikov'un, Vinnikovun", &["Vinnikov"]);
        check("Əliyev", "İlham Əliyev, əliyevlər", &["Əliyev"]);
        check("Երևան", "Երեւան, Երևանում", &["Երեւան"]);
        check("ნატო", "ნატო და ნატოს", &["ნატო"]);
        check("ناتو", "نَاتُو و ناتوی", &["نَاتُو"]);
    }

    #[test]
    fn a_set_finds_what_each_phrase_finds_alone() {
        let phrases = ["win*", "wind*", "винник*", "ვინ*", "Win", "the wind*", "ел*", "elk"];
        let phrases = phrases.into_iter().filter_map(|it| Phrase::parse(it, CaseRule::Ignore).ok()).collect::<Vec<_>>();
        let set = PhraseSet::new(phrases.clone()).unwrap();
        for text in [
            "win Wi Winter wi\u{301}n, windy",
            "the wind and the windows",
            "ВИННИКОВ вин ёлка",
            "ვინიკოვი ვი",
            "elk el",
        ] {
            let mut found = Vec::new();
            set.scan(text, |phrase, span| found.push((phrase, span)));
            let mut alone = Vec::new();
            for (number, phrase) in phrases.iter().enumerate() {
                let one = PhraseSet::new(vec![phrase.clone()]).unwrap();
                one.scan(text, |_, span| alone.push((number, span)));
            }
            found.sort_by_key(|(phrase, span)| (*phrase, span.start));
            assert_eq!(found, alone, "{text}");
        }
        check("win*", "win Winter wi", &["win", "Winter"]);
    }

    #[test]
    fn prefixes_cover_endings() {
        check("Винников*", "Винников, с Винниковым, винник", &["Винников", "Винниковым"]);
        check("Վիննիկով*", "Վիննիկովը ասաց", &["Վիննիկովը"]);
        check("ვინიკოვ*", "ვინიკოვმა თქვა", &["ვინიკოვმა"]);
        check("Ermənistan*", "Ermənistanla, ERMƏNİSTAN", &["Ermənistanla", "ERMƏNİSTAN"]);
        check("южн* кавказ*", "на Южном Кавказе. Южный\nКавказ", &["Южном Кавказе"]);
    }

    #[test]
    fn words_in_a_row() {
        let text =
            "NATO’s South Caucasus Office, “Crossroads of Peace” project; crossroads, of peace. Crossroads of\npeace";
        check("NATO South Caucasus", text, &["NATO’s South Caucasus"]);
        check("crossroads of peace", text, &["Crossroads of Peace"]);
        check("Peace project", text, &["Peace” project"]);
        check("NATO Georgia", "NATO-Georgia, NATO – Georgia, NATO. Georgia", &["NATO-Georgia", "NATO – Georgia"]);
        check("A. Vinnikov", "A. Vinnikov A.Vinnikov Plan A, Vinnikov", &["A. Vinnikov", "A.Vinnikov"]);
        check("об'єднання", "Обʼєднання сил", &["Обʼєднання"]);
    }

    #[test]
    fn acronyms_keep_their_case() {
        check("MAP", "The map, a MAP, Map, MAPS", &["MAP"]);
        check("DEEP", "deep talks on DEEP", &["DEEP"]);
        check("ITPP", "ITPP itpp ITPPX «ITPP» ITPP-ի ITPP'nin", &["ITPP", "ITPP", "ITPP", "ITPP"]);
        check("ОДКБ", "ОДКБ, одкб", &["ОДКБ"]);
        check("ՀԱՊԿ", "ՀԱՊԿ-ը հապկ", &["ՀԱՊԿ"]);
        check("PfP", "PfP, PFP, pfp", &["PfP", "PFP", "pfp"]);
        check("NATO*", "NATOnun natonun", &["NATOnun"]);
        assert_eq!(all("MAP", CaseRule::Ignore, "map MAP"), ["map", "MAP"]);
        assert_eq!(all("Vinnikov", CaseRule::Exact, "VINNIKOV Vin\u{ad}nikov vinnikov"), ["Vin\u{ad}nikov"]);
    }

    #[test]
    fn refuses_what_cannot_be_looked_for() {
        for (text, message) in [
            ("", "phrase \"\" has no word of two letters or more"),
            ("  \t", "phrase \"  \\t\" has no word of two letters or more"),
            ("–!", "phrase \"–!\" has no word of two letters or more"),
            ("A", "phrase \"A\" has no word of two letters or more"),
            ("Vi*", "phrase \"Vi*\" has fewer than 3 letters before *"),
            ("*kov", "phrase \"*kov\" has * elsewhere than at the end of a word"),
            ("Vin*kov", "phrase \"Vin*kov\" has * elsewhere than at the end of a word"),
            ("Vinnikov **", "phrase \"Vinnikov **\" has * elsewhere than at the end of a word"),
            ("*", "phrase \"*\" has * elsewhere than at the end of a word"),
        ] {
            assert_eq!(Phrase::parse(text, CaseRule::Auto).unwrap_err().to_string(), message);
        }
        let long = Phrase::parse(&"слово ".repeat(50), CaseRule::Auto).unwrap_err();
        assert!(matches!(&long, PhraseError::Long(it) if it.len() <= 60), "{long}");
        let long = Phrase::parse(&format!("{}*", "x".repeat(60)), CaseRule::Auto).unwrap_err();
        assert!(matches!(long, PhraseError::Long(_)), "{long}");
    }

    #[test]
    fn spans_point_into_the_whole_text() {
        let set = PhraseSet::new(vec![
            Phrase::parse("NATO", CaseRule::Auto).unwrap(),
            Phrase::parse("NATO office*", CaseRule::Auto).unwrap(),
        ])
        .unwrap();
        let text = "ნატო\r\nNATO offices\n\nNATO";
        let mut res = Vec::new();
        set.scan(text, |index, span| res.push((index, text[span.clone()].to_owned(), span.start)));
        let expected = [(0, "NATO".to_owned(), 14), (1, "NATO offices".to_owned(), 14), (0, "NATO".to_owned(), 28)];
        assert_eq!(res, expected);
    }

    #[test]
    fn a_hundred_thousand_phrases_are_one_set() {
        let phrases = (0..100_000).map(|it| Phrase::parse(&format!("name{it} surname{it}*"), CaseRule::Auto).unwrap());
        let set = PhraseSet::new(phrases.collect()).unwrap();
        let mut res = Vec::new();
        set.scan("with Name99999 Surname99999s", |index, _| res.push(index));
        // Phrase 99 999 and no other: the first word is whole.
        assert_eq!(res, [99_999]);
    }
}
