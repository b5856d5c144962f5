"""The tree that a YAML text becomes: three kinds of node, each with its place."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from hiera.errors import Location


class Scalar(msgspec.Struct, frozen=True):
    """A text as it stands in the source, with quotes and escapes resolved and no type given to it.

    ``style`` is "" for a plain scalar, else the character that opens it: ``'``, ``"``, ``|`` or ``>``. ``tag`` is the
    written tag (``!raw``, ``!``), or None.
    """

    text: str
    style: str
    tag: str | None
    location: Location

    @property
    def plain(self) -> bool:
        """Whether the scalar is written without quotes, so that its text decides its type."""
        return not self.style


class CollectionKey(Scalar, frozen=True):
    """A list or a mapping that stands as a key, which only Ruby's reader takes; ``hint`` says what may be meant."""

    hint: str | None = None


class Sequence(msgspec.Struct, frozen=True):
    """A list of nodes; ``flow`` if it is written in brackets."""

    items: tuple[Node, ...]
    location: Location
    tag: str | None = None
    flow: bool = False


class Mapping(msgspec.Struct, frozen=True):
    """Keys with their nodes in the order of the source; ``flow`` if it is written in braces."""

    entries: tuple[tuple[Scalar, Node], ...]
    location: Location
    tag: str | None = None
    flow: bool = False


Node: TypeAlias = Scalar | Sequence | Mapping
