"""Lambdas, functions of the Puppet language, and how arguments become variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from hiera.errors import DataError, Location, Note, Problem, did_you_mean
from hiera.secrets.placeholders import stands_for
from hiera.types import containers, infer
from hiera.types.data import Deferred
from hiera.types.mismatch import describe_mismatch, faults_between
from hiera.values import Value
from manifests.functions.base import Block, Break, counted_arguments
from manifests.puppet import ast
from manifests.puppet.depth import MAX_DEPTH
from manifests.puppet.evaluator.control import Next, Return, illegal
from manifests.puppet.evaluator.failures import failure, too_deep
from manifests.puppet.evaluator.literals import UnsetParameter
from manifests.puppet.evaluator.scope import RESERVED, Scope
from manifests.puppet.evaluator.typing import type_of_parameter
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.ports import FoundFunction

_WRONG: Final = "wrong-parameter"


class Origin(NamedTuple):
    """Where a value that is bound to a parameter was written; ``hint`` says more of it."""

    place: Location | None = None
    hint: str | None = None


class Signature:
    """What is known of parameters without evaluating anything; ``owner`` is whose they are."""

    __slots__ = ("least", "most", "names", "owner", "parameters", "plain", "rest")

    def __init__(self, parameters: Sequence[ast.Parameter], owner: str) -> None:
        self.owner = owner
        self.parameters = parameters
        self.names = tuple(parameter.name for parameter in parameters)
        self.rest = bool(parameters) and parameters[-1].captures_rest
        self.least = sum(one.default is None and not one.captures_rest for one in parameters)
        self.most: int | None = None if self.rest else len(parameters)
        plain = not any(one.type or one.default or one.captures_rest for one in parameters)
        self.plain = plain and RESERVED.isdisjoint(self.names)

    def takes(self, count: int) -> bool:
        """Say whether ``count`` arguments may be given."""
        return self.least <= count and (self.most is None or count <= self.most)


def signature_of(evaluator: Evaluator, node: ast.Lambda | ast.Function, source: Source) -> Signature:
    """Return the signature of ``node`` of the file ``source``, made once. Raises ``DataError``."""
    known = evaluator.signatures.get(id(node))
    if known is None:
        late = _late(node.parameters)
        if late is not None:
            message = f"parameter ${late.name} is required but appears after optional parameters"
            place = source.location(late.offset, late.length)
            raise DataError.of("required-after-optional", message, place)
        owner = node.name if isinstance(node, ast.Function) else "lambda"
        known = evaluator.signatures[id(node)] = (node, Signature(node.parameters, owner))
    return known[1]


def _late(parameters: Sequence[ast.Parameter]) -> ast.Parameter | None:
    """Return the first parameter without a default that follows one with a default, or None."""
    optional = False
    for parameter in parameters:
        needed = parameter.default is None and not parameter.captures_rest
        if needed and optional:
            return parameter
        optional = optional or not needed
    return None


class Closure:
    """A lambda and the scope in which it was written, as a Python callable."""

    __slots__ = ("evaluator", "node", "scope", "signature")

    def __init__(self, evaluator: Evaluator, node: ast.Lambda, scope: Scope) -> None:
        self.evaluator = evaluator
        self.node = node
        self.scope = scope
        self.signature = signature_of(evaluator, node, scope.source)

    def expects(self, name: str, least: int, most: int) -> str | None:
        """Return what is wrong if the function ``name`` gives as many arguments; it may choose the number."""
        signature = self.signature
        if any(signature.takes(count) for count in range(least, most + 1)):
            return None
        given = _span(signature.least, signature.most)
        return f"'{name}' block expects {counted_arguments(least, most)}, got {given}"

    @property
    def count(self) -> int:
        """Return how many parameters there are; one that takes all that is left counts twice."""
        return len(self.signature.names) + self.signature.rest

    @property
    def width(self) -> int:
        """Return how many arguments functions that go through something give: two where two are taken."""
        return 2 if self.signature.takes(2) else 1

    def __call__(self, *arguments: Value) -> Value:
        """Return what the body makes of ``arguments``."""
        evaluator, node, signature = self.evaluator, self.node, self.signature
        scope = self.scope.local()
        if signature.plain and len(arguments) >= signature.least:
            for name, value in zip(signature.names, arguments, strict=False):
                scope.variables[name] = value
        else:
            fill(evaluator, signature, arguments, scope)
        evaluator.depth += 1
        try:
            if evaluator.depth > MAX_DEPTH:
                raise too_deep(scope, node)
            value = evaluator.evaluate(node.body, scope)
        except Next as way:
            value = way.value
        finally:
            evaluator.depth -= 1
        return value if node.returns is None else returned(evaluator, node.returns, value, self.scope, "lambda")


class WrittenFunction:
    """A function of the Puppet language. It sees the variables of node or top scope and of its own."""

    __slots__ = ("found", "name", "signature")

    def __init__(self, evaluator: Evaluator, found: FoundFunction) -> None:
        self.found = found
        self.name: str = found.definition.name
        self.signature = signature_of(evaluator, found.definition, found.source)

    def __call__(
        self, evaluator: Evaluator, scope: Scope, arguments: list[Value], block: Block | None, node: ast.Node | None
    ) -> Value:
        """Return what the body makes of ``arguments``."""
        if block is not None:
            raise failure("function-argument", f"'{self.name}' does not expect a block", scope, node)
        found, outer = self.found, scope.outermost()
        inside = Scope(
            "function", evaluator.compilation, found.source, module=found.module, name=self.name,
            resource=outer.resource, enclosing=outer, caller=scope,
        )  # fmt: skip
        if not self.signature.takes(len(arguments)):
            wanted = counted_arguments(self.signature.least, self.signature.most)
            message = f"'{self.name}' expects {wanted}, got {len(arguments) or 'none'}"
            raise failure("wrong-argument-count", message, scope, node)
        fill(evaluator, self.signature, arguments, inside)
        evaluator.depth += 1
        try:
            if evaluator.depth > MAX_DEPTH:
                raise too_deep(scope, node)
            value = evaluator.evaluate(found.definition.body, inside)
        except (Next, Return) as way:
            value = way.value
        except Break as way:
            raise illegal(way) from None
        finally:
            evaluator.depth -= 1
        returns = found.definition.returns
        return value if returns is None else returned(evaluator, returns, value, inside, self.name)


def returned(evaluator: Evaluator, node: ast.Node, value: Value, scope: Scope, name: str) -> Value:
    """Return ``value``, which must be of the type that ``node`` names."""
    mismatch = type_of_parameter(evaluator, node, scope).check(value)
    if mismatch is None:
        return value
    message = mismatch.describe(f"value returned from {name} has wrong type,")
    raise failure("wrong-return-type", message, scope, node)


def fill(evaluator: Evaluator, signature: Signature, arguments: Sequence[Value], scope: Scope) -> None:
    """Set the variables of parameters from ``arguments`` in order. Raises ``DataError`` in Puppet's words."""
    count = len(arguments)
    names, owner = signature.names, signature.owner
    for index, parameter in enumerate(signature.parameters):
        if parameter.captures_rest:
            value: Value = list(arguments[index:])
            if parameter.default is not None and (not value or value == [None]):
                value = _default(evaluator, parameter, names, scope, owner)
                value = value if isinstance(value, list) else [value]
        elif index < count:
            value = arguments[index]
        elif parameter.default is not None:
            value = _default(evaluator, parameter, names, scope, owner)
        else:
            message = f"parameter ${parameter.name} is required but no value was given"
            raise failure("wrong-argument-count", message, scope, parameter)
        if parameter.type is not None:
            _check(evaluator, signature, parameter, value, scope)
        scope.set(parameter.name, value, parameter)


def _check(evaluator: Evaluator, signature: Signature, parameter: ast.Parameter, value: Value, scope: Scope) -> None:
    """Check the type of an argument, or of each that the last parameter takes."""
    assert parameter.type is not None
    label = "block" if signature.owner == "lambda" else f"'{signature.owner}'"
    kind = type_of_parameter(evaluator, parameter.type, scope)
    if parameter.captures_rest:
        kind = kind if isinstance(kind, containers.ArrayType) else containers.ArrayType(kind)
        if not kind.low <= len(value) <= (len(value) if kind.high is None else kind.high):
            given = len(value) or "none"
            message = f"{label} expects {counted_arguments(kind.low, kind.high)}, got {given}"
            raise DataError(Problem("wrong-argument-count", message))
        wrong = next((item for item in value if not kind.item.is_instance(item)), None)
        if wrong is None:
            return
        kind, value = kind.item, wrong
    elif kind.is_instance(value):
        return
    faults = describe_mismatch(kind, infer(value)).faults
    typed = [fault for fault in faults if fault.kind in {"type", "pattern"}]
    if len(typed) == 1 or len(faults) == 1:
        message = f"{label} parameter '{parameter.name}' {(typed or faults)[0].text()}"
    else:
        rows = [f"\n  rejected: parameter '{parameter.name}' {fault.text()}" for fault in faults]
        message = f"{label} expects ({_listed(evaluator, signature, scope)}){''.join(rows)}"
    raise DataError(Problem("wrong-argument-type", message))


def _listed(evaluator: Evaluator, signature: Signature, scope: Scope) -> str:
    """Return the parameters with their types, as messages show them."""
    shown: list[str] = []
    for parameter in signature.parameters:
        kind = "Any" if parameter.type is None else str(type_of_parameter(evaluator, parameter.type, scope))
        mark = "*" if parameter.captures_rest else "?" if parameter.default is not None else ""
        shown.append(f"{kind} {parameter.name}{mark}")
    return ", ".join(shown)


def _default(evaluator: Evaluator, parameter: ast.Parameter, names: Sequence[str], scope: Scope, owner: str) -> Value:
    """Return the default of ``parameter``, which may use those before it."""
    scope.parameters = frozenset(names)
    before, scope.match = scope.match, None
    try:
        return evaluator.evaluate(parameter.default, scope)
    except UnsetParameter as unset:
        if names.index(unset.name) < names.index(parameter.name):
            message = f"{owner}: expects a value for parameter ${unset.name}"
        else:
            message = f"{owner}: default expression for ${parameter.name} tries to illegally access "
            message += f"not yet evaluated ${unset.name}"
        raise failure("unset-parameter", message, scope, parameter) from None
    finally:
        scope.parameters, scope.match = None, before


def _span(least: int, most: int | None) -> str:
    """Return a number of arguments without the word for them."""
    return counted_arguments(least, most).rpartition(" ")[0].replace("no", "none")


def bind(  # noqa: PLR0917  as Evaluator.bind takes them
    evaluator: Evaluator,
    parameters: Sequence[ast.Parameter],
    given: Mapping[str, Value],
    scope: Scope,
    owner: str,
    origins: Mapping[str, Origin] | None = None,
) -> None:
    """Set the variables of ``parameters``; see :meth:`Evaluator.bind`."""
    names = [parameter.name for parameter in parameters]
    variables = scope.variables
    for name, value in given.items():
        if name in names and value is not None:
            variables[name] = value
    for parameter in parameters:
        if parameter.name in variables and given.get(parameter.name) is not None:
            continue
        if parameter.default is not None:
            variables.pop(parameter.name, None)
            variables[parameter.name] = _default(evaluator, parameter, names, scope, owner)
        elif parameter.name in given:
            variables[parameter.name] = None
    faults = [(parameter, fault) for parameter in parameters for fault in _wrong(evaluator, parameter, scope)]
    foreign = [name for name in given if name not in names]
    if faults or foreign:
        raise _mismatch(owner, faults, {name: did_you_mean(name, names) for name in foreign}, scope, origins or {})


def _mismatch(
    owner: str,
    faults: Sequence[tuple[ast.Parameter, str]],
    foreign: Mapping[str, str | None],
    scope: Scope,
    origins: Mapping[str, Origin],
) -> DataError:
    """Return one problem for each value without a parameter and for each parameter with a wrong value."""
    nowhere = Origin()
    problems = [
        Problem(_WRONG, f"{owner}: has no parameter named '{name}'", origins.get(name, nowhere).place, hint)
        for name, hint in foreign.items()
    ]
    for parameter, fault in faults:
        origin = origins.get(parameter.name, nowhere)
        notes = (Note("the parameter is declared here", scope.place(parameter)),)
        problems.append(Problem(_WRONG, f"{owner}: {fault}", origin.place, origin.hint, notes))
    return DataError(*problems)


def _wrong(evaluator: Evaluator, parameter: ast.Parameter, scope: Scope) -> Sequence[str]:
    """Return what is wrong with the value of ``parameter``."""
    if parameter.name not in scope.variables:
        return [f"expects a value for parameter '{parameter.name}'"]
    if parameter.type is None:
        return ()
    value = scope.variables[parameter.name]
    kind = type_of_parameter(evaluator, parameter.type, scope)
    if kind.is_instance(value) or value.__class__ is Deferred or stands_for(kind, value):
        return ()
    subject = f"parameter '{parameter.name}'"
    return [f"{subject} {fault.text()}" for fault in faults_between(kind, infer(value))]
