//! The way from the URL that was asked for to the one that answers. Pure, but for a line in the log.

use tracing::warn;
use url::Url;

use super::{
    cookies::Cookies,
    error::{FetchError, shown},
};
use crate::model::Redirect;

/// Maximum requests to one address in a chain: a site that sets another cookie each time goes round in a loop too.
const MAX_SAME: usize = 3;

/// The hops made so far. Hops are followed by hand so that each can be judged, counted and remembered.
#[derive(Debug)]
pub(super) struct Trail {
    start: Url,
    here: Url,
    /// The addresses that were asked, with the cookies that were sent there.
    visited: Vec<(Url, Option<String>)>,
    cookies: Cookies,
    hops: Vec<Redirect>,
    max: usize,
    /// Whether every hop said that the document moved for good and none left `https`.
    permanent: bool,
}

impl Trail {
    pub(super) fn new(start: &Url, max: usize) -> Self {
        let start = requestable(start.clone());
        let (visited, cookies, hops) = (Vec::new(), Cookies::default(), Vec::new());
        Self { here: start.clone(), start, visited, cookies, hops, max, permanent: true }
    }

    /// The address to ask next.
    pub(super) fn here(&self) -> &Url {
        &self.here
    }

    /// The cookies that redirects have set for that address.
    pub(super) fn cookies(&self) -> Option<String> {
        self.cookies.of(&self.here)
    }

    /// Whether `status` sends the client to another address. 300 offers a choice and 304 is no redirect.
    pub(super) fn is_redirect(status: u16) -> bool {
        matches!(status, 301 | 302 | 303 | 307 | 308)
    }

    /// Follows one redirect, whose answer had the given `Location` and `Set-Cookie` fields. Where it leads is for the
    /// guard to judge.
    pub(super) fn follow<'a>(
        &mut self,
        status: u16,
        location: Option<&[u8]>,
        set_cookie: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(), FetchError> {
        // Sites put raw UTF-8 into the field, against RFC 3986; the parser encodes it.
        let target = location.map(String::from_utf8_lossy).and_then(|it| self.here.join(it.trim()).ok());
        let Some(target) = target.map(requestable) else {
            return Err(self.problem(format!("end at {}, which names no target", shown(&self.here))));
        };
        self.visited.push((self.here.clone(), self.cookies()));
        self.cookies.take(&self.here, set_cookie);
        let cookies = self.cookies.of(&target);
        // The same address with other cookies is another request: sites send the client round once to set them.
        let before = || self.visited.iter().filter(|(it, _)| *it == target);
        if before().any(|(_, sent)| *sent == cookies) || before().count() >= MAX_SAME {
            return Err(self.problem(format!("go round in a loop at {}", shown(&target))));
        }
        if self.visited.len() > self.max {
            return Err(self.problem(format!("are more than {}", self.max)));
        }
        let downgraded = self.here.scheme() == "https" && target.scheme() == "http";
        if downgraded {
            warn!(from = shown(&self.here), to = shown(&target), "redirected from https to http");
        }
        self.permanent &= matches!(status, 301 | 308) && !downgraded;
        self.hops.push(Redirect { status, to: target.to_string() });
        self.here = target;
        Ok(())
    }

    /// Where the document lives now, if every redirect on the way was permanent (RFC 9110 §15.4.2 and §15.4.9).
    pub(super) fn moved_to(&self) -> Option<Url> {
        (self.permanent && self.here != self.start).then(|| self.here.clone())
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
            trail.follow(*status, Some(location.as_bytes()), []).map_err(|error| error.to_string())?;
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

    /// Found in a test with a site that asks for a cookie: it was called a loop.
    #[test]
    fn the_same_address_with_other_cookies_is_no_loop() {
        let mut trail = Trail::new(&START.parse().unwrap(), 10);
        let mut follow = |location: &str, set: &str| {
            let res = trail.follow(301, Some(location.as_bytes()), [set.as_bytes()]);
            res.map(|()| (trail.cookies(), trail.moved_to())).map_err(|error| error.to_string())
        };
        assert_eq!(follow("/start", "k=1"), Ok((Some("k=1".to_owned()), None)));
        let looped = "redirects from https://a.example/start go round in a loop at https://a.example/start";
        assert_eq!(follow("/start", "k=1"), Err(looped.to_owned()));

        let mut trail = Trail::new(&START.parse().unwrap(), 10);
        let mut follow = |set: &str| trail.follow(302, Some(b"/start"), [set.as_bytes()]);
        follow("k=1").unwrap();
        follow("k=2").unwrap();
        assert_eq!(follow("k=3").unwrap_err().to_string(), looped);
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
        trail.follow(301, None, []).unwrap_err();
    }
}
