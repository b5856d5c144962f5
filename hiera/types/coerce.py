"""Plain YAML scalars of manifests: they keep their source text, and the declared type decides what it means."""

from __future__ import annotations

import re
from functools import lru_cache

from hiera.errors import DataError
from hiera.types import scalars, wrappers
from hiera.types.base import Type
from hiera.types.convert import convert
from hiera.types.data import DEFAULT, Regexp, Sensitive
from hiera.values import MISSING, Value

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_CORE_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TEXTS = (scalars.StringType, scalars.EnumType, scalars.PatternType)


def coerce_scalar(kind: Type, text: str) -> Value:
    """Return the value that the plain scalar ``text`` is where ``kind`` is declared, or ``MISSING`` if it is none.

    A text type keeps the source (``0644``, ``1.10``); Boolean knows yes, no, on and off; of alternatives the first
    that fits counts, in the order enumerations and patterns, Boolean, Integer, Float, String, all others.
    """
    kind = kind.resolved()
    if isinstance(kind, _TEXTS):
        return text if kind.accepts(text) else MISSING
    if text in _NULL and kind.accepts(None):
        return None
    if isinstance(kind, wrappers.VariantType | wrappers.OptionalType):
        return _first(kind, text)
    if isinstance(kind, scalars.BooleanType):
        return _accepted(kind, _WORDS.get(text.lower(), MISSING))
    if isinstance(kind, scalars.IntegerType):
        return _accepted(kind, _integer(text))
    if isinstance(kind, scalars.FloatType):
        return _accepted(kind, _float(text))
    return _other(kind, text)


def core(text: str) -> Value:
    """Return what the plain scalar ``text`` is in YAML's core schema (1.2, section 10.3.2)."""
    if text in _NULL:
        return None
    word = _CORE_WORDS.get(text)
    if word is not None:
        return word
    if text[0].isalpha():
        return text
    for read in (_integer, _float):
        value = read(text)
        if value is not MISSING:
            return value
    return text


def _accepted(kind: Type, value: Value) -> Value:
    return value if value is not MISSING and kind.accepts(value) else MISSING


def _integer(text: str) -> Value:
    """Return the whole number that ``text`` is, or ``MISSING``."""
    if not _INTEGER.fullmatch(text):
        return MISSING
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _float(text: str) -> Value:
    """Return the number that ``text`` is as a floating point number, or ``MISSING``."""
    if _FLOAT.fullmatch(text):
        return float(text)
    found = _SPECIAL.fullmatch(text)
    return MISSING if found is None else float(text.replace(".", ""))


def _first(kind: Type, text: str) -> Value:
    """Return what the first alternative that fits makes of ``text``.

    A number that would not be written so (``05``, ``1.10``) is one only if no text is allowed.
    """
    fallback: Value = MISSING
    for member in _alternatives(kind):
        value = coerce_scalar(member, text)
        if value is MISSING:
            continue
        if type(value) not in {int, float} or str(value) == text:
            return value
        fallback = value if fallback is MISSING else fallback
    return fallback


@lru_cache(maxsize=1024)
def _alternatives(kind: Type) -> tuple[Type, ...]:
    """Return the alternatives of ``kind``, nested ones taken apart, in the order in which they are tried."""
    flat: list[Type] = []
    todo = [kind]
    while todo:
        one = todo.pop(0).resolved()
        if isinstance(one, wrappers.VariantType):
            todo[:0] = one.members
        elif isinstance(one, wrappers.OptionalType):
            todo.insert(0, one.inner)
        else:
            flat.append(one)
    return tuple(sorted(flat, key=_rank))


def _rank(kind: Type) -> int:
    """Return the place of ``kind`` among alternatives."""
    order: dict[type[Type], int] = {
        scalars.EnumType: 0, scalars.PatternType: 0, scalars.BooleanType: 1, scalars.IntegerType: 2,
        scalars.FloatType: 3, scalars.StringType: 5,
    }  # fmt: skip
    return 4 if kind == scalars.NUMERIC else order.get(type(kind), 6)


def _other(kind: Type, text: str) -> Value:
    """Return what the rarer types make of ``text``."""
    if kind == scalars.ANY:
        return core(text)
    if isinstance(kind, wrappers.NotUndefType):
        value = coerce_scalar(kind.inner, text)
        return MISSING if value is None else value
    if isinstance(kind, wrappers.SensitiveType):
        value = coerce_scalar(kind.inner, text)
        return value if value is MISSING else Sensitive(value)
    if kind == scalars.DEFAULT_TYPE:
        return DEFAULT if text == "default" else MISSING
    if isinstance(kind, scalars.RegexpType):
        slashed = len(text) > 1 and text.startswith("/") and text.endswith("/")
        return _accepted(kind, Regexp(text[1:-1])) if slashed else MISSING
    if isinstance(kind, scalars.SemVerType | scalars.TimeType) or kind in {scalars.SEMVER_RANGE, scalars.URI}:
        return _converted(kind, text)
    return _accepted(kind, core(text))


def _converted(kind: Type, text: str) -> Value:
    try:
        return convert(kind, text)
    except DataError:
        return MISSING
