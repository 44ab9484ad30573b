//! Finds when a page was published and changed, by what the page says. Never guesses by the clock: without a statement
//! of the page there is no date.
//!
//! Every date that the page gives is a candidate, by the day that it names. A small learned scorer says which
//! is the day of publication.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

mod address;
mod distances;
mod gather;
mod rows;
mod said;
pub(super) mod written;
mod zones;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use url::Url;

use crate::model::Timestamp;

use self::{
    address::year_and_month,
    gather::{Ground, is_month_first},
    said::Said,
    written::Written,
};

use super::{
    blocks::{Blocks, Near},
    cues::Starts,
    head::Head,
    meta::{Origin, Told},
    scorer::Scorer,
    weights,
};

/// Minimum score (0–1) of a day to be the date of publication.
const DOUBTFUL: f32 = 0.03;

/// The place of a date, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Place {
    /// `datePublished` of an article in JSON-LD.
    LdPublished,
    /// `datePublished` of something else than an article in JSON-LD.
    LdOther,
    /// `dateCreated` and the like in JSON-LD.
    LdCreated,
    /// `dateModified` in JSON-LD.
    LdModified,
    /// A `<meta>` of publication.
    MetaPublished,
    /// A `<meta>` that only says date.
    MetaDate,
    /// A `<meta>` of change.
    MetaModified,
    /// An attribute said to be of publication.
    MarkPublished,
    /// An attribute said to be of change.
    MarkModified,
    /// An attribute of `<time>`.
    Time,
    /// Another attribute.
    Attribute,
    /// The address.
    Address,
    /// A line of text.
    Text,
    /// A line of running text.
    LongText,
    /// A script, beside a key that says published.
    ScriptPublished,
    /// A script, beside a key that says modified.
    ScriptModified,
    /// A line of text that tells a distance.
    Relative,
    /// A script, beside a key that says created.
    ScriptCreated,
    /// A `<meta>` whose name is not known to be of a date.
    MetaOther,
}

impl Place {
    const COUNT: usize = Place::MetaOther as usize + 1;

    /// Whether what stands there is said to be the moment of a change.
    fn is_of_change(self) -> bool {
        matches!(self, Self::LdModified | Self::MetaModified | Self::MarkModified | Self::ScriptModified)
    }

    fn origin(self) -> Origin {
        match self {
            Self::LdPublished | Self::LdOther | Self::LdCreated | Self::LdModified => Origin::JsonLd,
            Self::MetaPublished | Self::MetaDate | Self::MetaModified | Self::MetaOther => Origin::Meta,
            Self::MarkPublished | Self::MarkModified | Self::Time | Self::Attribute => Origin::Markup,
            Self::Address => Origin::Address,
            Self::Text | Self::LongText | Self::Relative => Origin::Text,
            Self::ScriptPublished | Self::ScriptModified | Self::ScriptCreated => Origin::Script,
        }
    }
}

/// A day that a page names.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The day, in the zone of its writer.
    pub(super) day: NaiveDate,
    /// The best way in which it is written, and where, but for those that are said to be of a change.
    written: Option<(Written, Place)>,
    /// The same of those.
    changed: Option<(Written, Place)>,
    /// The best place at which the day is named.
    pub(super) place: Place,
    /// How often it stands where.
    counts: [f32; Place::COUNT],
    /// The line that stands best.
    best_line: Option<Standing>,
    first_line: f32,
    /// The other reading of a date such as 3/4/2020.
    is_swapped: bool,
}

/// The place of a line that names a day.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// Lines below the title, at most [`MAX_FROM_TITLE`]; negative above it.
    from_title: f32,
    /// Its characters.
    length: f32,
    /// What is near, as in [`super::blocks::Element::near`].
    near: Near,
    /// What it begins with, see [`super::cues::of_start`].
    starts: Starts,
    /// What it says that the date is.
    said: Option<Said>,
    /// What the line before it says, where that is but a label.
    said_before: Option<Said>,
    /// Which of its dates it is.
    nth: f32,
    /// How many dates it has.
    of: f32,
    /// Lines of running text above it.
    longs_above: f32,
    /// Lines of running text below it.
    longs_below: f32,
}

/// Right under the title, in lines.
const NEAR_TITLE: f32 = 5.0;

/// Such a line has at most so many characters, the author's name among them.
const MAX_TOLD: f32 = 40.0;

/// Of 1: how sure a day is at most that is told by its distance right under the title.
const UNDER_TITLE: f32 = 0.7;

/// Further from the title is no worse, in lines.
const MAX_FROM_TITLE: f32 = 60.0;

impl Standing {
    /// Under the title is better than above it.
    fn distance(&self) -> f32 {
        if self.from_title < 0.0 { -2.0 * self.from_title } else { self.from_title }
    }
}

/// A day and a moment of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    /// The day, in the zone of its writer.
    pub(super) day: NaiveDate,
    /// The moment; the start of the day where no time is given, as if in UTC where no zone is.
    pub(super) at: Timestamp,
}

/// What a page says about its dates.
#[derive(Debug, Clone, Default)]
pub(super) struct Dates {
    /// When it was published.
    pub(super) published: Option<Told<Dated>>,
    /// When it was changed last.
    pub(super) modified: Option<Told<Dated>>,
}

/// All days that a page names, in chronological order.
pub(super) struct Candidates {
    days: BTreeMap<NaiveDate, Candidate>,
    /// Year and month of the address.
    address: Option<(i32, u32)>,
    /// Year and month in the address of the picture.
    picture: Option<(i32, u32)>,
    /// The latest year of a notice of rights.
    rights: Option<i32>,
}

impl Candidates {
    /// Gathers them. How they stand is told from the line of the `title`. `now` is the time of fetching: nothing later
    /// is believed, and distances count from it.
    pub(super) fn of(head: &Head, blocks: &Blocks, url: &Url, title: &str, now: Option<Timestamp>) -> Self {
        let mut res = Self { days: BTreeMap::new(), address: None, picture: None, rights: None };
        res.of_json_ld(head);
        res.of_metas(head);
        res.of_scripts(head);
        let ground = Ground::of(head, blocks, title);
        res.of_marks(&ground);
        res.of_lines(&ground, is_month_first(head, blocks, url), now);
        res.of_address(url);
        if let Some(picture) = head.meta(&["og:image", "twitter:image"]) {
            res.picture = year_and_month(picture);
        }
        if let Some(now) = now {
            let last = now.date_naive() + chrono::Days::new(1);
            res.days.retain(|day, _| *day <= last);
        }
        res
    }

    /// The day of publication with the highest score, and the last day of change on or after it.
    pub(super) fn judged(&self) -> Dates {
        let scorer = Scorer { trees: weights::DATES };
        let judged = self.features().into_iter().map(|(it, row)| (it, scorer.judge(&row)));
        let Some((best, sureness)) = judged.reduce(|a, b| if b.1 > a.1 { b } else { a }).filter(|it| it.1 > DOUBTFUL)
        else {
            return Dates::default();
        };
        let (best, sureness) = match self.told_under_title() {
            Some(it) if best.is_far_off() => (it, sureness.min(UNDER_TITLE)),
            _ => (best, sureness),
        };
        let dated = |it: Written| Dated { day: it.day, at: it.at() };
        let published = best.written.or(best.changed);
        let changed = self.days.values().rev().filter(|it| it.day >= best.day).find_map(|it| it.changed);
        Dates {
            published: published.map(|it| Told::new(dated(it.0), best.place.origin(), sureness)),
            modified: changed.map(|(it, place)| Told::new(dated(it), place.origin(), 0.9)),
        }
    }

    /// The day that is told by its distance from the fetch right under the title: `Today, 10:05`.
    fn told_under_title(&self) -> Option<&Candidate> {
        // A headline or its second line may say the word too.
        let is_under = |it: &Standing| (1.0..=NEAR_TITLE).contains(&it.from_title) && it.length <= MAX_TOLD;
        self.days.values().find(|it| it.place == Place::Relative && it.best_line.as_ref().is_some_and(is_under))
    }

    fn add(&mut self, written: Written, place: Place) -> &mut Candidate {
        let fresh = || Candidate {
            day: written.day,
            written: None,
            changed: None,
            place,
            counts: [0.0; Place::COUNT],
            best_line: None,
            first_line: f32::MAX,
            is_swapped: true,
        };
        let it = self.days.entry(written.day).or_insert_with(fresh);
        let best = if place.is_of_change() { &mut it.changed } else { &mut it.written };
        // A time is better than none, with its zone than without, then the better place.
        let is_better = |(other, at): (Written, Place)| {
            let is_zoned = zones::is_zoned(&written, &other);
            is_zoned
                || (written.time.is_none(), place) < (other.time.is_none(), at) && !zones::is_zoned(&other, &written)
        };
        if best.is_none_or(is_better) {
            *best = Some((written, place));
        }
        it.place = it.place.min(place);
        it.is_swapped = false;
        if let Some(count) = it.counts.get_mut(place as usize) {
            *count += 1.0;
        }
        it
    }
}

impl Candidate {
    fn stands_at(&self, place: Place) -> bool {
        self.counts.get(place as usize).is_some_and(|it| *it > 0.0)
    }

    /// Whether it is named in the text alone, and not near the title: it may be that of another article.
    fn is_far_off(&self) -> bool {
        let is_near = |it: &Standing| it.from_title.abs() <= NEAR_TITLE;
        matches!(self.place, Place::Text | Place::LongText) && !self.best_line.as_ref().is_some_and(is_near)
    }

    /// Whether a time of it is given anywhere.
    fn has_time(&self) -> bool {
        [self.written, self.changed].into_iter().flatten().any(|it| it.0.time.is_some())
    }

    fn stands(&mut self, line: f32, standing: Standing) {
        self.first_line = self.first_line.min(line);
        if self.best_line.is_none_or(|it| standing.distance() < it.distance()) {
            self.best_line = Some(standing);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    #[track_caller]
    fn check(markup: &str, published: &str, modified: &str) {
        check_at(None, markup, published, modified);
    }

    #[track_caller]
    fn check_at(now: Option<Timestamp>, markup: &str, published: &str, modified: &str) {
        let document = html::document(markup).unwrap();
        let (head, blocks) = (Head::read(&document), Blocks::read(&document));
        let url = Url::parse("https://gazette.example/a").unwrap();
        let dates = Candidates::of(&head, &blocks, &url, "Talks begin", now).judged();
        let at = |it: Option<Told<Dated>>| it.map(|it| it.value.at.format("%Y-%m-%d %H:%M").to_string());
        let found = (at(dates.published).unwrap_or_default(), at(dates.modified).unwrap_or_default());
        assert_eq!(found, (published.to_owned(), modified.to_owned()), "{markup}");
    }

    const TEXT: &str =
        "<p>The delegation arrived in the evening, and the talks about the bridge began at once in town.</p>";

    fn ld(of: &str) -> String {
        format!(r#"<script type="application/ld+json">{{"@type":"NewsArticle",{of}}}</script>"#)
    }

    #[test]
    fn what_was_published_and_changed_on_one_day_has_two_moments() {
        let data = ld(r#""datePublished":"2026-01-22T09:30:00+04:00","dateModified":"2026-01-22T18:45:00+04:00""#);
        check(&format!("{data}<h1>Talks begin</h1>{TEXT}"), "2026-01-22 05:30", "2026-01-22 14:45");
        let metas = "<meta property=article:modified_time content='2026-01-22T18:45:00Z'>\
            <meta property=article:published_time content='2026-01-22T09:30:00Z'>";
        check(&format!("{metas}<h1>Talks begin</h1>{TEXT}"), "2026-01-22 09:30", "2026-01-22 18:45");
    }

    #[test]
    fn a_moment_that_is_written_without_its_zone_too_is_one() {
        let data = ld(r#""datePublished":"2026-01-22T20:01:00""#);
        let time = "<time datetime='2026-01-22T20:01:00+04:00'>22 January 2026</time>";
        check(&format!("{data}<h1>Talks begin</h1><p>{time}</p>{TEXT}"), "2026-01-22 16:01", "");
    }

    #[test]
    fn what_is_told_as_today_under_the_title_goes_before_the_days_of_other_articles() {
        let now = "2026-01-22T12:00:00Z".parse().ok();
        let card = |it: u32| format!("<li><a href=/{it}>Another article</a> {it} January 2026</li>");
        let cards = (1..9).map(card).collect::<Vec<_>>().concat();
        let page = |line: &str| format!("<h1>Talks begin</h1><p>{line}</p>{}<ul>{cards}</ul>", TEXT.repeat(4));
        check_at(now, &page("Bugün 10:05"), "2026-01-22 10:05", "");
        check_at(now, &page("19 January 2026, 10:05"), "2026-01-19 10:05", "");
        check_at(now, &page("Talks about the bridge begin today in the old town hall"), "2026-01-01 00:00", "");
    }

    #[test]
    fn the_posts_of_a_live_blog_have_dates_of_their_own() {
        let post = |day: u32| format!(r#"{{"@type":"BlogPosting","datePublished":"2026-01-{day}T12:00:00Z"}}"#);
        let posts = [24, 23, 22].map(post).join(",");
        let live = format!(r#""datePublished":"2026-01-22T09:00:00Z","liveBlogUpdate":[{posts}]"#);
        check(&format!("{}<h1>Talks begin</h1>{TEXT}", ld(&live)), "2026-01-22 09:00", "");
    }
}
