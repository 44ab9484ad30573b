//! Fills the memory of the settling thread from the store: the recent stories, and what labels and examples teach. Only
//! reads the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use crate::{
    classify::models::{Labelled, Models},
    decide::Rules,
    dedup::{
        Settings, placing,
        sketch::Sketch,
        stories::{Held, Stories},
    },
    model::{Fingerprint, Report, Timestamp, earlier},
    store::{Store, StoreError, readable},
    text::language_of,
};

/// Reports read before they are sketched together, on all cores.
const CHUNK: usize = 2_000;
/// Maximum labels learned from, the newest.
const MAX_LABELS: usize = 2_000;
/// Unlabelled articles learned from, per language.
const MAX_UNLABELLED: usize = 300;
/// Newest articles searched for unlabelled ones, over all languages.
const MAX_READ: usize = 3_000;
/// Minimum new articles before the models are learned anew.
const MIN_NEW: usize = 25;
/// From this many texts on, topics count as well known, and far more new articles are needed to learn anew.
const KNOWN_WELL: usize = 300;

/// Progress of filling the memory, as other threads see it. A large archive takes minutes.
#[derive(Debug, Default)]
pub struct Filling {
    steps: AtomicU64,
    is_given_up: AtomicBool,
}

impl Filling {
    /// A number that rises while the memory is being filled.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Stops this filling, and any that would begin later.
    pub fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }

    fn step(&self) -> ControlFlow<()> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        if self.is_given_up() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The newest reports within the window, as many as are held; `None` where it was given up.
///
/// # Errors
///
/// Any [`StoreError`]. A report that is damaged is logged by the store and left out.
pub fn filled(
    store: &dyn Store,
    settings: Settings,
    now: Timestamp,
    filling: &Filling,
) -> Result<Option<Stories>, StoreError> {
    let mut stories = Stories::new(settings);
    let mut chunk = Vec::with_capacity(CHUNK);
    // Newest first.
    let mut held = Vec::<Held>::new();
    store.recent(earlier(now, settings.window)..Timestamp::MAX_UTC, &mut |report, fingerprint| {
        chunk.push((report, fingerprint));
        if chunk.len() == CHUNK {
            held.extend(sketched(&chunk));
            chunk.clear();
        }
        if held.len() + chunk.len() < settings.max_held { filling.step() } else { ControlFlow::Break(()) }
    })?;
    if filling.is_given_up() {
        return Ok(None);
    }
    held.extend(sketched(&chunk));
    for it in held.into_iter().rev() {
        if filling.step().is_break() {
            return Ok(None);
        }
        stories.hold(it);
    }
    store.regroupings_by_hand(&mut |it| {
        stories.remember(&it);
        ControlFlow::Continue(())
    })?;
    tracing::debug!(reports = stories.len(), "reports of late in memory");
    Ok(Some(stories))
}

/// What the labels and examples teach.
#[derive(Debug, Default)]
pub struct Lessons {
    /// By topic.
    pub models: Models,
    /// Number of texts read to learn; 0 if there are neither labels nor examples.
    pub n_read: usize,
    /// Number of articles added since.
    pub n_since: usize,
}

impl Lessons {
    /// Whether to learn anew: the articles that topics are told apart from change, and at first there are none. With
    /// few texts, half as many new articles change much; from some hundreds on, only twice as many do.
    pub fn is_due(&self) -> bool {
        let least = if self.n_read < KNOWN_WELL { (self.n_read / 2).max(MIN_NEW) } else { 2 * self.n_read };
        self.n_read > 0 && self.n_since >= least
    }

    /// What labels and examples teach now. A failure is logged and leaves the lessons as they were: an article must not
    /// wait for it.
    #[must_use]
    pub fn renewed(self, store: &dyn Store, rules: &Rules) -> Self {
        match panic::catch_unwind(AssertUnwindSafe(|| learned(store, rules))) {
            Ok(Ok(it)) => return it,
            Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "topics are not learned anew"),
            Err(_) => tracing::error!("a defect: topics are not learned anew"),
        }
        Self { n_read: self.n_read.max(1), n_since: 0, ..self }
    }
}

/// Learns from the labels, the examples and the newest articles.
///
/// # Errors
///
/// Any [`StoreError`].
pub fn learned(store: &dyn Store, rules: &Rules) -> Result<Lessons, StoreError> {
    let labels = labelled(store)?;
    if labels.is_empty() && rules.seeds.is_empty() {
        return Ok(Lessons::default());
    }
    let background = unlabelled(store, &labels)?;
    let models = Models::fit(&rules.topics, &rules.seeds, &labels, &background);
    let n_examples = rules.seeds.iter().map(|it| it.examples.len().max(1)).sum::<usize>();
    Ok(Lessons { models, n_read: labels.len() + background.len() + n_examples, n_since: 0 })
}

/// What people labelled, the newest labels first.
///
/// # Errors
///
/// Any [`StoreError`]. What is damaged is left out.
pub fn labelled(store: &dyn Store) -> Result<Vec<Labelled>, StoreError> {
    let mut labels = Vec::new();
    store.labels(&mut |it| {
        labels.push(it);
        ControlFlow::Continue(())
    })?;
    labels.sort_by(|a, b| (b.at, b.article, &b.topic).cmp(&(a.at, a.article, &a.topic)));
    labels.truncate(MAX_LABELS);
    let mut res = Vec::new();
    for it in labels {
        if let Some(report) = readable(store.report(it.article))? {
            res.push(Labelled { article: report.article, topic: it.topic, is_right: it.is_right });
        }
    }
    Ok(res)
}

/// The newest articles that nobody labelled, the newest first: at most 300 of a language, among the newest 3,000.
///
/// # Errors
///
/// Any [`StoreError`]. What is damaged is left out.
pub fn unlabelled(store: &dyn Store, labels: &[Labelled]) -> Result<Vec<Report>, StoreError> {
    let known = labels.iter().map(|it| it.article.id).collect::<BTreeSet<_>>();
    let mut res = Vec::new();
    let mut by_language = BTreeMap::<Option<String>, usize>::new();
    let mut n_read = 0;
    store.reports(Timestamp::MIN_UTC..Timestamp::MAX_UTC, &mut |it| {
        n_read += 1;
        let n = by_language.entry(language_of(&it.article).map(str::to_owned)).or_default();
        if !known.contains(&it.article.id) && *n < MAX_UNLABELLED {
            *n += 1;
            res.push(it);
        }
        if n_read < MAX_READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(res)
}

fn sketched(reports: &[(Report, Fingerprint)]) -> Vec<Held> {
    let one = |(report, fingerprint): &(Report, Fingerprint)| Held {
        id: report.article.id,
        story: report.story(),
        first_seen: report.article.first_seen,
        fingerprint: fingerprint.clone(),
        sketch: Sketch::new(placing::text(&report.article)),
    };
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let share = reports.len().div_ceil(n_threads).max(1);
    thread::scope(|scope| {
        // A text that trips a stage must not keep the others out.
        let sure = |it: &(Report, Fingerprint)| panic::catch_unwind(AssertUnwindSafe(|| one(it))).ok();
        let parts =
            reports.chunks(share).map(|part| scope.spawn(move || part.iter().filter_map(sure).collect::<Vec<_>>()));
        let parts = parts.collect::<Vec<_>>();
        parts.into_iter().filter_map(|it| it.join().ok()).flatten().collect()
    })
}
