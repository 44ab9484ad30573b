//! Which origins texts name.

use super::{
    cues::{CUES, Side},
    search::{REACH_BYTES, SIGNED_BYTES},
    *,
};

#[track_caller]
fn check(body: &str, expected: Option<(Manner, &str)>) {
    let found = origin(body, Outlets::listed());
    let brief = found.as_ref().map(|it| (it.manner, it.name.as_str()));
    assert_eq!(brief, expected, "{body}");
    assert!(found.is_none_or(|it| body.get(it.span).is_some_and(|part| !part.is_empty())));
}

#[track_caller]
fn cites(body: &str, expected: &str) {
    check(body, Some((Manner::Citation, expected)));
}

#[test]
fn what_a_text_says_of_its_origin() {
    check(
        "Text. The post Flood in Kutaisi first appeared on Mtkvari Herald.",
        Some((Manner::Reprint, "Mtkvari Herald")),
    );
    check("The post Flood first appeared on mtkvari.ge.", Some((Manner::Reprint, "mtkvari.ge")));
    cites("Bridges were lost, Kura Today reports, citing Rioni News, and more.", "Rioni News");
    cites("Мост разрушен, сообщает агентство со ссылкой на Рионские Вести.", "Рионские Вести");
    check("TBILISI, March 3 (Reuters) - Three bridges were lost.", Some((Manner::Agency, "Reuters")));
    check("ТБИЛИСИ, 3 марта. /ТАСС/. Разрушены мосты.", Some((Manner::Agency, "ТАСС")));
}

#[test]
fn cues_that_say_it_name_any_outlet() {
    for (body, name) in [
        ("Three bridges fell, the office said, citing the Rioni Times newspaper.", "Rioni Times"),
        ("A bridge fell, as first reported by rioni.example on Monday.", "rioni.example"),
        ("Мост рухнул, пишут СМИ со ссылкой на «Вести с Риони».", "Вести с Риони"),
        ("Мост рухнул. Ссылаясь на Рионскую газету, об этом пишут все.", "Рионская газета"),
        ("Міст упав, пишуть ЗМІ з посиланням на «Ріонську правду».", "Ріонська правда"),
        ("Міст упав, пишуть ЗМІ, посилаючись на Інтерхвилю.", "Інтерхвиля"),
        ("Rionixəbər-ə istinadən xəbər verilir ki, körpü uçub.", "Rionixəbər"),
        ("Bu barədə “Rioni Xəbər”ə istinadən məlumat verilir.", "Rioni Xəbər"),
        ("Körpü uçub, bu barədə Rionixəbərə istinadla bildirilir.", "Rionixəbər"),
        ("Bu barədə Rioni İnformasiya Agentliyinə istinadən yazırlar.", "Rioni İnformasiya Agentliyi"),
        ("Rionihaber'e dayandırdığı haberinde köprünün yıkıldığını yazdı.", "Rionihaber"),
        ("Köprü, Rioni Postası'nın haberine göre dün yıkıldı.", "Rioni Postası"),
        ("Anadolu Ajansı'nın (AA) haberine göre köprü yıkıldı.", "Anadolu Ajansı"),
        ("Köprü yıkıldı, gazete Rioni Postası’nı kaynak göstererek yazdı.", "Rioni Postası"),
        ("Կամուրջը փլվել է, հղում անելով Ռիոնիլուրին՝ գրում են լրատվամիջոցները։", "Ռիոնիլուր"),
        ("Կամուրջը փլվել է, Ռիոնիլուրին հղում անելով գրում են լրատվամիջոցները։", "Ռիոնիլուր"),
        ("Կամուրջը փլվել է, գրում են «Ռիոնի լրաբեր»-ին հղում անելով։", "Ռիոնի լրաբեր"),
        ("ხიდი ჩაინგრა, „რიონის მაცნეზე“ დაყრდნობით წერენ.", "რიონის მაცნე"),
        ("ხიდი ჩაინგრა, სააგენტო რიონინფოზე დაყრდნობით წერენ.", "რიონინფო"),
        ("پل فرو ریخت، به نقل از «ریونی نیوز» گزارش شد.", "ریونی نیوز"),
        ("پل فرو ریخت، به نقل از خبرگزاری ریونی، دیروز.", "ریونی"),
        ("A bridge fell.\nSource: Rioni Herald", "Rioni Herald"),
        ("Мост рухнул.\n— Источник: Рионские вести", "Рионские"),
        ("Körpü uçub.\nMənbə: Rioni Xəbər", "Rioni Xəbər"),
        ("Կամուրջը փլվել է։\nԱղբյուրը՝ Ռիոնիլուր", "Ռիոնիլուր"),
    ] {
        cites(body, name);
    }
}

#[test]
fn cues_that_anybody_is_named_with_name_known_outlets() {
    for (body, name) in [
        ("Three bridges fell, according to Reuters.", "Reuters"),
        ("Three bridges fell, according to the Russian state news agency TASS.", "TASS"),
        ("Interfax reported on Monday that three bridges fell.", "Interfax"),
        ("Three bridges fell, according to the Rioni Times newspaper.", "Rioni Times"),
        ("Мост рухнул, по данным Интерфакса, в полночь.", "Интерфакс"),
        ("По информации РИА Новости, мост рухнул.", "РИА Новости"),
        ("Об этом сообщает российское агентство ТАСС.", "ТАСС"),
        ("Об этом сообщает издание «Вести с Риони».", "Вести с Риони"),
        ("Мост рухнул, передаёт Арменпресс.", "Арменпресс"),
        ("За даними Укрінформу, міст упав.", "Укрінформ"),
        ("Як повідомляє Інтерфакс-Україна, міст упав.", "Інтерфакс-Україна"),
        ("Про це пише Українська правда.", "Українська правда"),
        ("AZƏRTAC xəbər verir ki, körpü uçub.", "AZƏRTAC"),
        ("APA-nın məlumatına görə, körpü uçub.", "APA"),
        ("Reportun yazdığına görə, körpü uçub.", "Report"),
        ("Anadolu Ajansı'nın aktardığına göre köprü yıkıldı.", "Anadolu Ajansı"),
        ("Reuters'a göre köprü yıkıldı.", "Reuters"),
        ("Ըստ Արմենպրեսի՝ կամուրջը փլվել է։", "Արմենպրես"),
        ("ՏԱՍՍ-ի փոխանցմամբ՝ կամուրջը փլվել է։", "ՏԱՍՍ"),
        ("Այս մասին հաղորդում է Արմենպրեսը։", "Արմենպրես"),
        ("Այս մասին հայտնում է Արմենպրեսը՝ հղում անելով Ռոյթերսին։", "Ռոյթերս"),
        ("Այս մասին հայտնում է Արմենպրեսը՝ հղում անելով աղբյուրներին։", "Արմենպրես"),
        ("ინტერპრესნიუსის ცნობით, ხიდი ჩაინგრა.", "ინტერპრესნიუსი"),
        ("„ინტერპრესნიუსის“ ინფორმაციით, ხიდი ჩაინგრა.", "ინტერპრესნიუსი"),
        ("ამის შესახებ იუწყება როიტერი.", "როიტერი"),
        ("ამის შესახებ სააგენტო „რიონინფო“ იუწყება.", "რიონინფო"),
        ("به گزارش خبرگزاری تسنیم، پل فرو ریخت.", "تسنیم"),
        ("به گزارش ایرنا، پل فرو ریخت.", "ایرنا"),
        ("رویترز گزارش داد که پل فرو ریخت.", "رویترز"),
    ] {
        cites(body, name);
    }
}

#[test]
fn one_name_in_two_forms_is_one_origin() {
    for (one, other) in [
        ("Мост рухнул, со ссылкой на Интерленту.", "Мост рухнул, передаёт агентство Интерлента."),
        ("Мост рухнул, со ссылкой на Рионские Вести.", "Источник: Рионских Вестей"),
        ("Bu barədə Reuters-ə istinadən", "Об этом сообщает Рейтер."),
        ("Bu barədə Rionixəbərə istinadən", "“Rionixəbər”in xəbərinə görə"),
        ("AZƏRTAC-a istinadən", "ԱԶԵՐԹԱՋ-ի փոխանցմամբ"),
        ("ინტერპრესნიუსზე დაყრდნობით", "сообщает Интерпрессньюс"),
        ("به نقل از تسنیم", "по данным Тасним"),
        ("Այս մասին Ռիոնիլուրին հղում անելով", "Աղբյուր՝ Ռիոնիլուր"),
    ] {
        let key = |body| origin(body, Outlets::listed()).map(|it| it.key());
        assert!(key(one).is_some(), "{one}");
        assert_eq!(key(one), key(other), "{one} | {other}");
    }
}

#[test]
fn offices_and_people_are_no_origins() {
    for body in [
        "Three bridges fell, according to the minister.",
        "According to Armenia's Ministry of Defense, a bridge fell.",
        "Three bridges fell, citing US officials and Israeli media.",
        "The plan, citing Article 5 of the treaty, was refused.",
        "He refused, citing Foreign Minister Anna Example.",
        "He refused, citing Examplyan.",
        "Western diplomats reported three losses. Police reports say so too.",
        "По данным министерства, мост рухнул.",
        "По информации МВД Грузии, мост рухнул.",
        "Об этом сообщает МИД со ссылкой на Минобороны.",
        "Он отказался, ссылаясь на источник в Генштабе.",
        "Управление передаёт Иванову привет.",
        "За даними Міноборони, міст упав. Про це повідомляє поліція.",
        "Nazirliyin məlumatına görə, körpü uçub. DTX-nın məlumatına görə də.",
        "Rəsmi mənbələrə istinadən yazırlar. Müdafiə Nazirliyinə istinadən də.",
        "Bakanlığa göre köprü yıkıldı. Bize göre de.",
        "Kaynaklara dayandırdığı haberinde yazdı.",
        "Ըստ նախարարի՝ կամուրջը փլվել է։ Ըստ ՊՆ-ի՝ նույնպես։",
        "Նախարարությանը հղում անելով գրում են։",
        "მინისტრის ცნობით, ხიდი ჩაინგრა. წყაროებზე დაყრდნობით წერენ.",
        "به گزارش وزارت کشور، پل فرو ریخت. به نقل از منابع آگاه، دیروز.",
        "او گزارش داد. این گزارش را نوشت.",
        "Trends in the report: the trend according to the times.",
        "Source code: Rioni. The source: nobody.",
        "Each interview concludes with reference to the ACT documentation.",
        "Israeli news reports said so. According to local Rioni television reports, he did.",
        "The river was high. Source: Rioni Herald and the like, as all of them say.",
        "The association (APA) said so, and Alcoholics Anonymous (AA) too.",
        "See https://news.example/AP_NFL and x.example/AP/sports for more.",
        "Убытки растут, сообщает газета.Рионцы ждут.",
        "Он отказался, ссылаясь на Российскую сторону.",
    ] {
        check(body, None);
    }
}

#[test]
fn the_source_of_a_table_is_none_of_the_text() {
    let filling = "Words and words, and more of them. ".repeat(20);
    check(&format!("Rivers by length.\nSource: Rioni Herald\n{filling}"), None);
    cites(&format!("{filling}\nSource: Rioni Herald and agencies"), "Rioni Herald");
}

#[test]
fn what_is_said_in_between_is_no_origin() {
    let filling = "Слово за словом, и ещё слово. ".repeat(60);
    check(&format!("{filling}По данным Интерфакса, мост рухнул. {filling}"), None);
    cites(&format!("По данным Интерфакса, мост рухнул. {filling}"), "Интерфакс");
    cites(&format!("{filling}Об этом сообщает Интерфакс."), "Интерфакс");
}

#[test]
fn every_cue_is_looked_for() {
    for cue in CUES {
        let words = cue.words.replace('*', "");
        let body = match cue.side {
            Side::Behind(_) => format!("Words, {words} Reuters."),
            Side::Before([]) => format!("Words, Reuters {words}."),
            Side::Before(endings) => format!("Words, Reuters-{} {words}.", endings[0]),
            Side::Label => format!("Words.\n{words}: Reuters"),
        };
        cites(&body, "Reuters");
        if !matches!(cue.side, Side::Before(_)) {
            cites(&body.to_uppercase(), "Reuters");
        }
    }
}

#[test]
fn the_strongest_is_found_wherever_it_stands() {
    let filling = "Слово за словом, и ещё слово. ".repeat(60);
    cites(&format!("{filling}СО ССЫЛКОЙ НА Рионленту. {filling}"), "Рионлента");
    cites(&format!("{filling}со ссыл\u{ad}кой на Интерленту"), "Интерлента");
    cites(&format!("{filling}со ссылкои\u{306} на Интерленту"), "Интерлента");
    cites(&format!("{filling}со ссы\u{301}лкой на Интерленту"), "Интерлента");
    check(&format!("{filling}Post FIRST  APPEARED\non Rioni, {filling}"), Some((Manner::Reprint, "Rioni")));
    let both = format!("Fell, citing Kura Today.{filling}First published by Rioni News.");
    check(&both, Some((Manner::Reprint, "Rioni News")));
    cites(&format!("According to TASS, it fell. {filling}(Reuters) {filling}, citing Kura Today."), "Kura Today");
    check(&format!("{filling}\n\nМосты разрушены. (Арменпресс)\n\n"), Some((Manner::Agency, "Арменпресс")));
    check("According to TASS, it fell. (Reuters)", Some((Manner::Agency, "Reuters")));
}

#[test]
fn agencies_sign_behind_place_and_day() {
    for (body, name) in [
        ("YEREVAN, MARCH 3, ARMENPRESS. Three bridges fell.", "Armenpress"),
        ("ԵՐԵՎԱՆ, 3 ՄԱՐՏԻ, ԱՐՄԵՆՊՐԵՍ: Երեք կամուրջ է փլվել։", "Արմենպրես"),
        ("МОСКВА, 3 мар - РИА Новости. Рухнули три моста.", "РИА Новости"),
        ("Bakı, 3 mart, AZƏRTAC\nÜç körpü uçub.", "AZƏRTAC"),
        ("TBILISI (AP) — Three bridges fell.", "AP"),
    ] {
        check(body, Some((Manner::Agency, name)));
    }
}

#[test]
fn words_are_not_cut() {
    for n in 0..12 {
        let dots = ".".repeat(SIGNED_BYTES - n);
        check(&format!("{dots}(Apartment) {dots}"), None);
        check(&format!("{dots} (soap){}", ".".repeat(SIGNED_BYTES - 8 + n)), None);
        let name = "Ա".repeat(REACH_BYTES + n);
        let found = origin(&format!("A bridge fell, citing {name} {dots}"), Outlets::listed());
        assert!(found.is_none_or(|it| it.name == name), "a part of a name");
    }
}

#[test]
fn nothing_is_made_up() {
    for body in ["", "Police stopped him, citing a lack of papers.", "The ap was new. He read Reuters at home."] {
        check(body, None);
    }
}
