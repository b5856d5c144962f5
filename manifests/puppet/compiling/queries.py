"""The queries of collectors: ``tag == 'web' and owner != 'root'`` as a test of a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hiera.errors import DataError
from hiera.values import Secret, Value
from manifests.puppet import ast
from manifests.puppet.compiling.collectors import Test
from manifests.puppet.compiling.resource import CatalogResource
from manifests.puppet.evaluator.comparing import equal

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def test_of(node: ast.Node | None, evaluator: Evaluator, scope: Scope) -> Test | None:
    """Return the test that the query ``node`` stands for, None for one that wants everything. Raises ``DataError``."""
    if node is None or isinstance(node, ast.Nop):
        return None
    if isinstance(node, ast.Parenthesized):
        return test_of(node.expression, evaluator, scope)
    if isinstance(node, ast.And | ast.Or):
        return _both(node, evaluator, scope)
    if isinstance(node, ast.Comparison) and node.operator in ("==", "!="):
        return _comparison(node, evaluator, scope)
    message = "a query compares attributes with == and !=, joined by 'and' and 'or'"
    raise DataError.of("bad-query", message, scope.place(node))


def _both(node: ast.And | ast.Or, evaluator: Evaluator, scope: Scope) -> Test:
    left, right = test_of(node.left, evaluator, scope), test_of(node.right, evaluator, scope)

    def conjunction(resource: CatalogResource) -> bool:
        return (left is None or left(resource)) and (right is None or right(resource))

    def disjunction(resource: CatalogResource) -> bool:
        return left is None or right is None or left(resource) or right(resource)

    return conjunction if isinstance(node, ast.And) else disjunction


def _comparison(node: ast.Comparison, evaluator: Evaluator, scope: Scope) -> Test:
    """Return the test of one attribute."""
    name = evaluator.evaluate(node.left, scope)
    wanted = evaluator.evaluate(node.right, scope)
    if isinstance(wanted, Secret):
        wanted = wanted.reveal()
    if node.operator == "!=":
        return lambda resource: not equal(resource.get(name), wanted)
    if name == "tag":
        return _tagged(wanted, scope.place(node.right))
    return lambda resource: _has(resource.get(name), wanted)


def _has(value: Value, wanted: Value) -> bool:
    """Say whether an attribute is ``wanted``, or a list with that in it."""
    if isinstance(value, list | tuple):
        return any(equal(item, wanted) for item in value)
    return equal(value, wanted)


def _tagged(wanted: Value, place: Any) -> Test:
    tags = wanted if isinstance(wanted, list | tuple) else [wanted]
    if any(isinstance(tag, int | float) and not isinstance(tag, bool) for tag in tags):
        raise DataError.of("bad-query", "cannot transform a number to a tag", place)
    names = frozenset(str(tag).lower() for tag in tags)
    return lambda resource: resource.tagged(names)
