//! Text and page of a digest as a mail that services show whole.

use super::{Look, RenderError, templates::Kind, view::View};
use crate::digest::{Cut, Digest};

/// Maximum encoded bytes of text and page. Large mail services clip mails longer than 102 KB; the rest is for the
/// headers.
const MAX_BYTES: usize = 95_000;

/// How a digest is shortened, step by step, until it fits. With reports in hundreds of topics, even one story of each
/// is too much.
const CUTS: [Cut; 11] = [
    Cut::to(12),
    Cut::to(8),
    Cut::to(5),
    Cut::to(3),
    Cut::to(2),
    Cut::to(1),
    Cut { sections: 40, ..Cut::TITLES },
    Cut { sections: 20, ..Cut::TITLES },
    Cut { sections: 10, ..Cut::TITLES },
    Cut { sections: 5, ..Cut::TITLES },
    Cut { sections: 1, ..Cut::TITLES },
];

/// Whether the headlines alone are longer than a mail may be. A user's own template may show fewer.
pub(super) fn is_surely_too_long(digest: &Digest, look: Look<'_>) -> bool {
    let headlines: usize = digest.stories().map(|it| it.headline.text.len()).sum();
    look.templates.is_built_in(Kind::Text) && headlines > MAX_BYTES
}

/// Text and page of a mail, with fewer stories if it would otherwise be clipped. `whole` is the text of all stories;
/// `None` if that is surely too long. Only with a user's own templates the mail may still be too long.
pub(super) fn mail(
    digest: &Digest,
    view: View,
    whole: Option<String>,
    look: Look<'_>,
) -> Result<(String, String), RenderError> {
    let (mut text, mut html) = (String::new(), String::new());
    let mut fits = false;
    if let Some(whole) = whole.filter(|it| sent_text(it) <= MAX_BYTES) {
        html = look.render(Kind::Html, &View { is_mail: true, ..view }.into())?;
        fits = sent_text(&whole) + sent_page(&html) <= MAX_BYTES;
        text = whole;
    }
    for cut in CUTS {
        if fits {
            break;
        }
        let shortened = View::of_digest(&digest.shortened(cut));
        let n_sections: usize = digest.groups.iter().map(|it| it.sections.len()).sum();
        let topics = match cut.sections < n_sections {
            true => format!(" and the first {} of {n_sections} topics", cut.sections),
            false => String::new(),
        };
        let n = cut.of_a_kind;
        let told = format!("Shortened to {n} of a kind{topics}, since mail services cut what is longer.");
        let data = View { is_mail: true, intro: [shortened.intro, vec![told]].concat(), ..shortened }.into();
        (text, html) = (look.render(Kind::Text, &data)?, look.render(Kind::Html, &data)?);
        fits = sent_text(&text) + sent_page(&html) <= MAX_BYTES;
    }
    Ok((text, html))
}

/// Encoded bytes of a page.
fn sent_page(html: &str) -> usize {
    let it = Bytes::of(html);
    if it.is_quoted((1, 3)) { it.quoted() } else { it.base64() }
}

/// Upper bound of the encoded bytes of a text. It is first made to flow (RFC 3676) in lines of about 76 characters.
/// Each line ends in a space, may begin with a quote mark, and makes base64 slightly more likely.
fn sent_text(text: &str) -> usize {
    const LEAST_WIDTH: usize = 50;
    const OF_A_LINE: usize = 7;
    let lines: usize = text.lines().map(|it| it.len() / LEAST_WIDTH).sum();
    let it = Bytes::of(text);
    OF_A_LINE * lines + if it.is_quoted((2, 5)) { it.quoted().max(it.base64()) } else { it.base64() }
}

/// The bytes of a text, by how a mail encodes them.
struct Bytes {
    all: usize,
    breaks: usize,
    /// Bytes that are neither printable ASCII nor a tab, including line breaks.
    special: usize,
    equals: usize,
}

impl Bytes {
    fn of(text: &str) -> Self {
        let count = |what: fn(u8) -> bool| text.bytes().filter(|it| what(*it)).count();
        Self {
            all: text.len(),
            breaks: count(|it| it == b'\n'),
            special: count(|it| !matches!(it, b'\t' | b' '..=b'~')),
            equals: count(|it| it == b'='),
        }
    }

    /// Whether it is sent as quoted-printable, which lettre chooses if at most a third is special, and otherwise
    /// base64.
    fn is_quoted(&self, (part, of): (usize, usize)) -> bool {
        self.special * of <= self.all * part
    }

    /// Length as quoted-printable (RFC 2045 §6.7): three characters for each special byte, and soft breaks that split
    /// none of these.
    fn quoted(&self) -> usize {
        const WIDTH: usize = 73;
        const SOFT_BREAK: usize = 3;
        let of_three = self.special - self.breaks + self.equals;
        let characters = self.all - self.breaks + 2 * of_three;
        characters + characters / WIDTH * SOFT_BREAK + 2 * self.breaks
    }

    /// Length as base64 (RFC 2045 §6.8) of the text with CRLF: four characters for three bytes, in lines of 76.
    fn base64(&self) -> usize {
        const BYTES_OF_A_LINE: usize = 57;
        let bytes = self.all + self.breaks;
        bytes.div_ceil(3) * 4 + bytes.div_ceil(BYTES_OF_A_LINE) * 2
    }
}

#[cfg(test)]
mod tests {
    use lettre::message::Body;

    use super::*;

    /// What is reckoned is what lettre makes, or a little more.
    #[test]
    fn as_long_as_lettre_makes_it() {
        let page =
            |text: &str| format!("<p class=\"muted\" style=\"margin:3px 0 0;color:#5f6b7a\">{text}</p>\n").repeat(50);
        for text in [
            "The chair spoke = 1 hour. ",
            "Переговоры длились два часа. ",
            "შავი ზღვის უსაფრთხოება. ",
            "رزمایش مرزی در کنار رود ارس. ",
        ] {
            for html in
                [page(text), page(&text.repeat(2)), page(&text.repeat(6)), page(&text.repeat(40)), text.repeat(400)]
            {
                let (reckoned, sent) = (sent_page(&html), Body::new(html.clone()).len());
                assert!(
                    (sent..=sent + sent / 25 + 8).contains(&reckoned),
                    "{reckoned} and {sent} bytes: {}",
                    &html[..80.min(html.len())]
                );
            }
        }
    }
}
