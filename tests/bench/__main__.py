"""The command: makes the work, lets the tools take turns, prints the table."""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench import gpg
from tests.bench.measure import median, run
from tests.bench.work import FreeholdWork, PuppetWork, same

SECRETS = 200


def main():
    """Run the benchmark and print it."""
    given = arguments()
    place = Path(tempfile.mkdtemp(prefix="fh-bench-", dir="/tmp"))
    rows = []
    try:
        for row in cases(given, place):
            rows.append(row)
            if not given.json:
                print_row(*row)
        secrets(given, place, rows)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if given.json:
        print(json.dumps([{"case": case, **{tool: asdict(m) for tool, m in found.items()}} for case, found in rows]))


def arguments():
    """Return what the command line says."""
    beside = Path(sys.executable).with_name("freehold")
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="measure each case so often [5]")
    parser.add_argument("--files", default="100,1000,5000", help="numbers of files [100,1000,5000]")
    parser.add_argument("--freehold", default=str(beside) if beside.exists() else "freehold", metavar="COMMAND")
    parser.add_argument("--puppet", default=shutil.which("puppet"), metavar="COMMAND", help="[puppet, if installed]")
    parser.add_argument("--no-puppet", action="store_const", dest="puppet", const=None)
    parser.add_argument("--json", action="store_true", help="print JSON in the end instead of the table")
    return parser.parse_args()


def works(given, place, files):
    """Return the same work for each tool that is here."""
    room = place / f"files{files}"
    found = [FreeholdWork(room, given.freehold, files)]
    if given.puppet:
        found.append(PuppetWork(room, given.puppet, files))
    return found


def cases(given, place):
    """Yield the name of each case and the median of each tool."""
    one = works(given, place, 1)
    yield "start-up (--version)", turns(given, one, argv="version_argv")
    prepare(one)
    yield "empty run (1 file, nothing moved)", turns(given, one)
    for files in map(int, given.files.split(",")):
        found = works(given, place, files)
        yield f"{files:,} files, first apply", turns(given, found, before="reset")
        if len(found) > 1 and not same(*found):
            raise SystemExit("bench: the tools did not make the same files")
        yield f"{files:,} files, nothing to do", turns(given, found)
        yield f"{files:,} files, one drifted", turns(given, found, before="drift")


def prepare(found):
    """Bring every work to its end once."""
    for work in found:
        work.reset()
        run(work.argv, env=work.env, accepted=work.accepted)


def turns(given, found, *, argv="argv", before=None):
    """Return the median of each work, measured in turns."""
    measures = {work.name: [] for work in found}
    for _ in range(given.repeat):
        for work in found:
            if before:
                getattr(work, before)()
            measures[work.name].append(run(getattr(work, argv), env=work.env, accepted=work.accepted))
    return {name: median(many) for name, many in measures.items()}


def secrets(given, place, rows):
    """Measure an unchanged run with secrets, and count the gpg processes of it and of a first run."""
    work = FreeholdWork(place / "secrets", given.freehold, 0, secrets=SECRETS)
    try:
        work.reset()
        first, how = gpg.started(work.argv, work.env, place)
        rows.append((f"{SECRETS} secrets, nothing to do", turns(given, [work])))
        again, _ = gpg.started(work.argv, work.env, place)
    finally:
        work.close()
    if not given.json:
        print_row(*rows[-1])
        print(f"\ngpg started: first run {first}, unchanged run {again} (counted by {how})")
    if not first:
        raise SystemExit("bench: the first run started no gpg, so the count proves nothing")
    if again:
        raise SystemExit("bench: an unchanged run started gpg")


def print_row(case, found, *, seen=[]):  # noqa: B006  remembers whether the head was printed
    """Print one line of the table."""
    if not seen:
        tool = f"{'wall s':>8} {'cpu s':>7} {'MiB':>5}"
        print(f"{'':36} freehold: {tool}    puppet: {tool}    ratio: {'wall':>5} {'cpu':>6}")
        seen.append(case)
    ours, theirs = found["freehold"], found.get("puppet")
    line = f"{case:36} {'':9} {numbers(ours)}"
    if theirs:
        line += f"    {'':7} {numbers(theirs)}    {'':6} {theirs.wall / ours.wall:4.1f}x {theirs.cpu / ours.cpu:5.1f}x"
    print(line, flush=True)


def numbers(measure):
    """Return a measure as columns."""
    return f"{measure.wall:8.3f} {measure.cpu:7.3f} {measure.memory:5.0f}"


if __name__ == "__main__":
    main()
