"""New content for a file in one step: a temporary file beside it, made ready, then renamed over it."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from typing import Final, NamedTuple

PREFIX: Final = ".freehold-"
TEMPORARY: Final = re.compile(r"\.freehold-[0-9a-f]{16}")
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Temporary(NamedTuple):
    """A temporary file that waits to be published; ``stamp`` tells it from another of that name."""

    name: str
    stamp: tuple[int, int, int]


class Owner(NamedTuple):
    """Mode, owner and group to be set; None is not to be set."""

    mode: int | None
    uid: int | None
    gid: int | None


def new_name() -> str:
    """Return a name that nobody has guessed."""
    return PREFIX + secrets.token_hex(8)


def create(directory: int, data: bytes) -> Temporary:
    """Write ``data`` to a new file that only this process's user can read. Raises ``OSError``."""
    name = new_name()
    descriptor = os.open(name, _CREATE, 0o600, dir_fd=directory)
    try:
        _write_all(descriptor, data)
        found = os.fstat(descriptor)
    except OSError:
        os.unlink(name, dir_fd=directory)
        raise
    finally:
        os.close(descriptor)
    return Temporary(name, _stamp(found))


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    """Return what a file has that its replacement has not; an inode's number alone may be used again."""
    return found.st_dev, found.st_ino, found.st_ctime_ns


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def publish(directory: int, temporary: Temporary, name: str, wish: Owner) -> None:
    """Give the temporary file its mode and owner and rename it to ``name``. Raises ``OSError``.

    What is not wished is taken from the regular file that is replaced, extended attributes (access lists, security
    labels) included. A file that is itself a mount point cannot be renamed over and is written in place.
    """
    try:
        old = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        old = None
    replaced = old if old is not None and stat.S_ISREG(old.st_mode) else None
    descriptor = os.open(temporary.name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        found = os.fstat(descriptor)
        if _stamp(found) != temporary.stamp:
            raise OSError(errno.ESTALE, "somebody else replaced its temporary file")
        if replaced is not None:
            _copy_attributes(directory, name, descriptor)
        _adopt(descriptor, found, replaced, wish)
        try:
            os.rename(temporary.name, name, src_dir_fd=directory, dst_dir_fd=directory)
        except OSError as error:
            if error.errno != errno.EBUSY or replaced is None:
                raise
            _overwrite(directory, name, descriptor, wish)
            os.unlink(temporary.name, dir_fd=directory)
    finally:
        os.close(descriptor)


def _adopt(descriptor: int, found: os.stat_result, old: os.stat_result | None, wish: Owner) -> None:
    """Set owner, then mode: changing the owner would clear set-id bits."""
    asked = wish.uid is not None or wish.gid is not None
    uid = wish.uid if wish.uid is not None else old.st_uid if old else found.st_uid
    gid = wish.gid if wish.gid is not None else old.st_gid if old else found.st_gid
    if (uid, gid) != (found.st_uid, found.st_gid):
        try:
            os.fchown(descriptor, uid, gid)
        except PermissionError:  # without privileges the replaced file's owner cannot be kept
            if asked:
                raise
    mode = wish.mode if wish.mode is not None else stat.S_IMODE(old.st_mode) if old else 0o644
    os.fchmod(descriptor, mode)


def _copy_attributes(directory: int, name: str, target: int) -> None:
    """Copy the extended attributes of the file ``name`` as far as the file system and our rights allow."""
    path = f"/proc/self/fd/{directory}/{name}"
    with suppress(OSError):
        for attribute in os.listxattr(path, follow_symlinks=False):
            with suppress(OSError):
                os.setxattr(target, attribute, os.getxattr(path, attribute, follow_symlinks=False))


def _overwrite(directory: int, name: str, source: int, wish: Owner) -> None:
    """Copy the temporary file into the existing file ``name``."""
    os.lseek(source, 0, os.SEEK_SET)
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    try:
        old = os.fstat(descriptor)
        os.ftruncate(descriptor, 0)
        while piece := os.read(source, 1 << 20):
            _write_all(descriptor, piece)
        _adopt(descriptor, old, old, wish)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
