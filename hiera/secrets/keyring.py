"""The encryptor that asks gpg, with public keys from the control repository and nothing of the machine's own.

The keys lie in a home of their own that is gone afterwards, so that who may read a value depends on the repository
alone: not on whose keys somebody happens to hold, and not on what they trust.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Final

import msgspec

from hiera.errors import DataError

_DEADLINE: Final = 60.0


class PublicKey(msgspec.Struct, frozen=True):
    """A key that values can be encrypted for. ``ids`` are the long ids of the key and its subkeys.

    ``expires`` is that of the key or of its last subkey for encryption, in seconds since 1970; 0 means never.
    """

    fingerprint: str
    ids: tuple[str, ...]
    name: str = ""
    expires: int = 0
    revoked: bool = False
    usable: bool = True

    def expired(self, now: float | None = None) -> bool:
        """Say whether the key cannot be used any more because of its age."""
        return 0 < self.expires <= (time.time() if now is None else now)


class Keyring:
    """Public keys in a home that lives as long as the ``with`` block."""

    def __init__(self, keys: Iterable[bytes], *, program: str = "gpg") -> None:
        """``keys`` are exported public keys, armored or not."""
        self._keys = list(keys)
        self._program = program
        self._home = ""
        self.known: dict[str, PublicKey] = {}

    def __enter__(self) -> Keyring:
        """Make the home and import the keys. Raises ``DataError`` (``no-gpg``)."""
        self._home = tempfile.mkdtemp(prefix="freehold-")
        if self._keys:
            for key in self._keys:
                self._gpg(["--import-options", "import-clean", "--import"], key)
            listed = self._gpg(["--with-colons", "--fixed-list-mode", "--list-keys"], b"").stdout
            self.known = {key.fingerprint: key for key in _listed(listed.decode("utf-8", "replace"))}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the home."""
        shutil.rmtree(self._home, ignore_errors=True)

    def by_id(self, key_id: str) -> PublicKey | None:
        """Return the key that has ``key_id`` or a subkey of that id."""
        return next((key for key in self.known.values() if key_id in key.ids), None)

    def encrypt(self, plain: bytes, fingerprints: Sequence[str]) -> bytes:
        """Return ``plain`` as a message for exactly these keys. Raises ``DataError`` (``unusable-key``)."""
        recipients = [word for fingerprint in fingerprints for word in ("--recipient", fingerprint)]
        done = self._gpg(["--trust-model", "always", "--no-encrypt-to", *recipients, "--encrypt"], plain)
        if done.returncode != 0 or not done.stdout or not fingerprints:
            names = ", ".join(fingerprints) or "nobody"
            raise DataError.of(
                "unusable-key", f"gpg cannot encrypt for {names}", hint="see `freehold secret recipients`"
            )
        return done.stdout

    def _gpg(self, words: list[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        """Run gpg in the home. Raises ``DataError`` (``no-gpg``)."""
        command = [
            *(self._program, "--homedir", self._home, "--batch", "--no-tty", "--yes", "--no-options", "--quiet"),
            *("--no-auto-key-locate", "--disable-dirmngr", "--no-autostart", "--no-auto-check-trustdb", *words),
        ]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        try:
            return subprocess.run(
                command, input=stdin, capture_output=True, check=False, timeout=_DEADLINE, env=environment
            )
        except (OSError, subprocess.TimeoutExpired):
            raise DataError.of("no-gpg", "gpg cannot be run", hint="install gnupg") from None


def _listed(text: str) -> Iterator[PublicKey]:
    """Yield the keys of gpg's listing in colons."""
    rows = [line.split(":") for line in text.splitlines()]
    starts = [number for number, row in enumerate(rows) if row[0] == "pub"]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield _key(rows[start:end])


def _key(rows: list[list[str]]) -> PublicKey:
    """Return the key that the rows from one ``pub`` to the next describe."""
    parts = [row for row in rows if row[0] in ("pub", "sub")]
    first = parts[0]
    encrypting = [row for row in parts if "e" in row[11]]
    alive = [row for row in encrypting if row[1] not in ("r", "e", "i", "d")]
    times = [int(row[6] or 0) for row in alive or encrypting]
    latest = 0 if 0 in times else max(times, default=0)
    ends = [time for time in (int(first[6] or 0), latest) if time]
    return PublicKey(
        fingerprint=next(row[9] for row in rows if row[0] == "fpr"),
        ids=tuple(row[4] for row in parts),
        name=next((row[9] for row in rows if row[0] == "uid"), ""),
        expires=min(ends, default=0),
        revoked=first[1] == "r" or (bool(encrypting) and all(row[1] == "r" for row in encrypting)),
        usable=bool(alive) and first[1] not in ("r", "e", "i", "d"),
    )
