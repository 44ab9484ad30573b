//! Whether this machine itself has no way out, as far as polls tell.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    decide::source::Answer,
    model::{Fault, Source},
};

/// Hosts in a row that cannot be reached, where there are so many, for this machine to count as cut off.
const MIN_HOSTS: usize = 3;

/// The hosts that could not be reached since one was.
#[derive(Debug, Clone, Default)]
pub(super) struct Outage(Arc<Mutex<HashSet<String>>>);

impl Outage {
    /// Notes how the poll of a source ended, where sources are on `hosts` hosts. Returns whether this machine is cut
    /// off.
    pub(super) fn note(&self, source: &Source, answer: &Answer, hosts: usize) -> bool {
        let mut unreached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Answer::LeftAlone { .. } | Answer::Failed { fault: Fault::Defect, .. } => (),
            Answer::Failed { fault: Fault::Network, .. } => {
                unreached.extend(source.url.host_str().map(str::to_owned));
            }
            // Whatever it said, it was reached.
            Answer::Read { .. } | Answer::Unchanged | Answer::Failed { .. } => unreached.clear(),
        }
        unreached.len() >= MIN_HOSTS.min(hosts.max(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    #[test]
    fn a_machine_is_cut_off_where_no_host_can_be_reached() {
        let source = |host: &str| {
            Source::feed(SourceId::new("s").unwrap(), "S".into(), format!("https://{host}/feed").parse().unwrap())
        };
        let failed = |fault| Answer::Failed { fault, reason: "down".into() };
        let network = failed(Fault::Network);
        let outage = Outage::default();
        let found = [
            ("a.example", &network),
            ("b.example", &network),
            // The same host says nothing more.
            ("b.example", &network),
            ("c.example", &network),
            ("c.example", &Answer::LeftAlone { reason: "429".into() }),
            ("d.example", &failed(Fault::Server)),
            ("a.example", &network),
        ]
        .map(|(host, answer)| outage.note(&source(host), answer, 9));
        assert_eq!(found, [false, false, false, true, true, false, false]);
        // One host says nothing of the way to others.
        let alone = Outage::default();
        assert!(!alone.note(&source("a.example"), &network, 1) && !alone.note(&source("a.example"), &network, 2));
        assert!(alone.note(&source("b.example"), &network, 2), "all there are");
    }
}
