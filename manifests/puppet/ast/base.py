"""What every node of a tree has."""

from __future__ import annotations

from msgspec import Struct


class Node(Struct, frozen=True, tag=True, tag_field="node"):
    """Anything in a tree."""

    offset: int
    length: int
