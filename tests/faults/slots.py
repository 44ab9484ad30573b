"""The daemon is killed (SIGKILL) at random instants around the time of a digest, in a night in which the clocks change: in Berlin
02:30 comes twice on 25 October 2026, and not at all on 28 March 2027. Its clock is moved by a library that is preloaded (clock.c).

One digest is issued for the time, whatever crashes, and mailed under one Message-ID; none for the hour when it comes again. Each
alert is mailed at least once and never under two Message-IDs."""

import datetime
import email
import json
import os
import pathlib
import subprocess
import tempfile
import time

from world import Daemon, World, arguments, judge, lost, progress, settle

HERE = pathlib.Path(__file__).parent
NIGHTS = {
    # The slot as it is to be issued, and where the clock stands after the wall clock has shown 02:30 again.
    "repeated": ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"),
    "skipped": ("2027-03-28T01:00:00+00:00", "2027-03-28T01:30:00+00:00"),
}


class Night(Daemon):
    """A daemon in whose world it is another time."""

    def __init__(self, program, home, world, library):
        super().__init__(program, home, world, env={"LD_PRELOAD": str(library)})
        self.offset = 0
        path = self.config / "sitrepd.toml"
        text = path.read_text().replace('schedule = ""', 'schedule = "30 2 * * *"\nzone = "Europe/Berlin"\nchannels = ["mail"]')
        # The dates of the articles are not of this time: they would tell of sources that have something new once in months.
        path.write_text(text.replace('min_interval = "1s"', 'min_interval = "1s"\nmax_interval = "1s"'))

    def set(self, instant, seconds=0):
        """Its clock shows `instant`, so many seconds later, now."""
        self.offset = int(datetime.datetime.fromisoformat(instant).timestamp() + seconds - time.time())
        self.env["SITREPD_CLOCK_OFFSET"] = str(self.offset)

    def has_begun(self):
        """Whether it has kept since when it owes a digest."""
        path = self.state / "digests-begun"
        return path.exists() and path.read_text().endswith("\n")

    def ask(self, *given):
        env = {"PATH": os.environ["PATH"], **self.env}
        return subprocess.run(self.command(*given), capture_output=True, env=env, check=True).stdout.decode()

    def issues(self):
        return [json.loads(it) for it in self.ask("--json", "digest", "list").splitlines()]


def message_id(mail):
    return email.message_from_bytes(mail)["Message-ID"]


def digests(world):
    """The Message-IDs of the digests that were mailed, and the mails that are none."""
    ids = [(message_id(it), it) for it in list(world.mails)]
    return [id for id, _ in ids if id.startswith("<digest-")], [it for id, it in ids if not id.startswith("<digest-")]


def night(given, name, library, kills):
    slot, again = NIGHTS[name]
    with tempfile.TemporaryDirectory() as home:
        world = World(per_second=4)
        daemon = Night(given.program, home, world, library)
        # It runs a while before: a first start issues nothing for times before it.
        daemon.set(slot, -60)
        daemon.run_until(daemon.has_begun)
        seen, gone = set(), 0
        for cycle in range(kills):
            # Two thirds around the slot, the rest around the second time that the wall clock shows it, or an hour later.
            late = cycle >= kills * 2 // 3
            daemon.set(again if late else slot, -2 if cycle == 0 else 0)
            daemon.kill(daemon.run_for(0.05, 3.0 if cycle == 0 else 1.2))
            kept, world.mails = world.mails, digests(world)[1]
            gone += len(lost(world, daemon, seen))
            world.mails = kept
            progress(f"{name}: {cycle + 1} kills, {len(seen)} articles")
        progress("")
        daemon.set(again, 30)
        settle_with_digests(world, daemon)
        ids, alerts = digests(world)
        issues = daemon.issues()
        world.mails = alerts
        figures = judge(world, daemon, gone, kills + 1)
        at = datetime.datetime.fromisoformat(slot).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "issues_other_than_one": abs(len(issues) - 1),
            "slot_wrong": int([it["slot"] for it in issues] != [at]),
            "digests_under_two_ids": max(0, len(set(ids)) - 1),
            "digest_not_mailed": int(not ids),
            **figures,
            "digest_repeated_with_the_same_id": len(ids) - len(set(ids)),
        }


def settle_with_digests(world, daemon):
    """As `settle`, where there are mails that are no alerts, and until a digest was mailed too."""
    real = world.mails

    class Alerts(list):
        def __iter__(self):
            return iter([it for it in real if not message_id(it).startswith("<digest-")])

        def append(self, it):
            real.append(it)

    world.mails = Alerts()
    timeout = 120 + world.count / 20
    settle(world, daemon, timeout)
    world.mails = real
    # A digest that is due waits a moment for sources that have not been polled for an hour.
    daemon.run_until(lambda: digests(world)[0], timeout)


def main():
    given = arguments(__doc__, "kills", 50)
    with tempfile.TemporaryDirectory() as directory:
        library = pathlib.Path(directory) / "clock.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "clock.c", "-ldl"], check=True)
        res, bad = {}, {}
        for name in NIGHTS:
            res[name] = night(given, name, library, max(1, given.count // len(NIGHTS)))
            bad.update({f"{name}: {k}": v for k, v in list(res[name].items())[:12] if v})
    print(json.dumps({"kills": given.count, **res}, indent=1))
    if bad:
        raise SystemExit(f"FAILED: {bad}")


if __name__ == "__main__":
    main()
