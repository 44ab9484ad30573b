//! Whom a text itself names as its origin. Pure.
//!
//! Evidence, not proof: two outlets that cite one agency repeat one origin, whatever their words. An origin is an
//! outlet or an agency. Cues that are also used of ministers and offices ("according to") count only beside a known
//! outlet, or beside a name that is called an outlet.

mod cues;
mod named;
mod outlets;
mod search;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use url::Url;

use crate::text;

pub use self::outlets::Outlets;

use self::{cues::Says, named::Name};

/// Maximum words of a name that stands alone.
const MAX_NAME_WORDS: usize = 6;

/// What the text says of its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It was first published elsewhere: "The post … first appeared on …".
    Reprint,
    /// It reports what another reported: "… reports, citing …".
    Citation,
    /// An agency's byline or mark: "(Reuters)", "/TASS/".
    Agency,
}

impl Manner {
    /// As it is written in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reprint => "first appeared on",
            Self::Citation => "citing",
            Self::Agency => "agency",
        }
    }
}

/// An origin that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How it is named.
    pub manner: Manner,
    /// Whom it names, without a case ending.
    pub name: String,
    /// The byte range of the name with its ending; empty if the name is not in the text but beside it.
    pub span: Range<usize>,
    /// Which of the known outlets it is.
    pub(super) outlet: Option<usize>,
}

impl Origin {
    fn new(manner: Manner, name: Name) -> Self {
        Self { manner, name: name.text, span: name.span, outlet: name.outlet }
    }

    /// A key that is equal for all spellings and forms of a name, as far as they are known or recognised by an ending.
    pub(super) fn key(&self) -> String {
        match self.outlet {
            Some(number) => number.to_string(),
            None => text::tokens(&self.name).iter().map(|it| outlets::root(&it.word)).collect(),
        }
    }
}

/// The origin that a text names: the one with the strongest manner, of equals the first.
pub fn origin(body: &str, outlets: &Outlets) -> Option<Origin> {
    other_origin(body, &[], outlets, |_| false)
}

/// The origin that a text or its authors name, ignoring its own outlet: agencies name themselves in their reports.
pub(super) fn other_origin(
    body: &str,
    authors: &[String],
    outlets: &Outlets,
    is_own: impl Fn(&Origin) -> bool,
) -> Option<Origin> {
    let reprints = text::reprints(body).filter_map(|it| named(body, it, outlets));
    if let Some(it) = reprints.map(|it| Origin::new(Manner::Reprint, it)).find(|it| !is_own(it)) {
        return Some(it);
    }
    let cited = search::cited(body, outlets).into_iter().map(|(says, it)| (says, Origin::new(Manner::Citation, it)));
    let cited = cited.filter(|it| !is_own(&it.1)).collect::<Vec<_>>();
    let first = |of: Says| {
        let all = cited.iter().filter(|it| it.0 == of).map(|it| &it.1);
        all.min_by_key(|it| it.span.start).cloned()
    };
    let signed = || {
        let of_authors = authors.iter().filter_map(|it| signer(it, outlets));
        let signed = of_authors.chain(search::signed(body, outlets)).map(|it| Origin::new(Manner::Agency, it));
        { signed }.find(|it| !is_own(it))
    };
    first(Says::Origin).or_else(signed).or_else(|| first(Says::Source))
}

/// The outlet named by the evidence of a syndication flag: in a note, by an address, or by its name alone.
pub(super) fn syndicated_from(evidence: &str, outlets: &Outlets) -> Option<Origin> {
    let (reprinted, alone) = (text::reprint(evidence).map(|it| it.outlet), evidence.trim());
    let host = Url::parse(alone).ok().and_then(|it| Some(it.host_str()?.trim_start_matches("www.").to_owned()));
    let is_short = || alone.split_whitespace().count() <= MAX_NAME_WORDS && !text::ends_sentence(alone);
    let is_name = || text::cited::is_name(alone) && is_short();
    let name = reprinted.or(host.as_deref()).or_else(|| Some(alone).filter(|_| is_name()))?;
    named(name, 0..name.len(), outlets).map(|it| Origin::new(Manner::Reprint, it))
}

/// The agency named in place of an author.
fn signer(author: &str, outlets: &Outlets) -> Option<Name> {
    let found = outlets.named(author).filter(|it| it.signs)?;
    Some(Name { text: found.name.to_owned(), span: 0..0, outlet: Some(found.outlet) })
}

/// A name in the place of an outlet in a text, under the outlet's usual name if it is known.
fn named(body: &str, span: Range<usize>, outlets: &Outlets) -> Option<Name> {
    let written = body.get(span.clone())?;
    let found = outlets.named(written);
    let (text, outlet) = found.map_or((written, None), |it| (it.name, Some(it.outlet)));
    Some(Name { text: text.to_owned(), span, outlet })
}
