//! Chooses the sentences that show why a story is under a topic and that say most of it: a summary without a model.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    model::{Article, Evidence, Field},
    text::{Sentences, ceil_boundary},
};

use super::{Marked, Quote};

/// Maximum share (0–1) of a sentence's words that a chosen sentence may contain: with more it repeats that one.
const MAX_SHARED: f32 = 0.5;
/// Maximum share (0–1) of a sentence's words that may be in the title: with more it repeats the title.
const MAX_OF_TITLE: f32 = 0.8;
/// Minimum words of a sentence: shorter ones say little by themselves.
const MIN_WORDS: usize = 6;
/// Words of at most this many characters are ignored: most of them are in every text.
const MAX_LITTLE_CHARS: usize = 3;
/// Bytes of a body in which the lead is searched for.
const LEAD_BYTES: usize = 1_500;

/// At most `n` sentences of the body, in its order. Chosen are the sentence with the most evidence, then those that add
/// evidence, then the lead, since news puts the most important first. Of equals the one with the most words of the
/// title comes first, then the earlier one. All are from one report, so that none repeats another in a different
/// language. Empty if the body holds no evidence.
pub(super) fn quotes(article: &Article, evidence: &[Evidence], n: usize, max_chars: usize) -> Vec<Quote> {
    let body = article.body.as_str();
    let mut of_body = Sentences::new(body);
    let mut sentences = BTreeMap::<(usize, usize), Candidate<'_>>::new();
    for it in evidence.iter().filter(|it| it.field == Field::Body && body.get(it.span.clone()).is_some()) {
        let sentence = of_body.around(it.span.clone());
        let candidate = sentences.entry((sentence.start, sentence.end)).or_default();
        candidate.weight += it.weight;
        candidate.spans.push(it.span.clone());
        candidate.rules.insert(&it.rule);
    }
    if sentences.is_empty() {
        return Vec::new();
    }
    sentences.entry(lead(body, &mut of_body)).or_default();
    let words: BTreeMap<_, _> =
        sentences.keys().map(|it| (*it, words(body.get(it.0..it.1).unwrap_or_default()))).collect();
    // A title says what its text is about, so a sentence is the more central the more of the title it contains.
    let title = self::words(&article.title);
    let says = |word: &&String| word.chars().count() > MAX_LITTLE_CHARS;
    let central = |it: &(usize, usize)| words.get(it).map_or(0, |own| own.intersection(&title).filter(says).count());
    let mut chosen = Vec::<(usize, usize)>::new();
    let mut told = BTreeSet::new();
    while chosen.len() < n {
        let mut best = None::<((usize, usize), f32)>;
        for (at, it) in sentences.iter().filter(|(at, _)| !chosen.contains(at)) {
            let Some(own) = words.get(at) else { continue };
            let before = chosen.iter().filter_map(|it| words.get(it));
            let says_it_again = { before }.any(|before| shared(own, before) > MAX_SHARED);
            let is_short = own.len() < MIN_WORDS && !chosen.is_empty();
            if says_it_again || is_short || (chosen.is_empty() && it.spans.is_empty()) {
                continue;
            }
            // What was told before counts half.
            let is_new = chosen.is_empty() || it.rules.difference(&told).next().is_some();
            let score = if is_new { it.weight } else { it.weight / 2.0 };
            let is_better = |(before, least): ((usize, usize), f32)| match score.total_cmp(&least) {
                Ordering::Equal => central(at) > central(&before),
                order => order.is_gt(),
            };
            if best.is_none_or(is_better) {
                best = Some((*at, score));
            }
        }
        let Some((at, _)) = best else { break };
        chosen.push(at);
        told.extend(sentences.get(&at).into_iter().flat_map(|it| it.rules.iter().copied()));
    }
    chosen.sort_unstable();
    let quote = |(start, end): (usize, usize)| {
        let spans = sentences.get(&(start, end)).into_iter().flat_map(|it| &it.spans);
        let spans = spans.map(|span| span.start - start..span.end.min(end) - start).collect::<Vec<_>>();
        Some(Quote {
            sentence: Marked::new(body.get(start..end)?, &spans, max_chars),
            language: article.language.clone(),
            article: article.id,
            translation: None,
        })
    };
    chosen.into_iter().filter_map(quote).filter(|it| !it.sentence.text.is_empty()).collect()
}

#[derive(Default)]
struct Candidate<'a> {
    weight: f32,
    spans: Vec<Range<usize>>,
    rules: BTreeSet<&'a str>,
}

/// A sentence for a story that is included for its title alone, unmarked: the first that is long enough and says more
/// than the title; if all are short, the first. `None` if there is none.
pub(super) fn opening(article: &Article, max_chars: usize) -> Option<Quote> {
    let body = article.body.as_str();
    let title = words(&article.title);
    let mut sentences = Sentences::new(body);
    let says_more = openings(body, &mut sentences).filter_map(|(start, end)| {
        let text = body.get(start..end)?;
        let own = words(text);
        let is_more = part(own.intersection(&title).count(), own.len()) <= MAX_OF_TITLE;
        let sentence = is_more.then(|| Marked::new(text, &[], max_chars)).filter(|it| !it.text.is_empty())?;
        Some((own.len(), sentence))
    });
    let (_, sentence) = first_long(says_more, |(n_words, _)| *n_words)?;
    Some(Quote { sentence, language: article.language.clone(), article: article.id, translation: None })
}

/// The first sentence of the body that is long enough to say something.
fn lead(body: &str, sentences: &mut Sentences<'_>) -> (usize, usize) {
    let n_words = |it: &(usize, usize)| words(body.get(it.0..it.1).unwrap_or_default()).len();
    first_long(openings(body, sentences), n_words).unwrap_or_default()
}

/// The first with enough words, otherwise the first. No more are requested than needed: finding sentences costs more
/// than everything else done for a story.
fn first_long<T>(mut all: impl Iterator<Item = T>, n_words: impl Fn(&T) -> usize) -> Option<T> {
    let first = all.next()?;
    if n_words(&first) >= MIN_WORDS {
        return Some(first);
    }
    Some(all.find(|it| n_words(it) >= MIN_WORDS).unwrap_or(first))
}

/// The sentences that a body begins with.
fn openings(body: &str, sentences: &mut Sentences<'_>) -> impl Iterator<Item = (usize, usize)> {
    let (mut at, mut last) = (0, None);
    std::iter::from_fn(move || {
        while at < body.len().min(LEAD_BYTES) {
            let found = sentences.around(at..at);
            at = ceil_boundary(body, found.end.max(at) + 1);
            let found = (found.start, found.end);
            if last.replace(found) != Some(found) {
                return Some(found);
            }
        }
        None
    })
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
}

/// How much of the shorter one is in the other.
fn shared(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f32 {
    part(a.intersection(b).count(), a.len().min(b.len()))
}

fn part(n: usize, of: usize) -> f32 {
    let number = |it: usize| u16::try_from(it).map_or(f32::from(u16::MAX), f32::from);
    number(n) / number(of.max(1))
}

/// The title with its evidence marked.
pub(super) fn marked_title(article: &Article, evidence: &[Evidence], max_chars: usize) -> Marked {
    let spans = evidence.iter().filter(|it| it.field == Field::Title).map(|it| it.span.clone()).collect::<Vec<_>>();
    Marked::new(&article.title, &spans, max_chars)
}
