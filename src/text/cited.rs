//! Names as texts cite them: where they begin and end, in quotation marks and with case endings; and lists of the words
//! around them. Pure.

use std::ops::Range;

use super::{capped, fold, fold::is_apostrophe, names::Script};

/// Minimum letters of a name left when an ending is removed.
const MIN_LETTERS: usize = 4;

/// Maximum bytes of a name in quotation marks.
const MAX_QUOTED_BYTES: usize = 120;

/// A word of a list, folded, and whether any ending may follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String, bool);

impl Word {
    /// Reads a word as spelled in a list; a final `*` allows any ending.
    pub fn new(spelled: &str) -> Self {
        Self(fold(spelled.trim_end_matches('*')), spelled.ends_with('*'))
    }

    /// The word, if no ending may follow it.
    pub fn whole(&self) -> Option<&str> {
        (!self.1).then_some(&self.0)
    }

    /// Whether a folded word is it.
    pub fn is(&self, word: &str) -> bool {
        if self.1 { word.starts_with(&self.0) } else { word == self.0 }
    }
}

/// The words of a list, parted by white space.
pub fn words(list: &str) -> Vec<Word> {
    list.split_whitespace().map(Word::new).collect()
}

/// The text in quotation marks that open right before `start`.
pub fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    text.get(..start)?.ends_with(['«', '„', '“', '"', '”', '‹']).then_some(())?;
    let rest = capped(text.get(start..)?, MAX_QUOTED_BYTES);
    let end = rest.find(['»', '”', '“', '"', '›', '\n'])?;
    (!rest.get(end..)?.starts_with('\n')).then_some(start..start + end)
}

/// A name without the longest of these endings (folded), if a sign separates it from the name, or if at least four
/// letters precede it. `is_glued` allows the latter for Latin letters, which languages without endings use too.
pub fn without_ending<'t>(name: &'t str, endings: &[&str], is_glued: bool) -> &'t str {
    let is_sign = |it: char| it == '-' || it == '֊' || is_apostrophe(it) || "»”“\"".contains(it);
    if let Some((before, ending)) = name.rsplit_once(is_sign)
        && !before.is_empty()
        && (ending == "s" || endings.contains(&fold(ending).as_str()))
    {
        return before.trim_end_matches(is_sign);
    }
    let last = name.rsplit(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
    let is_latin = last.chars().next_back().is_some_and(|it| Script::of(it) == Script::Latin);
    if is_latin && !is_glued {
        return name;
    }
    let folded = fold(last);
    let rests = endings.iter().filter_map(|it| Some(folded.strip_suffix(it)?.chars().count()));
    let Some(left) = rests.filter(|it| *it >= MIN_LETTERS).min() else { return name };
    let left = last.char_indices().nth(left).map_or(last.len(), |it| it.0);
    name.get(..name.len() - last.len() + left).unwrap_or(name)
}

/// Whether the text between two words ends a name.
pub fn ends_name(gap: &str) -> bool {
    let is_end = |it: char| {
        matches!(it, ',' | ';' | ':' | '(' | ')' | '\n' | '|' | '،' | '؛' | '։' | '–' | '—' | '―') || is_quote(it)
    };
    gap.contains(is_end) || [". ", "! ", "? ", " - "].iter().any(|it| gap.contains(it))
}

/// Whether a sign is a quotation mark.
pub fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// A word as the name of a host, without the signs around it; `None` if it is none.
pub fn host(word: &str) -> Option<&str> {
    let word = word.trim_matches(|it: char| !it.is_alphanumeric());
    let (name, rest) = word.split_once('.')?;
    let is_label = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '-');
    let ends = rest.rsplit('.').next().is_some_and(|it| it.len() > 1 && it.chars().all(char::is_alphabetic));
    (ends && is_label(name) && rest.split('.').all(is_label)).then_some(word)
}

/// Whether the preceding word continues as an address: `.ge` of `civil.ge`.
pub fn is_address_rest(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next() == Some('.') && rest.next().is_some_and(char::is_alphabetic)
}

/// Whether a word may be one of a name: it begins with a capital or a digit, or is of a script without capitals.
pub fn is_name(form: &str) -> bool {
    is_capital(form) || form.starts_with(|it| matches!(Script::of(it), Script::Georgian | Script::Arabic))
}

/// Whether a word begins with a capital or a digit.
pub fn is_capital(form: &str) -> bool {
    form.starts_with(|it: char| it.is_uppercase() || it.is_ascii_digit())
}

/// Whether a word is of a script with capitals.
pub fn has_capitals(form: &str) -> bool {
    form.starts_with(|it| Script::of(it).has_capitals())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_go_and_names_stay() {
        let endings = ["ndan", "dan", "də", "a", "ə", "ya", "ում"];
        for (name, glued, plain) in [
            ("Report-a", "Report", "Report"),
            ("APA-ya", "APA", "APA"),
            ("Reuters’ə", "Reuters", "Reuters"),
            ("“Rioni”dan", "“Rioni", "“Rioni"),
            ("The Guardian’s", "The Guardian", "The Guardian"),
            ("Rionixəbərdə", "Rionixəbər", "Rionixəbərdə"),
            ("Rioni Gazetesindan", "Rioni Gazetesi", "Rioni Gazetesindan"),
            ("Rioni-Press", "Rioni-Press", "Rioni-Press"),
            ("Apa", "Apa", "Apa"),
            ("Ռիոնիլուրում", "Ռիոնիլուր", "Ռիոնիլուր"),
            ("", "", ""),
        ] {
            assert_eq!(
                (without_ending(name, &endings, true), without_ending(name, &endings, false)),
                (glued, plain),
                "{name}"
            );
        }
    }

    #[test]
    fn a_quoted_name_ends_with_its_quotation_marks() {
        for (text, expected) in [
            ("сайт «Вести с Риони» пишет", Some("Вести с Риони")),
            ("„რიონის მაცნე“ წერს", Some("რიონის მაცნე")),
            ("the “Rioni Herald” says", Some("Rioni Herald")),
            ("the “Rioni Herald\nsays”", None),
            ("the “Rioni Herald says", None),
        ] {
            let start =
                text.find(['«', '„', '“']).map(|it| it + text[it..].chars().next().unwrap().len_utf8()).unwrap();
            assert_eq!(quoted(text, start).map(|it| &text[it]), expected, "{text}");
        }
        assert_eq!(quoted("Rioni “Herald”", 0), None);
    }

    #[test]
    fn a_host_is_a_name_with_a_domain() {
        for (word, expected) in [
            ("harbour.example", Some("harbour.example")),
            ("(www.HarbourTimes.example).", Some("www.HarbourTimes.example")),
            ("вести.example", Some("вести.example")),
            ("3.5", None),
            ("e.g", None),
            ("end.", None),
            ("harbour.example/7", None),
            ("a@harbour.example", None),
            ("", None),
        ] {
            assert_eq!(host(word), expected, "{word}");
        }
    }
}
