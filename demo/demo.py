#!/usr/bin/env python3
"""demo: a simulated strait, one mast, two national centres, on this machine.

usage: demo.py --build DIR [--for SECONDS] [--json] [--no-flood] [--kill] [--cut SECONDS] [--ports A,B]
Without --for it runs until ctrl-C. With --for it floods, kills every process once (from 90 s on), judges what it saw
against the scene's truth and exits 0 when all held.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates
import conclude
import configure
import network
import watch
from supervise import Process, Supervisor

FLOOD_PPS = 100_000
TICK_S = 0.02


def say(text):
    print(text, file=sys.stderr, flush=True)


class Demo:
    def __init__(self, options):
        self.options = options
        self.source = pathlib.Path(__file__).resolve().parent.parent
        self.build = pathlib.Path(options.build).resolve()
        self.scene = self.source / "cli/scenes/strait"
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vedette-demo-"))
        self.root.chmod(0o755)
        for d in ("run", "run/filter", "run/metrics", "log", "certs", "state", "state/fusion"):
            (self.root / d).mkdir()
        self.net = network.make()
        self.ports = [int(p) for p in options.ports.split(",")]
        self.urls = {"xa": f"http://127.0.0.1:{self.ports[0]}", "xb": f"http://127.0.0.1:{self.ports[1]}"}
        self.supervisor = Supervisor(str(self.root / "run"))
        self.bpffs = None
        self.snapshots, self.foreign = [], []
        self.stale_seen = {"xa": 0, "xb": 0}
        self.unreachable_seen = {"xa": 0, "xb": 0}
        self.report = {"privileged": self.net.privileged}

    # --- starting ---

    def binary(self, path):
        return str(self.build / path)

    def feed_socket(self, feed):
        """The socket systemd would pass: bound, its group joined by the sensor itself."""
        host, port = self.net.listen[feed].rsplit(":", 1)

        def open_socket():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            s.bind((host, int(port)))
            return s.detach()

        return self.net.inside("mast", open_socket)

    def start(self, name, place, argv, **kw):
        env = {"GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", "")} if name == "fusion" else {}
        env.update(kw.pop("env", {}))
        self.supervisor.add(Process(name, self.net.enter(place, argv), str(self.root / f"log/{name}.log"), env=env, **kw))

    def mount_bpffs(self):
        """Pins need a bpf file system; ours goes away with the demo."""
        self.bpffs = self.root / "bpf"
        self.bpffs.mkdir()
        os.system(f"mount -t bpf bpf {self.bpffs}")
        return self.bpffs

    def start_mast(self):
        feeds, uplink = str(self.root / "mast/feeds"), f"ipc://{self.root}/run/uplink.sock"
        self.start("uplink", "mast", [self.binary("sensor/uplink/vedette-uplink"), "--config",
                                      str(self.root / "mast/uplink.conf")])
        if self.net.privileged:
            self.start("filter", "mast", [self.binary("bpf/vedette-filter"), "--interface", self.net.mast_interface,
                                          "--feeds", feeds, "--status", str(self.root / "run/filter"),
                                          "--pin", str(self.mount_bpffs())])
            self.wait(lambda: self.supervisor.processes["filter"].up, 10, "the filter")
        for feed in ("radar1", "radar2", "ais1"):
            self.start(f"sensor-{feed}", "mast", [self.binary("sensor/decode/vedette-sensor"), "--feeds", feeds,
                                                  "--uplink", uplink, feed], sockets={"feed": self.feed_socket(feed)})
        self.start("camera-camera1", "mast", [self.binary("sensor/camera/vedette-camera"), "--feeds", feeds,
                                              "--uplink", uplink, "camera1"])

    def start_centres(self):
        self.start("fusion", None, [self.binary("fusion/vedette-fusion"), "--config", str(self.root / "xa/fusion.conf")])
        for centre in ("xa", "xb"):
            self.start(f"hub-{centre}", None, [self.binary("hub/vedette-hub"), "--config",
                                               str(self.root / centre / "hub.conf")])

    def start_scene(self):
        argv = [self.binary("cli/vedette"), "simulate", str(self.scene), "--seed", "1", "--truth",
                str(self.root / "truth.csv")]
        for feed in configure.FEEDS:
            argv += ["--to", f"{feed}={self.net.listen[feed]}", "--address", f"{feed}={self.net.addresses[feed]}"]
        self.start("simulator", "sim", argv, restart=False)

    def start_flood(self, seconds):
        argv = [self.binary("cli/vedette"), "flood", "--rate", str(FLOOD_PPS), "--seconds", str(seconds)]
        for feed in configure.FEEDS:
            argv += ["--to", self.net.listen[feed]]
        argv += ["--address", network.FOE, "--interface", "vd-sim"]
        self.start("flood", "sim", argv, restart=False)

    # --- running ---

    def step(self):
        self.supervisor.poll()
        time.sleep(TICK_S)

    def wait(self, condition, seconds, what):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.step()
            if condition():
                return
        raise SystemExit(f"demo: {what} did not come up in {seconds} s; logs are in {self.root}/log")

    def look(self, keep=True):
        """One glance at both centres, as a person reloading the page would have."""
        for centre, url in self.urls.items():
            health = watch.reachable(url)
            if health is None:
                self.unreachable_seen[centre] += 1
            elif health.get("stale"):
                self.stale_seen[centre] += 1
        if not keep:
            return
        try:
            own = watch.cards(self.urls["xa"])
            foreign = watch.cards(self.urls["xb"])
        except (OSError, ValueError):
            return
        self.snapshots.append(own)
        self.foreign.append(foreign)
        say(f"demo: {len(own):3} tracks at {self.urls['xa']}, {len(foreign):3} at {self.urls['xb']}")

    look_every = 5.0
    done = False

    def run_for(self, seconds, look_every=look_every):
        until = time.monotonic() + seconds
        next_look = 0
        while time.monotonic() < until:
            self.step()
            if look_every and time.monotonic() >= next_look:
                self.look()
                next_look = time.monotonic() + look_every

    def kill_each(self):
        """kill -9 of every process in turn; each must be READY again within 5 s and the picture move on."""
        recovery = {}
        for name in [n for n in self.supervisor.processes if n not in ("simulator", "flood")]:
            p = self.supervisor.processes[name]
            say(f"demo: kill -9 {name}")
            self.supervisor.kill(name)
            killed, at = len(p.recoveries), time.monotonic()
            next_glance = 0
            while time.monotonic() < at + 5 and len(p.recoveries) == killed:
                self.step()
                if time.monotonic() > next_glance:
                    self.look(keep=False)
                    next_glance = time.monotonic() + 0.25
            back = p.recoveries[-1] if len(p.recoveries) > killed else None
            recovery[name] = round(back, 2) if back is not None else None
            self.run_for(1.5, look_every=0)
        self.report["recovery_s"] = recovery

    def cut_link(self, seconds):
        """The link between host and centre goes dead; what was seen meanwhile comes later, what is new at once."""
        say(f"demo: link between host and centre cut for {seconds} s")
        before = self.newest_update()
        stale_before = self.stale_seen["xa"]
        self.net.cut()
        self.run_for(seconds, look_every=2)
        self.net.mend()
        mended, resumed = time.monotonic(), None
        wall = time.time() * 1000
        while time.monotonic() < mended + 15 and resumed is None:
            self.step()
            newest = self.newest_update()
            if newest and newest > max(before or 0, wall - 1000):
                resumed = time.monotonic() - mended
        self.report["link_cut"] = {"seconds": seconds, "live_resumed_s": round(resumed, 2) if resumed else None,
                                   "told_stale": self.stale_seen["xa"] > stale_before}
        self.run_for(10)

    def newest_update(self):
        try:
            return watch.newest_ms(self.urls["xa"])
        except (OSError, ValueError):
            return None

    def run(self):
        o = self.options
        certificates.make(self.root / "certs")
        configure.feeds(self.root, self.scene, self.net)
        configure.mast(self.root, self.net)
        configure.centre(self.root, self.net, self.scene, self.build, self.ports)
        if not self.net.privileged:
            say("demo: not root: the unprivileged socket filter instead of XDP, no flood, no cut link")
        self.start_centres()
        self.start_mast()
        self.wait(lambda: all(p.up for p in self.supervisor.processes.values()), 20, "the path")
        self.start_scene()
        say(f"demo: Centre South  {self.urls['xa']}\ndemo: Centre North  {self.urls['xb']}  (what South may share)")
        if o.seconds is None:
            say("demo: ctrl-C ends it; kill -9 any vedette process and watch the picture survive")
            while True:
                self.run_for(60, look_every=10)
        self.act(o)

    def act(self, o):
        """The timed demo: half of it undisturbed but for the flood, then kills, then a cut link, then quiet."""
        began = time.monotonic()
        calm = max(30, min(o.seconds * 0.5, o.seconds - 45 - o.cut))
        self.run_for(20)
        if self.net.privileged and o.flood:
            self.start_flood(int(calm - 22))
        self.run_for(calm - 20)
        if o.kill:
            self.kill_each()
        # Judged here, kills and flood included: what a dead link holds back is late by the link, not by us.
        self.report["latency"] = conclude.latency(watch.metrics(self.urls["xa"]))
        if o.cut and self.net.privileged:
            self.cut_link(o.cut)
        self.run_for(max(5, o.seconds - (time.monotonic() - began) - 5))
        self.supervisor.processes["simulator"].popen.terminate()
        self.run_for(4, look_every=0)
        conclude.pictures(self, self.report)
        self.done = True

    def settle(self):
        """Fusion ends first; then the neighbour gets what is still in its log."""
        fusion = self.supervisor.processes["fusion"]
        fusion.restart = False
        fusion.popen.terminate()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            self.step()
            gaps = conclude.neighbour_gaps(self.root)
            if fusion.popen.poll() is not None and gaps["sent"] == gaps["received"]:
                return

    def stop(self):
        if self.done:
            self.settle()
        self.report["stubborn"] = self.supervisor.stop()
        if self.done:
            conclude.figures(self, self.report)

    def close(self, keep):
        self.supervisor.stop()
        self.net.close()
        if self.bpffs:
            os.system(f"umount -q {self.bpffs}")
        if not keep and not self.options.keep:
            shutil.rmtree(self.root, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="./run demo")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--for", dest="seconds", type=int, help="run so many seconds, judge, exit")
    parser.add_argument("--json", action="store_true", help="print what was seen as JSON")
    parser.add_argument("--cut", type=int, default=0, metavar="SECONDS", help="cut the host's link for so long")
    parser.add_argument("--no-kill", dest="kill", action="store_false", help="kill nothing")
    parser.add_argument("--no-flood", dest="flood", action="store_false", help="no hostile host")
    parser.add_argument("--ports", default="8080,8081", help="the two pictures' ports")
    parser.add_argument("--functional", action="store_true", help="judge no times: for a busy machine")
    parser.add_argument("--keep", action="store_true", help="keep the state and logs")
    demo = Demo(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failures = None
    try:
        demo.run()
        demo.stop()
        failures = demo.report.get("failures", [])
    except KeyboardInterrupt:
        demo.stop()
        failures = []
    finally:
        demo.close(keep=failures is None or bool(failures))
    if demo.options.json:
        print(json.dumps(demo.report, indent=2))
    for f in failures:
        say(f"demo: FAILED {f}")
    if failures:
        say(f"demo: logs and state are kept in {demo.root}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
