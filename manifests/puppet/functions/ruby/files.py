"""The Ruby files of functions, read once for each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from hiera.errors import DataError, Problem
from manifests.puppet.erb.tokens import Mistake
from manifests.puppet.source import Source


class FunctionFile:
    """A file that defines functions: its text, the closure that runs it, and the methods that it defines."""

    __slots__ = ("code", "methods", "source")

    def __init__(self, source: Source, code: Callable[[Any], Any], methods: list[str]) -> None:
        self.source = source
        self.code = code
        self.methods = methods


def _methods(tree: Any) -> Iterator[str]:
    """Yield the names of the methods that ``tree`` defines."""
    from manifests.puppet.erb.nodes import Definition  # noqa: PLC0415  few catalogs need it

    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definition):
            yield node.name
        if isinstance(node, msgspec.Struct):
            waiting += [getattr(node, name) for name in node.__struct_fields__]
        elif isinstance(node, tuple):
            waiting += node


@lru_cache(maxsize=1024)
def read(data: bytes, path: str) -> FunctionFile:
    """Return the file ``path`` that holds ``data``. Raises ``DataError`` (``function-unsupported``)."""
    from manifests.puppet.erb.parser import parse_file  # noqa: PLC0415  few catalogs need it
    from manifests.puppet.erb.statements import compiled  # noqa: PLC0415  as above

    source = Source.decode(data, path)
    try:
        tree = parse_file(source.text)
        return FunctionFile(source, compiled(tree, source), list(_methods(tree)))
    except Mistake as mistake:
        place = source.location(min(max(0, mistake.at), len(source.text)))
        raise DataError(Problem("function-unsupported", mistake.message, place)) from None
    except RecursionError:
        message = "the file is nested too deeply"
        raise DataError(Problem("function-unsupported", message, source.location(0))) from None
