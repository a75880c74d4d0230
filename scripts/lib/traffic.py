"""What scripts/seed, scripts/load and scripts/learn-stream share: a server of their own, payloads minted for it, requests to it."""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

CONFIG = pathlib.Path(__file__).with_name("traffic.toml")
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en",
}


def fail(text):
    """Ends the script with one line for the person who ran it."""
    sys.exit(text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The built program with the settings of traffic.toml and a store of its own, until the `with` ends."""

    def __init__(self, binary, store, serve=(), core=None, **settings):
        self.binary, self.port, self.words = binary, free_port(), serve
        self.pinned = [] if core is None else ["taskset", "-c", str(core)]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "REPLYDESK__SERVER__LISTEN": f"127.0.0.1:{self.port}",
            "REPLYDESK__SERVER__PUBLIC_URL": self.origin,
            "REPLYDESK__STORE__URL": f"sqlite:{store}",
            **settings,
        }
        self.environment = {**os.environ, **self.settings}
        self.log = tempfile.TemporaryFile()

    def __enter__(self):
        begun = time.monotonic()
        command = [*self.pinned, self.binary, "--config", str(CONFIG), "--log", "warn", "serve", *self.words]
        self.process = subprocess.Popen(command, env=self.environment, stderr=self.log, stdout=subprocess.DEVNULL)
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - begun > 30:
                self.log.seek(0)
                self.process.kill()
                fail("The server did not start:\n" + self.log.read().decode(errors="replace"))
            time.sleep(0.002)
        self.started_in = time.monotonic() - begun
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def is_ready(self):
        try:
            return Client(self).get("/readyz")[0] == 200
        except OSError:
            return False

    def run(self, *words):
        """Runs a command of the program beside the server; what it prints."""
        return subprocess.run(self.command(*words), env=self.environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    def command(self, *words):
        return [self.binary, "--config", str(CONFIG), "--log", "warn", *words]

    def mint(self, page, count):
        """Solved captcha payloads for a page, made by as many processes as there are cores."""
        cores = os.cpu_count() or 1
        shares = [count // cores + (n < count % cores) for n in range(cores)]
        minting = [
            subprocess.Popen(self.command("captcha", "mint", "--page", page, "--count", str(share)), env=self.environment, stdout=subprocess.PIPE, text=True)
            for share in shares
            if share
        ]
        payloads = [line for process in minting for line in process.communicate()[0].split()]
        if len(payloads) != count:
            fail(f"Only {len(payloads)} of {count} captcha payloads were minted.")
        return payloads

    def memory(self, field):
        """A line of /proc/PID/status in MiB, e.g. VmRSS or VmHWM."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field + ":"))


class Client:
    """One connection that is kept."""

    def __init__(self, server, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.headers = {**BROWSER, "Origin": server.origin, **headers}

    def get(self, path, **headers):
        return self.send("GET", path, None, headers)

    def post(self, path, content, **headers):
        return self.send("POST", path, json.dumps(content).encode(), {"Content-Type": "application/json", **headers})

    def send(self, method, path, body, headers):
        self.connection.request(method, path, body, {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}})
        answer = self.connection.getresponse()
        raw = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "") and "Content-Encoding" not in answer.headers
        return answer.status, json.loads(raw) if is_json else raw, answer.headers


class Moderator(Client):
    """A client with a token of its own."""

    def __init__(self, server, scope):
        token = server.run("token", "create", f"{scope}-{time.time_ns()}", "--scope", scope).strip()
        super().__init__(server, Authorization=f"Bearer {token}")
        del self.headers["Origin"]

    def comments(self, **query):
        """Every comment of the queue's list."""
        cursor = None
        while True:
            asked = {"limit": 200, **query, **({"cursor": cursor} if cursor else {})}
            status, page, _ = self.get("/api/moderation/comments?" + urllib.parse.urlencode(asked))
            if status != 200:
                fail(f"The queue could not be read: {status} {page}")
            yield from page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def decide(self, ids, action):
        for first in range(0, len(ids), 500):
            decisions = [{"id": comment, "action": action} for comment in ids[first : first + 500]]
            status, answer, _ = self.post("/api/moderation/decisions", {"decisions": decisions})
            if status != 200 or any(result["outcome"] != "applied" for result in answer["results"]):
                fail(f"The comments could not be decided: {status} {answer}")
