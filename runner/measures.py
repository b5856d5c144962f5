"""How people write times, sizes and budgets (``4h``, ``64MiB``, ``20%``), read and written back."""

from __future__ import annotations

import re
import time
from typing import Final

from hiera.values import Value

_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES: Final = {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?|B)?", re.IGNORECASE)


def duration(value: Value) -> float:
    """Return the seconds that ``90s``, ``1h30m``, ``2d`` or a bare number stand for. Raises ``ValueError``."""
    text = _text(value)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError("is not a duration; write it as '90s', '5m', '4h' or '2d'")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def size(value: Value) -> int:
    """Return the bytes that ``64MiB``, ``512K`` or a bare number stand for (powers of 1024). Raises ``ValueError``."""
    found = _SIZE.fullmatch(_text(value))
    if not found:
        raise ValueError("is not a size; write it as '512KiB', '64MiB' or '1GiB'")
    return int(float(found[1]) * _BYTES[(found[2] or "").upper()])


def budget(value: Value) -> int | str:
    """Return a number of things, or a percentage as its text (``20%``). Raises ``ValueError``."""
    text = _text(value)
    if re.fullmatch(r"\d+", text):
        return int(text)
    if re.fullmatch(r"\d{1,3}%", text) and int(text[:-1]) <= 100:
        return text
    raise ValueError("is neither a number nor a percentage; write it as '10' or '20%'")


def span(seconds: float) -> str:
    """Return ``seconds`` as people say them: ``42 min``, ``3 h``, ``2 days``."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


def clock(at: float, now: float | None = None) -> str:
    """Return the local time of ``at``: ``14:02`` today, ``03-09 14:02`` this year, else the whole date."""
    moment, today = time.localtime(at), time.localtime(time.time() if now is None else now)
    if moment[:3] == today[:3]:
        return time.strftime("%H:%M", moment)
    return time.strftime("%m-%d %H:%M" if moment.tm_year == today.tm_year else "%Y-%m-%d %H:%M", moment)


def _text(value: Value) -> str:
    """Return a scalar as it was written. Raises ``ValueError`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a single value")  # noqa: TRY004  one exception for all wrong input
    return str(value).strip()
