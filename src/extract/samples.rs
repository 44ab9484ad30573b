//! The features that scorers see of a page, for tools that make or measure their weights.

use url::Url;

use crate::text::{self, html::TooComplex};

use super::{ExtractError, Extracted, blocks, context, dates, features, head, meta, page_by};

/// A line of a page with its features, for whoever makes the weights of the scorer.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The line.
    pub text: String,
    /// Its features.
    pub features: Vec<f32>,
}

/// The lines of a page with their features.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn samples(markup: &str) -> Result<Vec<Sample>, TooComplex> {
    let document = text::html::document(markup)?;
    let blocks = blocks::Blocks::read(&document);
    let rows = features::rows(&blocks, &head::Head::read(&document));
    let sample = |(block, row): (&blocks::Block, &[f32])| Sample { text: block.text.clone(), features: row.to_vec() };
    Ok(blocks.lines.iter().zip(rows.iter()).map(sample).collect())
}

/// What the judgement of all lines of a page says about each, for whoever makes the weights of the second scorer.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn context_samples(markup: &str, judged: &[f32]) -> Result<Vec<Vec<f32>>, TooComplex> {
    let document = text::html::document(markup)?;
    let rows = context::rows(&blocks::Blocks::read(&document), judged);
    Ok(rows.iter().map(<[f32]>::to_vec).collect())
}

/// Reads a page whose [`samples`] were judged elsewhere, each of 1, for whoever measures weights that are not in the
/// tables.
///
/// # Errors
///
/// [`ExtractError`] where the page cannot be read at all.
pub fn page_judged(markup: &str, url: &Url, judged: &[f32]) -> Result<Extracted, ExtractError> {
    page_by(markup, url, None, None, |_, _| judged.to_vec())
}

/// The days that a page names with their features, for whoever makes the weights of the scorer of dates.
///
/// # Errors
///
/// [`TooComplex`] where parsing would cost too much.
pub fn date_samples(markup: &str, url: &Url) -> Result<Vec<Sample>, TooComplex> {
    let document = text::html::document(markup)?;
    let (head, blocks) = (head::Head::read(&document), blocks::Blocks::read(&document));
    let title = meta::title(&head, &blocks, url, meta::site_name(&head).as_deref());
    let title = title.map(|it| it.value).unwrap_or_default();
    let candidates = dates::Candidates::of(&head, &blocks, url, &title, None);
    let rows = candidates.features().into_iter();
    Ok(rows.map(|(it, features)| Sample { text: it.day.to_string(), features }).collect())
}
