//! The writing systems across which names are compared.

/// A writing system, as far as names are compared across it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Script {
    /// Latin, all its national letters.
    Latin,
    /// Cyrillic.
    Cyrillic,
    /// Armenian.
    Armenian,
    /// Georgian, either form of its letters.
    Georgian,
    /// Arabic, as Persian writes it.
    Arabic,
    /// Any other: words are compared letter by letter there.
    Other,
}

impl Script {
    /// The script of a letter.
    pub fn of(c: char) -> Self {
        match c {
            'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{c0}'..='\u{24f}' | '\u{259}' | '\u{1e00}'..='\u{1eff}' => {
                Self::Latin
            }
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{531}'..='\u{587}' => Self::Armenian,
            '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' => Self::Georgian,
            '\u{600}'..='\u{6ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => Self::Arabic,
            _ => Self::Other,
        }
    }

    /// Whether a name can be told from a word by its first letter.
    pub fn has_capitals(self) -> bool {
        matches!(self, Self::Latin | Self::Cyrillic | Self::Armenian)
    }
}
