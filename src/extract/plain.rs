//! A plain-text document to an article: releases and transcripts that are linked as files.

use crate::{
    model::{Method, Origin, Verdict},
    text::{ends_sentence, one_line},
};

use super::{Extracted, Origins, Told, blocks, meta, verdict};

/// A first line longer than this many characters is text, not a title.
const MAX_TITLE: usize = 200;

/// Where no line is longer than this many characters, lines are broken by hand at the width of a page.
const WRAPPED: usize = 100;

/// A line shorter than this share of the longest ends its paragraph.
const FULL: f32 = 0.66;

/// Reads a text. Its first line is the title where it stands for itself, and paragraphs are what blank lines or the
/// ends of full lines say.
pub(super) fn read(text: &str) -> Extracted {
    if let Some(what) = verdict::foreign(text) {
        let verdict = (Verdict::NotHtml, format!("it is {what}"));
        return Extracted { verdict, ..Extracted::nothing(Method::Readability) };
    }
    of_paragraphs(None, paragraphs(text), "it is plain text")
}

/// Makes an article of paragraphs. `what` they are from goes into the verdict.
pub(super) fn of_paragraphs(title: Option<String>, mut paragraphs: Vec<String>, what: &str) -> Extracted {
    let told = |it| Told::new(it, Origin::Text, 0.7);
    let title = match (title, paragraphs.first()) {
        (Some(title), _) => Some(told(title)),
        (None, Some(first)) if paragraphs.len() > 1 && is_title(first) => Some(told(paragraphs.remove(0))),
        (None, first) => first.and_then(|it| meta::inferred(it)),
    };
    let body = paragraphs.join("\n");
    Extracted {
        verdict: verdict::of_letters(blocks::weight(&body), what),
        origins: Origins {
            title: title.as_ref().map(|it| Told::new((), it.origin, it.confidence)),
            ..Origins::default()
        },
        title: title.map(|it| it.value),
        body,
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
        // Rules drawn with characters part the text, and are none.
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

fn is_title(line: &str) -> bool {
    line.chars().count() <= MAX_TITLE
        && (!ends_sentence(line) || line.ends_with(['!', '?', '؟', '！', '？']))
        && !line.ends_with([',', ';', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, title: &str, body: &[&str]) {
        let res = read(text);
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
        assert_eq!(read("%PDF-1.7").verdict.0, Verdict::NotHtml);
        assert_eq!(read("Talks\n\nShort.").verdict.0, Verdict::TooShort);
    }
}
