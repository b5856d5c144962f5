"""From the text of a template to what it renders."""

from __future__ import annotations

from hiera.errors import DataError, Problem
from hiera.values import Value
from manifests.puppet.erb.scope import ErbScope


def render(text: str, name: str, scope: ErbScope) -> Value:
    """Return the text that the template brings forth, a ``Secret`` if it looked into one.

    ``name`` is the path that errors name. Raises ``DataError``.
    """
    raise DataError.of("erb-unsupported", f"template {name} of {len(text)} characters in {scope}")


def check(text: str, name: str) -> list[Problem]:
    """Return what is wrong with the syntax of a template."""
    return [] if text or name else []
