"""The messages in a sops file that hold its key, and the key put together where it is shared out over groups.

Several key groups share the key by Shamir's scheme over the field with 256 elements that AES uses: each group holds
one share, its last byte being the point at which the others are values. ``shamir_threshold`` groups suffice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hiera.errors import DataError, Location
from hiera.secrets import AGE, GPG, Ciphertext
from hiera.values import Value

_KINDS: Final = {"pgp": GPG, "age": AGE}
_OTHERS: Final = ("kms", "gcp_kms", "azure_kv", "hc_vault")
_POLYNOMIAL: Final = 0x11B


class Keys(msgspec.Struct, frozen=True):
    """The messages by group, how many groups are needed, and what other services could open the file."""

    groups: tuple[tuple[Ciphertext, ...], ...]
    threshold: int
    others: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    @property
    def messages(self) -> tuple[Ciphertext, ...]:
        """Every message."""
        return tuple(message for group in self.groups for message in group)


def keys_of(metadata: Mapping[str, Value], place: Location) -> Keys:
    """Return the keys that the metadata of a sops file tells. Raises ``DataError`` (``sops-format``)."""
    groups = metadata.get("key_groups") or [metadata]
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise DataError.of("sops-format", "the key groups in the metadata of sops cannot be read", place)
    threshold = metadata.get("shamir_threshold") or len(groups)
    if not isinstance(threshold, int) or not 1 <= threshold <= len(groups):
        raise DataError.of("sops-format", "the 'shamir_threshold' in the metadata of sops cannot be right", place)
    others = tuple(kind for kind in _OTHERS if any(group.get(kind) for group in groups))
    entries = [entry for group in groups for entry in _entries(group, "age", place)]
    recipients = tuple(str(entry.get("recipient")) for entry in entries)
    return Keys(tuple(_messages(group, place) for group in groups), threshold, others, recipients)


def _messages(group: Mapping[str, Value], place: Location) -> tuple[Ciphertext, ...]:
    """Return the messages of one group that we may be able to open."""
    return tuple(
        Ciphertext(scheme, entry["enc"].encode())
        for kind, scheme in _KINDS.items()
        for entry in _entries(group, kind, place)
        if isinstance(entry.get("enc"), str)
    )


def _entries(group: Mapping[str, Value], kind: str, place: Location) -> list[Mapping[str, Value]]:
    """Return a group's keys of one kind. Raises ``DataError`` (``sops-format``)."""
    entries = group.get(kind) or []
    if not isinstance(entries, list):
        raise DataError.of("sops-format", f"the {kind} keys in the metadata of sops cannot be read", place)
    return [entry for entry in entries if isinstance(entry, dict)]


def combined(shares: Sequence[bytes]) -> bytes | None:
    """Return the key that ``shares`` are shares of, None if they cannot be of one key."""
    points = [share[-1] for share in shares if share]
    if len(points) != len(shares) or len({*points}) != len(points) or len({len(share) for share in shares}) != 1:
        return None
    weights = [_weight(points, point) for point in points]
    return bytes(_at_zero(column, weights) for column in zip(*(share[:-1] for share in shares), strict=True))


def _at_zero(values: Sequence[int], weights: Sequence[int]) -> int:
    """Return what the polynomial through ``values`` is at zero."""
    total = 0
    for value, weight in zip(values, weights, strict=True):
        total ^= _product(value, weight)
    return total


def _weight(points: Sequence[int], point: int) -> int:
    """Return how much the value at ``point`` counts at zero, by Lagrange."""
    weight = 1
    for other in points:
        if other != point:
            weight = _product(weight, _product(other, _inverse(other ^ point)))
    return weight


def _product(one: int, other: int) -> int:
    """Return the product of two elements of the field."""
    result = 0
    while other:
        if other & 1:
            result ^= one
        one <<= 1
        if one & 0x100:
            one ^= _POLYNOMIAL
        other >>= 1
    return result


def _inverse(element: int) -> int:
    """Return the inverse of an element that is not zero: its 254th power, since its 255th is one."""
    result = 1
    for _ in range(254):
        result = _product(result, element)
    return result
