"""The few files outside the tree that a compilation may read, by functions such as ``file('/etc/machine-id')``."""

from __future__ import annotations

import os

LIMIT = 1 << 20
"""Bytes of one file that a function may read."""


class HostFiles:
    """Reads absolute paths below ``root`` and notes whether it was asked: such a catalog is not kept."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.asked = False

    def read(self, path: str) -> bytes | None:
        """Return the bytes of the regular file ``path``, or None if it cannot be read or is too large."""
        self.asked = True
        whole = os.path.join(self._root, path.lstrip("/"))
        try:
            with open(whole, "rb", opener=_opener) as stream:
                data = stream.read(LIMIT + 1)
        except OSError:
            return None
        return data if len(data) <= LIMIT else None


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
