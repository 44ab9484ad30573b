//! A small archive in eight languages and six scripts of its own invention, and what a digest makes of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::LazyLock,
    time::Duration,
};

use chrono_tz::Tz;
use sitrepd::{
    digest::{
        self, Audience, Digest, GivenUp, History, Input, Limits, Replaced, TopicName,
        render::{FileNames, Look, Templates},
    },
    model::{
        Alert, AlertId, AlertKind, Article, ArticleId, Assignment, CanonicalUrl, Closeness, Condition, CopyLevel,
        Event, Evidence, Fault, Field, Health, Hit, Method, Ownership, Report, Shared, Slot, Source, SourceId,
        SourceState, StoryId, Tag, Timestamp, Wishes,
    },
};

/// The built-in look.
pub(crate) static LOOK: Shipped = Shipped(LazyLock::new(Default::default));

/// Made when it is first looked at.
pub(crate) struct Shipped(LazyLock<(Templates, FileNames)>);

impl Shipped {
    pub(crate) fn get(&self) -> Look<'_> {
        Look { templates: &self.0.0, domain: "desk.example", files: &self.0.1 }
    }
}

/// Keeps a page for tests/screens, which takes pictures of it, where that asks for it.
pub(crate) fn keep_page(name: &str, html: &str) {
    if let Some(dir) = std::env::var_os("SITREPD_PAGES").map(std::path::PathBuf::from) {
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!("{name}.html")), html).unwrap();
    }
}

/// Everything a digest is made from.
pub(crate) struct Archive {
    pub(crate) slot: Slot,
    pub(crate) title: String,
    pub(crate) window: Range<Timestamp>,
    pub(crate) reports: Vec<Report>,
    pub(crate) late: BTreeSet<ArticleId>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) events: Vec<Event>,
    pub(crate) replaced: Vec<Replaced>,
    pub(crate) topics: Vec<TopicName>,
    pub(crate) sources: Vec<(Source, Option<SourceState>)>,
    pub(crate) given_up: Option<GivenUp>,
    pub(crate) history: History,
    pub(crate) audience: Audience,
    pub(crate) limits: Limits,
    pub(crate) zone: Tz,
}

impl Archive {
    /// One with a day's window, topics and no reports.
    pub(crate) fn empty() -> Self {
        let topic = |id: &str, name: &str, parent: Option<&str>| TopicName {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: parent.map(str::to_owned),
        };
        Self {
            slot: Slot { digest: "daily".to_owned(), at: at("2026-11-22T04:00:00Z") },
            title: "South Caucasus daily".to_owned(),
            window: at("2026-11-21T04:00:00Z")..at("2026-11-22T04:00:00Z"),
            reports: Vec::new(),
            late: BTreeSet::new(),
            alerts: Vec::new(),
            events: Vec::new(),
            replaced: Vec::new(),
            topics: vec![
                topic("nato", "NATO partnership", None),
                topic("nato-itpp", "Tailored partnership programmes", Some("nato")),
                topic("nato-office", "Liaison office", Some("nato")),
                topic("peace", "Armenia–Azerbaijan peace process", None),
                topic("black-sea", "Black Sea security", None),
                topic("iran", "Iran", None),
            ],
            sources: Vec::new(),
            given_up: None,
            history: History::default(),
            audience: Audience::default(),
            limits: Limits::default(),
            zone: Tz::Asia__Tbilisi,
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        digest::select(Input {
            slot: &self.slot,
            title: &self.title,
            window: &self.window,
            issued_at: at("2026-11-22T04:00:07Z"),
            zone: self.zone,
            interval: Duration::from_secs(1800),
            reports: &self.reports,
            late: &self.late,
            alerts: &self.alerts,
            alerts_before: &[],
            severities: &BTreeMap::new(),
            events: &self.events,
            replaced: &self.replaced,
            topics: &self.topics,
            sources: &self.sources,
            given_up: self.given_up,
            history: &self.history,
            audience: &self.audience,
            limits: self.limits,
        })
    }

    /// A day with stories in every script of the region and in Greek, a copy, an old story told again, an alert with reports that came
    /// later, one of an outlet that a state owns, and two sick sources.
    pub(crate) fn sample() -> Self {
        let mut res = Self::empty();
        res.sources = sample_sources();
        res.reports = sample_reports();
        res.alerts = vec![alert(
            0xa1,
            "Vinnikov",
            3,
            "2026-11-21T12:06:00Z",
            ("Винников", "Винниковым", "Переговоры с Даниэлем Винниковым, главой офиса связи НАТО, длились два часа."),
        )];
        res
    }
}

fn sample_sources() -> Vec<(Source, Option<SourceState>)> {
    vec![
        source("kura-courier", "Kura Courier", "en", fine()),
        source("valley-wire", "Valley Wire", "en", fine()),
        source("vestnik-gor", "Вестник гор", "ru", fine()),
        source("xezer", "Xəzər Gündəliyi", "az", fine()),
        source("lernayin", "Լեռնային լուր", "hy", fine()),
        source("mtis-ambebi", "მთის ამბები", "ka", fine()),
        source("bogaz", "Boğaz Postası", "tr", fine()),
        source("peyk", "پیک خزر", "fa", fine()),
        source("pontos", "Φωνή του Πόντου", "el", fine()),
        owned_by_a_state(source("vedomosti", "Ведомости края", "ru", fine())),
        source(
            "ministry",
            "Ministry press room",
            "en",
            Health {
                condition: Condition::Failing(Fault::Server),
                reason: "https://ministry.example/feed answered 503 Service Unavailable".to_owned(),
                since: at("2026-11-20T09:12:00Z"),
            },
        ),
        source(
            "harbour",
            "Harbour Log",
            "en",
            Health {
                condition: Condition::Frozen,
                reason: "nothing new for 9 days; it usually has something new every 14 hours".to_owned(),
                since: at("2026-11-12T20:00:00Z"),
            },
        ),
    ]
}

fn sample_reports() -> Vec<Report> {
    let mut res = first_reports();
    res.extend(later_reports());
    res
}

/// More of the story that the alert is for, and of one that began days ago.
fn later_reports() -> Vec<Report> {
    vec![
        Made::new(20, "kura-courier", "en", "2026-11-18T08:00:00Z")
            .text("Joint training centre marks ten years", "The centre hosts NATO courses. It opened in 2016.")
            .tag("nato", 2.0, &["NATO courses"])
            .report(),
        Made::new(21, "valley-wire", "en", "2026-11-21T20:00:00Z")
            .text("Joint training centre marks ten years", "The centre hosts NATO courses. It opened in 2016.")
            .tag("nato", 2.0, &["NATO courses"])
            .copy_of(20)
            .report(),
        Made::new(22, "vedomosti", "ru", "2026-11-21T13:20:00Z")
            .text(
                "Глава офиса связи провёл переговоры в Тбилиси",
                "Переговоры прошли в здании министерства. О работе офиса связи НАТО говорили два часа.",
            )
            .tag("nato-office", 2.0, &["офиса связи НАТО"])
            .same_as(3)
            .report(),
        Made::new(23, "valley-wire", "en", "2026-11-21T17:05:00Z")
            .text(
                "Liaison office talks held in Tbilisi",
                "The head of the NATO liaison office met officials for two hours. No outcome was announced.",
            )
            .tag("nato-office", 2.0, &["NATO liaison office"])
            .same_as(3)
            .report(),
    ]
}

fn first_reports() -> Vec<Report> {
    vec![
        Made::new(1, "kura-courier", "en", "2026-11-21T09:14:00Z")
            .text(
                "Alliance opens a needs-based round of talks with three capitals",
                "Delegations met in the hall by the river on Friday.\nEach capital will write its own ITPP, \
                 and the Individually Tailored Partnership Programme will list only what was asked for, the \
                 chair said. A review follows in spring.",
            )
            .tag("nato-itpp", 4.0, &["ITPP", "Individually Tailored Partnership Programme"])
            .tag("nato-office", 1.0, &["Delegations"])
            .report(),
        Made::new(2, "valley-wire", "en", "2026-11-21T10:40:00Z")
            .text(
                "Alliance opens needs-based talks with three capitals",
                "Each capital will write its own ITPP, the chair said.",
            )
            .tag("nato-itpp", 2.0, &["ITPP"])
            .copy_of(1)
            .report(),
        Made::new(3, "vestnik-gor", "ru", "2026-11-21T12:05:00Z")
            .text(
                "В Тбилиси обсудили работу офиса связи",
                "Встреча прошла в четверг. Переговоры с Даниэлем Винниковым, главой офиса связи НАТО, \
                 длились два часа. Итоги не раскрыты.",
            )
            .tag("nato-office", 3.0, &["офиса связи НАТО"])
            .tag("nato", 1.0, &["НАТО"])
            .report(),
        Made::new(4, "xezer", "az", "2026-11-21T13:30:00Z")
            .text(
                "Sərhəd komissiyası yeni xəritəni təsdiqlədi",
                "İclas Qazaxda keçirilib. Tərəflər delimitasiya üzrə birgə xəritəni imzalayıb.",
            )
            .tag("peace", 2.0, &["delimitasiya"])
            .report(),
        Made::new(5, "lernayin", "hy", "2026-11-21T14:10:00Z")
            .text(
                "Հանձնաժողովը հաստատեց սահմանազատման քարտեզը",
                "Նիստը տեւեց մեկ օր։ Կողմերը ստորագրեցին սահմանազատման համատեղ քարտեզը։",
            )
            .tag("peace", 2.5, &["սահմանազատման համատեղ"])
            .report(),
        Made::new(6, "mtis-ambebi", "ka", "2026-11-21T15:00:00Z")
            .text(
                "შავი ზღვის ფსკერზე კაბელის გაყვანა დაიწყო",
                "გემი გუშინ გავიდა ნავსადგურიდან. შავი ზღვის უსაფრთხოების ჯგუფი სამუშაოებს აკვირდება.",
            )
            .tag("black-sea", 2.0, &["შავი ზღვის უსაფრთხოების"])
            .report(),
        Made::new(7, "bogaz", "tr", "2026-11-21T16:45:00Z")
            .text(
                "Karadeniz'de mayın temizleme tatbikatı başladı",
                "Üç ülkenin gemileri katılıyor. Karadeniz'deki mayın karşı tedbirleri görev grubu tatbikatı on gün sürecek.",
            )
            .tag("black-sea", 3.0, &["mayın karşı tedbirleri görev grubu"])
            .report(),
        Made::new(8, "peyk", "fa", "2026-11-21T18:20:00Z")
            .text("رزمایش مرزی در کنار رود ارس آغاز می\u{200c}شود", "این خبر به\u{200c}زودی تکمیل می\u{200c}شود.")
            .title_tag("iran", 2.0, &["رود ارس"])
            .report(),
        Made::new(10, "pontos", "el", "2026-11-21T19:10:00Z")
            .text(
                "Νέα γραμμή πλοίων στον Εύξεινο Πόντο",
                "Το πρώτο πλοίο έφυγε το πρωί. Για την ασφάλεια του Εύξεινου Πόντου μίλησαν τρεις υπουργοί.",
            )
            .tag("black-sea", 1.0, &["ασφάλεια του Εύξεινου Πόντου"])
            .report(),
        Made::new(9, "valley-wire", "en", "2026-11-21T08:00:00Z")
            .text("Grape harvest draws record crowds to the lower valley", "The weather held all week.")
            .report(),
    ]
}

/// A report in the making.
pub(crate) struct Made(Report);

impl Made {
    pub(crate) fn new(id: u64, source: &str, language: &str, first_seen: &str) -> Self {
        Self(Report {
            article: Article {
                link: CanonicalUrl::parse(&format!("https://{source}.example/2026/{id}")),
                language: Some(language.to_owned()),
                published: Some(at(first_seen) - chrono::TimeDelta::minutes(9)),
                first_seen: at(first_seen),
                method: Method::Readability,
                ..Article::of_text(ArticleId(id), SourceId::new(source).unwrap(), "", "")
            },
            assignment: Assignment::New,
            moved: None,
            tags: Vec::new(),
            possible: Vec::new(),
        })
    }

    pub(crate) fn text(mut self, title: &str, body: &str) -> Self {
        title.clone_into(&mut self.0.article.title);
        body.clone_into(&mut self.0.article.body);
        self
    }

    pub(crate) fn tag(self, topic: &str, score: f32, phrases: &[&str]) -> Self {
        self.evidence(Field::Body, topic, score, phrases)
    }

    pub(crate) fn title_tag(self, topic: &str, score: f32, phrases: &[&str]) -> Self {
        self.evidence(Field::Title, topic, score, phrases)
    }

    fn evidence(mut self, field: Field, topic: &str, score: f32, phrases: &[&str]) -> Self {
        let text = field.of(&self.0.article);
        let evidence = phrases
            .iter()
            .map(|phrase| {
                let start = text.find(phrase).unwrap();
                Evidence { field, span: start..start + phrase.len(), rule: (*phrase).to_owned(), weight: 1.0 }
            })
            .collect();
        self.0.tags.push(Tag { topic: topic.to_owned(), score, evidence });
        self
    }

    pub(crate) fn copy_of(self, of: u64) -> Self {
        self.taken_from(of, CopyLevel::Copy, "9 of 10 shingles are the same")
    }

    pub(crate) fn in_part_from(self, of: u64) -> Self {
        self.taken_from(of, CopyLevel::Partial, "6 of 10 shingles are the same")
    }

    fn taken_from(mut self, of: u64, level: CopyLevel, why: &str) -> Self {
        let of = ArticleId(of);
        self.0.assignment = Assignment::Copy { story: StoryId(of), of, level, why: why.to_owned() };
        self
    }

    /// The event of a report in words of its own.
    pub(crate) fn same_as(mut self, of: u64) -> Self {
        let of = ArticleId(of);
        self.0.assignment = Assignment::Joined { story: StoryId(of), of, likelihood: 0.9, why: Shared::default() };
        self
    }

    pub(crate) fn report(self) -> Report {
        self.0
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn alert(id: u64, watch: &str, article: u64, raised: &str, hit: (&str, &str, &str)) -> Alert {
    let (term, form, sentence) = hit;
    Alert {
        id: AlertId(id),
        watch: watch.to_owned(),
        article: ArticleId(article),
        story: StoryId(ArticleId(article)),
        hits: vec![Hit {
            term: term.to_owned(),
            field: Field::Body,
            span: 0..form.len(),
            form: form.to_owned(),
            sentence: sentence.to_owned(),
            closeness: if term == form { Closeness::Exact } else { Closeness::Transliterated },
            score: if term == form { 1.0 } else { 0.9 },
            ending: None,
            why: format!("“{form}” stands for “{term}”."),
        }],
        raised: at(raised),
        kind: AlertKind::Found,
    }
}

fn owned_by_a_state((it, state): (Source, Option<SourceState>)) -> (Source, Option<SourceState>) {
    (Source { ownership: Ownership::State, ..it }, state)
}

pub(crate) fn fine() -> Health {
    Health { condition: Condition::Fine, reason: String::new(), since: at("2026-10-01T00:00:00Z") }
}

pub(crate) fn source(id: &str, name: &str, language: &str, health: Health) -> (Source, Option<SourceState>) {
    let id = SourceId::new(id).unwrap();
    let url = format!("https://{id}.example/feed").parse::<url::Url>().unwrap();
    let succeeded = match health.condition {
        Condition::Failing(_) => health.since - chrono::TimeDelta::hours(5),
        _ => at("2026-11-22T03:50:00Z"),
    };
    let state = SourceState {
        source: id.clone(),
        url: url.to_string(),
        moved: None,
        documents: Vec::new(),
        read_as: [0; 8],
        older: None,
        polled: at("2026-11-22T03:50:00Z"),
        succeeded: Some(succeeded),
        brought_new: None,
        newest: None,
        pace: None,
        took: None,
        wishes: Wishes::default(),
        failures: 0,
        polls: 100,
        entries: 20,
        problem: None,
        same_guid: false,
        due: at("2026-11-22T04:20:00Z"),
        health,
    };
    let source = Source {
        languages: vec![language.to_owned()],
        country: "XX".to_owned(),
        ownership: Ownership::Independent,
        ..Source::feed(id, name.to_owned(), url)
    };
    (source, Some(state))
}
