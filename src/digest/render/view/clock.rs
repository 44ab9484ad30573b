//! Times in the digest's zone.

use chrono::{Datelike, LocalResult, Month, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::{
    digest::{Digest, ReportLine},
    model::Timestamp,
};

/// How times are shown.
pub(super) struct Clock {
    zone: Tz,
    /// The year that is left out of dates.
    year: i32,
}

impl Clock {
    pub(super) fn of(digest: &Digest) -> Self {
        Self::new(digest.zone, digest.issued_at)
    }

    /// A clock for a message made at that time.
    pub(super) fn new(zone: Tz, made: Timestamp) -> Self {
        Self { zone, year: made.with_timezone(&zone).year() }
    }

    pub(super) fn instant(&self, at: Timestamp) -> String {
        at.with_timezone(&self.zone).format("%a %-d %B %Y, %H:%M").to_string()
    }

    /// "22 Nov, 07:14", with the year where it is another one.
    pub(super) fn short(&self, at: Timestamp) -> String {
        let at = at.with_timezone(&self.zone);
        let month = u8::try_from(at.month()).ok().and_then(|it| Month::try_from(it).ok()).map_or("", |it| it.name());
        let month = month.get(..3).unwrap_or(month);
        let year = if at.year() == self.year { String::new() } else { format!(" {}", at.year()) };
        // Shows the offset in the hour that occurs twice.
        let offset = match self.zone.from_local_datetime(&at.naive_local()) {
            LocalResult::Ambiguous(..) => at.format(" (UTC%:z)").to_string(),
            _ => String::new(),
        };
        // Not `format`, which parses its pattern each time: this is called for every report.
        format!("{} {month}{year}, {:02}:{:02}{offset}", at.day(), at.hour(), at.minute())
    }

    pub(super) fn window(&self, start: Timestamp, end: Timestamp) -> String {
        let [from, until] = [start, end].map(|it| it.with_timezone(&self.zone));
        let until = match from.date_naive() == until.date_naive() {
            true => until.format("%H:%M").to_string(),
            false => self.instant(end),
        };
        let before = from.format("UTC%:z").to_string();
        let note = match self.note(end) {
            note if note.contains(&before) => note,
            note => format!("{note}, before the clocks changed {before}"),
        };
        format!("{} – {until} · {note}", self.instant(start))
    }

    pub(super) fn note(&self, at: Timestamp) -> String {
        format!("times in {} (UTC{})", self.zone.name(), at.with_timezone(&self.zone).format("%:z"))
    }

    pub(super) fn at(&self, report: &ReportLine) -> String {
        let at = self.short(report.at);
        if report.at_is_claimed { at } else { format!("seen {at}") }
    }
}
