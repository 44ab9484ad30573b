//! The shipped site recipes and the pages they read: every folder of `tests/fixtures/sites` bears the name of a recipe and
//! holds a `source.html` in the markup of its site, `meta.toml` and `expected.toml`.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Deserialize;
use sitrepd::{
    config::{Config, Origin},
    extract,
    model::{Method, Source, SourceId, Timestamp},
    parse,
};
use url::Url;

use crate::feeds::{folders, source_file};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    url: Url,
}

/// What the page has to give. A key that is left out must be empty.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    title: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    published: Option<String>,
    next: Option<String>,
    body: Vec<String>,
}

fn shipped() -> Config {
    let dir = tempfile::tempdir().unwrap();
    let env = vec![("SITREPD__DAEMON__CONTACT".to_owned(), "test".to_owned())];
    Config::load(&Origin { dir: None, state_dir: Some(dir.path().to_owned()), env }).unwrap()
}

#[test]
fn every_recipe_reads_its_site() {
    let config = shipped();
    let mut wrong = Vec::new();
    for folder in folders("sites") {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        let Meta { url } = toml_edit::de::from_str(&read("meta.toml")).unwrap();
        let expected: Expected = toml_edit::de::from_str(&read("expected.toml")).unwrap();
        let source = Source::feed(SourceId::sample(), "Sample".to_owned(), url.clone());
        let recipe = config.recipe(&source, &url).unwrap_or_else(|| panic!("{name}: no recipe covers {url}"));
        let bytes = fs::read(source_file(&folder)).unwrap();
        let page = extract::page(&parse::page_text(&bytes, None), &url, Some(&recipe)).unwrap();
        let time = |it: Timestamp| it.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let actual = Expected {
            title: page.title,
            authors: page.authors,
            published: page.published.map(time),
            next: page.next.map(String::from),
            body: page.body.lines().map(str::to_owned).collect(),
        };
        if page.method != Method::Recipe(name.to_owned()) || actual != expected {
            wrong.push(format!("{name}: {:?}, {actual:#?}\nexpected {expected:#?}", page.method));
        }
    }
    assert!(wrong.is_empty(), "{} recipes read otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_recipe_is_shipped_and_has_a_page() {
    let names = |dir: &str| -> BTreeSet<String> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
        let files = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path());
        files.map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let (files, pages) = (names("config/sites"), names("tests/fixtures/sites"));
    let recipes: BTreeSet<String> = shipped().recipes().map(|it| it.name().to_owned()).collect();
    assert_eq!((&files, &files), (&pages, &recipes));
}

#[test]
fn recipes_are_for_sources_of_the_pack() {
    let config = shipped();
    let covered: BTreeSet<&str> = config
        .polled
        .iter()
        .filter(|it| config.recipe(&it.source, &it.source.url).is_some())
        .map(|it| it.source.id.as_str())
        .collect();
    assert!(covered.len() >= 25, "{} sources: {covered:?}", covered.len());
    let unused: Vec<&str> = config
        .recipes()
        .filter(|recipe| {
            !config.polled.iter().any(|it| it.source.url.host_str().is_some_and(|host| recipe.covers(host)))
        })
        .map(sitrepd::extract::Recipe::name)
        .collect();
    // The feed of the BBC lives on a host of its own.
    assert_eq!(unused, ["bbc"]);
}
