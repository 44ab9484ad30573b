//! Finds the lines of a page that name its authors.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

use crate::extract::{
    blocks::{Block, Blocks, Name},
    cues::{self, Cue},
    dates::written,
    meta::{Origin, Told},
    words::Kind,
};

use super::{
    names::{distinct, is_name, is_person, looks_like_a_name, names, undashed, without_start},
    words::{SMALL, SURE_STARTS},
};

/// The names in the line nearest to the title that is marked as a byline, or says that it is one.
pub(super) fn of_markup(blocks: &Blocks, site_name: Option<&str>) -> Option<Told<Vec<String>>> {
    let title = blocks.lines.iter().position(|it| blocks.element(it.element).tag == "h1").unwrap_or(0);
    let mut best: Option<(f32, Vec<String>, Origin)> = None;
    for name in blocks.names.iter().filter(|it| !is_elsewhere(blocks, it)) {
        let found: Vec<_> = names(&name.text)
            .into_iter()
            .filter(|it| is_name(it, site_name) && (name.is_sure || looks_like_a_name(it)) && !is_followed(it))
            .collect();
        let distance = name.line as f32 - title as f32;
        let cost = if distance < 0.0 { 5.0 - 3.0 * distance } else { distance } - if name.is_sure { 6.0 } else { 4.0 };
        match &mut best {
            _ if found.is_empty() => (),
            // Several authors may be beside each other, each in an element of their own.
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
        let stands = blocks.element(block.element).near.with(block.inline);
        let near = |kind: Kind| stands.to(kind);
        if near(Kind::Comment) < 4 || near(Kind::Related) < 4 || near(Kind::NavTag) < 6 || near(Kind::Share) < 2 {
            continue;
        }
        let lower = undashed(&block.text).to_lowercase();
        let starts = cues::of_start(&lower, n_chars);
        let says = |cue: Cue| starts.says(cue);
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
    if let Some((_, names, _)) = &mut best {
        whole_line(blocks, names, site_name);
    }
    let signed = || Some((f32::INFINITY, vec![signature(blocks, site_name)?], Origin::Text));
    best.or_else(signed)
        .map(|(cost, names, origin)| Told::new(distinct(names), origin, if cost < 12.0 { 0.8 } else { 0.4 }))
}

/// All persons of a byline, where only those of its links were found: `By Anna Sample and Petra Example`.
fn whole_line(blocks: &Blocks, found: &mut Vec<String>, site_name: Option<&str>) {
    let starts = |it: &Block| {
        let n_chars = it.text.chars().count();
        n_chars <= MAX_BYLINE && cues::of_start(&it.text.to_lowercase(), n_chars).says(Cue::Byline)
    };
    let bylines =
        blocks.lines.iter().filter(|it| found.iter().all(|name| it.text.contains(name.as_str())) && starts(it));
    let whole = bylines.map(|it| names(&it.text)).find(|all| {
        all.len() > found.len()
            && found.iter().all(|it| all.contains(it))
            && all.iter().all(|it| is_person(it, site_name) && looks_like_a_name(it))
    });
    if let Some(all) = whole {
        *found = all;
    }
}

/// `Anna Sample 5 hours ago`: something else besides the name.
fn is_followed(name: &str) -> bool {
    name.split_whitespace().skip(1).any(|it| it.starts_with(|it: char| it.is_numeric()))
}

/// Whether a name is where other people's names are: in comments, lists of other articles, menus, under pictures.
fn is_elsewhere(blocks: &Blocks, name: &Name) -> bool {
    let near = |kind: Kind| blocks.element(name.element).near.to(kind);
    near(Kind::Comment) < 4
        || near(Kind::Related) < 4
        || near(Kind::NavTag) < 6
        || (!name.is_sure && near(Kind::FigureTag) < 3)
}

/// A name in bold or italic type alone on a line, below running text, with neither text nor an address after it: a
/// signature.
fn signature(blocks: &Blocks, site_name: Option<&str>) -> Option<String> {
    let line = |at: Option<usize>| at.and_then(|it| blocks.lines.get(it));
    let is_contact = |it: &Block| it.text.contains('@') || it.text.starts_with("Tel");
    let is_text = |it: Option<&Block>| it.is_some_and(Block::is_long);
    let signed = |(at, it): (usize, &Block)| {
        it.strong * 1.1 > it.letters
            && it.linked * 2.0 < it.letters
            && !blocks.element(it.element).tag.starts_with('h')
            && !it.text.ends_with(':')
            && is_person(&it.text, site_name)
            && looks_like_a_name(&it.text)
            && (1..=4).any(|step| is_text(line(at.checked_sub(step))))
            && !(1..=3).any(|step| is_text(line(Some(at + step))) || line(Some(at + step)).is_some_and(is_contact))
    };
    let mut found = blocks.lines.iter().enumerate().filter(|it| signed(*it)).map(|it| it.1.text.clone());
    found.next().filter(|_| found.next().is_none())
}

/// The part of a line beside a date: `04.02.2022 | 13:10 Uhr | Anna Sample`.
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

/// Maximum characters of a byline.
const MAX_BYLINE: usize = 120;

/// Distance below the title beyond which a byline is doubtful, in lines.
const FAR_BELOW: f32 = 200.0;
