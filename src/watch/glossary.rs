//! The glossary: other names for the terms of queries that cannot be found by their sound. Must not decide whether a
//! watch fires.

use std::{collections::HashMap, ops::Range};

use crate::text::names::{Manner, NameSet, NameTerm, Sighting, TermError};

use super::query::{self, Query};

/// Names for one thing that do not sound alike: translations, acronyms, damaged spellings.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    entries: Vec<Vec<(String, NameTerm)>>,
    /// The entry of each form.
    by_form: HashMap<String, usize>,
    /// Names of people, and their surnames.
    people: NameSet,
    /// The entry of each of these.
    of_people: Vec<usize>,
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
    /// Reads entries, places, and people with their other forms. A form may have alternatives like a quotation in a
    /// query. Names of places are short and listed in every language, so they are found by their letters, not by their
    /// sound: Georgia is no George, and Baku no "baqqot". A surname stands for its person, in any script but without a
    /// case ending; a misread surname (`Pashin`) does not.
    ///
    /// # Errors
    ///
    /// Every [`GlossaryError`], for the first form that is wrong.
    pub fn new(
        entries: Vec<Vec<String>>,
        places: Vec<Vec<String>>,
        people: Vec<(String, Vec<String>)>,
    ) -> Result<Self, GlossaryError> {
        let mut res = Self::default();
        for forms in entries {
            res.add(forms, false)?;
        }
        for forms in places {
            res.add(forms, true)?;
        }
        let mut names = Vec::new();
        for (name, mut forms) in people {
            names.push(NameTerm::parse(&name, Manner::Name)?);
            let surname = name.split_whitespace().next_back().unwrap_or(&name);
            names.push(NameTerm::parse(surname, Manner::Name)?);
            res.of_people.extend([res.entries.len(); 2]);
            forms.insert(0, name);
            res.add(forms, false)?;
        }
        res.people = NameSet::compile(&names);
        Ok(res)
    }

    fn add(&mut self, written: Vec<String>, is_place: bool) -> Result<(), GlossaryError> {
        let mut entry = Vec::<(String, NameTerm)>::new();
        for form in written {
            let forms = query::forms(&form).map_err(|reason| GlossaryError::Form { form, reason })?;
            for form in forms {
                if self.by_form.insert(form.clone(), self.entries.len()).is_some_and(|it| it != self.entries.len()) {
                    return Err(GlossaryError::Twice(form));
                }
                let term = NameTerm::parse(&form, Manner::Name)?;
                entry.push((form, if is_place { term.by_letters() } else { term }));
            }
        }
        if entry.iter().any(|(_, term)| term.is_acronym()) {
            entry = entry.into_iter().map(|(form, term)| (form, term.in_its_script())).collect();
        }
        self.entries.push(entry);
        Ok(())
    }

    /// A query in which terms known to the glossary are searched for as it says: names of places by their letters.
    pub fn applied(&self, mut query: Query) -> Query {
        for it in query.terms.iter_mut().filter(|it| it.manner == Manner::Name) {
            let entry = self.by_form.get(&it.text).and_then(|it| self.entries.get(*it));
            if let Some((_, term)) = entry.and_then(|forms| forms.iter().find(|form| form.0 == it.text)) {
                it.term = term.clone();
            }
        }
        query
    }

    /// All forms of what a term stands for, including the term; for a person only forms that do not sound like the
    /// name. Empty if the glossary does not have the term.
    pub fn forms(&self, term: &str) -> Vec<&(String, NameTerm)> {
        if let Some(entry) = self.by_form.get(term).and_then(|it| self.entries.get(*it)) {
            return entry.iter().collect();
        }
        let is_name = NameTerm::parse(term, Manner::Name).is_ok_and(|it| it.is_name());
        let found = if is_name { self.people.scan(term, None) } else { Vec::new() };
        let is_whole = |span: &Range<usize>| term.get(span.clone()) == Some(term.trim());
        // A term is not a text: a term with an ending is another name, Petrova and not Petrov. Only Georgian names have
        // an ending of their own.
        let is_uninflected = |it: &Sighting| it.ending.as_deref().is_none_or(|it| it == "ი");
        let people = found.iter().filter(|it| it.closeness.is_sure() && is_whole(&it.span) && is_uninflected(it));
        let mut meant: Vec<_> = people.filter_map(|it| self.of_people.get(it.term)).collect();
        meant.sort_unstable();
        meant.dedup();
        meant.into_iter().filter_map(|it| self.entries.get(*it)).flat_map(|it| it.iter().skip(1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[&[&str]]) -> Result<Glossary, GlossaryError> {
        Glossary::new(
            all.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect()).collect(),
            Vec::new(),
            Vec::new(),
        )
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
    fn a_surname_in_any_script_leads_to_the_forms_of_its_person() {
        let people = vec![("Nikol Pashinyan".to_owned(), vec!["Nikola Pashin".to_owned()])];
        let glossary = Glossary::new(Vec::new(), Vec::new(), people).unwrap();
        let forms = |term| glossary.forms(term).into_iter().map(|it| it.0.as_str()).collect::<Vec<_>>();
        assert_eq!(forms("Nikol Pashinyan"), ["Nikol Pashinyan", "Nikola Pashin"]);
        for term in ["Pashinyan", "Пашинян", "Никол Пашинян", "Փաշինյան", "პაშინიანი", "پاشینیان", "Paşinyan"]
        {
            assert_eq!(forms(term), ["Nikola Pashin"], "{term}");
        }
        for term in ["Pashin", "Пашин", "Nikol", "Pashayan", "pashinyan", "PASHINYAN", "Pashinyan government", ""]
        {
            assert!(forms(term).is_empty(), "{term}");
        }
    }

    #[test]
    fn a_longer_name_is_no_form_of_a_shorter_one() {
        let person = |name: &str, form: &str| (name.to_owned(), vec![form.to_owned()]);
        let people = vec![
            person("Ali Karim", "Alik Rim"),
            person("Ivan Petrov", "Johan Peterson"),
            person("Ana Duda", "A Douda"),
        ];
        let glossary = Glossary::new(Vec::new(), Vec::new(), people).unwrap();
        let forms = |term| glossary.forms(term).into_iter().map(|it| it.0.as_str()).collect::<Vec<_>>();
        for term in ["Karimli", "Karims", "Karimlə", "Петрова", "Dudas"] {
            assert!(forms(term).is_empty(), "{term}");
        }
        for (term, form) in [
            ("Karim", "Alik Rim"),
            ("Петров", "Johan Peterson"),
            ("პეტროვი", "Johan Peterson"),
            ("Պետրով", "Johan Peterson"),
        ] {
            assert_eq!(forms(term), [form], "{term}");
        }
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
