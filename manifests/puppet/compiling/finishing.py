"""The end of a compilation: overrides that waited, tags, what containers hand down, and checks of the whole."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError, Problem, did_you_mean
from hiera.types import Sensitive
from hiera.values import Value
from manifests.draft import RELATIONS
from manifests.puppet.compiling.names import reference, shown, split_reference
from manifests.puppet.compiling.resource import CatalogResource, flat

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation

_HANDED_DOWN: Final = ("alias", "audit", "loglevel", "noop", "schedule", "stage", "tag")


class Finishing:
    """One pass over everything that was declared; problems are gathered."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self._catalog = compilation.catalog
        self._problems = compilation.problems

    def run(self) -> None:
        """Finish every resource and check the catalog as a whole."""
        self._compilation.relationships.finish(self._problems)
        for resource in list(self._catalog):
            try:
                self._finish(resource)
            except DataError as error:
                self._problems.take(error)
        self._hand_down()
        for problem in (*self._compilation.overrides.unused(), *self._compilation.collectors.unresolved()):
            self._problems.add(problem)
        for resource in self._catalog:
            if not resource.virtual:
                self._relations(resource)

    def _finish(self, resource: CatalogResource) -> None:
        """Finish one resource. Raises ``DataError``."""
        self._compilation.overrides.finish(resource)
        resource.complete_tags()
        for name, parameter in resource.given.items():
            if isinstance(parameter.value, Sensitive):
                resource.sensitive.add(name)
                resource.given[name] = replace(parameter, value=parameter.value.value)
        if resource.kind is not None:
            self._attributes(resource)

    def _attributes(self, resource: CatalogResource) -> None:
        """Report attributes that the type does not have."""
        kind = resource.kind
        if kind is None:
            return
        for name, parameter in resource.given.items():
            if not kind.accepts(name):
                message = f"no parameter named '{name}' on {resource}"
                hint = did_you_mean(name, kind.attributes())
                self._problems.add(Problem("unknown-attribute", message, parameter.place, hint))

    def _hand_down(self) -> None:
        """Let what the site manifest and nodes contain take their metaparameters and tags, level by level."""
        contained: dict[CatalogResource, list[CatalogResource]] = {}
        for outer, inner in self._catalog.edges:
            contained.setdefault(outer, []).append(inner)
        main = self._compilation.resource_of(self._compilation.top)
        meta: dict[CatalogResource, dict[str, Value]] = {}
        waiting, seen = deque([main]), set()
        while waiting:
            outer = waiting.popleft()
            if outer in seen:
                continue
            seen.add(outer)
            for inner in contained.get(outer, ()):
                self._hand(outer, inner, meta)
                waiting.append(inner)

    def _hand(
        self, outer: CatalogResource, inner: CatalogResource, meta: dict[CatalogResource, dict[str, Value]]
    ) -> None:
        """Hand the metaparameters of ``outer`` down to ``inner``."""
        given = meta.get(outer) or _metaparameters(outer)
        if given:
            meta[outer] = given
            for name, value in given.items():
                if inner.get(name) is None:
                    inner.set(name, value)
            meta[inner] = {**given, **_metaparameters(inner)}
        inner.tags_from(outer)

    def _relations(self, resource: CatalogResource) -> None:
        """Report relationships of ``resource`` that lead nowhere."""
        for name in RELATIONS:
            parameter = resource.given.get(name)
            if parameter is None:
                continue
            for item in flat(parameter.value):
                if item is None:
                    continue
                key = split_reference(item) if isinstance(item, str) else reference(item)
                if key is None or self._catalog.at(key) is None:
                    text = shown(key) if key is not None else str(item)
                    message = f"could not find resource '{text}' in parameter '{name}'"
                    self._problems.add(Problem("unknown-reference", message, parameter.place, self._meant(text)))

    def _meant(self, text: str) -> str | None:
        """Return the hint that names the resource nearest to ``text``."""
        return did_you_mean(text, [str(one) for one in self._catalog])


def _metaparameters(resource: CatalogResource) -> dict[str, Value]:
    """Return what ``resource`` hands down to what it contains."""
    return {
        name: resource.given[name].value
        for name in _HANDED_DOWN
        if name in resource.given and resource.given[name].value is not None
    }
