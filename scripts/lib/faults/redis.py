"""A Redis server of one's own, and words to it."""

import os
import signal
import socket
import subprocess

from machine import find, free_port, install, missing, until


class Redis:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.program, self.port, self.folder = find("redis-server") or _installed(folder), free_port(), folder
        self.process = None

    def up(self):
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen([self.program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("Redis answers", lambda: self.ask("PING") == "+PONG", 10)

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def signal(self, number):
        os.kill(self.process.pid, number)

    def ask(self, words):
        """The first line of the answer; none where there is no answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as line:
                line.sendall(words.encode() + b"\r\n")
                return line.recv(4096).decode(errors="replace").split("\r\n")[0]
        except OSError:
            return None


def _installed(folder):
    """redis-tools holds the server's program under another name; unlike redis-server it starts no service."""
    install("redis-tools")
    program = find("redis-check-rdb") or missing("redis-server", "redis-tools")
    link = folder / "redis-server"
    link.unlink(missing_ok=True)
    link.symlink_to(program)
    return str(link)
