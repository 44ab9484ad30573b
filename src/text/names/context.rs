//! Recognises words beside a name that say that it is one: given names and titles.

use std::sync::LazyLock;

use super::{
    Closeness, Script,
    common::is_common,
    endings::Inflection,
    given,
    index::{Building, Index, Query, WordHit},
    judge::{Judge, Match},
    line::is_persian_plural,
    memo::{Memo, recall},
    stems::Stems,
    term::{Place, TermWord},
};

/// Offices and forms of address, as they stand before a name.
const TITLES: &str = "
    პრეზიდენტი პრემიერი პრემიერ მინისტრი გენერალი პოლკოვნიკი ბატონი ქალბატონი პროფესორი დოქტორი სენატორი დეპუტატი
    ელჩი კანცლერი მეფე პრინცი გუბერნატორი მერი მწვრთნელი მოსამართლე დირექტორი თავმჯდომარე სპიკერი მდივანი
    აკადემიკოსი ადვოკატი პროკურორი მღვდელი პატრიარქი ლორდი სერი
    آقای خانم دکتر پرزیدنت وزیر ژنرال سرهنگ سردار سناتور فرماندار پروفسور سخنگوی سفیر نخستوزیر رئیسجمهور رییسجمهور
    جمهور شهردار صدراعظم ملکه شاهزاده دریاسالار سرتیپ قاضی مربی استاد مهندس جناب سرلشکر دادستان لرد
    general president minister senator colonel admiral orgeneral bakan bakanı başkan cumhurbaşkanı prezident nazir
    генерал полковник майор адмирал президент премьер министр сенатор депутат посол губернатор глава мэр секретарь міністр мер
    գեներալ նախագահ վարչապետ նախարար դեսպան պատգամավոր";

/// Names that are often in the news and sound somewhat like others: a word that is one of these, or a given name, is
/// not taken for a name that it only resembles. Єрмак is no Jermuk and the prize of Сахаров none of Zakharova.
const RIVALS: &str = include_str!("given/rivals.txt");

/// Places, the same way, as the languages of the region call them: Баку is no Bucha, and Keniya no Cheney.
const PLACE_NAMES: &str = include_str!("given/places.txt");

pub(super) const GIVEN_NAME: u32 = 0;
pub(super) const TITLE: u32 = 1;
/// Number of the first rival. All spellings of one rival have the same number.
const RIVAL: u32 = 2;
/// Number of the first place. All spellings of one place have the same number.
const PLACE: u32 = 1 << 16;

/// Given names, rivals and titles, ready to be looked for; made when a text asks.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Building::default();
    for word in given::LATIN.lines() {
        index.add(&TermWord::Name { word: word.to_lowercase(), is_loose: false, place: Place::Alone }, GIVEN_NAME);
    }
    for (number, line) in (RIVAL..).zip(RIVALS.lines()).chain((PLACE..).zip(PLACE_NAMES.lines())) {
        for word in line.split_whitespace() {
            index.add(&TermWord::Name { word: word.to_lowercase(), is_loose: false, place: Place::Alone }, number);
        }
    }
    for word in TITLES.split_whitespace() {
        index.add(&TermWord::Plain(crate::text::fold(word)), TITLE);
    }
    index.ready()
});

/// What surnames end with that sound like a given name of another language: Андреев, Andrew.
const OF_SURNAMES: &[&str] = &["ов", "ев", "ოვ", "ოვი", "ევ", "ევი", "ով", "եւ", "ov", "ev", "اف", "یف", "وف"];

/// Whether a folded word is a given name, in whatever script.
pub(super) fn is_given_name(word: &str) -> bool {
    if OF_SURNAMES.iter().any(|it| word.strip_suffix(it).is_some_and(|it| it.chars().nth(2).is_some())) {
        return false;
    }
    if !given::other_forms(word).is_empty() || given::is_of_nothing_else(word) || given::is_word(word) {
        return true;
    }
    let is_near = |it: &Match| it.cut == 0 && matches!(it.closeness, Closeness::Exact | Closeness::Transliterated);
    look_up(word).iter().any(|it| it.word == GIVEN_NAME && is_near(&it.found))
}

/// The given names, rivals and titles that a folded word may be, in any script.
pub(super) fn look_up(word: &str) -> Vec<WordHit> {
    let script = word.chars().next().map_or(Script::Other, Script::of);
    let query = Query {
        form: word,
        word,
        script,
        inflection: Inflection::of(None, script),
        is_capital: true,
        is_acronym: false,
        is_spelled: false,
    };
    let mut found = Vec::new();
    INDEX.find(&query, &mut Stems::default(), &mut Judge::default(), &mut found);
    found
}

/// Remembers what words say of the words beside them.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    memo: Memo<Beside>,
}

/// What a word says of the word after it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    pub(super) is_title: bool,
    pub(super) is_given: bool,
    /// Whether it is also an everyday word, so that it counts as a given name only where that meaning is impossible.
    pub(super) is_word: bool,
    /// What it costs, in hundredths of a sound, to take it for the nearest given name; `None` if it sounds only
    /// somewhat like any.
    pub(super) as_given: Option<u16>,
    /// What it costs to take it for the nearest of the names that are often in the news, and the number of that name.
    pub(super) as_rival: Option<(u16, u32)>,
    /// What it costs to take it for the nearest place, and the number of that place.
    pub(super) as_place: Option<(u16, u32)>,
}

impl Beside {
    /// Whether a name is likely to follow.
    pub(super) fn announces(self) -> bool {
        self.is_title || self.is_given
    }
}

impl Context {
    /// What a word says of the name beside it.
    pub(super) fn beside(
        &self,
        word: &Query<'_>,
        stems: &mut Stems,
        judge: &mut Judge,
        room: &mut Vec<WordHit>,
    ) -> Beside {
        let mut memo = self.memo.lock();
        let found = recall(&mut memo, word, || {
            INDEX.find(word, stems, judge, room);
            let is_given = |it: &WordHit| it.word == GIVEN_NAME && it.found.closeness <= Closeness::Transliterated;
            let is_word = word.script == Script::Arabic && given::is_word(word.word);
            let is_many = word.script == Script::Arabic && is_persian_plural(word.word);
            let is_likely = || !is_many && !is_common(word.word, word.script);
            let sure = || room.iter().filter(|it| it.found.closeness <= Closeness::Transliterated);
            let rivals = || sure().filter(|it| (RIVAL..PLACE).contains(&it.word));
            let places = || sure().filter(|it| it.word >= PLACE);
            vec![Beside {
                is_title: room.iter().any(|it| it.word == TITLE),
                is_given: is_word
                    || word.script == Script::Arabic && given::is_of_nothing_else(word.word)
                    || room.iter().any(is_given) && is_likely(),
                is_word,
                as_given: sure().filter(|it| it.word == GIVEN_NAME).map(|it| it.found.cost).min(),
                as_rival: rivals().map(|it| (it.found.cost, it.word)).min(),
                as_place: places().map(|it| (it.found.cost, it.word)).min(),
            }]
        });
        found.first().copied().unwrap_or_default()
    }
}
