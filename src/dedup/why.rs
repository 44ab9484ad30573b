//! Why an article joined a story, in words of its own text. Pure.

use std::collections::HashSet;

use super::{
    closeness::{Weighed, common},
    sketch::{self, Kind, Sketch, Text},
};
use crate::model::Shared;

/// Words of one kind that are shown.
const MAX_SHOWN: usize = 5;

/// What `new`, the sketch of `text`, shares with a held article.
pub fn shared(text: Text<'_>, new: &Weighed<'_>, held: &Sketch) -> Shared {
    let is_foreign = new.sketch.language.is_foreign_to(held.language);
    let mut found = Vec::new();
    common(new, held, |a, b, weight| {
        let kind = a.kind.max(b.kind);
        // A name is shown as its word, and matched by its consonants only where the word itself is written otherwise.
        if (kind == Kind::Skeleton) == is_foreign || kind == Kind::Number {
            found.push((weight * (1.0 + f32::from(a.lead.min(b.lead))), a.hash, kind));
        }
    });
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let wanted = found.iter().map(|it| it.1).collect::<HashSet<_>>();
    let forms = sketch::forms(text, &wanted);
    let mut res = Shared::default();
    for (_, hash, kind) in found {
        let list = match kind {
            Kind::Name | Kind::Skeleton => &mut res.names,
            Kind::Number => &mut res.numbers,
            Kind::Word => &mut res.words,
        };
        let form = forms.get(&hash).filter(|form| list.len() < MAX_SHOWN && !list.iter().any(|it| it == *form));
        list.extend(form.map(|it| (*it).to_owned()));
    }
    res
}
