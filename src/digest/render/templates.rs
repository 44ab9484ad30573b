//! The templates of page, text and Markdown: the built-in ones, and those of a user in their place.
//!
//! A format escapes whatever its template prints, and no template can turn that off. A user's template that fails on
//! some digest is replaced by the built-in one, and the digest says so: it goes out in any case.

mod sample;

use std::{fmt, io, sync::Arc};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter,
    syntax::SyntaxConfig, value::Serde,
};

use super::{Format, escape_to, markdown, text, view::View};

/// Fuel of a user's template: an ordinary digest takes a hundredth of it. It limits the time to about a second and the
/// memory to 320 MB (64 bytes each).
const FUEL: u64 = 5_000_000;
/// Maximum bytes that a user's template may write.
const MAX_OUTPUT_BYTES: usize = 32 << 20;
/// Bytes of a user's template.
const MAX_TEMPLATE_BYTES: usize = 1 << 20;
/// Maximum templates of a user, including parts that others include.
const MAX_TEMPLATES: usize = 50;

/// The built-in templates, by their names in a directory of a user's own.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("digest.html", include_str!("templates/digest.html")),
    ("digest.txt", include_str!("templates/digest.txt")),
    ("digest.md", include_str!("templates/digest.md")),
];

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TemplateError {
    /// Its name.
    pub name: String,
    /// The line of the error, from 1, if known.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl TemplateError {
    /// Adds the line of the error: the engine does not say which name is unknown.
    fn shown_in(self, templates: &[(String, String)]) -> Self {
        let text = templates.iter().find(|it| it.0 == self.name).map_or("", |it| it.1.as_str());
        let line = self.line.and_then(|it| text.lines().nth(it.checked_sub(1)?)).unwrap_or_default();
        match super::one_line(line, 100) {
            line if line.is_empty() => self,
            line => Self { problem: format!("{}, in {line}", self.problem), ..self },
        }
    }
}

/// The templates, ready for use.
#[derive(Debug, Clone)]
pub struct Templates(Arc<[Set; 3]>);

/// A view, made ready once for all templates.
pub(super) struct Data {
    pub(super) view: View,
    value: Value,
}

impl From<View> for Data {
    fn from(view: View) -> Self {
        let value = Value::from(Serde(&view));
        Self { view, value }
    }
}

/// The templates of one format.
#[derive(Debug)]
struct Set {
    kind: Kind,
    built_in: Environment<'static>,
    /// The user's template, if there is one.
    own: Option<Environment<'static>>,
}

/// A format that is made by a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Text,
    Markdown,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Html, Self::Text, Self::Markdown];

    fn built_in(self) -> (&'static str, &'static str) {
        let [html, text, markdown] = BUILT_IN;
        match self {
            Self::Html => html,
            Self::Text => text,
            Self::Markdown => markdown,
        }
    }

    /// The kind of the template with this name.
    fn of(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1;
        Self::ALL.into_iter().find(|it| it.built_in().0.ends_with(&format!(".{ending}")))
    }
}

impl Templates {
    /// The built-in templates, replaced by those of `own` named `digest.html`, `digest.txt` and `digest.md`; other
    /// names are parts that these include. Each is tried on a sample digest that has something of everything.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] for the first one that does not parse, or fails in the trial.
    pub fn new(own: &[(String, String)]) -> Result<Self, TemplateError> {
        let refused = |name: &str, problem: String| TemplateError { name: name.to_owned(), line: None, problem };
        if let Some((name, _)) = own.get(MAX_TEMPLATES) {
            return Err(refused(name, format!("there are more than {MAX_TEMPLATES} templates")));
        }
        if let Some((name, text)) = own.iter().find(|(_, text)| text.len() > MAX_TEMPLATE_BYTES) {
            return Err(refused(name, format!("{} bytes, {MAX_TEMPLATE_BYTES} at most", text.len())));
        }
        let set = |kind: Kind| {
            let (name, text) = kind.built_in();
            let built_in = environment(kind, &[(name.to_owned(), text.to_owned())], None)?;
            let of_kind: Vec<_> = own.iter().filter(|(name, _)| Kind::of(name) == Some(kind)).cloned().collect();
            let own = match of_kind.iter().any(|(it, _)| it == name) {
                true => Some(environment(kind, &of_kind, Some(FUEL))?),
                false => None,
            };
            Ok(Set { kind, built_in, own })
        };
        let res = Self(Arc::new([set(Kind::Html)?, set(Kind::Text)?, set(Kind::Markdown)?]));
        let samples: Vec<_> = sample::views().iter().map(|it| Value::from(Serde(it))).collect();
        for set in res.0.iter() {
            let Some(env) = &set.own else { continue };
            for view in &samples {
                page(env, set.kind, view).map_err(|it| template_error(set.kind.built_in().0, &it).shown_in(own))?;
            }
        }
        Ok(res)
    }

    /// Whether those of a format are the built-in ones.
    pub(super) fn is_built_in(&self, kind: Kind) -> bool {
        self.0.iter().all(|it| it.kind != kind || it.own.is_none())
    }

    /// The page, text or Markdown of a view. If a user's template fails, the built-in one is used, with a note that
    /// says so.
    pub(super) fn render(&self, kind: Kind, data: &Data) -> Result<String, Error> {
        let Some(set) = self.0.iter().find(|it| it.kind == kind) else {
            return Err(Error::new(ErrorKind::TemplateNotFound, "no template of this kind"));
        };
        let Some(own) = &set.own else { return page(&set.built_in, kind, &data.value) };
        page(own, kind, &data.value).or_else(|error| {
            let TemplateError { name, line, problem } = template_error(kind.built_in().0, &error);
            let at = line.map(|it| format!(" at line {it}")).unwrap_or_default();
            let note =
                format!("The template {name} of the configuration failed{at} ({problem}): the built-in one was used.");
            page(&set.built_in, kind, &Data::from(data.view.with_note(&note)).value)
        })
    }
}

impl Default for Templates {
    /// The built-in ones.
    fn default() -> Self {
        let set = |kind: Kind| {
            let (name, text) = kind.built_in();
            // A test ensures that the built-in ones parse.
            let built_in = environment(kind, &[(name.to_owned(), text.to_owned())], None).unwrap_or_default();
            Set { kind, built_in, own: None }
        };
        Self(Arc::new(Kind::ALL.map(set)))
    }
}

fn environment(
    kind: Kind,
    templates: &[(String, String)],
    fuel: Option<u64>,
) -> Result<Environment<'static>, TemplateError> {
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    env.set_syntax(syntax.map_err(|it| template_error(kind.built_in().0, &it))?);
    env.set_fuel(fuel);
    // A misspelt name is an error, and not silently empty.
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(move |_| match kind {
        Kind::Html => AutoEscape::Html,
        Kind::Text => AutoEscape::None,
        Kind::Markdown => AutoEscape::Custom("markdown".into()),
    });
    // Output is escaped by the format, whatever the template says.
    env.remove_filter("safe");
    match kind {
        Kind::Html => env.set_formatter(|out, state, value| escaped(escape_to, out, state, value)),
        Kind::Markdown => {
            env.set_formatter(|out, state, value| {
                escaped(|out, it| out.write_str(&markdown::escape(it)), out, state, value)
            });
            env.add_filter("target", |link: &str| Value::from_safe_string(markdown::target(link)));
        }
        Kind::Text => env.add_filter("rule", |heading: &str, rule: &str| text::rule(heading, rule)),
    }
    for (name, text) in templates {
        let added = env.add_template_owned(name.clone(), text.clone());
        added.map_err(|it| template_error(name, &it))?;
    }
    Ok(env)
}

fn escaped(
    escape: fn(&mut dyn fmt::Write, &str) -> fmt::Result,
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text).map_err(Error::from),
        Some(text) => escape(out, text).map_err(Error::from),
        // Undefined values are refused there. Any other value that is not a string is a number or a list, escaped as a
        // string.
        None if value.is_undefined() => escape_formatter(out, state, value),
        None => escape(out, &value.to_string()).map_err(Error::from),
    }
}

fn page(env: &Environment<'_>, kind: Kind, view: &Value) -> Result<String, Error> {
    let mut out = Limited::default();
    env.get_template(kind.built_in().0)?.render_captured_to(view.clone(), &mut out)?;
    let text = String::from_utf8(out.0).map_err(|it| Error::new(ErrorKind::WriteFailure, it.to_string()))?;
    Ok(match kind {
        Kind::Html => text,
        Kind::Text | Kind::Markdown => text::tidy(&text),
    })
}

/// Output, up to the limit.
#[derive(Default)]
struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT_BYTES {
            return Err(io::Error::other(format!("it wrote more than {} MB", MAX_OUTPUT_BYTES >> 20)));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn template_error(name: &str, error: &Error) -> TemplateError {
    let causes = || std::iter::successors(Some(error as &dyn std::error::Error), |it| it.source());
    // The innermost error of included parts says what is wrong.
    let error = causes().filter_map(|it| it.downcast_ref::<Error>()).last().unwrap_or(error);
    let below = causes().last().filter(|it| !it.is::<Error>()).map(ToString::to_string);
    let detail = below.or_else(|| error.detail().map(str::to_owned));
    let problem = match detail {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    let problem = super::one_line(&problem, 300);
    TemplateError { name: error.name().unwrap_or(name).to_owned(), line: error.line(), problem }
}

impl From<Kind> for Format {
    fn from(it: Kind) -> Self {
        match it {
            Kind::Html => Self::Html,
            Kind::Text => Self::Text,
            Kind::Markdown => Self::Markdown,
        }
    }
}
