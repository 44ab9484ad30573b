//! What the feed says of an article and its page does not. Pure.

use std::{collections::HashSet, ops::Range};

use crate::text::{self, Sentences, Token};

use super::clean;

/// The sentences of the feed's text with a word that the page does not have, one a line, and without what is no text of
/// an article. So it is with standfirsts beside the text, with posts of a live blog whose page is a script, and where a
/// paper sends readers to sign in. A watched name in them must not be missed.
pub(super) fn left_out(page: &str, of_feed: &str, title: &str) -> String {
    if page.is_empty() || of_feed.is_empty() {
        return String::new();
    }
    let told: HashSet<String> = stems(page).chain(stems(title)).collect();
    let sentences = sentences(of_feed).filter(|it| !is_told(it, &told));
    let mut res = sentences.collect::<Vec<_>>().join("\n");
    // Cut from what is around it, a sentence may be seen to be a notice.
    loop {
        let cleaned = clean::body_text(&res, title).text;
        if cleaned == res {
            return res;
        }
        res = cleaned;
    }
}

/// The sentences that have words. Of one that is too long, parts.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut all = Sentences::new(text);
    let mut found = Vec::<Range<usize>>::new();
    for token in text::tokens(text) {
        let last = found.last().map_or(0, |it| it.end);
        if token.span.end > last {
            let sentence = all.around(token.span);
            found.push(sentence.start.max(last)..sentence.end);
        }
    }
    found.into_iter().filter_map(|it| Some(text.get(it)?.trim()))
}

/// Whether all words of a sentence are told. Many feeds cut their texts off within a word.
fn is_told(sentence: &str, told: &HashSet<String>) -> bool {
    let words: Vec<_> = text::tokens(sentence).into_iter().filter(says_something).collect();
    let is_cut = sentence.trim_end_matches([']', ')']).ends_with(['…'])
        || sentence.trim_end_matches([']', ')']).ends_with("...");
    words.iter().enumerate().all(|(at, it)| {
        let is_begun = || is_cut && at + 1 == words.len() && told.iter().any(|of| of.starts_with(it.word.as_ref()));
        told.contains(text::stem(&it.word)) || is_begun()
    })
}

/// The words of a text without their endings.
fn stems(text: &str) -> impl Iterator<Item = String> {
    text::tokens(text).into_iter().filter(says_something).map(|it| text::stem(&it.word).to_owned())
}

fn says_something(word: &Token<'_>) -> bool {
    !word.is_suffix && !text::is_stop_word(&word.word)
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
        check("ხიდი დაიკეტა.", "ხიდი დაიკეტა.");
        check("پل بسته شد.", "پل بسته شد.");
        check("The delegation of Vinnikov…", "The delegation of Vinnikov…");
    }

    #[test]
    fn what_the_page_tells_is_not_told_twice() {
        check("", "");
        check("The delegation went over the bridge.", "");
        // In other forms of its words, as its title says, and cut off.
        check("The delegations waited in the mornings at the bridges of POTI.", "");
        check("Talks begin: the delegation waited.", "");
        check("The delegation went over the bridge of Po…", "");
        check("The delegation went over the bri [...]", "");
        assert_eq!(left_out("", "Vinnikov waited.", ""), "", "all of the text is the feed's");
    }

    #[test]
    fn notices_are_no_text() {
        check("The delegation went. Read also: Vinnikov in Baku", "");
        check("By Anna Vinnikov\nThe delegation went.", "");
        let long = "Vinnikov waited and ".repeat(100);
        let res = left_out("Talks.", &long, "");
        assert!(res.len() <= long.len() && res.matches("Vinnikov").count() <= 100, "{res}");
    }
}
