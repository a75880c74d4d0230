"""Whether an answer waits for the disk: the system calls themselves, watched."""

import re
import signal
import subprocess
import threading
import time

from load import comment, somewhere
from machine import Client, Server, need, until
from postgres import Postgres
from table import Skipped, row

POSTS, READERS = 40, 4


class Watched:
    """strace over some processes; the moments at which a sync had ended well."""

    def __init__(self, run, processes):
        self.strace, self.file = need("strace", "strace"), run.folder / "strace"
        self.processes = [word for process in processes for word in ("-p", str(process))]

    def __enter__(self):
        command = [self.strace, "-f", "-ttt", "-T", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", str(self.file), *self.processes]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        if "attached" not in said:
            self.process.kill()
            raise Skipped("strace cannot attach: " + said.strip())
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def ended(self):
        moments = []
        for line in self.file.read_text(errors="replace").splitlines():
            found = re.match(r"(?:\d+\s+)?(\d+\.\d+) (.*)", line)
            done = found and re.search(r"= 0 <(\d+\.\d+)>", found[2])
            if done:
                begun = float(found[1])
                # A resumed line bears the moment of its end, with the time that the whole call took.
                moments.append(begun if "resumed" in found[2] else begun + float(done[1]))
        return moments


def _ask(run, server, processes):
    windows, lock = [], threading.Lock()

    def reader():
        client = Client(server)
        for _ in range(POSTS // READERS):
            # strace tells the wall clock.
            begun = time.time()
            answer = client.post("/api/comments", comment(f"s{time.time_ns()}"), X_Forwarded_For=somewhere())
            if answer.taken():
                with lock:
                    windows.append((begun, time.time()))

    with Watched(run, processes) as watched:
        threads = [threading.Thread(target=reader) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    ended = watched.ended()
    run.exactly("comments acknowledged", len(windows), POSTS)
    run.note("syncs that ended", len(ended))
    run.all_of("acknowledged with a sync ended between question and answer", sum(any(a <= e <= b for e in ended) for a, b in windows), len(windows))


@row("sync-sqlite", "a 2xx comes only after the commit is synced, over SQLite, as strace sees it: 100 %")
def sync_sqlite(run):
    with Server(run, log="warn") as server:
        _ask(run, server, [server.pid()])


@row("sync-postgres", "a 2xx comes only after the commit is synced, over PostgreSQL, as strace sees it: 100 %")
def sync_postgres(run):
    with Postgres(run.folder / "pg", wal_sync_method="fdatasync") as database:
        with Server(run, store=database.url(database.database("sync")), log="warn") as server:
            Client(server).post("/api/comments", comment("first"), X_Forwarded_For=somewhere())
            said = [database.sql(f"SHOW {name}", "sync") for name in ("fsync", "synchronous_commit", "full_page_writes")]
            run.exactly("fsync, synchronous_commit, full_page_writes", said, ["on", "on", "on"])
            told = database.sql("SELECT count(*) FROM pg_db_role_setting", "sync")
            run.exactly("settings of its own that a session of ours has", told, "0")
            _ask(run, server, database.processes())
            # Had a session of ours switched it off, the log's writer alone would sync, after the answer.
            until("its sessions stand", lambda: database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'replydesk'") != "0")
