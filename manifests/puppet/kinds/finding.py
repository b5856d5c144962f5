"""Finding a resource type by its name."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from hiera.tree import Tree
from manifests.puppet.kinds.base import Kind
from manifests.puppet.kinds.builtin import built_in


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
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> Kind | None:
        return built_in(name)

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The Ruby sources of types: name -> path, the first module's winning."""
        found: dict[str, str] = {}
        for root in (*(module.path for module in self._modules.values()), self._directory):
            place = posixpath.join(root, "lib/puppet/type")
            for item in self._tree.names(place):
                if item.endswith(".rb"):
                    found.setdefault(item[:-3], f"{place}/{item}")
        return found
