//! Cron expressions as users write them (crontab(5)) to what the `cron` crate reads: seconds first, and
//! days of the week by name, since it counts them from 1 for Sunday where crontab counts from 0.

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What stands for five fields.
const NAMES: [&str; 5] = ["@hourly", "@daily", "@weekly", "@monthly", "@yearly"];

/// An expression with six fields, seconds first. `@daily` and the like are unchanged.
pub(super) fn with_seconds(expression: &str) -> Result<String, String> {
    let expression = expression.trim();
    if expression.starts_with('@') {
        let name = expression.to_ascii_lowercase();
        return match NAMES.contains(&name.as_str()) {
            true => Ok(name),
            false => Err(format!("the names are {}", NAMES.join(", "))),
        };
    }
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let &[minute, hour, day, month, weekday] = fields.as_slice() else {
        let n = fields.len();
        let words = if n == 1 { "field" } else { "fields" };
        // Some programs begin with the second, others end with the year: to guess would be to send at other times than
        // were meant.
        let hint = if n > 5 { ": leave out the second at its beginning, or the year at its end" } else { "" };
        return Err(format!("it has {n} {words}, 5 are needed{hint}"));
    };
    let weekday = weekdays(weekday)?;
    // crontab(5) runs on either day where both are given, the cron crate where both hold: refuse what would surprise.
    if day != "*" && day != "?" && weekday != "*" {
        return Err("day of the month and day of the week are both given; use one of them".to_owned());
    }
    Ok(format!("0 {minute} {hour} {day} {month} {weekday}"))
}

/// A weekday field (`1-5`, `mon,thu`, `0`, `7`, `fri-sun`, `*/2`) as a list of names.
fn weekdays(field: &str) -> Result<String, String> {
    if field == "*" || field == "?" {
        return Ok("*".to_owned());
    }
    let mut chosen = [false; 7];
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let step = step.parse::<usize>().ok().filter(|it| (1..=7).contains(it));
        let step = step.ok_or_else(|| format!("{item:?} is not a day of the week"))?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (weekday(first)?, weekday(last)?),
            None => (weekday(range)?, weekday(range)?),
        };
        // `fri-sun` and `5-7` run over the end of the week.
        let last = if last < first { last + 7 } else { last };
        for day in (first..=last).step_by(step) {
            if let Some(it) = chosen.get_mut(day % 7) {
                *it = true;
            }
        }
    }
    let names = DAYS.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(name, _)| *name);
    Ok(names.collect::<Vec<_>>().join(","))
}

/// 0 for Sunday to 6 for Saturday; 7 is Sunday too.
fn weekday(text: &str) -> Result<usize, String> {
    let named = DAYS.iter().position(|it| text.to_ascii_lowercase().starts_with(it));
    let numbered = text.parse::<usize>().ok().filter(|it| *it <= 7);
    named.or(numbered.map(|it| it % 7)).ok_or_else(|| format!("{text:?} is not a day of the week"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_count_as_in_crontab() {
        for (field, expected) in [
            ("1-5", "mon,tue,wed,thu,fri"),
            ("0", "sun"),
            ("7", "sun"),
            ("5-7", "sun,fri,sat"),
            ("Mon,thursday", "mon,thu"),
            ("*/2", "sun,tue,thu,sat"),
            ("*", "*"),
        ] {
            assert_eq!(weekdays(field).as_deref(), Ok(expected), "{field}");
        }
        assert!(weekdays("8").is_err() && weekdays("").is_err() && weekdays("1/0").is_err());
    }
}
