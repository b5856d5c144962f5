"""Keys with dots: ``a::b.c.0`` names a root key and the way down into its value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from hiera.errors import DataError, Location
from hiera.values import MISSING, Secret, Value

_SEGMENT: Final = r"""(?:\s*"[^"]+"\s*|\s*'[^']+'\s*|[^'".]+)"""
_KEY: Final = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT})*")
_SEGMENTS: Final = re.compile(_SEGMENT)
_INDEX: Final = re.compile(r"[+-]?[0-9]{1,18}")


class Key(msgspec.Struct, frozen=True):
    """A key in its parts; a segment of digits is an index."""

    text: str
    root: str
    segments: tuple[str | int, ...]

    @property
    def module(self) -> str | None:
        """The module whose data may answer the key: what stands before the first ``::``."""
        head, colons, _ = self.root.partition("::")
        return head if colons else None


@lru_cache(maxsize=4096)
def parse_key(text: str) -> Key:
    """Return ``text`` in its parts. Raises ``DataError`` (``lookup-key``)."""
    if not any(char in text for char in "'\"."):
        return Key(text, text, ())
    if _KEY.fullmatch(text):
        root, *segments = (_segment(match[0].strip()) for match in _SEGMENTS.finditer(text))
        return Key(text, str(root), tuple(segments))
    hint = "separate segments with '.', and quote one that holds a '.'"
    raise DataError.of("lookup-key", f"'{text}' is not a key", hint=hint)


def _segment(text: str) -> str | int:
    """Return one segment without its quotes, or as the index it is."""
    if text[:1] in "'\"":
        return text[1:-1]
    return int(text) if _INDEX.fullmatch(text) else text


def dig(value: Value, segments: Sequence[str | int], key: str, place: Location | None = None) -> Value:
    """Return what ``segments`` lead to inside ``value``, or ``MISSING``; below a secret everything is secret.

    Hashes are read item by item, since a mapping may record what is read of it. Raises ``DataError`` (``lookup-dig``)
    where a segment meets a value that has no inside.
    """
    for at, segment in enumerate(segments):
        if isinstance(value, Secret):
            rest = segments[at:]
            return value.map(lambda inner: _surely(dig(inner, rest, key, place), key, place))  # noqa: B023  returned
        value = _step(value, segment, key, place)
        if value is MISSING:
            return MISSING
    return value


def _step(value: Value, segment: str | int, key: str, place: Location | None) -> Value:
    """Return the item of ``value`` that ``segment`` names, or ``MISSING``."""
    if value is None:
        return MISSING
    if isinstance(value, Mapping):
        try:
            return value[segment]
        except KeyError:
            return MISSING
    if isinstance(value, list | tuple) and isinstance(segment, int):
        return value[segment] if 0 <= segment < len(value) else MISSING
    kind = "an array" if isinstance(value, list | tuple) else "a single value"
    message = f"the key '{key}' asks for '{segment}' of {kind}"
    raise DataError.of("lookup-dig", message, place)


def _surely(value: Value, key: str, place: Location | None) -> Value:
    """Return ``value``. Raises ``DataError`` (``lookup-dig``) if a secret turned out to have no such item."""
    if value is MISSING:
        raise DataError.of("lookup-dig", f"the secret has no '{key}'", place)
    return value
