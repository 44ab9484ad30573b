//! What a name is, and the names of a byline.

use crate::{
    extract::{
        clean,
        cues::{self, Cue},
        dates::written,
    },
    text::capped,
};

use super::{
    MAX_AUTHORS,
    words::{BETWEEN, BODIES, COMPANY, LABELS, NOBODY, ROLES, SMALL, STARTS},
};

/// Maximum bytes of a text searched for names: the twelve longest names of twelve scripts are shorter.
const MAX_NAMES: usize = 1_000;

/// Maximum words of a byline, beginning with a digit, that are checked for a date.
const MAX_NUMBERS: usize = 8;

/// The names of a byline.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut text = kept_together(undated(without_start(capped(text, MAX_NAMES))));
    let is_shouted = !text.contains(char::is_lowercase);
    for it in BETWEEN {
        text = text.replace(it, "\n");
        if is_shouted {
            text = text.replace(&it.to_uppercase(), "\n");
        }
    }
    let mut res = Vec::new();
    for part in text.split('\n') {
        // `Author, Anna` is one name; `Anna Author, Correspondent` is a name and what she is.
        let pieces: Vec<&str> = part.split(", ").map(str::trim).filter(|it| !it.is_empty()).collect();
        let whole = pieces.iter().all(|it| it.split_whitespace().count() == 1) && pieces.len() == 2;
        let pieces = if whole { vec![part.trim()] } else { pieces };
        res.extend(pieces.into_iter().map(|it| trimmed(&it.replace(KEPT, " ")).to_owned()));
    }
    res.retain(|it| !it.is_empty());
    res
}

/// Stands for a space at which a name is not parted.
const KEPT: char = '\u{1}';

/// The text with the spaces of what stands in quotation marks kept: `Центр «Мир и дом»` is one name.
fn kept_together(text: &str) -> String {
    let mut is_quoted = false;
    let kept = |it: char| {
        match it {
            '«' | '“' | '„' => is_quoted = true,
            '»' | '”' => is_quoted = false,
            _ => (),
        }
        if is_quoted && it == ' ' { KEPT } else { it }
    };
    // A mark that is never closed holds nothing.
    let is_closed = text.rfind(['»', '”']) > text.rfind(['«', '“', '„']);
    if is_closed { text.chars().map(kept).collect() } else { text.to_owned() }
}

/// What stands before the date: `Anna Sample am 29.12.2010, 13:36 Uhr`.
fn undated(text: &str) -> &str {
    let (mut at, mut n_numbers) = (0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        let (before, rest) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
        let is_number = at > 0 && word.starts_with(|it: char| it.is_numeric());
        n_numbers += usize::from(is_number);
        if n_numbers > MAX_NUMBERS {
            break;
        }
        if is_number && !written::find(rest, false).is_empty() {
            // The word that leads to the date: `am`, `le`, `on`.
            let last = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
            let leads = last.chars().count() <= 3 && last.chars().all(char::is_lowercase);
            let name = if leads { before.trim_end().strip_suffix(last).unwrap_or(before) } else { before };
            return if name.trim().is_empty() { text } else { name };
        }
        at += word.len();
    }
    text
}

fn trimmed(name: &str) -> &str {
    let name = name.split([' ', '\u{a0}']).position(|it| it == "•" || it == "·" || it == "-" || it == "–").map_or(
        name,
        |at| {
            let end = name.split([' ', '\u{a0}']).take(at).map(|it| it.len() + 1).sum::<usize>().saturating_sub(1);
            name.get(..end).unwrap_or(name)
        },
    );
    let name = name.split(" on ").next().unwrap_or(name);
    // `Anna Sample For The Gazette`, but `Center for Research`.
    let before = [" for the ", " for The ", " For ", " FOR "].iter().find_map(|word| Some(name.split_once(word)?.0));
    let is_body = |it: &str| it.split_whitespace().any(|it| BODIES.contains(&it.to_lowercase().as_str()));
    let name = before.filter(|it| is_person(it, None) && !is_body(it)).unwrap_or(name);
    let name = name.split('(').next().unwrap_or(name);
    name.trim_matches(|it: char| it.is_whitespace() || matches!(it, ',' | ':' | '-' | '|' | '•' | '·' | '*' | '–'))
}

/// Without the dash that leads to the name of whoever wrote a text.
pub(super) fn undashed(text: &str) -> &str {
    text.trim_start_matches(['-', '–', '—', ' ', '\u{a0}'])
}

pub(super) fn without_start(text: &str) -> &str {
    let text = undashed(text).trim();
    let lower = text.to_lowercase();
    let starts = STARTS.iter().filter(|it| lower.starts_with(**it));
    let start = starts.max_by_key(|it| it.len()).filter(|_| lower.len() == text.len());
    let rest = start.and_then(|it| text.get(it.len()..)).unwrap_or(text);
    rest.trim_start_matches([':', ' ', '՝', '-', '–', '|', '\u{a0}'])
}

pub(super) fn is_name(name: &str, site_name: Option<&str>) -> bool {
    let folded = name.to_lowercase();
    let n_chars = name.chars().count();
    (2..=60).contains(&n_chars)
        && name.split_whitespace().count() <= 6
        && !name.contains("://")
        && !name.contains(['@', '{', '<', '©'])
        && name.chars().filter(|it| it.is_numeric()).count() < 3
        && !is_day(&folded)
        && name.chars().any(char::is_alphabetic)
        && !NOBODY.contains(&folded.as_str())
        && site_name.is_none_or(|it| it.to_lowercase() != folded)
}

/// Two words or more, each written as names are, and none of them the outlet's.
pub(super) fn is_person(name: &str, site_name: Option<&str>) -> bool {
    let is_part = |it: &str| {
        let first = it.chars().next();
        // Georgian letters count as lower case, and names are written with them.
        let is_capital = |it: char| it.is_uppercase() || matches!(it, '\u{10d0}'..='\u{10ff}');
        first.is_some_and(|it| is_capital(it) || (it.is_alphabetic() && !it.is_lowercase())) || SMALL.contains(&it)
    };
    let is_outlet = site_name.is_some_and(|it| {
        let (site, name) = (it.to_lowercase(), name.to_lowercase());
        site.contains(&name) || name.contains(&site)
    });
    (2..=5).contains(&name.split_whitespace().count())
        && name.split_whitespace().all(is_part)
        && !name.split_whitespace().any(|it| COMPANY.contains(&it.to_lowercase().as_str()))
        && !is_outlet
}

pub(super) fn is_first_name(name: &str, site_name: Option<&str>) -> bool {
    let is_word = name.chars().all(char::is_alphabetic) && name.chars().next().is_some_and(char::is_uppercase);
    is_word && site_name.is_none_or(|it| !it.to_lowercase().contains(&name.to_lowercase()))
}

/// What somebody is, and not who: `Senior Research Fellow`.
pub(super) fn is_role(name: &str) -> bool {
    let lower = name.to_lowercase().replace('\u{307}', "");
    !lower.trim().is_empty() && lower.split_whitespace().all(|it| ROLES.contains(&it))
}

/// In the text, a name is two words or more, or in capitals; labels beside it are not.
pub(super) fn looks_like_a_name(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let n_words = name.split_whitespace().count();
    // Georgian letters have a capital form, but names are not written with it.
    let has_case =
        name.chars().any(|it| !matches!(it, '\u{10d0}'..='\u{10ff}') && (it.is_lowercase() || it.is_uppercase()));
    let first_is_capital = words.next().and_then(|it| it.chars().next()).is_some_and(char::is_uppercase);
    let starts = cues::of_start(&name.to_lowercase(), name.chars().count()).without(Cue::Byline);
    // `Theme: Pirate`, `Location: Baku`: a label that is none of a byline's.
    !starts.any()
        && !name.contains(": ")
        && !LABELS.contains(&name.to_lowercase().as_str())
        && (!has_case || first_is_capital)
        && (n_words >= 2 || name.chars().count() >= 3)
        && !is_role(name)
        && !clean::is_date(name)
}

/// `August 29`, `3 мая`.
fn is_day(folded: &str) -> bool {
    folded.contains(|it: char| it.is_ascii_digit()) && !written::find(&format!("{folded} 2020"), false).is_empty()
}

pub(super) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut res: Vec<String> = Vec::new();
    for it in names {
        if !res.iter().any(|other| other.to_lowercase() == it.to_lowercase()) {
            res.push(it);
        }
    }
    res.truncate(MAX_AUTHORS);
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_is_names() {
        for (byline, expected) in [
            ("By Petra Sample", &["Petra Sample"][..]),
            ("Deniz Örnek, Ada Örnek", &["Deniz Örnek", "Ada Örnek"]),
            ("Petra Sample and Anna Example", &["Petra Sample", "Anna Example"]),
            ("Sample, Petra", &["Sample, Petra"]),
            ("Автор: Анна Примерян", &["Анна Примерян"]),
            ("ავტორი: ანა ნიმუში", &["ანა ნიმუში"]),
            ("Byron Sample", &["Byron Sample"]),
            ("By Petra Sample And Anna Example For The Gazette", &["Petra Sample", "Anna Example"]),
            ("By PETRA SAMPLE AND ANNA EXAMPLE FOR THE GAZETTE", &["PETRA SAMPLE", "ANNA EXAMPLE"]),
            ("By Petra Sample for The Gazette", &["Petra Sample"]),
            ("Petra Sample im Gespräch mit Anna Example", &["Petra Sample", "Anna Example"]),
            ("Sample Endowment For Lasting Peace", &["Sample Endowment For Lasting Peace"]),
            ("Caucasus Network for the Rights of All", &["Caucasus Network for the Rights of All"]),
            ("Center for Sample Research", &["Center for Sample Research"]),
            ("Sample Institute for the Study of Rain", &["Sample Institute for the Study of Rain"]),
            ("— by Petra Sample", &["Petra Sample"]),
            ("By ", &["By"]),
        ] {
            assert_eq!(names(byline), expected, "{byline}");
        }
    }

    #[test]
    fn a_name_in_quotation_marks_is_not_parted() {
        for (byline, expected) in [
            ("Центр «Мир и дом»", &["Центр «Мир и дом»"][..]),
            ("Анна Примерян и Центр «Мир и дом»", &["Анна Примерян", "Центр «Мир и дом»"]),
            ("Анна «Аня Примерян и Петра Образцова", &["Анна «Аня Примерян", "Петра Образцова"]),
        ] {
            assert_eq!(names(byline), expected, "{byline}");
        }
    }

    #[test]
    fn logins_name_nobody() {
        for login in ["press", "Superuser", "Content Manager", "модератор"] {
            assert!(!is_name(login, None), "{login}");
        }
        assert!(is_name("Press Examplesen", None));
    }
}
