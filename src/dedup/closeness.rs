//! How near two articles are, as a few numbers, and what the numbers weigh. Pure.

use super::{
    sketch::{Kind, Sketch, Term},
    weights::WEIGHTS,
};

/// Numbers that say how near two articles are.
pub const FEATURES: usize = 16;

/// Counters of a table of words. A power of two, so that a hash is a place.
const SLOTS: usize = 1 << 20;
/// A text of fewer words is little more than a headline.
const SHORT_WORDS: u32 = 30;
/// Articles taken for read before the first: until many are read, all words are about equally rare.
const PRIOR_ARTICLES: f32 = 40.0;

/// A word that fewer articles have is no rarer: what two articles share is in two at least, and what only one has would else
/// count for more.
const RAREST: f32 = 2.0;

/// In how many of the articles held each word is.
///
/// A table of fixed size (4 MB): two words in one slot count as one, which is rare enough to do no harm, and
/// memory does not grow with the years. It says what is held and no more, so that it can be made anew from that.
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

    /// Counts an article's words no more.
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

    /// What words say once `new` is counted with the rest.
    pub fn with<'a>(&'a self, new: &'a Sketch) -> Weights<'a> {
        Weights { table: self, new }
    }
}

fn slot(hash: u32) -> usize {
    hash as usize & (SLOTS - 1)
}

/// What words say: 0 for one that every article has.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'f> {
    table: &'f Frequencies,
    new: &'f Sketch,
}

impl Weights<'_> {
    /// Weighs the words of an article.
    pub fn weigh<'s>(&self, sketch: &'s Sketch) -> Weighed<'s> {
        let mut rest = self.new.terms.iter().peekable();
        let weights = sketch.terms.iter().map(|term| {
            while rest.next_if(|it| it.hash < term.hash).is_some() {}
            self.weight(term.hash, rest.peek().is_some_and(|it| it.hash == term.hash))
        });
        Weighed::new(sketch, weights.collect())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of articles")]
    fn weight(&self, hash: u32, is_new: bool) -> f32 {
        let count = self.table.counts.get(slot(hash)).copied().unwrap_or_default() as f32;
        let (count, articles) = (count + f32::from(u8::from(is_new)), self.table.articles as f32 + 1.0);
        ((articles + PRIOR_ARTICLES) / (count.max(RAREST) + 0.7)).ln().max(0.0)
    }
}

/// An article with the weight of each of its words, in the order of its terms.
#[derive(Debug, Clone)]
pub struct Weighed<'s> {
    /// The article.
    pub sketch: &'s Sketch,
    /// A weight for each of its terms.
    pub weights: Vec<f32>,
    /// Over all of its words.
    sums: Sums,
}

impl<'s> Weighed<'s> {
    fn new(sketch: &'s Sketch, weights: Vec<f32>) -> Self {
        let mut sums = Sums::default();
        for (term, weight) in sketch.terms.iter().zip(&weights) {
            sums.add(*term, *term, *weight);
        }
        Self { sketch, weights, sums }
    }

    /// What a term says of this article: the more the rarer it is, the more often it stands, and in the title.
    pub fn said(&self, hash: u32) -> f32 {
        let Ok(at) = self.sketch.terms.binary_search_by_key(&hash, |it| it.hash) else { return 0.0 };
        let both = self.sketch.terms.get(at).zip(self.weights.get(at));
        both.map_or(0.0, |(term, weight)| {
            weight * (1.0 + f32::from(term.all.min(8)).ln() + f32::from(term.title.min(1)))
        })
    }
}

/// Sums over the words of one or two articles, from which cosines are made.
///
/// Within one language a word counts by the third power of its weight: what is rare among the reports held says which event it
/// is. Names in other scripts are few and uncertain, and count more evenly.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Words, names and numbers, those of title and lead more.
    said: f32,
    /// What is neither name nor number: what happened, not to whom.
    words: f32,
    title: f32,
    /// Their mere weight.
    mass: f32,
    /// Names in the lead of the one that stand anywhere in the other.
    lead_names: f32,
    numbers: f32,
    skeletons: f32,
    lead_skeletons: f32,
}

/// A count as it weighs: the tenth time says less than the first.
fn damped(count: u8) -> f32 {
    if count == 0 { 0.0 } else { 1.0 + f32::from(count).ln() }
}

/// How much a term counts in an article.
fn salience(it: Term) -> f32 {
    damped(it.all) + f32::from(it.lead.min(1)) + f32::from(it.title.min(1))
}

impl Sums {
    fn add(&mut self, a: Term, b: Term, weight: f32) {
        let kind = a.kind.max(b.kind);
        let all = damped(a.all) * damped(b.all);
        if kind >= Kind::Number {
            let even = weight * weight.sqrt();
            self.skeletons += all * even;
            self.lead_skeletons += damped(a.lead) * damped(b.lead) * even;
            if kind == Kind::Skeleton {
                return;
            }
            self.numbers += all * even;
        }
        let cube = weight * weight * weight;
        self.said += salience(a) * salience(b) * cube;
        self.title += damped(a.title) * damped(b.title) * cube;
        self.mass += weight;
        if kind == Kind::Word {
            self.words += all * cube;
        }
        if is_lead_name(a) {
            self.lead_names += cube;
        }
    }
}

fn is_lead_name(it: Term) -> bool {
    it.kind == Kind::Name && it.lead > 0
}

/// Calls `found` for each term both have, with the weight it has in the first.
pub fn common<'s>(a: &Weighed<'s>, b: &'s Sketch, mut found: impl FnMut(&'s Term, &'s Term, f32)) {
    let mut rest = b.terms.iter().peekable();
    for (term, weight) in a.sketch.terms.iter().zip(&a.weights) {
        while rest.next_if(|it| it.hash < term.hash).is_some() {}
        if let Some(other) = rest.next_if(|it| it.hash == term.hash) {
            found(term, other, *weight);
        }
    }
}

fn cosine(shared: f32, a: f32, b: f32) -> f32 {
    let norm = (a * b).sqrt();
    if norm <= f32::EPSILON { 0.0 } else { (shared / norm).min(1.0) }
}

/// What share of a whole.
fn share(part: f32, whole: f32) -> f32 {
    if whole <= f32::EPSILON { 0.0 } else { (part / whole).min(1.0) }
}

/// The numbers that say how near two articles are: nine for two of one language, and seven for two of different ones. The
/// others are 0.
pub fn features(a: &Weighed<'_>, b: &Weighed<'_>) -> [f32; FEATURES] {
    let mut shared = Sums::default();
    let mut back = 0.0;
    common(a, b.sketch, |x, y, weight| {
        shared.add(*x, *y, weight);
        back += if is_lead_name(*y) { weight * weight * weight } else { 0.0 };
    });
    let days = match (a.sketch.at, b.sketch.at) {
        #[expect(clippy::cast_precision_loss, reason = "minutes between two reports")]
        (Some(a), Some(b)) => Some((a - b).num_minutes().unsigned_abs() as f32 / 1440.0),
        _ => None,
    };
    let gap = days.map_or(0.0, |it| (1.0 + it).ln().min(4.0));
    let mut res = [0.0; FEATURES];
    if a.sketch.language.is_foreign_to(b.sketch.language) {
        let own = [
            1.0,
            cosine(shared.skeletons, a.sums.skeletons, b.sums.skeletons),
            cosine(shared.lead_skeletons, a.sums.lead_skeletons, b.sums.lead_skeletons),
            cosine(shared.numbers, a.sums.numbers, b.sums.numbers),
            (1.0 + shared.skeletons).ln() / 8.0,
            gap,
            f32::from(u8::from(days.is_none())),
        ];
        res.iter_mut().skip(9).zip(own).for_each(|(to, from)| *to = from);
        return res;
    }
    let near = cosine(shared.said, a.sums.said, b.sums.said);
    let is_short = f32::from(u8::from(a.sketch.words.min(b.sketch.words) < SHORT_WORDS));
    let own = [
        1.0,
        near,
        near.sqrt(),
        gap,
        is_short,
        cosine(shared.words, a.sums.words, b.sums.words),
        (1.0 + shared.mass / 3.0).ln() * near.sqrt(),
        share(shared.lead_names, a.sums.lead_names).min(share(back, b.sums.lead_names)),
        is_short * cosine(shared.title, a.sums.title, b.sums.title),
    ];
    res.iter_mut().zip(own).for_each(|(to, from)| *to = from);
    res
}

/// The log-odds that two articles tell of one event.
pub fn odds(features: &[f32; FEATURES]) -> f32 {
    features.iter().zip(WEIGHTS).map(|(it, weight)| it * weight).sum()
}
