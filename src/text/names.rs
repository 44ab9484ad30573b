//! Watched names and terms, found in texts of any script and in any case ending. Pure.
//!
//! A name is written once. Every word of a text is split into possible stems and endings, read as sounds, and looked up
//! by its consonants among all names at once; candidates are compared sound by sound (`align`). How near is near enough
//! depends on the script and on the length of the name (`judge`). In scripts without capital letters an everyday word
//! is taken for a name only if something beside it says so.
//!
//! A word in Latin letters has many readings (`spelling`), a word in the other scripts has one, in which unclear
//! letters stay unclear (`letters`).

mod adjective;
mod align;
mod announced;
mod beginnings;
mod between;
mod chain;
mod common;
mod confirm;
mod context;
mod designation;
mod dropped;
mod endings;
mod found;
mod given;
mod glued;
mod index;
mod initial;
mod judge;
mod key;
mod letters;
mod line;
mod many;
mod memo;
mod name;
mod of_others;
mod packed;
mod particles;
mod pass;
mod profile;
mod rivals;
mod rules;
mod script;
mod seam;
mod set;
mod sounds;
mod spelling;
mod stems;
mod term;

pub use self::{
    found::{Closeness, Doubt, GivenName, Sighting},
    script::Script,
    set::NameSet,
    term::{MAX_TERM_BYTES, MAX_TERM_WORDS, MIN_PREFIX, Manner, NameTerm, TermError},
};

#[cfg(test)]
mod tests;
