//! Broken, old and odd feeds. Every folder of `tests/fixtures/feeds-broken` holds a `source`, a `meta.toml` with
//! what is wrong with it, and `expected.json`.

use std::{fmt::Write, fs, path::Path};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use sitrepd::{
    model::{CanonicalUrl, Entry, Source, SourceId, Timestamp},
    parse::{self, Document, ParseError, Parsed, Settings},
};
use url::Url;

/// How a fixture's document came in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    note: String,
    url: Option<Url>,
    content_type: Option<String>,
}

#[test]
fn broken_feeds_are_read_as_expected() {
    let mut wrong = Vec::new();
    for folder in fs::read_dir(root()).unwrap().map(|it| it.unwrap().path()) {
        let meta: Meta = toml_edit::de::from_str(&fs::read_to_string(folder.join("meta.toml")).unwrap()).unwrap();
        let actual = shown(read(&source_bytes(&folder), meta.url.as_ref(), meta.content_type.as_deref()));
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap_or_else(|_| "null".to_owned());
        if serde_json::from_str::<Value>(&expected).unwrap() != actual {
            let actual = serde_json::to_string_pretty(&actual).unwrap();
            wrong.push(format!("{} ({}): {actual}", folder.display(), meta.note));
        }
    }
    assert!(wrong.is_empty(), "read otherwise:\n{}", wrong.join("\n"));
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/feeds-broken"))
}

fn source_bytes(folder: &Path) -> Vec<u8> {
    let mut files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    fs::read(files.find(|it| it.file_stem().is_some_and(|stem| stem == "source")).unwrap()).unwrap()
}

fn read(bytes: &[u8], url: Option<&Url>, content_type: Option<&str>) -> Result<Parsed, ParseError> {
    let default = Url::parse("https://news.example/feed/").unwrap();
    let url = url.unwrap_or(&default);
    let source = Source::feed(SourceId::sample(), "Sample".to_owned(), url.clone());
    parse::source(
        &source,
        Document { bytes, content_type, url, now: Timestamp::UNIX_EPOCH },
        Settings { max_entries: 500 },
    )
}

/// What was read, without what is empty.
fn shown(res: Result<Parsed, ParseError>) -> Value {
    match res {
        Err(error) => json!({ "error": error.to_string() }),
        Ok(it) => without_empty(json!({
            "title": it.title,
            "entries": it.entries.iter().map(shown_entry).collect::<Vec<_>>(),
            "problems": it.problems,
        })),
    }
}

fn shown_entry(it: &Entry) -> Value {
    let time = |it: Timestamp| it.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let enclosures = it.enclosures.iter().map(|it| json!({ "url": it.url.as_str(), "type": it.media_type }));
    without_empty(json!({
        "title": it.title,
        "link": it.link.as_ref().map(CanonicalUrl::as_str),
        "guid": it.guid,
        "published": it.published.map(time),
        "updated": it.updated.map(time),
        "authors": it.authors,
        "language": it.language,
        "text": it.text.lines().collect::<Vec<_>>(),
        "enclosures": enclosures.collect::<Vec<_>>(),
    }))
}

fn without_empty(value: Value) -> Value {
    let Value::Object(mut fields) = value else { return value };
    fields.retain(|_, it| !it.is_null() && *it != json!("") && *it != json!([]));
    Value::Object(fields)
}

#[test]
fn hints_are_kept_for_the_scheduler() {
    let document = br"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><ttl> 30 </ttl>
        <skipHours><hour>0</hour><hour>24</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day></skipDays>
        <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
        <atom:link rel='hub' href='https://hub.example/'/><atom:link rel='next' href='?page=2'/></channel></rss>";
    let hints = read(document, None, None).unwrap().hints;
    assert_eq!(hints.ttl.unwrap().as_secs(), 1800);
    assert_eq!(hints.skip_hours, [0, 0]);
    assert_eq!(hints.skip_days.len(), 1);
    assert_eq!(hints.update_every.unwrap().as_secs(), 900);
    assert_eq!(hints.hub.unwrap().as_str(), "https://hub.example/");
    assert_eq!(hints.older.unwrap().as_str(), "https://news.example/feed/?page=2");
}

/// Found in a test with a service that passes feeds on: all links led to the service.
#[test]
fn relative_links_start_from_the_site_of_the_channel() {
    let links = |feed: &str, channel: &str, links: &[&str]| {
        let items: Vec<_> =
            links.iter().map(|it| format!("<item><title>{it}</title><link>{it}</link></item>")).collect();
        let items = items.concat();
        let head = format!("<title>T</title><link>{channel}</link>");
        // The channel's link stands before the entries, or behind them.
        let read = |before: &str, after: &str| {
            let text = format!("<rss version='2.0'><channel>{before}{items}{after}</channel></rss>");
            let parsed = read(text.as_bytes(), Some(&feed.parse().unwrap()), None).unwrap();
            parsed.entries.into_iter().map(|it| it.link.unwrap().to_string()).collect::<Vec<_>>()
        };
        let found = read(&head, "");
        assert_eq!(found, read("", &head), "{feed} {channel}");
        found
    };
    let (proxy, own) = ("https://proxy.example/rss/7", "https://site.example/rss/7");
    let written = ["/1", "a.html", "//other.example/2", "https://proxy.example/3"];
    assert_eq!(
        links(proxy, "https://www.site.example/news/", &written),
        [
            "https://www.site.example/1",
            "https://www.site.example/news/a.html",
            "https://other.example/2",
            "https://proxy.example/3"
        ]
    );
    for channel in [
        "https://site.example/news/",
        "https://www.site.example/news/",
        "/news/",
        "",
        "news",
        "urn:x",
        "mailto:a@b.example",
        // What a generator writes for a site whose address nobody has told it.
        "http://localhost:1313/",
        "http://192.168.1.5/",
        "http://intranet/",
    ] {
        let expected = ["https://site.example/1", "https://site.example/rss/a.html"];
        assert_eq!(links(own, channel, &written[..2]), expected, "{channel}");
    }
    let based =
        b"<rss xml:base='https://base.example/x/'><channel><link>https://site.example/</link><item><title>A</title>\
        <link>1</link><description>&lt;a href='2'>B&lt;/a></description></item></channel></rss>";
    let entry = &read(based, Some(&proxy.parse().unwrap()), None).unwrap().entries[0];
    assert_eq!(entry.link.as_ref().unwrap().as_str(), "https://base.example/x/1");
}

#[test]
fn what_costs_most_to_read_is_bounded() {
    let many = |text: &str, n: usize| text.repeat(n);
    let attributes: String = (0..100_000).fold(String::new(), |mut res, it| {
        write!(res, " a{it}='x'").unwrap();
        res
    });
    for document in [
        many("<", 1_000_000),
        many("<a b='", 200_000),
        many("<![CDATA[</item>", 100_000),
        many("<!--", 300_000),
        many("</x>", 300_000),
        format!("<rss {attributes}><item/>"),
        format!("<rss{}<item/>", many(" xmlns:a='b'", 20_000)),
        format!("<rss>{}", many("<a xmlns:b='c' xmlns:d='e'>", 50_000)),
        format!("<rss><item><description>{}", many("<a href='x'/>", 50_000)),
        many("<rss><channel><item>", 20_000),
    ] {
        // Work that grows with the square of the length would not end here.
        let _ = read(document.as_bytes(), None, None);
    }
}

/// The entries of a feed that is written soundly, for a comparison with what is read.
#[derive(Debug, Clone)]
struct Written {
    title: String,
    number: u32,
    minute: u32,
    text: String,
}

fn written() -> impl Strategy<Value = Vec<Written>> {
    let words = "[A-Za-zА-яა-ჰա-ֆəğışçöü]{1,8}( [A-Za-zА-яა-ჰա-ֆəğışçöü&<>\"']{1,8}){0,6}";
    let entry = (words, 0..1_000_000_u32, 0..500_000_u32, words).prop_map(|(title, number, minute, text)| Written {
        title,
        number,
        minute,
        text,
    });
    prop::collection::vec(entry, 0..6)
}

/// Text as markup within a document of markup.
fn escaped(text: &str, times: usize) -> String {
    (0..times).fold(text.to_owned(), |it, _| it.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

fn as_rss(entries: &[Written]) -> String {
    let mut res = "<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>".to_owned();
    for it in entries {
        let date = moment(it).to_rfc2822();
        let (title, text) = (escaped(&it.title, 2), escaped(&it.text, 2));
        write!(
            res,
            "<item><title>{title}</title><link>https://a.example/{n}</link><guid isPermaLink='false'>{n}</guid>\
             <pubDate>{date}</pubDate><description>{text}</description></item>",
            n = it.number
        )
        .unwrap();
    }
    res + "</channel></rss>"
}

fn as_atom(entries: &[Written]) -> String {
    let mut res = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>".to_owned();
    for it in entries {
        let date = moment(it).to_rfc3339();
        let (title, text) = (escaped(&it.title, 1), escaped(&it.text, 2));
        write!(
            res,
            "<entry><title type='text'>{title}</title><link href='https://a.example/{n}'/><id>{n}</id>\
             <published>{date}</published><content type='html'>{text}</content></entry>",
            n = it.number
        )
        .unwrap();
    }
    res + "</feed>"
}

fn moment(it: &Written) -> Timestamp {
    Timestamp::from_timestamp(1_600_000_000 + 60 * i64::from(it.minute), 0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sound_feeds_are_read_as_they_are_written(entries in written()) {
        let expected: Vec<_> = entries
            .iter()
            .map(|it| (it.title.clone(), format!("https://a.example/{}", it.number), Some(moment(it)), it.text.clone()))
            .collect();
        for document in [as_rss(&entries), as_atom(&entries)] {
            let parsed = read(document.as_bytes(), None, None).unwrap();
            let actual: Vec<_> = parsed
                .entries
                .iter()
                .map(|it| (it.title.clone(), it.link.as_ref().unwrap().to_string(), it.published, it.text.clone()))
                .collect();
            prop_assert_eq!(&actual, &expected, "{}", document);
            prop_assert!(parsed.entries.iter().all(|it| it.guid.is_some()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!matches!(read(&bytes, None, None), Err(ParseError::Panicked)));
    }

    /// Pieces of markup in any order make every kind of wrong nesting.
    #[test]
    fn any_markup_is_read_the_same_twice(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let document = pieces.concat();
        let first = read(document.as_bytes(), None, None);
        prop_assert!(!matches!(first, Err(ParseError::Panicked)), "{}", document);
        prop_assert_eq!(first, read(document.as_bytes(), None, None));
    }

    #[test]
    fn damaged_feeds_are_read_the_same_twice(which in 0_usize..100, at in 0_usize..2_000, bytes: [u8; 2], cut: bool) {
        let mut folders: Vec<_> = fs::read_dir(root()).unwrap().map(|it| it.unwrap().path()).collect();
        folders.sort();
        let mut document = source_bytes(&folders[which % folders.len()]);
        let at = at % document.len();
        if cut {
            document.truncate(at);
        } else {
            document.splice(at..at, bytes);
        }
        let first = read(&document, None, None);
        prop_assert!(!matches!(first, Err(ParseError::Panicked)));
        prop_assert_eq!(first, read(&document, None, None));
    }
}

const PIECES: &[&str] = &[
    "<rss>",
    "<rss version='2.0' xmlns='x'>",
    "</rss>",
    "<channel>",
    "</channel>",
    "<item>",
    "</item>",
    "<feed>",
    "</feed>",
    "<entry>",
    "</entry>",
    "<title>",
    "</title>",
    "<link>",
    "<link href='a'/>",
    "</link>",
    "<guid>",
    "</guid>",
    "<pubDate>",
    "</pubDate>",
    "<description>",
    "</description>",
    "<content type='xhtml'>",
    "</content>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!DOCTYPE a [",
    "<!ENTITY e '&e;x'>",
    "]>",
    "&e;",
    "&amp;",
    "&#x41;",
    "&",
    "<",
    ">",
    "'",
    "\"",
    "<b>",
    "</b>",
    "<br>",
    "<p xml:base='b/'>",
    "<dc:date>",
    "31 Jan 2024",
    "text",
    "ж",
    "\u{92}",
    " ",
    "https://a.example/1",
    "<?xml encoding='utf-16'?>",
    "{\"items\":[",
    "]}",
    "<author>",
    "a@b.example (ж)",
    "mailto:",
];
