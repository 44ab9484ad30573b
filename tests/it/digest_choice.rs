//! Which stories a digest chooses, and what it says of each.

use chrono::TimeDelta;
use sitrepd::{
    digest::{
        Digest, Replaced, WordChange,
        render::{self, Format},
    },
    model::{Article, Condition, Event, Finding, Health, Ownership},
};

use crate::digest_fixture::{Archive, LOOK, Made, alert, at, fine, source};

fn text(digest: &Digest) -> String {
    render::digest(digest, &[Format::Text], LOOK.get()).unwrap().text
}

/// Found in a review: a story without a topic stood by its age alone, and was cut off behind twenty of one report each.
#[test]
fn stories_without_a_topic_stand_by_their_origins() {
    let mut archive = Archive::empty();
    let seen = |minute: u64| format!("2026-11-21T05:{minute:02}:00Z");
    archive.reports =
        (1..=30).map(|n| Made::new(n, "a", "en", &seen(20 + n)).text("Single", "A line.").report()).collect();
    // The oldest of all, which ten have from themselves; and one that ten copied from one.
    for n in 0..10 {
        let made = Made::new(100 + n, &format!("s{n}"), "en", &seen(n)).text("Ten", "A line of its own.");
        archive.reports.push(if n == 0 { made.report() } else { made.same_as(100).report() });
        let made = Made::new(200 + n, &format!("s{n}"), "en", &seen(n)).text("Copied", "A line.");
        archive.reports.push(if n == 0 { made.report() } else { made.copy_of(200).report() });
    }
    let digest = archive.digest();
    let shown: Vec<_> = digest.others.items.iter().map(|it| (it.lead.title.as_str(), it.n_origins)).collect();
    assert_eq!((shown[0], shown[1], digest.others.more), (("Ten", 10), ("Single", 1), 12));
    assert!(text(&digest).contains("Stories are ranked by their independent origins"));
    // Of as many origins that goes first of which more is new.
    archive.reports.truncate(1);
    archive.reports.extend([
        Made::new(300, "a", "en", "2026-11-18T05:00:00Z").text("Old", "A line.").report(),
        Made::new(301, "a", "en", "2026-11-22T03:00:00Z").text("Old", "A line.").copy_of(300).report(),
    ]);
    let digest = archive.digest();
    let shown: Vec<_> = digest.others.items.iter().map(|it| (it.lead.title.as_str(), it.novelty)).collect();
    assert_eq!(shown, [("Single", 1.0), ("Old", 0.5)]);
}

/// Found in a review: a story that its title alone put under a topic had no sentence.
#[test]
fn a_story_that_its_title_tells_of_has_a_sentence() {
    let told = |title: &str, body: &str| {
        let mut archive = Archive::empty();
        let made = Made::new(1, "a", "en", "2026-11-21T05:00:00Z").text(title, body);
        archive.reports = vec![made.title_tag("nato", 2.0, &["NATO"]).report()];
        let digest = archive.digest();
        let story = &digest.groups[0].sections[0].stories.items[0];
        assert!(!story.headline.marks.is_empty());
        assert!(story.quotes.iter().all(|it| it.sentence.marks.is_empty()));
        story.quotes.iter().map(|it| it.sentence.text.clone()).collect::<Vec<_>>()
    };
    let title = "Fleet of NATO leaves the port of Poti";
    let lead = "Four ships sailed for Constanta on Friday after repairs.";
    assert_eq!(told(title, &format!("POTI.\n{lead} A pilot led them out of the harbour.")), [lead]);
    // What the title said is not said again.
    assert_eq!(told(title, &format!("The fleet of NATO leaves the port of Poti.\n{lead}")), [lead]);
    assert_eq!(told(title, "More follows."), ["More follows."]);
    for nothing in ["", "   \n", title] {
        assert_eq!(told(title, nothing), [""; 0]);
    }
    let text = text(&Archive::sample().digest());
    assert!(text.contains("  > این خبر به\u{200c}زودی تکمیل می\u{200c}شود.\n"), "{text}");
}

/// Where another report of the story shows by a sentence why it is there, that one speaks.
#[test]
fn a_sentence_with_evidence_goes_before_any_other() {
    let mut archive = Archive::empty();
    archive.reports = vec![
        Made::new(1, "a", "en", "2026-11-21T05:00:00Z")
            .text("Fleet of NATO leaves", "Four ships sailed for Constanta on Friday after repairs.")
            .title_tag("nato", 4.0, &["NATO"])
            .report(),
        Made::new(2, "b", "en", "2026-11-21T06:00:00Z")
            .text("Ships leave", "The ships of NATO left the port of Poti on Friday.")
            .tag("nato", 2.0, &["NATO"])
            .same_as(1)
            .report(),
    ];
    let digest = archive.digest();
    let [quote] = &digest.groups[0].sections[0].stories.items[0].quotes[..] else { panic!("one sentence") };
    assert_eq!(quote.sentence.text, "The ships of NATO left the port of Poti on Friday.");
}

/// Found in a review: what has half of its text from another was called the same, and its title was hidden.
#[test]
fn a_report_that_is_a_copy_in_part_has_its_title() {
    let mut archive = Archive::empty();
    let made = |id: u64, seen: &str| Made::new(id, &format!("s{id}"), "en", seen);
    let body = "The fleet of NATO left the port of Poti on Friday.";
    archive.reports = vec![
        made(1, "2026-11-21T05:00:00Z").text("Fleet leaves", body).tag("nato", 2.0, &["NATO"]).report(),
        made(2, "2026-11-21T06:00:00Z").text("Fleet leaves for Constanta", body).copy_of(1).report(),
        made(3, "2026-11-21T07:00:00Z").text("Poti: the minister answers", body).in_part_from(1).report(),
        made(4, "2026-11-21T08:00:00Z").text("Fleet leaves", body).in_part_from(1).report(),
    ];
    let sentence = "The fleet of NATO left the port of Poti on Friday.";
    archive.alerts = vec![alert(1, "Poti", 1, "2026-11-21T05:00:01Z", ("Poti", "Poti", sentence))];
    let message = render::digest(&archive.digest(), &[Format::Text, Format::Html, Format::Json], LOOK.get()).unwrap();
    let text = message.text.replace('\n', " ");
    assert!(!text.contains("for Constanta"), "{text}");
    for (outlet, told) in [("s2", "same text"), ("s3", "part of the same text"), ("s4", "part of the same text")] {
        assert!(text.contains(&format!("{outlet}, 21 Nov")) && text.contains(&format!(", {told}")), "{text}");
    }
    assert_eq!(
        text.matches(", part of the same text").count(),
        3,
        "the alert's report, and the two of the story: {text}"
    );
    assert_eq!(text.matches("Poti: the minister answers").count(), 2, "below the alert and below the story: {text}");
    assert!(message.html.unwrap().contains("part of the same text"));
    let record: serde_json::Value = serde_json::from_str(&message.documents[2].body).unwrap();
    let reports = &record["groups"][0]["topics"][0]["stories"][0]["reports"];
    let told = |n: usize| (reports[n]["copy"].clone(), reports[n].get("partial_copy").cloned());
    assert_eq!([told(1), told(2)], [(true.into(), None), (true.into(), Some(true.into()))]);
}

/// Found in a review: a sentence of one outlet stood under the title and the name of another.
#[test]
fn a_sentence_of_another_report_says_whose_it_is() {
    let mut archive = Archive::empty();
    archive.sources = vec![source("lead", "The Lead", "en", fine()), source("other", "The Other", "en", fine())];
    archive.sources[1].0.ownership = Ownership::State;
    let made = |id: u64, outlet: &str, seen: &str| Made::new(id, outlet, "en", seen);
    archive.reports = vec![
        made(1, "lead", "2026-11-21T05:00:00Z").text("Fleet leaves", "Four ships sailed for Constanta.").report(),
        made(2, "other", "2026-11-21T06:00:00Z")
            .text("Ships leave", "The ships of NATO left the port of Poti on Friday.")
            .tag("nato", 2.0, &["NATO"])
            .same_as(1)
            .report(),
    ];
    let formats =
        [Format::Text, Format::Html, Format::Markdown, Format::Json, Format::Atom, Format::Rss, Format::JsonFeed];
    let message = render::digest(&archive.digest(), &formats, LOOK.get()).unwrap();
    let shown: Vec<_> = message.documents.iter().map(|it| it.body.as_str()).collect();
    let told = "  > The ships of *NATO* left the port of Poti on Friday.\n  — The Other (state-owned)\n";
    assert!(shown[0].contains(told), "{}", shown[0]);
    for (at, link) in [
        (1, "— <a href=\"https://other.example/2026/2\""),
        (2, "— [The Other (state-owned)](<https://other.example/2026/2>)"),
        (4, "— &lt;a href="),
        (5, "— &lt;a href="),
        (6, "— <a href=\\\"https://other.example/2026/2\\\""),
    ] {
        assert!(shown[at].contains(link), "{link} is not in {}", shown[at]);
    }
    let record: serde_json::Value = serde_json::from_str(shown[3]).unwrap();
    let story = &record["groups"][0]["topics"][0]["stories"][0];
    assert_eq!(
        (&story["quoted_report"]["outlet"], &story["quoted_report"]["article"]),
        (&"The Other".into(), &story["quote"]["article"])
    );
    // What the leading report says itself needs no name.
    archive.reports[0] = made(1, "lead", "2026-11-21T05:00:00Z")
        .text("Fleet leaves", "Four ships of NATO sailed for Constanta.")
        .tag("nato", 2.0, &["NATO"])
        .report();
    let message = render::digest(&archive.digest(), &[Format::Text, Format::Json], LOOK.get()).unwrap();
    assert!(!message.text.contains("— The"), "{}", message.text);
    assert!(!message.documents[1].body.contains("quoted_report"));
}

/// Found in a review: of a changed article it was not said what.
#[test]
fn the_words_of_a_change_are_told() {
    let made = |n: u64, body: &str| Made::new(n, "a", "en", "2026-11-21T05:00:00Z").text("Title", body).report();
    let long = |word: &str| format!("Start. {} End.", format!("{word} ").repeat(30));
    let texts = [
        ("Twelve people came\u{202e} by bus.\nA.", "Fifteen people came by train.\nA."),
        ("این خبر تکمیل می\u{200c}شود.", "این خبر تکمیل شد."),
        ("It ended.", "It ended. Nobody came."),
        (&long("old"), &long("new")),
        // The lines alone are other ones.
        ("A b.\nC d.", "A b. C d."),
        ("No second version is at hand.", ""),
        ("It ended in March, they said.", "It ended in «April», they said."),
        ("It ended in March, they said.", "It ended in March. they said."),
    ];
    let mut archive = Archive::empty();
    for (n, (old, new)) in (1..).zip(texts) {
        let report = made(n, if new.is_empty() { old } else { new });
        let (article, time) =
            (report.article.id, at("2026-11-21T09:00:00Z") - TimeDelta::minutes(i64::try_from(n).unwrap()));
        archive.events.push(Event { article, at: time, finding: Finding::Changed(2), trail: None });
        if !new.is_empty() {
            let new = Article { version: 2, ..report.article.clone() };
            archive.replaced.push(Replaced { old: made(n, old).article, new });
        }
        archive.reports.push(report);
    }
    let digest = archive.digest();
    let words = |it: &WordChange| (it.out.clone(), it.put_in.clone());
    let told: Vec<_> = digest.events.items.iter().map(|it| it.words.as_ref().map(words)).collect();
    let cut = |word: &str| format!("{}…", format!("{word} ").repeat(12));
    let expected = [
        Some(("Twelve … came … bus", "Fifteen … came … train")),
        Some(("می\u{200c}شود", "شد")),
        Some(("", "Nobody came")),
        Some((&*cut("old"), &*cut("new"))),
        None,
        None,
        // Where the marks are what was changed, they are told.
        Some(("March", "April")),
        Some(("March,", "March.")),
    ];
    assert_eq!(told, expected.map(|it| it.map(|(out, put_in)| (out.to_owned(), put_in.to_owned()))));
    let message = render::digest(&digest, &[Format::Text, Format::Json], LOOK.get()).unwrap();
    let text = &message.text;
    for said in [
        "a · changed: “Twelve … came … bus” taken out, “Fifteen … came … train” put in · noticed 21 Nov, 12:59",
        "changed: “می\u{200c}شود\u{200e}” taken out, “شد\u{200e}” put in",
        "a · changed: “Nobody came” put in · ",
        "a · changed · noticed",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    let record: serde_json::Value = serde_json::from_str(&message.documents[1].body).unwrap();
    assert_eq!(
        (&record["events"][2]["words_out"], &record["events"][2]["words_in"]),
        (&"".into(), &"Nobody came".into())
    );
    assert!(record["events"][4].get("words_in").is_none());
}

/// Found in a review: what its host kept from being read for days was fine.
#[test]
fn a_source_that_is_left_alone_for_long_is_told_of() {
    let mut archive = Archive::empty();
    let reason = "its host wants to be left alone".to_owned();
    let (quiet, mut state) = source("quiet", "The Quiet", "en", Health { reason, ..fine() });
    if let Some(it) = &mut state {
        it.succeeded = Some(at("2026-11-20T03:00:00Z"));
    }
    archive.sources = vec![source("loud", "The Loud", "en", fine()), (quiet, state)];
    let digest = archive.digest();
    assert_eq!(digest.sick.items.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["quiet"]);
    let text = text(&digest);
    assert!(text.contains("left alone since 20 Nov") && text.contains("its host wants to be left alone"), "{text}");
    // For a day it is let be.
    if let Some(it) = &mut archive.sources[1].1 {
        it.succeeded = Some(at("2026-11-21T05:00:00Z"));
    }
    assert!(archive.digest().sick.items.is_empty());
}

/// Found in a review: a source that brings nothing new for days was said to be left alone alone.
#[test]
fn what_is_wrong_with_a_source_is_told_though_it_is_left_alone() {
    use Condition::{Behind, Empty, Fine, Frozen, Redirected, Repaired, SameGuid, Slow};

    for (condition, is_said) in [
        (Frozen, true),
        (Empty, true),
        (Behind, true),
        (Redirected, true),
        (Slow, false),
        (SameGuid, false),
        (Repaired, false),
        (Fine, false),
    ] {
        let mut archive = Archive::empty();
        let reason = if condition == Fine { "its host wants to be left alone" } else { "of its own" };
        let health = Health { condition, reason: reason.to_owned(), since: at("2026-11-10T03:00:00Z") };
        let (odd, mut state) = source("odd", "The Odd", "en", health);
        state.as_mut().unwrap().succeeded = Some(at("2026-11-20T03:00:00Z"));
        archive.sources = vec![(odd, state)];
        let message = render::digest(&archive.digest(), &[Format::Text, Format::Json], LOOK.get()).unwrap();
        let expected = match is_said {
            true => format!("{} since 10 Nov, 07:00): of its own", condition.label()),
            false => "left alone since 20 Nov, 07:00): its host wants to be left alone".to_owned(),
        };
        let text = message.text.replace('\n', " ");
        assert!(text.contains(&expected), "{expected:?} is not in {text}");
        let record: serde_json::Value = serde_json::from_str(&message.documents[1].body).unwrap();
        let sick = &record["sick_sources"][0];
        assert_eq!((&sick["condition"], &sick["reason"]), (&condition.word().into(), &reason.into()));
        assert_eq!(sick["since"], "2026-11-10T03:00:00Z");
        assert_eq!(sick["left_alone_since"], "2026-11-20T03:00:00Z");
    }
}
