//! The documents of a source: its own, and the further ones that it names. Nothing is stored here.

use std::{collections::BTreeSet, time::Duration};

use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    decide::source::{self, Answer, Lesson},
    fetch::{Client, DocumentRequest, FetchError, Fetched, Wanted},
    model::{Entry, Fault, HeldDocument, JsonList, Source, SourceKind, SourceState, Timestamp, Validators, Wishes},
    parse::{self, Hints, ParseError, Parsed},
    text::error_chain,
};

use super::DaemonError;

/// What the documents of a source say.
#[derive(Debug, Clone)]
pub struct Reading {
    /// How it answered.
    pub answer: Answer,
    /// The address that was requested.
    pub asked: Url,
    /// The source's own title.
    pub title: Option<String>,
    /// The entries of all documents that have changed.
    pub entries: Vec<Entry>,
    /// How many of them are of each document, as far as documents are known.
    sizes: Vec<usize>,
    /// The page of older entries.
    pub next: Option<Url>,
    /// What else was learnt.
    pub lesson: Lesson,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// Reads a source at its address, conditionally as far as `before` allows.
///
/// # Errors
///
/// [`DaemonError::Panicked`]; whatever the source does is in the reading.
pub async fn read(
    client: &Client,
    source: &Source,
    before: Option<&SourceState>,
    settings: parse::Settings,
    now: Timestamp,
) -> Result<Reading, DaemonError> {
    let asked = source::address(source, before);
    let reader = Reader { client, source, settings, now, is_conditional: before.is_none_or(source::is_conditional) };
    // Documents read by other settings must be read again.
    let held = before.filter(|it| it.read_as == source::read_as(source));
    let held = held.map(|it| it.documents.as_slice()).unwrap_or_default();
    let own = reader.document(&asked, held).await?;
    let mut reading = Reading::of(asked, own.facts);
    let (further, mut is_changed) = match own.body {
        Body::Failed { fault, reason, is_answer } => {
            // An answer that is not a document must not be compared with the next one.
            reading.lesson.documents = if is_answer { Vec::new() } else { held.to_vec() };
            reading.answer = Answer::Failed { fault, reason };
            return Ok(reading);
        }
        Body::LeftAlone { reason } => {
            reading.lesson.documents = held.to_vec();
            reading.answer = Answer::LeftAlone { reason };
            return Ok(reading);
        }
        Body::Unchanged(document) => {
            reading.hold(document);
            let urls = held.iter().filter(|it| it.url != reading.asked.as_str());
            (urls.filter_map(|it| Url::parse(&it.url).ok()).collect(), false)
        }
        Body::Read { document, parsed } => {
            reading.hold(document);
            reading.lesson.is_own_new = true;
            (reading.take(*parsed), true)
        }
    };
    let mut is_throttled = false;
    for url in further {
        // A part that could not be read is requested again at the next poll, even if its index has not changed.
        let unread = |url: &Url| HeldDocument {
            url: url.to_string(),
            validators: Validators::default(),
            digest: [0; 8],
            entries: 0,
        };
        let known = || held.iter().find(|it| it.url == url.as_str()).cloned();
        if is_throttled {
            reading.hold(known().unwrap_or_else(|| unread(&url)));
            continue;
        }
        let part = reader.document(&url, held).await?;
        reading.retry_after = reading.retry_after.max(part.facts.retry_after);
        match part.body {
            Body::Unchanged(document) => reading.hold(document),
            Body::Read { document, parsed } => {
                reading.hold(document);
                // An index within an index violates the standard (sitemaps.org): its parts are not requested.
                reading.take(*parsed);
                is_changed = true;
            }
            Body::LeftAlone { .. } => {
                reading.hold(known().unwrap_or_else(|| unread(&url)));
                is_throttled = true;
            }
            Body::Failed { fault, reason, .. } => {
                reading.problem(format!("a part of it could not be read: {reason}"));
                reading.hold(unread(&url));
                is_changed = true;
                is_throttled = fault == Fault::Throttled;
            }
        }
    }
    if !is_changed {
        reading.answer = Answer::Unchanged;
    }
    if parse::keep_newest(&mut reading.entries, &reading.sizes, settings.max_entries) {
        reading.problem(format!("its parts have more than {} entries, the newest are read", settings.max_entries));
    }
    Ok(reading)
}

/// Reads a page of older entries.
///
/// # Errors
///
/// [`DaemonError::Panicked`].
pub async fn older(
    client: &Client,
    source: &Source,
    url: &Url,
    settings: parse::Settings,
    now: Timestamp,
) -> Result<Reading, DaemonError> {
    let reader = Reader { client, source, settings, now, is_conditional: false };
    let own = reader.document(url, &[]).await?;
    let mut reading = Reading::of(url.clone(), own.facts);
    match own.body {
        Body::Failed { fault, reason, .. } => reading.answer = Answer::Failed { fault, reason },
        Body::LeftAlone { reason } => reading.answer = Answer::LeftAlone { reason },
        Body::Unchanged(_) => (),
        Body::Read { parsed, .. } => {
            reading.take(*parsed);
        }
    }
    Ok(reading)
}

impl Reading {
    fn of(asked: Url, facts: Facts) -> Self {
        Self {
            answer: Answer::Read { entries: 0, problems: Vec::new() },
            asked,
            title: None,
            entries: Vec::new(),
            sizes: Vec::new(),
            next: None,
            lesson: Lesson {
                moved_to: facts.moved_to,
                fresh_for: facts.fresh_for,
                took: facts.took,
                ..Lesson::default()
            },
            retry_after: facts.retry_after,
        }
    }

    /// Remembers a document.
    fn hold(&mut self, document: HeldDocument) {
        let entries = self.lesson.entries.unwrap_or(0).saturating_add(document.entries);
        self.lesson.entries = Some(entries);
        self.lesson.documents.push(document);
    }

    /// Adds a document's content, and returns the addresses of the documents that hold entries in its place.
    fn take(&mut self, parsed: Parsed) -> Vec<Url> {
        let Parsed { title, entries, problems, same_guid, is_cut: _, hints, parts, next } = parsed;
        self.title = self.title.take().or(title);
        self.next = self.next.take().or(next);
        self.lesson.dates.extend(entries.iter().filter_map(Entry::order_date));
        self.lesson.same_guid |= same_guid;
        self.lesson.wishes = Some(wishes(&hints));
        if let Answer::Read { entries: n, .. } = &mut self.answer {
            *n += entries.len();
        }
        for it in problems {
            self.problem(it);
        }
        self.sizes.push(entries.len());
        self.entries.extend(entries);
        parts
    }

    /// Adds entries of a further page.
    pub fn add(&mut self, entries: Vec<Entry>) {
        if self.answer == Answer::Unchanged && !entries.is_empty() {
            self.answer = Answer::Read { entries: 0, problems: Vec::new() };
        }
        self.lesson.dates.extend(entries.iter().filter_map(Entry::order_date));
        if let Answer::Read { entries: n, .. } = &mut self.answer {
            *n += entries.len();
        }
        self.entries.extend(entries);
    }

    /// Bytes of the entries' texts.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(|it| it.text.len()).sum()
    }

    /// Adds what is wrong, in plain words.
    pub fn note(&mut self, problem: String) {
        if self.answer == Answer::Unchanged {
            self.answer = Answer::Read { entries: 0, problems: Vec::new() };
        }
        self.problem(problem);
    }

    fn problem(&mut self, problem: String) {
        if let Answer::Read { problems, .. } = &mut self.answer {
            problems.push(problem);
        }
    }
}

/// A feed's wishes about polling, as they are stored.
pub fn wishes(hints: &Hints) -> Wishes {
    let small = |it: u32| u8::try_from(it).ok();
    // Deduplicated: a hostile feed may repeat one hour half a million times.
    let hours: BTreeSet<u8> = hints.skip_hours.iter().filter_map(|it| small(*it)).collect();
    let days: BTreeSet<u8> = hints.skip_days.iter().filter_map(|it| small(it.num_days_from_monday())).collect();
    Wishes {
        pause: hints.ttl.max(hints.update_every),
        skip_hours: hours.into_iter().collect(),
        skip_days: days.into_iter().collect(),
    }
}

/// How documents of this source are asked for.
pub fn request(source: &Source) -> DocumentRequest<'_> {
    let (wanted, obeys_robots) = match &source.kind {
        SourceKind::Syndication => (Wanted::Feed, false),
        SourceKind::Sitemap(_) => (Wanted::Sitemap, false),
        SourceKind::Listing(_) => (Wanted::Page, true),
        SourceKind::Json(it) if it.within.is_some() => (Wanted::Page, true),
        SourceKind::Json(_) => (Wanted::Json, true),
        // A channel whose owner leaves the preview on offers it to everybody.
        SourceKind::Telegram => (Wanted::Page, false),
    };
    DocumentRequest { wanted, validators: None, user_agent: source.user_agent.as_deref(), obeys_robots }
}

struct Reader<'a> {
    client: &'a Client,
    source: &'a Source,
    settings: parse::Settings,
    now: Timestamp,
    is_conditional: bool,
}

/// A document that was asked for.
struct Document {
    facts: Facts,
    body: Body,
}

/// The parts of an answer beside its body.
#[derive(Default)]
struct Facts {
    moved_to: Option<Url>,
    fresh_for: Option<Duration>,
    took: Option<Duration>,
    retry_after: Option<Duration>,
}

enum Body {
    /// The held document is unchanged, as the server says or its bytes show.
    Unchanged(HeldDocument),
    Read {
        document: HeldDocument,
        parsed: Box<Parsed>,
    },
    /// It was not requested, because its host asked to be left alone.
    LeftAlone {
        reason: String,
    },
    /// `is_answer`: something was received, but it was not a document.
    Failed {
        fault: Fault,
        reason: String,
        is_answer: bool,
    },
}

impl Reader<'_> {
    async fn document(&self, url: &Url, held: &[HeldDocument]) -> Result<Document, DaemonError> {
        let held = held.iter().find(|it| it.url == url.as_str());
        let validators = held.map(|it| &it.validators).filter(|_| self.is_conditional);
        let request = DocumentRequest { validators, ..request(self.source) };
        let fetched = match self.client.document(url, request, self.now).await {
            Ok(it) => it,
            Err(error) if is_past_the_end(self.source, url, &error) => {
                let (validators, digest) = (Validators::default(), [0; 8]);
                let document = HeldDocument { url: url.to_string(), validators, digest, entries: 0 };
                return Ok(Document { facts: Facts::default(), body: Body::Read { document, parsed: Box::default() } });
            }
            Err(error) => return Ok(failed(&error)),
        };
        let Fetched { body, content_type, url: answered, validators, moved_to, fresh_for, took } = fetched;
        let facts = Facts { moved_to, fresh_for, took: Some(took), retry_after: None };
        let known = held.map(|it| (it.digest, it.entries)).unwrap_or_default();
        let document = |(digest, entries)| HeldDocument { url: url.to_string(), validators, digest, entries };
        let Some(bytes) = body else {
            return Ok(Document { facts, body: Body::Unchanged(document(known)) });
        };
        let digest = digest(&bytes);
        if held.is_some() && digest == known.0 {
            return Ok(Document { facts, body: Body::Unchanged(document(known)) });
        }
        let body = match self.parse(bytes, content_type, answered).await? {
            Ok(parsed) => {
                let entries = u32::try_from(parsed.entries.len()).unwrap_or(u32::MAX);
                let mut document = document((digest, entries));
                // An empty or truncated document is not remembered: a later "not modified" would hide the entries that
                // it lacked.
                if parsed.is_cut || (parsed.entries.is_empty() && parsed.parts.is_empty()) {
                    (document.validators, document.digest) = (Validators::default(), [0; 8]);
                }
                Body::Read { document, parsed: Box::new(parsed) }
            }
            Err(error) => Body::Failed { fault: error.fault(), reason: error.to_string(), is_answer: true },
        };
        Ok(Document { facts, body })
    }

    /// Off the async threads.
    async fn parse(
        &self,
        body: Vec<u8>,
        content_type: Option<String>,
        url: Url,
    ) -> Result<Result<Parsed, ParseError>, DaemonError> {
        let (source, settings, now) = (self.source.clone(), self.settings, self.now);
        super::blocking(move || {
            let document = parse::Document { bytes: &body, content_type: content_type.as_deref(), url: &url, now };
            parse::source(&source, document, settings)
        })
        .await
    }
}

/// Whether there is nothing older: to a page behind the last WordPress' interface answers 400
/// (`rest_post_invalid_page_number`).
fn is_past_the_end(source: &Source, url: &Url, error: &FetchError) -> bool {
    let is_further = || url.query_pairs().any(|(key, value)| key == "page" && value != "1");
    matches!(error, FetchError::Status { status: 400, .. })
        && matches!(&source.kind, SourceKind::Json(it) if *it == JsonList::wordpress())
        && is_further()
}

fn failed(error: &FetchError) -> Document {
    let facts = Facts { retry_after: error.retry_after(), ..Facts::default() };
    let reason = error_chain(error);
    let body = match error {
        FetchError::Waiting { .. } => Body::LeftAlone { reason },
        _ => Body::Failed { fault: error.fault(), reason, is_answer: false },
    };
    Document { facts, body }
}

fn digest(body: &[u8]) -> [u8; 8] {
    let mut res = [0; 8];
    res.iter_mut().zip(Sha256::digest(body)).for_each(|(to, from)| *to = from);
    res
}
