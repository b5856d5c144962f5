"""The catalog of the Puppet language: resources by name, their aliases and what contains what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from hiera.errors import DataError, Note, Problem
from hiera.values import Secret, Value
from manifests.puppet.compiling.names import CLASS, key_of
from manifests.puppet.compiling.naming import names_on_machine
from manifests.puppet.compiling.resource import CatalogResource, flat

Key = tuple[str, str]

MAX_RESOURCES: Final = 200_000
"""The most that one catalog may hold: what brings forth more does so without end."""


class PuppetCatalog:
    """The resources of one node in the order of their declaration.

    ``edges`` are pairs of container and contained; ``classes`` the names as Puppet lists them.
    """

    def __init__(self, node: str, environment: str) -> None:
        self.node = node
        self.environment = environment
        self.resources: dict[Key, CatalogResource] = {}
        self.edges: dict[tuple[CatalogResource, CatalogResource], None] = {}
        self.classes: list[str] = []
        self._names: dict[tuple[str, tuple[Value, ...]], CatalogResource] = {}
        self._by_type: dict[str, list[CatalogResource]] = defaultdict(list)

    def __iter__(self) -> Iterator[CatalogResource]:
        return iter(self.resources.values())

    def add(self, resource: CatalogResource, *, collectable: bool = True) -> None:
        """Add ``resource``. Raises ``DataError`` if something of its title, its name or its alias is there."""
        first = self.resources.get(resource.key) or self._names.get((resource.type, (resource.title,)))
        if first is not None:
            raise _duplicate(resource, first)
        if len(self.resources) >= MAX_RESOURCES:
            message = f"the catalog has more than {MAX_RESOURCES} resources"
            raise DataError.of("too-many-resources", message, resource.place, hint="does a define declare itself?")
        self.resources[resource.key] = resource
        for alias in flat(resource.get("alias")):
            if alias is not None:
                self._alias(resource, (str(alias),))
        if resource.kind is None or resource.kind.isomorphic:
            names = names_on_machine(resource)
            if names != (resource.title,) and any(name is not None for name in names):
                self._alias(resource, names)
        if collectable:
            self._by_type[resource.type].append(resource)

    def _alias(self, resource: CatalogResource, names: tuple[Value, ...]) -> None:
        """Let ``resource`` be found by ``names``. Raises ``DataError`` if something else is."""
        if names == (resource.title,):
            return
        names = tuple(_hashable(name) for name in names)
        existing = self._names.get((resource.type, names))
        if existing is None and len(names) == 1:
            existing = self.resources.get((resource.type, str(names[0])))
        if existing is not None:
            if existing is resource:
                return
            text = ", ".join(str(name) for name in names)
            message = f"cannot alias {resource} to [{text}]: {resource.type}[{text}] is already declared"
            notes = (Note("first declared here", existing.place),)
            raise DataError(Problem("duplicate-declaration", message, resource.place, notes=notes))
        self._names[resource.type, names] = resource

    def find(self, kind: str, title: str) -> CatalogResource | None:
        """Return the resource by its title, alias or name on the machine; virtual ones too."""
        key = key_of(kind, title)
        return self.resources.get(key) or self.by_name(key)

    def at(self, key: Key) -> CatalogResource | None:
        """Return the resource ``key``, as :meth:`find` does."""
        return self.resources.get(key) or self.by_name(key)

    def by_name(self, key: Key) -> CatalogResource | None:
        """Return the resource that has ``key`` as an alias, or whose name it is as a title would give it."""
        found = self._names.get((key[0], (key[1],)))
        if found is not None or key[0] == CLASS:
            return found
        if key[0] == "File" and len(key[1]) > 1 and key[1].endswith("/"):
            plain = key[1].rstrip("/") or "/"
            return self.resources.get(("File", plain)) or self._names.get(("File", (plain,)))
        return None

    def of_type(self, kind: str) -> list[CatalogResource]:
        """Return the resources of the type ``kind`` (as printed) in order."""
        return self._by_type.get(kind, [])

    def contain(self, container: CatalogResource, contained: CatalogResource) -> None:
        """Let ``container`` contain ``contained``; saying so twice counts once."""
        self.edges[container, contained] = None


def _hashable(value: Value) -> Value:
    if isinstance(value, list | dict):
        return str(value)
    return value.reveal() if isinstance(value, Secret) else value


def _duplicate(resource: CatalogResource, first: CatalogResource) -> DataError:
    """Return the error of declaring ``resource`` where ``first`` is."""
    notes = (Note("first declared here", first.place),) if first.place.line else ()
    message = f"duplicate declaration: {first} is already declared; cannot redeclare"
    return DataError(Problem("duplicate-declaration", message, resource.place, notes=notes))
