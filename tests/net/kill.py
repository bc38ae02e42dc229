#!/usr/bin/env python3
"""kill: a capture process and the uplink are killed, again and again, under a feed of 2,000 datagrams a second.

usage: kill.py BUILD_DIR SOURCE_DIR [SENSOR_KILLS UPLINK_KILLS]
TAP. Afterwards every datagram sent is one plot in the outbox or one counted error, exactly once. The processes are the real
ones; the test holds the feed's socket and their stored descriptors, as systemd does (demo/supervise.py). As root the feed is an
IPv6 group on a veth pair of a network namespace that is the test's own, and the sensor has none; else it is on IPv4 loopback.
"""
import collections
import json
import multiprocessing
import os
import pathlib
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import time

BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "demo"))
import certificates
import network
import supervise

SENSOR_KILLS, UPLINK_KILLS = (int(a) for a in (sys.argv[3:5] or ("100", "20")))
PPS = 2000
BAD_EVERY = 20  # every 20th datagram has a wrong checksum
LIFE_S = {"sensor": 0.4, "uplink": 2.2}  # the longest; a life ends at any moment of it
PLOT, HEALTH = 1, 3  # record kinds, docs/wire.md
ORDINARY = {f"{name}_total" for name in ("datagrams", "bytes", "sentences", "plots_position", "records", "ais_messages",
                                         "silences")}  # counted of good input, too
FIRST_MMSI = 300000000
RECEIVE_BUFFER = 8 << 20  # ReceiveBuffer= of the socket unit


# --- where the feed is ---

class Group:
    """An IPv6 group. The sensor's own namespace is empty: it asks the socket for the interface."""

    listen, source, interface, family = "[ff15::77]:8600", "2001:db8:77::/64", "Interface=vd-near\n", socket.AF_INET6
    wrap = ["unshare", "--net", "--"]

    def __init__(self):
        for args in ("link add vd-near type veth peer name vd-far", "addr add 2001:db8:77::1/64 dev vd-near nodad",
                     "addr add 2001:db8:77::2/64 dev vd-far nodad", "link set vd-near up", "link set vd-far up", "link set lo up"):
            network.ip(*args.split())

    def receiver(self):
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("ff15::77", 8600))
        return s

    def sender(self):
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        s.bind(("2001:db8:77::2", 0))
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("vd-far"))
        s.connect(("ff15::77", 8600))
        return s


class Loopback:
    source, interface, family = "127.0.0.1", "", socket.AF_INET
    wrap = []

    def receiver(self):
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        self.address = s.getsockname()
        self.listen = "%s:%d" % self.address
        return s

    def sender(self):
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        s.connect(self.address)
        return s


# --- what is sent ---

def sentence(mmsi, good):
    """A type 1 report as one AIVDM sentence (ITU-R M.1371-5, table 48; NMEA 0183)."""
    bits = (1 << 162 | mmsi << 130 | 1 << 107 | int(11.3 * 600000) << 79 | int(54.6 * 600000) << 52 | 900 << 40 |
            90 << 31 | 30 << 25)
    armour = "".join(chr(v + (48 if v < 40 else 56)) for v in (bits >> s & 63 for s in range(162, -6, -6)))
    body = f"AIVDM,1,1,,A,{armour},0"
    check = 0
    for c in body.encode():
        check ^= c
    return f"!{body}*{check if good else check ^ 1:02X}\r\n".encode()


def send(place, stop, sent):
    s = place.sender()
    start, n = time.monotonic(), 0
    while not stop.value:
        while n < (time.monotonic() - start) * PPS:
            s.send(sentence(FIRST_MMSI + n, n % BAD_EVERY != 0))
            n += 1
        time.sleep(0.001)
    sent.value = n


# --- what is in the outbox ---

def cbor(data, at=0):
    """One item of the deterministic CBOR of docs/wire.md. Return: it and where the next one begins."""
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n >= 24:
        size = 1 << (n - 24)
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major in (0, 1):
        return (n if major == 0 else -1 - n), at
    if major in (2, 3):
        return data[at:at + n], at + n
    if major == 7:
        return n == 21, at
    items = []
    for _ in range(n * (major - 3)):
        item, at = cbor(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


def records(state, kind, order=""):
    for path in sorted(state.glob("*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            for (data,) in db.execute(f"SELECT data FROM log WHERE kind = ? {order}", (kind,)):
                yield cbor(data)[0]


def last_health(state):
    """The newest that the sensor told: its counters by name."""
    told = [h for h in records(state, HEALTH, "ORDER BY seq DESC LIMIT 20") if h[2] == b"sensor"]
    if not told:
        return {}
    newest = max(told, key=lambda h: h[4])
    return {name.decode().removeprefix("vedette_sensor_"): value for name, value in newest[9]}


# --- the run ---

def configure(root, place):
    (root / "certs").mkdir()
    certificates.make(root / "certs")
    (root / "feeds").mkdir()
    (root / "state").mkdir()
    (root / "feeds/ais1.conf").write_text(
        f"[Feed]\nFormat=ais\nListen={place.listen}\n{place.interface}Source={place.source}\n"
        "[Site]\nLatitude=54.5 deg\nLongitude=11.2 deg\n")
    (root / "uplink.conf").write_text(
        f"[Uplink]\nOrigin=mast1\nListen=ipc://{root}/uplink.sock\nCentre=tls+tcp://127.0.0.1:9\n"
        f"CentreIdentity=vedette:centre/xa\nFilterStatus={root}/filter\nStateDirectory={root}/state\n"
        f"[TLS]\nCA={root}/certs/ca.pem\nCertificate={root}/certs/mast1.pem\nKey={root}/certs/mast1.key\n")


def start(root, place, receiver):
    supervise.RESTART_S = 0.02
    supervisor = supervise.Supervisor(str(root))
    supervisor.add(supervise.Process("uplink", [str(BUILD / "sensor/uplink/vedette-uplink"), "--config", f"{root}/uplink.conf"],
                                     str(root / "uplink.log")))
    supervisor.add(supervise.Process("sensor", [*place.wrap, str(BUILD / "sensor/decode/vedette-sensor"), "--feeds",
                                                f"{root}/feeds", "--uplink", f"ipc://{root}/uplink.sock", "ais1"],
                                     str(root / "sensor.log"), sockets={"feed": receiver.fileno()}))
    return supervisor


def wait(supervisor, condition, seconds, what):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s for {what}")
        supervisor.poll()
        time.sleep(0.005)


def kill_all(supervisor):
    """Each life ends at a random moment, some before the process is ready."""
    left = {"sensor": SENSOR_KILLS, "uplink": UPLINK_KILLS}
    end = {}
    while any(left.values()):
        supervisor.poll()
        now = time.monotonic()
        for name, n in left.items():
            p = supervisor.processes[name]
            if not n or not p.pid:
                continue
            life = end.setdefault((name, p.started_at), random.uniform(0, LIFE_S[name]))
            if now - p.started_at >= life:
                supervisor.kill(name)
                p.popen.wait()
                left[name] -= 1
        time.sleep(0.001)


def run(root, place, receiver):
    stop, sent = multiprocessing.Value("b", 0), multiprocessing.Value("q", 0)
    supervisor = start(root, place, receiver)
    sender = multiprocessing.Process(target=send, args=(place, stop, sent))
    try:
        wait(supervisor, lambda: all(p.up for p in supervisor.processes.values()), 20, "both processes")
        sender.start()
        kill_all(supervisor)
        wait(supervisor, lambda: all(p.up for p in supervisor.processes.values()), 20, "both processes again")
        stop.value = 1
        sender.join()
        n = sent.value

        def settled():
            os.kill(supervisor.processes["sensor"].pid, signal.SIGHUP)  # its health, at once
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                supervisor.poll()
                time.sleep(0.01)
            h = last_health(root / "state")
            return h.get("ring_used") == 0 and h.get("datagrams_total") == n
        wait(supervisor, settled, 60, "the last datagram's acknowledgement")
    finally:
        stop.value = 1
        deaths = {name: p.deaths for name, p in supervisor.processes.items()}
        supervisor.stop()
    return n, deaths


failed = 0


def fact(number, ok, text):
    global failed
    failed += not ok
    print(f"{'' if ok else 'not '}ok {number} - {text}", flush=True)


def judge(root, n, deaths):
    plots = collections.Counter(p[23] for p in records(root / "state", PLOT))
    good = {FIRST_MMSI + i for i in range(n) if i % BAD_EVERY}
    counts = last_health(root / "state")
    twice, missing = sum(v - 1 for v in plots.values()), len(good - plots.keys())
    errors = {k: v for k, v in counts.items()
              if v and k.endswith("_total") and k not in ORDINARY and not k.startswith(("vedette_bus_", "vedette_process_"))}
    print(f"# {n} sent; the sensor died {deaths['sensor']} times, the uplink {deaths['uplink']}; {len(plots)} plots, {missing} missing, "
          f"{twice} twice; counted {json.dumps(errors)}")
    fact(1, deaths == {"sensor": SENSOR_KILLS, "uplink": UPLINK_KILLS}, "both were killed as often as asked, and never died by themselves")
    fact(2, not missing and not twice and plots.keys() == good, "every good datagram is one plot in the outbox, once")
    fact(3, errors == {"bad_checksum_total": n - len(good)}, "every bad one is one counted error, and nothing else was counted")
    fact(4, counts.get("plots_position_total") == len(good), "plots are counted once, too")


def main():
    if os.geteuid() == 0 and not os.environ.get("VEDETTE_KILL_NAMESPACE"):
        os.environ["VEDETTE_KILL_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])
    place = Group() if os.geteuid() == 0 else Loopback()
    random.seed(1)
    print("1..4", flush=True)
    with tempfile.TemporaryDirectory(prefix="vedette-kill-") as name:
        root = pathlib.Path(name)
        receiver = place.receiver()
        receiver.setsockopt(socket.SOL_SOCKET, 33 if os.geteuid() == 0 else socket.SO_RCVBUF, RECEIVE_BUFFER)  # SO_RCVBUFFORCE
        configure(root, place)
        n, deaths = run(root, place, receiver)
        judge(root, n, deaths)
        if failed:
            for log in ("sensor.log", "uplink.log"):
                print("# " + "\n# ".join((root / log).read_text().splitlines()[-20:]))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
