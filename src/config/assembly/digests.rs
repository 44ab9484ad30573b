//! The digests: that of `[digest]`, and one for each `[[audience]]`.

use std::collections::BTreeMap;

use crate::{
    config::{ConfigError, DigestPlan, audiences::AudienceEntry, read},
    deliver::Channel,
    digest::{Audience, render::Format},
    model::{Cadence, Slot},
    schedule::Timetable,
    text::is_same_channel,
};

use super::{Assembly, delivery::NO_MAIL};

/// The topics, watches and countries that audiences may name.
pub(super) struct Known<'a> {
    pub(super) topics: Vec<&'a str>,
    pub(super) watches: Vec<&'a str>,
    pub(super) countries: Vec<&'a str>,
}

impl Assembly<'_> {
    pub(super) fn digest(&self, channels: Vec<String>) -> Result<DigestPlan, ConfigError> {
        let it = &self.written.digest;
        let path = |key: &'static str| vec!["digest".to_owned(), key.to_owned()];
        self.plan(
            &path,
            &Written {
                name: &it.name,
                title: &it.title,
                schedule: &it.schedule,
                zone: &it.zone,
                formats: &it.formats,
                channels,
                audience: Audience::default(),
            },
        )
    }

    /// One for each `[[audience]]`, in the order in which they are written, and the channels that only they have.
    pub(super) fn audiences(
        &self,
        known: &Known<'_>,
        channels: &mut BTreeMap<String, Channel>,
    ) -> Result<Vec<DigestPlan>, ConfigError> {
        let base = &self.written.digest;
        let mut res = Vec::<DigestPlan>::new();
        for (index, it) in self.written.audience.iter().enumerate() {
            let path = |key: &'static str| {
                // A default has no line of its own.
                let at = ["audience".to_owned(), index.to_string()];
                if is_written(it, key) { [&at[..], &[key.to_owned()]].concat() } else { at.to_vec() }
            };
            let error = |key, problem: String| self.error(&refs(&path(key)), problem);
            if it.name == base.name || res.iter().any(|before| before.name == it.name) {
                return Err(error("name", format!("there are two digests named {:?}", it.name)));
            }
            let is_on_demand = |of: &str| Slot::scheduled(&it.name) == Some(of);
            let mut names = self.written.audience.iter().map(|it| it.name.as_str()).chain([base.name.as_str()]);
            if names.any(is_on_demand) || it.name.ends_with("-test") {
                return Err(error(
                    "name",
                    format!("the name {:?} is taken for digests on demand; choose another one", it.name),
                ));
            }
            if Slot::scheduled(&base.name) == Some(&it.name) {
                let problem = format!(
                    "[digest] has the name {:?}, which is taken for this one on demand; choose another one",
                    base.name
                );
                return Err(error("name", problem));
            }
            let audience = audience(it, known).map_err(|(key, problem)| error(key, problem))?;
            let named = it.channels.as_ref().unwrap_or(&base.channels);
            let mut ways = Vec::new();
            for name in named {
                match name.as_str() {
                    "mail" => ways.extend(self.mail_to_audience(it, channels).map_err(|problem| error("to", problem))?),
                    _ => ways.extend(self.expand(&refs(&path("channels")), std::slice::from_ref(name), channels)?),
                }
            }
            // Two digests with the same title cannot be told apart in a mailbox.
            let title = it.title.clone().unwrap_or_else(|| format!("{} ({})", base.title, it.name));
            res.push(self.plan(
                &path,
                &Written {
                    name: &it.name,
                    title: &title,
                    schedule: it.schedule.as_ref().unwrap_or(&base.schedule),
                    zone: it.zone.as_ref().unwrap_or(&base.zone),
                    formats: it.formats.as_ref().unwrap_or(&base.formats),
                    channels: ways,
                    audience,
                },
            )?);
        }
        Ok(res)
    }

    /// A channel to each recipient, under a List-Id of the audience's own.
    fn mail_to_audience(
        &self,
        it: &AudienceEntry,
        channels: &mut BTreeMap<String, Channel>,
    ) -> Result<Vec<String>, String> {
        if !self.has_mail() {
            return Err(NO_MAIL.to_owned());
        }
        let to = if it.to.is_empty() { &self.written.mail.to } else { &it.to };
        if to.is_empty() {
            return Err("channel \"mail\" is used, and neither this to nor that of [mail] names anybody".to_owned());
        }
        let mut res = Vec::new();
        for to in to {
            let name = format!("{}-mail:{to}", it.name);
            if res.iter().any(|it: &String| is_same_channel(it, &name)) {
                continue;
            }
            let channel = self.mail(to, &it.name).map_err(|it| it.to_string())?;
            channels.insert(name.clone(), Channel::Mail(Box::new(channel)));
            res.push(name);
        }
        Ok(res)
    }

    fn plan(&self, path: &dyn Fn(&'static str) -> Vec<String>, it: &Written<'_>) -> Result<DigestPlan, ConfigError> {
        let error = |key, problem: String| self.error(&refs(&path(key)), problem);
        let fits = !it.name.is_empty()
            && it.name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        if !fits {
            return Err(error("name", format!("name {:?} is not made of a to z, 0 to 9 and -", it.name)));
        }
        let zone = read::zone(it.zone).map_err(|problem| error("zone", problem))?;
        let timetable = match it.schedule {
            "" => None,
            expression => {
                let timetable = Timetable::new(&Cadence::Cron { expression: expression.to_owned(), zone });
                Some(timetable.map_err(|it| error("schedule", it.to_string()))?)
            }
        };
        let formats = it.formats.iter().map(|it| it.parse()).collect::<Result<Vec<Format>, _>>();
        Ok(DigestPlan {
            name: it.name.to_owned(),
            title: it.title.to_owned(),
            timetable,
            zone,
            formats: formats.map_err(|it| error("formats", it.to_string()))?,
            channels: it.channels.clone(),
            max_period: self.written.digest.max_period,
            catch_up: self.written.digest.catch_up,
            audience: it.audience.clone(),
        })
    }
}

/// Warnings about settings of a digest that are probably mistakes.
pub(super) fn warnings(it: &DigestPlan) -> Vec<String> {
    let is_lost = it.timetable.is_some() && it.channels.is_empty();
    let lost = is_lost.then(|| format!("digest {:?} has a schedule and no channels: it goes nowhere", it.name));
    let is_never = it.timetable.as_ref().is_some_and(Timetable::is_never);
    let never = is_never.then(|| {
        format!(
            "the schedule of digest {:?} names a day that does not come, such as 31 February: it is never issued",
            it.name
        )
    });
    lost.into_iter().chain(never).collect()
}

/// A digest as written, with the values that it takes from `[digest]`.
struct Written<'a> {
    name: &'a str,
    title: &'a str,
    schedule: &'a str,
    zone: &'a str,
    formats: &'a [String],
    channels: Vec<String>,
    audience: Audience,
}

fn refs(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn is_written(it: &AudienceEntry, key: &str) -> bool {
    match key {
        "title" => it.title.is_some(),
        "schedule" => it.schedule.is_some(),
        "zone" => it.zone.is_some(),
        "formats" => it.formats.is_some(),
        "channels" => it.channels.is_some(),
        "to" => !it.to.is_empty(),
        _ => true,
    }
}

/// Its audience; otherwise the wrong key, and why it is wrong.
fn audience(it: &AudienceEntry, known: &Known<'_>) -> Result<Audience, (&'static str, String)> {
    let check =
        |key, names: &[String], known: &[&str], what: &str| match names.iter().find(|it| !known.contains(&it.as_str()))
        {
            Some(name) => {
                let near = read::nearest(name, known).map(|it| format!("; did you mean {it:?}?")).unwrap_or_default();
                Err((key, format!("there is no {what} {name:?}{near}")))
            }
            None => Ok(names.to_vec()),
        };
    let languages: Vec<_> = it.languages.iter().map(|it| it.to_ascii_lowercase()).collect();
    let is_code = |it: &String| (2..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_lowercase());
    if let Some(wrong) = languages.iter().find(|it| !is_code(it)) {
        return Err(("languages", format!("{wrong:?} is no language code such as \"en\" or \"hy\"")));
    }
    if !(0.0..=1.0).contains(&it.min_confidence) {
        return Err(("min_confidence", format!("{} is not between 0 and 1", it.min_confidence)));
    }
    if !(it.min_score >= 0.0 && it.min_score.is_finite()) {
        return Err(("min_score", format!("{} is no number of points", it.min_score)));
    }
    Ok(Audience {
        topics: check("topics", &it.topics, &known.topics, "topic")?,
        watches: check("watches", &it.watches, &known.watches, "watch")?,
        languages,
        countries: check("countries", &it.countries, &known.countries, "source of the country")?,
        min_score: it.min_score,
        min_confidence: it.min_confidence,
    })
}
