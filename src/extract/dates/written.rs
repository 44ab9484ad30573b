//! Dates as people and programs write them.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::model::Timestamp;

/// Characters of a text beyond this many are not looked at.
const MAX_CHARS: usize = 1_500;

/// A date found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Written {
    /// The day as it is written, in whatever zone that is.
    pub(in crate::extract) day: NaiveDate,
    /// The time of day that follows.
    pub(in crate::extract) time: Option<NaiveTime>,
    /// The zone that follows the time.
    pub(in crate::extract) offset: Option<FixedOffset>,
    /// What the day is when day and month are read the other way round.
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
    let tokens = tokens(text);
    let mut res = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        // The end of a longer number is no day.
        if let Some((day, swapped, length)) = date(rest, month_first) {
            let (time, offset) = clock(rest.get(length..).unwrap_or_default());
            res.push(Written { day, time, offset, swapped });
            at += length;
        } else {
            at += 1;
        }
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

/// A time told by its distance from now, such as `3 hours ago` or `yesterday`, in a short text.
pub(in crate::extract) fn relative(text: &str, now: Timestamp) -> Option<NaiveDateTime> {
    if text.chars().count() > 60 {
        return None;
    }
    let tokens = tokens(text);
    let word = |list: &[&str]| {
        tokens.iter().any(|it| matches!(it, Token::Word(word) if list.iter().any(|stem| word.starts_with(stem))))
    };
    let local = now.naive_utc();
    if word(AGO) {
        let (at, number) = tokens.iter().enumerate().find_map(|(at, it)| match it {
            Token::Number(number, ..=3) => Some((at, *number)),
            _ => None,
        })?;
        let Some(Token::Word(unit)) = tokens.get(at + 1) else { return None };
        let has = |list: &[&str]| list.iter().any(|it| unit.starts_with(it));
        let number = i64::from(number);
        let back = if has(MINUTES) {
            TimeDelta::minutes(number)
        } else if has(HOURS) {
            TimeDelta::hours(number)
        } else if has(DAYS) {
            TimeDelta::days(number)
        } else if has(WEEKS) {
            TimeDelta::weeks(number)
        } else {
            return None;
        };
        return local.checked_sub_signed(back);
    }
    if word(YESTERDAY) {
        return local.checked_sub_days(Days::new(1));
    }
    word(TODAY).then_some(local)
}

const AGO: &[&str] = &["ago", "vor", "hace", "назад", "тому", "əvvəl", "önce", "առաջ", "წინ", "پیش", "قبل"];
const MINUTES: &[&str] = &["min", "мин", "хв", "dəq", "dak", "dk", "րոպե", "წუთ", "دقیقه"];
const HOURS: &[&str] = &["hour", "hr", "stunde", "heure", "hora", "час", "годин", "saat", "ժամ", "საათ", "ساعت"];
const DAYS: &[&str] = &["day", "tag", "jour", "día", "дн", "день", "gün", "օր", "დღ", "روز"];
const WEEKS: &[&str] =
    &["week", "woche", "semaine", "semana", "недел", "тиж", "həftə", "hafta", "շաբաթ", "კვირ", "هفته"];
const YESTERDAY: &[&str] =
    &["yesterday", "gestern", "hier", "вчера", "вчора", "dünən", "dün", "երեկ", "გუშინ", "دیروز"];
const TODAY: &[&str] = &["today", "heute", "сегодня", "сьогодні", "bugün", "այսօր", "დღეს", "امروز"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// With its number of digits.
    Number(u32, usize),
    /// In lower case.
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut res = Vec::new();
    let mut chars = text.chars().take(MAX_CHARS).peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = digit(c) {
            let (mut number, mut n_digits) = (digit, 1);
            while let Some(digit) = chars.peek().and_then(|it| self::digit(*it)) {
                chars.next();
                number = number.saturating_mul(10).saturating_add(digit);
                n_digits += 1;
            }
            res.push(Token::Number(number, n_digits));
        } else if c.is_alphabetic() {
            let mut word: String = c.to_lowercase().collect();
            // The dot above that `İ` leaves is no letter.
            while let Some(c) = chars.next_if(|it| it.is_alphabetic() || *it == '\u{307}') {
                word.extend(c.to_lowercase().filter(|it| *it != '\u{307}'));
            }
            // Signs that follow a number without a space, each a word: 2020年1月2日, 2020년.
            let (word, rest) = match word.char_indices().nth(1) {
                Some((at, _)) if word.starts_with(['年', '月', '日', '년', '월', '일']) => word.split_at(at),
                _ => (word.as_str(), ""),
            };
            res.push(Token::Word(word.replace('\u{307}', "")));
            if !rest.is_empty() {
                res.push(Token::Word(rest.to_owned()));
            }
        } else if !c.is_whitespace() && !matches!(c, '\u{200c}'..='\u{200f}') {
            res.push(Token::Mark(c));
        }
    }
    res
}

/// The value of a digit, Persian and Arabic ones too.
fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '۰'..='۹' => Some(u32::from(c) - u32::from('۰')),
        '٠'..='٩' => Some(u32::from(c) - u32::from('٠')),
        _ => None,
    }
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
            // Dots are set by those who put the day first.
            let (one, other) = match month_first && *a != '.' {
                true => (month_first_, day_first),
                false => (day_first, month_first_),
            };
            let day = one.or(other)?;
            Some((day, other.filter(|it| *it != day), 5))
        }
        [Number(day, 1..=2), rest @ ..] => {
            let (month, after) = month_word(rest)?;
            let (year, used) = year(rest.get(after..)?)?;
            Some((of(year, month, *day)?, None, 1 + after + used))
        }
        [Number(year, 4), rest @ ..] => {
            let (month, after) = month_word(rest)?;
            let day = fillers(rest.get(after..)?, 2);
            let Some(Number(number, 1..=2)) = rest.get(after + day) else { return None };
            Some((of(*year, month, *number)?, None, 2 + after + day))
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

/// A month after a day, and how many tokens that takes.
fn month_word(tokens: &[Token]) -> Option<(u32, usize)> {
    let skipped = fillers(tokens, 2);
    let Some(Token::Word(word)) = tokens.get(skipped) else { return None };
    Some((month_of(word)?, skipped + 1))
}

/// A year after day and month, and how many tokens that takes. `January 12, 2026`, `12 Jan '26`.
fn year(tokens: &[Token]) -> Option<(u32, usize)> {
    let skipped = fillers(tokens, 3);
    match tokens.get(skipped)? {
        Token::Number(year, 4) => Some((*year, skipped + 1)),
        Token::Number(year @ 10..=40, 2) if !matches!(tokens.get(skipped + 1), Some(Token::Mark(':'))) => {
            Some((2_000 + *year, skipped + 1))
        }
        _ => None,
    }
}

/// How many tokens from the start say nothing: `12. of January, 2026`, `12 de enero de 2026`, `the 1st of`.
fn fillers(tokens: &[Token], most: usize) -> usize {
    let says_nothing = |it: &&Token| match it {
        Token::Mark(c) => matches!(c, ',' | '.' | '-' | '/' | '\'' | '’' | '،' | '–' | '‑' | '|'),
        Token::Word(word) => {
            matches!(
                word.as_str(),
                "de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "er" | "the" | "º" | "ª" | "թ" | "ին"
            )
        }
        Token::Number(..) => false,
    };
    tokens.iter().take(most).take_while(says_nothing).count()
}

/// The time of day after a date, and its zone.
fn clock(tokens: &[Token]) -> (Option<NaiveTime>, Option<FixedOffset>) {
    use Token::{Mark, Number, Word};
    let is_gap = |it: &&Token| !matches!(it, Number(..));
    let gap = tokens.iter().take(5).take_while(is_gap).count();
    let rest = tokens.get(gap..).unwrap_or_default();
    let (mut hour, minute, second, used) = match rest {
        [Number(hour, 1..=2), Mark(':'), Number(minute, 2), Mark(':'), Number(second, 2), ..] => {
            (*hour, *minute, *second, 5)
        }
        [Number(hour, 1..=2), Mark(':' | '.'), Number(minute, 2), ..] => (*hour, *minute, 0, 3),
        _ => return (None, None),
    };
    let mut rest = rest.get(used..).unwrap_or_default();
    // Fractions of a second.
    if let [Mark('.'), Number(..), after @ ..] = rest {
        rest = after;
    }
    match rest {
        [Word(word), ..] if word == "pm" && hour < 12 => hour += 12,
        [Word(word), ..] if word == "am" && hour == 12 => hour = 0,
        _ => (),
    }
    let Some(time) = NaiveTime::from_hms_opt(hour, minute, second) else { return (None, None) };
    let offset = |sign: char, hours: u32, minutes: u32| {
        let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
        FixedOffset::east_opt(if sign == '-' { -seconds } else { seconds })
    };
    let zone = match rest {
        [Word(word), ..] if matches!(word.as_str(), "z" | "utc" | "gmt") => offset('+', 0, 0),
        [Mark(sign @ ('+' | '-')), Number(hours @ 0..=14, 1..=2), Mark(':'), Number(minutes @ 0..=59, 2), ..] => {
            offset(*sign, *hours, *minutes)
        }
        [Mark(sign @ ('+' | '-')), Number(number @ 0..=1_459, 4), ..] => offset(*sign, number / 100, number % 100),
        _ => None,
    };
    (Some(time), zone)
}

fn is_plausible(year: i32) -> bool {
    (1990..=2100).contains(&year)
}

/// A day of the Gregorian calendar, or of the Persian one for years that only it has now.
fn of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if (1_370..=1_480).contains(&year) {
        return from_persian(i32::try_from(year).ok()?, month % 100, day);
    }
    // A Persian month beside a Gregorian year is an error.
    let year = i32::try_from(year).ok().filter(|it| is_plausible(*it))?;
    if month > 12 { None } else { NaiveDate::from_ymd_opt(year, month, day) }
}

/// By the arithmetic calendar of 33 years, which agrees with the astronomical one from 1925 to 2088.
fn from_persian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let most = if month <= 6 { 31 } else { 30 };
    if !(1..=12).contains(&month) || !(1..=most).contains(&day) {
        return None;
    }
    let cycles = i64::from(year) + 1_595;
    let days = -355_668
        + 365 * cycles
        + cycles / 33 * 8
        + (cycles % 33 + 3) / 4
        + i64::from(day)
        + if month < 7 { i64::from(month - 1) * 31 } else { i64::from(month - 7) * 30 + 186 };
    // Days since 0001-01-01 in the Gregorian calendar are counted from 1 by `chrono`.
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?.checked_sub(365)?)
}

/// The number of the month that a word begins with; those of the Persian calendar are 101 to 112.
fn month_of(word: &str) -> Option<u32> {
    if word.len() < 2 {
        return None;
    }
    // Short names that are the beginning of other words have to be whole.
    if let Some((_, month)) = WHOLE.iter().find(|(it, _)| *it == word) {
        return Some(*month);
    }
    MONTHS.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, month)| *month)
}

const WHOLE: &[(&str, u32)] = &[
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("maj", 5),
    ("mag", 5),
    ("мая", 5),
    ("май", 5),
    ("set", 9),
    ("out", 10),
    ("ago", 8),
    ("ara", 12),
    ("oca", 1),
    ("tem", 7),
    ("nis", 4),
    ("eki", 10),
    ("lip", 7),
    ("lis", 11),
    ("gen", 1),
    ("giu", 6),
    ("lug", 7),
    ("ott", 10),
    ("dic", 12),
    ("dez", 12),
    ("fev", 2),
    ("mrt", 3),
    ("ene", 1),
    ("abr", 4),
    ("می", 5),
    ("مه", 5),
    ("مهر", 107),
    ("تیر", 104),
    ("دی", 110),
    ("აგვ", 8),
    ("mär", 3),
    ("haz", 6),
    ("eyl", 9),
    ("kas", 11),
    ("şub", 2),
    ("ağu", 8),
    ("mayıs", 5),
    ("avr", 4),
    ("iyn", 6),
    ("iyl", 7),
    ("avq", 8),
];

const MONTHS: &[(&str, u32)] = &[
    // en, de, fr, es, it, pt, nl, az, tr and others with the Latin names
    ("jan", 1),
    ("jän", 1),
    ("enero", 1),
    ("gennaio", 1),
    ("yanv", 1),
    ("ocak", 1),
    ("stycz", 1),
    ("led", 1),
    ("feb", 2),
    ("fév", 2),
    ("fevr", 2),
    ("fevereiro", 2),
    ("lut", 2),
    ("şubat", 2),
    ("subat", 2),
    ("märz", 3),
    ("maerz", 3),
    ("maart", 3),
    ("mar", 3),
    ("apr", 4),
    ("avri", 4),
    ("abril", 4),
    ("nisan", 4),
    ("kwie", 4),
    ("maggio", 5),
    ("mayo", 5),
    ("maio", 5),
    ("mayis", 5),
    ("maja", 5),
    ("jun", 6),
    ("juin", 6),
    ("giugno", 6),
    ("iyun", 6),
    ("haziran", 6),
    ("czerw", 6),
    ("jul", 7),
    ("juil", 7),
    ("luglio", 7),
    ("iyul", 7),
    ("temmuz", 7),
    ("lipca", 7),
    ("aug", 8),
    ("août", 8),
    ("aout", 8),
    ("agos", 8),
    ("avqust", 8),
    ("ağustos", 8),
    ("agustos", 8),
    ("sierp", 8),
    ("sep", 9),
    ("settembre", 9),
    ("setembro", 9),
    ("sentyabr", 9),
    ("sen", 9),
    ("eylül", 9),
    ("eylul", 9),
    ("wrze", 9),
    ("oct", 10),
    ("okt", 10),
    ("ottobre", 10),
    ("outubro", 10),
    ("ekim", 10),
    ("paźdz", 10),
    ("nov", 11),
    ("noy", 11),
    ("kasım", 11),
    ("kasim", 11),
    ("listop", 11),
    ("dec", 12),
    ("dez", 12),
    ("déc", 12),
    ("dicie", 12),
    ("dicembre", 12),
    ("dek", 12),
    ("aralık", 12),
    ("aralik", 12),
    ("grud", 12),
    // ru, uk
    ("янв", 1),
    ("фев", 2),
    ("мар", 3),
    ("апр", 4),
    ("июн", 6),
    ("июл", 7),
    ("авг", 8),
    ("сен", 9),
    ("окт", 10),
    ("ноя", 11),
    ("дек", 12),
    ("січ", 1),
    ("лют", 2),
    ("берез", 3),
    ("квіт", 4),
    ("трав", 5),
    ("черв", 6),
    ("лип", 7),
    ("серп", 8),
    ("верес", 9),
    ("жовт", 10),
    ("лист", 11),
    ("груд", 12),
    // hy
    ("հունիս", 6),
    ("հուն", 1),
    ("փետ", 2),
    ("մարտ", 3),
    ("մար", 3),
    ("ապր", 4),
    ("մայ", 5),
    ("հուլ", 7),
    ("օգոս", 8),
    ("օգս", 8),
    ("սեպ", 9),
    ("հոկ", 10),
    ("նոյ", 11),
    ("դեկ", 12),
    // ka
    ("იანვ", 1),
    ("თებ", 2),
    ("მარ", 3),
    ("აპრ", 4),
    ("მაი", 5),
    ("ივნ", 6),
    ("ივლ", 7),
    ("აგვისტ", 8),
    ("სექ", 9),
    ("ოქტ", 10),
    ("ნოე", 11),
    ("დეკ", 12),
    // fa: both calendars
    ("ژانوی", 1),
    ("فوری", 2),
    ("مارس", 3),
    ("آوریل", 4),
    ("اوریل", 4),
    ("ژوئن", 6),
    ("ژوئی", 7),
    ("جولای", 7),
    ("اوت", 8),
    ("آگوست", 8),
    ("سپتامبر", 9),
    ("اکتبر", 10),
    ("نوامبر", 11),
    ("دسامبر", 12),
    ("فروردین", 101),
    ("اردیبهشت", 102),
    ("خرداد", 103),
    ("مرداد", 105),
    ("شهریور", 106),
    ("آبان", 108),
    ("آذر", 109),
    ("بهمن", 111),
    ("اسفند", 112),
    // ar, el, he
    ("يناير", 1),
    ("فبراير", 2),
    ("أبريل", 4),
    ("مايو", 5),
    ("يونيو", 6),
    ("يوليو", 7),
    ("أغسطس", 8),
    ("سبتمبر", 9),
    ("أكتوبر", 10),
    ("نوفمبر", 11),
    ("ديسمبر", 12),
];

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
        check("5 июня 2025", "2025-06-05");
        check("5 հունիսի 2025", "2025-06-05");
        check("5 iyul 2025", "2025-07-05");
        check("15 Mayıs 2025", "2025-05-15");
        check("5 მაისი, 2025", "2025-05-05");
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
            ("вчора, 12:00", "2026-01-21 10:00:00"),
        ] {
            assert_eq!(relative(text, now).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(relative("NATO expanded eastward long ago, said the minister of defence of Georgia", now), None);
    }
}
