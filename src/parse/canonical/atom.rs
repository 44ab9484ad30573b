//! Writes records as one clean Atom 1.0 document: RFC 4287.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{
    markup::escape,
    record::{Link, Record},
    references,
};

/// The relation of an address that is the page's by its guid, beside another that is its link.
pub(in crate::parse) const PERMALINK: &str = "sitrepd-permalink";

/// The document. Every text in it is escaped HTML.
pub(super) fn write(feed: &Record, entries: &[Record], capacity: usize) -> String {
    let mut res = String::with_capacity(capacity);
    res.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\"");
    attribute("xml:lang", feed.language.get().unwrap_or_default(), &mut res);
    res.push('>');
    common(feed, &mut res);
    moment("updated", feed.updated.or(feed.date).or(feed.published), &mut res);
    html("subtitle", feed.summary.get(), &mut res);
    text("logo", feed.image.get(), &mut res);
    for it in entries {
        res.push_str("<entry>");
        entry(it, &mut res);
        res.push_str("</entry>");
    }
    res.push_str("</feed>");
    references::without_forbidden(res)
}

fn entry(record: &Record, res: &mut String) {
    common(record, res);
    moment("published", record.published.or(record.created).or(record.date), res);
    moment("updated", record.updated, res);
    html("summary", record.summary.get(), res);
    // `feed-rs` takes an entry's language from its content only.
    let language = record.language.get();
    let content = record.content.get().or(record.summary.get().filter(|_| language.is_some()));
    if content.is_some() || language.is_some() {
        res.push_str("<content type=\"html\"");
        attribute("xml:lang", language.unwrap_or_default(), res);
        res.push('>');
        escape(content.unwrap_or_default(), res);
        res.push_str("</content>");
    }
}

fn common(record: &Record, res: &mut String) {
    text("id", record.id.get(), res);
    html("title", record.title.get(), res);
    // A page may have several alternates: the readable one comes first.
    let is_page = |it: &&Link| it.rel == "alternate" && it.media_type.contains("html");
    for it in record.links.iter().filter(is_page).chain(record.links.iter().filter(|it| !is_page(it))) {
        link(&it.href, &it.rel, &it.media_type, res);
    }
    if let Some(it) = &record.permalink {
        match record.linked("alternate") {
            None => link(it, "alternate", "", res),
            Some(page) if page != it => link(it, PERMALINK, "", res),
            Some(_) => (),
        }
    }
    for it in &record.authors {
        res.push_str("<author>");
        // `feed-rs` drops an author with neither a name nor an e-mail address.
        let name = if it.name.is_empty() && it.email.is_empty() { &it.url } else { &it.name };
        for (element, value) in [("name", name), ("email", &it.email), ("uri", &it.url)] {
            text(element, Some(value.as_str()).filter(|it| !it.is_empty()), res);
        }
        res.push_str("</author>");
    }
    for it in &record.tags {
        res.push_str("<category");
        attribute("term", it, res);
        res.push_str("/>");
    }
    html("rights", record.rights.get(), res);
}

fn link(href: &str, rel: &str, media_type: &str, res: &mut String) {
    res.push_str("<link");
    attribute("href", href, res);
    attribute("rel", rel, res);
    attribute("type", media_type, res);
    res.push_str("/>");
}

fn attribute(name: &str, value: &str, res: &mut String) {
    if !value.is_empty() {
        res.push(' ');
        res.push_str(name);
        res.push_str("=\"");
        escape(value, res);
        res.push('"');
    }
}

fn text(name: &str, value: Option<&str>, res: &mut String) {
    element(name, "", value, res);
}

fn html(name: &str, value: Option<&str>, res: &mut String) {
    element(name, " type=\"html\"", value, res);
}

fn moment(name: &str, value: Option<DateTime<Utc>>, res: &mut String) {
    element(name, "", value.map(|it| it.to_rfc3339_opts(SecondsFormat::Secs, true)).as_deref(), res);
}

fn element(name: &str, kind: &str, value: Option<&str>, res: &mut String) {
    let Some(value) = value else { return };
    res.push('<');
    res.push_str(name);
    res.push_str(kind);
    res.push('>');
    escape(value, res);
    res.push_str("</");
    res.push_str(name);
    res.push('>');
}
