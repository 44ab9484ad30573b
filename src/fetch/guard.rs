//! Which addresses may be reached: public ones, and the few private hosts that the configuration names.
//!
//! The rule holds at two places, because one is not enough. [`PublicResolver`] drops addresses that are not
//! public after a name is resolved and before a connection is made, so a name that changes its address
//! between a check and its use gains nothing. Hosts written as addresses never reach a resolver:
//! [`Guard::check`] judges those, on the first URL and on each redirect.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::{FetchError, shown};

/// The longest URL that is fetched. RFC 9110 §4.1 asks for at least 8,000; a longer one is an attack on logs and
/// stores.
const MAX_URL_BYTES: usize = 8_192;

/// Whether `ip` is an address of the public internet: none of the IANA special-purpose ranges
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, and the same for IPv6), no multicast.
///
/// An IPv6 address that carries an IPv4 address is as public as that one.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

#[expect(clippy::match_same_arms, reason = "one rule a line, with its source")]
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0, ..] => true,                                               // "this network", RFC 791
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,        // private, RFC 1918
        [100, 64..=127, ..] => true,                                   // carrier-grade NAT, RFC 6598
        [127, ..] => true,                                             // loopback, RFC 1122
        [169, 254, ..] => true,                                        // link-local, cloud metadata, RFC 3927
        [192, 0, 0, _] => true,                                        // protocol assignments, RFC 6890
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true, // documentation, RFC 5737
        [192, 88, 99, _] => true,                                      // 6to4 relays, RFC 7526
        [198, 18..=19, ..] => true,                                    // benchmarks, RFC 2544
        [224..=255, ..] => true, // multicast, reserved, broadcast, RFC 5771, 1112 and 8190
        _ => false,
    };
    !special
}

#[expect(clippy::match_same_arms, reason = "one rule a line, with its source")]
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // IPv4-mapped, RFC 4291 §2.5.5.2: the socket layer dials the IPv4 address.
        [0, 0, 0, 0, 0, 0xffff, high, low] => is_public_v4(embedded(high, low)),
        // NAT64, RFC 6052: a gateway dials the IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        // Teredo, RFC 4380: the address of a server, and that of the client with every bit turned.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            is_public_v4(embedded(server_high, server_low)) && is_public_v4(embedded(!high, !low))
        }
        // Protocol assignments, RFC 2928: benchmarks, ORCHID and the like; none serves news.
        [0x2001, 0..=0x1ff, ..] => false,
        // Documentation, RFC 3849 and RFC 9637.
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // 6to4, RFC 3056.
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // Global unicast, 2000::/3, is all that IANA has given out. What lies outside is special: the unspecified
        // and the loopback address, IPv4-compatible ::/96, discard-only 100::/64, local NAT64 64:ff9b:1::/48,
        // segment routing 5f00::/16, unique local fc00::/7, link-local fe80::/10, site-local fec0::/10 and
        // multicast ff00::/8.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// A host that may be reached although its address is not public.
///
/// Read from `"127.0.0.1"`, `"127.0.0.1:8099"`, `"[::1]:80"` or `"intranet.example:8080"`. It stands for
/// the host as a URL writes it, so the entry `127.0.0.1` does not open `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: Host,
    port: Option<u16>,
}

/// A text that names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host name or an address, with or without a port")]
pub struct AllowedHostError(pub String);

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || AllowedHostError(text.to_owned());
        if let Ok(ip) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: Host::Ipv6(ip), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().map_err(|_| wrong())?)),
            _ => (text, None),
        };
        // A host name may hold a `*`, but here it is meant as a wild card, and none is offered.
        if host.contains('*') {
            return Err(wrong());
        }
        let host = Host::parse(host).map_err(|_| wrong())?;
        Ok(Self { host: without_dot(host), port })
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => write!(f, "{}", self.host),
        }
    }
}

/// `a.example.` is the same host as `a.example`.
fn without_dot(host: Host) -> Host {
    match host {
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned()),
        ip => ip,
    }
}

/// How a URL that passed may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// To public addresses only.
    Public,
    /// To any address: the configuration names this host and port.
    Allowed,
}

/// Judges URLs before they are requested.
#[derive(Debug)]
pub(super) struct Guard {
    allowed: Vec<AllowedHost>,
}

impl Guard {
    pub(super) fn new(allowed: Vec<AllowedHost>) -> Self {
        Self { allowed }
    }

    /// Whether any host is allowed by name or address.
    pub(super) fn allows_any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Judges scheme, host and port. A name that passes as [`Passage::Public`] is judged again when it is resolved.
    pub(super) fn check(&self, url: &Url) -> Result<Passage, FetchError> {
        let refused = |reason| Err(FetchError::Refused { url: shown(url), reason });
        if !matches!(url.scheme(), "http" | "https") {
            return refused("its scheme is neither http nor https");
        }
        if url.as_str().len() > MAX_URL_BYTES {
            return refused("it is longer than 8192 bytes");
        }
        let Some(host) = url.host() else {
            return refused("it names no host");
        };
        let host = without_dot(host.to_owned());
        let port = url.port_or_known_default();
        if self.allowed.iter().any(|it| it.host == host && (it.port.is_none() || it.port == port)) {
            return Ok(Passage::Allowed);
        }
        let ip = match host {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            Host::Domain(_) => return Ok(Passage::Public),
        };
        match is_public(ip) {
            true => Ok(Passage::Public),
            false => refused(NOT_PUBLIC),
        }
    }
}

/// A message that the host of `url` is not public, and what to configure to allow it; `None` if it may be requested. It
/// shows only host and port of the address, which may be a password.
pub fn private_host(url: &Url, allowed: &[AllowedHost]) -> Option<String> {
    if !is_private(url, allowed) {
        return None;
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().map(|it| format!(":{it}")).unwrap_or_default();
    Some(format!(
        "{host}, which is not public: nothing goes there before [fetch] allow_private names it, as \"{host}{port}\""
    ))
}

/// Whether the host of `url` is not public as it is written, and none of `allowed`: a private address, or a name of
/// this machine. Other names are judged when they are resolved.
fn is_private(url: &Url, allowed: &[AllowedHost]) -> bool {
    match (Guard::new(allowed.to_vec()).check(url), url.host()) {
        (Ok(Passage::Public), Some(Host::Domain(name))) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        (Err(_), Some(Host::Ipv4(_) | Host::Ipv6(_))) => true,
        _ => false,
    }
}

/// Why a private address is refused.
pub(super) const NOT_PUBLIC: &str = "its address is not public, and [fetch] allow_private does not name it";

/// A name that resolves to no public address.
#[derive(Debug, thiserror::Error)]
#[error("no public address among those of {0}")]
pub(super) struct NotPublic(String);

/// Resolves a name as the system does and keeps its public addresses.
///
/// It runs when a connection is made: the addresses it gives are the ones dialled, with no second look-up
/// that could answer otherwise.
#[derive(Debug)]
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = lookup(name.as_str()).await?;
            Ok(Box::new(public_only(name.as_str(), found)?.into_iter()) as Addrs)
        })
    }
}

/// The port is set by the client; 0 stands for the URL's.
async fn lookup(name: &str) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

fn public_only(name: &str, mut found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    found.retain(|it| is_public(it.ip()));
    match found.is_empty() {
        true => Err(NotPublic(name.to_owned())),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_private_as_they_are_written() {
        let allowed = ["10.0.0.5:8080", "nas.example"].map(|it| it.parse().unwrap());
        for (url, expected) in [
            ("http://10.0.0.5/in", true),
            ("http://10.0.0.5:8080/in", false),
            ("https://192.168.1.7/in", true),
            ("http://[::1]:9/in", true),
            ("http://localhost:9/in", true),
            ("http://desk.localhost./in", true),
            ("https://nas.example/in", false),
            ("https://desk.example/in", false),
            ("https://1.1.1.1/in", false),
        ] {
            assert_eq!(is_private(&url.parse().unwrap(), &allowed), expected, "{url}");
        }
    }

    #[test]
    fn public_addresses() {
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            // Teredo: server 65.54.227.120, client 8.8.8.8.
            "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn special_addresses() {
        for ip in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:0:808:808",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2001:0:a00:1:8000:63bf:f7f7:f7f7",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "3fff:fff:ffff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[track_caller]
    fn check(allowed: &[&str], url: &str, expected: Option<Passage>) {
        let guard = Guard::new(allowed.iter().map(|it| it.parse().unwrap()).collect());
        let passed = guard.check(&url.parse().unwrap());
        assert_eq!(passed.as_ref().ok(), expected.as_ref(), "{url} with {allowed:?}: {passed:?}");
    }

    #[test]
    fn spellings_of_private_hosts() {
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.1./",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://１２７.0.0.1/",
            "http://127%2e0%2e0%2e1/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://user:pass@169.254.169.254/latest/meta-data/",
        ] {
            check(&[], url, None);
        }
    }

    #[test]
    fn only_the_web() {
        for url in ["file:///etc/passwd", "gopher://a.example/", "ftp://a.example/x", "data:text/html,x"] {
            check(&["127.0.0.1", "a.example"], url, None);
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_URL_BYTES));
        check(&[], &long, None);
        check(&[], "https://a.example/", Some(Passage::Public));
        check(&[], "http://8.8.8.8/", Some(Passage::Public));
    }

    #[test]
    fn allows_the_named_host_and_port_only() {
        let allowed = Some(Passage::Allowed);
        check(&["127.0.0.1"], "http://127.0.0.1:9/", allowed);
        check(&["127.0.0.1"], "http://localhost:9/", Some(Passage::Public));
        check(&["127.0.0.1"], "http://127.0.0.2/", None);
        check(&["127.0.0.1:8099"], "http://127.0.0.1:8099/", allowed);
        check(&["127.0.0.1:8099"], "http://127.0.0.1:8098/", None);
        check(&["127.0.0.1:8099"], "http://127.0.0.1/", None);
        check(&["127.0.0.1:80"], "http://127.0.0.1/", allowed);
        check(&["[::1]:443"], "https://[::1]/", allowed);
        check(&["[::1]:443"], "http://[::1]/", None);
        check(&["::1"], "http://[::1]:1/", allowed);
        check(&["Intranet.example:8080"], "http://intranet.example.:8080/", allowed);
        check(&["intranet.example:8080"], "http://intranet.example/", Some(Passage::Public));
    }

    #[test]
    fn allowed_hosts_are_written_as_they_are_read() {
        for text in ["127.0.0.1", "127.0.0.1:8099", "[::1]:80", "[::1]", "intranet.example:8080"] {
            assert_eq!(text.parse::<AllowedHost>().unwrap().to_string(), text);
        }
        for text in ["", ":80", "10.0.0.0/8", "*.example", "127.0.0.1:x", "127.0.0.1:99999", "http://a.example/", "a b"]
        {
            assert_eq!(text.parse::<AllowedHost>(), Err(AllowedHostError(text.to_owned())));
        }
    }

    /// A name may have another address at each look-up (DNS rebinding): what one was found to be says nothing about
    /// the next, and the addresses that were judged are the ones dialled.
    #[tokio::test]
    async fn each_look_up_is_judged_by_itself() {
        let public = "93.184.216.34:0".parse().unwrap();
        let private = "127.0.0.1:0".parse().unwrap();
        for found in [vec![public], vec![private], vec![public, private]] {
            let kept = public_only("a.example", found.clone());
            assert_eq!(kept.ok(), found.contains(&public).then(|| vec![public]), "{found:?}");
        }
        let name = "localhost".parse().unwrap();
        assert!(PublicResolver.resolve(name).await.is_err());
    }

    #[test]
    fn only_public_addresses_of_a_name_are_kept() {
        let found = |ips: &[&str]| ips.iter().map(|it| SocketAddr::new(it.parse().unwrap(), 0)).collect::<Vec<_>>();
        let mixed = found(&["10.0.0.1", "1.1.1.1", "::1"]);
        assert_eq!(public_only("a.example", mixed).unwrap(), found(&["1.1.1.1"]));
        public_only("a.example", found(&["127.0.0.1", "::1"])).unwrap_err();
        public_only("a.example", Vec::new()).unwrap_err();
    }
}
