//! A machine that gives too little, and a configuration that is shown: files, disks that are read only, secrets.

use std::{fs, process::Command};

use super::desk::{Desk, site};

/// Runs the program through another: `sh -c`, with the program and its arguments behind it.
fn through(desk: &Desk, script: &str, line: &str) -> (i32, String) {
    let inner = desk.command(line);
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", script, "sh"]).arg(desk.state_dir()).arg(inner.get_program()).args(inner.get_args());
    let ended = command.output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

fn held(desk: &Desk) -> u64 {
    desk.run("--json stats").ok().record()["held"]["articles"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_files_are_told_and_passed() {
    let site = site().await;
    let (desk, other) = (Desk::reading(&site), Desk::reading(&site));
    other.run("poll").ok();
    let mut failed = 0;
    for files in [6, 9, 12, 14, 15, 18, 24] {
        let (code, said) = through(&desk, &format!("shift; ulimit -n {files}; exec \"$@\""), "poll");
        assert!(code >= 0 && !said.contains("panicked"), "{files}: {code} {said}");
        failed += u32::from(code != 0);
        assert!([0, 69, 74].contains(&code), "{files}: {code} {said}");
        assert!(code != 74 || said.contains("Too many open files"), "{files}: {code} {said}");
    }
    assert!(failed > 0, "none of them was too few");
    // The cause is gone: all is there, and each once.
    desk.run("poll").ok();
    desk.run("verify").ok();
    assert_eq!(held(&desk), held(&other));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_written_is_told_and_passed() {
    // A mount of one's own, since to root every directory can be written; where there is none, there is nothing to test.
    let own = Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    if !own.is_ok_and(|it| it.status.success()) {
        return;
    }
    let script = "exec unshare --map-root-user --mount sh -c \
                  'mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"' sh \"$@\"";
    let site = site().await;
    let (desk, other) = (Desk::reading(&site), Desk::reading(&site));
    other.run("poll").ok();
    fs::create_dir_all(desk.state_dir()).unwrap();
    for _ in 0..2 {
        let (code, said) = through(&desk, script, "poll");
        assert!([73, 74, 77].contains(&code) && !said.contains("panicked"), "{code} {said}");
        assert!(said.contains("Read-only file system"), "{said}");
        desk.run("poll").ok();
    }
    desk.run("verify").ok();
    assert_eq!(held(&desk), held(&other));
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let desk = Desk::new("");
    desk.write(
        "sitrepd.toml",
        "[daemon] # s3cret\ncontact = \"https://desk.example/contact\"\n[[channel]]\nname = \"hook\"\nkind = \"webhook\"\n\
         url = \"https://hooks.example/in/s3cret\"\n",
    );
    let env = [("SITREPD_MAIL_PASSWORD", "s3cret"), ("SITREPD__POLL__CONCURRENCY", "7")];
    let told = desk.run_with("config show", "", &env).ok().says("https://hooks.example/…").says("concurrency = 7");
    let json = desk.run_with("--json config show", "", &env).ok();
    assert!(!format!("{told:?}{json:?}").contains("s3cret"), "{told:?}");
    assert_eq!(json.record()["channel"][0]["name"], "hook");
    // What is shown is a configuration.
    desk.write("sitrepd.toml", &told.out);
    assert_eq!(desk.run("--json config show").ok().record()["poll"]["concurrency"], 7);
    desk.write("sitrepd.toml", "[pool]\n");
    desk.run("config show").exits(78).warns("unknown key \"pool\"");
}
