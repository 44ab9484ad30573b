//! Dates as people and programs write them.

mod calendar;
mod clock;
mod months;
mod relative;
mod tokens;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

use crate::model::Timestamp;

pub(in crate::extract) use self::relative::relative;

use self::{
    calendar::{is_plausible, is_year, of},
    clock::{MAX_BEFORE, clock, clock_before},
    months::month_of,
    tokens::{MAX_CHARS, Token},
};

/// A date found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Written {
    /// The day as it is written, in whatever zone that is.
    pub(in crate::extract) day: NaiveDate,
    /// The time of day beside it.
    pub(in crate::extract) time: Option<NaiveTime>,
    /// The zone that follows the time.
    pub(in crate::extract) offset: Option<FixedOffset>,
    /// The day if day and month are read in the other order.
    pub(in crate::extract) swapped: Option<NaiveDate>,
}

impl Written {
    /// The moment; midnight where no time is given, UTC where no zone is.
    pub(in crate::extract) fn at(&self) -> Timestamp {
        let local = self.day.and_time(self.time.unwrap_or_default());
        let offset = self.offset.map_or(0, |it| it.local_minus_utc());
        local.checked_sub_signed(TimeDelta::seconds(offset.into())).unwrap_or(local).and_utc()
    }
}

/// The dates of a text in order. `month_first`: `3/4/2020` is in March.
pub(in crate::extract) fn find(text: &str, month_first: bool) -> Vec<Written> {
    if !text.chars().take(MAX_CHARS).any(char::is_numeric) {
        return Vec::new();
    }
    let tokens = tokens::of(text);
    let mut res = Vec::new();
    // The end of the tokens that belong to a date already read.
    let (mut at, mut taken) = (0, 0);
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        // The end of a longer number is not a day.
        let Some((day, swapped, length)) = date(rest, month_first) else {
            at += 1;
            continue;
        };
        let before = tokens.get(taken.max(at.saturating_sub(MAX_BEFORE))..at).unwrap_or_default();
        at += length;
        taken = at;
        let rest = tokens.get(at..).unwrap_or_default();
        let (before, after) = (clock_before(before), clock(rest));
        // `12:10, 26 November 2026. Updated 9:30, 27 November 2026`: each time stands before its day.
        let is_of_next = || {
            let rest = rest.get(after.2..).unwrap_or_default();
            (0..=2).any(|it| rest.get(it..).is_some_and(|it| date(it, month_first).is_some()))
        };
        let (time, offset) = match after {
            (Some(time), offset, used) if before.0.is_none() || !is_of_next() => {
                taken += used;
                (Some(time), offset)
            }
            _ => before,
        };
        res.push(Written { day, time, offset, swapped });
    }
    res
}

/// A moment as programs write it: RFC 3339 and what resembles it, RFC 2822, seconds or milliseconds since 1970,
/// `20200131`, or a date in words.
pub(in crate::extract) fn value(text: &str) -> Option<Written> {
    let text = text.trim();
    if text.len() > 100 {
        return None;
    }
    let of = |it: DateTime<FixedOffset>| Written {
        day: it.date_naive(),
        time: Some(it.time()),
        offset: Some(*it.offset()),
        swapped: None,
    };
    if let Ok(it) = DateTime::parse_from_rfc3339(text) {
        return is_plausible(it.year()).then(|| of(it));
    }
    if text.bytes().all(|it| it.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            10 => DateTime::from_timestamp(number, 0).map(|it| of(it.fixed_offset())),
            13 => DateTime::from_timestamp_millis(number).map(|it| of(it.fixed_offset())),
            8 | 12 | 14 => {
                let day = NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()?;
                let time = text.get(8..12).and_then(|it| NaiveTime::parse_from_str(it, "%H%M").ok());
                Some(Written { day, time, offset: None, swapped: None })
            }
            _ => None,
        }
        .filter(|it| is_plausible(it.day.year()));
    }
    find(text, false).into_iter().next()
}

/// A date at the start of the tokens, the same read the other way round, and how many tokens it takes.
fn date(tokens: &[Token], month_first: bool) -> Option<(NaiveDate, Option<NaiveDate>, usize)> {
    use Token::{Mark, Number, Word};
    match tokens {
        [Number(year, 4), Word(a), Number(month, 1..=2), Word(b), Number(day, 1..=2), ..]
            if matches!(a.as_str(), "年" | "년") && matches!(b.as_str(), "月" | "월") =>
        {
            Some((of(*year, *month, *day)?, None, 5))
        }
        [Number(year, 4), Mark(a), Number(month, 1..=2), Mark(b), Number(day, 1..=2), ..]
            if a == b && is_separator(*a) =>
        {
            Some((of(*year, *month, *day)?, None, 5))
        }
        [Number(x, 1..=2), Mark(a), Number(y, 1..=2), Mark(b), Number(year, digits @ (2 | 4)), ..]
            if a == b && is_separator(*a) && (*digits == 4 || *a != '-') =>
        {
            let year = if *digits == 2 { 2_000 + *year } else { *year };
            let (day_first, month_first_) = (of(year, *y, *x), of(year, *x, *y));
            // Whoever separates with dots puts the day first.
            let (one, other) = match month_first && *a != '.' {
                true => (month_first_, day_first),
                false => (day_first, month_first_),
            };
            let day = one.or(other)?;
            Some((day, other.filter(|it| *it != day), 5))
        }
        [Number(day, 1..=2), rest @ ..] => {
            let (month, after) = month_word(rest, 2)?;
            let (year, used) = year(rest.get(after..)?)?;
            Some((of(year, month, *day)?, None, 1 + after + used))
        }
        [Number(year, 4), rest @ ..] => {
            if let Some((month, after)) = month_word(rest, MOST_AFTER_YEAR) {
                let day = fillers(rest.get(after..)?, 2);
                let Some(Number(number, 1..=2)) = rest.get(after + day) else { return None };
                return Some((of(*year, month, *number)?, None, 2 + after + day));
            }
            // `2026 წლის 22 იანვარი`; without the word the year may be the end of something else.
            let skipped = year_words(rest);
            let Some(Number(day, 1..=2)) = rest.get(skipped).filter(|_| skipped > 0) else { return None };
            let (month, after) = month_word(rest.get(skipped + 1..)?, 2)?;
            Some((of(*year, month, *day)?, None, 2 + skipped + after))
        }
        [Word(word), rest @ ..] => {
            let month = month_of(word)?;
            let day = fillers(rest, 2);
            let Some(Number(number, 1..=2)) = rest.get(day) else { return None };
            let (year, used) = year(rest.get(day + 1..)?)?;
            Some((of(year, month, *number)?, None, 2 + day + used))
        }
        _ => None,
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '/' | '.' | '–' | '‑')
}

/// So many tokens may stand between a year and the month after it: `2026-cı ilin yanvarı`.
const MOST_AFTER_YEAR: usize = 3;

/// A month after a day or a year, at most so many tokens away, and how many tokens that takes.
fn month_word(tokens: &[Token], most: usize) -> Option<(u32, usize)> {
    let skipped = fillers(tokens, most);
    let Some(Token::Word(word)) = tokens.get(skipped) else { return None };
    Some((month_of(word)?, skipped + 1))
}

/// A year after day and month, and how many tokens that takes. `January 12, 2026`, `12 Jan '26`.
fn year(tokens: &[Token]) -> Option<(u32, usize)> {
    let skipped = fillers(tokens, 3);
    match tokens.get(skipped)? {
        Token::Number(year, 4) => Some((*year, skipped + 1)),
        Token::Number(year @ 10..=40, 2) => {
            let rest = tokens.get(skipped + 1..)?;
            let is_clock = matches!(rest.first(), Some(Token::Mark(':')));
            // `14:20 | January 26, 2026`: what stands before the month is none of the date.
            let is_day = matches!(rest.get(fillers(rest, 3)), Some(Token::Number(it, 4)) if is_year(*it));
            (!is_clock && !is_day).then_some((2_000 + *year, skipped + 1))
        }
        _ => None,
    }
}

/// How many tokens after a year say that it is one.
fn year_words(tokens: &[Token]) -> usize {
    let is_one = |it: &Token| match it {
        Token::Word(word) => YEAR_WORDS.contains(&word.as_str()),
        _ => false,
    };
    let n_tokens = fillers(tokens, MOST_AFTER_YEAR);
    if tokens.iter().take(n_tokens).any(is_one) { n_tokens } else { 0 }
}

/// What follows the number of a year that stands before the day, in Azerbaijani, Armenian, Georgian, Russian and
/// Ukrainian.
const YEAR_WORDS: &[&str] =
    &["il", "ilin", "թ", "թվական", "թվականի", "წ", "წლის", "წელი", "წელს", "год", "года", "році", "року"];

/// How many tokens from the start say nothing: `12. of January, 2026`, `12 de enero de 2026`, `the 1st of`.
fn fillers(tokens: &[Token], most: usize) -> usize {
    let says_nothing = |it: &&Token| match it {
        Token::Mark(c) => matches!(c, ',' | '.' | '-' | '/' | '\'' | '’' | '،' | '–' | '‑' | '|'),
        Token::Word(word) => {
            matches!(
                word.as_str(),
                "de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "er" | "the" | "º" | "ª" | "ին" | "ը"
                    // `آبان ماه`, the month of Aban; `2026-cı il`.
                    | "ماه" | "ci" | "cı" | "cu" | "cü"
            ) || YEAR_WORDS.contains(&word.as_str())
        }
        Token::Number(..) => false,
    };
    tokens.iter().take(most).take_while(says_nothing).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = find(text, false);
        let found = found.first().map(|it| it.day.to_string()).unwrap_or_default();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_dates_of_the_region() {
        for text in [
            "Published on January 22, 2026 at 10:05",
            "Thursday, 22 January 2026",
            "Jan. 22nd, 2026",
            "22.01.2026 09:30",
            "22/01/2026",
            "22.01.26, 09:30",
            "2026-01-22T09:30:00+04:00",
            "22 января 2026 г.",
            "22 січня 2026, 10:05",
            "22 yanvar 2026, 15:30",
            "Yanvar 22, 2026",
            "22 Ocak 2026 Perşembe",
            "22 հունվարի, 2026",
            "Հունվար 22, 2026",
            "22 იანვარი, 2026",
            "22 იანვარი 2026 წ.",
            "۲ بهمن ۱۴۰۴",
            "۱۴۰۴/۱۱/۰۲ - ۱۲:۱۰",
            "۲۲ ژانویه ۲۰۲۶",
            "22 de enero de 2026",
            "22. Januar 2026",
            "2026年1月22日",
            "2026년 1월 22일",
        ] {
            check(text, "2026-01-22");
        }
        for text in [
            "22 Січ 2026",
            "2026 წლის 22 იანვარი",
            "22 იან, 2026",
            "2026 թվականի հունվարի 22",
            "2026 թ. հունվարի 22",
            "22 Հնվ, 2026",
            "2026-cı il 22 yanvar",
            "2026-cı ilin 22 yanvarı",
            "22 yanvar 2026-cı il",
            "22 yan 2026",
            "۲ بهمن ماه ۱۴۰۴",
            "2026 року 22 січня",
        ] {
            check(text, "2026-01-22");
        }
        for (text, expected) in [
            ("5 Бер 2025", "2025-03-05"),
            ("5 Кві 2025", "2025-04-05"),
            ("5 Тра 2025", "2025-05-05"),
            ("5 Чер 2025", "2025-06-05"),
            ("5 Сер 2025", "2025-08-05"),
            ("5 Вер 2025", "2025-09-05"),
            ("5 Жов 2025", "2025-10-05"),
            ("5 Лис 2025", "2025-11-05"),
            ("5 Гру 2025", "2025-12-05"),
            ("5 Փտվ 2025", "2025-02-05"),
            ("5 Մրտ 2025", "2025-03-05"),
            ("5 Մյս 2025", "2025-05-05"),
            ("5 Հնս 2025", "2025-06-05"),
            ("5 Հլս 2025", "2025-07-05"),
            ("5 Սպտ 2025", "2025-09-05"),
            ("5 Հկտ 2025", "2025-10-05"),
            ("5 Նմբ 2025", "2025-11-05"),
            ("5 Դկտ 2025", "2025-12-05"),
            ("5 აგვის. 2025", "2025-08-05"),
            ("۵ امرداد ۱۴۰۵", "2026-07-27"),
        ] {
            check(text, expected);
        }
        check("5 июня 2025", "2025-06-05");
        check("5 հունիսի 2025", "2025-06-05");
        check("5 iyul 2025", "2025-07-05");
        check("15 Mayıs 2025", "2025-05-15");
        check("5 მაისი, 2025", "2025-05-05");
    }

    #[test]
    fn a_number_before_the_month_is_no_day_where_day_and_year_follow() {
        for text in [
            "14:20 | January 22, 2026",
            "14:20, January 22, 2026",
            "14:20 Հունվար 22 2026",
            "Vol. 12 - Jan 22, 2026",
            "Comments 7 | Январь 22, 2026",
            "22 Jan 26, 14:20",
        ] {
            check(text, "2026-01-22");
        }
        assert_eq!(
            find("14:20 | January 22, 2026", false).first().unwrap().at().to_string(),
            "2026-01-22 14:20:00 UTC"
        );
        check("Jan 22, 26", "2026-01-22");
        // The end of another number.
        check("the 2026 22 January team", "");
    }

    #[test]
    fn the_time_may_stand_on_either_side() {
        for (text, expected) in [
            ("12:10, 27 ноября 2026", "2026-11-27 12:10:00 UTC"),
            ("12:10, 27 листопада 2026", "2026-11-27 12:10:00 UTC"),
            ("12:10, Friday, November 27, 2026", "2026-11-27 12:10:00 UTC"),
            ("Updated at 12:10 PM GMT on Friday 27 November 2026", "2026-11-27 12:10:00 UTC"),
            ("1:05 p.m. ET, November 27, 2026", "2026-11-27 13:05:00 UTC"),
            ("12:10 +0400 27.11.2026", "2026-11-27 08:10:00 UTC"),
            ("12:10 | 27.11.2026", "2026-11-27 12:10:00 UTC"),
            ("12:10, 27 noyabr 2026", "2026-11-27 12:10:00 UTC"),
            ("12:10 - 27 Kasım 2026 Cuma", "2026-11-27 12:10:00 UTC"),
            ("12:10, 27 նոյեմբերի, 2026", "2026-11-27 12:10:00 UTC"),
            ("12:10 27 ნოემბერი, 2026", "2026-11-27 12:10:00 UTC"),
            ("۱۲:۱۰ - ۶ آذر ۱۴۰۵", "2026-11-27 12:10:00 UTC"),
            ("Video 3:45 | 27 November 2026, 12:10", "2026-11-27 12:10:00 UTC"),
            ("12:10 was the score of the 3 sets of 27 November 2026", "2026-11-27 00:00:00 UTC"),
            ("2:1, 27 ноября 2026", "2026-11-27 00:00:00 UTC"),
        ] {
            assert_eq!(find(text, false).first().unwrap().at().to_string(), expected, "{text}");
        }
        let both = find("Published 26 November 2026 10:00 Updated 27 November 2026", false);
        assert_eq!(both.last().unwrap().time, None);
        let both = find("10:00, 26 November 2026. Updated: 12:10, 27 November 2026 | 12:30, 28 November 2026", false);
        let both: Vec<_> = both.iter().map(|it| it.at().to_string()).collect();
        assert_eq!(both, ["2026-11-26 10:00:00 UTC", "2026-11-27 12:10:00 UTC", "2026-11-28 12:30:00 UTC"]);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "NATO 2026",
            "10 of 12",
            "version 1.2.3",
            "may 5",
            "31.02.2026",
            "12:30",
            "99/99/2026",
            "COP29 in 2024",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_told() {
        assert_eq!(find("3/4/2020", true).first().unwrap().day.to_string(), "2020-03-04");
        assert_eq!(find("3/4/2020", false).first().unwrap().day.to_string(), "2020-04-03");
        assert_eq!(find("3/14/2020", false).first().unwrap().day.to_string(), "2020-03-14");
    }

    #[test]
    fn reads_what_programs_write() {
        for (text, expected) in [
            ("2026-01-22T09:30:00+04:00", "2026-01-22 05:30:00 UTC"),
            ("2026-01-22T09:30:00.123+0400", "2026-01-22 05:30:00 UTC"),
            ("2026-01-22 09:30", "2026-01-22 09:30:00 UTC"),
            ("Thu, 22 Jan 2026 09:30:00 +0400", "2026-01-22 05:30:00 UTC"),
            ("20260122", "2026-01-22 00:00:00 UTC"),
            ("1769059800", "2026-01-22 05:30:00 UTC"),
        ] {
            assert_eq!(value(text).unwrap().at().to_string(), expected, "{text}");
        }
        assert_eq!(value("12345"), None);
    }

    #[test]
    fn distances_are_counted_from_the_fetch() {
        let now = "2026-01-22T10:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("3 hours ago", "2026-01-22 07:00:00"),
            ("2 дня назад", "2026-01-20 10:00:00"),
            ("5 saat önce", "2026-01-22 05:00:00"),
            ("10 dəqiqə əvvəl", "2026-01-22 09:50:00"),
            ("2 საათის წინ", "2026-01-22 08:00:00"),
            ("3 ժամ առաջ", "2026-01-22 07:00:00"),
            ("۲ ساعت پیش", "2026-01-22 08:00:00"),
            ("вчора, 12:00", "2026-01-21 12:00:00"),
            ("вчора", "2026-01-21 10:00:00"),
            ("Bugün 08:05", "2026-01-22 08:05:00"),
            ("08:05, bu gün", "2026-01-22 08:05:00"),
            ("9:05 PM, yesterday", "2026-01-21 21:05:00"),
        ] {
            assert_eq!(relative(text, now).unwrap().to_string(), expected, "{text}");
        }
        // The clock is that of the site: at half past midnight in Baku it is the day before in UTC.
        let night = "2026-01-21T20:30:00Z".parse().unwrap();
        for (text, expected) in [
            ("Bugün 00:10", "2026-01-21 20:30:00"),
            ("Bugün 07:00", "2026-01-21 07:00:00"),
            ("Dünən 07:00", "2026-01-20 07:00:00"),
            ("Вчера, 23:40", "2026-01-20 23:40:00"),
        ] {
            assert_eq!(relative(text, night).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(relative("NATO expanded eastward long ago, said the minister of defence of Georgia", now), None);
    }
}
