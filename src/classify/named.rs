//! Phrases of topics that are names, found in every script and case ending as watched names are. Pure.

use std::ops::Range;

use crate::{
    model::{Article, Closeness, Field},
    text::{
        self,
        names::{Manner, NameSet, NameTerm},
    },
};

/// The phrases that are names, as one set.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    set: NameSet,
    /// For each term of the set the number of its phrase.
    phrases: Vec<usize>,
}

/// A phrase found by its sound or its case ending.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// Its number.
    pub(super) phrase: usize,
    pub(super) field: Field,
    pub(super) span: Range<usize>,
    pub(super) closeness: Closeness,
}

impl Names {
    /// Takes the phrases that are names; a phrase is identified by its place in `phrases`.
    pub(super) fn of<'p>(phrases: impl Iterator<Item = &'p str>) -> Self {
        let named = phrases.enumerate().filter_map(|(number, text)| Some((number, name(text)?)));
        let (phrases, terms): (Vec<_>, Vec<_>) = named.unzip();
        Self { set: NameSet::compile(&terms), phrases }
    }

    /// The names that surely stand in an article, the surest first.
    pub(super) fn found(&self, article: &Article) -> Vec<Named> {
        if self.phrases.is_empty() {
            return Vec::new();
        }
        let language = text::language_of(article);
        let mut res = Vec::new();
        for field in [Field::Title, Field::Body] {
            let all = self.set.scan(field.of(article), language).into_iter().filter(|it| it.closeness.is_sure());
            res.extend(all.filter_map(|it| {
                let phrase = *self.phrases.get(it.term)?;
                Some((it.score, Named { phrase, field, span: it.span, closeness: it.closeness }))
            }));
        }
        res.sort_by(|(a_score, a), (b_score, b)| a.closeness.cmp(&b.closeness).then(b_score.total_cmp(a_score)));
        res.into_iter().map(|it| it.1).collect()
    }
}

/// A phrase as a name or an acronym, if one of its words has a capital letter and none ends with `*`.
///
/// In scripts without capital letters nothing distinguishes a name from a word, so phrases in these are found only as
/// they are spelled.
fn name(phrase: &str) -> Option<NameTerm> {
    let is_capital = || text::tokens(phrase).iter().any(|it| it.form.starts_with(char::is_uppercase));
    // A phrase too long for a name is still found as spelled.
    if !phrase.contains('*') && is_capital() { NameTerm::parse(phrase, Manner::Name).ok() } else { None }
}

/// The factor (0–1) for a phrase found with this closeness; 1 where it is written as spelled.
pub(super) fn share(closeness: Closeness) -> f32 {
    match closeness {
        Closeness::Exact | Closeness::Inflected => 1.0,
        Closeness::Transliterated => 0.8,
        Closeness::Respelled => 0.5,
        Closeness::Weak => 0.0,
    }
}

/// Whether a phrase found with this closeness rules a topic out: a name that only sounds similar must not.
pub(super) fn excludes(closeness: Closeness) -> bool {
    closeness <= Closeness::Transliterated
}

#[cfg(test)]
mod tests {
    use crate::{
        classify::{Explanation, PhraseGroup, TopicRule, Topics, explain, tags},
        model::{Article, Closeness},
    };

    fn topics(phrases: &[&[&str]], required: &[&str], excluded: &[&str]) -> Topics {
        let owned = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let group = |any: &&[&str]| PhraseGroup { weight: 2.0, at_most: None, any: owned(any) };
        let rule = TopicRule {
            id: "office".to_owned(),
            name: "Office".to_owned(),
            parent: None,
            phrases: phrases.iter().map(group).collect(),
            required: if required.is_empty() { Vec::new() } else { vec![owned(required)] },
            excluded: owned(excluded),
            threshold: 1.0,
            is_learned: false,
        };
        Topics::compile(vec![rule]).unwrap()
    }

    fn explained(topics: &Topics, body: &str) -> (Article, Explanation) {
        let article = Article::sample("", body);
        let res = explain(topics, &article).remove(0);
        (article, res)
    }

    /// The words found, their phrases, how, and what they count.
    #[track_caller]
    fn check(topics: &Topics, body: &str, expected: &[(&str, &str, Option<Closeness>, f32)]) {
        let (article, res) = explained(topics, body);
        let found = res.evidence.iter().map(|it| {
            let (phrase, closeness) = it.found();
            (&it.field.of(&article)[it.span.clone()], phrase, closeness, it.weight)
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{body}");
        assert_eq!(tags(topics, &article).len(), usize::from(res.holds()), "{body}");
    }

    #[test]
    fn names_are_found_in_every_script_and_case_ending() {
        use Closeness::{Inflected, Transliterated};
        let topics = topics(&[&["Vinnikov"]], &[], &[]);
        for (body, form, closeness, weight) in [
            ("Talks with Mr Vinnikov went on.", "Vinnikov", None, 2.0),
            ("Глава офиса встретился с Винниковым в среду.", "Винниковым", Some(Transliterated), 1.6),
            ("Переговори з Вінніковим тривали годину.", "Вінніковим", Some(Transliterated), 1.6),
            ("Nazir dünən Vinnikovun çıxışına münasibət bildirdi.", "Vinnikovun", Some(Inflected), 2.0),
            ("Նախարարը հանդիպել է Վիննիկովի հետ։", "Վիննիկովի", Some(Transliterated), 1.6),
            ("მინისტრი ალექსანდრე ვინიკოვს შეხვდა.", "ვინიკოვს", Some(Transliterated), 1.6),
            ("Bakan, Vinnikov'la görüştü.", "Vinnikov", None, 2.0),
            ("وزیر با الکساندر وینیکوف دیدار کرد.", "وینیکوف", Some(Transliterated), 1.6),
        ] {
            check(&topics, body, &[(form, "Vinnikov", closeness, weight)]);
        }
        check(&topics, "The wind blew over the vineyard.", &[]);
    }

    #[test]
    fn acronyms_are_found_with_endings_and_stops() {
        let topics = topics(&[&["ITPP", "ОДКБ"]], &[], &[]);
        check(&topics, "The I.T.P.P. was agreed.", &[("I.T.P.P", "ITPP", None, 2.0)]);
        check(&topics, "Bu ITPPnin şərtləridir, nazir dedi.", &[("ITPPnin", "ITPP", Some(Closeness::Inflected), 2.0)]);
        check(&topics, "The itpp of a doping list.", &[]);
    }

    #[test]
    fn words_and_prefixes_are_found_as_they_are_spelled() {
        let topics = topics(&[&["liaison", "Vinnikov*", "офис*", "დარჩა"]], &[], &[]);
        for body in ["Лиэзон", "Винников", "ofis", "Дарча сказал"] {
            check(&topics, body, &[]);
        }
        check(&topics, "Vinnikovun", &[("Vinnikovun", "Vinnikov*", None, 2.0)]);
    }

    #[test]
    fn one_place_counts_once_for_a_group() {
        let spelled = topics(&[&["Baku", "Баку", "Bakı"]], &[], &[]);
        check(&spelled, "Он прибыл в Баку.", &[("Баку", "Баку", None, 2.0)]);
        let sounds = topics(&[&["Vinnikov", "Vinikov"]], &[], &[]);
        let (_, res) = explained(&sounds, "Переговоры с Винниковым шли в среду.");
        assert_eq!(res.evidence.len(), 1, "{res:?}");
        // Another group asks for itself.
        let groups = topics(&[&["Vinnikov"], &["Винников*"]], &[], &[]);
        let (_, res) = explained(&groups, "Переговоры с Винниковым шли в среду.");
        assert_eq!(res.evidence.len(), 2, "{res:?}");
    }

    #[test]
    fn names_meet_what_is_required_and_rule_out() {
        let topics = topics(&[&["пакет*"]], &["Vinnikov"], &["Savannah"]);
        assert!(explained(&topics, "Пакет, о котором говорил Винников.").1.holds());
        assert!(!explained(&topics, "Пакет, о котором говорил министр.").1.holds());
        let (_, res) = explained(&topics, "Пакет, о котором Винников говорил в городе Саванна.");
        assert_eq!(
            res.excluded_by.iter().map(|it| it.rule.as_str()).collect::<Vec<_>>(),
            ["Savannah (transliterated)"]
        );
    }

    #[test]
    fn many_names_hide_no_other_name() {
        let text = |last: &str| format!("{}Пакет. {last}", "Vinnikov spoke. Винников сказал. ".repeat(400));
        let excluded = topics(&[&["Vinnikov"], &["пакет"]], &[], &["Savannah"]);
        let (_, res) = explained(&excluded, &text("Это было в городе Саванна."));
        assert!(!res.holds() && res.excluded_by.len() == 1, "{res:?}");
        let required = topics(&[&["Vinnikov"], &["пакет"]], &["Savannah"], &[]);
        assert!(explained(&required, &text("Это было в городе Саванна.")).1.holds());
        let weighed = topics(&[&["Vinnikov"], &["Savannah"]], &[], &[]);
        let (_, res) = explained(&weighed, &text("Это было в городе Саванна."));
        assert!(res.evidence.iter().any(|it| it.found().0 == "Savannah"), "{res:?}");
        // The first places of a name count, as they do of what is spelled.
        let (_, res) = explained(&topics(&[&["Vinnikov"]], &[], &[]), &"Винников сказал. ".repeat(400));
        let starts = res.evidence.iter().map(|it| it.span.start).collect::<Vec<_>>();
        assert_eq!(starts, [0, 31, 62, 93, 124], "{res:?}");
    }

    #[test]
    fn a_text_of_nothing_but_names_is_read_to_its_end() {
        let topics = topics(&[&["Vinnikov", "Винников"], &["Vinikov"]], &[], &[]);
        let (_, res) = explained(&topics, &"Винников, Vinnikovun. ".repeat(20_000));
        assert!(res.holds() && res.score <= 12.0, "{}", res.score);
    }
}
