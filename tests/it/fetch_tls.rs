//! What an HTTPS server may do: a certificate that is no good, and HTTP/2 meant to wear a client out.
//!
//! The program runs as a process, so that it can be told to trust an authority made for the test.

use std::{
    fs, io,
    io::{Read as _, Write as _},
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::{
    cli::desk::{Desk, Ran},
    support::{
        http::{Answer, Server},
        https::{Authority, Identity, Tls, answer_http1, frame, self_signed, serve},
    },
};

const FEED: &str = "<rss version=\"2.0\"><channel><title>Behind a lock</title><item><title>Harbour opens</title>\
    <link>https://a.example/1</link></item></channel></rss>";

fn feed() -> String {
    let length = FEED.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{FEED}"
    )
}

/// `try feed` on an address of a server, by a program that trusts the authority.
fn read(authority: &Authority, ports: &[u16], url: &str) -> Ran {
    let desk = Desk::new("");
    let allowed: Vec<_> = ports.iter().flat_map(|it| [format!("127.0.0.1:{it}"), format!("localhost:{it}")]).collect();
    desk.write(
        "sitrepd.toml",
        &format!(
            "[daemon]\ncontact = \"test\"\n[fetch]\ntimeout = \"2s\"\nhost_delay = \"0s\"\nallow_private = {allowed:?}\n"
        ),
    );
    let pem = desk.dir.path().join("authority.pem");
    fs::write(&pem, authority.pem()).unwrap();
    desk.run_with(&format!("try feed {url}"), "", &[("SSL_CERT_FILE", pem.to_str().unwrap())])
}

#[test]
fn certificates_that_are_no_good_are_never_accepted() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let cases: [(&str, Identity, &[&str]); 5] = [
        ("good", authority.vouches_for("localhost", 2099), &[]),
        ("expired", authority.vouches_for("localhost", 2001), &["certificate", "expired"]),
        ("of another host", authority.vouches_for("other.example", 2099), &["certificate", "not valid for name"]),
        ("self-signed", self_signed("localhost"), &["certificate"]),
        ("of an authority nobody knows", stranger.vouches_for("localhost", 2099), &["certificate"]),
    ];
    for (what, identity, complaint) in cases {
        let address = serve(&identity, "http/1.1", |stream| answer_http1(stream, &feed()));
        let ran = read(&authority, &[address.port()], &format!("https://localhost:{}/feed", address.port()));
        match complaint {
            [] => drop(ran.ok().says("Behind a lock")),
            parts => {
                let ran = parts.iter().fold(ran.exits(69), |it, part| it.warns(part));
                assert_eq!(ran.out, "", "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_from_https_to_http_is_followed_and_told() {
    let authority = Authority::new();
    let plain = Server::start(|_| Answer::new(200, &["content-type: application/rss+xml"], FEED)).await;
    let location = plain.url("/feed").to_string();
    let address = serve(&authority.vouches_for("localhost", 2099), "http/1.1", move |stream| {
        let head = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\n";
        answer_http1(stream, &format!("{head}location: {location}\r\n\r\n"))
    });
    let allowed = [address.port(), plain.address().port()];
    let ran = read(&authority, &allowed, &format!("https://localhost:{}/feed", address.port()));
    ran.ok().says("Behind a lock").warns("redirected from https to http");
    for name in ["authorization", "cookie", "referer"] {
        assert_eq!(plain.requests()[0].header(name), None);
    }
}

/// Says so much of HTTP/2 that the client has sent its request, and whether it spoke HTTP/2.
fn begin(stream: &mut Tls) -> io::Result<bool> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface)?;
    stream.write_all(&frame(4, 0, 0, &[]))?;
    stream.flush()?;
    // What is sent about a stream before it was opened is an error of another kind.
    let mut kind = 0;
    while kind != 1 {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        kind = head[3];
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        stream.read_exact(&mut vec![0; length])?;
    }
    Ok(&preface == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
}

/// Sends the same for as long as the client listens.
fn flood(stream: &mut Tls, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(1 + 16_000 / bytes.len());
    loop {
        stream.write_all(&many)?;
        stream.flush()?;
    }
}

/// What a server does after its greeting.
type Attack = fn(&mut Tls) -> io::Result<()>;

#[test]
fn http2_that_wears_out_ends_in_an_error() {
    let authority = Authority::new();
    let identity = authority.vouches_for("localhost", 2099);
    let cases: [(&str, Attack); 9] = [
        // The same way with nothing wrong: the others end because of what they send.
        ("an answer", |it| {
            it.write_all(&frame(4, 1, 0, &[]))?;
            // `:status 200` by the static table of RFC 7541, then the body.
            it.write_all(&frame(1, 4, 1, &[0x88]))?;
            it.write_all(&frame(0, 1, 1, FEED.as_bytes()))
        }),
        ("GOAWAY at once", |it| it.write_all(&frame(7, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 11]))),
        ("RST_STREAM for ever", |it| flood(it, &frame(3, 0, 1, &[0, 0, 0, 8]))),
        // RFC 9113 §6.10 sets no limit to CONTINUATION frames (CVE-2024-27316 and its kin).
        ("CONTINUATION for ever", |it| {
            it.write_all(&frame(1, 0, 1, &[0x88]))?;
            flood(it, &frame(9, 0, 1, &[0x00, 1, b'a', 1, b'b'].repeat(1000)))
        }),
        ("SETTINGS for ever", |it| flood(it, &frame(4, 0, 0, &[]))),
        ("PING for ever", |it| flood(it, &frame(6, 0, 0, &[0; 8]))),
        ("empty DATA for ever", |it| {
            it.write_all(&frame(1, 4, 1, &[0x88]))?;
            flood(it, &frame(0, 0, 1, &[]))
        }),
        ("a frame larger than agreed", |it| it.write_all(&frame(0, 0, 1, &vec![0; 1 << 20]))),
        ("no HTTP/2", |it| it.write_all(b"220 mail.example ESMTP\r\n")),
    ];
    for (what, attack) in cases {
        let (begun, began_it) = mpsc::channel();
        let address = serve(&identity, "h2", move |stream| {
            let _ = begun.send(begin(stream)?);
            attack(stream)?;
            stream.flush()?;
            // Until the client goes away.
            while stream.read(&mut [0; 1024])? > 0 {}
            Ok(())
        });
        let began = Instant::now();
        let ran = read(&authority, &[address.port()], &format!("https://localhost:{}/feed", address.port()));
        assert_eq!(began_it.try_recv(), Ok(true), "{what}: no HTTP/2 was spoken");
        match what {
            "an answer" => drop(ran.ok().says("Behind a lock")),
            _ => assert_eq!(ran.exits(69).out, "", "{what}"),
        }
        // The whole of a document has a deadline, whatever trickles in.
        assert!(began.elapsed() < Duration::from_secs(15), "{what}: {:?}", began.elapsed());
    }
}
