//! The texts that topics are learned from, counted once. Pure.

use super::{Labelled, whole};
use crate::{
    classify::{examples::Seed, features::Counts, topics::Topics},
    model::Report,
};

/// Each text with what stands in it.
#[derive(Debug)]
pub(super) struct Texts<'a> {
    /// Labels of configured topics: one that was removed is no longer learned.
    pub(super) labels: Vec<(&'a Labelled, Counts)>,
    /// Unlabelled texts, the newest first.
    pub(super) background: Vec<(&'a Report, Counts)>,
    /// Each with its examples.
    pub(super) seeds: Vec<(&'a Seed, Vec<Counts>)>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(topics: &Topics, seeds: &'a [Seed], labels: &'a [Labelled], background: &'a [Report]) -> Self {
        let is_there = |id: &str| topics.get(id).is_some() || seeds.iter().any(|it| it.id == id);
        let labels = labels.iter().filter(|it| is_there(&it.topic));
        Self {
            labels: labels.map(|it| (it, Counts::of(&whole(&it.article)))).collect(),
            background: background.iter().map(|it| (it, Counts::of(&whole(&it.article)))).collect(),
            seeds: seeds.iter().map(|it| (it, it.examples.iter().map(|it| Counts::of(it)).collect())).collect(),
        }
    }
}
