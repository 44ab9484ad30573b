//! Finds the lines of a page that name its authors.

#![expect(clippy::cast_precision_loss, reason = "counts of lines and words are small")]

use crate::{
    extract::{
        blocks::{Block, Blocks, Name},
        cues::{self, Cue},
        dates::written,
        meta::{Origin, Told, line_of},
        words::Kind,
    },
    text::ends_sentence,
};

use super::{
    names::{distinct, is_name, is_person, is_role, looks_like_a_name, names, undashed, without_start},
    words::{SMALL, SURE_STARTS},
};

/// A line that is marked as a byline, or says that it is one, the nearest to the title.
pub(super) fn of_markup(blocks: &Blocks, site_name: Option<&str>, title: &str) -> Option<Told<Vec<String>>> {
    let first = || blocks.lines.iter().position(|it| blocks.element(it.element).tag == "h1");
    let heading = line_of(title, blocks).or_else(first);
    let title = heading.unwrap_or(0);
    let mut best: Option<(f32, Vec<String>, Origin)> = None;
    // A link to a person is the author's if it stands by the title: else it is of somebody told of, or of a columnist in
    // a strip.
    let is_led = |it: &&Name| it.is_led && heading.is_some_and(|title| is_by(blocks, title, it.line));
    let is_alone = blocks.names.iter().filter(is_led).count() == 1;
    let may_be = |it: &&Name| !is_elsewhere(blocks, it) && (!it.is_led || is_alone && is_led(it));
    for name in blocks.names.iter().filter(may_be) {
        let found: Vec<_> = names(&name.text)
            .into_iter()
            .filter(|it| is_name(it, site_name) && (name.is_sure || looks_like_a_name(it)) && !is_followed(it))
            .filter(|it| !is_role(it) && (!name.is_led || is_person(it, site_name)))
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
    for (at, block) in blocks.lines.iter().enumerate().filter(|(at, _)| heading != Some(*at)) {
        let text = block.apart();
        let n_chars = text.chars().count();
        if n_chars > MAX_BYLINE {
            continue;
        }
        let stands = blocks.element(block.element).near.with(block.inline);
        let near = |kind: Kind| stands.to(kind);
        if near(Kind::Comment) < 4 || near(Kind::Related) < 4 || near(Kind::NavTag) < 6 || near(Kind::Share) < 2 {
            continue;
        }
        let lower = undashed(text).to_lowercase();
        let starts = cues::of_start(&lower, n_chars);
        let says = |cue: Cue| starts.says(cue);
        let says_so = says(Cue::Byline) || SURE_STARTS.iter().any(|it| lower.starts_with(it));
        let is_marked = is_byline(blocks, block);
        let is_name = |it: &String| is_name(it, site_name) && looks_like_a_name(it);
        let mut found: Vec<_> = Vec::new();
        if is_marked || (says_so && starts_a_name(text)) {
            found = names(text).into_iter().filter(is_name).collect();
        }
        // `Posted on 3 May by Anna Sample`, and a label with the name below it. In running text the word says nothing.
        let may_name = || is_marked || says_so || says(Cue::Published) || !written::find(text, false).is_empty();
        if let Some(it) = after_word(text).filter(|_| may_name()) {
            found = names(it).into_iter().filter(is_name).collect();
        } else if says_so && found.is_empty() && text.split_whitespace().count() <= 3 {
            let next = blocks
                .lines
                .get(at + 1)
                .filter(|it| it.text.split_whitespace().count() <= 5 && it.text.chars().count() < 50);
            found = next.map(|it| names(&it.text)).unwrap_or_default().into_iter().filter(is_name).collect();
        }
        if found.is_empty() && at.abs_diff(title) <= 5 {
            found = beside_date(text).filter(|it| is_person(it, site_name) && is_name(it)).into_iter().collect();
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

/// Whether a line stands in what is marked as a byline. What holds most of the running text is none, whatever it is
/// called: `<div class=author-page>`.
fn is_byline(blocks: &Blocks, block: &Block) -> bool {
    let near = usize::from(blocks.element(block.element).near.to(Kind::Byline));
    let letters = |it: usize| blocks.element(it).under.long_letters;
    let is_small = |it: usize| letters(it) * 2.0 <= blocks.whole.long_letters;
    block.inline.has(Kind::Byline as usize) || near <= 2 && blocks.around(block.element).nth(near).is_some_and(is_small)
}

/// Whether a line stands a few lines above that of the title, or below it before running text.
fn is_by(blocks: &Blocks, title: usize, at: usize) -> bool {
    let between = blocks.lines.get(title.min(at) + 1..title.max(at)).unwrap_or_default();
    let most = if at < title { ABOVE_TITLE } else { UNDER_TITLE };
    at != title && between.len() < most && !between.iter().any(Block::is_long)
}

/// Maximum lines from the title to the byline below it, and from that of a columnist above it.
const UNDER_TITLE: usize = 6;
const ABOVE_TITLE: usize = 4;

/// Whether a name stands where those of others do: in comments, lists of other articles, menus, under pictures.
fn is_elsewhere(blocks: &Blocks, name: &Name) -> bool {
    // In running text links lead to persons who are told of.
    let is_told_of = || {
        let line = blocks.lines.get(name.line).filter(|_| name.is_led);
        line.is_some_and(|it| ends_sentence(&it.text) || it.text.chars().count() > MAX_BYLINE)
    };
    let near = |kind: Kind| blocks.element(name.element).near.to(kind);
    near(Kind::Comment) < 4
        || near(Kind::Related) < 4
        || near(Kind::NavTag) < 6
        || (!name.is_sure && near(Kind::FigureTag) < 3)
        || is_told_of()
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
            && is_person(signed_name(it), site_name)
            && looks_like_a_name(signed_name(it))
            && (1..=4).any(|step| is_text(line(at.checked_sub(step))))
            && !(1..=3).any(|step| is_text(line(Some(at + step))) || line(Some(at + step)).is_some_and(is_contact))
    };
    let mut found = blocks.lines.iter().enumerate().filter(|it| signed(*it)).map(|it| signed_name(it.1).to_owned());
    found.next().filter(|_| found.next().is_none())
}

/// A signature without the comma that leads to what its author is, on the next line.
fn signed_name(line: &Block) -> &str {
    line.text.trim_end_matches([',', '،', ' '])
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
fn starts_a_name(text: &str) -> bool {
    let first = without_start(text).chars().next();
    first.is_some_and(|it| {
        it.is_uppercase() || matches!(it, '\u{10d0}'..='\u{10ff}') || (it.is_alphabetic() && !it.is_lowercase())
    })
}

/// Maximum characters of a byline.
const MAX_BYLINE: usize = 120;

/// Distance below the title beyond which a byline is doubtful, in lines.
const FAR_BELOW: f32 = 200.0;

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "<p>The delegation arrived in the evening, and the talks about the bridge began at once, in town.</p>";

    #[track_caller]
    fn check(markup: &str, expected: &[&str]) {
        let blocks = Blocks::read(&crate::text::html::document(markup).unwrap());
        let found = of_markup(&blocks, Some("Gazette"), "Talks begin").map(|it| it.value).unwrap_or_default();
        assert_eq!(found, expected, "{markup}");
    }

    #[test]
    fn a_link_to_the_page_of_a_person_near_the_title_names_the_author() {
        let page = |link: &str| format!("<h1>Talks begin</h1><div>{link}</div>{TEXT}{TEXT}");
        for address in
            ["/yazarlar/anna-sample", "/muellif/12", "/avtor/anna", "/experts/anna-sample", "/people/anna", "/staff/a"]
        {
            check(&page(&format!("<a href='https://gazette.example{address}'>Anna Sample</a>")), &["Anna Sample"]);
        }
        check(&page("<a href=/people>Our people</a>"), &[]);
        // In running text it is one who is told of.
        let told = TEXT.replace("The delegation", "A delegation of <a href=/people/petra>Petra Example</a>");
        check(&format!("<h1>Talks begin</h1>{told}"), &[]);
    }

    #[test]
    fn a_byline_is_told_by_what_its_author_is_called() {
        let page = |class: &str| format!("<h1>Talks begin</h1><div class={class}>Anna Sample</div>{TEXT}");
        for class in ["columnist-name", "kolumnist", "journalist", "reporter__name", "muhabir", "muxbir-adi"] {
            check(&page(class), &["Anna Sample"]);
        }
    }

    #[test]
    fn what_holds_the_whole_page_is_no_byline() {
        let page = |byline: &str| {
            format!("<div class=author-page><h1>Talks begin</h1><p>Old Town</p>{byline}{TEXT}{TEXT}</div>")
        };
        check(&page(""), &[]);
        check(&page("<p class=author-name>Anna Sample</p>"), &["Anna Sample"]);
        // A line of it may be marked by itself.
        let line =
            format!("<div class=x><h1>Talks begin</h1><span class=author>Anna Sample</span><br>{TEXT}{TEXT}</div>");
        check(&line, &["Anna Sample"]);
    }

    #[test]
    fn what_somebody_is_names_nobody() {
        let page = |line: &str| format!("<h1>Talks begin</h1><div class=author>{line}</div>{TEXT}");
        check(&page("<p>Anna Sample</p><p>Senior Research Fellow</p>"), &["Anna Sample"]);
        for role in ["Senior Research Fellow", "خبرنگار", "Специальный корреспондент", "Köşe Yazarı", "Գլխավոր խմբագիր"]
        {
            check(&page(role), &[]);
        }
    }

    #[test]
    fn a_text_is_signed_above_and_below() {
        check(&format!("<h1>Talks begin</h1>{TEXT}{TEXT}<p>Текст: Анна Примерян</p>"), &["Анна Примерян"]);
        check(&format!("<h1>Talks begin</h1><p>نوشته شده توسط آنا نمونه</p>{TEXT}"), &["آنا نمونه"]);
        check(&format!("<h1>Talks begin</h1>{TEXT}<p><b>Anna Sample</b>,<br>head of the office</p>"), &["Anna Sample"]);
    }

    #[test]
    fn a_name_ends_where_the_next_element_begins() {
        let line = "<span class=who>Umut Örnek</span><span class=when>22 Ocak 2026</span>";
        check(&format!("<h1>Talks begin</h1><p class=author>{line}</p>{TEXT}"), &["Umut Örnek"]);
    }
}
