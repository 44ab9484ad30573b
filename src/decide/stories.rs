//! Stories put together and taken apart.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    dedup::{placing::Placing, stories::Draw},
    model::{Alert, ArticleId, Cause, Move, Regrouping, RegroupingId, Report, StoryId, Timestamp},
    text,
};

/// Maximum reports that the program moves into another story at once: the cost of a merge must not grow with the
/// archive. A person may merge any two stories.
pub const MAX_MERGED: usize = 200;

/// One of two stories that are to become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The story.
    pub story: StoryId,
    /// When the report that names the story was first seen. `None` if that cannot be read; the story then counts as the
    /// older.
    pub first_seen: Option<Timestamp>,
    /// Its reports; `None` if they are more than may be moved.
    pub members: Option<Vec<ArticleId>>,
}

/// Merges two stories: the smaller into the larger, or the younger into the older if both have the same size. `None` if
/// both are too large.
pub fn merge(sides: [Side; 2], cause: Cause, at: Timestamp) -> Option<Regrouping> {
    let rank = |it: &Side| (Reverse(it.members.as_ref().map_or(usize::MAX, Vec::len)), it.first_seen, it.story);
    let [a, b] = sides;
    let (to, from) = if rank(&a) <= rank(&b) { (a, b) } else { (b, a) };
    Some(regrouping(&from.members?, from.story, to.story, cause, at))
}

/// Merges two stories under the name of `to`. `members` are the reports of `from`.
fn regrouping(members: &[ArticleId], from: StoryId, to: StoryId, cause: Cause, at: Timestamp) -> Regrouping {
    let moves = members.iter().map(|it| Move { article: *it, from, to }).collect();
    identified(at, cause, moves)
}

/// Moves reports that fit the story of article `by` better than their own. `None` if none may move.
///
/// Nobody may be told twice because of a move. A report that raised one of the `alerts` of its old story therefore
/// stays there, with those that share a text with it: the next report of that story would raise the alert again.
pub fn drawn(
    draws: &[Draw],
    alerts: &BTreeMap<StoryId, Vec<Alert>>,
    (to, by): (StoryId, ArticleId),
    at: Timestamp,
) -> Option<Regrouping> {
    let may_go = |draw: &&Draw| {
        alerts.get(&draw.from).is_none_or(|it| it.iter().all(|alert| !draw.articles.contains(&alert.article)))
    };
    let moves = |draw: &Draw| {
        let from = draw.from;
        draw.articles.iter().map(|it| Move { article: *it, from, to }).collect::<Vec<_>>()
    };
    let moves = draws.iter().filter(may_go).flat_map(moves).collect::<Vec<_>>();
    (!moves.is_empty()).then(|| identified(at, Cause::Drawn(by), moves))
}

/// Stories no report may be drawn out of: a watch has fired for them that has not fired for the target story. A copy of
/// a moved report would raise that alert again.
pub fn kept(alerts: &BTreeMap<StoryId, Vec<Alert>>, fired: &[String]) -> BTreeSet<StoryId> {
    let is_told = |(_, alerts): &(&StoryId, &Vec<Alert>)| alerts.iter().any(|it| !fired.contains(&it.watch));
    alerts.iter().filter(is_told).map(|it| *it.0).collect()
}

/// Removes draws from `kept` stories. If the article was to found a story with such reports, it joins their story
/// instead where it fits: separated, it might repeat what was told.
#[must_use]
pub fn keeping(mut placing: Placing, kept: &BTreeSet<StoryId>) -> Placing {
    let all = placing.draws.len();
    placing.draws.retain(|it| !kept.contains(&it.from));
    if let Some(stays) = placing.stays.take().filter(|_| placing.draws.len() < all) {
        placing.draws.clear();
        placing.assignment = stays;
    }
    placing
}

/// Takes a report out of its story. If the story is named by that report, the other reports leave instead, for a story
/// named by the next report. `None` if the story has no other report.
pub fn split(article: ArticleId, story: StoryId, members: &[ArticleId], at: Timestamp) -> Option<Regrouping> {
    let others = members.iter().copied().filter(|it| *it != article).collect::<Vec<_>>();
    let next = *others.first()?;
    let moves = match story.0 == article {
        false => vec![Move { article, from: story, to: StoryId(article) }],
        true => others.into_iter().map(|it| Move { article: it, from: story, to: StoryId(next) }).collect(),
    };
    Some(identified(at, Cause::Split, moves))
}

/// The report that a split takes out of its story, and that story.
pub fn parted(of: &Regrouping) -> Option<(ArticleId, StoryId)> {
    if of.cause != Cause::Split {
        return None;
    }
    // A report that names its story stays, and the others leave. With two reports it does not matter which one is
    // meant.
    match of.moves.as_slice() {
        [step] => Some((step.article, step.from)),
        moves => moves.first().map(|step| (step.from.0, step.from)),
    }
}

/// Adapts a split to the state in which it is committed: its report is in the story `now` by then, with `members`.
/// Nothing moves if it is alone there.
#[must_use]
pub fn split_late(of: &Regrouping, now: StoryId, members: &[ArticleId]) -> Regrouping {
    let parted = parted(of).and_then(|(article, _)| split(article, now, members, of.at));
    Regrouping { moves: parted.map_or_else(Vec::new, |it| it.moves), ..of.clone() }
}

/// The inverse of a regrouping. `members` are the reports now in the stories that it moved reports into, oldest first.
/// A report that has left since stays where it is; one that joined since, because of a report that moves back, goes
/// with it.
pub fn undo(of: &Regrouping, members: &[Report], at: Timestamp) -> Regrouping {
    let moved = of.moves.iter().map(|it| (it.article, it)).collect::<HashMap<_, _>>();
    let mut back = BTreeMap::<ArticleId, Move>::new();
    let mut moves = Vec::new();
    for it in members {
        let (article, story) = (it.article.id, it.story());
        let joined_since = || it.assignment.nearest().filter(|_| it.article.first_seen >= of.at);
        let to = match moved.get(&article) {
            Some(step) => Some(step.from).filter(|_| step.to == story),
            None => joined_since().and_then(|of| back.get(&of)).filter(|step| step.from == story).map(|step| step.to),
        };
        if let Some(to) = to.filter(|it| *it != story) {
            let step = Move { article, from: story, to };
            back.insert(article, step);
            moves.push(step);
        }
    }
    identified(at, Cause::Undone(of.id), moves)
}

/// Adapts a merge to the state in which it is committed: all reports in `from` by then go into `to`. A running daemon
/// may have settled reports since the merge was decided.
#[must_use]
pub fn merged_late(of: &Regrouping, members: &[ArticleId], from: StoryId, to: StoryId) -> Regrouping {
    let moves = members.iter().map(|it| Move { article: *it, from, to }).collect();
    Regrouping { moves, ..of.clone() }
}

/// Adapts a split or an undoing to the state in which it is committed: a report that joined meanwhile because of a
/// moved report goes with it. `since` are the reports first seen since the decision, oldest first.
#[must_use]
pub fn followed(of: &Regrouping, since: &[Report]) -> Regrouping {
    let mut moved = of.moves.iter().map(|it| (it.article, *it)).collect::<HashMap<_, _>>();
    let mut res = of.clone();
    for it in since.iter().filter(|it| it.article.first_seen >= of.at) {
        let article = it.article.id;
        let leader = it.assignment.nearest().and_then(|of| moved.get(&of)).filter(|step| step.from == it.story());
        if let Some(step) = leader.map(|it| Move { article, ..*it })
            && !moved.contains_key(&article)
        {
            moved.insert(article, step);
            res.moves.push(step);
        }
    }
    res
}

fn identified(at: Timestamp, cause: Cause, moves: Vec<Move>) -> Regrouping {
    let id = RegroupingId(text::short_hash(&format!("regrouping\n{at}\n{cause:?}\n{moves:?}")));
    Regrouping { id, at, cause, moves }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlertId, AlertKind, Article, Assignment};

    #[test]
    fn the_larger_story_stays_then_the_older() {
        let side = |story: u64, seconds: Option<i64>, n: Option<u64>| Side {
            story: StoryId(ArticleId(story)),
            first_seen: seconds.and_then(|it| Timestamp::from_timestamp(it, 0)),
            members: n.map(|n| (0..n).map(|it| ArticleId(100 * story + it)).collect()),
        };
        let into = |a: &Side, b: &Side| {
            let both = [[a.clone(), b.clone()], [b.clone(), a.clone()]];
            let [one, other] = both.map(|it| merge(it, Cause::Merged, Timestamp::UNIX_EPOCH));
            assert_eq!(one, other, "whichever comes first");
            one.map(|it| it.moves.into_iter().map(|it| (it.from.0.0, it.to.0.0)).collect::<Vec<_>>())
        };
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(9), Some(2))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(4), Some(1))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, None, Some(1))), Some(vec![(1, 2)]));
        assert_eq!(into(&side(1, Some(5), Some(1)), &side(2, Some(5), Some(1))), Some(vec![(2, 1)]));
        assert_eq!(into(&side(1, Some(5), Some(2)), &side(2, Some(6), None)), Some(vec![(1, 2), (1, 2)]));
        assert_eq!(into(&side(1, Some(5), None), &side(2, Some(6), None)), None);
    }

    #[test]
    fn what_joined_because_of_a_report_goes_back_with_it() {
        let story = |it| StoryId(ArticleId(it));
        let report = |n: u64, of: Option<u64>, now: u64| Report {
            article: Article {
                id: ArticleId(n),
                first_seen: Timestamp::from_timestamp(n.try_into().unwrap(), 0).unwrap(),
                ..Article::sample("Talks", "")
            },
            assignment: of.map_or(Assignment::New, |of| Assignment::Joined {
                story: story(now),
                of: ArticleId(of),
                likelihood: 0.9,
                why: crate::model::Shared::default(),
            }),
            moved: None,
            tags: vec![],
            possible: vec![],
        };
        let at = Timestamp::from_timestamp(5, 0).unwrap();
        let merge = regrouping(&[2, 4].map(ArticleId), story(2), story(1), Cause::Merged, at);
        // 3 was there before; 5 to 7 came since, 4 has gone elsewhere.
        let reports = [(1, None), (2, None), (3, Some(2)), (5, Some(2)), (6, Some(5)), (7, Some(1))];
        let reports = reports.map(|(n, of)| Report {
            moved: (n == 2).then(|| crate::model::Relocated { story: story(1), why: String::new() }),
            ..report(n, of, 1)
        });
        let undone = undo(&merge, &reports, at);
        assert_eq!(undone.cause, Cause::Undone(merge.id));
        let step = |article| Move { article: ArticleId(article), from: story(1), to: story(2) };
        assert_eq!(undone.moves, [2, 5, 6].map(step));
    }

    #[test]
    fn a_story_that_was_told_is_not_taken_apart() {
        let [told, other] = [1, 2].map(|it| StoryId(ArticleId(it)));
        let alert = Alert {
            id: AlertId(1),
            watch: "a".to_owned(),
            article: ArticleId(1),
            story: told,
            hits: vec![],
            raised: Timestamp::UNIX_EPOCH,
            kind: AlertKind::Found,
        };
        let alerts = BTreeMap::from([(told, vec![alert]), (other, vec![])]);
        assert_eq!(kept(&alerts, &[]), BTreeSet::from([told]));
        assert_eq!(kept(&alerts, &["b".to_owned()]), BTreeSet::from([told]));
        assert_eq!(kept(&alerts, &["a".to_owned()]), BTreeSet::new(), "the story it would go to was told as well");
    }

    #[test]
    fn an_article_goes_to_companions_that_may_not_leave() {
        let [told, other] = [1, 2].map(|it| StoryId(ArticleId(it)));
        let draw = |article, from| Draw { from, articles: vec![ArticleId(article)] };
        let draws = vec![draw(7, told), draw(8, other)];
        let why = crate::model::Shared::default();
        let stays = Assignment::Joined { story: told, of: ArticleId(7), likelihood: 0.6, why };
        let founding = |stays: Option<&Assignment>| Placing {
            draws: draws.clone(),
            stays: stays.cloned(),
            ..Placing::new(Assignment::New, crate::model::Fingerprint::default())
        };
        let found = keeping(founding(Some(&stays)), &BTreeSet::from([told]));
        assert_eq!((found.assignment, found.draws), (stays.clone(), vec![]));
        let found = keeping(founding(Some(&stays)), &BTreeSet::new());
        assert_eq!((found.assignment, found.draws), (Assignment::New, draws.clone()));
        // One that has a story stays there, whatever it may not draw.
        let found = keeping(founding(None), &BTreeSet::from([told]));
        assert_eq!((found.assignment, found.draws), (Assignment::New, vec![draw(8, other)]));
    }
}
