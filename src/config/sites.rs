//! `sites/*.toml`: recipes that say where a site keeps what; with them `sites/ftr/*.txt`, which say it in a public format.

use std::{path::Path, sync::Arc};

use serde::Deserialize;

use crate::extract::{Pattern, Recipe, RecipeRule};

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
    body: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    strip: Vec<String>,
}

/// The recipes, an own one before one in the public format, and what of the latter cannot be used.
pub(super) fn read(dir: Option<&Path>) -> Result<(Vec<Arc<Recipe>>, Vec<String>), ConfigError> {
    let texts = files::read_sites(dir)?;
    let own = texts.iter().map(|it| parse(&it.path, &it.text).map(Arc::new));
    let (mut recipes, mut problems) = (own.collect::<Result<Vec<_>, _>>()?, Vec::new());
    for it in files::read_ftr(dir)? {
        let read = ftr::parse(&it.path, &it.text);
        recipes.extend(read.recipe.map(Arc::new));
        if !read.problems.is_empty() {
            problems.push(format!("{}: {}", it.path.display(), read.problems.join("; ")));
        }
    }
    Ok((recipes, problems))
}

/// Reads the recipe of a file.
fn parse(file: &Path, text: &str) -> Result<Recipe, ConfigError> {
    let Block { name, hosts, body, title, author, date, strip } = read::parse::<File>(file, text)?.recipe;
    let one = |css: &str| if css.is_empty() { Vec::new() } else { vec![Pattern::from(css)] };
    let (body, title, author, date) = (one(&body), one(&title), one(&author), one(&date));
    let strip = strip.iter().map(|it| Pattern::from(it.as_str())).collect();
    Recipe::compile(&RecipeRule { name, hosts, body, title, author, date, strip })
        .map_err(|it| ConfigError::at(file, text, &["recipe"], it.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

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
}
