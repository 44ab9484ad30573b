//! The regional pack and the site recipes that ship with the program.

use std::{collections::HashSet, fs, path::Path};

use sitrepd::{daemon::demo_site, model::SourceId};
use toml_edit::{DocumentMut, Table};
use url::Url;

const KEYS: &[&str] = &[
    "id",
    "name",
    "url",
    "kind",
    "languages",
    "country",
    "ownership",
    "tier",
    "interval",
    "cron",
    "zone",
    "expected_every",
    "sibling",
    "recipe",
    "user_agent",
    "pages",
    "guids",
    "verified",
    "enabled",
    "listing",
    "sitemap",
    "json",
];
const KINDS: &[&str] = &["syndication", "listing", "sitemap", "json", "wordpress", "telegram"];
const OWNERSHIPS: &[&str] = &["official", "state", "public", "independent", "exile", "research", "unknown"];

fn config(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(path)).unwrap()
}

/// Checks every source of `text`; gives the number that is enabled and the number in all.
#[track_caller]
fn check_sources(text: &str) -> (usize, usize) {
    let document: DocumentMut = text.parse().unwrap();
    let sources = document["source"].as_array_of_tables().unwrap();
    let (mut ids, mut urls, mut enabled) = (HashSet::new(), HashSet::new(), 0);
    for source in sources {
        let id = text_of(source, "id");
        SourceId::new(id).unwrap();
        assert!(ids.insert(id), "{id} stands twice");
        for (key, _) in source {
            assert!(KEYS.contains(&key), "{id}: unknown key {key}");
        }
        assert!(!text_of(source, "name").is_empty(), "{id}: no name");
        let url = Url::parse(text_of(source, "url")).unwrap();
        assert!(matches!(url.scheme(), "http" | "https") && url.has_host(), "{id}: {url}");
        assert!(urls.insert(url.to_string()), "{id}: {url} stands twice");
        assert!(KINDS.contains(&text_of(source, "kind")), "{id}: kind");
        assert!(OWNERSHIPS.contains(&text_of(source, "ownership")), "{id}: ownership");
        let country = text_of(source, "country");
        assert!(country.len() == 2 && country.bytes().all(|it| it.is_ascii_uppercase()), "{id}: country {country}");
        let languages = source["languages"].as_array().unwrap();
        assert!(!languages.is_empty(), "{id}: no language");
        for language in languages {
            let language = language.as_str().unwrap();
            assert!(language.len() == 2 && language.bytes().all(|it| it.is_ascii_lowercase()), "{id}: {language}");
        }
        assert!((1..=3).contains(&source["tier"].as_integer().unwrap()), "{id}: tier");
        match source.get("enabled").is_none_or(|it| it.as_bool().unwrap()) {
            true => enabled += 1,
            false => {
                let above = source.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
                assert!(above.contains("# Disabled: "), "{id} is disabled without a reason above it");
            }
        }
    }
    (enabled, sources.len())
}

fn text_of<'a>(table: &'a Table, key: &str) -> &'a str {
    table[key].as_str().unwrap_or_else(|| panic!("{key} is not text in {table}"))
}

#[test]
fn pack_is_whole() {
    let (enabled, all) = check_sources(&config("sources.toml"));
    assert!(enabled >= 40, "only {enabled} sources are enabled");
    assert!(all >= 126, "only {all} sources");
}

#[test]
fn sample_sources_are_whole() {
    assert_eq!(check_sources(&demo_site::sources("http://127.0.0.1:9")), (4, 4));
}

/// Keys and selectors are checked where the shipped configuration is read.
#[test]
fn recipes_are_whole() {
    let mut names = HashSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sites");
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        let document: DocumentMut = fs::read_to_string(&path).unwrap().parse().unwrap();
        let recipe = document["recipe"].as_table().unwrap();
        let name = text_of(recipe, "name").to_owned();
        assert_eq!(path.file_stem().unwrap().to_str(), Some(name.as_str()), "a recipe is named as its file");
        assert!(!recipe["hosts"].as_array().unwrap().is_empty(), "{name}: no host");
        names.insert(name);
    }
    {
        let text = config("sources.toml");
        let document: DocumentMut = text.parse().unwrap();
        for source in document["source"].as_array_of_tables().unwrap() {
            if let Some(recipe) = source.get("recipe") {
                assert!(names.contains(recipe.as_str().unwrap()), "no recipe {recipe}");
            }
        }
    }
}
