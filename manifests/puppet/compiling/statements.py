"""The statements of the Puppet language: what changes the catalog, as handlers of the evaluator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hiera.errors import DataError, Note, Problem
from hiera.types import DEFAULT, ClassType, ResourceType, Type
from hiera.types.wrappers import CATALOG_ENTRY, Iterated
from hiera.values import Secret, Value
from manifests.puppet import ast
from manifests.puppet.compiling.collectors import Collector
from manifests.puppet.compiling.compilation import Compilation
from manifests.puppet.compiling.names import reference, type_of
from manifests.puppet.compiling.overrides import Override
from manifests.puppet.compiling.queries import test_of
from manifests.puppet.compiling.resource import Parameter, flat
from manifests.puppet.evaluator.failures import general
from manifests.puppet.names import capitalized, plain_name

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope

_PLAIN = frozenset({str, bool, int, float, type(None)})
Operations = Sequence[ast.AttributeOperation | ast.AttributesOperation]


def _compilation(scope: Scope) -> Compilation:
    compilation: Any = scope.compilation
    assert isinstance(compilation, Compilation)
    return compilation


def resource(evaluator: Evaluator, node: ast.Resource, scope: Scope) -> Value:
    """Declare the resources of a resource expression; its value are references to them."""
    kind = _type_name(evaluator, node, scope)
    if node.form == "exported":
        _compilation(scope).exported_without_exchange(scope, node)
    bodies, seen = [], set[Value]()
    for body in node.bodies:
        titles = _titles(evaluator, body, scope, seen)
        bodies.append((body, titles, _parameters(evaluator, body.operations, scope)))
    defaults: dict[str, Parameter] = {}
    for _, titles, given in bodies:
        if DEFAULT in titles:
            defaults = given
    declared = []
    for body, titles, given in bodies:
        names = [title for title in titles if title is not DEFAULT]
        place: ast.Node = body.title if len(node.bodies) > 1 else node
        declared += _compilation(scope).declaring.all(kind, names, {**defaults, **given}, scope, place, node.form)
    return [type_of(item.key) for item in declared]


def _type_name(evaluator: Evaluator, node: ast.Resource, scope: Scope) -> str:
    """Return the type that a resource expression names. Raises ``DataError``."""
    named = node.type_name
    if isinstance(named, ast.Name):
        return named.value
    value = evaluator.evaluate(named, scope)
    if isinstance(value, ClassType) and not value.title:
        return "class"
    if isinstance(value, ResourceType) and value.kind and not value.title:
        return value.kind
    shown = str(value) if isinstance(value, Type) else general(value)
    message = f"illegal resource type expression, expected result to be a type name, or untitled resource, got {shown}"
    raise DataError.of("bad-resource-type", message, scope.place(named))


def _titles(evaluator: Evaluator, body: ast.ResourceBody, scope: Scope, seen: set[Value]) -> list[Value]:
    """Return the titles of one body, checked. Raises ``DataError``."""
    value = evaluator.evaluate(body.title, scope)
    place = scope.place(body.title)
    if value is None:
        raise DataError.of("missing-title", "missing title. The title expression resulted in undef", place)
    titles = flat(value)
    for index, title in enumerate(titles):
        if title is None:
            message = f"missing title at index {index}. The title expression resulted in an undef title"
            raise DataError.of("missing-title", message, place)
        if title is not DEFAULT and not isinstance(title, str):
            message = f"illegal title type at index {index}. Expected String, got {general(title)}"
            raise DataError.of("bad-title", message, place)
        if title == "":
            message = f"empty string title at {index}. Title strings must have a length greater than zero"
            raise DataError.of("bad-title", message, place)
        if title in seen:
            message = f"the title '{title}' has already been used in this resource expression"
            raise DataError.of("duplicate-title", message, place)
        seen.add(title)
    return titles


def _parameters(evaluator: Evaluator, operations: Operations, scope: Scope) -> dict[str, Parameter]:
    """Return the attributes of one body by name. Raises ``DataError`` for one that stands twice."""
    found: dict[str, Parameter] = {}
    for parameter in _operations(evaluator, operations, scope):
        if parameter.name in found:
            message = f"the attribute '{parameter.name}' has already been set"
            notes = (Note("first set here", found[parameter.name].place),)
            raise DataError(Problem("duplicate-attribute", message, parameter.place, notes=notes))
        found[parameter.name] = parameter
    return found


def _operations(evaluator: Evaluator, operations: Operations, scope: Scope) -> Iterator[Parameter]:
    """Yield the attributes that ``operations`` give; ``* =>`` gives those of a hash."""
    compilation = _compilation(scope)
    code = compilation.resource_of(scope).own_code or compilation.main_code
    for operation in operations:
        if isinstance(operation, ast.AttributeOperation):
            value = evaluator.evaluate(operation.value, scope)
            if value.__class__ not in _PLAIN:
                _check_value(value, operation.value, scope)
            yield Parameter(operation.name, value, scope.place(operation), code, operation.operator == "+>")
            continue
        value = evaluator.evaluate(operation.expression, scope)
        secret = isinstance(value, Secret)
        if isinstance(value, Secret):
            value = value.reveal()
        if not isinstance(value, Mapping):
            message = f"expected value of type Hash, got {general(value)}"
            raise DataError.of("type-mismatch", message, scope.place(operation.expression))
        for name, item in value.items():
            yield Parameter(str(name), Secret(item) if secret else item, scope.place(operation), code)


def _check_value(value: Value, node: ast.Node, scope: Scope) -> None:
    """Check that ``value`` is something that a resource can have. Raises ``DataError``."""
    if isinstance(value, list | tuple):
        for item in value:
            if item.__class__ not in _PLAIN:
                _check_value(item, node, scope)
    elif isinstance(value, Iterated):
        raise DataError.of("bad-value", "Use of an Iterator is not supported here", scope.place(node))
    elif value is CATALOG_ENTRY or (isinstance(value, ClassType | ResourceType) and not value.title):
        kind = "class" if isinstance(value, ClassType) else getattr(value, "kind", "") or str(value)
        message = f'No title provided and "{kind}" is not a valid resource reference'
        raise DataError.of("bad-reference", message, scope.place(node))


def defaults(evaluator: Evaluator, node: ast.ResourceDefaults, scope: Scope) -> Value:
    """Set defaults for resources declared from now on."""
    kind = evaluator.evaluate(node.type_ref, scope)
    if not isinstance(kind, ResourceType) or not kind.kind or kind.title:
        shown = str(kind) if isinstance(kind, Type) else general(kind)
        message = f"illegal resource type expression, expected result to be a type name, got {shown}"
        raise DataError.of("bad-resource-type", message, scope.place(node.type_ref))
    _compilation(scope).declaring.set_defaults(kind.kind, _operations(evaluator, node.operations, scope), scope)
    return kind


def override(evaluator: Evaluator, node: ast.ResourceOverride, scope: Scope) -> Value:
    """Give resources that are declared elsewhere other values."""
    value = evaluator.evaluate(node.resources, scope)
    parameters = list(_operations(evaluator, node.operations, scope))
    compilation = _compilation(scope)
    code = compilation.resource_of(scope).own_code or compilation.main_code
    for item in flat(value):
        key = reference(item) if isinstance(item, ResourceType) else None
        if key is None:
            shown = str(item) if isinstance(item, Type) else general(item)
            message = f"illegal override: only resources can be overridden, got {shown}"
            raise DataError.of("illegal-override", message, scope.place(node))
        compilation.overrides.add(key, Override(parameters, code, scope, scope.place(node)))
    return value


def collect(evaluator: Evaluator, node: ast.Collect, scope: Scope) -> Value:
    """Collect resources; the value is the collector, which arrows may stand beside."""
    compilation = _compilation(scope)
    place = scope.place(node)
    named = node.type_expr
    kind = plain_name(named.value) if isinstance(named, ast.Reference) else ""
    if kind == "class":
        raise DataError.of("bad-query", "classes cannot be collected", place)
    if not kind or compilation.declaring.find(kind) == (None, None):
        raise DataError.of("unknown-type", f"resource type {kind} doesn't exist", place)
    parameters = list(_operations(evaluator, node.operations, scope))
    test = test_of(node.query.expression, evaluator, scope)
    made = Collector(capitalized(kind), test, scope, place, parameters)
    made.exported = node.query.exported
    if made.exported:
        compilation.exported_without_exchange(scope, node)
    compilation.collectors.add(made)
    return made


def relationship(evaluator: Evaluator, node: ast.Relationship, scope: Scope) -> Value:
    """Put resources before others; the value is what the next arrow goes from."""
    left = _end(evaluator, node.left, scope)
    right = _end(evaluator, node.right, scope)
    return _compilation(scope).relationships.chain(left, right, node.operator, scope, node)


def _end(evaluator: Evaluator, node: ast.Node, scope: Scope) -> Value:
    """Return the value of one side of an arrow."""
    return evaluator.evaluate(node, scope)


def definition(evaluator: Evaluator, node: ast.Node, scope: Scope) -> Value:  # noqa: ARG001  a handler's signature
    """Do nothing: a definition is known by its name before anything is evaluated."""
    return None


STATEMENTS: Final[dict[type[ast.Node], Callable[[Any, Any, Any], Value]]] = {
    ast.Resource: resource, ast.ResourceDefaults: defaults, ast.ResourceOverride: override, ast.Collect: collect,
    ast.Relationship: relationship, ast.Class: definition, ast.Define: definition, ast.NodeDefinition: definition,
}  # fmt: skip
"""What evaluates each kind of statement."""
