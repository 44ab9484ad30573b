//! What a conditional GET is made with. Pure.

use reqwest::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

use super::text_field;
use crate::model::Validators;

/// Longer validators are not kept: they serve nobody but a server that marks its readers.
const MAX_BYTES: usize = 1_024;

/// The validators of an answer, verbatim.
pub(super) fn validators(headers: &HeaderMap) -> Validators {
    Validators {
        etag: text_field(headers, &ETAG, MAX_BYTES),
        last_modified: text_field(headers, &LAST_MODIFIED, MAX_BYTES),
    }
}

/// The fields that make a request conditional: none if there is nothing to compare.
pub(super) fn conditions(validators: &Validators) -> Vec<(HeaderName, HeaderValue)> {
    [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::from_str(value.as_deref()?).ok()?)))
        .collect()
}

/// The validators to keep after a 304, which may bring newer ones (RFC 9111 §4.3.4).
///
/// A 304 with another `ETag` than the one asked with speaks of another document than the one held. Keeping
/// its validators would hide that document for good; with the old ones the next poll asks again.
pub(super) fn after_not_modified(held: &Validators, answer: Validators) -> Validators {
    match (&held.etag, &answer.etag) {
        (Some(held_tag), Some(tag)) if opaque(held_tag) != opaque(tag) => held.clone(),
        _ => Validators {
            etag: answer.etag.or_else(|| held.etag.clone()),
            last_modified: answer.last_modified.or_else(|| held.last_modified.clone()),
        },
    }
}

/// The part that weak comparison looks at (RFC 9110 §8.8.3.2).
fn opaque(etag: &str) -> &str {
    etag.trim_start_matches("W/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(etag: &str, last_modified: &str) -> Validators {
        let text = |it: &str| (!it.is_empty()).then(|| it.to_owned());
        Validators { etag: text(etag), last_modified: text(last_modified) }
    }

    #[test]
    fn a_304_may_bring_newer_ones() {
        let held = pair("\"a\"", "Mon");
        assert_eq!(after_not_modified(&held, pair("", "")), held);
        assert_eq!(after_not_modified(&held, pair("", "Tue")), pair("\"a\"", "Tue"));
        assert_eq!(after_not_modified(&held, pair("W/\"a\"", "Tue")), pair("W/\"a\"", "Tue"));
        assert_eq!(after_not_modified(&pair("", "Mon"), pair("\"a\"", "")), held);
    }

    #[test]
    fn a_304_for_another_document_changes_nothing() {
        let held = pair("\"a\"", "Mon");
        assert_eq!(after_not_modified(&held, pair("\"b\"", "Tue")), held);
    }

    #[test]
    fn reads_verbatim_or_not_at_all() {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_static("W/\"x y\""));
        headers.insert(LAST_MODIFIED, HeaderValue::from_static("yesterday"));
        assert_eq!(validators(&headers), pair("W/\"x y\"", "yesterday"));
        headers.insert(ETAG, HeaderValue::from_static(""));
        headers.insert(LAST_MODIFIED, HeaderValue::from_str(&"x".repeat(MAX_BYTES + 1)).unwrap());
        assert_eq!(validators(&headers), Validators::default());
        headers.insert(ETAG, HeaderValue::from_bytes(b"\"\xff\"").unwrap());
        assert_eq!(validators(&headers), Validators::default());
    }

    #[test]
    fn nothing_to_compare_makes_no_condition() {
        assert_eq!(conditions(&Validators::default()), []);
        assert_eq!(conditions(&pair("a\nb", "")), []);
        assert_eq!(conditions(&pair("\"a\"", "")), [(IF_NONE_MATCH, HeaderValue::from_static("\"a\""))]);
    }
}
