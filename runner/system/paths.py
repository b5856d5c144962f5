"""Opening paths inside the root directory of a run, so that no link leads out of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from runner.system.libc import openat2

_PATH_DIRECTORY: Final = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_MAX_LINKS: Final = 40  # as the kernel's MAXSYMLINKS

Opener = Callable[[int, str, int], int]


class Root:
    """The directory that a run takes for ``/``."""

    def __init__(self, path: str = "/", opener: Opener | None = None) -> None:
        self.path = os.path.realpath(path)
        self._descriptor = -1
        self._opener = opener
        if self.path != "/":
            self._descriptor = os.open(self.path, _PATH_DIRECTORY)
            self._opener = opener or (openat2 if _has_openat2(self._descriptor) else walk)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def open(self, path: str, flags: int) -> int:
        """Return a descriptor of ``path`` inside the root. Raises ``OSError``."""
        if self._opener is None:
            return os.open(path, flags | os.O_CLOEXEC)
        return self._opener(self._descriptor, path, flags)

    def lstat(self, path: str) -> os.stat_result:
        """Return what stands at ``path`` itself. Raises ``OSError``."""
        if self._opener is None:
            return os.lstat(path)
        descriptor = self.open(path, os.O_PATH | os.O_NOFOLLOW)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def parent(self, path: str) -> Iterator[tuple[int, str]]:
        """Give a descriptor of the directory that ``path`` stands in, and its name there. Raises ``OSError``."""
        directory, name = os.path.split(path)
        if not name or name in {".", ".."}:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        descriptor = self.open(directory, _PATH_DIRECTORY)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)


def _has_openat2(root: int) -> bool:
    """Say whether the kernel (and a container's filter) lets us use ``openat2``."""
    try:
        os.close(openat2(root, ".", _PATH_DIRECTORY))
    except OSError:
        return False
    return True


def walk(root: int, path: str, flags: int) -> int:
    """Open ``path`` as ``openat2`` does, one component after the other, for kernels without it."""
    opened: list[int] = []
    try:
        return _walk(root, opened, path, flags)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _walk(root: int, opened: list[int], path: str, flags: int) -> int:
    """Return the descriptor of ``path``; those of the directories on the way are left in ``opened``."""
    pending = [part for part in reversed(path.split("/")) if part not in {"", "."}]
    links = 0
    while pending:
        name, here = pending.pop(), opened[-1] if opened else root
        if name == "..":
            with suppress(IndexError):
                os.close(opened.pop())
            continue
        target = None if not pending and flags & os.O_NOFOLLOW else _link(here, name)
        if target is not None:
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if target.startswith("/"):
                while opened:
                    os.close(opened.pop())
            pending += [part for part in reversed(target.split("/")) if part not in {"", "."}]
        elif pending:
            opened.append(os.open(name, _PATH_DIRECTORY | os.O_NOFOLLOW, dir_fd=here))
        else:
            return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
    return os.open(".", (flags & ~os.O_NOFOLLOW) | os.O_CLOEXEC, dir_fd=opened[-1] if opened else root)


def _link(directory: int, name: str) -> str | None:
    """Return what the link ``name`` says, or None if it is no link. Raises ``OSError`` if there is nothing."""
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return None
        raise
