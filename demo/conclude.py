"""conclude: what the timed demo saw, as figures, and which of them miss what it promises."""
import json
import pathlib
import sqlite3
import subprocess

import watch

WARM_S = 30                 # tracks need some turns of the antenna before they are judged
AIS_ERROR_M = 15
RADAR_ERROR_M = 60
DUPLICATE_PERCENT = 2
LATENCY_P99_MS = 500
TRACKS = 50
RECOVERY_S = 5
STALE_S = 20                # silent hosts are told after 9 s (hub/health.h)
SECTION_SLACK_M = 500       # the policy's hysteresis at the line, and a track's age when we looked


def inside(polygon, lon, lat):
    hit = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:]):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def edge_distance_m(polygon, lon, lat):
    best = float("inf")
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:]):
        for k in range(51):
            best = min(best, watch.distance_m(lat, lon, y1 + (y2 - y1) * k / 50, x1 + (x2 - x1) * k / 50))
    return best


def outside_section(scene, centre, snapshots):
    """Tracks a neighbour was shown that are not in its own section."""
    sections = json.loads((scene / "sections.geojson").read_text())
    rings = [f["geometry"]["coordinates"][0] for f in sections["features"] if f["properties"]["centre"] == centre]
    wrong = set()
    for snapshot in snapshots:
        for t in snapshot:
            if not any(inside(r, t["lon"], t["lat"]) or edge_distance_m(r, t["lon"], t["lat"]) < SECTION_SLACK_M for r in rings):
                wrong.add(t["id"])
    return sorted(wrong)


def fused(snapshots):
    """Tracks that both radars and AIS hold as one, and those the camera helped."""
    three, camera = set(), set()
    for t in (t for s in snapshots for t in s):
        feeds = {s["feed"] for s in t["sources"]}
        if {"radar1", "radar2", "ais1"} <= feeds:
            three.add(t["id"])
        if "camera1" in feeds:
            camera.add(t["id"])
    return len(three), len(camera)


def latency(values):
    """From a datagram's receive time to the update of a confirmed track in the hub."""
    return {q: round(values[f"vedette_hub_latency_{q}_seconds"] * 1000, 1) for q in ("p50", "p99")}


def filter_report(root):
    """What the filter passed and dropped, in packets per feed."""
    for path in (root / "run/filter").glob("*.json"):
        status = json.loads(path.read_text())
        return {"mode": status["mode"], "ring_overruns_before_the_filter": status["link"]["ring_overruns"],
                "passed": {f["feed"]: f["pass_feed"]["packets"] for f in status["feeds"]},
                "dropped": sum(f["drop_source"]["packets"] for f in status["feeds"])}
    return None


def lost_after_filter(root, passed):
    """Datagrams that the filter passed and no plot, record or counted error of the outbox answers for.

    The uplink's cursor of a feed is datagram x 256 + 255, over all lives of the decoder: its ring survives kill -9.
    """
    db = sqlite3.connect(f"file:{root}/state/uplink/live.db?mode=ro", uri=True)
    committed = {name: seq // 256 for name, _epoch, seq in db.execute("SELECT name, a, b FROM mark WHERE name LIKE 'feed/%'")}
    db.close()
    return sum(passed[f] - committed.get(f"feed/{f}", 0) for f in ("radar1", "radar2", "ais1"))


def journal_gaps(root):
    """Sequence numbers the centre acknowledged but does not hold: must be none. Lanes are dense."""
    seqs = {}
    for path in sorted(pathlib.Path(root / "state/fusion/journal").glob("*.journal")):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        for origin, lane, epoch, seq in db.execute("SELECT origin, lane, epoch, seq FROM row WHERE seq > 0"):
            seqs.setdefault((origin, lane, epoch), []).append(seq)
        late = db.execute("SELECT count(*) FROM row WHERE late").fetchone()[0]
        db.close()
    missing = sum(max(s) - len(set(s)) for s in seqs.values())
    twice = sum(len(s) - len(set(s)) for s in seqs.values())
    return {"records": sum(map(len, seqs.values())), "missing": missing, "twice": twice, "late": late if seqs else 0}


def neighbour_gaps(root):
    """What xa's log for xb holds against what xb has: the cursor must be at the head, no version twice."""
    heads, cursors = {}, {}
    for path in (root / "state/hub-xa/peers").glob("xb-*.db"):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        heads[path.stem.removeprefix("xb-")] = db.execute("SELECT a FROM mark WHERE name = '.head'").fetchone()[0]
        db.close()
    db = sqlite3.connect(f"file:{root}/state/hub-xb/picture.db?mode=ro", uri=True)
    for name, _epoch, seq in db.execute("SELECT * FROM cursor"):
        cursors[name.removeprefix("peer/xa/")] = seq
    db.close()
    return {"sent": {lane: head for lane, head in heads.items() if head}, "received": cursors}


def ledger(demo):
    out = subprocess.run([demo.binary("cli/vedette"), "ledger", "verify", str(demo.root / "state/hub-xa/ledger.db")],
                         capture_output=True, text=True)
    return {"exit": out.returncode, "said": (out.stdout + out.stderr).strip().splitlines()[-1:]}


def replay(demo):
    """The journal's tracks against the published ones, bit for bit. Fusion must have stopped."""
    out = subprocess.run([demo.binary("cli/vedette"), "replay", str(demo.root / "state/fusion"), "--verify"],
                         capture_output=True, text=True)
    return {"exit": out.returncode, "said": (out.stdout + out.stderr).strip().splitlines()[-1:]}


def check(demo, r):
    """The promises, each with the figure that breaks it."""
    failures = []

    def must(ok, text):
        if not ok:
            failures.append(text)

    must(r["confirmed_tracks"] >= TRACKS, f"only {r['confirmed_tracks']} confirmed tracks")
    must(r["scene_classes_missing"] == [], f"kinds of vessel without a track: {r['scene_classes_missing']}")
    must(r["fused_by_both_radars_and_ais"] > 0, "no vessel is one track of both radars and AIS")
    must((r["median_error_ais_m"] or 1e9) <= AIS_ERROR_M, f"median error with AIS {r['median_error_ais_m']} m")
    must((r["median_error_radar_only_m"] or 1e9) <= RADAR_ERROR_M, f"median error radar only {r['median_error_radar_only_m']} m")
    must((r["duplicate_percent"] or 0) <= DUPLICATE_PERCENT, f"duplicates {r['duplicate_percent']} %")
    must(r["foreign_tracks"] > 0, "the neighbour received nothing")
    must(not r["foreign_outside_section"], f"the neighbour saw tracks outside its section: {r['foreign_outside_section']}")
    must(r["journal"]["missing"] == 0 and r["journal"]["twice"] == 0 and r["journal"]["records"] > 0, f"journal: {r['journal']}")
    must(r["neighbour"]["sent"] == r["neighbour"]["received"], f"neighbour: {r['neighbour']}")
    must(r["replay"]["exit"] == 0, f"replay --verify: {r['replay']['said']}")
    must(not r["stubborn"], f"did not end on SIGTERM: {r['stubborn']}")
    if not demo.options.functional:
        must(r["latency"]["p99"] <= LATENCY_P99_MS, f"p99 latency {r['latency']['p99']} ms")
        for name, s in r.get("recovery_s", {}).items():
            must(s is not None and s <= RECOVERY_S, f"{name} was not back in {RECOVERY_S} s")
    must(r["ledger"]["exit"] == 0, f"ledger verify: {r['ledger']['said']}")
    if r["filter"]:
        must(r["lost_after_filter"] == 0, f"{r['lost_after_filter']} datagrams lost after the filter")
    if demo.options.seconds and demo.options.flood and demo.net.privileged:
        must(r["filter"]["dropped"] > 100_000, "the flood was not met by the filter")
    if "link_cut" in r:
        must(r["link_cut"]["live_resumed_s"] is not None, "live did not resume after the link's return")
        must(r["link_cut"]["told_stale"] or r["link_cut"]["seconds"] < STALE_S, "the picture did not say that the link was dead")
        must(r["late_in_history"] > 0, "no late plot of the cut is in history")
    return failures


def pictures(demo, r):
    """While everything still runs: what the two hubs say at the end."""
    values = watch.metrics(demo.urls["xa"])
    r["latency_at_the_end"] = latency(values)
    r["late_in_history"] = int(values["vedette_hub_late_plots_kept"])


def figures(demo, r):
    """After everything has stopped: the judgement over the whole run."""
    truth = watch.Truth(demo.root / "truth.csv")
    warm = demo.snapshots[int(WARM_S / demo.look_every):] or demo.snapshots
    r.update(watch.judge(truth, warm))
    r["confirmed_tracks"] = max((len(s) for s in warm), default=0)
    r["scene_classes_missing"] = sorted({v["class"] for v in truth.vessels.values()} - set(r["classes_seen"]))
    r["fused_by_both_radars_and_ais"], r["fused_with_camera"] = fused(warm)
    r["foreign_tracks"] = max((len(s) for s in demo.foreign), default=0)
    r["foreign_outside_section"] = outside_section(demo.scene, "xb", demo.foreign)
    r["stale_glances"], r["unreachable_glances"] = demo.stale_seen, demo.unreachable_seen
    r["journal"] = journal_gaps(demo.root)
    r["replay"] = replay(demo)
    r["ledger"], r["neighbour"] = ledger(demo), neighbour_gaps(demo.root)
    r["filter"] = filter_report(demo.root)
    if r["filter"]:
        r["lost_after_filter"] = lost_after_filter(demo.root, r["filter"]["passed"])
    r["failures"] = check(demo, r)
