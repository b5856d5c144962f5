"""Bytes and what is made of them: digests, Base64, checksums. Bytes are Python's, for they are no text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from typing import Final

from manifests.puppet.erb.methods.base import Method, Table, plain, renamed
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.objects import Class, Failure, Proc, Unsupported, Value
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.values import class_name

_ALGORITHMS: Final = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
_MAX_ROUNDS: Final = 1_000_000


class Digest:
    """A digest that is being fed."""

    __slots__ = ("data", "name")
    ruby_name = "Digest"

    def __init__(self, name: str, data: bytes = b"") -> None:
        self.name = name
        self.data = data

    def done(self) -> bytes:
        """Return the digest of what it was fed."""
        return hashlib.new(self.name, self.data, usedforsecurity=False).digest()


def data_of(value: Value) -> bytes:
    """Return a text or bytes as bytes. Raises ``Failure`` for anything else."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        return value
    raise Failure("TypeError", f"no implicit conversion of {'nil' if value is None else class_name(value)} into String")


def _of_data(function: object) -> Method:
    """Return the method of a module that takes a text or bytes."""
    return lambda run, block, value, *_: function(data_of(value))  # type: ignore[operator]  # one of those below


def encode64(data: bytes) -> str:
    """Return Base64 in lines of sixty characters, each ended."""
    whole = base64.b64encode(data).decode()
    return "".join(whole[at : at + 60] + "\n" for at in range(0, len(whole), 60))


def _decoded(data: bytes) -> Value:
    """Return what Base64 stands for: a text if it is one, else bytes."""
    found = base64.b64decode(data + b"===")
    try:
        return found.decode()
    except UnicodeDecodeError:
        return found


def _strictly(data: bytes) -> Value:
    try:
        found = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Failure("ArgumentError", "invalid base64") from None
    try:
        return found.decode()
    except UnicodeDecodeError:
        return found


def of_name(name: str) -> dict[str, Method]:
    """Return the methods of the class of one algorithm."""
    return {
        "hexdigest": _of_data(lambda data: Digest(name, data).done().hex()),
        "digest": _of_data(lambda data: Digest(name, data).done()),
        "base64digest": _of_data(lambda data: base64.b64encode(Digest(name, data).done()).decode()),
        "new": lambda run, block: Digest(name),
    }


def _named(value: Value) -> str:
    """Return the algorithm that a name, a class or a digest stands for."""
    if isinstance(value, Digest):
        return value.name
    text = value.name if isinstance(value, Class) else str(value)
    name = text.rpartition("::")[2].lower().replace("-", "")
    if name not in _ALGORITHMS:
        raise Unsupported(f"the digest '{text}' is not supported")
    return name


def _new(run: Run, block: Proc | None, name: Value, data: Value = "") -> Digest:
    return Digest(_named(name), data_of(data))


def _hmac(run: Run, name: Value, key: Value, data: Value) -> bytes:
    return hmac.new(data_of(key), data_of(data), _named(name)).digest()


def derived(password: Value, salt: Value, rounds: Value, length: Value, name: Value) -> bytes:
    """Return a key derived by PBKDF2. Raises ``Failure``."""
    if not isinstance(rounds, int) or not isinstance(length, int) or not 0 < rounds <= _MAX_ROUNDS:
        raise Failure("ArgumentError", "the number of rounds cannot be used")
    return hashlib.pbkdf2_hmac(_named(name), data_of(password), data_of(salt), rounds, length)


def _kdf(run: Run, block: Proc | None, password: Value, options: Value) -> bytes:
    given = {to_s(run, key): value for key, value in options.items()}
    return derived(password, given["salt"], given["iterations"], given["length"], given["hash"])


MODULES: Final[dict[str, dict[str, Method]]] = {
    **{f"Digest::{name.upper()}": of_name(name) for name in _ALGORITHMS},
    **{f"OpenSSL::Digest::{name.upper()}": of_name(name) for name in _ALGORITHMS},
    "OpenSSL::Digest": {
        "new": _new,
        "hexdigest": lambda run, block, name, data: Digest(_named(name), data_of(data)).done().hex(),
        "digest": lambda run, block, name, data: Digest(_named(name), data_of(data)).done(),
    },
    "OpenSSL::HMAC": {
        "hexdigest": lambda run, block, name, key, data: _hmac(run, name, key, data).hex(),
        "digest": lambda run, block, name, key, data: _hmac(run, name, key, data),
    },
    "OpenSSL::KDF": {"pbkdf2_hmac": _kdf},
    "OpenSSL::PKCS5": {
        "pbkdf2_hmac": lambda run, block, password, salt, rounds, length, name: derived(
            password, salt, rounds, length, name
        ),
    },
    "Base64": {
        "encode64": _of_data(encode64),
        "strict_encode64": _of_data(lambda data: base64.b64encode(data).decode()),
        "urlsafe_encode64": _of_data(lambda data: base64.urlsafe_b64encode(data).decode()),
        "decode64": _of_data(_decoded),
        "strict_decode64": _of_data(_strictly),
        "urlsafe_decode64": _of_data(lambda data: _decoded(data.translate(bytes.maketrans(b"-_", b"+/")))),
    },
    "Zlib": {
        "crc32": lambda run, block, data="", start=0: zlib.crc32(data_of(data), start),
        "adler32": lambda run, block, data="", start=1: zlib.adler32(data_of(data), start),
    },
}


def _fed(digest: Digest, value: Value) -> Digest:
    digest.data += data_of(value)
    return digest


def _asked(form: object) -> Method:
    """Return the method that gives the digest, of a text alone if one is given."""

    def method(run: Run, block: Proc | None, digest: Digest, *given: Value) -> Value:
        whole = Digest(digest.name, data_of(given[0])) if given else digest
        return form(whole.done())  # type: ignore[operator]  # one of those below

    return method


DIGEST: Table = renamed(
    {
        **OBJECT,
        "update": lambda run, block, digest, value: _fed(digest, value),
        "hexdigest": _asked(lambda data: data.hex()),
        "digest": _asked(lambda data: data),
        "base64digest": _asked(lambda data: base64.b64encode(data).decode()),
        "name": lambda run, block, digest: digest.name.upper(),
    },
    {"<<": "update", "to_s": "hexdigest"},
)


def _unpacked(data: bytes, form: Value) -> list[Value]:
    if form in ("H*", "h*"):
        return [data.hex() if form == "H*" else "".join(pair[::-1] for pair in map("{:02x}".format, data))]
    if form == "C*":
        return list(data)
    if form in ("m0", "m"):
        return [base64.b64encode(data).decode()]
    raise Unsupported(f"unpacking as '{form}' is not supported")


def _part(data: bytes, first: Value, count: Value = None) -> Value:
    if isinstance(first, int) and isinstance(count, int):
        return data[first : first + count]
    raise Unsupported("taking this part of bytes is not supported")


BYTES: Table = renamed(
    {
        **OBJECT,
        **plain(
            {
                "unpack": _unpacked,
                "unpack1": lambda data, form: _unpacked(data, form)[0],
                "bytes": list,
                "length": len,
                "empty?": lambda data: not data,
                "+": lambda data, other: data + data_of(other),
                "[]": _part,
                "force_encoding": lambda data, *_: data,
            }
        ),
    },
    {"bytesize": "length", "size": "length", "slice": "[]"},
)
