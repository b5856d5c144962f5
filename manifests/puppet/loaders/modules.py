"""Modules: where each stands, and what its ``metadata.json`` says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from hiera.errors import DataError, Location
from hiera.tree import Tree

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")


class Dependency(msgspec.Struct, frozen=True):
    """A module that another one needs; ``version_requirement`` in the notation of the Forge."""

    name: str
    version_requirement: str | None = None


class Metadata(msgspec.Struct, frozen=True):
    """The part of ``metadata.json`` that matters here; ``name`` is ``owner-module``."""

    name: str | None = None
    version: str | None = None
    dependencies: tuple[Dependency, ...] | None = None


@dataclass(frozen=True)
class Module:
    """A module of the modulepath; ``path`` is its directory in the tree."""

    name: str
    path: str
    tree: Tree

    @cached_property
    def metadata(self) -> Metadata:
        """What the module says of itself; empty where it says nothing. Raises ``DataError`` (``bad-metadata``)."""
        path = f"{self.path}/metadata.json"
        if not self.tree.is_file(path):
            return Metadata()
        try:
            return msgspec.json.decode(self.tree.read(path), type=Metadata)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"'{path}' is not the metadata of a module: {error}"
            raise DataError.of("bad-metadata", message, Location(path)) from None


class Modules(Mapping[str, Module]):
    """The modules of a modulepath by name; a directory is looked at when its name is asked for."""

    def __init__(self, tree: Tree, modulepath: Sequence[str]) -> None:
        self._tree = tree
        self._places = tuple(modulepath)
        self._known: dict[str, Module | None] = {}
        self._complete = False

    def __getitem__(self, name: str) -> Module:
        if name not in self._known and not self._complete:
            self._known[name] = self._look(name)
        found = self._known.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        if not self._complete:
            for name in self._names():
                if name not in self._known:
                    self._known[name] = self._look(name)
            self._complete = True
        return (name for name, found in self._known.items() if found is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _names(self) -> Iterator[str]:
        """Yield what may be a module, in the order of the modulepath."""
        for place in self._places:
            yield from self._tree.names(place)

    def _look(self, name: str) -> Module | None:
        """Return the module ``name``, if there is one."""
        if _NAME.match(name):
            for place in self._places:
                path = f"{place}/{name}" if place else name
                if self._tree.is_dir(path):
                    return Module(name, path, self._tree)
        return None
