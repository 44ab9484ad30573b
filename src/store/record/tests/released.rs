//! Records of every version that was released, as they lie on people's disks.

use super::*;
use crate::model::{Attempt, Closeness, Condition, Content, Finding, Fingerprint, Intent, MessageId, Outcome, Reading};

/// Bytes as they were first released. If this fails, the format of data on people's disks was changed: add a
/// version instead.
#[test]
fn version_1_is_read_for_good() {
    let attempt = Attempt {
        message: MessageId("alert-1".to_owned()),
        at: Timestamp::from_timestamp(1_795_305_600, 5).unwrap(),
        outcome: Outcome::Parked { reason: "no".to_owned() },
    };
    let bytes = b"\x01\x03\x07alert-1\x80\xc2\x91\xb0\x0d\x05\x02\x02no";
    assert_eq!(decode(bytes), Ok(Change::Delivery(attempt)));
}

#[test]
fn a_source_of_version_1_is_read_for_good() {
    use crate::store::record::source::{HealthRecordV1, SourceStateRecordV1};

    let record = SourceStateRecordV1 {
        source: "alpha".to_owned(),
        url: "https://alpha.example/feed".to_owned(),
        etag: Some("\"etag\"".to_owned()),
        last_modified: None,
        polled: Time(1, 0),
        succeeded: Some(Time(1, 0)),
        brought_new: None,
        failures: 0,
        polls: 7,
        entries: 20,
        due: Time(900, 0),
        health: HealthRecordV1::Fine,
    };
    let bytes = postcard::to_extend(&ChangeRecord::PolledV1(record), vec![1]).unwrap();
    let Change::Polled(state) = decode(&bytes).unwrap() else { panic!("no source") };
    assert_eq!((state.url.as_str(), state.documents.len()), ("https://alpha.example/feed", 0));
    assert_eq!((state.polls, state.health.condition), (7, Condition::Fine));
}

/// Bytes that version 2 wrote.
#[test]
fn version_2_is_read_for_good() {
    use crate::store::contract::samples::{alarming, copy, digest, message, rendered};

    // What version 3 added was not kept.
    let as_known = |mut it: Intent| {
        it.report.article.reading = Reading::default();
        // What was kept to find copies by is of no use any more.
        it.fingerprint = Fingerprint::default();
        let in_outbox = it.outbox.iter_mut().flat_map(|it| match &mut it.content {
            Content::Alerts(it) => it.as_mut_slice(),
            Content::Digest(_) | Content::More(_) | Content::Held(_) => &mut [],
        });
        for hit in it.alerts.iter_mut().chain(in_outbox).flat_map(|it| &mut it.hits) {
            hit.closeness = Closeness::Exact;
            (hit.score, hit.ending, hit.why) = (1.0, None, v1::UNSAID.to_owned());
        }
        it
    };
    let known: [(&[u8], Change); 3] = [
        (include_bytes!("../version_2/alarming.bin"), Change::Article(Box::new(as_known(alarming(1))))),
        (include_bytes!("../version_2/copy.bin"), Change::Article(Box::new(as_known(copy(2, 1))))),
        (include_bytes!("../version_2/digest.bin"), digest(3, vec![message(4, rendered("text"))])),
    ];
    for (bytes, change) in known {
        assert_eq!(decode(bytes), Ok(change));
    }
}

/// What has not changed since version 2, by the checksum of its bytes: if this fails, so was the format of data on
/// people's disks. Add a version instead.
#[test]
fn records_of_version_2_are_written_for_good() {
    use crate::store::contract::samples::{delivery, polled};

    let changes = [(polled(7, "\"etag\""), 3_334_259_762), (delivery(5, Outcome::Sent), 2_221_107_567)];
    for (change, sum) in changes {
        let mut bytes = encode(&change).unwrap();
        bytes[0] = 2;
        assert_eq!(crc32c::crc32c(&bytes), sum);
    }
}

/// Bytes that version 3 wrote.
#[test]
fn version_3_is_read_for_good() {
    use crate::store::contract::samples::{alarming, copy};

    for (bytes, change) in [
        (&include_bytes!("../version_3/alarming.bin")[..], Change::Article(Box::new(alarming(1)))),
        (&include_bytes!("../version_3/copy.bin")[..], Change::Article(Box::new(copy(2, 1)))),
    ] {
        assert_eq!(decode(bytes), Ok(change));
    }
}

/// What version 4 writes of what it added, by the checksum of its bytes: if this fails, so was the format of data on
/// people's disks. Add a version instead.
#[test]
fn records_of_version_4_are_written_for_good() {
    use crate::store::contract::samples::{rereading, snapshot};

    let findings = [
        (Finding::Same, 296_381_320),
        (Finding::Changed(2), 2_106_198_281),
        (Finding::Missing("status 404".to_owned()), 3_120_888_571),
        (Finding::Withdrawn("status 410".to_owned()), 2_127_137_065),
        (Finding::Failed("timed out".to_owned()), 1_265_693_153),
    ];
    let rereadings = findings.map(|(it, sum)| (Change::Reread(Box::new(rereading(1, 9, it))), sum));
    let page = (Change::Page(Box::new(snapshot(1, 2))), 3_485_761_438);
    let mut sums = Vec::new();
    for (change, sum) in rereadings.into_iter().chain([page]) {
        let bytes = encode(&change).unwrap();
        assert_eq!(decode(&bytes), Ok(change.clone()));
        assert_eq!(from_json(&to_json(&change).unwrap()), Ok(change));
        sums.push((crc32c::crc32c(&bytes), sum));
    }
    assert!(sums.iter().all(|it| it.0 == it.1), "{sums:?}");
}

/// What version 6 writes of what it added, by the checksum of its bytes.
#[test]
fn records_of_version_6_are_written_for_good() {
    use crate::{
        model::{Alert, AlertKind, Held},
        store::contract::samples::{alarming, alert, message, rereading},
    };

    let mut sums = Vec::new();
    for (kind, sum) in [(AlertKind::Withdrawn, 21_274_696), (AlertKind::Changed { version: 2 }, 4_127_845_367)] {
        let told = Alert { kind, ..alert(1, 1, 1) };
        let mut it = rereading(1, 9, Finding::Changed(2));
        it.intent.as_mut().unwrap().outbox = vec![message(1, Content::Alerts(vec![told]))];
        let change = Change::Reread(Box::new(it));
        let bytes = encode(&change).unwrap();
        assert_eq!((decode(&bytes), from_json(&to_json(&change).unwrap())), (Ok(change.clone()), Ok(change.clone())));
        assert_eq!(bytes[0], 6);
        sums.push((crc32c::crc32c(&bytes), sum));
    }
    let [since, until] = ["2026-11-22T21:00:00Z", "2026-11-23T07:00:00Z"].map(|it| it.parse().unwrap());
    let held = Content::Held(Held { watch: "Vinnikov".to_owned(), since, until });
    let several = Content::Alerts(vec![alert(1, 1, 1), alert(2, 1, 1)]);
    for (content, sum) in [(held, 1_193_309_583), (several, 2_667_199_861)] {
        let mut it = alarming(1);
        it.outbox = vec![message(1, content)];
        let change = Change::Article(Box::new(it));
        let bytes = encode(&change).unwrap();
        assert_eq!((decode(&bytes), from_json(&to_json(&change).unwrap())), (Ok(change.clone()), Ok(change.clone())));
        assert_eq!(bytes[0], 6);
        sums.push((crc32c::crc32c(&bytes), sum));
    }
    assert!(sums.iter().all(|it| it.0 == it.1), "{sums:?}");
}

/// What version 7 writes of what it added, by the checksum of its bytes.
#[test]
fn records_of_version_7_are_written_for_good() {
    use crate::{
        model::{ArticleId, Cause},
        store::contract::samples::{alarming, regrouping},
    };

    let drawn = regrouping(1, Cause::Drawn(ArticleId(5)), &[2, 4], 2, 1);
    let mut article = alarming(5);
    article.regrouping = Some(drawn.clone());
    let mut sums = Vec::new();
    for (change, sum) in
        [(Change::Article(Box::new(article)), 3_126_905_146), (Change::Regrouped(Box::new(drawn)), 795_660_170)]
    {
        let bytes = encode(&change).unwrap();
        assert_eq!((decode(&bytes), from_json(&to_json(&change).unwrap())), (Ok(change.clone()), Ok(change.clone())));
        assert_eq!(bytes[0], 7);
        sums.push((crc32c::crc32c(&bytes), sum));
    }
    assert!(sums.iter().all(|it| it.0 == it.1), "{sums:?}");
}

/// What version 5 writes of what it added, by the checksum of its bytes; and what it did not add stays readable for
/// version 4.
#[test]
fn records_of_version_5_are_written_for_good() {
    use crate::store::contract::samples::{alarming, delivery, going_out};

    for (change, sum) in [(going_out(1, 9, Some("text")), 1_451_649_784), (going_out(1, 9, None), 469_498_556)] {
        let bytes = encode(&change).unwrap();
        assert_eq!((decode(&bytes), from_json(&to_json(&change).unwrap())), (Ok(change.clone()), Ok(change.clone())));
        assert_eq!((bytes[0], crc32c::crc32c(&bytes)), (5, sum), "{change:?}");
    }
    for change in [Change::Article(Box::new(alarming(1))), delivery(1, Outcome::Sent)] {
        assert_eq!(encode(&change).unwrap()[0], 4);
    }
}
