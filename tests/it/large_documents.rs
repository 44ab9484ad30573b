//! Documents with more entries than are kept: which ones are kept, what is told, and what memory they take.

use std::fmt::Write;

use sitrepd::{
    model::{Entry, JsonList, Sitemap, Source, SourceId, SourceKind, Timestamp},
    parse::{self, Document, Parsed, Settings},
};
use tempfile::TempDir;
use url::Url;

const KEPT: usize = 500;

fn read(kind: SourceKind, text: &str) -> Parsed {
    let url = Url::parse("https://news.example/list").unwrap();
    let source = Source { kind, ..Source::feed(SourceId::sample(), "Sample".to_owned(), url.clone()) };
    let document = Document { bytes: text.as_bytes(), content_type: None, url: &url, now: moment(60_000) };
    parse::source(&source, document, Settings { max_entries: KEPT }).unwrap()
}

/// The dates go up and down, so that the newest entries stand everywhere.
fn minute(n: u32) -> u32 {
    n * 7_919 % 50_000
}

fn moment(minute: u32) -> Timestamp {
    Timestamp::from_timestamp(1_700_000_000 + 60 * i64::from(minute), 0).unwrap()
}

/// As most feeds have them: ten elements.
fn full_item(n: u32) -> String {
    format!(
        "<item>\n<title>Report {n}</title><link>https://news.example/{n}</link><guid isPermaLink='false'>g{n}</guid>\
         <pubDate>{}</pubDate><dc:creator>The desk</dc:creator><category>talks</category><category>border</category>\
         <description>&lt;p>In brief, {n}: the talks about the bridge go on.&lt;/p></description>\
         <content:encoded><![CDATA[<p>The delegation went over the bridge, and the talks began at once.</p>]]></content:encoded>\
         <comments>https://news.example/{n}#comments</comments></item>\n",
        moment(minute(n)).to_rfc2822()
    )
}

fn rss(items: impl Iterator<Item = String>) -> String {
    let mut res = "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' \
         xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Many</title>"
        .to_owned();
    res.extend(items);
    res + "<ttl>30</ttl></channel></rss>"
}

/// The minutes of what is kept are the newest, in the order of the document.
#[track_caller]
fn check_newest(parsed: &Parsed, numbers: u32) {
    let expected: Vec<_> = (0..numbers).map(minute).filter(|it| *it >= numbers - 500).map(moment).collect();
    let kept: Vec<_> = parsed.entries.iter().map(|it| it.published.unwrap()).collect();
    assert_eq!((kept.len(), &kept), (KEPT, &expected));
}

#[test]
fn the_newest_of_fifty_thousand_full_entries_are_kept() {
    let parsed = read(SourceKind::Syndication, &rss((0..50_000).map(full_item)));
    check_newest(&parsed, 50_000);
    assert_eq!(parsed.problems, ["50000 entries in one document, the newest 500 are read"]);
    assert!(!parsed.is_cut);
    // What stands behind the entries is read too.
    assert_eq!(parsed.hints.ttl.unwrap().as_secs(), 1800);
    let is_whole =
        |it: &Entry| it.link.is_some() && it.guid_is_unique && it.authors == ["The desk"] && it.text.len() > 40;
    assert!(parsed.entries.iter().all(is_whole), "{:?}", parsed.entries[0]);
}

#[test]
fn entries_without_a_date_count_as_newest_and_both_ends_are_kept() {
    let undated = |n: u32| format!("<item><title>{n}</title></item>");
    let parsed = read(SourceKind::Syndication, &rss((0..900).map(undated).chain((0..900).map(full_item))));
    let titles: Vec<_> = parsed.entries.iter().map(|it| it.title.clone()).collect();
    assert_eq!(titles, (0..250).chain(650..900).map(|it: u32| it.to_string()).collect::<Vec<_>>());
}

#[test]
fn an_id_that_an_entry_has_that_is_not_kept_is_shared() {
    let item = |n: u32, guid: u32| {
        let date = moment(n).to_rfc2822();
        format!(
            "<item><title>Report {n}</title><guid isPermaLink='false'>g{guid}</guid><pubDate>{date}</pubDate></item>"
        )
    };
    let parsed = read(SourceKind::Syndication, &rss((0..2_000).map(|n| item(n, if n == 1_999 { 0 } else { n }))));
    let shared: Vec<_> = parsed.entries.iter().filter(|it| !it.guid_is_unique).map(|it| it.title.as_str()).collect();
    assert_eq!(shared, ["Report 1999"]);
}

#[test]
fn a_document_of_too_many_elements_is_whole_all_the_same() {
    let item =
        format!("<item><title>First</title><link>/1</link></item><item><link>/2</link>{}", "<b/>".repeat(300_000));
    let parsed = read(SourceKind::Syndication, &rss([item].into_iter()));
    assert_eq!(parsed.problems, ["the document has too many elements, the rest is not read"]);
    assert_eq!((parsed.is_cut, parsed.entries.len()), (false, 2));
    // And one that ends early is not.
    assert!(read(SourceKind::Syndication, "<rss><channel><item><link>/1</link></item>").is_cut);
}

#[test]
fn the_newest_of_a_large_json_feed_are_kept() {
    let item = |n: u32| {
        let date = moment(minute(n)).to_rfc3339();
        format!(
            r#"{{"id":"{n}","url":"/{n}","title":"Report {n}","content_text":"In brief.","x":[{{}},[1,{{"y":null}}]],"date_published":"{date}"}}"#
        )
    };
    let items = (0..50_000).map(item).collect::<Vec<_>>().join(",\n");
    let parsed = read(SourceKind::Syndication, &format!(r#"{{"items":[{items}],"title":"Many","next_url":"/2"}}"#));
    check_newest(&parsed, 50_000);
    assert_eq!(parsed.problems, ["50000 entries in one document, the newest 500 are read"]);
    assert_eq!((parsed.title.as_deref(), parsed.next.is_some()), (Some("Many"), true));
}

#[test]
fn a_long_text_takes_no_other_field_from_its_entry() {
    let text = "<p>The delegation went over the bridge.</p>".repeat(300_000);
    let text = serde_json::to_string(&text).unwrap();
    let parsed = read(
        SourceKind::Syndication,
        &format!(r#"{{"items":[{{"id":"1","content_html":{text},"title":"A","url":"/1"}}]}}"#),
    );
    assert_eq!((parsed.entries[0].title.as_str(), parsed.entries[0].link.is_some()), ("A", true));
    assert!((500_000..=1_000_000).contains(&parsed.entries[0].text.len()));
}

#[test]
fn the_newest_of_a_large_list_in_json_are_kept() {
    let item = |n: u32| {
        let date = moment(minute(n)).format("%Y-%m-%dT%H:%M:%S");
        format!(
            r#"{{"id":{n},"link":"https://news.example/{n}","title":{{"rendered":"Report {n}"}},"date_gmt":"{date}","date":"{date}"}}"#
        )
    };
    let items = (0..20_000).map(item).collect::<Vec<_>>().join(",");
    let parsed = read(SourceKind::Json(JsonList::wordpress()), &format!("[{items},7,{{}}]"));
    assert_eq!(parsed.entries.len(), KEPT);
    let oldest = parsed.entries.iter().map(|it| it.published.unwrap()).min().unwrap();
    assert!((0..20_000).filter(|it| moment(minute(*it)) >= oldest).count() == KEPT);
    assert_eq!(
        parsed.problems,
        ["20000 entries in one document, the newest 500 are read", "2 of 20002 items have neither link nor title"]
    );
}

#[test]
fn a_sitemap_is_read_to_its_end() {
    let mut text = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>".to_owned();
    for n in 0..50_000 {
        let (date, old) = (moment(minute(n)).to_rfc3339(), "<changefreq>daily</changefreq><priority>0.5</priority>");
        writeln!(text, "<url><loc>https://news.example/{n}</loc><lastmod>{date}</lastmod>{old}</url>").unwrap();
    }
    text.push_str("</urlset>");
    let max_age = std::time::Duration::from_secs(100 * 24 * 3_600);
    let sitemap = Sitemap { include: Vec::new(), exclude: Vec::new(), max_age };
    let parsed = read(SourceKind::Sitemap(sitemap), &text);
    let expected: Vec<_> = (0..500).map(|it| Some(moment(49_999 - it))).collect();
    assert_eq!(parsed.entries.iter().map(|it| it.updated).collect::<Vec<_>>(), expected);
    assert_eq!(parsed.problems, ["50000 entries in one document, the newest 500 are read"]);
}

/// Each of these took 130 MB to 2.6 GB at one time. The limit is of addresses, which are never fewer than what is in memory.
#[cfg(target_os = "linux")]
#[test]
fn documents_of_twenty_megabytes_take_little_memory() {
    let json = |item: &str| {
        let items = vec![item; 9_900_000 / (item.len() + 1)].join(",");
        format!(
            r#"{{"version":"https://jsonfeed.org/version/1.1","items":[{{"id":"a","title":"A","x":[{items}]}},{items}]}}"#
        )
    };
    let dir = TempDir::new().unwrap();
    for (name, text) in [
        ("full.xml", rss((0..50_000).map(full_item))),
        ("short.xml", rss((0..300_000).map(|_| "<item><title>x</title></item>".to_owned()))),
        ("objects.json", json(r#"{"id":"1"}"#)),
        ("empty.json", json("{}")),
        ("numbers.json", json("1")),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let command = format!("ulimit -v 150000 && exec {} try feed {}", env!("CARGO_BIN_EXE_sitrepd"), path.display());
        let mut shell = std::process::Command::new("/bin/sh");
        let ran = shell.args(["-c", &command]).env_clear().env("HOME", dir.path()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{name}: {:?} {err}", ran.status);
        assert!(out.contains("newest 500") || name == "numbers.json", "{name}: {out:.500}");
    }
}
