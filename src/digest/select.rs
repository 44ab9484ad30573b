//! Chooses which stories a digest shows, under which topics and in which order. Pure; must not lay out anything.

mod alerts;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    dedup::{origins::origins, provenance::Outlets},
    model::{Alert, ArticleId, Ownership, Report, Source, SourceId, StoryId, Tag, Timestamp},
};

use super::{
    Capped, Digest, Group, Input, Limits, Marked, OtherStory, Rank, ReportLine, Section, Story, TopicName, Totals,
    audience::Filter,
    events::{self, Fates},
    health, history, one_line, why,
};

pub(super) use self::alerts::alert_line;

/// Characters of a name: an outlet, a topic, a watch, a matched form.
pub(super) const MAX_NAME_CHARS: usize = 80;

/// Chooses what a digest says and in which order. See the fields of [`Digest`] for the orders.
///
/// A copy is a report of its story and never a story of its own. A story stands once, under the topic it scores
/// best for, and names its other topics.
pub fn select(input: Input<'_>) -> Digest {
    let ctx = Context::new(&input);
    let mut stories = BTreeMap::<StoryId, Vec<&Report>>::new();
    for report in input.reports {
        stories.entry(report.story()).or_default().push(report);
    }
    let late = ctx.late(&stories, input.late);
    let in_window = |report: &&Report| input.window.contains(&report.article.first_seen);
    let is_fresh = |report: &&Report| in_window(report) || late.contains(&report.article.id);
    stories.retain(|_, reports| {
        reports.iter().any(|it| is_fresh(it) && ctx.is_read(it)) && ctx.is_wanted(reports, ctx.is_watched(reports))
    });
    for reports in stories.values_mut() {
        reports.sort_by_key(|it| (it.article.first_seen, it.article.id));
        // A report can be given twice: once for the window, once for an alert.
        reports.dedup_by_key(|it| it.article.id);
    }
    // No issue has told of a story whose oldest report is fresh. If the report that names the story is not available,
    // it is older than what is kept.
    let is_new = |reports: &[&Report]| reports.first().is_some_and(is_fresh) && reports.iter().any(|it| it.is_first());
    let new_alerts = ctx.wanted_alerts(input.alerts.iter(), input.reports, &stories);
    // No issue has told of the alerts of late reports either.
    let of_late = input.alerts_before.iter().filter(|it| late.contains(&it.article));
    let alerts = [new_alerts.clone(), ctx.wanted_alerts(of_late, input.reports, &stories)].concat();

    let (history, filter, limits) = (input.history, &ctx.filter, input.limits);
    let mut by_topic = BTreeMap::<usize, Vec<Candidate<'_>>>::new();
    let mut others = Vec::<Ranked<'_>>::new();
    let mut totals = Totals {
        alerts: alerts.len(),
        stories: stories.len(),
        sources: input.sources.iter().filter(|(it, _)| it.enabled && ctx.filter.source(it)).count(),
        ..Totals::default()
    };
    for (&id, reports) in &stories {
        let Some(lead) = ctx.lead(reports) else { continue };
        let is_new = is_new(reports);
        totals.new_stories += usize::from(is_new);
        let n_fresh = reports.iter().filter(|it| is_fresh(it)).count();
        let candidate = Candidate { id, lead, reports, is_new, novelty: share(n_fresh, reports.len()) };
        match ctx.best_topic(reports) {
            Some((topic, _)) => by_topic.entry(topic).or_default().push(candidate),
            None => others.push(ctx.ranked("", candidate)),
        }
    }
    // A story with ten origins must not be left out in favour of one with twenty outlets and one origin.
    others.sort_by(|a, b| {
        (b.n_origins.cmp(&a.n_origins))
            .then(b.rank.novelty.total_cmp(&a.rank.novelty))
            .then(b.updated.cmp(&a.updated))
            .then(a.story.id.cmp(&b.story.id))
    });
    let n_others = others.len();
    // Only what is shown is examined closely.
    others.truncate(limits.others);
    let others = Capped { more: n_others - others.len(), items: others.iter().map(|it| ctx.other(it)).collect() };

    let mut fresh =
        stories.values().flatten().copied().filter(|it| is_fresh(it) && ctx.is_read(it)).collect::<Vec<_>>();
    fresh.sort_by_key(|it| (it.article.first_seen, it.article.id));
    totals.reports = fresh.len();
    totals.reporting_sources = n_sources(&fresh);

    let told: BTreeSet<&str> = fresh.iter().flat_map(|it| &it.tags).map(|it| it.topic.as_str()).collect();
    // A watch that fired for something this digest leaves out is not quiet.
    let fired: BTreeSet<&str> = input.alerts.iter().map(|it| it.watch.as_str()).collect();
    let lines = ctx.alerts(&alerts, &input);
    let of_event = |it: &Report| {
        let is_for_them = ctx.is_read(it) && ctx.is_wanted(&[it], ctx.is_watched(&[it]));
        is_for_them.then(|| ctx.report_line(it))
    };
    let (events, n_withdrawn) = events::lines(&input, of_event);
    (totals.withdrawn, totals.changed) = (n_withdrawn, events.total() - n_withdrawn);
    Digest {
        days_held: history.days_held,
        is_deep: history.is_deep,
        first_mentions: history::first_mentions(history, &new_alerts, &lines, limits.mentions),
        quiet_topics: history::quiet_topics(history, filter, input.topics, &told, limits.quiet),
        quiet_watches: history::quiet_watches(history, filter, &fired, input.window.end, limits.quiet),
        volume: history::volume(history, filter, input.topics, limits.volume),
        slot: input.slot.clone(),
        title: one_line(input.title, input.limits.title_chars),
        window: input.window.clone(),
        issued_at: input.issued_at,
        zone: input.zone,
        alerts: Capped::new(lines, limits.alerts),
        groups: ctx.groups(by_topic),
        others,
        events,
        sick: health::sick(&input, filter),
        notes: health::notes(&input, filter),
        totals,
        articles: fresh.iter().map(|it| it.article.id).collect(),
    }
}

/// One report as it is shown, also outside of a digest.
pub(super) fn report_line(report: &Report, source: Option<&Source>, limits: Limits) -> ReportLine {
    let article = &report.article;
    let outlet = source
        .map(|it| it.name.as_str())
        .or(article.site_name.as_deref())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or(article.source.as_str());
    let link = article.link.clone();
    let mut title = one_line(&article.title, limits.title_chars);
    if title.is_empty() {
        let shown = link.as_ref().map_or("untitled", |it| it.key());
        title = one_line(shown, limits.title_chars);
    }
    let claimed = article.believed_date();
    ReportLine {
        article: article.id,
        source: article.source.clone(),
        outlet: one_line(outlet, MAX_NAME_CHARS),
        title,
        link,
        language: article.language.clone(),
        at: claimed.unwrap_or(article.first_seen),
        at_is_claimed: claimed.is_some(),
        first_seen: article.first_seen,
        copy: report.assignment.copy_level(),
        is_state_owned: source.is_some_and(|it| it.ownership == Ownership::State),
        fate: None,
        translation: None,
    }
}

/// The name of a topic as a line.
pub(super) fn topic_name(topics: &[TopicName], id: &str) -> String {
    let name = topics.iter().find(|it| it.id == id).map_or(id, |it| it.name.as_str());
    one_line(name, MAX_NAME_CHARS)
}

/// A story that may be shown, its reports in the order in which they were seen.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    id: StoryId,
    lead: &'a Report,
    reports: &'a [&'a Report],
    is_new: bool,
    /// The share of its reports (0–1) that are of the window, or late.
    novelty: f32,
}

/// The values by which a story is ranked within a section, or among those without one.
struct Ranked<'a> {
    story: Candidate<'a>,
    /// Its best score for the topic; 0 if it has none.
    score: f32,
    n_origins: usize,
    n_sources: usize,
    updated: Timestamp,
    rank: Rank,
}

/// What every story needs to be shown.
struct Context<'a> {
    /// The configured topics, followed by those that only old tags still name.
    topics: Vec<TopicName>,
    topic_places: HashMap<String, usize>,
    sources: HashMap<&'a SourceId, &'a Source>,
    /// The outlets that texts may name as their origins.
    outlets: Outlets,
    fates: Fates,
    filter: Filter<'a>,
    watched: Watched,
    limits: Limits,
}

/// What the digest's watches have fired for, in the window or before it.
struct Watched {
    stories: BTreeSet<StoryId>,
    articles: BTreeSet<ArticleId>,
}

impl Watched {
    fn new(input: &Input<'_>, filter: &Filter<'_>) -> Self {
        let alerts = || input.alerts.iter().chain(input.alerts_before).filter(|it| filter.alert(it));
        Self { stories: alerts().map(|it| it.story).collect(), articles: alerts().map(|it| it.article).collect() }
    }
}

/// The place of the topic with the highest score, and that score; the first of equals.
pub fn best_of<'t>(tags: impl Iterator<Item = &'t Tag>, place: impl Fn(&str) -> Option<usize>) -> Option<(usize, f32)> {
    let places = tags.filter_map(|tag| Some((place(&tag.topic)?, tag.score)));
    places.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

impl<'a> Context<'a> {
    fn new(input: &Input<'a>) -> Self {
        let mut topics = input.topics.to_vec();
        let mut topic_places =
            topics.iter().enumerate().map(|(place, it)| (it.id.clone(), place)).collect::<HashMap<_, _>>();
        let tags = input.reports.iter().flat_map(|it| &it.tags);
        for id in tags.map(|tag| &tag.topic).collect::<BTreeSet<_>>() {
            if !topic_places.contains_key(id) {
                topic_places.insert(id.clone(), topics.len());
                topics.push(TopicName { id: id.clone(), name: id.clone(), parent: None });
            }
        }
        let sources = input.sources.iter().map(|(source, _)| (&source.id, source)).collect();
        let outlets = Outlets::of(input.sources.iter().map(|(source, _)| source));
        let filter = Filter::new(input.audience, input.topics);
        let (fates, watched) = (Fates::new(input.events), Watched::new(input, &filter));
        Self { topics, topic_places, sources, outlets, fates, filter, watched, limits: input.limits }
    }

    fn is_read(&self, report: &Report) -> bool {
        self.filter.report(report, &self.sources)
    }

    /// The reports among `candidates`, from before the window, that are included.
    fn late(&self, stories: &BTreeMap<StoryId, Vec<&Report>>, candidates: &BTreeSet<ArticleId>) -> BTreeSet<ArticleId> {
        let of_story = |story: &[&Report]| {
            let late = story.iter().filter(|it| candidates.contains(&it.article.id) && self.is_late(it, story));
            late.map(|it| it.article.id).collect::<Vec<_>>()
        };
        stories.values().flat_map(|it| of_story(it)).collect()
    }

    /// Whether a report from before the window is included because it is relevant by itself as it reads now. One that
    /// is relevant only for its story was so before, unless its language was unknown: then readers of that language did
    /// not get the story.
    fn is_late(&self, report: &Report, story: &[&Report]) -> bool {
        let by_itself = || self.is_wanted(&[report], self.watched.articles.contains(&report.article.id));
        let by_story = || self.filter.names_languages() && self.is_wanted(story, self.is_watched(story));
        self.is_read(report) && (by_itself() || by_story())
    }

    /// Whether one of the digest's watches has fired for the story of these reports, in the window or before it.
    fn is_watched(&self, reports: &[&Report]) -> bool {
        reports.first().is_some_and(|it| self.watched.stories.contains(&it.story()))
    }

    /// Whether a story is of interest for its topics, or for an alert of a watch that the digest is about.
    fn is_wanted(&self, reports: &[&Report], is_watched: bool) -> bool {
        let by_watch = self.filter.names_watches() && is_watched;
        let by_topic = || self.filter.by_topic() && self.best_topic(reports).is_some();
        self.filter.untagged() || by_watch || by_topic()
    }

    fn wanted_alerts<'b>(
        &self,
        alerts: impl Iterator<Item = &'b Alert>,
        reports: &[Report],
        stories: &BTreeMap<StoryId, Vec<&Report>>,
    ) -> Vec<&'b Alert> {
        let unread: BTreeSet<_> = reports.iter().filter(|it| !self.is_read(it)).map(|it| it.article.id).collect();
        let by_story = |it: &Alert| self.filter.by_watch() || stories.contains_key(&it.story);
        let is_wanted = |it: &&Alert| self.filter.alert(it) && !unread.contains(&it.article) && by_story(it);
        alerts.filter(is_wanted).collect()
    }

    /// See [`Story::lead`].
    fn lead<'b>(&self, reports: &[&'b Report]) -> Option<&'b Report> {
        let read = || reports.iter().filter(|it| self.is_read(it));
        read().find(|it| it.is_first()).or_else(|| read().next()).or(reports.first()).copied()
    }

    fn n_origins(&self, reports: &[&Report]) -> usize {
        // A single report has a single origin: its text need not be searched for a name.
        if reports.len() == 1 {
            return 1;
        }
        let name = |it| self.sources.get(it).map_or("", |it| it.name.as_str());
        origins(reports, &self.outlets, name).names.len()
    }

    fn n_state_owned(&self, reports: &[&Report]) -> usize {
        let owned = |it: &&&SourceId| self.sources.get(*it).is_some_and(|it| it.ownership == Ownership::State);
        reports.iter().map(|it| &it.article.source).collect::<BTreeSet<_>>().iter().filter(owned).count()
    }

    fn report_line(&self, report: &Report) -> ReportLine {
        let line = report_line(report, self.sources.get(&report.article.source).copied(), self.limits);
        ReportLine { fate: self.fates.of(report.article.id), ..line }
    }

    /// The place of the topic for which one of the reports scores best, with that score; the topic shown first of
    /// equals.
    fn best_topic(&self, reports: &[&Report]) -> Option<(usize, f32)> {
        let tags = reports.iter().flat_map(|it| &it.tags).filter(|it| self.filter.tag(it));
        best_of(tags, |it| self.topic_places.get(it).copied())
    }

    fn other(&self, it: &Ranked<'_>) -> OtherStory {
        OtherStory {
            id: it.story.id,
            lead: self.report_line(it.story.lead),
            begun: begun(it.story.reports),
            n_sources: it.n_sources,
            n_origins: it.n_origins,
            novelty: it.rank.novelty,
            updated: it.updated,
        }
    }

    fn ranked<'b>(&self, topic: &str, story: Candidate<'b>) -> Ranked<'b> {
        let scores = story.reports.iter().filter_map(|it| Some(tag(it, topic)?.score));
        Ranked {
            score: scores.fold(0.0, f32::max),
            n_origins: self.n_origins(story.reports),
            n_sources: n_sources(story.reports),
            updated: updated(story.reports),
            rank: Rank { novelty: story.novelty, ..Rank::default() },
            story,
        }
    }

    fn story(&self, topic: usize, ranked: &Ranked<'_>) -> Story {
        let Candidate { id, lead, reports, is_new, .. } = ranked.story;
        let mut headline = Marked::new(&lead.article.title, &[], self.limits.title_chars);
        let line = self.report_line(lead);
        if headline.text.is_empty() {
            headline.text.clone_from(&line.title);
        }
        let topic_id = self.topics.get(topic).map_or("", |it| it.id.as_str());
        let mut tagged =
            reports.iter().filter_map(|&report| Some((report, tag(report, topic_id)?))).collect::<Vec<_>>();
        // The quotes are from the leading report if possible, otherwise from the report that says it best.
        tagged.sort_by(|a, b| {
            let leads = |it: &(&Report, &Tag)| it.0.article.id == lead.article.id;
            leads(b).cmp(&leads(a)).then(b.1.score.total_cmp(&a.1.score))
        });
        let Limits { quotes, sentence_chars, .. } = self.limits;
        let found =
            tagged.iter().map(|(report, tag)| why::quotes(&report.article, &tag.evidence, quotes, sentence_chars));
        let mut quotes = { found }.find(|it| !it.is_empty()).unwrap_or_default();
        if quotes.is_empty()
            && let Some(tag) = tag(lead, topic_id)
        {
            let marked = why::marked_title(&lead.article, &tag.evidence, self.limits.title_chars);
            if !marked.text.is_empty() {
                headline = marked;
            }
        }
        if quotes.is_empty() && self.limits.quotes > 0 {
            quotes.extend(tagged.iter().find_map(|(report, _)| why::opening(&report.article, sentence_chars)));
        }
        // All sentences are of one report.
        let of = quotes.first().map(|it| it.article).filter(|it| *it != lead.article.id);
        let quoted = reports.iter().find(|it| Some(it.article.id) == of).map(|it| self.report_line(it));
        // They are in the order in which they were held.
        let mut lines: Vec<_> = reports.iter().map(|it| self.report_line(it)).collect();
        let first_seen = lines.first().cloned().unwrap_or_else(|| line.clone());
        lines.sort_by_key(|it| it.at);
        let first_by_date = lines.first().cloned().unwrap_or_else(|| line.clone());
        let lines = shown(lines, &[&line, &first_by_date, &first_seen], self.limits.reports);
        Story {
            id,
            headline,
            lead: line,
            first_by_date,
            first_seen,
            begun: begun(reports),
            is_new,
            n_sources: ranked.n_sources,
            n_origins: ranked.n_origins,
            reports: lines,
            summary: None,
            quotes,
            quoted,
            languages: reports
                .iter()
                .filter_map(|it| it.article.language.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            n_state_owned: self.n_state_owned(reports),
            rank: ranked.rank,
            also: self.other_topics(topic, reports),
            score: ranked.score,
            updated: ranked.updated,
        }
    }

    fn other_topics(&self, best: usize, reports: &[&Report]) -> Vec<String> {
        let tags = reports.iter().flat_map(|it| &it.tags);
        let places = tags.filter_map(|tag| self.topic_places.get(&tag.topic)).collect::<BTreeSet<_>>();
        places
            .into_iter()
            .filter(|place| **place != best)
            .filter_map(|place| self.topics.get(*place))
            .map(|it| one_line(&it.name, MAX_NAME_CHARS))
            .collect()
    }

    /// Two levels: a topic without a parent heads its group, and the topics that name it stand below.
    fn groups(&self, mut by_topic: BTreeMap<usize, Vec<Candidate<'_>>>) -> Vec<Group> {
        let mut order = Vec::<&str>::new();
        let mut sections = HashMap::<&str, Vec<Section>>::new();
        for (place, topic) in self.topics.iter().enumerate() {
            let group = topic.parent.as_deref().unwrap_or(&topic.id);
            if !order.contains(&group) {
                order.push(group);
            }
            let Some(stories) = by_topic.remove(&place) else { continue };
            let n_stories = stories.len();
            let mut stories: Vec<_> = stories.into_iter().map(|it| self.ranked(&topic.id, it)).collect();
            rank(&mut stories);
            stories.truncate(self.limits.stories);
            let name = topic.parent.is_some().then(|| one_line(&topic.name, MAX_NAME_CHARS));
            let more = n_stories - stories.len();
            let stories = Capped { items: stories.iter().map(|it| self.story(place, it)).collect(), more };
            let section = Section { topic: topic.id.clone(), name, stories };
            let group = sections.entry(group).or_default();
            match section.name {
                Some(_) => group.push(section),
                // The group's own stories come before those of the topics below it, wherever it is configured.
                None => group.insert(0, section),
            }
        }
        let filled = order.into_iter().filter_map(|group| Some((group, sections.remove(group)?)));
        filled.map(|(group, sections)| Group { name: topic_name(&self.topics, group), sections }).collect()
    }
}

/// Orders the stories of a section by independent origins, relevance and novelty, then the newest first.
fn rank(stories: &mut [Ranked<'_>]) {
    let best = stories.iter().map(|it| it.score).fold(f32::MIN_POSITIVE, f32::max);
    let most = stories.iter().map(|it| it.n_origins).max().unwrap_or_default();
    for it in stories.iter_mut() {
        // A second origin counts more than a tenth.
        let log = |n: usize| share(n, 1).ln_1p();
        it.rank.relevance = (it.score / best).clamp(0.0, 1.0);
        it.rank.origins = if most > 0 { log(it.n_origins) / log(most) } else { 0.0 };
    }
    stories.sort_by(|a, b| {
        (b.rank.total().total_cmp(&a.rank.total()))
            .then(b.n_sources.cmp(&a.n_sources))
            .then(b.updated.cmp(&a.updated))
            .then(a.story.id.cmp(&b.story.id))
    });
}

/// At most `limit` reports: those mentioned elsewhere, and the newest, in their present order.
fn shown(mut lines: Vec<ReportLine>, spoken_of: &[&ReportLine], limit: usize) -> Capped<ReportLine> {
    let more = lines.len().saturating_sub(limit);
    if more > 0 {
        let is_spoken_of = |it: &ReportLine| spoken_of.iter().any(|other| other.article == it.article);
        lines.sort_by_key(|it| (!is_spoken_of(it), Reverse(it.first_seen), it.article));
        lines.truncate(limit);
        lines.sort_by_key(|it| (it.at, it.first_seen, it.article));
    }
    Capped { items: lines, more }
}

/// See [`Story::begun`].
fn begun(reports: &[&Report]) -> Timestamp {
    let named = reports.iter().find(|it| it.is_first()).or(reports.first());
    named.map_or_else(Timestamp::default, |it| it.article.first_seen)
}

fn share(part: usize, whole: usize) -> f32 {
    let number = |it: usize| u16::try_from(it).map_or(f32::from(u16::MAX), f32::from);
    number(part) / number(whole.max(1))
}

fn tag<'a>(report: &'a Report, topic: &str) -> Option<&'a Tag> {
    report.tags.iter().find(|it| it.topic == topic)
}

fn n_sources(reports: &[&Report]) -> usize {
    reports.iter().map(|it| &it.article.source).collect::<BTreeSet<_>>().len()
}

fn updated(reports: &[&Report]) -> Timestamp {
    reports.iter().map(|it| it.article.first_seen).max().unwrap_or_default()
}
