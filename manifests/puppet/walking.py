"""Going through a tree without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from manifests.puppet import ast

_LEAVES: Final = frozenset({
    ast.Nop, ast.Undef, ast.Default, ast.Boolean, ast.Integer, ast.Float, ast.String, ast.Regex, ast.Name,
    ast.Reference, ast.Reserved, ast.Variable, ast.RenderString,
})  # fmt: skip
_SKIPPED: Final = frozenset({"offset", "length", "definitions"})


class Path:
    """The nodes around a node, the nearest first; ``None`` above the root."""

    __slots__ = ("node", "up")

    def __init__(self, node: ast.Node, up: Path | None) -> None:
        self.node = node
        self.up = up


@cache
def _fields(kind: type[ast.Node]) -> tuple[str, ...]:
    """Return the fields of a kind of node that may hold nodes."""
    return tuple(name for name in kind.__struct_fields__ if name not in _SKIPPED)


def children(node: ast.Node) -> list[ast.Node]:
    """Return the nodes directly below ``node``, in the order they were written."""
    kind = type(node)
    if kind in _LEAVES:
        return []
    found: list[ast.Node] = []
    for name in _fields(kind):
        value = getattr(node, name)
        if isinstance(value, ast.Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += value
    return found


def walk(root: ast.Node) -> Iterator[tuple[ast.Node, Path | None]]:
    """Yield every node with what is around it, from the root down."""
    waiting: list[tuple[ast.Node, Path | None]] = [(root, None)]
    while waiting:
        node, around = waiting.pop()
        yield node, around
        below = children(node)
        if below:
            path = Path(node, around)
            waiting += [(child, path) for child in reversed(below)]
