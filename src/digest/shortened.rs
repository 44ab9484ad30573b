//! A digest for a message that would be too long.

use super::{Capped, Digest, Group, Section, Story};

/// How much of a digest is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many of each thing.
    pub of_a_kind: usize,
    /// How many topics with stories.
    pub sections: usize,
    /// How many sentences of a story.
    pub quotes: usize,
}

impl Cut {
    /// One of each thing, and of a story its title and where it stands.
    pub const TITLES: Self = Self { of_a_kind: 1, sections: usize::MAX, quotes: 0 };

    /// `n` of each thing, and one sentence a story where that is few.
    pub const fn to(n: usize) -> Self {
        Self { of_a_kind: n, sections: usize::MAX, quotes: if n < 5 { 1 } else { usize::MAX } }
    }
}

impl Digest {
    /// The digest with no more than `cut` allows, for a message that would be too long.
    #[must_use]
    pub fn shortened(&self, cut: Cut) -> Self {
        let n = cut.of_a_kind;
        // Only stories that are kept are copied: a digest of thousands is shortened several times.
        let story = |it: &Story| Story {
            reports: it.reports.first(n),
            quotes: it.quotes.iter().take(cut.quotes).cloned().collect(),
            quoted: it.quoted.clone().filter(|_| cut.quotes > 0),
            also: it.also.iter().take(n).cloned().collect(),
            ..it.clone()
        };
        let section = |it: &Section| Section {
            topic: it.topic.clone(),
            name: it.name.clone(),
            stories: Capped {
                items: it.stories.items.iter().take(n).map(story).collect(),
                more: it.stories.more + it.stories.items.len().saturating_sub(n),
            },
        };
        let mut left = cut.sections;
        let group = |it: &Group| {
            let sections: Vec<_> = it.sections.iter().take(left).map(section).collect();
            left -= sections.len();
            (!sections.is_empty()).then(|| Group { name: it.name.clone(), sections })
        };
        Self {
            slot: self.slot.clone(),
            title: self.title.clone(),
            window: self.window.clone(),
            issued_at: self.issued_at,
            zone: self.zone,
            alerts: self.alerts.first(n),
            groups: self.groups.iter().filter_map(group).collect(),
            others: self.others.first(n),
            events: self.events.first(n),
            first_mentions: self.first_mentions.first(n),
            quiet_topics: self.quiet_topics.first(n),
            quiet_watches: self.quiet_watches.first(n),
            days_held: self.days_held,
            is_deep: self.is_deep,
            volume: self.volume.first(n),
            sick: self.sick.first(n),
            notes: self.notes.clone(),
            totals: self.totals,
            articles: self.articles.clone(),
        }
    }
}
