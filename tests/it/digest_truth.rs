//! That a digest says nothing of a story, an audience or a night that is not so.

use chrono::TimeDelta;
use chrono_tz::Tz;
use sitrepd::{
    digest::{
        Audience, DAYS, Digest, Fate, History, Quiet,
        render::{self, AlertInput, AlertsInput, FileNames, Format, Look, Waited},
    },
    model::{Alert, AlertKind, ArticleId, Event, Finding, Relocated, Severity, StoryId},
};

use crate::digest_fixture::{Archive, LOOK, Made, alert, at, fine, source};

fn text(digest: &Digest) -> String {
    let text = render::digest(digest, &[Format::Text], LOOK.get()).unwrap().text;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn record(digest: &Digest) -> serde_json::Value {
    let made = render::digest(digest, &[Format::Json], LOOK.get()).unwrap();
    serde_json::from_str(&made.documents[0].body).unwrap()
}

/// Alpha Wire had it first, Beta Post and a Russian outlet carried it.
fn carried() -> Archive {
    let mut archive = Archive::empty();
    archive.sources = [("alpha", "Alpha Wire", "en"), ("beta", "Beta Post", "en"), ("gamma", "Гамма", "ru")]
        .map(|(id, name, language)| source(id, name, language, fine()))
        .into();
    let report = |id: u64, outlet: &str, language: &str, time: &str| {
        Made::new(id, outlet, language, time).text("Talks open", "NATO talks open.").tag("nato", 2.0, &["NATO talks"])
    };
    archive.reports = vec![
        report(1, "alpha", "en", "2026-11-21T09:00:00Z").report(),
        report(2, "beta", "en", "2026-11-21T11:00:00Z").copy_of(1).report(),
        report(3, "gamma", "ru", "2026-11-21T13:00:00Z").copy_of(1).report(),
    ];
    archive
}

/// Found in a review: an audience that does not read the outlet that was first was told that another was.
#[test]
fn who_was_first_is_the_same_for_every_reader() {
    let mut archive = carried();
    assert!(text(&archive.digest()).contains("First: Alpha Wire · 21 Nov, 12:51"), "{}", text(&archive.digest()));
    archive.audience.languages = vec!["ru".to_owned()];
    let digest = archive.digest();
    let told = text(&digest);
    assert!(told.contains("Гамма · 21 Nov, 16:51 · Russian · first: Alpha Wire, 21 Nov, 12:51"), "{told}");
    let story = &record(&digest)["groups"][0]["topics"][0]["stories"][0];
    assert_eq!((&story["first_by_date"]["source"], &story["first_seen"]["source"]), (&"alpha".into(), &"alpha".into()));
}

/// Found in a review: after a merge the story that has the name was told to be first, whenever the other was.
#[test]
fn who_was_first_is_so_after_a_merge_too() {
    let mut archive = carried();
    let mut older = Made::new(9, "gamma", "en", "2026-11-21T06:00:00Z").text("Talks", "NATO talks.").report();
    older.moved = Some(Relocated { story: StoryId(ArticleId(1)), why: "by hand".to_owned() });
    archive.reports.push(older);
    let told = text(&archive.digest());
    assert!(told.contains("Alpha Wire · 21 Nov, 12:51 · first: Гамма, 21 Nov, 09:51"), "{told}");
    assert!(!told.contains("earlier story"));
    archive.reports[3].article.first_seen = at("2026-11-20T06:00:00Z");
    assert!(text(&archive.digest()).contains("earlier story, reported again"));
}

/// Found in a review: the one that was seen first stood above times that were earlier.
#[test]
fn where_dates_and_sightings_disagree_both_are_told_and_reports_stand_by_what_is_shown() {
    let mut archive = carried();
    archive.reports[1].article.published = Some(at("2026-11-21T04:30:00Z"));
    let digest = archive.digest();
    let told = text(&digest);
    let expected = "Alpha Wire · 21 Nov, 12:51 · first by date: Beta Post, 21 Nov, 08:30 · first seen here: Alpha Wire, 21 Nov, 13:00";
    assert!(told.contains(expected), "{told}");
    let story = &digest.groups[0].sections[0].stories.items[0];
    assert!(story.reports.items.is_sorted_by_key(|it| it.at));
    assert_eq!(story.reports.items[0].outlet, "Beta Post");
}

/// Found in a review: an outlet was called first by date that gives no dates.
#[test]
fn who_gives_no_date_is_not_first_by_date() {
    let mut archive = carried();
    // The one that was seen first claims an hour from now.
    archive.reports[0].article.published = Some(at("2026-11-21T09:55:00Z"));
    archive.reports[1].article.first_seen = at("2026-11-21T09:30:00Z");
    archive.reports[1].article.published = None;
    archive.reports[2].article.published = None;
    let told = text(&archive.digest());
    assert!(told.contains("Alpha Wire · 21 Nov, 13:55 · first seen here: Alpha Wire, 21 Nov, 13:00 · "), "{told}");
    assert!(!told.contains("first by date"), "{told}");
    let story = &record(&archive.digest())["groups"][0]["topics"][0]["stories"][0];
    assert!(story["first_by_date"].is_null() && story["first_seen"]["source"] == "alpha", "{story}");
}

/// Found in a review: of an outlet that wrote twice it was said twice that it was first.
#[test]
fn an_outlet_is_called_first_once() {
    let mut archive = carried();
    let mut again =
        Made::new(9, "alpha", "en", "2026-11-21T14:00:00Z").text("Talks", "NATO talks.").copy_of(1).report();
    again.article.published = Some(at("2026-11-21T05:00:00Z"));
    archive.reports.push(again);
    let told = text(&archive.digest());
    assert!(told.contains("Alpha Wire · 21 Nov, 12:51 · first: Alpha Wire, 21 Nov, 09:00 · "), "{told}");
    assert!(!told.contains("first by date") && !told.contains("first seen here"), "{told}");
}

/// Found in a review: "changed since" stood beside a quote of the new version.
#[test]
fn what_is_quoted_of_a_changed_report_is_told_to_be_old_or_new() {
    let mut archive = carried();
    let changed = |time: &str| Event { article: ArticleId(1), at: at(time), finding: Finding::Changed(2), trail: None };
    let raised = "2026-11-21T12:00:00Z";
    let told = |archive: &Archive| {
        let told = text(&archive.digest());
        let (alert, story) = told.split_once("NATO partnership").unwrap();
        let mark = |it: &str| match (it.contains("changed since, quoted as it reads now"), it.contains("changed since"))
        {
            (true, _) => "new",
            (_, true) => "old",
            _ => "",
        };
        (mark(alert), mark(story))
    };
    archive.events = vec![changed("2026-11-21T20:00:00Z")];
    archive.alerts = vec![alert(0xb1, "Alliance", 1, raised, ("NATO", "NATO", "NATO talks open."))];
    assert_eq!(told(&archive), ("new", "new"), "it still says what the alert quotes");
    let body = archive.reports[0].article.body.clone();
    archive.reports[0].article.body = "\"NATO talks\" open - now.".to_owned();
    archive.alerts[0].hits[0].sentence = "“NATO talks” open – now.".to_owned();
    assert_eq!(told(&archive).0, "new", "the shapes of quotes are no change");
    archive.reports[0].article.body = body;
    archive.alerts[0].hits[0].sentence = "NATO talks fail.".to_owned();
    assert_eq!(told(&archive), ("old", "new"));
    archive.events = vec![changed(raised)];
    assert_eq!(told(&archive), ("", "new"), "the alert is of the new version");
}

/// Found in a review: a subject is cut at its end, and of many watches it was the count that was lost.
#[test]
fn a_subject_that_is_cut_still_says_how_many_alerts_there_are() {
    let archive = carried();
    let names = (0..20).map(|n| format!("A watch with a long name {n}"));
    let term = || ("NATO", "NATO", "NATO talks open.");
    let alerts: Vec<_> = names.map(|it| alert(0xb1, &it, 1, "2026-11-21T09:01:00Z", term())).collect();
    let input = |alert, severity, nth: usize| {
        let report = archive.reports.get(nth);
        AlertInput { alert, severity, report, source: None, fate: None }
    };
    for (severity, start) in [
        (Severity::Normal, "20 alerts on 2 reports: A watch with a long name 0, A watch"),
        (Severity::Urgent, "Urgent: 20 alerts on 2 reports: A watch with a long name 0, A watch"),
    ] {
        let inputs: Vec<_> = alerts.iter().enumerate().map(|(n, it)| input(it, severity, n % 2)).collect();
        let held = Some(Waited { since: at("2026-11-21T09:01:00Z"), pause: None });
        let (topics, zone, look) = (&archive.topics, Tz::UTC, LOOK.get());
        let input = AlertsInput { first: inputs[0], more: &inputs[1..], left_out: 0, held, topics, zone, look };
        let subject = render::alerts(input).unwrap().subject;
        assert!(subject.starts_with(start) && subject.ends_with('…'), "{subject}");
    }
}

/// Found in a review: only the subject of one alert said that its report was withdrawn.
#[test]
fn the_subject_of_several_alerts_and_of_a_spike_says_what_became_of_their_reports() {
    let archive = carried();
    let raised = "2026-11-21T09:01:00Z";
    let alerts =
        ["Alliance", "Talks", "Office"].map(|it| alert(0xb1, it, 1, raised, ("NATO", "NATO", "NATO talks open.")));
    let subject = |alerts: &[Alert], fates: &[Option<Fate>], left_out| {
        let input = |(n, alert)| AlertInput {
            alert,
            severity: Severity::Normal,
            report: archive.reports.get(n % 2),
            source: None,
            fate: fates[n % 2],
        };
        let inputs: Vec<_> = alerts.iter().enumerate().map(input).collect();
        let held = Some(Waited { since: at(raised), pause: None });
        let (topics, zone, look) = (&archive.topics, Tz::UTC, LOOK.get());
        let input = AlertsInput { first: inputs[0], more: &inputs[1..], left_out, held, topics, zone, look };
        render::alerts(input).unwrap().subject
    };
    let (withdrawn, changed) = (Some(Fate::Withdrawn), Some(Fate::Changed));
    for (fates, left_out, expected) in [
        ([None, None], 0, "3 alerts on 2 reports: Alliance, Talks, Office"),
        ([withdrawn, None], 0, "3 alerts on 2 reports, 1 withdrawn since: Alliance, Talks, Office"),
        ([changed, withdrawn], 0, "3 alerts on 2 reports, 1 withdrawn since, 1 changed since: Alliance, Talks, Office"),
        ([withdrawn, None], 4, "7 alerts, at least 1 report withdrawn since: Alliance, Talks, Office"),
    ] {
        assert_eq!(subject(&alerts, &fates, left_out), expected);
    }
    assert_eq!(subject(&alerts[..2], &[None, changed], 0), "2 alerts, 1 report changed since: Alliance, Talks");
    let spike = Alert { kind: AlertKind::Spike { today: 9, usual: 1.5 }, ..alerts[0].clone() };
    let expected =
        "Alert Alliance: a spike: 9 alerts in the last 24 hours, usually 1.5 a day (the last report withdrawn since)";
    assert_eq!(subject(&[spike], &[withdrawn], 0), expected);
}

/// Found in a review: what an outlet had taken back was told as if it stood.
#[test]
fn what_was_withdrawn_or_changed_is_marked_wherever_it_stands() {
    let mut archive = carried();
    let term = ("NATO", "NATO", "NATO talks open.");
    archive.alerts = vec![alert(0xb1, "Alliance", 1, "2026-11-21T09:01:00Z", term)];
    let event = |id: u64, time: &str, finding| Event { article: ArticleId(id), at: at(time), finding, trail: None };
    archive.events = vec![
        event(1, "2026-11-21T20:00:00Z", Finding::Withdrawn("status 404".to_owned())),
        // Days before the window: no news, and yet so.
        event(2, "2026-11-19T20:00:00Z", Finding::Changed(2)),
    ];
    let digest = archive.digest();
    assert_eq!(digest.events.total(), 1);
    let fates: Vec<_> = digest.groups[0].sections[0].stories.items[0].reports.items.iter().map(|it| it.fate).collect();
    assert_eq!(fates, [Some(Fate::Withdrawn), Some(Fate::Changed), None]);
    for format in [Format::Html, Format::Text, Format::Markdown] {
        let made = render::digest(&digest, &[format], LOOK.get()).unwrap();
        let n = made.documents[0].body.matches("withdrawn since").count();
        assert_eq!(n, 3, "the alert, the story and its report, {format}: {}", made.documents[0].body);
    }
    let record = record(&digest);
    assert_eq!(record["alerts"][0]["report"]["fate"], "withdrawn");
    assert_eq!(record["groups"][0]["topics"][0]["stories"][0]["reports"][1]["fate"], "changed");
}

/// Found in a review: of one outlet the leading report was called first, whichever it had written before.
#[test]
fn who_was_first_is_one_report() {
    let mut archive = carried();
    archive.reports[1].article.source = archive.reports[2].article.source.clone();
    archive.reports[0].moved = None;
    let mut older = Made::new(9, "alpha", "en", "2026-11-21T06:00:00Z").text("Talks", "NATO talks.").report();
    older.moved = Some(Relocated { story: StoryId(ArticleId(1)), why: "by hand".to_owned() });
    archive.reports.push(older);
    let told = text(&archive.digest());
    assert!(told.contains("Alpha Wire · 21 Nov, 12:51 · first: Alpha Wire, 21 Nov, 09:51"), "{told}");
}

/// Found in a review: of a story of many reports the new ones and the leading one were cut off.
#[test]
fn of_many_reports_those_are_shown_that_are_spoken_of_and_the_newest() {
    let mut archive = carried();
    archive.limits.reports = 4;
    for n in 0..9 {
        let time = format!("2026-11-21T05:0{n}:00Z");
        let mut report = Made::new(20 + n, "beta", "en", &time).text("Talks", "NATO talks.").copy_of(1).report();
        report.article.first_seen = at("2026-11-21T14:00:00Z");
        archive.reports.push(report);
    }
    archive.reports[2].article.first_seen = at("2026-11-21T20:00:00Z");
    let digest = archive.digest();
    let story = &digest.groups[0].sections[0].stories.items[0];
    let shown: Vec<_> = story.reports.items.iter().map(|it| it.article.0).collect();
    assert_eq!((shown, story.reports.more), (vec![20, 21, 1, 3], 8));
}

/// Found in a review: a story had another id in the feed of those who do not read the outlet that began it.
#[test]
fn a_story_has_one_id_in_every_feed() {
    let mut archive = carried();
    archive.reports[0].article.first_seen = at("2026-11-20T09:00:00Z");
    let feed = |archive: &Archive| {
        let made = render::digest(&archive.digest(), &[Format::Atom], LOOK.get()).unwrap();
        made.documents[0].body.clone()
    };
    let id = "2026-11-20:sitrepd/story/0000000000000001";
    assert!(feed(&archive).contains(id));
    archive.audience.languages = vec!["ru".to_owned()];
    assert!(feed(&archive).contains(id));
}

/// Found in a review: the next issue told the story again under the id of the entry that had the alert, and it was gone from the feed.
#[test]
fn an_alert_stays_in_the_feed_when_its_story_is_told_again() {
    let mut archive = carried();
    archive.alerts = vec![alert(0xb1, "Alliance", 1, "2026-11-21T09:01:00Z", ("NATO", "NATO", "NATO talks open."))];
    let ids = |archive: &Archive| {
        let made = render::digest(&archive.digest(), &[Format::Atom], LOOK.get()).unwrap();
        let feed = feed_rs::parser::parse(made.documents[0].body.as_bytes()).unwrap();
        feed.entries.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    let first = ids(&archive);
    assert_eq!(first.len(), 2);
    archive.alerts.clear();
    archive.window = at("2026-11-21T12:00:00Z")..at("2026-11-22T12:00:00Z");
    let again = ids(&archive);
    assert_eq!(again, [first[1].clone()], "the story's, and not the alert's");
}

/// A month of reports on one topic, of which all of the last day are in English; a watch that fired an hour ago.
fn counted() -> Archive {
    let mut archive = carried();
    let mut days = vec![3; DAYS];
    days[DAYS - 1] = 2;
    archive.history = History {
        volume: [("nato".to_owned(), days), ("iran".to_owned(), [vec![5], vec![0; DAYS - 1]].concat())].into(),
        watches: vec!["Alliance".to_owned(), "Border".to_owned()],
        heard: [("Alliance".to_owned(), archive.window.end - TimeDelta::hours(1))].into(),
        days_held: DAYS,
        is_deep: true,
        ..History::default()
    };
    archive
}

/// Found in a review: an audience was told of reports that others read, and that a topic is quiet which it had just read about.
#[test]
fn what_is_counted_over_all_readers_is_told_to_those_who_read_all() {
    let names = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let told = |audience: Audience| {
        let digest = Archive { audience, ..counted() }.digest();
        let quiet = |list: &[Quiet]| list.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        let volume: Vec<_> = digest.volume.items.iter().map(|it| it.topic.clone()).collect();
        (volume, quiet(&digest.quiet_topics.items).join(", "), quiet(&digest.quiet_watches.items).join(", "))
    };
    let quiet = "Tailored partnership programmes, Liaison office, Armenia–Azerbaijan peace process, Black Sea security";
    let all = format!("{quiet}, Iran");
    let (volume, topics, watches) = told(Audience::default());
    assert_eq!((volume, topics, watches.as_str()), (names(&["nato", "iran"]), all.clone(), "Border"));
    // Of part of a topic nothing is counted, and what is quiet has no days.
    let part = Audience { languages: names(&["en"]), ..Audience::default() };
    assert_eq!(told(part.clone()), (vec![], all, "Border".to_owned()));
    let digest = Archive { audience: part, ..counted() }.digest();
    let quiet = &record(&digest)["quiet_topics"][0];
    assert_eq!((&quiet["days"], &quiet["days_counted"]), (&serde_json::Value::Null, &false.into()));
    let quiet = &record(&counted().digest())["quiet_topics"];
    assert_eq!((&quiet[0]["days"], &quiet[0]["days_counted"]), (&serde_json::Value::Null, &true.into()));
    assert_eq!((&quiet[4]["days"], &quiet[4]["days_counted"]), (&29.into(), &true.into()));
    assert!(text(&digest).contains("Iran Quiet watches") || text(&digest).contains("Iran\u{a0}"), "{}", text(&digest));
    // Who asks for topics asked for no watches, and the other way round.
    let (volume, topics, watches) = told(Audience { topics: names(&["iran"]), ..Audience::default() });
    assert_eq!((volume, topics.as_str(), watches.as_str()), (names(&["iran"]), "Iran", ""));
    let (volume, topics, watches) = told(Audience { watches: names(&["Border"]), ..Audience::default() });
    assert_eq!((volume, topics.as_str(), watches.as_str()), (vec![], "", "Border"));
}

/// Found in a review: a digest of a few hours called quiet what it counted in the last 24.
#[test]
fn what_was_heard_in_the_last_day_is_not_quiet() {
    let mut archive = counted();
    archive.window.start = at("2026-11-22T02:00:00Z");
    archive.reports.clear();
    let digest = archive.digest();
    assert!(digest.quiet_topics.items.iter().all(|it| it.name != "NATO partnership"));
    assert!(digest.quiet_watches.items.iter().all(|it| it.name != "Alliance"));
}

/// Found in a review: a chart without a bar, of a topic whose reports all were of days that are not shown.
#[test]
fn a_topic_without_a_report_in_the_days_that_are_shown_has_no_chart() {
    let mut archive = counted();
    archive.history.days_held = 7;
    let topics: Vec<_> = archive.digest().volume.items.iter().map(|it| it.topic.clone()).collect();
    assert_eq!(topics, ["nato"]);
}

/// Found in a review: a window over a change of the clocks had one offset, and two reports an hour apart the same time.
#[test]
fn a_night_in_which_the_clocks_change_is_told_with_both_offsets() {
    let mut archive = carried();
    archive.zone = Tz::Europe__Berlin;
    archive.window = at("2026-10-24T06:00:00Z")..at("2026-10-25T06:00:00Z");
    for (n, time) in ["2026-10-25T00:40:00Z", "2026-10-25T01:40:00Z", "2026-10-25T02:40:00Z"].into_iter().enumerate() {
        archive.reports[n].article.first_seen = at(time);
        archive.reports[n].article.published = None;
    }
    let told = text(&archive.digest());
    assert!(told.contains("times in Europe/Berlin (UTC+01:00), before the clocks changed UTC+02:00"), "{told}");
    for expected in ["25 Oct, 02:40 (UTC+02:00)", "25 Oct, 02:40 (UTC+01:00)", "25 Oct, 03:40"] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains("03:40 (UTC"));
}

/// Found in a review: a feed that is served said nowhere at which address.
#[test]
fn a_feed_names_its_own_address_where_that_is_configured() {
    let archive = carried();
    let made = |archive: &Archive, files: &FileNames| {
        let look = Look { files, ..LOOK.get() };
        render::digest(&archive.digest(), &[Format::Atom, Format::JsonFeed, Format::Rss], look).unwrap().documents
    };
    let names = FileNames::default().served_at(&"https://desk.example/out".parse().unwrap());
    let documents = made(&archive, &names);
    let atom = feed_rs::parser::parse(documents[0].body.as_bytes()).unwrap();
    let own: Vec<_> = atom.links.iter().map(|it| (it.rel.as_deref(), it.href.as_str())).collect();
    assert_eq!(own, [(Some("self"), "https://desk.example/out/daily.atom")]);
    let json: serde_json::Value = serde_json::from_str(&documents[1].body).unwrap();
    assert_eq!(json["feed_url"], "https://desk.example/out/daily.jsonfeed");
    let rss = &documents[2].body;
    let own = "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"https://desk.example/out/daily.rss\"/>";
    assert!(rss.contains(own) && rss.contains("    <link>https://desk.example/out/</link>\n"), "{rss}");
    // It is kept when the feed goes on, and comes to one that had none.
    let without = made(&archive, &FileNames::default());
    for (new, old) in documents.iter().zip(&without) {
        let joined = render::joined(new, &old.body).unwrap();
        assert!(!old.body.contains("desk.example/out/") && joined.contains("desk.example/out/"), "{joined}");
    }
}
