//! Fills the memory of stories from the store: at the start, and after anything went wrong.

use std::{
    ops::ControlFlow,
    panic::{self, AssertUnwindSafe},
    thread,
};

use crate::{
    dedup::{
        Settings, placing,
        sketch::Reader,
        stories::{Held, Stories},
    },
    model::{Fingerprint, Report, Timestamp, earlier},
    store::{Store, StoreError},
};

/// Reports read before they are sketched, which all cores do together.
const CHUNK: usize = 2_000;

/// The newest reports within the window, as many as are held.
///
/// # Errors
///
/// Any [`StoreError`]. A report that is damaged is logged by the store and left out.
pub fn filled(store: &dyn Store, settings: Settings, now: Timestamp) -> Result<Stories, StoreError> {
    let mut stories = Stories::new(settings);
    let mut chunk = Vec::with_capacity(CHUNK);
    // Newest first.
    let mut held = Vec::<Held>::new();
    let reader = Reader::default();
    store.recent(earlier(now, settings.window)..Timestamp::MAX_UTC, &mut |report, fingerprint| {
        chunk.push((report, fingerprint));
        if chunk.len() == CHUNK {
            held.extend(sketched(&reader, &chunk));
            chunk.clear();
        }
        if held.len() + chunk.len() < settings.max_held { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    held.extend(sketched(&reader, &chunk));
    held.into_iter().rev().for_each(|it| stories.hold(it));
    store.regroupings(&mut |it| {
        stories.remember(&it);
        ControlFlow::Continue(())
    })?;
    tracing::debug!(reports = stories.len(), "reports of late in memory");
    Ok(stories)
}

fn sketched(reader: &Reader, reports: &[(Report, Fingerprint)]) -> Vec<Held> {
    let one = |(report, fingerprint): &(Report, Fingerprint)| Held {
        id: report.article.id,
        story: report.story(),
        first_seen: report.article.first_seen,
        fingerprint: fingerprint.clone(),
        sketch: reader.sketch(placing::text(&report.article)),
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
