//! What short lines around an article say, in the languages of the region and some others.

mod asks;
mod tells;

use std::sync::LazyLock;

/// The kind of a short line, by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Cue {
    /// Asks to share or to follow.
    Share,
    /// Leads to other articles.
    Related,
    /// Asks to subscribe, to log in or to pay.
    Subscribe,
    /// About comments.
    Comment,
    /// An advertisement.
    Ad,
    /// A notice of rights.
    Rights,
    /// Names an author.
    Byline,
    /// Says when it was published.
    Published,
    /// Says how long reading takes.
    ReadingTime,
    /// Names who took a picture.
    Picture,
    /// Lists tags or sections.
    Tags,
    /// About cookies.
    Consent,
    /// Names where a text comes from.
    Source,
}

impl Cue {
    /// How many there are.
    pub(super) const COUNT: usize = Cue::Source as usize + 1;
}

/// A line longer than this many characters is text, whatever it begins with.
const SHORT_LINE: usize = 160;

/// Words that mark a notice wherever they are in it, lower case.
const NOTICES: &[&str] = &[
    "cookie",
    "newsletter",
    "subscribe",
    "sign up",
    "copyright",
    "all rights reserved",
    "javascript",
    "privacy policy",
    "terms of use",
    "click here",
    "e-mail address",
    "email address",
    "appeared first on",
    "first appeared on",
    "affiliate",
    "commission",
    "datenschutz",
    "einverstanden",
    "zustimm",
    "abonn",
    "подписывайтесь",
    "подпишитесь",
    "telegram-канал",
    "telegram-канал",
    "whatsapp",
    "підписуйтесь",
    "abunə",
    "abone",
    "բաժանորդ",
    "გამოიწერე",
    "عضو شوید",
    "ctrl+enter",
    "ctrl + enter",
    "follow us",
    "facebook",
    "instagram",
    "whatsapp channel",
];

/// What a line begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Starts(u32);

impl Starts {
    /// Whether it begins so.
    pub(super) fn says(self, cue: Cue) -> bool {
        self.0 >> cue as u8 & 1 == 1
    }

    /// Whether it begins with any known cue.
    pub(super) fn any(self) -> bool {
        self.0 != 0
    }

    /// The cues without one of them.
    pub(super) fn without(self, cue: Cue) -> Self {
        Self(self.0 & !(1 << cue as u8))
    }

    /// For each cue in order, whether the line begins with it.
    pub(super) fn all(self) -> impl Iterator<Item = bool> {
        (0..Cue::COUNT).map(move |cue| self.0 >> cue & 1 == 1)
    }
}

/// The cues that a line begins with; none for a long line.
pub(super) fn of_start(lower: &str, n_chars: usize) -> Starts {
    if n_chars > SHORT_LINE {
        return Starts::default();
    }
    // What lower case leaves of the Turkish `İ`.
    let bare = lower.contains('\u{307}').then(|| lower.replace('\u{307}', ""));
    let lower = bare.as_deref().unwrap_or(lower);
    let Some(first) = lower.chars().next() else { return Starts::default() };
    // Every line of a page is asked several times: only the starts with its first character are compared.
    let all = BY_FIRST.as_slice();
    let from = all.partition_point(|it| it.0 < first);
    let same = all.iter().skip(from).take_while(|it| it.0 == first);
    Starts(same.filter(|it| lower.starts_with(it.1)).fold(0, |res, it| res | it.2))
}

/// All starts by their first characters, each with the bit of its cue.
static BY_FIRST: LazyLock<Vec<(char, &str, u32)>> = LazyLock::new(|| {
    let all = asks::STARTS.iter().chain(tells::STARTS);
    let all = all.flat_map(|(cue, starts)| starts.iter().map(|it| (*it, 1 << *cue as u8)));
    let mut res: Vec<_> = all.filter_map(|(it, bit)| Some((it.chars().next()?, it, bit))).collect();
    res.sort_unstable();
    res
});

/// How many words of notices occur.
pub(super) fn notices(lower: &str) -> usize {
    NOTICES.iter().filter(|it| lower.contains(**it)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_short_lines_are() {
        let says = |text: &str, cue: Cue| of_start(&text.to_lowercase(), text.chars().count()).says(cue);
        for (text, cue) in [
            ("Read also", Cue::Related),
            ("Читайте также", Cue::Related),
            ("İlgili haberler", Cue::Related),
            ("წაიკითხეთ აგრეთვე", Cue::Related),
            ("Paylaş: X", Cue::Share),
            ("Բոլոր իրավունքները պաշտպանված են", Cue::Rights),
            ("نویسنده: آنا", Cue::Byline),
            ("4 min read", Cue::Tags),
        ] {
            assert_eq!(says(text, cue), cue != Cue::Tags, "{text}");
        }
        for sentence in ["Also on Monday, a bridge was closed.", "También tenemos miedo."] {
            assert_eq!(of_start(&sentence.to_lowercase(), sentence.chars().count()), Starts::default(), "{sentence}");
        }
        assert_eq!(of_start(&"read also ".repeat(30), 300), Starts::default());
        assert_eq!(notices("subscribe to our newsletter"), 2);
    }
}
