//! Lines that sites set around an article, in its languages: by how they begin.

use crate::text::{ends_sentence, reprint};

use super::{is_short, measures::is_measure};

/// Beginnings (lower case) of lines that sites put before or after an article, short lines only. A line that ends as a
/// sentence goes on with a few words at most: "Posted by Vinnikov, the film shows the bridge." is text.
const NOTICES: &[&str] = &[
    // en
    "share this",
    "share on",
    "follow us",
    "leave a reply",
    "leave a comment",
    "leave a review",
    "write a review",
    "read more",
    "read also",
    "see also",
    "related posts",
    "related articles",
    "sign up",
    "print this",
    "filed under",
    "tags:",
    "tagged:",
    "posted by",
    "posted in",
    "news line",
    "min read",
    "comments are closed",
    // ru, uk
    "поделиться",
    "поділитися",
    "залишити коментар",
    "читайте также",
    "читайте також",
    "читать также",
    "подписывайтесь",
    "підписуйтесь",
    "оставить комментарий",
    "оставить отзыв",
    "залишити відгук",
    "теги:",
    "метки:",
    // az, tr
    "həmçinin oxuyun",
    "abunə ol",
    "abunə olun",
    "şərh yaz",
    "şərh yazın",
    "rəy bildir",
    "rəy bildirin",
    "ayrıca oxu",
    "ayrıca oxuyun",
    "ayrıca oku",
    "ayrıca okuyun",
    "ayrıca bakınız",
    "abone ol",
    "abone olun",
    "yorum yap",
    "yorum yapın",
    "yorum yaz",
    "yorum yazın",
    "etiketler:",
    // hy, ka, fa
    "կիսվել",
    "կարդացեք նաև",
    "թողնել կարծիք",
    "გაზიარება",
    "გააზიარე",
    "გააზიარეთ",
    "წაიკითხეთ აგრეთვე",
    "დატოვე კომენტარი",
    "დატოვეთ კომენტარი",
    "დატოვეთ შეფასება",
    "گزارش خطا",
    "نظر بدهید",
    "ارسال نظر",
    "اشتراک گذاری",
    "بیشتر بخوانید",
];

/// Single words (lower case) that sites set there as labels, and that sentences begin with too.
const LABELS: &[&str] = &[
    "subscribe",
    "advertisement",
    "comments",
    "реклама",
    "paylaş",
    "paylaşın",
    "paylaşmaq",
    "մեկնաբանել",
    "մեկնաբանություն",
    "մեկնաբանություններ",
    "კომენტარი",
    "კომენტარები",
    "კომენტარის",
];

/// How notices of rights begin (lower case). They are sentences.
const RIGHTS: &[&str] = &[
    "©",
    "copyright",
    "all rights reserved",
    "все права",
    "усі права",
    "всі права",
    "bütün hüquqlar",
    "bütün hüquqları",
    "tüm hakları",
    "բոլոր իրավունքները",
    "ყველა უფლება",
    "تمام حقوق",
];

/// Maximum words after the beginning of a notice that ends as a sentence: "Share this story on Telegram."
const MAX_OF_SENTENCE: usize = 3;

/// Maximum words after a label: "Comments (5)".
const MAX_OF_LABEL: usize = 3;

/// Labels (lower case) that sites set above an advertisement, between the paragraphs too.
const ADVERTISING: &[&str] = &[
    "advertisement",
    "advertising",
    "sponsored",
    "реклама",
    "на правах рекламы",
    "reklam",
    "reklamlar",
    "գովազդ",
    "რეკლამა",
    "تبلیغات",
    "آگهی",
];

/// Words that ask the reader to subscribe (lower case), near the beginning or the end of a short paragraph: languages
/// put the verb in different places.
const SUBSCRIBING: &[&str] = &[
    "subscribe now",
    "subscribe to our",
    "subscribe to read",
    "sign up for our",
    "is for subscribers",
    "for subscribers only",
    "подпишитесь на",
    "подписывайтесь на",
    "оформите подписку",
    "доступна подписчикам",
    "доступна только подписчикам",
    "только для подписчиков",
    "підпишіться на",
    "підписуйтесь на",
    "підписуйтеся на",
    "оформіть передплату",
    "доступна передплатникам",
    "лише для передплатників",
    "abunə olun",
    "abunəçilər üçün",
    "բաժանորդագրվեք",
    "բաժանորդների համար",
    "გამოიწერეთ",
    "გამომწერებისთვის",
    "abone olun",
    "abonelere özel",
    "عضو شوید",
    "مشترک شوید",
    "ویژه مشترکان",
];

/// Maximum characters of an invitation to subscribe.
const INVITATION: usize = 200;

/// Maximum characters of an invitation before its words begin.
const LEAD_IN: usize = 25;
/// Maximum characters of an invitation after its words end.
const LEAD_OUT: usize = 15;

/// How a notice begins that says whose opinion a text is, and what it says then: all lower case.
const OPINIONS: &[(&[&str], &[&str])] = &[
    // ru, uk
    (
        &[
            "мнение автора",
            "мнения авторов",
            "мнение авторов",
            "мнение редакции",
            "позиция редакции",
            "позиция автора",
            "точка зрения автор",
            "точка зрения редакции",
            "взгляды автора",
        ],
        &["не совпадать", "не совпадают", "не отражать", "не отражает"],
    ),
    (
        &[
            "думка автора",
            "думки авторів",
            "думка авторів",
            "думка редакції",
            "позиція редакції",
            "позиція автора",
            "точка зору автор",
            "точка зору редакції",
            "погляди автора",
        ],
        &["не збігатися", "не збігаються", "не співпадати", "не відображати", "не відображає"],
    ),
    // az, tr
    (
        &["müəllifin fikri", "müəllifin mövqeyi", "müəlliflərin fikri", "müəlliflərin mövqeyi", "redaksiyanın mövqeyi"],
        &["üst-üstə düşməyə bilər", "uyğun gəlməyə bilər", "əks etdirməyə bilər", "üst-üstə düşmür"],
    ),
    (
        &[
            "yazarın görüş",
            "yazarların görüş",
            "yazıda yer alan görüş",
            "yazıdaki görüş",
            "makalede yer alan görüş",
            "bu yazıda",
        ],
        &["yansıtmayabilir", "yansıtmaz", "yansıtmamaktadır", "örtüşmeyebilir", "yazara aittir", "yazarına aittir"],
    ),
    // hy, ka, fa
    (
        &[
            "հեղինակի կարծիք",
            "հեղինակի տեսակետ",
            "հեղինակների կարծիք",
            "խմբագրության տեսակետ",
            "խմբագրության դիրքորոշում",
            "խմբագրության կարծիք",
        ],
        &["չհամընկնել", "չի համընկնում", "չհամապատասխանել", "չարտահայտել"],
    ),
    (
        &[
            "ავტორის მოსაზრება",
            "ავტორის აზრი",
            "ავტორის პოზიცია",
            "ავტორების მოსაზრება",
            "რედაქციის პოზიცია",
            "რედაქციის აზრი",
            "რედაქციის მოსაზრება",
        ],
        &["არ ემთხვეოდეს", "არ გამოხატავდეს", "არ ასახავდეს", "არ ემთხვევა"],
    ),
    (
        &[
            "نظر نویسنده",
            "نظرات نویسنده",
            "دیدگاه نویسنده",
            "دیدگاه‌های نویسنده",
            "آرای نویسنده",
            "دیدگاه‌های مطرح",
            "مطالب این یادداشت",
        ],
        &["لزوما", "لزوماً", "الزاما", "الزاماً"],
    ),
    // What the Turkish state agency sets below all that it publishes.
    (&["anadolu ajansı", "aa haber akış", "ajans"], &["abonelere sunulan haberler"]),
];

/// Such a notice has at most so many characters.
const MAX_OPINION: usize = 250;

/// Whether a line says whose opinion the text above it is, or whose the text, and nothing else.
pub(super) fn is_of_opinion(text: &str) -> bool {
    let is_short = text.chars().nth(MAX_OPINION).is_none();
    is_short && {
        // Such a line may stand in brackets, or behind a star.
        let lower = text.trim_start_matches(|it: char| !it.is_alphabetic()).to_lowercase().replace('\u{307}', "");
        let has = |(starts, says): &(&[&str], &[&str])| {
            starts.iter().any(|it| lower.starts_with(it)) && says.iter().any(|it| lower.contains(it))
        };
        OPINIONS.iter().any(has)
    }
}

/// What stands before the name of an author, lower case.
const BYLINES: &[&str] = &[
    "author:",
    "written by ",
    "reporting by ",
    "автор:",
    "автор статьи:",
    "автор статті:",
    "müəllif:",
    "հեղինակ՝",
    "հեղինակ:",
    "ավտոր՝",
    "ავტორი:",
    "yazar:",
    "yazan:",
    "haber:",
    "نویسنده:",
    "نویسنده؛",
];

/// Maximum words of a name after "By", small ones not counted; more are a headline.
const MAX_NAME: usize = 3;

/// What stands after "By" as a name does.
const WEEKDAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Small words in names, and between them.
const NAME_PARTS: &[&str] = &["and", "for", "in", "of", "the", "de", "der", "van", "von", "al", "el", "bin", "with"];

/// Whether a paragraph asks the reader to subscribe, or says that it is for those who did. What somebody said, in
/// quotation marks, asks nobody.
pub(in crate::extract) fn asks_to_subscribe(text: &str) -> bool {
    let is_short = text.chars().nth(INVITATION).is_none();
    is_short && !text.contains(['"', '“', '”', '„', '«', '»']) && {
        // What lower case leaves of the Turkish `İ`.
        let lower = text.to_lowercase().replace('\u{307}', "");
        let is_at_an_end =
            |before: &str, after: &str| before.chars().nth(LEAD_IN).is_none() || after.chars().nth(LEAD_OUT).is_none();
        SUBSCRIBING.iter().any(|it| lower.split_once(it).is_some_and(|(before, after)| is_at_an_end(before, after)))
    }
}

/// A line that names who wrote the article, and nothing else.
pub(super) fn is_byline(text: &str) -> bool {
    if !is_short(text) || ends_sentence(text) || text.ends_with(['"', '”', '»']) {
        return false;
    }
    let lower = text.to_lowercase();
    let is_name = |it: &str| it.starts_with(char::is_uppercase) || NAME_PARTS.contains(&it);
    // After a comma comes the author's role.
    let names = text.strip_prefix("By ").map(|it| it.split(',').next().unwrap_or(it));
    let are_names = |it: &str| {
        it.split(" and ").all(|it| it.split_whitespace().filter(|it| !NAME_PARTS.contains(it)).count() <= MAX_NAME)
    };
    let is_day = |it: &str| WEEKDAYS.iter().any(|day| it.starts_with(day));
    let by_name =
        names.is_some_and(|it| it.contains(' ') && it.split_whitespace().all(is_name) && are_names(it) && !is_day(it));
    by_name || BYLINES.iter().any(|it| lower.starts_with(it))
}

/// "The post TITLE first appeared on OUTLET", and nothing else.
pub(super) fn is_syndication_note(text: &str) -> bool {
    reprint(text).is_some_and(|it| it.is_all)
}

/// Whether a short line is one that sites set around an article.
pub(in crate::extract) fn starts_like_clutter(text: &str) -> bool {
    is_measure(text) || is_short(text) && is_notice(text)
}

/// Whether a short line begins as notices do, and does not go on as a text.
fn is_notice(text: &str) -> bool {
    let lower = text.to_lowercase();
    let is_sentence = ends_sentence(text);
    // How many words follow one of the beginnings, unless it ends within a word.
    let follow = |list: &[&str]| {
        let rests = list.iter().filter_map(|it| lower.strip_prefix(it).map(|rest| (it, rest)));
        let ended =
            rests.filter(|(it, rest)| !it.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric));
        ended.map(|(_, rest)| rest.split_whitespace().filter(|it| it.contains(char::is_alphanumeric)).count()).min()
    };
    follow(RIGHTS).is_some()
        || follow(NOTICES).is_some_and(|it| !is_sentence || it <= MAX_OF_SENTENCE)
        || follow(LABELS).is_some_and(|it| it == 0 || (!is_sentence && it <= MAX_OF_LABEL))
}

/// The label of an advertisement and nothing else.
pub(super) fn is_advertising(text: &str) -> bool {
    ADVERTISING.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_no_notice() {
        for text in [
            "Comments by Vinnikov angered the neighbours.",
            "Subscribers of Vinnikov protest.",
            "Posted by Vinnikov, the film shows the bridge.",
            "Реклама Винникова запрещена.",
            "Поделиться новостью Винников не захотел.",
            "Paylaşımında Vinnikov'u eleştirdi.",
            "Paylaşımda Vinnikovun adı çəkilib.",
            "Մեկնաբանելով լուրը՝ Վիննիկովն ասաց, որ չի գա։",
            "კომენტარში ვინიკოვმა ეს უარყო.",
            "Comments by Vinnikov angered the neighbours",
        ] {
            assert!(!starts_like_clutter(text), "{text}");
        }
        for text in [
            "Comments",
            "Comments (5)",
            "Comments are closed.",
            "Follow us on Telegram.",
            "Реклама",
            "Реклама на сайте",
            "Поделиться в Telegram",
            "Paylaş",
            "Paylaşın",
            "Abunə olun",
            "Bütün hüquqlar qorunur.",
            "Մեկնաբանություններ (5)",
            "კომენტარები 12",
            "© 2026 Rioni. All rights reserved.",
            "Теги: Поти, Батуми, порт, мост, граница",
        ] {
            assert!(starts_like_clutter(text), "{text}");
        }
    }

    #[test]
    fn a_headline_is_no_byline() {
        for text in ["By Friday Vinnikov Must Leave", "By Friday Vinnikov Left", "By Sea Vinnikov Came to Poti"] {
            assert!(!is_byline(text), "{text}");
        }
        for text in
            ["By Anna Vinnikov", "By Ivo van der Marlinov and Anna Maria Sample", "By Petra Sample, Head of News"]
        {
            assert!(is_byline(text), "{text}");
        }
    }

    #[test]
    fn a_notice_says_whose_opinion_a_text_is() {
        for text in [
            "Мнение автора может не совпадать с позицией редакции.",
            "* Точка зрения авторов, комментарии которых публикуются, может не совпадать с мнением редакции",
            "Думка автора може не збігатися з позицією редакції.",
            "Müəllifin mövqeyi redaksiyanın mövqeyi ilə üst-üstə düşməyə bilər.",
            "Yazarın görüşleri Örnek Gazete'nin yayın politikasını yansıtmayabilir.",
            "Հեղինակի կարծիքը կարող է չհամընկնել խմբագրության տեսակետին։",
            "(ავტორის მოსაზრება შესაძლოა არ ემთხვეოდეს რედაქციის პოზიციას)",
            "دیدگاه نویسنده لزوماً بیانگر موضع این رسانه نیست.",
            "Ajans Örnek web sitesinde abonelere sunulan haberler özetlenerek yayımlanmaktadır.",
        ] {
            assert!(is_of_opinion(text), "{text}");
        }
        for text in [
            "Мнение автора статьи поддержали трое из пяти опрошенных историков.",
            "Yazarın görüşleri salonda uzun süre tartışıldı.",
            "Позиция двух сторон может не совпадать и завтра.",
        ] {
            assert!(!is_of_opinion(text), "{text}");
        }
    }
}
