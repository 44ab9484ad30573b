//! Servers on the loopback interface, and the daemon that they are for.

pub(crate) mod daemon;
pub(crate) mod damage;
pub(crate) mod hooked;
pub(crate) mod http;
pub(crate) mod https;
pub(crate) mod sample;
pub(crate) mod site;
pub(crate) mod smtp;
