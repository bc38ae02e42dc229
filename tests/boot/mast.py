"""mast: what the facts of both boots share: a sea with sensors on it, feeds onto their sockets, and what arrived. Runs in the container."""
import glob
import json
import pathlib
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

UNITS = ["vedette-filter@v0", "vedette-sensor@radar1", "vedette-sensor@radar2", "vedette-sensor@ais1", "vedette-sensor@ais2",
         "vedette-dial@ais2", "vedette-camera@camera1", "vedette-uplink", "vedette-clock", "vedette-fusion", "vedette-hub"]
TARGETS = ["vedette-centre.target", "vedette-sensor-host.target"]
SENSORS = {"radar1": "10.77.1.10", "radar2": "10.77.1.11", "ais1": "10.77.1.12", "camera1": "10.77.1.13"}
SERVER = "10.77.1.14"  # of ais2, over TCP
FOE = "10.77.1.66"
PPS = 1000


def sh(*argv, check=True):
    return subprocess.run(argv, check=check, capture_output=True, text=True)


def show(unit, prop):
    return sh("systemctl", "show", "-P", prop, unit).stdout.strip()


def main_pid(unit):
    return int(show(unit + ".service", "MainPID"))


def wait(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def all_active():
    states = sh("systemctl", "show", "-P", "ActiveState", *(u + ".service" for u in UNITS)).stdout.split()
    return states == ["active"] * len(UNITS)


def get(path):
    with urllib.request.urlopen("http://127.0.0.1:8080" + path, timeout=5) as r:
        return json.load(r)


def make_sea():
    sh("ip", "netns", "add", "sea")
    sh("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", "sea")
    sh("ip", "addr", "add", "10.77.1.2/24", "dev", "v0")
    sh("ip", "link", "set", "v0", "up")
    for a in (*SENSORS.values(), SERVER, FOE):
        sh("ip", "-n", "sea", "addr", "add", f"{a}/24", "dev", "v1")
    sh("ip", "-n", "sea", "link", "set", "v1", "up")
    for ns in ((), ("-n", "sea")):
        sh("ip", *ns, "route", "add", "239.0.0.0/8", "dev", "v1" if ns else "v0")


def at_sea(*argv, **kw):
    return subprocess.Popen(["nsenter", "--net=/run/netns/sea", "--", *argv], **kw)


def sender(source, first_mmsi, n):
    """AIS sentences from @source, PPS a second, each of another vessel, @n of them or until its input ends; prints how many."""
    return at_sea(sys.executable, __file__, "send", source, str(first_mmsi), str(n), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                  text=True)


def sent(process):
    return int(process.communicate()[0])


def server(first_mmsi):
    """A receiver that is a TCP server; prints "connected" for each client."""
    return at_sea(sys.executable, __file__, "serve", SERVER, str(first_mmsi), stdout=subprocess.PIPE, text=True)


def sentence(mmsi):
    """A type 1 report as one AIVDM sentence (ITU-R M.1371-5, table 48; NMEA 0183)."""
    fields = [(1, 6), (0, 2), (mmsi, 30), (0, 4), (0, 8), (100, 10), (1, 1), (int(11.3 * 600000), 28),
              (int(54.6 * 600000), 27), (900, 12), (90, 9), (30, 6), (0, 2), (0, 3), (0, 1), (0, 19)]
    bits = "".join(format(v, f"0{n}b") for v, n in fields)
    armour = ""
    for i in range(0, 168, 6):
        v = int(bits[i:i + 6], 2)
        armour += chr(v + 48 if v < 40 else v + 56)
    body = f"AIVDM,1,1,,A,{armour},0"
    check = 0
    for c in body:
        check ^= ord(c)
    return f"!{body}*{check:02X}\r\n".encode()


def each_journal(query):
    for path in glob.glob("/var/lib/vedette/fusion/**/*", recursive=True):
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                yield db.execute(query).fetchall()
        except sqlite3.Error:
            continue


def journal_vessels(first_mmsi, end_mmsi):
    """Of the vessels of a sender: each one's MMSI as often as there is a plot of it."""
    found = []
    for rows in each_journal("SELECT data FROM row WHERE kind = 1"):
        for (data,) in rows:
            numbers = {int.from_bytes(m, "big") for m in re.findall(rb"(?=\x1a(.{4}))", data, re.S)}  # CBOR: 32 bit
            found += [n for n in numbers if first_mmsi <= n < end_mmsi]
    return found


def arrived(first_mmsi, n):
    """Waits for a plot of each vessel of a sender; that there is no second one of any."""
    found = []

    def all_there():
        found[:] = journal_vessels(first_mmsi, first_mmsi + n)
        return len(set(found)) == n
    try:
        wait(all_there, "the last plot")
    finally:
        print(f"# {n} sentences sent: {len(set(found))} in the journal, {len(found) - len(set(found))} twice")
    time.sleep(1)
    assert len(journal_vessels(first_mmsi, first_mmsi + n)) == n


def filter_status():
    return json.loads(pathlib.Path("/run/vedette/filter/v0.json").read_text())


def packets(feed, verdict):
    return next(f for f in filter_status()["feeds"] if f["feed"] == feed)[verdict]["packets"]


def simulate():
    """The scene onto the sockets, a camera's pictures included."""
    argv = ["vedette", "simulate", "/opt/strait", "--seed", "1"]
    for feed, address in SENSORS.items():
        argv += ["--address", f"{feed}={address}"]
    return at_sea(*argv, stdout=subprocess.DEVNULL)


def seen_in_the_hub(simulator):
    """Waits until the hub has tracks of radar and AIS, and of the camera; ends the simulation."""
    def fused():
        seen = [set(t["sources"]) for t in get("/api/tracks?limit=1000")["tracks"] if t["state"] == "confirmed"]
        return any({"radar", "ais"} <= s for s in seen) and any("camera" in s for s in seen)
    try:
        wait(fused, "tracks seen by radar and AIS, and by the camera")
        for feed in SENSORS:  # the filter tells its counts once a second or so
            wait(lambda: packets(feed, "pass_feed") > 0, f"packets of {feed}", 20)
    finally:
        simulator.terminate()
        simulator.wait()


def prove(facts):
    """Each fact in its order, as TAP; the journal where one is not. Return: the exit status."""
    print(f"1..{len(facts)}")
    failed = 0
    for n, fact in enumerate(facts, 1):
        start = time.monotonic()
        try:
            fact()
            print(f"ok {n} - {fact.__name__} # {time.monotonic() - start:.1f} s", flush=True)
        except Exception as e:  # noqa: BLE001: any failure is a finding
            failed += 1
            print(f"not ok {n} - {fact.__name__}", flush=True)
            why = f"{type(e).__name__}: {e}\n{getattr(e, 'stdout', None) or ''}\n{getattr(e, 'stderr', None) or ''}".strip()
            print("# " + why.replace("\n", "\n# "), flush=True)
    if failed:
        log = sh("journalctl", "--no-pager", "-o", "short-precise", "-n", "100", "-u", "vedette-*", check=False).stdout
        print("# " + log.replace("\n", "\n# "))
    return 1 if failed else 0


def send(source, first_mmsi, n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    start = time.monotonic()
    i = 0
    stop = []
    threading.Thread(target=lambda: stop.append(sys.stdin.read()), daemon=True).start()
    while i < n and not stop:
        s.sendto(sentence(first_mmsi + i), ("10.77.1.2", 10110))
        i += 1
        time.sleep(max(0, start + i / PPS - time.monotonic()))
    print(i, flush=True)


def serve(address, first_mmsi):
    """A sentence each tenth of a second to the newest client."""
    listener = socket.create_server((address, 10110))
    for client in iter(lambda: listener.accept()[0], None):
        print("connected", flush=True)
        try:
            while True:
                client.sendall(sentence(first_mmsi))
                first_mmsi += 1
                time.sleep(0.1)
        except OSError:
            client.close()


if __name__ == "__main__":
    role, address, *numbers = sys.argv[1:]
    {"send": send, "serve": serve}[role](address, *map(int, numbers))
