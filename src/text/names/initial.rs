//! Given names of which a text has only the first letter: Н. Пашинян.

use std::sync::LazyLock;

use super::{
    Script,
    between::initials,
    context::is_given_name,
    letters::{self, Habit},
    line::{Word, are_joined},
    rules::Rules,
    sounds::{
        Costs,
        Sound::{self, D, Dj},
    },
    spelling::Lattice,
};

/// The most that two sounds may lie apart, in hundredths: Евгений is Yevgeny.
const NEAR: u16 = 35;

static COSTS: LazyLock<Costs> = LazyLock::new(|| Costs::new(true));

/// What a given name may begin with.
#[derive(Debug, Clone)]
pub(super) struct Initial {
    script: Script,
    letter: char,
    sounds: Vec<Sound>,
}

impl Initial {
    /// Of a folded given name.
    pub(super) fn of(name: &str, rules: &Rules) -> Option<Self> {
        let letters: Vec<char> = name.chars().collect();
        let letter = *letters.first()?;
        let script = Script::of(letter);
        Some(Self { script, letter, sounds: first_sounds(&letters, script, Habit::Usual, rules) })
    }

    /// Whether a letter of a text, or two that stand for one sound, may stand for the name.
    fn is_meant_by(&self, word: &Word<'_>, rules: &Rules) -> bool {
        let letters: Vec<char> = word.folded.chars().collect();
        if word.script == self.script && letters.first() == Some(&self.letter) {
            return true;
        }
        let may_be = |(a, b)| COSTS.of(a, b) <= NEAR || matches!((a, b), (Dj, D));
        let found = first_sounds(&letters, word.script, word.inflection.habit(), rules);
        self.sounds.iter().any(|a| found.iter().any(|b| may_be((*a, *b))))
    }
}

/// The sound that a word begins with; in Latin letters it may be several.
fn first_sounds(word: &[char], script: Script, habit: Habit, rules: &Rules) -> Vec<Sound> {
    let mut res = Vec::new();
    if script == Script::Latin {
        let lattice = Lattice::of_latin(word, None, rules);
        res.extend(lattice.edges.iter().filter(|it| it.from == 0).filter_map(|it| it.sound));
    } else {
        letters::sounds(word, script, habit, &mut res);
        res.truncate(1);
    }
    res
}

/// The words of a line from the initial to the surname, in either order, where the surname is the word at `at`: `Н. Пашинян`,
/// `Н. В. Пашинян`, `Пашинян Н. В.`; not what another given name stands before, whose second initial it is.
pub(super) fn with_surname(
    line: &str,
    words: &[Word<'_>],
    at: usize,
    given: &Initial,
    rules: &Rules,
) -> Option<(usize, usize)> {
    let joined =
        |a: usize, b: usize| matches!((words.get(a), words.get(b)), (Some(a), Some(b)) if are_joined(line, a, b));
    let has_stop =
        |it: usize| words.get(it).is_some_and(|it| line.get(it.span.end..).is_some_and(|rest| rest.starts_with('.')));
    let is_initial = |it: usize| initials(line, words.get(it..=it).unwrap_or_default()) == 1 && has_stop(it);
    let is_given = |it: usize| words.get(it).is_some_and(|it| given.is_meant_by(it, rules));
    let first = (0..at).rev().take(2).take_while(|it| is_initial(*it) && joined(*it, it + 1)).last();
    if let Some(first) = first {
        let before = first.checked_sub(1).filter(|it| joined(*it, first)).and_then(|it| words.get(it));
        let is_of_other = before.is_some_and(|it| it.is_capital && is_given_name(&it.folded));
        return (!is_of_other && is_given(first)).then_some((first, at));
    }
    let last = (at + 1..words.len()).take(2).take_while(|it| is_initial(*it) && joined(it - 1, *it)).last()?;
    let goes_on = words.get(last + 1).is_some_and(|it| it.is_capital && joined(last, last + 1) && !it.starts_sentence);
    (!goes_on && is_given(at + 1)).then_some((at, last))
}
