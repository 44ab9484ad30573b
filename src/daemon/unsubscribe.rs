//! The page behind the link by which a recipient of mails leaves a list: `List-Unsubscribe` with one click (RFC 8058).
//!
//! A GET shows a page with a button and changes nothing, since mail programs and scanners look at links; a POST is what
//! counts. Who has left stands in the file `unsubscribed` of the state directory, a channel a line, and gets no message
//! any more: what waits for them is dropped. A person who takes the line out again lets them in again.
//!
//! An address names its recipient by a keyed hash alone: nobody can unsubscribe another, and no log of a proxy holds an
//! address.
//!
//! Whoever reaches it is a stranger: the door bounds how many come in at once and for how long, and a request by
//! another name than that of the links is sent away.

mod door;

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    path::Path,
};

use axum::{
    Router,
    body::{Bytes, HttpBody as _},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use url::Url;

use crate::{
    deliver::Channel,
    digest::render,
    model::Timestamp,
    store::UNSUBSCRIBED,
    text::{is_same_channel, without_addresses},
};

use self::door::Door;
use super::{Context, DaemonError, blocking};

/// A mail program posts `List-Unsubscribe=One-Click`.
const MAX_BODY_BYTES: usize = 4096;
/// A longer file is not a list of recipients.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// The channels whose recipients have left.
#[derive(Debug, Default)]
pub struct Gone(Vec<String>);

impl Gone {
    /// Whether the recipient of a channel is among them, however written.
    pub fn has(&self, channel: &str) -> bool {
        self.0.iter().any(|it| is_same_channel(it, channel))
    }
}

/// Who has left.
///
/// # Errors
///
/// The list is there and cannot be read.
pub fn gone(state_dir: &Path) -> io::Result<Gone> {
    let path = state_dir.join(UNSUBSCRIBED);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Gone::default()),
        Ok(it) if it.len() > MAX_FILE_BYTES => return Err(io::Error::other("the list is too long")),
        found => found.map(drop)?,
    }
    let text = fs::read_to_string(path)?;
    let channels = text.lines().filter_map(|it| it.split('\t').next()).map(str::trim);
    Ok(Gone(channels.filter(|it| !it.is_empty()).map(str::to_owned).collect()))
}

/// Records that the recipient of a channel has left. Durable when it returns.
///
/// # Errors
///
/// The list cannot be written.
fn leave(state_dir: &Path, channel: &str, at: Timestamp) -> io::Result<()> {
    if gone(state_dir)?.has(channel) {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).create(true).append(true).open(state_dir.join(UNSUBSCRIBED))?;
    let mut before = String::new();
    file.read_to_string(&mut before)?;
    // A crash may have left half a line.
    let start = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    file.write_all(format!("{start}{channel}\t{at}\n").as_bytes())?;
    file.sync_all()
}

/// Answers at the address that is configured, and at another one after a reload that names it, until told to stop.
///
/// # Errors
///
/// None: a page that cannot be served is no reason to end the daemon, and is logged.
pub async fn serve(mut contexts: watch::Receiver<Context>, stop: CancellationToken) -> Result<(), DaemonError> {
    while !stop.is_cancelled() {
        let asked = contexts.borrow_and_update().config.unsubscribe_listen;
        let listener = match asked {
            Some(address) => listener(address).await,
            None => None,
        };
        // An address that could not be bound is tried again at each reload.
        let has_it = listener.is_some() || asked.is_none();
        let ended = stop.child_token();
        let current = contexts.clone();
        let serving = async {
            if let Some(listener) = listener {
                serve_on(listener, current, ended.clone()).await;
            }
        };
        let waiting = async {
            let is_other = |ctx: &Context| !has_it || ctx.config.unsubscribe_listen != asked;
            tokio::select! {
                () = stop.cancelled() => (),
                () = reloaded(&mut contexts, is_other) => (),
            }
            ended.cancel();
        };
        tokio::join!(serving, waiting);
    }
    Ok(())
}

/// Waits for a reload whose configuration satisfies `is_meant`; waits forever if no reload can come.
async fn reloaded(contexts: &mut watch::Receiver<Context>, is_meant: impl Fn(&Context) -> bool) {
    while contexts.changed().await.is_ok() {
        if is_meant(&contexts.borrow_and_update()) {
            return;
        }
    }
    std::future::pending::<()>().await;
}

async fn listener(address: SocketAddr) -> Option<TcpListener> {
    let bound = TcpListener::bind(address).await;
    match &bound {
        Ok(_) => info!(%address, "the page for unsubscribing is served"),
        Err(error) => {
            error!(%address, %error, "cannot listen there: nobody can unsubscribe ([mail] unsubscribe_listen)");
        }
    }
    bound.ok()
}

/// Answers those who come in by a listener until told to stop.
pub async fn serve_on(listener: TcpListener, contexts: watch::Receiver<Context>, stop: CancellationToken) {
    let ended = axum::serve(Door::new(listener), router(contexts)).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = ended {
        error!(%error, "the page for unsubscribing has ended");
    }
}

/// The pages.
fn router(contexts: watch::Receiver<Context>) -> Router {
    Router::new()
        .route("/{*path}", get(ask).post(take))
        .fallback(|| async { page(StatusCode::NOT_FOUND, "There is no such page.", "") })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(contexts.clone(), by_its_name))
        .with_state(contexts)
}

/// Answers requests for the host name of the links, or for the listening address itself, as a reverse proxy that passes
/// no name on requests it. A request for any other name was led here by a stranger's page or a scanner: 421 (RFC 9110
/// §15.5.20).
async fn by_its_name(State(contexts): State<watch::Receiver<Context>>, request: Request, next: Next) -> Response {
    let is_its = is_name(&contexts.borrow(), request.uri(), request.headers().get(header::HOST));
    let mut response = if !is_its {
        page(StatusCode::MISDIRECTED_REQUEST, "This is not the place that you are looking for.", "")
    } else if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        page(StatusCode::PAYLOAD_TOO_LARGE, "That is too long.", "")
    } else {
        next.run(request).await
    };
    // One request per connection, so that an answered client makes room.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn is_name(ctx: &Context, uri: &Uri, host: Option<&HeaderValue>) -> bool {
    let host = host.and_then(|it| it.to_str().ok()?.parse::<Authority>().ok());
    // The authority in the request line precedes the `Host` field (RFC 9112 §3.2.2).
    let Some(asked) = uri.authority().cloned().or(host) else { return false };
    let name = asked.host();
    let own = ctx.config.unsubscribe_url().and_then(Url::host_str);
    let address = ctx.config.unsubscribe_listen.map(|it| it.ip());
    let is_address = name.trim_matches(['[', ']']).parse().is_ok_and(|it| Some(it) == address);
    own.is_some_and(|it| it.eq_ignore_ascii_case(name)) || is_address
}

/// The channel of a link, with the path of the links or without it if a reverse proxy has removed it.
fn channel(ctx: &Context, asked: &Uri) -> Option<String> {
    let path = asked.path();
    let below = |it: &Url| path.strip_prefix(it.path().trim_end_matches('/'))?.strip_prefix('/');
    let token = ctx.config.unsubscribe_url().and_then(below).or_else(|| path.strip_prefix('/'))?;
    let found = ctx.config.channels.iter().find(|(_, channel)| match channel {
        Channel::Mail(it) => it.is_token(token),
        _ => false,
    });
    found.map(|(name, _)| name.clone())
}

/// What the recipient of a channel receives: the titles of digests, and whether alerts too.
fn gets(ctx: &Context, channel: &str) -> (Vec<String>, bool) {
    let is_its = |it: &String| it == channel;
    let digests = ctx.config.digests().filter(|it| it.channels.iter().any(is_its));
    let titles = digests.map(|it| format!("“{}”", render::escape(&it.title))).collect();
    (titles, ctx.config.rules.routes.all().iter().any(is_its))
}

/// "the list “Daily”", "the lists “Daily”, “Weekly” and “Iran”".
fn lists(titles: &[String]) -> String {
    match titles {
        [] => "this list".to_owned(),
        [title] => format!("the list {title}"),
        [first @ .., last] => format!("the lists {} and {last}", first.join(", ")),
    }
}

fn asked(ctx: &Context, channel: &str) -> String {
    match gets(ctx, channel) {
        (titles, true) if titles.is_empty() => "Do you want to get no more alerts at this address?".to_owned(),
        (titles, false) => format!("Do you want to leave {}?", lists(&titles)),
        (titles, true) => format!("Do you want to leave {}? The alerts to your address end too.", lists(&titles)),
    }
}

fn left(ctx: &Context, channel: &str) -> String {
    match gets(ctx, channel) {
        (titles, true) if titles.is_empty() => "You will get no more alerts.".to_owned(),
        (titles, false) => format!("You will get no more messages from {}.", lists(&titles)),
        (titles, true) => format!("You will get no more messages from {}, and no more alerts.", lists(&titles)),
    }
}

async fn ask(State(contexts): State<watch::Receiver<Context>>, uri: Uri) -> Response {
    let ctx = contexts.borrow().clone();
    match channel(&ctx, &uri) {
        Some(channel) => page(
            StatusCode::OK,
            &asked(&ctx, &channel),
            "<form method=\"post\"><button type=\"submit\" name=\"List-Unsubscribe\" value=\"One-Click\">Unsubscribe</button></form>",
        ),
        None => page(StatusCode::NOT_FOUND, "This link is not known here.", ""),
    }
}

/// Handles the POST. The body holds nothing of use, and is read only so that an overlong one is refused.
async fn take(State(contexts): State<watch::Receiver<Context>>, uri: Uri, _body: Bytes) -> Response {
    let ctx = contexts.borrow().clone();
    let Some(channel) = channel(&ctx, &uri) else {
        return page(StatusCode::NOT_FOUND, "This link is not known here.", "");
    };
    let (dir, name, now) = (ctx.config.state_dir.clone(), channel.clone(), ctx.now());
    match blocking(move || leave(&dir, &name, now)).await {
        Ok(Ok(())) => {
            info!(channel = &*without_addresses(&channel), "the recipient has unsubscribed");
            page(StatusCode::OK, &left(&ctx, &channel), "")
        }
        Ok(Err(error)) => {
            error!(channel = &*without_addresses(&channel), %error, "that a recipient unsubscribed could not be written down");
            page(StatusCode::SERVICE_UNAVAILABLE, "That did not work. Please try again later.", "")
        }
        Err(_) => page(StatusCode::SERVICE_UNAVAILABLE, "That did not work. Please try again later.", ""),
    }
}

/// The page. `told` and `form` are HTML, and never contain anything fetched or requested.
fn page(status: StatusCode, told: &str, form: &'static str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>Unsubscribe</title></head>\
         <body style=\"font-family:system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em\"><p>{told}</p>{form}</body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
    ];
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_by_their_titles() {
        let lists = |titles: &[&str]| lists(&titles.iter().map(|it| format!("“{it}”")).collect::<Vec<_>>());
        assert_eq!(lists(&[]), "this list");
        assert_eq!(lists(&["A"]), "the list “A”");
        assert_eq!(lists(&["A", "B"]), "the lists “A” and “B”");
        assert_eq!(lists(&["A", "B", "C"]), "the lists “A”, “B” and “C”");
    }
}
