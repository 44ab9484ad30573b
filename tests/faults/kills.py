#!/usr/bin/env python3
"""Kills the daemon again and again while it polls and mails, and looks at the end for what was lost or told twice.

    kills.py [--program target/debug/sitrepd] [--cycles 1000] [--seed N]

Each cycle starts `sitrepd run` over real HTTP and SMTP on the loopback interface and sends it SIGKILL after a random time.
Exits with 1 where an article or an alert is lost, an alert came under two Message-IDs, or a start panicked."""

import argparse
import random
import sys
import tempfile
import time

from world import Daemon, World, judge, lost, progress, report, settle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/debug/sitrepd")
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with tempfile.TemporaryDirectory() as home:
        world = World(per_second=8)
        daemon = Daemon(arguments.program, home, world)
        seen, gone = set(), 0
        began = time.time()
        for cycle in range(1, arguments.cycles + 1):
            child = daemon.start()
            time.sleep(random.uniform(0.02, 1.2))
            if child.poll() is not None:
                sys.exit(f"FAILED: the daemon ended by itself with {child.returncode}:\n{daemon.log.read_text()[-2000:]}")
            child.kill()
            child.wait()
            gone += len(lost(world, daemon, seen))
            progress(f"{cycle} kills, {len(seen)} articles")
        progress("")
        settle(world, daemon, timeout=120 + world.count / 20)
        report(judge(world, daemon, gone, arguments.cycles), kills=arguments.cycles, seconds=round(time.time() - began))


if __name__ == "__main__":
    main()
