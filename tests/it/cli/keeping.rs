//! What is said of an archive, or a backup of it, whose files somebody has cut or removed; and numbers for other programs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::desk::{Desk, site};

/// The newest file of a ledger in this directory.
fn last_segment(dir: &Path) -> PathBuf {
    fs::read_dir(dir.join("ledger")).unwrap().map(|it| it.unwrap().path()).max().unwrap()
}

/// Cuts the last file to this many of its bytes.
fn cut(path: &Path, left: usize) {
    fs::write(path, &fs::read(path).unwrap()[..left]).unwrap();
}

/// What notes that everything up to this record was acknowledged.
fn acknowledged(record: u64) -> String {
    let number = format!("{record:020}");
    format!("{number} {:08x}\n", crc32c::crc32c(number.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_end_is_gone_is_told_with_numbers() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    let backup = desk.dir.path().join("backup");
    desk.run(&format!("backup {}", backup.display())).ok();
    cut(&last_segment(&desk.state_dir()), 0);
    let told = format!("the ledger ends with record 0, and {records} records after it");
    let verified = desk.run("verify").exits(65).warns(&told).warns("sitrepd restore");
    assert!(!verified.out.contains("whole"), "{}", verified.out);
    assert_eq!(desk.run("--json verify").exits(65).record()["beyond"], records);
    // From here on the ledger says it itself, and goes on after what is lost.
    let told = format!("records 1 to {records} are lost: they had been acknowledged");
    for _ in 0..2 {
        desk.run("check").exits(65).warns(&told);
        desk.run("verify").exits(65).warns(&format!("{records} records missing"));
        let verified = desk.run("--json verify").exits(65).record();
        assert_eq!((&verified["missing"], &verified["lost"][0]["to"]), (&records.into(), &records.into()));
    }
    desk.run("metrics").ok().says(&format!("sitrepd_records_lost {records}"));
    // That is no damage of a copy, and the end of it is missed all the same.
    let (second, copy) = (desk.dir.path().join("second"), desk.dir.path().join("copy"));
    desk.run(&format!("backup {}", second.display())).ok();
    desk.run(&format!("--state-dir {} restore {}", copy.display(), second.display()))
        .ok()
        .says("but for what was lost before")
        .says(&format!("records 1 to {records} are lost"));
    desk.run(&format!("compact --state-dir {}", copy.display())).ok();
    fs::write(second.join("acknowledged"), acknowledged(records + 3)).unwrap();
    desk.run(&format!("verify --backup {}", second.display()))
        .exits(65)
        .warns(&format!("{records} records missing"))
        .warns(&format!("the ledger ends with record {}, and 2 records after it", records + 1));
    desk.run(&format!("--state-dir {} restore {}", desk.dir.path().join("third").display(), second.display()))
        .exits(65)
        .warns("the end of the backup");
    fs::remove_dir_all(desk.state_dir()).unwrap();
    desk.run(&format!("restore {}", backup.display())).ok();
    assert_eq!(desk.run("--json verify").ok().record()["frames"], records);
}

/// Has the ledger go on in a second file after half of its records, and says how many are in the first.
fn split(dir: &Path) -> u64 {
    let first = last_segment(dir);
    let bytes = fs::read(&first).unwrap();
    let frames: Vec<_> =
        bytes.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0).collect();
    let half = frames.len() / 2;
    let second = first.file_name().unwrap().to_str().unwrap().replace("00000001", "00000002");
    fs::write(first.with_file_name(second), &bytes[frames[half]..]).unwrap();
    fs::write(first, &bytes[..frames[half]]).unwrap();
    half as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_beginning_is_gone_is_told_with_numbers() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let half = split(&desk.state_dir());
    desk.run("check").ok();
    let backup = desk.dir.path().join("backup");
    let (verify_backup, restore) =
        (format!("--json verify --backup {}", backup.display()), format!("restore {}", backup.display()));
    desk.run(&format!("backup {}", backup.display())).ok();
    desk.run(&verify_backup).ok();
    for dir in [&desk.state_dir(), &backup] {
        let ledger = fs::read_dir(dir.join("ledger")).unwrap();
        fs::remove_file(ledger.map(|it| it.unwrap().path()).min().unwrap()).unwrap();
    }
    let told = format!("{half} records missing");
    let verified = desk.run("verify").exits(65).warns(&told).says("has no beginning of");
    assert!(!verified.out.contains("whole"), "{}", verified.out);
    assert_eq!(desk.run("--json verify").exits(65).record()["missing"], half);
    assert_eq!(desk.run(&verify_backup).exits(65).record()["missing"], half);
    for _ in 0..2 {
        desk.run("check").exits(65).warns(&told);
    }
    fs::remove_dir_all(desk.state_dir()).unwrap();
    desk.run(&restore).exits(65).warns(&told);
    desk.run("check").exits(65).warns(&told);
    // As long as a file is not there, whoever reads is told.
    desk.run("--json stories").exits(65).warns("files of the ledger are not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_index_had_come_to_is_not_called_acknowledged() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    cut(&last_segment(&desk.state_dir()), 0);
    fs::write(desk.state_dir().join("acknowledged"), acknowledged(records - 2)).unwrap();
    desk.run("verify")
        .exits(65)
        .warns(&format!("{} records after it that had been acknowledged are not there", records - 2))
        .warns("nor 2 records after these that the index had come to and nobody acknowledged");
    let verified = desk.run("--json verify").exits(65).record();
    assert_eq!((&verified["beyond"], &verified["beyond_acknowledged"]), (&records.into(), &(records - 2).into()));
}

/// Found in a review: a command that reads ended with 0 though it was the first to find what was lost, and whoever came next found nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_first_after_a_loss_is_told() {
    let site = site().await;
    for command in ["stats", "--json stats", "stories", "search harbour", "alerts"] {
        let desk = Desk::reading(&site);
        desk.run("poll").ok();
        let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
        cut(&last_segment(&desk.state_dir()), 0);
        let told = format!("records 1 to {records} are lost");
        desk.run(command).exits(65).warns("the archive is not as it was written").warns(&told);
        // From then on the ledger tells it.
        desk.run(command).ok();
        desk.run("verify").exits(65).warns(&told);
    }
}

/// Changes the time at which a record was written, counted from 0, and seals it again.
fn forge(path: &Path, record: usize) {
    let mut bytes = fs::read(path).unwrap();
    let frames = bytes.windows(4).enumerate().filter(|(_, it)| *it == [0xff, b'S', b'L', b'F']).map(|it| it.0);
    let frames: Vec<_> = frames.chain([bytes.len()]).collect();
    let (start, end) = (frames[record], frames[record + 1]);
    bytes[start + 24] ^= 1;
    let crc = crc32c::crc32c(&bytes[start..end - 4]).to_le_bytes();
    bytes[end - 4..end].copy_from_slice(&crc);
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_record_is_named_by_what_it_breaks() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    forge(&last_segment(&desk.state_dir()), 1);
    desk.run("verify").exits(65).warns("the chain of hashes is broken at record 3");
    desk.run("check").exits(65).warns("does not follow frame 2");
    // The last one breaks nothing: the index has another hash of it.
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let last = desk.run("--json verify").ok().record()["last"].as_u64().unwrap();
    forge(&last_segment(&desk.state_dir()), usize::try_from(last).unwrap() - 1);
    let told = format!("record {last} was changed after it had been acknowledged");
    assert_eq!(desk.run("--json verify").exits(65).warns(&told).record()["altered"], last);
    // Opening has the index made anew, and that it was changed is told all the same, of a copy too.
    desk.run("stats").exits(65).warns(&format!("record {last} was changed"));
    desk.run("stats").ok();
    assert_eq!(desk.run("--json verify").exits(65).warns(&told).record()["altered"], last);
    let (backup, again) = (desk.dir.path().join("backup"), desk.dir.path().join("again"));
    assert_eq!(
        desk.run(&format!("--json backup {}", backup.display())).exits(65).warns(&told).record()["altered"],
        last
    );
    desk.run(&format!("verify --backup {}", backup.display())).exits(65).warns(&told);
    desk.run(&format!("--state-dir {} restore {}", again.display(), backup.display())).exits(65).warns(&told);
    let checked = desk.run("check").exits(65).warns(&told);
    assert!(!checked.out.contains("each whole"), "{}", checked.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_gone_as_a_whole_is_told_with_numbers() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    let backup = desk.dir.path().join("backup");
    desk.run(&format!("backup {}", backup.display())).ok();
    fs::remove_dir_all(desk.state_dir().join("ledger")).unwrap();
    let told = format!("{records} records after it that had been acknowledged are not there");
    let ledger = desk.state_dir().join("ledger");
    // As when its disk is not mounted: the directory is not there, or empty.
    for is_empty in [false, true] {
        if is_empty {
            fs::create_dir(&ledger).unwrap();
        }
        // Found in a review: `poll` and `run` read everything as new, and told every alert again.
        for command in
            ["check", "stats", "verify", "stories", "export", "compact", "digest list", "poll", "run", "import -"]
        {
            desk.run(command).exits(65).warns(&told);
        }
        desk.run(&format!("backup {}", backup.display())).exits(65).warns(&told);
        let checked = desk.run("--json check").exits(65).warns(&format!("1 place, {records} records missing")).record();
        assert_eq!(checked["missing"], records);
        assert_eq!(fs::read_dir(&ledger).map_or(0, Iterator::count), 0);
    }
    desk.run(&format!("restore {}", backup.display())).ok();
    desk.run("check").ok();
    desk.run("poll").ok();
    let other = Desk::reading(&site);
    other.run("check").ok().says("none yet");
}

/// Found in a review: what a killed restore left was taken for an archive. `verify` called it whole, `run` told everything
/// again, and `restore` refused to go on.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_restore_left_is_no_archive() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let backup = desk.dir.path().join("backup");
    desk.run(&format!("backup {}", backup.display())).ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    fs::remove_dir_all(desk.state_dir()).unwrap();
    let half = desk.state_dir().join("ledger.restoring");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("00000001-2026-01-01.ledger.part"), "half").unwrap();
    for command in ["poll", "run", "check", "stats", "verify", "export", "compact", "digest --send"] {
        desk.run(command).exits(65).warns("a restore into").warns("run sitrepd restore again");
    }
    assert!(!desk.state_dir().join("ledger").exists());
    desk.run(&format!("restore {}", backup.display())).ok();
    assert!(!half.exists());
    assert_eq!(desk.run("--json check").ok().record()["frames"], records);
    desk.run("poll").ok();
    // One beside an archive is of no interest.
    fs::create_dir_all(&half).unwrap();
    desk.run("poll").ok();
    desk.run(&format!("restore {}", backup.display())).exits(73).warns("there is an archive");
}

/// Found in a review: a first backup that a full disk or a kill had ended was "whole", restored with 0, and all alerts were
/// told again.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backup_is_not_proved() {
    let site = site().await;
    let desk = Desk::reading(&site);
    let backup = desk.dir.path().join("backup");
    let again = desk.dir.path().join("again");
    let (make, verify) =
        (format!("backup {}", backup.display()), format!("--json verify --backup {}", backup.display()));
    let restore = format!("--state-dir {} restore {}", again.display(), backup.display());
    fs::create_dir_all(backup.join("ledger")).unwrap();
    let verified = desk.run(&verify).exits(65).warns("holds no record").record();
    assert_eq!(verified["whole"], false);
    desk.run(&restore).exits(65).warns("holds no record");
    assert!(!again.exists());

    desk.run("poll").ok();
    split(&desk.state_dir());
    desk.run("check").ok();
    desk.run(&make).ok();
    let records = desk.run(&verify).ok().record()["frames"].as_u64().unwrap();
    // As a full disk leaves a first backup.
    let last = last_segment(&backup);
    fs::rename(&last, format!("{}.part", last.display())).unwrap();
    desk.run(&verify)
        .exits(65)
        .warns("had been acknowledged")
        .warns("is half written")
        .warns(&format!("sitrepd {make}"));
    // As a sitrepd of before left it.
    fs::remove_file(backup.join("acknowledged")).unwrap();
    let verified = desk.run(&verify).exits(65).warns("is half written").record();
    assert_eq!(verified["whole"], false);
    desk.run(&verify.replace("--json ", "")).exits(65).says("not finished");
    desk.run(&restore).exits(65).warns("is half written").warns("What is whole of it");
    fs::remove_dir_all(&again).unwrap();
    // The next one finishes it.
    desk.run(&make).ok();
    assert_eq!(desk.run(&verify).ok().record()["frames"], records);
    desk.run(&restore).ok();
    // A kill, between two files.
    fs::remove_file(last).unwrap();
    desk.run(&verify).exits(65).warns("had been acknowledged").warns(&format!("sitrepd {make}"));
}

/// Puts a changed file in the place of one, which other names of it do not see.
fn replace(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_loss_the_backup_is_left_alone_and_named() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    split(&desk.state_dir());
    let last = last_segment(&desk.state_dir());
    let first = fs::read_dir(desk.state_dir().join("ledger")).unwrap().map(|it| it.unwrap().path()).min().unwrap();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    let (whole, damaged) = (desk.dir.path().join("whole"), desk.dir.path().join("damaged"));
    desk.run(&format!("backup {}", whole.display())).ok();
    let [of_first, of_last] = [&first, &last].map(|it| fs::read(it).unwrap());
    let ways: [(&str, &dyn Fn()); 5] = [
        ("a bit", &|| replace(&first, |it| it[100] ^= 1)),
        ("a cut", &|| replace(&first, |it| it.truncate(it.len() - 100))),
        ("a cut of the end", &|| replace(&last, |it| it.truncate(it.len() - 100))),
        ("the first file", &|| fs::remove_file(&first).unwrap()),
        ("the last file", &|| fs::remove_file(&last).unwrap()),
    ];
    for (name, damage) in ways {
        damage();
        desk.run(&format!("backup {}", whole.display()))
            .exits(73)
            .warns("The archive is not as it was written")
            .warns("the backup is the whole one of the two")
            .warns("sitrepd restore");
        let held = desk.run(&format!("--json verify --backup {}", whole.display())).ok().record();
        assert_eq!(held["frames"], records, "{name}");
        // Elsewhere it is copied, and told.
        let made = desk.run(&format!("--json backup {}", damaged.display())).exits(65).warns("the copy in").record();
        assert!(
            made["damage"] != serde_json::json!([]) || made["missing"] != 0 || made["beyond"] != 0,
            "{name}: {made}"
        );
        desk.run(&format!("verify --backup {}", damaged.display())).exits(65);
        fs::remove_dir_all(&damaged).unwrap();
        fs::write(&first, &of_first).unwrap();
        fs::write(&last, &of_last).unwrap();
    }
    desk.run(&format!("backup {}", whole.display())).ok();
    // Neither a whole archive nor one that is there is written over.
    let other = Desk::reading(&site);
    other.run("poll").ok();
    other.run(&format!("backup {}", whole.display())).exits(73).warns("of another archive");
    other.run(&format!("restore {}", whole.display())).exits(73).warns("there is an archive");
    other.run(&format!("backup {}", other.state_dir().display())).exits(73).warns("in the archive itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_each_others_names_are_told_as_that() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    split(&desk.state_dir());
    let last = last_segment(&desk.state_dir());
    let first = fs::read_dir(desk.state_dir().join("ledger")).unwrap().map(|it| it.unwrap().path()).min().unwrap();
    let [of_first, of_last] = [&first, &last].map(|it| fs::read(it).unwrap());
    fs::write(&first, of_last).unwrap();
    fs::write(&last, of_first).unwrap();
    desk.run("verify").exits(65).warns("0 records missing").warns("out of order").says("out of order");
    let backup = desk.dir.path().join("backup");
    let made = desk.run(&format!("backup {}", backup.display())).exits(65).warns("tells what is amiss with it");
    assert!(!made.err.contains("proves it"), "{}", made.err);
    let made = desk.run(&format!("--json backup {}", backup.display())).exits(65).record();
    assert!(made["out_of_order"].as_u64().unwrap() > 0 && made["first_break"].is_string(), "{made}");
    assert_eq!(
        (&made["lost"], &made["missing"], &made["damage"]),
        (&serde_json::json!([]), &0.into(), &serde_json::json!([]))
    );
}

/// `/dev/full` refuses every write as a full disk does.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_and_cannot_be_noted_is_told_all_the_same() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    let last = last_segment(&desk.state_dir());
    fs::remove_file(&last).unwrap();
    std::os::unix::fs::symlink("/dev/full", &last).unwrap();
    for _ in 0..2 {
        let checked =
            desk.run("check").exits(65).warns(&format!("{records} records after it that had been acknowledged"));
        assert!(!checked.out.contains("each whole and in its place"), "{}", checked.out);
        assert_eq!(desk.run("--json check").exits(65).record()["missing"], records);
        desk.run("verify").exits(65).warns(&format!("{records} records after it that had been acknowledged"));
        desk.run("stats").exits(65);
        desk.run("metrics").says(&format!("sitrepd_records_lost {records}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_place_of_the_index_shuts_nothing() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let index = desk.state_dir().join("index");
    fs::remove_dir_all(&index).unwrap();
    fs::write(&index, "x").unwrap();
    desk.run("verify").ok();
    desk.run("stats").ok().warns("no directory");
    assert_eq!(fs::read(desk.state_dir().join("index.bad-1")).unwrap(), b"x");
    desk.run("check").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_gives_what_is_whole_of_it_and_says_so() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let records = desk.run("--json verify").ok().record()["frames"].as_u64().unwrap();
    let half = split(&desk.state_dir());
    let backup = desk.dir.path().join("backup");
    let restore = format!("restore {}", backup.display());
    desk.run(&format!("backup {}", backup.display())).ok();
    fs::remove_dir_all(desk.state_dir()).unwrap();
    let last = last_segment(&backup);
    let whole = fs::read(&last).unwrap();
    // The last file is empty, the last record is cut, or one in the middle is changed.
    cut(&last, 0);
    let gone = format!("{} records after record {half}", records - half);
    desk.run(&restore).exits(65).warns("the end of the backup").warns(&gone);
    desk.run(&format!("verify --backup {}", backup.display())).exits(65).warns("that had been acknowledged");
    fs::remove_dir_all(desk.state_dir()).unwrap();
    fs::write(&last, &whole).unwrap();
    cut(&last, whole.len() - 1);
    let told = format!("the backup in {} is damaged: 1 damaged place", backup.display());
    desk.run(&restore)
        .exits(65)
        .warns(&told)
        .warns(&format!("{} records", records - 1))
        .warns("sitrepd verify --backup DIR");
    fs::remove_dir_all(desk.state_dir()).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    fs::write(&last, changed).unwrap();
    desk.run(&restore).exits(65).warns(&told);
    fs::remove_dir_all(desk.state_dir()).unwrap();
    desk.run(&format!("restore {}", desk.dir.path().join("none").display())).exits(66).warns("no backup in");
}

#[test]
fn what_another_archive_gave_up_is_imported_once_and_exported_again() {
    let desk = Desk::new("");
    let line = r#"{"version":6,"given_up":{"articles":[7,18446744073709551615],"sent":["a message"],"issued":[]}}"#;
    let taken = |n: u64| assert_eq!(desk.run_with("--json import -", line, &[]).ok().record()["taken"], n);
    taken(1);
    taken(0);
    assert_eq!(desk.run("export").ok().out.trim_end(), line);
    desk.run("verify").ok().says("1 record, 1 to 1");
    desk.run_with("import -", "{\"version\":6}", &[]).exits(65).warns("record 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_sources_as_json() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let metrics = desk.run("--json metrics").ok().records();
    assert_eq!(metrics.len(), 3, "counts, and two sources: {metrics:?}");
    assert!(metrics[0]["articles"].as_u64().unwrap() > 0 && metrics[0]["messages_waiting"].is_u64(), "{metrics:?}");
    assert!(metrics[1]["id"] == "gazette" && metrics[1]["health"].is_string(), "{metrics:?}");
    let sources = desk.run("--json source export").ok().records();
    assert_eq!(sources.len(), 2);
    assert_eq!((&sources[1]["id"], &sources[1]["kind"]), (&"mirror".into(), &"syndication".into()));
    desk.run("source export").ok().says("<opml");
}

#[test]
fn a_file_in_another_encoding_is_told() {
    let desk = Desk::new("");
    let text = "\u{feff}[poll]\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    fs::write(desk.config_dir().join("sitrepd.toml"), text).unwrap();
    desk.run("check").exits(78).warns("sitrepd.toml").warns("UTF-16; save it as UTF-8");
}

/// Found in a review: what a killed daemon had left said that the next one was well while it was starting, and after it had
/// ended.
#[tokio::test(flavor = "multi_thread")]
async fn the_sign_of_life_of_a_killed_daemon_is_not_that_of_the_next() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let well = format!("{} polling\n", chrono::Utc::now().timestamp());
    fs::write(desk.state_dir().join("alive"), &well).unwrap();
    desk.run("healthcheck").ok();
    // A start that fails.
    fs::remove_dir_all(desk.state_dir().join("ledger")).unwrap();
    desk.run("run").exits(65);
    let unwell = desk.run("--json healthcheck").exits(69).warns("no daemon runs").record();
    assert_eq!(
        (&unwell["alive"], &unwell["polling"], &unwell["heard"]),
        (&false.into(), &false.into(), &serde_json::Value::Null)
    );
    // One that begins where another runs leaves the sign of that one alone.
    let lock = fs::File::open(desk.state_dir().join("lock")).unwrap();
    lock.lock().unwrap();
    fs::write(desk.state_dir().join("alive"), &well).unwrap();
    desk.run("run").exits(65);
    desk.run("healthcheck").ok();
}

/// Found in a review: `export --warc -` made a file of that name.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_exported_to_standard_output() {
    let site = site().await;
    let desk = Desk::reading(&site);
    desk.run("poll").ok();
    let file = desk.dir.path().join("pages.warc.gz");
    desk.run(&format!("export --warc {}", file.display())).ok();
    let ended = desk.command("export --warc -").output().unwrap();
    assert!(ended.status.success());
    // The two differ in when they were made.
    assert!(
        ended.stdout.starts_with(&[0x1f, 0x8b]) && ended.stdout.len().abs_diff(fs::read(&file).unwrap().len()) < 100
    );
    assert!(!desk.dir.path().join("-").exists());
}
