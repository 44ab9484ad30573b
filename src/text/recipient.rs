//! Mail channels, identified by their recipients.

/// Prefix of the name of a mail channel: `mail:` or, for a digest of its own, `NAME-mail:`, followed by its recipient
/// as configured.
const MAIL: &str = "mail:";

/// Whether two names mean one channel. Mail channels are the same if their address is, however the recipient is
/// written: "Desk <desk@example.org>" is nobody else than "desk@example.org", so that neither a message nor an
/// unsubscription is lost.
pub fn is_same_channel(a: &str, b: &str) -> bool {
    a == b || recipient(a).zip(recipient(b)).is_some_and(|(a, b)| a.0 == b.0 && a.1.eq_ignore_ascii_case(b.1))
}

/// The address that a recipient of mail is written with: "desk@example.org" of "Desk <desk@example.org>".
pub fn mail_address(recipient: &str) -> Option<&str> {
    match recipient.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').map(str::trim),
        None => Some(recipient.trim()),
    }
}

/// Whose channel of mail it is, and to which address.
fn recipient(name: &str) -> Option<(&str, &str)> {
    let at = name.find(MAIL).filter(|at| *at == 0 || name[..*at].ends_with('-'))?;
    let (of, to) = name.split_at(at + MAIL.len());
    Some((of, mail_address(to)?))
}

#[cfg(test)]
mod tests {
    use super::is_same_channel;

    #[test]
    fn a_recipient_is_an_address() {
        for (a, b, expected) in [
            ("mail:desk@example.org", "mail:The desk <desk@example.org>", true),
            ("mail:Desk@example.org", "mail:desk@example.org", true),
            ("weekly-mail:desk@example.org", "weekly-mail:D <desk@example.org>", true),
            ("weekly-mail:desk@example.org", "mail:desk@example.org", false),
            ("mail:desk@example.org", "mail:two@example.org", false),
            ("mail:Desk <desk@example.org", "mail:desk@example.org", false),
            ("phone", "phone", true),
            ("phone", "Phone", false),
            ("voicemail:a", "mail:a", false),
        ] {
            assert_eq!(is_same_channel(a, b), expected, "{a} {b}");
            assert_eq!(is_same_channel(b, a), expected, "{b} {a}");
        }
    }
}
