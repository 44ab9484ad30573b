//! Given names of which a text has only the first letter: Н. Пашинян.

use std::sync::LazyLock;

use super::{
    Script,
    between::is_initial,
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

/// The most that two sounds may lie apart, in hundredths: Евгений is Yevgeny. A surname stands beside them that says more.
const NEAR: u16 = 35;

/// The most initials that one name has in a row: of the given name and of the father's.
const MAX_INITIALS: usize = 2;

/// As between Armenian and the others, whose stops are spelled across each other: the most that may be meant.
static COSTS: LazyLock<Costs> = LazyLock::new(|| Costs::new(true));

/// What a name begins with.
#[derive(Debug, Clone)]
pub(super) struct Initial {
    letter: char,
    /// In Latin letters it may be several.
    sounds: Vec<Sound>,
}

impl Initial {
    /// Of a folded name, or of the letter or two that a text has of one.
    pub(super) fn of(name: &str, habit: Habit, rules: &Rules) -> Option<Self> {
        let letters: Vec<char> = name.chars().collect();
        let letter = *letters.first()?;
        let mut sounds = Vec::new();
        match Script::of(letter) {
            Script::Latin => {
                let lattice = Lattice::of_latin(&letters, None, rules);
                sounds.extend(lattice.edges.iter().filter(|it| it.from == 0).filter_map(|it| it.sound));
            }
            script => {
                letters::sounds(&letters, script, habit, &mut sounds);
                sounds.truncate(1);
            }
        }
        Some(Self { letter, sounds })
    }

    /// Whether what a text has may stand for this name.
    pub(super) fn may_be(&self, written: &Self) -> bool {
        // Джейхун has Д. as well as Дж.
        let are_near = |(a, b)| COSTS.of(a, b) <= NEAR || matches!((a, b), (Dj, D));
        self.letter == written.letter || self.sounds.iter().any(|a| written.sounds.iter().any(|b| are_near((*a, *b))))
    }
}

/// The initial beside the surname at `at`, and the first and last word of both together: `Н. Пашинян`, `Н. В. Пашинян`,
/// `Пашинян Н. В.`; none that another given name stands before, whose second initial it is.
pub(super) fn beside(line: &str, words: &[Word<'_>], at: usize, rules: &Rules) -> Option<(Initial, usize, usize)> {
    let joined =
        |a: usize, b: usize| matches!((words.get(a), words.get(b)), (Some(a), Some(b)) if are_joined(line, a, b));
    let is_stopped = |at: usize| {
        let word = words.get(at).filter(|it| is_initial(line, it));
        word.and_then(|it| line.get(it.span.end..)).is_some_and(|it| it.starts_with('.'))
    };
    let initial = |at: usize| words.get(at).and_then(|it| Initial::of(&it.folded, it.inflection.habit(), rules));
    let before = (0..at).rev().take(MAX_INITIALS);
    if let Some(first) = before.take_while(|it| is_stopped(*it) && joined(*it, it + 1)).last() {
        let word = first.checked_sub(1).filter(|it| joined(*it, first)).and_then(|it| words.get(it));
        let is_second = word.is_some_and(|it| it.is_capital && is_given_name(&it.folded));
        return initial(first).filter(|_| !is_second).map(|it| (it, first, at));
    }
    let after = (at + 1..words.len()).take(MAX_INITIALS);
    let last = after.take_while(|it| is_stopped(*it) && joined(it - 1, *it)).last()?;
    let is_of_next =
        words.get(last + 1).is_some_and(|it| it.is_capital && joined(last, last + 1) && !it.starts_sentence);
    initial(at + 1).filter(|_| !is_of_next).map(|it| (it, at, last))
}
