//! The words by which two texts differ.

use std::collections::HashMap;

/// A run of words that both texts have, or one alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which text has it.
    pub side: Side,
    /// Its words with one space between them, and `\n` where a line ends.
    pub text: String,
}

/// Which of two texts has a run of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Both.
    Both,
    /// The old text: the run was removed.
    Old,
    /// The new one: it was put in.
    New,
}

impl Side {
    /// `both`, `old` or `new`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// Maximum words removed and added within a stretch; with more, it counts as replaced as a whole. Bounds time and
/// memory for any texts, at about the square of this number.
const MAX_EDITS: usize = 1_000;

/// How the words of `new` differ from those of `old`, in the order of the texts. White space within a line is ignored;
/// ends of lines count as words. Lines that occur once in both texts, in the same order, are kept together; between
/// them the fewest possible words count as changed.
pub fn word_diff(old: &str, new: &str) -> Vec<Run> {
    let (old, new) = (lines(old), lines(new));
    let mut out = Runs::default();
    let (mut at_old, mut at_new) = (0, 0);
    for (from, to) in anchors(&old, &new) {
        out.words(&flat(old.get(at_old..from)), &flat(new.get(at_new..to)));
        for word in old.get(from).into_iter().flatten() {
            out.push(Side::Both, word);
        }
        (at_old, at_new) = (from + 1, to + 1);
    }
    out.words(&flat(old.get(at_old..)), &flat(new.get(at_new..)));
    out.0
}

type Line<'t> = Vec<&'t str>;

/// The words of each line, with the end of the line as the last of them.
fn lines(text: &str) -> Vec<Line<'_>> {
    let words = |it: &'_ str| -> bool { !it.trim().is_empty() };
    text.lines().filter(|it| words(it)).map(|it| it.split_whitespace().chain(["\n"]).collect()).collect()
}

fn flat<'t>(lines: Option<&[Line<'t>]>) -> Vec<&'t str> {
    lines.unwrap_or_default().iter().flatten().copied().collect()
}

/// Lines that occur once in each text, in the longest sequence that has the same order in both (patience diff).
fn anchors(old: &[Line<'_>], new: &[Line<'_>]) -> Vec<(usize, usize)> {
    let once = |lines: &[Line<'_>]| {
        let mut res = HashMap::<String, Option<usize>>::new();
        for (at, line) in lines.iter().enumerate() {
            res.entry(line.join(" ")).and_modify(|it| *it = None).or_insert(Some(at));
        }
        res
    };
    let (of_old, of_new) = (once(old), once(new));
    let mut pairs: Vec<(usize, usize)> =
        of_old.iter().filter_map(|(line, at)| Some(((*at)?, (*of_new.get(line)?)?))).collect();
    pairs.sort_unstable();
    rising(&pairs)
}

/// The longest part of `pairs`, which rise in their first numbers, whose second numbers rise as well.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair with the lowest second number that such a sequence may end with; and for each pair the
    // one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (number, (_, new)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|it| pairs.get(*it).is_some_and(|it| it.1 < *new));
        before.push(length.checked_sub(1).and_then(|it| ends.get(it)).copied());
        match ends.get_mut(length) {
            Some(it) => *it = number,
            None => ends.push(number),
        }
    }
    let mut res = Vec::new();
    let mut at = ends.last().copied();
    while let Some(number) = at {
        res.extend(pairs.get(number));
        at = before.get(number).copied().flatten();
    }
    res.reverse();
    res
}

#[derive(Default)]
struct Runs(Vec<Run>);

impl Runs {
    fn push(&mut self, side: Side, word: &str) {
        match self.0.last_mut().filter(|it| it.side == side) {
            Some(run) => {
                if word != "\n" && !run.text.ends_with('\n') {
                    run.text.push(' ');
                }
                run.text.push_str(word);
            }
            None => self.0.push(Run { side, text: word.to_owned() }),
        }
    }

    fn all(&mut self, side: Side, words: &[&str]) {
        for word in words {
            self.push(side, word);
        }
    }

    /// Adds two stretches of words: their common beginning and end, and between them the fewest edits.
    fn words(&mut self, old: &[&str], new: &[&str]) {
        let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (head, old) = old.split_at(start);
        let new = new.get(start..).unwrap_or_default();
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let (old, tail) = old.split_at(old.len().saturating_sub(end));
        let new = new.get(..new.len().saturating_sub(end)).unwrap_or_default();
        self.all(Side::Both, head);
        match edits(old, new) {
            Some(steps) => self.replay(old, new, &steps),
            None => {
                self.all(Side::Old, old);
                self.all(Side::New, new);
            }
        }
        self.all(Side::Both, tail);
    }

    fn replay(&mut self, old: &[&str], new: &[&str], steps: &[Side]) {
        let (mut old, mut new) = (old.iter(), new.iter());
        // Added words follow those that they replace.
        let mut added = Vec::new();
        for side in steps {
            match side {
                Side::Both => {
                    self.all(Side::New, &std::mem::take(&mut added));
                    new.next();
                    if let Some(it) = old.next() {
                        self.push(Side::Both, it);
                    }
                }
                Side::Old => {
                    if let Some(it) = old.next() {
                        self.push(Side::Old, it);
                    }
                }
                Side::New => added.extend(new.next().copied()),
            }
        }
        self.all(Side::New, &added);
    }
}

/// The fewest edits that turn `old` into `new` (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986);
/// `None` if there are more than [`MAX_EDITS`].
fn edits(old: &[&str], new: &[&str]) -> Option<Vec<Side>> {
    let (n, m) = (old.len(), new.len());
    let most = n.saturating_add(m).min(MAX_EDITS);
    // How far into `old` each diagonal was followed, indexed by the diagonal plus `offset`; one such row for each edit.
    let offset = most + 1;
    let mut reach = vec![0_usize; 2 * offset + 1];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    let at = |row: &[usize], it: usize| row.get(it).copied().unwrap_or_default();
    for d in 0..=most {
        trace.push(reach.get(offset - d..=offset + d).unwrap_or_default().to_vec());
        for k in (offset - d..=offset + d).step_by(2) {
            let is_down = k == offset - d || (k != offset + d && at(&reach, k - 1) < at(&reach, k + 1));
            let mut x = if is_down { at(&reach, k + 1) } else { at(&reach, k - 1) + 1 };
            // y = x - (k - offset)
            let Some(mut y) = (x + offset).checked_sub(k) else { continue };
            while x < n && y < m && old.get(x) == new.get(y) {
                (x, y) = (x + 1, y + 1);
            }
            if let Some(it) = reach.get_mut(k) {
                *it = x;
            }
            if x >= n && y >= m {
                return Some(walked_back(&trace, (n, m), offset));
            }
        }
    }
    None
}

/// The edits on the path in `trace` to the ends of both texts.
fn walked_back(trace: &[Vec<usize>], ends: (usize, usize), offset: usize) -> Vec<Side> {
    let (mut x, mut y) = ends;
    let mut res = Vec::new();
    for (d, row) in trace.iter().enumerate().rev() {
        let k = (x + offset).saturating_sub(y);
        // The row begins with diagonal `offset - d`.
        let at = |k: usize| (k + d).checked_sub(offset).and_then(|it| row.get(it)).copied().unwrap_or_default();
        let is_down = k == offset - d || (k != offset + d && at(k - 1) < at(k + 1));
        let from = if is_down { k + 1 } else { k - 1 };
        let (old_x, old_y) = match d {
            0 => (0, 0),
            _ => (at(from), (at(from) + offset).saturating_sub(from)),
        };
        while x > old_x && y > old_y {
            res.push(Side::Both);
            (x, y) = (x - 1, y - 1);
        }
        if d > 0 {
            res.push(if is_down { Side::New } else { Side::Old });
        }
        (x, y) = (old_x, old_y);
    }
    res.reverse();
    res
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `[-old-]{+new+}`
    fn marked(old: &str, new: &str) -> String {
        let runs = word_diff(old, new).into_iter().map(|it| match it.side {
            Side::Both => it.text,
            Side::Old => format!("[-{}-]", it.text),
            Side::New => format!("{{+{}+}}", it.text),
        });
        runs.collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(old: &str, new: &str, expected: &str) {
        assert_eq!(marked(old, new).replace('\n', "/"), expected);
    }

    #[test]
    fn words_are_told() {
        check("", "", "");
        check("One two.", "One  two.\n", "One two./");
        check("12 people were killed.", "15 people were killed.", "[-12-] {+15+} people were killed./");
        check("It ended.", "It did not end.", "It [-ended.-] {+did not end.+} /");
        check("a b c", "a c", "a [-b-] c/");
        check("", "Нове слово.", "{+Нове слово./+}");
        check("Գնացին տուն։", "", "[-Գնացին տուն։/-]");
        check("One.\nTwo.\nThree.", "One.\nThree.", "One./ [-Two./-] Three./");
        check("One.\nTwo.", "Two.\nOne.", "[-One./-] Two./ {+One./+}");
        check("x y z q", "y x q z", "[-x-] y [-z-] {+x+} q {+z+} /");
    }

    #[test]
    fn large_texts_are_bounded() {
        let words = |from: u32| (from..from + 200_000).map(|it| format!("w{it}")).collect::<Vec<_>>().join(" ");
        let runs = word_diff(&words(0), &words(500_000));
        assert_eq!(runs.iter().map(|it| it.side).collect::<Vec<_>>(), [Side::Old, Side::New, Side::Both]);
        // A word in the middle of a large text is found all the same.
        let (old, new) = (words(0), words(0).replace("w100000 ", "other "));
        assert_eq!(word_diff(&old, &new).iter().filter(|it| it.side != Side::Both).count(), 2);
    }

    fn side_of(runs: &[Run], side: Side) -> Vec<String> {
        let kept = runs.iter().filter(|it| it.side == Side::Both || it.side == side);
        let words = kept.flat_map(|it| it.text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        words.flat_map(|it| it.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_in_it(old in "[ab \n]{0,40}", new in "[ab \n]{0,40}") {
            let runs = word_diff(&old, &new);
            for (side, text) in [(Side::Old, &old), (Side::New, &new)] {
                let expected: String = lines(text).into_iter().flatten().collect();
                prop_assert_eq!(side_of(&runs, side).concat(), expected);
            }
            prop_assert!(runs.windows(2).all(|it| it[0].side != it[1].side));
        }

        #[test]
        fn equal_texts_have_one_run(text in "\\PC{0,80}") {
            prop_assert!(word_diff(&text, &text).iter().all(|it| it.side == Side::Both));
        }
    }
}
