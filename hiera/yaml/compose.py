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
from hiera.yaml.mending import corrected
from hiera.yaml.nodes import Mapping, Node, Scalar, Sequence

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

    ``problems`` have the codes ``duplicate-key``, ``yaml-documents`` and ``yaml-bom``.
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
    later_merge_wins: bool = False,
) -> Composed:
    """Return the tree of the YAML text ``data``; ``line_offset`` is added to each line of a location.

    Two keys with the same ``key_of`` are the same key.
    ``later_merge_wins`` merges ``<<`` where it stands, as Ruby's reader does; otherwise keys that are written out
    win over merged ones, as the specification of merge keys says. Raises ``DataError`` (``yaml-syntax``, ``yaml-tab``,
    ``yaml-escape``, ``yaml-character``, ``yaml-size``, ``yaml-depth``, ``yaml-alias``, ``yaml-tag``, ``yaml-key``,
    ``yaml-merge``, ``encoding``).
    """
    return _Composer(data, file, bounds, line_offset, key_of, later_merge_wins=later_merge_wins).compose()


class _Composer:
    """One text on its way from bytes to nodes."""

    def __init__(
        self,
        data: bytes,
        file: str,
        bounds: Bounds,
        line_offset: int,
        key_of: Callable[[Scalar], Hashable],
        *,
        later_merge_wins: bool,
    ) -> None:
        self._data = data
        self._file = file
        self._bounds = bounds
        self._offset = line_offset
        self._key_of = key_of
        self._later_merge_wins = later_merge_wins
        self._text = ""
        self._nodes = 0
        self._anchors: dict[str, _Anchor | None] = {}
        self._problems: list[Problem] = []

    def compose(self) -> Composed:
        """Return the composed text. Raises ``DataError``."""
        self._text = self._decoded()
        events = self._events()
        root = self._document(events)
        return Composed(root, tuple(self._problems))

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
            self._problems.append(
                Problem(
                    "yaml-documents",
                    "the file holds more than one YAML document",
                    self._location(more),
                    "only the first is read: keep one '---', at the start",
                )
            )
        return root

    def _decoded(self) -> str:
        """Return the text, once its size, its encoding and its characters are found fit."""
        if len(self._data) > self._bounds.size:
            self._fail("yaml-size", f"the file is larger than {self._bounds.size} bytes", Location(self._file))
        try:
            text = self._data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._bad_encoding(error)
        if text.startswith("\ufeff"):
            text = text[1:]
            place = Location(self._file, self._offset + 1, 1)
            problem = Problem(
                "yaml-bom", "the file starts with a byte order mark", place, "save the file as UTF-8 without a BOM"
            )
            self._problems.append(problem)
        return text

    def _bad_encoding(self, error: UnicodeDecodeError) -> NoReturn:
        """Raise ``encoding`` with the place of the first byte that is not UTF-8."""
        before = self._data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        place = Location(self._file, self._offset + before.count(b"\n") + 1, column)
        message = f"the file is not UTF-8: byte 0x{self._data[error.start]:02x} at offset {error.start}"
        self._fail("encoding", message, place, "save the file as UTF-8")

    def _events(self) -> Iterator[Any]:
        """Yield the parser's events; whatever it raises becomes a located ``DataError``."""
        import yaml  # noqa: PLC0415  a run with nothing to do reads no YAML

        loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        try:
            yield from yaml.parse(self._text, Loader=loader)
        except yaml.reader.ReaderError as error:
            self._bad_character(error.position, error.character)
        except yaml.MarkedYAMLError as error:
            self._bad_syntax(error)
        except (yaml.YAMLError, ValueError, LookupError, RecursionError, OverflowError, AttributeError, TypeError):
            # PyYAML lets its own slips through for some odd inputs; none says where.
            self._fail("yaml-syntax", "the file is not valid YAML", Location(self._file))

    def _bad_character(self, position: int, character: str | int) -> NoReturn:
        """Raise ``yaml-character`` for the first character that YAML does not allow."""
        code = character if isinstance(character, int) else ord(character[0])
        at = self._text.find(chr(code))
        before = self._text[: at if at >= 0 else position]
        place = Location(self._file, self._offset + before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        self._fail("yaml-character", f"the control character U+{code:04X} is not allowed in YAML", place)

    def _bad_syntax(self, error: Any) -> NoReturn:
        """Raise the problem that libyaml's error stands for, with the corrected line if there is a likely one."""
        mark = error.problem_mark or error.context_mark
        lines = self._text.splitlines()
        number, column = (mark.line, mark.column) if mark else (0, -1)
        if number >= len(lines):  # the end of the text, which is shown as the end of its last line
            number, column = max(0, len(lines) - 1), len(lines[-1]) if lines else 0
        place = Location(self._file, self._offset + number + 1, column + 1)
        text = str(error.problem or "not valid YAML").strip()
        line = lines[number] if lines else ""
        if "\t" in line[: column + 1] and not line[:column].strip():
            self._fail("yaml-tab", "a tab cannot indent YAML", place, "indent with spaces")
        code = "yaml-escape" if "escape" in text else "yaml-tag" if "tag" in text else "yaml-syntax"
        hint: str | None = _ESCAPE_HINT if code == "yaml-escape" else None
        first = error.context_mark.line if error.context_mark else number
        for candidate in (number, first, number - 1):
            if hint is None and 0 <= candidate < len(lines):
                hint = _written(corrected(lines[candidate]))
        self._fail(code, f"not valid YAML: {text}", place, hint)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Node, int]:
        """Return the node that starts with ``event``, and its height."""
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._alias(event, depth)
        if depth > self._bounds.depth:
            message = f"the file is nested deeper than {self._bounds.depth} levels"
            self._fail("yaml-depth", message, self._location(event))
        before = self._nodes
        self._count(1, event)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        height = 1
        node: Node
        if kind == "ScalarEvent":
            node = Scalar(event.value, _style(event), event.tag, self._location(event))
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
        return Sequence(tuple(items), self._location(start), start.tag, bool(start.flow_style)), tallest + 1

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
            merges = merges or _is_merge(key)
        self._find_duplicates(entries)
        if merges:
            entries = self._merged(entries)
        return Mapping(tuple(entries), self._location(start), start.tag, bool(start.flow_style)), tallest + 1

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> Scalar:
        """Return the key that starts with ``event``. Raises ``DataError`` (``yaml-key``) if it is no scalar."""
        key, _ = self._node(event, events, depth)
        if isinstance(key, Scalar):
            return key
        hint = self._mended(event)
        message = "a key must be a text, not a list or a mapping"
        raise DataError(Problem("yaml-key", message, self._location(event), hint))

    def _alias(self, event: Any, depth: int) -> tuple[Node, int]:
        """Return the node that an alias names: the very same object, counted as often as it is used."""
        name = event.anchor
        anchor = self._anchors.get(name)
        if anchor is None:
            if name in self._anchors:
                self._fail("yaml-alias", f"the anchor '{name}' contains itself", self._location(event))
            hint = self._mended(event)
            self._fail("yaml-alias", f"there is no anchor '{name}' for this alias", self._location(event), hint)
        if depth + anchor.height - 1 > self._bounds.depth:
            message = f"the file is nested deeper than {self._bounds.depth} levels"
            self._fail("yaml-depth", message, self._location(event))
        self._count(anchor.nodes, event)
        return anchor.node, anchor.height

    def _count(self, nodes: int, event: Any) -> None:
        """Add ``nodes`` to the expanded size. Raises ``DataError`` (``yaml-size``, ``yaml-alias``) past the bound."""
        self._nodes += nodes
        if self._nodes > self._bounds.nodes:
            code = "yaml-alias" if nodes > 1 else "yaml-size"
            message = f"the file has more than {self._bounds.nodes} values, aliases expanded"
            self._fail(code, message, self._location(event))

    def _find_duplicates(self, entries: _Entries) -> None:
        """Note each key that stands twice in one mapping, with both places."""
        seen: dict[Hashable, Scalar] = {}
        for key, _ in entries:
            first = seen.setdefault(self._key_of(key), key)
            if first is not key and not (self._later_merge_wins and _is_merge(key)):
                note = Note("first here", first.location)
                message = f"the key '{key.text}' stands twice in one mapping"
                self._problems.append(Problem("duplicate-key", message, key.location, notes=(note,)))

    def _merged(self, entries: _Entries) -> _Entries:
        """Return ``entries`` with what each ``<<`` brings in."""
        written = {self._key_of(key) for key, _ in entries if not _is_merge(key)}
        result: dict[Hashable, tuple[Scalar, Node]] = {}
        for key, node in entries:
            if not _is_merge(key):
                result[self._key_of(key)] = (key, node)
                continue
            for inner, value in self._merge_sources(key, node):
                name = self._key_of(inner)
                if self._later_merge_wins or name not in written:
                    result[name] = (inner, value)
        return list(result.values())

    def _merge_sources(self, key: Scalar, node: Node) -> _Entries:
        """Return the entries that the merge value ``node`` stands for, weakest first."""
        sources = node.items[::-1] if isinstance(node, Sequence) else (node,)
        entries: _Entries = []
        for source in sources:
            if not isinstance(source, Mapping):
                self._fail("yaml-merge", "'<<' merges a mapping or a list of mappings", key.location)
            entries += source.entries
        return entries

    def _mended(self, event: Any) -> str | None:
        """Return the hint with the corrected line of ``event``, if there is a likely one."""
        lines = self._text.splitlines()[event.start_mark.line :]
        return _written(corrected(lines[0])) if lines else None

    def _location(self, event: Any) -> Location:
        """Return where ``event`` starts; the length is known for what ends on its line."""
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Location(self._file, start.line + 1 + self._offset, start.column + 1, max(1, length))

    def _fail(self, code: str, message: str, location: Location, hint: str | None = None) -> NoReturn:
        """Raise a ``DataError`` with one problem."""
        raise DataError(Problem(code, message, location, hint)) from None


_ESCAPE_HINT: Final = "write a backslash as \\\\ in double quotes, or use single quotes"


def _style(event: Any) -> str:
    """Return the style of a scalar event, "" for plain."""
    style: str = event.style or ""
    return style


def _is_merge(key: Scalar) -> bool:
    """Say whether ``key`` is the merge key, which quotes make an ordinary one."""
    return key.text == MERGE_KEY and not key.style and key.tag is None


def _written(line: str | None) -> str | None:
    """Return the hint that shows a corrected line."""
    return f"write it as: {line.strip()}" if line else None
