#!/usr/bin/env python3
"""units: what the generator makes of feed files; systemd's own checks of every unit; how exposed each is. TAP.

usage: test-units.py BUILD

Needs no privilege, only the systemd-analyze tool: nothing is started. The tree is installed into a directory.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# The most that `systemd-analyze security` may say, in tenths.
EXPOSURE = {"vedette-sensor@radar1": 3, "vedette-sensor@ais2": 3, "vedette-dial@ais2": 10, "vedette-dial@ais3": 10, "vedette-filter@eth0": 12, "vedette-camera@camera1": 10, "vedette-uplink": 10,
            "vedette-fusion": 10, "vedette-enrol": 10, "vedette-clock": 10, "vedette-hub": 10, "vedette-feed-error@broken": 10}


def find(root, name):
    return next(root.rglob(name))


class Suite:
    def __init__(self, build):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vedette-units-"))
        self.tree, self.etc, self.out = self.root / "tree", self.root / "etc", self.root / "out"
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", str(self.tree)], check=True,
                       capture_output=True)
        self.units = find(self.tree, "vedette-sensor@.service").parent
        shutil.copytree(find(self.tree, "examples"), self.etc)
        (self.etc / "feeds/broken.conf").write_text("[Feed]\nFormat=radar\n")
        ais2 = (self.etc / "feeds/ais2.conf").read_text()
        (self.etc / "feeds/ais3.conf").write_text(ais2.replace("Connect=192.0.2.14:10110", "Device=/dev/ttyUSB0"))
        (self.etc / "feeds/Odd Name.conf").write_text("[Feed]\nFormat=ais\n")
        # A host may be built without its filter, its cameras or the centre.
        self.exposure = {u: most for u, most in EXPOSURE.items() if self.installed(u)}
        self.env = dict(os.environ, SYSTEMD_UNIT_PATH=f"{self.out}:{self.units}:/usr/lib/systemd/system")
        self.said = self.generate()

    def generate(self, **env):
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        done = subprocess.run([find(self.tree, "vedette-generator"), self.out, self.out, self.out], check=True, text=True,
                              env=dict(os.environ, VEDETTE_ETC=str(self.etc), VEDETTE_UNITS=str(self.units), **env),
                              capture_output=True)
        return done.stderr

    def installed(self, unit):
        name, at, _instance = unit.partition("@")
        return (self.units / f"{name}{at}.service").exists()

    def wanted(self):
        return {p.name for p in (self.out / "vedette-sensor-host.target.wants").iterdir()}

    def close(self):
        shutil.rmtree(self.root)

    # --- facts ---

    def feed_files_become_sockets_and_units(self):
        expected = {"vedette-sensor@radar1.socket", "vedette-sensor@radar1.service", "vedette-sensor@ais1.socket",
                    "vedette-sensor@ais1.service", "vedette-feed-error@broken.service"}
        for feed in ("ais2", "ais3"):
            expected |= {f"vedette-sensor@{feed}.socket", f"vedette-sensor@{feed}.service", f"vedette-dial@{feed}.service"}
        for unit in ("vedette-camera@camera1", "vedette-filter@eth0"):
            if self.installed(unit):
                expected.add(unit + ".service")
            else:
                assert f"{unit}.service: not started" in self.said, self.said
        assert self.wanted() == expected, self.wanted()
        radar = (self.out / "vedette-sensor@radar1.socket.d/50-vedette.conf").read_text()
        assert "ListenDatagram=239.77.0.1:8600" in radar and "IPAddressAllow=192.0.2.10/32" in radar
        camera = (self.out / "vedette-camera@camera1.service.d/50-vedette.conf").read_text()
        assert "IPAddressAllow=192.0.2.13/32" in camera

    def streams_get_a_dialler_that_may_open_one_thing(self):
        socket = (self.out / "vedette-sensor@ais2.socket.d/50-vedette.conf").read_text()
        assert "ListenSequentialPacket=/run/vedette/feed/ais2.sock\nSocketUser=vedette-dial\n" in socket, socket
        assert "ListenDatagram" not in socket
        dropin = lambda feed: self.out / f"vedette-dial@{feed}.service.d/50-vedette.conf"
        assert "IPAddressAllow=192.0.2.14\n" in dropin("ais2").read_text()
        assert "DeviceAllow=/dev/ttyUSB0 rw\n" in dropin("ais3").read_text()
        feed = self.etc / "feeds/ais2.conf"
        text = feed.read_text()
        feed.write_text(text.replace("192.0.2.14", "mast.example"))
        self.generate()
        assert "IPAddressDeny=\n" in dropin("ais2").read_text()
        feed.write_text(text)
        self.generate()

    def bad_feed_file_gets_one_clear_line_and_harms_no_other(self):
        lines = [line for line in self.said.splitlines() if "broken" in line]
        assert len(lines) == 1 and "broken.conf:2: [Feed] Format=radar" in lines[0], self.said
        assert "Odd Name" in self.said

    def filter_is_bound_to_its_device_where_there_is_udev(self):
        dropin = self.out / "vedette-filter@eth0.service.d/50-vedette.conf"
        assert "BindsTo=sys-subsystem-net-devices-eth0.device" in dropin.read_text()
        # What is bound to a device ends with it: the device that comes again has to start it.
        assert (self.out / "sys-subsystem-net-devices-eth0.device.wants/vedette-filter@eth0.service").is_symlink()
        self.generate(SYSTEMD_VIRTUALIZATION="container:systemd-nspawn")
        assert not dropin.exists()
        self.generate()

    def feeds_interfaces_are_guarded_without_filter_conf(self):
        (self.etc / "filter.conf").rename(self.etc / "filter.off")
        feed = self.etc / "feeds/ais1.conf"
        feed.write_text(feed.read_text().replace("eth0", "br0.7-x"))
        self.generate()
        if not self.installed("vedette-filter@eth0"):
            return
        filters = {w for w in self.wanted() if w.startswith("vedette-filter")}
        assert filters == {"vedette-filter@eth0.service", "vedette-filter@br0.7\\x2dx.service"}, filters
        (self.etc / "filter.off").rename(self.etc / "filter.conf")
        self.generate()

    def configuration_opens_what_it_names_and_no_more(self):
        dropin = lambda unit: self.out / f"vedette-{unit}.service.d/50-vedette.conf"
        assert "IPAddressDeny=\n" in dropin("uplink").read_text()  # the example's centre is a name
        uplink = self.etc / "uplink.conf"
        uplink.write_text(uplink.read_text().replace("centre.example", "192.0.2.1"))
        hub = self.etc / "hub.conf"
        hub.write_text("[Hub]\nOrigin=xa\nHttp=127.0.0.1:8080\n")
        self.generate()
        assert "IPAddressAllow=192.0.2.1\n" in dropin("uplink").read_text()
        assert "IPAddressDeny=\n" in dropin("fusion").read_text()
        assert "IPAddressAllow=localhost\n" in dropin("hub").read_text()

    def systemd_finds_no_fault_in_any_unit(self):
        units = [p.name for p in self.units.iterdir() if p.is_file() and "@" not in p.name]
        units += [u + ".service" for u in self.exposure] + ["vedette-sensor@radar1.socket", "vedette-sensor@ais2.socket"]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], env=self.env, text=True,
                              capture_output=True)
        # The programs are in the installed tree, not on this host.
        faults = [line for line in done.stderr.splitlines() if "is not executable" not in line and "vedette" in line]
        assert not faults, faults

    def drop_in_examples_are_what_systemd_understands(self):
        dropins = sorted((self.etc / "units").iterdir())
        units = [d.name.removesuffix(".d") for d in dropins]
        assert "vedette-uplink.service" in units, units
        for d in dropins:
            shutil.copytree(d, self.out / d.name, dirs_exist_ok=True)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], env=self.env, text=True, capture_output=True)
        faults = [line for line in done.stderr.splitlines() if "is not executable" not in line and "vedette" in line]
        assert not faults, faults
        self.generate()

    def no_unit_is_more_exposed_than_it_may_be(self):
        # As shipped: what the configuration opens is the administrator's.
        for unit in ("uplink", "fusion", "hub"):
            shutil.rmtree(self.out / f"vedette-{unit}.service.d", ignore_errors=True)
        over = []
        for unit, limit in self.exposure.items():
            done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={limit}",
                                   unit + ".service"], env=self.env, text=True, capture_output=True)
            if done.returncode != 0:
                over.append((unit, done.stdout.strip().splitlines()[-1:] or done.stderr))
        assert not over, over


FACTS = [Suite.feed_files_become_sockets_and_units, Suite.streams_get_a_dialler_that_may_open_one_thing, Suite.bad_feed_file_gets_one_clear_line_and_harms_no_other,
         Suite.filter_is_bound_to_its_device_where_there_is_udev, Suite.feeds_interfaces_are_guarded_without_filter_conf,
         Suite.configuration_opens_what_it_names_and_no_more, Suite.systemd_finds_no_fault_in_any_unit,
         Suite.drop_in_examples_are_what_systemd_understands, Suite.no_unit_is_more_exposed_than_it_may_be]


def main():
    if not shutil.which("systemd-analyze"):
        print("1..0 # SKIP no systemd-analyze")
        return 0
    suite = Suite(sys.argv[1])
    print(f"1..{len(FACTS)}")
    failed = 0
    try:
        for n, fact in enumerate(FACTS, 1):
            try:
                fact(suite)
                print(f"ok {n} - {fact.__name__}", flush=True)
            except Exception as e:  # noqa: BLE001: any failure is a finding
                failed += 1
                print(f"not ok {n} - {fact.__name__}\n# {type(e).__name__}: {e}", flush=True)
    finally:
        suite.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
