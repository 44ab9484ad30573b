//! OPML 2.0, the format in which feed readers exchange subscription lists.
//!
//! A source that is a feed is an outline of type `rss` with its address in `xmlUrl`, to which every reader subscribes.
//! Any other source (a listing page, a sitemap, a Telegram channel …) is an outline of type `link` with its address in
//! `url`, which OPML has for pages: other readers show or ignore the page, and none takes it for a broken feed. What
//! only sitrepd knows of a source is in two attributes, in a namespace as OPML requires for extensions: the id, and all
//! other keys of the source as `sources.toml` writes them. So a list that is written and read again has the same
//! sources.

use std::{collections::HashSet, path::Path};

use quick_xml::{
    Reader, XmlVersion,
    escape::escape,
    events::{BytesStart, Event, attributes::Attribute},
};
use url::Url;

use super::sources;
use crate::model::{Source, SourceId, SourceKind};

/// Outlines read of one file. Entities are not expanded, so that this bounds the work.
const MAX_OUTLINES: usize = 10_000;
/// Names longer than this many characters are cut.
const MAX_NAME: usize = 200;
/// Values of attributes longer than this many characters, addresses say, are cut.
const MAX_VALUE: usize = 2_000;
/// Settings of sources longer than this many characters are cut.
const MAX_SETTINGS: usize = 20_000;
/// Names the two attributes of sitrepd's own; no document stands there.
const NAMESPACE: &str = "urn:sitrepd:source";

/// What an OPML file held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// The sources in document order, each address once. From another program's file: feeds, with ids made from their
    /// names.
    pub sources: Vec<Source>,
    /// Outlines that are not usable and why, in plain words.
    pub problems: Vec<String>,
}

/// Reads the subscriptions of an OPML file. `taken` tells which ids are in use.
///
/// A damaged file gives what stands before the damage, with a problem that says so.
pub fn read(text: &str, taken: &dyn Fn(&SourceId) -> bool) -> Subscriptions {
    let mut res = Subscriptions::default();
    let mut seen = Seen::default();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return res,
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref().eq_ignore_ascii_case("outline") => {
                if res.sources.len() + res.problems.len() >= MAX_OUTLINES {
                    res.problems.push(format!("more than {MAX_OUTLINES} outlines; the rest is not read"));
                    return res;
                }
                outline(&tag, taken, &mut seen, &mut res);
            }
            Ok(_) => (),
            Err(error) => {
                res.problems
                    .push(format!("damaged at byte {}: {error}; the rest is not read", reader.error_position()));
                return res;
            }
        }
    }
}

/// What earlier outlines of the file have used.
#[derive(Default)]
struct Seen {
    urls: HashSet<Url>,
    ids: HashSet<SourceId>,
}

/// An outline with `xmlUrl` is a feed, and one with sitrepd's settings is a source at its `url`; any other is a folder
/// or a link.
fn outline(tag: &BytesStart<'_>, taken: &dyn Fn(&SourceId) -> bool, seen: &mut Seen, res: &mut Subscriptions) {
    let written = |name: &str| tag.attributes().flatten().find(|it| it.key.as_ref().eq_ignore_ascii_case(name));
    let up_to = |it: &Attribute<'_>, max: usize| {
        let value = it.normalized_value(XmlVersion::Implicit1_0)?;
        Ok(Some(value.trim().chars().take(max).collect::<String>()).filter(|it| !it.is_empty()))
    };
    let value = |it: &Attribute<'_>| up_to(it, MAX_VALUE);
    let attribute = |name: &str| written(name).and_then(|it| value(&it).unwrap_or_default());
    let settings = written("sitrepd:settings").and_then(|it| up_to(&it, MAX_SETTINGS).unwrap_or_default());
    let Some(address) = written("xmlurl").or_else(|| written("url").filter(|_| settings.is_some())) else {
        if let Some(error) = tag.attributes().find_map(Result::err) {
            res.problems.push(format!("an outline is damaged: {error}"));
        }
        return;
    };
    let address = match value(&address) {
        Ok(Some(address)) => address,
        Ok(None) => return,
        Err(error) => {
            let error: quick_xml::Error = error;
            let address: String = address.value.chars().take(MAX_NAME).collect();
            res.problems.push(format!("the address {address:?} cannot be read: {error}"));
            return;
        }
    };
    let url = match Url::parse(&address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => {
            res.problems.push(format!("{address:?} is not a web address"));
            return;
        }
    };
    if !seen.urls.insert(url.clone()) {
        res.problems.push(format!("{url} stands there twice"));
        return;
    }
    let name =
        attribute("title").or_else(|| attribute("text")).unwrap_or_else(|| url.host_str().unwrap_or("feed").to_owned());
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect();
    let is_taken = |id: &SourceId| taken(id) || seen.ids.contains(id);
    let own = attribute("sitrepd:id").and_then(|it| SourceId::new(&it).ok()).filter(|it| !is_taken(it));
    let Some(id) = own.or_else(|| free_id(&name, &url, &is_taken)) else {
        res.problems.push(format!("no id can be made for {name:?}"));
        return;
    };
    match with_settings(Source::feed(id.clone(), name, url), settings.as_deref().unwrap_or_default()) {
        Ok(source) => {
            seen.ids.insert(id);
            res.sources.push(source);
        }
        Err(problem) => res.problems.push(problem),
    }
}

/// A source with the settings that [`settings`] has written; else what is wrong with them.
fn with_settings(feed: Source, settings: &str) -> Result<Source, String> {
    if settings.is_empty() {
        return Ok(feed);
    }
    let head = sources::block(&feed);
    let head: Vec<_> = head.lines().filter(|it| !it.starts_with("kind = ")).collect();
    let place = format!("the settings of {:?}", feed.name);
    let mut read = sources::parse(Path::new(&place), &format!("{}\n{settings}\n", head.join("\n")))
        .map_err(|it| it.to_string())?;
    match (read.pop(), read.is_empty()) {
        (Some(source), true) => Ok(source),
        _ => Err(format!("{place} are not those of one source")),
    }
}

/// All keys of a source except those that an outline has for every reader.
fn settings(source: &Source) -> String {
    // A name may have several lines, and is left out where it is empty.
    let block = sources::block(&Source { name: String::new(), ..source.clone() });
    let is_said = |line: &&str| ["[[source]]", "id = ", "url = "].iter().any(|it| line.starts_with(it));
    // They stand first, each on a line of its own.
    block.lines().skip_while(is_said).collect::<Vec<_>>().join("\n")
}

/// An id made of a name, or of the host where the name has no Latin letters, with a number where it is taken.
pub fn free_id(name: &str, url: &Url, taken: &dyn Fn(&SourceId) -> bool) -> Option<SourceId> {
    let slug = |text: &str| {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
        let joined = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
        joined.chars().take(56).collect::<String>().trim_matches('-').to_owned()
    };
    let base = Some(slug(name)).filter(|it| it.len() >= 2).or_else(|| Some(slug(url.host_str()?)))?;
    let numbered = (2..=MAX_OUTLINES).map(|n| format!("{base}-{n}"));
    std::iter::once(base.clone()).chain(numbered).filter_map(|it| SourceId::new(&it).ok()).find(|it| !taken(it))
}

/// The sources as an OPML 2.0 file.
pub fn write(title: &str, sources: &[Source]) -> String {
    let outline = |it: &Source| {
        let (name, url) = (escape(&it.name), escape(it.url.as_str()));
        let (kind, address) = match it.kind {
            SourceKind::Syndication => ("rss", "xmlUrl"),
            _ => ("link", "url"),
        };
        // One that OPML has for feeds.
        let language = it.languages.first().filter(|_| kind == "rss");
        let language = language.map(|it| format!(" language=\"{}\"", escape(it))).unwrap_or_default();
        // An unescaped line end would be read as a space (XML 1.0 §3.3.3).
        let settings = escape(settings(it)).replace('\n', "&#10;");
        format!(
            "    <outline type=\"{kind}\" text=\"{name}\" title=\"{name}\" {address}=\"{url}\"{language} sitrepd:id=\"{}\" \
             sitrepd:settings=\"{settings}\"/>\n",
            it.id
        )
    };
    let outlines = sources.iter().map(outline).collect::<String>();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\" xmlns:sitrepd=\"{NAMESPACE}\">\n  <head><title>{}</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(res: &Subscriptions) -> Vec<(&str, &str, &str)> {
        res.sources.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.url.as_str())).collect()
    }

    #[test]
    fn reads_folders_and_feeds() {
        let text = r#"<opml version="1.0"><body><outline text="Caucasus"><outline text="A &amp; B" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>
            <outline title="ნეტგაზეთი" XMLURL="https://n.example/feed"></outline></outline><outline text="A &amp; B" xmlUrl="https://c.example/"/></body></opml>"#;
        let res = read(text, &|_| false);
        assert_eq!(
            names(&res),
            [
                ("a-b", "A & B", "https://a.example/rss?x=1&y=2"),
                ("n-example", "ნეტგაზეთი", "https://n.example/feed"),
                ("a-b-2", "A & B", "https://c.example/"),
            ]
        );
        assert_eq!(res.problems, [] as [&str; 0]);
    }

    #[test]
    fn lists_what_is_not_usable() {
        let text = r#"<opml><body><outline text="x" xmlUrl="javascript:alert(1)"/><outline text="ok" xmlUrl="https://a.example/"/>
            <outline text="again" xmlUrl="https://a.example/"/><outline xmlUrl="https://b.example/" "#;
        let res = read(text, &|id| id.as_str() == "ok");
        assert_eq!(names(&res), [("ok-2", "ok", "https://a.example/")]);
        assert_eq!(res.problems.len(), 3, "{:?}", res.problems);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_told() {
        let text = r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;" xmlUrl="http://ok.example/f?&b;"/>
            <outline text="&b;" xmlUrl="https://named.example/"/><outline text="x" text="y" type=rss xmlurl/><outline text="folder"/></body></opml>"#;
        let res = read(text, &|_| false);
        // A name that cannot be read is made of the host.
        assert_eq!(names(&res), [("named-example", "named.example", "https://named.example/")]);
        assert_eq!(res.problems.len(), 2, "{:?}", res.problems);
        assert!(res.problems[0].contains("http://ok.example/f?&b;"), "{:?}", res.problems);
        assert!(res.problems[1].contains("an outline is damaged"), "{:?}", res.problems);
    }

    #[test]
    fn bombs_stay_small() {
        let entities = r#"<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><opml><outline text="&b;" xmlUrl="https://a.example/"/></opml>"#;
        assert!(read(entities, &|_| false).sources.iter().all(|it| it.name.len() < 20));
        let deep = "<outline text='x'>".repeat(100_000);
        assert_eq!(read(&format!("<opml>{deep}"), &|_| false).sources, []);
        let outline = |n| format!("<outline text='name {n}' xmlUrl='https://a.example/{n}'/>");
        let many = (0..100_000).map(outline).collect::<Vec<_>>().concat();
        let res = read(&format!("<opml>{many}"), &|_| false);
        assert!(res.sources.len() <= MAX_OUTLINES);
        assert!(res.problems.iter().any(|it| it.contains("the rest is not read")), "{:?}", res.problems);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text =
            r#"<opml><outline text="Б &lt;b&gt; &quot;x&quot;" xmlUrl="https://a.example/?a=1&amp;b=2"/></opml>"#;
        let read_sources = read(text, &|_| false).sources;
        let toml = sources::with_source("", &read_sources[0]);
        let sources = sources::parse(Path::new("x"), &toml).unwrap();
        assert_eq!(sources, read_sources);
        assert_eq!(read(&write("t <", &sources), &|_| false).sources, sources);
    }

    const SOURCES: &str = r#"
[[source]]
id = "feed"
name = "A <feed> & \"more\""
url = "https://a.example/feed?a=1&b=2"
kind = "syndication"
languages = ["ka", "en"]
country = "GE"
ownership = "state"
tier = 1
cron = "5 7 * * *"
zone = "Asia/Tbilisi"
expected_every = "3days"
sibling = "listing"
recipe = "x"
user_agent = "{agent} 'x'"
pages = false
guids = false
verified = false
[[source]]
id = "listing"
name = "თბილისი"
url = "https://b.example/news"
kind = "listing"
zone = "Asia/Yerevan"
interval = "1h"
[source.listing]
item = "div > p.a"
link = "h2 a@data-x"
next = "a.older"
[[source]]
id = "map"
name = "Map"
url = "https://c.example/sitemap.xml"
kind = "sitemap"
[source.sitemap]
include = ["/news/"]
max_age = "2days"
[[source]]
id = "json"
name = "JSON"
url = "https://d.example/news"
kind = "json"
[source.json]
within = "script#state"
items = "/page/news"
link = "https://d.example/{/slug}"
[[source]]
id = "wordpress"
name = "WordPress"
url = "https://e.example/wp-json/wp/v2/posts"
kind = "wordpress"
[[source]]
id = "channel"
name = "Channel"
url = "https://t.me/s/channel"
kind = "telegram"
pages = true
"#;

    #[test]
    fn sources_of_every_kind_go_round() {
        let sources = sources::parse(Path::new("x"), SOURCES).unwrap();
        let text = write("t", &sources);
        assert_eq!(read(&text, &|_| false), Subscriptions { sources: sources.clone(), problems: Vec::new() });
        // Another reader finds the feed, and no other.
        assert_eq!((text.matches("xmlUrl=").count(), text.matches("type=\"rss\"").count()), (1, 1));
        assert_eq!(text.matches("type=\"link\" text=").count(), 5);
        // Ids that are taken here are given anew.
        let ids: Vec<_> = read(&text, &|it| it.as_str() == "map").sources.into_iter().map(|it| it.id).collect();
        assert_eq!(ids.iter().map(SourceId::as_str).collect::<Vec<_>>()[1..4], ["listing", "map-2", "json"]);
    }

    #[test]
    fn settings_that_are_wrong_are_told() {
        let check = |settings: &str, says: &str| {
            let text = format!(
                "<opml xmlns:sitrepd=\"{NAMESPACE}\"><outline text=\"N\" url=\"https://a.example/\" sitrepd:settings=\"{settings}\"/></opml>"
            );
            let res = read(&text, &|_| false);
            assert!(res.sources.is_empty() && res.problems.len() == 1, "{res:?}");
            assert!(res.problems[0].contains(says), "{:?}", res.problems);
        };
        check("kind = 'listing'", "a listing needs a table");
        check("kind = 'telegram'&#10;teir = 1", "did you mean");
        check("tier = 1", "missing field `kind`");
        check("kind = 'telegram'&#10;url = 'https://b.example/'", "duplicate key");
        let second = "[[source]]&#10;id = 'b'&#10;name = 'b'&#10;url = 'https://b.example/'&#10;kind = 'telegram'";
        check(&format!("kind = 'telegram'&#10;{second}"), "are not those of one source");
        // A link is none of ours.
        let link = "<opml><outline type=\"link\" text=\"N\" url=\"https://a.example/\"/></opml>";
        assert_eq!(read(link, &|_| false), Subscriptions::default());
    }
}
