//! What the feed says of an article and its page does not. Pure.

use std::{collections::HashSet, ops::Range};

use crate::text::{self, Sentences, Token, ends_sentence};

use super::clean;

/// How often what is left is cleaned again: each time takes the length of the text.
const MAX_PASSES: usize = 3;

/// The sentences of the feed's text with a word that the page does not have, one a line, and without what is no text of
/// an article. So it is with standfirsts beside the text, with posts of a live blog whose page is a script, and where a
/// paper sends readers to sign in. A watched name in them must not be missed.
pub(super) fn left_out(page: &str, of_feed: &str, title: &str) -> String {
    if page.is_empty() || of_feed.is_empty() {
        return String::new();
    }
    let told = Told::new([page, title]);
    let sentences = sentences(of_feed).filter(|it| !told.has_all(it));
    let mut res = sentences.collect::<Vec<_>>().join("\n");
    // Cut from what is around it, a sentence may be seen to be a notice.
    for _ in 0..MAX_PASSES {
        let cleaned = clean::body_text(&res, title).text;
        if cleaned == res {
            break;
        }
        res = cleaned;
    }
    res
}

/// The sentences that have words.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut all = Sentences::new(text);
    let mut found = Vec::<Range<usize>>::new();
    for token in text::tokens(text) {
        let last = found.last().map_or(0, |it| it.end);
        if token.span.end <= last {
            continue;
        }
        let Range { start, end } = all.around(token.span);
        // One that is too long comes in parts.
        let gap = text.get(last..start).unwrap_or_default();
        let is_ended = text.get(..last).is_none_or(|it| ends_sentence(unquoted(it))) || gap.contains('\n');
        match found.last_mut() {
            Some(it) if !is_ended => it.end = end,
            _ => found.push(start.max(last)..end),
        }
    }
    found.into_iter().filter_map(|it| text.get(it))
}

/// The words that are told.
struct Told {
    words: HashSet<String>,
    /// Without their endings, in order.
    stems: Vec<String>,
}

impl Told {
    fn new(texts: [&str; 2]) -> Self {
        let tokens = texts.into_iter().flat_map(text::tokens);
        let words: HashSet<_> = tokens.map(|it| it.word.into_owned()).collect();
        let mut stems: Vec<_> = words.iter().map(|it| text::stem(it).to_owned()).collect();
        stems.sort_unstable();
        Self { words, stems }
    }

    /// Whether all words of a sentence are told: words in small letters in any form, others as they are, since many
    /// names begin like another. Many feeds cut their texts off within a word.
    fn has_all(&self, sentence: &str) -> bool {
        let words: Vec<_> = text::tokens(sentence).into_iter().filter(says_something).collect();
        let end = unquoted(sentence);
        let is_cut = end.ends_with('…') || end.ends_with("..") || !ends_sentence(end);
        words.iter().enumerate().all(|(at, it)| {
            let (word, stem) = (it.word.as_ref(), text::stem(&it.word));
            let is_begun = is_cut && at + 1 == words.len();
            self.words.contains(word)
                || (it.is_small() && self.stems.binary_search_by(|of| of.as_str().cmp(stem)).is_ok())
                || (is_begun && self.has_begun_with(word))
        })
    }

    /// Whether a word, without its ending, begins so.
    fn has_begun_with(&self, start: &str) -> bool {
        let at = self.stems.partition_point(|it| it.as_str() < start);
        self.stems.get(at).is_some_and(|it| it.starts_with(start))
    }
}

/// A text without the quotes and brackets that close it.
fn unquoted(text: &str) -> &str {
    text.trim_end_matches([']', ')', '»', '”', '"'])
}

/// Whether a word is none that all texts have; acronyms may be written like one (WHO, US).
fn says_something(word: &Token<'_>) -> bool {
    let is_acronym = word.form.chars().nth(1).is_some() && word.form.chars().all(char::is_uppercase);
    !word.is_suffix && (is_acronym || !text::is_stop_word(&word.word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(of_feed: &str, expected: &str) {
        let page = "The delegation went over the bridge of Poti in the morning, and 12 lorries waited for it.";
        assert_eq!(left_out(page, of_feed, "Talks begin"), expected, "{of_feed:?}");
    }

    #[test]
    fn a_word_that_the_page_does_not_have_is_kept_with_its_sentence() {
        check("Vinnikov went over the bridge.", "Vinnikov went over the bridge.");
        check("A drone went over the bridge.", "A drone went over the bridge.");
        check("The delegation waited for 14 lorries.", "The delegation waited for 14 lorries.");
        check("The delegation went. Vinnikov waited. It was morning.", "Vinnikov waited.");
        check("The delegation went.\nМост закрыт.", "Мост закрыт.");
        check("“The delegation went.” Vinnikov waited.", "Vinnikov waited.");
        check("ხიდი დაიკეტა.", "ხიდი დაიკეტა.");
        check("پل بسته شد.", "پل بسته شد.");
        check("The delegation of Vinnikov…", "The delegation of Vinnikov…");
        // Names that begin like another, or are written like a word that all texts have.
        check("The delegation of Potinov waited.", "The delegation of Potinov waited.");
        check("WHO waited.", "WHO waited.");
    }

    #[test]
    fn what_the_page_tells_is_not_told_twice() {
        check("", "");
        check("The delegation went over the bridge.", "");
        // In other forms of its words, as its title says, and cut off.
        check("The delegations waited in the mornings at the bridges of POTI.", "");
        check("Talks begin: the delegation waited.", "");
        check("“The delegation went over the bri...”", "");
        check("The delegation went over the bri", "");
        check("The delegation went over the bridge of Po…", "");
        check("The delegation went over the bri [...]", "");
        assert_eq!(left_out("", "Vinnikov waited.", ""), "", "all of the text is the feed's");
    }

    #[test]
    fn a_long_sentence_is_kept_whole() {
        let long = format!("{}Ivan Vinnikov came.", "the delegation went over the bridge, ".repeat(40));
        check(&long, &long);
        check(&format!("{long} The delegation went."), &long);
    }

    #[test]
    fn notices_are_no_text() {
        check("The delegation went. Read also: Vinnikov in Baku", "");
        check("By Anna Vinnikov\nThe delegation went.", "");
    }
}
