//! `sites/*.toml`: recipes that say where a site keeps what.

use std::path::Path;

use serde::Deserialize;

use crate::extract::{Recipe, RecipeRule};

use super::read::{self, ConfigError};

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

/// Reads the recipe of a file.
pub(super) fn parse(file: &Path, text: &str) -> Result<Recipe, ConfigError> {
    let Block { name, hosts, body, title, author, date, strip } = read::parse::<File>(file, text)?.recipe;
    Recipe::compile(&RecipeRule { name, hosts, body, title, author, date, strip })
        .map_err(|it| ConfigError::at(file, text, &["recipe"], it.to_string()))
}
