//! The bundled sample site, served on loopback, and the texts that its pages are made of.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{extract::Request, middleware};
use sitrepd::daemon::demo_site;
use tokio::{net::TcpListener, task::JoinHandle};

/// The sample site on a free port, until it is dropped.
pub(crate) struct SampleSite {
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
    task: JoinHandle<()>,
}

impl SampleSite {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let router = demo_site::router(&base).unwrap().layer(middleware::from_fn(
            move |request: Request, next: middleware::Next| {
                let log = Arc::clone(&log);
                async move {
                    let path = request.uri().path().to_owned();
                    let response = next.run(request).await;
                    log.lock().unwrap().push((path, response.status().as_u16()));
                    response
                }
            },
        ));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, asked, task }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Paths asked for since the last call, in order, with the status of each answer.
    pub(crate) fn asked(&self) -> Vec<(String, u16)> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Drop for SampleSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An article of the sample site, as its text file has it.
#[derive(Debug)]
pub(crate) struct Gold {
    pub(crate) slug: String,
    pub(crate) outlet: String,
    pub(crate) title: String,
    pub(crate) language: String,
    /// Slug of the article whose text it has.
    pub(crate) copy_of: Option<String>,
    pub(crate) paragraphs: Vec<String>,
}

/// Every article of the sample site.
pub(crate) fn gold() -> Vec<Gold> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/daemon/demo_site/articles");
    let read = |slug: &str| fs::read_to_string(folder.join(format!("{slug}.txt"))).unwrap();
    let mut res = Vec::new();
    for item in fs::read_dir(&folder).unwrap() {
        let path = item.unwrap().path();
        let slug = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = read(&slug);
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let copy_of = field("copy_of: ");
        let source = copy_of.as_deref().map_or(text.clone(), read);
        res.push(Gold {
            outlet: field("outlet: ").unwrap(),
            title: field("title: ").unwrap(),
            language: field("language: ").unwrap(),
            paragraphs: source.split_once("\n\n").unwrap().1.lines().map(str::to_owned).collect(),
            slug,
            copy_of,
        });
    }
    res
}
