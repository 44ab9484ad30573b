//! Texts in a form for comparison that ignores typography.

use super::is_hidden;

/// The words of a text with plain signs: white space, the shapes of quotes and dashes, and [hidden](is_hidden)
/// characters make no difference.
pub fn plain_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(plain).filter(|it| !it.is_empty()).collect()
}

/// A word with plain signs.
fn plain(word: &str) -> String {
    let mut res = String::with_capacity(word.len());
    for c in word.chars().filter(|c| !is_hidden(*c)) {
        match c {
            '“' | '”' | '„' | '«' | '»' | '‟' => res.push('"'),
            '‘' | '’' | '‚' | 'ʼ' => res.push('\''),
            '‐' | '‑' | '–' | '—' | '−' => res.push('-'),
            '…' => res.push_str("..."),
            c => res.push(c),
        }
    }
    res
}

/// The title and text of an article, to be searched for sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// Takes a title and a text.
    pub fn new(title: &str, body: &str) -> Self {
        let mut words = plain_words(title);
        words.extend(plain_words(body));
        Self(words.join(" "))
    }

    /// Whether a sentence stands in it, by its [plain words](plain_words).
    pub fn has(&self, sentence: &str) -> bool {
        self.0.contains(&plain_words(sentence).join(" "))
    }
}
