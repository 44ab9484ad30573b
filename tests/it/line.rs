//! The whole line on the sample site: local HTTP server, real client, ledger and sled, digest.

use std::{collections::BTreeMap, fs};

use sitrepd::{
    daemon::{demo_site, digests, outbox},
    decide::source::Answer,
    model::{Alert, Assignment, Condition, CopyLevel, Method, Page, Report, Slot},
};

use crate::support::{
    daemon::{Daemon, Home},
    sample::{Gold, SampleSite, gold},
};

const SOURCES: [&str; 4] = ["caspian-wire", "mtkvari-observer", "black-sea-ledger", "south-mesh"];

/// A home that knows the sample site, with the shipped topics and watches.
fn home(site: &SampleSite) -> Home {
    let home = Home::new(&[site.address().to_owned()]);
    home.write("sources.toml", &demo_site::sources(&site.base));
    home.write("sites/demo.toml", demo_site::RECIPE);
    home.remove("topics.toml");
    home.remove("watches.toml");
    home
}

/// Polls the sources one after another, so that articles come in the same order on every run.
async fn poll_all(daemon: &Daemon) {
    for source in SOURCES {
        daemon.poll(source).await;
    }
}

fn slug(report: &Report) -> String {
    let link = report.article.link.as_ref().unwrap().as_str();
    link.rsplit_once('/').unwrap().1.trim_end_matches(".html").to_owned()
}

fn by_slug(daemon: &Daemon) -> BTreeMap<String, Report> {
    daemon.reports().into_iter().map(|it| (slug(&it), it)).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_page_becomes_its_text() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    let mut pages = 0;
    for source in SOURCES {
        let report = daemon.poll(source).await;
        assert!(matches!(&report.answer, Answer::Read { problems, .. } if problems.is_empty()), "{report:?}");
        assert_eq!(daemon.state(source).health.condition, Condition::Fine);
        pages += report.pages;
    }
    let reports = by_slug(&daemon);
    let gold = gold();
    assert_eq!((gold.len(), reports.len(), pages), (11, 11, 11));
    for Gold { slug, outlet, title, language, paragraphs, .. } in &gold {
        let article = &reports[slug].article;
        assert_eq!(squeezed(&article.body), squeezed(&paragraphs.join(" ")), "{slug}");
        assert_eq!((article.title.as_str(), article.language.as_ref()), (title.as_str(), Some(language)), "{slug}");
        let expected = match outlet.as_str() {
            "mtkvari-observer" => Method::Recipe("demo".to_owned()),
            _ => Method::Readability,
        };
        assert_eq!(article.method, expected, "{slug}");
        assert!(matches!(&article.page, Page::Fetched(it) if it.status == 200), "{slug}: {:?}", article.page);
        assert_eq!((article.source.as_str(), article.version), (outlet.as_str(), 1), "{slug}");
    }
    let asked = site.asked();
    assert!(asked.iter().all(|(_, status)| *status == 200), "{asked:?}");
    assert_eq!(asked.len(), 4 + 1 + 11, "feeds, robots.txt, pages: {asked:?}");
}

#[tokio::test]
async fn the_copy_joins_the_original() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    poll_all(&daemon).await;
    let reports = by_slug(&daemon);
    let original = &reports["partnership-programme"];
    for (slug, report) in &reports {
        match gold().into_iter().find(|it| it.slug == *slug).unwrap().copy_of {
            None => assert_eq!(report.assignment, Assignment::New, "{slug}"),
            Some(of) => {
                assert_eq!(of, "partnership-programme");
                let of = original.article.id;
                let why = format!("100 % of the shorter text's runs of four words are also in article {of}");
                let expected = Assignment::Copy { story: original.story(), of, level: CopyLevel::Copy, why };
                assert_eq!(report.assignment, expected, "{slug}");
            }
        }
    }
    let members = daemon.store.story(original.story()).unwrap();
    assert_eq!(members, [original.article.id, reports["programme-copy"].article.id]);
    let counts = daemon.store.counts().unwrap();
    assert_eq!((counts.articles, counts.stories), (11, 10));
}

/// Slug of the article, name of the watch, form and sentence of the first hit.
fn told(alerts: &[Alert], reports: &BTreeMap<String, Report>) -> Vec<(String, String, String, String)> {
    let mut res = Vec::new();
    for it in alerts {
        let (slug, _) = reports.iter().find(|(_, report)| report.article.id == it.article).unwrap();
        let hit = &it.hits[0];
        res.push((slug.clone(), it.watch.clone(), hit.form.clone(), hit.sentence.clone()));
    }
    res.sort();
    res
}

#[tokio::test]
async fn watched_names_are_found_in_every_script() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    poll_all(&daemon).await;
    let reports = by_slug(&daemon);
    let alerts = told(&daemon.alerts(), &reports);
    let of = |watch: &str| {
        let found = alerts.iter().filter(|it| it.1 == watch);
        found.map(|it| (it.0.as_str(), it.2.as_str())).collect::<Vec<_>>()
    };
    let vinnikov = [
        ("hapk-qvearkutyun", "Վիննիկով"),
        ("karadeniz-mayin", "Vinnikov"),
        ("odkb-uchenia", "Винников"),
        ("partnership-programme", "Vinnikov"),
        ("sazghvari-khazi", "ვინიკოვი"),
        ("test-train", "Vinikov"),
    ];
    assert_eq!(of("Vinnikov"), vinnikov);
    let itpp = [
        ("partnership-programme", "Individually Tailored Partnership Programme"),
        ("qara-deniz-kabeli", "Fərdi Uyğunlaşdırılmış Tərəfdaşlıq Proqramı"),
    ];
    assert_eq!(of("ITPP"), itpp);
    for (slug, watch, form, sentence) in &alerts {
        let text = format!("{}\n{}", reports[slug].article.title, reports[slug].article.body);
        assert!(sentence.contains(form) && text.contains(sentence.as_str()), "{slug}, {watch}: {form} in {sentence}");
    }
    let said = alerts.iter().find(|it| it.0 == "test-train").unwrap();
    assert_eq!(
        said.3,
        "In a written note handed out at the halt, Daniel Vinikov, whose name the organisers spelled with one n, wished \
         the commission “dull meetings and dry track”."
    );
    let silent = ["pomegranate-fair", "programme-copy", "gozargah-aras", "kiberataka-porty"];
    assert!(alerts.iter().all(|it| !silent.contains(&it.0.as_str())), "{alerts:?}");
}

#[tokio::test]
async fn only_what_is_about_something_has_a_topic() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    poll_all(&daemon).await;
    for (slug, report) in by_slug(&daemon) {
        assert_eq!(report.tags.is_empty(), slug == "pomegranate-fair", "{slug}: {:?}", report.tags);
        for tag in &report.tags {
            assert!(!tag.evidence.is_empty(), "{slug}: {tag:?}");
        }
    }
}

#[tokio::test]
async fn a_second_poll_asks_for_feeds_only() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    poll_all(&daemon).await;
    let (reports, alerts) = (daemon.reports(), daemon.alerts());
    site.asked();
    for source in SOURCES {
        let report = daemon.poll(source).await;
        assert_eq!((report.answer, report.pages, report.new, report.alerts), (Answer::Unchanged, 0, vec![], vec![]));
    }
    let asked = site.asked();
    assert!(
        asked.len() == 4 && asked.iter().all(|(path, status)| path.contains("/feed.") && *status == 304),
        "{asked:?}"
    );
    assert_eq!((daemon.reports(), daemon.alerts()), (reports.clone(), alerts));

    // A restart changes nothing about that.
    drop(daemon);
    let daemon = home.start();
    poll_all(&daemon).await;
    assert_eq!(daemon.reports(), reports);
    assert!(site.asked().iter().all(|(path, status)| path.contains("/feed.") && *status == 304));
}

/// Without what differs from run to run: the port and the ids, which are made of addresses.
fn steady(mut text: String, site: &SampleSite, daemon: &Daemon) -> String {
    let reports = by_slug(daemon);
    for alert in daemon.alerts() {
        let (slug, _) = reports.iter().find(|(_, it)| it.article.id == alert.article).unwrap();
        text = text.replace(&alert.id.to_string(), &format!("<alert {} {slug}>", alert.watch));
    }
    for (slug, report) in &reports {
        text = text.replace(&report.article.id.to_string(), &format!("<{slug}>"));
    }
    // As wide as the port is, since lines are wrapped.
    text.replace(site.address(), "127.0.0.1:00000")
}

#[tokio::test]
async fn the_digest() {
    let site = SampleSite::start().await;
    let home = home(&site);
    let daemon = home.start();
    poll_all(&daemon).await;
    home.clock.set("2026-11-22T03:00:01Z");
    let slot = Slot { digest: "daily".to_owned(), at: "2026-11-22T03:00:00Z".parse().unwrap() };
    let digest = digests::issue(&daemon, slot).await.unwrap();
    assert_eq!((digest.totals.stories, digest.totals.reports, digest.totals.reporting_sources), (10, 11, 4));
    outbox::round(&daemon).await.unwrap();
    for (format, extension) in [("text", "txt"), ("json", "json")] {
        let path = home.state_dir().join(format!("out/daily-2026-11-22T0300Z.{extension}"));
        let text = fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(format!("digest.{format}"), steady(text, &site, &daemon));
    }
}
