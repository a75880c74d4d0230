"""Decides on labelled comments through the HTTP API and prints how the queue fares. See scripts/learn-stream."""

import argparse
import collections
import hashlib
import json
import pathlib
import re
import shutil
import tempfile
import time

import traffic

HOLD_AT = 0.5
STRETCH = 100


def read(path, limit):
    """The comments with their labels, in the file's order."""
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
            comment = {"page": f"/{group or 'all'}", "name": author, "email": f"reader-{mark[:5].hex()}@example.org", "body": text}
            rows.append((comment, "10." + ".".join(str(byte) for byte in mark[5:8]), label))
    return rows


def auc(pairs):
    """The share of pairs of spam and ham in which spam has the higher risk, ties halved; none without both."""
    spam = [risk for risk, label in pairs if label]
    ham = [risk for risk, label in pairs if not label]
    if not spam or not ham:
        return None
    ranks, at = 0.0, 0
    ordered = sorted(pairs)
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(label for _, label in ordered[at:end])
        at = end
    return (ranks - len(spam) * (len(spam) + 1) / 2) / (len(spam) * len(ham))


def share(part, whole):
    return f"{part / whole:.1%}" if whole else "-"


def show(decided, pairs):
    ham = [risk for risk, label in pairs if not label]
    spam = [risk for risk, label in pairs if label]
    held = sum(risk >= HOLD_AT for risk in ham)
    through = sum(risk < HOLD_AT for risk in spam)
    area = auc(pairs)
    area = "-" if area is None else f"{area:.4f}"
    print(f"{decided:>9}{area:>9}{share(held, len(ham)):>11}{share(through, len(spam)):>17}", flush=True)


class Decider(traffic.Moderator):
    """Decides as the labels say, and waits until each decision is learned."""

    def item(self, comment):
        status, item, _ = self.get(f"/api/moderation/comments/{comment}")
        if status != 200:
            traffic.fail(f"The comment could not be read: {status} {item}")
        return item

    def take(self, item, label):
        status, answer, _ = self.post(f"/api/moderation/comments/{item['id']}/decision", {"action": "spam" if label else "approve"})
        if status != 200:
            traffic.fail(f"The comment could not be decided: {status} {answer}")

    def learned(self):
        _, text, _ = self.get("/metrics")
        return sum(int(n) for n in re.findall(rb'replydesk_lessons_total\{kind="(?:ham|spam)"\} (\d+)', text))


def run(server, rows):
    mint(server, rows)
    reader, moderator = traffic.Client(server), Decider(server, "decide")
    answers, stretch, everything, waits = collections.Counter(), [], [], []
    print(f"{'decisions':>9}{'AUC':>9}{'ham held':>11}{'spam let through':>17}")
    for comment, address, label in rows:
        status, answer, _ = reader.post("/api/comments", comment, X_Forwarded_For=address)
        answers[f"{status} {answer.get('code', answer.get('status'))}"] += 1
        if "id" not in answer:
            continue
        item = moderator.item(answer["id"])
        stretch.append((item["risk"], label))
        everything.append((item["risk"], label))
        moderator.take(item, label)
        begun = time.monotonic()
        while moderator.learned() < len(everything):
            if time.monotonic() - begun > 10:
                traffic.fail(f"Decision {len(everything)} was not learned within ten seconds.")
        waits.append(time.monotonic() - begun)
        if len(stretch) == STRETCH:
            show(len(everything), stretch)
            stretch = []
    if stretch:
        show(len(everything), stretch)
    print("all in one:")
    show(len(everything), everything)
    waits.sort()
    if waits:
        print(f"From a decision's answer to its lesson learned: median {waits[len(waits) // 2] * 1e3:.1f} ms, longest {waits[-1] * 1e3:.0f} ms.")
    for told, count in answers.most_common():
        print(f"{count:>9} answered {told}")


def mint(server, rows):
    """Gives each comment a payload for its page."""
    for page, count in collections.Counter(comment["page"] for comment, _, _ in rows).items():
        payloads = iter(server.mint(page, count))
        for comment, _, _ in rows:
            if comment["page"] == page:
                comment["captcha"] = next(payloads)


def main():
    options = argparse.ArgumentParser(prog="scripts/learn-stream", description="Decides on labelled comments through HTTP and prints how the queue fares.")
    options.add_argument("binary", help=argparse.SUPPRESS)
    options.add_argument("file", help="JSON Lines with text and label (1: spam); author and group are used if there")
    options.add_argument("--limit", type=int, default=None, help="no more comments than this")
    options.add_argument("--seed", default=None, help="the seed that the model begins with: a file, or none; the shipped one where absent")
    chosen = options.parse_args()
    try:
        rows = read(chosen.file, chosen.limit)
    except OSError as fault:
        traffic.fail(f"{chosen.file} cannot be read: {fault.strerror}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="learn-stream-"))
    words = ["--seed", str(pathlib.Path(chosen.seed).resolve()) if chosen.seed != "none" else "none"] if chosen.seed else []
    try:
        with traffic.Server(chosen.binary, folder / "replydesk.db", serve=words) as server:
            run(server, rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
