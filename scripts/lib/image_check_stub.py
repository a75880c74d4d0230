"""The outside world of scripts/image-check: names by DNS, and a captcha provider over TLS. image_check_stub.py CERTIFICATE KEY"""

import datetime
import http.server
import json
import socketserver
import ssl
import sys
import threading
import urllib.parse


class Names(socketserver.BaseRequestHandler):
    """Every name that ends in .test is 127.0.0.1; it has no address of the newer kind, and no other name exists."""

    def handle(self):
        question, socket = self.request
        end = 12
        while question[end]:
            end += question[end] + 1
        known = question[12:end].lower().endswith(b"\x04test")
        is_v4 = question[end + 1 : end + 3] == b"\x00\x01"
        answers = 1 if known and is_v4 else 0
        head = question[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\x00\x01" + bytes([0, answers]) + b"\x00\x00\x00\x00"
        answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01" if answers else b""
        socket.sendto(head + question[12 : end + 5] + answer, self.client_address)


class Provider(http.server.BaseHTTPRequestHandler):
    """Believes whoever knows the secret."""

    def do_POST(self):
        asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        good = asked.get("secret") == ["a secret"]
        body = json.dumps({"success": good, "score": 0.9, "action": "comment", "hostname": "news.example", "challenge_ts": now}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


names = socketserver.UDPServer(("127.0.0.1", 53), Names)
threading.Thread(target=names.serve_forever, daemon=True).start()
provider = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Provider)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
provider.socket = context.wrap_socket(provider.socket, server_side=True)
provider.serve_forever()
