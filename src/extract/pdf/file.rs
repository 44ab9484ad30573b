//! Finds the objects of a whole file by scanning it: the table of their places is often broken, and trusting it gains
//! nothing here. Every limit on size and number is enforced here.

use std::{collections::HashMap, io::Read, rc::Rc};

use flate2::read::ZlibDecoder;

use super::object::{Dict, MAX_PARTS, Object, Reader};

/// Objects of a file.
const MAX_OBJECTS: usize = 100_000;
/// Bytes of one stream when unpacked.
const MAX_STREAM: u64 = 8_000_000;
/// Bytes of all streams together when unpacked.
const MAX_UNPACKED: usize = 32_000_000;

/// Codes of all fonts together.
const MAX_CODES: usize = 1_000_000;

/// The objects of a file by number.
#[derive(Debug)]
pub(super) struct File<'a> {
    bytes: &'a [u8],
    objects: HashMap<u32, Entry>,
    unpacked: usize,
    /// Codes of fonts that may still be read.
    pub(super) codes_left: usize,
}

#[derive(Debug)]
struct Entry {
    object: Object,
    /// The bytes of its stream, as they stand in the file.
    stream: Option<(usize, usize)>,
}

impl<'a> File<'a> {
    /// Finds the objects. `None` where the file is encrypted.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut res = Self { bytes, objects: HashMap::new(), unpacked: 0, codes_left: MAX_CODES };
        let ends: Vec<usize> = positions(bytes, b"endstream");
        let mut reader = Reader::new(bytes, 0);
        let (mut before, mut last) = (None, None);
        while reader.at < bytes.len() && res.objects.len() < MAX_OBJECTS {
            let at = reader.at;
            let Some(token) = reader.object() else {
                // A broken part is not read again: going back would make a hostile file slow.
                reader.at = reader.at.max(at + 1);
                continue;
            };
            match &token {
                Object::Word(word) if word == b"obj" => {
                    if let Some(number) = before {
                        res.define(number, &mut reader, &ends);
                    }
                }
                // The trailer of a table, of which only this is needed.
                Object::Dict(dict) if dict.contains_key("Encrypt") => return None,
                _ => (),
            }
            (before, last) = (last, token.index());
        }
        if res.objects.values().any(|it| it.object.dict().is_some_and(|it| it.contains_key("Encrypt"))) {
            return None;
        }
        res.unpack_objects();
        Some(res)
    }

    fn define(&mut self, number: u32, reader: &mut Reader<'_>, ends: &[usize]) {
        let Some(object) = reader.object() else { return };
        let mut entry = Entry { object, stream: None };
        if let Some(dict) = entry.object.dict() {
            let mut ahead = reader.clone();
            if matches!(ahead.object(), Some(Object::Word(word)) if word == b"stream") {
                ahead.skip_line_end();
                let start = ahead.at;
                let told = dict.get("Length").and_then(Object::index).map(|it| start.saturating_add(it as usize));
                let found = ends.get(ends.partition_point(|it| *it < start)).copied();
                // The length may be another object, or wrong; the stream then ends at its end mark.
                let is_right = |end: &usize| {
                    self.bytes.get(*end..(*end).saturating_add(12)).is_some_and(|it| contains(it, b"endst"))
                };
                let end = told.filter(is_right).or(found).unwrap_or(self.bytes.len());
                entry.stream = Some((start, end));
                reader.at = end;
            }
        }
        // A changed file has an object twice; the later one is valid.
        self.objects.insert(number, entry);
    }

    /// Reads the objects that stand within streams (§7.5.7).
    fn unpack_objects(&mut self) {
        let mut holders: Vec<(u32, Rc<Dict>)> = Vec::new();
        for (number, entry) in &self.objects {
            let dict = entry.object.dict().filter(|it| it.get("Type").and_then(Object::name) == Some("ObjStm"));
            holders.extend(dict.map(|it| (*number, Rc::clone(it))));
        }
        holders.sort_by_key(|it| it.0);
        // Of all of them together.
        let mut parts_left = MAX_PARTS;
        for (number, dict) in holders {
            let (Some(count), Some(first)) = (self.index(&dict, "N"), self.index(&dict, "First")) else { continue };
            let Some(data) = self.stream(number) else { continue };
            let mut head = Reader::new(&data, 0);
            // Objects that overlap would be read again and again.
            let mut left = data.len().saturating_mul(2);
            for _ in 0..count {
                let pair = (head.object().and_then(|it| it.index()), head.object().and_then(|it| it.index()));
                let (Some(number), Some(offset)) = pair else { break };
                if self.objects.len() >= MAX_OBJECTS {
                    return;
                }
                let place = (first as usize).saturating_add(offset as usize);
                let mut reader = Reader::new(&data, place);
                reader.left = parts_left;
                let object = reader.object();
                parts_left = reader.left;
                left = left.saturating_sub(reader.at.saturating_sub(place).max(1));
                if left == 0 {
                    break;
                }
                if let Some(object) = object {
                    self.objects.entry(number).or_insert(Entry { object, stream: None });
                }
            }
        }
    }

    /// The object itself, or the one that it refers to.
    pub(super) fn resolve<'o>(&'o self, object: &'o Object) -> &'o Object {
        match object {
            Object::Reference(number) => self.objects.get(number).map_or(&Object::Null, |it| &it.object),
            other => other,
        }
    }

    pub(super) fn get<'o>(&'o self, dict: &'o Dict, key: &str) -> Option<&'o Object> {
        dict.get(key).map(|it| self.resolve(it)).filter(|it| **it != Object::Null)
    }

    pub(super) fn index(&self, dict: &Dict, key: &str) -> Option<u32> {
        self.get(dict, key)?.index()
    }

    /// The dictionaries of the objects, by number.
    pub(super) fn dicts(&self) -> impl Iterator<Item = (u32, &Rc<Dict>)> {
        self.objects.iter().filter_map(|(number, it)| Some((*number, it.object.dict()?)))
    }

    /// The unpacked bytes of an object's stream; `None` if it has none, uses a compression that texts do not use, or
    /// the file has already unpacked to too much.
    pub(super) fn stream(&mut self, number: u32) -> Option<Vec<u8>> {
        let entry = self.objects.get(&number)?;
        let (start, end) = entry.stream?;
        if self.unpacked.saturating_add(end.saturating_sub(start)) > MAX_UNPACKED {
            return None;
        }
        let dict = entry.object.dict()?;
        let predicted = |it: &Object| {
            let of = |it: &Object| self.resolve(it).dict().and_then(|it| self.index(it, "Predictor")).unwrap_or(1) > 1;
            it.array().map_or_else(|| of(it), |all| all.iter().any(of))
        };
        if self.get(dict, "DecodeParms").is_some_and(predicted) {
            return None;
        }
        let filters: Vec<String> = match self.get(dict, "Filter") {
            None => Vec::new(),
            Some(Object::Name(name)) => vec![name.clone()],
            Some(it) => it.array()?.iter().filter_map(|it| self.resolve(it).name().map(str::to_owned)).collect(),
        };
        let mut data = self.bytes.get(start..end)?.to_vec();
        self.unpacked += data.len();
        if filters.len() > 3 {
            return None;
        }
        for filter in filters {
            data = match filter.as_str() {
                "FlateDecode" | "Fl" => inflated(&data),
                "ASCIIHexDecode" | "AHx" => match Reader::new(&[b"<", data.as_slice()].concat(), 0).object()? {
                    Object::Text(it) => it,
                    _ => return None,
                },
                "ASCII85Decode" | "A85" => ascii85(&data),
                _ => return None,
            };
            self.unpacked = self.unpacked.saturating_add(data.len());
            if self.unpacked > MAX_UNPACKED {
                return None;
            }
        }
        Some(data)
    }
}

/// Unpacks as much as possible: a truncated stream still holds what came before.
fn inflated(data: &[u8]) -> Vec<u8> {
    let mut res = Vec::new();
    let _ = ZlibDecoder::new(data).take(MAX_STREAM).read_to_end(&mut res);
    res
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let (mut res, mut group, mut count) = (Vec::new(), 0_u32, 0_usize);
    for byte in data {
        match byte {
            b'z' if count == 0 => res.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    res.extend(group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            b'~' => break,
            _ => (),
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        res.extend(group.to_be_bytes().into_iter().take(count - 1));
    }
    res
}

fn positions(bytes: &[u8], word: &[u8]) -> Vec<usize> {
    bytes.windows(word.len()).enumerate().filter(|(_, it)| *it == word).map(|(at, _)| at).collect()
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|it| it == word)
}
