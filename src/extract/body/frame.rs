//! Cuts parts of a page that are not the article where it has one: its footer, side columns, and what readers wrote.
//!
//! The scorer knows these elements too, and is mostly right. Where it is wrong, a whole list of comments is kept,
//! longer than the article itself. The words that mark such parts are also on articles (`comments-open`,
//! `category-comment`), so a part is cut only if most of the text is outside, or if it is plainly a list of comments:
//! several, and each short.

use std::collections::HashSet;

use crate::extract::{
    blocks::{Blocks, FAR},
    clean,
    words::Kind,
};

use super::Judged;

/// Minimum letters kept outside that are an article.
pub(super) const LEAST: f32 = 140.0;

/// Minimum elements marked as comments, each with a line of its own and [short](COMMENT), that are a list of comments.
const MANY_COMMENTS: usize = 3;

/// Maximum letters of a reader's comment. A longer element named after comments may be part of the article.
const COMMENT: f32 = 1_500.0;

/// Maximum letters of a box with an invitation to subscribe.
const BOX: f32 = 400.0;

/// What is cut, and why.
const PARTS: [(&[Kind], &str); 3] = [
    (&[Kind::FooterTag], "in the footer of the page"),
    (&[Kind::AsideTag, Kind::NavTag], "beside the text"),
    (&[Kind::Comment], "what readers wrote"),
];

/// Cuts these parts of the page if enough is kept without them. An article may have a footer, side notes and folded
/// texts of its own: within one, only what readers wrote is cut.
pub(super) fn cut(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    for (kinds, reason) in PARTS {
        // The element that is marked so and holds the line.
        let mark = |it: &Judged<'_>| {
            let distance = |kind: Kind| blocks.element(it.block.element).near.to(kind);
            let is_own = [Kind::ArticleTag, Kind::MainTag].iter().any(|it| distance(*it) < FAR);
            let kinds = kinds.iter().filter(|it| **it == Kind::Comment || !is_own);
            let nearest = kinds.map(|it| distance(*it)).min().filter(|it| *it < FAR)?;
            blocks.around(it.block.element).nth(usize::from(nearest))
        };
        let (mut inside, mut outside, mut marks) = (0.0, 0.0, HashSet::new());
        for it in lines.iter().filter(|it| it.cut.is_none()) {
            match mark(it) {
                Some(element) => {
                    inside += it.block.letters;
                    if blocks.element(element).under.letters < COMMENT {
                        marks.insert(element);
                    }
                }
                None => outside += it.block.letters,
            }
        }
        let is_list = kinds == [Kind::Comment] && marks.len() >= MANY_COMMENTS;
        if outside < LEAST || (outside < inside && !is_list) {
            continue;
        }
        for it in lines.iter_mut().filter(|it| it.cut.is_none() && mark(it).is_some()) {
            it.cut = Some(reason);
        }
    }
}

/// Cuts boxes that are marked as such and ask the reader to subscribe, between the paragraphs too.
pub(super) fn cut_invitations(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    let asking = lines.iter().filter(|it| it.cut.is_none() && clean::asks_to_subscribe(&it.block.text));
    let boxes = asking.filter_map(|it| {
        let near = |it: &usize| blocks.element(*it).near.is(Kind::Subscribe);
        blocks.around(it.block.element).take(3).find(near).filter(|it| blocks.element(*it).under.letters < BOX)
    });
    let boxes: HashSet<usize> = boxes.collect();
    if boxes.is_empty() {
        return;
    }
    let is_inside = |it: &Judged<'_>| blocks.around(it.block.element).any(|it| boxes.contains(&it));
    for it in lines.iter_mut().filter(|it| it.cut.is_none() && is_inside(it)) {
        it.cut = Some("asks to subscribe");
    }
}
