//! Politeness: how many requests run at once, and how soon one host is asked again.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};
use url::Url;

/// Below this many hosts nothing is swept.
const SWEEP_FROM: usize = 64;

/// Lets requests in, in the order they come for each host.
#[derive(Debug)]
pub(super) struct Hosts {
    limits: Limits,
    total: Arc<Semaphore>,
    map: Mutex<Map>,
}

/// How many requests run, and how soon one host is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Requests at once; 0 is read as 1.
    pub(super) total: usize,
    /// Requests to one host at once; 0 is read as 1.
    pub(super) per_host: usize,
    /// Between the starts of two requests to one host.
    pub(super) min_delay: Duration,
}

#[derive(Debug)]
struct Map {
    hosts: HashMap<String, Arc<Gate>>,
    /// The size at which hosts that nothing waits for are dropped.
    sweep_at: usize,
}

#[derive(Debug)]
struct Gate {
    running: Arc<Semaphore>,
    /// When the next request may start. Whoever holds the lock is next; tokio's locks are fair.
    turn: AsyncMutex<Instant>,
}

/// The right to have one request running; given back when dropped.
///
/// A permit is `None` only if its semaphore were closed, which never happens.
#[derive(Debug)]
#[must_use]
pub(super) struct Pass {
    /// Keeps the gate in the map while the request runs, so that the bound holds.
    _gate: Arc<Gate>,
    _host: Option<OwnedSemaphorePermit>,
    _total: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    /// With nothing under way.
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            total: Arc::new(Semaphore::new(limits.total.max(1))),
            map: Mutex::new(Map { hosts: HashMap::new(), sweep_at: SWEEP_FROM }),
        }
    }

    /// New turns under other limits. No host is asked sooner because of that; running requests under the old limits are
    /// not counted.
    pub(super) fn renewed(self: &Arc<Self>, limits: Limits) -> Arc<Self> {
        if limits == self.limits {
            return Arc::clone(self);
        }
        let res = Self::new(limits);
        let (old, mut new) = (self.map.lock(), res.map.lock().unwrap_or_else(PoisonError::into_inner));
        for (host, gate) in &old.unwrap_or_else(PoisonError::into_inner).hosts {
            // If somebody waits for the turn, its time is unknown; the new one then starts a full delay from now.
            let turn = gate.turn.try_lock().map_or_else(|_| Instant::now() + self.limits.min_delay, |it| *it);
            new.hosts.insert(host.clone(), Arc::new(res.gate_from(turn)));
        }
        drop(new);
        Arc::new(res)
    }

    fn gate_from(&self, turn: Instant) -> Gate {
        Gate { running: Arc::new(Semaphore::new(self.limits.per_host.max(1))), turn: AsyncMutex::new(turn) }
    }

    /// Waits for its turn. After this request the host is left alone for `delay`, if that is longer than the
    /// delay of all hosts. Dropping the future leaves the queue.
    pub(super) async fn enter(&self, host: &str, delay: Duration) -> Pass {
        let Ok(pass) = self.enter_if(host, delay, || Ok::<_, Infallible>(())).await;
        pass
    }

    /// Waits for its turn, if `may` still allows it then. A refused request takes no turn, so that a long queue
    /// disappears at once.
    pub(super) async fn enter_if<E>(
        &self,
        host: &str,
        delay: Duration,
        may: impl FnOnce() -> Result<(), E>,
    ) -> Result<Pass, E> {
        let gate = self.gate(host);
        let host = Arc::clone(&gate.running).acquire_owned().await.ok();
        let mut turn = gate.turn.lock().await;
        sleep_until(*turn).await;
        // Taken last, so that no request holds a total permit while waiting for one host; and under the lock, so that
        // waiting for the permit cannot bring two starts closer together.
        let total = Arc::clone(&self.total).acquire_owned().await.ok();
        may()?;
        *turn = Instant::now() + delay.max(self.limits.min_delay);
        drop(turn);
        Ok(Pass { _gate: gate, _host: host, _total: total })
    }

    fn gate(&self, host: &str) -> Arc<Gate> {
        // A panic elsewhere leaves the map whole: it is only ever extended or swept.
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = map.hosts.get(host) {
            return Arc::clone(gate);
        }
        if map.hosts.len() >= map.sweep_at {
            let now = Instant::now();
            // Gates are handed out under this lock: one that only the map holds has nobody waiting or
            // running, and one whose delay has passed may as well be made anew.
            map.hosts.retain(|_, gate| Arc::get_mut(gate).is_none_or(|gate| *gate.turn.get_mut() > now));
            map.sweep_at = (map.hosts.len() * 2).max(SWEEP_FROM);
        }
        let gate = Arc::new(self.gate_from(Instant::now()));
        map.hosts.insert(host.to_owned(), Arc::clone(&gate));
        gate
    }
}

/// Turns are taken by name, whatever the port: it is the same machine that is spared.
pub(super) fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use futures_util::future::join_all;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Runs a request of `length` to each host; returns the second each started at.
    async fn starts(hosts: &Hosts, names: &[&str], length: Duration) -> Vec<u64> {
        let began = Instant::now();
        let requests = names.iter().map(async |name| {
            let _pass = hosts.enter(name, Duration::ZERO).await;
            let start = began.elapsed().as_secs();
            tokio::time::sleep(length).await;
            start
        });
        join_all(requests).await
    }

    fn hosts(total: usize, per_host: usize, min_delay: Duration) -> Hosts {
        Hosts::new(Limits { total, per_host, min_delay })
    }

    #[tokio::test(start_paused = true)]
    async fn starts_are_apart_and_in_order() {
        let hosts = hosts(10, 10, 2 * SECOND);
        assert_eq!(starts(&hosts, &["a", "a", "b", "a"], SECOND).await, [0, 2, 0, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_host_at_a_time() {
        let hosts = hosts(10, 1, 2 * SECOND);
        assert_eq!(starts(&hosts, &["a", "a", "b", "a"], 5 * SECOND).await, [0, 5, 0, 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_the_whole_keeps_starts_apart() {
        let hosts = hosts(1, 10, 2 * SECOND);
        let began = Instant::now();
        let first = hosts.enter("other", Duration::ZERO).await;
        let (starts, ()) = tokio::join!(starts(&hosts, &["a", "a"], Duration::ZERO), async {
            tokio::time::sleep(7 * SECOND).await;
            drop(first);
        });
        assert_eq!(starts, [7, 9]);
        assert_eq!(began.elapsed().as_secs(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn bounds_hold_in_a_crowd() {
        let hosts = hosts(3, 2, Duration::ZERO);
        let running = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let requests = (0..40).map(async |n: u32| {
            let _pass = hosts.enter(["a", "b", "c"][n as usize % 3], Duration::ZERO).await;
            most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::time::sleep(SECOND).await;
            running.fetch_sub(1, SeqCst);
        });
        join_all(requests).await;
        assert_eq!(most.load(SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn longer_delay_of_one_host() {
        let hosts = hosts(10, 10, SECOND);
        let began = Instant::now();
        drop(hosts.enter("a", 30 * SECOND).await);
        drop(hosts.enter("b", Duration::ZERO).await);
        assert_eq!(began.elapsed(), Duration::ZERO);
        drop(hosts.enter("a", Duration::ZERO).await);
        assert_eq!(began.elapsed(), 30 * SECOND);
        drop(hosts.enter("a", Duration::ZERO).await);
        assert_eq!(began.elapsed(), 31 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn leaving_the_queue_blocks_nobody() {
        let hosts = hosts(1, 1, SECOND);
        let first = hosts.enter("a", Duration::ZERO).await;
        tokio::time::timeout(SECOND, hosts.enter("a", Duration::ZERO)).await.unwrap_err();
        drop(first);
        drop(hosts.enter("a", Duration::ZERO).await);
    }

    #[tokio::test(start_paused = true)]
    async fn other_limits_let_nobody_be_asked_sooner() {
        let old = Arc::new(hosts(10, 1, SECOND));
        drop(old.enter("a", 30 * SECOND).await);
        let began = Instant::now();
        assert!(Arc::ptr_eq(&old, &old.renewed(old.limits)));
        let new = old.renewed(Limits { per_host: 2, ..old.limits });
        let (_first, _second) = (new.enter("a", Duration::ZERO).await, new.enter("a", Duration::ZERO).await);
        assert_eq!(began.elapsed(), 31 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn forgets_hosts_that_rest() {
        let hosts = hosts(10, 1, SECOND);
        let running = hosts.enter("running", Duration::ZERO).await;
        drop(hosts.enter("delayed", 86_400 * SECOND).await);
        for n in 0..10_000 {
            drop(hosts.enter(&format!("{n}.example"), Duration::ZERO).await);
            tokio::time::advance(2 * SECOND).await;
        }
        let held = |hosts: &Hosts| hosts.map.lock().unwrap().hosts.len();
        assert!(held(&hosts) <= 2 * SWEEP_FROM, "{} hosts held", held(&hosts));
        for name in ["running", "delayed"] {
            assert!(hosts.map.lock().unwrap().hosts.contains_key(name), "{name} forgotten");
        }
        drop(running);
    }
}
