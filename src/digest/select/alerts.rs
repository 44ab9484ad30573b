//! How alerts are shown.

use std::collections::{BTreeSet, HashMap};

use super::{Context, MAX_NAME_CHARS};
use crate::{
    digest::{AlertLine, Capped, Fate, HitLine, Input, Limits, Marked, ReportLine, one_line},
    model::{Alert, AlertKind, Article, Hit, Report, Severity, StoryId},
    text::Said,
};

/// Characters of the sentence that says why something is a hit.
const MAX_WHY_CHARS: usize = 300;

impl Context<'_> {
    /// In the order in which they are shown.
    pub(super) fn alerts(&self, alerts: &[&Alert], input: &Input<'_>) -> Vec<AlertLine> {
        let Input { reports, severities, .. } = *input;
        let mut by_story = HashMap::<StoryId, Vec<&Report>>::new();
        for it in reports {
            by_story.entry(it.story()).or_default().push(it);
        }
        for it in by_story.values_mut() {
            it.sort_by_key(|it| (it.article.first_seen, it.article.id));
        }
        let reports = reports.iter().map(|it| (it.article.id, it)).collect::<HashMap<_, _>>();
        let mut lines = alerts
            .iter()
            .map(|alert| {
                let report = reports.get(&alert.article).copied();
                let line = report.map(|it| ReportLine { fate: self.fates.since(alert), ..self.report_line(it) });
                let of_story = by_story.get(&alert.story).into_iter().flatten();
                let is_later = |it: &&&Report| it.article.id != alert.article && it.article.first_seen > alert.raised;
                let later = of_story.filter(is_later).map(|it| self.report_line(it)).collect();
                let severity = severities.get(&alert.watch).copied().unwrap_or_default();
                alert_line(alert, severity, report.zip(line), later, self.limits)
            })
            .collect::<Vec<_>>();
        // Alerts for old articles never displace others. Watches that fired for one article at once are ordered by
        // name, since the order of their ids means nothing.
        let is_old = |it: &AlertLine| it.kind == AlertKind::Old;
        lines.sort_by(|a, b| {
            is_old(a)
                .cmp(&is_old(b))
                .then_with(|| b.severity.cmp(&a.severity))
                .then_with(|| b.raised.cmp(&a.raised))
                .then_with(|| a.watch.cmp(&b.watch))
                .then(a.id.cmp(&b.id))
        });
        lines
    }
}

/// How one alert is shown, outside of a digest too.
pub(in crate::digest) fn alert_line(
    alert: &Alert,
    severity: Severity,
    report: Option<(&Report, ReportLine)>,
    later: Vec<ReportLine>,
    limits: Limits,
) -> AlertLine {
    let is_still_said =
        report.as_ref().is_some_and(|(it, line)| line.fate == Some(Fate::Changed) && is_said(alert, &it.article));
    let mut forms = BTreeSet::new();
    let hits = alert.hits.iter().filter(|hit| forms.insert(hit.form.as_str())).map(|hit| hit_line(hit, limits));
    AlertLine {
        id: alert.id,
        watch: one_line(&alert.watch, MAX_NAME_CHARS),
        raised: alert.raised,
        story: alert.story,
        report: report.map(|it| it.1),
        kind: alert.kind,
        severity,
        reason: alert.reason(),
        hits: Capped::new(hits.collect(), limits.hits),
        is_still_said,
        later: Capped::new(later, limits.reports),
    }
}

/// Whether an article says all that an alert quotes.
fn is_said(alert: &Alert, article: &Article) -> bool {
    let said = Said::new(&article.title, &article.body);
    alert.hits.iter().all(|it| said.has(&it.sentence))
}

fn hit_line(hit: &Hit, limits: Limits) -> HitLine {
    let spans = hit.sentence.match_indices(&hit.form).map(|(at, form)| at..at + form.len()).collect::<Vec<_>>();
    HitLine {
        term: one_line(&hit.term, MAX_NAME_CHARS),
        form: one_line(&hit.form, MAX_NAME_CHARS),
        closeness: hit.closeness,
        score: hit.score,
        ending: hit.ending.as_ref().map(|it| one_line(it, MAX_NAME_CHARS)),
        why: one_line(&hit.why, MAX_WHY_CHARS),
        sentence: Marked::new(&hit.sentence, &spans, limits.sentence_chars),
        translation: None,
    }
}
