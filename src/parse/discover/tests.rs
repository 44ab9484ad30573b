use super::*;
use crate::{
    model::{Source, SourceId, Timestamp},
    parse::{self, Settings},
};

const PAGE: &str = "https://news.example/en/politics";

fn leads(markup: &str) -> Vec<Lead> {
    let url = PAGE.parse().unwrap();
    of_page(Document {
        bytes: markup.as_bytes(),
        content_type: Some("text/html"),
        url: &url,
        now: Timestamp::UNIX_EPOCH,
    })
}

/// Titles that a lead reads from the page that it was found in.
fn titles(lead: &Lead, markup: &str) -> Vec<String> {
    let source =
        Source { kind: lead.kind.clone(), ..Source::feed(SourceId::sample(), "Sample".to_owned(), lead.url.clone()) };
    let document =
        Document { bytes: markup.as_bytes(), content_type: None, url: &lead.url, now: Timestamp::UNIX_EPOCH };
    let parsed = parse::source(&source, document, Settings { max_entries: 100 }).unwrap();
    parsed.entries.into_iter().map(|it| it.title).collect()
}

const HEADLINES: [&str; 5] = [
    "Parliament opens its autumn session in Kutaisi",
    "Բանակցությունները կշարունակվեն հաջորդ շաբաթ",
    "Bakıda enerji təhlükəsizliyi üzrə konfrans keçirilir",
    "Президент провёл заседание совета безопасности",
    "პარლამენტმა ახალი კანონი მეორე მოსმენით მიიღო",
];

#[test]
fn feeds_that_a_page_names_come_first() {
    let markup = "<link rel=alternate type='application/rss+xml' href='/feed/'>\
        <link rel='alternate' type='application/rss+xml' href='/comments/feed/'>\
        <link rel=alternate type='application/json' href='/wp-json/wp/v2/posts/1'>\
        <link rel=alternate hreflang=ka href='/ka'><a href='/en/rss'>RSS</a><a href='/press'>Press</a>";
    let urls: Vec<_> = leads(markup).into_iter().map(|it| it.url.to_string()).collect();
    assert_eq!(urls, ["https://news.example/feed/", "https://news.example/en/rss"]);
}

#[test]
fn guesses_the_list_of_a_page() {
    let card = |n: usize, title: &str| {
        format!(
            "<div class='card card-{n}'><a class=picture href='/en/{n}'><img src=x></a><h3><a href='/en/{n}'>{title}</a></h3>\
             <span class='post-date'>{}.11.2026</span><a class=more href='/en/{n}'>More</a></div>",
            n + 10
        )
    };
    let cards: String = HEADLINES.iter().enumerate().map(|(n, it)| card(n, it)).collect();
    let menu = "<nav><ul><li><a href='/about'>About this newspaper and its owners</a></ul></nav>";
    let side = "<div class=teaser><a href='/x'>One of the stories that everybody reads</a></div>";
    let markup = format!("<html><body>{menu}<main><div class=list>{cards}</div>{side}</main></body></html>");
    let leads = leads(&markup);
    let [lead] = leads.as_slice() else { panic!("{leads:?}") };
    assert_eq!(titles(lead, &markup), HEADLINES);
    let SourceKind::Listing(listing) = &lead.kind else { panic!("{lead:?}") };
    assert_eq!((listing.item.css.as_str(), listing.date.as_ref().unwrap().css.as_str()), ("div.card", "[class*=date]"));
}

#[test]
fn finds_the_list_in_a_page_s_state() {
    let items: Vec<_> = HEADLINES
        .iter()
        .enumerate()
        .map(|(n, it)| format!("{{\"id\": {}, \"title\": \"{it}\", \"published_at\": \"2026-11-2{n}\"}}", 900 + n))
        .collect();
    let json = format!("{{\"props\": {{\"menu\": [1], \"news/latest\": [{}]}}}}", items.join(","));
    let markup = format!("<div id=app data-page='{json}'></div><a href='/en/article/900'>…</a>");
    let leads = leads(&markup);
    let [lead] = leads.as_slice() else { panic!("{leads:?}") };
    assert_eq!(titles(lead, &markup), HEADLINES);
    let SourceKind::Json(list) = &lead.kind else { panic!("{lead:?}") };
    assert_eq!(list.items, "/props/news~1latest");
    assert_eq!(list.link.as_deref(), Some("https://news.example/en/article/{/id}"));
    assert_eq!(list.date.as_deref(), Some("/published_at"));
}

#[test]
fn a_page_without_a_list_gives_none() {
    assert_eq!(leads("<html><body><p>Nothing here.</p><a href='/one'>One long headline that is alone</a>"), []);
}

#[test]
fn channels_are_read_by_their_preview() {
    let url: Url = "https://t.me/kura_desk".parse().unwrap();
    let leads = of_page(Document { bytes: b"", content_type: None, url: &url, now: Timestamp::UNIX_EPOCH });
    assert_eq!((leads[0].url.as_str(), &leads[0].kind), ("https://t.me/s/kura_desk", &SourceKind::Telegram));
}

#[test]
fn robots_txt_names_sitemaps() {
    let robots =
        "User-agent: *\nDisallow: /x\nSitemap: https://news.example/all.xml\nsitemap: https://news.example/news.xml\n";
    let leads = beside_feeds(&PAGE.parse().unwrap(), robots);
    let urls: Vec<_> = leads.iter().map(|it| it.url.path()).collect();
    assert_eq!(&urls[..4], ["/wp-json/wp/v2/posts", "/news.xml", "/all.xml", "/news-sitemap.xml"]);
}

#[test]
fn usual_places_are_below_the_page_and_below_the_root() {
    let leads = usual_feeds(&PAGE.parse().unwrap());
    let urls: Vec<_> = leads.iter().map(|it| it.url.as_str()).collect();
    assert!(urls.contains(&"https://news.example/en/politics/rss"), "{urls:?}");
    assert!(urls.contains(&"https://news.example/rss.xml"), "{urls:?}");
}
