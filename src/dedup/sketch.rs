//! What an article is compared by when stories are told apart: its words, names and numbers. Pure.

use std::collections::{HashMap, HashSet};

use super::overlap::Print;
use crate::{model::Timestamp, text};

/// Words of the body that are read. An event is told at the start; what follows is background.
const BODY_WORDS: usize = 500;
/// And bytes, within which these words end in every language of the region.
const MAX_BODY_BYTES: usize = BODY_WORDS * 16;
/// Words of the body that are its lead.
const LEAD_WORDS: usize = 60;
/// A title of more words is a sentence of the text, as posts without a title and feeds of agencies have it: it is read as the
/// beginning of the lead. Titles say more than other words because they are short. From 12 to 22 words the development stories
/// are told apart nearly equally well; without it half of ECB+ is told by titles that are none.
const MAX_TITLE_WORDS: usize = 15;
/// Different terms kept, the most frequent.
const MAX_TERMS: usize = 320;
/// Words shorter than this are no names.
const MIN_NAME_LETTERS: usize = 3;

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A word.
    Word,
    /// A word written as a name.
    Name,
    /// A number.
    Number,
    /// The consonants of a name, the same in every script.
    Skeleton,
}

/// A term of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Names it.
    pub hash: u32,
    /// What it is.
    pub kind: Kind,
    /// How often it stands in title and body.
    pub all: u8,
    /// How often in title and lead.
    pub lead: u8,
    /// How often in the title.
    pub title: u8,
}

/// An article as it is compared.
#[derive(Debug, Clone, Default)]
pub struct Sketch {
    /// Sorted by hash, each once.
    pub terms: Vec<Term>,
    /// By which copies are found.
    pub print: Print,
    /// Its language, where known; else its script.
    pub language: Language,
    /// When it was published or else first seen; `None` where neither is known.
    pub at: Option<Timestamp>,
    /// Where it was found, as a hash; 0 where it is not known.
    pub source: u64,
    /// Words of the body.
    pub words: u32,
}

/// The language of a text, as far as needed to tell whether two texts share their words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Language([u8; 3]);

impl Language {
    /// From a code such as `en` or `en-GB`; of no code, the script stands for it.
    pub fn new(code: Option<&str>, sample: &str) -> Self {
        let mut res = [0; 3];
        let code = code.map(str::as_bytes).unwrap_or_default();
        for (to, from) in res.iter_mut().zip(code.iter().take_while(|it| it.is_ascii_alphabetic()).take(2)) {
            *to = from.to_ascii_lowercase();
        }
        if let (Some(last), Some(letter)) = (res.last_mut(), sample.chars().find(|it| it.is_alphabetic())) {
            *last = match letter {
                '\0'..='\u{24f}' => b'l',
                '\u{400}'..='\u{52f}' => b'c',
                '\u{530}'..='\u{58f}' => b'h',
                '\u{600}'..='\u{6ff}' => b'a',
                '\u{10a0}'..='\u{10ff}' => b'k',
                _ => b'o',
            };
        }
        Self(res)
    }

    /// Whether texts in the two share no words to speak of. A language that is not known is taken for any of its script.
    pub fn is_foreign_to(self, other: Self) -> bool {
        let ([a, b, script], [c, d, other_script]) = (self.0, other.0);
        script != other_script || (a != 0 && c != 0 && (a, b) != (c, d))
    }
}

/// What a sketch is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text<'t> {
    /// The title.
    pub title: &'t str,
    /// The text.
    pub body: &'t str,
    /// Its language, as a code.
    pub language: Option<&'t str>,
    /// When it was published.
    pub at: Option<Timestamp>,
    /// The outlet's name or id.
    pub source: &'t str,
}

/// The part of a text a word stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Lead,
    Rest,
}

impl Sketch {
    /// The sketch of a text.
    pub fn new(it: Text<'_>) -> Self {
        let mut terms = Counts::default();
        let all = text::tokens(text::capped(it.body, Print::MAX_BYTES));
        let tokens = all.get(..all.partition_point(|it| it.span.end <= MAX_BODY_BYTES)).unwrap_or_default();
        let are_names = names(it.body, tokens);
        for (n, (token, is_name)) in tokens.iter().zip(&are_names).take(BODY_WORDS).enumerate() {
            let part = if n < LEAD_WORDS { Part::Lead } else { Part::Rest };
            add(&mut terms, token, part, *is_name);
        }
        let in_title = text::tokens(it.title);
        let named = tokens.iter().zip(&are_names).filter(|(_, is_name)| **is_name).map(|(it, _)| it.word.as_ref());
        let named = named.collect::<HashSet<_>>();
        let title_names = names(it.title, &in_title);
        // Where every word of a title has a capital, capitals say nothing.
        let is_plain = title_names.iter().filter(|it| **it).count() * 2 < in_title.len();
        let part = if in_title.len() <= MAX_TITLE_WORDS { Part::Title } else { Part::Lead };
        for (token, is_name) in in_title.iter().zip(title_names) {
            let is_name = named.contains(token.word.as_ref()) || (is_name && is_plain);
            add(&mut terms, token, part, is_name);
        }
        Self {
            terms: terms.sorted(),
            print: Print::new(&all),
            language: Language::new(it.language, if it.body.is_empty() { it.title } else { it.body }),
            at: it.at,
            source: if it.source.is_empty() { 0 } else { text::short_hash(it.source) },
            words: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
        }
    }

    /// Whether two texts have the same words, and any at all.
    pub fn has_words_of(&self, other: &Self) -> bool {
        let hashes = self.terms.iter().map(|it| it.hash);
        !self.terms.is_empty() && hashes.eq(other.terms.iter().map(|it| it.hash))
    }
}

fn add(terms: &mut Counts, token: &text::Token<'_>, part: Part, is_name: bool) {
    for (hash, kind) in terms_of(token, is_name).into_iter().flatten() {
        terms.add(hash, kind, part);
    }
}

/// The terms a word stands for: itself, and the consonants of a name.
fn terms_of(token: &text::Token<'_>, is_name: bool) -> [Option<(u32, Kind)>; 2] {
    let word = token.word.as_ref();
    if token.is_suffix || text::is_stop_word(word) {
        return [None; 2];
    }
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return [Some((hash(word, 1), Kind::Number)), None];
    }
    if word.chars().nth(1).is_none() {
        return [None; 2];
    }
    let skeleton = if is_name { text::skeleton(word) } else { None };
    let skeleton = skeleton.map(|it| (hash(&it.to_string(), 2), Kind::Skeleton));
    [Some((hash(text::stem(word), 0), if is_name { Kind::Name } else { Kind::Word })), skeleton]
}

/// How the wanted terms, some of which may be [`Kind::Skeleton`], are first written in a text.
pub(super) fn forms(it: Text<'_>, wanted: &HashSet<u32>, has_skeletons: bool) -> HashMap<u32, String> {
    let mut res = HashMap::new();
    for token in text::tokens(it.title).iter().chain(&text::tokens(text::capped(it.body, MAX_BODY_BYTES))) {
        for (hash, _) in terms_of(token, has_skeletons).into_iter().flatten() {
            if wanted.contains(&hash) {
                res.entry(hash).or_insert_with(|| token.form.to_owned());
            }
        }
        if res.len() == wanted.len() {
            break;
        }
    }
    res
}

/// For each word whether it is written as a name: with a capital that no sentence start accounts for. In scripts
/// without capitals every longer word may be one.
fn names(text: &str, tokens: &[text::Token<'_>]) -> Vec<bool> {
    let mut before = 0;
    let is_name = |token: &text::Token<'_>| {
        let gap = text.get(before..token.span.start).unwrap_or_default();
        let is_first = before == 0 || gap.contains(['.', '!', '?', '\n', '։', '…']);
        before = token.span.end;
        let first = token.form.chars().next().unwrap_or(' ');
        let has_case = first.is_lowercase() || first.is_uppercase();
        let letters = token.form.chars().count();
        match has_case {
            true => first.is_uppercase() && !is_first && letters >= MIN_NAME_LETTERS,
            false => first.is_alphabetic() && letters > MIN_NAME_LETTERS,
        }
    };
    tokens.iter().map(is_name).collect()
}

fn hash(word: &str, kind: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let hash = (text::word_hash(word) as u32).wrapping_add(kind.wrapping_mul(0x9E37_79B9));
    hash
}

/// Terms as they come, each as often as it stands there.
#[derive(Default)]
struct Counts(Vec<Term>);

impl Counts {
    fn add(&mut self, hash: u32, kind: Kind, part: Part) {
        let (lead, title) = (u8::from(part != Part::Rest), u8::from(part == Part::Title));
        self.0.push(Term { hash, kind, all: 1, lead, title });
    }

    fn sorted(self) -> Vec<Term> {
        let mut res = self.0;
        res.sort_unstable_by_key(|it| it.hash);
        res.dedup_by(|next, it| {
            let is_same = it.hash == next.hash;
            if is_same {
                it.kind = it.kind.max(next.kind);
                it.all = it.all.saturating_add(next.all);
                it.lead = it.lead.saturating_add(next.lead);
                it.title = it.title.saturating_add(next.title);
            }
            is_same
        });
        if res.len() > MAX_TERMS {
            res.sort_unstable_by_key(|it| (std::cmp::Reverse((it.title > 0, it.lead > 0, it.all)), it.hash));
            res.truncate(MAX_TERMS);
            res.sort_unstable_by_key(|it| it.hash);
        }
        // Thousands of it are held.
        res.shrink_to_fit();
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_no_title() {
        let sentence = "After three years of delays the man who had killed four people in a courthouse in Batumi was \
                        sentenced on Saturday to prison for life";
        let in_title = |title| {
            let sketch = Sketch::new(Text { title, body: "Prosecutors were not celebrating.", ..Text::default() });
            let at = sketch.terms.binary_search_by_key(&hash(text::stem("batumi"), 0), |it| it.hash).unwrap();
            (sketch.terms[at].title, sketch.terms[at].lead)
        };
        assert_eq!(in_title("A killer is sentenced in Batumi"), (1, 1));
        assert_eq!(in_title(sentence), (0, 1));
    }
}
