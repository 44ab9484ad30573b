//! What a feed says in half of its entries or more. Pure.

use std::collections::{HashMap, HashSet};

use crate::{
    model::Entry,
    text::{self, short_hash},
};

use super::left_out::{sentences, words};

/// A footer or a link stands under most entries: one of this many has it. What some reports say alike may be news.
const ONE_OF: usize = 2;
/// Fewer entries do not show it.
const MIN_ENTRIES: usize = 3;

/// The sentences that half of the entries of a source's documents share, but for the words of their titles: "Continue
/// reading TITLE", a standing footer. They are no text of any of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing(HashSet<u64>);

impl Standing {
    /// Of what documents list.
    pub fn of(entries: &[Entry]) -> Self {
        let named: Vec<_> = entries.iter().map(Named::new).collect();
        // How many entries say it, and the last of them.
        let mut said_by = HashMap::<u64, (usize, &Named<'_>)>::new();
        for it in &named {
            let title = words(&it.entry.title);
            for said in sentences(&it.entry.text).filter_map(|it| beyond(it, &title)) {
                let (count, last) = said_by.entry(said).or_insert((1, it));
                if !last.is_same(it) {
                    (*count, *last) = (*count + 1, it);
                }
            }
        }
        let least = entries.len().div_ceil(ONE_OF).max(MIN_ENTRIES);
        Self(said_by.into_iter().filter(|(_, (count, _))| *count >= least).map(|it| it.0).collect())
    }

    /// The feed's text of an entry without them, a sentence each line.
    pub(super) fn without(&self, text: &str, title: &str) -> String {
        let title = words(title);
        let is_own = |it: &&str| beyond(it, &title).is_none_or(|it| !self.0.contains(&it));
        sentences(text).filter(is_own).collect::<Vec<_>>().join("\n")
    }
}

/// An entry that is compared with others.
struct Named<'e> {
    entry: &'e Entry,
    /// Of its text, which is compared for each sentence.
    hash: u64,
}

impl<'e> Named<'e> {
    fn new(entry: &'e Entry) -> Self {
        Self { entry, hash: short_hash(&entry.text) }
    }

    /// Whether two are one entry that is listed twice, with the same link or in two sections: what it alone says is not
    /// shared.
    fn is_same(&self, other: &Self) -> bool {
        let [one, two] = [self.entry, other.entry];
        let has_link = one.link_is_own && two.link_is_own && one.link.is_some();
        (has_link && one.link == two.link) || (one.title == two.title && self.hash == other.hash)
    }
}

/// The hash of what a sentence says beyond the words of a title; `None` if that is nothing.
fn beyond(sentence: &str, title: &HashSet<String>) -> Option<u64> {
    let tokens = text::tokens(sentence);
    let said: Vec<_> = tokens.iter().map(|it| it.word.as_ref()).filter(|it| !title.contains(*it)).collect();
    (!said.is_empty()).then(|| short_hash(&said.join(" ")))
}

#[cfg(test)]
mod tests {
    use crate::model::{CanonicalUrl, SourceId};

    use super::*;

    fn entry(link: &str, title: &str, text: &str) -> Entry {
        Entry {
            source: SourceId::sample(),
            link: CanonicalUrl::parse(link),
            link_is_own: true,
            permalink: None,
            guid: None,
            guid_is_unique: false,
            title: title.to_owned(),
            text: text.to_owned(),
            authors: Vec::new(),
            published: None,
            updated: None,
            is_dated_by_update: false,
            language: None,
            enclosures: Vec::new(),
        }
    }

    #[track_caller]
    fn check(entries: &[Entry], expected: &[&str]) {
        let standing = Standing::of(entries);
        let own: Vec<_> = entries.iter().map(|it| standing.without(&it.text, &it.title)).collect();
        assert_eq!(own, expected);
    }

    #[test]
    fn what_half_of_the_entries_say_is_no_text_of_one() {
        let of = |n: u32, title: &str, text: &str| entry(&format!("https://a.example/{n}"), title, text);
        for tail in [
            "Made with the support of Vinnikov and his partners.",
            "Подробнее",
            "Читати далі →",
            "Ətraflı",
            "Haberin devamı için tıklayınız",
            "Կարդալ ավելին",
            "ვრცლად",
            "ادامه مطلب",
        ] {
            let text = |it: &str| format!("{it}\n{tail}");
            check(
                &[
                    of(1, "One", &text("It rained.")),
                    of(2, "Two", &text("It snowed.")),
                    of(3, "Three", &text("It thawed.")),
                    of(4, "Four", "It froze."),
                ],
                &["It rained.", "It snowed.", "It thawed.", "It froze."],
            );
            check(&[of(1, "One", &text("It rained."))], &[&text("It rained.")]);
        }
        // With their titles in it, and after a text that is cut off.
        check(
            &[
                of(1, "Bridge opened in Poti", "It was op… Continue reading Bridge opened in Poti →"),
                of(2, "Мост закрыт", "Его зак… Continue reading Мост закрыт →"),
                of(3, "Talks begin", "They wai… Continue reading Talks begin →"),
            ],
            &["It was op…", "Его зак…", "They wai…"],
        );
        // Some of them may have the same news.
        for texts in [
            vec!["Vinnikov left."; 2],
            [vec!["Vinnikov left."; 3], vec!["It rained."; 2], vec!["It snowed."; 2]].concat(),
        ] {
            let entries: Vec<_> = texts.iter().zip(1..).map(|(text, n)| of(n, &n.to_string(), text)).collect();
            check(&entries, &texts);
        }
        // A title says nothing beyond itself.
        check(&[of(1, "Blast", "Blast."), of(2, "Blast.", "Blast!")], &["Blast.", "Blast!"]);
    }

    #[test]
    fn an_entry_that_is_listed_twice_shares_nothing() {
        let text = "Vinnikov waited.";
        let first = entry("https://a.example/1", "Talks begin", text);
        let again = Entry { title: "Talks begin in Poti".to_owned(), ..first.clone() };
        let elsewhere = entry("https://a.example/world/1", "Talks begin", text);
        check(&[first.clone(), again], &[text, text]);
        check(&[first.clone(), elsewhere], &[text, text]);
        // Posts that have the address of one page.
        let post = |title: &str| Entry { link_is_own: false, ..entry("https://a.example/live", title, text) };
        check(&["One", "Two", "Three"].map(post), &["", "", ""]);
    }
}
