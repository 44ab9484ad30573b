//! Why an article joined a story, in words of its own text. Pure.

use std::collections::{HashMap, HashSet};

use super::{
    closeness::{Weighed, common},
    sketch::{Kind, Reader, Sketch, Text},
};

/// Words of one kind that are shown.
const MAX_SHOWN: usize = 5;

/// What two articles have in common, as it is written in the newer one, what says most first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shared {
    /// Names of people, places and bodies.
    pub names: Vec<String>,
    /// Numbers.
    pub numbers: Vec<String>,
    /// Other words.
    pub words: Vec<String>,
}

impl Shared {
    /// What `new`, the sketch of `text`, shares with a held article.
    pub fn new(reader: &Reader, text: Text<'_>, new: &Weighed<'_>, held: &Sketch) -> Self {
        let is_foreign = new.sketch.language.is_foreign_to(held.language);
        let mut found = Vec::new();
        common(new, held, |a, b, weight| {
            let kind = a.kind.max(b.kind);
            // A name is named by its word; by its consonants only where the word itself is written otherwise.
            if (kind == Kind::Skeleton) == is_foreign || kind == Kind::Number {
                found.push((weight * (1.0 + f32::from(a.lead.min(b.lead))), a.hash, kind));
            }
        });
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let wanted = found.iter().map(|it| it.1).collect::<HashSet<_>>();
        let forms = reader.forms(text, &wanted).into_iter().collect::<HashMap<_, _>>();
        let mut res = Self::default();
        for (_, hash, kind) in found {
            let list = match kind {
                Kind::Name | Kind::Skeleton => &mut res.names,
                Kind::Number => &mut res.numbers,
                Kind::Word => &mut res.words,
            };
            if let Some(form) = forms.get(&hash).filter(|form| list.len() < MAX_SHOWN && !list.contains(form)) {
                list.push(form.clone());
            }
        }
        res
    }

    /// As sentences.
    pub fn sentences(&self) -> Vec<String> {
        let parts = [("names", &self.names), ("numbers", &self.numbers), ("words", &self.words)];
        let parts = parts.into_iter().filter(|(_, list)| !list.is_empty());
        parts.map(|(what, list)| format!("shared {what}: {}", list.join(", "))).collect()
    }
}
