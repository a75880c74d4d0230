"""The wall clock jumps by an hour, forward and back, while it serves."""

import pathlib
import time

from load import Load, comment, somewhere, sqlite_bodies
from machine import Client, Server, need, until, with_token
from table import Skipped, row

HOUR = 3600


def _library():
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        need("faketime", "faketime")
        found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise Skipped("libfaketime is missing (Debian: apt-get install faketime)")
    return str(found[0])


@row("clock-jumps", "the clock jumps an hour forward, back, and back once more: posts, limits, sessions and challenges stay sane")
def clock_jumps(run):
    hand = run.folder / "clock"
    hand.write_text("+0")
    environment = {"LD_PRELOAD": _library(), "FAKETIME_TIMESTAMP_FILE": str(hand), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    with Server(run, environment=environment, log="warn", limits={"per_ip": '["5/1h"]'}) as server:
        server.add_admin()
        session, reader, token = Client(server), Client(server), with_token(server)
        assert session.sign_in().status == 200
        for offset, says in [(HOUR, "an hour forward"), (0, "an hour back"), (-HOUR, "an hour further back"), (0, "forward again")]:
            _jump(run, server, hand, offset, says, session, reader, token)
        run.exactly("panics", server.panics(), 0)


def _jump(run, server, hand, offset, says, session, reader, token):
    page = f"/clock{time.time_ns()}"
    flooder = somewhere()
    before = [reader.post("/api/comments", comment(f"f{n}x{offset}", page), X_Forwarded_For=flooder).status for n in range(6)]
    minted = server.mint(page, 1)[0]
    with Load(server, threads=4, pause=0.01) as load:
        until("comments are taken", lambda: load.taken_now() > 20)
        swap(hand, offset)
        jumped = time.monotonic()
        until("comments are taken", lambda base=load.taken_now(): load.taken_now() > base + 50)
        limited = reader.post("/api/comments", comment(f"again{offset}", page), X_Forwarded_For=flooder)
        wait = int(limited.headers.get("Retry-After", 0))
        own = session.get("/api/session").status
        queue = session.get("/api/moderation/comments?limit=5").status
        fresh = Client(server)
        signed = fresh.sign_in().status
        # A bucket from before the jump may ask for the wait of one more request, which is below a millisecond here.
        reader.get(f"/api/captcha/challenge?page={page}")
        challenge = reader.get(f"/api/captcha/challenge?page={page}").status
        # One that was made before the jump is taken or said to be over.
        old = reader.post("/api/comments", comment(f"old{time.time_ns()}", page, minted), X_Forwarded_For=somewhere())
        sent = reader.post("/api/comments", comment(f"shown{time.time_ns()}", page), X_Forwarded_For=somewhere())
        decided = token.post(f"/api/moderation/comments/{sent.json()['id']}/decision", {"action": "approve"}).status
        shown = until("the page shows it", lambda: sent.json()["id"] in reader.get(f"/api/comments?page={page}").raw.decode(), 10)
        changed = server.config.read_text().replace("[[site]]", "# again\n[[site]]", 1)
        server.write_settings(changed)
        ready = reader.get("/readyz").status
        time.sleep(0.5)
        load.stop()
        run.exactly(f"{says}: five of six of one address before", before, [202] * 5 + [429])
        run.most(f"{says}: posts of other addresses refused once by an old bucket", load.count(429), 5)
        run.exactly(f"{says}: posts otherwise answered, or not", len(load.broken) + sum(n for s, n in load.statuses.items() if s not in (202, 429)), 0)
        run.most(f"{says}: slowest answer", load.slowest_between(jumped - 1, time.monotonic()), 1.0, " s")
        run.most(f"{says}: a limited address waits", wait, 720, " s")
        run.exactly(f"{says}: session, queue, fresh sign-in, challenge, ready", [own, queue, signed, challenge, ready], [200] * 5)
        run.exactly(f"{says}: a challenge solved before is taken or over", old.status in (202, 403), True)
        run.most(f"{says}: an approval shows", shown + (0.0 if decided == 200 else 99.0), 1.5, " s")
        found = load.compare(sqlite_bodies(server.store))
        run.exactly(f"{says}: lost, doubled", [found["lost"], found["doubled"]], [0, 0])


def swap(hand, offset):
    """Turns the clock in one step: a reader of the file never sees half of it."""
    fresh = hand.with_suffix(".new")
    fresh.write_text(f"{offset:+d}")
    fresh.rename(hand)
