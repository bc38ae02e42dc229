"""scenarios: what the benchmarks of the tracker are made on.

Each is generated once by gen.py, its floor computed once by oracle.py, and both are kept in $VEDETTE_SCENARIOS (default
$XDG_CACHE_HOME/vedette/scenarios, or that of ~/.cache). The two programs are looked for in $VEDETTE_BENCH, default
../shared/bench beside the tree. They need Debian's python3-numpy.
"""
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

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
    # for speed: tiles of 20 km with 200 vessels and two radars each
    "s10k": "--n 200 --tiles 7 --duration 40",
    "s10k_rot": "--n 200 --tiles 7 --duration 40 --rotate",
    "s100k": "--n 200 --tiles 22 --duration 15",
    "s1M": "--n 200 --tiles 71 --duration 10",
}
FLOOR = ["imm", "0.02", "2"]


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

    def __init__(self):
        cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        self.cache = pathlib.Path(os.environ.get("VEDETTE_SCENARIOS") or pathlib.Path(cache) / "vedette" / "scenarios")
        self.programs = pathlib.Path(os.environ.get("VEDETTE_BENCH") or SOURCE.parent / "shared" / "bench").resolve()

    @property
    def missing(self):
        """What stands against making any; None = nothing."""
        if all((self.programs / name).exists() for name in ("gen.py", "oracle.py")):
            return None
        return f"no gen.py and oracle.py in {self.programs}; VEDETTE_BENCH tells where they are"

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

    def beginning(self, name, seed, seconds):
        """The first part of a scenario, as if it ended there."""
        source = self.folder(name, seed)
        at = source / f"first-{seconds}"
        if (at / "meta.json").exists():
            return at
        with tempfile.TemporaryDirectory(dir=source) as room:
            made = pathlib.Path(room) / "part"
            made.mkdir()
            with open(source / "plots.csv") as f, open(made / "plots.csv", "w") as out:
                out.write(next(f))
                out.writelines(line for line in f if float(line.split(",", 2)[1]) <= seconds)
            meta = json.loads((source / "meta.json").read_text())
            (made / "meta.json").write_text(json.dumps({**meta, "duration": seconds}))
            self.keep(made, at)
        return at

    @staticmethod
    def keep(made, at):
        try:
            os.rename(made, at)
        except OSError:
            if not (at / "meta.json").exists():
                raise  # not that another one was faster
