"""Too few descriptors: it waits without spinning, tells no lie, and goes on once there are some again."""

import contextlib
import socket
import subprocess
import time

from load import Load, sqlite_bodies
from machine import Client, Server, need, until
from table import row


class Crowd:
    """Many who connect and say half a sentence; whether they are let in is not waited for."""

    def __init__(self, port, many):
        self.lines = []
        for _ in range(many):
            line = socket.socket()
            line.setblocking(False)
            line.connect_ex(("127.0.0.1", port))
            self.lines.append(line)
        time.sleep(0.2)
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.send(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Half: ")

    def go(self):
        for line in self.lines:
            line.close()


def _suffer(run, server, says, begin, end=lambda: None):
    """A crowd beside readers whose connections stand; the figures."""
    known = Client(server)
    known.get("/livez")
    with Load(server, threads=4, pause=0.01) as load:
        until("comments are taken", lambda: load.taken_now() > 20)
        begin()
        crowd = Crowd(server.port, 400)
        base = load.taken_now()
        time.sleep(1.5)
        run.note(f"{says}: descriptors in use", server.descriptors())
        run.note(f"{says}: meanwhile taken over connections that stood; 503", f"{load.taken_now() - base}; {load.count(503)}")
        run.exactly(f"{says}: an open connection still gets its answer", _status(known), 200)
        load.stop()
        # Nobody asks now: what it still uses is spinning.
        begun, spent = time.monotonic(), server.processor_seconds()
        time.sleep(2)
        run.most(f"{says}: share of one core while nobody asks", (server.processor_seconds() - spent) / (time.monotonic() - begun), 0.2)
        crowd.go()
        end()
        closed = time.monotonic()
    with Load(server, threads=4, pause=0.01) as after:
        until("comments are taken", lambda: after.first_taken_after(closed) is not None)
        run.most(f"{says}: first comment taken after they are free", after.first_taken_after(closed), 2.0, " s")
        until("it goes on", lambda: after.taken_now() > 50)
        after.stop()
    for which in (load, after):
        found = which.compare(sqlite_bodies(server.store))
        run.exactly(f"{says}: lost, doubled", [found["lost"], found["doubled"]], [0, 0])
        run.exactly(f"{says}: answers other than taken or 503", sum(n for s, n in which.statuses.items() if s not in (201, 202, 503)), 0)


@row("descriptors", "a crowd takes all connections, or no descriptor is left: no 2xx without storing, no spinning; goes on within 2 s")
def descriptors(run):
    prlimit = need("prlimit", "util-linux")
    with Server(run, "few", wrap=[prlimit, "--nofile=256:256"], log="warn") as server:
        _suffer(run, server, "started with 256", lambda: None)
        run.exactly("started with 256: it ran out of them", server.log().count("Too many open files"), 0)
        run.exactly("panics", server.panics(), 0)
    with Server(run, "none", log="warn") as server:

        def limit(number):
            # The soft limit alone: not every root may raise the other again.
            subprocess.run([prlimit, "--pid", str(server.pid()), f"--nofile={number}:"], check=True)

        _suffer(run, server, "4 left while it runs", lambda: limit(server.descriptors() + 4), lambda: limit(4096))
        run.exactly("panics", server.panics(), 0)


def _status(client):
    try:
        return client.get("/livez").status
    except OSError as fault:
        return repr(fault)
