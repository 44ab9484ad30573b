//! How near two articles are, as a few numbers, and what the numbers weigh. Pure.

use std::sync::LazyLock;

use super::{
    dates::Coincidence,
    overlap::Overlap,
    sketch::{Kind, Sketch, Term},
    sorted::in_both,
    weights::WEIGHTS,
};

/// Numbers that say how near two articles are.
pub const FEATURES: usize = 36;

/// Index of the first number that compares texts in two languages; the last number of all belongs to these too.
const FIRST_FOREIGN: usize = 15;

/// Counters of a table of words. A power of two, so that a hash is a place.
const SLOTS: usize = 1 << 20;
/// Number of articles assumed before the first, so that all words are about equally rare until many were read.
const PRIOR_ARTICLES: f32 = 160.0;
/// A text of more words than this is long.
const LONG: u32 = 500;

/// In how many of the held articles each word occurs.
///
/// A table of fixed size (4 MB): two words in one slot count as one, which is rare enough to do no harm, and memory
/// does not grow over the years. It depends on the held articles only, so that it can be rebuilt from them.
#[derive(Debug, Clone)]
pub struct Frequencies {
    counts: Vec<u32>,
    articles: u32,
}

impl Default for Frequencies {
    fn default() -> Self {
        Self { counts: vec![0; SLOTS], articles: 0 }
    }
}

impl Frequencies {
    /// Counts an article's words.
    pub fn add(&mut self, sketch: &Sketch) {
        self.articles = self.articles.saturating_add(1);
        self.change(sketch, |it| it.saturating_add(1));
    }

    /// Removes an article's words from the counts.
    pub fn remove(&mut self, sketch: &Sketch) {
        self.articles = self.articles.saturating_sub(1);
        self.change(sketch, |it| it.saturating_sub(1));
    }

    fn change(&mut self, sketch: &Sketch, by: impl Fn(u32) -> u32) {
        for term in &sketch.terms {
            if let Some(it) = self.counts.get_mut(slot(term.hash)) {
                *it = by(*it);
            }
        }
    }

    /// The weights of words once `new` is counted with the rest, and what its nearness in time to others says.
    pub fn with<'a>(&'a self, new: &'a Sketch, coincidence: Coincidence) -> Weights<'a> {
        #[expect(clippy::cast_precision_loss, reason = "a count of articles")]
        let all = (self.articles as f32 + 1.0 + PRIOR_ARTICLES).ln();
        Weights { table: self, new, all, coincidence }
    }
}

fn slot(hash: u32) -> usize {
    hash as usize & (SLOTS - 1)
}

/// The logarithms of small counts, precomputed: most words are rare, and hundreds of thousands are looked up per
/// second.
static LOGARITHMS: LazyLock<[f32; 1024]> =
    LazyLock::new(|| std::array::from_fn(|count| logarithm(u32::try_from(count).unwrap_or(u32::MAX))));

#[expect(clippy::cast_precision_loss, reason = "a count of articles")]
fn logarithm(count: u32) -> f32 {
    (count as f32 + 0.7).ln()
}

/// The weight of each word: 0 for a word that every article has.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'f> {
    table: &'f Frequencies,
    new: &'f Sketch,
    /// The logarithm of the number of all articles.
    all: f32,
    /// Nearness in time to the new article: everything compared, also with each other, is near it in time.
    coincidence: Coincidence,
}

impl Weights<'_> {
    /// Weighs the words of an article.
    pub fn weigh<'s>(&self, sketch: &'s Sketch) -> Weighed<'s> {
        // The table is larger than most caches, so many places are read at once, without other work in between.
        let count = |term: &Term| self.table.counts.get(slot(term.hash)).copied().unwrap_or_default();
        let mut counts = sketch.terms.iter().map(count).collect::<Vec<_>>();
        in_both(
            &sketch.terms,
            &self.new.terms,
            |it| it.hash,
            |at, _| {
                if let Some(it) = counts.get_mut(at) {
                    *it = it.saturating_add(1);
                }
            },
        );
        let logarithms: &[f32] = &*LOGARITHMS;
        let weights = counts.into_iter().map(|count| {
            let known = usize::try_from(count).ok().and_then(|it| logarithms.get(it)).copied();
            (self.all - known.unwrap_or_else(|| logarithm(count))).max(0.0)
        });
        let weights = weights.collect::<Vec<_>>();
        let mut sums = Sums::default();
        for (term, weight) in sketch.terms.iter().zip(&weights) {
            sums.add(*term, *term, *weight);
        }
        Weighed { sketch, weights, sums, coincidence: self.coincidence }
    }
}

/// An article with the weight of each of its words, in the order of its terms.
#[derive(Debug, Clone)]
pub struct Weighed<'s> {
    /// The article.
    pub sketch: &'s Sketch,
    /// A weight for each of its terms.
    pub weights: Vec<f32>,
    /// Over its own terms.
    sums: Sums,
    /// Nearness in time to the article for which it is weighed.
    coincidence: Coincidence,
}

impl Weighed<'_> {
    /// How characteristic a term is of this article: more if it is rare, frequent here, or in the title.
    pub fn said(&self, hash: u32) -> f32 {
        let Ok(at) = self.sketch.terms.binary_search_by_key(&hash, |it| it.hash) else { return 0.0 };
        let both = self.sketch.terms.get(at).zip(self.weights.get(at));
        both.map_or(0.0, |(term, weight)| {
            weight * (1.0 + f32::from(term.all.min(8)).ln() + f32::from(term.title.min(1)))
        })
    }
}

/// Sums over the words of one or two articles, from which cosines are made.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    all: f32,
    lead: f32,
    title: f32,
    /// Words of the first article's title that stand anywhere in the second article.
    forth: f32,
    /// Words of the second article's title that stand anywhere in the first article.
    back: f32,
    names: f32,
    lead_names: f32,
    numbers: f32,
    skeletons: f32,
    lead_skeletons: f32,
}

/// The weight of a count: the tenth occurrence says less than the first.
fn damped(count: u8) -> f32 {
    static DAMPED: LazyLock<[f32; 256]> = LazyLock::new(|| {
        std::array::from_fn(|count| match u8::try_from(count) {
            Ok(count) if count > 0 => 1.0 + f32::from(count).ln(),
            _ => 0.0,
        })
    });
    DAMPED.get(usize::from(count)).copied().unwrap_or_default()
}

impl Sums {
    fn add(&mut self, a: Term, b: Term, weight: f32) {
        // Less than the square of the usual cosine, with which one rare word would outweigh all others.
        let worth = weight * weight.sqrt();
        let all = damped(a.all) * damped(b.all) * worth;
        let lead = damped(a.lead) * damped(b.lead) * worth;
        let kind = a.kind.max(b.kind);
        // Kinds come in no order, so all sums are added to without a branch, most of them 0.
        let of = |is_of: bool, it: f32| if is_of { it } else { 0.0 };
        let is_in_script = kind != Kind::Skeleton;
        self.skeletons += of(kind >= Kind::Number, all);
        self.lead_skeletons += of(kind >= Kind::Number, lead);
        self.numbers += of(kind == Kind::Number, all);
        self.names += of(kind == Kind::Name, all);
        self.lead_names += of(kind == Kind::Name, lead);
        self.all += of(is_in_script, all);
        self.lead += of(is_in_script, lead);
        self.title += of(is_in_script, damped(a.title) * damped(b.title) * worth);
        self.forth += of(is_in_script && a.title > 0, worth);
        self.back += of(is_in_script && b.title > 0, worth);
    }
}

/// Calls `found` for each term both have, with the weight it has in the first.
pub fn common<'s>(a: &Weighed<'s>, b: &'s Sketch, mut found: impl FnMut(&'s Term, &'s Term, f32)) {
    in_both(
        &a.sketch.terms,
        &b.terms,
        |it| it.hash,
        |x, y| {
            if let (Some(term), Some(other), Some(weight)) = (a.sketch.terms.get(x), b.terms.get(y), a.weights.get(x)) {
                found(term, other, *weight);
            }
        },
    );
}

fn cosine(shared: f32, a: f32, b: f32) -> f32 {
    let norm = (a * b).sqrt();
    if norm <= f32::EPSILON { 0.0 } else { (shared / norm).min(1.0) }
}

/// The numbers that say how near two articles are, whichever came first.
pub fn features(a: &Weighed<'_>, b: &Weighed<'_>, overlap: &Overlap) -> [f32; FEATURES] {
    let mut shared = Sums::default();
    common(a, b.sketch, |x, y, weight| shared.add(*x, *y, weight));
    let (of_a, of_b) = (&a.sums, &b.sums);
    let days = match (a.sketch.at, b.sketch.at) {
        #[expect(clippy::cast_precision_loss, reason = "minutes between two reports")]
        (Some(a), Some(b)) => Some((a - b).num_minutes().unsigned_abs() as f32 / 1440.0),
        _ => None,
    };
    let gap = days.map_or(0.0, |it| (1.0 + it).ln().min(4.0));
    let coincidence = days.map_or(0.0, |it| a.coincidence.of(it));
    let is_unknown = f32::from(u8::from(days.is_none()));
    if a.sketch.language.is_foreign_to(b.sketch.language) {
        let skeletons = cosine(shared.skeletons, of_a.skeletons, of_b.skeletons);
        let lead = cosine(shared.lead_skeletons, of_a.lead_skeletons, of_b.lead_skeletons);
        let numbers = cosine(shared.numbers, of_a.numbers, of_b.numbers);
        let evidence = (1.0 + shared.skeletons).ln();
        let mut res = [0.0; FEATURES];
        // The last two also occur among the numbers for one language, with the same meaning.
        let own = [1.0, skeletons, lead, numbers, evidence, gap, is_unknown];
        res.iter_mut().skip(FIRST_FOREIGN).zip(own).for_each(|(to, from)| *to = from);
        if let Some(last) = res.last_mut() {
            *last = coincidence;
        }
        return res;
    }
    let all = cosine(shared.all, of_a.all, of_b.all);
    let title = cosine(shared.title, of_a.title, of_b.title);
    let in_text = |part: f32, whole: f32| if whole <= f32::EPSILON { 0.0 } else { (part / whole).min(1.0) };
    let forth = in_text(shared.forth, of_a.forth);
    let back = in_text(shared.back, of_b.back);
    let lead = cosine(shared.lead, of_a.lead, of_b.lead);
    let names = cosine(shared.names, of_a.names, of_b.names);
    let lead_names = cosine(shared.lead_names, of_a.lead_names, of_b.lead_names);
    let numbers = cosine(shared.numbers, of_a.numbers, of_b.numbers);
    let evidence = (1.0 + shared.all).ln() / 5.0;
    let words = a.sketch.words.min(b.sketch.words);
    let is_short = f32::from(u8::from(words < 30));
    // In short texts, sharing few words says less.
    #[expect(clippy::cast_precision_loss, reason = "a count of words")]
    let length = (1.0 + words.min(LONG) as f32).ln() / 6.0;
    let n_titles = [of_a, of_b].iter().filter(|it| it.title > 0.0).count();
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let containment = (overlap.containment as f32).min(0.5);
    [
        1.0,
        all,
        all.sqrt(),
        title,
        forth.min(back),
        forth.max(back),
        lead,
        names,
        lead_names,
        numbers,
        containment,
        evidence,
        is_short,
        is_short * title,
        gap * all,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        gap,
        is_unknown,
        names * all,
        lead_names * lead,
        title * lead_names,
        names.sqrt(),
        lead.sqrt(),
        forth.min(back) * all,
        f32::from(u8::from(n_titles == 1)),
        f32::from(u8::from(n_titles == 0)),
        length,
        length * all,
        length * title,
        length * names,
        coincidence,
        0.0,
    ]
}

/// The log-odds that two articles tell of one event.
pub fn odds(features: &[f32; FEATURES]) -> f32 {
    features.iter().zip(WEIGHTS).map(|(it, weight)| it * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::{dates::Dates, sketch::Text};

    #[test]
    fn which_of_two_came_first_is_no_matter() {
        let at = |day: u32| Some(format!("2026-11-{day:02}T10:00:00Z").parse().unwrap());
        let texts = [
            (
                "Harbour of Batumi closed",
                "The harbour of Batumi was closed on Monday after 2 storms, Ana Lomidze said.",
                "en",
                at(2),
            ),
            (
                "Storm over the Black Sea",
                "Ships wait off Batumi. Ana Lomidze closed the harbour when 2 storms came.",
                "en",
                at(4),
            ),
            ("", "A storm passed over the coast on Sunday, and no harbour but that of Batumi was closed.", "en", None),
            ("Порт Батуми закрыт", "Порт Батуми закрыт после 2 штормов, сообщила Ана Ломидзе.", "ru", at(3)),
        ];
        let sketches = texts.map(|(title, body, language, at)| {
            Sketch::new(Text { title, body, language: Some(language), at, source: "" })
        });
        let mut held = Frequencies::default();
        held.add(&sketches[0]);
        let mut dates = Dates::default();
        dates.add(sketches[0].at);
        for (a, b) in sketches.iter().flat_map(|a| sketches.iter().map(move |b| (a, b))) {
            let weights = held.with(b, dates.around(b.at));
            let (x, y) = (weights.weigh(a), weights.weigh(b));
            let (forth, back) =
                (features(&x, &y, &a.print.overlap(&b.print)), features(&y, &x, &b.print.overlap(&a.print)));
            let is_near = |(x, y): (&f32, &f32)| (x - y).abs() < 1e-5;
            assert!(forth.iter().zip(&back).all(is_near), "{forth:?} {back:?}");
        }
    }
}
