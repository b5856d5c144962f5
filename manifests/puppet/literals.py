"""The values of expressions that are known without evaluating anything."""

from __future__ import annotations

from collections.abc import Hashable

from manifests.puppet import ast


class NotLiteral(Exception):  # noqa: N818  no error: it says that evaluation is needed
    """The expression has to be evaluated."""


def literal(node: ast.Node) -> Hashable:
    """Return what ``node`` stands for, in a form that tells values of different kinds apart. Raises ``NotLiteral``."""
    if isinstance(node, ast.String | ast.Name):
        return node.value
    if isinstance(node, ast.Integer | ast.Float | ast.Boolean):
        return (type(node).__name__, node.value)
    if isinstance(node, ast.Undef | ast.Default):
        return (type(node).__name__,)
    if isinstance(node, ast.Regex):
        return ("Regex", node.source)
    if isinstance(node, ast.Concatenated) and len(node.segments) == 1:
        return literal(node.segments[0])
    if isinstance(node, ast.Array):
        return ("Array", *[literal(item) for item in node.values])
    if isinstance(node, ast.Hash):
        return ("Hash", frozenset((literal(item.key), literal(item.value)) for item in node.entries))
    raise NotLiteral
