//! Whom a text itself names as its origin. Pure.
//!
//! Evidence, not proof: two outlets that cite one agency are one origin told twice, whatever their words.

use std::{collections::BTreeSet, iter, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::text::{self, ceil_boundary, floor_boundary};

/// What the text says of its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It stood elsewhere first: "The post … first appeared on …".
    Reprint,
    /// It reports what another reported: "… reports, citing …".
    Citation,
    /// An agency's byline or mark: "(Reuters)", "/TASS/".
    Agency,
}

impl Manner {
    /// As it is written in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reprint => "first appeared on",
            Self::Citation => "citing",
            Self::Agency => "agency",
        }
    }
}

/// An origin that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How it is named.
    pub manner: Manner,
    /// Whom it names, as it stands there.
    pub name: String,
    /// Where the name stands, in bytes of the text.
    pub span: Range<usize>,
}

/// What stands before a name, folded, by the strength of what it says.
const LEADS: &[(Manner, &str)] = &[
    (Manner::Reprint, "first appeared on"),
    (Manner::Reprint, "first appeared in"),
    (Manner::Reprint, "first published by"),
    (Manner::Reprint, "first published on"),
    (Manner::Reprint, "originally published by"),
    (Manner::Reprint, "originally published on"),
    (Manner::Citation, "citing"),
    (Manner::Citation, "with reference to"),
    (Manner::Citation, "со ссылкой на"),
    (Manner::Citation, "з посиланням на"),
    (Manner::Citation, "как сообщает"),
    (Manner::Citation, "передает"),
];

/// Agencies, folded, as they sign.
const AGENCIES: &[&str] = &[
    "reuters",
    "ap",
    "afp",
    "tass",
    "interfax",
    "armenpress",
    "azertac",
    "apa",
    "interpressnews",
    "anadolu",
    "irna",
    "tasnim",
    "xinhua",
    "ukrinform",
    "dpa",
    "тасс",
    "интерфакс",
    "арменпресс",
    "азертадж",
    "рейтер",
    "укринформ",
    "արմենպրես",
    "ինտերֆաքս",
    "როიტერი",
];

/// Words of a name that are taken.
const MAX_NAME_WORDS: usize = 4;
/// Words of the start and the end of a text where an agency signs.
const SIGNED_WORDS: usize = 25;
/// They hardly ever take more, in any script.
const SIGNED_BYTES: usize = 1_000;
/// How far around the word that marks a lead its other words and the name may stand.
const REACH_BYTES: usize = 250;

/// Finds the longest word of each lead, in capitals or not. Whole bodies are not cut into words for a handful of phrases that most of
/// them lack: that was a third of what a digest of 5,000 reports cost.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let longest = LEADS.iter().filter_map(|(_, lead)| lead.split(' ').max_by_key(|it| it.len()));
    let marks: BTreeSet<_> = longest.map(mark).flat_map(|it| [it.to_owned(), it.to_uppercase()]).collect();
    // The library compares many bytes at once for this kind of match only.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(marks).ok()
});

/// What of a folded word stands in a text in small letters or in capitals: not its first letter, which may be the one capital, nor what begins with
/// an `е` that may stand for a `ё`, nor an `й` that may be written as two characters.
fn mark(word: &str) -> &str {
    let rest = word.get(ceil_boundary(word, 1)..).unwrap_or_default();
    rest.strip_suffix("ет").or_else(|| rest.strip_suffix('й')).unwrap_or(rest)
}

/// The origin a text names, the strongest and of equals the first.
pub fn origin(body: &str) -> Option<Origin> {
    let parts = parts_with_leads(body);
    let parts: Vec<_> = parts.iter().map(|it| (it.start, whole_tokens(body, it))).collect();
    let led = LEADS.iter().find_map(|(manner, lead)| {
        parts.iter().find_map(|(start, tokens)| {
            let part = body.get(*start..).unwrap_or_default();
            let found = led(part, tokens, *manner, lead)?;
            Some(Origin { span: found.span.start + start..found.span.end + start, ..found })
        })
    });
    led.or_else(|| signed(body))
}

/// The parts of a text that may hold a lead, none over another: each word of a text is looked at once.
fn parts_with_leads(body: &str) -> Vec<Range<usize>> {
    // Signs within words: where a line may be broken or not, and accents, of which `cc` and `cd` are the first bytes.
    let signs = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    let is_broken = body.bytes().any(|it| matches!(it, 0xcc | 0xcd)) || signs.iter().any(|it| body.contains(*it));
    let Some(marks) = MARKS.as_ref().filter(|_| !is_broken) else { return iter::once(0..body.len()).collect() };
    let mut res = Vec::<Range<usize>>::new();
    for mark in marks.find_iter(body) {
        let start = ceil_boundary(body, mark.start().saturating_sub(REACH_BYTES));
        let end = floor_boundary(body, mark.end() + REACH_BYTES);
        match res.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => res.push(start..end),
        }
    }
    res
}

/// The words of a part, with spans in it, but for those that its ends cut through.
fn whole_tokens<'t>(body: &'t str, part: &Range<usize>) -> Vec<text::Token<'t>> {
    let text = body.get(part.clone()).unwrap_or_default();
    let mut tokens = text::tokens(text);
    tokens.retain(|it| (it.span.start > 0 || part.start == 0) && (it.span.end < text.len() || part.end == body.len()));
    tokens
}

fn led(body: &str, tokens: &[text::Token<'_>], manner: Manner, lead: &str) -> Option<Origin> {
    (0..tokens.len()).find_map(|start| {
        let mut after = tokens.get(start..)?.iter();
        if !lead.split(' ').all(|word| after.next().is_some_and(|it| it.as_ref() == word)) {
            return None;
        }
        let mut span: Option<Range<usize>> = None;
        for token in after.take(MAX_NAME_WORDS) {
            let is_name = token.form.chars().next().is_some_and(|it| it.is_uppercase() || it.is_ascii_digit());
            let gap = span.as_ref().and_then(|it| body.get(it.end..token.span.start));
            // A name ends with the sentence; a full stop inside it is that of an address.
            let is_apart = gap.is_some_and(|it| it.contains([',', ';', '\n', '(', '"']) || it.contains(". "));
            // An address is a name in small letters.
            let in_address = gap == Some(".") || body.get(token.span.end..).is_some_and(is_address_rest);
            if is_apart || !(is_name || in_address) {
                break;
            }
            span = Some(span.map_or(token.span.start, |it| it.start)..token.span.end);
        }
        let span = span?;
        Some(Origin { manner, name: body.get(span.clone())?.to_owned(), span })
    })
}

/// Whether the word before goes on as an address: `.ge` of `civil.ge`.
fn is_address_rest(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next() == Some('.') && rest.next().is_some_and(char::is_alphabetic)
}

/// An agency that stands in brackets, between slashes or before a dash, near either end of a text.
fn signed(body: &str) -> Option<Origin> {
    let head = 0..floor_boundary(body, SIGNED_BYTES);
    let tail = ceil_boundary(body, body.len().saturating_sub(SIGNED_BYTES))..body.len();
    // Most have no such sign there; dashes begin with `e2`.
    let is_sign = |it: u8| matches!(it, b'(' | b')' | b'[' | b']' | b'/' | 0xe2);
    let tokens = |part: &Range<usize>| match body.get(part.clone()) {
        Some(it) if it.bytes().any(is_sign) => whole_tokens(body, part),
        _ => Vec::new(),
    };
    let of_head = tokens(&head).into_iter().take(SIGNED_WORDS).map(|it| (0, it));
    let of_tail = tokens(&tail).into_iter().rev().take(SIGNED_WORDS).map(|it| (tail.start, it));
    let mut signs = of_head.chain(of_tail).filter(|(_, it)| AGENCIES.contains(&it.as_ref()));
    signs.find_map(|(start, sign)| {
        let span = start + sign.span.start..start + sign.span.end;
        let before = body.get(..span.start)?.trim_end().chars().next_back();
        let after = body.get(span.end..)?.trim_start().chars().next();
        let is_apart = matches!(before, Some('(' | '/' | '[')) || matches!(after, Some(')' | '/' | ']' | '—' | '–'));
        is_apart.then(|| Origin { manner: Manner::Agency, name: sign.form.to_owned(), span })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<(Manner, &str)>) {
        let found = origin(body);
        let brief = found.as_ref().map(|it| (it.manner, it.name.as_str()));
        assert_eq!(brief, expected, "{body}");
        assert!(found.is_none_or(|it| body.get(it.span).is_some_and(|part| part == it.name)));
    }

    #[test]
    fn what_a_text_says_of_its_origin() {
        check(
            "Text. The post Flood in Kutaisi first appeared on Mtkvari Herald.",
            Some((Manner::Reprint, "Mtkvari Herald")),
        );
        check("The post Flood first appeared on mtkvari.ge.", Some((Manner::Reprint, "mtkvari.ge")));
        check(
            "Bridges were lost, Kura Today reports, citing Rioni News, and more.",
            Some((Manner::Citation, "Rioni News")),
        );
        check(
            "Мост разрушен, сообщает агентство со ссылкой на Рионские Вести.",
            Some((Manner::Citation, "Рионские Вести")),
        );
        check("TBILISI, March 3 (Reuters) - Three bridges were lost.", Some((Manner::Agency, "Reuters")));
        check("ТБИЛИСИ, 3 марта. /ТАСС/. Разрушены мосты.", Some((Manner::Agency, "ТАСС")));
    }

    #[test]
    fn every_lead_is_looked_for() {
        for (manner, lead) in LEADS {
            check(&format!("A bridge fell, {lead} Rioni News."), Some((*manner, "Rioni News")));
        }
    }

    #[test]
    fn a_lead_is_found_wherever_it_stands() {
        let filling = "Слово за словом, и ещё слово. ".repeat(60);
        check(&format!("{filling}ПЕРЕДАЕТ Интерлента. {filling}"), Some((Manner::Citation, "Интерлента")));
        check(&format!("{filling}Передаёт Интерлента. {filling}"), Some((Manner::Citation, "Интерлента")));
        check(&format!("{filling}Post FIRST  APPEARED\non Rioni, {filling}"), Some((Manner::Reprint, "Rioni")));
        check(&format!("{filling}со ссыл\u{ad}кой на Интерленту"), Some((Manner::Citation, "Интерленту")));
        // The stronger one counts, wherever it stands.
        let both = format!("Fell, citing Kura Today.{filling}First published by Rioni News.");
        check(&both, Some((Manner::Reprint, "Rioni News")));
        check(&format!("{filling}со ссылкои\u{306} на Интерленту"), Some((Manner::Citation, "Интерленту")));
        check(&format!("{filling}со ссы\u{301}лкой на Интерленту"), Some((Manner::Citation, "Интерленту")));
        check(&format!("{filling}\n\nМосты разрушены. (Арменпресс)\n\n"), Some((Manner::Agency, "Арменпресс")));
    }

    #[test]
    fn words_are_not_cut() {
        for n in 0..12 {
            let dots = ".".repeat(SIGNED_BYTES - n);
            check(&format!("{dots}(Apartment) {dots}"), None);
            check(&format!("{dots} (soap){}", ".".repeat(SIGNED_BYTES - 8 + n)), None);
            let name = "Ա".repeat(REACH_BYTES + n);
            let found = origin(&format!("A bridge fell, citing {name} {dots}"));
            assert!(found.is_none_or(|it| it.name == name), "a part of a name");
        }
    }

    #[test]
    fn nothing_is_made_up() {
        for body in ["", "Police stopped him, citing a lack of papers.", "The ap was new. He read Reuters at home."] {
            check(body, None);
        }
    }
}
