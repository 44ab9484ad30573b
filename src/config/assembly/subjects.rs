//! Topics, watches and the glossary.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
};

use crate::{
    classify::{
        Topic, Topics, examples,
        models::{MIN_KEYWORDS, MIN_RIGHT, languages_of},
    },
    config::{
        ConfigError, files,
        glossary::{GlossaryFile, Person},
        read, topics, watches,
    },
    decide::timing::Timing,
    digest::TopicName,
    model::Source,
    text::{error_chain, fold, is_language_code, names::NameTerm, tokens},
    watch::{
        CaseRule, Glossary, WatchRule, Watchlist,
        query::{self, About},
    },
};

/// Maximum watches, and maximum different terms of all of them (alternatives of queries counted singly). All are in
/// memory and searched for in every article: 100,000 took 670 MB. A term of many watches is held and searched for once.
const MAX_WATCHES: usize = 20_000;

/// Maximum terms of all watches, counted as often as they are written: every query holds a number for each.
const MAX_WRITTEN: usize = 10 * MAX_WATCHES;

pub(super) fn topics(file: &files::Text) -> Result<(Topics, Vec<TopicName>, Vec<examples::Seed>), ConfigError> {
    let read = read::parse::<topics::TopicsFile>(&file.path, &file.text)?;
    let (names, seeds) = (read.names(), read.seeds());
    let wrong = |topic: Option<&str>, problem: String| {
        // Of two topics of one id the second is wrong.
        let number = topic.and_then(|id| names.iter().rposition(|it| it.id == id)).map(|it| it.to_string());
        let path = number.iter().flat_map(|it| ["topic", it]).collect::<Vec<_>>();
        ConfigError::at(&file.path, &file.text, &path, problem)
    };
    let rules = read.rules().map_err(|it| wrong(Some(&it.topic), error_chain(&it)))?;
    let topics = Topics::compile(rules).map_err(|it| wrong(it.topic(), error_chain(&it)))?;
    Ok((topics, names, seeds))
}

/// The topics without phrases that nothing will be learned of, and why.
pub(super) fn short_of_examples(topics: &Topics, seeds: &[examples::Seed]) -> Vec<String> {
    let has_phrases = |id: &str| topics.get(id).is_some_and(Topic::has_phrases);
    let one = |it: &examples::Seed| {
        let languages = languages_of(&it.examples);
        let n = |of: &str| languages.iter().flatten().filter(|it| **it == of).count();
        let most = languages.iter().flatten().map(|it| n(it)).max().unwrap_or_default();
        let n_keywords = it.keywords.iter().map(|it| tokens(it).len()).sum::<usize>();
        let is_short = most < MIN_RIGHT && n_keywords < MIN_KEYWORDS;
        is_short.then(|| {
            let most = if most == 1 { "1 example".to_owned() } else { format!("{most} examples") };
            let keywords = if n_keywords == 1 { "1 keyword" } else { "no keyword" };
            format!(
                "topic {:?} has {most} in one language at most, and {keywords}: it takes {MIN_RIGHT} examples in the language of \
                 what is to be found, or {MIN_KEYWORDS} keywords, better ten",
                it.id
            )
        })
    };
    seeds.iter().filter(|it| !has_phrases(&it.id)).filter_map(one).collect()
}

/// The topics of a file besides the configured ones.
pub(in crate::config) fn topics_of(path: &Path, text: String) -> Result<(Topics, Vec<examples::Seed>), ConfigError> {
    let (topics, _, seeds) = topics(&files::Text { path: path.to_owned(), text })?;
    Ok((topics, seeds))
}

pub(super) fn glossary(file: &files::Text) -> Result<(Glossary, Vec<Person>), ConfigError> {
    let read = read::parse::<GlossaryFile>(&file.path, &file.text)?;
    let glossary = read.glossary().map_err(|it| ConfigError::at(&file.path, &file.text, &[], error_chain(&it)))?;
    Ok((glossary, read.people().to_vec()))
}

#[derive(Default)]
pub(super) struct Watches {
    pub(super) list: Watchlist,
    pub(super) rules: Vec<WatchRule>,
    pub(super) timings: HashMap<String, Timing>,
    channels: Vec<(usize, String, Vec<String>)>,
    file: files::Text,
}

pub(super) fn watches(file: &files::Text, glossary: &Glossary) -> Result<Watches, ConfigError> {
    let read = read::parse::<watches::WatchesFile>(&file.path, &file.text)?;
    let timings = read.timings();
    let channels = read.channels();
    let rules = read.rules();
    if let Some((number, problem)) = too_many(&rules) {
        return Err(ConfigError::at(&file.path, &file.text, &["watch", &number.to_string()], problem));
    }
    let list = Watchlist::with_glossary(rules.clone(), glossary);
    let list = list.map_err(|it| {
        let (number, key) = it.place(&rules);
        let number = number.map(|it| it.to_string());
        let path = number.iter().flat_map(|it| ["watch", it]).chain(key).collect::<Vec<_>>();
        ConfigError::at(&file.path, &file.text, &path, error_chain(&it))
    })?;
    Ok(Watches { list, rules, timings, channels, file: file.clone() })
}

impl Watches {
    /// The watches that name channels of their own: the number of each in the file, its name, and the channels.
    pub(super) fn channels(&self) -> &[(usize, String, Vec<String>)] {
        &self.channels
    }

    /// The channels of watches that name some, by watch. `expand` finds the channels for the names, or says which of
    /// them is wrong, and why.
    pub(super) fn routes(
        &self,
        expand: impl Fn(&[String]) -> Result<Vec<String>, (usize, String)>,
    ) -> Result<BTreeMap<String, Vec<String>>, ConfigError> {
        let own = |(number, watch, names): &(usize, String, Vec<String>)| {
            let wrong = |(nth, problem): (usize, String)| {
                let path = ["watch", &number.to_string(), "channels", &nth.to_string()];
                ConfigError::at(&self.file.path, &self.file.text, &path, problem)
            };
            Ok((watch.clone(), expand(names).map_err(wrong)?))
        };
        self.channels.iter().map(own).collect()
    }
}

/// The first watch or term over the limits, and what to do about it.
fn too_many(rules: &[WatchRule]) -> Option<(usize, String)> {
    let mut terms = Terms::default();
    let number = (0..).zip(rules).find_map(|(number, rule)| {
        terms.count(number, rule);
        let what = if number >= MAX_WATCHES {
            format!("more than {MAX_WATCHES} watches")
        } else if terms.different() > MAX_WATCHES {
            format!("more than {MAX_WATCHES} different terms of watches")
        } else if terms.written > MAX_WRITTEN {
            format!("more than {MAX_WRITTEN} terms of watches, each counted as often as it is written")
        } else {
            return None;
        };
        Some((number, what))
    });
    let (number, what) = number?;
    let problem = format!(
        "there are {what}, which are all held in memory and looked for in every article; take out what nobody waits for any more, or give \
         a part of them to another sitrepd with an archive of its own"
    );
    Some((number, problem))
}

/// The terms of watches, as far as they are counted.
#[derive(Debug, Default)]
struct Terms<'r> {
    written: usize,
    plain: HashSet<(&'r str, CaseRule)>,
    /// Terms of queries, each with the watch that it belongs to alone because it has other spellings for it.
    queried: HashSet<(NameTerm, Option<usize>)>,
    except: HashSet<&'r str>,
    aliases: usize,
}

impl<'r> Terms<'r> {
    fn count(&mut self, number: usize, rule: &'r WatchRule) {
        let asked = rule.query.as_deref().and_then(|it| query::parse(it).ok()).map(|it| it.terms).unwrap_or_default();
        let aliases: usize = rule.aliases.iter().map(|it| it.1.len()).sum();
        self.written += rule.terms.len() + rule.except.len() + asked.len() + aliases;
        self.plain.extend(rule.terms.iter().map(|it| (it.as_str(), rule.case)));
        self.except.extend(rule.except.iter().map(String::as_str));
        self.queried.extend(asked.into_iter().map(|it| {
            let has_aliases = rule.aliases.iter().any(|(term, _)| *term == it.text);
            (it.term, has_aliases.then_some(number))
        }));
        self.aliases += aliases;
    }

    fn different(&self) -> usize {
        self.plain.len() + self.queried.len() + self.except.len() + self.aliases
    }
}

/// Why watches never fire, or not for everything they ask for, with the place of each.
pub(super) fn waiting_for_ever(watches: &Watches, topics: &[&str], sources: &[Known<'_>]) -> Vec<String> {
    let place = |number: usize, key: &str, problem: String| {
        let path = ["watch", &number.to_string(), key];
        ConfigError::at(&watches.file.path, &watches.file.text, &path, problem).to_string()
    };
    let all = watches.rules.iter().enumerate();
    all.flat_map(|(n, rule)| {
        let contradictions = queried(rule).map(|it| it.contradictions()).unwrap_or_default();
        let contradictions = contradictions.into_iter().map(|it| format!("watch {:?}: {it}", rule.name));
        let unmet = never_met(rule, topics, sources).into_iter().chain(contradictions);
        let unmet = unmet.map(move |it| place(n, "query", it)).collect::<Vec<_>>();
        unmet.into_iter().chain(excepted(rule).into_iter().map(move |it| place(n, "except", it)))
    })
    .collect()
}

/// A source, as watches ask for it.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Known<'a> {
    /// What queries ask for.
    pub(in crate::config) origin: query::Origin<'a>,
    /// Whether it is polled.
    pub(in crate::config) is_enabled: bool,
}

impl<'a> Known<'a> {
    pub(in crate::config) fn of(source: &'a Source) -> Self {
        let origin = query::Origin { id: source.id.as_str(), country: &source.country };
        Self { origin, is_enabled: source.enabled }
    }
}

fn queried(rule: &WatchRule) -> Option<query::Query> {
    rule.query.as_deref().and_then(|it| query::parse(it).ok())
}

/// The exceptions of a watch that equal one of its terms, so that the term never counts as written.
fn excepted(rule: &WatchRule) -> Vec<String> {
    let Some(query) = queried(rule) else { return Vec::new() };
    let terms = query.wanted_terms();
    let is_term = |it: &&String| terms.iter().any(|term| fold(&term.text) == fold(it.trim()));
    let told = |it: &String| {
        format!(
            "watch {:?} waits for {it:?} and excepts it, so that nothing counts that is written so; take it out of except",
            rule.name
        )
    };
    rule.except.iter().filter(is_term).map(told).collect()
}

/// Conditions of a watch that no article can meet, so that it never fires. Not an error, since a source may be away for
/// a while.
pub(in crate::config) fn never_met(rule: &WatchRule, topics: &[&str], sources: &[Known<'_>]) -> Vec<String> {
    let Some(query) = queried(rule) else { return Vec::new() };
    let ids: Vec<_> = sources.iter().map(|it| it.origin.id).collect();
    let countries: Vec<_> = sources.iter().map(|it| it.origin.country).collect();
    let unmet = query.asked().into_iter().filter_map(|(about, value)| {
        let (word, valid) = match about {
            About::Source => ("source", ids.as_slice()),
            About::Topic => ("topic", topics),
            About::Country => ("country", countries.as_slice()),
            About::Language => {
                let unmet = format!("watch {:?} waits for lang:{value}, which is no code of a language", rule.name);
                return (!is_language_code(value)).then_some(unmet);
            }
        };
        let is_known = valid.iter().any(|it| it.eq_ignore_ascii_case(value));
        let near = read::nearest(value, valid).map(|it| format!("; did you mean {it:?}?")).unwrap_or_default();
        (!is_known).then(|| format!("watch {:?} waits for {word}:{value}, which there is not{near}", rule.name))
    });
    let unmet: Vec<_> = unmet.collect();
    if unmet.is_empty() { without_source(rule, &query, sources) } else { unmet }
}

/// Conditions of a watch that are valid but that no polled source meets.
fn without_source(rule: &WatchRule, query: &query::Query, sources: &[Known<'_>]) -> Vec<String> {
    let wanted = query.wanted();
    let is_wanted = |it: &Known<'_>| {
        wanted.iter().any(|(about, id)| *about == About::Source && it.origin.id.eq_ignore_ascii_case(id))
    };
    let off = sources.iter().filter(|it| !it.is_enabled && is_wanted(it)).map(|it| {
        let id = it.origin.id;
        format!(
            "watch {:?} waits for source:{id}, which is switched off; sitrepd source enable {id} switches it on",
            rule.name
        )
    });
    let off: Vec<_> = off.collect();
    let is_on = |it: &&Known<'_>| it.is_enabled;
    let mut on = sources.iter().filter(is_on).map(|it| it.origin).peekable();
    if !off.is_empty() || on.peek().is_none() || query.may_come_from(on) {
        return off;
    }
    let asked = wanted.iter().filter_map(|(about, value)| match about {
        About::Source => Some(format!("source:{value}")),
        About::Country => Some(format!("country:{value}")),
        About::Language | About::Topic => None,
    });
    let asked = asked.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ");
    let asked = if asked.is_empty() { asked } else { format!(" ({asked})") };
    let name = &rule.name;
    vec![format!(
        "watch {name:?} can never fire by its query: no source that is switched on fits all that it asks for{asked}"
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(n: usize, query: &str) -> WatchRule {
        WatchRule { name: format!("w{n}"), query: Some(query.to_owned()), ..WatchRule::default() }
    }

    #[test]
    fn a_term_of_many_watches_counts_once() {
        let watches =
            |n: usize, rest: &str| (0..n).map(|it| asking(it, &format!("Name{it} {rest}"))).collect::<Vec<_>>();
        assert_eq!(too_many(&watches(10_000, "AND (NATO OR Baku)")), None);
        let (number, problem) = too_many(&watches(20_000, "AND NATO")).unwrap();
        assert_eq!(number, 19_999);
        assert!(problem.contains("20000 different terms"), "{problem}");
    }

    #[test]
    fn too_few_examples_are_told() {
        let seed = |examples: &[&str], keywords: &[&str]| {
            let owned = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect();
            examples::Seed { id: "floods".to_owned(), examples: owned(examples), keywords: owned(keywords) }
        };
        let long = "The river rose over its banks and took the bridges of three villages in the valley.";
        let russian = "Река вышла из берегов и снесла мосты трёх деревень в долине.";
        for (examples, keywords, expected) in [
            (&[long, long, long][..], &[][..], None),
            (&[], &["river and banks"], None),
            (&[long], &["river", "bridges"], None),
            (&[long, long], &[], Some("2 examples in one")),
            (&[long, long, russian], &["river"], Some("2 examples in one language at most, and 1 keyword")),
            (&[], &["river"], Some("0 examples in one language at most, and 1 keyword")),
            (&[], &[], Some("0 examples in one language at most, and no keyword:")),
            (&["Rioni", "Kura", "Alazani"], &[], Some("0 examples in one")),
        ] {
            let found = short_of_examples(&Topics::default(), &[seed(examples, keywords)]);
            assert_eq!(found.len(), usize::from(expected.is_some()), "{examples:?} {keywords:?} {found:?}");
            assert!(found.iter().all(|it| expected.is_some_and(|expected| it.contains(expected))), "{found:?}");
        }
    }

    #[test]
    fn terms_that_are_the_same_have_an_end_too() {
        let query = (0..300).map(|it| format!("Name{it}")).collect::<Vec<_>>().join(" OR ");
        let watches: Vec<_> = (0..1_000).map(|it| asking(it, &query)).collect();
        let (number, problem) = too_many(&watches).unwrap();
        assert_eq!(number, 666);
        assert!(problem.contains("200000 terms of watches, each counted as often"), "{problem}");
    }

    #[test]
    fn a_term_with_aliases_is_of_its_watch_alone() {
        let watch =
            |n: usize| WatchRule { aliases: vec![("NATO".to_owned(), vec!["Nejto".to_owned()])], ..asking(n, "NATO") };
        assert_eq!(too_many(&(0..10_000).map(watch).collect::<Vec<_>>()), None);
        assert_eq!(too_many(&(0..10_001).map(watch).collect::<Vec<_>>()).unwrap().0, 10_000);
    }
}
