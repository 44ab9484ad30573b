//! A sample with something of everything that a template may get: a user's template is tried on it before it is used.

use chrono_tz::Tz;

use crate::{
    digest::{
        AlertLine, Capped, Digest, EventLine, Fate, FirstMention, Group, HitLine, Marked, OtherStory, Quiet, Quote,
        Rank, ReportLine, Section, SickSource, Story, Totals, VolumeLine,
    },
    model::{
        AlertId, AlertKind, ArticleId, CanonicalUrl, Closeness, Condition, CopyLevel, Fault, Severity, Slot, SourceId,
        StoryId, Timestamp,
    },
};

use super::super::view::{Told, View};

/// A digest with one of each thing and more left out, an empty digest, and an alert.
pub(super) fn views() -> Vec<View> {
    let Some(full) = full() else { return Vec::new() };
    let topics = ["Topic".to_owned()];
    let told = |first| Told { first, more: &full.alerts, topics: &topics, held: None };
    let alert = full.alerts.items.first().map(|it| View::of_alerts(told(it), full.zone));
    let nothing = Digest {
        alerts: none(),
        groups: Vec::new(),
        others: none(),
        events: none(),
        first_mentions: none(),
        quiet_topics: none(),
        quiet_watches: none(),
        volume: none(),
        sick: none(),
        notes: Vec::new(),
        totals: Totals::default(),
        ..full.clone()
    };
    let mail = View { is_mail: true, ..View::of_digest(&full) };
    [View::of_digest(&full), mail, View::of_digest(&nothing)].into_iter().chain(alert).collect()
}

fn none<T>() -> Capped<T> {
    Capped { items: Vec::new(), more: 0 }
}

fn one<T>(item: T) -> Capped<T> {
    Capped { items: vec![item], more: 1 }
}

/// What has to be escaped somewhere.
const TEXT: &str = "A line with <angles>, \"quotes\" & _marks_";

fn report(source: &SourceId, link: Option<&str>) -> ReportLine {
    ReportLine {
        article: ArticleId(1),
        source: source.clone(),
        outlet: "Outlet".to_owned(),
        title: TEXT.to_owned(),
        link: link.and_then(CanonicalUrl::parse),
        language: Some("fa".to_owned()),
        at: Timestamp::UNIX_EPOCH,
        at_is_claimed: true,
        first_seen: Timestamp::UNIX_EPOCH,
        copy: Some(CopyLevel::Copy),
        is_state_owned: true,
        fate: link.map(|_| Fate::Withdrawn),
        translation: Some(TEXT.to_owned()),
    }
}

/// A report with a title of its own.
fn of_own(report: ReportLine) -> ReportLine {
    ReportLine { copy: None, title: format!("Later: {TEXT}"), ..report }
}

fn hit(sentence: Marked) -> HitLine {
    HitLine {
        term: "term".to_owned(),
        form: "line".to_owned(),
        closeness: Closeness::Inflected,
        score: 0.9,
        ending: None,
        why: TEXT.to_owned(),
        sentence,
        translation: Some(TEXT.to_owned()),
    }
}

fn alert(first: &ReportLine, sentence: Marked) -> AlertLine {
    AlertLine {
        id: AlertId(1),
        watch: "Watch".to_owned(),
        raised: Timestamp::UNIX_EPOCH,
        story: StoryId(ArticleId(1)),
        report: Some(first.clone()),
        kind: AlertKind::Found,
        severity: Severity::Normal,
        reason: Some(TEXT.to_owned()),
        hits: one(hit(sentence)),
        is_still_said: false,
        later: one(of_own(first.clone())),
    }
}

fn full() -> Option<Digest> {
    let (at, text) = (Timestamp::UNIX_EPOCH, TEXT);
    let marked = Marked { text: text.to_owned(), marks: std::iter::once(2..6).collect() };
    let (id, source) = (ArticleId(1), SourceId::new("sample").ok()?);
    let first = report(&source, Some("https://sample.example/1"));
    let quote = Quote {
        sentence: marked.clone(),
        language: Some("fa".to_owned()),
        article: id,
        translation: Some(text.to_owned()),
    };
    let story = |n: usize| Story {
        id: StoryId(id),
        headline: marked.clone(),
        lead: first.clone(),
        first_by_date: first.clone(),
        first_seen: first.clone(),
        begun: at,
        is_new: false,
        n_sources: n,
        n_origins: 1,
        reports: Capped {
            items: vec![first.clone(), of_own(report(&source, None))].into_iter().take(n).collect(),
            more: n - 1,
        },
        summary: Some(text.to_owned()),
        quotes: vec![quote.clone()],
        quoted: (n > 1).then(|| of_own(first.clone())),
        languages: vec!["en".to_owned(), "fa".to_owned()],
        n_state_owned: 1,
        rank: Rank::default(),
        also: vec!["Another topic".to_owned()],
        score: 1.0,
        updated: at,
    };
    let section = |name: Option<&str>| Section {
        topic: "topic".to_owned(),
        name: name.map(str::to_owned),
        stories: Capped { items: vec![story(2), story(1)], more: 1 },
    };
    let quiet = || one(Quiet { name: "Name".to_owned(), days: Some(2), is_counted: true });
    Some(Digest {
        slot: Slot { digest: "sample".to_owned(), at },
        title: "Title".to_owned(),
        window: at..at,
        issued_at: at,
        zone: Tz::UTC,
        alerts: one(alert(&first, marked.clone())),
        groups: vec![Group { name: "Group".to_owned(), sections: vec![section(None), section(Some("Section"))] }],
        others: one(OtherStory {
            id: StoryId(id),
            lead: first.clone(),
            begun: at,
            n_sources: 2,
            n_origins: 1,
            novelty: 1.0,
            updated: at,
        }),
        events: one(EventLine { report: first.clone(), at, is_withdrawn: true, why: text.to_owned(), words: None }),
        first_mentions: one(FirstMention {
            watch: "Watch".to_owned(),
            term: "term".to_owned(),
            form: "line".to_owned(),
            report: Some(first),
        }),
        quiet_topics: quiet(),
        quiet_watches: quiet(),
        days_held: 30,
        is_deep: true,
        volume: one(VolumeLine {
            topic: "topic".to_owned(),
            name: "Topic".to_owned(),
            days: vec![0, 1, 2],
            today: 2,
            usual: Some(0.5),
        }),
        sick: one(SickSource {
            left_alone: None,
            id: source,
            name: "Outlet".to_owned(),
            condition: Condition::Failing(Fault::Server),
            reason: text.to_owned(),
            since: at,
            succeeded: None,
        }),
        notes: vec![text.to_owned()],
        totals: Totals {
            alerts: 2,
            stories: 3,
            new_stories: 1,
            reports: 5,
            reporting_sources: 2,
            sources: 3,
            withdrawn: 2,
            changed: 0,
        },
        articles: vec![id],
    })
}
