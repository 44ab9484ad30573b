//! Decides what a page is: an article, or something sent instead of one.

use serde_json::Value;
use url::Url;

use crate::model::Verdict;

use super::{
    blocks::{Blocks, weight},
    body::Body,
    clean,
    cues::{self, Cue},
    head::Head,
    ld,
};

/// Minimum letters of an article.
const SHORT: f32 = 140.0;

/// Share (0–1) of a page's text in beginnings of other articles from which it counts as a list.
const MOST_TEASERS: f32 = 0.7;

/// Phrases of pages that test whether a person reads them, lower case.
const CHALLENGES: &[&str] = &[
    "just a moment",
    "checking your browser",
    "verify you are human",
    "verifying you are human",
    "attention required! | cloudflare",
    "ddos protection by",
    "ddos-guard",
    "enable javascript and cookies to continue",
    "please enable js and disable any ad blocker",
    "are you a robot",
    "unusual traffic",
    "access denied",
    "access to this page has been denied",
    "complete the security check",
    "pardon our interruption",
    "request unsuccessful. incapsula",
    "подтвердите, что вы не робот",
    "проверка браузера",
    "підтвердьте, що ви не робот",
    "підтвердіть, що ви не робот",
    "перевірка браузера",
    "robot olmadığınızı",
    "ռոբոտ չեք",
    "რობოტი არ ხართ",
    "ربات نیستید",
    "cf-browser-verification",
    "captcha",
];

/// The verdict on a page, and what it rests on.
pub(super) fn of(head: &Head, blocks: &Blocks, body: &Body, url: &Url) -> (Verdict, String) {
    let letters = weight(&body.text);
    let whole = blocks.whole;
    if let Some(found) = challenge(head, blocks, letters) {
        return (Verdict::ChallengePage, format!("it says {found:?}"));
    }
    let consent: f32 = blocks.lines.iter().filter(|it| is_consent(&it.text)).map(|it| it.letters).sum();
    let own: f32 = body.text.lines().filter(|it| !is_consent(it)).map(weight).sum();
    if consent > 100.0 && own < SHORT && whole.letters < 4_000.0 {
        return (Verdict::ConsentWall, "most of its text asks for consent".to_owned());
    }
    let is_article = head.ld.articles().next().is_some() || head.meta(&["og:type"]) == Some("article");
    let locked = locked(head);
    if locked {
        let asks = blocks.lines.iter().any(|it| {
            let asks = || cues::of_start(&it.text.to_lowercase(), it.text.chars().count()).says(Cue::Subscribe);
            it.letters < 200.0 && (asks() || clean::asks_to_subscribe(&it.text))
        });
        let announced = announced_words(head);
        let words = body.text.split_whitespace().count();
        if announced.is_some_and(|it| words * 2 < it) || (letters < 1_500.0 && asks) {
            return (Verdict::Paywalled, "it says that it is not free, and gives a part only".to_owned());
        }
    }
    // Sites put lists around their articles too, so a page that reads like an article counts as one.
    let reads_like_text = letters > 350.0 && body.sureness > 0.75;
    if let Some(reason) = list(head, blocks, letters, is_article, url).filter(|_| !reads_like_text) {
        return (Verdict::ListPage, reason);
    }
    if body.teasers > MOST_TEASERS && !is_article {
        return (Verdict::ListPage, "most of its text are the beginnings of other articles".to_owned());
    }
    let is_film = head.meta(&["og:type"]).is_some_and(|it| it.starts_with("video"))
        || (!is_article && head.ld.objects().any(|it| ld::types(it).any(|it| it == "VideoObject")));
    if is_film && letters < 500.0 {
        return (Verdict::VideoStub, "it shows a film, and has little text".to_owned());
    }
    of_letters(letters, if is_article { "it calls itself an article" } else { "it has running text" })
}

/// The verdict on a text of which only the length is judged; `reason` says why it is an article.
pub(super) fn of_letters(letters: f32, reason: &str) -> (Verdict, String) {
    match letters < SHORT {
        true => (Verdict::TooShort, format!("it has {:.0} letters of text", letters + 0.0)),
        false => (Verdict::Article, reason.to_owned()),
    }
}

/// What a document is, if it is not a web page.
pub(super) fn foreign(markup: &str) -> Option<&'static str> {
    let start = markup.trim_start_matches(['\u{feff}', '\0']).trim_start();
    let lower = crate::text::capped(start, 600).to_ascii_lowercase();
    if start.starts_with("%PDF-") {
        return Some("PDF");
    }
    if start.starts_with("PK\u{3}\u{4}") || start.starts_with('\u{1f}') || start.starts_with("Rar!") {
        return Some("archive");
    }
    if lower.contains("ftypisom")
        || lower.contains("ftypmp4")
        || start.starts_with("\u{fffd}PNG")
        || start.starts_with("GIF8")
        || start.starts_with("ID3")
    {
        return Some("picture, sound or film");
    }
    if start.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(start).is_ok() {
        return Some("JSON");
    }
    let is_feed = ["<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex"].iter().any(|it| lower.contains(it));
    (is_feed && !lower.contains("<html")).then_some("a feed or a sitemap")
}

fn challenge(head: &Head, blocks: &Blocks, letters: f32) -> Option<&'static str> {
    if blocks.whole.letters > 1_500.0 {
        return None;
    }
    let title = head.title.as_deref().unwrap_or_default().to_lowercase();
    let lines = blocks.lines.iter().take(60).map(|it| it.text.to_lowercase());
    // Google wants the notice beside every form that it guards.
    let lines: Vec<String> = lines.filter(|it| !it.contains("recaptcha")).collect();
    let is_said = |it: &&&str| title.contains(**it) || lines.iter().any(|line| line.contains(**it));
    let mut said = CHALLENGES.iter().filter(is_said).copied();
    let first = said.next()?;
    // A text with a heading may tell of such pages, or have a form below it: then one phrase says nothing, unless it is
    // most of the title.
    let heading = head.heading.as_deref().unwrap_or_default().to_lowercase();
    let is_title = |phrase: &&&str| {
        [&title, &heading].into_iter().any(|it| it.contains(**phrase) && weight(phrase) * 2.0 >= weight(it))
    };
    let reads_like_text = letters >= SHORT && !heading.is_empty();
    let is_one = !reads_like_text || said.next().is_some() || CHALLENGES.iter().any(|it| is_title(&it));
    is_one.then_some(first)
}

fn is_consent(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = [
        "cookie",
        "consent",
        "privacy",
        "personal data",
        "partners",
        "gdpr",
        "einwilligung",
        "datenschutz",
        "персональн",
        "куки",
        "конфиденциальн",
        "кукі",
        "конфіденційн",
        "çerez",
        "kişisel veri",
        "gizlilik",
        "gizliliğ",
        "şəxsi məlumat",
        "kuki",
        "məxfili",
        "թխուկ",
        "անձնական տվյալ",
        "գաղտնիությ",
        "ქუქი",
        "პერსონალურ",
        "კონფიდენციალურ",
        "کوکی",
        "حریم خصوصی",
        "داده‌های شخصی",
    ];
    words.iter().any(|it| lower.contains(it))
}

/// Whether the page says that its article is not free.
fn locked(head: &Head) -> bool {
    let is_false =
        |it: &Value| it.as_bool() == Some(false) || it.as_str().is_some_and(|it| it.eq_ignore_ascii_case("false"));
    head.ld.objects().filter_map(|it| it.get("isAccessibleForFree")).any(is_false)
        || matches!(head.meta(&["article:content_tier"]), Some("locked" | "metered"))
}

/// How many words the page says that the article has.
fn announced_words(head: &Head) -> Option<usize> {
    let value = head.ld.articles().find_map(|it| it.get("wordCount"))?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    usize::try_from(number).ok().filter(|it| *it > 50)
}

fn list(head: &Head, blocks: &Blocks, letters: f32, is_article: bool, url: &Url) -> Option<String> {
    let is_front = url.path().trim_matches('/').is_empty() && url.has_host();
    let links = blocks.lines.iter().filter(|it| it.linked * 2.0 > it.letters && it.letters > 20.0).count();
    let lists = ["CollectionPage", "SearchResultsPage", "ItemList"];
    let says_so = head.ld.objects().any(|it| ld::types(it).any(|it| lists.contains(&it)))
        && head.meta(&["og:type"]) != Some("article");
    if is_article && !is_front && !(says_so && letters < 600.0 && links > 12) {
        return None;
    }
    let much_linked = blocks.whole.linked * 2.0 > blocks.whole.letters;
    if is_front && links > 10 {
        return Some(format!("it is the front page, with {links} links to texts"));
    }
    if says_so && links > 8 && letters < 1_500.0 {
        return Some(format!("it calls itself a list, with {links} links to texts"));
    }
    let little = letters < 0.25 * blocks.whole.letters && letters < 1_200.0;
    let many = links >= 15 && (much_linked || little) && letters < 1_500.0;
    many.then(|| format!("{links} links to texts, and little text of its own"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, address: &str, expected: Verdict) {
        let read = crate::extract::page(markup, &Url::parse(address).unwrap(), None).unwrap();
        assert_eq!(read.verdict.0, expected, "{}: {markup:.200}", read.verdict.1);
        assert!(read.verdict.0.is_text() || read.body.is_empty());
    }

    const PAGE: &str = "https://gazette.example/news/1";

    fn paragraphs() -> String {
        let text = |it| {
            format!(
                "<p>On day {it} the delegation went over the bridge, and the talks in the old town hall began at noon.</p>"
            )
        };
        (1..6).map(text).collect::<Vec<_>>().concat()
    }

    #[test]
    fn an_article_is_one() {
        check(
            &format!("<title>Talks</title><h1>Talks begin</h1><article>{}</article>", paragraphs()),
            PAGE,
            Verdict::Article,
        );
    }

    #[test]
    fn what_is_sent_instead_is_told() {
        check(
            "<title>Just a moment...</title><h1>gazette.example</h1><p>Verifying you are human.</p>",
            PAGE,
            Verdict::ChallengePage,
        );
        let wall = "<h2>We value your privacy</h2><p>We and our 800 partners store cookies and process personal data to show you \
            advertisements.</p><p>You can give your consent or manage your cookie choices at any time.</p><button>Accept</button>";
        check(wall, PAGE, Verdict::ConsentWall);
        check("<h1>Short</h1><p>Nothing yet.</p>", PAGE, Verdict::TooShort);
        let film =
            "<meta property=og:type content=video.other><h1>Watch it</h1><p>The minister speaks in the harbour.</p>";
        check(film, PAGE, Verdict::VideoStub);
        let link =
            |it| format!("<li><a href=/news/{it}>The ministers meet for the {it}th time in the capital</a></li>");
        let list = (0..30).map(link).collect::<Vec<_>>().concat();
        check(&format!("<h1>News</h1><ul>{list}</ul>"), "https://gazette.example/", Verdict::ListPage);
    }

    #[test]
    fn a_short_article_may_have_the_words_of_a_challenge() {
        let page = |headline: &str, after: &str| {
            format!("<title>{headline} | Gazette</title><h1>{headline}</h1><article>{}</article>{after}", paragraphs())
        };
        for (headline, after) in [
            (
                "Talks begin",
                "<form><p>This site is protected by reCAPTCHA and the Google Privacy Policy applies.</p></form>",
            ),
            ("Talks begin", "<form><label>Type the CAPTCHA</label><input></form>"),
            ("Access denied to monitors at the border crossing", ""),
        ] {
            check(&page(headline, after), PAGE, Verdict::Article);
        }
        for (headline, after) in [
            ("Access denied", ""),
            ("Just a moment...", ""),
            ("Gazette", "<p>Please complete the security check. Why do I have to complete a CAPTCHA?</p>"),
        ] {
            check(&page(headline, after), PAGE, Verdict::ChallengePage);
        }
    }

    #[test]
    fn a_locked_article_is_one_that_says_so_and_is_short() {
        let mark = r#"<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False","wordCount":900}</script>"#;
        check(&format!("{mark}<h1>Talks begin</h1><article>{}</article>", paragraphs()), PAGE, Verdict::Paywalled);
    }

    #[test]
    fn other_documents_are_told() {
        for text in ["%PDF-1.7 x", "{\"a\": 1}", "<?xml version='1.0'?><rss/>", "PK\u{3}\u{4}x", "GIF89a"] {
            check(text, PAGE, Verdict::NotHtml);
        }
    }
}
