"""Facts as variables, read only when they are asked for: a kept catalog depends on those that were."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from typing import Any

from hiera.values import MISSING, Value


class LazyHash(dict[str, Value]):
    """A hash of the language whose entries are read from ``source`` one by one; whoever walks it reads them all."""

    __slots__ = ("_source",)

    def __init__(self, source: Mapping[str, Value], own: Mapping[str, Value] | None = None) -> None:
        super().__init__(own or {})
        self._source = source

    def __missing__(self, key: str) -> Value:
        value = self._source[key]
        if isinstance(value, Mapping) and not isinstance(value, dict):
            value = LazyHash(value)
        dict.__setitem__(self, key, value)
        return value

    def get(self, key: str, default: Any = None) -> Value:
        """Return the entry ``key``, or ``default``."""
        found = dict.get(self, key, MISSING)
        if found is not MISSING:
            return found
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or key in self._source

    def _filled(self) -> LazyHash:
        """Read what was not read yet, and return the whole."""
        for key in self._source:
            self[key]
        return self

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._source), **dict.fromkeys(dict.keys(self))})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return dict.__eq__(self._filled(), other if not isinstance(other, LazyHash) else other._filled())

    __hash__ = None

    def keys(self) -> Any:  # dict promises views of its own kind
        """Return all names; the values behind them stay unread."""
        return KeysView(self)

    def values(self) -> Any:
        """Return all values."""
        return dict.values(self._filled())

    def items(self) -> Any:
        """Return all entries."""
        return dict.items(self._filled())


def hash_of(facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return ``facts`` as a hash of the language."""
    return facts if isinstance(facts, dict) else LazyHash(facts)


def top_variables(facts: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
    """Return the variables of the top scope: ``own`` ones, then every fact by its name."""
    if isinstance(facts, dict):
        return {**facts, **own}
    return LazyHash(facts, own)
