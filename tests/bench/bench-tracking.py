#!/usr/bin/env python3
"""bench-tracking: how good the tracks are, on sets of scenarios made elsewhere, many seeds, against the perfect-association floor.

usage: bench-tracking.py [--build DIR] [--seeds N | --seeds A-B] [--sets a,b] [--no-order] [--prepare]

Each scenario is generated once by gen.py, its floor computed once by oracle.py, and both kept in $VEDETTE_SCENARIOS (default
$XDG_CACHE_HOME/vedette/scenarios, or that of ~/.cache). The two programs are looked for in $VEDETTE_BENCH, default
../shared/bench beside the tree. They need Debian's python3-numpy.

Prints "bench tracking_SET[_WINDOW]_FIGURE VALUE UNIT" lines: the mean over the seeds, and with _stderr its standard error;
what each seed gave goes to standard error, and a table against what is asked for at the end.
"""
import argparse
import csv
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's numpy
SETS = {
    "v50_lo": "--n 50 --clutter 2.5e-8",
    "v200_lo": "--n 200 --clutter 2.5e-8",
    "v1000_lo": "--n 1000 --side 30000 --clutter 2.5e-8",
    "v50_hi": "--n 50 --clutter 1e-6",
    "v200_hi": "--n 200 --clutter 1e-6",
    "v50_rot": "--n 50 --clutter 2.5e-8 --rotate",
    "v50_bias": "--n 50 --clutter 2.5e-8 --bias_r 60 --bias_az 0.6",
}
FLOOR = ["imm", "0.02", "2"]
WHOLE, START, STEADY, SETTLED = "", "start", "steady", "settled"
WINDOWS = {WHOLE: [], START: ["--to", "37.5"], STEADY: ["--from", "60"], SETTLED: ["--from", "600"]}
# The most (least: longest) the mean may be, by set and window. "ratio" is to the floor of the same window and seed.
LIMITS = {
    ("v50_lo", WHOLE): {"ratio": 1.05}, ("v200_lo", WHOLE): {"ratio": 1.05}, ("v1000_lo", WHOLE): {"ratio": 1.05},
    ("v50_rot", WHOLE): {"ratio": 1.05},
    ("v50_hi", START): {"ratio": 1.5}, ("v50_hi", STEADY): {"ratio": 1.15, "false": 1},
    ("v200_hi", STEADY): {"ratio": 1.15, "false": 1},
    ("v50_hi", WHOLE): {"false": 1}, ("v200_hi", WHOLE): {"false": 1},
    ("v50_bias", SETTLED): {"ratio_unbiased": 1.03},
}
# A wrong id whose vessel is within the cut-off as well may be the assignment's doing: both are told.
OF_ALL = {"switches": 0.2, "longest": 0.985, "wrong_ids": 0}  # of every set, over the whole of it
LEAST = {"longest"}
UNITS = {"gospa": "m", "floor": "m", "rms": "m", "false": "tracks/scan", "missed": "vessels/scan", "switches": "/target-hour",
         "wrong_ids": "labels", "beside_ids": "labels", "order_gospa": "m"}
FIGURES = {"gospa": "gospa_mean", "rms": "loc_rms_m", "false": "false_per_scan", "missed": "missed_per_scan",
           "switches": "idsw_per_target_hour", "longest": "longest_seg", "wrong_ids": "labels_wrong", "beside_ids": "labels_beside"}


class Impossible(Exception):
    pass


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(argv, **options):
    r = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False, **options)
    if r.returncode:
        raise Impossible(f"{argv[0]} {argv[1]}: {r.stderr.strip().splitlines()[-1:] or r.returncode}")
    return r.stdout


class Scenarios:
    """What gen.py and oracle.py made, one folder a seed and set. Several of these may work in one cache at a time."""

    def __init__(self, programs, cache):
        self.programs, self.cache = programs, cache

    def folder(self, name, seed):
        at = self.cache / f"s{seed}" / name
        if (at / "meta.json").exists():
            return at
        at.parent.mkdir(parents=True, exist_ok=True)
        say(f"{name} seed {seed}: generating")
        with tempfile.TemporaryDirectory(dir=at.parent) as room:
            run([PYTHON, self.programs / "gen.py", *SETS[name].split(), "--seed", seed, name], cwd=room)
            self.keep(pathlib.Path(room) / name, at)
        return at

    def floor(self, name, seed):
        at = self.folder(name, seed) / "floor.csv"
        if not at.exists():
            say(f"{name} seed {seed}: computing its floor")
            with tempfile.TemporaryDirectory(dir=at.parent) as room:
                made = pathlib.Path(room) / "floor.csv"
                run([PYTHON, self.programs / "oracle.py", at.parent, made, *FLOOR])
                os.replace(made, at)
        return at

    def ordered(self, name, seed):
        """The same scenario, every report arriving when it was made."""
        source = self.folder(name, seed)
        at = source / "order"
        if (at / "meta.json").exists():
            return at
        with tempfile.TemporaryDirectory(dir=source) as room:
            made = pathlib.Path(room) / "order"
            made.mkdir()
            with open(source / "plots.csv", newline="") as f:
                header, *rows = csv.reader(f)
            when, arrives, kind, sensor = (header.index(c) for c in ("time", "t_arrive", "kind", "sensor"))
            for row in rows:
                if row[kind] == "A":
                    row[arrives] = row[when]
            rows.sort(key=lambda row: (float(row[arrives]), int(row[sensor])))
            with open(made / "plots.csv", "w", newline="") as f:
                csv.writer(f, lineterminator="\n").writerows([header, *rows])
            for same in ("truth.csv", "meta.json"):
                shutil.copy(source / same, made / same)
            self.keep(made, at)
        return at

    @staticmethod
    def keep(made, at):
        try:
            os.rename(made, at)
        except OSError:
            if not (at / "meta.json").exists():
                raise  # not that another one was faster


class Bench:
    def __init__(self, vedette, scenarios):
        self.vedette, self.scenarios = vedette, scenarios
        self.seen = {}  # (set, window, figure) -> {seed: value}

    def score(self, folder, tracks, window):
        return json.loads(run([self.vedette, "score", folder, tracks, *WINDOWS[window]]))

    def floor(self, name, seed, window):
        """GOSPA of the floor; kept, as the scorer takes longer than the tracker on large sets."""
        tracks = self.scenarios.floor(name, seed)
        kept = tracks.with_name(f"floor-{window or 'whole'}.json")
        if not kept.exists():
            made = kept.with_suffix(f".{os.getpid()}")
            made.write_text(json.dumps(self.score(tracks.parent, tracks, window)))
            os.replace(made, kept)
        return json.loads(kept.read_text())["gospa_mean"]

    def put(self, name, window, figure, seed, value):
        self.seen.setdefault((name, window, figure), {})[seed] = value

    def track(self, folder, room):
        out = pathlib.Path(room) / "tracks.csv"
        run([self.vedette, "track", folder, "--out", out])
        return out

    def one(self, name, seed, order):
        folder = self.scenarios.folder(name, seed)
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as room:
            tracks = self.track(folder, room)
            took = time.monotonic() - start
            for window in windows_of(name):
                self.judge(name, window, seed, self.score(folder, tracks, window))
        if order:
            with tempfile.TemporaryDirectory() as room:
                ordered = self.scenarios.ordered(name, seed)
                r = self.score(ordered, self.track(ordered, room), WHOLE)
            self.put(name, WHOLE, "order_gospa", seed, r["gospa_mean"])
            self.put(name, WHOLE, "late_ratio", seed, self.seen[name, WHOLE, "gospa"][seed] / r["gospa_mean"])
        self.tell(name, seed, took)

    def judge(self, name, window, seed, r):
        for figure, key in FIGURES.items():
            self.put(name, window, figure, seed, r[key])
        floor = self.floor(name, seed, window)
        self.put(name, window, "floor", seed, floor)
        self.put(name, window, "ratio", seed, r["gospa_mean"] / floor)
        unbiased = self.seen.get(("v50_lo", window, "gospa"), {}).get(seed)
        if name == "v50_bias" and unbiased:
            self.put(name, window, "ratio_unbiased", seed, r["gospa_mean"] / unbiased)

    def tell(self, name, seed, took):
        parts = []
        for window in windows_of(name):
            v = {f: x[seed] for (n, w, f), x in self.seen.items() if (n, w) == (name, window) and seed in x}
            parts.append(f"{window + ' ' if window else ''}{v['gospa']:.1f} m = {v['ratio']:.4f} of the floor")
            if window == WHOLE:
                parts[-1] += f", {v['false']:.2f} false, {v['switches']:.2f} switches/h, longest {v['longest']:.4f}, "
                parts[-1] += f"{v['wrong_ids']} wrong ids, the right one beside in {v['beside_ids']}"
                parts[-1] += f", {v['late_ratio']:.4f} of that in order" if "late_ratio" in v else ""
            parts[-1] += f", {v['ratio_unbiased']:.4f} of the unbiased" if "ratio_unbiased" in v else ""
        say(f"{name} seed {seed}: {'; '.join(parts)} ({took:.1f} s)")


def windows_of(name):
    """v50_lo is looked at where v50_bias is, to be compared with."""
    more = {"v50_lo": [SETTLED]}
    return list(dict.fromkeys([WHOLE, *(w for n, w in LIMITS if n == name), *more.get(name, [])]))


def mean_and_error(values):
    n, mean = len(values), sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n) if n > 1 else math.nan


def limit_of(name, window, figure):
    limits = {**(OF_ALL if window == WHOLE else {}), **LIMITS.get((name, window), {})}
    return 1.01 if figure == "late_ratio" else limits.get(figure)


def report(seen):
    verdicts = []
    for (name, window, figure), by_seed in seen.items():
        values = list(by_seed.values())
        mean, error = mean_and_error(values)
        title = "_".join(p for p in ("tracking", name, window, figure) if p)
        unit = UNITS.get(figure, "ratio")
        print(f"bench {title} {mean:.4f} {unit}")
        if len(values) > 1:
            print(f"bench {title}_stderr {error:.4f} {unit}", flush=True)
        limit = limit_of(name, window, figure)
        if limit is not None:
            good = mean >= limit if figure in LEAST else mean <= limit
            worst = min(values) if figure in LEAST else max(values)
            verdicts.append(f"{'ok' if good else 'MISSED':6}  {title[9:]:32} {mean:9.4f} +- {error:.4f}  asked {'>=' if figure in LEAST else '<='}"
                            f" {limit:g}, worst of {len(values)} seeds {worst:.4f}")
    say("\n".join(verdicts))


def parse_seeds(text):
    low, _, high = text.partition("-")
    return range(int(low), int(high) + 1) if high else range(1, int(low) + 1)


def parse():
    p = argparse.ArgumentParser(prog="./run bench tracking")
    p.add_argument("--build", type=pathlib.Path, default=SOURCE / "build", help="the build that has cli/vedette (build)")
    p.add_argument("--seeds", type=parse_seeds, default=range(1, 11), help="how many, or FIRST-LAST (10)")
    p.add_argument("--sets", default=",".join(SETS), help="of " + ", ".join(SETS))
    p.add_argument("--no-order", action="store_true", help="not also with the reports in order")
    p.add_argument("--prepare", action="store_true", help="only make the scenarios and their floors")
    a = p.parse_args()
    a.sets = a.sets.split(",")
    if not set(a.sets) <= set(SETS):
        p.error(f"no such set: {', '.join(set(a.sets) - set(SETS))}")
    return a


def main():
    a = parse()
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    cache = pathlib.Path(os.environ.get("VEDETTE_SCENARIOS") or pathlib.Path(cache) / "vedette" / "scenarios")
    programs = pathlib.Path(os.environ.get("VEDETTE_BENCH") or SOURCE.parent / "shared" / "bench").resolve()
    if not (programs / "gen.py").exists() or not (programs / "oracle.py").exists():
        print(f"bench tracking skipped: no gen.py and oracle.py in {programs}; VEDETTE_BENCH tells where they are")
        return 0
    scenarios = Scenarios(programs, cache)
    bench = Bench((a.build / "cli" / "vedette").resolve(), scenarios)
    try:
        for seed in a.seeds:
            for name in sorted(a.sets, key=list(SETS).index):
                if a.prepare:
                    scenarios.floor(name, seed)
                else:
                    bench.one(name, seed, not a.no_order)
    except KeyboardInterrupt:
        say("interrupted: what follows is of the seeds done")
    except Impossible as e:
        say(f"bench tracking: {e}")
        return 1
    if bench.seen:
        report(bench.seen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
