//! A user's directories, and a small news site with what a publisher may do to a terminal.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::http::{Answer, Request, Server};

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    command: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\nstdout: {}\nstderr: {}", self.command, self.out, self.err);
        self
    }

    /// Ends well.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(self.out.contains(part), "{} does not say {part:?}:\n{}", self.command, self.out);
        self
    }

    /// On standard error.
    #[track_caller]
    pub(crate) fn warns(self, part: &str) -> Self {
        assert!(self.err.contains(part), "{} does not warn {part:?}:\n{}", self.command, self.err);
        self
    }

    /// Standard output, a JSON value a line.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Value> {
        let parsed = |line| serde_json::from_str(line).unwrap_or_else(|it| panic!("{}: {it}: {line}", self.command));
        self.out.lines().map(parsed).collect()
    }

    /// The only record.
    #[track_caller]
    pub(crate) fn record(&self) -> Value {
        let records = self.records();
        assert_eq!(records.len(), 1, "{}: {}", self.command, self.out);
        records.into_iter().next().unwrap()
    }
}

/// A user's directories.
pub(crate) struct Desk {
    pub(crate) dir: TempDir,
}

const TOPICS: &str = r#"
[[topic]]
id = "ports"
name = "Ports and the sea"
[[topic.phrases]]
weight = 6
any = ["harbour", "lighthouse*"]
"#;

const WATCHES: &str = r#"
[[watch]]
name = "Keeper"
terms = ["Marlinov*", "Марлинов*"]
"#;

impl Desk {
    /// With these sources, one topic and one watch.
    pub(crate) fn new(sources: &str) -> Self {
        let desk = Self { dir: TempDir::new().unwrap() };
        fs::create_dir_all(desk.config_dir().join("sites")).unwrap();
        desk.write("sitrepd.toml", "[daemon]\ncontact = \"https://contact.example\"\n");
        desk.write("sources.toml", sources);
        desk.write("topics.toml", TOPICS);
        desk.write("watches.toml", WATCHES);
        desk
    }

    /// With the sources of a site that may be reached.
    pub(crate) fn reading(site: &Server) -> Self {
        let block = |id: &str, path: &str| {
            format!(
                "[[source]]\nid = \"{id}\"\nname = \"The {id}\"\nurl = \"{}\"\nkind = \"syndication\"\n",
                site.url(path)
            )
        };
        Self::allowing(&[block("gazette", "/gazette.json"), block("mirror", "/mirror.json")].join("\n"), site)
    }

    /// With these sources, and leave to reach a server.
    pub(crate) fn allowing(sources: &str, site: &Server) -> Self {
        let desk = Self::new(sources);
        desk.write(
            "sitrepd.toml",
            &format!(
                "[daemon]\ncontact = \"https://contact.example\"\n[fetch]\nallow_private = [\"{}\"]\nhost_delay = \"0s\"\n",
                site.address()
            ),
        );
        desk
    }

    /// That reads one feed of a server, without pages.
    pub(crate) fn of_feed(site: &Server) -> Self {
        let url = site.url("/feed");
        let source = format!(
            "[[source]]\nid = \"feed\"\nname = \"Feed\"\nurl = \"{url}\"\nkind = \"syndication\"\npages = false\n"
        );
        Self::allowing(&source, site)
    }

    pub(crate) fn config_dir(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// A configuration file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.config_dir().join(name), text).unwrap();
    }

    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(line, "", &[])
    }

    /// With standard input and environment.
    pub(crate) fn run_with(&self, line: &str, input: &str, env: &[(&str, &str)]) -> Ran {
        let mut command = self.command(line);
        command.envs(env.iter().copied());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ended = child.wait_with_output().unwrap();
        Ran {
            code: ended.status.code().unwrap_or(-1),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
            command: line.to_owned(),
        }
    }

    /// With arguments that may hold spaces.
    pub(crate) fn run_args(&self, arguments: &[&str]) -> Ran {
        let ended = self.command("").args(arguments).output().unwrap();
        Ran {
            code: ended.status.code().unwrap_or(-1),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
            command: arguments.join(" "),
        }
    }

    /// The program with this desk's directories; words of the line are parted by spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = program(self.dir.path());
        command
            .arg("--config-dir")
            .arg(self.config_dir())
            .env("STATE_DIRECTORY", self.state_dir())
            // The dates of the site grow old.
            .env("SITREPD__ALERTS__MAX_AGE", "0s")
            .args(line.split_whitespace());
        command
    }
}

/// The program with nothing of this machine's environment.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitrepd"));
    command
        .env_clear()
        .env("HOME", home)
        // The disk that tests run on may be nearly full.
        .env("SITREPD__STORE__MIN_FREE_BYTES", "0")
        .env("SITREPD__STORE__MIN_FREE_SHARE", "0.0")
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A JSON Feed with these items.
pub(crate) fn json_feed(items: &[Value]) -> Answer {
    let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": items });
    Answer::new(200, &["content-type: application/feed+json"], feed.to_string())
}

/// Two feeds: the gazette with three articles, the mirror with a copy of one of them.
pub(crate) async fn site() -> Server {
    Server::start(answer).await
}

/// The text that a title carries to do harm: a window title, a cleared screen, a C1 sequence, text turned round.
pub(crate) const HARM: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m \u{202e}desrever\u{202c}\r\nBcc: x";

pub(crate) const LIGHTHOUSE: &str = "The keeper of the northern lighthouse, Ivo Marlinov, lit the new lamp on Sunday evening in front \
    of two hundred people. The harbour council had waited four years for the money, and the old lamp had been dark since \
    the great storm of the winter before last. Ships of the coast guard sounded their horns for a whole minute.";
const PRIZE: &str = "The baker of the old town won the regional prize for rye bread, and gave half of the loaf to the jury. \
    Eleven bakers had entered, three of them for the first time, and nobody left with an empty basket. Next year the fair \
    moves to the market hall, where the ovens are larger and the rain stays outside. Entry remains free for children.";
const COUNCIL: &str = "spoke at the harbour about ferries, ropes and the price of diesel for longer than anybody had planned. \
    Two members asked for a break, which was refused, and a third read the paper. The vote on the winter timetable is put \
    off until Thursday, and the minutes will be printed when the printer has been mended by its owner.";

fn answer(request: &Request) -> Answer {
    let host = request.header("host").unwrap().to_owned();
    let item = |path: &str, title: &str, day: u32| {
        serde_json::json!({
            "id": path,
            "url": format!("http://{host}{path}"),
            "title": title,
            "date_published": format!("2026-01-{day:02}T08:00:00Z"),
            "content_text": "A short text of the feed about the harbour.",
        })
    };
    let feed = |items: &[Value]| {
        let feed = serde_json::json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Feed",
            "items": items,
        });
        Answer::new(200, &["content-type: application/feed+json"], feed.to_string())
    };
    match request.target.as_str() {
        "/gazette.json" => feed(&[
            item("/lamp", "A new lamp for the lighthouse", 3),
            item("/harm", &format!("Harbour {HARM} news"), 2),
            item("/bread", "Baker wins a prize", 1),
        ]),
        "/mirror.json" => feed(&[item("/copy", "The lighthouse has a new lamp", 4)]),
        "/lamp" | "/copy" => Answer::ok(page("A new lamp for the lighthouse", LIGHTHOUSE)),
        "/harm" => Answer::ok(page("Harbour", &format!("Marlinov {HARM} {COUNCIL}"))),
        "/bread" => Answer::ok(page("Baker wins a prize", PRIZE)),
        _ => Answer::new(404, &[], "none"),
    }
}

pub(crate) fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{title}</title></head><body><article><h1>{title}</h1>\
         <p>{text}</p></article></body></html>"
    )
}
