//! The objects of a PDF file (ISO 32000-1 §7.2, §7.3): a reader that never looks back and never goes deep.

use std::{collections::HashMap, rc::Rc};

/// Maximum depth of nested arrays and dictionaries.
const MAX_DEPTH: usize = 24;

/// Parts of arrays and dictionaries together.
pub(super) const MAX_PARTS: usize = 400_000;

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Number(f32),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Object>),
    /// Shared: pages by the hundred may have the same resources.
    Dict(Rc<Dict>),
    /// Another object, by number.
    Reference(u32),
    /// Any other word: an operator, `obj`, `stream`.
    Word(Vec<u8>),
}

pub(super) type Dict = HashMap<String, Object>;

/// Reads objects from bytes.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Number of parts of arrays and dictionaries that may still be read: each takes about fifty bytes, and two in the
    /// file.
    pub(super) left: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, left: MAX_PARTS }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Skips a newline behind the word `stream`.
    pub(super) fn skip_line_end(&mut self) {
        if self.peek() == Some(b'\r') {
            self.at += 1;
        }
        if self.peek() == Some(b'\n') {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|it| it != b'\n' && it != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// The next object; `None` at the end, and if it is broken. In both cases the reader has moved past it.
    pub(super) fn object(&mut self) -> Option<Object> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Object> {
        if depth > MAX_DEPTH || self.left == 0 {
            return None;
        }
        if depth > 0 {
            self.left -= 1;
        }
        self.skip_space();
        let object = match self.peek()? {
            b'/' => Object::Name(self.name()),
            b'(' => Object::Text(self.literal()?),
            b'<' if self.peek_at(1) == Some(b'<') => {
                self.at += 2;
                Object::Dict(Rc::new(self.dict(depth)?))
            }
            b'<' => Object::Text(self.hexadecimal()),
            b'[' => {
                self.at += 1;
                Object::Array(self.array(depth)?)
            }
            b')' | b'>' | b']' | b'{' | b'}' => {
                self.at += 1;
                return Some(Object::Word(vec![*self.bytes.get(self.at - 1)?]));
            }
            _ => self.word(),
        };
        Some(object)
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Object>> {
        let mut res = Vec::new();
        loop {
            match self.nested(depth + 1)? {
                Object::Word(word) if word == b"]" => return Some(res),
                Object::Word(word) if word == b"R" => reference(&mut res),
                it => res.push(it),
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Dict> {
        let mut values = Vec::new();
        loop {
            self.skip_space();
            if self.bytes.get(self.at..)?.starts_with(b">>") {
                self.at += 2;
                break;
            }
            match self.nested(depth + 1)? {
                Object::Word(word) if word == b"R" => reference(&mut values),
                // A dictionary that is not closed ends where the next part of the file begins.
                Object::Word(word) if word == b"endobj" || word == b"stream" => return None,
                it => values.push(it),
            }
        }
        let mut res = Dict::new();
        let mut values = values.into_iter();
        while let Some(key) = values.next() {
            if let (Object::Name(key), Some(value)) = (key, values.next()) {
                res.insert(key, value);
            }
        }
        Some(res)
    }

    fn word(&mut self) -> Object {
        let start = self.at;
        while self.peek().is_some_and(|it| !is_space(it) && !is_delimiter(it)) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        let number = std::str::from_utf8(word).ok().filter(|it| !it.contains(['e', 'E', 'n', 'N', 'i', 'I']));
        match number.and_then(|it| it.parse::<f32>().ok()) {
            Some(it) => Object::Number(it),
            None if word == b"null" => Object::Null,
            None => Object::Word(word.to_vec()),
        }
    }

    fn name(&mut self) -> String {
        self.at += 1;
        let mut res = Vec::new();
        while let Some(byte) = self.peek().filter(|it| !is_space(*it) && !is_delimiter(*it)) {
            self.at += 1;
            let digits = (self.peek().and_then(hex), self.peek_at(1).and_then(hex));
            match (byte, digits) {
                (b'#', (Some(high), Some(low))) => {
                    self.at += 2;
                    res.push(high * 16 + low);
                }
                _ => res.push(byte),
            }
        }
        String::from_utf8_lossy(&res).into_owned()
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut digits = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            digits.extend(hex(byte));
        }
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        digits.chunks_exact(2).filter_map(|it| Some(it.first()? * 16 + it.last()?)).collect()
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut res, mut open) = (Vec::new(), 1_usize);
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(res);
                    }
                }
                b'\\' => {
                    self.escape(&mut res)?;
                    continue;
                }
                _ => (),
            }
            res.push(byte);
        }
    }

    fn escape(&mut self, res: &mut Vec<u8>) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => res.push(b'\n'),
            b'r' => res.push(b'\r'),
            b't' => res.push(b'\t'),
            b'b' | b'f' => res.push(b' '),
            b'\r' if self.peek() == Some(b'\n') => self.at += 1,
            b'\r' | b'\n' => (),
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    code = code * 8 + u32::from(digit - b'0');
                }
                res.push(u8::try_from(code & 0xff).unwrap_or_default());
            }
            other => res.push(other),
        }
        Some(())
    }
}

/// Puts a reference in place of the two numbers that stand before an `R`.
fn reference(values: &mut Vec<Object>) {
    values.pop();
    let number = values.pop().and_then(|it| it.index());
    values.push(number.map_or(Object::Null, Object::Reference));
}

impl Object {
    /// A whole number from zero on.
    pub(super) fn index(&self) -> Option<u32> {
        match self {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
            Self::Number(it) if (0.0..16_000_000.0).contains(it) => Some(*it as u32),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f32> {
        match self {
            Self::Number(it) => Some(*it),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn dict(&self) -> Option<&Rc<Dict>> {
        match self {
            Self::Dict(it) => Some(it),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(format!("{:?}", Reader::new(text.as_bytes(), 0).object()), expected, "{text}");
    }

    #[test]
    fn objects_are_read() {
        check("% note\n -1.5", "Some(Number(-1.5))");
        check("/A#20B ", "Some(Name(\"A B\"))");
        check("(a\\(b\\)\\101 (c)\\\nd)", "Some(Text([97, 40, 98, 41, 65, 32, 40, 99, 41, 100]))");
        check("<48 6>", "Some(Text([72, 96]))");
        check("[1 2 0 R (a)]", "Some(Array([Number(1.0), Reference(2), Text([97])]))");
        check("<</A 3 0 R>>", "Some(Dict({\"A\": Reference(3)}))");
        check("BT", "Some(Word([66, 84]))");
    }

    #[test]
    fn broken_ones_end() {
        for text in ["", "(", "<<", "[", "<</A", "<</A 1 endobj", &"[".repeat(10_000), &"<<".repeat(10_000)] {
            assert_eq!(Reader::new(text.as_bytes(), 0).object(), None, "{text:.40}");
        }
    }
}
