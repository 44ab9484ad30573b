//! Cuts other articles that a page contains in full, under a heading that says so.
//!
//! They may be longer than the article itself and read like it: only the heading shows it. So the heading must be one,
//! must be named or be in a part named as related, must be the first in that part, and must say plainly that other
//! articles follow. `Latest updates` does not: those of a live report are its text.

use std::collections::HashSet;

use crate::extract::{blocks::Blocks, words::Kind};

use super::{Judged, frame::LEAST};

/// Beginnings of such headings, lower case. Fewer than those of `Cue::Related`, which recognises links: a section of a
/// text may begin with `latest`, `explore` or `previous`.
const HEADINGS: &[&str] = &[
    "you may also",
    "you might also",
    "you may like",
    "you might like",
    "read also",
    "also read",
    "see also",
    "related articles",
    "related news",
    "related posts",
    "related stories",
    "recommended",
    "das könnte",
    "auch interessant",
    "à lire aussi",
    "lire aussi",
    "voir aussi",
    "vous aimerez",
    "te puede interesar",
    "también te puede",
    "lea también",
    "veja também",
    "leia também",
    "você pode gostar",
    "potrebbe interessar",
    "leggi anche",
    "lees ook",
    "czytaj także",
    "zobacz także",
    "читайте также",
    "читать также",
    "смотрите также",
    "материалы по теме",
    "похожие",
    "рекомендуем",
    "читайте також",
    "дивіться також",
    "схожі",
    "həmçinin oxu",
    "oxşar",
    "bunları da",
    "ayrıca oku",
    "ilgili haber",
    "benzer haber",
    "կարդացեք նաև",
    "կարդալ նաև",
    "წაიკითხეთ აგრეთვე",
    "ასევე წაიკითხეთ",
    "მსგავსი",
    "بیشتر بخوانید",
    "همچنین بخوانید",
    "مطالب مرتبط",
    "اخبار مرتبط",
];

/// Cuts them, with the heading.
pub(super) fn cut(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    // `above` are the elements that contain a line already passed, and their ancestors.
    let (mut letters, mut above, mut parts) = (0.0, HashSet::new(), HashSet::new());
    for it in lines.iter() {
        if letters > LEAST {
            parts.extend(part(blocks, it, &above));
        }
        letters += if it.cut.is_none() { it.block.letters } else { 0.0 };
        for element in blocks.around(it.block.element) {
            if !above.insert(element) {
                break;
            }
        }
    }
    if parts.is_empty() {
        return;
    }
    let is_inside = |it: &Judged<'_>| blocks.around(it.block.element).any(|it| parts.contains(&it));
    for it in lines.iter_mut().filter(|it| it.cut.is_none() && is_inside(it)) {
        it.cut = Some("other articles");
    }
}

/// The part of the page that a line heads, where other articles follow.
fn part(blocks: &Blocks, line: &Judged<'_>, above: &HashSet<usize>) -> Option<usize> {
    let heading = blocks.element(line.block.element);
    if !matches!(heading.tag.as_str(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
        return None;
    }
    // Removes the dot that lower-casing leaves of the Turkish `İ`.
    let text = line.block.text.to_lowercase().replace('\u{307}', "");
    if !HEADINGS.iter().any(|it| text.starts_with(it)) {
        return None;
    }
    // An element that contains only the heading is part of the heading.
    let part = blocks.around(line.block.element).skip(1).find(|it| blocks.element(*it).under.lines > 1.0)?;
    let is_named = heading.near.is(Kind::Related) || blocks.element(part).near.is(Kind::Related);
    let is_body = [Kind::Body, Kind::ArticleBody, Kind::MainTag].iter().any(|it| blocks.element(part).near.is(*it));
    (is_named && !is_body && !above.contains(&part)).then_some(part)
}
