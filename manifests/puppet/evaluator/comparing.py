"""Equality, order, matching and membership, as Puppet means them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hiera.types import DEFAULT, Binary, Regexp, SemVer, SemVerRange, Timespan, Timestamp, Type
from hiera.types.wrappers import VariantType
from hiera.values import Secret, Value, holds_secret, revealed

if TYPE_CHECKING:
    from manifests.puppet.evaluator.scope import Scope


def folded(text: str) -> str:
    """Return ``text`` as it is compared: ASCII letters small, as in Ruby's ``casecmp``."""
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), text)


def is_number(value: Value) -> bool:
    """Say whether ``value`` is a number, which a boolean is not."""
    kind = value.__class__
    return kind is int or kind is float


def equal(first: Value, second: Value) -> bool:
    """Say whether two values are equal: texts in any case, 1 and 1.0 alike, but never a text and a number."""
    if first.__class__ is str:
        if second.__class__ is str:
            return bool(first == second) or folded(first) == folded(second)
        return isinstance(second, Secret) and equal(first, second.reveal())
    if first.__class__ is Secret or second.__class__ is Secret:
        return equal(revealed(first), revealed(second))
    if is_number(first):
        return is_number(second) and bool(first == second)
    if isinstance(first, list | tuple):
        return isinstance(second, list | tuple) and len(first) == len(second) and all(map(equal, first, second))
    if isinstance(first, dict):
        return isinstance(second, dict) and len(first) == len(second) and _same_entries(first, second)
    if isinstance(first, Type) and isinstance(second, Type):
        return _same_types(first.resolved(), second.resolved())
    if isinstance(first, Timespan | Timestamp) and is_number(second):
        return bool(first.nanoseconds == second * 10**9)
    if isinstance(first, str) and isinstance(second, str):
        return folded(first) == folded(second)
    return type(first) is type(second) and bool(first == second)


def _same_types(first: Type, second: Type) -> bool:
    """Say whether two types are the same; the order of alternatives does not matter."""
    if isinstance(first, VariantType) and isinstance(second, VariantType):
        return set(first.members) == set(second.members)
    return bool(first == second)


def _same_entries(first: dict[Value, Value], second: dict[Value, Value]) -> bool:
    return all(equal(second.get(key), item) for key, item in first.items())


def compared(first: Value, second: Value) -> int:
    """Return a negative number, 0 or a positive one as ``first`` is before, beside or after ``second``.

    Raises ``ValueError`` for values that have no order.
    """
    first, second = revealed(first), revealed(second)
    if isinstance(first, str):
        if not isinstance(second, str):
            raise ValueError("A String is not comparable to a non String")  # noqa: TRY004  the author's mistake
        return _sign(folded(first), folded(second))
    if is_number(first):
        if isinstance(second, Timespan | Timestamp):
            return _sign(first * 10**9, second.nanoseconds)
        if not is_number(second):
            raise ValueError("A Numeric is not comparable to non Numeric")
        return _sign(first, second)
    return _compared_rich(first, second)


def _compared_rich(first: Value, second: Value) -> int:
    if isinstance(first, Timespan | Timestamp):
        if is_number(second):
            return _sign(first.nanoseconds, second * 10**9)
        if type(first) is type(second):
            return _sign(first.nanoseconds, second.nanoseconds)
        name = f"{type(first).__name__}s"
        raise ValueError(f"{name} are only comparable to {name}, Integers, and Floats")
    if isinstance(first, SemVer):
        if not isinstance(second, SemVer):
            raise ValueError("Versions not comparable to non Versions")  # noqa: TRY004  the author's mistake
        return _sign(first, second)
    raise ValueError("Only Strings, Numbers, Timespans, Timestamps, and Versions are comparable")


def _sign(first: Value, second: Value) -> int:
    return -1 if first < second else int(first > second)


def matches(value: Value, option: Value, scope: Scope | None) -> bool:
    """Say whether ``value`` matches ``option`` of a case or selector; a regular expression sets ``$0`` and on."""
    kind = option.__class__
    if kind is str:
        return equal(value, option)
    if kind is Regexp:
        return _searched(option, value, scope)
    if isinstance(option, Type):
        return option.is_instance(value)
    if value.__class__ is Secret:
        value = value.reveal()
    if isinstance(option, list | tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(option)
            and all(matches(item, wanted, scope) for item, wanted in zip(value, option, strict=True))
        )
    if isinstance(option, dict):
        return isinstance(value, dict) and all(matches(value.get(key), wanted, scope) for key, wanted in option.items())
    return True if option is DEFAULT else _versions(value, option)


def _versions(value: Value, option: Value) -> bool:
    """Say whether ``value`` is the version, or lies in the range, that ``option`` is; else whether they are equal."""
    if isinstance(option, SemVer | SemVerRange) and isinstance(value, str):
        try:
            value = SemVer.of(value)
        except ValueError:
            return False
    if isinstance(option, SemVerRange):
        return isinstance(value, SemVer) and option.includes(value)
    return equal(value, option)


def _searched(pattern: Regexp, value: Value, scope: Scope | None) -> bool:
    """Search ``value`` for ``pattern``; what was caught is the match in force."""
    secret = value.__class__ is Secret
    if secret:
        value = value.reveal()
    if not isinstance(value, str):
        return False
    found = pattern.compiled.search(value)
    if found is None:
        return False
    if scope is not None:
        scope.caught(found, secret=secret)
    return True


def included(whole: Value, part: Value, scope: Scope | None) -> bool:
    """Say whether ``part`` is in ``whole``: in a text, among the items of a list or the keys of a hash."""
    secret = holds_secret(whole)
    if secret or holds_secret(part):
        whole, part = revealed(whole), revealed(part)
    if isinstance(whole, str):
        if isinstance(part, str):
            return part.lower() in whole.lower()
        return isinstance(part, Regexp) and _searched(part, Secret(whole) if secret else whole, scope)
    if isinstance(whole, dict):
        return included(list(whole), part, scope)
    if isinstance(whole, list | tuple):
        return _among(whole, part, scope)
    if isinstance(whole, SemVerRange):
        return _versions(part, whole)
    return isinstance(whole, Binary) and _in_bytes(whole.data, part)


def _among(items: Value, part: Value, scope: Scope | None) -> bool:
    """Say whether ``part`` is one of ``items``, or matches one where it is a pattern or a type."""
    if isinstance(part, Regexp):
        return any(_searched(part, item, scope) for item in items)
    if isinstance(part, Type):
        return any(part.is_instance(item) for item in items)
    if isinstance(part, str | SemVer):
        return any(matches(part, item, scope) for item in items)
    return any(equal(item, part) for item in items)


def _in_bytes(data: bytes, part: Value) -> bool:
    if isinstance(part, Binary):
        return part.data in data
    if isinstance(part, str):
        return part.encode() in data
    return part.__class__ is int and 0 <= part < 256 and part in data
