"""Moments read under a format of Ruby's ``strptime``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final

_SECOND: Final = 10**9
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    "(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_DAY: Final = "(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?"
_ZONE: Final = r"(?P<zone>(?:gmt|utc)?[-+]\d+(?::?\d+)*|[a-z][a-z .]*?)"
_SHORT: Final = {
    "F": "%Y-%m-%d", "T": "%H:%M:%S", "X": "%H:%M:%S", "r": "%I:%M:%S %p", "R": "%H:%M", "D": "%m/%d/%y",
    "x": "%m/%d/%y", "c": "%a %b %e %H:%M:%S %Y", "v": "%e-%b-%Y", "+": "%a %b %e %H:%M:%S %Z %Y",
}  # fmt: skip
_FIELDS: Final = {
    "Y": r"(?P<Y>[-+]?\d{YEAR})", "y": r"(?P<y>\d\d)", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d> ?\d{1,2})",
    "H": r"(?P<H> ?\d{1,2})", "I": r"(?P<I> ?\d{1,2})", "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})",
    "N": r"(?P<N>\d+)", "j": r"\d{1,3}", "p": r"(?P<p>[ap]\.?m\.?)", "b": _MONTH, "a": _DAY, "z": _ZONE,
    "C": r"\d{2}", "u": r"\d", "w": r"\d", "U": r"\d{1,2}", "V": r"\d{1,2}", "W": r"\d{1,2}", "G": r"\d{4}",
    "g": r"\d\d", "s": r"-?\d+", "Q": r"-?\d+", "n": r"\s*", "t": r"\s*",
}  # fmt: skip
_SAME: Final = {"e": "d", "k": "H", "l": "I", "P": "p", "h": "b", "B": "b", "A": "a", "L": "N", "Z": "z"}
_DIRECTIVE: Final = re.compile(r"%(?:%|[-_0^#]?:{0,2}\d*([A-Za-z+]))|\s+")


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """Return the expression for a format. A field that is named twice keeps its first value."""
    for _ in range(2):
        form = re.sub(r"%([FTXrRDxcv+])", lambda found: _SHORT[found[1]], form)
    parts: list[str] = []
    named: set[str] = set()
    at = 0
    for mark in _DIRECTIVE.finditer(form):
        parts.append(re.escape(form[at : mark.start()]))
        at = mark.end()
        if mark[0] == "%%":
            parts.append("%")
        elif mark[1] is None:
            parts.append(r"\s*")
        else:
            letter = _SAME.get(mark[1], mark[1])
            field = _FIELDS.get(letter, re.escape(mark[0]))
            parts.append(re.sub(r"\?P<\w+>", "?:", field) if letter in named else field)
            named.add(letter)
            follows = form[at : at + 1].isdigit() or form[at : at + 1] == "%"
            parts[-1] = parts[-1].replace("{YEAR}", "{4}" if follows else "+")
    parts.append(re.escape(form[at:]))
    return re.compile("".join(parts), re.IGNORECASE)


def read(text: str, form: str) -> tuple[int, str | None] | None:
    """Return the nanoseconds since 1970 and the zone that ``text`` says under ``form``, None if it does not fit.

    The moment is still that of UTC. Raises ``ValueError`` for one without a year.
    """
    found = _pattern(form).fullmatch(text)
    if found is None:
        return None
    given = {name: value.strip() for name, value in found.groupdict().items() if value is not None}
    if "Y" not in given and "y" not in given:
        raise ValueError(f"'{text}' says no year under the format '{form}'")
    year = int(given["Y"]) if "Y" in given else int(given["y"]) + (2000 if int(given["y"]) < 69 else 1900)
    month = _MONTHS.index(given["mon"][:3].lower()) + 1 if "mon" in given else int(given.get("m", 1))
    try:
        moment = datetime(year, month, int(given.get("d", 1)), _hour(given), int(given.get("M", 0)), tzinfo=UTC)
    except ValueError:
        return None
    seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)) + int(given.get("S", 0))
    fraction = int(given["N"].ljust(9, "0")[:9]) if "N" in given else 0
    return seconds * _SECOND + fraction, given.get("zone")


def _hour(given: dict[str, str]) -> int:
    """Return the hour of the day, whichever clock tells it."""
    hour = int(given.get("H", given.get("I", 0)))
    if "p" in given:
        hour = hour % 12 + (12 if given["p"][0].lower() == "p" else 0)
    return hour


def offset(zone: timezone) -> int:
    """Return how many nanoseconds ``zone`` is ahead of UTC."""
    return int(zone.utcoffset(None).total_seconds()) * _SECOND
