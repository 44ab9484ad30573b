mod released;
mod strategies;

use proptest::{collection::vec, prelude::*};

use self::strategies::change;
use super::*;
use crate::model::{ArticleId, Cause, Finding, Move, Regrouping, RegroupingId, StoryId};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_change_survives(change in change()) {
        prop_assert_eq!(decode(&encode(&change).unwrap()), Ok(change));
    }

    #[test]
    fn cut_and_changed_records_are_errors_not_panics(change in change(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = encode(&change).unwrap();
        let at = at.index(bytes.len());
        prop_assert!(decode(&bytes[..at]).is_err());
        bytes[at] ^= 1_u8 << bit;
        let _ = decode(&bytes);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(mut bytes in vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        bytes.insert(0, VERSION);
        let _ = decode(&bytes);
    }
}

#[test]
fn a_newer_version_is_told_from_damage() {
    assert_eq!(decode(&[VERSION + 1, 0, 0]), Err(RecordError::Newer(VERSION + 1)));
    assert!(matches!(decode(&[0]), Err(RecordError::Broken(_))));
    assert!(matches!(decode(&[]), Err(RecordError::Broken(_))));
}

#[test]
fn a_regrouping_moves_an_article_once() {
    let story = |it| StoryId(ArticleId(it));
    let step = |article, to| Move { article: ArticleId(article), from: story(1), to: story(to) };
    let told = |moves| {
        let it = Regrouping { id: RegroupingId(1), at: Timestamp::UNIX_EPOCH, cause: Cause::Merged, moves };
        super::from_json(&super::to_json(&Change::Regrouped(Box::new(it))).unwrap())
    };
    assert!(told(vec![step(2, 3), step(4, 3)]).is_ok());
    let refused = told(vec![step(2, 3), step(2, 4)]).unwrap_err().to_string();
    assert!(refused.contains("moves article 0000000000000002 twice"), "{refused}");
}

#[test]
fn any_record_is_read_or_refused() {
    use crate::store::contract::samples::{alarming, digest, message, polled, rendered, rereading, snapshot};

    let changes = [
        Change::Article(Box::new(alarming(1))),
        polled(7, "etag"),
        digest(3, vec![message(4, rendered("text"))]),
        Change::Reread(Box::new(rereading(1, 9, Finding::Changed(2)))),
        Change::Page(Box::new(snapshot(1, 2))),
    ];
    let sound = changes.map(|it| encode(&it).unwrap());
    let cases = bolero::check!().with_iterations(5_000).with_type::<(u8, u16, u8, Vec<u8>)>();
    cases.for_each(|(which, at, drop, insert)| {
        let mut bytes = sound[usize::from(*which) % sound.len()].clone();
        let at = usize::from(*at) % bytes.len();
        let end = (at + usize::from(*drop)).min(bytes.len());
        bytes.splice(at..end, insert.iter().copied());
        if let Ok(change) = decode(&bytes) {
            // By their bytes: a number that is none (NaN), as one input in millions has, is not equal to itself.
            let again = encode(&change).unwrap();
            assert_eq!(decode(&again).map(|it| encode(&it).unwrap()), Ok(again));
        }
    });
}
