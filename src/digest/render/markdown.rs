//! Escapes texts from outside for CommonMark.

/// The target of a link. It stands between `<` and `>`, so that parentheses in it do not end it. A canonical URL holds
/// neither of these two, nor a space.
pub(super) fn target(link: &str) -> String {
    format!("<{}>", link.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E"))
}

/// Puts a backslash before every character that can begin markup anywhere in a line (CommonMark §2.4), and before
/// a first character that can begin a block.
pub(super) fn escape(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let is_markup = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~' | '!' | '$');
        let starts_block =
            (at == 0 && matches!(c, '+' | '-' | '=')) || (at > 0 && at == digits && matches!(c, '.' | ')'));
        if is_markup || starts_block {
            res.push('\\');
        }
        res.push(c);
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn escapes_markup() {
        check("NATO & the *South* Caucasus", "NATO \\& the \\*South\\* Caucasus");
        check("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>");
        check("[x](javascript:1)", "\\[x\\](javascript:1)");
        check("# - 1. x", "\\# - 1. x");
        check("- x", "\\- x");
        check("12. x", "12\\. x");
        check("v1.2 x-y", "v1.2 x-y");
        assert_eq!(target("https://a.example/(x)?q=a\\b"), "<https://a.example/(x)?q=a%5Cb>");
    }
}
