//! `sitrepd try topic`: the topics of a text, and why not others, by their rules and by what labels and examples teach.

use crate::{
    api,
    classify::{
        self, Explanation,
        models::{Judgement, MIN_KEYWORDS, MIN_OTHERS, MIN_RIGHT, Models, Ruling, Verdict},
    },
    config::Config,
    daemon::window,
    model::{Article, Evidence, Field},
    text::{error_chain, language_of},
};

use super::{CliError, FAINT, HEADING, Output, WELL, archive, article, count, setup, short};
use crate::cli::damage;

pub(super) fn run(config: &Config, input: &str, only: Option<&str>, out: &Output) -> Result<(), CliError> {
    if let Some(id) = only.filter(|id| !config.topics.iter().any(|it| it.id == *id)) {
        return Err(CliError::NotFound(format!("there is no topic {id:?} in topics.toml")));
    }
    let article = article(config, input, None)?;
    let rules = classify::explain(&config.rules.topics, &article);
    let (models, store) = match lessons(config) {
        Ok((models, store)) => (models, Some(store)),
        // The rules need no archive.
        Err(error) => {
            out.note(&format!("what labels and examples teach is left out: {}", error_chain(&error)));
            (Models::default(), None)
        }
    };
    let judged = models.judge(&article, &rules);
    let mut all = Verdict::all(&rules, &judged);
    // A topic given by examples of which nothing is known yet.
    let is_told = |id: &str| all.iter().any(|it| it.topic == id);
    let untold = config.rules.seeds.iter().map(|it| it.id.as_str()).filter(|id| !is_told(id)).collect::<Vec<_>>();
    all.extend(untold.into_iter().map(|topic| Verdict { topic, rule: None, learned: Vec::new() }));
    let n_topics = all.len();
    all.retain(|it| only.is_none_or(|id| it.topic == id));
    let score = |it: &Verdict<'_>| it.rule.map_or(0.0, |it| it.score);
    all.sort_by(|a, b| b.holds().cmp(&a.holds()).then(score(b).total_cmp(&score(a))));
    if out.is_json() {
        all.iter().try_for_each(|it| out.record(&api::TopicVerdict::whole(it, &article)))?;
        return store.iter().try_for_each(damage::ended);
    }
    let held = all.iter().filter(|it| it.holds()).count();
    // Topics of which nothing was found are of interest only to whoever asks for them.
    all.retain(|it| only.is_some() || it.holds() || it.rule.is_some_and(has_trace));
    for it in &all {
        verdict(config, it, &article, out)?;
    }
    if only.is_none() {
        let near = all.len() - held;
        out.line(format!("{held} of {} found; of {near} others there is a trace", count(n_topics, "topic")))?;
    }
    store.iter().try_for_each(damage::ended)
}

fn lessons(config: &Config) -> Result<(Models, setup::Archive), CliError> {
    let store = setup::archive(config)?;
    Ok((window::learned(&*store, &config.rules)?.models, store))
}

fn has_trace(it: &Explanation) -> bool {
    !it.evidence.is_empty() || !it.excluded_by.is_empty()
}

fn verdict(config: &Config, it: &Verdict<'_>, article: &Article, out: &Output) -> Result<(), CliError> {
    let word = if it.holds() { format!("{WELL}yes{WELL:#}") } else { format!("{FAINT}no{FAINT:#} ") };
    let name = archive::topic_name(config, it.topic);
    let points = it.rule.map(|it| format!("{} of {} points", archive::points(it.score), archive::points(it.threshold)));
    let points = points.unwrap_or_else(|| "no rule".to_owned());
    out.line(format!("{word}  {HEADING}{}{HEADING:#} ({name})  {points}", it.topic))?;
    if let Some(rule) = it.rule {
        by_rule(rule, article, out)?;
    }
    it.learned.iter().try_for_each(|it| by_lessons(it, article, out))?;
    if it.learned.is_empty() && config.rules.seeds.iter().any(|seed| seed.id == it.topic) {
        out.wrapped("     not learned: ", &untold(article))?;
    }
    Ok(())
}

fn by_rule(rule: &Explanation, article: &Article, out: &Output) -> Result<(), CliError> {
    for evidence in &rule.evidence {
        let counts = match evidence.weight > 0.0 {
            true => archive::points(evidence.weight),
            false => "–".to_owned(),
        };
        out.line(format!("     {counts:>6}  {}, by {:?}", place(evidence, article), evidence.rule))?;
    }
    for group in &rule.missing {
        out.wrapped("     missing: one of ", &short(&group.join(", "), 160))?;
    }
    rule.excluded_by.iter().try_for_each(|it| out.line(format!("     ruled out by {:?}", it.rule)))
}

fn by_lessons(it: &Judgement, article: &Article, out: &Output) -> Result<(), CliError> {
    let percent = |it: f32| (it * 100.0).round();
    let comes = match it.ruling {
        Ruling::Added => "so it is added".to_owned(),
        Ruling::Unsure(least) => format!("and {} % are needed", percent(least)),
        Ruling::TooShort => "but too few words speak for it".to_owned(),
        Ruling::Kept => "so what the rule says stays".to_owned(),
        Ruling::TakenAway(least) => format!("less than {} %, so what the rule says is taken away", percent(least)),
        Ruling::RuledOut => "but the rule rules it out".to_owned(),
    };
    out.line(format!("     learned: {} % sure, {comes}", percent(it.probability)))?;
    it.evidence.iter().try_for_each(|it| out.line(format!("     {:>6.3}  {}", it.weight, place(it, article))))
}

/// Why nothing is learned of a topic that is given by examples.
fn untold(article: &Article) -> String {
    match language_of(article) {
        None => "the language of this text can't be told, and each is learned by itself; try a longer text".to_owned(),
        Some(language) => format!(
            "it takes {MIN_RIGHT} examples or labels in the language of this text ({language}), or as many articles with \
             {MIN_KEYWORDS} of the keywords, and {MIN_OTHERS} articles in it that nobody labelled, among the newest 3,000"
        ),
    }
}

fn place(evidence: &Evidence, article: &Article) -> String {
    let words = evidence.field.of(article).get(evidence.span.clone()).unwrap_or_default();
    let place = if evidence.field == Field::Title { " in the title" } else { "" };
    format!("“{}”{place}", short(words, 60))
}
