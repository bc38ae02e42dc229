#!/usr/bin/env python3
"""inside: runs in the booted container. A mast and its centre from installed files; TAP on stdout."""
import glob
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request

UNITS = ["vedette-filter@v0", "vedette-sensor@radar1", "vedette-sensor@radar2", "vedette-sensor@ais1",
         "vedette-sensor@ais2", "vedette-dial@ais2", "vedette-camera@camera1", "vedette-uplink", "vedette-fusion", "vedette-hub"]
SENSORS = {"radar1": "10.77.1.10", "radar2": "10.77.1.11", "ais1": "10.77.1.12", "camera1": "10.77.1.13"}
SERVER = "10.77.1.14"  # of ais2, over TCP
FOE = "10.77.1.66"
SENTENCES, KILLS, PPS = 3000, 6, 1000


def sh(*argv, check=True):
    return subprocess.run(argv, check=check, capture_output=True, text=True)


def show(unit, prop):
    return sh("systemctl", "show", "-P", prop, unit).stdout.strip()


def main_pid(unit):
    return int(show(unit + ".service", "MainPID"))


def wait(condition, what, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def get(path):
    with urllib.request.urlopen("http://127.0.0.1:8080" + path, timeout=5) as r:
        return json.load(r)


def at_sea(*argv, **kw):
    return subprocess.Popen(["nsenter", "--net=/run/netns/sea", "--", *argv], **kw)


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


def journal_plots():
    """Plots in the centre's journal."""
    n = 0
    for path in glob.glob("/var/lib/vedette/fusion/**/*", recursive=True):
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                n += db.execute("SELECT count(*) FROM row WHERE kind = 1").fetchone()[0]
        except sqlite3.Error:
            continue
    return n


def settled_plots():
    last = -1
    while last != journal_plots():
        last = journal_plots()
        time.sleep(1)
    return last


def packets(feed, verdict):
    status = json.loads(pathlib.Path("/run/vedette/filter/v0.json").read_text())
    return next(f for f in status["feeds"] if f["feed"] == feed)[verdict]["packets"]


# --- the facts, in this order ---

def every_unit_starts_and_is_ready():
    sh("systemd-sysusers")
    sh("systemd-tmpfiles", "--create")
    sh("systemctl", "daemon-reload")
    sh("ip", "netns", "add", "sea")
    sh("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", "sea")
    sh("ip", "addr", "add", "10.77.1.2/24", "dev", "v0")
    sh("ip", "link", "set", "v0", "up")
    for a in (*SENSORS.values(), SERVER, FOE):
        sh("ip", "-n", "sea", "addr", "add", f"{a}/24", "dev", "v1")
    sh("ip", "-n", "sea", "link", "set", "v1", "up")
    for ns in ((), ("-n", "sea")):
        sh("ip", *ns, "route", "add", "239.0.0.0/8", "dev", "v1" if ns else "v0")
    sh("systemctl", "start", "vedette-centre.target", "vedette-sensor-host.target", check=False)
    wait(lambda: all(show(u + ".service", "ActiveState") == "active" for u in UNITS), "every unit", 40)
    assert all(int(show(u + ".service", "NRestarts")) == 0 for u in UNITS)


def bad_feed_is_named_and_alone():
    assert show("vedette-feed-error@broken.service", "ActiveState") == "failed"
    log = sh("journalctl", "--no-pager", "-o", "cat", "-u", "vedette-feed-error@broken").stdout
    assert "broken.conf:2: [Feed] Format=radar" in log, log


def no_daemon_holds_a_capability():
    for unit in UNITS:
        status = pathlib.Path(f"/proc/{main_pid(unit)}/status").read_text()
        field = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if ":" in line and line.split()[1:]}
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(field[name], 16) == 0, (unit, name, field[name])
        assert field["NoNewPrivs"] == "1" and field["Seccomp"] == "2", (unit, field)
        assert field["Uid"] != "0", unit


def sensor_has_no_network_and_no_keys():
    pid = main_pid("vedette-sensor@radar1")
    links = pathlib.Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in links] == ["lo"], links
    assert show("vedette-sensor@radar1.service", "CapabilityBoundingSet") == ""


def filter_is_in_the_path():
    status = json.loads(pathlib.Path("/run/vedette/filter/v0.json").read_text())
    assert status["mode"] == "native" and status["reason"] == "", status
    assert "native" in show("vedette-filter@v0.service", "StatusText")


def simulated_plots_arrive_in_the_hub_as_fused_tracks():
    argv = ["vedette", "simulate", "/opt/strait", "--seed", "1"]
    for feed, address in SENSORS.items():
        argv += ["--address", f"{feed}={address}"]
    simulator = at_sea(*argv, stdout=subprocess.DEVNULL)
    try:
        def fused():
            tracks = get("/api/tracks?limit=200")["tracks"]
            return any({"radar", "ais"} <= set(t["sources"]) and t["state"] == "confirmed" for t in tracks)
        wait(fused, "a track seen by radar and AIS", 40)
        features = get("/collections/tracks/items?limit=5")["features"]
        assert features and features[0]["geometry"]["type"] == "Point"
        for feed in SENSORS:  # the filter tells its counts once a second or so
            wait(lambda: packets(feed, "pass_feed") > 0, f"packets of {feed}", 20)
    finally:
        simulator.terminate()
        simulator.wait()
    for feed in SENSORS:
        assert packets(feed, "drop_source") == 0, feed


def unlisted_sender_is_dropped_and_counted():
    at_sea("/usr/bin/python3", "/boot-test", "send", FOE, "100", "1").wait()
    time.sleep(1.5)
    assert packets("ais1", "drop_source") == 100, packets("ais1", "drop_source")


def kill_of_a_sensor_loses_and_doubles_nothing():
    before = settled_plots()
    sender = at_sea("/usr/bin/python3", "/boot-test", "send", SENSORS["ais1"], str(SENTENCES), "300000000")
    for _ in range(KILLS):
        time.sleep(SENTENCES / PPS / (KILLS + 1))
        os.kill(main_pid("vedette-sensor@ais1"), signal.SIGKILL)
        wait(lambda: show("vedette-sensor@ais1.service", "ActiveState") == "active", "the sensor", 5)
    sender.wait()
    assert int(show("vedette-sensor@ais1.service", "NRestarts")) == KILLS
    got = settled_plots() - before
    assert got == SENTENCES, f"{SENTENCES} sent, {got} in the journal"


def stream_is_dialled_and_dialled_again():
    before = settled_plots()
    server = at_sea("/usr/bin/python3", "/boot-test", "serve", SERVER, "310000000", stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "connected\n"
        wait(lambda: journal_plots() > before, "a plot of the stream")
        os.kill(main_pid("vedette-sensor@ais2"), signal.SIGKILL)
        assert server.stdout.readline() == "connected\n"
        before = journal_plots()
        wait(lambda: journal_plots() > before, "a plot of the second stream")
        assert show("vedette-dial@ais2.service", "StatusText") == f"{SERVER} port 10110: connected"
    finally:
        server.kill()
        server.wait()


def processes_in(text):
    """unit names of what says how long it runs."""
    found = set()
    for labels in re.findall(r"^vedette_process_uptime_seconds\{(.*)\} ", text, re.M):
        v = dict(re.findall(r'([a-z]+)="([^"]*)"', labels))
        instance = v.get("feed") or v.get("interface")
        found.add(f"vedette-{v['process']}" + (f"@{instance}" if instance else ""))
    return found


def every_unit_is_on_metrics_and_the_masts_are_in_a_file():
    path = pathlib.Path("/run/vedette/metrics/vedette.prom")
    centre = {"vedette-fusion", "vedette-hub"}
    wait(lambda: processes_in(urllib.request.urlopen("http://127.0.0.1:8080/metrics", timeout=5).read().decode()) == set(UNITS),
         "every unit on /metrics")
    wait(lambda: processes_in(path.read_text()) == set(UNITS) - centre, "the mast's in its file")
    assert path.stat().st_mode & 0o777 == 0o644, oct(path.stat().st_mode)
    # Memory is read from /proc: each unit's walls must leave it that much.
    text = path.read_text() + urllib.request.urlopen("http://127.0.0.1:8080/metrics", timeout=5).read().decode()
    blind = re.findall(r"^vedette_process_resident_memory_bytes\{(.*)\} 0$", text, re.M)
    assert not blind, blind


def status_and_doctor_know_every_unit():
    status = json.loads(sh("vedette", "status", "--json").stdout)
    active = {u["unit"] for u in status["units"] if u["active"] == "active"}
    assert {u + ".service" for u in UNITS} <= active, active
    assert status["hub"]["reachable"] and status["host"]["origin"] == "mast1", status["host"]
    assert len(status["certificates"]) == 3 and all(c["days"] is not None for c in status["certificates"]), status["certificates"]
    found = json.loads(sh("vedette", "doctor", "--json", check=False).stdout)["findings"]
    told = [f["what"] for f in found]
    # The feed that is wrong on purpose, and the decoder that was killed; the sea is quiet by now, which it says as well.
    assert any("broken.conf:2" in w for w in told), told
    assert any(w.startswith(f"vedette-sensor@ais1.service was restarted {KILLS} times") for w in told), told
    for never in ("does not run", "has failed", "not attached", "does not answer", "no metrics", "link of", "cannot be read"):
        assert not [w for w in told if never in w], (never, told)


def kill_of_anything_is_mended():
    for unit in UNITS:
        pid = main_pid(unit)
        os.kill(pid, signal.SIGKILL)
        wait(lambda: show(unit + ".service", "ActiveState") == "active" and main_pid(unit) not in (0, pid), unit, 5)
    assert "taken over" in show("vedette-filter@v0.service", "StatusText")


def clean_stop_is_clean():
    sh("systemctl", "stop", "vedette-sensor-host.target", "vedette-centre.target")
    for unit in UNITS:
        wait(lambda: show(unit + ".service", "ActiveState") == "inactive", f"{unit} to stop", 10)
        assert show(unit + ".service", "Result") == "success", (unit, show(unit + ".service", "Result"))


FACTS = [every_unit_starts_and_is_ready, bad_feed_is_named_and_alone, no_daemon_holds_a_capability,
         sensor_has_no_network_and_no_keys, filter_is_in_the_path, simulated_plots_arrive_in_the_hub_as_fused_tracks,
         unlisted_sender_is_dropped_and_counted, kill_of_a_sensor_loses_and_doubles_nothing, stream_is_dialled_and_dialled_again,
         every_unit_is_on_metrics_and_the_masts_are_in_a_file, status_and_doctor_know_every_unit,
         kill_of_anything_is_mended,
         clean_stop_is_clean]


def send(source, n, first_mmsi):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    start = time.monotonic()
    for i in range(n):
        s.sendto(sentence(first_mmsi + i), ("10.77.1.2", 10110))
        time.sleep(max(0, start + i / PPS - time.monotonic()))


def serve(address, first_mmsi):
    """A receiver that is a TCP server: a sentence each tenth of a second to its newest client."""
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


def main():
    if sys.argv[1:2] == ["serve"]:
        return serve(sys.argv[2], int(sys.argv[3]))
    if sys.argv[1:2] == ["send"]:
        return send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    print(f"1..{len(FACTS)}")
    failed = 0
    for n, fact in enumerate(FACTS, 1):
        try:
            fact()
            print(f"ok {n} - {fact.__name__}", flush=True)
        except Exception as e:  # noqa: BLE001: any failure is a finding
            failed += 1
            print(f"not ok {n} - {fact.__name__}\n# {type(e).__name__}: {e}", flush=True)
    if failed:
        log = sh("journalctl", "--no-pager", "-o", "short-precise", "-n", "100", "-u", "vedette-*", check=False).stdout
        print("# " + log.replace("\n", "\n# "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
