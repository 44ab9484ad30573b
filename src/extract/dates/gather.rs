//! Where a page names days.

use serde_json::Value;
use url::Url;

use crate::{
    extract::{
        blocks::{Blocks, Role},
        cues::{self, Cue},
        head::{self, Head},
    },
    model::Timestamp,
};

use super::{
    Candidates, Place,
    address::{day_of_address, year_and_month},
    written::{self, Written},
};

impl Candidates {
    pub(super) fn of_json_ld(&mut self, head: &Head) {
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

    pub(super) fn of_metas(&mut self, head: &Head) {
        for (names, place) in
            [(META_PUBLISHED, Place::MetaPublished), (META_DATE, Place::MetaDate), (META_MODIFIED, Place::MetaModified)]
        {
            for it in names.iter().flat_map(|it| head.metas(it)).filter_map(written::value) {
                self.add(it, place);
            }
        }
    }

    pub(super) fn of_scripts(&mut self, head: &Head) {
        for (is_published, value) in &head.script_dates {
            if let Some(it) = written::value(value) {
                self.add(it, if *is_published { Place::ScriptPublished } else { Place::ScriptModified });
            }
        }
    }

    pub(super) fn of_marks(&mut self, blocks: &Blocks, title: f32) {
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

    pub(super) fn of_lines(&mut self, blocks: &Blocks, title: f32, month_first: bool, now: Option<Timestamp>) {
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

    pub(super) fn of_address(&mut self, url: &Url) {
        // An archive puts the time of its copy before the address.
        let path = url.path();
        let path = path.rsplit_once("/http").map_or(path, |(_, it)| it);
        self.address = year_and_month(path);
        if let Some(day) = day_of_address(path) {
            self.add(Written { day, time: None, offset: None, swapped: None }, Place::Address);
        }
    }
}

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
pub(super) fn title_line(head: &Head, blocks: &Blocks) -> f32 {
    let heading = head.headings.first();
    let at = heading.and_then(|heading| blocks.lines.iter().position(|it| it.text == *heading));
    at.unwrap_or(0) as f32
}

/// Whether the page is written where the month is put first.
pub(super) fn is_month_first(head: &Head, url: &Url) -> bool {
    let language = head.language.as_deref().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let locale = head.meta(&["og:locale"]).unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let host = url.host_str().unwrap_or_default();
    let elsewhere = host.rsplit('.').next().is_some_and(|it| it.len() == 2 && it != "us");
    let is_english = language.is_empty() || language.starts_with("en");
    is_english && !elsewhere && !language.ends_with("-gb") && !locale.ends_with("-gb")
}
