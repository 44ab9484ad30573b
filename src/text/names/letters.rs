//! Reads letters as sounds, script by script. Words must be folded (see [`super::super::fold()`]).

use super::{
    Script,
    sounds::Sound::{
        self, A, Ae, Alef, B, Ch, D, Dj, Dz, E, F, FirstAlef, G, Gh, H, Hg, I, J, K, L, LastFeh, LastHeh, LatinC,
        LatinCh, LatinG, LatinJ, LatinX, M, N, O, Oe, P, Phi, Q, R, S, Sh, SoftG, T, Th, Ts, TurkishH, TurkishK, U, Ue,
        V, W, Waw, X, Y, Ya, Z, Zh,
    },
};

/// How a language reads letters that others read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// None in particular.
    Usual,
    Azerbaijani,
    Turkish,
    Ukrainian,
    /// Persian, where two letters that may write one sound are two with a short vowel between: تسلنکو is Teslenko, and
    /// تسرتلی Tsereteli. See [`is_unclear`].
    Apart,
}

/// Whether letters of Persian may write one sound or two; nothing in the word says which. So may those at its start:
/// اومانسکی is Umansky, and اورمن Overman.
pub(super) fn is_unclear(word: &[char]) -> bool {
    word.starts_with(&['ا', 'و']) || word.windows(2).any(|it| matches!(it, [a, b] if affricate(*a, *b).is_some()))
}

/// The affricate that two letters of Persian may write: Georgian ძ, ც and ჯ, Russian щ.
fn affricate(a: char, b: char) -> Option<Sound> {
    Some(match (a, b) {
        ('ت' | 'ط', 'س' | 'ز') => Ts,
        ('ت' | 'ط', 'چ') => Ch,
        ('د', 'ج') => Dj,
        ('د', 'ز') => Dz,
        ('ش', 'چ') => Sh,
        _ => return None,
    })
}

/// Reads a folded word: the one plain reading, with unclear letters left unclear.
///
/// A doubled consonant counts once: scripts and outlets differ in doubling (Винников, ვინიკოვი). So does a stop before
/// the affricate that begins with it: თეტჩერი and Թետչեր, Tetçer and Тэтчер. And Russian щ is one sound, which others
/// write as two.
pub(super) fn sounds(word: &[char], script: Script, habit: Habit, res: &mut Vec<Sound>) {
    res.clear();
    let mut at = 0;
    while let Some(c) = word.get(at).copied() {
        let next = word.get(at + 1).copied().unwrap_or(' ');
        let start = res.len();
        at += match script {
            Script::Latin => latin(word, at, habit, res),
            Script::Cyrillic => cyrillic(c, next, habit == Habit::Ukrainian, res),
            Script::Armenian => armenian(c, next, at == 0, res),
            Script::Georgian => georgian(c, next, res),
            Script::Arabic => persian(word, at, habit == Habit::Apart, res),
            Script::Other => 1,
        };
        // Persian writes no doubles, so that two equal letters there have a vowel between.
        if script != Script::Arabic && start > 0 && res.len() > start {
            let before = res.get(start - 1).copied();
            if before.is_some() && before == res.get(start).copied() {
                res.remove(start);
            }
        }
    }
    // What adjectives end with is heard, and written elsewhere, as one vowel: Зеленский. So it is before an ending of
    // Azerbaijani and Turkish, Zelenskiyin; at the end of a word all readings of Latin letters have both.
    if script != Script::Arabic && matches!(res.as_slice(), [.., I | Y, J]) {
        res.pop();
    }
}

fn cyrillic(c: char, next: char, is_ukrainian: bool, res: &mut Vec<Sound>) -> usize {
    let (sound, len) = match (c, next) {
        ('д', 'ж') => (Dj, 2),
        ('д', 'з') => (Dz, 2),
        ('т', 'с' | 'ц') => (Ts, 2),
        ('т', 'ч') => (Ch, 2),
        ('ш', 'ч') => (Sh, 2),
        ('а', _) => (A, 1),
        ('ә', _) => (Ae, 1),
        ('б', _) => (B, 1),
        ('в' | 'ў', _) => (V, 1),
        ('г', _) if is_ukrainian => (Hg, 1),
        ('г' | 'ґ' | 'ѓ', _) => (G, 1),
        ('ғ', _) => (Gh, 1),
        ('д', _) => (D, 1),
        ('е' | 'э' | 'є', _) => (E, 1),
        ('ж', _) => (Zh, 1),
        ('з', _) => (Z, 1),
        ('и' | 'і' | 'ї', _) => (I, 1),
        ('ы', _) => (Y, 1),
        ('й' | 'ј', _) => (J, 1),
        ('к' | 'қ', _) => (K, 1),
        ('л' | 'љ', _) => (L, 1),
        ('м', _) => (M, 1),
        ('н' | 'ң' | 'њ', _) => (N, 1),
        ('о', _) => (O, 1),
        ('ө', _) => (Oe, 1),
        ('п', _) => (P, 1),
        ('р', _) => (R, 1),
        ('с', _) => (S, 1),
        ('т', _) => (T, 1),
        ('у', _) => (U, 1),
        ('ү' | 'ұ', _) => (Ue, 1),
        ('ф', _) => (F, 1),
        ('х', _) => (X, 1),
        ('һ', _) => (H, 1),
        ('ц', _) => (Ts, 1),
        ('ч' | 'ћ', _) => (Ch, 1),
        ('ш' | 'щ', _) => (Sh, 1),
        ('џ' | 'ђ', _) => (Dj, 1),
        ('ю', _) => {
            res.push(J);
            (U, 1)
        }
        ('я', _) => {
            res.push(J);
            (A, 1)
        }
        _ => return 1,
    };
    res.push(sound);
    len
}

fn armenian(c: char, next: char, is_first: bool, res: &mut Vec<Sound>) -> usize {
    let (sound, len) = match (c, next) {
        ('ո', 'ւ') => (U, 2),
        ('թ' | 'տ', 'ս' | 'ց' | 'ծ') => (Ts, 2),
        ('թ' | 'տ', 'չ' | 'ճ') => (Ch, 2),
        ('շ', 'չ' | 'ճ') => (Sh, 2),
        ('դ', 'ջ') => (Dj, 2),
        ('դ', 'զ') => (Dz, 2),
        ('ա', _) => (A, 1),
        ('բ', _) => (B, 1),
        ('գ', _) => (G, 1),
        ('դ', _) => (D, 1),
        ('ե', _) if is_first => {
            res.push(J);
            (E, 1)
        }
        ('ե' | 'է', _) => (E, 1),
        ('զ', _) => (Z, 1),
        ('ը', _) => (Y, 1),
        ('թ' | 'տ', _) => (T, 1),
        ('ժ', _) => (Zh, 1),
        ('ի', _) => (I, 1),
        ('լ', _) => (L, 1),
        ('խ', _) => (X, 1),
        ('ծ' | 'ց', _) => (Ts, 1),
        ('կ' | 'ք', _) => (K, 1),
        ('հ', _) => (H, 1),
        ('ձ', _) => (Dz, 1),
        ('ղ', _) => (Gh, 1),
        ('ճ' | 'չ', _) => (Ch, 1),
        ('մ', _) => (M, 1),
        ('յ', _) => (J, 1),
        ('ն', _) => (N, 1),
        ('շ', _) => (Sh, 1),
        ('ո', _) if is_first && next != 'վ' => {
            res.push(V);
            (O, 1)
        }
        ('ո' | 'օ', _) => (O, 1),
        ('պ' | 'փ', _) => (P, 1),
        ('ջ', _) => (Dj, 1),
        ('ռ' | 'ր', _) => (R, 1),
        ('ս', _) => (S, 1),
        ('վ' | 'ւ', _) => (V, 1),
        ('ֆ', _) => (F, 1),
        _ => return 1,
    };
    res.push(sound);
    len
}

fn georgian(c: char, next: char, res: &mut Vec<Sound>) -> usize {
    let (sound, len) = match (c, next) {
        ('თ' | 'ტ', 'ს' | 'ც' | 'წ') => (Ts, 2),
        ('თ' | 'ტ', 'ჩ' | 'ჭ') => (Ch, 2),
        ('შ', 'ჩ' | 'ჭ') => (Sh, 2),
        ('დ', 'ზ') => (Dz, 2),
        ('დ', 'ჯ') => (Dj, 2),
        ('ა', _) => (A, 1),
        ('ბ', _) => (B, 1),
        ('გ', _) => (G, 1),
        ('დ', _) => (D, 1),
        ('ე', _) => (E, 1),
        ('ვ', _) => (V, 1),
        ('ზ', _) => (Z, 1),
        ('თ' | 'ტ', _) => (T, 1),
        ('ი', _) => (I, 1),
        ('კ' | 'ქ' | 'ყ', _) => (K, 1),
        ('ლ', _) => (L, 1),
        ('მ', _) => (M, 1),
        ('ნ', _) => (N, 1),
        ('ო', _) => (O, 1),
        ('პ', _) => (P, 1),
        ('ფ', _) => (Phi, 1),
        ('ჟ', _) => (Zh, 1),
        ('რ', _) => (R, 1),
        ('ს', _) => (S, 1),
        ('უ', _) => (U, 1),
        ('ღ', _) => (Gh, 1),
        ('შ', _) => (Sh, 1),
        ('ჩ' | 'ჭ', _) => (Ch, 1),
        ('ც' | 'წ', _) => (Ts, 1),
        ('ძ', _) => (Dz, 1),
        ('ხ', _) => (X, 1),
        ('ჯ', _) => (Dj, 1),
        ('ჰ', _) => (H, 1),
        _ => return 1,
    };
    res.push(sound);
    len
}

fn persian(word: &[char], at: usize, is_apart: bool, res: &mut Vec<Sound>) -> usize {
    let Some(c) = word.get(at).copied() else { return 1 };
    let next = word.get(at + 1).copied().unwrap_or(' ');
    if let Some(sound) = affricate(c, next).filter(|_| !is_apart) {
        res.push(sound);
        return 2;
    }
    let (sound, len) = match (c, next) {
        ('ا', 'ی') if at == 0 => (I, 2),
        ('ا', 'و') if at == 0 && !is_apart => (Waw, 2),
        ('ا' | 'ع', _) if at == 0 => (FirstAlef, 1),
        // علی‌اف is Aliyev: the formative of Russian surnames.
        ('ا', 'ف') if at >= 2 && at + 2 == word.len() => {
            res.push(FirstAlef);
            (LastFeh, 2)
        }
        // So are اوف and اوغلو, with an alef that only props up the vowel.
        ('ا', 'و') if at >= 2 && is_formative(word.get(at..).unwrap_or_default()) => (Waw, 2),
        ('ا' | 'ع', _) => (Alef, 1),
        ('ب', _) => (B, 1),
        ('پ', _) => (P, 1),
        ('ت' | 'ط', _) => (T, 1),
        ('ث' | 'س' | 'ص', _) => (S, 1),
        ('ج', _) => (Dj, 1),
        ('چ', _) => (Ch, 1),
        ('ه', _) if at > 0 && at + 1 == word.len() => (LastHeh, 1),
        ('ح' | 'ه', _) => (H, 1),
        ('خ', _) => (X, 1),
        ('د', _) => (D, 1),
        ('ذ' | 'ز' | 'ض' | 'ظ', _) => (Z, 1),
        ('ر', _) => (R, 1),
        ('ژ', _) => (Zh, 1),
        ('ش', _) => (Sh, 1),
        ('غ', _) => (Gh, 1),
        ('ق', _) => (Q, 1),
        // پسکوف is Peskov: Russian has no voiced sound at the end of a word. After a written vowel, as in its surnames;
        // شرف is honour.
        ('ف', _)
            if at > 2
                && at + 1 == word.len()
                && at.checked_sub(1).and_then(|it| word.get(it)).is_some_and(|it| matches!(it, 'ا' | 'و' | 'ی')) =>
        {
            (LastFeh, 1)
        }
        ('ف', _) => (F, 1),
        ('ک', _) => (K, 1),
        ('گ', _) => (G, 1),
        ('ل', _) => (L, 1),
        ('م', _) => (M, 1),
        ('ن', _) => (N, 1),
        ('و', _) => (Waw, 1),
        ('ی', _) => (Ya, 1),
        _ => return 1,
    };
    res.push(sound);
    len
}

fn is_formative(end: &[char]) -> bool {
    matches!(end, ['ا', 'و', 'ف'] | ['ا', 'و', 'غ', 'ل', 'و', ..])
}

/// A Latin letter without its mark, where the mark does not change the sound.
pub(super) fn unmarked(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' | 'ạ' | 'ả' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'ế' | 'ệ' | 'ề' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ō' | 'ơ' | 'ồ' => 'o',
        'ú' | 'ù' | 'û' | 'ū' | 'ů' | 'ư' => 'u',
        'ý' | 'ÿ' => 'y',
        'ń' | 'ň' | 'ņ' => 'n',
        'ť' | 'ţ' | 'ț' => 't',
        'ď' | 'đ' => 'd',
        'ł' | 'ľ' | 'ļ' => 'l',
        'ŗ' => 'r',
        'ķ' => 'k',
        'ģ' => 'g',
        'ź' => 'z',
        'ő' | 'ø' => 'ö',
        'ű' => 'ü',
        'æ' => 'ä',
        'ș' => 'ş',
        _ => c,
    }
}

/// A folded Latin letter without any mark.
pub(super) fn ascii(c: char) -> char {
    match c {
        'ə' | 'ä' => 'e',
        'ç' | 'č' => 'c',
        'ğ' => 'g',
        'ö' => 'o',
        'ş' | 'š' => 's',
        'ü' => 'u',
        'ž' => 'z',
        _ => c,
    }
}

/// One plain reading of Latin letters, either of no particular language or of Azerbaijani and Turkish.
fn latin(word: &[char], at: usize, habit: Habit, res: &mut Vec<Sound>) -> usize {
    let is_turkish = habit == Habit::Turkish;
    let is_turkic = is_turkish || habit == Habit::Azerbaijani;
    let letter = |n: usize| word.get(at + n).copied().map_or(' ', unmarked);
    let (c, next, third) = (letter(0), letter(1), letter(2));
    let before = at.checked_sub(1).and_then(|it| word.get(it)).copied().unwrap_or(' ');
    let is_back = |it: char| matches!(it, 'a' | 'o' | 'u');
    let front = matches!(next, 'e' | 'i' | 'y');
    let (sound, len) = match (c, next, third) {
        ('d', 'c', _) if is_turkic => (Dj, 2),
        ('c', _, _) if is_turkic => (Dj, 1),
        ('j', _, _) if is_turkic => (Zh, 1),
        ('x', _, _) if is_turkic => (LatinX, 1),
        ('g', _, _) if is_turkic => (G, 1),
        ('q', _, _) if is_turkic => (Q, 1),
        // What Turkish has not from itself: Seferov is Səfərov, Hatemi Xatəmi and Kasımov Qasımov.
        ('e', _, _) if is_turkish => (Ae, 1),
        ('h', _, _) if is_turkish => (TurkishH, 1),
        ('k', _, _) if is_turkish && (is_back(before) || is_back(next)) => (TurkishK, 1),
        ('s', 'c', 'h') => (Sh, 3),
        ('t', 's', 'h') if is_turkish => (Ts, 2),
        ('s', 'h', 'c') if letter(3) == 'h' => (Sh, 4),
        ('t', 'c' | 's', 'h') => (Ch, 3),
        ('d', 'z', 'h') => (Dj, 3),
        ('s', 'h' | 'z', _) | ('ş' | 'š', 'ç' | 'č' | 'ć', _) => (Sh, 2),
        ('z', 'h', _) => (Zh, 2),
        ('k', 'h', _) => (X, 2),
        ('g', 'h', _) => (Gh, 2),
        ('p', 'h', _) => (F, 2),
        ('t', 'h', _) => (Th, 2),
        ('d', 'j' | 'ž', _) => (Dj, 2),
        ('c', 'h', _) => (LatinCh, 2),
        ('c', 'z', _) | ('t', 'ç', _) => (Ch, 2),
        ('c', 'k', _) | ('q', 'u', _) => (K, 2),
        ('t', 's' | 'z', _) => (Ts, 2),
        ('d', 'z', _) => (Dz, 2),
        ('o', 'u' | 'o', _) => (U, 2),
        ('e', 'e', _) => (I, 2),
        ('y', 'a' | 'e' | 'o' | 'u' | 'ə' | 'ü' | 'ö', _) => (J, 1),
        ('a', _, _) => (A, 1),
        ('ə' | 'ä', _, _) => (Ae, 1),
        ('e', _, _) => (E, 1),
        ('i', _, _) => (I, 1),
        ('y', _, _) => (if is_turkic { J } else { I }, 1),
        ('o', _, _) => (O, 1),
        ('ö' | 'œ', _, _) => (Oe, 1),
        ('u', _, _) => (U, 1),
        ('ü', _, _) => (Ue, 1),
        ('b', _, _) => (B, 1),
        ('c', _, _) => (LatinC, 1),
        ('ç' | 'č' | 'ć', _, _) => (Ch, 1),
        ('d', _, _) => (D, 1),
        ('f', _, _) => (F, 1),
        ('g', _, _) => (if front { LatinG } else { G }, 1),
        ('ğ', _, _) => (SoftG, 1),
        ('h', _, _) => (H, 1),
        ('j', _, _) => (LatinJ, 1),
        ('k', _, _) => (K, 1),
        ('l', _, _) => (L, 1),
        ('m', _, _) => (M, 1),
        ('n', _, _) => (N, 1),
        ('ñ', _, _) => {
            res.push(N);
            (J, 1)
        }
        ('p', _, _) => (P, 1),
        ('q', _, _) => (Q, 1),
        ('r' | 'ř', _, _) => (R, 1),
        ('s' | 'ß', _, _) => (S, 1),
        ('ş' | 'š' | 'ś', _, _) => (Sh, 1),
        ('t', _, _) => (T, 1),
        ('v', _, _) => (V, 1),
        ('w', _, _) => (W, 1),
        ('x', _, _) => (LatinX, 1),
        ('z' | 'ż', _, _) => (Z, 1),
        ('ž', _, _) => (Zh, 1),
        ('þ' | 'ð', _, _) => (Th, 1),
        _ => return 1,
    };
    res.push(sound);
    len
}
