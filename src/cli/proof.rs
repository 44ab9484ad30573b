//! `sitrepd show --proof`: how to cite an article, and what shows that it was recorded so.

use std::fmt::Write as _;

use serde_json::json;

use crate::{
    api,
    config::Origin,
    store::{LedgerReader, Proof},
};

use super::{
    CliError, Output,
    archive::{self, when},
    output::{ALARM, FAINT, HEADING, shown},
};

pub(super) fn show(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let (config, store) = archive::open(origin, out)?;
    let report = archive::find(&*store, id)?;
    let (proofs, last) = LedgerReader::open(&config.store)?.proofs(report.article.id)?;
    let last = last.map(|it| hex(&it)).unwrap_or_default();
    if out.is_json() {
        return out.record(&json!({
            "article": api::Report::from(&report),
            "records": proofs.iter().map(record).collect::<Vec<_>>(),
            "last_record_sha256": last,
        }));
    }
    let article = &report.article;
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    let fact = |name: &str, value: &str| match value.is_empty() {
        true => Ok(()),
        false => out.wrapped(&format!("{FAINT}{name:<10}{FAINT:#}  "), value),
    };
    let source = config.source(article.source.as_str()).map(|it| it.source.name.clone());
    fact("outlet", &shown(&article.site_name.clone().or(source).unwrap_or_default()))?;
    fact("authors", &shown(&article.authors.join(", ")))?;
    fact("published", &article.published.map(|it| when(it, &config)).unwrap_or_default())?;
    fact("first seen", &when(article.first_seen, &config))?;
    fact("address", article.link.as_ref().map(ToString::to_string).unwrap_or_default().as_str())?;
    for it in &proofs {
        out.line("")?;
        fact(
            "version",
            &format!("{}, record {} of the archive, written {}", it.version, it.seq, when(it.written, &config)),
        )?;
        fact("sha-256", &hex(&it.hash))?;
        fact("follows", &if it.seq == 1 { "nothing: it is the first".to_owned() } else { hex(&it.before) })?;
        let confirmed = match it.confirmed {
            Some(true) => format!("record {} carries this hash", it.seq + 1),
            Some(false) => {
                format!("{ALARM}record {} carries another hash: one of them was changed{ALARM:#}", it.seq + 1)
            }
            None => "it is the last record so far".to_owned(),
        };
        fact("followed", &confirmed)?;
        let path = it.path.display();
        // On one line, however long: it is to be copied.
        out.line(format!(
            "{FAINT}to check  {FAINT:#}  tail -c +{} {path} | head -c {} | sha256sum",
            it.offset + 1,
            it.frame.len()
        ))?;
    }
    out.line("")?;
    fact("archive", &format!("its last record now has the hash {last}; sitrepd verify proves the chain between"))
}

fn record(it: &Proof) -> serde_json::Value {
    json!({
        "version": it.version,
        "record": it.seq,
        "file": it.path,
        "offset": it.offset,
        "bytes": it.frame.len(),
        "written": it.written.to_rfc3339(),
        "sha256": hex(&it.hash),
        "before_sha256": hex(&it.before),
        "confirmed_by_next": it.confirmed,
        "frame_hex": hex(&it.frame),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut res, byte| {
        let _ = write!(res, "{byte:02x}");
        res
    })
}
