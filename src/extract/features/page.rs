//! What is known of a page as a whole: its title, its description, the text that it states for machines.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

use std::collections::{HashMap, HashSet};

use crate::extract::{
    blocks::{Block, Blocks, hash, share},
    cues::{self, Cue, Starts},
    head::Head,
};

/// Maximum words of a title that may say what a text is about.
const MAX_TOPIC_WORDS: usize = 100;

/// What is known of a page as a whole.
pub(super) struct Page {
    titles: Vec<HashSet<u64>>,
    /// The longer words of the title.
    pub(super) topic: HashSet<u64>,
    description: HashSet<u64>,
    /// Runs of three words of JSON-LD's `articleBody`.
    pub(super) article_body: Option<HashSet<u64>>,
    /// The first line that contains the title.
    pub(super) title_line: Option<usize>,
}

impl Page {
    pub(super) fn of(blocks: &Blocks, head: &Head) -> Self {
        let titles = [head.meta(&["og:title", "twitter:title"]), head.title.as_deref()];
        let mut titles: Vec<_> = titles.into_iter().flatten().map(word_set).collect();
        titles.retain(|it: &HashSet<u64>| it.len() > 1);
        let description = head.meta(&["og:description", "description", "twitter:description"]).map(word_set);
        let article_body = head.article_body.as_deref().filter(|it| it.len() > 200);
        let article_body = article_body.map(|it| runs(it).into_iter().collect());
        let names = [head.meta(&["og:title", "twitter:title"]), head.title.as_deref()];
        let topic = names.into_iter().flatten().next().map(topic_words).unwrap_or_default();
        let mut res =
            Self { titles, topic, description: description.unwrap_or_default(), article_body, title_line: None };
        let is_title = |it: &Block| {
            blocks.element(it.element).tag.starts_with('h') && it.text.len() < 400 && res.title_likeness(&it.text) > 0.6
        };
        let h1 = |it: &Block| blocks.element(it.element).tag == "h1";
        res.title_line = blocks
            .lines
            .iter()
            .position(|it| h1(it) && is_title(it))
            .or_else(|| blocks.lines.iter().position(is_title))
            .or_else(|| blocks.lines.iter().position(h1));
        res
    }

    /// The words of the title that occur under each element.
    pub(super) fn topics(&self, blocks: &Blocks) -> HashMap<usize, HashSet<u64>> {
        let mut res: HashMap<usize, HashSet<u64>> = HashMap::new();
        if self.topic.is_empty() {
            return res;
        }
        for block in &blocks.lines {
            let found: Vec<_> = words(&block.text).filter(|it| self.topic.contains(it)).collect();
            // The title itself contains all of them.
            if found.is_empty() || self.title_likeness(&block.text) > 0.6 {
                continue;
            }
            for it in blocks.around(block.element) {
                res.entry(it).or_default().extend(&found);
            }
        }
        res
    }

    /// Similarity (0–1) of a text to a title of the page.
    fn title_likeness(&self, text: &str) -> f32 {
        let words = word_set(text);
        self.titles.iter().map(|it| dice(&words, it)).fold(0.0, f32::max)
    }

    pub(super) fn own(&self, block: &Block) -> Own {
        let chars = block.text.chars().count();
        let lower = if chars <= 1_000 { block.text.to_lowercase() } else { String::new() };
        let words = word_set(&block.text);
        let known = |set: &HashSet<u64>| words.iter().filter(|it| set.contains(it)).count() as f32;
        let is_description =
            if self.description.len() > 4 { share(known(&self.description), words.len() as f32) } else { -1.0 };
        let in_article_body = match &self.article_body {
            None => -1.0,
            Some(body) => {
                let runs = runs(&block.text);
                share(runs.iter().filter(|it| body.contains(it)).count() as f32, runs.len() as f32)
            }
        };
        let is_title = self.titles.iter().map(|it| dice(&words, it)).fold(0.0, f32::max);
        Own {
            starts: cues::of_start(&lower, chars),
            chars: chars as f32,
            words: block.text.split_whitespace().count() as f32,
            lower,
            is_title,
            is_description,
            in_article_body,
        }
    }
}

fn word_set(text: &str) -> HashSet<u64> {
    words(text).collect()
}

/// The hashes of the words of a text, in lower case; of scripts without spaces, of its letters.
fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(|it| {
        let lower: String = it.chars().flat_map(char::to_lowercase).collect();
        hash(lower)
    })
}

/// The hashes of the words that may say what a text is about.
fn topic_words(text: &str) -> HashSet<u64> {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| it.chars().count() >= 4).flat_map(words);
    // No title has more. Each word is stored for all elements around the lines that contain it.
    words.take(MAX_TOPIC_WORDS).collect()
}

/// The hashes of the runs of three words of a text.
pub(in crate::extract) fn runs(text: &str) -> Vec<u64> {
    let words: Vec<_> = words(text).collect();
    match words.len() {
        0 => Vec::new(),
        1 | 2 => vec![hash(&words)],
        _ => words.windows(3).map(hash).collect(),
    }
}

fn dice(a: &HashSet<u64>, b: &HashSet<u64>) -> f32 {
    2.0 * share(a.intersection(b).count() as f32, (a.len() + b.len()) as f32)
}

/// The properties of a line by itself.
pub(super) struct Own {
    /// What it begins with, see [`cues::of_start`].
    pub(super) starts: Starts,
    pub(super) chars: f32,
    pub(super) words: f32,
    pub(super) lower: String,
    pub(super) is_title: f32,
    pub(super) is_description: f32,
    pub(super) in_article_body: f32,
}

impl Own {
    pub(super) fn says(&self, cue: Cue) -> bool {
        self.starts.says(cue)
    }
}
