//! Finds which of all terms' words a word of a text may be, without comparing it with each.

use crate::text::fnv::{Map, Set};

use super::{
    Closeness, Script, designation,
    dropped::Behind,
    endings::Inflection,
    given::{is_made_of_one, other_forms},
    judge::{self, Judge, Match, limit},
    key::{Beginnings, Key, Probe},
    letters::{ascii, unmarked},
    line::PART,
    name::{Name, UNMARKED, plain_forms, spelled_forms},
    of_others,
    packed::{Form, Gathering, Named, Reading, Readings},
    particles,
    rules::Rules,
    sounds::Abjad,
    spelling::{Edge, Steps},
    stems::{Depth, Stem, Stems, Ways, is_heard},
    term::{MIN_PREFIX, Place, TermWord},
};

/// The properties of a word of a text that matter for finding it.
#[derive(Debug, Clone, Copy)]
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
    /// Whether a name is found by its letters only, not by its sound.
    pub(super) is_spelled: bool,
}

/// A word of a term for which a word of a text was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordHit {
    /// The number of the word.
    pub(super) word: u32,
    pub(super) found: Match,
    /// The maximum cost allowed, in hundredths.
    pub(super) limit: u16,
    /// The sounds of the name.
    pub(super) length: usize,
    /// Whether the word is a given name of Persian, or a surname made of one, that the name only resembles.
    pub(super) is_other_name: bool,
}

/// A form of a word that is found by its letters.
#[derive(Debug, Clone, Copy)]
struct Plain {
    number: u32,
    behind: Behind,
    /// Whether it may be a name.
    is_name: bool,
}

/// The words of terms; a word is known by its number.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    names: Vec<(Name, u32)>,
    /// The steps of the readings of all names in Latin letters, one after the other.
    edges: Vec<Edge>,
    /// The readings of names in Latin letters.
    latin: Readings,
    /// The readings of names in the other scripts.
    others: Readings,
    /// The beginnings of the keys of these names.
    beginnings: Beginnings,
    /// Names and their forms by their letters.
    by_letters: Map<Vec<char>, Vec<(u32, u8)>>,
    plain: Map<String, Vec<Plain>>,
    /// Names that are found by their letters, each form with the kind of endings that may follow it.
    spelled: Map<String, Vec<(u32, Behind)>>,
    /// Scripts that some plain word is in; see [`bit`].
    plain_scripts: u8,
    acronyms: Map<String, u32>,
    /// Whether some of these begin with no capital: 5G, or a word in small letters whose case counts.
    has_small_acronyms: bool,
    letters: Map<String, u32>,
    prefixes: Map<String, u32>,
    /// Bit n is set where some prefix has n letters.
    prefix_lengths: u64,
    /// The beginnings of names in Arabic letters.
    in_persian: Set<String>,
    /// Whether some name is in another script than Latin, so that Latin words are read in all ways.
    reads_latin: bool,
    rules: Rules,
}

/// An index that is being made.
#[derive(Debug, Default)]
pub(super) struct Building {
    index: Index,
    latin: Gathering,
    others: Gathering,
}

impl Building {
    /// The index of all that was added.
    pub(super) fn ready(self) -> Index {
        Index { latin: self.latin.ready(), others: self.others.ready(), ..self.index }
    }

    /// Adds a word of a term under a number.
    pub(super) fn add(&mut self, word: &TermWord, number: u32) {
        if let TermWord::Name { word, .. } | TermWord::Spelled(word) | TermWord::Plain(word) = word
            && word.starts_with(|c| Script::of(c) == Script::Arabic)
        {
            self.index.in_persian.extend(beginnings(word).map(str::to_owned));
        }
        match word {
            TermWord::Name { word, is_loose, place } => {
                let in_phrase = *place != Place::Alone;
                if in_phrase && word.starts_with(|c| Script::of(c).has_capitals()) {
                    self.add_plain(word, number, true);
                }
                // The words of a phrase confirm each other.
                let looseness = match (*is_loose, in_phrase) {
                    (true, _) => 4,
                    (_, true) => 2,
                    _ => 0,
                };
                // Beside a surname, a given name also matches in its other forms.
                for form in other_forms(word).iter().filter(|_| *place == Place::Phrase) {
                    if let Some(name) = Name::new(form, looseness, &self.index.rules) {
                        self.add_name(name, number);
                    }
                }
                match Name::new(word, looseness, &self.index.rules) {
                    Some(name) => self.add_name(name, number),
                    None => _ = self.index.letters.insert(word.clone(), number),
                }
            }
            TermWord::Plain(word) => self.add_plain(word, number, false),
            TermWord::Particle(word) => {
                self.add_plain(word, number, false);
                particles::others(word).for_each(|it| self.add_plain(it, number, false));
            }
            TermWord::Spelled(word) => {
                for (form, behind) in spelled_forms(word) {
                    self.index.spelled.entry(form).or_default().push((number, behind));
                }
            }
            TermWord::Acronym(word) => {
                self.index.has_small_acronyms |= !word.starts_with(char::is_uppercase);
                self.index.acronyms.insert(word.clone(), number);
            }
            TermWord::Letters(word) => _ = self.index.letters.insert(word.clone(), number),
            TermWord::Prefix(word) => {
                self.index.prefix_lengths |= 1 << word.chars().count().min(63);
                self.index.prefixes.insert(word.clone(), number);
            }
        }
    }

    fn add_plain(&mut self, word: &str, number: u32, is_name: bool) {
        self.index.plain_scripts |= bit(word.chars().next().map_or(Script::Other, Script::of));
        for (form, behind) in plain_forms(word) {
            self.index.plain.entry(form).or_default().push(Plain { number, behind, is_name });
        }
    }

    fn add_name(&mut self, name: Name, number: u32) {
        let index = u32::try_from(self.index.names.len()).unwrap_or(u32::MAX);
        self.index.reads_latin |= name.script != Script::Latin;
        let by_key = if name.script == Script::Latin { &mut self.latin } else { &mut self.others };
        for (at, variant) in name.variants.iter().enumerate() {
            let at = u8::try_from(at).unwrap_or(u8::MAX);
            self.index.by_letters.entry(variant.letters.clone()).or_default().push((index, at));
            let narrow = |it: usize| u16::try_from(it).unwrap_or(u16::MAX);
            let lattice = &variant.lattice;
            let start = u32::try_from(self.index.edges.len()).unwrap_or(u32::MAX);
            let steps = (start, narrow(lattice.edges.len()), narrow(lattice.nodes));
            if name.script == Script::Latin {
                self.index.edges.extend_from_slice(&lattice.edges);
            }
            // A find by a less usual reading than this is too far off in any text.
            let widest = judge::widest(name.measure());
            for key in name.keys(variant).into_iter().filter(|it| u16::from(it.unusual()) <= widest) {
                if name.script != Script::Latin {
                    self.index.beginnings.add(&key);
                }
                let form = Form {
                    measure: name.measure(),
                    behind: variant.behind,
                    cost: u8::try_from(variant.cost).unwrap_or(u8::MAX),
                };
                by_key.add(&key, form, Named { name: index, variant: at, number, steps });
            }
        }
        self.index.names.push((name, number));
    }
}

/// What is found by the letters of a stem.
fn by_letters(word: u32, stem: &Stem, letters: &str) -> WordHit {
    let closeness = if stem.cut == 0 { Closeness::Exact } else { Closeness::Inflected };
    let found = Match { cost: stem.cost, distance: 0, cut: stem.cut, closeness };
    WordHit { word, found, limit: 10, length: letters.chars().count(), is_other_name: false }
}

impl Index {
    /// Whether a word of this kind can be found at all; most words of a text cannot.
    #[inline]
    pub(super) fn may_find(&self, query: &Query<'_>) -> bool {
        self.reads(query) || self.has_small_acronyms || !self.letters.is_empty() || !self.prefixes.is_empty()
    }

    /// Whether some name in Arabic letters begins with a folded word.
    pub(super) fn begins_in_persian(&self, word: &str) -> bool {
        !self.in_persian.is_empty() && self.in_persian.contains(word)
    }

    /// Whether a word of this kind is read for what it may be, and not only looked up as it stands.
    #[inline]
    pub(super) fn reads(&self, query: &Query<'_>) -> bool {
        query.is_capital || self.plain_scripts & bit(query.script) != 0
    }

    /// The words of terms that a word of a text may be, each once.
    pub(super) fn find(&self, query: &Query<'_>, stems: &mut Stems, judge: &mut Judge, res: &mut Vec<WordHit>) {
        res.clear();
        self.literal(query, res);
        let is_plain = self.plain_scripts & bit(query.script) != 0;
        let is_name = query.is_capital && (!query.is_acronym || query.is_spelled);
        let is_spelled = query.is_capital && !self.spelled.is_empty();
        if !is_plain && !is_name && !is_spelled {
            return;
        }
        let ways = self.reads_latin.then_some(Ways { rules: &self.rules, names: &self.beginnings });
        let depth = if is_name { Depth::Sounds(ways) } else { Depth::Letters };
        stems.read(query.word, query.script, query.inflection, depth);
        if is_plain {
            self.plain(query, stems, res);
        }
        if is_spelled {
            self.spelled(query, stems, res);
        }
        if is_name {
            self.names(query, stems, judge, res);
        }
    }

    fn literal(&self, query: &Query<'_>, res: &mut Vec<WordHit>) {
        let exact = |word, cut| {
            let closeness = if cut == 0 { Closeness::Exact } else { Closeness::Inflected };
            let found = Match { cost: 0, distance: 0, cut, closeness };
            WordHit { word, found, limit: 1, length: 1, is_other_name: false }
        };
        if (query.is_capital || self.has_small_acronyms) && !self.acronyms.is_empty() {
            if let Some(word) = self.acronyms.get(query.form) {
                res.push(exact(*word, 0));
            } else if let Some((head, tail)) = glued(query.form, query.inflection) {
                res.extend(self.acronyms.get(head).map(|it| exact(*it, tail.chars().count())));
            }
        }
        let whole = self.letters.get(query.word).map(|it| exact(*it, 0));
        let without_ending = || {
            let head = designation::without_ending(query.form, query.word, query.inflection)?;
            let cut = query.word.get(head.len()..)?.chars().count();
            self.letters.get(head).map(|it| exact(*it, cut))
        };
        if !self.letters.is_empty() {
            res.extend(whole.or_else(without_ending));
        }
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

    fn plain(&self, query: &Query<'_>, stems: &Stems, res: &mut Vec<WordHit>) {
        let (mut letters, mut room) = (String::new(), Vec::new());
        for stem in stems.all() {
            letters.clear();
            letters.extend(&stem.letters);
            let Some(words) = self.plain.get(&letters) else { continue };
            if !is_heard(&stem.letters, query.script, query.inflection, &mut room) {
                continue;
            }
            for Plain { number, behind, is_name } in words {
                let is_stem = !behind.is_whole();
                // With a capital letter, Ермаков is a name of its own in a phrase too.
                let is_other = stem.makes_names && *is_name && !is_stem && query.is_capital;
                // Of words of everyday language adjectives have three genders, whichever was written, and neuters lose
                // their vowel.
                let is_strict =
                    *is_name && !matches!(behind, Behind::WithoutO | Behind::WithoutE | Behind::WithoutNeuter);
                let fits = if is_strict { stem.fits.has(*behind) } else { !is_stem || stem.cut > 0 };
                if fits && !is_other && !res.iter().any(|it| it.word == *number) {
                    res.push(by_letters(*number, stem, &letters));
                }
            }
        }
    }

    fn spelled(&self, query: &Query<'_>, stems: &Stems, res: &mut Vec<WordHit>) {
        let mut letters = String::new();
        let is_out = |it: &Stem| it.makes_names || it.cut > 0 && of_others::ends_no_place(query, it.cut);
        for stem in stems.all().iter().filter(|it| !is_out(it)) {
            letters.clear();
            letters.extend(&stem.letters);
            for (number, behind) in self.spelled.get(&letters).into_iter().flatten() {
                // What is left of a short one without its vowel is half of anything: гора is a hill and not of Гори.
                let is_short = *behind == Behind::WithoutPlural && stem.cut == 1 && stem.letters.len() < MIN_STEM;
                if !is_short && stem.fits.has(*behind) && !res.iter().any(|it| it.word == *number) {
                    res.push(by_letters(*number, stem, &letters));
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
            // Stems that must match by letters were looked up already.
            if query.is_spelled || stem.needs_letters {
                continue;
            }
            // A Latin word is read plainly for Latin names, which have all their readings, and in all ways for the
            // others.
            let all_ways = if stem.lattice.is_some() { &stem.lattice_keys } else { &stem.keys };
            for key in &stem.keys {
                self.latin(query, stem, key, judge, &mut tried, res);
            }
            for key in all_ways {
                for reading in self.others.of(key) {
                    let Some((most, _)) = most(query, stem, reading.form) else { continue };
                    let script = reading.form.measure.script;
                    let costs = judge.costs(script, query.script);
                    if reading.key.least_cost(key, costs, Abjad::of(script, query.script), most) <= most {
                        self.try_reading(query, stem, reading.name, judge, &mut tried, res);
                    }
                }
            }
        }
        if query.script == Script::Latin {
            self.without_marks(query, stems, judge, res);
        }
        if is_made_of_one(query.word, query.script) {
            self.mark_others(stems, judge, res);
        }
        // Women's surnames keep the vowel that makes them of a man's: Əliyevə, ალიევის and Ալիևը are of Aliyev.
        if of_others::ends_as_mans(query) {
            res.retain(|it| it.found.closeness <= Closeness::Inflected || !self.is_of_woman(it.word));
        }
        // Surnames in -ov and -ev end in f in Persian: علوی is of a family of Iran, and no Aliyev.
        if query.script == Script::Arabic && query.word.ends_with("وی") {
            res.retain(|it| it.found.closeness <= Closeness::Inflected || !self.is_of_ov(it.word));
        }
    }

    /// The names that match a word without the marks on its letters: Şimşek is Simsek.
    fn without_marks(&self, query: &Query<'_>, stems: &Stems, judge: &mut Judge, res: &mut Vec<WordHit>) {
        for stem in stems.all() {
            let letters: Vec<char> = stem.letters.iter().map(|it| ascii(unmarked(*it))).collect();
            let Some(found) = self.by_letters.get(&letters).filter(|_| letters != stem.letters) else { continue };
            let stem = Stem { letters, cost: stem.cost + UNMARKED, ..stem.clone() };
            for (at, variant) in found {
                self.compare(query, &stem, (*at, *variant), judge, res);
            }
        }
    }

    /// Whether a word of a term ends as Russian surnames in -ov and -ev do.
    fn is_of_ov(&self, word: u32) -> bool {
        self.is_any(word, |it| matches!(it, [.., 'o' | 'e', 'v'] | [.., 'о' | 'е', 'в'] | [.., 'ո' | 'ե', 'վ' | 'ւ']))
    }

    /// Whether it ends as those of women do, in -ova and -eva.
    fn is_of_woman(&self, word: u32) -> bool {
        self.is_any(word, |it| {
            matches!(
                it,
                [.., 'o' | 'e', 'v', 'a']
                    | [.., 'о' | 'е', 'в', 'а']
                    | [.., 'ო' | 'ე', 'ვ', 'ა']
                    | [.., 'ո' | 'ե', 'վ' | 'ւ', 'ա']
            )
        })
    }

    /// Whether the letters of a word of a term, or of another form of it, are such.
    fn is_any(&self, word: u32, is_such: impl Fn(&[char]) -> bool) -> bool {
        let from = self.names.partition_point(|it| it.1 < word);
        let mut names = self.names.iter().skip(from).take_while(|it| it.1 == word);
        names.any(|it| it.0.variants.first().is_some_and(|it| is_such(&it.letters)))
    }

    /// Marks names that a Persian given name, or a surname made of one, only resembles: یوسف and یوسفی are no Yusov,
    /// but they are Юсиф and Юсифи.
    fn mark_others(&self, stems: &Stems, judge: &Judge, res: &mut [WordHit]) {
        let Some(whole) = stems.all().first().filter(|it| it.cut == 0) else { return };
        for hit in res.iter_mut().filter(|it| it.found.closeness == Closeness::Respelled) {
            // Names stand in the order of their numbers.
            let from = self.names.partition_point(|it| it.1 < hit.word);
            let mut names = self.names.iter().skip(from).take_while(|it| it.1 == hit.word);
            hit.is_other_name = !names.any(|it| judge.is_written(&it.0, &whole.heard.sounds));
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
        let is_short = query.script == Script::Arabic && stem.letters.len() < 3;
        let probe = Probe::new(key, judge.costs(Script::Latin, query.script), query.script == Script::Arabic);
        for Reading { form, key, name } in self.latin.of(key) {
            // Two letters of Persian can be half of anything.
            if !stem.fits.has(form.behind) || is_short && form.measure.length > 3 {
                continue;
            }
            let Some((most, limit)) = most(query, stem, form) else { continue };
            let costs = judge.costs(Script::Latin, query.script);
            if probe.least_cost(&key, costs, most) > most || tried.contains(&(name.name, name.variant)) {
                continue;
            }
            tried.push((name.name, name.variant));
            let (start, len, nodes) = name.steps;
            let edges = self.edges.get(start as usize..start as usize + usize::from(len)).unwrap_or_default();
            let readings = (form.measure, Steps { edges, nodes: usize::from(nodes) });
            let found = judge.compare_sounds(readings, u16::from(form.cost), stem, query.script, limit);
            if let Some(found) = found {
                let length = usize::from(form.measure.length);
                best(WordHit { word: name.number, found, limit, length, is_other_name: false }, res);
            }
        }
    }

    /// Compares a name found by its key, unless that was done.
    fn try_reading(
        &self,
        query: &Query<'_>,
        stem: &Stem,
        name: &Named,
        judge: &mut Judge,
        tried: &mut Vec<(u32, u8)>,
        res: &mut Vec<WordHit>,
    ) {
        if !tried.contains(&(name.name, name.variant)) {
            tried.push((name.name, name.variant));
            self.compare(query, stem, (name.name, name.variant), judge, res);
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
        best(WordHit { word: *number, found, limit, length: name.length, is_other_name: false }, res);
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

/// The maximum cost of a name's sounds for it to be filed, and its limit; `None` if the name cannot be meant at all.
#[inline]
fn most(query: &Query<'_>, stem: &Stem, form: Form) -> Option<(u16, u16)> {
    let limit = limit(form.measure, query.script, query.inflection);
    let most = judge::most(limit, form.measure.script == query.script, stem)?.checked_sub(u16::from(form.cost))?;
    Some((most, limit))
}

/// The beginnings of a word that may be a word by themselves, as that of قره‌باغ is.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices().skip(PART).filter_map(|(at, _)| word.get(..at))
}

/// An acronym and the ending or number that is glued to it: `NATOnun`, `ITPPs`, `ITPP2024`.
fn glued(form: &str, inflection: Inflection) -> Option<(&str, &str)> {
    let head = form.trim_end_matches(char::is_numeric);
    if head.len() < form.len() {
        return (head.chars().nth(1).is_some()).then(|| form.split_at_checked(head.len())).flatten();
    }
    let at = form.char_indices().find(|(_, c)| !c.is_uppercase() && !c.is_numeric()).map(|(at, _)| at)?;
    let (head, tail) = (form.get(..at)?, form.get(at..)?);
    head.chars().nth(1)?;
    let is_ending = inflection.ends_acronym(tail) || inflection.ends_acronym(&crate::text::fold(tail));
    is_ending.then_some((head, tail))
}

/// The fewest letters of a place whose last vowel a short ending may take.
const MIN_STEM: usize = 4;

fn bit(script: Script) -> u8 {
    1 << script as u8
}
