"""Encrypted values: found in data, carried as secrets, decrypted when somebody needs them.

``blocks`` finds ``ENC[...]`` in texts, ``sealed`` is the lazy secret they become, ``vault`` opens each ciphertext at
most once a run. ``gpg`` is the decryptor that asks gpg, ``pkcs7`` the one of hiera-eyaml's key pair, ``age`` the one of
age; ``sops`` reads files whose values are encrypted one by one under a key of their own; ``bound`` ties a value to its
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import msgspec

Reason = Literal[
    "no-scheme",
    "no-key",
    "no-keyring",
    "no-library",
    "moved",
    "symmetric",
    "damaged",
    "no-integrity",
    "several-messages",
    "too-large",
    "unavailable",
    "no-passphrase",
    "not-opened",
]


GPG: Final = "GPG"
"""The scheme of OpenPGP messages, as hiera-eyaml-gpg names it."""

PKCS7: Final = "PKCS7"
"""The scheme of CMS messages, hiera-eyaml's own."""

AGE: Final = "AGE"
"""The scheme of age messages, of which sops files may hold some."""

BOUND: Final = "BOUND"
"""Our own scheme: an OpenPGP message whose plaintext says for which file and key it was made."""


class Ciphertext(msgspec.Struct, frozen=True):
    """One encrypted message, and the scheme that says which decryptor opens it."""

    scheme: str
    data: bytes

    @property
    def openpgp(self) -> bool:
        """Whether it is an OpenPGP message."""
        return self.scheme in (GPG, BOUND)


class Refusal(msgspec.Struct, frozen=True):
    """Why a ciphertext stays closed. ``needed`` and ``held`` are the ids of keys that could open it, and of ours."""

    reason: Reason
    needed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def damaged(self) -> bool:
        """Whether no key would help."""
        return self.reason in ("damaged", "no-integrity", "several-messages", "too-large", "symmetric", "moved")


class Decryptor(Protocol):
    """Whoever holds private keys."""

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """Return the plaintext of each ciphertext, or why there is none, in the same order."""
