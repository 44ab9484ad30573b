//! Words beside the names of outlets, in the languages of the region. Single words are parted by white space; `*`
//! stands for any ending.

/// Words for outlets that stand beside their names and mean little else.
pub(super) const MEDIA: &str = "
    agency newspaper daily newswire portal magazine weekly
    агентств* информагентств* інформагентств* издани* виданн* телеканал* газет* портал* журнал* радиостанц*
    радіостанц* телекомпани* телекомпані* agentli* informasiya nəşr* qəzet* telekanal* jurnal* ajans* gazete*
    televizyon* dergi* haber sitesi* գործակալութ* թերթ* կայք* հեռուստաընկեր* հեռուստաալիք* պարբերական* ռադիոկայան*
    სააგენტო* გამოცემ* ტელეკომპანი* ტელეარხ* გაზეთ* პორტალ* خبرگزاری روزنامه شبکه پایگاه خبری تلویزیون";

/// Words that may stand between a cue, the word for an outlet and its name.
pub(super) const BETWEEN: &str = "
    the a an news tv television radio channel broadcaster outlet state run owned official local private independent russian iranian turkish azerbaijani armenian
    georgian ukrainian us american british israeli qatari saudi french german italian polish western european
    chinese arab report reports by from საინფორმაციო სახელმწიფო რუსული ირანული თურქული აზერბაიჯანული სომხური
    ქართული უკრაინული ამერიკული რუსულ ირანულ თურქულ აზერბაიჯანულ სომხურ ქართულ უკრაინულ ამერიკულ رسمی دولتی نیمه
    روسیه روسی ایران ترکیه فرانسه آمریکا آمریکایی انگلیسی انگلیس";

/// Endings of adjectives, which may also stand there.
pub(super) const ADJECTIVES: &[&str] = &[
    "ое",
    "ая",
    "ый",
    "ий",
    "ого",
    "ой",
    "ому",
    "ым",
    "им",
    "ую",
    "ські",
    "ське",
    "ська",
    "ської",
    "ському",
    "ським",
    "ական",
];

/// Words for those who are cited like outlets but are none: offices and their holders, state bodies, documents,
/// networks.
pub(super) const OFFICES: &str = "
    minister* ministry ministries president* premier prime government* parliament* police army pentagon kremlin
    embassy nato eu un osce court* prosecutor* committee council commission* department secretary spokes*
    officials officers sources diplomats lawmakers intelligence authorities article section law constitution
    telegram facebook twitter youtube instagram tiktok whatsapp house security mr mrs ms dr gen col data experts
    analysts residents researchers statistics figures documents министр* міністр* міністерств* министерств*
    минобороны міноборони мид мзс мвд мвс фсб сбу гур снбо рнбо генштаб* генпрокур* госдеп* держдеп* кремл*
    президент* премьер* прем парламент* правительств* уряд* нато оон обсе обсє ес єс минфин* минздрав* мчс дснс
    стать* статт* закон* конституц* спикер* рада раду верховн* центробанк* росстат* пентагон* цру црр полици*
    поліц* суд* следком* госдум* фейсбук* nazir* prezident* polis* məhkəm* prokuror* komitə* dtx dsx mn xin bmt
    pentaqon* kreml* səfirl* parlament* hökumət* bakan* cumhurbaşkan* başkan* hükümet* mahkeme* savcılık* msb bm
    ab büyükelç* նախարար* նախագահ* վարչապետ* կառավար* ոստիկան* դատարան* դատախազ* պն աան ագն քկ նատօ մակ եմ կրեմլ*
    պենտագոն* կոմիտե* ֆեյսբուք*";

/// Endings of personal names in the region, folded: people are cited like outlets.
pub(super) const PEOPLE: &[&str] = &[
    "yan",
    "shvili",
    "dze",
    "enko",
    "ov",
    "ev",
    "ova",
    "eva",
    "sky",
    "skyi",
    "oğlu",
    "zadə",
    "zade",
    "ян",
    "яна",
    "яну",
    "швили",
    "швілі",
    "дзе",
    "енко",
    "енка",
    "ов",
    "ова",
    "ову",
    "ев",
    "ева",
    "еву",
    "ский",
    "ского",
    "ський",
    "ського",
    "յան",
    "յանը",
    "յանին",
    "շվիլի",
];
