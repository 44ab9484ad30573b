//! Adds to a digest what the configured machines make: summaries of stories, and translations. What they fail to
//! deliver is left out, and the digest says so; the sentences of the reports are there in any case.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;
use tracing::warn;

use crate::{
    config::Hooks,
    deliver::{
        NotPosted, Posted, Posting,
        hooks::{Asker, MAX_ANSWER_BYTES, ReportText, StoryText, Summarizer, Translator},
    },
    digest::{Digest, Story, one_line},
    fetch::{Client, PostRequest},
    model::{ArticleId, Report},
    text::{capped, error_chain, without_region},
};

/// Total time of each machine for one digest. The digest must go out in time, the service manager expects signs of
/// life, and a slow machine must leave time for the other.
const BUDGET: Duration = Duration::from_secs(150);
/// After this many failures in a row, a machine is not asked any more for this digest.
const MAX_FAILURES: usize = 3;
/// Maximum bytes handed over of a report's text.
const MAX_TEXT_BYTES: usize = 6_000;
/// Maximum bytes handed over of all reports of a story together.
const MAX_STORY_BYTES: usize = 24_000;
/// Maximum texts translated in one request.
const MAX_TEXTS_AT_ONCE: usize = 40;
/// Maximum texts translated for one digest.
const MAX_TEXTS: usize = 400;

/// The texts of reports, by article.
pub type Texts = HashMap<ArticleId, String>;

/// The beginnings of the texts of all reports that a digest shows under topics.
pub fn texts(digest: &Digest, reports: &[Report]) -> Texts {
    let shown: BTreeSet<_> = digest.stories().flat_map(|it| &it.reports.items).map(|it| it.article).collect();
    let shown = reports.iter().filter(|it| shown.contains(&it.article.id));
    shown.map(|it| (it.article.id, capped(&it.article.body, MAX_TEXT_BYTES).to_owned())).collect()
}

/// Adds what the machines make.
pub async fn add(digest: &mut Digest, texts: &Texts, hooks: &Hooks, client: &Client) {
    let asker = asker(client);
    if let Some(it) = &hooks.summary {
        summaries(digest, texts, it, &asker).await;
    }
    if let Some(it) = &hooks.translate {
        translations(digest, it, &asker).await;
    }
}

fn asker(client: &Client) -> Asker {
    let client = client.clone();
    Arc::new(move |it: Posting, limit| {
        let client = client.clone();
        Box::pin(async move {
            let request = PostRequest { url: &it.url, is_put: it.is_put, headers: &it.headers, body: it.body };
            let answer = client.ask(request, MAX_ANSWER_BYTES as u64, limit).await;
            let answer = answer.map_err(|it| NotPosted { reason: error_chain(&it) })?;
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            Ok(Posted { status: answer.status, retry_after: answer.retry_after, body })
        })
    })
}

/// How a machine fares.
struct Turn {
    until: Instant,
    in_a_row: usize,
    failed: usize,
    last: String,
}

impl Turn {
    fn new() -> Self {
        Self { until: Instant::now() + BUDGET, in_a_row: 0, failed: 0, last: String::new() }
    }

    /// Asks, unless the machine has failed too often or the time is over.
    async fn ask<T>(&mut self, of: usize, asked: impl Future<Output = Result<T, String>>) -> Option<T> {
        if self.in_a_row >= MAX_FAILURES {
            self.failed += of;
            return None;
        }
        let result = match tokio::time::timeout_at(self.until, asked).await {
            Ok(result) => result,
            Err(_) => {
                self.in_a_row = MAX_FAILURES;
                Err(format!("its {} seconds for a digest are over", BUDGET.as_secs()))
            }
        };
        match result {
            Ok(it) => {
                self.in_a_row = 0;
                Some(it)
            }
            Err(why) => {
                self.in_a_row += 1;
                self.failed += of;
                self.last = why;
                None
            }
        }
    }

    /// Writes down what failed.
    fn note(self, digest: &mut Digest, what: &str, asked: usize, machine: &str, instead: &str) {
        if self.failed > 0 {
            warn!(
                machine,
                failed = self.failed,
                asked,
                why = self.last,
                "a machine failed; the digest goes out without"
            );
            let note = format!(
                "{} of {asked} {what} could not be had from {machine} ({}): {instead}.",
                self.failed, self.last
            );
            digest.notes.push(one_line(&note, 400));
        }
    }
}

async fn summaries(digest: &mut Digest, texts: &Texts, machine: &Summarizer, asker: &Asker) {
    let mut turn = Turn::new();
    let mut asked = 0;
    for story in digest.stories_mut().take(machine.max_stories) {
        asked += 1;
        story.summary = turn.ask(1, machine.summary(asker, &handed(story, texts))).await;
    }
    let instead = "their sentences stand alone";
    turn.note(digest, "summaries", asked, &machine.way.to_string(), instead);
}

fn handed(story: &Story, texts: &Texts) -> StoryText {
    let mut room = MAX_STORY_BYTES;
    let mut reports = Vec::new();
    // A whole copy only repeats its original; a partial copy says more.
    for it in story.reports.items.iter().filter(|it| !it.is_whole_copy() || it.article == story.lead.article) {
        let text = capped(texts.get(&it.article).map_or("", String::as_str), room).to_owned();
        room -= text.len();
        reports.push(ReportText {
            outlet: it.outlet.clone(),
            title: it.title.clone(),
            language: it.language.clone(),
            text,
        });
    }
    StoryText { headline: story.headline.text.clone(), reports }
}

async fn translations(digest: &mut Digest, machine: &Translator, asker: &Asker) {
    let mut foreign = BTreeMap::<String, BTreeSet<String>>::new();
    let mut asked = 0;
    digest.each_text(&mut |language, text, _| {
        if let Some(from) = primary(language).filter(|it| *it != machine.to)
            && asked < MAX_TEXTS
            && foreign.entry(from).or_default().insert(text.to_owned())
        {
            asked += 1;
        }
    });
    let mut turn = Turn::new();
    let mut translated = HashMap::new();
    for (from, texts) in &foreign {
        let texts: Vec<_> = texts.iter().cloned().collect();
        for some in texts.chunks(MAX_TEXTS_AT_ONCE) {
            let got = turn.ask(some.len(), machine.translate(asker, from, some)).await.unwrap_or_default();
            let pairs = some.iter().cloned().zip(got).filter(|(text, it)| !it.is_empty() && it != text);
            translated.extend(pairs.map(|(text, it)| ((from.clone(), text), it)));
        }
    }
    digest.each_text(&mut |language, text, translation| {
        *translation = primary(language).and_then(|from| translated.get(&(from, text.to_owned())).cloned());
    });
    turn.note(digest, "translations", asked, &machine.way.to_string(), "the originals stand alone");
}

/// `zh` of `zh-Hant`.
fn primary(language: Option<&str>) -> Option<String> {
    let primary = without_region(language?);
    let is_code = (2..=3).contains(&primary.len()) && primary.bytes().all(|it| it.is_ascii_alphabetic());
    is_code.then(|| primary.to_ascii_lowercase())
}
