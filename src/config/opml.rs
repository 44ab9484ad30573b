//! OPML 2.0, the format in which feed readers exchange subscription lists.

use std::collections::HashSet;

use quick_xml::{
    Reader, XmlVersion,
    escape::escape,
    events::{BytesStart, Event, attributes::Attribute},
};
use url::Url;

use crate::model::{Source, SourceId};

/// Outlines read of one file. Entities are not expanded, so that this bounds the work.
const MAX_OUTLINES: usize = 10_000;
/// Names longer than this many characters are cut.
const MAX_NAME: usize = 200;

/// A subscription of an OPML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Made of the name, unique within the file.
    pub id: SourceId,
    /// As the file names it.
    pub name: String,
    /// The feed.
    pub url: Url,
}

/// What an OPML file held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// Feeds in document order, each address once.
    pub feeds: Vec<Subscription>,
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
                if res.feeds.len() + res.problems.len() >= MAX_OUTLINES {
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

/// An outline with `xmlUrl` is a feed; one without is a folder.
fn outline(tag: &BytesStart<'_>, taken: &dyn Fn(&SourceId) -> bool, seen: &mut Seen, res: &mut Subscriptions) {
    let written = |name: &str| tag.attributes().flatten().find(|it| it.key.as_ref().eq_ignore_ascii_case(name));
    let value = |it: &Attribute<'_>| {
        let value = it.normalized_value(XmlVersion::Implicit1_0)?;
        Ok(Some(value.trim().chars().take(2_000).collect::<String>()).filter(|it| !it.is_empty()))
    };
    let attribute = |name: &str| written(name).and_then(|it| value(&it).unwrap_or_default());
    let Some(address) = written("xmlurl") else {
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
    match free_id(&name, &url, &|id| taken(id) || seen.ids.contains(id)) {
        Some(id) => {
            seen.ids.insert(id.clone());
            res.feeds.push(Subscription { id, name, url });
        }
        None => res.problems.push(format!("no id can be made for {name:?}")),
    }
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
    let outlines = sources
        .iter()
        .map(|it| {
            let (name, url) = (escape(&it.name), it.url.as_str());
            format!("    <outline type=\"rss\" text=\"{name}\" title=\"{name}\" xmlUrl=\"{}\"/>\n", escape(url))
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head><title>{}</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(res: &Subscriptions) -> Vec<(&str, &str, &str)> {
        res.feeds.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.url.as_str())).collect()
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
        assert!(read(entities, &|_| false).feeds.iter().all(|it| it.name.len() < 20));
        let deep = "<outline text='x'>".repeat(100_000);
        assert_eq!(read(&format!("<opml>{deep}"), &|_| false).feeds, []);
        let outline = |n| format!("<outline text='name {n}' xmlUrl='https://a.example/{n}'/>");
        let many = (0..100_000).map(outline).collect::<Vec<_>>().concat();
        let res = read(&format!("<opml>{many}"), &|_| false);
        assert!(res.feeds.len() <= MAX_OUTLINES);
        assert!(res.problems.iter().any(|it| it.contains("the rest is not read")), "{:?}", res.problems);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text =
            r#"<opml><outline text="Б &lt;b&gt; &quot;x&quot;" xmlUrl="https://a.example/?a=1&amp;b=2"/></opml>"#;
        let feeds = read(text, &|_| false).feeds;
        let source = Source::feed(feeds[0].id.clone(), feeds[0].name.clone(), feeds[0].url.clone());
        let toml = super::super::sources::with_source("", &source);
        let sources = super::super::sources::parse(std::path::Path::new("x"), &toml).unwrap();
        assert_eq!(read(&write("t <", &sources), &|_| false).feeds, feeds);
    }
}
