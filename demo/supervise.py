"""supervise: keeps the demo's processes running as systemd would.

Speaks the service manager's side of the protocol that the daemons speak under systemd: LISTEN_FDS with names, NOTIFY_SOCKET
(READY, STATUS, FDSTORE), restart after a death. One thread of the caller's loop runs poll().
"""
import os
import signal
import socket
import subprocess
import time

RESTART_S = 0.1


class Process:
    def __init__(self, name, argv, log_path, sockets=None, env=None, restart=True):
        self.name, self.argv, self.restart = name, argv, restart
        self.log_path = log_path
        self.env = env or {}
        self.store = dict(sockets or {})  # name -> fd: listen sockets and what the process stored
        self.popen = None
        self.ready_at = None
        self.died_at = None
        self.started_at = None
        self.deaths = 0
        self.recoveries = []  # seconds from death to READY
        self.status = ""

    @property
    def pid(self):
        """The daemon's own pid: nsenter and sh exec in place, so it is the child's."""
        return self.popen.pid if self.popen and self.popen.poll() is None else None

    @property
    def up(self):
        return self.pid is not None and self.ready_at is not None


class Supervisor:
    def __init__(self, directory):
        self.directory = directory
        self.processes = {}

    def add(self, process):
        path = os.path.join(self.directory, f"notify-{process.name}")
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        notify.bind(path)
        process.notify, process.notify_path = notify, path
        self.processes[process.name] = process
        self.start(process)

    def start(self, p):
        names = list(p.store)
        fds = [p.store[n] for n in names]
        env = dict(os.environ, **p.env, NOTIFY_SOCKET=p.notify_path)
        argv = p.argv
        if fds:
            env.update(LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=":".join(names))
            # LISTEN_PID must be the daemon's own pid: the shell knows it, then becomes the daemon.
            argv = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *argv]

        def place_fds():
            high = [os.dup2(fd, 200 + i) for i, fd in enumerate(fds)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i, inheritable=True)

        log = open(p.log_path, "ab")
        p.ready_at = None
        p.started_at = time.monotonic()
        p.popen = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   preexec_fn=place_fds if fds else None, pass_fds=range(3, 3 + len(fds)),
                                   start_new_session=True)
        log.close()

    def poll(self):
        """Once every few ms: notifications, deaths, restarts."""
        now = time.monotonic()
        for p in self.processes.values():
            self._drain(p)
            if p.popen.poll() is None or not p.restart:
                continue
            if p.died_at is None or p.died_at < p.started_at:
                p.died_at = now
                p.deaths += 1
            elif now - p.died_at >= RESTART_S:
                self.start(p)

    def _drain(self, p):
        while True:
            try:
                data, fds, _flags, _addr = socket.recv_fds(p.notify, 4096, 16)
            except BlockingIOError:
                return
            lines = dict(l.split("=", 1) for l in data.decode(errors="replace").split("\n") if "=" in l)
            if "READY" in lines and p.ready_at is None:
                p.ready_at = time.monotonic()
                if p.died_at is not None:
                    p.recoveries.append(p.ready_at - p.died_at)
            p.status = lines.get("STATUS", p.status)
            if "FDSTORE" in lines and fds:
                old = p.store.get(lines.get("FDNAME", "stored"))
                p.store[lines.get("FDNAME", "stored")] = fds[0]
                if old is not None:
                    os.close(old)
                fds = fds[1:]
            for fd in fds:
                os.close(fd)

    def kill(self, name):
        os.kill(self.processes[name].pid, signal.SIGKILL)

    def stop(self):
        """SIGTERM to all in reverse order of start; SIGKILL after 5 s. Returns what had to be killed."""
        stubborn = []
        for p in reversed(list(self.processes.values())):
            p.restart = False
            if p.popen.poll() is not None:
                continue
            p.popen.terminate()
            try:
                p.popen.wait(5)
            except subprocess.TimeoutExpired:
                stubborn.append(p.name)
                p.popen.kill()
                p.popen.wait()
        return stubborn
