"""Finding a resource type by its name."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Protocol

from msgspec.structs import replace

from hiera.tree import Tree
from manifests.puppet.kinds.base import Kind
from manifests.puppet.kinds.builtin import bundled, core, usual


class _Module(Protocol):
    """What is asked of a module here."""

    @property
    def path(self) -> str:
        """The module's directory in the tree."""


class Kinds:
    """The resource types of an environment: Puppet's own, those of the usual modules, those that modules bring."""

    def __init__(self, tree: Tree, modules: Mapping[str, _Module], directory: str) -> None:
        self._tree = tree
        self._modules = modules
        self._directory = directory
        self._known: dict[str, Kind | None] = {}

    def find(self, name: str) -> Kind | None:
        """Return the type ``name`` (lower case)."""
        if not name.isidentifier():
            return None
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> Kind | None:
        """Return the type from the tables or from a module's source, which knows its own version best."""
        kind = core(name)
        if kind is not None:
            return kind
        if name not in self._sources:
            return bundled(name)
        kind = self._read(name, self._sources[name])
        return kind if kind.certain else usual(name) or bundled(name) or kind

    def _read(self, name: str, path: str) -> Kind:
        """Return the type that the Ruby source ``path`` declares; one with providers has that parameter too."""
        kind = _declared(self._tree.read(path), name, path)
        if kind is None:  # made by some code that the source only calls
            return Kind(name, (), certain=False, source=path)
        if "provider" in kind.parameters or not self._has_providers(name):
            return kind
        return replace(kind, parameters=kind.parameters | {"provider"})

    def _has_providers(self, name: str) -> bool:
        return any(self._tree.is_dir(posixpath.join(root, "lib/puppet/provider", name)) for root in self._roots())

    def _roots(self) -> list[str]:
        """Return the directories whose ``lib`` Puppet would load from."""
        return [*(module.path for module in self._modules.values()), self._directory]

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The Ruby sources of types: name -> path, the first module's winning."""
        found: dict[str, str] = {}
        for root in self._roots():
            place = posixpath.join(root, "lib/puppet/type")
            for item in self._tree.names(place):
                if item.endswith(".rb"):
                    found.setdefault(item[:-3], f"{place}/{item}")
        return found


@lru_cache(maxsize=1024)
def _declared(data: bytes, name: str, path: str) -> Kind | None:
    """Return what the Ruby source ``data`` declares, worked out once for all compilations of a process."""
    from manifests.puppet.kinds.ruby_types import read_type  # noqa: PLC0415  tables answer nearly always

    return read_type(data.decode("utf-8", "replace"), name, path)
