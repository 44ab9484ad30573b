#!/usr/bin/env python3
"""Kills the daemon again and again while it polls and mails, and looks at the end for what was lost or told twice.

    kills.py [--program target/debug/sitrepd] [--cycles 1000] [--seed N]

Each cycle starts `sitrepd run` over real HTTP and SMTP on the loopback interface and sends it SIGKILL after a random time.
Exits with 1 where an article or an alert is lost, an alert came under two Message-IDs, or a start panicked."""

import tempfile
import time

from world import Daemon, World, arguments, judge, lost, progress, report, settle


def main():
    given = arguments(__doc__, "cycles", 1000)
    with tempfile.TemporaryDirectory() as home:
        world = World(per_second=8)
        daemon = Daemon(given.program, home, world)
        seen, gone = set(), 0
        began = time.time()
        for cycle in range(1, given.count + 1):
            daemon.kill(daemon.run_for(0.02, 2.0))
            gone += len(lost(world, daemon, seen))
            progress(f"{cycle} kills, {len(seen)} articles")
        progress("")
        settle(world, daemon, timeout=120 + world.count / 20)
        report(judge(world, daemon, gone, given.count), kills=given.count, seconds=round(time.time() - began))


if __name__ == "__main__":
    main()
