"""``sprintf`` with Ruby's directives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from hiera.ruby_text import ruby_inspect, ruby_text
from hiera.types.convert import integer as to_integer
from hiera.types.convert import numeric as to_number
from hiera.types.numbers import Directive, floating, integer
from hiera.values import Value

_DIRECTIVE = re.compile(
    r"%(?:(?P<percent>%)|(?P<at>\d+\$)?(?P<flags>[-+ #0*]*)(?:<(?P<name>\w+)>(?P<more>[-+ #0]*))?(?P<width>\d*)"
    r"(?:\.(?P<precision>\d+|\*)?)?(?:<(?P<late>\w+)>)?(?P<letter>[a-zA-Z])"
    r"|(?P<around>[-+ #0]*\d*(?:\.\d+)?)\{(?P<key>\w+)\})"
)
_WIDEST = 100_000


def sprintf(form: str, *values: Value) -> str:
    """Return ``form`` with its directives (``%s``, ``%05d``, ``%<name>s``, ``%{name}``) filled from ``values``."""
    filler = _Filler(values)
    return _DIRECTIVE.sub(filler.fill, form)


class _Filler:
    """Fills the directives of one call, in order."""

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values
        self.rest: Iterator[Value] = iter(values)

    def next(self) -> Value:
        """Return the next value. Raises ``ValueError`` when there is none."""
        try:
            return next(self.rest)
        except StopIteration:
            raise ValueError("too few arguments") from None

    def named(self, name: str) -> Value:
        """Return the value ``name`` of the mapping that was given. Raises ``ValueError``."""
        if len(self.values) != 1 or not isinstance(self.values[0], dict):
            raise ValueError("one hash required")
        if name not in self.values[0]:
            raise ValueError(f"key<{name}> not found")
        return self.values[0][name]

    def fill(self, found: re.Match[str]) -> str:
        """Return the text for one directive."""
        if found["percent"]:
            return "%"
        if found["key"]:
            given = re.search(r"[1-9]\d*", found["around"])
            whole = Directive("s", found["around"], _bounded(int(given[0]) if given else 0))
            return whole.pad(ruby_text(self.named(found["key"])))
        flags, width = found["flags"] + (found["more"] or ""), int(found["width"] or 0)
        if "*" in flags:
            width = int(self.next())
            flags, width = flags + ("-" if width < 0 else ""), abs(width)
        precision = self._precision(found)
        return _one(self._value(found), Directive(found["letter"], flags, _bounded(width), precision))

    def _value(self, found: re.Match[str]) -> Value:
        """Return the value for a directive: by its name, by its place, or the next. Raises ``ValueError``."""
        name = found["name"] or found["late"]
        if name:
            return self.named(name)
        if not found["at"]:
            return self.next()
        place = int(found["at"][:-1])
        if not 0 < place <= len(self.values):
            raise ValueError("too few arguments")
        return self.values[place - 1]

    def _precision(self, found: re.Match[str]) -> int | None:
        if found["precision"] == "*":
            return _bounded(int(self.next()))
        if found["precision"] is not None:
            return _bounded(int(found["precision"]))
        return 0 if re.search(r"\.[a-zA-Z<]", found[0]) else None


def _bounded(width: int) -> int:
    """Return a width or precision. Raises ``ValueError`` if it is beyond use."""
    if width > _WIDEST:
        raise ValueError(f"the width {width} is too big")
    return width


def _one(value: Value, directive: Directive) -> str:
    """Return ``value`` under one directive. Raises ``ValueError``."""
    letter = directive.letter
    if letter in "diuxXobB":
        return integer(_whole(value), directive)
    if letter in "feEgGaA":
        number = to_number(value) if not isinstance(value, bool) else None
        if number is None:
            raise ValueError(f"can't convert {ruby_text(value)} into Float")
        return floating(float(number), directive)
    if letter in "sp":
        shown = ruby_inspect(value) if letter == "p" else ruby_text(value)
        return directive.pad(shown if directive.precision is None else shown[: directive.precision])
    if letter == "c":
        shown = chr(value) if isinstance(value, int) else ruby_text(value)
        if len(shown) != 1:
            raise ValueError("%c requires a character")
        return directive.pad(shown)
    raise ValueError(f"malformed format string - %{letter}")


def _whole(value: Value) -> int:
    """Return ``value`` as a whole number the way Ruby's ``Integer()`` reads it. Raises ``ValueError``."""
    if isinstance(value, float):
        return math.floor(value)
    if value is None or isinstance(value, bool | list | dict):
        raise ValueError(f"can't convert {ruby_inspect(value)} into Integer")
    return to_integer(value.replace("_", "") if isinstance(value, str) else value)
