//! The JSON in which articles, stories, alerts and counts leave the program.
