#!/usr/bin/env python3
"""hub - two real hubs over TLS, a stand-in for fusion, and everything that can go wrong between them.

usage: hub.py BUILD_ROOT SOURCE_ROOT. TAP on stdout. Needs openssl(1); ogrinfo(1) is skipped where it is not.
"""
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

BUILD, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
NORTH = (54.70, 11.00)  # the neighbour's waters
SOUTH = (54.40, 11.00)  # ours
LINE = 54.58            # the line between them at 10.8 E


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(what, fn, seconds=8.0):
    end = time.monotonic() + seconds
    while True:
        try:
            v = fn()
            if v:
                return v
        except (OSError, urllib.error.URLError, ValueError, KeyError, TypeError) as e:
            v = e
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what} (last: {v!r})")
        time.sleep(0.05)


class World:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="vedette-hub-")
        self.port = {n: free_port() for n in ("xa", "xb", "peer", "stranger")}
        self.procs = {}
        self.make_certs()
        self.make_configs()

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)

    def openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.dir)

    def issue(self, ca, name, uri):
        self.write(f"{name}.ext", f"subjectAltName=URI:{uri}\nbasicConstraints=CA:FALSE\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
                     "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def make_certs(self):
        for ca in ("ca", "rogue"):
            self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                         f"/CN={ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-days", "2")
        self.issue("ca", "xa", "vedette:centre/xa")
        self.issue("ca", "xb", "vedette:centre/xb")
        self.issue("ca", "xc", "vedette:centre/xc")
        self.issue("rogue", "fake", "vedette:centre/xb")

    def hub_conf(self, origin, cert, extra):
        return f"""[Hub]
Origin={origin}
Http=127.0.0.1:{self.port[cert if cert in ("xa", "xb") else "stranger"]}
Sections={SOURCE}/cli/scenes/strait/sections.geojson
Peers={self.path(cert, "peers")}
StateDirectory={self.path(cert, "state")}
{extra}
[TLS]
CA={self.path("rogue.pem" if cert == "fake" else "ca.pem")}
Certificate={self.path(cert + ".pem")}
Key={self.path(cert + ".key")}
"""

    def make_configs(self):
        peer = f"tls+tcp://127.0.0.1:{self.port['peer']}"
        self.write("xa/hub.conf", self.hub_conf("xa", "xa", f"""Name=Centre South
Fusion=ipc://{self.path("fusion.sock")}
PeerListen={peer}
Policy={SOURCE}/systemd/samples/policy.conf
Web={self.path("web")}"""))
        self.write("xa/peers/xb.conf", "[Peer]\nOrigin=xb\nName=Centre North\nIdentity=vedette:centre/xb\n")
        dial = f"[Peer]\nOrigin=xa\nIdentity=vedette:centre/xa\nDial={peer}\n"
        for name, origin in (("xb", "xb"), ("fake", "xb"), ("xc", "xc")):
            self.write(f"{name}/hub.conf", self.hub_conf(origin, name, ""))
            self.write(f"{name}/peers/xa.conf", dial)
        self.write("web/index.html", "<!doctype html><title>x</title>")
        self.write("web/app.js", "export {};\n")
        with open(self.path("web/app.js.gz"), "wb") as f:
            import gzip
            f.write(gzip.compress(b"export {};\n"))
        self.write("secret.txt", "not for you")
        os.makedirs(self.path("fusion"))

    def start(self, name, *cmd, **kw):
        log = open(self.path(f"{name}.log"), "ab")
        self.procs[name] = subprocess.Popen(cmd, stderr=log, **kw)
        return self.procs[name]

    def hub(self, name):
        return self.start(name, f"{BUILD}/hub/vedette-hub", "--config", self.path(name, "hub.conf"), stdout=subprocess.DEVNULL)

    def fusion(self):
        p = self.start("fusion", f"{BUILD}/tests/net/hub-fusion", f"ipc://{self.path('fusion.sock')}", self.path("fusion"), "xa",
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert p.stdout.readline() == "ready\n"

    def say(self, line):
        p = self.procs["fusion"]
        p.stdin.write(line + "\n")
        p.stdin.flush()
        answer = p.stdout.readline().strip()
        assert not answer.startswith("error"), (line, answer)
        return answer

    def track(self, birth, version, where, state=1, name=None, mmsi=None, rest=""):
        self.say(f"track {birth} {version} {where[0]:.7f} {where[1]:.7f} {state} {name or f'SHIP{birth}'} "
                 f"{211000000 + birth if mmsi is None else mmsi} {rest}")

    def report(self):
        """A sensor speaks: without one for a while the picture is stale, and tests take their time on a busy machine."""
        self.say("health radar1 0 1000")

    def kill(self, name, sig=signal.SIGKILL):
        p = self.procs.pop(name)
        p.send_signal(sig)
        code = p.wait(10)
        if sig == signal.SIGTERM:
            assert code == 0, f"{name} ended with {code} after SIGTERM"

    def request(self, hub, path, method="GET", body=None, headers=None):
        rq = urllib.request.Request(f"http://127.0.0.1:{self.port[hub]}{path}", method=method, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(rq, timeout=5) as r:
                return r.status, r.read(), r.headers
        except urllib.error.HTTPError as e:
            return e.code, e.read(), e.headers

    def get(self, hub, path):
        status, body, _ = self.request(hub, path)
        assert status in (200, 503), (path, status, body)
        return json.loads(body)

    def ids(self, hub):
        return {t["id"] for t in self.get(hub, "/api/tracks")["tracks"]}

    def metric(self, hub, name):
        for line in self.request(hub, "/metrics")[1].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise KeyError(name)

    def ledger(self, *args):
        return subprocess.run([f"{BUILD}/cli/vedette", "ledger", *args, self.path("xa/state/ledger.db")], capture_output=True,
                              text=True)


W = None
SKIP = []


def raw(hub, data, seconds=3.0):
    with socket.create_connection(("127.0.0.1", W.port[hub]), timeout=seconds) as s:
        s.sendall(data)
        s.settimeout(seconds)
        got = b""
        try:
            while len(got) < 65536:
                part = s.recv(4096)
                if not part:
                    break
                got += part
                if b"\r\n\r\n" in got and b"Content-Length" not in got:
                    break
                if b"}" in got:
                    break
        except (socket.timeout, ConnectionError):
            pass
        return got


class Stream:
    """A live picture; HTTP/1.0, so that no chunks stand between the frames."""

    def __init__(self, hub, query=""):
        self.sock = socket.create_connection(("127.0.0.1", W.port[hub]), timeout=5)
        self.sock.sendall(f"GET /stream{query} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        self.buf = b""
        while b"\r\n\r\n" not in self.buf:
            self.buf += self.sock.recv(4096)
        head, self.buf = self.buf.split(b"\r\n\r\n", 1)
        assert b" 200 " in head and b"octet-stream" in head, head

    def frames(self, seconds):
        """(type, payload) of so long."""
        out, end = [], time.monotonic() + seconds
        self.sock.settimeout(0.1)
        while True:
            while len(self.buf) >= 4 and len(self.buf) >= 4 + struct.unpack_from("<I", self.buf)[0]:
                n = struct.unpack_from("<I", self.buf)[0]
                out.append((self.buf[4], self.buf[5:4 + n]))
                self.buf = self.buf[4 + n:]
            if time.monotonic() > end:
                return out
            try:
                self.buf += self.sock.recv(65536)
            except socket.timeout:
                pass


def records(payload):
    _, n = struct.unpack_from("<QI", payload)
    return [struct.unpack_from("<IiiHHBBBBI", payload, 12 + 24 * i) for i in range(n)]


def only_the_neighbours_section_arrives():
    W.track(1, 1, NORTH)
    W.track(2, 1, SOUTH)
    W.track(3, 1, NORTH, state=0)
    W.say("site radar1 0 54.495 11.238 40")
    W.say("health radar1 0 77")
    wait("own picture", lambda: W.ids("xa") == {"xa-1-1", "xa-1-2", "xa-1-3"})
    wait("the neighbour's", lambda: W.ids("xb") == {"xa-1-1"})
    time.sleep(0.5)
    assert W.ids("xb") == {"xa-1-1"}
    t = W.get("xb", "/api/tracks")["tracks"][0]
    assert t["foreign"] and t["origin"] == "xa" and t["name"] == "SHIP1" and t["mmsi"] == 211000001
    assert t["sources"] == ["radar", "ais"], t["sources"]  # the camera is never named
    assert W.get("xa", "/api/tracks/xa-1-1")["release"][0]["rule"] == "adjacent-section"
    assert W.get("xa", "/api/tracks/xa-1-2")["release"][0]["released"] is False
    assert not W.get("xb", "/api/sites")["features"]


def a_track_at_the_line_does_not_flicker_and_is_withdrawn():
    W.track(4, 1, (LINE - 0.02, 10.8))
    W.track(4, 2, (LINE + 0.001, 10.8))
    wait("entered", lambda: "xa-1-4" in W.ids("xb"))
    withdrawn = W.metric("xa", "vedette_hub_withdrawn_total")
    for v in range(3, 13):  # 110 m to and fro, within the buffer of 300 m
        W.track(4, v, (LINE + (0.001 if v % 2 else -0.001), 10.8))
        time.sleep(0.12)
    wait("version 12", lambda: W.get("xb", "/api/tracks/xa-1-4")["version"] == 12)
    assert W.metric("xa", "vedette_hub_withdrawn_total") == withdrawn
    W.track(4, 13, (LINE - 0.01, 10.8))  # 1.1 km
    wait("withdrawn", lambda: "xa-1-4" not in W.ids("xb"))
    W.track(4, 14, (LINE + 0.01, 10.8))
    wait("back again", lambda: "xa-1-4" in W.ids("xb"))
    W.track(4, 15, (LINE + 0.01, 10.8), state=3)
    wait("ended", lambda: "xa-1-4" not in W.ids("xb"))


def distress_goes_everywhere_a_test_does_not():
    W.track(5, 1, SOUTH, name="SART", mmsi=970123456, rest="1 0")
    W.track(6, 1, SOUTH, name="SART-TEST", mmsi=970999999, rest="1 1")
    wait("released", lambda: "xa-1-5" in W.ids("xb"))
    assert "xa-1-6" not in W.ids("xb")
    for hub in ("xa", "xb"):
        alarms = {a["track"]: a for a in wait("alarm", lambda: W.get(hub, "/api/alarms")["alarms"])}
        assert alarms["xa-1-5"]["kind"] == "distress" and not alarms["xa-1-5"]["test"]
        assert ("xa-1-6" in alarms) == (hub == "xa")
    assert W.get("xa", "/api/tracks/xa-1-5")["release"][0]["lane"] == "distress"


def an_alarm_is_acknowledged_once_by_a_person_of_ours():
    a = [x for x in W.get("xa", "/api/alarms")["alarms"] if x["track"] == "xa-1-5"][0]
    url, js = f"/api/alarms/{a['id']}/ack", {"Content-Type": "application/json"}
    assert W.request("xa", url, "POST", b'{"by":"x"}', {**js, "Origin": "http://evil.example"})[0] == 403
    assert W.request("xa", url, "POST", b'{"by":""}', js)[0] == 400
    assert W.request("xa", url, "POST", b'{"by":', js)[0] == 400
    assert W.request("xa", url, "POST", b'{"by":"' + b"x" * 100 + b'"}', js)[0] == 400
    assert W.request("xa", url, "POST", b"x" * 9000, js)[0] == 413
    assert W.request("xa", url)[0] == 405
    assert W.request("xa", "/api/alarms/77777/ack", "POST", b'{"by":"x"}', js)[0] == 404
    assert W.request("xa", "/api/alarms/-1/ack", "POST", b'{"by":"x"}', js)[0] == 404
    ours = {**js, "Origin": f"http://127.0.0.1:{W.port['xa']}"}
    status, body, _ = W.request("xa", url, "POST", '{"by":"Ægir Ø"}'.encode(), ours)
    assert status == 200 and json.loads(body)["ack"]["by"] == "Ægir Ø", body
    assert W.request("xa", url, "POST", b'{"by":"other"}', ours)[0] == 409
    db = sqlite3.connect(f"file:{W.path('xa/state/picture.db')}?mode=ro", uri=True)
    rows = db.execute("SELECT who, action, object FROM audit").fetchall()
    assert rows == [("Ægir Ø", "acknowledge", f"alarm/{a['id']}")], rows
    db.close()


def the_stream_shows_moves_ends_and_health():
    s = Stream("xa", "?bbox=10.9,54.6,11.1,54.8")
    first = s.frames(1.0)
    types = [t for t, _ in first]
    assert types[0] == 1 and {2, 5, 6, 7, 8} <= set(types), types
    assert types.index(5) < types.index(2)
    snapshot = records(next(p for t, p in first if t == 2))
    idents = {i["id"]: i["slot"] for t, p in first if t == 5 for i in json.loads(p)}
    # In the box, or in distress wherever it is.
    assert set(idents) == {"xa-1-1", "xa-1-3", "xa-1-5", "xa-1-6"}, idents
    assert {r[0] for r in snapshot} == set(idents.values())
    one = next(r for r in snapshot if r[0] == idents["xa-1-1"])
    assert one[1:3] == (110000000, 547000000) and one[3] in range(3680, 3695) and one[4] == 500, one
    assert one[5] == 1 and one[6] == 1 | 1 << 5 and one[7] == 5 and one[8] == 0b111 | 3 << 4, one
    W.track(1, 2, (54.71, 11.0))
    W.track(3, 2, (54.71, 12.0), state=1)
    later = s.frames(0.8)
    delta = [r for t, p in later if t == 3 for r in records(p)]
    assert any(r[0] == idents["xa-1-1"] and r[2] == 547100000 for r in delta), delta
    gone = [struct.unpack_from("<I", p, 4)[0] for t, p in later if t == 4]
    assert idents["xa-1-3"] in gone
    health = json.loads([p for t, p in first if t == 7][0])
    assert health["stale"] is False and health["feeds"][0]["feed"] == "radar1" and health["peers"][0]["origin"] == "xb"


def a_slow_viewer_gets_newer_frames_not_all_of_them():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", W.port["xa"]))
    s.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    for birth in range(1000, 1400):
        W.track(birth, 1, SOUTH)
    for v in range(2, 12):
        for birth in range(1000, 1400):
            W.track(birth, v, (SOUTH[0] + v / 10000, SOUTH[1]))
    W.report()
    wait("nobody else waits for it", lambda: W.get("xa", "/healthz")["status"] == "ok")
    s.settimeout(1)
    got = b""
    try:
        while len(got) < 1 << 22:
            part = s.recv(65536)
            if not part:
                break
            got += part
    except socket.timeout:
        pass
    s.close()
    assert 0 < len(got) < 400 * 24 * 8, len(got)  # far fewer than the ten rounds that happened
    for birth in range(1000, 1400):
        W.track(birth, 100, SOUTH, state=3)
    wait("gone again", lambda: len(W.ids("xa")) < 20)


def hostile_requests_are_refused_and_harm_nothing():
    for path, want in (("/..%2fsecret.txt", 404), ("/../secret.txt", 404), ("/%2e%2e/secret.txt", 404), ("/.git", 404),
                       ("/web/../../secret.txt", 404), ("//etc/passwd", 404), ("/api/tracks/../config", 404),
                       ("/api/tracks?bbox=1,2,3", 400), ("/api/tracks?bbox=nan,0,1,1", 400), ("/api/tracks?bbox=0,9,1,1e999", 400),
                       ("/api/tracks?bbox=0,50,1,40", 400), ("/api/tracks?limit=-1", 400), ("/api/tracks?q=%01", 400),
                       ("/api/tracks/xa-1", 404), ("/api/tracks/xa-1-99999999999", 404), ("/api/tracks/xa-1-77/trail?minutes=0", 400),
                       ("/stream?bbox=1,2,3,4,5", 400), ("/collections/tracks/items?limit=0", 400), ("/collections/boats", 404),
                       ("/collections/tracks/items?snapshot=999", 410), ("/collections/tracks/items/xa-1-77", 404)):
        got = raw("xa", f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert got.split(b" ")[1:2] == [str(want).encode()], (path, got[:200])
        assert b"not for you" not in got and b"root:" not in got
    for method in ("PUT", "DELETE", "TRACE", "PATCH", "OPTIONS", "BREW"):
        got = raw("xa", f"{method} /api/tracks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert b" 405 " in got.split(b"\r\n")[0], (method, got[:100])
    assert b" 405 " in raw("xa", b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").split(b"\r\n")[0]
    got = raw("xa", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100000 + b"\r\n\r\n")
    assert b" 200 " not in got.split(b"\r\n")[0], got[:100]
    raw("xa", b"\x16\x03\x01\x02\x00" + os.urandom(200), 0.5)
    raw("xa", b"GET /api/tracks HTTP/1.1\r\nHost: x\r\n", 0.3)
    socks = [socket.create_connection(("127.0.0.1", W.port["xa"])) for _ in range(50)]
    W.report()
    wait("well", lambda: W.get("xa", "/healthz")["status"] == "ok")
    for s in socks:
        s.close()


def files_come_with_type_etag_and_gzip():
    status, body, h = W.request("xa", "/")
    assert status == 200 and h["Content-Type"].startswith("text/html") and "default-src 'self'" in h["Content-Security-Policy"]
    status, body, h = W.request("xa", "/app.js", headers={"Accept-Encoding": "gzip"})
    assert h["Content-Encoding"] == "gzip" and h["Content-Type"].startswith("text/javascript") and body[:2] == b"\x1f\x8b"
    assert W.request("xa", "/app.js", headers={"If-None-Match": h["ETag"], "Accept-Encoding": "gzip"})[0] == 304
    assert W.request("xa", "/app.js")[1] == b"export {};\n"
    assert json.loads(W.request("xa", "/", headers={"Accept": "application/json"})[1])["links"]
    assert W.request("xa", "/nothing.html")[0] == 404
    c = W.get("xa", "/api/config")
    assert c["centre"] == "xa" and c["bounds"][0] == 10.55 and c["peers"][0]["origin"] == "xb"
    assert len(W.get("xa", "/api/sections")["features"]) == 2


def pages_are_pinned_to_a_snapshot():
    for birth in range(2000, 2025):
        W.track(birth, 1, SOUTH)
    wait("25 more", lambda: len(W.ids("xa")) >= 25)
    seen, url = [], "/collections/tracks/items?limit=7&bbox=10,54,12,55"
    while url:
        page = W.get("xa", url)
        seen += [f["id"] for f in page["features"]]
        W.track(2000 + len(seen), 50, SOUTH)  # the picture moves on
        W.track(3000 + len(seen), 1, SOUTH)
        url = next((x["href"].split(str(W.port["xa"]))[1] for x in page["links"] if x["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == page["numberMatched"], (len(seen), page["numberMatched"])
    if not shutil.which("ogrinfo"):
        SKIP.append("ogrinfo is not installed")
        return
    r = subprocess.run(["ogrinfo", "-al", "-so", f"OAPIF:http://127.0.0.1:{W.port['xa']}", "tracks"], capture_output=True, text=True)
    assert r.returncode == 0 and f"Feature Count: {len(W.ids('xa'))}" in r.stdout, r.stdout + r.stderr


def history_holds_the_trail_and_what_came_late():
    for v in range(60, 66):
        W.track(2, v, (SOUTH[0] + v / 1000, SOUTH[1]), state=1 + v % 2)
    W.say("late ais1 211000002 54.41 11.01 1200")
    W.say("late ais1 211000002 54.42 11.01 4000")  # older than the hour that is asked for
    trail = wait("trail", lambda: (t := W.get("xa", "/api/tracks/xa-1-2/trail")) and len(t["points"]) >= 8 and t)
    times = [p[0] for p in trail["points"]]
    assert times == sorted(times) and [p[5] for p in trail["points"]].count(1) == 1, trail
    assert W.metric("xa", "vedette_hub_late_plots_kept") == 2


def same_pictures():
    north = {t["id"]: t for t in W.get("xa", "/api/tracks?bbox=10.6,54.6,11.9,54.86")["tracks"] if t["state"] != "tentative"}
    south = {t["id"]: t for t in W.get("xb", "/api/tracks?bbox=10.6,54.6,11.9,54.86")["tracks"]}
    return north.keys() == south.keys() and all(
        W.get("xa", f"/api/tracks/{i}")["version"] == W.get("xb", f"/api/tracks/{i}")["version"] for i in north)


def a_kill_at_any_moment_leaves_no_gap_and_no_duplicate():
    versions = {b: 100 for b in range(10, 22)}
    for round_no in range(6):
        victim = ("xa", "xb")[round_no % 2]
        for step in range(12):
            for b in versions:
                versions[b] += 1
                W.track(b, versions[b], (NORTH[0] + step / 1000, NORTH[1] + b / 1000))
            if step == 2 + round_no:
                W.kill(victim)
            if step == 5 + round_no:
                W.hub(victim)
            time.sleep(0.05)
    wait("both pictures alike", same_pictures, 15)
    r = W.ledger("verify")
    assert r.returncode == 0, r.stdout + r.stderr
    seen, last, epochs = set(), {}, {}
    for line in W.ledger("show", "--objects").stdout.splitlines():
        e = json.loads(line)
        assert last.get(e["lane"], 0) + 1 == e["first"], (e, last)
        assert epochs.setdefault(e["lane"], e["epoch"]) == e["epoch"]
        last[e["lane"]] = e["last"]
        for o in e["objects"]:
            key = (o["track"], o["version"], o["kind"])
            assert key not in seen, key
            seen.add(key)

    def cursors():
        db = sqlite3.connect(f"file:{W.path('xb/state/picture.db')}?mode=ro", uri=True)
        rows = dict(db.execute("SELECT name, seq FROM cursor").fetchall())
        db.close()
        now = {json.loads(x)["lane"]: json.loads(x)["last"] for x in W.ledger("show").stdout.splitlines()}
        return all(rows.get(f"peer/xa/{lane}") == seq for lane, seq in now.items())
    wait("the neighbour's cursor at the ledger's end", cursors)
    assert W.get("xa", "/api/alarms")["alarms"][0]["ack"], "the acknowledgement survives a kill"


def a_broken_ledger_is_named():
    copy = W.path("broken.db")
    src = sqlite3.connect(W.path("xa/state/ledger.db"))
    dst = sqlite3.connect(copy)
    src.backup(dst)
    src.close()
    data = bytearray(dst.execute("SELECT data FROM entry WHERE n = 3").fetchone()[0])
    data[len(data) // 2] ^= 4
    dst.execute("UPDATE entry SET data = ? WHERE n = 3", (bytes(data),))
    dst.commit()
    dst.close()
    r = subprocess.run([f"{BUILD}/cli/vedette", "ledger", "verify", copy], capture_output=True, text=True)
    assert r.returncode == 1 and "entry 3 is broken" in r.stderr, r.stderr


def silence_makes_the_picture_stale_and_speech_live_again():
    W.report()
    for hub in ("xa", "xb"):
        wait("live", lambda: W.request(hub, "/healthz")[0] == 200)
    W.kill("fusion")
    wait("stale", lambda: W.request("xa", "/healthz")[0] == 503, 4.5)
    assert "fusion" in W.get("xa", "/healthz")["reason"]
    wait("and so is what the neighbour has of it", lambda: W.request("xb", "/healthz")[0] == 503, 3)
    assert "its own picture is stale" in W.get("xb", "/healthz")["reason"]
    W.fusion()
    wait("live again", lambda: W.request("xa", "/healthz")[0] == 200)
    wait("the neighbour, too", lambda: W.request("xb", "/healthz")[0] == 200)
    W.kill("xa")
    wait("the neighbour's is stale", lambda: W.request("xb", "/healthz")[0] == 503, 4.5)
    assert "xa" in W.get("xb", "/healthz")["reason"] and len(W.ids("xb")) > 0
    W.hub("xa")
    wait("and live again", lambda: W.request("xb", "/healthz")[0] == 200)
    W.track(1, 900, NORTH)
    wait("latency", lambda: 0 < W.metric("xa", "vedette_hub_latency_p99_seconds") < 0.5)


def a_stranger_gets_nothing():
    for name in ("fake", "xc"):  # a foreign authority's, and a good certificate of nobody we know
        before = W.metric("xa", "vedette_hub_peers_refused_total")
        W.hub(name)
        wait(f"{name} counted", lambda: W.metric("xa", "vedette_hub_peers_refused_total") > before, 10)
        time.sleep(0.5)
        assert W.ids("stranger") == set()
        W.kill(name, signal.SIGTERM)
    assert W.request("xb", "/healthz")[0] == 200


def mistakes_in_the_configuration_are_named():
    good = open(W.path("xa/hub.conf")).read()
    for text, want in ((good.replace("Origin=xa", "Origin=XA"), "Origin"), (good + "Bogus=1\n", "Bogus"),
                       (good.replace("policy.conf", "absent.conf"), "absent.conf"),
                       (good.replace("PeerListen=tls+tcp", "PeerListen=tcp"), "PeerListen"),
                       (good.replace("sections.geojson", "strait.scene"), "strait.scene")):
        W.write("bad.conf", text)
        r = subprocess.run([f"{BUILD}/hub/vedette-hub", "--config", W.path("bad.conf"), "--check-config"], capture_output=True,
                           text=True)
        assert r.returncode == 1 and want in r.stderr and len(r.stderr.splitlines()) == 1, (want, r.stderr)
    r = subprocess.run([f"{BUILD}/hub/vedette-hub", "--config", W.path("xa/hub.conf"), "--check-config"], capture_output=True, text=True)
    assert r.returncode == 0 and r.stdout.endswith("hub.conf: ok\n"), r
    W.kill("xa", signal.SIGTERM)
    W.kill("xb", signal.SIGTERM)


TESTS = [
    only_the_neighbours_section_arrives,
    a_track_at_the_line_does_not_flicker_and_is_withdrawn,
    distress_goes_everywhere_a_test_does_not,
    an_alarm_is_acknowledged_once_by_a_person_of_ours,
    the_stream_shows_moves_ends_and_health,
    a_slow_viewer_gets_newer_frames_not_all_of_them,
    hostile_requests_are_refused_and_harm_nothing,
    files_come_with_type_etag_and_gzip,
    pages_are_pinned_to_a_snapshot,
    history_holds_the_trail_and_what_came_late,
    a_kill_at_any_moment_leaves_no_gap_and_no_duplicate,
    a_broken_ledger_is_named,
    silence_makes_the_picture_stale_and_speech_live_again,
    a_stranger_gets_nothing,
    mistakes_in_the_configuration_are_named,
]


def main():
    global W
    if not shutil.which("openssl"):
        print("1..0 # SKIP openssl is not installed")
        return 0
    print(f"1..{len(TESTS)}", flush=True)
    W, failed = World(), 0
    W.fusion()
    W.hub("xa")
    W.hub("xb")
    for i, test in enumerate(TESTS, 1):
        SKIP.clear()
        try:
            test()
            print(f"ok {i} - {test.__name__}{' # SKIP ' + SKIP[0] if SKIP else ''}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {i} - {test.__name__}", flush=True)
            print("".join("# " + x for x in traceback.format_exc().splitlines(True)), flush=True)
    for name in list(W.procs):
        W.kill(name)
    if failed:
        for name in ("xa", "xb", "fake", "xc"):
            if os.path.exists(W.path(f"{name}.log")):
                tail = open(W.path(f"{name}.log")).read().splitlines()[-15:]
                print("\n".join(f"# {name}: {x}" for x in tail))
    else:
        shutil.rmtree(W.dir)
    return 1 if failed else 0


sys.exit(main())
