//! Handles damaged records: a command shows everything that is sound, and reports at its end that it skipped the rest.

use crate::store::Store;

use super::{CliError, output::count, setup::Archive};

/// Ends a command that has shown everything sound: with an error if opening the archive found a loss, or if damaged
/// records were met.
pub(super) fn ended(archive: &Archive) -> Result<(), CliError> {
    if let Archive::Own { loss: Some(loss), .. } = archive {
        return Err(CliError::BadData(format!(
            "the archive is not as it was written: {loss}. What is shown may lack what is lost; sitrepd verify tells where"
        )));
    }
    passed_over(&**archive)
}

/// Returns an error if damaged records were met.
pub(super) fn passed_over(store: &dyn Store) -> Result<(), CliError> {
    match usize::try_from(store.passed_over()).unwrap_or(usize::MAX) {
        0 => Ok(()),
        n => Err(CliError::BadData(format!(
            "{} passed over: what is shown may lack what is in there; sitrepd verify tells where the archive is damaged",
            if n == 1 { "1 damaged record was".to_owned() } else { format!("{} were", count(n, "damaged record")) }
        ))),
    }
}
