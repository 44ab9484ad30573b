//! The configuration files and what becomes of them.
