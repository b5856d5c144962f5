"""What goes wrong through a person's doing: located problems, collected, with an exit code per class.

The tree of errors::

    FreeholdError
    ├── UsageError       10   the command line or the node's own configuration
    ├── DataError        11   manifests, data, templates, secrets
    ├── StaleError       12   nothing fresh for longer than allowed
    ├── TrustError       13   a commit that may not be used
    ├── LockedError      14   another run holds the node
    └── BudgetError      15   more would be removed than agreed

Anything else that escapes is a bug of ours and ends with exit code 70.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import ClassVar, Final, Literal

import msgspec

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What could move a terminal's cursor, or make it show a text in another order than it stands in the file."""


class Location(msgspec.Struct, frozen=True, order=True):
    """A place in a file. ``line`` and ``column`` count from 1; 0 means unknown; ``length`` in characters."""

    file: str
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        parts = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(parts)


class Note(msgspec.Struct, frozen=True):
    """A second place that belongs to a problem, such as the first of two declarations."""

    text: str
    location: Location


class Problem(msgspec.Struct, frozen=True):
    """One thing a person has to mend.

    ``code`` is fixed and kebab-case (``unknown-attribute``); ``message`` is lower case, has no final full stop and
    never echoes a value that may be secret.
    """

    code: str
    message: str
    location: Location | None = None
    hint: str | None = None
    notes: tuple[Note, ...] = ()
    severity: Literal["error", "warning"] = "error"

    def render(self, line_of: Callable[[str, int], str | None] | None = None) -> str:
        """Return the problem as people read it; ``line_of(file, line)`` supplies the source line, or None."""
        rows = [f"{self.severity}[{self.code}]: {self.message}"]
        if self.location is not None:
            rows += _place("-->", self.location, line_of)
        for note in self.notes:
            rows += _place(f"note: {note.text}", note.location, line_of)
        if self.hint:
            rows.append(f"  help: {self.hint}")
        return _UNPRINTABLE.sub("\ufffd", "\n".join(rows))


def _place(label: str, location: Location, line_of: Callable[[str, int], str | None] | None) -> list[str]:
    """Return the rows that show ``location``: where, the line, and a caret below it."""
    rows = [f"  {label} {location}"]
    text = line_of(location.file, location.line) if line_of and location.line else None
    if text is None:
        return rows
    text = text.expandtabs(1).rstrip("\n")
    number = str(location.line)
    rows.append(f"{number} | {text}")
    if location.column:
        caret = "^" * max(1, min(location.length, len(text) - location.column + 1))
        rows.append(f"{' ' * len(number)} | {' ' * (location.column - 1)}{caret}")
    return rows


class FreeholdError(Exception):
    """A person's mistake, never ours: one or many problems and the exit code of their class."""

    exit_code: ClassVar[int] = 11

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(problem.render() for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, code: str, message: str, location: Location | None = None, *, hint: str | None = None) -> FreeholdError:
        """Return an error of this class with a single problem."""
        return cls(Problem(code, message, location, hint))


class UsageError(FreeholdError):
    """The command line or the node's own configuration."""

    exit_code = 10


class DataError(FreeholdError):
    """Manifests, Hiera data, templates, secrets: what stands in the control repository."""

    exit_code = 11


class StaleError(FreeholdError):
    """Nothing fresh was seen for longer than the configuration allows."""

    exit_code = 12


class TrustError(FreeholdError):
    """A commit that may not be used."""

    exit_code = 13


class LockedError(FreeholdError):
    """Another run holds the node."""

    exit_code = 14


class BudgetError(FreeholdError):
    """More would be removed than was agreed."""

    exit_code = 15


class Collector:
    """Gathers problems so that a person sees all of them at once."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Take one problem; the same one twice counts once."""
        kept = self.errors if problem.severity == "error" else self.warnings
        if problem not in kept:
            kept.append(problem)

    def take(self, error: FreeholdError) -> None:
        """Take every problem of ``error``."""
        for problem in error.problems:
            self.add(problem)

    def check(self, error: type[FreeholdError] = DataError) -> None:
        """Raise ``error`` with everything gathered, if there is an error among it."""
        if self.errors:
            raise error(*self.errors)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint ``did you mean 'x'?`` for the known name nearest to ``name``, or None."""
    import difflib  # noqa: PLC0415  only an error pays for it

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else None
