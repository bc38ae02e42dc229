#!/usr/bin/env python3
"""operations, for real: the demo's mast and two centres, watched, copied while they run, lost, and put back.

usage: real.py BUILD_ROOT SOURCE_ROOT. TAP on stdout. The commands are those of docs/operating.md, word for word, from its blocks
marked "tested". Without root the filter is not among the processes. promtool(1) is left out where it is not.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import traceback

BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "demo"))
import certificates
import configure
import demo
import watch

COLUMNS = 120
SAMPLE = re.compile(r'([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})? (\S+)')
world = None


class Skip(Exception):
    pass


def start():
    d = demo.Demo(argparse.Namespace(build=str(BUILD), ports="28190,28191", seconds=1, functional=True, keep=False))
    certificates.make(d.root / "certs")
    configure.feeds(d.root, d.scene, d.net)
    configure.mast(d.root, d.net)
    configure.centre(d.root, d.net, d.scene, d.build, d.ports)
    os.symlink("hub-xa", d.root / "state/hub")
    d.start_centres()
    d.start_mast()
    d.wait(lambda: all(p.up for p in d.supervisor.processes.values()), 60, "the path")
    d.start_scene()
    return d


def until(what, condition, seconds=90):
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        world.step()
        try:
            last = condition()
            if last:
                return last
        except (OSError, ValueError, KeyError) as e:
            last = e
    raise AssertionError(f"not within {seconds} s: {what} (last: {last!r})")


def epochs(centre):
    """Epochs of our own tracks in a centre's picture."""
    return {int(t["id"].split("-")[1]) for t in watch.rows(world.urls[centre]) if t["id"].startswith("xa-")}


def stop(*names):
    for name in names:
        p = world.supervisor.processes[name]
        p.restart = False
        p.popen.terminate()
        p.popen.wait(20)


def begin(*names):
    for name in names:
        p = world.supervisor.processes[name]
        p.restart = True
        world.supervisor.start(p)


def vedette(*args, code=None):
    done = subprocess.run([str(BUILD / "cli/vedette"), *args], capture_output=True, text=True)
    assert code is None or done.returncode == code, (args, done)
    return done.stdout


def at(place):
    """Options that make this machine the centre, or the mast."""
    here = ["--run", str(world.root / "run"), "--state", str(world.root / "state")]
    if place == "mast":
        return ["--etc", str(world.root / "mast"), *here]
    return ["--etc", str(world.root / "xa"), "--hub", world.urls["xa"], *here]


# --- the commands of the guide ---

def block(name):
    text = (SOURCE / "docs/operating.md").read_text()
    return re.search(rf"<!-- tested: {name} -->\n```sh\n(.*?)```", text, re.S)[1]


def stand_in(name, text):
    path = world.root / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run_block(name):
    """As written, with this world's folders; systemd and its users are not here, and say that they were asked."""
    stand_in("systemctl", f'echo "systemctl $*" >>{world.root}/asked')
    stand_in("chown", f'echo "chown $*" >>{world.root}/asked')
    stand_in("runuser", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    text = block(name)
    for there, here in (("/var/lib/vedette", world.root / "state"), ("/var/backups/vedette", world.root / "backups"),
                        ("/etc/vedette", world.root / "xa"),
                        ("/usr/lib/vedette/vedette-fusion",
                         f"{BUILD}/fusion/vedette-fusion --config {world.root}/xa/fusion.conf")):
        text = text.replace(there, str(here))
    child = subprocess.Popen(["sh", "-e", "-c", text], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=dict(os.environ, PATH=f"{world.root}/bin:{os.environ['PATH']}"))
    while child.poll() is None:
        world.step()
    said = child.stdout.read()
    assert child.returncode == 0, said
    return said


# --- watching ---

def well_formed(text):
    """Each family has HELP and TYPE once, ahead of its samples, which stand together; no series twice."""
    head, types, series, family = None, {}, set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            head = line.split(" ", 3)[2]
            assert head not in types and line.split(" ", 3)[3], line
            assert "of a version that this one does not know" not in line, line
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name == head and kind in ("counter", "gauge", "histogram"), line
            assert kind != "counter" or name.endswith("_total"), line
            types[name] = kind
            family = name
        else:
            m = SAMPLE.fullmatch(line)
            assert m, line
            float(m[3])
            base = re.sub(r"_(bucket|sum|count)$", "", m[1]) if types[family] == "histogram" else m[1]
            assert base == family, line
            assert (m[1], m[2]) not in series, line
            series.add((m[1], m[2]))
    return types


def processes_in(text):
    """{(process, feed or interface)} of what says how long it runs."""
    found = set()
    for labels in re.findall(r"^vedette_process_uptime_seconds\{(.*)\} ", text, re.M):
        v = dict(re.findall(r'([a-z]+)="([^"]*)"', labels))
        found.add((v["process"], v.get("feed") or v.get("interface") or ""))
    return found


def mast_processes():
    expected = {("uplink", ""), ("sensor", "radar1"), ("sensor", "radar2"), ("sensor", "ais1"), ("camera", "camera1")}
    return expected | ({("filter", world.net.mast_interface)} if world.net.privileged else set())


def check_with_promtool(text):
    if not shutil.which("promtool"):
        print("# no promtool; Debian has it in prometheus")
        return
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr


def every_process_is_on_the_hubs_metrics():
    url = world.urls["xa"] + "/metrics"
    expected = mast_processes() | {("fusion", ""), ("hub", "")}
    until("every process", lambda: processes_in(watch.get_text(url)) >= expected)
    text = watch.get_text(url)
    types = well_formed(text)
    assert processes_in(text) == expected, processes_in(text) ^ expected
    for name in ("vedette_build_info", "vedette_process_state", "vedette_certificate_expiry_timestamp_seconds"):
        assert types[name] == "gauge", name
    check_with_promtool(text)


def a_mast_alone_has_them_in_a_file():
    path = world.root / "run/metrics/vedette.prom"
    until("every process of the mast", lambda: processes_in(path.read_text()) >= mast_processes())
    text = path.read_text()
    well_formed(text)
    assert processes_in(text) == mast_processes()
    assert path.stat().st_mode & 0o777 == 0o644
    check_with_promtool(text)


def a_kill_is_counted_as_a_restart():
    until("a report with some uptime", lambda: watch.metrics(world.urls["xa"])[
        'vedette_process_uptime_seconds{host="mast1",process="sensor",feed="ais1"}'] > 5)
    world.supervisor.kill("sensor-ais1")
    until("the restart", lambda: watch.metrics(world.urls["xa"])[
        'vedette_process_restarts_total{host="mast1",process="sensor",feed="ais1"}'] >= 1)


def status_shows_centre_and_mast():
    for place, lines in (("centre", ("centre ", "  feed   radar1 ", "  peer   xb ", "uplink   mast1 ", "fusion   xa ", "hub      xa ")),
                         ("mast", ("  feed   ais1 ", "uplink   mast1 ", "cert "))):
        text = vedette("status", *at(place), code=0)
        for line in lines:
            assert f"\n{line}" in text, (line, text)
        assert not [l for l in text.splitlines() if len(l) > COLUMNS], text
        assert "\033" not in text and "nan" not in text, text
        status = json.loads(vedette("status", "--json", *at(place), code=0))
        assert set(status) == {"version", "time_ms", "hostname", "hub", "host", "processes", "hosts", "filters", "systemd", "units",
                               "feeds", "certificates", "clock", "disks"}, set(status)
        uplink = [p for p in status["processes"] if p["process"] == "uplink"]
        assert len(uplink) == 1 and uplink[0]["metrics"]["vedette_uplink_link_up"] == 1, uplink


def documented_members_are_those_there():
    page = (SOURCE / "docs/man/vedette-status.1.scd").read_text().split("# JSON")[1].split("# EXIT STATUS")[0]
    documented = {w for line in page.splitlines() if line.startswith("*") for w in re.findall(r"\*([a-z_]+)\*", line)}
    assert documented == set(json.loads(vedette("status", "--json", *at("centre")))), documented


def doctor_finds_what_is_broken_and_says_what_to_type():
    until("a quiet doctor", lambda: "radar2" not in vedette("doctor", *at("centre")))
    stop("sensor-radar2")
    try:
        text = until("the dead decoder", lambda: (t := vedette("doctor", *at("centre"))) and "feed radar2 of mast1 is" in t and t)
        assert re.search(r"- feed radar2 of mast1 is down.*\n      on mast1: vedette doctor\n", text), text
        found = json.loads(vedette("doctor", "--json", *at("mast"), code=1))["findings"]
        assert all(f["what"] and f["type"] for f in found), found
        assert not [l for l in text.splitlines() if len(l) > 2 * COLUMNS], text
    finally:
        begin("sensor-radar2")


# --- backup and restore ---

def a_copy_is_made_while_everything_runs():
    said = run_block("backup")
    copy = max((world.root / "backups").iterdir())
    assert said.strip().endswith(str(copy)) and said.count("\n") == 1, said
    assert (copy / "state/hub/picture.db").exists() and list((copy / "state/fusion/journal").glob("*.journal"))
    assert oct(copy.stat().st_mode & 0o777) == "0o700"
    vedette("ledger", "verify", str(copy / "state/hub/ledger.db"), code=0)
    # So that hub and neighbour know more than the copy does.
    before = watch.metrics(world.urls["xa"])["vedette_hub_ledger_entries"]
    until("the ledger to go on", lambda: watch.metrics(world.urls["xa"])["vedette_hub_ledger_entries"] > before + 5)


def a_new_epoch_is_seen(old):
    until("tracks of a new epoch alone", lambda: (e := epochs("xa")) and min(e) > max(old))
    until("the neighbour to have them alone", lambda: (e := epochs("xb")) and min(e) > max(old))
    until("a live picture", lambda: watch.reachable(world.urls["xa"]).get("stale") is False)


def fusion_alone_put_back_begins_a_new_epoch_by_itself():
    old = until("tracks", lambda: epochs("xa"))
    stop("fusion")
    state = world.root / "state/fusion"
    shutil.rmtree(state)
    shutil.copytree(max((world.root / "backups").iterdir()) / "state/fusion", state)
    begin("fusion")
    a_new_epoch_is_seen(old)
    log = (world.root / "log/fusion.log").read_text()
    assert log.count("Ending, to begin a new epoch") == 1, log[-2000:]


def a_lost_centre_is_put_back():
    old = until("tracks", lambda: epochs("xa"))
    stop("hub-xa", "fusion")
    os.unlink(world.root / "state/hub")
    os.rename(world.root / "state/hub-xa", world.root / "state/hub")
    run_block("restore")
    asked = (world.root / "asked").read_text().splitlines()
    assert asked[0] == "systemctl stop vedette-centre.target vedette-hub vedette-fusion", asked
    assert asked[-1] == "systemctl start vedette-centre.target", asked
    os.rename(world.root / "state/hub", world.root / "state/hub-xa")
    begin("fusion", "hub-xa")
    a_new_epoch_is_seen(old)
    vedette("ledger", "verify", str(world.root / "state/hub-xa/ledger.db"), code=0)
    log = (world.root / "log/fusion.log").read_text()
    assert log.count("Ending, to begin a new epoch") == 1, log[-2000:]


TESTS = (every_process_is_on_the_hubs_metrics, a_mast_alone_has_them_in_a_file, status_shows_centre_and_mast,
         documented_members_are_those_there, a_kill_is_counted_as_a_restart, doctor_finds_what_is_broken_and_says_what_to_type,
         a_copy_is_made_while_everything_runs, fusion_alone_put_back_begins_a_new_epoch_by_itself, a_lost_centre_is_put_back)


def main():
    global world
    failed = False
    print(f"1..{len(TESTS)}", flush=True)
    world = start()
    try:
        until("tracks at both centres", lambda: len(epochs("xa")) and len(epochs("xb")))
        for n, test in enumerate(TESTS, 1):
            try:
                test()
                print(f"ok {n} {test.__name__}", flush=True)
            except Exception:
                failed = True
                print(f"not ok {n} {test.__name__}")
                print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
    finally:
        world.close(keep=False)
    sys.exit(failed)


main()
