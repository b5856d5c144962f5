"""Types of lists and mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeAlias

import msgspec
from msgspec.structs import force_setattr

from hiera.types.base import Guard, Type, quoted, sizes, within
from hiera.types.scalars import ANY, UNDEF, StringType, string_of
from hiera.values import Value

Size: TypeAlias = "tuple[int, int | None]"


def _fits(count: int, low: int, high: int | None) -> bool:
    """Say whether ``count`` items are allowed."""
    return count >= low and (high is None or count <= high)


def size_of(kind: Type) -> Size | None:
    """Return how many entries instances of the container type ``kind`` have, or None if it is no container."""
    if isinstance(kind, CollectionType | ArrayType | HashType):
        return kind.low, kind.high
    if isinstance(kind, TupleType):
        return kind.size()
    if isinstance(kind, StructType):
        return kind.required, len(kind.members)
    return None


class CollectionType(Type, frozen=True):
    """Lists and mappings with a number of entries."""

    low: int = 0
    high: int | None = None
    name: ClassVar[str] = "Collection"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, list | tuple | dict) and _fits(len(value), self.low, self.high)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        size = (len(other.members),) * 2 if isinstance(other, StructType) else size_of(other)
        return size is not None and within(self.low, self.high, *size)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return CollectionType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return sizes(self.low, self.high)


class ArrayType(Type, frozen=True):
    """Lists whose items are all of one type."""

    item: Type = ANY
    low: int = 0
    high: int | None = None
    name: ClassVar[str] = "Array"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, list | tuple) or not _fits(len(value), self.low, self.high):
            return False
        accepts = self.item.accepts
        return all(map(accepts, value))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, TupleType):
            return within(self.low, self.high, *other.size()) and all(
                self.item.assignable(t, guard) for t in other.items
            )
        if not isinstance(other, ArrayType) or not within(self.low, self.high, other.low, other.high):
            return False
        return other.high == 0 or self.item.assignable(other.item, guard)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return ArrayType(self.item.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        if self.high == 0:
            return ["0", "0"]
        size = sizes(self.low, self.high)
        return [str(self.item), *size] if size or self.item != ANY else []


class HashType(Type, frozen=True):
    """Mappings whose keys are of one type and whose values are of another."""

    key: Type = ANY
    value: Type = ANY
    low: int = 0
    high: int | None = None
    name: ClassVar[str] = "Hash"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, dict) or not _fits(len(value), self.low, self.high):
            return False
        return all(map(self.key.accepts, value)) and all(map(self.value.accepts, value.values()))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        size = size_of(other)
        if size is None or not within(self.low, self.high, *size):
            return False
        if isinstance(other, StructType):
            return all(
                self.key.assignable(string_of(m.key), guard) and self.value.assignable(m.value, guard)
                for m in other.members
            )
        if not isinstance(other, HashType):
            return False
        return other.high == 0 or (self.key.assignable(other.key, guard) and self.value.assignable(other.value, guard))

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return HashType(self.key.generalized(), self.value.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        if self.high == 0:
            return ["0", "0"]
        size = sizes(self.low, self.high)
        return [str(self.key), str(self.value), *size] if size or self.key != ANY or self.value != ANY else []


class TupleType(Type, frozen=True):
    """Lists with a type for each place; the last one repeats up to ``high`` items (None: without end)."""

    items: tuple[Type, ...] = ()
    low: int | None = None
    high: int | None = None
    name: ClassVar[str] = "Tuple"

    def size(self) -> Size:
        """Return how many items there must and may be."""
        if self.low is None:
            return (len(self.items), len(self.items)) if self.items else (0, None)
        return self.low, self.high

    def at(self, index: int) -> Type:
        """Return the type of the item at ``index``."""
        return self.items[min(index, len(self.items) - 1)] if self.items else ANY

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, list | tuple) or not _fits(len(value), *self.size()):
            return False
        return not self.items or all(self.at(index).accepts(item) for index, item in enumerate(value))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not isinstance(other, TupleType | ArrayType):
            return False
        size = size_of(other)
        if not self.items:
            return size is not None and within(*self.size(), *size)
        if size is None or not within(*self.size(), *size):
            return False
        if isinstance(other, ArrayType):
            return other.high == 0 or all(item.assignable(other.item, guard) for item in self.items)
        longest = max(len(self.items), len(other.items))
        return all(self.at(index).assignable(other.at(index), guard) for index in range(longest if other.items else 0))

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return TupleType(tuple(item.generalized() for item in self.items))

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        size = [] if self.low is None else [str(self.low), "default" if self.high is None else str(self.high)]
        if size and self.high is None:
            size.pop()
        return [*map(str, self.items), *size]


class Member(msgspec.Struct, frozen=True):
    """One key of a Struct, the type of its value, and whether it may be left out."""

    key: str
    value: Type
    optional: bool = False

    def __str__(self) -> str:
        may_be_undef = self.value.assignable(UNDEF)
        key = quoted(self.key)
        if self.optional and not may_be_undef:
            key = f"Optional[{key}]"
        elif may_be_undef and not self.optional:
            key = f"NotUndef[{key}]"
        return f"{key} => {self.value}"


class StructType(Type, frozen=True):
    """Mappings with a type for each key."""

    members: tuple[Member, ...] = ()
    required: int = 0
    keys: frozenset[str] = frozenset()
    name: ClassVar[str] = "Struct"

    def __post_init__(self) -> None:
        force_setattr(self, "required", sum(not member.optional for member in self.members))
        force_setattr(self, "keys", frozenset(member.key for member in self.members))

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def get(self, key: str) -> Member | None:
        """Return the member ``key``, or None."""
        return next((member for member in self.members if member.key == key), None)

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, dict) or len(value) < self.required:
            return False
        for member in self.members:
            if member.key in value:
                if not member.value.accepts(value[member.key]):
                    return False
            elif not member.optional:
                return False
        return len(value) <= len(self.members) and self.keys.issuperset(value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, HashType):
            return self._takes_hash(other, guard)
        if not isinstance(other, StructType):
            return False
        if any(self.get(member.key) is None for member in other):
            return False
        return all(self._takes_member(member, other.get(member.key), guard) for member in self)

    @staticmethod
    def _takes_member(mine: Member, theirs: Member | None, guard: Guard) -> bool:
        if theirs is None:
            return mine.optional
        return (mine.optional or not theirs.optional) and mine.value.assignable(theirs.value, guard)

    def _takes_hash(self, other: HashType, guard: Guard) -> bool:
        """Say whether a mapping is assignable: its size is right, and each value would be."""
        size = self.required, len(self.members)
        if not within(*size, other.low, other.high):
            return False
        return other.high == 0 or (
            isinstance(other.key, StringType | type(ANY))
            and all(member.value.assignable(other.value, guard) for member in self.members)
        )

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return StructType(tuple(Member(m.key, m.value.generalized(), m.optional) for m in self.members))

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return ["{" + ", ".join(map(str, self.members)) + "}"] if self.members else []


ARRAY = ArrayType()
HASH = HashType()
COLLECTION = CollectionType()
