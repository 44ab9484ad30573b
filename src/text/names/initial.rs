//! Given names of which a text has only an initial: Н. Пашинян.

use super::{
    Script, beginnings,
    between::is_initial,
    context::is_given_name,
    letters::{ascii, unmarked},
    line::{Word, are_joined},
};

/// Maximum initials in a row of one name: of the given name and of the father's.
const MAX_INITIALS: usize = 2;

/// A given name, prepared for comparison with an initial.
#[derive(Debug, Clone)]
pub(super) struct Given {
    script: Script,
    /// Its spellings in its script, folded.
    spellings: Vec<String>,
    beginning: &'static [&'static str],
}

impl Given {
    /// Prepares a folded name.
    pub(super) fn new(name: &str) -> Self {
        let script = name.chars().next().map_or(Script::Other, Script::of);
        let mut spellings = beginnings::spellings(name);
        spellings.extend(beginnings::spellings(&plain(name)));
        // As outlets without these letters write it.
        spellings.push(name.chars().map(|it| ascii(unmarked(it))).collect());
        Self { script, spellings, beginning: beginnings::of_name(name) }
    }

    /// Whether an initial may stand for it: by letter in its own script, where А. is no Павел however similar the
    /// sounds, and in another script by what the letters correspond to.
    pub(super) fn has(&self, initial: &str) -> bool {
        let script = initial.chars().next().map_or(Script::Other, Script::of);
        let initial = plain(initial);
        match script == self.script {
            true => self.spellings.iter().any(|it| it.starts_with(&initial)),
            false => beginnings::of_initial(&initial).any(|it| self.beginning.contains(&it)),
        }
    }
}

fn plain(name: &str) -> String {
    name.chars().map(unmarked).collect()
}

/// The initial beside the surname at `at`, with the first and last word of the whole name: `Н. Пашинян`,
/// `Н. В. Пашинян`, `Пашинян Н. В.`. `None` if another given name precedes it, whose second initial it is, or if it is
/// a title or rank: Mr., Dr., Св.
pub(super) fn beside<'w>(line: &str, words: &'w [Word<'_>], at: usize) -> Option<(&'w str, usize, usize)> {
    let joined =
        |a: usize, b: usize| matches!((words.get(a), words.get(b)), (Some(a), Some(b)) if are_joined(line, a, b));
    let is_stopped = |at: usize| {
        let word = words.get(at).filter(|it| is_initial(line, it));
        word.and_then(|it| line.get(it.span.end..)).is_some_and(|it| it.starts_with('.'))
    };
    let is_letter = |it: &&str| it.chars().nth(1).is_none() || beginnings::is_digraph(it);
    let initial = |at: usize| words.get(at).map(|it| it.folded.as_ref()).filter(is_letter);
    let follows_given = |at: usize| {
        let word = at.checked_sub(1).filter(|it| joined(*it, at)).and_then(|it| words.get(it));
        word.is_some_and(|it| it.is_capital && is_given_name(&it.folded))
    };
    let before = (0..at).rev().take(MAX_INITIALS);
    if let Some(first) = before.take_while(|it| is_stopped(*it) && joined(*it, it + 1)).last() {
        return initial(first).filter(|_| !follows_given(first)).map(|it| (it, first, at));
    }
    let after = (at + 1..words.len()).take(MAX_INITIALS);
    let last = after.take_while(|it| is_stopped(*it) && joined(it - 1, *it)).last()?;
    let is_of_next =
        words.get(last + 1).is_some_and(|it| it.is_capital && joined(last, last + 1) && !it.starts_sentence);
    initial(at + 1).filter(|_| !is_of_next && !follows_given(at)).map(|it| (it, at, last))
}
