//! Lines that sites set around an article, in its languages: by how they begin.

use crate::text::{ends_sentence, reprint};

use super::{is_short, measures::is_measure};

/// Beginnings (lower case) of lines that sites put before or after an article, short lines only.
const CLUTTER_STARTS: &[&str] = &[
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
    "subscribe",
    "sign up",
    "advertisement",
    "print this",
    "filed under",
    "tags:",
    "tagged:",
    "posted by",
    "posted in",
    "news line",
    "min read",
    "comments",
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
    "реклама",
    // az, tr
    "paylaş",
    "həmçinin oxuyun",
    "abunə ol",
    "şərh yaz",
    "rəy bildir",
    "ayrıca oxu",
    "ayrıca oku",
    "ayrıca bakınız",
    "abone ol",
    "yorum yap",
    "yorum yaz",
    "etiketler:",
    // hy, ka, fa
    "կիսվել",
    "կարդացեք նաև",
    "մեկնաբան",
    "թողնել կարծիք",
    "გაზიარება",
    "გააზიარე",
    "წაიკითხეთ აგრეთვე",
    "კომენტარ",
    "დატოვე კომენტარი",
    "დატოვეთ კომენტარი",
    "დატოვეთ შეფასება",
    "گزارش خطا",
    "نظر بدهید",
    "ارسال نظر",
    "اشتراک گذاری",
    "بیشتر بخوانید",
    // Notices of rights, in any of them
    "©",
    "copyright",
    "all rights reserved",
    "все права",
    "усі права",
    "всі права",
    "bütün hüquq",
    "tüm hakları",
    "բոլոր իրավունք",
    "ყველა უფლება",
    "تمام حقوق",
];

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

/// Words before the name of an author, lower case.
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
    let by_name = names.is_some_and(|it| it.contains(' ') && it.split_whitespace().all(is_name));
    by_name || BYLINES.iter().any(|it| lower.starts_with(it))
}

/// "The post TITLE first appeared on OUTLET", and nothing else.
pub(super) fn is_syndication_note(text: &str) -> bool {
    reprint(text).is_some_and(|it| it.is_all)
}

pub(super) fn starts_like_clutter(text: &str) -> bool {
    is_measure(text) || is_short(text) && CLUTTER_STARTS.iter().any(|it| text.to_lowercase().starts_with(it))
}

/// The label of an advertisement and nothing else.
pub(super) fn is_advertising(text: &str) -> bool {
    ADVERTISING.contains(&text.to_lowercase().as_str())
}
