//! What recurs on the pages of one source: notices, invitations and boxes that no rule knows. Learnt from its last
//! pages and forgotten with them. Pure: the caller keeps it.

use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
};

use crate::{
    model::{Method, Repeated},
    text::{capped, short_hash},
};

use super::Extracted;

/// Number of last pages that count. What a site no longer shows is forgotten after this many pages.
pub const MAX_PAGES: usize = 20;

/// Minimum pages known before anything is cut.
const MIN_PAGES: usize = 5;

/// Maximum lines of a page that count.
const MAX_LINES: usize = 400;

/// Maximum cut lines that are recorded with the article.
const MAX_SHOWN: usize = 20;

/// Maximum bytes recorded of each cut line.
const MAX_SHOWN_BYTES: usize = 300;

/// The last pages of a source, as the hashes of their lines.
#[derive(Debug, Clone, Default)]
pub struct Template {
    pages: VecDeque<Page>,
}

#[derive(Debug, Clone)]
struct Page {
    address: u64,
    lines: HashSet<u64>,
}

impl Template {
    /// Cuts from the body the lines that stand on at least four of five of the last pages, then learns the page, which
    /// was read at `address`. A page that is read again does not count twice.
    ///
    /// Nothing is cut where the longest paragraph is one of these lines or they are more than a half of the text: then
    /// the pages are one text, not one frame. Nor is anything of what a recipe found.
    pub fn apply(&mut self, address: &str, res: &mut Extracted) {
        if res.body.is_empty() || matches!(res.method, Method::Recipe(_)) {
            return;
        }
        self.forget(address);
        let lines = res.body.lines().take(MAX_LINES).map(short_hash).collect();
        self.cut(res);
        self.add(address, lines);
    }

    /// Learns a page of these lines that was read at `address`, newer than those it knows; nothing is cut.
    pub fn learn<'a>(&mut self, address: &str, lines: impl Iterator<Item = &'a str>) {
        self.forget(address);
        self.add(address, lines.take(MAX_LINES).map(short_hash).collect());
    }

    fn forget(&mut self, address: &str) {
        let address = short_hash(address);
        self.pages.retain(|it| it.address != address);
    }

    fn add(&mut self, address: &str, lines: HashSet<u64>) {
        self.pages.push_back(Page { address: short_hash(address), lines });
        if self.pages.len() > MAX_PAGES {
            self.pages.pop_front();
        }
    }

    fn cut(&self, res: &mut Extracted) {
        let of = self.pages.len();
        if of < MIN_PAGES {
            return;
        }
        let longest = res.body.lines().max_by_key(|it| it.len()).unwrap_or_default();
        let recurs = |line: &str| {
            let hash = short_hash(line);
            let on = self.pages.iter().filter(|it| it.lines.contains(&hash)).count();
            (5 * on >= 4 * of).then_some(on)
        };
        if recurs(longest).is_some() {
            return;
        }
        let judged: Vec<(&str, Option<usize>)> = res.body.lines().map(|it| (it, recurs(it))).collect();
        let bytes =
            |is_cut: bool| judged.iter().filter(|it| it.1.is_some() == is_cut).map(|it| it.0.len()).sum::<usize>();
        if bytes(true) == 0 || bytes(true) > bytes(false) {
            return;
        }
        let kept: Vec<&str> = judged.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
        let body = kept.join("\n");
        let cut = judged.iter().filter_map(|(line, on)| {
            let reason = format!("a line that stands on {} of the last {of} pages", (*on)?);
            Some(((*line).to_owned(), Cow::Owned(reason)))
        });
        res.cut.extend(cut);
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let repeated = judged.iter().filter_map(|(line, on)| {
            let line = capped(line, MAX_SHOWN_BYTES).to_owned();
            Some(Repeated { line, on: number((*on)?), of: number(of) })
        });
        res.repeated.extend(repeated.take(MAX_SHOWN));
        res.body = body;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = "This newsroom is funded by its readers.";

    fn read(template: &mut Template, address: &str, lines: &[&str]) -> Extracted {
        let mut res = Extracted { body: lines.join("\n"), ..Extracted::nothing(Method::Readability) };
        template.apply(address, &mut res);
        res
    }

    /// A page of its own text with the notice.
    fn page(template: &mut Template, number: usize) -> String {
        let text = format!("On day {number} the delegation went over the bridge, and the talks began at noon.");
        read(template, &format!("/{number}"), &[&text, NOTICE]).body
    }

    #[test]
    fn a_line_of_most_pages_is_cut_from_the_sixth_on() {
        let mut template = Template::default();
        for number in 0..5 {
            assert!(page(&mut template, number).ends_with(NOTICE), "page {number}");
        }
        let res = read(&mut template, "/5", &["The talks went on in the old town hall until late.", NOTICE]);
        assert_eq!(res.body, "The talks went on in the old town hall until late.");
        let reason = Cow::Borrowed("a line that stands on 5 of the last 5 pages");
        assert_eq!(res.cut, [(NOTICE.to_owned(), reason)]);
        assert_eq!(res.repeated, [Repeated { line: NOTICE.to_owned(), on: 5, of: 5 }]);
        // What it cuts it still sees.
        for number in 6..60 {
            assert!(!page(&mut template, number).contains(NOTICE), "page {number}");
        }
        assert_eq!(template.pages.len(), MAX_PAGES);
    }

    #[test]
    fn what_it_was_told_counts_as_what_it_read() {
        let mut template = Template::default();
        for number in 0..6 {
            let text = format!("Text number {number} of this source.");
            template.learn(&format!("/{number}"), [text.as_str(), NOTICE].into_iter());
        }
        assert!(!page(&mut template, 6).contains(NOTICE));
    }

    #[test]
    fn it_forgets() {
        let mut template = Template::default();
        (0..20).for_each(|it| drop(page(&mut template, it)));
        (20..30).for_each(|it| {
            read(&mut template, &format!("/{it}"), &["Another day, and another text without a notice."]);
        });
        assert!(page(&mut template, 30).ends_with(NOTICE));
    }

    #[test]
    fn a_line_of_fewer_pages_stays() {
        let mut template = Template::default();
        for number in 0..15 {
            let text = format!("Day {number} of the talks, and a background that some of the pages share.");
            let lines = [text.as_str(), NOTICE];
            let res = read(&mut template, &format!("/{number}"), lines.get(..1 + number % 3 / 2).unwrap());
            assert!(res.cut.is_empty(), "page {number}");
        }
        assert!(page(&mut template, 20).ends_with(NOTICE));
    }

    #[test]
    fn one_page_read_again_is_one_page() {
        let mut template = Template::default();
        for _ in 0..20 {
            assert!(page(&mut template, 1).ends_with(NOTICE));
        }
    }

    #[test]
    fn pages_of_one_text_are_left_alone() {
        let mut template = Template::default();
        let lines = [
            "The same text at every address.",
            "It has two lines, of which the second is the longer.",
            "And a last one.",
        ];
        for number in 0..20 {
            assert_eq!(
                read(&mut template, &format!("/{number}"), &lines[..2]).body.lines().count(),
                2,
                "page {number}"
            );
        }
        assert_eq!(read(&mut template, "/x", &[NOTICE, "Short."]).body.lines().count(), 2);
    }

    #[test]
    fn the_longest_paragraph_is_never_cut() {
        let mut template = Template::default();
        for number in 0..20 {
            let number = format!("Level {number}.");
            let long = "The water office measures the river at the old bridge every morning.";
            assert!(read(&mut template, &number, &[&number, long]).body.ends_with(long));
        }
    }

    #[test]
    fn what_a_recipe_found_is_left_alone() {
        let mut template = Template::default();
        for number in 0..20 {
            let body = format!("On day {number} the delegation went over the bridge.\n{NOTICE}");
            let mut res = Extracted { body, ..Extracted::nothing(Method::Recipe("own".to_owned())) };
            template.apply(&number.to_string(), &mut res);
            assert!(res.body.ends_with(NOTICE));
        }
    }
}
