"""What every data type has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from hiera.values import Secret, Value, holds_secret, revealed

if TYPE_CHECKING:
    from hiera.types.mismatch import Mismatch

Guard = frozenset[tuple["Type", "Type"]]


class Type(msgspec.Struct, frozen=True):
    """A data type: frozen, hashable, compared by what it is. ``str(type)`` is Puppet's notation."""

    name: ClassVar[str] = "Any"

    def accepts(self, value: Value) -> bool:
        """Say whether ``value`` is an instance, secrets not looked into: :meth:`is_instance` is for callers."""
        raise NotImplementedError

    def is_instance(self, value: Value) -> bool:
        """Say whether ``value`` is an instance. A secret is revealed if the answer depends on what it holds."""
        if self.accepts(value):
            return True
        if isinstance(value, Secret) or holds_secret(value):
            return self.accepts(revealed(value))
        return False

    def check(self, value: Value) -> Mismatch | None:
        """Return None if ``value`` is an instance, else what is wrong with it; no secret is echoed."""
        if self.is_instance(value):
            return None
        from hiera.types.mismatch import mismatch_of  # noqa: PLC0415  only an error pays for it

        return mismatch_of(self, value)

    def assignable(self, other: Type, guard: Guard = frozenset()) -> bool:
        """Say whether every instance of ``other`` is one of this type."""
        spread = other.spread()
        if spread is not None:
            if self == other:
                return True
            if (self, other) in guard:
                return True
            inner = guard | {(self, other)}
            return all(self.assignable(part, inner) for part in spread)
        return self.takes(other, guard)

    def takes(self, other: Type, guard: Guard) -> bool:
        """Say whether ``other``, which is no union, alias or the like, is assignable to this type."""
        raise NotImplementedError

    def spread(self) -> tuple[Type, ...] | None:
        """Return the types that this one is the union of, or None for a type that is no union."""
        return None

    def resolved(self) -> Type:
        """Return the type itself, or what an alias stands for."""
        return self

    def generalized(self) -> Type:
        """Return the type without its bounds and values."""
        return self

    def arguments(self) -> list[str]:
        """Return what stands in the brackets of the notation."""
        return []

    def __str__(self) -> str:
        arguments = self.arguments()
        return f"{self.name}[{', '.join(arguments)}]" if arguments else self.name


def bounds(low: float | None, high: float | None) -> list[str]:
    """Return a range in Puppet's notation, with nothing for an end that is open."""
    if low is None and high is None:
        return []
    first = "default" if low is None else str(low)
    return [first] if high is None else [first, str(high)]


def sizes(low: int, high: int | None) -> list[str]:
    """Return the bounds of a size in Puppet's notation; nothing for any size."""
    return bounds(low, high) if low or high is not None else []


def within(low: float | None, high: float | None, inner_low: float | None, inner_high: float | None) -> bool:
    """Say whether the inner range, whose ends may be open (None), lies in the outer one."""
    if low is not None and (inner_low is None or inner_low < low):
        return False
    return high is None or (inner_high is not None and inner_high <= high)


def quoted(text: str) -> str:
    """Return ``text`` as Puppet's source shows it: in single quotes, unless only double quotes can say it."""
    if any(char in text for char in "\n\t\r\x1b") or any(ord(char) < 32 for char in text):
        return doubly_quoted(text)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def doubly_quoted(text: str) -> str:
    """Return ``text`` as Puppet's source shows it in double quotes."""
    escapes = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "$": "\\$"}
    return '"' + "".join(escapes.get(c, c if ord(c) >= 32 else f"\\u{{{ord(c):X}}}") for c in text) + '"'
