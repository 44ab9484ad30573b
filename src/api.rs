//! The JSON in which articles, alerts, sources and counts leave the program. Fields are added, never renamed
//! or removed.

mod alerts;
mod article;
pub mod feed;
pub mod metrics;
mod sources;
mod topics;
pub mod warc;

use serde::Serialize;

use crate::{
    model::{Field, Timestamp},
    store,
};

pub use self::{
    alerts::{Alert, Hit, Possible},
    article::{Placed, Report},
    sources::{Entry, Source},
    topics::{Tag, TopicVerdict},
};

/// How much is held.
#[derive(Debug, Serialize)]
pub struct Counts {
    articles: u64,
    stories: u64,
    alerts: u64,
    messages_waiting: u64,
    messages_given_up: u64,
    changes: u64,
    bytes: u64,
}

impl From<&store::Counts> for Counts {
    fn from(it: &store::Counts) -> Self {
        Self {
            articles: it.articles,
            stories: it.stories,
            alerts: it.alerts,
            messages_waiting: it.pending,
            messages_given_up: it.parked,
            changes: it.changes,
            bytes: it.bytes,
        }
    }
}

/// RFC 3339 in UTC, to the second.
pub fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn field(it: Field) -> &'static str {
    match it {
        Field::Title => "title",
        Field::Body => "body",
    }
}
