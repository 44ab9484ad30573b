//! The records of what people correct.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{RecordError, Time};
use crate::model::{ArticleId, Cause, Label, Move, Regrouping, RegroupingId, StoryId};

/// Version 1 of [`Regrouping`].
#[derive(Serialize, Deserialize)]
pub(super) struct RegroupingRecord {
    id: u64,
    at: Time,
    cause: CauseRecord,
    moves: Vec<MoveRecord>,
}

/// Version 1 of [`Cause`].
#[derive(Serialize, Deserialize)]
enum CauseRecord {
    Merged,
    Split,
    Undone(u64),
    Bridged(u64),
    /// From record version 7 on.
    Drawn(u64),
}

/// Version 1 of [`Move`].
#[derive(Serialize, Deserialize)]
struct MoveRecord {
    article: u64,
    from: u64,
    to: u64,
}

impl From<&Regrouping> for RegroupingRecord {
    fn from(it: &Regrouping) -> Self {
        let cause = match it.cause {
            Cause::Merged => CauseRecord::Merged,
            Cause::Split => CauseRecord::Split,
            Cause::Undone(of) => CauseRecord::Undone(of.0),
            Cause::Bridged(by) => CauseRecord::Bridged(by.0),
            Cause::Drawn(by) => CauseRecord::Drawn(by.0),
        };
        let moves = it.moves.iter().map(|it| MoveRecord { article: it.article.0, from: it.from.0.0, to: it.to.0.0 });
        Self { id: it.id.0, at: it.at.into(), cause, moves: moves.collect() }
    }
}

impl TryFrom<RegroupingRecord> for Regrouping {
    type Error = RecordError;

    fn try_from(it: RegroupingRecord) -> Result<Self, RecordError> {
        let cause = match it.cause {
            CauseRecord::Merged => Cause::Merged,
            CauseRecord::Split => Cause::Split,
            CauseRecord::Undone(of) => Cause::Undone(RegroupingId(of)),
            CauseRecord::Bridged(by) => Cause::Bridged(ArticleId(by)),
            CauseRecord::Drawn(by) => Cause::Drawn(ArticleId(by)),
        };
        let story = |it| StoryId(ArticleId(it));
        let moves = it.moves.into_iter().map(|it| Move {
            article: ArticleId(it.article),
            from: story(it.from),
            to: story(it.to),
        });
        let moves = moves.collect::<Vec<_>>();
        let mut known = HashSet::new();
        match moves.iter().find(|it| !known.insert(it.article)) {
            Some(twice) => Err(RecordError::broken(format_args!("a regrouping moves article {} twice", twice.article))),
            None => Ok(Self { id: RegroupingId(it.id), at: it.at.try_into()?, cause, moves }),
        }
    }
}

/// Version 1 of [`Label`].
#[derive(Serialize, Deserialize)]
pub(super) struct LabelRecord {
    article: u64,
    topic: String,
    right: bool,
    at: Time,
}

impl From<&Label> for LabelRecord {
    fn from(it: &Label) -> Self {
        Self { article: it.article.0, topic: it.topic.clone(), right: it.is_right, at: it.at.into() }
    }
}

impl TryFrom<LabelRecord> for Label {
    type Error = RecordError;

    fn try_from(it: LabelRecord) -> Result<Self, RecordError> {
        Ok(Self { article: ArticleId(it.article), topic: it.topic, is_right: it.right, at: it.at.try_into()? })
    }
}
