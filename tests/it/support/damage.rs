//! Documents damaged at random.

use bolero::TypeGenerator;

/// One damage. Places are shares of the document: 0 is its start, 65,535 its end.
#[derive(Debug, Clone, TypeGenerator)]
pub(crate) enum Damage {
    Cut(u16),
    Drop { at: u16, length: u8 },
    Repeat { at: u16, length: u8, times: u8 },
    Flip { at: u16, bit: u8 },
    Insert { at: u16, what: u8 },
    Splice { at: u16, other: u8, from: u16, length: u16 },
}

/// What feeds are broken with, and what attackers send.
const PIECES: &[&str] = &[
    "<",
    ">",
    "&",
    "&amp",
    "&#8;",
    "&#xD800;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "\0",
    "\u{feff}",
    "<item>",
    "</item>",
    "<entry>",
    "</channel>",
    "<title>",
    "</title>",
    "\"",
    "'",
    "<b><i>",
    "<?xml version=\"1.0\" encoding=\"windows-1251\"?>",
    "<!DOCTYPE x [<!ENTITY a \"&a;&a;\">]>",
    "&a;",
    "xmlns:x=\"",
    "{",
    "}",
    "[",
    "\\u12",
    "1e999",
    "\u{202e}",
    "ӿ",
    "ქ",
];

pub(crate) fn damaged(document: &[u8], damages: &[Damage], all: &[Vec<u8>]) -> Vec<u8> {
    let place = |length: usize, at: u16| length * usize::from(at) / usize::from(u16::MAX);
    let mut res = document.to_vec();
    for damage in damages {
        let length = res.len();
        match *damage {
            Damage::Cut(at) => res.truncate(place(length, at)),
            Damage::Drop { at, length: n } => {
                let start = place(length, at);
                res.drain(start..(start + usize::from(n)).min(length));
            }
            Damage::Repeat { at, length: n, times } => {
                let start = place(length, at);
                // Long documents take most of the time, so that they are few.
                let times = if times < 240 { times % 8 } else { times };
                let piece = res[start..(start + usize::from(n)).min(length)].repeat(usize::from(times));
                res.splice(start..start, piece);
            }
            Damage::Flip { at, bit } => {
                if let Some(it) = res.get_mut(place(length, at)) {
                    *it ^= 1 << (bit % 8);
                }
            }
            Damage::Insert { at, what } => {
                let start = place(length, at);
                res.splice(start..start, PIECES[usize::from(what) % PIECES.len()].bytes());
            }
            Damage::Splice { at, other, from, length: n } => {
                let other = &all[usize::from(other) % all.len()];
                let from = place(other.len(), from);
                let piece = other[from..(from + usize::from(n) % 2_000).min(other.len())].to_vec();
                let start = place(length, at);
                res.splice(start..start, piece);
            }
        }
    }
    res
}
