"""The ways out of a block: ``next``, ``break`` and ``return``."""

from __future__ import annotations

from hiera.errors import DataError, Location, Problem
from hiera.values import Value
from manifests.functions.base import Break

__all__ = ["Break", "Next", "Return", "illegal"]


class Next(Exception):  # noqa: N818  no error: it ends one round of a block with a value
    """``next(value)``: the block, or the body of a function, answers ``value``."""

    def __init__(self, value: Value, location: Location | None = None) -> None:
        super().__init__()
        self.value, self.location = value, location


class Return(Exception):  # noqa: N818  no error: it ends a body with a value
    """``return(value)``: the body of the function, class or define around the block ends with ``value``."""

    def __init__(self, value: Value, location: Location | None = None) -> None:
        super().__init__()
        self.value, self.location = value, location


def illegal(way: Next | Return | Break) -> DataError:
    """Return the error of a way out that leads nowhere."""
    name = type(way).__name__.lower()
    return DataError(Problem(f"stray-{name}", f"{name}() from context where this is illegal", way.location))
