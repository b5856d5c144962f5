"""Variables as a mapping, for Hiera and for templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hiera.values import MISSING, Value

if TYPE_CHECKING:
    from manifests.puppet.evaluator.scope import Scope


class ScopeVariables(Mapping[str, Value]):
    """The variables of a scope, each read when it is asked for."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Value:
        value = self._scope.get(name)
        if value is MISSING:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._scope.get(name) is not MISSING

    def __iter__(self) -> Iterator[str]:
        names: dict[str, None] = {}
        scope: Scope | None = self._scope
        while scope is not None:
            names.update(dict.fromkeys(scope.variables))
            scope = scope.enclosing
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)
