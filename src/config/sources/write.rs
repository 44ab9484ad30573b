//! Blocks of `sources.toml`, written.

use std::time::Duration;

use toml_edit::Value;

use crate::{
    config::blocks,
    model::{Cadence, JsonList, Listing, Ownership, Selector, Sitemap, Source, SourceId, SourceKind},
};

/// The block that describes a source; what has its usual value is left out.
pub fn block(source: &Source) -> String {
    let mut out = Writer("[[source]]\n".to_owned());
    out.text("id", source.id.as_str());
    out.text("name", &source.name);
    out.text("url", source.url.as_str());
    let is_wordpress = matches!(&source.kind, SourceKind::Json(it) if *it == JsonList::wordpress());
    out.text("kind", if is_wordpress { "wordpress" } else { source.kind.word() });
    out.list("languages", &source.languages);
    out.text("country", &source.country);
    if source.ownership != Ownership::Unknown {
        out.text("ownership", ownership(source.ownership));
    }
    if source.tier != 2 {
        out.raw("tier", &source.tier.to_string());
    }
    match &source.cadence {
        Some(Cadence::Every(it)) => out.time("interval", *it),
        Some(Cadence::Cron { expression, .. }) => out.text("cron", expression),
        None => (),
    }
    if let Some(zone) = zone(source).filter(|it| *it != chrono_tz::UTC) {
        out.text("zone", zone.name());
    }
    if let Some(it) = source.expected_every {
        out.time("expected_every", it);
    }
    for (key, value) in [
        ("sibling", source.sibling.as_ref().map(SourceId::as_str)),
        ("recipe", source.recipe.as_deref()),
        ("user_agent", source.user_agent.as_deref()),
    ] {
        out.text(key, value.unwrap_or_default());
    }
    if source.reads_pages != (source.kind != SourceKind::Telegram) {
        out.raw("pages", &source.reads_pages.to_string());
    }
    for (key, value) in [("guids", source.has_guids), ("verified", source.is_verified), ("enabled", source.enabled)] {
        if !value {
            out.raw(key, "false");
        }
    }
    match &source.kind {
        SourceKind::Listing(it) => out.listing(it),
        SourceKind::Sitemap(it) => out.sitemap(it),
        SourceKind::Json(it) if !is_wordpress => out.json(it),
        SourceKind::Json(_) | SourceKind::Syndication | SourceKind::Telegram => (),
    }
    out.0
}

/// The one zone that a block has, for its cron expression or for its dates.
fn zone(source: &Source) -> Option<chrono_tz::Tz> {
    match (&source.cadence, &source.kind) {
        (Some(Cadence::Cron { zone, .. }), _) => Some(*zone),
        (_, SourceKind::Listing(it)) => Some(it.zone),
        (_, SourceKind::Json(it)) => Some(it.zone),
        _ => None,
    }
}

fn ownership(it: Ownership) -> &'static str {
    match it {
        Ownership::Official => "official",
        Ownership::State => "state",
        Ownership::Public => "public",
        Ownership::Independent => "independent",
        Ownership::Exile => "exile",
        Ownership::Research => "research",
        Ownership::Unknown => "unknown",
    }
}

struct Writer(String);

impl Writer {
    fn raw(&mut self, key: &str, value: &str) {
        self.0.extend([key, " = ", value, "\n"]);
    }

    /// Left out where it is empty.
    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.raw(key, Value::from(value).to_string().trim());
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.raw(key, values.iter().map(String::as_str).collect::<Value>().to_string().trim());
        }
    }

    fn time(&mut self, key: &str, value: Duration) {
        self.text(key, &humantime::format_duration(value).to_string());
    }

    fn selector(&mut self, key: &str, value: Option<&Selector>) {
        let Some(Selector { css, attribute }) = value else { return };
        match attribute {
            Some(it) => self.text(key, &format!("{css}@{it}")),
            None => self.text(key, css),
        }
    }

    fn listing(&mut self, it: &Listing) {
        self.0.push_str("[source.listing]\n");
        self.selector("item", Some(&it.item));
        for (key, value) in
            [("link", &it.link), ("title", &it.title), ("date", &it.date), ("summary", &it.summary), ("next", &it.next)]
        {
            self.selector(key, value.as_ref());
        }
    }

    fn sitemap(&mut self, it: &Sitemap) {
        self.0.push_str("[source.sitemap]\n");
        self.list("include", &it.include);
        self.list("exclude", &it.exclude);
        self.time("max_age", it.max_age);
    }

    fn json(&mut self, it: &JsonList) {
        self.0.push_str("[source.json]\n");
        self.selector("within", it.within.as_ref());
        self.text("items", &it.items);
        for (key, value) in
            [("link", &it.link), ("title", &it.title), ("date", &it.date), ("text", &it.text), ("guid", &it.guid)]
        {
            self.text(key, value.as_deref().unwrap_or_default());
        }
    }
}

/// `text` with a block for a new source at its end; comments and order of the rest are kept.
pub fn with_source(text: &str, source: &Source) -> String {
    let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}{gap}{}", block(source))
}

/// `text` without the block of a source and the comment right above it; `None` where there is no such block.
pub fn without_source(text: &str, id: &SourceId) -> Option<String> {
    blocks::without(text, "source", |it| is_of(it, id))
}

/// `text` with a source switched on or off; `None` where there is no such block.
pub fn with_enabled(text: &str, id: &SourceId, enabled: bool) -> Option<String> {
    let mut document: toml_edit::DocumentMut = text.parse().ok()?;
    let blocks = document.get_mut("source")?.as_array_of_tables_mut()?;
    let block = blocks.iter_mut().find(|it| is_of(it, id))?;
    match enabled {
        true => {
            block.remove("enabled");
        }
        false => {
            block.insert("enabled", toml_edit::value(false));
        }
    }
    Some(document.to_string())
}

fn is_of(block: &toml_edit::Table, id: &SourceId) -> bool {
    block.get("id").and_then(toml_edit::Item::as_str) == Some(id.as_str())
}
