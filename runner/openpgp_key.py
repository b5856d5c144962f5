"""A private key that is a file, such as a credential of systemd's: opened for each use, and kept in no keyring."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from hiera.secrets import Refusal
from hiera.secrets.gpg import GpgDecryptor
from hiera.values import Secret

_PLACES: Final = ("/dev/shm", "/run")  # noqa: S108  file systems in memory; mkdtemp makes a 0700 directory of its own
_DEADLINE: Final = 60.0


class KeyFile:
    """The OpenPGP private key exported to the file ``path``; ``passphrase`` knows what it is protected by, if it is."""

    def __init__(self, path: str, passphrase: Callable[[], Secret | None] | None = None) -> None:
        self._path = path
        self._passphrase = passphrase

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """See :class:`hiera.secrets.Decryptor`."""
        with _home() as home:
            if home is None or not self._open(home):
                return [Refusal("unavailable")] * len(ciphertexts)
            return GpgDecryptor(home, passphrase=self._passphrase).decrypt(ciphertexts)

    def _open(self, home: str) -> bool:
        """Bring the key into ``home``; say whether that worked."""
        options = ["--no-tty", "--no-options", "--no-auto-key-locate", "--disable-dirmngr"]
        argv = ["gpg", "--homedir", home, "--batch", "--quiet", *options, "--import", "--", self._path]
        return _call(argv, home) == 0


@contextmanager
def _home() -> Iterator[str | None]:
    """Give a private GnuPG home in memory, None where there is no place for one; its agent ends with it."""
    place = next((path for path in _PLACES if os.access(path, os.W_OK | os.X_OK)), None)
    try:
        directory = tempfile.TemporaryDirectory(prefix="freehold-", dir=place)
    except OSError:
        yield None
        return
    with directory as home:
        try:
            yield home
        finally:
            _call(["gpgconf", "--homedir", home, "--kill", "all"], home)


def _call(argv: Sequence[str], home: str) -> int:
    """Return the exit status of a program of GnuPG; 127 where it is missing."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GNUPGHOME": home}
    try:
        done = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_DEADLINE
        )
    except (OSError, subprocess.TimeoutExpired):
        return 127
    return done.returncode
