#!/usr/bin/python3
"""figures: what of `vedette score` the scorer of ../shared/bench does not compute, from the definitions, one dense assignment a
grid time. usage: figures.py TRUTH-FOLDER TRACKS [--c 200] [--tmax T] [--warm 0]   Prints one JSON line.

OSPA: Schuhmacher, Vo and Vo (2008), p = 2. Errors, NEES and labels are of the pairs of that assignment that are within c.
"""
import argparse
import csv
import json
import math
import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment


def grid(path, identifier, step):
    """{step: rows}: one row a time and identifier, the nearest to the grid, none farther than 0.3 of a step."""
    best = {}
    with open(path, newline="") as f:
        for row in csv.DictReader(f):
            t = float(row["time"])
            k = round(t / step)
            off = abs(t - k * step)
            key = (k, row[identifier])
            if off <= 0.3 * step and (key not in best or off < best[key][0]):
                best[key] = (off, row)
    by_step = {}
    for (k, _), (_, row) in best.items():
        by_step.setdefault(k, []).append(row)
    return by_step


def numbers(rows, *columns):
    return np.array([[float(r[c]) for c in columns] for r in rows]).reshape(len(rows), len(columns))


def label(row):
    return int(row["id"]) if row["id_kind"] == "mmsi" else 0


class Sums:
    def __init__(self):
        self.ospa, self.d, self.v2, self.nees = [], [], [], []
        self.right = self.wrong = self.beside = self.alone = 0

    def add(self, truth, tracks, c):
        a, b = numbers(truth, "x", "y"), numbers(tracks, "x", "y")
        d = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) if len(a) and len(b) else np.zeros((len(a), len(b)))
        cost = np.minimum(d, c) ** 2
        pairs = list(zip(*linear_sum_assignment(cost))) if d.size else []
        most, least = max(len(a), len(b)), min(len(a), len(b))
        self.ospa.append(math.sqrt((sum(cost[i, j] for i, j in pairs) + c * c * (most - least)) / most) if most else 0)
        pairs = {j: i for i, j in pairs if d[i, j] < c}
        for j, track in enumerate(tracks):
            if j in pairs:
                self.pair(truth[pairs[j]], track, d[pairs[j], j])
            if label(track):
                self.name(label(track), int(truth[pairs[j]]["mmsi"]) if j in pairs else None,
                          any(int(t["mmsi"]) == label(track) and d[i, j] < c for i, t in enumerate(truth)))

    def pair(self, truth, track, d):
        e = {k: float(track[k]) - float(truth[k]) for k in ("x", "y", "vx", "vy")}
        self.d.append(d)
        self.v2.append(e["vx"] ** 2 + e["vy"] ** 2)
        p = np.array([[float(track["sxx"]), float(track["sxy"])], [float(track["sxy"]), float(track["syy"])]])
        error = np.array([e["x"], e["y"]])
        self.nees.append(error @ np.linalg.inv(p) @ error)

    def name(self, said, held, near):
        if held is None:
            self.alone += 1
        elif said == held:
            self.right += 1
        else:
            self.wrong += 1
            self.beside += near


def main():
    p = argparse.ArgumentParser()
    p.add_argument("scenario", type=pathlib.Path)
    p.add_argument("tracks", type=pathlib.Path)
    p.add_argument("--c", type=float, default=200.0)
    p.add_argument("--tmax", type=float, default=math.inf)
    p.add_argument("--warm", type=float, default=0.0)
    a = p.parse_args()
    step = json.loads((a.scenario / "meta.json").read_text())["scan"]
    truth, tracks = grid(a.scenario / "truth.csv", "id", step), grid(a.tracks, "track_id", step)
    last = min(max(truth), int(a.tmax / step) if a.tmax < math.inf else max(truth))
    s = Sums()
    for k in range(math.ceil(a.warm / step), last + 1):
        s.add(truth.get(k, []), tracks.get(k, []), a.c)
    print(json.dumps({"ospa_mean": float(np.mean(s.ospa)), "loc_mean_m": float(np.mean(s.d)),
                      "velocity_rms_mps": math.sqrt(np.mean(s.v2)), "nees": float(np.mean(s.nees)), "labels_right": s.right,
                      "labels_wrong": s.wrong, "labels_beside": s.beside, "labels_alone": s.alone,
                      "wrong_ids": s.wrong / (s.right + s.wrong)}))


main()
