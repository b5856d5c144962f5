"""Why a value is not of a type, in the words that Puppet uses for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hiera.types import containers, scalars, wrappers
from hiera.types.base import Type
from hiera.types.inference import infer
from hiera.values import Value

Path = tuple[str, ...]
_VARIANT = "variant "
_CONTAINING = (
    wrappers.OptionalType, wrappers.NotUndefType, wrappers.SensitiveType, wrappers.TypeType, wrappers.IterableType,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: ``kind`` is type, pattern, size, missing or extra; ``path`` leads to it."""

    kind: str
    path: Path
    expected: Type = scalars.ANY
    actual: Type = scalars.ANY
    key: str = ""

    def canonical(self) -> Path:
        """Return the path without the numbers of alternatives."""
        return tuple(step for step in self.path if not step.startswith(_VARIANT))

    def identity(self) -> tuple[object, ...]:
        """Return what makes two faults the same."""
        return self.kind, self.canonical(), self.expected, self.actual, self.key

    def text(self) -> str:
        """Return the fault in words, its path first."""
        words = {
            "missing": f"expects a value for key '{self.key}'",
            "extra": f"unrecognized key '{self.key}'",
        }.get(self.kind)
        if words is None:
            words = {"type": _type_words, "pattern": _pattern_words, "size": _size_words}[self.kind](self)
        return " ".join([*self.path, words])


@dataclass(frozen=True, slots=True)
class Mismatch:
    """All that is wrong with a value."""

    faults: tuple[Fault, ...]

    def describe(self, subject: str = "") -> str:
        """Return what is wrong in Puppet's words; ``subject`` names the value (``parameter 'port'``)."""
        before = f"{subject} " if subject else ""
        return "\n ".join(before + fault.text() for fault in self.faults)

    def __str__(self) -> str:
        return self.describe()


def mismatch_of(expected: Type, value: Value) -> Mismatch:
    """Return why ``value``, which is no instance of ``expected``, is none."""
    return describe_mismatch(expected, infer(value))


def faults_between(expected: Type, actual: Type) -> list[Fault]:
    """Return what can be told against instances of ``actual``: nothing, for one, where a bare Optional is expected.

    Parameters of classes and defines are refused only for what can be told, as in Puppet.
    """
    return _describe(expected, actual, ())


def describe_mismatch(expected: Type, actual: Type) -> Mismatch:
    """Return why instances of ``actual`` are no instances of ``expected``."""
    faults = faults_between(expected, actual)
    if faults:
        return Mismatch(tuple(faults))
    kind = "pattern" if isinstance(expected.resolved(), scalars.EnumType | scalars.PatternType) else "type"
    return Mismatch((Fault(kind, (), expected, actual),))


def normalized(kind: Type) -> Type:
    """Return ``kind`` with undef among alternatives made Optional, and alternatives of one kind joined."""
    if isinstance(kind, wrappers.OptionalType):
        inner = normalized(kind.inner)
        plain = isinstance(inner, wrappers.OptionalType) or inner == scalars.UNDEF
        return inner if plain else wrappers.OptionalType(inner)
    if isinstance(kind, wrappers.NotUndefType):
        inner = normalized(kind.inner)
        return wrappers.NotUndefType(inner) if inner.assignable(scalars.UNDEF) else inner
    if not isinstance(kind, wrappers.VariantType):
        return kind
    flat: list[Type] = []
    undef = False
    for member in map(normalized, kind.members):
        if isinstance(member, wrappers.OptionalType):
            undef, member = True, member.inner  # noqa: PLW2901  an Optional among alternatives is undef and the rest
        undef = undef or member == scalars.UNDEF
        flat += member.members if isinstance(member, wrappers.VariantType) else [member]
    union = _joined([member for member in flat if member != scalars.UNDEF])
    return wrappers.OptionalType(union) if undef else union


def _joined(members: list[Type]) -> Type:
    """Return the union of ``members`` with their enumerations and patterns made one each."""
    enums = [member for member in members if isinstance(member, scalars.EnumType) and not member.caseless]
    if len(enums) > 1:
        whole = scalars.EnumType(tuple(word for member in enums for word in member.values))
        members = [*(member for member in members if member not in enums), whole]
    patterns = [member for member in members if isinstance(member, scalars.PatternType)]
    if len(patterns) > 1:
        one = scalars.PatternType(tuple(source for member in patterns for source in member.sources))
        members = [*(member for member in members if member not in patterns), one]
    return wrappers.variant(*members)


def _describe(expected: Type, actual: Type, path: Path) -> list[Fault]:
    if expected == wrappers.OptionalType():  # as in Puppet nothing is wrong with any value where that stands alone
        return []
    return _inner(normalized(expected), expected, actual, path)


def _inner(expected: Type, original: Type, actual: Type, path: Path) -> list[Fault]:
    """Return what is wrong with ``actual``; ``original`` is the expected type as it was written."""
    if isinstance(expected, wrappers.VariantType):
        return _variants(expected, original, actual, path)
    if isinstance(expected, wrappers.OptionalType):
        if actual == scalars.UNDEF:
            return []
        return _inner(expected.inner, original if _is_alias(original) else expected, actual, path)
    if isinstance(expected, wrappers.AliasType):
        return _inner(normalized(expected.resolved()), expected, actual, path)
    if isinstance(expected, scalars.EnumType | scalars.PatternType):
        return [] if expected.assignable(actual) else [Fault("pattern", path, original, actual)]
    containers_of = {
        containers.StructType: _struct, containers.HashType: _hash, containers.TupleType: _tuple,
        containers.ArrayType: _array,
    }  # fmt: skip
    describe = containers_of.get(type(expected))
    if describe is not None:
        return describe(expected, original, actual, path)
    return [] if expected.assignable(actual) else [Fault("type", path, original, actual)]


def _is_alias(kind: Type) -> bool:
    return isinstance(kind, wrappers.AliasType)


def _variants(expected: wrappers.VariantType, original: Type, actual: Type, path: Path) -> list[Fault]:
    """Return what is wrong with every alternative, made one fault where they say the same."""
    members = expected.members
    if isinstance(original, wrappers.OptionalType):
        members = (scalars.UNDEF, *members)
    described: list[list[Fault]] = []
    for index, member in enumerate(members):
        faults = _describe(member, actual, (*path, f"{_VARIANT}{index}"))
        if not faults:
            return []
        described.append(faults)
    merged = _merged(described, len(path))
    if _is_alias(original) and len(merged) == 1:
        return [Fault("type", path, original, actual)]
    return merged


def _merged(described: list[list[Fault]], place: int) -> list[Fault]:
    """Return the faults of all alternatives, joined into one if each has one of the same kind at the same place."""
    faults = [fault for group in described for fault in group]
    for kinds in (("size",), ("type", "pattern")):
        alike = [fault for fault in faults if fault.kind in kinds]
        if len(alike) == len(described) and len({fault.canonical() for fault in alike}) == 1:
            faults = [_joint(alike)]
            break
    unique = list({fault.identity(): fault for fault in reversed(faults)}.values())[::-1]
    if len(unique) == 1 and place < len(unique[0].path):
        steps = unique[0].path
        return [replace(unique[0], path=steps[:place] + steps[place + 1 :])]
    return unique


def _joint(faults: list[Fault]) -> Fault:
    """Return one fault for all: the union of what was expected."""
    first = faults[0]
    if first.kind == "size":
        sizes = [fault.expected for fault in faults if isinstance(fault.expected, scalars.IntegerType)]
        highs = [size.high for size in sizes]
        high = None if None in highs else max(high for high in highs if high is not None)
        return replace(first, expected=scalars.IntegerType(min(size.low or 0 for size in sizes), high))
    members: list[Type] = []
    for fault in faults:
        kind = fault.expected
        members += kind.members if isinstance(kind, wrappers.VariantType) else [kind]
    return replace(first, expected=normalized(wrappers.variant(*members)))


def _array(expected: Type, original: Type, actual: Type, path: Path) -> list[Fault]:
    assert isinstance(expected, containers.ArrayType)
    size = containers.size_of(actual)
    if size is None or not isinstance(actual, containers.TupleType | containers.ArrayType):
        return [Fault("type", path, original, actual)]
    wrong = _size(path, (expected.low, expected.high), size)
    if wrong:
        return wrong
    if isinstance(actual, containers.ArrayType):
        return [] if expected.assignable(actual) else [Fault("type", path, original, actual)]
    return [
        fault
        for index, item in enumerate(actual.items)
        if not expected.item.assignable(item)
        for fault in _describe(expected.item, item, (*path, f"index {index}"))
    ]


def _tuple(expected: Type, original: Type, actual: Type, path: Path) -> list[Fault]:
    assert isinstance(expected, containers.TupleType)
    size = containers.size_of(actual)
    if size is None or not isinstance(actual, containers.TupleType | containers.ArrayType):
        return [Fault("type", path, original, actual)]
    wrong = _size(path, expected.size(), size)
    if wrong:
        return wrong
    if isinstance(actual, containers.ArrayType):
        pairs = [(index, actual.item) for index in range(len(expected.items))] if actual.high != 0 else []
    else:
        pairs = list(enumerate(actual.items))
    last = len(expected.items) - 1
    return [
        fault
        for index, item in pairs
        for fault in _describe(expected.at(index), item, (*path, f"index {min(index, last)}"))
    ]


def _hash(expected: Type, original: Type, actual: Type, path: Path) -> list[Fault]:
    assert isinstance(expected, containers.HashType)
    size = containers.size_of(actual)
    if size is None or not isinstance(actual, containers.StructType | containers.HashType):
        return [Fault("type", path, original, actual)]
    wrong = _size(path, (expected.low, expected.high), size)
    if wrong:
        return wrong
    if isinstance(actual, containers.HashType):
        return _whole_hash(expected, original, actual, path)
    faults: list[Fault] = []
    for member in actual:
        key = scalars.string_of(member.key)
        if not expected.key.assignable(key):
            faults += _describe(expected.key, key, (*path, f"key of entry '{member.key}'"))
        if not expected.value.assignable(member.value):
            faults += _describe(expected.value, member.value, (*path, f"entry '{member.key}'"))
    return faults


def _struct(expected: Type, original: Type, actual: Type, path: Path) -> list[Fault]:
    assert isinstance(expected, containers.StructType)
    if isinstance(actual, containers.HashType):
        wrong = _size(path, (expected.required, len(expected.members)), (actual.low, actual.high))
        return wrong or _whole_hash(expected, original, actual, path)
    if not isinstance(actual, containers.StructType):
        return [Fault("type", path, original, actual)]
    faults: list[Fault] = []
    for member in expected:
        found = actual.get(member.key)
        if found is None:
            faults += [] if member.optional else [Fault("missing", path, key=member.key)]
        elif not member.value.assignable(found.value):
            faults += _describe(member.value, found.value, (*path, f"entry '{member.key}'"))
    return faults + [Fault("extra", path, key=m.key) for m in actual if expected.get(m.key) is None]


def _whole_hash(expected: Type, original: Type, actual: containers.HashType, path: Path) -> list[Fault]:
    """Return the fault of a mapping of which only the types of all keys and of all values are known."""
    if expected.assignable(actual):
        return []
    return [Fault("type", path, original, containers.HashType(actual.key, actual.value))]


def _size(path: Path, expected: containers.Size, actual: containers.Size) -> list[Fault]:
    """Return the fault of a size that does not lie in the expected one, if so."""
    wanted, found = scalars.IntegerType(*expected), scalars.IntegerType(*actual)
    return [] if wanted.assignable(found) else [Fault("size", path, wanted, found)]


def _size_words(fault: Fault) -> str:
    return f"expects size to be {_span(fault.expected)}, got {_span(fault.actual)}"


def _span(kind: Type) -> str:
    """Return a range of sizes in words."""
    assert isinstance(kind, scalars.IntegerType)
    low, high = kind.low or 0, kind.high
    if low == high:
        return str(low)
    if low == 0:
        return "unlimited" if high is None else f"at most {high}"
    return f"at least {low}" if high is None else f"between {low} and {high}"


def _pattern_words(fault: Fault) -> str:
    kind, prefix, actual = normalized(fault.expected), "", fault.actual
    if isinstance(kind, wrappers.OptionalType):
        kind, prefix = kind.inner, "an undef value or "
    known = isinstance(actual, scalars.StringType) and actual.value is not None
    got = f"'{actual.value}'" if isinstance(actual, scalars.StringType) and known else short_name(actual)
    return f"expects {prefix}a match for {expanded(kind)}, got {got}"


def _type_words(fault: Fault) -> str:
    kind, actual, optional = fault.expected, fault.actual, False
    kind = normalized(kind)
    if isinstance(kind, wrappers.OptionalType):
        kind, optional = kind.inner, True
    kinds = kind.members if isinstance(kind, wrappers.VariantType) else (kind,)
    detailed = any(_alike(one, actual) or _default(one).assignable(actual) for one in kinds)
    if detailed:
        names, got = [expanded(one) for one in kinds], _detailed_actual(kinds, actual)
    else:
        names, got = list(dict.fromkeys(map(short_name, kinds))), short_name(actual)
    if optional:
        names.insert(0, "Undef")
    if len(names) == 1:
        article = "an" if names[0][0].lower() in "aeiouy" else "a"
        return f"expects {article} {names[0]} value, got {got}"
    listed = f"{', '.join(names[:-1])}, or {names[-1]}" if len(names) > 2 else " or ".join(names)
    return f"expects a value of type {listed}, got {got}"


def _detailed_actual(kinds: Iterable[Type], actual: Type) -> str:
    resolved = [kind.resolved() for kind in kinds]
    if any(_alike(kind, actual) for kind in resolved):
        return expanded(actual)
    general = actual.generalized()
    return expanded(actual) if any(kind.assignable(general) for kind in resolved) else simple_name(actual)


def _alike(kind: Type, actual: Type) -> bool:
    """Say whether the difference of two types lies in their arguments only."""
    if isinstance(kind, scalars.TimeType) and isinstance(actual, scalars.TimeType):
        return kind.of is actual.of
    if type(kind) is type(actual) and (not isinstance(kind, scalars.Kind) or kind == actual):
        return True
    if _is_alias(kind) or _is_alias(actual):
        return True
    if isinstance(kind, containers.StructType):
        return isinstance(actual, containers.HashType)
    return isinstance(kind, containers.TupleType) and isinstance(actual, containers.ArrayType)


def _default(kind: Type) -> Type:
    """Return the type of the same name without arguments."""
    kind = kind.resolved()
    if isinstance(kind, scalars.Kind):
        return kind
    if isinstance(kind, scalars.TimeType):
        return scalars.TimeType(kind.of)
    return wrappers.IterableType(label=kind.label) if isinstance(kind, wrappers.IterableType) else type(kind)()


def simple_name(kind: Type) -> str:
    """Return the name of ``kind`` without its arguments."""
    return kind.name if isinstance(kind, wrappers.ResourceType) else str(kind).partition("[")[0]


def short_name(kind: Type) -> str:
    """Return the name of ``kind``, with that of the type it contains where that says more."""
    if isinstance(kind, _CONTAINING) and kind.inner not in {scalars.ANY, scalars.UNDEF}:
        return f"{simple_name(kind)}[{simple_name(kind.inner)}]"
    return simple_name(kind)


def expanded(kind: Type) -> str:
    """Return the notation of ``kind``; an alias says what it stands for."""
    return wrappers.expanded(kind)
