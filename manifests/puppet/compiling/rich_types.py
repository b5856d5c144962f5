"""Data types as values of a catalog: Puppet's hashes of their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.types import Binary, Regexp, Type, Uri, containers, objects, scalars, wrappers

_TYPE: Final = "__ptype"
_VALUE: Final = "__pvalue"


def as_data(kind: Type) -> dict[str, Any]:
    """Return ``kind`` as plain data."""
    if isinstance(kind, wrappers.AliasType):
        return {
            _TYPE: "Pcore::TypeAliasType", "name": kind.alias, "type_expr": None,
            "resolved_type": as_data(kind.resolved()),
        }  # fmt: skip
    of = _PARTS.get(type(kind))
    name = f"Pcore::{str(kind).partition('[')[0]}Type"
    parts = of(kind) if of is not None else {}
    name = parts.pop(_TYPE, name)
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
    size = _size(kind.low, kind.high)
    return {"element_type": as_data(kind.item) if size else _unless_any(kind.item), "size_type": size}


def _hash(kind: containers.HashType) -> dict[str, Any]:
    key, value = _unless_any(kind.key), _unless_any(kind.value)
    return {"key_type": key, "value_type": value, "size_type": _size(kind.low, kind.high)}


def _unless_any(kind: Type) -> dict[str, Any] | None:
    return None if kind == scalars.ANY else as_data(kind)


def _inner(kind: Any) -> dict[str, Any]:
    return {"type": _unless_any(kind.inner)}


def _tuple(kind: containers.TupleType) -> dict[str, Any]:
    given = kind.low is not None or kind.high is not None
    size = as_data(scalars.IntegerType(*kind.size())) if given else None
    return {"types": [as_data(item) for item in kind.items] or None, "size_type": size}


def _struct(kind: containers.StructType) -> dict[str, Any]:
    return {"elements": [_element(member) for member in kind.members] or None}


def _element(member: containers.Member) -> dict[str, Any]:
    key: Type = scalars.string_of(member.key)
    if member.optional and not member.value.assignable(scalars.UNDEF):
        key = wrappers.OptionalType(key)
    return {_TYPE: "Pcore::StructElement", "key_type": as_data(key), "value_type": as_data(member.value)}


def _pattern(kind: scalars.PatternType) -> dict[str, Any]:
    return {"patterns": [as_data(scalars.RegexpType(source)) for source in kind.sources] or None}


def _time(kind: scalars.TimeType) -> dict[str, Any]:
    ends = {"from": kind.low, "to": kind.high}
    return {key: {_TYPE: kind.of.__name__, _VALUE: str(end)} for key, end in ends.items() if end is not None}


def _semver(kind: scalars.SemVerType) -> dict[str, Any]:
    return {"ranges": [{_TYPE: "SemVerRange", _VALUE: str(one)} for one in kind.ranges] or None}


def _plain(value: Any) -> Any:
    """Return a value in the brackets of a type."""
    if isinstance(value, Type):
        return as_data(value)
    for of in (Regexp, Binary, Uri):
        if isinstance(value, of):
            return {_TYPE: of.__name__, _VALUE: str(value)}
    return value


def _uri(kind: objects.UriType) -> dict[str, Any]:
    """Return the parts of an identifier; the path and the port are of those that are not always there."""
    usual = {"http": 80, "https": 443, "ftp": 21, "ldap": 389}.get(dict(kind.parts).get("scheme", ""))
    return {name: _plain(part) for name, part in kind.parts if part not in ("", usual)}


def _reference(kind: wrappers.ResourceType) -> dict[str, Any]:
    name = "::".join(part.capitalize() for part in kind.kind.split("::")) or None
    return {_TYPE: "Pcore::ResourceType", "type_name": name, "title": kind.title or None}


def _class(kind: wrappers.ClassType) -> dict[str, Any]:
    return {_TYPE: "Pcore::ClassType", "class_name": kind.title or None}


def _runtime(kind: objects.RuntimeType) -> dict[str, Any]:
    return dict(zip(("runtime", "name_or_pattern"), kind.arguments_given, strict=False))


def _init(kind: wrappers.InitType) -> dict[str, Any]:
    return {"type": _unless_any(kind.inner), "init_args": [_plain(one) for one in kind.extra] or None}


_PARTS: Final[dict[type[Type], Callable[[Any], dict[str, Any]]]] = {
    scalars.IntegerType: lambda kind: _range(kind.low, kind.high),
    scalars.FloatType: lambda kind: _range(kind.low, kind.high),
    scalars.StringType: _string,
    scalars.EnumType: lambda kind: {"values": list(kind.values) or None, "case_insensitive": kind.caseless or None},
    scalars.RegexpType: lambda kind: {"pattern": kind.source},
    containers.ArrayType: _array,
    containers.HashType: _hash,
    containers.CollectionType: lambda kind: {"size_type": _size(kind.low, kind.high)},
    containers.TupleType: _tuple,
    containers.StructType: _struct,
    scalars.PatternType: _pattern,
    scalars.TimeType: _time,
    scalars.SemVerType: _semver,
    objects.RuntimeType: _runtime,
    objects.UriType: lambda kind: {"parameters": _uri(kind)},
    wrappers.InitType: _init,
    wrappers.IterableType: _inner,
    wrappers.ResourceType: _reference,
    wrappers.ClassType: _class,
    wrappers.VariantType: lambda kind: {"types": [as_data(item) for item in kind.members] or None},
    wrappers.OptionalType: _inner,
    wrappers.NotUndefType: _inner,
    wrappers.TypeType: _inner,
}
