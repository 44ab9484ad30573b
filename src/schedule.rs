//! When a source or a digest is due. Pure: `now` is an argument.
