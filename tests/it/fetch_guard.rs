//! The real client and addresses that it must not reach.

use std::process::Command;

use sitrepd::fetch::{Client, DocumentRequest, FetchError, Fetched, PageRequest, Settings};

use crate::{
    fetch::NOW,
    support::http::{Answer, Server, client, settings},
};

/// A listener that nobody may reach.
async fn victim() -> Server {
    Server::start(|_| Answer::ok("secret")).await
}

#[track_caller]
fn assert_refused(error: &FetchError, what: &str) {
    assert!(matches!(error, FetchError::Refused { .. }), "{what}: {error:?}");
    assert!(!error.is_transient());
}

/// Ways to write the loopback address, or to have it reached.
fn spellings(port: u16) -> Vec<String> {
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "user:pass@127.0.0.1",
    ]
    .map(|host| format!("http://{host}:{port}/"))
    .to_vec()
}

#[tokio::test]
async fn private_addresses_are_never_connected_to() {
    let victim = victim().await;
    let client = client(&[]);
    for url in spellings(victim.address().port()) {
        let url = url.parse().unwrap();
        assert_refused(&client.document(&url, DocumentRequest::default(), NOW).await.unwrap_err(), url.as_str());
        assert_refused(&client.page(&url, PageRequest::default(), NOW).await.unwrap_err(), url.as_str());
    }
    for url in ["http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "https://10.0.0.1/"] {
        assert_refused(
            &client.document(&url.parse().unwrap(), DocumentRequest::default(), NOW).await.unwrap_err(),
            url,
        );
    }
    assert_eq!(victim.connections(), 0);
}

#[tokio::test]
async fn redirects_to_private_addresses_are_refused() {
    let victim = victim().await;
    let mut targets = spellings(victim.address().port());
    targets.extend(
        [
            "file:///etc/passwd",
            "gopher://a.example/",
            "ftp://a.example/",
            "data:text/html,x",
            "http://169.254.169.254/",
        ]
        .map(str::to_owned),
    );
    for target in targets {
        let location = target.clone();
        let server = Server::start(move |request| match request.target.as_str() {
            "/robots.txt" => Answer::new(404, &[], ""),
            _ => Answer::redirect(302, &location),
        })
        .await;
        let client = client(&[&server]);
        assert_refused(&client.document(&server.url("/"), DocumentRequest::default(), NOW).await.unwrap_err(), &target);
        assert_refused(&client.page(&server.url("/"), PageRequest::default(), NOW).await.unwrap_err(), &target);
        assert_eq!(server.count("/"), 2);
    }
    assert_eq!(victim.connections(), 0);
}

#[tokio::test]
async fn robots_txt_is_guarded_too() {
    let victim = victim().await;
    let location = victim.url("/").to_string();
    let server = Server::start(move |_| Answer::redirect(301, &location)).await;
    let error = client(&[&server]).page(&server.url("/page"), PageRequest::default(), NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnreachable { .. }), "{error:?}");
    assert_eq!((server.count("/robots.txt"), server.count("/page"), victim.connections()), (1, 0, 0));
}

#[tokio::test]
async fn an_allowed_host_is_allowed_at_its_port_only() {
    let server = Server::start(|_| Answer::ok("open")).await;
    let victim = victim().await;
    let allowed_hosts = vec![format!("localhost:{}", server.address().port()).parse().unwrap()];
    let client = Client::new(Settings { allowed_hosts, ..settings(&[]) }).unwrap();
    let url = |port: u16| format!("http://localhost:{port}/").parse().unwrap();
    client.document(&url(server.address().port()), DocumentRequest::default(), NOW).await.unwrap();
    assert_refused(
        &client.document(&url(victim.address().port()), DocumentRequest::default(), NOW).await.unwrap_err(),
        "another port",
    );
    assert_refused(
        &client.document(&server.url("/"), DocumentRequest::default(), NOW).await.unwrap_err(),
        "its address",
    );
    assert_eq!((server.connections(), victim.connections()), (1, 0));
}

#[tokio::test]
async fn redirects_are_followed_and_counted() {
    let server = Server::start(|request| match request.target.trim_start_matches('/').parse::<u32>() {
        Ok(0) => Answer::ok("arrived"),
        Ok(left) => Answer::redirect(if left % 2 == 0 { 301 } else { 308 }, format!("/{}", left - 1)),
        Err(_) => match request.target.as_str() {
            "/temporary" => Answer::redirect(307, "/0"),
            "/mixed" => Answer::redirect(301, "/temporary"),
            "/loop" => Answer::redirect(302, "/pool"),
            "/pool" => Answer::redirect(302, "/loop"),
            "/nowhere" => Answer::new(302, &[], ""),
            other => panic!("{other}"),
        },
    })
    .await;
    let client = client(&[&server]);
    let fetch = async |path: &str| client.document(&server.url(path), DocumentRequest::default(), NOW).await;
    for (path, moved) in [("/0", false), ("/1", true), ("/10", true), ("/temporary", false), ("/mixed", false)] {
        let Ok(Fetched { body: Some(body), url, moved_to, .. }) = fetch(path).await else { panic!("{path}") };
        assert_eq!((body.as_slice(), &url), (b"arrived".as_slice(), &server.url("/0")), "{path}");
        assert_eq!(moved_to, moved.then(|| server.url("/0")), "{path}");
    }
    for (path, problem) in
        [("/11", "are more than 10"), ("/loop", "go round in a loop"), ("/nowhere", "names no target")]
    {
        let error = fetch(path).await.unwrap_err();
        assert!(matches!(error, FetchError::Redirects { .. }) && !error.is_transient(), "{path}: {error:?}");
        assert!(error.to_string().contains(problem), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_cookie_of_a_redirect_goes_back_to_its_host_alone() {
    let other = Server::start(|_| Answer::ok("elsewhere")).await;
    let location = other.url("/").to_string();
    let server = Server::start(move |request| match (request.target.as_str(), request.header("cookie")) {
        ("/robots.txt", _) => Answer::new(404, &[], ""),
        ("/away", Some("k=1")) => Answer::redirect(302, &location),
        ("/wall", Some("own=1; k=1" | "k=1")) => Answer::ok("<p>arrived"),
        ("/never", _) => Answer::new(302, &["location: /never", "set-cookie: k=1"], ""),
        (path, _) => Answer::new(302, &["set-cookie: k=1; path=/", &format!("location: {path}")], ""),
    })
    .await;
    let client = client(&[&server, &other]);
    let fetch = async |path: &str| client.document(&server.url(path), DocumentRequest::default(), NOW).await;
    assert_eq!(fetch("/wall").await.unwrap().body.unwrap(), b"<p>arrived");
    let request = PageRequest { cookie: Some("own=1"), ..PageRequest::default() };
    assert_eq!(client.page(&server.url("/wall"), request, NOW).await.unwrap().body, b"<p>arrived");
    assert_eq!(fetch("/away").await.unwrap().body.unwrap(), b"elsewhere");
    assert_eq!(other.requests()[0].header("cookie"), None);
    let error = fetch("/never").await.unwrap_err();
    assert!(error.to_string().contains("go round in a loop"), "{error}");
    assert_eq!(server.count("/never"), 2);
    // Nothing is kept for the next document.
    assert_eq!(server.requests().iter().filter(|it| it.target == "/wall" && it.header("cookie").is_none()).count(), 1);
}

#[tokio::test]
async fn validators_go_along_and_credentials_do_not() {
    let target = Server::start(|_| Answer::new(304, &[], "")).await;
    let location = format!("http://name:word@{}/feed", target.address());
    let server = Server::start(move |_| Answer::redirect(301, &location)).await;
    let held = sitrepd::model::Validators { etag: Some("\"a\"".into()), last_modified: None };
    let mut start = server.url("/");
    start.set_username("name").unwrap();
    start.set_password(Some("word")).unwrap();
    let request = DocumentRequest { validators: Some(&held), ..DocumentRequest::default() };
    let res = client(&[&server, &target]).document(&start, request, NOW).await.unwrap();
    assert_eq!((res.body, res.validators, res.moved_to), (None, held, Some(target.url("/feed"))));
    for request in server.requests().iter().chain(&target.requests()) {
        assert_eq!(request.header("authorization"), None);
        assert_eq!(request.header("if-none-match"), Some("\"a\""));
    }
}

/// Runs another test of this binary with a proxy in its environment: setting it here would change other tests.
#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    let proxy = victim().await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "fetch::conditional_round_trip"]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        child.env(name, proxy.url("").as_str());
    }
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    assert_eq!(proxy.connections(), 0);
}
