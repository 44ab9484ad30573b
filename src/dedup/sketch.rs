//! Sketches of articles, by which stories are told apart: words, names and numbers. Pure.

use std::collections::{HashMap, HashSet};

use super::overlap::Print;
use crate::{
    model::Timestamp,
    text::{self, names::Script},
};

/// Maximum words read of the body. The event is told at the start; what follows is background.
const BODY_WORDS: usize = 500;
/// Maximum bytes read of the body, enough for these words in every language of the region: a Georgian word takes 21
/// bytes with its space.
const MAX_BODY_BYTES: usize = BODY_WORDS * 24;
/// Maximum bytes of the body compared to find copies.
const MAX_PRINT_BYTES: usize = 40_000;
/// Words of the body that count as its lead.
const LEAD_WORDS: usize = 60;
/// A longer title is a sentence of the text, as in posts without a title and in feeds of agencies, and is read as the
/// beginning of the lead. Titles say more than other words because they are short. With 12 to 22 words the development
/// stories are told apart nearly equally well; without a limit, half of ECB+ is judged by titles that are none.
const MAX_TITLE_WORDS: usize = 15;
/// Maximum different terms kept, the most frequent.
const MAX_TERMS: usize = 320;
/// Number of letters from which the script of a text is determined.
const SCRIPT_LETTERS: usize = 200;
/// Minimum letters of a name.
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
    /// A hash of its source; 0 if unknown.
    pub source: u64,
    /// Number of words read of the body.
    pub words: u32,
}

/// The language of a text, as far as needed to tell whether two texts share their words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Language {
    /// The first two letters of its code; 0 where it is not known.
    code: [u8; 2],
    /// The script of most of its letters; `None` for a text without letters.
    script: Option<Script>,
}

impl Language {
    /// From a code such as `en` or `en-GB`, and a text.
    pub fn new(code: Option<&str>, sample: &str) -> Self {
        let mut own = [0; 2];
        let letters = code.unwrap_or_default().bytes().take_while(u8::is_ascii_alphabetic);
        own.iter_mut().zip(letters).for_each(|(to, from)| *to = from.to_ascii_lowercase());
        Self { code: own, script: script(sample) }
    }

    /// Whether texts in the two languages share hardly any words. An unknown language counts as any of its script.
    pub fn is_foreign_to(self, other: Self) -> bool {
        let are_known = self.code != [0; 2] && other.code != [0; 2];
        self.script != other.script || (are_known && self.code != other.code)
    }
}

/// The script of most of the first letters. Not that of the very first letter: many Russian reports begin with "NASA"
/// or "iPhone".
fn script(text: &str) -> Option<Script> {
    let mut counts = Vec::<(Script, usize)>::new();
    for letter in text.chars().filter(|it| it.is_alphabetic()).take(SCRIPT_LETTERS) {
        let script = Script::of(letter);
        match counts.iter_mut().find(|(it, _)| *it == script) {
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    counts.into_iter().max_by_key(|(script, count)| (*count, *script)).map(|(script, _)| script)
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
        let mut terms = Found::default();
        let all = text::tokens(text::capped(it.body, MAX_PRINT_BYTES));
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
        // If most words of a title have a capital, capitals do not show names.
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

fn add(terms: &mut Found, token: &text::Token<'_>, part: Part, is_name: bool) {
    for (hash, kind) in terms_of(token, is_name).into_iter().flatten() {
        terms.add(hash, kind, part, token.is_small());
    }
}

/// The terms a word stands for: itself, and the consonants of a name.
fn terms_of(token: &text::Token<'_>, is_name: bool) -> [Option<(u32, Kind)>; 2] {
    let word = token.word.as_ref();
    if token.is_suffix || text::is_stop_word(word) {
        return [None; 2];
    }
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return [Some((text::term_hash(word, 1), Kind::Number)), None];
    }
    if word.chars().nth(1).is_none() {
        return [None; 2];
    }
    let skeleton = if is_name { text::skeleton(word) } else { None };
    let skeleton = skeleton.map(|it| (text::term_hash(&it.to_string(), 2), Kind::Skeleton));
    [Some((text::term_hash(text::stem(word), 0), if is_name { Kind::Name } else { Kind::Word })), skeleton]
}

/// How the wanted terms of a text are first written in it; terms of [`Kind::Skeleton`] as a name, not as a word with
/// the same consonants.
pub(super) fn forms<'t>(it: Text<'t>, wanted: &HashSet<u32>) -> HashMap<u32, &'t str> {
    let mut res = HashMap::new();
    // A word cut off by the limit is found here but not in the sketch; it is wanted only if it also occurs earlier.
    for part in [it.title, text::capped(it.body, MAX_BODY_BYTES)] {
        let tokens = text::tokens(part);
        for (token, is_name) in tokens.iter().zip(names(part, &tokens)) {
            for (hash, _) in terms_of(token, is_name).into_iter().flatten() {
                if wanted.contains(&hash) {
                    res.entry(hash).or_insert(token.form);
                }
            }
            if res.len() == wanted.len() {
                return res;
            }
        }
    }
    res
}

/// For each word, whether it is written like a name: with a capital that is not due to the start of a sentence. In
/// scripts without capitals every longer word may be one.
fn names(text: &str, tokens: &[text::Token<'_>]) -> Vec<bool> {
    let mut before = 0;
    let is_name = |token: &text::Token<'_>| {
        let gap = text.get(before..token.span.start).unwrap_or_default();
        let is_first = before == 0 || gap.contains(['.', '!', '?', '\n', '։', '…']);
        before = token.span.end;
        let first = token.form.chars().next().unwrap_or(' ');
        let letters = token.form.chars().count();
        match token.is_small() || first.is_uppercase() {
            true => first.is_uppercase() && !is_first && letters >= MIN_NAME_LETTERS,
            false => first.is_alphabetic() && letters > MIN_NAME_LETTERS,
        }
    };
    tokens.iter().map(is_name).collect()
}

/// A term, and how it is written.
struct Occurrences {
    term: Term,
    /// How often as a name.
    as_name: u32,
    /// How often with a small letter.
    small: u32,
}

impl Occurrences {
    /// A word that is written small more than twice as often as like a name is none, whatever title, heading or ministry
    /// has it with a capital.
    fn into_term(self) -> Term {
        let is_no_name = self.term.kind == Kind::Name && self.small > 2 * self.as_name;
        Term { kind: if is_no_name { Kind::Word } else { self.term.kind }, ..self.term }
    }
}

/// Terms in the order of the text, repeats included.
#[derive(Default)]
struct Found(Vec<Occurrences>);

impl Found {
    fn add(&mut self, hash: u32, kind: Kind, part: Part, is_small: bool) {
        let (lead, title) = (u8::from(part != Part::Rest), u8::from(part == Part::Title));
        let term = Term { hash, kind, all: 1, lead, title };
        self.0.push(Occurrences { term, as_name: u32::from(kind == Kind::Name), small: u32::from(is_small) });
    }

    fn sorted(self) -> Vec<Term> {
        let mut all = self.0;
        all.sort_unstable_by_key(|it| it.term.hash);
        all.dedup_by(|next, it| {
            let is_same = it.term.hash == next.term.hash;
            if is_same {
                it.as_name += next.as_name;
                it.small += next.small;
                let (it, next) = (&mut it.term, next.term);
                it.kind = it.kind.max(next.kind);
                it.all = it.all.saturating_add(next.all);
                it.lead = it.lead.saturating_add(next.lead);
                it.title = it.title.saturating_add(next.title);
            }
            is_same
        });
        let mut res: Vec<_> = all.into_iter().map(Occurrences::into_term).collect();
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

    fn of(body: &str) -> Sketch {
        Sketch::new(Text { body, ..Text::default() })
    }

    #[test]
    fn a_term_is_one_however_often_it_stands() {
        let sketch = of(&format!("Rain in Batumi. {}", "Batumi ".repeat(400)));
        let batumi = text::term_hash(text::stem("batumi"), 0);
        let found = sketch.terms.iter().filter(|it| it.hash == batumi).collect::<Vec<_>>();
        assert_eq!(found.iter().map(|it| (it.kind, it.all, it.lead)).collect::<Vec<_>>(), [(Kind::Name, 255, 58)]);
    }

    #[test]
    fn a_word_that_is_mostly_written_small_is_no_name() {
        let kind = |body: &str, word: &str| {
            let hash = text::term_hash(text::stem(word), 0);
            of(body).terms.iter().find(|it| it.hash == hash).unwrap().kind
        };
        let pensions = "Все получают пенсию. Она, как говорит Пенсионный фонд, не больше этой пенсии, а пенсия растёт.";
        assert_eq!((kind(pensions, "пенсия"), kind(pensions, "фонд")), (Kind::Word, Kind::Word));
        assert_eq!(kind("The council met. A man of the Council of Europe said so.", "council"), Kind::Name);
        assert_eq!(kind("ქალაქი ბათუმი", "ბათუმი"), Kind::Name);
    }

    #[test]
    fn terms_are_in_order_however_many_there_are() {
        let words = (0..BODY_WORDS).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        for body in ["one two three two", &words] {
            let terms = of(body).terms;
            assert!(terms.len() <= MAX_TERMS && terms.is_sorted_by(|a, b| a.hash < b.hash), "{}", terms.len());
        }
    }

    #[test]
    fn copies_are_told_by_more_of_a_text_than_events() {
        let body = (0..100_000).map(|n| format!("word{n:012}")).collect::<Vec<_>>().join(" ");
        let sketch = of(&body);
        assert_eq!(sketch.words as usize, MAX_BODY_BYTES / 17, "the word that the limit cuts is not read");
        let (short, long) = (of(&body[..MAX_PRINT_BYTES]), of(&body[..MAX_BODY_BYTES]));
        assert_eq!(sketch.print, short.print);
        assert!(sketch.print.overlap(&long.print).shared < sketch.print.overlap(&short.print).shared);
    }

    #[test]
    fn a_name_is_shown_as_a_name_and_not_by_a_word_of_its_consonants() {
        let text = Text { title: "Storm", body: "At the bottom of the sea off Batumi", ..Text::default() };
        let wanted = |word: &str| text::term_hash(&text::skeleton(word).unwrap().to_string(), 2);
        assert_eq!(wanted("bottom"), wanted("batumi"));
        assert_eq!(forms(text, &HashSet::from([wanted("batumi")])), HashMap::from([(wanted("batumi"), "Batumi")]));
    }

    #[test]
    fn a_script_is_that_of_most_letters() {
        let language = |code, text| Language::new(code, text);
        let russian = language(Some("ru"), "NASA и SpaceX сообщили в среду о переносе запуска");
        assert!(!russian.is_foreign_to(language(Some("ru-RU"), "Запуск перенесли на четверг")));
        assert!(!russian.is_foreign_to(language(None, "Запуск перенесли на четверг")));
        assert!(russian.is_foreign_to(language(Some("uk"), "Запуск перенесли на четвер")));
        assert!(russian.is_foreign_to(language(Some("en"), "NASA and SpaceX moved the launch")));
        assert!(russian.is_foreign_to(language(None, "NASA and SpaceX moved the launch")));
        assert!(!language(None, "").is_foreign_to(language(Some("ru"), "12")), "no letters");
    }

    #[test]
    fn a_sentence_is_no_title() {
        let sentence = "After three years of delays the man who had killed four people in a courthouse in Batumi was \
                        sentenced on Saturday to prison for life";
        let in_title = |title| {
            let sketch = Sketch::new(Text { title, body: "Prosecutors were not celebrating.", ..Text::default() });
            let at =
                sketch.terms.binary_search_by_key(&text::term_hash(text::stem("batumi"), 0), |it| it.hash).unwrap();
            (sketch.terms[at].title, sketch.terms[at].lead)
        };
        assert_eq!(in_title("A killer is sentenced in Batumi"), (1, 1));
        assert_eq!(in_title(sentence), (0, 1));
    }
}
