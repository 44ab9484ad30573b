//! What tells a name from a word in scripts without capitals.

use std::collections::HashSet;

use super::{Manner, NameSet, NameTerm, check, found};
use crate::text::names::{Script, between, common, given};

#[test]
fn surnames_are_no_everyday_words() {
    for (term, language, text) in [
        ("Rasulov", "ka", "დილით რასულოვმა სტუმრებს პორტი აჩვენა და ქარხანაში წავიდა."),
        ("Taghiyev", "ka", "შეხვედრის შემდეგ ტაგიევს ეს კითხვა დაუსვეს ჟურნალისტებმა."),
        ("Manukyan", "ka", "შეკითხვას მანუკიანი შემდეგ კვირას უპასუხებს წერილობით."),
        ("Ezugbaia", "ka", "საღამოს ეზუგბაიამ საზღვრის დახურვაზე ისაუბრა სტუდიაში."),
        ("Vashakidze", "ka", "როგორც ვაშაკიძემ თქვა, გზა ზამთარში დაიკეტება ქარის გამო."),
        ("Okujava", "ka", "წერილი ოკუჯავას ორშაბათს გადაეცა რედაქციის სახელით."),
        ("Sulakauri", "ka", "ამ წინადადებას სულაკაური მხარს არ უჭერს პარლამენტში."),
        ("Kazemi", "fa", "در پایان نشست کاظمی درباره مرزهای شمالی سخن گفت و رفت."),
        ("Pourahmad", "fa", "در پایان نشست پوراحمد درباره مرزهای شمالی سخن گفت و رفت."),
        ("Bagherzadeh", "fa", "در پایان نشست باقرزاده درباره مرزهای شمالی سخن گفت و رفت."),
        ("Jafarian", "fa", "در پایان نشست جعفریان درباره مرزهای شمالی سخن گفت و رفت."),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
}

/// Found by a tester: the names of most towns of Georgia were everyday words, and many surnames in all cases but the
/// nominative.
#[test]
fn places_and_surnames_are_no_everyday_words_in_any_case() {
    for (term, language, text) in [
        ("Zugdidi", "ka", "გუშინ ზუგდიდში აქცია გაიმართა და დამთავრდა."),
        ("Kutaisi", "ka", "ქუთაისში პარლამენტის ძველი შენობა გაიყიდა, იუწყება რადიო."),
        ("Rustavi", "ka", "რუსთავის ციხიდან წერილი გამოქვეყნდა გუშინ საღამოს."),
        ("Gali", "ka", "გალის რაიონში კაცი გაიტაცეს გუშინ საღამოს."),
        ("Gali", "ka", "გუშინ საღამოს გალიდან კაცი გაიტაცეს მთაში."),
        ("Gori", "ka", "გუშინ საღამოს გორიდან კაცი გაიტაცეს მთაში."),
        ("Akhaltsikhe", "ka", "გუშინ საღამოს ახალციხიდან კაცი გაიტაცეს მთაში."),
        ("Ganja", "ka", "გუშინ საღამოს განჯაში აქცია გაიმართა და დამთავრდა."),
        ("Kars", "ka", "გუშინ საღამოს ყარსიდან მატარებელი გავიდა მთაში."),
        ("Etchmiadzin", "ka", "გუშინ საღამოს ეჩმიაძინში აქცია გაიმართა და დამთავრდა."),
        ("Odesa", "ka", "გუშინ საღამოს ოდესაში აქცია გაიმართა და დამთავრდა."),
        ("Zhvania", "ka", "გუშინ ჟვანიამ თქვა, რომ წინადადებას არ ეთანხმება."),
        ("Chanturia", "ka", "გუშინ საღამოს ჭანტურიას ეს კითხვა დაუსვეს ჟურნალისტებმა."),
        ("Kandelaki", "ka", "გუშინ საღამოს კანდელაკმა ეს კითხვა გააპროტესტა სტუდიაში."),
        ("Inauri", "ka", "გუშინ საღამოს ინაურმა ეს კითხვა გააპროტესტა სტუდიაში."),
        ("Tusk", "ka", "გუშინ საღამოს ტუსკის წერილი გამოქვეყნდა ვარშავაში."),
        ("Astara", "fa", "شهرهای رشت، آستارا و جلفا در مرز آذربایجان هستند."),
        ("Rasht", "fa", "شهرهای رشت، آستارا و جلفا در مرز آذربایجان هستند."),
        ("Julfa", "fa", "شهرهای رشت، آستارا و جلفا در مرز آذربایجان هستند."),
        ("Ganja", "fa", "در این هفته گنجه و شهرهای دیگر در خبرها بودند."),
        ("Odesa", "fa", "در این هفته اودسا و شهرهای دیگر در خبرها بودند."),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
    // What is a word besides is one unless a word beside it says that a place is meant.
    check("Vale", "ka", "გუშინ საღამოს ვალის გადახდა დაიწყეს ბანკში.", &[]);
    check("Khevi", "ka", "გუშინ საღამოს ხევში ქარი ამოვარდა და დამთავრდა.", &[]);
    check("Khevi", "ka", "გუშინ საღამოს სოფელ ხევში ქარი ამოვარდა და დამთავრდა.", &["ხევში"]);
    check("Khevi", "ka", "გუშინ საღამოს ხევის მუნიციპალიტეტში ქარი ამოვარდა.", &["ხევის"]);
    check("Gali", "ka", "გუშინ საღამოს გალია გააღეს და ჩიტი გაფრინდა.", &[]);
    check("Gali", "ka", "გუშინ საღამოს გალობა გაისმა და დამთავრდა.", &[]);
    check("Goris", "ka", "გუშინ საღამოს გორის რაიონში ქარი ამოვარდა.", &[]);
    check("Goris", "ka", "გუშინ საღამოს გორისში ქარი ამოვარდა.", &["გორისში"]);
    // A place is no given name of what stands after it.
    check("Melia", "ka", "გუშინ საღამოს თბილისი განჯა მელია ახსენეს ბავშვებმა.", &[]);
}

#[test]
fn a_word_in_another_form_than_a_given_name_is_no_evidence() {
    for (term, language, text) in [
        ("Zarif", "fa", "در این بازار ظرف‌های ظریف از شهرهای دیگر فروخته شد."),
        ("Zarif", "fa", "آنها ظریف کار کردند و کارشان را در شهر فروختند."),
        ("Rouhani", "fa", "در این مراسم خانواده‌های روحانی در کنار هم نشستند."),
        ("Nouri", "fa", "این ستاره میلیون‌ها سال نوری از زمین فاصله دارد."),
        ("Velayati", "fa", "در این هفته شوراهای ولایتی نشست خود را آغاز کردند."),
        ("Melia", "ka", "ძველ მთაში მელია ყველას ენახა და არავის ეშინოდა."),
        ("Melia", "ka", "მოქალაქეებისათვის მელია ახლაც საშიში ცხოველი იყო ტყეში."),
        ("Melia", "ka", "მწყემსებმა მელია დაინახეს და ძაღლები გაუშვეს მთაში."),
    ] {
        check(term, language, text, &[]);
    }
    // A man whose name is in no list is one all the same.
    check("Melia", "ka", "მოლაპარაკებაზე ქიტესა მელია დილით მივიდა მარტო.", &["მელია"]);
}

#[test]
fn known_given_names_count_whatever_else_they_are() {
    for (term, language, text) in [
        ("Rouhani", "fa", "در پایان نشست حسن روحانی درباره مرزهای شمالی سخن گفت."),
        ("Zarif", "fa", "در پایان نشست محمد جواد ظریف درباره مرزهای شمالی سخن گفت."),
        ("Velayati", "fa", "در پایان نشست علی اکبر ولایتی درباره مرزهای شمالی سخن گفت."),
        ("Kharrazi", "fa", "در پایان نشست کمال خرازی درباره مرزهای شمالی سخن گفت."),
        ("Melia", "ka", "მოლაპარაკებაზე გაგიკ მელია დილით მივიდა მარტო."),
        // Of other languages.
        ("Melia", "ka", "მოლაპარაკებაზე მაიკლ მელია დილით მივიდა მარტო."),
        ("Melia", "ka", "მოლაპარაკებაზე ჯეიმს მელიამ დილით ისაუბრა დიდხანს."),
        ("Velayati", "fa", "در پایان نشست جیمز ولایتی درباره مرزهای شمالی سخن گفت."),
        ("Jones", "fa", "در پایان نشست جونز درباره مرزهای شمالی سخن گفت."),
        ("Melia", "ka", "მოლაპარაკებაზე რამილ მელიამ დილით ისაუბრა დიდხანს."),
        ("Melia", "ka", "მოლაპარაკებაზე გევორგ მელიას დილით შეხვდნენ მარტო."),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
    // Where such a word is meant as a word, it is none.
    check("Zarif", "fa", "این کار در کمال ظریف بودن بسیار ساده بود.", &[]);
    check("Rouhani", "fa", "پس از سلام روحانی مسجد سخن خود را آغاز کرد.", &[]);
}

/// Found in a review: two everyday words of which one is a given name too were a name.
#[test]
fn two_everyday_words_are_no_given_name_and_surname() {
    for (term, text) in [
        ("Elahi", "در این هفته نعمت الهی درباره مرزهای شمالی سخن گفت."),
        ("Maleki", "در پایان عزت ملکی برای همه مردم آرزو شد."),
        ("Arabi", "در این سال بهار عربی آغاز شد و مردم به خیابان آمدند."),
        ("Rouhani", "این مراسم تحت هدایت روحانی مسجد برگزار شد."),
        // Plurals of persons.
        ("Nazaryan", "به گفته او ناظران روز دوشنبه در این نشست سخن گفتند."),
    ] {
        check(term, "fa", text, &[]);
    }
    // A title or another given name before them says that they are a name.
    check("Maleki", "fa", "در پایان نشست محمد عزت ملکی درباره مرزهای شمالی سخن گفت.", &["ملکی"]);
    check("Maleki", "fa", "در پایان نشست دکتر عزت ملکی درباره مرزهای شمالی سخن گفت.", &["ملکی"]);
    check("Zia", "ka", "ეს ქვეყნები ახალ სიაში გუშინ მოხვდნენ.", &[]);
    check("Fidan", "fa", "به گفته او فیدان روز دوشنبه در این نشست سخن گفت.", &["فیدان"]);
}

/// Found in a review: the rule for phrases held for given names that begin none.
#[test]
fn a_given_name_that_begins_no_phrase_announces_an_adjective() {
    for (term, form, text) in [
        ("Maleki", "ملکی", "در پایان نشست دکتر صادق ملکی درباره مرزهای شمالی سخن گفت."),
        ("Maleki", "ملکی", "در پایان نشست اکبر ملکی درباره مرزهای شمالی سخن گفت."),
        ("Maleki", "ملکی", "در پایان نشست ژنرال امین ملکی درباره مرزهای شمالی سخن گفت."),
        ("Rouhani", "روحانی", "در پایان نشست آقای امیر روحانی درباره مرزهای شمالی سخن گفت."),
        ("Elahi", "الهی", "در پایان نشست صادق الهی درباره مرزهای شمالی سخن گفت."),
    ] {
        check(term, "fa", text, &[form]);
    }
    for (term, text) in [
        ("Maleki", "این کار با اکبر ملکی نبود و مردم آن را ندیدند."),
        ("Elahi", "به گفته او رحمت الهی شامل حال همه مردم شد."),
        ("Elahi", "در این هفته حکمت الهی در دانشگاه تدریس شد."),
    ] {
        check(term, "fa", text, &[]);
    }
}

/// Found in a review: of a given name and of a surname made of one was heard what only resembles them.
#[test]
fn a_persian_given_name_is_no_other_surname() {
    check("Yusov", "fa", "به گفته او رضا یوسفی روز دوشنبه در این نشست سخن گفت.", &[]);
    check("Ashurov", "fa", "به گفته او محمد اشرف غنی روز دوشنبه در این نشست سخن گفت.", &[]);
    check("Yousefi", "fa", "به گفته او رضا یوسفی روز دوشنبه در این نشست سخن گفت.", &["یوسفی"]);
    check("Yusov", "fa", "به گفته او آقای یوسف روز دوشنبه در این نشست سخن گفت.", &[]);
    for (term, form) in [
        // Other names of the same consonants.
        ("Hasan", "حسین"),
        ("Karam", "کریم"),
        ("Salman", "سلیمان"),
        ("Kazim", "قاسم"),
    ] {
        check(term, "fa", &format!("به گفته او آقای {form} روز دوشنبه در این نشست سخن گفت."), &[]);
    }
    // The very name in another spelling.
    for (form, terms) in [
        ("حسین", "Гусейн Хусейн Hüseyn Huseyin"),
        ("حسینی", "Гусейни Хусейни Хосейни Hüseyni Hoseyni"),
        ("حیدری", "Гейдари Хейдари Heydəri Heyderi"),
        ("یوسف", "Юсиф Юсуф Yusif"),
        ("یوسفی", "Юсифи Юсуфи Юсефи Yusifi Yusufi"),
    ] {
        for term in terms.split(' ') {
            for before in ["آقای", "محمد"] {
                let text = format!("به گفته او {before} {form} روز دوشنبه در این نشست سخن گفت.");
                check(term, "fa", &text, &[form]);
            }
        }
    }
    check("Ashraf Ghani", "fa", "به گفته او محمد اشرف غنی روز دوشنبه در این نشست سخن گفت.", &["اشرف غنی"]);
}

#[test]
fn surnames_in_dze_are_found_in_every_case() {
    for form in ["ვაშაძე", "ვაშაძემ", "ვაშაძის", "ვაშაძეს", "ვაშაძესთან"]
    {
        check("Vashadze", "ka", &format!("საღამოს {form} დილით თბილისში"), &[form]);
    }
}

#[test]
fn what_confirms_a_name_confirms_it_in_every_case() {
    check("Melia", "ka", "გიორგი მელია დილით ჩამოვიდა. საღამოს მელიამ ხალხს სიტყვით მიმართა.", &["მელია", "მელიამ"]);
    check("Melia", "ka", "დილით მელიას ელოდნენ. ბოლოს ნიკა მელიამ ხალხს სიტყვით მიმართა.", &["მელიას", "მელიამ"]);
    // What a report is about is repeated, name or not.
    check("Melia", "ka", "დილით მელია ტყეში იყო. მერე მელიამ წყალი დალია. მელიის კვალი დარჩა.", &[]);
}

#[test]
fn another_spelling_that_a_text_repeats_is_a_name() {
    let sentence = "در این هفته سادربی درباره مرزهای شمالی سخن گفت. ";
    assert!(found("Sutherby", sentence, Some("fa")).is_empty());
    assert_eq!(found("Sutherby", &sentence.repeat(3), Some("fa")).len(), 3);
}

#[test]
fn persian_writes_the_last_syllable_of_a_surname_apart() {
    check("Khamenei", "fa", "در این هفته خامنه ای درباره مرزهای شمالی سخن گفت.", &["خامنه ای"]);
    check("خامنه ای", "fa", "در این هفته خامنه‌ای درباره مرزهای شمالی سخن گفت.", &["خامنه‌ای"]);
}

#[test]
fn lists_are_folded_and_sorted_and_none_is_in_another() {
    let lists = [
        include_str!("../common/fa.txt"),
        include_str!("../common/fa-often.txt"),
        include_str!("../common/ka.txt"),
        include_str!("../common/ka-often.txt"),
        include_str!("../common/capitals.txt"),
        include_str!("../common/small.txt"),
        include_str!("../given/fa.txt"),
        include_str!("../given/fa-words.txt"),
    ];
    for list in lists {
        let words: Vec<_> = list.lines().collect();
        assert!(words.is_sorted_by(|a, b| a < b), "{:?}", words.windows(2).find(|it| it[0] >= it[1]));
        for word in words {
            assert_eq!(crate::text::fold(word), word);
        }
    }
    for word in lists[7].lines() {
        assert!(!given::is_of_nothing_else(word) && !common::is_frequent(word, Script::Arabic), "{word}");
    }
    let names: Vec<_> = given::LATIN.lines().collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    assert!(names.iter().all(|it| it.starts_with(char::is_uppercase) && it.chars().all(char::is_alphabetic)));
}

#[test]
fn sons_and_daughters_are_in_one_script() {
    for word in between::SONS {
        assert_eq!(crate::text::fold(word), *word);
        assert_eq!(word.chars().map(Script::of).collect::<HashSet<_>>().len(), 1, "{word}");
    }
    check("Ilham Aliyev", "fa", "در این هفته الهام حیدر اوغلو علی‌اف به تفلیس رفت.", &["الهام حیدر اوغلو علی‌اف"]);
}

#[test]
fn a_few_words_of_a_script_without_capitals_need_evidence_too() {
    check("Merz", "fa", "مرز ایران بسته شد", &[]);
    check("Lomia", "ka", "ლომია დიდი ცხოველი", &[]);
    check("Lomia", "ka", "გიორგი ლომია მოვიდა", &["ლომია"]);
    check("Lomia", "ka", "დიდი გიორგი ლომია", &["ლომია"]);
    check("Rutte", "ka", "გაზარდოს, რათა ხალხმა", &[]);
    // A frequent word is a name only right after a given name.
    check("Ward", "fa", "دیوید وارد", &["وارد"]);
    check("Ward", "fa", "وارد خانه شد", &[]);
    // Another spelling needs a title or given name beside it, and so does a name that is also a word.
    check("Rouhani", "fa", "در این مراسم یک روحانی مسلمان دعا خواند", &[]);
    check("Rouhani", "fa", "در این مراسم دکتر روحانی مسلمان دعا خواند", &["روحانی"]);
}

#[test]
fn an_everyday_word_needs_a_name_beside_it() {
    // A pronoun that sounds like Moyes; a word, "division", that sounds like Gaines.
    check("Moyes", "ka", "მისი თქმით ეს მისი სახლი იყო და დარჩა", &[]);
    check("Ford", "fa", "این فرد در خانه بود و فرد دیگر رفت", &[]);
    let set = NameSet::compile(&[NameTerm::parse("Moyes", Manner::Name).unwrap()]);
    assert!(set.scan("მისი თქმით ეს მისი სახლი იყო", Some("ka")).iter().all(|it| !it.closeness.is_sure()));
}

#[test]
fn the_first_word_of_a_sentence_must_be_near() {
    check("Sahakyan", "hy", "Սակայն նա եկավ տուն", &[]);
    check("Sahakyan", "hy", "Սահակյանը եկավ տուն", &["Սահակյանը"]);
    // What is a name within a sentence is one at the start of another too, in whatever case.
    check("Kavanaugh", "hy", "Քեվինահը հերքեց մեղադրանքը", &[]);
    check("Kavanaugh", "hy", "Քեվինահը հերքեց մեղադրանքը։ Խոսել են Քեվինահի հետ", &["Քեվինահը", "Քեվինահի"]);
    check("Kavanaugh", "hy", "Քեվինահը հերքեց։ Խոսել են Քեվինահի հետ։ Այդ քեվինահը", &["Քեվինահի"]);
}
