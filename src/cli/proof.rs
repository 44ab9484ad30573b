//! `sitrepd show --proof`: how to cite an article, and what shows that it was recorded so.

use std::{fmt::Write as _, path::Path};

use serde_json::json;

use crate::{
    api,
    config::{Config, Origin},
    model::Report,
    store::{self, LedgerReader, Proof, Proofs, RecordKind},
};

use super::{
    CliError, Output,
    archive::{self, when},
    output::{ALARM, FAINT, HEADING, shown},
};

pub(super) fn show(origin: &Origin, id: &str, out: &Output) -> Result<(), CliError> {
    let (config, store) = archive::open(origin, out)?;
    let report = archive::find(&*store, id)?;
    let reader = LedgerReader::open(&config.store)?;
    let mut found = reader.proofs(report.article.id)?;
    if !found.damage.is_empty() {
        // What looks damaged may be a write that is under way; a moment later it is done.
        found = reader.proofs(report.article.id)?;
    }
    let last = found.last.map(|it| hex(&it)).unwrap_or_default();
    match out.is_json() {
        true => out.record(&json!({
            "article": api::Report::from(&report),
            "records": found.records.iter().map(record).collect::<Vec<_>>(),
            "damage": found.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "last_record": found.last_seq,
            "last_record_sha256": last,
            "left_proved": found.left_proved,
        }))?,
        false => print(&config, &report, &found, &last, out)?,
    }
    match found.is_whole() {
        true => Ok(()),
        false => Err(CliError::BadData("the archive is not as it was written; sitrepd verify tells where".to_owned())),
    }
}

/// Reads a record that was taken out of an archive.
pub(super) fn record_file(file: &Path, out: &Output) -> Result<(), CliError> {
    let bytes = std::fs::read(file)
        .map_err(|source| CliError::NotFound(format!("cannot read {}: {source}", file.display())))?;
    let (seq, hash, before, json) = store::read_record(&bytes)
        .map_err(|it| CliError::BadData(format!("{}: no record of an archive: {it}", file.display())))?;
    if out.is_json() {
        let change: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
        return out.record(&json!({
            "record": seq,
            "sha256": hex(&hash),
            "before_sha256": hex(&before),
            "says": change,
        }));
    }
    out.line(format!("record {seq}, whole; SHA-256 {}", hex(&hash)))?;
    out.line(format!("follows {}", if seq == 1 { "nothing: it is the first".to_owned() } else { hex(&before) }))?;
    out.line(shown(&json))
}

fn print(config: &Config, report: &Report, found: &Proofs, last: &str, out: &Output) -> Result<(), CliError> {
    let article = &report.article;
    out.wrapped("", &format!("{HEADING}{}{HEADING:#}", shown(&article.title)))?;
    let fact = |name: &str, value: &str| match value.is_empty() {
        true => Ok(()),
        false => out.wrapped(&format!("{FAINT}{name:<10}{FAINT:#}  "), value),
    };
    let source = config.source(article.source.as_str()).map(|it| it.source.name.clone());
    fact("outlet", &shown(&article.site_name.clone().or(source).unwrap_or_default()))?;
    fact("authors", &shown(&article.authors.join(", ")))?;
    fact("published", &article.believed_date().map(|it| when(it, config)).unwrap_or_default())?;
    fact("claims", &article.disbelieved_date().map(|it| when(it, config)).unwrap_or_default())?;
    fact("first seen", &when(article.first_seen, config))?;
    fact("address", article.link.as_ref().map(ToString::to_string).unwrap_or_default().as_str())?;
    for it in &found.records {
        out.line("")?;
        fact(
            "version",
            &format!(
                "{}{}, record {} of the archive, written {}",
                it.version,
                if it.what == RecordKind::Page { ", its page as it came in" } else { "" },
                it.seq,
                when(it.written, config)
            ),
        )?;
        fact("sha-256", &hex(&it.hash))?;
        let follows = match (it.seq, it.follows) {
            (1, _) => "nothing: it is the first".to_owned(),
            (_, true) => hex(&it.before),
            (_, false) => {
                format!(
                    "{ALARM}{}, which the record before does not have: one of them was changed{ALARM:#}",
                    hex(&it.before)
                )
            }
        };
        fact("follows", &follows)?;
        fact("followed", &followed(it, found.last_seq))?;
        let path = it.path.display().to_string().replace('\'', r"'\''");
        // On one line, however long: it is to be copied.
        out.line(format!(
            "{FAINT}to check  {FAINT:#}  tail -c +{} '{path}' | head -c {} | sha256sum",
            it.offset + 1,
            it.frame.len()
        ))?;
    }
    for it in &found.damage {
        out.line("")?;
        fact("damage", &format!("{ALARM}{}{ALARM:#}", shown(&it.to_string())))?;
    }
    out.line("")?;
    fact(
        "elsewhere",
        "the bytes of a record, saved by the command above without sha256sum, are read by sitrepd verify --record FILE",
    )?;
    fact("archive", &format!("its last record now has the hash {last}; {}", between(found)))
}

/// What stands after a record.
fn followed(it: &Proof, last_seq: u64) -> String {
    let next = it.seq + 1;
    match it.confirmed {
        Some(true) => format!("record {next} carries this hash"),
        Some(false) => format!("{ALARM}record {next} carries another hash: one of them was changed{ALARM:#}"),
        None if it.seq == last_seq => "it is the last record so far".to_owned(),
        None if it.is_left => format!("retention gave up record {next}"),
        None => format!("{ALARM}record {next} is not there: it is damaged or missing{ALARM:#}"),
    }
}

/// What sitrepd verify shows of what stands between the records of an article and the last.
fn between(found: &Proofs) -> String {
    if !found.records.iter().any(|it| it.is_left) {
        return "sitrepd verify proves the chain between".to_owned();
    }
    match found.left_proved {
        Some(seq) => format!(
            "retention gave up records between, so that no chain leads there. Record {seq} of the chain has the SHA-256 of the file of \
             what is left; sitrepd verify compares it, and proves the chain from there"
        ),
        None => "retention gave up records between, so that no chain leads there, and an older sitrepd left these: nothing but their \
                 own hash proves them"
            .to_owned(),
    }
}

fn record(it: &Proof) -> serde_json::Value {
    json!({
        "version": it.version,
        "what": match it.what {
            RecordKind::Version => "version",
            RecordKind::Page => "page",
        },
        "record": it.seq,
        "file": it.path,
        "offset": it.offset,
        "bytes": it.frame.len(),
        "written": it.written.to_rfc3339(),
        "sha256": hex(&it.hash),
        "before_sha256": hex(&it.before),
        "confirmed_by_next": it.confirmed,
        "left_by_retention": it.is_left,
        "frame_hex": hex(&it.frame),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut res, byte| {
        let _ = write!(res, "{byte:02x}");
        res
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(confirmed: Option<bool>, is_left: bool) -> Proof {
        Proof {
            what: RecordKind::Version,
            version: 1,
            path: "ledger".into(),
            offset: 0,
            frame: Vec::new(),
            seq: 7,
            written: chrono::DateTime::default(),
            hash: [0; 32],
            before: [0; 32],
            follows: true,
            confirmed,
            is_left,
        }
    }

    #[track_caller]
    fn check(confirmed: Option<bool>, is_left: bool, last_seq: u64, expected: &str) {
        let said = followed(&proof(confirmed, is_left), last_seq);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn the_last_record_is_told_from_one_whose_successor_is_gone() {
        check(Some(true), false, 9, "record 8 carries this hash");
        check(None, false, 7, "the last record so far");
        check(None, true, 9, "retention gave up record 8");
        check(None, false, 9, "record 8 is not there");
        let of = |left_proved| {
            let mut found = Proofs { left_proved, last_seq: 9, ..Proofs::default() };
            let without = between(&found);
            found.records.push(proof(None, true));
            (without, between(&found))
        };
        let (without, proved) = of(Some(8));
        assert!(without.contains("proves the chain between") && !proved.contains("proves the chain between"));
        assert!(proved.contains("Record 8 of the chain has the SHA-256"), "{proved}");
        assert!(of(None).1.contains("nothing but their own hash"));
    }
}
