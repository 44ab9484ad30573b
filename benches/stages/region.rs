//! Ten thousand names of the region's shapes in five scripts, and running text in eight languages with such names in it. Made of
//! given names, stems and formants, so that what is looked for is as like as the names of one region are.

use std::collections::HashSet;

/// A script's given names, the stems of surnames and what ends them.
struct Shapes {
    given: &'static [&'static str],
    starts: &'static [&'static str],
    middles: &'static [&'static str],
    ends: &'static [&'static str],
    /// How many surnames, and how many with a given name before them.
    counts: [usize; 2],
}

const LATIN: Shapes = Shapes {
    given: &[
        "Ilham",
        "Nikol",
        "Davit",
        "Giorgi",
        "Elnur",
        "Armen",
        "Tamar",
        "Leyla",
        "Oleksandr",
        "Sergey",
        "Mehmet",
        "Hossein",
    ],
    starts: &[
        "Ag", "Al", "Bar", "Vin", "Gul", "Dav", "Zak", "Ib", "Kar", "Les", "Mam", "Nar", "Os", "Pash", "Rus", "Sar",
        "Tar", "Hak", "Shev", "Yel", "Jav", "Kob", "Lom", "Meh",
    ],
    middles: &[
        "", "ab", "ad", "al", "am", "an", "ar", "as", "ed", "el", "en", "er", "id", "ik", "im", "in", "ir", "on", "or",
        "ur",
    ],
    ends: &["ov", "ova", "yan", "shvili", "adze", "zade", "enko", "sky", "iyev", "ava", "oglu", "pour"],
    counts: [4_000, 1_000],
};

const CYRILLIC: Shapes = Shapes {
    given: &["Илья", "Никол", "Давид", "Георгий", "Эльнур", "Армен", "Тамара", "Лейла", "Олександр", "Сергей"],
    starts: &[
        "Аг", "Ал", "Бар", "Вин", "Гул", "Дав", "Зак", "Иб", "Кар", "Лес", "Мам", "Нар", "Ос", "Паш", "Рус", "Сар",
        "Тар", "Акоп", "Шев", "Ель", "Джав", "Коб", "Лом", "Мех",
    ],
    middles: &[
        "", "аб", "ад", "ал", "ам", "ан", "ар", "ас", "ед", "ел", "ен", "ер", "ид", "ик", "им", "ин", "ир", "он", "ор",
        "ур",
    ],
    ends: &["ов", "ова", "ян", "швили", "адзе", "заде", "енко", "ский", "иев", "ук"],
    counts: [2_000, 1_000],
};

const ARMENIAN: Shapes = Shapes {
    given: &["Նիկոլ", "Արմեն", "Դավիթ", "Տիգրան", "Անահիտ", "Գագիկ"],
    starts: &[
        "Ավ",
        "Գրիգ",
        "Դավթ",
        "Հակոբ",
        "Մանուկ",
        "Նազար",
        "Պետր",
        "Սարգս",
        "Վարդ",
        "Փաշ",
        "Կարապետ",
        "Մկրտ",
        "Բաղդ",
        "Գևորգ",
        "Խաչ",
        "Օհան",
    ],
    middles: &[
        "", "ան", "ար", "աս", "եր", "իկ", "ին", "ոն", "ոս", "ուշ", "ադ", "ակ", "ալ", "ամ", "ատ", "եկ", "ել", "իր",
        "որ", "ուր",
    ],
    ends: &["յան", "ունի", "ենց", "ով"],
    counts: [400, 200],
};

const GEORGIAN: Shapes = Shapes {
    given: &["გიორგი", "დავით", "თამარ", "ნინო", "ლევან", "ირაკლი"],
    starts: &["აბ", "ბერ", "გელ", "დავით", "ვარდ", "კობ", "ლომ", "მაჭ", "ნოზ", "ჟღ", "ჩხ", "ხარ", "თოდ", "მელ"],
    middles: &[
        "", "აძ", "ალ", "ან", "ელ", "ენ", "იკ", "ინ", "ოლ", "ურ", "აკ", "ამ", "არ", "ახ", "ერ", "ეშ", "იშ", "ორ", "უკ",
        "უშ",
    ],
    ends: &["შვილი", "აძე", "ავა", "იანი", "ური"],
    counts: [400, 200],
};

const PERSIAN: Shapes = Shapes {
    given: &["حسین", "محمد", "علی", "الهام", "نیکول", "سرگئی"],
    starts: &["اکب", "بار", "پاش", "حسن", "رحیم", "سلیم", "شری", "عبا", "قاس", "کری", "لطف", "مهد", "نور", "جلال"],
    middles: &["", "ا", "ان", "ار", "ین", "یم", "ود", "ور", "ال", "اد", "ام", "اب", "ید", "یر", "وش", "اس"],
    ends: &["ی", "زاده", "پور", "نژاد", "یان", "اف"],
    counts: [500, 300],
};

impl Shapes {
    /// All surnames, each once; near ones stand far apart.
    fn surnames(&self) -> impl Iterator<Item = String> + Clone {
        let all = self.starts.len() * self.middles.len() * self.ends.len();
        // A step that shares no factor with their number goes through all of them.
        let numbers = (0..all).map(move |it| it * 7_919 % all);
        numbers.filter_map(|it| {
            let (start, rest) = (it % self.starts.len(), it / self.starts.len());
            let (middle, end) = (rest % self.middles.len(), rest / self.middles.len());
            Some(format!("{}{}{}", self.starts.get(start)?, self.middles.get(middle)?, self.ends.get(end)?))
        })
    }

    fn names(&self) -> Vec<String> {
        let [alone, with_given] = self.counts;
        let surnames = self.surnames().take(alone);
        let whole = self.surnames().skip(alone).take(with_given).zip(self.given.iter().cycle());
        let whole = whole.map(|(surname, given)| format!("{given} {surname}")).collect::<Vec<_>>();
        surnames.chain(whole).collect()
    }
}

/// Ten thousand names, half of them in Latin letters.
pub(crate) fn names() -> Vec<String> {
    let res: Vec<_> = [LATIN, CYRILLIC, ARMENIAN, GEORGIAN, PERSIAN].iter().flat_map(Shapes::names).collect();
    assert_eq!(res.iter().collect::<HashSet<_>>().len(), 10_000, "what is measured is said of ten thousand");
    res
}

/// A language, whose names stand in it, and sentences with names in the place of `{}` and `{g}` for a given name.
type Language = (&'static str, Shapes, &'static [&'static str]);

const LANGUAGES: [Language; 8] = [
    (
        "en",
        LATIN,
        &[
            "The head of the liaison office, {g} {}, said on Tuesday that the corridor would stay open through the winter.",
            "Talks between Mr {} and the delegation of {} went on until the evening, officials said.",
            "According to {}, the pipeline carries more gas to the coast than in any year before.",
            "Villagers near the border told {g} {} that the road had been closed by snow since Friday.",
        ],
    ),
    (
        "ru",
        CYRILLIC,
        &[
            "Глава офиса связи {g} {} заявил во вторник, что коридор останется открытым всю зиму.",
            "Переговоры с {}ым и делегацией {}а шли до вечера, сообщили в министерстве.",
            "По словам {}а, по трубопроводу на побережье идёт больше газа, чем в прошлые годы.",
            "Жители приграничных сёл рассказали {}у, что дорогу с пятницы занесло снегом.",
        ],
    ),
    (
        "uk",
        CYRILLIC,
        &[
            "Керівник офісу зв'язку {g} {} заявив у вівторок, що коридор залишиться відкритим усю зиму.",
            "Переговори з {}им і делегацією {}а тривали до вечора, повідомили в міністерстві.",
            "За словами {}а, трубопроводом на узбережжя йде більше газу, ніж у попередні роки.",
            "Мешканці прикордонних сіл розповіли {}у, що дорогу з п'ятниці занесло снігом.",
        ],
    ),
    (
        "az",
        LATIN,
        &[
            "Əlaqə ofisinin rəhbəri {g} {} çərşənbə axşamı dəhlizin bütün qış açıq qalacağını bildirib.",
            "{}un nümayəndə heyəti ilə danışıqları axşama qədər davam edib, nazirlikdən məlumat verilib.",
            "{}ın sözlərinə görə, boru kəməri ilə sahilə əvvəlki illərdən daha çox qaz gedir.",
            "Sərhəd kəndlərinin sakinləri {}a yolun cümə günündən qarla örtüldüyünü deyiblər.",
        ],
    ),
    (
        "tr",
        LATIN,
        &[
            "İrtibat ofisi başkanı {g} {} salı günü koridorun bütün kış açık kalacağını söyledi.",
            "{}'un heyetle görüşmeleri akşama kadar sürdü, bakanlıktan açıklama yapıldı.",
            "{}'a göre boru hattı kıyıya önceki yıllardan daha çok gaz taşıyor.",
            "Sınır köylerinde oturanlar {}'a yolun cumadan beri karla kaplı olduğunu anlattı.",
        ],
    ),
    (
        "hy",
        ARMENIAN,
        &[
            "Կապի գրասենյակի ղեկավար {g} {}ը երեքշաբթի հայտարարեց, որ միջանցքը բաց կմնա ամբողջ ձմեռ։",
            "{}ի և պատվիրակության բանակցությունները շարունակվեցին մինչև երեկո, հայտնեցին նախարարությունից։",
            "Ըստ {}ի՝ խողովակաշարով ափ է հասնում ավելի շատ գազ, քան նախորդ տարիներին։",
            "Սահմանամերձ գյուղերի բնակիչները {}ին պատմեցին, որ ճանապարհը ուրբաթից փակ է ձյան պատճառով։",
        ],
    ),
    (
        "ka",
        GEORGIAN,
        &[
            "საკონტაქტო ოფისის ხელმძღვანელმა {g} {}მ სამშაბათს განაცხადა, რომ დერეფანი მთელი ზამთარი ღია დარჩება.",
            "{}სა და დელეგაციის მოლაპარაკება საღამომდე გაგრძელდა, აცხადებენ სამინისტროში.",
            "{}ს თქმით, მილსადენით სანაპიროზე წინა წლებზე მეტი გაზი მიდის.",
            "სასაზღვრო სოფლების მცხოვრებლებმა {}ს უთხრეს, რომ გზა პარასკევიდან თოვლის გამო დაკეტილია.",
        ],
    ),
    (
        "fa",
        PERSIAN,
        &[
            "رئیس دفتر ارتباط {g} {} روز سه‌شنبه گفت که دالان در تمام زمستان باز خواهد ماند.",
            "گفت‌وگوهای {} با هیئت تا شب ادامه داشت، این را وزارتخانه اعلام کرد.",
            "به گفته {} خط لوله بیش از سال‌های گذشته گاز به ساحل می‌رساند.",
            "ساکنان روستاهای مرزی به {} گفتند که جاده از جمعه زیر برف است.",
        ],
    ),
];

/// Text of each language, its code before it: a thousand sentences with names, of which some are looked for and some are not.
pub(crate) fn texts() -> Vec<(&'static str, String)> {
    let text = |(code, shapes, sentences): &Language| {
        let mut surnames = shapes.surnames().cycle();
        let mut given = shapes.given.iter().cycle();
        let mut res = String::new();
        for sentence in sentences.iter().cycle().take(1_000) {
            for part in sentence.split_inclusive('}') {
                let (text, place) = part.rsplit_once('{').unwrap_or((part, ""));
                res.push_str(text);
                match place {
                    "g}" => res.extend(given.next().copied()),
                    "}" => res.extend(surnames.next()),
                    _ => (),
                }
            }
            res.push('\n');
        }
        (*code, res)
    };
    LANGUAGES.iter().map(text).collect()
}
