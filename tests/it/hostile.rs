//! What a hostile internet sends, row by row: where each is tested, and the tests of the whole line that stand nowhere else.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::TimeDelta;
use sitrepd::decide::source::Answer;

use crate::support::{
    daemon::Home,
    http::Server,
    site::{Item, Site, page, prose, rss},
};

/// An input and the tests that meet it; none for what the program does not have.
const ROWS: &[(&str, &[&str])] = &[
    ("a feed at the loopback address", &["private_addresses_are_never_connected_to"]),
    ("the address of a cloud's metadata", &["private_addresses_are_never_connected_to"]),
    ("[::1], [::], 0.0.0.0", &["private_addresses_are_never_connected_to"]),
    ("IPv4 mapped into IPv6", &["private_addresses_are_never_connected_to", "special_addresses"]),
    ("NAT64 and 6to4", &["private_addresses_are_never_connected_to", "special_addresses"]),
    ("numbers, hexadecimal and octal", &["private_addresses_are_never_connected_to", "spellings_of_private_hosts"]),
    ("every special range", &["special_addresses"]),
    ("a name with public and private addresses", &["only_public_addresses_of_a_name_are_kept"]),
    ("a name that changes its address", &["each_look_up_is_judged_by_itself"]),
    ("a redirect to a private address", &["redirects_to_private_addresses_are_refused", "robots_txt_is_guarded_too"]),
    ("a redirect to a private name", &["redirects_to_private_addresses_are_refused"]),
    ("a redirect to another scheme", &["redirects_to_private_addresses_are_refused", "only_the_web"]),
    ("a redirect loop", &["redirects_are_followed_and_counted"]),
    (
        "from https to http",
        &["a_redirect_from_https_to_http_is_followed_and_told", "validators_go_along_and_credentials_do_not"],
    ),
    ("a proxy in the environment", &["proxies_of_the_environment_are_ignored"]),
    ("private links in feeds and pages", &["what_feeds_and_pages_name_is_guarded_too"]),
    ("user and password in a link", &["drops_what_does_not_name_the_page", "shown_urls_are_short_and_tell_no_secret"]),
    (
        "one private host allowed",
        &["an_allowed_host_is_allowed_at_its_port_only", "allows_the_named_host_and_port_only"],
    ),
    ("a body without an end", &["large_bodies_stop_at_the_limit"]),
    ("a length of 10 TB", &["large_bodies_stop_at_the_limit"]),
    ("bombs of every encoding", &["large_bodies_stop_at_the_limit", "encodings_that_are_not_read"]),
    ("an encoding that is none", &["encodings_that_are_not_read", "bodies_that_break_are_not_returned"]),
    ("a body that trickles", &["slow_bodies_meet_the_deadline"]),
    ("headers without an end", &["bodies_that_break_are_not_returned", "slow_bodies_meet_the_deadline"]),
    ("silence where TLS should begin", &["connections_that_fail"]),
    ("chunks of impossible sizes", &["bodies_that_break_are_not_returned"]),
    ("HTTP/2 that wears out", &["http2_that_wears_out_ends_in_an_error"]),
    ("certificates that are no good", &["certificates_that_are_no_good_are_never_accepted"]),
    ("Retry-After of ten years, or of 1970", &["retry_after_is_bounded", "garbage"]),
    ("304 unasked", &["not_modified_unasked_is_an_error"]),
    ("a permanent redirect to a parking page", &["a_source_that_moves_for_good_is_followed_after_it_has_held"]),
    ("robots.txt forbids the page", &["pages_that_robots_txt_forbids"]),
    ("entities that multiply", &["expands_declared_entities_within_a_budget", "what_costs_most_to_read_is_bounded"]),
    ("XML too deep or too wide", &["deep_nesting_costs_one_document_only", "what_costs_most_to_read_is_bounded"]),
    (
        "wrong encodings, NULs, lone surrogates",
        &["unlabelled_text_is_guessed_and_never_lost", "any_damage_is_survived"],
    ),
    ("50,000 entries", &["fifty_thousand_entries"]),
    ("a title of 10 MB", &["what_is_too_long_is_cut", "many_categories_and_enclosures_are_bounded"]),
    ("another guid at every poll", &["a_guid_that_changes_at_every_poll"]),
    ("one guid for all", &["one_guid_for_all"]),
    ("dates that are none", &["what_is_no_date_is_none"]),
    ("dates far ahead", &["dates_that_cannot_be_are_not_shown"]),
    ("JSON that is deep or none", &["reads_what_the_standard_forbids", "other_json_is_no_feed"]),
    ("HTML too deep, mis-nested, a million nodes", &["costly_pages_are_refused", "refuses_costly_markup"]),
    ("a page that is a file", &["pages_that_are_not_to_be_had", "pages_that_are_none"]),
    ("meta refresh and a base elsewhere", &["what_feeds_and_pages_name_is_guarded_too"]),
    ("markup that does something", &["hostile_titles_stay_text_in_every_format", "nothing_active_leaves"]),
    ("titles that end a title", &["hostile_titles_are_shown_literally"]),
    ("a title with a header in it", &["titles_add_no_header"]),
    ("an author who is an address", &["titles_add_no_header"]),
    ("a body that ends the message", &["bodies_end_no_message"]),
    ("a line of a megabyte", &["bodies_end_no_message"]),
    ("a title that is a path", &["a_name_that_leaves_the_directory_is_permanent"]),
    ("a link in place of the digest", &["links_are_replaced_and_not_followed"]),
    ("escape sequences", &["fetched_text_does_nothing_to_the_terminal", "escaped_json_is_the_same_json"]),
    ("a line that looks like the log's", &["fetched_text_does_nothing_to_the_terminal"]),
    ("a regular expression that explodes", &[]),
    (
        "queries without an end, and empty ones",
        &["bad_queries_are_refused_with_place_and_reason", "any_text_is_read_or_refused"],
    ),
    (
        "a webhook that is private, redirects, hangs, fails",
        &[
            "nobody_there_or_nobody_to_be_reached",
            "what_may_be_taken_later_is_transient_and_tells_no_secret",
            "a_message_is_kept_for_about_three_days",
        ],
    ),
    ("a webhook's signature", &["signs_time_and_body"]),
    ("a password that others can read", &["a_password_that_others_can_read_is_told", "passwords_reach_no_log"]),
    ("OPML that multiplies", &["bombs_stay_small", "lists_what_is_not_usable"]),
    ("a damaged store", &["flipped_bits_and_cut_files_are_never_silent", "a_stray_snapshot_is_removed"]),
    ("a full disk", &["a_full_disk_stops_commits_and_loses_nothing"]),
];

fn functions(dir: &Path, res: &mut BTreeSet<String>) {
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            functions(&path, res);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).filter_map(|it| it.split(['(', '<']).next());
            res.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_row_has_its_tests() {
    let mut known = BTreeSet::new();
    for dir in ["src", "tests/it"] {
        functions(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), &mut known);
    }
    for (row, tests) in ROWS {
        for test in *tests {
            assert!(known.contains(*test), "{row}: there is no test {test}");
        }
    }
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
    let item = |n: u32| Item { title: format!("Report {n}"), text: format!("In brief, {n}."), ..Item::default() };
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
    }
    // What has nothing but its text is held again, and joins the story by that.
    let stories: BTreeSet<_> = daemon.reports().iter().map(|it| it.story().to_string()).collect();
    assert_eq!((daemon.alerts().len(), site.count("/p")), (stories.len(), 1));
    assert!(stories.len() <= 2, "{stories:?}");
}
