"""Lengths of time under Puppet's formats (``%D-%H:%M:%S.%-N``), read and written."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import msgspec

_SECOND: Final = 10**9
_UNITS: Final = {"D": 86400 * _SECOND, "H": 3600 * _SECOND, "M": 60 * _SECOND, "S": _SECOND, "L": 10**6, "N": 1}
_LIMITS: Final = {"D": 0, "H": 24, "M": 60, "S": 60, "L": 1000, "N": _SECOND}
_WIDTHS: Final = {"D": 1, "H": 2, "M": 2, "S": 2, "L": 3, "N": 9}
_DIRECTIVE: Final = re.compile(r"%([-_]?)(\d*)([DHMSLN%])|%([^%]?)")


class Segment(msgspec.Struct, frozen=True):
    """One part of a format: a text as it is, or a unit with how it is filled up."""

    unit: str = ""
    fill: str = "0"
    width: int | None = None
    whole: bool = False
    text: str = ""

    @property
    def digits(self) -> int:
        """Return the width that was given, or the usual one of the unit."""
        return _WIDTHS[self.unit] if self.width is None else self.width

    def pattern(self) -> str:
        """Return the expression for what stands here in a text that is read."""
        if not self.unit:
            return f"({re.escape(self.text)})"
        if self.width is not None:
            return f"([0-9]{{{'1,' if not self.fill else ''}{self.width}}})" if self.fill != " " else (
                f"([0-9\\s]{{{self.width}}})"
            )  # fmt: skip
        if self.fill == " ":
            return r"\s*([0-9]+)" if self.whole else rf"([0-9\s]{{1,{self.digits}}})"
        return "([0-9]+)" if self.whole else rf"([0-9]{{1,{self.digits}}})"

    def nanoseconds(self, digits: str) -> int:
        """Return what ``digits`` mean here. Raises ``ValueError`` for a fraction of nothing."""
        if self.unit not in {"L", "N"}:
            return int(digits) * _UNITS[self.unit]
        if self.whole:
            raise ValueError("%L and %N are fractions of a second: the format needs a larger unit beside them")
        return int(digits.ljust(9, "0"))

    def written(self, nanoseconds: int) -> str:
        """Return the part of the length ``nanoseconds`` that stands here."""
        if not self.unit:
            return self.text
        number = self._number(nanoseconds)
        if self.unit in {"L", "N"}:
            if not self.whole and self.fill != "0" and number:
                number = int(str(number).rstrip("0"))
            return str(number).ljust(self.digits if self.fill else 0)
        text = str(number)
        return text.rjust(self.digits, self.fill) if self.fill else text

    def _number(self, nanoseconds: int) -> int:
        unit, limit = _UNITS[self.unit], _LIMITS[self.unit]
        if self.unit == "N" and self.digits < 9:
            unit, limit = 10 ** (9 - self.digits), 10**self.digits
        number = nanoseconds // unit
        return number if self.whole or not limit else number % limit


@cache
def segments(form: str) -> tuple[Segment, ...]:
    """Return the parts of a format. Raises ``ValueError``."""
    found: list[Segment] = []
    at = 0
    for mark in _DIRECTIVE.finditer(form):
        if mark.start() > at:
            found.append(Segment(text=form[at : mark.start()]))
        at = mark.end()
        if mark[3] is None:
            end = len(form) - 1 if at == len(form) and not mark[4] else at - 1
            wrong = form[mark.start() : end]
            raise ValueError(f"Bad format specifier '{wrong}' in '{form}', at position {end}")
        if mark[3] == "%":
            found.append(Segment(text="%"))
            continue
        digits = mark[2].removeprefix("0") if not mark[1] else mark[2]
        fill = {"-": "", "_": " ", "": "0"}[mark[1]]
        found.append(Segment(mark[3], fill, int(digits) if digits else None))
    if at < len(form):
        found.append(Segment(text=form[at:]))
    return tuple(_with_the_greatest(found))


def _with_the_greatest(found: list[Segment]) -> list[Segment]:
    """Return the parts; the first of the greatest unit takes all that there is of it and above."""
    greatest = next((unit for unit in _UNITS if any(part.unit == unit for part in found)), None)
    for index, part in enumerate(found):
        if greatest is not None and part.unit == greatest:
            found[index] = msgspec.structs.replace(part, whole=True)
            break
    return found


def written(nanoseconds: int, form: str) -> str:
    """Return a length of time as text under ``form``. Raises ``ValueError`` for a bad format."""
    length = abs(nanoseconds)
    return ("-" if nanoseconds < 0 else "") + "".join(part.written(length) for part in segments(form))


def read(text: str, form: str) -> int | None:
    """Return the nanoseconds that ``text`` says under ``form``, None if it does not fit. Raises ``ValueError``."""
    parts = segments(form)
    found = re.fullmatch("-?" + "".join(part.pattern() for part in parts), text)
    if found is None:
        return None
    total = 0
    for part, group in zip(parts, found.groups(), strict=True):
        if part.unit:
            if not group.strip().isdigit():
                return None
            total += part.nanoseconds(group.lstrip())
    return -total if text.startswith("-") else total
