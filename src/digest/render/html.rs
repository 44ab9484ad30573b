use minijinja::{Environment, Error, Output, State, Value, escape_formatter, syntax::SyntaxConfig, value::Serde};

use super::{RenderError, escape, view::View};

const NAME: &str = "digest.html";

/// Renders as one page: no script, nothing loaded from anywhere, fit for mail.
pub(super) fn render(view: &View) -> Result<String, RenderError> {
    page(view).map_err(|source| RenderError::Template { name: NAME, source })
}

fn page(view: &View) -> Result<String, Error> {
    let mut env = Environment::new();
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    env.set_formatter(format);
    // The name ends in `.html`, which turns escaping on.
    env.add_template(NAME, include_str!("digest.html"))?;
    env.get_template(NAME)?.render(Value::from(Serde(view)))
}

fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => out.write_str(&escape(text)).map_err(Error::from),
        _ => escape_formatter(out, state, value),
    }
}
