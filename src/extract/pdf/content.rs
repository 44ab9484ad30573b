//! Reads what a page shows as pieces of text with their positions (ISO 32000-1 §8.4, §9.4).

use std::{collections::HashMap, rc::Rc};

use super::{
    file::File,
    font::Font,
    object::{Dict, MAX_PARTS, Object, Reader},
};

/// Operators of all pages together, and the parts of what they show.
const MAX_OPERATORS: usize = 1_000_000;
/// Cost of reading a font or a form, in operators.
const READING: usize = 500;
/// Bytes of text of all pages together.
const MAX_TEXT: usize = 2_000_000;
/// Forms within forms.
const MAX_DEPTH: usize = 6;
/// Maximum operands of one operator, and maximum saved states.
const MAX_HELD: usize = 2_000;

/// A piece of text that is shown without a gap.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Where it begins and ends.
    pub(super) x: f32,
    pub(super) end: f32,
    /// Its base line, upwards.
    pub(super) y: f32,
    /// The height of its letters.
    pub(super) size: f32,
}

/// A matrix of six numbers (§8.3.3).
type Matrix = [f32; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

#[expect(clippy::many_single_char_names, reason = "the names of the standard")]
fn product([a, b, c, d, e, f]: Matrix, [p, q, r, s, t, u]: Matrix) -> Matrix {
    [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u]
}

#[derive(Debug, Clone)]
struct State {
    page: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    letter_space: f32,
    word_space: f32,
    stretch: f32,
    leading: f32,
}

/// Reads the content of pages, and keeps count of what that costs.
#[derive(Debug, Default)]
pub(super) struct Interpreter {
    fonts: HashMap<u32, Rc<Font>>,
    operators: usize,
    text: usize,
}

impl Interpreter {
    /// The pieces of a page in the order in which they are drawn.
    pub(super) fn page(&mut self, file: &mut File<'_>, content: &[u8], resources: &Dict) -> Vec<Piece> {
        let state =
            State { page: UNIT, font: None, size: 1.0, letter_space: 0.0, word_space: 0.0, stretch: 1.0, leading: 0.0 };
        let mut res = Vec::new();
        self.run(file, content, resources, state, 0, &mut res);
        res
    }

    fn run(
        &mut self,
        file: &mut File<'_>,
        content: &[u8],
        resources: &Dict,
        mut state: State,
        depth: usize,
        res: &mut Vec<Piece>,
    ) {
        let (mut kept, mut held) = (Vec::new(), Vec::new());
        let (mut text, mut line) = (UNIT, UNIT);
        let mut reader = Reader::new(content, 0);
        while reader.at < content.len() {
            let at = reader.at;
            reader.left = MAX_PARTS;
            let Some(object) = reader.object() else {
                reader.at = reader.at.max(at + 1);
                continue;
            };
            let Object::Word(word) = object else {
                if held.len() < MAX_HELD {
                    held.push(object);
                }
                continue;
            };
            self.operators += 1;
            if self.is_spent() {
                return;
            }
            let number = |at: usize| held.get(at).and_then(Object::number).filter(|it| it.is_finite()).unwrap_or(0.0);
            let matrix = || [number(0), number(1), number(2), number(3), number(4), number(5)];
            match word.as_slice() {
                b"q" if kept.len() < MAX_HELD => kept.push(state.clone()),
                b"Q" => state = kept.pop().unwrap_or(state),
                b"cm" => state.page = product(matrix(), state.page),
                b"BT" => (text, line) = (UNIT, UNIT),
                b"Tc" => state.letter_space = number(0),
                b"Tw" => state.word_space = number(0),
                b"Tz" => state.stretch = number(0) / 100.0,
                b"TL" => state.leading = number(0),
                b"Tf" => {
                    state.size = number(1);
                    state.font = held.first().and_then(Object::name).and_then(|it| self.font(file, resources, it));
                }
                b"Td" => line = product([1.0, 0.0, 0.0, 1.0, number(0), number(1)], line),
                b"TD" => {
                    state.leading = -number(1);
                    line = product([1.0, 0.0, 0.0, 1.0, number(0), number(1)], line);
                }
                b"Tm" => line = matrix(),
                b"T*" | b"'" | b"\"" => line = product([1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], line),
                b"BI" => reader.at = after_image(content, reader.at),
                b"Do" => {
                    if let Some(name) = held.first().and_then(Object::name).filter(|_| depth < MAX_DEPTH) {
                        self.form(file, resources, name, &state, depth, res);
                    }
                }
                _ => (),
            }
            if matches!(word.as_slice(), b"Td" | b"TD" | b"Tm" | b"T*" | b"'" | b"\"") {
                text = line;
            }
            if word == b"\"" {
                (state.word_space, state.letter_space) = (number(0), number(1));
            }
            match (word.as_slice(), held.last()) {
                (b"Tj" | b"'" | b"\"", Some(Object::Text(string))) => self.show(&state, &mut text, string, res),
                (b"TJ", Some(Object::Array(parts))) => {
                    for part in parts {
                        self.operators += 1;
                        if self.is_spent() {
                            return;
                        }
                        match part {
                            Object::Text(string) => self.show(&state, &mut text, string, res),
                            other => {
                                let back = other.number().unwrap_or(0.0) / 1000.0 * state.size * state.stretch;
                                text = product([1.0, 0.0, 0.0, 1.0, -back, 0.0], text);
                            }
                        }
                    }
                }
                _ => (),
            }
            held.clear();
        }
    }

    fn is_spent(&self) -> bool {
        self.operators > MAX_OPERATORS || self.text > MAX_TEXT
    }

    fn show(&mut self, state: &State, text: &mut Matrix, string: &[u8], res: &mut Vec<Piece>) {
        let Some(font) = &state.font else { return };
        let (shown, width, spaces) = font.show(string, MAX_TEXT.saturating_sub(self.text));
        #[expect(clippy::cast_precision_loss, reason = "counts of letters are small")]
        let (letters, spaces) = (shown.chars().count() as f32, spaces as f32);
        let width = width / 1000.0 * state.size + letters * state.letter_space + spaces * state.word_space;
        let start = product(*text, state.page);
        *text = product([1.0, 0.0, 0.0, 1.0, width * state.stretch, 0.0], *text);
        let [.., end, _] = product(*text, state.page);
        let [_, _, c, d, x, y] = start;
        let size = state.size.abs() * c.hypot(d);
        self.text += shown.len();
        if !shown.is_empty() && [x, end, y, size].iter().all(|it| it.is_finite()) {
            res.push(Piece { text: shown, x, end, y, size });
        }
    }

    fn font(&mut self, file: &mut File<'_>, resources: &Dict, name: &str) -> Option<Rc<Font>> {
        let fonts = file.get(resources, "Font")?.dict()?;
        let font = fonts.get(name)?;
        let number = match font {
            Object::Reference(number) => Some(*number),
            _ => None,
        };
        if let Some(held) = number.and_then(|it| self.fonts.get(&it)) {
            return Some(Rc::clone(held));
        }
        // A font that is no object of its own is read each time.
        let dict = Rc::clone(file.resolve(font).dict()?);
        let font = Rc::new(Font::read(file, &dict));
        self.operators += READING + font.codes();
        if let Some(number) = number {
            self.fonts.insert(number, Rc::clone(&font));
        }
        Some(font)
    }

    /// A form: content of its own that is drawn here (§8.10).
    fn form(
        &mut self,
        file: &mut File<'_>,
        resources: &Dict,
        name: &str,
        state: &State,
        depth: usize,
        res: &mut Vec<Piece>,
    ) {
        let forms = file.get(resources, "XObject").and_then(Object::dict);
        let Some(Object::Reference(number)) = forms.and_then(|it| it.get(name)) else { return };
        let number = *number;
        let Some(dict) = file.resolve(&Object::Reference(number)).dict().cloned() else { return };
        if file.get(&dict, "Subtype").and_then(Object::name) != Some("Form") {
            return;
        }
        self.operators += READING;
        let mut state = state.clone();
        let matrix = file.get(&dict, "Matrix").and_then(Object::array).and_then(|it| it.first_chunk::<6>());
        if let Some(matrix) = matrix {
            state.page = product(matrix.each_ref().map(|it| it.number().unwrap_or(0.0)), state.page);
        }
        let own = file.get(&dict, "Resources").and_then(Object::dict).cloned();
        if let Some(content) = file.stream(number) {
            self.run(file, &content, own.as_deref().unwrap_or(resources), state, depth + 1, res);
        }
    }
}

/// The offset after an inline picture (§8.9.7), whose bytes are not objects.
fn after_image(content: &[u8], from: usize) -> usize {
    let rest = content.get(from..).unwrap_or_default();
    let is_end = |it: &[u8]| matches!(it, [before, b'E', b'I', after] if before.is_ascii_whitespace() && after.is_ascii_whitespace());
    rest.windows(4).position(is_end).map_or(content.len(), |it| from + it + 3)
}
