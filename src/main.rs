//! The `sitrepd` program: everything is in the library.

use std::process::ExitCode;

/// The C library's allocator gives little back of what the index takes in small pieces: after each index that was made
/// anew in a running process the process was larger (tests/faults/README.md). This one gives it back.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    sitrepd::cli::main()
}
