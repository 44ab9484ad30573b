//! The words by which texts name their origin, in the languages of the region.

/// What a cue says of the name beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// It is the origin, whatever the name: this cue is used only of outlets, agencies, and offices, which are sorted
    /// out.
    Origin,
    /// It is the source of something, as a minister or a statistical office may be. Only a known outlet counts as an
    /// origin then, or a name called an agency, a newspaper or the like.
    Source,
}

/// On which side of a cue the name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The name follows the cue, with these endings (folded).
    Behind(&'static [&'static str]),
    /// Before it, likewise.
    Before(&'static [&'static str]),
    /// The name follows the cue and a colon, in a line that begins with the cue.
    Label,
}

/// Words beside a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cue {
    /// As they are spelled; `*` for any ending.
    pub(super) words: &'static str,
    pub(super) side: Side,
    pub(super) says: Says,
}

const fn origin(words: &'static str) -> Cue {
    Cue { words, side: Side::Behind(NONE), says: Says::Origin }
}

const fn source(words: &'static str) -> Cue {
    Cue { words, side: Side::Behind(NONE), says: Says::Source }
}

const fn label(words: &'static str) -> Cue {
    Cue { words, side: Side::Label, says: Says::Origin }
}

const fn after_origin(words: &'static str, endings: &'static [&'static str]) -> Cue {
    Cue { words, side: Side::Before(endings), says: Says::Origin }
}

const fn after_source(words: &'static str, endings: &'static [&'static str]) -> Cue {
    Cue { words, side: Side::Before(endings), says: Says::Source }
}

/// A cue of an origin, in a language that inflects the name there.
const fn origin_in(words: &'static str, endings: &'static [&'static str]) -> Cue {
    Cue { words, side: Side::Behind(endings), says: Says::Origin }
}

const fn source_in(words: &'static str, endings: &'static [&'static str]) -> Cue {
    Cue { words, side: Side::Behind(endings), says: Says::Source }
}

const NONE: &[&str] = &[];
const AZ_DATIVE: &[&str] = &["sinə", "sina", "nə", "na", "yə", "ya", "ə", "a"];
const AZ_GENITIVE: &[&str] = &["sinin", "nin", "nun", "nün", "in", "un", "ün"];
const TR_DATIVE: &[&str] = &["ne", "na", "ye", "ya", "e", "a"];
const TR_GENITIVE: &[&str] = &["sinin", "nin", "nun", "nün", "in", "un", "ün"];
const TR_ACCUSATIVE: &[&str] = &["yi", "yu", "yü", "ni", "nu", "nü", "i", "u", "ü"];
const HY_DATIVE: &[&str] = &["յին", "ին", "ուն", "անը", "ան", "ի"];
const HY_GENITIVE: &[&str] = &["յի", "ի", "ու", "ան"];
const HY_NOMINATIVE: &[&str] = &["ը", "ն"];
const KA_ON: &[&str] = &["ზე"];
const KA_GENITIVE: &[&str] = &["ისა", "ის", "ს"];
const KA_SUBJECT: &[&str] = &["მა", "მ", "ი"];

/// All cues. Which of several in a text counts depends on what they say and where they are, not on this order.
pub(super) const CUES: &[Cue] = &[
    // en
    origin("citing"),
    origin("with reference to"),
    origin("first reported by"),
    source("according to"),
    source("reported by"),
    source("quoting"),
    after_source("reported", NONE),
    after_source("reports", NONE),
    label("source"),
    // ru
    origin("со ссылкой на"),
    origin("ссылаясь на"),
    source("по данным"),
    source("по информации"),
    source("по сообщению"),
    source("по сообщениям"),
    source("сообщает"),
    source("сообщают"),
    source("сообщил*"),
    source("передаёт"),
    source("передают"),
    source("пишет"),
    after_source("сообщает", NONE),
    after_source("передаёт", NONE),
    after_source("пишет", NONE),
    label("источник"),
    // uk
    origin("з посиланням на"),
    origin("із посиланням на"),
    origin("посилаючись на"),
    source("за даними"),
    source("за інформацією"),
    source("за повідомленням"),
    source("повідомляє"),
    source("повідомляють"),
    source("повідомил*"),
    source("передає"),
    source("пише"),
    after_source("повідомляє", NONE),
    after_source("передає", NONE),
    after_source("пише", NONE),
    label("джерело"),
    // az
    after_origin("istinadən", AZ_DATIVE),
    after_origin("istinadla", AZ_DATIVE),
    after_origin("istinad edərək", AZ_DATIVE),
    after_origin("istinad edir", AZ_DATIVE),
    after_origin("xəbərinə görə", AZ_GENITIVE),
    after_source("məlumatına görə", AZ_GENITIVE),
    after_source("verdiyi məlumata görə", AZ_GENITIVE),
    after_source("yazdığına görə", AZ_GENITIVE),
    after_source("bildirdiyinə görə", AZ_GENITIVE),
    after_source("xəbər verir", NONE),
    after_source("xəbər verib", NONE),
    after_source("məlumat verir", NONE),
    after_source("məlumat yayıb", NONE),
    after_source("bildirir", NONE),
    after_source("yazır", NONE),
    label("mənbə"),
    // tr
    after_origin("dayandırdığı", TR_DATIVE),
    after_origin("dayandırarak", TR_DATIVE),
    after_origin("kaynak göstererek", TR_ACCUSATIVE),
    after_origin("haberine göre", TR_GENITIVE),
    after_source("aktardığına göre", TR_GENITIVE),
    after_source("bildirdiğine göre", TR_GENITIVE),
    after_source("yazdığına göre", TR_GENITIVE),
    after_source("duyurduğuna göre", TR_GENITIVE),
    after_source("göre", TR_DATIVE),
    label("kaynak"),
    // hy
    origin_in("հղում անելով", HY_DATIVE),
    origin_in("հղում կատարելով", HY_DATIVE),
    origin_in("վկայակոչելով", HY_DATIVE),
    after_origin("հղում անելով", HY_DATIVE),
    after_origin("հղում կատարելով", HY_DATIVE),
    after_origin("վկայակոչելով", HY_DATIVE),
    after_source("հղում անելով", HY_NOMINATIVE),
    source_in("ըստ", HY_GENITIVE),
    source_in("հաղորդում է", HY_NOMINATIVE),
    source_in("հայտնում է", HY_NOMINATIVE),
    source_in("տեղեկացնում է", HY_NOMINATIVE),
    source_in("փոխանցում է", HY_NOMINATIVE),
    source_in("գրում է", HY_NOMINATIVE),
    after_source("փոխանցմամբ", HY_GENITIVE),
    after_source("հաղորդմամբ", HY_GENITIVE),
    after_source("տեղեկացմամբ", HY_GENITIVE),
    after_source("տվյալներով", HY_GENITIVE),
    after_source("հաղորդում է", HY_NOMINATIVE),
    after_source("հայտնում է", HY_NOMINATIVE),
    after_source("գրում է", HY_NOMINATIVE),
    label("աղբյուր"),
    label("աղբյուրը"),
    // ka
    after_origin("დაყრდნობით", KA_ON),
    after_origin("მითითებით", KA_ON),
    after_source("ცნობით", KA_GENITIVE),
    after_source("ინფორმაციით", KA_GENITIVE),
    after_source("თანახმად", KA_GENITIVE),
    after_source("იუწყება", KA_SUBJECT),
    after_source("იტყობინება", KA_SUBJECT),
    after_source("წერს", KA_SUBJECT),
    after_source("ავრცელებს", KA_SUBJECT),
    source_in("იუწყება", KA_SUBJECT),
    source_in("იტყობინება", KA_SUBJECT),
    source_in("წერს", KA_SUBJECT),
    label("წყარო"),
    // fa
    origin("به نقل از"),
    source("به گزارش"),
    source("به نوشته"),
    after_source("گزارش داد", NONE),
    after_source("گزارش داده", NONE),
    after_source("گزارش کرد", NONE),
    after_source("خبر داد", NONE),
    after_source("نوشت", NONE),
    label("منبع"),
];
