//! The program as a user runs it: the real binary, its output, its exit codes.

mod audiences;
mod bad_input;
mod correcting;
mod damage;
pub(crate) mod desk;
mod keeping;
mod limits;
mod outbox;
mod reading;
mod sources;
mod starting;
mod trying;
mod watching;
