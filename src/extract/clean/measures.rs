//! Recognises lines that say how long reading takes, or how long ago a page was published.

/// Words after the number in such lines.
const MEASURES: &[&str] = &[
    "min read",
    "mins read",
    "minute read",
    "minutes read",
    "min",
    "mins",
    "minutes",
    "minutes ago",
    "hour ago",
    "hours ago",
    "day ago",
    "days ago",
    "week ago",
    "weeks ago",
    "month ago",
    "months ago",
    "мин",
    "мин чтения",
    "мин. чтения",
    "минута",
    "минуты",
    "минут",
    "минут чтения",
    "минуты чтения",
    "минут назад",
    "часа назад",
    "часов назад",
    "дня назад",
    "дней назад",
    "хв",
    "хв читання",
    "хв. читання",
    "хвилина",
    "хвилини",
    "хвилин",
    "хвилини читання",
    "хвилин читання",
    "хвилин тому",
    "годин тому",
    "днів тому",
    "dəq",
    "dəqiqə",
    "dəq oxu",
    "dəqiqə oxu",
    "dəqiqəlik oxu",
    "dəqiqə əvvəl",
    "saat əvvəl",
    "gün əvvəl",
    "dk",
    "dakika",
    "dk okuma",
    "dakika okuma",
    "dakikalık okuma",
    "dakika önce",
    "saat önce",
    "gün önce",
    "րոպե",
    "րոպե ընթերցում",
    "րոպե առաջ",
    "ժամ առաջ",
    "օր առաջ",
    "წთ",
    "წუთი",
    "წუთის საკითხავი",
    "წუთის წინ",
    "საათის წინ",
    "დღის წინ",
    "دقیقه",
    "دقیقه مطالعه",
    "دقیقه پیش",
    "ساعت پیش",
    "روز پیش",
];

/// Words before the number.
const LABELS: &[&str] = &[
    "reading time",
    "read time",
    "estimated reading time",
    "время чтения",
    "время на чтение",
    "час читання",
    "oxuma müddəti",
    "okuma süresi",
    "ընթերցման ժամանակը",
    "կարդալու ժամանակը",
    "კითხვის დრო",
    "წაკითხვის დრო",
    "زمان مطالعه",
];

/// How long a text takes to read, or how long ago it came out, and nothing else: "- 5 min read", "6 days ago".
pub(super) fn is_measure(text: &str) -> bool {
    let bare = text.trim_start_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
    let Some(number) = bare.find(char::is_numeric) else { return false };
    let (label, bare) = bare.split_at_checked(number).unwrap_or_default();
    let label = label.trim_matches(|it: char| !it.is_alphanumeric());
    if !label.is_empty() && !LABELS.contains(&label) {
        return false;
    }
    let digits = bare.find(|it: char| !it.is_numeric()).filter(|it| *it > 0);
    let Some((number, rest)) = digits.and_then(|it| bare.split_at_checked(it)) else { return false };
    number.chars().count() <= 3 && MEASURES.contains(&rest.trim().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_times_are_no_text() {
        for it in [
            "- 6 days ago",
            "5 min read",
            "7 мин чтения",
            "Reading time: 5 min",
            "Время чтения: 5 мин.",
            "Час читання: 4 хв",
            "Okuma süresi: 3 dk",
            "Oxuma müddəti: 3 dəqiqə",
            "კითხვის დრო: 3 წუთი",
            "Ընթերցման ժամանակը՝ 3 րոպե",
            "زمان مطالعه: ۳ دقیقه",
            "3 gün önce",
            "۵ دقیقه پیش",
            "• 12 hours ago",
        ] {
            assert!(is_measure(it), "{it}");
        }
        for it in [
            "5 minutes later the road was open.",
            "COP29",
            "2026",
            "min read",
            "100 days",
            "Closed for 5 minutes",
            "In time: 5 min",
        ] {
            assert!(!is_measure(it), "{it}");
        }
    }
}
