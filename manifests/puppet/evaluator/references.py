"""References to resources and classes, and the attributes of those that exist."""

from __future__ import annotations

import math
import re
from typing import Final

from hiera.types import ClassType, ResourceType
from hiera.values import MISSING, Value
from manifests.puppet.evaluator.brackets import Brackets, flat
from manifests.puppet.evaluator.failures import article, general, label, type_name
from manifests.puppet.names import capitalized, plain_name

_CLASS: Final = re.compile(r"(?:::)?[a-z_]\w*(?:::[a-z]\w*)*", re.ASCII)
_KIND: Final = re.compile(r"(?:::)?[A-Z]\w*(?:::[A-Z]\w*)*", re.ASCII)


def _titles(keys: list[Value]) -> tuple[list[Value], bool]:
    """Return the keys opened and without undef, and whether the answer is a list."""
    several = len(keys) > 1 or isinstance(keys[0], list | tuple)
    return [key for key in flat(keys) if key is not None], several


def resources(given: Brackets) -> Value:
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


def _kind_named(given: Brackets, key: Value) -> str:
    """Return the name of the type that the first key of ``Resource[...]`` gives."""
    if isinstance(key, ResourceType):
        return key.kind
    if not isinstance(key, str):
        message = f"first argument to Resource[] must be a resource type or a String. Got {general(key)}"
        raise given.wrong(message, 0)
    capitalised = capitalized(key)
    if not _KIND.fullmatch(capitalised):
        raise given.wrong(f"illegal type reference. The given name '{key}' does not conform to the naming rule", 0)
    return plain_name(key)


def _titled(given: Brackets, kind: str, title: Value, index: int) -> ResourceType:
    if not isinstance(title, str):
        name = type_name(given.kind)
        message = f"error creating type specialization of {article(name)} {name}-Type, "
        raise given.wrong(f"{message}Cannot use {general(title)} where a resource title String is expected", index)
    return ResourceType(kind, title, blank=not title)


def _attribute(given: Brackets, kind: str, title: str, name: Value) -> Value:
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


def classes(given: Brackets) -> Value:
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


def _class_named(given: Brackets, name: Value, index: int) -> ClassType:
    if not isinstance(name, str):
        words = label(name)
        message = f"illegal Class name in class reference. {words[:1].upper()}{words[1:]} cannot be used where a String"
        raise given.wrong(f"{message} is expected", index)
    plain = plain_name(name)
    if not _CLASS.fullmatch(plain):
        raise given.wrong(f"illegal name. The given name '{name}' does not conform to the naming rule", index)
    return ClassType(plain)
