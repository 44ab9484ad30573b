//! The periodic summary: select what goes in, render it. Pure.
