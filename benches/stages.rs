//! How fast the stages are: `cargo bench --bench stages`, about a minute.
//!
//! Times depend on the machine, so each stage stands beside a floor: the least that anything which does its
//! work has to do, on the same input in the same run. What is worth quoting is the ratio of the two.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{
    fs::{self, File},
    hint::black_box,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use sitrepd::{
    classify::{self, Topics},
    config::{TopicsFile, WatchesFile},
    dedup::{placing, sketch::Sketch, stories::Stories},
    extract,
    model::{
        Article, ArticleId, Assignment, CanonicalUrl, Change, Intent, Method, Report, Source, SourceId, Timestamp,
    },
    parse,
    store::{LedgerStore, Settings, Store},
    text::{
        self,
        names::{Manner, NameSet, NameTerm},
    },
    watch::{self, Watchlist},
};
use url::Url;

#[path = "stages/region.rs"]
mod region;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20)
        .configure_from_args();
    let pages = pages();
    let articles = articles(&pages);
    parse_feed(&mut criterion);
    extract_pages(&mut criterion, &pages);
    read_articles(&mut criterion, &articles);
    find_names(&mut criterion, &articles);
    find_names_of_the_region(&mut criterion);
    keep_articles(&mut criterion, &articles);
    criterion.final_summary();
}

/// A feed in megabytes a second. The floor looks at each byte once.
fn parse_feed(criterion: &mut Criterion) {
    let feed = large_feed();
    let source = source();
    let settings = parse::Settings { max_entries: 1_000 };
    let document = parse::Document {
        bytes: feed.as_bytes(),
        content_type: Some("text/xml"),
        url: &source.url,
        now: Timestamp::UNIX_EPOCH,
    };
    assert_eq!(parse::source(&source, document, settings).unwrap().entries.len(), 300);

    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(feed.len() as u64));
    group.bench_function("feed", |it| it.iter(|| parse::source(&source, black_box(document), settings)));
    group.bench_function("floor: UTF-8 and tags", |it| {
        it.iter(|| {
            let text = std::str::from_utf8(black_box(feed.as_bytes())).unwrap();
            text.bytes().filter(|it| *it == b'<').count()
        });
    });
    if let Some(feeds) = own_feeds() {
        group.throughput(Throughput::Bytes(feeds.iter().map(|it| it.len() as u64).sum()));
        bench_all(&mut group, "feeds of SITREPD_FEEDS", &feeds, |it| {
            parse::source(&source, parse::Document { bytes: it, content_type: None, ..document }, settings)
        });
    }
    group.finish();
}

/// The files of the folder that `SITREPD_FEEDS` names: real feeds, which do not belong into a repository.
fn own_feeds() -> Option<Vec<Vec<u8>>> {
    let folder = std::env::var_os("SITREPD_FEEDS")?;
    Some(fs::read_dir(folder).unwrap().map(|it| fs::read(it.unwrap().path()).unwrap()).collect())
}

/// Pages a second. The floor builds the tree.
fn extract_pages(criterion: &mut Criterion, pages: &[(Url, String)]) {
    let mut group = criterion.benchmark_group("extract");
    group.throughput(Throughput::Elements(pages.len() as u64));
    bench_all(&mut group, "pages", pages, |(url, markup)| extract::page(markup, url, None));
    bench_all(&mut group, "tree within limits", pages, |(_, markup)| text::html::document(markup));
    bench_all(&mut group, "floor: tree", pages, |(_, markup)| scraper::Html::parse_document(markup));
    group.finish();
}

/// What is done with the text of an article, in articles a second. The floor splits it into words.
fn read_articles(criterion: &mut Criterion, articles: &[Article]) {
    let topics: TopicsFile = toml_edit::de::from_str(include_str!("../config/topics.toml")).unwrap();
    let topics = Topics::compile(topics.rules().unwrap()).unwrap();
    let watches: WatchesFile = toml_edit::de::from_str(include_str!("../config/watches.toml")).unwrap();
    let watchlist = Watchlist::compile(watches.rules()).unwrap();

    let mut group = criterion.benchmark_group("articles");
    group.throughput(Throughput::Elements(articles.len() as u64));
    bench_all(&mut group, "sketch", articles, |it| Sketch::new(placing::text(it)));
    bench_all(&mut group, "tags, shipped topics", articles, |it| classify::tags(&topics, it));
    bench_all(&mut group, "hits, shipped watches", articles, |it| watch::hits(&watchlist, it));
    bench_all(&mut group, "floor: words", articles, |it| (text::tokens(&it.title).len(), text::tokens(&it.body).len()));
    group.finish();
}

/// Ten thousand watched names in articles of all scripts, in megabytes a second: with words met before, as in a daemon that
/// runs for days, and with every word new. The floor splits the text into words.
fn find_names(criterion: &mut Criterion, articles: &[Article]) {
    let names = ten_thousand_names();
    let terms: Vec<_> = names.iter().map(|it| NameTerm::parse(it, Manner::Name).unwrap()).collect();
    let set = NameSet::compile(&terms);
    let bodies: Vec<_> = articles.iter().map(|it| (it.body.as_str(), text::language(&it.body))).collect();
    let scan = |set: &NameSet| bodies.iter().map(|(body, language)| set.scan(body, *language).len()).sum::<usize>();

    let mut group = criterion.benchmark_group("names");
    group.bench_function("compile 10 000", |it| it.iter(|| NameSet::compile(black_box(&terms))));
    group.throughput(Throughput::Bytes(bodies.iter().map(|it| it.0.len() as u64).sum()));
    group.bench_function("find, words met before", |it| it.iter(|| scan(black_box(&set))));
    // A copy of a set has met no words.
    group.bench_function("find, every word new", |it| {
        it.iter_batched_ref(|| set.clone(), |set| scan(set), BatchSize::PerIteration);
    });
    group.bench_function("floor: words", |it| {
        it.iter(|| bodies.iter().map(|it| text::tokens(black_box(it.0)).len()).sum::<usize>());
    });
    group.finish();
}

/// The same with names of five scripts, a third of them with a given name, in running text that is full of names like them: with
/// words met before, and with every word new. The floor splits the text into words.
fn find_names_of_the_region(criterion: &mut Criterion) {
    let terms: Vec<_> = region::names().iter().map(|it| NameTerm::parse(it, Manner::Name).unwrap()).collect();
    let set = NameSet::compile(&terms);
    let mut group = criterion.benchmark_group("names of the region");
    for (language, text) in region::texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("find: {language}"), |it| it.iter(|| set.scan(&text, Some(language)).len()));
        group.bench_function(format!("find, every word new: {language}"), |it| {
            it.iter_batched_ref(|| set.clone(), |set| set.scan(&text, Some(language)).len(), BatchSize::PerIteration);
        });
        group
            .bench_function(format!("floor: words: {language}"), |it| it.iter(|| text::tokens(black_box(&text)).len()));
    }
    group.finish();
}

/// Surnames of the region's shapes, each once.
fn ten_thousand_names() -> Vec<String> {
    const STARTS: [&str; 25] = [
        "Ab", "Bag", "Chab", "Dav", "El", "Far", "Gal", "Hak", "Ib", "Jan", "Kar", "Lom", "Mel", "Nor", "Os", "Pet",
        "Qur", "Rus", "Sam", "Tar", "Us", "Vin", "Xal", "Yel", "Zur",
    ];
    const MIDDLES: [&str; 40] = [
        "ad", "al", "am", "an", "ar", "as", "av", "ed", "el", "em", "en", "er", "es", "ev", "id", "ik", "il", "im",
        "in", "ir", "is", "iv", "ob", "od", "ok", "ol", "om", "on", "or", "os", "ov", "ub", "ud", "uk", "ul", "um",
        "un", "ur", "us", "ut",
    ];
    const ENDS: [&str; 10] = ["ov", "ova", "yan", "shvili", "idze", "zadə", "enko", "sky", "oğlu", "ava"];
    let starts = STARTS.iter().flat_map(|a| MIDDLES.iter().map(move |b| format!("{a}{b}")));
    starts.flat_map(|a| ENDS.iter().map(move |b| format!("{a}{b}"))).collect()
}

/// A batch of commits with one sync, in articles a second. The floor appends as many bytes to a file and syncs it.
fn keep_articles(criterion: &mut Criterion, articles: &[Article]) {
    let stories = Stories::default();
    let intents: Vec<_> = articles.iter().map(|it| intent(it, &stories)).collect();
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = LedgerStore::open(&Settings::new(dir.path().join("store"))).unwrap();
    let mut next_id = 0;
    let mut commit_all = || {
        for it in &intents {
            next_id += 1;
            store.commit(&Change::Article(Box::new(numbered(it.clone(), next_id)))).unwrap();
        }
        store.sync().unwrap();
    };
    let before = size_of(&dir.path().join("store/ledger"));
    commit_all();
    let batch = vec![7; usize::try_from(size_of(&dir.path().join("store/ledger")) - before).unwrap()];
    assert!(!batch.is_empty(), "the ledger did not grow");
    let mut file = File::create(dir.path().join("floor")).unwrap();

    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(articles.len() as u64));
    group.bench_function("commit and sync", |it| it.iter(&mut commit_all));
    group.bench_function("floor: append and sync", |it| {
        it.iter(|| {
            file.write_all(black_box(&batch)).unwrap();
            file.sync_data().unwrap();
        });
    });
    group.finish();
}

fn bench_all<T, R>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, inputs: &[T], work: impl Fn(&T) -> R) {
    group.bench_function(name, |it| {
        it.iter(|| inputs.iter().for_each(|input| drop(black_box(work(black_box(input))))));
    });
}

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder)
}

/// The fixture feed with its items a hundred times.
fn large_feed() -> String {
    let feed = fs::read_to_string(fixtures("feeds/rss-2.0/source.xml")).unwrap();
    let start = feed.find("<item>").unwrap();
    let end = feed.rfind("</item>").unwrap() + "</item>".len();
    let (head, rest) = feed.split_at(start);
    let (items, tail) = rest.split_at(end - start);
    format!("{head}{}{tail}", items.repeat(100))
}

/// The fixture pages that hold an article.
fn pages() -> Vec<(Url, String)> {
    let mut folders: Vec<_> = fs::read_dir(fixtures("articles")).unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    let url = Url::parse("https://news.example/1").unwrap();
    // A document of plain text is no page.
    let read = |folder: PathBuf| {
        let bytes = fs::read(folder.join("source.html")).or_else(|_| fs::read(folder.join("source.bin"))).ok()?;
        Some((url.clone(), parse::page_text(&bytes, None).into_owned()))
    };
    folders
        .into_iter()
        .filter_map(read)
        .filter(|(url, it)| !extract::page(it, url, None).unwrap().body.is_empty())
        .collect()
}

fn articles(pages: &[(Url, String)]) -> Vec<Article> {
    let article = |(url, markup): &(Url, String)| {
        let page = extract::page(markup, url, None).unwrap();
        let title = page.title.unwrap_or_default();
        Article {
            link: CanonicalUrl::new(url.clone()),
            authors: page.authors,
            language: page.language,
            site_name: page.site_name,
            canonical: page.canonical,
            published: page.published,
            method: Method::Readability,
            ..Article::of_text(ArticleId(0), source().id, &title, &page.body)
        }
    };
    pages.iter().map(article).collect()
}

fn intent(article: &Article, stories: &Stories) -> Intent {
    let report = Report {
        article: article.clone(),
        assignment: Assignment::New,
        moved: None,
        tags: Vec::new(),
        possible: Vec::new(),
    };
    let fingerprint = stories.fingerprint(&Sketch::new(placing::text(article)));
    Intent { report, fingerprint, regrouping: None, alerts: Vec::new(), outbox: Vec::new() }
}

/// The same as an article of its own.
fn numbered(mut intent: Intent, number: u64) -> Intent {
    let article = &mut intent.report.article;
    article.id = ArticleId(number);
    article.link = CanonicalUrl::parse(&format!("https://news.example/{number}"));
    intent
}

fn source() -> Source {
    let url = Url::parse("https://news.example/feed/").unwrap();
    Source::feed(SourceId::sample(), "Bench".to_owned(), url)
}

/// Bytes of the files in a directory.
fn size_of(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).unwrap();
    files.map(|it| it.unwrap().metadata().unwrap()).filter(fs::Metadata::is_file).map(|it| it.len()).sum()
}
