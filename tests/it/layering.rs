//! The layers of `src/lib.rs`, enforced.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules from the bottom up. A module imports only from layers before its own.
const LAYERS: &[(&str, &[&str])] = &[
    ("data", &["model"]),
    ("text", &["text"]),
    ("stages", &["parse", "extract", "dedup", "classify", "watch", "schedule"]),
    ("decisions", &["decide", "digest"]),
    ("adapters", &["fetch", "store", "search", "deliver"]),
    ("faces", &["config", "api"]),
    ("wiring", &["daemon"]),
    ("command line", &["cli"]),
];

/// Words that mean I/O, async, a clock or configuration; none may appear below the adapter layer.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "tokio",
    "reqwest",
    "sled",
    "async fn",
    "::now(",
    "static mut",
    "thread_local",
];

fn layer_of(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|(_, modules)| modules.contains(&module))
        .unwrap_or_else(|| panic!("module `{module}` has no layer; add it to LAYERS"))
}

#[test]
fn modules_import_only_lower_layers() {
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        for used in used_modules(&text) {
            if used != module && layer_of(&module) <= layer_of(&used) {
                wrong.push(format!("{}: `{module}` uses `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the layers:\n{}", wrong.join("\n"));
}

#[test]
fn pure_modules_do_no_io() {
    let adapters = layer_of("fetch");
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        if layer_of(&module) < adapters {
            for word in IMPURE.iter().filter(|word| code(&text).contains(**word)) {
                wrong.push(format!("{}: `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "impure words in pure modules:\n{}", wrong.join("\n"));
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut res = Vec::new();
    walk(&src, &mut |path| {
        let rel = path.strip_prefix(&src).unwrap();
        let first = rel.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs").to_owned();
        if module != "lib" && module != "main" {
            res.push((module, path.to_owned(), fs::read_to_string(path).unwrap()));
        }
    });
    assert!(res.len() > LAYERS.len(), "found only {} source files", res.len());
    res
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path)) {
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            visit(&path);
        }
    }
}

/// First path segments after `crate::`, in `use` trees and in expressions alike.
fn used_modules(text: &str) -> Vec<String> {
    let code = code(text);
    let mut res = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(tree) => {
                let mut depth = 0;
                let mut start = true;
                let mut name = String::new();
                for c in tree.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            res.push(std::mem::take(&mut name));
                            start = true;
                        }
                        c if depth == 0 && start && (c.is_alphanumeric() || c == '_') => {
                            name.push(c);
                        }
                        c if depth == 0 && start && !c.is_whitespace() => start = false,
                        _ => (),
                    }
                }
                res.push(name);
            }
            None => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                res.push(rest[..end].to_owned());
            }
        }
    }
    res.retain(|name| !name.is_empty());
    res
}

/// The text without line comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

#[test]
fn used_modules_reads_trees() {
    let text = "use crate::{\n    dedup::{Candidate, Fingerprint},\n    extract,\n    model::X,\n};\nfn f() { crate::store::open() }\n// crate::fetch";
    assert_eq!(used_modules(text), ["dedup", "extract", "model", "store"]);
}
