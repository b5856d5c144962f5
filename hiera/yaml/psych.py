"""What a plain scalar means to Psych, Ruby's reader of YAML 1.1, and so in Puppet's Hiera data."""

from __future__ import annotations

import re
from typing import Final

from hiera.values import Value

_NAMED: Final[dict[str, Value]] = {
    "~": None,
    "null": None,
    **dict.fromkeys(("yes", "true", "on"), True),
    **dict.fromkeys(("no", "false", "off"), False),
}
_TEXT: Final = re.compile(r"^[^\d.:-]?[^\W\d]+|^[^\d.:-]?[\s!@#$%^&*(){}<>|/\\~;=]+", re.MULTILINE | re.ASCII)
_INFINITY: Final = re.compile(r"([+-]?)\.inf", re.IGNORECASE)
_TIME: Final = re.compile(
    r"-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?", re.ASCII
)
_DATE: Final = re.compile(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)", re.ASCII)
_SIXTY: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}(\.[0-9_]*)?")
_FLOAT: Final = re.compile(r"[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][+-][0-9]+)?")
_BINARY: Final = re.compile(r"[-+]?0b[01_,]+")
_OCTAL: Final = re.compile(r"[-+]?0[0-7_,]+")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)")
_HEXADECIMAL: Final = re.compile(r"[-+]?0x[0-9a-fA-F_,]+")
_BASES: Final = ((_DECIMAL, 10), (_BINARY, 2), (_OCTAL, 8), (_HEXADECIMAL, 16))
_LONGEST: Final = 4000


class UnreadableScalarError(ValueError):
    """A scalar that makes Puppet refuse the whole file; the argument says what it is taken for."""


def psych(text: str) -> Value:
    """Return the value of the plain scalar ``text``. Raises ``UnreadableScalarError`` for dates, times and symbols."""
    if not text:
        return None
    if _TEXT.match(text) or "\n" in text:
        return _NAMED.get(text.lower(), text) if len(text) <= 5 else text
    first = text[0]
    if first == ":" and len(text) > 1:
        raise UnreadableScalarError("a symbol")
    if first not in "+-.0123456789" or len(text) > _LONGEST:
        return text
    if _TIME.fullmatch(text):
        raise UnreadableScalarError("a time")
    if _DATE.fullmatch(text) and _is_date(text):
        raise UnreadableScalarError("a date")
    return _number(text)


def _is_date(text: str) -> bool:
    """Say whether the calendar has the day ``text``; one it lacks stays text."""
    import datetime as dt  # noqa: PLC0415  few files hold what looks like a date

    year, month, day = (int(part) for part in text.split("-"))
    try:
        dt.date(year or 1, month, day)
    except ValueError:
        return False
    return True


def _number(text: str) -> Value:
    """Return the number that ``text`` is, or ``text``."""
    infinity = _INFINITY.fullmatch(text)
    if infinity:
        return float(f"{infinity[1]}inf")
    if text.lower() == ".nan":
        return float("nan")
    if _SIXTY.fullmatch(text):
        return _sixty(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    for pattern, base in _BASES:
        if pattern.fullmatch(text):
            return _integer(text, base)
    return text


def _float(text: str) -> Value:
    """Return ``text`` as a float, or ``text`` if it has only a point or an exponent."""
    try:
        return float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return text


def _integer(text: str, base: int) -> Value:
    """Return ``text`` as an integer of ``base``, or ``text`` if only separators follow the prefix."""
    digits = text.replace(",", "").replace("_", "")
    try:
        return int(digits, base)
    except ValueError:
        return text


def _sixty(text: str) -> Value:
    """Return a number written as hours, minutes and seconds, the first part always hours, as Psych counts."""
    number = float if "." in text else int
    total = 0
    for place, part in enumerate(text.replace("_", "").split(":")):
        total += number(part) * 60 ** abs(place - 2)
    return total
