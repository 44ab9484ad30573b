//! Channels of mail, told by their recipients.

use std::collections::BTreeMap;

use super::Channel;

/// How a channel of mail is called: `mail:` or, for a digest of its own, `NAME-mail:`, and its recipient as configured.
const MAIL: &str = "mail:";

/// The channel of a name. One of mail is that of the same address too, however its recipient is written: "Desk <desk@example.org>" in
/// place of "desk@example.org" is no other person, and neither message nor unsubscribing is lost by it.
pub fn channel<'c>(channels: &'c BTreeMap<String, Channel>, name: &str) -> Option<(&'c str, &'c Channel)> {
    let exact = channels.get_key_value(name);
    let found = exact.or_else(|| channels.iter().find(|it| is_same(it.0, name)))?;
    Some((found.0.as_str(), found.1))
}

/// Whether two names are of one channel.
pub fn is_same(a: &str, b: &str) -> bool {
    a == b || recipient(a).zip(recipient(b)).is_some_and(|(a, b)| a.0 == b.0 && a.1.eq_ignore_ascii_case(b.1))
}

/// Whose channel of mail it is, and to which address.
fn recipient(name: &str) -> Option<(&str, &str)> {
    let at = name.find(MAIL).filter(|at| *at == 0 || name[..*at].ends_with('-'))?;
    let (of, to) = name.split_at(at + MAIL.len());
    let address = match to.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => to,
    };
    Some((of, address.trim()))
}

#[cfg(test)]
mod tests {
    use super::is_same;

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
            assert_eq!(is_same(a, b), expected, "{a} {b}");
            assert_eq!(is_same(b, a), expected, "{b} {a}");
        }
    }
}
