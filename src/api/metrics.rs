//! Numbers for a monitoring system, in the text format that Prometheus reads (version 0.0.4).

use std::fmt::Write as _;

use crate::{
    model::{Condition, Source, SourceState, Timestamp},
    store::Counts,
};

/// The document: counts of the archive, then the state of each source that is polled.
pub fn text(counts: &Counts, sources: &[(&Source, Option<SourceState>)]) -> String {
    let mut out = Metrics(String::new());
    out.head("sitrepd_build_info", "1, with the version of the program as a label.");
    out.value("sitrepd_build_info", concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""), 1);
    out.gauge("sitrepd_articles", "Articles held.", counts.articles);
    out.gauge("sitrepd_stories", "Stories held.", counts.stories);
    out.gauge("sitrepd_alerts", "Alerts held.", counts.alerts);
    out.gauge("sitrepd_messages_waiting", "Messages that wait for delivery.", counts.pending);
    out.gauge("sitrepd_messages_given_up", "Messages that were given up.", counts.parked);
    out.gauge("sitrepd_ledger_bytes", "Bytes of the ledger.", counts.bytes);
    out.gauge("sitrepd_records_lost", "Acknowledged records that were gone when the archive was opened.", counts.lost);

    let states = || sources.iter().filter_map(|(source, state)| Some((*source, state.as_ref()?)));
    out.head("sitrepd_source_condition", "1 for the condition that the source is in.");
    for (source, state) in states() {
        let labels = format!("{},condition=\"{}\"", name(source), state.health.condition.word());
        out.value("sitrepd_source_condition", &labels, 1);
    }
    out.head("sitrepd_source_up", "Whether the last poll of the source brought something readable.");
    for (source, state) in states() {
        let is_up = !matches!(state.health.condition, Condition::Failing(_));
        out.value("sitrepd_source_up", &name(source), u8::from(is_up));
    }
    let times: [(&str, &str, Instant); 4] = [
        ("sitrepd_source_polled_timestamp_seconds", "When the source was last tried.", |it| Some(it.polled)),
        ("sitrepd_source_success_timestamp_seconds", "When it was last read.", |it| it.succeeded),
        ("sitrepd_source_new_timestamp_seconds", "When it last had something new.", |it| it.brought_new),
        ("sitrepd_source_due_timestamp_seconds", "When it is due.", |it| Some(it.due)),
    ];
    for (metric, help, of) in times {
        out.head(metric, help);
        for (source, at) in states().filter_map(|(source, state)| Some((source, of(state)?))) {
            out.value(metric, &name(source), at.timestamp());
        }
    }
    out.head("sitrepd_source_failures", "Polls that failed in a row.");
    for (source, state) in states() {
        out.value("sitrepd_source_failures", &name(source), state.failures);
    }
    out.head("sitrepd_source_entries", "Entries in the last readable document.");
    for (source, state) in states() {
        out.value("sitrepd_source_entries", &name(source), state.entries);
    }
    out.0
}

/// An instant of a source's state.
type Instant = fn(&SourceState) -> Option<Timestamp>;

/// Ids need no escaping.
fn name(source: &Source) -> String {
    format!("source=\"{}\"", source.id)
}

struct Metrics(String);

impl Metrics {
    fn head(&mut self, metric: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {metric} {help}\n# TYPE {metric} gauge");
    }

    fn value(&mut self, metric: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{metric}{{{labels}}} {value}");
    }

    fn gauge(&mut self, metric: &str, help: &str, value: u64) {
        self.head(metric, help);
        let _ = writeln!(self.0, "{metric} {value}");
    }
}
