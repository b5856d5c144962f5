"""Digests and encodings."""

from __future__ import annotations

import base64 as encodings
import hashlib
import uuid
import zlib

from hiera.ruby_text import ruby_text
from hiera.types import Binary, Sensitive
from hiera.values import Value


def _bytes(value: Value) -> bytes:
    if isinstance(value, Sensitive):
        value = value.unwrap()
    return value.data if isinstance(value, Binary) else ruby_text(value).encode()


def sha1(text: Value) -> str:
    """Return the SHA-1 digest of a text in hexadecimal."""
    return hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()


def sha256(text: Value) -> str:
    """Return the SHA-256 digest of a text in hexadecimal."""
    return hashlib.sha256(_bytes(text)).hexdigest()


def sha512(text: Value) -> str:
    """Return the SHA-512 digest of a text in hexadecimal."""
    return hashlib.sha512(_bytes(text)).hexdigest()


def md5(text: Value) -> str:
    """Return the MD5 digest of a text in hexadecimal."""
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def digest(text: Value, algorithm: str = "sha256") -> str:
    """Return the digest of a text by the named algorithm in hexadecimal."""
    if algorithm not in {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}:
        raise ValueError(f"does not know the algorithm '{algorithm}'")
    return hashlib.new(algorithm, _bytes(text), usedforsecurity=False).hexdigest()


def crc32(text: Value) -> str:
    """Return the checksum CRC-32 of a text in hexadecimal."""
    return format(zlib.crc32(_bytes(text)), "x")


def base64(action: str, text: str, method: str = "default") -> str:
    """Return a text encoded or decoded; the default method breaks lines after 60 characters."""
    if action == "decode":
        return b64decode(text)
    if method == "urlsafe":
        return encodings.urlsafe_b64encode(text.encode()).decode()
    whole = b64encode(text)
    if method == "strict":
        return whole
    return "".join(whole[at : at + 60] + "\n" for at in range(0, len(whole), 60))


def b64encode(text: Value) -> str:
    """Return a text in Base64 on one line."""
    return encodings.b64encode(_bytes(text)).decode()


def b64decode(text: str) -> str:
    """Return the text that Base64, URL-safe or not, says."""
    plain = "".join(text.split()).translate({45: "+", 95: "/"})
    try:
        return encodings.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except UnicodeDecodeError:
        raise ValueError("decodes to something that is not UTF-8") from None


def validate_x509_rsa_key_pair(certificate: str, key: str) -> None:
    """End the compilation unless a certificate is signed by a key."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  few need it
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  as above
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415  as above

    try:
        signed = load_pem_x509_certificate(certificate.encode())
    except ValueError:
        raise ValueError("Not a valid x509 certificate") from None
    try:
        private = load_pem_private_key(key.encode(), None)
    except (TypeError, ValueError):
        raise ValueError("Not a valid RSA key") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ValueError("Not a valid RSA key")  # noqa: TRY004  the author's mistake
    algorithm = signed.signature_hash_algorithm
    try:
        assert algorithm is not None
        public = private.public_key()
        public.verify(signed.signature, signed.tbs_certificate_bytes, padding.PKCS1v15(), algorithm)
    except (AssertionError, InvalidSignature):
        raise ValueError("Certificate signature does not match supplied key") from None


def fqdn_uuid(name: str) -> str:
    """Return the UUID (version 5) of a domain name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


uuid5 = fqdn_uuid
