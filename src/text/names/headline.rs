//! Acronyms that are everyday words too, in headlines all in capitals: PACE VOTES ON GEORGIA is of the Assembly, PACE
//! OF TALKS SLOWS is of the talks. Elsewhere capitals tell them apart.

use super::line::{Word, is_dash};

/// Acronyms of organisations, programmes, treaties and weapons that are everyday English words.
const ENGLISH: &[&str] = &[
    "ACT", "AID", "AIM", "ARMS", "ASAP", "ATOM", "CAN", "CARE", "COP", "DEEP", "EAST", "EDGE", "FAST", "FIRE", "GAP",
    "HARM", "HAWK", "HELP", "HOPE", "ICE", "IMPACT", "IS", "IT", "LEAD", "LEAP", "MAD", "MAN", "MAP", "MAY", "MINE",
    "OPEN", "PACE", "PEACE", "PLAN", "POST", "RAM", "REACH", "SAFE", "SALT", "SEED", "SHIELD", "SKY", "SMART", "SPEAR",
    "STAR", "START", "STEP", "SWIFT", "TAP", "TEN", "TRACE", "TRIP", "UP", "US", "VOICE", "WHO", "WIN",
];

/// Those that ask or stand for somebody, before verbs too.
const PRONOUNS: &[&str] = &["IT"];

/// Those that ask.
const INTERROGATIVES: &[&str] = &["WHO"];

/// Parties of Türkiye that are everyday Turkish words.
const TURKISH: &[&str] = &["AK", "DEM", "İYİ", "TİP"];

/// What a party is called with.
const PARTY: &str = "PART";

/// The European Union in Armenian, where it is "am" too.
const EU_IN_ARMENIAN: &str = "ԵՄ";

/// How a noun ends in Armenian before another one; participles and adjectives before "am" end otherwise.
const NOUNS_IN_ARMENIAN: &[char] = &['Ը', 'Ի', 'Ն'];

/// What those do that have an acronym, in headlines, and what is said of no word of [`ENGLISH`]: paces slow and rise.
const DOES: &[&str] = &[
    "ACCEPTS",
    "ACCUSES",
    "ADOPTS",
    "ADVISES",
    "AGREES",
    "ANNOUNCES",
    "APPEALS",
    "APPOINTS",
    "APPROVES",
    "ASKS",
    "BACKS",
    "BANS",
    "BLAMES",
    "BLASTS",
    "CALLS",
    "CANCELS",
    "CONCLUDES",
    "CONDEMNS",
    "CONFIRMS",
    "CRITICISES",
    "CRITICIZES",
    "DEBATES",
    "DECIDES",
    "DECLARES",
    "DEMANDS",
    "DENIES",
    "DENOUNCES",
    "DEPLOYS",
    "DISCUSSES",
    "ELECTS",
    "ENDORSES",
    "EXPELS",
    "EXPRESSES",
    "EXTENDS",
    "IMPOSES",
    "INSISTS",
    "INVITES",
    "LAUNCHES",
    "LIFTS",
    "NOTES",
    "OFFERS",
    "ORDERS",
    "PLEDGES",
    "POSTPONES",
    "PRAISES",
    "PROPOSES",
    "PUBLISHES",
    "RATIFIES",
    "RECALLS",
    "RECOGNISES",
    "RECOGNIZES",
    "RECOMMENDS",
    "REFUSES",
    "REITERATES",
    "REJECTS",
    "REQUESTS",
    "RESTORES",
    "REVOKES",
    "SANCTIONS",
    "SAYS",
    "SEEKS",
    "SENDS",
    "SIGNS",
    "SLAMS",
    "STRIPS",
    "SUPPORTS",
    "SUSPENDS",
    "TELLS",
    "THREATENS",
    "URGES",
    "VETOES",
    "VOTES",
    "WARNS",
    "WELCOMES",
    "WITHDRAWS",
];

/// What those have, and who speaks for them.
const HAS: &[&str] = &[
    "AMBASSADOR",
    "ARMY",
    "ASSEMBLY",
    "CHAIR",
    "CHAIRMAN",
    "CHAIRWOMAN",
    "CHIEF",
    "COMMITTEE",
    "CONGRESS",
    "CONGRESSMAN",
    "DELEGATE",
    "DELEGATES",
    "DELEGATION",
    "EMBASSY",
    "ENVOY",
    "EXPERTS",
    "FORCES",
    "HEADQUARTERS",
    "LAWMAKER",
    "LAWMAKERS",
    "MEMBERSHIP",
    "MILITARY",
    "MINISTER",
    "MISSILE",
    "MISSILES",
    "MISSION",
    "MONITOR",
    "MONITORS",
    "NAVY",
    "OBSERVERS",
    "OFFICIAL",
    "OFFICIALS",
    "PLENARY",
    "PRESIDENT",
    "PROGRAM",
    "PROGRAMME",
    "RAPPORTEUR",
    "RAPPORTEURS",
    "REPRESENTATIVE",
    "RESOLUTION",
    "SECRETARIAT",
    "SECRETARY",
    "SENATE",
    "SENATOR",
    "SENATORS",
    "SESSION",
    "SPOKESMAN",
    "SPOKESPERSON",
    "SPOKESWOMAN",
    "SUMMIT",
    "TREATY",
    "TROOPS",
];

/// Whether a word taken for an acronym is rather an everyday word: the line is in capitals, and nothing beside the word
/// says that it is a name.
pub(super) fn is_everyday(line: &str, words: &[Word<'_>], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let form = word.form.as_ref();
    let is_english = ENGLISH.contains(&form);
    let is_word = is_english || TURKISH.contains(&form) || form == EU_IN_ARMENIAN;
    if !is_word || word.tail.is_some() || !is_headline(words) || is_set_off(line, words, at) {
        return false;
    }
    let before = at.checked_sub(1).and_then(|it| words.get(it));
    let after = words.get(at + 1);
    let is_after = |all: &[&str]| after.is_some_and(|it| all.contains(&it.form.as_ref()));
    if form == EU_IN_ARMENIAN {
        let has_ending = || after.is_some_and(|it| line.get(word.span.end..it.span.start).is_some_and(is_dash));
        return !has_ending() && before.is_some_and(|it| !it.form.ends_with(NOUNS_IN_ARMENIAN));
    }
    if !is_english {
        return !after.is_some_and(|it| it.form.starts_with(PARTY));
    }
    let asks = INTERROGATIVES.contains(&form) && line.trim_end().ends_with('?');
    let does = !asks && !PRONOUNS.contains(&form) && is_after(DOES);
    !does && !is_after(HAS)
}

/// Whether a line is a headline in capitals: of several words, none of them small, or hardly any beside a long one in
/// capitals. "US, EU and NATO agree" is none.
fn is_headline(words: &[Word<'_>]) -> bool {
    let is_small = |it: &&Word<'_>| it.form.chars().any(char::is_lowercase);
    let n_small = words.iter().filter(is_small).count();
    let is_long = |it: &Word<'_>| it.form.chars().nth(LONG - 1).is_some();
    words.len() > 1
        && (n_small == 0 || n_small * 3 <= words.len() && words.iter().any(|it| is_long(it) && !is_small(&it)))
}

/// The fewest letters of a word that is no acronym.
const LONG: usize = 5;

/// Whether signs set a word off, as one who says something: PACE: VOTE WAS FLAWED; VOTE WAS FLAWED – PACE; (PACE).
fn is_set_off(line: &str, words: &[Word<'_>], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let start = at.checked_sub(1).and_then(|it| words.get(it)).map_or(0, |it| it.span.end);
    let end = words.get(at + 1).map_or(line.len(), |it| it.span.start);
    let before = line.get(start..word.span.start).unwrap_or_default().trim();
    let after = line.get(word.span.end..end).unwrap_or_default();
    let is_bracketed = before.ends_with('(') && after.starts_with(')');
    let is_speaker = at == 0 && after.starts_with(':');
    let is_source = at + 1 == words.len() && at > 0 && matches!(before, "-" | "–" | "—" | ":" | "|");
    is_bracketed || is_speaker || is_source
}
