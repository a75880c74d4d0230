"""A captcha provider in every bad way: a decision in time, to the queue."""

import threading
import time

from load import Stall, comment, somewhere, sqlite_bodies
from machine import Client, Server, free_port
from provider import WAYS, Provider
from table import row

TIMEOUT = 1.0
POSTS = 64


def _settings(url):
    lines = ['provider = "recaptcha-v3"', 'site_key = "public"', 'secret = "known to both"', f'verify_url = "{url}"', f'timeout = "{TIMEOUT:.0f}s"']
    return "\n".join(lines)


@row("captcha", "a captcha provider in 15 bad ways: p99 within timeout + 0.5 s, published 0, lost 0, 64 KiB of an answer at most")
def captcha_bad(run):
    with Stall() as stall:
        for way in WAYS:
            with Provider(way) as provider:
                _suffer(run, way, provider.url, stall, provider)
        _suffer(run, "not there", f"http://127.0.0.1:{free_port()}/siteverify", stall, None)
    for size, says, wanted in [(64 * 1024, "64 KiB", 201), (64 * 1024 + 1, "64 KiB and a byte", 202)]:
        with Provider(size) as provider, _server(run, f"size-{size}", provider.url) as server:
            said = _post(Client(server), "size")
            run.exactly(f"a good answer of {says} is {'read' if wanted == 201 else 'given up'}", said.status, wanted)


def _server(run, name, url):
    return Server(run, name, captcha=_settings(url), more='[moderation]\nmode = "post"\n', log="warn")


def _suffer(run, way, url, stall, provider):
    with _server(run, way.replace(" ", "-"), url) as server:
        answers, lock = [], threading.Lock()
        memory = _memory(server)

        def reader(n):
            client = Client(server)
            for _ in range(POSTS // 8):
                begun = time.monotonic()
                answer = _post(client, f"{n}x")
                with lock:
                    answers.append((time.monotonic() - begun, answer))

        stall.again()
        threads = [threading.Thread(target=reader, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = sorted(seconds for seconds, _ in answers)
        run.most(f"{way}: p99 (the machine itself stood {stall.worst.value:.3f} s)", took[int(len(took) * 0.99) - 1], TIMEOUT + 0.5, " s")
        taken = [answer for _, answer in answers if answer.status == 202]
        run.all_of(f"{way}: taken to the queue", len(taken), POSTS)
        shown = Client(server).get("/api/comments?page=/captcha").json()["total"]
        stored = len(sqlite_bodies(server.store))
        run.exactly(f"{way}: published, lost, panics", [shown, len(taken) - stored, server.panics()], [0, 0, 0])
        if provider and provider.lured:
            run.exactly(f"{way}: a redirect followed", provider.lured, 0)
        if way == "huge":
            run.most("huge: memory that it cost", _memory(server) - memory, 16.0, " MiB")


def _memory(server):
    with open(f"/proc/{server.pid()}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def _post(client, mark):
    wanted = comment(f"{mark}{time.time_ns()}", "/captcha", f"token-{time.time_ns()}")
    return client.post("/api/comments", wanted, X_Forwarded_For=somewhere())
