//! Sentences of a feed's text that lead elsewhere or say where it is from, in the languages of the region. A page has
//! other notices, and lines that are links: this is for texts without markup, sentence by sentence.

use std::{collections::HashSet, sync::LazyLock};

use crate::text::{self, ends_sentence, names::Script};

/// A sentence that is no text of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Pointer {
    /// It stands above titles of other articles.
    Heading,
    /// It leads elsewhere, or says where the text is from.
    Line,
}

/// All that a sentence says.
const WHOLE: &str = "
    view on site|view original|full story|full article|full text|comments|source|more|details
    click here|click here to read more|click here to read the full story|click here to read the full article
    подробнее|далее|дальше|продолжение|полный текст|полная версия|комментарии|источник|детали
    детальніше|докладніше|далі|продовження|повний текст|коментарі|джерело|деталі
    ətraflı|daha ətraflı|davamı|ardı|tam mətn|şərhlər|mənbə
    devamı|detaylar|ayrıntılar|tamamı|yorumlar|kaynak
    ավելին|մանրամասն|մանրամասներ|շարունակությունը|աղբյուր
    ვრცლად|სრულად|გაგრძელება|დაწვრილებით|წყარო
    متن کامل|جزئیات|ادامه|منبع";

/// What begins a sentence that goes on with the title, an address or one word more, such as an outlet's name. "Подробнее
/// на суде Винников рассказал" is text.
const STARTS: &str = "
    continue reading|continue reading on|keep reading|keep reading on|read more|read more on|read full article
    read full story|read the full|read the full story|read the full story on|read the full article|read the rest
    read the rest of|read the original|get the full story|see full
    читать далее|читать дальше|читать полностью|читать в источнике|читать новость|читать на|продолжить чтение
    читайте далее|читайте полностью|подробнее на|подписаться на
    читати далі|читати більше|читати повністю|читати на|продовжити читання|читайте далі|детальніше на|докладніше на
    davamını oxu|ətraflı oxu|oxumağa davam et|davamı burada
    devamını oku|okumaya devam et|haberin devamı|haberin tamamı|haberin detayları|haberin devamı için|devamı için|detaylar için
    կարդալ ավելին|կարդալ ամբողջը|կարդալ շարունակությունը|կարդալ ամբողջությամբ|շարունակել ընթերցել
    წაიკითხეთ სრულად|წაიკითხე სრულად|წაიკითხე მეტი|სრულად ნახვა|სრულად წაკითხვა|იხილეთ სრულად|გააგრძელეთ კითხვა
    განაგრძეთ კითხვა
    ادامه مطلب|ادامه خبر|ادامه متن|ادامه خواندن|خواندن ادامه|مشاهده خبر|بیشتر بخوانید";

/// What stands before a colon and the title of another article.
const RELATED: &str = "
    related|related news|related stories|related articles|read also|also read|see also|read more|more on this|read next
    читайте также|читать также|также по теме|по теме|смотрите также|материалы по теме
    читайте також|читати також|також за темою|за темою|дивіться також
    həmçinin oxuyun|ayrıca oxuyun|bunu da oxuyun|oxuyun|ilgili haber|ilgili haberler|ayrıca okuyun|ayrıca bakınız
    bunu da oku|bunları da okuyun|okuyun
    կարդացեք նաև|կարդալ նաև|դիտեք նաև|թեմայի շուրջ
    წაიკითხეთ აგრეთვე|წაიკითხეთ ასევე|ასევე წაიკითხეთ|იხილეთ ასევე|ამავე თემაზე
    بیشتر بخوانید|همچنین بخوانید|بخوانید|مطالب مرتبط|اخبار مرتبط";

/// What stands before a colon and the name of who the text or its picture is from.
const CREDITS: &str = "
    source|photo|image|via|источник|фото|джерело|mənbə|foto|kaynak|fotoğraf|աղբյուր|լուսանկարը|წყარო|ფოტო|منبع|عکس";

/// How Medium's note at the end of each text ends.
const MEDIUM: &str = "by highlighting and responding to this story";

/// Maximum words after one of [`STARTS`], two for an address.
const MAX_REST: usize = 1;

/// Maximum bytes before a colon.
const MAX_LEAD: usize = 60;

static READY: LazyLock<Ready> = LazyLock::new(|| {
    let of = |list: &str| -> Vec<_> {
        list.lines().flat_map(|it| it.split('|')).map(words).filter(|it| !it.is_empty()).collect()
    };
    Ready {
        whole: of(WHOLE).into_iter().collect(),
        starts: of(STARTS),
        related: of(RELATED).into_iter().collect(),
        credits: of(CREDITS).into_iter().collect(),
    }
});

/// The lists, ready to be compared with the words of a sentence.
struct Ready {
    whole: HashSet<Vec<String>>,
    starts: Vec<Vec<String>>,
    related: HashSet<Vec<String>>,
    credits: HashSet<Vec<String>>,
}

/// Whether a sentence of an article with a title of these words is no text of it.
pub(in crate::extract) fn pointer(sentence: &str, title: &HashSet<String>) -> Option<Pointer> {
    let lead = sentence.split_once([':', '՝']).filter(|it| it.0.len() <= MAX_LEAD);
    if let Some((lead, rest)) = lead.map(|(lead, rest)| (words(lead), rest.trim())) {
        if READY.related.contains(&lead) {
            return Some(if rest.is_empty() { Pointer::Heading } else { Pointer::Line });
        }
        if READY.credits.contains(&lead) && is_credit(rest) {
            return Some(Pointer::Line);
        }
    }
    // How many characters a service for developers has left out.
    let is_count = sentence.starts_with("[+") && sentence.ends_with(" chars]");
    let mut words = words(sentence);
    // An address may follow.
    words.truncate(words.iter().position(|it| it.starts_with("http")).unwrap_or(words.len()));
    let last = sentence.split_whitespace().next_back().unwrap_or_default();
    let max_rest = if last.trim_end_matches('.').contains('.') { MAX_REST + 1 } else { MAX_REST };
    let goes_on = |rest: &[String]| {
        rest.iter().all(|it| title.contains(it)) || (rest.len() <= max_rest && !ends_sentence(sentence))
    };
    let is_start = |it: &Vec<String>| words.strip_prefix(it.as_slice()).is_some_and(goes_on);
    let is_medium = || sentence.trim_end_matches('.').ends_with(MEDIUM);
    let is_line = is_count || READY.whole.contains(&words) || READY.starts.iter().any(is_start) || is_medium();
    is_line.then_some(Pointer::Line)
}

/// Whether it is an address, or a word and nothing else, or an agency's name: "Source: Minister Detained" is text.
fn is_credit(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (first, second, third) = (words.next(), words.next(), words.next());
    let is_name = |it: &str| it.starts_with(char::is_uppercase);
    // Without capitals, a second word may be a verb.
    let is_one = second.is_none() && first.is_none_or(|it| is_name(it) || it.starts_with(has_no_capitals));
    let is_agency = || first.is_some_and(|it| it.chars().all(char::is_uppercase)) && second.is_some_and(is_name);
    is_one || text.starts_with("http") || (third.is_none() && is_agency())
}

fn has_no_capitals(c: char) -> bool {
    matches!(Script::of(c), Script::Georgian | Script::Arabic)
}

/// The folded words of a text, in order.
fn words(text: &str) -> Vec<String> {
    text::tokens(text).into_iter().map(|it| it.word.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sentence: &str, expected: Option<Pointer>) {
        let title = words("Bridge opened in Poti").into_iter().collect();
        assert_eq!(pointer(sentence, &title), expected, "{sentence}");
    }

    #[test]
    fn what_leads_elsewhere_is_no_text() {
        for it in [
            "Continue reading Bridge opened in Poti →",
            "Keep reading on Rioni.example",
            "Read the full story on Rioni.example",
            "Click here to read the full story.",
            "Full story: https://rioni.example/x/123",
            "[Read More…]",
            "[+1234 chars]",
            "Bridge opened in Poti was originally published in Rioni on Medium, where people are continuing the \
             conversation by highlighting and responding to this story.",
            "Читать далее",
            "Продолжить чтение Bridge opened in Poti",
            "Подробнее на сайте",
            "Подробнее",
            "Детальніше",
            "Продовжити читання Bridge opened in Poti",
            "Davamını oxu »",
            "Ətraflı",
            "Haberin devamı için tıklayınız",
            "Devamını Oku »",
            "Կարդալ ավելին",
            "Մանրամասն",
            "სრულად ნახვა",
            "ვრცლად",
            "ادامه مطلب",
            "متن کامل",
        ] {
            check(it, Some(Pointer::Line));
        }
    }

    #[test]
    fn other_articles_and_credits_are_no_text() {
        let long =
            "Vinnikov arrested in Batumi on charges of fraud, and his partners sought in several other countries";
        check(&format!("Read also: {long}"), Some(Pointer::Line));
        for it in [
            "Related: Vinnikov arrested.",
            "Читайте также: Винников задержан.",
            "Читайте також: Вінніков затриманий",
            "Həmçinin oxuyun: Vinnikov saxlanılıb",
            "Կարդացեք նաև՝ Վիննիկովը ձերբակալվել է",
            "ასევე წაიკითხეთ: ვინიკოვი დააკავეს",
            "بیشتر بخوانید: بازداشت",
            "Source: Rioni",
            "Photo: AFP",
            "Источник: РИА Риони",
            "Mənbə: Rioni",
            "Աղբյուր՝ Ռիոնի",
            "წყარო: რიონი",
            "منبع: ریونی",
        ] {
            check(it, Some(Pointer::Line));
        }
        check("Read also:", Some(Pointer::Heading));
        check("Читайте также:", Some(Pointer::Heading));
    }

    #[test]
    fn text_is_no_pointer() {
        for it in [
            "Источник: Винников задержан",
            "Source: minister detained",
            "Source: Vinnikov Detained",
            "Читать на русском запретил Винников",
            "Подробнее на суде Винников рассказал",
            "Devamı için Vinnikov çağırdı",
            "Read the rest, Vinnikov says",
            "Read the full Vinnikov statement",
            "წყარო: ვინიკოვი დააკავეს",
            "Подробнее об этом рассказал Винников.",
            "Ավելին, Վիննիկովը հեռացել է։",
            "ვრცლად ისაუბრა ვინიკოვმა.",
            "Continue reading the will of Vinnikov, the judge said.",
            "Full text of what Vinnikov said",
            "Vinnikov: read also what others write",
            "More than Vinnikov",
        ] {
            check(it, None);
        }
    }
}
