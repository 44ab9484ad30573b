//! The beginnings of given names in each script, to match initials.

/// Beginnings of given names, folded, with codes for what they are in other scripts: two names may be one if they share
/// a code, as Хасан and Hasan share `h`. For a name its longest beginning counts; an initial may stand for any
/// beginning that starts with it, so that Д. is Джейхун too.
///
/// A code of its own, such as `charl`, joins names that begin differently in several scripts and that a single letter
/// would join with too many others.
#[rustfmt::skip]
const BEGINNINGS: &[(&str, &[&str])] = &[
    // Latin: English and romanised names, Azerbaijani, Turkish.
    ("a", &["a"]), ("ə", &["a", "e"]), ("b", &["b"]),
    ("c", &["k", "dj"]), ("ce", &["dj", "ch", "ts"]), ("ci", &["dj", "ch", "ts"]), ("ceyh", &["dj"]), ("ces", &["ces"]), ("cə", &["dj"]),
    ("ch", &["ch"]), ("charl", &["ch", "charl"]), ("chr", &["k", "chr"]), ("ç", &["ch"]), ("č", &["ch"]), ("cz", &["ch"]),
    ("d", &["d"]), ("dj", &["dj"]), ("dzh", &["dj"]), ("dz", &["dz"]), ("e", &["e"]), ("f", &["f"]),
    ("g", &["g"]), ("ge", &["g", "ge"]), ("gi", &["g", "ge"]), ("gh", &["gh", "g"]),
    ("h", &["h"]), ("hakob", &["h", "hakob"]), ("hagop", &["h", "hakob"]), ("harut", &["h", "harut"]), ("hayk", &["h", "hayk"]),
    ("hov", &["h", "hov"]), ("i", &["i"]), ("ia", &["ya"]), ("iu", &["yu"]),
    ("j", &["dj", "zh", "y"]), ("ja", &["dj", "zh", "ya"]), ("ju", &["dj", "zh", "yu"]),
    ("k", &["k"]), ("kh", &["kh"]), ("l", &["l"]), ("m", &["m"]), ("n", &["n"]), ("o", &["o"]), ("ö", &["o"]), ("p", &["p"]),
    ("ph", &["f"]), ("q", &["g", "gh"]), ("qas", &["k", "g"]), ("qəs", &["k", "g"]), ("r", &["r"]), ("s", &["s"]), ("sh", &["sh"]), ("ş", &["sh"]), ("š", &["sh"]), ("sch", &["sh"]),
    ("t", &["t"]), ("th", &["t"]), ("ts", &["ts"]), ("tz", &["ts"]), ("u", &["u"]), ("ü", &["u"]), ("v", &["v"]), ("w", &["w"]),
    ("x", &["kh"]), ("y", &["y"]), ("ya", &["ya"]), ("ye", &["ye"]), ("yo", &["yo", "y"]), ("yu", &["yu"]), ("z", &["z"]), ("zh", &["zh"]),
    ("ž", &["zh"]),
    // Cyrillic: Russian and Ukrainian. Г stands for h, В and У for w.
    ("а", &["a"]), ("акоп", &["a", "hakob"]), ("арут", &["a", "harut"]), ("айк", &["a", "hayk"]), ("б", &["b"]), ("в", &["v", "w"]),
    ("г", &["g", "h"]), ("ген", &["g"]), ("гео", &["g"]), ("гал", &["g"]), ("глеб", &["g"]), ("григ", &["g"]), ("ґ", &["g"]), ("д", &["d"]), ("дж", &["dj"]), ("джор", &["dj", "ge"]), ("дже", &["dj", "ge"]), ("джи", &["dj", "ge"]),
    ("джа", &["dj", "ge"]), ("джу", &["dj", "ge"]), ("е", &["e", "ye", "yo"]), ("є", &["e", "ye"]), ("ж", &["zh"]), ("з", &["z"]), ("и", &["i"]),
    ("і", &["i"]), ("ї", &["i"]), ("й", &["y"]), ("йо", &["yo", "y"]), ("к", &["k"]), ("л", &["l"]), ("м", &["m"]), ("н", &["n"]), ("о", &["o"]),
    ("ов", &["o", "hov"]), ("оган", &["o", "hov"]), ("п", &["p"]), ("р", &["r"]), ("с", &["s"]), ("сес", &["s", "ces"]), ("т", &["t"]),
    ("у", &["u", "w"]), ("ф", &["f"]), ("х", &["kh", "h"]), ("хр", &["kh", "chr"]), ("ц", &["ts"]), ("ч", &["ch"]), ("ш", &["sh"]),
    ("шарл", &["sh", "charl"]), ("щ", &["sh"]), ("ы", &["y"]), ("э", &["e"]), ("ю", &["yu"]), ("я", &["ya"]),
    // Armenian.
    ("ա", &["a"]), ("բ", &["b"]), ("գ", &["g"]), ("դ", &["d"]), ("ե", &["e", "ye"]), ("զ", &["z"]), ("է", &["e"]), ("ը", &["i"]), ("թ", &["t"]),
    ("ժ", &["zh"]), ("ի", &["i"]), ("լ", &["l"]), ("խ", &["kh"]), ("ծ", &["ts"]), ("կ", &["k"]), ("հ", &["h"]), ("հակոբ", &["h", "hakob"]),
    ("հարութ", &["h", "harut"]), ("հայկ", &["h", "hayk"]), ("հով", &["h", "hov"]), ("ձ", &["dz"]), ("ղ", &["gh", "g"]), ("ճ", &["ch"]),
    ("մ", &["m"]), ("յ", &["y"]), ("յա", &["ya"]), ("յու", &["yu"]), ("յո", &["yo"]), ("ն", &["n"]), ("շ", &["sh"]), ("շարլ", &["sh", "charl"]),
    ("ո", &["o", "v"]), ("ու", &["u", "w"]), ("չ", &["ch"]), ("պ", &["p"]), ("ջ", &["dj", "ge"]), ("ռ", &["r"]), ("ս", &["s"]), ("վ", &["v", "w"]),
    ("տ", &["t"]), ("ր", &["r"]), ("ց", &["ts"]), ("փ", &["p"]), ("ք", &["k"]), ("քր", &["k", "chr"]), ("օ", &["o"]), ("ֆ", &["f"]),
    // Georgian.
    ("ა", &["a"]), ("ბ", &["b"]), ("გ", &["g"]), ("დ", &["d"]), ("ე", &["e", "ye"]), ("ვ", &["v", "w"]), ("ზ", &["z"]), ("თ", &["t"]),
    ("ი", &["i"]), ("ია", &["i", "ya"]), ("იუ", &["i", "yu"]), ("კ", &["k"]), ("ლ", &["l"]), ("მ", &["m"]), ("ნ", &["n"]), ("ო", &["o"]),
    ("პ", &["p"]), ("ჟ", &["zh"]), ("რ", &["r"]), ("ს", &["s"]), ("ტ", &["t"]), ("უ", &["u", "w"]), ("ფ", &["p", "f"]), ("ქ", &["k"]),
    ("ქრ", &["k", "chr"]), ("ღ", &["gh", "g"]), ("ყ", &["k"]), ("შ", &["sh"]), ("შარლ", &["sh", "charl"]), ("ჩ", &["ch"]), ("ც", &["ts"]),
    ("ძ", &["dz"]), ("წ", &["ts"]), ("ჭ", &["ch"]), ("ხ", &["kh"]), ("ჯ", &["dj", "ge"]), ("ჰ", &["h"]),
    // Persian. Its first letter often carries a vowel that is not written.
    ("ا", &["a", "e", "i", "o", "u"]), ("ای", &["i"]), ("او", &["o", "u"]), ("ب", &["b"]), ("پ", &["p"]), ("ت", &["t"]), ("ث", &["s"]),
    ("ج", &["dj", "ge"]), ("چ", &["ch"]), ("ح", &["h"]), ("خ", &["kh"]), ("د", &["d"]), ("ذ", &["z"]), ("ر", &["r"]), ("ز", &["z"]),
    ("ژ", &["zh"]), ("س", &["s"]), ("ش", &["sh"]), ("شارل", &["sh", "charl"]), ("ص", &["s"]), ("ض", &["z"]), ("ط", &["t"]), ("ظ", &["z"]),
    ("ع", &["a", "e", "o"]), ("غ", &["gh", "g"]), ("ف", &["f"]), ("ق", &["k", "g", "gh"]), ("ک", &["k"]), ("گ", &["g"]), ("ل", &["l"]),
    ("م", &["m"]), ("ن", &["n"]), ("و", &["v", "w", "u", "o"]), ("ه", &["h"]), ("ی", &["y", "ye", "i"]), ("یا", &["ya"]), ("یو", &["yu", "yo"]),
];

/// Beginnings that languages of one script write differently; a name with one of them also has the initial of the
/// other.
const SPELLINGS: &[(&str, &str)] = &[
    // Azerbaijani and Turkish, and how they are written in English.
    ("ceyh", "jeyh"),
    ("cav", "jav"),
    ("cabb", "jabb"),
    ("cəbb", "jabb"),
    ("cah", "jah"),
    ("cam", "jamal"),
    ("cam", "jamil"),
    ("cəm", "jamil"),
    ("cem", "jem"),
    ("cəl", "jal"),
    ("cel", "jel"),
    ("qa", "ga"),
    ("qə", "ga"),
    ("qü", "gu"),
    ("xa", "kha"),
    ("xə", "kha"),
    ("xa", "ha"),
    ("xə", "ha"),
    ("kha", "ha"),
    ("ə", "a"),
    ("ə", "e"),
    ("ş", "sh"),
    ("ç", "ch"),
    // Russian and Ukrainian names in English.
    ("ye", "e"),
    ("yu", "iu"),
    ("ya", "ia"),
    ("zh", "j"),
    // Russian and Ukrainian.
    ("е", "є"),
    ("э", "е"),
    ("и", "і"),
    ("г", "ґ"),
    // Armenian.
    ("ե", "է"),
    ("ո", "օ"),
];

/// The codes of a folded name's beginning.
pub(super) fn of_name(name: &str) -> &'static [&'static str] {
    let found = BEGINNINGS.iter().filter(|(it, _)| name.starts_with(it));
    found.max_by_key(|(it, _)| it.len()).map_or(&[], |(_, it)| it)
}

/// The codes of the names that may have this folded initial.
pub(super) fn of_initial(initial: &str) -> impl Iterator<Item = &'static str> {
    BEGINNINGS.iter().filter(move |(it, _)| it.starts_with(initial)).flat_map(|(_, it)| it.iter().copied())
}

/// Whether letters are one sound at the beginning of a name, and so one initial: Дж., Sh.
pub(super) fn is_digraph(letters: &str) -> bool {
    BEGINNINGS.iter().any(|(it, _)| *it == letters)
}

/// A name with the beginnings that other languages of its script give it, the name itself first.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let other = |from: &str, to: &str| name.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    let others = SPELLINGS.iter().flat_map(|(a, b)| [other(a, b), other(b, a)]).flatten();
    std::iter::once(name.to_owned()).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_folded_and_stands_once() {
        for (at, (it, _)) in BEGINNINGS.iter().enumerate() {
            assert_eq!(crate::text::fold(it), *it);
            assert!(BEGINNINGS.iter().skip(at + 1).all(|(other, _)| other != it), "{it}");
        }
    }

    #[test]
    fn names_have_the_letters_of_other_scripts() {
        for (a, b, is_one) in [
            ("heydar", "гейдар", true),
            ("hasan", "хасан", true),
            ("jeyhun", "джейхун", true),
            ("ceyhun", "джейхун", true),
            ("george", "джордж", true),
            ("george", "георгий", true),
            ("yevgeny", "евгений", true),
            ("evgeny", "евгений", true),
            ("wendy", "уэнди", true),
            ("charles", "шарль", true),
            ("hakob", "акоп", true),
            ("xəyal", "ხაიალ", true),
            ("هاکان", "hakan", true),
            ("john", "георгий", false),
            ("john", "геннадий", false),
            ("sergey", "цветан", false),
            ("charles", "шамиль", false),
            ("alexander", "эдуард", false),
        ] {
            assert_eq!(of_name(a).iter().any(|it| of_name(b).contains(it)), is_one, "{a} {b}");
        }
    }
}
