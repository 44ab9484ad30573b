//! Posts of networks that pages quote, as their embedding code writes them: `— Name (@handle) March 3, 2026`.

use std::collections::HashSet;

use crate::extract::{
    blocks::Blocks,
    dates::written::{self, Written},
};

/// Letters of a name at most.
const MAX_NAME: usize = 60;

/// Maximum letters after the handle.
const MAX_DATE: usize = 60;

/// Who wrote a post, and when.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::extract) struct Attribution {
    /// The name that is shown, or the handle.
    pub(in crate::extract) name: String,
    /// The day.
    pub(in crate::extract) written: Written,
}

/// The text before the attribution at the end of a line, and the attribution.
pub(super) fn attribution(line: &str) -> Option<(&str, Attribution)> {
    let (before, rest) = line.rsplit_once("(@")?;
    let (handle, date) = rest.split_once(')')?;
    let is_handle =
        (1..=15).contains(&handle.len()) && handle.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    if !is_handle || date.chars().count() > MAX_DATE {
        return None;
    }
    let (text, name) = before.rsplit_once(['—', '–', '―'])?;
    let name = name.trim_matches(|it: char| it.is_whitespace() || matches!(it, '\u{200e}' | '\u{200f}'));
    if name.chars().count() > MAX_NAME {
        return None;
    }
    // Without a date it may be a sentence that names somebody.
    let written = written::find(date, true).into_iter().next()?;
    let name = if name.is_empty() { handle } else { name }.to_owned();
    Some((text.trim_end(), Attribution { name, written }))
}

/// The author of the single post that a page consists of: its body is only what is in the post's box.
pub(in crate::extract) fn only_post(blocks: &Blocks, body: &str) -> Option<Attribution> {
    let mut found = blocks.lines.iter().filter_map(|it| Some((it.element, attribution(&it.text)?.1)));
    let (element, post) = found.next().filter(|_| found.next().is_none())?;
    let post_box = blocks.around(element).find(|it| blocks.element(*it).tag == "blockquote")?;
    let of_post = blocks.lines.iter().filter(|it| blocks.around(it.element).any(|it| it == post_box));
    let of_post: HashSet<&str> = of_post.map(|it| attribution(&it.text).map_or(it.text.as_str(), |it| it.0)).collect();
    (!body.is_empty() && body.lines().all(|it| of_post.contains(it))).then_some(post)
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    #[test]
    fn a_page_may_be_one_post() {
        let post = "<blockquote class=twitter-tweet><p>The road is open.</p>&mdash; Border Office (@border) \
            <a href=/x>March 3, 2026</a></blockquote>";
        let name = |markup: &str, body: &str| {
            only_post(&Blocks::read(&html::document(markup).unwrap()), body).map(|it| it.name)
        };
        assert_eq!(name(post, "The road is open."), Some("Border Office".to_owned()));
        assert_eq!(name(&format!("<p>The office said so.</p>{post}"), "The office said so.\nThe road is open."), None);
        assert_eq!(name(&format!("{post}{post}"), "The road is open."), None);
        assert_eq!(name(post, ""), None);
    }

    #[test]
    fn an_attribution_has_a_name_and_a_day() {
        for (line, text, name) in [
            ("— Border Office (@border_office) March 3, 2026", "", "Border Office"),
            (
                "The road is open. pic.example/a — Border Office (@border) March 3, 2026",
                "The road is open. pic.example/a",
                "Border Office",
            ),
            ("— Пограничная служба (@border) 3 марта 2026 г.", "", "Пограничная служба"),
            ("— Прикордонна служба (@border) 3 березня 2026 р.", "", "Прикордонна служба"),
            ("— Sərhəd Xidməti (@border) 3 mart 2026", "", "Sərhəd Xidməti"),
            ("— Sınır Dairesi (@border) 3 Mart 2026", "", "Sınır Dairesi"),
            ("— Սահմանապահ (@border) մարտի 3, 2026", "", "Սահմանապահ"),
            ("— სასაზღვრო პოლიცია (@border) 3 მარტი, 2026", "", "სასაზღვრო პოლიცია"),
            ("— مرزبانی (@border) ۳ مارس ۲۰۲۶", "", "مرزبانی"),
        ] {
            let (before, it) = attribution(line).unwrap();
            assert_eq!(
                (before, it.name.as_str(), it.written.day.to_string().as_str()),
                (text, name, "2026-03-03"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_sentence_is_none() {
        for line in [
            "The minister (@minister) said on March 3, 2026 that the road is open.",
            "He wrote — as did the office (@border) — that the road is open.",
            "— Border Office (@border)",
            "— Border Office (someone@border.example) March 3, 2026",
            "",
        ] {
            assert_eq!(attribution(line), None, "{line}");
        }
    }
}
