//! One word of a watched name, made ready to be compared with words in any script.

use super::{
    Script,
    align::Heard,
    dropped::{self, Behind},
    judge::Measure,
    key::{self, Key, KeyRoom},
    letters::{self, Habit},
    rules::Rules,
    spelling::{Lattice, MAX_LETTERS},
};

/// Cost of a spelling without the marks of its letters, in hundredths.
pub(super) const UNMARKED: u16 = 3;

/// A word of a name.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// Its script.
    pub(super) script: Script,
    /// Number of sounds of its plain reading, by which its costs are measured.
    pub(super) length: usize,
    /// The name as it is written, then the forms that it takes before an ending.
    pub(super) variants: Vec<Variant>,
    /// Hundredths for each sound that are forgiven more than usual.
    pub(super) looseness: u16,
    /// Whether it may be a plural of Russian or Ukrainian.
    pub(super) is_plural: bool,
}

/// A form of a name: as written, or as it stands before an ending.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    /// Folded.
    pub(super) letters: Vec<char>,
    /// All its readings.
    pub(super) lattice: Lattice,
    /// Its plain reading.
    pub(super) heard: Heard,
    /// The cost of this form, in hundredths.
    pub(super) cost: u16,
    /// What stands behind it.
    pub(super) behind: Behind,
}

impl Name {
    /// Makes a name of a folded word; none of a word that has no letters of the five scripts or is too long.
    pub(super) fn new(word: &str, looseness: u16, rules: &Rules) -> Option<Self> {
        let letters: Vec<char> = word.chars().collect();
        let script = Script::of(*letters.first()?);
        if script == Script::Other || letters.len() > MAX_LETTERS {
            return None;
        }
        let mut variants: Vec<Variant> = Vec::new();
        for (letters, cost, behind) in forms(&letters, script) {
            if letters.len() >= 2 && !variants.iter().any(|it| it.letters == letters) {
                // Letters that Russian does not have.
                let is_ukrainian = letters.iter().any(|it| matches!(it, 'і' | 'ї' | 'є' | 'ґ'));
                let apart = (script == Script::Arabic && letters::is_unclear(&letters)).then_some(Habit::Apart);
                for habit in [if is_ukrainian { Habit::Ukrainian } else { Habit::Usual }].into_iter().chain(apart) {
                    variants.push(Variant::new(letters.clone(), (script, habit), cost, behind, rules));
                }
            }
        }
        let length = variants.first()?.heard.sounds.len();
        Some(Self { script, length, variants, looseness, is_plural: may_be_slavic_plural(&letters) })
    }

    /// What its limit depends on.
    pub(super) fn measure(&self) -> Measure {
        let narrow = |it: usize| u8::try_from(it).unwrap_or(u8::MAX);
        Measure { script: self.script, length: narrow(self.length), looseness: narrow(usize::from(self.looseness)) }
    }

    /// The keys by which a variant is found from words of other texts.
    pub(super) fn keys(&self, variant: &Variant) -> Vec<Key> {
        let mut res = Vec::new();
        key::of_lattice(&variant.lattice, None, &mut KeyRoom::default(), &mut res);
        if self.script == Script::Latin {
            // Other Latin texts are read plainly, and so must the name be to meet them.
            let mut plain = Vec::new();
            key::of_sounds(&variant.heard.sounds, false, &mut plain);
            res.extend(plain);
        } else if self.script == Script::Arabic {
            res.clear();
            key::of_sounds(&variant.heard.sounds, true, &mut res);
        }
        res
    }
}

impl Variant {
    fn new(letters: Vec<char>, (script, habit): (Script, Habit), cost: u16, behind: Behind, rules: &Rules) -> Self {
        let mut heard = Heard::default();
        letters::sounds(&letters, script, habit, &mut heard.sounds);
        heard.weigh();
        let lattice = match script {
            Script::Latin => Lattice::of_latin(&letters, None, rules),
            _ => Lattice::of_sounds(&heard.sounds),
        };
        Self { letters, lattice, heard, cost, behind }
    }
}

/// The forms of a name: its letters, the cost of the form, and the kind of endings that may follow.
fn forms(word: &[char], script: Script) -> Vec<(Vec<char>, u16, Behind)> {
    let whole = Behind::whole(word);
    let mut res = vec![(word.to_vec(), 0, whole)];
    // As written by outlets without these letters: Simsek.
    if script == Script::Latin {
        let plain: Vec<char> = word.iter().map(|it| letters::ascii(letters::unmarked(*it))).collect();
        if plain != word {
            res.push((plain, UNMARKED, whole));
        }
    }
    // ь and й go before every ending: Русь, Руси; Юрий, Юрия.
    let (body, soft) = match word {
        [body @ .., 'ь' | 'й'] => (body, true),
        _ => (word, false),
    };
    if soft {
        res.push((body.to_vec(), 0, Behind::Ending));
    }
    // Persian writes few vowels, and what is left must tell one name from another.
    let least = if script == Script::Arabic { 3 } else { 2 };
    if let [stem @ .., last] = body
        && stem.len() >= least
        && is_vowel(*last)
    {
        // The Georgian nominative ends in ი and loses it before another name; elsewhere only an ending takes the vowel.
        let is_nominative = script == Script::Georgian && *last == 'ი';
        let is_womans = Behind::without(*last) == Behind::WithoutA && behind_ska(stem);
        res.push(match (is_nominative, is_womans, soft) {
            (true, ..) => (stem.to_vec(), 3, Behind::Anything),
            (_, true, _) => (stem.to_vec(), 5, Behind::WithoutAya),
            // Лановой has what Зеленский has.
            (.., true) => (stem.to_vec(), 5, Behind::WithoutI),
            _ if matches!((stem, last), ([.., 'y'], 'a')) => (stem.to_vec(), 5, Behind::WithoutYa),
            _ => (stem.to_vec(), 5, Behind::without(*last)),
        });
        if let Some((at, behind)) = dropped::without_two(stem, *last, script).filter(|it| it.0 >= 3) {
            res.push((stem.get(..at).unwrap_or_default().to_vec(), 8, behind));
        }
    }
    // Arabic names end with a letter that is not heard, and that other languages do not decline: Хезболла, Хезболлы;
    // Haniyeh, Хании.
    if let (Script::Latin, [stem @ .., 'a' | 'e', 'h']) = (script, word)
        && stem.len() >= 4
    {
        if let [.., 'y' | 'i'] = stem {
            res.push((stem.iter().chain(&['a']).copied().collect(), 5, Behind::Anything));
            res.push((stem.to_vec(), 8, Behind::WithoutYa));
        }
        res.push((stem.to_vec(), 8, Behind::WithoutA));
    }
    // Russian surnames that are adjectives: Тихоновская, Тихоновской.
    if let [stem @ .., 'ا', 'ی', 'ا'] = body
        && stem.len() >= least
    {
        res.push((stem.to_vec(), 8, Behind::WithoutAya));
    }
    // After a vowel it is ї, which becomes є: Київ, Києва; Kyiv, Mykolaiv.
    let of_city: Option<(&[char], &[char])> = match body {
        [stem @ .., 'ї', 'в'] => Some((stem, &['є', 'в'])),
        [stem @ .., 'i', 'v'] if stem.last().is_some_and(|it| is_vowel(*it)) => Some((stem, &['e', 'v'])),
        _ => None,
    };
    if let Some((stem, end)) = of_city.filter(|it| it.0.len() >= least) {
        res.push((stem.iter().chain(end).copied().collect(), 5, Behind::Ending));
    }
    let stem = match body {
        [stem @ .., 'ი'] => stem,
        _ => body,
    };
    // Armenian ու falls out: խորհուրդ, խորհրդի; խումբ, խմբի. And -ություն becomes -ությ before what it has of its own:
    // միության.
    if let Some(at) = stem.windows(2).rposition(|it| it == ['ո', 'ւ']).filter(|at| *at > 0 && at + 3 <= stem.len()) {
        let (before, after) = (stem.get(..at).unwrap_or_default(), stem.get(at + 2..).unwrap_or_default());
        if !after.iter().any(|it| is_vowel(*it) || *it == 'ւ') {
            res.push((before.iter().chain(after).copied().collect(), 8, Behind::Ending));
        }
    }
    if let [stem @ .., 'ո', 'ւ', 'ն'] = stem
        && stem.ends_with(&['ո', 'ւ', 'թ', 'յ'])
    {
        res.push((stem.to_vec(), 5, Behind::Ending));
    }
    if let [.., first, vowel, last] = stem
        && !is_vowel(*first)
    {
        let before = stem.get(..stem.len() - 2).unwrap_or_default();
        // A vowel that falls out: Дочинець, Дочинця; Երկիր, Երկրի.
        let falls = matches!(vowel, 'e' | 'o' | 'е' | 'о' | 'є' | 'ა' | 'ე' | 'ო' | 'ი' | 'ի');
        let is_liquid = matches!(
            last,
            'c' | 'k' | 'l' | 'n' | 'r' | 'ц' | 'к' | 'л' | 'н' | 'р' | 'ლ' | 'ნ' | 'რ' | 'ր' | 'ն' | 'չ'
        );
        if falls && is_liquid && before.len() >= 2 {
            res.push((before.iter().chain([last]).copied().collect(), 8, Behind::Ending));
        }
        // Ukrainian і in a closed syllable: Львів, Львова. So in what is written with Latin letters.
        let others: &[char] = match (vowel, last) {
            ('і', _) => &['о', 'е', 'є'],
            ('i', 'v') => &['o', 'e'],
            _ => &[],
        };
        res.extend(others.iter().map(|it| (before.iter().chain([it, last]).copied().collect(), 5, Behind::Ending)));
    }
    res
}

/// Whether what stands before a final a is of a woman's surname that is an adjective: Zelenska, Шекеринска.
fn behind_ska(stem: &[char]) -> bool {
    matches!(
        stem,
        [.., 's' | 'c', 'k']
            | [.., 'с' | 'ц', 'к']
            | [.., 'с' | 'ц', 'ь', 'к']
            | [.., 'ს' | 'ც', 'კ']
            | [.., 'ս' | 'ց', 'կ']
    )
}

/// Whether letters end as the plurals of Russian and Ukrainian do, and those of no other script.
pub(super) fn may_be_slavic_plural(word: &[char]) -> bool {
    matches!(word, [.., 'ы' | 'и' | 'і'])
}

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'ə'
            | 'ä'
            | 'ö'
            | 'ü'
            | 'а'
            | 'е'
            | 'и'
            | 'і'
            | 'ї'
            | 'о'
            | 'у'
            | 'ы'
            | 'э'
            | 'ю'
            | 'я'
            | 'є'
            | 'ა'
            | 'ე'
            | 'ი'
            | 'ო'
            | 'უ'
            | 'ա'
            | 'ե'
            | 'է'
            | 'ի'
            | 'ո'
            | 'օ'
            | 'ը'
            | 'ا'
            | 'ه'
    )
}

/// The forms of an everyday word, and the kind of endings that may follow each.
pub(super) fn plain_forms(word: &str) -> Vec<(String, Behind)> {
    let letters: Vec<char> = word.chars().collect();
    let script = letters.first().map_or(Script::Other, |c| Script::of(*c));
    // Persian endings take no vowel.
    let forms = forms(&letters, script).into_iter();
    let forms = forms.filter(|it| it.2.is_whole() || script != Script::Arabic);
    let of_many = of_many(word).map(|it| (it, Behind::Anything));
    forms.map(|(form, _, behind)| (form.into_iter().collect(), behind)).chain(of_many).collect()
}

/// What Russian and Ukrainian say of many things whose name ends so, which have no ending then: санкции, санкций;
/// навчання, навчань.
fn of_many(word: &str) -> Option<String> {
    let with = |stem: &str, end: &str| stem.chars().nth(2).map(|_| format!("{stem}{end}"));
    let of = |ends: &[&str], end: &str| ends.iter().find_map(|it| word.strip_suffix(it)).and_then(|it| with(it, end));
    of(&["ии", "ия", "ие"], "ий").or_else(|| of(&["ії", "ія"], "ій")).or_else(|| of(&["ння"], "нь"))
}

/// The forms of a name that is found by its letters, and what stands behind each. A vowel goes before an ending in
/// Cyrillic and Georgian, and only one: Dania and Rossia keep theirs, so that Дани and Росс are others; in Turkish
/// `bakım` is no case of Bakü.
pub(super) fn spelled_forms(word: &str) -> Vec<(String, Behind)> {
    let script = word.chars().next().map_or(Script::Other, Script::of);
    if let Some(forms) = (script == Script::Cyrillic).then(|| plural(word)).flatten() {
        return forms.into_iter().map(|it| (it, Behind::Nothing)).collect();
    }
    // Баку has one form for all cases: Баки is a man, and not from there.
    let is_declined = !word.ends_with(['у', 'ю', 'э']);
    let changes = matches!(script, Script::Cyrillic | Script::Georgian) && is_declined;
    let letters = word.chars().count();
    let is_form =
        |(form, behind): &(String, Behind)| behind.is_whole() || changes && form.chars().count() + 1 >= letters;
    plain_forms(word).into_iter().filter(is_form).collect()
}

/// All forms of a place whose name is a plural, Афины and Нідерланди: of the singular it has none, so that Афина is a
/// goddess. In `и` end plurals of Ukrainian, and in Russian names that have one form.
fn plural(word: &str) -> Option<Vec<String>> {
    let is_ukrainian = || word.contains(['і', 'ї', 'є', 'ґ']);
    let stem = word.strip_suffix('ы').or_else(|| word.strip_suffix('и').filter(|_| is_ukrainian()))?;
    let genitive = if is_ukrainian() { "ів" } else { "ов" };
    let endings = ["", genitive, "ам", "ами", "ах"];
    Some(std::iter::once(word.to_owned()).chain(endings.iter().map(|it| format!("{stem}{it}"))).collect())
}
