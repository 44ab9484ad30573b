//! How a receiver leaves the list (RFC 2369, RFC 8058): the addresses in a mail, and the token by which the page knows
//! them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{MailChannel, compose::dot_atom, hex};
use crate::{deliver::Secret, text::mail_address};

impl MailChannel {
    /// The addresses by which the receiver leaves the list, and whether one of them takes a click: the page, by https
    /// alone.
    pub(super) fn ways_out(&self) -> (Vec<String>, bool) {
        let Some(unsubscribe) = &self.settings.unsubscribe else { return (Vec::new(), false) };
        let page = unsubscribe.page.as_ref().map(|(url, _)| url).zip(self.token());
        let is_one_click = page.as_ref().is_some_and(|(url, _)| url.scheme() == "https");
        let page = page.map(|(url, token)| format!("<{}/{token}>", url.as_str().trim_end_matches('/')));
        let list = dot_atom(&self.settings.list);
        let mail = unsubscribe.address.as_ref().map(|it| format!("<mailto:{it}?subject=unsubscribe%20{list}>"));
        (page.into_iter().chain(mail).collect(), is_one_click)
    }

    /// The token of the receiver and the list, which only the holder of the key can make.
    fn token(&self) -> Option<String> {
        let (_, key) = self.settings.unsubscribe.as_ref()?.page.as_ref()?;
        Some(hex(&self.mac(key, &self.recipients())?.finalize().into_bytes()))
    }

    /// Whether this is the token of its receiver. Takes the same time for any token. Mails of earlier versions hold a
    /// token made from the receiver as written then, with the name.
    pub fn is_token(&self, token: &str) -> bool {
        let key = self.settings.unsubscribe.as_ref().and_then(|it| it.page.as_ref());
        let given: Option<Vec<u8>> = (token.len() == 32 && token.is_ascii())
            .then(|| (0..16).map(|at| u8::from_str_radix(token.get(2 * at..2 * at + 2)?, 16).ok()).collect())
            .flatten();
        let is_of = |recipients: &str| {
            let expected = key.and_then(|(_, key)| self.mac(key, recipients));
            expected.zip(given.as_ref()).is_some_and(|(mac, given)| mac.verify_truncated_left(given).is_ok())
        };
        // Both are tried, whichever it is.
        is_of(&self.recipients()) | is_of(&self.settings.to.join("\n"))
    }

    /// The bare addresses: writing a recipient differently changes neither the recipient nor the link in an old mail.
    fn recipients(&self) -> String {
        let address = |it: &String| mail_address(it).unwrap_or(it).to_ascii_lowercase();
        self.settings.to.iter().map(address).collect::<Vec<_>>().join("\n")
    }

    fn mac(&self, key: &Secret, recipients: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).ok()?;
        mac.update(format!("unsubscribe\n{}\n{recipients}", self.settings.list).as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::deliver::mail::{Settings, Tls, Unsubscribe};

    fn channel(to: &str) -> MailChannel {
        let page: Url = "https://sitrep.example.org/unsubscribe".parse().unwrap();
        MailChannel::new(Settings {
            to: vec![to.to_owned()],
            unsubscribe: Some(Unsubscribe {
                page: Some((page, Secret::new("0123456789abcdef".to_owned()))),
                address: None,
            }),
            sendmail: None,
            host: "127.0.0.1".to_owned(),
            port: 25,
            tls: Tls::None,
            user: None,
            password: None,
            from: "sitrep@example.org".to_owned(),
            timeout: Duration::from_secs(20),
            domain: "example.org".to_owned(),
            list: "daily".to_owned(),
            extra_root_pem: None,
        })
        .unwrap()
    }

    #[test]
    fn the_link_in_an_old_mail_is_still_known() {
        let (bare, named) = (channel("desk@example.org"), channel("The desk <Desk@example.org>"));
        let token = bare.token().unwrap();
        assert!(bare.is_token(&token) && named.is_token(&token), "however the reader is written");
        // As versions before made it.
        let key = Secret::new("0123456789abcdef".to_owned());
        let of_before = hex(&named.mac(&key, "The desk <Desk@example.org>").unwrap().finalize().into_bytes());
        assert!(named.is_token(&of_before) && !bare.is_token(&of_before));
        assert!(!channel("two@example.org").is_token(&token) && !bare.is_token("") && !bare.is_token("00"));
    }
}
