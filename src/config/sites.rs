//! `sites/*.toml`: recipes that say where a site keeps what; with them `sites/ftr/*.txt`, which say it in a public
//! format.

use std::{fmt, path::Path, sync::Arc};

use chrono_tz::Tz;
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use crate::extract::{Asks, Pattern, Recipe, RecipeRule};

use super::{
    files, ftr,
    read::{self, ConfigError},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    recipe: Block,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    name: String,
    #[serde(default)]
    hosts: Vec<String>,
    body: Selectors,
    #[serde(default)]
    title: Selectors,
    #[serde(default)]
    author: Selectors,
    #[serde(default)]
    date: Selectors,
    zone: Option<String>,
    #[serde(default)]
    strip: Selectors,
    #[serde(default)]
    next: Selectors,
    #[serde(default)]
    headers: Headers,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Headers {
    accept: Option<String>,
    accept_language: Option<String>,
    cookie: Option<String>,
}

/// One selector, or a list of them.
#[derive(Debug, Default)]
struct Selectors(Vec<Pattern>);

impl<'de> Deserialize<'de> for Selectors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Selectors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CSS selector or a list of them")
            }

            fn visit_str<E>(self, css: &str) -> Result<Selectors, E> {
                Ok(Selectors(if css.is_empty() { Vec::new() } else { vec![css.into()] }))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Selectors, A::Error> {
                let mut res = Vec::new();
                while let Some(css) = list.next_element::<String>()? {
                    res.push(css.as_str().into());
                }
                Ok(Selectors(res))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Longer header values are nonsense.
const MAX_HEADER_BYTES: usize = 500;

/// A header value that can be sent: printable ASCII on one line.
fn header(name: &str, value: Option<String>) -> Result<Option<String>, String> {
    let is_sendable = |it: &String| {
        !it.is_empty() && it.len() <= MAX_HEADER_BYTES && it.bytes().all(|it| it == b' ' || it.is_ascii_graphic())
    };
    match value {
        Some(it) if !is_sendable(&it) => {
            Err(format!("headers.{name} is not one line of printable ASCII of at most {MAX_HEADER_BYTES} bytes"))
        }
        value => Ok(value),
    }
}

/// The recipes, those in sitrepd's format before those in the public one, and what of the latter cannot be used.
pub(super) fn read(dir: Option<&Path>) -> Result<(Vec<Arc<Recipe>>, Vec<String>), ConfigError> {
    let texts = files::read_sites(dir)?;
    let (mut recipes, mut problems) = (Vec::<Arc<Recipe>>::new(), Vec::new());
    for (nth, it) in texts.iter().enumerate() {
        let (recipe, hosts) = parse(&it.path, &it.text)?;
        for host in hosts {
            // By its name, a source can still have it.
            if let Some((first, _)) = texts.iter().zip(&recipes).take(nth).find(|(_, first)| first.covers(&host)) {
                let (path, first) = (it.path.display(), first.path.display());
                problems.push(format!(
                    "{path} does not read the pages of {host}: {first} reads them, which comes first by its name"
                ));
            }
        }
        recipes.push(Arc::new(recipe));
    }
    for it in files::read_ftr(dir)? {
        let read = ftr::parse(&it.path, &it.text);
        recipes.extend(read.recipe.map(Arc::new));
        if !read.problems.is_empty() {
            problems.push(format!("{}: {}", it.path.display(), read.problems.join("; ")));
        }
    }
    Ok((recipes, problems))
}

/// Reads the recipe of a file, and the hosts that it is for, in small letters.
fn parse(file: &Path, text: &str) -> Result<(Recipe, Vec<String>), ConfigError> {
    let Block { name, hosts, body, title, author, date, zone, strip, next, headers } =
        read::parse::<File>(file, text)?.recipe;
    let wrong = |it: String| ConfigError::at(file, text, &["recipe"], it);
    let asks = Asks {
        accept: header("accept", headers.accept).map_err(wrong)?,
        accept_language: header("accept-language", headers.accept_language).map_err(wrong)?,
        cookie: header("cookie", headers.cookie).map_err(wrong)?,
    };
    let zone =
        zone.map(|it| it.parse::<Tz>().map_err(|_| wrong(format!("there is no time zone {it:?}")))).transpose()?;
    let lower = hosts.iter().map(|it| it.to_ascii_lowercase()).collect();
    let [body, title, author, date, strip, next] = [body, title, author, date, strip, next].map(|it| it.0);
    Recipe::compile(&RecipeRule { name, hosts, body, title, author, date, zone, strip, next, asks })
        .map(|it| (it, lower))
        .map_err(|it| wrong(it.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        config::Config,
        model::{Source, SourceId},
    };

    #[test]
    fn only_headers_that_do_no_harm_are_sent() {
        let read = |headers: &str| {
            let text = format!("[recipe]\nname = \"a\"\nbody = [\".a\", \".b\"]\n[recipe.headers]\n{headers}\n");
            parse(Path::new("a.toml"), &text).map(|it| it.0.asks().clone()).map_err(|it| it.to_string())
        };
        let asks = read("accept-language = \"ka,en;q=0.5\"\ncookie = \"consent=yes\"").unwrap();
        assert_eq!((asks.accept, asks.accept_language.as_deref()), (None, Some("ka,en;q=0.5")));
        assert_eq!(asks.cookie.as_deref(), Some("consent=yes"));
        for wrong in
            ["authorization = \"x\"", "host = \"x\"", "cookie = \"a\\r\\nb\"", "cookie = \"\"", "accept = \"ქ\""]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_own_recipe_goes_first_then_the_file_of_the_longest_host() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| {
            let path = dir.path().join("sites").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("own.toml", b"[recipe]\nname = \"own\"\nhosts = [\"a.example\"]\nbody = \"main\"\n");
        write("ftr/.gazette.example.txt", b"body: //main\n# \xe9 in another encoding\n");
        write("ftr/news.gazette.example.txt", b"body: //article\nreplace_string(a): b\n");
        write("ftr/a.example.txt", b"body: //main");
        write("ftr/README.md", b"body: //main");
        let (recipes, problems) = read(Some(dir.path())).unwrap();
        let names: Vec<_> = recipes.iter().map(|it| it.name()).collect();
        assert_eq!(names, ["own", "ftr/news.gazette.example", "ftr/gazette.example", "ftr/a.example"]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(
            problem.ends_with("news.gazette.example.txt: line 2: replace_string(a): this is not supported"),
            "{problem}"
        );
    }

    #[test]
    fn a_cookie_goes_to_the_hosts_of_its_recipe_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sites")).unwrap();
        let recipe = "[recipe]\nname = \"paid\"\nhosts = [\"a.example\"]\nbody = \"main\"\n[recipe.headers]\n\
                      cookie = \"consent=1\"\naccept-language = \"en\"\n";
        fs::write(dir.path().join("sites/paid.toml"), recipe).unwrap();
        let (recipes, _) = read(Some(dir.path())).unwrap();
        let recipe = recipes.iter().find(|it| it.name() == "paid").unwrap();
        // A source may name the recipe, and its feed lead anywhere.
        let source = Source::feed(SourceId::sample(), "S".into(), "https://a.example/feed".parse().unwrap());
        let asked = |page: &str| {
            let request = Config::page_request(&source, Some(recipe), &page.parse().unwrap());
            (request.cookie.map(str::to_owned), request.accept_language.is_some())
        };
        assert_eq!(asked("https://www.a.example/1"), (Some("consent=1".to_owned()), true));
        assert_eq!(asked("https://b.example/1"), (None, true));
    }

    #[test]
    fn of_two_recipes_for_one_host_the_second_is_told() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sites")).unwrap();
        for (name, hosts) in [
            ("a", "[\"News.example\", \"other.example\"]"),
            ("b", "[\"news.example\"]"),
            ("c", "[\"old.news.example\", \"c.example\", \"thenews.example\"]"),
        ] {
            let text = format!("[recipe]\nname = \"{name}\"\nhosts = {hosts}\nbody = \"main\"\n");
            fs::write(dir.path().join(format!("sites/{name}.toml")), text).unwrap();
        }
        let (recipes, problems) = read(Some(dir.path())).unwrap();
        let [same, below] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(recipes.len(), 3);
        assert!(same.contains("sites/b.toml does not read the pages of news.example: "), "{same}");
        assert!(below.contains("pages of old.news.example: ") && below.contains("sites/a.toml reads them"), "{below}");
        // The shipped ones do not stand in each other's way.
        assert_eq!(read(None).unwrap().1, Vec::<String>::new());
    }

    #[test]
    fn patterns_alone_leave_the_shipped_recipes() {
        let dir = tempfile::tempdir().unwrap();
        let shipped = read(Some(dir.path())).unwrap().0.len();
        assert!(shipped > 0);
        let ftr = dir.path().join("sites/ftr");
        fs::create_dir_all(&ftr).unwrap();
        fs::write(ftr.join("a.example.txt"), "body: //main").unwrap();
        assert_eq!(read(Some(dir.path())).unwrap().0.len(), shipped + 1);
        // A draft is no recipe.
        fs::write(dir.path().join("sites/.own.toml"), "[recipe]").unwrap();
        assert_eq!(read(Some(dir.path())).unwrap().0.len(), shipped + 1);
    }
}
