//! Shows the effective `sitrepd.toml`, including defaults, `conf.d` and environment, without anything that may be a
//! secret.

use std::path::Path;

use serde::Deserialize as _;
use serde_json::Value;
use url::Url;

use super::{ConfigError, Origin, assembly, file, read, secrets};

/// What stands for a secret.
const HIDDEN: &str = "…";

/// The keys of `sitrepd.toml` with their effective values: those written there and in `conf.d`, over the defaults, and
/// the environment over both. Addresses of receivers are cut to their host, and programs are shown without arguments:
/// each may contain a password. Secrets read from files, credentials or variables are in none of the keys. If a key
/// should name such a file but does not, its value is not shown.
///
/// # Errors
///
/// [`ConfigError`] where a file cannot be read, or a key is wrong. Whether all files fit together is for
/// [`Config::load`](super::Config::load) to say.
pub fn effective(origin: &Origin) -> Result<Value, ConfigError> {
    let (layers, env) = assembly::written(origin)?;
    let _: file::File = read::parse_over(file::DEFAULTS, &layers, &env)?;
    let merged = read::merged(file::DEFAULTS, &layers, &env)?;
    let mut res =
        Value::deserialize(toml_edit::de::Deserializer::from(merged)).map_err(|it| layers.error(&[], it.message()))?;
    hide("", &mut res);
    if let (Some(dir), Some(daemon)) = (&origin.state_dir, res.get_mut("daemon").and_then(Value::as_object_mut)) {
        daemon.insert("state_dir".to_owned(), dir.display().to_string().into());
    }
    Ok(res)
}

fn hide(key: &str, value: &mut Value) {
    match (key, value) {
        ("command" | "sendmail", Value::Array(words)) => {
            for it in words.iter_mut().skip(1) {
                *it = HIDDEN.into();
            }
        }
        (_, Value::Array(all)) => all.iter_mut().for_each(|it| hide(key, it)),
        (_, Value::Object(all)) => all.iter_mut().for_each(|(key, it)| hide(key, it)),
        (_, Value::String(text)) => {
            let is_misplaced = key.ends_with("_file") && !text.is_empty() && !secrets::is_path(Path::new(text));
            let is_secret = is_misplaced || ["password", "token", "secret"].contains(&key);
            if let Some(shown) = if is_secret { Some(HIDDEN.to_owned()) } else { without_secret(key, text) } {
                *text = shown;
            }
        }
        _ => (),
    }
}

/// An address of a receiver, or one with a password in it, cut to its host; `None` for what can be shown as it is.
fn without_secret(key: &str, text: &str) -> Option<String> {
    let Some(url) = Url::parse(text).ok().filter(Url::has_host) else {
        // A text that is no address may be one without its scheme.
        return (key == "url" && !text.is_empty()).then(|| HIDDEN.to_owned());
    };
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let has_login = !url.username().is_empty() || url.password().is_some();
    let is_shown = !has_login && (is_bare || (key != "url" && url.query().is_none()));
    (!is_shown).then(|| format!("{}/{HIDDEN}", url.origin().ascii_serialization()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNELS: &str = r#"
[daemon] # p4ss in a comment
contact = "https://desk.example/contact"
[mail]
host = "mail.example"
sendmail = ["/usr/sbin/sendmail", "--password=p4ss"]
password_file = "/run/secrets/smtp"
[summary]
url = "https://user:p4ss@llm.example/v1"
model = "m"
token_file = "/run/secrets/llm"
[[channel]]
name = "hook"
kind = "webhook"
url = "https://hooks.example:8443/in/p4ss?key=p4ss"
[[channel]]
name = "told"
kind = "command"
command = ["/usr/local/bin/tell", "p4ss"]
[[channel]]
name = "rooms"
kind = "matrix"
url = "https://matrix.example"
room = "!a:matrix.example"
token_file = "/run/secrets/matrix"
[[channel]]
name = "bot"
kind = "telegram"
chat = "1"
token_file = "123:p4ss"
"#;

    #[test]
    fn no_secret_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("sitrepd.toml"), CHANNELS).unwrap();
        let env = [
            ("SITREPD__POLL__INTERVAL", "77m"),
            ("SITREPD__TRANSLATE__URL", "https://llm.example/?key=p4ss"),
            ("SITREPD_MAIL_PASSWORD", "p4ss"),
            ("SITREPD_CHANNEL_ROOMS_TOKEN", "p4ss"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let origin = Origin { dir: Some(dir.path().to_owned()), state_dir: Some("/state".into()), env };
        let shown = effective(&origin).unwrap();
        for text in [shown.to_string(), toml_edit::ser::to_string_pretty(&shown).unwrap()] {
            assert!(!text.contains("p4ss"), "{text}");
        }
        assert_eq!(shown["channel"][0]["url"], "https://hooks.example:8443/…");
        assert_eq!(shown["channel"][1]["command"], serde_json::json!(["/usr/local/bin/tell", "…"]));
        assert_eq!(shown["channel"][2]["url"], "https://matrix.example");
        assert_eq!(
            (&shown["summary"]["url"], &shown["translate"]["url"]),
            (&"https://llm.example/…".into(), &"https://llm.example/…".into())
        );
        assert_eq!(shown["poll"]["interval"], "77m");
        assert_eq!(
            (&shown["daemon"]["state_dir"], &shown["daemon"]["contact"]),
            (&"/state".into(), &"https://desk.example/contact".into())
        );
        assert_eq!(shown["mail"]["password_file"], "/run/secrets/smtp");
        assert_eq!(
            (&shown["channel"][2]["token_file"], &shown["channel"][3]["token_file"]),
            (&"/run/secrets/matrix".into(), &"…".into())
        );
    }
}
