//! Acronyms in headlines all in capitals.

use super::*;

/// Found in a trial: the pace of the talks raised an alert for the Parliamentary Assembly.
#[test]
fn an_everyday_word_in_capitals_is_no_acronym() {
    for (term, language, text) in [
        ("PACE", "en", "PACE OF TALKS SLOWS"),
        ("PACE", "en", "THE PACE OF REFORM DISAPPOINTS BRUSSELS"),
        ("PACE", "en", "GEORGIA KEEPS PACE WITH NEIGHBOURS"),
        ("PACE", "en", "PACE OF TALKS SLOWS – Reuters"),
        ("WHO", "en", "WHO SAYS WHAT IN TBILISI?"),
        ("WHO", "en", "WHO WILL LEAD THE ALLIANCE"),
        ("US", "en", "THEY LIED TO US, VILLAGERS SAY"),
        ("IT", "en", "IT SAYS NO"),
        ("SAFE", "en", "IS THE BORDER SAFE"),
        ("MAP", "en", "NEW MAP SHOWS FRONT LINE"),
        ("DEM", "tr", "BU DEM DİYALOG ZAMANI"),
        ("ԵՄ", "hy", "ԵՍ ՊԱՏՐԱՍՏ ԵՄ ԽՈՍԵԼ"),
        ("ԵՄ", "hy", "ԱՍԵԼ ԵՄ ԲԱԶՄԻՑՍ"),
    ] {
        check(term, language, text, &[]);
    }
}

#[test]
fn an_acronym_in_a_headline_is_found() {
    for (term, language, text) in [
        ("PACE", "en", "PACE VOTES ON GEORGIA"),
        ("PACE", "en", "PACE RAPPORTEURS LAND IN TBILISI"),
        ("PACE", "en", "PACE: ELECTION WAS NEITHER FREE NOR FAIR"),
        ("PACE", "en", "ELECTION WAS NEITHER FREE NOR FAIR – PACE"),
        ("PACE", "en", "COUNCIL BODY (PACE) MEETS"),
        ("PACE", "en", "PACE"),
        ("PACE", "en", "The vote in PACE is on Monday"),
        ("PACE", "en", "PACE's rapporteurs"),
        ("WHO", "en", "WHO DECLARES EMERGENCY"),
        ("US", "en", "US SENDS TROOPS TO POLAND"),
        ("US", "en", "US, EU and NATO agree"),
        ("NATO", "en", "NATO EXPANDS SOUTH"),
        ("DEM", "tr", "DEM PARTİ MECLİSTE"),
        ("ԵՄ", "hy", "ԵՄ ԱՌԱՔԵԼՈՒԹՅՈՒՆԸ ՀԱՅԱՍՏԱՆՈՒՄ"),
        ("ԵՄ", "hy", "ՀԱՅԱՍՏԱՆԸ ԵՄ ԱՆԴԱՄ ԿԴԱՌՆԱ"),
        ("ԵՄ", "hy", "ՊԱՏՐԱՍՏ ԵՄ-Ն ԽՈՍԵԼ"),
        // A word in small letters is looked for in any case.
        ("pace", "en", "PACE OF TALKS SLOWS"),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
    // Elsewhere in the text its letters alone show what is meant.
    let text = "PACE REPORT LEAKED\nThe report of PACE is due on Monday.";
    assert_eq!(found("PACE", text, Some("en")).len(), 2);
}
