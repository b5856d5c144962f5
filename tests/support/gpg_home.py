"""GnuPG homes with keys to encrypt for: a node's own, and somebody else's."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

KEY = "Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\n%no-protection\n"


class GpgHome:
    """A GnuPG home with one key pair. ``path`` is short, as the agent's socket must be."""

    def __init__(self, name: str) -> None:
        self.path = tempfile.mkdtemp(prefix="fhg", dir="/tmp")
        self._name = f"{name}@example.org"
        self._run("--gen-key", data=f"{KEY}Name-Email: {self._name}\n%commit\n".encode())

    def encrypt(self, text: str) -> bytes:
        """Return ``text`` encrypted for the key of this home."""
        return self._run("--trust-model", "always", "-r", self._name, "-e", data=text.encode())

    def block(self, text: str) -> str:
        """Return ``text`` as hiera-eyaml-gpg writes it."""
        return f"ENC[GPG,{base64.b64encode(self.encrypt(text)).decode()}]"

    def key_ids(self) -> list[str]:
        """Return the long ids of the keys, subkeys included."""
        rows = self._run("--with-colons", "--list-secret-keys").decode().splitlines()
        return [row.split(":")[4] for row in rows if row.startswith(("sec:", "ssb:"))]

    def close(self) -> None:
        """End the agent and remove the home."""
        subprocess.run(["gpgconf", "--homedir", self.path, "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def _run(self, *argv: str, data: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", self.path, "--batch", "--no-tty", "--yes", *argv]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout


@pytest.fixture(scope="session")
def gpg_home() -> Iterator[Any]:
    """Return a function that gives the home of a name, made at the first call."""
    homes: dict[str, GpgHome] = {}

    def home(name: str) -> GpgHome:
        if name not in homes:
            homes[name] = GpgHome(name)
        return homes[name]

    yield home
    for made in homes.values():
        made.close()
