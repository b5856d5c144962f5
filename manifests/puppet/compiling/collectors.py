"""Collectors: ``Type <| query |>``, ``<<| |>>`` and the function realize."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from hiera.errors import DataError, Location, Problem
from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.compiling.names import reference, shown, split_reference
from manifests.puppet.compiling.overrides import Override
from manifests.puppet.compiling.resource import CatalogResource, Code, Parameter, flat

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.compiling.exchange import Exchange
    from manifests.puppet.evaluator.scope import Scope

Test = Callable[[CatalogResource], bool]


class Collector:
    """One collector, which is a value in a chain of arrows. ``type`` is written as printed.

    ``instead`` is what stands to its left in a chain: it takes part in the collector's place when that finds nothing.
    """

    def __init__(
        self, kind: str, test: Test | None, scope: Scope, place: Location, overrides: Sequence[Parameter] = ()
    ) -> None:
        self.type = kind
        self.test = test
        self.scope = scope
        self.place = place
        self.overrides = overrides
        self.exported = False
        self.collected: dict[tuple[str, str], CatalogResource] = {}
        self.instead: list[Value] | None = None
        self._seen = 0

    def matching(self, candidates: Sequence[CatalogResource]) -> list[CatalogResource]:
        """Return those of ``candidates`` that the query wants and that were not collected yet."""
        test = self.test
        return [
            item
            for item in candidates
            if item.key not in self.collected and (item.exported or not self.exported) and (test is None or test(item))
        ]


class Collectors:
    """The collectors of one compilation, evaluated again and again until they find nothing new."""

    def __init__(self, compilation: Compilation, exchange: Exchange | None) -> None:
        self._compilation = compilation
        self._exchange = exchange
        self._collectors: list[Collector] = []
        self._wanted: dict[tuple[str, str], Location] = {}

    def add(self, collector: Collector) -> None:
        """Take a collector."""
        self._collectors.append(collector)

    def realize(self, references: Iterable[Value], scope: Scope, node: ast.Node | None) -> None:
        """Want the resources of ``references``. Raises ``DataError`` for what is none."""
        place = self._compilation.place(scope, node)
        for item in flat(list(references)):
            key = split_reference(item) if isinstance(item, str) else reference(item)
            if key is None:
                message = "realize() takes references to resources, such as File['/x']"
                raise DataError.of("bad-reference", message, place)
            self._wanted[key] = place

    def collect(self) -> bool:
        """Realize what is wanted and there, and say whether anything new was. Raises ``DataError``."""
        found = False
        for collector in list(self._collectors):
            found = self._collect(collector) or found
        return self._realize() or found

    def _collect(self, collector: Collector) -> bool:
        """Evaluate one collector; say whether it found something new."""
        if collector.exported:
            if self._exchange is None:
                return False
            self._fetch(collector)
        fresh = collector.matching(self._compilation.catalog.of_type(collector.type))
        for resource in fresh:
            resource.virtual = False
            if collector.overrides:
                self._override(collector, resource)
        collector.collected.update({resource.key: resource for resource in fresh})
        return bool(fresh)

    def _override(self, collector: Collector, resource: CatalogResource) -> None:
        """Give ``resource`` the attributes of the collector, which beat its own."""
        code = self._code(collector.scope)
        code.free = True
        override = Override(collector.overrides, code, collector.scope, collector.place)
        self._compilation.overrides.merge(resource, override)

    def _code(self, scope: Scope) -> Code:
        return self._compilation.resource_of(scope).own_code or self._compilation.main_code

    def _fetch(self, collector: Collector) -> None:
        """Declare what other nodes exported and the collector wants."""
        if self._exchange is None:
            return
        for offered in self._exchange.offered(collector.type):
            if self._compilation.catalog.find(offered.type, offered.title) is None:
                resource = self._compilation.declare(
                    offered.type, offered.title, offered.parameters, collector.scope, None, exported=True
                )
                if collector.test is not None and not collector.test(resource):
                    resource.exported = False

    def _realize(self) -> bool:
        """Realize the resources that were asked for by name; say whether any was."""
        ready = [key for key in self._wanted if self._compilation.catalog.at(key) is not None]
        for key in ready:
            del self._wanted[key]
            resource = self._compilation.catalog.at(key)
            if resource is not None:
                resource.virtual = False
        return bool(ready)

    def unresolved(self) -> Iterable[Problem]:
        """Yield a problem for each resource that was to be realized and is not there."""
        for key, place in self._wanted.items():
            yield Problem("unknown-reference", f"failed to realize virtual resources {shown(key)}", place)
