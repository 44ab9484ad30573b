use std::collections::HashMap;

use crate::text::names::{Manner, NameTerm, TermError};

use super::query;

/// Names for one thing that do not sound alike: translations, acronyms, damaged spellings.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    entries: Vec<Vec<(String, NameTerm)>>,
    /// The entry of each form.
    by_form: HashMap<String, usize>,
}

/// A form that can't be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlossaryError {
    /// Its brackets are wrong.
    #[error("form {form:?}: {reason}")]
    Form {
        /// The form.
        form: String,
        /// What is wrong.
        reason: query::Reason,
    },
    /// It has no word.
    #[error("a form can't be looked for")]
    Term(#[from] TermError),
    /// It stands for two things.
    #[error("form {0:?} is in two entries")]
    Twice(String),
}

impl Glossary {
    /// Reads entries: the forms of each, with alternatives as in a quotation of a query.
    ///
    /// # Errors
    ///
    /// Every [`GlossaryError`], for the first form that is wrong.
    pub fn new(entries: Vec<Vec<String>>) -> Result<Self, GlossaryError> {
        let mut res = Self::default();
        for written in entries {
            let mut entry = Vec::<(String, NameTerm)>::new();
            for form in written {
                let forms = query::forms(&form).map_err(|reason| GlossaryError::Form { form, reason })?;
                for form in forms {
                    if res.by_form.insert(form.clone(), res.entries.len()).is_some_and(|it| it != res.entries.len()) {
                        return Err(GlossaryError::Twice(form));
                    }
                    let term = NameTerm::parse(&form, Manner::Name)?;
                    entry.push((form, term));
                }
            }
            if entry.iter().any(|(_, term)| term.is_acronym()) {
                entry = entry.into_iter().map(|(form, term)| (form, term.in_its_script())).collect();
            }
            res.entries.push(entry);
        }
        Ok(res)
    }

    /// All forms of what a term stands for, the term too; none where the glossary does not have it.
    pub fn forms(&self, term: &str) -> &[(String, NameTerm)] {
        self.by_form.get(term).and_then(|it| self.entries.get(*it)).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[&[&str]]) -> Result<Glossary, GlossaryError> {
        Glossary::new(all.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect()).collect())
    }

    #[test]
    fn any_form_leads_to_all() {
        let glossary = entries(&[&["CSTO", "ОДКБ"], &["PfP", "Partnership (for|towards) Peace"]]).unwrap();
        let forms = |term| glossary.forms(term).iter().map(|it| it.0.as_str()).collect::<Vec<_>>();
        assert_eq!(forms("ОДКБ"), ["CSTO", "ОДКБ"]);
        assert_eq!(forms("PfP"), ["PfP", "Partnership for Peace", "Partnership towards Peace"]);
        assert!(forms("csto").is_empty());
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        for (all, message) in [
            (&[&["(a|b"][..]][..], "form \"(a|b\": this bracket within the quotation is not closed"),
            (&[&["CSTO"], &["ОДКБ", "CSTO"]], "form \"CSTO\" is in two entries"),
            (&[&["–"]], "a form can't be looked for"),
        ] {
            assert_eq!(entries(all).unwrap_err().to_string(), message);
        }
    }
}
