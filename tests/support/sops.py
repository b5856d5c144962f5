"""Writes sops files, by the description of their format."""

import base64
import hashlib
import os

import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TIME = "2026-01-02T03:04:05Z"
ONLY_ENCRYPTED = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")


class SopsWriter:
    """Encrypts as sops does: each value under the file's key, bound to the keys that lead to it."""

    def __init__(self, *, only=False, wanted=lambda path: not any(key.endswith("_unencrypted") for key in path)):
        self.key = os.urandom(32)
        self.wanted = wanted
        self.only = only
        self.digest = hashlib.sha512(ONLY_ENCRYPTED if only else b"")

    def seal(self, plain, bound, kind):
        nonce = os.urandom(32)
        sealed = AESGCM(self.key).encrypt(nonce, plain, bound.encode())
        parts = [base64.b64encode(part).decode() for part in (sealed[:-16], nonce, sealed[-16:])]
        return f"ENC[AES256_GCM,data:{parts[0]},iv:{parts[1]},tag:{parts[2]},type:{kind}]"

    def value(self, value, path=()):
        if isinstance(value, dict):
            return {key: self.value(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, path) for item in value]
        if value is None:
            return None
        text, wanted = str(value), self.wanted(path)
        if wanted or not self.only:
            self.digest.update(text.encode())
        kind = {str: "str", int: "int", float: "float", bool: "bool"}[type(value)]
        return self.seal(text.encode(), "".join(f"{key}:" for key in path), kind) if wanted and text else value

    def document(self, value, messages, **more):
        data = self.value(value)
        mac = self.seal(self.digest.hexdigest().upper().encode(), TIME, "str")
        pgp = [{"created_at": TIME, "enc": text, "fp": "X"} for text in messages]
        return {**data, "sops": {"lastmodified": TIME, "mac": mac, "pgp": pgp, "version": "3.9.0", **more}}


def as_yaml(value):
    """Return a document as sops writes it."""
    return yaml.safe_dump(value, sort_keys=False)
