//! Invented articles, alerts and messages. Each is told from the others by a number.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    dedup::Key,
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Assignment, Attempt, CanonicalUrl, Cause, Change, Closeness,
        Condition, Content, CopyLevel, DigestIssue, Document, Evidence, FetchRecord, Field, Finding, Fingerprint, Flag,
        FlagKind, Health, HeldDocument, Hit, Intent, Judgement, Label, MessageId, Method, Move, Origin, Outcome,
        Outgoing, Page, Possible, Provenance, Reading, Redirect, Regrouping, RegroupingId, Rendered, Repeated, Report,
        Rereading, Sending, Slot, Snapshot, SourceId, SourceState, StoryId, Tag, Timestamp, Trail, Validators, Verdict,
        Wishes,
    },
    store::{Pending, Store},
};

/// So many seconds after a fixed instant.
pub(in crate::store) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_795_305_600, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub(in crate::store) fn source() -> SourceId {
    SourceId::new("alpha-en").unwrap()
}

pub(in crate::store) fn intent(n: u64) -> Intent {
    let article = Article {
        id: ArticleId(n),
        version: 1,
        source: source(),
        link: CanonicalUrl::parse(&format!("https://alpha.example/{n}")),
        guid: Some(format!("guid-{n}")),
        guid_is_unique: true,
        feed_title: format!("Title  {n}"),
        title: format!("Title {n}, in full"),
        body: format!("Border talks number {n} ended.\nМинистр сказал. Նախարարն ասաց. მინისტრმა თქვა."),
        authors: vec!["A. Author".to_owned()],
        language: Some("en".to_owned()),
        site_name: None,
        canonical: None,
        published: Some(at(-60)),
        first_seen: at(n.try_into().unwrap()),
        method: Method::Readability,
        page: Page::None,
        reading: reading(),
    };
    let evidence = Evidence { field: Field::Body, span: 0..6, rule: "border".to_owned(), weight: 1.5 };
    let tag = Tag { topic: "peace".to_owned(), score: 1.5, evidence: vec![evidence] };
    let fingerprint = Fingerprint((0..24).map(|it| u32::try_from(n).unwrap() * 1000 + it).collect());
    let report = Report { article, assignment: Assignment::New, moved: None, tags: vec![tag], possible: Vec::new() };
    Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() }
}

/// Every field of it said.
fn reading() -> Reading {
    let told = |origin, confidence| Some(Provenance { origin, confidence });
    Reading {
        judgement: Some(Judgement { verdict: Verdict::Paywalled, reason: "it says so".to_owned() }),
        flags: vec![Flag { kind: FlagKind::Syndicated, evidence: "This first appeared on Alpha.".to_owned() }],
        modified: Some(at(-30)),
        image: Some(url::Url::parse("https://alpha.example/a.jpg?w=800").unwrap()),
        title: told(Origin::Feed, 95),
        authors: told(Origin::JsonLd, 90),
        published: told(Origin::Text, 60),
        modified_from: told(Origin::Meta, 80),
        repeated: vec![Repeated { line: "Այս կայքի մասին".to_owned(), on: 5, of: 6 }],
    }
}

/// `intent(n)`, changed.
pub(in crate::store) fn with(n: u64, edit: impl FnOnce(&mut Intent)) -> Intent {
    let mut res = intent(n);
    edit(&mut res);
    res
}

pub(in crate::store) fn copy(n: u64, of: u64) -> Intent {
    with(n, |it| {
        it.report.assignment = Assignment::Copy {
            story: story(of),
            of: ArticleId(of),
            level: CopyLevel::Copy,
            why: "the same text".to_owned(),
        };
    })
}

/// Reports from one story to another.
pub(in crate::store) fn regrouping(id: u64, cause: Cause, articles: &[u64], from: u64, to: u64) -> Regrouping {
    let moves = articles.iter().map(|it| Move { article: ArticleId(*it), from: story(from), to: story(to) });
    Regrouping { id: RegroupingId(id), at: at(60), cause, moves: moves.collect() }
}

/// One that was given so many seconds after the others.
pub(in crate::store) fn label(n: u64, topic: &str, is_right: bool, seconds: i64) -> Label {
    Label { article: ArticleId(n), topic: topic.to_owned(), is_right, at: at(70 + seconds) }
}

pub(in crate::store) fn story(n: u64) -> StoryId {
    StoryId(ArticleId(n))
}

pub(in crate::store) fn alert(id: u64, of_article: u64, of_story: u64) -> Alert {
    let hit = Hit {
        term: "talks".to_owned(),
        field: Field::Body,
        span: 7..12,
        form: "talks".to_owned(),
        sentence: "Border talks ended.".to_owned(),
        closeness: Closeness::Inflected,
        score: 0.75,
        ending: Some("s".to_owned()),
        why: "“talks” is “talk” with the ending “s”.".to_owned(),
    };
    Alert {
        id: AlertId(id),
        watch: format!("watch-{id}"),
        article: ArticleId(of_article),
        story: story(of_story),
        hits: vec![hit],
        raised: at(id.try_into().unwrap()),
        kind: AlertKind::Found,
    }
}

/// One whose page was read, and that has a topic.
pub(in crate::store) fn exhibit(n: u64) -> Intent {
    with(n, |it| {
        let url = format!("https://alpha.example/{n}");
        it.report.article.page = Page::Fetched(FetchRecord { status: 200, url, bytes: 900, at: at(1) });
    })
}

/// A later reading, so many seconds on, that found a new version or none.
pub(in crate::store) fn rereading(n: u64, seconds: i64, finding: Finding) -> Rereading {
    let intent = match finding {
        Finding::Changed(version) => {
            let mut intent = exhibit(n);
            intent.report.article.version = version;
            intent.report.article.body = format!("The text of version {version}.");
            intent.report.article.first_seen = at(seconds);
            Some(Box::new(intent))
        }
        _ => None,
    };
    Rereading { article: ArticleId(n), at: at(seconds), finding, attempts: 1, trail: Some(trail(n)), intent }
}

/// Every field of it said.
pub(in crate::store) fn trail(n: u64) -> Trail {
    let url = format!("https://www.alpha.example/{n}");
    Trail {
        asked: format!("https://alpha.example/{n}"),
        redirects: vec![Redirect { status: 301, to: url.clone() }],
        url,
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
        at: at(5),
    }
}

pub(in crate::store) fn snapshot(n: u64, version: u32) -> Snapshot {
    let body = b"<p>\xff \xd0\x9c</p>".to_vec();
    Snapshot { article: ArticleId(n), version, trail: trail(n), body }
}

/// An article in which a watch may have found something.
pub(in crate::store) fn unsure(n: u64) -> Intent {
    with(n, |it| {
        let hits = alert(n, n, n).hits.into_iter().map(|it| Hit { closeness: Closeness::Weak, ..it }).collect();
        it.report.possible = vec![Possible { watch: format!("watch-{n}"), hits }];
    })
}

/// An article that raises an alert of the same number, and its message.
pub(in crate::store) fn alarming(n: u64) -> Intent {
    with(n, |it| {
        it.alerts = vec![alert(n, n, n)];
        it.outbox = vec![message(n, Content::Alerts(vec![alert(n, n, n)]))];
    })
}

pub(in crate::store) fn message(n: u64, content: Content) -> Outgoing {
    Outgoing { id: id(n), channel: "desk".to_owned(), content, due: at(n.try_into().unwrap()) }
}

pub(in crate::store) fn id(n: u64) -> MessageId {
    MessageId(format!("message-{n}@sitrepd"))
}

pub(in crate::store) fn rendered(text: &str) -> Content {
    let subject = "Digest".to_owned();
    Content::Digest(Rendered { subject, text: text.to_owned(), html: None, documents: Vec::new() })
}

pub(in crate::store) fn digest(day: i64, outbox: Vec<Outgoing>) -> Change {
    Change::Digest(Box::new(DigestIssue {
        slot: Slot { digest: "daily".to_owned(), at: at(day * 86_400) },
        since: at((day - 1) * 86_400),
        until: at(day * 86_400 + 5),
        articles: vec![ArticleId(1)],
        outbox,
    }))
}

pub(in crate::store) fn delivery(n: u64, outcome: Outcome) -> Change {
    Change::Delivery(Attempt { message: id(n), at: at(50), outcome })
}

/// An attempt at a message begins.
pub(in crate::store) fn going_out(n: u64, seconds: i64, text: Option<&str>) -> Change {
    let rendered = text.map(|it| Rendered {
        subject: "Alert".to_owned(),
        text: it.to_owned(),
        html: Some(format!("<p>{it}</p>")),
        documents: vec![Document { name: "a.txt".into(), media_type: "text/plain".into(), body: it.to_owned() }],
    });
    Change::Sending(Box::new(Sending { message: id(n), at: at(seconds), rendered }))
}

pub(in crate::store) fn polled(polls: u64, etag: &str) -> Change {
    Change::Polled(Box::new(SourceState {
        source: source(),
        url: "https://alpha.example/feed".to_owned(),
        moved: None,
        documents: vec![HeldDocument {
            url: "https://alpha.example/feed".to_owned(),
            validators: Validators { etag: Some(etag.to_owned()), last_modified: None },
            digest: [7; 8],
            entries: 20,
        }],
        read_as: [9; 8],
        older: None,
        polled: at(1),
        succeeded: Some(at(1)),
        brought_new: None,
        newest: None,
        pace: Some(Duration::from_secs(600)),
        took: None,
        wishes: Wishes::default(),
        failures: 0,
        polls,
        entries: 20,
        problem: None,
        same_guid: false,
        due: at(900),
        health: Health { condition: Condition::Fine, reason: String::new(), since: at(1) },
    }))
}

pub(in crate::store) fn link(n: u64) -> Key {
    Key::Link(format!("alpha.example/{n}"))
}

pub(in crate::store) fn guid(text: &str) -> Key {
    Key::Guid(source(), text.to_owned())
}

pub(in crate::store) fn title(text: &str) -> Key {
    Key::Title(source(), text.to_owned())
}

/// Commits an article.
pub(in crate::store) fn put(store: &dyn Store, intent: Intent) {
    store.commit(&Change::Article(Box::new(intent))).unwrap();
}

/// The article held under a key, by number.
pub(in crate::store) fn held(store: &dyn Store, key: &Key) -> Option<u64> {
    store.held(key).unwrap().map(|it| it.article.0)
}

/// The numbers of the articles first seen in a range of seconds, as listed.
pub(in crate::store) fn seen(store: &dyn Store, range: std::ops::Range<i64>) -> Vec<u64> {
    let mut res = Vec::new();
    let visit = &mut |it: Report| {
        res.push(it.article.id.0);
        std::ops::ControlFlow::Continue(())
    };
    store.reports(at(range.start)..at(range.end), visit).unwrap();
    res
}

/// The messages due at a second, at most `limit`.
pub(in crate::store) fn pending_due(store: &dyn Store, seconds: i64, limit: usize) -> Vec<Pending> {
    let mut res = Vec::new();
    let visit = &mut |it| {
        res.push(it);
        if res.len() == limit { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    };
    store.due(at(seconds), visit).unwrap();
    res
}

/// The ids of messages due at a second.
pub(in crate::store) fn due(store: &dyn Store, seconds: i64) -> Vec<MessageId> {
    pending_due(store, seconds, 100).into_iter().map(|it| it.message.id).collect()
}
