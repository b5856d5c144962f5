"""What the front end asks Hiera, and the variables it may interpolate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hiera.errors import DataError, Location, Problem
from hiera.values import MISSING, Value
from manifests.compiler import Request


class HieraScope(Mapping[str, Value]):
    """Variables as ``%{...}`` in Hiera sees them: ``facts``, ``trusted``, ``environment``, and facts at the top."""

    def __init__(self, request: Request) -> None:
        self._facts = request.facts
        self._own: dict[str, Value] = {
            "facts": request.facts,
            "trusted": trusted(request),
            "environment": request.environment,
            "node": request.node,
            "role": request.role,
        }

    def __getitem__(self, key: str) -> Value:
        if key in self._own:
            return self._own[key]
        return self._facts[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from self._facts

    def __len__(self) -> int:
        return len(self._own) + len(self._facts)


def trusted(request: Request) -> dict[str, Value]:
    """Return the trusted variables of a node: what its own configuration says, and its name."""
    return {"certname": request.node, **request.trusted}


class Lookups:
    """Asks Hiera for parameters and keys."""

    def __init__(self, request: Request) -> None:
        self._data: Any = request.data
        self._scope = HieraScope(request)

    def parameter(self, key: str, location: Location) -> Value:
        """Return the value bound to a class parameter, or ``MISSING``. Raises ``DataError``."""
        return self.find(key, location)

    def find(self, key: str, location: Location, merge: str | Mapping[str, Value] | None = None) -> Value:
        """Return the value of ``key``, or ``MISSING``. Raises ``DataError``, located here if not in the data."""
        try:
            return self._data.lookup(key, self._scope, merge)
        except DataError as error:
            raise DataError(*(_placed(problem, location) for problem in error.problems)) from None

    def place(self, key: str) -> Location | None:
        """Return where the value of ``key`` stands in the data, if Hiera can tell."""
        tell = getattr(self._data, "place", None)
        found = tell(key, self._scope) if tell is not None else None
        return found if isinstance(found, Location) else None


def _placed(problem: Problem, location: Location) -> Problem:
    """Return ``problem`` with a place."""
    if problem.location is not None:
        return problem
    return Problem(problem.code, problem.message, location, problem.hint, problem.notes, problem.severity)


__all__ = ["MISSING", "HieraScope", "Lookups", "trusted"]
