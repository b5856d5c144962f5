"""Values that are tied to their place: the plaintext begins with the file and the key that it was made for.

OpenPGP protects a message against change, not against being carried to another key, which anybody can do who may write
to the repository. In a block ``ENC[BOUND,...]`` the place is part of what is encrypted, and is compared before the
value is given out. A plaintext of that kind is refused under any other label.
"""

from __future__ import annotations

from typing import Final

from hiera.secrets import BOUND, Refusal

_HEAD: Final = b"\x00freehold bound value 1\n"


def bind(plain: bytes, path: str, key: str) -> bytes:
    """Return ``plain`` tied to the top-level ``key`` of the file ``path`` of the repository."""
    return _HEAD + f"{path}\n{key}\n".encode() + plain


def is_bound(plain: bytes) -> bool:
    """Say whether a plaintext is tied to a place."""
    return plain.startswith(_HEAD)


def freed(plain: bytes, scheme: str, path: str, key: str) -> bytes | Refusal:
    """Return the value of a plaintext that was found at ``key`` of ``path``, or why it must not be there."""
    if not is_bound(plain):
        return Refusal("damaged") if scheme == BOUND else plain
    place = bind(b"", path, key)
    return plain[len(place) :] if scheme == BOUND and plain.startswith(place) else Refusal("moved")
