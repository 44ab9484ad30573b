//! How many attributes the tags of a document carry, counted without parsing it.

/// Elements whose content is text up to their end tag, whatever stands in it.
const RAW: &[&str] = &["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// Elements in which the rule above does not hold, or not for every parser. Nothing is skipped in them.
const NOT_RAW_INSIDE: &[&str] = &["svg", "math", "noscript"];

/// After these elements it is uncertain what is text: a parser may be in a frameset, or still in a drawing whose end
/// tag it has ignored.
const DOUBTFUL: &[&str] = &["svg", "math", "frameset"];

/// Limit of attributes of a tag within what may be text. Scripts contain comparisons, and what follows their `<` is no
/// tag.
const LIMIT_IN_DOUBT: usize = 5_000;

/// Whether a tag of the document has more than `limit` attributes. One pass over the bytes.
pub(super) fn exceed(markup: &str, limit: usize) -> bool {
    let (mut inside, mut is_doubtful) = (0_usize, false);
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = after_comment(comment);
            continue;
        }
        let closing = rest.starts_with('/');
        let text = rest.strip_prefix('/').unwrap_or(rest);
        if !text.starts_with(|it: char| it.is_ascii_alphabetic()) {
            continue;
        }
        let tag = Tag::read(text);
        if tag.attributes > limit {
            return true;
        }
        rest = text.get(tag.length..).unwrap_or_default();
        if NOT_RAW_INSIDE.iter().any(|it| it.eq_ignore_ascii_case(tag.name)) {
            match (closing, tag.closes_itself) {
                (true, _) => inside = inside.saturating_sub(1),
                (false, false) => inside += 1,
                (false, true) => (),
            }
        } else if !closing && inside == 0 && RAW.iter().any(|it| it.eq_ignore_ascii_case(tag.name)) {
            let after = from_end_tag(rest, tag.name);
            let skipped = rest.get(..rest.len() - after.len()).unwrap_or_default();
            if is_doubtful && has_tag_of(skipped, LIMIT_IN_DOUBT) {
                return true;
            }
            rest = after;
        }
        is_doubtful |= DOUBTFUL.iter().any(|it| it.eq_ignore_ascii_case(tag.name));
    }
    false
}

/// Whether something in a text has more attributes than `limit`, if it is a tag.
fn has_tag_of(text: &str, limit: usize) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with(|it: char| it.is_ascii_alphabetic()) {
            let tag = Tag::read(rest);
            if tag.attributes > limit {
                return true;
            }
            rest = rest.get(tag.length..).unwrap_or_default();
        }
    }
    false
}

/// What follows a comment whose `<!--` has been read. Its shortest forms are `<!-->` and `<!--->`, and `--!>`
/// ends one as well (HTML standard, "comment start state" and "comment end bang state").
fn after_comment(text: &str) -> &str {
    for short in [">", "->"] {
        if let Some(rest) = text.strip_prefix(short) {
            return rest;
        }
    }
    // One search, not one for each end: a page of thousands of comments has the rarer end nowhere.
    let ends = text.match_indices("--").filter_map(|(at, _)| {
        let rest = text.get(at + 2..)?;
        let length = if rest.starts_with('>') { 3 } else { 4 };
        (length == 3 || rest.starts_with("!>") || rest.starts_with("->")).then_some(at + length)
    });
    ends.into_iter().next().and_then(|it| text.get(it..)).unwrap_or_default()
}

/// `text` from the end tag of `name` on; empty where there is none.
fn from_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let is_end = |at: &usize| {
        let found = text.get(at + 2..at + 2 + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name));
        let next = text.as_bytes().get(at + 2 + name.len());
        found && next.is_none_or(|it| it.is_ascii_whitespace() || matches!(it, b'/' | b'>'))
    };
    let end = text.match_indices("</").map(|(at, _)| at).find(is_end);
    end.and_then(|it| text.get(it..)).unwrap_or_default()
}

struct Tag<'a> {
    name: &'a str,
    attributes: usize,
    /// Bytes up to and with its `>`.
    length: usize,
    closes_itself: bool,
}

/// The state of the reader of a tag (HTML standard §13.2.5, states from "tag name" on).
enum State {
    Name,
    BeforeAttribute,
    AttributeName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

impl<'a> Tag<'a> {
    /// Reads a tag whose `<` or `</` has been read. An apostrophe is a quote at the start of a value only:
    /// pages hold `<img src='x''/>`.
    fn read(text: &'a str) -> Self {
        let name_end = text.find(|it: char| it.is_ascii_whitespace() || matches!(it, '/' | '>')).unwrap_or(text.len());
        let mut res = Tag {
            name: text.get(..name_end).unwrap_or_default(),
            attributes: 0,
            length: text.len(),
            closes_itself: false,
        };
        let mut state = State::Name;
        for (at, byte) in text.bytes().enumerate() {
            if let State::Quoted(quote) = state {
                if byte == quote {
                    state = State::BeforeAttribute;
                }
                continue;
            }
            if byte == b'>' {
                res.length = at + 1;
                break;
            }
            let was_slash = res.closes_itself;
            res.closes_itself = false;
            state = match (state, byte) {
                (State::Unquoted, it) if !it.is_ascii_whitespace() => State::Unquoted,
                (State::BeforeValue, b'"' | b'\'') => State::Quoted(byte),
                (State::BeforeValue, it) if it.is_ascii_whitespace() => State::BeforeValue,
                (State::BeforeValue, _) => State::Unquoted,
                (_, b'/') => {
                    res.closes_itself = true;
                    State::BeforeAttribute
                }
                (State::AttributeName, b'=') => State::BeforeValue,
                // The value may stand apart from the `=`, and the `=` apart from the name.
                (State::BeforeAttribute, b'=') if res.attributes > 0 && !was_slash => State::BeforeValue,
                (State::Name, it) if !it.is_ascii_whitespace() => State::Name,
                (State::AttributeName, it) if !it.is_ascii_whitespace() => State::AttributeName,
                (_, it) if it.is_ascii_whitespace() => State::BeforeAttribute,
                _ => {
                    res.attributes += 1;
                    State::AttributeName
                }
            };
        }
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, most: usize) {
        assert!(!exceed(markup, most), "more than {most} in {markup:.100}");
        assert!(most == 0 || exceed(markup, most - 1), "fewer than {most} in {markup:.100}");
    }

    #[test]
    fn counts_attributes() {
        check("<p>", 0);
        check("<p a b=1 c='2 x y' d=\"3 > 4\" e = 5 f=/g/>", 6);
        check("<p a='1'b='2'/c><i x y>", 3);
        check("<img src='x''/><p a b c d>", 4);
        check("1 < 2 a b c <3 d e f </ > text", 0);
        check("</p a b>", 2);
    }

    #[test]
    fn passes_over_what_is_no_tag() {
        check("<!-- <p a b c> --><p a>", 1);
        check("<!--><p a b>", 2);
        check("<!--x--!><p a b>", 2);
        check("<!----><!-- a--b ---><p a b><!-- -- -> --->", 2);
        check("<script>if (a<b c d e) '</scripted>'</script><p a>", 1);
        check("<title><script></title><p a b>", 2);
    }

    #[test]
    fn hides_nothing_where_parsers_differ() {
        check("<svg><style></svg><p a b></style>", 2);
        check("<svg/><script><p a b></script>", 0);
        check("<svg a=/><script><p a b></script></svg>", 2);
        check("<noscript><script></noscript><p a b>", 2);
        let many = format!("<p{}", " a".repeat(LIMIT_IN_DOUBT + 1));
        for before in ["<frameset><title>", "<svg><foreignObject><p></svg></p></foreignObject><style>"] {
            assert!(exceed(&format!("{before}{many}"), 1_000), "{before}");
        }
        // A script that compares is none the worse for a drawing above it.
        check(&format!("<svg></svg><script>if (a <b{}) c</script>", " && a".repeat(1_000)), 0);
        assert!(!exceed(&format!("<title>{many}"), 1_000));
    }
}
