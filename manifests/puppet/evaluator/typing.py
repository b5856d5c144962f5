"""Expressions that name types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from hiera.errors import DataError
from hiera.types import ResourceType, Type, objects
from hiera.types.construct import CORE_ALIASES, SIMPLE, builtin
from hiera.types.wrappers import AliasType
from manifests.puppet import ast
from manifests.puppet.evaluator.failures import failure, label
from manifests.puppet.evaluator.lookup_context import LOOKUP_CONTEXT
from manifests.puppet.names import capitalized, plain_name
from manifests.puppet.walking import walk

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.ports import FoundAlias
    from manifests.puppet.evaluator.scope import Scope
    from manifests.puppet.source import Source

_CORE: Final[dict[str, Type]] = {
    **{name.lower(): kind for name, kind in SIMPLE.items()},
    "object": objects.OBJECT, "error": objects.ERROR, "runtime": objects.RUNTIME, "uri": objects.UriType(),
    "puppet::lookupcontext": LOOKUP_CONTEXT,
}  # fmt: skip
_ALIASES: Final[dict[str, str]] = {name.lower(): name for name in CORE_ALIASES}
_FIXED: Final = frozenset(
    {ast.Name, ast.String, ast.Integer, ast.Float, ast.Regex, ast.Default, ast.Boolean, ast.Undef}
)


def type_of(evaluator: Evaluator, node: ast.Node, scope: Scope) -> Type:
    """Return the type that ``node`` names. Raises ``DataError``."""
    known = evaluator.types.get(id(node))
    if known is not None:
        return known[1]
    kind = evaluator.evaluate(node, scope)
    if not isinstance(kind, Type):
        raise failure("not-a-type", f"a data type is expected here, got {label(kind)}", scope, node)
    if constant(node, evaluator.types):
        evaluator.types[id(node)] = (node, kind)
    return kind


def constant(node: ast.Node, known: Mapping[int, object]) -> bool:
    """Say whether ``node`` names the same type wherever it is evaluated, as those in ``known`` do."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        kind = item.__class__
        if kind is ast.Reference or kind in _FIXED or id(item) in known:
            continue
        if isinstance(item, ast.Access):
            if not isinstance(item.left, ast.Reference):
                return False
            waiting += item.keys
        elif isinstance(item, ast.Hash):
            waiting += [part for entry in item.entries for part in (entry.key, entry.value)]
        elif isinstance(item, ast.Array):
            waiting += item.values
        elif isinstance(item, ast.Minus):
            waiting.append(item.expression)
        else:
            return False
    return True


def type_of_parameter(evaluator: Evaluator, node: ast.Node, scope: Scope) -> Type:
    """Return the type that ``node`` names for a parameter, which knows no variables. Raises ``DataError``."""
    known = evaluator.types.get(id(node))
    if known is not None:
        return known[1]
    variable = next((item for item, _ in walk(node) if isinstance(item, ast.Variable)), None)
    if variable is not None:
        hint = "the type of a parameter is read before there are any"
        raise failure("unknown-variable", f"unknown variable: '{variable.name}'", scope, variable, hint)
    return type_of(evaluator, node, scope)


def only_core(node: ast.Node) -> bool:
    """Say whether ``node``, which is constant, names no type but those of the language itself."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.Reference):
            if item.value.lower().removeprefix("::") not in _CORE:
                return False
        elif isinstance(item, ast.Access):
            waiting += [item.left, *item.keys]
        elif isinstance(item, ast.Hash):
            waiting += [part for entry in item.entries for part in (entry.key, entry.value)]
        elif isinstance(item, ast.Array):
            waiting += item.values
    return True


def reference(evaluator: Evaluator, node: ast.Reference, scope: Scope) -> Type:
    """Return the type that a capitalised name stands for."""
    known = evaluator.types.get(id(node))
    if known is not None:
        return known[1]
    kind = find_type(evaluator, node.value)
    if kind is None:
        hint = evaluator.compilation.loaders.hint_for(node.value)
        raise failure("unknown-type", f"resource type not found: {node.value}", scope, node, hint)
    evaluator.types[id(node)] = (node, kind)
    return kind


def find_type(evaluator: Evaluator, name: str) -> Type | None:
    """Return the data type, resource type or alias ``name``; case does not matter."""
    lower = plain_name(name)
    found = _CORE.get(lower)
    if found is not None:
        return found
    if lower in _ALIASES:
        return builtin(_ALIASES[lower])
    known = evaluator.aliases.get(lower)
    if known is not None:
        return known
    kind = _declared(evaluator, lower)
    if kind is not None:
        evaluator.aliases[lower] = kind
        kind.resolved()
    return kind


def _declared(evaluator: Evaluator, name: str) -> Type | None:
    """Return the resource type or alias ``name`` that modules or the site define."""
    loaders = evaluator.compilation.loaders
    if name == "node":
        return ResourceType("node")
    if "::" not in name and loaders.kind(name) is not None:  # no type in Ruby has a qualified name
        return ResourceType(name)
    found = loaders.find_alias(name)
    if found is not None:
        return _alias(evaluator, found)
    return ResourceType(name) if loaders.find_define(name) is not None else None


def _alias(evaluator: Evaluator, found: FoundAlias) -> Type:
    """Return the type alias ``found``, read when it is first needed."""
    name = capitalized(found.definition.name)
    node, source = found.definition, found.source

    def sound(kind: objects.ObjectType) -> Type:
        place, own = source.location(node.offset, node.length), f"object {name}"
        if own in evaluator.reading:
            raise DataError.of("bad-type-argument", f"The Object type '{name}' inherits from itself", place)
        evaluator.reading.add(own)
        try:
            return kind.sound()
        except ValueError as error:
            raise DataError.of("bad-type-argument", str(error), place) from None
        finally:
            evaluator.reading.discard(own)

    def read() -> Type:
        top = evaluator.compilation.class_scope("")
        assert top is not None
        inside = top.local()
        inside.kind, inside.source, inside.module = "template", source, found.module
        evaluator.reading.add(name)
        try:
            if not constant(node.type_expr, evaluator.types):
                _check_alias(node.type_expr, source)
            kind = type_of(evaluator, node.type_expr, inside)
            if isinstance(kind, AliasType) and kind.alias == name:
                message = f"type alias '{name}' cannot be resolved to a real type"
                raise DataError.of("type-syntax", message, source.location(node.offset, node.length))
            if (
                isinstance(kind, objects.ObjectType)
                and kind is not objects.OBJECT
                and not isinstance(node.type_expr, ast.Reference)
            ):
                return sound(msgspec.structs.replace(kind, label=name))
            return kind
        finally:
            evaluator.reading.discard(name)

    return AliasType(name, read)


def _check_alias(node: ast.Node, source: Source) -> None:
    """Check that nothing in the body of an alias has to be evaluated. Raises ``DataError``."""
    for item, _ in walk(node):
        if isinstance(item, ast.Variable | ast.Call | ast.MethodCall | ast.Arithmetic | ast.Concatenated):
            text = source.text[item.offset : item.offset + item.length]
            message = f"The expression <{text}> is not a valid type specification"
            raise DataError.of("not-a-type", message, source.location(item.offset, item.length))
