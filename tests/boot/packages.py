#!/usr/bin/env python3
"""packages: runs in the booted container. The .deb packages from installation to purge; TAP on stdout."""
import glob
import grp
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time

from mast import (FOE, SENSORS, TARGETS, UNITS, all_active, arrived, journal_vessels, main_pid, make_sea, packets, prove,
                  seen_in_the_hub, sender, sent, sh, show, simulate, wait)

PACKAGES = ["vedette-common", "vedette-sensor", "vedette-centre", "vedette-cli", "vedette-doc"]
DROPIN = "/etc/systemd/system/vedette-uplink.service.d"
FIRST, FOES, MOST = 320000000, 330000000, 600000
# What was written here since the boot: boot.sh shows the overlay's upper layer. What others write on their own account is no
# leftover, unless it bears our name; records of what was done are none at all.
UPPER = "/opt/upper"
OTHERS = ("/var/lib/", "/var/cache/", "/var/tmp/", "/run/", "/tmp/")
RECORDS = ("/var/lib/dpkg/", "/var/lib/apt/", "/var/cache/apt/", "/var/log/", "/run/log/")
ACCOUNTS = {"/etc/" + name + old for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid") for old in ("", "-")}


def apt(*argv):
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(["apt-get", "-y", "-q", "--no-install-recommends", *argv], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


def ours(text):
    return sorted(line for line in text.splitlines() if "vedette" in line)


def snapshot():
    """Everything on this host that an installation could leave."""
    files = {f.removeprefix(UPPER) for f in sh("find", UPPER, "/run", "/tmp", "(", "!", "-type", "d", ")", "-o", "-path", "*vedette*",
                                               check=False).stdout.splitlines()}
    return {
        "files": {f for f in files - ACCOUNTS if not f.startswith(RECORDS) and ("vedette" in f or not f.startswith(OTHERS))},
        "users": {u.pw_name for u in pwd.getpwall()}, "groups": {g.gr_name for g in grp.getgrall()},
        "mounts": {line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()},
        "units": {line.split()[0] for line in ours(sh("systemctl", "list-units", "--all", "--plain", "--no-legend").stdout)},
        "unit files": {line.split()[0] for line in ours(sh("systemctl", "list-unit-files", "--no-legend").stdout)},
        "sockets": {" ".join(line.split()[0:5:4]) for line in sh("ss", "-Hlxntu").stdout.splitlines()},
        "processes": set(ours(sh("ps", "-eo", "args").stdout)),
        "filters": {line.strip() for line in sh("ip", "-d", "link").stdout.splitlines() if "prog/xdp" in line},
    }


def version_of(package):
    return sh("dpkg-query", "-W", "-f", "${Version}", package, check=False).stdout


# --- the facts, in this order ---

def installation_starts_nothing_and_leaves_no_fault():
    make_sea()
    before.update(snapshot())
    apt("install", *sorted(glob.glob("/opt/old/*.deb")))
    assert sh("dpkg", "--verify", *PACKAGES).stdout == ""
    assert not ours(sh("systemctl", "list-units", "--plain", "--no-legend").stdout)
    assert all(pwd.getpwnam("vedette-" + u) for u in ("filter", "sensor", "dial", "camera", "uplink", "clock", "fusion", "hub"))


def configured_host_and_centre_start():
    shutil.copytree("/opt/etc", "/etc/vedette", dirs_exist_ok=True)
    sh("systemctl", "daemon-reload")
    sh("systemctl", "enable", *TARGETS)
    sh("systemctl", "start", *TARGETS, check=False)
    wait(all_active, "every unit")
    simulation.append(simulate())  # goes on through all that follows


def sealed_key_serves_as_well():
    """The drop-in that vedette-doc shows; bound to this installation, for want of a TPM."""
    key = pathlib.Path("/etc/vedette/tls/host.key")
    shutil.copytree("/usr/share/vedette/examples/units/vedette-uplink.service.d", DROPIN)
    sh("systemd-creds", "encrypt", "--with-key=host", "--name=key", str(key), f"{key}.cred")
    key.unlink()
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", "vedette-uplink")


def upgrade_under_a_feed_loses_nothing():
    """Nor lets anything pass: a sender that is not in the feed's file is dropped and counted all the while."""
    dropped = packets("ais1", "drop_source")
    pids = {u: main_pid(u) for u in UNITS}
    feed, foe = sender(SENSORS["ais1"], FIRST, MOST), sender(FOE, FOES, MOST)
    time.sleep(1)
    apt("install", *sorted(glob.glob("/opt/new/*.deb")))
    wait(all_active, "every unit")
    time.sleep(1)
    n, foes = sent(feed), sent(foe)
    assert all(version_of(p).endswith("+test") for p in PACKAGES)
    for unit in UNITS:
        assert main_pid(unit) != pids[unit], f"{unit} was not restarted"
        program = os.readlink(f"/proc/{main_pid(unit)}/exe")
        assert not program.endswith("(deleted)"), f"{unit} runs {program}"
    assert "taken over" in show("vedette-filter@v0.service", "StatusText")
    arrived(FIRST, n)
    wait(lambda: packets("ais1", "drop_source") >= dropped + foes, "the filter's count", 20)
    assert packets("ais1", "drop_source") == dropped + foes
    assert not journal_vessels(FOES, FOES + foes)


def simulated_feeds_and_a_camera_reach_the_hub():
    seen_in_the_hub(simulation.pop())


def removal_keeps_configuration_and_data():
    kept = [p for p in ("/etc/vedette", "/var/lib/vedette") for p in pathlib.Path(p).rglob("*")]
    assert pathlib.Path("/etc/vedette/feeds/ais1.conf") in kept and any("fusion" in p.parts and p.is_file() for p in kept)
    apt("remove", *PACKAGES)
    gone = [p for p in kept if not p.exists() and not p.name.endswith(("-wal", "-shm"))]
    assert not gone, gone
    now = snapshot()
    for kind in ("mounts", "unit files", "sockets", "processes", "filters"):
        assert now[kind] <= before[kind], (kind, now[kind] - before[kind])


def purge_of_one_keeps_the_data_of_the_others():
    sh("dpkg", "--purge", "vedette-common", "vedette-sensor")
    assert pathlib.Path("/etc/vedette/fusion.conf").exists() and pathlib.Path("/etc/vedette/tls/ca.pem").exists()
    assert any(pathlib.Path("/var/lib/vedette/fusion").iterdir())
    assert not pathlib.Path("/etc/vedette/uplink.conf").exists() and not pathlib.Path("/var/lib/vedette/uplink").exists()


def purge_leaves_nothing():
    shutil.rmtree(DROPIN)  # the administrator's
    sh("systemctl", "daemon-reload")
    apt("purge", "vedette-centre")
    left = {kind: sorted(found - before[kind]) for kind, found in snapshot().items()}
    assert not any(left.values()), {kind: names for kind, names in left.items() if names}


before, simulation = {}, []
FACTS = [installation_starts_nothing_and_leaves_no_fault, configured_host_and_centre_start, sealed_key_serves_as_well,
         upgrade_under_a_feed_loses_nothing, simulated_feeds_and_a_camera_reach_the_hub,
         removal_keeps_configuration_and_data, purge_of_one_keeps_the_data_of_the_others, purge_leaves_nothing]

if __name__ == "__main__":
    sys.exit(prove(FACTS))
