//! The record of what a reading says besides an article's text.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{RecordError, Time, some};
use crate::model::{Flag, FlagKind, Judgement, Origin, Provenance, Reading, Repeated, Verdict};

/// Version 3 of [`Reading`]. The default is what versions 1 and 2 knew: nothing.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct ReadingRecord {
    judgement: Option<JudgementRecord>,
    flags: Vec<FlagRecord>,
    modified: Option<Time>,
    image: Option<String>,
    title: Option<ProvenanceRecord>,
    authors: Option<ProvenanceRecord>,
    published: Option<ProvenanceRecord>,
    modified_from: Option<ProvenanceRecord>,
    repeated: Vec<RepeatedRecord>,
}

impl From<&Reading> for ReadingRecord {
    fn from(it: &Reading) -> Self {
        Self {
            judgement: it.judgement.as_ref().map(JudgementRecord::from),
            flags: it.flags.iter().map(FlagRecord::from).collect(),
            modified: it.modified.map(Time::from),
            image: it.image.as_ref().map(ToString::to_string),
            title: it.title.map(ProvenanceRecord::from),
            authors: it.authors.map(ProvenanceRecord::from),
            published: it.published.map(ProvenanceRecord::from),
            modified_from: it.modified_from.map(ProvenanceRecord::from),
            repeated: it.repeated.iter().map(RepeatedRecord::from).collect(),
        }
    }
}

impl TryFrom<ReadingRecord> for Reading {
    type Error = RecordError;

    fn try_from(it: ReadingRecord) -> Result<Self, RecordError> {
        let address =
            |it: &str| Url::parse(it).map_err(|_| RecordError::broken(format_args!("no address of a picture {it:?}")));
        Ok(Self {
            judgement: it.judgement.map(Judgement::from),
            flags: it.flags.into_iter().map(Flag::from).collect(),
            modified: some(it.modified)?,
            image: it.image.as_deref().map(address).transpose()?,
            title: it.title.map(Provenance::from),
            authors: it.authors.map(Provenance::from),
            published: it.published.map(Provenance::from),
            modified_from: it.modified_from.map(Provenance::from),
            repeated: it.repeated.into_iter().map(Repeated::from).collect(),
        })
    }
}

/// Version 3 of [`Judgement`].
#[derive(Serialize, Deserialize)]
struct JudgementRecord {
    verdict: VerdictRecord,
    reason: String,
}

/// Version 3 of [`Verdict`].
#[derive(Serialize, Deserialize)]
enum VerdictRecord {
    Article,
    ListPage,
    Paywalled,
    ConsentWall,
    ChallengePage,
    VideoStub,
    TooShort,
    NotHtml,
}

impl From<&Judgement> for JudgementRecord {
    fn from(it: &Judgement) -> Self {
        let verdict = match it.verdict {
            Verdict::Article => VerdictRecord::Article,
            Verdict::ListPage => VerdictRecord::ListPage,
            Verdict::Paywalled => VerdictRecord::Paywalled,
            Verdict::ConsentWall => VerdictRecord::ConsentWall,
            Verdict::ChallengePage => VerdictRecord::ChallengePage,
            Verdict::VideoStub => VerdictRecord::VideoStub,
            Verdict::TooShort => VerdictRecord::TooShort,
            Verdict::NotHtml => VerdictRecord::NotHtml,
        };
        Self { verdict, reason: it.reason.clone() }
    }
}

impl From<JudgementRecord> for Judgement {
    fn from(it: JudgementRecord) -> Self {
        let verdict = match it.verdict {
            VerdictRecord::Article => Verdict::Article,
            VerdictRecord::ListPage => Verdict::ListPage,
            VerdictRecord::Paywalled => Verdict::Paywalled,
            VerdictRecord::ConsentWall => Verdict::ConsentWall,
            VerdictRecord::ChallengePage => Verdict::ChallengePage,
            VerdictRecord::VideoStub => Verdict::VideoStub,
            VerdictRecord::TooShort => Verdict::TooShort,
            VerdictRecord::NotHtml => Verdict::NotHtml,
        };
        Self { verdict, reason: it.reason }
    }
}

/// Version 3 of [`Flag`].
#[derive(Serialize, Deserialize)]
struct FlagRecord {
    kind: FlagKindRecord,
    evidence: String,
}

/// [`FlagKind`]. Variants are only ever added at the end.
#[derive(Serialize, Deserialize)]
enum FlagKindRecord {
    // Version 3.
    MachineTranslated,
    MachineWritten,
    Syndicated,
    // Version 8.
    BeginsWithFeed,
}

impl From<&Flag> for FlagRecord {
    fn from(it: &Flag) -> Self {
        let kind = match it.kind {
            FlagKind::MachineTranslated => FlagKindRecord::MachineTranslated,
            FlagKind::MachineWritten => FlagKindRecord::MachineWritten,
            FlagKind::Syndicated => FlagKindRecord::Syndicated,
            FlagKind::BeginsWithFeed => FlagKindRecord::BeginsWithFeed,
        };
        Self { kind, evidence: it.evidence.clone() }
    }
}

impl From<FlagRecord> for Flag {
    fn from(it: FlagRecord) -> Self {
        let kind = match it.kind {
            FlagKindRecord::MachineTranslated => FlagKind::MachineTranslated,
            FlagKindRecord::MachineWritten => FlagKind::MachineWritten,
            FlagKindRecord::Syndicated => FlagKind::Syndicated,
            FlagKindRecord::BeginsWithFeed => FlagKind::BeginsWithFeed,
        };
        Self { kind, evidence: it.evidence }
    }
}

/// Version 3 of [`Provenance`].
#[derive(Serialize, Deserialize)]
struct ProvenanceRecord {
    origin: OriginRecord,
    confidence: u8,
}

/// Version 3 of [`Origin`].
#[derive(Serialize, Deserialize)]
enum OriginRecord {
    Recipe,
    JsonLd,
    Meta,
    Heading,
    Markup,
    Address,
    Script,
    Text,
    Inferred,
    Feed,
}

impl From<Provenance> for ProvenanceRecord {
    fn from(it: Provenance) -> Self {
        let origin = match it.origin {
            Origin::Recipe => OriginRecord::Recipe,
            Origin::JsonLd => OriginRecord::JsonLd,
            Origin::Meta => OriginRecord::Meta,
            Origin::Heading => OriginRecord::Heading,
            Origin::Markup => OriginRecord::Markup,
            Origin::Address => OriginRecord::Address,
            Origin::Script => OriginRecord::Script,
            Origin::Text => OriginRecord::Text,
            Origin::Inferred => OriginRecord::Inferred,
            Origin::Feed => OriginRecord::Feed,
        };
        Self { origin, confidence: it.confidence }
    }
}

impl From<ProvenanceRecord> for Provenance {
    fn from(it: ProvenanceRecord) -> Self {
        let origin = match it.origin {
            OriginRecord::Recipe => Origin::Recipe,
            OriginRecord::JsonLd => Origin::JsonLd,
            OriginRecord::Meta => Origin::Meta,
            OriginRecord::Heading => Origin::Heading,
            OriginRecord::Markup => Origin::Markup,
            OriginRecord::Address => Origin::Address,
            OriginRecord::Script => Origin::Script,
            OriginRecord::Text => Origin::Text,
            OriginRecord::Inferred => Origin::Inferred,
            OriginRecord::Feed => Origin::Feed,
        };
        Self { origin, confidence: it.confidence }
    }
}

/// Version 3 of [`Repeated`].
#[derive(Serialize, Deserialize)]
struct RepeatedRecord {
    line: String,
    on: u32,
    of: u32,
}

impl From<&Repeated> for RepeatedRecord {
    fn from(it: &Repeated) -> Self {
        Self { line: it.line.clone(), on: it.on, of: it.of }
    }
}

impl From<RepeatedRecord> for Repeated {
    fn from(it: RepeatedRecord) -> Self {
        Self { line: it.line, on: it.on, of: it.of }
    }
}
