"""The file ``freehold.yaml``, read strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hiera.errors import FreeholdError, Location, UsageError
from hiera.values import Value

if TYPE_CHECKING:
    from hiera.yaml.nodes import Node

_TYPED: Final = frozenset({"trusted"})
"""Settings whose values are data with types of their own; all others keep their text for the checks to read."""
_UNSHOWN: Final = frozenset({"repo"})
"""Settings whose line is never shown: somebody may have put a password there."""


def read(path: str) -> tuple[dict[str, Value], Callable[[str], Location | None]]:
    """Return the settings in the file ``path``, and where each stands.

    Raises ``UsageError``: ``config-unreadable``, ``bad-setting``, or what the strict reader says of the file.
    """
    from hiera.yaml import nodes, strict  # noqa: PLC0415  many commands have no file

    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        message = f"cannot read the configuration: {error.strerror}"
        raise UsageError.of("config-unreadable", message, Location(path), hint="`freehold init` writes one") from None
    try:
        root = strict.read(data, path)
    except FreeholdError as error:
        raise UsageError(*error.problems) from None
    if not isinstance(root, nodes.Mapping):
        raise UsageError.of("bad-setting", "the configuration must be a mapping", root.location)
    places = {key.text: Location(path) if key.text in _UNSHOWN else key.location for key, _ in root.entries}
    values = {key.text: strict.plain(node) if key.text in _TYPED else _text(node) for key, node in root.entries}
    return values, places.get


def _text(node: Node) -> Value:
    """Return ``node`` with every scalar as it is written, so that no commit or name turns into a number."""
    from hiera.yaml import nodes, strict  # noqa: PLC0415  see read

    if isinstance(node, nodes.Scalar):
        return None if strict.plain(node) is None else node.text
    if isinstance(node, nodes.Sequence):
        return [_text(item) for item in node.items]
    return {key.text: _text(item) for key, item in node.entries}
