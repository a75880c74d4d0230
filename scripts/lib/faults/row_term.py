"""SIGTERM under load, with clients that are stuck: not ready first, everybody answered, an end in time."""

import signal
import socket
import threading
import time

from load import Load, sqlite_bodies
from machine import Client, Server, until
from postgres import Postgres
from table import row

# How long it still takes what comes, as documented.
LEAVING = 2.0
STUCK = {
    "idle": b"",
    "half a header": b"POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Ty",
    "half a body": b'POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"page":',
    "kept alive": b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    "following a page": b"GET /api/stream?page=/faults HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n",
    "reading nothing": b"GET /desk HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
}


def _rounds(run, make_server, bodies):
    counts = dict.fromkeys(["dropped", "lost", "doubled", "unanswered"], 0)
    took, exits, told, panics = [], [], [], 0
    rounds = max(1, run.rounds // 10)
    for n in range(rounds):
        server = make_server(n)
        server.start()
        stuck = []
        for text in list(STUCK.values()) * 5:
            line = socket.create_connection(("127.0.0.1", server.port))
            line.setblocking(False)
            try:
                line.sendall(text)
            except BlockingIOError:
                pass
            stuck.append(line)
        watcher = Client(server)
        with Load(server, threads=8) as load:
            until("comments are taken", lambda load=load: load.taken_now() > 50)
            server.signal(signal.SIGTERM)
            begun = time.monotonic()
            told.append(until("it says that it leaves", lambda: watcher.get("/readyz").status == 503, 5))
            stopper = threading.Timer(LEAVING + 1.5, load.over.set)
            stopper.start()
            exits.append(server.process.wait(30))
            took.append(time.monotonic() - begun)
            load.stop()
        for line in stuck:
            line.close()
        counts["dropped"] += sum(1 for sent, _, _ in load.broken.values() if sent < begun + LEAVING - 0.2)
        for what, number in load.compare(bodies(server)).items():
            if what in counts:
                counts[what] += number
        panics += server.panics()
    run.exactly(f"dropped: sent before it closed its door and unanswered ({rounds} times)", counts["dropped"], 0)
    run.exactly("stored and never answered", counts["unanswered"], 0)
    run.exactly("acknowledged and lost, stored twice", [counts["lost"], counts["doubled"]], [0, 0])
    run.most("not ready after the signal", max(told), 0.5, " s")
    run.most("the end, the slowest", max(took), 10.0, " s")
    run.exactly("exit status", sorted(set(exits)), [0])
    run.exactly("panics", panics, 0)


@row("sigterm-sqlite", "SIGTERM under load with stuck clients over SQLite: not ready first, dropped 0, ended within 10 s with 0")
def sigterm_sqlite(run):
    _rounds(run, lambda n: Server(run, f"server-{n}"), lambda server: sqlite_bodies(server.store))


@row("sigterm-postgres", "SIGTERM under load with stuck clients over PostgreSQL: not ready first, dropped 0, ended within 10 s with 0")
def sigterm_postgres(run):
    with Postgres(run.folder / "pg") as database:
        store = database.url(database.database("term"))
        _rounds(run, lambda n: Server(run, f"server-{n}", store=store), lambda server: database.bodies("term"))
