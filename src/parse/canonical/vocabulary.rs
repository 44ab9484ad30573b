//! Maps every vocabulary of feeds onto one record.
//!
//! If a feed says the same thing in several vocabularies, the rank decides: Atom's own element precedes RSS's, then
//! Dublin Core's, then those of media and podcasts.

use url::Url;

use super::{addresses, dates, element::Element, markup, names::Space, people, record::Record};

/// Whether a record is a whole feed or an entry of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Feed,
    Entry,
}

/// An entry, or `None` where the document ends before it says which one it is.
pub(super) fn entry(element: &Element<'_>) -> Option<Record> {
    let mut res = Record::default();
    if let Some(it) = &element.language {
        res.language.offer(1, it.to_string());
    }
    channel_definition(element, &mut res);
    for it in element.elements() {
        field(it, &mut res, Level::Entry);
    }
    if let Some(about) = about(element) {
        res.id.offer(1, about.to_owned());
        if res.permalink.is_none() {
            res.permalink = Some(addresses::absolute(about, element.base.as_deref()));
        }
    }
    (!element.is_cut || res.id.get().is_some() || !res.links.is_empty()).then_some(res)
}

/// The `rdf:about` attribute.
fn about<'a>(element: &'a Element<'_>) -> Option<&'a str> {
    element.attribute("about").filter(|it| !it.trim().is_empty())
}

/// The attributes of CDF's `CHANNEL` and `ITEM`.
pub(super) fn channel_definition(element: &Element<'_>, record: &mut Record) {
    if element.space != Space::Rss {
        return;
    }
    if let Some(it) = element.attribute("href") {
        record.link(addresses::absolute(it, element.base.as_deref()), "alternate", "");
    }
    if let Some(it) = element.attribute("lastmod") {
        record.updated = record.updated.or_else(|| dates::parse(it));
    }
}

/// Reads one field into the record. Fields of no known meaning are passed over.
pub(super) fn field(element: &Element<'_>, record: &mut Record, level: Level) {
    use Space::{Atom, Content, Dc, DcTerms, Itunes, Media, Rss, Xhtml};

    let local = element.local.as_ref();
    match (element.space, local) {
        (Atom | Rss | Dc | Media | Itunes, "title") => {
            record.title.offer(rank(element.space), markup::html(element));
            language(element, record, level);
        }
        (Rss, "description") => {
            record.summary.offer(5, markup::html(element));
            language(element, record, level);
        }
        (Rss | Atom, "summary" | "subtitle" | "tagline" | "abstract") => {
            let html = markup::html(element);
            if element.space == Rss && record.summary.get().is_some() {
                // A second text beside the description: nothing says which is the fuller one.
                record.content.offer(1, html.clone());
            }
            record.summary.offer(if element.space == Atom { 6 } else { 4 }, html);
            language(element, record, level);
        }
        (Dc | DcTerms, "description" | "abstract") => record.summary.offer(3, markup::html(element)),
        (Itunes, "summary") | (Media, "description") => record.summary.offer(2, markup::html(element)),
        (Itunes, "subtitle") => record.summary.offer(1, markup::html(element)),
        // The whole text as Yandex wants it (`yandex:full-text`); many feeds of the region were made for it.
        (Content | Rss | Space::Other, "encoded")
        | (Rss | Space::Other, "full-text" | "fulltext")
        | (Rss, "fullitem") => {
            record.content.offer(4, markup::html(element));
            language(element, record, level);
        }
        (Atom, "content") => {
            record.content.offer(5, markup::html(element));
            language(element, record, level);
        }
        (Rss, "content") if element.attribute("url").is_none() => record.content.offer(2, markup::html(element)),
        (Xhtml | Rss, "body" | "prodlink") if level == Level::Entry => {
            let html = addresses::in_html(markup::inner(element, false).trim().to_owned(), element.base.as_deref());
            record.content.offer(3, html);
            language(element, record, level);
        }
        (Media, "group" | "content") => {
            if let Some(it) = element.attribute("url") {
                let kind = element.attribute("type").unwrap_or_default();
                record.link(addresses::absolute(it, element.base.as_deref()), "enclosure", kind);
            }
            element.elements().for_each(|it| field(it, record, level));
        }
        (Rss | Atom, "category" | "tag") | (Dc, "subject") | (Rss, "keywords") => {
            match element.attribute("term").or_else(|| element.attribute("label")) {
                Some(it) => record.tag(it),
                None => record.tag(&element.text()),
            }
        }
        (Itunes, "category") => record.tag(element.attribute("text").unwrap_or_default()),
        (Itunes, "keywords") => element.text().split([',', ' ']).for_each(|it| record.tag(it)),
        (Rss | Dc, "language") => record.language.offer(5, element.trimmed()),
        (Rss | Atom | Dc, "rights" | "copyright") => record.rights.offer(rank(element.space), markup::html(element)),
        // The document ended inside it: a truncated address, id or date is wrong.
        _ if element.is_cut => (),
        _ => {
            date(element, record);
            address(element, record, level);
            person(element, record, level);
        }
    }
}

fn rank(space: Space) -> u8 {
    match space {
        Space::Atom => 4,
        Space::Rss => 3,
        Space::Dc | Space::DcTerms => 2,
        _ => 1,
    }
}

/// The language of a text stands for its entry's.
fn language(element: &Element<'_>, record: &mut Record, level: Level) {
    let is_own = element.attributes.iter().any(|(name, _)| *name == "xml:lang");
    if let Some(it) = element.language.as_ref().filter(|_| is_own && level == Level::Entry) {
        let rank = match element.local.as_ref() {
            "title" => 2,
            "content" | "encoded" | "body" => 4,
            _ => 3,
        };
        record.language.offer(rank, it.to_string());
    }
}

fn date(element: &Element<'_>, record: &mut Record) {
    use Space::{Atom, Dc, DcTerms, Rss};

    let slot = match (element.space, element.local.as_ref()) {
        (Rss | Atom, "pubdate" | "published" | "issued") | (DcTerms, "issued" | "available") | (_, "timestamp") => {
            &mut record.published
        }
        (Rss | Atom, "updated" | "modified" | "lastbuilddate" | "lastmod")
        | (DcTerms, "modified")
        | (Dc, "updated" | "modified") => &mut record.updated,
        (Rss | Atom | DcTerms, "created") => &mut record.created,
        (Rss | Dc | DcTerms, "date") => &mut record.date,
        _ => return,
    };
    if slot.is_none() {
        let text = element.attribute("value").map_or_else(|| element.text().to_string(), str::to_owned);
        *slot = dates::parse(&text);
        record.has_odd_date |= slot.is_none() && !text.trim().is_empty();
    }
}

fn address(element: &Element<'_>, record: &mut Record, level: Level) {
    use Space::{Atom, Dc, Itunes, Rss};

    let base = element.base.as_deref();
    let kind = element.attribute("type").unwrap_or_default();
    match (element.space, element.local.as_ref()) {
        (Rss | Atom, "link") => {
            let text = element.text();
            let it = element.attribute("href").unwrap_or(&text);
            // An empty address is the base itself: RFC 3986 §5.2.2. For an entry it says nothing.
            if !it.trim().is_empty() || level == Level::Feed {
                record.link(addresses::absolute(it, base), element.attribute("rel").unwrap_or_default(), kind);
            }
        }
        (Rss | Atom, "url") if level == Level::Entry && record.links.is_empty() => {
            record.link(addresses::absolute(&element.text(), base), "alternate", "");
        }
        (Rss, "guid") => guid(element, record),
        (Rss | Atom, "id") => {
            let it = element.trimmed();
            let id = if it.contains(':') { it } else { addresses::absolute(&it, base) };
            if level == Level::Entry && (id.starts_with("http://") || id.starts_with("https://")) {
                record.permalink.get_or_insert_with(|| id.clone());
            }
            record.id.offer(4, id);
        }
        (Dc, "identifier") => record.id.offer(2, element.trimmed()),
        (Rss, "enclosure") => {
            let it = element.attribute("url").or_else(|| element.attribute("href")).unwrap_or_default();
            record.link(addresses::absolute(it, base), "enclosure", kind);
        }
        (Rss, "comments") => record.link(addresses::absolute(&element.text(), base), "replies", ""),
        (Rss, "image") => {
            if let Some(it) = element.elements().find(|it| it.local == "url") {
                record.image.offer(4, addresses::absolute(&it.text(), it.base.as_deref()));
            }
        }
        (Atom, "logo") => record.image.offer(3, addresses::absolute(&element.text(), base)),
        (Atom, "icon") => record.image.offer(2, addresses::absolute(&element.text(), base)),
        (Itunes, "image") | (Rss, "logo") => {
            let it = element.attribute("href").or_else(|| element.attribute("url")).unwrap_or_default();
            record.image.offer(1, addresses::absolute(it, base));
        }
        _ => (),
    }
}

/// RSS 2.0: a guid is the page's address unless `isPermaLink` says that it is not.
fn guid(element: &Element<'_>, record: &mut Record) {
    let it = element.trimmed();
    let is_permalink = element.attribute("isPermaLink").is_none_or(|it| it.trim().eq_ignore_ascii_case("true"));
    let is_web_address = Url::parse(&it).is_ok_and(|it| matches!(it.scheme(), "http" | "https"));
    let is_relative = !addresses::has_scheme(&it) && it.contains('/') && !it.contains(' ');
    if is_permalink && (is_web_address || is_relative) {
        record.permalink = Some(addresses::absolute(&it, element.base.as_deref()));
    }
    record.id.offer(3, it);
}

fn person(element: &Element<'_>, record: &mut Record, level: Level) {
    use Space::{Atom, Dc, Itunes, Rss};

    match (element.space, element.local.as_ref()) {
        (Atom | Rss, "author") | (Rss, "managingeditor" | "editor" | "webmaster") | (Dc, "creator" | "author") => {
            record.author(people::of_element(element));
        }
        (Itunes, "author") if record.authors.is_empty() => record.author(people::of_text(&element.text())),
        (Itunes, "owner") if level == Level::Feed && record.authors.is_empty() => {
            record.author(people::of_element(element));
        }
        _ => (),
    }
}
