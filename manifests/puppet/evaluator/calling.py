"""Calls of functions, by name, as methods, and of types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hiera.errors import DataError, Location, Problem, did_you_mean
from hiera.types import Deferred, Sensitive, Type, Uri
from hiera.types.convert import convert
from hiera.types.objects import Instance, members
from hiera.types.wrappers import SensitiveType
from hiera.values import MISSING, Secret, Value
from manifests.functions.base import Block, Break, Function
from manifests.functions.table import FUNCTIONS
from manifests.puppet import ast
from manifests.puppet.evaluator import closures
from manifests.puppet.evaluator.control import Next, Return
from manifests.puppet.evaluator.failures import failure, label, placed, too_deep, type_name
from manifests.puppet.evaluator.literals import values_of
from manifests.puppet.evaluator.lookup_context import LOOKUP_CONTEXT, METHODS, LookupContext

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
    receiver = arguments[0] if arguments else None
    if receiver.__class__ in _WITH_MEMBERS:
        found = _member(receiver, functor.name.value, arguments[1:], block)
        if found is not MISSING:
            return found
    return call(evaluator, functor.name.value, arguments, scope, node=node, block=block)


_WITH_MEMBERS: Final = frozenset({Instance, Deferred, Uri, LookupContext})


def _member(receiver: Value, name: str, arguments: list[Value], block: Block | None) -> Value:
    """Return an attribute of ``receiver``, or what its method answers; ``MISSING`` if it has none of that name."""
    if isinstance(receiver, LookupContext):
        return receiver.call(name, arguments, block) if name in METHODS else MISSING
    return members(receiver).get(name, MISSING)


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
        if name in _GIVEN and isinstance(block, closures.Closure):
            _check_block(name, block)
        return callee(evaluator, scope, arguments, block, node)
    except DataError as error:
        if node is None:
            raise
        located = placed(error, scope.place(_name_of(node)))
        if located is error:
            raise
        raise located from None
    except RecursionError:
        raise too_deep(scope, node) from None


def _check_block(name: str, block: closures.Closure) -> None:
    """Check that a lambda takes as many arguments as the function gives."""
    wrong = block.expects(name, *_GIVEN[name])
    if wrong is not None:
        raise DataError(Problem("function-argument", wrong))


def _name_of(node: ast.Node) -> ast.Node:
    """Return what of the call ``node`` an error points to: the name of a method, else the whole."""
    return node.functor.name if isinstance(node, ast.MethodCall) else node


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
        where = node and _name_of(node)
        raise failure("unknown-function", f"unknown function: '{name}'", scope, where, did_you_mean(plain, FUNCTIONS))
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
    found = evaluator.compilation.loaders.find_function(name)
    return closures.WrittenFunction(evaluator, found) if found is not None else None


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
    if kind is LOOKUP_CONTEXT:
        made: Value = LookupContext(*arguments[1:2])
    elif isinstance(kind, SensitiveType) and len(arguments) == 2 and isinstance(arguments[1], Secret):
        made = Sensitive(arguments[1])
    else:
        made = _converted(kind, arguments[1:])
    return block(made) if block is not None else made


_MAKERS: Final = {
    "Integer": "new", "Float": "new_float", "Numeric": "new_numeric", "String": "new_string", "Boolean": "new_boolean",
    "Array": "new_array", "Tuple": "new_array", "Hash": "new_hash", "Struct": "new_hash", "Sensitive": "new_Sensitive",
    "SemVer": "new_Version", "SemVerRange": "new_VersionRange", "Binary": "new_Binary", "Timespan": "new_timespan",
    "Timestamp": "new_timestamp", "URI": "new_error", "Type": "new_type",
}  # fmt: skip
"""Puppet's names of the functions that make values of each type; messages show them."""
_TOLD: Final = frozenset({"Integer", "Float", "Numeric", "Boolean", "SemVer"})
"""Types whose messages about a value that cannot be converted begin with that name, too."""


def _converted(kind: Type, arguments: list[Value]) -> Value:
    """Return the new value, or raise the error that names Puppet's function for it."""
    try:
        return convert(kind, *arguments)
    except DataError as error:
        words = error.problems[0].message
        name = type_name(kind.resolved())
        maker = _MAKERS.get(name)
        if maker and words.startswith("'new' expects"):
            words = f"'{maker}'" + words.removeprefix("'new'")
        elif maker and name in _TOLD and words.startswith(("The string", "Value of type")):
            words = f"'{maker}' {words}"
        raise DataError.of("type-conversion", words) from None


_GIVEN: Final = {
    **dict.fromkeys(("each", "map", "filter", "any", "all", "group_by", "index", "partition"), (1, 2)),
    **dict.fromkeys(("reverse_each", "step", "unique", "then"), (1, 1)),
    **dict.fromkeys(("reduce", "sort"), (2, 2)), "tree_each": (1, 2), "lest": (0, 0),
}  # fmt: skip
"""How many arguments functions give to a lambda: the least and the most."""

_OWN: dict[str, Callee] = {"next": _next, "return": _return, "break": _break, "new": _new}
"""Functions that are part of the evaluation itself."""
