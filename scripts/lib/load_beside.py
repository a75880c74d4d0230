"""What scripts/load starts beside Replydesk: the reference it is measured against, a Redis, fresh databases."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

import traffic


class Reference:
    """The example program load_reference, until the `with` ends."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, str(folder / "reference.db")], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.url = self.process.stdout.readline().strip() or traffic.fail("load_reference did not start.")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(15)


class Redis:
    """A redis-server that keeps nothing on disk, until the `with` ends."""

    def __init__(self, program):
        self.program, self.port = program, traffic.free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def __enter__(self):
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([self.program, *words], stdout=subprocess.DEVNULL)
        for _ in range(500):
            with contextlib.suppress(OSError):
                self.trips()
                return self
            time.sleep(0.01)
        return traffic.fail("redis-server did not start.")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(15)

    def trips(self):
        """How often a limiter asked so far: each charge is one call of a script, whatever that does inside."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(b"INFO commandstats\r\n")
            said = b""
            while not re.match(rb"\$(\d+)\r\n", said) or len(said) < int(re.match(rb"\$(\d+)\r\n", said)[1]):
                said += line.recv(65_536) or traffic.fail("redis-server closed the connection.")
        return sum(int(calls) for calls in re.findall(rb"cmdstat_(?:evalsha|eval):calls=(\d+)", said))


def database(url, name):
    """The address of a fresh database beside the one that is named."""
    parts = urllib.parse.urlsplit(url)
    psql = shutil.which("psql") or str(pathlib.Path(os.environ["POSTGRES_BIN"]) / "psql")
    subprocess.run([psql, "-q", url, "-c", f"CREATE DATABASE {name}"], check=True)
    return parts._replace(path=f"/{name}").geturl()
