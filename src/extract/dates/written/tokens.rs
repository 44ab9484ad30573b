//! A text as numbers, words and marks.

/// Characters of a text beyond this many are not looked at.
pub(super) const MAX_CHARS: usize = 1_500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// With its number of digits.
    Number(u32, usize),
    /// In lower case.
    Word(String),
    Mark(char),
}

pub(super) fn of(text: &str) -> Vec<Token> {
    let mut res = Vec::new();
    let mut chars = text.chars().take(MAX_CHARS).peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = digit(c) {
            let (mut number, mut n_digits) = (digit, 1);
            while let Some(digit) = chars.peek().and_then(|it| self::digit(*it)) {
                chars.next();
                number = number.saturating_mul(10).saturating_add(digit);
                n_digits += 1;
            }
            res.push(Token::Number(number, n_digits));
        } else if c.is_alphabetic() {
            let mut word: String = c.to_lowercase().collect();
            // The dot above, left from `İ`, is not a letter.
            while let Some(c) = chars.next_if(|it| it.is_alphabetic() || *it == '\u{307}') {
                word.extend(c.to_lowercase().filter(|it| *it != '\u{307}'));
            }
            // Signs that follow a number without a space, each a word: 2020年1月2日, 2020년.
            let (word, rest) = match word.char_indices().nth(1) {
                Some((at, _)) if word.starts_with(['年', '月', '日', '년', '월', '일']) => word.split_at(at),
                _ => (word.as_str(), ""),
            };
            res.push(Token::Word(word.replace('\u{307}', "")));
            if !rest.is_empty() {
                res.push(Token::Word(rest.to_owned()));
            }
        } else if !c.is_whitespace() && !matches!(c, '\u{200c}'..='\u{200f}') {
            res.push(Token::Mark(c));
        }
    }
    res
}

/// The value of a digit, Persian and Arabic ones too.
fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '۰'..='۹' => Some(u32::from(c) - u32::from('۰')),
        '٠'..='٩' => Some(u32::from(c) - u32::from('٠')),
        _ => None,
    }
}
