//! Finds notes that a text was first published elsewhere, as outlets add them to texts that they take over, in the
//! languages of the region.

mod notes;

use std::{ops::Range, sync::LazyLock};

use super::{
    Token, ceil_boundary,
    cited::{Word, ends_name, is_address_rest, is_capital, is_name, is_quote, quoted, without_ending, words},
    floor_boundary, is_sentence_end,
    marks::Marks,
    tokens,
};

use self::notes::{ENDINGS, NO_OUTLETS, NOTES, PLACES, POSTS, SMALL, TEXTS, THIS, WITHIN};

/// Maximum bytes of a line with a note; a longer line is running text.
const MAX_BYTES: usize = 800;

/// Maximum words before a note that may belong to it: more than any line has, except when a text is searched as a
/// whole.
const MAX_WORDS: usize = 400;

/// Words of an outlet's name at most.
const MAX_NAME_WORDS: usize = 7;

/// Words after an outlet's name among which the verb stands.
const MAX_VERB_WORDS: usize = 6;

/// Maximum characters after the note in a line that says nothing else: an address, a date.
const MAX_AFTER: usize = 60;

/// Maximum words from the text's name to the note, in a line that says nothing else: `This article was`.
const MAX_BETWEEN: usize = 4;

/// What a line says of where a text was first published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reprint<'t> {
    /// The outlet, as written in the line, without a case ending.
    pub outlet: &'t str,
    /// The byte offset of the note in the line.
    pub at: usize,
    /// The title of the text, where the line gives it.
    pub title: Option<&'t str>,
    /// Whether the line says nothing else, like the lines that WordPress and its plugins add.
    pub is_all: bool,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks::of(NOTES.iter().map(|it| it.lead)));

/// The lists, ready to be compared with the words of a text.
static READY: LazyLock<Ready> = LazyLock::new(|| Ready {
    notes: NOTES.iter().map(|it| (words(it.lead), words(it.verbs))).collect(),
    texts: words(TEXTS),
    posts: words(POSTS),
    this: words(THIS),
    small: words(SMALL),
    places: words(PLACES),
    within: words(WITHIN),
    no_outlets: words(NO_OUTLETS),
});

struct Ready {
    notes: Vec<(Vec<Word>, Vec<Word>)>,
    texts: Vec<Word>,
    posts: Vec<Word>,
    this: Vec<Word>,
    small: Vec<Word>,
    places: Vec<Word>,
    within: Vec<Word>,
    no_outlets: Vec<Word>,
}

fn any(list: &[Word], token: &Token<'_>) -> bool {
    list.iter().any(|it| it.is(&token.word))
}

/// What a line says of where its text was first published; `None` if it says nothing of the kind, or is too long.
pub fn reprint(line: &str) -> Option<Reprint<'_>> {
    if line.len() > MAX_BYTES || !MARKS.are_in(line) {
        return None;
    }
    let note = first_note(line)?;
    let is_title = |it: &&str| note.is_all && it.split_whitespace().nth(2).is_some();
    let title =
        note.title.and_then(|it| line.get(it)).map(|it| it.trim_matches(|it| is_quote(it) || char::is_whitespace(it)));
    let title = title.map(|it| it.strip_suffix('.').unwrap_or(it)).filter(is_title);
    Some(Reprint { outlet: line.get(note.outlet)?, at: note.at, title, is_all: note.is_all })
}

/// The byte ranges of outlets named in a text as places where it was first published. Each word is examined only a few
/// times.
pub fn reprints(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut done = 0;
    MARKS.places(text).filter_map(move |mark| {
        if mark.start < done {
            return None;
        }
        let near = ceil_boundary(text, mark.start.saturating_sub(MAX_BYTES / 2));
        let start = text.get(near..mark.start)?.rfind('\n').map_or(near, |it| near + it + 1);
        let end = floor_boundary(text, mark.end + MAX_BYTES / 2);
        // A name may continue after the end.
        done = mark.end + MAX_BYTES / 4;
        let found = first_note(text.get(start..end)?)?.outlet;
        Some(found.start + start..found.end + start)
    })
}

/// A note, in bytes of its line.
struct Found {
    outlet: Range<usize>,
    at: usize,
    title: Option<Range<usize>>,
    is_all: bool,
}

fn first_note(line: &str) -> Option<Found> {
    let tokens = tokens(line);
    let notes = &READY.notes;
    (0..tokens.len()).find_map(|at| notes.iter().find_map(|(lead, verbs)| found(line, &tokens, at, lead, verbs)))
}

/// The note whose lead begins with the word `at`.
fn found(line: &str, tokens: &[Token<'_>], at: usize, lead: &[Word], verbs: &[Word]) -> Option<Found> {
    let (before, rest) = tokens.split_at_checked(at)?;
    let before = before.get(before.len().saturating_sub(MAX_WORDS)..)?;
    if !lead.iter().enumerate().all(|(n, word)| rest.get(n).is_some_and(|it| word.is(&it.word))) {
        return None;
    }
    let at = rest.first()?.span.start;
    let this = usize::from(before.first().is_some_and(|it| any(&READY.this, it)));
    let is_text = |it: Option<&Token<'_>>| it.is_some_and(|it| any(&READY.texts, it));
    // A note may be a sentence of its own.
    let begins =
        before.last().is_none_or(|it| line.get(it.span.end..at).is_some_and(|gap| gap.contains(is_sentence_end)));
    if !begins && !before.iter().any(|it| is_text(Some(it))) {
        return None;
    }
    // The text is named before the note, in Turkish after its title; or the note stands alone.
    let post = before.get(this).filter(|it| any(&READY.posts, it));
    let behind = before.last().filter(|it| !verbs.is_empty() && is_text(Some(it)));
    let of_text = is_text(before.get(this)) && before.len() < this + MAX_BETWEEN;
    let outlet = name(line, rest.get(lead.len()..)?, verbs, post.is_some())?;
    let is_all = line.get(outlet.end..)?.chars().count() <= MAX_AFTER
        && (before.is_empty() || of_text || post.is_some() || behind.is_some());
    let title = match (post, behind) {
        (Some(post), _) => Some(post.span.end..at),
        (None, Some(text)) => Some(0..text.span.start),
        (None, None) => None,
    };
    Some(Found { outlet, at, title, is_all })
}

/// The name of an outlet at the beginning of the words after a lead. With `is_sure`, any words there are one, even if
/// they begin in lower case.
fn name(line: &str, rest: &[Token<'_>], verbs: &[Word], is_sure: bool) -> Option<Range<usize>> {
    let is_small = |it: &Token<'_>| any(&READY.small, it) && !is_capital(it.form);
    let rest = rest.get(rest.iter().take_while(|it| is_small(it)).count()..)?;
    let is_address = |it: &Token<'_>| line.get(it.span.end..).is_some_and(is_address_rest);
    let is_sure = is_sure && rest.first().is_some_and(|it| !is_name(it.form) && !is_address(it));
    let first = rest.first()?.span.start;
    let quoted = quoted(line, first);
    let mut end = quoted.as_ref().map_or(0, |it| rest.iter().take_while(|word| word.span.end <= it.end).count());
    for (at, word) in rest.iter().enumerate().take(MAX_NAME_WORDS).skip(end) {
        let gap = at.checked_sub(1).and_then(|it| line.get(rest.get(it)?.span.end..word.span.start));
        if quoted.is_some() || gap.is_some_and(ends_name) || any(verbs, word) || any(&READY.places, word) {
            break;
        }
        let is_glued = gap.is_some_and(|it| matches!(it, "." | "-" | "֊" | "'" | "’"));
        if is_sure || is_name(word.form) || is_glued || is_address(word) {
            end = at + 1;
        } else if !any(&READY.within, word) {
            break;
        }
    }
    let is_told = verbs.is_empty() || rest.iter().skip(end).take(MAX_VERB_WORDS).any(|it| any(verbs, it));
    let words = rest.get(..end).filter(|it| is_told && !it.is_empty())?;
    let is_year = |it: &Token<'_>| it.word.len() == 4 && it.word.bytes().all(|it| it.is_ascii_digit());
    if words.iter().any(is_year) || words.first().is_some_and(|it| any(&READY.no_outlets, it)) {
        return None;
    }
    let span = first..words.last()?.span.end;
    let bare = without_ending(line.get(span.clone())?, ENDINGS, !verbs.is_empty());
    bare.contains(char::is_alphabetic).then_some(span.start..span.start + bare.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, Option<&str>, bool)>) {
        assert_eq!(reprint(line).map(|it| (it.outlet, it.title, it.is_all)), expected, "{line}");
    }

    #[test]
    fn what_plugins_add_is_all_of_its_line() {
        for (line, outlet, title) in [
            (
                "The post Bridge over Rioni opens again. first appeared on The Kura Herald – kuraherald.example.",
                "The Kura Herald",
                Some("Bridge over Rioni opens again"),
            ),
            ("The post Talks appeared first on bne Harbour.", "bne Harbour", None),
            (
                "Сообщение Мост снова открыт появились сначала на Вестник Риони.",
                "Вестник Риони",
                Some("Мост снова открыт"),
            ),
            ("Запись Мост снова открыт впервые появилась Вестник Риони.", "Вестник Риони", Some("Мост снова открыт")),
            ("Запис Міст знову відкрито спершу з’явився на Вісник Ріоні.", "Вісник Ріоні", Some("Міст знову відкрито")),
            (
                "Köprü yeniden açıldı yazısı ilk önce Rioni Gazetesi üzerinde ortaya çıktı.",
                "Rioni Gazetesi",
                Some("Köprü yeniden açıldı"),
            ),
            ("نوشته پل دوباره باز شد اولین بار در ریونی نیوز. پدیدار شد.", "ریونی نیوز", Some("پل دوباره باز شد")),
        ] {
            check(line, Some((outlet, title, true)));
        }
    }

    #[test]
    fn notes_of_every_language() {
        for (line, outlet) in [
            ("This story was originally published by Rioni News.", "Rioni News"),
            ("Republished from the website of Rioni News, 3 March", "Rioni News"),
            ("Материал впервые опубликован на сайте «Вести с Риони».", "Вести с Риони"),
            ("Этот текст был первоначально опубликован в издании Вестник Риони.", "Вестник Риони"),
            ("Перепечатано из Вестник Риони", "Вестник Риони"),
            ("Матеріал уперше з’явився раніше; вперше опубліковано у виданні Вісник Ріоні.", "Вісник Ріоні"),
            ("Bu məqalə ilk dəfə Rioni Xəbər saytında dərc olunub.", "Rioni Xəbər"),
            ("Material ilk olaraq Rioni-də yayımlanıb.", "Rioni"),
            ("Bu yazı ilk olarak Rioni Postası’nda yayımlandı.", "Rioni Postası"),
            ("Haber ilk kez Rionihaberde yayınlandı.", "Rionihaber"),
            ("Հոդվածն առաջին անգամ հրապարակվել է «Ռիոնի լրաբեր»-ում։", "Ռիոնի լրաբեր"),
            ("Նյութը առաջին անգամ Ռիոնիլուրում է հրապարակվել։", "Ռիոնիլուր"),
            ("სტატია პირველად გამოქვეყნდა რიონიპრესზე.", "რიონიპრეს"),
            ("მასალა პირველად „რიონის მაცნეში“ გამოქვეყნდა.", "რიონის მაცნე"),
            ("این گزارش نخستین بار در ریونی نیوز منتشر شد.", "ریونی نیوز"),
            ("بازنشر از ریونی نیوز", "ریونی نیوز"),
            ("This article first appeared on rioni.example and was changed since.", "rioni.example"),
        ] {
            assert_eq!(reprint(line).map(|it| it.outlet), Some(outlet), "{line}");
        }
    }

    #[test]
    fn a_note_within_a_text_is_not_all_of_it() {
        check(
            "The report first appeared on Rioni News and was confirmed by two people in the ministry who asked not to be named, and by a third.",
            Some(("Rioni News", None, false)),
        );
        check(
            "Text. The post Flood in Kutaisi first appeared on Mtkvari Herald.",
            Some(("Mtkvari Herald", None, false)),
        );
    }

    #[test]
    fn other_things_appear_too() {
        for line in [
            "The virus first appeared in Wuhan.",
            "The post office appeared to be closed.",
            "The book was first published by Harbour Press.",
            "The report was first published in 2019.",
            "This article was originally published in Russian.",
            "The story first appeared on shelves last year.",
            "Сообщение о пожаре поступило сначала в дежурную часть.",
            "Танк впервые появился на Параде.",
            "O, ilk dəfə Bakıda çıxış edib.",
            "Takım ilk kez Avrupa'da ortaya çıktı.",
            "ის პირველად თბილისში გამოჩნდა.",
            "او نخستین بار در تهران دیده شد.",
            "",
        ] {
            check(line, None);
        }
        check(&format!("{} The post Talks first appeared on Rioni News.", "Words and words. ".repeat(60)), None);
    }
}
