"""PostgreSQL restarted, stopped, cut off, locked, hanging: writes are refused in time, nothing is lost, it goes on by itself."""

import signal
import subprocess
import time

from load import Load, Stall
from machine import Client, Server, until
from postgres import Postgres
from proxy import Proxy
from row_disk import prepared
from table import row


def _lock(database):
    """A session that holds the table for longer than anybody waits."""
    words = ["-XAtq", "-c", "BEGIN", "-c", "LOCK TABLE comments IN ACCESS EXCLUSIVE MODE", "-c", "SELECT pg_sleep(30)", database.url("bad")]
    holder = subprocess.Popen([str(database.programs / "psql"), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return holder


class _Lock:
    def __init__(self, database):
        self.database = database

    def begin(self):
        self.holder = _lock(self.database)

    def end(self):
        """It is held its 30 s."""
        self.holder.wait(60)


def _ways(database, proxy):
    """Each way: how it begins, how it ends, how long it lasts, whether writes are refused meanwhile."""
    lock = _Lock(database)

    def turning(mode):
        return lambda: proxy.turn(mode), lambda: proxy.turn("ok"), 4.0, True

    def restart():
        database.down()
        database.up()

    return {
        "restarted": (restart, lambda: None, 0.0, False),
        "stopped (down for 4 s)": (database.down, database.up, 4.0, True),
        "stopped at once (immediate)": (lambda: database.down("immediate"), database.up, 1.0, True),
        "hanging (SIGSTOP)": (lambda: database.signal_all(signal.SIGSTOP), lambda: database.signal_all(signal.SIGCONT), 4.0, True),
        "its connections ended, 5 times": (lambda: [(database.end_sessions(), time.sleep(0.3)) for _ in range(5)], lambda: None, 0.0, False),
        "a lock held 30 s": (lock.begin, lock.end, 0.0, True),
        "silent": turning("silent"),
        "taking, not answering": turning("mute"),
        "slow (800 ms)": (lambda: proxy.turn("late"), lambda: proxy.turn("ok"), 4.0, False),
        "cut after 3 bytes": turning("cut"),
        "reset": turning("reset"),
        "refusing": turning("refuse"),
        "garbage": turning("garbage"),
    }


@row("postgres", "PostgreSQL in 13 bad ways under load: 503 within 2 s for writes, lost 0, back within 3 s, pages in memory go on")
def postgres_bad(run):
    with Postgres(run.folder / "pg") as database, Proxy(database.port) as proxy, Stall() as stall:
        store = database.url(database.database("bad"), proxy.port)
        with Server(run, store=store, log="warn") as server:
            prepared(server)
            for way, (begin, end, lasts, is_refused) in _ways(database, proxy).items():
                _suffer(run, server, database, way, begin, end, lasts, is_refused, stall)
            run.exactly("panics", server.panics(), 0)


def _suffer(run, server, database, way, begin, end, lasts, is_refused, stall):
    reader = Client(server)
    with Load(server, threads=6, pause=0.01) as load:
        until("comments are taken", lambda: load.taken_now() > 30)
        stall.again()
        begun = time.monotonic()
        begin()
        if is_refused:
            until(f"{way}: comments are refused", lambda: load.count(503) > 0, 20)
        page = reader.get("/api/comments?page=/seen").status
        time.sleep(lasts)
        end()
        healed = time.monotonic()
        until(f"{way}: comments are taken again", lambda: load.first_taken_after(healed) is not None, 60)
        until(f"{way}: /readyz is well", server.is_ready)
        until(f"{way}: it goes on", lambda base=load.taken_now(): load.taken_now() > base + 30)
        load.stop()
    slowest = load.slowest_between(begun, healed, (503,))
    run.note(f"{way}: 503s; the machine itself stood", f"{load.count(503)}; {stall.worst.value:.3f} s")
    # A submission asks two or three things in turn, and each that is answered late, but in time, uses up none of the next.
    run.most(f"{way}: slowest 503", slowest, 6.0 if way.startswith("slow") else 2.0, " s")
    run.exactly(f"{way}: answers other than taken or 503 with Retry-After", len(load.broken) + len(load.faults) + sum(n for s, n in load.statuses.items() if s not in (202, 503)), 0)
    run.exactly(f"{way}: a page that is in memory meanwhile", page, 200)
    run.most(f"{way}: first comment taken after", load.first_taken_after(healed), 3.0, " s")
    found = load.compare(database.bodies("bad"))
    run.exactly(f"{way}: lost, doubled", [found["lost"], found["doubled"]], [0, 0])
