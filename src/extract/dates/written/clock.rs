//! Times of day beside dates.

use chrono::{FixedOffset, NaiveTime};

use super::tokens::Token;

/// Maximum tokens before a date that may hold the time: a clock, its zone, the day of the week.
pub(super) const MAX_BEFORE: usize = 14;

/// Maximum other tokens between a date and a time.
const MAX_GAP: usize = 5;

/// A time of day, its zone, and how many tokens both take.
type Clock = (Option<NaiveTime>, Option<FixedOffset>, usize);

/// The time of day after a date.
pub(super) fn clock(tokens: &[Token]) -> Clock {
    let gap = tokens.iter().take(MAX_GAP).take_while(|it| !matches!(it, Token::Number(..))).count();
    let (time, offset, used) = clock_at(tokens.get(gap..).unwrap_or_default());
    (time, offset, gap + used)
}

/// The time of day, and its zone, at the end of the tokens before a date: `12:10, 27 November 2026`.
pub(super) fn clock_before(tokens: &[Token]) -> (Option<NaiveTime>, Option<FixedOffset>) {
    let is_mark = |it: &[Token]| matches!(it, [Token::Number(..), Token::Mark(':'), Token::Number(..)]);
    let Some(at) = tokens.windows(3).rposition(is_mark) else { return (None, None) };
    // Of hours, minutes and seconds the last two were found.
    let is_longer = |it: usize| tokens.get(it..at + 1).is_some_and(is_mark);
    let at = at.checked_sub(2).filter(|it| is_longer(*it)).unwrap_or(at);
    let rest = tokens.get(at..).unwrap_or_default();
    let (time, offset, used) = clock_at(rest);
    let gap = rest.get(used..).unwrap_or_default();
    match gap.len() <= MAX_GAP && !gap.iter().any(|it| matches!(it, Token::Number(..))) {
        true => (time, offset),
        false => (None, None),
    }
}

/// The time of day at the start of the tokens.
pub(super) fn clock_at(rest: &[Token]) -> Clock {
    use Token::{Mark, Number, Word};
    let n_tokens = rest.len();
    let (mut hour, minute, second, used) = match rest {
        [Number(hour, 1..=2), Mark(':'), Number(minute, 2), Mark(':'), Number(second, 2), ..] => {
            (*hour, *minute, *second, 5)
        }
        [Number(hour, 1..=2), Mark(':' | '.'), Number(minute, 2), ..] => (*hour, *minute, 0, 3),
        _ => return (None, None, 0),
    };
    let mut rest = rest.get(used..).unwrap_or_default();
    // Fractions of a second.
    if let [Mark('.'), Number(..), after @ ..] = rest {
        rest = after;
    }
    let (half, after) = match rest {
        [Word(word), after @ ..] if matches!(word.as_str(), "am" | "pm") => (word.as_str(), after),
        [Word(a), Mark('.'), Word(m), Mark('.'), after @ ..] if m == "m" => (a.as_str(), after),
        _ => ("", rest),
    };
    let rest = after;
    match half {
        "pm" | "p" if hour < 12 => hour += 12,
        "am" | "a" if hour == 12 => hour = 0,
        _ => (),
    }
    let Some(time) = NaiveTime::from_hms_opt(hour, minute, second) else { return (None, None, 0) };
    let offset = |sign: char, hours: u32, minutes: u32| {
        let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
        FixedOffset::east_opt(if sign == '-' { -seconds } else { seconds })
    };
    let (zone, of_zone) = match rest {
        [Word(word), ..] if matches!(word.as_str(), "z" | "utc" | "gmt") => (offset('+', 0, 0), 1),
        [Mark(sign @ ('+' | '-')), Number(hours @ 0..=14, 1..=2), Mark(':'), Number(minutes @ 0..=59, 2), ..] => {
            (offset(*sign, *hours, *minutes), 4)
        }
        [Mark(sign @ ('+' | '-')), Number(number @ 0..=1_459, 4), ..] => (offset(*sign, number / 100, number % 100), 2),
        _ => (None, 0),
    };
    (Some(time), zone, n_tokens - rest.len() + of_zone)
}
