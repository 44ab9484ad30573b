//! Given names with separate forms in Russian, Ukrainian and Georgian, which call the same person by their own:
//! Vladimir and Volodymyr, Mikhail and Mikheil. Used for the words of a phrase other than its surname, which says who
//! is meant.

use std::{collections::HashMap, sync::LazyLock};

/// A name a line, its forms parted by `|`. Each form begins with its usual spelling in Latin letters, in which it is
/// found in every script; the other spellings, folded, are those that it is known by. Forms that sound alike, as Viktor
/// and Віктор, need no line. Nor have those one that are names of other people elsewhere: Anna and Hanna.
const NAMES: &str = "
    vladimir владимир վլադիմիր ვლადიმირი ვლადიმერ ولادیمیر | volodymyr volodimir володимир վոլոդիմիր ვოლოდიმირ ولودیمیر
    dmitry dmitri dmitriy dmitrii дмитрий դմիտրի დმიტრი دمیتری | dmytro дмитро դմիտրո დმიტრო دمیترو | dimitri dimitry димитрий դիմիտրի დიმიტრი
    mikhail михаил միխայիլ მიხაილ میخاییل | mykhailo михайло միխայլո მიხაილო میخایلو | mikheil მიხეილ միխեիլ
    nikolai nikolay николай նիկոլայ ნიკოლაი نیکلای | mykola микола միկոլա მიკოლა میکولا | nikoloz николоз նիկոլոզ ნიკოლოზ
    sergei sergey сергей սերգեյ სერგეი سرگیی | serhiy serhii сергій սերհիյ სერჰი سرهی
    alexander aleksandr alexandr aleksander александр ալեքսանդր ალექსანდრ الکساندر | oleksandr олександр օլեքսանդր ოლექსანდრ اولکساندر | aleksandre александре ալեքսանդրե ალექსანდრე | aleksandar александар ալեքսանդար ალექსანდარ الکساندار | aliaksandr аляксандр
    alexandra aleksandra александра ալեքսանդրա ალექსანდრა الکساندرا | oleksandra олександра օլեքսանդրա ოლექსანდრა اولکساندرا
    alexei alexey aleksei aleksey алексей ալեքսեյ ალექსეი الکسی | oleksiy oleksii олексій օլեքսիյ ოლექსი اولکسی
    yelena elena елена ելենա ელენა النا یلنا | olena олена օլենա ოლენა اولنا
    pavel павел պավել პაველ پاول | pavlo павло պավլո პავლო پاولو
    pyotr petr петр պյոտր პიოტრ پیوتر | petro петро պետրո პეტრო پترو
    andrei andrey андрей անդրեյ ანდრეი اندری | andriy andrii андрій անդրիյ ანდრი
    yevgeny evgeny yevgeni evgeni евгений եւգենի ევგენი یوگنی | yevhen євген եւհեն ევჰენ یوهن
    yevgenia evgenia yevgeniya евгения եւգենյա ევგენია | yevheniia yevhenia євгенія
    konstantin константин կոնստանտին კონსტანტინე კონსტანტინ کنستانتین | kostiantyn kostyantyn костянтин կոստյանտին კოსტიანტინ
    igor игорь իգոր იგორ ایگور | ihor ігор իհոր იჰორ ایهور
    oleg олег օլեգ ოლეგ اولگ | oleh օլեհ ოლეჰ اوله
    yegor egor егор եգոր ეგორ | yehor єгор
    georgy georgi georgiy георгий գեորգի | heorhiy heorhii георгій | giorgi გიორგი
    grigory grigori grigoriy григорий գրիգորի გრიგორი | hryhoriy hryhorii григорій հրիհորի გრიგორიი | grigol григол գրիգոլ გრიგოლ
    gennady gennadi gennadiy геннадий գենադի გენადი گنادی | hennadiy hennadii геннадій
    galina галина գալինա გალინა | halyna
    yekaterina ekaterina екатерина եկատերինա ეკატერინა یکاترینا | kateryna катерина կատերինա კატერინა
    kirill kiril кирилл կիրիլ კირილ کیریل | kyrylo кирило կիրիլո კირილო
    danil daniil данил даниил դանիիլ დანიილ | danylo данило դանիլո დანილო
    fyodor fedor федор ֆյոդոր ფიოდორ فیودور | fedir федір ֆեդիր ფედირ
    vasily vasili vasiliy василий վասիլի ვასილი واسیلی | vasyl василь վասիլ ვასილ
    filipp филипп ֆիլիպ ფილიპ | pylyp пилип
    artyom артем արտյոմ არტიომ | artem արտեմ არტემ
    semyon семен սեմյոն სემიონ | semen
    tatiana tatyana татьяна տատյանա ტატიანა تاتیانا | tetiana tetyana тетяна տետյանա ტეტიანა
    svetlana светлана սվետլանա სვეტლანა سوتلانا | svitlana світлана սվիտլանա სვიტლანა
    nikita никита նիկիտա ნიკიტა نیکیتا | mykyta микита
    matvei matvey матвей մատվեյ მატვეი | matviy matvii матвій
    timofei timofey тимофей տիմոֆեյ ტიმოფეი | tymofiy tymofii тимофій
    nadezhda надежда նադեժդա ნადეჟდა نادژدا | nadiia nadiya надія
    vera вера վերա ვერა | vira віра
    davit դավիթ დავით давит | david давид դեյվիդ დევიდ دیوید
    hakob հակոբ ჰაკობ هاکوب | akop акоп აკოფ | hagop
    gevorg геворг գեւորգ გევორგ | gevork геворк | kevork
    vartan վարթան вартан ვართან | vardan վարդան вардан ვარდან واردان
    garegin գարեգին гарегин გარეგინ | karekin карекин კარეკინ
    hovhannes հովհաննես ჰოვჰანეს | ovanes ованес оганес
    ogtay oqtay оґтай | oktay октай ოქტაი
    michael майкл մայքլ მაიკლ مایکل | maykl | mike майк մայք მაიქ مایک
    charles чарльз չարլզ ჩარლზ چارلز | sharl şarl шарль շառլ შარლ شارل
    jean жан ժան ჟან ژان | jan
    noel noël ноэль նոել ნოელ نویل | noyel ноель
    andrzej անջեյ ანჯეი | andzhey анджей | anzhey анжей
    krzysztof | kshishtof кшиштоф
    recep реджеп ռեջեփ რეჯეფ | rejeb rajab rəcəb رجب
    tayyip тайип թայիփ თაიფ ტაიპ | tayib tayyib таййип طیب
    afanasy afanasi афанасий აფანასი | opanas опанас ოპანას";

/// Each spelling with the forms beside its own.
static OTHERS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut res = HashMap::<_, Vec<_>>::new();
    for name in NAMES.lines() {
        let forms: Vec<Vec<_>> = name.split('|').map(|it| it.split_whitespace().collect()).collect();
        for (at, spellings) in forms.iter().enumerate() {
            let others = forms.iter().enumerate().filter(|it| it.0 != at).filter_map(|it| it.1.first().copied());
            let others: Vec<_> = others.collect();
            for spelling in spellings {
                res.entry(*spelling).or_default().extend(&others);
            }
        }
    }
    res
});

/// The other forms of a given name, folded, in Latin letters.
pub(in crate::text::names) fn other_forms(word: &str) -> &'static [&'static str] {
    OTHERS.get(word).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_folded_and_stand_once() {
        let mut known = Vec::new();
        for spelling in NAMES.split_whitespace().filter(|it| *it != "|") {
            assert_eq!(crate::text::fold(spelling), spelling);
            assert!(!known.contains(&spelling), "{spelling} twice");
            known.push(spelling);
            assert!(!other_forms(spelling).is_empty(), "{spelling}");
        }
    }

    #[test]
    fn a_name_has_forms_that_are_not_its_own() {
        assert_eq!(other_forms("владимир"), ["volodymyr"]);
        assert_eq!(other_forms("mykhailo"), ["mikhail", "mikheil"]);
        assert!(other_forms("irakli").is_empty());
    }
}
