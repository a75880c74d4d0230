"""What scripts/load prints: the rates, then each goal, what was measured, and whether it is reached."""

import os
import platform
import statistics
import time


def table(load):
    """The rates."""
    works = list(dict.fromkeys(key[0] for key in load.rates))
    print(f"\n| a second (p50 ms) | " + " | ".join(f"{clients} clients" for clients in load.clients) + " |")
    print("|---|" + "---|" * len(load.clients))
    for work in works:
        cells = []
        for clients in load.clients:
            known = (work, clients) in load.rates
            cells.append(f"{load.rate(work, clients):,.0f} ({statistics.median(load.rates[work, clients, 'p50']):.1f})" if known else "")
        print(f"| {work} | " + " | ".join(cells) + " |")


def goals(load):
    """Name, goal, measured as text, and whether it is reached; none where it was not measured."""
    last, facts = load.clients[-1], load.facts

    def least(value, goal):
        return (f"{value:,.2f}" if goal < 100 else f"{value:,.0f}", value >= goal) if value is not None else None

    def most(value, goal):
        return (f"{value:,.3g}", value <= goal) if value is not None else None

    rate = load.rate("POST", last) if ("POST", last) in load.rates else None
    yield "POST a second, SQLite, limits in the process", "≥ 5,000", least(rate, 5_000)
    yield "POST / bare durable insert", "≥ 0.5", least(load.ratio("POST", "insert"), 0.5)
    yield "POST with limits in Redis / in the process", "≥ 0.8", least(load.ratio("POST, Redis", "POST"), 0.8)
    yield "POST over PostgreSQL / SQLite", "≥ 0.5", least(load.ratio("POST, PostgreSQL", "POST"), 0.5)
    yield "GET of 100 comments / hello", "≥ 0.6", least(load.ratio("GET", "hello"), 0.6)
    yield "304 / hello", "≥ 0.8", least(load.ratio("304", "hello"), 0.8)
    yield "refusal / hello", "≥ 0.7", least(load.ratio("refusal", "hello"), 0.7)
    yield "refusal with Redis / hello", "≥ 0.7", least(load.ratio("refusal, Redis", "hello"), 0.7)
    trips, idle, refusals = facts.get("trips to Redis", (None, None, None))
    # When a flooder's wait ends, each two seconds, what is under way at that moment asks; then it is known again.
    crowds = last * (load.seconds / 2 + 1)
    told = (f"{trips - idle} beside {refusals:,} refusals, each time a wait ended", trips - idle <= crowds) if refusals else None
    yield "trips to Redis while a flooder is known", "none", told
    for kind in ("SQLite", "PostgreSQL"):
        for work in ("POST", "GET"):
            kept = load.ratio(f"{work}, {kind}, grown", f"{work}, {kind}, small")
            yield f"{work}, {kind}: {load.chosen.grown:,} comments / {load.small:,}", "≥ 0.9", least(kept, 0.9)
        yield f"a page of the queue, {kind}, {load.chosen.grown:,} comments, ms", "≤ 20", most(facts.get(f"queue page, {kind}, ms"), 20)
    yield "content score, 300 bytes, µs", "≤ 30", most(facts.get("score, µs"), 30)
    for when, goal in (("idle", 20), ("under load", 60)):
        whole, program = facts.get(f"memory {when}, MiB", (None, None))
        told = (f"{whole:.1f}, {program:.1f} of it the program's own file", whole <= goal) if whole and load.asked("memory") else None
        yield f"memory {when}, MiB", f"≤ {goal}", told
    yield "start to the first answer, s", "≤ 0.05", most(facts.get("start, s"), 0.05)


def show(load):
    print(f"\n{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, {platform.machine()}, load before {load.chosen.busy:.1f}")
    if load.rates:
        table(load)
    print("\n| goal | reach | measured | |\n|---|---|---|---|")
    for name, goal, measured in goals(load):
        told, reached = measured or ("", None)
        verdict = {True: "reached", False: "**not reached**", None: "not measured"}[reached]
        print(f"| {name} | {goal} | {told} | {verdict} |")
    for note in dict.fromkeys(load.notes):
        print(note)
