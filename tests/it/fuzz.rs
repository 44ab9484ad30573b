//! Pages, addresses, queries and files of the configuration made at random; feeds are in `mutations`, dates, frames,
//! records and mail headers beside their code.
//!
//! As a plain test each makes some hundred. `python3 tests/faults/fuzz.py --iterations 10000000` or `--seconds 3600` makes more, of all
//! or of those that are named. What they begin with is kept: the fixtures, and `tests/fixtures/fuzz/`, to which a line is added for
//! whatever was found.

use std::{fs, path::Path, sync::LazyLock};

use sitrepd::{
    config::{TopicsFile, WatchesFile, check_sources, opml},
    extract,
    model::CanonicalUrl,
    watch,
};

use crate::{
    feeds::folders,
    support::damage::{Damage, damaged},
};

/// Made as a plain test.
const ITERATIONS: usize = 50;

fn read(paths: impl Iterator<Item = std::path::PathBuf>) -> Vec<Vec<u8>> {
    paths.filter(|it| it.is_file()).map(|it| fs::read(it).unwrap()).filter(|it| it.len() < 20_000).collect()
}

/// The pages of all fixtures.
static PAGES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| read(folders("articles").into_iter().map(|it| it.join("source.html"))));

/// The files that are shipped.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let within = |it: &Path| fs::read_dir(it).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    read(within(&dir).into_iter().chain(within(&dir.join("sites"))))
});

/// `f` with a document of `all`, damaged.
fn each(all: &[Vec<u8>], f: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let cases = bolero::check!().with_iterations(ITERATIONS).with_type::<(u8, Vec<Damage>)>();
    cases.for_each(|(which, damages)| {
        f(&damaged(&all[usize::from(*which) % all.len()], &damages[..damages.len().min(12)], all));
    });
}

#[test]
fn any_page_is_read_or_refused() {
    let url = "https://news.example/2026/11/22/report".parse().unwrap();
    each(&PAGES, |bytes| {
        let markup = String::from_utf8_lossy(bytes);
        let first = extract::page(&markup, &url, None);
        if let Ok(read) = &first {
            assert!(!read.body.contains(['\r', '\0']), "{:?}", read.body);
            assert!(read.title.as_ref().is_none_or(|it| !it.contains('\n')));
        }
        let again = extract::page(&markup, &url, None);
        assert_eq!(first.ok(), again.ok(), "read twice, read otherwise");
    });
}

/// A line of a file of the corpus with something put into it.
fn seeded(corpus: &str, which: u8, at: u8, piece: &str) -> String {
    let lines: Vec<_> = corpus.lines().collect();
    let line = lines[usize::from(which) % lines.len()];
    let at = line.char_indices().map(|it| it.0).nth(usize::from(at)).unwrap_or(line.len());
    [&line[..at], piece, &line[at..]].concat()
}

#[test]
fn any_address_is_made_the_same_once_and_for_all() {
    let corpus = include_str!("../fixtures/fuzz/urls.txt");
    let cases = bolero::check!().with_iterations(100 * ITERATIONS).with_type::<(u8, u8, String)>();
    cases.for_each(|(start, at, rest)| {
        const STARTS: [&str; 6] = [
            "",
            "https://",
            "http://a.example/",
            "https://user:pass@a.example:8080/p?utm_source=",
            "//",
            "https://[::1]",
        ];
        let text = match at % 2 {
            0 => format!("{}{rest}", STARTS[usize::from(*start) % STARTS.len()]),
            _ => seeded(corpus, *start, at / 2, rest),
        };
        let Some(url) = CanonicalUrl::parse(&text) else { return };
        assert_eq!(CanonicalUrl::parse(url.as_str()).as_ref(), Some(&url), "{text:?}");
        assert!(url.as_url().username().is_empty() && url.as_url().password().is_none(), "{text:?}");
        assert!(matches!(url.as_url().scheme(), "http" | "https"), "{text:?}");
    });
}

#[test]
fn any_query_is_read_or_refused() {
    let corpus = include_str!("../fixtures/fuzz/queries.txt");
    let cases = bolero::check!().with_iterations(100 * ITERATIONS).with_type::<(u8, u8, Vec<u8>)>();
    cases.for_each(|(which, at, pieces)| {
        const PIECES: &[&str] = &[
            "Vinnikov",
            "ITPP",
            "a",
            "\"",
            "(",
            ")",
            "[",
            "]",
            "|",
            " ",
            " AND ",
            " OR ",
            " NOT ",
            " NEAR/3 ",
            " ONEAR/9 ",
            "-",
            "=",
            "~",
            "!",
            "*",
            "title:",
            "lang:",
            "[3] ",
            ">= 4",
            ",",
            "Винников",
            "ვინიკოვი",
            "\u{202e}",
            "\0",
            "99999999999",
            "NEAR/",
            ":",
        ];
        let query: String = pieces.iter().take(60).map(|it| PIECES[usize::from(*it) % PIECES.len()]).collect();
        let query = if at % 2 == 0 { query } else { seeded(corpus, *which, at / 2, &query) };
        if let Err(error) = watch::query::parse(&query) {
            assert!(!error.to_string().is_empty());
        }
    });
}

#[test]
fn any_configuration_is_read_or_refused() {
    each(&FILES, |bytes| read_configuration(&String::from_utf8_lossy(bytes)));
}

/// As each of the files that hold lists.
fn read_configuration(text: &str) {
    let _ = check_sources(Path::new("sources.toml"), text);
    if let Ok(file) = toml_edit::de::from_str::<WatchesFile>(text) {
        let _ = watch::Watchlist::compile(file.rules());
    }
    if let Ok(file) = toml_edit::de::from_str::<TopicsFile>(text) {
        let _ = file.rules();
    }
}

#[test]
fn any_list_of_subscriptions_is_read() {
    let list = b"<opml version=\"2.0\"><body><outline text=\"a\"><outline type=\"rss\" text=\"b\" xmlUrl=\"https://b.example/f\"/>\
        </outline></body></opml>";
    each(&[list.to_vec()], |bytes| {
        let _ = opml::read(&String::from_utf8_lossy(bytes), &|_| false);
    });
}

#[test]
fn a_deep_configuration_overflows_no_stack() {
    for depth in (70..90).chain([10, 1_000, 20_000]) {
        let texts = [
            format!("a = {}{}", "[".repeat(depth), "]".repeat(depth)),
            format!("a = {}1{}", "{a=".repeat(depth), "}".repeat(depth)),
            // toml_parser 1.1.5 lost count of how deep it was.
            format!("a = {}", "{[1]\nb = ".repeat(depth)),
            format!("{}a = 1", "a.".repeat(depth)),
            format!("[{}a]", "a.".repeat(depth)),
            format!("[[{}a]]", "a.".repeat(depth)),
            format!("[[watch]]\nname = \"a\"\nquery = \"{}a{}\"", "(".repeat(depth), ")".repeat(depth)),
            format!("[[watch]]\nname = \"a\"\nquery = \"{} a\"", "NOT ".repeat(depth)),
            format!("[[source]]\nname = {}", "[".repeat(depth)),
        ];
        for text in &texts {
            read_configuration(text);
        }
    }
}
