//! A digest in words, shared by the renderers for people. All times are strings in the digest's zone.

mod alerts;
mod clock;
mod entries;
mod parts;

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::{Digest, Totals};

pub(super) use self::{alerts::Told, parts::guarded};
use self::{
    clock::Clock,
    parts::{count, more, quiet, volume},
};

/// The order of stories, explained in a line.
const ORDER: &str =
    "Stories are ranked by their independent origins, their fit to the topic and how much of them is new.";

/// A message in words.
#[derive(Debug, Clone, Serialize)]
pub(super) struct View {
    pub(super) subject: String,
    pub(super) title: String,
    /// Below the title, one line each.
    pub(super) intro: Vec<String>,
    /// Said instead of stories.
    pub(super) notice: Option<&'static str>,
    /// What a mail program shows next to the subject.
    pub(super) preview: String,
    /// `None` if the title says it.
    pub(super) alerts_heading: Option<&'static str>,
    pub(super) alerts: Vec<AlertView>,
    pub(super) alerts_more: Option<String>,
    pub(super) groups: Vec<GroupView>,
    pub(super) others_heading: String,
    pub(super) others: Vec<ItemView>,
    pub(super) others_more: Option<String>,
    pub(super) events: Vec<ItemView>,
    pub(super) events_more: Option<String>,
    /// `mentions`, `quiet` and `volume` are empty in alerts.
    pub(super) mentions: Vec<ItemView>,
    /// With the number of days that are held.
    pub(super) mentions_heading: String,
    pub(super) mentions_more: Option<String>,
    /// A line of topics and one of watches.
    pub(super) quiet: Vec<String>,
    pub(super) volume: Vec<VolumeView>,
    /// With the number of days that are held.
    pub(super) volume_heading: String,
    pub(super) volume_more: Option<String>,
    /// Whether it is a mail, whose programs show no drawings.
    pub(super) is_mail: bool,
    /// The heading of the sick sources: "Sources in trouble", or a milder one.
    pub(super) sick_heading: &'static str,
    /// What did not work as configured when the message was made.
    pub(super) notes: Vec<String>,
    pub(super) sick: Vec<SickView>,
    pub(super) sick_more: Option<String>,
    pub(super) footer: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct AlertView {
    /// The watches that found something in the report, in one line.
    pub(super) watch: String,
    pub(super) watches: Vec<String>,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) lang: Option<String>,
    /// Every `translation` and `summary` says itself that it is made by a machine.
    pub(super) translation: Option<String>,
    pub(super) meta: Vec<String>,
    pub(super) hits: Vec<HitView>,
    pub(super) hits_more: Option<String>,
    /// Later reports of its story, without copies and reports with the same title. Usually no other alert tells of
    /// them.
    pub(super) later: Vec<ReportView>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct HitView {
    /// The forms, and how they stand to the terms they were found by.
    pub(super) found: String,
    /// The forms, one by one.
    pub(super) forms: Vec<FormView>,
    pub(super) sentence: Vec<Piece>,
    pub(super) translation: Option<String>,
}

/// A found form, kept apart from what is said of it: the form may run from right to left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FormView {
    pub(super) form: String,
    /// "transliteration of Винников"; `None` where it is the term.
    pub(super) relation: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct GroupView {
    pub(super) name: String,
    pub(super) sections: Vec<SectionView>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SectionView {
    pub(super) name: Option<String>,
    pub(super) stories: Vec<StoryView>,
    pub(super) more: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct StoryView {
    pub(super) headline: Vec<Piece>,
    pub(super) link: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) translation: Option<String>,
    pub(super) meta: Vec<String>,
    pub(super) summary: Option<String>,
    pub(super) quotes: Vec<QuoteView>,
    /// The report that contains them, if it is not that of the headline.
    pub(super) quoted: Option<QuotedView>,
    pub(super) also: Option<String>,
    pub(super) reports: Vec<ReportView>,
    pub(super) reports_more: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct QuoteView {
    pub(super) sentence: Vec<Piece>,
    pub(super) lang: Option<String>,
    pub(super) translation: Option<String>,
}

/// The report that contains quotes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct QuotedView {
    /// The outlet, and what became of the report.
    pub(super) outlet: String,
    pub(super) link: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ReportView {
    pub(super) outlet: String,
    pub(super) note: String,
    /// Its title, unless it is a whole copy or has the title that it is listed under.
    pub(super) title: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) link: Option<String>,
}

/// A report in one line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ItemView {
    /// Why it is listed, if the heading does not say it.
    pub(super) what: Option<String>,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) translation: Option<String>,
    pub(super) meta: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct VolumeView {
    pub(super) name: String,
    /// The days as bars of text; none where there is one day only.
    pub(super) bars: String,
    /// The bars of a drawing 24 units high: the height of each, and its offset to the right and down.
    pub(super) drawn: Vec<BarView>,
    pub(super) told: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct BarView {
    pub(super) x: usize,
    pub(super) y: u32,
    pub(super) height: u32,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SickView {
    pub(super) name: String,
    pub(super) failing: bool,
    pub(super) state: String,
    pub(super) reason: String,
}

/// A stretch of text, marked or not.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

impl View {
    pub(super) fn of_digest(digest: &Digest) -> Self {
        let clock = Clock::of(digest);
        let totals = &digest.totals;
        let mut counts = Vec::new();
        if totals.alerts > 0 {
            let articles: BTreeSet<_> =
                digest.alerts.items.iter().filter_map(|it| Some(it.report.as_ref()?.article)).collect();
            let alerts = count(totals.alerts, "alert", "alerts");
            counts.push(match digest.alerts.more == 0 && articles.len() < totals.alerts && !articles.is_empty() {
                true => format!("{alerts} on {}", count(articles.len(), "report", "reports")),
                false => alerts,
            });
        }
        let sources = count(totals.sources, "source", "sources");
        if totals.reports == 0 {
            counts.push(format!("no reports from {sources}"));
        } else {
            let stories = count(totals.stories, "story", "stories");
            counts.push(match totals.new_stories {
                new if new == totals.stories => stories,
                new => format!("{stories}, {new} of them new"),
            });
            let reports = count(totals.reports, "report", "reports");
            counts.push(match totals.reporting_sources {
                few if few <= totals.sources => format!("{reports} from {few} of {sources}"),
                // Some sources are no longer configured.
                many => format!("{reports} from {}", count(many, "source", "sources")),
            });
        }
        let happened = happened(totals);
        counts.extend((!happened.is_empty()).then(|| happened.clone()));
        let n_sick = digest.sick.total();
        if n_sick > 0 {
            counts.push(format!("{} in trouble", count(n_sick, "source", "sources")));
        }
        let day = digest.slot.at.with_timezone(&digest.zone).format("%-d %B %Y");
        let mut news = Vec::new();
        news.extend((totals.alerts > 0).then(|| count(totals.alerts, "alert", "alerts")));
        news.extend((totals.stories > 0).then(|| count(totals.stories, "story", "stories")));
        news.extend((!happened.is_empty()).then(|| happened.clone()));
        if news.is_empty() {
            news.push("nothing new".to_owned());
        }
        Self {
            subject: format!("{}, {day}: {}", digest.title, news.join(", ")),
            title: digest.title.clone(),
            intro: vec![clock.window(digest.window.start, digest.window.end), counts.join(" · ")],
            notice: digest.is_empty().then_some("Nothing new in this period."),
            preview: preview(digest, happened),
            alerts_heading: Some(if totals.alerts == 1 { "Alert" } else { "Alerts" }),
            alerts: clock.alerts(&digest.alerts.items.iter().collect::<Vec<_>>()),
            alerts_more: more(digest.alerts.more, "alert", "alerts"),
            groups: digest
                .groups
                .iter()
                .map(|it| GroupView {
                    name: it.name.clone(),
                    sections: it.sections.iter().map(|it| clock.section(it)).collect(),
                })
                .collect(),
            others_heading: count(digest.others.total(), "other story", "other stories"),
            others: digest.others.items.iter().map(|it| clock.other(it)).collect(),
            others_more: more(digest.others.more, "story", "stories"),
            events: digest.events.items.iter().map(|it| clock.event(it)).collect(),
            events_more: more(digest.events.more, "article", "articles"),
            mentions: digest.first_mentions.items.iter().map(|it| clock.mention(it)).collect(),
            mentions_heading: format!("First mentions in {}", count(digest.days_held, "day", "days")),
            mentions_more: more(digest.first_mentions.more, "term", "terms"),
            quiet: [("topics", &digest.quiet_topics), ("watches", &digest.quiet_watches)]
                .into_iter()
                .filter_map(|(what, list)| quiet(what, list, digest))
                .collect(),
            volume: digest.volume.items.iter().map(|it| volume(it, digest.days_held)).collect(),
            volume_heading: match digest.days_held {
                0 | 1 => "Reports a day".to_owned(),
                days => format!("Reports a day, {days} days"),
            },
            volume_more: more(digest.volume.more, "topic", "topics"),
            is_mail: false,
            sick_heading: heading(&digest.notes),
            notes: digest.notes.clone(),
            sick: digest.sick.items.iter().map(|it| clock.sick(it)).collect(),
            sick_more: more(digest.sick.more, "source", "sources"),
            footer: match totals.stories {
                0 | 1 => format!("Made by sitrepd on {}.", clock.instant(digest.issued_at)),
                _ => format!("{ORDER} Made by sitrepd on {}.", clock.instant(digest.issued_at)),
            },
        }
    }

    /// This view with another note.
    pub(super) fn with_note(&self, note: &str) -> Self {
        let notes: Vec<_> = self.notes.iter().map(String::as_str).chain([note]).map(str::to_owned).collect();
        Self { sick_heading: heading(&notes), notes, ..self.clone() }
    }
}

/// "1 report withdrawn, 2 changed"; empty where nothing was.
fn happened(totals: &Totals) -> String {
    let reports = |n: usize| count(n, "report", "reports");
    match (totals.withdrawn, totals.changed) {
        (0, 0) => String::new(),
        (0, changed) => format!("{} changed", reports(changed)),
        (withdrawn, 0) => format!("{} withdrawn", reports(withdrawn)),
        (withdrawn, changed) => format!("{} withdrawn, {changed} changed", reports(withdrawn)),
    }
}

/// What happened to articles, and the first headlines; where there are few, the titles of those articles too.
fn preview(digest: &Digest, happened: String) -> String {
    let stories = digest.stories().map(|it| &it.headline.text);
    let others = digest.others.items.iter().map(|it| &it.lead.title);
    let events = digest.events.items.iter().map(|it| &it.report.title);
    let titles = stories.chain(others).chain(events).take(3).cloned();
    Some(happened).filter(|it| !it.is_empty()).into_iter().chain(titles).collect::<Vec<_>>().join(" · ")
}

fn heading(notes: &[String]) -> &'static str {
    if notes.is_empty() { "Sources in trouble" } else { "What did not work" }
}
