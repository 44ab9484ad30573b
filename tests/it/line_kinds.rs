//! Every kind of source over real HTTP: what is new is read once, what is not is left alone, and a site that
//! refuses, moves or goes is treated as it asks.

use std::fmt::Write as _;

use chrono::TimeDelta;
use sitrepd::{
    decide::source::Answer,
    model::{Condition, Fault, SourceState},
};

use crate::support::{
    daemon::{Daemon, Home},
    site::{self, Site, page, prose},
};

/// Where every kind has its document, and where it moves to.
const PLACE: &str = "/source";
const MOVED: &str = "/moved";

/// An article of the site.
struct Story {
    slug: &'static str,
    title: &'static str,
}

const FIRST: Story = Story { slug: "first", title: "The first report from the lower valley" };
const SECOND: Story = Story { slug: "second", title: "Երկրորդ հաղորդումը վերին հովտից" };
const THIRD: Story = Story {
    slug: "third", title: "მესამე ცნობა ზღვისპირა ქალაქიდან"
};

/// A kind of source: its block in `sources.toml`, and how its document lists articles, the newest first.
struct Kind {
    name: &'static str,
    block: &'static str,
    media_type: &'static str,
    render: fn(&Site, &[Story]) -> String,
    /// Whether the articles have pages of their own.
    has_pages: bool,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "feed",
        block: "kind = \"syndication\"",
        media_type: "application/rss+xml",
        render: |site, stories| {
            let item = |it: &Story| site::Item::new(it.title, &link(site, it), "In brief.");
            site::rss(&stories.iter().map(item).collect::<Vec<_>>())
        },
        has_pages: true,
    },
    Kind {
        name: "listing",
        block: "kind = \"listing\"\n[source.listing]\nitem = \"article\"\ntitle = \"h2\"\ndate = \"time@datetime\"",
        media_type: "text/html; charset=utf-8",
        render: |site, stories| {
            let mut res = "<!doctype html><html><body><nav><a href=/>Front page</a></nav>".to_owned();
            for it in stories {
                let (link, title) = (link(site, it), it.title);
                write!(
                    res,
                    "<article><a href='{link}?utm_source=front'><img src=x></a><h2>{title}</h2>\
                     <time datetime='2026-11-21T10:00:00+04:00'>21.11</time></article>"
                )
                .unwrap();
            }
            res + "</body></html>"
        },
        has_pages: true,
    },
    Kind {
        name: "sitemap",
        block: "kind = \"sitemap\"\n[source.sitemap]\ninclude = [\"/a/\"]",
        media_type: "application/xml",
        render: sitemap,
        has_pages: true,
    },
    Kind {
        name: "sitemap index",
        block: "kind = \"sitemap\"",
        media_type: "application/xml",
        render: |site, stories| {
            site.put("/news-1.xml", 200, &["content-type: application/xml"], sitemap(site, stories));
            format!(
                "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>{}</loc></sitemap></sitemapindex>",
                site.url("/news-1.xml")
            )
        },
        has_pages: true,
    },
    Kind {
        name: "JSON",
        block: "kind = \"wordpress\"",
        media_type: "application/json",
        render: |site, stories| {
            let item = |it: &Story| {
                serde_json::json!({
                    "id": it.slug,
                    "link": link(site, it).as_str(),
                    "title": { "rendered": it.title },
                    "date_gmt": "2026-11-21T06:00:00",
                    "content": { "rendered": "<p>In brief.</p>" },
                })
            };
            serde_json::to_string(&stories.iter().map(item).collect::<Vec<_>>()).unwrap()
        },
        has_pages: true,
    },
    Kind {
        name: "JSON in a page",
        block: "kind = \"json\"\n[source.json]\nwithin = \"#app@data-page\"\nitems = \"/props/news\"\nlink = \"/a/{/slug}\"\n\
                title = \"/title\"",
        media_type: "text/html",
        render: |_, stories| {
            let item = |it: &Story| serde_json::json!({ "slug": it.slug, "title": it.title });
            let news: Vec<_> = stories.iter().map(item).collect();
            let state = serde_json::json!({ "props": { "news": news } }).to_string().replace('"', "&quot;");
            format!("<!doctype html><html><body><div id=\"app\" data-page=\"{state}\"></div></body></html>")
        },
        has_pages: true,
    },
    Kind {
        name: "channel preview",
        block: "kind = \"telegram\"",
        media_type: "text/html; charset=utf-8",
        render: |_, stories| {
            let mut res =
                "<!doctype html><html><body><div class=\"tgme_channel_info_header_title\">A desk</div>".to_owned();
            for it in stories.iter().rev() {
                let (slug, title) = (it.slug, it.title);
                write!(
                    res,
                    "<div class=\"tgme_widget_message_wrap\"><div class=\"tgme_widget_message\" data-post=\"a_desk/{slug}\">\
                     <div class=\"tgme_widget_message_text js-message_text\">{title}<br/>It was quiet.</div>\
                     <a class=\"tgme_widget_message_date\"><time datetime=\"2026-11-21T06:00:00+00:00\">06:00</time></a></div></div>"
                )
                .unwrap();
            }
            res + "</body></html>"
        },
        has_pages: false,
    },
];

fn sitemap(site: &Site, stories: &[Story]) -> String {
    let mut res = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
                   xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">"
        .to_owned();
    for it in stories {
        let (link, title) = (link(site, it), it.title);
        write!(
            res,
            "<url><loc>{link}</loc><news:news><news:publication_date>2026-11-21T06:00:00Z</news:publication_date>\
             <news:title>{title}</news:title></news:news></url>"
        )
        .unwrap();
    }
    res + "</urlset>"
}

fn link(site: &Site, story: &Story) -> url::Url {
    site.url(&format!("/a/{}", story.slug))
}

/// A site that lists articles in the way of `kind`, and a daemon that follows it.
struct Desk<'a> {
    kind: &'a Kind,
    site: Site,
    home: Home,
    daemon: Daemon,
}

impl<'a> Desk<'a> {
    async fn new(kind: &'a Kind) -> Self {
        let site = Site::start().await;
        for (n, it) in (1..).zip([FIRST, SECOND, THIRD]) {
            site.page(&format!("/a/{}", it.slug), page(it.title, &prose(n)));
        }
        let mut home = Home::new(&[site.server.address().to_string()]);
        home.set("POLL__INTERVAL", "30m");
        let head = format!("[[source]]\nid = \"desk\"\nname = \"The desk\"\nurl = \"{}\"\n", site.url(PLACE));
        home.write("sources.toml", &format!("{head}{}\n", kind.block));
        let daemon = home.start();
        let res = Self { kind, site, home, daemon };
        res.list(&[SECOND, FIRST]);
        res
    }

    /// A listing whose pages link to older ones.
    async fn with_older_pages(kind: &'a Kind) -> Self {
        let mut res = Self::new(kind).await;
        let url = res.site.url(PLACE);
        let head = format!("[[source]]\nid = \"desk\"\nname = \"The desk\"\nurl = \"{url}\"\n");
        res.home.write("sources.toml", &format!("{head}{}\nnext = \"a.next\"\n", kind.block));
        res.daemon.reload(&res.home);
        res
    }

    fn list(&self, stories: &[Story]) {
        self.put(200, &[&format!("content-type: {}", self.kind.media_type)], &(self.kind.render)(&self.site, stories));
    }

    fn put(&self, status: u16, headers: &[&str], body: &str) {
        self.site.put(PLACE, status, headers, body);
    }

    /// Polls half an hour later; gives the new articles and the pages asked for.
    async fn poll(&self) -> (usize, usize) {
        self.home.clock.pass(TimeDelta::minutes(30)).await;
        let report = self.daemon.poll("desk").await;
        assert!(!matches!(report.answer, Answer::Failed { .. }), "{}: {report:?}", self.kind.name);
        (report.new.len(), report.pages)
    }

    /// Polls half an hour later; gives the fault, and the minutes until the next poll.
    async fn fail(&self) -> (Fault, i64) {
        self.home.clock.pass(TimeDelta::minutes(30)).await;
        let report = self.daemon.poll("desk").await;
        let Answer::Failed { fault, .. } = report.answer else { panic!("{}: {report:?}", self.kind.name) };
        assert_eq!(self.daemon.state("desk").health.condition, Condition::Failing(fault));
        (fault, (report.next.at - self.home.clock.now()).num_minutes())
    }

    fn titles(&self) -> Vec<String> {
        self.daemon.reports().into_iter().map(|it| it.article.title).collect()
    }
}

#[tokio::test]
async fn what_is_new_is_read_once() {
    for kind in KINDS {
        let (desk, name) = (Desk::new(kind).await, kind.name);
        let pages = |n: usize| if kind.has_pages { n } else { 0 };
        assert_eq!(desk.poll().await, (2, pages(2)), "{name}");
        assert_eq!(desk.daemon.state("desk").entries, 2, "{name}");
        // Unchanged: by its validators, and then by its bytes alone.
        assert_eq!(desk.poll().await, (0, 0), "{name}");
        desk.site.forget_validators(PLACE);
        assert_eq!(desk.poll().await, (0, 0), "{name}");
        let report = desk.daemon.poll("desk").await;
        assert_eq!(report.answer, Answer::Unchanged, "{name}");
        // One new entry.
        desk.list(&[THIRD, SECOND, FIRST]);
        assert_eq!(desk.poll().await, (1, pages(1)), "{name}");
        let mut titles = desk.titles();
        titles.sort();
        let mut expected = [FIRST.title, SECOND.title, THIRD.title].map(str::to_owned);
        expected.sort();
        assert_eq!(titles, expected, "{name}");
        // One edited entry: the same article under another title.
        desk.list(&[Story { title: "The third report, corrected", ..THIRD }, SECOND, FIRST]);
        assert_eq!(desk.poll().await, (0, 0), "{name}");
        assert_eq!(desk.titles().len(), 3, "{name}");
        assert_eq!(desk.daemon.state("desk").health.condition, Condition::Fine, "{name}");
    }
}

#[tokio::test]
async fn a_site_that_asks_to_wait_is_left_alone() {
    for kind in KINDS {
        let desk = Desk::new(kind).await;
        desk.poll().await;
        desk.put(429, &["retry-after: 7200"], "");
        assert_eq!(desk.fail().await, (Fault::Throttled, 120), "{}", kind.name);
        // It is not asked any sooner, and that is no other failure.
        desk.home.clock.pass(TimeDelta::minutes(60)).await;
        let (told, report) = (desk.daemon.state("desk"), desk.daemon.poll("desk").await);
        assert!(matches!(report.answer, Answer::LeftAlone { .. }), "{}: {report:?}", kind.name);
        let state = desk.daemon.state("desk");
        assert!((told.due - state.due).num_seconds() < 30, "{}: {} and {}", kind.name, told.due, state.due);
        assert_eq!(SourceState { polled: told.polled, due: told.due, ..state }, told, "{}", kind.name);
        desk.home.clock.pass(TimeDelta::minutes(60)).await;
        // The clock of tests stands at midnight and half past: RFC 9110 §10.2.3 allows a date as well.
        let until = desk.home.clock.now() + TimeDelta::minutes(30) + TimeDelta::hours(5);
        let header = format!("retry-after: {}", until.format("%a, %d %b %Y %H:%M:%S GMT"));
        desk.put(503, &[&header], "");
        assert_eq!(desk.fail().await, (Fault::Throttled, 300), "{}", kind.name);
        desk.home.clock.pass(TimeDelta::minutes(300)).await;
        desk.list(&[SECOND, FIRST]);
        assert_eq!(desk.poll().await, (0, 0), "{}", kind.name);
    }
}

#[tokio::test]
async fn a_source_that_moves_for_good_is_followed_after_it_has_held() {
    for kind in KINDS {
        let (desk, name) = (Desk::new(kind).await, kind.name);
        desk.poll().await;
        let body = (kind.render)(&desk.site, &[SECOND, FIRST]);
        desk.site.put(MOVED, 200, &[&format!("content-type: {}", kind.media_type)], body);
        desk.site.redirect(PLACE, MOVED);
        for _ in 0..5 {
            desk.poll().await;
            assert_eq!(desk.daemon.state("desk").health.condition, Condition::Redirected, "{name}");
        }
        let asked = desk.site.count(PLACE);
        desk.poll().await;
        assert_eq!(desk.site.count(PLACE), asked, "{name}: it is asked at its new address alone");
        assert_eq!(desk.titles().len(), 2, "{name}");
        // What it moved to is gone: after some failures the configured address counts again.
        desk.site.put(MOVED, 404, &[], "");
        for _ in 0..3 {
            desk.fail().await;
        }
        desk.list(&[THIRD, SECOND, FIRST]);
        assert_eq!(desk.poll().await.0, 1, "{name}");
    }
}

#[tokio::test]
async fn a_source_that_is_gone_is_parked() {
    for kind in KINDS {
        let desk = Desk::new(kind).await;
        desk.poll().await;
        desk.put(410, &[], "");
        assert_eq!(desk.fail().await, (Fault::Gone, 7 * 24 * 60), "{}", kind.name);
        // It is looked at again, and may come back.
        desk.list(&[THIRD, SECOND, FIRST]);
        assert_eq!(desk.poll().await.0, 1, "{}", kind.name);
    }
}

#[tokio::test]
async fn a_challenge_is_no_document() {
    let wall = "<!doctype html><html><head><title>Just a moment...</title></head><body>Wait.</body></html>";
    for kind in KINDS {
        let (desk, name) = (Desk::new(kind).await, kind.name);
        desk.poll().await;
        desk.put(403, &["cf-mitigated: challenge"], wall);
        assert_eq!(desk.fail().await, (Fault::Blocked, 60), "{name}");
        // Some walls answer that all is well.
        desk.put(200, &["content-type: text/html"], wall);
        assert_eq!(desk.fail().await, (Fault::Blocked, 120), "{name}");
        desk.list(&[THIRD, SECOND, FIRST]);
        assert_eq!(desk.poll().await.0, 1, "{name}");
    }
}

#[tokio::test]
async fn an_etag_that_outlives_a_change_hides_nothing_for_long() {
    let desk = Desk::new(&KINDS[0]).await;
    desk.poll().await;
    let body = (desk.kind.render)(&desk.site, &[THIRD, SECOND, FIRST]);
    desk.site.put_under_old_etag(PLACE, body);
    let mut found = Vec::new();
    for n in 2..=20 {
        if desk.poll().await.0 > 0 {
            found.push(n);
        }
    }
    assert_eq!(found, [20]);
}

#[tokio::test]
async fn a_site_that_wants_a_browser_is_shown_one_that_says_who_it_is() {
    let desk = Desk::new(&KINDS[0]).await;
    let url = desk.site.url(PLACE);
    let block = format!(
        "[[source]]\nid = \"desk\"\nname = \"The desk\"\nurl = \"{url}\"\nkind = \"syndication\"\n\
         user_agent = \"Mozilla/5.0 (compatible; {{agent}})\"\n"
    );
    desk.home.write("sources.toml", &block);
    let mut desk = desk;
    desk.daemon.reload(&desk.home);
    desk.poll().await;
    let requests = desk.site.server.requests();
    let of = |target: &str| requests.iter().find(|it| it.target == target).unwrap().header("user-agent").unwrap();
    for target in [PLACE, "/a/first"] {
        let agent = of(target);
        assert!(agent.starts_with("Mozilla/5.0 (compatible; sitrepd/") && agent.contains("test"), "{agent}");
    }
}

#[tokio::test]
async fn a_gap_is_filled_from_older_pages() {
    let kind = &KINDS[1];
    let desk = Desk::with_older_pages(kind).await;
    desk.list(&[FIRST]);
    assert_eq!(desk.poll().await.0, 1);
    // More has come in than one page has room for: nothing of the first page is known.
    let older = (kind.render)(&desk.site, &[SECOND, FIRST]);
    desk.site.page("/source/2", older);
    let newest =
        (kind.render)(&desk.site, &[THIRD]).replace("</body>", "<a class=next href=/source/2>Older</a></body>");
    desk.put(200, &["content-type: text/html; charset=utf-8"], &newest);
    assert_eq!(desk.poll().await.0, 2);
    assert_eq!(desk.titles().len(), 3);
    // Nothing is missing now, and no older page is asked for.
    let asked = desk.site.count("/source/2");
    desk.put(200, &["content-type: text/html; charset=utf-8"], &format!("{newest}<!-- again -->"));
    desk.poll().await;
    assert_eq!(desk.site.count("/source/2"), asked);
}

/// Found by a tester: one article pinned to the top, or held through another source, hid what had come in between.
#[tokio::test]
async fn a_pinned_article_hides_no_gap() {
    let kind = &KINDS[1];
    let desk = Desk::with_older_pages(kind).await;
    desk.list(&[FIRST, SECOND]);
    assert_eq!(desk.poll().await.0, 2);
    let story = |n: usize| {
        desk.site.page(&format!("/a/{n}"), page(&format!("Report number {n} from the valley"), &prose(20)));
        let link = desk.site.url(&format!("/a/{n}"));
        format!("<article><a href='{link}'>x</a><h2>Report number {n} from the valley</h2></article>")
    };
    let [first, second, third, fourth] = [1, 2, 3, 4].map(story);
    let listed = |stories: &[Story]| (kind.render)(&desk.site, stories);
    let more = format!("{fourth}{third}<a class=next href=/source/2>Older</a></body>");
    let newest = listed(&[FIRST]).replace("</body>", &more);
    desk.site.page("/source/2", listed(&[SECOND]).replace("<body>", &format!("<body>{second}{first}")));
    desk.put(200, &["content-type: text/html"], &newest);
    assert_eq!(desk.poll().await.0, 4);
    let asked = desk.site.count("/source/2");
    desk.put(200, &["content-type: text/html"], &format!("{newest}<!-- again -->"));
    desk.poll().await;
    assert_eq!(desk.site.count("/source/2"), asked);
}

/// Found in a test of a gap: the answer to the page behind the last was told as a fault of the source.
#[tokio::test]
async fn wordpress_refuses_the_page_behind_the_last() {
    let desk = Desk::new(KINDS.iter().find(|it| it.name == "JSON").unwrap()).await;
    desk.list(&[FIRST]);
    desk.poll().await;
    desk.list(&[THIRD]);
    let older = (desk.kind.render)(&desk.site, &[SECOND]);
    desk.site.put(&format!("{PLACE}?page=2"), 200, &["content-type: application/json"], older);
    desk.site.put(&format!("{PLACE}?page=3"), 400, &["content-type: application/json"], "{}");
    assert_eq!(desk.poll().await.0, 2);
    let state = desk.daemon.state("desk");
    assert!((&state.older, state.health.reason.as_str()) == (&None, ""), "{:?}", state.health);
    assert_eq!(desk.site.count(&format!("{PLACE}?page=3")), 1);
}

#[tokio::test]
async fn an_older_page_that_fails_is_asked_for_again() {
    let kind = &KINDS[1];
    let desk = Desk::with_older_pages(kind).await;
    desk.list(&[FIRST]);
    desk.poll().await;
    let newest =
        (kind.render)(&desk.site, &[THIRD]).replace("</body>", "<a class=next href=/source/2>Older</a></body>");
    desk.put(200, &["content-type: text/html; charset=utf-8"], &newest);
    desk.site.put("/source/2", 500, &[], "");
    assert_eq!(desk.poll().await.0, 1);
    let health = desk.daemon.state("desk").health;
    assert!(health.reason.contains("older entries could not be read"), "{health:?}");
    // The first page has not changed, and what stands behind it is read all the same.
    desk.site.page("/source/2", (kind.render)(&desk.site, &[SECOND, FIRST]));
    assert_eq!(desk.poll().await.0, 1);
    assert_eq!(desk.titles().len(), 3);
    assert_eq!(desk.daemon.state("desk").older, None);
}

/// Found in a review: a page was given up early where the one before it had failed some times.
#[tokio::test]
async fn each_older_page_is_asked_for_five_times() {
    let kind = &KINDS[1];
    let desk = Desk::with_older_pages(kind).await;
    desk.list(&[FIRST]);
    desk.poll().await;
    let leading_to = |stories: &[Story], page: &str| {
        (kind.render)(&desk.site, stories).replace("</body>", &format!("<a class=next href={page}>Older</a></body>"))
    };
    desk.put(200, &["content-type: text/html; charset=utf-8"], &leading_to(&[THIRD], "/source/2"));
    desk.site.put("/source/2", 500, &[], "");
    desk.site.put("/source/3", 500, &[], "");
    let tries = || desk.daemon.state("desk").older.map(|it| it.tries);
    for n in 1..=4 {
        desk.poll().await;
        assert_eq!(tries(), Some(n));
    }
    desk.site.page("/source/2", leading_to(&[SECOND], "/source/3"));
    for expected in [Some(1), Some(2), Some(3), Some(4), None, None] {
        desk.poll().await;
        assert_eq!(tries(), expected);
    }
    assert_eq!((desk.site.count("/source/2"), desk.site.count("/source/3")), (5, 5));
}

#[tokio::test]
async fn a_part_that_fails_is_asked_for_again_and_the_rest_is_not_read_anew() {
    let kind = KINDS.iter().find(|it| it.name == "sitemap index").unwrap();
    let desk = Desk::new(kind).await;
    desk.list(&[SECOND, FIRST]);
    let index = |parts: &[&str]| {
        let part = |it: &&str| format!("<sitemap><loc>{}</loc></sitemap>", desk.site.url(it));
        format!("<sitemapindex>{}</sitemapindex>", parts.iter().map(part).collect::<String>())
    };
    desk.put(200, &["content-type: application/xml"], &index(&["/news-1.xml", "/news-2.xml"]));
    assert_eq!(desk.poll().await.0, 2, "the part that is there is read");
    desk.site.put("/news-2.xml", 200, &["content-type: application/xml"], sitemap(&desk.site, &[THIRD]));
    assert_eq!(desk.poll().await.0, 1, "the other one as soon as it is there");
    let conditions = desk.site.server.requests().into_iter().filter(|it| it.target == "/news-1.xml");
    let conditions: Vec<bool> = conditions.map(|it| it.header("if-none-match").is_some()).collect();
    assert_eq!(conditions, [false, true]);
    // The index is regenerated, its parts are the same: nothing is empty.
    desk.put(200, &["content-type: application/xml"], &index(&["/news-2.xml", "/news-1.xml"]));
    assert_eq!(desk.poll().await.0, 0);
    let state = desk.daemon.state("desk");
    assert_eq!((state.health.condition, state.entries), (Condition::Fine, 3));
}

#[tokio::test]
async fn new_settings_read_an_unchanged_document_anew() {
    let kind = KINDS.iter().find(|it| it.name == "sitemap").unwrap();
    let mut desk = Desk::new(kind).await;
    let url = desk.site.url(PLACE);
    let block = |include: &str| {
        format!(
            "[[source]]\nid = \"desk\"\nname = \"The desk\"\nurl = \"{url}\"\nkind = \"sitemap\"\n\
             [source.sitemap]\ninclude = [\"{include}\"]\n"
        )
    };
    desk.home.write("sources.toml", &block("/a/first"));
    desk.daemon.reload(&desk.home);
    assert_eq!(desk.poll().await.0, 1);
    desk.home.write("sources.toml", &block("/a/"));
    desk.daemon.reload(&desk.home);
    assert_eq!(desk.poll().await.0, 1);
}

#[tokio::test]
async fn a_part_that_asks_to_wait_is_left_alone_with_the_rest() {
    let kind = KINDS.iter().find(|it| it.name == "sitemap index").unwrap();
    let desk = Desk::new(kind).await;
    desk.poll().await;
    desk.site.put("/news-1.xml", 429, &["retry-after: 7200"], "");
    desk.home.clock.advance(TimeDelta::minutes(30));
    let report = desk.daemon.poll("desk").await;
    assert_eq!((report.next.at - desk.home.clock.now()).num_minutes(), 120, "{report:?}");
}

#[tokio::test]
async fn a_gap_longer_than_a_poll_reads_is_gone_on_with() {
    let kind = &KINDS[1];
    let desk = Desk::with_older_pages(kind).await;
    desk.list(&[FIRST]);
    desk.poll().await;
    // Eight pages of one new article each lie above the one that is known.
    let page_of = |n: usize, next: usize| {
        let link = desk.site.url(&format!("/b/{n}"));
        format!(
            "<html><body><article><a href='{link}'>x</a><h2>Report number {n} from the valley</h2></article>\
             <a class=next href=/source/{next}>Older</a></body></html>"
        )
    };
    for n in 1..=8_u32 {
        desk.site.page(&format!("/b/{n}"), page(&format!("Report number {n} from the valley"), &prose(10 + n)));
    }
    desk.put(200, &["content-type: text/html"], &page_of(8, 7));
    for n in 1..=7 {
        desk.site.page(&format!("/source/{n}"), page_of(n, n - 1));
    }
    desk.site.page("/source/0", (kind.render)(&desk.site, &[FIRST]));
    assert_eq!(desk.poll().await.0, 6, "the first page and five older ones");
    assert!(desk.daemon.state("desk").older.is_some());
    assert_eq!(desk.poll().await.0, 2, "the rest, though the first page is known by now");
    assert_eq!((desk.titles().len(), desk.daemon.state("desk").older), (9, None));
}
