#!/usr/bin/env python3
"""autoferry: the recorded harbour as scenario folders of `vedette track`.

usage: autoferry.py DATA OUT [--without SENSOR[,SENSOR]] [--everywhere]      SENSOR: radar, eo, ir

DATA is the folder of the autoferry data set (scenario2 .. scenario6 in it), OUT gets s2 .. s6, each with meta.json, plots.csv and
truth.csv. The data are north first and, radar's, relative to a ship that moves; the folders are east first, in the plane of the
data's own origin, with the ship's place beside each plot. Lidar is left out.

What is configured, the same for all scenarios, and where it is from:
  radar   period 1.679 s: the median of the records' intervals. Reach 500 m: no plot is farther. 8 m and 3 degrees (8 m at 150 m): a
          plot lies about as far off across as along, 7 m (measured over all scenarios together, with the truth)
  eo, ir  3 degrees, mounting and the outline found included: over all scenarios together bearings scatter so widely around the
          vessels that no narrower peak is to be seen. All round, no reach stated
The truth knows two vessels, the radar sees others: plots are kept in the water where the two sailed in any scenario, the hull of all
their places and 30 m around it; --everywhere keeps them all. A tracker is given nothing else of the truth: truth_id is -1 throughout.
Truth is interpolated from the records nearest in time to multiples of the period.
"""
import argparse
import bisect
import json
import math
import pathlib

RADAR, IR, EO = 2, 3, 4
NAMES = {"radar": RADAR, "ir": IR, "eo": EO}
ORIGIN = (63.4389029083, 10.39908278)
PERIOD_S, REACH_M, SIGMA_R_M, SIGMA_AZ_DEG, SIGMA_CAMERA_DEG = 1.679, 500.0, 8.0, 3.0, 3.0
MARGIN_M = 30.0
HEADER = "time,t_arrive,sensor,kind,range_m,az_deg,x,y,sog,cog,mmsi,truth_id,sx,sy"
SIDE_TO_REACH = 1.4  # of a scenario folder: the radars reach so many times its side


def pairs(measurement):
    """Radar: nothing, one [north, east], or a row of norths over a row of easts."""
    if not measurement:
        return []
    if isinstance(measurement[0], list):
        return list(zip(*measurement))
    return [tuple(measurement)]


def bearings(measurement):
    return measurement if isinstance(measurement, list) else [measurement]


def hull(points):
    """Andrew's monotone chain, anticlockwise."""
    def half(ordered):
        chain = []
        for x, y in ordered:
            while len(chain) > 1 and ((chain[-1][0] - chain[-2][0]) * (y - chain[-2][1])
                                      - (chain[-1][1] - chain[-2][1]) * (x - chain[-2][0])) <= 0:
                chain.pop()
            chain.append((x, y))
        return chain[:-1]
    ordered = sorted(set(points))
    return half(ordered) + half(ordered[::-1])


def inside(water, x, y):
    """Within MARGIN_M of every side's inner half plane; water None: everywhere."""
    if water is None:
        return True
    for (ax, ay), (bx, by) in zip(water, water[1:] + water[:1]):
        if ((by - ay) * (x - ax) - (bx - ax) * (y - ay)) / math.hypot(bx - ax, by - ay) > MARGIN_M:
            return False
    return True


def load(source, number, what):
    return json.loads((source / f"scenario{number}" / f"scenario{number}_{what}.json").read_text())


def rows(records, start, sensors, water):
    for r in records:
        t, sensor, (sy, sx) = r["time"] - start, r["sensorID"], r["ownshipPosition"]
        place = f"{sx:.3f},{sy:.3f}"
        if sensor not in sensors:
            continue
        if sensor == RADAR:
            for n, e in pairs(r["measurement"]):
                if not inside(water, sx + e, sy + n):
                    continue
                az = math.degrees(math.atan2(e, n)) % 360
                yield f"{t:.3f},{t:.3f},{sensor},R,{math.hypot(e, n):.3f},{az:.4f},{sx + e:.3f},{sy + n:.3f},,,0,-1,{place}"
        else:
            for b in bearings(r["measurement"]):
                yield f"{t:.3f},{t:.3f},{sensor},B,,{math.degrees(b) % 360:.4f},,,,,0,-1,{place}"


def truth(records, entries, start, end):
    """East and north of each target at multiples of the period, and its speed there."""
    for k in range(2):
        known = sorted({e[k]["time"] - start: e[k]["position"] for e in entries}.items())
        times = [t for t, _ in known]
        for step in range(int((end - start) / PERIOD_S) + 1):
            t = step * PERIOD_S
            i = bisect.bisect(times, t)
            if not 0 < i < len(known):
                continue
            (t0, p0), (t1, p1) = known[i - 1], known[i]
            w, h = (t - t0) / (t1 - t0), t1 - t0
            n, e = (a + w * (b - a) for a, b in zip(p0[:2], p1[:2]))
            yield step, f"{t:.3f},{k + 1},{e:.3f},{n:.3f},{(p1[1] - p0[1]) / h:.3f},{(p1[0] - p0[0]) / h:.3f},0,0"


def convert(source, target, number, sensors, water):
    records, entries = load(source, number, "detections"), load(source, number, "groundTruth")
    entries = [e for _, e in sorted(zip((r["time"] for r in records), entries), key=lambda x: x[0])]
    records.sort(key=lambda r: r["time"])
    start, end = records[0]["time"], records[-1]["time"]
    north, east = records[0]["ownshipPosition"]
    camera = {"pos": [east, north], "sigma_deg": SIGMA_CAMERA_DEG}
    meta = {"name": target.name, "lat0": ORIGIN[0], "lon0": ORIGIN[1], "side": REACH_M / SIDE_TO_REACH, "duration": end - start,
            "scan": PERIOD_S, "sigma_r": SIGMA_R_M, "sigma_az": SIGMA_AZ_DEG, "sigma_ais": 10,
            "radar_list": [{"id": RADAR, "pos": [east, north]}],
            "camera_list": [{"id": s, **camera} for s in (IR, EO) if s in sensors]}
    target.mkdir(parents=True, exist_ok=True)
    (target / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")
    (target / "plots.csv").write_text("\n".join([HEADER, *rows(records, start, sensors, water)]) + "\n")
    lines = [line for _, line in sorted(truth(records, entries, start, end), key=lambda x: x[0])]
    (target / "truth.csv").write_text("\n".join(["time,id,x,y,vx,vy,class,mmsi", *lines]) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--without", default="")
    parser.add_argument("--everywhere", action="store_true")
    args = parser.parse_args()
    water = None
    if not args.everywhere:
        water = hull((o["position"][1], o["position"][0]) for k in range(2, 7) for e in load(args.data, k, "groundTruth") for o in e)
    sensors = {n for name, n in NAMES.items() if name not in args.without.split(",")}
    for number in range(2, 7):
        convert(args.data, args.out / f"s{number}", number, sensors, water)


if __name__ == "__main__":
    main()
