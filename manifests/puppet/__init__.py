"""The Puppet language: from the text of a manifest or a template to a checked tree, and from trees to a catalog.

Other tools may read the language with what stands here: :func:`parse_text` and :func:`parse_file` give a
:class:`~manifests.puppet.loaders.parsing.Parsed`, :func:`nodes` goes through its tree, and its ``location`` says where
a node stands. The nodes are those of :mod:`manifests.puppet.ast`, data types are read by :func:`hiera.types.parse`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manifests.puppet import ast
    from manifests.puppet.loaders.parsing import Parsed

__all__ = ["nodes", "parse_file", "parse_text"]


def parse_text(text: str, file: str = "code.pp", *, puppet_version: int = 8) -> Parsed:
    """Return ``text`` parsed and checked; it is an EPP template if the name ``file`` ends in ``.epp``.

    Raises ``hiera.errors.DataError`` with every problem there is.
    """
    from manifests.puppet.loaders.parsing import read  # noqa: PLC0415  every part of the package imports this one
    from manifests.puppet.source import Source  # noqa: PLC0415  likewise

    return read(Source(text, file), puppet_version=puppet_version)


def parse_file(path: str, *, puppet_version: int = 8) -> Parsed:
    """Return the file ``path`` parsed and checked.

    Raises ``hiera.errors.DataError`` with every problem there is, and ``OSError`` if the file cannot be read.
    """
    from manifests.puppet.loaders.parsing import read  # noqa: PLC0415  see parse_text
    from manifests.puppet.source import Source  # noqa: PLC0415  likewise

    with open(path, "rb") as stream:
        return read(Source.decode(stream.read(), path), puppet_version=puppet_version)


def nodes(root: ast.Node) -> Iterator[ast.Node]:
    """Yield every node of a tree from the root down, in the order they were written."""
    from manifests.puppet.walking import walk  # noqa: PLC0415  see parse_text

    for node, _ in walk(root):
        yield node
