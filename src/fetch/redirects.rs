//! The way from the URL that was asked for to the one that answers. Pure, but for a line in the log.

use tracing::warn;
use url::Url;

use super::error::{FetchError, shown};
use crate::model::Redirect;

/// The hops made so far. Hops are followed by hand so that each can be judged, counted and remembered.
#[derive(Debug)]
pub(super) struct Trail {
    start: Url,
    here: Url,
    visited: Vec<Url>,
    hops: Vec<Redirect>,
    max: usize,
    /// Whether every hop said that the document moved for good and none left `https`.
    permanent: bool,
}

impl Trail {
    pub(super) fn new(start: &Url, max: usize) -> Self {
        let start = requestable(start.clone());
        Self { here: start.clone(), start, visited: Vec::new(), hops: Vec::new(), max, permanent: true }
    }

    /// The address to ask next.
    pub(super) fn here(&self) -> &Url {
        &self.here
    }

    /// Whether `status` sends the client to another address. 300 offers a choice and 304 is no redirect.
    pub(super) fn is_redirect(status: u16) -> bool {
        matches!(status, 301 | 302 | 303 | 307 | 308)
    }

    /// Follows one redirect. Where it leads is for the guard to judge.
    pub(super) fn follow(&mut self, status: u16, location: Option<&[u8]>) -> Result<(), FetchError> {
        // Sites put raw UTF-8 into the field, against RFC 3986; the parser encodes it.
        let target = location.map(String::from_utf8_lossy).and_then(|it| self.here.join(it.trim()).ok());
        let Some(target) = target.map(requestable) else {
            return Err(self.problem(format!("end at {}, which names no target", shown(&self.here))));
        };
        if target == self.here || self.visited.contains(&target) {
            return Err(self.problem(format!("go round in a loop at {}", shown(&target))));
        }
        if self.visited.len() >= self.max {
            return Err(self.problem(format!("are more than {}", self.max)));
        }
        let downgraded = self.here.scheme() == "https" && target.scheme() == "http";
        if downgraded {
            warn!(from = shown(&self.here), to = shown(&target), "redirected from https to http");
        }
        self.permanent &= matches!(status, 301 | 308) && !downgraded;
        self.hops.push(Redirect { status, to: target.to_string() });
        self.visited.push(std::mem::replace(&mut self.here, target));
        Ok(())
    }

    /// Where the document lives now, if every redirect on the way was permanent (RFC 9110 §15.4.2 and §15.4.9).
    pub(super) fn moved_to(&self) -> Option<Url> {
        (self.permanent && !self.visited.is_empty()).then(|| self.here.clone())
    }

    /// The redirects that were followed so far.
    pub(super) fn hops(&self) -> &[Redirect] {
        &self.hops
    }

    /// The redirects that were followed.
    pub(super) fn into_hops(self) -> Vec<Redirect> {
        self.hops
    }

    fn problem(&self, problem: String) -> FetchError {
        FetchError::Redirects { url: shown(&self.start), problem }
    }
}

/// Without what is never sent: the fragment, and credentials that a feed or a redirect smuggles in.
fn requestable(mut url: Url) -> Url {
    url.set_fragment(None);
    // These fail only for URLs that cannot carry credentials; the guard refuses them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "https://a.example/start";

    /// Follows `hops` from [`START`]; gives the last address, and where the document moved.
    fn walk(hops: &[(u16, &str)]) -> Result<(String, Option<String>), String> {
        let mut trail = Trail::new(&START.parse().unwrap(), 3);
        for (status, location) in hops {
            trail.follow(*status, Some(location.as_bytes())).map_err(|error| error.to_string())?;
        }
        Ok((trail.here().to_string(), trail.moved_to().map(String::from)))
    }

    #[track_caller]
    fn check(hops: &[(u16, &str)], last: &str, moves: bool) {
        assert_eq!(walk(hops), Ok((last.to_owned(), moves.then(|| last.to_owned()))));
    }

    #[test]
    fn moved_only_if_every_hop_is_permanent() {
        check(&[], START, false);
        check(&[(301, "/b")], "https://a.example/b", true);
        check(&[(301, "/b"), (308, "https://b.example/c")], "https://b.example/c", true);
        check(&[(301, "/b"), (302, "/c"), (301, "/d")], "https://a.example/d", false);
        check(&[(307, "/b")], "https://a.example/b", false);
        check(&[(301, "http://a.example/b")], "http://a.example/b", false);
    }

    #[test]
    fn targets_are_read_as_browsers_do() {
        check(&[(302, "next?x=1#part")], "https://a.example/next?x=1", false);
        check(&[(302, "//b.example")], "https://b.example/", false);
        check(&[(302, " https://u:p@b.example/ ")], "https://b.example/", false);
        check(&[(302, "/новость")], "https://a.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C", false);
        check(&[(302, "file:///etc/passwd")], "file:///etc/passwd", false);
    }

    #[test]
    fn problems_are_told() {
        let message = |hops| walk(hops).unwrap_err();
        assert_eq!(
            message(&[(302, "/start#top")]),
            "redirects from https://a.example/start go round in a loop at https://a.example/start"
        );
        assert_eq!(
            message(&[(302, "/b"), (302, "/c"), (302, "/b")]),
            "redirects from https://a.example/start go round in a loop at https://a.example/b"
        );
        assert_eq!(
            message(&[(302, "/b"), (302, "/c"), (302, "/d"), (302, "/e")]),
            "redirects from https://a.example/start are more than 3"
        );
        assert_eq!(
            message(&[(302, "http://[")]),
            "redirects from https://a.example/start end at https://a.example/start, which names no target"
        );
        let mut trail = Trail::new(&START.parse().unwrap(), 3);
        trail.follow(301, None).unwrap_err();
    }
}
