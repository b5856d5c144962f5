"""Data types as the compiler uses them: parsed once, looked into, and their mismatches in words."""

from __future__ import annotations

from functools import lru_cache

from hiera.secrets.placeholders import could_be, is_placeholder
from hiera.types import Type, parse
from hiera.types.containers import ArrayType, HashType, StructType, TupleType
from hiera.values import Value


@lru_cache(maxsize=2048)
def type_of(notation: str) -> Type:
    """Return the data type that ``notation`` means. Raises ``DataError`` if it means none."""
    return parse(notation)


def mismatch(kind: Type, value: Value) -> str | None:
    """Return what is wrong with ``value`` in words, None if it is of the type ``kind`` or a placeholder for such."""
    found = kind.check(value)
    if found is not None and is_placeholder(value) and could_be(kind):
        return None
    return None if found is None else str(found).replace("\n", ";")


def element_type(kind: Type | None, place: str | int) -> Type | None:
    """Return the type that ``kind`` wants for an item (a number) or a key (a text), None if it does not say."""
    if kind is None:
        return None
    kind = kind.resolved()
    for part in kind.spread() or (kind,):
        found = _element(part.resolved(), place)
        if found is not None:
            return found
    return None


def _element(kind: Type, place: str | int) -> Type | None:
    """Return the element type of a type that is no union."""
    if isinstance(place, int):
        if isinstance(kind, ArrayType):
            return kind.item
        return kind.at(place) if isinstance(kind, TupleType) else None
    if isinstance(kind, HashType):
        return kind.value
    if isinstance(kind, StructType):
        member = kind.get(place)
        return member.value if member is not None else None
    return element_type(kind, place) if kind.spread() else None
