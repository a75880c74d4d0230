"""Broken settings at a reload: the old ones stay, and one clear error says where and what."""

import pathlib
import re
import signal

from load import comment, somewhere
from machine import Client, Server, until
from table import row

FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "tests/fixtures/config/broken"


@row("reload", "broken settings at a reload, each file of tests/fixtures/config/broken, half a file, none: the old stay, one clear error")
def reload_broken(run):
    with Server(run, limits={"per_ip": '["3/1h"]'}) as server:
        good = server.config.read_text()
        cases = {file.name: file.read_bytes() for file in sorted(FIXTURES.glob("*.toml"))}
        # With a limit that would let the fourth comment pass, so that it shows which settings are in force.
        wide = good.replace('["3/1h"]', '["9/1h"]', 1)
        cases["(half of a file)"] = wide[: wide.index("[[site]]") + 20].encode()
        cases["(a typing fault in a good file)"] = wide.replace("per_network =", "per_netwrk =").encode()
        cases["(missing)"] = None
        kept = {"the old stay in force": 0, "one error, with line and key or cure": 0, "/readyz says so and is 200": 0, "healed by the good file": 0}
        for name, text in cases.items():
            for what, is_so in zip(kept, _one(server, good, name, text), strict=True):
                kept[what] += is_so
                if not is_so:
                    run.note(f"  {name} fails", what)
        for what, number in kept.items():
            run.all_of(what, number, len(cases))
        run.least("files", len(cases), 20)
        run.exactly("panics", server.panics(), 0)


def _one(server, good, name, text):
    reader, before = Client(server), len(server.log())
    if text is None:
        server.config.unlink()
    else:
        server.config.write_bytes(text)
    server.signal(signal.SIGHUP)
    until(f"{name}: the log tells", lambda: "old ones stay in force" in server.log()[before:], 10)
    # The whole of it is written at once.
    told = server.log()[before:]
    address = somewhere()
    statuses = [reader.post("/api/comments", comment(f"r{n}", f"/{abs(hash(name))}"), X_Forwarded_For=address).status for n in range(4)]
    errors = re.findall(r"old ones stay in force", told)
    # Each line names the file, its line where it could be read, the key or the place, and what would be right.
    faults = [line for line in told.splitlines() if ".toml" in line]
    shape = r"\S+\.toml:\d+(:\d+)?: .+[;,] .+" if text is not None else r"\S+replydesk\.toml: the file cannot be read: .+; .+"
    clear = faults and all(re.fullmatch(shape, line) for line in faults)
    ready = reader.get("/readyz")
    well = ready.status == 200 and ready.json()["checks"]["config"]["state"] == "degraded"
    server.config.write_text(good)
    server.signal(signal.SIGHUP)
    until(f"{name}: healed", lambda: reader.get("/readyz").json()["checks"]["config"]["state"] == "ok", 10)
    return statuses == [202] * 3 + [429], len(errors) == 1 and bool(clear), well, True
