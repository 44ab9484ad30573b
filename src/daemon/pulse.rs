//! The daemon's sign of life: a line in the state directory, rewritten as long as all of its loops run.
//! `sitrepd healthcheck` reads it.

use std::{fs, io, path::Path, time::Duration};

use crate::model::Timestamp;

/// Its name in the state directory.
const FILE: &str = "alive";
/// Between two of them.
pub(super) const PAUSE: Duration = Duration::from_secs(30);
/// An older sign of life means that the daemon hangs or is gone: it has missed several.
const STALE: Duration = Duration::from_secs(180);

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// When it was given, in whole seconds.
    pub at: Timestamp,
    /// Whether sources are polled. They are not while the disk has no room.
    pub polls: bool,
    /// Messages that were given up in the last 24 hours. That is no illness of the daemon: a restart would not mend it.
    pub given_up: usize,
}

/// Why a daemon does not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwell {
    /// There is no sign of life.
    #[error("no daemon runs, or it is still starting")]
    Absent,
    /// The last one is too old.
    #[error("the daemon was last heard from {} ago: it hangs or is gone", humantime::format_duration(*.0))]
    Silent(Duration),
    /// It waits.
    #[error("the daemon polls nothing: it waits for room on the disk")]
    NoRoom,
}

/// Checks that the daemon which gave this sign of life is alive at `now` and polls. A sign of life from the future
/// dates from before the clock was set back, and counts as fresh for as long as it would have then.
///
/// # Errors
///
/// [`Unwell`] says what is wrong.
pub fn judged(pulse: Option<Pulse>, now: Timestamp) -> Result<(), Unwell> {
    let Some(Pulse { at, polls, .. }) = pulse else { return Err(Unwell::Absent) };
    let age = if at > now { at - now } else { now - at };
    let age = Duration::from_secs(age.num_seconds().unsigned_abs());
    match age {
        age if age > STALE => Err(Unwell::Silent(age)),
        _ if !polls => Err(Unwell::NoRoom),
        _ => Ok(()),
    }
}

/// Writes a sign of life. A reader sees this one or the one before.
///
/// # Errors
///
/// The file cannot be written.
pub(super) fn write(dir: &Path, pulse: Pulse) -> io::Result<()> {
    let draft = dir.join(FILE).with_extension("new");
    let word = if pulse.polls { POLLING } else { WAITING };
    // Left out where there are none: a sitrepd of before reads such a line.
    let given_up = if pulse.given_up > 0 { format!(" {}", pulse.given_up) } else { String::new() };
    fs::write(&draft, format!("{} {word}{given_up}\n", pulse.at.timestamp()))?;
    fs::rename(&draft, dir.join(FILE))
}

/// Removes the sign of life: the daemon ends, or begins where one was killed.
pub fn remove(dir: &Path) {
    // A file that remains is soon too old.
    let _ = fs::remove_file(dir.join(FILE));
}

/// The last sign of life; `None` where there is none, or none that can be read.
///
/// # Errors
///
/// The file cannot be read.
pub fn read(dir: &Path) -> io::Result<Option<Pulse>> {
    match fs::read(dir.join(FILE)) {
        Ok(line) => Ok(parsed(&String::from_utf8_lossy(&line))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

const POLLING: &str = "polling";
const WAITING: &str = "waiting";

fn parsed(line: &str) -> Option<Pulse> {
    let (at, rest) = line.trim_end().split_once(' ')?;
    let (word, given_up) = rest.split_once(' ').unwrap_or((rest, "0"));
    let polls = match word {
        POLLING => true,
        WAITING => false,
        _ => return None,
    };
    Some(Pulse { at: Timestamp::from_timestamp(at.parse().ok()?, 0)?, polls, given_up: given_up.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_daemon_is_well_while_it_gives_signs_of_life() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let given = |seconds: i64, polls| Some(Pulse { at: now - TimeDelta::seconds(seconds), polls, given_up: 7 });
        for (pulse, expected) in [
            (None, Err(Unwell::Absent)),
            (given(0, true), Ok(())),
            (given(180, true), Ok(())),
            (given(181, true), Err(Unwell::Silent(Duration::from_secs(181)))),
            (given(-90, true), Ok(())),
            (given(-3_600, true), Err(Unwell::Silent(Duration::from_secs(3_600)))),
            (given(10, false), Err(Unwell::NoRoom)),
            (given(900, false), Err(Unwell::Silent(Duration::from_secs(900)))),
        ] {
            assert_eq!(judged(pulse, now), expected, "{pulse:?}");
        }
        assert_eq!(
            Unwell::Silent(Duration::from_secs(181)).to_string(),
            "the daemon was last heard from 3m 1s ago: it hangs or is gone"
        );
    }

    #[test]
    fn what_is_written_is_read_and_all_else_is_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        for (polls, given_up) in [(true, 0), (false, 0), (true, 12)] {
            let pulse = Pulse { at: "2026-11-26T12:00:00Z".parse().unwrap(), polls, given_up };
            write(dir.path(), pulse).unwrap();
            assert_eq!(read(dir.path()).unwrap(), Some(pulse));
        }
        remove(dir.path());
        assert_eq!(read(dir.path()).unwrap(), None);
        for line in [
            "",
            "1",
            "x polling",
            "1 sleeping",
            "1 polling many",
            "99999999999999999999 polling",
            "9223372036854775807 polling",
        ] {
            assert_eq!(parsed(line), None, "{line:?}");
        }
    }
}
