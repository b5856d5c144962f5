"""Literals, variables, texts and containers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hiera.errors import did_you_mean
from hiera.types import DEFAULT, Regexp, Type
from hiera.types.data import Distinct
from hiera.types.wrappers import Iterated
from hiera.values import MISSING, Secret, Value, joined
from manifests.puppet import ast
from manifests.puppet.evaluator.failures import failure, strictly
from manifests.puppet.evaluator.text import interpolated

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def plain(_evaluator: Evaluator, node: Any, _scope: Scope) -> Value:
    """Return the value that the node carries."""
    return node.value


def undef(_evaluator: Evaluator, _node: ast.Node, _scope: Scope) -> None:
    """Return undef."""


def default(_evaluator: Evaluator, _node: ast.Default, _scope: Scope) -> Value:
    """Return the value of the word ``default``."""
    return DEFAULT


def regex(_evaluator: Evaluator, node: ast.Regex, _scope: Scope) -> Regexp:
    """Return a regular expression."""
    return Regexp(node.source)


def reserved(_evaluator: Evaluator, node: ast.Reserved, scope: Scope) -> Value:
    """Refuse a word that the language keeps."""
    raise failure("reserved-word", f"'{node.word}' is a word that the language keeps for itself", scope, node)


def inner(evaluator: Evaluator, node: ast.Unary | ast.Text, scope: Scope) -> Value:
    """Return the value of what is inside."""
    expression = node.expression
    return evaluator.handlers[expression.__class__](evaluator, expression, scope)


def program(evaluator: Evaluator, node: ast.Program, scope: Scope) -> Value:
    """Return the value of a file's last statement."""
    return evaluator.evaluate(node.body, scope)


def variable(_evaluator: Evaluator, node: ast.Variable, scope: Scope) -> Value:
    """Return a variable; an unknown one is undef, or an error where that is strict."""
    name = node.name
    around: Scope | None = scope
    while around is not None:
        variables = around.variables
        if name in variables:
            return variables[name]
        if around.parameters is not None and name in around.parameters:
            raise UnsetParameter(name)
        around = around.enclosing
    value = scope.get(name)
    if value is not MISSING:
        return value
    if not name.isdecimal():
        hint = _meant(name, scope) if scope.compilation.strict else None
        strictly(scope, node, "unknown-variable", f"unknown variable: '{name}'", hint)
    return None


def _meant(name: str, scope: Scope) -> str | None:
    """Return the hint of an unknown variable: the nearest name, or the class that was not included."""
    owner = name.removeprefix("::").rpartition("::")[0]
    if owner and scope.compilation.class_scope(owner) is None:
        return f"the class '{owner}' has not been evaluated at this point: include it before"
    near = did_you_mean(name, scope.names())
    return near.replace("'", "'$", 1) if near else None


class UnsetParameter(Exception):  # noqa: N818  the one who binds the parameters says what is wrong
    """The default of a parameter uses one that has no value yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def concatenated(evaluator: Evaluator, node: ast.Concatenated, scope: Scope) -> Value:
    """Return a text with interpolation."""
    handlers = evaluator.handlers
    parts: list[Value] = []
    for segment in node.segments:
        value = handlers[segment.__class__](evaluator, segment, scope)
        parts.append(value if value.__class__ is str else interpolated(value))
    return joined(parts)


def heredoc(evaluator: Evaluator, node: ast.Heredoc, scope: Scope) -> Value:
    """Return a heredoc's text; what claims a syntax must be of it."""
    value = evaluator.evaluate(node.text, scope)
    if node.syntax and isinstance(value, str) and not isinstance(node.text, ast.String):
        from manifests.puppet.external import mistake_in  # noqa: PLC0415  few heredocs claim a syntax

        mistake = mistake_in(value, node.syntax)
        if mistake:
            raise failure("bad-heredoc-text", f"this text is not valid {node.syntax}: {mistake}", scope, node.text)
    return value


def array(evaluator: Evaluator, node: ast.Array, scope: Scope) -> list[Value]:
    """Return a list."""
    return values_of(evaluator, node.values, scope)


def values_of(evaluator: Evaluator, nodes: Iterable[ast.Node], scope: Scope) -> list[Value]:
    """Return the values of ``nodes``, those with a splat unfolded."""
    handlers = evaluator.handlers
    found: list[Value] = []
    for item in nodes:
        node = item
        while node.__class__ is ast.Parenthesized:
            node = node.expression
        value = handlers[node.__class__](evaluator, node, scope)
        if node.__class__ is ast.Unfold:
            found += value
        else:
            found.append(value)
    return found


def unfold(evaluator: Evaluator, node: ast.Unfold, scope: Scope) -> list[Value]:
    """Return the items to unfold: those of a list, the pairs of a hash, nothing for undef."""
    return unfolded(evaluator.evaluate(node.expression, scope))


def unfolded(value: Value) -> list[Value]:
    """Return ``value`` as a list."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return [[key, item] for key, item in value.items()]
    if isinstance(value, Iterated):
        return value.items
    if isinstance(value, Secret) and isinstance(value.reveal(), list | dict):
        return [Secret(item) for item in unfolded(value.reveal())]
    if isinstance(value, Type):
        from manifests.functions.iteration import items_of  # noqa: PLC0415  few types are unfolded

        try:
            return items_of(value)
        except ValueError:
            return [value]
    return [value]


def mapping(evaluator: Evaluator, node: ast.Hash, scope: Scope) -> dict[Value, Value]:
    """Return a hash."""
    handlers = evaluator.handlers
    made: dict[Value, Value] = {}
    for entry in node.entries:
        key = handlers[entry.key.__class__](evaluator, entry.key, scope)
        if key.__class__ is not str:
            key = key_of(key)
            if isinstance(key, Secret):
                raise failure("secret-key", "a secret cannot be the key of a hash", scope, entry.key)
            if key in made and type(next(known for known in made if known == key)) is not type(key):
                key = Distinct(key)
        made[key] = handlers[entry.value.__class__](evaluator, entry.value, scope)
    return made


def key_of(value: Value) -> Value:
    """Return ``value`` in the form in which it is the key of a hash: lists as tuples, hashes as tuples of pairs.

    What holds something that Python cannot look up, such as a Sensitive around a list, is known by its text.
    """
    if isinstance(value, list | tuple):
        return tuple(map(key_of, value))
    if isinstance(value, dict):
        return tuple((key, key_of(item)) for key, item in value.items())
    if value.__class__ not in _KEYS and not isinstance(value, Secret):
        try:
            hash(value)
        except TypeError:
            return str(value)
    return value


_KEYS = frozenset({str, int, float, bool, type(None)})
