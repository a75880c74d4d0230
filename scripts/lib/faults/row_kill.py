"""kill -9 under load, again and again: what was acknowledged is there, once."""

import random
import signal
import statistics
import time

from load import Load, sqlite_bodies
from machine import Server, until
from postgres import Postgres
from table import row

TOTAL = ["lost", "doubled", "strange"]


def _judge(run, kills, readies, found, taken, panics):
    run.note("comments acknowledged over all kills", f"{taken}")
    for what, says in [("lost", "acknowledged and lost"), ("doubled", "stored twice"), ("strange", "stored and never sent")]:
        run.exactly(f"{says} ({kills} kills)", found[what], 0)
    run.note("ready again after a kill, the median", f"{statistics.median(readies):.3f} s")
    run.most("ready again after a kill, the slowest", max(readies), 1.0, " s")
    run.exactly("panics", panics, 0)


def _kill_server(run, server, bodies):
    payloads = server.mint("/faults", 20 * run.rounds)
    readies, taken, found = [], 0, dict.fromkeys(TOTAL, 0)
    server.start()
    for kill in range(run.rounds):
        some, payloads = payloads[:20], payloads[20:]
        with Load(server, threads=8, payloads=some) as load:
            until("comments are taken", lambda load=load: load.taken_now() > 20)
            time.sleep(random.uniform(0, 0.3))
            server.end(signal.SIGKILL)
        readies.append(server.start())
        for what, n in load.compare(bodies()).items():
            if what in found:
                found[what] += n
        taken += len(load.taken)
    server.end(signal.SIGTERM)
    _judge(run, run.rounds, readies, found, taken, server.panics())


@row("kill-sqlite", "kill -9 under load over SQLite: lost 0, doubled 0, ready again within 1 s")
def kill_sqlite(run):
    server = Server(run, log="warn")
    try:
        _kill_server(run, server, lambda: sqlite_bodies(server.store))
    finally:
        server.end()


@row("kill-postgres", "kill -9 under load over PostgreSQL: lost 0, doubled 0, ready again within 1 s")
def kill_postgres(run):
    with Postgres(run.folder / "pg") as database:
        server = Server(run, store=database.url(database.database("kill")), log="warn")
        try:
            _kill_server(run, server, lambda: database.bodies("kill"))
        finally:
            server.end()


@row("kill-postmaster", "kill -9 of PostgreSQL's postmaster under load: lost 0, doubled 0, taken again within 3 s")
def kill_postmaster(run):
    kills = max(1, run.rounds // 5)
    with Postgres(run.folder / "pg") as database:
        with Server(run, store=database.url(database.database("kill")), log="warn") as server, Load(server) as load:
            backs = []
            for _ in range(kills):
                base = load.taken_now()
                until("comments are taken", lambda base=base: load.taken_now() > base + 50)
                time.sleep(random.uniform(0, 0.3))
                database.kill()
                database.up()
                up = time.monotonic()
                until("comments are taken again", lambda up=up: load.first_taken_after(up) is not None)
                backs.append(load.first_taken_after(up))
            load.stop()
            run.note("comments acknowledged over all kills", len(load.taken))
            found = load.compare(database.bodies("kill"))
            for what, says in [("lost", "acknowledged and lost"), ("doubled", "stored twice"), ("strange", "stored and never sent")]:
                run.exactly(f"{says} ({kills} kills)", found[what], 0)
            run.most("first comment taken after it is up, the slowest", max(backs), 3.0, " s")
            run.exactly("answers other than taken or 503", sum(n for s, n in load.statuses.items() if s not in (201, 202, 503)), 0)
            run.exactly("panics", server.panics(), 0)
