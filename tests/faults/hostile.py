#!/usr/bin/env python3
"""What a hostile internet sends, to the whole program, in a network of its own.

    hostile.py [--program target/debug/sitrepd] [--cpu 2.0] [--memory 150] [NAME…]

In a namespace of its own every address is this machine: a public one, from which the attacker serves, a second, from which another
publisher does, and one of every kind that is not public, with listeners that count. Each case is one `sitrepd poll` with a source
of the attacker's and one of the other publisher, which is well. It must end by itself, without a panic; nothing but the public
addresses may be connected to; the source that is well must be read; and it may take no more than `--cpu` seconds of a processor and
`--memory` MB. That the listeners count is shown first. Needs `unshare`, `ip` and `mount`. Prints what it saw as JSON and exits with
1 where a case went wrong."""

import argparse
import base64
import gzip
import itertools
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

PUBLIC = "11.22.33.44"
# A host of its own: what the attacker's asks of its visitors (`Retry-After`) rightly holds for all that it serves.
WELL = "22.33.44.55"
PRIVATE = [
    "127.0.0.1", "169.254.169.254", "10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "2001:db8::1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::", "::127.0.0.1", "100::1", "2001:10::1",
]
PORTS = [80, 8080, 443, 22]
# As addresses may be written, in a feed or a redirect.
SPELLINGS = [
    *(f"[{it}]" if ":" in it else it for it in PRIVATE),
    "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::]", "0x7f000001", "017700000001", "127.0.0.1.", "127.000.000.001",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:7f00:1]", "%31%32%37.0.0.1", "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1",
    "localhost", "LOCALHOST.", "private.example", "meta.example", "six.example", "mapped.example",
]
HOSTS = {
    "private.example": ["127.0.0.1"], "meta.example": ["169.254.169.254"], "six.example": ["::1"], "mapped.example": ["::ffff:10.0.0.1"],
    "mixed.example": ["10.0.0.1", PUBLIC, "::1"], "news.example": [PUBLIC], "localhost": ["127.0.0.1", "::1"],
}


def in_namespace():
    """Starts this program again where it may do all this."""
    if os.environ.get("IN_NAMESPACE") != "1":
        os.environ["IN_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--map-root-user", "--net", "--mount", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for it in [PUBLIC, WELL, *PRIVATE]:
        subprocess.run(["ip", "addr", "add", it + ("/128" if ":" in it else "/32"), "dev", "lo"], stderr=subprocess.DEVNULL)


def name_hosts(scratch):
    """Names that lead where the attacker wants; one that changes its address at each look-up, by a server of its own."""
    (scratch / "hosts").write_text("".join(f"{address} {name}\n" for name, all in HOSTS.items() for address in all))
    (scratch / "resolv").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", scratch / "hosts", "/etc/hosts"], check=True)
    subprocess.run(["mount", "--bind", scratch / "resolv", "/etc/resolv.conf"], check=True)
    threading.Thread(target=resolve, daemon=True).start()


def resolve():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    asked = 0
    while True:
        query, client = server.recvfrom(512)
        name_ends = query.index(b"\0", 12) + 1
        kind, = struct.unpack(">H", query[name_ends : name_ends + 2])
        answer = b""
        if kind == 1:
            asked += 1
            address = PUBLIC if asked % 2 else "127.0.0.1"
            answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
        head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if answer else 0, 0, 0)
        server.sendto(head + query[12 : name_ends + 4] + answer, client)


class Net:
    """Listens at every address; serves at the public ones and counts at the others."""

    def __init__(self):
        self.counted, self.routes, self.lock = [], {}, threading.Lock()
        for port in PORTS:
            server = socket.socket(socket.AF_INET6)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            server.bind(("::", port))
            server.listen(256)
            threading.Thread(target=self.accept, args=(server,), daemon=True).start()

    def accept(self, server):
        while True:
            connection, _ = server.accept()
            address = connection.getsockname()[0].removeprefix("::ffff:")
            if address in (PUBLIC, WELL):
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()
            else:
                with self.lock:
                    self.counted.append(address)
                connection.close()

    def serve(self, connection):
        try:
            with connection:
                connection.settimeout(20)
                asked = b""
                while b"\r\n\r\n" not in asked and (more := connection.recv(65536)):
                    asked += more
                path = asked.split(b" ")[1].decode() if asked.count(b" ") > 1 else ""
                answer = self.routes.get(path, reply(b"not here", status="404 Not Found"))
                answer(connection) if callable(answer) else connection.sendall(answer)
        except OSError:
            pass


def reply(body, kind="application/rss+xml", status="200 OK", headers=()):
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def go_to(url, status="302 Found"):
    return reply(b"", status=status, headers=[f"Location: {url}"])


def item(title="A report", link=None, more=""):
    return f"<item><title>{title}</title>{f'<link>{link}</link>' if link else ''}<description>Some words in brief.</description>{more}</item>"


def rss(*items, before=""):
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>A feed</title>{"".join(items)}</channel></rss>'


TEXT = "".join(f"<p>The talks in the capital went on for day {n}, said a person who was there, and will go on.</p>" for n in range(12))


def html(body, head=""):
    return reply(f"<html><head><title>A page</title>{head}</head><body><article><h1>A page</h1>{body}{TEXT}</article></body></html>", "text/html")


def slowly(piece, pause, times=100, head=b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"):
    def send(connection):
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(piece)
            time.sleep(pause)

    return send


def in_pieces(pieces, kind="application/rss+xml"):
    """A large answer that is never whole in this process: what the kernel says that a program took is never less than what took the process that started it."""
    def send(connection):
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        for it in pieces():
            connection.sendall(it.encode())

    return send


def feed_of(items):
    return in_pieces(lambda: itertools.chain(['<rss version="2.0"><channel><title>A feed</title>'], items(), ["</channel></rss>"]))


def json_of(item):
    block = ",".join([item] * 5_000)
    blocks = 19_900_000 // (len(block) + 1)
    head = '{"version":"https://jsonfeed.org/version/1.1","items":['
    return in_pieces(lambda: itertools.chain([head], (block + "," for _ in range(blocks)), [item, "]}"]), "application/feed+json")


def packed(encoding, body):
    return reply(body, headers=[f"Content-Encoding: {encoding}"])


def nested(gz, times):
    for _ in range(times):
        gz = gzip.compress(gz)
    return gz


# 200 MB of zeros by Brotli at its ninth level: Python has no encoder of its own.
BROTLI = base64.b64decode(
    "y///PwAkAOKxQHLv//j//weABEAcFoDu/R////8AkACIwwLQvf/j//8fABIAcVgAuvd//P//A0ACIA4LQPf+j///fwBIAMRhAeje//H//w8ACYA4LADd+z/+"
    "//8BIAEQhwWge//H//8/ACQA4rAAdO//+P//B4AEQBwWgO79H////wCQAIjDAtC9/+P//x8AEgBxWAC693/8//8DQAIgDgtA9/6P//9/AEgAxGEB6N7/8f//"
    "DwAJgDgsAN37P/7//wEgARCHBaB7/8f//z8AJADisAB07//4//8HgARAHBaA7v0f////AJAAiMMC0L3/4///HwASAHFYALr3f/z//wNAAiAOC0D3/o///38A"
    "SADEYQHo3v/x//8PAAmAOCwA3fs//v//ASABEIcFoHv/x///PwAkAOKwAHTv/wY="
)


def zstd(size):
    """So many zeros as a Zstandard frame (RFC 8878) of blocks that repeat one byte, in four bytes for 128 KiB."""
    step = 128 << 10
    blocks = range(0, size, step)
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join((int(it + step >= size) | 1 << 1 | step << 3).to_bytes(3, "little") + b"\0" for it in blocks)


def cases():
    """Name, address of the source where it is not the attacker's own, answer for the feed, answer for the page."""
    for it in SPELLINGS:
        yield f"source at {it}", f"http://{it}/feed", None, None
    for it in SPELLINGS:
        yield f"redirect to {it}", None, go_to(f"http://{it}/secret"), None
    for it in SPELLINGS:
        yield f"item at {it}", None, reply(rss(item(link=f"http://{it}:8080/secret"), item("Enclosed", more=f'<enclosure url="http://{it}/x" type="audio/mpeg" length="1"/>'))), None
    for it in ["127.0.0.1", "[::ffff:10.0.0.1]", "private.example", "mixed.example"]:
        yield f"page that goes to {it}", None, "page", go_to(f"http://{it}/secret", "301 Moved Permanently")
        secret = f"http://{it}/secret"
        yield f"page that names {it}", None, "page", html(f'<img src="{secret}"><iframe src="{secret}"></iframe>', f'<base href="{secret}"><meta http-equiv="refresh" content="0;url={secret}"><link rel="canonical" href="{secret}"><link rel="amphtml" href="{secret}"><link rel="next" href="{secret}"><link rel="icon" href="{secret}">')
    yield "name with public and private addresses", "http://mixed.example/GOOD", None, None
    yield "name that changes its address", "http://rebind.example/GOOD", None, None
    for it in ["file:///etc/passwd", "gopher://127.0.0.1:22/_x", "ftp://127.0.0.1/", "data:text/html,x", "javascript:alert(1)", "http://", "//", "http:///x", "\\\\127.0.0.1\\x", "http://11.22.33.44@127.0.0.1/", "http://127.0.0.1#@11.22.33.44/", "http://127.0.0.1\\@11.22.33.44/"]:
        yield f"redirect to {it}", None, go_to(it), None
    yield "redirect to itself", None, "loop", None
    plain = rss(item()).encode()
    endless = b"<item><title>x</title></item>" * 2000
    yield "body without an end", None, slowly(endless, 0, 2000), None
    yield "length of 10 TB", None, b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 10000000000000\r\n\r\n" + plain, None
    yield "bomb of gzip", None, packed("gzip", gzip.compress(bytes(200 << 20))), None
    yield "bomb of zlib", None, packed("deflate", zlib.compress(bytes(200 << 20))), None
    yield "bomb of br", None, packed("br", BROTLI), None
    yield "bomb of zstd, 16 KB to 512 MB", None, packed("zstd", zstd(512 << 20)), None
    yield "gzip twice", None, packed("gzip, gzip", nested(bytes(50 << 20), 2)), None
    yield "gzip that is none", None, packed("gzip", plain), None
    yield "gzip that is cut", None, packed("gzip", gzip.compress(plain)[:-9]), None
    yield "encoding that nobody knows", None, packed("x-what", plain), None
    yield "a byte a second", None, slowly(b"<", 1), None
    yield "headers without an end", None, slowly(b"X-A: b\r\n" * 1000, 0, 1000, b"HTTP/1.1 200 OK\r\n"), None
    yield "a header of a megabyte", None, b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * (1 << 20) + b"\r\n\r\n" + plain, None
    yield "silence", None, slowly(b"", 1, 30, b""), None
    yield "no HTTP at all", None, b"SSH-2.0-x\r\n", None
    yield "chunks of negative size", None, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", None
    yield "chunks of huge size", None, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello", None
    yield "304 unasked", None, b"HTTP/1.1 304 Not Modified\r\n\r\n", None
    for it in ["999999999", "-1", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"]:
        yield f"Retry-After {it}", None, reply(b"", status="503 Busy", headers=[f"Retry-After: {it}"]), None
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    yield "billion laughs", None, reply(rss(item("&a11;"), before=f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>')), None
    yield "quadratic entities", None, reply(rss(item("&a;" * 20000), before=f'<!DOCTYPE x [<!ENTITY a "{"x" * 20000}">]>')), None
    yield "external entities", None, reply(rss(item("&a;"), before='<!DOCTYPE x SYSTEM "http://127.0.0.1/dtd" [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://127.0.0.1/b">%b;]>')), None
    yield "XML 200,000 deep", None, reply("<rss>" + "<a>" * 200_000), None
    yield "20,000 namespaces", None, reply("<rss " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(20_000)) + "><channel>" + item() + "</channel></rss>"), None
    yield "100,000 attributes", None, reply("<rss " + " ".join(f'a{n}="b"' for n in range(100_000)) + "><channel>" + item() + "</channel></rss>"), None
    yield "UTF-16 that says UTF-8", None, reply(rss(item()).encode("utf-16")), None
    yield "NULs and surrogates", None, reply(rss(item("a\0b&#xD800;&#0;")).encode() + b"\xed\xa0\x80\xff"), None
    yield "50,000 entries", None, reply(rss(*(item(f"Report {n}") for n in range(50_000)))), None
    full = '<link>http://{0}/{1}</link><guid isPermaLink="false">g{1}</guid><pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate><author>The desk</author><category>a</category><category>b</category><comments>http://{0}/{1}#c</comments>'
    yield "50,000 full entries", None, feed_of(lambda: (item(f"Report {n}", more=full.format("192.0.2.1", n)) for n in range(50_000))), None
    yield "an entry of 2,000,000 elements", None, feed_of(lambda: ["<item><title>A report</title>", *["<b/>" * 20_000] * 100, "</item>"]), None
    for it in ['{"id":"1"}', "{}", "1", '{"id":"1","attachments":[{"a":{}}]}', '{"title":"x","url":"/1","content_html":"<p>x"}']:
        yield f"20 MB of JSON: {it}", None, json_of(it), None
    yield "300,000 entries of a title", None, reply(rss("<item><title>x</title></item>" * 300_000)), None
    yield "a title of 10 MB", None, reply(rss(item("x" * 10_000_000))), None
    yield "100,000 categories", None, reply(rss(item(more="<category>x</category>" * 100_000))), None
    yield "a guid of a megabyte", None, reply(rss(item(more=f"<guid>{'g' * 1_000_000}</guid>"))), None
    yield "one guid for all", None, reply(rss(*(item(f"Report {n}", more="<guid>1</guid>") for n in range(30)))), None
    for it in ["0000-00-00", "99999-12-31T00:00:00Z", "Sun, 22 Nov 2026 10:00:00 +99:99", "2036-11-22T00:00:00Z", "-1", "NaN"]:
        yield f"date {it}", None, reply(rss(item(more=f"<pubDate>{it}</pubDate>"))), None
    yield "JSON that is deep", None, reply('{"version":"https://jsonfeed.org/version/1.1","items":' + "[" * 200_000, "application/feed+json"), None
    yield "JSON that is none", None, reply('{"version":"https://jsonfeed.org/version/1.1","items":[{"id":NaN,"id":1e999,"title":"x"}]}', "application/feed+json"), None
    yield "HTML 40,000 deep", None, "page", html("<div>" * 40_000)
    yield "HTML mis-nested", None, "page", html("<b><i>" * 20_000 + "</b></i>" * 20_000)
    yield "HTML of formatting", None, "page", html("<p><font><a><b>" * 8_000)
    yield "HTML with 100,000 attributes", None, "page", html("<p " + " ".join(f"a{n}=b" for n in range(100_000)) + ">x</p>")
    yield "HTML of a million nodes", None, "page", html("<br>" * 1_000_000)
    yield "HTML of tables", None, "page", html("<table><tr><td>" * 5_000)
    yield "HTML that is templates and selects", None, "page", html("<template><select><option>" * 8_000)
    yield "a comment without an end", None, "page", html("<!--" + "-" * 2_000_000)
    yield "a page that is a film", None, "page", reply(b"\0\0\0\x20ftypisom" + os.urandom(200_000), "text/html")
    yield "a page that is an archive", None, "page", reply(b"PK\3\4" + os.urandom(200_000), "text/html")
    yield "a PDF that is none", None, "page", reply(b"%PDF-1.7\n" + b"1 0 obj<</Length 99999999>>stream\n" + os.urandom(100_000), "application/pdf")
    yield "a page of NULs", None, "page", reply(bytes(4_000_000), "text/html")
    for it in ["<script>alert(1)</script>", "</title><script>alert(1)</script>", "\" onmouseover=\"x", "{{7*7}}", "${jndi:ldap://127.0.0.1/x}", "\x1b]0;x\x07\x1b[2J", "../../etc/cron.d/x", "=cmd|'/c calc'!A1", "a\r\nBcc: x@y.example", "\u202egnihtyna\u2028\x85"]:
        yield f"title {it!r}", None, reply(rss(item(f"<![CDATA[{it}]]>"))), None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/debug/sitrepd")
    parser.add_argument("--cpu", type=float, default=2.0, help="seconds")
    parser.add_argument("--memory", type=int, default=150, help="MB")
    parser.add_argument("names", nargs="*", help="only cases in whose name one of these is")
    given = parser.parse_args()
    given.program = os.path.realpath(given.program)
    in_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        name_hosts(scratch)
        net = Net()
        # A proof that the listeners count: one connection to each.
        for it in PRIVATE:
            socket.create_connection((it, 80), 2).close() if not it.startswith("fe80") else None
        time.sleep(0.3)
        control = len(net.counted)
        net.counted.clear()
        net.routes["/good"] = reply(rss(item("All is well", more="<guid>well</guid>")))
        net.routes["/GOOD"] = net.routes["/good"]
        wrong, seen, most_cpu, most_memory = [], 0, (0, ""), (0, "")
        for n, (name, url, feed, page) in enumerate(cases()):
            if given.names and not any(it in name for it in given.names):
                continue
            base = f"http://{PUBLIC}/{n}"
            feed = {"page": reply(rss(item(link=f"{base}/page"))), "loop": go_to(f"{base}/feed")}.get(feed, feed) if isinstance(feed, str) else feed
            net.routes[f"/{n}/feed"], net.routes[f"/{n}/page"] = feed or b"", page or b""
            flaws, cpu, memory = poll(given, scratch / str(n), url or f"{base}/feed")
            del net.routes[f"/{n}/feed"], net.routes[f"/{n}/page"]
            if net.counted:
                flaws.append(f"connected to {sorted(set(net.counted))}")
                net.counted.clear()
            seen += 1
            most_cpu, most_memory = max(most_cpu, (round(cpu, 2), name)), max(most_memory, (round(memory), name))
            if flaws:
                wrong.append({"case": name, "flaws": flaws})
                print(json.dumps(wrong[-1]), file=sys.stderr, flush=True)
        print(json.dumps({"cases": seen, "wrong": len(wrong), "connections_to_non_public": sum("connected" in str(it) for it in wrong), "listeners_that_count": control, "most_cpu_seconds": most_cpu, "most_memory_mb": most_memory}))
        sys.exit(1 if wrong or control < len(PRIVATE) - 1 else 0)


def poll(given, home, url):
    """One poll of the attacker's source and the one that is well. What went wrong, seconds of a processor, MB."""
    config = home / "config"
    config.mkdir(parents=True)
    block = '[[source]]\nid = "{0}"\nname = "{0}"\nurl = {1}\nkind = "syndication"\n\n'
    (config / "sources.toml").write_text(block.format("bad", json.dumps(url)) + block.format("well", json.dumps(f"http://{WELL}/good")))
    settings = {"FETCH__HOST_DELAY": "0s", "FETCH__CONNECT_TIMEOUT": "2s", "FETCH__TIMEOUT": "3s", "FETCH__PER_HOST": "8", "DAEMON__CONTACT": "test", "STORE__MIN_FREE_BYTES": "0", "STORE__MIN_FREE_SHARE": "0"}
    env = {"PATH": os.environ["PATH"], "HTTP_PROXY": "http://127.0.0.1:8080", "http_proxy": "http://127.0.0.1:8080", "ALL_PROXY": "http://127.0.0.1:8080"}
    env |= {f"SITREPD__{key}": value for key, value in settings.items()}
    command = [given.program, "--config-dir", config, "--state-dir", home / "state", "--json"]
    with open(home / "out", "wb") as out, open(home / "err", "wb") as err:
        child = subprocess.Popen([*command, "poll"], env=env, stdout=out, stderr=err)
        ends = time.time() + 60
        timer = threading.Timer(60, child.kill)
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
    out, err = (home / "out").read_text(errors="replace"), (home / "err").read_text(errors="replace")
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    flaws = []
    # An address that cannot be one is refused with the configuration.
    is_refused = child.returncode == 78 and "sources.toml" in err
    if child.returncode < 0 or time.time() > ends:
        flaws.append(f"ended by signal {-child.returncode}")
    if "panicked" in out + err:
        flaws.append("panicked: " + (out + err)[-2000:])
    reports = [json.loads(it) for it in out.splitlines() if it.startswith("{")]
    if not is_refused and not any(it.get("source") == "well" and len(it.get("new", [])) == 1 for it in reports):
        flaws.append("the source that is well was not read: " + (out + err)[-500:])
    # The public address of a name is asked, whatever the name has besides.
    if url == "http://mixed.example/GOOD" and not any(it.get("source") == "bad" and len(it.get("new", [])) == 1 for it in reports):
        flaws.append("the public address was not asked: " + (out + err)[-500:])
    if cpu > given.cpu:
        flaws.append(f"{cpu:.1f} s of a processor")
    if memory > given.memory:
        flaws.append(f"{memory:.0f} MB")
    return flaws, cpu, memory


if __name__ == "__main__":
    main()
