//! What the feed says of an article and its page does not. Pure.

use std::{collections::HashSet, ops::Range};

use crate::text::{self, Sentences, Token, ends_sentence, is_line_break, names::Script};

use super::clean::{self, Pointer};

/// How often what is left is cleaned again: each time takes the length of the text.
const MAX_PASSES: usize = 3;

/// Maximum bytes before the dash after where and by whom a report was written: `POTI, Nov 30 (Reuters) –`.
const MAX_DATELINE: usize = 100;

/// The longest ending after an apostrophe, in characters: `Vinnikov'ların`.
const MAX_ENDING: usize = 5;

/// The sentences of a text, such as the feed's, with a word or a name that another, the page's, does not have, one a
/// line, and without what is no text of an article. So it is with standfirsts beside the text, with posts of a live blog
/// whose page is a script, and where a paper sends readers to sign in. A watched name in them must not be missed.
pub(super) fn left_out(page: &str, of_feed: &str, title: &str) -> String {
    if page.is_empty() || of_feed.is_empty() {
        return String::new();
    }
    let tokens: Vec<_> = [page, title].into_iter().flat_map(text::tokens).collect();
    let told = Told::new(&tokens);
    let said = without_pointers(of_feed, title);
    let is_told = |at: usize, it: &str| told.has_all(it, at + 1 == said.len());
    let untold = said.iter().enumerate().filter(|(at, it)| !is_told(*at, it)).map(|(_, it)| *it);
    let mut res = untold.collect::<Vec<_>>().join("\n");
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

/// The sentences of a feed's text that do not lead elsewhere.
fn without_pointers<'t>(of_feed: &'t str, title: &str) -> Vec<&'t str> {
    let title = words(title);
    let mut is_list = false;
    let is_text = |it: &&str| {
        let pointer = clean::pointer(it, &title);
        // What a heading such as "Read also:" is followed by.
        is_list = pointer == Some(Pointer::Heading) || (is_list && !ends_sentence(it));
        pointer.is_none() && !is_list
    };
    sentences(of_feed).filter(is_text).collect()
}

/// The folded words of a text.
pub(super) fn words(text: &str) -> HashSet<String> {
    text::tokens(text).into_iter().map(|it| it.word.into_owned()).collect()
}

/// The sentences that have words.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
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
        let is_ended = text.get(..last).is_none_or(|it| ends_sentence(unquoted(it))) || gap.contains(is_line_break);
        match found.last_mut() {
            Some(it) if !is_ended => it.end = end,
            _ => found.push(start.max(last)..end),
        }
    }
    let dateline = found.first().and_then(|it| dateline(text, it.clone()));
    let parts = found.into_iter().flat_map(move |it| parts(text, it));
    let parts = parts.flat_map(move |it| match dateline {
        Some(at) if it.contains(&at) => [it.start..at, at..it.end],
        _ => [it, 0..0],
    });
    let parts = parts.filter_map(|it| text.get(it)).map(str::trim);
    parts.filter(|it| it.contains(char::is_alphanumeric))
}

/// The parts of a sentence of Unicode Annex 29, which goes on after an ellipsis: a text may be cut off there, and
/// "Continue reading" follow. Armenian is typed with a colon for its full stop.
fn parts(text: &str, sentence: Range<usize>) -> Vec<Range<usize>> {
    let Range { mut start, end } = sentence;
    let mut res = Vec::new();
    for (at, _) in text.get(start..end).unwrap_or_default().match_indices(char::is_whitespace) {
        let at = sentence.start + at;
        let head = unquoted(text.get(start..at).unwrap_or_default());
        let is_colon = || head.strip_suffix(':').is_some_and(|it| it.ends_with(is_armenian));
        if head.ends_with('…') || head.ends_with("..") || is_colon() {
            res.push(start..at);
            start = at;
        }
    }
    res.push(start..end);
    res
}

/// Where the report begins after its dateline: the page may have it without. After the title, an outlet's name follows.
fn dateline(text: &str, sentence: Range<usize>) -> Option<usize> {
    let whole = text.get(sentence.clone())?;
    if !ends_sentence(unquoted(whole)) {
        return None;
    }
    let head = text::capped(whole, MAX_DATELINE);
    let dashes = [" – ", " — ", " - ", " -- "];
    let ends = dashes.iter().filter_map(|it| head.find(it).map(|at| at + it.len()));
    ends.min().map(|it| sentence.start + it)
}

fn is_armenian(c: char) -> bool {
    Script::of(c) == Script::Armenian
}

/// What is told.
struct Told<'t> {
    /// Each word with the next, sorted.
    pairs: Vec<[&'t str; 2]>,
    /// The words that are written small.
    small: HashSet<&'t str>,
}

impl<'t> Told<'t> {
    fn new(tokens: &'t [Token<'_>]) -> Self {
        let words = || tokens.iter().map(|it| it.word.as_ref());
        let mut pairs: Vec<_> = words().zip(words().skip(1).chain([""])).map(|(word, next)| [word, next]).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let small = tokens.iter().filter(|it| it.is_small()).map(|it| it.word.as_ref()).collect();
        Self { pairs, small }
    }

    /// Whether all words of a sentence are told. Many feeds cut their texts off within a word: with a mark, or the
    /// last sentence without one.
    fn has_all(&self, sentence: &str, is_last: bool) -> bool {
        let tokens = text::tokens(sentence);
        let end = unquoted(sentence);
        let is_marked = end.ends_with('…') || end.ends_with("..");
        let is_cut = is_marked || (is_last && !ends_sentence(end));
        tokens.iter().enumerate().all(|(at, it)| {
            let (before, rest) = tokens.split_at(at);
            let gap = before.last().and_then(|of| sentence.get(of.span.end..it.span.start)).unwrap_or_default();
            // "Yesterday" has its capital from the sentence alone.
            let is_name = |of: &Token<'_>| at > 1 || !self.small.contains(of.word.as_ref());
            let joined = before.last().filter(|of| it.is_suffix || (is_name(of) && are_one_name(of, gap, it)));
            self.has(it, joined) || (is_cut && rest.len() == 1 && self.goes_on(before, &it.word, is_marked))
        })
    }

    /// Whether a word is told: one in small letters in any form, others as they are, since many names begin like
    /// another, and beside the word that they are `joined` to.
    fn has(&self, token: &Token<'_>, joined: Option<&Token<'_>>) -> bool {
        let word = token.word.as_ref();
        let is_small = match joined.filter(|_| token.is_suffix) {
            Some(head) if is_ending(head, token) => return true,
            Some(head) => head.is_small(),
            None if !says_something(token) => return true,
            None => token.is_small(),
        };
        let is_there = joined.is_none_or(|it| self.next(&it.word, word).is_some_and(|it| it == word));
        (is_there && self.word(word).is_some_and(|it| it == word))
            || (is_small && self.word(text::stem(word)).is_some_and(|it| text::stem(it) == text::stem(word)))
    }

    /// Whether what stands before the end of a text goes on with a word that begins so.
    fn goes_on(&self, before: &[Token<'_>], start: &str, is_marked: bool) -> bool {
        let goes_on = |word: &Token<'_>| self.next(&word.word, start).is_some_and(|it| it.starts_with(start));
        match before {
            [.., first, last] => self.next(&first.word, &last.word).is_some_and(|it| it == last.word) && goes_on(last),
            [last] => is_marked && goes_on(last),
            [] => false,
        }
    }

    /// The first word, in their order, that is no less than this one.
    fn word(&self, word: &str) -> Option<&'t str> {
        let at = self.pairs.partition_point(|[it, _]| *it < word);
        self.pairs.get(at).map(|[it, _]| *it)
    }

    /// The first of those after a word that is no less than `next`.
    fn next(&self, word: &str, next: &str) -> Option<&'t str> {
        let at = self.pairs.partition_point(|it| *it < [word, next]);
        self.pairs.get(at).filter(|[it, _]| *it == word).map(|[_, it]| *it)
    }
}

/// Whether two words are parts of one name: "National Bank" is none of "a national park" and "the bank".
fn are_one_name(one: &Token<'_>, gap: &str, other: &Token<'_>) -> bool {
    let is_part = |it: &Token<'_>| it.form.starts_with(char::is_uppercase) && says_something(it);
    is_part(one) && is_part(other) && gap.chars().all(|it| it.is_whitespace() || it == '-')
}

/// Whether what stands behind an apostrophe is an ending (`Vinnikov'un`, `NATO’s`) and not of the word itself
/// (`O'Brien`, `Ma'rib`, `Куп'янськ`).
fn is_ending(head: &Token<'_>, behind: &Token<'_>) -> bool {
    let is_latin = behind.form.chars().all(|it| Script::of(it) == Script::Latin);
    let is_acronym = || head.form.chars().all(char::is_uppercase) && head.form.chars().nth(1).is_some();
    let is_number = || head.form.starts_with(char::is_numeric);
    let is_word = || head.form.chars().nth(2).is_some() || is_acronym() || is_number();
    is_latin && behind.is_small() && behind.form.chars().nth(MAX_ENDING).is_none() && is_word()
}

/// A text without the quotes and brackets that close it.
fn unquoted(text: &str) -> &str {
    text.trim_end_matches([']', ')', '»', '”', '“', '"', '’', '‘', '\''])
}

/// Whether a word is none that all texts have; acronyms may be written like one (WHO, US).
fn says_something(word: &Token<'_>) -> bool {
    let is_acronym = word.form.chars().nth(1).is_some() && word.form.chars().all(char::is_uppercase);
    is_acronym || !text::is_stop_word(&word.word)
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
        // Armenian with colons, and lines that end with a separator.
        check("The delegation waited.\u{2028}Мост закрыт\u{2028}It was morning.", "Мост закрыт");
        check("Պատվիրակությունը մեկնեց: The delegation waited.", "Պատվիրակությունը մեկնեց:");
        // Names that begin like another, or are written like a word that all texts have.
        check("The delegation of Potinov waited.", "The delegation of Potinov waited.");
        check("WHO waited.", "WHO waited.");
    }

    #[test]
    fn names_with_an_apostrophe_are_names() {
        let left = |page: &str, of_feed: &str| left_out(page, of_feed, "Talks begin");
        for (page, of_feed) in [
            ("They went over the bridge.", "O'Brien went over the bridge."),
            ("They went over the bridge.", "O’Brien went over the bridge."),
            ("D'Angelo went over the bridge.", "D'Amato went over the bridge."),
            ("Ma Jun went, a rib was broken.", "Ma'rib went."),
            ("Делегація прибула у місто.", "В'ячеслав прибув у місто."),
            ("Обстріл триває. Куп зерна край дороги.", "Обстріл: Куп'янськ."),
            ("Лук'янов прибув.", "Лук'яненко прибув."),
        ] {
            assert_eq!(left(page, of_feed), of_feed);
        }
        for (page, of_feed) in [
            ("Vinnikov'dan bir haber geldi.", "Vinnikov'un haber."),
            ("AB'den 5'inci haber geldi.", "AB'ye 5'te haber."),
            ("O’Brien went.", "O'Brien went."),
            ("Обстріл, Куп’янськ.", "Обстріл: Куп'янськ."),
            ("Об’єднання міст.", "Міст об'єднанням."),
            ("NATO went over.", "NATO’s went over."),
        ] {
            assert_eq!(left(page, of_feed), "");
        }
    }

    #[test]
    fn a_name_of_several_words_stands_together() {
        let page = "The fire in the national park went on; the bank of the Black River is closed. Ivan Sidorov and \
                    Pyotr Petrov left the city. Иван Сидоров и Пётр Петров пришли.";
        let left = |of_feed: &str| left_out(page, of_feed, "Talks begin");
        for it in ["The fire in the National Bank went on.", "Ivan Petrov left the city.", "Иван Петров пришли."]
        {
            assert_eq!(left(it), it);
        }
        for it in [
            "Pyotr Petrov and Ivan Sidorov left.",
            "City Ivan Sidorov left.",
            "The Bank is closed.",
            "Petrov, Ivan left.",
            "The Black River.",
        ] {
            assert_eq!(left(it), "", "{it}");
        }
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
        check("‘The delegation went over the bri...’ The delegation waited.", "");
        assert_eq!(left_out("", "Vinnikov waited.", ""), "", "all of the text is the feed's");
        for (page, of_feed) in [
            ("They met in Tskaltubo on Monday.", "They met in Tskaltub"),
            ("They met in Tskaltubo on Monday.", "They met in Tskaltub… Continue reading Talks begin →"),
            ("They met in Tskaltubo on Monday.", "They met in Tskaltub… [+1234 chars]"),
            ("Кордон з Вірменією відкрито.", "Кордон з Вірмені…"),
            ("Кордон з Вірменією відкрито.", "Кордон з Вірмені"),
            ("მოლაპარაკება გადასასვლელის გახსნაზე დაიწყო.", "მოლაპარაკება გადასასვლელის გახს…"),
            ("گفت‌وگو درباره بازگشایی مرز آغاز شد.", "گفت‌وگو درباره بازگشا"),
        ] {
            assert_eq!(left_out(page, of_feed, "Talks begin"), "", "{of_feed}");
        }
    }

    #[test]
    fn a_name_at_the_end_is_no_word_that_is_cut_off() {
        let page = "Goods from Xinjiang came. Mehriban Aliyeva met the ministers, and many Orbanists. Иваново стоит.";
        for it in ["The ministers met Xi", "The ministers met Aliyev", "The ministers met Orban", "Стоит Иванов", "Xin"]
        {
            assert_eq!(left_out(page, it, "Talks begin"), it);
        }
    }

    #[test]
    fn a_dateline_stands_alone() {
        check("POTI, Nov 30 (Riopress) – The delegation went over the bridge.", "POTI, Nov 30 (Riopress) –");
        check("ПОТИ, 30 ноября (Риопресс) — Vinnikov waited.", "ПОТИ, 30 ноября (Риопресс) —\nVinnikov waited.");
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
        check("The delegation went.\nRead also:\nVinnikov in Baku\nMore of him\nIt rained.", "It rained.");
    }
}
