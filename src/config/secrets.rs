//! Finds secrets for which the configuration names no file: in a credential that systemd passes (`LoadCredential=`), or
//! else in an environment variable, for containers.
//!
//! Mail: the credential `smtp-password`, or `SITREPD_MAIL_PASSWORD`. The key of links for unsubscribing:
//! `unsubscribe-key`, or `SITREPD_UNSUBSCRIBE_KEY`. A channel named `my-desk`: `channel-my-desk-token`, `-url` or
//! `-secret`, or just `channel-my-desk` for the one that its kind is made of; or `SITREPD_CHANNEL_MY_DESK_TOKEN`,
//! `_URL` or `_SECRET`.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::deliver::Secret;

/// Whether the value of a key that names a secret's file can be shown: the file exists, or the value is clearly a path.
/// Anything else may be the secret itself: one in Base64 (RFC 4648, section 4) may begin with a slash.
pub(super) fn is_path(value: &Path) -> bool {
    let is_below_root = || {
        let mut from_root = value.components().skip(1);
        let top = from_root.next().map(|it| Path::new("/").join(it));
        value.is_absolute() && from_root.next().is_some() && top.is_some_and(|it| it.is_dir())
    };
    value.starts_with(".") || value.starts_with("..") || value.exists() || is_below_root()
}

/// The message for such a file that cannot be read.
pub(super) fn unreadable(value: &Path, error: &io::Error) -> String {
    match is_path(value) {
        true => format!("cannot read {}: {error}", value.display()),
        false => format!(
            "cannot read the file: {error}. What is written there is not shown: it is to be the path of a file, as /etc/sitrepd/secret, and \
             not the secret that is in it"
        ),
    }
}

/// The secret that a file or variable holds; `None` where it is empty.
pub(super) fn of_line(text: &str) -> Option<Secret> {
    // An editor ends a file with a line feed, and a password may end with a blank.
    let text = text.trim_end_matches(['\r', '\n']);
    (!text.trim().is_empty()).then(|| Secret::new(text.to_owned()))
}

/// The environment variables that may hold secrets.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'e>(&'e [(String, String)]);

impl<'e> Secrets<'e> {
    pub(super) fn new(env: &'e [(String, String)]) -> Self {
        Self(env)
    }

    /// The first credential of these names, else the variable. `None` where there is neither.
    ///
    /// # Errors
    ///
    /// One that is there and cannot be read, or is empty: what to say of it, without it.
    pub(super) fn find(self, credentials: &[&str], variable: &str) -> Result<Option<Secret>, String> {
        let directory = self.variable("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let file = directory.and_then(|it| credentials.iter().map(|name| it.join(name)).find(|it| it.is_file()));
        let (place, text) = match (&file, self.variable(variable)) {
            (Some(path), _) => {
                let text =
                    std::fs::read_to_string(path).map_err(|it| format!("cannot read {}: {it}", path.display()))?;
                (path.display().to_string(), text)
            }
            (None, Some(text)) => (format!("environment variable {variable}"), text.to_owned()),
            (None, None) => return Ok(None),
        };
        of_line(&text).map(Some).ok_or_else(|| format!("{place} is empty"))
    }

    /// What a channel needs, `what` being "token", "url" or "secret". `is_main` says that its kind is made of nothing
    /// else.
    ///
    /// # Errors
    ///
    /// As [`Secrets::find`].
    pub(super) fn of_channel(self, name: &str, what: &str, is_main: bool) -> Result<Option<Secret>, String> {
        let (exact, short) = (format!("channel-{name}-{what}"), format!("channel-{name}"));
        let names = [exact.as_str(), short.as_str()];
        let names = if is_main { &names[..] } else { &names[..1] };
        self.find(names, &variable(name, what))
    }

    /// All variables, those that hold none too.
    pub(super) fn variables(self) -> &'e [(String, String)] {
        self.0
    }

    fn variable(self, name: &str) -> Option<&'e str> {
        self.0.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

/// The variable that may hold what a channel needs.
pub(super) fn variable(channel: &str, what: &str) -> String {
    format!("SITREPD_CHANNEL_{channel}_{what}").to_ascii_uppercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_no_path() {
        for path in ["./secret", "../secret", "/etc/none/secret", "/etc"] {
            assert!(is_path(Path::new(path)), "{path}");
        }
        for secret in ["s3cret", "/s3cret", "/zX8d0k/3Fq+9w==", "//s3cret", ".s3cret"] {
            assert!(!is_path(Path::new(secret)), "{secret}");
        }
    }

    #[test]
    fn a_credential_goes_before_a_variable() {
        let dir = tempfile::tempdir().unwrap();
        let env = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let env = [
            env("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap()),
            env("SITREPD_CHANNEL_MY_DESK_TOKEN", "of the variable"),
            env("SITREPD_CHANNEL_MY_DESK_SECRET", ""),
        ];
        let secrets = Secrets::new(&env);
        let found =
            |what, is_main| secrets.of_channel("my-desk", what, is_main).map(|it| it.map(|it| it.reveal().to_owned()));
        assert_eq!(found("url", true), Ok(None));
        assert_eq!(found("token", true), Ok(Some("of the variable".to_owned())));
        assert!(found("secret", true).unwrap_err().contains("SITREPD_CHANNEL_MY_DESK_SECRET is empty"));
        std::fs::write(dir.path().join("channel-my-desk"), "short \n").unwrap();
        assert_eq!(found("token", true), Ok(Some("short ".to_owned())));
        assert_eq!(found("token", false), Ok(Some("of the variable".to_owned())));
        std::fs::write(dir.path().join("channel-my-desk-token"), "exact").unwrap();
        assert_eq!(found("token", true), Ok(Some("exact".to_owned())));
    }
}
