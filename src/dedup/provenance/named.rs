//! The name of an outlet beside a cue. Pure.

use std::{ops::Range, sync::LazyLock};

use crate::text::{
    Token, ceil_boundary,
    cited::{
        Word, ends_name, has_capitals, is_address_rest, is_capital, is_name, is_quote, quoted, without_ending, words,
    },
    fold, is_sentence_end, is_stop_word,
};

use super::{
    cues::Says,
    outlets::Outlets,
    words::{ADJECTIVES, BETWEEN, MEDIA, OFFICES, PEOPLE},
};

/// Maximum words of an unknown name.
const MAX_NAME_WORDS: usize = 4;

/// Maximum words of an unknown name in a script without capitals, where only punctuation ends a name.
const MAX_BARE_WORDS: usize = 2;

/// Maximum words between a cue and the name.
const MAX_BETWEEN: usize = 5;

/// Maximum bytes between an opening quotation mark and the cue after the quotation.
const MAX_QUOTED_BYTES: usize = 150;

/// An ending that no name has.
const NO_ENDING: &[&str] = &["-"];

struct Lists {
    media: Vec<Word>,
    between: Vec<Word>,
    offices: Vec<Word>,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| Lists { media: words(MEDIA), between: words(BETWEEN), offices: words(OFFICES) });

fn is_media(it: &Token<'_>) -> bool {
    !is_capitalised(it) && LISTS.media.iter().any(|word| word.is(&it.word))
}

fn is_office(it: &Token<'_>) -> bool {
    LISTS.offices.iter().any(|word| word.is(&it.word))
}

fn is_capitalised(it: &Token<'_>) -> bool {
    has_capitals(it.form) && is_capital(it.form)
}

/// A name that stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Without an ending.
    pub(super) text: String,
    /// Its byte range in the text read.
    pub(super) span: Range<usize>,
    /// Which outlet it is, where that is known.
    pub(super) outlet: Option<usize>,
}

/// A part of a text in which names are looked for.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t [Token<'t>],
    pub(super) outlets: &'t Outlets,
}

impl Reader<'_> {
    /// The name that begins at the word `at`, or a few words later. The caller checks what precedes that word.
    pub(super) fn behind(&self, at: usize, endings: &[&str], says: Says) -> Option<Name> {
        let (mut from, mut is_media_named) = (at, false);
        while let Some(token) = self.tokens.get(from) {
            if from > at + MAX_BETWEEN || from > at && self.is_apart(from) {
                return None;
            }
            if let Some(it) = self.known(from) {
                return Some(it);
            }
            if is_media(token) {
                is_media_named = true;
            } else if !is_between(token) {
                break;
            }
            from += 1;
        }
        let first = self.tokens.get(from)?;
        let (name, endings) = match quoted(self.text, first.span.start) {
            Some(span) => (span, &[][..]),
            None => (self.free(from, is_media_named)?, endings),
        };
        let end = self.tokens.get(from..)?.iter().take_while(|it| it.span.end <= name.end).count() + from;
        let next = self.tokens.get(end).filter(|_| !ends_name(self.gap(end)));
        let is_named = is_media_named || next.is_some_and(is_media);
        // `citing Rosstat figures`: in English, a lower-case word directly after the name says what was cited, so the
        // name is not the origin.
        let goes_on = |it: &Token<'_>| it.form.is_ascii() && !is_capital(it.form) && !is_stop_word(&it.word);
        let is_free = (has_capitals(first.form) || self.is_quoted(&name)) && !next.is_some_and(goes_on);
        let is_meant = says == Says::Origin && is_free || is_named;
        let words = self.tokens.get(from..end)?;
        (is_meant && is_outlet(words, next)).then(|| self.name(name, endings))?
    }

    /// The name that ends right before the word `at`, apart from words for outlets and an ending.
    pub(super) fn before(&self, at: usize, endings: &[&str], says: Says) -> Option<Name> {
        // `Anadolu Ajansı'na (AA) dayandırdığı`
        let brackets =
            self.gap(at).contains(')').then(|| (at.saturating_sub(3)..at).rev().find(|it| self.gap(*it).contains('(')));
        let mut end = brackets.unwrap_or(Some(at))?;
        if brackets.is_none() && self.is_apart(end) {
            return None;
        }
        let mut is_media_named = false;
        while let Some(token) = self.tokens.get(end.wrapping_sub(1)).filter(|_| at - end < MAX_BETWEEN) {
            let is_ending = token.is_suffix || is_sign(self.gap(end - 1));
            if !is_media(token) && (is_capitalised(token) || is_ending || !is_listed(token)) {
                break;
            }
            is_media_named |= is_media(token);
            end -= 1;
            if self.is_apart(end) {
                return None;
            }
        }
        let last = self.tokens.get(end.checked_sub(1)?)?;
        // `APA-ya`, `“Report”a`
        let is_ending = end > 1 && is_sign(self.gap(end - 1)) && endings.contains(&last.as_ref());
        let name_end = if is_ending { end - 1 } else { end };
        let known = (1..=MAX_NAME_WORDS + 1).rev().find_map(|n| {
            let from = name_end.checked_sub(n)?;
            self.known(from).filter(|it| self.tokens.get(name_end - 1).is_some_and(|last| it.span.end == last.span.end))
        });
        // The name is in the case that the cue requires: in Armenian, whoever cites precedes the cue in the nominative.
        let is_in_case = || is_ending || endings.iter().any(|it| last.word.ends_with(it));
        if known.is_some() {
            return known.filter(|_| endings.is_empty() || is_media_named || is_in_case());
        }
        let quoted = self.quoted_before(end);
        let is_whole = quoted.as_ref().is_some_and(|it| it.end < last.span.start);
        let span = quoted.or_else(|| self.free_before(name_end, end, is_media_named))?;
        let n_words = self.tokens.get(..end)?.iter().rev().take_while(|it| it.span.start >= span.start).count();
        let first = end - n_words;
        let words = self.tokens.get(first..end)?;
        let is_cased = words.first().is_some_and(|it| has_capitals(it.form));
        let announced =
            first.checked_sub(1).and_then(|it| self.tokens.get(it)).is_some_and(is_media) && !self.is_apart(first);
        let is_meant = is_media_named || announced || says == Says::Origin && (is_cased || self.is_quoted(&span));
        // After quotation marks, the ending is not part of the name.
        let endings = if is_whole { NO_ENDING } else { endings };
        (is_meant && is_outlet(words, None)).then(|| self.name(span, endings))?
    }

    /// Whether a sentence or clause ends before a word. Quotation marks may open or close there.
    fn is_apart(&self, at: usize) -> bool {
        let gap = self.gap(at);
        ends_name(gap.trim_matches(|it: char| is_quote(it) || matches!(it, '‹' | '՝' | ' ')))
            || gap.contains(is_sentence_end)
    }

    /// What stands before the word `at`.
    pub(super) fn gap(&self, at: usize) -> &str {
        let from = at.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(0, |it| it.span.end);
        let to = self.tokens.get(at).map_or(self.text.len(), |it| it.span.start);
        self.text.get(from..to).unwrap_or_default()
    }

    fn known(&self, at: usize) -> Option<Name> {
        let found = self.outlets.find(self.text, self.tokens, at)?;
        let span = self.tokens.get(at)?.span.start..self.tokens.get(at + found.n_words - 1)?.span.end;
        Some(Name { text: found.name.to_owned(), span, outlet: Some(found.outlet) })
    }

    /// The words from `from` on that look like a name.
    fn free(&self, from: usize, is_media_named: bool) -> Option<Range<usize>> {
        let first = self.tokens.get(from)?;
        if !has_capitals(first.form) {
            return self.bare(from).filter(|_| is_media_named);
        }
        let mut end = None;
        for at in from..from + MAX_NAME_WORDS {
            let Some(token) = self.tokens.get(at) else { break };
            let gap = self.gap(at);
            // An address is a name in small letters.
            let in_address = gap == "." || self.text.get(token.span.end..).is_some_and(is_address_rest);
            if (at > from && ends_name(gap)) || !(is_name(token.form) || in_address) {
                break;
            }
            end = Some(token.span.end);
        }
        let end = end.filter(|it| *it != first.span.end || !is_adjective(first));
        // An adjective alone names nothing: `Рионскую газету`.
        let media = || self.tokens.get(from + 1).filter(|it| is_media(it) && is_adjective(first)).map(|it| it.span.end);
        Some(first.span.start..end.or_else(media)?)
    }

    /// In a script without capitals: what stands here before the next punctuation, where that is near.
    fn bare(&self, from: usize) -> Option<Range<usize>> {
        let n = (1..=MAX_BARE_WORDS).find(|n| from + n >= self.tokens.len() || ends_name(self.gap(from + n)))?;
        Some(self.tokens.get(from)?.span.start..self.tokens.get(from + n - 1)?.span.end)
    }

    /// The words that look like a name before `name_end`, with the ending that may follow them.
    fn free_before(&self, name_end: usize, end: usize, is_media_named: bool) -> Option<Range<usize>> {
        let last = self.tokens.get(name_end.checked_sub(1)?)?;
        let to = self.tokens.get(end.checked_sub(1)?)?.span.end;
        if !has_capitals(last.form) {
            // Behind the word for an outlet, in Georgian: `სააგენტო რიონინფოს ცნობით`.
            let media = (1..=MAX_BARE_WORDS + 1).filter_map(|n| name_end.checked_sub(n));
            let media = { media }.find(|at| self.tokens.get(*at).is_some_and(is_media));
            let from = media
                .map(|it| it + 1)
                .filter(|it| *it < name_end)
                .or_else(|| is_media_named.then_some(name_end - 1))?;
            return Some(self.tokens.get(from)?.span.start..to);
        }
        let mut from = None;
        for at in (0..name_end).rev().take(MAX_NAME_WORDS) {
            let Some(token) = self.tokens.get(at).filter(|it| is_capitalised(it)) else { break };
            if from.is_some() && self.begins_sentence(at) && is_stop_word(&token.word) {
                break;
            }
            from = Some(token.span.start);
            if ends_name(self.gap(at)) {
                break;
            }
        }
        // A capital at the beginning of a sentence shows nothing.
        let starts = self.tokens.get(name_end - 1).is_some_and(|it| from == Some(it.span.start))
            && self.begins_sentence(name_end - 1);
        let is_told = name_end < end || last.form.chars().skip(1).any(char::is_uppercase);
        from.filter(|_| !starts || is_told || is_media_named).map(|it| it..to)
    }

    fn begins_sentence(&self, at: usize) -> bool {
        let gap = self.gap(at);
        (at == 0 && self.text.starts_with(gap)) || gap.contains('\n') || gap.contains(is_sentence_end)
    }

    /// The text in quotation marks that close right before the word `end`, apart from an ending after them.
    fn quoted_before(&self, end: usize) -> Option<Range<usize>> {
        let last = self.tokens.get(end.checked_sub(1)?)?;
        let upto = self.text.get(..last.span.end)?;
        let near = ceil_boundary(self.text, last.span.end.saturating_sub(MAX_QUOTED_BYTES));
        // `«Ռիոնի լրաբեր»-ին`, or `„რიონის მაცნეზე“`
        let behind = self.gap(end).starts_with(['»', '“', '”', '"']);
        let closed = match behind {
            true => upto.len(),
            // The signs between are few.
            false => near + upto.get(near..last.span.start)?.rfind(['»', '“', '”', '"'])?,
        };
        let is_beside = behind || self.text.get(closed..last.span.start)?.chars().count() <= 2;
        let open = near + self.text.get(near..closed)?.rfind(['«', '„', '“', '"', '”'])?;
        let start = open + self.text.get(open..)?.chars().next()?.len_utf8();
        (is_beside && !self.text.get(start..closed)?.contains('\n')).then_some(start..closed)
    }

    fn is_quoted(&self, span: &Range<usize>) -> bool {
        self.text.get(..span.start).is_some_and(|it| it.ends_with(is_quote))
    }

    fn name(&self, span: Range<usize>, endings: &[&str]) -> Option<Name> {
        let spelled = self.text.get(span.clone())?;
        let text = match endings {
            [] => nominative(spelled),
            _ => without_ending(spelled, endings, true).to_owned(),
        };
        let is_long = text.chars().filter(|it| it.is_alphabetic()).nth(1).is_some();
        (is_long && !is_person(&text)).then_some(Name { text, span, outlet: None })
    }
}

/// Signs between a name and its ending.
fn is_sign(gap: &str) -> bool {
    !gap.is_empty() && !gap.contains(char::is_whitespace) && !gap.contains(['.', '/', '&', '@'])
}

fn is_between(it: &Token<'_>) -> bool {
    it.is_suffix || is_listed(it) || !is_capitalised(it) && is_adjective(it)
}

fn is_listed(it: &Token<'_>) -> bool {
    LISTS.between.iter().any(|word| word.is(&it.word))
}

fn is_adjective(it: &Token<'_>) -> bool {
    ADJECTIVES.iter().any(|ending| it.word.ends_with(ending))
}

/// Whether words may be the name of an outlet rather than of an office.
fn is_outlet(words: &[Token<'_>], next: Option<&Token<'_>>) -> bool {
    !words.iter().chain(next).any(is_office) && !words.iter().all(is_listed)
}

/// Whether a name ends as those of people do.
fn is_person(name: &str) -> bool {
    let folded = fold(name);
    PEOPLE.iter().any(|it| folded.ends_with(it))
}

/// The nominative of a name that Russian and Ukrainian cite in the accusative, where they differ: feminine names in -а
/// and -я.
fn nominative(name: &str) -> String {
    let word = |it: &str| {
        let ending =
            [("ую", "ая"), ("юю", "яя"), ("у", "а"), ("ю", "я")].into_iter().find(|(from, _)| it.ends_with(from));
        let rest = ending.and_then(|(from, to)| Some((it.strip_suffix(from)?, to)));
        match rest.filter(|(rest, _)| rest.chars().nth(2).is_some()) {
            Some((rest, to)) => format!("{rest}{to}"),
            None => it.to_owned(),
        }
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
