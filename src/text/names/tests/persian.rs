//! What Persian and Georgian, which have no capitals, take for a name.

use super::*;

#[test]
fn organisations_and_towns_are_no_everyday_words() {
    for (term, language, text, form) in [
        ("Hamas", "fa", "رهبران حماس در دوحه دیدار کردند", "حماس"),
        ("Taliban", "fa", "نیروهای طالبان در مرز مستقر شدند", "طالبان"),
        ("Mossad", "fa", "دو جاسوس موساد بازداشت شدند", "موساد"),
        ("Chabahar", "fa", "گفتگو درباره چابهار در این هفته بود", "چابهار"),
        ("Zahedan", "fa", "پلیس در زاهدان با مهاجمان درگیر شد", "زاهدان"),
        ("Qeshm", "fa", "انفجار در قشم خسارت زیادی زد", "قشم"),
        ("Karaj", "fa", "انفجار در کرج سه کشته داد", "کرج"),
        ("Hezbollah", "ka", "გუშინ ჰეზბოლამ ეს განცხადება გააკეთა ბეირუთში", "ჰეზბოლამ"),
    ] {
        check(term, language, text, &[form]);
    }
    check("Khamenei", "fa", "در این هفته خمینی بنیانگذار بود", &[]);
}

#[test]
fn what_stands_before_a_place_or_a_weapon_announces_it() {
    for (term, text, form) in [
        ("Bazargan", "در این هفته مرز بازرگان بار دیگر باز شد", "بازرگان"),
        ("Bazargan", "در این هفته گمرک بازرگان بار دیگر باز شد", "بازرگان"),
        ("Shahed", "در این هفته پهپاد شاهد سرنگون شد", "شاهد"),
        ("Shahed", "در این هفته پهپادهای شاهد-۱۳۶ سرنگون شدند", "شاهد"),
        ("Mohajer", "در این هفته چند مهاجر-۶ سرنگون شد", "مهاجر"),
    ] {
        check(term, "fa", text, &[form]);
    }
    for (term, text) in [
        ("Shahed", "در این هفته شاهد ۵ انفجار بودیم"),
        ("Bazargan", "در این هفته یک بازرگان بازداشت شد"),
        ("Mohajer", "در این هفته مهاجر ۶ ساله پیدا شد"),
    ] {
        check(term, "fa", text, &[]);
    }
}

#[test]
fn a_half_space_is_a_space_or_nothing() {
    for (term, text, form) in [
        ("حزب‌الله", "در این هفته حزب الله بیانیه داد", "حزب الله"),
        ("حزب‌الله", "در این هفته حزبالله بیانیه داد", "حزبالله"),
        ("قره‌باغ", "جنگ قره باغ پایان یافت", "قره باغ"),
        ("عشق‌آباد", "سفر به عشق آباد", "عشق آباد"),
        ("Aliyev", "علی \u{200c}اف گفت", "علی \u{200c}اف"),
    ] {
        check(term, "fa", text, &[form]);
    }
    let joined = NameTerm::parse("سپاه پاسداران", Manner::Name).unwrap().joined_in_persian();
    let found = NameSet::compile(&joined).scan("بیانیه سپاه‌پاسداران", Some("fa"));
    assert_eq!(found.len(), 1);
    assert_eq!(NameTerm::parse("Nikol Pashinyan", Manner::Name).unwrap().joined_in_persian(), []);
}

/// What is left of the name in another case, or one that only ends as it does.
#[test]
fn a_case_of_an_everyday_word_is_no_name() {
    for (term, language, text) in [
        ("ლარსი", "ka", "გუშინ კომპანია ათას ლარს გადაიხდის ბანკში"),
        ("Lars", "ka", "გუშინ კომპანია ათას ლარს გადაიხდის ბანკში"),
        ("Sarpi", "ka", "გუშინ ამ საქმეს სარფა არ ჰქონდა სოფელში"),
        ("Gori", "ka", "გუშინ სოფელთან პატარა გორა ჩამოიშალა გზაზე"),
        ("Hamas", "fa", "این فیلم یک اثر حماسی و تاریخی بود"),
        ("Enguri", "fa", "در این هفته سرکه انگوری و شیره گران شد"),
    ] {
        check(term, language, text, &[]);
    }
    check("ლარსი", "ka", "გუშინ ლარსში დიდი თოვლი მოვიდა", &["ლარსში"]);
}
