"""When a cron job runs: five fields or a special word, in the one form that a state has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

SPECIALS: Final = frozenset({"reboot", "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"})
FIELDS: Final = ("minute", "hour", "monthday", "month", "weekday")
_RANGES: Final = {"minute": (0, 59), "hour": (0, 23), "monthday": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM: Final = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


def canonical(attributes: Mapping[str, Any]) -> str:
    """Return ``*/5 3 * * *`` or ``@daily`` for the attributes of a job. Raises ``ValueError`` with the reason."""
    whole = attributes.get("schedule")
    special = attributes.get("special")
    fields = [name for name in FIELDS if attributes.get(name) is not None]
    if special in {None, "absent"}:
        special = None
    if sum(map(bool, (whole, special, fields))) > 1:
        raise ValueError("'schedule', 'special' and single fields exclude each other")
    if whole is not None and len(str(whole).split()) == 1:
        special = str(whole)
    if special is not None:
        word = str(special).removeprefix("@").lower()
        if word not in SPECIALS:
            raise ValueError(f"'{special}' is no schedule; known words are {', '.join(sorted(SPECIALS))}")
        return f"@{word}"
    texts = [_text(attributes.get(name)) for name in FIELDS] if whole is None else str(whole).split()
    if len(texts) != len(FIELDS):
        raise ValueError(f"'{whole}' has {len(texts)} fields instead of five")
    return " ".join(_field(name, text) for name, text in zip(FIELDS, texts, strict=True))


def _text(value: Any) -> str:
    """Return one field as the manifest gives it: nothing, a number, a text, or a list of them."""
    if value is None or value == "absent":
        return "*"
    return ",".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _field(name: str, text: str) -> str:
    """Return one field in lower case without leading zeros. Raises ``ValueError``."""
    return ",".join(_item(name, item.strip().lower()) for item in text.split(","))


def _item(name: str, text: str) -> str:
    """Return one item of a field: ``*``, ``5``, ``1-5``, each with ``/2`` behind it if wanted."""
    parsed = _ITEM.fullmatch(text)
    if parsed is None or (parsed[1] == "*" and parsed[2]) or parsed[3] == "0":
        raise ValueError(f"'{text}' is no {name}")
    first = parsed[1] if parsed[1] == "*" else _number(name, parsed[1])
    last = f"-{_number(name, parsed[2])}" if parsed[2] else ""
    step = f"/{int(parsed[3])}" if parsed[3] else ""
    return first + last + step


def _number(name: str, text: str) -> str:
    """Return a number or a name of a day or month as crontab(5) has it. Raises ``ValueError``."""
    low, high = _RANGES[name]
    words = {"month": _MONTHS, "weekday": _DAYS}.get(name, ())
    if text[:3] in words and not text.isdecimal():
        return text[:3]
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"'{text}' is no {name}, which goes from {low} to {high}")
    return str(int(text))
