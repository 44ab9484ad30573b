//! Whom a text itself names as its origin. Pure.
//!
//! Evidence, not proof: two outlets that cite one agency are one origin told twice, whatever their words.

use std::ops::Range;

use crate::text;

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

/// The origin a text names, the strongest and of equals the first.
pub fn origin(body: &str) -> Option<Origin> {
    let tokens = text::tokens(body);
    // Most texts hold none of the words that a lead begins with: one pass over them says so.
    let starts = tokens.iter().enumerate().filter(|(_, it)| begins_lead(it.as_ref())).map(|(at, _)| at);
    let starts = starts.collect::<Vec<_>>();
    let led = LEADS.iter().find_map(|(manner, lead)| led(body, &tokens, &starts, *manner, lead));
    led.or_else(|| signed(body, &tokens))
}

fn begins_lead(word: &str) -> bool {
    LEADS.iter().any(|(_, lead)| lead.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

fn led(body: &str, tokens: &[text::Token<'_>], starts: &[usize], manner: Manner, lead: &str) -> Option<Origin> {
    starts.iter().find_map(|start| {
        let mut after = tokens.get(*start..)?.iter();
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
fn signed(body: &str, tokens: &[text::Token<'_>]) -> Option<Origin> {
    let ends = tokens.iter().take(SIGNED_WORDS).chain(tokens.iter().rev().take(SIGNED_WORDS));
    let mut signs = ends.filter(|it| AGENCIES.contains(&it.as_ref()));
    let sign = signs.find(|it| {
        let before = body.get(..it.span.start).and_then(|it| it.trim_end().chars().next_back());
        let after = body.get(it.span.end..).and_then(|it| it.trim_start().chars().next());
        matches!(before, Some('(' | '/' | '[')) || matches!(after, Some(')' | '/' | ']' | '—' | '–'))
    })?;
    Some(Origin { manner: Manner::Agency, name: sign.form.to_owned(), span: sign.span.clone() })
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
    fn nothing_is_made_up() {
        for body in ["", "Police stopped him, citing a lack of papers.", "The ap was new. He read Reuters at home."] {
            check(body, None);
        }
    }
}
