#!/usr/bin/env python3
"""filter: vedette-filter on a veth pair between two network namespaces. TAP; skips where it may not make them.

usage: test-filter.py VEDETTE-FILTER
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BLOCK = bytes([48, 0, 8, 0xFD, 1, 2, 3, 4])  # one ASTERIX data block
LISTED, UNLISTED, HOST = "10.99.0.10", "10.99.0.66", "10.99.0.1"
LISTED6, UNLISTED6, HOST6, GROUP6 = "fd99::10", "fd99::66", "fd99::1", "ff15::99"
FEED = """[Feed]
Format=asterix
Listen={listen}
Source={source}
Rate={rate}
Fragments={fragments}
Interface=vd-g0
[Site]
Latitude=54.5 deg
Longitude=11.2 deg
[Radar]
RangeSigma=30 m
AzimuthSigma=0.1 deg
ScanPeriod=3 s
"""


def sh(*argv, check=True):
    return subprocess.run(argv, check=check, capture_output=True, text=True)


class Namespaces:
    """`host` holds the guarded interface vd-g0, `sea` the senders."""

    def __init__(self):
        tag = os.getpid()
        self.host, self.sea = f"vdg-host-{tag}", f"vdg-sea-{tag}"
        for ns in (self.host, self.sea):
            sh("ip", "netns", "add", ns)
            sh("ip", "-n", ns, "link", "set", "lo", "up")
        self.plug()

    def plug(self):
        sh("ip", "link", "add", "vd-g0", "netns", self.host, "type", "veth", "peer", "name", "vd-g1", "netns", self.sea)
        sh("ip", "-n", self.host, "addr", "add", f"{HOST}/24", "dev", "vd-g0")
        sh("ip", "-n", self.host, "addr", "add", f"{HOST6}/64", "dev", "vd-g0", "nodad")
        for a in (LISTED, UNLISTED):
            sh("ip", "-n", self.sea, "addr", "add", f"{a}/24", "dev", "vd-g1")
        for a in (LISTED6, UNLISTED6):
            sh("ip", "-n", self.sea, "addr", "add", f"{a}/64", "dev", "vd-g1", "nodad")
        for ns, dev in ((self.host, "vd-g0"), (self.sea, "vd-g1")):
            sh("ip", "-n", ns, "link", "set", dev, "up")
            sh("ip", "-n", ns, "route", "add", "239.0.0.0/8", "dev", dev)

    def unplug(self):
        sh("ip", "-n", self.host, "link", "del", "vd-g0")

    def socket(self, ns, address, port=0, group=None, kind=socket.SOCK_DGRAM):
        libc = ctypes.CDLL(None, use_errno=True)
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{ns}", os.O_RDONLY)
        assert libc.setns(there, 0x40000000) == 0
        six = ":" in address
        s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        if six and kind == socket.SOCK_DGRAM:
            index = socket.if_nametoindex("vd-g0" if ns == self.host else "vd-g1")
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        if group and six:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                         socket.inet_pton(socket.AF_INET6, group) + index.to_bytes(4, sys.byteorder))
        elif group:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(HOST))
        s.setblocking(False)
        assert libc.setns(here, 0x40000000) == 0
        os.close(here)
        os.close(there)
        return s

    def close(self):
        for ns in (self.host, self.sea):
            sh("ip", "netns", "del", ns, check=False)


class Filter:
    def __init__(self, net, binary, root, prefix=()):
        self.net, self.binary, self.root, self.prefix, self.popen = net, binary, root, list(prefix), None

    def argv(self, *extra):
        # nsenter, not `ip netns exec`: the latter hides bpf file systems below /sys.
        return ["nsenter", f"--net=/run/netns/{self.net.host}", "--", *self.prefix, self.binary, "--interface", "vd-g0",
                "--config", f"{self.root}/filter.conf", "--feeds", f"{self.root}/feeds", "--status", f"{self.root}/status", "--pin", f"{self.root}/bpf", *extra]

    def start(self):
        (self.root / "status/vd-g0.json").unlink(missing_ok=True)
        self.popen = subprocess.Popen(self.argv(), stderr=open(self.root / "log", "ab"))
        wait(lambda: (self.root / "status/vd-g0.json").exists(), "status file")
        return self.status()

    def status(self):
        return json.loads((self.root / "status/vd-g0.json").read_text())

    def kill(self, sig=signal.SIGKILL):
        self.popen.send_signal(sig)
        return self.popen.wait(5)

    def reload(self):
        before = self.status()["time_ns"]
        self.popen.send_signal(signal.SIGHUP)
        wait(lambda: self.status()["time_ns"] > before, "status after reload")
        return self.fresh()

    def fresh(self):
        """A status written after now."""
        now = time.time_ns()
        wait(lambda: self.status()["time_ns"] > now, "fresh status")
        return self.status()

    def packets(self, feed, verdict):
        return next(f for f in self.fresh()["feeds"] if f["feed"] == feed)[verdict]["packets"]


def wait(condition, what, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def received(s):
    time.sleep(0.1)
    n = 0
    while True:
        try:
            s.recv(2048)
            n += 1
        except BlockingIOError:
            return n


class Suite:
    def __init__(self, binary):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vedette-filter-"))
        for d in ("feeds", "bpf"):
            (self.root / d).mkdir()
        sh("mount", "-t", "bpf", "bpf", str(self.root / "bpf"))
        self.net = Namespaces()
        self.filter = Filter(self.net, binary, self.root)
        self.binary = binary

    def feed(self, name, listen, source=LISTED, rate=0, fragments="drop"):
        text = FEED.format(listen=listen, source=source, rate=rate, fragments=fragments)
        (self.root / f"feeds/{name}.conf").write_text(text)

    def send(self, source, to, port, payload=BLOCK, n=10):
        with self.net.socket(self.net.sea, source) as s:
            for _ in range(n):
                s.sendto(payload, (to, port))

    def link(self):
        return sh("ip", "-n", self.net.host, "-o", "link", "show", "vd-g0", check=False).stdout

    def close(self):
        if self.filter.popen and self.filter.popen.poll() is None:
            self.filter.kill()
        self.net.close()
        sh("umount", str(self.root / "bpf"), check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    # --- the facts, in this order: each builds on the one before ---

    def listed_source_passes_and_unlisted_is_dropped(self):
        self.feed("radar1", "239.1.1.1:8600")
        self.feed("radar2", f"{HOST}:8600")
        self.radar1 = self.net.socket(self.net.host, "239.1.1.1", 8600, group="239.1.1.1")
        self.radar2 = self.net.socket(self.net.host, HOST, 8600)
        self.other = self.net.socket(self.net.host, HOST, 9000)
        status = self.filter.start()
        assert status["mode"] == "native" and status["reason"] == "", status
        for source, expected in ((LISTED, 10), (UNLISTED, 0)):
            self.send(source, "239.1.1.1", 8600)
            self.send(source, HOST, 8600)
            self.send(source, HOST, 9000)
            assert received(self.radar1) == expected
            assert received(self.radar2) == expected
            assert received(self.other) == 10
        for feed in ("radar1", "radar2"):
            assert self.filter.packets(feed, "pass_feed") == 10
            assert self.filter.packets(feed, "drop_source") == 10

    def no_privilege_is_left_after_loading(self):
        status = (pathlib.Path("/proc") / str(self.filter.popen.pid) / "status").read_text()
        sets = {line.split(":")[0]: int(line.split()[1], 16) for line in status.splitlines() if line.startswith("Cap")}
        assert sets["CapEff"] == sets["CapPrm"] == sets["CapInh"] == sets["CapAmb"] == 0, sets
        assert "NoNewPrivs:\t1" in status

    def filter_stays_when_the_daemon_is_killed(self):
        self.filter.kill()
        self.send(UNLISTED, HOST, 8600)
        self.send(LISTED, HOST, 8600)
        assert received(self.radar2) == 10

    def restarted_daemon_takes_over_with_counters_kept(self):
        status = self.filter.start()
        assert status["mode"] == "native", status
        assert self.filter.packets("radar2", "pass_feed") == 20
        assert self.filter.packets("radar2", "drop_source") == 20
        self.send(UNLISTED, HOST, 8600)
        assert self.filter.packets("radar2", "drop_source") == 30
        assert received(self.radar2) == 0

    def reload_changes_who_may_send(self):
        self.feed("radar2", f"{HOST}:8600", source=UNLISTED)
        generation = self.filter.status()["generation"]
        assert self.filter.reload()["generation"] == generation + 1
        self.send(LISTED, HOST, 8600)
        self.send(UNLISTED, HOST, 8600)
        assert received(self.radar2) == 10
        assert self.filter.packets("radar2", "pass_feed") == 30
        assert self.filter.packets("radar2", "drop_source") == 40

    def invalid_file_keeps_the_old_policy_and_says_why(self):
        self.feed("radar2", f"{HOST}:8600", source="300.1.2.3")
        generation = self.filter.status()["generation"]
        status = self.filter.reload()
        assert status["generation"] == generation
        assert "radar2.conf:4" in status["policy_error"], status
        self.send(UNLISTED, HOST, 8600)
        assert received(self.radar2) == 10
        self.feed("radar2", f"{HOST}:8600")
        assert self.filter.reload()["policy_error"] == ""

    def no_datagram_is_misjudged_while_policies_change(self):
        with self.net.socket(self.net.sea, LISTED) as good, self.net.socket(self.net.sea, UNLISTED) as bad:
            got = sent = 0
            for n in range(2000):
                if n % 100 == 0:
                    self.filter.popen.send_signal(signal.SIGHUP)
                good.sendto(BLOCK, (HOST, 8600))
                bad.sendto(BLOCK, (HOST, 8600))
                sent += 1
                if n % 50 == 49:
                    got += received(self.radar2)
            assert got == sent, (got, sent)

    def rate_holds_a_listed_source(self):
        self.feed("radar2", f"{HOST}:8600", rate=10)
        self.filter.reload()
        self.send(LISTED, HOST, 8600, n=100)
        assert 10 <= received(self.radar2) <= 15
        assert self.filter.packets("radar2", "drop_rate") >= 85

    def one_bad_file_at_the_start_leaves_the_others_guarded(self):
        self.feed("radar2", f"{HOST}:8600")
        (self.root / "feeds/broken.conf").write_text("[Feed]\nFormat=asterix\nListen=nowhere\n")
        self.filter.kill()
        status = self.filter.start()
        assert status["policy_feeds"] == 2 and "broken.conf:3" in status["policy_error"], status
        (self.root / "feeds/broken.conf").unlink()

    def ipv6_feeds_are_guarded(self):
        self.feed("six1", f"[{HOST6}]:8600", source=LISTED6)
        self.feed("six2", f"[{GROUP6}]:8600", source="fd99::10/124")
        self.filter.reload()
        with self.net.socket(self.net.host, HOST6, 8600) as unicast, \
                self.net.socket(self.net.host, GROUP6, 8600, group=GROUP6) as group:
            for source, expected in ((LISTED6, 10), (UNLISTED6, 0)):
                self.send(source, HOST6, 8600)
                self.send(source, GROUP6, 8600)
                assert received(unicast) == expected
                assert received(group) == expected
        for feed in ("six1", "six2"):
            assert self.filter.packets(feed, "pass_feed") == 10
            assert self.filter.packets(feed, "drop_source") == 10

    def fragments_pass_only_where_a_feed_takes_them(self):
        large = bytes([48, 3000 >> 8, 3000 & 255]) + bytes(2997)
        with self.net.socket(self.net.host, HOST6, 8600) as six:
            for fragments, expected in (("drop", 0), ("pass", 5)):
                self.feed("radar1", "239.1.1.1:8600", fragments=fragments)
                self.feed("six1", f"[{HOST6}]:8600", source=LISTED6, fragments=fragments)
                self.filter.reload()
                for source, source6 in ((LISTED, LISTED6), (UNLISTED, UNLISTED6)):
                    self.send(source, "239.1.1.1", 8600, payload=large, n=5)
                    self.send(source6, HOST6, 8600, payload=large, n=5)
                    assert received(self.radar1) == (expected if source == LISTED else 0)
                    assert received(six) == (expected if source == LISTED else 0)
        assert self.filter.packets("radar1", "pass_fragment") == 15  # three each
        assert self.filter.packets("six1", "pass_fragment") == 5  # those that follow name no port
        for feed in ("radar1", "six1"):
            self.feed(feed, "239.1.1.1:8600" if feed == "radar1" else f"[{HOST6}]:8600", source=LISTED if feed == "radar1" else LISTED6)
        self.filter.reload()

    def strict_policy_refuses_other_udp_and_cuts_nothing_else(self):
        (self.root / "filter.conf").write_text("[Filter]\nInterface=vd-g0\nStrict=yes\nOpen=9001\n")
        status = self.filter.reload()
        assert status["strict"] is True and status["policy_error"] == "", status
        with self.net.socket(self.net.host, HOST, 9001) as opened, self.net.socket(self.net.host, HOST6, 9000) as six:
            self.send(LISTED, HOST, 9000)
            self.send(LISTED6, HOST6, 9000)
            self.send(LISTED, HOST, 9001)
            self.send(LISTED, HOST, 8600)
            assert received(self.other) == 0 and received(six) == 0
            assert received(opened) == 10 and received(self.radar2) == 10
        assert self.filter.fresh()["other"]["drop_strict"]["packets"] >= 20
        sh("ip", "-n", self.net.sea, "neigh", "flush", "dev", "vd-g1")
        for source, target in ((LISTED, HOST), (LISTED6, HOST6)):  # ARP, neighbour discovery and SSH
            with self.net.socket(self.net.host, target, 22, kind=socket.SOCK_STREAM) as server, \
                    self.net.socket(self.net.sea, source, kind=socket.SOCK_STREAM) as client:
                server.listen()
                client.settimeout(10)
                client.connect((target, 22))
        (self.root / "filter.conf").write_text("[Filter]\nInterface=vd-g0\nStrict=perhaps\n")
        status = self.filter.reload()
        assert status["strict"] is True and "filter.conf:3" in status["policy_error"], status
        (self.root / "filter.conf").unlink()
        assert self.filter.reload()["strict"] is False
        self.send(LISTED, HOST, 9000)
        assert received(self.other) == 10

    def status_says_when_a_source_was_seen_and_who_was_refused(self):
        self.feed("radar2", f"{HOST}:8600", source=f"{LISTED} 192.0.2.0/24")
        self.filter.reload()
        self.send(LISTED, HOST, 8600)
        assert received(self.radar2) == 10
        entry = lambda: next(f for f in self.filter.fresh()["feeds"] if f["feed"] == "radar2")
        sources = entry()["sources"]
        assert [s["source"] for s in sources] == [f"{LISTED}/32", "192.0.2.0/24"], sources
        assert 0 <= sources[0]["age_s"] <= 10 and sources[1]["age_s"] is None, sources
        # Where it stands in the file does not matter, nor who reads it.
        self.feed("radar2", f"{HOST}:8600", source=f"192.0.2.0/24 {LISTED}")
        self.filter.reload()
        assert entry()["sources"][1]["age_s"] is not None and entry()["sources"][0]["age_s"] is None
        self.filter.kill()
        self.filter.start()
        assert entry()["sources"][1]["age_s"] is not None and entry()["sources"][0]["age_s"] is None
        self.feed("radar9", f"{HOST}:8609")
        self.filter.reload()
        self.send(UNLISTED, HOST, 8609)
        wait(lambda: any(f["feed"] == "radar9" and f["dropped"] for f in self.filter.status()["feeds"]), "a sample")
        dropped = next(f for f in self.filter.status()["feeds"] if f["feed"] == "radar9")["dropped"]
        assert dropped[0]["verdict"] == "drop_source", dropped
        assert dropped[0]["last"].startswith(f"{UNLISTED}:") and dropped[0]["last"].endswith(f" to {HOST}:8609"), dropped
        lines = [line for line in (self.root / "log").read_text().splitlines() if "radar9: drop_source: " in line]
        assert len(lines) == 1 and f"the last seen from {UNLISTED}:" in lines[0], lines

    def counters_of_another_layout_keep_no_filter_off(self):
        self.filter.kill()
        pin = self.root / "bpf/vd-g0/counters"
        pin.unlink()
        bpftool = shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        sh(bpftool, "map", "create", str(pin), "type", "percpu_array", "key", "4", "value", "112", "entries", "65",
           "name", "counters")
        status = self.filter.start()
        assert status["mode"] == "native" and status["reason"] == "", status
        self.send(UNLISTED, HOST, 8600)
        assert received(self.radar2) == 0
        assert self.filter.packets("radar2", "drop_source") == 10

    def recreated_interface_is_guarded_again(self):
        for _ in range(3):
            self.net.unplug()
            assert self.filter.popen.wait(10) == 1
            # Until it is there again the service manager's restarts end like this one.
            assert subprocess.run(self.filter.argv(), stderr=subprocess.DEVNULL, timeout=10).returncode == 1
            self.net.plug()
            status = self.filter.start()
            assert status["mode"] == "native" and status["reason"] == "", status
            self.send(UNLISTED, HOST, 8600)
            self.send(LISTED, HOST, 8600)
            time.sleep(0.3)
            assert received(self.radar2) == 10

    def clean_stop_leaves_the_filter_and_detach_takes_it_off(self):
        assert self.filter.kill(signal.SIGTERM) == 0
        assert "xdp" in self.link()
        sh(*self.filter.argv("--detach"))
        wait(lambda: "xdp" not in self.link(), "the program to leave")
        assert not (self.root / "bpf/vd-g0").exists()

    def generic_mode_takes_over_where_the_driver_has_no_xdp(self):
        # The loopback device has no XDP of its own.
        f = Filter(self.net, self.binary, self.root)
        argv = ["lo" if a == "vd-g0" else a for a in f.argv()]
        f.popen = subprocess.Popen(argv, stderr=open(self.root / "log", "ab"))
        path = self.root / "status/lo.json"
        wait(path.exists, "status file")
        status = json.loads(path.read_text())
        f.kill()
        sh(*argv, "--detach")
        assert status["mode"] == "generic", status

    def missing_capability_is_named(self):
        lame = Filter(self.net, self.binary, self.root, prefix=("setpriv", "--bounding-set", "-perfmon,-sys_admin"))
        status = lame.start()
        lame.kill()
        assert status["mode"] == "unavailable" and status["reason"] == "missing CAP_PERFMON", status

    def missing_interface_ends_the_daemon_with_a_reason(self):
        argv = ["nowhere0" if a == "vd-g0" else a for a in self.filter.argv()]
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.returncode == 1 and "nowhere0" in done.stderr, done

    def without_a_bpf_file_system_it_guards_but_says_that_it_ends(self):
        sh("umount", str(self.root / "bpf"))
        status = self.filter.start()
        assert status["mode"] == "native" and "not pinned" in status["reason"], status
        self.filter.kill()


FACTS = [
    Suite.listed_source_passes_and_unlisted_is_dropped,
    Suite.no_privilege_is_left_after_loading,
    Suite.filter_stays_when_the_daemon_is_killed,
    Suite.restarted_daemon_takes_over_with_counters_kept,
    Suite.reload_changes_who_may_send,
    Suite.invalid_file_keeps_the_old_policy_and_says_why,
    Suite.no_datagram_is_misjudged_while_policies_change,
    Suite.rate_holds_a_listed_source,
    Suite.one_bad_file_at_the_start_leaves_the_others_guarded,
    Suite.ipv6_feeds_are_guarded,
    Suite.fragments_pass_only_where_a_feed_takes_them,
    Suite.strict_policy_refuses_other_udp_and_cuts_nothing_else,
    Suite.status_says_when_a_source_was_seen_and_who_was_refused,
    Suite.counters_of_another_layout_keep_no_filter_off,
    Suite.recreated_interface_is_guarded_again,
    Suite.clean_stop_leaves_the_filter_and_detach_takes_it_off,
    Suite.generic_mode_takes_over_where_the_driver_has_no_xdp,
    Suite.missing_capability_is_named,
    Suite.missing_interface_ends_the_daemon_with_a_reason,
    Suite.without_a_bpf_file_system_it_guards_but_says_that_it_ends,
]


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root: network namespaces and CAP_BPF")
        return 0
    try:
        suite = Suite(sys.argv[1])
    except (subprocess.CalledProcessError, FileNotFoundError) as e:
        print(f"1..0 # SKIP cannot make network namespaces or a bpf file system: {e}")
        return 0
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
        if failed:
            print("# " + (suite.root / "log").read_text().replace("\n", "\n# "))
    finally:
        suite.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
