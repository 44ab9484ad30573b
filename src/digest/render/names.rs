//! Names of the files that digests are written to: made of the configured patterns and the slot only, never of fetched
//! text.

use url::Url;

use crate::model::Slot;

use super::Format;

/// Characters of a digest's name in a file name.
const MAX_DIGEST_CHARS: usize = 64;
/// Characters of a pattern.
const MAX_PATTERN_CHARS: usize = 100;
/// The fields that a pattern may have in braces, with their chrono formats.
const FIELDS: [(&str, &str); 6] = [
    ("digest", ""),
    ("date", "%Y-%m-%d"),
    // Without a colon, which some file systems refuse.
    ("time", "%H%M"),
    ("year", "%Y"),
    ("month", "%m"),
    ("day", "%d"),
];

/// How the files of a digest are named, and the address at which they are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNames {
    dated: Vec<Piece>,
    feed: Vec<Piece>,
    /// Ends in a slash.
    served_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Digest,
    /// A part of the slot's time in UTC, as a chrono format.
    Time(&'static str),
}

/// A pattern that names no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It names an unknown field.
    #[error("{{{0}}} is none of {{digest}}, {{date}}, {{time}}, {{year}}, {{month}} and {{day}}")]
    Field(String),
    /// A brace without its fellow.
    #[error("a brace is not closed, or closes nothing")]
    Brace,
    /// A character that is not safe in every file system.
    #[error(
        "{0:?} may not stand in it: letters a to z, digits, \"-\", \"_\" and \".\" may, the last not at its beginning"
    )]
    Character(char),
    /// It is the same for every digest, or longer than a name may be.
    #[error("{{digest}} stands in it {0} times: it must once, so that no two digests write to one file")]
    Digests(usize),
    /// It is too long.
    #[error("it is longer than {MAX_PATTERN_CHARS} characters")]
    TooLong,
}

impl FileNames {
    /// `dated` is the pattern for the files of an issue without extensions, such as `{digest}-{date}T{time}Z`. `feed`
    /// is that for the Atom, RSS and JSON feeds, which readers expect in one place: `{digest}`. All times are those of
    /// the slot, in UTC.
    ///
    /// # Errors
    ///
    /// [`NameError`], with whether it is `feed` that has it.
    pub fn new(dated: &str, feed: &str) -> Result<Self, (bool, NameError)> {
        let (dated, feed) = (pieces(dated).map_err(|it| (false, it))?, pieces(feed).map_err(|it| (true, it))?);
        Ok(Self { dated, feed, served_at: None })
    }

    /// The names of files that a web server serves below `address`, by which feeds then name themselves.
    #[must_use]
    pub fn served_at(self, address: &Url) -> Self {
        let address = address.as_str();
        let slash = if address.ends_with('/') { "" } else { "/" };
        Self { served_at: Some(format!("{address}{slash}")), ..self }
    }

    /// The address below which the files are served, where it is known.
    pub(super) fn served_from(&self) -> Option<&str> {
        self.served_at.as_deref()
    }

    /// The address of the file of a digest in a format, where it is known.
    pub(super) fn address(&self, slot: &Slot, format: Format) -> Option<String> {
        self.served_at.as_ref().map(|it| format!("{it}{}", self.of(slot, format)))
    }

    /// The name of the file of a digest in a format.
    pub(super) fn of(&self, slot: &Slot, format: Format) -> String {
        let pieces = match format {
            Format::Atom | Format::Rss | Format::JsonFeed => &self.feed,
            Format::Html | Format::Text | Format::Markdown | Format::Json => &self.dated,
        };
        let stem: String = pieces
            .iter()
            .map(|it| match it {
                Piece::Plain(text) => text.clone(),
                Piece::Digest => safe(&slot.digest),
                Piece::Time(format) => slot.at.format(format).to_string(),
            })
            .collect();
        format!("{stem}.{}", format.extension())
    }
}

impl Default for FileNames {
    /// `<digest>-<YYYY-MM-DD>T<HHMM>Z`, and feeds by the digest alone. A test holds the configuration to it.
    fn default() -> Self {
        let plain = |text: &str| Piece::Plain(text.to_owned());
        let [date, time] = ["%Y-%m-%d", "%H%M"].map(Piece::Time);
        let dated = vec![Piece::Digest, plain("-"), date, plain("T"), time, plain("Z")];
        Self { dated, feed: vec![Piece::Digest], served_at: None }
    }
}

fn pieces(pattern: &str) -> Result<Vec<Piece>, NameError> {
    if pattern.chars().count() > MAX_PATTERN_CHARS {
        return Err(NameError::TooLong);
    }
    let mut res = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let Some((plain, after)) = rest.split_once('{') else {
            res.extend(plain_piece(rest, res.is_empty())?);
            break;
        };
        res.extend(plain_piece(plain, res.is_empty())?);
        let (field, after) = after.split_once('}').ok_or(NameError::Brace)?;
        let known = FIELDS.iter().find(|it| it.0 == field).ok_or_else(|| NameError::Field(field.to_owned()))?;
        res.push(if known.1.is_empty() { Piece::Digest } else { Piece::Time(known.1) });
        rest = after;
    }
    match res.iter().filter(|it| **it == Piece::Digest).count() {
        1 => Ok(res),
        n => Err(NameError::Digests(n)),
    }
}

fn plain_piece(text: &str, is_first: bool) -> Result<Option<Piece>, NameError> {
    if text.contains('}') {
        return Err(NameError::Brace);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text.chars().find(|it| !fits(*it)) {
        Some(c) => Err(NameError::Character(c)),
        // A leading dot hides the file, and is one step from "..".
        None if is_first && text.starts_with('.') => Err(NameError::Character('.')),
        None => Ok((!text.is_empty()).then(|| Piece::Plain(text.to_owned()))),
    }
}

/// The name of a digest without characters that have a meaning in a path.
fn safe(digest: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = digest.chars().take(MAX_DIGEST_CHARS).map(fits).collect();
    if name.is_empty() { "digest".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(digest: &str) -> Slot {
        Slot { digest: digest.to_owned(), at: "2026-11-22T04:05:00Z".parse().unwrap() }
    }

    #[track_caller]
    fn check_name(digest: &str, expected: &str) {
        assert_eq!(FileNames::default().of(&slot(digest), Format::Html), format!("{expected}.html"));
    }

    #[test]
    fn file_names_are_safe() {
        check_name("daily_1", "daily_1-2026-11-22T0405Z");
        check_name("../../etc/cron.d/x", "------etc-cron-d-x-2026-11-22T0405Z");
        check_name("", "digest-2026-11-22T0405Z");
        check_name("a\0ж/", "a----2026-11-22T0405Z");
        check_name(&"x".repeat(300), &format!("{}-2026-11-22T0405Z", "x".repeat(64)));
    }

    #[test]
    fn any_name_of_a_digest_makes_a_file_name() {
        let cases = bolero::check!().with_iterations(2_000).with_type::<(String, i64)>();
        cases.for_each(|(name, seconds)| {
            let Some(at) = chrono::DateTime::from_timestamp(*seconds, 0) else { return };
            let name = FileNames::default().of(&Slot { digest: name.clone(), at }, Format::Json);
            assert!(name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_+.".contains(&it)), "{name:?}");
            assert!(!name.starts_with('.') && name.len() < 150, "{name:?}");
        });
    }

    #[track_caller]
    fn check(pattern: &str, expected: Result<&str, NameError>) {
        let name = FileNames::new(pattern, "{digest}").map(|it| it.of(&slot("daily"), Format::Text));
        assert_eq!(name, expected.map(str::to_owned).map_err(|it| (false, it)), "{pattern}");
    }

    #[test]
    fn patterns_name_files() {
        check("{digest}-{date}T{time}Z", Ok("daily-2026-11-22T0405Z.txt"));
        check("sitrep.{year}_{month}_{day}.{digest}", Ok("sitrep.2026_11_22.daily.txt"));
        check("{digest}", Ok("daily.txt"));
        check("{week}", Err(NameError::Field("week".to_owned())));
        check("{digest}/{date}", Err(NameError::Character('/')));
        check("..{digest}", Err(NameError::Character('.')));
        check("{date}", Err(NameError::Digests(0)));
        check("", Err(NameError::Digests(0)));
        check("{digest}{digest}", Err(NameError::Digests(2)));
        check("{digest", Err(NameError::Brace));
        check("digest}", Err(NameError::Brace));
        check(&"x".repeat(101), Err(NameError::TooLong));
        assert_eq!(FileNames::new("{digest}", "x"), Err((true, NameError::Digests(0))));
        assert_eq!(FileNames::new("{digest}-{date}T{time}Z", "{digest}"), Ok(FileNames::default()));
    }

    /// A feed reader asks at one address.
    #[test]
    fn a_feed_keeps_its_name() {
        assert_eq!(FileNames::default().of(&slot("daily"), Format::Atom), "daily.atom");
        assert_eq!(FileNames::default().of(&slot("daily"), Format::JsonFeed), "daily.jsonfeed");
    }

    #[test]
    fn a_feed_has_an_address_where_it_is_served() {
        let address = |at: &str| {
            let names = FileNames::default().served_at(&at.parse().unwrap());
            names.address(&slot("daily"), Format::Atom)
        };
        for base in ["https://desk.example/out", "https://desk.example/out/"] {
            assert_eq!(address(base), Some("https://desk.example/out/daily.atom".to_owned()));
        }
        assert_eq!(address("https://desk.example"), Some("https://desk.example/daily.atom".to_owned()));
        assert_eq!(FileNames::default().address(&slot("daily"), Format::Atom), None);
    }
}
