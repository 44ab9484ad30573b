//! Finds the places where a text may name its origin. Whole texts are not cut into words for a handful of phrases that
//! most of them lack: that took a third of the time of a digest of 5,000 reports.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use crate::text::{
    self, Marks, Token, ceil_boundary,
    cited::{Word, words},
    floor_boundary, is_sentence_end,
};

use super::{
    cues::{CUES, Cue, Says, Side},
    named::{Name, Reader},
    outlets::Outlets,
};

/// Number of words at the start and the end of a text within which an agency signs.
const SIGNED_WORDS: usize = 25;

/// Maximum bytes of these words: in any script they hardly ever take more.
pub(super) const SIGNED_BYTES: usize = 1_000;

/// Number of words at the start of a text within which an agency follows the place and the day.
const DATELINE_WORDS: usize = 8;

/// Distance from the start of a text, in bytes, within which a cue counts that proves little by itself. Reports say at
/// either end where they come from; in between they say who else reported something.
const HEAD_BYTES: usize = 2_000;
/// Distance from the end of a text, in bytes, within which such a cue of [`HEAD_BYTES`] counts too.
const TAIL_BYTES: usize = 1_000;

/// Distance from the end of a text, in bytes, within which a line states its source. Lines above it name the sources of
/// pictures and tables.
const LABEL_BYTES: usize = 400;

/// Maximum words after the name in such a line.
const LABEL_WORDS: usize = 3;

/// Distance, in bytes, around a piece of a cue within which its other words and the name may be.
pub(super) const REACH_BYTES: usize = 250;

struct Finder {
    /// Pieces of the cues that count anywhere, and of those that count at the ends of a text.
    anywhere: Marks,
    at_ends: Marks,
    /// The cues by their first words, and those whose first word may have any ending.
    by_first: HashMap<String, Vec<Ready>>,
    by_stem: Vec<Ready>,
}

/// A cue, and its words as they are compared.
struct Ready {
    cue: &'static Cue,
    words: Vec<Word>,
}

static FINDER: LazyLock<Finder> = LazyLock::new(|| {
    let of = |says: Says| Marks::of(CUES.iter().filter(|it| it.says == says).map(|it| it.words));
    let (mut by_first, mut by_stem) = (HashMap::<String, Vec<Ready>>::new(), Vec::new());
    for cue in CUES {
        let words = words(cue.words);
        match words.first().and_then(Word::whole) {
            Some(first) => by_first.entry(first.to_owned()).or_default().push(Ready { cue, words }),
            None => by_stem.push(Ready { cue, words }),
        }
    }
    Finder { anywhere: of(Says::Origin), at_ends: of(Says::Source), by_first, by_stem }
});

/// The names beside the cues of a text, and what the cues say of them.
pub(super) fn cited(body: &str, outlets: &Outlets) -> Vec<(Says, Name)> {
    let mut res = Vec::new();
    for part in parts(body) {
        let tokens = whole_tokens(body, &part);
        let reader = Reader { text: body.get(part.clone()).unwrap_or_default(), tokens: &tokens, outlets };
        for (at, token) in tokens.iter().enumerate() {
            let of_first = FINDER.by_first.get(token.as_ref()).into_iter().flatten();
            for Ready { cue, words } in of_first.chain(&FINDER.by_stem) {
                let rest = tokens.get(at..).unwrap_or_default();
                if rest.len() < words.len() || !words.iter().zip(rest).all(|(word, it)| word.is(&it.word)) {
                    continue;
                }
                let place = part.start + token.span.start;
                if cue.says == Says::Source && place > HEAD_BYTES && place + TAIL_BYTES < body.len() {
                    continue;
                }
                let behind = at + words.len();
                let name = match cue.side {
                    Side::Behind(endings) => reader.behind(behind, endings, cue.says),
                    Side::Before(endings) => reader.before(at, endings, cue.says),
                    Side::Label if place + LABEL_BYTES > body.len() => label(&reader, at, behind, cue.says),
                    Side::Label => None,
                };
                res.extend(name.map(|it| {
                    let span = it.span.start + part.start..it.span.end + part.start;
                    (cue.says, Name { span, ..it })
                }));
            }
        }
    }
    res
}

/// The name in a line of its own: `Source: Rioni News`. The line begins with the word `at`, and a colon stands before
/// the word `behind`.
fn label(reader: &Reader<'_>, at: usize, behind: usize, says: Says) -> Option<Name> {
    let before = reader.text.get(..reader.tokens.get(at)?.span.start)?;
    let before = before.trim_end_matches(|it: char| it != '\n' && !it.is_alphanumeric());
    let is_line = (before.is_empty() || before.ends_with('\n')) && reader.gap(behind).contains([':', '՝']);
    let name = is_line.then(|| reader.behind(behind, &[], says))??;
    let rest = reader.text.get(name.span.end..)?.lines().next().unwrap_or_default();
    (rest.split_whitespace().count() <= LABEL_WORDS).then_some(name)
}

/// The parts of a text that may hold a cue, without overlap, so that each word is read once.
fn parts(body: &str) -> Vec<Range<usize>> {
    let (head, tail) = (floor_boundary(body, HEAD_BYTES), ceil_boundary(body, body.len().saturating_sub(TAIL_BYTES)));
    let at_ends = [0..head, tail.max(head)..body.len()].into_iter().flat_map(|end| {
        let places = FINDER.at_ends.places(body.get(end.clone()).unwrap_or_default());
        places.map(move |it| it.start + end.start..it.end + end.start)
    });
    let mut marks: Vec<_> = FINDER.anywhere.places(body).chain(at_ends).collect();
    marks.sort_unstable_by_key(|it| it.start);
    let mut res = Vec::<Range<usize>>::new();
    for mark in marks {
        let start = ceil_boundary(body, mark.start.saturating_sub(REACH_BYTES));
        let end = floor_boundary(body, mark.end + REACH_BYTES);
        match res.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => res.push(start..end),
        }
    }
    res
}

/// The words of a part, with spans relative to it, without words cut by its ends.
fn whole_tokens<'t>(body: &'t str, part: &Range<usize>) -> Vec<Token<'t>> {
    let text = body.get(part.clone()).unwrap_or_default();
    let mut tokens = text::tokens(text);
    tokens.retain(|it| (it.span.start > 0 || part.start == 0) && (it.span.end < text.len() || part.end == body.len()));
    tokens
}

/// The agencies in brackets, between slashes or before a dash near either end of a text, or after the place and the day
/// at its start.
pub(super) fn signed(body: &str, outlets: &Outlets) -> Vec<Name> {
    let head = 0..floor_boundary(body, SIGNED_BYTES);
    let tail = ceil_boundary(body, body.len().saturating_sub(SIGNED_BYTES))..body.len();
    // A quick test, since most texts have no such sign there; dashes begin with `e2`.
    let may_sign = |it: u8| matches!(it, b'(' | b')' | b'[' | b']' | b'/' | 0xe2);
    let tokens = |part: &Range<usize>, n_bytes: usize| match body.get(part.clone()) {
        Some(it) if it.bytes().take(n_bytes).any(may_sign) || is_dated(it) => whole_tokens(body, part),
        _ => Vec::new(),
    };
    let mut res = Vec::new();
    for (part, is_head) in [(head, true), (tail, false)] {
        let tokens = tokens(&part, SIGNED_BYTES);
        let text = body.get(part.clone()).unwrap_or_default();
        let places = if is_head {
            0..SIGNED_WORDS.min(tokens.len())
        } else {
            tokens.len().saturating_sub(SIGNED_WORDS)..tokens.len()
        };
        for at in places {
            let Some(found) = outlets.find(text, &tokens, at).filter(|it| it.signs) else { continue };
            let words = tokens.get(at..at + found.n_words).unwrap_or_default();
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            let (before, rest) =
                (text.get(..first.span.start).unwrap_or_default(), text.get(last.span.end..).unwrap_or_default());
            let has_day = || tokens.iter().take(at).any(|it| it.form.contains(char::is_numeric));
            let is_dateline = is_head && (1..DATELINE_WORDS).contains(&at) && is_behind_day(before, rest) && has_day();
            if is_sign(before, rest) || is_dateline {
                let span = part.start + first.span.start..part.start + last.span.end;
                res.push(Name { text: found.name.to_owned(), span, outlet: Some(found.outlet) });
            }
        }
    }
    res
}

/// Whether the text between `before` and `rest` is set apart like a signature: "(Reuters) -", "/TASS/", "AFP —".
fn is_sign(before: &str, rest: &str) -> bool {
    let (own, next) = (before.trim_end(), rest.trim_start_matches(' '));
    let dash = |it: &str| it.trim_start_matches(' ').starts_with(['-', '—', '–']);
    // Text between slashes may be part of an address.
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let in_address = word.contains(['@', '_', '.']) || rest.starts_with('_');
    let in_slashes = (own.ends_with('/') || next.starts_with('/')) && !in_address;
    // Brackets after a name may hold its short form: "the association (APA) said".
    let in_brackets = next.strip_prefix([')', ']']).is_some_and(|after| {
        let sentence = own.strip_suffix(['(', '[']).map(str::trim_end);
        let begins = sentence.is_some_and(|it| it.is_empty() || it.ends_with(is_sentence_end) || it.ends_with('\n'));
        let ends = after.trim_start_matches([' ', '.']);
        sentence.is_some() && (begins || dash(after) || ends.is_empty() || ends.starts_with('\n'))
    });
    in_slashes || in_brackets || next.starts_with(['—', '–'])
}

/// Whether the text between `before` and `rest` may be the agency after a place and a day: "YEREVAN, MARCH 3,
/// ARMENPRESS.".
fn is_behind_day(before: &str, rest: &str) -> bool {
    let ends = rest.trim_start_matches(' ');
    before.trim_end().ends_with([',', '-', '–', '—'])
        && (ends.is_empty() || ends.starts_with(['.', ':', '։', '-', '\n']))
}

/// Whether a text may begin with a place and a day, as those of agencies do.
fn is_dated(text: &str) -> bool {
    let start = text.get(..floor_boundary(text, 120)).unwrap_or_default();
    start.contains(',') && start.contains(char::is_numeric)
}
