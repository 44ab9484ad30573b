//! When a page was published and changed, as the page says. Never a guess by the clock: without a word of the page there
//! is no date.
//!
//! Every date that the page gives is a candidate, by the day that it names. A small learned scorer says which
//! is the day of publication.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

pub(super) mod written;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use url::Url;

use crate::model::Timestamp;

use self::written::Written;

use super::{
    blocks::{Blocks, FAR, Role},
    cues::{self, Cue},
    head::{self, Head},
    meta::{Origin, Told},
    scorer::Scorer,
    weights,
    words::Kind,
};

/// A day that the scorer is less sure of is no date of publication.
const DOUBTFUL: f32 = 0.03;

/// Where a date stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Place {
    /// `datePublished` of an article in JSON-LD.
    LdPublished,
    /// The same of something else.
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
}

impl Place {
    const COUNT: usize = Place::Relative as usize + 1;

    fn origin(self) -> Origin {
        match self {
            Self::LdPublished | Self::LdOther | Self::LdCreated | Self::LdModified => Origin::JsonLd,
            Self::MetaPublished | Self::MetaDate | Self::MetaModified => Origin::Meta,
            Self::MarkPublished | Self::MarkModified | Self::Time | Self::Attribute => Origin::Markup,
            Self::Address => Origin::Address,
            Self::Text | Self::LongText | Self::Relative => Origin::Text,
            Self::ScriptPublished | Self::ScriptModified => Origin::Script,
        }
    }
}

/// A day that a page names.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The day, in the zone of whoever wrote it.
    pub(super) day: NaiveDate,
    /// The best way in which it is written.
    pub(super) written: Written,
    /// Where that stands.
    written_at: Place,
    /// The best place at which the day is named.
    pub(super) place: Place,
    /// How often it stands where.
    counts: [f32; Place::COUNT],
    /// Of the line that stands best: lines from the title, its length, what is near.
    best_line: Option<(f32, f32, [u8; Kind::COUNT], u32)>,
    first_line: f32,
    /// The other reading of a date such as 3/4/2020.
    is_swapped: bool,
}

/// A day and a moment of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    /// The day, in the zone of whoever wrote it.
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

/// All days that a page names, in order of time.
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
    /// Gathers them. `now` is the time of fetching: nothing later is believed, and distances count from it.
    pub(super) fn of(head: &Head, blocks: &Blocks, url: &Url, now: Option<Timestamp>) -> Self {
        let mut res = Self { days: BTreeMap::new(), address: None, picture: None, rights: None };
        res.of_json_ld(head);
        res.of_metas(head);
        res.of_scripts(head);
        let title = title_line(head, blocks);
        res.of_marks(blocks, title);
        let month_first = is_month_first(head, url);
        res.of_lines(blocks, title, month_first, now);
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

    /// The day of publication that the scorer is surest of, and the last day of change from then on.
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
            it.day >= best.day && places.iter().any(|place| it.counts.get(*place as usize).is_some_and(|it| *it > 0.0))
        });
        Dates {
            published: Some(Told::new(dated(best), best.place.origin(), sureness)),
            modified: changed.map(|it| Told::new(dated(it), it.place.origin(), 0.9)),
        }
    }

    /// The days with their features, in order of time.
    pub(super) fn features(&self) -> Vec<(&Candidate, Vec<f32>)> {
        let firsts = self.days.values().map(|it| it.first_line).fold(f32::MAX, f32::min);
        let (n_days, last) = (self.days.len() as f32, self.days.keys().next_back().copied());
        let days = self.days.values().enumerate();
        days.map(|(at, it)| (it, self.row(it, at as f32, n_days, last, firsts))).collect()
    }

    fn row(&self, it: &Candidate, at: f32, n_days: f32, last: Option<NaiveDate>, firsts: f32) -> Vec<f32> {
        let mut row = it.counts.map(|it| it.min(5.0)).to_vec();
        let month = Some((it.day.year(), it.day.month()));
        let agrees = |other: Option<(i32, u32)>| match other {
            None => 0.0,
            other => {
                if other == month {
                    1.0
                } else {
                    -1.0
                }
            }
        };
        row.extend([
            at,
            n_days - 1.0 - at,
            n_days,
            agrees(self.address),
            agrees(self.picture),
            self.rights.map_or(-50.0, |year| (year - it.day.year()) as f32),
            last.map_or(0.0, |last| ((last - it.day).num_days() as f32).ln_1p()),
            if it.first_line <= firsts { 1.0 } else { 0.0 },
            if it.is_swapped { 1.0 } else { 0.0 },
            if it.written.time.is_some() { 1.0 } else { 0.0 },
            f32::from(it.place as u8),
            it.counts.iter().filter(|it| **it > 0.0).count() as f32,
        ]);
        match it.best_line {
            None => row.extend([-1.0; 4 + NEAR.len()]),
            Some((from_title, length, near, starts)) => {
                let cue = |it: Cue| if starts >> it as u8 & 1 == 1 { 1.0 } else { 0.0 };
                row.extend([from_title, length, cue(Cue::Published), cue(Cue::Byline)]);
                row.extend(NEAR.iter().map(|it| near.get(*it as usize).map_or(f32::from(FAR), |it| f32::from(*it))));
            }
        }
        row
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

    fn of_json_ld(&mut self, head: &Head) {
        for object in &head.objects {
            let is_article = head::is_article(object);
            for (key, place) in [
                ("datePublished", if is_article { Place::LdPublished } else { Place::LdOther }),
                ("dateCreated", Place::LdCreated),
                ("uploadDate", Place::LdCreated),
                ("dateModified", Place::LdModified),
            ] {
                let value = match object.get(key) {
                    Some(Value::String(it)) => written::value(it),
                    Some(Value::Number(it)) => written::value(&it.to_string()),
                    _ => None,
                };
                if let Some(it) = value {
                    self.add(it, place);
                }
            }
        }
    }

    fn of_metas(&mut self, head: &Head) {
        for (names, place) in
            [(META_PUBLISHED, Place::MetaPublished), (META_DATE, Place::MetaDate), (META_MODIFIED, Place::MetaModified)]
        {
            for it in names.iter().flat_map(|it| head.metas(it)).filter_map(written::value) {
                self.add(it, place);
            }
        }
    }

    fn of_scripts(&mut self, head: &Head) {
        for (is_published, value) in &head.script_dates {
            if let Some(it) = written::value(value) {
                self.add(it, if *is_published { Place::ScriptPublished } else { Place::ScriptModified });
            }
        }
    }

    fn of_marks(&mut self, blocks: &Blocks, title: f32) {
        for mark in &blocks.marks {
            let Some(written) = written::value(&mark.value) else { continue };
            let place = match mark.role {
                Role::Published => Place::MarkPublished,
                Role::Modified => Place::MarkModified,
                Role::Unsaid if mark.is_time => Place::Time,
                Role::Unsaid => Place::Attribute,
            };
            let near = blocks.element(mark.element).near;
            self.add(written, place).stands(mark.line as f32, title, 0.0, near, 0);
        }
    }

    fn of_lines(&mut self, blocks: &Blocks, title: f32, month_first: bool, now: Option<Timestamp>) {
        for (at, block) in blocks.lines.iter().enumerate() {
            let n_chars = block.text.chars().count();
            let mut near = blocks.element(block.element).near;
            for (kind, it) in near.iter_mut().enumerate() {
                if block.inline.has(kind) {
                    *it = 0;
                }
            }
            let starts = if n_chars <= 160 { cues::of_start(&block.text.to_lowercase(), n_chars) } else { 0 };
            if starts >> Cue::Rights as u8 & 1 == 1 {
                let years = block.text.split(|it: char| !it.is_ascii_digit()).filter(|it| it.len() == 4);
                self.rights = years.filter_map(|it| it.parse().ok()).chain(self.rights).max();
            }
            let found = written::find(&block.text, month_first);
            let place = if n_chars > 200 { Place::LongText } else { Place::Text };
            for it in found.into_iter().take(4) {
                let line = at as f32;
                if let Some(day) = it.swapped {
                    let other = Written { day, swapped: None, ..it };
                    if !self.days.contains_key(&day) {
                        let added = self.add(other, Place::LongText);
                        added.is_swapped = true;
                        added.stands(line, title, n_chars as f32, near, starts);
                    }
                }
                self.add(it, place).stands(line, title, n_chars as f32, near, starts);
            }
            if let Some(it) = now.and_then(|now| written::relative(&block.text, now)) {
                let it = Written { day: it.date(), time: Some(it.time()), offset: None, swapped: None };
                self.add(it, Place::Relative).stands(at as f32, title, n_chars as f32, near, starts);
            }
        }
    }

    fn of_address(&mut self, url: &Url) {
        // An archive puts the time of its copy before the address.
        let path = url.path();
        let path = path.rsplit_once("/http").map_or(path, |(_, it)| it);
        self.address = year_and_month(path);
        if let Some(day) = day_of_address(path) {
            self.add(Written { day, time: None, offset: None, swapped: None }, Place::Address);
        }
    }
}

impl Candidate {
    fn stands(&mut self, line: f32, title: f32, length: f32, near: [u8; Kind::COUNT], starts: u32) {
        self.first_line = self.first_line.min(line);
        let from_title = line - title;
        // Under the title is better than above it.
        let distance = |it: f32| if it < 0.0 { -2.0 * it } else { it };
        if self.best_line.is_none_or(|(it, ..)| distance(from_title) < distance(it)) {
            self.best_line = Some((from_title.clamp(-60.0, 60.0), length, near, starts));
        }
    }
}

/// What may be near a line with a date.
const NEAR: &[Kind] = &[
    Kind::Date,
    Kind::Byline,
    Kind::Comment,
    Kind::Related,
    Kind::List,
    Kind::Footer,
    Kind::FooterTag,
    Kind::Sidebar,
    Kind::AsideTag,
    Kind::Nav,
    Kind::Header,
    Kind::HeaderTag,
    Kind::ArticleTag,
    Kind::Article,
    Kind::Caption,
    Kind::Body,
    Kind::Live,
];

const META_PUBLISHED: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date_published",
    "publishdate",
    "publish_date",
    "publish-date",
    "pubdate",
    "publication_date",
    "publication-date",
    "publicationdate",
    "published",
    "article_date_original",
    "article.published",
    "sailthru.date",
    "parsely-pub-date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "citation_publication_date",
    "citation_date",
    "bt:pubdate",
    "cxenseparse:recs:publishtime",
    "originalpublicationdate",
    "displaydate",
    "ptime",
    "release_date",
    "og:pubdate",
    "rnews:datepublished",
    "shareaholic:article_published_time",
    "vr:published_time",
    "og:question:published_time",
    "article:created",
    "created",
    "creation_date",
    "datecreated",
    "article:post_date",
    "mediator_published_time",
    "last-published",
    "published-date",
    "published_date",
    "published_at",
    "published_time",
    "og:publish_date",
];

const META_DATE: &[&str] = &[
    "date",
    "dc.date",
    "dcterms.date",
    "dc:date",
    "dcterm.date",
    "og:date",
    "pdate",
    "time",
    "article:date",
    "news_date",
    "article-date",
    "meta-date",
];

const META_MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "lastmod",
    "modified",
    "modified_time",
    "updated",
    "dcterms.modified",
    "dc.date.modified",
    "og:modified_time",
    "revised",
    "lastmodified",
    "updated_time",
    "article:modified",
    "last-update",
    "dateupdate",
];

/// Where the title stands; the first line where it does not.
fn title_line(head: &Head, blocks: &Blocks) -> f32 {
    let heading = head.headings.first();
    let at = heading.and_then(|heading| blocks.lines.iter().position(|it| it.text == *heading));
    at.unwrap_or(0) as f32
}

/// Whether the page is written where the month is put first.
fn is_month_first(head: &Head, url: &Url) -> bool {
    let language = head.language.as_deref().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let locale = head.meta(&["og:locale"]).unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let host = url.host_str().unwrap_or_default();
    let elsewhere = host.rsplit('.').next().is_some_and(|it| it.len() == 2 && it != "us");
    let is_english = language.is_empty() || language.starts_with("en");
    is_english && !elsewhere && !language.ends_with("-gb") && !locale.ends_with("-gb")
}

/// `/2026/01/22/`, `/2026-01-22/`, `/20260122/`, `-2026-01-22.html`.
fn day_of_address(path: &str) -> Option<NaiveDate> {
    let numbers: Vec<&str> = path.split(|it: char| !it.is_ascii_digit()).collect();
    let number = |it: &&str| it.parse::<u32>().ok();
    let whole = |year: u32, month: u32, day: u32| {
        let year = i32::try_from(year).ok().filter(|it| (1995..=2100).contains(it))?;
        NaiveDate::from_ymd_opt(year, month, day)
    };
    let three = numbers.windows(3).find_map(|it| match it {
        [year, month, day] if year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()) => {
            whole(number(year)?, number(month)?, number(day)?)
        }
        [day, month, year] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            whole(number(year)?, number(month)?, number(day)?)
        }
        _ => None,
    });
    three.or_else(|| {
        let eight = numbers.iter().find(|it| it.len() == 8)?;
        whole(number(&eight.get(..4)?)?, number(&eight.get(4..6)?)?, number(&eight.get(6..)?)?)
    })
}

/// `/2026/01/` and `/202601/`, also in the address of a picture.
fn year_and_month(path: &str) -> Option<(i32, u32)> {
    let numbers: Vec<&str> = path.split(|it: char| !it.is_ascii_digit()).collect();
    let whole = |year: &str, month: &str| {
        let year = year.parse().ok().filter(|it| (1995..=2100).contains(it))?;
        Some((year, month.parse().ok().filter(|it| (1..=12).contains(it))?))
    };
    let two = numbers.windows(2).find_map(|it| match it {
        [year, month] if year.len() == 4 && month.len() == 2 => whole(year, month),
        _ => None,
    });
    two.or_else(|| {
        numbers.iter().find(|it| matches!(it.len(), 6 | 8)).and_then(|it| whole(it.get(..4)?, it.get(4..6)?))
    })
}
