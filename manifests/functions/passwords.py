"""Hashes of passwords as ``/etc/shadow`` keeps them: crypt(3)'s MD5 and SHA-2 forms, after their specifications."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from hiera.types import Sensitive
from hiera.values import Value

_DIGITS: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ROUNDS: Final = 5000
_ORDERS: Final = {
    "sha256": [((at * 21) % 30, (at * 21 + 10) % 30, (at * 21 + 20) % 30) for at in range(10)],
    "sha512": [((at * 22) % 63, (at * 22 + 21) % 63, (at * 22 + 42) % 63) for at in range(21)],
}
"""Which bytes of the digest stand together in a group of four digits."""
_SHA2: Final = {"sha-256": ("sha256", "5"), "sha-512": ("sha512", "6")}


def pw_hash(password: Value, kind: str, salt: Value) -> Value:
    """Return the hash of a password under ``md5``, ``sha-256`` or ``sha-512``; undef for none."""
    plain, salt = clear(password), clear(salt)
    if plain is not None and not isinstance(plain, str):
        raise ValueError("expects the password as a String")
    name = kind.lower()
    if name.startswith("bcrypt"):
        raise ValueError("does not make bcrypt hashes: take sha-512, or keep the hash in Hiera")
    if name != "md5" and name not in _SHA2:
        raise ValueError(f"{kind} is not a valid hash type")
    if not isinstance(salt, str) or not re.fullmatch(r"[a-zA-Z0-9./]+", salt):
        raise ValueError("expects a salt of the characters a-z, A-Z, 0-9, . and /")
    if not plain:
        return None
    if name == "md5":
        return _md5(plain.encode(), salt[:8].encode())
    algorithm, number = _SHA2[name]
    return f"${number}${salt[:16]}${_sha2(algorithm, plain.encode(), salt[:16].encode())}"


def clear(value: Value) -> Value:
    """Return what is inside of a Sensitive."""
    return value.unwrap() if isinstance(value, Sensitive) else value


def _digits(value: int, count: int) -> str:
    """Return the lowest ``count`` digits of a number to the base 64, the lowest first."""
    return "".join(_DIGITS[value >> 6 * at & 63] for at in range(count))


def _repeated(block: bytes, length: int) -> bytes:
    """Return ``length`` bytes of ``block`` again and again."""
    return (block * (length // len(block) + 1))[:length]


def _sha2(algorithm: str, word: bytes, salt: bytes) -> str:
    """Return the digest of Ulrich Drepper's SHA-crypt with its usual number of rounds."""

    def new(data: bytes) -> bytes:
        return hashlib.new(algorithm, data).digest()

    second = new(word + salt + word)
    first = word + salt + _repeated(second, len(word))
    length = len(word)
    while length:
        first += second if length & 1 else word
        length >>= 1
    digest = new(first)
    words = _repeated(new(word * len(word)), len(word))
    salts = _repeated(new(salt * (16 + digest[0])), len(salt))
    for at in range(_ROUNDS):
        data = words if at & 1 else digest
        data += salts if at % 3 else b""
        data += words if at % 7 else b""
        digest = new(data + (digest if at & 1 else words))
    return _sha2_text(algorithm, digest)


def _sha2_text(algorithm: str, digest: bytes) -> str:
    """Return the digest in SHA-crypt's order of bytes."""
    text = "".join(
        _digits(digest[one] << 16 | digest[two] << 8 | digest[three], 4) for one, two, three in _ORDERS[algorithm]
    )
    if algorithm == "sha512":
        return text + _digits(digest[63], 2)
    return text + _digits(digest[31] << 8 | digest[30], 3)


def _md5(word: bytes, salt: bytes) -> str:
    """Return Poul-Henning Kamp's MD5-crypt."""

    def new(data: bytes) -> bytes:
        return hashlib.md5(data, usedforsecurity=False).digest()

    first = word + b"$1$" + salt + _repeated(new(word + salt + word), len(word))
    length = len(word)
    while length:
        first += b"\0" if length & 1 else word[:1]
        length >>= 1
    digest = new(first)
    for at in range(1000):
        data = (word if at & 1 else digest) + (salt if at % 3 else b"") + (word if at % 7 else b"")
        digest = new(data + (digest if at & 1 else word))
    groups = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
    text = "".join(_digits(digest[one] << 16 | digest[two] << 8 | digest[three], 4) for one, two, three in groups)
    return f"$1${salt.decode()}${text}{_digits(digest[11], 2)}"


def str2saltedpbkdf2(password: Value, salt: Value, rounds: int) -> dict[str, Value]:
    """Return the hash of a password as macOS keeps it."""
    plain, grain = clear(password), clear(salt)
    if not isinstance(plain, str) or not isinstance(grain, str) or len(grain.encode()) < 8:
        raise ValueError("expects a password and a salt of at least 8 bytes")
    if not 40_000 < rounds < 70_000:
        raise ValueError("expects between 40,000 and 70,000 rounds")
    digest = hashlib.pbkdf2_hmac("sha512", plain.encode(), grain.encode(), rounds, 128)
    return {"password_hex": digest.hex(), "salt_hex": grain.encode().hex(), "iterations": rounds}
