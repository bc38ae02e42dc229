#!/usr/bin/env python3
"""installed: runs in the booted container. A mast and its centre from installed files; TAP on stdout."""
import json
import os
import pathlib
import re
import signal
import sys
import time
import urllib.request

from mast import (FOE, PPS, SENSORS, SERVER, TARGETS, UNITS, all_active, arrived, filter_status, get, journal_vessels, main_pid, make_sea,
                  packets, prove, seen_in_the_hub, sender, server, sh, show, simulate, wait)

SENTENCES, KILLS = 3000, 6
FIRST, STREAM = 300000000, 310000000
receivers, simulation = [], []


# --- the facts, in this order ---

def every_unit_starts_and_is_ready():
    sh("systemd-sysusers")
    sh("systemd-tmpfiles", "--create")
    sh("systemctl", "daemon-reload")
    make_sea()
    sh("systemctl", "start", *TARGETS, check=False)
    wait(all_active, "every unit", 40)
    assert all(int(show(u + ".service", "NRestarts")) == 0 for u in UNITS)
    simulation.append(simulate())  # goes on through what follows
    receivers.append(server(STREAM))  # found by a dialler that has been refused so far, while the rest is proved


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
    status = filter_status()
    assert status["mode"] == "native" and status["reason"] == "", status
    assert "native" in show("vedette-filter@v0.service", "StatusText")


def simulated_plots_and_pictures_arrive_in_the_hub_as_fused_tracks():
    seen_in_the_hub(simulation.pop())
    assert not [feed for feed in SENSORS if packets(feed, "drop_source") != (100 if feed == "ais1" else 0)]
    features = get("/collections/tracks/items?limit=5")["features"]
    assert features and features[0]["geometry"]["type"] == "Point"


def unlisted_sender_is_dropped_and_counted():
    foe = sender(FOE, 1, 100)
    assert foe.wait() == 0
    wait(lambda: packets("ais1", "drop_source") >= 100, "the filter's count", 20)
    assert packets("ais1", "drop_source") == 100, packets("ais1", "drop_source")


def kill_of_a_sensor_loses_and_doubles_nothing():
    feed = sender(SENSORS["ais1"], FIRST, SENTENCES)
    for _ in range(KILLS):
        time.sleep(SENTENCES / PPS / (KILLS + 1))
        os.kill(main_pid("vedette-sensor@ais1"), signal.SIGKILL)
        wait(lambda: show("vedette-sensor@ais1.service", "ActiveState") == "active", "the sensor", 5)
    assert feed.wait() == 0
    assert int(show("vedette-sensor@ais1.service", "NRestarts")) == KILLS
    arrived(FIRST, SENTENCES)


def stream_is_dialled_and_dialled_again():
    try:
        assert receivers[0].stdout.readline() == "connected\n"
        wait(lambda: journal_vessels(STREAM, STREAM + 10000), "a plot of the stream")
        os.kill(main_pid("vedette-sensor@ais2"), signal.SIGKILL)
        assert receivers[0].stdout.readline() == "connected\n"
        before = len(journal_vessels(STREAM, STREAM + 10000))
        wait(lambda: len(journal_vessels(STREAM, STREAM + 10000)) > before, "a plot of the second stream")
        assert show("vedette-dial@ais2.service", "StatusText") == f"{SERVER} port 10110: connected"
    finally:
        receivers[0].kill()
        receivers[0].wait()


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
    told = set(UNITS) - {"vedette-clock"}  # whose file the others speak for
    centre = {"vedette-fusion", "vedette-hub"}
    wait(lambda: processes_in(urllib.request.urlopen("http://127.0.0.1:8080/metrics", timeout=5).read().decode()) == told,
         "every unit on /metrics")
    wait(lambda: processes_in(path.read_text()) == told - centre, "the mast's in its file")
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


def hung_sensor_is_mended_by_its_watchdog():
    """SIGSTOP: it runs, but answers nobody. WatchdogSec= is shortened, so that the test is; how long it took is told."""
    unit, limit_s = "vedette-sensor@ais1", 1
    dropin = pathlib.Path(f"/run/systemd/system/{unit}.service.d/90-test.conf")
    dropin.parent.mkdir(parents=True, exist_ok=True)
    dropin.write_text(f"[Service]\nWatchdogSec={limit_s}s\n")
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", unit)
    pid, since = main_pid(unit), time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    wait(lambda: main_pid(unit) not in (0, pid) and show(unit + ".service", "ActiveState") == "active", "another sensor", 30)
    there = int(show(unit + ".service", "ActiveEnterTimestampMonotonic")) / 1e6
    print(f"# a hung sensor was there again after {there - since:.2f} s, WatchdogSec= being {limit_s} s", flush=True)
    dropin.unlink()
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", unit)


def kill_of_everything_is_mended():
    """All at once: none is there to help another."""
    pids = {u: main_pid(u) for u in UNITS}
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    for unit, pid in pids.items():
        wait(lambda: show(unit + ".service", "ActiveState") == "active" and main_pid(unit) not in (0, pid), unit, 15)
    assert "taken over" in show("vedette-filter@v0.service", "StatusText")


def clean_stop_is_clean():
    sh("systemctl", "stop", "vedette-sensor-host.target", "vedette-centre.target")
    for unit in UNITS:
        wait(lambda: show(unit + ".service", "ActiveState") == "inactive", f"{unit} to stop", 10)
        assert show(unit + ".service", "Result") == "success", (unit, show(unit + ".service", "Result"))


FACTS = [every_unit_starts_and_is_ready, bad_feed_is_named_and_alone, no_daemon_holds_a_capability,
         sensor_has_no_network_and_no_keys, filter_is_in_the_path,
         unlisted_sender_is_dropped_and_counted, kill_of_a_sensor_loses_and_doubles_nothing,
         simulated_plots_and_pictures_arrive_in_the_hub_as_fused_tracks, stream_is_dialled_and_dialled_again,
         every_unit_is_on_metrics_and_the_masts_are_in_a_file, status_and_doctor_know_every_unit,
         hung_sensor_is_mended_by_its_watchdog, kill_of_everything_is_mended, clean_stop_is_clean]

if __name__ == "__main__":
    sys.exit(prove(FACTS))
