//! Recognises the purpose of elements by their names, classes and ids.

mod stems;

use std::ops::BitOr;

use scraper::node;

use self::stems::STEMS;

/// What an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    // By words in classes and ids.
    Article,
    Body,
    Main,
    Comment,
    Related,
    Share,
    Nav,
    Header,
    Footer,
    Sidebar,
    Ad,
    Subscribe,
    Consent,
    Caption,
    Byline,
    Date,
    Tags,
    Title,
    Lead,
    List,
    Hidden,
    Quote,
    Box,
    Tool,
    Pages,
    Live,
    // By name and attributes.
    ArticleTag,
    MainTag,
    AsideTag,
    NavTag,
    HeaderTag,
    FooterTag,
    FormTag,
    FigureTag,
    TableTag,
    ListTag,
    QuoteTag,
    SectionTag,
    Paragraph,
    ArticleBody,
    HiddenTag,
}

impl Kind {
    /// How many there are.
    pub(super) const COUNT: usize = Kind::HiddenTag as usize + 1;
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds(u64);

impl Kinds {
    /// Whether the kind of this number is in it.
    pub(super) fn has(self, kind: usize) -> bool {
        self.0 >> kind & 1 == 1
    }

    /// Adds the kind of this number.
    pub(super) fn put(&mut self, kind: usize) {
        self.0 |= 1 << kind;
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        Self(1 << kind as u8)
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// By name and attributes.
pub(super) fn of_element(element: &node::Element) -> Kinds {
    let mut res = match element.name() {
        "article" => Kind::ArticleTag.into(),
        "main" => Kind::MainTag.into(),
        "aside" => Kind::AsideTag.into(),
        "nav" => Kind::NavTag.into(),
        "header" => Kind::HeaderTag.into(),
        "footer" => Kind::FooterTag.into(),
        "form" | "fieldset" => Kind::FormTag.into(),
        "figure" | "figcaption" => Kind::FigureTag.into(),
        "table" => Kind::TableTag.into(),
        "ul" | "ol" | "dl" => Kind::ListTag.into(),
        "blockquote" | "q" => Kind::QuoteTag.into(),
        "section" => Kind::SectionTag.into(),
        "p" => Kind::Paragraph.into(),
        _ => Kinds::default(),
    };
    match element.attr("itemprop") {
        Some(it) if it.split_whitespace().any(|it| it.eq_ignore_ascii_case("articleBody")) => {
            res = res | Kind::ArticleBody.into();
        }
        Some("headline" | "name") => res = res | Kind::Title.into(),
        Some("author" | "creator") => res = res | Kind::Byline.into(),
        Some("description") => res = res | Kind::Lead.into(),
        Some("datePublished" | "dateModified" | "dateCreated") => res = res | Kind::Date.into(),
        Some("caption") => res = res | Kind::Caption.into(),
        Some("comment") => res = res | Kind::Comment.into(),
        _ => (),
    }
    // Sites drawn by scripts name their parts for tests, while their classes mean nothing.
    let test_names = ["data-testid", "data-qa", "data-test", "data-component"];
    if test_names.iter().filter_map(|it| element.attr(it)).any(|it| it.to_ascii_lowercase().contains("byline")) {
        res = res | Kind::Byline.into();
    }
    if element.name() == "a" && leads_to_author(element) {
        res = res | Kind::Byline.into();
    }
    match element.attr("role") {
        Some("main") => res = res | Kind::MainTag.into(),
        Some("navigation" | "menu" | "menubar") => res = res | Kind::NavTag.into(),
        Some("complementary") => res = res | Kind::AsideTag.into(),
        Some("contentinfo") => res = res | Kind::FooterTag.into(),
        Some("banner") => res = res | Kind::HeaderTag.into(),
        Some("article") => res = res | Kind::ArticleTag.into(),
        Some("dialog" | "alertdialog") => res = res | Kind::Consent.into(),
        _ => (),
    }
    let is_styled_away = || {
        element.attr("style").is_some_and(|it| {
            let it = it.to_ascii_lowercase().replace(' ', "");
            it.contains("display:none") || it.contains("visibility:hidden")
        })
    };
    if element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true") || is_styled_away() {
        res = res | Kind::HiddenTag.into();
    }
    res
}

fn leads_to_author(link: &node::Element) -> bool {
    link.attr("rel").is_some_and(|it| it.split_whitespace().any(|it| it == "author"))
        || link
            .attr("href")
            .is_some_and(|it| it.contains("/author/") || it.contains("/autor/") || it.contains("/authors/"))
}

/// Whether a link leads to the page of a person who may have written the page, or be told of in it.
pub(super) fn leads_to_person(link: &node::Element) -> bool {
    let address = link.attr("href").filter(|_| link.name() == "a").unwrap_or_default();
    let mut parts = address.split(['?', '#']).next().unwrap_or_default().split('/');
    // `/people/anna-sample`, not `/people`.
    parts.any(|it| PERSONS.contains(&it)) && parts.any(|it| !it.is_empty())
}

/// What sites of the region and others call the part of them where persons have their pages.
const PERSONS: &[&str] = &[
    "avtor",
    "avtory",
    "columnist",
    "columnists",
    "expert",
    "experts",
    "fellows",
    "muellif",
    "muellifler",
    "people",
    "staff",
    "uzman",
    "uzmanlar",
    "yazar",
    "yazarlar",
];

/// Whether an element holds the name of an author and no label: a link to the author, or `fn` of the format hCard.
pub(super) fn is_author(element: &node::Element) -> bool {
    let has = |name: &str, word: &str| element.attr(name).is_some_and(|it| it.split_whitespace().any(|it| it == word));
    has("class", "fn") || (element.name() == "a" && leads_to_author(element))
}

/// Whether an element holds the name of a user, as Drupal and forums mark who wrote a page.
pub(super) fn is_user(element: &node::Element) -> bool {
    element.attr("class").is_some_and(|it| it.split_whitespace().any(|it| it == "username"))
}

/// The kinds named by the words of a class or an id.
pub(super) fn of_names(text: &str) -> Kinds {
    let mut res = Kinds::default();
    let mut word = String::new();
    let mut before = ' ';
    for c in text.chars().take(1_000).chain([' ']) {
        let is_new = !c.is_alphabetic() || (c.is_uppercase() && before.is_lowercase());
        if is_new {
            res = res | of_word(&word);
            word.clear();
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    res
}

fn of_word(word: &str) -> Kinds {
    if word.len() < 2 {
        return Kinds::default();
    }
    let mut res = Kinds::default();
    // Sorted, so that the stems with which a word begins precede it.
    let end = STEMS.partition_point(|(stem, _)| stem.trim_end_matches('$') <= word);
    let first = word.get(..2).unwrap_or(word);
    for (stem, kind) in STEMS.get(..end).unwrap_or_default().iter().rev() {
        if !stem.starts_with(first) {
            break;
        }
        let fits = match stem.strip_suffix('$') {
            Some(whole) => word == whole,
            None => word.starts_with(stem),
        };
        if fits {
            res = res | (*kind).into();
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stems_are_sorted() {
        assert!(STEMS.is_sorted_by(|a, b| a.0.trim_end_matches('$') <= b.0.trim_end_matches('$')));
    }

    #[test]
    fn a_link_leads_to_the_page_of_a_person() {
        for (address, expected) in [
            ("https://gazette.example/yazarlar/anna-sample", true),
            ("/people/anna?from=news", true),
            ("/en/experts/anna/", true),
            ("/people", false),
            ("/people/?page=2", false),
            ("/news/experts-meet", false),
        ] {
            let page = scraper::Html::parse_fragment(&format!("<a href='{address}'>Anna Sample</a>"));
            let link = page.tree.nodes().find_map(|it| it.value().as_element().filter(|it| it.name() == "a").cloned());
            assert_eq!(leads_to_person(&link.unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn reads_the_words_of_names() {
        let has = |text: &str, kind: Kind| of_names(text).has(kind as usize);
        assert!(has("post-content", Kind::Article) && has("post-content", Kind::Body));
        assert!(has("td_articleBody", Kind::Article) && has("td_articleBody", Kind::Body));
        assert!(has("related_posts", Kind::Related) && has("relatedPosts", Kind::Related));
        assert!(has("ad", Kind::Ad) && !has("adding address", Kind::Ad) && !has("head-1", Kind::Ad));
        assert!(has("xeber-metn", Kind::Body) && has("serlovhe şərhlər", Kind::Comment));
        assert_eq!(of_names("x 12 -"), Kinds::default());
    }
}
