#!/usr/bin/env python3
"""Has the disk fail again and again while the daemon polls and mails: `fdatasync` of the ledger says EIO.

    eio.py [--program target/debug/sitrepd] [--trials 30] [--seed N]

`eio.c`, preloaded, fails while a file is there. Each time the daemon must end with 74 (EX_IOERR), acknowledge nothing more, and mark the
file of the ledger; the next start must write that file anew (another inode) before it goes on, since what the system has of it in memory may
not be on the disk. Exits with 1 where it does not, or where an acknowledged article or an alert is lost."""

import pathlib
import random
import subprocess
import sys
import tempfile
import time

from world import Daemon, World, arguments, judge, lost, progress, report, settle

HERE = pathlib.Path(__file__).resolve().parent
IO_ERROR = 74


def newest(daemon):
    """The file of the ledger that is written to."""
    return max((daemon.state / "ledger").glob("*.ledger"))


def wait_for(what, condition, seconds=60):
    deadline = time.time() + seconds
    while not condition():
        if time.time() > deadline:
            sys.exit(f"FAILED: {what}")
        time.sleep(0.05)


def main():
    given = arguments(__doc__, "trials", 30)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        shim, fails = scratch / "eio.so", scratch / "fails"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", shim, HERE / "eio.c", "-ldl"], check=True)
        world = World(per_second=8)
        daemon = Daemon(given.program, scratch / "home", world, env={"LD_PRELOAD": str(shim), "EIO_WHEN": str(fails)})
        seen, gone, failed = set(), 0, None
        for trial in range(1, given.count + 1):
            child = daemon.start()
            if failed:
                mark, inode = failed
                wait_for(f"{mark.name} is still there", lambda: not mark.exists())
                if mark.with_suffix("").stat().st_ino == inode:
                    sys.exit(f"FAILED: {mark.with_suffix('').name} was not written anew")
            time.sleep(random.uniform(0.3, 1.5))
            if child.poll() is not None:
                sys.exit(f"FAILED: the daemon ended by itself with {child.returncode}:\n{daemon.log.read_text()[-2000:]}")
            fails.touch()
            wait_for("the daemon goes on though nothing is durable", lambda: child.poll() is not None)
            if child.returncode != IO_ERROR:
                sys.exit(f"FAILED: it ended with {child.returncode}:\n{daemon.log.read_text()[-2000:]}")
            fails.unlink()
            segment = newest(daemon)
            mark = segment.with_name(segment.name + ".unsynced")
            if not mark.exists():
                sys.exit(f"FAILED: {segment.name} has no mark")
            failed = mark, segment.stat().st_ino
            gone += len(lost(world, daemon, seen))
            progress(f"{trial} failures, {len(seen)} articles")
        progress("")
        settle(world, daemon, timeout=120 + world.count / 20)
        report(judge(world, daemon, gone, given.count), failures=given.count)


if __name__ == "__main__":
    main()
