//! Links to conversations with text-writing programs, as evidence that one wrote a text.
//!
//! A link alone proves nothing: articles are written about such conversations too, readers post them in comments, and
//! authors quote them. It counts if it is given as the source of the whole text, as by people who publish a program's
//! answer: after the title, after a word such as "Source", beside words that say that the text was made so, or alone at
//! an end of the text. If the text mentions the program, only words that say that the text was made so count.

use std::ops::Range;

use crate::text::{
    self,
    cited::{Word, words},
};

/// Addresses under which programs show a conversation, whose name follows, with the program's name.
const SHARED: &[(&str, &str)] = &[
    ("chatgpt.com/share/", "chatgpt"),
    ("chat.openai.com/share/", "chatgpt"),
    ("gemini.google.com/share/", "gemini"),
    ("g.co/gemini/share/", "gemini"),
    ("claude.ai/share/", "claude"),
    ("perplexity.ai/search/", "perplexity"),
    ("perplexity.ai/page/", "perplexity"),
    ("grok.com/share/", "grok"),
    ("x.com/i/grok/share/", "grok"),
    ("copilot.microsoft.com/shares/", "copilot"),
];

/// Minimum letters of the name of a conversation. Pages that shorten displayed links leave a few.
const MIN_ID: usize = 4;

/// Words that announce a source, at the end of the text before a link.
const SOURCES: &str = "
    source sources via reference references источник источники джерело джерела mənbə mənbələr kaynak kaynaklar աղբյուր աղբյուրը
    աղբյուրներ წყარო წყაროები منبع منابع";

/// Words that say that something was made by something.
const MADE: &str = "
    generated written created drafted prepared composed produced made сгенерирован* создан* написан* подготовлен* згенерован* створен*
    підготовлен* yaradılıb yaradılmış* yazılıb yazılmış* hazırlanıb hazırlanmış* oluşturul* yazıl* hazırlan* ստեղծված ստեղծվել գրված գրվել
    պատրաստված პատრასტ* შექმნილი შეიქმნა დაწერილი დაიწერა მომზადდა მომზადებული تولید نوشته تهیه";

/// Words for texts, since pictures are made by such programs too.
const TEXTS: &str = "
    text article post report story summary analysis essay content текст* стать* статт* матеріал* материал* пост публикаци* публікаці* məqalə*
    mətn* yazı* material* metin makale* haber* içerik* տեքստ* հոդված* նյութ* ტექსტი სტატია მასალა متن مقاله گزارش مطلب";

/// A longer line is running text, which may say anything of a conversation.
const MAX_LINE: usize = 200;

/// Number of lines at the start of a text that count as its start.
const AT_START: usize = 2;
/// Number of lines at the end of a text that count as its end.
const AT_END: usize = 4;

/// A line of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    /// Number of lines of the body before and after it; `None` if it is not part of the body.
    pub(super) place: Option<(usize, usize)>,
    /// Whether the line before it announces something: it ends with a colon.
    pub(super) is_announced: bool,
}

/// Whether an address is that of a conversation.
pub(in crate::extract) fn is_shared(address: &str) -> bool {
    find(address).is_some()
}

/// The first of the lines in which a link to a conversation is the source of the whole text.
pub(super) fn cited<'t>(title: Option<&str>, body: &str, lines: impl Iterator<Item = Line<'t>>) -> Option<&'t str> {
    let mut about = None;
    for line in lines {
        let is_short = line.text.len() <= 4 * MAX_LINE;
        let Some((link, program)) = find(line.text).filter(|_| is_short) else { continue };
        let is_about = *about.get_or_insert_with(|| speaks_of(body, program));
        if is_source(line, link, title, is_about) {
            return Some(line.text);
        }
    }
    None
}

/// Whether a link that a line shows as `shown` is the source of the whole text.
pub(super) fn is_linked_source(line: &str, shown: &str, address: &str, title: Option<&str>, body: &str) -> bool {
    let Some((_, program)) = find(address) else { return false };
    let Some(start) = line.find(shown) else { return false };
    let link = start..start + shown.len();
    let is_about = speaks_of(body, program);
    // A number beside a sentence refers to the source of that sentence.
    let is_note = !shown.trim().is_empty() && !shown.contains(char::is_alphabetic);
    let line = Line { text: line, place: None, is_announced: false };
    let names_source = is_label(shown) && !is_about || is_made(shown);
    names_source || (is_note && !is_about) || is_source(line, link, title, is_about)
}

fn is_source(line: Line<'_>, link: Range<usize>, title: Option<&str>, is_about: bool) -> bool {
    if line.text.chars().count() > MAX_LINE {
        return false;
    }
    let (before, after) =
        (line.text.get(..link.start).unwrap_or_default(), line.text.get(link.end..).unwrap_or_default());
    let before =
        before.trim_end_matches("www.").trim_end_matches("://").trim_end_matches("https").trim_end_matches("http");
    if is_made(&format!("{before} {after}")) {
        return true;
    }
    if is_about || after.contains(char::is_alphabetic) {
        return false;
    }
    let is_alone = !before.contains(char::is_alphabetic);
    let at_end = line.place.is_some_and(|(before, behind)| before < AT_START || behind < AT_END);
    is_label(before) || title.is_some_and(|it| is_title(before, it)) || (is_alone && at_end && !line.is_announced)
}

/// Whether a text ends with a word that announces a source.
pub(super) fn is_label(text: &str) -> bool {
    let tokens = text::tokens(text);
    // Behind many words it is a word of a sentence.
    tokens.len() <= 3 && tokens.last().is_some_and(|it| any(&words(SOURCES), &it.word))
}

/// Whether it is said that a text was made.
fn is_made(line: &str) -> bool {
    let (made, texts, tokens) = (words(MADE), words(TEXTS), text::tokens(line));
    let says = |list: &[Word]| tokens.iter().any(|it| any(list, &it.word));
    says(&made) && says(&texts)
}

fn any(list: &[Word], word: &str) -> bool {
    list.iter().any(|it| it.is(word))
}

/// Whether the text before a link is the title, which may also contain the link.
fn is_title(before: &str, title: &str) -> bool {
    let bare = |it: &str| it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let title = find(title).and_then(|(link, _)| title.get(..link.start)).unwrap_or(title);
    let (before, title) = (bare(before), bare(title));
    !before.is_empty() && before == title
}

/// Whether a text names a program elsewhere than in links.
fn speaks_of(body: &str, program: &str) -> bool {
    let is_name = |at: usize| {
        let before = body.get(..at).unwrap_or_default().chars().next_back();
        let after = body.get(at + program.len()..).unwrap_or_default().chars();
        let in_address = after.clone().next() == Some('.') && after.clone().nth(1).is_some_and(char::is_alphabetic);
        !in_address && !before.is_some_and(|it| it == '/' || it.is_alphanumeric()) && after.clone().next() != Some('/')
    };
    // The names are ASCII, and what lower case does to other letters is no matter.
    let lower = body.to_ascii_lowercase();
    lower.match_indices(program).any(|(at, _)| is_name(at))
}

/// The place of the first link to a conversation in a text, without its scheme, and the program's name.
fn find(text: &str) -> Option<(Range<usize>, &'static str)> {
    if !text.contains('/') {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let found = SHARED.iter().filter_map(|(mark, program)| {
        let (start, _) = lower.match_indices(mark).find(|(at, _)| {
            let before = lower.get(..*at).unwrap_or_default().chars().next_back();
            // Of `notchatgpt.com` and `x.com` in `netflix.com` nothing is shared.
            before.is_none_or(|it| !it.is_alphanumeric() && !matches!(it, '-' | '_' | '@'))
                && !is_of_other_host(lower.get(..*at).unwrap_or_default())
        })?;
        let id = text.get(start + mark.len()..)?;
        let len = id.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_')).unwrap_or(id.len());
        let rest = id.get(len..).unwrap_or_default();
        let is_cut = rest.starts_with(['…', '?', '#']) || rest.starts_with("...");
        let end = if is_cut { rest.find(char::is_whitespace).unwrap_or(rest.len()) } else { 0 };
        (len >= MIN_ID).then_some((start..start + mark.len() + len + end, *program))
    });
    found.min_by_key(|it| it.0.start)
}

/// Whether a host goes on before its end: `docs.` of `docs.x.com`, but not `www.`.
fn is_of_other_host(before: &str) -> bool {
    before.ends_with('.') && !before.ends_with("www.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "The delegation went over the bridge.\nThe talks began at noon.\nThey will go on.\nNobody else came.\nIt rained.\n\
        The bridge is old.\nThe river is high.\nThe town is small.";

    #[track_caller]
    fn check(line: &str, body: &str, expected: bool) {
        let found = |place| {
            let line = Line { text: line, place, is_announced: false };
            cited(Some("Talks on the bridge begin"), body, [line].into_iter()).is_some()
        };
        assert_eq!(found(None), expected, "{line}");
    }

    #[test]
    fn a_link_is_that_of_a_conversation() {
        for address in [
            "https://chatgpt.com/share/abcd1234",
            "https://chat.openai.com/share/67f0-aa",
            "gemini.google.com/share/15a0…",
            "https://g.co/gemini/share/0a1b2c",
            "https://claude.ai/share/0a1b-2c",
            "https://www.perplexity.ai/search/what-is-new-abc",
            "https://www.perplexity.ai/page/bridges-xyz",
            "https://grok.com/share/bGVn",
            "https://x.com/i/grok/share/AbCd",
            "https://copilot.microsoft.com/shares/AbCd",
        ] {
            assert!(is_shared(address), "{address}");
        }
        for address in [
            "https://chatgpt.com/share",
            "https://chatgpt.com/share/",
            "https://notchatgpt.com/share/abcd1234",
            "https://netflix.com/i/grok/share/AbCd",
            "https://chatgpt.com.example/share/abcd1234",
            "https://gazette.example/share/abcd1234",
        ] {
            assert!(!is_shared(address), "{address}");
        }
    }

    #[test]
    fn a_link_behind_the_title_or_a_label_is_the_source() {
        let link = "gemini.google.com/share/15a0…";
        for line in [
            format!("Talks on the bridge begin {link}"),
            format!("Talks on the Bridge Begin – https://{link}"),
            format!("Source: {link}"),
            format!("Источник: https://{link}"),
            format!("Джерело – {link}"),
            format!("Mənbə: {link}"),
            format!("Kaynak: {link}"),
            format!("Աղբյուրը՝ {link}"),
            format!("წყარო: {link}"),
            format!("منبع: {link}"),
            format!("This article was generated with {link}"),
            format!("Текст создан так: {link}"),
            format!("Текст згенеровано: {link}"),
            format!("Mətn {link} ilə yazılıb"),
            format!("Bu metin {link} ile oluşturuldu"),
            format!("Տեքստը ստեղծված է {link}"),
            format!("ტექსტი შეიქმნა: {link}"),
            format!("این متن تولید شده: {link}"),
        ] {
            check(&line, BODY, true);
        }
    }

    #[test]
    fn a_text_about_a_conversation_is_not_flagged() {
        let link = "chatgpt.com/share/abcd1234";
        let about = format!("{BODY}\nHe had asked ChatGPT about the bridge.");
        for line in [
            format!("He published the conversation at {link}, and asked others to read it."),
            format!("The pages under {link} were found by a search engine."),
            format!("Read it at {link}"),
            format!("The picture was generated with {link}"),
            link.to_owned(),
        ] {
            check(&line, BODY, false);
        }
        for line in [format!("Source: {link}"), format!("Talks on the bridge begin {link}")] {
            check(&line, BODY, true);
            check(&line, &about, false);
        }
        check(&format!("This article was written with {link}"), &about, true);
    }

    #[test]
    fn a_link_alone_counts_at_the_ends_of_the_text() {
        let found = |text: &str, place, is_announced| {
            cited(None, BODY, [Line { text, place: Some(place), is_announced }].into_iter()).is_some()
        };
        let link = "https://claude.ai/share/0a1b-2c";
        assert!(
            found(link, (0, 8), false)
                && found(link, (8, 0), false)
                && found("[1] claude.ai/share/0a1b-2c", (7, 2), false)
        );
        assert!(!found(link, (4, 5), false), "within the text it is quoted");
        assert!(!found(link, (8, 0), true), "what is announced is spoken of");
    }

    #[test]
    fn what_a_link_is_called_tells_too() {
        let link = "https://chatgpt.com/share/abcd1234";
        let about = "He asked ChatGPT. The answer was long.";
        for (line, shown, body, expected) in [
            ("The talks began at noon.[1]", "[1]", BODY, true),
            ("The talks began at noon.[1]", "[1]", about, false),
            ("Source: a conversation", "a conversation", BODY, true),
            ("Source", "Source", BODY, true),
            ("This text was written with ChatGPT", "ChatGPT", about, true),
            ("In a conversation he asked for it", "a conversation", BODY, false),
            ("Talks on the bridge begin", "Talks on the bridge begin", BODY, false),
        ] {
            assert_eq!(is_linked_source(line, shown, link, Some("Talks"), body), expected, "{line}");
        }
        assert!(!is_linked_source("Source: us", "us", "https://gazette.example/1", None, BODY));
    }
}
