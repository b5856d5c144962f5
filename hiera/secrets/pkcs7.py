"""The decryptor and the encryptor of hiera-eyaml's own scheme: CMS messages (RFC 5652) for one key pair.

CMS enveloped data has no integrity protection of its own, and the certificates that ``eyaml createkeys`` makes all have
the same name and number. So a message for another key pair and a damaged one cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError, Location
from hiera.secrets import Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

_LIMIT: Final = 16 << 20


class Pkcs7Decryptor:
    """The key pair in two PEM files, read when the first message is opened."""

    def __init__(self, private_key: str, public_key: str) -> None:
        """``public_key`` is the certificate that ``eyaml createkeys`` writes beside the private key."""
        self._files = (private_key, public_key)
        self._pair: tuple[RSAPrivateKey, Certificate] | None = None

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """See :class:`hiera.secrets.Decryptor`."""
        try:
            key, certificate = self._pair or self._read()
        except (OSError, ValueError, TypeError):
            return [Refusal("unavailable")] * len(ciphertexts)
        self._pair = key, certificate
        return [_opened(ciphertext, key, certificate) for ciphertext in ciphertexts]

    def _read(self) -> tuple[RSAPrivateKey, Certificate]:
        """Return the key pair. Raises ``OSError``, ``ValueError`` or ``TypeError`` (a key with a passphrase)."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  a heavy library
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  as above

        private, public = self._files
        with open(private, "rb") as stream:
            key = load_pem_private_key(stream.read(), None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("no RSA key")  # noqa: TRY004  one exception for all wrong input
        with open(public, "rb") as stream:
            return key, read_certificate(stream.read())


def read_certificate(pem: bytes) -> Certificate:
    """Return the certificate in ``pem``. Raises ``ValueError``."""
    import warnings  # noqa: PLC0415  only reading a certificate needs it

    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415  a heavy library

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what eyaml makes has odd but harmless fields
        return load_pem_x509_certificate(pem)


def _opened(ciphertext: bytes, key: RSAPrivateKey, certificate: Certificate) -> bytes | Refusal:
    """Return the plaintext of one message, or why there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  a heavy library
    from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der  # noqa: PLC0415  as above

    if len(ciphertext) > _LIMIT:
        return Refusal("too-large")
    if not is_message(ciphertext):
        return Refusal("damaged")
    try:
        return pkcs7_decrypt_der(ciphertext, certificate, key, [])
    except (ValueError, UnsupportedAlgorithm):
        return Refusal("not-opened")


def is_message(data: bytes) -> bool:
    """Say whether ``data`` is one DER sequence from its first byte to its last, as each CMS message is."""
    if len(data) < 2 or data[0] != 0x30:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    octets = data[1] & 0x7F
    return len(data) == 2 + octets + int.from_bytes(data[2 : 2 + octets], "big")


def encrypt_pkcs7(plain: bytes, certificate: bytes, place: Location | None = None) -> bytes:
    """Return ``plain`` as a message for the holder of the certificate (PEM).

    Raises ``DataError`` (``bad-key``) located at ``place`` if that is none.
    """
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256  # noqa: PLC0415  a heavy library
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization.pkcs7 import (  # noqa: PLC0415  as above
        PKCS7EnvelopeBuilder,
        PKCS7Options,
    )

    try:
        builder = PKCS7EnvelopeBuilder().set_data(plain).add_recipient(read_certificate(certificate))
    except (ValueError, TypeError):
        raise DataError.of("bad-key", "this is no certificate of an RSA key pair in PEM form", place) from None
    return builder.set_content_encryption_algorithm(AES256).encrypt(Encoding.DER, [PKCS7Options.Binary])
