//! Words that are nearer to another name than to that of a term.

use super::*;

#[test]
fn what_is_another_name_is_not_taken_for_one_that_it_resembles() {
    for (term, language, text) in [
        ("Zakharova", "ru", "Журналистке вручили премию Сахарова"),
        ("Zakharova", "ka", "ამბობენ, რომ სახაროვის პრემია გადაეცა"),
        ("Zakharov", "en", "The archive of Andrei Sakharov was moved"),
        ("Maria Zakharova", "ru", "об этом сказала Мария Сахарова"),
        ("Bucha", "ru", "Поезд из Баку прибыл в Тбилиси"),
        ("Jermuk", "uk", "У Києві Єрмак звільнився"),
        ("Jermuk", "ka", "კიევში ანდრი ერმაკმა თანამდებობა დატოვა"),
        ("Rubio", "hy", "Երեկ Ռուբեն Վարդանյանի մասին խոսեցին"),
        ("Huseynov", "fa", "ذاکر حسن\u{200c}اف وزیر دفاع جمهوری آذربایجان به آنکارا رفت"),
        ("Rosatom", "fa", "رستم عمروف با ویتکاف دیدار کرد"),
        ("Kos", "fa", "در بغداد سردار قاسم سلیمانی ترور شد"),
        ("Healey", "fa", "آقایان علی لاریجانی و علی شمخانی در نشست حضور داشتند"),
        ("Kaja Kallas", "uk", "Міністр вніс Каху Каладзе до списку"),
        ("Поти", "ru", "Он сказал: Потом увидим"),
    ] {
        assert_eq!(found(term, text, Some(language)), [], "{term} in {text}");
    }
}

#[test]
fn what_is_the_name_in_another_spelling_is_found_all_the_same() {
    for (term, language, text) in [
        ("Zakharova", "ru", "об этом сказала Захарова"),
        ("Zaharova", "ru", "об этом сказала Захарова"),
        ("Zaharova", "ru", "встретился с Захаровой"),
        ("Sakharov", "tr", "ödül Saharov adına"),
        ("Акопян", "en", "said Anna Hakobyan"),
        ("Alexander", "uk", "разом з Олександром"),
        ("Baku", "ru", "Поезд из Баку прибыл"),
        ("Сумы", "ru", "обстрел в Сумах"),
        ("Umerov", "fa", "رستم عمروف با ویتکاف دیدار کرد"),
        ("Aliyev", "fa", "الهام علی اف در شوشا گفت دالان باز خواهد شد"),
    ] {
        assert_ne!(found(term, text, Some(language)), [], "{term} in {text}");
    }
}

#[test]
fn a_given_name_of_cyrillic_letters_is_no_surname_that_sounds_like_it() {
    for (surname, given) in [("Powell", "Павел"), ("Rubin", "Рубен"), ("Costa", "Костя"), ("Wang", "Ваня")]
    {
        check(surname, "ru", &format!("Вчера {given} пришел к нам. А был ли {given}?"), &[]);
    }
    for (surname, text) in [
        ("Powell", "А Павел пришел к нам"),
        ("Rubin", "Вчера министр Рубен Варданян ответил"),
        ("Powell", "Вчера президент Павел Петров ответил"),
    ] {
        check(surname, "ru", text, &[]);
    }
    check("Powell", "ru", "Вчера Пауэлл пришел к нам", &["Пауэлл"]);
    // After another given name it is a surname, and to the letter it is the name.
    check("Rubin", "ru", "Вчера Роберт Рубен пришел к нам", &["Рубен"]);
    check("Pavel", "ru", "Вчера Павел пришел к нам", &["Павел"]);
    check("Andreev", "ru", "Вчера Андреев пришел к нам", &["Андреев"]);
    // Neither is a name that is spelled otherwise in Latin letters.
    for (term, text) in [("Herman", "Герман"), ("Heydər", "Гейдар"), ("Həsən", "Гасан"), ("Cavid", "Джавид")]
    {
        check(term, "ru", &format!("Вчера {text} пришел к нам"), &[text]);
    }
}

#[test]
fn a_place_is_no_surname_that_sounds_like_it() {
    for (surname, language, text) in [
        ("Cheney", "ru", "Вчера Кения встречала послов"),
        ("Cheney", "az", "Dünən Keniyada və Keniya ilə danışıqlar oldu"),
        ("Franco", "az", "Dünən bildirdilər ki Fransa yeni görüş keçirəcək"),
        ("Holman", "az", "Dünən bildirdilər ki Almanya yeni görüş keçirəcək"),
        ("Villepin", "ru", "Вчера на Филиппины прибыли корабли"),
        ("Cameron", "ru", "Вчера посол прибыл в Камерун"),
        ("Rice", "az", "Dünən bildirdilər ki Riqa yeni görüş keçirəcək"),
        ("Payne", "ka", "გუშინ თქვეს რომ ფინეთი ახალ შეხვედრას გამართავს აქ"),
    ] {
        check(surname, language, text, &[]);
    }
    // As it is spelled, and after a given name.
    check("Cheney", "ru", "Вчера Чейни прибыл в Кению", &["Чейни"]);
    check("Franco", "tr", "Dün Franco'nun ordusu geldi", &["Franco"]);
    check("Cameron", "ru", "Вчера Дэвид Камерун прибыл", &["Камерун"]);
    check("Cameron", "ru", "Вчера Д. Камерун прибыл", &["Камерун"]);
}

#[test]
fn the_cases_of_a_surname_are_no_given_name_and_no_place() {
    for (surname, forms) in [
        ("Costa", "Косту Косте Костой"),
        ("Wang", "Ваном Вану"),
        ("Yang", "Яном Яну"),
        ("Hollande", "Олланд Олланда Олланду Олландом"),
        ("Herman", "Герман Германом Герману"),
    ] {
        let forms = forms.split(' ').collect::<Vec<_>>();
        let text = forms.iter().map(|it| format!("Вчера видели {it} у нас.")).collect::<Vec<_>>().join(" ");
        check(surname, "ru", &text, &forms);
    }
}
