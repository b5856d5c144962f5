"""Assignments, to one variable and to several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiera.types import ClassType
from hiera.values import MISSING, Secret, Value
from manifests.puppet import ast
from manifests.puppet.evaluator.failures import failure

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def assignment(evaluator: Evaluator, node: ast.Assignment, scope: Scope) -> Value:
    """Set a variable, or those of a list, and return the value."""
    value = evaluator.evaluate(node.right, scope)
    target = node.left
    if target.__class__ is ast.Variable:
        scope.set(target.name, value, target)
    else:
        _assign(target, value, node, scope)
    return value


def _assign(target: ast.Node, value: Value, node: ast.Assignment, scope: Scope) -> None:
    """Give ``target`` its part of ``value``."""
    if isinstance(target, ast.Variable):
        scope.set(target.name, value, target)
        return
    if not isinstance(target, ast.Array):
        raise failure("bad-assignment", "a value cannot be assigned to this", scope, target)
    for item, part in zip(target.values, _parts(target, value, node, scope), strict=True):
        _assign(item, part, node, scope)


def _parts(target: ast.Array, value: Value, node: ast.Assignment, scope: Scope) -> list[Value]:
    """Return what each variable of ``target`` is to get."""
    if isinstance(value, Secret):
        return [Secret(part) for part in _parts(target, value.reveal(), node, scope)]
    if isinstance(value, dict):
        return [_of_hash(item, value, node, scope) for item in target.values]
    if isinstance(value, ClassType):
        return [_of_class(item, value, node, scope) for item in target.values]
    parts = list(value) if isinstance(value, list | tuple) else [value]
    if len(parts) != len(target.values):
        message = "mismatched number of assignable entries and values, "
        message += f"expected {len(target.values)}, got {len(parts)}"
        raise failure("bad-assignment", message, scope, node)
    return parts


def _name(item: ast.Node, scope: Scope) -> str:
    if not isinstance(item, ast.Variable):
        raise failure("bad-assignment", "only a variable takes a value by its name", scope, item)
    return item.name


def _of_hash(item: ast.Node, value: dict[Value, Value], node: ast.Assignment, scope: Scope) -> Value:
    name = _name(item, scope)
    if name not in value:
        message = f"no value for required key '{name}' in assignment to variables from hash"
        raise failure("bad-assignment", message, scope, node)
    return value[name]


def _of_class(item: ast.Node, value: ClassType, node: ast.Assignment, scope: Scope) -> Value:
    inner = scope.compilation.class_scope(value.title)
    if inner is None:
        raise failure("unknown-resource", f"resource not found: Class['{value.title}']", scope, node.right)
    name = _name(item, scope)
    found = scope.get(f"{value.title}::{name}")
    if found is MISSING:
        message = f"no value for required variable '${value.title}::{name}' "
        raise failure("bad-assignment", message + "in assignment to variables from class reference", scope, item)
    return found
