#!/usr/bin/env python3
"""real: recorded AIS and ASTERIX through the whole running path; the hub's tracks against the recorded decodes.

usage: real.py BUILD_DIR SOURCE_DIR
TAP. Skips, visibly, where ../shared/data is not. The path is the demo's, on loopback, without its scene.
"""
import argparse
import gzip
import json
import math
import pathlib
import subprocess
import sys
import time

BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "demo"))
import certificates
import configure
import demo
import network
import watch

DATA = SOURCE.parent / "shared/data"
AIS = DATA / "ais/noaadata-uscg-test.ais"
RADAR = DATA / "asterix/cat034-048-mtr-padded-260429.pcap"
NEAR_KM = 80          # around the port with most vessels: the centre's plane is local
AIS_SECONDS = 40
RADAR_SECONDS = 100   # 13 turns of an antenna of 7.6 s
RADAR_PLOTS = 100     # that the recording holds in that time, and more
SITE = (54.4955, 11.2380)  # the scene's radar1: where the recorded radar is said to stand


def recorded_ais():
    """Position of each vessel as gpsdecode recorded it; only vessels that reported once: the log is played in a loop."""
    seen = {}
    for line in gzip.open(f"{AIS}.gpsdecode-u.json.gz", "rt"):
        m = json.loads(line)
        if m.get("type") in (1, 2, 3) and abs(m["lat"]) <= 90 * 600000:
            seen.setdefault(m["mmsi"], []).append((m["lat"] / 600000, m["lon"] / 600000, m["speed"] / 10))
    return {mmsi: p[0] for mmsi, p in seen.items() if len(p) == 1 and p[0][2] < 1}


def recorded_radar():
    """Polar positions of the recording's first minutes as Croatia Control's decoder has them: (NM, degrees, FL)."""
    seen = []
    for line in gzip.open(f"{RADAR}.croatia.json.gz", "rt"):
        items = json.loads(line).get("CAT048")
        if items:
            seen.append((items["I040"]["RHO"], items["I040"]["THETA"], items.get("I090", {}).get("FL") or 0))
    return seen[:RADAR_PLOTS]


def densest(vessels):
    def near(p):
        return {m: q for m, q in vessels.items() if watch.distance_m(p[0], p[1], q[0], q[1]) < NEAR_KM * 1000}
    best = max(vessels.values(), key=lambda p: len(near(p)))
    return best, near(best)


def start(origin, ports):
    options = argparse.Namespace(build=str(BUILD), ports=ports, seconds=1, functional=True, keep=False)
    network.make = network.Loopback
    d = demo.Demo(options)
    certificates.make(d.root / "certs")
    configure.feeds(d.root, d.scene, d.net)
    for feed, more in (("ais1", ""), ("radar1", "[Radar]\nMaxRange=470 km\nScanPeriod=7.63 s\nAzimuthSigma=0.08 deg\n")):
        with open(d.root / f"mast/feeds/{feed}.conf.d/60-real.conf", "w") as f:
            f.write(f"[Feed]\nSource=\nSource=127.0.0.0/8\n{more}")
    # The scene's radar has a number of its own; the recorded one has another.
    radar = d.root / "mast/feeds/radar1.conf"
    radar.write_text("\n".join(l for l in radar.read_text().splitlines() if not l.startswith(("SAC=", "SIC="))) + "\n")
    configure.mast(d.root, d.net)
    configure.centre(d.root, d.net, d.scene, d.build, d.ports)
    conf = d.root / "xa/fusion.conf"
    text = conf.read_text().replace("Latitude=54.57", f"Latitude={origin[0]:.4f}").replace("Longitude=11.25", f"Longitude={origin[1]:.4f}")
    conf.write_text(text)
    try:
        bring_up(d)
    except BaseException:
        d.close(keep=True)
        raise
    return d


def bring_up(d):
    d.start_centres()
    d.start_mast()
    d.wait(lambda: all(p.up for p in d.supervisor.processes.values()), 60, "the path")
    d.wait(lambda: watch.reachable(d.urls["xa"]), 20, "the picture")


def play(d, feed, path, seconds, *more):
    argv = [d.binary("cli/vedette"), "send", str(path), "--to", d.net.listen[feed], *more]
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        d.step()
    tracks = watch.cards(d.urls["xa"])
    child.terminate()
    child.wait()
    return tracks


def ais_vessels_are_where_they_were_recorded():
    origin, expected = densest(recorded_ais())
    d = start(origin, "38080,38081")
    try:
        found = {t["mmsi"]: t for t in play(d, "ais1", AIS, AIS_SECONDS, "--rate", "200", "--loop") if t["mmsi"]}
    finally:
        d.close(keep=False)
    hit = [m for m in expected if m in found]
    far = [m for m in hit if watch.distance_m(found[m]["lat"], found[m]["lon"], *expected[m][:2]) > 200]
    print(f"# {len(expected)} vessels recorded near {origin[0]:.2f} {origin[1]:.2f}, {len(hit)} tracked, {len(far)} off by over 200 m")
    return len(expected) >= 10 and len(hit) >= 0.9 * len(expected) and not far


def polar_distance_m(track, plot):
    """Between a track and a recorded plot, both seen from the radar: ground range from the slant range and the height."""
    rho, theta, level = plot[0] * 1852, math.radians(plot[1]), plot[2] * 30.48
    ground = math.sqrt(max(rho * rho - level * level, 0))
    # Great circle from the radar; the sphere against the ellipsoid is some 0.3 % at most.
    la, lb, dl = math.radians(SITE[0]), math.radians(track["lat"]), math.radians(track["lon"] - SITE[1])
    east, north = math.sin(dl) * math.cos(lb), math.cos(la) * math.sin(lb) - math.sin(la) * math.cos(lb) * math.cos(dl)
    azimuth = math.atan2(east, north)
    r = 6371009 * math.atan2(math.hypot(east, north), math.sin(la) * math.sin(lb) + math.cos(la) * math.cos(lb) * math.cos(dl))
    return math.hypot(r - ground, r * math.remainder(azimuth - theta, 2 * math.pi))


def aircraft_are_where_the_radar_saw_them():
    expected = recorded_radar()
    d = start(SITE, "38080,38081")
    try:
        tracks = play(d, "radar1", RADAR, RADAR_SECONDS, "--rate", "recorded", "--restamp")
    finally:
        d.close(keep=False)
    far = []
    for t in tracks:
        off = min(polar_distance_m(t, p) for p in expected)
        print(f"# {t['id']} {t['state']} {t['sources'][0]['plots']} plots, {off:.0f} m from the nearest recorded one")
        if off > 3000:
            far.append(t["id"])
    return len(tracks) >= 3 and not far


def main():
    if not AIS.exists() or not RADAR.exists():
        print("1..0 # SKIP no captures at ../shared/data")
        return 0
    tests = [ais_vessels_are_where_they_were_recorded, aircraft_are_where_the_radar_saw_them]
    print(f"1..{len(tests)}")
    failed = 0
    for n, test in enumerate(tests, 1):
        ok = test()
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {n} - {test.__name__}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
