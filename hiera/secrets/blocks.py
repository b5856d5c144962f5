"""``ENC[scheme,base64]`` blocks inside texts, as hiera-eyaml writes them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from hiera.errors import DataError, Location, Problem
from hiera.secrets import PKCS7, Ciphertext, Refusal
from hiera.secrets.bound import freed
from hiera.secrets.sealed import Sealed
from hiera.secrets.vault import Vault, sealed_error
from hiera.values import Value

MARK: Final = "ENC["
"""What a text holds that may hold a block."""

BLOCK: Final = re.compile(r"ENC\[(?:([A-Za-z0-9_]+),)?([A-Za-z0-9+/=\s]+)\]")
"""A block: its scheme, if it names one, and its base64."""
_BROKEN: Final = re.compile(r"ENC\[(?:GPG|PKCS7|BOUND|gpg|pkcs7|bound),")


def sealed_text(vault: Vault, text: str, location: Location, key: str) -> Value:
    """Return the secret that ``text`` is if it holds blocks, else ``text``.

    Everything around the blocks belongs to the secret. A block that is cut or garbled makes a secret that raises when
    it is revealed: ciphertext must never be taken for a value.
    """
    parts = _parts(text)
    origin = f"'{key}' in {location.file}" if key else location.file
    if len(parts) == 1 and not _BROKEN.search(text):
        return text
    ciphertexts = tuple(part for part in parts if isinstance(part, Ciphertext))

    def reveal() -> str:
        return "".join(_opened(vault, part, origin, location, key) for part in parts).removesuffix("\n")

    return Sealed(reveal, ciphertexts, origin, location)


def _parts(text: str) -> list[str | Ciphertext | None]:
    """Return the plain pieces of ``text`` and its blocks in turn, None for one that is garbled."""
    parts: list[str | Ciphertext | None] = []
    at = 0
    for match in BLOCK.finditer(text):
        parts += [text[at : match.start()], ciphertext_of(match)]
        at = match.end()
    return [*parts, text[at:]]


def ciphertext_of(match: re.Match[str]) -> Ciphertext | None:
    """Return the block that ``match`` found: PKCS7 without a scheme; folding and indentation inside mean nothing."""
    try:
        data = base64.b64decode("".join(match[2].split()), validate=True)
    except binascii.Error:
        return None
    return Ciphertext((match[1] or PKCS7).upper(), data) if data else None


def _opened(vault: Vault, part: str | Ciphertext | None, origin: str, location: Location, key: str) -> str:
    """Return the plaintext of ``part``. Raises ``DataError`` (``sealed-secret``, ``damaged-secret``)."""
    if part is None or (isinstance(part, str) and _BROKEN.search(part)):
        raise sealed_error(origin, Refusal("damaged"), location)
    if isinstance(part, str):
        return part
    (plain,) = vault.open([part])
    if not isinstance(plain, Refusal) and not vault.sealed:
        plain = freed(plain, part.scheme, location.file, key)
    if isinstance(plain, Refusal):
        what = f"{origin} (ENC[{part.scheme}])" if plain.reason == "no-scheme" else origin
        raise sealed_error(what, plain, location, scheme=part.scheme)
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(Problem("damaged-secret", f"{origin} is not UTF-8 text once decrypted", location)) from None
