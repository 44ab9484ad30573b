//! Endings that say of a word that it is of another name than the one it resembles.

use super::{Script, endings::Inflection, index::Query};

/// Endings of Georgian that begin with the vowel which the surnames of men have lost before them, and those of women
/// keep theirs.
const OF_MEN: &[&str] = &["ის", "ით", "ისა", "ისთვის", "ისგან", "ისკენ", "იდან", "ისადმი", "ისთან"];

/// Whether a word is a surname in -ov or -ev with a man's ending where a woman's would be another.
pub(super) fn ends_as_mans(query: &Query<'_>) -> bool {
    let ends = |all: &[&str]| all.iter().any(|it| query.word.ends_with(it));
    match query.script {
        Script::Latin => query.inflection == Inflection::Azerbaijani && ends(&["ovə", "evə"]),
        Script::Armenian => ends(&["ովը", "եւը", "ովն", "եւն"]),
        Script::Georgian => {
            let stem = OF_MEN.iter().find_map(|it| query.word.strip_suffix(it));
            stem.is_some_and(|it| it.ends_with("ოვ") || it.ends_with("ევ"))
        }
        _ => false,
    }
}

/// The most letters of a word that has no ending but what may be one of its own.
const SHORT: usize = 5;

/// Whether the last letters of a word, so many of them, end no place. "My" is said of none: bakım is Turkish for care,
/// and Գորիս the town of that name, as Goris is in English.
pub(super) fn ends_no_place(query: &Query<'_>, cut: usize) -> bool {
    let ends = |all: &[&str]| all.iter().any(|it| query.word.ends_with(it));
    match query.script {
        Script::Latin if query.inflection.is_turkic() => ends(&["m"]),
        Script::Latin => cut == 1 && query.word.len() <= SHORT && ends(&["as", "es", "is", "os", "us"]),
        Script::Armenian => cut == 1 && ends(&["ս", "դ"]),
        _ => false,
    }
}
