//! One test binary: every module here is one subject. `cfg(test)` on each lets clippy know that these are tests.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod articles;
#[cfg(test)]
mod canonical;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod clutter;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod deliver;
#[cfg(test)]
mod deliver_http;
#[cfg(test)]
mod demo_site;
#[cfg(test)]
mod digest;
#[cfg(test)]
mod digest_choice;
#[cfg(test)]
mod digest_days;
#[cfg(test)]
mod digest_fixture;
#[cfg(test)]
mod digest_late;
#[cfg(test)]
mod digest_truth;
#[cfg(test)]
mod digest_watches;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod fetch;
#[cfg(test)]
mod fetch_guard;
#[cfg(test)]
mod fetch_robots;
#[cfg(test)]
mod fetch_tls;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hostile_titles;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod large_documents;
#[cfg(test)]
mod layering;
#[cfg(test)]
mod line;
#[cfg(test)]
mod line_amp;
#[cfg(test)]
mod line_beside;
#[cfg(test)]
mod line_feeds;
#[cfg(test)]
mod line_kinds;
#[cfg(test)]
mod line_pages;
#[cfg(test)]
mod line_recipes;
#[cfg(test)]
mod mail_size;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod sequels;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod support;
#[cfg(test)]
mod threads;
#[cfg(test)]
mod topics;
#[cfg(test)]
mod unsubscribe;
#[cfg(test)]
mod watch;
