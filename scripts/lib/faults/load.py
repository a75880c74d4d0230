"""Readers who post all the time, each comment once, and what became of every one; compared with what is stored."""

import collections
import http.client
import itertools
import multiprocessing
import random
import sqlite3
import threading
import time

from machine import Client

PAGE = "/faults"
# Words that no signal minds, so that comments differ from each other.
WORDS = "river stone morning council bridge garden paper winter train market school window letter harbour music".split()


def comment(mark, page=PAGE, captcha=None):
    """A comment that bears this mark, which is found again in the store."""
    words = " ".join(random.choices(WORDS, k=8))
    wanted = {"page": page, "name": "Ada Reader", "email": f"{mark}@reader.example", "body": f"{mark} {words}."}
    return wanted | ({"captcha": captcha} if captcha else {})


def somewhere():
    """An address of a reader."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


class Load:
    """Threads that post until they are told to stop."""

    def __init__(self, server, threads=8, pause=0.0, payloads=(), timeout=30, page=PAGE):
        self.server, self.pause, self.timeout, self.page = server, pause, timeout, page
        self.sent, self.taken, self.refused, self.broken = {}, {}, {}, {}
        self.statuses, self.faults = collections.Counter(), []
        self.answers = []  # (moment it came, status, seconds)
        self.payloads, self.lock = list(payloads), threading.Lock()
        self.over, self.numbers = threading.Event(), itertools.count()
        self.name = f"m{time.time_ns():x}{random.randrange(16**4):04x}"
        self.threads = [threading.Thread(target=self._post_on, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _post_on(self):
        client = Client(self.server, timeout=self.timeout)
        while not self.over.is_set():
            mark = f"{self.name}x{next(self.numbers)}x"
            self.post(client, mark)
            if self.pause:
                time.sleep(self.pause)

    def post(self, client, mark):
        """One comment; its answer, or none."""
        with self.lock:
            payload = self.payloads.pop() if self.payloads else None
            begun = self.sent[mark] = time.monotonic()
        try:
            answer = client.post("/api/comments", comment(mark, self.page, payload), X_Forwarded_For=somewhere())
        except (OSError, http.client.HTTPException) as fault:
            with self.lock:
                self.broken[mark] = (begun, time.monotonic(), repr(fault))
            time.sleep(0.01)
            return None
        now = time.monotonic()
        with self.lock:
            self.statuses[answer.status] += 1
            self.answers.append((now, answer.status, now - begun))
            (self.taken if answer.taken() else self.refused)[mark] = answer.status
            if answer.status == 503 and not answer.headers.get("Retry-After"):
                self.faults.append("a 503 without Retry-After")
        if answer.status == 503:
            time.sleep(0.02)
        return answer

    def count(self, status):
        with self.lock:
            return self.statuses[status]

    def taken_now(self):
        with self.lock:
            return len(self.taken)

    def slowest_between(self, begun, ended, statuses=None):
        """The longest that an answer took which came in this time."""
        with self.lock:
            took = [s for at, status, s in self.answers if begun <= at <= ended and (not statuses or status in statuses)]
        return max(took, default=0.0)

    def first_taken_after(self, moment):
        """Seconds from this moment to the first comment sent after it that was taken; none if there is none yet."""
        with self.lock:
            came = [at for at, status, took in self.answers if status in (201, 202) and at - took >= moment]
        return min(came) - moment if came else None

    def compare(self, bodies):
        """What is wrong with the store: acknowledged and lost, stored twice, never sent, refused and stored."""
        stored = collections.Counter(body.split(" ", 1)[0] for body in bodies if body.startswith(self.name))
        return {
            "lost": sum(1 for mark in self.taken if mark not in stored),
            "doubled": sum(1 for n in stored.values() if n > 1),
            "strange": sum(1 for mark in stored if mark not in self.sent),
            "refused": sum(1 for mark in self.refused if mark in stored),
            "unanswered": sum(1 for mark in self.broken if mark in stored),
        }


def sqlite_bodies(store):
    """The bodies of all stored comments."""
    connection = sqlite3.connect(f"file:{store.removeprefix('sqlite:')}?mode=ro", uri=True, timeout=30)
    try:
        return [body for (body,) in connection.execute("SELECT body FROM comments")]
    finally:
        connection.close()


class Stall:
    """How long the machine itself kept a sleeping process waiting, so that a figure can be read beside it."""

    def __init__(self):
        context = multiprocessing.get_context("fork")
        self.worst = context.Value("d", 0.0)
        self.process = context.Process(target=self._watch, daemon=True)

    def _watch(self):
        while True:
            begun = time.monotonic()
            time.sleep(0.005)
            self.worst.value = max(self.worst.value, time.monotonic() - begun - 0.005)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def again(self):
        self.worst.value = 0.0
