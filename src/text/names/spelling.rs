//! What a word in Latin letters may sound like. Latin spelling says little of itself: `ch` is one sound in
//! Kocharyan and others in Michel and Bach. So a word becomes a lattice: a path through it is one reading.

use super::{
    letters::unmarked,
    rules::{Look, Rules, is_vowel},
    sounds::Sound::{
        self, A, Ae, Alef, B, Ch, D, Dj, Dz, E, F, FirstAlef, G, Gh, H, Hg, I, J, K, L, LastFeh, LastHeh, M, N, O, Oe,
        P, Q, R, S, Sh, SoftG, T, Th, Ts, TurkishH, TurkishK, U, Ue, V, W, Waw, X, Y, Ya, Z, Zh,
    },
};

/// One step of a reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: u8,
    pub(super) to: u8,
    /// The sound; `None` for a silent letter.
    pub(super) sound: Option<Sound>,
    /// How unusual this reading is, in hundredths.
    pub(super) cost: u8,
    /// The cost if the other script omits the sound.
    pub(super) omitted: u8,
    /// The cost if the other script, which writes no short vowels, omits the sound.
    pub(super) omitted_in_abjad: u8,
}

/// All readings of a word. Edges are sorted by the node they start from, and lead to later nodes only.
#[derive(Debug, Clone)]
pub(super) struct Lattice {
    pub(super) edges: Vec<Edge>,
    /// The number of nodes.
    pub(super) nodes: usize,
    /// What is heard in some reading: a bit for each sound.
    pub(super) sounds: u64,
}

/// A lattice that is kept elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps<'l> {
    pub(super) edges: &'l [Edge],
    pub(super) nodes: usize,
}

/// The longest word that is compared, in letters.
pub(super) const MAX_LETTERS: usize = 24;

impl Lattice {
    pub(super) fn steps(&self) -> Steps<'_> {
        Steps { edges: &self.edges, nodes: self.nodes }
    }

    /// All readings of a word in folded Latin letters, which looks so or as its letters say; it must have at most
    /// [`MAX_LETTERS`].
    pub(super) fn of_latin(word: &[char], look: Option<Look>, rules: &Rules) -> Self {
        let plain: Vec<char> = word.iter().map(|c| if *c == 'ł' { 'ł' } else { unmarked(*c) }).collect();
        let look = look.unwrap_or_else(|| Look::of(&plain));
        let mut steps = Vec::with_capacity(4 * plain.len());
        for at in 0..plain.len() {
            let here = plain.get(at..).unwrap_or_default();
            // A doubled consonant is read as one.
            let is_double = matches!(here, [a, b, ..] if a == b && !is_vowel(*a));
            for rule in here.first().into_iter().flat_map(|it| rules.for_letter(*it, look)) {
                let width = if is_double && rule.len() == 1 { 2 } else { rule.len() };
                if rule.starts(here) && rule.place.holds(&plain, at, width) {
                    steps.extend(rule.readings.iter().map(|(sounds, cost)| Step { at, width, sounds, cost: *cost }));
                }
            }
            if steps.last().is_none_or(|it| it.at != at) {
                steps.push(Step { at, width: 1, sounds: &[], cost: 0 });
            }
        }
        Self::of_steps(&steps, plain.len())
    }

    /// The lattice of one reading.
    pub(super) fn of_sounds(sounds: &[Sound]) -> Self {
        let mut edges = Vec::with_capacity(sounds.len());
        for (at, sound) in sounds.iter().enumerate() {
            let (from, to) = (narrow(at), narrow(at + 1));
            edges.push(Edge { from, to, sound: Some(*sound), cost: 0, omitted: 0, omitted_in_abjad: 0 });
        }
        let mut res = Self { edges, nodes: sounds.len() + 1, sounds: 0 };
        res.set_omissions();
        res
    }

    fn of_steps(steps: &[Step], letters: usize) -> Self {
        // Nodes between the letters, and inside steps with several sounds, in an order in which edges lead onward.
        let mut first = vec![0_usize; letters + 1];
        let mut nodes = 0;
        let mut rest = steps;
        for (at, node) in first.iter_mut().enumerate() {
            *node = nodes;
            nodes += 1;
            while let [step, more @ ..] = rest
                && step.at == at
            {
                nodes += step.sounds.len().saturating_sub(1);
                rest = more;
            }
        }
        let mut edges = Vec::with_capacity(steps.len() + nodes);
        for here in steps.chunk_by(|a, b| a.at == b.at) {
            let start = here.first().and_then(|it| first.get(it.at)).copied().unwrap_or_default();
            let mut inner = start;
            for step in here {
                let end = first.get((step.at + step.width).min(letters)).copied().unwrap_or_default();
                let mut from = start;
                for (n, sound) in step.sounds.iter().enumerate() {
                    let is_last = n + 1 == step.sounds.len();
                    if !is_last {
                        inner += 1;
                    }
                    let to = if is_last { end } else { inner };
                    let cost = if n == 0 { step.cost } else { 0 };
                    edges.push(edge(from, to, Some(*sound), cost));
                    from = to;
                }
                if step.sounds.is_empty() {
                    edges.push(edge(start, end, None, step.cost));
                }
            }
        }
        edges.sort_unstable_by_key(|it| (it.from, it.to));
        let mut res = Self { edges, nodes, sounds: 0 };
        res.set_omissions();
        res
    }

    /// Says for each edge what it costs to leave its sound out, by what stands before and after it.
    fn set_omissions(&mut self) {
        let last = narrow(self.nodes.saturating_sub(1));
        // Nodes after and before a vowel; a node is a byte.
        let (mut after, mut before) = (Nodes::default(), Nodes::default());
        for edge in self.edges.iter().filter(|it| it.sound.is_some_and(Sound::is_vowel)) {
            after.add(edge.to);
            before.add(edge.from);
        }
        for edge in &mut self.edges {
            let Some(sound) = edge.sound else { continue };
            let place = Surroundings {
                is_first: edge.from == 0,
                is_last: edge.to == last,
                vowels: Beside::new(after.has(edge.from), before.has(edge.to)),
            };
            edge.omitted = omitted(sound, place);
            edge.omitted_in_abjad = omitted_in_abjad(sound, place);
            self.sounds |= 1 << sound.index();
        }
    }
}

/// A set of nodes.
#[derive(Default)]
struct Nodes([u128; 2]);

impl Nodes {
    fn add(&mut self, node: u8) {
        if let Some(it) = self.0.get_mut(usize::from(node >> 7)) {
            *it |= 1 << (node & 127);
        }
    }

    fn has(&self, node: u8) -> bool {
        self.0.get(usize::from(node >> 7)).is_some_and(|it| it & 1 << (node & 127) != 0)
    }
}

struct Step {
    at: usize,
    width: usize,
    sounds: &'static [Sound],
    cost: u8,
}

fn edge(from: usize, to: usize, sound: Option<Sound>, cost: u8) -> Edge {
    Edge { from: narrow(from), to: narrow(to), sound, cost, omitted: 0, omitted_in_abjad: 0 }
}

fn narrow(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

/// Where in its word a sound stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    pub(super) vowels: Beside,
}

/// On which sides of a sound a vowel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Neither,
    Before,
    After,
    Both,
}

impl Beside {
    pub(super) fn new(before: bool, after: bool) -> Self {
        match (before, after) {
            (false, false) => Self::Neither,
            (true, false) => Self::Before,
            (false, true) => Self::After,
            (true, true) => Self::Both,
        }
    }
}

/// The cost of omitting a sound.
pub(super) fn omitted(sound: Sound, place: Surroundings) -> u8 {
    match sound {
        _ if sound.is_vowel() && place.vowels != Beside::Neither => 28,
        E if place.is_last => 15,
        Y => 15,
        A | Ae | E | I | O | Oe | U | Ue | Alef | FirstAlef | LastHeh => 55,
        // What closes a diphthong is heard.
        J if place.vowels == Beside::Before => 28,
        J if place.vowels != Beside::Neither => 12,
        J | Ya => 20,
        H | TurkishH => 25,
        SoftG => 12,
        Gh | Waw => 45,
        W => 50,
        B | P | D | T | G | Hg | K | TurkishK | Q | X | V | F | LastFeh | S | Z | Sh | Zh | Ch | Dj | Ts | Dz | M
        | N | L | R | Th => 100,
        _ => 60,
    }
}

/// What it costs to leave out a sound in Persian: a short vowel nothing, but for the first and the last one.
pub(super) fn omitted_in_abjad(sound: Sound, place: Surroundings) -> u8 {
    match sound {
        _ if sound.is_vowel() && place.is_first => 60,
        E if place.is_last => 30,
        _ if sound.is_vowel() && place.is_last => 80,
        E | Ae | Y | Oe => 3,
        A | O => 6,
        I => 30,
        U | Ue => 20,
        _ => omitted(sound, place),
    }
}
