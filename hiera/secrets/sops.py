"""sops files: YAML or JSON with single values encrypted under a key of the file, itself by OpenPGP or age.

A value is ``ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]``; the keys that lead to it, joined by ``:``, are
authenticated with it. The file's MAC is over the values in their order. It is checked before the first secret of the
file is given out, and thereby vouches for the values that are not encrypted, too.

See https://github.com/getsops/sops for the format.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import threading
from collections.abc import Mapping
from typing import Final

import msgspec

from hiera.errors import DataError, Location, Problem
from hiera.secrets import AGE, GPG, Ciphertext, Refusal
from hiera.secrets.placeholders import of_sops
from hiera.secrets.sealed import Sealed
from hiera.secrets.sops_keys import combined, keys_of
from hiera.secrets.sops_leaves import Leaf, leaves_of
from hiera.secrets.vault import Vault, sealed_error
from hiera.values import Secret, Value

METADATA: Final = "sops"
"""The top-level key that makes a file one of sops."""

_ENCRYPTED: Final = re.compile(r"ENC\[AES256_GCM,data:(.*),iv:(.+),tag:(.+),type:(.+)\]", re.DOTALL)
_ONLY_ENCRYPTED: Final = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")
"""What the MAC begins with where it is over the encrypted values alone."""

_Path = tuple[str, ...]


def is_sops(value: Value) -> bool:
    """Say whether the data ``value`` comes from a file that sops wrote."""
    metadata = value.get(METADATA) if isinstance(value, dict) else None
    return isinstance(metadata, dict) and "lastmodified" in metadata


def unsealed(data: bytes, path: str, value: Value, places: Mapping[str, Location], vault: Vault) -> Value:
    """Return the data of a sops file without its metadata, each encrypted value a secret that is opened when needed.

    ``data`` is the file ``path`` and ``value`` what was read from it. Raises ``DataError`` (``sops-format``).
    """
    file = _File(data, path, value[METADATA], places, vault)
    return {key: file.value(item, (str(key),)) for key, item in value.items() if key != METADATA}


class _Rules:
    """Which values are encrypted, as the metadata tells it."""

    def __init__(self, metadata: Mapping[str, Value], place: Location) -> None:
        self._only = _pattern(metadata.get("encrypted_regex"), place)
        self._not = _pattern(metadata.get("unencrypted_regex"), place)
        self._suffix = metadata.get("encrypted_suffix")
        told = self._only or self._not or self._suffix
        self._plain_suffix = metadata.get("unencrypted_suffix") or ("" if told else "_unencrypted")

    def encrypted(self, path: _Path) -> bool:
        """Say whether the value at ``path`` is encrypted."""
        if self._only is not None:
            return any(self._only.search(key) for key in path)
        if self._suffix:
            return any(key.endswith(self._suffix) for key in path)
        if self._not is not None:
            return not any(self._not.search(key) for key in path)
        return not (self._plain_suffix and any(key.endswith(self._plain_suffix) for key in path))


def _pattern(text: Value, place: Location) -> re.Pattern[str] | None:
    """Return a pattern of the metadata. Raises ``DataError`` (``sops-format``)."""
    try:
        return re.compile(text) if text else None
    except (re.error, TypeError):
        raise DataError.of("sops-format", "a pattern in the metadata of sops cannot be read", place) from None


class _File:
    """One sops file: its rules, its key once that was opened, and whether its MAC was found right."""

    def __init__(
        self, data: bytes, path: str, metadata: Mapping[str, Value], places: Mapping[str, Location], vault: Vault
    ) -> None:
        self._data = data
        self._path = path
        self._metadata = metadata
        self._places = places
        self._place = places.get(METADATA, Location(path))
        self._vault = vault
        self._rules = _Rules(metadata, self._place)
        self._keys = keys_of(metadata, self._place)
        self._lock = threading.Lock()
        self._key: bytes | None = None

    def value(self, value: Value, path: _Path) -> Value:
        """Return ``value`` with each encrypted text in it a secret."""
        if isinstance(value, dict):
            return {key: self.value(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, path) for item in value]
        if not isinstance(value, str) or not value or not self._rules.encrypted(path):
            return value
        return self._sealed(value, path)

    def _sealed(self, text: str, path: _Path) -> Secret:
        """Return the secret that ``text`` is."""
        place = self._places.get(path[0], Location(self._path))

        def reveal() -> Value:
            if self._vault.sealed:
                return of_sops(text)
            return _typed(*_opened(text, self._checked_key(path[0], place), path, place), place)

        return Sealed(reveal, self._keys.messages, f"'{path[0]}' in {self._path}", place)

    def _checked_key(self, key: str, place: Location) -> bytes:
        """Return the file's key once the MAC was found right. Raises ``DataError``."""
        with self._lock:
            if self._key is None:
                data_key = self._data_key(key, place)
                self._check(data_key)
                self._key = data_key
            return self._key

    def _data_key(self, key: str, place: Location) -> bytes:
        """Return the file's key, as the first of its messages that opens tells it. Raises ``DataError``.

        Of several groups each tells a share.
        """
        what = f"'{key}' in {self._path}"
        if not self._keys.messages:
            kinds = f" but for {', '.join(self._keys.others)}" if self._keys.others else ""
            hint = "add a PGP or an age key to the file with sops; keys of other kinds are not read"
            message = f"{what} is encrypted for no PGP and no age key{kinds}"
            raise DataError(Problem("sealed-secret", message, place, hint))
        refusals: list[Refusal] = []
        shares: list[bytes] = []
        for group in self._keys.groups:
            share = self._of_group(group, refusals)
            shares += [] if share is None else [share]
            if len(shares) == self._keys.threshold:
                return self._joined(shares, what, place)
        raise self._sealed_error(refusals, len(shares), what, place)

    def _of_group(self, group: tuple[Ciphertext, ...], refusals: list[Refusal]) -> bytes | None:
        """Return what the first message of a group that opens says; why none does is added to ``refusals``."""
        for message in group:
            (plain,) = self._vault.open([message])
            if not isinstance(plain, Refusal):
                return plain
            refusals.append(plain)
        return None

    def _joined(self, shares: list[bytes], what: str, place: Location) -> bytes:
        """Return the key of which there are enough shares. Raises ``DataError`` (``damaged-secret``)."""
        key = shares[0] if len(self._keys.groups) == 1 else combined(shares)
        if key is None:
            raise DataError.of("damaged-secret", f"{what} cannot be decrypted: its shares do not fit together", place)
        return key

    def _sealed_error(self, refusals: list[Refusal], shares: int, what: str, place: Location) -> DataError:
        """Return the error of a file that too few messages open of."""
        needed = tuple(dict.fromkeys(name for refusal in refusals for name in refusal.needed)) + self._keys.recipients
        held = tuple(dict.fromkeys(name for refusal in refusals for name in refusal.held))
        rank = {"no-key": 0, "no-keyring": 1, "no-library": 2}
        first = min(refusals, key=lambda one: rank.get(one.reason, 8 if one.damaged else 4))
        scheme = GPG if any(message.openpgp for message in self._keys.messages) else AGE
        error = sealed_error(what, Refusal(first.reason, needed, held), place, scheme=scheme)
        if len(self._keys.groups) == 1:
            return error
        groups = f"{self._keys.threshold} of its {len(self._keys.groups)} key groups are needed, {shares} can be opened"
        return DataError(*(msgspec.structs.replace(one, message=f"{one.message}; {groups}") for one in error.problems))

    def _check(self, key: bytes) -> None:
        """Compare the MAC with the values. Raises ``DataError`` (``damaged-secret``)."""
        only = bool(self._metadata.get("mac_only_encrypted"))
        digest = hashlib.sha512(_ONLY_ENCRYPTED if only else b"")
        for leaf in leaves_of(self._data, self._path, METADATA):
            encrypted = self._rules.encrypted(leaf.path)
            if encrypted or not only:
                digest.update(self._plain(leaf, key) if encrypted and leaf.text else leaf.text)
        mac, modified = self._metadata.get("mac"), self._metadata.get("lastmodified")
        if not isinstance(mac, str) or not isinstance(modified, str):
            raise DataError.of("damaged-secret", f"the sops file '{self._path}' has no MAC", self._place)
        wanted, _ = _opened(mac, key, None, self._place, modified)
        if not hmac.compare_digest(wanted, digest.hexdigest().upper().encode()):
            message = f"the sops file '{self._path}' was changed without sops: its MAC does not fit its values"
            raise DataError.of("damaged-secret", message, self._place)

    def _plain(self, leaf: Leaf, key: bytes) -> bytes:
        """Return the plaintext of an encrypted leaf."""
        place = self._places.get(leaf.path[0], self._place)
        return _opened(leaf.text.decode("utf-8", "surrogateescape"), key, leaf.path, place)[0]


def _opened(text: str, key: bytes, path: _Path | None, place: Location, bound: str | None = None) -> tuple[bytes, str]:
    """Return the plaintext of one encrypted text and its type. Raises ``DataError`` (``damaged-secret``).

    What is authenticated with it is ``bound``, or the ``path`` to it.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  a heavy library
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  as above

    match = _ENCRYPTED.fullmatch(text)
    name = f"'{path[0]}'" if path else "the MAC"
    if match is None:
        raise DataError.of("damaged-secret", f"{name} should be encrypted by sops and is not", place)
    try:
        data, nonce, tag = (base64.b64decode(part, validate=True) for part in match.groups()[:3])
        also = bound if bound is not None else "".join(f"{part}:" for part in path or ())
        return AESGCM(key).decrypt(nonce, data + tag, also.encode()), match[4]
    except (binascii.Error, ValueError, InvalidTag):
        raise DataError.of("damaged-secret", f"{name} cannot be decrypted: the ciphertext is damaged", place) from None


def _typed(plain: bytes, kind: str, place: Location) -> Value:
    """Return a plaintext as the value of its type. Raises ``DataError`` (``damaged-secret``)."""
    try:
        text = plain.decode("utf-8")
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise DataError.of("damaged-secret", f"a value of type '{kind}' is none once decrypted", place) from None
    return text.lower() == "true" if kind == "bool" else text
