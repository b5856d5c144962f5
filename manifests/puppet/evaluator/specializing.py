"""What stands in the brackets after a type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
from hiera.values import MISSING, Value, revealed
from manifests.puppet import ast
from manifests.puppet.evaluator.failures import article, failure, general, label, placed, type_name

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope

_CLASS: Final = re.compile(r"(?:::)?[a-z_]\w*(?:::[a-z]\w*)*", re.ASCII)
_KIND: Final = re.compile(r"(?:::)?[A-Z]\w*(?:::[A-Z]\w*)*", re.ASCII)


@dataclass(slots=True)
class _Brackets:
    """A type, the keys in its brackets, and where they stand."""

    evaluator: Evaluator
    kind: Type
    keys: list[Value]
    node: ast.Access
    scope: Scope

    def wrong(self, message: str, index: int | None = None) -> DataError:
        """Return the error ``message`` at the key ``index``, or at the whole."""
        at: ast.Node = self.node
        if index is not None and self.node.keys:
            at = self.node.keys[min(index, len(self.node.keys) - 1)]
        return failure("bad-type-argument", message, self.scope, at)

    def count(self, least: int, most: float) -> None:
        """Check how many keys there are."""
        given = len(self.keys)
        if least <= given <= most:
            return
        name = type_name(self.kind)
        if most == math.inf:
            wanted = f"{least} or more arguments"
        elif most != least:
            wanted = f"{least} to {most} arguments"
        else:
            wanted = f"{least} {'argument' if least == 1 else 'arguments'}"
        raise self.wrong(f"{article(name).capitalize()} {name}-Type[] accepts {wanted}. Got {given}")

    def types(self, keys: list[Value], start: int = 0) -> tuple[Type, ...]:
        """Return ``keys``, which must be types."""
        for index, key in enumerate(keys):
            self.type(key, start + index)
        return tuple(keys)

    def type(self, key: Value, index: int) -> Type:
        """Return ``key``, which must be a type."""
        if not isinstance(key, Type):
            name = type_name(self.kind)
            raise self.wrong(f"{name}-Type[] arguments must be types. Got {label(key).partition(' ')[2]}", index)
        return key

    def texts(self, keys: list[Value]) -> tuple[str, ...]:
        """Return ``keys``, which must be texts."""
        for index, key in enumerate(keys):
            if not isinstance(key, str):
                raise self.unusable(key, "String", index)
        return tuple(keys)

    def unusable(self, key: Value, wanted: str, index: int) -> DataError:
        """Return the error of a key of the wrong kind."""
        name = type_name(self.kind)
        message = f"error creating type specialization of {article(name)} {name}-Type, "
        return self.wrong(f"{message}Cannot use {general(key)} where {wanted} is expected", index)

    def size(self, keys: list[Value], start: int) -> tuple[int, int | None]:
        """Return the least and the greatest size that ``keys`` give."""
        if len(keys) == 1 and isinstance(keys[0], scalars.IntegerType):
            return keys[0].low or 0, keys[0].high
        for index, key in enumerate(keys):
            if key.__class__ is not int and key is not DEFAULT:
                message = "a Type's size constraint arguments must be a single Integer type, or 1-2 integers"
                raise self.wrong(f"{message} (or default). Got {label(key)}", start + index)
        low, high = self.ends(keys)
        if low is not None and low < 0:
            raise self.wrong("a size is not negative", start)
        return low or 0, high

    def ends(self, keys: list[Value]) -> tuple[Any, Any]:
        """Return the lower and the upper end of a range; None for ``default`` and what is not given."""
        low, high = ([None if key is DEFAULT else key for key in keys] + [None, None])[:2]
        if low is not None and high is not None and low > high:
            raise self.wrong(f"'from' must be less or equal to 'to'. Got ({low}, {high})")
        return low, high


def specialized(evaluator: Evaluator, kind: Type, keys: list[Value], node: ast.Access, scope: Scope) -> Value:
    """Return the type ``kind`` with ``keys``; of a reference to a resource with a title, its attributes."""
    make = _MAKERS.get(type(kind))
    if make is None:
        raise failure("bad-operand", f"operator '[]' is not applicable to {label(kind)}", scope, node.left)
    keys = [revealed(key) for key in keys]
    if type(kind) not in _NESTED:
        keys = _flat(keys)
    try:
        return make(_Brackets(evaluator, kind, keys, node, scope))
    except (ValueError, re.error) as error:
        raise failure("bad-type-argument", str(error), scope, node) from None
    except DataError as error:
        raise placed(error, scope.place(node)) from None


def _flat(keys: list[Value]) -> list[Value]:
    if not any(isinstance(key, list | tuple) for key in keys):
        return keys
    found: list[Value] = []
    for key in keys:
        found += _flat(list(key)) if isinstance(key, list | tuple) else [key]
    return found


def _integer(given: _Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"Integer-Type supports [] with one or two arguments (from, to). Got {len(given.keys)}")
    for index, key in enumerate(given.keys):
        if key.__class__ is not int and key is not DEFAULT:
            message = "Integer-Type [] requires all arguments to be integers (or default). Got "
            raise given.wrong(message + label(key).partition(" ")[2], index)
    return scalars.IntegerType(*given.ends(given.keys))


def _float(given: _Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"Float-Type supports [] with one or two arguments (from, to). Got {len(given.keys)}")
    for index, key in enumerate(given.keys):
        if key.__class__ not in {int, float} and key is not DEFAULT:
            message = "Float-Type [] requires all arguments to be floats, or integers (or default). Got "
            raise given.wrong(message + label(key).partition(" ")[2], index)
    low, high = given.ends(given.keys)
    return scalars.FloatType(None if low is None else float(low), None if high is None else float(high))


def _string(given: _Brackets) -> Type:
    if not 1 <= len(given.keys) <= 2:
        raise given.wrong(f"String supports [] with one or two arguments. Got {len(given.keys)}")
    return scalars.StringType(*given.size(given.keys, 0))


def _boolean(given: _Brackets) -> Type:
    given.count(1, 1)
    if not isinstance(given.keys[0], bool):
        raise given.unusable(given.keys[0], "Boolean", 0)
    return scalars.BooleanType(given.keys[0])


def _enum(given: _Brackets) -> Type:
    caseless = bool(given.keys) and isinstance(given.keys[-1], bool)
    words = given.keys[:-1] if caseless else given.keys
    if not words:
        given.count(1, math.inf)
    return scalars.EnumType(given.texts(words), caseless and given.keys[-1])


def _pattern(given: _Brackets) -> Type:
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


def _regexp(given: _Brackets) -> Type:
    given.count(1, 1)
    key = given.keys[0]
    if not isinstance(key, str | Regexp):
        raise given.unusable(key, "String or Regexp", 0)
    return scalars.RegexpType(key if isinstance(key, str) else key.source)


def _semver(given: _Brackets) -> Type:
    given.count(1, math.inf)
    ranges = [SemVerRange(key) if isinstance(key, str) else key for key in given.keys]
    for index, part in enumerate(ranges):
        if not isinstance(part, SemVerRange):
            raise given.unusable(part, "String or SemVerRange", index)
        part.alternatives()
    return scalars.SemVerType(tuple(ranges))


def _time(given: _Brackets) -> Type:
    from hiera.types.convert import convert  # noqa: PLC0415  few types speak of time

    given.count(0, 2)
    assert isinstance(given.kind, scalars.TimeType)
    of: type[Timespan | Timestamp] = given.kind.of
    plain = scalars.TimeType(of)
    ends = [None if key is DEFAULT else key if isinstance(key, of) else convert(plain, key) for key in given.keys]
    return scalars.TimeType(of, *ends)


def _array(given: _Brackets) -> Type:
    keys = given.keys
    if not 1 <= len(keys) <= 3:
        given.count(1, 3)
    if isinstance(keys[0], Type):
        return containers.ArrayType(keys[0], *(given.size(keys[1:], 1) if keys[1:] else (0, None)))
    if len(keys) != 2:
        given.type(keys[0], 0)
    return containers.ArrayType(scalars.ANY, *given.size(keys, 0))


def _hash(given: _Brackets) -> Type:
    keys = given.keys
    if len(keys) == 2 and keys[0].__class__ is int and keys[1].__class__ is int:
        return containers.HashType(scalars.ANY, scalars.ANY, *given.size(keys, 0))
    given.types(keys[:2])
    given.count(2, 4)
    return containers.HashType(keys[0], keys[1], *(given.size(keys[2:], 2) if keys[2:] else (0, None)))


def _collection(given: _Brackets) -> Type:
    given.count(1, 2)
    return containers.CollectionType(*given.size(given.keys, 0))


def _tuple(given: _Brackets) -> Type:
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


def _struct(given: _Brackets) -> Type:
    given.count(1, 1)
    if not isinstance(given.keys[0], dict):
        raise given.unusable(given.keys[0], "Hash", 0)
    return containers.StructType(tuple(_member(given, key, value) for key, value in given.keys[0].items()))


def _member(given: _Brackets, key: Value, value: Value) -> containers.Member:
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


def _variant(given: _Brackets) -> Type:
    given.count(1, math.inf)
    for index, key in enumerate(given.keys):
        if not isinstance(key, Type):
            raise given.unusable(key, "Any-Type", index)
    return wrappers.variant(*given.keys)


def _one(given: _Brackets, *, text: bool = False) -> Type:
    """Return the one type in the brackets; for some a text stands for exactly that text."""
    given.count(1, 1)
    key = given.keys[0]
    return scalars.string_of(key) if text and isinstance(key, str) else given.type(key, 0)


def _optional(given: _Brackets) -> Type:
    return wrappers.OptionalType(_one(given, text=True))


def _not_undef(given: _Brackets) -> Type:
    return wrappers.NotUndefType(_one(given, text=True)) if given.keys else wrappers.NotUndefType()


def _sensitive(given: _Brackets) -> Type:
    return wrappers.SensitiveType(_one(given))


def _type(given: _Brackets) -> Type:
    return wrappers.TypeType(_one(given))


def _iterable(given: _Brackets) -> Type:
    assert isinstance(given.kind, wrappers.IterableType)
    return wrappers.IterableType(_one(given), given.kind.label)


def _init(given: _Brackets) -> Type:
    if not given.keys:
        given.count(1, math.inf)
    return wrappers.InitType(given.type(given.keys[0], 0), tuple(given.keys[1:]))


def _callable(given: _Brackets) -> Type:
    texts: list[str] = []
    for key in given.keys:
        if isinstance(key, list | tuple):
            texts.append(f"[{', '.join(map(str, key))}]")
        else:
            texts.append("default" if key is DEFAULT else str(key))
    return wrappers.CallableType(tuple(texts))


def _titles(keys: list[Value]) -> tuple[list[Value], bool]:
    """Return the keys opened and without undef, and whether the answer is a list."""
    several = len(keys) > 1 or isinstance(keys[0], list | tuple)
    return [key for key in _flat(keys) if key is not None], several


def _resource(given: _Brackets) -> Value:
    """Return references to resources, or attributes of one."""
    assert isinstance(given.kind, ResourceType)
    keys = list(given.keys)
    if not keys:
        given.count(1, math.inf)
    name = given.kind.kind or _kind_named(given, keys.pop(0))
    if not keys:
        return ResourceType(name)
    titles, several = _titles(keys)
    if not titles:
        return [] if several else None
    if given.kind.title:
        found = [_attribute(given, given.kind.kind, given.kind.title, title) for title in titles]
    else:
        found = [_titled(given, name, title, index) for index, title in enumerate(titles)]
    return found if several else found[-1]


def _kind_named(given: _Brackets, key: Value) -> str:
    """Return the name of the type that the first key of ``Resource[...]`` gives."""
    if isinstance(key, ResourceType):
        return key.kind
    if not isinstance(key, str):
        message = f"first argument to Resource[] must be a resource type or a String. Got {general(key)}"
        raise given.wrong(message, 0)
    capitalised = "::".join(part[:1].upper() + part[1:] for part in key.split("::"))
    if not _KIND.fullmatch(capitalised):
        raise given.wrong(f"illegal type reference. The given name '{key}' does not conform to the naming rule", 0)
    return key.lower().removeprefix("::")


def _titled(given: _Brackets, kind: str, title: Value, index: int) -> ResourceType:
    if not isinstance(title, str):
        name = type_name(given.kind)
        message = f"error creating type specialization of {article(name)} {name}-Type, "
        raise given.wrong(f"{message}Cannot use {general(title)} where a resource title String is expected", index)
    return ResourceType(kind, title, blank=not title)


def _attribute(given: _Brackets, kind: str, title: str, name: Value) -> Value:
    """Return an attribute of a resource that exists already."""
    if isinstance(name, str):
        try:
            value = given.scope.compilation.attribute(kind, title, name)
        except KeyError:
            name_shown = f"{kind.capitalize()}['{title}']"
            message = f"the resource {name_shown} does not have a parameter called '{name}'"
            raise given.wrong(message) from None
        if value is MISSING:
            shown = "Class" if kind == "class" else kind
            raise given.wrong(f"resource not found: {shown}['{title}']")
        return value
    raise given.wrong(f"the resource {kind.capitalize()}['{title}'] does not have a parameter called '{name}'")


def _class(given: _Brackets) -> Value:
    """Return references to classes, or attributes of one."""
    assert isinstance(given.kind, ClassType)
    if not given.keys:
        given.count(1, math.inf)
    names, several = _titles(given.keys)
    if not names:
        return [] if several else None
    if given.kind.title:
        found = [_attribute(given, "class", given.kind.title, name) for name in names]
    else:
        found = [_class_named(given, name, index) for index, name in enumerate(names)]
    return found if several else found[-1]


def _class_named(given: _Brackets, name: Value, index: int) -> ClassType:
    if not isinstance(name, str):
        words = label(name)
        message = f"illegal Class name in class reference. {words[:1].upper()}{words[1:]} cannot be used where a String"
        raise given.wrong(f"{message} is expected", index)
    plain = name.lower().removeprefix("::")
    if not _CLASS.fullmatch(plain):
        raise given.wrong(f"illegal name. The given name '{name}' does not conform to the naming rule", index)
    return ClassType(plain)


def _object(given: _Brackets) -> Value:
    """Return the object type that a mapping describes, or one with limits on its attributes."""
    assert isinstance(given.kind, objects.ObjectType)
    if given.kind is objects.OBJECT:
        given.count(1, 1)
        if not isinstance(given.keys[0], dict):
            raise given.unusable(given.keys[0], "Hash", 0)
        return objects.object_type(given.keys[0])
    names = objects.LIMITED.get(given.kind.label, ())
    if not 1 <= len(given.keys) <= len(names):
        raise given.wrong(f"the {given.kind.label}-Type takes nothing, or less, in brackets")
    return objects.ObjectExtension(given.kind, tuple(given.keys), names)


def _uri(given: _Brackets) -> Value:
    """Return the type of identifiers with given parts."""
    given.count(1, 1)
    key = given.keys[0]
    if isinstance(key, str | Uri):
        parts = objects.members(key if isinstance(key, Uri) else Uri(key))
        return objects.UriType(tuple((name, part) for name, part in parts.items() if part is not None))
    if not isinstance(key, dict):
        raise given.unusable(key, "String or Hash", 0)
    return objects.UriType(tuple((str(name), part) for name, part in key.items()))


def _runtime(given: _Brackets) -> Value:
    """Return the type of values of another language."""
    given.count(2, 2)
    return objects.RuntimeType(given.texts(given.keys))


_NESTED: Final = frozenset({ResourceType, ClassType, wrappers.CallableType, containers.StructType, wrappers.InitType})
_MAKERS: Final[dict[type[Type], Callable[[_Brackets], Value]]] = {
    scalars.IntegerType: _integer, scalars.FloatType: _float, scalars.StringType: _string,
    scalars.BooleanType: _boolean, scalars.EnumType: _enum, scalars.PatternType: _pattern,
    scalars.RegexpType: _regexp, scalars.SemVerType: _semver, scalars.TimeType: _time,
    containers.ArrayType: _array, containers.HashType: _hash, containers.CollectionType: _collection,
    containers.TupleType: _tuple, containers.StructType: _struct, wrappers.VariantType: _variant,
    wrappers.OptionalType: _optional, wrappers.NotUndefType: _not_undef, wrappers.SensitiveType: _sensitive,
    wrappers.TypeType: _type, wrappers.IterableType: _iterable, wrappers.InitType: _init,
    wrappers.CallableType: _callable, ResourceType: _resource, ClassType: _class, objects.ObjectType: _object,
    objects.UriType: _uri, objects.RuntimeType: _runtime,
}  # fmt: skip
"""What reads the brackets after each kind of type."""
