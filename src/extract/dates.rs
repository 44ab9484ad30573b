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
    /// The best way in which it is written.
    pub(super) written: Written,
    /// The place of the date written in that way.
    written_at: Place,
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

/// Maximum distance from the title that counts, in lines.
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
    /// Collects the days. `now` is the time of fetching: later dates are not believed, and relative times count from
    /// it.
    pub(super) fn of(head: &Head, blocks: &Blocks, url: &Url, now: Option<Timestamp>) -> Self {
        let mut res = Self { days: BTreeMap::new(), address: None, picture: None, rights: None };
        res.of_json_ld(head);
        res.of_metas(head);
        res.of_scripts(head);
        let ground = Ground::of(head, blocks);
        res.of_marks(&ground);
        res.of_lines(&ground, is_month_first(head, url), now);
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
        let dated = |it: &Candidate| Dated { day: it.day, at: it.written.at() };
        let changed = self.days.values().rev().find(|it| {
            let places = [Place::LdModified, Place::MetaModified, Place::MarkModified, Place::ScriptModified];
            it.day >= best.day && places.iter().any(|place| it.stands_at(*place))
        });
        Dates {
            published: Some(Told::new(dated(best), best.place.origin(), sureness)),
            modified: changed.map(|it| Told::new(dated(it), it.place.origin(), 0.9)),
        }
    }

    fn add(&mut self, written: Written, place: Place) -> &mut Candidate {
        let fresh = || Candidate {
            day: written.day,
            written,
            written_at: place,
            place,
            counts: [0.0; Place::COUNT],
            best_line: None,
            first_line: f32::MAX,
            is_swapped: true,
        };
        let it = self.days.entry(written.day).or_insert_with(fresh);
        // A time is better than none, then the better place.
        if (written.time.is_none(), place) < (it.written.time.is_none(), it.written_at) {
            (it.written, it.written_at) = (written, place);
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

    fn stands(&mut self, line: f32, standing: Standing) {
        self.first_line = self.first_line.min(line);
        if self.best_line.is_none_or(|it| standing.distance() < it.distance()) {
            self.best_line = Some(standing);
        }
    }
}
