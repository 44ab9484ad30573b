#!/usr/bin/env python3
"""Fills the disk under the daemon again and again, then makes room: it must go on without a person's help.

    disk_full.py [--program target/debug/sitrepd] [--trials 50] [--seed N]

The state directory is a small tmpfs in a mount namespace of its own. Each trial leaves a random number of free bytes,
so that the disk is full now in the middle of an article, now in the index; lets the daemon run into it, ends it by SIGKILL
or SIGTERM, makes room and starts it again. Exits with 1 where it does not start, or an article or alert is lost."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from world import Daemon, World, arguments, judge, lost, progress, report, settle

# Of the disk. A fresh index takes about half a megabyte, and every article some kilobytes.
SIZE = 48 << 20


def in_namespace():
    """Starts this program again where it may mount."""
    if os.environ.get("IN_NAMESPACE") != "1":
        os.environ["IN_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv])


def free(path):
    it = os.statvfs(path)
    return it.f_bavail * it.f_frsize


def main():
    given = arguments(__doc__, "trials", 50)
    in_namespace()
    with tempfile.TemporaryDirectory() as scratch:
        home = pathlib.Path(scratch)
        world = World(per_second=12)
        daemon = Daemon(given.program, home, world)
        daemon.state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", daemon.state], check=True)
        filler = daemon.state / "filler"
        began, seen, gone, full, ended, met = time.time(), set(), 0, 0, 0, 0
        try:
            for trial in range(1, given.count + 1):
                child = daemon.run_for(0.3, 1.0)
                leave = random.choice([0, random.randint(0, 4096), random.randint(0, 200_000)])
                # What a buffer holds back would be written at the end, when there is no room for it.
                with open(filler, "wb", buffering=0) as file:
                    try:
                        while (room := free(daemon.state) - leave) > 0:
                            file.write(bytes(min(room, 1 << 20)))
                    except OSError:
                        pass
                time.sleep(random.uniform(0.5, 2.0))
                # One that ended so had no room: what it had begun to write is gone, and a page may be free again.
                is_full, has_ended = free(daemon.state) < 4096, child.poll() == os.EX_IOERR
                full, ended, met = full + is_full, ended + has_ended, met + (is_full or has_ended)
                child.send_signal(random.choice([signal.SIGKILL, signal.SIGTERM]))
                try:
                    child.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    sys.exit("FAILED: does not end within 15 s while the disk is full")
                filler.unlink()
                gone += len(lost(world, daemon, seen))
                progress(f"{trial} full disks, {len(seen)} articles")
            progress("")
            settle(world, daemon, timeout=120 + world.count / 20)
            more = {"trials": given.count, "full": full, "ended_by_itself": ended, "seconds": round(time.time() - began)}
            report(judge(world, daemon, gone, given.count), **more)
            # How often depends on the load of the machine.
            if met * 5 < given.count:
                sys.exit("FAILED: the disk was full too rarely to show anything")
        finally:
            subprocess.run(["umount", "-l", daemon.state], check=False)


if __name__ == "__main__":
    main()
