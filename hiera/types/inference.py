"""What type a value has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import TypeVar

from hiera.types import containers, scalars, wrappers
from hiera.types.base import Type
from hiera.types.data import (
    DEFAULT,
    Binary,
    Deferred,
    Regexp,
    SemVer,
    SemVerRange,
    Sensitive,
    Timespan,
    Timestamp,
    Uri,
)
from hiera.values import Secret, Value

_Number = TypeVar("_Number", int, float)


def infer(value: Value) -> Type:
    """Return the narrowest type of ``value``; of a secret only what kind of value it is."""
    if isinstance(value, str):
        return scalars.string_of(value)
    if isinstance(value, bool):
        return scalars.BooleanType(value)
    if isinstance(value, int):
        return scalars.IntegerType(value, value)
    if value is None:
        return scalars.UNDEF
    if isinstance(value, list | tuple):
        return containers.TupleType(tuple(map(infer, value))) if value else containers.ArrayType(scalars.ANY, 0, 0)
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, float):
        return scalars.FloatType(value, value)
    return _rich(value)


def _mapping(value: dict[Value, Value]) -> Type:
    """Return the type of a mapping: a Struct if every key is a text."""
    if not value:
        return containers.HashType(scalars.ANY, scalars.ANY, 0, 0)
    if all(isinstance(key, str) and key for key in value):
        return containers.StructType(tuple(containers.Member(key, infer(item)) for key, item in value.items()))
    keys = wrappers.variant(*map(infer, value))
    return containers.HashType(keys, wrappers.variant(*map(infer, value.values())), len(value), len(value))


def _rich(value: Value) -> Type:
    """Return the type of a value that JSON does not know."""
    if isinstance(value, Secret):
        return _of_secret(value.reveal())
    if isinstance(value, Sensitive):
        return wrappers.SensitiveType(infer(value.value).generalized())
    if isinstance(value, wrappers.ResourceType | wrappers.ClassType | Type):
        return wrappers.TypeType(value)
    if isinstance(value, Regexp):
        return scalars.RegexpType(value.source)
    if isinstance(value, Timespan | Timestamp):
        return scalars.TimeType(type(value), value, value)
    plain: dict[type, Type] = {
        type(DEFAULT): scalars.DEFAULT_TYPE, Binary: scalars.BINARY, SemVerRange: scalars.SEMVER_RANGE,
        Uri: scalars.URI, Deferred: scalars.DEFERRED, SemVer: scalars.SemVerType(),
    }  # fmt: skip
    own = getattr(value, "type", None)
    if isinstance(own, Type):
        return own
    return plain.get(type(value)) or (wrappers.CallableType() if callable(value) else scalars.ANY)


def _of_secret(value: Value) -> Type:
    """Return what may be told of the type of a secret: nothing of its contents, its size or its keys."""
    if isinstance(value, dict):
        return containers.HASH
    return containers.ARRAY if isinstance(value, list | tuple) else infer(value).generalized()


def reduced(kind: Type) -> Type:
    """Return ``kind`` with tuples and structs made arrays and hashes of the common type of what is in them."""
    if isinstance(kind, containers.TupleType):
        count = len(kind.items)
        return containers.ArrayType(common(map(reduced, kind.items)), *(kind.size() if count else (0, 0)))
    if isinstance(kind, containers.StructType):
        keys = common(scalars.string_of(member.key) for member in kind)
        return containers.HashType(keys, common(reduced(m.value) for m in kind), kind.required, len(kind.members))
    if isinstance(kind, containers.HashType) and isinstance(kind.key, wrappers.VariantType):
        return containers.HashType(
            common(_members(kind.key)), common(map(reduced, _members(kind.value))), kind.low, kind.high
        )
    return kind


def _members(kind: Type) -> tuple[Type, ...]:
    return kind.members if isinstance(kind, wrappers.VariantType) else (kind,)


def common(kinds: Iterable[Type]) -> Type:
    """Return the narrowest type that inference knows for all of ``kinds``."""
    return reduce(_pair, kinds)


def _pair(first: Type, second: Type) -> Type:
    """Return the common type of two."""
    if first.assignable(second):
        return first
    if second.assignable(first):
        return second
    merged = _merged(first, second)
    if merged is not None:
        return merged
    for wide in (scalars.NUMERIC, scalars.SCALAR_DATA, scalars.SCALAR):
        if wide.assignable(first) and wide.assignable(second):
            return wide
    from hiera.types.construct import parse  # noqa: PLC0415  the modules know each other

    for name in ("Data", "RichData"):
        if parse(name).assignable(first) and parse(name).assignable(second):
            return parse(name)
    return scalars.ANY


def _merged(first: Type, second: Type) -> Type | None:
    """Return the common type of two types of the same kind, or None."""
    if isinstance(first, scalars.StringType) and isinstance(second, scalars.StringType):
        if first.value is not None and second.value is not None:
            return scalars.EnumType((first.value, second.value))
        return scalars.STRING
    if isinstance(first, scalars.EnumType) and isinstance(second, scalars.StringType) and second.value is not None:
        return scalars.EnumType((*first.values, second.value))
    if isinstance(first, scalars.IntegerType) and isinstance(second, scalars.IntegerType):
        return scalars.IntegerType(_low(first.low, second.low), _high(first.high, second.high))
    if isinstance(first, scalars.FloatType) and isinstance(second, scalars.FloatType):
        return scalars.FloatType(_low(first.low, second.low), _high(first.high, second.high))
    if isinstance(first, scalars.BooleanType) and isinstance(second, scalars.BooleanType):
        return scalars.BOOLEAN
    if isinstance(first, containers.ArrayType) and isinstance(second, containers.ArrayType):
        return containers.ArrayType(_pair(first.item, second.item))
    if isinstance(first, containers.HashType) and isinstance(second, containers.HashType):
        return containers.HashType(_pair(first.key, second.key), _pair(first.value, second.value))
    return None


def _low(first: _Number | None, second: _Number | None) -> _Number | None:
    return None if first is None or second is None else min(first, second)


def _high(first: _Number | None, second: _Number | None) -> _Number | None:
    return None if first is None or second is None else max(first, second)
