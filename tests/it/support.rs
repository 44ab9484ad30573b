//! Servers on the loopback interface.

pub(crate) mod http;
pub(crate) mod smtp;
