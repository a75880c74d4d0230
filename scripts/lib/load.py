"""Measures Replydesk against the bare framework and a bare durable insert, in one run. See scripts/load."""

import argparse
import itertools
import pathlib
import shutil
import subprocess
import tempfile

import traffic

LUA = pathlib.Path(__file__).with_name("load.lua")
# On the disk that comments live on: in a folder that is kept in memory a sync costs nothing.
DATA = pathlib.Path(__file__).parents[2] / "data"
CLIENTS = (1, 16, 64)
# Payloads for a second of posting with so many clients: more than are used.
PAYLOADS = {1: 3_000, 16: 7_000, 64: 9_000}


class Result:
    """What one run of wrk came to: answers that count a second, those that do not, latencies in milliseconds."""

    def __init__(self, line):
        requests, refused, microseconds, self.p50, self.p99 = (float(number) for number in line.split()[1:])
        self.seconds = microseconds / 1e6
        self.answered, self.refused = requests, refused
        self.p50, self.p99 = self.p50 / 1000, self.p99 / 1000

    @property
    def rate(self):
        return (self.answered - self.refused) / self.seconds

    @property
    def refused_rate(self):
        return self.refused / self.seconds


def wrk(url, clients, seconds, kind="get", payloads=None, headers=()):
    threads = min(2, clients)
    named = [word for header in headers for word in ("-H", header)]
    command = ["wrk", "-t", str(threads), "-c", str(clients), "-d", f"{seconds}s", "-s", str(LUA), *named, url, "--", kind, str(threads)]
    done = subprocess.run([*command, *([str(payloads)] if payloads else [])], check=True, stdout=subprocess.PIPE, text=True)
    return Result(next(line for line in done.stdout.splitlines() if line.startswith("result ")))


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


def publish(server, page, count):
    """Approved comments on a page, to read."""
    writer, ids = traffic.Client(server), []
    for n, payload in enumerate(server.mint(page, count)):
        comment = {
            "page": page,
            "name": f"Reader {n}",
            "email": f"reader-{n}@example.org",
            "body": f"I crossed the bridge with {n} others this *morning*. The lamps were still warm, the river was low, "
            "and for once nobody was in a hurry. Whoever asked for oak was right.",
            "captcha": payload,
        }
        status, answer, _ = writer.post("/api/comments", comment, X_Forwarded_For=f"10.0.{n}.1")
        if status not in (201, 202):
            traffic.fail(f"A comment to read was not taken: {status} {answer}")
        ids.append(answer["id"])
    traffic.Moderator(server, "decide").decide(ids, "approve")


def file_of(folder, payloads, name):
    path = folder / name
    path.write_text("\n".join(payloads) + "\n")
    return path


def measure(binary, reference, folder, seconds):
    """All rates by work and number of clients, and the server's start and memory."""
    rates, facts = {}, {}
    with Reference(reference, folder) as bare, traffic.Server(binary, folder / "load.db") as server:
        facts["start, s"] = server.started_in
        facts["memory idle, MiB"] = server.memory("VmRSS")
        publish(server, "/read", 100)
        print("Minting captcha payloads …", flush=True)
        payloads = iter(server.mint("/load", sum(PAYLOADS.values()) * seconds))
        files = {clients: file_of(folder, itertools.islice(payloads, PAYLOADS[clients] * seconds), f"payloads-{clients}") for clients in CLIENTS}
        read = server.origin + "/api/comments?page=/read"
        _, _, headers = traffic.Client(server).get("/api/comments?page=/read", Accept_Encoding="gzip, br")
        coded, held = "Accept-Encoding: gzip, br", f"If-None-Match: {headers['ETag']}"
        for clients in CLIENTS:
            print(f"{clients} clients …", flush=True)
            note = rates.setdefault
            note(("hello", clients), wrk(bare.url + "/hello", clients, seconds))
            note(("insert", clients), wrk(bare.url + "/insert", clients, seconds, "insert"))
            note(("POST", clients), wrk(server.origin + "/api/comments", clients, seconds, "comment", files[clients]))
            note(("GET", clients), wrk(read, clients, seconds, headers=[coded]))
            note(("GET, not coded", clients), wrk(read, clients, seconds))
            note(("GET, 304", clients), wrk(read, clients, seconds, headers=[coded, held]))
        facts["memory under load, MiB"] = server.memory("VmHWM")
    shipped = {"REPLYDESK__LIMITS__PER_IP": '["5/10s", "20/5m", "300/1d"]', "REPLYDESK__LIMITS__PER_NETWORK": '["30/1m", "300/1h"]'}
    with Reference(reference, folder / "again") as bare, traffic.Server(binary, folder / "flood.db", **shipped) as server:
        for clients in CLIENTS:
            rates["refusal", clients] = wrk(server.origin + "/api/comments", clients, seconds, "flood")
    return rates, facts


def rate_of(work, result):
    return result.refused_rate if work == "refusal" else result.rate


def show(rates, facts):
    works = list(dict.fromkeys(work for work, _ in rates))
    print(f"\n{'a second (p50/p99 in ms)':<24}" + "".join(f"{clients:>22}" for clients in CLIENTS))
    for work in works:
        cells = [rates[work, clients] for clients in CLIENTS]
        print(f"{work:<24}" + "".join(f"{f'{rate_of(work, cell):,.0f} ({cell.p50:.1f}/{cell.p99:.1f})':>22}" for cell in cells))
    print(f"\n{'ratio':<40}{'reach':>8}" + "".join(f"{clients:>10}" for clients in CLIENTS))
    for work, against, reach in (("POST", "insert", 0.5), ("GET", "hello", 0.6), ("GET, 304", "hello", 0.8), ("refusal", "hello", 0.7)):
        cells = [rate_of(work, rates[work, clients]) / rates[against, clients].rate for clients in CLIENTS]
        print(f"{f'{work} / {against}':<40}{reach:>8}" + "".join(f"{cell:>10.2f}" for cell in cells))
    print()
    for name, value in facts.items():
        print(f"{name:<40}{value:>8.3g}")
    for (work, clients), result in rates.items():
        if work in ("POST", "insert") and result.refused:
            print(f"{work}, {clients} clients: {result.refused:.0f} answers were no 2xx and are not counted.")


def main():
    options = argparse.ArgumentParser(prog="scripts/load", description="Measures Replydesk against its references in one run.")
    options.add_argument("binary", help=argparse.SUPPRESS)
    options.add_argument("reference", help=argparse.SUPPRESS)
    options.add_argument("--seconds", type=int, default=3, help="length of each run (3)")
    chosen = options.parse_args()
    DATA.mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="load-", dir=DATA))
    (folder / "again").mkdir()
    try:
        show(*measure(chosen.binary, chosen.reference, folder, chosen.seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
