//! `sitrepd try …` on files, standard input, addresses and lines of records.

use std::fs;

use serde_json::json;

use super::desk::{Desk, LIGHTHOUSE, page, site};

const RSS: &str = "<rss version=\"2.0\"><channel><title>Little feed</title><item><title>Harbour opens</title>\
    <link>https://a.example/1</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item></channel></rss>";
const TEXT: &str = "Lighthouse and harbour\nIvo Marlinov lit the lamp of the lighthouse.\n";

fn desk() -> Desk {
    let desk = Desk::new("");
    let put = |name: &str, text: &str| fs::write(desk.dir.path().join(name), text).unwrap();
    put("feed.rss", RSS);
    put("page.html", &page("A new lamp", LIGHTHOUSE));
    put("text.txt", TEXT);
    put("empty", "");
    desk
}

#[test]
fn on_a_file_and_on_standard_input() {
    let desk = desk();
    let fed = desk.run("try feed feed.rss").ok().says("next poll in ");
    assert!(!fed.out.contains("problem:"), "{}", fed.out);
    for (stage, file, text, parts) in [
        ("feed", "feed.rss", RSS, vec!["Little feed", "1 entry", "2026-01-05 14:00 +04", "https://a.example/1"]),
        ("page", "page.html", &page("A new lamp", LIGHTHOUSE), vec!["A new lamp", "Ivo Marlinov", "the extractor"]),
        ("watch", "text.txt", TEXT, vec!["Keeper", "“Marlinov” in the text"]),
        (
            "topic",
            "text.txt",
            TEXT,
            vec!["yes  ports (Ports and the sea)", "“harbour” in the title", "1 of 1 topic found"],
        ),
    ] {
        let of_file = desk.run(&format!("try {stage} {file}")).ok();
        let piped = desk.run_with(&format!("try {stage} -"), text, &[]).ok();
        assert_eq!(of_file.out, piped.out, "{stage}");
        let of_file = parts.iter().fold(of_file, |it, part| it.says(part));
        assert!(!of_file.out.contains('\u{1b}'));
        desk.run(&format!("--json try {stage} {file}")).ok().record();
    }
    assert!(!desk.state_dir().exists());
    desk.run("try topic --topic ports text.txt").ok().says("yes  ports");
    desk.run("try topic --topic prots text.txt").exits(66).warns("there is no topic");
    desk.run_with("try topic -", "bread\n", &[]).ok().says("0 of 1 topic found");
    desk.run_with("try topic --topic ports -", "bread\n", &[]).ok().says("0 of 10 points");
    desk.run_with("try watch -", "bread\n", &[]).ok().says("no watch fires");
}

#[test]
fn a_saved_page_is_read_as_a_page() {
    let desk = desk();
    let found = desk.run("try watch page.html").ok().says("“Marlinov” in the text");
    assert!(!found.out.contains('<'), "{}", found.out);
    desk.run("try topic page.html").ok().says("yes  ports");
    desk.run("watch explain Keeper page.html").ok().says("Marlinov");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_an_address() {
    let site = site().await;
    let desk = Desk::reading(&site);
    let try_on = |stage: &str, path: &str| desk.run(&format!("try {stage} {}", site.url(path)));
    try_on("feed", "/gazette.json").ok().says("3 entries").says("Baker wins a prize");
    try_on("page", "/lamp").ok().says("Ivo Marlinov");
    try_on("watch", "/lamp").ok().says("“Marlinov” in the text");
    try_on("topic", "/lamp").ok().says("yes  ports");
    try_on("page", "/none").exits(69).warns("404");
    try_on("feed", "/lamp").exits(65).warns("a web page came instead");
    desk.run("try page http://127.0.0.1:9/").exits(69).warns("not public");
    assert!(!desk.state_dir().exists());
}

#[test]
fn terms_of_its_own() {
    let desk = desk();
    let asked = [
        json!({ "id": 1, "term": "Marlinov", "text": "Встреча с Марлиновым", "text_lang": "ru" }),
        json!({ "id": 2, "term": "Marlinov", "text": "Встреча с Марининым", "text_lang": "ru" }),
        json!({ "id": 3, "term": "?", "text": "", "text_lang": null }),
    ];
    let asked = asked.map(|it| it.to_string()).join("\n");
    let res = desk.run_with("try watch --jsonl", &asked, &[]).ok().records();
    assert_eq!((&res[0]["match"], &res[0]["class"]), (&json!(true), &json!("transliterated")));
    assert_eq!((&res[0]["spans"], &res[0]["ending"]), (&json!([[18, 38]]), &json!("ым")));
    assert_eq!((&res[1]["match"], &res[1]["spans"]), (&json!(false), &json!([])));
    assert!(res[2]["error"].as_str().unwrap().contains("no word"));

    let put = |name: &str, text: &str| fs::write(desk.dir.path().join(name), text).unwrap();
    put("terms.txt", "Marlinov\nITPP\n");
    put("lines.txt", "Сегодня\nМарлинова ждут, ITPP подписан\n");
    let res = desk.run("--json try watch --terms terms.txt --lines lines.txt --lang ru").ok().records();
    let res = res.iter().map(|it| (it["lang"].as_str(), it["line"].as_u64(), it["term"].as_str())).collect::<Vec<_>>();
    assert_eq!(res, [(Some("ru"), Some(1), Some("Marlinov")), (Some("ru"), Some(1), Some("ITPP"))]);
    desk.run("try watch --terms terms.txt --lines lines.txt").ok().says("“Марлинова” sounds like “Marlinov”");
    desk.run("try watch --terms nowhere --lines lines.txt").exits(66);
    desk.run("try watch --terms terms.txt").exits(64);
}

#[test]
fn in_a_language_that_a_few_words_do_not_tell() {
    let desk = desk();
    desk.write("watches.toml", "[[watch]]\nname = \"Keeper\"\nquery = \"Marlinov\"\n");
    for command in ["try watch --query Marlinov -", "watch explain Keeper -"] {
        // Not surely what it is, and told as what it may be; a language that has no such ending has none.
        desk.run_with(command, "Marlinovla\n", &[]).ok().says("with the ending “la”");
        desk.run_with(&format!("{command} --lang en"), "Marlinovla\n", &[]).ok().says("nothing is found");
        desk.run_with(&format!("{command} --lang az"), "Marlinovla\n", &[]).ok().says("with the ending “la”");
        desk.run_with(&format!("{command} --lang azeri"), "Marlinovla\n", &[]).exits(64).warns("two or three letters");
    }
    desk.run_with("try watch --lang en -", "Marlinovla\n", &[]).ok().says("no watch fires");
    desk.run_with("try watch --lang az -", "Marlinovla\n", &[]).ok().says("Keeper");
}

#[test]
fn on_what_it_cannot_read() {
    let desk = desk();
    for stage in ["feed", "page", "watch", "topic"] {
        desk.run(&format!("try {stage} nowhere")).exits(66).warns("cannot read nowhere");
        desk.run(&format!("try {stage}")).exits(64);
        desk.run(&format!("try {stage} --jsonl text.txt")).exits(64);
    }
    desk.run("try feed empty").exits(65).warns("the document is empty");
    desk.run("try feed page.html").exits(65).warns("a web page came instead");
    desk.run("try feed text.txt").exits(65);
    desk.run("try page empty").ok().says("no article was found");
}

#[test]
fn records_line_by_line_in_order_whatever_is_in_them() {
    let desk = desk();
    let run = |stage: &str, lines: &[String]| {
        let res = desk.run_with(&format!("try {stage} --jsonl"), &lines.join("\n"), &[]).ok();
        assert_eq!(res.err, "");
        let records = res.records();
        assert_eq!(records.len(), lines.iter().filter(|it| !it.is_empty()).count(), "{stage}: {}", res.out);
        records
    };
    let bad = ["no json", "[]", "{\"id\": 9, \"text\": 5, \"path\": 5, \"file\": 5}"].map(str::to_owned);
    let with_bad = |good: Vec<serde_json::Value>| -> Vec<String> {
        good.iter().map(ToString::to_string).chain([String::new()]).chain(bad.clone()).collect()
    };

    let feeds = run(
        "feed",
        &with_bad(vec![
            json!({ "file": "feed.rss", "url": "https://a.example/rss", "content_type": "text/xml" }),
            json!({ "file": "empty", "url": null, "content_type": null }),
            json!({ "file": "nowhere" }),
        ]),
    );
    assert_eq!(feeds[0]["ok"], true);
    assert_eq!(feeds[0]["entries"][0]["link"], "https://a.example/1");
    assert!(feeds[1..].iter().all(|it| it["ok"] == false && it["error"].is_string() && it["entries"].is_array()));

    let pages = run(
        "page",
        &with_bad(vec![
            json!({ "id": "p1", "path": "page.html", "url": "https://a.example/p" }),
            json!({ "id": 2, "path": "nowhere", "url": null }),
        ]),
    );
    assert_eq!((pages[0]["id"].as_str(), pages[0]["language"].as_str()), (Some("p1"), Some("en")));
    assert!(pages[0]["body"].as_str().unwrap().starts_with("The keeper of the northern lighthouse"));
    assert!(pages[1]["id"] == 2 && pages[1]["error"].as_str().unwrap().contains("nowhere"));
    assert_eq!(pages[4]["id"], 9);

    let texts = with_bad(vec![
        json!({ "id": "t1", "title": "Lighthouse and harbour", "text": "Marlinov came." }),
        json!({ "id": "t2", "title": "", "text": "Nothing." }),
    ]);
    let watches = run("watch", &texts);
    assert_eq!(watches[0]["watches"][0]["hits"][0]["form"], "Marlinov");
    assert_eq!((&watches[1]["id"], &watches[1]["watches"]), (&json!("t2"), &json!([])));
    let topics = run("topic", &texts);
    assert_eq!((&topics[0]["topics"][0]["id"], &topics[1]["topics"]), (&json!("ports"), &json!([])));
    assert_eq!(topics[0]["traces"][0]["evidence"][0]["words"], "Lighthouse");
    let stories = run("story", &texts);
    assert_eq!((&stories[0]["story"], &stories[1]["story"]), (&json!("t1"), &json!("t2")));
    for records in [&watches, &topics, &stories] {
        assert!(records[2..].iter().all(|it| it["error"].is_string()));
        assert_eq!(records[4]["id"], 9);
    }
    assert!(!desk.state_dir().exists());
}

#[test]
fn topics_are_told_by_their_rules_where_the_archive_cannot_be_read() {
    let desk = desk();
    fs::write(desk.state_dir(), "no directory").unwrap();
    desk.run("try topic text.txt").ok().says("yes  ports").warns("what labels and examples teach is left out");
}

#[test]
fn topics_by_example_and_stories_with_their_reasons() {
    let desk = desk();
    let put = |name: &str, text: &str| fs::write(desk.dir.path().join(name), text).unwrap();
    put(
        "own.toml",
        "[[topic]]\nid = 'floods'\nname = 'Floods'\nkeywords = ['river', 'flood']\nexamples = ['The river broke its banks.']\n\
         excluded = ['insurance']\n\
         [[topic]]\nid = 'votes'\nname = 'Votes'\nkeywords = ['election']\nexamples = ['The ballots were counted.']\n",
    );
    let flood = "The Rioni river broke its banks and flooded Kutaisi on Sunday night, Governor Lomidze said. Rescuers took 240 \
        people from their homes and three bridges were lost. The road to Tskaltubo stays closed until Thursday.";
    let lines = [
        json!({ "id": 1, "title": "Flood in Kutaisi", "text": flood, "date": "2026-03-02" }),
        json!({ "id": 2, "title": "Election in Yerevan", "text": "The ballots were counted in Yerevan." }),
        json!({ "id": 3, "title": "Kutaisi under water", "text": format!("{flood} The post first appeared on Rioni Herald.") }),
    ];
    let lines = lines.map(|it| it.to_string()).join("\n");
    let topics = desk.run_with("try topic --jsonl --topics own.toml", &lines, &[]).ok().records();
    let ids = topics.iter().map(|it| it["topics"][0]["id"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids, ["floods", "votes", "floods"]);
    let ruled_out = json!({ "id": 4, "text": format!("{flood} The insurance pays.") }).to_string();
    let ruled_out = desk.run_with("try topic --jsonl --topics own.toml", &ruled_out, &[]).ok().record();
    assert_eq!(ruled_out["topics"], json!([]), "{ruled_out}");
    put("wrong.toml", "[[topic]]\nid = 'a'\nname = 'A'\nphrases = [{ weight = 200, any = ['port'] }]\n");
    let wrong = desk.run_with("try topic --jsonl --topics wrong.toml", &lines, &[]).exits(65);
    wrong.warns("wrong.toml line 1: topic \"a\": the weight 200");
    assert!(topics[0]["topics"][0]["evidence"][0]["feature"].is_string());

    let stories = desk.run_with("try story --jsonl", &lines, &[]).ok().records();
    assert_eq!((&stories[1]["story"], &stories[1]["level"]), (&json!(2), &json!("independent")));
    let copy = &stories[2];
    assert_eq!((&copy["story"], &copy["duplicate_of"], &copy["level"]), (&json!(1), &json!(1), &json!("copy")));
    assert_eq!(copy["origin"]["name"], "Rioni Herald");
    assert!(copy["why"][0].as_str().unwrap().contains("are also in article 1"));
    desk.run_with("try topic --jsonl --topics nowhere.toml", "", &[]).exits(66);
}
