"""Blocks, conditions and choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiera.values import Secret, Value
from manifests.puppet import ast
from manifests.puppet.evaluator.comparing import matches
from manifests.puppet.evaluator.failures import failure
from manifests.puppet.evaluator.text import text_of

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def true(value: Value) -> bool:
    """Say whether ``value`` counts as true: all but undef and false do."""
    if value.__class__ is Secret:
        value = value.reveal()
    return value is not None and value is not False


def block(evaluator: Evaluator, node: ast.Block, scope: Scope) -> Value:
    """Return the value of the last statement."""
    handlers = evaluator.handlers
    value: Value = None
    for statement in node.statements:
        handler = handlers.get(statement.__class__)
        value = handler(evaluator, statement, scope) if handler else evaluator.evaluate(statement, scope)
    return value


def negation(evaluator: Evaluator, node: ast.Not, scope: Scope) -> bool:
    """Return whether the operand is false."""
    return not true(evaluator.evaluate(node.expression, scope))


def both(evaluator: Evaluator, node: ast.And, scope: Scope) -> bool:
    """Return whether both operands are true; the second one is looked at only if the first is."""
    return true(evaluator.evaluate(node.left, scope)) and true(evaluator.evaluate(node.right, scope))


def either(evaluator: Evaluator, node: ast.Or, scope: Scope) -> bool:
    """Return whether one operand is true; the second one is looked at only if the first is not."""
    return true(evaluator.evaluate(node.left, scope)) or true(evaluator.evaluate(node.right, scope))


def choose(evaluator: Evaluator, node: ast.If, scope: Scope) -> Value:
    """Return the value of the branch that the test chooses; matches are known in the branches only."""
    before = scope.match
    try:
        chosen = node.then if true(evaluator.evaluate(node.test, scope)) else node.otherwise
        return evaluator.evaluate(chosen, scope)
    finally:
        scope.match = before


def unless(evaluator: Evaluator, node: ast.Unless, scope: Scope) -> Value:
    """Return the value of the branch that the test chooses."""
    before = scope.match
    try:
        chosen = node.otherwise if true(evaluator.evaluate(node.test, scope)) else node.then
        return evaluator.evaluate(chosen, scope)
    finally:
        scope.match = before


def _fits(evaluator: Evaluator, tested: Value, option: ast.Node, scope: Scope) -> bool | None:
    """Say whether ``tested`` matches ``option``, or one of those it unfolds to; None for ``default``."""
    while isinstance(option, ast.Parenthesized):
        option = option.expression
    if option.__class__ is ast.Default:
        return None
    value = evaluator.evaluate(option, scope)
    if option.__class__ is ast.Unfold:
        return any(matches(tested, item, scope) for item in value)
    return matches(tested, value, scope)


def case(evaluator: Evaluator, node: ast.Case, scope: Scope) -> Value:
    """Return the value of the first option that the test matches, else of the default, else undef."""
    before = scope.match
    try:
        tested = evaluator.evaluate(node.test, scope)
        fallback: ast.Node | None = None
        for option in node.options:
            for value in option.values:
                fits = _fits(evaluator, tested, value, scope)
                if fits:
                    return evaluator.evaluate(option.body, scope)
                if fits is None:
                    fallback = option.body
        return evaluator.evaluate(fallback, scope)
    finally:
        scope.match = before


def selector(evaluator: Evaluator, node: ast.Selector, scope: Scope) -> Value:
    """Return the value of the first entry that matches, else of the default, which must be there then."""
    before = scope.match
    try:
        tested = evaluator.evaluate(node.left, scope)
        fallback: ast.Node | None = None
        for entry in node.entries:
            fits = _fits(evaluator, tested, entry.matching, scope)
            if fits:
                return evaluator.evaluate(entry.value, scope)
            if fits is None:
                fallback = entry.value
        if fallback is not None:
            return evaluator.evaluate(fallback, scope)
    finally:
        scope.match = before
    shown = "" if isinstance(tested, Secret) else f" with value '{text_of(tested)}'"
    raise failure("no-match", f"no matching entry for selector parameter{shown}", scope, node.left)
