//! sitrepd reads sources of regional security news, extracts the articles, tells copies from new
//! reports, tags topics with evidence, watches for names and terms, and delivers alerts and digests.
//!
//! # The line
//!
//! ```text
//! collect (wide, many at once)                      settle (narrow, one at a time)
//! ────────────────────────────                      ──────────────────────────────
//! schedule   which sources are due   read           sketch          pure
//! fetch      conditional GET, polite                what is known   read
//! parse      bytes → entries         pure   ═════►  decide::intent  pure: story, tags, alerts
//! held?      drop what is held       read           commit(Change)  the one write, atomic
//! fetch      the article page
//! extract    page → article          pure           out: the store is the queue
//!                                                   outbox   due messages → channel → mark sent
//!                                                   digest   at cron time: select → render → outbox
//! ```
//!
//! Collecting runs for many sources at once and writes nothing but through settling. Settling is one thread
//! that takes one article at a time, so that two first reports cannot both found a story. Everything one article
//! changes is one [`model::Intent`], committed whole or not at all, messages included: a crash loses
//! nothing, and a repeat carries the same id.
//!
//! # Stories
//!
//! The settling thread holds in memory what a new report is compared with ([`dedup::stories`]): the reports first seen
//! within `[copies] window`, at most `max_held`, each as a sketch of its words and shingles (about 6 KB). The memory is
//! filled at the start, from the texts of those reports, on all cores, and again if a commit failed in between. Nothing
//! in it outlasts the reports it holds: the table of word frequencies counts only those, and the terms by which each is
//! found are in its commit ([`model::Fingerprint`]). So the same reports in the same order give the same verdicts, and
//! a restart changes none. `try story` runs the same code.
//!
//! What labels and examples teach about topics ([`classify::models`]) is held beside it. It is learned anew when a
//! label is added, as more articles come in, and at each start: unlike its story, the topics of an article may depend
//! on when it was read.
//!
//! Deciding is pure: [`decide::placing`] takes the memory as an argument, and the memory is updated after the commit
//! succeeded. A second reading of a report never changes its story. Stories are merged and split only by a
//! [`model::Regrouping`], a list of moves that a person asked for or that an article caused; its inverse undoes it.
//! Alerts move with their reports, so that a watch alerts nobody twice for one story.
//!
//! # The archive
//!
//! Everything committed is in an append-only ledger ([`store`]). The index over it follows from the ledger: the rows of
//! the last changes are in memory, older ones in sled, and all others in a file of sorted rows, which takes hardly any
//! memory. One process holds the archive, and commands beside it read the index through its socket. Once an hour, and
//! at the start, the store is tended in the background: a new index is built beside the one in use and replaces it.
//!
//! # Digests
//!
//! The content of a digest is chosen ([`digest::select`]), extended by the programs and services that a user configured
//! ([`daemon::hooks`]; none by default), and rendered once: the ledger keeps what every attempt sends and `digest show`
//! prints. Page, text and Markdown are templates ([`digest::render::Templates`]). Usual amounts come from counts that
//! the index keeps by hour and topic.
//!
//! # Layers
//!
//! A module imports only from layers above its own in this list; `tests/it/layering.rs` enforces it.
//! The pure layers hold no I/O, no `async`, no clock and no configuration: `now` is an argument.
//!
//! | layer | modules |
//! | --- | --- |
//! | data | [`model`] |
//! | text | [`text`] |
//! | stages (pure) | [`parse`] [`extract`] [`dedup`] [`classify`] [`watch`] [`schedule`] |
//! | decisions (pure) | [`decide`] [`digest`] |
//! | adapters | [`fetch`] [`store`] [`search`] [`deliver`] |
//! | faces | [`config`] [`api`] |
//! | wiring | [`daemon`] |
//! | command line | [`cli`] |
//!
//! # Values, in order
//!
//! No lost article; no missed or repeated alert; no crash; politeness to publishers; speed; ease of
//! change. When two conflict, the earlier wins, and the reason stands in the code.

// Data.
pub mod model;

// Text.
pub mod text;

// Stages: values in, values out.
pub mod classify;
pub mod dedup;
pub mod extract;
pub mod parse;
pub mod schedule;
pub mod watch;

// Decisions composed from them.
pub mod decide;
pub mod digest;

// Adapters: the outside world.
pub mod deliver;
pub mod fetch;
pub mod search;
pub mod store;

// Faces.
pub mod api;
pub mod config;

// Wiring.
pub mod cli;
pub mod daemon;
