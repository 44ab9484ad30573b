//! Any sequence of changes leaves the ledger store as it leaves the memory store: at once, after a
//! restart, and after the index was lost.

use proptest::{collection::vec, prelude::*};

use super::{Contents, open};
use crate::{
    model::{ArticleId, Cause, Change, Content, Finding, Fingerprint, Intent, Outcome, Page, Rereading},
    store::{
        MemoryStore, Store as _,
        contract::samples::{
            alert, at, copy, delivery, digest, exhibit, going_out, label, message, polled, regrouping, rendered,
            rereading, snapshot, with,
        },
    },
};

/// Alerts, and so the messages that tell of them, have numbers below.
pub(super) const MESSAGES: u64 = 25;

fn article() -> BoxedStrategy<Change> {
    let edit = (1_u32..4, 1_u64..9, 0_u32..4, any::<[bool; 3]>());
    let merge = prop::option::weighted(0.2, (1_u64..99, vec(1_u64..9, 0..4), 1_u64..9, 1_u64..9));
    (1_u64..9, prop::option::of(1_u64..9), edit, vec(0_u64..3, 0..3), merge)
        .prop_map(|(n, of, (version, name, print, [unique, unreachable, linked]), alerts, merge)| {
            // An alert is named after its article: no two articles have the same.
            let alerts = alerts.iter().map(|it| n + 8 * it).collect::<Vec<_>>();
            let mut intent: Intent = of.map_or_else(|| with(n, |_| ()), |of| copy(n, of));
            let story = intent.report.story().0.0;
            let article = &mut intent.report.article;
            article.version = version;
            article.feed_title = format!("Title {name}");
            article.guid = Some(format!("guid-{name}"));
            article.guid_is_unique = unique;
            article.link = article.link.take().filter(|_| linked);
            article.first_seen = at(i64::from(version) * 10);
            if unreachable {
                article.page = Page::Unreachable("timed out".to_owned());
            }
            intent.fingerprint = Fingerprint((print * 1000..print * 1000 + 24).collect());
            intent.regrouping = merge.map(|(id, mut articles, from, to)| {
                articles.sort_unstable();
                articles.dedup();
                regrouping(id, Cause::Bridged(ArticleId(n)), &articles, from, to)
            });
            intent.alerts = alerts.iter().map(|it| alert(*it, n, story)).collect();
            let outbox = alerts.iter().map(|it| message(*it, Content::Alerts(vec![alert(*it, n, story)])));
            intent.outbox = outbox.collect();
            Change::Article(Box::new(intent))
        })
        .boxed()
}

pub(super) fn change() -> BoxedStrategy<Change> {
    // Each message has due times of its own, since the order of equals is open.
    let outcome = prop_oneof![
        Just(Outcome::Sent),
        (1_i64..5).prop_map(|it| Outcome::Retry { due: at(it * 100), reason: "busy".to_owned() }),
        Just(Outcome::Parked { reason: "no".repeat(1000) }),
    ];
    let delivery = (1_u64..MESSAGES, outcome).prop_map(|(n, mut outcome)| {
        if let Outcome::Retry { due, .. } = &mut outcome {
            *due += chrono::TimeDelta::seconds(n.try_into().unwrap());
        }
        delivery(n, outcome)
    });
    let sending = (1_u64..MESSAGES, 0_i64..200, prop::option::of("[a-z]{1,4}"))
        .prop_map(|(n, seconds, text)| going_out(n, seconds, text.as_deref()));
    let digest = (1_i64..4, 1_u64..9).prop_map(|(day, n)| digest(day, vec![message(n, rendered("text"))]));
    let regrouped = (1_u64..99, vec(1_u64..9, 0..4), 1_u64..9, 1_u64..9).prop_map(|(id, mut articles, from, to)| {
        articles.sort_unstable();
        articles.dedup();
        Change::Regrouped(Box::new(regrouping(id, Cause::Merged, &articles, from, to)))
    });
    let labelled = (1_u64..4, 1_u64..3, any::<bool>(), 0_i64..3)
        .prop_map(|(n, topic, it, later)| Change::Labelled(label(n, &format!("t{topic}"), it, later)));
    let polled = (0_u64..9).prop_map(|it| polled(it, "\"etag\""));
    let finding = prop_oneof![
        Just(Finding::Same),
        Just(Finding::Missing("status 404".to_owned())),
        Just(Finding::Withdrawn("gone ".repeat(1000))),
    ];
    let reread = (1_u64..9, 0_i64..200, finding)
        .prop_map(|(n, seconds, finding)| Change::Reread(Box::new(rereading(n, seconds, finding))));
    let changed = (article(), 0_i64..200).prop_map(|(change, seconds)| {
        let mut intent = change.into_intent().unwrap();
        let (article, fetched) = (intent.report.article.id, exhibit(1).report.article.page);
        intent.report.article.page = fetched;
        let finding = Finding::Changed(intent.report.article.version);
        let intent = Some(Box::new(intent));
        Change::Reread(Box::new(Rereading { article, intent, ..rereading(1, seconds, finding) }))
    });
    let page = (1_u64..9).prop_map(|n| Change::Page(Box::new(snapshot(n, 1))));
    prop_oneof![
        4 => article(), 2 => delivery, 2 => sending, 1 => digest, 1 => polled, 3 => regrouped, 1 => labelled, 1 => reread, 2 => changed,
        1 => page
    ]
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_stores_agree(changes in vec(change(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path());
        let memory = MemoryStore::new();
        for change in &changes {
            store.commit(change).unwrap();
            memory.commit(change).unwrap();
        }
        let expected = Contents::of(&memory);
        prop_assert_eq!(&Contents::of(&store), &expected);
        drop(store);
        let (store, opened) = open(dir.path());
        prop_assert_eq!(&opened.rebuilt, &None);
        prop_assert_eq!(&Contents::of(&store), &expected);
        drop(store);
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        let (store, opened) = open(dir.path());
        prop_assert_eq!(opened.replayed, changes.len() as u64);
        prop_assert_eq!(&Contents::of(&store), &expected);
    }
}
