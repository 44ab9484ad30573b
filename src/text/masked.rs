//! Texts for the log, which is read by more people than the configuration is.

use std::borrow::Cow;

/// `text` with its mail addresses cut to the first letter and the domain: `a…@example.org`. That tells the operator
/// which recipient is meant, and nobody else how to write to them. Message ids and answers of mail servers contain
/// addresses.
pub fn without_addresses(text: &str) -> Cow<'_, str> {
    let mut res = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices('@') {
        let (before, after) = (text.get(copied..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let local = local_part(before);
        let is_address = !local.is_empty() && after.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        if is_address {
            res.push_str(before.strip_suffix(local).unwrap_or(before));
            res.extend(local.trim_start_matches('"').chars().take(1));
            res.push('…');
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    res.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(res)
}

/// The end of a text that can precede the `@` of an address (RFC 5321 §4.1.2, and letters of any script: RFC 6531).
fn local_part(text: &str) -> &str {
    if let Some(quoted) = text.strip_suffix('"') {
        return quoted.rfind('"').and_then(|it| text.get(it..)).unwrap_or_default();
    }
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let start = text.trim_end_matches(is_local).len();
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_and_all_else_stays() {
        for (text, expected) in [
            (
                "digest-daily-20261122T040000Z-mail:anna@example.org",
                "digest-daily-20261122T040000Z-mail:a…@example.org",
            ),
            ("peace-weekly-mail:Desk two <two@example.org>", "peace-weekly-mail:Desk two <t…@example.org>"),
            ("550 5.1.1 <Anna.O'Hara+x@Example.org>: no <b@x.org>", "550 5.1.1 <A…@Example.org>: no <b…@x.org>"),
            ("\"anna b\"@[192.0.2.1] პეტრე@example.ge", "a…@[192.0.2.1] პ…@example.ge"),
            ("a@b@c.org", "a…@b…@c.org"),
            ("ntfy answered 429 @ noon, @desk, x@ and \"@", "ntfy answered 429 @ noon, @desk, x@ and \"@"),
            ("alert-00ff-files", "alert-00ff-files"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(text), expected, "{text:?}");
        }
    }
}
