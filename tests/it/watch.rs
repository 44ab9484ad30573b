//! The shipped watches on invented sentences: `tests/fixtures/watch/*.toml`.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    ops::ControlFlow,
    time::Duration,
};

use serde::Deserialize;
use sitrepd::{
    classify::Topics,
    config::{GlossaryFile, WatchesFile},
    daemon::settle,
    decide::{Now, Rules},
    dedup,
    model::{AlertKind, ArticleId, Timestamp},
    store::{MemoryStore, Store},
    watch::{WatchRule, Watchlist, hits},
};

use crate::topics::{article, fixtures};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    language: String,
    title: String,
    body: String,
    /// All watches that fire, with the forms found.
    hits: BTreeMap<String, Vec<String>>,
}

fn shipped() -> Watchlist {
    let file: WatchesFile = toml_edit::de::from_str(include_str!("../../config/watches.toml")).unwrap();
    let glossary: GlossaryFile = toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap();
    Watchlist::with_glossary(file.rules(), &glossary.glossary().unwrap()).unwrap()
}

#[test]
fn shipped_watches_find_what_they_should() {
    let watchlist = shipped();
    let mut languages = Vec::new();
    for path in fixtures("watch") {
        let cases: Cases = toml_edit::de::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.case {
            let article = article(&case.title, &case.body);
            let found = hits(&watchlist, &article);
            for hit in found.iter().flat_map(|(_, hits)| hits) {
                assert_eq!(hit.form, hit.field.of(&article)[hit.span.clone()], "{}", case.title);
                assert!(hit.sentence.contains(&hit.form), "{}: {hit:?}", case.title);
            }
            let forms = |hits: Vec<sitrepd::model::Hit>| hits.into_iter().map(|it| it.form).collect::<Vec<_>>();
            let found = found.into_iter().map(|(name, hits)| (name, forms(hits))).collect::<BTreeMap<_, _>>();
            assert_eq!(found, case.hits, "{}", case.title);
            languages.push(case.language);
        }
    }
    languages.sort();
    languages.dedup();
    assert_eq!(languages, ["az", "en", "fa", "hy", "ka", "ru", "tr", "uk"]);
}

fn forms(query: &str, language: &str, body: &str) -> Vec<String> {
    let glossary: GlossaryFile = toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap();
    let rule = WatchRule { name: "q".to_owned(), query: Some(query.to_owned()), ..WatchRule::default() };
    let watchlist = Watchlist::with_glossary(vec![rule], &glossary.glossary().unwrap()).unwrap();
    let mut article = article("", body);
    article.language = Some(language.to_owned());
    hits(&watchlist, &article).into_iter().flat_map(|it| it.1).map(|it| it.form).collect()
}

#[test]
fn what_an_analyst_of_the_region_writes_once() {
    for (query, language, body, expected) in [
        ("ITPP or Vinnikov".replace("or", "OR"), "en", "Vinnikov on ITPP; Vinikov; A.Vinnikov", 4),
        ("Vinnikov".to_owned(), "ru", "вместе с Винниковым", 1),
        ("Vinnikov".to_owned(), "hy", "Եկել էր Վիննիկովը", 1),
        ("Vinnikov".to_owned(), "ka", "ამის შესახებ ვინიკოვმა თქვა", 1),
        ("Vinnikov".to_owned(), "az", "Görüşdə Vinnikovun sözləri", 1),
        ("Vinnikov".to_owned(), "fa", "دفتر ناتو به ریاست وینیکوف باز شد", 1),
        (
            "ITPP".to_owned(),
            "en",
            "an Individually Tailored Partnership Programme, a Individually Tailored Partnership Program",
            2,
        ),
        ("ITPP".to_owned(), "en", "the Individually Adapted Partnership", 1),
        ("\"Nikol Pashinyan\"".to_owned(), "en", "said Nikola Pashin, Prime Minister", 1),
        ("NATO".to_owned(), "hy", "հայտնել է ՆԱՏՕ-ն", 1),
        ("НАТО".to_owned(), "ka", "ნატოს ოფისი გაიხსნა", 1),
        ("CSTO".to_owned(), "ru", "страны ОДКБ", 1),
        ("Vinnikov".to_owned(), "ru", "Винокуров, Винник и Винниченко", 0),
        ("Vinnikov".to_owned(), "uk", "приїхав Винник", 0),
        ("Vinnikov".to_owned(), "en", "Vynnyk came", 0),
        ("Aliyev".to_owned(), "ru", "приехал Алибеков", 0),
        ("ITPP".to_owned(), "en", "ITPPX and itpp", 0),
    ] {
        let found = forms(&query, language, body);
        assert_eq!(found.len(), expected, "{query} in {body}: {found:?}");
    }
}

/// One story a week, then one an hour: the fifth of the day makes a spike, which is told once.
#[test]
fn a_spike_is_told_once() {
    let rule = WatchRule { name: "v".to_owned(), query: Some("Vinnikov".to_owned()), ..WatchRule::default() };
    let rules = Rules {
        topics: Topics::compile(Vec::new()).unwrap(),
        watchlist: Watchlist::compile(vec![rule]).unwrap(),
        copies: dedup::Settings { min_containment: 0.5, min_words: 20, window: Duration::MAX },
        countries: HashMap::new(),
        alert_channels: vec!["files".to_owned()],
        timings: HashMap::new(),
        quiet: None,
    };
    let store = MemoryStore::new();
    let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let hours = [0, 7 * 24, 14 * 24].into_iter().chain(21 * 24..21 * 24 + 8);
    for (n, hour) in (1..).zip(hours) {
        let mut report = article(&format!("Report {n}"), &format!("Vinnikov came to town number {n}."));
        report.id = ArticleId(n);
        let at = start + chrono::TimeDelta::hours(hour);
        settle::article(&store, &rules, report, Now { stamp: at, clock: at }).unwrap();
    }
    let mut kinds = Vec::new();
    let visit = &mut |it: sitrepd::model::Alert| {
        kinds.push(it.kind);
        ControlFlow::Continue(())
    };
    store.alerts(Timestamp::MIN_UTC..Timestamp::MAX_UTC, visit).unwrap();
    let spikes: Vec<_> = kinds.iter().filter(|it| **it != AlertKind::Found).collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    assert_eq!(spikes, [&AlertKind::Spike { today: 5, usual: 2.0 / 14.0 }]);
    assert_eq!(store.counts().unwrap().pending, 12, "each has its message");
}
