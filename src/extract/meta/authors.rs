//! The authors of an article.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

mod words;

use std::collections::HashMap;

use serde_json::Value;

use crate::extract::{
    blocks::{Block, Blocks, FAR},
    cues::{self, Cue},
    dates::written,
    head::{self, Head},
    words::Kind,
};

use super::{Origin, Told, line, name_in};

use self::words::{BETWEEN, COMPANY, LABELS, NOBODY, SMALL, STARTS, SURE_STARTS};

/// A byline longer than this many characters is none.
const MAX_BYLINE: usize = 120;

/// A list of more names is none of authors.
const MAX_AUTHORS: usize = 12;

/// Lines of more bytes are not searched for the rest of a name.
const MAX_LINE: usize = 600;

/// A byline that stands further below the title is doubtful, in lines.
const FAR_BELOW: f32 = 60.0;

/// The authors.
pub(in crate::extract) fn authors(head: &Head, blocks: &Blocks, site_name: Option<&str>) -> Option<Told<Vec<String>>> {
    persons(head, blocks, site_name).or_else(|| {
        // The outlet itself, where it names nobody else.
        persons(head, blocks, None).filter(|it| matches!(it.origin, Origin::JsonLd | Origin::Meta))
    })
}

fn persons(head: &Head, blocks: &Blocks, site_name: Option<&str>) -> Option<Told<Vec<String>>> {
    let is_name = |it: &String| is_name(it, site_name);
    let of_ld: Vec<String> = of_json_ld(head).iter().flat_map(|it| names(it)).filter(is_name).collect();
    let by_text = of_markup(blocks, site_name);
    let companies = organisations(head);
    let full = |it: Told<Vec<String>>| {
        completed(with_others(better(it, by_text.clone(), site_name, &companies), head, site_name), head, blocks)
    };
    if !of_ld.is_empty() {
        return Some(full(Told::new(distinct(of_ld), Origin::JsonLd, 0.95)));
    }
    let of_meta = METAS.iter().find_map(|name| {
        let found: Vec<_> = head.metas(name).flat_map(|it| names(&line(it))).filter(is_name).collect();
        (!found.is_empty()).then_some(found)
    });
    if let Some(it) = of_meta {
        return Some(full(Told::new(distinct(it), Origin::Meta, 0.85)));
    }
    if let Some(it) = only_person(head).filter(is_name) {
        return Some(full(Told::new(vec![it], Origin::JsonLd, 0.7)));
    }
    if by_text.is_some() {
        return by_text;
    }
    // Slack's cards: "Written by" and the name beside it.
    let label = head.meta(&["twitter:label1"]).unwrap_or_default().to_lowercase();
    let is_author =
        STARTS.iter().any(|it| label.starts_with(it.trim_end_matches([':', ' ']))) || label.contains("written by");
    let of_card = head.meta(&["twitter:data1"]).filter(|_| is_author);
    let found: Vec<_> = of_card.map(|it| names(&line(it))).unwrap_or_default().into_iter().filter(is_name).collect();
    (!found.is_empty()).then(|| Told::new(found, Origin::Meta, 0.7))
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

/// The one person that structured data describes where it does not say whose the article is.
fn only_person(head: &Head) -> Option<String> {
    let of_page = head.objects.iter().filter(|it| head::types(it).any(|it| it == "WebPage"));
    let mut found = Vec::new();
    for it in of_page.filter_map(|it| it.get("author")) {
        gather(it, head, &mut found);
    }
    if found.is_empty() {
        let persons = head.objects.iter().filter(|it| head::types(it).any(|it| it == "Person"));
        found.extend(persons.filter_map(name_in).map(|it| line(&it)));
    }
    let mut found = distinct(found).into_iter();
    found.next().filter(|_| found.next().is_none())
}

/// All authors, where another place of the page names those that were found and more persons besides.
fn with_others(told: Told<Vec<String>>, head: &Head, site_name: Option<&str>) -> Told<Vec<String>> {
    let creators = head.articles().filter_map(|it| {
        let mut found = Vec::new();
        gather(it.get("creator")?, head, &mut found);
        Some(found.iter().flat_map(|it| names(it)).collect::<Vec<_>>())
    });
    let metas = METAS.iter().map(|name| head.metas(name).flat_map(|it| names(&line(it))).collect::<Vec<_>>());
    let has = |all: &[String], one: &String| all.iter().any(|it| it.to_lowercase() == one.to_lowercase());
    let more = creators.chain(metas).map(distinct).find(|all| {
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

/// The whole name, where only a first name was found and a line of the page gives the rest.
fn completed(told: Told<Vec<String>>, head: &Head, blocks: &Blocks) -> Told<Vec<String>> {
    let [first] = told.value.as_slice() else { return told };
    if !is_first_name(first, None) || first.chars().count() < 3 {
        return told;
    }
    let described = head.objects.iter().filter_map(|it| it.get("description")?.as_str());
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
    let mut found = found.into_keys();
    // Two of one first name: nobody knows which.
    match (found.next(), found.next()) {
        (Some(name), None) => Told { value: vec![name], ..told },
        _ => told,
    }
}

/// The names, in lower case, that structured data gives to organisations.
fn organisations(head: &Head) -> Vec<String> {
    let found = head.objects.iter().filter(|it| head::types(it).any(|it| it.ends_with("Organization")));
    found.filter_map(name_in).map(|it| line(&it).to_lowercase()).collect()
}

/// The byline in place of what the page says of itself, where that is no person: an outlet, a login, or a first name that
/// the byline completes.
fn better(
    told: Told<Vec<String>>,
    byline: Option<Told<Vec<String>>>,
    site_name: Option<&str>,
    companies: &[String],
) -> Told<Vec<String>> {
    let is_person = |it: &String| is_person(it, site_name) && !companies.contains(&it.to_lowercase());
    let is_better = |byline: &Told<Vec<String>>| {
        let first_name = told.value.first().filter(|it| is_first_name(it, site_name));
        let fits = |it: &String| first_name.is_none_or(|first| it.split_whitespace().next() == Some(first.as_str()));
        byline.confidence >= 0.8
            && byline.value.iter().all(is_person)
            && byline.value.iter().any(fits)
            && !told.value.iter().any(is_person)
    };
    byline.filter(is_better).unwrap_or(told)
}

/// Two words or more, each written as names are, and none of them the outlet's.
fn is_person(name: &str, site_name: Option<&str>) -> bool {
    let is_part = |it: &str| {
        let first = it.chars().next();
        // Georgian letters count as lower case, and names are written with them.
        let is_capital = |it: char| it.is_uppercase() || matches!(it, '\u{10d0}'..='\u{10ff}');
        first.is_some_and(|it| is_capital(it) || (it.is_alphabetic() && !it.is_lowercase())) || SMALL.contains(&it)
    };
    let is_outlet = site_name.is_some_and(|it| {
        let (site, name) = (it.to_lowercase(), name.to_lowercase());
        site.contains(&name) || name.contains(&site)
    });
    (2..=5).contains(&name.split_whitespace().count())
        && name.split_whitespace().all(is_part)
        && !name.split_whitespace().any(|it| COMPANY.contains(&it.to_lowercase().as_str()))
        && !is_outlet
}

fn is_first_name(name: &str, site_name: Option<&str>) -> bool {
    let is_word = name.chars().all(char::is_alphabetic) && name.chars().next().is_some_and(char::is_uppercase);
    is_word && site_name.is_none_or(|it| !it.to_lowercase().contains(&name.to_lowercase()))
}

fn of_json_ld(head: &Head) -> Vec<String> {
    let mut res = Vec::new();
    let articles: Vec<_> = head.articles().collect();
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
                    .objects
                    .iter()
                    .find(|it| it.get("@id").and_then(Value::as_str) == Some(id) && it.contains_key("name"));
                name_in(other?)
            });
            res.extend(name.map(|it| line(&it)));
        }
        _ => (),
    }
}

/// A line that is marked as a byline, or says that it is one, the nearest to the title.
fn of_markup(blocks: &Blocks, site_name: Option<&str>) -> Option<Told<Vec<String>>> {
    let title = blocks.lines.iter().position(|it| blocks.element(it.element).tag == "h1").unwrap_or(0);
    let mut best: Option<(f32, Vec<String>, Origin)> = None;
    for name in &blocks.names {
        let near = blocks.element(name.element).near;
        let near = |kind: Kind| near.get(kind as usize).copied().unwrap_or(FAR);
        if near(Kind::Comment) < 4 || near(Kind::Related) < 4 || near(Kind::NavTag) < 6 {
            continue;
        }
        let found: Vec<_> = names(&name.text)
            .into_iter()
            .filter(|it| is_name(it, site_name) && (name.is_sure || looks_like_a_name(it)))
            .collect();
        let distance = name.line as f32 - title as f32;
        let cost = if distance < 0.0 { 5.0 - 3.0 * distance } else { distance } - if name.is_sure { 6.0 } else { 4.0 };
        match &mut best {
            _ if found.is_empty() => (),
            // Several authors stand beside each other, each in an element of its own.
            Some((it, names, _)) if (cost - *it).abs() <= 1.0 => names.extend(found),
            Some((it, ..)) if cost >= *it => (),
            _ => best = Some((cost, found, Origin::Markup)),
        }
    }
    for (at, block) in blocks.lines.iter().enumerate() {
        let n_chars = block.text.chars().count();
        if n_chars > MAX_BYLINE {
            continue;
        }
        let near = |kind: Kind| {
            let far = blocks.element(block.element).near.get(kind as usize).copied().unwrap_or(FAR);
            if block.inline.has(kind as usize) { 0 } else { far }
        };
        if near(Kind::Comment) < 4 || near(Kind::Related) < 4 || near(Kind::NavTag) < 6 || near(Kind::Share) < 2 {
            continue;
        }
        let lower = block.text.to_lowercase();
        let starts = cues::of_start(&lower, n_chars);
        let says = |cue: Cue| starts >> cue as u8 & 1 == 1;
        let says_so = says(Cue::Byline) || SURE_STARTS.iter().any(|it| lower.starts_with(it));
        let is_marked = near(Kind::Byline) <= 2;
        let is_name = |it: &String| is_name(it, site_name) && looks_like_a_name(it);
        let mut found: Vec<_> = Vec::new();
        if is_marked || (says_so && starts_a_name(block)) {
            found = names(&block.text).into_iter().filter(is_name).collect();
        }
        // `Posted on 3 May by Anna Sample`, and a label with the name below it. In running text the word says nothing.
        let may_name = || is_marked || says_so || says(Cue::Published) || !written::find(&block.text, false).is_empty();
        if let Some(it) = after_word(&block.text).filter(|_| may_name()) {
            found = names(it).into_iter().filter(is_name).collect();
        } else if says_so && found.is_empty() && block.text.split_whitespace().count() <= 3 {
            let next = blocks
                .lines
                .get(at + 1)
                .filter(|it| it.text.split_whitespace().count() <= 5 && it.text.chars().count() < 50);
            found = next.map(|it| names(&it.text)).unwrap_or_default().into_iter().filter(is_name).collect();
        }
        if found.is_empty() && at.abs_diff(title) <= 5 {
            found = beside_date(&block.text).filter(|it| is_person(it, site_name) && is_name(it)).into_iter().collect();
        }
        if found.is_empty() {
            continue;
        }
        // `Author: Anna Sample, head of the office in Tbilisi`.
        if says_so && found.first().is_some_and(|it| is_person(it, site_name)) {
            found.retain(|it| is_person(it, site_name));
        }
        let distance = at as f32 - title as f32;
        let distance = if distance < 0.0 { 5.0 - 3.0 * distance } else { distance };
        let cost = distance + if is_marked { 0.0 } else { 8.0 } - if says_so { 6.0 } else { 0.0 };
        // `Text: Anna Sample` below the article, and nothing else on the line.
        let is_whole =
            says_so && distance > 0.0 && distance < FAR_BELOW && found.iter().all(|it| is_person(it, site_name));
        let cost = if is_whole { cost.min(11.0 + distance / FAR_BELOW) } else { cost };
        if best.as_ref().is_none_or(|(it, ..)| cost < *it) {
            best = Some((cost, found, if is_marked { Origin::Markup } else { Origin::Text }));
        }
    }
    best.map(|(cost, names, origin)| Told::new(distinct(names), origin, if cost < 12.0 { 0.8 } else { 0.4 }))
}

/// The part of a line that stands beside a date: `04.02.2022 | 13:10 Uhr | Anna Sample`.
fn beside_date(text: &str) -> Option<String> {
    let is_date = |it: &&str| !written::find(it, false).is_empty();
    let parts: Vec<&str> = text.split(['|', '•', '·']).map(str::trim).collect();
    let others = parts.iter().filter(|it| !is_date(it) && !it.contains(|it: char| it.is_ascii_digit()));
    let mut names = others.filter(|it| !it.is_empty());
    let name = names.next().filter(|_| parts.iter().any(is_date))?;
    names.next().is_none().then(|| (*name).to_owned())
}

/// The names after a word that means "by" inside a line.
fn after_word(text: &str) -> Option<&str> {
    let words = ["by", "By", "von", "Von", "par", "por", "от"];
    let mut at = 0;
    for word in text.split(' ') {
        let end = at + word.len();
        if at > 0 && words.contains(&word) {
            let rest = text.get(end..)?.trim_start();
            // The name ends with the capitals.
            let mut length = 0;
            for part in rest.split_inclusive(' ').take(6) {
                let bare = part.trim();
                let is_capital = bare.chars().next().is_some_and(char::is_uppercase);
                if !is_capital && !SMALL.contains(&bare) && !["and", "und", "&"].contains(&bare)
                    || bare.chars().any(char::is_numeric)
                {
                    break;
                }
                length += part.len();
                if bare.ends_with([',', '|', '.']) && bare.len() > 3 {
                    break;
                }
            }
            return rest.get(..length).filter(|it| !it.trim().is_empty());
        }
        at = end + 1;
    }
    None
}

/// Whether what follows the start of a byline begins like a name: `By Anna Sample`, not `by the way`.
fn starts_a_name(block: &Block) -> bool {
    let first = without_start(&block.text).chars().next();
    first.is_some_and(|it| {
        it.is_uppercase() || matches!(it, '\u{10d0}'..='\u{10ff}') || (it.is_alphabetic() && !it.is_lowercase())
    })
}

fn without_start(text: &str) -> &str {
    let text = text.trim();
    let lower = text.to_lowercase();
    let start = STARTS.iter().find(|it| lower.starts_with(**it)).filter(|_| lower.len() == text.len());
    let rest = start.and_then(|it| text.get(it.len()..)).unwrap_or(text);
    rest.trim_start_matches([':', ' ', '՝', '-', '–', '|', '\u{a0}'])
}

/// The names of a byline.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut text = without_start(text).to_owned();
    for it in BETWEEN {
        text = text.replace(it, "\n");
    }
    let mut res = Vec::new();
    for part in text.split('\n') {
        // `Author, Anna` is one name; `Anna Author, Correspondent` is a name and what she is.
        let pieces: Vec<&str> = part.split(", ").map(str::trim).filter(|it| !it.is_empty()).collect();
        let whole = pieces.iter().all(|it| it.split_whitespace().count() == 1) && pieces.len() == 2;
        let pieces = if whole { vec![part.trim()] } else { pieces };
        res.extend(pieces.into_iter().map(|it| trimmed(it).to_owned()));
    }
    res.retain(|it| !it.is_empty());
    res
}

fn trimmed(name: &str) -> &str {
    let name = name.split([' ', '\u{a0}']).position(|it| it == "•" || it == "·" || it == "-" || it == "–").map_or(
        name,
        |at| {
            let end = name.split([' ', '\u{a0}']).take(at).map(|it| it.len() + 1).sum::<usize>().saturating_sub(1);
            name.get(..end).unwrap_or(name)
        },
    );
    let name = name.split(" on ").next().unwrap_or(name);
    let name = name.split('(').next().unwrap_or(name);
    name.trim_matches(|it: char| it.is_whitespace() || matches!(it, ',' | ':' | '-' | '|' | '•' | '·' | '*' | '–'))
}

fn is_name(name: &str, site_name: Option<&str>) -> bool {
    let folded = name.to_lowercase();
    let n_chars = name.chars().count();
    (2..=60).contains(&n_chars)
        && name.split_whitespace().count() <= 6
        && !name.contains("://")
        && !name.contains(['@', '{', '<', '©'])
        && name.chars().filter(|it| it.is_numeric()).count() < 3
        && !is_day(&folded)
        && name.chars().any(char::is_alphabetic)
        && !NOBODY.contains(&folded.as_str())
        && site_name.is_none_or(|it| it.to_lowercase() != folded)
}

/// `August 29`, `3 мая`.
fn is_day(folded: &str) -> bool {
    folded.contains(|it: char| it.is_ascii_digit()) && !written::find(&format!("{folded} 2020"), false).is_empty()
}

/// In the text, a name is two words or more, or in capitals; labels beside it are not.
fn looks_like_a_name(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let n_words = name.split_whitespace().count();
    // Georgian letters have a capital form, but names are not written with it.
    let has_case =
        name.chars().any(|it| !matches!(it, '\u{10d0}'..='\u{10ff}') && (it.is_lowercase() || it.is_uppercase()));
    let first_is_capital = words.next().and_then(|it| it.chars().next()).is_some_and(char::is_uppercase);
    let starts = cues::of_start(&name.to_lowercase(), name.chars().count()) & !(1 << Cue::Byline as u8);
    // `Theme: Pirate`, `Location: Baku`: a label that is none of a byline's.
    starts == 0
        && !name.contains(": ")
        && !LABELS.contains(&name.to_lowercase().as_str())
        && (!has_case || first_is_capital)
        && (n_words >= 2 || name.chars().count() >= 3)
        && !crate::extract::clean::is_date(name)
}

fn distinct(names: Vec<String>) -> Vec<String> {
    let mut res: Vec<String> = Vec::new();
    for it in names {
        if !res.iter().any(|other| other.to_lowercase() == it.to_lowercase()) {
            res.push(it);
        }
    }
    res.truncate(MAX_AUTHORS);
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_is_names() {
        for (byline, expected) in [
            ("By Petra Sample", &["Petra Sample"][..]),
            ("Deniz Örnek, Ada Örnek", &["Deniz Örnek", "Ada Örnek"]),
            ("Petra Sample and Anna Example", &["Petra Sample", "Anna Example"]),
            ("Sample, Petra", &["Sample, Petra"]),
            ("Автор: Анна Примерян", &["Анна Примерян"]),
            ("ავტორი: ანა ნიმუში", &["ანა ნიმუში"]),
            ("Byron Sample", &["Byron Sample"]),
            ("By ", &["By"]),
        ] {
            assert_eq!(names(byline), expected, "{byline}");
        }
    }

    fn of(markup: &str) -> Option<Told<Vec<String>>> {
        let document = crate::text::html::document(markup).unwrap();
        authors(&Head::read(&document), &Blocks::read(&document), Some("Gazette"))
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
}
