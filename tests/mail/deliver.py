"""A real mail server (aiosmtpd) with TLS and authentication, and with faults: 4xx, 5xx for good and for a time, a connection that breaks within DATA or
before the last reply. Each digest is delivered exactly once, but for the one that the server took without saying so, which comes
twice under one Message-ID. What was delivered is parsed and checked part by part.

Needs aiosmtpd (`python3 -m venv DIR && DIR/bin/pip install aiosmtpd`), openssl, and a built program."""

import argparse
import asyncio
import email
import email.policy
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))
from world import World  # noqa: E402

MODES = ("starttls", "implicit")
USER, PASSWORD = "sitrep", "correct horse"
TITLE = "Lage — Մամուլ, მიმოხილვა, سیاست"


class Server(SMTP):
    """Breaks the connection within DATA where it is told to."""

    async def smtp_DATA(self, arg):
        if self.event_handler.fault == "break within DATA":
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Handler:
    def __init__(self):
        self.fault = None
        self.taken = []
        self.encrypted = []
        self.signed_in = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "4xx at MAIL":
            return "451 come back later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.fault == "5xx at RCPT" or (self.fault == "5xx for one" and address.startswith("two@")):
            return "550 5.1.1 no such user"
        if self.fault == "blocked at RCPT":
            return "554 5.7.1 this machine is on a list"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        if self.fault == "4xx at DATA":
            return "452 no room"
        self.encrypted.append(session.ssl is not None or server.ssl_seen)
        self.signed_in.append(session.authenticated)
        self.taken.append((envelope.rcpt_tos, envelope.content))
        if self.fault == "break before the reply":
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    fits = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    # Where nobody has answered yet, the server does: 535.
    return AuthResult(success=fits, handled=fits)


def certificates(directory):
    """A private authority and what it vouches for."""
    run = lambda *it: subprocess.run(["openssl", *it], cwd=directory, check=True, capture_output=True)  # noqa: E731
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run(*new, "-x509", "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem")
    run(*new, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
    (directory / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    run("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "names", "-out", "cert.pem")  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    return context


class Mailer(Controller):
    def __init__(self, handler, mode, context):
        self.mode, self.context = mode, context
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=port, ssl_context=context if mode == "implicit" else None)

    def factory(self):
        starttls = self.mode == "starttls"
        res = Server(
            self.handler,
            hostname="localhost",
            tls_context=self.context if starttls else None,
            require_starttls=starttls,
            auth_required=True,
            auth_require_tls=starttls,
            authenticator=authenticate,
        )
        res.ssl_seen = self.mode == "implicit"
        return res

    def _trigger_server(self):
        """Knocks, without TLS: that it answers is enough."""
        socket.create_connection(("127.0.0.1", self.port), 5).close()


class Desk:
    def __init__(self, program, home, world):
        self.program, self.home = str(pathlib.Path(program).resolve()), home
        self.world = world
        (home / "config").mkdir()
        (home / "password").write_text(PASSWORD + "\n")
        (home / "password").chmod(0o600)
        sources = f'[[source]]\nid = "site"\nname = "Site"\nurl = "{world.base}/feed/0"\nkind = "syndication"\n'
        (home / "config/sources.toml").write_text(sources)
        (home / "config/topics.toml").write_text("")
        (home / "config/watches.toml").write_text("")

    def configure(self, port, mode, password="password", ca="ca.pem"):
        host = "%s:%d" % self.world.web.server_address
        wrong = self.home / "wrong"
        wrong.write_text("no\n")
        wrong.chmod(0o600)
        ca = f'ca_file = "{self.home / ca}"\n' if ca else ""
        (self.home / "config/sitrepd.toml").write_text(
            f"""[daemon]
contact = "test"
domain = "desk.example"
[fetch]
allow_private = ["{host}"]
host_delay = "0s"
[store]
min_free_bytes = 0
min_free_share = 0.0
[digest]
title = "{TITLE}"
schedule = ""
channels = ["mail"]
[alerts]
channels = []
[mail]
host = "localhost"
port = {port}
tls = "{mode}"
user = "{USER}"
password_file = "{self.home / password}"
from = "Lagezentrum Süd <sitrep@desk.example>"
to = ["Зал <one@desk.example>", "two@desk.example"]
timeout = "20s"
{ca}"""
        )

    def run(self, *arguments, code=0):
        command = [self.program, "--config-dir", str(self.home / "config"), "--state-dir", str(self.home / "state"), *arguments]
        ended = subprocess.run(command, capture_output=True, env={"PATH": "/usr/bin:/bin"})
        if ended.returncode not in (code if isinstance(code, tuple) else (code,)):
            sys.exit(f"FAILED: {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr.decode()}")
        return ended.stdout.decode()

    def waiting(self):
        return [json.loads(it) for it in self.run("--json", "outbox", "list").splitlines()]


def ids(handler):
    return [email.message_from_bytes(data)["Message-ID"] for _, data in handler.taken]


def check_message(raw, recipients, text, html):
    """Part by part, by Python's own parser."""
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")), "a line is too long"
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b""), "a bare CR or LF"
    head = raw.split(b"\r\n\r\n")[0]
    assert head.isascii(), "a header that is not ASCII"
    message = email.message_from_bytes(raw, policy=email.policy.default)
    names = [it.lower() for it in message.keys()]
    assert len(names) == len(set(names)), f"a header twice: {names}"
    assert not message.defects, message.defects
    assert str(message["Subject"]).startswith(TITLE), message["Subject"]
    assert message["From"].addresses[0].display_name == "Lagezentrum Süd"
    assert [it.addr_spec for it in message["To"].addresses] == recipients, (message["To"], recipients)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<daily.desk.example>"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content_type() == "multipart/alternative"
    plain, page = message.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    for part in (plain, page):
        assert not part.defects and part.get_content_charset() == "utf-8", part.defects
    content = lambda it: it.get_content().replace("\r\n", "\n").strip()  # noqa: E731
    # The mail flows (RFC 3676), the document is folded: the words are the same.
    assert plain["Content-Type"].params["format"] == "flowed", plain["Content-Type"]
    words = lambda it: [word for word in it.split() if word != ">"]  # noqa: E731
    assert words(content(plain)) == words(text), "the text is not what was issued"
    assert all(len(line) <= 78 or " " not in line.strip(" >") for line in content(plain).split("\n")), "a line is too long to flow"
    assert content(page) == html.strip(), "the page is not what was issued"
    assert "<script" not in page.get_content() and "src=" not in page.get_content(), "something is loaded"
    assert len(raw) < 100_000, f"{len(raw)} bytes: large services clip it"
    return message


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/debug/sitrepd")
    parser.add_argument("--keep", help="directory for the HTML part of a mail")
    parser.add_argument("--mode", choices=MODES, help="one way to encrypt instead of each")
    given = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        context = certificates(home)
        world = World(per_second=0.001)
        for _ in range(30):
            world.publish()
        desk = Desk(given.program, home, world)
        for mode in [given.mode] if given.mode else MODES:
            handler = Handler()
            mailer = Mailer(handler, mode, context)
            mailer.start()
            desk.configure(mailer.port, mode)
            desk.run("poll")

            # Nothing wrong: one mail to each.
            desk.run("digest", "--since", "7d", "--send")
            assert len(handler.taken) == 2 and all(handler.signed_in) and all(handler.encrypted), handler.taken
            text, html = (desk.run("digest", "show", "daily-on-demand", "--format", it) for it in ("text", "html"))
            for recipients, raw in handler.taken:
                check_message(raw, recipients, text, html)
            if given.keep:
                pathlib.Path(given.keep).mkdir(parents=True, exist_ok=True)
                page = email.message_from_bytes(handler.taken[0][1], policy=email.policy.default).get_body(("html",))
                (pathlib.Path(given.keep) / "mail.html").write_text(page.get_content())

            # A test is marked as one, goes to whom it is told, and is not kept.
            handler.taken.clear()
            desk.run("digest", "--send-test", "three@desk.example")
            [(recipients, raw)] = handler.taken
            message = email.message_from_bytes(raw, policy=email.policy.default)
            assert recipients == ["three@desk.example"] and str(message["Subject"]).startswith("TEST: "), message["Subject"]
            assert desk.waiting() == []

            for fault in ("4xx at MAIL", "4xx at DATA", "blocked at RCPT", "5xx at RCPT", "5xx for one", "break within DATA", "break before the reply"):
                handler.taken.clear()
                handler.fault = fault
                desk.run("digest", "--since", "7d", "--send", code=69)
                waiting = desk.waiting()
                permanent = fault.startswith("5xx")
                states = {it["state"] for it in waiting}
                assert states == {"parked" if permanent else "waiting"}, (fault, waiting)
                assert all(it["reason"] for it in waiting), waiting
                handler.fault = None
                for it in waiting:
                    desk.run("outbox", "resend", it["id"])
                desk.run("poll")
                assert desk.waiting() == [], (fault, desk.waiting())
                seen = ids(handler)
                assert len(set(seen)) == 2, (fault, seen)
                repeated = len(seen) - 2
                # The server took one and did not say so (RFC 1047).
                assert repeated == 0 or fault == "break before the reply", (fault, seen)
                for recipients, raw in handler.taken:
                    assert len(recipients) == 1, recipients
                figures[f"{mode}: {fault}"] = {"delivered": len(set(seen)), "repeated under the same id": repeated}

            # Who cannot sign in, and who does not trust the server, sends nothing and keeps all.
            for what, settings in (("wrong password", {"password": "wrong"}), ("unknown authority", {"ca": None})):
                handler.taken.clear()
                desk.configure(mailer.port, mode, **settings)
                desk.run("digest", "--since", "7d", "--send", code=69)
                waiting = desk.waiting()
                assert {it["state"] for it in waiting} == {"waiting"} and handler.taken == [], (what, waiting)
                desk.configure(mailer.port, mode)
                for it in waiting:
                    desk.run("outbox", "resend", it["id"])
                desk.run("poll")
                seen = ids(handler)
                assert len(seen) == len(set(seen)) == 2 and desk.waiting() == [], (what, seen)
                figures[f"{mode}: {what}"] = {"delivered": 2, "repeated under the same id": 0}
            mailer.stop()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
