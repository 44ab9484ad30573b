//! The `sitrepd` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sitrepd::cli::main()
}
