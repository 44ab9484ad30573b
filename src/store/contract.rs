//! What every store promises, as tests. Each backend runs [`check`].

mod articles;
mod corrections;
mod evidence;
mod messages;
pub(super) mod samples;

use super::Store;

/// Runs every case, each on a new and empty store.
pub(super) fn check(new: &mut dyn FnMut() -> Box<dyn Store>) {
    for (name, case) in articles::CASES.iter().chain(corrections::CASES).chain(evidence::CASES).chain(messages::CASES) {
        eprintln!("contract: {name}");
        case(new().as_ref());
    }
}

/// A named promise.
type Case = (&'static str, fn(&dyn Store));
