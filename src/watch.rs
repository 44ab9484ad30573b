//! Articles to hits of watched names and terms. Pure.
