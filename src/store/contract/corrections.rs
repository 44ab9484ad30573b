//! Promises about regrouped stories and labels.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use super::{
    Case,
    samples::{alarming, alert, copy, intent, label, put, regrouping, story, with},
};
use crate::{
    decide,
    dedup::stories::Draw,
    model::{Alert, ArticleId, Assignment, Cause, Change, Regrouping, RegroupingId, Relocated, Timestamp},
    store::{Counts, Store},
};

pub(super) const CASES: &[Case] = &[
    ("two stories become one", merge),
    ("a merge that is undone leaves no trace", undo),
    ("a report leaves its story", split),
    ("a story that loses its first report", split_first),
    ("alerts go with their reports", alerts_move),
    ("an alert is read with the story that its report is in", alerts_lead_to_the_story),
    ("a report elsewhere stays there", stale_move),
    ("a regrouping is made once", once),
    ("a merge comes with the article that shows it", bridged),
    ("reports go to the story of the article that draws them", drawn),
    ("a new version stays where its article is", version_stays),
    ("labels: the last word on an article and topic", labels),
];

fn regroup(store: &dyn Store, it: &Regrouping) {
    store.commit(&Change::Regrouped(Box::new(it.clone()))).unwrap();
}

/// A regrouping taken back, as the command line does it.
fn undone(store: &dyn Store, of: &Regrouping) -> Regrouping {
    let into = of.moves.iter().map(|it| it.to).collect::<BTreeSet<_>>();
    let ids = into.into_iter().flat_map(|it| store.story(it).unwrap());
    let members = ids.map(|it| store.report(it).unwrap().unwrap()).collect::<Vec<_>>();
    decide::undo(of, &members, Timestamp::UNIX_EPOCH)
}

/// The members of stories, in order.
fn members(store: &dyn Store, stories: &[u64]) -> Vec<Vec<u64>> {
    let of = |it: &u64| store.story(story(*it)).unwrap().into_iter().map(|it| it.0).collect();
    stories.iter().map(of).collect()
}

/// Two stories: 1 with 3, and 2 with 4, all with alerts but 3.
fn two_stories(store: &dyn Store) {
    put(store, alarming(1));
    put(store, alarming(2));
    put(store, copy(3, 1));
    put(
        store,
        with(4, |it| {
            it.report.assignment = copy(4, 2).report.assignment;
            it.alerts = vec![alert(9, 4, 2)];
        }),
    );
}

/// Members, assignments, watches that fired, and how many stories there are.
type Seen = (Vec<Vec<u64>>, Vec<(Assignment, Option<Relocated>)>, Vec<Vec<String>>, u64);

/// All there is to see of stories.
fn seen(store: &dyn Store) -> Seen {
    let report = |it| store.report(ArticleId(it)).unwrap().unwrap();
    let assignments = (1..=4).map(report).map(|it| (it.assignment, it.moved)).collect();
    let fired = (1..=4).map(|it| store.fired(story(it)).unwrap()).collect();
    (members(store, &[1, 2, 3, 4]), assignments, fired, store.counts().unwrap().stories)
}

fn merge(store: &dyn Store) {
    two_stories(store);
    regroup(store, &regrouping(1, Cause::Merged, &[2, 4], 2, 1));
    assert_eq!(members(store, &[1, 2]), [vec![1, 2, 3, 4], vec![]]);
    let moved = store.report(ArticleId(4)).unwrap().unwrap();
    // Where it was put does not change what it copies.
    assert_eq!(moved.assignment, copy(4, 2).report.assignment);
    assert_eq!(moved.moved, Some(Relocated { story: story(1), why: Cause::Merged.sentence() }));
    assert_eq!((moved.story(), moved.settled_in()), (story(1), story(2)));
    assert_eq!(store.report(ArticleId(3)).unwrap().unwrap().assignment, copy(3, 1).report.assignment);
    // What comes later joins the story that is there.
    put(store, copy(5, 1));
    assert_eq!(members(store, &[1]), [vec![1, 2, 3, 4, 5]]);
    let counts = Counts { bytes: 0, ..store.counts().unwrap() };
    assert_eq!((counts.articles, counts.stories, counts.alerts), (5, 1, 3));
}

fn undo(store: &dyn Store) {
    two_stories(store);
    let before = seen(store);
    let merge = regrouping(1, Cause::Merged, &[2, 4], 2, 1);
    regroup(store, &merge);
    assert_ne!(seen(store), before);
    regroup(store, &undone(store, &merge));
    assert_eq!(seen(store), before);
    let mut listed = Vec::new();
    let visit = &mut |it: Regrouping| {
        listed.push(it.cause);
        ControlFlow::Continue(())
    };
    store.regroupings(visit).unwrap();
    assert_eq!(listed, [Cause::Undone(merge.id), Cause::Merged], "both are kept, newest first");
    assert!(store.is_regrouped(merge.id).unwrap() && !store.is_regrouped(RegroupingId(99)).unwrap());
}

fn split(store: &dyn Store) {
    two_stories(store);
    let split = decide::split(ArticleId(3), story(1), &store.story(story(1)).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
    regroup(store, &split);
    assert_eq!(members(store, &[1, 3]), [[1], [3]]);
    assert!(store.report(ArticleId(3)).unwrap().unwrap().is_first());
    assert_eq!(store.counts().unwrap().stories, 3);
    assert_eq!(decide::split(ArticleId(3), story(3), &[ArticleId(3)], Timestamp::UNIX_EPOCH), None, "it is alone");
}

fn split_first(store: &dyn Store) {
    two_stories(store);
    let before = seen(store);
    let split = decide::split(ArticleId(2), story(2), &store.story(story(2)).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
    regroup(store, &split);
    assert_eq!(members(store, &[2, 4]), [[2], [4]]);
    assert_eq!(store.fired(story(4)).unwrap(), ["watch-9"]);
    assert_eq!(store.fired(story(2)).unwrap(), ["watch-2"]);
    regroup(store, &undone(store, &split));
    assert_eq!(seen(store), before);
}

fn alerts_move(store: &dyn Store) {
    two_stories(store);
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1"]);
    regroup(store, &regrouping(1, Cause::Merged, &[2, 4], 2, 1));
    assert_eq!(store.fired(story(1)).unwrap(), ["watch-1", "watch-2", "watch-9"]);
    assert_eq!(store.fired(story(2)).unwrap(), Vec::<String>::new());
}

fn alerts_lead_to_the_story(store: &dyn Store) {
    two_stories(store);
    let of = |store: &dyn Store| {
        let mut res = Vec::new();
        let visit = &mut |it: Alert| {
            res.push((it.watch, it.story));
            ControlFlow::Continue(())
        };
        store.alerts(Timestamp::MIN_UTC..Timestamp::MAX_UTC, visit).unwrap();
        res.sort();
        res
    };
    let named =
        |stories: [u64; 3]| ["watch-1", "watch-2", "watch-9"].map(str::to_owned).into_iter().zip(stories.map(story));
    assert_eq!(of(store), named([1, 2, 2]).collect::<Vec<_>>());
    regroup(store, &regrouping(1, Cause::Merged, &[2, 4], 2, 1));
    assert_eq!(of(store), named([1, 1, 1]).collect::<Vec<_>>());
    assert!(store.alerts_of(story(1)).unwrap().iter().all(|it| it.story == story(1)));
    regroup(store, &regrouping(2, Cause::Split, &[4], 1, 4));
    assert_eq!(of(store), named([1, 1, 4]).collect::<Vec<_>>());
}

fn stale_move(store: &dyn Store) {
    two_stories(store);
    // Two people at once: the second finds that 4 has gone.
    regroup(store, &regrouping(1, Cause::Split, &[4], 2, 4));
    regroup(store, &regrouping(2, Cause::Merged, &[2, 4, 77], 2, 1));
    assert_eq!(members(store, &[1, 2, 4]), [vec![1, 2, 3], vec![], vec![4]]);
}

fn once(store: &dyn Store) {
    two_stories(store);
    let merge = regrouping(1, Cause::Merged, &[2, 4], 2, 1);
    regroup(store, &merge);
    regroup(store, &undone(store, &merge));
    regroup(store, &merge);
    assert_eq!(members(store, &[1, 2]), [[1, 3], [2, 4]], "a repeat of what was taken back");
}

fn bridged(store: &dyn Store) {
    two_stories(store);
    let bridge = with(5, |it| {
        it.report.assignment = copy(5, 1).report.assignment;
        it.regrouping = Some(regrouping(1, Cause::Bridged(ArticleId(5)), &[2, 4], 2, 1));
    });
    put(store, bridge.clone());
    assert_eq!(members(store, &[1, 2]), [vec![1, 2, 3, 4, 5], vec![]]);
    let small = |limit| store.small_story(story(1), limit).unwrap().map(|it| it.len());
    assert_eq!((small(4), small(5)), (None, Some(5)));
    let split = regrouping(2, Cause::Split, &[5], 1, 5);
    regroup(store, &split);
    regroup(store, &regrouping(3, Cause::Merged, &[5], 5, 1));
    let mut by_hand = Vec::new();
    let visit = &mut |it: Regrouping| {
        by_hand.push(it.cause);
        ControlFlow::Continue(())
    };
    store.regroupings_by_hand(visit).unwrap();
    assert_eq!(by_hand, [Cause::Merged, Cause::Split], "the program's own are not read");
    put(store, bridge);
    assert_eq!(store.counts().unwrap().stories, 1);
}

fn drawn(store: &dyn Store) {
    two_stories(store);
    // Into a story that the article founds, and into one that it joins.
    for (n, own, reports, from) in [(5, 5, [3], 1), (6, 5, [4], 2)] {
        let draws = [Draw { from: story(from), articles: reports.map(ArticleId).to_vec() }];
        let to = (story(own), ArticleId(n));
        let regrouping = decide::drawn(&draws, &BTreeMap::new(), to, Timestamp::UNIX_EPOCH).unwrap();
        let why = regrouping.cause.sentence();
        let change = with(n, |it| {
            it.regrouping = Some(regrouping);
            if own != n {
                it.report.assignment = copy(n, own).report.assignment;
            }
        });
        put(store, change);
        let moved = store.report(ArticleId(reports[0])).unwrap().unwrap().moved;
        assert_eq!(moved, Some(Relocated { story: story(own), why }));
    }
    let mut all = members(store, &[1, 2, 5]);
    all[2].sort_unstable();
    assert_eq!(all, [vec![1], vec![2], vec![3, 4, 5, 6]]);
    assert_eq!(store.counts().unwrap().stories, 3);
}

fn version_stays(store: &dyn Store) {
    two_stories(store);
    regroup(store, &regrouping(1, Cause::Merged, &[2, 4], 2, 1));
    put(
        store,
        with(4, |it| {
            it.report.article.version = 2;
            it.report.assignment = Assignment::New;
        }),
    );
    assert_eq!(store.report(ArticleId(4)).unwrap().unwrap().story(), story(1));
    regroup(store, &regrouping(2, Cause::Split, &[4], 1, 2));
    // Back where it was settled, it reads as it was settled.
    assert_eq!(store.report(ArticleId(4)).unwrap().unwrap().assignment, copy(4, 2).report.assignment);
}

fn labels(store: &dyn Store) {
    put(store, intent(1));
    let all = |store: &dyn Store| {
        let mut res = Vec::new();
        let visit = &mut |it| {
            res.push(it);
            ControlFlow::Continue(())
        };
        store.labels(visit).unwrap();
        res.sort_by(|a, b| a.topic.cmp(&b.topic));
        res
    };
    assert_eq!(all(store), []);
    for it in [label(1, "nato", true, 1), label(1, "energy", true, 0), label(1, "nato", false, 2)] {
        store.commit(&Change::Labelled(it)).unwrap();
    }
    let expected = [label(1, "energy", true, 0), label(1, "nato", false, 2)];
    assert_eq!(all(store), expected);
    // As from an export: what was said before the last word is no last word.
    for it in [label(1, "nato", true, 1), label(1, "nato", true, 2), label(1, "energy", false, -1)] {
        store.commit(&Change::Labelled(it)).unwrap();
    }
    assert_eq!(all(store), expected);
    assert_eq!(store.label(ArticleId(1), "nato").unwrap().as_ref(), expected.last());
    assert_eq!(store.label(ArticleId(1), "other").unwrap(), None);
}
