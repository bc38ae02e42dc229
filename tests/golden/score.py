#!/usr/bin/env python3
"""score: `vedette score` against the independent scorer of ../shared/bench, figure by figure to 1e-9. TAP.

usage: score.py VEDETTE BENCH

What that one does not compute is compared with figures.py beside this file, which is as independent. On the tracker's own
tracks and on spoilt ones: thinned, doubled, displaced, swapped, late.
"""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

SETS = [("calm", "--n 40 --clutter 2.5e-8 --duration 200 --seed 7", {}),
        ("window", "--n 40 --clutter 2.5e-8 --duration 200 --seed 8", {"--warm": "60", "--tmax": "150"}),
        ("narrow", "--n 60 --side 8000 --clutter 1e-7 --duration 150 --seed 9", {"--c": "75"})]
OURS = {"--warm": "--from", "--tmax": "--to", "--c": "--cut"}
SAME = ["gospa_mean", "gospa_norm", "loc_rms_m", "missed_per_scan", "false_per_scan", "truth_per_scan", "completeness", "spurious",
        "ambiguity", "id_switches", "idsw_per_target_hour", "fragments", "longest_seg", "n_targets", "scans"]


PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's numpy
# The scorer prints four decimals: here it prints what it computed. Where a match is kept it asks for a track's number among
# the places of tracks, so that now and then a match that holds is given up and assigned anew, which matters only where two
# tracks are near one vessel: for spoilt tracks it is asked what it means.
RUN = """
import builtins, sys
mend, path = sys.argv[1], sys.argv[2]
del sys.argv[:2]
source = open(path).read()
if mend == "mended":
    assert "q not in used_b" in source
    source = source.replace("q not in used_b", "pb[q] not in used_b")
whole = builtins.round
builtins.round = lambda v, digits=None: whole(v) if digits is None else v
exec(compile(source, path, "exec"))
"""


def reference(bench, scenario, tracks, options, spoilt):
    argv = [PYTHON, "-c", RUN, "mended" if spoilt else "as it is", bench / "eval.py", scenario, tracks]
    argv += [x for o in options.items() for x in o]
    wanted = json.loads(subprocess.run([str(a) for a in argv], check=True, capture_output=True, text=True).stdout)
    argv = [PYTHON, pathlib.Path(__file__).parent / "figures.py", scenario, tracks, *(x for o in options.items() for x in o)]
    more = json.loads(subprocess.run([str(a) for a in argv], check=True, capture_output=True, text=True).stdout)
    return {**{k: wanted[k] for k in SAME}, **more}


def spoil(rows, rng):
    """Other tracks than ours would ever be, so that every branch of both is walked."""
    out = []
    for row in rows:
        t, track, x, y, rest = row.split(",", 4)
        draw = rng.random()
        if draw < 0.05:
            continue
        if draw < 0.10:
            out.append(f"{t},{track}b,{float(x) + 40:.3f},{float(y) - 20:.3f},{rest}")
        if draw < 0.20:
            x, y = f"{float(x) + rng.gauss(0, 80):.3f}", f"{float(y) + rng.gauss(0, 80):.3f}"
        if draw < 0.25:
            t = f"{float(t) + rng.choice([-0.5, 0.5, 1.0]):.2f}"
        if 0.25 < draw < 0.27:
            track = str(rng.randrange(1, 30))
        out.append(",".join([t, track, x, y, rest]))
    return out


def compare(vedette, bench, scenario, tracks, options, spoilt):
    wanted = reference(bench, scenario, tracks, options, spoilt)
    argv = [vedette, "score", scenario, tracks, "--svg", tracks.with_suffix(".svg")]
    for o, v in options.items():
        argv += [OURS[o], v]
    got = json.loads(subprocess.run([str(a) for a in argv], check=True, capture_output=True, text=True).stdout)
    assert got["clusters_bounded"] == 0, got
    for key in wanted:
        assert math.isclose(got[key], wanted[key], rel_tol=1e-9, abs_tol=1e-9), (key, got[key], wanted[key])
    assert tracks.with_suffix(".svg").read_text().rstrip().endswith("</svg>")
    return wanted


def main():
    vedette, bench = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (bench / "eval.py").exists():
        print("1..0 # SKIP the independent scorer is not at hand")
        return 0
    if subprocess.run([PYTHON, "-c", "import numpy, pandas, scipy"], capture_output=True).returncode:
        print(f"1..0 # SKIP {PYTHON} has no numpy, pandas and scipy")
        return 0
    print(f"1..{2 * len(SETS)}")
    failed = n = 0
    with tempfile.TemporaryDirectory() as root:
        for name, arguments, options in SETS:
            subprocess.run([bench / "gen.py", *arguments.split(), name], cwd=root, check=True, capture_output=True)
            scenario, tracks = pathlib.Path(root) / name, pathlib.Path(root) / f"{name}.csv"
            subprocess.run([vedette, "track", scenario, "--out", tracks], check=True)
            header, *rows = tracks.read_text().splitlines()
            spoilt = pathlib.Path(root) / f"{name}-spoilt.csv"
            spoilt.write_text("\n".join([header, *spoil(rows, random.Random(1))]) + "\n")
            for what, file in (("our tracks", tracks), ("spoilt ones", spoilt)):
                n += 1
                try:
                    r = compare(vedette, bench, scenario, file, options, file == spoilt)
                    print(f"ok {n} - {name}, {what}: {len(r)} figures agree, GOSPA {r['gospa_mean']:.1f} m", flush=True)
                except Exception as e:  # noqa: BLE001: any failure is a finding
                    failed += 1
                    print(f"not ok {n} - {name}, {what}\n# {type(e).__name__}: {e}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
