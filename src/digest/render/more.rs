//! The message that counts alerts without a message of their own.

use chrono_tz::Tz;
use serde::Serialize;

use crate::{
    digest::{one_line, select::MAX_NAME_CHARS},
    model::{More, Rendered, Severity, Timestamp},
    text::short_hash,
};

use super::{Format, MAX_SUBJECT_CHARS, RenderError, document, json, text, view};

/// How many alerts a watch raised, in the hour of a message or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Until when they are counted.
    pub until: Timestamp,
    /// Number of alerts named by a message, either their own or a collecting one.
    pub told: usize,
    /// Named by none.
    pub more: usize,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    watch: &'a str,
    kind: &'static str,
    hour: String,
    told: usize,
    more: usize,
}

/// Renders a message that counts the alerts of a watch in one hour that no message names.
///
/// # Errors
///
/// [`RenderError`], which no input causes.
pub fn more(it: &More, counted: Counted, severity: Severity, zone: Tz) -> Result<Rendered, RenderError> {
    let Counted { until, told, more } = counted;
    let watch = one_line(&it.watch, MAX_NAME_CHARS);
    let noun = if more == 1 { "alert" } else { "alerts" };
    let label = if severity == Severity::Urgent { "Urgent alert" } else { "Alert" };
    let subject = format!("{label} {}: {more} more {noun}", view::guarded(&watch));
    let time = |at: Timestamp| at.with_timezone(&zone);
    let (from, until) = (time(it.hour), time(until));
    let text = format!(
        "{watch}\n\nFrom {} to {}, this watch raised {more} more {noun} than the {} that messages tell of. \"sitrepd alerts\" \
         lists all of them; the next digest shows the newest.\n\nTimes are in {zone}. [alerts] max_per_hour is the limit.\n",
        from.format("%-d %b %Y, %H:%M"),
        until.format("%H:%M"),
        told,
    );
    let record =
        Document { version: json::VERSION, watch: &watch, kind: "more", hour: json::instant(it.hour), told, more };
    // A second message for the same hour begins later in it.
    let hash = short_hash(&format!("{}\n{}", it.watch, it.hour));
    let stem = format!("alerts-{}-{hash:016x}", it.hour.format("%Y-%m-%dT%H%MZ"));
    let documents =
        vec![document(&stem, Format::Text, text::folded(&text)), document(&stem, Format::Json, json::write(&record)?)];
    Ok(Rendered { subject: one_line(&subject, MAX_SUBJECT_CHARS), text, html: None, documents })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_many_and_where_they_are() {
        let it =
            More { watch: "Vinnikov\r\nBcc: x".to_owned(), hour: "2026-11-26T12:00:00Z".parse().unwrap(), told: 20 };
        let counted = |more| Counted { until: "2026-11-26T13:00:00Z".parse().unwrap(), told: 20, more };
        let urgent = more(&it, counted(1), Severity::Urgent, Tz::Asia__Tbilisi).unwrap();
        assert_eq!(urgent.subject, "Urgent alert Vinnikov Bcc: x: 1 more alert");
        let res = more(&it, counted(480), Severity::Normal, Tz::Asia__Tbilisi).unwrap();
        assert_eq!(res.subject, "Alert Vinnikov Bcc: x: 480 more alerts");
        assert!(res.text.contains("From 26 Nov 2026, 16:00 to 17:00, this watch raised 480 more alerts than the 20"));
        let names: Vec<_> = res.documents.iter().map(|it| it.name.as_str()).collect();
        assert!(names.iter().all(|it| it.starts_with("alerts-2026-11-26T1200Z-")), "{names:?}");
        let record: serde_json::Value = serde_json::from_str(&res.documents[1].body).unwrap();
        assert_eq!((&record["told"], &record["more"]), (&20.into(), &480.into()));
    }
}
