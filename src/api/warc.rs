//! Pages as they came in, as a WARC 1.1 file (ISO 28500:2017): what web archives and courts read.
//!
//! A page is a `resource` record and not a `response`: the daemon keeps the bytes without their content coding and only
//! some header fields, while a `response` must be the answer octet by octet. How it was fetched is in a `metadata`
//! record beside it, and the text read from it in a `conversion`.

use std::io::{self, Write};

use chrono::SecondsFormat;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use crate::model::{Article, Event, Finding, Snapshot, Timestamp, Trail};

/// Writes a WARC file, each record a gzip member of its own (Annex D), so that each can be read without the others.
#[derive(Debug)]
pub struct WarcWriter<W> {
    to: W,
    info: String,
    n_records: u64,
}

/// A named field.
type Field<'f> = (&'f str, String);

impl<W: Write> WarcWriter<W> {
    /// Begins the file with its `warcinfo` record. `now` is when it is made.
    ///
    /// # Errors
    ///
    /// From the writer.
    pub fn new(to: W, file_name: &str, now: Timestamp) -> io::Result<Self> {
        let block = fields(&[
            ("software", format!("sitrepd/{}", env!("CARGO_PKG_VERSION"))),
            ("format", "WARC File Format 1.1".to_owned()),
            (
                "conformsTo",
                "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/".to_owned(),
            ),
            (
                "description",
                "Pages of articles as they came in, without content coding; how they were fetched, or said to be gone, in \
                 metadata records; and the texts that were read from them, in conversion records"
                    .to_owned(),
            ),
        ]);
        let info = id(&[b"warcinfo", block.as_bytes(), time(now).as_bytes(), file_name.as_bytes()]);
        let mut res = Self { to, info: info.clone(), n_records: 0 };
        let name = one_line(file_name);
        let head = [("WARC-Type", "warcinfo".to_owned()), ("WARC-Date", time(now)), ("WARC-Record-ID", info)];
        let head = head.into_iter().chain([("WARC-Filename", name), ("Content-Type", WARC_FIELDS.to_owned())]);
        res.record(&head.collect::<Vec<_>>(), block.as_bytes())?;
        Ok(res)
    }

    /// Adds a page, with the version of the article that was read from it where that is known, and its number in the
    /// ledger.
    ///
    /// # Errors
    ///
    /// From the writer.
    pub fn page(&mut self, page: &Snapshot, record: u64, version: Option<&Article>) -> io::Result<()> {
        let trail = &page.trail;
        let (uri, date) = (one_line(&trail.url), time(trail.at));
        let key = format!("{}\n{}\n{record}", page.article, page.version);
        let resource = id(&[b"resource", key.as_bytes(), &page.body]);
        let media_type = trail.headers.iter().find(|(name, _)| name == "content-type").map(|it| one_line(&it.1));
        let mut head = self.head("resource", &resource, &uri, &date);
        head.push(("WARC-Payload-Digest", digest(&page.body)));
        head.push(("Content-Type", media_type.unwrap_or_else(|| "application/octet-stream".to_owned())));
        self.record(&head, &page.body)?;

        let mut about = vec![
            ("article", page.article.to_string()),
            ("version", page.version.to_string()),
            ("ledger-record", record.to_string()),
            ("asked", one_line(&trail.asked)),
        ];
        about.extend(answer(trail));
        if let Some(article) = version {
            about.push(("title", one_line(&article.title)));
            about.extend(article.authors.iter().map(|it| ("author", one_line(it))));
            about.extend(article.believed_date().map(|it| ("published", time(it))));
            about.extend(article.disbelieved_date().map(|it| ("published-claimed", time(it))));
            about.push(("first-seen", time(article.first_seen)));
        }
        let about = fields(&about);
        let mut head = self.head("metadata", &id(&[b"metadata", key.as_bytes(), about.as_bytes()]), &uri, &date);
        head.push(("WARC-Concurrent-To", resource.clone()));
        head.push(("Content-Type", WARC_FIELDS.to_owned()));
        self.record(&head, about.as_bytes())?;

        if let Some(article) = version {
            let text = format!("{}\n{}\n", article.title, article.body);
            let mut head = self.head("conversion", &id(&[b"conversion", key.as_bytes(), text.as_bytes()]), &uri, &date);
            head.push(("WARC-Refers-To", resource));
            head.push(("Content-Type", "text/plain; charset=utf-8".to_owned()));
            self.record(&head, text.as_bytes())?;
        }
        Ok(())
    }

    /// Adds a site's answer that an article no longer exists: only a `metadata` record, since there is no page. Nothing
    /// if the answer is not known.
    ///
    /// # Errors
    ///
    /// From the writer.
    pub fn withdrawal(&mut self, it: &Event) -> io::Result<()> {
        let (Some(trail), Finding::Withdrawn(why)) = (&it.trail, &it.finding) else { return Ok(()) };
        let mut about = vec![
            ("article", it.article.to_string()),
            ("withdrawn", one_line(why)),
            ("noticed", time(it.at)),
            ("asked", one_line(&trail.asked)),
        ];
        about.extend(answer(trail));
        let about = fields(&about);
        let name = id(&[b"withdrawn", it.article.to_string().as_bytes(), about.as_bytes()]);
        let mut head = self.head("metadata", &name, &one_line(&trail.url), &time(trail.at));
        head.push(("Content-Type", WARC_FIELDS.to_owned()));
        self.record(&head, about.as_bytes())
    }

    /// How many records were written, and the writer.
    pub fn finish(self) -> (u64, W) {
        (self.n_records, self.to)
    }

    fn head(&self, kind: &str, id: &str, uri: &str, date: &str) -> Vec<Field<'static>> {
        vec![
            ("WARC-Type", kind.to_owned()),
            ("WARC-Target-URI", uri.to_owned()),
            ("WARC-Date", date.to_owned()),
            ("WARC-Record-ID", id.to_owned()),
            ("WARC-Warcinfo-ID", self.info.clone()),
        ]
    }

    fn record(&mut self, head: &[Field<'_>], block: &[u8]) -> io::Result<()> {
        let mut gzip = GzEncoder::new(&mut self.to, Compression::default());
        gzip.write_all(b"WARC/1.1\r\n")?;
        for (name, value) in head {
            write!(gzip, "{name}: {value}\r\n")?;
        }
        write!(gzip, "WARC-Block-Digest: {}\r\nContent-Length: {}\r\n\r\n", digest(block), block.len())?;
        gzip.write_all(block)?;
        gzip.write_all(b"\r\n\r\n")?;
        gzip.finish()?;
        self.n_records += 1;
        Ok(())
    }
}

/// The redirects on the way to an answer, and what of its head is kept.
fn answer(trail: &Trail) -> Vec<Field<'static>> {
    let redirects = trail.redirects.iter().map(|it| ("redirect", format!("{} {}", it.status, one_line(&it.to))));
    let headers = trail.headers.iter().map(|(name, it)| ("http-header", format!("{name}: {}", one_line(it))));
    redirects.chain([("http-status", trail.status.to_string())]).chain(headers).collect()
}

const WARC_FIELDS: &str = "application/warc-fields";

/// A block of named fields, as [`WARC_FIELDS`] has it.
fn fields(fields: &[Field<'_>]) -> String {
    fields.iter().map(|(name, value)| [*name, ": ", value, "\r\n"].concat()).collect()
}

/// Base32, as web archives write it.
fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", data_encoding::BASE32.encode(&Sha256::digest(bytes)))
}

/// A name for a record: the same for the same content, so that two exports can be compared. A UUID of version 8
/// (RFC 9562) from its hash.
fn id(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for it in parts {
        hasher.update((it.len() as u64).to_be_bytes());
        hasher.update(it);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    let (head, _) = hash.split_at(16);
    let mut uuid = [0; 16];
    uuid.iter_mut().zip(head).for_each(|(to, from)| *to = *from);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut uuid;
    *version = (*version & 0x0f) | 0x80;
    *variant = (*variant & 0x3f) | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&uuid);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("<urn:uuid:{}-{}-{}-{}-{}>", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What a stranger wrote, as the value of a field: a line end would begin another field.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, io::Read as _};

    use flate2::bufread::GzDecoder;

    use super::*;
    use crate::model::{ArticleId, Redirect, SourceId};

    /// A record, read back: its named fields and its block.
    #[derive(Debug)]
    struct Read {
        fields: HashMap<String, String>,
        block: Vec<u8>,
    }

    /// A small reader of its own, strict in what the standard says.
    fn read(mut bytes: &[u8]) -> Vec<Read> {
        let mut res = Vec::new();
        while !bytes.is_empty() {
            let mut member = Vec::new();
            let mut gzip = GzDecoder::new(bytes);
            gzip.read_to_end(&mut member).unwrap();
            bytes = gzip.into_inner();
            let end = member.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
            let head = std::str::from_utf8(&member[..end]).unwrap();
            let mut lines = head.split("\r\n");
            assert_eq!(lines.next(), Some("WARC/1.1"));
            let fields: HashMap<_, _> = lines
                .map(|it| it.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let length: usize = fields["Content-Length"].parse().unwrap();
            let block = member[end + 4..end + 4 + length].to_vec();
            assert_eq!(&member[end + 4 + length..], b"\r\n\r\n");
            res.push(Read { fields, block });
        }
        res
    }

    fn snapshot() -> Snapshot {
        let trail = Trail {
            asked: "https://a.example/1".to_owned(),
            redirects: vec![Redirect { status: 301, to: "https://www.a.example/1".to_owned() }],
            url: "https://www.a.example/1".to_owned(),
            status: 200,
            headers: vec![
                ("content-type".to_owned(), "text/html; charset=koi8-r".to_owned()),
                ("server".to_owned(), "x\r\nWARC-Type: response".to_owned()),
            ],
            at: Timestamp::UNIX_EPOCH,
        };
        Snapshot { article: ArticleId(7), version: 2, trail, body: b"<p>\xd0\r\n\r\nWARC/1.1\r\n\xff".to_vec() }
    }

    #[test]
    fn records_are_read_back() {
        let source = SourceId::new("alpha").unwrap();
        let article = Article::of_text(ArticleId(7), source, "Բանակցություններ\nX: y", "Текст.\nმეორე.");
        let mut warc = WarcWriter::new(Vec::new(), "a\r\nb.warc.gz", Timestamp::UNIX_EPOCH).unwrap();
        warc.page(&snapshot(), 12, Some(&article)).unwrap();
        warc.page(&snapshot(), 13, None).unwrap();
        let (n_records, bytes) = warc.finish();
        let records = read(&bytes);
        let kinds: Vec<_> = records.iter().map(|it| it.fields["WARC-Type"].as_str()).collect();
        assert_eq!(kinds, ["warcinfo", "resource", "metadata", "conversion", "resource", "metadata"]);
        assert_eq!(n_records, 6);
        let ids: std::collections::HashSet<_> = records.iter().map(|it| &it.fields["WARC-Record-ID"]).collect();
        assert_eq!(ids.len(), 6);
        for it in &records {
            // Version and variant of the UUID.
            let id = it.fields["WARC-Record-ID"].as_bytes();
            assert!(id[24] == b'8' && b"89ab".contains(&id[29]) && id.len() == 47, "{it:?}");
            let hash = data_encoding::BASE32.encode(&Sha256::digest(&it.block));
            assert_eq!(it.fields["WARC-Block-Digest"], format!("sha256:{hash}"));
            assert_eq!(it.fields["WARC-Date"], "1970-01-01T00:00:00Z");
        }
        let [info, page, about, text, ..] = records.as_slice() else { panic!() };
        assert_eq!(info.fields["WARC-Filename"], "a  b.warc.gz");
        assert_eq!(page.block, snapshot().body);
        assert_eq!(page.fields["Content-Type"], "text/html; charset=koi8-r");
        assert_eq!(page.fields["WARC-Target-URI"], "https://www.a.example/1");
        assert_eq!(page.fields["WARC-Warcinfo-ID"], info.fields["WARC-Record-ID"]);
        assert_eq!(page.fields["WARC-Payload-Digest"], page.fields["WARC-Block-Digest"]);
        assert_eq!(about.fields["WARC-Concurrent-To"], page.fields["WARC-Record-ID"]);
        assert_eq!(text.fields["WARC-Refers-To"], page.fields["WARC-Record-ID"]);
        assert_eq!(text.block, "Բանակցություններ\nX: y\nТекст.\nმეორე.\n".as_bytes());
        let about = String::from_utf8(about.block.clone()).unwrap();
        let expected = "article: 0000000000000007\r\nversion: 2\r\nledger-record: 12\r\nasked: https://a.example/1\r\n\
            redirect: 301 https://www.a.example/1\r\nhttp-status: 200\r\n\
            http-header: content-type: text/html; charset=koi8-r\r\nhttp-header: server: x  WARC-Type: response\r\n\
            title: Բանակցություններ X: y\r\nfirst-seen: 1970-01-01T00:00:00Z\r\n";
        assert_eq!(about, expected);
    }

    #[test]
    fn the_same_page_has_the_same_bytes() {
        let written = || {
            let mut warc = WarcWriter::new(Vec::new(), "a.warc.gz", Timestamp::UNIX_EPOCH).unwrap();
            warc.page(&snapshot(), 12, None).unwrap();
            warc.finish().1
        };
        assert_eq!(written(), written());
    }
}
