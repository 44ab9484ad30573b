//! Finds words in held articles.
