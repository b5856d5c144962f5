"""What one call of ``lookup()`` supplies beside the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from hiera.values import MISSING, Value


class Supplied(msgspec.Struct, frozen=True):
    """Values by key: ``override`` counts instead of the data, ``fallback`` where the data has nothing.

    They hold for the keys in ``%{lookup('key')}`` and for the variables in ``%{variable}`` too, as in Puppet; not for
    the paths of the hierarchy, which are worked out before.
    """

    override: Mapping[str, Value] = {}
    fallback: Mapping[str, Value] = {}

    def answer(self, key: str, search: Callable[[str], Value]) -> Value:
        """Return the value of ``key``, for which ``search`` asks the data, or ``MISSING``."""
        if key in self.override:
            return self.override[key]
        value = search(key)
        return self.fallback.get(key, MISSING) if value is MISSING else value

    def variables(self, scope: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the variables of ``scope`` as interpolation sees them."""
        return _Variables(self, scope) if self.override or self.fallback else scope


class _Variables(Mapping[str, Value]):
    """A scope, and what was supplied above and below it."""

    def __init__(self, supplied: Supplied, scope: Mapping[str, Value]) -> None:
        self._supplied = supplied
        self._scope = scope

    def __getitem__(self, name: str) -> Value:
        value = self._supplied.answer(name, self._own)
        if value is MISSING:
            raise KeyError(name)
        return value

    def _own(self, name: str) -> Value:
        """Return the variable ``name`` of the scope, or the fact of that name, or ``MISSING``."""
        try:
            return self._scope[name]
        except KeyError:
            facts = self._scope.get("facts")
            return facts.get(name, MISSING) if isinstance(facts, Mapping) else MISSING

    def __iter__(self) -> Iterator[str]:
        return iter({**self._supplied.fallback, **self._scope, **self._supplied.override})

    def __len__(self) -> int:
        return sum(1 for _ in self)


NOTHING = Supplied()
"""What nearly every lookup brings."""
