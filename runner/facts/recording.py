"""Which facts were read: what a cached catalog depends on (and all that it depends on)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from hiera.values import MISSING, Value
from runner.facts.collection import plain

Path: TypeAlias = tuple[str, ...]

Seen: TypeAlias = dict[str, Any]
"""What was seen at a path, fit for JSON: ``{"value": ...}``, ``{"mapping": true}``, ``{"missing": true}`` or, when a
mapping was walked, ``{"names": [...]}``."""


class _Node(Mapping[str, Value]):
    """A mapping that notes what is read of it. Nested mappings are handed out as such nodes, lists as copies.

    Has no public attributes but those of a mapping, so that a template's ``facts.os.name`` finds facts alone.
    """

    __slots__ = ("_notes", "_path", "_value")

    def __init__(self, value: Mapping[str, Value], path: Path, notes: dict[tuple[Path, str], Seen]) -> None:
        self._value = value
        self._path = path
        self._notes = notes

    def __getitem__(self, key: str) -> Value:
        path = (*self._path, key)
        value = self._value.get(key, MISSING)
        self._notes[path, "read"] = _seen(value)
        if value is MISSING:
            raise KeyError(key)
        return _Node(value, path, self._notes) if isinstance(value, Mapping) else plain(value)

    def __contains__(self, key: object) -> bool:
        try:
            self[str(key)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        names = list(self._value)
        self._notes[self._path, "walked"] = {"names": sorted(names)}
        return iter(names)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return repr(plain(self))


class Recording(_Node):
    """Facts that note what is read of them. A fact read is noted with its value, a missing one as missing.

    Walking over a mapping notes its names; values met on the way note themselves.
    """

    __slots__ = ()

    def __init__(self, facts: Mapping[str, Value]) -> None:
        super().__init__(facts, (), {})

    def reads(self) -> list[tuple[Path, Seen]]:
        """Return what was read so far, fit for JSON."""
        return [(path, seen) for (path, _), seen in list(self._notes.items())]


def unchanged(noted: Sequence[Sequence[Any]], facts: Mapping[str, Value]) -> bool:
    """Say whether ``facts`` would give the same answers as those in ``noted``, which may have been through JSON.

    Only what was read is looked at, so no other fact is gathered.
    """
    return all(_same(_at(facts, path), seen) for path, seen in noted)


def _seen(value: Value) -> Seen:
    """Return what is noted of a value that was read."""
    if value is MISSING:
        return {"missing": True}
    return {"mapping": True} if isinstance(value, Mapping) else {"value": plain(value)}


def _at(facts: Mapping[str, Value], path: Sequence[str]) -> Value:
    """Return the value at ``path``, or ``MISSING``."""
    value: Value = facts
    for key in path:
        value = value.get(key, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def _same(value: Value, seen: Seen) -> bool:
    """Say whether ``value`` is as it was seen; 1 and true are two values."""
    if "names" in seen:
        return isinstance(value, Mapping) and sorted(value) == seen["names"]
    return repr(_seen(value)) == repr(seen)
