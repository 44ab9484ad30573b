//! The shipped watches on invented sentences: `tests/fixtures/watch/*.toml`.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use sitrepd::{
    config::WatchesFile,
    watch::{Watchlist, hits},
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
    Watchlist::compile(file.rules()).unwrap()
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
