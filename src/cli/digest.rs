//! `sitrepd digest`.

use std::{io::Write as _, ops::Range, path::Path, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::{
    config::{Config, DigestPlan, Origin},
    daemon::{
        digests::{self, Making},
        hooks,
        outbox::{self, Sent},
        system_clock, unsubscribe,
    },
    deliver::{Channel, DeliverError},
    digest::render::Format,
    model::{Document, Rendered, Slot, Timestamp, earlier},
    store::Store,
    text::error_chain,
};

use super::{
    CliError, Output,
    arguments::{digest::DigestOptions, moment::Moment},
    damage, logging,
    output::{count, shown},
    setup::{self, Parts},
};

/// How far back a digest on demand goes.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a digest, and prints, writes or sends it.
pub(super) fn run(origin: &Origin, options: DigestOptions, out: &Output) -> Result<(), CliError> {
    logging::quiet();
    let config = setup::config(origin)?;
    let plan = match &options.audience {
        None => config.digest.clone(),
        Some(name) => config.digest_named(name).cloned().ok_or_else(|| unknown(&config, name))?,
    };
    let (since, end) = (options.since.unwrap_or(Moment::Ago(DAY)), options.until);
    let zone = plan.zone;
    let window = move |until: Timestamp| since.at(until, zone)..end.map_or(until, |it| it.at(until, zone).min(until));
    if window(Utc::now()).is_empty() {
        return Err(CliError::Usage("the time is empty: --since is to be before now, and before --until".to_owned()));
    }
    if options.send {
        return send(config, &plan, window, out);
    }
    let store = setup::articles(&config.store, out)?;
    // The window ends a moment ahead, because a daemon beside this command may stamp articles a moment ahead too.
    let until = Utc::now() + TimeDelta::seconds(1);
    let is_next = options.preview || options.send_test.is_some();
    let window = match (options.since, is_next) {
        (None, true) => next_since(&*store, &plan, until)?..until,
        _ => window(until),
    };
    if let Some(address) = options.send_test {
        return send_test(&config, &plan, &*store, &window, Some(address.as_str()).filter(|it| !it.is_empty()), out);
    }
    let format = if out.is_json() { Format::Json } else { options.format };
    let now = Utc::now();
    let slot = Slot { digest: plan.name.clone(), at: now };
    let making = Making { plan: &plan, slot: &slot, window: &window, now };
    let rendered = make(&config, &*store, making, &[format])?;
    show(&document(rendered)?, options.out.as_deref(), out)?;
    damage::ended(&store)
}

/// Makes a digest without issuing it, with what the configured machines add.
fn make(config: &Config, store: &dyn Store, making: Making<'_>, formats: &[Format]) -> Result<Rendered, CliError> {
    let client = setup::client(config)?;
    let (mut digest, texts) = digests::chosen(config, store, making)?;
    setup::runtime()?.block_on(hooks::add(&mut digest, &texts, &config.hooks, &client));
    Ok(digests::rendered(config, &digest, formats)?)
}

fn unknown(config: &Config, name: &str) -> CliError {
    let known = config.digests().map(|it| format!("{:?}", it.name)).collect::<Vec<_>>().join(", ");
    CliError::NotFound(format!("there is no digest {name:?}; there are {known}"))
}

/// Where the window of the next issue begins.
fn next_since(store: &dyn Store, plan: &DigestPlan, until: Timestamp) -> Result<Timestamp, CliError> {
    let last = digests::covered(store, &plan.name)?;
    Ok(last.map_or(earlier(until, plan.max_period), |end| end.min(until)))
}

fn show(document: &Document, file: Option<&Path>, out: &Output) -> Result<(), CliError> {
    match file {
        None if out.is_json() => {
            // On one line, as every record.
            let value: serde_json::Value =
                serde_json::from_str(&document.body).map_err(|it| CliError::Defect(it.to_string()))?;
            out.record(&value)
        }
        None => out.raw(|to| to.write_all(document.body.as_bytes())),
        Some(path) => {
            let failed = |source| CliError::File { doing: "write", path: path.to_owned(), source };
            setup::write_file(path, |to| to.write_all(document.body.as_bytes()).map_err(failed))?;
            out.done(&format!("wrote {}", path.display()), &json!({ "written": path }))
        }
    }
}

/// The only document of a digest rendered in one format.
pub(super) fn document(rendered: Rendered) -> Result<Document, CliError> {
    rendered.documents.into_iter().next().ok_or_else(|| CliError::Defect("a digest without a document".to_owned()))
}

fn send(
    config: Arc<Config>,
    plan: &DigestPlan,
    window: impl Fn(Timestamp) -> Range<Timestamp>,
    out: &Output,
) -> Result<(), CliError> {
    needs_a_channel(plan)?;
    let parts = Parts::new(config)?;
    let runtime = setup::runtime()?;
    let result = runtime.block_on(async {
        digests::issue_over(&parts.ctx, plan, window).await?;
        outbox::round(&parts.ctx).await
    });
    drop(runtime);
    let waiting = parts.waiting();
    parts.close();
    let sent = result?;
    if sent.retried + sent.parked > 0 {
        return Err(CliError::Unavailable(not_sent(sent, waiting?)));
    }
    let channels = plan.channels.join(", ");
    out.done(&format!("{} sent through {channels}", count(sent.sent, "message")), &json!({ "sent": sent.sent }))
}

fn needs_a_channel(plan: &DigestPlan) -> Result<(), CliError> {
    match plan.channels.is_empty() {
        true => Err(CliError::Usage(format!("digest {:?} has no channels: there is no way to send it", plan.name))),
        false => Ok(()),
    }
}

/// Sends a digest that says that it is a test, once, past the outbox.
fn send_test(
    config: &Config,
    plan: &DigestPlan,
    store: &dyn Store,
    window: &Range<Timestamp>,
    address: Option<&str>,
    out: &Output,
) -> Result<(), CliError> {
    let now = Utc::now();
    let test = DigestPlan { title: format!("TEST: {}", plan.title), ..plan.clone() };
    let slot = Slot { digest: format!("{}-test", plan.name), at: now };
    let making = Making { plan: &test, slot: &slot, window, now };
    let rendered = make(config, store, making, &plan.formats)?;
    let own = match address {
        None => None,
        Some(to) => Some((to.to_owned(), mail_to(config, to, &plan.name)?)),
    };
    let ways: Vec<(&str, &Channel)> = match &own {
        Some((name, channel)) => vec![(name, channel)],
        None => {
            needs_a_channel(plan)?;
            let gone = unsubscribe::gone(&config.state_dir)
                .map_err(|source| CliError::Io { doing: "read who has unsubscribed", source })?;
            let (left, stay): (Vec<_>, Vec<_>) = plan.channels.iter().partition(|it| gone.has(it));
            for it in &left {
                out.note(&format!("{it}: left out: the recipient has unsubscribed"));
            }
            stay.into_iter().filter_map(|it| Some((it.as_str(), config.channels.get(it)?))).collect()
        }
    };
    let poster = outbox::poster(&setup::client(config)?);
    let runtime = setup::runtime()?;
    let mut failed = 0;
    for &(name, channel) in &ways {
        let id = digests::message_id(&slot, name);
        let result: Result<(), DeliverError> =
            runtime.block_on(channel.send(&id, &rendered, &poster, system_clock()()));
        let reason = result.as_ref().err().map(|it| it.reason().to_owned());
        failed += usize::from(reason.is_some());
        let told = reason.as_ref().map_or("sent".to_owned(), |it| format!("not sent: {}", shown(it)));
        out.done(
            &format!("{name}: {told}"),
            &json!({ "channel": name, "id": id.0, "sent": reason.is_none(), "reason": reason }),
        )?;
    }
    match failed {
        0 => Ok(()),
        n => {
            Err(CliError::Unavailable(format!("{n} of {} not sent; nothing is tried again", count(ways.len(), "test"))))
        }
    }
}

fn mail_to(config: &Config, to: &str, list: &str) -> Result<Channel, CliError> {
    let channel = config.mail_to(to, list).map_err(|it| CliError::Usage(error_chain(&it)))?;
    channel.ok_or_else(|| {
        CliError::Usage(
            "[mail] host is empty: name a server there, or a program as sendmail, to send mail by".to_owned(),
        )
    })
}

/// What became of messages if some were not sent. After a failure, others on the same channel are not tried and are
/// counted as waiting.
pub(super) fn not_sent(sent: Sent, waiting: u64) -> String {
    let (done, failed) = (count(sent.sent, "message"), sent.retried + sent.parked);
    format!("{done} sent, {failed} failed; {waiting} wait in the outbox: see sitrepd outbox list")
}
