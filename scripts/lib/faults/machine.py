"""The program under test as a process: its settings, its log, its end; and the tools around it."""

import contextlib
import functools
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import traffic
from table import Skipped
from traffic import free_port

WIDE = ["per_ip", "per_network", "per_email", "per_page", "per_site", "without_token", "without_token_network", "challenge"]
ADMIN, PASSWORD = "ada", "correct horse battery staple"


def until(what, is_so, seconds=30.0, pause=0.005):
    """Waits for a condition; how long it took."""
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)
    return time.monotonic() - begun


def settings(port, store, limits=None, captcha="", redis="", more=""):
    """A settings file: every limit is at work and, unless one is given, none is reached."""
    rates = {name: '["1000000/1m"]' for name in WIDE} | (limits or {})
    lines = "\n".join(f"{name} = {rate}" for name, rate in rates.items())
    redis = f'[redis]\nurl = "{redis}"\n' if redis else ""
    captcha = f"[captcha]\n{captcha}\n" if captcha else ""
    return f"""# Not for a server that readers reach: its secret is public.
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
trusted_proxies = ["127.0.0.0/8"]
secret = "public, for runs of faults only"
[store]
url = "{store}"
[limits]
{lines}
{redis}{captcha}{more}
[[site]]
id = "default"
origins = ["http://127.0.0.1:{port}"]
"""


class Server:
    """The built program under these settings, in a folder of its own."""

    def __init__(self, run, name="server", store=None, wrap=(), environment=None, log="info", **more):
        self.binary, self.port, self.wrap = run.binary, free_port(), list(wrap)
        self.folder = pathlib.Path(run.folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = store or f"sqlite:{self.folder}/store.db"
        self.config = self.folder / "replydesk.toml"
        self.origin, self.level, self.more = f"http://127.0.0.1:{self.port}", log, more
        self.write_settings(settings(self.port, self.store, **more))
        self.environment = {**os.environ, **(environment or {})}
        self.log_file = self.folder / "log"
        self.process = None

    def write_settings(self, text):
        self.config.write_text(text)

    def command(self, *words):
        return [self.binary, "--config", str(self.config), "--log", self.level, *words]

    def start(self, seconds=30.0):
        """Starts it; how long until it was ready."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([*self.wrap, *self.command("serve")], env=self.environment, stdout=subprocess.DEVNULL, stderr=log)
        return until(f"ready\n{self.log()[-2000:]}", self.is_ready, seconds, 0.002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.signal(number)
            self.process.wait(30)

    def signal(self, number):
        os.kill(self.pid(), number)

    def pid(self):
        """The server's own, also where it was started through another program."""
        if not self.wrap:
            return self.process.pid
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], stdout=subprocess.PIPE, text=True).stdout.split()
        return int(children[0]) if children else self.process.pid

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError("the server ended:\n" + self.log()[-3000:])
        with contextlib.suppress(OSError, http.client.HTTPException):
            return Client(self, timeout=5).get("/readyz").status == 200
        return False

    def run(self, *words, **more):
        """Runs a command of the program beside it; what it prints."""
        done = subprocess.run(self.command(*words), env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def add_admin(self):
        self.run("moderator", "add", ADMIN, "--role", "admin", "--password-stdin", input=PASSWORD + "\n")

    def mint(self, page, count):
        """Solved captcha payloads for a page."""
        return self.run("captcha", "mint", "--page", page, "--count", str(count)).split()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def panics(self):
        return len(re.findall(r"panicked at", self.log()))

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid()}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid()}/fd"))


class Answer:
    def __init__(self, answer, raw):
        self.status, self.headers, self.raw = answer.status, answer.headers, raw

    def json(self):
        return json.loads(self.raw)

    def taken(self):
        return self.status in (201, 202)


class Client(traffic.Client):
    """One connection that is kept, and made anew when it broke."""

    def __init__(self, server, timeout=30, **headers):
        super().__init__(server, **headers)
        self.server, self.timeout, self.connection = server, timeout, None

    def send(self, method, path, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}})
            answer = self.connection.getresponse()
            return Answer(answer, answer.read())
        except Exception:
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def sign_in(self):
        """The answer to a sign-in; its cookie and token are sent from then on."""
        answer = self.post("/api/session", {"username": ADMIN, "password": PASSWORD})
        if answer.status == 200:
            self.headers["Cookie"] = answer.headers["Set-Cookie"].split(";")[0]
            self.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer


def with_token(server, scope="decide"):
    """A client with an API token of its own."""
    token = server.run("token", "create", f"{scope}-{time.time_ns()}", "--scope", scope).strip()
    client = Client(server, Authorization=f"Bearer {token}")
    del client.headers["Origin"]
    return client


def find(program):
    """A program's path, where scripts/test keeps what it fetched or where the system has it; none where there is none."""
    return shutil.which(program, path=os.environ.get("FAULTS_PATH", "")) or shutil.which(program)


@functools.cache
def install(package):
    """Tries it once where this is Debian; what came of it is seen by looking again."""
    if shutil.which("apt-get"):
        _update()
        _apt_get("install", "-y", "-qq", "--no-install-recommends", package)


@functools.cache
def _update():
    _apt_get("update", "-qq")


def _apt_get(*words):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def need(program, package):
    """A program's path, installed where it is missing and this is Debian."""
    if not find(program):
        install(package)
    return find(program) or missing(program, package)


def missing(program, package):
    raise Skipped(f"{program} is missing (Debian: apt-get install {package})")
