"""What a template may ask of the code that renders it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from hiera.values import Value


class ErbScope(Protocol):
    """The scope in which a template stands.

    It may have an attribute ``shared``, a dictionary that lives as long as the scope: what ``scope.setvar`` leaves
    for the templates that this one renders is kept there, in the form that templates use.
    """

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, which may be qualified; ``MISSING`` if there is none."""

    def variables(self) -> Mapping[str, Value]:
        """Return all visible variables by name: the instance variables of the template."""

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """Return what the function ``name`` answers. Raises ``DataError``."""

    def classes(self) -> Sequence[str]:
        """Return the names of the classes in the catalog so far."""

    def tags(self) -> Sequence[str]:
        """Return the tags of the scope's resource."""

    def all_tags(self) -> Sequence[str]:
        """Return the tags of the whole catalog so far."""
