//! Words of everyday language that sound like names, and what stands beside names. For scripts without capitals.

use super::Script;

/// Persian words, sorted by bytes, one a line.
const PERSIAN: &str = include_str!("common/fa.txt");

/// Georgian words, the same way.
const GEORGIAN: &str = include_str!("common/ka.txt");

/// The most frequent words of both.
const PERSIAN_OFTEN: &str = include_str!("common/fa-often.txt");
const GEORGIAN_OFTEN: &str = include_str!("common/ka-often.txt");

/// The same with the code and the name of the language.
pub(super) const FREQUENT: [(&str, &str, &str); 2] =
    [(PERSIAN_OFTEN, "fa", "Persian"), (GEORGIAN_OFTEN, "ka", "Georgian")];

/// Whether a folded word is so frequent that nothing beside it makes it a name. False in the scripts with capitals.
pub(super) fn is_frequent(word: &str, script: Script) -> bool {
    match script {
        Script::Arabic => contains(PERSIAN_OFTEN, word),
        Script::Georgian => contains(GEORGIAN_OFTEN, word),
        _ => false,
    }
}

/// Words of the scripts with capitals that begin many sentences or stand in capitals in titles of office.
const CAPITALISED: &str = "
    а без более будет будто был была были было быть в вам вас ведь весь вместе во вот впрочем все всего всем всех всю вы где
    да даже для до его едва ее если есть еще же за здесь и из или им их к каждый как какая какие какой когда конечно которая
    которые который кроме кто куда лишь между меня мне многие может можно мой мы на над наш наша наши не него нее ней нет
    несмотря ни никто ничего но ну о об однако он она они оно от очень по под пока после потом потому почему поэтому при
    про раз разве с сам сама сами свой себя сегодня сейчас сначала со среди так такая также такие такой там твой те тем
    теперь то тогда того тоже той только том тот ты у уже хотя чем через что чтобы эта эти это этого этом этот я дело дела
    дела день дня утро год года глава совет палата дума
    але або адже але без була були було бути в вам вас весь від він вона вони воно все всього всі втім для до його її з за
    зараз і із або інші їх й кожен коли котрий крім кілька мабуть мене мені мені ми мій між може можна на над нам нас наш не
    незважаючи ні ніхто нічого однак ось по під після потім при про проте саме свій себе серед сьогодні так така також такий
    там те тепер ти тим тільки то того тоді тому тут у усі хоча це цей цього цьому ця ці чи чому що щоб щодо я як яка які який
    якщо діло діла справа глава рада
    այդ այժմ այլ այն այնտեղ այնուհետեւ այո այս այսօր ապա առանց արդեն բայց բացի բոլոր գուցե դա դեռ դու դուք եթե ես եւ երբ երեկ ըստ
    թե թեեւ իսկ իր իրենք ինչ ինչպես ինչու հետո համաձայն հենց մեզ մենք մի միայն միեւնույն մինչ մինչեւ նա նաեւ նրա նրան նրանք ով որ
    որոշ որովհետեւ որտեղ որպես որպեսզի ոչ ուստի պետք սա սակայն սրանք վերջապես տեսեք քանի քանզի օրինակ
    ancaq artıq amma baş başqa başda belə ben bəlkə bəzi biz bir bu bunu bütün bunlar da daha də digər dil dövlət dünən əgər əksinə əlavə ən
    eyni ha hamı hansı hər hətta heç ilk indi isə kim ki lakin mən mənim nə necə niyə o ona onlar onu orada özü sən siz sonra üçün
    və ya yalnız yaxşı yenə yeni
    ama ancak artık asla aslında aynı az bana bazı ben beni benim bile biri birçok biz bizim böyle bugün bunlar bunu burada
    bütün çok çünkü dahası diğer dün en fakat gerçekten hala hangi hatta hem hemen henüz hep hepsi her herkes hiç için ile ise
    işte kadar kendi kimse mi ne neden nasıl niçin olarak on onlar onu ora oysa öyle pek peki sadece şimdi siz sonra şu tüm ve
    veya ya yani yeni yok yine";

/// Whether a folded word is one of everyday language; in the scripts that have capital letters, one that often has one.
pub(super) fn is_common(word: &str, script: Script) -> bool {
    match script {
        Script::Latin | Script::Cyrillic | Script::Armenian => CAPITALISED.split_whitespace().any(|it| it == word),
        Script::Arabic => contains(PERSIAN, word),
        Script::Georgian => contains(GEORGIAN, word),
        Script::Other => false,
    }
}

/// Looks a line up in sorted lines.
fn contains(lines: &str, wanted: &str) -> bool {
    let (mut low, mut high) = (0, lines.len());
    while low < high {
        let middle = low.midpoint(high);
        let bytes = lines.as_bytes();
        let start =
            bytes.get(low..middle).and_then(|it| it.iter().rposition(|it| *it == b'\n')).map_or(low, |it| low + it + 1);
        let end =
            bytes.get(start..high).and_then(|it| it.iter().position(|it| *it == b'\n')).map_or(high, |it| start + it);
        let Some(line) = bytes.get(start..end) else { return false };
        match line.cmp(wanted.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}
