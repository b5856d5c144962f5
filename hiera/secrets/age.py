"""The decryptor of age, which sops files may be encrypted with: the identities of one file, by the library pyrage."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Final

from hiera.secrets import Refusal

_LIMIT: Final = 1 << 20
_OPENSSH: Final = b"-----BEGIN "


class AgeDecryptor:
    """The identities in a file as ``age-keygen`` writes it, or an OpenSSH private key without a passphrase."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._identities: list[Any] | None = None

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """See :class:`hiera.secrets.Decryptor`."""
        try:
            library = importlib.import_module("pyrage")
        except ImportError:
            return [Refusal("no-library")] * len(ciphertexts)
        try:
            if self._identities is None:
                self._identities = _read(self._file, library)
        except (OSError, ValueError, library.IdentityError):
            return [Refusal("unavailable")] * len(ciphertexts)
        return [_opened(ciphertext, self._identities, library) for ciphertext in ciphertexts]


def _read(file: str, library: Any) -> list[Any]:
    """Return the identities in ``file``. Raises ``OSError``, ``ValueError`` and the library's ``IdentityError``."""
    with open(file, "rb") as stream:
        data = stream.read(_LIMIT)
    if data.startswith(_OPENSSH):
        return [library.ssh.Identity.from_buffer(data)]
    lines = (line.strip() for line in data.decode("ascii").splitlines())
    return [library.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]


def _opened(ciphertext: bytes, identities: Sequence[Any], library: Any) -> bytes | Refusal:
    """Return the plaintext of one message, or why there is none."""
    if len(ciphertext) > _LIMIT:
        return Refusal("too-large")
    try:
        plain: bytes = library.decrypt(ciphertext, identities)
    except library.DecryptError as error:
        return Refusal("no-key" if "No matching keys" in str(error) else "damaged")
    return plain
