//! Adjectives that Armenian makes of places: ղարաբաղյան հակամարտություն, բաքվյան դատարան. With a capital they are
//! surnames, unless what follows is said to be of places.

use crate::text::names::{
    Script,
    endings::Inflection,
    line::{Word, is_space},
};

/// What they are made with.
const MADE_WITH: &str = "յան";

/// The fewest letters before it.
const MIN_STEM: usize = 4;

/// What is said to be of a place, without its ending: conflict, war, summit, meeting, talks, process, treaty,
/// declaration, settlement, format, conference, front, border, court, platform, corridor, movement, agreement.
const OF_PLACES: &[&str] = &[
    "հակամարտութ",
    "պատերազմ",
    "գագաթնաժողով",
    "հանդիպում",
    "հանդիպման",
    "բանակցութ",
    "գործընթաց",
    "պայմանագր",
    "պայմանագիր",
    "հռչակագր",
    "հռչակագիր",
    "կարգավոր",
    "ձեւաչափ",
    "խորհրդաժողով",
    "ճակատ",
    "սահման",
    "դատարան",
    "հարթակ",
    "միջանցք",
    "շարժում",
    "շարժման",
    "համաձայնագ",
    "համաձայնութ",
];

/// Stems with the place of which they are another form.
const IRREGULAR: &[(&str, &str)] = &[("բաքվ", "բաքու"), ("մոսկով", "մոսկվա")];

/// Stems that are of a state, people or month wherever they stand: an American actor is no news of America.
const OF_STATES: &[&str] = &[
    "ամերիկ",
    "ադրբեջան",
    "աֆրիկ",
    "ուկրաին",
    "իսրայել",
    "լիբանան",
    "եվրոպ",
    "ասի",
    "մայիս",
    "ապրիլ",
    "հունվար",
    "փետրվար",
    "մարտ",
    "հունիս",
    "հուլիս",
    "օգոստոս",
    "սեպտեմբեր",
    "հոկտեմբեր",
    "նոյեմբեր",
    "դեկտեմբեր",
];

/// How stems end that are of no place: those of states (հայաստանյան), and what stands before the ending of genitives such
/// as հարության.
const NO_PLACES: &[&str] = &["ստան", "ութ"];

/// A place that ends so itself.
const BEIRUT: &str = "բեյրութ";

/// The names that a place may have of which a word of a line is the adjective; none of another word.
pub(super) fn places(line: &str, words: &[Word<'_>], at: usize) -> Vec<String> {
    let Some(word) = words.get(at).filter(|it| it.script == Script::Armenian) else { return Vec::new() };
    let Some((stem, ending)) = word.folded.rsplit_once(MADE_WITH) else { return Vec::new() };
    let is_adjective = ending.is_empty() || Inflection::Armenian.endings().contains(&ending);
    let is_other = OF_STATES.contains(&stem) || stem != BEIRUT && NO_PLACES.iter().any(|it| stem.ends_with(it));
    if !is_adjective || is_other || stem.chars().nth(MIN_STEM - 1).is_none() {
        return Vec::new();
    }
    let is_of_place = |it: &Word<'_>| {
        is_space(line, word, it) && ending.is_empty() && OF_PLACES.iter().any(|stem| it.folded.starts_with(stem))
    };
    if word.is_capital && !words.get(at + 1).is_some_and(is_of_place) {
        return Vec::new();
    }
    let irregular = IRREGULAR.iter().find(|it| it.0 == stem).map(|it| it.1.to_owned());
    irregular.into_iter().chain(["", "ի", "ա"].map(|it| format!("{stem}{it}"))).collect()
}
