//! The lines of pages with their features, for `train.py`. See README.md beside this file.
//!
//! `cargo bench --bench extract -- PAGES.jsonl FOLDER [dates]` reads `{"id","path","url"}` a line and writes `FOLDER/lines.jsonl`
//! with the lines of each page, or the days that it names, and `FOLDER/features.f32` with their features, rows of
//! little-endian `f32`.
//!
//! `cargo bench --bench extract -- PAGES.jsonl FOLDER bodies` reads `FOLDER/judged.f32`, a little-endian `f32` for each line of
//! `lines.jsonl`, and writes `FOLDER/bodies.jsonl` with what is made of the pages when their lines are judged so; `context`
//! instead of `bodies` writes `FOLDER/context.f32` with the features of the second scorer.
//!
//! `cargo bench --bench extract -- PAGES.jsonl speed` reads each page three times and says how long the best of them took.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a tool for developers")]

use std::{
    env, fs,
    hint::black_box,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
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

impl Page {
    /// Where it was read; where that is not known, a file's address, which says nothing about those in it.
    fn address(&self) -> Url {
        self.url.clone().unwrap_or_else(|| Url::parse("file:///page.html").unwrap())
    }
}

/// The lines of a page as they were written.
#[derive(Deserialize)]
struct Lines {
    lines: Vec<String>,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    if let [pages, mode] = arguments.as_slice()
        && mode == "speed"
    {
        return speed(pages);
    }
    // Run by `cargo bench` without arguments of its own, there is nothing to do.
    let [pages, folder, rest @ ..] = arguments.as_slice() else { return };
    if let Some(mode) = rest.first().filter(|it| matches!(it.as_str(), "bodies" | "context")) {
        return judged(pages, Path::new(folder), mode == "context");
    }
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
        let url = page.address();
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

/// What is made of pages whose lines are judged elsewhere.
fn judged(pages: &str, folder: &Path, is_context: bool) {
    let judged: Vec<f32> = fs::read(folder.join("judged.f32"))
        .unwrap()
        .chunks_exact(4)
        .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
        .collect();
    let lines = fs::read_to_string(folder.join("lines.jsonl")).unwrap();
    let name = if is_context { "context.f32" } else { "bodies.jsonl" };
    let mut out = BufWriter::new(fs::File::create(folder.join(name)).unwrap());
    let mut rest = judged.as_slice();
    for (page, lines) in fs::read_to_string(pages).unwrap().lines().zip(lines.lines()) {
        let page: Page = serde_json::from_str(page).unwrap();
        let n_lines = serde_json::from_str::<Lines>(lines).unwrap().lines.len();
        let (of_page, after) = rest.split_at(n_lines);
        rest = after;
        let markup = fs::read(&page.path).unwrap();
        let markup = parse::page_text(&markup, None);
        if is_context {
            for value in extract::context_samples(&markup, of_page).unwrap_or_default().iter().flatten() {
                out.write_all(&value.to_le_bytes()).unwrap();
            }
            continue;
        }
        let url = page.address();
        let body = extract::page_judged(&markup, &url, of_page).map(|it| it.body).unwrap_or_default();
        writeln!(out, "{}", json!({ "id": page.id, "body": body })).unwrap();
    }
}

/// Pages a second of one core, and what the slowest take. Reading the file is not counted, decoding is.
fn speed(pages: &str) {
    let mut times = Vec::new();
    for line in fs::read_to_string(pages).unwrap().lines() {
        let page: Page = serde_json::from_str(line).unwrap();
        let bytes = fs::read(&page.path).unwrap();
        let url = page.address();
        let once = || {
            let start = Instant::now();
            drop(black_box(extract::page(&parse::page_text(&bytes, None), &url, None)));
            start.elapsed()
        };
        times.push((0..3).map(|_| once()).min().unwrap_or_default());
    }
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let at = |of_100: usize| times.get(times.len() * of_100 / 100).copied().unwrap_or_default();
    let per_second = times.len() as f64 / total.as_secs_f64();
    let worst = times.last().copied().unwrap_or_default();
    println!("{per_second:.0} pages a second, p50 {:?}, p99 {:?}, worst {worst:?}", at(50), at(99));
}
