//! Names of authors, as people write them in feeds.

use super::{addresses, element::Element};

/// An author.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) url: String,
}

impl Person {
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.url.is_empty()
    }
}

/// The person that an element describes, by elements within or by its text.
pub(super) fn of_element(element: &Element<'_>) -> Person {
    if !element.has_elements() {
        return of_text(&element.text());
    }
    let mut res = Person::default();
    for it in element.elements() {
        match it.local.as_ref() {
            "name" => res.name = it.trimmed(),
            "email" => res.email = it.trimmed(),
            "uri" | "url" | "homepage" => res.url = addresses::absolute(&it.text(), it.base.as_deref()),
            _ => (),
        }
    }
    if res.is_empty() { of_text(&element.text()) } else { res }
}

/// Reads `name (email)`, `email (name)`, `name <email>`, `email` and `name`: RSS 2.0 wants the second.
pub(super) fn of_text(text: &str) -> Person {
    let text = text.trim();
    let Some((start, end)) = email(text) else { return Person { name: text.to_owned(), ..Person::default() } };
    let (before, rest) = text.split_at_checked(start).unwrap_or_default();
    let (email, after) = rest.split_at_checked(end - start).unwrap_or_default();
    let before = before.strip_suffix("mailto:").unwrap_or(before);
    // Of a list of people, the first.
    let after = match before.trim().is_empty() {
        true => after,
        false => after.split([',', ';']).next().unwrap_or_default(),
    };
    let mut name = format!("{before}{after}");
    for brackets in ["()", "<>", "[]", "&lt;&gt;"] {
        name = name.replace(brackets, "");
    }
    let name = name.trim().trim_matches('"').trim();
    let inner = name.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(name);
    Person { name: inner.trim().to_owned(), email: email.to_owned(), url: String::new() }
}

/// Where the first e-mail address of a text stands, with the `?subject=` that some feeds add.
fn email(text: &str) -> Option<(usize, usize)> {
    let at = text.find('@')?;
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+'-".contains(c);
    let (local, domain) = (text.get(..at)?, text.get(at + 1..)?);
    let start = local.trim_end_matches(is_local).len();
    let length = domain.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(domain.len());
    let host = domain.get(..length)?.trim_end_matches('.');
    let top = host.rsplit_once('.')?.1;
    if start == at || top.len() < 2 || !top.bytes().all(|it| it.is_ascii_alphabetic()) {
        return None;
    }
    let end = at + 1 + host.len();
    let subject = text.get(end..)?.strip_prefix("?subject=");
    Some((start, end + subject.map_or(0, |it| 9 + it.find(char::is_whitespace).unwrap_or(it.len()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, email: &str) {
        let person = of_text(text);
        assert_eq!((person.name.as_str(), person.email.as_str()), (name, email), "{text}");
    }

    #[test]
    fn reads_names_and_addresses() {
        check("Nino Example", "Nino Example", "");
        check("a@b.example (Nino Example)", "Nino Example", "a@b.example");
        check("Nino Example (a+b@c.example)", "Nino Example", "a+b@c.example");
        check("Nino Example <a@b.example>", "Nino Example", "a@b.example");
        check("mailto:a@b.example", "", "a@b.example");
        check("\"Nino\" <a@b.example>, c@d.example", "Nino", "a@b.example");
        check("@nino on the desk", "@nino on the desk", "");
        check("", "", "");
    }
}
