//! The set of terms that are looked for in one pass over a text. The time of a pass must hardly depend on how many
//! terms there are.

use std::{collections::HashMap, sync::OnceLock};

use super::{
    Closeness, MAX_TERM_BYTES, NameTerm, Script, Sighting,
    adjective::Adjective,
    announced::{BYLINE, CAPTION, is_weapon},
    chain::{begins_in_word, ends_in_word, goes_on, is_of_others, places},
    common::is_frequent,
    confirm::confirm_repeated,
    context::Context,
    designation,
    endings::Inflection,
    found::{Doubt, GivenName},
    given::is_of_nothing_else,
    index::{Building, Index, WordHit},
    initial::{self, Given},
    line::{
        Word, ending_after, is_everyday, is_everyday_plural, is_made_as_surname, is_space, is_spelled, is_spelled_on,
        one_of_two, surname, whole, words,
    },
    many,
    memo::{Kinds, Memo, recall},
    particles::is_article,
    pass::{Answer, Found, Frequent, Pass, is_only_frequent},
    rivals::Rivals,
    term::TermWord,
};

/// The terms that begin with the same word.
#[derive(Debug, Clone, Default)]
struct Terms {
    /// The terms of this word alone.
    alone: Vec<u32>,
    /// The others, each after its second word and in the order of these: a given name begins thousands of names.
    longer: Vec<(u32, u32)>,
    /// The names of two words of which this one is the surname, after the given name likewise.
    of_surname: Vec<(u32, u32)>,
    /// All names of a given name and this surname.
    after_initial: Vec<(u32, Given)>,
}

/// The terms with a word, of `all` in the order of words.
fn with_word(all: &[(u32, u32)], word: u32) -> impl Iterator<Item = u32> {
    let from = all.partition_point(|it| it.0 < word);
    let rest = all.get(from..).unwrap_or_default();
    rest.iter().take_while(move |it| it.0 == word).map(|it| it.1)
}

/// Many terms that are looked for in one pass over a text.
#[derive(Debug, Clone, Default)]
pub struct NameSet {
    /// The words of each term, by their numbers in the index.
    terms: Vec<Vec<u32>>,
    /// Terms by their first word.
    by_first: Vec<Terms>,
    /// Acronyms by their first letter, for those that a text writes with stops: their letters and the word's number.
    acronyms: HashMap<char, Vec<(Vec<char>, u32)>>,
    /// Each word of the terms, empty where it is no name, with its rivals: looked for when a text asks, since most
    /// words of ten thousand terms are never met.
    pub(super) names: Vec<(Box<str>, OnceLock<Rivals>)>,
    pub(super) index: Index,
    /// Whether some term has several words.
    has_phrases: bool,
    memo: Memo<Answer>,
    pub(super) context: Context,
}

impl NameSet {
    /// Makes a set; a term is known by its place in `terms` from here on.
    pub fn compile(terms: &[NameTerm]) -> Self {
        let mut res = Self::default();
        let mut index = Building::default();
        let mut numbers = HashMap::<&TermWord, u32>::new();
        for term in terms {
            let mut words = Vec::with_capacity(term.words.len());
            for word in &term.words {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let number = *numbers.entry(word).or_insert(next);
                if number == next {
                    index.add(word, number);
                    let name = if let TermWord::Name { word, .. } = word { word.as_str() } else { "" };
                    res.names.push((name.into(), OnceLock::new()));
                    res.by_first.push(Terms::default());
                    res.add_acronym(word, number);
                }
                words.push(number);
            }
            let index = u32::try_from(res.terms.len()).unwrap_or(u32::MAX);
            if let [first, rest @ ..] = words.as_slice()
                && let Some(it) = res.by_first.get_mut(*first as usize)
            {
                match rest {
                    [] => it.alone.push(index),
                    [second, rest @ ..] => {
                        res.has_phrases = true;
                        it.longer.push((*second, index));
                        // Bashar al-Assad is بشار اسد in many languages.
                        if let (Some(TermWord::Particle(particle)), [third, ..]) = (term.words.get(1), rest)
                            && is_article(particle)
                            && third != second
                        {
                            it.longer.push((*third, index));
                        }
                    }
                }
            }
            if let [given, surname] = words.as_slice()
                && term.is_full_name()
                && let Some(it) = res.by_first.get_mut(*surname as usize)
            {
                it.of_surname.push((*given, index));
            }
            res.terms.push(words);
        }
        for it in &mut res.by_first {
            it.longer.sort_unstable();
            it.of_surname.sort_unstable();
        }
        res.index = index.ready();
        res.add_initials(terms);
        res
    }

    fn add_initials(&mut self, terms: &[NameTerm]) {
        for (term, (index, words)) in terms.iter().zip((0..).zip(&self.terms)) {
            let given = term.shortened().map(Given::new);
            let surname = words.last().and_then(|it| self.by_first.get_mut(*it as usize));
            if let (Some(given), Some(surname)) = (given, surname) {
                surname.after_initial.push((index, given));
            }
        }
    }

    fn add_acronym(&mut self, word: &TermWord, number: u32) {
        if let TermWord::Acronym(word) = word {
            let letters: Vec<char> = word.chars().collect();
            if let [first, _, ..] = letters.as_slice() {
                self.acronyms.entry(*first).or_default().push((letters, number));
            }
        }
    }

    /// Everything of the set that stands in a text of a language, in the order of the text; a term is found across two
    /// lines only where the first is long enough to have been wrapped, ends in a word, and the other begins with one.
    /// Without the language, Cyrillic letters are read as Russian and Arabic ones as Persian, and of words in Latin
    /// letters only endings are cut off that make no other name of a name in any language.
    pub fn scan(&self, text: &str, language: Option<&str>) -> Vec<Sighting> {
        let mut pass = Pass::default();
        let mut res = Vec::new();
        let mut start = 0;
        let (mut before, mut across) = (0..0, Vec::new());
        for line in text.split_inclusive('\n') {
            if self.has_phrases {
                self.seam(text, before, line, language, &mut pass, &mut across);
            }
            self.line(line, start, language, &mut pass, &mut res);
            before = start..start + line.len();
            start += line.len();
        }
        if !across.is_empty() {
            res.append(&mut across);
            res.sort_by_key(|it| (it.span.start, it.term));
        }
        pass.doubt_first_words(text, &mut res);
        confirm_repeated(text, &mut res);
        res
    }

    /// Whether a word of a language sounds like one of the set, whatever else it means.
    pub(super) fn sounds_like(&self, word: &str, language: &str) -> bool {
        let Pass { mut stems, mut judge, mut found, .. } = Pass::default();
        let words = words(word, Some(language));
        words.iter().any(|it| {
            self.index.find(&it.query(), &mut stems, &mut judge, &mut found);
            found.iter().any(|it| it.found.closeness.is_sure())
        })
    }

    pub(super) fn line(
        &self,
        line: &str,
        start: usize,
        language: Option<&str>,
        pass: &mut Pass,
        res: &mut Vec<Sighting>,
    ) {
        let words = words(line, of_line(line, language));
        pass.hits.clear();
        pass.ends.clear();
        let mut memo = self.memo.lock();
        for (at, word) in words.iter().enumerate() {
            if !word.is_capital && word.script.has_capitals() {
                pass.note_small(&word.folded);
            }
            let before = at.checked_sub(1).and_then(|it| words.get(it)).filter(|_| words.len() <= CAPTION);
            let is_named = before.is_some_and(|it| {
                let is_byline = words.len() == BYLINE && !is_frequent(&it.folded, it.script);
                !word.script.has_capitals() && (is_byline || self.beside(it, pass).is_given)
            });
            let is_weapon = || is_weapon(line, word, at.checked_sub(1).and_then(|it| words.get(it)), words.get(at + 1));
            match is_named || word.script == Script::Arabic && is_weapon() {
                true => self.surname(word, 1, pass),
                false => self.word(word, 1, &mut memo, pass),
            }
            match words.get(at + 1).and_then(|after| whole(line, word, after)) {
                Some(it) if is_named => self.surname(&it, 2, pass),
                Some(it) => self.word(&it, 2, &mut memo, pass),
                None => {}
            }
            if let Some(surname) = words.get(at + 1).and_then(|after| surname(line, word, after)) {
                self.word(&surname, 2, &mut memo, pass);
            }
            let after = words.get(at + 1);
            if let Some(it) = after.and_then(|after| designation::of_two(line, word, after)) {
                self.word(&it, 2, &mut memo, pass);
            }
            if self.index.begins_in_persian(&word.folded)
                && let Some(it) = after.and_then(|after| one_of_two(line, word, after))
            {
                self.word(&it, 2, &mut memo, pass);
            }
            if let Some(adjective) = Adjective::of(line, &words, at) {
                self.adjective(word, &adjective, pass);
            }
            if let Some(stem) = many::stem(line, &words, at) {
                self.many(word, stem, pass);
            }
            pass.ends.push(pass.hits.len());
        }
        drop(memo);
        let from = res.len();
        let hits = std::mem::take(&mut pass.hits);
        let ends = std::mem::take(&mut pass.ends);
        let at_word = |at: usize| {
            let first = at.checked_sub(1).and_then(|it| ends.get(it)).copied().unwrap_or(0);
            hits.get(first..ends.get(at).copied().unwrap_or(first)).unwrap_or_default()
        };
        for at in 0..words.len() {
            for first in at_word(at) {
                self.chains(line, &words, (at, *first), &at_word, |term, chain| {
                    let is_surname_first =
                        self.terms.get(term as usize).and_then(|it| it.first()) != Some(&first.hit.word);
                    if is_only_frequent(chain) {
                        return;
                    }
                    if is_surname_first && is_of_others(line, &words, at..at + first.width) {
                        return;
                    }
                    if ends_in_word(line, &words, chain) {
                        return;
                    }
                    let mut sighting = self.sighting(line, &words, chain, pass);
                    sighting.term = term as usize;
                    if begins_in_word(line, &words, chain) {
                        sighting.closeness = Closeness::Weak;
                        sighting.doubt = Some(Doubt::Distant);
                    }
                    if is_surname_first {
                        sighting.given = GivenName::After;
                        sighting.closeness = sighting.closeness.max(Closeness::Inflected);
                    }
                    sighting.span = start + sighting.span.start..start + sighting.span.end;
                    // Another name may be nearer to the same word.
                    if let Some(is_distant) = pass.first_word {
                        pass.first_words.insert((sighting.span.start, sighting.term), is_distant);
                    }
                    res.push(sighting);
                });
                if first.frequent == Frequent::No {
                    self.with_initial(line, start, &words, (at, *first), pass, res);
                }
            }
            if !self.acronyms.is_empty() {
                self.dotted(line, &words, at, start, res);
            }
        }
        pass.hits = hits;
        pass.ends = ends;
        best_of_each(res, from);
    }

    /// Calls back for each term that begins with a hit, with the hits on its words; and for each name of which the hit
    /// is the surname, if the given name follows it, as in records and lists: Пашинян Никол. Georgian and Persian have
    /// no such order, and no capitals to recognise it by.
    fn chains<'h>(
        &self,
        line: &str,
        words: &[Word<'_>],
        first: (usize, Found),
        at_word: &impl Fn(usize) -> &'h [Found],
        mut tell: impl FnMut(u32, &[(usize, Found)]),
    ) {
        let Some(terms) = self.by_first.get(first.1.hit.word as usize) else { return };
        let is_half = first.1.width == 1 && words.get(first.0).is_some_and(|it| it.is_half);
        for term in terms.alone.iter().filter(|_| !is_half) {
            tell(*term, &[first]);
        }
        let after = first.0 + first.1.width;
        if !terms.of_surname.is_empty()
            && let Some([surname, given]) = words.get(after - 1..=after)
            && [surname, given].iter().all(|it| it.is_capital && it.script.has_capitals())
            && is_space(line, surname, given)
        {
            for second in at_word(after) {
                for term in with_word(&terms.of_surname, second.hit.word) {
                    tell(term, &[first, (after, *second)]);
                }
            }
        }
        if terms.longer.is_empty() {
            return;
        }
        for at in places(line, words, after).into_iter().flatten() {
            for second in at_word(at) {
                for term in with_word(&terms.longer, second.hit.word) {
                    let words_of = self.terms.get(term as usize).map(Vec::as_slice).unwrap_or_default();
                    let n_said = if words_of.get(1) == Some(&second.hit.word) { 2 } else { 3 };
                    let rest = words_of.get(n_said..).unwrap_or_default();
                    let mut chain = vec![first, (at, *second)];
                    if rest.iter().all(|it| goes_on(line, words, &mut chain, *it, at_word)) {
                        tell(term, &chain);
                    }
                }
            }
        }
    }

    /// Finds each name of which a hit is the surname, where the text has an initial for the given name.
    fn with_initial(
        &self,
        line: &str,
        start: usize,
        words: &[Word<'_>],
        surname: (usize, Found),
        pass: &mut Pass,
        res: &mut Vec<Sighting>,
    ) {
        let (at, Found { hit, width, .. }) = surname;
        let terms = self.by_first.get(hit.word as usize).map(|it| it.after_initial.as_slice()).unwrap_or_default();
        if terms.is_empty() || width > 1 {
            return;
        }
        let Some((initial, first, last)) = initial::beside(line, words, at) else { return };
        let (Some(first), Some(last)) = (words.get(first), words.get(last)) else { return };
        let mut found = self.sighting(line, words, &[surname], pass);
        found.given = GivenName::Initial;
        found.closeness = found.closeness.max(Closeness::Inflected);
        found.span = start + first.span.start..start + last.span.end;
        let meant = terms.iter().filter(|(_, given)| given.has(initial));
        res.extend(meant.map(|(term, _)| Sighting { term: *term as usize, ..found.clone() }));
    }

    /// Finds what a word of a line, or a surname in two words, may be.
    fn word(&self, word: &Word<'_>, width: usize, memo: &mut Kinds<Answer>, pass: &mut Pass) {
        let query = word.query();
        // Longer than any term; not worth remembering.
        if word.form.len() > MAX_TERM_BYTES || !self.index.may_find(&query) {
            return;
        }
        let found = |hit: &WordHit, is_everyday| Found { hit: *hit, is_everyday, frequent: Frequent::No, width };
        // Two look-ups say all of it, and there are too many of these words to remember.
        if !self.index.reads(&query) {
            self.index.find(&query, &mut pass.stems, &mut pass.judge, &mut pass.found);
            let Pass { found: all, hits, .. } = pass;
            hits.extend(all.iter().map(|it| found(it, is_everyday(word, it.found.cut))));
            return;
        }
        let answer = recall(memo, &query, || {
            self.index.find(&query, &mut pass.stems, &mut pass.judge, &mut pass.found);
            let mut last = None;
            pass.found.iter().map(|it| (*it, everyday(word, it.found.cut, &mut last))).collect()
        });
        // The most frequent words are names only where they are spelled so, or where a given name begins a longer one:
        // محمد باقر قالیباف.
        let is_frequent = !answer.is_empty() && is_frequent(&word.folded, word.script);
        let is_given = is_frequent && is_of_nothing_else(&word.folded);
        let rank = |hit: &WordHit| match (is_frequent && hit.found.closeness > Closeness::Inflected, is_given) {
            (false, _) => Frequent::No,
            (true, true) => Frequent::Given,
            (true, false) => Frequent::Word,
        };
        let hits = answer.iter().map(|(hit, is_everyday)| Found { frequent: rank(hit), ..found(hit, *is_everyday) });
        pass.hits.extend(hits);
    }

    /// What a word may be that stands right after a given name in a line of a few words, or is the second of two: there
    /// the most frequent words are names too.
    fn surname(&self, word: &Word<'_>, width: usize, pass: &mut Pass) {
        if word.form.len() > MAX_TERM_BYTES {
            return;
        }
        self.index.find(&word.query(), &mut pass.stems, &mut pass.judge, &mut pass.found);
        let Pass { found, hits, .. } = pass;
        hits.extend(found.iter().map(|it| Found {
            hit: *it,
            is_everyday: is_everyday(word, it.found.cut),
            frequent: Frequent::No,
            width,
        }));
    }

    /// An acronym that is written with stops or spaces: `I.T.P.P.`, `I T P P`.
    fn dotted(&self, line: &str, words: &[Word<'_>], at: usize, start: usize, res: &mut Vec<Sighting>) {
        let letter = |it: &Word<'_>| {
            let mut letters = it.form.chars();
            letters.next().filter(|_| letters.next().is_none())
        };
        let Some(first) = words.get(at).filter(|it| it.is_capital).and_then(letter) else { return };
        let is_inner = at > 0
            && words
                .get(at - 1..=at)
                .is_some_and(|it| matches!(it, [a, b] if letter(a).is_some() && is_spelled(line, a, b)));
        for (letters, number) in self.acronyms.get(&first).into_iter().flatten() {
            let Some(found) = words.get(at..at + letters.len()) else { continue };
            let is_same = found.iter().zip(letters).all(|(word, c)| letter(word) == Some(*c));
            let is_spelled = found.windows(2).all(|it| matches!(it, [a, b] if is_spelled(line, a, b)));
            let is_longer = words.get(at + letters.len()).is_some_and(|next| {
                letter(next).is_some_and(char::is_uppercase)
                    && found.last().is_some_and(|it| is_spelled_on(line, it, next))
            });
            if !is_same || !is_spelled || is_longer || is_inner {
                continue;
            }
            let end = found.last().map_or(0, |it| it.span.end);
            let begin = found.first().map_or(0, |it| it.span.start);
            let terms = self.by_first.get(*number as usize).into_iter().flat_map(|it| &it.alone);
            res.extend(terms.map(|term| Sighting {
                term: *term as usize,
                span: start + begin..start + end,
                closeness: Closeness::Exact,
                score: 1.0,
                ending: None,
                given: GivenName::default(),
                doubt: None,
            }));
        }
    }

    /// Combines the hits on the words of a term into a sighting.
    fn sighting(&self, line: &str, words: &[Word<'_>], chain: &[(usize, Found)], pass: &mut Pass) -> Sighting {
        pass.first_word = None;
        let mut res = Sighting {
            term: 0,
            span: 0..0,
            closeness: Closeness::Exact,
            score: 1.0,
            ending: None,
            given: GivenName::default(),
            doubt: None,
        };
        let (mut cost, mut length) = (0.0, 0.0);
        for (at, Found { hit, width, .. }) in chain {
            let Some(word) = words.get(at + width - 1) else { continue };
            res.closeness = res.closeness.max(hit.found.closeness);
            cost += f32::from(hit.found.cost);
            length += 100.0 * u16::try_from(hit.length).map_or(1.0, f32::from);
            if hit.found.cut > 0 {
                let skipped = word.folded.chars().count().saturating_sub(hit.found.cut);
                res.ending = Some(word.folded.chars().skip(skipped).collect());
            } else if let Some(tail) = word.tail.clone().or_else(|| ending_after(line, word, words.get(at + width))) {
                res.closeness = res.closeness.max(Closeness::Inflected);
                res.ending = Some(tail);
            }
        }
        let is_another =
            |(at, found): &(usize, Found)| self.is_another(line, words, *at, found, chain.len() == 1, pass);
        if chain.iter().any(is_another) {
            res.closeness = Closeness::Weak;
        }
        if res.closeness == Closeness::Weak {
            res.doubt = Some(Doubt::Distant);
        }
        let (first, last) = (chain.first().map_or(0, |it| it.0), chain.last().map_or(0, |it| it.0 + it.1.width - 1));
        res.span = words.get(first).map_or(0, |it| it.span.start)..words.get(last).map_or(0, |it| it.span.end);
        res.score = (1.0 - cost / length).max(0.0);
        if let [(_, found)] = chain
            && self.is_everyday_word(line, words, first, found, &res, pass)
        {
            res.closeness = Closeness::Weak;
            res.doubt = Some(Doubt::Everyday);
        }
        if let [(_, found)] = chain
            && res.closeness == Closeness::Respelled
            && words.len() > CAPTION
            && words
                .get(first)
                .is_some_and(|it| it.script == Script::Arabic && (found.is_everyday || !is_made_as_surname(&it.folded)))
            && !self.is_announced(line, words, first, pass)
        {
            res.closeness = Closeness::Weak;
            res.doubt = Some(Doubt::Unconfirmed);
        }
        if let ([(at, Found { hit, .. })], Closeness::Transliterated | Closeness::Respelled) = (chain, res.closeness) {
            let has_capitals = |it: &&Word<'_>| it.script.has_capitals();
            let word = words.get(*at).filter(has_capitals);
            let is_first = word.is_some_and(|it| it.starts_sentence || it.in_capitals);
            // A name alone, or before another name, begins no sentence.
            let goes_on = words.get(at + 1).is_some_and(|it| it.in_capitals || !it.is_capital);
            if is_first && goes_on {
                pass.first_word = Some(hit.found.distance * 2 > hit.limit);
            }
        }
        res
    }
}

/// The language of a line, if it can be that of its text. In an English text, a quoted headline from Baku or Ankara is
/// of no known language.
fn of_line<'l>(line: &str, language: Option<&'l str>) -> Option<&'l str> {
    let is_turkic = || line.contains(['ə', 'Ə', 'ı', 'İ', 'ğ', 'Ğ']);
    language.filter(|it| !Inflection::inflects_hardly(it) || line.is_ascii() || !is_turkic())
}

/// As [`is_everyday`], asked again only where another ending was cut.
fn everyday(word: &Word<'_>, cut: usize, last: &mut Option<(usize, bool)>) -> bool {
    match *last {
        Some((known, res)) if known == cut => res,
        _ => last.insert((cut, is_everyday(word, cut) || is_everyday_plural(word))).1,
    }
}

/// Keeps the surest of several sightings of one term at one place, and sorts them by place; those before `from` are
/// sorted already.
fn best_of_each(res: &mut Vec<Sighting>, from: usize) {
    let mut new = res.split_off(from.min(res.len()));
    new.sort_by(|a, b| {
        let key = |it: &Sighting| (it.span.start, it.term, it.closeness);
        key(a).cmp(&key(b)).then(b.score.total_cmp(&a.score))
    });
    new.dedup_by_key(|it| (it.span.start, it.term));
    res.append(&mut new);
}
