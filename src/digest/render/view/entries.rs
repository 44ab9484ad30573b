//! What a message says of each alert, story, report and source.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;

use super::{
    AlertView, ItemView, ReportView, SectionView, SickView, StoryView,
    clock::Clock,
    parts::{
        carried, changed, copied, count, fate, fate_beside_quotes, guarded, hits, lang, language, link, more, outlet,
        pieces, quote, quoted, translation,
    },
};
use crate::{
    digest::{AlertLine, Capped, EventLine, FirstMention, OtherStory, ReportLine, Section, SickSource, Story},
    model::{CanonicalUrl, Condition},
    schedule, text,
};

/// Groups the alerts of several watches for one report into one entry, in the place of the first.
pub(super) fn groups<'a>(alerts: &[&'a AlertLine]) -> Vec<Vec<&'a AlertLine>> {
    let mut groups = Vec::<Vec<&AlertLine>>::new();
    let mut places = HashMap::new();
    for &alert in alerts {
        let report = alert.report.as_ref().filter(|_| alert.kind.is_finding());
        let place = report.map(|it| *places.entry((it.article, alert.kind.as_str())).or_insert(groups.len()));
        match place.and_then(|it| groups.get_mut(it)) {
            Some(group) => group.push(alert),
            None => groups.push(vec![alert]),
        }
    }
    groups
}

/// Why an article counts as withdrawn, without its own address at the beginning, since the title links there.
fn without_link<'a>(why: &'a str, report: &ReportLine) -> &'a str {
    let is_its = |address: &str| report.link.is_some() && CanonicalUrl::parse(address) == report.link;
    why.split_once(' ').filter(|(address, _)| is_its(address)).map_or(why, |(_, rest)| rest)
}

impl Clock {
    pub(super) fn event(&self, event: &EventLine) -> ItemView {
        let report = &event.report;
        let what = match (&event.words, event.is_withdrawn) {
            (_, true) => format!("withdrawn: {}", guarded(without_link(&event.why, report))),
            (Some(words), false) => changed(words),
            (None, false) => "changed".to_owned(),
        };
        let meta = [guarded(&report.outlet), what, format!("noticed {}", self.short(event.at))];
        ItemView {
            what: None,
            title: guarded(&report.title),
            link: link(report),
            lang: lang(report.language.as_deref()),
            translation: translation(report.translation.as_deref()),
            meta: meta.join(" · "),
        }
    }

    pub(super) fn alerts(&self, alerts: &[&AlertLine]) -> Vec<AlertView> {
        groups(alerts).iter().map(|it| self.alert(it)).collect()
    }

    /// Alerts for one report.
    fn alert(&self, alerts: &[&AlertLine]) -> AlertView {
        let Some(alert) = alerts.first() else { return AlertView::default() };
        let mut meta: Vec<_> = alert.reason.clone().into_iter().collect();
        if let Some(report) = &alert.report {
            meta.push(outlet(report));
            meta.push(self.at(report));
            meta.extend(language(report.language.as_deref()));
            meta.extend(fate_beside_quotes(report, alerts.iter().all(|it| it.is_still_said)));
        } else {
            meta.push(format!("raised {}", self.short(alert.raised)));
        }
        let n_later = alert.later.items.len() + alert.later.more;
        if n_later > 0 {
            let outlets: BTreeSet<_> = alert.later.items.iter().map(|it| guarded(&it.outlet)).collect();
            let outlets = outlets.into_iter().collect::<Vec<_>>().join(", ");
            meta.push(format!("{} since: {outlets}", count(n_later, "report", "reports")));
        }
        let report = alert.report.as_ref();
        AlertView {
            watch: alerts.iter().map(|it| guarded(&it.watch)).collect::<Vec<_>>().join(", "),
            watches: alerts.iter().map(|it| it.watch.clone()).collect(),
            title: report.map_or_else(|| format!("Story {}", alert.story), |it| it.title.clone()),
            link: report.and_then(link),
            lang: report.and_then(|it| lang(it.language.as_deref())),
            translation: report.and_then(|it| translation(it.translation.as_deref())),
            meta,
            hits: hits(alerts.iter().flat_map(|it| &it.hits.items)),
            hits_more: more(alerts.iter().map(|it| it.hits.more).sum(), "form", "forms"),
            later: self.later(alert),
        }
    }

    /// The later reports of its story that have a title of their own.
    fn later(&self, alert: &AlertLine) -> Vec<ReportView> {
        let shown = alert.report.as_ref().map_or("", |it| &it.title);
        self.reports(&alert.later, shown).into_iter().filter(|it| it.title.is_some()).collect()
    }

    pub(super) fn section(&self, section: &Section) -> SectionView {
        SectionView {
            name: section.name.clone(),
            stories: section.stories.items.iter().map(|it| self.story(it)).collect(),
            more: more(section.stories.more, "story", "stories"),
        }
    }

    fn story(&self, story: &Story) -> StoryView {
        let lead = &story.lead;
        let mut meta = vec![outlet(lead), self.at(lead)];
        meta.extend(language(lead.language.as_deref()));
        meta.extend(fate_beside_quotes(lead, story.quotes.iter().any(|it| it.article == lead.article)));
        if story.n_sources > 1 {
            let (by_date, seen) = (&story.first_by_date, &story.first_seen);
            let leads = |it: &ReportLine| it.article == lead.article;
            // An outlet with two reports was first only once.
            let is_agreed = by_date.article == seen.article || by_date.source == seen.source;
            if !is_agreed {
                let seen_at = self.short(seen.first_seen);
                // A report without a date is not first by date.
                let by_date = Some(by_date).filter(|it| it.at_is_claimed);
                meta.extend(by_date.map(|it| format!("first by date: {}, {}", outlet(it), self.at(it))));
                meta.push(format!("first seen here: {}, {seen_at}", outlet(seen)));
            } else if !leads(by_date) {
                meta.push(format!("first: {}, {}", outlet(by_date), self.at(by_date)));
            } else if let Some(it) = meta.first_mut() {
                *it = format!("First: {it}");
            }
            meta.push(carried(story.n_sources, story.n_origins));
            if story.languages.len() > 1 {
                meta.push(count(story.languages.len(), "language", "languages"));
            }
            if story.n_state_owned > 0 {
                meta.push(format!("{} of {} outlets state-owned", story.n_state_owned, story.n_sources));
            }
        }
        if !story.is_new {
            meta.push("earlier story, reported again".to_owned());
        }
        StoryView {
            headline: pieces(&story.headline),
            link: link(lead),
            lang: lang(lead.language.as_deref()),
            translation: translation(lead.translation.as_deref()),
            meta,
            summary: story.summary.as_ref().map(|it| format!("Machine-made summary: {it}")),
            quotes: story.quotes.iter().map(quote).collect(),
            quoted: story.quoted.as_ref().filter(|_| !story.quotes.is_empty()).map(quoted),
            also: (!story.also.is_empty()).then(|| story.also.join(", ")),
            reports: self.reports(&story.reports, &story.headline.text),
            reports_more: more(story.reports.more, "report", "reports"),
        }
    }

    /// Reports below a title.
    fn reports(&self, reports: &Capped<ReportLine>, shown: &str) -> Vec<ReportView> {
        let note = |report: &ReportLine| {
            let copy = report.copy.map(|it| copied(it).to_owned());
            let state = report.is_state_owned.then(|| "state-owned".to_owned());
            [Some(self.at(report)), state, copy, fate(report)].into_iter().flatten().collect::<Vec<_>>().join(", ")
        };
        let shown = text::fold(shown);
        let has_own_title = |it: &&ReportLine| !it.is_whole_copy() && text::fold(&it.title) != shown;
        let view = |it: &ReportLine| ReportView {
            outlet: guarded(&it.outlet),
            note: note(it),
            title: Some(it).filter(has_own_title).map(|it| guarded(&it.title)),
            lang: lang(it.language.as_deref()),
            link: link(it),
        };
        reports.items.iter().map(view).collect()
    }

    pub(super) fn other(&self, story: &OtherStory) -> ItemView {
        let lead = &story.lead;
        let mut meta = vec![outlet(lead), self.at(lead)];
        meta.extend(language(lead.language.as_deref()));
        meta.extend(fate(lead));
        if story.n_sources > 1 {
            meta.push(carried(story.n_sources, story.n_origins));
        }
        ItemView {
            what: None,
            title: guarded(&lead.title),
            link: link(lead),
            lang: lang(lead.language.as_deref()),
            translation: translation(lead.translation.as_deref()),
            meta: meta.join(" · "),
        }
    }

    pub(super) fn mention(&self, it: &FirstMention) -> ItemView {
        let what = match it.form == it.term {
            true => it.term.clone(),
            false => format!("{} ({})", guarded(&it.form), guarded(&it.term)),
        };
        let report = it.report.as_ref();
        let told = report.map(|it| {
            let parts = [Some(guarded(&it.outlet)), Some(self.at(it)), fate(it)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        ItemView {
            what: Some(format!("{}: {what}", guarded(&it.watch))),
            title: report.map_or_else(String::new, |it| it.title.clone()),
            link: report.and_then(link),
            lang: report.and_then(|it| lang(it.language.as_deref())),
            translation: report.and_then(|it| translation(it.translation.as_deref())),
            meta: told.unwrap_or_default(),
        }
    }

    pub(super) fn sick(&self, source: &SickSource) -> SickView {
        let is_failing = matches!(source.condition, Condition::Failing(_));
        let (label, since, reason) = match source.merely_left_alone() {
            Some(since) => ("left alone", since, schedule::LEFT_ALONE),
            None => (source.condition.label(), source.since, source.reason.as_str()),
        };
        let state = format!("{label} since {}", self.short(since));
        // A source that fell silent days ago needs another remedy than one that failed just now.
        let succeeded = match source.succeeded {
            None if is_failing => ", never read so far".to_owned(),
            Some(at) if is_failing && source.since - at > TimeDelta::hours(1) => {
                format!(", last read {}", self.short(at))
            }
            _ => String::new(),
        };
        SickView {
            name: source.name.clone(),
            failing: is_failing,
            state: format!("{state}{succeeded}"),
            reason: reason.to_owned(),
        }
    }
}
