//! The record of a source's state.

use serde::{Deserialize, Serialize};

use super::{RecordError, Time, some};
use crate::model::{Health, SourceId, SourceState, Validators};

/// Version 1 of [`SourceState`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct SourceStateRecord {
    source: String,
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    polled: Time,
    succeeded: Option<Time>,
    brought_new: Option<Time>,
    failures: u32,
    polls: u64,
    entries: u32,
    due: Time,
    health: HealthRecord,
}

/// Version 1 of [`Health`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum HealthRecord {
    Fine,
    Troubled { reason: String },
    Failing { reason: String, since: Time },
}

impl From<&SourceState> for SourceStateRecord {
    fn from(it: &SourceState) -> Self {
        Self {
            source: it.source.as_str().to_owned(),
            url: it.url.clone(),
            etag: it.validators.etag.clone(),
            last_modified: it.validators.last_modified.clone(),
            polled: it.polled.into(),
            succeeded: it.succeeded.map(Time::from),
            brought_new: it.brought_new.map(Time::from),
            failures: it.failures,
            polls: it.polls,
            entries: it.entries,
            due: it.due.into(),
            health: match &it.health {
                Health::Fine => HealthRecord::Fine,
                Health::Troubled { reason } => HealthRecord::Troubled { reason: reason.clone() },
                Health::Failing { reason, since } => {
                    HealthRecord::Failing { reason: reason.clone(), since: (*since).into() }
                }
            },
        }
    }
}

impl TryFrom<SourceStateRecord> for SourceState {
    type Error = RecordError;

    fn try_from(it: SourceStateRecord) -> Result<Self, RecordError> {
        Ok(Self {
            source: source_id(&it.source)?,
            url: it.url,
            validators: Validators { etag: it.etag, last_modified: it.last_modified },
            polled: it.polled.try_into()?,
            succeeded: some(it.succeeded)?,
            brought_new: some(it.brought_new)?,
            failures: it.failures,
            polls: it.polls,
            entries: it.entries,
            due: it.due.try_into()?,
            health: match it.health {
                HealthRecord::Fine => Health::Fine,
                HealthRecord::Troubled { reason } => Health::Troubled { reason },
                HealthRecord::Failing { reason, since } => Health::Failing { reason, since: since.try_into()? },
            },
        })
    }
}

/// The source id behind its text.
pub(super) fn source_id(text: &str) -> Result<SourceId, RecordError> {
    SourceId::new(text).map_err(RecordError::broken)
}
