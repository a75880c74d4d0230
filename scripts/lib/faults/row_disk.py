"""A disk that is full, that refuses to sync, that refuses to write: 503, never a lie, and all that only reads goes on."""

import contextlib
import os
import subprocess
import threading
import time

from load import Load, comment, sqlite_bodies
from machine import Client, Server, need, until, with_token
from postgres import Postgres
from table import Skipped, row


@contextlib.contextmanager
def small_disk(folder, mebibytes):
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", str(folder)], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Skipped("no tmpfs can be mounted: " + done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder, owner=None):
    """Takes all the space that is left; the file that does."""
    path = folder / "filler"
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for size in (1 << 20, 4096, 512, 1):
        with contextlib.suppress(OSError):
            while True:
                os.write(file, b"\0" * size)
    os.close(file)
    return path


class Watching:
    """What must go on meanwhile: a page, the health, the queue by token and by session, a fresh sign-in."""

    def __init__(self, server):
        self.server, self.token = server, with_token(server, "read")
        self.session = Client(server)
        assert self.session.sign_in().status == 200
        self.asked, self.good, self.bad, self.over = {}, {}, {}, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        round_, reader = 0, Client(self.server)
        while not self.over.is_set():
            round_ += 1
            self.note("page", reader.get("/api/comments?page=/seen"))
            # One that nobody has asked for is not in memory.
            self.note("fresh page", reader.get(f"/api/comments?page=/unseen-{round_}"))
            self.note("queue", self.token.get("/api/moderation/comments?limit=5"))
            self.note("queue", self.session.get("/api/moderation/comments?limit=5"))
            self.note("live", reader.get("/livez"))
            if round_ % 5 == 1:
                fresh = Client(self.server, X_Forwarded_For=f"10.9.{round_ // 250 % 250}.{round_ % 250 + 1}")
                self.note("sign-in", fresh.sign_in())
                self.note("queue", fresh.get("/api/moderation/comments?limit=5"))
                self.note("own session", fresh.get("/api/session"))
            time.sleep(0.02)

    def note(self, what, answer):
        self.asked[what] = self.asked.get(what, 0) + 1
        if answer.status == 200:
            self.good[what] = self.good.get(what, 0) + 1
        else:
            self.bad.setdefault(what, f"{answer.status} {answer.raw[:120]!r}")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(60)

    def judge(self, run):
        for what in self.asked:
            run.all_of(f"{what} answered 200 meanwhile", self.good.get(what, 0), self.asked[what])
        for what, said in self.bad.items():
            run.note(f"  {what} said", said)


def prepared(server):
    """An admin, and a page that readers have seen."""
    server.add_admin()
    decider, reader = with_token(server, "decide"), Client(server)
    first = reader.post("/api/comments", comment("seen", page="/seen"), X_Forwarded_For="10.1.1.1").json()["id"]
    assert decider.post(f"/api/moderation/comments/{first}/decision", {"action": "approve"}).status == 200
    until("the page shows it", lambda: reader.get("/api/comments?page=/seen").json()["total"] == 1)


def suffer(run, server, begin, end, bodies, seconds=4.0, is_told=True):
    """Load before, during and after a fault; the figures of all of it."""
    with Load(server, threads=4, pause=0.005) as load:
        until("comments are taken", lambda: load.taken_now() > 50)
        with Watching(server) as watching:
            begin()
            begun = time.monotonic()
            until("comments are refused", lambda: load.count(503) > 0, 20)
            refusing = time.monotonic()
            time.sleep(seconds)
            ready = Client(server).get("/readyz")
            ended = time.monotonic()
        end()
        healed = time.monotonic()
        until("comments are taken again", lambda: load.first_taken_after(healed) is not None, 60)
        until("it goes on", lambda base=load.taken_now(): load.taken_now() > base + 20)
        load.stop()
        during = [status for at, status, took in load.answers if refusing <= at <= ended]
        run.note("answered while it lasted: 503 / taken", f"{during.count(503)} / {sum(s in (201, 202) for s in during)}")
        run.exactly("other answers than taken or 503 with Retry-After", len(load.faults) + sum(n for s, n in load.statuses.items() if s not in (201, 202, 503)), 0)
        run.exactly("requests without an answer", len(load.broken), 0)
        run.most("slowest answer meanwhile", load.slowest_between(begun, ended), 3.0, " s")
        watching.judge(run)
        if is_told:
            run.exactly("/readyz says it takes nothing", ready.status, 503)
        else:
            # What it tries to write may still fit where a comment does not.
            run.note("/readyz", ready.status)
        run.most("first comment taken after it is over", load.first_taken_after(healed), 2.0, " s")
        found = load.compare(bodies())
        run.exactly("acknowledged and lost", found["lost"], 0)
        run.exactly("stored twice", found["doubled"], 0)
        run.exactly("refused and stored", found["refused"], 0)
        run.exactly("panics", server.panics(), 0)


def session_lasts(run, server, session):
    """Who signed in while nothing could be stored decides once it can."""
    reader = Client(server)
    fresh = reader.post("/api/comments", comment("after", page="/after"), X_Forwarded_For="10.1.1.2").json()["id"]
    said = session.post(f"/api/moderation/comments/{fresh}/decision", {"action": "approve"})
    run.exactly("who signed in meanwhile decides afterwards", said.status, 200)


@row("disk-full-sqlite", "a full disk under SQLite: 503, never a 2xx; reads, sign-in and the queue go on; heals within 2 s")
def disk_full_sqlite(run):
    with small_disk(run.folder / "disk", 48) as disk, Server(run, store=f"sqlite:{disk}/store.db", log="warn") as server:
        prepared(server)
        session = Client(server)

        def end():
            run.exactly("a sign-in while it is full", session.sign_in().status, 200)
            (disk / "filler").unlink()

        suffer(run, server, lambda: fill(disk), end, lambda: sqlite_bodies(server.store))
        session_lasts(run, server, session)
        server.end()
        begun = server.start()
        run.most("starts again afterwards", begun, 1.0, " s")


@row("disk-full-postgres", "a full disk under PostgreSQL's tables: 503, never a 2xx; reads, sign-in and the queue go on; heals within 2 s")
def disk_full_postgres(run):
    wal = run.folder / "wal"
    wal.mkdir()
    with small_disk(run.folder / "disk", 120) as disk, Postgres(disk / "pg", wal=wal) as database:
        with Server(run, store=database.url(database.database("brim")), log="warn") as server:
            prepared(server)
            session = Client(server)

            def end():
                run.exactly("a sign-in while it is full", session.sign_in().status, 200)
                (disk / "filler").unlink()

            suffer(run, server, lambda: fill(disk), end, lambda: database.bodies("brim"), is_told=False)
            session_lasts(run, server, session)


@row("disk-full-wal", "a full disk under PostgreSQL's log, which ends it: 503, never a 2xx; taken again within 3 s once it is up")
def disk_full_wal(run):
    with small_disk(run.folder / "disk", 80) as disk:
        wal = disk / "wal"
        wal.mkdir()
        with Postgres(run.folder / "pg", wal=wal, min_wal_size="32MB", max_wal_size="32MB", wal_recycle="off") as database:
            with Server(run, store=database.url(database.database("brim")), log="warn") as server, Load(server, threads=4, pause=0.005) as load:
                prepared(server)
                until("comments are taken", lambda: load.taken_now() > 50)
                fill(disk)
                until("PostgreSQL is out", lambda: _switches(database) or load.count(503) > 20, 60)
                refusing = time.monotonic()
                time.sleep(3)
                page = Client(server).get("/api/comments?page=/seen").status
                during = [status for at, status, took in load.answers if at > refusing]
                (disk / "filler").unlink()
                if not database.answers():
                    with contextlib.suppress(subprocess.CalledProcessError):
                        database.down("immediate")
                    database.up()
                up = time.monotonic()
                until("comments are taken again", lambda: load.first_taken_after(up) is not None, 60)
                load.stop()
                run.note("answered while it lasted: 503 / taken", f"{during.count(503)} / {sum(s in (201, 202) for s in during)}")
                run.exactly("a page that is in memory meanwhile", page, 200)
                run.exactly("other answers than taken or 503 with Retry-After", len(load.faults) + sum(n for s, n in load.statuses.items() if s not in (201, 202, 503)), 0)
                run.most("first comment taken after it is up", load.first_taken_after(up), 3.0, " s")
                found = load.compare(database.bodies("brim"))
                run.exactly("acknowledged and lost", found["lost"], 0)
                run.exactly("stored twice", found["doubled"], 0)
                run.exactly("panics", server.panics(), 0)


def _switches(database):
    """Asks for the next segment of the log; never true."""
    with contextlib.suppress(RuntimeError):
        database.sql("SELECT pg_switch_wal()")
    return False


@row("failing-syncs", "syncs and writes that fail (EIO, ENOSPC): 503, never a 2xx; reads, sign-in and the queue go on; heals within 2 s")
def failing_syncs(run):
    shim = run.folder / "shim.so"
    source = os.path.join(os.path.dirname(__file__), "shim.c")
    subprocess.run([need("cc", "gcc"), "-shared", "-fPIC", "-O1", "-o", str(shim), source, "-ldl"], check=True)
    for order, says in [("sync 5", "syncs fail with EIO"), ("write 5", "writes fail with EIO"), ("write 28", "writes fail with ENOSPC")]:
        name = order.replace(" ", "-")
        orders = run.folder / f"order-{name}"
        environment = {"LD_PRELOAD": str(shim), "FAULTS_FOLDER": f"{run.folder}/{name}/store.db", "FAULTS_ORDER": str(orders)}
        with Server(run, name, environment=environment, log="warn") as server:
            run.note(says, "")
            prepared(server)
            suffer(run, server, lambda: orders.write_text(order), orders.unlink, lambda: sqlite_bodies(server.store), seconds=2.0)
            server.end()
            server.start()
            server.end()
