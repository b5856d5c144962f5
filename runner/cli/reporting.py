"""Which reporter tells a run: JSON when asked, colours on a terminal, fields in the journal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from hiera.errors import FreeholdError
from runner.cli import failures
from runner.cli.given import Given

if TYPE_CHECKING:
    from runner.agent import RunResult
    from runner.reporters.base import Reporter
    from runner.reporters.plain import Plain


def tell(given: Given, work: Callable[[Reporter], RunResult], *, detailed: bool) -> int:
    """Do ``work`` with the reporter this command line asks for and return its exit code.

    With ``--json`` an error becomes part of the one document.
    """
    if given.json:
        return _as_json(given, work, detailed=detailed)
    verbosity = -1 if given.quiet else given.verbose
    reporter, close = _for_people(verbosity, failures.reader(given.places, given.texts))
    try:
        result = work(_watched(reporter))
    finally:
        close()
    for problem in result.error.problems if result.error else ():
        if problem not in reporter.told:
            failures.say(problem.render(failures.reader(given.places, given.texts)))
    return result.detailed if detailed else result.exit_code


def _for_people(verbosity: int, line_of: Callable[[str, int], str | None]) -> tuple[Plain, Callable[[], None]]:
    """Return the reporter for what stdout is, and what ends it."""
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        from runner.reporters.console import Console  # noqa: PLC0415  rich is for terminals only

        console = Console(sys.stdout, verbosity, line_of)
        return console, console.close
    if "JOURNAL_STREAM" in os.environ and _leads_to_journal():
        from runner.reporters.journal import Journal  # noqa: PLC0415  only under systemd

        journal = Journal(sys.stdout, verbosity, line_of)
        return journal, journal.close
    from runner.reporters.plain import Plain  # noqa: PLC0415  machines need neither

    return Plain(sys.stdout, verbosity, line_of), lambda: None


def _leads_to_journal() -> bool:
    from runner.systemd.journal import connected  # noqa: PLC0415  only under systemd

    return connected(1)


def _watched(reporter: Reporter) -> Reporter:
    """Return ``reporter``, followed by the service manager if one wants to know."""
    if "NOTIFY_SOCKET" not in os.environ:
        return reporter
    from runner.reporters.progress import Progress  # noqa: PLC0415  only under systemd
    from runner.systemd.notify import Notifier  # noqa: PLC0415  likewise

    return Progress(reporter, Notifier.taken())


def _as_json(given: Given, work: Callable[[Reporter], RunResult], *, detailed: bool) -> int:
    from runner.reporters.json import Json  # noqa: PLC0415  only machines ask

    reporter = Json(sys.stdout, verbose=given.verbose > 0)
    try:
        result = work(reporter)
    except FreeholdError as error:
        reporter.finish(error.exit_code, failures.as_json(error))
        return error.exit_code
    code = result.detailed if detailed else result.exit_code
    reporter.finish(code, failures.as_json(result.error) if result.error else None)
    return code
