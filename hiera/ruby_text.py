"""How Ruby writes values into a text, which is what Puppet's interpolation shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hiera.values import Value

_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\x1b": "\\e",
    "\x07": "\\a",
    "\b": "\\b",
    "\v": "\\v",
    "\f": "\\f",
}
_SPECIAL: Final = re.compile(r'["\\\x00-\x1f\x7f-\x84\x86-\x9f\u2028\u2029]|#(?=[{$@])')


def ruby_text(value: Value) -> str:
    """Return ``value`` as Ruby's ``to_s`` writes it; nothing for nil, the inspected form for hashes and arrays."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float | Mapping | list | tuple):
        return ruby_inspect(value)
    from hiera.types.data import Regexp  # noqa: PLC0415  data alone holds no such values

    return f"(?-mix:{value.source})" if isinstance(value, Regexp) else str(value)


def ruby_inspect(value: Value) -> str:
    """Return ``value`` as Ruby's ``inspect`` writes it."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + _SPECIAL.sub(_escaped, value) + '"'
    if isinstance(value, float):
        return ruby_float(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{ruby_inspect(key)}=>{ruby_inspect(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(ruby_inspect, value)) + "]"
    return str(value)


def _escaped(match: re.Match[str]) -> str:
    """Return the escape for one special character."""
    char = match[0]
    return "\\#" if char == "#" else _ESCAPES.get(char, f"\\u{ord(char):04X}")


def ruby_float(value: float) -> str:
    """Return a float as Ruby's ``to_s`` writes it."""
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[text]
    mantissa, exponent, power = text.partition("e")
    if not exponent:
        whole, _, fraction = text.lstrip("-").partition(".")
        if len(whole) < 16 or fraction != "0":
            return text
        digits = whole.rstrip("0")  # Ruby writes no zeros to reach the point beyond the 15 digits that a float has
        return f"{'-' * (value < 0)}{digits[0]}.{digits[1:] or '0'}e+{len(whole) - 1}"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{power}"
