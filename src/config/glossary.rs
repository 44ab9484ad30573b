//! Reads `glossary.toml`, and hands its entries to `watch::Glossary`, which checks them.

use serde::Deserialize;

use crate::watch::{Glossary, GlossaryError};

/// `glossary.toml`, as it is written. Its own comment explains the format.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlossaryFile {
    #[serde(default)]
    entry: Vec<Entry>,
    #[serde(default)]
    place: Vec<Entry>,
    #[serde(default)]
    person: Vec<Person>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    forms: Vec<String>,
}

/// Somebody with the offices held, for whoever reads an alert.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Given name and surname.
    pub name: String,
    /// Spellings that do not sound like the name.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Each with its dates.
    #[serde(default)]
    pub offices: Vec<String>,
}

impl GlossaryFile {
    /// The entries, ready to be looked up.
    ///
    /// # Errors
    ///
    /// Every [`GlossaryError`].
    pub fn glossary(&self) -> Result<Glossary, GlossaryError> {
        let forms = |entries: &[Entry]| entries.iter().map(|it| it.forms.clone()).collect();
        let people = self.person.iter().filter(|it| !it.forms.is_empty());
        Glossary::new(
            forms(&self.entry),
            forms(&self.place),
            people.map(|it| (it.name.clone(), it.forms.clone())).collect(),
        )
    }

    /// The people in the order of the file.
    pub fn people(&self) -> &[Person] {
        &self.person
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Article,
        watch::{self, WatchRule, Watchlist, query},
    };

    fn shipped() -> GlossaryFile {
        toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap()
    }

    #[test]
    fn the_shipped_glossary_is_of_use() {
        let file = shipped();
        let glossary = file.glossary().unwrap();
        for (term, form) in [
            ("NATO", "ناتو"),
            ("ՆԱՏՕ", "НАТО"),
            ("ОДКБ", "ՀԱՊԿ"),
            ("ITPP", "Individually Adapted Partnership"),
            ("Nikol Pashinyan", "Nikola Pashin"),
            ("Пашинян", "Nikola Pashin"),
        ] {
            assert!(glossary.forms(term).iter().any(|it| it.0 == form), "{term}: {form}");
        }
        assert!(file.people().iter().all(|it| !it.offices.is_empty()));
    }

    /// What of the places stands in a text, in the order of `places`.
    fn found(places: &[&str], text: &str, language: &str) -> Vec<String> {
        let rule = |place: &&str| WatchRule {
            name: (*place).to_owned(),
            query: Some(format!("\"{place}\"")),
            ..WatchRule::default()
        };
        let list = Watchlist::with_glossary(places.iter().map(rule).collect(), &shipped().glossary().unwrap()).unwrap();
        let article = Article { language: Some(language.to_owned()), ..Article::sample("", text) };
        watch::hits(&list, &article).into_iter().map(|it| it.0).collect()
    }

    #[test]
    fn a_place_is_found_under_its_name_in_every_language() {
        let places = [
            "Georgia",
            "Armenia",
            "Azerbaijan",
            "Russia",
            "Ukraine",
            "Baku",
            "Yerevan",
            "Tbilisi",
            "Kyiv",
            "Black Sea",
        ];
        let texts = [
            (
                "en",
                "Georgia, Armenia and Azerbaijan met. Russia's and Ukraine's envoys flew from Baku via Yerevan and Tbilisi to Kyiv by the Black Sea.",
            ),
            (
                "ru",
                "Грузию, Армению и Азербайджан обсудили. Послы России и Украины из Баку через Ереван и Тбилиси едут до Киева к Черному морю.",
            ),
            (
                "uk",
                "Говорили про Грузію, Вірменію та Азербайджан. Посли Росії й України їдуть з Баку через Єреван і Тбілісі до Києва, до Чорного моря.",
            ),
            (
                "az",
                "Gürcüstanın, Ermənistanın və Azərbaycanın nazirləri görüşdü. Rusiyanın və Ukraynanın səfirləri Bakıdan İrəvana, Tiflisə və Kiyevə, Qara dənizə getdi.",
            ),
            (
                "tr",
                "Gürcistan'ın, Ermenistan'ın ve Azerbaycan'ın bakanları görüştü. Rusya'nın ve Ukrayna'nın elçileri Bakü'den Erivan'a, Tiflis'e ve Kiev'e, Karadeniz'e gitti.",
            ),
            (
                "hy",
                "Վրաստանի, Հայաստանի և Ադրբեջանի նախարարները հանդիպեցին։ Ռուսաստանի և Ուկրաինայի դեսպանները Բաքվից Երևանով ու Թբիլիսիով մեկնեցին Կիև, դեպի Սև ծով։",
            ),
            (
                "ka",
                "საქართველოს, სომხეთისა და აზერბაიჯანის მინისტრები შეხვდნენ. რუსეთისა და უკრაინის ელჩები ბაქოდან ერევნის გავლით თბილისში და კიევში, შავ ზღვაზე წავიდნენ.",
            ),
            (
                "fa",
                "وزیران گرجستان، ارمنستان و آذربایجان دیدار کردند. سفیران روسیه و اوکراین از باکو به ایروان و تفلیس و کی‌یف و دریای سیاه رفتند.",
            ),
        ];
        for (language, text) in texts {
            assert_eq!(found(&places, text, language), places, "{language}");
        }
        for (term, language, text) in [
            ("Athens", "ru", "Министр приехал из Афин."),
            ("Athens", "uk", "Зустріч відбулася в Афінах."),
            ("Netherlands", "ru", "Премьер Нидерландов подал в отставку."),
            ("Netherlands", "uk", "Уряд Нідерландів подав у відставку."),
            ("Vienna", "uk", "Переговори пройдуть у Відні."),
            ("Yerevan", "ka", "ავტობუსი ერევნიდან თბილისში ჩავიდა."),
            ("Denmark", "ka", "ელჩი დანიიდან ჩამოვიდა."),
            ("Kyiv", "ka", "მინისტრი კიივში ჩავიდა."),
            ("Ukraine", "fa", "وزیر خارجه اکراین آمد."),
            ("Gyumri", "hy", "Գյումրու քաղաքապետը խոսեց։"),
            ("United States", "en", "The US and its allies agreed."),
            ("United States", "en", "The U.S. envoy came."),
            ("United Kingdom", "en", "The UK foreign secretary came."),
            ("საქართველო", "ru", "В Грузии открыли границу."),
            ("Gürcistan", "ru", "В Грузии открыли границу."),
            ("Գյումրի", "tr", "Gümrü'de sınır açıldı."),
        ] {
            assert_eq!(found(&[term], text, language), [term]);
        }
    }

    /// Whose name in one or the other of these languages has not the sound of the English one.
    #[test]
    fn countries_of_the_world_are_found_in_every_language() {
        let places = ["Egypt", "Lebanon", "Japan", "North Korea", "Afghanistan"];
        for (language, text) in [
            ("en", "Envoys of Egypt and Lebanon flew from Japan over North Korea to Afghanistan."),
            ("ru", "Послы Египта и Ливана из Японии через Северную Корею летят в Афганистан."),
            ("uk", "Посли Єгипту й Лівану з Японії через Північну Корею летять до Афганістану."),
            ("az", "Misirin və Livanın səfirləri Yaponiyadan Şimali Koreya üzərindən Əfqanıstana uçdu."),
            ("tr", "Mısır'ın ve Lübnan'ın elçileri Japonya'dan Kuzey Kore üzerinden Afganistan'a uçtu."),
            ("hy", "Եգիպտոսի և Լիբանանի դեսպանները Ճապոնիայից Հյուսիսային Կորեայով թռան Աֆղանստան։"),
            ("ka", "ეგვიპტისა და ლიბანის ელჩები იაპონიიდან ჩრდილოეთ კორეის გავლით ავღანეთში გაფრინდნენ."),
            ("fa", "سفیران مصر و لبنان از ژاپن و کره شمالی به افغانستان رفتند."),
        ] {
            assert_eq!(found(&places, text, language), places, "{language}");
        }
        // What is written the same: that, Nigeria, mathematics, dollars, goes down, Monday, on the eve.
        for (term, language, text) in [
            ("Rome", "ka", "მინისტრმა თქვა, რომ ელჩი ჩამოვა."),
            ("Niger", "ka", "ელჩი ნიგერიაში და ნიგერიის დედაქალაქში ჩავიდა."),
            ("Riyadh", "fa", "او استاد ریاضی است."),
            ("Chad", "en", "They spent 5 million CAD on it."),
            ("Chad", "ka", "მინისტრი ბირმინგემში ჩადის."),
            ("Dushanbe", "fa", "وزیر روز دوشنبه آمد."),
            ("Astana", "fa", "کشور در آستانه جنگ است."),
        ] {
            assert_eq!(found(&[term], text, language), [""; 0], "{term}");
        }
    }

    #[test]
    fn no_place_is_found_under_the_name_of_another() {
        let file = shipped();
        let first = |it: &Entry| it.forms.first().cloned().unwrap_or_default();
        let rule = |it: &Entry| WatchRule {
            name: first(it),
            query: Some(format!("\"{}\"", first(it))),
            ..WatchRule::default()
        };
        let rules = file.place.iter().map(rule).collect();
        let list = Watchlist::with_glossary(rules, &file.glossary().unwrap()).unwrap();
        for place in &file.place {
            // South Sudan has Sudan in it.
            for form in place.forms.iter().filter(|it| !it.contains([' ', '-', '(', '*', '\u{200c}'])) {
                let others = watch::hits(&list, &Article::sample("", form)).into_iter().map(|it| it.0);
                let others = others.filter(|it| *it != first(place)).collect::<Vec<_>>();
                assert_eq!(others, [""; 0], "{form}");
            }
        }
    }

    /// Found by a tester: the names that other languages have for these do not sound like the English ones.
    #[test]
    fn places_and_people_are_found_by_their_other_names() {
        for (term, language, text) in [
            ("Myanmar", "hy", "Հանդիպումը Մյանմարում էր։"),
            ("Kuwait", "hy", "Հանդիպումը Կուվեյթում էր։"),
            ("Bahrain", "ka", "შეხვედრა ბახრეინში იყო."),
            ("Riyadh", "ru", "Встреча была в Рияде."),
            ("Riyadh", "fa", "نشست در ریاض برگزار شد."),
            ("Korea", "fa", "رهبر کره شمالی آمد."),
            ("Pyongyang", "fa", "او از پیونگ یانگ آمد."),
            ("Niger", "ka", "ელჩი ნიგერში ჩავიდა."),
            ("Rome", "ru", "Встреча в Риме была краткой."),
            ("Rome", "az", "Görüş Romada oldu."),
            ("Chad", "tr", "Elçi Çad Cumhuriyeti'ne gitti."),
            ("Zaporizhzhia", "uk", "Вибухи в Запоріжжі чули всі."),
            ("Zaporizhzhia", "ru", "Взрывы в Запорожье слышали все."),
            ("Zaporizhzhia", "tr", "Zaporijya'da patlama oldu."),
            ("Zaporizhzhia", "ka", "აფეთქება ზაპოროჟიეში მოხდა."),
            ("Zaporizhzhia", "hy", "Պայթյուն Զապորոժիեում։"),
            ("Sumy", "uk", "Вибухи в Сумах чули всі."),
            ("Chernivtsi", "uk", "Вибухи в Чернівцях чули всі."),
            ("Dnipro", "ru", "Удар по Днепру был ночью."),
            ("Mykolaiv", "ru", "Удар по Николаеву был ночью."),
            ("Rivne", "ru", "Поезд прибыл в город Ровно."),
            ("Kryvyi Rih", "ru", "Удар по Кривому Рогу был ночью."),
            ("Харьков", "en", "Strikes hit Kharkiv overnight."),
            ("Kharkiv", "az", "Partlayış Xarkovda olub."),
            ("Ganja", "tr", "Haber Gence'den geldi."),
            ("Gabala", "tr", "Zirve Gebele'de yapıldı."),
            ("Kalbajar", "tr", "Haber Kelbecer'den geldi."),
            ("Kapan", "az", "Xəbər Qafandan gəldi."),
            ("Goris", "az", "Xəbər Gorusdan gəldi."),
            ("Goris", "ka", "ამბავი გორისში მოხდა."),
            ("Hezbollah", "tr", "Dün Hizbullah'ın lideri konuştu."),
            ("Hezbollah", "fa", "جنبش حزب الله لبنان بیانیه داد."),
            ("Hezbollah", "ka", "გუშინ „ჰეზბოლამ“ განაცხადა."),
            ("Houthis", "ru", "Вчера хуситы ушли, а Хуситы атаковали."),
            ("Khamenei", "tr", "Dün Hamaney konuştu."),
            ("Hormuz", "ru", "В Ормузском проливе стреляли."),
            ("Hormuz", "tr", "Dün Hürmüz Boğazı'nda patlama oldu."),
            ("Urmia", "fa", "مردم در شهر ارومیه تجمع کردند."),
            ("Kerch", "tr", "Dün Kerç'te patlama oldu."),
            ("Kerch", "ru", "Керченский мост перекрыт."),
            ("European Union", "ka", "ევროპის კავშირის ელჩი შეხვდა."),
            ("IAEA", "ru", "Инспекторы Международного агентства по атомной энергии прибыли."),
            ("IAEA", "fa", "بازرسان آژانس بین المللی انرژی اتمی بازگشتند."),
            ("EAEU", "hy", "Եվրասիական տնտեսական միության նիստը կայացել է։"),
            ("CIS", "ru", "Содружество Независимых Государств расширяется."),
            ("IRGC", "fa", "بیانیه سپاه‌پاسداران منتشر شد."),
            ("IRGC", "ru", "Командующий КСИР погиб."),
            ("SCO", "hy", "ՇՀԿ գագաթնաժողովը կայացել է։"),
            ("PACE", "az", "AŞPA-nın sessiyası açılıb."),
            ("ECHR", "ru", "ЕСПЧ вынес решение."),
            ("Hamas", "fa", "جنبش حماس آتش‌بس را پذیرفت."),
            ("S-400", "ru", "Зенитный комплекс С-400 уничтожен."),
            ("S-400", "fa", "سامانه اس ۴۰۰ منتقل شد."),
            ("Goris", "ru", "Горис встретил делегацию."),
            ("Etchmiadzin", "hy", "Պատարագ Էջմիածնում։"),
            ("Shusha", "hy", "Նրանք Շուշիում էին։"),
            ("Garegin", "en", "Catholicos Karekin II spoke."),
            ("SOCAR", "fa", "شرکت سوکار در باکو است."),
            ("Milli Majlis", "ru", "Депутаты Милли меджлиса приняли закон."),
            ("Xi Jinping", "ru", "Председатель Си Цзиньпин прибыл."),
            ("Xi Jinping", "uk", "Голова Сі Цзіньпін прибув."),
            ("Xi Jinping", "tr", "Devlet Başkanı Şi Cinping geldi."),
            ("Xi Jinping", "ka", "თავმჯდომარე სი ძინპინი ჩავიდა."),
            ("Xi Jinping", "fa", "شی جین‌پینگ با پوتین دیدار کرد."),
            ("Bashar al-Assad", "tr", "Beşar Esad Moskova'ya kaçtı."),
            ("Bashar al-Assad", "az", "Bəşər Əsəd Moskvaya qaçdı."),
            ("Ahmed al-Sharaa", "tr", "Ahmed Şara Ankara'ya geldi."),
            ("Ahmed al-Sharaa", "fa", "احمد الشرع وارد آنکارا شد."),
            ("Ursula von der Leyen", "ka", "ურსულა ფონ დერ ლაიენმა განაცხადა."),
            ("Amir-Abdollahian", "fa", "حسین امیرعبداللهیان سخن گفت."),
            ("Kaja Kallas", "uk", "Заяву Каї Каллас підтримали."),
            ("Tsikhanouskaya", "uk", "Світлана Тихановська прибула."),
            ("Ramiz Mehdiyev", "ru", "Рамиз Мехтиев прибыл."),
            ("Javad Zarif", "fa", "محمدجواد ظریف سخن گفت."),
        ] {
            assert_eq!(found(&[term], text, language), [term]);
        }
    }

    #[test]
    fn a_place_is_no_word_that_sounds_like_it() {
        for (term, language, text) in [
            ("Gori", "ru", "Горы закрыты для туристов."),
            ("Kars", "tr", "Karşı tarafın cevabı bekleniyor."),
            ("Shusha", "hy", "Շուշան Պետրոսյանը երգեց։"),
            ("Shusha", "az", "Şüşə qab sındı."),
            ("Meghri", "ru", "Меры поддержки обсудят."),
            ("Rivne", "ru", "Ровно год назад он прибыл."),
            ("Rivne", "ru", "Он состоит из ровно пяти пунктов."),
            ("Mykolaiv", "ru", "Депутат Олег Николаев прибыл."),
            ("Dnipro", "ru", "Войска стоят на левом берегу Днепра."),
            ("Gabala", "ru", "Кабала кредитов растёт."),
            ("Kapan", "tr", "Kafana takma."),
            ("Sheki", "fa", "هیچ شکی نیست که این درست است."),
            ("Ramiz Mehdiyev", "ru", "Эльдар Мехтиев прибыл."),
            ("Goris", "az", "Görüş səmimi şəraitdə keçib."),
            ("Goris", "ka", "გორის მერი დააკავეს."),
            ("Gori", "hy", "Ճանապարհ դեպի Գորիս։"),
            ("Gori", "en", "The road to Goris is open."),
            ("Gori", "ru", "Гора обрушилась на дорогу."),
            ("Meghri", "ka", "მეგრული ენა ლამაზია."),
            ("JCPOA", "ka", "ბორჯომში ფესტივალი გაიმართა."),
            ("Kerch", "fa", "انفجار در شهر کرج بود."),
            ("Hamas", "tr", "Dün Dr. James Vann konuştu."),
            ("Assad", "fa", "این کشور مرز آزاد برای تجارت ندارد."),
            ("Ismail Haniyeh", "az", "Dünən Kanye Uest adını dəyişdi."),
            ("Ali Khamenei", "fa", "مجتبی خامنه‌ای سخن گفت."),
        ] {
            assert_eq!(found(&[term], text, language), [""; 0], "{term} in {text}");
        }
    }

    #[test]
    fn what_is_said_of_a_name_for_its_sound_is_not_said_of_a_place() {
        let told = |glossary: &Glossary, query: &str| glossary.applied(query::parse(query).unwrap()).warnings().len();
        assert_eq!(told(&shipped().glossary().unwrap(), "Baku OR Iran"), 0);
        assert_ne!(told(&Glossary::default(), "Baku OR Iran"), 0);
    }

    #[test]
    fn an_acronym_of_one_language_is_no_company_of_another() {
        for (place, text) in [("United Arab Emirates", "BAE Systems sold frigates."), ("UN", "BM.GE wrote of it.")] {
            assert_eq!(found(&[place], text, "en"), Vec::<String>::new());
        }
        assert_eq!(found(&["UN"], "BM Güvenlik Konseyi toplandı.", "tr"), ["UN"]);
        assert_eq!(found(&["Karabakh"], "Talks on Garabagh and Karabagh.", "en"), ["Karabakh"]);
    }

    #[test]
    fn what_only_sounds_like_a_place_is_none() {
        let places = ["Georgia", "Russia", "India", "Baku", "Denmark", "Riga", "Vienna", "China", "Iran", "Athens"];
        for (language, text) in [
            ("tr", "Dün George geldi, Bakım Merkezi açıldı."),
            ("az", "İndi Baqqot bişirir, Vanna otağı dardır."),
            ("ru", "Росса и Дани Чен видели в Ванне. Баки пришёл с Баком к Афине, и богиня Афина молчала."),
            ("uk", "Дані вчора оприлюднив Георге."),
            ("ka", "რიგში იდგნენ და დანით პური დაჭრეს. სისხლი დანიდან და ვენებიდან წვეთავდა."),
            ("fa", "دنیا و سین و وان را دیدند."),
        ] {
            assert_eq!(found(&places, text, language), Vec::<String>::new(), "{language}");
        }
    }
}
