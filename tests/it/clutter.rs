//! What sites set around an article and into it, one thing at a time, in the eight languages: none of it may reach the body, and
//! no paragraph may go with it. And the pages that are sent instead of an article.
//!
//! The articles are those of `tests/fixtures/articles/magazine-*`, the clutter is in `tests/fixtures/clutter`.

use std::{collections::HashMap, fmt::Write as _, fs, path::Path};

use serde::Deserialize;
use sitrepd::{
    extract::{self, Extracted},
    model::Verdict,
};
use url::Url;

const LANGUAGES: [&str; 8] = ["en", "ru", "uk", "az", "hy", "ka", "tr", "fa"];

/// What is taken from a fixture of an article.
#[derive(Deserialize)]
struct Article {
    title: String,
    /// Two paragraphs, a heading, a paragraph.
    body: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clutter {
    caption: String,
    byline: String,
    reading_time: String,
    /// A label and two titles.
    related: [String; 3],
    /// A heading and a paragraph.
    newsletter: [String; 2],
    cookies: String,
    /// A heading and a paragraph.
    paywall: [String; 2],
    /// A label and two comments.
    comments: [String; 3],
    review: String,
    first_appeared: String,
    /// The text of a post and who wrote it.
    post: [String; 2],
    rights: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Walls {
    consent: [String; 3],
    challenge: String,
}

fn read<T: for<'a> Deserialize<'a>>(path: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    toml_edit::de::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

fn of(language: &str) -> (Article, Clutter) {
    (read(&format!("articles/magazine-{language}/expected.toml")), read(&format!("clutter/{language}.toml")))
}

/// Markup put into a page.
#[derive(Default)]
struct Put {
    /// Under the title.
    top: String,
    /// Behind the first paragraph.
    middle: String,
    /// Behind the last one.
    end: String,
    /// Behind the article.
    after: String,
}

fn top(it: String) -> Put {
    Put { top: it, ..Put::default() }
}

fn middle(it: String) -> Put {
    Put { middle: it, ..Put::default() }
}

fn end(it: String) -> Put {
    Put { end: it, ..Put::default() }
}

fn after(it: String) -> Put {
    Put { after: it, ..Put::default() }
}

fn page(language: &str, article: &Article, put: &Put, is_marked: bool) -> Extracted {
    let Article { title, body } = article;
    let [first, second, heading, third] = body.as_slice() else { panic!("{language}") };
    let text = format!("<p>{first}</p>{}<p>{second}</p><h2>{heading}</h2><p>{third}</p>{}", put.middle, put.end);
    let text = match is_marked {
        true => format!("<article><h1>{title}</h1>{}<div class=entry-content>{text}</div></article>", put.top),
        false => format!("<div class=news><h1>{title}</h1>{}<div class=text>{text}</div></div>", put.top),
    };
    let mut menu = String::new();
    for (number, it) in third.split(' ').take(5).enumerate() {
        write!(menu, "<li><a href=/s{number}>{it}</a></li>").unwrap();
    }
    let markup = format!(
        "<!DOCTYPE html><html lang={language}><head><meta charset=utf-8><title>{title}</title></head><body>\
         <header><nav><ul>{menu}</ul></nav></header>{text}{}</body></html>",
        put.after
    );
    extract::page(&markup, &Url::parse("https://outlet.example/news/104").unwrap(), None).unwrap()
}

/// Reads the article of every language with what `put` makes of its clutter, in two kinds of markup, and looks that nothing of
/// what it names besides is in the body. What is named with `+` before it must be there.
#[track_caller]
fn check(put: impl Fn(&Clutter) -> (Put, Vec<String>)) {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let (article, clutter) = of(language);
        let (put, named) = put(&clutter);
        for is_marked in [true, false] {
            let body = page(language, &article, &put, is_marked).body;
            let has = |it: &str| body.contains(it);
            let (kept, cut): (Vec<_>, Vec<_>) = named.iter().partition(|it| it.starts_with('+'));
            let kept =
                kept.into_iter().map(|it| it.trim_start_matches('+')).chain(article.body.iter().map(String::as_str));
            wrong.extend(kept.filter(|it| !has(it)).map(|it| format!("{language} {is_marked}: lost {it:?}")));
            wrong.extend(cut.into_iter().filter(|it| has(it)).map(|it| format!("{language} {is_marked}: kept {it:?}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_article_without_clutter_is_read_whole() {
    check(|_| (Put::default(), Vec::new()));
}

#[test]
fn captions() {
    check(|it| {
        (
            middle(format!("<figure><img src=/a.jpg><figcaption>{}</figcaption></figure>", it.caption)),
            vec![it.caption.clone()],
        )
    });
    check(|it| {
        let caption =
            format!("<div class=wp-caption><img src=/a.jpg><p class=wp-caption-text>{}</p></div>", it.caption);
        (middle(caption), vec![it.caption.clone()])
    });
    check(|it| {
        let caption = format!("<div class=photo><img src=/a.jpg><div class=photo-desc>{}</div></div>", it.caption);
        (top(caption), vec![it.caption.clone()])
    });
}

#[test]
fn bylines_and_reading_times() {
    check(|it| (top(format!("<p class=author>{}</p>", it.byline)), vec![it.byline.clone()]));
    check(|it| (top(format!("<p>{}</p>", it.byline)), vec![it.byline.clone()]));
    check(|it| (end(format!("<p>{}</p>", it.byline)), vec![it.byline.clone()]));
    check(|it| (top(format!("<div class=meta><span>{}</span></div>", it.reading_time)), vec![it.reading_time.clone()]));
    check(|it| (top(format!("<p>{}</p>", it.reading_time)), vec![it.reading_time.clone()]));
}

#[test]
fn related_links() {
    let links = |it: &Clutter| {
        let [label, first, second] = &it.related;
        format!("<h4>{label}</h4><ul><li><a href=/n1>{first}</a></li><li><a href=/n2>{second}</a></li></ul>")
    };
    check(|it| {
        let [label, first, _] = &it.related;
        (
            middle(format!("<p><strong>{label}:</strong> <a href=/n1>{first}</a></p>")),
            vec![label.clone(), first.clone()],
        )
    });
    check(|it| (end(links(it)), it.related.to_vec()));
    check(|it| (middle(format!("<div class=related>{}</div>", links(it))), it.related.to_vec()));
}

#[test]
fn newsletter_boxes() {
    let text = |it: &Clutter| {
        let [heading, text] = &it.newsletter;
        format!("<h4>{heading}</h4><p>{text}</p><form><input type=email></form>")
    };
    check(|it| (middle(format!("<div class=newsletter-box>{}</div>", text(it))), it.newsletter.to_vec()));
    check(|it| (after(format!("<section class=subscribe>{}</section>", text(it))), it.newsletter.to_vec()));
    check(|it| (end(format!("<p>{}</p>", it.newsletter[1])), vec![it.newsletter[1].clone()]));
}

#[test]
fn notices_of_cookies_paywalls_and_rights() {
    check(|it| {
        let notice =
            format!("<div id=cookie-banner class=cookie-notice><p>{}</p><button>OK</button></div>", it.cookies);
        (after(notice), vec![it.cookies.clone()])
    });
    check(|it| (after(format!("<div class=bottom><p>{}</p></div>", it.cookies)), vec![it.cookies.clone()]));
    check(|it| {
        let [heading, text] = &it.paywall;
        let wall = format!("<div class=paywall><h3>{heading}</h3><p>{text}</p><a href=/subscribe>OK</a></div>");
        (end(wall), it.paywall.to_vec())
    });
    check(|it| {
        let [heading, text] = &it.paywall;
        (end(format!("<div><p><b>{heading}</b></p><p>{text}</p></div>")), it.paywall.to_vec())
    });
    check(|it| (end(format!("<p>{}</p>", it.rights)), vec![it.rights.clone()]));
    check(|it| (after(format!("<footer><p>{}</p></footer>", it.rights)), vec![it.rights.clone()]));
}

#[test]
fn comments_and_reviews() {
    check(|it| {
        let [label, first, second] = &it.comments;
        let comments = format!(
            "<section id=comments><h3>{label}</h3><ol class=comment-list><li class=comment><p>{first}</p></li>\
             <li class=comment><p>{second}</p></li></ol></section>"
        );
        (after(comments), it.comments.to_vec())
    });
    check(|it| {
        let [label, first, second] = &it.comments;
        let item = |name: &str, text: &str| format!("<div class=comment-item><b>{name}</b><div>{text}</div></div>");
        let comments =
            format!("<div class=reader-comments><h3>{label}</h3>{}{}</div>", item("Ana", first), item("Bo", second));
        (after(comments), it.comments.to_vec())
    });
    check(|it| (end(format!("<p>{}</p>", it.review)), vec![it.review.clone()]));
    check(|it| (end(format!("<p><a href=#review>{}</a></p>", it.review)), vec![it.review.clone()]));
}

#[test]
fn notes_of_syndication_and_attributions_of_posts() {
    check(|it| (end(format!("<p>{}</p>", it.first_appeared)), vec![it.first_appeared.clone()]));
    check(|it| {
        let [text, by] = &it.post;
        let (name, day) = by.split_once(") ").unwrap();
        let post = format!("<blockquote class=twitter-tweet><p>{text}</p>{name}) <a href=/x>{day}</a></blockquote>");
        (middle(post), vec![format!("+{text}"), name.to_owned()])
    });
}

#[test]
fn footnotes_are_a_rising_series() {
    for language in LANGUAGES {
        let (mut article, _) = of(language);
        let bare = article.body.clone();
        let mark = |text: &str, number: u32| {
            let text = text.strip_suffix(['.', '։']).unwrap();
            format!("{text}<sup><a href=#n{number}>{number}</a></sup>.")
        };
        for (at, number) in [(0, 1), (1, 2), (3, 3)] {
            article.body[at] = mark(&bare[at], number);
        }
        let body = page(language, &article, &Put::default(), true).body;
        for it in bare {
            assert!(body.contains(it.trim_end_matches(['.', '։'])), "{language}: {body}");
        }
        assert!(!body.contains(['1', '2', '3']), "{language}: {body}");
    }
    let (mut article, _) = of("en");
    article.body[1] = "The list was promised at COP29. Since Covid19 both sides had counted only their own.".to_owned();
    let body = page("en", &article, &Put::default(), true).body;
    assert!(body.contains("COP29") && body.contains("Covid19"));
}

#[test]
fn what_is_sent_instead_of_an_article() {
    let walls: HashMap<String, Walls> = read("clutter/walls.toml");
    for language in LANGUAGES {
        let (Article { title, body }, clutter) = of(language);
        let Walls { consent: [first, second, third], challenge } = &walls[language];
        let check = |head: &str, text: &str, address: &str, expected: Verdict| {
            let markup = format!(
                "<!DOCTYPE html><html lang={language}><head><meta charset=utf-8><title>{title}</title>{head}</head>\
                 <body>{text}</body></html>"
            );
            let read = extract::page(&markup, &Url::parse(address).unwrap(), None).unwrap();
            assert_eq!(read.verdict.0, expected, "{language}: {}: {}", read.verdict.1, read.body);
            assert!(read.verdict.0.is_text() || read.body.is_empty());
        };
        let article = "https://outlet.example/news/104";
        let section = "https://outlet.example/section/security";
        let paragraphs = body.iter().map(|it| format!("<p>{it}</p>")).collect::<Vec<_>>().concat();
        check("", &format!("<article><h1>{title}</h1>{paragraphs}</article>"), article, Verdict::Article);
        let wall = format!("<div class=modal><h2>{first}</h2><p>{second}</p><p>{third}</p><button>OK</button></div>");
        check("", &wall, article, Verdict::ConsentWall);
        check("", &format!("<h1>outlet.example</h1><p>{challenge}</p>"), article, Verdict::ChallengePage);
        let mark = r#"<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>"#;
        let [heading, text] = &clutter.paywall;
        let locked = format!(
            "<article><h1>{title}</h1><p>{}</p><p>{}</p><div class=paywall><h3>{heading}</h3><p>{text}</p></div></article>",
            body[0], body[1]
        );
        check(mark, &locked, article, Verdict::Paywalled);
        let titles = |at: usize| &clutter.related[1 + at % 2];
        let links = (0..30)
            .map(|it| format!("<li><a href=/news/{it}>{} ({it})</a></li>", titles(it)))
            .collect::<Vec<_>>()
            .concat();
        check("", &format!("<h1>{}</h1><ul>{links}</ul>", clutter.related[0]), section, Verdict::ListPage);
        let card = |it: usize| {
            let start: String = body[it % 2].chars().take(90).collect();
            format!("<div class=card><h3><a href=/news/{it}>{}</a></h3><p>{start}…</p></div>", titles(it))
        };
        let cards: String = (0..24).map(card).collect();
        check("", &format!("<h1>{}</h1><div class=grid>{cards}</div>", clutter.related[0]), section, Verdict::ListPage);
        let film = "<meta property=og:type content=video.other>";
        let text = format!("<h1>{title}</h1><video src=/a.mp4></video><p>{}</p>", body[3]);
        check(film, &text, article, Verdict::VideoStub);
        check(
            "",
            &format!("<article><h1>{title}</h1><p>{}</p></article>", clutter.post[0]),
            article,
            Verdict::TooShort,
        );
    }
}
