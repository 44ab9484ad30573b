//! All words of all terms, found by a word of a text without looking at each.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    Closeness, Script,
    endings::Inflection,
    judge::{self, Judge, Match, Measure, limit},
    key::{Beginnings, Key, Probe},
    name::{Name, plain_forms},
    reading::{Stem, Stems, Ways},
    rules::Rules,
    spelling::{Edge, Steps},
    term::{MIN_PREFIX, TermWord},
};

/// A word of a text, as far as finding it goes.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the word, and none follows from others")]
pub(super) struct Query<'t> {
    /// As it stands.
    pub(super) form: &'t str,
    /// Folded.
    pub(super) word: &'t str,
    pub(super) script: Script,
    pub(super) inflection: Inflection,
    /// Whether it may be a name by its first letter.
    pub(super) is_capital: bool,
    /// Whether it is all capitals among words that are not, and so short that it is an acronym.
    pub(super) is_acronym: bool,
    /// Whether it stands in a line of a few words, which is no sentence.
    pub(super) is_caption: bool,
    /// Whether only the letters of a name count, and not how it sounds.
    pub(super) is_spelled: bool,
}

/// A word of a term that a word of a text was taken for.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordHit {
    /// The number of the word.
    pub(super) word: u32,
    pub(super) found: Match,
    /// The most it might have cost, in hundredths.
    pub(super) limit: u16,
    /// The sounds of the name.
    pub(super) length: usize,
}

/// A reading of a name, with what is needed of the name before it is compared: names are many, and lie far apart in memory.
#[derive(Debug, Clone, Copy)]
struct Entry {
    name: u32,
    variant: u8,
    /// Whether this form never stands without an ending.
    is_stem: bool,
    /// What taking the form costs.
    cost: u8,
    measure: Measure,
    /// The number of the word of a term.
    number: u32,
    /// Where the steps of its readings stand among those of all, how many they are, and the nodes.
    steps: (u32, u16, u16),
    key: Key,
}

pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

/// The words of terms; a word is known by its number.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    names: Vec<(Name, u32)>,
    /// The steps of the readings of all names in Latin letters, one after the other.
    edges: Vec<Edge>,
    /// Of names in Latin letters.
    latin: Map<u64, Vec<Entry>>,
    /// Of names in the other scripts.
    others: Map<u64, Vec<Entry>>,
    /// How the keys of these begin.
    beginnings: Beginnings,
    /// Names and their forms by their letters.
    by_letters: Map<Vec<char>, Vec<(u32, u8)>>,
    plain: Map<String, Vec<(u32, u8)>>,
    /// Scripts that some plain word is in; see [`bit`].
    plain_scripts: u8,
    acronyms: Map<String, u32>,
    letters: Map<String, u32>,
    prefixes: Map<String, u32>,
    /// Bit n is set where some prefix has n letters.
    prefix_lengths: u64,
    /// Whether some name is in another script than Latin, so that Latin words are read in all ways.
    reads_latin: bool,
    rules: Rules,
}

impl Index {
    /// Adds a word of a term under a number.
    pub(super) fn add(&mut self, word: &TermWord, number: u32) {
        match word {
            TermWord::Name { word, is_loose, in_phrase } => {
                if *in_phrase && word.starts_with(|c| Script::of(c).has_capitals()) {
                    self.add_plain(word, number);
                }
                // The words of a phrase confirm each other.
                let looseness = match (is_loose, in_phrase) {
                    (true, _) => 4,
                    (_, true) => 2,
                    _ => 0,
                };
                match Name::new(word, looseness, &self.rules) {
                    Some(name) => self.add_name(name, number),
                    None => _ = self.letters.insert(word.clone(), number),
                }
            }
            TermWord::Plain(word) => self.add_plain(word, number),
            TermWord::Acronym(word) => _ = self.acronyms.insert(word.clone(), number),
            TermWord::Letters(word) => _ = self.letters.insert(word.clone(), number),
            TermWord::Prefix(word) => {
                self.prefix_lengths |= 1 << word.chars().count().min(63);
                self.prefixes.insert(word.clone(), number);
            }
        }
    }

    fn add_plain(&mut self, word: &str, number: u32) {
        self.plain_scripts |= bit(word.chars().next().map_or(Script::Other, Script::of));
        for (form, is_stem) in plain_forms(word) {
            self.plain.entry(form).or_default().push((number, u8::from(is_stem)));
        }
    }

    fn add_name(&mut self, name: Name, number: u32) {
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.reads_latin |= name.script != Script::Latin;
        let by_key = if name.script == Script::Latin { &mut self.latin } else { &mut self.others };
        for (at, variant) in name.variants.iter().enumerate() {
            let at = u8::try_from(at).unwrap_or(u8::MAX);
            self.by_letters.entry(variant.letters.clone()).or_default().push((index, at));
            let narrow = |it: usize| u16::try_from(it).unwrap_or(u16::MAX);
            let lattice = &variant.lattice;
            let start = u32::try_from(self.edges.len()).unwrap_or(u32::MAX);
            let steps = (start, narrow(lattice.edges.len()), narrow(lattice.nodes));
            if name.script == Script::Latin {
                self.edges.extend_from_slice(&lattice.edges);
            }
            // What is found by a more unusual reading than that is too far off in every text.
            let widest = judge::widest(name.measure());
            for key in name.keys(variant).into_iter().filter(|it| it.reading() <= widest) {
                if name.script != Script::Latin {
                    self.beginnings.add(&key);
                }
                by_key.entry(key.hash()).or_default().push(Entry {
                    name: index,
                    variant: at,
                    is_stem: variant.is_stem,
                    cost: u8::try_from(variant.cost).unwrap_or(u8::MAX),
                    measure: name.measure(),
                    number,
                    steps,
                    key,
                });
            }
        }
        self.names.push((name, number));
    }

    /// Whether a word of this kind can be found at all; most words of a text cannot.
    #[inline]
    pub(super) fn may_find(&self, query: &Query<'_>) -> bool {
        query.is_capital
            || self.plain_scripts & bit(query.script) != 0
            || !self.letters.is_empty()
            || !self.prefixes.is_empty()
    }

    /// The words of terms that a word of a text may be, each once.
    pub(super) fn find(&self, query: &Query<'_>, stems: &mut Stems, judge: &mut Judge, res: &mut Vec<WordHit>) {
        res.clear();
        self.literal(query, res);
        let is_plain = self.plain_scripts & bit(query.script) != 0;
        let is_name = query.is_capital && !query.is_acronym;
        if !is_plain && !is_name {
            return;
        }
        let ways = (self.reads_latin && is_name).then_some(Ways { rules: &self.rules, names: &self.beginnings });
        stems.read(query.word, query.script, query.inflection, ways);
        if is_plain {
            self.plain(stems, res);
        }
        if is_name {
            self.names(query, stems, judge, res);
        }
    }

    fn literal(&self, query: &Query<'_>, res: &mut Vec<WordHit>) {
        let exact = |word, cut| {
            let closeness = if cut == 0 { Closeness::Exact } else { Closeness::Inflected };
            WordHit { word, found: Match { cost: 0, distance: 0, cut, closeness }, limit: 1, length: 1 }
        };
        if query.is_capital && !self.acronyms.is_empty() {
            if let Some(word) = self.acronyms.get(query.form) {
                res.push(exact(*word, 0));
            } else if let Some((head, tail)) = glued(query.form, query.inflection) {
                res.extend(self.acronyms.get(head).map(|it| exact(*it, tail.chars().count())));
            }
        }
        res.extend(self.letters.get(query.word).map(|it| exact(*it, 0)));
        if self.prefix_lengths != 0 {
            let ends = query.word.char_indices().map(|(at, _)| at).skip(1).chain([query.word.len()]);
            for (letters, end) in (1..60).zip(ends) {
                if letters >= MIN_PREFIX && self.prefix_lengths & 1 << letters != 0 {
                    let word = query.word.get(..end).and_then(|it| self.prefixes.get(it));
                    res.extend(word.map(|it| exact(*it, query.word.chars().count() - letters)));
                }
            }
        }
    }

    fn plain(&self, stems: &Stems, res: &mut Vec<WordHit>) {
        let mut letters = String::new();
        for stem in stems.all() {
            letters.clear();
            letters.extend(&stem.letters);
            for (word, is_stem) in self.plain.get(&letters).into_iter().flatten() {
                if (*is_stem == 0 || stem.cut > 0) && !res.iter().any(|it| it.word == *word) {
                    let closeness = if stem.cut == 0 { Closeness::Exact } else { Closeness::Inflected };
                    let found = Match { cost: stem.cost, distance: 0, cut: stem.cut, closeness };
                    res.push(WordHit { word: *word, found, limit: 10, length: letters.chars().count() });
                }
            }
        }
    }

    fn names(&self, query: &Query<'_>, stems: &Stems, judge: &mut Judge, res: &mut Vec<WordHit>) {
        let mut tried = Vec::new();
        for stem in stems.all() {
            tried.clear();
            judge.begin();
            for (at, variant) in self.by_letters.get(&stem.letters).into_iter().flatten() {
                self.compare(query, stem, (*at, *variant), judge, res);
                tried.push((*at, *variant));
            }
            if query.is_spelled {
                continue;
            }
            // A Latin word is read plainly for Latin names, which have all their readings, and in all ways for the others.
            let all_ways = if stem.lattice.is_some() { &stem.lattice_keys } else { &stem.keys };
            for key in &stem.keys {
                self.latin(query, stem, key, judge, &mut tried, res);
            }
            for key in all_ways {
                for entry in self.others.get(&key.hash()).into_iter().flatten() {
                    let Some((most, _)) = most(query, stem, entry) else { continue };
                    let script = entry.measure.script;
                    let costs = judge.costs(script, query.script);
                    let is_abjad = script == Script::Arabic || query.script == Script::Arabic;
                    if entry.key.least_cost(key, costs, is_abjad, most) <= most {
                        self.try_entry(query, stem, entry, judge, &mut tried, res);
                    }
                }
            }
        }
    }

    /// The names in Latin letters that have a key.
    fn latin(
        &self,
        query: &Query<'_>,
        stem: &Stem,
        key: &Key,
        judge: &mut Judge,
        tried: &mut Vec<(u32, u8)>,
        res: &mut Vec<WordHit>,
    ) {
        // Only the very letters of a name count, and those have been looked up.
        let is_short = query.script == Script::Arabic && stem.letters.len() < 3;
        let Some(entries) = self.latin.get(&key.hash()).filter(|_| !stem.needs_letters) else { return };
        let probe = Probe::new(key, judge.costs(Script::Latin, query.script), query.script == Script::Arabic);
        for entry in entries {
            // Two letters of Persian can be half of anything.
            if entry.is_stem && stem.cut == 0 || is_short && entry.measure.length > 3 {
                continue;
            }
            let Some((most, limit)) = most(query, stem, entry) else { continue };
            let costs = judge.costs(Script::Latin, query.script);
            if probe.least_cost(&entry.key, costs, most) > most || tried.contains(&(entry.name, entry.variant)) {
                continue;
            }
            tried.push((entry.name, entry.variant));
            let (start, len, nodes) = entry.steps;
            let edges = self.edges.get(start as usize..start as usize + usize::from(len)).unwrap_or_default();
            let readings = (entry.measure, Steps { edges, nodes: usize::from(nodes) });
            let found = judge.compare_sounds(readings, u16::from(entry.cost), stem, query.script, limit);
            if let Some(found) = found {
                let length = usize::from(entry.measure.length);
                best(WordHit { word: entry.number, found, limit, length }, res);
            }
        }
    }

    /// Compares what a key has found, unless that is done.
    fn try_entry(
        &self,
        query: &Query<'_>,
        stem: &Stem,
        entry: &Entry,
        judge: &mut Judge,
        tried: &mut Vec<(u32, u8)>,
        res: &mut Vec<WordHit>,
    ) {
        if !tried.contains(&(entry.name, entry.variant)) {
            tried.push((entry.name, entry.variant));
            self.compare(query, stem, (entry.name, entry.variant), judge, res);
        }
    }

    /// Compares a form of a name with a stem, and keeps the best of each name.
    fn compare(
        &self,
        query: &Query<'_>,
        stem: &Stem,
        (name, variant): (u32, u8),
        judge: &mut Judge,
        res: &mut Vec<WordHit>,
    ) {
        let Some((name, number)) = self.names.get(name as usize) else { return };
        let limit = limit(name.measure(), query.script, query.inflection);
        let Some(variant) = name.variants.get(usize::from(variant)) else { return };
        let Some(found) = judge.compare(name, variant, stem, query.script, limit) else { return };
        best(WordHit { word: *number, found, limit, length: name.length }, res);
    }
}

/// Adds a hit, or puts it in the place of a worse one on the same word of a term.
fn best(hit: WordHit, res: &mut Vec<WordHit>) {
    let rank = |it: &WordHit| (it.found.closeness, it.found.cost);
    match res.iter_mut().find(|it| it.word == hit.word) {
        Some(known) if rank(known) <= rank(&hit) => (),
        Some(known) => *known = hit,
        None => res.push(hit),
    }
}

/// The most that the sounds of a name may cost to be filed, and its limit; nothing where it can't be meant at all.
#[inline]
fn most(query: &Query<'_>, stem: &Stem, entry: &Entry) -> Option<(u16, u16)> {
    let limit = limit(entry.measure, query.script, query.inflection);
    let most = judge::most(limit, entry.measure.script == query.script, stem)?.checked_sub(u16::from(entry.cost))?;
    Some((most, limit))
}

/// An acronym and the ending that is glued to it: `NATOnun`, `ITPPs`.
fn glued(form: &str, inflection: Inflection) -> Option<(&str, &str)> {
    let at = form.char_indices().find(|(_, c)| !c.is_uppercase() && !c.is_numeric()).map(|(at, _)| at)?;
    let (head, tail) = (form.get(..at)?, form.get(at..)?);
    let is_ending = tail == "s" || inflection.endings().contains(&tail) || {
        let folded = crate::text::fold(tail);
        inflection.endings().contains(&folded.as_str())
    };
    (head.chars().nth(1).is_some() && is_ending).then_some((head, tail))
}

fn bit(script: Script) -> u8 {
    1 << script as u8
}

/// FNV-1a, eight bytes at a time where there are so many: words are short, and the keys come from the configuration, so that nobody can fill the map with collisions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_u64(&mut self, n: u64) {
        // One multiplication spreads the classes, which sit in the low bits, over the high bits that the map uses.
        let mixed = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
