//! What a hostile internet sends, row by row: where each is tested, and the tests of the whole line that stand nowhere else. The
//! whole program meets 246 such inputs in a network of its own in `tests/faults/hostile.py`.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::TimeDelta;
use sitrepd::decide::source::Answer;

use crate::support::{
    daemon::Home,
    http::Server,
    site::{Item, Site, page, prose, rss},
};

/// How an input is met.
enum Met {
    By(&'static [&'static str]),
}

use Met::By;

/// The inputs, and the tests that meet them.
const ROWS: &[(&str, Met)] = &[
    ("a feed at the loopback address", By(&["private_addresses_are_never_connected_to"])),
    ("the address of a cloud's metadata", By(&["private_addresses_are_never_connected_to"])),
    ("[::1], [::], 0.0.0.0", By(&["private_addresses_are_never_connected_to"])),
    ("IPv4 mapped into IPv6", By(&["private_addresses_are_never_connected_to", "special_addresses"])),
    ("NAT64 and 6to4", By(&["private_addresses_are_never_connected_to", "special_addresses"])),
    ("numbers, hexadecimal and octal", By(&["private_addresses_are_never_connected_to", "spellings_of_private_hosts"])),
    ("every special range", By(&["special_addresses"])),
    ("a name with public and private addresses", By(&["only_public_addresses_of_a_name_are_kept"])),
    ("a name that changes its address", By(&["each_look_up_is_judged_by_itself"])),
    (
        "a redirect to a private address",
        By(&["redirects_to_private_addresses_are_refused", "robots_txt_is_guarded_too"]),
    ),
    ("a redirect to a private name", By(&["redirects_to_private_addresses_are_refused"])),
    ("a redirect to another scheme", By(&["redirects_to_private_addresses_are_refused", "only_the_web"])),
    ("a redirect loop", By(&["redirects_are_followed_and_counted"])),
    (
        "from https to http",
        By(&["a_redirect_from_https_to_http_is_followed_and_told", "validators_go_along_and_credentials_do_not"]),
    ),
    ("a proxy in the environment", By(&["proxies_of_the_environment_are_ignored"])),
    ("private links in feeds and pages", By(&["what_feeds_and_pages_name_is_guarded_too"])),
    (
        "user and password in a link",
        By(&["drops_what_does_not_name_the_page", "shown_urls_are_short_and_tell_no_secret"]),
    ),
    (
        "one private host allowed",
        By(&["an_allowed_host_is_allowed_at_its_port_only", "allows_the_named_host_and_port_only"]),
    ),
    ("a body without an end", By(&["large_bodies_stop_at_the_limit"])),
    ("a length of 10 TB", By(&["large_bodies_stop_at_the_limit"])),
    ("bombs of every encoding", By(&["large_bodies_stop_at_the_limit", "encodings_that_are_not_read"])),
    ("an encoding that is none", By(&["encodings_that_are_not_read", "bodies_that_break_are_not_returned"])),
    ("a body that trickles", By(&["slow_bodies_meet_the_deadline"])),
    (
        "headers without an end",
        By(&["bodies_that_break_are_not_returned", "headers_that_never_end_are_waited_for_ten_seconds"]),
    ),
    ("silence where TLS should begin", By(&["connections_that_fail"])),
    ("chunks of impossible sizes", By(&["bodies_that_break_are_not_returned"])),
    ("HTTP/2 that wears out", By(&["http2_that_wears_out_ends_in_an_error"])),
    ("certificates that are no good", By(&["certificates_that_are_no_good_are_never_accepted"])),
    ("Retry-After of ten years, or of 1970", By(&["retry_after_is_bounded", "garbage"])),
    ("304 unasked", By(&["not_modified_unasked_is_an_error"])),
    ("a permanent redirect to a parking page", By(&["a_source_that_moves_for_good_is_followed_after_it_has_held"])),
    ("robots.txt forbids the page", By(&["pages_that_robots_txt_forbids"])),
    (
        "entities that multiply",
        By(&["expands_declared_entities_within_a_budget", "what_costs_most_to_read_is_bounded"]),
    ),
    ("XML too deep or too wide", By(&["deep_nesting_costs_one_document_only", "what_costs_most_to_read_is_bounded"])),
    (
        "wrong encodings, NULs, lone surrogates",
        By(&["unlabelled_text_is_guessed_and_never_lost", "any_damage_is_survived"]),
    ),
    (
        "50,000 entries",
        By(&[
            "fifty_thousand_entries",
            "the_newest_of_fifty_thousand_full_entries_are_kept",
            "documents_of_twenty_megabytes_take_little_memory",
        ]),
    ),
    ("a title of 10 MB", By(&["what_is_too_long_is_cut", "many_categories_and_enclosures_are_bounded"])),
    ("another guid at every poll", By(&["a_guid_that_changes_at_every_poll"])),
    ("one guid for all", By(&["one_guid_for_all"])),
    ("dates that are none", By(&["what_is_no_date_is_none", "dates_that_are_none_are_told"])),
    ("dates far ahead", By(&["dates_that_cannot_be_are_not_shown", "a_date_ahead_is_told_as_a_claim"])),
    (
        "many items of the past, after a site has moved",
        By(&[
            "a_site_that_moves_raises_no_storm",
            "what_is_old_is_filed_and_wakes_nobody",
            "what_is_over_in_an_hour_is_counted_in_one_message",
        ]),
    ),
    ("JSON that is deep or none", By(&["reads_what_the_standard_forbids", "other_json_is_no_feed"])),
    ("HTML too deep, mis-nested, a million nodes", By(&["costly_pages_are_refused", "refuses_costly_markup"])),
    ("a page that is a file", By(&["pages_that_are_not_to_be_had", "pages_that_are_none"])),
    ("meta refresh and a base elsewhere", By(&["what_feeds_and_pages_name_is_guarded_too"])),
    (
        "markup that does something",
        By(&["hostile_titles_stay_text_in_every_format", "nothing_active_leaves", "receivers_over_http", "programs"]),
    ),
    ("titles that end a title", By(&["hostile_titles_are_shown_literally"])),
    ("a title with a header in it", By(&["titles_add_no_header", "mails"])),
    ("an author who is an address", By(&["titles_add_no_header"])),
    ("a body that ends the message", By(&["bodies_end_no_message"])),
    ("a line of a megabyte", By(&["bodies_end_no_message"])),
    ("a title that is a path", By(&["a_name_that_leaves_the_directory_is_permanent", "files"])),
    ("a link in place of the digest", By(&["links_are_replaced_and_not_followed"])),
    ("escape sequences", By(&["fetched_text_does_nothing_to_the_terminal", "escaped_json_is_the_same_json"])),
    ("a line that looks like the log's", By(&["fetched_text_does_nothing_to_the_terminal"])),
    ("a cell of a spreadsheet that is a formula", By(&["no_spreadsheet_and_no_regular_expression"])),
    ("a regular expression that explodes", By(&["no_spreadsheet_and_no_regular_expression"])),
    (
        "queries without an end, and empty ones",
        By(&[
            "bad_queries_are_refused_with_place_and_reason",
            "any_text_is_read_or_refused",
            "more_watches_than_can_be_held_are_refused",
        ]),
    ),
    (
        "a webhook that is private, redirects, hangs, fails",
        By(&[
            "nobody_there_or_nobody_to_be_reached",
            "what_may_be_taken_later_is_transient_and_tells_no_secret",
            "a_message_is_kept_for_about_three_days",
        ]),
    ),
    ("a webhook's signature", By(&["signs_time_and_body", "a_receiver_checks_signatures_as_is_shown"])),
    (
        // The page for unsubscribing is all that is served.
        "requests to an API",
        By(&[
            "who_sends_nothing_is_sent_away",
            "strangers_come_in_few_at_once",
            "only_its_own_name_is_answered",
            "a_page_that_others_can_reach_is_told",
            "one_click_ends_the_mails_to_one_recipient",
        ]),
    ),
    (
        "a password that others can read",
        By(&[
            "a_password_that_others_can_read_is_told",
            "an_address_that_others_can_read_is_told",
            "secrets_come_from_credentials_and_variables",
            "no_secret_is_shown",
            "the_configuration_is_shown_without_secrets",
            "passwords_reach_no_log",
        ]),
    ),
    ("OPML that multiplies", By(&["bombs_stay_small", "lists_what_is_not_usable"])),
    (
        "a damaged store",
        By(&[
            "flipped_bits_and_cut_files_are_never_silent",
            "a_stray_snapshot_is_removed",
            "another_users_archive_is_read_and_not_written",
            "a_newer_ledger_is_left_alone",
            "a_newer_index_format_is_rebuilt",
        ]),
    ),
    (
        "a full disk",
        By(&[
            "a_full_disk_stops_commits_and_loses_nothing",
            "too_few_files_are_told_and_passed",
            "a_directory_that_cannot_be_written_is_told_and_passed",
        ]),
    ),
];

/// The names of the functions that are tests: those under an attribute that says so, or in a `proptest!`.
fn tests(dir: &Path, res: &mut BTreeSet<String>) {
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            tests(&path, res);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some((_, rest)) = line.split_once("fn ") {
                    res.extend(rest.split(['(', '<']).next().filter(|_| is_test).map(str::to_owned));
                    is_test = false;
                }
            }
        }
    }
}

#[test]
fn every_row_has_its_tests() {
    let mut known = BTreeSet::new();
    for dir in ["src", "tests/it"] {
        tests(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), &mut known);
    }
    for (row, met) in ROWS {
        let By(tests) = met;
        assert!(!tests.is_empty(), "{row}");
        for test in *tests {
            assert!(known.contains(*test), "{row}: there is no test {test}");
        }
    }
    assert_eq!(ROWS.len(), 66);
}

/// What would have to guard cells and expressions does not exist: whoever adds it finds this test, and rows 57 and 58.
#[test]
fn no_spreadsheet_and_no_regular_expression() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let own = manifest.split("[dependencies]").nth(1).unwrap().split("[dev-dependencies]").next().unwrap();
    for line in own.lines().filter_map(|it| it.split(['=', ' ', '.']).next()) {
        assert!(!["csv", "regex", "regex-lite", "fancy-regex", "calamine"].contains(&line), "{line}");
    }
    // No format and no file of a command.
    let words =
        std::process::Command::new(env!("CARGO_BIN_EXE_sitrepd")).args(["completions", "bash"]).output().unwrap();
    let words = String::from_utf8(words.stdout).unwrap().to_lowercase();
    assert!(words.contains("export") && !words.contains("csv") && !words.contains("regex"));
    for it in sitrepd::digest::render::Format::ALL {
        assert_ne!(it.extension(), "csv");
    }
    // And no setting: their keys and what is said of them.
    for it in fs::read_dir(root.join("config")).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_file()) {
        let text = fs::read_to_string(&it).unwrap().to_lowercase();
        assert!(!text.contains("regex") && !text.contains("regular expression"), "{}", it.display());
    }
}

#[tokio::test]
async fn dates_that_are_none_are_told() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let daemon = home.start();
    let item = |n: u32, date: &str| {
        format!("<item><title>Report {n}</title><guid>{n}</guid><description>In brief.</description>{date}</item>")
    };
    let dates = [
        "0000-01-01T00:00:00Z",
        "Sun, 22 Nov 2026 10:00:00 +99:99",
        "99999-12-31T00:00:00Z",
        "Sat, 21 Nov 2026 10:00:00 GMT",
    ];
    let items = (0..).zip(dates).map(|(n, it)| item(n, &format!("<pubDate>{it}</pubDate>"))).collect::<String>();
    let feed = format!("<rss version=\"2.0\"><channel><title>A feed</title>{items}{}</channel></rss>", item(9, ""));
    site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
    let report = daemon.poll("feed").await;
    let Answer::Read { problems, .. } = &report.answer else { panic!("{report:?}") };
    assert!(problems.iter().any(|it| it.starts_with("3 of 5 entries have a date that is none")), "{problems:?}");
    assert_eq!(daemon.reports().iter().filter(|it| it.article.published.is_some()).count(), 1);
}

#[tokio::test]
async fn what_feeds_and_pages_name_is_guarded_too() {
    let (site, victim) = (Site::start().await, Server::start(|_| panic!("nobody may ask")).await);
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let daemon = home.start();
    let secret = victim.url("/secret");
    let text = prose(1).join("</p><p>");
    site.page(
        "/page",
        format!(
            "<html><head><title>A page</title><base href=\"{secret}\"><meta http-equiv=\"refresh\" content=\"0;url={secret}\">\
             <link rel=\"icon\" href=\"{secret}\"><link rel=\"canonical\" href=\"{secret}\"><link rel=\"amphtml\" href=\"{secret}\">\
             <link rel=\"next\" href=\"{secret}\"><meta property=\"og:image\" content=\"{secret}\"></head><body><article>\
             <h1>A page</h1><p>{text}</p><img src=\"{secret}\"><iframe src=\"{secret}\"></iframe></article></body></html>"
        ),
    );
    let item = |link: &str| {
        format!(
            "<item><title>To {link}</title><link>{link}</link><enclosure url=\"{secret}\" type=\"audio/mpeg\" length=\"1\"/>\
             <source url=\"{secret}\">x</source><comments>{secret}</comments></item>"
        )
    };
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>A feed</title><image><url>{secret}</url></image><cloud domain=\"{}\"/>{}{}</channel></rss>",
        victim.address(),
        item(site.url("/page").as_str()),
        item(secret.as_str()),
    );
    site.put("/feed", 200, &["content-type: application/rss+xml"], feed);
    assert_eq!(daemon.poll("feed").await.new.len(), 2);
    assert!(daemon.reports().iter().any(|it| it.article.body.contains(&prose(1)[0])), "the page itself is read");
    assert_eq!(victim.connections(), 0);
    assert_eq!(site.count("/page"), 1);
}

#[tokio::test]
async fn fifty_thousand_entries() {
    let site = Site::start().await;
    let mut home = Home::new(&[site.server.address().to_string()]);
    home.set("POLL__MAX_ENTRIES", "50");
    home.sources(&[("many", site.url("/many").as_str()), ("good", site.url("/good").as_str())]);
    let daemon = home.start();
    let item = |n: u32| Item {
        title: format!("Report {n}"),
        link: None,
        guid: Some(format!("g{n}")),
        text: format!("In brief, {n}."),
    };
    site.put("/many", 200, &["content-type: application/rss+xml"], rss(&(0..50_000).map(item).collect::<Vec<_>>()));
    site.feed("/good", &[item(7)]);
    let report = daemon.poll("many").await;
    let Answer::Read { problems, .. } = &report.answer else { panic!("{report:?}") };
    assert_eq!((report.new.len(), problems.len()), (50, 1), "{problems:?}");
    assert_eq!(daemon.poll("good").await.new.len(), 1);
}

#[tokio::test]
async fn a_guid_that_changes_at_every_poll() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("feed", site.url("/feed").as_str())]);
    let daemon = home.start();
    site.page("/p", page("Vinnikov in Tbilisi", &prose(1)));
    for round in 0..5 {
        let item = |title: &str, link: Option<_>| Item {
            title: title.to_owned(),
            link,
            guid: Some(format!("{title}-{round}")),
            text: "In brief: Vinnikov has come.".to_owned(),
        };
        site.feed("/feed", &[item("Vinnikov in Tbilisi", Some(site.url("/p"))), item("Vinnikov without a link", None)]);
        daemon.poll("feed").await;
        home.clock.advance(TimeDelta::hours(1));
        // What has nothing but its text is held again, and joins the story by that.
        assert_eq!((daemon.alerts().len(), site.count("/p")), (2, 1), "round {round}");
    }
    let stories: BTreeSet<_> = daemon.reports().iter().map(|it| it.story().to_string()).collect();
    assert!(stories.len() <= 2, "{stories:?}");
}
