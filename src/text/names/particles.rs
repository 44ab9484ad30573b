//! Small words inside names, which other scripts write by their sound and with small letters: von, bin, al-.

/// The forms of each in the scripts and languages of the region, folded.
const PARTICLES: &[&[&str]] = &[
    &["von", "фон", "ֆոն", "ფონ", "فون", "fon"],
    &["der", "дер", "դեր", "დერ", "در"],
    &["den", "ден", "դեն", "დენ", "دن"],
    &["van", "ван", "վան", "ვან", "فان", "ون"],
    &["de", "де", "դե", "դը", "დე", "دو", "دی"],
    &["da", "да", "դա", "და", "دا"],
    &["di", "ди", "ді", "դի", "დი", "دی"],
    &["bin", "ben", "ibn", "бин", "бен", "ибн", "бін", "ібн", "բին", "բեն", "իբն", "ბინ", "ბენ", "იბნ", "بن"],
    &[
        "al", "el", "əl", "ash", "as", "ad", "ar", "at", "an", "az", "eş", "əş", "аль", "эль", "ель", "ал", "эл", "аш",
        "ас", "ад", "ар", "ат", "ан", "аз", "эш", "ալ", "էլ", "աշ", "աս", "ალ", "ელ", "აშ", "ას", "ال",
    ],
];

/// The other forms of a particle, folded; of any other word there are none.
pub(super) fn others(word: &str) -> impl Iterator<Item = &'static str> {
    let of = PARTICLES.iter().filter(move |it| it.contains(&word)).flat_map(|it| it.iter().copied());
    of.filter(move |it| *it != word)
}
