"""The strict reader: configuration, policy and manifests.

Every tag but ``!raw`` is an error, as are duplicate keys, several documents and whatever else could be read in two
ways. Scalars keep their source text; whoever knows the wanted type decides, and :func:`core` decides where nobody does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hiera.errors import DataError, Location, Problem
from hiera.yaml.compose import BOUNDS, Bounds, compose
from hiera.yaml.core import core, plain
from hiera.yaml.mending import quoted
from hiera.yaml.nodes import Mapping, Node, Scalar, Sequence

__all__ = ["RAW", "core", "plain", "read"]

RAW: Final = "!raw"
"""The one tag there is: a text that is never rendered."""


def read(data: bytes, file: str, *, line_offset: int = 0, bounds: Bounds = BOUNDS) -> Node:
    """Return the tree of the text ``data``; a text with nothing in it is an empty mapping.

    ``line_offset`` is added to every line, for YAML that is part of another file. Raises ``DataError`` with all
    duplicate keys and tags at once, besides the codes of :func:`hiera.yaml.compose.compose`.
    """
    composed = compose(data, file, bounds=bounds, line_offset=line_offset)
    if composed.root is None:
        root: Node = Mapping((), Location(file, line_offset + 1, 1))
    else:
        root = composed.root
    problems = (*composed.problems, *dict.fromkeys(_tag_problems(root, set())))
    if problems:
        raise DataError(*problems)
    return root


def _tag_problems(node: Node, seen: set[int]) -> Iterator[Problem]:
    """Yield a problem for each tag that is not ``!raw`` on a scalar; a shared node is looked at once."""
    if node.tag is not None and not (node.tag == RAW and isinstance(node, Scalar)):
        yield _tag_problem(node)
    if isinstance(node, Scalar) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _tag_problems(item, seen)
        return
    for key, item in node.entries:
        yield from _tag_problems(key, seen)
        yield from _tag_problems(item, seen)


def _tag_problem(node: Node) -> Problem:
    """Return the problem of a node's tag; a scalar's shows the text quoted, with the tag in it again."""
    tag = (node.tag or "").replace("tag:yaml.org,2002:", "!!")
    if isinstance(node, Scalar) and not node.style:
        hint = f"if the text starts with it, quote it: {quoted(f'{tag} {node.text}' if node.text else tag)}"
    elif tag == RAW:
        hint = "put it on each text"
    else:
        hint = "leave it out; the declared type decides"
    return Problem("yaml-tag", f"the tag '{tag}' means nothing here", node.location, hint)
