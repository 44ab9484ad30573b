//! One test binary: every module here is one subject. `cfg(test)` on each lets clippy know that these are tests.

#[cfg(test)]
mod layering;
