"""Checking single files in the Puppet language: what `freehold validate FILE.pp` does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from hiera.errors import Collector, DataError, UsageError
from runner.cli import failures
from runner.cli.given import Given, print_json

if TYPE_CHECKING:
    from manifests.puppet.ast import Program

_ENDINGS: Final = (".pp", ".epp", ".erb")
_APART: Final = frozenset({"plans", "spec"})


def validate(given: Given, files: Sequence[str], *, ast: bool, puppet_version: int) -> int:
    """Check every one of ``files``, print their trees if ``ast``, tell all problems and return the exit code.

    Raises ``UsageError`` where there is no file to read.
    """
    if not files:
        raise UsageError.of("no-files", "--ast needs files to read", hint="freehold validate --ast site.pp")
    given.places.append(os.getcwd())
    collector, rows = Collector(), []
    for file in _named(files):
        before = len(collector.errors)
        program = _read(file, collector, puppet_version)
        row: dict[str, Any] = {"file": file, "ok": len(collector.errors) == before}
        if ast and program is not None and row["ok"]:
            row["ast"] = _shown(program)
        rows.append(row)
    return _verdict(given, collector, rows)


def _read(file: str, collector: Collector, puppet_version: int) -> Program | None:
    """Return the tree of ``file``, or None where ``collector`` was told why there is none."""
    from manifests.puppet import erb  # noqa: PLC0415  only reading the language needs it
    from manifests.puppet.parser import parse  # noqa: PLC0415  only reading the language needs it
    from manifests.puppet.source import Source  # noqa: PLC0415  likewise
    from manifests.puppet.validation import validate as check  # noqa: PLC0415  likewise

    try:
        source = Source.decode(_bytes(file), file)
    except DataError as error:
        collector.take(error)
        return None
    if file.endswith(".erb"):
        for problem in erb.check(source.text, file):
            collector.add(problem)
        return None
    program = parse(source, collector, epp=file.endswith(".epp"))
    if program is not None:
        check(program, source, collector, puppet_version=puppet_version)
    return program


def _named(files: Sequence[str]) -> Iterator[str]:
    """Yield the files, and those below the directories; what is hidden, a fixture or a plan is not looked at."""
    for file in files:
        if not os.path.isdir(file):
            yield file
            continue
        for place, inside, names in os.walk(file):
            inside[:] = sorted(name for name in inside if name not in _APART and not name.startswith("."))
            yield from (os.path.join(place, name) for name in sorted(names) if name.endswith(_ENDINGS))


def _bytes(file: str) -> bytes:
    if not file.endswith(_ENDINGS):
        message = f"'{file}' is nothing of the Puppet language: its name must end in .pp, .epp or .erb"
        raise UsageError.of("bad-manifest", message, hint="a control repository is checked with --tree DIR")
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise UsageError.of("missing-file", f"'{file}' cannot be read: {(error.strerror or '').lower()}") from None


def _shown(program: Program) -> str:
    from manifests.puppet.pn import to_pn  # noqa: PLC0415  only --ast needs it

    return to_pn(program)


def _verdict(given: Given, collector: Collector, rows: list[dict[str, Any]]) -> int:
    """Tell what was found and return the exit code."""
    problems = [*collector.errors, *collector.warnings]
    if given.json:
        print_json({"files": rows, "problems": [failures.problem_as_json(item) for item in problems]})
        return 11 if collector.errors else 0
    for row in rows:
        if "ast" in row:
            click.echo(row["ast"])
    for problem in problems:
        click.echo(problem.render(failures.reader(given.places)), err=True)
    counts = f"{len(collector.errors)} errors, {len(collector.warnings)} warnings"
    click.echo(f"{len(rows)} file(s): {counts}", err=any("ast" in row for row in rows))
    return 11 if collector.errors else 0
