//! The authors of an article.

mod bylines;
mod names;
mod words;

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use crate::extract::{blocks::Blocks, head::Head, ld};

use super::{Origin, Told, line, name_in};

use self::{
    bylines::of_markup,
    names::{distinct, is_first_name, is_name, is_person, names},
    words::STARTS,
};

/// Maximum names in a list of authors.
const MAX_AUTHORS: usize = 12;

/// Maximum bytes of a line that is searched for the rest of a name.
const MAX_LINE: usize = 600;

/// The authors.
pub(in crate::extract) fn authors(
    head: &Head,
    blocks: &Blocks,
    site_name: Option<&str>,
    title: &str,
) -> Option<Told<Vec<String>>> {
    persons(head, blocks, site_name, title).or_else(|| {
        // The outlet itself, where it names nobody else.
        persons(head, blocks, None, title).filter(|it| matches!(it.origin, Origin::JsonLd | Origin::Meta))
    })
}

fn persons(head: &Head, blocks: &Blocks, site_name: Option<&str>, title: &str) -> Option<Told<Vec<String>>> {
    let is_name = |it: &String| is_name(it, site_name);
    let of_ld: Vec<String> = of_json_ld(head).iter().flat_map(|it| names(it)).filter(is_name).collect();
    let by_text = of_markup(blocks, site_name, title);
    let companies = organisations(head);
    let full = |it: Told<Vec<String>>| {
        let is_known = |by: &&Told<Vec<String>>| match it.origin {
            Origin::Meta => is_described(by, &it, head),
            _ => by.value.iter().any(|it| is_person(it, site_name)) && is_confirmed(by, &it, head),
        };
        let found = match by_text.as_ref().filter(is_known) {
            Some(by) => by.clone(),
            None => better(it, by_text.clone(), site_name, &companies),
        };
        completed(with_others(found, by_text.as_ref(), head, site_name), head, blocks)
    };
    if !of_ld.is_empty() {
        return Some(full(Told::new(distinct(of_ld), Origin::JsonLd, 0.95)));
    }
    let of_meta = METAS.iter().find_map(|name| {
        // `Frank Sample - https://designs.example`, `Sample GmbH www.sample.example`: whoever made the pages of the
        // site.
        let contents = head.metas(name).filter(|it| !it.contains("://") && !it.contains("www."));
        let found: Vec<_> = contents.flat_map(|it| names(&line(it))).filter(is_name).collect();
        (!found.is_empty()).then_some(found)
    });
    if let Some(it) = of_meta {
        return Some(full(Told::new(distinct(it), Origin::Meta, 0.85)));
    }
    if let Some(it) = only_person(head).filter(is_name) {
        return Some(full(Told::new(vec![it], Origin::JsonLd, 0.7)));
    }
    if let Some(it) = by_text {
        return Some(completed(it, head, blocks));
    }
    // Slack's cards: "Written by" and the name beside it.
    let label = head.meta(&["twitter:label1"]).unwrap_or_default().to_lowercase();
    let is_author =
        STARTS.iter().any(|it| label.starts_with(it.trim_end_matches([':', ' ']))) || label.contains("written by");
    let of_card = head.meta(&["twitter:data1"]).filter(|_| is_author);
    let found: Vec<_> = of_card.map(|it| names(&line(it))).unwrap_or_default().into_iter().filter(is_name).collect();
    if !found.is_empty() {
        return Some(Told::new(found, Origin::Meta, 0.7));
    }
    named_as_site(head).map(|it| Told::new(vec![it], Origin::Inferred, 0.4))
}

/// The person whose name the site bears: `Title | Anna Sample` on annasample.example.
fn named_as_site(head: &Head) -> Option<String> {
    let last = head.title.as_deref()?.rsplit(['|', '–', '—']).next()?.trim();
    let squeezed = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let name: String = squeezed(last);
    let address = head.links.iter().find(|(rel, _)| rel == "canonical").map(|it| it.1.as_str());
    let url = Url::parse(address.or_else(|| head.metas("og:url").next())?).ok()?;
    let host = url.host_str()?.trim_start_matches("www.").to_owned();
    let is_own = host.split('.').next().map(squeezed) == Some(name);
    (is_own && is_person(last, None)).then(|| last.to_owned())
}

/// The names of `<meta>` elements that name authors, the most usual first.
const METAS: &[&str] = &[
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
    "article:author_name",
    "og:article:author",
    "cxenseparse:author",
    "author_name",
    "rbauthors",
    "mrf:authors",
];

/// The only person that structured data describes, if it does not say who wrote the article.
fn only_person(head: &Head) -> Option<String> {
    let of_page = head.ld.objects().filter(|it| ld::types(it).any(|it| it == "WebPage"));
    let mut found = Vec::new();
    for it in of_page.filter_map(|it| it.get("author")) {
        gather(it, head, &mut found);
    }
    if found.is_empty() {
        let persons = head.ld.objects().filter(|it| ld::types(it).any(|it| it == "Person"));
        found.extend(persons.filter_map(name_in).map(|it| line(&it)));
    }
    let mut found = distinct(found).into_iter();
    found.next().filter(|_| found.next().is_none())
}

/// All authors, if another place of the page names those found and further persons.
fn with_others(
    told: Told<Vec<String>>,
    byline: Option<&Told<Vec<String>>>,
    head: &Head,
    site_name: Option<&str>,
) -> Told<Vec<String>> {
    let creators = head.ld.articles().filter_map(|it| {
        let mut found = Vec::new();
        gather(it.get("creator")?, head, &mut found);
        Some(found.iter().flat_map(|it| names(it)).collect::<Vec<_>>())
    });
    let metas = METAS.iter().map(|name| head.metas(name).flat_map(|it| names(&line(it))).collect::<Vec<_>>());
    let byline = byline.filter(|it| it.confidence >= 0.8).map(|it| it.value.clone());
    let has = |all: &[String], one: &String| all.iter().any(|it| it.to_lowercase() == one.to_lowercase());
    let more = creators.chain(metas).chain(byline).map(distinct).find(|all| {
        all.len() > told.value.len()
            && all.len() <= MAX_AUTHORS
            && told.value.iter().all(|it| has(all, it))
            && all.iter().all(|it| is_person(it, site_name))
    });
    match more {
        Some(all) => Told { value: all, ..told },
        None => told,
    }
}

/// The full name, if only a first name was found and a line of the page has the rest.
fn completed(told: Told<Vec<String>>, head: &Head, blocks: &Blocks) -> Told<Vec<String>> {
    let [first] = told.value.as_slice() else { return told };
    if !is_first_name(first, None) || first.chars().count() < 3 {
        return told;
    }
    let described = head.ld.objects().filter_map(|it| it.get("description")?.as_str());
    let lines = blocks.lines.iter().map(|it| it.text.as_str()).filter(|it| it.len() < MAX_LINE);
    let mut found: HashMap<String, usize> = HashMap::new();
    for text in described.chain(lines) {
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let next = words.peek().map(|it| it.trim_end_matches([',', '.', ':', ';', ')', '!', '?']));
            let Some(last) = next.filter(|_| word == first) else { continue };
            let is_name = last.chars().next().is_some_and(char::is_uppercase)
                && last.chars().count() > 1
                && last.chars().all(|it| it.is_alphabetic() || matches!(it, '-' | '\''));
            if is_name {
                *found.entry(format!("{first} {last}")).or_default() += 1;
            }
        }
    }
    let most = found.values().copied().max().unwrap_or_default();
    // With two people of one first name it is unclear who is meant, unless nearly the whole page means one.
    let mut often = found.into_iter().filter(|(_, times)| *times * 3 > most).map(|it| it.0);
    match (often.next(), often.next()) {
        (Some(name), None) => Told { value: vec![name], ..told },
        _ => told,
    }
}

/// The names, in lower case, that structured data gives to organisations, and the page to its publisher.
fn organisations(head: &Head) -> Vec<String> {
    let found = head.ld.objects().filter(|it| ld::types(it).any(|it| it.ends_with("Organization")));
    let metas = ["publisher", "dc.publisher", "dcterms.publisher"].into_iter().flat_map(|it| head.metas(it));
    let published_by = metas.flat_map(|it| names(&line(it)));
    found.filter_map(name_in).map(|it| line(&it)).chain(published_by).map(|it| it.to_lowercase()).collect()
}

/// The byline instead of what the page says of itself, if that is no person: an outlet, a login, or a first name that
/// the byline completes.
fn better(
    told: Told<Vec<String>>,
    byline: Option<Told<Vec<String>>>,
    site_name: Option<&str>,
    companies: &[String],
) -> Told<Vec<String>> {
    let is_company = |it: &String| companies.contains(&it.to_lowercase());
    let is_person = |it: &String| is_person(it, site_name) && !is_company(it);
    let is_better = |byline: &Told<Vec<String>>| {
        let first_name = told.value.first().filter(|it| is_first_name(it, site_name) && !is_company(it));
        let fits = |it: &String| first_name.is_none_or(|first| it.split_whitespace().next() == Some(first.as_str()));
        byline.confidence >= 0.8
            && byline.value.iter().all(is_person)
            && byline.value.iter().any(fits)
            && !told.value.iter().any(is_person)
    };
    byline.filter(is_better).unwrap_or(told)
}

/// Whether structured data describes the people of the byline, wherever that is, and not those named in a `<meta>`
/// element: templates name their own makers there, on every page. Naming a photographer does not count as describing.
fn is_described(byline: &Told<Vec<String>>, told: &Told<Vec<String>>, head: &Head) -> bool {
    let pictures = head.ld.objects().filter(|it| ld::types(it).any(|it| it == "ImageObject"));
    let behind = pictures.flat_map(|it| ["creator", "author"].into_iter().filter_map(|key| it.get(key)?.as_object()));
    let photographers: Vec<_> = behind.filter_map(name_in).collect();
    let persons = head.ld.objects().filter(|it| ld::types(it).any(|it| it == "Person"));
    let named = persons.filter_map(name_in).filter(|it| !photographers.contains(it));
    agrees(byline, told, named.map(|it| line(&it)))
}

/// Whether `<meta>` elements name the people of the byline and nobody from structured data, which then names whoever
/// entered the page.
fn is_confirmed(byline: &Told<Vec<String>>, told: &Told<Vec<String>>, head: &Head) -> bool {
    let metas = METAS.iter().flat_map(|name| head.metas(name)).flat_map(|it| names(&line(it)));
    byline.confidence >= 0.8 && agrees(byline, told, metas)
}

/// Whether another place of the page names everyone in the byline, and nobody whom the page names as its author.
fn agrees(byline: &Told<Vec<String>>, told: &Told<Vec<String>>, named: impl Iterator<Item = String>) -> bool {
    let named: Vec<String> = named.map(|it| it.to_lowercase()).collect();
    let has = |it: &String| named.contains(&it.to_lowercase());
    byline.value.iter().all(has) && !told.value.iter().any(has)
}

fn of_json_ld(head: &Head) -> Vec<String> {
    let mut res = Vec::new();
    let articles: Vec<_> = head.ld.articles().collect();
    for article in articles {
        for key in ["author", "creator"] {
            let Some(value) = article.get(key) else { continue };
            gather(value, head, &mut res);
            if !res.is_empty() {
                return res;
            }
        }
    }
    res
}

fn gather(value: &Value, head: &Head, res: &mut Vec<String>) {
    match value {
        Value::String(it) if !it.contains("://") => res.push(line(it)),
        Value::Array(items) => items.iter().take(20).for_each(|it| {
            if !it.is_array() {
                gather(it, head, res);
            }
        }),
        Value::Object(map) => {
            let name = name_in(map).or_else(|| {
                // A reference to a person told elsewhere.
                let id = map.get("@id")?.as_str()?;
                let other = head
                    .ld
                    .objects()
                    .find(|it| it.get("@id").and_then(Value::as_str) == Some(id) && it.contains_key("name"));
                name_in(other?)
            });
            res.extend(name.map(|it| line(&it)));
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(markup: &str) -> Option<Told<Vec<String>>> {
        let document = crate::text::html::document(markup).unwrap();
        authors(&Head::read(&document), &Blocks::read(&document), Some("Gazette"), "Title")
    }

    #[test]
    fn reads_structured_data_first() {
        let page = r#"<meta name=author content=Nobody><script type="application/ld+json">{"@graph":[
            {"@type":"NewsArticle","author":[{"@id":"/p"},{"name":"Gazette"}]},{"@type":"Person","@id":"/p","name":"Anna Sample"}]}</script>"#;
        assert_eq!(of(page), Some(Told::new(vec!["Anna Sample".to_owned()], Origin::JsonLd, 0.95)));
    }

    #[test]
    fn a_byline_goes_before_what_is_no_person() {
        let page = |author: &str, byline: &str| {
            of(&format!("<meta name=author content='{author}'><h1>Title</h1><p class=byline>{byline}</p><p>Text</p>"))
        };
        for (author, byline, expected) in [
            ("Sample Media GmbH", "By Anna Sample", "Anna Sample"),
            ("anna.sample", "By Anna Sample", "Anna Sample"),
            ("Anna", "By Anna Sample", "Anna Sample"),
            ("Петра", "Анна Примерян", "Петра"),
            ("Gazette Online", "ანა ნიმუში", "ანა ნიმუში"),
            ("Petra Example", "By Anna Sample", "Petra Example"),
            ("Sample Media GmbH", "By our own staff", "Sample Media GmbH"),
        ] {
            assert_eq!(page(author, byline).unwrap().value, [expected], "{author}, {byline}");
        }
    }

    #[test]
    fn the_one_person_that_is_described_is_the_author() {
        let page = |persons: &str| {
            of(&format!(
                r#"<script type="application/ld+json">{{"@graph":[{{"@type":"WebPage"}},{persons}]}}</script>"#
            ))
        };
        let (anna, petra) =
            (r#"{"@type":["Person"],"name":"Anna Sample"}"#, r#"{"@type":"Person","name":"Petra Example"}"#);
        assert_eq!(page(anna).unwrap().value, ["Anna Sample"]);
        assert_eq!(page(&format!("{anna},{petra}")), None);
    }

    #[test]
    fn another_place_completes_the_authors() {
        let page = "<meta name=author content='Anna Sample'><meta name=parsely-author content='Anna Sample'>\
            <meta name=parsely-author content='Petra Example'>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample", "Petra Example"]);
        let page = "<meta name=author content=Anna><h1>Title</h1><p>Eine Kolumne, wie Anna Sample sie schreibt.</p>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample"]);
        let page = r#"<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Organization","name":"Sample Welle"}}</script>
            <h1>Title</h1><p>Autorin: Anna Sample, head of the office</p>"#;
        assert_eq!(of(page).unwrap().value, ["Anna Sample"]);
        let page = "<meta name=author content=Anna><p>Anna Sample met Anna Example.</p>";
        assert_eq!(of(page).unwrap().value, ["Anna"]);
    }

    #[test]
    fn reads_a_name_beside_a_date_or_below_the_text() {
        assert_eq!(of("<p>04.02.2022 | 13:10 Uhr | Anna Sample</p><h1>Title</h1>").unwrap().value, ["Anna Sample"]);
        let text = "<p>One more sentence of the article.</p>".repeat(20);
        let page =
            format!("<meta name=author content='Gazette Online'><h1>Title</h1>{text}<p>Autorin: Anna Sample</p>");
        assert_eq!(of(&page).unwrap().value, ["Anna Sample"]);
    }

    #[test]
    fn the_word_inside_running_text_names_nobody() {
        assert_eq!(of("<h1>Title</h1><p>Der Anteil von Treibhausgasen steigt</p>"), None);
        assert_eq!(of("<h1>Title</h1><p>Posted on 3 May 2026 by Anna Sample</p>").unwrap().value, ["Anna Sample"]);
    }

    #[test]
    fn reads_a_byline_near_the_title() {
        let page = "<h1>Title</h1><p class=byline>By <a>Anna Sample</a></p><p>Text</p><div class=comments><p class=author>Troll Person</p></div>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample"]);
        assert_eq!(of("<h1>Title</h1><p>By the river they stood.</p>"), None);
    }

    #[test]
    fn what_follows_a_name_is_no_part_of_it() {
        for (byline, expected) in [
            ("Author: Anna am 29.12.2010, 13:36 Uhr", "Anna"),
            ("Von A. B. am 26. Februar 2014", "A. B."),
            ("By Anna Sample 3 May 2026", "Anna Sample"),
            ("Autor Anna Sample:", "Anna Sample"),
        ] {
            assert_eq!(names(byline).first().map(String::as_str), Some(expected), "{byline}");
        }
        assert_eq!(names("Channel 7"), ["Channel 7"]);
        // Each of its words was looked at for a date that the rest might begin with.
        assert!(names(&"1 ".repeat(2_000_000)).iter().all(|it| it.len() <= 1_000));
    }

    #[test]
    fn a_link_after_the_word_names_the_author_though_no_space_parts_them() {
        let page = "<h1>Title</h1><div data-testid=x-byline><div><div><span>By</span><span><a href=/team/a>Anna Sample</a></span></div></div></div>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample"]);
        let page = "<h1>Title</h1><div>Submitted by <span class=username>anna</span> on 3 May 2026</div>";
        assert_eq!(of(page).unwrap().value, ["anna"]);
    }

    #[test]
    fn the_publisher_is_no_person() {
        let page = "<meta name=publisher content='Sample Welle (www.example.org)'><meta name=author content='Sample Welle'>\
            <h1>Title</h1><p>Text.</p><p>Auteur : Anna Sample</p>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample"]);
    }

    #[test]
    fn whoever_made_the_pages_is_no_author() {
        let page = |meta: &str, after: &str| {
            of(&format!("<meta name=author content='{meta}'><h1>Title</h1><p class=byline>By Anna Sample</p>{after}"))
        };
        assert_eq!(page("Petra Example - https://designs.example", "").unwrap().value, ["Anna Sample"]);
        assert_eq!(page("Petra Example www.designs.example", "").unwrap().value, ["Anna Sample"]);
        let person =
            |name: &str| format!(r#"<script type="application/ld+json">{{"@type":"Person","name":"{name}"}}</script>"#);
        assert_eq!(page("Petra Example", &person("Anna Sample")).unwrap().value, ["Anna Sample"]);
        assert_eq!(page("Petra Example", &person("Petra Example")).unwrap().value, ["Petra Example"]);
        // Whoever took the picture is described nowhere.
        let picture = r#"<script type="application/ld+json">{"@type":"NewsArticle","image":{"@type":"ImageObject",
            "creator":{"@type":"Person","name":"Petra Example"}}}</script>"#;
        let page = of(&format!(
            "<meta name=author content='Anna Sample'>{picture}<h1>Title</h1><p>Text of the article.</p>
            <p>Picture taken on 3 May 2024 by Petra Example</p>"
        ));
        assert_eq!(page.unwrap().value, ["Anna Sample"]);
    }

    #[test]
    fn a_byline_that_metas_confirm_goes_before_structured_data() {
        let ld =
            r#"<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Anna Sample"}}</script>"#;
        let page =
            |meta: &str| of(&format!("{ld}{meta}<h1>Title</h1><p class=byline>By Petra Example</p>")).unwrap().value;
        assert_eq!(page("<meta name=parsely-author content='Petra Example'>"), ["Petra Example"]);
        assert_eq!(page(""), ["Anna Sample"]);
        assert_eq!(page("<meta name=author content='Anna Sample'>"), ["Anna Sample"]);
        let office =
            of(&format!("{ld}<meta name=author content=Newsroom><h1>Title</h1><p class=byline>By Newsroom</p>"));
        assert_eq!(office.unwrap().value, ["Anna Sample"]);
    }

    #[test]
    fn a_user_is_told_by_the_picture_before_the_name() {
        let page = |picture: &str| {
            of(&format!("<h1>Title</h1><p>{picture} <a href=/u/1>anna77</a> 17.10.2019</p><p>Text.</p>"))
        };
        assert_eq!(page("<img class='avatar avatar-19' src=a.jpg>").unwrap().value, ["anna77"]);
        assert_eq!(page("<img src=a.jpg>"), None);
        let page =
            of("<h1>Title</h1><p><img class=avatar src=a.jpg> <a href=/login>Log in</a> 17.10.2019</p><p>Text.</p>");
        assert_eq!(page, None);
    }

    #[test]
    fn the_line_of_a_link_may_name_more_authors() {
        let of_line = |line: &str| of(&format!("<h1>Title</h1><p>{line}</p><p>Text.</p>")).unwrap().value;
        let both = ["Anna Sample", "Petra Example"];
        assert_eq!(
            of_line("Von <strong><a href=/a>Anna Sample</a></strong> und <strong><a>Petra Example</a></strong>"),
            both
        );
        assert_eq!(of_line("By <a rel=author href=/a>Anna Sample</a> and Petra Example"), both);
        assert_eq!(of_line("By <a rel=author href=/a>Anna Sample</a> and our own staff"), ["Anna Sample"]);
    }

    #[test]
    fn the_byline_may_name_more_than_the_data() {
        let page =
            "<meta name=author content='Anna Sample'><h1>Title</h1><p class=byline>By Anna Sample, Petra Example</p>";
        assert_eq!(of(page).unwrap().value, ["Anna Sample", "Petra Example"]);
    }

    #[test]
    fn reads_a_signature_and_a_site_that_bears_a_name() {
        let text = "<p>A paragraph that is long enough to be running text, with a comma and some more words in it.</p>";
        let signed = |after: &str| of(&format!("<h1>Title</h1>{text}<p><strong>Anna Sample</strong></p>{after}"));
        assert_eq!(signed("").unwrap().value, ["Anna Sample"]);
        // Above text it is a heading, above an address a contact.
        assert_eq!(signed(text), None);
        assert_eq!(signed("<p>Tel. 0 12 34</p>"), None);
        let page = |host: &str| {
            of(&format!("<title>Title | Anna Sample</title><link rel=canonical href='https://{host}/a'>{text}"))
        };
        assert_eq!(page("www.annasample.example").unwrap().value, ["Anna Sample"]);
        assert_eq!(page("gazette.example"), None);
    }
}
