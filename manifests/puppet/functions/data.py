"""Lookups of data in the scope that asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from hiera.errors import DataError
from hiera.supplied import NOTHING, Supplied
from hiera.types import Type
from hiera.values import MISSING, Secret, Value
from manifests.puppet.evaluator.variables import ScopeVariables
from manifests.puppet.functions.base import Invocation

_OPTIONS: Final = frozenset({"value_type", "default_value", "override", "default_values_hash", "merge"})


class _Wish(msgspec.Struct, frozen=True):
    """What one call of ``lookup`` asks for."""

    names: list[str]
    kind: Type | None = None
    merge: Value = None
    default: Value = MISSING
    override: Mapping[str, Value] = {}
    fallback: Mapping[str, Value] = {}


def asked(call: Invocation, key: str, merge: Value = None, supplied: Supplied = NOTHING) -> Value:
    """Return the data for ``key``, or ``MISSING``. Raises ``DataError``, located at the call if nowhere else."""
    try:
        return call.compilation.data.lookup(key, ScopeVariables(call.scope), merge, supplied)
    except DataError as error:
        place = call.place
        raise DataError(
            *(one if one.location or place is None else msgspec.structs.replace(one, location=place)
              for one in error.problems)
        ) from None  # fmt: skip


def lookup(call: Invocation, *arguments: Value) -> Value:
    """Return the data for a key or the first of several, of a type, merged; else the block's answer or the default."""
    wish = _wish(call, arguments)
    supplied = Supplied(wish.override, wish.fallback)
    for name in wish.names:
        value = wish.override.get(name, MISSING)
        value = asked(call, name, wish.merge, supplied) if value is MISSING else value
        if value is not MISSING:
            return _typed(call, value, wish.kind, "found")
    for name in wish.names:
        if name in wish.fallback:
            return _typed(call, wish.fallback[name], wish.kind, "default")
    if call.block is not None:
        key = wish.names[0] if len(wish.names) == 1 else wish.names
        return _typed(call, call.block(key), wish.kind, "default")
    if wish.default is MISSING:
        stands = call.compilation.data.stand_in(wish.names[0], wish.kind) if wish.names else MISSING
        if stands is not MISSING:
            return stands
        raise _missing(call, wish.names)
    return _typed(call, wish.default, wish.kind, "default")


def _wish(call: Invocation, arguments: tuple[Value, ...]) -> _Wish:
    """Return what is asked for, in whichever of the forms of ``lookup``. Raises ``DataError``."""
    key, *rest = [one.reveal() if isinstance(one, Secret) and at == 0 else one for at, one in enumerate(arguments)]
    if isinstance(key, dict) and not rest and "name" in key:
        return _named(call, key["name"], {name: value for name, value in key.items() if name != "name"})
    if len(rest) == 1 and isinstance(rest[0], dict):
        return _named(call, key, rest[0])
    if len(rest) > 3:
        raise call.wrong(f"expects at most 4 arguments, got {len(arguments)}")
    kind: Value = rest[0] if rest else None
    merge: Value = rest[1] if len(rest) > 1 else None
    default: Value = rest[2] if len(rest) > 2 else MISSING
    return _Wish(_names(call, key), _kind(call, kind), _merge(call, merge), default)


def _named(call: Invocation, key: Value, options: Mapping[str, Value]) -> _Wish:
    """Return what a hash of options asks for. Raises ``DataError``."""
    strange = sorted(str(name) for name in options if name not in _OPTIONS)
    if strange:
        raise call.wrong(f"does not know the option '{strange[0]}'")
    return _Wish(
        _names(call, key),
        _kind(call, options.get("value_type")),
        _merge(call, options.get("merge")),
        options.get("default_value", MISSING),
        _table(call, "override", options.get("override")),
        _table(call, "default_values_hash", options.get("default_values_hash")),
    )


def _names(call: Invocation, key: Value) -> list[str]:
    names = key if isinstance(key, list | tuple) else [key]
    if not all(isinstance(name, str) for name in names):
        raise call.wrong("expects a key: a String, or an Array of them")
    return list(names)


def _kind(call: Invocation, kind: Value) -> Type | None:
    if kind is None or isinstance(kind, Type):
        return kind
    raise call.wrong("expects a data type as its second argument")


def _merge(call: Invocation, merge: Value) -> Value:
    if merge is None or isinstance(merge, dict) or (isinstance(merge, str) and merge):
        return merge
    raise call.wrong("expects the name of a merge, or a hash that describes one")


def _table(call: Invocation, name: str, given: Value) -> Mapping[str, Value]:
    if given is None or isinstance(given, dict):
        return given or {}
    raise call.wrong(f"expects a hash as its option '{name}'")


def _typed(call: Invocation, value: Value, kind: Type | None, which: str) -> Value:
    """Return ``value`` if it is of the type that is asked for. Raises ``DataError``."""
    mismatch = None if kind is None else kind.check(value)
    if mismatch is None:
        return value
    raise call.fault("lookup-type", f"{which} value has wrong type, {mismatch.describe()}")


def _missing(call: Invocation, names: list[str]) -> DataError:
    """Return the error that no key has a value."""
    wanted = f"the name '{names[0]}'" if len(names) == 1 else f"any of the names [{', '.join(map(repr, names))}]"
    return call.fault("missing-key", f"'{call.name}' did not find a value for {wanted}")


def searched(call: Invocation, key: str, default: Value, merge: str) -> Value:
    """Return the data for ``key`` as the functions of old ask for it. Raises ``DataError``."""
    value = asked(call, key, merge)
    if value is not MISSING:
        return value
    if call.block is not None:
        return call.block(key)
    if default is MISSING:
        raise _missing(call, [key])
    return default


def _old(merge: str) -> Callable[..., Value]:
    """Return one of the functions of old, whose data is merged by ``merge``."""

    def ask(call: Invocation, key: str, default: Value = MISSING, override: Value = None) -> Value:
        """Return the data for a key, or the default."""
        del override
        return searched(call, key, default, merge)

    return ask


hiera = _old("first")
hiera_array = _old("unique")
hiera_hash = _old("hash")
