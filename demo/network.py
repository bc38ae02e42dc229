"""network: the demo's three places joined by veth pairs, or all on loopback without root.

    simulator (netns) 10.77.1.10-13 ──veth── mast (netns) 10.77.1.2 | 10.77.2.2 ──veth── 10.77.2.1 centres (this host)

The XDP program sits on the mast's end of the first pair. Cutting the second pair is the dead link.
"""
import ctypes
import os
import subprocess

SENSORS = {"radar1": "10.77.1.10", "radar2": "10.77.1.11", "ais1": "10.77.1.12", "camera1": "10.77.1.13"}
FOE = "10.77.1.66"
CLONE_NEWNET = 0x40000000


def ip(*args):
    done = subprocess.run(["ip", *args], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"demo: ip {' '.join(args)}: {done.stderr.strip()}")


class Loopback:
    """No root: everything on 127.0.0.1, no XDP, no link to cut."""

    privileged = False
    centre = "127.0.0.1"
    addresses = {f: f"127.0.0.{10 + n}" for n, f in enumerate(SENSORS)}
    listen = {"radar1": "127.0.0.1:8600", "radar2": "127.0.0.1:8601", "ais1": "127.0.0.1:10110",
              "camera1": "127.0.0.1:5004"}

    def enter(self, _place, argv):
        return argv

    def inside(self, _place, fn):
        return fn()

    def close(self):
        pass


class Namespaces:
    """Root: two network namespaces of our own, gone when the demo ends."""

    privileged = True
    centre = "10.77.2.1"
    addresses = SENSORS
    listen = {"radar1": "239.77.0.1:8600", "radar2": "10.77.1.2:8601", "ais1": "10.77.1.2:10110",
              "camera1": "10.77.1.2:5004"}
    mast_interface = "vd-mast"

    def __init__(self):
        tag = os.getpid()
        self.sim, self.mast = f"vd-sim-{tag}", f"vd-mast-{tag}"
        self.cut_link = f"vdc{tag}"[:15]
        for ns in (self.sim, self.mast):
            ip("netns", "add", ns)
            ip("-n", ns, "link", "set", "lo", "up")
        # Sim to mast. Large queues: the flood must meet the filter, not a full ring.
        ip("link", "add", "vd-sim", "netns", self.sim, "type", "veth", "peer", "name", "vd-mast", "netns", self.mast)
        for address in (*SENSORS.values(), FOE):
            ip("-n", self.sim, "addr", "add", f"{address}/24", "dev", "vd-sim")
        ip("-n", self.mast, "addr", "add", "10.77.1.2/24", "dev", "vd-mast")
        # Mast to centre.
        ip("link", "add", self.cut_link, "type", "veth", "peer", "name", "vd-up", "netns", self.mast)
        ip("addr", "add", "10.77.2.1/24", "dev", self.cut_link)
        ip("-n", self.mast, "addr", "add", "10.77.2.2/24", "dev", "vd-up")
        for ns, dev in ((self.sim, "vd-sim"), (self.mast, "vd-mast"), (self.mast, "vd-up"), (None, self.cut_link)):
            ip(*(("-n", ns) if ns else ()), "link", "set", dev, "up")
        for ns, dev in ((self.sim, "vd-sim"), (self.mast, "vd-mast")):
            ip("-n", ns, "route", "add", "239.0.0.0/8", "dev", dev)

    def namespace(self, place):
        return {"sim": self.sim, "mast": self.mast}.get(place)

    def enter(self, place, argv):
        """argv to run in a place. nsenter, not `ip netns exec`: the latter hides /sys/fs/bpf."""
        ns = self.namespace(place)
        return ["nsenter", f"--net=/run/netns/{ns}", "--", *argv] if ns else argv

    def inside(self, place, fn):
        """Runs fn() with this thread in the place's network namespace: to open sockets there."""
        ns = self.namespace(place)
        if not ns:
            return fn()
        libc = ctypes.CDLL(None, use_errno=True)
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{ns}", os.O_RDONLY)
        try:
            if libc.setns(there, CLONE_NEWNET) < 0:
                raise OSError(ctypes.get_errno(), "setns")
            return fn()
        finally:
            libc.setns(here, CLONE_NEWNET)
            os.close(here)
            os.close(there)

    def cut(self):
        ip("link", "set", self.cut_link, "down")

    def mend(self):
        ip("link", "set", self.cut_link, "up")

    def close(self):
        for args in (("link", "del", self.cut_link), ("netns", "del", self.sim), ("netns", "del", self.mast)):
            subprocess.run(["ip", *args], capture_output=True)


def make():
    return Namespaces() if os.geteuid() == 0 else Loopback()
