//! Reads the words beside a date that say what it is.

/// What a date is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The day of publication.
    Published,
    /// The day of a change.
    Changed,
}

/// A line longer than this many characters is running text: its words say nothing of its dates.
pub(super) const MAX_LABEL: usize = 160;

/// What a short line says of its dates, in order; repeated statements once.
pub(super) fn in_line(text: &str) -> Vec<Said> {
    let lower = text.to_lowercase();
    let starts_word = |at: usize| !lower.get(..at).unwrap_or_default().ends_with(char::is_alphabetic);
    let mut found: Vec<(usize, Said)> = Vec::new();
    for (stems, said) in [(PUBLISHED, Said::Published), (CHANGED, Said::Changed)] {
        let places = stems.iter().flat_map(|stem| lower.match_indices(stem));
        found.extend(places.filter(|(at, _)| starts_word(*at)).map(|(at, _)| (at, said)));
    }
    found.sort_unstable_by_key(|it| it.0);
    let mut res: Vec<Said> = found.into_iter().map(|it| it.1).collect();
    res.dedup();
    res
}

/// What it says of the date that is the `nth` of `all`.
pub(super) fn of_date(said: &[Said], nth: usize, all: usize) -> Option<Said> {
    match said {
        [one] => Some(*one),
        _ if said.len() == all => said.get(nth).copied(),
        _ => None,
    }
}

/// Beginnings of words, lower case.
const PUBLISHED: &[&str] = &[
    "publish",
    "posted",
    "created",
    "issued",
    "veröffentlich",
    "publiziert",
    "erschienen",
    "erstellt",
    "publié",
    "publicad",
    "pubblicat",
    "opublikowan",
    "опубликов",
    "размещен",
    "дата публикац",
    "опубліков",
    "dərc",
    "yayınla",
    "yayımla",
    "oluşturul",
    "հրապարակ",
    "გამოქვეყნ",
    "გამოცემ",
    "منتشر",
    "انتشار",
    "公開",
    "発表",
    "입력",
    "등록",
];

const CHANGED: &[&str] = &[
    "updat",
    "modif",
    "edited",
    "revised",
    "reviewed",
    "aktualis",
    "geändert",
    "bearbeitet",
    "mis à jour",
    "mise à jour",
    "actualiz",
    "aggiorn",
    "zaktualiz",
    "обновл",
    "изменен",
    "отредактир",
    "оновл",
    "змінен",
    "yenilən",
    "güncelle",
    "düzenlen",
    "թարմաց",
    "փոփոխ",
    "განახლ",
    "შეცვლ",
    "به‌روز",
    "به روز",
    "بروزرسانی",
    "ویرایش",
    "更新",
    "수정",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_what_the_words_before_it_say() {
        use Said::{Changed, Published};
        for (line, expected) in [
            ("Published 3 May 2026", &[Published][..]),
            ("Published: 3 May 2026 | Updated: 4 May 2026", &[Published, Changed]),
            ("Обновлено 4 мая, опубликовано 3 мая 2026", &[Changed, Published]),
            ("Yayınlanma: 03.05.2026, Güncelleme: 04.05.2026", &[Published, Changed]),
            ("გამოქვეყნებულია 3 მაისს", &[Published]),
            ("Թարմացված 4 մայիսի", &[Changed]),
            ("تاریخ انتشار: ۳ مه ۲۰۲۶", &[Published]),
            ("Yenilənib: 4 may 2026", &[Changed]),
            ("The Republic, 3 May 2026", &[]),
        ] {
            assert_eq!(in_line(line), expected, "{line}");
        }
        assert_eq!(of_date(&[Published, Changed], 1, 2), Some(Changed));
        assert_eq!(of_date(&[Published, Changed], 1, 3), None);
        assert_eq!(of_date(&[Changed], 1, 2), Some(Changed));
    }
}
