//! What a feed says about polling it.

use std::time::Duration;

use chrono::Weekday;
use url::Url;

use super::{element::Element, names::Space, record::Record};

/// What a feed says about when and where to request it again. Says nothing about its entries.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Hints {
    /// How long the feed may be held: RSS `ttl`, which counts minutes.
    pub ttl: Option<Duration>,
    /// Hours of the day in GMT without news, 0 to 23: RSS `skipHours`.
    pub skip_hours: Vec<u32>,
    /// Days of the week in GMT without news: RSS `skipDays`.
    pub skip_days: Vec<Weekday>,
    /// The publisher's own interval: `sy:updatePeriod` divided by `sy:updateFrequency`.
    pub update_every: Option<Duration>,
    /// A WebSub hub.
    pub hub: Option<Url>,
    /// The page of older entries: RFC 5005 `prev-archive`, else `next`.
    pub older: Option<Url>,
}

impl Hints {
    /// Reads a field of a feed; returns whether it is about polling.
    pub(super) fn field(&mut self, element: &Element<'_>) -> bool {
        match (element.space, element.local.as_ref()) {
            (Space::Rss, "ttl") => {
                self.ttl = number(element).map(|it| Duration::from_secs(60 * u64::from(it)));
            }
            (Space::Rss, "skiphours") => {
                let hours = element.elements().filter(|it| it.local == "hour").filter_map(number);
                // RSS 0.91 counts from 1 to 24.
                self.skip_hours = hours.filter(|it| *it <= 24).map(|it| it % 24).collect();
            }
            (Space::Rss, "skipdays") => {
                let days = element.elements().filter(|it| it.local == "day");
                self.skip_days = days.filter_map(|it| it.trimmed().parse().ok()).collect();
            }
            (Space::Syndication, "updateperiod") => {
                self.update_every = match element.trimmed().to_ascii_lowercase().as_str() {
                    "hourly" => Some(1),
                    "daily" => Some(24),
                    "weekly" => Some(24 * 7),
                    "monthly" => Some(24 * 30),
                    "yearly" => Some(24 * 365),
                    _ => None,
                }
                .map(|hours| Duration::from_secs(hours * 3600));
            }
            (Space::Syndication, "updatefrequency") => {
                let times = number(element).filter(|it| *it > 0);
                self.update_every = self.update_every.and_then(|it| it.checked_div(times.unwrap_or(1)));
            }
            _ => return false,
        }
        true
    }

    /// Reads the links of a feed.
    pub(super) fn links(&mut self, feed: &Record) {
        let url = |rel| feed.linked(rel).and_then(|it| Url::parse(it).ok());
        self.hub = url("hub");
        self.older = url("prev-archive").or_else(|| url("next"));
    }
}

fn number(element: &Element<'_>) -> Option<u32> {
    element.text().trim().parse().ok()
}
