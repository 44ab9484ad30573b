use super::*;

/// Queries that are refused, with what is said of them.
const BAD: &[(&str, &str)] = &[
    ("", "at character 1: the query is empty"),
    ("  \t ", "at character 1: the query is empty"),
    ("Vinnikov AND", "at character 10, “AND”: something must stand after this"),
    ("Vinnikov OR", "at character 10, “OR”: something must stand after this"),
    ("Vinnikov NOT", "at character 10, “NOT”: something must stand after this"),
    ("AND Vinnikov", "at character 1, “AND”: something must stand before this"),
    ("OR Vinnikov", "at character 1, “OR”: something must stand before this"),
    ("NEAR/5 Vinnikov", "at character 1, “NEAR/5”: something must stand before this"),
    ("Vinnikov AND OR ITPP", "at character 14, “OR”: something must stand before this"),
    ("Винников AND", "at character 10, “AND”: something must stand after this"),
    (
        "Nikol Pashinyan",
        "at character 7, “Pashinyan”: write AND or OR before this, or put words that belong together between quotation marks",
    ),
    (
        "ITPP or Vinnikov",
        "at character 6, “or”: write OR in capitals to join terms, or between quotation marks to look for the word",
    ),
    ("or", "at character 1, “or”: write OR in capitals to join terms, or between quotation marks to look for the word"),
    (
        "Vinnikov AND not",
        "at character 14, “not”: write NOT in capitals to join terms, or between quotation marks to look for the word",
    ),
    ("(Vinnikov", "at character 1, “(”: this bracket is not closed"),
    ("Vinnikov AND (ITPP OR NATO", "at character 14, “(”: this bracket is not closed"),
    ("(", "at character 1, “(”: this bracket is not closed"),
    ("Vinnikov)", "at character 9, “)”: this bracket closes nothing"),
    (")", "at character 1, “)”: this bracket closes nothing"),
    (
        "Vinnikov|ITPP",
        "at character 9, “|”: write OR between terms; alternatives of a phrase stand between brackets, as in \"(Tailored|Adapted) Plan\"",
    ),
    (
        "Винников;ITPP",
        "at character 9, “;”: write OR between terms; alternatives of a phrase stand between brackets, as in \"(Tailored|Adapted) Plan\"",
    ),
    (
        "NATO AND Vinnikov -NATO",
        "at character 1, “NATO AND Vinnikov -NATO”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "(NATO AND Baku) -NATO",
        "at character 1, “(NATO AND Baku) -NATO”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "NATO -(NATO OR Baku)",
        "at character 1, “NATO -(NATO OR Baku)”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "(NATO OR Baku) -NATO -Baku",
        "at character 1, “(NATO OR Baku) -NATO -Baku”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "NATO AND (Baku -NATO)",
        "at character 1, “NATO AND (Baku -NATO)”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "(NATO NEAR/5 Baku) -Baku",
        "at character 1, “(NATO NEAR/5 Baku) -Baku”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "title:NATO -NATO",
        "at character 1, “title:NATO -NATO”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "title:(NATO AND Baku) -title:Baku",
        "at character 1, “title:(NATO AND Baku) -title:Baku”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "NATO NOT (Baku OR \"NATO\")",
        "at character 1, “NATO NOT (Baku OR \"NATO\")”: the same term is asked for and excluded, so this would never fire",
    ),
    (
        "Vinnikov OR (NATO AND Baku) -NATO",
        "at character 13, “(NATO AND Baku) -NATO”: the same term is asked for and excluded, so this would never fire",
    ),
    ("Baku > 3", "at character 6, “>”: write >= before what is enough, as in [3] Vinnikov, [1] NATO >= 4"),
    ("(Baku => 3)", "at character 7, “=”: write >= before what is enough, as in [3] Vinnikov, [1] NATO >= 4"),
    (
        "[3] Vinnikov, [1] NATO > 3",
        "at character 24, “>”: write >= before what is enough, as in [3] Vinnikov, [1] NATO >= 4",
    ),
    (
        "[3] Vinnikov, [1] NATO => 3",
        "at character 24, “=”: write >= before what is enough, as in [3] Vinnikov, [1] NATO >= 4",
    ),
    ("()", "at character 1, “()”: there is nothing between these brackets"),
    ("Vinnikov AND ( )", "at character 14, “( )”: there is nothing between these brackets"),
    ("\"Nikol Pashinyan", "at character 1, “\"Nikol Pashinyan”: this quotation is not closed"),
    ("Vinnikov AND \"", "at character 14, “\"”: this quotation is not closed"),
    ("\"\"", "at character 1, “\"\"”: there is nothing between these quotation marks"),
    ("\"  \"", "at character 1, “\" \"”: there is nothing between these quotation marks"),
    (
        "titel:Vinnikov",
        "at character 1, “titel:”: there is no field of that name; fields are title, body, source, lang, country and topic",
    ),
    ("title:", "at character 1, “title:”: something must stand after this"),
    ("title:(body:Vinnikov)", "at character 8, “body:”: a field can't stand within another"),
    (
        "Vinnikov AND lang:russian",
        "at character 19, “russian”: a language is given by its code of two or three letters, as in lang:ru",
    ),
    (
        "Vinnikov AND country:georgia",
        "at character 22, “georgia”: a country is given by its code of two letters, as in country:ge",
    ),
    ("Vinnikov AND topic:(a OR b)", "at character 20, “(”: this field takes one word or quotation"),
    ("Vinnikov AND source:", "at character 14, “source:”: something must stand after this"),
    (
        "NOT Vinnikov",
        "at character 1, “NOT Vinnikov”: a query needs something that must be there: what is only not there is everywhere",
    ),
    (
        "-Vinnikov -ITPP",
        "at character 1, “-Vinnikov -ITPP”: a query needs something that must be there: what is only not there is everywhere",
    ),
    ("Vinnikov OR NOT ITPP", "at character 10, “OR NOT”: OR NOT would fire on nearly every article"),
    ("Vinnikov OR (NOT ITPP)", "at character 1, “Vinnikov OR (NOT ITPP)”: OR NOT would fire on nearly every article"),
    ("lang:ru", "at character 1, “lang:ru”: a query needs a term: fields alone would fire on every article of theirs"),
    (
        "Vinnikov OR lang:ru",
        "at character 1, “Vinnikov OR lang:ru”: a query needs a term: fields alone would fire on every article of theirs",
    ),
    ("Pashinyan NEAR Vinnikov", "at character 11, “NEAR”: say within how many words, as in NEAR/10"),
    ("Pashinyan NEAR/x Vinnikov", "at character 11, “NEAR/x”: say within how many words, as in NEAR/10"),
    (
        "Pashinyan near/5 Vinnikov",
        "at character 11, “near/5”: write NEAR/5 in capitals to join terms, or between quotation marks to look for the word",
    ),
    ("Pashinyan NEAR/0 Vinnikov", "at character 11, “NEAR/0”: NEAR takes a number from 1 to 100"),
    ("Pashinyan ONEAR/900 Vinnikov", "at character 11, “ONEAR/900”: NEAR takes a number from 1 to 100"),
    ("Pashinyan NEAR/5", "at character 11, “NEAR/5”: something must stand after this"),
    (
        "(Pashinyan AND Aliyev) NEAR/5 Vinnikov",
        "at character 1, “(Pashinyan AND Aliyev)”: NEAR joins terms, or terms joined by OR; what is excluded stands behind the pair",
    ),
    (
        "Pashinyan NEAR/5 (NOT Vinnikov)",
        "at character 18, “(NOT Vinnikov)”: NEAR joins terms, or terms joined by OR; what is excluded stands behind the pair",
    ),
    (
        "Pashinyan NEAR/5 lang:ru",
        "at character 18, “lang:ru”: NEAR joins terms, or terms joined by OR; what is excluded stands behind the pair",
    ),
    (
        "Pashinyan NEAR/5 Aliyev NEAR/6 Vinnikov",
        "at character 25, “NEAR/6”: NEAR joins two; put brackets around the first pair or use AND",
    ),
    ("= Vinnikov", "at character 1, “=”: a term must stand right after this mark"),
    ("~", "at character 1, “~”: a term must stand right after this mark"),
    ("!(Nato)", "at character 1, “!”: a term must stand right after this mark"),
    ("=~Vinnikov", "at character 1, “=~”: a term takes one mark"),
    ("=partner*", "at character 2, “partner*”: a term with * takes no mark"),
    ("par*", "at character 1, “par*”: \"par\" has fewer than 4 letters before *"),
    ("*kov", "at character 1, “*kov”: * stands only at the end of a word"),
    ("Vin*kov", "at character 1, “Vin*kov”: * stands only at the end of a word"),
    (
        "\"partner* office\"",
        "at character 1, “\"partner* office\"”: * stands only at the end of the last word of a phrase",
    ),
    ("x", "at character 1, “x”: \"x\" has no word of two letters or more"),
    ("NATO AND –", "at character 10, “–”: \"–\" has no word of two letters or more"),
    ("[3] Vinnikov, [1] NATO", "at character 23: say how much is enough at the end, as in >= 4"),
    (
        "Vinnikov >= 4",
        "at character 10, “>=”: >= stands after a list of terms with weights, as in [3] Vinnikov, [1] NATO >= 4",
    ),
    ("[x] Vinnikov >= 1", "at character 1, “[x]”: a weight is a whole number from -100 to 100, and not 0"),
    ("[0] Vinnikov >= 1", "at character 1, “[0]”: a weight is a whole number from -100 to 100, and not 0"),
    ("[900] Vinnikov >= 1", "at character 1, “[900]”: a weight is a whole number from -100 to 100, and not 0"),
    ("[3] Vinnikov, NATO >= 3", "at character 15, “NATO”: give each term of the list a weight, as in [3]"),
    ("[3] Vinnikov, [1] NATO >= 9", "at character 27, “9”: all weights together come to 4 only"),
    ("[3] Vinnikov >= 0", "at character 17, “0”: what is enough is a whole number from 1 to 3"),
    ("[3] Vinnikov >= many", "at character 17, “many”: what is enough is a whole number from 1 to 3"),
    (
        "[3] NOT Vinnikov >= 3",
        "at character 1, “[3]”: a query needs something that must be there: what is only not there is everywhere",
    ),
    ("Vinnikov, ITPP", "at character 9, “,”: a comma parts terms with weights; use OR"),
    ("(Vinnikov, ITPP)", "at character 10, “,”: a comma parts terms with weights; use OR"),
    ("Vinnikov AND [3] NATO", "at character 14, “[3]”: weights stand only before the terms of a list, not within"),
    (
        "\"(Tailored|Adapted Partnership\"",
        "at character 2, “(Tailored|Adapted Partnership”: this bracket within the quotation is not closed",
    ),
    (
        "\"(Tailored|) Plan\"",
        "at character 2, “(Tailored|)”: an alternative is empty; write ? after the bracket if the word may be absent",
    ),
    (
        "\"Tailored | Plan\"",
        "at character 11, “|”: alternatives stand between brackets, as in \"(Tailored|Adapted) Partnership\"",
    ),
    ("\"? Plan\"", "at character 2, “?”: ? stands right after a word or bracket that may be absent"),
    ("\"Plan? (Office|Bureau)?\"", "at character 2, “Plan? (Office|Bureau)?”: every word of the phrase may be absent"),
    (
        "Vinnikov?",
        "at character 9, “?”: ? stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Vinni?ov",
        "at character 6, “?”: ? stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Винников!",
        "at character 9, “!”: ! stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Vinnikov^2",
        "at character 9, “^”: ^ stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "/Vinnikov/",
        "at character 1, “/”: / stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Vinnikov/ITPP",
        "at character 9, “/”: / stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "{Vinnikov}",
        "at character 1, “{”: { stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "NATO AND <Vinnikov>",
        "at character 10, “<”: < stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Vinnikov\\",
        "at character 9, “\\”: \\ stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "=Vinnikov?",
        "at character 10, “?”: ? stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms",
    ),
    (
        "Vinnikov - NATO",
        "at character 10, “-”: write - right before what is to be absent, and words with a hyphen between them without spaces",
    ),
    (
        "Vinnikov–NATO",
        "at character 9, “–”: a dash parts no terms; write AND or OR, or put words that belong together between quotation marks",
    ),
    (
        "Vinnikov AND lang:ru AND lang:en",
        "at character 1, “Vinnikov AND lang:ru AND lang:en”: an article has one source, one language and one country, so this would never fire; write OR",
    ),
    ("[1] NATO, [-1] NATO >= 1", "at character 24, “1”: all weights together come to 0 only"),
    ("[2] Vinnikov, >= 2", "at character 13, “,”: something must stand after this"),
    (
        "\"(a|(b|c)) d\"",
        "at character 5, “(”: brackets within brackets can't stand in a quotation; write all alternatives between one pair",
    ),
    (
        "Vinnikov NEAR/5 NOT NATO",
        "at character 17, “NOT”: NEAR joins terms, or terms joined by OR; what is excluded stands behind the pair",
    ),
    (
        "Vinnikov onear/3 NATO",
        "at character 10, “onear/3”: write ONEAR/3 in capitals to join terms, or between quotation marks to look for the word",
    ),
    (
        "Vinnikov near NATO",
        "at character 10, “near”: write NEAR/10 in capitals to join terms, or between quotation marks to look for the word",
    ),
    ("*", "at character 1, “*”: * stands only at the end of a word"),
    ("Vinnikov --hockey", "at character 10, “--”: write one - before what is to be absent"),
    ("3] Vinnikov >= 3", "at character 2, “]”: a weight stands between two brackets, as in [3]"),
    ("[3] Vinnikov, 1] NATO >= 3", "at character 15, “1]”: give each term of the list a weight, as in [3]"),
    (
        "Vinnikov>=4",
        "at character 9, “>=”: >= stands after a list of terms with weights, as in [3] Vinnikov, [1] NATO >= 4",
    ),
    (
        "\"(aa|bb|cc) (aa|bb|cc) (aa|bb|cc) (aa|bb|cc)\"",
        "at character 2, “(aa|bb|cc) (aa|bb|cc) (aa|bb|cc) (aa|bb|cc)”: the alternatives make more than 64 phrases",
    ),
];

#[track_caller]
fn refused(query: &str, message: &str) {
    let error = parse(query).expect_err(query);
    assert_eq!(error.to_string(), message, "{query}");
    let text = query.get(error.span.clone()).expect("on character boundaries");
    assert!(text.len() > 60 || crate::text::one_line(text) == error.text, "{query}");
}

#[test]
fn bad_queries_are_refused_with_place_and_reason() {
    for (query, message) in BAD {
        refused(query, message);
    }
    for (query, reason) in [
        ("Vinnikov OR ".repeat(400), Reason::Long),
        ("(".repeat(30) + "Vinnikov" + &")".repeat(30), Reason::Deep),
        ((0..301).map(|it| format!("=a{it}")).collect::<Vec<_>>().join(" OR "), Reason::ManyTerms),
    ] {
        assert_eq!(parse(&query).unwrap_err().reason, reason);
    }
}

#[test]
fn what_excludes_less_than_it_asks_for_is_read() {
    for query in [
        "(NATO OR Baku) -NATO",
        "NATO -title:NATO",
        "NATO -(NATO AND Baku)",
        "NATO -(NATO NEAR/5 Baku)",
        "title:NATO -body:NATO",
        "title:(NATO -Baku) AND Baku",
        "(NATO OR Baku) NEAR/5 Vinnikov -NATO",
        "NATO AND lang:ru -lang:en",
        "NATO AND (lang:ru OR lang:en)",
        "NATO AND lang:ru AND country:ge AND topic:a AND topic:b",
        "\"the? border\" AND \"NATO/EU office\"",
        "[1] NATO, [-1] NATO, [2] Baku >= 2",
        "NATO AND (Baku OR (Vinnikov -NATO))",
    ] {
        assert!(parse(query).is_ok(), "{query}");
    }
}

#[track_caller]
fn terms(query: &str) -> Vec<String> {
    parse(query).unwrap().terms.into_iter().map(|it| it.text).collect()
}

#[test]
fn what_is_meant_is_read() {
    assert_eq!(terms("ITPP OR Vinnikov"), ["ITPP", "Vinnikov"]);
    assert_eq!(
        terms("\"Individually (Tailored|Adapted) Partnership\""),
        ["Individually Tailored Partnership", "Individually Adapted Partnership"]
    );
    assert_eq!(terms("Berners-Lee AND O'Leary"), ["Berners-Lee", "O'Leary"]);
    assert_eq!(terms("«Никол Пашинян» AND partner*"), ["Никол Пашинян", "partner*"]);
    assert_eq!(terms("Vinnikov OR (Vinnikov AND ITPP)"), ["Vinnikov", "ITPP"]);
    // What is meant as a word stands between quotation marks.
    assert_eq!(terms("\"or\" OR \"near\""), ["or", "near"]);

    let root = |query| parse(query).unwrap().root;
    let (a, b, c) = (Expr::Term(0), Expr::Term(1), Expr::Term(2));
    let not = |it: &Expr| Expr::Not(Box::new(it.clone()));
    assert_eq!(root("aa OR bb AND cc"), Expr::Or(vec![a.clone(), Expr::And(vec![b.clone(), c.clone()])]));
    assert_eq!(root("(aa OR bb) AND cc"), Expr::And(vec![Expr::Or(vec![a.clone(), b.clone()]), c]));
    for query in ["aa -bb", "aa AND NOT bb", "aa NOT bb", "aa AND -bb", "aa NOT NOT NOT bb"] {
        assert_eq!(root(query), Expr::And(vec![a.clone(), not(&b)]), "{query}");
    }
    assert_eq!(
        root("(aa OR bb) ONEAR/7 cc"),
        Expr::Near { left: vec![0, 1], right: vec![2], within: 7, is_ordered: true }
    );
    assert_eq!(
        root("title:(aa OR bb) AND lang:RU"),
        Expr::And(vec![
            Expr::In(Field::Title, Box::new(Expr::Or(vec![a.clone(), b.clone()]))),
            Expr::Is(About::Language, "ru".to_owned())
        ])
    );
    assert_eq!(root("[3] aa, [-5] bb >= 2"), Expr::Weighted { items: vec![(3, a), (-5, b)], at_least: 2 });
}

fn warned(query: &str) -> Vec<String> {
    parse(query).unwrap().warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn wide_terms_are_warned_of() {
    assert_eq!(warned("Vinnikov OR ITPP OR Anaklia"), Vec::<String>::new());
    assert_eq!(
        warned("Anaklia AND Orb"),
        ["“Orb” has fewer than 5 letters and will be found where it is not meant; a second word would tell them apart"]
    );
    for word in ["the", "The", "это", "=ve"] {
        let all = warned(word);
        assert!(
            all.iter().any(|it| it.ends_with("is a word of nearly every text; a second word would tell what is meant")),
            "{all:?}"
        );
    }
    for word in ["war", "News", "\"police\"", "government", "Президент", "правительство", "նախագահ", "მთავრობა", "دولت"]
    {
        let all = warned(word);
        let says = "is a common word of the news; a second word would tell what is meant";
        assert!(all.iter().any(|it| it.ends_with(says)), "{word}: {all:?}");
    }
    for word in ["MAP", "EU", "ЕС"] {
        let all = warned(word);
        assert!(all.iter().any(|it| it.contains("letters stand for many things")), "{word}: {all:?}");
    }
    for word in ["~ITPP", "~border", "~5G"] {
        assert!(warned(word).iter().any(|it| it.starts_with("~ changes nothing")), "{word}");
    }
    assert_eq!(warned("~Vinnikov OR ~\"Igor Vinnikov\""), Vec::<String>::new());
    // In every language, in small letters and with a capital.
    for word in ["orb", "Orb", "дом", "Дом", "дім", "տուն", "Տուն", "ევა", "علی", "ev", "Əli", "oğuz"]
    {
        let all = warned(word);
        assert!(all.iter().any(|it| it.contains("has fewer than 5 letters")), "{word}: {all:?}");
    }
    for (word, language) in [("მელია", "Georgian"), ("სახლი", "Georgian"), ("روحانی", "Persian")]
    {
        let says = format!("“{word}” is an everyday word of {language}; a second word would tell what is meant");
        assert_eq!(warned(word), [says]);
    }
    let everyday = warned("Ford");
    assert!(everyday.iter().any(|it| it.contains("an everyday word of")), "{everyday:?}");
}

#[test]
fn what_is_found_in_one_script_only_is_told() {
    assert_eq!(
        warned("vinnikov"),
        [
            "“vinnikov” is found in Latin letters only; written “Vinnikov” it is taken for a name and found in all scripts"
        ]
    );
    assert!(warned("винников")[0].contains("in Cyrillic letters only; written “Винников”"));
    for query in ["\"vinnikov office\"", "=vinnikov", "ვინიკოვი", "bord*"] {
        assert_eq!(warned(query), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn a_name_in_capitals_is_told_to_be_taken_for_an_acronym() {
    let says =
        "“VINNIKOV” is found in capitals only; written “Vinnikov” it is taken for a name and found in all scripts";
    assert_eq!(warned("VINNIKOV"), [says]);
    assert_eq!(warned("!VINNIKOV OR ITPP OR UN-SC"), Vec::<String>::new());
    // With digits it would be none.
    assert_eq!(warned("COVID19 OR BRICS2024 OR S400PMU"), Vec::<String>::new());
}

#[test]
fn what_excludes_what_it_asks_for_by_another_spelling_is_told() {
    for query in ["Vinnikov NOT Винников", "(Vinnikov AND Anaklia) -(Винников OR ITPP)"] {
        let says = ["“Винников” is found wherever “Vinnikov” is, and excluded, so this would never fire"];
        assert_eq!(warned(query), says, "{query}");
    }
    assert_eq!(warned("Vinnikov NOT \"Igor Винников\""), Vec::<String>::new());
    // An acronym without a mark has forms in other languages besides.
    assert_eq!(
        warned("!ITPP NOT ITPP"),
        ["“ITPP” is found wherever “!ITPP” is, and excluded, so this would never fire"]
    );
    assert_eq!(warned("NATO NOT !NATO"), Vec::<String>::new());
    let says =
        ["“Baku*” is found wherever “Bakuvian” is in these letters, and excluded, so this would never fire for it"];
    assert_eq!(warned("Bakuvian -Baku*"), says);
}

#[test]
fn sources_and_countries_that_go_together_are_told_from_those_that_do_not() {
    let sources = [("civil-ge", "GE"), ("hetq-en", "AM")].map(|(id, country)| Origin { id, country });
    for (query, expected) in [
        ("NATO", true),
        ("NATO AND source:hetq-en", true),
        ("NATO AND country:GE AND source:hetq-en", false),
        ("NATO AND (country:GE OR country:AM) AND source:hetq-en", true),
        ("NATO AND source:hetq-en -country:AM", false),
        ("NATO AND source:hetq-en -country:GE", true),
        ("NATO AND country:AZ", false),
        ("NATO OR (Baku AND country:AZ)", true),
        ("NATO AND topic:x AND lang:ru", true),
        ("[3] NATO, [2] country:AZ >= 4", false),
        ("[3] NATO, [2] country:AM >= 4", true),
    ] {
        assert_eq!(parse(query).unwrap().may_come_from(sources.into_iter()), expected, "{query}");
    }
}

#[test]
fn what_is_excluded_is_not_wanted() {
    let query = parse("(Vinnikov OR ITPP) AND (Aliyev NEAR/5 Baku) -Gori -source:a AND source:b").unwrap();
    let mut wanted: Vec<_> = query.wanted_terms().iter().map(|it| it.text.as_str()).collect();
    wanted.sort_unstable();
    assert_eq!(wanted, ["Aliyev", "Baku", "ITPP", "Vinnikov"]);
    assert_eq!((query.wanted(), query.asked().len()), (vec![(About::Source, "b")], 2));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(query in "[a-zA-ZйЙა\"()\\[\\]|?*=~!:,>/ 0-9-]{0,40}") {
        if let Err(error) = parse(&query) {
            proptest::prop_assert!(query.get(error.span.clone()).is_some(), "{error}");
        }
    }
}
