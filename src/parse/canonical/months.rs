//! Names of months.

/// Starts of the names of the twelve months, lower case, without the letters that grammar changes. A name
/// is of the month whose start is the longest that fits it.
///
/// English, German, French, Spanish, Portuguese, Italian, Dutch, the Nordic and Baltic languages, Polish,
/// Czech, Hungarian, Romanian, Greek, Bulgarian, Russian, Ukrainian, Turkish, Azerbaijani, Armenian, Georgian,
/// Arabic and Persian, which has its own names for the Gregorian months.
#[rustfmt::skip]
const GREGORIAN: [&[&str]; 12] = [
    &["jan", "jän", "jaan", "janv", "ene", "gen", "ian", "sty", "led", "tammi", "saus", "ιαν", "ιαν", "яну", "янв",
        "січ", "oca", "yan", "հունվ", "հնվ", "იან", "ژانویه", "يناير"],
    &["feb", "fev", "fév", "veeb", "lut", "úno", "helmi", "vas", "φεβ", "φεύ", "фев", "лют", "şub", "sub", "փետ",
        "თებ", "فوریه", "فبراير"],
    &["mar", "mär", "mrz", "már", "maa", "bře", "kov", "μαρ", "μάρ", "мар", "бер", "մար", "მარ", "مارس"],
    &["apr", "avr", "abr", "ápr", "áp", "kwi", "dub", "huhti", "bal", "απρ", "апр", "кві", "nis", "ապր", "აპრ",
        "آوریل", "أبريل", "ابريل"],
    &["may", "mai", "mag", "mei", "maj", "máj", "kvě", "touko", "geg", "μαϊ", "μαΐ", "μάι", "μαι", "μάϊ", "май",
        "мая", "тра", "մայ", "მაი", "مه", "می", "مايو"],
    &["jun", "juin", "giu", "iun", "jún", "jūn", "juun", "cze", "čvn", "červen", "červn", "kesä", "bir", "ιουν",
        "ιούν", "ιον", "ιού", "юни", "июн", "чер", "haz", "iyun", "հունիս", "հնս", "ივნ", "ژوئن", "يونيو"],
    &["jul", "juil", "lug", "iul", "júl", "jūl", "juul", "lip", "čvc", "červenc", "červenec", "heinä", "lie",
        "ιουλ", "ιούλ", "ιολ", "юли", "июл", "лип", "tem", "iyul", "հուլիս", "հլս", "ივლ", "ژوئیه", "جولای",
        "يوليو"],
    &["aug", "aoû", "aou", "ago", "sie", "srp", "elo", "rugp", "αυγ", "αύγ", "авг", "сер", "ağu", "agu", "avq",
        "օգո", "აგვ", "اوت", "آگوست", "أغسطس"],
    &["sep", "set", "szep", "wrz", "zář", "syys", "rugs", "σεπ", "сен", "сеп", "вер", "eyl", "sen", "սեպ", "სექ",
        "سپتامبر", "سبتمبر"],
    &["oct", "okt", "ott", "out", "paź", "říj", "loka", "spa", "οκτ", "окт", "жов", "eki", "հոկ", "ოქტ", "اکتبر",
        "أكتوبر"],
    &["nov", "noi", "lis", "marras", "lap", "νοε", "νοέ", "ноя", "ное", "лис", "kas", "noy", "նոյ", "ნოე",
        "نوامبر", "نوفمبر"],
    &["dec", "dez", "déc", "dic", "des", "det", "gru", "pro", "joulu", "gruo", "δεκ", "дек", "гру", "ara", "dek",
        "դեկ", "დეკ", "دسامبر", "ديسمبر"],
];

/// The months of the Persian calendar.
const PERSIAN: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

/// A month of one of the two calendars, 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Month {
    Gregorian(u32),
    Persian(u32),
}

/// The month that a lower-case word names.
pub(super) fn named(word: &str) -> Option<Month> {
    if let Some((month, _)) = (1..).zip(PERSIAN).find(|(_, name)| *name == word) {
        return Some(Month::Persian(month));
    }
    let starts = (1..).zip(GREGORIAN).flat_map(|(month, names)| names.iter().map(move |it| (month, *it)));
    let fitting = starts.filter(|(_, start)| word.starts_with(start)).max_by_key(|(_, start)| start.len());
    fitting.map(|(month, _)| Month::Gregorian(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_months_of_the_region() {
        let years = [
            "january february march april may june july august september october november december",
            "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
            "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
            "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
            "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
            "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
            "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
            "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "januar februar märz april mai juni juli august september oktober november dezember",
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
            "ledna února března dubna května června července srpna září října listopadu prosince",
            "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
            "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
            "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
            "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
        ];
        for year in years {
            for (month, name) in (1..).zip(year.split(' ')) {
                assert_eq!(named(name), Some(Month::Gregorian(month)), "{name}");
            }
        }
        assert_eq!(named("خرداد"), Some(Month::Persian(3)));
        assert_eq!(named("monday"), None);
    }
}
