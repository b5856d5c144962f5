"""Small results kept as files between runs: syntax trees by what they were made from. Losing them costs only time."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from typing import Final

_TOUCH_AFTER: Final = 24 * 3600.0
_KEEP: Final = 30 * 24 * 3600.0


class KeptFiles:
    """A directory of bytes by name, of the form that :class:`manifests.puppet.loaders.ByteStore` asks for.

    Names are hexadecimal digests. The directory must belong to this user alone, as the state directory does.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def get(self, key: str) -> bytes | None:
        """Return what was kept as ``key``, or None."""
        path = self._path(key)
        try:
            with open(path, "rb") as stream:
                data = stream.read()
                if time.time() - os.fstat(stream.fileno()).st_mtime > _TOUCH_AFTER:
                    os.utime(path)
        except OSError:
            return None
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data`` as ``key``; a full or read-only disk is no reason to fail."""
        path = self._path(key)
        temporary = f"{path}.{secrets.token_hex(4)}"
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            try:
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with open(descriptor, "wb") as stream:
                    stream.write(data)
                os.replace(temporary, path)
            except OSError:
                os.unlink(temporary)
                raise

    def prune(self) -> None:
        """Forget what nobody read for a month."""
        oldest = time.time() - _KEEP
        for place, _, names in os.walk(self._directory):
            for name in names:
                path = os.path.join(place, name)
                with contextlib.suppress(OSError):
                    if os.stat(path).st_mtime < oldest:
                        os.unlink(path)

    def _path(self, key: str) -> str:
        return os.path.join(self._directory, key[:2], key[2:])
