"""The table of promises: rows that ask for one each, and how their figures are judged and printed."""

import dataclasses
import fnmatch
import time
import traceback

ROWS = {}


class Skipped(Exception):
    """A row that cannot be run here, and why."""


@dataclasses.dataclass
class Figure:
    """One figure of a promise, its bound, and whether it is kept."""

    promise: str
    measured: str
    bound: str
    kept: bool | None = None

    def verdict(self):
        return {True: "kept", False: "NOT KEPT", None: ""}[self.kept]


@dataclasses.dataclass
class Run:
    """What a row is handed: the built program, how many rounds, a folder of its own; and what it found."""

    binary: str
    rounds: int
    folder: object
    figures: list = dataclasses.field(default_factory=list)

    def most(self, promise, value, bound, unit=""):
        self.figures.append(Figure(promise, f"{_text(value)}{unit}", f"<= {_text(bound)}{unit}", value <= bound))

    def exactly(self, promise, value, bound):
        self.figures.append(Figure(promise, _text(value), _text(bound), value == bound))

    def least(self, promise, value, bound):
        self.figures.append(Figure(promise, _text(value), f">= {_text(bound)}", value >= bound))

    def all_of(self, promise, good, of):
        self.figures.append(Figure(promise, f"{good} of {of}", "all", good == of and of > 0))

    def note(self, promise, value):
        """What is told and not judged."""
        self.figures.append(Figure(promise, _text(value), ""))


def _text(value):
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def row(name, promise):
    """Registers a function as a row of the table."""

    def register(work):
        ROWS[name] = (promise, work)
        return work

    return register


def chosen(words):
    """The rows that these words name: whole names each by itself, else those that bear every word; all where there is none."""
    if all(word in ROWS for word in words):
        return list(words) or list(ROWS)
    return [name for name in ROWS if all(fnmatch.fnmatch(name, f"*{word}*") for word in words)]


def perform(name, make_run):
    """Runs one row; its figures, or why there are none."""
    promise, work = ROWS[name]
    print(f"\n{name}: {promise}", flush=True)
    begun, run = time.monotonic(), make_run(name)
    try:
        work(run)
    except Skipped as why:
        run.figures.append(Figure("the row", f"skipped: {why}", ""))
    except Exception as fault:  # A row that breaks is a promise that was not shown; the others go on.
        traceback.print_exc()
        run.figures.append(Figure("the row ran to its end", f"{type(fault).__name__}: {fault}", "", False))
    for figure in run.figures:
        print(f"  {figure.promise:<66} {figure.measured:>24}  {figure.bound:<12} {figure.verdict()}", flush=True)
    print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return run.figures
