use super::*;
use crate::{
    classify::{PhraseGroup, TopicRule, features::tests::SPORT},
    model::Assignment,
    text,
};

fn topics() -> Topics {
    let rule = TopicRule {
        id: "floods".to_owned(),
        name: "Floods".to_owned(),
        parent: None,
        phrases: vec![PhraseGroup { weight: 10.0, at_most: None, any: vec!["flood*".to_owned()] }],
        required: vec![],
        excluded: vec!["insurance".to_owned()],
        threshold: 10.0,
        is_learned: false,
    };
    Topics::compile(vec![rule]).unwrap()
}

const RIVERS: [&str; 8] = [
    "The Rioni rose over its banks and took three bridges.",
    "Rescuers brought people from the valley after the river rose.",
    "The river took the road and two bridges near the town.",
    "High water in the valley: rescuers reached the last village.",
    "Bridges on the Kura are closed as the water rises.",
    "The banks of the river gave way and rescuers were called.",
    "Water stood in the streets after the river rose over its banks.",
    "Rescuers closed the bridges as the river rose in the valley.",
];
const OTHER: [&str; 8] = [
    "A flood of complaints reached the ministry of trade.",
    "The market was flooded with cheap phones from abroad.",
    "The ministry of trade met importers of phones.",
    "The parliament voted on the budget of the ministry.",
    "Complaints about prices reached the parliament.",
    "Importers said that trade with the neighbours grew.",
    "The budget for trade was cut by the parliament.",
    "A new minister of trade was named in the capital.",
];

/// Texts of which nobody said anything; the first three are of rivers.
fn unlabelled() -> Vec<Report> {
    let others = [
        "The coach praised the goalkeeper after the cup final.",
        "Engineers tested a satellite that maps forests from orbit.",
        "The orchestra opened its season with a new symphony.",
        "Doctors warned of a flu wave among school children.",
        "The central bank kept interest rates where they were.",
        "A court sentenced two officials for taking bribes.",
        "The airline ordered twenty planes for its Asian routes.",
        "Farmers expect a good grape harvest in the east.",
        "The museum shows portraits painted in exile.",
        "Students marched against higher fees at the university.",
        "The alliance held an exercise with partners at the coast.",
        "A startup sells software that reads medical images.",
        "Voters in the capital elect a mayor on Sunday.",
        "The striker signed a contract for three seasons.",
        "Archaeologists found a Bronze Age grave near the airport.",
        "The railway plans faster trains to the port.",
    ];
    let texts = RIVERS[5..].iter().chain(&OTHER[4..]).chain(&others);
    texts.map(|it| report(it, "en")).cycle().take(3 * 23).collect()
}

fn report(text: &str, language: &str) -> Report {
    let article = Article { language: Some(language.to_owned()), ..Article::sample("", text) };
    Report { article, assignment: Assignment::New, moved: None, tags: vec![], possible: vec![] }
}

fn seed(id: &str, texts: &[&str]) -> Seed {
    Seed { id: id.to_owned(), examples: texts.iter().map(|it| (*it).to_owned()).collect(), keywords: vec![] }
}

fn found(models: &Models, text: &str) -> Vec<String> {
    let language = Some(if text.is_ascii() { "en" } else { "ru" }.to_owned());
    let tags = models.tags(&topics(), &Article { language, ..Article::sample("", text) });
    tags.into_iter().map(|it| it.topic).collect()
}

fn labels(times: usize) -> Vec<Labelled> {
    let label =
        |text: &&str, is_right| Labelled { article: Article::sample("", text), topic: "floods".into(), is_right };
    let each = || RIVERS.iter().map(|it| label(it, true)).zip(OTHER.iter().map(|it| label(it, false)));
    (0..times).flat_map(|_| each().flat_map(|(a, b)| [a, b])).collect()
}

#[track_caller]
fn check(models: &Models, text: &str, expected: bool) {
    let article = Article::sample("", text);
    let tags = models.tags(&topics(), &article);
    assert_eq!(!tags.is_empty(), expected, "{text} {tags:?} {:?}", models.judge(&article, &[]));
    for it in tags.iter().flat_map(|it| &it.evidence) {
        assert!(it.field.of(&article).get(it.span.clone()).is_some_and(|it| !it.is_empty()));
    }
}

#[test]
fn labels_add_and_take_away_but_never_bring_back() {
    let none = Models::default();
    check(&none, "The flood reached the town.", true);
    check(&none, "The river rose over its banks and rescuers came.", false);
    let learned = Models::fit(&topics(), &[], &labels(2), &[]);
    check(&learned, "The flood reached the town and rescuers closed the bridges.", true);
    check(&learned, "The river rose over its banks and rescuers came.", true);
    check(&learned, "The river rose over its banks and rescuers came, an insurance said.", false);
    check(&learned, "The market was flooded with phones, importers said.", false);
    check(&learned, "The parliament met.", false);
}

#[test]
fn evidence_is_where_its_word_stands_in_title_and_body() {
    let learned = Models::fit(&topics(), &[seed("sport", &SPORT)], &[], &russian());
    let article = Article::sample(
        "Вратарь отбил пенальти: «Это\u{301} был матч!»",
        "\u{301}Хозяева поля стали победителями чемпионата, болельщики ждали этого 20 лет.",
    );
    let tags = learned.tags(&topics(), &article);
    assert_eq!(tags.iter().map(|it| it.topic.as_str()).collect::<Vec<_>>(), ["sport"]);
    let evidence = &tags[0].evidence;
    for it in evidence {
        let word = it.rule.trim_start_matches("learned: ").trim_end_matches(" (by its meaning)");
        assert_eq!(text::fold(&it.field.of(&article)[it.span.clone()]), word);
    }
    for field in [Field::Title, Field::Body] {
        assert!(evidence.iter().any(|it| it.field == field), "{evidence:?}");
    }
    assert!(evidence.iter().any(|it| it.rule.ends_with("(by its meaning)")), "{evidence:?}");
}

#[test]
fn a_few_labels_take_nothing_away() {
    let learned = Models::fit(&topics(), &[], &labels(1)[..8], &[]);
    check(&learned, "The market was flooded with phones, importers said.", true);
    assert!(Models::fit(&topics(), &[], &labels(1)[..4], &[]).is_empty(), "too few to learn");
}

/// The first two are of sport.
const RUSSIAN: [&str; 22] = [
    "Вратарь сборной пропустил два гола в матче чемпионата.",
    "Тренер хоккейного клуба назвал состав на финал кубка.",
    "Центробанк поднял ключевую ставку из-за роста инфляции.",
    "Курс рубля снизился на бирже вслед за нефтяными котировками.",
    "Министерство финансов разместило облигации для покрытия дефицита.",
    "Акции компании подешевели после отчета о квартальной прибыли.",
    "Суд приговорил бывшего чиновника за взятку в крупном размере.",
    "Врачи предупредили о росте заболеваемости гриппом в школах.",
    "В музее открылась выставка портретов прошлого века.",
    "Оркестр начал новый сезон с концерта классической музыки.",
    "Ученые нашли древнее захоронение при раскопках у реки.",
    "Депутаты приняли закон о местном самоуправлении.",
    "Авиакомпания открывает рейсы в города Азии.",
    "Пожарные потушили склад на окраине города.",
    "Фермеры ждут хорошего урожая винограда.",
    "Инженеры испытали спутник для съемки лесов.",
    "Студенты вышли на митинг против платы за обучение.",
    "Министры обсудили поставки газа и новые тарифы.",
    "На границе задержали груз контрабандных сигарет.",
    "Режиссер показал новый фильм на фестивале.",
    "Синоптики обещают дожди и похолодание к выходным.",
    "Посол вручил верительные грамоты президенту.",
];

fn russian() -> Vec<Report> {
    RUSSIAN.iter().map(|it| report(it, "ru")).cycle().take(3 * RUSSIAN.len()).collect()
}

const RIVER: &str = "The river rose over its banks and rescuers closed two bridges in the valley.";

#[test]
fn a_topic_may_be_given_by_examples_alone() {
    let learned = Models::fit(&topics(), &[seed("rivers", &RIVERS[..5])], &[], &unlabelled());
    assert_eq!(found(&learned, RIVER), ["rivers"]);
    for text in [OTHER[7], "The goalkeeper praised the coach of the cup final.", "The river", ""] {
        assert!(found(&learned, text).is_empty(), "{text}");
    }
    let judged = learned.judge(&Article::sample("", RIVER), &[]);
    assert!(judged.iter().all(|it| it.ruling == Ruling::Added && it.probability > 0.9), "{judged:?}");
    for (examples, others) in [(&RIVERS[..2], &unlabelled()[..]), (&RIVERS[..5], &unlabelled()[..10])] {
        assert!(Models::fit(&topics(), &[seed("rivers", examples)], &[], others).is_empty(), "too little is known");
    }
}

#[test]
fn a_topic_may_be_given_by_keywords_alone() {
    let keywords = ["river", "bridges and banks", "rescuers"].map(str::to_owned).to_vec();
    let given = Seed { keywords, ..seed("rivers", &[]) };
    let learned = Models::fit(&topics(), std::slice::from_ref(&given), &[], &unlabelled());
    assert_eq!(found(&learned, RIVER), ["rivers"]);
    assert!(found(&learned, OTHER[7]).is_empty());
    let mut rivers = 0;
    let mut fewer = unlabelled();
    fewer.retain(|it| {
        !RIVERS.contains(&it.article.body.as_str()) || {
            rivers += 1;
            rivers <= 2
        }
    });
    assert!(Models::fit(&topics(), &[given], &[], &fewer).is_empty(), "two articles have some of them");
}

#[test]
fn each_language_is_learned_by_itself() {
    let all = unlabelled().into_iter().chain(russian()).collect::<Vec<_>>();
    let seeds = [seed("rivers", &RIVERS[..5]), seed("sport", &SPORT)];
    let learned = Models::fit(&topics(), &seeds, &[], &all);
    assert_eq!(found(&learned, RIVER), ["rivers"]);
    let goal = "Футболисты сборной забили два гола в матче чемпионата, тренер клуба доволен игрой защитников.";
    assert_eq!(found(&learned, goal), ["sport"]);
    let few = Models::fit(&topics(), &seeds, &[], &unlabelled());
    assert!(found(&few, goal).is_empty(), "there are no articles in that language to be told from");
}

#[test]
fn what_is_said_to_be_wrong_is_further_off() {
    let seeds = [seed("rivers", &RIVERS[..5])];
    let text = "Rescuers closed a road in the valley for the marathon of the ministry of sport.";
    let label = Labelled { article: Article::sample("", text), topic: "rivers".into(), is_right: false };
    let sure = |labels: &[Labelled]| {
        let judged = Models::fit(&topics(), &seeds, labels, &unlabelled()).judge(&Article::sample("", text), &[]);
        judged.first().unwrap().probability
    };
    let [before, after] = [sure(&[]), sure(&[label])];
    assert!(after < 0.5 * before, "{before} {after}");
}

#[test]
fn what_a_topic_of_examples_excludes_is_not_brought_back() {
    let rule = |id: &str, excluded: &[&str]| TopicRule {
        id: id.to_owned(),
        name: id.to_owned(),
        parent: None,
        phrases: vec![],
        required: vec![],
        excluded: excluded.iter().map(|it| (*it).to_owned()).collect(),
        threshold: 10.0,
        is_learned: true,
    };
    let topics = Topics::compile(vec![rule("rivers", &["insurance"])]).unwrap();
    let learned = Models::fit(&topics, &[seed("rivers", &RIVERS[..5])], &[], &unlabelled());
    let found = |text: &str| {
        let tags = learned.tags(&topics, &Article::sample("", text));
        tags.into_iter().map(|it| it.topic).collect::<Vec<_>>()
    };
    assert_eq!(found(RIVER), ["rivers"]);
    assert!(found(&format!("{RIVER} An insurance said so.")).is_empty());
}

#[test]
fn labels_that_were_left_out_judge() {
    let all = Models::evaluate(&topics(), &[], &labels(2), &[]);
    let (rules, learned) = all["floods"];
    assert_eq!((rules.found, rules.missed, rules.false_alarms, rules.rejected), (0, 16, 4, 12));
    assert!(learned.f1() > Some(0.9), "{learned:?}");
    assert_eq!((Outcome::default().f1(), rules.precision(), rules.recall()), (None, Some(0.0), Some(0.0)));
}

#[test]
fn the_same_labels_give_the_same_model() {
    let article = Article::sample("", RIVERS[2]);
    let p = || Models::fit(&topics(), &[], &labels(1), &[]).judge(&article, &[]).first().unwrap().probability;
    assert_eq!(p().to_bits(), p().to_bits());
    let seeds = [seed("rivers", &RIVERS[..5])];
    let p = || Models::fit(&topics(), &seeds, &[], &unlabelled()).judge(&article, &[]).first().unwrap().probability;
    assert_eq!(p().to_bits(), p().to_bits());
}
