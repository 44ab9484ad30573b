//! Changes as they may be, for the laws.

use std::time::Duration;

use chrono::{TimeDelta, TimeZone as _, Utc};
use proptest::{
    collection::vec,
    option::{self, of},
    prelude::*,
    sample::select as one_of,
};

use crate::model::{
    Alert, AlertId, AlertKind, Article, ArticleId, Assignment, Attempt, CanonicalUrl, Cause, Change, Closeness,
    Condition, Content, CopyLevel, DigestIssue, Document, Evidence, Fault, FetchRecord, Field, Fingerprint, Flag,
    FlagKind, Health, Held, HeldDocument, Hit, Intent, Judgement, Label, MessageId, Method, More, Move, Moved, Older,
    Origin, Outcome, Outgoing, Page, Possible, Provenance, Reading, Regrouping, RegroupingId, Rendered, Repeated,
    Report, Sending, Shared, Slot, SourceId, SourceState, StoryId, Tag, Timestamp, Validators, Verdict, Wishes,
};

/// The trees are boxed, as together they would not fit on a test thread's stack.
pub(super) fn change() -> impl Strategy<Value = Change> {
    let regrouped = regrouping().prop_map(|it| Change::Regrouped(Box::new(it)));
    prop_oneof![intent(), polled(), digest(), delivery(), sending(), regrouped, label()]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,40}", Just("Երևան · თბილისი · Bakı\n".repeat(50)), Just(String::new())]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    // A leap second is the one instant whose nanoseconds pass a thousand million.
    let leap = Utc.with_ymd_and_hms(2016, 12, 31, 23, 59, 59).unwrap() + TimeDelta::nanoseconds(1);
    let any = (-62_000_000_000_i64..250_000_000_000, 0_u32..1_000_000_000);
    prop_oneof![
        any.prop_map(|(seconds, nanos)| Timestamp::from_timestamp(seconds, nanos).unwrap()),
        Just(Timestamp::from_timestamp(1_483_228_799, 1_500_000_000).unwrap_or(leap)),
        Just(Timestamp::MAX_UTC),
        Just(Timestamp::MIN_UTC),
    ]
}

fn source() -> impl Strategy<Value = SourceId> {
    "[a-z0-9-]{1,64}".prop_map(|it| SourceId::new(&it).unwrap())
}

fn url() -> impl Strategy<Value = CanonicalUrl> {
    "https?://[a-z]{1,9}\\.example/[a-z0-9/%]{0,30}(\\?id=[0-9]{1,5})?"
        .prop_filter_map("a web address", |it| CanonicalUrl::parse(&it))
}

fn weight() -> impl Strategy<Value = f32> {
    prop_oneof![Just(0.0_f32), -100.0_f32..100.0]
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![Just(Field::Title), Just(Field::Body)]
}

fn reading() -> BoxedStrategy<Reading> {
    let verdicts = [
        Verdict::Article,
        Verdict::ListPage,
        Verdict::Paywalled,
        Verdict::ConsentWall,
        Verdict::ChallengePage,
        Verdict::VideoStub,
        Verdict::TooShort,
        Verdict::NotHtml,
    ];
    let kinds = [FlagKind::MachineTranslated, FlagKind::MachineWritten, FlagKind::Syndicated];
    let origins = [
        Origin::Recipe,
        Origin::JsonLd,
        Origin::Meta,
        Origin::Heading,
        Origin::Markup,
        Origin::Address,
        Origin::Script,
        Origin::Text,
        Origin::Inferred,
        Origin::Feed,
    ];
    let judgement = (one_of(verdicts.to_vec()), text()).prop_map(|(verdict, reason)| Judgement { verdict, reason });
    let flag = (one_of(kinds.to_vec()), text()).prop_map(|(kind, evidence)| Flag { kind, evidence });
    let provenance = move || {
        of((one_of(origins.to_vec()), 0..=100_u8).prop_map(|(origin, confidence)| Provenance { origin, confidence }))
    };
    let image = url().prop_map(|it| it.as_url().clone());
    let line = (text(), any::<[u32; 2]>()).prop_map(|(line, [on, of])| Repeated { line, on, of });
    let told = [provenance(), provenance(), provenance(), provenance()];
    (of(judgement), vec(flag, 0..3), of(instant()), of(image), told, vec(line, 0..3))
        .prop_map(|(judgement, flags, modified, image, [title, authors, published, modified_from], repeated)| Reading {
            judgement,
            flags,
            modified,
            image,
            title,
            authors,
            published,
            modified_from,
            repeated,
        })
        .boxed()
}

fn article() -> BoxedStrategy<Article> {
    let fetched = (any::<u16>(), text(), any::<u64>(), instant())
        .prop_map(|(status, url, bytes, at)| Page::Fetched(FetchRecord { status, url, bytes, at }));
    let page =
        prop_oneof![fetched, text().prop_map(Page::Withheld), text().prop_map(Page::Unreachable), Just(Page::None)];
    let method = prop_oneof![text().prop_map(Method::Recipe), Just(Method::Readability), Just(Method::Feed)];
    let identity = (any::<u64>(), any::<u32>(), source(), of(url()), of(text()), any::<bool>());
    let shown = (text(), text(), text(), vec(text(), 0..3), of(text()), of(text()));
    let origin = (of(url()), of(instant()), instant(), method, page, reading());
    (identity, shown, origin)
        .prop_map(|(identity, shown, origin)| Article {
            id: ArticleId(identity.0),
            version: identity.1,
            source: identity.2,
            link: identity.3,
            guid: identity.4,
            guid_is_unique: identity.5,
            feed_title: shown.0,
            title: shown.1,
            body: shown.2,
            authors: shown.3,
            language: shown.4,
            site_name: shown.5,
            canonical: origin.0,
            published: origin.1,
            first_seen: origin.2,
            method: origin.3,
            page: origin.4,
            reading: origin.5,
        })
        .boxed()
}

fn tag() -> BoxedStrategy<Tag> {
    let evidence = (field(), any::<[usize; 2]>(), text(), weight())
        .prop_map(|(field, [a, b], rule, weight)| Evidence { field, span: a..b, rule, weight });
    (text(), weight(), vec(evidence, 0..3)).prop_map(|(topic, score, evidence)| Tag { topic, score, evidence }).boxed()
}

fn hit() -> BoxedStrategy<Hit> {
    let closeness = prop_oneof![
        Just(Closeness::Exact),
        Just(Closeness::Inflected),
        Just(Closeness::Transliterated),
        Just(Closeness::Respelled),
        Just(Closeness::Weak)
    ];
    let place = (text(), field(), any::<[usize; 2]>(), text(), text());
    (place, closeness, weight(), of(text()), text())
        .prop_map(|((term, field, [a, b], form, sentence), closeness, score, ending, why)| Hit {
            term,
            field,
            span: a..b,
            form,
            sentence,
            closeness,
            score,
            ending,
            why,
        })
        .boxed()
}

fn alert() -> BoxedStrategy<Alert> {
    let kind = prop_oneof![
        Just(AlertKind::Found),
        Just(AlertKind::Old),
        Just(AlertKind::Withdrawn),
        any::<u32>().prop_map(|version| AlertKind::Changed { version }),
        (any::<u32>(), weight()).prop_map(|(today, usual)| AlertKind::Spike { today, usual })
    ];
    (any::<[u64; 3]>(), text(), vec(hit(), 0..3), instant(), kind)
        .prop_map(|([id, article, story], watch, hits, raised, kind)| Alert {
            id: AlertId(id),
            watch,
            article: ArticleId(article),
            story: StoryId(ArticleId(story)),
            hits,
            raised,
            kind,
        })
        .boxed()
}

fn outgoing() -> BoxedStrategy<Outgoing> {
    let document = (text(), text(), text()).prop_map(|(name, media_type, body)| Document { name, media_type, body });
    let digest = (text(), text(), of(text()), vec(document, 0..2))
        .prop_map(|(subject, text, html, documents)| Content::Digest(Rendered { subject, text, html, documents }));
    let more =
        (text(), instant(), any::<u32>()).prop_map(|(watch, hour, told)| Content::More(More { watch, hour, told }));
    let held =
        (text(), instant(), instant()).prop_map(|(watch, since, until)| Content::Held(Held { watch, since, until }));
    let content = prop_oneof![vec(alert(), 0..3).prop_map(Content::Alerts), digest, more, held];
    (text(), text(), content, instant())
        .prop_map(|(id, channel, content, due)| Outgoing { id: MessageId(id), channel, content, due })
        .boxed()
}

fn intent() -> BoxedStrategy<Change> {
    let story = || any::<u64>().prop_map(|it| StoryId(ArticleId(it)));
    let original = || any::<u64>().prop_map(ArticleId);
    let level = prop_oneof![Just(CopyLevel::Copy), Just(CopyLevel::Partial)];
    let copy = (story(), original(), level, text()).prop_map(|(story, of, level, why)| Assignment::Copy {
        story,
        of,
        level,
        why,
    });
    let words = || vec(text(), 0..3);
    let joined = (story(), original(), weight(), words(), words(), words()).prop_map(
        |(story, of, likelihood, names, numbers, words)| Assignment::Joined {
            story,
            of,
            likelihood,
            why: Shared { names, numbers, words },
        },
    );
    let moved = (story(), text()).prop_map(|(story, why)| Assignment::Lost { story, why });
    let assignment = prop_oneof![Just(Assignment::New), copy, joined, moved];
    let possible = (text(), vec(hit(), 0..3)).prop_map(|(watch, hits)| Possible { watch, hits });
    let report = (article(), assignment, vec(tag(), 0..3), vec(possible, 0..2));
    (report, vec(any::<u32>(), 0..50), option::of(regrouping()), vec(alert(), 0..2), vec(outgoing(), 0..2))
        .prop_map(|((article, assignment, tags, possible), print, regrouping, alerts, outbox)| {
            let report = Report { article, assignment, moved: None, tags, possible };
            Change::Article(Box::new(Intent { report, fingerprint: Fingerprint(print), regrouping, alerts, outbox }))
        })
        .boxed()
}

fn regrouping() -> BoxedStrategy<Regrouping> {
    let cause = prop_oneof![
        Just(Cause::Merged),
        Just(Cause::Split),
        any::<u64>().prop_map(|it| Cause::Undone(RegroupingId(it))),
        any::<u64>().prop_map(|it| Cause::Bridged(ArticleId(it))),
        any::<u64>().prop_map(|it| Cause::Drawn(ArticleId(it))),
    ];
    let story = |it| StoryId(ArticleId(it));
    let moves = any::<[u64; 3]>().prop_map(move |[article, from, to]| Move {
        article: ArticleId(article),
        from: story(from),
        to: story(to),
    });
    (any::<u64>(), instant(), cause, vec(moves, 0..4))
        .prop_map(|(id, at, cause, moves)| {
            let mut known = std::collections::HashSet::new();
            let moves = moves.into_iter().filter(|it: &Move| known.insert(it.article)).collect();
            Regrouping { id: RegroupingId(id), at, cause, moves }
        })
        .boxed()
}

fn label() -> BoxedStrategy<Change> {
    (any::<u64>(), text(), any::<bool>(), instant())
        .prop_map(|(article, topic, is_right, at)| {
            Change::Labelled(Label { article: ArticleId(article), topic, is_right, at })
        })
        .boxed()
}

fn health() -> BoxedStrategy<Health> {
    let condition = prop_oneof![
        Just(Condition::Fine),
        Just(Condition::Frozen),
        Just(Condition::Failing(Fault::Gone)),
        Just(Condition::Failing(Fault::Defect)),
    ];
    (condition, text(), instant()).prop_map(|(condition, reason, since)| Health { condition, reason, since }).boxed()
}

fn polled() -> BoxedStrategy<Change> {
    let times = (instant(), of(instant()), of(instant()), of(instant()), instant());
    let moved = (text(), instant(), any::<u32>()).prop_map(|(to, since, polls)| Moved { to, since, polls });
    let document = (text(), of(text()), of(text()), any::<[u8; 8]>(), any::<u32>()).prop_map(
        |(url, etag, last_modified, digest, entries)| HeldDocument {
            url,
            validators: Validators { etag, last_modified },
            digest,
            entries,
        },
    );
    let older = (text(), any::<u32>(), any::<u32>()).prop_map(|(url, pages, tries)| Older { url, pages, tries });
    let place = (source(), text(), of(moved), vec(document, 0..3), any::<[u8; 8]>(), of(older));
    let last = (any::<u32>(), of(text()), any::<bool>());
    let paces = (of(any::<Duration>()), of(any::<Duration>()));
    let wishes = (of(any::<Duration>()), vec(any::<u8>(), 0..3), vec(any::<u8>(), 0..3))
        .prop_map(|(pause, skip_hours, skip_days)| Wishes { pause, skip_hours, skip_days });
    (place, times, paces, wishes, any::<(u32, u64)>(), last, health())
        .prop_map(|(place, times, (pace, took), wishes, (failures, polls), last, health)| {
            Change::Polled(Box::new(SourceState {
                source: place.0,
                url: place.1,
                moved: place.2,
                documents: place.3,
                read_as: place.4,
                older: place.5,
                polled: times.0,
                succeeded: times.1,
                brought_new: times.2,
                newest: times.3,
                pace,
                took,
                wishes,
                failures,
                polls,
                entries: last.0,
                problem: last.1,
                same_guid: last.2,
                due: times.4,
                health,
            }))
        })
        .boxed()
}

fn digest() -> BoxedStrategy<Change> {
    (text(), [instant(), instant(), instant()], vec(any::<u64>(), 0..9), vec(outgoing(), 0..3))
        .prop_map(|(digest, [at, since, until], articles, outbox)| {
            let articles = articles.into_iter().map(ArticleId).collect();
            Change::Digest(Box::new(DigestIssue { slot: Slot { digest, at }, since, until, articles, outbox }))
        })
        .boxed()
}

fn delivery() -> BoxedStrategy<Change> {
    let outcome = prop_oneof![
        Just(Outcome::Sent),
        (instant(), text()).prop_map(|(due, reason)| Outcome::Retry { due, reason }),
        text().prop_map(|reason| Outcome::Parked { reason }),
        text().prop_map(|reason| Outcome::Dropped { reason }),
    ];
    (text(), instant(), outcome)
        .prop_map(|(message, at, outcome)| Change::Delivery(Attempt { message: MessageId(message), at, outcome }))
        .boxed()
}

fn sending() -> BoxedStrategy<Change> {
    let rendered = (text(), text(), of(text()), vec((text(), text(), text()), 0..3));
    let rendered = rendered.prop_map(|(subject, text, html, documents)| {
        let documents = documents.into_iter().map(|(name, media_type, body)| Document { name, media_type, body });
        Rendered { subject, text, html, documents: documents.collect() }
    });
    (text(), instant(), of(rendered))
        .prop_map(|(message, at, rendered)| {
            Change::Sending(Box::new(Sending { message: MessageId(message), at, rendered }))
        })
        .boxed()
}
