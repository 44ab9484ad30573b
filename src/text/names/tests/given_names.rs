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
        // Found by a tester.
        ("Alexander Vinnikov", "ka", "ალექსანდრე ვინიკოვმა განცხადება გააკეთა"),
        ("Aleksandre Gelbadze", "ru", "заявил Александр Гелбадзе"),
        ("Aleksandar Vučić", "ru", "заявил Александр Вучич"),
        ("Aleksandar Vučić", "uk", "заявив Олександр Вучич"),
        ("Aleksandar Vučić", "ka", "სერბეთის პრეზიდენტი ალექსანდრ ვუჩიჩი"),
        ("Aleksandar Vučić", "az", "Serbiya prezidenti Aleksandr Vuçiç"),
        ("Dmitry Bekdurov", "ka", "დიმიტრი ბექდუროვმა განცხადება გააკეთა"),
        ("Nikoloz Gelbadze", "ru", "с Николаем Гелбадзе"),
        ("Grigol Gelbadze", "ru", "с Григорием Гелбадзе"),
        ("Davit Gelbadze", "ru", "с Давидом Гелбадзе"),
        ("Davit Tonoyan", "uk", "заявив Давид Тоноян"),
        ("Hakob Arshakyan", "ru", "заявил Акоп Аршакян"),
        ("Gevorg Papoyan", "ru", "заявил Геворк Папоян"),
        ("Vartan Oskanian", "az", "Vardan Oskanyanın sözləri"),
        ("Michael Carpenter", "ru", "заявил Майкл Карпентер"),
        ("Charles Michel", "ru", "заявил Шарль Мишель"),
        ("Charles Michel", "ka", "შარლ მიშელმა განცხადება გააკეთა"),
        ("Charles Michel", "az", "Şarl Mişel bildirib"),
        ("Jean-Noël Barrot", "uk", "заявив Жан-Ноель Барро"),
        ("Andrzej Duda", "uk", "слова Анджея Дуди"),
        ("Ogtay Asadov", "ru", "заявил Октай Асадов"),
        ("Recep Tayyip Erdogan", "fa", "رجب طیب اردوغان وارد تهران شد"),
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

/// Found by a tester: Persian writes two given names as one word, or parts them by a half space.
#[test]
fn names_that_persian_joins_are_found_apart() {
    for (term, text) in [
        ("Mohammad Bagher Ghalibaf", "به گفته او محمدباقر قالیباف رئیس مجلس شورای اسلامی است."),
        ("Mohammad Baqer Qalibaf", "به گفته او محمدباقر قالیباف رئیس مجلس شورای اسلامی است."),
        ("Mohammad Javad Zarif", "به گفته او محمدجواد ظریف در این نشست سخن گفت."),
        ("Mohammad Reza Aref", "به گفته او محمدرضا عارف در این نشست سخن گفت."),
        ("Ali Akbar Velayati", "به گفته او علی‌اکبر ولایتی در این نشست سخن گفت."),
        ("Bagheri Kani", "به گفته او علی باقری‌کنی در این نشست سخن گفت."),
        ("Ali Bagheri Kani", "به گفته او علی باقری‌کنی در این نشست سخن گفت."),
        ("Takht-Ravanchi", "به گفته او مجید تخت‌روانچی در این نشست سخن گفت."),
        // As before.
        ("Aliyeva", "به گفته او مهربان علی‌اوا در این نشست سخن گفت."),
        ("Mohammadreza Aref", "به گفته او محمدرضا عارف در این نشست سخن گفت."),
        ("Alireza Akbari", "به گفته او علیرضا اکبری در این نشست سخن گفت."),
        ("Velayati", "به گفته او علی‌اکبر ولایتی در این نشست سخن گفت."),
    ] {
        assert_eq!(found(term, text, Some("fa")).len(), 1, "{term} in {text}");
    }
    // A half is no name.
    check("Reza", "fa", "به گفته او محمدرضا عارف در این نشست سخن گفت.", &[]);
    check("Bagher", "fa", "به گفته او محمدباقر قالیباف در این نشست سخن گفت.", &[]);
}
