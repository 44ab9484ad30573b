//! Given names of which Russian, Ukrainian and Georgian have each their own.

use super::*;

#[test]
fn a_given_name_is_found_in_its_other_form_beside_a_surname() {
    for (term, language, text) in [
        ("Volodymyr Tarasenko", "ru", "заявил Владимир Тарасенко"),
        ("Vladimir Tarasenko", "uk", "заявив Володимир Тарасенко"),
        ("Vladimir Tarasenko", "en", "said Volodymyr Tarasenko"),
        ("Владимир Тарасенко", "uk", "разом із Володимиром Тарасенком"),
        ("Володимир Тарасенко", "en", "said Vladimir Tarasenko"),
        ("ولادیمیر تاراسنکو", "uk", "заявив Володимир Тарасенко"),
        ("Vladimir Tarasenko", "hy", "ասել է Վոլոդիմիր Տարասենկոն"),
        ("Dmitry Bekdurov", "uk", "заявив Дмитро Бекдуров"),
        ("Mikhail Bekdurov", "uk", "заявив Михайло Бекдуров"),
        ("Mikheil Gelbadze", "ru", "с Михаилом Гелбадзе"),
        ("Nikolai Bekdurov", "uk", "про Миколу Бекдурова"),
        ("Микола Тарасенко", "ru", "с Николаем Тарасенко"),
        ("Alexander Tarasov", "uk", "заявив Олександр Тарасов"),
        ("Олексій Тарасенко", "ru", "слова Алексея Тарасенко"),
        ("Olena Tarasenko", "ru", "слова Елены Тарасенко"),
        ("Pavel Tarasov", "uk", "заявив Павло Тарасов"),
        ("Petro Tarasenko", "ru", "заявил Петр Тарасенко"),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
}

#[test]
fn a_given_name_alone_has_no_other_form() {
    check("Vladimir", "uk", "заявив Володимир Тарасенко", &[]);
    check("Микола", "ru", "заявил Николай Тарасенко", &[]);
    check("Vladimir Tarasenko", "uk", "заявив Володимир Таранюк", &[]);
    check("Vladimir Tarasenko", "ru", "заявил Михаил Тарасенко", &[]);
    // Nor has a surname that is a given name too.
    check("Petr Pavel", "uk", "заявив Петро Павло", &[]);
    check("Petr Pavel", "uk", "заявив Петро Павел", &["Петро Павел"]);
    check("Thomas Pavel", "uk", "заявив Томас Павло", &[]);
    check("Томас Павел", "uk", "заявив Томас Павло", &[]);
}

/// Found in a review: documents have the surname first.
#[test]
fn a_given_name_is_found_in_its_other_form_after_a_surname() {
    for (term, language, text, form) in [
        ("Tarasenko Vladimir", "uk", "заявив Тарасенко Володимир", "Тарасенко Володимир"),
        ("Винников Игорь", "uk", "заявив Вінніков Ігор", "Вінніков Ігор"),
        ("Тарасенко Олександр", "ru", "заявил Тарасенко Александр", "Тарасенко Александр"),
        ("Тарасенко Олександр Петрович", "ru", "заявил Тарасенко Александр Петрович", "Тарасенко Александр Петрович"),
        ("Андреев Владимир", "uk", "заявив Андрєєв Володимир", "Андрєєв Володимир"),
        ("ანდრეევი ვლადიმირი", "uk", "заявив Андрєєв Володимир", "Андрєєв Володимир"),
        ("Անդրեև Վլադիմիր", "uk", "заявив Андрєєв Володимир", "Андрєєв Володимир"),
        ("تاراسنکو ولادیمیر", "uk", "заявив Тарасенко Володимир", "Тарасенко Володимир"),
    ] {
        check(term, language, text, &[form]);
    }
}
