//! Which stories a digest chooses, and what it says of each.

use sitrepd::digest::{
    Digest,
    render::{self, Format},
};

use crate::digest_fixture::{Archive, LOOK, Made};

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
    let shown: Vec<_> = digest.others.items.iter().map(|it| (it.first.title.as_str(), it.n_origins)).collect();
    assert_eq!((shown[0], shown[1], digest.others.more), (("Ten", 10), ("Single", 1), 12));
    assert!(text(&digest).contains("Stories are ranked by their independent origins"));
    // Of as many origins that goes first of which more is new.
    archive.reports.truncate(1);
    archive.reports.extend([
        Made::new(300, "a", "en", "2026-11-18T05:00:00Z").text("Old", "A line.").report(),
        Made::new(301, "a", "en", "2026-11-22T03:00:00Z").text("Old", "A line.").copy_of(300).report(),
    ]);
    let digest = archive.digest();
    let shown: Vec<_> = digest.others.items.iter().map(|it| (it.first.title.as_str(), it.novelty)).collect();
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
