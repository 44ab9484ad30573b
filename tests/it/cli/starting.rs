//! First contact: help, init, check, demo, completions, the manual.

use std::fs;

use tempfile::TempDir;

use super::desk::{Desk, program, site};

#[track_caller]
fn lines(desk: &Desk, command: &str) -> Vec<String> {
    desk.run(command).ok().out.lines().map(str::to_owned).collect()
}

#[test]
fn init_writes_what_is_missing_and_overwrites_nothing() {
    let desk = Desk::new("");
    fs::remove_dir_all(desk.config_dir()).unwrap();
    let res = desk.run("init").ok().says("sitrepd.toml").says("sites/wordpress.toml");
    assert_eq!(res.err, "");
    desk.run("check").ok().says("topics").says("none yet").says("contact is empty");
    assert!(!desk.state_dir().exists(), "looking makes no archive");

    desk.run("init").exits(73).warns("exists already");
    let home = program(desk.dir.path()).arg("init").output().unwrap();
    let home = String::from_utf8(home.stdout).unwrap();
    assert!(
        home.contains("Then: sitrepd check") && desk.dir.path().join(".config/sitrepd/sites/wordpress.toml").exists()
    );
    assert!(res.out.contains(&format!("sitrepd --config-dir {} poll", desk.config_dir().display())), "{}", res.out);

    fs::remove_file(desk.config_dir().join("topics.toml")).unwrap();
    desk.write("watches.toml", "# mine\n");
    let res = desk.run("--json init").ok().record();
    assert_eq!(res["written"].as_array().unwrap().len(), 1, "{res}");
    assert_eq!(fs::read_to_string(desk.config_dir().join("watches.toml")).unwrap(), "# mine\n");
}

#[test]
fn a_directory_that_is_not_there_is_told_and_not_replaced_by_the_shipped_files() {
    let desk = Desk::new("");
    fs::remove_dir_all(desk.config_dir()).unwrap();
    for command in ["check", "poll", "source list", "search x"] {
        desk.run(command).exits(66).warns("is no directory").warns("init");
    }
    fs::write(desk.config_dir(), "").unwrap();
    desk.run("check").exits(66).warns("is a file");
    // Without the flag the built-in files serve.
    let ended = program(desk.dir.path()).args(["check"]).output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success() && out.contains("built-in files"), "{out}");
}

#[test]
fn help_and_manual() {
    let desk = Desk::new("");
    desk.run("--help").ok().says("Exit codes").says("  75  ");
    desk.run("--version").ok().says("sitrepd ");
    for shell in ["bash", "zsh", "fish"] {
        desk.run(&format!("completions {shell}")).ok().says("sitrepd");
    }
    let manual = desk.run("man").ok().says(".TH sitrepd").out;
    for command in lines(&desk, "--help").iter().filter_map(|it| it.strip_prefix("  ")?.split(' ').next()) {
        if !command.is_empty() && command.chars().all(char::is_alphabetic) {
            assert!(manual.contains(command), "{command} is not in the manual");
        }
    }
}

#[test]
fn the_exit_codes_are_documented_where_people_look() {
    let readme = include_str!("../../../deploy/README.md");
    let help = Desk::new("").run("--help").ok().out;
    let codes = help.split("Exit codes").nth(1).unwrap();
    let codes: Vec<&str> = codes.lines().filter_map(|it| it.trim().split("  ").next()).collect();
    let codes = codes.iter().filter(|it| it.parse::<u8>().is_ok_and(|it| it > 0));
    let rows = readme.lines().filter(|it| it.starts_with("| ") && it[2..].starts_with(char::is_numeric)).count();
    assert_eq!(codes.clone().count(), rows, "a row for each");
    for code in codes {
        assert!(readme.contains(&format!("| {code} |")), "{code} is not in deploy/README.md");
    }
}

#[test]
fn demo_shows_everything_on_a_page_or_two() {
    let dir = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let ended = program(dir.path()).args(arguments).output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
        String::from_utf8(ended.stdout).unwrap()
    };
    let out = run(&["demo", "--out", "new/place"]);
    assert!(out.lines().count() < 90, "{out}");
    assert!(!out.contains('\u{1b}'), "{out}");
    for part in [
        "Poll  ",
        "Alerts  ",
        "Stories  ",
        "Digest  ",
        "11 articles in 10 stories",
        "Vinnikov",
        "“Винников”",
        "no topic",
    ] {
        assert!(out.contains(part), "{part} is missing:\n{out}");
    }
    let page = fs::read_to_string(dir.path().join("new/place/sitrepd-demo.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
    let out = run(&["demo", "--json"]);
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((last["articles"].as_u64(), last["stories"].as_u64()), (Some(11), Some(10)));
    assert_eq!(last["pages_second_poll"], 0);
    assert!(out.lines().all(|it| serde_json::from_str::<serde_json::Value>(it).is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_only_where_they_are_wanted() {
    let site = site().await;
    let desk = Desk::reading(&site);
    let coloured = |line: &str, env: &[(&str, &str)]| {
        let res = desk.run_with(line, "", env).ok();
        res.out.contains('\u{1b}') || res.err.contains('\u{1b}')
    };
    assert!(!coloured("poll", &[]), "not into a pipe");
    for line in ["search harbour", "source list", "stories", "alerts", "check", "stats"] {
        assert!(!coloured(line, &[]), "{line}: not into a pipe");
        assert!(!coloured(line, &[("NO_COLOR", "1")]), "{line}");
        assert!(coloured(&format!("{line} --color always"), &[]), "{line}");
        assert!(!coloured(&format!("{line} --color never"), &[("CLICOLOR_FORCE", "1")]), "{line}");
    }
}
