"""Classes, tags, and what is known so far."""

from __future__ import annotations

from typing import Any

from hiera.ruby_text import ruby_text
from hiera.types import ClassType, ResourceType, Type
from hiera.types.wrappers import TypeType
from hiera.values import MISSING, Value
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.data import searched
from manifests.puppet.functions.names import class_names, opened, reference
from manifests.puppet.names import plain_name


def include(call: Invocation, *names: Value) -> list[Type]:
    """Declare classes, each once."""
    wanted = class_names(call, names)
    call.compilation.include(wanted, call.scope, call.node)
    return [ClassType(name) for name in wanted]


def contain(call: Invocation, *names: Value) -> list[Type]:
    """Declare classes and keep them inside of this one."""
    wanted = class_names(call, names)
    call.compilation.contain(wanted, call.scope, call.node)
    return [ClassType(name) for name in wanted]


def require(call: Invocation, *names: Value) -> list[Type]:
    """Declare classes and apply them before this one."""
    wanted = class_names(call, names)
    call.compilation.require(wanted, call.scope, call.node)
    return [ClassType(name) for name in wanted]


def hiera_include(call: Invocation, key: str, default: Value = MISSING, override: Value = None) -> Value:
    """Declare the classes that the data lists under a key."""
    del override
    names = searched(call, key, default, "unique")
    return include(call, names) if names else None


def tag(call: Invocation, *names: Value) -> None:
    """Add tags to the class or define that is evaluated and to all in it."""
    call.compilation.tag(call.scope, [ruby_text(name) for name in opened(call, names)])


def tagged(call: Invocation, *names: Value) -> bool:
    """Say whether all tags stand on what is evaluated, or name classes declared so far."""
    resource = call.compilation.resource_of(call.scope)
    catalog = set(catalog_tags(call.compilation))
    wanted = [ruby_text(name).lower() for name in opened(call, names)]
    return all(name in catalog or resource.tagged([name]) for name in wanted)


def catalog_tags(compilation: Any) -> list[str]:
    """Return the tags of the catalog as a whole: the names of the classes so far, and their segments."""
    names = compilation.catalog.classes
    return list(dict.fromkeys(part.lower() for name in names for part in (name, *name.split("::"))))


def realize(call: Invocation, *references: Value) -> None:
    """Make virtual resources real."""
    wanted = [reference(call, one) for one in opened(call, references)]
    call.compilation.realize([ResourceType(kind, title) for kind, title in wanted], call.scope, call.node)


def defined(call: Invocation, *references: Value) -> bool:
    """Say whether any of some classes, types, variables or resources is known so far."""
    return any(_known(call, one) for one in references)


def _known(call: Invocation, one: Value) -> bool:
    """Say whether one name or reference is known."""
    if isinstance(one, str):
        if one.startswith("$") and len(one) > 1:
            return call.scope.get(one[1:]) is not MISSING
        return one == "main" or (bool(one) and (known_type(call, one) or known_class(call, one)))
    if isinstance(one, TypeType):
        return _known_kind(call, one.inner)
    kind, title = reference(call, one)
    if not kind or (kind == "class" and not title):
        raise call.wrong(f"cannot say whether {one} is defined: it names nothing")
    if isinstance(one, ResourceType) and not title:
        return not one.blank and known_type(call, kind)
    return call.compilation.find_resource(kind, title) is not None


def _known_kind(call: Invocation, kind: Type) -> bool:
    """Say whether ``Type[Class[x]]`` or ``Type[File]`` can be declared, declared or not."""
    if isinstance(kind, ClassType):
        if not kind.title:
            raise call.wrong("cannot say whether Class is defined: it names nothing")
        return known_class(call, kind.title)
    return _known(call, kind) if isinstance(kind, ResourceType) else False


def known_type(call: Invocation, name: str) -> bool:
    """Say whether ``name`` is a type of resource or a define."""
    loaders, name = call.compilation.loaders, plain_name(name)
    return name == "class" or loaders.find_define(name) is not None or loaders.kind(name) is not None


def known_class(call: Invocation, name: str) -> bool:
    """Say whether a class ``name`` can be loaded."""
    return call.compilation.loaders.find_class(plain_name(name)) is not None


def assert_private(call: Invocation, message: Value = None) -> None:
    """End the compilation if the class or define is declared from another module."""
    mine, theirs = call.scope.get("module_name"), call.scope.get("caller_module_name")
    if mine == theirs:
        return
    if not isinstance(message, str):
        resource = call.compilation.resource_of(call.scope)
        is_class = resource.type == "Class"
        name = plain_name(resource.title if is_class else resource.type)
        message = f"{'Class' if is_class else 'Definition'} {name} is private"
    raise call.fault("private", message)
