//! Suggests terms that distinguish the articles of a topic from all others. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::{model::Article, text};

/// Minimum articles of the topic that contain a term.
const MIN_ARTICLES: usize = 3;
/// Minimum strength of a term worth suggesting, in standard deviations.
const MIN_STRENGTH: f64 = 2.5;
/// Minimum letters of a word that is a term by itself.
const MIN_LETTERS: usize = 4;
/// Words of a body that are read.
const MAX_WORDS: usize = 600;

/// A term that may speak for a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// One word or two, folded.
    pub term: String,
    /// Articles of the topic that have it.
    pub inside: usize,
    /// Other articles that have it.
    pub outside: usize,
    /// How far from chance the difference is, in standard deviations.
    pub strength: f64,
}

/// The terms that are in the articles of a topic and seldom elsewhere, the strongest first.
///
/// Ranked by the log-odds of the share of articles that have a term, divided by its standard deviation (Monroe,
/// Colaresi and Quinn 2008, with half an article as prior), so that rare terms do not precede frequent ones.
pub fn suggest(inside: &[Article], outside: &[Article], limit: usize) -> Vec<Suggestion> {
    let (own, others) = (frequencies(inside), frequencies(outside));
    let candidates = own.into_iter().filter(|(_, n)| *n >= MIN_ARTICLES);
    let mut res = candidates
        .map(|(term, n)| {
            let m = others.get(&term).copied().unwrap_or_default();
            let strength = strength(n, inside.len(), m, outside.len());
            Suggestion { term, inside: n, outside: m, strength }
        })
        .filter(|it| it.strength > MIN_STRENGTH)
        .collect::<Vec<_>>();
    res.sort_by(|a, b| b.strength.total_cmp(&a.strength).then_with(|| a.term.cmp(&b.term)));
    res.truncate(limit);
    res
}

#[expect(clippy::cast_precision_loss, reason = "counts of articles")]
fn strength(n: usize, of: usize, m: usize, of_others: usize) -> f64 {
    let odds = |n: usize, of: usize| (n as f64 + 0.5) / (of.saturating_sub(n) as f64 + 0.5);
    let deviation = (1.0 / (n as f64 + 0.5) + 1.0 / (m as f64 + 0.5)).sqrt();
    (odds(n, of).ln() - odds(m, of_others).ln()) / deviation
}

/// In how many articles each word, and each two words in a row, stands.
fn frequencies(articles: &[Article]) -> BTreeMap<String, usize> {
    let mut res = BTreeMap::new();
    for article in articles {
        let mut terms = BTreeSet::new();
        for field in [&article.title, &article.body] {
            let tokens = text::tokens(field);
            let words = tokens.iter().take(MAX_WORDS).map(AsRef::as_ref).collect::<Vec<&str>>();
            let is_word = |it: &str| it.chars().count() >= MIN_LETTERS && !it.chars().any(char::is_numeric);
            terms.extend(words.iter().filter(|it| is_word(it)).map(|it| (*it).to_owned()));
            terms.extend(words.windows(2).filter(|it| it.iter().all(|it| is_word(it))).map(|it| it.join(" ")));
        }
        for term in terms {
            *res.entry(term).or_default() += 1;
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sets_a_topic_apart() {
        let article = |text: &str| Article::sample("", text);
        let inside: Vec<_> =
            (0..6).map(|n| article(&format!("The peace treaty was read in chapter {n} today."))).collect();
        let outside: Vec<_> = (0..6).map(|n| article(&format!("The bridge number {n} was opened today."))).collect();
        let found = suggest(&inside, &outside, 9);
        let terms = found.iter().map(|it| it.term.as_str()).collect::<Vec<_>>();
        assert!(terms.contains(&"peace treaty") && terms.contains(&"treaty"), "{terms:?}");
        assert!(!terms.contains(&"today"), "{terms:?}");
        assert!(found.iter().all(|it| (it.inside, it.outside) == (6, 0)), "{found:?}");
        assert!(suggest(&inside[..2], &outside, 9).is_empty(), "two articles are too few");
    }
}
