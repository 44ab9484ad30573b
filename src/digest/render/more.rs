//! The message that stands for alerts that have none of their own.

use std::time::Duration;

use chrono_tz::Tz;
use serde::Serialize;

use crate::{
    digest::{one_line, select::MAX_NAME_CHARS},
    model::{More, Rendered, Severity, Timestamp, later},
    text::short_hash,
};

use super::{Format, MAX_SUBJECT_CHARS, RenderError, document, json, text, view};

const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    watch: &'a str,
    kind: &'static str,
    hour: String,
    told: u32,
    more: usize,
}

/// Renders that a watch raised `more` alerts within an hour that no message of their own went out for.
///
/// # Errors
///
/// [`RenderError`], which no input causes.
pub fn more(it: &More, more: usize, severity: Severity, zone: Tz) -> Result<Rendered, RenderError> {
    let watch = one_line(&it.watch, MAX_NAME_CHARS);
    let noun = if more == 1 { "alert" } else { "alerts" };
    let label = if severity == Severity::Urgent { "Urgent alert" } else { "Alert" };
    let subject = format!("{label} {}: {more} more {noun}", view::guarded(&watch));
    let time = |at: Timestamp| at.with_timezone(&zone);
    let (from, until) = (time(it.hour), time(later(it.hour, HOUR)));
    let text = format!(
        "{watch}\n\nFrom {} to {}, this watch raised {more} more {noun} than the {} that messages went out for. \"sitrepd alerts\" \
         lists all of them; the next digest shows the newest.\n\nTimes are in {zone}. [alerts] max_per_hour is the limit.\n",
        from.format("%-d %b %Y, %H:%M"),
        until.format("%H:%M"),
        it.told,
    );
    let record = Document {
        version: json::VERSION,
        watch: &watch,
        kind: "more",
        hour: json::instant(it.hour),
        told: it.told,
        more,
    };
    let stem = format!("alerts-{}-{:016x}", it.hour.format("%Y-%m-%dT%H%MZ"), short_hash(&it.watch));
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
        let urgent = more(&it, 1, Severity::Urgent, Tz::Asia__Tbilisi).unwrap();
        assert_eq!(urgent.subject, "Urgent alert Vinnikov Bcc: x: 1 more alert");
        let res = more(&it, 480, Severity::Normal, Tz::Asia__Tbilisi).unwrap();
        assert_eq!(res.subject, "Alert Vinnikov Bcc: x: 480 more alerts");
        assert!(res.text.contains("From 26 Nov 2026, 16:00 to 17:00, this watch raised 480 more alerts than the 20"));
        let names: Vec<_> = res.documents.iter().map(|it| it.name.as_str()).collect();
        assert!(names.iter().all(|it| it.starts_with("alerts-2026-11-26T1200Z-")), "{names:?}");
        let record: serde_json::Value = serde_json::from_str(&res.documents[1].body).unwrap();
        assert_eq!((&record["told"], &record["more"]), (&20.into(), &480.into()));
    }
}
