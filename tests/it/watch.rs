//! The shipped watches on invented sentences: `tests/fixtures/watch/*.toml`.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use sitrepd::{
    config::{GlossaryFile, WatchesFile},
    watch::{WatchRule, Watchlist, hits},
};

use crate::topics::{article, fixtures};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    language: String,
    title: String,
    body: String,
    /// All watches that fire, with the forms found.
    hits: BTreeMap<String, Vec<String>>,
}

fn shipped() -> Watchlist {
    let file: WatchesFile = toml_edit::de::from_str(include_str!("../../config/watches.toml")).unwrap();
    let glossary: GlossaryFile = toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap();
    Watchlist::with_glossary(file.rules(), &glossary.glossary().unwrap()).unwrap()
}

#[test]
fn shipped_watches_find_what_they_should() {
    let watchlist = shipped();
    let mut languages = Vec::new();
    for path in fixtures("watch") {
        let cases: Cases = toml_edit::de::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.case {
            let article = article(&case.title, &case.body);
            let found = hits(&watchlist, &article);
            for hit in found.iter().flat_map(|(_, hits)| hits) {
                assert_eq!(hit.form, hit.field.of(&article)[hit.span.clone()], "{}", case.title);
                assert!(hit.sentence.contains(&hit.form), "{}: {hit:?}", case.title);
            }
            let forms = |hits: Vec<sitrepd::model::Hit>| hits.into_iter().map(|it| it.form).collect::<Vec<_>>();
            let found = found.into_iter().map(|(name, hits)| (name, forms(hits))).collect::<BTreeMap<_, _>>();
            assert_eq!(found, case.hits, "{}", case.title);
            languages.push(case.language);
        }
    }
    languages.sort();
    languages.dedup();
    assert_eq!(languages, ["az", "en", "fa", "hy", "ka", "ru", "tr", "uk"]);
}

fn forms(query: &str, language: &str, body: &str) -> Vec<String> {
    let glossary: GlossaryFile = toml_edit::de::from_str(include_str!("../../config/glossary.toml")).unwrap();
    let rule = WatchRule { name: "q".to_owned(), query: Some(query.to_owned()), ..WatchRule::default() };
    let watchlist = Watchlist::with_glossary(vec![rule], &glossary.glossary().unwrap()).unwrap();
    let mut article = article("", body);
    article.language = Some(language.to_owned());
    hits(&watchlist, &article).into_iter().flat_map(|it| it.1).map(|it| it.form).collect()
}

#[test]
fn what_an_analyst_of_the_region_writes_once() {
    for (query, language, body, expected) in [
        ("ITPP or Vinnikov".replace("or", "OR"), "en", "Vinnikov on ITPP; Vinikov; A.Vinnikov", 4),
        ("Vinnikov".to_owned(), "ru", "вместе с Винниковым", 1),
        ("Vinnikov".to_owned(), "hy", "Եկել էր Վիննիկովը", 1),
        ("Vinnikov".to_owned(), "ka", "ამის შესახებ ვინიკოვმა თქვა", 1),
        ("Vinnikov".to_owned(), "az", "Görüşdə Vinnikovun sözləri", 1),
        ("Vinnikov".to_owned(), "tr", "Toplantıda Vinnikovun sözleri", 1),
        ("Vinnikov".to_owned(), "fa", "دفتر ناتو به ریاست وینیکوف باز شد", 1),
        (
            "ITPP".to_owned(),
            "en",
            "an Individually Tailored Partnership Programme, a Individually Tailored Partnership Program",
            2,
        ),
        ("ITPP".to_owned(), "en", "the Individually Adapted Partnership", 1),
        ("\"Nikol Pashinyan\"".to_owned(), "en", "said Nikola Pashin, Prime Minister", 1),
        // A machine translation cut the name; the cut name alone may be anybody's.
        ("Pashinyan".to_owned(), "en", "said Nikola Pashin, Prime Minister", 1),
        ("Пашинян".to_owned(), "en", "said Nikola Pashin, Prime Minister", 1),
        ("Pashinyan".to_owned(), "en", "said Ivan Pashin and Pashin, a painter", 0),
        ("NATO".to_owned(), "hy", "հայտնել է ՆԱՏՕ-ն", 1),
        ("НАТО".to_owned(), "ka", "ნატოს ოფისი გაიხსნა", 1),
        ("NATO".to_owned(), "ka", "ნატო-ს ოფისი გაიხსნა", 1),
        ("NATO".to_owned(), "it", "Carlo Ricci, nato a Trieste; Nato Vachnadze", 0),
        ("\"NATO liaison office\"".to_owned(), "hy", "ՆԱՏՕ-ի կապի գրասենյակի ղեկավարը", 1),
        ("\"NATO liaison office\"".to_owned(), "az", "NATO-nun əlaqələndirmə ofisi açıldı", 1),
        ("\"NATO liaison office\"".to_owned(), "tr", "NATO'nun irtibat ofisinin başkanı", 1),
        ("Zangezur".to_owned(), "ka", "მან ზანგეზურის შესახებ ისაუბრა", 1),
        ("Karabakh".to_owned(), "hy", "Ղարաբաղից տեղահանվածները", 1),
        ("Karabakh".to_owned(), "fa", "ساکنان قره‌باغ", 1),
        ("Nakhchivan".to_owned(), "ru", "дорога в Нахичевань", 1),
        ("Nakhchivan".to_owned(), "ka", "გზა ნახიჩევანში", 1),
        ("CSTO".to_owned(), "ru", "страны ОДКБ", 1),
        ("Vinnikov".to_owned(), "ru", "Винокуров, Винник и Винниченко", 0),
        ("Vinnikov".to_owned(), "uk", "приїхав Винник", 0),
        ("Vinnikov".to_owned(), "en", "Vynnyk came", 0),
        ("Aliyev".to_owned(), "ru", "приехал Алибеков", 0),
        ("Arakchi".to_owned(), "en", "said Araghchi", 1),
        ("Araghchi".to_owned(), "ru", "с Аракчи и Арагчи", 2),
        ("Araghchi".to_owned(), "tr", "dedi Erakçi", 1),
        ("Аракчи".to_owned(), "fa", "وزیر خارجه عراقچی گفت که", 1),
        ("ITPP".to_owned(), "en", "ITPPX and itpp", 0),
    ] {
        let found = forms(&query, language, body);
        assert_eq!(found.len(), expected, "{query} in {body}: {found:?}");
    }
}

/// Sentences as the press of the region writes them, with the shipped glossary: half are what an analyst waits for, and
/// half only look or sound like it.
#[test]
fn what_the_press_of_the_region_writes() {
    for (query, language, body, expected) in [
        ("Baku", "ru", "Оглашён приговор: бакинский военный суд дал пятнадцать лет", 1),
        ("Baku", "hy", "Նրան պահում են բաքվյան բանտում", 1),
        ("Baku", "ru", "Пианист Бакинский дал концерт", 0),
        ("Karabakh", "hy", "Խոսել են ղարաբաղյան պատերազմի մասին", 1),
        ("Karabakh", "uk", "Переговори про карабаське врегулювання", 1),
        ("Karabakh", "hy", "Արամ Ղարաբաղյանը հաղթել է մրցաշարում", 0),
        ("Karabakh", "ru", "Карабаш засыпало снегом", 0),
        ("Kars", "ru", "Ссылаются на Карсский договор 1921 года", 1),
        ("Kars", "tr", "Karşı taraf yanıt vermedi", 0),
        ("Shahed", "ru", "За ночь сбили двенадцать шахедов над портом", 1),
        ("Shahed", "uk", "Ворог запустив десятки «Шахедів» з моря", 1),
        ("Shahed", "fa", "شاهد حادثه به پلیس گفت که چیزی ندید", 0),
        ("Shahed", "az", "Şahidlər məhkəmədə danışıb", 0),
        ("Shahed", "az", "Bakıda Şəhid ailələri toplaşıb", 0),
        ("Iskander", "az", "İsgəndər Həmidov danışdı", 0),
        ("HIMARS", "uk", "Удар Хаймарсами по мосту", 1),
        ("Iskander", "ru", "Пуск «Искандеров» с полигона", 1),
        ("US", "en", "US STRIKES IRAN NUCLEAR SITES", 1),
        ("PACE", "en", "GEORGIAN DELEGATION QUITS PACE", 1),
        ("EU", "hy", "ԵՄ առաքելությունը սահմանին է", 1),
        ("EUMM", "ka", "ევროკავშირის სადამკვირვებლო მისიამ ღობე დააფიქსირა", 1),
        ("EUMM", "ka", "ევროკავშირის მისია სომხეთშია", 0),
        ("\"Middle Corridor\"", "az", "Orta Dəhlizlə daşınan yüklər artıb", 1),
        ("\"Montreux Convention\"", "tr", "Montrö Sözleşmesi ihlal edilmedi", 1),
        ("FSB", "ru", "ФСБшники задержали двоих", 1),
        ("Gali", "ru", "В Гали и Очамчире прошли учения", 1),
    ] {
        let found = forms(query, language, body);
        assert_eq!(found.len(), expected, "{query} in {body}: {found:?}");
    }
}
