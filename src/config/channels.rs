//! `[[channel]]` tables of `sitrepd.toml`: receivers besides files and mail.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use url::{Host, ParseError, Url};

use super::{
    file::duration,
    paths,
    secrets::{self, Secrets},
};
use crate::deliver::{Channel, CommandChannel, HttpChannel, Program, Secret};

/// As it is written; which keys a kind needs is checked by [`ChannelEntry::channel`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelEntry {
    pub(super) name: String,
    kind: Kind,
    url: Option<String>,
    url_file: Option<PathBuf>,
    secret_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    room: Option<String>,
    chat: Option<String>,
    command: Option<Vec<String>>,
    /// Zero where left out.
    #[serde(default, deserialize_with = "duration")]
    timeout: Duration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Webhook,
    Ntfy,
    Slack,
    Mattermost,
    Matrix,
    Telegram,
    Command,
}

impl Kind {
    /// The keys of the kind, besides the name.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Webhook => &["url", "url_file", "secret_file"],
            Self::Ntfy => &["url", "url_file", "token_file"],
            Self::Slack | Self::Mattermost => &["url_file"],
            Self::Matrix => &["url", "url_file", "room", "token_file"],
            Self::Telegram => &["url", "url_file", "chat", "token_file"],
            Self::Command => &["command", "timeout"],
        }
    }

    /// The secret that is named by the channel's name alone.
    fn main(self) -> &'static str {
        match self {
            Self::Webhook => "secret",
            Self::Slack | Self::Mattermost => "url",
            Self::Ntfy | Self::Matrix | Self::Telegram => "token",
            Self::Command => "",
        }
    }
}

/// The time limit of a program without a configured one.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest time limit: other messages wait meanwhile, and so does the sign of life that a service manager expects.
const MAX_COMMAND_TIMEOUT: Duration = Duration::from_secs(300);

impl ChannelEntry {
    /// The channel, and the files with secrets that other users can read.
    ///
    /// # Errors
    ///
    /// What is missing, or does not fit the kind, for a person to mend.
    pub(super) fn channel(&self, secrets: Secrets<'_>) -> Result<(Channel, Vec<PathBuf>), String> {
        let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        if self.name.is_empty() || !self.name.chars().all(fits) || matches!(self.name.as_str(), "files" | "mail") {
            return Err(format!(
                "name {:?}: a channel needs a name of a to z, 0 to 9 and -, other than files and mail",
                self.name
            ));
        }
        self.check_keys()?;
        let mut open = Vec::new();
        let (known, main) = (self.kind.keys(), self.kind.main());
        let mut secret = |path: &Option<PathBuf>, what: &str, is_given: bool| -> Result<Option<Secret>, String> {
            let key = format!("{what}_file");
            let Some(path) = path else {
                let is_asked = known.contains(&key.as_str()) && !is_given;
                return if is_asked { secrets.of_channel(&self.name, what, main == what) } else { Ok(None) };
            };
            if paths::is_open_to_others(path) {
                open.push(path.clone());
            }
            read_secret(path).map(Some).map_err(|it| format!("{key}: {it}"))
        };
        let (token, signing) = (secret(&self.token_file, "token", false)?, secret(&self.secret_file, "secret", false)?);
        let address = secret(&self.url_file, "url", self.url.is_some())?;
        // Secrets of this kind have no blanks at their ends.
        let [token, signing, address] =
            [token, signing, address].map(|it| it.map(|it| Secret::new(it.reveal().trim().to_owned())));
        let url = |default: Option<&str>| {
            // Errors do not show the address, which may be a password.
            let text = address.as_ref().map(Secret::reveal).or(self.url.as_deref()).or(default);
            match needed("url", text)?.parse::<Url>() {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
                Ok(_) | Err(ParseError::RelativeUrlWithoutBase) => {
                    Err("url: it is no web address, which begins with https:// or http://; write https:// in front"
                        .to_owned())
                }
                Err(error) => Err(format!("url: it is no web address: {error}")),
            }
        };
        let channel = match self.kind {
            Kind::Webhook => HttpChannel::Webhook { url: url(None)?, secret: signing },
            Kind::Ntfy => {
                let url = url(None)?;
                if url.path_segments().and_then(|mut it| it.next_back()).is_none_or(str::is_empty) {
                    return Err("url: it names no topic, as https://ntfy.sh/TOPIC does".to_owned());
                }
                HttpChannel::Ntfy { url, token }
            }
            Kind::Slack => HttpChannel::Slack { url: url(None)? },
            Kind::Mattermost => HttpChannel::Mattermost { url: url(None)? },
            Kind::Matrix => HttpChannel::Matrix {
                url: url(None)?,
                room: needed("room", self.room.clone())?,
                token: needed("token_file", token)?,
            },
            Kind::Telegram => HttpChannel::Telegram {
                url: url(Some("https://api.telegram.org"))?,
                chat: needed("chat", self.chat.clone())?,
                token: needed("token_file", token)?,
            },
            Kind::Command => return Ok((Channel::Command(self.command()?), open)),
        };
        Ok((Channel::Http(channel), open))
    }

    /// Refuses keys that the kind does not have: a secret that is not used is a secret that somebody believes in.
    fn check_keys(&self) -> Result<(), String> {
        let known = self.kind.keys();
        let given = [
            ("url", self.url.is_some()),
            ("url_file", self.url_file.is_some()),
            ("secret_file", self.secret_file.is_some()),
            ("token_file", self.token_file.is_some()),
            ("room", self.room.is_some()),
            ("chat", self.chat.is_some()),
            ("command", self.command.is_some()),
            ("timeout", !self.timeout.is_zero()),
        ];
        match given.iter().find(|(key, is_given)| *is_given && !known.contains(key)) {
            Some((key, _)) => Err(format!("{key}: this kind of channel has {} only", known.join(", "))),
            None => Ok(()),
        }
    }

    /// Whether the address is in the configuration and is itself the secret, like that of a webhook and the topic of
    /// ntfy. Not for an address on this machine.
    pub(super) fn has_secret_url(&self) -> bool {
        let url = self.url.as_deref().and_then(|it| it.parse::<Url>().ok());
        let is_secret = |it: &Url| {
            let is_here = match it.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(ip)) => ip.is_loopback(),
                Some(Host::Ipv6(ip)) => ip.is_loopback(),
                None => true,
            };
            let is_bare =
                it.path() == "/" && it.query().is_none() && it.username().is_empty() && it.password().is_none();
            !is_here && !is_bare
        };
        matches!(self.kind, Kind::Webhook | Kind::Ntfy) && url.as_ref().is_some_and(is_secret)
    }

    fn command(&self) -> Result<CommandChannel, String> {
        if self.timeout > MAX_COMMAND_TIMEOUT {
            return Err(
                "timeout: 5m is the most; a program that takes longer should go on in the background".to_owned()
            );
        }
        let timeout = if self.timeout.is_zero() { COMMAND_TIMEOUT } else { self.timeout };
        let program = Program::new(self.command.as_deref().unwrap_or_default(), timeout)
            .ok_or("command: name the program and its arguments, as [\"/usr/local/bin/tell\", \"desk\"]")?;
        Ok(CommandChannel(program))
    }
}

fn needed<T>(key: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("{key} is missing: this kind of channel needs it"))
}

fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path).map_err(|it| secrets::unreadable(path, &it))?;
    match text.trim() {
        "" => Err(format!("{} is empty", path.display())),
        text => Ok(Secret::new(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Channel, String> {
        let entry: ChannelEntry = toml_edit::de::from_str(text).map_err(|it| it.message().to_owned())?;
        entry.channel(Secrets::new(&[])).map(|(channel, _)| channel)
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn every_kind_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "s3cret\n").unwrap();
        let secret = format!("{secret:?}");
        for text in [
            "kind = \"webhook\"\nurl = \"https://a.example/in\"",
            &format!("kind = \"webhook\"\nurl = \"https://a.example/in\"\nsecret_file = {secret}"),
            "kind = \"ntfy\"\nurl = \"https://ntfy.example/desk\"",
            &format!("kind = \"matrix\"\nurl = \"https://m.example\"\nroom = \"!a:m.example\"\ntoken_file = {secret}"),
            &format!("kind = \"telegram\"\nchat = \"-100\"\ntoken_file = {secret}"),
            "kind = \"command\"\ncommand = [\"/bin/cat\"]\ntimeout = \"5s\"",
        ] {
            let channel = read(&format!("name = \"desk\"\n{text}")).unwrap();
            assert!(!format!("{channel:?}").contains("s3cret"), "{channel:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        check_error("name = \"mail\"\nkind = \"webhook\"\nurl = \"https://a.example\"", "other than files and mail");
        check_error("name = \"a b\"\nkind = \"webhook\"\nurl = \"https://a.example\"", "a to z");
        check_error("name = \"a\"\nkind = \"webhook\"", "url is missing");
        for url in ["file:///etc/passwd", "a.example/in", "localhost:80/in"] {
            check_error(&format!("name = \"a\"\nkind = \"webhook\"\nurl = \"{url}\""), "write https:// in front");
        }
        check_error("name = \"a\"\nkind = \"webhook\"\nurl = \"https://a:b\"", "no web address: invalid port number");
        check_error(
            "name = \"a\"\nkind = \"ntfy\"\nurl = \"https://a.example/b\"\nsecret_file = \"x\"",
            "has url, url_file, token_file only",
        );
        check_error("name = \"a\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example/\"", "names no topic");
        check_error("name = \"a\"\nkind = \"command\"\ncommand = [\"x\"]\ntimeout = \"6m\"", "5m is the most");
        check_error(
            "name = \"a\"\nkind = \"telegram\"\nchat = \"1\"\ntoken_file = \"/etc/none\"",
            "token_file: cannot read /etc/none",
        );
        for key in ["token_file", "url_file"] {
            let text = format!("name = \"a\"\nkind = \"telegram\"\nchat = \"1\"\n{key} = \"123:s3cret\"");
            let text =
                if key == "url_file" { text.replace("telegram", "ntfy").replace("chat = \"1\"\n", "") } else { text };
            check_error(&text, &format!("{key}: cannot read the file"));
            assert!(!read(&text).unwrap_err().contains("s3cret"));
        }
        check_error("name = \"a\"\nkind = \"command\"\ncommand = []", "name the program");
        check_error("name = \"a\"\nkind = \"pigeon\"", "unknown variant `pigeon`");
    }
}
