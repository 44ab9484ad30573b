//! Parts of a page that are no article wherever it has one: its footer, what stands beside the text, what readers wrote, what is
//! not shown.
//!
//! The scorer knows these elements too, and is right about most. Where it is not, all of a list of comments is kept, more than
//! the article itself.

use std::collections::HashSet;

use crate::extract::{
    blocks::{Blocks, FAR},
    clean,
    words::Kind,
};

use super::Judged;

/// So many letters kept outside are an article.
const LEAST: f32 = 140.0;

/// A box with an invitation to subscribe has fewer letters.
const BOX: f32 = 400.0;

/// What is cut, and why.
const PARTS: [(&[Kind], &str); 4] = [
    (&[Kind::FooterTag], "in the footer of the page"),
    (&[Kind::AsideTag, Kind::NavTag], "beside the text"),
    (&[Kind::HiddenTag], "not shown"),
    (&[Kind::Comment], "what readers wrote"),
];

/// Cuts these parts of the page where enough is kept without them. An article has a footer, remarks at its side and texts that
/// fold out of its own: in one, only what readers wrote is cut.
pub(super) fn cut(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    for (kinds, reason) in PARTS {
        let is_inside = |it: &Judged<'_>| {
            let near = &blocks.element(it.block.element).near;
            let has = |kind: Kind| near.get(kind as usize).is_some_and(|it| *it < FAR);
            let is_own = has(Kind::ArticleTag) || has(Kind::MainTag);
            kinds.iter().any(|it| has(*it) && (*it == Kind::Comment || !is_own))
        };
        let outside =
            lines.iter().filter(|it| it.cut.is_none() && !is_inside(it)).map(|it| it.block.letters).sum::<f32>();
        if outside < LEAST {
            continue;
        }
        for it in lines.iter_mut().filter(|it| it.cut.is_none() && is_inside(it)) {
            it.cut = Some(reason);
        }
    }
}

/// Cuts boxes that are marked as such and ask the reader to subscribe, between the paragraphs too.
pub(super) fn cut_invitations(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    let asking = lines.iter().filter(|it| it.cut.is_none() && clean::asks_to_subscribe(&it.block.text));
    let boxes = asking.filter_map(|it| {
        let near = |it: &usize| blocks.element(*it).near.get(Kind::Subscribe as usize) == Some(&0);
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
