use serde::Deserialize;

use crate::watch::{Glossary, GlossaryError};

/// `glossary.toml`, as it is written. Its own comment explains the format.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlossaryFile {
    #[serde(default)]
    entry: Vec<Entry>,
    #[serde(default)]
    person: Vec<Person>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    forms: Vec<String>,
}

/// Somebody with the offices held, for whoever reads an alert.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Given name and surname.
    pub name: String,
    /// Spellings that do not sound like the name.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Each with its dates.
    #[serde(default)]
    pub offices: Vec<String>,
}

impl GlossaryFile {
    /// The entries, ready to be looked up.
    ///
    /// # Errors
    ///
    /// Every [`GlossaryError`].
    pub fn glossary(&self) -> Result<Glossary, GlossaryError> {
        let entries = self.entry.iter().map(|it| it.forms.clone()).collect();
        let people = self.person.iter().filter(|it| !it.forms.is_empty());
        Glossary::new(entries, people.map(|it| (it.name.clone(), it.forms.clone())).collect())
    }

    /// The people in the order of the file.
    pub fn people(&self) -> &[Person] {
        &self.person
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_glossary_is_of_use() {
        let file: GlossaryFile = toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap();
        let glossary = file.glossary().unwrap();
        for (term, form) in [
            ("NATO", "ناتو"),
            ("ՆԱՏՕ", "НАТО"),
            ("ОДКБ", "ՀԱՊԿ"),
            ("ITPP", "Individually Adapted Partnership"),
            ("Nikol Pashinyan", "Nikola Pashin"),
            ("Пашинян", "Nikola Pashin"),
        ] {
            assert!(glossary.forms(term).iter().any(|it| it.0 == form), "{term}: {form}");
        }
        assert!(file.people().iter().all(|it| !it.offices.is_empty()));
    }
}
