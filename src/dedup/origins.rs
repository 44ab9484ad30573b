//! How many origins a story has, apart from how many outlets carry it. Pure.
//!
//! An outlet is an origin if one of its reports copies none of the others and names nobody else as its source.
//! Otherwise whoever its report names is the origin: three outlets that cite one agency are one origin, whether the
//! agency's own report is held or not. This is evidence, not proof: what a text does not say is not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::provenance::{self, Manner, Origin, Outlets};
use crate::{
    model::{Article, ArticleId, Assignment, FlagKind, Report, SourceId},
    text,
};

/// Minimum letters and digits of a name that is searched for within another.
const MIN_NAME: usize = 4;

/// The origins of the reports of a story.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    /// The report that was seen first.
    pub first: Option<ArticleId>,
    /// Sources that carry it.
    pub n_outlets: usize,
    /// Names of the origins, an outlet's own or as texts name them, in the order in which they were first seen. Empty
    /// only where there is no report.
    pub names: Vec<String>,
    /// What each report says of its origin, if anything.
    pub named: BTreeMap<ArticleId, (Manner, String)>,
}

/// The origins of the reports of one story, in any order. `name` gives the name of a source.
pub fn origins<'r>(reports: &[&'r Report], known: &Outlets, name: impl Fn(&'r SourceId) -> &'r str) -> Origins {
    let mut reports = reports.to_vec();
    reports.sort_by_key(|it| (it.article.first_seen, it.article.id));
    let held = reports.iter().map(|it| it.article.id).collect::<BTreeSet<_>>();
    let outlets = reports.iter().map(|it| Outlet::new(it, name(&it.article.source), known)).collect::<Vec<_>>();
    let mut res = Origins { first: reports.first().map(|it| it.article.id), ..Origins::default() };
    let mut seen = BTreeSet::new();
    // The key of an origin, and its name.
    let mut keys = Vec::<(String, String)>::new();
    for (report, own) in reports.iter().zip(&outlets) {
        seen.insert(&report.article.source);
        let said = said(&report.article, own, known);
        if let Some(it) = &said {
            res.named.insert(report.article.id, (it.manner, it.name.clone()));
        }
        let is_copy =
            matches!(&report.assignment, Assignment::Copy { of, .. } if held.contains(of) && *of != report.article.id);
        let key = match &said {
            // An outlet among the reports under its own name is the same origin whether it is cited or not.
            Some(it) => outlets
                .iter()
                .find(|other| other.is(it))
                .map_or_else(|| (it.key(), it.name.clone()), |other| (other.source.to_owned(), other.name.to_owned())),
            // The report that it copies says where the text comes from.
            None if is_copy => continue,
            None => (own.source.to_owned(), own.name.to_owned()),
        };
        keys.push(key);
    }
    if keys.is_empty() {
        keys.extend(outlets.first().map(|it| (it.source.to_owned(), it.name.to_owned())));
    }
    res.n_outlets = seen.len();
    let mut known = BTreeSet::new();
    res.names = keys.into_iter().filter(|it| known.insert(it.0.clone())).map(|it| it.1).collect();
    res
}

/// Whom a report names as its origin: what its page says counts before what the text says. An outlet that names itself,
/// as agencies do, names no other origin.
fn said(article: &Article, own: &Outlet<'_>, known: &Outlets) -> Option<Origin> {
    let flags = article.reading.flags.iter().filter(|it| it.kind == FlagKind::Syndicated);
    let flagged = { flags }.find_map(|it| provenance::syndicated_from(&it.evidence, known).filter(|it| !own.is(it)));
    flagged.or_else(|| provenance::other_origin(&article.body, &article.authors, known, |it| own.is(it)))
}

/// The names under which a report's outlet may be cited.
struct Outlet<'r> {
    source: &'r str,
    name: &'r str,
    folded: Vec<String>,
    /// Its number among the known outlets, if it is one.
    known: Option<usize>,
}

impl<'r> Outlet<'r> {
    fn new(report: &'r Report, name: &'r str, known: &Outlets) -> Self {
        let article = &report.article;
        let host = article.link.as_ref().map(|it| it.key().split('/').next().unwrap_or_default());
        let host = host.map(|it| it.strip_prefix("www.").unwrap_or(it));
        let names = [Some(name), article.site_name.as_deref(), host, host.and_then(|it| it.split('.').next())];
        let source = article.source.as_str();
        // `Civil Georgia (en)`
        let bare = name.split(" (").next().unwrap_or_default();
        let number = [Some(bare), article.site_name.as_deref()].into_iter().flatten().find_map(|it| known.number(it));
        let name = if name.trim().is_empty() { source } else { name };
        Self {
            source,
            name,
            known: number,
            folded: names.into_iter().flatten().map(folded).filter(|it| !it.is_empty()).collect(),
        }
    }

    /// Whether a cited name means this outlet: its name in any spelling, or a longer or shorter form of it, as "Civil
    /// Georgia (en)" for "Civil Georgia".
    fn is(&self, cited: &Origin) -> bool {
        if let (Some(own), Some(cited)) = (self.known, cited.outlet) {
            return own == cited;
        }
        let cited = folded(&cited.name);
        let begins = |long: &str, short: &str| short.chars().count() >= MIN_NAME && long.starts_with(short);
        self.folded.iter().any(|it| *it == cited || begins(it, &cited) || begins(&cited, it))
    }
}

/// The letters and digits of a name, in lower case.
fn folded(name: &str) -> String {
    text::fold(name).chars().filter(|it| it.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CanonicalUrl, CopyLevel, Flag, StoryId, Timestamp};

    fn report(n: u64, source: &str, body: &str, copies: Option<u64>) -> Report {
        let assignment = match copies {
            None => Assignment::New,
            Some(of) => Assignment::Copy {
                story: StoryId(ArticleId(1)),
                of: ArticleId(of),
                level: CopyLevel::Copy,
                why: String::new(),
            },
        };
        let article = Article {
            id: ArticleId(n),
            source: SourceId::new(source).unwrap(),
            link: CanonicalUrl::parse(&format!("https://{source}.example/{n}")),
            first_seen: Timestamp::from_timestamp(n.try_into().unwrap(), 0).unwrap(),
            ..Article::sample("Flood", body)
        };
        Report { article, assignment, moved: None, tags: vec![], possible: vec![] }
    }

    #[track_caller]
    fn check(reports: &[Report], n_outlets: usize, names: &[&str]) {
        let reports = reports.iter().rev().collect::<Vec<_>>();
        let found = origins(&reports, Outlets::listed(), SourceId::as_str);
        assert_eq!((found.n_outlets, found.names), (n_outlets, names.iter().map(|it| (*it).to_owned()).collect()));
        assert_eq!(found.first, reports.last().map(|it| it.article.id));
    }

    #[test]
    fn copies_add_outlets_and_no_origin() {
        let text = "Three bridges were lost.";
        check(&[report(1, "herald", text, None), report(2, "mirror", text, Some(1))], 2, &["herald"]);
        check(&[report(1, "herald", text, None), report(2, "mirror", "Bridges fell.", None)], 2, &["herald", "mirror"]);
        check(&[report(2, "mirror", text, Some(1))], 1, &["mirror"]);
        check(&[], 0, &[]);
    }

    #[test]
    fn a_copy_that_was_put_elsewhere_is_still_a_copy() {
        let text = "Three bridges were lost.";
        let moved = Some(crate::model::Relocated { story: StoryId(ArticleId(9)), why: "merged".to_owned() });
        let reports = [report(1, "herald", text, None), report(2, "mirror", text, Some(1))];
        check(&reports.map(|it| Report { moved: moved.clone(), ..it }), 2, &["herald"]);
    }

    #[test]
    fn who_is_cited_stands_for_who_cites() {
        let cited =
            |n, source| report(n, source, &format!("Bridges fell, {source} says, citing Rioni News, and more."), None);
        check(&[cited(1, "herald"), cited(2, "mirror"), cited(3, "courier")], 3, &["Rioni News"]);
        let own = report(4, "rioni-news", "Bridges fell tonight.", None);
        check(&[cited(1, "herald"), own, cited(5, "mirror")], 3, &["rioni-news"]);
        let agency = report(1, "tass", "TBILISI, March 3. /TASS/. Bridges fell.", None);
        check(&[agency, report(2, "herald", "TBILISI, March 3. /TASS/. Bridges fell.", Some(1))], 2, &["tass"]);
    }

    fn flagged(n: u64, source: &str, evidence: &str) -> Report {
        let mut res = report(n, source, "Bridges fell tonight.", None);
        res.article.reading.flags = vec![Flag { kind: FlagKind::Syndicated, evidence: evidence.to_owned() }];
        res
    }

    #[test]
    fn a_page_that_says_whose_its_text_is_names_that_outlet() {
        for (evidence, name) in [
            ("The post Bridges fell first appeared on Rioni Herald – rioniherald.example.", "Rioni Herald"),
            ("Материал впервые опубликован на сайте «Вести с Риони».", "Вести с Риони"),
            ("Bu yazı ilk olarak Rioni Postası’nda yayımlandı.", "Rioni Postası"),
            ("https://www.rioniherald.example/2026/bridges", "rioniherald.example"),
            ("Rioni Herald", "Rioni Herald"),
            // What says nothing of whose it is.
            ("It was originally published in 2019.", "mirror"),
        ] {
            check(&[flagged(1, "mirror", evidence)], 1, &[name]);
        }
        let note = "The post Bridges fell first appeared on Rioni Herald.";
        check(&[flagged(1, "mirror", note), flagged(2, "courier", note)], 2, &["Rioni Herald"]);
        let own = report(3, "rioniherald", "Bridges fell.", None);
        let by_address = flagged(2, "courier", "https://rioniherald.example/3");
        check(&[flagged(1, "mirror", note), by_address, own.clone()], 3, &["rioniherald"]);
        check(&[flagged(3, "rioniherald", note)], 1, &["rioniherald"]);
        let named = origins(&[&flagged(1, "mirror", note)], Outlets::listed(), SourceId::as_str).named;
        assert_eq!(named.get(&ArticleId(1)), Some(&(Manner::Reprint, "Rioni Herald".to_owned())));
    }

    #[test]
    fn an_agency_among_the_authors_is_the_origin() {
        let mut wire = [report(1, "herald", "Bridges fell.", None), report(2, "mirror", "Three fell.", None)];
        wire[0].article.authors = vec!["Anna Example".to_owned(), "Reuters".to_owned()];
        check(&wire, 2, &["Reuters", "mirror"]);
        wire[1].article.authors = vec!["Рейтер".to_owned()];
        check(&wire, 2, &["Reuters"]);
        wire[1].article.authors = vec!["Reuter Examplyan".to_owned()];
        check(&wire, 2, &["Reuters", "mirror"]);
    }

    #[test]
    fn one_agency_in_many_languages_is_one_origin() {
        let texts = [
            "Bridges fell, according to Interfax.",
            "Мосты рухнули, сообщает Интерфакс.",
            "Міст упав, за даними Інтерфаксу.",
            "Bu barədə İnterfaksa istinadən xəbər verilir.",
            "Interfax'ın haberine göre köprü yıkıldı.",
            "Այս մասին հայտնում են՝ հղում անելով Ինտերֆաքսին։",
            "ინტერფაქსის ცნობით, ხიდი ჩაინგრა.",
            "به گزارش اینترفاکس، پل فرو ریخت.",
        ];
        let reports: Vec<_> = (1..).zip(texts).map(|(n, text)| report(n, &format!("outlet-{n}"), text, None)).collect();
        check(&reports, 8, &["Interfax"]);
        let own = report(9, "interfax", "Bridges fell.", None);
        check(&[reports, vec![own]].concat(), 9, &["interfax"]);
        // By the beginning of its address it may be another.
        let mut news = report(1, "desk", "Bridges fell, citing Newsgeorgia.", None);
        news.article.link = CanonicalUrl::parse("https://news.am/1");
        news.article.site_name = Some("News.am".to_owned());
        check(&[news], 1, &["Newsgeorgia"]);
    }
}
