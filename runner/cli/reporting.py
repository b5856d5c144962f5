"""Which reporter tells a run: JSON when asked, colours on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from hiera.errors import FreeholdError
from runner.cli import failures
from runner.cli.given import Given

if TYPE_CHECKING:
    from runner.reporters.base import Reporter


def tell(given: Given, work: Callable[[Reporter], int]) -> int:
    """Do ``work`` with the reporter this command line asks for and return its exit code.

    With ``--json`` an error becomes part of the one document.
    """
    if given.json:
        return _as_json(given, work)
    verbosity = -1 if given.quiet else given.verbose
    line_of = failures.reader(given.places)
    if not _terminal():
        from runner.reporters.plain import Plain  # noqa: PLC0415  a terminal needs the other one

        return work(Plain(sys.stdout, verbosity, line_of))
    from runner.reporters.console import Console  # noqa: PLC0415  rich is for terminals only

    console = Console(sys.stdout, verbosity, line_of)
    try:
        return work(console)
    finally:
        console.close()


def _as_json(given: Given, work: Callable[[Reporter], int]) -> int:
    from runner.reporters.json import Json  # noqa: PLC0415  only machines ask

    reporter = Json(sys.stdout, verbose=given.verbose > 0)
    try:
        code = work(reporter)
    except FreeholdError as error:
        reporter.finish(error.exit_code, failures.as_json(error))
        return error.exit_code
    reporter.finish(code)
    return code


def _terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
