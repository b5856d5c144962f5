"""Pre-images: the bytes that stood in a thing's place before the first touch, as 0600 files under keyed names."""

from __future__ import annotations

import os
from collections.abc import Iterable


class Blobs:
    """Files named by their node digest (``node:HEX``), which tells nobody without the key what they hold."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def path(self, digest: str) -> str:
        """Return the file of ``digest``."""
        return os.path.join(self._directory, digest.partition(":")[2])

    def put(self, digest: str, data: bytes) -> None:
        """Keep ``data`` durably before the first byte of the original changes."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        path = self.path(digest)
        if os.path.exists(path):
            return
        temporary = f"{path}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fdatasync(descriptor)
        os.rename(temporary, path)

    def find(self, digest: str) -> bytes | None:
        """Return the bytes kept under ``digest``, or None. The caller checks that they still match it."""
        try:
            with open(self.path(digest), "rb") as stream:
                return stream.read()
        except OSError:
            return None

    def flush(self) -> None:
        """Make the names of what was put durable."""
        try:
            descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def keep_only(self, digests: Iterable[str]) -> int:
        """Remove every blob not among ``digests``; return how many went."""
        wanted = {digest.partition(":")[2] for digest in digests}
        gone = 0
        if not os.path.isdir(self._directory):
            return 0
        for name in os.listdir(self._directory):
            if name not in wanted:
                os.unlink(os.path.join(self._directory, name))
                gone += 1
        return gone
