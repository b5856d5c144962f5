"""What the front end asks Hiera, and the variables it may interpolate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hiera.errors import DataError, Location, Problem
from hiera.supplied import NOTHING, Supplied
from hiera.types import Type
from hiera.values import Value, holds_secret
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
        self._tree = request.tree
        self._data: Any = request.data
        self._scope = HieraScope(request)
        self._closed: list[Value] = []

    def parameter(self, key: str, location: Location) -> Value:
        """Return the value bound to a class parameter, or ``MISSING``. Raises ``DataError``."""
        return self.find(key, location)

    def find(
        self,
        key: str,
        location: Location,
        merge: str | Mapping[str, Value] | None = None,
        supplied: Supplied = NOTHING,
    ) -> Value:
        """Return the value of ``key``, or ``MISSING``. Raises ``DataError``, located here if not in the data."""
        try:
            found = self._data.lookup(key, self._scope, merge, supplied)
        except DataError as error:
            raise DataError(*(_placed(problem, location) for problem in error.problems)) from None
        if holds_secret(found):
            self._closed.append(found)
        return found

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for a key that a file sealed as a whole may hold, or ``MISSING``."""
        found: Value = self._data.stand_in(key, kind)
        return found

    def open_all(self) -> None:
        """Have the secrets that were looked up so far decrypted together, before the first of them is opened."""
        values, self._closed = self._closed, []
        prefetch = getattr(self._data, "prefetch", None)
        if values and prefetch is not None:
            prefetch(values)

    def place(self, key: str) -> Location | None:
        """Return where the value of ``key`` stands in the data, as far as the trail of its lookup tells."""
        explain = getattr(self._data, "explain", None)
        if explain is None:
            return None
        file = _found_in(explain(key, self._scope).trail)
        if file is None or not self._tree.is_file(file):
            return None
        for number, line in enumerate(self._tree.read(file).decode("utf-8", "replace").split("\n"), 1):
            match = re.match(rf"(['\"]?){re.escape(key)}\1\s*:\s*(.*)", line)
            if match is not None:
                return Location(file, number, match.start(2) + 1, max(1, len(match[2])))
        return Location(file)


def _found_in(step: Any) -> str | None:
    """Return the file of the first path in a lookup's trail that had the key."""
    if step.kind == "path" and step.outcome == "found":
        return str(step.name)
    for inner in step.steps:
        found = _found_in(inner) if inner.kind != "options" else None
        if found is not None:
            return found
    return None


def _placed(problem: Problem, location: Location) -> Problem:
    """Return ``problem`` with a place."""
    if problem.location is not None:
        return problem
    return Problem(problem.code, problem.message, location, problem.hint, problem.notes, problem.severity)
