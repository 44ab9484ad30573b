//! `[[audience]]` tables of `sitrepd.toml`: further digests, each for some people.

use serde::Deserialize;

/// The table as written. Keys left out are as in `[digest]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AudienceEntry {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) formats: Option<Vec<String>>,
    pub(super) channels: Option<Vec<String>>,
    /// Recipients of `"mail"` among the channels.
    #[serde(default)]
    pub(super) to: Vec<String>,
    #[serde(default)]
    pub(super) topics: Vec<String>,
    #[serde(default)]
    pub(super) watches: Vec<String>,
    #[serde(default)]
    pub(super) languages: Vec<String>,
    #[serde(default)]
    pub(super) countries: Vec<String>,
    #[serde(default)]
    pub(super) min_score: f32,
    #[serde(default)]
    pub(super) min_confidence: f32,
}
