//! Articles to topics, with evidence. Pure.
