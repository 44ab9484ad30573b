//! Rules for reading the letters of Latin spellings.

use std::collections::HashMap;

use super::sounds::Sound::{
    self, A, Ae, B, Ch, D, Dj, Dz, E, F, G, Gh, H, I, J, K, L, M, N, O, Oe, P, Q, R, S, Sh, SoftG, T, Th, Ts, U, Ue, V,
    W, X, Y, Z, Zh,
};

use self::Place::{After, Any, Between, Closed, End, Front, Open, Start, Unstressed, Vowel};

/// Where letters must be for a rule to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Any,
    Start,
    End,
    /// Before a vowel.
    Vowel,
    /// Before e, i, y.
    Front,
    /// Before a consonant or at the end.
    Closed,
    /// After a vowel.
    After,
    /// Before one consonant and a vowel: there English vowels are long.
    Open,
    /// Between consonants.
    Between,
    /// Between consonants and after another vowel: there English vowels are murmured.
    Unstressed,
}

/// Sounds, and how unusual they are for the letters, in hundredths.
pub(super) type Reading = (&'static [Sound], u8);

/// Letters, where they must be, and how they may be read there. Each single letter has a rule for anywhere, so that
/// every word has a reading.
#[rustfmt::skip]
const RULES: &[(&str, Place, &[Reading])] = &[
    // English.
    ("augh", Any, &[(&[O], 5), (&[A, F], 15), (&[A, V], 15)]),
    ("ough", Any, &[(&[O], 5), (&[O, U], 10), (&[A, F], 10), (&[O, F], 15)]),
    ("şç", Any, &[(&[Sh], 0)]),
    ("šč", Any, &[(&[Sh], 0)]),
    ("šć", Any, &[(&[Sh], 0)]),
    ("eigh", Any, &[(&[E, J], 0), (&[A, J], 10), (&[I], 15)]),
    ("igh", Any, &[(&[A, J], 0)]),
    ("gh", Any, &[(&[Gh], 0), (&[G], 0), (&[Q], 10)]),
    ("gh", Start, &[(&[K], 18)]),
    ("gh", Closed, &[(&[], 10), (&[F], 15)]),
    ("kn", Start, &[(&[N], 5)]),
    ("wr", Start, &[(&[R], 0)]),
    ("wh", Start, &[(&[U], 0), (&[V], 5), (&[H], 15)]),
    ("mb", End, &[(&[M], 8)]),
    ("tç", Any, &[(&[Ch], 0)]),
    ("tch", Any, &[(&[Ch], 0)]),
    ("dge", Any, &[(&[Dj], 0), (&[Dj, E], 5)]),
    ("dg", Any, &[(&[Dj], 5)]),
    ("ck", Any, &[(&[K], 0)]),
    ("th", Any, &[(&[T], 0), (&[S], 12), (&[F], 15), (&[Z], 15), (&[D], 15), (&[Th], 0)]),
    ("tion", Any, &[(&[Sh, E, N], 10)]),
    ("ph", Any, &[(&[F], 0)]),
    ("pb", Any, &[(&[P], 5), (&[B], 5)]),
    ("alm", Any, &[(&[A, M], 10), (&[O, M], 12)]),
    ("qu", Any, &[(&[K, V], 0), (&[K, U], 0), (&[K], 5)]),
    ("x", Start, &[(&[K, S], 5), (&[Z], 15), (&[H], 10), (&[X], 0), (&[S], 15), (&[Sh], 20)]),
    ("aw", Any, &[(&[O], 5), (&[O, U], 10), (&[A, V], 0), (&[A, U], 0)]),
    ("au", Any, &[(&[O], 5), (&[A, V], 10)]),
    ("oo", Any, &[(&[U], 0), (&[O], 10)]),
    ("ee", Any, &[(&[I], 0), (&[E, J], 10), (&[E], 8), (&[E, J, E], 3)]),
    ("ea", Any, &[(&[I], 5), (&[E], 8), (&[E, J], 10)]),
    ("ear", Any, &[(&[I, R], 5), (&[E, R], 8)]),
    ("oa", Any, &[(&[O], 5), (&[O, U], 5)]),
    ("ow", Any, &[(&[O, U], 3), (&[A, U], 3), (&[O], 10), (&[O, V], 3), (&[O, F], 10)]),
    ("ew", Any, &[(&[J, U], 3), (&[U], 8), (&[E, V], 5), (&[E, U], 10)]),
    ("ey", End, &[(&[I], 3), (&[E, J], 0)]),
    ("ay", Any, &[(&[E, J], 3), (&[A, J], 0), (&[I], 25)]),
    ("ai", Any, &[(&[E, J], 5), (&[E], 5)]),
    ("ei", Any, &[(&[A, J], 5), (&[I], 10), (&[E, J], 0), (&[E], 12)]),
    ("ie", Any, &[(&[I], 5), (&[J, E], 0)]),
    ("ye", Any, &[(&[J, E], 0), (&[E], 5), (&[A, J], 15)]),
    ("yo", Any, &[(&[J, O], 0), (&[Oe], 3), (&[E], 8)]),
    ("io", Any, &[(&[Oe], 8), (&[J, O], 3)]),
    ("ia", Any, &[(&[J, A], 0)]),
    ("iu", Any, &[(&[J, U], 0), (&[Ue], 0)]),
    ("in", End, &[(&[E, N], 8)]),
    ("ain", Any, &[(&[E, N], 5)]),
    ("ein", End, &[(&[E, N], 10)]),
    ("un", End, &[(&[E, N], 10)]),
    ("er", Any, &[(&[Oe, R], 5)]),
    ("er", End, &[(&[A], 20), (&[E], 15)]),
    ("ir", Any, &[(&[E, R], 8), (&[Oe, R], 8)]),
    ("ur", Any, &[(&[E, R], 8), (&[Oe, R], 8), (&[J, U, R], 10)]),
    ("or", Any, &[(&[E, R], 12)]),
    ("le", End, &[(&[L], 0)]),
    ("re", End, &[(&[R], 3)]),
    ("es", End, &[(&[S], 8), (&[Z], 10)]),
    ("ed", End, &[(&[D], 12)]),
    ("e", End, &[(&[], 5)]),
    ("sc", Front, &[(&[S], 3), (&[Sh], 5)]),
    ("sch", Any, &[(&[Sh], 0), (&[S, K], 5), (&[S, X], 8), (&[S, Ch], 8)]),
    ("shch", Any, &[(&[Sh], 0)]),
    ("mck", Start, &[(&[M, A, K], 0)]),
    ("mcc", Start, &[(&[M, A, K], 0)]),
    ("mcqu", Start, &[(&[M, A, K, V], 0), (&[M, A, K, U], 3)]),
    ("mack", Start, &[(&[M, A, K], 0)]),
    ("macc", Start, &[(&[M, A, K], 0)]),
    ("wa", Any, &[(&[U, O], 3), (&[U, E], 8), (&[O], 12)]),
    ("wo", Any, &[(&[U], 3)]),
    ("wu", Any, &[(&[U], 0)]),
    ("alk", Any, &[(&[O, K], 5), (&[A, K], 10)]),
    ("aha", Any, &[(&[E], 10), (&[A], 5)]),
    ("stl", Any, &[(&[S, L], 3)]),
    ("ng", Any, &[(&[N, G], 0), (&[N], 6), (&[N, Dj], 10)]),
    ("ngh", Any, &[(&[N, G], 3), (&[N], 8), (&[N, H], 0)]),
    ("pf", Any, &[(&[P], 8), (&[F], 8)]),
    ("tx", Any, &[(&[Ch], 3)]),
    ("ju", Any, &[(&[J, U], 0), (&[Dj, U], 0), (&[H, U], 5), (&[X, U], 3)]),
    ("mc", Start, &[(&[M, A, K], 0)]),
    ("mac", Start, &[(&[M, A, K], 0)]),
    // French.
    ("eau", Any, &[(&[O], 0)]),
    ("eaux", End, &[(&[O], 0)]),
    ("aux", End, &[(&[O], 3)]),
    ("ault", End, &[(&[O], 3)]),
    ("aud", End, &[(&[O], 5)]),
    ("ou", Any, &[(&[U], 0), (&[A, U], 8), (&[O], 12), (&[A], 14)]),
    ("uu", Any, &[(&[U], 0)]),
    ("ti", Vowel, &[(&[Ts, I], 5)]),
    ("oi", Any, &[(&[U, A], 5), (&[V, A], 8)]),
    ("oy", Vowel, &[(&[U, A, J], 8)]),
    ("eu", Any, &[(&[Oe], 3), (&[O, J], 5), (&[E, V], 8), (&[J, U], 12)]),
    ("eux", End, &[(&[Oe], 5)]),
    ("ez", End, &[(&[E], 12)]),
    ("et", End, &[(&[E], 8)]),
    ("ot", End, &[(&[O], 10)]),
    ("at", End, &[(&[A], 12)]),
    ("ard", End, &[(&[A, R], 8)]),
    ("ert", End, &[(&[E, R], 10)]),
    ("ent", End, &[(&[A, N], 10)]),
    ("ont", End, &[(&[O, N], 8)]),
    ("and", End, &[(&[A, N], 15)]),
    ("iers", End, &[(&[J, E], 6)]),
    ("iez", End, &[(&[J, E], 6)]),
    ("aill", Any, &[(&[A, J], 5)]),
    ("eill", Any, &[(&[E, J], 5)]),
    ("ouill", Any, &[(&[U, J], 5)]),
    ("ier", End, &[(&[J, E], 5), (&[I, R], 5)]),
    ("ais", End, &[(&[E], 8)]),
    ("ois", End, &[(&[U, A], 3)]),
    ("us", End, &[(&[U], 25)]),
    ("gn", Any, &[(&[N], 5), (&[N, J], 3)]),
    ("ill", Any, &[(&[I, J], 12)]),
    ("ch", Any, &[(&[Ch], 0), (&[Sh], 5), (&[X], 5), (&[K], 8), (&[H], 20)]),
    ("gu", Front, &[(&[G], 0), (&[G, V], 5)]),
    ("en", Closed, &[(&[A, N], 15)]),
    ("em", Closed, &[(&[A, M], 15)]),
    // German, Dutch, the North.
    ("tz", Any, &[(&[Ts], 0)]),
    ("ts", Any, &[(&[Ts], 0)]),
    ("st", Start, &[(&[Sh, T], 8)]),
    ("sp", Start, &[(&[Sh, P], 8)]),
    ("tsch", Any, &[(&[Ch], 0)]),
    ("ij", Any, &[(&[E, J], 5), (&[A, J], 8), (&[I, J], 0)]),
    ("ij", End, &[(&[I], 0)]),
    ("uy", Any, &[(&[E, J], 10)]),
    ("aa", Any, &[(&[A], 0), (&[O], 8)]),
    ("ae", Any, &[(&[E], 3), (&[A], 12), (&[A, J, E], 3)]),
    ("oe", Any, &[(&[Oe], 0), (&[E], 5), (&[U], 10)]),
    ("ue", Any, &[(&[Ue], 3), (&[J, U], 5)]),
    ("sj", Any, &[(&[Sh], 3)]),
    ("skj", Any, &[(&[Sh], 5)]),
    ("dt", Any, &[(&[T], 0)]),
    ("hl", Any, &[(&[L], 5)]),
    ("hn", Any, &[(&[N], 5)]),
    ("hm", Any, &[(&[M], 5)]),
    ("hr", Any, &[(&[R], 5)]),
    // Poland to the Balkans, Hungary.
    ("cz", Any, &[(&[Ch], 0)]),
    ("sz", Any, &[(&[Sh], 0), (&[S], 5)]),
    ("rz", Any, &[(&[Zh], 3), (&[Sh], 8), (&[R, Zh], 5)]),
    ("szcz", Any, &[(&[Sh], 0)]),
    ("dz", Any, &[(&[Dz], 0)]),
    ("dž", Any, &[(&[Dj], 0)]),
    ("dzh", Any, &[(&[Dj], 0)]),
    ("dj", Any, &[(&[Dj], 0)]),
    ("cs", Any, &[(&[Ch], 5)]),
    ("zs", Any, &[(&[Zh], 3)]),
    ("gy", Any, &[(&[D, J], 8), (&[D], 8)]),
    ("ck", Any, &[(&[Ts, K], 5)]),
    ("s", Any, &[(&[Sh], 20)]),
    // Italy, Spain, Portugal.
    ("cc", Front, &[(&[Ch], 0), (&[K, S], 5)]),
    ("ci", Vowel, &[(&[Ch], 5)]),
    ("gi", Vowel, &[(&[Dj], 3)]),
    ("gg", Front, &[(&[Dj], 3), (&[G], 0)]),
    ("gli", Any, &[(&[L, I], 3)]),
    ("zz", Any, &[(&[Ts], 3), (&[Dz], 10), (&[Z], 5)]),
    ("ll", Any, &[(&[L], 0), (&[J], 12), (&[L, J], 5)]),
    ("lh", Any, &[(&[L], 5), (&[L, J], 3)]),
    ("nh", Any, &[(&[N], 8), (&[N, J], 3)]),
    ("ão", Any, &[(&[A, N], 5), (&[A, U], 5)]),
    ("ce", Any, &[(&[S, E], 0), (&[Ts, E], 3), (&[Ch, E], 5)]),
    ("ce", End, &[(&[S], 3)]),
    // Japanese and Chinese, by the Russian rules for them.
    ("chi", Any, &[(&[T, I], 10)]),
    ("shi", Any, &[(&[S, I], 10)]),
    ("ji", Any, &[(&[Dz, I], 8)]),
    // Romanised names of the region. Սարգսյան is Sargsyan and Sarkisian.
    // Հակոբյան is Hakobyan and Акопян, Հովհաննիսյան Hovhannisyan and Оганесян.
    ("bya", Any, &[(&[P, J, A], 4)]),
    ("h", Start, &[(&[], 12)]),
    ("hovhannis", Start, &[(&[O, G, A, N, E, S], 5)]),
    ("hovh", Start, &[(&[H, O, V], 3)]),
    ("args", Any, &[(&[A, R, K, I, S], 3)]),
    ("sh", Any, &[(&[Sh], 0)]),
    ("zh", Any, &[(&[Zh], 0), (&[Dj], 8), (&[Z], 20), (&[Ch, Zh], 6)]),
    ("kh", Any, &[(&[X], 0), (&[K], 12), (&[H], 5)]),
    ("yy", End, &[(&[I], 0), (&[I, J], 0)]),
    ("iy", End, &[(&[I], 0), (&[I, J], 0)]),
    ("ii", Any, &[(&[I], 0), (&[I, J], 0)]),
    ("y", End, &[(&[I], 0), (&[I, J], 0)]),
    ("i", End, &[(&[I], 0), (&[I, J], 3)]),
    // Матвеев is Matveyev.
    ("eye", Any, &[(&[E], 3)]),
    ("iya", Any, &[(&[I, A], 0)]),
    ("y", Vowel, &[(&[J], 0)]),
    ("y", After, &[(&[J], 0)]),
    ("i", Vowel, &[(&[J], 0), (&[I, J], 3)]),
    ("e", Vowel, &[(&[I], 8)]),
    ("e", Start, &[(&[J, E], 3)]),
    ("ə", Any, &[(&[E], 3), (&[A], 3), (&[J, A], 10)]),
    ("x", Any, &[(&[K, S], 0), (&[X], 3), (&[H], 8), (&[Sh], 20), (&[G, Z], 5), (&[Z], 20)]),
    ("x", End, &[(&[], 20)]),
    ("ç", Any, &[(&[S], 8)]),
    ("c", Front, &[(&[S], 0), (&[Ts], 3), (&[Ch], 5), (&[Dj], 5)]),
    ("g", Front, &[(&[Dj], 3), (&[Zh], 5), (&[X], 15), (&[H], 12)]),
    ("ğ", Closed, &[(&[], 10)]),
    ("v", Any, &[(&[F], 12)]),
    ("ü", Any, &[(&[J, U], 3), (&[I], 15)]),
    ("ö", Any, &[(&[E], 5), (&[J, O], 8)]),
    ("ř", Any, &[(&[R, Zh], 0), (&[Zh], 8)]),
    ("ł", Any, &[(&[L], 0), (&[V], 10), (&[U], 10)]),
    ("n", Closed, &[(&[M], 40)]),
    ("d", End, &[(&[], 30)]),
    ("t", End, &[(&[], 25)]),
    ("s", End, &[(&[], 30)]),
    ("h", Closed, &[(&[], 5)]),
    ("r", Closed, &[(&[], 45)]),
    ("l", Closed, &[(&[], 45)]),
    // Single letters.
    ("a", Open, &[(&[E, J], 6)]),
    ("a", Closed, &[(&[E], 8)]),
    ("a", Any, &[(&[A], 0), (&[E, J], 18), (&[E], 14), (&[O], 22)]),
    ("ä", Any, &[(&[E], 0), (&[A], 5), (&[J, A], 8)]),
    ("b", Any, &[(&[B], 0)]),
    ("c", Any, &[(&[K], 0), (&[Ts], 12), (&[Dj], 10), (&[S], 20), (&[Ch], 14)]),
    ("č", Any, &[(&[Ch], 0)]),
    ("ć", Any, &[(&[Ch], 0), (&[Ts], 5)]),
    ("ç", Any, &[(&[Ch], 0)]),
    ("d", Any, &[(&[D], 0)]),
    ("e", Open, &[(&[I], 8), (&[E, J], 12)]),
    ("e", Between, &[(&[], 16)]),
    ("e", Any, &[(&[E], 0), (&[I], 22)]),
    ("ə", Any, &[(&[Ae], 0)]),
    ("f", Any, &[(&[F], 0)]),
    ("g", Any, &[(&[G], 0)]),
    ("ğ", Any, &[(&[SoftG], 0)]),
    ("h", Any, &[(&[H], 0)]),
    ("i", Open, &[(&[A, J], 6)]),
    ("i", Any, &[(&[I], 0), (&[A, J], 16), (&[Y], 5)]),
    ("j", Any, &[(&[J], 3), (&[Zh], 3), (&[Dj], 0), (&[X], 8)]),
    ("k", Any, &[(&[K], 0)]),
    ("l", Any, &[(&[L], 0)]),
    ("m", Any, &[(&[M], 0)]),
    ("n", Any, &[(&[N], 0)]),
    ("ñ", Any, &[(&[N, J], 0), (&[N], 3)]),
    ("o", Open, &[(&[O, U], 6)]),
    ("o", Closed, &[(&[A], 8)]),
    ("o", Any, &[(&[O], 0), (&[O, U], 12), (&[A], 18), (&[U], 25)]),
    ("ö", Any, &[(&[Oe], 0), (&[O], 8)]),
    ("œ", Any, &[(&[Oe], 0)]),
    ("p", Any, &[(&[P], 0)]),
    ("q", Any, &[(&[K], 0), (&[G], 3), (&[Q], 0), (&[Ch], 12)]),
    ("r", Any, &[(&[R], 0)]),
    ("ř", Any, &[(&[R], 5)]),
    ("s", Any, &[(&[S], 0), (&[Z], 8)]),
    ("ś", Any, &[(&[Sh], 3), (&[S], 0)]),
    ("š", Any, &[(&[Sh], 0)]),
    ("ş", Any, &[(&[Sh], 0)]),
    ("ß", Any, &[(&[S], 0)]),
    ("t", Any, &[(&[T], 0)]),
    ("þ", Any, &[(&[Th], 0)]),
    ("ð", Any, &[(&[D], 0), (&[Th], 0)]),
    ("u", Closed, &[(&[A], 6)]),
    ("u", Any, &[(&[U], 0), (&[A], 20), (&[J, U], 5), (&[Ue], 5), (&[O], 35), (&[V], 20)]),
    ("ü", Any, &[(&[Ue], 0), (&[U], 5)]),
    ("v", Any, &[(&[V], 0)]),
    ("w", Any, &[(&[W], 0), (&[V], 0), (&[U], 0)]),
    ("w", After, &[(&[], 15)]),
    ("x", Any, &[(&[K, S], 0)]),
    ("y", Any, &[(&[I], 0), (&[Y], 3), (&[J], 5), (&[A, J], 10), (&[Ue], 12), (&[J, U], 12)]),
    ("z", Any, &[(&[Z], 0), (&[Ts], 8), (&[S], 8), (&[Dz], 12)]),
    ("ż", Any, &[(&[Zh], 3), (&[Z], 5)]),
    ("ž", Any, &[(&[Zh], 0)]),
];

/// How English spelling is heard besides, in words that look English (see [`Look::of`]): a vowel that is not stressed
/// is a murmur, which other scripts write with any vowel or leave out.
#[rustfmt::skip]
const ENGLISH: &[(&str, Place, &[Reading])] = &[
    ("a", Any, &[(&[E], 8)]),
    ("a", Unstressed, &[(&[Y], 12)]),
    ("e", Unstressed, &[(&[Y], 12)]),
    ("i", Unstressed, &[(&[Y], 12)]),
    ("o", Unstressed, &[(&[Y], 12)]),
    ("u", Unstressed, &[(&[Y], 12)]),
    ("augh", Any, &[(&[A, H], 10), (&[A], 12)]),
    ("ough", Any, &[(&[O, X], 10)]),
    ("ough", Closed, &[(&[Y], 3)]),
    ("ugh", Any, &[(&[J, U], 5)]),
    ("y", End, &[(&[A, J], 6)]),
];

/// How Azerbaijani and Turkish letters are heard besides, in words that have such as only these languages write.
#[rustfmt::skip]
const TURKIC: &[(&str, Place, &[Reading])] = &[
    ("c", Any, &[(&[Dj], 0)]),
    ("e", Any, &[(&[A], 6)]),
    ("ə", Any, &[(&[A], 0), (&[E], 0)]),
    ("h", Any, &[(&[X], 0)]),
    ("j", Any, &[(&[Zh], 0)]),
    ("k", Any, &[(&[G], 3)]),
    ("q", Any, &[(&[G], 0), (&[Gh], 0)]),
    ("x", Any, &[(&[X], 0)]),
];

/// What English surnames are made with and other languages of the news hardly have.
const ENGLISH_SIGNS: &[&str] = &["ugh", "eigh", "igh", "ck", "oo", "ee", "th", "ow"];

/// Letters at the end of a word that English surnames have and other languages of the news hardly do.
const ENGLISH_ENDS: &[&str] = &["ley", "ton", "son", "ford", "field", "wood", "ham", "well"];

/// Letters at the start of a word that English surnames have and other languages of the news hardly do.
const ENGLISH_STARTS: &[&str] = &["wh", "kn", "wr", "mc"];

/// Letters that only Azerbaijani and Turkish have, of those that folding keeps.
const TURKIC_SIGNS: &[char] = &['ə', 'ğ', 'ş'];

/// What language a word looks like by its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    English,
    Turkic,
    None,
}

impl Look {
    /// The look of a word in folded Latin letters.
    pub(super) fn of(word: &[char]) -> Self {
        // All of these signs are ASCII, so that a letter is a byte.
        let is = |letters: &[char], it: &str| letters.iter().copied().eq(it.chars());
        let is_english = || {
            ENGLISH_SIGNS.iter().any(|it| word.windows(it.len()).any(|letters| is(letters, it)))
                || ENGLISH_ENDS.iter().any(|it| {
                    word.len()
                        .checked_sub(it.len())
                        .and_then(|at| word.get(at..))
                        .is_some_and(|letters| is(letters, it))
                })
                || ENGLISH_STARTS.iter().any(|it| word.get(..it.len()).is_some_and(|letters| is(letters, it)))
        };
        if word.iter().any(|it| TURKIC_SIGNS.contains(it)) {
            Self::Turkic
        } else if is_english() {
            Self::English
        } else {
            Self::None
        }
    }
}

/// A rule, ready to be tried.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    letters: Vec<char>,
    /// The second letter, by which most rules are ruled out.
    second: Option<char>,
    pub(super) place: Place,
    pub(super) readings: &'static [Reading],
    look: Look,
}

impl Rule {
    /// Whether letters start with those of the rule.
    #[inline]
    pub(super) fn starts(&self, letters: &[char]) -> bool {
        (self.second.is_none() || letters.get(1).copied() == self.second) && letters.starts_with(&self.letters)
    }

    /// The number of its letters.
    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }
}

/// All rules by their first letter.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// By the places of a to z.
    plain: [Vec<Rule>; 26],
    marked: HashMap<char, Vec<Rule>>,
}

impl Default for Rules {
    fn default() -> Self {
        let mut res = Self { plain: std::array::from_fn(|_| Vec::new()), marked: HashMap::new() };
        for (rules, look) in [(RULES, Look::None), (ENGLISH, Look::English), (TURKIC, Look::Turkic)] {
            for (letters, place, readings) in rules {
                let letters: Vec<char> = letters.chars().collect();
                let Some(first) = letters.first().copied() else { continue };
                let of_letter = match place_of(first).and_then(|it| res.plain.get_mut(it)) {
                    Some(it) => it,
                    None => res.marked.entry(first).or_default(),
                };
                let second = letters.get(1).copied();
                of_letter.push(Rule { letters, second, place: *place, readings, look });
            }
        }
        res
    }
}

fn place_of(letter: char) -> Option<usize> {
    u32::from(letter).checked_sub(u32::from('a')).and_then(|it| usize::try_from(it).ok()).filter(|it| *it < 26)
}

impl Rules {
    /// The rules that may hold for letters that start so, in a word that looks so.
    pub(super) fn for_letter(&self, first: char, look: Look) -> impl Iterator<Item = &Rule> {
        let found = match place_of(first) {
            Some(place) => self.plain.get(place),
            None => self.marked.get(&first),
        };
        found.into_iter().flatten().filter(move |it| it.look == Look::None || it.look == look)
    }
}

impl Place {
    pub(super) fn holds(self, word: &[char], at: usize, width: usize) -> bool {
        let next = word.get(at + width).copied();
        let before = at.checked_sub(1).and_then(|it| word.get(it)).copied();
        let is_between = before.is_some_and(|it| !is_vowel(it)) && next.is_some_and(|it| !is_vowel(it));
        match self {
            Self::Any => true,
            Self::Start => at == 0,
            Self::End => at > 0 && next.is_none(),
            Self::Vowel => next.is_some_and(is_vowel),
            Self::Front => matches!(next, Some('e' | 'i' | 'y' | 'ä' | 'ö' | 'ü')),
            Self::Closed => at > 0 && !next.is_some_and(is_vowel),
            Self::After => before.is_some_and(is_vowel),
            Self::Open => {
                next.is_some_and(|it| !is_vowel(it)) && word.get(at + width + 1).copied().is_some_and(is_vowel)
            }
            Self::Between => is_between && at > 1,
            Self::Unstressed => is_between && word.iter().take(at).any(|it| is_vowel(*it)),
        }
    }
}

pub(super) fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ə' | 'ä' | 'ö' | 'ü' | 'œ')
}
