//! Words of everyday language that sound like names, and what stands beside names. For scripts without capitals.

use super::Script;

/// Persian words, sorted by bytes, one a line.
const PERSIAN: &str = include_str!("common/fa.txt");

/// Georgian words, the same way.
const GEORGIAN: &str = include_str!("common/ka.txt");

/// The most frequent words of both.
const PERSIAN_OFTEN: &str = include_str!("common/fa-often.txt");
const GEORGIAN_OFTEN: &str = include_str!("common/ka-often.txt");

/// The same with the code and the name of the language.
pub(super) const FREQUENT: [(&str, &str, &str); 2] =
    [(PERSIAN_OFTEN, "fa", "Persian"), (GEORGIAN_OFTEN, "ka", "Georgian")];

/// Whether a folded word is so frequent that nothing beside it makes it a name. False in the scripts with capitals.
pub(super) fn is_frequent(word: &str, script: Script) -> bool {
    match script {
        Script::Arabic => contains(PERSIAN_OFTEN, word),
        Script::Georgian => contains(GEORGIAN_OFTEN, word),
        _ => false,
    }
}

/// Words of the scripts with capitals that begin many sentences or stand in capitals in titles of office, the same way.
const CAPITALISED: &str = include_str!("common/capitals.txt");

/// Whether a folded word is one of everyday language; in the scripts that have capital letters, one that often has one.
pub(super) fn is_common(word: &str, script: Script) -> bool {
    match script {
        Script::Latin | Script::Cyrillic | Script::Armenian => contains(CAPITALISED, word),
        Script::Arabic => contains(PERSIAN, word),
        Script::Georgian => contains(GEORGIAN, word),
        Script::Other => false,
    }
}

/// Whether a word of everyday language may start so; false only where none does. For scripts without capitals.
pub(super) fn starts_common(start: &str, script: Script) -> bool {
    match script {
        Script::Arabic => first_from(PERSIAN, start).starts_with(start.as_bytes()),
        Script::Georgian => first_from(GEORGIAN, start).starts_with(start.as_bytes()),
        _ => true,
    }
}

/// Looks a line up in sorted lines.
fn contains(lines: &str, wanted: &str) -> bool {
    first_from(lines, wanted) == wanted.as_bytes()
}

/// The first of sorted lines that does not come before `wanted`; empty where all do.
fn first_from<'l>(lines: &'l str, wanted: &str) -> &'l [u8] {
    let mut res: &[u8] = &[];
    let (mut low, mut high) = (0, lines.len());
    while low < high {
        let middle = low.midpoint(high);
        let bytes = lines.as_bytes();
        let start =
            bytes.get(low..middle).and_then(|it| it.iter().rposition(|it| *it == b'\n')).map_or(low, |it| low + it + 1);
        let end =
            bytes.get(start..high).and_then(|it| it.iter().position(|it| *it == b'\n')).map_or(high, |it| start + it);
        let Some(line) = bytes.get(start..end) else { return res };
        match line.cmp(wanted.as_bytes()) {
            std::cmp::Ordering::Equal => return line,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => {
                res = line;
                high = start;
            }
        }
    }
    res
}
