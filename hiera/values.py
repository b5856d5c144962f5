"""The values that data and manifests are made of, and the taint that marks a secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from hiera.errors import Location

Value: TypeAlias = Any
"""None, bool, int, float, str, list, dict with string keys, ``Secret``, or a value of :mod:`hiera.types`."""


class _Missing:
    """The type of ``MISSING``: no answer, which is not the answer None."""

    _only: _Missing | None = None

    def __new__(cls) -> _Missing:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


class Secret:
    """A value that must not be seen: a taint around any value, not a data type and not a ``str``.

    The value may be still encrypted: it is computed at the first ``reveal`` and kept. Printing, formatting,
    comparing, hashing and pickling raise, so that a secret can get nowhere by accident; whoever needs the value
    says ``reveal()``, which is easy to find in a review.

    ``origin`` names where it came from in words fit for an error message; ``location`` is that place.
    """

    __slots__ = ("_lock", "_value", "_wrapped", "location", "origin")

    def __init__(
        self,
        value: Value = MISSING,
        *,
        reveal: Callable[[], Value] | None = None,
        origin: str = "",
        location: Location | None = None,
    ) -> None:
        self._value = value.reveal() if isinstance(value, Secret) else value
        self._wrapped = reveal
        self._lock = threading.Lock()
        self.origin = origin
        self.location = location

    def reveal(self) -> Value:
        """Return the value in the clear, decrypting it the first time.

        Raises :class:`hiera.errors.DataError` (code ``sealed-secret``) if no key of this node opens it.
        """
        with self._lock:
            if self._value is MISSING and self._wrapped is not None:
                value = self._wrapped()
                self._value = value.reveal() if isinstance(value, Secret) else value
                self._wrapped = None
            return self._value

    def map(self, function: Callable[[Value], Value]) -> Secret:
        """Return the secret that ``function`` makes of this one, not computed before it is needed."""
        return Secret(reveal=lambda: function(self.reveal()), origin=self.origin, location=self.location)

    def __repr__(self) -> str:
        return "Secret(redacted)"

    def __str__(self) -> str:
        raise TypeError("a Secret has no text; this is a bug in Freehold")

    def __format__(self, spec: str) -> str:
        raise TypeError("a Secret cannot be formatted; this is a bug in Freehold")

    def __eq__(self, other: object) -> bool:
        raise TypeError("a Secret cannot be compared; this is a bug in Freehold")

    def __hash__(self) -> int:
        raise TypeError("a Secret cannot be hashed; this is a bug in Freehold")

    def __bool__(self) -> bool:
        raise TypeError("a Secret has no truth value; this is a bug in Freehold")

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be stored; this is a bug in Freehold")


REDACTED: Final = "[redacted]"
_PLAIN: Final = frozenset({str, int, float, bool})


def holds_secret(value: Value) -> bool:
    """Say whether ``value`` is a secret or has one inside."""
    if value is None or value.__class__ in _PLAIN:
        return False
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(holds_secret(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return any(holds_secret(item) for item in value)
    return False


def redacted(value: Value) -> Value:
    """Return ``value`` with every secret in it replaced by the text ``[redacted]``."""
    return _replace(value, lambda _: REDACTED)


def revealed(value: Value) -> Value:
    """Return ``value`` with every secret in it in the clear. The caller takes over its protection."""
    return _replace(value, lambda secret: revealed(secret.reveal()))


def _replace(value: Value, instead: Callable[[Secret], Value]) -> Value:
    """Return a copy of ``value`` with ``instead(secret)`` in the place of each secret."""
    if isinstance(value, Secret):
        return instead(value)
    if isinstance(value, Mapping):
        return {key: _replace(item, instead) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replace(item, instead) for item in value]
    return value


def joined(texts: Sequence[Value]) -> Value:
    """Return ``texts`` in one; a secret among them makes the whole a secret.

    As in Ruby, the first one says what kind of text the whole is (see ``hiera.types.data.Octets``).
    """
    try:
        whole = "".join(texts)
        return texts[0].__class__(whole) if texts else whole
    except TypeError:
        return Secret(reveal=lambda: "".join(text.reveal() if isinstance(text, Secret) else text for text in texts))
