"""What every node of a tree has."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Node(Struct, frozen=True, tag=True, tag_field="node", array_like=True, gc=False):
    """Anything in a tree."""

    offset: int
    length: int


AnyNode: TypeAlias = Node
"""What fields of nodes say. For msgspec :mod:`manifests.puppet.ast.decoding` makes it the union of all nodes."""
