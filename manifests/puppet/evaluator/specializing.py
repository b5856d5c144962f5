"""What stands in the brackets after a type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError
from hiera.types import (
    DEFAULT,
    ClassType,
    Regexp,
    ResourceType,
    SemVerRange,
    Timespan,
    Timestamp,
    Type,
    Uri,
    containers,
    infer,
    objects,
    scalars,
    wrappers,
)
from hiera.values import Value, revealed
from manifests.puppet import ast
from manifests.puppet.evaluator.brackets import Brackets, flat
from manifests.puppet.evaluator.failures import failure, label, placed
from manifests.puppet.evaluator.references import classes, resources

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def specialized(evaluator: Evaluator, kind: Type, keys: list[Value], node: ast.Access, scope: Scope) -> Value:
    """Return the type ``kind`` with ``keys``; of a reference to a resource with a title, its attributes."""
    make = _MAKERS.get(type(kind))
    if make is None:
        raise failure("bad-operand", f"operator '[]' is not applicable to {label(kind)}", scope, node.left)
    keys = [revealed(key) for key in keys]
    if type(kind) not in _NESTED:
        keys = flat(keys)
    try:
        return make(Brackets(evaluator, kind, keys, node, scope))
    except (ValueError, re.error) as error:
        raise failure("bad-type-argument", str(error), scope, node) from None
    except DataError as error:
        raise placed(error, scope.place(node)) from None


def _integer(given: Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"Integer-Type supports [] with one or two arguments (from, to). Got {len(given.keys)}")
    for index, key in enumerate(given.keys):
        if key.__class__ is not int and key is not DEFAULT:
            message = "Integer-Type [] requires all arguments to be integers (or default). Got "
            raise given.wrong(message + label(key).partition(" ")[2], index)
    return scalars.IntegerType(*given.ends(given.keys))


def _float(given: Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"Float-Type supports [] with one or two arguments (from, to). Got {len(given.keys)}")
    for index, key in enumerate(given.keys):
        if key.__class__ not in {int, float} and key is not DEFAULT:
            message = "Float-Type [] requires all arguments to be floats, or integers (or default). Got "
            raise given.wrong(message + label(key).partition(" ")[2], index)
    low, high = given.ends(given.keys)
    return scalars.FloatType(None if low is None else float(low), None if high is None else float(high))


def _string(given: Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"String supports [] with one or two arguments. Got {len(given.keys)}")
    return scalars.StringType(*given.size(given.keys, 0))


def _boolean(given: Brackets) -> Type:
    given.count(1, 1)
    if not isinstance(given.keys[0], bool):
        raise given.unusable(given.keys[0], "Boolean", 0)
    return scalars.BooleanType(given.keys[0])


def _enum(given: Brackets) -> Type:
    caseless = bool(given.keys) and isinstance(given.keys[-1], bool)
    words = given.keys[:-1] if caseless else given.keys
    if not words:
        given.count(1, math.inf, 0)
    return scalars.EnumType(given.texts(words), caseless and given.keys[-1])


def _pattern(given: Brackets) -> Type:
    given.count(1, math.inf)
    sources: list[str] = []
    for index, key in enumerate(given.keys):
        if isinstance(key, scalars.PatternType):
            sources += key.sources
        elif isinstance(key, str | Regexp):
            sources.append(key if isinstance(key, str) else key.source)
        elif isinstance(key, scalars.RegexpType) and key.source is not None:
            sources.append(key.source)
        else:
            raise given.unusable(key, "String or Regexp or Pattern-Type or Regexp-Type", index)
    return scalars.PatternType(tuple(sources))


def _regexp(given: Brackets) -> Type:
    given.count(1, 1)
    key = given.keys[0]
    if not isinstance(key, str | Regexp):
        raise given.unusable(key, "String or Regexp", 0)
    return scalars.RegexpType(key if isinstance(key, str) else key.source)


def _semver(given: Brackets) -> Type:
    given.count(1, math.inf)
    ranges = [SemVerRange(key) if isinstance(key, str) else key for key in given.keys]
    for index, part in enumerate(ranges):
        if not isinstance(part, SemVerRange):
            raise given.unusable(part, "String or SemVerRange", index)
        part.alternatives()
    return scalars.SemVerType(tuple(ranges))


def _time(given: Brackets) -> Type:
    from hiera.types.convert import convert  # noqa: PLC0415  few types speak of time

    given.count(0, 2)
    assert isinstance(given.kind, scalars.TimeType)
    of: type[Timespan | Timestamp] = given.kind.of
    plain = scalars.TimeType(of)
    ends = [None if key is DEFAULT else key if isinstance(key, of) else convert(plain, key) for key in given.keys]
    return scalars.TimeType(of, *ends)


def _array(given: Brackets) -> Type:
    keys = given.keys
    if not 1 <= len(keys) <= 3:
        given.count(1, 3)
    if isinstance(keys[0], Type):
        return containers.ArrayType(keys[0], *(given.size(keys[1:], 1) if keys[1:] else (0, None)))
    if len(keys) != 2:
        given.type(keys[0], 0)
    return containers.ArrayType(scalars.ANY, *given.size(keys, 0))


def _hash(given: Brackets) -> Type:
    keys = given.keys
    if len(keys) == 2 and keys[0].__class__ is int and keys[1].__class__ is int:
        return containers.HashType(scalars.ANY, scalars.ANY, *given.size(keys, 0))
    given.types(keys[:2])
    given.count(2, 4)
    return containers.HashType(keys[0], keys[1], *(given.size(keys[2:], 2) if keys[2:] else (0, None)))


def _collection(given: Brackets) -> Type:
    given.count(1, 2)
    return containers.CollectionType(*given.size(given.keys, 0))


def _tuple(given: Brackets) -> Type:
    keys = list(given.keys)
    bounds: list[Value] = []
    while len(bounds) < 2 and keys and (keys[-1].__class__ is int or keys[-1] is DEFAULT):
        bounds.insert(0, keys.pop())
    if not keys:
        given.count(1, math.inf)
        raise given.unusable(bounds[0], "Any-Type", 0)
    for index, key in enumerate(keys):
        if not isinstance(key, Type):
            raise given.unusable(key, "Any-Type", index)
    return containers.TupleType(tuple(keys), *(given.size(bounds, len(keys)) if bounds else ()))


def _struct(given: Brackets) -> Type:
    given.count(1, 1)
    if not isinstance(given.keys[0], dict):
        raise given.unusable(given.keys[0], "Hash", 0)
    return containers.StructType(tuple(_member(given, key, value) for key, value in given.keys[0].items()))


def _member(given: Brackets, key: Value, value: Value) -> containers.Member:
    if not isinstance(value, Type):
        value = infer(value).generalized()
    inner = key.inner if isinstance(key, wrappers.OptionalType | wrappers.NotUndefType) else key
    name = inner.value if isinstance(inner, scalars.StringType) else inner
    if not isinstance(name, str):
        message = "Illegal Struct member key type. Expected NotUndef, Optional, String, or Enum. Got: "
        raise given.wrong(message + label(key).partition(" ")[2], 0)
    if not name:
        raise given.wrong("Struct element key cannot be an empty String", 0)
    if isinstance(key, str):
        return containers.Member(name, value, _undefined(value, given.evaluator.reading))
    return containers.Member(name, value, isinstance(key, wrappers.OptionalType))


def _undefined(kind: Type, reading: set[str]) -> bool:
    """Say whether ``kind`` takes undef; an alias that is just being read does not."""
    if isinstance(kind, wrappers.AliasType):
        return kind.alias not in reading and _undefined(kind.resolved(), reading)
    if isinstance(kind, wrappers.VariantType):
        return any(_undefined(member, reading) for member in kind.members)
    return kind.assignable(scalars.UNDEF)


def _variant(given: Brackets) -> Type:
    given.count(1, math.inf)
    for index, key in enumerate(given.keys):
        if not isinstance(key, Type):
            raise given.unusable(key, "Any-Type", index)
    return wrappers.variant(*given.keys)


def _one(given: Brackets, *, text: bool = False) -> Type:
    """Return the one type in the brackets; for some a text stands for exactly that text."""
    given.count(1, 1)
    key = given.keys[0]
    return scalars.string_of(key) if text and isinstance(key, str) else given.type(key, 0)


def _optional(given: Brackets) -> Type:
    return wrappers.OptionalType(_one(given, text=True))


def _not_undef(given: Brackets) -> Type:
    return wrappers.NotUndefType(_one(given, text=True)) if given.keys else wrappers.NotUndefType()


def _sensitive(given: Brackets) -> Type:
    return wrappers.SensitiveType(_one(given))


def _type(given: Brackets) -> Type:
    return wrappers.TypeType(_one(given))


def _iterable(given: Brackets) -> Type:
    assert isinstance(given.kind, wrappers.IterableType)
    return wrappers.IterableType(_one(given), given.kind.label)


def _init(given: Brackets) -> Type:
    if not given.keys:
        given.count(1, math.inf)
    return wrappers.InitType(given.type(given.keys[0], 0), tuple(given.keys[1:]))


def _callable(given: Brackets) -> Type:
    texts: list[str] = []
    for key in given.keys:
        if isinstance(key, list | tuple):
            texts.append(f"[{', '.join(map(str, key))}]")
        else:
            texts.append("default" if key is DEFAULT else str(key))
    return wrappers.CallableType(tuple(texts))


def _object(given: Brackets) -> Value:
    """Return the object type that a mapping describes, or one with limits on its attributes."""
    assert isinstance(given.kind, objects.ObjectType)
    if given.kind is objects.OBJECT:
        given.count(1, 1)
        if not isinstance(given.keys[0], dict):
            raise given.unusable(given.keys[0], "Hash", 0)
        return objects.object_type(given.keys[0])
    names = given.kind.parameters or objects.LIMITED.get(given.kind.label, ())
    if not 1 <= len(given.keys) <= len(names):
        raise given.wrong(f"the {given.kind.label}-Type takes nothing, or less, in brackets")
    return objects.ObjectExtension(given.kind, tuple(given.keys), names)


def _uri(given: Brackets) -> Value:
    """Return the type of identifiers with given parts."""
    given.count(1, 1)
    key = given.keys[0]
    if isinstance(key, str | Uri):
        parts = objects.members(key if isinstance(key, Uri) else Uri(key))
        return objects.UriType(tuple((name, part) for name, part in parts.items() if part is not None))
    if not isinstance(key, dict):
        raise given.unusable(key, "String or Hash", 0)
    return objects.UriType(tuple((str(name), part) for name, part in key.items()))


def _runtime(given: Brackets) -> Value:
    """Return the type of values of another language."""
    given.count(2, 2)
    return objects.RuntimeType(given.texts(given.keys))


_NESTED: Final = frozenset({ResourceType, ClassType, wrappers.CallableType, containers.StructType, wrappers.InitType})
_MAKERS: Final[dict[type[Type], Callable[[Brackets], Value]]] = {
    scalars.IntegerType: _integer, scalars.FloatType: _float, scalars.StringType: _string,
    scalars.BooleanType: _boolean, scalars.EnumType: _enum, scalars.PatternType: _pattern,
    scalars.RegexpType: _regexp, scalars.SemVerType: _semver, scalars.TimeType: _time,
    containers.ArrayType: _array, containers.HashType: _hash, containers.CollectionType: _collection,
    containers.TupleType: _tuple, containers.StructType: _struct, wrappers.VariantType: _variant,
    wrappers.OptionalType: _optional, wrappers.NotUndefType: _not_undef, wrappers.SensitiveType: _sensitive,
    wrappers.TypeType: _type, wrappers.IterableType: _iterable, wrappers.InitType: _init,
    wrappers.CallableType: _callable, ResourceType: resources, ClassType: classes, objects.ObjectType: _object,
    objects.UriType: _uri, objects.RuntimeType: _runtime,
}  # fmt: skip
"""What reads the brackets after each kind of type."""
