"""From what went wrong in an expression or template to a located problem that gives no secret away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, NamedTuple

from hiera.errors import DataError, Location, Problem, did_you_mean
from hiera.tree import Tree
from hiera.yaml.nodes import Scalar
from manifests.yaml_jinja.bounds import LimitError
from manifests.yaml_jinja.filters import NullInTextError

RAW_HINT = "if the braces are meant as they stand, write !raw before the value"
_RAW_BLOCK_HINT = "text that must stay as it is goes between {% raw %} and {% endraw %}, or into a 'source:' file"


class Known(NamedTuple):
    """The names that expressions may use, for suggestions."""

    variables: Iterable[str]
    functions: Iterable[str]
    filters: Iterable[str]
    tests: Iterable[str]


class Spots:
    """Finds places inside values: the source is read again, for an error only."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def within(self, scalar: Scalar, offset: int, length: int = 1) -> Location:
        """Return the place of the character ``offset`` of the text of ``scalar``."""
        start = scalar.location
        before = scalar.text[:offset]
        row = before.count("\n")
        line_text = scalar.text.split("\n")[row]
        column = offset - (before.rfind("\n") + 1)
        number = start.line + row + (1 if scalar.style in ("|", ">") else 0)
        found = self._find(start.file, number, line_text, start.column if number == start.line else 1)
        if found is None:
            return start
        return Location(start.file, number, found + column + 1, length)

    def _find(self, file: str, number: int, text: str, column: int) -> int | None:
        """Return where ``text`` stands in a line of a file, counted from 0."""
        try:
            lines = self._tree.read(file).decode("utf-8", "replace").split("\n")
        except DataError:
            return None
        if number > len(lines):
            return None
        at = lines[number - 1].find(text, max(0, column - 1))
        return at if at >= 0 else None


def explain(
    error: Exception, scalar: Scalar | None, location: Location, spots: Spots, known: Known, *, secret: bool
) -> DataError:
    """Return the located error for what an evaluation raised.

    ``scalar`` is the value the expression stands in, None for a template file; ``known`` are the names there are;
    ``secret`` says that a secret was looked into, so that no text of ``error`` may be shown.
    """
    place = _template_place(error) or location
    inline = place == location and scalar is not None
    if isinstance(error, DataError):
        return DataError(*(_moved(problem, place, secret=secret) for problem in error.problems))
    problem = _known(error, place, known, scalar if inline else None)
    if secret:
        problem = Problem(problem.code, _HIDDEN, place, problem.hint if problem.code == "template-limit" else None)
    elif inline and scalar is not None:
        problem = _pointed(problem, scalar, spots)
    return DataError(problem)


_HIDDEN = "this fails, and works on a secret, so that the reason is not shown"


def _moved(problem: Problem, place: Location, *, secret: bool) -> Problem:
    """Return ``problem`` with a place; one that a function made of a secret argument loses its text."""
    message = _HIDDEN if secret else problem.message
    hint = None if secret else problem.hint
    return Problem(problem.code, message, problem.location or place, hint, problem.notes, problem.severity)


def _known(error: Exception, place: Location, known: Known, scalar: Scalar | None) -> Problem:
    """Return the problem for an exception of Jinja or Python."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError  # noqa: PLC0415  loaded by now
    from jinja2.exceptions import SecurityError  # noqa: PLC0415  as above

    if isinstance(error, TemplateSyntaxError):
        return _syntax(error, place, known, scalar)
    if isinstance(error, UndefinedError):
        message, _, hint = str(error).partition("\0")
        name = re.fullmatch(r"'(.+)' is not defined", message)
        if name and not hint:
            called = scalar is not None and re.search(rf"\b{re.escape(name[1])}\s*\(", scalar.text)
            hint = did_you_mean(name[1], known.functions if called else known.variables) or ""
        return Problem("undefined-variable", message, place, hint or None)
    if isinstance(error, NullInTextError):
        return Problem("not-text", str(error.args[0]), place, error.args[1])
    if isinstance(error, TemplateNotFound):
        return Problem("missing-template", str(error.message or f"there is no template '{error.name}'"), place)
    if isinstance(error, LimitError):
        return Problem("template-limit", str(error), place)
    if isinstance(error, OverflowError | MemoryError):
        return Problem("template-limit", "the expression asks for too much", place)
    if isinstance(error, RecursionError):
        return Problem("template-limit", _recursion(error), place)
    if isinstance(error, SecurityError):
        return Problem("template-forbidden", str(error).rstrip(". ").lower(), place)
    return Problem("expression-failed", _sentence(error), place)


def _syntax(error: Any, place: Location, known: Known, scalar: Scalar | None) -> Problem:
    """Return the problem of what is no expression or template."""
    message = str(error.message or error).rstrip(".")
    named = re.match(r"No (filter|test) named '(\w+)'", message)
    hint: str | None = _RAW_BLOCK_HINT
    if named:
        hint = did_you_mean(named[2], known.filters if named[1] == "filter" else known.tests)
    elif scalar is not None:
        hint = RAW_HINT if "{" in scalar.text else None
    if error.filename is not None:
        place = Location(str(error.filename), error.lineno)
    message = message[:1].lower() + message[1:]
    return Problem("template-syntax", message.replace("'end of print statement'", "'}}'"), place, hint)


def _sentence(error: Exception) -> str:
    """Return what a Python exception says in our form."""
    words = str(error).rstrip(".") or type(error).__name__
    words = words.replace("unsupported operand type(s) for", "these types do not fit the operator")
    return words[:1].lower() + words[1:]


def _recursion(error: BaseException) -> str:
    """Return the message of templates or macros that call themselves without end."""
    chain: list[str] = []
    for template, _ in _frames(error.__traceback__):
        if template.name is None:
            continue
        name = str(template.filename)
        if name in chain:
            chain = [*chain[chain.index(name) :], name]
            break
        chain.append(name)
    return f"this never ends: {' -> '.join(chain)}" if len(chain) > 1 else "this calls itself without end"


def _frames(trace: TracebackType | None) -> Iterator[tuple[Any, int]]:
    """Yield the templates in a traceback with their lines, outermost first."""
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            yield template, template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next


def _template_place(error: BaseException) -> Location | None:
    """Return the innermost line of a template file that ``error`` came through."""
    place = None
    for template, line in _frames(error.__traceback__):
        if template.name is not None:
            place = Location(str(template.filename), line)
            if isinstance(error, RecursionError):
                break
    return place


def _pointed(problem: Problem, scalar: Scalar, spots: Spots) -> Problem:
    """Return ``problem`` pointing at the name it speaks of, or at the expression."""
    offset, length = _offset(problem, scalar.text)
    place = spots.within(scalar, offset, length)
    return Problem(problem.code, problem.message, place, problem.hint, problem.notes, problem.severity)


def _offset(problem: Problem, text: str) -> tuple[int, int]:
    """Return where in ``text`` the trouble is, and how long it is."""
    name = re.search(r"'(\w+)'", problem.message)
    if name and problem.code == "undefined-variable":
        found = re.search(rf"(?<![\w'\"]){re.escape(name[1])}\b", text)
        if found:
            return found.start(), len(name[1])
    mark = re.search(r"\{\{.*?\}\}|\{[{%#]", text)
    return (mark.start(), mark.end() - mark.start()) if mark else (0, max(1, len(text.partition("\n")[0])))
