//! Days of the Gregorian and the Persian calendar.

use chrono::NaiveDate;

pub(super) fn is_plausible(year: i32) -> bool {
    (1990..=2100).contains(&year)
}

/// Whether a number may be a year of either calendar.
pub(super) fn is_year(number: u32) -> bool {
    is_persian(number) || i32::try_from(number).is_ok_and(is_plausible)
}

fn is_persian(year: u32) -> bool {
    (1_370..=1_480).contains(&year)
}

/// A day of the Gregorian calendar, or of the Persian one for years that only it has now.
pub(super) fn of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if is_persian(year) {
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
