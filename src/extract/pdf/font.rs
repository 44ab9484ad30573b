//! What the codes of a font mean, and how wide they are (ISO 32000-1 §9.6 to §9.10).

use std::collections::HashMap;

use super::{
    file::File,
    lines::is_right_to_left,
    object::{Dict, Object, Reader},
};

/// Codes of one font.
const MAX_CODES: usize = 70_000;
/// The width of a code that has none, in thousandths of the size.
const USUAL_WIDTH: f32 = 500.0;

/// A font, as far as text needs it.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Bytes of a code.
    wide: bool,
    meaning: HashMap<u32, String>,
    widths: HashMap<u32, f32>,
    usual_width: f32,
    /// Whether codes not in `meaning` are Latin, one byte a letter.
    is_latin: bool,
}

impl Font {
    pub(super) fn read(file: &mut File<'_>, dict: &Dict) -> Self {
        let is_composite = dict.get("Subtype").and_then(Object::name) == Some("Type0");
        let mut res = Self { wide: is_composite, usual_width: USUAL_WIDTH, is_latin: !is_composite, ..Self::default() };
        if is_composite {
            let mut left = file.codes_left;
            res.composite_widths(file, dict, &mut left);
            file.codes_left = left;
        } else {
            res.simple(file, dict);
        }
        if let Some(Object::Reference(number)) = dict.get("ToUnicode") {
            let number = *number;
            if let Some(data) = file.stream(number) {
                res.meanings(&data, &mut file.codes_left);
            }
        }
        res
    }

    fn simple(&mut self, file: &File<'_>, dict: &Dict) {
        let first = file.index(dict, "FirstChar").unwrap_or(0);
        let widths = file.get(dict, "Widths").and_then(Object::array).unwrap_or_default();
        for (code, width) in (first..).zip(widths.iter().take(256)) {
            self.widths.extend(file.resolve(width).number().map(|it| (code, it)));
        }
        let Some(encoding) = file.get(dict, "Encoding").and_then(Object::dict) else { return };
        let mut code = 0;
        for it in file.get(encoding, "Differences").and_then(Object::array).unwrap_or_default().iter().take(1_000) {
            match it {
                Object::Name(name) => {
                    self.meaning.extend(glyph(name).map(|it| (code, it.to_string())));
                    code += 1;
                }
                other => code = other.index().unwrap_or(code),
            }
        }
    }

    fn composite_widths(&mut self, file: &File<'_>, dict: &Dict, left: &mut usize) {
        let descendant = file.get(dict, "DescendantFonts").and_then(Object::array).and_then(|it| it.first());
        let Some(descendant) = descendant.and_then(|it| file.resolve(it).dict()) else { return };
        self.usual_width = file.get(descendant, "DW").and_then(Object::number).unwrap_or(1_000.0);
        let mut list = file.get(descendant, "W").and_then(Object::array).unwrap_or_default().iter();
        while let (Some(first), Some(next)) = (list.next().and_then(Object::index), list.next()) {
            match file.resolve(next) {
                Object::Array(widths) => {
                    for (code, width) in (first..).zip(widths).take(MAX_CODES.min(*left)) {
                        self.widths.extend(width.number().map(|it| (code, it)));
                        *left -= 1;
                    }
                }
                last => {
                    let (Some(last), Some(width)) = (last.index(), list.next().and_then(Object::number)) else {
                        return;
                    };
                    for code in (first..=last).take(MAX_CODES.min(*left)) {
                        self.widths.insert(code, width);
                        *left -= 1;
                    }
                }
            }
            if self.widths.len() > MAX_CODES {
                return;
            }
        }
    }

    /// Reads a CMap (§9.10.3): the words that stand between `beginbf…` and `endbf…`.
    fn meanings(&mut self, data: &[u8], left: &mut usize) {
        let mut reader = Reader::new(data, 0);
        let mut held: Vec<Object> = Vec::new();
        while let Some(object) = reader.object() {
            let Object::Word(word) = object else {
                held.push(object);
                if held.len() > 1_000 {
                    held.clear();
                }
                continue;
            };
            match word.as_slice() {
                b"endcodespacerange" => {
                    self.wide = held.iter().any(|it| matches!(it, Object::Text(code) if code.len() > 1));
                }
                b"endbfchar" => {
                    for pair in held.chunks_exact(2) {
                        if let [Object::Text(code), Object::Text(text)] = pair {
                            self.mean(number(code), utf16(text), left);
                        }
                    }
                }
                b"endbfrange" => held.chunks_exact(3).for_each(|it| self.range(it, left)),
                _ => (),
            }
            held.clear();
        }
    }

    fn range(&mut self, of: &[Object], left: &mut usize) {
        let [Object::Text(first), Object::Text(last), to] = of else { return };
        let codes = number(first)..=number(last).min(number(first).saturating_add(0xffff));
        match to {
            Object::Array(texts) => {
                for (code, text) in codes.zip(texts) {
                    if let Object::Text(text) = text {
                        self.mean(code, utf16(text), left);
                    }
                }
            }
            Object::Text(text) => {
                let start = utf16(text);
                let mut letters = start.chars();
                let Some(last) = letters.next_back() else { return };
                for (code, ahead) in codes.zip(0_u32..) {
                    let Some(letter) = char::from_u32(u32::from(last).saturating_add(ahead)) else { continue };
                    if *left == 0 {
                        return;
                    }
                    self.mean(code, format!("{}{letter}", letters.as_str()), left);
                }
            }
            _ => (),
        }
    }

    fn mean(&mut self, code: u32, text: String, left: &mut usize) {
        if self.meaning.len() < MAX_CODES && *left > 0 {
            // A ligature is a few letters.
            *left = left.saturating_sub(1 + text.len() / 8);
            self.meaning.insert(code, text);
        }
    }

    /// How many codes it says something of.
    pub(super) fn codes(&self) -> usize {
        self.meaning.len() + self.widths.len()
    }

    /// The text of a shown string, its width in thousandths of the size, and the number of spaces in it. It ends once
    /// it is longer than `room` bytes.
    pub(super) fn show(&self, string: &[u8], room: usize) -> (String, f32, usize) {
        let (mut text, mut width, mut spaces) = (String::new(), 0.0, 0);
        for code in string.chunks(if self.wide { 2 } else { 1 }).map(number) {
            if text.len() > room {
                break;
            }
            width += self.widths.get(&code).copied().unwrap_or(self.usual_width);
            spaces += usize::from(!self.wide && code == 32);
            match self.meaning.get(&code) {
                // Right-to-left text is reordered as a whole later, which must leave this unchanged.
                Some(it) if it.chars().any(is_right_to_left) => text.extend(it.chars().rev()),
                Some(it) => text.push_str(it),
                None if self.is_latin => {
                    if let Ok(byte) = u8::try_from(code) {
                        let byte = [byte];
                        let (letter, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
                        text.extend(letter.chars().filter(|it| !it.is_control()));
                    }
                }
                None => (),
            }
        }
        (text, width, spaces)
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |res, it| res << 8 | u32::from(*it))
}

fn utf16(text: &[u8]) -> String {
    if let [byte] = text {
        return char::from(*byte).to_string();
    }
    let (text, _) = encoding_rs::UTF_16BE.decode_without_bom_handling(text.get(..text.len().min(64)).unwrap_or(text));
    text.chars().filter(|it| !it.is_control()).collect()
}

/// The letter of a glyph's name: those of Adobe's list that texts need.
fn glyph(name: &str) -> Option<char> {
    const NAMES: &[(&str, char)] = &[
        ("space", ' '),
        ("period", '.'),
        ("comma", ','),
        ("hyphen", '-'),
        ("endash", '–'),
        ("emdash", '—'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("parenleft", '('),
        ("parenright", ')'),
        ("quotedblleft", '“'),
        ("quotedblright", '”'),
        ("quoteright", '’'),
        ("quoteleft", '‘'),
        ("quotesingle", '\''),
        ("quotedbl", '"'),
        ("guillemotleft", '«'),
        ("guillemotright", '»'),
        ("question", '?'),
        ("exclam", '!'),
        ("slash", '/'),
        ("percent", '%'),
        ("dotlessi", 'ı'),
        ("gbreve", 'ğ'),
        ("scedilla", 'ş'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
    ];
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter);
    }
    if let Some(code) = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|it| it.len() >= 4) {
        return u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    }
    if let Some(code) = name.strip_prefix("afii").and_then(|it| it.parse::<u32>().ok()) {
        // Cyrillic in the order of the alphabet, with Ё in its place.
        return match code {
            10023 => Some('Ё'),
            10071 => Some('ё'),
            10017..10023 => char::from_u32(0x410 + code - 10017),
            10024..=10049 => char::from_u32(0x416 + code - 10024),
            10065..10071 => char::from_u32(0x430 + code - 10065),
            10072..=10097 => char::from_u32(0x436 + code - 10072),
            _ => None,
        };
    }
    NAMES.iter().find(|it| it.0 == name).map(|it| it.1)
}
