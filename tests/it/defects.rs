//! A defect of the program stays with what it was met by: the daemon goes on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::TimeDelta;
use sitrepd::{
    decide::source::Answer,
    model::{Condition, Fault},
};

use crate::support::{
    daemon::Home,
    hooked::Hooked,
    site::{Site, rss},
};

/// Found in a review: a panic beside the reading of a source ended the daemon, again after each restart.
#[tokio::test]
async fn a_source_whose_poll_panics_waits_and_is_polled_again() {
    let site = Site::start().await;
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("paper", site.url("/feed").as_str())]);
    let is_broken = Arc::new(AtomicBool::new(false));
    let hook = Arc::clone(&is_broken);
    let store = Hooked::new(home.store()).on_source_state(move |_| {
        assert!(!hook.swap(false, Ordering::SeqCst), "a defect of the program");
        Ok(())
    });
    let daemon = home.start_over(Arc::new(store));
    site.put("/feed", 200, &[], rss(&[]));
    let first = daemon.poll("paper").await;
    let read = daemon.state("paper");
    is_broken.store(true, Ordering::SeqCst);
    home.clock.advance(TimeDelta::hours(1));
    let report = daemon.poll("paper").await;
    assert!(matches!(report.answer, Answer::Failed { fault: Fault::Defect, .. }), "{report:?}");
    let state = daemon.state("paper");
    assert_eq!((state.failures, state.health.condition), (1, Condition::Failing(Fault::Defect)));
    assert_eq!((state.succeeded, state.polls), (read.succeeded, 2), "what was known of it is known");
    assert!(state.due > home.clock.now() + TimeDelta::minutes(30), "{}", state.due);
    home.clock.advance(TimeDelta::days(1));
    assert_eq!(daemon.poll("paper").await.health.condition, first.health.condition);
}
