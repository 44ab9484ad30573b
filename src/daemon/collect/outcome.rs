//! What the entries of one document became.

use crate::{
    daemon::settle::Settled,
    extract::Extracted,
    model::{Alert, ArticleId, Method, Page},
};

/// What the entries of one document became.
#[derive(Debug)]
pub(super) struct ReadEntries {
    pub(super) new: Vec<ArticleId>,
    pub(super) reread: usize,
    pub(super) pages: usize,
    pub(super) pages_missing: usize,
    pub(super) alerts: Vec<Alert>,
    pub(super) recipe: RecipeUse,
    /// Whether no entry is left for the next poll.
    pub(super) complete: bool,
}

/// How a recipe did.
#[derive(Debug, Default)]
pub(super) struct RecipeUse {
    read: usize,
    /// Pages on which it found no text.
    missed: usize,
    /// The recipe that did not.
    name: String,
}

impl RecipeUse {
    pub(super) fn note(&mut self, page: &Extracted) {
        self.read += usize::from(matches!(page.method, Method::Recipe(_)));
        if let Some(name) = &page.missed {
            self.missed += 1;
            self.name.clone_from(name);
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.missed += other.missed;
        if other.missed > 0 {
            self.name = other.name;
        }
    }

    /// What to report about the recipe. A page or two of another kind mean nothing; if most pages yield no text, the
    /// site has changed.
    pub(super) fn problem(&self) -> Option<String> {
        let Self { read, missed, name } = self;
        let of = read + missed;
        (missed > read)
            .then(|| format!("the recipe {name} found no text on {missed} of {of} pages; they were read without it"))
    }
}

impl Default for ReadEntries {
    fn default() -> Self {
        Self {
            new: Vec::new(),
            reread: 0,
            pages: 0,
            pages_missing: 0,
            alerts: Vec::new(),
            recipe: RecipeUse::default(),
            complete: true,
        }
    }
}

impl ReadEntries {
    pub(super) fn note(&mut self, settled: Settled) {
        let (intent, is_new) = match settled {
            Settled::Held => return,
            Settled::New(intent) => (intent, true),
            Settled::Reread(intent) => (intent, false),
        };
        let article = &intent.report.article;
        self.pages_missing += usize::from(matches!(article.page, Page::Unreachable(_) | Page::Withheld(_)));
        if is_new {
            self.new.push(article.id);
        } else {
            self.reread += 1;
        }
        self.alerts.extend(intent.alerts);
    }
}
