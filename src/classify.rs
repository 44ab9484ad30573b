//! Articles to topics, with evidence. Pure.
//!
//! A topic is some groups of weighted phrases, groups of phrases that have to occur, phrases that must not, and
//! a threshold. An article gets the topic's tag where every group is met, nothing excluded occurs, and the
//! weights of the phrases found add up to the threshold. Nothing in a rule is learned and nothing is hidden: the same
//! evaluation answers [`tags`] and [`explain`]. What people say of the tags is learned beside the rules, by [`models`].

pub mod examples;
mod features;
mod meaning;
pub mod models;
mod named;
mod places;
mod score;
pub mod suggest;
mod topics;

pub use self::{
    score::{Explanation, MAX_EVIDENCE, explain, tags},
    topics::{PhraseGroup, Topic, TopicError, TopicRule, Topics},
};
