//! Stories held in memory: each article joins the story it is nearest to, or founds one. Pure.
//!
//! One pass, in the order in which articles come. What an article is compared with is found by an index of the words
//! that say most, in lists of bounded length, so that an article costs the same whether a thousand stories are held or
//! a million.

use std::collections::{HashMap, VecDeque};

use super::{
    closeness::{FEATURES, Frequencies, Weighed, features, odds},
    overlap::{Level, Overlap},
    sketch::Sketch,
};

/// Terms by which an article is found.
const KEYS: usize = 24;
/// Shingles by which its copies are.
const SHINGLE_KEYS: usize = 12;
/// Articles remembered under a key, the newest.
const MAX_POSTINGS: usize = 64;
/// Articles that a new one is compared with.
const MAX_COMPARED: usize = 24;
/// Members of a story that a new article is compared with.
const MAX_MEMBERS: usize = 8;

/// Of these the nearest count, so that a story may have more than one side.
const NEAREST_MEMBERS: usize = 4;

/// When an article joins a story.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// From these log-odds on.
    pub threshold: f32,
    /// How much the nearest member counts against the mean of all, 0–1.
    pub nearest: f32,
    /// Two stories that an article fits become one from these log-odds on.
    pub merge: f32,
}

impl Default for Settings {
    fn default() -> Self {
        // Chosen together with the weights, over all development sets at once.
        Self { threshold: -0.4, nearest: 0.5, merge: 0.3 }
    }
}

/// The place of an article in the order in which they came.
pub type Place = usize;

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The place of the first article of its story; its own where it founds one.
    pub story: Place,
    /// How its text stands to the nearest text held, and which that is.
    pub level: Level,
    /// The text it copies in whole or part.
    pub duplicate_of: Option<Place>,
    /// The share of the shorter of the two.
    pub overlap: Overlap,
    /// All texts it shares a part with, most first.
    pub copies: Vec<(Place, Overlap)>,
    /// The member that made it join, with the log-odds that the two tell of one event.
    pub nearest: Option<(Place, f32)>,
    /// Another story that turned out to be the same.
    pub merges: Option<Place>,
}

/// What is held.
#[derive(Debug, Default)]
pub struct Stories {
    settings: Settings,
    frequencies: Frequencies,
    articles: Vec<Sketch>,
    story_of: Vec<Place>,
    /// The story that each merged story went into.
    merged: HashMap<Place, Place>,
    members: HashMap<Place, VecDeque<Place>>,
    by_term: HashMap<u32, VecDeque<u32>>,
    by_shingle: HashMap<u32, VecDeque<u32>>,
}

/// A held article that a new one was compared with.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The held article.
    pub place: Place,
    /// How near it is.
    pub features: [f32; FEATURES],
    /// What the texts share.
    pub overlap: Overlap,
}

impl Stories {
    /// With other settings than the shipped.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// How many articles are held.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// A held article.
    pub fn sketch(&self, place: Place) -> Option<&Sketch> {
        self.articles.get(place)
    }

    /// The story that an article is in by now, by the place of its first report.
    pub fn story(&self, place: Place) -> Place {
        let mut res = self.story_of.get(place).copied().unwrap_or(place);
        // A story goes into an older one only, so that this ends.
        while let Some(into) = self.merged.get(&res).filter(|it| **it < res) {
            res = *into;
        }
        res
    }

    /// How frequent words are.
    pub fn frequencies(&self) -> &Frequencies {
        &self.frequencies
    }

    /// The held articles nearest to one, compared with it.
    pub fn compare(&self, sketch: &Sketch) -> Vec<Comparison> {
        let new = Weighed::new(sketch, &self.frequencies);
        let compared = self.candidates(&new).into_iter().filter_map(|place| self.comparison(&new, place));
        compared.collect()
    }

    fn comparison(&self, new: &Weighed<'_>, place: Place) -> Option<Comparison> {
        let held = self.articles.get(place)?;
        let overlap = new.sketch.print.overlap(&held.print);
        let features = features(new, &Weighed::new(held, &self.frequencies), &overlap);
        Some(Comparison { place, features, overlap })
    }

    /// Takes an article in.
    pub fn add(&mut self, sketch: Sketch) -> Verdict {
        self.frequencies.add(&sketch);
        let verdict = self.verdict(&sketch);
        self.hold(sketch, verdict.story);
        if let Some(into) = verdict.merges {
            self.merge(verdict.story, into);
        }
        verdict
    }

    /// Puts two stories into one, the older.
    fn merge(&mut self, a: Place, b: Place) {
        let (older, newer) = (a.min(b), a.max(b));
        if older == newer {
            return;
        }
        let joining = self.members.remove(&newer).unwrap_or_default();
        let members = self.members.entry(older).or_default();
        members.extend(joining);
        while members.len() > MAX_MEMBERS {
            // The first report stays: it says what the story is.
            members.remove(1);
        }
        self.merged.insert(newer, older);
    }

    fn verdict(&self, sketch: &Sketch) -> Verdict {
        let own = self.articles.len();
        let new = Weighed::new(sketch, &self.frequencies);
        let mut compared =
            self.candidates(&new).into_iter().filter_map(|it| self.comparison(&new, it)).collect::<Vec<_>>();
        let mut stories = HashMap::<Place, (f32, Place)>::new();
        for it in &compared {
            let odds = odds(&it.features);
            let best = stories.entry(self.story(it.place)).or_insert((odds, it.place));
            if odds > best.0 {
                *best = (odds, it.place);
            }
        }
        let joined = stories.into_iter().filter_map(|(story, (nearest, place))| {
            // The mean is below the nearest: a story that cannot reach the threshold needs no second look.
            if nearest < self.settings.threshold {
                return None;
            }
            let mean = self.mean_odds(&new, story, &compared);
            let odds = self.settings.nearest * nearest + (1.0 - self.settings.nearest) * mean;
            (odds >= self.settings.threshold).then_some((story, place, odds))
        });
        let mut joined = joined.collect::<Vec<_>>();
        joined.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let second = joined.get(1).map(|it| it.0);
        let joined = joined.first().copied();
        let merges = joined.zip(second).and_then(|(first, second)| self.are_one(first.0, second).then_some(second));
        compared.retain(|it| it.overlap.level() != Level::Independent);
        compared.sort_by(|a, b| b.overlap.containment.total_cmp(&a.overlap.containment).then(a.place.cmp(&b.place)));
        let copies = compared.iter().map(|it| (it.place, it.overlap)).collect::<Vec<_>>();
        let nearest_text = copies.first().copied();
        let (level, overlap) = nearest_text
            .map_or_else(|| (Level::Independent, Overlap::default()), |(_, overlap)| (overlap.level(), overlap));
        let copied = nearest_text.filter(|_| level == Level::Copy).map(|(it, _)| self.story(it));
        Verdict {
            story: copied.or(joined.map(|it| it.0)).unwrap_or(own),
            level,
            duplicate_of: nearest_text.map(|it| it.0),
            overlap,
            copies,
            nearest: joined.map(|(_, place, odds)| (place, odds)),
            merges: merges.filter(|_| copied.is_none_or(|it| joined.is_some_and(|joined| joined.0 == it))),
        }
    }

    /// Whether two stories turn out to be one, now that an article fits both.
    fn are_one(&self, a: Place, b: Place) -> bool {
        let members = |it| self.members.get(&it).into_iter().flatten().copied();
        let mut nearest = f32::NEG_INFINITY;
        let (mut sum, mut n) = (0.0, 0.0);
        for x in members(a) {
            let Some(sketch) = self.articles.get(x) else { continue };
            let weighed = Weighed::new(sketch, &self.frequencies);
            for it in members(b).filter_map(|y| self.comparison(&weighed, y)) {
                let odds = odds(&it.features);
                nearest = nearest.max(odds);
                sum += odds;
                n += 1.0;
            }
        }
        n > 0.0 && self.settings.nearest * nearest + (1.0 - self.settings.nearest) * sum / n >= self.settings.merge
    }

    fn mean_odds(&self, new: &Weighed<'_>, story: Place, compared: &[Comparison]) -> f32 {
        let Some(members) = self.members.get(&story) else { return f32::NEG_INFINITY };
        let each = members.iter().filter_map(|place| {
            let known = compared.iter().find(|it| it.place == *place).copied();
            known.or_else(|| self.comparison(new, *place)).map(|it| odds(&it.features))
        });
        let mut each = each.collect::<Vec<_>>();
        each.sort_unstable_by(|a, b| b.total_cmp(a));
        each.truncate(NEAREST_MEMBERS);
        let (sum, n) = each.iter().fold((0.0, 0.0), |(sum, n), it| (sum + it, n + 1.0));
        if n > 0.0 { sum / n } else { f32::NEG_INFINITY }
    }

    /// The held articles that share most of what says most, the most first.
    fn candidates(&self, new: &Weighed<'_>) -> Vec<Place> {
        let mut found = HashMap::<u32, f32>::new();
        for (hash, weight) in keys(new) {
            for place in self.by_term.get(&hash).into_iter().flatten() {
                *found.entry(*place).or_default() += weight;
            }
        }
        for hash in new.sketch.print.leading(SHINGLE_KEYS) {
            for place in self.by_shingle.get(&hash).into_iter().flatten() {
                *found.entry(*place).or_default() += 30.0;
            }
        }
        let mut res = found.into_iter().collect::<Vec<_>>();
        let nearer = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
        if res.len() > MAX_COMPARED {
            res.select_nth_unstable_by(MAX_COMPARED, nearer);
            res.truncate(MAX_COMPARED);
        }
        res.sort_unstable_by(nearer);
        res.into_iter().map(|(place, _)| place as usize).collect()
    }

    fn hold(&mut self, sketch: Sketch, story: Place) {
        let place = self.articles.len();
        let Ok(short) = u32::try_from(place) else { return };
        let keys = keys(&Weighed::new(&sketch, &self.frequencies));
        for (hash, _) in keys {
            post(self.by_term.entry(hash).or_default(), short);
        }
        for hash in sketch.print.leading(SHINGLE_KEYS) {
            post(self.by_shingle.entry(hash).or_default(), short);
        }
        let members = self.members.entry(story).or_default();
        members.push_back(place);
        if members.len() > MAX_MEMBERS {
            // The first report stays: it says what the story is.
            members.remove(1);
        }
        self.story_of.push(story);
        self.articles.push(sketch);
    }
}

fn post(list: &mut VecDeque<u32>, place: u32) {
    if list.len() >= MAX_POSTINGS {
        list.pop_front();
    }
    list.push_back(place);
}

/// The terms that say most of an article, with what they say.
fn keys(it: &Weighed<'_>) -> Vec<(u32, f32)> {
    let terms = it.sketch.terms.iter().zip(&it.weights);
    let mut res = terms
        .map(|(term, weight)| {
            (term.hash, weight * (1.0 + f32::from(term.all.min(8)).ln() + f32::from(term.title.min(1))))
        })
        .collect::<Vec<_>>();
    let more = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if res.len() > KEYS {
        res.select_nth_unstable_by(KEYS, more);
        res.truncate(KEYS);
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::sketch::{Reader, Text};

    const FLOOD: &str = "Rescuers in Kutaisi took 240 people from their homes after the Rioni river broke its banks on \
        Sunday night. Governor Davit Lomidze said that three bridges were lost and that the army would bring tents. The \
        road to Tskaltubo stays closed. Schools in Kutaisi will not open before Thursday.";
    const FLOOD_AGAIN: &str = "The Rioni flooded parts of Kutaisi overnight, and 240 residents had to be rescued. \
        Three bridges are gone, according to Governor Lomidze. Traffic to Tskaltubo is stopped and schools in Kutaisi \
        are shut until Thursday.";
    const FLOOD_IN_RUSSIAN: &str = "Спасатели в Кутаиси вывезли 240 человек после того, как в ночь на понедельник река \
        Риони вышла из берегов. Губернатор Давит Ломидзе сказал, что разрушены 3 моста. Закрыта дорога на Цхалтубо.";
    const ELECTION: &str = "Parliament in Yerevan elected a new speaker on Tuesday. Ruben Sargsyan of the ruling party had \
        71 votes. The opposition left the hall before the count and called the vote a farce.";

    /// The story of each text, by the place of its first report.
    fn stories(texts: &[(&str, &str, &str)]) -> Vec<Place> {
        let (reader, mut stories) = (Reader::default(), Stories::default());
        let sketch = |&(language, title, body): &(&str, &str, _)| {
            reader.sketch(Text { title, body, language: Some(language), ..Text::default() })
        };
        texts.iter().map(|it| stories.add(sketch(it)).story).collect()
    }

    #[test]
    fn reports_of_one_event_are_one_story() {
        let found = stories(&[
            ("en", "Flood in Kutaisi: 240 rescued", FLOOD),
            ("en", "New speaker elected in Yerevan", ELECTION),
            ("en", "Rioni floods Kutaisi, 240 people rescued", FLOOD_AGAIN),
        ]);
        assert_eq!(found, [0, 1, 0]);
    }

    #[test]
    fn a_copy_joins_its_original() {
        let (reader, mut stories) = (Reader::default(), Stories::default());
        let mut add = |body| stories.add(reader.sketch(Text { title: "Flood", body, ..Text::default() }));
        assert_eq!(add(FLOOD).level, Level::Independent);
        let copy = add(&FLOOD[..240]);
        assert_eq!((copy.story, copy.level, copy.duplicate_of), (0, Level::Copy, Some(0)));
    }

    #[test]
    fn names_and_numbers_lead_from_one_script_to_another() {
        let found = stories(&[
            ("en", "Flood in Kutaisi: 240 rescued", FLOOD),
            ("en", "New speaker elected in Yerevan", ELECTION),
            ("ru", "Наводнение в Кутаиси", FLOOD_IN_RUSSIAN),
        ]);
        assert_eq!(found, [0, 1, 0]);
    }
}
