//! The channels by which digests and alerts go out.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    config::{ConfigError, paths},
    deliver::{Channel, FileChannel, MailChannel, MailSettings, Secret, Tls},
    text::error_chain,
};

use super::Assembly;

impl Assembly<'_> {
    pub(super) fn channels(&self, warnings: &mut Vec<String>) -> Result<BTreeMap<String, Channel>, ConfigError> {
        let directory = match self.written.files.directory.as_str() {
            "" => self.state_dir.join("out"),
            directory => PathBuf::from(directory),
        };
        let mut channels = BTreeMap::from([("files".to_owned(), Channel::Files(FileChannel::new(directory)))]);
        if !self.written.mail.host.is_empty() {
            if self.written.mail.to.is_empty() {
                return Err(self.error(&["mail", "to"], "[mail] host is set, and to names nobody"));
            }
            for to in &self.written.mail.to {
                channels
                    .insert(format!("{MAIL}:{to}"), Channel::Mail(Box::new(self.mail(to, &self.written.digest.name)?)));
            }
        }
        for (index, entry) in self.written.channel.iter().enumerate() {
            let path = ["channel", &index.to_string()];
            let (channel, open) = entry.channel().map_err(|it| self.error(&path, it))?;
            warnings.extend(open.iter().map(|it| open_to_others(it)));
            if channels.insert(entry.name.clone(), channel).is_some() {
                return Err(self.error(&path, format!("there are two channels named {:?}", entry.name)));
            }
        }
        Ok(channels)
    }

    /// The channel to one recipient. Each has its own: an address that is refused must not keep a message from the
    /// others.
    pub(super) fn mail(&self, to: &str, list: &str) -> Result<MailChannel, ConfigError> {
        let settings = MailSettings { to: vec![to.to_owned()], list: list.to_owned(), ..self.mail_settings()? };
        MailChannel::new(settings).map_err(|it| self.error(&["mail"], error_chain(&it)))
    }

    /// How mail is sent, to nobody yet.
    pub(super) fn mail_settings(&self) -> Result<MailSettings, ConfigError> {
        let it = &self.written.mail;
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
        let secret = |key: &str, path: PathBuf| {
            let failed = |it| self.error(&["mail", key], format!("{key}: cannot read {}: {it}", path.display()));
            std::fs::read_to_string(&path).map_err(failed)
        };
        let password = match it.password_file.as_str() {
            "" => paths::credential("smtp-password"),
            path => Some(PathBuf::from(path)),
        };
        let password = password
            .map(|it| secret("password_file", it))
            .transpose()?
            .map(|it| Secret::new(it.trim_end_matches(['\r', '\n']).to_owned()));
        let ca = match it.ca_file.as_str() {
            "" => None,
            path => Some(secret("ca_file", PathBuf::from(path))?),
        };
        Ok(MailSettings {
            host: it.host.clone(),
            port: it.port,
            tls,
            user: (!it.user.is_empty()).then(|| it.user.clone()),
            password,
            from: it.from.clone(),
            to: Vec::new(),
            timeout: it.timeout,
            domain: self.domain(),
            list: String::new(),
            extra_root_pem: ca,
        })
    }

    /// The channels that stand behind the names in the file: "mail" stands for one to each recipient.
    pub(super) fn expand(
        &self,
        path: &[&str],
        names: &[String],
        channels: &BTreeMap<String, Channel>,
    ) -> Result<Vec<String>, ConfigError> {
        let mut res = Vec::new();
        for name in names {
            let of_name = |it: &&String| *it == name || (name == MAIL && it.starts_with("mail:"));
            let before = res.len();
            res.extend(channels.keys().filter(of_name).cloned());
            if res.len() > before {
                continue;
            }
            return Err(match name.as_str() {
                MAIL => self.error(path, "channel \"mail\" is used, and [mail] host is empty"),
                _ => {
                    let known = channels.keys().filter(|it| !it.starts_with("mail:")).map(|it| format!("{it:?}"));
                    let known = known.collect::<Vec<_>>().join(", ");
                    self.error(path, format!("there is no channel {name:?}; there are {known} and \"mail\""))
                }
            });
        }
        Ok(res)
    }
}

pub(super) fn open_to_others(path: &Path) -> String {
    let path = path.display();
    format!("{path} holds a secret, and other users of this machine can read it; run chmod 600 {path}")
}

/// The name that stands for mail to every recipient.
const MAIL: &str = "mail";
