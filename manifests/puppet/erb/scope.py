"""What a template may ask of the code that renders it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hiera.values import Value


class ErbScope(Protocol):
    """The scope in which a template stands."""

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, which may be qualified; ``MISSING`` if there is none."""

    def variables(self) -> Mapping[str, Value]:
        """Return all visible variables by name: the instance variables of the template."""

    def call(self, name: str, arguments: Sequence[Value], block: Callable[..., Value] | None = None) -> Value:
        """Return what the function ``name`` answers, given a block or none. Raises ``DataError``."""

    def keep(self, name: str, value: Value) -> None:
        """Set the variable ``name`` to a value of Ruby, which templates of the same scope share."""

    def kept(self, name: str) -> Value:
        """Return the very value that was kept as ``name``, or ``MISSING``."""

    def classes(self) -> Sequence[str]:
        """Return the names of the classes in the catalog so far."""

    def tags(self) -> Sequence[str]:
        """Return the tags of the scope's resource."""

    def all_tags(self) -> Sequence[str]:
        """Return the tags of the whole catalog so far."""
