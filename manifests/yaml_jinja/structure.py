"""Closed mappings and references: the forms that every manifest is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hiera.errors import Collector, DataError, Location, Problem, did_you_mean
from hiera.yaml.nodes import Mapping, Node, Scalar, Sequence
from manifests.catalog import Ref

_REFERENCE: Final = re.compile(r"([a-z][a-z0-9_]*(?:::[a-z][a-z0-9_]*)*)\[(.*)\]", re.DOTALL)
_LOOSE: Final = re.compile(r"((?:::)?[A-Za-z][\w-]*(?:::[A-Za-z][\w-]*)*)\s*\[(.*)\]", re.DOTALL)
NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:::[a-z][a-z0-9_]*)*")
VARIABLE: Final = re.compile(r"[a-z_][A-Za-z0-9_]*")

BROKEN: Final = "bad-reference"


class Field(NamedTuple):
    """A key of a mapping with its value."""

    key: Scalar
    node: Node


def fields(node: Node, allowed: Iterable[str], what: str, problems: Collector) -> dict[str, Field]:
    """Return the fields of the mapping ``node``; reports those that are not ``allowed`` in ``what``."""
    allowed = tuple(allowed)
    if not isinstance(node, Mapping):
        problems.add(Problem("bad-structure", f"{what} must be a mapping", node.location))
        return {}
    found: dict[str, Field] = {}
    for key, value in node.entries:
        if key.text in allowed:
            found[key.text] = Field(key, value)
        else:
            hint = did_you_mean(key.text, allowed) or f"it may have: {', '.join(allowed)}"
            if _REFERENCE.fullmatch(key.text) and "resources" in allowed:
                hint = "resources stand below 'resources:'"
            problems.add(Problem("unknown-key", f"{what} has no key '{key.text}'", key.location, hint))
    return found


def is_null(node: Node) -> bool:
    """Say whether ``node`` is nothing: a plain scalar that is empty, ``~`` or ``null``."""
    return (
        isinstance(node, Scalar) and node.plain and node.tag is None and node.text in ("", "~", "null", "Null", "NULL")
    )


def items(node: Node) -> tuple[Node, ...]:
    """Return the items of a list, or ``node`` alone; nothing for null."""
    if isinstance(node, Sequence):
        return node.items
    return () if is_null(node) else (node,)


def scalars(node: Node, what: str, problems: Collector) -> list[Scalar]:
    """Return ``node`` as a list of scalars; reports items of another kind."""
    found: list[Scalar] = []
    for item in items(node):
        if isinstance(item, Scalar):
            found.append(item)
        else:
            problems.add(Problem("bad-structure", f"{what} must be a text or a list of texts", item.location))
    return found


def parse_reference(text: str, location: Location) -> Ref:
    """Return the reference that ``text`` writes as ``type[title]``. Raises ``DataError`` (``bad-reference``)."""
    match = _REFERENCE.fullmatch(text)
    if match is not None and match[2].strip():
        title = match[2].strip()
        return Ref(match[1], title.removeprefix("::") if match[1] == "class" else title)
    raise DataError.of(BROKEN, f"'{text}' is not a reference", location, hint=_written(text))


def _written(text: str) -> str:
    """Return a hint that shows how ``text`` was probably meant."""
    loose = _LOOSE.fullmatch(text)
    if loose is None:
        return "write type[title], such as package[nginx]"
    kind, title = loose[1].lower().removeprefix("::"), loose[2].strip()
    if not title:
        return "the title between the brackets is missing"
    return f"types are lower case, without a space before the bracket: {kind}[{title.strip(chr(39) + chr(34))}]"


def split(text: str, separators: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of ``text`` and what separates them, in turns; brackets and braces protect what is inside."""
    depth = start = at = 0
    while at < len(text):
        if text[at] in "[{":
            depth += 1
        elif text[at] in "]}":
            depth = max(0, depth - 1)
        match = separators.match(text, at) if depth == 0 else None
        if match is None:
            at += 1
            continue
        yield text[start:at].strip()
        yield match[0].strip()
        start = at = match.end()
    yield text[start:].strip()


COMMA: Final = re.compile(r",")
ARROW: Final = re.compile(r"->|~>")
