"""A migration that is killed midway resumes and changes no row; a newer schema is refused in clear words."""

import base64
import hashlib
import pathlib
import random
import signal
import sqlite3
import subprocess
import time

from load import comment, somewhere
from machine import Client, Server
from postgres import Postgres
from table import row

MIGRATIONS = pathlib.Path(__file__).resolve().parents[3] / "migrations"
# The schema before the audit was a chain, comments had bans and pages were counted.
OLD = 9
ROWS = 60_000

COLUMNS = """seq, id, page, depth, root, path, status, shown, version, name, email, body, created_at, edit_until, author, proven,
 network_key, captcha_provider, captcha_outcome, risk, verdict, signals"""
SQLITE_FILL = f"""
INSERT INTO pages (id, site, key, url, first_at) SELECT value, 'default', '/p' || value, '/p' || value, 1 FROM n WHERE value <= 100;
INSERT INTO comments ({COLUMNS}) SELECT value, randomblob(16), 1 + value % 100, 0, randomblob(16), randomblob(16),
 CASE value % 3 WHEN 0 THEN 'approved' WHEN 1 THEN 'pending' ELSE 'spam' END, value % 3 = 0, 1, 'Ada', 'a' || value || '@reader.example',
 'Old comment ' || value, value, value, randomblob(16), 0, 'k', 'builtin', 'pass', 0.1, 'hold', '[]' FROM n;
INSERT INTO audit (id, at, actor, action, subject, detail) SELECT value, value, 'moderator:ada', 'comment.approve', 's' || value, '{{}}' FROM n;
"""
# No record: no store in PostgreSQL is older than its chain.
POSTGRES_FILL = f"""
INSERT INTO pages (id, site, key, url, first_at) SELECT value, 'default', '/p' || value, '/p' || value, 1 FROM n WHERE value <= 100;
INSERT INTO comments ({COLUMNS}) SELECT value, md5('i' || value)::uuid, 1 + value % 100, 0, md5('i' || value)::uuid, decode(md5('i' || value), 'hex'),
 CASE value % 3 WHEN 0 THEN 'approved' WHEN 1 THEN 'pending' ELSE 'spam' END, (value % 3 = 0)::int, 1, 'Ada', 'a' || value || '@reader.example',
 'Old comment ' || value, value, value, md5('a' || value)::uuid, false, 'k', 'builtin', 'pass', 0.1, 'hold', '[]' FROM n;
UPDATE numbers SET last = {ROWS} WHERE name = 'comments';
UPDATE numbers SET last = 100 WHERE name = 'pages';
"""
# What was there before, in an order of its own.
KEPT = [f"SELECT {COLUMNS} FROM comments ORDER BY seq", "SELECT id, site, key, url, first_at FROM pages ORDER BY id", "SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id"]


def _steps(dialect):
    """The old steps, each with the row that says that it ran."""
    for file in sorted((MIGRATIONS / dialect).glob("*.sql"))[:OLD]:
        number, name = file.stem.split("_", 1)
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
        yield file.read_text(), f"INSERT INTO schema_migrations VALUES ({int(number)}, '{name}', '{digest}')"


def _newest():
    return int(sorted((MIGRATIONS / "sqlite").glob("*.sql"))[-1].name.split("_")[0])


class _File:
    """An old SQLite store, to be looked at from outside."""

    def __init__(self, path):
        self.path = path
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT")
        for sql, ran in _steps("sqlite"):
            connection.executescript(sql)
            connection.execute(ran)
        series = f"CREATE TEMP TABLE n AS WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {ROWS}) SELECT value FROM n;"
        connection.executescript(series + SQLITE_FILL)
        connection.commit()
        connection.close()

    def ask(self, sql):
        connection = sqlite3.connect(self.path)
        try:
            found = connection.execute(sql).fetchall()
            connection.commit()
            return found
        finally:
            connection.close()


class _Database:
    """The same in PostgreSQL."""

    def __init__(self, server, name):
        self.server, self.name = server, server.database(name)
        ask = lambda text: server.sql(text, name)  # noqa: E731
        ask("CREATE TABLE schema_migrations (number bigint PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL)")
        for sql, ran in _steps("postgres"):
            ask(sql)
            ask(ran)
        ask(f"CREATE TABLE n AS SELECT generate_series(1, {ROWS}) AS value; {POSTGRES_FILL} DROP TABLE n")

    def ask(self, sql):
        return [(line,) for line in self.server.sql(sql, self.name).splitlines()]


def _print(store):
    """A digest of all that was there before, and how many rows."""
    digest, rows = hashlib.sha256(), 0
    for sql in KEPT:
        for found in store.ask(sql):
            digest.update(repr(found).encode())
            rows += 1
    return digest.hexdigest(), rows


def _kill_until_done(command, most=200):
    """Starts a command and kills it, a little later each time, until it is let through; kills, and what it says in the end."""
    # How long it takes whole is not known: the pause grows until nothing is left to kill.
    pause, kills = 0.01, 0
    while kills < most:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            said, _ = process.communicate(timeout=pause)
            return kills, process.returncode, said
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            pause = pause * 1.15 + random.uniform(0, 0.01)
    raise RuntimeError("it never came to its end")


def _migrate(run, server, store):
    before, rows = _print(store)
    kills, status, said = _kill_until_done(server.command("migrate"))
    run.note("kills until it came to its end", kills)
    run.exactly("its exit at last", status if status == 0 else f"{status}: {said[-200:]}", 0)
    after, _ = _print(store)
    run.exactly(f"rows changed, of {rows}", "0" if after == before else "some", "0")
    run.exactly("steps that ran, each once", [str(n) for (n,) in store.ask("SELECT number FROM schema_migrations ORDER BY number")], [str(n) for n in range(1, _newest() + 1)])
    chain = server.run("audit", "verify").strip().splitlines()
    run.note("replydesk audit verify", chain[0][:60] if chain else "")
    server.start()
    run.exactly("a comment after it", Client(server).post("/api/comments", comment("new"), X_Forwarded_For=somewhere()).status, 202)
    server.end(signal.SIGTERM)


def _newer(run, server, store):
    store.ask("INSERT INTO schema_migrations VALUES (999, 'later', 'x')")
    before = _print(store)
    said = []
    for words in (["serve"], ["migrate"]):
        done = subprocess.run(server.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        said.append(done.returncode != 0 and "999" in done.stdout and str(_newest()) in done.stdout)
    run.note("a newer schema is met with", done.stdout.strip().splitlines()[-1][:100])
    run.all_of("refused, with both numbers (serve, migrate)", sum(said), 2)
    run.exactly("rows changed", "0" if _print(store) == before else "some", "0")


def _both(run, server, store):
    try:
        _migrate(run, server, store)
        _newer(run, server, store)
    finally:
        server.end()


@row("migration-sqlite", "a migration killed midway over SQLite resumes, rows changed 0; a newer schema is refused in clear words")
def migration_sqlite(run):
    server = Server(run, log="warn")
    _both(run, server, _File(server.store.removeprefix("sqlite:")))


@row("migration-postgres", "a migration killed midway over PostgreSQL resumes, rows changed 0; a newer schema is refused in clear words")
def migration_postgres(run):
    with Postgres(run.folder / "pg") as database:
        store = _Database(database, "old")
        _both(run, Server(run, store=database.url("old"), log="warn"), store)


@row("move-killed", "replydesk migrate --from --to killed midway, to PostgreSQL and back: goes on where it stood, rows changed 0")
def move_killed(run):
    with Postgres(run.folder / "pg") as database:
        server = Server(run, log="warn")
        store = _File(server.store.removeprefix("sqlite:"))
        server.run("migrate")
        there, back = database.url(database.database("there")), f"sqlite:{run.folder}/back.db"
        before = _print(store)
        for source, target, says in [(server.store, there, "to PostgreSQL"), (there, back, "back to SQLite")]:
            begun = time.monotonic()
            kills, status, said = _kill_until_done(server.command("migrate", "--from", source, "--to", target))
            run.note(f"{says}: kills until it came to its end", f"{kills} in {time.monotonic() - begun:.0f} s")
            # One that was killed after it was complete, and before it ended, leaves a store that is left alone.
            is_done = status == 0 or "there is a store" in said
            run.exactly(f"{says}: done at last", "yes" if is_done else f"{status}: {said[-200:].strip()}", "yes")
        returned = _File.__new__(_File)
        returned.path = f"{run.folder}/back.db"
        run.exactly(f"rows changed there and back, of {before[1]}", "0" if _print(returned) == before and _print(store) == before else "some", "0")
