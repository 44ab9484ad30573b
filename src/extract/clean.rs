//! Removes lines that remain around a body after extraction and are not part of it.

mod footnotes;
mod measures;
mod notices;
mod pointers;
mod posts;

use std::collections::HashMap;

use crate::text::{ends_sentence, html::Line};

use self::{
    measures::is_measure,
    notices::{is_advertising, is_byline, is_of_opinion, is_syndication_note},
    posts::attribution,
};

pub(super) use self::{
    notices::{asks_to_subscribe, starts_like_clutter},
    pointers::{Pointer, pointer},
    posts::only_post,
};

/// A line longer than this many characters is text, whatever it begins with.
const SHORT_LINE: usize = 80;

/// Maximum lines above a text that may say who wrote it, and when.
const BYLINES: usize = 4;

/// The reason for cutting a note of where the text was first published.
const APPEARED_FIRST: &str = "where the text appeared first";

/// What is left of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// One paragraph a line.
    pub(super) text: String,
    /// What was cut from it, and why.
    pub(super) cut: Vec<(String, &'static str)>,
}

/// The body of extracted lines. `title` is dropped where the body repeats it at its head.
pub(super) fn body(mut lines: Vec<Line>, title: &str) -> Cleaned {
    let mut cut = Vec::new();
    for it in &mut lines {
        // Such an ending of a paragraph of running text is its author's signature, or a post that the publisher took
        // for text.
        let is_post = |text: &str| text.is_empty() || it.block == "blockquote";
        if let Some((text, _)) = attribution(&it.text).filter(|(text, _)| is_post(text)) {
            let signed = it.text.get(text.len()..).unwrap_or_default().trim().to_owned();
            it.text = text.to_owned();
            cut.push((signed, "who wrote a post, and when"));
        }
    }
    lines.retain_mut(|it| {
        let reason = around(&it.text);
        cut.extend(reason.map(|why| (std::mem::take(&mut it.text), why)));
        !it.text.is_empty()
    });
    // Some sites wrap the whole page in one form, which then means nothing.
    let forms_tell = lines.iter().any(|it| !it.in_form);
    let mut times = HashMap::<&str, usize>::new();
    for it in &lines {
        *times.entry(it.text.as_str()).or_default() += 1;
    }
    let twice = |text: &str| times.get(text).is_some_and(|it| *it > 1);
    let has_paragraphs = lines.iter().any(|it| it.block == "p" && !it.is_link && !is_short(&it.text));
    let head = |it: &Line| {
        let is_loose_label = has_paragraphs && is_loose(it) && is_label(it);
        head_clutter(it, title).or(is_loose_label.then_some("a label above the text"))
    };
    let tail = |at: usize, it: &Line| {
        let follows_link = at.checked_sub(1).and_then(|at| lines.get(at)).is_some_and(|it| it.is_link);
        let reasons = [
            (starts_like_clutter(&it.text), "a notice after the text"),
            (asks_to_subscribe(&it.text), "an invitation to subscribe"),
            (is_byline(&it.text), "a byline"),
            (is_of_opinion(&it.text), "whose opinion it is"),
            (it.is_link, "a link after the text"),
            (forms_tell && it.in_form, "a part of a form"),
            (is_label(it) && (is_loose(it) || twice(&it.text)), "a label after the text"),
            // A link followed by a loose line is a teaser of another article.
            (follows_link && is_loose(it), "the beginning of another article"),
        ];
        reasons.into_iter().find(|it| it.0).map(|it| it.1)
    };
    // Who wrote it, and when it came out, stand in a few short lines above it, the reading time among them.
    let by = lines.iter().take(BYLINES).rposition(|it| is_measure(&it.text)).filter(|at| {
        let before = lines.iter().take(*at);
        { before }.all(|it| is_short(&it.text) && !ends_sentence(&it.text) && !is_heading(it))
    });
    let n_by = by.map_or(0, |it| it + 1);
    let head = |at: usize, it: &Line| head(it).or((at < n_by).then_some("a byline"));
    let text_start = lines.iter().enumerate().position(|(at, it)| head(at, it).is_none()).unwrap_or(lines.len());
    // Headings right above the first text belong to it, unless they only say the title again.
    let above = lines.get(..text_start).unwrap_or_default().iter().rev();
    let start = text_start - above.take_while(|it| is_heading(it) && head_clutter(it, title).is_none()).count();
    let end = lines.iter().enumerate().rposition(|(at, it)| tail(at, it).is_none()).map_or(start, |it| it + 1);
    let end = end.max(start);
    let of_head = lines.iter().enumerate().take(start).filter_map(|(at, it)| Some((it.text.clone(), head(at, it)?)));
    let of_tail = lines.iter().enumerate().skip(end).filter_map(|(at, it)| Some((it.text.clone(), tail(at, it)?)));
    cut.extend(of_head.chain(of_tail));
    let kept = lines.get(start..end).unwrap_or_default();
    let text = footnotes::without(kept.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n"));
    Cleaned { text, cut }
}

/// The body of a text without markup, such as the feed's own.
pub(super) fn body_text(text: &str, title: &str) -> Cleaned {
    let lines = text.lines().filter(|it| !it.trim().is_empty());
    body(
        lines
            .map(|it| Line { block: "p".to_owned(), text: it.trim().to_owned(), is_link: false, in_form: false })
            .collect(),
        title,
    )
}

/// Why a line is not text of an article, wherever it is; `None` if it may be.
fn around(text: &str) -> Option<&'static str> {
    if is_syndication_note(text) {
        Some(APPEARED_FIRST)
    } else if is_advertising(text) {
        Some("the label of an advertisement")
    } else {
        None
    }
}

/// Why a line above a text is not part of it; `None` if it may be.
fn head_clutter(line: &Line, title: &str) -> Option<&'static str> {
    if repeats(&line.text, title) {
        Some("the title again")
    } else if is_date(&line.text) {
        Some("a date")
    } else {
        starts_like_clutter(&line.text).then_some("a notice above the text")
    }
}

/// Why a line above a text or its title is neither; `None` if it may be.
pub(super) fn above(line: &str) -> Option<&'static str> {
    let notice = starts_like_clutter(line).then_some("a notice above the text");
    is_date(line).then_some("a date").or(notice).or_else(|| is_byline(line).then_some("a byline"))
}

/// A heading below the title that is not a link.
fn is_heading(line: &Line) -> bool {
    !line.is_link && matches!(line.block.as_str(), "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether a line repeats the title, perhaps with other punctuation or cut short, or with the outlet's name added to one
/// of the two. A sentence that begins with the title tells more.
fn repeats(line: &str, title: &str) -> bool {
    let [of_line, of_title] = [line, title].map(|it| bare(it).collect::<String>());
    let is_begun_as =
        |short: &str, long: &str| !short.is_empty() && short.len() * 2 >= long.len() && long.starts_with(short);
    if of_line.len() <= of_title.len() {
        return is_begun_as(&of_line, &of_title);
    }
    is_begun_as(&of_title, &of_line) && is_outlet(after(line, of_title.len()))
}

/// The letters and digits of a text, small.
fn bare(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// A line after the first bytes of its letters and digits.
fn after(line: &str, n_bare: usize) -> &str {
    let mut left = n_bare;
    let is_within = |it: char| {
        let is_within = left > 0;
        left = left.saturating_sub(bare(it.encode_utf8(&mut [0; 4])).map(char::len_utf8).sum());
        is_within
    };
    line.trim_start_matches(is_within)
}

/// Maximum words of the name of an outlet that nothing parts from the title.
const MAX_OUTLET: usize = 3;

/// Whether what follows a title is the name of an outlet, or who made a picture. After a dash it may as well be who said so.
fn is_outlet(text: &str) -> bool {
    // What closes the title itself.
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || ".!?…)]»”\"’'".contains(it)).trim_end();
    let is_address = |it: &str| it.contains('.') && !it.contains(char::is_whitespace);
    let behind_dash = text.strip_prefix(['-', '–', '—']).map(str::trim);
    // A caption of the picture, without the link that it ended with.
    let is_credit = || text.ends_with(" via");
    // As aggregators write it: "The title  Gori Gazette".
    let is_capital = |it: &str| it.starts_with(char::is_uppercase);
    let is_name = || text.split_whitespace().all(is_capital) && text.split_whitespace().nth(MAX_OUTLET).is_none();
    !ends_sentence(text)
        && (text.starts_with(['|', '·', '•', '/', '»', '('])
            || behind_dash.is_some_and(is_address)
            || is_credit()
            || is_name())
}

/// Neither a paragraph nor an item of a list or a table: text that stands between blocks.
fn is_loose(line: &Line) -> bool {
    !matches!(line.block.as_str(), "p" | "li" | "td" | "dd" | "blockquote" | "pre")
}

/// A link, or short and without the end of a sentence: a heading, a caption, a byline, the name of a box.
/// At the ends of a body it belongs to what stands around the article.
fn is_label(line: &Line) -> bool {
    let goes_on = ends_sentence(&line.text) || line.text.ends_with(['"', '”', '»', ')', ':', ';']);
    line.is_link || (is_short(&line.text) && !goes_on)
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT_LINE
}

/// A line that is a date and nothing else, with or without a time: `2026-01-12`, `12.01.2026 09:30`,
/// `21 січня 2026, 10:05`, `Thursday, January 22, 2026`.
pub(super) fn is_date(text: &str) -> bool {
    let digits = text.chars().filter(|it| it.is_numeric()).count();
    if !(5..=14).contains(&digits) || text.chars().count() > 50 {
        return false;
    }
    if text.chars().all(|it| it.is_numeric() || "-./:, TZ+|".contains(it)) {
        return digits >= 6;
    }
    // The order of day, month and year, the weekday before them.
    let parts = text.split(|it: char| it.is_whitespace() || ",./|-–—".contains(it)).filter_map(|it| {
        let letters = it.chars().filter(|it| it.is_alphabetic()).count();
        let numbers = it.chars().filter(|it| it.is_numeric()).count();
        match (letters, numbers) {
            (0, 4) if !it.contains(':') => Some('Y'),
            (0, 1 | 2) => Some('D'),
            // Short words are "at", "on", the abbreviation of "year".
            (0..=2, _) => None,
            _ => Some('W'),
        }
    });
    matches!(parts.collect::<String>().as_str(), "DWY" | "WDY" | "YWD" | "WDWY" | "WWDY")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `@` before a text makes it a link, `form ` before a block puts it into a form.
    fn lines(items: &[(&str, &str)]) -> Vec<Line> {
        let line = |(block, text): &(&str, &str)| {
            let (text, is_link) = text.strip_prefix('@').map_or((*text, false), |it| (it, true));
            let (block, in_form) = block.strip_prefix("form ").map_or((*block, false), |it| (it, true));
            Line { block: block.to_owned(), text: text.to_owned(), is_link, in_form }
        };
        items.iter().map(line).collect()
    }

    #[track_caller]
    fn check(items: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(body(lines(items), "The title").text, expected.join("\n"));
    }

    #[test]
    fn drops_what_stands_around_the_body() {
        check(
            &[
                ("h2", "The title"),
                ("td", "2026-01-12"),
                ("p", "First paragraph."),
                ("h3", "A heading"),
                ("div", "REKLAM"),
                ("p", "Last paragraph."),
                ("p", "The post The title first appeared on The Outlet – outlet.example."),
                ("p", "Somebody Someone"),
                ("p", "Somebody Someone"),
                ("div", "Follow us on social networks"),
                ("p", "Поделиться в Telegram"),
                ("div", "© 2026 The Outlet. All rights reserved."),
            ],
            &["First paragraph.", "A heading", "Last paragraph."],
        );
    }

    #[test]
    fn what_is_cut_is_told_with_the_reason() {
        let text = "A paragraph that is long enough to be seen as one, with more than eighty characters in it.";
        let cut = body(
            lines(&[
                ("h2", "The title"),
                ("div", "2026-01-12"),
                ("div", "Share this"),
                ("p", text),
                ("div", "REKLAM"),
                ("blockquote", "The road is open. — Border Office (@border) March 3, 2026"),
                ("p", "The post The title first appeared on The Outlet – outlet.example."),
                ("p", "Автор: Пётр Примеров"),
                ("p", "@Another title"),
                ("div", "Its first sentence, and it has an end."),
            ]),
            "The title",
        )
        .cut;
        let told: Vec<_> = cut.iter().map(|(line, why)| (line.as_str(), *why)).collect();
        assert_eq!(
            told,
            [
                ("— Border Office (@border) March 3, 2026", "who wrote a post, and when"),
                ("REKLAM", "the label of an advertisement"),
                ("The post The title first appeared on The Outlet – outlet.example.", APPEARED_FIRST),
                ("The title", "the title again"),
                ("2026-01-12", "a date"),
                ("Share this", "a notice above the text"),
                ("Автор: Пётр Примеров", "a byline"),
                ("@Another title".trim_start_matches('@'), "a link after the text"),
                ("Its first sentence, and it has an end.", "the beginning of another article"),
            ]
        );
    }

    #[test]
    fn a_lead_that_begins_with_the_title_tells_more() {
        for (title, lead) in [
            ("Blast hits fuel depot in Batumi", "Blast hits fuel depot in Batumi, envoy Vinnikov says."),
            ("Взрыв на складе в Батуми", "Взрыв на складе в Батуми — Винников"),
            ("В Поти встретились министры двух стран", "В Поти встретились министры двух стран, сообщил Винников."),
            ("Batum'da yakıt deposunda patlama", "Batum'da yakıt deposunda patlama: Vinnikov yaralandı."),
            ("აფეთქება ბათუმში საწვავის საცავში", "აფეთქება ბათუმში საწვავის საცავში: დაშავდა ვინიკოვი."),
            ("Փոթիում հանդիպել են նախարարները", "Փոթիում հանդիպել են նախարարները, ասաց Վիննիկովը։"),
        ] {
            assert_eq!(body(lines(&[("p", lead), ("p", "Another.")]), title).text, format!("{lead}\nAnother."));
        }
        let title = "Blast hits fuel depot in Batumi";
        for again in [
            "Blast hits fuel depot in Batumi",
            "BLAST HITS FUEL DEPOT IN BATUMI!",
            "Blast hits fuel depot",
            "Blast hits fuel depot in Batumi | Rioni",
            "“Blast hits fuel depot in Batumi” • Rioni",
            "Blast hits fuel depot in Batumi – rioni.example",
            "Blast hits fuel depot in Batumi Gori Gazette",
            "Blast hits fuel depot in Batumi (Gori Gazette)",
            "Blast hits fuel depot in Batumi / Gori Gazette",
        ] {
            assert_eq!(body(lines(&[("p", again), ("p", "Another.")]), title).text, "Another.", "{again}");
        }
    }

    #[test]
    fn drops_who_wrote_it_above_a_reading_time() {
        let text = "A paragraph that is long enough to be seen as one, with more than eighty characters in it.";
        check(&[("li", "Times of Rioni"), ("li", "6 days ago"), ("li", "5 min read"), ("p", text)], &[text]);
        check(&[("p", "Анна Примерова"), ("p", "Время чтения: 5 мин."), ("p", text)], &[text]);
        check(&[("p", "They met."), ("p", "5 min read"), ("p", text)], &["They met.", "5 min read", text]);
    }

    #[test]
    fn drops_link_lists_teasers_and_forms_at_the_ends() {
        let body = "A paragraph that is long enough to be seen as one, with more than eighty characters in it.";
        check(
            &[
                ("div", "News"),
                ("div", "@Another title"),
                ("div", "2026-10-08, Desk"),
                ("p", body),
                ("p", "@A paragraph that is a link"),
                ("p", "Short one."),
                ("div", "Read on"),
                ("li", "@Another title"),
                ("form p", "Comments are checked before they are shown."),
                ("div", "@A third title"),
                ("div", "Its first sentence, and it has an end."),
            ],
            &[body, "A paragraph that is a link", "Short one."],
        );
        check(&[("form p", body), ("form div", "Sent by the form.")], &[body, "Sent by the form."]);
    }

    #[test]
    fn drops_bylines_and_invitations_at_the_end() {
        let asks = [
            "Subscribe now to read the rest of it.",
            "Оформите подписку, чтобы дочитать статью до конца.",
            "Підпишіться на нашу розсилку.",
            "Davamını oxumaq üçün abunə olun.",
            "Այս հոդվածը բաժանորդների համար է։",
            "გამოიწერეთ ჩვენი ბიულეტენი.",
            "BÜLTENİMİZE ABONE OLUN",
            "در خبرنامه ما عضو شوید.",
            "By Petra Sample, staff writer",
            "Автор: Пётр Примеров",
            "Հեղինակ՝ Աննա Օրինակյան",
            "نویسنده: نرگس نمونه",
        ];
        for it in asks {
            check(&[("p", "First paragraph."), ("p", it)], &["First paragraph."]);
        }
        for text in [
            "By evening the road was open",
            "By Tuesday nobody had answered the letter",
            "By Tuesday, nobody had answered",
            "“Subscribe to our idea of peace or stay outside of it,” the minister told the assembly on Friday.",
            "«Подпишитесь на обязательства, которые взяли другие», — сказал министр соседям на встрече в пятницу.",
            "The government said that its new rules are for subscribers only and that nobody else has to pay for it.",
            "وزیر از همسایگان خواست که در این پیمان عضو شوید و مرزها را باز کنید تا بازرگانی از سر گرفته شود.",
        ] {
            check(&[("p", "First paragraph."), ("p", text)], &["First paragraph.", text]);
        }
        let long = format!("The paper asked readers to “subscribe now”. {}", "It said so again and again. ".repeat(8));
        check(&[("p", "First paragraph."), ("p", long.trim())], &["First paragraph.", long.trim()]);
    }

    #[test]
    fn keeps_what_may_be_the_article() {
        check(&[("p", "One."), ("li", "a list item"), ("li", "Vinnikov")], &["One.", "a list item", "Vinnikov"]);
        check(
            &[(
                "p",
                "Follow us, the guide said, and the whole delegation went after him into the yard of the old fortress.",
            )],
            &["Follow us, the guide said, and the whole delegation went after him into the yard of the old fortress."],
        );
        check(&[("p", "2026"), ("p", "A year.")], &["2026", "A year."]);
        check(
            &[("div", "Only loose text"), ("p", "12:30 the column left.")],
            &["Only loose text", "12:30 the column left."],
        );
        check(&[], &[]);
    }

    #[test]
    fn what_wordpress_adds_is_no_text() {
        for it in [
            "The post The title appeared first on The Outlet.",
            "Сообщение Заголовок появились сначала на Издание.",
            "Запис Заголовок спершу з’явився на Видання.",
            "Başlık yazısı ilk önce Gazete üzerinde ortaya çıktı.",
            "نوشته عنوان اولین بار در روزنامه. پدیدار شد.",
            "Bu məqalə ilk dəfə Rioni Xəbər saytında dərc olunub.",
            "Հոդվածն առաջին անգամ հրապարակվել է «Ռիոնի լրաբեր»-ում։",
            "სტატია პირველად გამოქვეყნდა რიონიპრესზე.",
        ] {
            assert!(is_syndication_note(it), "{it}");
            check(&[("p", "First paragraph."), ("p", it)], &["First paragraph."]);
        }
        for it in ["The post office appeared to be closed.", "Сообщение о пожаре поступило сначала в дежурную часть."]
        {
            assert!(!is_syndication_note(it), "{it}");
        }
    }

    #[test]
    fn attributions_of_posts_are_no_text() {
        check(
            &[
                ("p", "First paragraph."),
                ("blockquote", "The road is open. — Border Office (@border) March 3, 2026"),
                ("blockquote", "— Прикордонна служба (@border) 3 березня 2026 р."),
                ("p", "Last paragraph."),
            ],
            &["First paragraph.", "The road is open.", "Last paragraph."],
        );
        let signed = "The road is open. — Ivo Marlinov (@marlinov) March 3, 2026";
        check(&[("p", "First paragraph."), ("p", signed)], &["First paragraph.", signed]);
    }

    #[test]
    fn a_date_is_no_text() {
        for text in [
            "2026-01-12",
            "12.01.2026 09:30",
            "21 січня 2026, 10:05",
            "Thursday, January 22, 2026 at 10:05",
            "ხუთშაბათი, 22 იანვარი, 2026",
            "20 января 2026 г.",
            "۴ بهمن ۱۴۰۴",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in ["2026", "In 2026", "10 questions for the year 2026", "12:30 the column left.", "Room 12, floor 3"]
        {
            assert!(!is_date(text), "{text}");
        }
    }
}
