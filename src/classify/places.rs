//! Where the phrases of topics stand in an article. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use super::{
    named::{self, Named},
    score::MAX_REPEATS,
    topics::{Role, Topics},
};
use crate::model::{Article, Closeness, Evidence, Field};

/// A place of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) field: Field,
    pub(super) span: Range<usize>,
    /// `None` if the phrase is there as spelled.
    pub(super) closeness: Option<Closeness>,
}

impl Place {
    /// A place as evidence, with its weight reduced by how sure it is.
    pub(super) fn evidence(&self, phrase: &str, weight: f32) -> Evidence {
        let share = self.closeness.map_or(1.0, named::share);
        Evidence {
            field: self.field,
            span: self.span.clone(),
            rule: Evidence::rule_of(phrase, self.closeness),
            weight: weight * share,
        }
    }

    /// Its place in the order of the text.
    fn key(&self) -> (Field, usize) {
        (self.field, self.span.start)
    }
}

/// The places of names of one group, without overlap: the end of each by its start. A hostile text has many names, so
/// that none is compared with all.
#[derive(Debug, Default)]
struct Taken(BTreeMap<(Field, usize), usize>);

impl Taken {
    /// Takes a place, unless a part of it is taken.
    fn take(&mut self, place: &Place) -> bool {
        // Taken places do not overlap, so only the last one that starts before the end of this place may reach it.
        let last = self.0.range(..(place.field, place.span.end)).next_back();
        let is_free = last.is_none_or(|((field, _), end)| *field != place.field || *end <= place.span.start);
        if is_free {
            self.0.insert(place.key(), place.span.end);
        }
        is_free
    }
}

/// Adds a place in the order of the text, if it is among the first that can count.
fn add_counting(places: &mut Vec<Place>, place: Place) {
    let at = places.partition_point(|it| it.key() <= place.key());
    if at <= usize::from(MAX_REPEATS) {
        places.insert(at, place);
        places.truncate(usize::from(MAX_REPEATS) + 1);
    }
}

/// A group of alternative phrases of a topic: the topic's number, their role, and the number of the group.
type Group = (usize, u8, usize);

fn group(topic: usize, role: Role) -> Group {
    match role {
        Role::Weight { group, .. } => (topic, 0, group),
        Role::Required(group) => (topic, 1, group),
        Role::Excluded => (topic, 2, 0),
    }
}

/// Where phrases stand.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// For each phrase the places where it is spelled as written, in the order of the text.
    spelled: BTreeMap<usize, Vec<Place>>,
    /// For each phrase and group the places where it is found as a name and counts, in the order of the text.
    named: BTreeMap<usize, HashMap<Group, Vec<Place>>>,
}

impl Places {
    /// The places of the phrases of all topics in an article.
    pub(super) fn of(topics: &Topics, article: &Article) -> Self {
        let mut found = Found::new(topics.names.found(article));
        let mut res = Self::default();
        for field in [Field::Title, Field::Body] {
            topics.set.scan(field.of(article), |phrase, span| {
                found.spelled(phrase, field, &span);
                let known = res.spelled.entry(phrase).or_default();
                if known.len() <= usize::from(MAX_REPEATS) {
                    known.push(Place { field, span, closeness: None });
                }
            });
        }
        res.add_named(topics, found.all);
        res
    }

    /// Adds names found, the surest first, where nothing of the same group was found before.
    fn add_named(&mut self, topics: &Topics, found: Vec<(Named, Vec<usize>)>) {
        let mut taken = HashMap::<Group, Taken>::new();
        let uses = |phrase: usize| topics.rules.get(phrase).into_iter().flat_map(|it| &it.uses);
        for (Named { phrase, field, span, closeness }, spelled) in found {
            let place = Place { field, span, closeness: Some(closeness) };
            for (topic, role) in uses(phrase) {
                let group = group(*topic, *role);
                let is_spelled = || spelled.iter().any(|it| uses(*it).any(|it| self::group(it.0, it.1) == group));
                if is_excluding(*role) && !named::excludes(closeness) || is_spelled() {
                    continue;
                }
                if taken.entry(group).or_default().take(&place) {
                    add_counting(self.named.entry(phrase).or_default().entry(group).or_default(), place.clone());
                }
            }
        }
    }

    /// The phrases that occur, in the order of their numbers.
    pub(super) fn phrases(&self) -> impl Iterator<Item = usize> {
        let mut res = self.spelled.keys().chain(self.named.keys()).copied().collect::<Vec<_>>();
        res.sort_unstable();
        res.dedup();
        res.into_iter()
    }

    /// The places of a phrase that count for a topic, in the order of the text, at most as many as can count.
    pub(super) fn counting(&self, phrase: usize, topic: usize, role: Role) -> Vec<Place> {
        let named = self.named.get(&phrase).and_then(|it| it.get(&group(topic, role)));
        let mut res = self.spelled.get(&phrase).into_iter().chain(named).flatten().cloned().collect::<Vec<_>>();
        res.sort_by_key(Place::key);
        res.truncate(usize::from(MAX_REPEATS) + 1);
        res
    }
}

fn is_excluding(role: Role) -> bool {
    matches!(role, Role::Excluded)
}

/// What was found as names, each with the phrases that are spelled there.
#[derive(Debug)]
struct Found {
    /// The surest first.
    all: Vec<(Named, Vec<usize>)>,
    /// Their numbers in the order of the text.
    in_order: Vec<usize>,
    /// Bytes of the longest.
    longest: usize,
}

impl Found {
    fn new(found: Vec<Named>) -> Self {
        let longest = found.iter().map(|it| it.span.len()).max().unwrap_or_default();
        let all = found.into_iter().map(|it| (it, Vec::new())).collect::<Vec<(Named, Vec<usize>)>>();
        let mut in_order = (0..all.len()).collect::<Vec<_>>();
        in_order.sort_by_key(|it| all.get(*it).map(|(it, _)| (it.field, it.span.start)));
        Self { all, in_order, longest }
    }

    /// Notes that a phrase is spelled at a place.
    fn spelled(&mut self, phrase: usize, field: Field, span: &Range<usize>) {
        let key = |it: usize| self.all.get(it).map_or((Field::Body, usize::MAX), |(it, _)| (it.field, it.span.start));
        // No find that starts earlier reaches this place.
        let first = (field, span.start.saturating_sub(self.longest));
        let from = self.in_order.partition_point(|it| key(*it) < first);
        for number in self.in_order.get(from..).unwrap_or_default() {
            let Some((named, spelled)) = self.all.get_mut(*number) else { break };
            if (named.field, named.span.start) >= (field, span.end) {
                break;
            }
            if named.field == field && span.start < named.span.end && spelled.last() != Some(&phrase) {
                spelled.push(phrase);
            }
        }
    }
}
