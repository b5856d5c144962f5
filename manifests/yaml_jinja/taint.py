"""Secrets inside expressions: what looks into one makes the whole result secret.

Expressions work on plain values, so that every filter and operator behaves as usual. The way from a variable to the
plain value leads through :class:`Taint`, which remembers that a secret was opened. What an evaluation that opened one
brings forth is a secret, whatever was done in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hiera.errors import DataError
from hiera.values import Secret, Value, holds_secret, revealed


class Taint:
    """Whether the evaluation under way has looked into a secret, and into which one first."""

    __slots__ = ("before_first", "failure", "secret")

    def __init__(self, before_first: Callable[[], None] = lambda: None) -> None:
        self.before_first = before_first
        self.secret: Secret | None = None
        self.failure: DataError | None = None

    def begin(self) -> Secret | None:
        """Start an evaluation; return what :meth:`end` needs to go back to the one around it."""
        before, self.secret = self.secret, None
        return before

    def end(self, before: Secret | None) -> None:
        """End an evaluation."""
        self.secret = before

    def open(self, value: Value) -> Value:
        """Return ``value`` as an expression may use it; a secret is opened and remembered."""
        if isinstance(value, Secret):
            if self.secret is None:
                self.secret = value
            return self._revealed(value)
        return value

    def open_deep(self, value: Value) -> Value:
        """Return ``value`` with everything in it in the clear."""
        if isinstance(value, Guarded):
            value = value.raw
        if holds_secret(value):
            if self.secret is None:
                self.secret = _first(value)
            return self._revealed(value)
        return value

    def _revealed(self, value: Value) -> Value:
        """Return ``value`` in the clear; why that failed is kept, for it may be told."""
        self.before_first()
        try:
            return revealed(value)
        except DataError as error:
            self.failure = error
            raise

    def guard(self, value: Value) -> Value:
        """Return ``value`` fit to be a variable: containers with secrets inside open them one by one, when asked."""
        if isinstance(value, dict):
            return GuardedMapping(value, self) if holds_secret(value) else value
        if isinstance(value, list):
            return GuardedSequence(value, self) if holds_secret(value) else value
        return value

    def reach(self, value: Value) -> Value:
        """Return a member of a guarded container: opened if secret, guarded if it holds one."""
        return self.open(value) if isinstance(value, Secret) else self.guard(value)


class Guarded:
    """A container with secrets in it; ``raw`` has them closed."""

    __slots__ = ("raw", "taint")

    def __init__(self, raw: Any, taint: Taint) -> None:
        self.raw = raw
        self.taint = taint

    def __len__(self) -> int:
        return len(self.raw)

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __str__(self) -> str:
        return str(self.taint.open_deep(self))

    def __repr__(self) -> str:
        return "Guarded(redacted)"

    def __eq__(self, other: object) -> bool:
        return bool(self.taint.open_deep(self) == self.taint.open_deep(other))

    def __hash__(self) -> int:
        raise TypeError("a list or mapping cannot be a key")


class GuardedMapping(Guarded, Mapping[str, Value]):
    """A mapping with secrets in it."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Value:
        return self.taint.reach(self.raw[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __contains__(self, key: object) -> bool:
        return key in self.raw


class GuardedSequence(Guarded, Sequence[Value]):
    """A list with secrets in it."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Value:
        if isinstance(index, slice):
            return self.taint.guard(self.raw[index])
        return self.taint.reach(self.raw[index])

    def __iter__(self) -> Iterator[Value]:
        return map(self.taint.reach, self.raw)

    def __add__(self, other: Value) -> Value:
        return self.taint.open_deep(self) + self.taint.open_deep(other)

    def __radd__(self, other: Value) -> Value:
        return other + self.taint.open_deep(self)

    def __mul__(self, times: int) -> Value:
        return self.taint.open_deep(self) * times


def unguarded(value: Value) -> Value:
    """Return ``value`` without guards, its secrets closed."""
    if isinstance(value, Guarded):
        return value.raw
    if isinstance(value, dict):
        return {key: unguarded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unguarded(item) for item in value]
    return value


def _first(value: Value) -> Secret | None:
    """Return the first secret in ``value``."""
    if isinstance(value, Secret):
        return value
    items: Iterable[Value] = ()
    if isinstance(value, Mapping):
        items = value.values()
    elif isinstance(value, list | tuple):
        items = value
    for item in items:
        found = _first(item)
        if found is not None:
            return found
    return None
