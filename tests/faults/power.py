#!/usr/bin/env python3
"""Cuts the power again and again while the daemon polls and mails: only what was fsynced is there afterwards.

    power.py [--program target/debug/sitrepd] [--control target/debug/examples/plain_sled] [--cycles 300] [--seed N]

`power_cut.c`, preloaded, remembers what the disk would have. Each cycle kills the daemon at a random time and puts back
that: by the letter of POSIX (a name is durable when its directory was fsynced) or as ext4 does it (with its file), and in
half of the cycles with a part of what was appended and not yet synced, since a disk may have written it.
The control is sled alone under the same knife: it must lose what it acknowledged, or the knife is blunt.
Exits with 1 where an acknowledged article or an alert is lost, or where the control loses nothing."""

import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from world import Daemon, World, arguments, judge, lost, progress, report, settle

HERE = pathlib.Path(__file__).resolve().parent


class Disk:
    """A directory and what would be left of it."""

    def __init__(self, shim, root, durable):
        self.shim, self.root, self.durable = shim, pathlib.Path(root).resolve(), pathlib.Path(durable)

    def env(self):
        shutil.rmtree(self.durable, ignore_errors=True)
        self.durable.mkdir(parents=True)
        return {"LD_PRELOAD": str(self.shim), "POWER_ROOT": str(self.root), "POWER_DURABLE": str(self.durable)}

    def cut(self, by_the_letter, torn):
        after = self.root.with_name(self.root.name + ".after")
        shutil.rmtree(after, ignore_errors=True)
        after.mkdir()
        self.restore(self.key(self.root), self.root, after, torn)
        if not by_the_letter:
            names = self.durable / "names"
            # Killed before the first fsync.
            for name in names.iterdir() if names.exists() else ():
                was = pathlib.Path(name.read_text())
                to = after / was.relative_to(self.root)
                # A file that was renamed or removed since then may have either name; it has the one its directory has.
                if not to.exists() and was.exists() and self.key(was) == name.name:
                    to.parent.mkdir(parents=True, exist_ok=True)
                    self.content(name.name, was, to, torn)
        shutil.rmtree(self.root)
        after.rename(self.root)

    def restore(self, key, was, to, torn):
        names = self.durable / "dirs" / key
        for line in names.read_text().splitlines() if names.exists() else ():
            key, kind, name = line.split(" ", 2)
            if kind == "d":
                (to / name).mkdir()
                self.restore(key, was / name, to / name, torn)
            else:
                self.content(key, was / name, to / name, torn)

    def content(self, key, was, to, torn):
        kept = self.durable / "inodes" / key
        durable = kept.read_bytes() if kept.exists() else b""
        if torn and was.is_file():
            volatile = was.read_bytes()
            if volatile.startswith(durable):
                durable = volatile[: random.randint(len(durable), len(volatile))]
        to.write_bytes(durable)

    @staticmethod
    def key(path):
        # As `power_cut.c` makes it. Python cannot ask for the time of birth; stat(1) can.
        ino, second, birth = subprocess.check_output(["stat", "-c", "%i %W %w", path], text=True).split(" ", 2)
        fraction = birth.split(".", 1)[1][:9] if "." in birth else "0"
        return f"{ino}-{second}-{int(fraction)}"


def control(program, shim, scratch, cycles):
    """How often sled alone lost what it had acknowledged."""
    lost = 0
    for cycle in range(cycles):
        root = scratch / f"control-{cycle}"
        root.mkdir()
        disk = Disk(shim, root, scratch / "control-durable")
        child = subprocess.Popen([program, "write", str(root)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=disk.env())
        time.sleep(random.uniform(0.3, 0.8))
        child.kill()
        acknowledged = child.communicate()[0].decode().split("\n")[:-1]
        disk.cut(by_the_letter=False, torn=False)
        if acknowledged:
            check = subprocess.run([program, "check", str(root), acknowledged[-1]], capture_output=True, text=True)
            lost += check.returncode != 0
        shutil.rmtree(root)
    return lost


def main():
    given = arguments(__doc__, "cycles", 300, control="target/debug/examples/plain_sled")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch).resolve()
        shim = scratch / "power_cut.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", shim, HERE / "power_cut.c", "-ldl"], check=True)
        trials = max(10, given.count // 10)
        control_lost = control(given.control, shim, scratch, trials)
        world = World(per_second=8)
        daemon = Daemon(given.program, scratch / "home", world)
        daemon.state.mkdir(parents=True)
        disk = Disk(shim, daemon.state, scratch / "durable")
        seen, gone = set(), 0
        began = time.time()
        for cycle in range(1, given.count + 1):
            daemon.env = disk.env()
            daemon.kill(daemon.run_for(0.05, 2.0))
            disk.cut(by_the_letter=cycle % 2 == 0, torn=cycle % 4 < 2)
            gone += len(lost(world, daemon, seen))
            progress(f"{cycle} power cuts, {len(seen)} articles")
        progress("")
        daemon.env = {}
        settle(world, daemon, timeout=120 + world.count / 20)
        figures = judge(world, daemon, gone, given.count)
        more = {"cuts": given.count, "seconds": round(time.time() - began), "control": f"sled alone lost in {control_lost} of {trials}"}
        report(figures, **more)
        if control_lost == 0:
            sys.exit("FAILED: sled alone lost nothing: the model of the power cut does not cut")


if __name__ == "__main__":
    main()
