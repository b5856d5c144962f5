"""Functions as the evaluator calls them: those that need the compilation, the shared ones, ports and a site's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hiera.values import Value
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.resolving import beyond, shared, unknown
from manifests.puppet.functions.table import find

if TYPE_CHECKING:
    from manifests.functions.base import Block
    from manifests.puppet import ast
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


class Called:
    """A function of the table as something that the evaluator can call."""

    __slots__ = ("_function",)

    def __init__(self, function: ScopeFunction) -> None:
        self._function = function

    def __call__(
        self, evaluator: Evaluator, scope: Scope, arguments: list[Value], block: Block | None, node: ast.Node | None
    ) -> Value:
        """Return the answer. Raises ``DataError``."""
        function = self._function
        return function.run(Invocation(function.name, evaluator, scope, tuple(arguments), block, node))


class Missing:
    """Stands for a function that nobody has: calling it tells why."""

    __slots__ = ("_compilation", "_name")

    def __init__(self, name: str, compilation: Any) -> None:
        self._name = name
        self._compilation = compilation

    def __call__(
        self, evaluator: Evaluator, scope: Scope, arguments: list[Value], block: Block | None, node: ast.Node | None
    ) -> Value:
        """Raise ``DataError``."""
        call = Invocation(self._name, evaluator, scope, tuple(arguments), block, node)
        raise unknown(self._name, self._compilation, call)


def first(name: str) -> Called | None:
    """Return a function of Puppet's core, of stdlib or of both languages."""
    found = find(name) or shared(name)
    return Called(found) if found is not None else None


class Late:
    """Finds what is asked for last: a site's own functions and ports of those that modules have in Ruby."""

    def __init__(self, compilation: Any) -> None:
        self._compilation = compilation

    def __call__(self, name: str) -> Called | Missing | None:
        """Return the function ``name``, or what tells that there is none."""
        found = beyond(name, self._compilation)
        return Called(found) if found is not None else Missing(name, self._compilation)
