"""Calls of functions, by name, as methods, and of types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiera.errors import DataError, Location, did_you_mean
from hiera.types import Sensitive, Type
from hiera.types.convert import convert
from hiera.types.wrappers import SensitiveType
from hiera.values import Secret, Value
from manifests.functions.base import Block, Break, Function
from manifests.functions.table import FUNCTIONS
from manifests.puppet import ast
from manifests.puppet.depth import MAX_DEPTH
from manifests.puppet.evaluator.control import Next, Return
from manifests.puppet.evaluator.failures import failure, label, placed
from manifests.puppet.evaluator.literals import values_of

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.ports import Callee
    from manifests.puppet.evaluator.scope import Scope


def named(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Value:
    """Return the answer of a function, or the new value of a type."""
    functor = node.functor
    block = evaluator.block(node.block, scope) if node.block is not None else None
    if functor.__class__ is ast.Name:
        arguments = values_of(evaluator, node.arguments, scope)
        return call(evaluator, functor.value, arguments, scope, node=node, block=block)
    kind = evaluator.evaluate(functor, scope)
    return call(evaluator, "new", [kind, *values_of(evaluator, node.arguments, scope)], scope, node=node, block=block)


def method(evaluator: Evaluator, node: ast.MethodCall, scope: Scope) -> Value:
    """Return the answer of a function whose first argument stands before its name."""
    functor = node.functor
    arguments = values_of(evaluator, (functor.left,), scope)
    if node.arguments:
        arguments += values_of(evaluator, node.arguments, scope)
    block = evaluator.block(node.block, scope) if node.block is not None else None
    return call(evaluator, functor.name.value, arguments, scope, node=node, block=block)


def call(
    evaluator: Evaluator,
    name: str,
    arguments: list[Value],
    scope: Scope,
    *,
    node: ast.Node | None,
    block: Block | None,
) -> Value:
    """Return what the function ``name`` answers. Raises ``DataError`` placed at ``node``."""
    callee = evaluator.callees.get(name)
    if callee is None:
        callee = _resolved(evaluator, name, scope, node)
    try:
        return callee(evaluator, scope, arguments, block, node)
    except DataError as error:
        if node is None:
            raise
        located = placed(error, scope.place(node))
        if located is error:
            raise
        raise located from None
    except RecursionError:
        raise too_deep(scope, node) from None


def too_deep(scope: Scope, node: ast.Node | None) -> DataError:
    """Return the error of code that calls itself without end."""
    message = f"calls are nested more than {MAX_DEPTH} levels deep"
    return failure("too-deep", message, scope, node, "does something call itself without end?")


def _resolved(evaluator: Evaluator, name: str, scope: Scope, node: ast.Node | None) -> Callee:
    """Return the function ``name``, which is known from then on. Raises ``DataError``."""
    plain = name.removeprefix("::")
    callee = _OWN.get(plain)
    if callee is None:
        callee = next((found for find in evaluator.finders if (found := find(plain)) is not None), None)
    if callee is None and plain in FUNCTIONS:
        callee = _shared(FUNCTIONS[plain])
    if callee is None:
        callee = _written(evaluator, plain)
    if callee is None:
        callee = next((found for find in evaluator.late if (found := find(plain)) is not None), None)
    if callee is None:
        raise failure("unknown-function", f"unknown function: '{name}'", scope, node, did_you_mean(plain, FUNCTIONS))
    evaluator.callees[name] = callee
    return callee


def _shared(function: Function) -> Callee:
    """Return a function of both languages as the evaluator calls it."""
    wants_context = function.wants_context

    def run(
        evaluator: Evaluator, scope: Scope, arguments: list[Value], block: Block | None, _node: ast.Node | None
    ) -> Value:
        context = evaluator.context(evaluator, scope) if wants_context and evaluator.context else None
        return function(*arguments, context=context, block=block)

    return run


def _written(evaluator: Evaluator, name: str) -> Callee | None:
    """Return the function ``name`` of the Puppet language, or None."""
    from manifests.puppet.evaluator.closures import WrittenFunction  # noqa: PLC0415  the modules know each other

    found = evaluator.compilation.loaders.find_function(name)
    return WrittenFunction(evaluator, found) if found is not None else None


def _place(scope: Scope, node: ast.Node | None) -> Location | None:
    return scope.place(node) if node is not None else None


def _one(name: str, arguments: list[Value], scope: Scope, node: ast.Node | None) -> Value:
    """Return the only argument, or undef."""
    if len(arguments) > 1:
        message = f"'{name}' expects at most 1 argument, got {len(arguments)}"
        raise failure("function-argument", message, scope, node)
    return arguments[0] if arguments else None


def _next(
    _evaluator: Evaluator, scope: Scope, arguments: list[Value], _block: Block | None, node: ast.Node | None
) -> Value:
    raise Next(_one("next", arguments, scope, node), _place(scope, node))


def _return(
    _evaluator: Evaluator, scope: Scope, arguments: list[Value], _block: Block | None, node: ast.Node | None
) -> Value:
    raise Return(_one("return", arguments, scope, node), _place(scope, node))


def _break(
    _evaluator: Evaluator, scope: Scope, arguments: list[Value], _block: Block | None, node: ast.Node | None
) -> Value:
    if arguments:
        message = f"'break' expects no arguments, got {len(arguments)}"
        raise failure("function-argument", message, scope, node)
    raise Break(_place(scope, node))


def _new(
    evaluator: Evaluator, scope: Scope, arguments: list[Value], block: Block | None, node: ast.Node | None
) -> Value:
    """Return a new value of a type; a block gets it."""
    kind = arguments[0] if arguments else None
    if isinstance(kind, str):
        kind = evaluator.find_type(kind)
    if not isinstance(kind, Type):
        shown = label(arguments[0] if arguments else None)
        raise failure("function-argument", f"'new' expects a type first, got {shown}", scope, node)
    if isinstance(kind, SensitiveType) and len(arguments) == 2 and isinstance(arguments[1], Secret):
        made: Value = Sensitive(arguments[1])
    else:
        made = convert(kind, *arguments[1:])
    return block(made) if block is not None else made


_OWN: dict[str, Callee] = {"next": _next, "return": _return, "break": _break, "new": _new}
"""Functions that are part of the evaluation itself."""
