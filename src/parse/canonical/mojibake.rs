//! Text that was encoded twice: UTF-8 read as windows-1252 and encoded again, so that "é" became "Ã©".

use super::references;

/// The text as it was before, or `None` where it was encoded once.
///
/// Text counts as encoded twice if every run of letters outside ASCII is valid UTF-8 again when each letter is replaced
/// by its byte, and gives letters or marks used in news. A single run that is not decides against it: "CAFÉ" and
/// "Gürcüstan" have such. Marks alone decide nothing, since they may come from entities.
pub(super) fn repaired(text: &str) -> Option<String> {
    // The first byte of a letter, 0xC2 to 0xF4, is a letter of windows-1252 that UTF-8 starts with 0xC3.
    if !text.as_bytes().contains(&0xc3) {
        return None;
    }
    let mut res = String::new();
    let mut found = false;
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|it| !it.is_ascii()) {
        let (before, from) = rest.split_at_checked(start)?;
        let end = from.bytes().position(|it| it.is_ascii()).unwrap_or(from.len());
        let (run, after) = from.split_at_checked(end)?;
        res.push_str(before);
        match decoded(run) {
            Some(it) => {
                found = true;
                res.push_str(&it);
            }
            None if run.contains(char::is_alphabetic) => return None,
            None => res.push_str(run),
        }
        rest = after;
    }
    res.push_str(rest);
    found.then_some(res)
}

fn decoded(run: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = run.chars().map(references::windows_1252_byte).collect();
    String::from_utf8(bytes?).ok().filter(|it| it.chars().all(is_usual))
}

/// Letters of the languages of Europe and the region, and typographic marks. A chance match, such as `É—`,
/// gives letters that nobody writes.
fn is_usual(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{17f}' | '\u{18f}' | '\u{218}'..='\u{21b}' | '\u{259}')
        || matches!(c, '\u{370}'..='\u{587}' | '\u{5d0}'..='\u{6ff}' | '\u{10a0}'..='\u{10ff}')
        || matches!(c, '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{2122}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_the_second_encoding() {
        for text in ["Gürcüstan Müdafiə", "Совет", "Ճապոնիա", "საქართველო", "don’t…", "NATO—Nordic “exercise”"]
        {
            let twice = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0;
            assert_eq!(repaired(&twice).as_deref(), Some(text), "{twice}");
        }
        assert_eq!(repaired("—\u{a0}«BrÃ¸ndby"), Some("—\u{a0}«Brøndby".to_owned()));
    }

    #[test]
    fn leaves_what_is_right() {
        for text in [
            "plain",
            "CAFÉ",
            "CAFÉ—BAR",
            "«KÖ»",
            "São Paulo",
            "Gürcüstan",
            "20 °C – heute",
            "Совет",
            "İÇİŞLƏRİ",
            "ÄÖÜ“",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
