//! What stands between a given name and a surname, and for a given name.

use super::{Manner, NameSet, NameTerm, check, found};

#[test]
fn initials_and_patronymics_stand_between() {
    for (term, language, text) in [
        ("Ilham Aliyev", "az", "Prezident İlham Heydər oğlu Əliyev dedi"),
        ("Ilham Aliyev", "ru", "сказал Ильхам Гейдар оглы Алиев"),
        ("Ilham Aliyev", "ru", "сказал Ильхам Гейдар-оглы Алиев"),
        ("Mehriban Aliyeva", "az", "dedi Mehriban Arif qızı Əliyeva"),
        ("Volodymyr Zelensky", "en", "said Volodymyr Oleksandrovych Zelensky"),
        ("Vladimir Lenin", "ru", "как Владимир Ильич Ленин"),
        ("Наталья Иванова", "ru", "для Натальи Никитичны Ивановой"),
        ("Наталья Иванова", "ru", "сказала Наталья Ильинична Иванова"),
        ("Nikol Pashinyan", "hy", "ասել է Նիկոլ Վովայի Փաշինյանը"),
        ("Donald Trump", "ru", "сказал Дональд Дж. Трамп"),
        ("John Smith", "en", "said John F.K. Smith"),
        ("John Smith", "en", "said John F. K. Smith"),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
    check("John Smith", "en", "John met Smith; John Peter and Ann Smith; John said. Smith", &[]);
}

#[test]
fn an_initial_stands_for_a_given_name() {
    for (term, language, text) in [
        ("Nikol Pashinyan", "ru", "По словам Н. Пашиняна, встреча прошла"),
        ("Nikol Pashinyan", "ru", "сообщил Н.В. Пашинян журналистам"),
        ("Nikol Pashinyan", "ru", "Присутствовали: Пашинян Н. В., Мирзоян А. С."),
        ("Nikol Pashinyan", "hy", "Ն. Փաշինյանը հանդիպեց նախարարին"),
        ("Nikol Pashinyan", "ka", "ნ. ფაშინიანმა განაცხადა"),
        ("Никол Пашинян", "en", "said N. Pashinyan on Monday"),
        ("Jeyhun Bayramov", "ru", "министр Дж. Байрамов прибыл"),
        ("Jeyhun Bayramov", "ru", "министр Д. Байрамов прибыл"),
        ("Jeyhun Bayramov", "az", "nazir C. Bayramov gəldi"),
        ("Yevgeny Petrov", "ru", "сказал Е. Петров вчера"),
        ("Mark Rutte", "ru", "заявил М. Рютте в Брюсселе"),
        ("Hakan Fidan", "tr", "Bakan H. Fidan konuştu"),
    ] {
        let all = found(term, text, Some(language));
        assert_eq!(all.len(), 1, "{term} in {text}");
    }
    check("Nikol Pashinyan", "ru", "По словам Н. В. Пашиняна, так", &["Н. В. Пашиняна"]);
    // Another initial, the second one of another given name, and a sentence that ends before the name.
    check("Nikol Pashinyan", "ru", "А. Пашинян, Анна Н. Пашинян; группа Н, Пашинян не пришёл", &[]);
    check("Ilham Aliyev", "ru", "сказал Г. Алиев; Пашинян И. Иванов", &[]);
    // Near sounds are other letters.
    for (term, language, text) in [
        ("Andrew Smith", "en", "said J. Smith, E. Smith and O. Smith"),
        ("James Smith", "en", "said A. Smith, C. Smith and G. Smith"),
        ("Павел Петров", "ru", "сказал Б. Петров"),
        ("Сергей Петров", "ru", "сказали З. Петров, Ц. Петров и Ш. Петров"),
        ("Иван Петров", "ru", "сказали Ю. Петров, Й. Петров и Е. Петров"),
        ("Ilham Aliyev", "ru", "сказали Е. Алиев и Ы. Алиев"),
        ("Ilham Aliyev", "az", "dedi J. Əliyev, E. Əliyev, Y. Əliyev"),
        ("Anna Petrova", "ru", "сказала Е. Петрова"),
        // Titles and ranks are no initials, nor is what follows another given name.
        ("Mark Rutte", "en", "Mr. Rutte said so"),
        ("David Smith", "en", "said Dr. Smith of Smith St. yesterday"),
        ("Stephen Smith", "en", "on St. Smith and with Smith St. yesterday"),
        ("Сергей Петров", "ru", "храм Св. Петров стоит"),
        ("Joe Biden", "en", "said Jill Biden Jr. and Jill Biden J. yesterday"),
    ] {
        check(term, language, text, &[]);
    }
    for (term, language, text, forms) in [
        ("Ceyhun Bayramov", "ru", "министры Дж. Байрамов и Ч. Байрамов", vec!["Дж. Байрамов"]),
        ("Ceyhun Bayramov", "az", "nazir C. Bayramov gəldi", vec!["C. Bayramov"]),
        ("Şahin Mustafayev", "en", "said Sh. Mustafayev and S. Mustafayev", vec!["Sh. Mustafayev", "S. Mustafayev"]),
        ("Heydər Əliyev", "ru", "портрет Г. Алиева", vec!["Г. Алиева"]),
        ("Yusuf Aliyev", "ru", "сказал Ю. Алиев", vec!["Ю. Алиев"]),
        ("Kaja Kallas", "ru", "сказала К. Каллас", vec!["К. Каллас"]),
    ] {
        check(term, language, text, &forms);
    }
    let set = NameSet::compile(&[NameTerm::parse("Nikol Pashinyan", Manner::Name).unwrap()]);
    let sighting = set.scan("сказал Н. Пашинян", Some("ru")).remove(0);
    let why = "“Н. Пашинян” sounds like “Nikol Pashinyan” in another script with an initial for the given name.";
    assert_eq!(sighting.why("Nikol Pashinyan", "Н. Пашинян"), why);
}
