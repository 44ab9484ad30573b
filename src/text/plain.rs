//! Texts as they are compared where it does not count how they are set.

use super::is_hidden;

/// The words of a text in the plainest shapes of their signs: white space, the shapes of quotes and dashes and what is
/// [hidden](is_hidden) make no difference.
pub fn plain_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(plain).filter(|it| !it.is_empty()).collect()
}

/// A word in the plainest shapes of its signs.
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

/// The title and the text of an article, to be asked what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// Of a title and a text.
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
