"""Lengths of time and moments out of text and numbers."""

from __future__ import annotations

import re
from datetime import timedelta, timezone

from hiera.types import moment_formats, spans
from hiera.types.data import DEFAULT, Timespan, Timestamp
from hiera.values import Value

SPAN_FORMATS = (
    "%D-%H:%M:%S.%-N", "%H:%M:%S.%-N", "%M:%S.%-N", "%S.%-N", "%D-%H:%M:%S", "%H:%M:%S", "%D-%H:%M", "%S",
)  # fmt: skip
MOMENT_FORMATS = (
    "%FT%T.%N %Z", "%FT%T %Z", "%F %T.%N %Z", "%F %T %Z", "%F %Z", "%FT%T.%N", "%FT%T", "%F %T.%N", "%F %T", "%F",
)  # fmt: skip
_SECOND = 10**9
_NAMES = {
    "days": 86400 * _SECOND, "hours": 3600 * _SECOND, "minutes": 60 * _SECOND, "seconds": _SECOND,
    "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1,
}  # fmt: skip
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1,
          "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9}  # fmt: skip


def timespan(*arguments: Value) -> Timespan:
    """Return the length of time that seconds, a text, a mapping, or days to nanoseconds in turn say."""
    first = arguments[0]
    if isinstance(first, Timespan):
        return first
    if isinstance(first, dict) and "string" in first:
        return timespan(first["string"], first.get("format", SPAN_FORMATS))
    if isinstance(first, dict):
        if unknown := set(first) - {*_NAMES, "negative"}:
            raise ValueError(f"unrecognized key '{min(map(str, unknown))}'")
        _numbers(tuple(number for name, number in first.items() if name in _NAMES))
        total = sum(_NAMES.get(name, 0) * number for name, number in first.items())
        return Timespan(-total if first.get("negative") else total)
    if isinstance(first, str):
        formats = arguments[1] if len(arguments) > 1 else SPAN_FORMATS
        return _read_span(first, (formats,) if isinstance(formats, str) else tuple(formats))
    _numbers(arguments)
    if len(arguments) > 1:
        return Timespan(sum(unit * number for unit, number in zip(_NAMES.values(), arguments, strict=False)))
    return Timespan(round(first * _SECOND) if isinstance(first, float) else first * _SECOND)


def _numbers(values: tuple[Value, ...]) -> None:
    """Raise ``ValueError`` unless all ``values`` are numbers."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise ValueError("a Timespan is made of a text or of numbers")


def _read_span(text: str, formats: tuple[str, ...]) -> Timespan:
    for form in formats:
        try:
            found = spans.read(text, form)
        except ValueError:
            if len(formats) == 1:
                raise
            continue
        if found is not None:
            return Timespan(found)
    raise _unreadable(text, formats)


def _unreadable(text: str, formats: tuple[str, ...]) -> ValueError:
    if len(formats) == 1:
        return ValueError(f"Unable to parse '{text}' using format '{formats[0]}'")
    return ValueError(f"Unable to parse '{text}' using any of the formats {', '.join(formats)}")


def timestamp(*arguments: Value) -> Timestamp:
    """Return the moment that seconds since 1970 or a text say; without an argument the present one."""
    if not arguments:
        import time  # noqa: PLC0415  only the present needs a clock

        return Timestamp(time.time_ns())
    first = arguments[0]
    if isinstance(first, Timestamp):
        return first
    if isinstance(first, int | float) and not isinstance(first, bool):
        return Timestamp(round(first * _SECOND))
    if isinstance(first, dict) and "string" in first:
        return timestamp(first["string"], first.get("format", DEFAULT), first.get("timezone", ""))
    if not isinstance(first, str):
        raise ValueError("a Timestamp is made of a text or a number")  # noqa: TRY004  the author's mistake, not ours
    formats = arguments[1] if len(arguments) > 1 and arguments[1] is not DEFAULT else MOMENT_FORMATS
    zone = arguments[2] if len(arguments) > 2 and arguments[2] is not DEFAULT else ""
    return _read_moment(first, (formats,) if isinstance(formats, str) else tuple(formats), zone)


def _read_moment(text: str, formats: tuple[str, ...], zone: str) -> Timestamp:
    for form in formats:
        try:
            moment = _moment(text, form, zone)
        except ValueError:
            if len(formats) == 1:
                raise
            continue
        if moment is not None:
            return moment
    raise _unreadable(text, formats)


def _moment(text: str, form: str, zone: str) -> Timestamp | None:
    """Return the moment that ``text`` says under ``form``, or None if it does not fit."""
    found = moment_formats.read(text, form)
    if found is None:
        return None
    if zone and found[1] is not None:
        raise ValueError(
            "Using a Timezone designator in format specification is mutually exclusive to providing an explicit "
            "timezone argument"
        )
    return Timestamp(found[0] - moment_formats.offset(zone_of(found[1] or zone or "UTC")))


def zone_of(name: str) -> timezone:
    """Return the zone that an abbreviation or an offset (``+02:00``) names. Raises ``ValueError``."""
    found = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)", name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if name.upper() not in _ZONES:
        raise ValueError(f"Illegal timezone '{name}'")
    return timezone(timedelta(hours=_ZONES[name.upper()]))
