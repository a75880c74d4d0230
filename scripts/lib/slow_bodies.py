"""Holds slow connections against a server of its own and times what others meet. See scripts/slow-bodies."""

import argparse
import collections
import pathlib
import re
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import time

SETTINGS = """
[server]
listen = "127.0.0.1:0"
public_url = "http://replydesk.example"
[captcha]
provider = "none"
[[site]]
id = "news"
origins = ["http://news.example"]
"""
JSON = "Origin: http://news.example\r\nContent-Type: application/json\r\n"
FORM = "Content-Type: multipart/form-data; boundary=b\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
SIZED = "Content-Length: 5000\r\n\r\n"
# What is sent at once, and what follows drop by drop. A head that has no end comes as the first or after an answer.
KINDS = {
    "json": (f"POST /api/comments HTTP/1.1\r\nHost: x\r\n{JSON}{SIZED}{{", "x"),
    "json, chunked": (f"POST /api/comments HTTP/1.1\r\nHost: x\r\n{JSON}{CHUNKED}1\r\n{{\r\n", "1\r\nx\r\n"),
    "form": (f"POST /comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{SIZED}a", "x"),
    "multipart": (f"POST /comments HTTP/1.1\r\nHost: x\r\n{FORM}{SIZED}--b\r\n", "x"),
    "multipart, chunked": (f"POST /comments HTTP/1.1\r\nHost: x\r\n{FORM}{CHUNKED}5\r\n--b\r\n\r\n", "1\r\nx\r\n"),
    "nowhere (404)": (f"POST /nowhere HTTP/1.1\r\nHost: x\r\n{JSON}{SIZED}x", "x"),
    "nowhere (404), chunked": (f"POST /nowhere HTTP/1.1\r\nHost: x\r\n{JSON}{CHUNKED}1\r\nx\r\n", "1\r\nx\r\n"),
    "wrong method (405), chunked": (f"PUT /api/comments HTTP/1.1\r\nHost: x\r\n{JSON}{CHUNKED}1\r\nx\r\n", "1\r\nx\r\n"),
    "wrong type (415), chunked": (f"POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\n{CHUNKED}1\r\nx\r\n", "1\r\nx\r\n"),
    "a GET with a body": (f"GET /livez HTTP/1.1\r\nHost: x\r\n{CHUNKED}1\r\nx\r\n", "1\r\nx\r\n"),
    "chunked, then silence": (f"POST /nowhere HTTP/1.1\r\nHost: x\r\n{CHUNKED}1\r\nx\r\n", ""),
    "the first head": ("GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ", "x"),
    "the second head": ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nX-A: ", "x"),
    "a head of empty lines": ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n\r\n", "\r\n"),
    "nothing at all": ("", ""),
    "nothing more": ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", ""),
}
# Seconds after which a connection is cut at the latest; every body has ten, wanted or not.
BODY = 10.0
MOST = {"the first head": 8.0, "the second head": 8.0, "a head of empty lines": 8.0, "nothing at all": 8.0, "nothing more": 17.0}


class Slow:
    """One connection: since when it is open, when it was cut, what it was answered."""

    def __init__(self, address, kind, source):
        self.kind, (head, self.drop) = kind, KINDS[kind]
        self.socket = socket.create_connection(address, timeout=5, source_address=(source, 0))
        self.socket.setblocking(False)
        self.begun, self.cut, self.answer = time.monotonic(), None, b""
        self.send(head)

    def send(self, text):
        try:
            self.socket.send(text.encode())
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def read(self):
        try:
            part = self.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self.answer += part
        if not part:
            self.end()

    def end(self):
        self.cut = self.cut or time.monotonic()

    @property
    def held(self):
        return (self.cut or time.monotonic()) - self.begun

    @property
    def statuses(self):
        return tuple(re.findall(rb"HTTP/1\.1 (\d+)", self.answer))


def bystander(address):
    """Milliseconds of a request of somebody else's, over a connection of its own."""
    begun = time.monotonic()
    with socket.create_connection(address, timeout=10, source_address=("127.0.0.77", 0)) as line:
        line.sendall(b"GET /api/comments?page=http://news.example/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = line.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        sys.exit(f"Somebody else was answered {answer[:60]!r}")
    return (time.monotonic() - begun) * 1000


def held(address, kinds, count, patience, sources):
    """Opens so many, dribbles until all are cut or patience ends; the connections and the bystander's times."""
    lines = [Slow(address, kinds[n % len(kinds)], sources(n)) for n in range(count)]
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
    times, dripped, asked, begun = [], time.monotonic(), 0.0, time.monotonic()
    while any(line.cut is None for line in lines) and time.monotonic() - begun < patience:
        for key, _ in selector.select(0.02):
            key.data.read()
            if key.data.cut:
                selector.unregister(key.fileobj)
        if time.monotonic() - dripped > 0.5:
            dripped = time.monotonic()
            for line in lines:
                if line.cut is None and line.drop:
                    line.send(line.drop)
        if time.monotonic() - asked > 0.05:
            asked = time.monotonic()
            times.append(bystander(address))
    for line in lines:
        line.socket.close()
    return lines, sorted(times)


def told(name, lines, times):
    uncut = sum(line.cut is None for line in lines)
    slowest = max(line.held for line in lines)
    statuses = collections.Counter(b"+".join(line.statuses).decode() or "none" for line in lines)
    answers = ", ".join(f"{status} x {count}" for status, count in statuses.most_common(4))
    middle, high, most = times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]
    print(f"{name:32} {len(lines):5} {uncut:6} {slowest:8.2f} s  {middle:6.1f} {high:6.1f} {most:6.1f} ms  {answers}", flush=True)
    return uncut, slowest, most


def serve(program, folder):
    (folder / "replydesk.toml").write_text(SETTINGS + f"[store]\nurl = 'sqlite:{folder}/replydesk.db'\n")
    log = open(folder / "log", "wb")
    server = subprocess.Popen([program, "serve", "--config", str(folder / "replydesk.toml")], stderr=log)
    for _ in range(400):
        found = re.search(r"listens on http://([0-9.]+):(\d+)", (folder / "log").read_text())
        if found:
            return server, (found[1], int(found[2]))
        time.sleep(0.05)
    sys.exit("The server does not start: " + (folder / "log").read_text())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--patience", type=float, default=30)
    parser.add_argument("--kind", choices=list(KINDS))
    parser.add_argument("--at")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, address = (None, None)
        if asked.at:
            host, port = asked.at.rsplit(":", 1)
            address = (host, int(port))
        else:
            server, address = serve(asked.program, pathlib.Path(folder))
        try:
            kept = run(address, asked)
        finally:
            if server:
                server.terminate()
                server.wait(20)
    sys.exit(0 if kept else 1)


def run(address, asked):
    print(f"{'slow connections':32} {'open':>5} {'left':>6} {'cut by':>10}  {'others: median, p99, most':>24}  answers")
    kept = True
    bodies = [kind for kind in KINDS if kind.startswith(("json", "form", "multipart"))]
    one, many = (lambda _: "127.0.0.1"), (lambda n: f"127.0.{1 + n // 200}.{1 + n % 200}")
    if not asked.kind:
        for name, sources in (("bodies, one address", one), ("bodies, many addresses", many)):
            uncut, slowest, most = told(name, *held(address, bodies, asked.count, asked.patience, sources))
            kept &= uncut == 0 and slowest <= BODY and most < 100
    for kind in [asked.kind] if asked.kind else KINDS:
        uncut, slowest, most = told(kind, *held(address, [kind], 40, asked.patience, one))
        kept &= uncut == 0 and slowest <= MOST.get(kind, BODY) and most < 100
    if not asked.kind:
        lines = [Slow(address, "nothing more", "127.0.9.9") for _ in range(1_100)]
        time.sleep(0.5)
        for line in lines:
            line.read()
        refused = sum(line.statuses == (b"503",) for line in lines)
        print(f"1,100 connections of one address: {refused} refused at once with 503; somebody else waited {bystander(address):.1f} ms")
        # Where few files may be open, one address gets a quarter of the places, which is less.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        many = files == resource.RLIM_INFINITY or files >= 8_192
        kept &= refused == 1_100 - 1_024 if many else 1_100 - 1_024 <= refused < 1_100
        for line in lines:
            line.socket.close()
    print("Slow bodies: kept" if kept else "Slow bodies: NOT kept")
    return kept


main()
