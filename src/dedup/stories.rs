//! Stories held in memory: each article joins the story it is nearest to, or founds one. Pure.
//!
//! Articles come in one after another. What one is compared with is found by an index of the words that say most, of
//! which the newest articles are looked at, so that an article costs the same whether a thousand are held or a
//! million. What is held is bounded by age and by number, and with what people decided it is the whole of what a verdict depends on: filled
//! again with the same articles in the same order, [`Stories`] gives the same verdicts.

mod candidates;
mod joining;
mod window;

use std::collections::{HashMap, HashSet};

pub use self::window::Held;
use self::{
    candidates::fingerprint,
    joining::Neighbourhood,
    window::{Place, Window},
};
use super::{
    Settings,
    closeness::{FEATURES, Weighed, Weights, features, odds},
    overlap::{Level, Overlap},
    sketch::Sketch,
};
use crate::model::{ArticleId, Fingerprint, StoryId, Timestamp, earlier};

/// What two texts of one source that follow one template count: yesterday's bulletin is not today's.
const TEMPLATE_ODDS: f32 = -5.0;

/// What two texts of the same words count at least where a date is missing, as a headline that two outlets share. Weights of texts
/// without a date were fitted to whole reports, which have all words in common only as copies.
const SAME_WORDS_ODDS: f32 = 1.2;

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The story it joins; `None` where it founds one.
    pub story: Option<StoryId>,
    /// How its text stands to the nearest text held, and which that is.
    pub level: Level,
    /// The text it copies in whole or part.
    pub duplicate_of: Option<ArticleId>,
    /// What the two share.
    pub overlap: Overlap,
    /// All texts it shares a part with, most first.
    pub copies: Vec<(ArticleId, Level, Overlap)>,
    /// The member that is nearest, with the log-odds that the article is of its story.
    pub nearest: Option<(ArticleId, f32)>,
    /// Another story that turned out to be the same.
    pub merges: Option<StoryId>,
    /// Reports of other stories that fit the story the article is in better than the one they leave, which is named.
    pub draws: Vec<(ArticleId, StoryId)>,
    /// By which later articles find it.
    pub fingerprint: Fingerprint,
}

/// What is held.
#[derive(Debug, Default)]
pub struct Stories {
    settings: Settings,
    window: Window,
    /// Stories that a person has put together or taken apart. The program merges none of them, and moves nothing into
    /// or out of them.
    by_hand: HashSet<StoryId>,
}

/// A held article that a new one was compared with.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The held article.
    pub article: ArticleId,
    /// How near it is.
    pub features: [f32; FEATURES],
    /// What the texts share.
    pub overlap: Overlap,
    place: Place,
    story: StoryId,
    level: Level,
    odds: f32,
}

/// What two articles have to do with each other.
#[derive(Debug, Clone, Copy)]
struct Pair {
    features: [f32; FEATURES],
    overlap: Overlap,
    level: Level,
    odds: f32,
}

impl Stories {
    /// Holds nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// By which it was made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many articles are held.
    pub fn len(&self) -> usize {
        self.window.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A held article.
    pub fn get(&self, id: ArticleId) -> Option<&Held> {
        self.window.find(id)
    }

    /// Counts the words of an article that is not taken in, as those of the reports before are counted in a daemon that has run
    /// for some time: only so is it known what is rare.
    pub fn count(&mut self, sketch: &Sketch) {
        self.window.frequencies.add(sketch);
    }

    /// Counts them no more: before an article is taken in that was counted, which counts it.
    pub fn discount(&mut self, sketch: &Sketch) {
        self.window.frequencies.remove(sketch);
    }

    /// What words say, with those of a new article counted.
    pub fn weights<'a>(&'a self, new: &'a Sketch) -> Weights<'a> {
        self.window.frequencies.with(new, self.window.dates.around(new.at))
    }

    /// The held articles nearest to one, compared with it.
    pub fn compare(&self, sketch: &Sketch) -> Vec<Comparison> {
        let weights = self.weights(sketch);
        let new = weights.weigh(sketch);
        let candidates = self.candidates(&new, &fingerprint(&new));
        self.compared(&new, &candidates, &self.weighed(&weights, &candidates))
    }

    fn weighed<'s>(&'s self, weights: &Weights<'s>, places: &[Place]) -> HashMap<Place, Weighed<'s>> {
        let each = places.iter().filter_map(|place| Some((*place, weights.weigh(&self.window.get(*place)?.sketch))));
        each.collect()
    }

    fn compared(
        &self,
        new: &Weighed<'_>,
        candidates: &[Place],
        weighed: &HashMap<Place, Weighed<'_>>,
    ) -> Vec<Comparison> {
        let each = candidates.iter().filter_map(|place| {
            let held = self.window.get(*place)?;
            let Pair { features, overlap, level, odds } = self.pair(new, weighed.get(place)?);
            Some(Comparison { article: held.id, features, overlap, place: *place, story: held.story, level, odds })
        });
        each.collect()
    }

    fn pair(&self, new: &Weighed<'_>, held: &Weighed<'_>) -> Pair {
        let overlap = new.sketch.print.overlap(&held.sketch.print);
        let features = features(new, held, &overlap);
        let is_one_source = held.sketch.source != 0 && held.sketch.source == new.sketch.source;
        let is_short = held.sketch.words.min(new.sketch.words) < self.settings.min_words;
        let is_undated = new.sketch.at.is_none() || held.sketch.at.is_none();
        let level = match is_one_source {
            _ if is_short => Level::Independent,
            true => overlap.level_within_source(self.settings.min_containment),
            false => overlap.level(self.settings.min_containment),
        };
        let odds = match level {
            _ if is_one_source && overlap.is_template() => TEMPLATE_ODDS,
            // An event is told of within days; the same people meet again.
            Level::Independent if self.is_long_ago(new.sketch, held.sketch) => f32::NEG_INFINITY,
            _ if is_undated && new.sketch.has_words_of(held.sketch) => odds(&features).max(SAME_WORDS_ODDS),
            _ => odds(&features),
        };
        Pair { features, overlap, level, odds }
    }

    /// Whether two articles claim dates that are further apart than what is compared.
    fn is_long_ago(&self, a: &Sketch, b: &Sketch) -> bool {
        let gap = a.at.zip(b.at).map(|(a, b)| (a - b).abs());
        gap.and_then(|it| it.to_std().ok()).is_some_and(|it| it > self.settings.window)
    }

    /// Lets go what is too old at `now` or too much. To be called before a verdict.
    pub fn forget(&mut self, now: Timestamp) {
        let oldest = earlier(now, self.settings.window);
        while self.len() > self.settings.max_held || self.window.oldest().is_some_and(|it| it.first_seen < oldest) {
            self.window.drop_oldest();
        }
    }

    /// Takes an article in, or a new version of one that is held.
    pub fn hold(&mut self, mut held: Held) {
        if held.fingerprint.0.is_empty() {
            // Written by a version that kept none.
            held.fingerprint = self.fingerprint(&held.sketch);
        }
        self.window.put(held);
        while self.len() > self.settings.max_held {
            self.window.drop_oldest();
        }
    }

    /// By which later articles would find this one.
    pub fn fingerprint(&self, sketch: &Sketch) -> Fingerprint {
        fingerprint(&self.weights(sketch).weigh(sketch))
    }

    /// Puts held articles into other stories.
    pub fn regroup(&mut self, regrouping: &crate::model::Regrouping) {
        for it in &regrouping.moves {
            if self.window.find(it.article).is_some_and(|held| held.story == it.from) {
                self.window.put_into(it.article, it.to);
            }
        }
        self.remember(regrouping);
    }

    /// Remembers which stories a person has decided on, without moving anything.
    pub fn remember(&mut self, regrouping: &crate::model::Regrouping) {
        if regrouping.cause.is_by_hand() {
            self.by_hand.extend(regrouping.moves.iter().flat_map(|it| [it.from, it.to]));
        }
    }

    /// Where an article belongs. It is not taken in by that.
    pub fn verdict(&self, sketch: &Sketch) -> Verdict {
        let weights = self.weights(sketch);
        let new = weights.weigh(sketch);
        let fingerprint = fingerprint(&new);
        let candidates = self.candidates(&new, &fingerprint);
        let weighed = self.weighed(&weights, &candidates);
        let mut compared = self.compared(&new, &candidates, &weighed);
        let neighbourhood = Neighbourhood::new(self, &weights, &new, &compared, weighed);
        let joined = neighbourhood.joined();
        compared.retain(|it| it.level != Level::Independent);
        compared.sort_by(|a, b| b.overlap.containment.total_cmp(&a.overlap.containment).then(a.place.cmp(&b.place)));
        let text = compared.first().copied();
        let copied = text.filter(|it| it.level == Level::Copy).map(|it| it.story);
        // A text that is there in part belongs there, whatever the other reports of its story say.
        let story = copied.or(joined.map(|it| it.story)).or(text.map(|it| it.story));
        // A copy tells nothing new of what belongs together, but where it fits the story it is in.
        let may_regroup = story.is_none_or(|it| !self.by_hand.contains(&it));
        let merges =
            joined.filter(|it| may_regroup && story == Some(it.story)).and_then(|it| neighbourhood.merged(it.story));
        let draws =
            if may_regroup && copied.is_none() && merges.is_none() { neighbourhood.drawn(story) } else { Vec::new() };
        Verdict {
            story,
            level: text.map_or(Level::Independent, |it| it.level),
            duplicate_of: text.map(|it| it.article),
            overlap: text.map_or_else(Overlap::default, |it| it.overlap),
            copies: compared.iter().map(|it| (it.article, it.level, it.overlap)).collect(),
            nearest: joined.and_then(|it| Some((self.window.get(it.nearest)?.id, it.odds))),
            merges,
            draws,
            fingerprint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::sketch::Text;

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

    /// A handful of articles is enough.
    fn told_apart() -> Settings {
        Settings { background: 0, ..Settings::default() }
    }

    /// Takes a text in as the article of this number.
    fn add(stories: &mut Stories, number: u64, text: Text<'_>) -> Verdict {
        let sketch = Sketch::new(text);
        let verdict = stories.verdict(&sketch);
        let id = ArticleId(number);
        stories.hold(Held {
            id,
            story: verdict.story.unwrap_or(StoryId(id)),
            first_seen: Timestamp::UNIX_EPOCH,
            fingerprint: verdict.fingerprint.clone(),
            sketch,
        });
        let to = stories.get(id).unwrap().story;
        stories.regroup(&crate::model::Regrouping {
            id: crate::model::RegroupingId(number),
            at: Timestamp::UNIX_EPOCH,
            cause: crate::model::Cause::Drawn(id),
            moves: verdict.draws.iter().map(|&(article, from)| crate::model::Move { article, from, to }).collect(),
        });
        verdict
    }

    /// The story of each text, by the number of its first report.
    fn stories(texts: &[(&str, &str, &str)]) -> Vec<u64> {
        let mut stories = Stories::new(told_apart());
        for (number, &(language, title, body)) in (0..).zip(texts) {
            add(&mut stories, number, Text { title, body, language: Some(language), ..Text::default() });
        }
        (0..).zip(texts).map(|(number, _)| stories.get(ArticleId(number)).unwrap().story.0.0).collect()
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
    fn a_headline_alone_joins_the_same_headline() {
        for title in ["Harbour of Batumi closed after storm", "Взрыв в Баку", "Զելենսկին ժամանել է Երևան", "NATO"]
        {
            let mut stories = Stories::new(told_apart());
            let text = Text { title, ..Text::default() };
            assert_eq!(add(&mut stories, 1, text).story, None);
            assert_eq!(add(&mut stories, 2, text).story, Some(StoryId(ArticleId(1))), "{title}");
        }
    }

    #[test]
    fn a_copy_joins_its_original() {
        let mut stories = Stories::new(told_apart());
        let text = |body| Text { title: "Flood", body, ..Text::default() };
        assert_eq!(add(&mut stories, 1, text(FLOOD)).level, Level::Independent);
        let copy = add(&mut stories, 2, text(&FLOOD[..240]));
        assert_eq!((copy.story, copy.level), (Some(StoryId(ArticleId(1))), Level::Copy));
        assert_eq!(copy.duplicate_of, Some(ArticleId(1)));
    }

    #[test]
    fn a_text_that_is_there_in_part_belongs_there() {
        // So few that no story is joined for what it tells.
        let mut stories = Stories::new(Settings { background: 99, ..Settings::default() });
        let with = |own: &str| {
            let rest = (0..120).map(|it| format!("{own}{it}")).collect::<Vec<_>>().join(" ");
            format!("{FLOOD} {ELECTION} {rest}")
        };
        for (number, body) in [(1, with("one")), (2, with("other"))] {
            let found = add(&mut stories, number, Text { title: "", body: &body, ..Text::default() });
            let is_second = number == 2;
            assert_eq!(found.level, if is_second { Level::Partial } else { Level::Independent });
            assert_eq!(found.story, is_second.then_some(StoryId(ArticleId(1))));
        }
    }

    #[test]
    fn a_handful_of_articles_tells_nothing_of_what_is_rare() {
        let mut stories = Stories::new(Settings { background: 2, ..Settings::default() });
        let text = |body| Text { title: "Flood in Kutaisi", body, ..Text::default() };
        add(&mut stories, 1, text(FLOOD));
        assert_eq!(add(&mut stories, 2, text(FLOOD_AGAIN)).story, None);
        assert!(add(&mut stories, 3, text(FLOOD_AGAIN)).story.is_some());
    }

    #[test]
    fn the_same_people_meet_again_another_month() {
        let settings = Settings { window: std::time::Duration::from_secs(7 * 86_400), ..told_apart() };
        let on = |day: i64, body| Text {
            title: "Flood in Kutaisi",
            body,
            at: Timestamp::from_timestamp(day * 86_400, 0),
            ..Text::default()
        };
        for (day, is_joined) in [(101, true), (110, false)] {
            let mut stories = Stories::new(settings);
            add(&mut stories, 1, on(100, FLOOD));
            assert_eq!(add(&mut stories, 2, on(day, FLOOD_AGAIN)).story.is_some(), is_joined, "day {day}");
        }
        let mut stories = Stories::new(settings);
        add(&mut stories, 1, on(100, FLOOD));
        // A copy is a copy, whatever its date says.
        assert_eq!(add(&mut stories, 2, on(300, FLOOD)).level, Level::Copy);
    }

    /// Words that mean nothing, half of them from the three hundred that every text is made of, and five names.
    fn invented(n: u64) -> (String, String) {
        let mut state = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut roll = move |sides: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % sides
        };
        let word = |rank: u64| {
            let syllables = ["ba", "de", "ki", "lo", "mu", "na", "re", "si", "to", "vu", "ga", "pe"];
            let digits = std::iter::successors(Some(rank + 12), |it| Some(it / 12)).take_while(|it| *it > 0);
            digits.map(|it| syllables[usize::try_from(it % 12).unwrap()]).collect::<String>()
        };
        let names = [(); 5].map(|()| format!("N{}", word(50_000 + roll(400_000))));
        let mut sentence = || {
            let mut words = (0..16)
                .map(|_| if roll(2) == 0 { word(roll(300)) } else { word(300 + roll(40_000)) })
                .collect::<Vec<_>>();
            words.insert(5, names[usize::try_from(roll(5)).unwrap()].clone());
            words.join(" ") + ". "
        };
        let title = sentence().split(' ').take(9).collect::<Vec<_>>().join(" ");
        (title, (0..14).map(|_| sentence()).collect())
    }

    #[test]
    fn what_comes_on_one_day_is_not_one_story() {
        for has_titles in [true, false] {
            let mut stories = Stories::new(told_apart());
            let at = Timestamp::from_timestamp(1_790_000_000, 0);
            for n in 0..250 {
                let (title, body) = invented(n);
                let title = if has_titles { title.as_str() } else { "" };
                add(&mut stories, n, Text { title, body: &body, language: Some("en"), at, ..Text::default() });
            }
            let found = (0..250).map(|n| stories.get(ArticleId(n)).unwrap().story).collect::<HashSet<_>>();
            assert!(found.len() > 245, "{} stories, titles: {has_titles}", found.len());
        }
    }

    #[test]
    fn a_template_is_no_story_within_one_source() {
        let mut stories = Stories::new(told_apart());
        let bulletin =
            |losses: &str| format!("{FLOOD} In all of the country {losses}. {}", "Roads are open. ".repeat(5));
        let [yesterday, today] = [
            "12 bridges were closed and 3 villages cut off in the valley of the Kura near Gori",
            "no new damage was seen by the patrols which went out from Zugdidi to the coast at dawn",
        ]
        .map(bulletin);
        let text = |body, source| Text { title: "Bulletin", body, source, ..Text::default() };
        add(&mut stories, 1, text(&yesterday, "agency"));
        assert_eq!(add(&mut stories, 2, text(&today, "agency")).story, None);
        assert_eq!(add(&mut stories, 3, text(&yesterday, "agency")).level, Level::Copy);
        assert!(add(&mut stories, 4, text(&today, "other")).story.is_some());
    }

    #[test]
    fn what_a_person_decided_stays() {
        let mut stories = Stories::new(told_apart());
        for (number, body) in [(1, FLOOD), (2, FLOOD_AGAIN), (3, ELECTION)] {
            add(&mut stories, number, Text { title: "", body, ..Text::default() });
        }
        let [one, three] = [1, 3].map(|it| StoryId(ArticleId(it)));
        stories.regroup(&crate::model::Regrouping {
            id: crate::model::RegroupingId(1),
            at: Timestamp::UNIX_EPOCH,
            cause: crate::model::Cause::Merged,
            moves: vec![crate::model::Move { article: ArticleId(3), from: three, to: one }],
        });
        assert_eq!(stories.get(ArticleId(3)).unwrap().story, one);
        let again = Sketch::new(Text { title: "", body: ELECTION, ..Text::default() });
        assert_eq!(stories.verdict(&again).story, Some(one), "later reports join the story it is in now");
    }

    const ELECTION_AGAIN: &str = "Armenia has a new speaker: Ruben Sargsyan had 71 votes. The opposition did not take part, its \
        leaders told reporters in Yerevan, and will ask the court whether members who were abroad may be counted as present.";

    /// The election in the story of the flood, by mistake.
    fn mistaken() -> Stories {
        let mut stories = Stories::new(told_apart());
        for (number, body) in [(1, FLOOD), (2, ELECTION), (3, FLOOD_AGAIN), (4, FLOOD_IN_RUSSIAN)] {
            let sketch = Sketch::new(Text { body, ..Text::default() });
            let fingerprint = stories.fingerprint(&sketch);
            let first_seen = Timestamp::UNIX_EPOCH;
            stories.hold(Held { id: ArticleId(number), story: StoryId(ArticleId(1)), first_seen, fingerprint, sketch });
        }
        stories
    }

    #[test]
    fn a_report_goes_where_it_fits_better() {
        let again = |body| Sketch::new(Text { body, ..Text::default() });
        let found = mistaken().verdict(&again(ELECTION_AGAIN));
        assert_eq!((found.story, found.merges), (None, None));
        assert_eq!(found.draws, [(ArticleId(2), StoryId(ArticleId(1)))]);
        // The report that a story is named by stays, whatever comes.
        let found = mistaken().verdict(&again(&FLOOD_AGAIN[..120]));
        assert_eq!(found.draws, []);
    }

    #[test]
    fn what_a_person_put_together_is_not_taken_apart() {
        let mut stories = mistaken();
        let step = crate::model::Move { article: ArticleId(2), from: StoryId(ArticleId(2)), to: StoryId(ArticleId(1)) };
        stories.remember(&crate::model::Regrouping {
            id: crate::model::RegroupingId(1),
            at: Timestamp::UNIX_EPOCH,
            cause: crate::model::Cause::Merged,
            moves: vec![step],
        });
        assert_eq!(stories.verdict(&Sketch::new(Text { body: ELECTION_AGAIN, ..Text::default() })).draws, []);
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

    /// What is held is all that counts: filled again from what is left, it gives the same verdicts.
    #[test]
    fn a_restart_changes_no_verdict() {
        let settings = Settings { max_held: 12, ..told_apart() };
        let mut stories = Stories::new(settings);
        let words = FLOOD.split(' ').chain(ELECTION.split(' ')).chain(FLOOD_AGAIN.split(' ')).collect::<Vec<_>>();
        let body = |n: usize| {
            let start = n * 7 % 5 * 12;
            let own = format!(" Report {n} from Gori{} with {} men.", n % 9, n % 4);
            words[start..start + 40 + n % 3].join(" ") + &own
        };
        for n in 0..60 {
            let number = n as u64 % 50;
            let mut again = Stories::new(settings);
            for id in (0..50).map(ArticleId).filter(|it| stories.get(*it).is_some()) {
                // In the order in which they came.
                if (number..50).contains(&id.0) {
                    again.hold(stories.get(id).unwrap().clone());
                }
            }
            for id in (0..number).map(ArticleId).filter(|it| stories.get(*it).is_some()) {
                again.hold(stories.get(id).unwrap().clone());
            }
            let body = body(n);
            let sketch = Sketch::new(Text { title: "News", body: &body, ..Text::default() });
            assert_eq!(stories.verdict(&sketch), again.verdict(&sketch), "article {n}");
            add(&mut stories, number, Text { title: "News", body: &body, ..Text::default() });
        }
        assert_eq!(stories.len(), 12);
    }
}
