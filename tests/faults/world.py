"""A world for a daemon to die in: news sites and a mail server on the loopback interface. Standard library only.

Every article has its own made-up words, so that none is a copy of another; every third names a watched person, so that one
alert is due for the story that it is in. The world lives on while the daemon dies, and knows at the end what must be held and
what must have been mailed."""

import argparse
import email
import email.utils
import json
import os
import pathlib
import random
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FEEDS = 5
WATCHED = "Vinnikov"
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def words(seed, count):
    rng = random.Random(seed)
    return ["".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))) for _ in range(count)]


class World:
    """`per_second`: new articles of all sites together."""

    def __init__(self, per_second, held_in_feed=200):
        self.lock = threading.Lock()
        self.articles = defaultdict(list)
        self.count = 0
        self.asked_for = set()
        self.per_second = per_second
        self.held_in_feed = held_in_feed
        self.mails = []
        self.growing = True
        self.web = Web(("127.0.0.1", 0), Handler)
        self.web.world = self
        self.smtp = Mail(("127.0.0.1", 0), MailHandler)
        self.smtp.world = self
        for target in (self.web.serve_forever, self.smtp.serve_forever, self.grow):
            threading.Thread(target=target, daemon=True).start()

    def grow(self):
        while self.growing:
            time.sleep(1 / self.per_second)
            # Not faster than the daemon reads on this machine: what leaves a feed unread is nobody's loss.
            if self.count - len(self.asked_for) < self.held_in_feed:
                self.publish()

    def publish(self):
        with self.lock:
            self.count += 1
            self.articles[self.count % FEEDS].append((self.count, time.time()))

    def feed(self, number):
        with self.lock:
            entries = self.articles[number][-self.held_in_feed :]
        items = "".join(
            f"<item><title>{self.title(n)}</title><link>{self.url(n)}</link><guid>{self.url(n)}</guid>"
            f"<pubDate>{email.utils.formatdate(at)}</pubDate></item>"
            for n, at in reversed(entries)
        )
        return f'<rss version="2.0"><channel><title>Site {number}</title><link>{self.base}/</link>{items}</channel></rss>'

    def page(self, n):
        paragraphs = "".join(f"<p>{' '.join(words(f'{n}-{k}', 60)).capitalize()}.</p>" for k in range(4))
        who = f"<p>The talks were led by {WATCHED}, who said {' '.join(words(f'{n}-who', 9))}.</p>" if n % 3 == 0 else ""
        return f"<html><head><title>{self.title(n)}</title></head><body><article><h1>{self.title(n)}</h1>{who}{paragraphs}</article></body></html>"

    def title(self, n):
        return " ".join(words(f"{n}-title", 7)).capitalize()

    def url(self, n):
        return f"{self.base}/a/{n}"

    @property
    def base(self):
        return "http://127.0.0.1:%d" % self.web.server_address[1]

    def alarming(self):
        return [n for n in range(1, self.count + 1) if n % 3 == 0]


class Web(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that dies while it is answered is what this is about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        world = self.server.world
        kind, _, number = self.path.strip("/").partition("/")
        answers = {"feed": (world.feed, "application/rss+xml"), "a": (world.page, "text/html; charset=utf-8")}
        make, media_type = answers.get(kind, (None, "text/plain"))
        if kind == "a":
            world.asked_for.add(int(number))
        body = make(int(number)).encode() if make else b"no such page"
        self.send_response(200 if make else 404)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Mail(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class MailHandler(socketserver.StreamRequestHandler):
    """Takes mail as RFC 5321 says, and at times lets the client wait for its last 250, so that it may die before it."""

    def handle(self):
        try:
            self.converse()
        except OSError:
            pass

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def converse(self):
        self.say("220 world ESMTP")
        while line := self.rfile.readline():
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                self.say("250-world\r\n250 8BITMIME")
            elif verb == b"DATA":
                self.say("354 go on")
                data = b""
                while (line := self.rfile.readline()) and line != b".\r\n":
                    data += line
                if not line:
                    return
                self.server.world.mails.append(data)
                if random.random() < 0.2:
                    time.sleep(random.random() * 0.1)
                self.say("250 taken")
            elif verb == b"QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")


class Daemon:
    """`sitrepd run` in a directory, to be killed and started again."""

    def __init__(self, program, home, world, env=None):
        self.program = str(pathlib.Path(program).resolve())
        self.home = pathlib.Path(home)
        self.config = self.home / "config"
        self.state = self.home / "state"
        self.log = self.home / "log"
        self.env = env or {}
        self.config.mkdir(parents=True, exist_ok=True)
        host = "%s:%d" % world.web.server_address
        sources = "".join(
            f'[[source]]\nid = "site-{n}"\nname = "Site {n}"\nurl = "{world.base}/feed/{n}"\nkind = "syndication"\n\n'
            for n in range(FEEDS)
        )
        (self.config / "sources.toml").write_text(sources)
        (self.config / "topics.toml").write_text("")
        (self.config / "watches.toml").write_text(f'[[watch]]\nname = "{WATCHED}"\nterms = ["{WATCHED}"]\n')
        # The index is put to its sorted rows at every start, so that faults fall into that too.
        (self.config / "sitrepd.toml").write_text(
            f"""[daemon]
contact = "test"
domain = "desk.example"
[poll]
interval = "1s"
min_interval = "1s"
jitter = 0.0
[fetch]
allow_private = ["{host}"]
host_delay = "0s"
per_host = 8
[store]
min_free_bytes = 0
min_free_share = 0.0
cache_bytes = 65536
min_sort_bytes = 4096
[digest]
schedule = ""
[alerts]
channels = ["mail"]
max_per_hour = 0
[mail]
host = "127.0.0.1"
port = {world.smtp.server_address[1]}
tls = "none"
from = "sitrepd@desk.example"
to = ["desk@desk.example"]
"""
        )

    def command(self, *arguments):
        return [self.program, "--config-dir", str(self.config), "--state-dir", str(self.state), *arguments]

    def start(self):
        log = open(self.log, "ab")
        env = {"PATH": os.environ["PATH"], "RUST_BACKTRACE": "0", **self.env}
        return subprocess.Popen(self.command("run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)

    def run_for(self, shortest, longest):
        """Starts it and lets it run for a random time, in seconds; fails where it ends by itself."""
        child = self.start()
        time.sleep(random.uniform(shortest, longest))
        if child.poll() is not None:
            sys.exit(f"FAILED: the daemon ended by itself with {child.returncode}:\n{self.log.read_text()[-2000:]}")
        return child

    def run_until(self, done, timeout=120):
        """Lets it run until `done` says so or the time, in seconds, is over. Looks only while it runs."""
        child = self.start()
        deadline = time.time() + timeout
        try:
            while time.time() < deadline and child.poll() is None:
                time.sleep(1)
                if done():
                    break
        finally:
            self.kill(child)

    def kill(self, child):
        child.kill()
        child.wait()

    def ask(self, *arguments):
        env = {"PATH": os.environ["PATH"]}
        return subprocess.run(self.command(*arguments), capture_output=True, env=env, check=True).stdout.decode()

    def held(self):
        """The numbers of the articles that the ledger holds."""
        if not (self.state / "ledger").exists():
            return set()
        found = re.findall(r'"link":"[^"]*/a/(\d+)"', self.ask("export"))
        return {int(it) for it in found}

    def stories(self):
        """The numbers of the articles of each story."""
        lines = self.ask("--json", "stories", "--since", "30d").splitlines()
        return [{int(it) for it in re.findall(r'"link":"[^"]*/a/(\d+)"', line)} for line in lines]


def mailed(world):
    """Of each article the Message-IDs of its alerts, and how many mails came with each."""
    res = defaultdict(lambda: defaultdict(int))
    for data in list(world.mails):
        message = email.message_from_bytes(data)
        text = "".join(
            part.get_payload(decode=True).decode("utf-8", "replace")
            for part in message.walk()
            if part.get_content_type() == "text/plain"
        )
        numbers = set(re.findall(r"/a/(\d+)", text))
        assert len(numbers) == 1, f"a mail about {numbers}: {message['Subject']}"
        res[int(numbers.pop())][message["Message-ID"]] += 1
    return res


def arguments(doc, count, default, **more):
    """What every fault is told on its command line: the program, how many times, and the seed of what is random."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/debug/sitrepd")
    parser.add_argument(f"--{count}", dest="count", type=int, default=default)
    parser.add_argument("--seed", type=int, default=1)
    for name, it in more.items():
        parser.add_argument(f"--{name}", default=it)
    res = parser.parse_args()
    random.seed(res.seed)
    return res


def progress(line):
    """Shows how far it is, to whoever looks."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="" if line else "\n", file=sys.stderr, flush=True)


def lost(world, daemon, seen):
    """Articles that were held, or told of by mail, before a fault, and are not held after it. `seen` grows by what is held.

    To be asked before the daemon starts again: it would fetch what is missing anew."""
    told = set(mailed(world))
    held = daemon.held()
    res = (seen | told) - held
    seen |= held
    return res


def silent(world, daemon):
    """Stories that name the watched person and that no mail told of."""
    alarming, told = set(world.alarming()), set(mailed(world))
    return [it for it in daemon.stories() if it & alarming and not it & told]


def settle(world, daemon, timeout):
    """Lets the daemon run until all that was published is held and mailed, or the time is over."""
    world.growing = False
    daemon.run_until(lambda: len(daemon.held()) >= world.count and not silent(world, daemon), timeout)


def judge(world, daemon, lost_at_faults, faults):
    """What was promised and what came: a dictionary of figures, the first ones to be 0."""
    held = daemon.held()
    in_index = set().union(*daemon.stories())
    by_article = mailed(world)
    log = daemon.log.read_text(errors="replace")
    counts = [n for ids in by_article.values() for n in ids.values()]
    return {
        "published_and_not_held": world.count - len(held & set(range(1, world.count + 1))),
        "acknowledged_and_lost": lost_at_faults,
        "held_and_not_listed": len(held - in_index),
        "alerts_lost": len(silent(world, daemon)),
        "alerts_under_two_ids": sum(len(ids) > 1 for ids in by_article.values()),
        "alerts_about_nothing": len(set(by_article) - set(world.alarming())),
        # One message is under way at a time, so that a fault repeats one at most.
        "mails_repeated_without_a_fault": max(0, sum(counts) - len(counts) - faults),
        # The disk of this world keeps what was synced: a notice of a loss would be a false alarm.
        "losses_told_of_nothing": log.count("acknowledged are lost"),
        # sled panics over what a power cut left of it; that is caught, and the index is made anew.
        "panics": sum("panicked at" in it and "/sled-" not in it for it in log.splitlines()),
        "articles": len(held),
        "alerts": len(by_article),
        "mails_repeated_with_the_same_id": sum(counts) - len(counts),
        "panics_of_sled_caught": sum("panicked at" in it and "/sled-" in it for it in log.splitlines()),
        "index_put_in_order": log.count("store put in order"),
        "index_rebuilt": log.count("index rebuilt"),
        "torn_writes_cut": log.count("unclean end"),
    }


def report(figures, must_be_zero=9, **more):
    print(json.dumps({**more, **figures}, indent=1))
    bad = {k: v for k, v in list(figures.items())[:must_be_zero] if v}
    if bad:
        raise SystemExit(f"FAILED: {bad}")


