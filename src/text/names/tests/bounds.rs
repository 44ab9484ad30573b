//! What a key says of a comparison before it is made: never more than the comparison comes to.

use proptest::prelude::*;

use crate::text::names::{
    Script,
    align::{self, Heard, Room},
    endings::Inflection,
    judge::{self, Judge},
    key::{self, Beginnings, Key, KeyRoom, Packed, Probe},
    name::Name,
    rules::Rules,
    sounds::Abjad,
    spelling::{Edge, Lattice},
    stems::{Depth, Stem, Stems, Ways},
};

/// A script's consonants by their classes, and its vowels, none among them.
struct Letters {
    script: Script,
    inflection: Inflection,
    consonants: [&'static [&'static str]; 9],
    vowels: &'static [&'static str],
}

const SCRIPTS: [Letters; 6] = [
    Letters {
        script: Script::Latin,
        inflection: Inflection::English,
        consonants: [
            &["b", "p", "pp", "ph"],
            &["v", "f", "w", "ff"],
            &["d", "t", "th", "dt"],
            &["g", "k", "q", "kh", "gh", "h", "x", "c", "ch"],
            &["s", "z", "sh", "zh", "ch", "j", "ts", "dz", "c", "sch"],
            &["m"],
            &["n", "nn"],
            &["l"],
            &["r"],
        ],
        vowels: &["", "", "a", "e", "i", "o", "u", "y", "ə", "ö", "ü", "ee", "oo", "ou", "ia", "ya", "yo", "iye", "ey"],
    },
    Letters {
        script: Script::Latin,
        inflection: Inflection::Azerbaijani,
        consonants: [
            &["b", "p"],
            &["v", "f"],
            &["d", "t"],
            &["g", "k", "q", "x", "ğ", "h"],
            &["s", "z", "ş", "j", "ç", "c"],
            &["m"],
            &["n"],
            &["l"],
            &["r"],
        ],
        vowels: &["", "", "a", "e", "i", "o", "u", "ı", "ə", "ö", "ü", "ya", "yu", "iy", "ey"],
    },
    Letters {
        script: Script::Cyrillic,
        inflection: Inflection::Russian,
        consonants: [
            &["б", "п"],
            &["в", "ф"],
            &["д", "т"],
            &["г", "к", "х", "ґ"],
            &["с", "з", "ш", "ж", "ч", "ц", "дж", "щ", "тс"],
            &["м"],
            &["н"],
            &["л"],
            &["р"],
        ],
        vowels: &["", "", "а", "е", "и", "о", "у", "ы", "э", "ю", "я", "ё", "ия", "ье", "ь", "й", "ей", "і", "ї"],
    },
    Letters {
        script: Script::Armenian,
        inflection: Inflection::Armenian,
        consonants: [
            &["բ", "պ", "փ"],
            &["վ", "ֆ"],
            &["դ", "տ", "թ"],
            &["գ", "կ", "ք", "խ", "ղ", "հ"],
            &["ս", "զ", "շ", "ժ", "ջ", "չ", "ճ", "ձ", "ծ", "ց"],
            &["մ"],
            &["ն"],
            &["լ"],
            &["ռ", "ր"],
        ],
        vowels: &["", "", "ա", "ե", "ի", "ո", "օ", "ը", "ու", "է", "յա", "յու", "իա"],
    },
    Letters {
        script: Script::Georgian,
        inflection: Inflection::Georgian,
        consonants: [
            &["ბ", "პ", "ფ"],
            &["ვ", "ფ"],
            &["დ", "ტ", "თ"],
            &["გ", "კ", "ქ", "ხ", "ღ", "ყ", "ჰ"],
            &["ს", "ზ", "შ", "ჟ", "ჯ", "ჩ", "ჭ", "ძ", "წ", "ც"],
            &["მ"],
            &["ნ"],
            &["ლ"],
            &["რ"],
        ],
        vowels: &["", "", "ა", "ე", "ი", "ო", "უ", "ია", "იო", "აი"],
    },
    Letters {
        script: Script::Arabic,
        inflection: Inflection::Persian,
        consonants: [
            &["ب", "پ"],
            &["و", "ف"],
            &["د", "ت", "ط"],
            &["گ", "ک", "ق", "خ", "غ", "ه"],
            &["س", "ز", "ش", "ژ", "ج", "چ", "ص"],
            &["م"],
            &["ن"],
            &["ل"],
            &["ر"],
        ],
        vowels: &["", "", "", "ا", "و", "ی", "ه"],
    },
];

/// What is to be written: of each syllable the class of its consonant, and which letters of the name and of the word.
type Syllables = Vec<(usize, [(usize, usize); 2])>;

fn written(letters: &Letters, first: usize, syllables: &Syllables, side: usize) -> String {
    let pick = |all: &[&'static str], n: usize| all[n % all.len()];
    let mut res = pick(letters.vowels, first).to_owned();
    for (class, sides) in syllables {
        let (consonant, vowel) = sides[side];
        res.push_str(pick(letters.consonants[*class], consonant));
        res.push_str(pick(letters.vowels, vowel));
    }
    crate::text::fold(&res)
}

/// Of the two words that are compared, the one with readings to choose from and the one that is heard.
struct Pair<'w> {
    readings: Lattice,
    heard: &'w Heard,
    is_abjad: bool,
}

impl<'w> Pair<'w> {
    /// As [`Judge::sounds`] takes them.
    fn new(name: &'w Name, stem: &'w Stem, script: Script) -> Self {
        let variant = &name.variants[0];
        match &stem.lattice {
            _ if script == name.script => {
                Self { readings: variant.lattice.clone(), heard: &stem.heard, is_abjad: false }
            }
            Some(readings) => {
                Self { readings: readings.clone(), heard: &variant.heard, is_abjad: name.script == Script::Arabic }
            }
            None if name.script == Script::Arabic => {
                Self { readings: Lattice::of_sounds(&stem.heard.sounds), heard: &variant.heard, is_abjad: true }
            }
            None => Self { readings: variant.lattice.clone(), heard: &stem.heard, is_abjad: script == Script::Arabic },
        }
    }
}

/// The single readings of a lattice, up to a number.
fn paths(lattice: &Lattice, most: usize) -> Vec<Vec<Edge>> {
    let mut res = Vec::new();
    let mut open = vec![(0, Vec::new())];
    while let Some((node, path)) = open.pop() {
        if usize::from(node) + 1 == lattice.nodes {
            res.push(path);
            if res.len() == most {
                break;
            }
            continue;
        }
        for edge in lattice.edges.iter().filter(|it| it.from == node) {
            open.push((edge.to, [path.as_slice(), &[*edge]].concat()));
        }
    }
    res
}

/// One reading as a lattice of its own.
fn alone(path: &[Edge]) -> Lattice {
    let edges = path.iter().zip(0..).map(|(edge, at)| Edge { from: at, to: at + 1, ..*edge }).collect();
    Lattice { edges, nodes: path.len() + 1, sounds: 0 }
}

/// The least that a name and a word with one key cost, as their readings with that key say; none where no key of it is
/// theirs.
fn bound(key: u64, name: &[Key], word: &[Key], scripts: [Script; 2], judge: &Judge) -> Option<u16> {
    let costs = judge.costs(scripts[0], scripts[1]);
    let most = u16::MAX / 2;
    let with_key = |keys: &[Key]| keys.iter().copied().filter(|it| it.hash() == key).collect::<Vec<_>>();
    let (names, words) = (with_key(name), with_key(word));
    let pairs = names.iter().flat_map(|name| words.iter().map(move |word| (name, word)));
    let costs = pairs.map(|(name, word)| {
        let mut codes = Vec::new();
        name.pack(&mut codes);
        let packed = Packed::new(&codes, name.len(), name.unusual());
        match scripts {
            [Script::Latin, script] => {
                Probe::new(word, costs, script == Script::Arabic).least_cost(&packed, costs, most)
            }
            _ => packed.least_cost(word, costs, Abjad::of(scripts[0], scripts[1]), most),
        }
    });
    costs.min()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]
    #[test]
    fn a_key_promises_no_more_than_a_comparison_costs(
        scripts: [prop::sample::Index; 2],
        first: [u8; 2],
        syllables in prop::collection::vec((0_usize..9, [(0_usize..40, 0_usize..40), (0_usize..40, 0_usize..40)]), 1..5),
    ) {
        let [of_name, of_word] = scripts.map(|it| it.get(&SCRIPTS));
        let rules = Rules::default();
        let name = written(of_name, usize::from(first[0]), &syllables, 0);
        let word = written(of_word, usize::from(first[1]), &syllables, 1);
        let Some(name_read) = Name::new(&name, 0, &rules) else { return Ok(()) };
        let keys = name_read.keys(&name_read.variants[0]);
        let mut names = Beginnings::default();
        for key in &keys {
            names.add(key);
        }
        let mut stems = Stems::default();
        let ways = Some(Ways { rules: &rules, names: &names });
        stems.read(&word, of_word.script, of_word.inflection, Depth::Sounds(ways));
        let Some(stem) = stems.all().first().filter(|it| it.cut == 0) else { return Ok(()) };
        let is_read = stem.lattice.is_some() && of_name.script != Script::Latin;
        let word_keys = if is_read { &stem.lattice_keys } else { &stem.keys };
        let (judge, pair) = (Judge::default(), Pair::new(&name_read, stem, of_word.script));
        let costs = judge.costs(of_name.script, of_word.script);
        let most = judge::widest_in(name_read.measure(), of_word.script, of_word.inflection);
        let mut room = Room::default();
        for path in paths(&pair.readings, 300) {
            let reading = alone(&path);
            // What costs more is never found, whatever its key says.
            let cost = align::cost(reading.steps(), pair.heard, costs, pair.is_abjad, most, &mut room);
            if cost > most {
                continue;
            }
            let mut of_path = Vec::new();
            key::of_lattice(&reading, None, &mut KeyRoom::default(), &mut of_path);
            let of_key = |it: &Key| bound(it.hash(), &keys, word_keys, [of_name.script, of_word.script], &judge);
            let least = of_path.iter().filter_map(of_key).min();
            let sounds: Vec<_> = path.iter().filter_map(|it| it.sound).collect();
            prop_assert!(least.is_none_or(|it| it <= cost), "{name} {word} {sounds:?}: {least:?} > {cost}");
        }
    }
}
