//! `sitrepd try feed`: a source's document, what is in it, and when it would be asked for again.

use serde_json::json;

use crate::{
    api,
    config::{self, Config, Polled},
    daemon::documents::{self, Reading},
    decide::source::{Answer, Lesson, Poll, after_poll},
    model::{Cadence, Entry, Fault, Timestamp},
    parse::{self, Parsed},
    schedule::{Next, Timetable},
};

use super::super::{
    CliError, Output, archive,
    output::{ALARM, FAINT, HEADING, count, short, shown},
    poll, setup,
    source::web_address,
};
use super::{is_address, local, sample_source};

pub(super) fn run(config: &Config, input: Option<&str>, source: Option<&str>, out: &Output) -> Result<(), CliError> {
    let named = source.map(|id| config.source(id).ok_or_else(|| poll::unknown(config, id))).transpose()?;
    let now = chrono::Utc::now();
    let (polled, reading) = match (input, named) {
        (Some(input), named) if !is_address(input) => {
            let input = local(input, None)?;
            let polled = named.map_or_else(|| sample(config, &input.url), |it| Ok(copy(it)))?;
            // A file says nothing about the addresses in it; the source that it is read for does.
            let url = named.map_or(&input.url, |it| &it.source.url);
            let document = parse::Document { bytes: &input.bytes, content_type: None, url, now };
            let parsed = parse::source(&polled.source, document, config.parse);
            (polled, parsed.map_err(|it| CliError::BadData(it.to_string())).map(of_file)?)
        }
        (Some(input), named) => {
            let url = web_address(input)?;
            let mut polled = named.map_or_else(|| sample(config, &url), |it| Ok(copy(it)))?;
            polled.source.url = url;
            let reading = fetched(config, &polled, now)?;
            (polled, reading)
        }
        (None, Some(it)) => (copy(it), fetched(config, it, now)?),
        (None, None) => return Err(CliError::Usage("name a file or an address, or a source with --source".to_owned())),
    };
    let poll = Poll {
        answer: &reading.answer,
        asked: &polled.source.url,
        new: 0,
        lesson: reading.lesson.clone(),
        retry_after: reading.retry_after,
        sibling: None,
        is_cut_off: false,
    };
    let (state, next) = after_poll(&polled.source, &polled.timetable, &config.schedule, None, &poll, now);
    if out.is_json() {
        let entries: Vec<_> = reading.entries.iter().map(api::Entry::from).collect();
        return out.record(&json!({
            "title": reading.title,
            "entries": entries,
            "problems": reading.problems,
            "condition": state.health.condition.word(),
            "reason": state.health.reason,
            "due_in": (next.at - now).num_seconds(),
            "due_because": next.because.to_string(),
        }));
    }
    print(config, &reading, &state.health.reason, now, next, out)
}

/// A document, as it is shown.
struct Shown {
    title: Option<String>,
    entries: Vec<Entry>,
    problems: Vec<String>,
    answer: Answer,
    lesson: Lesson,
    retry_after: Option<std::time::Duration>,
}

fn of_file(parsed: Parsed) -> Shown {
    let lesson = Lesson {
        entries: u32::try_from(parsed.entries.len()).ok(),
        is_own_new: true,
        dates: parsed.entries.iter().filter_map(Entry::order_date).collect(),
        same_guid: parsed.same_guid,
        wishes: Some(documents::wishes(&parsed.hints)),
        ..Lesson::default()
    };
    let answer = Answer::Read { entries: parsed.entries.len(), problems: parsed.problems.clone() };
    Shown { title: parsed.title, entries: parsed.entries, problems: parsed.problems, answer, lesson, retry_after: None }
}

fn fetched(config: &Config, polled: &Polled, now: Timestamp) -> Result<Shown, CliError> {
    let client = setup::client(config)?;
    let read = documents::read(&client, &polled.source, None, config.parse, now);
    let Reading { answer, title, entries, lesson, retry_after, .. } = setup::runtime()?.block_on(read)?;
    let problems = match &answer {
        Answer::Failed { fault: Fault::Unreadable | Fault::WebPage, reason } => {
            return Err(CliError::BadData(reason.clone()));
        }
        Answer::Failed { reason, .. } | Answer::LeftAlone { reason } => {
            return Err(CliError::Unavailable(reason.clone()));
        }
        Answer::Read { problems, .. } => problems.clone(),
        Answer::Unchanged => Vec::new(),
    };
    Ok(Shown { title, entries, problems, answer, lesson, retry_after })
}

fn sample(config: &Config, url: &url::Url) -> Result<Polled, CliError> {
    let timetable = Timetable::new(&Cadence::Every(config.poll.interval));
    let timetable = timetable.map_err(|it| CliError::Defect(it.to_string()))?;
    Ok(Polled { source: sample_source(url), timetable })
}

fn copy(it: &Polled) -> Polled {
    Polled { source: it.source.clone(), timetable: it.timetable.clone() }
}

fn print(config: &Config, it: &Shown, reason: &str, now: Timestamp, next: Next, out: &Output) -> Result<(), CliError> {
    out.line(format!(
        "{HEADING}{}{HEADING:#}  {}",
        shown(it.title.as_deref().unwrap_or("(no title)")),
        count(it.entries.len(), "entry")
    ))?;
    let others = it.problems.iter().map(String::as_str).filter(|it| *it != reason);
    for it in Some(reason).filter(|it| !it.is_empty()).into_iter().chain(others) {
        out.wrapped(&format!("{ALARM}problem:{ALARM:#} "), &shown(it))?;
    }
    let pause = std::time::Duration::from_secs((next.at - now).num_seconds().max(0).unsigned_abs());
    let pause = config::spoken(pause);
    out.wrapped("", &format!("next poll in {pause}: {}", next.because))?;
    for it in &it.entries {
        let date = it.order_date().map_or_else(|| "no date".to_owned(), |it| archive::when(it, config));
        out.line("")?;
        out.wrapped("", &shown(&it.title))?;
        out.line(format!("  {FAINT}{date}  {}{FAINT:#}", it.link.as_ref().map_or("no link", |it| it.as_str())))?;
        if !it.text.is_empty() {
            out.wrapped("  ", &short(&it.text, 200))?;
        }
    }
    Ok(())
}
