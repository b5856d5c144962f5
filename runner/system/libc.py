"""The two system calls that Python's ``os`` lacks: ``openat2`` and ``syncfs``."""

from __future__ import annotations

import errno
import functools
import os
from typing import Any, Final

_OPENAT2: Final = 437  # the same on every architecture but alpha
_RESOLVE_NO_MAGICLINKS: Final = 0x02
_RESOLVE_IN_ROOT: Final = 0x10
_ATTEMPTS: Final = 64


@functools.cache
def _library() -> Any:
    """Return the C library of this process."""
    import ctypes  # noqa: PLC0415  an unchanged run on / does without it

    return ctypes.CDLL(None, use_errno=True)


def _error(path: str) -> OSError:
    """Return the error of the call just made."""
    import ctypes  # noqa: PLC0415  see above

    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), path)


def openat2(root: int, path: str, flags: int) -> int:
    """Open ``path`` as if the directory ``root`` were ``/``: no link and no ``..`` leads out of it.

    Follows openat2(2) with RESOLVE_IN_ROOT. Raises ``OSError``; ENOSYS or EPERM where it is not to be had.
    """
    import ctypes  # noqa: PLC0415  see above

    how = (ctypes.c_uint64 * 3)(flags | os.O_CLOEXEC, 0, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
    for _ in range(_ATTEMPTS):
        found: int = _library().syscall(_OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
        if found >= 0:
            return found
        if ctypes.get_errno() != errno.EAGAIN:  # EAGAIN: a rename somewhere raced with a `..`
            break
    raise _error(path)


def syncfs(descriptor: int) -> None:
    """Write everything of the file system behind ``descriptor`` to disk. Raises ``OSError``."""
    if _library().syncfs(descriptor) != 0:
        raise _error("")
