//! Names of every make in the spelling of every language, each looked for in all the others.

use super::*;

const LANGUAGES: [&str; 8] = ["en", "ru", "uk", "hy", "ka", "fa", "az", "tr"];

/// One name a row, in the order of [`LANGUAGES`].
#[rustfmt::skip]
const NAMES: &[[&str; 8]] = &[
    // The affricates of Georgian.
    ["Gelbadze", "Гелбадзе", "Гелбадзе", "Գելբաձե", "გელბაძე", "گلبادزه", "Gelbadze", "Gelbadze"],
    ["Dzotsenidze", "Дзоценидзе", "Дзоценідзе", "Ձոցենիձե", "ძოწენიძე", "دزوتسنیدزه", "Dzotsenidze", "Dzotsenidze"],
    ["Tsurtsumia", "Цурцумия", "Цурцумія", "Ծուրծումիա", "წურწუმია", "تسورتسومیا", "Tsurtsumia", "Tsurtsumia"],
    ["Jinjolava", "Джинджолава", "Джинджолава", "Ջինջոլավա", "ჯინჯოლავა", "جینجولاوا", "Cincolava", "Cincolava"],
    ["Chichinadze", "Чичинадзе", "Чичінадзе", "Չիչինաձե", "ჩიჩინაძე", "چیچینادزه", "Çiçinadze", "Çiçinadze"],
    // Two consonants that look like one in Persian.
    ["Teslenko", "Тесленко", "Тесленко", "Տեսլենկո", "ტესლენკო", "تسلنکو", "Teslenko", "Teslenko"],
    ["Tezikov", "Тезиков", "Тезіков", "Տեզիկով", "ტეზიკოვი", "تزیکوف", "Tezikov", "Tezikov"],
    // Digraphs of the transliterations.
    ["Zhorzholiani", "Жоржолиани", "Жоржоліані", "Ժորժոլիանի", "ჟორჟოლიანი", "ژورژولیانی", "Jorjoliani", "Jorjoliani"],
    ["Shoshiashvili", "Шошиашвили", "Шошіашвілі", "Շոշիաշվիլի", "შოშიაშვილი", "شوشیاشویلی", "Şoşiaşvili", "Şoşiaşvili"],
    ["Tskhakaya", "Цхакая", "Цхакая", "Ցխակայա", "ცხაკაია", "تسخاکایا", "Tsxakaya", "Tshakaya"],
    ["Khokhobashvili", "Хохобашвили", "Хохобашвілі", "Խոխոբաշվիլի", "ხოხობაშვილი", "خوخوباشویلی", "Xoxobaşvili", "Hohobaşvili"],
    ["Ghudushauri", "Гудушаури", "Гудушаурі", "Ղուդուշաուրի", "ღუდუშაური", "غودوشائوری", "Quduşauri", "Guduşauri"],
    ["Shchedrinov", "Щедринов", "Щедрінов", "Շչեդրինով", "შჩედრინოვი", "شچدرینوف", "Şçedrinov", "Şçedrinov"],
    // Vowels at the start and the end.
    ["Overin", "Оверин", "Оверін", "Օվերին", "ოვერინი", "اورین", "Overin", "Overin"],
    ["Osmanov", "Османов", "Османов", "Օսմանով", "ოსმანოვი", "عثمانوف", "Osmanov", "Osmanov"],
    ["Berezinsky", "Березинский", "Березінський", "Բերեզինսկի", "ბერეზინსკი", "برزینسکی", "Berezinski", "Berezinskiy"],
    // Formatives.
    ["Ratsovich", "Рацович", "Рацович", "Ռացովիչ", "რაცოვიჩი", "راتسوویچ", "Ratsoviç", "Ratsoviç"],
    ["Vachagyan", "Вачагян", "Вачагян", "Վաչագյան", "ვაჩაგიანი", "واچاگیان", "Vaçaqyan", "Vaçagyan"],
    ["Tarasov", "Тарасов", "Тарасов", "Տարասով", "ტარასოვი", "تاراسوف", "Tarasov", "Tarasov"],
    ["Matveyev", "Матвеев", "Матвєєв", "Մատվեև", "მატვეევი", "ماتویف", "Matveyev", "Matveyev"],
    ["Bekdurov", "Бекдуров", "Бекдуров", "Բեկդուրով", "ბეკდუროვი", "بک‌دوراف", "Bekdurov", "Bekdurov"],
];

/// A sentence of each language with room for a name.
const SENTENCES: [&str; 8] = [
    "On Monday {} told reporters that the talks would go on.",
    "Как сообщил {} журналистам, переговоры продолжатся.",
    "Як повідомив {} журналістам, перемовини триватимуть.",
    "Այդ մասին {} հայտնել է լրագրողներին երկուշաբթի։",
    "როგორც პრემიერმა {} განაცხადა, მოლაპარაკება გაგრძელდება.",
    "به گفته او {} روز دوشنبه اعلام کرد که مذاکرات ادامه خواهد یافت.",
    "Bununla bağlı {} danışıqların davam edəcəyini bildirib.",
    "Konuyla ilgili {} görüşmelerin süreceğini söyledi.",
];

#[test]
fn names_of_every_make_are_found_from_every_script_in_every_other() {
    let terms: Vec<_> = NAMES.iter().flatten().map(|it| NameTerm::parse(it, Manner::Name).unwrap()).collect();
    let set = NameSet::compile(&terms);
    let mut missed = Vec::new();
    for (number, names) in NAMES.iter().enumerate() {
        for ((form, language), sentence) in names.iter().zip(LANGUAGES).zip(SENTENCES) {
            let found = set.scan(&sentence.replace("{}", form), Some(language));
            let mut others: Vec<_> = found.iter().filter(|it| it.closeness.is_sure()).map(|it| it.term).collect();
            others.sort_unstable();
            others.dedup();
            missed.extend((number * 8..).zip(names).filter(|it| !others.contains(&it.0)).map(|it| (*it.1, *form)));
            assert!(others.iter().all(|it| it / 8 == number), "{form} is no other name: {others:?}");
        }
    }
    assert_eq!(missed, []);
}

#[test]
fn names_that_end_in_a_vowel_in_persian_inflect_in_the_other_scripts() {
    for (term, language, forms) in [
        ("تسورتسومیا", "ru", "Цурцумии Цурцумией Цурцумию"),
        ("تسورتسومیا", "uk", "Цурцумії Цурцумією Цурцумію"),
        ("تسورتسومیا", "hy", "Ծուրծումիայի Ծուրծումիան"),
        ("تسورتسومیا", "az", "Tsurtsumiyanın Tsurtsumiyadan"),
        ("گلاوا", "ru", "Гелавы Гелаве Гелавой Гелаву"),
        ("گلاوا", "uk", "Гелави Гелаві Гелавою Гелаву"),
        ("لاورینووا", "ru", "Лавриновой Лавринову"),
        ("لاورینووا", "uk", "Лаврінової Лаврінову Лавріновою"),
        ("گلبادزه", "ka", "გელბაძის გელბაძეს გელბაძემ"),
        ("برسنوسکایا", "ru", "Берсеневской Берсеневскую"),
    ] {
        for form in forms.split(' ') {
            let at = LANGUAGES.iter().position(|it| *it == language).unwrap();
            check(term, language, &SENTENCES[at].replace("{}", form), &[form]);
        }
    }
    // In Persian itself the vowel stays.
    check("گلاوا", "fa", "به گفته او گلاوی روز دوشنبه اعلام کرد که مذاکرات ادامه خواهد یافت.", &[]);
}

#[test]
fn surnames_that_are_adjectives_tell_a_man_from_a_woman() {
    for (term, language, own, others) in [
        ("Berestovsky", "ru", "Берестовский Берестовского Берестовским", "Берестовская Берестовской Берестовскую"),
        ("Berestovskyi", "uk", "Берестовський Берестовського Берестовським", "Берестовська Берестовської Берестовську"),
        ("Povalny", "ru", "Повальный Повального", "Повальная Повальную"),
        ("Berestovskaya", "ru", "Берестовская Берестовской Берестовскую", "Берестовский Берестовского Берестовским"),
        ("Berestovska", "uk", "Берестовська Берестовської Берестовську", "Берестовський Берестовського"),
    ] {
        let at = LANGUAGES.iter().position(|it| *it == language).unwrap();
        for form in own.split(' ') {
            check(term, language, &SENTENCES[at].replace("{}", form), &[form]);
        }
        for form in others.split(' ') {
            check(term, language, &SENTENCES[at].replace("{}", form), &[]);
        }
    }
}

#[test]
fn one_name_is_spelled_otherwise_in_english_azerbaijani_and_turkish() {
    // In this order. What Turkish spells without a letter of its own may be of any language: from there only the last
    // two are looked for.
    let of_turkish = ["Şamhalov", "Ağakerimov"];
    for names in [
        ["Gahramanov", "Qəhrəmanov", "Kahramanov"],
        ["Khalafov", "Xələfov", "Halefov"],
        ["Najafov", "Nəcəfov", "Necefov"],
        ["Sarkarov", "Sərkərov", "Serkerov"],
        ["Guluzov", "Quluzov", "Kuluzov"],
        ["Gadiyev", "Qədiyev", "Kadiyev"],
        ["Khachmaz", "Xaçmaz", "Haçmaz"],
        ["Khovaev", "Xovayev", "Hovayev"],
        ["Zhordania", "Jordaniya", "Jordaniya"],
        ["Shamkhalov", "Şamxalov", of_turkish[0]],
        ["Aghakarimov", "Ağakərimov", of_turkish[1]],
    ] {
        for term in names.into_iter().filter(|it| *it != names[2] || of_turkish.contains(it)) {
            for (form, at) in names.into_iter().zip([0, 6, 7]) {
                check(term, LANGUAGES[at], &SENTENCES[at].replace("{}", form), &[form]);
            }
        }
    }
}

#[test]
fn short_names_are_spelled_so_in_turkish_too() {
    check("Shusha", "tr", "Konuyla ilgili Şuşa görüşmeleri sürecek", &["Şuşa"]);
    // In English they may be other names.
    check("Gori", "en", "as Gory said on Monday", &[]);
}

#[test]
fn names_in_the_spelling_of_turkish_are_near_names_of_no_other() {
    for (term, text) in [
        ("Gates", "Toplantıda Ketis konuştu"),
        ("Kemal", "Toplantıda Kamil konuştu"),
        ("German", "Toplantıda Kerman konuştu"),
        ("Safarov", "Toplantıda Sofarov konuştu"),
        ("Hasanov", "Toplantıda Gasanyan konuştu"),
    ] {
        check(term, "tr", text, &[]);
    }
}

#[test]
fn official_romanisations_are_one_name() {
    for (term, language, text) in [
        ("Sargsyan", "en", "said Sarkisian today"),
        ("Sargsyan", "ru", "заявил Саргсян"),
        ("Sargsyan", "hy", "ասել է Սարգսյանը"),
        ("Aliyev", "az", "Prezident Əliyevin qərarı"),
        ("Aliyev", "ru", "президента Алиева встретили"),
        ("Əliyev", "en", "President Aliyev said"),
        ("Алиев", "en", "President Aliyev said"),
        ("Hakobyan", "ru", "жена премьера Акопян"),
        ("Hovhannisyan", "ru", "политик Оганесян сказал"),
        ("Saakashvili", "ka", "ექსპრეზიდენტ სააკაშვილს უთხრეს"),
        ("Kocharyan", "hy", "նախագահ Քոչարյանը"),
        ("Mammadov", "ru", "министр Мамедов прибыл"),
        ("Khachatryan", "uk", "міністр Хачатрян прибув"),
        ("Чавчавадзе", "ka", "მწერალ ჭავჭავაძის შესახებ"),
        ("Зеленский", "en", "President Zelensky said"),
        ("Zelensky", "uk", "з президентом Зеленським"),
        ("علی‌اف", "ru", "сказал Алиев в Баку"),
        ("Smith", "fa", "کمیسر اسمیت گفت که جلسه"),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
}

#[test]
fn a_query_in_any_script_finds_the_same_forms() {
    let texts = [
        ("en", "said President Aliyev in Baku"),
        ("ru", "слова Алиева в Баку"),
        ("uk", "слова Алієва в Баку"),
        ("hy", "ասել է Ալիևը Բաքվում"),
        ("ka", "პრეზიდენტმა ალიევმა განაცხადა ბაქოში რომ"),
        ("az", "Bakıda Əliyevin sözləri"),
        ("tr", "Bakü'de Aliyev'in sözleri"),
        ("fa", "رئیس جمهور علی‌اف در باکو گفت که"),
        ("fa", "رئیس جمهور علی اف در باکو گفت که"),
    ];
    for term in ["Aliyev", "Алиев", "Алієв", "Ալիև", "ალიევი", "Əliyev", "علی‌اف", "علی اف", "علیاف"]
    {
        for (language, text) in texts {
            assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
        }
    }
}

#[test]
fn a_query_in_one_script_finds_what_others_made_of_a_latin_name() {
    for (term, language, text) in [
        // A stop before its affricate is heard once.
        ("Тэтчер", "ka", "მარგარეტ ტეტჩერი"),
        ("ტეტჩერი", "hy", "ասել է Թետչերը"),
        ("Тетчер", "az", "dedi Tetçer"),
        ("Фицхью", "fa", "گفت فیتزهیو امروز"),
        // Ukrainian writes х with г where Latin letters have h.
        ("Хант", "uk", "сказав Гант"),
    ] {
        assert_eq!(found(term, text, Some(language)).len(), 1, "{term} in {text}");
    }
}

#[test]
fn persian_writes_surnames_as_two_words() {
    check("Hasanzade", "fa", "وزیر حسن زاده امروز گفت", &["حسن زاده"]);
    check("حسن زاده", "fa", "وزیر حسن‌زاده امروز گفت", &["حسن‌زاده"]);
    check("Ilham Aliyev", "fa", "الهام علی اف رئیس جمهور", &["الهام علی اف"]);
    for text in ["شکرو سراج اوغلو گفت", "شکرو سراج‌اوغلو گفت"] {
        assert_eq!(found("Saracoğlu", text, Some("fa")).len(), 1, "{text}");
    }
    // What stands before such a word is still a word of its own.
    check("Vinnikov", "fa", "وینیکوف زاده تفلیس است", &["وینیکوف"]);
    check("Aliyev", "fa", "علی گفت که اف", &[]);
}

#[test]
fn ukrainian_writes_h_and_g_with_one_letter() {
    for (term, text) in [("Harper", "сказав Гарпер"), ("Харпер", "сказав Гарпер"), ("Grigoryan", "сказав Григорян")]
    {
        assert_eq!(found(term, text, Some("uk")).len(), 1, "{term} in {text}");
    }
    check("Гарпєр", "ru", "сказал Харпер", &["Харпер"]);
}

/// Found by a tester: capitals of Armenian, and letters of other keyboards.
#[test]
fn letters_that_stand_for_others_are_those() {
    for (term, language, text, form) in [
        ("Yerevan", "hy", "ԵՐԵՎԱՆՈՒՄ ՑՈՒՅՑ Է", "ԵՐԵՎԱՆՈՒՄ"),
        ("Երևան", "hy", "Երեվանի օդանավակայանը", "Երեվանի"),
        ("Aliyev", "az", "Әliyev bildirib", "Әliyev"),
        ("Aliyev", "az", "Ǝliyev bildirib", "Ǝliyev"),
        ("Şuşa", "az", "Dünən Șușada olub", "Șușada"),
        ("BOTAŞ", "tr", "BOTAȘ açıkladı", "BOTAȘ"),
    ] {
        check(term, language, text, &[form]);
    }
}
