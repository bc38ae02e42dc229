#!/usr/bin/env python3
"""bench-tracker: the tracker's speed, on one core, on large scenarios made elsewhere (scenarios.py) or on a scene of its own.

usage: bench-tracker.py [--build DIR] [--sets a,b] [--repeat N] [--threads N] [--largest] [--simulate]

--largest adds the set of a million tracks: 1.1 GB on disk, more in memory. --simulate counts instructions and cache misses a
plot with valgrind's callgrind, for machines that do not let them be counted: a model of the caches, some minutes.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import scenarios
from scenarios import say

SETS = ["s10k", "s100k", "v1000_lo", "v200_hi"]  # the first is what larger ones are told against
LARGEST, LIVE, SIMULATED = "s1M", "s10k_rot", "s10k"


def parse():
    p = argparse.ArgumentParser(prog="./run bench tracker")
    p.add_argument("--build", type=pathlib.Path, default=scenarios.SOURCE / "build", help="the build that has the benchmark (build)")
    p.add_argument("--sets", default=",".join(SETS), help=", ".join(SETS))
    p.add_argument("--repeat", default="3", help="the best of so many counts (3)")
    p.add_argument("--threads", default="1", help="that share a scan's plots (1)")
    p.add_argument("--largest", action="store_true", help="also with a million tracks")
    p.add_argument("--simulate", action="store_true", help="also instructions and cache misses a plot, under callgrind")
    a = p.parse_args()
    a.sets = a.sets.split(",")
    if not set(a.sets) <= set(scenarios.SETS):
        p.error(f"no such set: {', '.join(set(a.sets) - set(scenarios.SETS))}")
    return a


def totals(text):
    """{event: count} of a file of callgrind's."""
    events = re.search(r"^events: (.*)$", text, re.M)[1].split()
    counts = re.search(r"^(?:summary|totals): (.*)$", text, re.M)[1].split()
    return dict(zip(events, map(int, counts)))


def simulate(program, build, folder):
    plots = sum(1 for _ in open(folder / "plots.csv")) - 1
    with tempfile.TemporaryDirectory() as room:
        out = pathlib.Path(room) / "callgrind.out"
        argv = ["valgrind", "--quiet", "--tool=callgrind", "--cache-sim=yes", "--collect-atstart=no", f"--callgrind-out-file={out}",
                program, build, "--repeat", "1", folder]
        try:
            subprocess.run([str(a) for a in argv], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except (OSError, subprocess.CalledProcessError) as e:
            print(f"bench tracker.simulated skipped: {e}")
            return
        n = totals(out.read_text())
    for name, events in (("instructions", ["Ir"]), ("data", ["Dr", "Dw"]), ("misses_l1", ["D1mr", "D1mw"]), ("misses_last", ["DLmr", "DLmw"])):
        print(f"bench tracker.simulated.{name}.{folder.name} {sum(n[e] for e in events) / plots:.1f} /plot", flush=True)


def main():
    a = parse()
    program, made = a.build / "tests/bench/bench-tracker", scenarios.Scenarios()
    if made.missing:
        say(f"bench tracker: a scene of its own only: {made.missing}")
        return subprocess.run([program, a.build, "--repeat", a.repeat], check=False).returncode
    try:
        folders = [made.folder(name, 1) for name in a.sets + [LARGEST] * a.largest]
        live = made.folder(LIVE, 1)
    except scenarios.Impossible as e:
        say(f"bench tracker: {e}")
        return 1
    code = subprocess.run([program, a.build, "--repeat", a.repeat, "--threads", a.threads, *folders], check=False).returncode
    code |= subprocess.run([program, a.build, "--threads", a.threads, "--live", live], check=False).returncode
    if a.simulate and not code:
        simulate(program, a.build, made.folder(SIMULATED, 1))
    return code


if __name__ == "__main__":
    sys.exit(main())
