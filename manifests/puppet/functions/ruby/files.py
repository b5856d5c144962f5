"""The Ruby files of functions, read once for each text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hiera.errors import DataError, Problem
from manifests.puppet.erb.tokens import Mistake
from manifests.puppet.source import Source


class FunctionFile:
    """A file that defines functions: its text, and the closure that runs it."""

    __slots__ = ("code", "source")

    def __init__(self, source: Source, code: Callable[[Any], Any]) -> None:
        self.source = source
        self.code = code


@lru_cache(maxsize=1024)
def read(data: bytes, path: str) -> FunctionFile:
    """Return the file ``path`` that holds ``data``. Raises ``DataError`` (``function-unsupported``)."""
    from manifests.puppet.erb.parser import parse_file  # noqa: PLC0415  few catalogs need it
    from manifests.puppet.erb.statements import compiled  # noqa: PLC0415  as above

    source = Source.decode(data, path)
    try:
        return FunctionFile(source, compiled(parse_file(source.text), source))
    except Mistake as mistake:
        place = source.location(min(max(0, mistake.at), len(source.text)))
        raise DataError(Problem("function-unsupported", mistake.message, place)) from None
    except RecursionError:
        message = "the file is nested too deeply"
        raise DataError(Problem("function-unsupported", message, source.location(0))) from None
