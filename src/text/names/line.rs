//! The words of a line of text, with all that is known of them before any name is looked for.

use std::{borrow::Cow, ops::Range};

use crate::text::{Token, tokens};

use super::{Script, common::is_common, endings::Inflection, index::Query, term::joins};

/// The most letters of a word in capitals that is taken for an acronym and not for a name.
const ACRONYM: usize = 4;

/// A word of a line.
#[derive(Debug)]
pub(super) struct Word<'t> {
    pub(super) span: Range<usize>,
    pub(super) form: &'t str,
    pub(super) folded: Cow<'t, str>,
    pub(super) script: Script,
    pub(super) inflection: Inflection,
    pub(super) is_capital: bool,
    pub(super) is_acronym: bool,
    pub(super) starts_sentence: bool,
    /// What an apostrophe parts from it and is an ending, folded.
    pub(super) tail: Option<String>,
}

/// Whether a word may stand between a given name and a surname: an initial or a patronymic.
pub(super) fn stands_between(word: &Word<'_>) -> bool {
    let is_initial = word.form.chars().nth(1).is_none();
    let ends = [
        "вич",
        "вича",
        "вичу",
        "вичем",
        "виче",
        "вна",
        "вны",
        "вне",
        "вну",
        "вной",
        "vich",
        "vna",
        "оглы",
        "oğlu",
        "oglu",
        "ович",
    ];
    word.is_capital && (is_initial || ends.iter().any(|it| word.folded.ends_with(it)))
}

/// The most letters of an ending after a hyphen.
const ENDING: usize = 5;

/// Whether a word is the ending of the one before, after a hyphen: `ՆԱՏՕ-ի`, `NATO-nun`, `ნატო-ს`.
pub(super) fn is_ending(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    let is_hyphen =
        matches!(line.get(before.span.end..after.span.start), Some("-" | "\u{2010}" | "\u{2011}" | "\u{58a}"));
    is_hyphen
        && !after.form.chars().any(char::is_uppercase)
        && after.form.chars().count() <= ENDING
        && after.form.chars().all(char::is_alphabetic)
}

/// Whether nothing but white space and joining signs stands between two words.
pub(super) fn are_joined(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    let mut gap = line.get(before.span.end..after.span.start).unwrap_or_default();
    if before.tail.is_some() {
        // `NATO'nun ofisi`: the ending stands in the gap.
        gap = gap.trim_start_matches(|c: char| !c.is_whitespace());
    }
    let is_initial = before.form.chars().nth(1).is_none();
    gap.chars().all(|c| match c {
        '.' => is_initial || gap.len() == 1,
        '\u{2010}'..='\u{2015}' | '\u{58a}' | '\u{2212}' | '\u{201c}'..='\u{201f}' | '«' | '»' | '’' | '\u{200c}' => {
            true
        }
        _ => c.is_whitespace() || "-/_*\"&'".contains(c),
    })
}

/// Whether two letters are spelled out one after the other: `I.T.`, `I. T.`, `I T`.
pub(super) fn is_spelled(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    matches!(line.get(before.span.end..after.span.start), Some("." | ". " | " " | ".\u{a0}" | "\u{a0}" | "-"))
}

pub(super) fn is_spelled_on(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    matches!(line.get(before.span.end..after.span.start), Some("." | " "))
}

impl Word<'_> {
    pub(super) fn query(&self, is_caption: bool) -> Query<'_> {
        Query {
            form: self.form,
            word: &self.folded,
            script: self.script,
            inflection: self.inflection,
            is_capital: self.is_capital,
            is_acronym: self.is_acronym,
            is_caption,
            is_spelled: false,
        }
    }
}

/// What surnames are made with and Persian often writes apart: علی اف, حسن زاده.
const FORMATIVES: &[&str] = &["اف", "یف", "اوف", "اوا", "یوا", "یان", "زاده", "پور", "نژاد", "اوغلو", "اغلو", "شویلی"];

/// Whether a folded word of Persian may be the end of a surname that begins with the word before it.
pub(super) fn ends_surname(word: &str) -> bool {
    FORMATIVES.contains(&word)
}

/// A surname that Persian writes as two words.
pub(super) fn surname<'t>(line: &'t str, before: &Word<'t>, after: &Word<'t>) -> Option<Word<'t>> {
    let is_apart = matches!(line.get(before.span.end..after.span.start), Some(" " | "\u{a0}" | "\u{200c}" | "-"));
    if before.script != Script::Arabic || !is_apart || !ends_surname(&after.folded) {
        return None;
    }
    let span = before.span.start..after.span.end;
    let form = line.get(span.clone())?;
    Some(Word { span, form, folded: Cow::Owned(format!("{}{}", before.folded, after.folded)), tail: None, ..*before })
}

/// The words of a line, endings after an apostrophe put to the word before.
pub(super) fn words<'t>(line: &'t str, language: Option<&str>) -> Vec<Word<'t>> {
    let mut res: Vec<Word<'t>> = Vec::new();
    let mut before_end = 0;
    for token in tokens(line) {
        let gap = line.get(before_end..token.span.start).unwrap_or_default();
        before_end = token.span.end;
        if token.is_suffix
            && let Some(last) = res.last_mut()
        {
            if joins(&last.folded) {
                last.span.end = token.span.end;
                last.form = line.get(last.span.clone()).unwrap_or(last.form);
                last.folded.to_mut().push_str(&token.word);
                last.is_acronym = false;
                continue;
            }
            if last.script == Script::Latin && token.form.chars().next().is_some_and(char::is_lowercase) {
                last.tail = Some(token.word.into_owned());
                continue;
            }
        }
        let word = word(token, gap, res.last(), language);
        res.push(word);
    }
    if res.iter().filter(|it| it.is_acronym).count() * 2 > res.len() {
        // A headline in capitals.
        for it in &mut res {
            it.is_acronym = false;
        }
    }
    res
}

fn word<'t>(token: Token<'t>, gap: &str, before: Option<&Word<'_>>, language: Option<&str>) -> Word<'t> {
    let first = token.form.chars().next().unwrap_or_default();
    let script = Script::of(first);
    let is_capital = first.is_uppercase() || matches!(script, Script::Georgian | Script::Arabic);
    let is_initial = before.is_some_and(|it| it.form.chars().nth(1).is_none());
    let is_acronym = is_capital
        && script.has_capitals()
        && token.form.chars().all(char::is_uppercase)
        && token.form.chars().count() <= ACRONYM;
    Word {
        inflection: Inflection::of(language, script),
        starts_sentence: before.is_none()
            || gap.contains(['!', '?', '…', ':', '։', '\u{2022}'])
            || gap.contains(['.', '"', '«', '“', '„']) && !is_initial && !gap.contains(','),
        span: token.span,
        form: token.form,
        folded: token.word,
        script,
        is_capital,
        is_acronym,
        tail: None,
    }
}

/// Whether a word is one of everyday language: as it stands, or without the ending that was cut for the name.
pub(super) fn is_everyday(word: &Word<'_>, cut: usize) -> bool {
    if is_common(&word.folded, word.script) {
        return true;
    }
    match word.script {
        // The list holds one form of a word; any ending may have made another of it.
        Script::Georgian => {
            let mut form = String::with_capacity(word.folded.len() + 3);
            let last = word.folded.chars().next_back().unwrap_or_default();
            word.inflection.endings_on(last).iter().filter_map(|it| word.folded.strip_suffix(it)).any(|stem| {
                stem.chars().nth(1).is_some()
                    && ["", "ი", "ა", "ე", "ო"].iter().any(|it| {
                        form.clear();
                        form.push_str(stem);
                        form.push_str(it);
                        is_common(&form, word.script)
                    })
            })
        }
        Script::Arabic if cut > 0 => {
            let letters = word.folded.chars().count();
            is_common(&word.folded.chars().take(letters.saturating_sub(cut)).collect::<String>(), word.script)
        }
        _ => false,
    }
}
