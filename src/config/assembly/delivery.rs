//! The channels by which digests and alerts go out.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    config::{ConfigError, Hooks, audiences::AudienceEntry, paths, read, secrets},
    deliver::{
        self, Channel, FileChannel, MailChannel, MailSettings, MailSettingsError, Program, Secret, Tls, Unsubscribe,
    },
    fetch,
    text::error_chain,
};

use super::Assembly;
use url::Url;

/// The error if mail is wanted and no way to send it is configured.
pub(super) const NO_MAIL: &str =
    "channel \"mail\" is used, and [mail] host is empty: name a server there, or a program as sendmail";

impl Assembly<'_> {
    /// Whether there is a way for mail.
    pub(super) fn has_mail(&self) -> bool {
        !self.written.mail.host.is_empty() || !self.written.mail.sendmail.is_empty()
    }

    pub(super) fn channels(&self, warnings: &mut Vec<String>) -> Result<BTreeMap<String, Channel>, ConfigError> {
        let directory = match self.written.files.directory.as_str() {
            "" => self.state_dir.join("out"),
            directory => PathBuf::from(directory),
        };
        let mut channels = BTreeMap::from([("files".to_owned(), Channel::Files(FileChannel::new(directory)))]);
        if self.has_mail() {
            if self.written.mail.to.is_empty() {
                return Err(self.error(
                    &["mail", "to"],
                    "[mail] is set up, and to names nobody: name who is to get mail, as in to = [\"desk@example.org\"]",
                ));
            }
            for to in &self.written.mail.to {
                let name = format!("{MAIL}:{to}");
                if deliver::channel(&channels, &name).is_some() {
                    warnings.push(format!("{to} is named twice in to of [mail], and gets one mail"));
                    continue;
                }
                channels.insert(name, Channel::Mail(Box::new(self.mail(to, &self.written.digest.name)?)));
            }
        }
        for (index, entry) in self.written.channel.iter().enumerate() {
            let path = ["channel", &index.to_string()];
            let (channel, open) = entry.channel(self.secrets).map_err(|it| self.error(&path, it))?;
            warnings.extend(open.iter().map(|it| open_to_others(it)));
            warnings.extend(self.unreachable(&entry.name, &channel)?);
            if let Channel::Command(it) = &channel {
                warnings.extend(missing(&format!("channel {:?}", entry.name), &it.0));
            }
            let file = self.layers.file_of(&path);
            if entry.has_secret_url() && paths::is_open_to_others(file) {
                let path = file.display();
                warnings.push(format!(
                    "{path} holds the address of channel {:?}, which lets whoever knows it send there, and other users of this machine \
                     can read it; put the address into a file that is named as url_file, or run chmod 600 {path}",
                    entry.name
                ));
            }
            if channels.insert(entry.name.clone(), channel).is_some() {
                return Err(self.error(&path, format!("there are two channels named {:?}", entry.name)));
            }
        }
        Ok(channels)
    }

    /// The error for a channel to a host that is never contacted. Only the host of its address is shown: the rest may
    /// be a password.
    fn unreachable(&self, name: &str, channel: &Channel) -> Result<Option<String>, ConfigError> {
        let Channel::Http(channel) = channel else { return Ok(None) };
        let place = fetch::private_host(channel.url(), &self.allowed_hosts()?);
        Ok(place.map(|it| format!("channel {name:?} sends to {it}")))
    }

    /// The recipients that get no mail because no list of channels names them; `named` are the channels of the watches.
    pub(super) fn without_mail<'n>(&self, mut named: impl Iterator<Item = &'n String>) -> Vec<String> {
        let is_mail = |it: &String| it == MAIL || it.starts_with("mail:");
        let written = &self.written;
        let of_audience =
            |it: &'_ AudienceEntry| it.channels.as_ref().unwrap_or(&written.digest.channels).iter().any(is_mail);
        let without = written.audience.iter().filter(|it| !it.to.is_empty() && !of_audience(it)).map(|it| {
            format!(
                "audience {:?}: to names who is to get mail, and \"mail\" is not among its channels: they get none; add \"mail\" there",
                it.name
            )
        });
        let is_used = written.digest.channels.iter().chain(&written.alerts.channels).any(is_mail)
            || written.audience.iter().any(of_audience)
            || named.any(is_mail);
        let nobody = (self.has_mail() && !is_used).then(|| {
            "[mail] is set up, and no list of channels has \"mail\" in it: nobody gets mail; add \"mail\" to channels of [digest], of \
             [alerts], or both"
                .to_owned()
        });
        without.chain(nobody).collect()
    }

    /// The channel to one recipient. Each recipient has a channel, so that a refused address does not keep a message
    /// from the others.
    pub(super) fn mail(&self, to: &str, list: &str) -> Result<MailChannel, ConfigError> {
        let settings = MailSettings { to: vec![to.to_owned()], list: list.to_owned(), ..self.mail_settings()? };
        MailChannel::new(settings).map_err(|it| {
            let key = match &it {
                MailSettingsError::Address { is_sender: true, .. } => &["mail", "from"][..],
                MailSettingsError::Address { is_sender: false, .. } => &["mail", "to"],
                MailSettingsError::Credentials { .. } => &["mail", "user"],
                _ => &["mail"],
            };
            self.error(key, error_chain(&it))
        })
    }

    /// The settings for sending mail, without recipients.
    pub(super) fn mail_settings(&self) -> Result<MailSettings, ConfigError> {
        let it = &self.written.mail;
        if !it.host.is_empty() && !it.sendmail.is_empty() {
            return Err(
                self.error(&["mail", "sendmail"], "[mail] names both host and sendmail: a mail goes by one of them")
            );
        }
        let tls = match it.tls.as_str() {
            "starttls" => Tls::StartTls,
            "implicit" => Tls::Implicit,
            "none" => Tls::None,
            other => {
                return Err(
                    self.error(&["mail", "tls"], format!("tls {other:?} is none of starttls, implicit and none"))
                );
            }
        };
        if it.from.is_empty() {
            let problem = "[mail] is set up, and from is empty: name the sender, as in from = \"Situation report <sitrep@example.org>\"";
            return Err(self.error(&["mail", "from"], problem));
        }
        let secret = |key: &str, path: PathBuf| {
            let failed = |it| self.error(&["mail", key], format!("{key}: {}", secrets::unreadable(&path, &it)));
            std::fs::read_to_string(&path).map_err(failed)
        };
        let password = match it.password_file.as_str() {
            "" => self
                .secrets
                .find(&["smtp-password"], "SITREPD_MAIL_PASSWORD")
                .map_err(|it| self.error(&["mail", "password_file"], it))?,
            path => {
                let text = secret("password_file", PathBuf::from(path))?;
                let password = secrets::of_line(&text).ok_or_else(|| {
                    let problem = format!("password_file: {path} is empty: write the password into it");
                    self.error(&["mail", "password_file"], problem)
                })?;
                Some(password)
            }
        };
        let ca = match it.ca_file.as_str() {
            "" => None,
            path => Some(secret("ca_file", PathBuf::from(path))?),
        };
        let sendmail = Program::new(&it.sendmail, it.timeout);
        if sendmail.is_none() && !it.sendmail.is_empty() {
            return Err(
                self.error(&["mail", "sendmail"], "sendmail names no program, as [\"/usr/sbin/sendmail\"] does")
            );
        }
        Ok(MailSettings {
            host: it.host.clone(),
            sendmail,
            port: it.port,
            tls,
            user: (!it.user.is_empty()).then(|| it.user.clone()),
            password,
            from: it.from.clone(),
            to: Vec::new(),
            timeout: it.timeout,
            domain: self.domain(),
            list: String::new(),
            unsubscribe: self.unsubscribe()?,
            extra_root_pem: ca,
        })
    }

    /// How receivers leave a list.
    fn unsubscribe(&self) -> Result<Option<Unsubscribe>, ConfigError> {
        let it = &self.written.mail;
        let error = |key: &str, problem: String| Err(self.error(&["mail", key], problem));
        let page = match it.unsubscribe_url.as_str() {
            "" => None,
            url => {
                let Some(url) = Url::parse(url).ok().filter(|it| it.has_host() && it.query().is_none()) else {
                    return error(
                        "unsubscribe_url",
                        format!("{url:?} is no web address such as https://sitrep.example.org/unsubscribe"),
                    );
                };
                // Mail programs support one-click unsubscribing only over https.
                let is_here = url.host_str().is_some_and(|it| matches!(it, "localhost" | "127.0.0.1"));
                if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
                    return error("unsubscribe_url", format!("{url} does not begin with https://"));
                }
                let path = Path::new(&it.unsubscribe_key_file);
                let key = match it.unsubscribe_key_file.as_str() {
                    "" => self
                        .secrets
                        .find(&["unsubscribe-key"], "SITREPD_UNSUBSCRIBE_KEY")
                        .map_err(|it| self.error(&["mail", "unsubscribe_key_file"], it))?
                        .map(|it| it.reveal().trim().to_owned()),
                    _ => match std::fs::read_to_string(path) {
                        Ok(text) => Some(text.trim().to_owned()),
                        Err(cause) if secrets::is_path(path) => {
                            return error(
                                "unsubscribe_key_file",
                                format!("unsubscribe_key_file {}: {cause}", path.display()),
                            );
                        }
                        Err(_) => None,
                    },
                };
                let Some(key) = key.filter(|it| it.len() >= MIN_KEY_CHARS) else {
                    let problem = match it.unsubscribe_key_file.as_str() {
                        "" => format!(
                            "unsubscribe_key_file is empty, and neither the credential unsubscribe-key nor the variable \
                             SITREPD_UNSUBSCRIBE_KEY is a key of {MIN_KEY_CHARS} characters or more"
                        ),
                        path if secrets::is_path(Path::new(path)) => {
                            format!(
                                "unsubscribe_key_file: {path:?} is no file with a key of {MIN_KEY_CHARS} characters or more"
                            )
                        }
                        // It may be the key itself.
                        _ => format!(
                            "unsubscribe_key_file is not the path of a file with a key of {MIN_KEY_CHARS} characters or more"
                        ),
                    };
                    return error("unsubscribe_key_file", problem);
                };
                Some((url, Secret::new(key)))
            }
        };
        let address = match it.unsubscribe_to.as_str() {
            "" => None,
            // Characters that a header allows unescaped.
            to if to.bytes().all(|it| it.is_ascii_graphic() && !b"<>,?\"&%".contains(&it)) && to.contains('@') => {
                Some(to.to_owned())
            }
            to => return error("unsubscribe_to", format!("{to:?} is no mail address")),
        };
        Ok((page.is_some() || address.is_some()).then_some(Unsubscribe { page, address }))
    }

    /// The machines that digests are made with.
    pub(super) fn hooks(&self, warnings: &mut Vec<String>) -> Result<Hooks, ConfigError> {
        let refused =
            |section, (key, problem): (&str, String)| self.error(&[section, key], format!("{key}: {problem}"));
        let (summary, key) = self.written.summary.hook().map_err(|it| refused("summary", it))?;
        let (translate, other) = self.written.translate.hook().map_err(|it| refused("translate", it))?;
        warnings.extend(key.iter().chain(&other).map(|it| open_to_others(it)));
        Ok(Hooks { summary, translate })
    }

    pub(super) fn unsubscribe_listen(&self, warnings: &mut Vec<String>) -> Result<Option<SocketAddr>, ConfigError> {
        let it = &self.written.mail;
        let refused = |problem: String| self.error(&["mail", "unsubscribe_listen"], problem);
        match (it.unsubscribe_listen.as_str(), it.unsubscribe_url.is_empty()) {
            ("", _) => Ok(None),
            (_, true) => Err(refused("unsubscribe_url is empty: no mail would lead there".to_owned())),
            (text, false) => {
                let address: SocketAddr =
                    text.parse().map_err(|_| refused(format!("{text:?} is no address such as 127.0.0.1:8025")))?;
                if !address.ip().to_canonical().is_loopback() {
                    warnings.push(format!(
                        "[mail] unsubscribe_listen {address} can be reached from other machines, without TLS; let your web server pass \
                         requests on to 127.0.0.1:{}",
                        address.port()
                    ));
                }
                Ok(Some(address))
            }
        }
    }

    /// The channels for the names at a key of the file.
    pub(super) fn expand(
        &self,
        path: &[&str],
        names: &[String],
        channels: &BTreeMap<String, Channel>,
    ) -> Result<Vec<String>, ConfigError> {
        ways(names, channels).map_err(|(_, problem)| self.error(path, problem))
    }
}

/// The channels for names: "mail" stands for one channel to each recipient. Otherwise the wrong name, and why it is
/// wrong.
pub(super) fn ways(names: &[String], channels: &BTreeMap<String, Channel>) -> Result<Vec<String>, (usize, String)> {
    let mut res = Vec::new();
    for (nth, name) in names.iter().enumerate() {
        let before = res.len();
        match name == MAIL {
            true => res.extend(channels.keys().filter(|it| it.starts_with("mail:")).cloned()),
            false => res.extend(deliver::channel(channels, name).map(|it| it.0.to_owned())),
        }
        if res.len() == before {
            return Err((nth, if name == MAIL { NO_MAIL.to_owned() } else { no_channel(name, channels) }));
        }
    }
    Ok(res)
}

fn no_channel(name: &str, channels: &BTreeMap<String, Channel>) -> String {
    // No other recipient is suggested: mail would go to the wrong person.
    if let Some(address) = name.strip_prefix("mail:") {
        return match channels.keys().any(|it| it.starts_with("mail:")) {
            true => {
                format!("there is no channel {name:?}, since {address} is not in to of [mail]; add the address there")
            }
            false => NO_MAIL.replace("\"mail\"", &format!("{name:?}")),
        };
    }
    let known: Vec<_> =
        channels.keys().map(String::as_str).filter(|it| !it.starts_with("mail:")).chain([MAIL]).collect();
    let near = read::nearest(name, &known).map(|it| format!("; did you mean {it:?}?"));
    near.map_or_else(
        || {
            let known = channels.keys().filter(|it| !it.starts_with("mail:")).map(|it| format!("{it:?}"));
            let known = known.collect::<Vec<_>>().join(", ");
            format!("there is no channel {name:?}; there are {known} and \"mail\"")
        },
        |near| format!("there is no channel {name:?}{near}"),
    )
}

/// The warning about a missing program, for which messages would wait.
fn missing(of: &str, program: &Program) -> Option<String> {
    let path = &program.program;
    (!paths::is_program(path)).then(|| {
        format!(
            "{of}: there is no program {}, or it may not be run: what goes by it would wait until there is one",
            path.display()
        )
    })
}

pub(super) fn open_to_others(path: &Path) -> String {
    let path = path.display();
    format!("{path} holds a secret, and other users of this machine can read it; run chmod 600 {path}")
}

/// A shorter key could be guessed.
const MIN_KEY_CHARS: usize = 16;

/// The name that stands for mail to every recipient.
const MAIL: &str = "mail";
