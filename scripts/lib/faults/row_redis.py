"""Redis in every bad way: comments are taken under limits in the process, quickly; spent tokens stay spent."""

import contextlib
import signal
import threading
import time

from load import Load, comment, somewhere, sqlite_bodies
from machine import Client, Server, until
from proxy import Proxy
from redis import Redis
from table import row

SECONDS = 4.0


def _ways(redis, proxy):
    """Each way to be bad: how it begins, how it ends, and whether /readyz shall notice."""

    def turning(mode):
        return lambda: proxy.turn(mode), lambda: proxy.turn("ok"), True

    def told(begin, end):
        return lambda: redis.ask(begin), lambda: redis.ask(end), True

    return {
        "killed": (redis.kill, redis.up, True),
        "stopped (SIGSTOP)": (lambda: redis.signal(signal.SIGSTOP), lambda: redis.signal(signal.SIGCONT), True),
        "slow (800 ms)": turning("late"),
        "trickling": turning("trickle"),
        "silent": turning("silent"),
        "taking, not answering": turning("mute"),
        "cut after 3 bytes": turning("cut"),
        "reset": turning("reset"),
        "refusing": turning("refuse"),
        "garbage": turning("garbage"),
        "read-only (REPLICAOF)": told("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        "out of memory": told("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        "FLUSHALL again and again": (_Again(redis, "FLUSHALL"), None, False),
        "SCRIPT FLUSH again and again": (_Again(redis, "SCRIPT FLUSH"), None, False),
    }


class _Again:
    """Says the same to Redis twenty times a second until it is stopped."""

    def __init__(self, redis, words):
        self.redis, self.words, self.over = redis, words, threading.Event()
        self.thread = threading.Thread(target=self._say, daemon=True)

    def _say(self):
        while not self.over.wait(0.05):
            self.redis.ask(self.words)

    def __call__(self):
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join()


@row("redis", "Redis in 14 bad ways under load: 5xx 0, slowest 300 ms, back within 2 s, spent tokens stay spent, panics 0")
def redis_bad(run):
    with Redis(run.folder / "redis") as redis, Proxy(redis.port) as proxy:
        # Beside it one without Redis, under the same load: what both wait for is the machine's, not Redis's.
        with Server(run, redis=f"redis://127.0.0.1:{proxy.port}") as server, Server(run, "without") as without:
            tokens = iter(server.mint("/tokens", 60))
            for way, (begin, end, is_noticed) in _ways(redis, proxy).items():
                _suffer(run, server, way, begin, end or begin.stop, is_noticed, tokens, without)
            run.exactly("panics", server.panics(), 0)


def _suffer(run, server, way, begin, end, is_noticed, tokens, without):
    reader = Client(server)
    until("Redis is in use", lambda: _state(reader) == "ok")
    before, meanwhile = next(tokens), next(tokens)
    outcomes = {"spent before": _spend(reader, before)}
    with Load(server, threads=4, pause=0.02) as load, Load(without, threads=4, pause=0.02) as beside:
        until("comments are taken", lambda: load.taken_now() > 20)
        begin()
        begun = time.monotonic()
        outcomes["replayed"] = _spend(reader, before)
        outcomes["spent meanwhile"] = _spend(reader, meanwhile)
        if is_noticed:
            until(f"{way}: it is told", lambda: _state(reader) == "degraded", 20)
        time.sleep(max(0.0, begun + SECONDS - time.monotonic()))
        outcomes["replayed meanwhile"] = _spend(reader, meanwhile)
        ended = time.monotonic()
        end()
        healed = time.monotonic()
        until(f"{way}: Redis is in use again", lambda: _state(reader) == "ok", 60, 0.02)
        back = time.monotonic() - healed
        time.sleep(0.5)
        outcomes["replayed after"] = _spend(reader, before), _spend(reader, meanwhile)
        load.stop()
        beside.stop()
    run.exactly(f"{way}: answers other than taken", len(load.broken) + sum(n for s, n in load.statuses.items() if s != 202), 0)
    slowest, own = load.slowest_between(begun, ended + 1), beside.slowest_between(begun, ended + 1)
    run.note(f"{way}: slowest; of a server without Redis beside it", f"{slowest:.3f} s; {own:.3f} s")
    run.most(f"{way}: slowest, or how much slower than that", max(0.0, slowest - own) if slowest > 0.3 else slowest, 0.3, " s")
    run.most(f"{way}: back", back, 2.0, " s")
    wanted = {"spent before": 202, "replayed": 403, "spent meanwhile": 202, "replayed meanwhile": 403, "replayed after": (403, 403)}
    run.exactly(f"{way}: spent tokens stay spent", "yes" if outcomes == wanted else outcomes, "yes")
    found = load.compare(sqlite_bodies(server.store))
    run.exactly(f"{way}: lost, doubled", [found["lost"], found["doubled"]], [0, 0])


def _spend(reader, token):
    wanted = comment(f"t{time.time_ns()}", "/tokens", token)
    return reader.post("/api/comments", wanted, X_Forwarded_For=somewhere()).status


def _state(reader):
    with contextlib.suppress(ValueError, KeyError):
        return reader.get("/readyz").json()["checks"]["redis"]["state"]
    return None
