"""What went wrong, told: problems with their lines, JSON for machines, a report for a bug; never a traceback."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from hiera.errors import FreeholdError, Problem, UsageError, did_you_mean
from runner.cli.given import Given, print_json
from runner.cli.table import COMMANDS

BUG = 70
INTERRUPTED = 130


def tell(error: FreeholdError, given: Given, words: Sequence[str]) -> int:
    """Print every problem of ``error`` and return the exit code of its class."""
    if given.json or "--json" in words:
        print_json({"error": as_json(error)})
        return error.exit_code
    line_of = reader(given.places, given.texts)
    for problem in error.problems:
        say(problem.render(line_of))
    return error.exit_code


def say(text: str) -> None:
    """Print what went wrong on stderr; where that leads to the journal, as errors (``sd-daemon(3)``)."""
    if "JOURNAL_STREAM" in os.environ:
        from runner.systemd.journal import connected  # noqa: PLC0415  only under systemd

        if connected(2):
            text = "\n".join(f"<3>{row}" for row in text.splitlines())
    click.echo(text, err=True)


def as_json(error: FreeholdError) -> dict[str, Any]:
    """Return ``error`` as the ``error`` member of a JSON document."""
    return {
        "exit_code": error.exit_code,
        "class": type(error).__name__,
        "problems": [problem_as_json(item) for item in error.problems],
    }


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """Return ``problem`` as plain data."""
    import msgspec  # noqa: PLC0415  plain output needs none

    found: dict[str, Any] = msgspec.to_builtins(problem)
    return found


def usage(error: click.exceptions.UsageError) -> UsageError:
    """Return what click has to say as a problem of ours; its exit code is never 2."""
    path = error.ctx.command_path if error.ctx else "freehold"
    hint: str | None = f"see `{path} --help`"
    message = error.format_message().rstrip(".")
    code = "usage"
    if isinstance(error, click.exceptions.NoSuchOption):
        code, message = "unknown-option", f"`{path}` has no option '{error.option_name}'"
        known = [name for option in (error.ctx.command.params if error.ctx else []) for name in option.opts]
        hint = did_you_mean(error.option_name, known) or hint
    elif message.startswith("No such command"):
        name = message.split("'")[1] if "'" in message else ""
        code, message = "unknown-command", f"there is no command '{name}'"
        hint = did_you_mean(name, COMMANDS) or "see `freehold --help`"
    elif message.startswith("Option '-n'"):
        hint = "-n takes the name of the node; a dry run is `--noop`"
    return UsageError(Problem(code, message[:1].lower() + message[1:], hint=hint))


def interrupted() -> int:
    """Say that a person stopped the command."""
    click.echo("interrupted; the next run goes on from here", err=True)
    return INTERRUPTED


def bug(error: Exception, given: Given, words: Sequence[str]) -> int:
    """Say that Freehold itself failed, keep a report of where, and return the exit code of a bug."""
    place = _report(error, given)
    where = f"; report: {place}" if place else ""
    message = f"this is a bug in Freehold: {type(error).__name__}{where}"
    if given.json or "--json" in words:
        problem = Problem("bug", message)
        print_json({"error": {"exit_code": BUG, "class": "Bug", "problems": [problem_as_json(problem)]}})
    else:
        say(message)
    if os.environ.get("FREEHOLD_DEBUG") == "1":
        import traceback  # noqa: PLC0415  only a bug pays for it

        traceback.print_exception(error, file=sys.stderr)
    return BUG


def _report(error: Exception, given: Given) -> str | None:
    """Write the traceback of ``error`` (no values of variables, no message) to a 0600 file and return its path.

    The message of the exception is left out: only we raise exceptions whose texts are known to be free of secrets.
    """
    import traceback  # noqa: PLC0415  only a bug pays for it

    from runner.version import __version__  # noqa: PLC0415  likewise

    frames = "".join(traceback.format_tb(error.__traceback__))
    text = f"freehold {__version__}, python {sys.version}\n{frames}{type(error).__name__}\n"
    try:
        directory = os.path.join(given.load().state_dir, "crashes")
        os.makedirs(directory, mode=0o700, exist_ok=True)
        path = os.path.join(directory, time.strftime("%Y%m%dT%H%M%S") + f"-{os.getpid()}.txt")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as stream:
            stream.write(text)
    except (OSError, FreeholdError):
        return None
    return path


def reader(places: Sequence[str], texts: Mapping[str, str] | None = None) -> Callable[[str, int], str | None]:
    """Return what finds the lines :meth:`Problem.render` shows; relative files are looked for below ``places``.

    ``texts`` are those of the command line, which stand in no file.
    """
    lines = {file: text.splitlines() for file, text in (texts or {}).items()}

    def line_of(file: str, line: int) -> str | None:
        if file.endswith(".gpg"):  # the line is one of the decrypted text, which is nobody's to see
            return None
        if file in lines:
            return lines[file][line - 1] if line <= len(lines[file]) else None
        for place in ("",) if os.path.isabs(file) else places:
            found = _line(os.path.join(place, file), line)
            if found is not None:
                return found
        return None

    return line_of


def _line(path: str, number: int) -> str | None:
    try:
        with open(path, "rb") as stream:
            for count, line in enumerate(stream, start=1):
                if count == number:
                    return line[:400].decode("utf-8", "replace")
    except OSError:
        return None
    return None
