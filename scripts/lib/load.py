"""Measures Replydesk against its references; what came of it is told by load_table.py. See scripts/load."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import load_table
import traffic
from load_beside import Redis, Reference, database

LUA = pathlib.Path(__file__).with_name("load.lua")
# On the disk that comments live on: in a folder that is kept in memory a sync costs nothing.
DATA = pathlib.Path(__file__).parents[2] / "data"
# Payloads for a second of posting with so many clients: more than are used.
PAYLOADS = {1: 3_000, 16: 8_000, 64: 9_000}
# As many comments as a small store holds, against which a grown one is measured.
SMALL = 1_000
ROWS = ("post", "redis", "postgres", "read", "refusal", "core", "growth", "score", "memory", "start")
# The shipped limits on an address and its network, which a flood is refused by.
SHIPPED = {"REPLYDESK__LIMITS__PER_IP": '["5/10s", "20/5m", "300/1d"]', "REPLYDESK__LIMITS__PER_NETWORK": '["30/1m", "300/1h"]'}


class Result:
    """What one run of wrk came to: answers that count a second, those that do not, latencies in milliseconds."""

    def __init__(self, line):
        requests, refused, microseconds, p50, p99 = (float(number) for number in line.split()[1:])
        self.seconds, self.answered, self.refused = microseconds / 1e6, requests, refused
        self.p50, self.p99 = p50 / 1000, p99 / 1000
        self.rate = (requests - refused) / self.seconds
        self.refused_rate = refused / self.seconds


def wrk(url, clients, seconds, kind="get", payloads=None, headers=(), core=None):
    threads = min(2, clients) if core is None else 1
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    named = [word for header in headers for word in ("-H", header)]
    command = [*pinned, "wrk", "-t", str(threads), "-c", str(clients), "-d", f"{seconds}s", "-s", str(LUA), *named, url, "--", kind, str(threads)]
    done = subprocess.run([*command, *([str(payloads)] if payloads else [])], check=True, stdout=subprocess.PIPE, text=True)
    return Result(next(line for line in done.stdout.splitlines() if line.startswith("result ")))


def publish(server, page, count):
    """Approved comments on a page, to read."""
    writer, ids = traffic.Client(server), []
    for n, payload in enumerate(server.mint(page, count)):
        comment = {
            "page": page,
            "name": f"Reader {n}",
            "email": f"reader-{n}@example.org",
            "body": f"I crossed the bridge with {n} others this *morning*. The lamps were still warm, the river was low, "
            "and for once nobody was in a hurry. Whoever asked for oak was right.",
            "captcha": payload,
        }
        status, answer, _ = writer.post("/api/comments", comment, X_Forwarded_For=f"10.0.{n}.1")
        if status not in (201, 202):
            traffic.fail(f"A comment to read was not taken: {status} {answer}")
        ids.append(answer["id"])
    traffic.Moderator(server, "decide").decide(ids, "approve")


class Load:
    """One run of the whole table."""

    def __init__(self, chosen, folder, stack):
        self.chosen, self.folder, self.stack = chosen, folder, stack
        self.seconds, self.clients = chosen.seconds, [int(number) for number in chosen.clients.split(",")]
        self.rates, self.facts, self.notes, self.small = {}, {}, [], SMALL

    def asked(self, *rows):
        return any(row in self.chosen.rows for row in rows)

    def note(self, work, clients, result, counts="rate"):
        self.rates.setdefault((work, clients), []).append(getattr(result, counts))
        self.rates.setdefault((work, clients, "p50"), []).append(result.p50)
        if counts == "rate" and result.refused:
            self.notes.append(f"{work}, {clients} clients: {result.refused:.0f} answers were no 2xx and are not counted.")

    def rate(self, work, clients):
        return statistics.median(self.rates[work, clients])

    def ratio(self, work, against, clients=None):
        """The median of the ratios of what was measured one after the other."""
        clients = clients or self.clients[-1]
        pairs = zip(self.rates.get((work, clients), ()), self.rates.get((against, clients), ()))
        ratios = [one / other for one, other in pairs if other]
        return statistics.median(ratios) if ratios else None

    def server(self, store, **settings):
        return self.stack.enter_context(traffic.Server(self.chosen.binary, store, **settings))

    def payloads(self, server, name, clients):
        path = self.folder / name
        path.write_text("\n".join(server.mint("/load", PAYLOADS.get(clients, 9_000) * self.seconds)) + "\n")
        return path

    def traffic(self):
        """Everything that is a rate, one work after the other, round by round."""
        bare = self.stack.enter_context(Reference(self.chosen.reference, self.folder))
        servers = {"POST": self.server(self.folder / "load.db")}
        if self.asked("redis", "refusal"):
            self.redis = self.stack.enter_context(Redis(self.chosen.redis)) if self.chosen.redis else None
            self.redis or self.notes.append("No redis-server was found: the rows over Redis are left out.")
        if self.asked("redis") and self.redis:
            servers["POST, Redis"] = self.server(self.folder / "redis.db", REPLYDESK__REDIS__URL=self.redis.url)
        if self.asked("postgres") and self.chosen.postgres:
            servers["POST, PostgreSQL"] = self.server("", REPLYDESK__STORE__URL=database(self.chosen.postgres, "load"))
        main = servers["POST"]
        self.facts["memory idle, MiB"] = (main.memory("VmRSS"), main.memory("RssFile"))
        publish(main, "/read", 100)
        page = main.origin + "/api/comments?page=/read&limit=100"
        _, _, headers = traffic.Client(main).get("/api/comments?page=/read&limit=100", Accept_Encoding="gzip, br")
        coded, held = "Accept-Encoding: gzip, br", f"If-None-Match: {headers['ETag']}"
        floods = self.floods()
        for clients in self.clients:
            for turn in range(self.chosen.rounds if clients == self.clients[-1] else 1):
                print(f"{clients} clients, round {turn + 1} …", flush=True)
                self.note("hello", clients, wrk(bare.url + "/hello", clients, self.seconds))
                if self.asked("read", "memory"):
                    self.note("GET", clients, wrk(page, clients, self.seconds, headers=[coded]))
                    self.note("GET, not coded", clients, wrk(page, clients, self.seconds))
                    self.note("304", clients, wrk(page, clients, self.seconds, headers=[coded, held]))
                for work, server in floods.items():
                    self.flood(work, server, clients)
                if self.asked("post", "redis", "postgres", "memory"):
                    payloads = self.payloads(main, "payloads", clients)
                    self.note("insert", clients, wrk(bare.url + "/insert", clients, self.seconds, "insert"))
                    for work, server in servers.items():
                        self.note(work, clients, wrk(server.origin + "/api/comments", clients, self.seconds, "comment", payloads))
        self.facts["memory under load, MiB"] = (main.memory("VmHWM"), main.memory("RssFile"))

    def floods(self):
        """Servers with the shipped limits, by what is asked of them."""
        if not self.asked("refusal"):
            return {}
        servers = {"refusal": self.server(self.folder / "flood.db", **SHIPPED)}
        if self.redis:
            settings = {**SHIPPED, "REPLYDESK__REDIS__URL": self.redis.url}
            servers["refusal, Redis"] = self.server(self.folder / "flood-redis.db", **settings)
        return servers

    def flood(self, work, server, clients):
        # Until the flooder is known, refusals are the limiter's.
        wrk(server.origin + "/api/comments", clients, 1, "flood")
        if work == "refusal, Redis":
            # Servers ask after their Redis' health, whether anybody comments or not.
            begun = self.redis.trips()
            time.sleep(self.seconds)
            idle = self.redis.trips() - begun
        before = self.redis.trips() if self.redis else 0
        result = wrk(server.origin + "/api/comments", clients, self.seconds, "flood")
        self.note(work, clients, result, "refused_rate")
        if work == "refusal, Redis":
            self.facts["trips to Redis"] = (self.redis.trips() - before, idle, int(result.refused))

    def core(self):
        """What one core carries: all of the server's threads on one, the load on another."""
        clients, cores = self.clients[-1], sorted(os.sched_getaffinity(0))
        if len(cores) < 2 or not shutil.which("taskset"):
            self.notes.append("What one core carries takes two of them, and taskset: its row is left out.")
            return
        own, beside = cores[:2]
        with (
            traffic.Server(self.chosen.binary, self.folder / "core.db", core=own) as server,
            traffic.Server(self.chosen.binary, self.folder / "core-flood.db", core=own, **SHIPPED) as flooded,
        ):
            publish(server, "/read", 100)
            for turn in range(self.chosen.rounds):
                print(f"one core, round {turn + 1} …", flush=True)
                payloads = self.payloads(server, "payloads", clients)
                page = server.origin + "/api/comments?page=/read&limit=100"
                self.note("one core, GET", clients, wrk(page, clients, self.seconds, headers=["Accept-Encoding: gzip, br"], core=beside))
                wrk(flooded.origin + "/api/comments", clients, 1, "flood", core=beside)
                refused = wrk(flooded.origin + "/api/comments", clients, self.seconds, "flood", core=beside)
                self.note("one core, refusal", clients, refused, "refused_rate")
                self.note("one core, POST", clients, wrk(server.origin + "/api/comments", clients, self.seconds, "comment", payloads, core=beside))

    def growth(self):
        for kind in ("SQLite", "PostgreSQL"):
            if kind == "SQLite" or (self.asked("postgres") and self.chosen.postgres):
                self.grown(kind)

    def grown(self, kind):
        """The same work on a store of SMALL comments and on one of as many as asked for, in turns."""
        stores = {}
        for size, name in ((SMALL, "small"), (self.chosen.grown, "grown")):
            url = f"sqlite:{self.folder / name}.db" if kind == "SQLite" else database(self.chosen.postgres, name)
            print(f"{kind}: filling a store with {size:,} comments …", flush=True)
            said = subprocess.run([self.chosen.filler, url, "0", str(size)], check=True, stdout=subprocess.PIPE, text=True).stdout
            print("  " + said.strip(), flush=True)
            stores[name] = url
        clients = self.clients[-1]
        with contextlib.ExitStack() as stack:
            servers = {name: stack.enter_context(traffic.Server(self.chosen.binary, "", REPLYDESK__STORE__URL=url)) for name, url in stores.items()}
            for server in servers.values():
                publish(server, "/read", 100)
            for turn in range(self.chosen.rounds + 1):
                payloads = self.payloads(servers["small"], "payloads", clients)
                for name, server in servers.items():
                    posted = wrk(server.origin + "/api/comments", clients, self.seconds, "comment", payloads)
                    read = wrk(server.origin + "/api/comments?page=/read&limit=100", clients, self.seconds, headers=["Accept-Encoding: gzip, br"])
                    if turn:  # The first round warms what is kept in memory.
                        self.note(f"POST, {kind}, {name}", clients, posted)
                        self.note(f"GET, {kind}, {name}", clients, read)
            self.facts[f"queue page, {kind}, ms"] = queue_page(servers["grown"])

    def start(self):
        """The time to the first answer, of a store that is there already."""
        took = []
        for _ in range(7):
            with traffic.Server(self.chosen.binary, self.folder / "start.db") as server:
                took.append(server.started_in)
        self.facts["start, s"] = statistics.median(took[1:])

    def score(self):
        words = ["cargo", "bench", "--profile", self.chosen.profile, "--bench", "scoring", "--", "--quick", "--noplot", "score/english, 300 bytes"]
        said = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
        number, unit = re.search(r"time:\s+\[\S+ \S+ (\S+) (\S+) ", said).groups()
        self.facts["score, µs"] = float(number) * {"ns": 0.001, "µs": 1, "us": 1, "ms": 1000}[unit]


def queue_page(server):
    """The slowest of the medians of the queue's ordinary pages, over HTTP, in milliseconds."""
    desk, slowest = traffic.Moderator(server, "read"), 0
    for order in ("oldest", "newest", "risk"):
        took = []
        for _ in range(30):
            begun = time.monotonic()
            status, answer, _ = desk.get(f"/api/moderation/comments?status=pending&order={order}&limit=50")
            took.append((time.monotonic() - begun) * 1000)
            if status != 200 or len(answer["items"]) != 50:
                traffic.fail(f"A page of the queue was not given: {status} {answer}")
        slowest = max(slowest, statistics.median(took))
    return slowest


def options():
    asked = argparse.ArgumentParser(prog="scripts/load", description="Measures Replydesk against its references in one run.")
    for name in ("binary", "reference", "filler"):
        asked.add_argument(name, help=argparse.SUPPRESS)
    asked.add_argument("--seconds", type=int, default=3, help="length of each run (3)")
    asked.add_argument("--rounds", type=int, default=3, help="rounds at the largest number of clients (3)")
    asked.add_argument("--clients", default="1,16,64", help="numbers of clients; goals are held against the last (1,16,64)")
    asked.add_argument("--rows", default=",".join(ROWS), help=f"which rows, of {','.join(ROWS)} (all)")
    asked.add_argument("--no-growth", action="store_true", help="leave out the growth of the store, which takes minutes")
    asked.add_argument("--grown", type=int, default=1_000_000, help="comments in the grown store (1000000)")
    asked.add_argument("--json", help="a file for all figures")
    chosen = asked.parse_args()
    chosen.rows = [row for row in chosen.rows.split(",") if not (row == "growth" and chosen.no_growth)]
    unknown = set(chosen.rows) - set(ROWS)
    if unknown:
        asked.error(f"there is no row {', '.join(sorted(unknown))}; choose from {', '.join(ROWS)}")
    chosen.postgres, chosen.busy = os.environ.get("LOAD_DATABASE_URL"), os.getloadavg()[0]
    chosen.profile = os.environ.get("LOAD_PROFILE", "fast")
    beside = DATA.parent / "target/tools/redis-server"
    chosen.redis = str(beside) if beside.exists() else shutil.which("redis-server")
    return chosen


def main():
    chosen = options()
    DATA.mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="load-", dir=DATA))
    try:
        with contextlib.ExitStack() as stack:
            load = Load(chosen, folder, stack)
            if load.asked("start"):
                load.start()
            if load.asked("post", "redis", "postgres", "read", "refusal", "memory"):
                load.traffic()
        if load.asked("core"):
            load.core()
        if load.asked("growth"):
            load.growth()
        if load.asked("score"):
            load.score()
        load_table.show(load)
        if chosen.json:
            figures = {" / ".join(map(str, key)): values for key, values in load.rates.items()}
            pathlib.Path(chosen.json).write_text(json.dumps({"rates": figures, "facts": load.facts}, indent=2) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
