//! The one decision about an article, composed from the stages. Pure.
