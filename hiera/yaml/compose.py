"""YAML bytes to a tree of nodes, bounded: what both readers stand on.

The bounds are on the text's size, on depth, and on the number of nodes *after* aliases are expanded, so that a few
lines of anchors cannot grow into gigabytes. PyYAML gives the events (libyaml where it is there); nothing of its
constructors, resolvers or exceptions gets further than this file.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, NoReturn

import msgspec

from hiera.errors import DataError, Location, Note, Problem
from hiera.yaml.events import Source
from hiera.yaml.nodes import CollectionKey, Mapping, Node, Scalar, Sequence

MERGE_KEY: Final = "<<"

_Entries = list[tuple[Scalar, Node]]


def _text_of(key: Scalar) -> Hashable:
    """Return what makes two keys the same where all keys are texts."""
    return key.text


class Bounds(msgspec.Struct, frozen=True):
    """How much one text may ask of a reader: bytes, levels of nesting, nodes with aliases expanded."""

    size: int = 1 << 20
    depth: int = 50
    nodes: int = 200_000


BOUNDS: Final = Bounds()


class Composed(msgspec.Struct, frozen=True):
    """A text's first document (None if it has none), and what one reader forgives and another does not.

    ``problems`` have the codes ``duplicate-key``, ``yaml-documents``, ``yaml-bom`` and ``yaml-key``.
    """

    root: Node | None
    problems: tuple[Problem, ...]


class _Anchor(msgspec.Struct, frozen=True):
    """A finished node that aliases may name: its expanded size and height."""

    node: Node
    nodes: int
    height: int


def compose(
    data: bytes,
    file: str,
    *,
    bounds: Bounds = BOUNDS,
    line_offset: int = 0,
    key_of: Callable[[Scalar], Hashable] = _text_of,
    ruby: bool = False,
) -> Composed:
    """Return the tree of the YAML text ``data``; ``line_offset`` is added to each line of a location.

    Two keys with the same ``key_of`` are the same key.

    With ``ruby``, as in Ruby's reader, ``<<`` is merged where it stands, quoted or not, and is a key where there is
    nothing to merge; and a list or a mapping may be a key, which becomes a ``CollectionKey``. Otherwise keys that are
    written out win over merged ones, as the specification says.

    Raises ``DataError`` (``yaml-syntax``, ``yaml-tab``, ``yaml-escape``, ``yaml-character``, ``yaml-size``,
    ``yaml-depth``, ``yaml-alias``, ``yaml-tag``, ``yaml-key``, ``yaml-merge``, ``encoding``).
    """
    source = Source(data, file, bounds.size, line_offset)
    return _Composer(source, bounds, key_of, ruby=ruby).compose()


class _Composer:
    """One text on its way from bytes to nodes."""

    def __init__(
        self,
        source: Source,
        bounds: Bounds,
        key_of: Callable[[Scalar], Hashable],
        *,
        ruby: bool,
    ) -> None:
        self._source = source
        self._bounds = bounds
        self._key_of = key_of
        self._ruby = ruby
        self._nodes = 0
        self._anchors: dict[str, _Anchor | None] = {}

    def compose(self) -> Composed:
        """Return the composed text. Raises ``DataError``."""
        root = self._document(self._source.events())
        return Composed(root, tuple(self._source.problems))

    def _document(self, events: Iterator[Any]) -> Node | None:
        """Return the root of the first document; a second one is a problem, not read."""
        next(events)
        started = next(events)
        if type(started).__name__ == "StreamEndEvent":
            return None
        root, _ = self._node(next(events), events, 1)
        next(events)
        more = next(events)
        if type(more).__name__ != "StreamEndEvent":
            self._source.problems.append(
                Problem(
                    "yaml-documents",
                    "the file holds more than one YAML document",
                    self._source.location(more),
                    "only the first is read: keep one '---', at the start",
                )
            )
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        """Return the node that starts with ``event``, and its height."""
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._alias(event, depth)
        if depth > self._bounds.depth:
            message = f"the file is nested deeper than {self._bounds.depth} levels"
            _fail("yaml-depth", message, self._source.location(event))
        before = self._nodes
        self._count(1, event)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        height = 1
        node: Node
        if kind == "ScalarEvent":
            node = Scalar(event.value, _style(event), event.tag, self._source.location(event))
        elif kind == "SequenceStartEvent":
            node, height = self._sequence(event, events, depth)
        else:
            node, height = self._mapping(event, events, depth)
        if anchor is not None:
            self._anchors[anchor] = _Anchor(node, self._nodes - before, height)
        return node, height

    def _sequence(self, start: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        """Return the sequence that ``start`` opens, and its height."""
        items: list[Node] = []
        tallest = 0
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            node, height = self._node(event, events, depth + 1)
            items.append(node)
            tallest = max(tallest, height)
        return Sequence(tuple(items), self._source.location(start), start.tag, bool(start.flow_style)), tallest + 1

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        """Return the mapping that ``start`` opens, and its height."""
        entries: _Entries = []
        tallest = 0
        merges = False
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self._key(event, events, depth + 1)
            node, height = self._node(next(events), events, depth + 1)
            entries.append((key, node))
            tallest = max(tallest, height)
            merges = merges or key.text == MERGE_KEY
        self._find_duplicates(entries)
        if merges:
            entries = self._merged(entries)
        return Mapping(tuple(entries), self._source.location(start), start.tag, bool(start.flow_style)), tallest + 1

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> Scalar:
        """Return the key that starts with ``event``. Raises ``DataError`` (``yaml-key``) if it cannot be one."""
        key, _ = self._node(event, events, depth)
        if isinstance(key, Scalar):
            return key
        hint = self._source.mended(event)
        message, place = "a key must be a text, not a list or a mapping", self._source.location(event)
        if not self._ruby:
            _fail("yaml-key", message, place, hint)
        self._source.problems.append(Problem("yaml-key", message, place, hint))
        return CollectionKey("", "?", None, place, hint)

    def _alias(self, event: Any, depth: int) -> tuple[Node, int]:
        """Return the node that an alias names: the very same object, counted as often as it is used."""
        name = event.anchor
        anchor = self._anchors.get(name)
        if anchor is None:
            if name in self._anchors:
                _fail("yaml-alias", f"the anchor '{name}' contains itself", self._source.location(event))
            hint = self._source.mended(event)
            _fail("yaml-alias", f"there is no anchor '{name}' for this alias", self._source.location(event), hint)
        if depth + anchor.height - 1 > self._bounds.depth:
            message = f"the file is nested deeper than {self._bounds.depth} levels"
            _fail("yaml-depth", message, self._source.location(event))
        self._count(anchor.nodes, event)
        return anchor.node, anchor.height

    def _count(self, nodes: int, event: Any) -> None:
        """Add ``nodes`` to the expanded size. Raises ``DataError`` (``yaml-size``, ``yaml-alias``) past the bound."""
        self._nodes += nodes
        if self._nodes > self._bounds.nodes:
            code = "yaml-alias" if nodes > 1 else "yaml-size"
            message = f"the file has more than {self._bounds.nodes} values, aliases expanded"
            _fail(code, message, self._source.location(event))

    def _find_duplicates(self, entries: _Entries) -> None:
        """Note each key that stands twice in one mapping, with both places."""
        seen: dict[Hashable, Scalar] = {}
        for key, node in entries:
            first = seen.setdefault(self._key_of(key), key)
            if first is not key and not (self._ruby and self._is_merge(key, node)):
                note = Note("first here", first.location)
                message = f"the key '{key.text}' stands twice in one mapping"
                self._source.problems.append(Problem("duplicate-key", message, key.location, notes=(note,)))

    def _merged(self, entries: _Entries) -> _Entries:
        """Return ``entries`` with what each ``<<`` brings in."""
        written = {self._key_of(key) for key, node in entries if not self._is_merge(key, node)}
        result: dict[Hashable, tuple[Scalar, Node]] = {}
        for key, node in entries:
            if not self._is_merge(key, node):
                result[self._key_of(key)] = (key, node)
                continue
            for inner, value in self._merge_sources(key, node):
                name = self._key_of(inner)
                if self._ruby or name not in written:
                    result[name] = (inner, value)
        return list(result.values())

    def _is_merge(self, key: Scalar, node: Node) -> bool:
        """Say whether ``key: node`` brings in other keys instead of being one."""
        if key.text != MERGE_KEY or key.tag is not None:
            return False
        if not self._ruby:
            return key.plain
        items = node.items if isinstance(node, Sequence) else (node,)
        return all(isinstance(item, Mapping) for item in items)

    def _merge_sources(self, key: Scalar, node: Node) -> _Entries:
        """Return the entries that the merge value ``node`` stands for, weakest first."""
        sources = node.items[::-1] if isinstance(node, Sequence) else (node,)
        entries: _Entries = []
        for source in sources:
            if not isinstance(source, Mapping):
                _fail("yaml-merge", "'<<' merges a mapping or a list of mappings", key.location)
            entries += source.entries
        return entries


def _style(event: Any) -> str:
    """Return the style of a scalar event, "" for plain."""
    style: str = event.style or ""
    return style


def _fail(code: str, message: str, location: Location, hint: str | None = None) -> NoReturn:
    """Raise a ``DataError`` with one problem."""
    raise DataError(Problem(code, message, location, hint))
