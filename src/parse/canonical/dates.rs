//! Dates of feeds, in every form met so far: RFC 822 and 2822, RFC 3339 and the rest of ISO 8601, Unix time,
//! and what people write. The tables of feedparser, gofeed and Miniflux are covered.
//!
//! A date is read piece by piece: the time of day is found first, then the zone behind it, and what is left is
//! the day. A date without a zone is read as UTC.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::{
    clock::{Clock, Piece, pieces},
    months::{self, Month},
};

/// Longer texts are no dates.
const MAX_BYTES: usize = 150;

/// The moment that a text names. Without a zone it is read as UTC.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    parse_in(text, Tz::UTC)
}

/// The moment that a text names. Without a zone it is read as in `zone`.
pub(super) fn parse_in(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    if let Ok(it) = DateTime::parse_from_rfc3339(text) {
        return plausible(it.to_utc());
    }
    let plain = plain(text);
    if let Some(it) = unix_time(&plain) {
        return plausible(it);
    }
    let pieces = pieces(&plain);
    let clock = Clock::find(&pieces)?;
    let day = day(&clock.rest, clock.is_half_day)?;
    let local = day.and_hms_opt(clock.hour % 24, clock.minute, clock.second.min(59))?;
    // 24:00 is the next day's start: ISO 8601 §4.2.3.
    let local = local.checked_add_days(Days::new(u64::from(clock.hour / 24)))?;
    let utc = match clock.offset {
        Some(minutes) => FixedOffset::east_opt(minutes * 60)?.from_local_datetime(&local).earliest()?.to_utc(),
        None => in_zone(text, local, zone),
    };
    plausible(utc)
}

/// The moment in the IANA zone that the text names, else in `zone`; a Korean text means Korean time.
fn in_zone(text: &str, local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // `12:00[Europe/Moscow]`, as RFC 9557 and Java write it.
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']'));
    let named = words.find_map(|it| it.contains('/').then(|| it.parse::<Tz>().ok())?);
    let korean = text.contains(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c)).then_some(Tz::Asia__Seoul);
    let zone = named.or(korean).unwrap_or(zone);
    zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |it| it.to_utc())
}

/// Programs write a missing date as the year 1 or 1970, and RFC 3339 has no years of five digits.
fn plausible(it: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let year = chrono::Datelike::year(&it);
    (1971..=9999).contains(&year).then_some(it)
}

/// Lower case, ASCII digits and dashes, one kind of space.
fn plain(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .map(|c| match c {
            '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => char::from_digit(u32::from(c) & 0xf, 10).unwrap_or(c),
            '\u{60c}' => ',',
            'ي' => 'ی',
            'ك' => 'ک',
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '年' | '月' | '년' | '월' => '-',
            '日' | '일' => ' ',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect::<String>()
        .replace("- ", "-")
}

/// Seconds or milliseconds since 1970.
fn unix_time(text: &str) -> Option<DateTime<Utc>> {
    if !text.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        10 => DateTime::from_timestamp(text.parse().ok()?, 0),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?),
        _ => None,
    }
}

/// The day that the pieces name.
fn day(pieces: &[Piece<'_>], is_half_day: bool) -> Option<NaiveDate> {
    numeric(pieces, is_half_day).or_else(|| with_month_name(pieces)).or_else(|| one_number(pieces))
}

/// `2024-01-31`, `31.01.2024`, `01/31/2024`, `2024-031`, `2024-01`.
fn numeric(pieces: &[Piece<'_>], is_half_day: bool) -> Option<NaiveDate> {
    let is_mark = |it: &Piece<'_>| matches!(it, Piece::Mark('-' | '/' | '.'));
    for (at, piece) in pieces.iter().enumerate() {
        let (Piece::Number(a), Some([mark, Piece::Number(b)])) = (piece, pieces.get(at + 1..at + 3)) else { continue };
        if !is_mark(mark) {
            continue;
        }
        let third = match pieces.get(at + 3..at + 5) {
            Some([mark, Piece::Number(c)]) if is_mark(mark) => Some(*c),
            _ => None,
        };
        let (first, second) = (a.parse().ok()?, b.parse().ok()?);
        return match (a.len(), b.len(), third) {
            (4, 3, None) => NaiveDate::from_yo_opt(year(a)?, second),
            (4, _, Some(c)) => gregorian_or_persian(year(a)?, second, c.parse().ok()?),
            (4, _, None) => gregorian_or_persian(year(a)?, second, 1),
            // -03-12: ISO 8601 of 1988.
            (2, 2, None) if at == 1 && pieces.first() == Some(&Piece::Mark('-')) => {
                NaiveDate::from_ymd_opt(year(a)?, second, 1)
            }
            (_, _, Some(c)) if c.len() == 2 && *mark == Piece::Mark('-') => {
                let short = NaiveDate::from_ymd_opt(year(a)?, second, c.parse().ok()?);
                short.or_else(|| NaiveDate::from_ymd_opt(year(c)?, second, first))
            }
            (_, _, Some(c)) => {
                let american = *mark == Piece::Mark('/') && is_half_day && first <= 12;
                let (day, month) = if american || second > 12 { (second, first) } else { (first, second) };
                gregorian_or_persian(year(c)?, month, day)
            }
            (_, _, None) => continue,
        };
    }
    None
}

/// `31 January 2024`, `Jan. 31, 2024`, `January 2024`.
fn with_month_name(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    let words: Vec<_> = pieces.iter().filter(|it| !matches!(it, Piece::Mark(_))).collect();
    let is_number = |at: usize| matches!(words.get(at), Some(Piece::Number(_)));
    let months = words.iter().enumerate().filter_map(|(at, it)| match it {
        Piece::Word(word) => {
            let neighbours = u32::from(at > 0 && is_number(at - 1)) + u32::from(is_number(at + 1));
            (neighbours > 0).then_some(())?;
            Some((neighbours, at, months::named(word)?))
        }
        _ => None,
    });
    // A weekday may look like a month ("mar. 12 mars"): the month has more numbers beside it, or comes later.
    let (_, at, month) = months.max_by_key(|(neighbours, at, _)| (*neighbours, *at))?;
    let numbers: Vec<_> = words
        .iter()
        .enumerate()
        .filter_map(|(at, it)| match it {
            Piece::Number(it) => Some((at, *it)),
            _ => None,
        })
        .collect();
    let full = numbers.iter().find(|(_, it)| it.len() == 4);
    let two_digits = numbers.iter().skip(1).rfind(|(_, it)| it.len() == 2);
    let (year_at, year_digits) = full.or(two_digits)?;
    let days = numbers.iter().filter(|(at, it)| at != year_at && it.len() <= 2);
    let day = days.min_by_key(|(it, _)| it.abs_diff(at)).map_or(Ok(1), |(_, it)| it.parse()).ok()?;
    match month {
        Month::Gregorian(month) => NaiveDate::from_ymd_opt(year(year_digits)?, month, day),
        Month::Persian(month) => persian(year(year_digits)?, month, day),
    }
}

/// `20240131`, `2024031`, `2024`, and the two-digit years of old ISO 8601: `240131`, `24031`, `-2401`.
fn one_number(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    let mut numbers = pieces.iter().filter_map(|it| match it {
        Piece::Number(it) => Some(*it),
        _ => None,
    });
    let it = numbers.next().filter(|_| numbers.next().is_none())?;
    let part = |from: usize, to: usize| it.get(from..to);
    let value = |from: usize, to: usize| part(from, to).and_then(|it| it.parse::<u32>().ok());
    let dashed = pieces.first() == Some(&Piece::Mark('-'));
    match it.len() {
        8 => NaiveDate::from_ymd_opt(year(part(0, 4)?)?, value(4, 6)?, value(6, 8)?),
        7 => NaiveDate::from_yo_opt(year(part(0, 4)?)?, value(4, 7)?),
        6 => NaiveDate::from_ymd_opt(year(part(0, 2)?)?, value(2, 4)?, value(4, 6)?),
        5 => NaiveDate::from_yo_opt(year(part(0, 2)?)?, value(2, 5)?),
        4 if dashed => NaiveDate::from_ymd_opt(year(part(0, 2)?)?, value(2, 4)?, 1),
        4 => NaiveDate::from_ymd_opt(year(it)?, 1, 1),
        _ => None,
    }
}

/// Two digits are a year from 1970 to 2069.
fn year(digits: &str) -> Option<i32> {
    let value: i32 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(value),
        2 if value < 70 => Some(2000 + value),
        2 => Some(1900 + value),
        _ => None,
    }
}

/// The years 1300 to 1499 are of the Persian calendar: no feed has news of the Middle Ages.
fn gregorian_or_persian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    match year {
        1300..=1499 => persian(year, month, day),
        _ => NaiveDate::from_ymd_opt(year, month, day),
    }
}

/// A day of the Persian calendar, by its cycle of 33 years, which is exact from 1178 to 1633.
fn persian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let before = if month < 7 { (month - 1) * 31 } else { (month - 7) * 30 + 186 };
    let years = year + 1595;
    let leap_days = years / 33 * 8 + (years % 33 + 3) / 4;
    let day_of_year = i32::try_from(before + day).ok()?;
    NaiveDate::from_num_days_from_ce_opt(365 * years + leap_days + day_of_year - 356_033)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let written = parse(text).map(|it| it.format("%Y-%m-%d %H:%M:%S").to_string());
        assert_eq!(written.as_deref(), Some(expected).filter(|it| !it.is_empty()), "{text}");
    }

    #[test]
    fn reads_the_standard_forms() {
        check("2024-01-31T10:15:00Z", "2024-01-31 10:15:00");
        check("2024-01-31T10:15:00.123+04:00", "2024-01-31 06:15:00");
        check("2024-01-31T10:15+0400", "2024-01-31 06:15:00");
        check("2024-01-31 10:15:00", "2024-01-31 10:15:00");
        check("2024-01-31", "2024-01-31 00:00:00");
        check("2024-01", "2024-01-01 00:00:00");
        check("2024-031", "2024-01-31 00:00:00");
        check("20240131T101500Z", "2024-01-31 10:15:00");
        check("20240131", "2024-01-31 00:00:00");
        check("Wed, 31 Jan 2024 10:15:00 +0400", "2024-01-31 06:15:00");
        check("31 Jan 24 10:15 GMT", "2024-01-31 10:15:00");
        check("Wed Jan 31 10:15:00 +0000 2024", "2024-01-31 10:15:00");
        check("Wed, 31 Jan 2024 24:00:00 GMT", "2024-02-01 00:00:00");
        check("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31 23:59:59");
        check("1706696100", "2024-01-31 10:15:00");
        check("1706696100000", "2024-01-31 10:15:00");
    }

    #[test]
    fn reads_zones() {
        for zone in
            ["+0400", "+04:00", "+4", "GMT+4", "UTC+04:00", "AMT", "AZT", "(GET)", "Asia/Yerevan", "Asia/Tbilisi"]
        {
            check(&format!("Wed, 31 Jan 2024 10:15:00 {zone}"), "2024-01-31 06:15:00");
        }
        check("Wed, 31 Jan 2024 10:15:00 MSK", "2024-01-31 07:15:00");
        check("Wed, 31 Jul 2024 10:15:00 Europe/Brussels", "2024-07-31 08:15:00");
        check("Wed, 31 Jan 2024 10:15:00 -05:00Z", "2024-01-31 15:15:00");
        check("2024-01-31T10:15:00[Europe/Moscow]", "2024-01-31 07:15:00");
        check("2024-01-31T10:15[Asia/Tbilisi]", "2024-01-31 06:15:00");
        check("2024-01-31T10:15:00+03:00[Europe/Moscow]", "2024-01-31 07:15:00");
        check("2024-01-31T10:15:00[No/Where]", "2024-01-31 10:15:00");
        check("Wed, 31 Jan 2024 10:15:00 Uhr", "2024-01-31 10:15:00");
    }

    /// Found in a test of feeds from the region and its neighbours: all of these were read as UTC.
    #[test]
    fn reads_the_abbreviations_of_neighbours() {
        for (zone, hours) in [
            ("YEKT", 5),
            ("ALMT", 5),
            ("UZT", 5),
            ("TMT", 5),
            ("KGT", 6),
            ("OMST", 6),
            ("KRAT", 7),
            ("NOVT", 7),
            ("WIB", 7),
            ("ICT", 7),
            ("IRKT", 8),
            ("WITA", 8),
            ("YAKT", 9),
            ("VLAT", 10),
        ] {
            check(&format!("Wed, 31 Jan 2024 12:15:00 {zone}"), &format!("2024-01-31 {:02}:15:00", 12 - hours));
        }
        check("Wed, 31 Jan 2024 12:15:00 AFT", "2024-01-31 07:45:00");
        check("Wed, 31 Jan 2024 12:15:00 NPT", "2024-01-31 06:30:00");
    }

    #[test]
    fn reads_what_people_write() {
        check("31.01.2024 10:15", "2024-01-31 10:15:00");
        check("10:15, 31.01.2024", "2024-01-31 10:15:00");
        check("10:15 - 31.01.2024", "2024-01-31 10:15:00");
        check("10:15 - 31 January 2024", "2024-01-31 10:15:00");
        check("31/01/2024", "2024-01-31 00:00:00");
        check("01/31/2024 10:15 PM", "2024-01-31 22:15:00");
        check("03/04/2024 10:15 PM", "2024-03-04 22:15:00");
        check("03/04/2024 22:15", "2024-04-03 22:15:00");
        check("31.01.24", "2024-01-31 00:00:00");
        check("Jan. 31, 2024, 10:15 a.m. EST", "2024-01-31 15:15:00");
        check("January 2024", "2024-01-01 00:00:00");
        check("mar. 12 mars 2024", "2024-03-12 00:00:00");
        check("Ср, 31 января 2024, 10:15 +0300", "2024-01-31 07:15:00");
        check("31 січня 2024 р. о 10:15", "2024-01-31 10:15:00");
        check("31 Ocak 2024 Çarşamba 10:15", "2024-01-31 10:15:00");
        check("31 Yanvar 2024, 10:15", "2024-01-31 10:15:00");
        check("31 հունվարի, 2024 10:15", "2024-01-31 10:15:00");
        check("31 იანვარი, 2024", "2024-01-31 00:00:00");
        check("۳۱ ژانویه ۲۰۲۴", "2024-01-31 00:00:00");
        check("۱۱ بهمن ۱۴۰۲ ساعت ۱۰:۱۵", "2024-01-31 10:15:00");
        check("1402/11/11 10:15", "2024-01-31 10:15:00");
        check("2024년 01월 31일 19:15:00", "2024-01-31 10:15:00");
        check("\u{200e}31 Jan 2024", "2024-01-31 00:00:00");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "soon",
            "0001-01-01T00:00:00Z",
            "1970-01-01",
            "2024-13-45",
            "Wed, 99 Jan 2024 10:15:00 GMT",
            "Wed, 31 Jan 2024 25:00:00 GMT",
            "Wed, 31 Jan 2024 10:15:00 +99:00",
            "12345678901234567890",
            "://",
            "1 2 3 4",
        ] {
            check(text, "");
        }
        check(&"1".repeat(500), "");
        check(&"2024-".repeat(20), "");
    }

    #[test]
    fn any_date_is_read_or_is_none() {
        let corpus: Vec<_> = include_str!("../../../tests/fixtures/fuzz/dates.txt").lines().collect();
        let cases = bolero::check!().with_iterations(5_000).with_type::<(u8, u8, Vec<u8>)>();
        cases.for_each(|(which, at, pieces)| {
            const PIECES: &[&str] = &[
                "31",
                "1",
                "2024",
                "24",
                "99",
                "0",
                "-",
                "/",
                ".",
                ":",
                " ",
                ", ",
                "T",
                "Z",
                "+04:00",
                "-99:99",
                "Jan",
                "января",
                "հունվարի",
                "იანვარი",
                "ژانویه",
                "۱۴۰۲",
                "Ocak",
                "Wed, ",
                "10:15",
                "24:00:60",
                "p.m.",
                "GMT",
                "Asia/Tbilisi",
                "9999999999",
                "\u{200e}",
                "1402",
            ];
            let mut text: String = pieces.iter().take(20).map(|it| PIECES[usize::from(*it) % PIECES.len()]).collect();
            if at % 2 == 1 {
                let line = corpus[usize::from(*which) % corpus.len()];
                let at = line.char_indices().map(|it| it.0).nth(usize::from(at / 2)).unwrap_or(line.len());
                text = [&line[..at], &text, &line[at..]].concat();
            }
            assert_eq!(parse(&text), parse(&text));
        });
    }
}
