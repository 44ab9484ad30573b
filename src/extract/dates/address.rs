//! Days in addresses.

use chrono::NaiveDate;

/// `/2026/01/22/`, `/2026-01-22/`, `/20260122/`, `-2026-01-22.html`.
pub(super) fn day_of_address(path: &str) -> Option<NaiveDate> {
    let numbers: Vec<&str> = path.split(|it: char| !it.is_ascii_digit()).collect();
    let number = |it: &&str| it.parse::<u32>().ok();
    let whole = |year: u32, month: u32, day: u32| {
        let year = i32::try_from(year).ok().filter(|it| (1995..=2100).contains(it))?;
        NaiveDate::from_ymd_opt(year, month, day)
    };
    let three = numbers.windows(3).find_map(|it| match it {
        [year, month, day] if year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()) => {
            whole(number(year)?, number(month)?, number(day)?)
        }
        [day, month, year] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            whole(number(year)?, number(month)?, number(day)?)
        }
        _ => None,
    });
    three.or_else(|| {
        let eight = numbers.iter().find(|it| it.len() == 8)?;
        whole(number(&eight.get(..4)?)?, number(&eight.get(4..6)?)?, number(&eight.get(6..)?)?)
    })
}

/// `/2026/01/` and `/202601/`, also in the address of a picture.
pub(super) fn year_and_month(path: &str) -> Option<(i32, u32)> {
    let numbers: Vec<&str> = path.split(|it: char| !it.is_ascii_digit()).collect();
    let whole = |year: &str, month: &str| {
        let year = year.parse().ok().filter(|it| (1995..=2100).contains(it))?;
        Some((year, month.parse().ok().filter(|it| (1..=12).contains(it))?))
    };
    let two = numbers.windows(2).find_map(|it| match it {
        [year, month] if year.len() == 4 && month.len() == 2 => whole(year, month),
        _ => None,
    });
    two.or_else(|| {
        numbers.iter().find(|it| matches!(it.len(), 6 | 8)).and_then(|it| whole(it.get(..4)?, it.get(4..6)?))
    })
}
