//! `templates/` of the configuration directory: how digests and alerts are laid out.

use std::{fs, io, path::Path};

use crate::digest::render::{BUILT_IN, Templates};

use super::ConfigError;

/// A file that is larger is not read to the end to say so.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// The templates in effect: those of the directory, and the built-in ones where it has none.
pub(super) fn read(dir: Option<&Path>, warnings: &mut Vec<String>) -> Result<Templates, ConfigError> {
    let Some(dir) = dir.map(|it| it.join("templates")) else { return Ok(Templates::default()) };
    let failed = |path: &Path, source| ConfigError::Io { doing: "read", path: path.to_owned(), source };
    let listing = match fs::read_dir(&dir) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Templates::default()),
        Err(error) => return Err(failed(&dir, error)),
    };
    let mut own = Vec::<(String, String)>::new();
    for file in listing {
        let path = file.map_err(|it| failed(&dir, it))?.path();
        let is_template = path.extension().is_some_and(|it| it == "html" || it == "txt" || it == "md");
        let Some(name) = path.file_name().and_then(|it| it.to_str()).filter(|_| is_template) else { continue };
        if fs::metadata(&path).map_err(|it| failed(&path, it))?.len() > MAX_FILE_BYTES {
            return Err(ConfigError::Invalid {
                place: path.display().to_string(),
                problem: "too long for a template".to_owned(),
            });
        }
        own.push((name.to_owned(), fs::read_to_string(&path).map_err(|it| failed(&path, it))?));
    }
    own.sort();
    let is_used = |name: &str| {
        let is_named = |(other, text): &(String, String)| other != name && text.contains(name);
        BUILT_IN.iter().any(|(it, _)| *it == name) || own.iter().any(is_named)
    };
    for (name, _) in own.iter().filter(|(name, _)| !is_used(name)) {
        let names = BUILT_IN.map(|(it, _)| it).join(", ");
        warnings.push(format!("templates/{name} is not used: it is none of {names}, and none of these includes it"));
    }
    Templates::new(&own).map_err(|it| {
        let line = it.line.map(|it| format!(" line {it}")).unwrap_or_default();
        ConfigError::Invalid { place: format!("{}{line}", dir.join(&it.name).display()), problem: it.problem }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> (Result<Templates, String>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("templates")).unwrap();
        for (name, text) in files {
            fs::write(dir.path().join("templates").join(name), text).unwrap();
        }
        let mut warnings = Vec::new();
        let res = read(Some(dir.path()), &mut warnings);
        let shown = format!("{}/", dir.path().display());
        (res.map_err(|it| it.to_string().replace(&shown, "")), warnings)
    }

    #[test]
    fn the_built_in_ones_may_stand_in_the_directory() {
        let (res, warnings) = load(&BUILT_IN);
        res.unwrap();
        assert_eq!(warnings, [] as [&str; 0]);
        let (res, warnings) =
            load(&[("digest.txt", "{% include 'head.txt' %}"), ("head.txt", "{{ title }}"), ("notes.org", "{% x")]);
        res.unwrap();
        assert_eq!(warnings, [] as [&str; 0]);
    }

    #[test]
    fn what_is_broken_is_told_with_file_and_line() {
        let mut wrong = Vec::new();
        for (files, expected) in [
            (&[("digest.html", "<p>\n{% if x %}\n")][..], "templates/digest.html line 2: syntax error: "),
            (&[("digest.html", "a\n{{ titel }}")], "templates/digest.html line 2: undefined value"),
            (&[("digest.md", "{{ title | safe }}")], "templates/digest.md line 1: unknown filter: "),
            (&[("digest.txt", "{% include 'x.txt' %}")], "templates/digest.txt line 1: template not found: "),
            (&[("digest.txt", "{% include 'a.txt' %}"), ("a.txt", "\n\n{{ 1 + '' }}")], "templates/a.txt line 3: "),
            (
                &[("digest.txt", "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}")],
                "templates/digest.txt line 1: engine ran out of fuel",
            ),
            (
                &[("digest.txt", "{% for a in range(10000) %}{{ 'x' * 50000 }}{% endfor %}")],
                "templates/digest.txt: failed to write output: it wrote more than 32 MB",
            ),
        ] {
            let (res, _) = load(files);
            let error = res.unwrap_err();
            if !error.starts_with(expected) {
                wrong.push(error);
            }
        }
        assert_eq!(wrong, [] as [&str; 0]);
        // Which name it is, the engine says in builds for developers alone: the line does.
        let (res, _) = load(&[("digest.html", "a\n{{ titel }}")]);
        assert!(res.unwrap_err().ends_with(", in {{ titel }}"));
        let (_, warnings) = load(&[("digst.html", "x")]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }
}
