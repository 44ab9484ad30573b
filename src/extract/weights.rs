//! What the scorers have learned: tables made by `benches/extract/train.py`, never by hand.

#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "a table that a program writes and reads")]
mod context;
#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "a table that a program writes and reads")]
mod dates;
#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "a table that a program writes and reads")]
mod lines;

pub(super) use self::{context::CONTEXT, dates::DATES, lines::LINES};
