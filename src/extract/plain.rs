//! Turns a plain-text document into an article: releases and transcripts that are linked as files.

mod top;

use url::Url;

use crate::{
    model::{Method, Origin, Verdict},
    text::{capped, one_line, reprint},
};

use super::{Extracted, Origins, Told, blocks, clean, flags, head::Head, meta, verdict};

/// If no line is longer than this many characters, lines are wrapped at the width of a page.
const WRAPPED: usize = 100;

/// A line shorter than this share of the longest ends its paragraph.
const FULL: f32 = 0.66;

/// Reads the text at `url`. A line above its first paragraph is the title. Blank lines and short lines separate
/// paragraphs.
pub(super) fn read(text: &str, url: &Url) -> Extracted {
    if let Some(what) = verdict::foreign(text) {
        let verdict = (Verdict::NotHtml, format!("it is {what}"));
        return Extracted { verdict, ..Extracted::nothing(Method::Readability) };
    }
    of_paragraphs(None, &paragraphs(capped(text, blocks::MAX_TEXT_BYTES)), "it is plain text", url)
}

/// Makes an article of paragraphs, cleaned as those of a page are. `what` they are from goes into the verdict.
pub(super) fn of_paragraphs(title: Option<String>, paragraphs: &[String], what: &str, url: &Url) -> Extracted {
    let (named, paragraphs, mut cut) = top::read(paragraphs, title.is_some());
    let told = |it| Told::new(it, Origin::Text, 0.7);
    let title = title.or(named);
    let cleaned = clean::body_text(&paragraphs.join("\n"), title.as_deref().unwrap_or_default());
    cut.extend(cleaned.cut);
    let body = cleaned.text;
    let flags = flags::of(&Head::default(), title.as_deref(), &body, &cut, None, url);
    // A note may give the title that the text has lost.
    let noted = || cut.iter().find_map(|(line, _)| reprint(line)?.title.map(str::to_owned));
    let title = title.or_else(noted).map(told).or_else(|| meta::inferred(&body));
    Extracted {
        verdict: verdict::of_letters(blocks::weight(&body), what),
        origins: Origins {
            title: title.as_ref().map(|it| Told::new((), it.origin, it.confidence)),
            ..Origins::default()
        },
        title: title.map(|it| it.value),
        body,
        flags,
        cut: cut.into_iter().map(|(line, reason)| (line, reason.into())).collect(),
        ..Extracted::nothing(Method::Readability)
    }
}

/// The paragraphs of a text, each on one line. Lines of a text that is broken at the width of a page are put together
/// again; a list keeps its lines.
fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    let longest = lines.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let is_wrapped = longest <= WRAPPED;
    let mut res: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in &lines {
        // Rules drawn with characters separate paragraphs and are not text.
        if !line.chars().any(char::is_alphanumeric) {
            goes_on = false;
            continue;
        }
        match res.last_mut().filter(|_| goes_on && !is_list_line(line)) {
            Some(last) => {
                last.push(' ');
                last.push_str(line);
            }
            None => res.push(line.clone()),
        }
        #[expect(clippy::cast_precision_loss, reason = "lines are short here")]
        let is_full = line.chars().count() as f32 >= FULL * longest as f32;
        goes_on = is_wrapped && is_full;
    }
    res
}

/// Whether a line begins with a dash, a bullet or a number with a point.
pub(super) fn is_list_line(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = rest.len() < line.len() && line.len() - rest.len() < 4 && rest.starts_with([')', '.']);
    let marked = line.strip_prefix(['-', '*', '•', '–', '—']).is_some_and(|it| it.starts_with(' '));
    marked || (is_number && rest.get(1..).is_some_and(|it| it.starts_with(' ')))
}

#[cfg(test)]
mod tests {
    use crate::model::{Flag, FlagKind};

    use super::*;

    fn url() -> Url {
        Url::parse("https://gazette.example/release.txt").unwrap()
    }

    #[track_caller]
    fn check(text: &str, title: &str, body: &[&str]) {
        let res = read(text, &url());
        assert_eq!(
            (res.title.as_deref().unwrap_or_default(), res.body.lines().collect::<Vec<_>>()),
            (title, body.to_vec())
        );
    }

    #[test]
    fn the_first_line_is_the_title() {
        check(
            "\u{feff}Talks begin\r\n\r\nThe delegation went over the bridge.\r\n",
            "Talks begin",
            &["The delegation went over the bridge."],
        );
        check("Начнутся ли переговоры？\n\nThey met at noon.", "Начнутся ли переговоры？", &["They met at noon."]);
        check("آیا گفتگوها آغاز می‌شود؟\n\nThey met at noon.", "آیا گفتگوها آغاز می‌شود؟", &["They met at noon."]);
        check("Talks begin\n===========\nThey met at noon.", "Talks begin", &["They met at noon."]);
        check(
            "The delegation went over the bridge. They met at noon.\n\nMore follows.",
            "The delegation went over the bridge.",
            &["The delegation went over the bridge. They met at noon.", "More follows."],
        );
        check("", "", &[]);
    }

    #[test]
    fn lines_broken_at_the_width_of_a_page_are_put_together() {
        let text = "Переговоры начались\n\nДелегация утром прошла по мосту и была встречена\nна том берегу. Встреча \
            началась в полдень и длилась\nдва часа.\nВторой абзац без пустой строки стоит сразу за этим\nи кончается здесь.\n\n\
            - первый пункт списка, который занимает всю строку\n- второй пункт";
        check(
            text,
            "Переговоры начались",
            &[
                "Делегация утром прошла по мосту и была встречена на том берегу. Встреча началась в полдень и длилась два часа.",
                "Второй абзац без пустой строки стоит сразу за этим и кончается здесь.",
                "- первый пункт списка, который занимает всю строку",
                "- второй пункт",
            ],
        );
    }

    #[test]
    fn a_line_of_its_own_length_is_a_paragraph() {
        let long = "The delegation went over the bridge, and the talks in the old town hall began at noon with a word of welcome.";
        check(&format!("Talks\n{long}\n{long}"), "Talks", &[long, long]);
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(read("%PDF-1.7", &url()).verdict.0, Verdict::NotHtml);
        assert_eq!(read("Talks\n\nShort.", &url()).verdict.0, Verdict::TooShort);
    }

    const LONG: &str =
        "The delegation went over the bridge, and the talks in the old town hall began at noon with a word of welcome.";

    /// Title, body, and what was cut.
    fn parts(text: &str) -> (String, String, Vec<String>) {
        let res = read(text, &url());
        (res.title.unwrap_or_default(), res.body, res.cut.into_iter().map(|it| it.0).collect())
    }

    #[test]
    fn what_stands_around_the_text_is_cut_as_from_a_page() {
        for (above, below) in [
            ("- Times of Rioni\n- 6 days ago\n- 5 min read", "Comments"),
            ("3 марта 2026\nВремя чтения: 5 мин.", "Читайте также"),
            ("3 березня 2026\nЧас читання: 4 хв", "Поділитися"),
            ("3 mart 2026\n5 dəq oxu", "Həmçinin oxuyun"),
            ("3 Mart 2026\nOkuma süresi: 3 dk", "Yorum yaz"),
            ("3 մարտի 2026\n5 րոպե ընթերցում", "Կարդացեք նաև"),
            ("3 მარტი 2026\nკითხვის დრო: 3 წუთი", "წაიკითხეთ აგრეთვე"),
            ("۳ مارس ۲۰۲۶\n۵ دقیقه مطالعه", "ارسال نظر"),
        ] {
            let (title, body, cut) = parts(&format!("Talks begin\n{above}\n\n{LONG}\n\n{below}"));
            assert_eq!((title.as_str(), body.as_str()), ("Talks begin", LONG), "{above}");
            let lines = above.lines().chain([below]);
            lines.for_each(|it| assert!(cut.contains(&it.to_owned()), "{it} is not told: {cut:?}"));
        }
    }

    #[test]
    fn a_title_may_stand_below_other_lines() {
        let bar = "News – 2026 – Videos | Playlists | Sites: | harbour.example | bridge.example | Videos |";
        let own = "The Harbour Times Review – HarbourTimes.example";
        let (title, body, cut) = parts(&format!("{bar}\n{own}\nTalks begin at last\n{LONG}"));
        assert_eq!((title.as_str(), body.as_str()), ("Talks begin at last", LONG));
        assert_eq!(cut, [bar, own]);
        let posted = "Talks begin at last gemini.google.com/share/15a0…";
        let res = read(&format!("{bar}\n{posted}\n{LONG}"), &url());
        assert_eq!((res.title.as_deref(), res.body.as_str()), (Some("Talks begin at last"), LONG));
        assert_eq!(res.flags, [Flag { kind: FlagKind::MachineWritten, evidence: posted.to_owned() }]);
        // A picture's caption, and what it shows.
        let (title, body, _) = parts(&format!("Anna Example\n\nAnna Example\n\n{LONG}"));
        assert_eq!((title.as_str(), body.as_str()), (LONG, LONG));
        let (title, body, _) = parts(&format!("2026-03-03\n\nTalks begin\n\nA second line on them\n\n{LONG}"));
        assert_eq!((title, body), ("Talks begin".to_owned(), format!("A second line on them\n{LONG}")));
    }

    #[test]
    fn a_note_below_the_text_gives_title_and_flag() {
        let note = "The post Talks begin at last. first appeared on Harbour Times – HarbourTimes.example.";
        let res = read(&format!("{LONG}\n{LONG} So it was said.\n{note}"), &url());
        assert_eq!(res.title.as_deref(), Some("Talks begin at last"));
        assert_eq!(res.body, format!("{LONG}\n{LONG} So it was said."));
        assert_eq!(res.flags, [Flag { kind: FlagKind::Syndicated, evidence: note.to_owned() }]);
        let titled = read(&format!("Talks\n\n{LONG}\n{note}"), &url());
        assert_eq!(titled.title.as_deref(), Some("Talks"));
    }
}
