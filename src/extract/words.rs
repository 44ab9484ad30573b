//! What elements are for, by their names, classes and ids.

use std::ops::BitOr;

use scraper::node;

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

    /// Puts the kind of this number in.
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

/// Whether an element holds the name of an author and no label: a link to the author, or `fn` of the format hCard.
pub(super) fn is_author(element: &node::Element) -> bool {
    let has = |name: &str, word: &str| element.attr(name).is_some_and(|it| it.split_whitespace().any(|it| it == word));
    has("class", "fn") || (element.name() == "a" && leads_to_author(element))
}

/// By the words of a class or an id.
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
    // Sorted by the beginning, so that what a word begins with stands before it.
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

/// Beginnings of words, whole words where `$` ends them: English, and what sites of the region call
/// things. Sorted, which a test checks.
const STEMS: &[(&str, Kind)] = &[
    ("abo$", Kind::Subscribe),
    ("abone", Kind::Subscribe),
    ("abstract", Kind::Lead),
    ("abunə", Kind::Subscribe),
    ("actions", Kind::Tool),
    ("ad$", Kind::Ad),
    ("addthis", Kind::Share),
    ("addtoany", Kind::Share),
    ("ads$", Kind::Ad),
    ("adsense", Kind::Ad),
    ("advert", Kind::Ad),
    ("also$", Kind::Related),
    ("anchor", Kind::Nav),
    ("anons", Kind::Lead),
    ("anzeige", Kind::Ad),
    ("archive", Kind::List),
    ("article", Kind::Article),
    ("artikel", Kind::Article),
    ("aside", Kind::Sidebar),
    ("attribution", Kind::Byline),
    ("author", Kind::Byline),
    ("autor", Kind::Byline),
    ("avtor", Kind::Byline),
    ("badge", Kind::Tags),
    ("banner", Kind::Ad),
    ("baslik", Kind::Title),
    ("basliq", Kind::Title),
    ("bio$", Kind::Byline),
    ("blockquote", Kind::Quote),
    ("blog", Kind::Article),
    ("body", Kind::Body),
    ("bottom", Kind::Footer),
    ("box$", Kind::Box),
    ("breadcrumb", Kind::Nav),
    ("btn", Kind::Tool),
    ("button", Kind::Tool),
    ("byline", Kind::Byline),
    ("caption", Kind::Caption),
    ("card", Kind::List),
    ("carousel", Kind::List),
    ("cat$", Kind::Tags),
    ("category", Kind::Tags),
    ("chapo", Kind::Lead),
    ("comment", Kind::Comment),
    ("consent", Kind::Consent),
    ("content", Kind::Body),
    ("contributor", Kind::Byline),
    ("cookie", Kind::Consent),
    ("copy$", Kind::Body),
    ("copyright", Kind::Footer),
    ("correction", Kind::Box),
    ("credit", Kind::Caption),
    ("cta$", Kind::Subscribe),
    ("date", Kind::Date),
    ("deck", Kind::Lead),
    ("dek$", Kind::Lead),
    ("description", Kind::Lead),
    ("detail", Kind::Body),
    ("detay", Kind::Body),
    ("dialog", Kind::Consent),
    ("disclaimer", Kind::Box),
    ("disqus", Kind::Comment),
    ("donat", Kind::Subscribe),
    ("dropdown", Kind::Nav),
    ("embed", Kind::Quote),
    ("entry", Kind::Article),
    ("etiket", Kind::Tags),
    ("excerpt", Kind::Lead),
    ("eyebrow", Kind::Tags),
    ("facebook", Kind::Share),
    ("factbox", Kind::Box),
    ("feed", Kind::List),
    ("figcaption", Kind::Caption),
    ("figure", Kind::Caption),
    ("follow", Kind::Share),
    ("footer", Kind::Footer),
    ("footnote", Kind::Box),
    ("form$", Kind::Tool),
    ("foto", Kind::Caption),
    ("full$", Kind::Body),
    ("fulltext", Kind::Body),
    ("gallery", Kind::Caption),
    ("gdpr", Kind::Consent),
    ("grid", Kind::List),
    ("haber", Kind::Article),
    ("head$", Kind::Header),
    ("header", Kind::Header),
    ("headline", Kind::Title),
    ("hidden", Kind::Hidden),
    ("hide", Kind::Hidden),
    ("icerik", Kind::Body),
    ("icon", Kind::Tool),
    ("ilgili", Kind::Related),
    ("image", Kind::Caption),
    ("img", Kind::Caption),
    ("infobox", Kind::Box),
    ("inline", Kind::Box),
    ("instagram", Kind::Quote),
    ("intro", Kind::Lead),
    ("invisible", Kind::Hidden),
    ("item$", Kind::List),
    ("items$", Kind::List),
    ("keyword", Kind::Tags),
    ("kicker", Kind::Tags),
    ("kommentar", Kind::Comment),
    ("label", Kind::Tags),
    ("latest", Kind::Related),
    ("lead", Kind::Lead),
    ("lede$", Kind::Lead),
    ("legal", Kind::Footer),
    ("link", Kind::Nav),
    ("list", Kind::List),
    ("live", Kind::Live),
    ("login", Kind::Subscribe),
    ("logo", Kind::Header),
    ("main", Kind::Main),
    ("masthead", Kind::Header),
    ("media", Kind::Caption),
    ("menu", Kind::Nav),
    ("meta$", Kind::Date),
    ("metadata", Kind::Date),
    ("metn", Kind::Body),
    ("mmessage", Kind::Box),
    ("mobile", Kind::Hidden),
    ("modal", Kind::Consent),
    ("more$", Kind::Related),
    ("most$", Kind::Related),
    ("mostread", Kind::Related),
    ("muellif", Kind::Byline),
    ("mətn", Kind::Body),
    ("nav", Kind::Nav),
    ("newsletter", Kind::Subscribe),
    ("next", Kind::Pages),
    ("note", Kind::Box),
    ("noticia", Kind::Article),
    ("novost", Kind::Article),
    ("outbrain", Kind::Ad),
    ("overlay", Kind::Consent),
    ("ozet", Kind::Lead),
    ("page$", Kind::Main),
    ("pager", Kind::Pages),
    ("pagination", Kind::Pages),
    ("paragraph", Kind::Body),
    ("paylas", Kind::Share),
    ("paywall", Kind::Subscribe),
    ("photo", Kind::Caption),
    ("picture", Kind::Caption),
    ("player", Kind::Caption),
    ("plus$", Kind::Subscribe),
    ("podcast", Kind::Caption),
    ("poll", Kind::Tool),
    ("popular", Kind::Related),
    ("popup", Kind::Consent),
    ("post", Kind::Article),
    ("premium", Kind::Subscribe),
    ("prev", Kind::Pages),
    ("print", Kind::Tool),
    ("privacy", Kind::Consent),
    ("product", Kind::List),
    ("profile", Kind::Byline),
    ("promo", Kind::Ad),
    ("prose$", Kind::Body),
    ("publi", Kind::Date),
    ("pullquote", Kind::Quote),
    ("quote", Kind::Quote),
    ("rail", Kind::Sidebar),
    ("rating", Kind::Tool),
    ("read$", Kind::Related),
    ("readmore", Kind::Related),
    ("recirc", Kind::Related),
    ("recommend", Kind::Related),
    ("reference", Kind::Box),
    ("register", Kind::Subscribe),
    ("reklam", Kind::Ad),
    ("related", Kind::Related),
    ("reply", Kind::Comment),
    ("richtext", Kind::Body),
    ("river", Kind::List),
    ("rte$", Kind::Body),
    ("screen", Kind::Hidden),
    ("search", Kind::Tool),
    ("secondary", Kind::Sidebar),
    ("share", Kind::Share),
    ("sharing", Kind::Share),
    ("side$", Kind::Sidebar),
    ("sidebar", Kind::Sidebar),
    ("signature", Kind::Byline),
    ("signup", Kind::Subscribe),
    ("similar", Kind::Related),
    ("single", Kind::Article),
    ("skip", Kind::Hidden),
    ("slide", Kind::List),
    ("social", Kind::Share),
    ("source", Kind::Caption),
    ("sponsor", Kind::Ad),
    ("spot$", Kind::Lead),
    ("sr$", Kind::Hidden),
    ("standfirst", Kind::Lead),
    ("statya", Kind::Article),
    ("sticky", Kind::Nav),
    ("story", Kind::Article),
    ("subheadline", Kind::Lead),
    ("subscri", Kind::Subscribe),
    ("subtitle", Kind::Lead),
    ("suggest", Kind::Related),
    ("summary", Kind::Lead),
    ("taboola", Kind::Ad),
    ("tabs$", Kind::Nav),
    ("tag$", Kind::Tags),
    ("tags$", Kind::Tags),
    ("tarih", Kind::Date),
    ("tarix", Kind::Date),
    ("teaser", Kind::Related),
    ("telegram", Kind::Share),
    ("text", Kind::Body),
    ("thumb", Kind::List),
    ("ticker", Kind::Related),
    ("time$", Kind::Date),
    ("timestamp", Kind::Date),
    ("title", Kind::Title),
    ("toc$", Kind::Box),
    ("toolbar", Kind::Tool),
    ("tooltip", Kind::Hidden),
    ("top$", Kind::Header),
    ("topbar", Kind::Header),
    ("topic", Kind::Tags),
    ("trending", Kind::Related),
    ("tweet", Kind::Quote),
    ("twitter", Kind::Quote),
    ("uutiset", Kind::Article),
    ("video", Kind::Caption),
    ("visually", Kind::Hidden),
    ("whatsapp", Kind::Share),
    ("widget", Kind::Sidebar),
    ("writer", Kind::Byline),
    ("xeber", Kind::Article),
    ("yazar", Kind::Byline),
    ("yorum", Kind::Comment),
    ("zitat", Kind::Quote),
    ("şərh", Kind::Comment),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stems_are_sorted() {
        assert!(STEMS.is_sorted_by(|a, b| a.0.trim_end_matches('$') <= b.0.trim_end_matches('$')));
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
