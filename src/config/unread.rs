//! What looks like a part of the configuration and is not read: a typing error in a name would pass unnoticed.

use std::{fs, path::Path};

use toml_edit::DocumentMut;

use super::{file, files, read};

/// Variables that are no keys of the configuration. Those of channels are named after them.
const OTHERS: [&str; 2] = ["SITREPD_MAIL_PASSWORD", "SITREPD_UNSUBSCRIBE_KEY"];

/// Files of `conf.d` that seem meant to be laid over `sitrepd.toml` and are not. Nothing is said of what people keep
/// beside them: notes, and files that they or a package have put aside (`30-mail.toml.off`).
pub(super) fn conf_d(dir: Option<&Path>) -> Vec<String> {
    let Some(Ok(listing)) = dir.map(|it| fs::read_dir(it.join("conf.d"))) else { return Vec::new() };
    let mut paths: Vec<_> = listing.flatten().map(|it| it.path()).filter(|it| it.is_file()).collect();
    paths.retain(|it| is_mistaken(it));
    paths.sort();
    let told = |it: &Path| format!("{} is not read: only files of conf.d whose names end in .toml are", it.display());
    paths.iter().map(|it| told(it)).collect()
}

/// Files beside `sitrepd.toml` that seem meant to be a part of the configuration and are not: with `watch.toml` in place of
/// `watches.toml`, the built-in watches would hold.
pub(super) fn beside(dir: Option<&Path>) -> Vec<String> {
    let Some(Ok(listing)) = dir.map(fs::read_dir) else { return Vec::new() };
    let mut paths: Vec<_> = listing.flatten().map(|it| it.path()).filter(|it| it.is_file()).collect();
    let is_toml = |it: &Path| it.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml"));
    paths.retain(|it| is_toml(it) && !files::is_hidden(it));
    paths.sort();
    let unknown = paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        if files::NAMES.contains(&name) {
            return None;
        }
        // Without the ending, which makes all of them alike.
        let stems = files::NAMES.map(|it| it.trim_end_matches(".toml"));
        let near = read::nearest(path.file_stem()?.to_str()?.to_lowercase().as_str(), &stems);
        let near = near.map(|it| format!("; did you mean {it}.toml?")).unwrap_or_default();
        Some(format!("{} is not read: no file of the configuration has this name{near}", path.display()))
    });
    unknown.collect()
}

fn is_mistaken(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_put_aside = name.ends_with('~') || name.contains(".toml.");
    let is_read_or_note = path.extension().is_some_and(|it| ["toml", "md", "txt"].iter().any(|known| it == *known));
    !(files::is_hidden(path) || is_put_aside || is_read_or_note || name.starts_with("README"))
}

/// Environment variables whose names begin as those of sitrepd do and that mean nothing. `channels` are the names of the
/// configured ones. Their values are not shown: they may be secrets.
pub(super) fn variables<'n>(env: &[(String, String)], channels: impl Iterator<Item = &'n str>) -> Vec<String> {
    let of_channel = |name: &str| ["token", "url", "secret"].map(|what| super::secrets::variable(name, what));
    let known: Vec<_> = channels.flat_map(of_channel).chain(OTHERS.map(str::to_owned)).collect();
    // A wrong key is an error already.
    let is_ours = |it: &str| it.starts_with("SITREPD__") || known.iter().any(|known| known == it);
    let unknown = env.iter().map(|it| it.0.as_str()).filter(|it| it.starts_with("SITREPD_") && !is_ours(it));
    let told = |name: &str| {
        let keys = keys();
        let all: Vec<_> = known.iter().chain(&keys).map(String::as_str).collect();
        let near = read::nearest(name, &all).map(|it| format!("; did you mean {it}?")).unwrap_or_default();
        format!(
            "environment variable {name} means nothing: those for keys have two underscores, as in SITREPD__POLL__INTERVAL{near}"
        )
    };
    unknown.map(told).collect()
}

/// The variables for all keys of the shipped file.
fn keys() -> Vec<String> {
    let document = file::DEFAULTS.parse::<DocumentMut>().unwrap_or_default();
    let tables = document.iter().filter_map(|(section, item)| Some((section, item.as_table()?)));
    let of_table =
        tables.flat_map(|(section, table)| table.iter().map(move |it| format!("SITREPD__{section}__{}", it.0)));
    of_table.map(|it| it.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_people_keep_beside_are_no_mistakes() {
        let dir = tempfile::tempdir().unwrap();
        let conf_d = dir.path().join("conf.d");
        assert_eq!(super::conf_d(Some(dir.path())), Vec::<String>::new());
        fs::create_dir_all(conf_d.join("more.d")).unwrap();
        let fine = ["10.toml", ".20.toml.swp", "30.toml~", "40.toml.off", "50.toml.dpkg-old", "README", "notes.md"];
        let mistaken = ["10-mail", "20.tml", "30.conf", "40.TOML"];
        fine.iter().chain(&mistaken).for_each(|it| fs::write(conf_d.join(it), "").unwrap());
        let told = super::conf_d(Some(dir.path()));
        assert_eq!(told.len(), mistaken.len(), "{told:?}");
        assert!(mistaken.iter().zip(&told).all(|(name, told)| told.contains(&format!("conf.d/{name} is not read"))));
    }

    /// Found in a review: `watch.toml` was passed over, and the shipped watches held.
    #[test]
    fn a_file_that_is_named_nearly_as_one_that_is_read_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(beside(None), Vec::<String>::new());
        let fine = ["watches.toml", "sitrepd.toml", ".watch.toml", "watches.toml.off", "notes.md", "watch.toml~"];
        let mistaken = [
            ("Watches.toml", "; did you mean watches.toml?"),
            ("other.toml", "has this name"),
            ("source.toml", "; did you mean sources.toml?"),
            ("topics.TOML", "; did you mean topics.toml?"),
            ("watch.toml", "; did you mean watches.toml?"),
        ];
        fs::create_dir(dir.path().join("more.toml")).unwrap();
        fine.iter().chain(mistaken.iter().map(|it| &it.0)).for_each(|it| fs::write(dir.path().join(it), "").unwrap());
        let told = beside(Some(dir.path()));
        assert_eq!(told.len(), mistaken.len(), "{told:?}");
        for ((name, near), told) in mistaken.iter().zip(&told) {
            assert!(told.contains(&format!("/{name} is not read")) && told.ends_with(near), "{told}");
        }
    }

    #[test]
    fn a_variable_that_means_nothing_is_told_with_what_was_meant() {
        let told = |name: &str| {
            let env = [(name.to_owned(), "s3cret".to_owned())];
            variables(&env, ["my-desk"].into_iter()).pop()
        };
        for known in
            ["SITREPD__POLL__INTERVAL", "SITREPD_MAIL_PASSWORD", "SITREPD_CHANNEL_MY_DESK_URL", "HOME", "SITREPDX"]
        {
            assert_eq!(told(known), None, "{known}");
        }
        for (wrong, meant) in [
            ("SITREPD_STATEDIR", ""),
            ("SITREPD_DAEMON__STATE_DIR", "did you mean SITREPD__DAEMON__STATE_DIR?"),
            ("SITREPD_POLL_INTERVAL", "did you mean SITREPD__POLL__INTERVAL?"),
            ("SITREPD_MAIL_PASSWROD", "did you mean SITREPD_MAIL_PASSWORD?"),
            ("SITREPD_CHANNEL_MY_DESK_TOKNE", "did you mean SITREPD_CHANNEL_MY_DESK_TOKEN?"),
        ] {
            let told = told(wrong).unwrap();
            assert!(told.contains(wrong) && told.contains(meant) && !told.contains("s3cret"), "{told}");
        }
    }
}
