//! What is shown of an archive with a damaged record, and that the damage is told.

use std::{fs, path::Path};

use super::desk::{Desk, site};

/// Where the frames of a ledger's only file begin, with their kinds and lengths.
fn frames(bytes: &[u8]) -> Vec<(usize, u8, usize)> {
    let starts: Vec<_> =
        bytes.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0).collect();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).map(|(start, end)| (*start, bytes[start + 5], end - start)).collect()
}

/// Damages the record with this number, and every page where it is 0.
pub(super) fn damage(state: &Path, record: u64) {
    let path = fs::read_dir(state.join("ledger")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&path).unwrap();
    for (number, (start, kind, length)) in (1..).zip(frames(&bytes)) {
        if number == record || (record == 0 && kind == 2) {
            bytes[start + length / 2] ^= 4;
        }
    }
    fs::write(&path, bytes).unwrap();
}

/// The article with this title, and the number of its record.
fn article(desk: &Desk, title: &str) -> (String, u64) {
    let found = desk.run_args(&["--json", "search", &format!("\"{title}\"")]).ok().records();
    let found = found.iter().find(|it| it["title"] == title).unwrap_or_else(|| panic!("{found:?}"));
    let id = found["id"].as_str().unwrap().to_owned();
    let shown = desk.run(&format!("--json show {id}")).ok().record();
    (id, shown["citation"]["record"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_told() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let (id, record) = article(&desk, "A new lamp for the lighthouse");
    let (copy, _) = article(&desk, "The lighthouse has a new lamp");
    let show = format!("show {id} --page {}", desk.dir.path().join("page.html").display());
    let export = format!("export --warc {}", desk.dir.path().join("pages.warc").display());
    desk.run(&show).ok();
    desk.run(&export).ok();
    // The record of an article is no page, and a WARC file has what is in it too.
    damage(&desk.state_dir(), record);
    desk.run(&export).exits(65).warns("is damaged").warns("pages in");
    desk.run(&format!("{export} --article {copy}")).ok().warns("1 page in");
    damage(&desk.state_dir(), record);
    desk.run(&export).ok();
    damage(&desk.state_dir(), 0);
    desk.run(&show).exits(65).warns("is damaged");
    desk.run(&export).exits(65).warns("is damaged").warns("0 pages in");
    desk.run(&format!("{export} --article {id}")).exits(65).warns("is damaged");
    desk.run(&format!("show {id}")).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_whole_of_a_story_is_shown() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let (lamp, of_lamp) = article(&desk, "A new lamp for the lighthouse");
    let (copy, of_copy) = article(&desk, "The lighthouse has a new lamp");
    let (bread, _) = article(&desk, "Baker wins a prize");
    let told = "1 damaged record was passed over";
    desk.run("alerts --since 36500d").ok().says("Keeper");
    for (damaged, whole, title, record) in [
        (&copy, &lamp, "A new lamp for the lighthouse", of_copy),
        (&lamp, &copy, "The lighthouse has a new lamp", of_lamp),
    ] {
        damage(&desk.state_dir(), record);
        desk.run(&format!("show {whole}")).exits(65).says(title).says("Ivo Marlinov").warns(told);
        desk.run(&format!("--json show {whole}")).exits(65).warns(told).record();
        desk.run(&format!("show {damaged}")).exits(65).warns("is damaged");
        desk.run(&format!("show {} --page x", &damaged[..9])).exits(65).warns("passed over");
        desk.run(&format!("show {bread}")).ok().says("regional prize");
        desk.run("stories --since 36500d").exits(65).says(title).says("Baker wins a prize").warns(told);
        desk.run("--json stories --since 36500d").exits(65).warns(told);
        desk.run("alerts --since 36500d").exits(65).says("Keeper").warns(told);
        desk.run("search prize").exits(65).says("Baker").warns(told);
        desk.run("stats --since 36500d").exits(65).says("gazette").warns(told);
        desk.run("digest --since 36500d").exits(65).says("Baker").warns(told);
        desk.run("digest list").exits(65).warns("is damaged");
        desk.run("digest show 2026").exits(65).warns("is damaged");
        desk.run("watch test lighthouse --since 36500d").exits(65).says("fires for 1").warns(told);
        desk.run("--json watch test lighthouse --since 36500d").exits(65).warns(told).record();
        desk.run("watch alias list Keeper --since 36500d").exits(65).warns(told);
        desk.run("topics eval").exits(65).says("no label yet").warns(told);
        desk.run("topics suggest ports --since 36500d").exits(65).warns(told);
        damage(&desk.state_dir(), record);
    }
    desk.run("stories --since 36500d").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_are_corrected_beside_a_damaged_record() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let (lamp, _) = article(&desk, "A new lamp for the lighthouse");
    let (copy, of_copy) = article(&desk, "The lighthouse has a new lamp");
    let (bread, _) = article(&desk, "Baker wins a prize");
    let merged = desk.run(&format!("--json stories merge {lamp} {bread}")).ok().record();
    damage(&desk.state_dir(), of_copy);
    desk.run("stories changes").exits(65).says("Baker wins a prize").warns("passed over");
    let undone = desk.run(&format!("--json stories undo {}", merged["change"].as_str().unwrap())).ok().record();
    assert!(undone["stay"].to_string().contains(&copy), "{undone}");
    desk.run(&format!("stories split {lamp}")).ok();
    damage(&desk.state_dir(), of_copy);
    desk.run("stories changes").ok();
}
