//! The sounds that letters of all scripts are read as, and what it costs to take one for another.

use super::{
    Script,
    spelling::{Beside, Surroundings, omitted, omitted_in_abjad},
};

/// A sound, or a letter that stands for one of several and is left unclear until it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Sound {
    A,
    /// Between a and e: `ə`, `ä`.
    Ae,
    E,
    I,
    /// `ы`, `ı`, Armenian `ը`.
    Y,
    O,
    /// `ö`; also `ё` where it is printed.
    Oe,
    U,
    /// `ü`.
    Ue,
    /// `й`, English `y` before a vowel.
    J,
    B,
    P,
    D,
    T,
    G,
    K,
    /// Latin `q` and Persian `ق`: k, g or gh.
    Q,
    /// `х`, `kh`.
    X,
    /// `ღ`, `غ`, `gh`.
    Gh,
    H,
    V,
    F,
    W,
    S,
    Z,
    Sh,
    Zh,
    Ch,
    Dj,
    Ts,
    Dz,
    M,
    N,
    L,
    R,
    /// English `th`.
    Th,
    /// Turkish `ğ`.
    SoftG,
    /// Latin `c`: k, s, ts or dj.
    LatinC,
    /// Latin `ch`: ch, sh, kh or k.
    LatinCh,
    /// Latin `j`: y, zh, dj or kh.
    LatinJ,
    /// Latin `g` before e, i or y: g, dj or zh.
    LatinG,
    /// Latin `x`: ks or kh.
    LatinX,
    /// Georgian `ფ`: p or f.
    Phi,
    /// Ukrainian `г`: h, and g of other languages.
    Hg,
    /// Persian `و`: v, u or o.
    Waw,
    /// Persian `ی`: i, y or e.
    Ya,
    /// Persian `ا` inside a word: a long a.
    Alef,
    /// Persian `ا` at the start: some vowel.
    FirstAlef,
    /// Persian `ه` at the end: e, a or h.
    LastHeh,
    /// Persian `ف` at the end: f, and the v of Russian surnames, which is heard so.
    LastFeh,
    /// Turkish `h`: h, and kh of other languages.
    TurkishH,
    /// Turkish `k` beside a, o or u: k, and q and gh of other languages.
    TurkishK,
}

/// Costs are counted in hundredths; a different sound costs this much.
pub(super) const DIFFERENT: u8 = 100;

/// The number of sounds.
pub(super) const SOUNDS: usize = Sound::TurkishK as usize + 1;

/// A power of two over the number of sounds, so that two make an index.
const ROW: usize = 64;

use Sound::{
    A, Ae, Alef, B, Ch, D, Dj, Dz, E, F, FirstAlef, G, Gh, H, Hg, I, J, K, L, LastFeh, LastHeh, LatinC, LatinCh,
    LatinG, LatinJ, LatinX, M, N, O, Oe, P, Phi, Q, R, S, Sh, SoftG, T, Th, Ts, TurkishH, TurkishK, U, Ue, V, W, Waw,
    X, Y, Ya, Z, Zh,
};

/// Pairs that are taken for each other, with the cost. A pair that is not listed is different; two vowels
/// that are not listed cost [`OTHER_VOWEL`].
#[rustfmt::skip]
const NEAR: &[(Sound, Sound, u8)] = &[
    // Vowels.
    (A, Ae, 6),
    (Ae, E, 1),
    (A, E, 45),
    (A, O, 40),
    (A, Y, 35),
    (E, I, 45),
    (E, Y, 25),
    (E, Oe, 12),
    (I, Y, 8),
    (O, U, 45),
    (O, Oe, 15),
    (U, Ue, 8),
    (Ue, I, 25),
    (Ue, Oe, 25),
    (Ue, Y, 25),
    (U, Y, 40),
    (Oe, U, 35),
    (I, J, 5),
    (Y, J, 15),
    (E, J, 35),
    (Ue, J, 30),
    // Persian letters.
    (Ya, I, 0),
    (Ya, J, 0),
    (Ya, E, 12),
    (Ya, Y, 10),
    (Ya, Ue, 35),
    (Ya, Ae, 45),
    (Ya, Oe, 35),
    (Waw, O, 0),
    (Waw, U, 0),
    (Waw, V, 0),
    (Waw, W, 0),
    (Waw, Oe, 0),
    (Waw, Ue, 0),
    (Waw, F, 25),
    (Waw, E, 45),
    (Waw, A, 45),
    (Alef, A, 0),
    (Alef, Ae, 10),
    (Alef, E, 35),
    (Alef, O, 25),
    (Alef, Y, 35),
    (Alef, U, 45),
    (FirstAlef, A, 0),
    (FirstAlef, Ae, 5),
    (FirstAlef, E, 5),
    (FirstAlef, O, 5),
    (FirstAlef, Oe, 10),
    (FirstAlef, I, 15),
    (FirstAlef, U, 15),
    (FirstAlef, Y, 15),
    (FirstAlef, Ue, 20),
    (FirstAlef, Alef, 0),
    (LastHeh, E, 5),
    (LastHeh, A, 8),
    (LastHeh, Ae, 5),
    (LastHeh, H, 5),
    (LastHeh, O, 50),
    (LastFeh, F, 0),
    (LastFeh, V, 0),
    (LastFeh, Phi, 0),
    (LastFeh, W, 25),
    (LastFeh, Waw, 25),
    (LastFeh, P, 50),
    (LastFeh, B, 50),
    // Voiced and voiceless.
    (B, P, 45),
    (D, T, 45),
    (G, K, 45),
    (V, F, 20),
    (Z, S, 25),
    (Zh, Sh, 25),
    (Dj, Ch, 30),
    (Dz, Ts, 20),
    // Hissing sounds.
    (S, Sh, 40),
    (Z, Zh, 35),
    (Sh, Ch, 40),
    (Zh, Dj, 12),
    (Ch, Ts, 30),
    (Dj, Dz, 25),
    (S, Ts, 30),
    (Z, Dz, 20),
    (Z, Ts, 40),
    (Z, Dj, 40),
    (S, Ch, 55),
    (Ch, Zh, 45),
    (Sh, Dj, 45),
    (S, Dz, 45),
    (Ch, Dz, 45),
    // The back of the mouth.
    (K, X, 35),
    (G, Gh, 5),
    (Gh, K, 40),
    (Gh, X, 30),
    (G, X, 45),
    (X, H, 5),
    (G, H, 10),
    (Gh, H, 25),
    (K, H, 70),
    (Q, K, 0),
    (Q, G, 0),
    (Q, Gh, 5),
    (Q, X, 35),
    (Q, SoftG, 10),
    (Hg, G, 0),
    (Hg, H, 0),
    // Гант is Хант in Russian.
    (Hg, X, 3),
    (Hg, Gh, 5),
    (Hg, Q, 5),
    (Hg, K, 45),
    (Hg, SoftG, 0),
    (Hg, LatinG, 0),
    (Hg, LatinX, 10),
    (Hg, LatinCh, 20),
    (SoftG, G, 0),
    (SoftG, Gh, 0),
    (SoftG, H, 15),
    (SoftG, J, 10),
    (SoftG, K, 40),
    (SoftG, V, 30),
    (TurkishH, H, 0),
    (TurkishH, X, 0),
    (TurkishH, Gh, 25),
    (TurkishH, G, 10),
    (TurkishH, Hg, 0),
    (TurkishH, K, 35),
    (TurkishH, LatinX, 0),
    (TurkishH, LatinCh, 5),
    (TurkishH, LatinJ, 15),
    (TurkishH, LastHeh, 5),
    (TurkishK, K, 0),
    (TurkishK, Q, 0),
    (TurkishK, G, 6),
    (TurkishK, Gh, 6),
    (TurkishK, Hg, 3),
    (TurkishK, X, 35),
    (TurkishK, H, 70),
    (TurkishK, SoftG, 40),
    (TurkishK, LatinC, 0),
    (TurkishK, LatinCh, 12),
    (TurkishK, LatinG, 35),
    (TurkishK, LatinX, 20),
    // Lips.
    (F, P, 50),
    (B, V, 50),
    (Phi, P, 0),
    (Phi, F, 0),
    (Phi, B, 45),
    (Phi, V, 35),
    (W, V, 3),
    (W, U, 3),
    (W, O, 20),
    (W, F, 25),
    // Unclear Latin letters.
    (Th, T, 0),
    (Th, D, 20),
    (Th, S, 15),
    (Th, F, 20),
    (Th, Z, 20),
    (LatinC, K, 0),
    (LatinC, S, 5),
    (LatinC, Ts, 5),
    (LatinC, Dj, 10),
    (LatinC, Ch, 15),
    (LatinC, Sh, 40),
    (LatinC, Q, 10),
    (LatinC, G, 35),
    (LatinCh, Ch, 0),
    (LatinCh, X, 5),
    (LatinCh, Sh, 8),
    (LatinCh, K, 12),
    (LatinCh, H, 15),
    (LatinCh, LatinC, 20),
    (LatinJ, I, 5),
    (LatinJ, J, 0),
    (LatinJ, Ya, 0),
    (LatinJ, Zh, 3),
    (LatinJ, Dj, 0),
    (LatinJ, X, 15),
    (LatinJ, H, 20),
    (LatinJ, LatinG, 5),
    (LatinG, G, 0),
    (LatinG, Dj, 3),
    (LatinG, Zh, 5),
    (LatinG, H, 12),
    (LatinG, Gh, 5),
    (LatinG, K, 35),
    (LatinX, X, 0),
    (LatinX, K, 20),
    (LatinX, H, 8),
    (LatinX, Sh, 20),
    (LatinX, Z, 25),
    (LatinX, S, 30),
];

/// In Armenian the three rows of stops are heard and spelled across each other, east against west.
const NEAR_IN_ARMENIAN: &[(Sound, Sound, u8)] =
    &[(B, P, 20), (D, T, 20), (G, K, 20), (Dj, Ch, 20), (Dz, Ts, 15), (Gh, X, 25)];

const OTHER_VOWEL: u8 = 75;

impl Sound {
    pub(super) fn is_vowel(self) -> bool {
        matches!(self, A | Ae | E | I | Y | O | Oe | U | Ue | Alef | FirstAlef | LastHeh)
    }

    /// The classes of consonants it may belong to, for finding candidates; 0 where it may be none.
    pub(super) fn classes(self) -> &'static [u8] {
        match self {
            B | P => &[1],
            F | V | LastFeh => &[2],
            Phi => &[1, 2],
            D | T => &[3],
            G | K | X | Q | LatinX | Hg | TurkishK => &[4],
            S | Z | Sh | Zh | Ch | Dj | Ts | Dz => &[5],
            M => &[6],
            N => &[7],
            L => &[8],
            R => &[9],
            Gh | SoftG | H | TurkishH => &[4, 0],
            W | Waw => &[2, 0],
            Th => &[3, 5],
            LatinC | LatinCh | LatinG => &[4, 5],
            LatinJ => &[5, 0],
            _ => &[0],
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// The sounds by their places in a slot of a key; see [`super::key::bit`]. The last one stands for several.
const IN_SLOT: [Sound; 14] = [A, Ae, E, I, Y, O, Oe, U, Ue, J, FirstAlef, LastHeh, Ya, Waw];

/// The sounds that may be consonants of each class.
pub(super) const MEMBERS: [&[Sound]; 10] = [
    &[],
    &[B, P, Phi],
    &[F, V, Phi, W, Waw, LastFeh],
    &[D, T, Th],
    &[G, K, X, Q, LatinX, Gh, SoftG, H, LatinC, LatinCh, LatinG, Hg, TurkishH, TurkishK],
    &[S, Z, Sh, Zh, Ch, Dj, Ts, Dz, Th, LatinC, LatinCh, LatinG, LatinJ],
    &[M],
    &[N],
    &[L],
    &[R],
];

/// What it costs to take one sound for another, in hundredths.
#[derive(Debug, Clone)]
pub(super) struct Costs {
    table: Box<[u8]>,
    /// The least cost between the sounds of two slots; the same where a letter of Persian may be meant.
    slots: [[[u8; 14]; 14]; 2],
    /// What the consonants of each class cost against each other, by their places in it.
    members: Box<[[[u8; 16]; 16]]>,
    /// The least that each sound of a slot of a word costs where the name has nothing for it; the same against names
    /// that have no short vowels.
    extra: [[u8; 14]; 2],
    /// What the sounds of a slot cost against each that a word may have alone, by their bits; in Persian and elsewhere.
    alone: [Box<[[u8; 16]]>; 2],
}

impl Costs {
    pub(super) fn new(is_armenian: bool) -> Self {
        let mut table = vec![DIFFERENT; ROW * ROW].into_boxed_slice();
        let vowels = [A, Ae, E, I, Y, O, Oe, U, Ue];
        let mut set = |a: Sound, b: Sound, cost: u8| {
            for at in [a.index() * ROW + b.index(), b.index() * ROW + a.index()] {
                if let Some(it) = table.get_mut(at) {
                    *it = cost;
                }
            }
        };
        for a in vowels {
            for b in vowels.into_iter().chain([Alef]) {
                set(a, b, OTHER_VOWEL);
            }
        }
        let more = if is_armenian { NEAR_IN_ARMENIAN } else { &[] };
        for (a, b, cost) in NEAR.iter().chain(more) {
            set(*a, *b, *cost);
        }
        for at in 0..ROW {
            if let Some(it) = table.get_mut(at * ROW + at) {
                *it = 0;
            }
        }
        let mut res = Self {
            table,
            slots: [[[0; 14]; 14]; 2],
            members: Box::default(),
            extra: [false, true].map(|is_abjad| IN_SLOT.map(|it| least_omitted(it, is_abjad))),
            alone: Default::default(),
        };
        let least = |name: &[Sound], word: &[Sound]| {
            let costs = name.iter().flat_map(|name| word.iter().map(|word| res.of(*name, *word)));
            costs.min().and_then(|it| u8::try_from(it).ok()).unwrap_or_default()
        };
        // Alef has the place of A, and is nearer to some sounds.
        let both = |it: Sound| if it == A { vec![A, Alef] } else { vec![it] };
        res.slots = [
            IN_SLOT.map(|name| IN_SLOT.map(|word| least(&[name], &[word]))),
            IN_SLOT.map(|name| IN_SLOT.map(|word| least(&both(name), &both(word)))),
        ];
        let narrow = |it: u16| u8::try_from(it).unwrap_or(u8::MAX);
        let places = || std::array::from_fn::<u16, 16, _>(|at| 1 << at);
        let of_class = |class: usize| places().map(|b| places().map(|a| narrow(res.of_sounds(class, a, b))));
        let members: Vec<_> = (0..MEMBERS.len()).map(of_class).collect();
        let alone = |abjad| places().map(|word| places().map(|a| narrow(res.of_slots(a, word, abjad, false))));
        let alone = [Abjad::Neither, Abjad::Word].map(|it| alone(it).to_vec().into_boxed_slice());
        (res.members, res.alone) = (members.into_boxed_slice(), alone);
        res
    }

    /// What each consonant of a class costs against one that may be several of it.
    #[inline]
    pub(super) fn against_members(&self, class: usize, word: u16) -> [u8; 16] {
        let rows = self.members.get(class);
        let row = rows.filter(|_| word.is_power_of_two()).and_then(|it| it.get(word.trailing_zeros() as usize));
        row.copied().unwrap_or_else(|| {
            std::array::from_fn(|at| u8::try_from(self.of_members(class, 1 << at, word)).unwrap_or(u8::MAX))
        })
    }

    /// What each sound of a slot costs against the one of a word, the last place for none.
    #[inline]
    pub(super) fn against_alone(&self, word: u16, is_abjad: bool) -> [u8; 16] {
        let [elsewhere, in_abjad] = &self.alone;
        let rows = if is_abjad { in_abjad } else { elsewhere };
        rows.get(word.trailing_zeros() as usize).copied().unwrap_or_default()
    }

    /// What each sound costs against one, in the order of the sounds; all by their numbers.
    pub(super) fn row(&self, sound: usize) -> &[u8] {
        self.table.get(sound * ROW..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn of(&self, a: Sound, b: Sound) -> u16 {
        self.of_codes(a.index(), b.index())
    }

    /// The cost of taking one sound for another, by their numbers.
    #[inline]
    pub(super) fn of_codes(&self, a: usize, b: usize) -> u16 {
        u16::from(self.table.get(a * ROW + b).copied().unwrap_or(DIFFERENT))
    }

    /// The least that it costs to take a consonant of a class for another of it; both may be one of several.
    #[inline]
    pub(super) fn of_members(&self, class: usize, a: u16, b: u16) -> u16 {
        if a & b != 0 {
            return 0;
        }
        let Some(rows) = self.members.get(class) else { return u16::from(DIFFERENT) };
        let (mut least, mut rest) = (u16::from(DIFFERENT), a);
        while rest != 0 {
            let row = rows.get(rest.trailing_zeros() as usize);
            least = row.map_or(least, |it| least.min(least_of(it, b)));
            rest &= rest - 1;
        }
        least
    }

    /// The least cost between consonants of a class, from the table of all sounds.
    fn of_sounds(&self, class: usize, a: u16, b: u16) -> u16 {
        if a & b != 0 {
            return 0;
        }
        let members = MEMBERS.get(class).copied().unwrap_or_default();
        let mut least = u16::from(DIFFERENT);
        for (_, one) in members.iter().enumerate().filter(|(at, _)| a & 1 << at != 0) {
            for (_, other) in members.iter().enumerate().filter(|(at, _)| b & 1 << at != 0) {
                least = least.min(self.of(*one, *other));
            }
        }
        least
    }

    /// The least that it costs to take what may stand between two consonants of a name for what stands there in a word.
    #[inline]
    pub(super) fn of_slots(&self, name: u16, word: u16, abjad: Abjad, is_choice: bool) -> u16 {
        const NOTHING: u16 = 1 << 15;
        const OTHER: u16 = 1 << 14;
        // A short vowel costs nothing to leave out in Persian, any other something.
        let none = if name & (NOTHING | OTHER) != 0 || abjad != Abjad::Neither { 0 } else { LEAST_OMITTED };
        if word & !NOTHING == 0 {
            return none;
        }
        if (name | word) & OTHER != 0 {
            return 0;
        }
        let [plain, in_abjad] = &self.extra;
        let extra = if abjad == Abjad::Name { in_abjad } else { plain };
        let [plain, in_abjad] = &self.slots;
        let slots = if abjad == Abjad::Neither { plain } else { in_abjad };
        let (mut most, mut fewest) = (0, if word & NOTHING != 0 { none } else { u16::MAX });
        let mut rest = word & !NOTHING;
        while rest != 0 {
            let sound = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let mut least = extra.get(sound).copied().unwrap_or_default();
            let mut names = name & !NOTHING;
            while names != 0 {
                let at = names.trailing_zeros() as usize;
                names &= names - 1;
                least = least.min(slots.get(at).and_then(|it| it.get(sound)).copied().unwrap_or(0));
            }
            most = most.max(u16::from(least));
            fewest = fewest.min(u16::from(least));
        }
        if is_choice { fewest } else { most }
    }
}

/// The least of the costs at the bits that are set.
#[inline]
pub(super) fn least_of(row: &[u8; 16], bits: u16) -> u16 {
    let (mut res, mut rest) = (u8::MAX, bits);
    while rest != 0 {
        res = res.min(row.get(rest.trailing_zeros() as usize).copied().unwrap_or_default());
        rest &= rest - 1;
    }
    u16::from(res)
}

/// The least that leaving out a vowel costs anywhere.
const LEAST_OMITTED: u16 = 12;

/// Which of two words that are compared writes no short vowels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abjad {
    Neither,
    Name,
    Word,
}

impl Abjad {
    /// By the scripts of the two.
    pub(super) fn of(name: Script, word: Script) -> Self {
        match (name, word) {
            _ if name == word => Self::Neither,
            (Script::Arabic, _) => Self::Name,
            (_, Script::Arabic) => Self::Word,
            _ => Self::Neither,
        }
    }
}

/// The least that leaving out a sound costs, whatever stands around it.
fn least_omitted(sound: Sound, is_abjad: bool) -> u8 {
    let cost = |place| if is_abjad { omitted_in_abjad(sound, place) } else { omitted(sound, place) };
    let ends = [(false, false), (false, true), (true, false), (true, true)];
    let beside = [Beside::Neither, Beside::Before, Beside::After, Beside::Both];
    let places =
        ends.iter().flat_map(|&(is_first, is_last)| beside.map(|vowels| Surroundings { is_first, is_last, vowels }));
    places.map(cost).min().unwrap_or_default()
}
