"""What a function in Ruby may ask of the compilation: the scope that calls it, or the top scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from hiera.values import Value
from manifests.puppet.erb.objects import Proc, Resource, ScopeObject
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.templates import ErbView


class FunctionView(ErbView):
    """The scope of a call."""

    @property
    def at_top(self) -> bool:
        """Say whether this is the top scope."""
        return self._call.scope is self._call.compilation.top

    def top(self) -> FunctionView:
        """Return the top scope."""
        return of_top(self._call)

    def own(self) -> Resource:
        """Return the resource whose body is evaluated."""
        return _shown(self._call.compilation.resource_of(self._call.scope))

    def resource(self, kind: str, title: str) -> Resource | None:
        """Return the resource by its type and title, None if it is not declared."""
        found = self._call.compilation.find_resource(kind, title)
        return None if found is None else _shown(found)

    def resources(self) -> Iterator[Resource]:
        """Yield all resources declared so far."""
        yield from map(_shown, list(self._call.compilation.catalog))


def _shown(found: Any) -> Resource:
    """Return a resource of the catalog as Ruby sees it."""
    return Resource(found.type, found.title, found.parameters, list(found.tags))


def of_call(call: Invocation) -> FunctionView:
    """Return the scope that calls."""
    return FunctionView(call)


def of_top(call: Invocation) -> FunctionView:
    """Return the top scope, in which functions of the new form stand."""
    return FunctionView(replace(call, scope=call.compilation.top))


def scope_words(run: Any, scope: ScopeObject) -> dict[str, Proc]:
    """Return the methods of ``scope`` as functions: a function of the old form is a method of the scope."""
    from manifests.puppet.erb.methods.common import OBJECT  # noqa: PLC0415  few catalogs need it
    from manifests.puppet.erb.methods.puppet import SCOPE  # noqa: PLC0415  as above

    def word(method: Callable[..., Value]) -> Proc:
        return Proc(lambda *arguments, block=None: method(run, block, scope, *arguments))

    return {name: word(method) for name, method in SCOPE.items() if name not in OBJECT}
