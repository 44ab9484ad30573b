//! Everyday words that sound like names.

use super::*;

#[test]
fn an_everyday_word_is_no_name_that_it_only_resembles() {
    for (term, language, text) in [
        ("Sumy", "ru", "Самые тяжёлые случаи были вчера"),
        ("Meghri", "ru", "Меры поддержки приняты вчера"),
        ("Dan", "ru", "Данные опубликованы вчера"),
        ("Price", "ru", "Причём все это было вчера"),
        ("Dan", "ru", "Об этом в Данных опубликовано вчера"),
        ("Rossi", "ru", "Об этом сказали в России вчера"),
        ("Bucha", "uk", "Бачу це щодня на вулиці"),
        ("Merz", "uk", "Межі району змінено вчора"),
        ("Kars", "tr", "Karşı taraf dün açıklama yaptı"),
        ("Milley", "tr", "Dün Milli Savunma Bakanlığı açıklama yaptı"),
        ("Milley", "az", "Dünən Milli Məclis qərar qəbul edib"),
        ("Song", "az", "Son məlumata görə, heç kim xəsarət almayıb"),
        ("Khan", "az", "Xanım deputat dünən çıxış edib"),
        ("Huber", "az", "Xəbər dünən yayılıb"),
        ("Baykar", "hy", "Պայքարը շարունակվում է այսօր"),
        ("Araghchi", "hy", "Առաջին անգամ նա եկավ երեկ"),
        ("Araghchi", "hy", "Դա առաջին անգամ էր։ Առաջին քայլը դժվար էր"),
        ("Wright", "en", "Right now the talks go on"),
        ("Connor", "fa", "او در کنار مردم ایستاد و سخن گفت"),
        ("Bender", "fa", "کشتی در بندر چابهار پهلو گرفت و بار خود را تخلیه کرد"),
        ("Shahed", "fa", "در این مراسم از خانواده شهدای ارتش تجلیل شد"),
        ("Garrett", "ka", "ხალხი გარეთ გამოვიდა და შეიკრიბა"),
        ("Meghri", "ru", "Меры приняты"),
        ("Milley", "az", "Milli Məclis"),
        ("Milley", "az", "Dünən Prezident Milli Məclisin iclasında çıxış edib"),
        ("Bush", "az", "Ali Baş Komandan İlham Əliyev dünən çıxış edib"),
        ("Rossi", "ru", "Об этом президент России заявил вчера"),
        ("Kent", "tr", "Kendi ülkesinde dün konuştu"),
        ("Lori", "ka", "გუშინ ლარის კურსი შეიცვალა ბაზარზე"),
        ("Boeing", "en", "Being there is not enough"),
        ("Kirby", "az", "Qərbi Azərbaycan İcması dünən bəyanat yayıb"),
        ("Owen", "ru", "Так сказал Джон.Они ушли вчера"),
        ("Goris", "az", "Görüşdə əməkdaşlıq məsələləri müzakirə edilib"),
        ("Goris", "tr", "Görüşler olumlu geçti ve sona erdi"),
        ("Shahed", "az", "Şahidlər dünən dinlənilib"),
        ("Akıncı", "az", "Əkinçilər kredit alacaq"),
        ("Alat", "az", "Alətlərin qiyməti dünən artıb"),
        ("Baykar", "ru", "Байкеры собрались у моста вчера"),
        ("Khamenei", "ru", "Вчера в центре открыт Каменный мост"),
        ("Margara", "hy", "Մարգարեն ասաց իր խոսքը երեկ"),
        ("Sarpi", "ru", "Серпом и молотом украсили здание вчера"),
    ] {
        assert_eq!(found(term, text, Some(language)), [], "{term} in {text}");
    }
}

#[test]
fn an_everyday_word_is_the_name_whose_letters_it_has() {
    for (term, language, text) in [
        ("Rada", "ru", "Верховная Рада приняла закон вчера"),
        ("Rada", "uk", "Рада ухвалила закон вчора"),
        ("Duma", "ru", "Дума приняла закон вчера"),
        ("Рада", "en", "The Rada has passed the law"),
        ("Сила", "ru", "Партия потребовала от Силы ответа"),
        ("Milley", "tr", "Görüşmede Mark Milli dün konuştu"),
        ("Milley", "tr", "Görüşmede General Milli dün konuştu"),
        ("Milley", "tr", "Dün Mark Milli Ankara'da konuştu"),
        ("Asia", "ru", "Об этом вчера сообщили в Азии"),
        ("Bell", "ru", "Об этом генерал Белл сообщил вчера"),
        ("Rada", "uk", "Голова Верховної Ради України підписав закон"),
        ("Rukh", "uk", "Вчора голова Народного Руху виступив"),
        ("Syria", "ru", "Об этом вчера сообщили в Сирии"),
        ("Bely", "ru", "Об этом вчера Белый рассказал соседям"),
        ("Korea", "ka", "გუშინ სამხრეთ კორეა გახდა მასპინძელი"),
        ("Sanaa", "tr", "Dün Sana'da patlama oldu"),
        ("Gazeta.Ru", "ru", "Вчера «Газета.Ru» сообщила о взрыве"),
        ("Lenta.ru", "ru", "Вчера Lenta.Ru сообщила о взрыве"),
        ("Sumy", "ru", "Поезд в Сумы отправлен вчера"),
        ("Kars", "tr", "Dün Karslı gençler yürüdü, Kars'a kar yağdı"),
        ("Karşı", "tr", "Karşı taraf dün açıklama yaptı"),
    ] {
        assert_ne!(found(term, text, Some(language)), [], "{term} in {text}");
    }
}
