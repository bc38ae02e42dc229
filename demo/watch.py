"""watch: looks at both centres as a person would, over HTTP, and judges what it saw against the scene's truth."""
import bisect
import csv
import json
import math
import statistics
import urllib.error
import urllib.request

MATCH_M = 250        # a track farther than this from every vessel is false
DUPLICATE_M = 150    # two tracks so near one vessel, and no other vessel near: one is a duplicate
METRES_PER_DEG = 111195.0


def get(url, timeout=2):
    with urllib.request.urlopen(url, timeout=timeout) as reply:
        return json.load(reply)


def get_text(url, timeout=2):
    with urllib.request.urlopen(url, timeout=timeout) as reply:
        return reply.read().decode()


def metrics(url):
    """Prometheus text -> {name{labels}: value}."""
    values = {}
    for line in get_text(url + "/metrics").splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            values[name] = float(value)
    return values


def distance_m(lat1, lon1, lat2, lon2):
    dy = (lat2 - lat1) * METRES_PER_DEG
    dx = (lon2 - lon1) * METRES_PER_DEG * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(dx, dy)


class Truth:
    """The scene's own record: where every vessel was, interpolated."""

    def __init__(self, path):
        self.vessels = {}
        for row in csv.DictReader(open(path)):
            v = self.vessels.setdefault(row["id"], {"class": row["class"], "mmsi": int(row["mmsi"]), "t": [], "p": [],
                                                    "flags": row["flags"]})
            v["t"].append(int(row["time_ns"]))
            v["p"].append((float(row["lat"]), float(row["lon"])))

    def at(self, vessel, t_ns):
        i = bisect.bisect(vessel["t"], t_ns)
        if i == 0 or i == len(vessel["t"]):
            return None
        t0, t1 = vessel["t"][i - 1], vessel["t"][i]
        f = (t_ns - t0) / (t1 - t0)
        (a, b), (c, d) = vessel["p"][i - 1], vessel["p"][i]
        return a + f * (c - a), b + f * (d - b)

    def nearest(self, t_ns, lat, lon):
        best = (math.inf, None)
        for name, v in self.vessels.items():
            p = self.at(v, t_ns)
            if p:
                best = min(best, (distance_m(lat, lon, *p), name), key=lambda x: x[0])
        return best


def judge(truth, snapshots):
    """snapshots: lists of tracks as /api/tracks gives them. Errors in m by kind of vessel, duplicates, false tracks."""
    errors = {"ais": [], "radar": []}
    tracks = duplicates = false = wrong_identity = 0
    seen, per_track_sources = set(), {}
    for snapshot in snapshots:
        claimed = {}
        for t in snapshot:
            d, name = truth.nearest(t["time_ms"] * 1_000_000, t["lat"], t["lon"])
            tracks += 1
            if name is None or d > MATCH_M:
                false += 1
                continue
            claimed.setdefault(name, []).append((d, t))
        for name, found in claimed.items():
            vessel = truth.vessels[name]
            found.sort(key=lambda x: x[0])
            seen.add(name)
            kind = "ais" if vessel["mmsi"] and "mmsi" in found[0][1] and found[0][1]["mmsi"] else "radar"
            errors[kind].append(found[0][0])
            per_track_sources[name] = max(per_track_sources.get(name, 0), found[0][1].get("feeds", 0))
            for d, t in found:
                if t.get("mmsi") and vessel["mmsi"] and t["mmsi"] != vessel["mmsi"]:
                    wrong_identity += 1
            # A second track near this vessel counts unless another, untracked vessel stands there too.
            duplicates += sum(1 for d, _ in found[1:] if d < DUPLICATE_M)
    return {
        "track_observations": tracks,
        "vessels_seen": len(seen),
        "classes_seen": sorted({truth.vessels[n]["class"] for n in seen}),
        "median_error_ais_m": round(statistics.median(errors["ais"]), 1) if errors["ais"] else None,
        "median_error_radar_only_m": round(statistics.median(errors["radar"]), 1) if errors["radar"] else None,
        "duplicate_percent": round(100 * duplicates / tracks, 2) if tracks else None,
        "false_percent": round(100 * false / tracks, 2) if tracks else None,
        "wrong_identity": wrong_identity,
        "sources_per_vessel": per_track_sources,
    }


def reachable(url):
    try:
        return get(url + "/healthz")
    except urllib.error.HTTPError as e:
        try:
            return json.load(e)  # 503 with a reason is an answer
        except ValueError:
            return {"ok": False, "reason": f"HTTP {e.code}"}
    except (OSError, ValueError):
        return None


def rows(url, limit=2000):
    return [t for t in get(f"{url}/api/tracks?limit={limit}")["tracks"] if t["state"] in ("confirmed", "coasting")]


def newest_ms(url):
    """Time of the newest plot in any confirmed track."""
    reply = get(f"{url}/api/tracks?limit=2000")
    ages = [t["age_ms"] for t in reply["tracks"] if t["state"] == "confirmed"]
    return reply["time_ms"] - min(ages) if ages else None


def cards(url):
    """Every confirmed track in full; a track that ends between list and card is left out."""
    found = []
    for row in rows(url):
        try:
            c = get(f"{url}/api/tracks/{row['id']}")
        except urllib.error.HTTPError:
            continue
        found.append({"id": c["id"], "time_ms": c["time_ms"], "lat": c["position"]["lat"], "lon": c["position"]["lon"],
                      "state": c["state"], "class": c["class"], "mmsi": c["identity"]["mmsi"], "icao24": c["identity"]["icao24"], "foreign": c["foreign"],
                      "name": c["identity"]["name"], "distress": c["distress"], "sources": c["sources"],
                      "feeds": len(c["sources"])})
    return found
