"""Types made of other types, and types of things that are no data."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import ClassVar

import msgspec

from hiera.types.base import Guard, Type, quoted
from hiera.types.containers import ArrayType, CollectionType, HashType, StructType, TupleType, size_of
from hiera.types.data import Sensitive
from hiera.types.scalars import ANY, UNDEF, EnumType, IntegerType, Kind, StringType
from hiera.values import Secret, Value

_EXPANDING: ContextVar[tuple[AliasType, ...] | None] = ContextVar("_EXPANDING", default=None)
"""The aliases that are just being written with what they stand for; None where aliases are only named."""


def _inner(kind: Type) -> str:
    """Return a contained type as the notation shows it: one text stands for itself."""
    return quoted(kind.value) if isinstance(kind, StringType) and kind.value is not None else str(kind)


class VariantType(Type, frozen=True):
    """Instances of any of some types."""

    members: tuple[Type, ...] = ()
    name: ClassVar[str] = "Variant"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        for member in self.members:  # noqa: SIM110  a generator costs twice as much here
            if member.accepts(value):
                return True
        return False

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return any(member.assignable(other, guard) for member in self.members)

    def assignable(self, other: Type, guard: Guard = frozenset()) -> bool:
        """See :class:`Type`."""
        return other in self.members or super().assignable(other, guard)

    def spread(self) -> tuple[Type, ...] | None:
        """See :class:`Type`."""
        return self.members

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return variant(*(member.generalized() for member in self.members))

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [str(member) for member in self.members]


def variant(*members: Type) -> Type:
    """Return the union of ``members``: a single one stands for itself, one that occurs twice counts once."""
    kinds = tuple(dict.fromkeys(members))
    return kinds[0] if len(kinds) == 1 else VariantType(kinds)


class OptionalType(Type, frozen=True):
    """Instances of a type, and undef; without a type undef alone."""

    inner: Type = UNDEF
    name: ClassVar[str] = "Optional"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return value is None or self.inner.accepts(value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return other == UNDEF or self.inner.assignable(other, guard)

    def spread(self) -> tuple[Type, ...] | None:
        """See :class:`Type`."""
        return UNDEF, self.inner

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return OptionalType(self.inner.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.inner == UNDEF else [_inner(self.inner)]


class NotUndefType(Type, frozen=True):
    """Instances of a type other than undef."""

    inner: Type = ANY
    name: ClassVar[str] = "NotUndef"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if isinstance(value, Secret):
            return value.reveal() is not None and self.inner.is_instance(value)
        return value is not None and self.inner.accepts(value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, NotUndefType):
            return self.inner.assignable(other.inner, guard)
        return not other.assignable(UNDEF) and self.inner.assignable(other, guard)

    def spread(self) -> tuple[Type, ...] | None:
        """See :class:`Type`."""
        return None if self.inner.assignable(UNDEF) else (self.inner,)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return NotUndefType(self.inner.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.inner == ANY else [_inner(self.inner)]


class SensitiveType(Type, frozen=True):
    """Values of the language that are wrapped in ``Sensitive``."""

    inner: Type = ANY
    name: ClassVar[str] = "Sensitive"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`; data that is secret is as good as wrapped, since ``convert_to`` made it so."""
        if isinstance(value, Secret):
            return self.inner == ANY or self.inner.is_instance(value)
        if not isinstance(value, Sensitive):
            return False
        return self.inner == ANY or self.inner.generalized().is_instance(value.value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, SensitiveType) and self.inner.assignable(other.inner, guard)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return SensitiveType(self.inner.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.inner == ANY else [str(self.inner)]


class TypeType(Type, frozen=True):
    """Types, or those assignable to one."""

    inner: Type = ANY
    name: ClassVar[str] = "Type"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, Type) and self.inner.assignable(value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, TypeType) and self.inner.assignable(other.inner, guard)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return TypeType(self.inner.generalized())

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.inner == ANY else [str(self.inner)]


class IterableType(Type, frozen=True):
    """What can be gone through: lists, mappings, text by character, whole numbers, enumerations."""

    inner: Type = ANY
    label: str = "Iterable"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        from hiera.types.inference import infer  # noqa: PLC0415  the modules know each other

        if isinstance(value, Iterated):
            return self.takes(value.type, frozenset())
        if isinstance(value, Secret) or not isinstance(value, list | tuple | dict | str | int | Type):
            return False
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            return False
        return self.takes(infer(value), frozenset())

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, IterableType):
            return self.label in {"Iterable", other.label} and self.inner.assignable(other.inner, guard)
        if self.label == "Iterator":
            return False
        size = size_of(other)
        if size is not None and size[1] == 0:
            return True
        item = _item_of(other)
        return item is not None and self.inner.assignable(item, guard)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return IterableType(self.inner.generalized(), self.label)

    def __str__(self) -> str:
        return self.label if self.inner == ANY else f"{self.label}[{self.inner}]"


class Iterated(msgspec.Struct, frozen=True):
    """What is gone through later: what ``step`` and ``reverse_each`` answer; no list, and equal only to itself."""

    items: list[Value]
    type: IterableType

    @classmethod
    def of(cls, items: list[Value], source: Value) -> Iterated:
        """Return ``items``, which come of going through ``source``."""
        from hiera.types.inference import infer  # noqa: PLC0415  the modules know each other

        if isinstance(source, Iterated):
            return cls(items, source.type)
        kind = infer(source)
        item = kind.inner if isinstance(kind, TypeType) else _item_of(kind)
        return cls(items, IterableType(item or ANY, "Iterator"))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        from hiera.types.inference import reduced  # noqa: PLC0415  the modules know each other

        return f"{IterableType(reduced(self.type.inner).generalized(), 'Iterator')}-Value"


def _item_of(kind: Type) -> Type | None:
    """Return the type of what going through an instance of ``kind`` gives, or None if it cannot be gone through."""
    if isinstance(kind, ArrayType):
        return kind.item
    if isinstance(kind, TupleType):
        return variant(*kind.items) if kind.items else ANY
    if isinstance(kind, HashType):
        return TupleType((kind.key, kind.value))
    if isinstance(kind, StructType):
        return TupleType((StringType(), variant(*(m.value for m in kind.members)) if kind.members else ANY))
    if isinstance(kind, StringType | EnumType):
        return StringType(1, 1)
    if isinstance(kind, IntegerType):
        return IntegerType(0)
    if isinstance(kind, TypeType):
        bounded = isinstance(kind.inner, IntegerType) and None not in {kind.inner.low, kind.inner.high}
        return kind.inner if bounded or isinstance(kind.inner, EnumType) else None
    return ANY if isinstance(kind, CollectionType) else None


class CallableType(Type, frozen=True):
    """Functions and lambdas; how many arguments they take is not compared."""

    text: tuple[str, ...] = ()
    name: ClassVar[str] = "Callable"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return callable(value) and not isinstance(value, Type)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, CallableType) and self.text in {(), other.text}

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return CallableType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return list(self.text)


class InitType(Type, frozen=True):
    """Values from which an instance of a type can be made."""

    inner: Type = ANY
    extra: tuple[Value, ...] = ()
    name: ClassVar[str] = "Init"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if self.inner == ANY or self.inner.is_instance(value):
            return True
        from hiera.errors import DataError  # noqa: PLC0415  few types need it
        from hiera.types.convert import convert  # noqa: PLC0415  the modules know each other

        try:
            convert(self.inner, value, *self.extra)
        except DataError:
            return False
        return True

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return self.inner == ANY or self.inner.assignable(other, guard) or self == other

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.inner == ANY else [str(self.inner), *(str(item) for item in self.extra)]


class ResourceType(Type, frozen=True):
    """References to resources: ``Resource``, ``File``, ``File['/etc/motd']``; ``kind`` is lower case."""

    kind: str = ""
    title: str = ""
    blank: bool = False  # the title is the empty text, rather than none
    name: ClassVar[str] = "Resource"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return False  # a reference in the language is a type itself: it is an instance of Type[File]

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not isinstance(other, ResourceType):
            return False
        return self.kind in {"", other.kind} and self.title in {"", other.title}

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return ResourceType(self.kind)

    def __str__(self) -> str:
        kind = "::".join(part.capitalize() for part in self.kind.split("::")) or "Resource"
        return f"{kind}[{quoted(self.title)}]" if self.title else kind


class ClassType(Type, frozen=True):
    """References to classes: ``Class``, ``Class[nginx]``."""

    title: str = ""
    name: ClassVar[str] = "Class"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return False  # as with resources

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, ClassType) and self.title in {"", other.title}

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return ClassType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [self.title] if self.title else []


class AliasType(Type, frozen=True, eq=False):
    """A named type; what it stands for is read when first needed, so that it may name itself."""

    alias: str
    read: Callable[[], Type]
    target: list[Type] = msgspec.field(default_factory=list)

    def resolved(self) -> Type:
        """Return what the alias stands for. Raises ``TypeSyntaxError`` if that cannot be read or is only itself."""
        if not self.target:
            self.target.append(_without(self.read(), self).resolved())
        return self.target[0]

    def ready(self) -> bool:
        """Say whether what the alias stands for has been read."""
        return bool(self.target)

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return (self.target[0] if self.target else self.resolved()).accepts(value)

    def assignable(self, other: Type, guard: Guard = frozenset()) -> bool:
        """See :class:`Type`."""
        if self == other or (self, other) in guard:
            return True
        return self.resolved().assignable(other, guard | {(self, other)})

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return self.resolved().takes(other, guard)

    def spread(self) -> tuple[Type, ...] | None:
        """See :class:`Type`."""
        return (self.resolved(),)

    def __str__(self) -> str:
        around = _EXPANDING.get()
        if around is None or self in around or self.alias in {"Data", "RichData"}:
            return self.alias
        before = _EXPANDING.set((*around, self))
        try:
            return f"{self.alias} = {self.resolved()}"
        finally:
            _EXPANDING.reset(before)

    def expanded(self) -> str:
        """Return the alias with what it stands for, as error messages show it."""
        return expanded(self)


def expanded(kind: Type) -> str:
    """Return the notation of ``kind``; every alias in it says what it stands for, but not once more inside of that."""
    before = _EXPANDING.set(())
    try:
        return str(kind)
    finally:
        _EXPANDING.reset(before)


def _parts(member: Type, alias: AliasType) -> tuple[Type, ...]:
    """Return ``member`` of a union; another alias for a union with ``alias`` as the rest of that union."""
    if member == alias:
        return ()
    if isinstance(member, AliasType) and member.ready():
        target = member.resolved()
        if isinstance(target, VariantType) and alias in target.members:
            return tuple(part for part in target.members if part != alias)
    return (member,)


def _without(kind: Type, alias: AliasType) -> Type:
    """Return ``kind`` without ``alias`` as an alternative to itself, which adds nothing and would never end."""
    if kind == alias:
        from hiera.types.notation import TypeSyntaxError  # noqa: PLC0415  only an error pays for it

        raise TypeSyntaxError(f"the type alias {alias} stands only for itself", alias.alias, 0)
    if isinstance(kind, VariantType):
        kept = tuple(dict.fromkeys(part for member in kind.members for part in _parts(member, alias)))
        return variant(*kept) if kept else _without(alias, alias)
    if isinstance(kind, OptionalType):
        return UNDEF if kind.inner == alias else kind
    return kind


CATALOG_ENTRY = Kind((), (ResourceType, ClassType), "CatalogEntry")
