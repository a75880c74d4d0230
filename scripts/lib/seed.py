"""Posts labelled comments through the HTTP API and shows what the queue made of them. See scripts/seed."""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import pathlib
import re
import threading
import time

import traffic

ROOT = pathlib.Path(__file__).parents[2]
LABELS = {0: "fine", 1: "unwanted"}


def read(path, limit):
    """The rows of the file as comments, each with the page its group stands for."""
    rows = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if len(rows) == limit:
                break
            try:
                row = json.loads(line)
                text, label = row["text"], int(row["label"])
            except (ValueError, KeyError, TypeError) as fault:
                traffic.fail(f"{path}, line {number}: not an object with text and label ({fault!r})")
            group = re.sub(r"[^a-z0-9]+", "-", str(row.get("group") or row.get("ds") or "all").lower()).strip("-")
            author = str(row.get("author") or f"Reader {number}")
            mark = hashlib.sha256(author.encode()).digest()
            comment = {
                "page": f"/{group or 'all'}",
                "name": author,
                "email": f"reader-{mark[:5].hex()}@example.org",
                "body": text,
            }
            address = "10." + ".".join(str(byte) for byte in mark[5:8])
            rows.append((comment, address, label))
    return rows


def mint(server, rows):
    """Gives each comment a payload for its page."""
    for page, count in collections.Counter(comment["page"] for comment, _, _ in rows).items():
        payloads = iter(server.mint(page, count))
        for comment, _, _ in rows:
            if comment["page"] == page:
                comment["captcha"] = next(payloads)


def post(server, rows, concurrency):
    """Sends all; the label of each stored comment by its id, and how many of each answer there were."""
    own, labels, answers = threading.local(), {}, collections.Counter()

    def send(row):
        comment, address, label = row
        if not hasattr(own, "client"):
            own.client = traffic.Client(server)
        status, answer, _ = own.client.post("/api/comments", comment, X_Forwarded_For=address)
        return label, f"{status} {answer.get('code', answer.get('status'))}", answer.get("id")

    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        for label, told, comment in pool.map(send, rows):
            answers[told] += 1
            if comment:
                labels[comment] = label
    return labels, answers


def table(title, head, rows):
    print(f"\n{title}")
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for row in cells:
        first, *others = (cell.ljust(width) if n == 0 else cell.rjust(width) for n, (cell, width) in enumerate(zip(row, widths)))
        print("  " + "  ".join([first, *others]).rstrip())


def show(items, labels):
    """What the moderators' list says, by label."""
    known = [(item, labels[item["id"]]) for item in items if item["id"] in labels]
    columns = sorted(LABELS)

    def by_label(counts):
        return [counts[label] for label in columns]

    statuses, risks, signals, totals = (collections.defaultdict(collections.Counter) for _ in range(4))
    for item, label in known:
        statuses[item["status"]][label] += 1
        risks[min(int(item["risk"] * 10), 9)][label] += 1
        totals["all"][label] += 1
        for name in {signal["name"] for signal in item["signals"]}:
            signals[name][label] += 1
    head = [LABELS[label] for label in columns]
    table("Status", ["", *head], [[status, *by_label(counts)] for status, counts in sorted(statuses.items())])
    table("Risk", ["", *head], [[f"{n / 10:.1f} to {(n + 1) / 10:.1f}", *by_label(risks[n])] for n in range(10)])
    often = sorted(signals.items(), key=lambda pair: -sum(pair[1].values()))[:20]
    shares = [[name, *(f"{counts[label] / max(totals['all'][label], 1):.0%}" for label in columns)] for name, counts in often]
    table("Signals, share of the comments that have them", ["", *head], shares)


def look(server):
    """How to see it."""
    settings = " \\\n  ".join(f"{name}='{text}'" for name, text in server.settings.items())
    program = f"'{server.binary}' --config '{traffic.CONFIG}'"
    print(f"""
To look at it, serve that store again:

  export {settings}
  {program} serve

and in a second terminal, with the same export:

  TOKEN=$({program} token create look-$(date +%s) --scope decide)
  curl -s -H "Authorization: Bearer $TOKEN" '{server.origin}/api/moderation/comments?status=all&order=risk&limit=5'
""")


def main():
    options = argparse.ArgumentParser(prog="scripts/seed", description="Posts labelled comments to a server of its own.")
    options.add_argument("binary", help=argparse.SUPPRESS)
    options.add_argument("file", help="JSON Lines with text and label (1: should not be published); author and group are used if there")
    options.add_argument("--limit", type=int, default=None, help="no more comments than this")
    options.add_argument("--concurrency", type=int, default=32, help="posts at once (32)")
    options.add_argument("--store", default=ROOT / "data/seed.db", help="where the comments go; made anew (data/seed.db)")
    chosen = options.parse_args()
    try:
        rows = read(chosen.file, chosen.limit)
    except OSError as fault:
        traffic.fail(f"{chosen.file} cannot be read: {fault.strerror}")
    store = pathlib.Path(chosen.store).resolve()
    store.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    with traffic.Server(chosen.binary, store) as server:
        print(f"{len(rows)} comments on {len({row[0]['page'] for row in rows})} pages from {len({row[1] for row in rows})} addresses. Minting payloads …", flush=True)
        mint(server, rows)
        begun = time.monotonic()
        labels, answers = post(server, rows, chosen.concurrency)
        took = time.monotonic() - begun
        print(f"Posted in {took:.1f} s, {len(rows) / took:.0f} a second, {chosen.concurrency} at once.")
        table("Answers", ["", "comments"], answers.most_common())
        items = list(traffic.Moderator(server, "read").comments(status="all", order="oldest"))
        missing = set(labels) - {item["id"] for item in items}
        show(items, labels)
        look(server)
    if missing:
        traffic.fail(f"{len(missing)} comments were taken and are not in the queue.")


main()
