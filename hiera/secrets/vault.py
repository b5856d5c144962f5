"""Opens ciphertexts, each at most once a run, and says in a located error why one stays closed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hiera.errors import DataError, Location, Problem
from hiera.secrets import AGE, BOUND, GPG, PKCS7, Ciphertext, Decryptor, Reason, Refusal
from hiera.secrets.placeholders import PlaceholderDecryptor
from hiera.secrets.sealed import Sealed, secrets_in
from hiera.values import Value

_WHY: Final[dict[Reason, str]] = {
    "no-scheme": "there is no decryptor for its scheme",
    "no-key": "this node holds no key for it",
    "no-keyring": "no keyring is configured on this node",
    "no-library": "the library 'pyrage', which reads age, is not installed",
    "moved": "it was made for another place",
    "unavailable": "the keyring of this node cannot be used",
    "no-passphrase": "the passphrase of this node's key cannot be read, or is another",
    "symmetric": "it is encrypted by a passphrase, not for a key",
    "damaged": "the ciphertext is damaged",
    "no-integrity": "the ciphertext has no integrity protection",
    "several-messages": "the ciphertext holds several messages",
    "too-large": "the plaintext is larger than allowed",
    "not-opened": "the key pair of this node does not open it, or it is damaged",
}

_SETTINGS: Final = {
    GPG: "{gnupghome: DIR}",
    PKCS7: "{pkcs7_private_key: FILE, pkcs7_public_key: FILE}",
    AGE: "{age_identity: FILE}",
}
"""What a node's configuration has to say for each scheme."""


class Vault:
    """The plaintexts of one run by the digest of their ciphertext; they stay in memory and nowhere else."""

    def __init__(self, decryptors: Mapping[str, Decryptor | None]) -> None:
        """``decryptors`` holds one for each scheme that is read, None where this node has no keys for it."""
        self._decryptors = decryptors
        self.sealed = any(isinstance(one, PlaceholderDecryptor) for one in decryptors.values())
        """Whether placeholders stand for all secrets."""
        self._opened: dict[bytes, bytes | Refusal] = {}
        self._lock = threading.Lock()

    def open(self, ciphertexts: Sequence[Ciphertext]) -> list[bytes | Refusal]:
        """Return what each ciphertext opens to, asking each decryptor once for all that are new."""
        digests = [hashlib.sha256(one.scheme.encode() + b"," + one.data).digest() for one in ciphertexts]
        with self._lock:
            new: dict[str, dict[bytes, bytes]] = {}
            for digest, one in zip(digests, ciphertexts, strict=True):
                if digest not in self._opened:
                    new.setdefault(one.scheme, {})[digest] = one.data
            for scheme, messages in new.items():
                self._opened.update(zip(messages, self._asked(scheme, list(messages.values())), strict=True))
            return [self._opened[digest] for digest in digests]

    def _asked(self, scheme: str, messages: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """Return the answers of the scheme's decryptor; without one every answer is a refusal."""
        opener = GPG if scheme == BOUND else scheme
        decryptor = self._decryptors.get(opener)
        if decryptor is None:
            return [Refusal("no-keyring" if opener in self._decryptors else "no-scheme")] * len(messages)
        return decryptor.decrypt(messages)

    def prefetch(self, values: Iterable[Value]) -> None:
        """Open every ciphertext in ``values`` together; what stays closed is said when it is revealed."""
        ciphertexts = [
            text
            for value in values
            for secret in secrets_in(value)
            if isinstance(secret, Sealed)
            for text in secret.ciphertexts
        ]
        if ciphertexts:
            self.open(ciphertexts)


def sealed_error(what: str, refusal: Refusal, location: Location | None, *, scheme: str = GPG) -> DataError:
    """Return the error (``sealed-secret`` or ``damaged-secret``) of ``what``, which names the keys that are missing."""
    code = "damaged-secret" if refusal.damaged else "sealed-secret"
    hints = []
    if refusal.needed:
        hints.append(f"encrypted for {', '.join(refusal.needed)}; this node holds {', '.join(refusal.held) or 'none'}")
    if refusal.reason == "no-library":
        hints.append("install 'freehold[age]'")
    elif refusal.reason == "no-keyring":
        hints.append(f"set 'secrets: {_SETTINGS.get(scheme, _SETTINGS[GPG])}' in the node's configuration")
    hint = "; ".join(hints) or None
    return DataError(Problem(code, f"{what} cannot be decrypted: {_WHY[refusal.reason]}", location, hint))
