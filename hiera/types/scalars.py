"""Types of single values: numbers, text, booleans and what else cannot be taken apart."""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import force_setattr

from hiera.types import regex
from hiera.types.base import Guard, Type, bounds, quoted, sizes, within
from hiera.types.data import DEFAULT, Binary, Deferred, Regexp, SemVer, SemVerRange, Timespan, Timestamp, Uri
from hiera.values import Value


class AnyType(Type, frozen=True):
    """Every value."""

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return True

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return True


class Kind(Type, frozen=True):
    """A type without parameters whose instances are those of Python classes."""

    classes: tuple[type, ...] = ()
    below: tuple[type[Type], ...] = ()
    label: str = ""

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, self.classes) and not (self.label == "Numeric" and isinstance(value, bool))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return self == other or isinstance(other, self.below) or other in _BELOW.get(self.label, ())

    def __str__(self) -> str:
        return self.label


class IntegerType(Type, frozen=True):
    """Whole numbers within bounds; a boolean is none."""

    low: int | None = None
    high: int | None = None
    name: ClassVar[str] = "Integer"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return (
            isinstance(value, int)
            and value is not True
            and value is not False
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
        )

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, IntegerType) and within(self.low, self.high, other.low, other.high)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return INTEGER

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return bounds(self.low, self.high)


class FloatType(Type, frozen=True):
    """Floating point numbers within bounds; whole numbers are none."""

    low: float | None = None
    high: float | None = None
    name: ClassVar[str] = "Float"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return (
            isinstance(value, float)
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
        )

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, FloatType) and within(self.low, self.high, other.low, other.high)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return FLOAT

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return bounds(self.low, self.high)


class BooleanType(Type, frozen=True):
    """True and false, or one of them."""

    value: bool | None = None
    name: ClassVar[str] = "Boolean"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, bool) and (self.value is None or value is self.value)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, BooleanType) and (self.value is None or self.value is other.value)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return BOOLEAN

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.value is None else [str(self.value).lower()]


class StringType(Type, frozen=True):
    """Text within bounds of length (in characters), or one text that inference found."""

    low: int = 0
    high: int | None = None
    value: str | None = None
    name: ClassVar[str] = "String"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, str):
            return False
        if self.value is not None:
            return value == self.value
        return len(value) >= self.low and (self.high is None or len(value) <= self.high)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, StringType):
            if self.value is not None:
                return other.value == self.value
            return within(self.low, self.high, other.low, other.high)
        if isinstance(other, EnumType):
            return (bool(other.values) or self == STRING) and all(self.accepts(value) for value in other.values)
        return isinstance(other, PatternType) and self == STRING

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return STRING

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.value is not None else sizes(self.low, self.high)


def string_of(value: str) -> StringType:
    """Return the type of exactly one text."""
    return StringType(len(value), len(value), value)


class EnumType(Type, frozen=True):
    """A choice of words; ``caseless`` ignores the case of letters."""

    values: tuple[str, ...] = ()
    caseless: bool = False
    name: ClassVar[str] = "Enum"

    def __post_init__(self) -> None:
        force_setattr(self, "values", tuple(sorted(set(self.values))))

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, str):
            return False
        return value in self.values or (self.caseless and value.lower() in map(str.lower, self.values))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not self.values:
            return isinstance(other, StringType | EnumType | PatternType)
        if isinstance(other, EnumType):
            return bool(other.values) and (self.caseless or not other.caseless) and all(map(self.accepts, other.values))
        return isinstance(other, StringType) and other.value is not None and self.accepts(other.value)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        lengths = [len(value) for value in self.values]
        return StringType(min(lengths), max(lengths)) if lengths else EnumType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [quoted(value) for value in self.values] + (["true"] if self.caseless else [])


class PatternType(Type, frozen=True):
    """Text that one of some regular expressions finds a match in."""

    sources: tuple[str, ...] = ()
    compiled: tuple[re.Pattern[str], ...] = ()
    name: ClassVar[str] = "Pattern"

    def __post_init__(self) -> None:
        force_setattr(self, "compiled", tuple(regex.compiled(source) for source in self.sources))

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, str):
            return False
        if not self.compiled:
            return True
        return any(pattern.search(value) for pattern in self.compiled)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not self.sources:
            return isinstance(other, StringType | EnumType | PatternType)
        if isinstance(other, EnumType):
            return bool(other.values) and all(map(self.accepts, other.values))
        if isinstance(other, PatternType):
            return bool(other.sources) and set(other.sources) <= set(self.sources)
        return isinstance(other, StringType) and other.value is not None and self.accepts(other.value)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return PatternType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [str(Regexp(source)) for source in self.sources]


class RegexpType(Type, frozen=True):
    """Regular expressions, or one of them."""

    source: str | None = None
    name: ClassVar[str] = "Regexp"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, Regexp) and self.source in {None, value.source}

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, RegexpType) and self.source in {None, other.source}

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return self

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [] if self.source is None else [str(Regexp(self.source))]


class SemVerType(Type, frozen=True):
    """Versions, or those within some ranges."""

    ranges: tuple[SemVerRange, ...] = ()
    name: ClassVar[str] = "SemVer"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, SemVer):
            return False
        return not self.ranges or any(part.includes(value) for part in self.ranges)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, SemVerType) and (
            not self.ranges or (bool(other.ranges) and self.ranges == other.ranges)
        )

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return SemVerType()

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [f"'{part}'" for part in self.ranges]


class TimeType(Type, frozen=True):
    """Lengths of time or moments, within bounds."""

    of: type[Timespan | Timestamp]
    low: Timespan | Timestamp | None = None
    high: Timespan | Timestamp | None = None

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, self.of) and self._covers(value.nanoseconds, value.nanoseconds)

    def _covers(self, low: int | None, high: int | None) -> bool:
        """Say whether the bounds, in nanoseconds, lie within those of the type."""
        first = None if self.low is None else self.low.nanoseconds
        return within(first, None if self.high is None else self.high.nanoseconds, low, high)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not isinstance(other, TimeType) or other.of is not self.of:
            return False
        low = None if other.low is None else other.low.nanoseconds
        return self._covers(low, None if other.high is None else other.high.nanoseconds)

    def generalized(self) -> Type:
        """See :class:`Type`."""
        return TimeType(self.of)

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        ends = [None if end is None else f"'{end}'" for end in (self.low, self.high)]
        if ends == [None, None]:
            return []
        return [ends[0] or "default"] + ([ends[1]] if ends[1] and ends[1] != ends[0] else [])

    def __str__(self) -> str:
        arguments = self.arguments()
        return self.of.__name__ + (f"[{', '.join(arguments)}]" if arguments else "")


ANY = AnyType()
INTEGER = IntegerType()
FLOAT = FloatType()
BOOLEAN = BooleanType()
STRING = StringType()
_TEXTS = (StringType, EnumType, PatternType)
UNDEF = Kind((type(None),), (), "Undef")
DEFAULT_TYPE = Kind((type(DEFAULT),), (), "Default")
NUMERIC = Kind((int, float), (IntegerType, FloatType), "Numeric")
SCALAR_DATA = Kind((str, int, float), (*_TEXTS, IntegerType, FloatType, BooleanType), "ScalarData")
SCALAR = Kind(
    (str, int, float, Regexp, SemVer, SemVerRange, Timespan, Timestamp),
    (*_TEXTS, IntegerType, FloatType, BooleanType, RegexpType, SemVerType, TimeType),
    "Scalar",
)
BINARY = Kind((Binary,), (), "Binary")
DEFERRED = Kind((Deferred,), (), "Deferred")
SEMVER_RANGE = Kind((SemVerRange,), (), "SemVerRange")
URI = Kind((Uri,), (), "URI")
_BELOW: dict[str, tuple[Type, ...]] = {"ScalarData": (NUMERIC,), "Scalar": (NUMERIC, SCALAR_DATA, SEMVER_RANGE)}
