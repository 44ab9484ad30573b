//! The records that other programs read. A field is never renamed or dropped without a new [`VERSION`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{CanonicalUrl, Condition, CopyLevel, Timestamp};

use super::{
    super::{
        AlertLine, Capped, Digest, EventLine, Fate, FirstMention, HitLine, Marked, OtherStory, Quiet, Quote,
        ReportLine, SickSource, Story, VolumeLine,
    },
    RenderError,
};

/// The version of the records.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize)]
struct DigestRecord<'a> {
    version: u32,
    digest: &'a str,
    title: &'a str,
    slot: String,
    since: String,
    until: String,
    issued: String,
    time_zone: &'static str,
    totals: TotalsRecord,
    alerts: Vec<AlertRecord<'a>>,
    alerts_left_out: usize,
    groups: Vec<GroupRecord<'a>>,
    other_stories: Vec<OtherRecord<'a>>,
    other_stories_left_out: usize,
    events: Vec<EventRecord<'a>>,
    events_left_out: usize,
    first_mentions: Vec<MentionRecord<'a>>,
    quiet_topics: Vec<QuietRecord<'a>>,
    quiet_watches: Vec<QuietRecord<'a>>,
    /// Number of whole days that the archive goes back, at most 30. What is said of earlier times is about these.
    days_held: usize,
    volume: Vec<VolumeRecord<'a>>,
    sick_sources: Vec<SickRecord<'a>>,
    sick_sources_left_out: usize,
    /// What did not work as configured; left out if everything did.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    articles: Vec<String>,
}

#[derive(Serialize)]
struct TotalsRecord {
    alerts: usize,
    stories: usize,
    new_stories: usize,
    reports: usize,
    reporting_sources: usize,
    sources: usize,
    sick_sources: usize,
    withdrawn: usize,
    changed: usize,
}

#[derive(Serialize)]
struct AlertRecord<'a> {
    id: String,
    watch: &'a str,
    raised: String,
    story: String,
    report: Option<ReportRecord<'a>>,
    kind: &'static str,
    severity: &'static str,
    reason: Option<&'a str>,
    hits: Vec<HitRecord<'a>>,
    hits_left_out: usize,
    later: Vec<ReportRecord<'a>>,
    later_left_out: usize,
}

#[derive(Serialize)]
struct HitRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_translation: Option<&'a str>,
    term: &'a str,
    form: &'a str,
    class: &'static str,
    score: f32,
    ending: Option<&'a str>,
    why: &'a str,
    sentence: MarkedRecord<'a>,
}

/// `marks` are pairs of byte offsets into `text`, which is UTF-8.
#[derive(Serialize)]
struct MarkedRecord<'a> {
    text: &'a str,
    marks: Vec<[usize; 2]>,
}

#[derive(Serialize)]
struct GroupRecord<'a> {
    name: &'a str,
    topics: Vec<TopicRecord<'a>>,
}

#[derive(Serialize)]
struct TopicRecord<'a> {
    topic: &'a str,
    name: &'a str,
    stories: Vec<StoryRecord<'a>>,
    stories_left_out: usize,
}

#[derive(Serialize)]
struct StoryRecord<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_summary: Option<&'a str>,
    headline: MarkedRecord<'a>,
    new: bool,
    sources: usize,
    origins: usize,
    score: f32,
    updated: String,
    quote: Option<QuoteRecord<'a>>,
    quotes: Vec<QuoteRecord<'a>>,
    /// The report that contains the quotes; left out if it is the leading one.
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted_report: Option<ReportRecord<'a>>,
    languages: &'a [String],
    state_owned_outlets: usize,
    rank: RankRecord,
    other_topics: &'a [String],
    /// The oldest report by the times that outlets claim, where credible, and the report held first, for any audience.
    /// No report is first by date if an older one has no credible time.
    first_by_date: Option<FirstRecord<'a>>,
    first_seen: FirstRecord<'a>,
    reports: Vec<ReportRecord<'a>>,
    reports_left_out: usize,
}

/// A report that was first, and when.
#[derive(Serialize)]
struct FirstRecord<'a> {
    article: String,
    source: &'a str,
    outlet: &'a str,
    at: String,
}

/// Each from 0 to 1 among the stories of the topic. `total` orders the stories: 0.5 `origins` + 0.3 `relevance` + 0.2
/// `novelty`.
#[derive(Serialize)]
struct RankRecord {
    total: f32,
    origins: f32,
    relevance: f32,
    novelty: f32,
}

#[derive(Serialize)]
struct QuietRecord<'a> {
    name: &'a str,
    /// `null` for more than 30 days or more than `days_held`, and if days are not counted.
    days: Option<u32>,
    /// `false` if only a part of all reports or alerts goes into this digest.
    days_counted: bool,
}

#[derive(Serialize)]
struct MentionRecord<'a> {
    watch: &'a str,
    term: &'a str,
    form: &'a str,
    report: Option<ReportRecord<'a>>,
}

#[derive(Serialize)]
struct VolumeRecord<'a> {
    topic: &'a str,
    name: &'a str,
    reports_by_day: &'a [u32],
    /// `null` if too few days are held to call anything usual.
    usual: Option<f32>,
}

#[derive(Serialize)]
struct QuoteRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_translation: Option<&'a str>,
    article: String,
    language: Option<&'a str>,
    sentence: MarkedRecord<'a>,
}

#[derive(Serialize)]
struct ReportRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_translated_title: Option<&'a str>,
    article: String,
    source: &'a str,
    outlet: &'a str,
    title: &'a str,
    link: Option<&'a str>,
    language: Option<&'a str>,
    published: Option<String>,
    first_seen: String,
    copy: bool,
    /// Whether it copies a part alone; left out where it does not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial_copy: bool,
    state_owned: bool,
    /// `withdrawn` or `changed` since it was first held; left out where it was neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<&'static str>,
}

#[derive(Serialize)]
struct OtherRecord<'a> {
    id: String,
    sources: usize,
    origins: usize,
    /// Stories are ordered by `origins`, then by this.
    novelty: f32,
    updated: String,
    first_report: ReportRecord<'a>,
}

#[derive(Serialize)]
struct EventRecord<'a> {
    /// `changed` or `withdrawn`.
    what: &'static str,
    noticed: String,
    /// Why it counts as withdrawn.
    why: Option<&'a str>,
    /// The first words that a change took out and put in; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    words_out: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words_in: Option<&'a str>,
    report: ReportRecord<'a>,
}

#[derive(Serialize)]
struct SickRecord<'a> {
    source: &'a str,
    name: &'a str,
    condition: &'static str,
    since: String,
    failing_since: Option<String>,
    /// Set if its host asked to be left alone, so that nothing was read for long; independent of its condition.
    left_alone_since: Option<String>,
    last_read: Option<String>,
    reason: &'a str,
}

#[derive(Serialize)]
struct AlertDocument<'a> {
    version: u32,
    alert: AlertRecord<'a>,
    /// The other alerts in the same message: those of other watches for the same report, or those that waited with it.
    more: Vec<AlertRecord<'a>>,
    more_left_out: usize,
    topics: &'a [String],
}

pub(super) fn digest(digest: &Digest) -> Result<String, RenderError> {
    let totals = digest.totals;
    write(&DigestRecord {
        version: VERSION,
        digest: &digest.slot.digest,
        title: &digest.title,
        slot: instant(digest.slot.at),
        since: instant(digest.window.start),
        until: instant(digest.window.end),
        issued: instant(digest.issued_at),
        time_zone: digest.zone.name(),
        totals: TotalsRecord {
            alerts: totals.alerts,
            stories: totals.stories,
            new_stories: totals.new_stories,
            reports: totals.reports,
            reporting_sources: totals.reporting_sources,
            sources: totals.sources,
            sick_sources: digest.sick.total(),
            withdrawn: totals.withdrawn,
            changed: totals.changed,
        },
        alerts: digest.alerts.items.iter().map(alert_record).collect(),
        alerts_left_out: digest.alerts.more,
        groups: digest
            .groups
            .iter()
            .map(|group| GroupRecord {
                name: &group.name,
                topics: group
                    .sections
                    .iter()
                    .map(|section| TopicRecord {
                        topic: &section.topic,
                        name: section.name.as_ref().unwrap_or(&group.name),
                        stories: section.stories.items.iter().map(story).collect(),
                        stories_left_out: section.stories.more,
                    })
                    .collect(),
            })
            .collect(),
        other_stories: digest.others.items.iter().map(other).collect(),
        other_stories_left_out: digest.others.more,
        events: digest.events.items.iter().map(event).collect(),
        events_left_out: digest.events.more,
        first_mentions: digest.first_mentions.items.iter().map(mention).collect(),
        quiet_topics: quiet(&digest.quiet_topics),
        quiet_watches: quiet(&digest.quiet_watches),
        days_held: digest.days_held,
        volume: digest.volume.items.iter().map(volume).collect(),
        sick_sources: digest.sick.items.iter().map(sick).collect(),
        sick_sources_left_out: digest.sick.more,
        notes: &digest.notes,
        articles: digest.articles.iter().map(ToString::to_string).collect(),
    })
}

pub(super) fn alerts(first: &AlertLine, more: &Capped<AlertLine>, topics: &[String]) -> Result<String, RenderError> {
    write(&AlertDocument {
        version: VERSION,
        alert: alert_record(first),
        more: more.items.iter().map(alert_record).collect(),
        more_left_out: more.more,
        topics,
    })
}

/// The ids in a record that [`alerts`] wrote.
pub(super) fn told(record: &str) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    #[derive(Deserialize)]
    struct Ids {
        alert: Id,
        more: Vec<Id>,
    }
    let ids = serde_json::from_str::<Ids>(record).ok();
    ids.into_iter().flat_map(|it| std::iter::once(it.alert).chain(it.more)).map(|it| it.id).collect()
}

pub(super) fn write(record: &impl Serialize) -> Result<String, RenderError> {
    let mut res = serde_json::to_string_pretty(record).map_err(|source| RenderError::Json { source })?;
    res.push('\n');
    Ok(res)
}

/// RFC 3339 in UTC, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn alert_record(alert: &AlertLine) -> AlertRecord<'_> {
    AlertRecord {
        id: alert.id.to_string(),
        watch: &alert.watch,
        raised: instant(alert.raised),
        story: alert.story.to_string(),
        report: alert.report.as_ref().map(report),
        kind: alert.kind.as_str(),
        severity: alert.severity.as_str(),
        reason: alert.reason.as_deref(),
        hits: alert.hits.items.iter().map(hit).collect(),
        hits_left_out: alert.hits.more,
        later: alert.later.items.iter().map(report).collect(),
        later_left_out: alert.later.more,
    }
}

fn hit(hit: &HitLine) -> HitRecord<'_> {
    HitRecord {
        machine_translation: hit.translation.as_deref(),
        term: &hit.term,
        form: &hit.form,
        class: hit.closeness.as_str(),
        score: hit.score,
        ending: hit.ending.as_deref(),
        why: &hit.why,
        sentence: marked(&hit.sentence),
    }
}

fn marked(line: &Marked) -> MarkedRecord<'_> {
    MarkedRecord { text: &line.text, marks: line.marks.iter().map(|it| [it.start, it.end]).collect() }
}

fn story(story: &Story) -> StoryRecord<'_> {
    StoryRecord {
        machine_summary: story.summary.as_deref(),
        id: story.id.to_string(),
        headline: marked(&story.headline),
        new: story.is_new,
        sources: story.n_sources,
        origins: story.n_origins,
        score: story.score,
        updated: instant(story.updated),
        quote: story.quotes.first().map(quote),
        quotes: story.quotes.iter().map(quote).collect(),
        quoted_report: story.quoted.as_ref().map(report),
        languages: &story.languages,
        state_owned_outlets: story.n_state_owned,
        rank: RankRecord {
            total: story.rank.total(),
            origins: story.rank.origins,
            relevance: story.rank.relevance,
            novelty: story.rank.novelty,
        },
        other_topics: &story.also,
        first_by_date: Some(&story.first_by_date).filter(|it| it.at_is_claimed).map(|it| first(it, it.at)),
        first_seen: first(&story.first_seen, story.first_seen.first_seen),
        reports: story.reports.items.iter().map(report).collect(),
        reports_left_out: story.reports.more,
    }
}

fn quote(it: &Quote) -> QuoteRecord<'_> {
    QuoteRecord {
        machine_translation: it.translation.as_deref(),
        article: it.article.to_string(),
        language: it.language.as_deref(),
        sentence: marked(&it.sentence),
    }
}

fn quiet(list: &Capped<Quiet>) -> Vec<QuietRecord<'_>> {
    list.items.iter().map(|it| QuietRecord { name: &it.name, days: it.days, days_counted: it.is_counted }).collect()
}

fn mention(it: &FirstMention) -> MentionRecord<'_> {
    MentionRecord { watch: &it.watch, term: &it.term, form: &it.form, report: it.report.as_ref().map(report) }
}

fn volume(it: &VolumeLine) -> VolumeRecord<'_> {
    VolumeRecord { topic: &it.topic, name: &it.name, reports_by_day: &it.days, usual: it.usual }
}

fn report(report: &ReportLine) -> ReportRecord<'_> {
    ReportRecord {
        machine_translated_title: report.translation.as_deref(),
        article: report.article.to_string(),
        source: report.source.as_str(),
        outlet: &report.outlet,
        title: &report.title,
        link: report.link.as_ref().map(CanonicalUrl::as_str),
        language: report.language.as_deref(),
        published: report.at_is_claimed.then(|| instant(report.at)),
        first_seen: instant(report.first_seen),
        copy: report.copy.is_some(),
        partial_copy: report.copy == Some(CopyLevel::Partial),
        state_owned: report.is_state_owned,
        fate: report.fate.map(Fate::as_str),
    }
}

fn first(report: &ReportLine, at: Timestamp) -> FirstRecord<'_> {
    let (article, source) = (report.article.to_string(), report.source.as_str());
    FirstRecord { article, source, outlet: &report.outlet, at: instant(at) }
}

fn other(story: &OtherStory) -> OtherRecord<'_> {
    OtherRecord {
        id: story.id.to_string(),
        sources: story.n_sources,
        origins: story.n_origins,
        novelty: story.novelty,
        updated: instant(story.updated),
        first_report: report(&story.lead),
    }
}

fn event(event: &EventLine) -> EventRecord<'_> {
    EventRecord {
        what: if event.is_withdrawn { "withdrawn" } else { "changed" },
        noticed: instant(event.at),
        why: event.is_withdrawn.then_some(event.why.as_str()),
        words_out: event.words.as_ref().map(|it| it.out.as_str()),
        words_in: event.words.as_ref().map(|it| it.put_in.as_str()),
        report: report(&event.report),
    }
}

fn sick(source: &SickSource) -> SickRecord<'_> {
    SickRecord {
        source: source.id.as_str(),
        name: &source.name,
        condition: source.condition.word(),
        since: instant(source.since),
        failing_since: matches!(source.condition, Condition::Failing(_)).then(|| instant(source.since)),
        left_alone_since: source.left_alone.map(instant),
        last_read: source.succeeded.map(instant),
        reason: &source.reason,
    }
}
