//! Times told by their distance from now.

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};

use crate::model::Timestamp;

use super::{
    clock::clock_at,
    tokens::{self, Token},
};

/// A time told by its distance from now, such as `3 hours ago` or `yesterday`, in a short text.
pub(in crate::extract) fn relative(text: &str, now: Timestamp) -> Option<NaiveDateTime> {
    if text.chars().count() > 60 {
        return None;
    }
    let tokens = tokens::of(text);
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
    let day = if word(YESTERDAY) { local.checked_sub_days(Days::new(1))? } else { local };
    // `Today, 10:05`: the time may stand on either side of the word.
    let time = (0..tokens.len()).find_map(|at| clock_at(tokens.get(at..)?).0);
    // `bu gün`, two words in Azerbaijani.
    let is_today = || {
        word(TODAY)
            || tokens.windows(2).any(|it| matches!(it, [Token::Word(a), Token::Word(b)] if a == "bu" && b == "gün"))
    };
    if word(YESTERDAY) {
        return Some(time.map_or(day, |it| day.date().and_time(it)));
    }
    is_today().then(|| time.map_or(day, |it| last(day, it).min(local)))
}

/// The last moment with this clock time up to `by`, by the clock of a site that may be some hours ahead of UTC: at 20:30
/// UTC, "today 00:10" in Baku is of the next day there.
fn last(by: NaiveDateTime, clock: NaiveTime) -> NaiveDateTime {
    let days = [by.date().succ_opt(), Some(by.date()), by.date().pred_opt()].into_iter().flatten();
    days.map(|it| it.and_time(clock)).find(|it| *it <= by + MAX_AHEAD).unwrap_or(by)
}

/// Of the region's clocks that of Tajikistan is the furthest ahead of UTC.
const MAX_AHEAD: TimeDelta = TimeDelta::hours(5);

const AGO: &[&str] = &["ago", "vor", "hace", "назад", "тому", "əvvəl", "önce", "առաջ", "წინ", "پیش", "قبل"];
const MINUTES: &[&str] = &["min", "мин", "хв", "dəq", "dak", "dk", "րոպե", "წუთ", "دقیقه"];
const HOURS: &[&str] = &["hour", "hr", "stunde", "heure", "hora", "час", "годин", "saat", "ժամ", "საათ", "ساعت"];
const DAYS: &[&str] = &["day", "tag", "jour", "día", "дн", "день", "gün", "օր", "დღ", "روز"];
const WEEKS: &[&str] =
    &["week", "woche", "semaine", "semana", "недел", "тиж", "həftə", "hafta", "շաբաթ", "კვირ", "هفته"];
const YESTERDAY: &[&str] =
    &["yesterday", "gestern", "hier", "вчера", "вчора", "dünən", "dün", "երեկ", "გუშინ", "دیروز"];
const TODAY: &[&str] = &["today", "heute", "сегодня", "сьогодні", "bugün", "այսօր", "დღეს", "امروز"];
