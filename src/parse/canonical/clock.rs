//! Finds the time of day and the zone within a date that people wrote.

use super::{months, zones};

/// A run of digits, a run of letters, or a mark. White space is a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Number(&'a str),
    Word(&'a str),
    Mark(char),
}

pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut res = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_same = |c: char| match first {
            '0'..='9' => c.is_ascii_digit(),
            _ => c.is_alphabetic() || c == '\u{307}',
        };
        let length = match first.is_ascii_digit() || first.is_alphabetic() {
            true => rest.find(|c| !is_same(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let Some((piece, after)) = rest.split_at_checked(length.max(1)) else { break };
        res.push(match first {
            '0'..='9' => Piece::Number(piece),
            c if c.is_alphabetic() => Piece::Word(piece),
            c => Piece::Mark(c),
        });
        rest = after;
    }
    res
}

fn number(piece: Option<&Piece<'_>>) -> Option<u32> {
    match piece {
        Some(Piece::Number(it)) => it.parse().ok(),
        _ => None,
    }
}

/// The number, where it has at most two digits.
fn short(piece: Option<&Piece<'_>>) -> Option<u32> {
    number(piece.filter(|it| matches!(it, Piece::Number(it) if it.len() <= 2)))
}

/// The time of day, the zone, and the pieces that are neither.
#[derive(Debug, Default)]
pub(super) struct Clock<'a> {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    /// Minutes east of Greenwich.
    pub(super) offset: Option<i32>,
    /// Written with "am" or "pm".
    pub(super) is_half_day: bool,
    pub(super) rest: Vec<Piece<'a>>,
}

impl<'a> Clock<'a> {
    /// `None` if the time of day is impossible.
    pub(super) fn find(pieces: &[Piece<'a>]) -> Option<Self> {
        let at = (0..pieces.len()).find(|at| {
            let is_hour = short(pieces.get(*at)).is_some() && short(pieces.get(at + 2)).is_some();
            is_hour && matches!(pieces.get(at + 1), Some(Piece::Mark(':') | Piece::Word("h")))
        });
        let Some(at) = at else { return Self::compact(pieces) };
        let mut res = Self {
            hour: short(pieces.get(at))?,
            minute: short(pieces.get(at + 2))?,
            rest: pieces.get(..at)?.to_vec(),
            ..Self::default()
        };
        // The "T" of ISO 8601, or a word such as "at".
        if let Some(Piece::Word("t" | "at" | "um" | "в" | "о")) = res.rest.last() {
            res.rest.pop();
        }
        let mut after = pieces.get(at + 3..)?;
        if let [Piece::Mark(':'), second @ Piece::Number(_), rest @ ..] = after {
            res.second = short(Some(second))?;
            after = rest;
        }
        if let [Piece::Mark('.' | ',' | ':'), Piece::Number(_), rest @ ..] = after {
            after = rest;
        }
        after = res.half_day(after);
        if res.hour > 24 || res.minute > 59 || res.second > 60 || (res.hour == 24 && res.minute + res.second > 0) {
            return None;
        }
        after = res.zone(after)?;
        res.rest.push(Piece::Mark(' '));
        res.rest.extend_from_slice(after);
        Some(res)
    }

    /// Without a colon: `20240131T101500Z`, `20240131101500`, or no time at all.
    fn compact(pieces: &[Piece<'a>]) -> Option<Self> {
        let (day, clock, after) = match pieces {
            [Piece::Number(day), Piece::Word("t"), Piece::Number(clock), after @ ..] => (*day, *clock, after),
            [Piece::Number(all), after @ ..] if all.len() == 14 => {
                let (day, clock) = all.split_at_checked(8)?;
                (day, clock, after)
            }
            _ => return Some(Self { rest: pieces.to_vec(), ..Self::default() }),
        };
        let mut res = Self { rest: vec![Piece::Number(day)], ..Self::default() };
        res.set_clock(clock)?;
        res.zone(after)?;
        Some(res)
    }

    fn set_clock(&mut self, digits: &str) -> Option<()> {
        let two = |at: usize| digits.get(at..at + 2).and_then(|it| it.parse().ok());
        self.hour = two(0).filter(|it| *it < 24)?;
        self.minute = two(2).filter(|it| *it < 60)?;
        self.second = two(4).unwrap_or(0);
        Some(())
    }

    fn half_day<'b>(&mut self, after: &'b [Piece<'a>]) -> &'b [Piece<'a>] {
        let (word, rest) = match after {
            [Piece::Mark(' '), Piece::Word(word), rest @ ..] | [Piece::Word(word), rest @ ..] => (*word, rest),
            _ => ("", after),
        };
        let (("a" | "p", [Piece::Mark('.'), Piece::Word("m"), Piece::Mark('.'), rest @ ..]) | ("am" | "pm", rest)) =
            (word, rest)
        else {
            return self.korean_half_day(after);
        };
        self.is_half_day = true;
        if word.starts_with('p') && self.hour < 12 {
            self.hour += 12;
        } else if word.starts_with('a') && self.hour == 12 {
            self.hour = 0;
        }
        rest
    }

    /// 오전 and 오후 stand before the hour.
    fn korean_half_day<'b>(&mut self, after: &'b [Piece<'a>]) -> &'b [Piece<'a>] {
        if self.rest.contains(&Piece::Word("오후")) && self.hour < 12 {
            self.hour += 12;
        } else if self.rest.contains(&Piece::Word("오전")) && self.hour == 12 {
            self.hour = 0;
        }
        after
    }

    /// Reads the zone at the start of `after`; what follows it. `None` where an offset cannot be.
    fn zone<'b>(&mut self, after: &'b [Piece<'a>]) -> Option<&'b [Piece<'a>]> {
        let skipped = after.iter().take_while(|it| matches!(it, Piece::Mark(' ' | '(' | '.' | ','))).count();
        let mut rest = after.get(skipped..)?;
        if let [Piece::Word("etc"), Piece::Mark('/'), tail @ ..] = rest {
            rest = tail;
        }
        if let [Piece::Word(name), tail @ ..] = rest
            && let Some(offset) = zones::offset(name).filter(|_| !matches!(tail.first(), Some(Piece::Mark('/'))))
        {
            self.offset = Some(offset);
            rest = tail;
            if offset != 0 {
                return Some(rest);
            }
        }
        let spaces = rest.iter().take_while(|it| **it == Piece::Mark(' ')).count();
        let Some([Piece::Mark(sign @ ('+' | '-')), Piece::Number(digits), tail @ ..]) = rest.get(spaces..) else {
            return match rest {
                [Piece::Mark('+' | '-'), Piece::Word(_), ..] => None,
                _ => Some(rest),
            };
        };
        // In `10:00 - 5 March 2024` and `10:00 - 05.03.2024` the day follows.
        let is_day = match tail {
            [Piece::Mark('/' | '.' | '-'), Piece::Number(_), ..] => true,
            [Piece::Mark(' '), Piece::Word(word), ..] => digits.len() < 3 && months::named(word).is_some(),
            _ => false,
        };
        if is_day {
            return Some(rest);
        }
        let (hours, minutes, tail) = match (digits.len(), tail) {
            (1 | 2, [Piece::Mark(':'), Piece::Number(minutes), tail @ ..]) => (*digits, *minutes, tail),
            (1 | 2, tail) => (*digits, "0", tail),
            (3 | 4, tail) => {
                let (hours, minutes) = digits.split_at_checked(digits.len() - 2)?;
                (hours, minutes, tail)
            }
            _ => return None,
        };
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let east = hours * 60 + minutes;
        self.offset = Some(if *sign == '-' { -east } else { east });
        Some(tail.strip_prefix(&[Piece::Word("z")]).unwrap_or(tail))
    }
}
