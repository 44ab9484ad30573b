//! Letters and numbers: weapons, meetings, units.

use super::*;

#[test]
fn a_hyphen_or_nothing_parts_a_letter_and_its_number() {
    for (term, language, text, form) in [
        ("S-400", "en", "the S400 deal", "S400"),
        ("S-400", "en", "Turkey’s S-400s remain", "S-400s"),
        ("S-400", "en", "an S–400 battery", "S–400"),
        ("F-16", "en", "F-16s intercepted it", "F-16s"),
        ("F-16", "en", "an F16 crashed", "F16"),
        ("С-400", "ru", "комплекс С400 замечен", "С400"),
        ("TB2", "tr", "yeni TB-2'nin modeli", "TB-2"),
        ("Bayraktar TB2", "en", "the Bayraktar TB-2 drone", "Bayraktar TB-2"),
        ("COP29", "en", "COP-29 participants", "COP-29"),
        ("COP29", "en", "the COP 29 summit", "COP 29"),
        ("Су-35", "ru", "истребитель Су-35С сбит", "Су-35С"),
        ("Т-72", "ru", "танки Т-72Б3 прибыли", "Т-72Б3"),
        ("S-400", "az", "S-400-lərin taleyi", "S-400"),
        ("Mohajer-6", "ru", "беспилотник «Мохаджер-6»", "Мохаджер-6"),
        ("3+3", "en", "the 3 + 3 format", "3 + 3"),
    ] {
        check(term, language, text, &[form]);
    }
}

#[test]
fn a_letter_before_a_number_is_no_designation() {
    for (term, language, text) in [
        ("С-400", "ru", "С 400 бойцами он вышел из окружения"),
        ("Ми-8", "ru", "Ми 8 марта отмечаем"),
        ("Т-72", "ru", "Т. 72 года"),
        ("F-16", "en", "Section F. 16 people died"),
        ("F-16", "en", "Group F – 16 June: Portugal meet Turkey"),
        ("С-300", "ru", "В секторе С – 300 мест"),
        ("F-16", "en", "an F-160, an F-1 and an AF-16"),
        ("S-400", "en", "the S-4000 and S-40"),
        ("3+3", "en", "they won 3-3, and 3/3"),
        ("Dewar", "fa", "این کتاب در 1996 منتشر شد و به فروش رفت"),
    ] {
        check(term, language, text, &[]);
    }
}

#[test]
fn an_ordinal_has_its_cases() {
    for (term, language, text, form) in [
        ("102-я база", "ru", "Командир 102-й базы", "102-й базы"),
        ("58-я армия", "ru", "В 58-ю армию", "58-ю армию"),
        ("47-ма бригада", "uk", "Командир 47-ої бригади", "47-ої бригади"),
        ("5-й корпус", "ru", "В 5-м корпусе", "5-м корпусе"),
    ] {
        check(term, language, text, &[form]);
    }
    check("58-я армия", "ru", "В 158-ю армию", &[]);
}

/// Of many, some words have no ending.
#[test]
fn plain_words_have_all_their_cases() {
    for (term, language, text, form) in [
        ("санкции", "ru", "пакет санкций", "санкций"),
        ("учения", "ru", "начало учений", "учений"),
        ("навчання", "uk", "початок навчань", "навчань"),
        ("внешняя разведка", "ru", "директор внешней разведки", "внешней разведки"),
    ] {
        check(term, language, text, &[form]);
    }
    check("санкции", "ru", "это санкционировано", &[]);
}
