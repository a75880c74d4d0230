"""Runs `replydesk evaluate` over the public data sets and prints Markdown tables. See scripts/evaluate."""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile

BINARY = os.environ["REPLYDESK_BIN"]
SCRIPTS = pathlib.Path(__file__).parents[1]
FIGURES = ["auc", "average_precision", "recall_at_0_1_percent", "recall_at_1_percent", "brier", "ece"]
HEADS = ["AUC", "AP", "recall at 0.1 %", "recall at 1 %", "Brier", "ECE"]
DRAWS = 8


class Bench:
    """The data, a folder for what is in between, and the seeds made so far."""

    def __init__(self, folder, scratch):
        self.folder, self.scratch, self.seeds = folder, scratch, {}

    def rows(self, name):
        with open(self.folder / f"{name}.jsonl", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]

    def seed(self, *without):
        """A seed that has seen none of these sets."""
        if without not in self.seeds:
            path = self.scratch / f"seed-{'-'.join(without)}.bin"
            left_out = [word for name in without for word in ("--without", name)]
            call([SCRIPTS / "seed-model", self.folder, path, *left_out])
            self.seeds[without] = path
        return self.seeds[without]

    def write(self, name, rows):
        path = self.scratch / name
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows)
        return path

    def run(self, rows, seed, train=None):
        """The figures, and the scores in the order of the rows."""
        data = self.write("data.jsonl", [{**row, "id": number} for number, row in enumerate(rows)])
        scores = self.scratch / "scores.jsonl"
        command = [BINARY, "evaluate", data, "--seed", seed, "--json", "--out", scores]
        if train is not None:
            command += ["--train", self.write("train.jsonl", train)]
        figures = json.loads(call(command))
        with open(scores, encoding="utf-8") as lines:
            return figures, [json.loads(line)["score"] for line in lines]


def call(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


def shuffled(rows, number):
    rows = list(rows)
    random.Random(number).shuffle(rows)
    return rows


def good(rows):
    return [row for row in rows if row["label"] == 0]


def mean(dicts):
    return {key: sum(one[key] for one in dicts) / len(dicts) for key in FIGURES}


def table(title, heads, lines):
    print(f"\n{title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    for line in lines:
        print("| " + " | ".join(line) + " |")


def told(figures):
    return [f"{figures[key]:.{4 if key in ('auc', 'average_precision', 'brier', 'ece') else 3}f}" for key in FIGURES]


def threshold(scores, rows, rate=0.01):
    """The lowest score at which false positives stay within the rate."""
    others = sorted((score for score, row in zip(scores, rows) if row["label"] == 0), reverse=True)
    allowed = math.floor(rate * len(others) + 1e-9)
    return math.nextafter(others[allowed], math.inf)


def videos(rows):
    return {name: [row for row in rows if row["group"] == name] for name in dict.fromkeys(r["group"] for r in rows)}


def streams(bench, youtube):
    by_video = videos(youtube)
    frozen = []
    for name, rows in by_video.items():
        others = [row for row in youtube if row["group"] != name]
        frozen += [bench.run(rows, bench.seed("youtube"), shuffled(others, draw))[0] for draw in range(DRAWS)]
    timely = sorted(youtube, key=lambda row: row["ts"] or "")
    indonesian = bench.rows("judol_id")
    half = len(indonesian) // 2
    messages = bench.rows("sms")
    middle = len(messages) // 2
    lines = [
        (f"YouTube, leave one video out, frozen (three videos, {DRAWS} orders)", mean(frozen)),
        ("YouTube, online in time order", bench.run(timely, bench.seed("youtube"))[0]),
        ("YouTube, online in time order, no seed", bench.run(timely, "none")[0]),
        ("SMS, online", bench.run(messages, bench.seed("sms"))[0]),
        ("SMS, first half learned, second frozen", bench.run(messages[middle:], bench.seed("sms"), messages[:middle])[0]),
        ("Indonesian, online", bench.run(indonesian, bench.seed("judol_id"))[0]),
        ("Indonesian, first half learned, second frozen",
         bench.run(indonesian[half:], bench.seed("judol_id"), indonesian[:half])[0]),
    ]
    table("Streams", ["data", *HEADS], [[name, *told(figures)] for name, figures in lines])


def cold(bench, youtube):
    lines = []
    for name, seed in (("without a seed", "none"), ("with a seed that never saw YouTube", bench.seed("youtube"))):
        cells = []
        for labels in (10, 50, 100, 500):
            areas = []
            for draw in range(DRAWS):
                rows = shuffled(youtube, 17 + draw)
                areas.append(bench.run(rows[632:], seed, rows[:labels])[0]["auc"])
            cells.append(f"{sum(areas) / DRAWS:.3f}")
        lines.append([name, *cells])
    table(f"Cold start: AUC on YouTube after so many labels (mean of {DRAWS} draws)", ["", "10", "50", "100", "500"], lines)


def evasions(bench, youtube):
    caught = {}
    for name, rows in videos(youtube).items():
        ids = {row["id"] for row in rows}
        evaded = [row for row in bench.rows("evasions") if row["id"].split("-", 2)[2] in ids]
        ham, spam = good(rows), [row for row in rows if row["label"] == 1]
        padded = []
        for number, row in enumerate(spam):
            one, other = ham[number * 7 % len(ham)]["text"], ham[(number * 13 + 5) % len(ham)]["text"]
            text = f"{row['text']} {one} {other}" if number % 2 == 0 else f"{one} {other} {row['text']}"
            padded.append({"kind": "padding with good text", "label": 1, "text": text, "clean": row["text"]})
        changed = evaded + padded
        clean = [{"label": 1, "text": row["clean"]} for row in changed]
        nameless = [{"label": row["label"], "text": row["text"]} for row in rows]
        others = [row for row in youtube if row["group"] != name]
        for draw in range(DRAWS):
            _, scores = bench.run(nameless + clean + changed, bench.seed("youtube"), shuffled(others, draw))
            bound = threshold(scores[: len(rows)], rows)
            before, after = scores[len(rows) : len(rows) + len(clean)], scores[len(rows) + len(clean) :]
            for row, was, score in zip(changed, before, after):
                sums = caught.setdefault(row["kind"], [0, 0, 0])
                sums[0] += 1
                sums[1] += was >= bound
                sums[2] += score >= bound
    lines = [[kind, f"{was / n:.3f}", f"{now / n:.3f}", f"{100 * now / was:.0f} %"] for kind, (n, was, now) in sorted(caught.items())]
    title = f"Evasions: recall at 1 % false positives on the video left out (mean of {DRAWS} orders)"
    table(title, ["", "clean", "evaded", "kept"], lines)


def news(bench, youtube):
    fox = good(bench.rows("foxnews"))
    seed = bench.seed("youtube", "foxnews")
    learned, others = fox[::3], [row for number, row in enumerate(fox) if number % 3]
    timely = sorted(youtube, key=lambda row: row["ts"] or "")
    lines = []
    for name, rows, train in (
        ("a new site", fox, youtube[:1]),
        (f"a site that learned {len(youtube)} YouTube comments", fox, timely),
        (f"and then {len(learned)} news approvals", others, timely + learned),
    ):
        _, scores = bench.run(rows, seed, train)
        share = lambda bound: f"{100 * sum(score >= bound for score in scores) / len(scores):.1f} %"
        lines.append([name, str(len(rows)), share(0.5), share(0.9)])
    table("News comments taken for spam", ["", "comments", "at 0.5", "at 0.9"], lines)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(scratch))
        youtube = bench.rows("youtube")
        streams(bench, youtube)
        cold(bench, youtube)
        evasions(bench, youtube)
        news(bench, youtube)


main()
