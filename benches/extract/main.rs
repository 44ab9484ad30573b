//! The lines of pages with their features, for `train.py`. See README.md beside this file.
//!
//! `cargo bench --bench extract -- PAGES.jsonl FOLDER [dates]` reads `{"id","path","url"}` a line and writes `FOLDER/lines.jsonl`
//! with the lines of each page, or the days that it names, and `FOLDER/features.f32` with their features, rows of
//! little-endian `f32`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

use std::{
    env, fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::json;
use sitrepd::{extract, parse};
use url::Url;

#[derive(Deserialize)]
struct Page {
    id: String,
    path: PathBuf,
    url: Option<Url>,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    // Run by `cargo bench` without arguments of its own, there is nothing to do.
    let [pages, folder, rest @ ..] = arguments.as_slice() else { return };
    let of_dates = rest.first().is_some_and(|it| it == "dates");
    let folder = Path::new(folder);
    fs::create_dir_all(folder).unwrap();
    let mut lines = BufWriter::new(fs::File::create(folder.join("lines.jsonl")).unwrap());
    let mut features = BufWriter::new(fs::File::create(folder.join("features.f32")).unwrap());
    let (mut n_lines, mut width) = (0, 0);
    for line in fs::read_to_string(pages).unwrap().lines() {
        let page: Page = serde_json::from_str(line).unwrap();
        let markup = fs::read(&page.path).unwrap();
        let markup = parse::page_text(&markup, None);
        let url = page.url.unwrap_or_else(|| Url::parse("http://localhost/").unwrap());
        let samples = match of_dates {
            true => extract::date_samples(&markup, &url),
            false => extract::samples(&markup),
        };
        // A page that is not read has no lines.
        let samples = samples.unwrap_or_default();
        let texts: Vec<_> = samples.iter().map(|it| it.text.as_str()).collect();
        writeln!(lines, "{}", json!({ "id": page.id, "lines": texts })).unwrap();
        for value in samples.iter().flat_map(|it| &it.features) {
            features.write_all(&value.to_le_bytes()).unwrap();
        }
        n_lines += samples.len();
        width = samples.first().map_or(width, |it| it.features.len());
    }
    println!("{n_lines} lines of {width} features");
}
