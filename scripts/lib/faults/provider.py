"""A captcha provider that answers each question in one bad way, or well, at great length."""

import contextlib
import json
import socket
import struct
import threading
import time

GOOD = {"success": True, "score": 0.9, "action": "comment", "hostname": "127.0.0.1"}
WAYS = ["hang", "trickle", "500", "503", "429", "html", "empty", "cut short", "huge", "redirect", "reset", "bad secret", "no success", "score as text"]


class Provider:
    """`way` says what becomes of every question; a number is the size of a good answer in bytes."""

    def __init__(self, way):
        self.way, self.asked, self.lured, self.sent = way, 0, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/siteverify"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line):
        with contextlib.suppress(OSError), line:
            line.settimeout(30)
            question = b""
            while b"\r\n\r\n" not in question:
                piece = line.recv(65536)
                if not piece:
                    return
                question += piece
            self.asked += 1
            if b"/steal" in question.split(b"\r\n")[0]:
                self.lured += 1
            self._answer(line)

    def _answer(self, line):
        good = {**GOOD, "challenge_ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 2))}
        way = self.way
        if isinstance(way, int):
            text = json.dumps({**good, "x": ""})
            return self._say(line, json.dumps({**good, "x": "a" * (way - len(text))}))
        if way == "hang":
            line.recv(1)
        elif way == "trickle":
            for letter in self._whole(json.dumps(good)):
                line.sendall(bytes([letter]))
                time.sleep(0.2)
        elif way == "huge":
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\n\r\n" + b'{"success":true,"x":"')
            for _ in range(5000):
                self.sent += line.send(b"a" * 10_000)
        elif way == "redirect":
            line.sendall(f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{self.port}/steal\r\nContent-Length: 0\r\n\r\n".encode())
        elif way == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self._say(line, *{
                "500": ("oops", "500 Internal Server Error"),
                "503": ("oops", "503 Service Unavailable"),
                "429": ("oops", "429 Too Many Requests"),
                "html": ("<html>login</html>", "200 OK", "text/html"),
                "empty": ("",),
                "cut short": ('{"success": tr',),
                "bad secret": (json.dumps({"success": False, "error-codes": ["invalid-input-secret"]}),),
                "no success": (json.dumps({"score": 0.9}),),
                "score as text": (json.dumps({**good, "score": "0.9"}),),
            }[way])

    def _say(self, line, body, status="200 OK", kind="application/json"):
        line.sendall(self._whole(body, status, kind))

    def _whole(self, body, status="200 OK", kind="application/json"):
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return (head + body).encode()
