"""What keeps package scripts from starting services while an image is baked (invoke-rc.d(8), policy-rc.d)."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Final

POLICY: Final = "usr/sbin/policy-rc.d"
NAMES: Final = "etc/resolv.conf"

_KEPT: Final = ".before-bake"
_MARK: Final = b"# Freehold bakes this image: no service is started. The next bake removes this file.\n"
_FORBID: Final = b"#!/bin/sh\n" + _MARK + b"exit 101\n"


class Forbidden:
    """While this is open the image below ``root`` starts no services and finds name servers.

    Afterwards it is exactly as before. What a bake that died left behind counts as ours and not as the image's. Raises
    ``OSError``.
    """

    def __init__(self, root: str) -> None:
        self._names = _Stand(root, NAMES, _MARK, 0o644) if root != "/" else None
        self._policy = _Stand(root, POLICY, _FORBID, 0o755)

    def __enter__(self) -> None:
        self._policy.put()
        if self._names is not None:
            self._names.put(only_missing=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._policy.take_back()
        if self._names is not None:
            self._names.take_back()


class _Stand:
    """A file of ours that stands in the place of the image's own, which is kept beside it."""

    def __init__(self, root: str, name: str, data: bytes, mode: int) -> None:
        real = os.path.realpath(root)
        directory = os.path.realpath(os.path.join(real, os.path.dirname(name)))
        inside = real == "/" or directory.startswith(real + "/")
        self._path = os.path.join(directory, os.path.basename(name)) if inside and os.path.isdir(directory) else None
        self._data = data
        self._mode = mode

    def put(self, *, only_missing: bool = False) -> None:
        """Put ours there; with ``only_missing`` only where the image has none."""
        self.take_back()
        if self._path is None or (only_missing and os.path.lexists(self._path)):
            return
        if os.path.lexists(self._path):
            os.rename(self._path, self._path + _KEPT)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self._mode)
        with open(descriptor, "wb") as stream:
            stream.write(self._data)
            os.fchmod(descriptor, self._mode)

    def take_back(self) -> None:
        """Remove ours, if nobody changed it, and put the image's own back."""
        if self._path is None:
            return
        if self._is_ours():
            os.unlink(self._path)
        if os.path.lexists(self._path + _KEPT) and not os.path.lexists(self._path):
            os.rename(self._path + _KEPT, self._path)

    def _is_ours(self) -> bool:
        """Say whether the file is ours, written to its end or not: an empty one only beside the image's own."""
        assert self._path is not None
        try:
            with open(self._path, "rb") as stream:
                found = stream.read(len(self._data) + 1)
        except OSError:
            return False
        return found == self._data or (not found and os.path.lexists(self._path + _KEPT))
