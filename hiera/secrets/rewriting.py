"""Changes to the text of data files that leave everything else in them as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from hiera.digging import parse_key
from hiera.errors import DataError, Location
from hiera.secrets import Ciphertext, Refusal
from hiera.secrets.openpgp import recipients_of
from hiera.secrets.spans import Span, block_of, replaced, spans_of
from hiera.values import Value
from hiera.yaml import nodes
from hiera.yaml.compose import compose
from hiera.yaml.data import read

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w:.-]*\w|[A-Za-z_]")


def root_of(text: str, path: str, key: str) -> str:
    """Return the top-level key of the YAML ``text`` that ``key`` stands at or leads into. Raises ``DataError``."""
    return str(_way(compose(text.encode(), path).root, key)[0])


def _way(root: nodes.Node | None, key: str) -> tuple[str | int, ...]:
    """Return the segments of ``key``; one that stands as it is in the file is no path. Raises ``DataError``."""
    entries = root.entries if isinstance(root, nodes.Mapping) else ()
    if any(item.text == key for item, _ in entries):
        return (key,)
    parsed = parse_key(key)
    return (parsed.root, *parsed.segments)


def with_value(text: str, path: str, key: str, block: str) -> str:
    """Return the YAML ``text`` with ``block`` as the value of ``key``, which may lead into the data.

    What is new is added at the end of what it belongs to. Raises ``DataError`` (``secret-place``) if the file is of a
    shape in which that cannot be done safely.
    """
    root = compose(text.encode(), path).root
    way = _way(root, key)
    if root is None:
        new = _ended(text) + _row(way, block, "")
    else:
        lines = _ended(text).splitlines(keepends=True)
        new = _Place(lines, path).put(root, way, block, len(lines) + 1)
    _check(text, new, path, way, block)
    return new


class _Place:
    """The lines of a file on the way to where a value stands or shall stand."""

    def __init__(self, lines: list[str], path: str) -> None:
        self._lines = lines
        self._path = path

    def put(self, node: nodes.Node, way: Sequence[str | int], block: str, end: int) -> str:
        """Return the text with ``block`` at ``way`` below ``node``, what follows which begins on line ``end``."""
        if isinstance(node, nodes.Scalar) or node.flow:
            message = "a value can only be put into YAML that is written with one key or item to a line"
            raise DataError.of("secret-place", message, node.location, hint="use `freehold secret edit`")
        starts = self._starts(node)
        for number, (name, place, value) in enumerate(starts):
            if name != way[0]:
                continue
            after = starts[number + 1][1].line if number + 1 < len(starts) else end
            if len(way) > 1:
                return self.put(value, way[1:], block, after)
            head = self._lines[place.line - 1][: place.column - 1]
            return self._replaced(place, after, head + _row(way, block, "", key=isinstance(node, nodes.Mapping)))
        return self._added(node, way, block, end)

    def _starts(self, node: nodes.Mapping | nodes.Sequence) -> list[tuple[str | int, Location, nodes.Node]]:
        """Return the name or index of each entry, where it starts, and its value."""
        if isinstance(node, nodes.Mapping):
            return [(key.text, key.location, item) for key, item in node.entries]
        return [(number, item.location, item) for number, item in enumerate(node.items)]

    def _replaced(self, start: Location, after: int, row: str) -> str:
        """Return the text with ``row`` instead of the entry that starts at ``start``."""
        end = _end_of(self._lines, start.line, after, start.column - 1)
        return "".join([*self._lines[: start.line - 1], row, *self._lines[end:]])

    def _added(self, node: nodes.Mapping | nodes.Sequence, way: Sequence[str | int], block: str, end: int) -> str:
        """Return the text with a new entry at the end of ``node``."""
        last = self._starts(node)[-1][1]
        indent = " " * (node.location.column - 1)
        if isinstance(node, nodes.Sequence):
            if way[0] != len(node.items):
                message = f"there is no item {way[0]}, and the next new one is {len(node.items)}"
                raise DataError.of("secret-place", message, node.location)
            row = f"{indent}- {_row(way[1:], block, indent + '  ').lstrip(' ')}"
        else:
            row = indent + _row(way, block, indent)
        at = _end_of(self._lines, last.line, end, node.location.column - 1)
        return "".join([*self._lines[:at], row, *self._lines[at:]])


def _row(way: Sequence[str | int], block: str, indent: str, *, key: bool = True) -> str:
    """Return the lines that say ``block`` at ``way``, the first without its indentation."""
    if not way or not key:
        return f"{block}\n"
    name, rest = way[0], way[1:]
    if isinstance(name, int):
        return f"- {_row(rest, block, indent + '  ')}"
    shown = name if _PLAIN_KEY.fullmatch(name) else json.dumps(name)
    inner = f"{indent}  "
    return f"{shown}: {block}\n" if not rest else f"{shown}:\n{inner}{_row(rest, block, inner)}"


def _ended(text: str) -> str:
    """Return ``text`` with a line end at its end."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _end_of(lines: Sequence[str], start: int, after: int, indent: int) -> int:
    """Return how many lines there are up to the end of the entry on line ``start``, what follows being on ``after``.

    Blank lines, marks of documents, and comments that are indented no further than ``indent``, which the entry is,
    belong to what comes next.
    """
    end = after - 1
    while end > start and re.match(rf"\s*$|---|\.\.\.|\s{{0,{indent}}}#", lines[end - 1]):
        end -= 1
    return end


def _check(before: str, after: str, path: str, way: Sequence[str | int], block: str) -> None:
    """Raise ``DataError`` (``secret-place``) unless the value at ``way`` has become ``block``, and nothing else has."""
    try:
        was, now = (read(text.encode(), path, lambda _: None) for text in (before, after))
        fits = now == _with(was, way, block)
    except (DataError, TypeError, LookupError):
        fits = False
    if not fits:
        message = f"'{way[0]}' cannot be put into '{path}' without changing something else"
        raise DataError.of("secret-place", message, Location(path), hint="use `freehold secret edit`")


def _with(value: Value, way: Sequence[str | int], block: str) -> Value:
    """Return ``value`` with ``block`` at ``way``."""
    if not way:
        return block
    name, rest = way[0], way[1:]
    if isinstance(value, list) or (value is None and isinstance(name, int)):
        items = list(value or ())
        return [
            *items[: int(name)],
            _with(items[int(name)] if int(name) < len(items) else None, rest, block),
            *items[int(name) + 1 :],
        ]
    inner = dict(value or {})
    return inner | {name: _with(inner.get(name), rest, block)}


class Rekeyed(msgspec.Struct, frozen=True):
    """A file after ``rekey``: its text, which of its values are new, and which should be but cannot be opened here."""

    text: str
    changed: tuple[Span, ...] = ()
    closed: tuple[Span, ...] = ()


def rekeyed(
    text: str,
    wanted: Callable[[Ciphertext], bool],
    open_: Callable[[Sequence[Ciphertext]], Sequence[bytes | Refusal]],
    encrypt: Callable[[bytes, Ciphertext], Ciphertext],
) -> Rekeyed:
    """Return ``text`` with each value for which ``wanted`` is true encrypted anew; what stays closed stays."""
    spans = spans_of(text)
    stale = [span for span in spans if wanted(span.ciphertext)]
    answers = dict(zip((span.start for span in stale), open_([span.ciphertext for span in stale]), strict=True))
    closed = tuple(span for span in stale if isinstance(answers[span.start], Refusal))

    def instead(_: int, span: Span) -> str | None:
        plain = answers.get(span.start)
        if plain is None or isinstance(plain, Refusal):
            return None
        return block_of(encrypt(plain, span.ciphertext), text[span.start : span.end])

    changed = tuple(span for span in stale if span not in closed)
    return Rekeyed(replaced(text, spans, instead), changed, closed)


def readers(ciphertext: Ciphertext) -> tuple[str, ...] | None:
    """Return the ids of the keys that open ``ciphertext``, None where it does not say."""
    return recipients_of(ciphertext.data) if ciphertext.openpgp else None
