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
//! What a new report is compared with is held in memory by the settling thread ([`dedup::stories`]): the reports first
//! seen within `[copies] window`, `max_held` at most, each as a sketch of its words and shingles (about 6 KB). It is
//! filled at the start, from the texts of those reports, on all cores, and again where a commit failed in between.
//! Nothing in it outlasts the reports it holds: the table of how rare words are counts those and no others, and the
//! terms by which each is found stand in its commit ([`model::Fingerprint`]). So the same reports in the same order
//! give the same verdicts, and a restart changes none. `try story` runs the same code.
//!
//! What labels and examples teach about topics ([`classify::models`]) is held beside it, and learned anew when a label
//! comes in, as articles do, and at each start: unlike a story, the topics of the same article may differ by when it
//! came.
//!
//! Deciding is pure: [`decide::placing`] takes what is held as an argument, and what is held learns of an article once
//! its commit succeeded. A report never changes its story by a second reading. Stories are put together and taken apart
//! by a [`model::Regrouping`] alone, a list of moves that a person asked for or that an article brought which fits two
//! stories; its inverse undoes it. Alerts move with their reports, so that a watch wakes nobody twice for one story.
//!
//! # The archive
//!
//! What was committed stands in an append-only ledger ([`store`]). The index over it follows from the ledger: the rows
//! of the last changes are in memory, newer ones in sled, all others in a file of sorted rows, which takes next to no
//! memory. One process holds the archive, and commands beside it read the index through its socket. Once an hour, and
//! at the start, the store is put in order beside everything else: an index is made next to the one in use and takes
//! its place.
//!
//! # Digests
//!
//! A digest is chosen ([`digest::select`]), added to by the machines that a user named ([`daemon::hooks`]; none by
//! default), and rendered once: what is kept in the ledger is what every attempt sends and `digest show` prints. Page,
//! text and Markdown are templates ([`digest::render::Templates`]); how much there usually is comes from counts that
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
