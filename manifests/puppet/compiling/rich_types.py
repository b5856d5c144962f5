"""Data types as values of a catalog: Puppet's hashes of their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.types import Type, containers, scalars, wrappers

_TYPE: Final = "__ptype"


def as_data(kind: Type) -> dict[str, Any]:
    """Return ``kind`` as plain data."""
    of = _PARTS.get(type(kind))
    name = f"Pcore::{str(kind).partition('[')[0]}Type"
    parts = of(kind) if of is not None else {}
    return {_TYPE: name, **{key: value for key, value in parts.items() if value is not None}}


def _range(low: float | None, high: float | None) -> dict[str, Any]:
    return {"from": low, "to": high}


def _size(low: int | None, high: int | None) -> dict[str, Any] | None:
    """Return a size in the form of its type, None for any."""
    if not low and high is None:
        return None
    return as_data(scalars.IntegerType(low, high))


def _string(kind: scalars.StringType) -> dict[str, Any]:
    return {"size_type_or_value": kind.value if kind.value is not None else _size(kind.low, kind.high)}


def _array(kind: containers.ArrayType) -> dict[str, Any]:
    return {"element_type": _unless_any(kind.item), "size_type": _size(kind.low, kind.high)}


def _hash(kind: containers.HashType) -> dict[str, Any]:
    key, value = _unless_any(kind.key), _unless_any(kind.value)
    return {"key_type": key, "value_type": value, "size_type": _size(kind.low, kind.high)}


def _unless_any(kind: Type) -> dict[str, Any] | None:
    return None if kind == scalars.ANY else as_data(kind)


def _inner(kind: Any) -> dict[str, Any]:
    return {"type": _unless_any(kind.inner)}


_PARTS: Final[dict[type[Type], Callable[[Any], dict[str, Any]]]] = {
    scalars.IntegerType: lambda kind: _range(kind.low, kind.high),
    scalars.FloatType: lambda kind: _range(kind.low, kind.high),
    scalars.StringType: _string,
    scalars.BooleanType: lambda kind: {"value": kind.value},
    scalars.EnumType: lambda kind: {"values": list(kind.values) or None, "case_insensitive": kind.caseless or None},
    scalars.RegexpType: lambda kind: {"pattern": kind.source},
    containers.ArrayType: _array,
    containers.HashType: _hash,
    containers.TupleType: lambda kind: {"types": [as_data(item) for item in kind.items] or None},
    wrappers.VariantType: lambda kind: {"types": [as_data(item) for item in kind.members] or None},
    wrappers.OptionalType: _inner,
    wrappers.NotUndefType: _inner,
    wrappers.SensitiveType: _inner,
    wrappers.TypeType: _inner,
}
