//! The words of a line of text, with everything known of them before names are searched for.

use std::{borrow::Cow, ops::Range};

use crate::text::{Token, fold::fold_keeping_case};

use super::{
    Script,
    common::{is_common, is_frequent, is_genitive, is_name},
    designation,
    endings::{Ending, Inflection},
    given,
    glued::{self, parted},
    index::Query,
    term::joins,
};

/// Maximum letters of a word in capitals that counts as an acronym rather than a name.
const ACRONYM: usize = 4;

/// A word of a line.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the word, and none follows from others")]
pub(super) struct Word<'t> {
    pub(super) span: Range<usize>,
    /// As in the text, but with letters of normal width and without look-alikes of another script.
    pub(super) form: Cow<'t, str>,
    pub(super) folded: Cow<'t, str>,
    pub(super) script: Script,
    pub(super) inflection: Inflection,
    pub(super) is_capital: bool,
    pub(super) is_acronym: bool,
    /// Whether the same stands right after a word with a capital, so that its letters may be those of a name: Friedrich
    /// MERZ.
    pub(super) is_shouted: bool,
    /// Whether most words of its line are in capitals, which say nothing of it then.
    pub(super) in_capitals: bool,
    pub(super) starts_sentence: bool,
    /// Whether it is half of a word that the line writes as one, so that it is no name by itself.
    pub(super) is_half: bool,
    /// An ending separated from it by an apostrophe or a change of script, folded.
    pub(super) tail: Option<String>,
}

/// The most letters of an ending after a hyphen.
const ENDING: usize = 5;

/// Whether what stands between two words is a hyphen.
pub(super) fn is_dash(gap: &str) -> bool {
    matches!(gap, "-" | "\u{2010}" | "\u{2011}" | "\u{58a}")
}

/// Whether a word is the ending of the one before, after a hyphen: `ՆԱՏՕ-ի`, `NATO-nun`, `ნატო-ს`.
pub(super) fn is_ending(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    line.get(before.span.end..after.span.start).is_some_and(is_dash)
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
    let is_number = |it: &Word<'_>| it.form.starts_with(char::is_numeric);
    if is_number(before) && is_number(after) && gap.chars().all(char::is_whitespace) {
        return false;
    }
    let is_initial = is_short(before);
    gap.chars().all(|c| match c {
        '.' => is_initial || gap.len() == 1,
        '\u{2010}'..='\u{2015}' | '\u{58a}' | '\u{2212}' | '\u{201c}'..='\u{201f}' | '«' | '»' | '’' | '\u{200c}' => {
            true
        }
        _ => c.is_whitespace() || "-/_*\"&'+".contains(c),
    })
}

/// Whether nothing but white space stands between two words.
pub(super) fn is_space(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    line.get(before.span.end..after.span.start).is_some_and(|it| !it.is_empty() && it.chars().all(char::is_whitespace))
}

/// Whether a word is a letter, or two that stand for a name as one does: `Дж.`, `Yu.`.
pub(super) fn is_short(word: &Word<'_>) -> bool {
    let mut letters = word.form.chars().skip(1);
    match letters.next() {
        None => true,
        Some(second) => {
            word.is_capital && word.script.has_capitals() && second.is_lowercase() && letters.next().is_none()
        }
    }
}

/// The ending that stands after a hyphen: `ITPP-ს`, `NATO-nun`; not a word that is none, as in `NATO-led`.
pub(super) fn ending_after(line: &str, word: &Word<'_>, next: Option<&Word<'_>>) -> Option<String> {
    let next = next.filter(|it| is_ending(line, word, it))?;
    let is_foreign = next.script != word.script;
    (is_foreign || next.inflection.endings().contains(&next.folded.as_ref())).then(|| next.folded.to_string())
}

/// Whether two letters are spelled out one after the other: `I.T.`, `I. T.`, `I T`.
pub(super) fn is_spelled(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    matches!(line.get(before.span.end..after.span.start), Some("." | ". " | " " | ".\u{a0}" | "\u{a0}" | "-"))
}

pub(super) fn is_spelled_on(line: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    matches!(line.get(before.span.end..after.span.start), Some("." | " "))
}

impl Word<'_> {
    pub(super) fn query(&self) -> Query<'_> {
        Query {
            form: &self.form,
            word: &self.folded,
            script: self.script,
            inflection: self.inflection,
            is_capital: self.is_capital,
            is_acronym: self.is_acronym,
            is_spelled: self.is_shouted,
        }
    }
}

/// Endings of surnames that Persian often writes separately: علی اف, حسن زاده.
pub(super) const PERSIAN_FORMATIVES: &[&str] =
    &["اف", "یف", "اوف", "اوا", "یوا", "یان", "زاده", "پور", "نژاد", "اوغلو", "اغلو", "شویلی"];

/// Whether a folded word of Persian may be the end of a surname that begins with the one before it.
pub(super) fn ends_surname(before: &str, word: &str) -> bool {
    PERSIAN_FORMATIVES.contains(&word) || word == "ای" && before.ends_with('ه')
}

/// Whether a folded word of Persian is made as a surname; some everyday words are too.
pub(super) fn is_made_as_surname(word: &str) -> bool {
    PERSIAN_FORMATIVES.iter().any(|it| word.strip_suffix(it).is_some_and(|it| it.chars().nth(1).is_some()))
}

/// Whether only a space, a half space, or one of these signs parts two words.
fn is_thin(line: &str, before: &Word<'_>, after: &Word<'_>, signs: &str) -> bool {
    let gap = line.get(before.span.end..after.span.start).unwrap_or_default();
    let signs_of = || gap.chars().filter(|c| *c != '\u{200c}');
    !gap.is_empty() && signs_of().count() <= 1 && signs_of().all(|c| matches!(c, ' ' | '\u{a0}') || signs.contains(c))
}

/// The fewest letters of each of two words that Persian writes as one.
pub(super) const PART: usize = 3;

/// Two words of Persian as the one that others write: قره باغ is قره‌باغ. Only the letters of a name count then.
pub(super) fn one_of_two<'t>(line: &'t str, before: &Word<'t>, after: &Word<'t>) -> Option<Word<'t>> {
    let is_part = |it: &Word<'_>| it.script == Script::Arabic && it.folded.chars().nth(PART - 1).is_some();
    if !is_part(before) || !is_part(after) || !is_thin(line, before, after, "") {
        return None;
    }
    let span = before.span.start..after.span.end;
    let form = Cow::Borrowed(line.get(span.clone())?);
    let folded = Cow::Owned(format!("{}{}", before.folded, after.folded));
    Some(Word { span, form, folded, tail: None, is_shouted: true, is_half: false, ..*before })
}

/// A surname that Persian writes as two words.
pub(super) fn surname<'t>(line: &'t str, before: &Word<'t>, after: &Word<'t>) -> Option<Word<'t>> {
    let is_apart = is_thin(line, before, after, "-");
    if before.script != Script::Arabic || !is_apart || !ends_surname(&before.folded, &after.folded) {
        return None;
    }
    let span = before.span.start..after.span.end;
    let form = Cow::Borrowed(line.get(span.clone())?);
    Some(Word { span, form, folded: Cow::Owned(format!("{}{}", before.folded, after.folded)), tail: None, ..*before })
}

/// A word whose halves these are, as the line has it.
pub(super) fn whole<'t>(line: &'t str, before: &Word<'t>, after: &Word<'t>) -> Option<Word<'t>> {
    let is_one = matches!(line.get(before.span.end..after.span.start), Some("" | "\u{200c}"));
    if !before.is_half || !after.is_half || !is_one {
        return None;
    }
    let span = before.span.start..after.span.end;
    let form = Cow::Borrowed(line.get(span.clone())?);
    let folded = Cow::Owned(format!("{}{}", before.folded, after.folded));
    Some(Word { span, form, folded, tail: None, is_half: false, ..*before })
}

/// The words of a line, endings after an apostrophe put to the word before.
pub(super) fn words<'t>(line: &'t str, language: Option<&str>) -> Vec<Word<'t>> {
    let tokens = glued::split(line);
    let mut res: Vec<Word<'t>> = Vec::with_capacity(tokens.len());
    let mut before_end = 0;
    for token in tokens {
        let gap = line.get(before_end..token.span.start).unwrap_or_default();
        before_end = token.span.end;
        if token.is_suffix
            && let Some(last) = res.last_mut()
        {
            if is_tail(last, &token) {
                last.tail = Some(token.word.into_owned());
                continue;
            }
            if joins(&last.folded) {
                last.span.end = token.span.end;
                last.form = Cow::Borrowed(line.get(last.span.clone()).unwrap_or_default());
                last.folded.to_mut().push_str(&token.word);
                last.is_acronym = false;
                continue;
            }
        }
        if let Some((first, second)) = glued::halves(&token) {
            for (half, gap) in [(first, gap), (second, "")] {
                let half = word(half, gap, res.last(), language);
                res.push(Word { is_half: true, ..half });
            }
            continue;
        }
        let word = word(token, gap, res.last(), language);
        res.push(word);
    }
    let counted = res.iter().filter(|it| it.form.chars().nth(1).is_some());
    let (all, capitals) = counted.fold((0, 0), |(all, n), it| (all + 1, n + usize::from(are_capitals(&it.form))));
    if capitals * 2 > all {
        // A headline in capitals.
        for it in &mut res {
            it.is_acronym = false;
            it.in_capitals = true;
        }
    } else {
        shouted(line, &mut res);
    }
    res
}

/// Marks names that agencies set in capitals: Friedrich MERZ.
fn shouted(line: &str, words: &mut [Word<'_>]) {
    for at in 1..words.len() {
        let Some([before, word]) = words.get_mut(at - 1..=at) else { continue };
        let is_name = before.is_capital && before.script == word.script && !are_capitals(&before.form);
        word.is_shouted = word.is_acronym && is_name && are_joined(line, before, word);
    }
}

/// Whether a word of two letters or more is in capitals.
fn are_capitals(form: &str) -> bool {
    form.chars().nth(1).is_some() && form.chars().all(char::is_uppercase)
}

/// Whether what an apostrophe parts from a word is its ending, in capitals too where the word is: `NATO'nun`,
/// `İSTANBUL'UN`, `UN's`.
fn is_tail(word: &Word<'_>, after: &Token<'_>) -> bool {
    if word.script != Script::Latin {
        return false;
    }
    let is_small = after.form.starts_with(char::is_lowercase);
    let in_capitals = are_capitals(&word.form) || designation::is_one(&word.form);
    if joins(&word.folded) {
        let languages = [word.inflection, Inflection::Turkish, Inflection::Azerbaijani];
        let is_ending = || languages.iter().any(|it| it.endings().contains(&after.word.as_ref()));
        return in_capitals && (is_small || is_ending());
    }
    let is_short = after.form.chars().count() <= ENDING && after.form.chars().all(char::is_uppercase);
    is_small || in_capitals && is_short
}

/// Whether a character stands in a word as it is compared, but for its case.
fn is_plain(c: char) -> bool {
    !matches!(c, 'Ǝ' | 'ǝ' | 'Ș' | 'ș' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{206f}' | '\u{fb00}'..='\u{ffff}' | '\u{10000}'..)
}

fn word<'t>(token: Token<'t>, gap: &str, before: Option<&Word<'_>>, language: Option<&str>) -> Word<'t> {
    let is_mixed = glued::may_mix(token.form);
    let (token, tail) = if is_mixed { parted(token) } else { (token, None) };
    let (form, folded) = match is_mixed.then(|| glued::likened(token.form)).flatten() {
        Some(it) => {
            let folded = crate::text::fold(&it);
            (Cow::Owned(it), Cow::Owned(folded))
        }
        None if token.form.chars().all(is_plain) => (Cow::Borrowed(token.form), token.word),
        None => (Cow::Owned(fold_keeping_case(token.form)), token.word),
    };
    let first = form.chars().next().unwrap_or_default();
    let script = Script::of(first);
    let is_capital = first.is_uppercase() || matches!(script, Script::Georgian | Script::Arabic);
    let is_initial = before.is_some_and(|it| it.form.chars().nth(1).is_none());
    let is_acronym =
        is_capital && script.has_capitals() && form.chars().all(char::is_uppercase) && form.chars().count() <= ACRONYM;
    Word {
        inflection: Inflection::of(language, script),
        starts_sentence: before.is_none()
            || gap.contains(['!', '?', '…', ':', '։', '\u{2022}'])
            || gap.contains(['.', '"', '«', '“', '„']) && !is_initial && !gap.contains(','),
        span: token.span,
        form,
        folded,
        script,
        is_capital,
        is_acronym,
        is_shouted: false,
        in_capitals: false,
        is_half: false,
        tail,
    }
}

/// Whether a word is one of everyday language: as it stands, or without the ending that was cut for the name.
pub(super) fn is_everyday(word: &Word<'_>, cut: usize) -> bool {
    // What is whole a name, and the genitive of a place besides, is that: გორის is of Gori, and not Goris.
    if word.script == Script::Georgian && is_name(&word.folded, word.script) {
        return cut == 0 && is_genitive(&word.folded);
    }
    if is_common(&word.folded, word.script) {
        return true;
    }
    if is_name(&word.folded, word.script) {
        return false;
    }
    match word.script {
        // The list holds one form of a word; any ending may have made another of it.
        Script::Georgian => {
            let mut form = String::with_capacity(word.folded.len() + 3);
            let last = word.folded.chars().next_back().unwrap_or_default();
            let stem =
                |(it, _): &Ending| word.folded.strip_suffix(*it).filter(|stem| word.inflection.may_follow(it, stem));
            word.inflection.endings_on(last).iter().filter_map(stem).any(|stem| {
                ["", "ი", "ა", "ე", "ო"].iter().any(|it| {
                    form.clear();
                    form.push_str(stem);
                    form.push_str(it);
                    is_common(&form, word.script)
                })
            })
        }
        Script::Arabic => {
            let letters = word.folded.chars().count();
            let stem = || word.folded.chars().take(letters.saturating_sub(cut)).collect::<String>();
            // The adjective of a frequent word, as نوری of نور, light; not that of a man's name, which is a surname.
            let is_adjective = |it: &str| is_frequent(it, word.script) && !given::is_of_nothing_else(it);
            word.folded.strip_suffix('ی').is_some_and(is_adjective) || cut > 0 && is_common(&stem(), word.script)
        }
        Script::Latin | Script::Cyrillic | Script::Armenian if cut > 0 => {
            let end = word.folded.char_indices().rev().nth(cut - 1).map_or(0, |it| it.0);
            word.folded.get(..end).is_some_and(|it| is_common(it, word.script))
        }
        _ => false,
    }
}

/// What makes many of one in Persian.
pub(super) const PLURALS: &[&str] = &["ها", "های"];

/// Whether a folded word of Persian has such an ending: no given name stands so.
pub(super) fn is_persian_plural(word: &str) -> bool {
    PLURALS.iter().any(|it| word.ends_with(it))
}

/// Whether a word of Persian is a plural of one of everyday language. Its other endings are those of names too, as in
/// نوری.
pub(super) fn is_everyday_plural(word: &Word<'_>) -> bool {
    if is_name(&word.folded, word.script) {
        return false;
    }
    let mut stems = PLURALS.iter().filter_map(|it| word.folded.strip_suffix(it));
    // The plural of persons, ناظران of ناظر, observer; not فیدان and برهان, nor surnames in -یان.
    let is_of_persons = |it: &&str| it.chars().nth(3).is_some() && !it.ends_with('ی');
    let of_persons = || word.folded.strip_suffix("ان").filter(is_of_persons);
    word.script == Script::Arabic
        && (stems.any(|it| is_common(it, word.script)) || of_persons().is_some_and(|it| is_common(it, word.script)))
}

/// Whether a word of Persian is an adjective made of one of everyday language, and is one itself: الهی of اله, divine.
pub(super) fn is_everyday_adjective(word: &Word<'_>) -> bool {
    let stem = || word.folded.strip_suffix('ی');
    word.script == Script::Arabic
        && is_common(&word.folded, word.script)
        && stem().is_some_and(|it| is_common(it, word.script) || is_frequent(it, word.script))
}

/// What ends no given name of Georgian as it stands before a surname: cases, the copula and verbs, and what makes
/// adjectives. Given names that do end so are in the list.
const NEVER_OF_GEORGIAN: &[&str] = &[
    "ი",
    "მ",
    "მა",
    "ს",
    "ით",
    "ად",
    "თ",
    "ც",
    "ში",
    "ზე",
    "თან",
    "თვის",
    "გან",
    "დან",
    "მდე",
    "კენ",
    "ებ",
    "ობ",
    "ია",
    "და",
    "ენ",
    "ულ",
    "ურ",
];

/// Endings with which no given name of Persian stands before a surname: plurals, the copula and possessives, degrees
/// and verbs.
const NEVER_OF_PERSIAN: &[&str] =
    &["ها", "های", "هایی", "ات", "ی", "ای", "ش", "شان", "مان", "تان", "تر", "ترین", "ند", "اند", "ید", "یم"];

/// Whether a word of a script without capitals stands as a given name does before a surname.
pub(super) fn stands_bare(word: &Word<'_>) -> bool {
    let never = if word.script == Script::Georgian { NEVER_OF_GEORGIAN } else { NEVER_OF_PERSIAN };
    !word.form.contains('\u{200c}') && !never.iter().any(|it| word.folded.ends_with(it))
}
