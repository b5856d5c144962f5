"""Values as Ruby writes them, for functions that promise Ruby's text."""

from __future__ import annotations

import json

from hiera.types.data import Regexp
from hiera.types.numbers import plain_float
from hiera.values import Value


def text(value: Value) -> str:
    """Return ``value`` as Ruby's ``to_s``; undef is the empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Regexp):
        return f"(?-mix:{value.source})"
    return inspect(value) if isinstance(value, bool | int | float | list | tuple | dict) else str(value)


def inspect(value: Value) -> str:
    """Return ``value`` as Ruby's ``inspect``."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("#{", "\\#{").replace("\\u001b", "\\e")
    if isinstance(value, float):
        return plain_float(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inspect, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inspect(key)}=>{inspect(item)}" for key, item in value.items()) + "}"
    return str(value)
