use std::collections::BTreeSet;

use super::*;
use crate::dedup::sketch::Text;

const FLOOD: &str = "Rescuers in Kutaisi took 240 people from their homes after the Rioni river broke its banks on \
    Sunday night. Governor Davit Lomidze said that three bridges were lost and that the army would bring tents. The \
    road to Tskaltubo stays closed. Schools in Kutaisi will not open before Thursday.";
const FLOOD_AGAIN: &str = "The Rioni flooded parts of Kutaisi overnight, and 240 residents had to be rescued. \
    Three bridges are gone, according to Governor Lomidze. Traffic to Tskaltubo is stopped and schools in Kutaisi \
    are shut until Thursday.";
const FLOOD_IN_RUSSIAN: &str = "Спасатели в Кутаиси вывезли 240 человек после того, как в ночь на понедельник река \
    Риони вышла из берегов. Губернатор Давит Ломидзе сказал, что разрушены 3 моста. Закрыта дорога на Цхалтубо.";
const ELECTION: &str = "Parliament in Yerevan elected a new speaker on Tuesday. Ruben Sargsyan of the ruling party had \
    71 votes. The opposition left the hall before the count and called the vote a farce.";

/// A handful of articles is enough.
fn told_apart() -> Settings {
    Settings { background: 0, ..Settings::default() }
}

/// Takes a text in as the article of this number.
fn add(stories: &mut Stories, number: u64, text: Text<'_>) -> Verdict {
    let sketch = Sketch::new(text);
    let verdict = stories.verdict(&sketch);
    let id = ArticleId(number);
    stories.hold(Held {
        id,
        story: verdict.story.unwrap_or(StoryId(id)),
        first_seen: Timestamp::UNIX_EPOCH,
        fingerprint: verdict.fingerprint.clone(),
        sketch,
    });
    let to = stories.get(id).unwrap().story;
    stories.regroup(&crate::model::Regrouping {
        id: crate::model::RegroupingId(number),
        at: Timestamp::UNIX_EPOCH,
        cause: crate::model::Cause::Drawn(id),
        moves: drawn(&verdict).into_iter().map(|(article, from)| crate::model::Move { article, from, to }).collect(),
    });
    verdict
}

/// The reports that are drawn, each with the story that it leaves.
fn drawn(verdict: &Verdict) -> Vec<(ArticleId, StoryId)> {
    verdict.draws.iter().flat_map(|draw| draw.articles.iter().map(|it| (*it, draw.from))).collect()
}

/// The story of each text, by the number of its first report.
fn stories(texts: &[(&str, &str, &str)]) -> Vec<u64> {
    let mut stories = Stories::new(told_apart());
    for (number, &(language, title, body)) in (0..).zip(texts) {
        add(&mut stories, number, Text { title, body, language: Some(language), ..Text::default() });
    }
    (0..).zip(texts).map(|(number, _)| stories.get(ArticleId(number)).unwrap().story.0.0).collect()
}

#[test]
fn reports_of_one_event_are_one_story() {
    let found = stories(&[
        ("en", "Flood in Kutaisi: 240 rescued", FLOOD),
        ("en", "New speaker elected in Yerevan", ELECTION),
        ("en", "Rioni floods Kutaisi, 240 people rescued", FLOOD_AGAIN),
    ]);
    assert_eq!(found, [0, 1, 0]);
}

#[test]
fn a_headline_alone_joins_the_same_headline() {
    for title in ["Harbour of Batumi closed after storm", "Взрыв в Баку", "Զելենսկին ժամանել է Երևան", "NATO"]
    {
        let mut stories = Stories::new(told_apart());
        let text = Text { title, ..Text::default() };
        assert_eq!(add(&mut stories, 1, text).story, None);
        assert_eq!(add(&mut stories, 2, text).story, Some(StoryId(ArticleId(1))), "{title}");
    }
}

#[test]
fn a_copy_joins_its_original() {
    let mut stories = Stories::new(told_apart());
    let text = |body| Text { title: "Flood", body, ..Text::default() };
    assert_eq!(add(&mut stories, 1, text(FLOOD)).level, Level::Independent);
    let copy = add(&mut stories, 2, text(&FLOOD[..240]));
    assert_eq!((copy.story, copy.level), (Some(StoryId(ArticleId(1))), Level::Copy));
    assert_eq!(copy.duplicate_of, Some(ArticleId(1)));
}

#[test]
fn a_text_that_is_there_in_part_belongs_there() {
    // So few that no story is joined for what it tells.
    let mut stories = Stories::new(Settings { background: 99, ..Settings::default() });
    let with = |own: &str| {
        let rest = (0..120).map(|it| format!("{own}{it}")).collect::<Vec<_>>().join(" ");
        format!("{FLOOD} {ELECTION} {rest}")
    };
    for (number, body) in [(1, with("one")), (2, with("other"))] {
        let found = add(&mut stories, number, Text { title: "", body: &body, ..Text::default() });
        let is_second = number == 2;
        assert_eq!(found.level, if is_second { Level::Partial } else { Level::Independent });
        assert_eq!(found.story, is_second.then_some(StoryId(ArticleId(1))));
    }
}

#[test]
fn a_handful_of_articles_tells_nothing_of_what_is_rare() {
    let mut stories = Stories::new(Settings { background: 2, ..Settings::default() });
    let text = |body| Text { title: "Flood in Kutaisi", body, ..Text::default() };
    add(&mut stories, 1, text(FLOOD));
    assert_eq!(add(&mut stories, 2, text(FLOOD_AGAIN)).story, None);
    assert!(add(&mut stories, 3, text(FLOOD_AGAIN)).story.is_some());
}

#[test]
fn the_same_people_meet_again_another_month() {
    let settings = Settings { window: std::time::Duration::from_secs(7 * 86_400), ..told_apart() };
    let on = |day: i64, body| Text {
        title: "Flood in Kutaisi",
        body,
        at: Timestamp::from_timestamp(day * 86_400, 0),
        ..Text::default()
    };
    for (day, is_joined) in [(101, true), (110, false)] {
        let mut stories = Stories::new(settings);
        // Where all there is came within a day, it says nothing that two came within a day.
        for n in 0..20 {
            let (title, body) = invented(n);
            let at = Timestamp::from_timestamp(i64::try_from(n).unwrap() * 864_000, 0);
            add(&mut stories, 100 + n, Text { title: &title, body: &body, at, ..Text::default() });
        }
        add(&mut stories, 1, on(100, FLOOD));
        assert_eq!(add(&mut stories, 2, on(day, FLOOD_AGAIN)).story.is_some(), is_joined, "day {day}");
    }
    let mut stories = Stories::new(settings);
    add(&mut stories, 1, on(100, FLOOD));
    // A copy is a copy, whatever its date says.
    assert_eq!(add(&mut stories, 2, on(300, FLOOD)).level, Level::Copy);
}

/// Words that mean nothing, half of them from the three hundred that every text is made of, and five names.
fn invented(n: u64) -> (String, String) {
    let mut state = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut roll = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % sides
    };
    let word = |rank: u64| {
        let syllables = ["ba", "de", "ki", "lo", "mu", "na", "re", "si", "to", "vu", "ga", "pe"];
        let digits = std::iter::successors(Some(rank + 12), |it| Some(it / 12)).take_while(|it| *it > 0);
        digits.map(|it| syllables[usize::try_from(it % 12).unwrap()]).collect::<String>()
    };
    let names = [(); 5].map(|()| format!("N{}", word(50_000 + roll(400_000))));
    let mut sentence = || {
        let mut words =
            (0..16).map(|_| if roll(2) == 0 { word(roll(300)) } else { word(300 + roll(40_000)) }).collect::<Vec<_>>();
        words.insert(5, names[usize::try_from(roll(5)).unwrap()].clone());
        words.join(" ") + ". "
    };
    let title = sentence().split(' ').take(9).collect::<Vec<_>>().join(" ");
    (title, (0..14).map(|_| sentence()).collect())
}

#[test]
fn what_comes_on_one_day_is_not_one_story() {
    for has_titles in [true, false] {
        let mut stories = Stories::new(told_apart());
        let at = Timestamp::from_timestamp(1_790_000_000, 0);
        for n in 0..250 {
            let (title, body) = invented(n);
            let title = if has_titles { title.as_str() } else { "" };
            add(&mut stories, n, Text { title, body: &body, language: Some("en"), at, ..Text::default() });
        }
        let found = (0..250).map(|n| stories.get(ArticleId(n)).unwrap().story).collect::<HashSet<_>>();
        assert!(found.len() > 245, "{} stories, titles: {has_titles}", found.len());
    }
}

#[test]
fn a_template_is_no_story_within_one_source() {
    let mut stories = Stories::new(told_apart());
    let bulletin = |losses: &str| format!("{FLOOD} In all of the country {losses}. {}", "Roads are open. ".repeat(5));
    let [yesterday, today] = [
        "12 bridges were closed and 3 villages cut off in the valley of the Kura near Gori",
        "no new damage was seen by the patrols which went out from Zugdidi to the coast at dawn",
    ]
    .map(bulletin);
    let text = |body, source| Text { title: "Bulletin", body, source, ..Text::default() };
    add(&mut stories, 1, text(&yesterday, "agency"));
    assert_eq!(add(&mut stories, 2, text(&today, "agency")).story, None);
    assert_eq!(add(&mut stories, 3, text(&yesterday, "agency")).level, Level::Copy);
    assert!(add(&mut stories, 4, text(&today, "other")).story.is_some());
}

#[test]
fn what_a_person_decided_stays() {
    let mut stories = Stories::new(told_apart());
    for (number, body) in [(1, FLOOD), (2, FLOOD_AGAIN), (3, ELECTION)] {
        add(&mut stories, number, Text { title: "", body, ..Text::default() });
    }
    let [one, three] = [1, 3].map(|it| StoryId(ArticleId(it)));
    stories.regroup(&crate::model::Regrouping {
        id: crate::model::RegroupingId(1),
        at: Timestamp::UNIX_EPOCH,
        cause: crate::model::Cause::Merged,
        moves: vec![crate::model::Move { article: ArticleId(3), from: three, to: one }],
    });
    assert_eq!(stories.get(ArticleId(3)).unwrap().story, one);
    let again = Sketch::new(Text { title: "", body: ELECTION, ..Text::default() });
    assert_eq!(stories.verdict(&again).story, Some(one), "later reports join the story it is in now");
}

const ELECTION_AGAIN: &str = "Armenia has a new speaker: Ruben Sargsyan had 71 votes. The opposition did not take part, its \
    leaders told reporters in Yerevan, and will ask the court whether members who were abroad may be counted as present.";

/// The election in the story of the flood, by mistake.
fn mistaken() -> Stories {
    one_story(1, &[(1, FLOOD), (2, ELECTION), (3, FLOOD_AGAIN), (4, FLOOD_IN_RUSSIAN)])
}

#[test]
fn a_report_goes_where_it_fits_better() {
    let again = |body| Sketch::new(Text { body, ..Text::default() });
    let found = mistaken().verdict(&again(ELECTION_AGAIN));
    assert_eq!((found.story, found.merges), (None, None));
    assert_eq!(drawn(&found), [(ArticleId(2), StoryId(ArticleId(1)))]);
    // The report that a story is named by stays, whatever comes.
    let found = mistaken().verdict(&again(&FLOOD_AGAIN[..120]));
    assert_eq!(found.draws, []);
}

#[test]
fn an_article_knows_the_story_that_its_companions_leave() {
    let stories = one_story(1, &[(1, FLOOD), (2, ELECTION)]);
    let one = StoryId(ArticleId(1));
    let new = Sketch::new(Text { body: ELECTION_AGAIN, ..Text::default() });
    let found = stories.verdict(&new);
    assert_eq!((found.story, found.nearest, drawn(&found)), (None, None, vec![(ArticleId(2), one)]));
    let (story, (nearest, _)) = found.companions.unwrap();
    assert_eq!((story, nearest), (one, ArticleId(2)));
}

/// Texts as the reports of one story, whatever they tell.
fn one_story(named_by: u64, reports: &[(u64, &str)]) -> Stories {
    let mut stories = Stories::new(told_apart());
    for &(number, body) in reports {
        let sketch = Sketch::new(Text { body, ..Text::default() });
        let fingerprint = stories.fingerprint(&sketch);
        let (story, first_seen) = (StoryId(ArticleId(named_by)), Timestamp::UNIX_EPOCH);
        stories.hold(Held { id: ArticleId(number), story, first_seen, fingerprint, sketch });
    }
    stories
}

/// A report that founds a story with an older one names it, and is not the oldest.
#[test]
fn the_report_that_a_story_is_named_by_stays() {
    let stories = one_story(2, &[(1, ELECTION), (2, FLOOD)]);
    let found = stories.verdict(&Sketch::new(Text { body: FLOOD_AGAIN, ..Text::default() }));
    assert_eq!((found.story, found.draws), (Some(StoryId(ArticleId(2))), vec![]));
}

#[test]
fn a_story_is_what_most_of_its_reports_tell() {
    let third = "After the flood in Kutaisi 240 people are in tents. Three bridges are lost, the road to Tskaltubo is closed, \
        and no school will open before Thursday.";
    let joined_by_third = |named_by: &str| {
        let stories = one_story(1, &[(1, named_by), (2, FLOOD), (3, FLOOD_AGAIN)]);
        let found = stories.verdict(&Sketch::new(Text { body: third, ..Text::default() }));
        (found.story, drawn(&found).into_iter().map(|(article, _)| article.0).collect::<BTreeSet<_>>())
    };
    // The report that it is named by tells it in other words,
    let sent = "The government in Tbilisi sends tents to Imereti, where the water rose during the night. The prime minister will \
        fly there on Monday.";
    assert_eq!(joined_by_third(sent), (Some(StoryId(ArticleId(1))), BTreeSet::new()));
    // or something else, and the others are there by mistake.
    let forecast = "Forecasters expect rain in western Georgia all week. Drivers are asked to keep away from the mountains, where \
        stones may fall on the road.";
    assert_eq!(joined_by_third(forecast), (None, BTreeSet::from([2, 3])));
}

#[test]
fn what_shares_a_text_goes_together() {
    let stories = one_story(1, &[(1, FLOOD), (2, ELECTION), (3, FLOOD_AGAIN), (4, &ELECTION[..160])]);
    let found = stories.verdict(&Sketch::new(Text { body: ELECTION_AGAIN, ..Text::default() }));
    // All or none.
    let draws = found.draws.iter().map(|it| it.articles.iter().copied().collect()).collect::<Vec<BTreeSet<_>>>();
    assert_eq!((found.story, draws), (None, vec![BTreeSet::from([2, 4].map(ArticleId))]));
}

#[test]
fn what_a_person_put_together_is_not_taken_apart() {
    let mut stories = mistaken();
    let step = crate::model::Move { article: ArticleId(2), from: StoryId(ArticleId(2)), to: StoryId(ArticleId(1)) };
    stories.remember(&crate::model::Regrouping {
        id: crate::model::RegroupingId(1),
        at: Timestamp::UNIX_EPOCH,
        cause: crate::model::Cause::Merged,
        moves: vec![step],
    });
    let again = Sketch::new(Text { body: ELECTION_AGAIN, ..Text::default() });
    assert_eq!(stories.verdict(&again).draws, []);
}

#[test]
fn names_and_numbers_lead_from_one_script_to_another() {
    let found = stories(&[
        ("en", "Flood in Kutaisi: 240 rescued", FLOOD),
        ("en", "New speaker elected in Yerevan", ELECTION),
        ("ru", "Наводнение в Кутаиси", FLOOD_IN_RUSSIAN),
    ]);
    assert_eq!(found, [0, 1, 0]);
}

/// What is held is all that counts: filled again from what is left, it gives the same verdicts.
#[test]
fn a_restart_changes_no_verdict() {
    let settings = Settings { max_held: 12, ..told_apart() };
    let mut stories = Stories::new(settings);
    let words = FLOOD.split(' ').chain(ELECTION.split(' ')).chain(FLOOD_AGAIN.split(' ')).collect::<Vec<_>>();
    let body = |n: usize| {
        let start = n * 7 % 5 * 12;
        let own = format!(" Report {n} from Gori{} with {} men.", n % 9, n % 4);
        words[start..start + 40 + n % 3].join(" ") + &own
    };
    for n in 0..60 {
        let number = n as u64 % 50;
        let mut again = Stories::new(settings);
        for id in (0..50).map(ArticleId).filter(|it| stories.get(*it).is_some()) {
            // In the order in which they came.
            if (number..50).contains(&id.0) {
                again.hold(stories.get(id).unwrap().clone());
            }
        }
        for id in (0..number).map(ArticleId).filter(|it| stories.get(*it).is_some()) {
            again.hold(stories.get(id).unwrap().clone());
        }
        let body = body(n);
        let sketch = Sketch::new(Text { title: "News", body: &body, ..Text::default() });
        assert_eq!(stories.verdict(&sketch), again.verdict(&sketch), "article {n}");
        add(&mut stories, number, Text { title: "News", body: &body, ..Text::default() });
    }
    assert_eq!(stories.len(), 12);
}
