//! Gives access to the texts from outside in a digest, for machines that add to them.

use super::{Digest, Story};

/// Receives a language, a text in it, and the place for its translation.
pub type Visit<'v> = dyn FnMut(Option<&str>, &str, &mut Option<String>) + 'v;

impl Digest {
    /// The stories under topics, in the order in which they are shown.
    pub fn stories(&self) -> impl Iterator<Item = &Story> {
        self.groups.iter().flat_map(|it| &it.sections).flat_map(|it| &it.stories.items)
    }

    /// The stories under topics, for changes.
    pub fn stories_mut(&mut self) -> impl Iterator<Item = &mut Story> {
        self.groups.iter_mut().flat_map(|it| &mut it.sections).flat_map(|it| &mut it.stories.items)
    }

    /// Visits each title and sentence shown: its language, the text, and the place for its translation.
    pub fn each_text(&mut self, visit: &mut Visit<'_>) {
        for alert in &mut self.alerts.items {
            let language = alert.report.as_ref().and_then(|it| it.language.clone());
            for it in &mut alert.hits.items {
                visit(language.as_deref(), &it.sentence.text, &mut it.translation);
            }
            alert.report.iter_mut().for_each(|it| it.visit(visit));
        }
        for story in self.stories_mut() {
            story.lead.visit(visit);
            for it in &mut story.quotes {
                visit(it.language.as_deref(), &it.sentence.text, &mut it.translation);
            }
        }
        self.others.items.iter_mut().for_each(|it| it.lead.visit(visit));
        self.events.items.iter_mut().for_each(|it| it.report.visit(visit));
        self.first_mentions.items.iter_mut().filter_map(|it| it.report.as_mut()).for_each(|it| it.visit(visit));
    }
}

impl super::ReportLine {
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit(self.language.as_deref(), &self.title, &mut self.translation);
    }
}
