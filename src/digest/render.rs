//! Renders a digest or an alert as a message and as files. Pure: the same value gives the same bytes.
//!
//! Adding a format adds a variant of [`Format`] and a file here.

mod atom;
mod feed;
mod feed_entries;
mod json;
mod json_feed;
mod mail;
mod markdown;
mod markup;
mod more;
mod names;
mod rss;
mod templates;
mod text;
mod view;

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono_tz::Tz;

use crate::model::{Alert, Document, Rendered, Report, Severity, Source, Tag, Timestamp};

use super::{Capped, Digest, Fate, Limits, ReportLine, TopicName, one_line, select};

pub use self::{
    feed::joined,
    more::{Counted, more},
    names::{FileNames, NameError},
    templates::{BUILT_IN, TemplateError, Templates},
};
use self::{
    templates::{Data, Kind},
    view::{Told, View},
};

/// Characters of a subject line.
const MAX_SUBJECT_CHARS: usize = 150;

/// Rendering failed because of a defect of sitrepd, not because of the input or a user's template.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template does not fit its data.
    #[error("the template {name} failed")]
    Template {
        /// Which one.
        name: String,
        /// What the engine says.
        source: minijinja::Error,
    },
    /// A record cannot be written as JSON.
    #[error("cannot write JSON")]
    Json {
        /// What serde says.
        source: serde_json::Error,
    },
}

/// The formats in which a digest can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// Plain text in short lines.
    Text,
    /// CommonMark.
    Markdown,
    /// A versioned record.
    Json,
    /// Atom 1.0, RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    JsonFeed,
}

/// A name that is no digest format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("digest format {0:?} is none of html, text, md, json, atom, rss and jsonfeed")]
pub struct FormatError(pub String);

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Html, Self::Text, Self::Markdown, Self::Json, Self::Atom, Self::Rss, Self::JsonFeed];

    /// The extension of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::JsonFeed => "jsonfeed",
        }
    }

    /// The media type, with its charset where it has one.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::JsonFeed => "application/feed+json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "html",
            Self::Text => "text",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::JsonFeed => "jsonfeed",
        })
    }
}

impl FromStr for Format {
    type Err = FormatError;

    /// Reads what [`fmt::Display`] writes, and `txt` and `markdown`.
    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "html" => Ok(Self::Html),
            "text" | "txt" => Ok(Self::Text),
            "md" | "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            "atom" => Ok(Self::Atom),
            "rss" => Ok(Self::Rss),
            "jsonfeed" => Ok(Self::JsonFeed),
            _ => Err(FormatError(text.to_owned())),
        }
    }
}

/// How messages look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The templates of page, text and Markdown.
    pub templates: &'a Templates,
    /// The operator's domain name: the authority of the `tag:` URIs (RFC 4151) in the feeds.
    pub domain: &'a str,
    /// How the files of a digest are named.
    pub files: &'a FileNames,
}

impl Look<'_> {
    fn render(self, kind: Kind, data: &Data) -> Result<String, RenderError> {
        let name = || Format::from(kind).to_string();
        self.templates.render(kind, data).map_err(|source| RenderError::Template { name: name(), source })
    }
}

/// Renders a digest as a message, with a document for each of `formats`. In the text of the message each paragraph is
/// one line; in the document it is folded.
///
/// # Errors
///
/// [`RenderError`], which no input causes.
pub fn digest(digest: &Digest, formats: &[Format], look: Look<'_>) -> Result<Rendered, RenderError> {
    let data = Data::from(View::of_digest(digest));
    // The text of thousands of stories takes long to make and does not fit into a mail.
    let is_wanted = formats.contains(&Format::Text) || !mail::is_surely_too_long(digest, look);
    let text = is_wanted.then(|| look.render(Kind::Text, &data)).transpose()?;
    let mut documents = Vec::new();
    for &format in formats {
        let body = match format {
            Format::Html => look.render(Kind::Html, &data)?,
            Format::Text => text::folded(text.as_deref().unwrap_or_default()),
            Format::Markdown => look.render(Kind::Markdown, &data)?,
            Format::Json => json::digest(digest)?,
            Format::Atom => atom::render(digest, &data.view, look),
            Format::Rss => rss::render(digest, &data.view, look),
            Format::JsonFeed => json_feed::render(digest, &data.view, look)?,
        };
        documents.push(named(look.files.of(&digest.slot, format), format, body));
    }
    let subject = one_line(&data.view.subject, MAX_SUBJECT_CHARS);
    let (text, html) = mail::mail(digest, data.view, text, look)?;
    Ok(Rendered { subject, text, html: Some(html), documents })
}

/// An alert, with what is available of the report for which it fired.
#[derive(Debug, Clone, Copy)]
pub struct AlertInput<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// How loud its watch is.
    pub severity: Severity,
    /// The report, if it can be read.
    pub report: Option<&'a Report>,
    /// That report's source, if it is still configured.
    pub source: Option<&'a Source>,
    /// What became of the report since the alert was raised, if anything did.
    pub fate: Option<Fate>,
}

/// How alerts waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// When the first of them was raised.
    pub since: Timestamp,
    /// What they waited for, if known.
    pub pause: Option<Pause>,
}

/// What delays the message of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Hours in which nobody is to be woken.
    QuietHours,
    /// The pause of a watch after it fired.
    CoolDown,
}

/// What a message about alerts is rendered from.
#[derive(Debug, Clone, Copy)]
pub struct AlertsInput<'a> {
    /// The alert that names the message.
    pub first: AlertInput<'a>,
    /// The others that it tells.
    pub more: &'a [AlertInput<'a>],
    /// How many more there are.
    pub left_out: usize,
    /// How they waited to be sent together; `None` if they are sent at once, for one report.
    pub held: Option<Waited>,
    /// Names for topics.
    pub topics: &'a [TopicName],
    /// In which times are shown.
    pub zone: Tz,
    /// How it looks.
    pub look: Look<'a>,
}

/// Renders alerts as a message, with a text and a JSON document named by the id of the first.
///
/// # Errors
///
/// [`RenderError`], which no input causes.
pub fn alerts(input: AlertsInput<'_>) -> Result<Rendered, RenderError> {
    let limits = Limits { hits: 10, ..Limits::default() };
    let line = |it: &AlertInput<'_>| {
        let line = |report| ReportLine { fate: it.fate, ..select::report_line(report, it.source, limits) };
        let report = it.report.map(|it| (it, line(it)));
        select::alert_line(it.alert, it.severity, report, Vec::new(), limits)
    };
    let first = line(&input.first);
    let more = Capped { items: input.more.iter().map(line).collect(), more: input.left_out };
    let tags = input.first.report.filter(|_| input.held.is_none()).map_or(&[] as &[Tag], |it| &it.tags);
    let topics = tags.iter().map(|tag| select::topic_name(input.topics, &tag.topic)).collect::<Vec<_>>();
    let told = Told { first: &first, more: &more, topics: &topics, held: input.held };
    let data = Data::from(View::of_alerts(told, input.zone));
    let text = input.look.render(Kind::Text, &data)?;
    let stem = format!("alert-{}", first.id);
    let documents = vec![
        document(&stem, Format::Text, text::folded(&text)),
        document(&stem, Format::Json, json::alerts(&first, &more, &topics)?),
    ];
    let html = Some(input.look.render(Kind::Html, &data)?);
    Ok(Rendered { subject: one_line(&data.view.subject, MAX_SUBJECT_CHARS), text, html, documents })
}

/// The ids of the alerts shown in a message made by [`alerts`].
pub fn told(message: &Rendered) -> BTreeSet<String> {
    let record = message.documents.iter().find(|it| it.media_type == Format::Json.media_type());
    record.map(|it| json::told(&it.body)).unwrap_or_default()
}

fn document(stem: &str, format: Format, body: String) -> Document {
    named(format!("{stem}.{}", format.extension()), format, body)
}

fn named(name: String, format: Format, body: String) -> Document {
    Document { name, media_type: format.media_type().to_owned(), body }
}

/// Escapes text for HTML and XML, in element content and in quoted attributes.
///
/// Not minijinja's own escape, which writes `/` as `&#x2f;`: right, but no link in a mail's source is readable then.
pub fn escape(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    // A string takes everything.
    let _ = escape_to(&mut res, text);
    res
}

/// Writes the result of [`escape`] in as few pieces as possible.
fn escape_to(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    // All that is escaped is one byte long.
    while let Some((at, by)) = rest.bytes().enumerate().find_map(|(at, byte)| Some((at, escaped(byte)?))) {
        out.write_str(rest.get(..at).unwrap_or_default())?;
        out.write_str(by)?;
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    out.write_str(rest)
}

/// The escape of a byte with a meaning in HTML or XML.
fn escaped(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#39;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_name() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(format.extension().parse(), Ok(format));
        }
        assert_eq!("pdf".parse::<Format>(), Err(FormatError("pdf".to_owned())));
    }

    #[test]
    fn what_means_something_in_html_is_escaped() {
        assert_eq!(escape("<a href=\"x\">R&D's</a>"), "&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;");
        assert_eq!(escape("ნატო < «OTAN»/'"), "ნატო &lt; «OTAN»/&#39;");
        assert_eq!(escape(""), "");
    }
}
