//! Words of notes that a text was first published elsewhere. Single words are separated by white space; `*` stands for
//! any ending.

/// Words before an outlet, and those of which one has to stand behind it, in languages that have the verb at the end.
/// `*` stands for any ending.
pub(super) struct Note {
    pub(super) lead: &'static str,
    pub(super) verbs: &'static str,
}

const fn note(lead: &'static str) -> Note {
    Note { lead, verbs: "" }
}

const fn verb_last(lead: &'static str, verbs: &'static str) -> Note {
    Note { lead, verbs }
}

const AZ: &str = "dərc yayım* çap yerləşdiril* paylaşıl* ortaya";
const TR: &str = "ortaya yayım* yayın* çıktı";
const HY: &str = "հրապարակ* հայտնվ* տպագր*";
const KA: &str = "გამოქვეყნ* გამოჩნდ* დაიბეჭდ*";
const FA: &str = "منتشر پدیدار چاپ";

pub(super) const NOTES: &[Note] = &[
    note("first appeared on"),
    note("first appeared in"),
    note("appeared first on"),
    note("appeared first in"),
    note("originally appeared on"),
    note("originally appeared in"),
    note("first published on"),
    note("first published by"),
    note("first published in"),
    note("originally published on"),
    note("originally published by"),
    note("originally published in"),
    note("originally published at"),
    note("republished from"),
    note("reposted from"),
    note("reprinted from"),
    note("появил* сначала"),
    note("впервые появил*"),
    note("впервые опубликован*"),
    note("впервые был* опубликован*"),
    note("изначально опубликован*"),
    note("первоначально опубликован*"),
    note("первоначально был* опубликован*"),
    note("перепечатан* из"),
    note("перепечатан* с"),
    note("перепечатка из"),
    note("перепечатка с"),
    note("з яви* спочатку"),
    note("спершу з яви*"),
    note("вперше з яви*"),
    note("вперше опублікован*"),
    note("вперше був* опублікован*"),
    note("спочатку опублікован*"),
    note("передруковано з"),
    note("передрук з"),
    verb_last("ilk dəfə", AZ),
    verb_last("ilk olaraq", AZ),
    verb_last("ilk öncə", AZ),
    verb_last("ilk önce", TR),
    verb_last("ilk olarak", TR),
    verb_last("ilk kez", TR),
    verb_last("առաջին անգամ", HY),
    note("առաջին անգամ հրապարակվ* է"),
    note("առաջին անգամ հայտնվ* է"),
    note("սկզբնապես հրապարակվ* է"),
    note("արտատպված է"),
    note("արտատպվել է"),
    verb_last("პირველად", KA),
    verb_last("თავდაპირველად", KA),
    note("პირველად გამოქვეყნ*"),
    note("პირველად გამოჩნდა"),
    note("თავდაპირველად გამოქვეყნ*"),
    verb_last("اولین بار", FA),
    verb_last("نخستین بار", FA),
    note("بازنشر از"),
    note("برگرفته از"),
];

/// Words for texts in such notes. One precedes the note, or the note begins the line.
pub(super) const TEXTS: &str = "
    post posts article story report piece column essay interview analysis commentary text this сообщени* запис*
    материал* матеріал* стать* статт* текст* публикаци* публікаці* интервью інтерв заметка колонка повідомленн*
    yazı* xəbər* məqalə* material* mətn* müsahibə* haber* makale* içerik içeriği metin söyleşi* հոդված* նյութ*
    գրառում* տեքստ* հարցազրույց* სტატია* მასალა* პოსტი ტექსტი ინტერვიუ* სიახლე* نوشته مقاله مطلب گزارش یادداشت خبر
    متن";

/// Words for texts at the beginning of a line that is nothing but such a note, after `this` and the like.
pub(super) const POSTS: &str = "
    post article сообщение запись запис повідомлення գրառում* პოსტი نوشته";

pub(super) const THIS: &str = "
    the this эта этот это ця цей це bu այս ეს این";

/// Words between a note and the name that are not part of the name.
pub(super) const SMALL: &str = "
    on in by at the website site of на в во у із сайте сайті портале порталі издании издания виданні видання
    газете газеты газеті газети журнале журнала журналі журналу сайта сайту در سایت وبسایت";

/// Words after a name that are not part of it, in languages that have them there.
pub(super) const PLACES: &str = "
    website site saytında saytından portalında qəzetində üzərində sitesinde üzerinde gazetesinde internet კայքում
    կայքում կայքէջում կայքից թերթում საიტზე ვებგვერდზე გვერდზე გაზეთში";

/// Case endings of a place, and of where something is taken from: folded, the longer before what they end with.
pub(super) const ENDINGS: &[&str] = &[
    "ndən",
    "ndan",
    "nden",
    "ndə",
    "nda",
    "nde",
    "dən",
    "dan",
    "den",
    "ten",
    "tan",
    "də",
    "da",
    "de",
    "ta",
    "te",
    "ում",
    "ից",
    "დან",
    "ზე",
    "ში",
];

/// Capitalised words in place of an outlet in such notes: the month or the language of publication.
pub(super) const NO_OUTLETS: &str = "
    january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday english russian georgian armenian azerbaijani turkish persian farsi ukrainian
    german french arabic hebrew print";

/// Small words within names.
pub(super) const WITHIN: &str = "
    of the and for de la и та і və ve և եւ და و";
