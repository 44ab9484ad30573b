//! Damaged records: a command shows all that is whole, and tells at its end that it passed over what is not.

use crate::store::Store;

use super::{CliError, output::count};

/// Ends a command that has shown what is whole: with an error where it came upon damaged records.
pub(super) fn ended(store: &dyn Store) -> Result<(), CliError> {
    match usize::try_from(store.passed_over()).unwrap_or(usize::MAX) {
        0 => Ok(()),
        n => Err(CliError::BadData(format!(
            "{} passed over: what is shown may lack what is in there; sitrepd verify tells where the archive is damaged",
            if n == 1 { "1 damaged record was".to_owned() } else { format!("{} were", count(n, "damaged record")) }
        ))),
    }
}
