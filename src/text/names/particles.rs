//! Small words inside names, which other scripts write by their sound and with small letters: von, bin, al-.

/// Each as queries have it, in the scripts and languages of the region, folded.
const PARTICLES: &[&[&str]] = &[
    &["von", "фон", "ֆոն", "ფონ", "فون", "fon"],
    &["der", "дер", "դեր", "დერ", "در"],
    &["den", "ден", "դեն", "დენ", "دن"],
    &["van", "ван", "վան", "ვან", "فان", "ون"],
    &["de", "де", "դե", "դը", "დე", "دو", "دی"],
    &["da", "да", "դա", "და", "دا"],
    &["di", "ди", "ді", "դի", "დი", "دی"],
    &["bin", "ben", "ibn", "бин", "бен", "ибн", "бін", "ібн", "բին", "բեն", "իբն", "ბინ", "ბენ", "იბნ", "بن"],
    AL,
];

/// The Arabic article as it is spelled: аль-Шараа, which texts also write аш-Шараа, as it is heard.
const AL: &[&str] = &["al", "el", "əl", "аль", "эль", "ель", "ал", "эл", "ալ", "էլ", "ალ", "ელ", "ال"];
/// The Arabic article as it is heard before some consonants: аш-Шараа for аль-Шараа.
const AL_AS_HEARD: &[&str] = &[
    "ash", "as", "ad", "ar", "at", "an", "az", "eş", "əş", "аш", "ас", "ад", "ар", "ат", "ан", "аз", "эш", "աշ", "աս",
    "აშ", "ას",
];

/// Whether a folded word is one.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.iter().any(|it| it.contains(&word))
}

/// Whether it is the Arabic article, which languages often leave out: al-Assad is Асад.
pub(super) fn is_article(word: &str) -> bool {
    AL.contains(&word) || AL_AS_HEARD.contains(&word)
}

/// The other forms of a particle, folded.
pub(super) fn others(word: &str) -> impl Iterator<Item = &'static str> {
    let of = PARTICLES.iter().filter(move |it| it.contains(&word)).flat_map(|it| it.iter().copied());
    let heard = AL_AS_HEARD.iter().filter(move |_| AL.contains(&word)).copied();
    of.filter(move |it| *it != word).chain(heard)
}
