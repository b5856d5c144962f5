"""One node's catalog from one tree: picks the front ends, collects the problems, finishes the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hiera.errors import Problem
from hiera.tree import Tree
from hiera.values import Value
from manifests.catalog import Catalog, Contents, Digester
from manifests.spec import TypeSpec


class HostReader(Protocol):
    """The few files outside the tree that functions such as ``file('/abs')`` may read."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of the absolute ``path``, or None if it cannot be read."""


class Data(Protocol):
    """What the compiler wants of Hiera; :class:`hiera.lookup.Hiera` is it."""

    def lookup(self, key: str, scope: Mapping[str, Value], merge: str | Mapping[str, Value] | None = None) -> Value:
        """Return the value of ``key``, or ``MISSING``. Raises ``DataError``."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a compilation may depend on."""

    tree: Tree
    revision: str
    node: str
    environment: str
    facts: Mapping[str, Value]
    data: Data
    types: Mapping[str, TypeSpec]
    digester: Digester
    trusted: Mapping[str, Value] = field(default_factory=dict)
    role: str | None = None
    host: HostReader | None = None
    manifest: str | None = None  # compile this file of the tree alone (``apply PATH``)


@dataclass(frozen=True, slots=True)
class Compilation:
    """A catalog, the bytes its ContentRefs stand for, and what deserves a warning."""

    catalog: Catalog
    contents: Contents
    warnings: tuple[Problem, ...]
