"""Runs the table: faults on this machine, figures beside their bounds; exit 1 where a promise is not kept."""

import argparse
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
# For traffic.py; behind the folder above, which has a load.py of its own.
sys.path.append(str(pathlib.Path(__file__).parents[1]))

import row_captcha, row_clock, row_descriptors, row_disk, row_kill, row_migration, row_postgres, row_redis, row_reload, row_syncs, row_term  # noqa: E401, F401
from table import ROWS, Run, chosen, perform


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("rows", nargs="*", help="which rows, by name or a part of it; all where none is given")
    parser.add_argument("--list", action="store_true", help="the rows and what each promises")
    parser.add_argument("--rounds", type=int, default=50, help="kills in the rows of kill -9 (50)")
    parser.add_argument("--binary", help=argparse.SUPPRESS)
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and stores")
    given = parser.parse_args()
    if given.list:
        for name, (promise, _) in ROWS.items():
            print(f"{name:<22} {promise}")
        return 0
    names = chosen(given.rows)
    if not names:
        parser.error("no row bears this name; see --list")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="replydesk-faults-"))
    # PostgreSQL runs as another user, in a folder below.
    folder.chmod(0o755)

    def make_run(name):
        own = folder / name
        own.mkdir()
        own.chmod(0o755)
        return Run(given.binary, given.rounds, own)

    broken, skipped, kept = [], [], 0
    try:
        for name in names:
            figures = perform(name, make_run)
            broken += [f"{name}: {figure.promise}: {figure.measured}" for figure in figures if figure.kept is False]
            skipped += [f"{name}: {figure.measured}" for figure in figures if figure.measured.startswith("skipped")]
            kept += sum(figure.kept is True for figure in figures)
    finally:
        if given.keep:
            print(f"\nLogs and stores: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{kept} figures kept, {len(broken)} not kept, {len(skipped)} rows skipped.")
    for line in broken:
        print(f"NOT KEPT  {line}")
    for line in skipped:
        print(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
