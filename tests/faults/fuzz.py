#!/usr/bin/env python3
"""Runs the fuzz targets: each for so many seconds or so many inputs, all or those that are named.

    python3 tests/faults/fuzz.py --iterations 10000000 url date
    python3 tests/faults/fuzz.py --seconds 6 --profile dev

They are plain tests, in tests/it/fuzz.rs, tests/it/mutations.rs and beside the code, and begin with the fixtures and with what
is in tests/fixtures/fuzz/. Prints one JSON line for each and exits with 1 where one failed; the input is in what it printed,
and belongs into that corpus. Guided by coverage they run under `cargo bolero test NAME`.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys

TARGETS = {
    "feed": ("it", "mutations::any_damage_is_survived"),
    "page": ("it", "fuzz::any_page_is_read_or_refused"),
    "url": ("it", "fuzz::any_address_is_made_the_same_once_and_for_all"),
    "date": ("sitrepd", "parse::canonical::dates::tests::any_date_is_read_or_is_none"),
    "query": ("it", "fuzz::any_query_is_read_or_refused"),
    "frame": ("sitrepd", "store::ledger::frame::tests::any_bytes_are_a_frame_or_flawed"),
    "record": ("sitrepd", "store::record::tests::any_record_is_read_or_refused"),
    "config": ("it", "fuzz::any_configuration_is_read_or_refused"),
    "mail": ("sitrepd", "deliver::mail::compose::tests::any_title_is_one_subject"),
    "name": ("sitrepd", "deliver::files::tests::any_name_stays_in_its_directory"),
}


def binaries(profile):
    """The test programs by name, built where they have to be."""
    command = ["cargo", "test", "--locked", "--no-run", "--message-format", "json", "--profile", profile]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = [json.loads(it) for it in built.splitlines() if it.startswith("{")]
    tests = [it for it in found if it.get("executable") and it["profile"]["test"]]
    return {it["target"]["name"]: it["executable"] for it in tests if "bin" not in it["target"]["kind"]}


def run(name, program, test, arguments):
    # The input that fails is to be seen, not where.
    env = dict(os.environ, RUST_BACKTRACE="0")
    if arguments.iterations:
        env["BOLERO_RANDOM_ITERATIONS"] = str(arguments.iterations)
    else:
        env["BOLERO_RANDOM_ITERATIONS"] = str(2**62)
        env["BOLERO_RANDOM_TEST_TIME_MS"] = str(int(arguments.seconds * 1000))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "--exact", test, "--nocapture"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    inputs = re.search(r"rng inputs: (\d+)", done.stdout)
    # A test that was renamed runs nothing, and must not look well.
    is_well = done.returncode == 0 and inputs is not None
    print(json.dumps({"target": name, "inputs": int(inputs[1]) if inputs else 0, "cpu_seconds": round(after.ru_utime - before.ru_utime), "passed": is_well}), flush=True)
    if not is_well:
        print(done.stdout[-8000:], file=sys.stderr)
    return is_well


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--iterations", type=int, help="inputs for each")
    parser.add_argument("--seconds", type=float, default=60, help="for each, where no number of inputs is given")
    parser.add_argument("--profile", default="release")
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(TARGETS)
    if unknown:
        parser.error("there is no target " + ", ".join(sorted(unknown)))
    programs = binaries(arguments.profile)
    chosen = arguments.targets or TARGETS
    results = [run(it, programs[TARGETS[it][0]], TARGETS[it][1], arguments) for it in chosen]
    sys.exit(0 if all(results) else 1)


main()
